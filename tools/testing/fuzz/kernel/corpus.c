// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The programs that are worth keeping.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"

/* Longer files are no programs. */
#define TEXT_MAX	((size_t)1 << 18)

/**
 * program_save() - write a program into a file
 * @p:       the program
 * @path:    the file
 * @comment: lines in front of it, each with a #, or ""
 *
 * Return: false with errno
 */
bool program_save(const struct program *p, const char *path, const char *comment)
{
	char *text = program_print(p);
	FILE *f = fopen(path, "we");
	bool ok;

	ok = f && fputs(comment, f) >= 0 && fputs(text, f) >= 0;
	if (f && fclose(f))
		ok = false;
	free(text);
	return ok;
}

static void append(struct corpus *corpus, struct program *p)
{
	corpus->programs = realloc(corpus->programs, (corpus->n + 1) * sizeof(p));
	if (!corpus->programs)
		exit(1);
	corpus->programs[corpus->n++] = p;
}

/**
 * corpus_load_file() - add the programs of a file
 * @corpus: the corpus
 * @path:   the file
 *
 * A file that has none ends the fuzzer with what is wrong with it.
 */
void corpus_load_file(struct corpus *corpus, const char *path)
{
	char *all = xalloc(TEXT_MAX), error[128];
	const char *text = all;
	FILE *f = fopen(path, "re");
	unsigned int line = 1;
	struct program *p;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(2);
	}
	all[fread(all, 1, TEXT_MAX - 1, f)] = '\0';
	fclose(f);
	while (text) {
		p = xalloc(sizeof(*p));
		if (!program_parse(p, &text, &line, error, sizeof(error))) {
			fprintf(stderr, "%s: %s\n", path, error);
			exit(2);
		}
		append(corpus, p);
	}
	free(all);
}

static int is_program(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && !strcmp(entry->d_name + len - 4, ".txt");
}

/**
 * corpus_load() - add the programs of a folder, in the order of its files' names
 * @corpus: the corpus
 * @folder: the folder; if there is none, there are no programs
 */
void corpus_load(struct corpus *corpus, const char *folder)
{
	struct dirent **entries;
	int n = scandir(folder, &entries, is_program, alphasort), i;
	char path[4096];

	if (n < 0 && errno == ENOENT)
		return;
	if (n < 0) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		exit(2);
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		corpus_load_file(corpus, path);
		free(entries[i]);
	}
	free(entries);
	corpus->loaded = corpus->n;
}

static uint64_t hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3;
	return h;
}

/**
 * corpus_add() - keep a program
 * @corpus: the corpus
 * @p:      the program, of which a copy is kept
 */
void corpus_add(struct corpus *corpus, const struct program *p)
{
	struct program *copy = xalloc(sizeof(*copy));
	char path[4096], *text;

	program_copy(copy, p);
	append(corpus, copy);
	if (!corpus->out)
		return;
	text = program_print(p);
	snprintf(path, sizeof(path), "%s/%016" PRIx64 ".txt", corpus->out, hash(text));
	if (!program_save(p, path, ""))
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	free(text);
}

/**
 * corpus_pick() - any program
 * @corpus: the corpus
 * @rng:    where chance comes from
 *
 * Return: the program, the corpus's own; an empty one if there is none
 */
const struct program *corpus_pick(const struct corpus *corpus, struct rng *rng)
{
	static const struct program empty;

	return corpus->n ? corpus->programs[rng_below(rng, corpus->n)] : &empty;
}
