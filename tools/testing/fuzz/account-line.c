// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing a line of the account file (helper/accounts/file_line.c).  Input: the line.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/accounts/file_line.h"
#include "helper/text.h"

#define ROOM	4096

static void check_name(const char *name, size_t size)
{
	size_t len = strlen(name), i;

	fuzz_assert(len < size, "a name of %zu bytes", len);
	fuzz_assert(text_is_utf8(name, len), "a name is not UTF-8");
	for (i = 0; i < len; i++)
		fuzz_assert((unsigned char)name[i] >= ' ' && name[i] != 0x7f && name[i] != ':',
			    "a name with byte 0x%02x in it", (unsigned char)name[i]);
}

static bool same_line(const struct account_line *a, const struct account_line *b)
{
	return !strcmp(a->user, b->user) && !strcmp(a->domain, b->domain) &&
	       !strcmp(a->local, b->local) && a->expiry == b->expiry &&
	       a->disabled == b->disabled && !memcmp(a->hash, b->hash, sizeof(a->hash)) &&
	       !strcmp(a->realm, b->realm) &&
	       (!a->realm[0] || !memcmp(a->ha1, b->ha1, sizeof(a->ha1)));
}

/* What was read is written so that it is read as the same, and fits exactly. */
static void check_line(const struct account_line *line)
{
	struct account_entry entry = { .disabled = line->disabled };
	struct account_digest digest;
	struct account_line again;
	char text[ROOM], *tight;
	const char *wrong;
	int len;

	check_name(line->user, sizeof(entry.account.user));
	check_name(line->domain, sizeof(entry.account.domain));
	check_name(line->local, sizeof(entry.account.local));
	fuzz_assert(line->user[0] && !strchr(line->user, '\\'), "user \"%s\"", line->user);
	fuzz_assert(strlen(line->realm) <= DIGEST_MAX_REALM && !account_check_realm(line->realm),
		    "realm \"%s\"", line->realm);
	account_line_account(line, &entry.account);
	account_line_digest(line, &digest);
	len = account_line_format(&entry, line->hash, &digest, text, sizeof(text));
	fuzz_assert(len > 0 && (size_t)len == strlen(text) && text[len - 1] == '\n',
		    "%d bytes were written", len);

	tight = malloc(len + 1);
	if (!tight)
		abort();
	fuzz_assert(account_line_format(&entry, line->hash, &digest, tight, len + 1) == len &&
		    !strcmp(tight, text), "it fits exactly");
	fuzz_assert(account_line_format(&entry, line->hash, &digest, tight, len) < 0,
		    "it does not fit");
	free(tight);

	text[len - 1] = '\0';
	wrong = account_line_parse(text, len - 1, &again);
	fuzz_assert(!wrong, "written, and refused: %s", wrong);
	fuzz_assert(same_line(line, &again), "written, and another one");
}

/* The field of the hash, if the line has the fields of an account, is wiped. */
static void check_wiped(const uint8_t *data, size_t size, const char *text)
{
	const uint8_t *colon = size ? memchr(data, ':', size) : NULL, *end;
	size_t at, fields = 1, i;

	for (i = 0; i < size; i++)
		fields += data[i] == ':';
	if (!colon || fields < 3 || fields > 5 || memchr(data, '\0', size))
		return;
	at = colon + 1 - data;
	end = memchr(data + at, ':', size - at);
	fuzz_assert(fuzz_is_all(text + at, 0, end - data - at), "the hash is still there");
}

static void check_day(const char *text, size_t len)
{
	char again[ACCOUNT_DAY_LEN];
	int64_t expiry = 4711;

	if (account_parse_expiry(text, len, &expiry)) {
		fuzz_assert(expiry == 4711, "no day, and a time");
		return;
	}
	fuzz_assert(expiry > 0 && expiry != KSECDD_TIME_NEVER, "a day that is no time");
	fuzz_assert(!account_format_expiry(expiry, again) && len == strlen(again) &&
		    !memcmp(again, text, len), "another day");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct account_line line;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (size >= 10)
		check_day((const char *)data + size - 10, 10);
	check_day((const char *)data, size);
	account_line_is_account(text, size);
	if (!account_line_parse(text, size, &line))
		check_line(&line);
	check_wiped(data, size, text);
	free(text);
	return 0;
}
