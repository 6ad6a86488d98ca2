// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing libsspi's UTF-8 and UTF-16 (libsspi/utf.c), and against ksecd's
 * (helper/text.c, helper/ntlm/name.c).  Input: the room there is, and text, taken
 * for both.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/name.h"
#include "helper/text.h"
#include "libsspi/internal.h"

static void check_utf8(const char *text, size_t len, size_t room)
{
	ssize_t n = ksspi_utf8_to_utf16(text, len, NULL, 0);
	uint16_t *utf16, *part;
	char *back;

	fuzz_assert((n >= 0) == text_is_utf8(text, len), "the two do not agree");
	if (n < 0)
		return;
	utf16 = calloc(n + 1, sizeof(*utf16));
	part = malloc(room * sizeof(*part) + 1);
	back = malloc(len + 1);
	if (!utf16 || !part || !back)
		abort();
	fuzz_assert(ksspi_utf8_to_utf16(text, len, utf16, n) == n, "another length");
	fuzz_assert(ksspi_utf8_to_utf16(text, len, part, room) == n &&
		    !memcmp(part, utf16, sizeof(*part) * (room < (size_t)n ? room : (size_t)n)),
		    "another beginning");
	fuzz_assert(ksspi_utf16_to_utf8(utf16, n, back, len) == (ssize_t)len &&
		    !memcmp(back, text, len), "it comes back as something else");
	free(utf16);
	free(part);
	free(back);
}

static void check_utf16(const uint16_t *text, size_t len, size_t room)
{
	ssize_t n = ksspi_utf16_to_utf8(text, len, NULL, 0);
	char *utf8, *part, *name;
	size_t i, whole = 0;
	uint32_t point;

	name = malloc(3 * len + 1);
	if (!name)
		abort();
	/* ksecd refuses a NUL besides. */
	fuzz_assert(n >= 0 || name_from_utf16((const uint8_t *)text, 2 * len, name, 3 * len + 1),
		    "the two do not agree");
	if (n < 0)
		goto out;
	utf8 = malloc(n + 1);
	part = malloc(room + 1);
	if (!utf8 || !part)
		abort();
	fuzz_assert(ksspi_utf16_to_utf8(text, len, utf8, n) == n && text_is_utf8(utf8, n),
		    "not UTF-8");
	memset(part, 0x5a, room + 1);
	fuzz_assert(ksspi_utf16_to_utf8(text, len, part, room) == n, "another length");
	while (whole < (size_t)n) {
		i = text_decode(utf8 + whole, n - whole, &point);
		if (!i || whole + i > room)
			break;
		whole += i;
	}
	fuzz_assert(!memcmp(part, utf8, whole), "another beginning");
	fuzz_assert(fuzz_is_all(part + whole, 0x5a, room + 1 - whole), "half a character");
	free(utf8);
	free(part);
out:
	free(name);
}

static void check_string(const char *text, size_t len, bool wide)
{
	void *copy = NULL;
	SECURITY_STATUS status = ksspi_string(text, len, wide, &copy);

	if (status != SEC_E_OK) {
		fuzz_assert(!copy, "refused, and given");
		fuzz_assert(!text_is_utf8(text, len) || memchr(text, 0, len), "refused");
		return;
	}
	fuzz_assert(wide ? ksspi_utf16_len(copy, SIZE_MAX) ==
			   (size_t)ksspi_utf8_to_utf16(text, len, NULL, 0) :
			   strlen(copy) == len && !memcmp(copy, text, len), "another string");
	fuzz_assert(ksspi_free(copy), "it cannot be freed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t room = fuzz_take8(&in) % 64, len;
	uint8_t *text = fuzz_take_rest(&in, &len);

	check_utf8((char *)text, len, room);
	check_utf16((uint16_t *)text, len / 2, room);
	check_string((char *)text, len, false);
	check_string((char *)text, len, true);
	free(text);
	return 0;
}
