// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the server's key is bound to the client's nonce (MS-CSSP 3.1.5, version 5).
 */
#include <nettle/sha2.h>

#include "helper/credssp/credssp.h"

/* The NUL is a part of both. */
static const char to_server[] = "CredSSP Client-To-Server Binding Hash";
static const char to_client[] = "CredSSP Server-To-Client Binding Hash";

static void hash_key(const char magic[sizeof(to_server)], const struct der_span *nonce,
		     const struct der_span *key, uint8_t hash[CREDSSP_HASH])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(to_server), (const uint8_t *)magic);
	sha256_update(&ctx, nonce->len, nonce->data);
	sha256_update(&ctx, key->len, key->data);
	sha256_digest(&ctx, CREDSSP_HASH, hash);
}

/**
 * credssp_hash_client() - what a client says of our key
 * @nonce: clientNonce
 * @key:   SubjectPublicKey
 * @hash:  receives it
 */
void credssp_hash_client(const struct der_span *nonce, const struct der_span *key,
			 uint8_t hash[CREDSSP_HASH])
{
	hash_key(to_server, nonce, key, hash);
}

/**
 * credssp_hash_server() - what we answer
 * @nonce: clientNonce
 * @key:   SubjectPublicKey
 * @hash:  receives it
 */
void credssp_hash_server(const struct der_span *nonce, const struct der_span *key,
			 uint8_t hash[CREDSSP_HASH])
{
	hash_key(to_client, nonce, key, hash);
}
