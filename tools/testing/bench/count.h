/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counting instructions.
 *
 * In a guest that QEMU runs with -icount shift=0 the time stamp counter goes up by
 * one with every instruction, in user space and in the kernel, of every process.
 */
#ifndef KSECDD_BENCH_COUNT_H
#define KSECDD_BENCH_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* More than a row is ever repeated */
#define COUNT_MAX_RUNS	64

/**
 * struct count - what the repetitions of a row took
 * @runs:  how many there were
 * @value: what each took, sorted by count_sort()
 */
struct count {
	unsigned int runs;
	double value[COUNT_MAX_RUNS];
};

static inline uint64_t count_now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

void count_init(void);
uint64_t count_overhead(void);
uint64_t count_idle(void);
void count_settle(void);
uint64_t count_settle_cost(void);
void count_add(struct count *count, double value);
void count_sort(struct count *count);
double count_median(const struct count *count);

#endif /* KSECDD_BENCH_COUNT_H */
