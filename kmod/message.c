// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message path: from the caller's buffers to a mechanism and back.
 *
 * The caller's memory is read once, into one piece of kernel memory, and only
 * that is looked at, verified and transformed: what a caller changes meanwhile
 * changes nothing, and nothing that did not verify is ever in his memory.  No
 * lock is held while his memory is touched, since a page fault there may take
 * as long as he likes.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_sspi.h>

#include "mech.h"
#include "message.h"
#include "snapshot.h"

/* Messages of at most so many buffers need no allocation for them. */
#define KSEC_FEW_BUFFERS	4

/**
 * struct ksec_job - a message on its way
 * @j_op:       KSECDD_MESSAGE_*
 * @j_ubufs:    the caller's array of buffers
 * @j_bufs:     kernel copy; its first @j_msg.nsegments elements are then those
 *              with the data
 * @j_token:    index of the SECBUFFER_TOKEN in @j_ubufs; -1 - there is none
 * @j_stream:   index of the SECBUFFER_STREAM; -1 - there is none
 * @j_data:     index of the last SECBUFFER_DATA
 * @j_pad:      the first SECBUFFER_PADDING; a length of 0 - there is none
 * @j_padding:  a bit for each SECBUFFER_PADDING
 * @j_utoken:   where the token is
 * @j_room:     length of the caller's token buffer
 * @j_data_len: length of all the data in bytes
 * @j_msg:      what the mechanism sees
 * @j_snap:     memory for the data
 * @j_trailer:  memory for the token
 */
struct ksec_job {
	u32 j_op;
	struct ksecdd_buffer __user *j_ubufs;
	struct ksecdd_buffer *j_bufs;
	int j_token;
	int j_stream;
	int j_data;
	struct ksecdd_buffer j_pad;
	u64 j_padding;
	void __user *j_utoken;
	u32 j_room;
	u32 j_data_len;
	struct ksec_message j_msg;
	struct ksec_snapshot j_snap;
	u8 j_trailer[KSEC_MAX_TRAILER] __aligned(8);
};

static_assert(sizeof(u64) * BITS_PER_BYTE >= KSECDD_MAX_BUFFERS);

int ksec_message_init(void)
{
	return 0;
}

void ksec_message_exit(void)
{
	ksec_snapshot_exit();
}

/* Whether the token is something to be made, not something to be judged. */
static bool ksec_makes_token(const struct ksec_job *job)
{
	return job->j_op == KSECDD_MESSAGE_SIGN || job->j_op == KSECDD_MESSAGE_ENCRYPT;
}

static bool ksec_seals(const struct ksec_job *job)
{
	return job->j_op == KSECDD_MESSAGE_ENCRYPT || job->j_op == KSECDD_MESSAGE_DECRYPT;
}

/*
 * A SECBUFFER_STREAM is a token and one buffer of data that happen to lie side
 * by side, or that only the mechanism can tell apart; the SECBUFFER_DATA is
 * only where the result is told.
 */
static s32 ksec_split_stream(const struct ksec_mech *mech, struct ksec_job *job,
			     const struct ksecdd_buffer *stream)
{
	u32 head = mech->stream_token;

	if (job->j_op != KSECDD_MESSAGE_DECRYPT || job->j_token >= 0 ||
	    job->j_msg.nsegments != 1 || stream->len < head)
		return SEC_E_INVALID_TOKEN;

	job->j_utoken = u64_to_user_ptr(stream->ptr);
	job->j_room = head;
	job->j_bufs[0].ptr = stream->ptr + head;
	job->j_msg.segments[0].len = stream->len - head;
	job->j_msg.segments[0].seal = true;
	job->j_msg.segments[0].sign = true;
	job->j_msg.stream = !head;
	return SEC_E_OK;
}

/*
 * Finds out what each of @n buffers is.  The data buffers move to the front of
 * the kernel's copy, where their index is that of their segment.
 */
static s32 ksec_sort_buffers(const struct ksec_mech *mech, struct ksec_job *job, unsigned int n)
{
	static const u32 read_only = SECBUFFER_READONLY | SECBUFFER_READONLY_WITH_CHECKSUM;
	struct ksec_message *msg = &job->j_msg;
	struct ksecdd_buffer stream = {};
	u64 total, sealed;
	unsigned int i;
	s32 status;

	for (i = 0; i < n; i++) {
		struct ksecdd_buffer buf = job->j_bufs[i];
		u32 attributes = buf.type & SECBUFFER_ATTRMASK;

		if (attributes & ~read_only)
			return SEC_E_INVALID_TOKEN;

		switch (buf.type & ~SECBUFFER_ATTRMASK) {
		case SECBUFFER_DATA:
			job->j_data = i;
			job->j_bufs[msg->nsegments] = buf;
			msg->segments[msg->nsegments].len = buf.len;
			msg->segments[msg->nsegments].seal = !attributes && ksec_seals(job);
			msg->segments[msg->nsegments].sign = attributes != SECBUFFER_READONLY;
			msg->nsegments++;
			break;
		case SECBUFFER_TOKEN:
			if (job->j_token >= 0 || (attributes && ksec_makes_token(job)))
				return SEC_E_INVALID_TOKEN;
			job->j_token = i;
			job->j_utoken = u64_to_user_ptr(buf.ptr);
			job->j_room = buf.len;
			break;
		case SECBUFFER_STREAM:
			if (job->j_stream >= 0 || attributes)
				return SEC_E_INVALID_TOKEN;
			job->j_stream = i;
			stream = buf;
			break;
		case SECBUFFER_PADDING:
			if (!job->j_padding)
				job->j_pad = buf;
			job->j_padding |= BIT_ULL(i);
			break;
		case SECBUFFER_EMPTY:
			break;
		default:
			return SEC_E_INVALID_TOKEN;
		}
	}

	if (job->j_stream >= 0) {
		status = ksec_split_stream(mech, job, &stream);
		if (status != SEC_E_OK)
			return status;
	} else if (job->j_token < 0) {
		return SEC_E_INVALID_TOKEN;
	}

	/* of at most KSECDD_MAX_BUFFERS 32-bit numbers: no overflow */
	total = job->j_room;
	sealed = 0;
	for (i = 0; i < msg->nsegments; i++) {
		total += msg->segments[i].len;
		if (msg->segments[i].seal)
			sealed += msg->segments[i].len;
	}
	if (total > KSECDD_MAX_MESSAGE)
		return SEC_E_INSUFFICIENT_MEMORY;
	job->j_data_len = total - job->j_room;

	msg->sealed_len = sealed;
	msg->token = job->j_trailer;
	msg->token_len = job->j_room;
	msg->padding_len = min(job->j_pad.len, mech->padding);
	return SEC_E_OK;
}

/* Takes the snapshot: first what is to be sealed, then what is not. */
static int ksec_copy_in(const struct ksec_mech *mech, struct ksec_job *job)
{
	struct ksec_message *msg = &job->j_msg;
	u8 *sealed = job->j_snap.s_mem + mech->headroom;
	u8 *other = sealed + msg->sealed_len + mech->tailroom;
	unsigned int i;

	msg->sealed = sealed;
	for (i = 0; i < msg->nsegments; i++) {
		struct ksec_segment *seg = &msg->segments[i];
		u8 **mem = seg->seal ? &sealed : &other;

		seg->data = *mem;
		if (copy_from_user(seg->data, u64_to_user_ptr(job->j_bufs[i].ptr), seg->len))
			return -EFAULT;
		*mem += seg->len;
	}
	if (ksec_makes_token(job))
		return 0;
	if (copy_from_user(msg->token, job->j_utoken,
			   min_t(u32, msg->token_len, sizeof(job->j_trailer))))
		return -EFAULT;
	if (unlikely(msg->padding_len) &&
	    copy_from_user(msg->padding, u64_to_user_ptr(job->j_pad.ptr), msg->padding_len))
		return -EFAULT;
	return 0;
}

/* Gives the caller what was padded, and that the other buffers for it got nothing. */
static int ksec_copy_padding(struct ksec_job *job)
{
	const struct ksec_message *msg = &job->j_msg;
	u32 len = msg->padding_len;

	if (copy_to_user(u64_to_user_ptr(job->j_pad.ptr), msg->padding, len))
		return -EFAULT;
	for (; job->j_padding; job->j_padding &= job->j_padding - 1) {
		if (put_user(len, &job->j_ubufs[__ffs64(job->j_padding)].len))
			return -EFAULT;
		len = 0;
	}
	return 0;
}

/* Gives the caller what has changed. */
static int ksec_copy_out(struct ksec_job *job)
{
	struct ksec_message *msg = &job->j_msg;
	unsigned int i;

	/* The mechanism has found the plain text somewhere in the stream. */
	if (unlikely(job->j_stream >= 0))
		job->j_bufs[0].ptr += msg->segments[0].data - msg->sealed;

	for (i = 0; i < msg->nsegments; i++) {
		struct ksec_segment *seg = &msg->segments[i];

		if (seg->seal &&
		    copy_to_user(u64_to_user_ptr(job->j_bufs[i].ptr), seg->data, seg->len))
			return -EFAULT;
	}

	if (ksec_makes_token(job)) {
		if (copy_to_user(job->j_utoken, msg->token, msg->token_len))
			return -EFAULT;
		if (msg->token_len != job->j_room &&
		    put_user(msg->token_len, &job->j_ubufs[job->j_token].len))
			return -EFAULT;
	}

	if (unlikely(job->j_padding) && job->j_op == KSECDD_MESSAGE_ENCRYPT &&
	    ksec_copy_padding(job))
		return -EFAULT;

	if (unlikely(job->j_stream >= 0) &&
	    (put_user(msg->segments[0].len, &job->j_ubufs[job->j_data].len) ||
	     put_user(job->j_bufs[0].ptr, &job->j_ubufs[job->j_data].ptr)))
		return -EFAULT;
	return 0;
}

/* The message, once there is memory for @cmd->nbuffers buffers. */
static int ksec_message_job(const struct ksec_mech *mech, struct ksec_keys *keys,
			    struct ksecdd_message *cmd, struct ksecdd_buffer *bufs,
			    struct ksec_segment *segments)
{
	struct ksec_job job = {
		.j_op = array_index_nospec(cmd->op & ~KSECDD_MESSAGE_MIC, ARRAY_SIZE(mech->op)),
		.j_ubufs = u64_to_user_ptr(cmd->buffers),
		.j_bufs = bufs,
		.j_token = -1,
		.j_stream = -1,
		.j_msg.segments = segments,
		.j_msg.qop = cmd->qop,
		.j_msg.seq = cmd->seq,
		.j_msg.mic = cmd->op & KSECDD_MESSAGE_MIC,
	};
	int err;

	if (copy_from_user(bufs, job.j_ubufs, array_size(cmd->nbuffers, sizeof(*bufs))))
		return -EFAULT;

	cmd->status = ksec_sort_buffers(mech, &job, cmd->nbuffers);
	if (cmd->status != SEC_E_OK)
		return 0;

	if (!ksec_snapshot_get(&job.j_snap, mech->headroom + job.j_data_len + mech->tailroom)) {
		cmd->status = SEC_E_INSUFFICIENT_MEMORY;
		return 0;
	}
	err = ksec_copy_in(mech, &job);
	if (err)
		goto out_put;

	cmd->status = mech->op[job.j_op](keys, &job.j_msg);
	if (cmd->status == SEC_E_OK) {
		cmd->qop = job.j_msg.qop;
		err = ksec_copy_out(&job);
	}

out_put:
	ksec_snapshot_put(&job.j_snap);
	return err;
}

static int ksec_message_do(const struct ksec_mech *mech, struct ksec_keys *keys,
			   struct ksecdd_message *cmd, struct ksecdd_buffer *bufs,
			   struct ksec_segment *segments)
{
	return mech->stream ? ksec_stream_run(mech, keys, cmd, bufs) :
			      ksec_message_job(mech, keys, cmd, bufs, segments);
}

/* A negotiation has its MICs while the helper judges it, and no other messages. */
static bool ksec_message_op_valid(const struct ksecdd_message *cmd)
{
	if (cmd->op & KSECDD_MESSAGE_MIC)
		return !cmd->context && (cmd->op == (KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC) ||
					 cmd->op == (KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC));
	return cmd->op <= KSECDD_MESSAGE_DECRYPT;
}

int ksec_message_run(const struct ksec_mech *mech, struct ksec_keys *keys,
		     struct ksecdd_message *cmd)
{
	struct ksec_segment few_segments[KSEC_FEW_BUFFERS];
	struct ksecdd_buffer few_bufs[KSEC_FEW_BUFFERS];
	struct ksec_segment *segments;
	struct ksecdd_buffer *bufs;
	int err;

	if (!ksec_message_op_valid(cmd) || !cmd->nbuffers || cmd->nbuffers > KSECDD_MAX_BUFFERS)
		return -EINVAL;

	if (!keys) {
		cmd->status = SEC_E_UNSUPPORTED_FUNCTION;
		return 0;
	}

	if (likely(cmd->nbuffers <= KSEC_FEW_BUFFERS))
		return ksec_message_do(mech, keys, cmd, few_bufs, few_segments);

	bufs = kmalloc_array(cmd->nbuffers, sizeof(*bufs) + sizeof(*segments),
			     GFP_KERNEL_ACCOUNT);
	if (!bufs) {
		cmd->status = SEC_E_INSUFFICIENT_MEMORY;
		return 0;
	}
	segments = (struct ksec_segment *)(bufs + cmd->nbuffers);
	err = ksec_message_do(mech, keys, cmd, bufs, segments);
	kfree(bufs);
	return err;
}
