// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the log: whatever names are in it, one call makes one line.
 *
 * Input: a byte for the priority, then the names, each up to a NUL.  write() is
 * this file's, since standard error is libFuzzer's.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "helper/log.h"
#include "helper/text.h"

ssize_t __real_write(int fd, const void *data, size_t len);
ssize_t __wrap_write(int fd, const void *data, size_t len);

static bool capturing;
static unsigned int lines;
static char line[8192];
static size_t line_len;

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	if (!capturing || fd != STDERR_FILENO)
		return __real_write(fd, data, len);
	lines++;
	fuzz_assert(len <= sizeof(line), "a line of %zu bytes", len);
	memcpy(line, data, len);
	line_len = len;
	/* The journal may be full, or gone. */
	errno = EIO;
	return -1;
}

static void check_line(int priority)
{
	char start[16];
	size_t i;

	/* As log_open() has it: a person at a terminal has started the fuzzer, or not. */
	snprintf(start, sizeof(start), isatty(STDERR_FILENO) ? "ksecd: " : "<%d>", priority);
	fuzz_assert(lines == 1, "%u lines", lines);
	fuzz_assert(line_len > strlen(start) && !memcmp(line, start, strlen(start)),
		    "the line does not begin with \"%s\"", start);
	fuzz_assert(line[line_len - 1] == '\n', "no line feed");
	for (i = 0; i + 1 < line_len; i++)
		fuzz_assert((unsigned char)line[i] >= ' ' && line[i] != 0x7f,
			    "byte 0x%02x in a line", (unsigned char)line[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	int priority = fuzz_take_below(&in, 8);
	char *raw = fuzz_take_text(&in, in.len), *name = fuzz_take_text(&in, in.len);
	char shown[TEXT_NAME_MAX];

	log_open(true);
	lines = 0;
	line_len = 0;
	errno = ENOENT;
	capturing = true;
	log_line(priority, "account \"%s\": %s", text_escape(shown, sizeof(shown), name), raw);
	capturing = false;
	fuzz_assert(errno == ENOENT, "errno is another one");
	check_line(priority);
	free(raw);
	free(name);
	return 0;
}
