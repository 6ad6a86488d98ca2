// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing helper/text.c: what is shown of names that others chose.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/text.h"

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The reader's way back; what is not an escape stays.  Returns the length. */
static size_t unescape(const char *shown, char *dst)
{
	size_t n = 0;

	while (*shown) {
		if (*shown == '%') {
			int high = hex(shown[1]), low = high < 0 ? -1 : hex(shown[2]);

			fuzz_assert(low >= 0, "a %% that begins no escape: \"%s\"", shown);
			dst[n++] = (char)(16 * high + low);
			shown += 3;
		} else {
			dst[n++] = *shown++;
		}
	}
	return n;
}

/* What must never reach a terminal or a log; a few of many, and found on another way. */
static void check_shown(const char *shown, const char *quoting)
{
	static const char *const never[] = {
		"\xc2\x85", "\xc2\x9b", "\xc2\xad", "\xd8\x9c", "\xe2\x80\x8b", "\xe2\x80\x8e",
		"\xe2\x80\xa8", "\xe2\x80\xae", "\xe2\x81\xa6", "\xef\xbb\xbf", "\xef\xbf\xbd",
	};
	const char *p;
	size_t i;

	fuzz_assert(text_is_utf8(shown, strlen(shown)), "what is shown is not UTF-8");
	for (p = shown; *p; p++)
		fuzz_assert((unsigned char)*p >= 0x20 && *p != 0x7f && !strchr(quoting, *p),
			    "byte 0x%02x is shown", (unsigned char)*p);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		fuzz_assert(!strstr(shown, never[i]), "an invisible character is shown: %zu", i);
}

static void check_escape(char *(*escape)(char *dst, size_t size, const char *src),
			 const char *quoting, const char *text, size_t size)
{
	size_t len = strlen(text), shown_len;
	char *small = malloc(size), *all = malloc(3 * len + 8), *back = malloc(3 * len + 8);

	if (!small || !all || !back)
		abort();
	escape(all, 3 * len + 8, text);
	check_shown(all, quoting);
	fuzz_assert(unescape(all, back) == len && !memcmp(back, text, len),
		    "two names are shown alike");

	fuzz_assert(escape(small, size, text) == small, "not the buffer");
	shown_len = strlen(small);
	fuzz_assert(shown_len < size, "%zu bytes in %zu", shown_len, size);
	check_shown(small, quoting);
	if (strlen(all) < size)
		fuzz_assert(!strcmp(small, all), "it would have fitted");
	else
		fuzz_assert(shown_len >= 3 && !strcmp(small + shown_len - 3, "...") &&
			    !strncmp(small, all, shown_len - 3), "cut without saying so");
	free(small);
	free(all);
	free(back);
}

/* Another decoder of UTF-8: by what the encoder would have written. */
static void check_decode(const char *text, size_t len)
{
	uint32_t point = 0xdeadbeef;
	size_t n = text_decode(text, len, &point);
	unsigned char again[4] = { 0 };

	fuzz_assert(n <= 4 && n <= len, "%zu bytes of %zu", n, len);
	if (!n) {
		fuzz_assert(point == 0xdeadbeef, "no character, and one was given");
		return;
	}
	fuzz_assert(point <= 0x10ffff && (point < 0xd800 || point > 0xdfff), "U+%X", point);
	if (point < 0x80)
		again[0] = point;
	else if (point < 0x800)
		memcpy(again, (unsigned char[]){ 0xc0 | point >> 6, 0x80 | (point & 63) }, 2);
	else if (point < 0x10000)
		memcpy(again, (unsigned char[]){ 0xe0 | point >> 12, 0x80 | (point >> 6 & 63),
						 0x80 | (point & 63) }, 3);
	else
		memcpy(again, (unsigned char[]){ 0xf0 | point >> 18, 0x80 | (point >> 12 & 63),
						 0x80 | (point >> 6 & 63), 0x80 | (point & 63) },
		       4);
	fuzz_assert(!memcmp(again, text, n), "U+%X is not written like this", point);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t room = 8 + fuzz_take8(&in), i, len;
	char *text = fuzz_take_text(&in, in.len);

	len = strlen(text);
	for (i = 0; i < len; i++)
		check_decode(text + i, len - i);
	check_escape(text_escape, "\"\\", text, room);
	check_escape(text_show, "", text, room);
	fuzz_assert(text_columns(text) <= len, "more columns than bytes");
	free(text);
	return 0;
}
