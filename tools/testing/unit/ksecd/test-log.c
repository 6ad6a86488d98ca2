// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log: what a line looks like, and that none can be forged.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "tools/testing/tap/tap.h"

static char logged[16384];

/* Standard error is the log, so it leads into a file for a moment. */
static void log_into(void (*fn)(void))
{
	char name[] = "/tmp/ksecd-test-log.XXXXXX";
	int fd = mkstemp(name), saved = dup(STDERR_FILENO);
	ssize_t n;

	if (fd < 0 || saved < 0)
		tap_bail("cannot make a file in /tmp");
	unlink(name);
	dup2(fd, STDERR_FILENO);
	log_open(false);
	fn();
	dup2(saved, STDERR_FILENO);
	n = pread(fd, logged, sizeof(logged) - 1, 0);
	logged[n < 0 ? 0 : n] = '\0';
	close(fd);
	close(saved);
}

static void plain(void)
{
	log_notice("registered, %d requests", 64);
	log_debug("not shown");
	log_err("gone");
}

static void forged(void)
{
	log_info("account \"%s\"", "a\n<0>ksecd: everything is fine\x1b[2J\x7f");
}

static void endless(void)
{
	char text[10000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_err("%s", text);
	log_err("next");
}

int main(void)
{
	const char *end;

	log_into(plain);
	tap_ok(!strcmp(logged, "<5>registered, 64 requests\n<3>gone\n"),
	       "lines with their priority, and no debug lines unless asked for");
	log_into(forged);
	tap_ok(!strcmp(logged, "<6>account \"a?<0>ksecd: everything is fine?[2J?\"\n"),
	       "one call is one line, whatever is in it");
	log_into(endless);
	end = strchr(logged, '\n');
	tap_is(end ? end - logged : -1, 4094, "a line that is too long is cut");
	tap_ok(end && !strcmp(end, "\n<3>next\n"), "and the next begins a line");
	return tap_done();
}
