// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS records with one fault after the other, in the crypto API as well.  Whatever fails, a
 * record that failed for memory was never there, and one that could not be read or written
 * either was never there or counts.
 */
#include <string.h>

#include "session.h"
#include "suite.h"
#include "sweep.h"
#include "tls_link.h"

#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT

/**
 * struct shape - what a record is made of
 * @op:      KSECDD_MESSAGE_*
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 * @len:     bytes of data
 * @update:  it is a KeyUpdate
 */
struct shape {
	uint32_t op;
	unsigned int version;
	unsigned int cipher;
	size_t len;
	bool update;
};

static const uint8_t update[] = { 24, 0, 0, 1, 0 };

static struct tls_link s;
static uint8_t plain[TLS_MAX_DATA], wire[TLS_MAX_RECORD], sent[TLS_MAX_RECORD],
	out[TLS_MAX_RECORD];
static struct ksecdd_buffer bufs[4];
static size_t sent_len;

static void lay_out(const struct shape *shape)
{
	size_t header = tls_header_len(&s.peer);

	if (shape->op == ENCRYPT) {
		memcpy(wire + header, plain, shape->len);
		bufs[0] = buffer(SECBUFFER_STREAM_HEADER, wire, header);
		bufs[1] = buffer(SECBUFFER_DATA, wire + header, shape->len);
		bufs[2] = buffer(SECBUFFER_STREAM_TRAILER, wire + header + shape->len,
				 tls_trailer_len(&s.peer));
	} else {
		memcpy(wire, sent, sent_len);
		bufs[0] = buffer(SECBUFFER_DATA, wire, sent_len);
		bufs[1] = buffer(SECBUFFER_EMPTY, NULL, 0);
		bufs[2] = buffer(SECBUFFER_EMPTY, NULL, 0);
	}
	bufs[3] = buffer(SECBUFFER_EMPTY, NULL, 0);
}

/* Whether the peer takes what the module has made */
static bool peer_takes(const struct shape *shape)
{
	size_t len = tls_header_len(&s.peer) + shape->len + tls_trailer_len(&s.peer), out_len = 0;
	uint8_t type = 0;

	return tls_peer_open(&s.peer, wire, len, &type, out, &out_len) && type == TLS_DATA &&
	       out_len == shape->len && !memcmp(out, plain, shape->len);
}

static void begin(const void *arg)
{
	const struct shape *shape = arg;

	tls_link_open(&s, shape->version, shape->cipher);
	fill(plain, shape->len, (unsigned int)shape->len + shape->op);
}

static void end(const void *arg)
{
	(void)arg;
	CHECK(tls_link_works(&s));
	tls_link_close(&s);
}

/* The peer's next record */
static void before(const void *arg)
{
	const struct shape *shape = arg;

	if (shape->update)
		sent_len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, update, sizeof(update), sent);
	else if (shape->op == DECRYPT)
		sent_len = tls_peer_seal(&s.peer, TLS_DATA, plain, shape->len, sent);
	lay_out(shape);
}

static int32_t run(const void *arg)
{
	const struct shape *shape = arg;
	struct ksecdd_message msg = {};
	int err = message_call(&s.call, shape->op, bufs, 4, &msg);

	return err ? err : msg.status;
}

/*
 * Whether the buffers are as they were laid out.  What was never there has left them so: who
 * sees a part of a message that is made or taken once more sees a key stream twice.
 */
static bool is_untouched(const struct shape *shape)
{
	return shape->op == ENCRYPT ?
	       !memcmp(wire + tls_header_len(&s.peer), plain, shape->len) :
	       !memcmp(wire, sent, sent_len);
}

static void after_made(const struct shape *shape, int32_t outcome)
{
	bool untouched = is_untouched(shape);

	if (outcome == SEC_E_OK) {
		CHECK(peer_takes(shape));
		return;
	}
	lay_out(shape);
	REQUIRE_STATUS(run(shape), SEC_E_OK);
	if (peer_takes(shape)) {
		CHECK(untouched);
		return;
	}
	/* Only what was not written can have got lost on the way. */
	REQUIRE_EQ(outcome, -EFAULT);
	s.peer.receive.seq++;
	REQUIRE(peer_takes(shape));
}

static void check_plain(const struct shape *shape)
{
	size_t len = shape->update ? 0 : shape->len;

	CHECK_EQ(bufs[1].type, SECBUFFER_DATA);
	REQUIRE_EQ(bufs[1].len, len);
	CHECK_MEM((const void *)(uintptr_t)bufs[1].ptr, plain, len);
}

/*
 * A record that counts and is given again is one that the peer has not sent: the context is
 * over then, and the next one begins anew.
 */
static void after_taken(const struct shape *shape, int32_t outcome)
{
	bool untouched = is_untouched(shape);
	int32_t again = SEC_E_OK;

	if (outcome != SEC_E_OK) {
		lay_out(shape);
		again = run(shape);
	}
	if (again == SEC_E_OK) {
		CHECK(outcome == SEC_E_OK || untouched);
		check_plain(shape);
		if (shape->update)
			tls_peer_update(&s.peer, &s.peer.send);
	} else {
		CHECK_STATUS(again, SEC_E_MESSAGE_ALTERED);
		CHECK_EQ(outcome, -EFAULT);
		tls_link_close(&s);
		tls_link_open(&s, shape->version, shape->cipher);
	}
	/* So that KeyUpdates are not too many in a row */
	CHECK(tls_link_works(&s));
}

static void after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const struct shape *shape = arg;

	(void)kind;
	if (shape->op == ENCRYPT)
		after_made(shape, outcome);
	else
		after_taken(shape, outcome);
}

#define SHAPE(...)	(&(const struct shape){ __VA_ARGS__ })
#define RECORD(title, ...)								\
	{ .name = title, .faults = &sweep_ioctl, .arg = SHAPE(__VA_ARGS__),		\
	  .begin = begin, .before = before, .run = run, .after = after, .end = end }

static const struct sweep rows[] = {
	RECORD("EncryptMessage, TLS 1.3, GCM", ENCRYPT, KSECDD_TLS_1_3,
	       KSECDD_TLS_AES_256_GCM, 100, false),
	RECORD("DecryptMessage, TLS 1.3, GCM", DECRYPT, KSECDD_TLS_1_3,
	       KSECDD_TLS_AES_256_GCM, 100, false),
	RECORD("EncryptMessage, TLS 1.3, GCM, a long record", ENCRYPT, KSECDD_TLS_1_3,
	       KSECDD_TLS_AES_128_GCM, TLS_MAX_DATA, false),
	RECORD("DecryptMessage, TLS 1.3, GCM, a long record", DECRYPT, KSECDD_TLS_1_3,
	       KSECDD_TLS_AES_128_GCM, TLS_MAX_DATA, false),
	RECORD("EncryptMessage, TLS 1.2, CCM", ENCRYPT, KSECDD_TLS_1_2,
	       KSECDD_TLS_AES_128_CCM, 100, false),
	RECORD("DecryptMessage, TLS 1.2, CCM", DECRYPT, KSECDD_TLS_1_2,
	       KSECDD_TLS_AES_128_CCM, 100, false),
	RECORD("EncryptMessage, TLS 1.3, ChaCha20", ENCRYPT, KSECDD_TLS_1_3,
	       KSECDD_TLS_CHACHA20_POLY1305, 100, false),
	RECORD("DecryptMessage, TLS 1.2, ChaCha20", DECRYPT, KSECDD_TLS_1_2,
	       KSECDD_TLS_CHACHA20_POLY1305, 100, false),
	RECORD("KeyUpdate", DECRYPT, KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM, 0, true),
};

int main(int argc, char **argv)
{
	tls_link_start();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	tls_link_stop();
	return argc;
}
