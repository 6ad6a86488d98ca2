// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half-open state of a logon, kept by the module between the legs:
 *
 *	byte	0		version
 *	byte	1 to 2		n, length of the NEGOTIATE_MESSAGE
 *	byte	3 to 4		c, length of the CHALLENGE_MESSAGE
 *	byte	5		b, length of the hash of the service's channel bindings
 *	n bytes			NEGOTIATE_MESSAGE
 *	c bytes			CHALLENGE_MESSAGE
 *	b bytes			the hash
 *
 * It comes from the module only; it is checked all the same, since the daemon
 * that wrote it may have been another version than the one that reads it.
 */
#include <string.h>

#include "helper/ntlm/ntlm.h"

#define STATE_VERSION	2
#define STATE_HEADER	6

/**
 * ntlm_state_write() - write the state down
 * @state: the state
 * @dst: where it goes
 * @size: room at @dst in bytes
 * @ret_len: bytes written
 *
 * Return: false if it does not fit.
 */
bool ntlm_state_write(const struct ntlm_state *state, uint8_t *dst, size_t size,
		      size_t *ret_len)
{
	size_t n = state->negotiate.len, c = state->challenge.len, b = state->bindings.len;

	if (n > UINT16_MAX || c > UINT16_MAX || b > UINT8_MAX || STATE_HEADER + n + c + b > size)
		return false;
	dst[0] = STATE_VERSION;
	dst[1] = n;
	dst[2] = n >> 8;
	dst[3] = c;
	dst[4] = c >> 8;
	dst[5] = b;
	memcpy(dst + STATE_HEADER, state->negotiate.data, n);
	memcpy(dst + STATE_HEADER + n, state->challenge.data, c);
	if (b)
		memcpy(dst + STATE_HEADER + n + c, state->bindings.data, b);
	*ret_len = STATE_HEADER + n + c + b;
	return true;
}

/**
 * ntlm_state_read() - read the state
 * @src: what ntlm_state_write() wrote
 * @len: its length in bytes
 * @state: points into @src
 *
 * Return: false if this is no such state.
 */
bool ntlm_state_read(const uint8_t *src, size_t len, struct ntlm_state *state)
{
	size_t n, c, b;

	if (len < STATE_HEADER || src[0] != STATE_VERSION)
		return false;
	n = ntlm_get16(src + 1);
	c = ntlm_get16(src + 3);
	b = src[5];
	if (STATE_HEADER + n + c + b != len || (b && b != NTLM_KEY_LEN))
		return false;
	state->negotiate = (struct ntlm_span){ src + STATE_HEADER, n };
	state->challenge = (struct ntlm_span){ src + STATE_HEADER + n, c };
	state->bindings = (struct ntlm_span){ src + STATE_HEADER + n + c, b };
	return true;
}
