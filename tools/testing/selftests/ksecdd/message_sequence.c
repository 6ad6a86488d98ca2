// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What came before decides what is accepted next: replays, losses and forgeries;
 * what was negotiated; several messages in one ioctl.
 */
#include <stdlib.h>

#include "session.h"
#include "suite.h"

#define DATA		SECBUFFER_DATA
#define TOKEN		SECBUFFER_TOKEN
#define SIGN		KSECDD_MESSAGE_SIGN
#define VERIFY		KSECDD_MESSAGE_VERIFY
#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT

static struct testhelper th;

/* A client's message, and what it must be decrypted to */
struct sealed {
	uint8_t plain[70000];
	uint8_t data[70000];
	uint8_t token[16];
	size_t len;
};

static void seal(struct session *s, struct sealed *m, size_t len)
{
	m->len = len;
	fill(m->plain, len, (unsigned int)len);
	memcpy(m->data, m->plain, len);
	client_encrypt(s, m->data, len, m->token);
}

/* Refused with @status, memory as it was */
static void check_refused(struct session *s, const struct sealed *m, int32_t status)
{
	static uint8_t data[sizeof(m->data)];
	uint8_t token[16];

	memcpy(data, m->data, m->len);
	memcpy(token, m->token, sizeof(token));
	CHECK_STATUS(session_decrypt(s, data, m->len, token), status);
	CHECK_MEM(data, m->data, m->len);
	CHECK_MEM(token, m->token, sizeof(token));
}

static void check_accepted(struct session *s, struct sealed *m)
{
	CHECK_STATUS(session_decrypt(s, m->data, m->len, m->token), SEC_E_OK);
	CHECK_MEM(m->data, m->plain, m->len);
}

/* Whatever was refused before, the right message is accepted. */
static void forgeries_of(uint32_t flags, size_t len)
{
	static struct sealed m, other;
	struct session s;
	size_t i;

	session_open(&s, flags);
	seal(&s, &m, len);
	other = m;
	for (i = 0; i < 16; i++) {
		other.token[i] ^= 0x10;
		check_refused(&s, &other, i < 4 ? SEC_E_INVALID_TOKEN :
			      i < 12 ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE);
		other.token[i] ^= 0x10;
	}
	for (i = 0; i < len; i += len / 3 + 1) {
		other.data[i] ^= 1;
		check_refused(&s, &other, SEC_E_MESSAGE_ALTERED);
		other.data[i] ^= 1;
	}
	other.len = len + 1;
	check_refused(&s, &other, SEC_E_MESSAGE_ALTERED);
	if (len) {
		other.len = len - 1;
		check_refused(&s, &other, SEC_E_MESSAGE_ALTERED);
	}
	check_accepted(&s, &m);
	CHECK(session_works(&s));
	session_close(&s);
}

static void forgeries(void)
{
	static const size_t lens[] = { 0, 1, 17, 255, 256, 257, 5000, 69999 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		forgeries_of(TEST_SEAL_FLAGS, lens[i]);
		forgeries_of(TEST_SEAL_FLAGS & ~NTLMSSP_NEGOTIATE_KEY_EXCH, lens[i]);
	}
}

static void forged_signatures(void)
{
	uint8_t head[5] = "head", data[9] = "body", token[16];
	struct ksecdd_buffer bufs[] = {
		buffer(DATA | SECBUFFER_READONLY_WITH_CHECKSUM, head, sizeof(head)),
		buffer(DATA, data, sizeof(data)),
		buffer(TOKEN, token, sizeof(token)),
	};
	const struct ntlm_piece signed_only[] = { { head, 5, false }, { data, 9, false } };
	const struct ntlm_piece sealed[] = { { head, 5, false }, { data, 9, true } };
	struct session s;

	session_open(&s, TEST_SEAL_FLAGS);
	ntlm_peer_protect(&s.peer, signed_only, 2, token);
	head[0]++;
	CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 3), SEC_E_MESSAGE_ALTERED);
	head[0]--;
	data[8]++;
	CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 3), SEC_E_MESSAGE_ALTERED);
	data[8]--;
	/* signed is not sealed, and the other way round */
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 3), SEC_E_MESSAGE_ALTERED);
	CHECK_MEM(data, "body", 5);
	CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 3), SEC_E_OK);

	ntlm_peer_protect(&s.peer, sealed, 2, token);
	CHECK_STATUS(message_status(&s.call, VERIFY, bufs, 3), SEC_E_MESSAGE_ALTERED);
	head[4]++;
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 3), SEC_E_MESSAGE_ALTERED);
	head[4]--;
	CHECK_STATUS(message_status(&s.call, DECRYPT, bufs, 3), SEC_E_OK);
	CHECK_MEM(data, "body", 5);
	session_close(&s);
}

static void replays_and_losses(void)
{
	static struct sealed m[3], copy;
	struct session s;
	unsigned int i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < 3; i++)
		seal(&s, &m[i], 30 + i);
	copy = m[0];
	check_refused(&s, &m[1], SEC_E_OUT_OF_SEQUENCE);
	check_accepted(&s, &m[0]);
	check_refused(&s, &copy, SEC_E_OUT_OF_SEQUENCE);
	check_refused(&s, &m[2], SEC_E_OUT_OF_SEQUENCE);
	check_accepted(&s, &m[1]);
	check_accepted(&s, &m[2]);
	CHECK(session_works(&s));

	/* the server's own message, sent back */
	memset(m[0].data, 0, 30);
	CHECK_STATUS(session_encrypt(&s, m[0].data, 30, m[0].token), SEC_E_OK);
	CHECK(session_decrypt(&s, m[0].data, 30, m[0].token) != SEC_E_OK);
	session_close(&s);
}

static int32_t with_qop(struct session *s, uint32_t op, uint8_t *data, size_t len,
			uint8_t token[16], uint32_t *qop)
{
	struct ksecdd_buffer bufs[] = { buffer(DATA, data, len), buffer(TOKEN, token, 16) };
	struct ksecdd_message msg = { .qop = *qop };

	CHECK_EQ(message_call(&s->call, op, bufs, 2, &msg), 0);
	*qop = msg.qop;
	return msg.status;
}

static void quality_of_protection(void)
{
	static const uint32_t unknown[] = { 1, 2, 0x40000000, 0x80000000, 0x80000003, UINT32_MAX };
	uint8_t data[20] = "clear", token[16];
	const struct ntlm_piece piece = { data, sizeof(data), false };
	struct session s;
	uint32_t qop;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		qop = unknown[i];
		CHECK_STATUS(with_qop(&s, ENCRYPT, data, 20, token, &qop), SEC_E_QOP_NOT_SUPPORTED);
		CHECK_EQ(qop, unknown[i]);
		CHECK_STATUS(with_qop(&s, SIGN, data, 20, token, &qop), SEC_E_QOP_NOT_SUPPORTED);
	}
	qop = SECQOP_WRAP_NO_ENCRYPT;
	CHECK_STATUS(with_qop(&s, SIGN, data, 20, token, &qop), SEC_E_QOP_NOT_SUPPORTED);
	CHECK_STATUS(with_qop(&s, ENCRYPT, data, 20, token, &qop), SEC_E_OK);
	CHECK_MEM(data, "clear", 6);
	CHECK(ntlm_peer_accept(&s.peer, &piece, 1, token));

	/* what is said on the way in does not matter to the receiving side */
	qop = 77;
	client_encrypt(&s, data, 20, token);
	CHECK_STATUS(with_qop(&s, DECRYPT, data, 20, token, &qop), SEC_E_OK);
	CHECK_EQ(qop, 0);
	qop = 77;
	ntlm_peer_protect(&s.peer, &piece, 1, token);
	CHECK_STATUS(with_qop(&s, VERIFY, data, 20, token, &qop), SEC_E_OK);
	CHECK_EQ(qop, 0);
	CHECK(session_works(&s));
	session_close(&s);
}

static void signing_only(void)
{
	uint8_t data[20] = "clear", token[16];
	const struct ntlm_piece piece = { data, sizeof(data), false };
	struct session s;
	uint32_t qop = 0;

	session_open(&s, TEST_SIGN_FLAGS);
	CHECK_STATUS(with_qop(&s, ENCRYPT, data, 20, token, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_MEM(data, "clear", 6);
	qop = SECQOP_WRAP_NO_ENCRYPT;
	CHECK_STATUS(with_qop(&s, ENCRYPT, data, 20, token, &qop), SEC_E_OK);
	CHECK_MEM(data, "clear", 6);
	CHECK(ntlm_peer_accept(&s.peer, &piece, 1, token));
	qop = 0;
	CHECK_STATUS(with_qop(&s, SIGN, data, 20, token, &qop), SEC_E_OK);
	CHECK(ntlm_peer_accept(&s.peer, &piece, 1, token));

	ntlm_peer_protect(&s.peer, &piece, 1, token);
	CHECK_STATUS(with_qop(&s, DECRYPT, data, 20, token, &qop), SEC_E_OK);
	CHECK_EQ(qop, SECQOP_WRAP_NO_ENCRYPT);
	CHECK_MEM(data, "clear", 6);
	ntlm_peer_protect(&s.peer, &piece, 1, token);
	data[3]++;
	CHECK_STATUS(with_qop(&s, DECRYPT, data, 20, token, &qop), SEC_E_MESSAGE_ALTERED);
	session_close(&s);
}

static void dummy_signatures(void)
{
	static const uint8_t dummy[16] = { 1 };
	uint8_t data[20] = "clear", token[16];
	struct session s;
	unsigned int i;
	uint32_t qop;

	session_open(&s, NTLMSSP_NEGOTIATE_ALWAYS_SIGN | NTLMSSP_NEGOTIATE_KEY_EXCH);
	for (i = 0; i < 3; i++) {
		qop = 0;
		memset(token, 0xee, sizeof(token));
		CHECK_STATUS(with_qop(&s, SIGN, data, 20, token, &qop), SEC_E_OK);
		CHECK_MEM(token, dummy, sizeof(dummy));
		CHECK_STATUS(with_qop(&s, VERIFY, data, 20, token, &qop), SEC_E_OK);
	}
	for (i = 0; i < 16; i++) {
		memcpy(token, dummy, sizeof(dummy));
		token[i] ^= 0x80;
		CHECK_STATUS(with_qop(&s, VERIFY, data, 20, token, &qop),
			     i < 4 ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED);
	}
	qop = SECQOP_WRAP_NO_ENCRYPT;
	CHECK_STATUS(with_qop(&s, ENCRYPT, data, 20, token, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(with_qop(&s, DECRYPT, data, 20, token, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	session_close(&s);
}

static void check_no_protection(struct session *s)
{
	uint8_t data[20] = "clear", token[16] = { 1 };
	uint32_t op, qop = 0;

	for (op = SIGN; op <= DECRYPT; op++)
		CHECK_STATUS(with_qop(s, op, data, 20, token, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_MEM(data, "clear", 6);
}

static void no_protection(void)
{
	static const uint8_t key[16];
	struct verdict verdict = verdict_ok(0, key);
	struct session s;

	session_open(&s, NTLMSSP_NEGOTIATE_KEY_EXCH | NTLMSSP_NEGOTIATE_128);
	check_no_protection(&s);
	verdict.set_keys = false;
	s.call.context = device_establish(s.dev, s.cred, &verdict);
	check_no_protection(&s);
	session_close(&s);
}

/* Messages in one ioctl: all, up to one that fails, and up to one that faults. */
struct batch {
	struct ksecdd_message_batch arg;
	struct ksecdd_message msgs[KSECDD_MAX_BATCH];
	struct ksecdd_buffer bufs[KSECDD_MAX_BATCH][2];
	uint8_t data[KSECDD_MAX_BATCH][50];
	uint8_t tokens[KSECDD_MAX_BATCH][16];
};

static void batch_init(struct batch *b, const struct session *s, uint32_t op, uint32_t n)
{
	uint32_t i;

	b->arg = (struct ksecdd_message_batch){
		.size = sizeof(b->arg), .count = n, .messages = (uintptr_t)b->msgs,
	};
	for (i = 0; i < n; i++) {
		fill(b->data[i], sizeof(b->data[i]), i);
		b->bufs[i][0] = buffer(DATA, b->data[i], sizeof(b->data[i]));
		b->bufs[i][1] = buffer(TOKEN, b->tokens[i], sizeof(b->tokens[i]));
		b->msgs[i] = (struct ksecdd_message){
			.size = sizeof(b->msgs[i]), .status = 1, .context = s->call.context,
			.op = op, .nbuffers = 2, .buffers = (uintptr_t)b->bufs[i],
		};
	}
}

static void check_client(struct session *s, struct batch *b, uint32_t n)
{
	uint8_t plain[50];
	uint32_t i;

	for (i = 0; i < n; i++) {
		fill(plain, sizeof(plain), i);
		CHECK_STATUS(b->msgs[i].status, SEC_E_OK);
		REQUIRE(client_decrypt(s, b->data[i], sizeof(b->data[i]), b->tokens[i]));
		CHECK_MEM(b->data[i], plain, sizeof(plain));
	}
}

static void batches(void)
{
	static struct batch b;
	struct session s;
	uint8_t plain[50];
	uint32_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	batch_init(&b, &s, ENCRYPT, KSECDD_MAX_BATCH);
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), 0);
	CHECK_EQ(b.arg.count, KSECDD_MAX_BATCH);
	check_client(&s, &b, KSECDD_MAX_BATCH);

	batch_init(&b, &s, DECRYPT, KSECDD_MAX_BATCH);
	for (i = 0; i < KSECDD_MAX_BATCH; i++)
		client_encrypt(&s, b.data[i], sizeof(b.data[i]), b.tokens[i]);
	/* the sixth is altered at first */
	b.data[5][7] ^= 1;
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), 0);
	CHECK_EQ(b.arg.count, 6);
	CHECK_STATUS(b.msgs[5].status, SEC_E_MESSAGE_ALTERED);
	CHECK_EQ(b.msgs[6].status, 1);
	b.data[5][7] ^= 1;
	b.arg.count = KSECDD_MAX_BATCH - 5;
	b.arg.messages = (uintptr_t)&b.msgs[5];
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), 0);
	CHECK_EQ(b.arg.count, KSECDD_MAX_BATCH - 5);
	for (i = 0; i < KSECDD_MAX_BATCH; i++) {
		fill(plain, sizeof(plain), i);
		CHECK_STATUS(b.msgs[i].status, SEC_E_OK);
		CHECK_MEM(b.data[i], plain, sizeof(plain));
	}

	batch_init(&b, &s, ENCRYPT, 10);
	b.bufs[4][0].ptr = 8;
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), -EFAULT);
	CHECK_EQ(b.arg.count, 4);
	check_client(&s, &b, 4);
	CHECK_EQ(b.msgs[4].status, 1);
	CHECK(session_works(&s));
	session_close(&s);
}

static void batches_of_other_numbers(void)
{
	static const uint32_t counts[] = { 0, KSECDD_MAX_BATCH + 1, UINT32_MAX };
	static struct batch b;
	struct session s;
	size_t i;

	session_open(&s, TEST_SEAL_FLAGS);
	batch_init(&b, &s, ENCRYPT, 2);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		b.arg.count = counts[i];
		CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), -EINVAL);
	}
	b.arg.count = 2;
	b.arg.messages = 8;
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), -EFAULT);
	batch_init(&b, &s, ENCRYPT, 2);
	b.msgs[0].context++;
	CHECK_EQ(device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &b.arg), 0);
	CHECK_EQ(b.arg.count, 1);
	CHECK_STATUS(b.msgs[0].status, SEC_E_INVALID_HANDLE);
	CHECK(session_works(&s));
	session_close(&s);
}

static const struct suite_test tests[] = {
	{ .name = "forged messages", .run = forgeries },
	{ .name = "forged signatures", .run = forged_signatures },
	{ .name = "replayed, lost and reflected messages", .run = replays_and_losses },
	{ .name = "quality of protection", .run = quality_of_protection },
	{ .name = "SIGN without SEAL", .run = signing_only },
	{ .name = "ALWAYS_SIGN alone", .run = dummy_signatures },
	{ .name = "no protection", .run = no_protection },
	{ .name = "batches", .run = batches },
	{ .name = "batches that are none", .run = batches_of_other_numbers },
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
