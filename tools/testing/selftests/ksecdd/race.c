// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Functions that are run at the same moment, more or less.
 */
#include <pthread.h>
#include <time.h>

#include "race.h"
#include "suite.h"

/**
 * struct racer - one of those who race
 * @start:   all are there
 * @fn:      what he does
 * @data:    for @fn
 * @wait_ns: how much later than the first he begins
 */
struct racer {
	pthread_barrier_t *start;
	race_fn fn;
	void *data;
	unsigned int wait_ns;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void *run(void *arg)
{
	const struct racer *r = arg;
	uint64_t until;

	pthread_barrier_wait(r->start);
	/* A sleep would end with a timer's tick, and all of them at the same one. */
	until = now_ns() + r->wait_ns;
	while (now_ns() < until)
		;
	r->fn(r->data);
	return NULL;
}

/**
 * race() - run functions at the same moment, and wait for all of them
 * @c:       by which it is chosen who begins how late
 * @fns:     the functions
 * @n:       how many, RACE_MAX at most
 * @data:    for the functions
 * @most_us: microseconds that one may begin later than another
 */
void race(struct chance *c, const race_fn *fns, unsigned int n, void *data, unsigned int most_us)
{
	struct racer racers[RACE_MAX];
	pthread_t threads[RACE_MAX];
	pthread_barrier_t start;
	unsigned int i;

	REQUIRE(n <= RACE_MAX);
	REQUIRE_EQ(pthread_barrier_init(&start, NULL, n), 0);
	for (i = 0; i < n; i++) {
		racers[i] = (struct racer){
			.start = &start, .fn = fns[i], .data = data,
			.wait_ns = chance_below(c, most_us * 1000 + 1),
		};
		REQUIRE_EQ(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
	}
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}
