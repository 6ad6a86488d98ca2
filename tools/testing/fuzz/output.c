// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing what ksecctl writes: JSON and tables with names that others chose.
 *
 * Input: what is written, one thing after the other; a byte that says what it is,
 * then its text up to a NUL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/text.h"
#include "json_check.h"
#include "tools/ksecctl/json.h"
#include "tools/ksecctl/table.h"

#define THINGS_MAX	24
#define DEPTH_MAX	8

static struct {
	uint8_t what;
	char *text;
} things[THINGS_MAX];
static size_t n;

/* struct seen - which of the strings have been found again */
struct seen {
	size_t next;
	size_t strings;
};

/* What is not UTF-8 was replaced; the rest is the same. */
static bool same_text(const char *text, const char *have, size_t len)
{
	const char *end = have + len;
	uint32_t point;

	while (*text) {
		size_t k = text_decode(text, strlen(text), &point);
		const char *want = k ? text : "\xef\xbf\xbd";
		size_t size = k ? k : 3;

		if ((size_t)(end - have) < size || memcmp(have, want, size))
			return false;
		have += size;
		text += k ? k : 1;
	}
	return have == end;
}

static bool is_string(uint8_t what)
{
	return what % 5 == 0 || what % 5 == 3;
}

static void found(void *data, const char *string, size_t len)
{
	struct seen *seen = data;

	while (seen->next < n && !is_string(things[seen->next].what))
		seen->next++;
	fuzz_assert(seen->next < n && same_text(things[seen->next].text, string, len),
		    "another string: %.*s", (int)len, string);
	seen->next++;
	seen->strings++;
}

/* An array of strings, numbers and arrays, as deep as the things say */
static void check_json(void)
{
	struct seen seen = { 0 };
	struct json json = { 0 };
	size_t i, len, strings = 0;
	unsigned int depth = 1;
	char *text;

	json.file = open_memstream(&text, &len);
	if (!json.file)
		abort();
	json_open(&json, NULL, '[');
	for (i = 0; i < n; i++) {
		switch (things[i].what % 5) {
		case 0:
		case 3:
			json_string(&json, NULL, things[i].text);
			strings++;
			break;
		case 1:
			json_number(&json, NULL, UINT64_MAX - things[i].what);
			break;
		case 2:
			if (depth < DEPTH_MAX) {
				json_open(&json, NULL, '[');
				depth++;
			}
			break;
		case 4:
			if (depth > 1) {
				json_close(&json, ']');
				depth--;
			} else {
				json_bool(&json, NULL, things[i].what & 8);
				json_null(&json, NULL);
			}
		}
	}
	while (depth--)
		json_close(&json, ']');
	fclose(json.file);
	fuzz_assert(json_check(text, found, &seen), "this is no JSON: %s", text);
	fuzz_assert(seen.strings == strings, "%zu strings and not %zu", seen.strings, strings);
	fuzz_assert(len && text[len - 1] == '\n' && strlen(text) == len, "no whole line");
	for (i = 0; i + 1 < len; i++)
		fuzz_assert((unsigned char)text[i] >= ' ' || text[i] == '\n', "byte 0x%02x",
			    (unsigned char)text[i]);
	free(text);
}

/* Each row is a line, each cell at its column. */
static void check_table(unsigned int columns)
{
	struct table table = { .columns = columns };
	size_t i, len, lines = 0;
	char *text;
	FILE *file = open_memstream(&text, &len);

	if (!file)
		abort();
	for (i = 0; i < n / columns * columns; i++) {
		if (things[i].what & 1)
			table_cell(&table, things[i].text);
		else
			table_format(&table, "%s", things[i].text);
	}
	fuzz_assert(!table_print(&table, file), "out of memory");
	fclose(file);
	fuzz_assert(text_is_utf8(text, len), "not UTF-8");
	for (i = 0; i < len; i++) {
		lines += text[i] == '\n';
		fuzz_assert(((unsigned char)text[i] >= ' ' && text[i] != 0x7f) || text[i] == '\n',
			    "byte 0x%02x in a table", (unsigned char)text[i]);
	}
	fuzz_assert(lines == n / columns, "%zu lines for %zu rows", lines, n / columns);
	table_clear(&table);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	unsigned int columns = 1 + fuzz_take_below(&in, TABLE_COLUMNS_MAX);
	size_t i;

	for (n = 0; n < THINGS_MAX && in.len; n++) {
		things[n].what = fuzz_take8(&in);
		things[n].text = fuzz_take_text(&in, in.len);
	}
	check_json();
	check_table(columns);
	for (i = 0; i < n; i++)
		free(things[i].text);
	return 0;
}
