// SPDX-License-Identifier: GPL-2.0-only
/*
 * From an ioctl to the function that does it.
 *
 * The struct is copied in once, here, and the rules of sizes and reserved
 * members that uapi/linux/ksecdd.h promises are kept here for all ioctls.
 */
#include <linux/build_bug.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <linux/ksecdd_tls.h>

#include "ksec.h"

union ksec_arg {
	u32 size;
	struct ksecdd_version version;
	struct ksecdd_package package;
	struct ksecdd_acquire acquire;
	struct ksecdd_destroy destroy;
	struct ksecdd_accept accept;
	struct ksecdd_query query;
	struct ksecdd_token token;
	struct ksecdd_attach attach;
	struct ksecdd_control control;
	struct ksecdd_message message;
	struct ksecdd_message_batch batch;
	struct ksecdd_set_keys set_keys;
	struct ksecdd_complete complete;
	struct ksecdd_credential credential;
	struct ksecdd_fetch fetch;
};

/**
 * ksec_respond() - write an ioctl's struct back
 * @arg:  the kernel's copy; its size is the smaller of the caller's and ours
 * @uarg: where it came from
 *
 * Return: 0 or -EFAULT
 */
int ksec_respond(const void *arg, void __user *uarg)
{
	const u32 *size = arg;

	/* The size stays what the caller wrote. */
	return copy_to_user(uarg + sizeof(*size), arg + sizeof(*size), *size - sizeof(*size)) ?
	       -EFAULT : 0;
}

/**
 * ksec_ioctl_dispatch() - do an ioctl
 * @table: the ioctls of this kind of file, in the order of their numbers
 * @n:     how many
 * @ctx:   handed to the function
 * @cmd:   number of the ioctl
 * @uarg:  the caller's struct
 *
 * Return: what the function returns; -ENOTTY, -EINVAL, -E2BIG, -EFAULT as
 *         uapi/linux/ksecdd.h says
 */
long ksec_ioctl_dispatch(const struct ksec_ioctl *table, unsigned int n, void *ctx,
			 unsigned int cmd, void __user *uarg)
{
	unsigned int nr = _IOC_NR(cmd) - _IOC_NR(table[0].i_cmd);
	const struct ksec_ioctl *op;
	union ksec_arg arg;
	u32 size;
	int err;

	if (nr >= n)
		return -ENOTTY;
	op = &table[array_index_nospec(nr, n)];
	if (op->i_cmd != cmd)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)uarg))
		return -EFAULT;
	if (size < op->i_min || size > PAGE_SIZE)
		return size < op->i_min ? -EINVAL : -E2BIG;
	err = copy_struct_from_user(&arg, op->i_size, uarg, size);
	if (err)
		return err;
	/* Read a second time just now, and may have changed. */
	arg.size = min(size, op->i_size);
	return op->i_execute(ctx, &arg, uarg);
}

static int ksec_version(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_version *cmd = arg;

	cmd->abi = KSECDD_ABI_VERSION;
	cmd->features = 0;
	memset(cmd->module, 0, sizeof(cmd->module));
	strscpy(cmd->module, KSECDD_VERSION, sizeof(cmd->module));
	return ksec_respond(cmd, uarg);
}

static int ksec_package(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_package *cmd = arg;
	const struct ksec_package *pkg;

	if (cmd->__reserved)
		return -EINVAL;
	pkg = ksec_package_by_index(cmd->index, &cmd->count);
	if (!pkg) {
		cmd->status = SEC_E_SECPKG_NOT_FOUND;
		return ksec_respond(cmd, uarg);
	}
	cmd->status = SEC_E_OK;
	cmd->id = pkg->p_id;
	cmd->capabilities = pkg->p_capabilities;
	cmd->version = 1;
	cmd->rpcid = pkg->p_rpcid;
	cmd->max_token = pkg->p_max_token;
	memset(cmd->name, 0, sizeof(cmd->name));
	memset(cmd->comment, 0, sizeof(cmd->comment));
	strscpy(cmd->name, pkg->p_name, sizeof(cmd->name));
	strscpy(cmd->comment, pkg->p_comment, sizeof(cmd->comment));
	return ksec_respond(cmd, uarg);
}

static bool ksec_object_exists(struct ksec_file *file, u64 handle, u32 type)
{
	struct ksec_object *obj = ksec_object_get(file, handle, type);

	if (obj)
		ksec_object_put(obj);
	return obj;
}

/*
 * A handle ends after its owner was told: if that faults he still has it, as he
 * has what he wanted to free.
 */
static int ksec_destroy(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_destroy *cmd = arg;
	int err;

	if (cmd->__reserved)
		return -EINVAL;
	if (cmd->type != KSECDD_OBJECT_CREDENTIAL && cmd->type != KSECDD_OBJECT_CONTEXT)
		return -EINVAL;
	cmd->status = ksec_object_exists(ctx, cmd->handle, cmd->type) ? SEC_E_OK :
									SEC_E_INVALID_HANDLE;
	err = ksec_respond(cmd, uarg);
	if (err || cmd->status != SEC_E_OK || ksec_object_remove(ctx, cmd->handle, cmd->type))
		return err;
	/* Another thread has ended it meanwhile. */
	cmd->status = SEC_E_INVALID_HANDLE;
	return ksec_respond(cmd, uarg);
}

static const struct ksec_ioctl ksec_ioctls[] = {
	KSEC_IOCTL(KSECDD_IOC_VERSION, struct ksecdd_version, module, ksec_version),
	KSEC_IOCTL(KSECDD_IOC_PACKAGE, struct ksecdd_package, comment, ksec_package),
	KSEC_IOCTL(KSECDD_IOC_ACQUIRE, struct ksecdd_acquire, expiry, ksec_cred_acquire),
	KSEC_IOCTL(KSECDD_IOC_DESTROY, struct ksecdd_destroy, __reserved, ksec_destroy),
	KSEC_IOCTL(KSECDD_IOC_ACCEPT, struct ksecdd_accept, expiry, ksec_context_accept),
	KSEC_IOCTL(KSECDD_IOC_QUERY, struct ksecdd_query, buffer, ksec_context_query),
	KSEC_IOCTL(KSECDD_IOC_MESSAGE, struct ksecdd_message, buffers, ksec_protect),
	KSEC_IOCTL(KSECDD_IOC_MESSAGE_BATCH, struct ksecdd_message_batch, messages,
		   ksec_protect_batch),
	KSEC_IOCTL(KSECDD_IOC_TOKEN, struct ksecdd_token, __reserved, ksec_context_token),
	KSEC_IOCTL(KSECDD_IOC_ATTACH, struct ksecdd_attach, flags, ksec_context_attach),
	KSEC_IOCTL(KSECDD_IOC_CONTROL, struct ksecdd_control, value, ksec_context_control),
};

/**
 * ksec_dev_ioctl() - do an ioctl of the device
 * @file: the open file
 * @cmd:  number of the ioctl
 * @uarg: the caller's struct
 *
 * Return: as ksec_ioctl_dispatch()
 */
long ksec_dev_ioctl(struct ksec_file *file, unsigned int cmd, void __user *uarg)
{
	return ksec_ioctl_dispatch(ksec_ioctls, ARRAY_SIZE(ksec_ioctls), file, cmd, uarg);
}

/*
 * The ABI: sizes that never change, and no holes, which would leak the stack.
 * A struct that grows gets its new size here, and its old one stays its minimum.
 */
static_assert(sizeof(struct ksecdd_version) == 48);
static_assert(sizeof(struct ksecdd_package) == 168);
static_assert(sizeof(struct ksecdd_acquire) == 80);
static_assert(sizeof(struct ksecdd_destroy) == 24);
static_assert(sizeof(struct ksecdd_accept) == 112);
static_assert(sizeof(struct ksecdd_query) == 32);
static_assert(sizeof(struct ksecdd_context_info) == 72);
static_assert(sizeof(struct ksecdd_token) == 24);
static_assert(sizeof(struct ksecdd_token_info) == 56);
static_assert(sizeof(struct ksecdd_fetch) == 48);
static_assert(sizeof(struct ksecdd_credential) == 72);
static_assert(sizeof(struct ksecdd_attach) == 24);
static_assert(sizeof(struct ksecdd_control) == 24);
static_assert(sizeof(struct ksecdd_buffer) == 16);
static_assert(sizeof(struct ksecdd_message) == 40);
static_assert(sizeof(struct ksecdd_message_batch) == 16);
static_assert(sizeof(struct ksecdd_request) == 88);
static_assert(sizeof(struct ksecdd_set_keys) == 24);
static_assert(sizeof(struct ksecdd_complete) == 184);
static_assert(sizeof(struct ksecdd_tls_keys) == 224);
static_assert(sizeof(struct ksecdd_tls_info) == 32);
