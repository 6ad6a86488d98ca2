// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a program of the benchmark says: a line of JSON a row, which
 * tools/testing/bench/bench reads, and how far it is.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

/**
 * bench_die() - end the benchmark
 * @format: why, as for printf()
 */
void bench_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/**
 * bench_progress() - say what comes next
 * @format: as for printf()
 */
void bench_progress(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# %s: ", program_invocation_short_name);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

/**
 * bench_row() - say what was measured
 * @ssp:   the implementation's name
 * @row:   what it is
 * @live:  live contexts
 * @size:  length of the messages in bytes, 0 for what is no message
 * @batch: messages in a call
 * @unit:  "instructions" or "bytes"
 * @count: what it took; is sorted
 */
void bench_row(const char *ssp, const char *row, unsigned long live, uint32_t size,
	       unsigned int batch, const char *unit, struct count *count)
{
	count_sort(count);
	printf("{\"ssp\": \"%s\", \"row\": \"%s\", \"live\": %lu, \"size\": %u, \"batch\": %u, "
	       "\"unit\": \"%s\", \"runs\": %u, \"min\": %.1f, \"median\": %.1f, \"max\": %.1f}\n",
	       ssp, row, live, size, batch, unit, count->runs, count->value[0],
	       count_median(count), count->value[count->runs - 1]);
	fflush(stdout);
}
