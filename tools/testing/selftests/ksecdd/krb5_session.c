// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An established Kerberos context in the module and the peer at its other end.
 */
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "krb5_session.h"
#include "session.h"
#include "suite.h"
#include "tools/testing/tap/tap.h"

struct testhelper krb5_helper = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_KERBEROS,
};

/**
 * krb5_session_start() - a helper for all sessions, in a namespace of its own
 *
 * The kernel runs modprobe for every algorithm that nobody has asked for before, and
 * the first caller waits for all of that.
 */
void krb5_session_start(void)
{
	param_set("kerberos_timeout_ms", suite_time(30000));
	testhelper_isolate();
	testhelper_start(&krb5_helper);
}

/**
 * krb5_session_stop() - end of it
 */
void krb5_session_stop(void)
{
	testhelper_stop(&krb5_helper);
	params_restore();
}

/**
 * krb5_session_keys() - keys as a helper sets them
 * @enctype: encryption type
 * @seed:    another seed gives another key
 */
struct ksecdd_krb5_keys krb5_session_keys(unsigned int enctype, unsigned int seed)
{
	struct ksecdd_krb5_keys keys = {
		.size = sizeof(keys),
		.enctype = enctype,
		.send_seq = KRB5_TEST_SEND,
		.receive_seq = KRB5_TEST_RECEIVE,
		.key_len = (uint32_t)krb5_key_len(enctype),
	};

	fill(keys.key, keys.key_len, seed);
	return keys;
}

/**
 * krb5_session_verdict() - the client is in
 * @keys:  keys of the context
 * @flags: KSECDD_KRB5_*
 */
struct verdict krb5_session_verdict(const struct ksecdd_krb5_keys *keys, uint32_t flags)
{
	static const uint8_t none[16];
	struct verdict verdict = verdict_ok(flags, none);

	verdict.mech = KSECDD_PACKAGE_KERBEROS;
	verdict.key_len = sizeof(*keys);
	memcpy(verdict.key, keys, sizeof(*keys));
	return verdict;
}

/**
 * krb5_session_open_keys() - a fresh context with certain keys
 * @s:     filled in
 * @keys:  the keys
 * @flags: KSECDD_KRB5_*
 */
void krb5_session_open_keys(struct krb5_session *s, const struct ksecdd_krb5_keys *keys,
			    uint32_t flags)
{
	struct verdict verdict = krb5_session_verdict(keys, flags);

	s->dev = device_open();
	s->cred = device_acquire_package(s->dev, KSECDD_PACKAGE_KERBEROS);
	s->call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE,
		.fd = s->dev,
		.context = device_establish(s->dev, s->cred, &verdict),
	};
	s->peer = (struct krb5_peer){
		.key = { .enctype = keys->enctype, .len = keys->key_len },
		.initiator = !(flags & KSECDD_KRB5_INITIATOR),
		.subkey = flags & KSECDD_KRB5_ACCEPTOR_SUBKEY,
		.dce = flags & KSECDD_KRB5_DCE_STYLE,
		.send_seq = keys->receive_seq,
		.receive_seq = keys->send_seq,
	};
	memcpy(s->peer.key.bytes, keys->key, sizeof(keys->key));
}

/**
 * krb5_session_open() - a fresh context; a failure ends the test
 * @s:       filled in
 * @enctype: encryption type
 * @flags:   KSECDD_KRB5_*
 */
void krb5_session_open(struct krb5_session *s, unsigned int enctype, uint32_t flags)
{
	struct ksecdd_krb5_keys keys = krb5_session_keys(enctype, enctype * 256 + flags);

	if (enctype == KSECDD_KRB5_ARCFOUR_HMAC)
		flags |= KSECDD_KRB5_ARCFOUR;
	krb5_session_open_keys(s, &keys, flags);
}

/**
 * krb5_session_close() - end of it
 * @s: the session
 */
void krb5_session_close(struct krb5_session *s)
{
	close(s->dev);
}

/**
 * krb5_session_sign() - MakeSignature in the module
 * @s:         the session
 * @data:      the message
 * @len:       its bytes
 * @token:     receives the token, KRB5_MAX_OVERHEAD bytes of room
 * @token_len: receives its bytes
 */
int32_t krb5_session_sign(struct krb5_session *s, const void *data, size_t len, uint8_t *token,
			  size_t *token_len)
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, len),
		buffer(SECBUFFER_TOKEN, token, KRB5_MAX_OVERHEAD),
	};
	int32_t status = message_status(&s->call, KSECDD_MESSAGE_SIGN, bufs, 2);

	*token_len = bufs[1].len;
	return status;
}

/**
 * krb5_session_verify() - VerifySignature in the module
 * @s:         the session
 * @data:      the message
 * @len:       its bytes
 * @token:     the token
 * @token_len: its bytes
 */
int32_t krb5_session_verify(struct krb5_session *s, const void *data, size_t len,
			    const uint8_t *token, size_t token_len)
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, len), buffer(SECBUFFER_TOKEN, token, token_len),
	};

	return message_status(&s->call, KSECDD_MESSAGE_VERIFY, bufs, 2);
}

/**
 * krb5_session_encrypt() - EncryptMessage in the module, the result in one piece
 * @s:         the session
 * @seal:      or SECQOP_WRAP_NO_ENCRYPT
 * @data:      the message
 * @len:       its bytes
 * @token:     receives the token, KRB5_MAX_OVERHEAD bytes longer
 * @token_len: receives its bytes
 */
int32_t krb5_session_encrypt(struct krb5_session *s, bool seal, const void *data, size_t len,
			     uint8_t *token, size_t *token_len)
{
	struct ksecdd_message msg = { .qop = seal ? 0 : SECQOP_WRAP_NO_ENCRYPT };
	uint8_t *body = token + KRB5_MAX_OVERHEAD - 8, padding[8];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_TOKEN, token, KRB5_MAX_OVERHEAD - 8),
		buffer(SECBUFFER_DATA, body, len),
		buffer(SECBUFFER_PADDING, padding, sizeof(padding)),
	};

	if (len)
		memcpy(body, data, len);
	if (message_call(&s->call, KSECDD_MESSAGE_ENCRYPT, bufs, 3, &msg))
		return 1;
	if (msg.status != SEC_E_OK)
		return msg.status;
	memmove(token + bufs[0].len, body, len);
	memcpy(token + bufs[0].len + len, padding, bufs[2].len);
	*token_len = bufs[0].len + len + bufs[2].len;
	return SEC_E_OK;
}

/**
 * krb5_session_decrypt() - DecryptMessage in the module, of a SECBUFFER_STREAM
 * @s:         the session
 * @token:     changed in place
 * @token_len: its bytes
 * @data:      receives where in it the message is
 * @len:       receives its bytes
 * @qop:       receives the quality of protection
 */
int32_t krb5_session_decrypt(struct krb5_session *s, uint8_t *token, size_t token_len,
			     const uint8_t **data, size_t *len, uint32_t *qop)
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_STREAM, token, token_len), buffer(SECBUFFER_DATA, NULL, 0),
	};
	struct ksecdd_message msg = {};

	if (message_call(&s->call, KSECDD_MESSAGE_DECRYPT, bufs, 2, &msg))
		return 1;
	*data = (const uint8_t *)(uintptr_t)bufs[1].ptr;
	*len = bufs[1].len;
	*qop = msg.qop;
	return msg.status;
}

/**
 * krb5_session_works() - a message each way
 * @s: the session
 */
bool krb5_session_works(struct krb5_session *s)
{
	static const uint8_t plain[] = "all is well";
	uint8_t token[KRB5_MAX_OVERHEAD + sizeof(plain)], out[sizeof(token)];
	const struct krb5_wrap how = { .seal = true };
	const uint8_t *data = NULL;
	size_t len, data_len = 0;
	bool sealed = false;
	uint32_t qop = 1;

	len = krb5_peer_wrap(&s->peer, &how, plain, sizeof(plain), token);
	if (krb5_session_decrypt(s, token, len, &data, &data_len, &qop) || qop ||
	    data_len != sizeof(plain) || memcmp(data, plain, sizeof(plain)))
		return false;
	return !krb5_session_encrypt(s, true, plain, sizeof(plain), token, &len) &&
	       krb5_peer_unwrap(&s->peer, token, len, out, &len, &sealed) && sealed &&
	       len == sizeof(plain) && !memcmp(out, plain, sizeof(plain));
}
