// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "wire.h"

/* wire_hex() - put bytes that are written in hex */
void wire_hex(struct bytes *b, const char *hex)
{
	b->len += bytes_hex(hex, b->data + b->len, sizeof(b->data) - b->len);
}

static size_t put_header(uint8_t *dst, uint8_t tag, size_t len)
{
	size_t bytes = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : 3, i;

	dst[0] = tag;
	dst[1] = (uint8_t)(bytes ? 0x80 | bytes : len);
	for (i = 0; i < bytes; i++)
		dst[2 + i] = (uint8_t)(len >> 8 * (bytes - 1 - i));
	return 2 + bytes;
}

/* wire_put() - put an element */
void wire_put(struct bytes *b, uint8_t tag, const void *content, size_t len)
{
	uint8_t header[8];

	bytes_put(b, header, put_header(header, tag, len));
	bytes_put(b, content, len);
}

/* wire_wrap() - make an element of all that is there */
void wire_wrap(struct bytes *b, uint8_t tag)
{
	uint8_t header[8];
	size_t n = put_header(header, tag, b->len);

	memmove(b->data + n, b->data, b->len);
	memcpy(b->data, header, n);
	b->len += n;
}

/* wire_mechs() - make a MechTypeList of OBJECT IDENTIFIERs */
void wire_mechs(struct bytes *b, const char *hex)
{
	b->len = 0;
	wire_hex(b, hex);
	wire_wrap(b, 0x30);
}

static void put_octets(struct bytes *b, uint8_t context, struct wire_part part)
{
	static struct bytes inner;

	if (!part.data)
		return;
	inner.len = 0;
	wire_put(&inner, 0x04, part.data, part.len);
	wire_put(b, context, inner.data, inner.len);
}

/* wire_init() - make a NegTokenInit in its frame */
void wire_init(struct bytes *b, const char *mechs_hex, struct wire_part token,
	       struct wire_part mic)
{
	static struct bytes inner;

	wire_mechs(b, mechs_hex);
	wire_wrap(b, 0xa0);
	put_octets(b, 0xa2, token);
	put_octets(b, 0xa3, mic);
	wire_wrap(b, 0x30);
	wire_wrap(b, 0xa0);
	inner.len = 0;
	wire_hex(&inner, WIRE_SPNEGO);
	bytes_put(&inner, b->data, b->len);
	*b = inner;
	wire_wrap(b, 0x60);
}

/* wire_resp() - make a NegTokenResp */
void wire_resp(struct bytes *b, const struct wire_resp *resp)
{
	const uint8_t state[] = { 0x0a, 1, (uint8_t)resp->state };

	b->len = 0;
	if (resp->state != WIRE_NO_STATE)
		wire_put(b, 0xa0, state, sizeof(state));
	if (resp->mech.data)
		wire_put(b, 0xa1, resp->mech.data, resp->mech.len);
	put_octets(b, 0xa2, resp->token);
	put_octets(b, 0xa3, resp->mic);
	wire_wrap(b, 0x30);
	wire_wrap(b, 0xa1);
}

/* Opens the element at @*p, which must have the tag; moves @*p behind it. */
bool wire_next(const uint8_t **p, const uint8_t *end, uint8_t tag,
			 struct wire_part *content)
{
	size_t bytes, len = 0;
	const uint8_t *at = *p;

	if (end - at < 2 || *at++ != tag)
		return false;
	bytes = *at & 0x80 ? *at & 0x7f : 0;
	len = bytes ? 0 : *at;
	at++;
	if (bytes > 3 || bytes > (size_t)(end - at))
		return false;
	while (bytes--)
		len = len << 8 | *at++;
	if (len > (size_t)(end - at))
		return false;
	*content = (struct wire_part){ at, len };
	*p = at + len;
	return true;
}

bool wire_only(struct wire_part *part, uint8_t tag)
{
	const uint8_t *p = part->data, *end = p + part->len;

	return wire_next(&p, end, tag, part) && p == end;
}

/**
 * wire_read_resp() - take a NegTokenResp apart
 * @token: the token
 * @len:   its length in bytes
 * @resp:  points into @token
 *
 * Return: false if it is none.
 */
bool wire_read_resp(const void *token, size_t len, struct wire_resp *resp)
{
	struct wire_part whole = { token, len }, state = {};
	const uint8_t *p, *end;

	*resp = (struct wire_resp){ .state = WIRE_NO_STATE };
	if (!token || !wire_only(&whole, 0xa1) || !wire_only(&whole, 0x30))
		return false;
	p = whole.data;
	end = p + whole.len;
	if (wire_next(&p, end, 0xa0, &state)) {
		if (!wire_only(&state, 0x0a) || state.len != 1)
			return false;
		resp->state = *(const uint8_t *)state.data;
	}
	wire_next(&p, end, 0xa1, &resp->mech);
	if (wire_next(&p, end, 0xa2, &resp->token) && !wire_only(&resp->token, 0x04))
		return false;
	if (wire_next(&p, end, 0xa3, &resp->mic) && !wire_only(&resp->mic, 0x04))
		return false;
	return p == end;
}
