// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "helper/ntlm/name.h"
#include "helper/text.h"
#include "json_check.h"

/* struct reader - a text that is being read */
struct reader {
	const char *p;
	unsigned int depth;
	json_string_fn fn;
	void *data;
};

static bool value(struct reader *r);

static void space(struct reader *r)
{
	r->p += strspn(r->p, " \t\r\n");
}

static bool take(struct reader *r, char c)
{
	space(r);
	if (*r->p != c)
		return false;
	r->p++;
	return true;
}

static bool hex4(struct reader *r, uint32_t *point)
{
	size_t i;

	if (strspn(r->p, "0123456789abcdefABCDEF") < 4)
		return false;
	for (i = 0, *point = 0; i < 4; i++, r->p++)
		*point = *point << 4 | (*r->p <= '9' ? *r->p - '0' : (*r->p | 32) - 'a' + 10);
	/* Nobody here writes what takes two of them. */
	return *point < 0xd800 || *point > 0xdfff;
}

/* One character of a string, as UTF-8 at @dst; returns its length, 0 if it is none. */
static size_t character(struct reader *r, char dst[NAME_UTF8_MAX])
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *escape;
	uint32_t point;
	size_t n;

	if (*r->p != '\\') {
		n = (unsigned char)*r->p < ' ' ? 0 : text_decode(r->p, strlen(r->p), &point);
		memcpy(dst, r->p, n);
		r->p += n;
		return n;
	}
	r->p++;
	if (*r->p == 'u') {
		r->p++;
		if (!hex4(r, &point) || point > 0x7ff)
			return 0;
		n = point < 0x80 ? 1 : 2;
		dst[0] = (char)(n == 1 ? point : 0xc0 | point >> 6);
		dst[1] = (char)(0x80 | (point & 63));
		return n;
	}
	escape = *r->p ? strchr(from, *r->p) : NULL;
	if (!escape)
		return 0;
	dst[0] = to[escape - from];
	r->p++;
	return 1;
}

static bool string(struct reader *r)
{
	size_t len = 0, n;
	char *text;

	if (!take(r, '"'))
		return false;
	text = malloc(strlen(r->p) + NAME_UTF8_MAX);
	if (!text)
		abort();
	while (*r->p && *r->p != '"') {
		n = character(r, text + len);
		if (!n)
			break;
		len += n;
	}
	n = *r->p == '"';
	r->p += n;
	if (n && r->fn)
		r->fn(r->data, text, len);
	free(text);
	return n;
}

/* Whole and not negative; there are no others here. */
static bool number(struct reader *r)
{
	size_t n = strspn(r->p, "0123456789");

	if (!n || (n > 1 && *r->p == '0'))
		return false;
	r->p += n;
	return true;
}

static bool members(struct reader *r, char close, bool keys)
{
	if (take(r, close))
		return true;
	do {
		if (keys && (!string(r) || !take(r, ':')))
			return false;
		if (!value(r))
			return false;
	} while (take(r, ','));
	return take(r, close);
}

static bool word(struct reader *r)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);

		if (!strncmp(r->p, words[i], n)) {
			r->p += n;
			return true;
		}
	}
	return false;
}

static bool value(struct reader *r)
{
	bool ok;

	space(r);
	switch (*r->p) {
	case '{':
	case '[':
		if (r->depth++ > 16)
			return false;
		r->p++;
		ok = members(r, r->p[-1] == '{' ? '}' : ']', r->p[-1] == '{');
		r->depth--;
		return ok;
	case '"':
		return string(r);
	default:
		return word(r) || number(r);
	}
}

/**
 * json_check() - whether a text is JSON
 * @text: NUL-terminated
 * @fn: called with each string, keys as well, or NULL
 * @data: handed to @fn
 */
bool json_check(const char *text, json_string_fn fn, void *data)
{
	struct reader r = { .p = text, .fn = fn, .data = data };

	if (!value(&r))
		return false;
	space(&r);
	return !*r.p;
}
