// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers that the caller could not take: his buffer was too small, or none.
 *
 * Of some tokens the helper gives one verdict only: an AP-REQ that it sees again
 * is a replay.  So the context keeps the request with its answer until the same
 * call is made again.  A context of a first call has no handle that could name
 * it; it waits in a list of its open file and is found by what the call says.
 * Such contexts are half-open: they count as such and end as such.
 *
 * The same call is one of which everything is the same that the helper was told,
 * except which process made it: nobody gets an answer to another question, with
 * other channel bindings for instance.
 */
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "ksec.h"

/* Who has room for the token is no matter of the helper's. */
#define KSEC_SAME_FLAGS	(~(u32)ASC_REQ_ALLOCATE_MEMORY)

/* The token as the caller sent it, behind the beginning that was there before */
static const void *ksec_answer_token(const struct ksec_request *req, u32 *len)
{
	const struct ksecdd_request *head = req->r_data;

	*len = req->r_sent ? req->r_sent_len : head->token_len;
	return req->r_sent ?: (const u8 *)(head + 1) + head->state_len;
}

/* What is behind the token */
static const void *ksec_answer_rest(const struct ksec_request *req, size_t *len)
{
	const struct ksecdd_request *head = req->r_data;
	size_t at = sizeof(*head) + head->state_len + head->token_len;

	*len = req->r_size - at;
	return req->r_data + at;
}

/**
 * ksec_answer_is_for() - is an answer that was kept the answer to a call?
 * @answered: a request with its answer
 * @req:      the request that the call would make, of the same credential
 *
 * Return: true if both are the same call
 */
bool ksec_answer_is_for(const struct ksec_request *answered, const struct ksec_request *req)
{
	const struct ksecdd_request *a = answered->r_data, *b = req->r_data;
	const void *a_token, *b_token, *a_rest, *b_rest;
	size_t a_rest_len, b_rest_len;
	u32 a_len, b_len;

	a_token = ksec_answer_token(answered, &a_len);
	b_token = ksec_answer_token(req, &b_len);
	a_rest = ksec_answer_rest(answered, &a_rest_len);
	b_rest = ksec_answer_rest(req, &b_rest_len);
	return a->leg == b->leg && !((a->req_flags ^ b->req_flags) & KSEC_SAME_FLAGS) &&
	       a->target_drep == b->target_drep && a->caller_uid == b->caller_uid &&
	       a->state_len == b->state_len && a_len == b_len && a_rest_len == b_rest_len &&
	       a->bindings_len == b->bindings_len && a->params_len == b->params_len &&
	       !memcmp(a + 1, b + 1, a->state_len) && !memcmp(a_token, b_token, a_len) &&
	       !memcmp(a_rest, b_rest, a_rest_len);
}

/**
 * ksec_answer_add() - have the context of a first call found by the next such call
 * @ctx: keeps an answer; the list gets a reference of its own
 *
 * Context: ksec_context.lock is held.
 */
void ksec_answer_add(struct ksec_context *ctx)
{
	struct ksec_file *file = ctx->x_file;

	refcount_inc(&ctx->x_obj.o_ref);
	spin_lock(&file->f_lock);
	list_add_tail(&ctx->x_answered, &file->f_answers);
	spin_unlock(&file->f_lock);
}

/**
 * ksec_answer_remove() - have it found no more
 * @ctx: may be in the list or not
 *
 * Context: ksec_context.lock is held.
 * Return: true if it was in the list, whose reference is the caller's then
 */
bool ksec_answer_remove(struct ksec_context *ctx)
{
	struct ksec_file *file = ctx->x_file;
	bool listed;

	spin_lock(&file->f_lock);
	listed = !list_empty(&ctx->x_answered);
	list_del_init(&ctx->x_answered);
	spin_unlock(&file->f_lock);
	return listed;
}

/* The context that keeps the answer to @req, or any if that is NULL; with a reference. */
static struct ksec_context *ksec_answer_first(struct ksec_file *file,
					      const struct ksec_cred *cred,
					      const struct ksec_request *req)
{
	struct ksec_context *ctx, *found = NULL;

	spin_lock(&file->f_lock);
	list_for_each_entry(ctx, &file->f_answers, x_answered) {
		if (req && (ctx->x_cred != cred || !ksec_answer_is_for(ctx->x_answer, req)))
			continue;
		list_del_init(&ctx->x_answered);
		found = ctx;
		break;
	}
	spin_unlock(&file->f_lock);
	return found;
}

/**
 * ksec_answer_find() - the context of a first call that is made again
 * @file: the open file
 * @cred: credential of the call
 * @req:  the request that the call would make
 *
 * Return: the context, busy and with a reference; ksec_context_take_answer() is
 *         its answer.  NULL if there is none
 */
struct ksec_context *ksec_answer_find(struct ksec_file *file, const struct ksec_cred *cred,
				      const struct ksec_request *req)
{
	struct ksec_context *ctx = ksec_answer_first(file, cred, req);

	/* Its time may just have been up. */
	if (ctx && ksec_context_begin(ctx) != SEC_E_OK) {
		ksec_object_put(&ctx->x_obj);
		ctx = NULL;
	}
	return ctx;
}

/**
 * ksec_answer_remove_all() - end the contexts that nobody can find any more
 * @file: the open file, in which no call is at work any more
 */
void ksec_answer_remove_all(struct ksec_file *file)
{
	struct ksec_context *ctx;

	while ((ctx = ksec_answer_first(file, NULL, NULL))) {
		ksec_context_kill(ctx);
		ksec_object_put(&ctx->x_obj);
		cond_resched();
	}
}
