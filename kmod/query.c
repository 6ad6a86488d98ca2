// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a context tells about itself: behind QueryContextAttributes.
 */
#include <linux/cred.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/ksecdd_tls.h>

#include "ksec.h"

/* An answer: bytes to copy out, and room for those that are made up here. */
struct ksec_answer {
	const void *a_data;
	u32 a_len;
	union {
		struct ksecdd_context_info info;
		struct ksecdd_tls_info tls;
		u8 key[KSECDD_MAX_KEY];
	} a_room;
};

/**
 * ksec_context_info() - the plain facts of a context
 * @ctx:  the context, in any state
 * @info: receives them; the uid is that of the current user namespace
 */
void ksec_context_info(const struct ksec_context *ctx, struct ksecdd_context_info *info)
{
	u8 state = ksec_context_state(ctx);

	memset(info, 0, sizeof(*info));
	info->package = ctx->x_cred->c_package->p_id;
	info->mech = info->package;
	info->state = state;
	info->uid = ~0U;
	info->expiry = KSECDD_TIME_NEVER;
	if (state != KSECDD_STATE_ESTABLISHED) {
		ctx->x_cred->c_package->p_mech->info(NULL, info);
		return;
	}
	info->mech = ksec_context_mech(ctx)->package;
	ksec_context_mech(ctx)->info(ctx->x_keys, info);
	info->ret_flags = ctx->x_ret_flags;
	info->start = ctx->x_start;
	info->expiry = ctx->x_expiry;
	if (uid_valid(ctx->x_identity->i_uid))
		info->uid = from_kuid(current_user_ns(), ctx->x_identity->i_uid);
}

static s32 ksec_query_info(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	ksec_context_info(ctx, &ans->a_room.info);
	ans->a_data = &ans->a_room.info;
	ans->a_len = sizeof(ans->a_room.info);
	return SEC_E_OK;
}

static s32 ksec_query_text(const struct ksec_context *ctx, enum ksec_text which,
			   struct ksec_answer *ans)
{
	ans->a_data = ksec_identity_text(ctx->x_identity, which);
	ans->a_len = ctx->x_identity->i_len[which];
	return SEC_E_OK;
}

static s32 ksec_query_client(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_text(ctx, KSEC_CLIENT, ans);
}

static s32 ksec_query_server(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_text(ctx, KSEC_SERVER, ans);
}

static s32 ksec_query_target(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	if (!ctx->x_identity->i_has_target)
		return SEC_E_TARGET_UNKNOWN;
	return ksec_query_text(ctx, KSEC_TARGET, ans);
}

static s32 ksec_query_session_key(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	if (!ctx->x_identity->i_export_key || !ctx->x_keys)
		return SEC_E_UNSUPPORTED_FUNCTION;
	ans->a_len = ksec_context_mech(ctx)->session_key(ctx->x_keys, ans->a_room.key);
	ans->a_data = ans->a_room.key;
	return ans->a_len ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
}

static s32 ksec_query_tls(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	const struct ksec_mech *mech = ksec_context_mech(ctx);

	if (!mech->tls_info || !ctx->x_keys)
		return SEC_E_UNSUPPORTED_FUNCTION;
	mech->tls_info(ctx->x_keys, &ans->a_room.tls);
	ans->a_data = &ans->a_room.tls;
	ans->a_len = sizeof(ans->a_room.tls);
	return SEC_E_OK;
}

/* What the connection does not have is @missing. */
static s32 ksec_query_peer(const struct ksec_context *ctx, enum ksec_text which, s32 missing,
			   struct ksec_answer *ans)
{
	const struct ksec_peer *peer = ctx->x_peer;
	unsigned int i;

	if (!peer)
		return ksec_context_mech(ctx)->tls_info ? missing : SEC_E_UNSUPPORTED_FUNCTION;
	ans->a_len = peer->e_len[which - KSEC_TEXTS];
	if (!ans->a_len)
		return missing;
	ans->a_data = peer->e_data;
	for (i = 0; i < which - KSEC_TEXTS; i++)
		ans->a_data += peer->e_len[i];
	return SEC_E_OK;
}

static s32 ksec_query_peer_cert(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_peer(ctx, KSEC_PEER_CERT, SEC_E_NO_CREDENTIALS, ans);
}

/* That none was negotiated is an answer. */
static s32 ksec_query_protocol(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_peer(ctx, KSEC_PROTOCOL, SEC_E_OK, ans);
}

static s32 ksec_query_unique(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_peer(ctx, KSEC_UNIQUE, SEC_E_UNSUPPORTED_FUNCTION, ans);
}

static s32 ksec_query_endpoint(const struct ksec_context *ctx, struct ksec_answer *ans)
{
	return ksec_query_peer(ctx, KSEC_ENDPOINT, SEC_E_UNSUPPORTED_FUNCTION, ans);
}

static const struct {
	s32 (*fn)(const struct ksec_context *ctx, struct ksec_answer *ans);
	bool half_open;		/* may be asked before the context is established */
} ksec_queries[] = {
	[KSECDD_ATTR_INFO] = { ksec_query_info, true },
	[KSECDD_ATTR_CLIENT_NAME] = { ksec_query_client },
	[KSECDD_ATTR_SERVER_NAME] = { ksec_query_server },
	[KSECDD_ATTR_TARGET_NAME] = { ksec_query_target },
	[KSECDD_ATTR_SESSION_KEY] = { ksec_query_session_key },
	[KSECDD_ATTR_TLS] = { ksec_query_tls },
	[KSECDD_ATTR_PEER_CERT] = { ksec_query_peer_cert },
	[KSECDD_ATTR_PROTOCOL] = { ksec_query_protocol },
	[KSECDD_ATTR_UNIQUE] = { ksec_query_unique },
	[KSECDD_ATTR_ENDPOINT] = { ksec_query_endpoint },
};

static s32 ksec_query(struct ksec_context *ctx, u32 attribute, struct ksec_answer *ans)
{
	s32 status;

	if (attribute >= ARRAY_SIZE(ksec_queries))
		return SEC_E_UNSUPPORTED_FUNCTION;
	attribute = array_index_nospec(attribute, ARRAY_SIZE(ksec_queries));
	if (!ksec_queries[attribute].fn)
		return SEC_E_UNSUPPORTED_FUNCTION;
	/* An expired context may still be asked who it was; a dead one not. */
	status = ksec_context_usable(ctx);
	if (status == SEC_E_INVALID_HANDLE &&
	    (!ksec_queries[attribute].half_open || ksec_context_state(ctx) == KSECDD_STATE_DEAD))
		return status;
	return ksec_queries[attribute].fn(ctx, ans);
}

/**
 * ksec_query_respond() - give an answer, or say why there is none
 * @cmd:  the question with a status; SEC_E_OK - there is an answer
 * @data: the answer
 * @len:  its bytes, 0 without one
 * @uarg: where the question came from
 *
 * Return: 0 or -EFAULT
 */
int ksec_query_respond(struct ksecdd_query *cmd, const void *data, u32 len, void __user *uarg)
{
	if (cmd->status == SEC_E_OK && len > cmd->len)
		cmd->status = SEC_E_BUFFER_TOO_SMALL;
	else if (cmd->status == SEC_E_OK && copy_to_user(u64_to_user_ptr(cmd->buffer), data, len))
		return -EFAULT;
	cmd->len = len;
	return ksec_respond(cmd, uarg);
}

/**
 * ksec_context_query() - ioctl(KSECDD_IOC_QUERY)
 * @file: the open file
 * @arg:  struct ksecdd_query
 * @uarg: where it came from
 *
 * Return: 0 with a status, or -EFAULT
 */
int ksec_context_query(void *file, void *arg, void __user *uarg)
{
	struct ksecdd_query *cmd = arg;
	struct ksec_answer ans = {};
	struct ksec_object *obj;
	int err;

	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	cmd->status = obj ? ksec_query(ksec_to_context(obj), cmd->attribute, &ans) :
			    SEC_E_INVALID_HANDLE;
	err = ksec_query_respond(cmd, ans.a_data, ans.a_len, uarg);
	if (obj)
		ksec_object_put(obj);
	memzero_explicit(&ans, sizeof(ans));
	return err;
}
