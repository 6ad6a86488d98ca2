// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message ioctls: from a handle to the message path.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "ksec.h"
#include "message.h"
#include "trace.h"

/* What a message that went well counts as, by KSECDD_MESSAGE_*. */
static const enum ksec_stat ksec_message_stats[] = {
	[KSECDD_MESSAGE_SIGN] = KSEC_STAT_SIGNED,
	[KSECDD_MESSAGE_VERIFY] = KSEC_STAT_VERIFIED,
	[KSECDD_MESSAGE_ENCRYPT] = KSEC_STAT_SIGNED,
	[KSECDD_MESSAGE_DECRYPT] = KSEC_STAT_VERIFIED,
};

/* Returns 0 with a status, or what ksec_message_run() returns. */
static int ksec_protect_one(struct ksec_file *file, struct ksecdd_message *cmd)
{
	/* ksec_message_run() refuses what is no operation. */
	u32 op = array_index_nospec(cmd->op, ARRAY_SIZE(ksec_message_stats));
	struct ksec_context *ctx;
	struct ksec_object *obj;
	int err = 0;

	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	if (!obj) {
		cmd->status = SEC_E_INVALID_HANDLE;
		return 0;
	}
	ctx = ksec_to_context(obj);
	cmd->status = ksec_context_usable(ctx);
	if (cmd->status == SEC_E_OK)
		err = ksec_message_run(ksec_context_mech(ctx), ctx->x_keys, cmd);
	if (!err && cmd->status == SEC_E_OK)
		ksec_stat_inc(ksec_message_stats[op]);
	else if (!err && (cmd->status == SEC_E_MESSAGE_ALTERED ||
			  cmd->status == SEC_E_OUT_OF_SEQUENCE))
		ksec_stat_inc(KSEC_STAT_REJECTED);
	trace_ksec_message(ctx, cmd->op, err ?: cmd->status);
	ksec_object_put(obj);
	return err;
}

/**
 * ksec_protect() - ioctl(KSECDD_IOC_MESSAGE)
 * @file: the open file
 * @arg:  struct ksecdd_message
 * @uarg: where it came from
 *
 * Return: 0 with a status, -EINVAL, or -EFAULT
 */
int ksec_protect(void *file, void *arg, void __user *uarg)
{
	int err = ksec_protect_one(file, arg);

	return err ?: ksec_respond(arg, uarg);
}

/**
 * ksec_protect_batch() - ioctl(KSECDD_IOC_MESSAGE_BATCH)
 * @file: the open file
 * @arg:  struct ksecdd_message_batch
 * @uarg: where it came from
 *
 * Return: 0 with statuses in the messages, or what the first message that
 *         faulted returns; the count then tells how many went before it
 */
int ksec_protect_batch(void *file, void *arg, void __user *uarg)
{
	struct ksecdd_message_batch *cmd = arg;
	struct ksecdd_message __user *messages = u64_to_user_ptr(cmd->messages);
	u32 count = cmd->count;
	int err = 0;

	if (!count || count > KSECDD_MAX_BATCH)
		return -EINVAL;
	cmd->count = 0;
	while (!err && cmd->count < count) {
		struct ksecdd_message msg;
		void __user *umsg = &messages[cmd->count];

		if (copy_from_user(&msg, umsg, sizeof(msg)))
			err = -EFAULT;
		else if (msg.size != sizeof(msg))
			err = -EINVAL;
		else
			err = ksec_protect_one(file, &msg);
		if (!err)
			err = ksec_respond(&msg, umsg);
		if (err)
			break;
		cmd->count++;
		if (msg.status != SEC_E_OK)
			break;
		cond_resched();
	}
	return ksec_respond(cmd, uarg) ?: err;
}
