// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel memory for the data of one message.
 *
 * A message must not cost an allocation.  So each CPU has a scratch buffer for
 * the messages of usual size; a task takes it away and puts it back, on
 * whatever CPU it is by then.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "snapshot.h"

/* Data of 64 KiB, and what a mechanism wants before and behind it. */
#define KSEC_SCRATCH_SIZE	(SZ_64K + PAGE_SIZE)

/* The scratch buffer of a CPU; NULL while a task has it, or there was none yet. */
static DEFINE_PER_CPU(u8 *, ksec_scratch);

/*
 * How many scratch buffers there are.  They belong to no memory cgroup, so
 * there are no more than CPUs, however many tasks are stuck with one.
 */
static atomic_t ksec_scratches = ATOMIC_INIT(0);

/**
 * ksec_snapshot_get() - memory for a message
 * @snap: receives it; what is in it is anything
 * @len:  bytes that are wanted
 *
 * Context: may sleep.
 * Return: false without memory
 */
bool ksec_snapshot_get(struct ksec_snapshot *snap, u32 len)
{
	snap->s_len = len;
	snap->s_cached = false;
	if (likely(len <= KSEC_SCRATCH_SIZE)) {
		snap->s_mem = this_cpu_xchg(ksec_scratch, NULL);
		if (unlikely(!snap->s_mem) &&
		    atomic_add_unless(&ksec_scratches, 1, nr_cpu_ids)) {
			snap->s_mem = alloc_pages_exact(KSEC_SCRATCH_SIZE,
							GFP_KERNEL | __GFP_NOWARN |
							__GFP_NORETRY);
			if (!snap->s_mem)
				atomic_dec(&ksec_scratches);
		}
		if (likely(snap->s_mem)) {
			snap->s_cached = true;
			return true;
		}
	}
	/* Its size is the caller's choice, who must not fill the log by it. */
	snap->s_mem = kvmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	return snap->s_mem;
}

static void ksec_scratch_free(u8 *mem)
{
	free_pages_exact(mem, KSEC_SCRATCH_SIZE);
	atomic_dec(&ksec_scratches);
}

/**
 * ksec_snapshot_put() - wipe it and give it back
 * @snap: from ksec_snapshot_get()
 */
void ksec_snapshot_put(struct ksec_snapshot *snap)
{
	if (!snap->s_cached) {
		kvfree_sensitive(snap->s_mem, snap->s_len);
		return;
	}
	memzero_explicit(snap->s_mem, snap->s_len);
	if (unlikely(this_cpu_cmpxchg(ksec_scratch, NULL, snap->s_mem)))
		ksec_scratch_free(snap->s_mem);
}

/**
 * ksec_snapshot_exit() - free the scratch buffers; no message is at work any more
 */
void ksec_snapshot_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		u8 *mem = per_cpu(ksec_scratch, cpu);

		if (mem)
			ksec_scratch_free(mem);
		per_cpu(ksec_scratch, cpu) = NULL;
	}
}
