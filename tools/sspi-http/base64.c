// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Base64 (RFC 4648 section 4).
 */
#include <string.h>

#include "http.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const unsigned char *from, size_t len, char *to)
{
	uint32_t group;
	size_t i;

	for (i = 0; i + 3 <= len; i += 3) {
		group = (uint32_t)from[i] << 16 | (uint32_t)from[i + 1] << 8 | from[i + 2];
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = alphabet[group >> 6 & 63];
		*to++ = alphabet[group & 63];
	}
	if (i < len) {
		group = (uint32_t)from[i] << 16 | (i + 1 < len ? (uint32_t)from[i + 1] << 8 : 0);
		*to++ = alphabet[group >> 18];
		*to++ = alphabet[group >> 12 & 63];
		*to++ = (char)(i + 1 < len ? alphabet[group >> 6 & 63] : '=');
		*to++ = '=';
	}
	*to = 0;
}

bool base64_decode(const char *from, unsigned char *to, size_t room, size_t *len)
{
	size_t chars = strlen(from), pad = 0, i;
	const char *digit;
	uint32_t bits = 0;

	if (chars % 4)
		return false;
	while (pad < 2 && pad < chars && from[chars - 1 - pad] == '=')
		pad++;
	*len = chars / 4 * 3 - pad;
	if (*len > room)
		return false;
	for (i = 0; i < chars - pad; i++) {
		digit = strchr(alphabet, from[i]);
		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - alphabet);
		/* A byte is complete behind each digit but the first of four. */
		if (i % 4)
			*to++ = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	/* The bits that the padding stands for */
	return !(pad == 1 ? bits & 3 : pad == 2 ? bits & 15 : 0);
}
