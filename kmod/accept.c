// SPDX-License-Identifier: GPL-2.0-only
/*
 * AcceptSecurityContext: from the caller's token to the helper's verdict to what
 * the caller gets.
 *
 * Nothing of the verdict takes effect before the caller has it in memory: after
 * a token that does not fit or a fault the context keeps it, and the same call
 * made again gets it (answer.c).  A refusal takes effect in any case: otherwise a
 * caller could ask about the same challenge twice.
 */
#include <linux/cred.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ksec.h"
#include "trace.h"

static s32 ksec_accept_check(const struct ksecdd_accept *cmd)
{
	if (cmd->target_drep != SECURITY_NETWORK_DREP && cmd->target_drep != SECURITY_NATIVE_DREP)
		return SEC_E_INVALID_PARAMETER;
	if (cmd->req_flags & ASC_REQ_PROMPT_FOR_CREDS)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (cmd->token_len > KSECDD_MAX_TOKEN || cmd->bindings_len > KSECDD_MAX_CBT ||
	    cmd->params_len > KSECDD_MAX_PARAMS)
		return SEC_E_INVALID_TOKEN;
	return SEC_E_OK;
}

/* A TLS connection that is established may have something to say by itself. */
static bool ksec_accept_is_record(const struct ksec_context *ctx, const struct ksecdd_accept *cmd)
{
	return ksec_context_state(ctx) == KSECDD_STATE_ESTABLISHED && !cmd->token_len &&
	       ctx->x_cred->c_package->p_tls;
}

/*
 * On SEC_E_OK, @ret_cred is the credential with a reference, and @ret_ctx the
 * context that the caller has named, busy and with a reference, or NULL.  Without a
 * credential, the context is established and not busy: for ksec_tls_established().
 */
static s32 ksec_accept_find(struct ksec_file *file, const struct ksecdd_accept *cmd,
			    struct ksec_cred **ret_cred, struct ksec_context **ret_ctx)
{
	struct ksec_object *cobj = NULL, *obj;
	struct ksec_context *ctx;
	s32 status;

	if (cmd->credential) {
		cobj = ksec_object_get(file, cmd->credential, KSECDD_OBJECT_CREDENTIAL);
		if (!cobj)
			return SEC_E_INVALID_HANDLE;
	}

	if (!cmd->context) {
		status = SEC_E_NO_CREDENTIALS;
		if (!cobj || !(ksec_to_cred(cobj)->c_use & SECPKG_CRED_INBOUND))
			goto put_cred;
		status = SEC_E_UNSUPPORTED_FUNCTION;
		if (cmd->req_flags & ksec_to_cred(cobj)->c_package->p_refused)
			goto put_cred;
		*ret_cred = ksec_to_cred(cobj);
		return SEC_E_OK;
	}

	status = SEC_E_INVALID_HANDLE;
	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	if (!obj)
		goto put_cred;
	ctx = ksec_to_context(obj);
	if (!cobj) {
		cobj = &ctx->x_cred->c_obj;
		refcount_inc(&cobj->o_ref);
	}
	if (ksec_to_cred(cobj) != ctx->x_cred)
		status = SEC_E_WRONG_CREDENTIAL_HANDLE;
	else if (cmd->req_flags & ctx->x_cred->c_package->p_refused)
		status = SEC_E_UNSUPPORTED_FUNCTION;
	else
		status = ksec_context_begin(ctx);
	if (status == SEC_E_OK) {
		*ret_cred = ctx->x_cred;
		*ret_ctx = ctx;
		return SEC_E_OK;
	}
	if (status == SEC_E_INVALID_TOKEN && ksec_accept_is_record(ctx, cmd)) {
		ksec_object_put(cobj);
		*ret_ctx = ctx;
		return SEC_E_OK;
	}
	ksec_object_put(obj);
put_cred:
	if (cobj)
		ksec_object_put(cobj);
	return status;
}

/*
 * The part of a stream that is the token; the rest of it is left to the caller.  Of what
 * is wrapped already there is one record at a time: the next may be another matter.
 */
static s32 ksec_accept_frame(const struct ksec_context *ctx, const u8 *data,
			     struct ksecdd_accept *cmd)
{
	u32 whole;
	s32 status;

	status = ksec_tls_token(data, cmd->token_len, !ctx, ctx && READ_ONCE(ctx->x_wrapped),
				&whole, &cmd->missing_len);
	if (status != SEC_E_OK)
		return status;
	cmd->missing_len = 0;
	cmd->extra_len = cmd->token_len - whole;
	return SEC_E_OK;
}

/* Bytes of what the caller says to the package, if that is what the package takes. */
static u32 ksec_accept_params_len(const struct ksec_cred *cred, const struct ksecdd_accept *cmd)
{
	return cmd->params_type && cmd->params_type == cred->c_package->p_params ?
	       cmd->params_len : 0;
}

/* How the sections follow each other; @head->token_len is all that is there of it. */
static int ksec_accept_copy_rest(struct ksec_request *req, const struct ksec_cred *cred,
				 const struct ksecdd_accept *cmd)
{
	struct ksecdd_request *head = req->r_data;
	u8 *p = (u8 *)(head + 1) + head->state_len + head->token_len;

	if (copy_from_user(p, u64_to_user_ptr(cmd->bindings), cmd->bindings_len))
		return -EFAULT;
	p += cmd->bindings_len;
	memcpy(p, cred->c_principal, cred->c_principal_len);
	p += cred->c_principal_len;
	if (copy_from_user(p, u64_to_user_ptr(cmd->params), head->params_len))
		return -EFAULT;
	req->r_size = p + head->params_len - (u8 *)req->r_data;
	return 0;
}

/*
 * @ctx is NULL for a first call.  Returns the request, or ERR_PTR(): -ENOMEM,
 * -EFAULT, -ESTALE (context killed), -EMSGSIZE (the token does not go behind the
 * beginning that the context has), -EBADMSG (@status says what the token is instead of
 * one).
 */
static struct ksec_request *ksec_accept_ask(const struct ksec_cred *cred, struct ksec_context *ctx,
					    struct ksecdd_accept *cmd, s32 *status)
{
	u32 blob_len = ctx ? READ_ONCE(ctx->x_blob_len) : 0;
	u32 part_len = ctx ? READ_ONCE(ctx->x_part_len) : 0;
	u32 params_len = ksec_accept_params_len(cred, cmd);
	struct ksecdd_request *head;
	struct ksec_request *req;
	int err;
	u8 *p;

	if (part_len && (!cmd->token_len || cmd->token_len > KSECDD_MAX_TOKEN - part_len))
		return ERR_PTR(-EMSGSIZE);
	/* Each is bounded, their sum is far from overflowing. */
	req = ksec_request_create(cred->c_package, blob_len + part_len + cmd->token_len +
				  cmd->bindings_len + cred->c_principal_len + params_len);
	if (!req)
		return ERR_PTR(-ENOMEM);
	head = req->r_data;
	head->op = KSECDD_REQUEST_ACCEPT;
	head->leg = ctx ? ctx->x_leg : 0;
	head->req_flags = cmd->req_flags;
	head->target_drep = cmd->target_drep;
	head->cred_use = cred->c_use;
	head->cred_uid = from_kuid_munged(&init_user_ns, cred->c_uid);
	head->state_len = blob_len;
	head->bindings_len = cmd->bindings_len;
	head->principal_len = cred->c_principal_len;
	head->params_len = params_len;

	p = (u8 *)(head + 1);
	err = -ESTALE;
	if (ctx && !ksec_context_copy(ctx, p, blob_len, p + blob_len, part_len))
		goto put;
	p += blob_len + part_len;
	err = -EFAULT;
	if (copy_from_user(p, u64_to_user_ptr(cmd->token), cmd->token_len))
		goto put;
	err = -EBADMSG;
	if (cred->c_package->p_tls) {
		*status = ksec_accept_frame(ctx, p, cmd);
		if (*status != SEC_E_OK)
			goto put;
	}
	req->r_part_len = part_len;
	head->token_len = part_len + cmd->token_len - cmd->extra_len;
	err = ksec_accept_copy_rest(req, cred, cmd);
	if (err)
		goto put;
	return req;

put:
	ksec_request_put(req);
	return ERR_PTR(err);
}

/*
 * Gets the context of a first call, or sees whether the context has an answer that
 * the caller did not take last time: then @ret_req is that, and over already.
 */
static s32 ksec_accept_context(struct ksec_file *file, struct ksec_cred *cred,
			       struct ksec_context **ret_ctx, struct ksec_request **ret_req)
{
	struct ksec_context *ctx = *ret_ctx;
	struct ksec_request *answered;
	struct ksecdd_request *head;

	if (!ctx)
		ctx = ksec_answer_find(file, cred, *ret_req);
	if (!ctx)
		ctx = ksec_context_create(file, cred);
	if (!ctx)
		return SEC_E_INSUFFICIENT_MEMORY;
	*ret_ctx = ctx;
	head = (*ret_req)->r_data;
	head->context = ctx->x_number;

	answered = ksec_context_take_answer(ctx);
	if (!answered)
		return SEC_E_OK;
	if (!ksec_answer_is_for(answered, *ret_req)) {
		ksec_context_keep(ctx, answered, false);
		return SEC_E_INVALID_TOKEN;
	}
	ksec_request_put(*ret_req);
	*ret_req = answered;
	return SEC_E_OK;
}

/*
 * Hand out the verdict of a call that went well, and let it take effect.  Takes over
 * the reference to the request, which has the verdict.
 */
static int ksec_accept_grant(struct ksec_file *file, struct ksec_context *ctx,
			     struct ksec_request *req, struct ksecdd_accept *cmd,
			     void __user *uarg)
{
	struct ksec_reply *reply = &req->r_reply;
	u32 extra_len = cmd->extra_len;
	bool is_new = !cmd->context;
	int err;

	cmd->extra_len = 0;

	/* Whoever deleted it meanwhile must not see somebody let in by it. */
	if (ksec_context_state(ctx) == KSECDD_STATE_DEAD) {
		cmd->out_len = 0;
		cmd->status = SEC_E_INVALID_HANDLE;
		err = ksec_respond(cmd, uarg);
		goto undone;
	}
	/* The helper has been asked: it is not to be asked again for want of memory here. */
	cmd->status = ksec_tls_wrap(req);
	if (cmd->status != SEC_E_OK) {
		cmd->out_len = 0;
		err = ksec_respond(cmd, uarg);
		goto undone;
	}
	if (reply->p_token_len > cmd->out_len) {
		cmd->out_len = reply->p_token_len;
		cmd->status = SEC_E_BUFFER_TOO_SMALL;
		err = ksec_respond(cmd, uarg);
		goto undone;
	}
	cmd->out_len = reply->p_token_len;
	err = -EFAULT;
	if (copy_to_user(u64_to_user_ptr(cmd->out), reply->p_token, reply->p_token_len))
		goto undone;

	if (is_new && ksec_object_reserve(file, &ctx->x_obj)) {
		cmd->out_len = 0;
		cmd->status = SEC_E_INSUFFICIENT_MEMORY;
		err = ksec_respond(cmd, uarg);
		goto undone;
	}
	cmd->status = reply->p_status;
	cmd->ret_flags = reply->p_ret_flags;
	cmd->new_context = ksec_handle(&ctx->x_obj);
	cmd->expiry = reply->p_expiry;
	cmd->extra_len = extra_len + reply->p_unused_len;
	err = ksec_respond(cmd, uarg);
	if (err) {
		if (is_new)
			ksec_object_unreserve(file, &ctx->x_obj);
		goto undone;
	}

	if (reply->p_status == SEC_E_OK) {
		ksec_tls_extra(reply, cmd->extra_len);
		ksec_context_establish(ctx, reply);
		ksec_stat_inc(KSEC_STAT_ACCEPTED);
	} else {
		ksec_context_advance(ctx, reply);
	}
	if (is_new) {
		refcount_inc(&ctx->x_obj.o_ref);
		ksec_object_publish(file, &ctx->x_obj);
	}
	ksec_request_put(req);
	return 0;

undone:
	ksec_context_keep(ctx, req, is_new);
	return err;
}

/* The call failed, and the context is dead or may be tried again. */
static int ksec_accept_refuse(struct ksec_request *req, struct ksecdd_accept *cmd,
			      void __user *uarg)
{
	struct ksec_reply *reply = &req->r_reply;
	u32 len;

	len = ksec_tls_wrap(req) == SEC_E_OK ? reply->p_token_len : 0;
	ksec_stat_inc(reply->p_status == SEC_E_LOGON_DENIED ? KSEC_STAT_DENIED : KSEC_STAT_FAILED);

	/* A token that tells the client why, if the package has one and there is room. */
	if (len > cmd->out_len || copy_to_user(u64_to_user_ptr(cmd->out), reply->p_token, len))
		len = 0;
	cmd->out_len = len;
	cmd->extra_len = 0;
	cmd->status = reply->p_status;
	return ksec_respond(cmd, uarg);
}

/* Has the helper asked.  Returns 0 with an answer, or -EINTR if the caller was killed. */
static int ksec_accept_upcall(struct ksec_context *ctx, struct ksec_request *req)
{
	int err;

	ksec_context_lend_keys(ctx, req);
	if (req->r_outer) {
		req->r_reply.p_status = ksec_tls_unwrap(req);
		if (req->r_reply.p_status != SEC_E_OK) {
			req->r_judged = req->r_reply.p_status != SEC_E_INSUFFICIENT_MEMORY;
			return 0;
		}
		req->r_reply.p_status = SEC_E_INTERNAL_ERROR;
	}
	err = ksec_request_run(req);
	req->r_judged = test_bit(KSEC_REQ_SENT, &req->r_flags);
	if (!req->r_judged)
		ksec_tls_unsent(req);
	return err;
}

/* Has the request answered, unless it is, and the answer delivered; takes it over. */
static int ksec_accept_run(struct ksec_file *file, struct ksec_context *ctx,
			   struct ksec_request *req, struct ksecdd_accept *cmd, void __user *uarg)
{
	int err = 0;

	if (!test_bit(KSEC_REQ_DONE, &req->r_flags))
		err = ksec_accept_upcall(ctx, req);
	trace_ksec_accept(ctx, err ?: req->r_reply.p_status);
	if (!err && (req->r_reply.p_status == SEC_E_OK ||
		     ksec_status_goes_on(req->r_package, req->r_reply.p_status)))
		return ksec_accept_grant(file, ctx, req, cmd, uarg);

	/* Whoever has seen the token may have judged it; nobody gets a second verdict. */
	if (req->r_judged)
		ksec_context_kill(ctx);
	else
		ksec_context_end(ctx, req);
	if (!err)
		err = ksec_accept_refuse(req, cmd, uarg);
	ksec_request_put(req);
	return err;
}

/* Nothing has happened. */
static int ksec_accept_nothing(s32 status, struct ksecdd_accept *cmd, void __user *uarg)
{
	cmd->out_len = 0;
	cmd->extra_len = 0;
	cmd->status = status;
	return ksec_respond(cmd, uarg);
}

/* The call, once its credential is found; @ctx as with ksec_accept_find(). */
static int ksec_accept_call(struct ksec_file *file, struct ksec_cred *cred,
			    struct ksec_context *ctx, struct ksecdd_accept *cmd,
			    void __user *uarg)
{
	atomic_t *requests = &file->f_user->u_requests;
	struct ksec_request *req = ERR_PTR(-ENOMEM);
	s32 status = SEC_E_INSUFFICIENT_MEMORY;
	int err;

	if (!ksec_charge(requests, READ_ONCE(ksec_max_requests_user)))
		goto nothing;
	req = ksec_accept_ask(cred, ctx, cmd, &status);
	if (IS_ERR(req))
		goto uncharge;
	status = ksec_accept_context(file, cred, &ctx, &req);
	if (status == SEC_E_OK) {
		err = ksec_accept_run(file, ctx, req, cmd, uarg);
	} else {
		ksec_request_put(req);
		err = ksec_accept_nothing(status, cmd, uarg);
	}
	ksec_uncharge(requests);
	if (ctx)
		ksec_object_put(&ctx->x_obj);
	return err;

uncharge:
	ksec_uncharge(requests);
nothing:
	err = PTR_ERR(req);
	if (ctx) {
		/* From there on nobody can tell where the next record begins. */
		if (err == -EBADMSG && status != SEC_E_INCOMPLETE_MESSAGE)
			ksec_context_kill(ctx);
		ksec_context_end(ctx, NULL);
		ksec_object_put(&ctx->x_obj);
	}
	if (err == -EFAULT)
		return err;
	if (err == -ESTALE)
		status = SEC_E_INVALID_HANDLE;
	else if (err == -EMSGSIZE)
		status = SEC_E_INVALID_TOKEN;
	return ksec_accept_nothing(status, cmd, uarg);
}

/**
 * ksec_context_accept() - ioctl(KSECDD_IOC_ACCEPT)
 * @ctx_:  the open file
 * @arg:   struct ksecdd_accept
 * @uarg:  where it came from
 *
 * Context: process context; waits for the helper, killable and bounded.
 * Return: 0 with a status, -EINVAL, -EFAULT, or -EINTR if the caller was killed
 */
int ksec_context_accept(void *ctx_, void *arg, void __user *uarg)
{
	struct ksec_file *file = ctx_;
	struct ksecdd_accept *cmd = arg;
	struct ksec_context *ctx = NULL;
	struct ksec_cred *cred = NULL;
	s32 status;
	int err;

	might_sleep();
	if (cmd->params_type > KSECDD_PARAMS_DIGEST)
		return -EINVAL;
	cmd->ret_flags = 0;
	cmd->new_context = 0;
	cmd->expiry = 0;
	cmd->extra_len = 0;
	cmd->missing_len = 0;
	status = ksec_accept_check(cmd);
	if (status == SEC_E_OK)
		status = ksec_accept_find(file, cmd, &cred, &ctx);
	if (status != SEC_E_OK)
		return ksec_accept_nothing(status, cmd, uarg);
	if (!cred) {
		err = ksec_tls_established(ctx, cmd, uarg);
		ksec_object_put(&ctx->x_obj);
		return err;
	}

	err = ksec_accept_call(file, cred, ctx, cmd, uarg);
	ksec_object_put(&cred->c_obj);
	return err;
}
