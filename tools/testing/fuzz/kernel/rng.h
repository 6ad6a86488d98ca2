/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers that depend on the seed alone (splitmix64).
 */
#ifndef KSECDD_FUZZ_RNG_H
#define KSECDD_FUZZ_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* The numbers of the n-th program, whatever came before it */
static inline struct rng rng_for(uint64_t seed, uint64_t n)
{
	struct rng rng = { seed * 0x2545f4914f6cdd1d + n };

	rng_next(&rng);
	return rng;
}

/* Less than @n, which is not 0 */
static inline uint64_t rng_below(struct rng *rng, uint64_t n)
{
	return rng_next(rng) % n;
}

/* True in @percent of 100 cases */
static inline bool rng_chance(struct rng *rng, unsigned int percent)
{
	return rng_below(rng, 100) < percent;
}

#endif /* KSECDD_FUZZ_RNG_H */
