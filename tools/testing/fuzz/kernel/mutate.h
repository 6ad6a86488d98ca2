/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New programs out of old ones.
 */
#ifndef KSECDD_FUZZ_MUTATE_H
#define KSECDD_FUZZ_MUTATE_H

#include "program.h"
#include "rng.h"

void mutate(struct rng *rng, enum target target, struct program *p, const struct program *donor);

#endif /* KSECDD_FUZZ_MUTATE_H */
