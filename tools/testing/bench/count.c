// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is it instructions that are counted, what does counting take, and was there
 * time in between in which nothing ran?
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "count.h"

/* A loop of two instructions a round */
#define ROUNDS		10000
#define TRIES		100
/* Where a loop was interrupted, it took longer; some of the tries were not. */
#define LOOP_MAX_EXTRA	16
/* Calls of sched_yield() that are enough for everybody else to come to rest */
#define YIELDS		64

static uint64_t overhead;

static uint64_t count_loop(void)
{
	uint64_t begin, end;
	uint32_t n = ROUNDS;

	begin = count_now();
	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(n) : : "cc");
	end = count_now();
	return end - begin;
}

/**
 * count_init() - find out what counting itself takes
 *
 * Ends the program if the time stamp counter does not count instructions.
 */
void count_init(void)
{
	uint64_t least = UINT64_MAX, empty, begin, end;
	unsigned int i;

	overhead = UINT64_MAX;
	for (i = 0; i < TRIES; i++) {
		begin = count_now();
		end = count_now();
		empty = end - begin;
		if (empty < overhead)
			overhead = empty;
	}
	for (i = 0; i < TRIES; i++) {
		end = count_loop();
		if (end < least)
			least = end;
	}
	if (least < 2 * ROUNDS || least > 2 * ROUNDS + overhead + LOOP_MAX_EXTRA)
		bench_die("the clock does not count instructions: %d of them took %llu ticks. "
			  "Run this with 'make bench', or in 'make vm ICOUNT=1'",
			  2 * ROUNDS, (unsigned long long)least);
}

/**
 * count_overhead() - instructions between two count_now() with nothing in between
 */
uint64_t count_overhead(void)
{
	return overhead;
}

/**
 * count_idle() - nanoseconds for which the processor has had nothing to do so far
 *
 * The counter jumps then, to the next timer: what spans such a time is no count of
 * instructions.
 *
 * Return: the sum of the guest's one processor, or 0 if the kernel does not tell.
 */
uint64_t count_idle(void)
{
	unsigned long long idle = 0;
	char line[256];
	FILE *f = fopen("/proc/timer_list", "re");

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " .idle_sleeptime : %llu", &idle) == 1)
			break;
	fclose(f);
	return idle;
}

/**
 * count_settle() - let everybody else do what is still to be done
 *
 * What the helper tidies up after it has answered, what the kernel frees later.
 */
void count_settle(void)
{
	unsigned int i;

	for (i = 0; i < YIELDS; i++)
		sched_yield();
}

/**
 * count_settle_cost() - instructions of count_settle() where there is nothing to wait for
 */
uint64_t count_settle_cost(void)
{
	uint64_t begin;

	count_settle();
	begin = count_now();
	count_settle();
	return count_now() - begin;
}

/**
 * count_add() - another repetition
 * @count: the row
 * @value: what it took
 */
void count_add(struct count *count, double value)
{
	if (count->runs == COUNT_MAX_RUNS)
		bench_die("a row is repeated more than %u times", COUNT_MAX_RUNS);
	count->value[count->runs++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/**
 * count_sort() - put the least first
 * @count: the row
 */
void count_sort(struct count *count)
{
	qsort(count->value, count->runs, sizeof(count->value[0]), compare);
}

/**
 * count_median() - the middle one, or between the two in the middle
 * @count: the row, sorted, with a repetition at least
 */
double count_median(const struct count *count)
{
	unsigned int half = count->runs / 2;

	if (count->runs % 2)
		return count->value[half];
	return (count->value[half - 1] + count->value[half]) / 2;
}
