// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The challenge (RFC 7616 3.3), and the nonce in it.
 *
 * A nonce is random, so that nobody can have a response to it in store, and says when
 * it was made.  It is good for one context, which the module keeps: what is answered
 * in one context, another one has never asked.
 *
 * One challenge goes into a token, although RFC 7616 3.7 would have one for each
 * algorithm: curl 7.88 reads on behind the first and takes the last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "helper/digest/digest.h"
#include "helper/filetime.h"

_Static_assert(BASE64_ENCODE_RAW_LENGTH(DIGEST_NONCE_RAW) == DIGEST_NONCE_LEN, "base64");

/* Each character of a realm may need a backslash; the rest is a few words. */
#define CHALLENGE_MAX	(2 * DIGEST_MAX_REALM + DIGEST_NONCE_LEN + 256)

/**
 * digest_nonce_text() - a nonce as it is sent
 * @nonce: the nonce
 * @text: its text, NUL-terminated
 */
void digest_nonce_text(const uint8_t nonce[DIGEST_NONCE_RAW], char text[DIGEST_NONCE_LEN + 1])
{
	base64_encode_raw(text, DIGEST_NONCE_RAW, nonce);
	text[DIGEST_NONCE_LEN] = '\0';
}

/**
 * digest_nonce_make() - make a nonce
 * @env: random bytes and the time
 * @nonce: the nonce
 *
 * Return: false if there are no random bytes.
 */
bool digest_nonce_make(const struct engine_env *env, uint8_t nonce[DIGEST_NONCE_RAW])
{
	uint64_t now = env->now(env->data);

	memcpy(nonce + DIGEST_RANDOM, &now, sizeof(now));
	return !env->random(env->data, nonce, DIGEST_RANDOM);
}

/**
 * digest_nonce_is_old() - whether a nonce is stale
 * @env: the time, and how long nonces are good
 * @nonce: the nonce
 *
 * One that was made in the future is stale: the clock was set back.
 */
bool digest_nonce_is_old(const struct engine_env *env, const uint8_t nonce[DIGEST_NONCE_RAW])
{
	uint64_t now = env->now(env->data), then;

	memcpy(&then, nonce + DIGEST_RANDOM, sizeof(then));
	return now < then || now - then > env->digest->nonce_lifetime * (uint64_t)FILETIME_SECOND;
}

static void quote(const char *src, char dst[2 * DIGEST_MAX_REALM + 1])
{
	for (; *src; src++) {
		if (*src == '"' || *src == '\\')
			*dst++ = '\\';
		*dst++ = *src;
	}
	*dst = '\0';
}

/**
 * digest_put_challenge() - make the token of a challenge
 * @state: realm and nonce
 * @algorithm: what is offered
 * @stale: the client's nonce was stale, and not its password wrong
 * @res: gets the token
 *
 * Return: false if there is no memory.
 */
bool digest_put_challenge(const struct digest_state *state, enum digest_algorithm algorithm,
			  bool stale, struct engine_result *res)
{
	char nonce[DIGEST_NONCE_LEN + 1], realm[2 * DIGEST_MAX_REALM + 1];
	char *token = malloc(CHALLENGE_MAX);
	int len;

	if (!token)
		return false;
	quote(state->realm, realm);
	digest_nonce_text(state->nonce, nonce);
	len = snprintf(token, CHALLENGE_MAX,
		       "realm=\"%s\", qop=\"auth\", nonce=\"%s\", algorithm=%s, userhash=true, "
		       "charset=UTF-8%s", realm, nonce, digest_name(algorithm),
		       stale ? ", stale=true" : "");
	engine_result_set_token(res, (uint8_t *)token, (size_t)len);
	return true;
}
