// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos tokens that are not what the peer sent, or not what it should have
 * sent: each is refused, and harms nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "krb5_session.h"
#include "session.h"
#include "suite.h"

#define ID_LEN	2	/* token identifier, RFC 4121 section 4.2.6 */

/* Three kinds of tokens: MIC, Wrap that is not sealed, and Wrap that is */
enum kind { MIC, WRAP, SEAL, KINDS };

static const char *const kind_names[] = { "MIC", "Wrap", "sealed Wrap" };

static const uint8_t plain[] = "attack at dawn";
static uint8_t token[256], copy[256];

static size_t make(struct krb5_session *s, enum kind kind)
{
	const struct krb5_wrap how = { .seal = kind == SEAL };

	return kind == MIC ? krb5_peer_sign(&s->peer, plain, sizeof(plain), token) :
			     krb5_peer_wrap(&s->peer, &how, plain, sizeof(plain), token);
}

/* The verdict on a token, which is changed; when it is good, so is what is in it. */
static int32_t judge(struct krb5_session *s, enum kind kind, uint8_t *tok, size_t len)
{
	const uint8_t *data = NULL;
	size_t data_len = 0;
	int32_t status;
	uint32_t qop;

	if (kind == MIC)
		return krb5_session_verify(s, plain, sizeof(plain), tok, len);
	status = krb5_session_decrypt(s, tok, len, &data, &data_len, &qop);
	if (status == SEC_E_OK) {
		CHECK_EQ(qop, kind == SEAL ? 0 : SECQOP_WRAP_NO_ENCRYPT);
		CHECK(data_len == sizeof(plain) && !memcmp(data, plain, data_len));
	}
	return status;
}

static int32_t judge_copy(struct krb5_session *s, enum kind kind, size_t len)
{
	memcpy(copy, token, len);
	return judge(s, kind, copy, len);
}

/* The same with the token in a buffer of its own, cut where it belongs. */
static int32_t judge_parts(struct krb5_session *s, const uint8_t *tok, size_t len, size_t cut)
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_TOKEN, copy, cut), buffer(SECBUFFER_DATA, copy + cut, len - cut),
	};

	memcpy(copy, tok, len);
	return message_status(&s->call, KSECDD_MESSAGE_DECRYPT, bufs, 2);
}

static void each(void (*fn)(struct krb5_session *s, enum kind kind), uint32_t flags)
{
	struct krb5_session s;
	enum kind kind;
	size_t i;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS | flags);
		for (kind = MIC; kind < KINDS; kind++) {
			fn(&s, kind);
			if (suite_failed()) {
				suite_note("enctype %u, %s", krb5_enctypes[i], kind_names[kind]);
				suite_abort();
			}
		}
		CHECK(krb5_session_works(&s));
		krb5_session_close(&s);
	}
}

/* Of the right rotation count there are several that mean the same. */
static bool same_rotation(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t body = len - 16, x = a[6] * 256u + a[7], y = b[6] * 256u + b[7];

	return x % body == y % body && !memcmp(a, b, 6);
}

static void flip_bits(struct krb5_session *s, enum kind kind)
{
	size_t len = make(s, kind), bit, cut = len - sizeof(plain);
	int32_t status;

	for (bit = 0; bit < len * 8; bit++) {
		int32_t want = bit / 8 < ID_LEN ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED;

		memcpy(copy, token, len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (kind != MIC && same_rotation(copy, token, len))
			continue;
		/* Called sealed, it may be too short for that. */
		if (kind == WRAP && bit == 17)
			want = SEC_E_INVALID_TOKEN;
		status = judge(s, kind, copy, len);
		if (!CHECK_STATUS(status, want)) {
			suite_note("bit %zu of %zu", bit, len * 8);
			return;
		}
		if (kind == MIC)
			continue;
		memcpy(copy, token, len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		status = judge_parts(s, copy, len, cut);
		if (!CHECK_STATUS(status, want)) {
			suite_note("in parts: bit %zu of %zu", bit, len * 8);
			return;
		}
	}
	CHECK_STATUS(judge_copy(s, kind, len), SEC_E_OK);
}

static void bits(void)
{
	each(flip_bits, KSECDD_KRB5_SEQUENCE_DETECT);
}

/* Cut at every length, and longer than it is. */
static void cut_off(struct krb5_session *s, enum kind kind)
{
	size_t len = make(s, kind), n;
	int32_t status;

	for (n = 0; n < len + 20; n++) {
		if (n == len)
			continue;
		memcpy(copy, token, len);
		memset(copy + len, 0, 20);
		status = judge(s, kind, copy, n);
		if (status != SEC_E_INVALID_TOKEN && !CHECK_STATUS(status, SEC_E_MESSAGE_ALTERED)) {
			suite_note("%zu of %zu bytes", n, len);
			return;
		}
		if (n < 16 || kind == MIC)
			CHECK_STATUS(status, SEC_E_INVALID_TOKEN);
	}
	CHECK_STATUS(judge_copy(s, kind, len), SEC_E_OK);
}

static void lengths(void)
{
	each(cut_off, KSECDD_KRB5_SEQUENCE_DETECT);
}

/* Divided into token and data at every byte: one of them is right. */
static void cut_parts(struct krb5_session *s, enum kind kind)
{
	size_t len = make(s, kind), cut;
	int32_t status;

	if (kind == MIC) {
		CHECK_STATUS(judge_copy(s, kind, len), SEC_E_OK);
		return;
	}
	for (cut = 0; cut <= len; cut++) {
		if (cut == len - sizeof(plain))
			continue;
		status = judge_parts(s, token, len, cut);
		if (!CHECK_STATUS(status, SEC_E_INVALID_TOKEN)) {
			suite_note("%zu of %zu bytes", cut, len);
			return;
		}
		CHECK_MEM(copy, token, len);
	}
	CHECK_STATUS(judge_parts(s, token, len, len - sizeof(plain)), SEC_E_OK);
	CHECK_MEM(copy + len - sizeof(plain), plain, sizeof(plain));
}

static void parts(void)
{
	each(cut_parts, KSECDD_KRB5_SEQUENCE_DETECT);
}

/* Every right rotation count there is, of a stream; some of them, in parts. */
static void rotations(void)
{
	unsigned int step = suite_count(65536) == 65536 ? 1 : 37, rrc;
	struct krb5_session s;
	size_t len;

	krb5_session_open(&s, KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96, KRB5_TEST_FLAGS);
	for (rrc = 0; rrc <= UINT16_MAX; rrc += step) {
		struct krb5_wrap how = { .rrc = (uint16_t)rrc, .seal = rrc % 3 };

		len = krb5_peer_wrap(&s.peer, &how, plain, sizeof(plain), token);
		if (!CHECK_STATUS(judge_copy(&s, how.seal ? SEAL : WRAP, len), SEC_E_OK))
			break;
		if (rrc % 16)
			continue;
		if (!CHECK_STATUS(judge_parts(&s, token, len, len - sizeof(plain)), SEC_E_OK) ||
		    !CHECK_MEM(copy + len - sizeof(plain), plain, sizeof(plain)))
			break;
	}
	if (suite_failed())
		suite_note("rotated by %u", rrc);
	krb5_session_close(&s);
}

/* Rotated after it was made: the count in the clear decides alone. */
static void rotations_of_all(void)
{
	struct krb5_session s;
	unsigned int rrc;
	size_t i, len;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		for (rrc = 0; rrc < 260; rrc++) {
			struct krb5_wrap how = { .rrc = (uint16_t)rrc, .seal = rrc % 2 };

			len = krb5_peer_wrap(&s.peer, &how, plain, sizeof(plain), token);
			CHECK_STATUS(judge_copy(&s, how.seal ? SEAL : WRAP, len), SEC_E_OK);
			how.seal = !how.seal;
			len = krb5_peer_wrap(&s.peer, &how, plain, sizeof(plain), token);
			CHECK_STATUS(judge_copy(&s, how.seal ? SEAL : WRAP, len), SEC_E_OK);
			if (suite_failed()) {
				suite_note("enctype %u, rotated by %u", krb5_enctypes[i], rrc);
				suite_abort();
			}
		}
		krb5_session_close(&s);
	}
}

static int32_t wrapped(struct krb5_session *s, struct krb5_wrap how, bool in_parts)
{
	static uint8_t big[70000], big_copy[70000];
	const uint8_t *data;
	size_t len, data_len = 0;
	int32_t status;
	uint32_t qop;

	len = krb5_peer_wrap(&s->peer, &how, plain, sizeof(plain), big);
	if (in_parts) {
		memcpy(token, big, len);
		return judge_parts(s, token, len, len - sizeof(plain));
	}
	memcpy(big_copy, big, len);
	status = krb5_session_decrypt(s, big_copy, len, &data, &data_len, &qop);
	if (status == SEC_E_OK)
		CHECK(data_len == sizeof(plain) && !memcmp(data, plain, data_len));
	return status;
}

/* CVE-2024-37370 and 37371, and what is like them */
static void extra_counts(void)
{
	static const uint16_t ecs[] = { 1, 15, 16, 17, 56, 57, 255, 256, 1000, 40000, 65535 };
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		for (k = 0; k < ARRAY_SIZE(ecs); k++) {
			uint16_t ec = ecs[k];

			/* filler that is there: fine, wherever it was rotated to */
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .ec = ec },
					     false), SEC_E_OK);
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .ec = ec,
					     .rrc = 44 }, false), SEC_E_OK);
			/* in the clear header alone: larger, and smaller */
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
					     .clear_ec = ec }, false), SEC_E_MESSAGE_ALTERED);
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
					     .clear_ec = ec }, true), SEC_E_MESSAGE_ALTERED);
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .ec = ec,
					     .clear_ec = (uint16_t)-ec }, false),
				     SEC_E_MESSAGE_ALTERED);
			/* of a token that is not sealed */
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .clear_ec = ec }, false),
				     SEC_E_MESSAGE_ALTERED);
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .clear_ec = ec }, true),
				     SEC_E_MESSAGE_ALTERED);
		}
		/* in both headers, but more than there is */
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
				     .false_ec = sizeof(plain) + 1 }, false), SEC_E_INVALID_TOKEN);
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .false_ec = 65535 },
				     false), SEC_E_INVALID_TOKEN);
		/* as much as there is: the message is empty, and has no room for it */
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
				     .false_ec = sizeof(plain) }, true), SEC_E_INVALID_TOKEN);
		/* a rotation count in the encrypted header */
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .copied_rrc = 28,
				     .rrc = 28 }, false), SEC_E_MESSAGE_ALTERED);
		CHECK(krb5_session_works(&s));
		krb5_session_close(&s);
	}
}

/* The peer is who it is, and says it in every token. */
static void wrong_flags(void)
{
	static const uint8_t flags[] = { 1, 2, 4, 5, 7 };
	struct krb5_session s;
	size_t i, k;

	for (i = 0; i < krb5_nenctypes; i++) {
		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		for (k = 0; k < ARRAY_SIZE(flags); k++) {
			/* authentic, but not for us */
			if (flags[k] & 5) {
				CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
						     .flags = flags[k] & 5 }, false),
					     SEC_E_MESSAGE_ALTERED);
				CHECK_STATUS(wrapped(&s, (struct krb5_wrap){
						     .flags = flags[k] & 5 }, false),
					     SEC_E_MESSAGE_ALTERED);
			}
			/* changed on the way; without encryption the text is none */
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true,
					     .clear_flags = flags[k] }, false),
				     SEC_E_MESSAGE_ALTERED);
			CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .clear_flags = flags[k] },
					     true), flags[k] == 2 ? SEC_E_INVALID_TOKEN :
				     SEC_E_MESSAGE_ALTERED);
		}
		/* what nobody knows yet is ignored, RFC 4121 section 4.2.2, if it is authentic */
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .flags = 0x80 }, false),
			     SEC_E_OK);
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .flags = 0x80 }, false), SEC_E_OK);
		/* the filler is not */
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .seal = true, .filler = 1 }, false),
			     SEC_E_MESSAGE_ALTERED);
		CHECK_STATUS(wrapped(&s, (struct krb5_wrap){ .filler = 0x80 }, false),
			     SEC_E_MESSAGE_ALTERED);
		CHECK(krb5_session_works(&s));
		krb5_session_close(&s);
	}
}

/* A token of this side, of another context, or for another function */
static void strangers(void)
{
	struct krb5_session s, other;
	size_t i, len;

	for (i = 0; i < krb5_nenctypes; i++) {
		struct ksecdd_krb5_keys keys = krb5_session_keys(krb5_enctypes[i], 77);

		krb5_session_open(&s, krb5_enctypes[i], KRB5_TEST_FLAGS);
		krb5_session_open_keys(&other, &keys, KRB5_TEST_FLAGS);

		REQUIRE_STATUS(krb5_session_sign(&s, plain, sizeof(plain), token, &len), SEC_E_OK);
		CHECK_STATUS(judge_copy(&s, MIC, len), SEC_E_MESSAGE_ALTERED);
		REQUIRE_STATUS(krb5_session_encrypt(&s, true, plain, sizeof(plain), token, &len),
			       SEC_E_OK);
		CHECK_STATUS(judge_copy(&s, SEAL, len), SEC_E_MESSAGE_ALTERED);
		REQUIRE_STATUS(krb5_session_encrypt(&s, false, plain, sizeof(plain), token, &len),
			       SEC_E_OK);
		CHECK_STATUS(judge_copy(&s, WRAP, len), SEC_E_MESSAGE_ALTERED);
		s.peer.receive_seq += 3;

		len = make(&other, MIC);
		CHECK_STATUS(judge_copy(&s, MIC, len), SEC_E_MESSAGE_ALTERED);
		len = make(&other, SEAL);
		CHECK_STATUS(judge_copy(&s, SEAL, len), SEC_E_MESSAGE_ALTERED);
		len = make(&other, WRAP);
		CHECK_STATUS(judge_copy(&s, WRAP, len), SEC_E_MESSAGE_ALTERED);

		len = make(&s, MIC);
		CHECK_STATUS(judge_copy(&s, SEAL, len), SEC_E_INVALID_TOKEN);
		/* the token that deletes a context, RFC 1964 and MIT krb5 */
		token[1] = 5;
		CHECK_STATUS(judge_copy(&s, MIC, len), SEC_E_INVALID_TOKEN);
		CHECK_STATUS(judge_copy(&s, SEAL, len), SEC_E_INVALID_TOKEN);
		len = make(&s, SEAL);
		CHECK_STATUS(judge_copy(&s, MIC, len), SEC_E_INVALID_TOKEN);

		CHECK(krb5_session_works(&s));
		krb5_session_close(&other);
		krb5_session_close(&s);
	}
}

/* RFC 4757: the frame, and the bits of a sealed token that are under its checksum */
static void arcfour(void)
{
	struct krb5_session s;
	enum kind kind;
	size_t len, bit;

	krb5_session_open(&s, KSECDD_KRB5_ARCFOUR_HMAC,
			  KRB5_TEST_FLAGS | KSECDD_KRB5_SEQUENCE_DETECT);
	for (kind = MIC; kind < KINDS; kind++) {
		len = make(&s, kind);
		for (bit = 0; bit < len * 8; bit++) {
			int32_t status;

			memcpy(copy, token, len);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			status = judge(&s, kind, copy, len);
			/* What a MIC says of its number is not under the checksum. */
			if (status != SEC_E_INVALID_TOKEN && status != SEC_E_OUT_OF_SEQUENCE &&
			    !CHECK_STATUS(status, SEC_E_MESSAGE_ALTERED))
				suite_note("%s, bit %zu", kind_names[kind], bit);
		}
		for (bit = 0; bit < len; bit++)
			CHECK(judge_copy(&s, kind, bit) != SEC_E_OK);
		CHECK_STATUS(judge_copy(&s, kind, len), SEC_E_OK);
	}
	CHECK(krb5_session_works(&s));
	krb5_session_close(&s);
}

static const struct suite_test tests[] = {
	{ "every bit of a token counts", bits, 120 },
	{ "tokens of every other length", lengths, 0 },
	{ "token and data divided at every byte", parts, 0 },
	{ "every rotation", rotations, 120 },
	{ "rotations with every encryption type", rotations_of_all, 0 },
	{ "extra counts", extra_counts, 0 },
	{ "flags and filler", wrong_flags, 0 },
	{ "tokens of somebody else", strangers, 0 },
	{ "arcfour-hmac: every bit and every length", arcfour, 0 },
};

int main(void)
{
	int ret;

	krb5_session_start();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	krb5_session_stop();
	return ret;
}
