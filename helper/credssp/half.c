// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half-open state of a logon with CredSSP, kept by the module between the legs.
 */
#include "helper/credssp/credssp.h"
#include "helper/pack.h"

#define VERSION	1

/**
 * credssp_half_write() - write the state down
 * @half:    the state; @half->inner may be in @dst, far enough behind its beginning
 * @dst:     where it goes
 * @size:    room at @dst in bytes
 * @ret_len: bytes written
 *
 * Return: false if it does not fit.
 */
bool credssp_half_write(const struct credssp_half *half, uint8_t *dst, size_t size,
			size_t *ret_len)
{
	struct packer w = { .data = dst, .size = size };

	pack_put8(&w, VERSION);
	pack_put8(&w, half->phase);
	pack_put64(&w, half->peer);
	pack_put8(&w, half->leg);
	pack_put_span(&w, &half->key);
	pack_put_span(&w, &half->nonce);
	pack_put_span(&w, &half->endpoint);
	pack_put_span(&w, &half->unique);
	pack_put_span(&w, &half->inner);
	*ret_len = w.len;
	return !w.bad;
}

/**
 * credssp_half_read() - read the state
 * @src:  what credssp_half_write() wrote
 * @len:  its length in bytes
 * @half: points into @src
 *
 * Return: false if this is no such state.
 */
bool credssp_half_read(const uint8_t *src, size_t len, struct credssp_half *half)
{
	struct der_span from = { src, len };
	bool bad = false;

	if (pack_get8(&from, &bad) != VERSION || bad)
		return false;
	half->phase = pack_get8(&from, &bad);
	half->peer = (uint32_t)pack_get64(&from, &bad);
	half->leg = pack_get8(&from, &bad);
	half->key = pack_get_span(&from, &bad);
	half->nonce = pack_get_span(&from, &bad);
	half->endpoint = pack_get_span(&from, &bad);
	half->unique = pack_get_span(&from, &bad);
	half->inner = pack_get_span(&from, &bad);
	return !bad && !from.len && half->phase < CREDSSP_PHASES &&
	       (!half->nonce.len || half->nonce.len == CREDSSP_NONCE) &&
	       !half->key.len == (half->phase == CREDSSP_HANDSHAKE);
}
