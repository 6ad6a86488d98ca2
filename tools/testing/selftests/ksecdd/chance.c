// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random numbers that can be had again, and for how long to go on with them.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "chance.h"
#include "suite.h"

static pthread_once_t seeded = PTHREAD_ONCE_INIT;
static unsigned int seed;

static void get_seed(void)
{
	const char *env = getenv("KSECDD_SEED");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	seed = env ? (unsigned int)strtoul(env, NULL, 10) :
		     (unsigned int)(now.tv_sec ^ now.tv_nsec);
	suite_note("KSECDD_SEED=%u", seed);
}

/**
 * chance_seed() - what all random numbers of this run begin with
 *
 * Shown once, so that a failure can be looked for again.
 *
 * Return: KSECDD_SEED, or else some number
 */
unsigned int chance_seed(void)
{
	pthread_once(&seeded, get_seed);
	return seed;
}

/**
 * chance_init() - begin a sequence of random numbers
 * @c:      the sequence
 * @number: each has its own
 */
void chance_init(struct chance *c, unsigned int number)
{
	c->state = ((uint64_t)chance_seed() << 32 | number) + 1;
}

/**
 * chance_below() - a random number
 * @c: the sequence
 * @n: more than 0
 *
 * Return: 0 to @n - 1
 */
uint32_t chance_below(struct chance *c, uint32_t n)
{
	uint64_t x;

	/* splitmix64: any state will do */
	c->state += 0x9e3779b97f4a7c15;
	x = c->state;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((x ^ x >> 31) >> 32) % n;
}

/**
 * chance_one_in() - true now and then
 * @c: the sequence
 * @n: once in so many times
 *
 * Return: true or false
 */
bool chance_one_in(struct chance *c, uint32_t n)
{
	return !chance_below(c, n);
}

/**
 * chance_nap() - sleep for a random time
 * @c:       the sequence
 * @most_us: microseconds, the most; 0 is as likely as any other time
 */
void chance_nap(struct chance *c, unsigned int most_us)
{
	uint32_t us = chance_below(c, most_us + 1);
	const struct timespec t = {
		.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000,
	};

	if (us)
		nanosleep(&t, NULL);
}

/**
 * chance_deadline() - when to end a test that could go on for ever
 * @ms: how long it takes when nobody says otherwise, in milliseconds
 *
 * KSECDD_SECONDS is shared by the tests of a program: it is for each of them.
 *
 * Return: suite_now_ms() of the end
 */
uint64_t chance_deadline(unsigned int ms)
{
	const char *env = getenv("KSECDD_SECONDS");

	return suite_now_ms() + (env ? strtoul(env, NULL, 10) * 1000 : ms);
}

/**
 * chance_long() - has somebody said for how long to go on?
 *
 * Return: true if it is the time that ends a test, and not how much was done
 */
bool chance_long(void)
{
	return getenv("KSECDD_SECONDS");
}
