// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Test Anything Protocol.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* More of a mismatch helps nobody. */
#define SHOWN	64

static unsigned int checks;
static unsigned int failures;

/* Every line is flushed: whatever comes next may end the guest. */
static void line(const char *start, const char *fmt, va_list args)
{
	fputs(start, stdout);
	vprintf(fmt, args);
	putchar('\n');
	fflush(stdout);
}

static bool result(bool ok, const char *fmt, va_list args)
{
	char start[32];

	checks++;
	if (!ok)
		failures++;
	snprintf(start, sizeof(start), "%s %u - ", ok ? "ok" : "not ok", checks);
	line(start, fmt, args);
	return ok;
}

bool tap_ok(bool ok, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	result(ok, fmt, args);
	va_end(args);
	return ok;
}

bool tap_is(int64_t have, int64_t want, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!result(have == want, fmt, args))
		tap_diag("have %" PRId64 " (0x%" PRIx64 "), want %" PRId64 " (0x%" PRIx64 ")",
			 have, have, want, want);
	va_end(args);
	return have == want;
}

static void show(const char *what, const uint8_t *bytes, size_t len)
{
	char text[2 * SHOWN + 1] = "";
	size_t i;

	for (i = 0; i < len && i < SHOWN; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	tap_diag("%s %s%s", what, text, len > SHOWN ? "..." : "");
}

bool tap_mem(const void *have, const void *want, size_t len, const char *fmt, ...)
{
	bool ok = !len || !memcmp(have, want, len);
	const uint8_t *h = have, *w = want;
	va_list args;
	size_t i;

	va_start(args, fmt);
	result(ok, fmt, args);
	va_end(args);
	if (!ok) {
		for (i = 0; h[i] == w[i]; i++)
			;
		tap_diag("first difference at byte %zu of %zu, from there:", i, len);
		show("have", h + i, len - i);
		show("want", w + i, len - i);
	}
	return ok;
}

void tap_skip(const char *fmt, ...)
{
	char start[32];
	va_list args;

	snprintf(start, sizeof(start), "ok %u # SKIP ", ++checks);
	va_start(args, fmt);
	line(start, fmt, args);
	va_end(args);
}

void tap_diag(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line("# ", fmt, args);
	va_end(args);
}

void tap_bail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line("Bail out! ", fmt, args);
	va_end(args);
	exit(1);
}

int tap_done(void)
{
	printf("1..%u\n", checks);
	fflush(stdout);
	return failures || !checks;
}
