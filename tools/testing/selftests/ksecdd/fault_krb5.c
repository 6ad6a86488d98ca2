// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of Kerberos with one fault after the other, in the crypto API as well.
 * Whatever fails, a message that failed for memory was never there, and one that
 * could not be read or written either was never there or counts.
 */
#include <string.h>

#include "krb5_session.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"

#define SIGN		KSECDD_MESSAGE_SIGN
#define VERIFY		KSECDD_MESSAGE_VERIFY
#define ENCRYPT		KSECDD_MESSAGE_ENCRYPT
#define DECRYPT		KSECDD_MESSAGE_DECRYPT

#define AES_SHA1	KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96
#define AES_SHA2	KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192
#define CAMELLIA	KSECDD_KRB5_CAMELLIA256_CTS_CMAC
#define ARCFOUR		KSECDD_KRB5_ARCFOUR_HMAC

/* More than the scratch buffer of a CPU holds */
#define LONG_LEN	(96 * 1024)

/**
 * struct shape - what a message is made of
 * @op:      KSECDD_MESSAGE_*
 * @enctype: encryption type
 * @len:     bytes of data
 * @clear:   signed and not sealed
 */
struct shape {
	uint32_t op;
	unsigned int enctype;
	size_t len;
	bool clear;
};

static struct krb5_session s;
static uint8_t plain[LONG_LEN], token[KRB5_MAX_OVERHEAD], wire[LONG_LEN + KRB5_MAX_OVERHEAD],
	sent[sizeof(wire)], whole[sizeof(wire)], out[sizeof(wire)], padding[8];
static struct ksecdd_buffer bufs[3];
static struct ksecdd_message msg;
static uint32_t nbufs;
static size_t sent_len;

static bool makes_token(const struct shape *shape)
{
	return shape->op == SIGN || shape->op == ENCRYPT;
}

/* The peer's next message */
static void peer_sends(const struct shape *shape)
{
	const struct krb5_wrap how = { .seal = !shape->clear };

	if (shape->enctype == ARCFOUR)
		sent_len = shape->op == VERIFY ?
			krb5_arcfour_sign(&s.peer, plain, shape->len, sent) :
			krb5_arcfour_wrap(&s.peer, how.seal, plain, shape->len, sent);
	else
		sent_len = shape->op == VERIFY ?
			krb5_peer_sign(&s.peer, plain, shape->len, sent) :
			krb5_peer_wrap(&s.peer, &how, plain, shape->len, sent);
}

static void lay_out(const struct shape *shape)
{
	nbufs = 2;
	memcpy(wire, shape->op == DECRYPT ? sent : plain,
	       shape->op == DECRYPT ? sent_len : shape->len);
	bufs[0] = buffer(SECBUFFER_DATA, wire, shape->len);
	bufs[1] = buffer(SECBUFFER_TOKEN, token, sizeof(token));
	if (shape->op == VERIFY)
		bufs[1] = buffer(SECBUFFER_TOKEN, sent, sent_len);
	if (shape->op == DECRYPT) {
		bufs[0] = buffer(SECBUFFER_STREAM, wire, sent_len);
		bufs[1] = buffer(SECBUFFER_DATA, NULL, 0);
	}
	if (shape->op == ENCRYPT)
		bufs[nbufs++] = buffer(SECBUFFER_PADDING, padding, sizeof(padding));
}

/* Whether the peer takes what the module has made */
static bool peer_takes(const struct shape *shape)
{
	size_t len = bufs[1].len, out_len = 0;
	bool sealed = false, arcfour = shape->enctype == ARCFOUR;

	if (shape->op == SIGN)
		return (arcfour ? krb5_arcfour_verify : krb5_peer_verify)
			(&s.peer, plain, shape->len, token, len);
	memcpy(whole, token, len);
	memcpy(whole + len, wire, shape->len);
	memcpy(whole + len + shape->len, padding, bufs[2].len);
	len += shape->len + bufs[2].len;
	return (arcfour ? krb5_arcfour_unwrap : krb5_peer_unwrap)
			(&s.peer, whole, len, out, &out_len, &sealed) &&
	       sealed == !shape->clear && out_len == shape->len &&
	       !memcmp(out, plain, shape->len);
}

static void begin(const void *arg)
{
	const struct shape *shape = arg;

	krb5_session_open(&s, shape->enctype, KRB5_TEST_FLAGS | KSECDD_KRB5_REPLAY_DETECT);
	fill(plain, shape->len, (unsigned int)shape->len + shape->op);
}

static void end(const void *arg)
{
	const struct shape *shape = arg;

	/* The peer of that function speaks RFC 4121 alone. */
	if (shape->enctype != ARCFOUR)
		CHECK(krb5_session_works(&s));
	krb5_session_close(&s);
}

static void before(const void *arg)
{
	const struct shape *shape = arg;

	if (!makes_token(shape))
		peer_sends(shape);
	lay_out(shape);
}

static int32_t run(const void *arg)
{
	const struct shape *shape = arg;
	int err;

	memset(&msg, 0, sizeof(msg));
	msg.qop = shape->op == ENCRYPT && shape->clear ? SECQOP_WRAP_NO_ENCRYPT : 0;
	err = message_call(&s.call, shape->op, bufs, nbufs, &msg);
	return err ? err : msg.status;
}

/*
 * Whether the buffers are as they were laid out.  What was never there has left them so: who
 * sees a part of a message that is made or taken once more sees a key stream twice.
 */
static bool is_untouched(const struct shape *shape)
{
	return shape->op == DECRYPT ? !memcmp(wire, sent, sent_len) :
				      !memcmp(wire, plain, shape->len);
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
	s.peer.receive_seq++;
	REQUIRE(peer_takes(shape));
}

static void check_plain(const struct shape *shape)
{
	if (shape->op != DECRYPT)
		return;
	REQUIRE_EQ(bufs[1].len, shape->len);
	CHECK_MEM((const void *)(uintptr_t)bufs[1].ptr, plain, shape->len);
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

#define SHAPE(...)	(&(const struct shape){ __VA_ARGS__ })
#define MESSAGE(title, ...)								\
	{ .name = title, .faults = &sweep_ioctl, .arg = SHAPE(__VA_ARGS__),		\
	  .begin = begin, .before = before, .run = run, .after = after, .end = end }

static const struct sweep rows[] = {
	MESSAGE("MakeSignature, AES and SHA-1", SIGN, AES_SHA1, 100, false),
	MESSAGE("VerifySignature, AES and SHA-1", VERIFY, AES_SHA1, 100, false),
	MESSAGE("EncryptMessage, AES and SHA-1", ENCRYPT, AES_SHA1, 100, false),
	MESSAGE("EncryptMessage, AES and SHA-1, not sealed", ENCRYPT, AES_SHA1, 100, true),
	MESSAGE("DecryptMessage, AES and SHA-1", DECRYPT, AES_SHA1, 100, false),
	MESSAGE("DecryptMessage, AES and SHA-1, not sealed", DECRYPT, AES_SHA1, 100, true),
	MESSAGE("EncryptMessage, AES and SHA-1, a long message", ENCRYPT, AES_SHA1, LONG_LEN, false),
	MESSAGE("DecryptMessage, AES and SHA-1, a long message", DECRYPT, AES_SHA1, LONG_LEN, false),
	MESSAGE("EncryptMessage, AES and SHA-2", ENCRYPT, AES_SHA2, 100, false),
	MESSAGE("DecryptMessage, AES and SHA-2", DECRYPT, AES_SHA2, 100, false),
	MESSAGE("EncryptMessage, AES and SHA-2, a long message", ENCRYPT, AES_SHA2, LONG_LEN, false),
	MESSAGE("EncryptMessage, Camellia", ENCRYPT, CAMELLIA, 100, false),
	MESSAGE("DecryptMessage, Camellia", DECRYPT, CAMELLIA, 100, false),
	MESSAGE("MakeSignature, arcfour-hmac", SIGN, ARCFOUR, 100, false),
	MESSAGE("EncryptMessage, arcfour-hmac", ENCRYPT, ARCFOUR, 100, false),
	MESSAGE("DecryptMessage, arcfour-hmac", DECRYPT, ARCFOUR, 100, false),
};

int main(int argc, char **argv)
{
	krb5_session_start();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	krb5_session_stop();
	return argc;
}
