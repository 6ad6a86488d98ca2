// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message path of mechanisms that protect a stream: EncryptMessage makes one record of
 * the caller's data, DecryptMessage takes the first record of what he has received.
 *
 * What message.c says of snapshots and locks holds here as well.  The head of a record is
 * read first, since it tells how much more is to be read; it is not read again.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_sspi.h>

#include "mech.h"
#include "message.h"
#include "snapshot.h"

/* No stream has a longer head of a record, in bytes. */
#define KSEC_MAX_HEAD	8

/* What DecryptMessage hands out: header, data, trailer, and what comes behind the record */
#define KSEC_STREAM_PARTS	4

/**
 * struct ksec_stream_job - a record on its way
 * @j_stream: its mechanism
 * @j_keys:   the keys
 * @j_ubufs:  the caller's array of buffers
 * @j_bufs:   kernel copy
 * @j_n:      how many
 * @j_snap:   memory for the record
 * @j_rec:    what the mechanism sees
 */
struct ksec_stream_job {
	const struct ksec_stream *j_stream;
	struct ksec_keys *j_keys;
	struct ksecdd_buffer __user *j_ubufs;
	struct ksecdd_buffer *j_bufs;
	unsigned int j_n;
	struct ksec_snapshot j_snap;
	struct ksec_record j_rec;
};

/**
 * struct ksec_seal_buffers - the buffers of EncryptMessage
 * @s_header:  the SECBUFFER_STREAM_HEADER
 * @s_trailer: the SECBUFFER_STREAM_TRAILER
 * @s_ndata:   how many SECBUFFER_DATA there are, which are to become one record
 * @s_len:     their bytes together
 */
struct ksec_seal_buffers {
	struct ksecdd_buffer *s_header;
	struct ksecdd_buffer *s_trailer;
	unsigned int s_ndata;
	u64 s_len;
};

static bool ksec_is_data(const struct ksecdd_buffer *buf)
{
	return buf->type == SECBUFFER_DATA;
}

static s32 ksec_sort_seal(const struct ksec_stream_job *job, struct ksec_seal_buffers *found)
{
	unsigned int i;

	for (i = 0; i < job->j_n; i++) {
		struct ksecdd_buffer *buf = &job->j_bufs[i], **which;

		switch (buf->type) {
		case SECBUFFER_DATA:
			found->s_ndata++;
			found->s_len += buf->len;
			continue;
		case SECBUFFER_EMPTY:
			continue;
		case SECBUFFER_STREAM_HEADER:
			which = &found->s_header;
			break;
		case SECBUFFER_STREAM_TRAILER:
			which = &found->s_trailer;
			break;
		default:
			/* Read-only data is none: it is encrypted where it lies. */
			return SEC_E_INVALID_TOKEN;
		}
		if (*which)
			return SEC_E_INVALID_TOKEN;
		*which = buf;
	}
	return found->s_header && found->s_trailer && found->s_ndata ? SEC_E_OK :
								       SEC_E_INVALID_TOKEN;
}

/* Copies all the data in or out; 0 or -EFAULT. */
static int ksec_seal_copy(const struct ksec_stream_job *job, bool in)
{
	u8 *data = job->j_rec.data;
	unsigned int i;

	for (i = 0; i < job->j_n; i++) {
		const struct ksecdd_buffer *buf = &job->j_bufs[i];
		void __user *user = u64_to_user_ptr(buf->ptr);

		if (!ksec_is_data(buf))
			continue;
		if (in ? copy_from_user(data, user, buf->len) : copy_to_user(user, data, buf->len))
			return -EFAULT;
		data += buf->len;
	}
	return 0;
}

/* Gives the caller one end of the record. */
static int ksec_seal_end(const struct ksec_stream_job *job, const struct ksecdd_buffer *buf,
			 const u8 *bytes, u32 len)
{
	if (copy_to_user(u64_to_user_ptr(buf->ptr), bytes, len))
		return -EFAULT;
	if (buf->len == len)
		return 0;
	return put_user(len, &job->j_ubufs[buf - job->j_bufs].len) ? -EFAULT : 0;
}

/* EncryptMessage */
static int ksec_stream_seal(struct ksec_stream_job *job, s32 *status)
{
	const struct ksec_stream *stream = job->j_stream;
	struct ksec_seal_buffers found = {};
	struct ksec_record *rec = &job->j_rec;
	u32 header, trailer;
	int err;

	*status = ksec_sort_seal(job, &found);
	if (*status != SEC_E_OK)
		return 0;
	stream->sizes(job->j_keys, &header, &trailer);
	*status = SEC_E_BUFFER_TOO_SMALL;
	if (found.s_len > stream->most || found.s_header->len < header ||
	    found.s_trailer->len < trailer)
		return 0;
	*status = SEC_E_INSUFFICIENT_MEMORY;
	rec->len = found.s_len;
	if (!ksec_snapshot_get(&job->j_snap, stream->headroom + rec->len + stream->tailroom))
		return 0;

	rec->data = job->j_snap.s_mem + stream->headroom;
	err = ksec_seal_copy(job, true);
	if (err)
		goto put;
	*status = stream->seal(job->j_keys, rec);
	if (*status == SEC_E_OK) {
		/* From here on there is nothing in it that is not to be seen. */
		job->j_snap.s_len = 0;
		err = ksec_seal_end(job, found.s_header, rec->data - header, header) ?:
		      ksec_seal_copy(job, false) ?:
		      ksec_seal_end(job, found.s_trailer, rec->data + rec->len, trailer);
	}
put:
	ksec_snapshot_put(&job->j_snap);
	return err;
}

/*
 * The SECBUFFER_DATA, and in @parts the buffers that become the parts of the record: those
 * of both kinds, in the caller's order.
 */
static struct ksecdd_buffer *ksec_sort_open(const struct ksec_stream_job *job,
					    struct ksecdd_buffer *parts[KSEC_STREAM_PARTS])
{
	struct ksecdd_buffer *data = NULL;
	unsigned int i, n = 0;

	for (i = 0; i < job->j_n; i++) {
		struct ksecdd_buffer *buf = &job->j_bufs[i];

		if (ksec_is_data(buf) && !data)
			data = buf;
		else if (buf->type != SECBUFFER_EMPTY)
			return NULL;
		if (n < KSEC_STREAM_PARTS)
			parts[n++] = buf;
	}
	return n == KSEC_STREAM_PARTS ? data : NULL;
}

/* What an entry of the caller's array becomes */
static void ksec_set_part(struct ksecdd_buffer *buf, u32 type, u64 ptr, u32 len)
{
	buf->type = type;
	buf->ptr = ptr;
	buf->len = len;
}

/* Tells the caller what has become of his buffers. */
static int ksec_put_parts(const struct ksec_stream_job *job)
{
	return copy_to_user(job->j_ubufs, job->j_bufs, job->j_n * sizeof(*job->j_bufs)) ?
	       -EFAULT : 0;
}

/* The record is not whole: nothing has happened, and it is said how much there is to come. */
static int ksec_stream_missing(struct ksec_stream_job *job, struct ksecdd_buffer *data, u32 whole,
			       s32 *status)
{
	*status = SEC_E_INCOMPLETE_MESSAGE;
	job->j_stream->extra(job->j_keys, data->len > 0);
	ksec_set_part(data, SECBUFFER_MISSING, data->ptr, whole - data->len);
	return ksec_put_parts(job);
}

/* Hands out what was in a record of @len bytes. */
static int ksec_stream_parts(struct ksec_stream_job *job, const struct ksecdd_buffer *whole,
			     struct ksecdd_buffer *parts[KSEC_STREAM_PARTS], u32 len)
{
	const struct ksec_record *rec = &job->j_rec;
	u32 extra = whole->len - len, header, trailer;
	u64 ptr = whole->ptr;

	job->j_stream->sizes(job->j_keys, &header, &trailer);
	trailer = len - header - rec->len;
	if (copy_to_user(u64_to_user_ptr(ptr + header), rec->data, rec->len))
		return -EFAULT;
	job->j_stream->extra(job->j_keys, extra);
	ksec_set_part(parts[0], SECBUFFER_STREAM_HEADER, ptr, header);
	ksec_set_part(parts[1], SECBUFFER_DATA, ptr + header, rec->len);
	ksec_set_part(parts[2], SECBUFFER_STREAM_TRAILER, ptr + header + rec->len, trailer);
	if (extra)
		ksec_set_part(parts[3], SECBUFFER_EXTRA, ptr + len, extra);
	else
		ksec_set_part(parts[3], SECBUFFER_EMPTY, 0, 0);
	return ksec_put_parts(job);
}

/* DecryptMessage */
static int ksec_stream_open(struct ksec_stream_job *job, s32 *status)
{
	const struct ksec_stream *stream = job->j_stream;
	struct ksecdd_buffer *parts[KSEC_STREAM_PARTS];
	struct ksec_record *rec = &job->j_rec;
	struct ksecdd_buffer *data, whole;
	u8 head[KSEC_MAX_HEAD], *record;
	u32 len;
	int err;

	*status = SEC_E_INVALID_TOKEN;
	data = ksec_sort_open(job, parts);
	if (!data)
		return 0;
	whole = *data;
	if (whole.len < stream->head)
		return ksec_stream_missing(job, data, stream->head, status);
	if (copy_from_user(head, u64_to_user_ptr(whole.ptr), stream->head))
		return -EFAULT;
	*status = stream->frame(job->j_keys, head, &len);
	if (*status != SEC_E_OK)
		return 0;
	if (whole.len < len)
		return ksec_stream_missing(job, data, len, status);

	*status = SEC_E_INSUFFICIENT_MEMORY;
	if (!ksec_snapshot_get(&job->j_snap, len))
		return 0;
	record = job->j_snap.s_mem;
	memcpy(record, head, stream->head);
	err = -EFAULT;
	if (copy_from_user(record + stream->head, u64_to_user_ptr(whole.ptr + stream->head),
			   len - stream->head))
		goto put;
	rec->data = record;
	rec->len = len;
	*status = stream->open(job->j_keys, rec);
	err = *status < 0 ? 0 : ksec_stream_parts(job, &whole, parts, len);
put:
	ksec_snapshot_put(&job->j_snap);
	return err;
}

/**
 * ksec_stream_run() - protect or unprotect one record
 * @mech: a mechanism with ksec_mech.stream
 * @keys: its keys
 * @cmd:  as for ksec_message_run()
 * @bufs: kernel memory for @cmd->nbuffers buffers
 *
 * Context: as ksec_message_run().
 * Return: 0 with a status, or -EFAULT.  The caller's array of buffers is changed with
 *         SEC_E_OK, SEC_I_CONTEXT_EXPIRED, SEC_I_RENEGOTIATE and SEC_E_INCOMPLETE_MESSAGE
 */
int ksec_stream_run(const struct ksec_mech *mech, struct ksec_keys *keys,
		    struct ksecdd_message *cmd, struct ksecdd_buffer *bufs)
{
	struct ksec_stream_job job = {
		.j_stream = mech->stream,
		.j_keys = keys,
		.j_ubufs = u64_to_user_ptr(cmd->buffers),
		.j_bufs = bufs,
		.j_n = cmd->nbuffers,
	};

	if (cmd->op != KSECDD_MESSAGE_ENCRYPT && cmd->op != KSECDD_MESSAGE_DECRYPT) {
		cmd->status = SEC_E_UNSUPPORTED_FUNCTION;
		return 0;
	}
	if (cmd->op == KSECDD_MESSAGE_ENCRYPT && cmd->qop) {
		cmd->status = SEC_E_QOP_NOT_SUPPORTED;
		return 0;
	}
	cmd->qop = 0;
	if (copy_from_user(bufs, job.j_ubufs, job.j_n * sizeof(*bufs)))
		return -EFAULT;
	return cmd->op == KSECDD_MESSAGE_ENCRYPT ? ksec_stream_seal(&job, &cmd->status) :
						   ksec_stream_open(&job, &cmd->status);
}
