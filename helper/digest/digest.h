/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the Digest engine share.
 */
#ifndef KSECD_DIGEST_DIGEST_H
#define KSECD_DIGEST_DIGEST_H

#include <linux/ksecdd_digest.h>

#include "helper/digest/hash.h"
#include "helper/engine.h"

#define DIGEST_MAX_TOKEN	16384	/* bytes of the client's credentials */
#define DIGEST_RANDOM		16	/* random bytes of a nonce */
#define DIGEST_NONCE_RAW	(DIGEST_RANDOM + 8)
#define DIGEST_NONCE_LEN	32	/* base64 of those */

/* The parameters of the client's credentials (RFC 7616 3.4) */
enum digest_param {
	DIGEST_USERNAME,
	DIGEST_USERNAME_EXT,	/* username* */
	DIGEST_REALM,
	DIGEST_NONCE,
	DIGEST_URI,
	DIGEST_RESPONSE,
	DIGEST_ALGORITHM,
	DIGEST_CNONCE,
	DIGEST_OPAQUE,
	DIGEST_QOP,
	DIGEST_NC,
	DIGEST_USERHASH,
	DIGEST_PARAMS
};

/**
 * struct digest_credentials - what the client sent
 * @value:     of each parameter, without quotes and escapes; @data is NULL if it is
 *             not there; points into @text
 * @algorithm: the hash that it is made with
 * @user:      the user, UTF-8; empty with @hashed
 * @hashed:    the user is not shown
 * @userhash:  what is shown instead
 * @response:  "response" as bytes
 * @text:      the values
 */
struct digest_credentials {
	struct digest_span value[DIGEST_PARAMS];
	enum digest_algorithm algorithm;
	char user[KSECDD_MAX_NAME + 1];
	bool hashed;
	uint8_t userhash[DIGEST_MAX_HASH];
	uint8_t response[DIGEST_MAX_HASH];
	char text[DIGEST_MAX_TOKEN];
};

/**
 * struct digest_request - what the service says of its client's request
 * @complete: it called CompleteAuthToken()
 * @given:    it says anything at all
 * @part:     KSECDD_DIGEST_*; without @data what is not given
 */
struct digest_request {
	bool complete;
	bool given;
	struct digest_span part[KSECDD_DIGEST_PARTS];
};

/* What a half-open context waits for */
enum digest_phase {
	DIGEST_CHALLENGED = 1,	/* credentials */
	DIGEST_OFFERED,		/* CompleteAuthToken() with the realm, maybe */
	DIGEST_UNJUDGED,	/* CompleteAuthToken() with the method */
};

/**
 * struct digest_state - what is kept between the legs
 * @phase:     what comes next
 * @nonce:     of the challenge, as bytes: random, and when it was made
 * @realm:     of the challenge, UTF-8
 * @token:     DIGEST_UNJUDGED: the client's credentials
 * @token_len: their length in bytes
 */
struct digest_state {
	enum digest_phase phase;
	uint8_t nonce[DIGEST_NONCE_RAW];
	char realm[DIGEST_MAX_REALM + 1];
	const uint8_t *token;
	size_t token_len;
};

bool digest_is_tchar(char c);
const char *digest_credentials_parse(const uint8_t *src, size_t len,
				     struct digest_credentials *credentials);
const char *digest_request_read(const uint8_t *src, size_t len, struct digest_request *request);

bool digest_state_write(const struct digest_state *state, uint8_t *dst, size_t size,
			size_t *ret_len);
bool digest_state_read(const uint8_t *src, size_t len, struct digest_state *state);

void digest_nonce_text(const uint8_t nonce[DIGEST_NONCE_RAW], char text[DIGEST_NONCE_LEN + 1]);
bool digest_nonce_make(const struct engine_env *env, uint8_t nonce[DIGEST_NONCE_RAW]);
bool digest_nonce_is_old(const struct engine_env *env, const uint8_t nonce[DIGEST_NONCE_RAW]);
bool digest_put_challenge(const struct digest_state *state, enum digest_algorithm algorithm,
			  bool stale, struct engine_result *res);

#endif /* KSECD_DIGEST_DIGEST_H */
