// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message path: from the caller's buffers to a mechanism and back.
 *
 * The caller's memory is read once, into one piece of kernel memory, and only
 * that is looked at, verified and transformed: what a caller changes meanwhile
 * changes nothing, and nothing that did not verify is ever in his memory.  No
 * lock is held while his memory is touched, since a page fault there may take
 * as long as he likes.
 *
 * A message must not cost an allocation.  So each CPU has a scratch buffer for
 * the messages of usual size; a task takes it away and puts it back, on
 * whatever CPU it is by then.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_sspi.h>

#include "mech.h"
#include "message.h"

/* Messages of at most so many buffers need no allocation for them. */
#define KSEC_FEW_BUFFERS	8

#define KSEC_SCRATCH_SIZE	SZ_64K

/* The scratch buffer of a CPU; NULL while a task has it, or there was none yet. */
static DEFINE_PER_CPU(u8 *, ksec_scratch);

/*
 * How many scratch buffers there are.  They belong to no memory cgroup, so
 * there are no more than CPUs, however many tasks are stuck with one.
 */
static atomic_t ksec_scratches = ATOMIC_INIT(0);

/**
 * struct ksec_snapshot - kernel memory for the data of a message
 * @s_mem:    the memory
 * @s_len:    bytes in use
 * @s_cached: it is a scratch buffer
 */
struct ksec_snapshot {
	u8 *s_mem;
	u32 s_len;
	bool s_cached;
};

/**
 * struct ksec_parts - which buffer is what
 * @p_token:     index of the SECBUFFER_TOKEN; -1 - there is none
 * @p_stream:    index of the SECBUFFER_STREAM; -1 - there is none
 * @p_data:      index of the first SECBUFFER_DATA; -1 - there is none
 * @p_ndata:     how many SECBUFFER_DATA there are
 * @p_data_len:  their lengths together
 */
struct ksec_parts {
	int p_token;
	int p_stream;
	int p_data;
	unsigned int p_ndata;
	u32 p_data_len;
};

static bool ksec_snapshot_get(struct ksec_snapshot *snap, u32 len)
{
	snap->s_len = len;
	snap->s_cached = false;
	if (likely(len <= KSEC_SCRATCH_SIZE)) {
		snap->s_mem = this_cpu_xchg(ksec_scratch, NULL);
		if (unlikely(!snap->s_mem) &&
		    atomic_add_unless(&ksec_scratches, 1, nr_cpu_ids)) {
			snap->s_mem = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_COMP |
							     __GFP_NOWARN | __GFP_NORETRY,
							     get_order(KSEC_SCRATCH_SIZE));
			if (!snap->s_mem)
				atomic_dec(&ksec_scratches);
		}
		if (likely(snap->s_mem)) {
			snap->s_cached = true;
			return true;
		}
	}
	snap->s_mem = kvmalloc(len, GFP_KERNEL_ACCOUNT);
	return snap->s_mem;
}

static void ksec_scratch_free(u8 *mem)
{
	free_pages((unsigned long)mem, get_order(KSEC_SCRATCH_SIZE));
	atomic_dec(&ksec_scratches);
}

static void ksec_snapshot_put(struct ksec_snapshot *snap)
{
	if (!snap->s_cached) {
		kvfree_sensitive(snap->s_mem, snap->s_len);
		return;
	}
	memzero_explicit(snap->s_mem, snap->s_len);
	if (unlikely(this_cpu_cmpxchg(ksec_scratch, NULL, snap->s_mem)))
		ksec_scratch_free(snap->s_mem);
}

int ksec_message_init(void)
{
	return 0;
}

void ksec_message_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		u8 *mem = per_cpu(ksec_scratch, cpu);

		if (mem)
			ksec_scratch_free(mem);
		per_cpu(ksec_scratch, cpu) = NULL;
	}
}

static bool ksec_is_read_only(const struct ksecdd_buffer *buf)
{
	return buf->type & (SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM);
}

/* Notes that @buf of the array is the one and only of its type. */
static bool ksec_set_once(int *index, unsigned int i)
{
	if (*index >= 0)
		return false;
	*index = i;
	return true;
}

/* Finds out which buffer is what. */
static s32 ksec_sort_buffers(const struct ksec_mech *mech, u32 op,
			     const struct ksecdd_buffer *bufs, unsigned int n,
			     struct ksec_parts *parts)
{
	bool makes = op == KSECDD_MESSAGE_SIGN || op == KSECDD_MESSAGE_ENCRYPT;
	u32 total = 0;
	unsigned int i;

	*parts = (struct ksec_parts){ .p_token = -1, .p_stream = -1, .p_data = -1 };

	for (i = 0; i < n; i++) {
		const struct ksecdd_buffer *buf = &bufs[i];

		if (buf->type & SECBUFFER_ATTRMASK &
		    ~(SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM))
			return SEC_E_INVALID_TOKEN;

		switch (buf->type & ~SECBUFFER_ATTRMASK) {
		case SECBUFFER_EMPTY:
		case SECBUFFER_PADDING:
			continue;
		case SECBUFFER_DATA:
			if (!parts->p_ndata++)
				parts->p_data = i;
			break;
		case SECBUFFER_TOKEN:
			if (!ksec_set_once(&parts->p_token, i) ||
			    (makes && ksec_is_read_only(buf)))
				return SEC_E_INVALID_TOKEN;
			break;
		case SECBUFFER_STREAM:
			if (!ksec_set_once(&parts->p_stream, i) || ksec_is_read_only(buf))
				return SEC_E_INVALID_TOKEN;
			break;
		default:
			return SEC_E_INVALID_TOKEN;
		}
	}
}
