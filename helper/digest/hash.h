/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hashes of Digest (RFC 7616 3.4): what an account has of a password, and what a
 * client's response is compared with.
 */
#ifndef KSECD_DIGEST_HASH_H
#define KSECD_DIGEST_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/digest/policy.h"

#define DIGEST_MAX_HASH		32	/* bytes of the longest hash */

/* A piece of text that is not NUL-terminated; without @data it is not there. */
struct digest_span {
	const char *data;
	size_t len;
};

/**
 * struct digest_response - what the client answered (RFC 7616 3.4)
 * @algorithm: with which hash
 * @user:      [DOMAIN\]USER as the client sent it, UTF-8; of no meaning with @userhash
 * @userhash:  H(user:realm) instead of the user (3.4.4), or NULL
 * @realm:     the realm of the challenge, UTF-8
 * @method:    method of the request
 * @uri:       "uri" of the client
 * @nonce:     of the challenge
 * @nc:        "nc" as the client sent it, 8 characters
 * @cnonce:    "cnonce" of the client
 * @response:  "response" of the client, as bytes
 *
 * qop is "auth": there is nothing else.
 */
struct digest_response {
	enum digest_algorithm algorithm;
	const char *user;
	const uint8_t *userhash;
	const char *realm;
	struct digest_span method;
	struct digest_span uri;
	struct digest_span nonce;
	struct digest_span nc;
	struct digest_span cnonce;
	const uint8_t *response;
};

const char *digest_name(enum digest_algorithm algorithm);
size_t digest_len(enum digest_algorithm algorithm);
bool digest_find(const char *name, size_t len, enum digest_algorithm *ret_algorithm);
void digest_ha1(enum digest_algorithm algorithm, const char *user, const char *realm,
		const char *password, size_t len, uint8_t ha1[DIGEST_MAX_HASH]);
void digest_userhash(enum digest_algorithm algorithm, const char *user, const char *realm,
		     uint8_t hash[DIGEST_MAX_HASH]);
bool digest_response_check(const uint8_t ha1[DIGEST_MAX_HASH],
			   const struct digest_response *response);

#endif /* KSECD_DIGEST_HASH_H */
