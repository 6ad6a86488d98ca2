// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names in log lines and tables come from the network and from other users'
 * processes.  Shown as they are, a line feed would forge a log line, an escape
 * sequence would drive the administrator's terminal, and a right-to-left mark
 * would make one account look like another.
 */
#include <stdio.h>
#include <string.h>

#include "helper/text.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* Code points that are never shown as they are; '%' introduces the escapes. */
static const struct range hidden[] = {
	{ 0x0000, 0x001f },	/* C0 controls */
	{ '%', '%' },
	{ 0x007f, 0x009f },	/* DEL and C1 controls */
	{ 0x00ad, 0x00ad },	/* soft hyphen */
	{ 0x061c, 0x061c },	/* Arabic letter mark */
	{ 0x200b, 0x200f },	/* zero width, direction marks */
	{ 0x2028, 0x202e },	/* line separators, direction overrides */
	{ 0x2060, 0x206f },	/* invisible operators, direction isolates */
	{ 0xfeff, 0xfeff },	/* byte order mark */
	{ 0xfff0, 0xffff },	/* specials */
	{ 0xe0000, 0x10ffff },	/* tags, private use */
};

static bool is_hidden(uint32_t point)
{
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (point >= hidden[i].first && point <= hidden[i].last)
			return true;
	return false;
}

/**
 * text_decode() - take one code point off a UTF-8 string
 * @src: the string
 * @len: its length in bytes
 * @ret_point: the code point
 *
 * Overlong forms, surrogates and values past U+10FFFF are not UTF-8 (RFC 3629,
 * section 3).
 *
 * Return: the number of bytes it takes, or 0 if @src does not begin with one.
 */
size_t text_decode(const char *src, size_t len, uint32_t *ret_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)src;
	uint32_t point;
	size_t n, i;

	if (!len)
		return 0;
	if (s[0] < 0x80) {
		*ret_point = s[0];
		return 1;
	}
	if ((s[0] & 0xe0) == 0xc0)
		n = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		n = 3;
	else if ((s[0] & 0xf8) == 0xf0)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;
	point = s[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return n;
}

/**
 * text_is_utf8() - whether a string is UTF-8 from end to end
 * @src: the string
 * @len: its length in bytes
 */
bool text_is_utf8(const char *src, size_t len)
{
	uint32_t point;
	size_t n;

	for (; len; src += n, len -= n) {
		n = text_decode(src, len, &point);
		if (!n)
			return false;
	}
	return true;
}

/* Escape what is hidden, what is not UTF-8, and the characters in @quoting. */
static char *escape(char *dst, size_t size, const char *src, const char *quoting)
{
	size_t len = strlen(src), used = 0, room = 0, n, out, i;
	uint32_t point;
	bool hide;

	while (len) {
		n = text_decode(src, len, &point);
		hide = !n || is_hidden(point) || strchr(quoting, *src);
		if (!n)
			n = 1;
		out = hide ? 3 * n : n;
		/* Where it is cut if it does not fit, to have room for the dots. */
		if (used + 4 <= size)
			room = used;
		if (used + out + 1 > size) {
			memcpy(dst + room, "...", 3);
			used = room + 3;
			break;
		}
		if (hide) {
			for (i = 0; i < n; i++)
				sprintf(dst + used + 3 * i, "%%%02X", (unsigned char)src[i]);
		} else {
			memcpy(dst + used, src, n);
		}
		used += out;
		src += n;
		len -= n;
	}
	dst[used] = '\0';
	return dst;
}

/**
 * text_escape() - a name, or a part of one, to be shown between quotes
 * @dst: where it goes, NUL-terminated
 * @size: room at @dst in bytes, at least 8
 * @src: the name, NUL-terminated
 *
 * What could be taken for something else than a character of the name becomes
 * %XX, byte by byte, as in a URI (RFC 3986, section 2.1); so does everything
 * that is not UTF-8.  That goes for the quote, which would end the name, and for
 * the backslash, since the one of DOMAIN\user is the reader's to rely on.  A name
 * that does not fit ends in "...".
 *
 * Return: @dst.
 */
char *text_escape(char *dst, size_t size, const char *src)
{
	return escape(dst, size, src, "\"\\");
}

/**
 * text_show() - text to be shown on its own, as in a table
 * @dst: where it goes, NUL-terminated
 * @size: room at @dst in bytes, at least 8
 * @src: the text, NUL-terminated
 *
 * As text_escape(), but quotes and backslashes stay.
 *
 * Return: @dst.
 */
char *text_show(char *dst, size_t size, const char *src)
{
	return escape(dst, size, src, "");
}

/**
 * text_columns() - how many characters a string shows
 * @src: UTF-8, NUL-terminated
 *
 * Good enough to align a table: marks that combine and characters of double
 * width are counted as one.
 */
unsigned int text_columns(const char *src)
{
	unsigned int columns = 0;

	for (; *src; src++)
		if ((*src & 0xc0) != 0x80)
			columns++;
	return columns;
}

/**
 * text_put_hex() - write bytes in hexadecimal
 * @dst: 2 * @len digits and a NUL
 * @src: the bytes
 * @len: how many
 */
void text_put_hex(char *dst, const uint8_t *src, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		dst[2 * i] = digits[src[i] >> 4];
		dst[2 * i + 1] = digits[src[i] & 15];
	}
	dst[2 * len] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/**
 * text_get_hex() - read bytes in hexadecimal
 * @src: 2 * @len digits in any case, need not be terminated
 * @dst: the bytes
 * @len: how many
 *
 * Return: false if @src is anything else.
 */
bool text_get_hex(const char *src, uint8_t *dst, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		int high = hex_digit(src[2 * i]), low;

		/* The end of a string ends here. */
		if (high < 0)
			return false;
		low = hex_digit(src[2 * i + 1]);
		if (low < 0)
			return false;
		dst[i] = (uint8_t)(16 * high + low);
	}
	return true;
}
