// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a security context.
 *
 *	HALF_OPEN --advance--> HALF_OPEN --establish--> ESTABLISHED
 *	    |                                               |
 *	    +--------- kill: failure, Delete, reaper -------+--> DEAD
 *
 * An AcceptSecurityContext marks the context busy, asks the helper without any
 * lock, and then moves it on; whoever comes in between is refused.  A context
 * may be killed at any time; what the busy call brings home is thrown away then.
 * What the caller could not take is kept: the helper is not asked twice.
 * Nothing that an established context needs changes any more, so that messages
 * look at the state and at nothing else.
 */
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "ksec.h"
#include "trace.h"

#define KSEC_FILETIME_EPOCH	116444736000000000LL	/* 1970-01-01 */

static unsigned int half_open_timeout_ms = 120000;

static struct kmem_cache *ksec_context_cache;
static atomic64_t ksec_context_number;

static LIST_HEAD(ksec_reap_list);	/* in the order of x_since */
static DEFINE_SPINLOCK(ksec_reap_lock);	/* protects ksec_reap_list and every x_reap, x_since */

static void ksec_reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(ksec_reap_work, ksec_reap);

/* The time holds for those that wait already, so the reaper has to look again. */
static int ksec_set_half_open_timeout(const char *val, const struct kernel_param *kp)
{
	int err = param_set_uint(val, kp);

	if (err)
		return err;
	/*
	 * Without a context there may be no module any more, or not yet.  Under the
	 * lock, because it cannot go before the last context has left the list.
	 */
	spin_lock(&ksec_reap_lock);
	if (!list_empty(&ksec_reap_list))
		mod_delayed_work(system_wq, &ksec_reap_work, 0);
	spin_unlock(&ksec_reap_lock);
	return 0;
}

static const struct kernel_param_ops ksec_half_open_timeout_ops = {
	.set = ksec_set_half_open_timeout,
	.get = param_get_uint,
};

module_param_cb(half_open_timeout_ms, &ksec_half_open_timeout_ops, &half_open_timeout_ms, 0644);
MODULE_PARM_DESC(half_open_timeout_ms,
		 "Milliseconds a half-open context waits for the client's next token");

/* In jiffies, and never 0: the reaper would go round a busy context for ever. */
static unsigned long ksec_half_open_timeout(void)
{
	return max(msecs_to_jiffies(READ_ONCE(half_open_timeout_ms)), 1UL);
}

/**
 * ksec_filetime_now() - the time as SSPI counts it
 *
 * Return: FILETIME, UTC
 */
s64 ksec_filetime_now(void)
{
	return ktime_get_real_ns() / 100 + KSEC_FILETIME_EPOCH;
}

static void ksec_reap_later(struct ksec_context *ctx)
{
	unsigned long wait = ksec_half_open_timeout();
	bool first;

	spin_lock(&ksec_reap_lock);
	ctx->x_since = jiffies;
	list_move_tail(&ctx->x_reap, &ksec_reap_list);
	first = list_is_first(&ctx->x_reap, &ksec_reap_list);
	spin_unlock(&ksec_reap_lock);
	/* The reaper may still be waiting for one that has gone, and with another time. */
	if (first)
		mod_delayed_work(system_wq, &ksec_reap_work, wait);
}

static void ksec_reap_never(struct ksec_context *ctx)
{
	spin_lock(&ksec_reap_lock);
	list_del_init(&ctx->x_reap);
	spin_unlock(&ksec_reap_lock);
}

/**
 * ksec_context_create() - a new half-open context, busy, with no handle yet
 * @file: whose
 * @cred: its credential; the context takes a reference of its own
 *
 * Return: the context with the caller's reference, or NULL without memory or
 *         over a limit
 */
struct ksec_context *ksec_context_create(struct ksec_file *file, struct ksec_cred *cred)
{
	struct ksec_user *user = file->f_user;
	struct ksec_context *ctx;

	if (!ksec_charge(&file->f_contexts, READ_ONCE(ksec_max_contexts_file)))
		return NULL;
	if (!ksec_charge(&user->u_contexts, READ_ONCE(ksec_max_contexts_user)))
		goto uncharge_file;
	if (!ksec_charge(&user->u_half_open, READ_ONCE(ksec_max_half_open_user)))
		goto uncharge_contexts;
	ctx = kmem_cache_zalloc(ksec_context_cache, GFP_KERNEL);
	if (!ctx)
		goto uncharge_half_open;

	ksec_object_init(&ctx->x_obj, KSECDD_OBJECT_CONTEXT);
	spin_lock_init(&ctx->x_lock);
	INIT_LIST_HEAD(&ctx->x_reap);
	INIT_LIST_HEAD(&ctx->x_answered);
	ctx->x_state = KSECDD_STATE_HALF_OPEN;
	ctx->x_busy = true;
	ctx->x_charged = true;
	refcount_inc(&cred->c_obj.o_ref);
	ctx->x_cred = cred;
	refcount_inc(&file->f_ref);
	ctx->x_file = file;
	ctx->x_number = atomic64_inc_return(&ksec_context_number);
	ctx->x_created = ktime_get_boottime_ns() / NSEC_PER_MSEC;
	ctx->x_pid = task_tgid_nr(current);
	get_task_comm(ctx->x_comm, current);
	ctx->x_expiry = KSECDD_TIME_NEVER;
	ksec_stat_inc(KSEC_STAT_CONTEXTS);
	ksec_stat_inc(KSEC_STAT_HALF_OPEN);
	ksec_reap_later(ctx);
	return ctx;

uncharge_half_open:
	ksec_uncharge(&user->u_half_open);
uncharge_contexts:
	ksec_uncharge(&user->u_contexts);
uncharge_file:
	ksec_uncharge(&file->f_contexts);
	return NULL;
}

/**
 * struct ksec_leavings - what a context needs no more once it is not half-open
 * @l_blob:   state of the engine
 * @l_part:   beginning of a token
 * @l_part_len: its bytes
 * @l_outer:  keys of what the tokens were wrapped in
 * @l_answer: an answer that nobody fetched
 * @l_listed: somebody might have: ksec_file.f_answers had a reference
 */
struct ksec_leavings {
	void *l_blob;
	void *l_part;
	u32 l_part_len;
	struct ksec_keys *l_outer;
	struct ksec_request *l_answer;
	bool l_listed;
};

/* Without a lock: it may sleep.  The caller has a reference of his own. */
static void ksec_leavings_free(struct ksec_context *ctx, const struct ksec_leavings *left)
{
	kfree_sensitive(left->l_blob);
	kvfree_sensitive(left->l_part, left->l_part_len);
	ksec_tls_mech.destroy(left->l_outer);
	if (left->l_answer)
		ksec_request_put(left->l_answer);
	if (left->l_listed)
		ksec_object_put(&ctx->x_obj);
}

/* Leave the half-open state; the result is for ksec_leavings_free(). */
static struct ksec_leavings ksec_context_close(struct ksec_context *ctx, u8 state)
{
	struct ksec_leavings left = {
		.l_blob = ctx->x_blob,
		.l_part = ctx->x_part,
		.l_part_len = ctx->x_part_len,
		.l_answer = ctx->x_answer,
	};

	lockdep_assert_held(&ctx->x_lock);
	/* As long as it is in the list, others look at the answer. */
	if (ctx->x_answer)
		left.l_listed = ksec_answer_remove(ctx);
	ctx->x_blob = NULL;
	ctx->x_blob_len = 0;
	ctx->x_part = NULL;
	ctx->x_part_len = 0;
	ctx->x_answer = NULL;
	/* While half-open; of an established context the connection's is there. */
	if (ctx->x_state == KSECDD_STATE_HALF_OPEN && state == KSECDD_STATE_DEAD)
		left.l_outer = xchg(&ctx->x_outer, NULL);
	if (ctx->x_charged) {
		ctx->x_charged = false;
		ksec_uncharge(&ctx->x_file->f_user->u_half_open);
		ksec_stat_dec(KSEC_STAT_HALF_OPEN);
	}
	/* Pairs with ksec_context_state(). */
	smp_store_release(&ctx->x_state, state);
	return left;
}

/**
 * ksec_context_kill() - make a context answer nothing but Delete
 * @ctx: the context; the keys stay until its last put, for messages at work
 */
void ksec_context_kill(struct ksec_context *ctx)
{
	struct ksec_leavings left;

	spin_lock(&ctx->x_lock);
	left = ksec_context_close(ctx, KSECDD_STATE_DEAD);
	spin_unlock(&ctx->x_lock);
	ksec_leavings_free(ctx, &left);
	ksec_reap_never(ctx);
}

static void ksec_context_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(ksec_context_cache,
			container_of(rcu, struct ksec_context, x_obj.o_rcu));
}

/**
 * ksec_context_release() - wipe and free a context that nobody refers to
 * @obj: its object
 */
void ksec_context_release(struct ksec_object *obj)
{
	struct ksec_context *ctx = ksec_to_context(obj);

	ksec_context_kill(ctx);
	trace_ksec_context_release(ctx);
	ksec_context_mech(ctx)->destroy(ctx->x_keys);
	ctx->x_keys = NULL;
	ksec_identity_put(ctx->x_identity);
	ctx->x_identity = NULL;
	kvfree(ctx->x_peer);
	ctx->x_peer = NULL;
	ksec_uncharge(&ctx->x_file->f_user->u_contexts);
	ksec_uncharge(&ctx->x_file->f_contexts);
	ksec_object_put(&ctx->x_cred->c_obj);
	/* Last: the credential was the user's, too, and the file keeps him. */
	ksec_file_put(ctx->x_file);
	ksec_stat_dec(KSEC_STAT_CONTEXTS);
	call_rcu(&ctx->x_obj.o_rcu, ksec_context_free_rcu);
}

/**
 * ksec_context_begin() - begin an AcceptSecurityContext on a context
 * @ctx: the context
 *
 * To be followed by one of ksec_context_end(), _keep(), _advance() and
 * _establish().
 *
 * Return: SEC_E_OK; SEC_E_INVALID_TOKEN if it is established or another call is
 *         at work on it, either of which leaves it as it is;
 *         SEC_E_INVALID_HANDLE if it is dead
 */
s32 ksec_context_begin(struct ksec_context *ctx)
{
	s32 status = SEC_E_OK;

	spin_lock(&ctx->x_lock);
	if (ctx->x_state == KSECDD_STATE_DEAD)
		status = SEC_E_INVALID_HANDLE;
	else if (ctx->x_state == KSECDD_STATE_ESTABLISHED || ctx->x_busy)
		status = SEC_E_INVALID_TOKEN;
	else
		ctx->x_busy = true;
	spin_unlock(&ctx->x_lock);
	return status;
}

/**
 * ksec_context_copy() - what the last leg left behind
 * @ctx:      the context, which the caller has made busy
 * @blob:     receives what the engine wants back
 * @blob_len: x_blob_len as the caller found it
 * @part:     receives the beginning of the token
 * @part_len: x_part_len as the caller found it
 *
 * Return: false if the context was killed meanwhile
 */
bool ksec_context_copy(struct ksec_context *ctx, void *blob, u32 blob_len, void *part,
		       u32 part_len)
{
	bool alive;

	spin_lock(&ctx->x_lock);
	alive = ctx->x_state == KSECDD_STATE_HALF_OPEN;
	if (alive && !WARN_ON_ONCE(blob_len != ctx->x_blob_len || part_len != ctx->x_part_len)) {
		memcpy(blob, ctx->x_blob, blob_len);
		memcpy(part, ctx->x_part, part_len);
	}
	spin_unlock(&ctx->x_lock);
	return alive;
}

/**
 * ksec_context_lend_keys() - let the helper go on with the keys of an earlier leg
 * @ctx: the context, which the caller has made busy
 * @req: about to be run; has the keys from then on.  They come back with the
 *       answer, or with ksec_context_end()
 */
void ksec_context_lend_keys(struct ksec_context *ctx, struct ksec_request *req)
{
	spin_lock(&ctx->x_lock);
	swap(ctx->x_keys, req->r_keys);
	swap(ctx->x_outer, req->r_outer);
	req->r_mech = ctx->x_mech;
	spin_unlock(&ctx->x_lock);
}

/**
 * ksec_context_end() - end an AcceptSecurityContext that changed nothing
 * @ctx: the context, which the caller has made busy
 * @req: a request that no helper has seen, to have the keys back; or NULL
 */
void ksec_context_end(struct ksec_context *ctx, struct ksec_request *req)
{
	spin_lock(&ctx->x_lock);
	/* Of a context that was killed nobody would look for them. */
	if (req && ctx->x_state == KSECDD_STATE_HALF_OPEN) {
		swap(ctx->x_keys, req->r_keys);
		swap(ctx->x_outer, req->r_outer);
	}
	ctx->x_busy = false;
	spin_unlock(&ctx->x_lock);
}

/**
 * ksec_context_keep() - end an AcceptSecurityContext whose answer was not taken
 * @ctx:    the context, which the caller has made busy
 * @req:    the request with the answer, which went well; the context takes over
 *          the caller's reference
 * @is_new: it has no handle, and is to be found by the same call instead
 *
 * Only frees the answer if the context was killed meanwhile.
 */
void ksec_context_keep(struct ksec_context *ctx, struct ksec_request *req, bool is_new)
{
	spin_lock(&ctx->x_lock);
	ctx->x_busy = false;
	if (ctx->x_state == KSECDD_STATE_HALF_OPEN) {
		swap(ctx->x_answer, req);
		ksec_reap_later(ctx);
		if (is_new)
			ksec_answer_add(ctx);
	}
	spin_unlock(&ctx->x_lock);
	if (req)
		ksec_request_put(req);
}

/**
 * ksec_context_take_answer() - the answer that the caller did not get last time
 * @ctx: the context, which the caller has made busy
 *
 * Return: the request with the answer and with a reference, or NULL
 */
struct ksec_request *ksec_context_take_answer(struct ksec_context *ctx)
{
	struct ksec_request *req;

	spin_lock(&ctx->x_lock);
	req = ctx->x_answer;
	ctx->x_answer = NULL;
	spin_unlock(&ctx->x_lock);
	return req;
}

/* What the helper has made of the keys; of an engine that has none, nothing. */
static void ksec_context_take_keys(struct ksec_context *ctx, struct ksec_reply *reply)
{
	if (reply->p_keys)
		ctx->x_mech = reply->p_mech;
	swap(ctx->x_keys, reply->p_keys);
}

/**
 * ksec_context_advance() - end an AcceptSecurityContext that wants another token
 * @ctx:   the context, which the caller has made busy
 * @reply: the helper's answer; state, keys and the beginning of a token are taken
 *         out of it
 *
 * A beginning of a token is no leg of its own: the engine gets its state again.
 * Does nothing to a context that was killed meanwhile.
 */
void ksec_context_advance(struct ksec_context *ctx, struct ksec_reply *reply)
{
	bool alive;

	spin_lock(&ctx->x_lock);
	alive = ctx->x_state == KSECDD_STATE_HALF_OPEN;
	if (alive) {
		ksec_context_take_keys(ctx, reply);
		swap(ctx->x_outer, reply->p_outer);
		WRITE_ONCE(ctx->x_wrapped, !!ctx->x_outer);
		swap(ctx->x_part, reply->p_part);
		swap(ctx->x_part_len, reply->p_part_len);
		if (!ctx->x_part) {
			swap(ctx->x_blob, reply->p_blob);
			ctx->x_blob_len = reply->p_blob_len;
			ctx->x_leg++;
		}
		/* While it is busy: a reaper at work on it sees that it has time again. */
		ksec_reap_later(ctx);
	}
	ctx->x_busy = false;
	spin_unlock(&ctx->x_lock);
}

/**
 * ksec_context_establish() - end the AcceptSecurityContext that succeeded
 * @ctx:   the context, which the caller has made busy
 * @reply: the helper's answer; keys and identity are taken out of it
 *
 * Does nothing to a context that was killed meanwhile.
 */
void ksec_context_establish(struct ksec_context *ctx, struct ksec_reply *reply)
{
	struct ksec_leavings left = {};

	if (reply->p_keys && !reply->p_identity->i_export_key)
		reply->p_mech->forget_session_key(reply->p_keys);

	spin_lock(&ctx->x_lock);
	ctx->x_busy = false;
	if (ctx->x_state == KSECDD_STATE_HALF_OPEN) {
		ctx->x_auth = (reply->p_keys ? reply->p_mech : ksec_context_mech(ctx))->package;
		/* What was inside has done its work, and ends with the reply. */
		if (reply->p_outer) {
			ctx->x_mech = &ksec_tls_mech;
			swap(ctx->x_keys, reply->p_outer);
		} else {
			ksec_context_take_keys(ctx, reply);
		}
		swap(ctx->x_identity, reply->p_identity);
		swap(ctx->x_peer, reply->p_peer);
		ctx->x_ret_flags = reply->p_ret_flags;
		ctx->x_expiry = reply->p_expiry;
		ctx->x_start = ksec_filetime_now();
		ctx->x_leg++;
		left = ksec_context_close(ctx, KSECDD_STATE_ESTABLISHED);
	}
	spin_unlock(&ctx->x_lock);
	ksec_leavings_free(ctx, &left);
	ksec_reap_never(ctx);
}

/**
 * ksec_context_usable() - may the keys and the identity of a context be used?
 * @ctx: the context
 *
 * Return: SEC_E_OK, SEC_E_INVALID_HANDLE if it is not established, or
 *         SEC_E_CONTEXT_EXPIRED
 */
s32 ksec_context_usable(const struct ksec_context *ctx)
{
	if (ksec_context_state(ctx) != KSECDD_STATE_ESTABLISHED)
		return SEC_E_INVALID_HANDLE;
	if (ctx->x_expiry != KSECDD_TIME_NEVER && ksec_filetime_now() >= ctx->x_expiry)
		return SEC_E_CONTEXT_EXPIRED;
	return SEC_E_OK;
}

/* The first context whose time is up, with a reference, or NULL. */
static struct ksec_context *ksec_reap_first(unsigned long *wait)
{
	unsigned long timeout = ksec_half_open_timeout(), waited;
	struct ksec_context *ctx;

	*wait = 0;
	spin_lock(&ksec_reap_lock);
	while ((ctx = list_first_entry_or_null(&ksec_reap_list, struct ksec_context, x_reap))) {
		waited = jiffies - ctx->x_since;
		if (waited < timeout) {
			*wait = timeout - waited;
			ctx = NULL;
			break;
		}
		list_del_init(&ctx->x_reap);
		/* Whoever holds the last reference to it is about to free it. */
		if (refcount_inc_not_zero(&ctx->x_obj.o_ref))
			break;
	}
	spin_unlock(&ksec_reap_lock);
	return ctx;
}

/* Not so if a call that ended since ksec_reap_first() has put it back. */
static bool ksec_reap_due(struct ksec_context *ctx)
{
	bool due;

	spin_lock(&ksec_reap_lock);
	due = list_empty(&ctx->x_reap);
	spin_unlock(&ksec_reap_lock);
	return due;
}

/*
 * Kill a context whose time is up.  In one go: a caller who came while the reaper had
 * made it busy would be told that another call is at work on it, and there is none.
 */
static void ksec_context_expire(struct ksec_context *ctx)
{
	struct ksec_leavings left = {};

	spin_lock(&ctx->x_lock);
	if (ctx->x_state == KSECDD_STATE_HALF_OPEN) {
		/* A busy one has a deadline of its own, that of its request. */
		if (ctx->x_busy) {
			ksec_reap_later(ctx);
		} else if (ksec_reap_due(ctx)) {
			ksec_stat_inc(KSEC_STAT_EXPIRED);
			left = ksec_context_close(ctx, KSECDD_STATE_DEAD);
		}
	}
	spin_unlock(&ctx->x_lock);
	ksec_leavings_free(ctx, &left);
}

static void ksec_reap(struct work_struct *work)
{
	struct ksec_context *ctx;
	unsigned long wait;

	while ((ctx = ksec_reap_first(&wait))) {
		ksec_context_expire(ctx);
		ksec_object_put(&ctx->x_obj);
		cond_resched();
	}
	if (wait)
		schedule_delayed_work(&ksec_reap_work, wait);
}

int ksec_context_init(void)
{
	ksec_context_cache = KMEM_CACHE(ksec_context, SLAB_ACCOUNT);
	return ksec_context_cache ? 0 : -ENOMEM;
}

void ksec_context_exit(void)
{
	cancel_delayed_work_sync(&ksec_reap_work);
	rcu_barrier();
	kmem_cache_destroy(ksec_context_cache);
}
