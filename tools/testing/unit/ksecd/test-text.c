// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of others, fit to be shown.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/text.h"
#include "tools/testing/tap/tap.h"

static void is_escaped(const char *src, const char *want, const char *what)
{
	char have[TEXT_NAME_MAX];

	text_escape(have, sizeof(have), src);
	if (!tap_ok(!strcmp(have, want), "%s", what))
		tap_diag("have: %s", have);
}

static void test_escape(void)
{
	static const char intact[] = "J\xc3\xbcrgen M\xc3\xbcller-\xe7\x94\xb0\xe4\xb8\xad \xf0\x9f\x94\x91 $'`;#";

	is_escaped("", "", "the empty name");
	is_escaped("alice", "alice", "plain ASCII");
	is_escaped(intact, intact, "letters of all kinds, and shell characters, stay");
	is_escaped("a\nb\rc\td\x1b[31m", "a%0Ab%0Dc%09d%1B[31m", "C0 controls");
	is_escaped("a\x7f" "b", "a%7Fb", "DEL");
	is_escaped("a\xc2\x9b" "b", "a%C2%9Bb", "C1 controls (CSI in one character)");
	is_escaped("100%0A", "100%250A", "what looks like an escape");
	is_escaped("a\"; uid 0", "a%22; uid 0", "a quote");
	is_escaped("CORP\\alice", "CORP%5Calice", "a backslash");
	is_escaped("a\xe2\x80\xae" "ecila", "a%E2%80%AEecila", "right-to-left override");
	is_escaped("a\xe2\x81\xa6" "b", "a%E2%81%A6b", "an isolate");
	is_escaped("a\xe2\x80\xa8" "b", "a%E2%80%A8b", "a line separator");
	is_escaped("a\xe2\x80\x8b" "b", "a%E2%80%8Bb", "a space without width");
	is_escaped("\xef\xbb\xbf" "a", "%EF%BB%BFa", "a byte order mark");
	is_escaped("a\xff\xfe", "a%FF%FE", "bytes that UTF-8 has not");
	is_escaped("\xc0\xaf", "%C0%AF", "an overlong form");
	is_escaped("\xed\xa0\x80", "%ED%A0%80", "a surrogate");
	is_escaped("\xf4\x90\x80\x80", "%F4%90%80%80", "past U+10FFFF");
	is_escaped("a\xe2\x80", "a%E2%80", "a character cut short");
}

static void test_show(void)
{
	char have[TEXT_NAME_MAX];

	text_show(have, sizeof(have), "CORP\\\"alice\"\n100%");
	tap_ok(!strcmp(have, "CORP\\\"alice\"%0A100%25"),
	       "in a table backslash and quotes stay, the rest does not");
}

/* Whatever is put in, the buffer holds it and it is not cut within an escape. */
static void test_short(void)
{
	static const char *const names[] = {
		"abcdefghijklmnopqrstuvwxyz", "\n\n\n\n\n\n\n\n\n", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc",
		"\xf0\x9f\x94\x91\xf0\x9f\x94\x91\xf0\x9f\x94\x91", "a\nb\xc3\xbc\n",
	};
	bool fits = true, marked = true;
	size_t i, size, len;
	char full[128], *have;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text_escape(full, sizeof(full), names[i]);
		for (size = 8; size <= strlen(full) + 2; size++) {
			/* On the heap, so that ASan sees a byte too many. */
			have = malloc(size);
			text_escape(have, size, names[i]);
			len = strlen(have);
			fits &= len < size && text_is_utf8(have, len);
			if (size > strlen(full))
				marked &= !strcmp(have, full);
			else
				marked &= len >= 3 && !strcmp(have + len - 3, "...") &&
					  !strncmp(have, full, len - 3);
			free(have);
		}
	}
	tap_ok(fits, "a name that is too long stays within the buffer and within UTF-8");
	tap_ok(marked, "and ends in three dots, unless it just fits");
}

static void test_utf8(void)
{
	uint32_t point = 0;

	tap_is((int64_t)text_decode("\xf0\x9f\x94\x91", 4, &point), 4, "a character of four bytes");
	tap_is(point, 0x1f511, "and its code point");
	tap_is((int64_t)text_decode("\xf0\x9f\x94\x91", 3, &point), 0, "not without the last");
	tap_is((int64_t)text_decode("", 0, &point), 0, "nothing is no character");
	tap_ok(text_is_utf8("", 0) && text_is_utf8("a\0b", 3), "nothing is UTF-8, and so is NUL");
	tap_ok(!text_is_utf8("ok\x80", 3), "a stray continuation is not");
	tap_is(text_columns("J\xc3\xbcrgen"), 6, "columns are characters, not bytes");
}

static void test_hex(void)
{
	uint8_t bytes[] = { 0x00, 0x9a, 0xff }, back[3];
	char text[7];

	text_put_hex(text, bytes, sizeof(bytes));
	tap_ok(!strcmp(text, "009aff"), "bytes in hexadecimal");
	tap_ok(text_get_hex("009AFf", back, 3) && !memcmp(back, bytes, 3), "and back, in any case");
	tap_ok(!text_get_hex("009af", back, 3) && !text_get_hex("00 aff", back, 3) &&
	       !text_get_hex("009a:f", back, 3) && !text_get_hex("009aFG", back, 3),
	       "what is cut, or no digit, is refused");
}

int main(void)
{
	test_hex();
	test_escape();
	test_show();
	test_short();
	test_utf8();
	return tap_done();
}
