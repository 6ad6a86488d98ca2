// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is being run.
 *
 * A message to the host takes longer than a short program, so several programs are
 * noted before the first of them is run.  And what ends the guest need not be their
 * doing: memory that is used after it was freed may be found much later.  So there
 * are two files, written in turn, and the other one has those that came before.
 *
 * A file is not cut when less is written over more, which would be a message more;
 * "#end" is where it ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define FILES	2

static int files[FILES];
static uint64_t written;

/**
 * log_init() - make the files
 * @folder: where; last-0.txt and last-1.txt
 */
void log_init(const char *folder)
{
	char path[4096];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/last-%d.txt", folder, i);
		files[i] = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (files[i] < 0) {
			fprintf(stderr, "%s: %s\n", path, strerror(errno));
			exit(2);
		}
	}
}

/**
 * log_programs() - note what is about to be run
 * @texts: the programs
 * @n:     how many
 */
void log_programs(char *const *texts, size_t n)
{
	char *all = NULL;
	size_t len = 0, i;
	FILE *f = open_memstream(&all, &len);

	if (!f)
		return;
	fprintf(f, "# written %" PRIu64 "\n", written);
	for (i = 0; i < n; i++)
		fprintf(f, "%s%s", i ? "---\n" : "", texts[i]);
	fputs("#end\n", f);
	fclose(f);
	/* On the host's file system when this returns, since nothing is cached. */
	if (pwrite(files[written++ % FILES], all, len, 0) != (ssize_t)len)
		perror("the file of the last programs");
	free(all);
}
