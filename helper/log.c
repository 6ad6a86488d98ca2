// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One write() per line, so that lines of several threads do not mix.  Nothing
 * here knows a secret, and nobody hands one in.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"

#define LINE_MAX_BYTES	4096

static bool log_verbose;
static bool log_prefix;

/**
 * log_open() - decide what is logged and how; call before there are threads
 * @verbose: lines of LOG_DEBUG too
 *
 * The journal takes the priority of a line from "<N>" in front of it; a person
 * at a terminal does not want to see that.
 */
void log_open(bool verbose)
{
	log_verbose = verbose;
	log_prefix = !isatty(STDERR_FILENO);
}

/**
 * log_line() - log one line
 * @priority: LOG_ERR to LOG_DEBUG
 * @format: as of printf, without line feed; strings that others chose must have
 *          gone through text_escape()
 *
 * Control characters are replaced all the same: one forgotten text_escape() must
 * not be enough to forge a line.
 */
void log_line(int priority, const char *format, ...)
{
	int saved = errno;
	char line[LINE_MAX_BYTES];
	size_t len = 0, i;
	va_list args;
	ssize_t ret;
	int n;

	if (priority == LOG_DEBUG && !log_verbose)
		return;
	if (log_prefix)
		len = (size_t)snprintf(line, sizeof(line), "<%d>", priority);
	else
		len = (size_t)snprintf(line, sizeof(line), "ksecd: ");
	i = len;
	errno = saved;
	va_start(args, format);
	n = vsnprintf(line + len, sizeof(line) - len - 1, format, args);
	va_end(args);
	if (n < 0)
		goto out;
	len += (size_t)n;
	if (len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	for (; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	/* There is nowhere to complain about a log that cannot be written. */
	ret = write(STDERR_FILENO, line, len);
	(void)ret;
out:
	errno = saved;
}
