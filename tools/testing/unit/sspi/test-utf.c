// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UTF-8 and UTF-16, and copies of strings for callers.
 */
#include <string.h>

#include "libsspi/internal.h"
#include "tools/testing/tap/tap.h"

static const struct {
	const char *utf8;
	uint16_t utf16[8];
	const char *what;
} good[] = {
	{ "", { 0 }, "nothing" },
	{ "NTLM", { 'N', 'T', 'L', 'M' }, "ASCII" },
	{ "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80", { 0x7f, 0x80, 0x7ff, 0x800 }, "ends of the lengths" },
	{ "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", { 0xd7ff, 0xe000, 0xffff }, "around surrogates" },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", { 0xd800, 0xdc00, 0xdbff, 0xdfff }, "pairs" },
	{ "m\xc3\xbcller \xf0\x9f\x94\x91", { 'm', 0xfc, 'l', 'l', 'e', 'r', ' ' }, "" },
};

static size_t len16(const uint16_t *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

static void test_good(void)
{
	uint16_t utf16[16];
	char utf8[32];
	size_t i, n;

	/* the last line has more UTF-16 than its array holds: only the round trip */
	for (i = 0; i + 1 < sizeof(good) / sizeof(good[0]); i++) {
		n = len16(good[i].utf16, 8);
		tap_is(ksspi_utf8_to_utf16(good[i].utf8, strlen(good[i].utf8), utf16, 16),
		       (int64_t)n, "to UTF-16, length: %s", good[i].what);
		tap_mem(utf16, good[i].utf16, n * 2, "to UTF-16: %s", good[i].what);
		tap_is(ksspi_utf16_to_utf8(good[i].utf16, n, utf8, sizeof(utf8)),
		       (int64_t)strlen(good[i].utf8), "to UTF-8, length: %s", good[i].what);
		tap_mem(utf8, good[i].utf8, strlen(good[i].utf8), "to UTF-8: %s", good[i].what);
	}
	n = (size_t)ksspi_utf8_to_utf16(good[i].utf8, strlen(good[i].utf8), utf16, 16);
	tap_is((int64_t)n, 9, "a name with a pair has one unit more than characters");
	tap_is(ksspi_utf16_to_utf8(utf16, n, utf8, sizeof(utf8)), (int64_t)strlen(good[i].utf8),
	       "and comes back in length");
	tap_mem(utf8, good[i].utf8, strlen(good[i].utf8), "and as it was");
}

static void test_bad(void)
{
	static const struct {
		const char *bytes;
		const char *what;
	} bad8[] = {
		{ "\x80", "a continuation without a start" },
		{ "a\xc3", "an end in the middle" },
		{ "\xe2\x82", "an end in the middle of three" },
		{ "\xf0\x9f\x94", "an end in the middle of four" },
		{ "\xc3z", "a start without a continuation" },
		{ "\xc0\xaf", "two bytes for ASCII" },
		{ "\xc1\xbf", "two bytes for the last of ASCII" },
		{ "\xe0\x9f\xbf", "three bytes for two" },
		{ "\xf0\x8f\xbf\xbf", "four bytes for three" },
		{ "\xed\xa0\x80", "the first surrogate" },
		{ "\xed\xbf\xbf", "the last surrogate" },
		{ "\xf4\x90\x80\x80", "a character beyond the last" },
		{ "\xf8\x88\x80\x80\x80", "five bytes" },
		{ "\xff", "a byte that is never used" },
	};
	static const struct {
		uint16_t units[3];
		size_t len;
		const char *what;
	} bad16[] = {
		{ { 0xd800 }, 1, "a high surrogate at the end" },
		{ { 0xd800, 'a' }, 2, "a high surrogate before a letter" },
		{ { 0xd800, 0xd800, 0xdc00 }, 3, "two high surrogates" },
		{ { 0xdc00, 0xd800 }, 2, "a low surrogate first" },
		{ { 'a', 0xdfff }, 2, "a low surrogate alone" },
	};
	uint16_t utf16[8];
	char utf8[8];
	size_t i;

	for (i = 0; i < sizeof(bad8) / sizeof(bad8[0]); i++)
		tap_ok(ksspi_utf8_to_utf16(bad8[i].bytes, strlen(bad8[i].bytes), utf16, 8) < 0,
		       "no UTF-8: %s", bad8[i].what);
	for (i = 0; i < sizeof(bad16) / sizeof(bad16[0]); i++)
		tap_ok(ksspi_utf16_to_utf8(bad16[i].units, bad16[i].len, utf8, 8) < 0,
		       "no UTF-16: %s", bad16[i].what);
}

static void test_room(void)
{
	static const uint16_t wide[] = { 'a', 0x20ac, 'b', 0xd83d, 0xdd11 };
	uint16_t utf16[4] = { 1, 1, 1, 1 };
	char utf8[8];
	size_t room;

	tap_is(ksspi_utf8_to_utf16("abcdef", 6, utf16, 3), 6, "the length needs no room");
	tap_is(utf16[3], 1, "nothing is written behind the room");
	tap_is(ksspi_utf8_to_utf16("\xf0\x9f\x94\x91", 4, utf16, 1), 2, "half a pair fits");
	tap_is(utf16[1], 'b', "and nothing behind it is written");

	for (room = 0; room < sizeof(utf8); room++) {
		memset(utf8, '#', sizeof(utf8));
		if (ksspi_utf16_to_utf8(wide, 5, utf8, room) != 9 || utf8[room] != '#')
			break;
	}
	tap_is((int64_t)room, sizeof(utf8), "UTF-8 stays inside of every room");
	memset(utf8, '#', sizeof(utf8));
	ksspi_utf16_to_utf8(wide, 5, utf8, 3);
	tap_mem(utf8, "a##", 3, "no character is cut");
}

static void test_string(void)
{
	static const uint16_t want[] = { 'D', '\\', 0xfc, 0 };
	void *copy = NULL;

	tap_is(ksspi_string("D\\\xc3\xbc", 4, false, &copy), SEC_E_OK, "a string in UTF-8");
	tap_mem(copy, "D\\\xc3\xbc", 5, "with its NUL");
	tap_is(FreeContextBuffer(copy), SEC_E_OK, "FreeContextBuffer takes it");
	tap_is(ksspi_string("D\\\xc3\xbc", 4, true, &copy), SEC_E_OK, "a string in UTF-16");
	tap_mem(copy, want, sizeof(want), "with its NUL");
	tap_is(FreeContextBuffer(copy), SEC_E_OK, "FreeContextBuffer takes it");
	tap_is(ksspi_string("", 0, true, &copy), SEC_E_OK, "an empty string");
	tap_is(*(uint16_t *)copy, 0, "is a NUL");
	FreeContextBuffer(copy);
	copy = NULL;
	tap_is(ksspi_string("root\0x", 6, false, &copy), SEC_E_INTERNAL_ERROR,
	       "a name with a NUL in it is none");
	tap_is(ksspi_string("\xff", 1, false, &copy), SEC_E_INTERNAL_ERROR,
	       "a name that is no UTF-8 is none");
	tap_ok(!copy, "and there is no copy of it");
	tap_is((int64_t)ksspi_utf16_len(u"NTLM", 9), 4, "the length of UTF-16");
	tap_is((int64_t)ksspi_utf16_len(u"NTLM", 2), 2, "the length of UTF-16, bounded");
}

static void test_handles(void)
{
	SecHandle h = { 7, 9 };

	tap_is((int64_t)ksspi_handle(NULL), 0, "no handle");
	tap_is((int64_t)ksspi_handle(&h), (int64_t)0x900000007, "a handle");
	ksspi_set_handle(&h, UINT64_C(0xfffffffe00000001));
	tap_ok(h.dwLower == 1 && h.dwUpper == 0xfffffffe, "a handle from the kernel");
	h = (SecHandle){ 0, 0 };
	tap_ok(ksspi_handle(&h) == KSSPI_NO_HANDLE, "(0, 0) is a handle of nothing");
	SecInvalidateHandle(&h);
	tap_ok(ksspi_handle(&h) == KSSPI_NO_HANDLE, "(-1, -1) is a handle of nothing");
	tap_ok(!SecIsValidHandle(&h), "and SecIsValidHandle says so");
	h = (SecHandle){ 1, UINT64_C(1) << 32 };
	tap_ok(ksspi_handle(&h) == KSSPI_NO_HANDLE, "no part of a handle has more than 32 bits");
}

int main(void)
{
	test_good();
	test_bad();
	test_room();
	test_string();
	test_handles();
	return tap_done();
}
