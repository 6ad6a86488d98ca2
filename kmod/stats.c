// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters.  Per CPU, so that a message costs no shared cache line; what there
 * is now is counted up on one CPU and down on another, and only the sum means
 * something.
 */
#include <linux/cpumask.h>

#include "ksec.h"

struct ksec_stats __percpu *ksec_stats;

/**
 * ksec_stat_sum() - value of a counter
 * @stat: which
 *
 * Return: the sum over all CPUs; momentarily off by what is being counted
 */
u64 ksec_stat_sum(enum ksec_stat stat)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(ksec_stats, cpu)->s_count[stat]);
	return sum;
}

int ksec_stats_init(void)
{
	ksec_stats = alloc_percpu(struct ksec_stats);
	return ksec_stats ? 0 : -ENOMEM;
}

void ksec_stats_exit(void)
{
	free_percpu(ksec_stats);
}
