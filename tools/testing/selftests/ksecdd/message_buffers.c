// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the message ioctl makes of its buffers: their types, their order, their
 * number.
 */
#include "session.h"
#include "suite.h"

#define DATA		SECBUFFER_DATA
#define TOKEN		SECBUFFER_TOKEN
#define STREAM		SECBUFFER_STREAM
#define RO		SECBUFFER_READONLY
#define ROC		SECBUFFER_READONLY_WITH_CHECKSUM
#define SIGN		KSECDD_MESSAGE_SIGN
#define VERIFY		KSECDD_MESSAGE_VERIFY
#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT
#define ANY		0xff

static struct testhelper th;

static void wrong_types(void)
{
	static const struct {
		uint32_t op;
		uint32_t types[4];
		const char *what;
	} cases[] = {
		{ ANY, { DATA }, "no token" },
		{ ANY, { TOKEN, TOKEN }, "two tokens" },
		{ ANY, { TOKEN, DATA, TOKEN }, "two tokens about the data" },
		{ ANY, { DATA, TOKEN, 3 }, "PKG_PARAMS" },
		{ ANY, { DATA, TOKEN, 4 }, "MISSING" },
		{ ANY, { DATA, TOKEN, 5 }, "EXTRA" },
		{ ANY, { DATA, TOKEN, 6 }, "STREAM_TRAILER" },
		{ ANY, { DATA, TOKEN, 7 }, "STREAM_HEADER" },
		{ ANY, { DATA, TOKEN, 0x0fffffff }, "a type that is none" },
		{ ANY, { DATA | 0x40000000, TOKEN }, "an attribute that is none" },
		{ ANY, { DATA | 0x20000000, TOKEN }, "another attribute that is none" },
		{ SIGN, { DATA, TOKEN | RO }, "a signature made into read-only memory" },
		{ ENCRYPT, { DATA, TOKEN | ROC }, "a trailer made into read-only memory" },
		{ SIGN, { STREAM, DATA }, "STREAM in MakeSignature" },
		{ VERIFY, { STREAM, DATA }, "STREAM in VerifySignature" },
		{ ENCRYPT, { STREAM, DATA }, "STREAM in EncryptMessage" },
		{ DECRYPT, { STREAM }, "STREAM alone" },
		{ DECRYPT, { STREAM, DATA, DATA }, "STREAM with two DATA" },
		{ DECRYPT, { STREAM, DATA, TOKEN }, "STREAM with TOKEN" },
		{ DECRYPT, { STREAM, STREAM, DATA }, "two STREAM" },
		{ DECRYPT, { STREAM | RO, DATA }, "a read-only STREAM" },
	};
	struct session s;
	uint32_t op, n;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ksecdd_buffer bufs[4];
		uint8_t mem[4][32] = {};

		for (n = 0; n < 4 && cases[i].types[n]; n++)
			bufs[n] = buffer(cases[i].types[n], mem[n], sizeof(mem[n]));
		for (op = SIGN; op <= DECRYPT; op++) {
			if (cases[i].op != ANY && cases[i].op != op)
				continue;
			if (!CHECK_STATUS(message_status(&s.call, op, bufs, n),
					  SEC_E_INVALID_TOKEN))
				suite_note("op %u: %s", op, cases[i].what);
		}
	}
	CHECK(session_works(&s));
	session_close(&s);
}

/* Just the data that may be changed is changed, and the client sees it likewise. */
static void check_order(struct session *s, const uint32_t order[4])
{
	uint8_t plain[4][40], mem[4][40], signature[16], *token = NULL;
	struct ksecdd_buffer bufs[4];
	struct ntlm_piece pieces[4];
	size_t k, n = 0;

	for (k = 0; k < 4; k++) {
		uint32_t type = order[k] & ~SECBUFFER_ATTRMASK;

		fill(plain[k], sizeof(plain[k]), (unsigned int)k);
		memcpy(mem[k], plain[k], sizeof(mem[k]));
		bufs[k] = buffer(order[k], mem[k], sizeof(mem[k]) - k);
		if (type == TOKEN)
			token = mem[k];
		else if (type == DATA)
			pieces[n++] = (struct ntlm_piece){
				mem[k], sizeof(mem[k]) - k, order[k] == DATA,
			};
	}
	REQUIRE(token);
	REQUIRE_STATUS(message_status(&s->call, ENCRYPT, bufs, 4), SEC_E_OK);
	for (k = 0; k < 4; k++) {
		CHECK_EQ(bufs[k].type, order[k]);
		CHECK_EQ(bufs[k].len, order[k] == TOKEN ? 16 : sizeof(mem[k]) - k);
		if (order[k] != TOKEN)
			CHECK_EQ(!!memcmp(mem[k], plain[k], sizeof(mem[k])), order[k] == DATA);
	}
	CHECK(ntlm_peer_accept(&s->peer, pieces, n, token));

	ntlm_peer_protect(&s->peer, pieces, n, signature);
	memcpy(token, signature, sizeof(signature));
	CHECK_STATUS(message_status(&s->call, DECRYPT, bufs, 4), SEC_E_OK);
	for (k = 0; k < 4; k++)
		if (mem[k] != token)
			CHECK_MEM(mem[k], plain[k], sizeof(mem[k]));
}

static void orders(void)
{
	static const uint32_t orders[][4] = {
		{ TOKEN, DATA, DATA | RO, DATA },
		{ DATA, TOKEN, DATA, DATA | ROC },
		{ DATA | ROC, DATA, TOKEN, DATA },
		{ DATA, DATA | RO | ROC, DATA, TOKEN },
		{ DATA | ROC, DATA | RO, TOKEN, SECBUFFER_EMPTY },
		{ DATA | ROC, DATA, DATA | ROC, TOKEN },
	};
	struct session s;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		check_order(&s, orders[i]);
		if (suite_failed()) {
			suite_note("order %zu", i);
			break;
		}
	}
	session_close(&s);
}

/* A buffer that is read only to EncryptMessage is one like any other to MakeSignature. */
static void signatures(void)
{
	uint8_t a[33], b[7], token[16], before[33];
	struct ksecdd_buffer bufs[] = {
		buffer(DATA | ROC, b, sizeof(b)), buffer(TOKEN, token, sizeof(token)),
		buffer(DATA, a, sizeof(a)),
	};
	const struct ntlm_piece pieces[] = {
		{ b, sizeof(b), false }, { a, sizeof(a), false },
	};
	struct session s;

	session_open(&s, TEST_SEAL_FLAGS);
	fill(a, sizeof(a), 1);
	fill(b, sizeof(b), 2);
	memcpy(before, a, sizeof(a));
	CHECK_STATUS(message_status(&s.call, SIGN, bufs, 3), SEC_E_OK);
	CHECK_MEM(a, before, sizeof(a));
	CHECK(ntlm_peer_accept(&s.peer, pieces, 2, token));
	ntlm_peer_protect(&s.peer, pieces, 2, token);
	bufs[1].type |= RO;
	CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 3), SEC_E_OK);
	CHECK_MEM(a, before, sizeof(a));
	CHECK(session_works(&s));
	session_close(&s);
}

static void check_number(struct session *s, uint32_t n)
{
	static uint8_t plain[KSECDD_MAX_BUFFERS][97], mem[KSECDD_MAX_BUFFERS][97];
	struct ksecdd_buffer bufs[KSECDD_MAX_BUFFERS];
	struct ntlm_piece pieces[KSECDD_MAX_BUFFERS];
	uint8_t token[16];
	uint32_t i;

	fill(plain, sizeof(plain), n);
	memcpy(mem, plain, sizeof(mem));
	for (i = 0; i < n - 1; i++) {
		bufs[i] = buffer(i % 3 == 2 ? DATA | RO : DATA, mem[i], i * 7 % 97);
		pieces[i] = (struct ntlm_piece){ mem[i], i * 7 % 97, i % 3 != 2 };
	}
	bufs[n - 1] = buffer(TOKEN, token, sizeof(token));
	REQUIRE_STATUS(message_status(&s->call, ENCRYPT, bufs, n), SEC_E_OK);
	CHECK(ntlm_peer_accept(&s->peer, pieces, n - 1, token));
	CHECK_MEM(mem, plain, sizeof(mem));
	ntlm_peer_protect(&s->peer, pieces, n - 1, token);
	REQUIRE_STATUS(message_status(&s->call, DECRYPT, bufs, n), SEC_E_OK);
	CHECK_MEM(mem, plain, sizeof(mem));
}

static void numbers(void)
{
	struct ksecdd_buffer bufs[KSECDD_MAX_BUFFERS + 1] = {};
	struct ksecdd_message msg = {};
	struct session s;
	uint32_t n;

	session_open(&s, TEST_SEAL_FLAGS);
	for (n = 1; n <= KSECDD_MAX_BUFFERS; n += n < 10 ? 1 : 9)
		check_number(&s, n);
	CHECK_EQ(message_call(&s.call, SIGN, bufs, KSECDD_MAX_BUFFERS + 1, &msg), -EINVAL);
	CHECK_EQ(message_call(&s.call, SIGN, bufs, UINT32_MAX, &msg), -EINVAL);
	CHECK_EQ(message_call(&s.call, SIGN, bufs, 0, &msg), -EINVAL);
	CHECK_EQ(message_call(&s.call, DECRYPT + 1, bufs, 2, &msg), -EINVAL);
	CHECK_EQ(message_call(&s.call, UINT32_MAX, bufs, 2, &msg), -EINVAL);
	CHECK(session_works(&s));
	session_close(&s);
}

static void empty_and_padding(void)
{
	uint8_t data[8] = "ignored", plain[8], token[100], pad[5] = "pads";
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_EMPTY, (void *)16, UINT32_MAX),
		buffer(DATA, data, sizeof(data)),
		buffer(SECBUFFER_PADDING, pad, sizeof(pad)),
		buffer(TOKEN, token, sizeof(token)),
		buffer(SECBUFFER_PADDING, NULL, 0),
	};
	struct session s;

	session_open(&s, TEST_SEAL_FLAGS);
	memcpy(plain, data, sizeof(data));
	memset(token, 0xaa, sizeof(token));
	CHECK_STATUS(message_status(&s.call, ENCRYPT, bufs, 5), SEC_E_OK);
	CHECK_EQ(bufs[0].len, UINT32_MAX);
	CHECK_EQ(bufs[2].len, 0);
	CHECK_EQ(bufs[3].len, 16);
	CHECK_EQ(bufs[4].len, 0);
	CHECK(token[16] == 0xaa && token[99] == 0xaa);
	CHECK_MEM(pad, "pads", 4);
	CHECK(client_decrypt(&s, data, sizeof(data), token));
	CHECK_MEM(data, plain, sizeof(data));

	/* a token buffer longer than the token, and PADDING that nobody writes */
	client_encrypt(&s, data, sizeof(data), token);
	bufs[2].len = sizeof(pad);
	bufs[3].len = sizeof(token);
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 5), SEC_E_OK);
	CHECK_MEM(data, plain, sizeof(data));
	CHECK_EQ(bufs[2].len, sizeof(pad));
	session_close(&s);
}

/* MakeSignature into 0 to 15 bytes, VerifySignature of as many. */
static void short_tokens(void)
{
	uint8_t data[8] = "shorten", token[16] = { 1 }, before[16];
	struct ksecdd_buffer bufs[] = {
		buffer(DATA, data, sizeof(data)), buffer(TOKEN, token, sizeof(token)),
	};
	struct session s;
	uint32_t len;

	session_open(&s, TEST_SEAL_FLAGS);
	memcpy(before, token, sizeof(before));
	for (len = 0; len < 16; len++) {
		bufs[1].len = len;
		CHECK_STATUS(message_status(&s.call, SIGN, bufs, 2), SEC_E_BUFFER_TOO_SMALL);
		CHECK_STATUS(message_status(&s.call, ENCRYPT, bufs, 2), SEC_E_BUFFER_TOO_SMALL);
		CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 2), SEC_E_INVALID_TOKEN);
		CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 2), SEC_E_INVALID_TOKEN);
		CHECK_EQ(bufs[1].len, len);
	}
	CHECK_MEM(token, before, sizeof(token));
	CHECK_MEM(data, "shorten", sizeof(data));
	CHECK(session_works(&s));
	session_close(&s);
}

/* A client's message as one piece, STREAM at place @at of the buffers. */
static void check_stream(struct session *s, size_t len, unsigned int at)
{
	uint8_t stream[16 + 300], plain[300];
	struct ksecdd_buffer bufs[2];

	fill(plain, sizeof(plain), (unsigned int)len);
	memcpy(stream + 16, plain, len);
	client_encrypt(s, stream + 16, len, stream);
	bufs[at] = buffer(STREAM, stream, 16 + len);
	bufs[!at] = buffer(DATA, (void *)0x1122334455667788, UINT32_MAX);
	CHECK_STATUS(message_status(&s->call, DECRYPT, bufs, 2), SEC_E_OK);
	CHECK_EQ(bufs[!at].ptr, (uintptr_t)stream + 16);
	CHECK_EQ(bufs[!at].len, len);
	CHECK_EQ(bufs[!at].type, DATA);
	CHECK_EQ(bufs[at].ptr, (uintptr_t)stream);
	CHECK_EQ(bufs[at].len, 16 + len);
	CHECK_EQ(bufs[at].type, STREAM);
	CHECK_MEM(stream + 16, plain, len);
}

static void streams(void)
{
	static const size_t lens[] = { 0, 1, 300 };
	uint8_t stream[16 + 40], sealed[40];
	struct ksecdd_buffer bufs[2];
	struct session s;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < 2 * ARRAY_SIZE(lens); i++)
		check_stream(&s, lens[i / 2], i % 2);

	bufs[0] = buffer(STREAM, stream, 15);
	bufs[1] = buffer(DATA, NULL, 0);
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 2), SEC_E_INVALID_TOKEN);

	client_encrypt(&s, stream + 16, 40, stream);
	stream[30] ^= 1;
	memcpy(sealed, stream + 16, sizeof(sealed));
	bufs[0] = buffer(STREAM, stream, sizeof(stream));
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 2), SEC_E_MESSAGE_ALTERED);
	CHECK_MEM(stream + 16, sealed, sizeof(sealed));
	CHECK_EQ(bufs[1].ptr, 0);
	CHECK_EQ(bufs[1].len, 0);
	stream[30] ^= 1;
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 2), SEC_E_OK);
	session_close(&s);
}

static const struct suite_test tests[] = {
	{ .name = "types that make no message", .run = wrong_types },
	{ .name = "every order of token, read-only and other data", .run = orders },
	{ .name = "signatures over read-only data", .run = signatures },
	{ .name = "1 to 64 buffers, and how many there cannot be", .run = numbers },
	{ .name = "EMPTY and PADDING", .run = empty_and_padding },
	{ .name = "tokens of less than 16 bytes", .run = short_tokens },
	{ .name = "streams", .run = streams },
};

int main(void)
{
	int ret;

	testhelper_isolate();
	testhelper_start(&th);
	ret = suite_run(tests, ARRAY_SIZE(tests));
	testhelper_stop(&th);
	return ret;
}
