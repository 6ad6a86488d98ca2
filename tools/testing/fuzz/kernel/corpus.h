/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs that are worth keeping: files of a folder, and what was found since.
 */
#ifndef KSECDD_FUZZ_CORPUS_H
#define KSECDD_FUZZ_CORPUS_H

#include "program.h"
#include "rng.h"

/**
 * struct corpus - programs
 * @programs: the programs, each the corpus's own
 * @n:        how many
 * @loaded:   how many of them came from files
 * @out:      folder where new ones are written, NULL - nowhere
 */
struct corpus {
	struct program **programs;
	size_t n;
	size_t loaded;
	const char *out;
};

void corpus_load(struct corpus *corpus, const char *folder);
void corpus_load_file(struct corpus *corpus, const char *path);
void corpus_add(struct corpus *corpus, const struct program *p);
const struct program *corpus_pick(const struct corpus *corpus, struct rng *rng);
bool program_save(const struct program *p, const char *path, const char *comment);

#endif /* KSECDD_FUZZ_CORPUS_H */
