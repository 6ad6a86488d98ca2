// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * UTF-8 and UTF-16.
 *
 * The kernel speaks UTF-8, the W functions UTF-16, the A functions UTF-8.  Only
 * what is well-formed is converted: a name in which something was replaced is
 * another name.
 */
#include <string.h>

#include "libsspi/internal.h"

#define SURROGATE_HIGH	0xd800u
#define SURROGATE_LOW	0xdc00u
#define SURROGATE_END	0xe000u
#define SUPPLEMENTARY	0x10000u
#define CODE_POINT_MAX	0x10ffffu

static bool is_surrogate(uint32_t c)
{
	return c >= SURROGATE_HIGH && c < SURROGATE_END;
}

/* Decodes a character at *from and moves on; false if there is none. */
static bool utf8_next(const unsigned char **from, const unsigned char *end, uint32_t *ret)
{
	/* the smallest character that a sequence with so many more bytes is for */
	static const uint32_t least[] = { 0, 0x80, 0x800, SUPPLEMENTARY };
	unsigned int more, i;
	uint32_t c = *(*from)++;

	if (c < 0x80)
		more = 0;
	else if (c >= 0xc0 && c < 0xe0)
		more = 1;
	else if (c >= 0xe0 && c < 0xf0)
		more = 2;
	else if (c >= 0xf0 && c < 0xf8)
		more = 3;
	else
		return false;
	if (more)
		c &= 0x3fu >> more;
	if ((size_t)(end - *from) < more)
		return false;
	for (i = 0; i < more; i++) {
		if ((**from & 0xc0) != 0x80)
			return false;
		c = c << 6 | (*(*from)++ & 0x3f);
	}
	*ret = c;
	return c >= least[more] && c <= CODE_POINT_MAX && !is_surrogate(c);
}

/**
 * ksspi_utf8_to_utf16() - convert a string
 * @from: UTF-8
 * @len:  its length in bytes
 * @to:   where the UTF-16 goes, without a NUL
 * @room: at @to, in 16-bit units
 *
 * Return: the length in 16-bit units, of which the first @room are at @to;
 *         negative if @from is malformed
 */
ssize_t ksspi_utf8_to_utf16(const char *from, size_t len, uint16_t *to, size_t room)
{
	const unsigned char *p = (const unsigned char *)from, *end = p + len;
	size_t n = 0;
	uint32_t c;

	while (p < end) {
		if (!utf8_next(&p, end, &c))
			return -1;
		if (c >= SUPPLEMENTARY) {
			c -= SUPPLEMENTARY;
			if (n < room)
				to[n] = (uint16_t)(SURROGATE_HIGH | c >> 10);
			n++;
			c = SURROGATE_LOW | (c & 0x3ff);
		}
		if (n < room)
			to[n] = (uint16_t)c;
		n++;
	}
	return (ssize_t)n;
}

static size_t utf8_encode(uint32_t c, unsigned char bytes[4])
{
	if (c < 0x80) {
		bytes[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		bytes[0] = (unsigned char)(0xc0 | c >> 6);
		bytes[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < SUPPLEMENTARY) {
		bytes[0] = (unsigned char)(0xe0 | c >> 12);
		bytes[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		bytes[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	bytes[0] = (unsigned char)(0xf0 | c >> 18);
	bytes[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	bytes[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	bytes[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/**
 * ksspi_utf16_to_utf8() - convert a string
 * @from: UTF-16
 * @len:  its length in 16-bit units
 * @to:   where the UTF-8 goes, without a NUL
 * @room: at @to, in bytes
 *
 * Return: the length in bytes, of which as many whole characters as fit are at
 *         @to; negative if @from is malformed
 */
ssize_t ksspi_utf16_to_utf8(const uint16_t *from, size_t len, char *to, size_t room)
{
	unsigned char bytes[4];
	size_t i, size, n = 0;
	uint32_t c;

	for (i = 0; i < len; i++) {
		c = from[i];
		if (is_surrogate(c)) {
			if (c >= SURROGATE_LOW || i + 1 == len ||
			    (from[i + 1] & 0xfc00u) != SURROGATE_LOW)
				return -1;
			c = SUPPLEMENTARY + ((c & 0x3ff) << 10 | (from[++i] & 0x3ffu));
		}
		size = utf8_encode(c, bytes);
		if (n <= room && size <= room - n)
			memcpy(to + n, bytes, size);
		n += size;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return (ssize_t)n;
}

/**
 * ksspi_utf16_len() - the length of a NUL-terminated string
 * @s:   UTF-16
 * @max: the most that matters
 *
 * Return: the length in 16-bit units, or @max if it is longer
 */
size_t ksspi_utf16_len(const WCHAR *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

/**
 * ksspi_string() - a copy of a string for the caller of an A or W function
 * @from: UTF-8, not NUL-terminated
 * @len:  its length in bytes
 * @wide: false - the copy is UTF-8, true - it is UTF-16
 * @to:   receives the NUL-terminated copy, which FreeContextBuffer() frees
 *
 * Return: SEC_E_OK; SEC_E_INSUFFICIENT_MEMORY; SEC_E_INTERNAL_ERROR if @from
 *         is malformed or has a NUL in it, which would make it another name
 */
SECURITY_STATUS ksspi_string(const char *from, size_t len, bool wide, void **to)
{
	uint16_t *utf16;
	ssize_t units;
	char *utf8;

	units = ksspi_utf8_to_utf16(from, len, NULL, 0);
	if (units < 0 || memchr(from, 0, len))
		return SEC_E_INTERNAL_ERROR;
	if (wide) {
		utf16 = ksspi_alloc(((size_t)units + 1) * sizeof(*utf16));
		if (!utf16)
			return SEC_E_INSUFFICIENT_MEMORY;
		ksspi_utf8_to_utf16(from, len, utf16, (size_t)units);
		*to = utf16;
	} else {
		utf8 = ksspi_alloc(len + 1);
		if (!utf8)
			return SEC_E_INSUFFICIENT_MEMORY;
		memcpy(utf8, from, len);
		*to = utf8;
	}
	return SEC_E_OK;
}
