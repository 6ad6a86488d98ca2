// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is to be measured, as the command line says.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

struct bench_options bench_options = {
	.live = { 1 },
	.sizes = { 64, 1024, 16384, 65536 },
	.enctypes = { 17, 18, 19, 20, 25, 26 },
	.runs = 5,
	.logons = 20,
	.bulk = 64,
	.memory = true,
};

static unsigned long number(const char *text, const char **end, unsigned long max)
{
	unsigned long value;
	char *after;

	value = strtoul(text, &after, 10);
	if (after == text || value < 1 || value > max)
		bench_die("'%s' is not a number from 1 to %lu", text, max);
	*end = after;
	return value;
}

static unsigned int single(const char *text, unsigned long max)
{
	unsigned long value = number(text, &text, max);

	if (*text)
		bench_die("'%s' is behind the number", text);
	return (unsigned int)value;
}

/* Calls @put with each number of a list, and its index. */
static void list(const char *text, unsigned long max, void (*put)(unsigned int i, unsigned long n))
{
	unsigned int i;

	for (i = 0; i < 7; i++) {
		put(i, number(text, &text, max));
		put(i + 1, 0);
		if (!*text)
			return;
		if (*text++ != ',')
			bench_die("'%s' is not a list of numbers with commas", text - 1);
	}
	bench_die("a list has 7 numbers at most");
}

static void put_live(unsigned int i, unsigned long n)
{
	bench_options.live[i] = n;
	if (i && n && n <= bench_options.live[i - 1])
		bench_die("--live: the numbers must grow");
}

static void put_size(unsigned int i, unsigned long n)
{
	bench_options.sizes[i] = (uint32_t)n;
}

static void put_enctype(unsigned int i, unsigned long n)
{
	bench_options.enctypes[i] = (unsigned int)n;
}

/**
 * bench_parse_options() - take the command line
 * @argv:  of main()
 * @usage: what --help says
 *
 * A mistake ends the program.
 */
void bench_parse_options(char **argv, const char *usage)
{
	for (argv++; *argv; argv++) {
		const char *name = *argv, *value = argv[1];

		if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
			fputs(usage, stdout);
			exit(0);
		}
		if (!strcmp(name, "--no-memory")) {
			bench_options.memory = false;
			continue;
		}
		if (!value)
			bench_die("%s: see --help", name);
		if (!strcmp(name, "--live"))
			list(value, 10000000, put_live);
		else if (!strcmp(name, "--sizes"))
			list(value, 65536, put_size);
		else if (!strcmp(name, "--enctypes"))
			list(value, 255, put_enctype);
		else if (!strcmp(name, "--runs"))
			bench_options.runs = single(value, COUNT_MAX_RUNS);
		else if (!strcmp(name, "--logons"))
			bench_options.logons = single(value, 100000);
		else if (!strcmp(name, "--bulk"))
			bench_options.bulk = single(value, 1024);
		else
			bench_die("%s: see --help", name);
		argv++;
	}
}
