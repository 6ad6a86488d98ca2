/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers that can be had again, and for how long to go on with them.
 *
 * KSECDD_SEED=n repeats a run as far as the scheduler does; KSECDD_SECONDS=n makes
 * it longer or shorter.
 */
#ifndef KSECDD_SELFTESTS_CHANCE_H
#define KSECDD_SELFTESTS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/* One for each thread */
struct chance {
	uint64_t state;
};

void chance_init(struct chance *c, unsigned int number);
uint32_t chance_below(struct chance *c, uint32_t n);
bool chance_one_in(struct chance *c, uint32_t n);
void chance_nap(struct chance *c, unsigned int most_us);

unsigned int chance_seed(void);
uint64_t chance_deadline(unsigned int ms);
bool chance_long(void);

#endif /* KSECDD_SELFTESTS_CHANCE_H */
