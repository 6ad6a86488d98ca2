// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory, as the kernel accounts for it page by page: what allocators round up and
 * keep is in it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* Of /proc/meminfo: what is not the kernel's own */
static const struct {
	const char *name;
	int sign;
} fields[] = {
	{ "MemTotal", 1 },
	{ "MemFree", -1 },
	{ "Buffers", -1 },
	{ "Cached", -1 },	/* files, and shared memory */
	{ "SwapCached", -1 },
	{ "AnonPages", -1 },
};

#define FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* Each processor counts for itself at first; this makes the sums true. */
static void refresh(void)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	if (!ok)
		bench_die("/proc/sys/vm/stat_refresh cannot be written; this is for root");
}

/* Free pages that a processor keeps for itself, which MemFree does not count */
static double reserved_pages(void)
{
	FILE *f = fopen("/proc/zoneinfo", "re");
	bool processors = false;
	double pages = 0;
	char line[128];
	long count;

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "  pagesets", 10))
			processors = true;
		else if (line[0] == 'N' || !strncmp(line, "  node_unreclaimable", 20))
			processors = false;
		else if (processors && sscanf(line, " count: %ld", &count) == 1)
			pages += count;
	}
	if (f)
		fclose(f);
	return pages;
}

static double kernel_bytes(void)
{
	FILE *f;
	unsigned int found = 0, i;
	double sum;
	char line[128];

	refresh();
	sum = -reserved_pages() * (double)sysconf(_SC_PAGESIZE);
	f = fopen("/proc/meminfo", "re");
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long kib;
		char name[32];

		if (sscanf(line, "%31[^:]: %llu", name, &kib) != 2)
			continue;
		for (i = 0; i < FIELDS; i++)
			if (!strcmp(name, fields[i].name)) {
				sum += fields[i].sign * (double)kib * 1024;
				found++;
			}
	}
	if (f)
		fclose(f);
	if (found != FIELDS)
		bench_die("/proc/meminfo does not say what is free");
	return sum;
}

static double own_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long long size, resident;
	bool ok = f && fscanf(f, "%llu %llu", &size, &resident) == 2;

	if (f)
		fclose(f);
	if (!ok)
		bench_die("/proc/self/statm cannot be read");
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/**
 * bench_memory_now() - memory in use
 * @memory: of the kernel, and of this process
 */
void bench_memory_now(struct bench_memory *memory)
{
	memory->kernel = kernel_bytes();
	memory->own = own_bytes();
}
