// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages with one fault after the other.  Whatever fails, both ends still agree
 * about which message is next: a message that failed for memory was never there,
 * and one that could not be read or written either was never there or counts.
 */
#include <stdlib.h>

#include "session.h"
#include "suite.h"
#include "sweep.h"

#define SIGN		KSECDD_MESSAGE_SIGN
#define VERIFY		KSECDD_MESSAGE_VERIFY
#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT

#define MAX_LEN		(KSECDD_MAX_MESSAGE - 16)
#define MAX_PIECES	(KSECDD_MAX_BUFFERS - 1)

/* What the scratch buffer of a CPU holds at least, and more than it does */
#define SCRATCH_LEN	(64 * 1024)
#define LONG_LEN	(96 * 1024)

/* What a token is before it is one */
#define NO_TOKEN	0xee

#define BATCH		3
#define BATCH_LEN	100

/**
 * struct shape - what a message is made of
 * @op:      KSECDD_MESSAGE_*
 * @pieces:  buffers with data; more than three take memory of their own
 * @len:     bytes in all of them
 * @kind:    what is special about it
 */
struct shape {
	uint32_t op;
	unsigned int pieces;
	size_t len;
	enum {
		PLAIN,
		STREAM,		/* token and data lie in one SECBUFFER_STREAM */
		PADDING,	/* there is a SECBUFFER_PADDING, too */
	} kind;
};

static struct testhelper th;
static struct session s;

/* The message: as it is meant, as it is given to the module, and to the client */
static uint8_t plain[MAX_LEN], wire[16 + MAX_LEN], token[16], sent[MAX_LEN], sent_token[16];
static struct ksecdd_buffer bufs[KSECDD_MAX_BUFFERS];
static struct ksecdd_message msg;
static uint32_t nbufs;

static bool makes_token(const struct shape *shape)
{
	return shape->op == SIGN || shape->op == ENCRYPT;
}

static bool seals(const struct shape *shape)
{
	return shape->op == ENCRYPT || shape->op == DECRYPT;
}

static size_t piece_len(const struct shape *shape, unsigned int i)
{
	size_t each = shape->len / shape->pieces;

	return i + 1 < shape->pieces ? each : shape->len - i * each;
}

/* In a stream the data lies behind the token. */
static uint8_t *data_of(const struct shape *shape)
{
	return shape->kind == STREAM ? wire + 16 : wire;
}

static void make_buffers(const struct shape *shape)
{
	uint8_t *p = data_of(shape);
	unsigned int i;

	nbufs = 0;
	if (shape->kind == STREAM) {
		bufs[nbufs++] = buffer(SECBUFFER_STREAM, wire, 16 + shape->len);
		bufs[nbufs++] = buffer(SECBUFFER_DATA, NULL, 0);
		return;
	}
	for (i = 0; i < shape->pieces; p += piece_len(shape, i), i++)
		bufs[nbufs++] = buffer(SECBUFFER_DATA, p, piece_len(shape, i));
	bufs[nbufs++] = buffer(SECBUFFER_TOKEN, token, 16);
	if (shape->kind == PADDING)
		bufs[nbufs++] = buffer(SECBUFFER_PADDING, NULL, 0);
}

/* The client's next message, or what he has sent already */
static void client_sends(const struct shape *shape)
{
	const struct ntlm_piece piece = { sent, shape->len, seals(shape) };

	memcpy(sent, plain, shape->len);
	ntlm_peer_protect(&s.peer, &piece, 1, sent_token);
}

static void lay_out(const struct shape *shape)
{
	make_buffers(shape);
	memcpy(data_of(shape), makes_token(shape) ? plain : sent, shape->len);
	if (makes_token(shape))
		memset(token, NO_TOKEN, 16);
	else
		memcpy(shape->kind == STREAM ? wire : token, sent_token, 16);
}

static bool client_takes(const struct shape *shape)
{
	const struct ntlm_piece piece = { data_of(shape), shape->len, seals(shape) };

	return ntlm_peer_accept(&s.peer, &piece, 1, token) &&
	       !memcmp(data_of(shape), plain, shape->len);
}

static void begin(const void *arg)
{
	const struct shape *shape = arg;

	session_open(&s, TEST_SEAL_FLAGS);
	fill(plain, shape->len, (unsigned int)shape->len + shape->op);
}

static void end(const void *arg)
{
	(void)arg;
	CHECK(session_works(&s));
	session_close(&s);
}

static void before(const void *arg)
{
	const struct shape *shape = arg;

	if (!makes_token(shape))
		client_sends(shape);
	lay_out(shape);
}

static int32_t run(const void *arg)
{
	const struct shape *shape = arg;
	int err;

	msg.qop = 0;
	err = message_call(&s.call, shape->op, bufs, nbufs, &msg);
	return err ? err : msg.status;
}

/*
 * Whether the buffers are as they were laid out.  What was never there has left them so: who
 * sees a part of a message that is made or taken once more sees a key stream twice.
 */
static bool is_untouched(const struct shape *shape)
{
	uint8_t no_token[16];

	memset(no_token, NO_TOKEN, sizeof(no_token));
	if (memcmp(data_of(shape), makes_token(shape) ? plain : sent, shape->len))
		return false;
	return makes_token(shape) ? !memcmp(token, no_token, sizeof(no_token)) :
	       !memcmp(shape->kind == STREAM ? wire : token, sent_token, 16);
}

static void after_made(const struct shape *shape, int32_t outcome)
{
	bool untouched = is_untouched(shape);
	struct ntlm_peer old = s.peer;

	if (outcome == SEC_E_OK) {
		CHECK(client_takes(shape));
		return;
	}
	lay_out(shape);
	REQUIRE_STATUS(run(shape), SEC_E_OK);
	memcpy(sent, data_of(shape), shape->len);
	if (client_takes(shape)) {
		CHECK(untouched);
		return;
	}
	/* Only what was not written can have got lost on the way. */
	REQUIRE_EQ(outcome, -EFAULT);
	s.peer = old;
	client_takes(shape);
	memcpy(data_of(shape), sent, shape->len);
	REQUIRE(client_takes(shape));
}

static void check_plain(const struct shape *shape)
{
	CHECK_MEM(data_of(shape), plain, shape->len);
	if (shape->kind == STREAM) {
		CHECK_EQ(bufs[1].len, shape->len);
		CHECK_EQ(bufs[1].ptr, (uintptr_t)wire + 16);
	}
}

static void after_taken(const struct shape *shape, int32_t outcome)
{
	bool untouched = is_untouched(shape);
	int32_t again;

	if (outcome == SEC_E_OK) {
		check_plain(shape);
		return;
	}
	lay_out(shape);
	again = run(shape);
	if (again == SEC_E_OK) {
		CHECK(untouched);
		check_plain(shape);
		return;
	}
	CHECK_STATUS(again, SEC_E_OUT_OF_SEQUENCE);
	CHECK_EQ(outcome, -EFAULT);
}

static void after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const struct shape *shape = arg;

	(void)kind;
	if (makes_token(shape))
		after_made(shape, outcome);
	else
		after_taken(shape, outcome);
}

/* Several messages in one ioctl: those that are told of have been made. */
static struct ksecdd_message_batch batch;
static struct ksecdd_message batched[BATCH];
static uint8_t batch_token[BATCH][16];
static struct ksecdd_buffer batch_bufs[BATCH][2];

static void batch_before(const void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < BATCH; i++) {
		uint8_t *data = wire + i * BATCH_LEN;

		memcpy(data, plain, BATCH_LEN);
		batch_bufs[i][0] = buffer(SECBUFFER_DATA, data, BATCH_LEN);
		batch_bufs[i][1] = buffer(SECBUFFER_TOKEN, batch_token[i], 16);
		batched[i] = (struct ksecdd_message){
			.size = sizeof(batched[i]), .status = 1, .context = s.call.context,
			.op = ENCRYPT, .nbuffers = 2, .buffers = (uintptr_t)batch_bufs[i],
		};
	}
	batch = (struct ksecdd_message_batch){
		.size = sizeof(batch), .count = BATCH, .messages = (uintptr_t)batched,
	};
}

static int32_t batch_run(const void *arg)
{
	int err = device_ioctl(s.dev, KSECDD_IOC_MESSAGE_BATCH, &batch);
	unsigned int i;

	(void)arg;
	for (i = 0; !err && i < BATCH; i++)
		err = batched[i].status;
	return err;
}

static bool client_takes_one(uint8_t *data, const uint8_t signature[16])
{
	const struct ntlm_piece piece = { data, BATCH_LEN, true };

	return ntlm_peer_accept(&s.peer, &piece, 1, signature) && !memcmp(data, plain, BATCH_LEN);
}

static void batch_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	uint8_t data[BATCH_LEN], copy[BATCH_LEN], signature[16];
	struct ntlm_peer old;
	unsigned int i, told = 0;

	(void)arg;
	(void)kind;
	for (i = 0; i < BATCH && batched[i].status != 1; i++) {
		told++;
		if (batched[i].status == SEC_E_OK)
			CHECK(client_takes_one(wire + i * BATCH_LEN, batch_token[i]));
	}
	/* It may be the number that could not be written, which leaves what was there. */
	CHECK(batch.count == told || (outcome == -EFAULT && batch.count == BATCH));
	old = s.peer;
	memcpy(data, plain, BATCH_LEN);
	REQUIRE_STATUS(session_encrypt(&s, data, BATCH_LEN, signature), SEC_E_OK);
	memcpy(copy, data, BATCH_LEN);
	if (client_takes_one(copy, signature))
		return;
	REQUIRE_EQ(outcome, -EFAULT);
	s.peer = old;
	client_takes_one(copy, signature);
	CHECK(client_takes_one(data, signature));
}

#define SHAPE(...)	(&(const struct shape){ __VA_ARGS__ })
#define MESSAGE(title, op, pieces, len, kind)						\
	{ .name = title, .faults = &sweep_ioctl, .arg = SHAPE(op, pieces, len, kind),	\
	  .begin = begin, .before = before, .run = run, .after = after, .end = end }

static const struct sweep rows[] = {
	MESSAGE("MakeSignature, one buffer", SIGN, 1, 100, PLAIN),
	MESSAGE("MakeSignature, many buffers", SIGN, 20, 2000, PLAIN),
	MESSAGE("MakeSignature, a long message", SIGN, 1, LONG_LEN, PLAIN),
	MESSAGE("VerifySignature, one buffer", VERIFY, 1, 100, PLAIN),
	MESSAGE("VerifySignature, many buffers", VERIFY, 20, 2000, PLAIN),
	MESSAGE("VerifySignature, a long message", VERIFY, 1, LONG_LEN, PLAIN),
	MESSAGE("EncryptMessage, no data", ENCRYPT, 1, 0, PLAIN),
	MESSAGE("EncryptMessage, one buffer", ENCRYPT, 1, 100, PLAIN),
	MESSAGE("EncryptMessage, three buffers", ENCRYPT, 3, 3000, PLAIN),
	MESSAGE("EncryptMessage, with padding", ENCRYPT, 2, 99, PADDING),
	MESSAGE("EncryptMessage, many buffers", ENCRYPT, 20, 2000, PLAIN),
	MESSAGE("EncryptMessage, all buffers there can be", ENCRYPT, MAX_PIECES, 5000, PLAIN),
	MESSAGE("EncryptMessage, a full scratch buffer", ENCRYPT, 1, SCRATCH_LEN, PLAIN),
	MESSAGE("EncryptMessage, a long message", ENCRYPT, 1, LONG_LEN, PLAIN),
	MESSAGE("EncryptMessage, the longest message", ENCRYPT, 1, MAX_LEN, PLAIN),
	MESSAGE("DecryptMessage, one buffer", DECRYPT, 1, 100, PLAIN),
	MESSAGE("DecryptMessage, three buffers", DECRYPT, 3, 3000, PLAIN),
	MESSAGE("DecryptMessage, many buffers", DECRYPT, 20, 2000, PLAIN),
	MESSAGE("DecryptMessage, a long message", DECRYPT, 1, LONG_LEN, PLAIN),
	MESSAGE("DecryptMessage, a stream", DECRYPT, 1, 500, STREAM),
	MESSAGE("DecryptMessage, a long stream", DECRYPT, 1, LONG_LEN, STREAM),
	{ .name = "a batch of messages", .faults = &sweep_ioctl, .begin = begin,
	  .arg = SHAPE(ENCRYPT, 1, BATCH_LEN, PLAIN), .before = batch_before,
	  .run = batch_run, .after = batch_after, .end = end },
};

int main(int argc, char **argv)
{
	testhelper_isolate();
	testhelper_start(&th);
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	testhelper_stop(&th);
	return argc;
}
