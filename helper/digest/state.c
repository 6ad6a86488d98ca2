// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half-open state of a logon, kept by the module between the legs:
 *
 *	byte	0		version
 *	byte	1		phase
 *	byte	2		r, length of the realm
 *	24 bytes		the nonce
 *	r bytes			the realm
 *	the rest		the client's credentials, if they are not judged yet
 *
 * It comes from the module only; it is checked all the same, since the daemon
 * that wrote it may have been another version than the one that reads it.
 */
#include <string.h>

#include "helper/digest/digest.h"

#define STATE_VERSION	1
#define STATE_HEADER	(3 + DIGEST_NONCE_RAW)

/**
 * digest_state_write() - write the state down
 * @state: the state
 * @dst: where it goes
 * @size: room at @dst in bytes
 * @ret_len: bytes written
 *
 * Return: false if it does not fit.
 */
bool digest_state_write(const struct digest_state *state, uint8_t *dst, size_t size,
			size_t *ret_len)
{
	size_t r = strlen(state->realm);

	if (STATE_HEADER + r > size || state->token_len > size - STATE_HEADER - r)
		return false;
	dst[0] = STATE_VERSION;
	dst[1] = (uint8_t)state->phase;
	dst[2] = (uint8_t)r;
	memcpy(dst + 3, state->nonce, sizeof(state->nonce));
	memcpy(dst + STATE_HEADER, state->realm, r);
	if (state->token_len)
		memcpy(dst + STATE_HEADER + r, state->token, state->token_len);
	*ret_len = STATE_HEADER + r + state->token_len;
	return true;
}

/**
 * digest_state_read() - read the state
 * @src: what digest_state_write() wrote
 * @len: its length in bytes
 * @state: its token points into @src
 *
 * Return: false if this is no such state.
 */
bool digest_state_read(const uint8_t *src, size_t len, struct digest_state *state)
{
	size_t r;

	if (len < STATE_HEADER || src[0] != STATE_VERSION || src[1] < DIGEST_CHALLENGED ||
	    src[1] > DIGEST_UNJUDGED)
		return false;
	r = src[2];
	if (STATE_HEADER + r > len || memchr(src + STATE_HEADER, '\0', r))
		return false;
	state->phase = src[1];
	memcpy(state->nonce, src + 3, sizeof(state->nonce));
	memcpy(state->realm, src + STATE_HEADER, r);
	state->realm[r] = '\0';
	state->token = src + STATE_HEADER + r;
	state->token_len = len - STATE_HEADER - r;
	return !state->token_len == (state->phase != DIGEST_UNJUDGED);
}
