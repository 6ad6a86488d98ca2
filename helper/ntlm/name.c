// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names as NTLM has them.
 *
 * Upper case: both sides of NTLM hash the user name in upper case, so what that
 * is must not depend on the daemon's locale, as towupper() does.  It is the
 * simple (one to one) mapping of Unicode from libunistring, which GnuTLS needs
 * anyway, with the two limits that Windows' table has as well: characters
 * outside the Basic Multilingual Plane have no case, and nothing outside ASCII
 * becomes ASCII.  The second matters for more than the hash: "ad\u0131min"
 * (dotless i) and "ADMIN" would otherwise be one account.
 *
 * OEM characters: the protocol does not say which code page a client means.
 * curl, the one client of today that speaks OEM, sends the bytes of its command
 * line.  So what is UTF-8 is taken for UTF-8, anything else for ISO 8859-1.
 * Only ASCII names are sure to work: curl hashes every byte of its user name as
 * one character, which no server that knows the name can reproduce.
 */
#include <string.h>
#include <unicase.h>

#include "helper/ntlm/name.h"
#include "helper/text.h"

/**
 * name_upcase() - a character in upper case, as NTOWFv2 has it (MS-NLMP 3.3.2)
 * @point: the code point
 *
 * Return: the code point in upper case, or @point if it has none.
 */
uint32_t name_upcase(uint32_t point)
{
	uint32_t upper;

	if (point > 0xffff)
		return point;
	upper = uc_toupper(point);
	if (upper > 0xffff || (point > 0x7f && upper <= 0x7f))
		return point;
	return upper;
}

/* Take one character off a NUL-terminated string; 0 at its end. */
static uint32_t take(const char **src)
{
	uint32_t point;
	size_t n;

	if (!**src)
		return 0;
	n = text_decode(*src, strlen(*src), &point);
	if (!n) {
		/* Not UTF-8: unlike any character, like itself only. */
		point = 0x110000 + (unsigned char)**src;
		n = 1;
	}
	*src += n;
	return point;
}

/**
 * name_compare() - compare two names without regard to case
 * @a: UTF-8, NUL-terminated
 * @b: UTF-8, NUL-terminated
 *
 * Return: less than, equal to or greater than 0, a total order.
 */
int name_compare(const char *a, const char *b)
{
	uint32_t x, y;

	do {
		x = name_upcase(take(&a));
		y = name_upcase(take(&b));
	} while (x && x == y);
	return x < y ? -1 : x > y;
}

/**
 * name_put_utf16() - encode one character in UTF-16LE
 * @dst: where it goes
 * @point: the code point, U+0000 to U+10FFFF
 *
 * Return: the number of bytes, 2 or 4.
 */
size_t name_put_utf16(uint8_t dst[NAME_UTF16_MAX], uint32_t point)
{
	uint32_t high, low;

	if (point <= 0xffff) {
		dst[0] = point;
		dst[1] = point >> 8;
		return 2;
	}
	high = 0xd800 + ((point - 0x10000) >> 10);
	low = 0xdc00 + ((point - 0x10000) & 0x3ff);
	dst[0] = high;
	dst[1] = high >> 8;
	dst[2] = low;
	dst[3] = low >> 8;
	return 4;
}

/**
 * name_to_utf16() - convert a name for the wire
 * @src: UTF-8, NUL-terminated
 * @dst: where it goes, not terminated; NULL to learn the length
 * @size: room at @dst in bytes
 *
 * Return: the length in bytes, or SIZE_MAX if @src is not UTF-8 or @dst is too
 * small.
 */
size_t name_to_utf16(const char *src, uint8_t *dst, size_t size)
{
	size_t len = strlen(src), used = 0, n;
	uint8_t unit[NAME_UTF16_MAX];
	uint32_t point;

	for (; len; src += n, len -= n) {
		size_t bytes;

		n = text_decode(src, len, &point);
		if (!n)
			return SIZE_MAX;
		bytes = name_put_utf16(unit, point);
		if (dst) {
			if (bytes > size - used)
				return SIZE_MAX;
			memcpy(dst + used, unit, bytes);
		}
		used += bytes;
	}
	return used;
}

static size_t put_utf8(char dst[NAME_UTF8_MAX], uint32_t point)
{
	static const uint8_t lead[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t n, i;

	n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (i = n - 1; i; i--) {
		dst[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	dst[0] = (char)(lead[n] | point);
	return n;
}

/* Append a character; keeps room for the NUL. */
static enum name_error append(char *dst, size_t size, size_t *used, uint32_t point)
{
	char encoded[NAME_UTF8_MAX];
	size_t n;

	if (!point)
		return NAME_NUL;
	n = put_utf8(encoded, point);
	if (n >= size - *used)
		return NAME_TOO_LONG;
	memcpy(dst + *used, encoded, n);
	*used += n;
	return NAME_OK;
}

/**
 * name_from_utf16() - convert a name off the wire
 * @src: UTF-16LE, need not be aligned
 * @len: its length in bytes
 * @dst: where the UTF-8 goes, NUL-terminated; empty after an error
 * @size: room at @dst in bytes, at least 1
 *
 * A NUL is an error because the name would end there for everybody behind us,
 * who would then judge another user than the hash was made for.
 *
 * Return: NAME_OK, NAME_ODD (half a character), NAME_SURROGATE (a surrogate
 * without its other half), NAME_NUL, or NAME_TOO_LONG.
 */
enum name_error name_from_utf16(const uint8_t *src, size_t len, char *dst, size_t size)
{
	enum name_error error = NAME_OK;
	size_t used = 0, i;

	dst[0] = '\0';
	if (len % 2)
		return NAME_ODD;
	for (i = 0; i < len && !error; i += 2) {
		uint32_t point = src[i] | src[i + 1] << 8;

		if (point >= 0xd800 && point <= 0xdfff) {
			uint32_t low = len - i >= 4 ? src[i + 2] | src[i + 3] << 8 : 0;

			if (point > 0xdbff || low < 0xdc00 || low > 0xdfff) {
				error = NAME_SURROGATE;
				break;
			}
			point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		error = append(dst, size, &used, point);
	}
	dst[error ? 0 : used] = '\0';
	return error;
}

/**
 * name_from_oem() - convert a name in OEM characters off the wire
 * @src: the characters
 * @len: their length in bytes
 * @dst: where the UTF-8 goes, NUL-terminated; empty after an error
 * @size: room at @dst in bytes, at least 1
 *
 * Return: NAME_OK, NAME_NUL, or NAME_TOO_LONG.
 */
enum name_error name_from_oem(const uint8_t *src, size_t len, char *dst, size_t size)
{
	bool utf8 = text_is_utf8((const char *)src, len);
	enum name_error error = NAME_OK;
	size_t used = 0, i, n;

	for (i = 0; i < len && !error; i += n) {
		uint32_t point = src[i];

		n = 1;
		if (utf8)
			n = text_decode((const char *)src + i, len - i, &point);
		error = append(dst, size, &used, point);
	}
	dst[error ? 0 : used] = '\0';
	return error;
}
