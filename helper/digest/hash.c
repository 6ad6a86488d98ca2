// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hashes of Digest, over nettle.
 *
 * H(A1) is worth the password to whoever wants to log on, so what is worked out of it
 * is wiped, and the frames below are.
 */
#include <string.h>
#include <strings.h>

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

#include "helper/digest/hash.h"
#include "helper/stack.h"
#include "helper/text.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

union state {
	struct sha256_ctx sha256;
	struct md5_ctx md5;
};

static void sha256_begin(union state *state)
{
	sha256_init(&state->sha256);
}

static void sha256_add(union state *state, size_t len, const uint8_t *data)
{
	sha256_update(&state->sha256, len, data);
}

static void sha256_end(union state *state, uint8_t *hash)
{
	sha256_digest(&state->sha256, SHA256_DIGEST_SIZE, hash);
}

static void md5_begin(union state *state)
{
	md5_init(&state->md5);
}

static void md5_add(union state *state, size_t len, const uint8_t *data)
{
	md5_update(&state->md5, len, data);
}

static void md5_end(union state *state, uint8_t *hash)
{
	md5_digest(&state->md5, MD5_DIGEST_SIZE, hash);
}

static const struct {
	const char *name;
	size_t len;
	void (*begin)(union state *state);
	void (*add)(union state *state, size_t len, const uint8_t *data);
	void (*end)(union state *state, uint8_t *hash);
} hashes[DIGEST_ALGORITHMS] = {
	[DIGEST_SHA256] = { "SHA-256", SHA256_DIGEST_SIZE, sha256_begin, sha256_add, sha256_end },
	[DIGEST_MD5] = { "MD5", MD5_DIGEST_SIZE, md5_begin, md5_add, md5_end },
};

/**
 * digest_name() - what an algorithm is called on the wire
 * @algorithm: which
 */
const char *digest_name(enum digest_algorithm algorithm)
{
	return hashes[algorithm].name;
}

/**
 * digest_len() - bytes of a hash
 * @algorithm: which
 */
size_t digest_len(enum digest_algorithm algorithm)
{
	return hashes[algorithm].len;
}

/**
 * digest_find() - the algorithm of a name
 * @name: as on the wire, in any case
 * @len: its length in bytes
 * @ret_algorithm: which it is
 *
 * Return: false if there is none of that name; "-sess" is none.
 */
bool digest_find(const char *name, size_t len, enum digest_algorithm *ret_algorithm)
{
	unsigned int i;

	for (i = 0; i < DIGEST_ALGORITHMS; i++) {
		if (strlen(hashes[i].name) != len || strncasecmp(hashes[i].name, name, len))
			continue;
		*ret_algorithm = i;
		return true;
	}
	return false;
}

static struct digest_span span(const char *text)
{
	return (struct digest_span){ text, strlen(text) };
}

/* The hash of all spans with colons between them. */
static void hash_joined(enum digest_algorithm algorithm, const struct digest_span *spans,
			size_t count, uint8_t hash[DIGEST_MAX_HASH])
{
	union state state;
	size_t i;

	memset(hash, 0, DIGEST_MAX_HASH);
	hashes[algorithm].begin(&state);
	for (i = 0; i < count; i++) {
		if (i)
			hashes[algorithm].add(&state, 1, (const uint8_t *)":");
		hashes[algorithm].add(&state, spans[i].len, (const uint8_t *)spans[i].data);
	}
	hashes[algorithm].end(&state, hash);
	explicit_bzero(&state, sizeof(state));
}

/**
 * digest_ha1() - H(A1) of an account (RFC 7616 3.4.2)
 * @algorithm: which hash
 * @user: [DOMAIN\]USER as the client writes it, UTF-8
 * @realm: the realm, UTF-8
 * @password: UTF-8, need not be terminated
 * @len: its length in bytes
 * @ha1: the hash, and zeros behind it; a secret worth the password
 */
void digest_ha1(enum digest_algorithm algorithm, const char *user, const char *realm,
		const char *password, size_t len, uint8_t ha1[DIGEST_MAX_HASH])
{
	const struct digest_span a1[] = { span(user), span(realm), { password, len } };

	hash_joined(algorithm, a1, COUNT(a1), ha1);
	stack_burn();
}

/**
 * digest_userhash() - the name of a user who does not show it (RFC 7616 3.4.4)
 * @algorithm: which hash
 * @user: [DOMAIN\]USER as the client writes it, UTF-8
 * @realm: the realm, UTF-8
 * @hash: the hash, and zeros behind it
 */
void digest_userhash(enum digest_algorithm algorithm, const char *user, const char *realm,
		     uint8_t hash[DIGEST_MAX_HASH])
{
	const struct digest_span name[] = { span(user), span(realm) };

	hash_joined(algorithm, name, COUNT(name), hash);
}

/**
 * digest_response_check() - verify a response with qop=auth (RFC 7616 3.4.1)
 * @ha1: H(A1) of the account
 * @response: what the client answered; its user and realm are those of @ha1
 *
 * The work is the same for a right and for a wrong response.
 *
 * Return: true if the response was made with the account's password.
 */
bool digest_response_check(const uint8_t ha1[DIGEST_MAX_HASH],
			   const struct digest_response *response)
{
	const struct digest_span a2[] = { response->method, response->uri };
	const size_t len = hashes[response->algorithm].len;
	char ha1_hex[2 * DIGEST_MAX_HASH + 1], ha2_hex[2 * DIGEST_MAX_HASH + 1];
	const struct digest_span all[] = {
		{ ha1_hex, 2 * len }, response->nonce, response->nc, response->cnonce,
		span("auth"), { ha2_hex, 2 * len },
	};
	uint8_t hash[DIGEST_MAX_HASH];
	bool right;

	hash_joined(response->algorithm, a2, COUNT(a2), hash);
	text_put_hex(ha2_hex, hash, len);
	text_put_hex(ha1_hex, ha1, len);
	hash_joined(response->algorithm, all, COUNT(all), hash);
	right = memeql_sec(hash, response->response, len);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(ha1_hex, sizeof(ha1_hex));
	stack_burn();
	return right;
}
