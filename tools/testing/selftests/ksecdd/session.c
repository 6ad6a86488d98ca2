// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An established context in the module and the client at its other end.
 */
#include <string.h>
#include <unistd.h>

#include "session.h"
#include "tools/testing/tap/tap.h"

/**
 * session_open() - a fresh context; a failure ends the test
 * @s:     filled in
 * @flags: NegotiateFlags
 */
void session_open(struct session *s, uint32_t flags)
{
	uint8_t key[16];
	struct verdict verdict;

	fill(key, sizeof(key), flags);
	verdict = verdict_ok(flags, key);
	s->dev = device_open();
	s->cred = device_acquire(s->dev);
	s->call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE,
		.fd = s->dev,
		.context = device_establish(s->dev, s->cred, &verdict),
	};
	ntlm_peer_init(&s->peer, flags, key);
}

/**
 * session_close() - end of it
 * @s: the session
 */
void session_close(struct session *s)
{
	close(s->dev);
}

static int32_t run(struct session *s, uint32_t op, void *data, size_t len, uint8_t signature[16])
{
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, len),
		buffer(SECBUFFER_TOKEN, signature, 16),
	};

	return message_status(&s->call, op, bufs, 2);
}

/**
 * session_encrypt() - EncryptMessage in the module
 * @s:         the session
 * @data:      changed in place
 * @len:       its length in bytes
 * @signature: filled in
 */
int32_t session_encrypt(struct session *s, void *data, size_t len, uint8_t signature[16])
{
	return run(s, KSECDD_MESSAGE_ENCRYPT, data, len, signature);
}

/**
 * session_decrypt() - DecryptMessage in the module
 * @s:         the session
 * @data:      changed in place
 * @len:       its length in bytes
 * @signature: what came with it
 */
int32_t session_decrypt(struct session *s, void *data, size_t len, uint8_t signature[16])
{
	return run(s, KSECDD_MESSAGE_DECRYPT, data, len, signature);
}

/**
 * client_encrypt() - the client seals a message
 * @s:         the session
 * @data:      changed in place
 * @len:       its length in bytes
 * @signature: filled in
 */
void client_encrypt(struct session *s, void *data, size_t len, uint8_t signature[16])
{
	const struct ntlm_piece piece = { data, len, true };

	ntlm_peer_protect(&s->peer, &piece, 1, signature);
}

/**
 * client_decrypt() - the client unseals a message
 * @s:         the session
 * @data:      changed in place
 * @len:       its length in bytes
 * @signature: what came with it
 *
 * Return: whether the client is content with it
 */
bool client_decrypt(struct session *s, void *data, size_t len, const uint8_t signature[16])
{
	const struct ntlm_piece piece = { data, len, true };

	return ntlm_peer_accept(&s->peer, &piece, 1, signature);
}

/**
 * session_works() - a message each way
 * @s: a session that seals
 */
bool session_works(struct session *s)
{
	static const char plain[] = "all is well";
	uint8_t signature[16];
	char data[sizeof(plain)];

	memcpy(data, plain, sizeof(data));
	client_encrypt(s, data, sizeof(data), signature);
	if (session_decrypt(s, data, sizeof(data), signature) ||
	    memcmp(data, plain, sizeof(data)))
		return false;
	return !session_encrypt(s, data, sizeof(data), signature) &&
	       client_decrypt(s, data, sizeof(data), signature) &&
	       !memcmp(data, plain, sizeof(data));
}

/**
 * fill() - bytes that do not repeat soon
 * @data: filled in
 * @len:  their number
 * @seed: another seed gives other bytes
 */
void fill(void *data, size_t len, unsigned int seed)
{
	uint8_t *p = data;
	uint32_t x = seed * 2654435761u + 1;
	size_t i;

	for (i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (uint8_t)(x >> 24);
	}
}
