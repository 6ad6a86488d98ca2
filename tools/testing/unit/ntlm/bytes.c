// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "tools/testing/tap/tap.h"

void bytes_set16(uint8_t *dst, uint16_t value)
{
	dst[0] = value;
	dst[1] = value >> 8;
}

void bytes_set32(uint8_t *dst, uint32_t value)
{
	bytes_set16(dst, value);
	bytes_set16(dst + 2, value >> 16);
}

void bytes_set64(uint8_t *dst, uint64_t value)
{
	bytes_set32(dst, value);
	bytes_set32(dst + 4, value >> 32);
}

void bytes_put(struct bytes *b, const void *src, size_t len)
{
	if (len > sizeof(b->data) - b->len)
		tap_bail("the test makes a message of more than %d bytes", BYTES_MAX);
	if (len)
		memcpy(b->data + b->len, src, len);
	b->len += len;
}

void bytes_put16(struct bytes *b, uint16_t value)
{
	uint8_t raw[2];

	bytes_set16(raw, value);
	bytes_put(b, raw, sizeof(raw));
}

void bytes_put32(struct bytes *b, uint32_t value)
{
	bytes_put16(b, value);
	bytes_put16(b, value >> 16);
}

void bytes_put64(struct bytes *b, uint64_t value)
{
	bytes_put32(b, value);
	bytes_put32(b, value >> 32);
}

/* bytes_put_ascii16() - ASCII text in UTF-16LE */
void bytes_put_ascii16(struct bytes *b, const char *text)
{
	for (; *text; text++)
		bytes_put16(b, (unsigned char)*text);
}

void bytes_put_av(struct bytes *b, uint16_t id, const void *value, size_t len)
{
	bytes_put16(b, id);
	bytes_put16(b, len);
	bytes_put(b, value, len);
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/**
 * bytes_hex() - read a value of the vectors
 * @hex: hex digits
 * @dst: where the bytes go
 * @size: room at @dst
 *
 * Return: the number of bytes.  Ends the program if @hex is none.
 */
size_t bytes_hex(const char *hex, uint8_t *dst, size_t size)
{
	size_t n = strlen(hex) / 2, i;

	if (strlen(hex) % 2 || n > size)
		tap_bail("a vector of %zu digits does not fit into %zu bytes", strlen(hex), size);
	for (i = 0; i < n; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			tap_bail("a vector has something else than hex digits");
		dst[i] = 16 * high + low;
	}
	return n;
}

/**
 * bytes_copy() - a copy that ends where its memory ends
 * @src: the bytes
 * @len: their number
 *
 * The sanitizer then notices if one byte more is read.
 *
 * Return: the copy, to be freed.
 */
void *bytes_copy(const void *src, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		tap_bail("out of memory");
	if (len)
		memcpy(copy, src, len);
	return copy;
}
