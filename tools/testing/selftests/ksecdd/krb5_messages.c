// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos' message functions in the module: messages of all sizes, in all
 * buffers, each way, against a peer of our own.
 */
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "krb5_session.h"
#include "session.h"
#include "suite.h"

#define DATA	SECBUFFER_DATA
#define TOKEN	SECBUFFER_TOKEN
#define RO	SECBUFFER_READONLY
#define ROC	SECBUFFER_READONLY_WITH_CHECKSUM

#define BIG	(KSECDD_MAX_MESSAGE - KRB5_MAX_OVERHEAD)

/* Enough for the longest message and its token, twice */
static uint8_t plain[KSECDD_MAX_MESSAGE], token[KSECDD_MAX_MESSAGE + 256],
	out[KSECDD_MAX_MESSAGE + 256];

/* The encryption types, arcfour-hmac included */
static unsigned int enctype_at(size_t i)
{
	return i < krb5_nenctypes ? krb5_enctypes[i] : KSECDD_KRB5_ARCFOUR_HMAC;
}

static bool to_peer(struct krb5_session *s, bool seal, size_t len)
{
	size_t token_len, out_len = 0;
	bool sealed = !seal;

	return CHECK_STATUS(krb5_session_encrypt(s, seal, plain, len, token, &token_len),
			    SEC_E_OK) &&
	       CHECK(krb5_peer_unwrap(&s->peer, token, token_len, out, &out_len, &sealed)) &&
	       CHECK_EQ(sealed, seal) && CHECK_EQ(out_len, len) && CHECK_MEM(out, plain, len);
}

static bool from_peer(struct krb5_session *s, bool seal, size_t len)
{
	const struct krb5_wrap how = { .seal = seal };
	const uint8_t *data = NULL;
	size_t token_len, data_len = 0;
	uint32_t qop = 1;

	token_len = krb5_peer_wrap(&s->peer, &how, plain, len, token);
	return CHECK_STATUS(krb5_session_decrypt(s, token, token_len, &data, &data_len, &qop),
			    SEC_E_OK) &&
	       CHECK_EQ(qop, seal ? 0 : SECQOP_WRAP_NO_ENCRYPT) && CHECK_EQ(data_len, len) &&
	       CHECK_MEM(data, plain, len);
}

static bool signatures_each_way(struct krb5_session *s, size_t len)
{
	uint8_t mic[KRB5_MAX_OVERHEAD];
	size_t mic_len;

	if (!CHECK_STATUS(krb5_session_sign(s, plain, len, mic, &mic_len), SEC_E_OK) ||
	    !CHECK(krb5_peer_verify(&s->peer, plain, len, mic, mic_len)))
		return false;
	mic_len = krb5_peer_sign(&s->peer, plain, len, mic);
	return CHECK_STATUS(krb5_session_verify(s, plain, len, mic, mic_len), SEC_E_OK);
}

static void check_size(struct krb5_session *s, size_t len)
{
	if (!to_peer(s, true, len) || !from_peer(s, true, len) || !to_peer(s, false, len) ||
	    !from_peer(s, false, len) || !signatures_each_way(s, len)) {
		suite_note("enctype %u, %zu bytes", s->peer.key.enctype, len);
		suite_abort();
	}
}

static void sizes(void)
{
	static const size_t some[] = {
		63, 64, 65, 127, 128, 129, 241, 1000, 1024, 4032, 4080, 4095, 4096, 4097, 16384,
	};
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i <= krb5_nenctypes; i++) {
		krb5_session_open(&s, enctype_at(i), KRB5_TEST_FLAGS |
				  KSECDD_KRB5_REPLAY_DETECT | KSECDD_KRB5_SEQUENCE_DETECT);
		for (k = 0; k < 36; k++)
			check_size(&s, k);
		for (k = 0; k < ARRAY_SIZE(some); k++)
			check_size(&s, some[k]);
		krb5_session_close(&s);
	}
}

/* Around the module's own buffer of 64 KiB, and beyond it. */
static void long_messages(void)
{
	static const size_t some[] = { 65279, 65536, 69632 - 256, 69632 - 255, 200001, BIG };
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i <= krb5_nenctypes; i++) {
		krb5_session_open(&s, enctype_at(i), KRB5_TEST_FLAGS);
		for (k = 0; k < ARRAY_SIZE(some); k++) {
			REQUIRE(to_peer(&s, true, some[k]));
			REQUIRE(from_peer(&s, true, some[k]));
		}
		krb5_session_close(&s);
	}
}

/* As the initiator, and with a key that no acceptor asserted. */
static void roles(void)
{
	static const uint32_t flags[] = {
		0, KSECDD_KRB5_INITIATOR, KSECDD_KRB5_ACCEPTOR_SUBKEY,
		KSECDD_KRB5_INITIATOR | KSECDD_KRB5_ACCEPTOR_SUBKEY,
		KSECDD_KRB5_DCE_STYLE, KSECDD_KRB5_DCE_STYLE | KSECDD_KRB5_INITIATOR,
	};
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i <= krb5_nenctypes; i++) {
		for (k = 0; k < ARRAY_SIZE(flags); k++) {
			krb5_session_open(&s, enctype_at(i), flags[k]);
			check_size(&s, 30);
			krb5_session_close(&s);
		}
	}
}

/**
 * struct layout - a message in several buffers
 * @n:      buffers, the token included
 * @types:  their types
 * @lens:   their lengths
 * @token:  which is the token
 * @mem:    their memory
 */
struct layout {
	unsigned int n;
	uint32_t types[9];
	size_t lens[9];
	unsigned int token;
	uint8_t mem[9][KRB5_MAX_OVERHEAD];
};

static void make_layout(struct chance *chance, struct layout *l)
{
	static const uint32_t types[] = { DATA, DATA, DATA | ROC, DATA | RO, DATA | RO | ROC };
	unsigned int i;

	l->n = 2 + chance_below(chance, 8);
	l->token = chance_below(chance, l->n);
	for (i = 0; i < l->n; i++) {
		l->types[i] = i == l->token ? TOKEN : types[chance_below(chance, 5)];
		l->lens[i] = i == l->token ? KRB5_MAX_OVERHEAD : chance_below(chance, 41);
		fill(l->mem[i], sizeof(l->mem[i]), chance_below(chance, UINT32_MAX));
	}
}

/* What the peer sees of it: not what is read-only and nothing else */
static size_t pieces_of(struct layout *l, struct krb5_piece *pieces)
{
	size_t n = 0;
	unsigned int i;

	for (i = 0; i < l->n; i++) {
		if (i == l->token || l->types[i] == (DATA | RO))
			continue;
		pieces[n++] = (struct krb5_piece){ l->mem[i], l->lens[i], l->types[i] == DATA };
	}
	return n;
}

static void buffers_of(struct layout *l, struct ksecdd_buffer *bufs)
{
	unsigned int i;

	for (i = 0; i < l->n; i++)
		bufs[i] = buffer(l->types[i], l->mem[i], l->lens[i]);
}

static void check_layout(struct krb5_session *s, struct layout *l, bool seal)
{
	struct ksecdd_message msg = { .qop = seal ? 0 : SECQOP_WRAP_NO_ENCRYPT };
	struct layout before = *l;
	struct ksecdd_buffer bufs[9];
	struct krb5_piece pieces[9];
	unsigned int i;
	size_t n;

	/* to the peer */
	buffers_of(l, bufs);
	REQUIRE_EQ(message_call(&s->call, KSECDD_MESSAGE_ENCRYPT, bufs, l->n, &msg), 0);
	REQUIRE_STATUS(msg.status, SEC_E_OK);
	for (i = 0; i < l->n; i++) {
		if (i == l->token || (l->types[i] == DATA && seal))
			continue;
		CHECK_MEM(l->mem[i], before.mem[i], l->lens[i]);
	}
	n = pieces_of(l, pieces);
	REQUIRE(krb5_peer_unwrap_pieces(&s->peer, pieces, n, l->mem[l->token],
					bufs[l->token].len));
	for (i = 0; i < l->n; i++)
		if (i != l->token)
			CHECK_MEM(l->mem[i], before.mem[i], l->lens[i]);

	/* and back */
	n = krb5_peer_wrap_pieces(&s->peer, seal, pieces, n, l->mem[l->token]);
	buffers_of(l, bufs);
	bufs[l->token].len = (uint32_t)n;
	msg = (struct ksecdd_message){ .qop = 1 };
	REQUIRE_EQ(message_call(&s->call, KSECDD_MESSAGE_DECRYPT, bufs, l->n, &msg), 0);
	REQUIRE_STATUS(msg.status, SEC_E_OK);
	CHECK_EQ(msg.qop, seal ? 0 : SECQOP_WRAP_NO_ENCRYPT);
	for (i = 0; i < l->n; i++)
		if (i != l->token)
			CHECK_MEM(l->mem[i], before.mem[i], l->lens[i]);
}

static void layouts(void)
{
	unsigned int rounds = suite_count(60), i;
	struct krb5_session s;
	struct chance chance;
	struct layout l;
	size_t k;

	chance_init(&chance, 0);
	for (k = 0; k < 2 * krb5_nenctypes; k++) {
		krb5_session_open(&s, krb5_enctypes[k / 2],
				  KRB5_TEST_FLAGS | KSECDD_KRB5_SEQUENCE_DETECT |
				  (k % 2 ? KSECDD_KRB5_DCE_STYLE : 0));
		for (i = 0; i < rounds; i++) {
			make_layout(&chance, &l);
			check_layout(&s, &l, i % 3);
			if (suite_failed()) {
				suite_note("enctype %u%s, round %u", krb5_enctypes[k / 2],
					   k % 2 ? " in DCE style" : "", i);
				suite_abort();
			}
		}
		krb5_session_close(&s);
	}
}

/* However the data is divided: what is in the buffers one behind the other is one token. */
static void splits(void)
{
	uint8_t mem[KRB5_MAX_OVERHEAD + 100], all[sizeof(mem)];
	struct krb5_session s;
	size_t i, cut, out_len;
	bool sealed;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		for (cut = 0; cut <= 100; cut += 7) {
			struct ksecdd_buffer bufs[] = {
				buffer(DATA, mem + KRB5_MAX_OVERHEAD, cut),
				buffer(TOKEN, mem, KRB5_MAX_OVERHEAD),
				buffer(DATA, mem + KRB5_MAX_OVERHEAD + cut, 100 - cut),
			};

			memcpy(mem + KRB5_MAX_OVERHEAD, plain, 100);
			REQUIRE_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 3),
				       SEC_E_OK);
			memcpy(all, mem, bufs[1].len);
			memcpy(all + bufs[1].len, mem + KRB5_MAX_OVERHEAD, 100);
			REQUIRE(krb5_peer_unwrap(&s.peer, all, bufs[1].len + 100, out, &out_len,
						 &sealed));
			REQUIRE(sealed && out_len == 100 && !memcmp(out, plain, 100));
		}
		krb5_session_close(&s);
	}
}

/* MakeSignature: what is read-only is signed only if it says so. */
static void signed_buffers(void)
{
	uint8_t a[20], b[30], c[40], mic[KRB5_MAX_OVERHEAD], joined[60];
	struct ksecdd_buffer bufs[] = {
		buffer(DATA | ROC, a, sizeof(a)), buffer(DATA | RO, b, sizeof(b)),
		buffer(TOKEN, mic, sizeof(mic)), buffer(DATA, c, sizeof(c)),
	};
	struct krb5_session s;
	size_t i;

	for (i = 0; i <= krb5_nenctypes; i++) {
		krb5_session_open(&s, enctype_at(i), KRB5_TEST_FLAGS);
		bufs[2].len = sizeof(mic);
		fill(a, sizeof(a), 1);
		fill(b, sizeof(b), 2);
		fill(c, sizeof(c), 3);
		memcpy(joined, a, sizeof(a));
		memcpy(joined + sizeof(a), c, sizeof(c));
		REQUIRE_STATUS(message_status(&s.call, KSECDD_MESSAGE_SIGN, bufs, 4), SEC_E_OK);
		CHECK(krb5_peer_verify(&s.peer, joined, sizeof(joined), mic, bufs[2].len));

		bufs[2].len = (uint32_t)krb5_peer_sign(&s.peer, joined, sizeof(joined), mic);
		a[3] ^= 1;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_VERIFY, bufs, 4),
			     SEC_E_MESSAGE_ALTERED);
		a[3] ^= 1;
		b[3] ^= 1;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_VERIFY, bufs, 4), SEC_E_OK);
		krb5_session_close(&s);
	}
}

/* DecryptMessage of a stream changes that part of it which is the message. */
static void streams(void)
{
	static const uint16_t rotations[] = { 0, 1, 12, 16, 28, 29, 32, 40, 41, 100, 128, 129, 160 };
	uint8_t before[KRB5_MAX_OVERHEAD + 100];
	struct krb5_session s;
	size_t i, k, seal;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		for (k = 0; k < 2 * ARRAY_SIZE(rotations); k++) {
			const struct krb5_wrap how = { .seal = k % 2, .rrc = rotations[k / 2] };
			size_t len = krb5_peer_wrap(&s.peer, &how, plain, 100, token), data_len = 0;
			const uint8_t *data = NULL;
			uint32_t qop;

			seal = how.seal;
			memset(token + len, 0xa5, sizeof(before) - len);
			memcpy(before, token, sizeof(before));
			REQUIRE_STATUS(krb5_session_decrypt(&s, token, len, &data, &data_len, &qop),
				       SEC_E_OK);
			REQUIRE(data >= token + 16 && data + data_len <= token + len);
			REQUIRE(data_len == 100 && !memcmp(data, plain, 100));
			CHECK_MEM(before, token, data - token);
			CHECK_MEM(before + (data - token) + 100, data + 100,
				  sizeof(before) - (size_t)(data - token) - 100);
			if (suite_failed()) {
				suite_note("enctype %u, rotated by %u, %ssealed", krb5_enctypes[i],
					   how.rrc, seal ? "" : "not ");
				return;
			}
		}
		krb5_session_close(&s);
	}
}

/* One byte of room too little for the token: nothing has happened. */
static void room(void)
{
	static const uint32_t ops[] = {
		KSECDD_MESSAGE_SIGN, KSECDD_MESSAGE_ENCRYPT, KSECDD_MESSAGE_ENCRYPT,
	};
	uint8_t mem[KRB5_MAX_OVERHEAD], data[50], padding[8];
	struct krb5_session s;
	size_t i, k;
	uint32_t n;

	for (i = 0; i <= krb5_nenctypes; i++) {
		krb5_session_open(&s, enctype_at(i),
				  KRB5_TEST_FLAGS | KSECDD_KRB5_SEQUENCE_DETECT);
		for (k = 0; k < ARRAY_SIZE(ops); k++) {
			for (n = 0; n < KRB5_MAX_OVERHEAD; n++) {
				struct ksecdd_message msg = {
					.qop = k == 2 ? SECQOP_WRAP_NO_ENCRYPT : 0,
				};
				struct ksecdd_buffer bufs[] = {
					buffer(TOKEN, mem, n), buffer(DATA, data, sizeof(data)),
					buffer(SECBUFFER_PADDING, padding, sizeof(padding)),
				};

				memset(mem, 0x77, sizeof(mem));
				memcpy(data, plain, sizeof(data));
				REQUIRE_EQ(message_call(&s.call, ops[k], bufs, 3, &msg), 0);
				if (msg.status == SEC_E_OK)
					break;
				REQUIRE_STATUS(msg.status, SEC_E_BUFFER_TOO_SMALL);
				CHECK_MEM(data, plain, sizeof(data));
				CHECK_EQ(mem[0], 0x77);
			}
			REQUIRE(n < KRB5_MAX_OVERHEAD);
			CHECK_EQ(mem[n], 0x77);
			s.peer.receive_seq++;
		}
		CHECK(krb5_session_works(&s));
		krb5_session_close(&s);
	}
}

static void padding(void)
{
	uint8_t mem[KRB5_MAX_OVERHEAD], data[50], pad[2][8];
	struct ksecdd_buffer bufs[] = {
		buffer(TOKEN, mem, sizeof(mem)), buffer(DATA, data, sizeof(data)),
		buffer(SECBUFFER_PADDING, pad[0], 8), buffer(SECBUFFER_PADDING, pad[1], 8),
	};
	struct krb5_session s;
	size_t i;

	for (i = 0; i <= krb5_nenctypes; i++) {
		bool arcfour = enctype_at(i) == KSECDD_KRB5_ARCFOUR_HMAC;

		krb5_session_open(&s, enctype_at(i), KRB5_TEST_FLAGS);
		bufs[0].len = sizeof(mem);
		bufs[2].len = 8;
		bufs[3].len = 8;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 4), SEC_E_OK);
		CHECK_EQ(bufs[2].len, arcfour ? 1 : 0);
		CHECK_EQ(bufs[3].len, 0);

		/* arcfour-hmac cannot do without */
		bufs[0].len = sizeof(mem);
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 2),
			     arcfour ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK);
		bufs[2].len = 0;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 3),
			     arcfour ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK);
		krb5_session_close(&s);
	}
}

static void qualities(void)
{
	static const uint32_t none[] = { 1, 2, 0x80000000, 0x40000000, 0x80000002, UINT32_MAX };
	uint8_t mem[KRB5_MAX_OVERHEAD], data[50], pad[8];
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i <= krb5_nenctypes; i++) {
		krb5_session_open(&s, enctype_at(i), KRB5_TEST_FLAGS);
		for (k = 0; k <= ARRAY_SIZE(none); k++) {
			struct ksecdd_message msg = {};
			struct ksecdd_buffer bufs[] = {
				buffer(TOKEN, mem, sizeof(mem)), buffer(DATA, data, sizeof(data)),
				buffer(SECBUFFER_PADDING, pad, sizeof(pad)),
			};

			msg.qop = k ? none[k - 1] : SECQOP_WRAP_NO_ENCRYPT;
			REQUIRE_EQ(message_call(&s.call, KSECDD_MESSAGE_SIGN, bufs, 3, &msg), 0);
			CHECK_STATUS(msg.status, SEC_E_QOP_NOT_SUPPORTED);
			if (!k)
				continue;
			msg.qop = none[k - 1];
			REQUIRE_EQ(message_call(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 3, &msg), 0);
			CHECK_STATUS(msg.status, SEC_E_QOP_NOT_SUPPORTED);
		}
		CHECK(krb5_session_works(&s));
		krb5_session_close(&s);
	}
}

static const struct suite_test tests[] = {
	{ "messages of all sizes, each way", sizes, 0 },
	{ "long messages", long_messages, 120 },
	{ "initiator and acceptor, with and without a subkey, DCE style", roles, 0 },
	{ "buffers of all types in any order", layouts, 120 },
	{ "however the data is divided, it is one token", splits, 0 },
	{ "signatures over several buffers", signed_buffers, 0 },
	{ "only the message in a stream is changed", streams, 0 },
	{ "too little room for the token", room, 0 },
	{ "padding", padding, 0 },
	{ "qualities of protection that are none", qualities, 0 },
};

int main(void)
{
	int ret;

	fill(plain, sizeof(plain), 42);
	krb5_session_start();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	krb5_session_stop();
	return ret;
}
