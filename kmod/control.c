// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a service does to a connection besides messages: ApplyControlToken.
 */
#include "ksec.h"

/* The peer hears of it with the token of the next AcceptSecurityContext. */
static s32 ksec_control(struct ksec_context *ctx, u32 op)
{
	s32 status = ksec_context_usable(ctx);

	if (status != SEC_E_OK)
		return status;
	if (!ksec_context_mech(ctx)->tls_info || !ctx->x_keys || op != KSECDD_CONTROL_SHUTDOWN)
		return SEC_E_UNSUPPORTED_FUNCTION;
	WRITE_ONCE(ctx->x_shutdown, true);
	return SEC_E_OK;
}

/**
 * ksec_context_control() - ioctl(KSECDD_IOC_CONTROL)
 * @file: the open file
 * @arg:  struct ksecdd_control
 * @uarg: where it came from
 *
 * Return: 0 with a status, -EINVAL, or -EFAULT
 */
int ksec_context_control(void *file, void *arg, void __user *uarg)
{
	struct ksecdd_control *cmd = arg;
	struct ksec_object *obj;

	if (cmd->value)
		return -EINVAL;
	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	cmd->status = obj ? ksec_control(ksec_to_context(obj), cmd->op) : SEC_E_INVALID_HANDLE;
	if (obj)
		ksec_object_put(obj);
	return ksec_respond(cmd, uarg);
}
