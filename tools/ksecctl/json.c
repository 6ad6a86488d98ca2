// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing JSON (RFC 8259), as it comes.  The functions take a key inside an
 * object, and NULL inside an array and at the top.
 */
#include <inttypes.h>
#include <string.h>

#include "helper/text.h"
#include "tools/ksecctl/json.h"

/* U+FFFD, for bytes that are no character: a JSON text is UTF-8. */
#define REPLACEMENT	"\xef\xbf\xbd"

static void put_char(FILE *file, uint32_t point, const char *bytes, size_t n)
{
	static const char specials[] = "\b\f\n\r\t\"\\";
	static const char letters[] = "bfnrt\"\\";
	const char *special = point && point < 0x80 ? strchr(specials, (int)point) : NULL;

	if (special)
		fprintf(file, "\\%c", letters[special - specials]);
	else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		/* C1 controls are legal in JSON, but this may go to a terminal. */
		fprintf(file, "\\u%04" PRIx32, point);
	else
		fwrite(bytes, 1, n, file);
}

static void put_string(FILE *file, const char *s)
{
	size_t len = strlen(s), n;
	uint32_t point;

	fputc('"', file);
	for (; len; s += n, len -= n) {
		n = text_decode(s, len, &point);
		if (n) {
			put_char(file, point, s, n);
		} else {
			fputs(REPLACEMENT, file);
			n = 1;
		}
	}
	fputc('"', file);
}

static void begin(struct json *json, const char *key)
{
	unsigned int i;

	if (json->depth) {
		fputs(json->first ? "\n" : ",\n", json->file);
		for (i = 0; i < json->depth; i++)
			fputs("  ", json->file);
	}
	json->first = false;
	if (key) {
		put_string(json->file, key);
		fputs(": ", json->file);
	}
}

/**
 * json_open() - begin an object or an array
 * @json: the text
 * @key: its key, or NULL
 * @bracket: '{' or '['
 */
void json_open(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->file);
	json->depth++;
	json->first = true;
}

/**
 * json_close() - end an object or an array; at the top, the line too
 * @json: the text
 * @bracket: '}' or ']'
 */
void json_close(struct json *json, char bracket)
{
	unsigned int i;

	json->depth--;
	if (!json->first) {
		fputc('\n', json->file);
		for (i = 0; i < json->depth; i++)
			fputs("  ", json->file);
	}
	fputc(bracket, json->file);
	json->first = false;
	if (!json->depth)
		fputc('\n', json->file);
}

/**
 * json_string() - write a string
 * @json: the text
 * @key: its key, or NULL
 * @value: the string; what is not UTF-8 in it becomes U+FFFD
 */
void json_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	put_string(json->file, value);
}

/**
 * json_number() - write a number
 * @json: the text
 * @key: its key, or NULL
 * @value: the number
 */
void json_number(struct json *json, const char *key, uint64_t value)
{
	begin(json, key);
	fprintf(json->file, "%" PRIu64, value);
}

/**
 * json_bool() - write true or false
 * @json: the text
 * @key: its key, or NULL
 * @value: which
 */
void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->file);
}

/**
 * json_null() - write null
 * @json: the text
 * @key: its key, or NULL
 */
void json_null(struct json *json, const char *key)
{
	begin(json, key);
	fputs("null", json->file);
}
