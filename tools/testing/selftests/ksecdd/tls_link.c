// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An established TLS context in the module and the peer at its other end.
 */
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "session.h"
#include "suite.h"
#include "tls_link.h"

struct testhelper tls_helper = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_SCHANNEL |
			   1 << KSECDD_PACKAGE_CREDSSP,
};

/**
 * tls_link_start() - a helper for all connections, in a namespace of its own
 *
 * The kernel runs modprobe for an algorithm that nobody has asked for before, and the first
 * caller waits for that; where time counts instructions, it flies while nothing runs.
 */
void tls_link_start(void)
{
	param_set("schannel_timeout_ms", 600000);
	testhelper_isolate();
	testhelper_start(&tls_helper);
}

/**
 * tls_link_stop() - end of it
 */
void tls_link_stop(void)
{
	testhelper_stop(&tls_helper);
	params_restore();
}

static void fill_half(struct ksecdd_tls_half *half, const struct ksecdd_tls_keys *keys,
		      unsigned int seed)
{
	if (keys->version == KSECDD_TLS_1_3) {
		fill(half->secret, tls_hash_len(keys->hash), seed);
	} else {
		fill(half->key, tls_key_len(keys->cipher), seed);
		fill(half->iv, tls_salt_len(keys->cipher), seed + 1);
		half->seq = 1;
	}
}

/**
 * tls_link_keys() - keys as a helper sets them
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 */
struct ksecdd_tls_keys tls_link_keys(unsigned int version, unsigned int cipher)
{
	struct ksecdd_tls_keys keys = {
		.version = (uint16_t)version,
		.suite = 0x1301,
		.cipher = (uint8_t)cipher,
		.hash = cipher == KSECDD_TLS_AES_256_GCM ? KSECDD_TLS_SHA384 : KSECDD_TLS_SHA256,
		.group = 29,
	};

	fill_half(&keys.rx, &keys, version + cipher);
	fill_half(&keys.tx, &keys, version + cipher + 100);
	return keys;
}

/**
 * tls_link_verdict() - the client is in
 * @keys: keys of the context
 */
struct verdict tls_link_verdict(const struct ksecdd_tls_keys *keys)
{
	static const uint8_t none[16];
	struct verdict verdict = verdict_ok(0, none);

	verdict.mech = KSECDD_PACKAGE_SCHANNEL;
	verdict.key_len = sizeof(*keys);
	memcpy(verdict.key, keys, sizeof(*keys));
	return verdict;
}

/**
 * tls_link_open_keys() - a fresh context with certain keys; a failure ends the test
 * @s:    filled in
 * @keys: the keys
 */
void tls_link_open_keys(struct tls_link *s, const struct ksecdd_tls_keys *keys)
{
	struct verdict verdict = tls_link_verdict(keys);

	s->dev = device_open();
	s->cred = device_acquire_package(s->dev, KSECDD_PACKAGE_SCHANNEL);
	s->call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE,
		.fd = s->dev,
		.context = device_establish(s->dev, s->cred, &verdict),
	};
	tls_peer_init(&s->peer, keys);
}

/**
 * tls_link_open() - a fresh context
 * @s:       filled in
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 */
void tls_link_open(struct tls_link *s, unsigned int version, unsigned int cipher)
{
	struct ksecdd_tls_keys keys = tls_link_keys(version, cipher);

	tls_link_open_keys(s, &keys);
}

/**
 * tls_link_close() - end of it
 * @s: the session
 */
void tls_link_close(struct tls_link *s)
{
	close(s->dev);
}

/**
 * tls_link_encrypt() - EncryptMessage in the module, the record in one piece
 * @s:          the session
 * @data:       the data
 * @len:        its bytes, at most TLS_MAX_DATA
 * @record:     receives the record, TLS_MAX_OVERHEAD bytes longer
 * @record_len: receives its bytes
 */
int32_t tls_link_encrypt(struct tls_link *s, const void *data, size_t len, uint8_t *record,
			 size_t *record_len)
{
	size_t header = tls_header_len(&s->peer), trailer = tls_trailer_len(&s->peer);
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_STREAM_HEADER, record, header),
		buffer(SECBUFFER_DATA, record + header, len),
		buffer(SECBUFFER_STREAM_TRAILER, record + header + len, trailer),
		buffer(SECBUFFER_EMPTY, NULL, 0),
	};

	if (len)
		memcpy(record + header, data, len);
	*record_len = header + len + trailer;
	return message_status(&s->call, KSECDD_MESSAGE_ENCRYPT, bufs, 4);
}

/**
 * tls_link_decrypt() - DecryptMessage in the module
 * @s:    the session
 * @data: what was received
 * @len:  its bytes
 * @bufs: receives the parts
 */
int32_t tls_link_decrypt(struct tls_link *s, void *data, size_t len,
			 struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS])
{
	unsigned int i;

	bufs[0] = buffer(SECBUFFER_DATA, data, len);
	for (i = 1; i < TLS_OPEN_BUFFERS; i++)
		bufs[i] = buffer(SECBUFFER_EMPTY, NULL, 0);
	return message_status(&s->call, KSECDD_MESSAGE_DECRYPT, bufs, TLS_OPEN_BUFFERS);
}

/**
 * tls_link_works() - a record each way
 * @s: the session
 */
bool tls_link_works(struct tls_link *s)
{
	static const uint8_t plain[] = "all is well";
	uint8_t record[TLS_MAX_OVERHEAD + sizeof(plain)], out[TLS_MAX_RECORD], type = 0;
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	size_t len, out_len = 0;

	len = tls_peer_seal(&s->peer, TLS_DATA, plain, sizeof(plain), record);
	if (tls_link_decrypt(s, record, len, bufs) || bufs[1].len != sizeof(plain) ||
	    memcmp((void *)(uintptr_t)bufs[1].ptr, plain, sizeof(plain)))
		return false;
	return !tls_link_encrypt(s, plain, sizeof(plain), record, &len) &&
	       tls_peer_open(&s->peer, record, len, &type, out, &out_len) && type == TLS_DATA &&
	       out_len == sizeof(plain) && !memcmp(out, plain, sizeof(plain));
}
