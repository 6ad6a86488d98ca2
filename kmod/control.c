// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a service does to a connection besides messages: ApplyControlToken.
 */
#include "ksec.h"

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
	cmd->status = obj ? ksec_context_usable(ksec_to_context(obj)) : SEC_E_INVALID_HANDLE;
	if (cmd->status == SEC_E_OK)
		cmd->status = SEC_E_UNSUPPORTED_FUNCTION;
	if (obj)
		ksec_object_put(obj);
	return ksec_respond(cmd, uarg);
}
