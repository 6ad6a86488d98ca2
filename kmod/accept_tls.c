// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens that are a stream of TLS records: which part of it is a token, and, once there
 * are keys, what is in the records.
 *
 * Only the heads of records are looked at here.  What a record contains is for the helper,
 * or, once it has given the outer keys, for kmod/tls/.
 */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "ksec.h"
#include "tls/tls.h"

#define KSEC_TLS_MAJOR		3
/* RFC 5246 section 6.2.3: the longer one of the two versions */
#define KSEC_TLS_MAX_RECORD	(KSEC_TLS_MAX_PLAIN + 2048)
#define KSEC_TLS_FATAL		2

static u32 ksec_tls_head_len(const u8 *head)
{
	return head[3] << 8 | head[4];
}

/* What begins with @len bytes, of which a record's head is maybe not all */
static s32 ksec_tls_check_head(const u8 *head, u32 len, bool first)
{
	u32 size;

	/* Before the first record of a handshake there is no TLS that could be wrong. */
	if (first && len && head[0] != KSEC_TLS_HANDSHAKE)
		return SEC_E_INVALID_TOKEN;
	if (len > 1 && head[1] != KSEC_TLS_MAJOR)
		return first ? SEC_E_INVALID_TOKEN : SEC_E_ILLEGAL_MESSAGE;
	if (len && (head[0] < KSEC_TLS_CHANGE_CIPHER || head[0] > KSEC_TLS_DATA))
		return SEC_E_ILLEGAL_MESSAGE;
	if (len < KSEC_TLS_HEAD)
		return SEC_E_OK;
	size = ksec_tls_head_len(head);
	return size && size <= KSEC_TLS_MAX_RECORD ? SEC_E_OK : SEC_E_ILLEGAL_MESSAGE;
}

/**
 * ksec_tls_token() - which part of a stream is the token
 * @data:    the stream
 * @len:     its bytes
 * @first:   it begins a connection
 * @single:  one record at most
 * @whole:   receives the bytes of whole records, with SEC_E_OK
 * @missing: receives how many bytes are missing at least, with SEC_E_INCOMPLETE_MESSAGE
 *
 * What follows the first record and cannot be one is left for the next call.
 *
 * Return: SEC_E_OK; SEC_E_INCOMPLETE_MESSAGE; SEC_E_ILLEGAL_MESSAGE, or
 *         SEC_E_INVALID_TOKEN if @first and it is no TLS
 */
s32 ksec_tls_token(const u8 *data, u32 len, bool first, bool single, u32 *whole, u32 *missing)
{
	u32 done = 0, left, size;
	s32 status;

	do {
		left = len - done;
		status = ksec_tls_check_head(data + done, left, first && !done);
		if (status != SEC_E_OK)
			break;
		size = left < KSEC_TLS_HEAD ? KSEC_TLS_HEAD :
		       KSEC_TLS_HEAD + ksec_tls_head_len(data + done);
		if (left < size) {
			*missing = size - left;
			status = SEC_E_INCOMPLETE_MESSAGE;
			break;
		}
		done += size;
	} while (done < len && !single);

	*whole = done;
	return done ? SEC_E_OK : status;
}

/**
 * ksec_tls_unwrap() - have the helper see what is in the records, not the records
 * @req: about to be run, with outer keys
 *
 * What the caller sent is kept beside it, to know the same call again.
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_E_INSUFFICIENT_MEMORY, and nothing has happened; the SEC_I_ or
 *         SEC_E_ of what the records are
 */
s32 ksec_tls_unwrap(struct ksec_request *req)
{
	struct ksecdd_request *head = req->r_data;
	u8 *token = (u8 *)(head + 1) + head->state_len;
	u32 sent = head->token_len, plain = 0, cipher = sent - req->r_part_len;
	size_t behind = req->r_size - (token + sent - (u8 *)req->r_data);
	s32 status;

	req->r_sent = kvmalloc(sent, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!req->r_sent)
		return SEC_E_INSUFFICIENT_MEMORY;
	req->r_sent_len = sent;
	memcpy(req->r_sent, token, sent);
	req->r_mark = ksec_tls_mark(req->r_outer);
	status = ksec_tls_open(req->r_outer, token + req->r_part_len, cipher, &plain);
	if (status == SEC_E_INSUFFICIENT_MEMORY)
		ksec_tls_rewind(req->r_outer, req->r_mark);
	if (status != SEC_E_OK)
		return status;
	head->flags |= KSECDD_REQUEST_OUTER;
	head->token_len = req->r_part_len + plain;
	memmove(token + head->token_len, token + sent, behind);
	req->r_size -= cipher - plain;
	return SEC_E_OK;
}

/**
 * ksec_tls_unsent() - have the outer keys as they were: no helper has seen the request
 * @req: the request
 */
void ksec_tls_unsent(struct ksec_request *req)
{
	const struct ksecdd_request *head = req->r_data;

	if (head->flags & KSECDD_REQUEST_OUTER)
		ksec_tls_rewind(req->r_outer, req->r_mark);
}

/**
 * ksec_tls_wrap() - put what the helper answered into records
 * @req: the request with its answer; its token or alert becomes records, once
 *
 * Context: may sleep.
 * Return: SEC_E_OK, also if there is nothing to do; a failure, and then the answer and the
 *         keys are as they were
 */
s32 ksec_tls_wrap(struct ksec_request *req)
{
	const struct ksecdd_request *head = req->r_data;
	struct ksec_reply *reply = &req->r_reply;
	struct ksec_keys *keys = reply->p_outer ?: req->r_outer;
	u8 alert[] = { KSEC_TLS_FATAL, reply->p_alert }, type = KSEC_TLS_DATA;
	u8 *data = reply->p_token, *records;
	u32 len = reply->p_token_len, size;
	s32 status;
	u64 mark;

	if (!(head->flags & KSECDD_REQUEST_OUTER) || reply->p_wrapped)
		return SEC_E_OK;
	if (reply->p_has_alert) {
		data = alert;
		len = sizeof(alert);
		type = KSEC_TLS_ALERT;
	}
	if (!len)
		return SEC_E_OK;
	size = ksec_tls_sealed_size(keys, len);
	records = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!records)
		return SEC_E_INSUFFICIENT_MEMORY;
	mark = ksec_tls_mark(keys);
	status = ksec_tls_seal(keys, type, data, len, records, &size);
	if (status != SEC_E_OK) {
		ksec_tls_rewind(keys, mark);
		kvfree(records);
		return status;
	}
	kvfree_sensitive(reply->p_token, reply->p_token_len);
	reply->p_token = records;
	reply->p_token_len = size;
	reply->p_wrapped = true;
	return SEC_E_OK;
}

/**
 * ksec_tls_extra() - have the keys know of bytes that the caller has not decrypted yet
 * @reply:     an answer that establishes a context, maybe of another package
 * @extra_len: how many bytes behind the token are left to the caller
 */
void ksec_tls_extra(struct ksec_reply *reply, u32 extra_len)
{
	struct ksec_keys *keys = reply->p_outer;

	if (!keys && reply->p_keys && reply->p_mech == &ksec_tls_mech)
		keys = reply->p_keys;
	if (keys && extra_len)
		ksec_tls_set_extra(keys, true);
}

/* The record that an established context owes to its peer, or is to make */
static s32 ksec_tls_make_record(struct ksec_context *ctx, u8 *to, u32 *len)
{
	u8 close_notify[] = { KSEC_TLS_WARNING, KSEC_TLS_CLOSE_NOTIFY };
	s32 status;

	if (READ_ONCE(ctx->x_shutdown))
		return ksec_tls_seal(ctx->x_keys, KSEC_TLS_ALERT, close_notify,
				     sizeof(close_notify), to, len);
	status = ksec_tls_answer(ctx->x_keys, to, len);
	return status == SEC_E_UNSUPPORTED_FUNCTION ? SEC_E_INVALID_TOKEN : status;
}

/**
 * ksec_tls_established() - AcceptSecurityContext without a token, on an established context
 * @ctx:  the context, with a reference of the caller's
 * @cmd:  the call
 * @uarg: where it came from
 *
 * A record that was made and could not be written to the caller's memory counts as sent,
 * as any message does: its number must not be used for another one.
 *
 * Return: 0 with a status, or -EFAULT
 */
int ksec_tls_established(struct ksec_context *ctx, struct ksecdd_accept *cmd, void __user *uarg)
{
	u32 room = cmd->out_len;
	u8 *record;

	cmd->out_len = KSEC_TLS_MAX_SMALL;
	record = kmalloc(KSEC_TLS_MAX_SMALL, GFP_KERNEL_ACCOUNT);
	cmd->status = record ? ksec_context_usable(ctx) : SEC_E_INSUFFICIENT_MEMORY;
	if (cmd->status == SEC_E_OK && room < KSEC_TLS_MAX_SMALL) {
		cmd->status = SEC_E_BUFFER_TOO_SMALL;
		goto respond;
	}
	if (cmd->status == SEC_E_OK)
		cmd->status = ksec_tls_make_record(ctx, record, &cmd->out_len);
	if (cmd->status != SEC_E_OK) {
		cmd->out_len = 0;
		goto respond;
	}
	cmd->ret_flags = ctx->x_ret_flags;
	cmd->new_context = cmd->context;
	cmd->expiry = ctx->x_expiry;
	if (copy_to_user(u64_to_user_ptr(cmd->out), record, cmd->out_len)) {
		kfree(record);
		return -EFAULT;
	}
respond:
	kfree(record);
	return ksec_respond(cmd, uarg);
}
