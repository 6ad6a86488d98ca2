// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names: conversion and upper case.
 */
#include <locale.h>
#include <string.h>

#include "helper/ntlm/name.h"
#include "tools/testing/tap/tap.h"

/* struct wire - a name on the wire and what it is */
struct wire {
	const char *bytes;
	size_t len;
	enum name_error error;
	const char *text;
};

#define WIRE(bytes, error, text)	{ bytes, sizeof(bytes) - 1, error, text }

static const struct wire utf16[] = {
	WIRE("", NAME_OK, ""),
	WIRE("a\0b\0", NAME_OK, "ab"),
	WIRE("\xe4\0\xac\x20", NAME_OK, "\xc3\xa4\xe2\x82\xac"),
	WIRE("\x3d\xd8\x00\xde", NAME_OK, "\xf0\x9f\x98\x80"),
	WIRE("\xff\xdb\xff\xdf", NAME_OK, "\xf4\x8f\xbf\xbf"),
	WIRE("\xff\xff", NAME_OK, "\xef\xbf\xbf"),
	WIRE("a", NAME_ODD, ""),
	WIRE("a\0b", NAME_ODD, ""),
	WIRE("\x3d\xd8", NAME_SURROGATE, ""),
	WIRE("\x3d\xd8" "a\0", NAME_SURROGATE, ""),
	WIRE("\x3d\xd8\x3d\xd8", NAME_SURROGATE, ""),
	WIRE("\x00\xde", NAME_SURROGATE, ""),
	WIRE("\x00\xde\x3d\xd8", NAME_SURROGATE, ""),
	WIRE("a\0\0\0", NAME_NUL, ""),
	WIRE("\0\0", NAME_NUL, ""),
	WIRE("a\0\0\0b\0", NAME_NUL, ""),
	WIRE("a\0b\0c\0d\0e\0f\0g\0", NAME_OK, "abcdefg"),
	WIRE("a\0b\0c\0d\0e\0f\0g\0h\0", NAME_TOO_LONG, ""),
	WIRE("a\0b\0c\0d\0e\0f\0\xe4\0", NAME_TOO_LONG, ""),
};

static const struct wire oem[] = {
	WIRE("", NAME_OK, ""),
	WIRE("alice", NAME_OK, "alice"),
	WIRE("\xc3\xa4", NAME_OK, "\xc3\xa4"),
	WIRE("\xe4", NAME_OK, "\xc3\xa4"),
	WIRE("\xc3\xa4\xe4", NAME_OK, "\xc3\x83\xc2\xa4\xc3\xa4"),
	WIRE("a\0b", NAME_NUL, ""),
	WIRE("abcdefg", NAME_OK, "abcdefg"),
	WIRE("abcdefgh", NAME_TOO_LONG, ""),
	WIRE("\xe4\xe4\xe4\xe4", NAME_TOO_LONG, ""),
};

typedef enum name_error (*convert_fn)(const uint8_t *src, size_t len, char *dst, size_t size);

static void test_wire(const char *kind, convert_fn convert, const struct wire *wires, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		char text[8] = "unset!";
		enum name_error error = convert((const uint8_t *)wires[i].bytes, wires[i].len, text,
						sizeof(text));

		tap_ok(error == wires[i].error && !strcmp(text, wires[i].text), "%s name %zu", kind, i);
	}
}

static void test_to_utf16(void)
{
	uint8_t out[8];

	tap_is(name_to_utf16("", out, sizeof(out)), 0, "nothing to UTF-16");
	tap_is(name_to_utf16("ab", NULL, 0), 4, "length in UTF-16");
	tap_is(name_to_utf16("\xe2\x82\xac\xf0\x9f\x98\x80", out, sizeof(out)), 6, "to UTF-16");
	tap_mem(out, "\xac\x20\x3d\xd8\x00\xde", 6, "with a surrogate pair");
	tap_is(name_to_utf16("abcd", out, sizeof(out)), 8, "to UTF-16, room just enough");
	tap_ok(name_to_utf16("abcde", out, sizeof(out)) == SIZE_MAX, "to UTF-16, no room");
	tap_ok(name_to_utf16("a\xff", out, sizeof(out)) == SIZE_MAX, "not UTF-8");
	tap_ok(name_to_utf16("\xed\xa0\x80", out, sizeof(out)) == SIZE_MAX, "surrogate in UTF-8");
}

static void test_upcase(void)
{
	static const struct {
		uint32_t point, upper;
		const char *what;
	} cases[] = {
		{ 'a', 'A', "ASCII" },
		{ 'Z', 'Z', "already" },
		{ '1', '1', "no letter" },
		{ 0xe4, 0xc4, "Latin-1" },
		{ 0xdf, 0xdf, "sharp s stays" },
		{ 0xff, 0x178, "out of Latin-1" },
		{ 0x131, 0x131, "dotless i does not become I" },
		{ 0x17f, 0x17f, "long s does not become S" },
		{ 0x3c9, 0x3a9, "Greek" },
		{ 0x44f, 0x42f, "Cyrillic" },
		{ 0x10428, 0x10428, "nothing beyond the BMP" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_is(name_upcase(cases[i].point), cases[i].upper, "upper case: %s", cases[i].what);
}

static void test_compare(void)
{
	tap_is(name_compare("Alice", "aLICE"), 0, "case does not matter");
	tap_is(name_compare("", ""), 0, "nothing is nothing");
	tap_ok(name_compare("a", "b") < 0 && name_compare("b", "A") > 0, "order");
	tap_ok(name_compare("a", "ab") < 0 && name_compare("ab", "a") > 0, "prefix comes first");
	tap_is(name_compare("\xc3\xa4", "\xc3\x84"), 0, "umlauts have case");
	tap_ok(name_compare("adm\xc4\xb1n", "ADMIN") != 0, "dotless i is no i");
	tap_ok(name_compare("\xff", "\xfe") != 0 && !name_compare("\xff", "\xff"),
	       "what is not UTF-8 is like itself only");
	tap_ok(name_compare("\xff", "\xc3\xbf") != 0, "and not like ISO 8859-1");
}

int main(void)
{
	test_wire("UTF-16", name_from_utf16, utf16, sizeof(utf16) / sizeof(utf16[0]));
	test_wire("OEM", name_from_oem, oem, sizeof(oem) / sizeof(oem[0]));
	test_to_utf16();
	test_upcase();
	setlocale(LC_ALL, "C");
	test_upcase();
	test_compare();
	return tap_done();
}
