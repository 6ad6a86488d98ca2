// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing base64 and the line before a chunk (tools/sspi-http).  Input: text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "tools/sspi-http/http.h"

static void check_encode(const uint8_t *data, size_t size)
{
	size_t room = 4 * ((size + 2) / 3) + 1, len = 4711;
	uint8_t *back = malloc(size + 1);
	char *text = malloc(room);

	if (!text || !back)
		abort();
	base64_encode(data, size, text);
	fuzz_assert(strlen(text) == room - 1, "%zu characters", strlen(text));
	fuzz_assert(base64_decode(text, back, size, &len) && len == size &&
		    !memcmp(back, data, size), "it comes back as something else");
	if (size)
		fuzz_assert(!base64_decode(text, back, size - 1, &len), "it does not fit");
	free(text);
	free(back);
}

/* Only one text says the same. */
static void check_decode(const char *text)
{
	size_t room = strlen(text) / 4 * 3, len;
	uint8_t *bytes = malloc(room ? room : 1);
	char *again;

	if (!bytes)
		abort();
	if (base64_decode(text, bytes, room, &len)) {
		again = malloc(4 * ((len + 2) / 3) + 1);
		if (!again)
			abort();
		base64_encode(bytes, len, again);
		fuzz_assert(!strcmp(again, text), "%s is %s", text, again);
		free(again);
	}
	free(bytes);
}

static void check_chunk(const char *line)
{
	uint64_t size = 4711;
	size_t digits = strspn(line, "0123456789abcdefABCDEF");
	char again[32];

	if (!http_parse_chunk(line, &size)) {
		fuzz_assert(!digits || digits > 15 || (line[digits] && !strchr("; \t", line[digits])),
			    "refused: %s", line);
		return;
	}
	fuzz_assert(digits && size < 1ULL << 60, "%s is %llu", line, (unsigned long long)size);
	snprintf(again, sizeof(again), "%0*llx", (int)digits, (unsigned long long)size);
	fuzz_assert(!strncasecmp(again, line, digits), "%s is %s", line, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char *text;

	check_encode(data, size);
	text = fuzz_take_text(&in, in.len);
	check_decode(text);
	check_chunk(text);
	free(text);
	return 0;
}
