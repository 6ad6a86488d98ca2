// SPDX-License-Identifier: GPL-2.0-only
/*
 * Request files: how the helper reads a token and answers.
 *
 * The file may be given to another thread or process of the helper; the right
 * to answer goes with it.  Its ioctls exclude each other by a bit instead of a
 * lock, because they copy from user memory: a second one at the same time is a
 * mistake of the helper and gets EBUSY.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/ksecdd_tls.h>

#include "ksec.h"
#include "message.h"
#include "trace.h"

static ssize_t ksec_reqfd_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	struct ksec_request *req = file->private_data;

	if (test_bit(KSEC_REQ_DONE, &req->r_flags))
		return -ECANCELED;
	return simple_read_from_buffer(buf, len, pos, req->r_data, req->r_size);
}

/* TLS around something else, and not the package's own protection of messages */
static bool ksec_reqfd_is_outer(const struct ksec_request *req, const struct ksec_mech *mech)
{
	return mech && mech->tls_info && mech->package != req->r_package->p_id;
}

/* Nobody is let in by a package of TLS without what protects his messages. */
static bool ksec_reqfd_has_keys(const struct ksec_request *req)
{
	return !req->r_package->p_tls || req->r_outer ||
	       (req->r_keys && req->r_mech->package == req->r_package->p_id);
}

static int ksec_reqfd_set_keys(void *ctx, void *arg, void __user *uarg)
{
	const struct ksecdd_set_keys *cmd = arg;
	struct ksec_request *req = ctx;
	const struct ksec_mech *mech = ksec_package_mech(req->r_package, cmd->mech);
	bool outer = ksec_reqfd_is_outer(req, mech);
	struct ksec_keys *keys;
	union {
		u8 bytes[KSECDD_MAX_KEY];
		struct ksecdd_tls_keys tls;
	} key;

	if (!mech || cmd->key_len > sizeof(key))
		return -EINVAL;
	if (outer ? req->r_outer : req->r_keys)
		return -EBUSY;
	if (copy_from_user(&key, u64_to_user_ptr(cmd->key), cmd->key_len))
		keys = ERR_PTR(-EFAULT);
	else
		keys = mech->create(cmd->mech_flags, key.bytes, cmd->key_len, false);
	/* After a fault, too: a part of the key may have arrived. */
	memzero_explicit(&key, sizeof(key));
	if (IS_ERR(keys))
		return PTR_ERR(keys);
	if (outer) {
		req->r_outer = keys;
		return 0;
	}
	req->r_keys = keys;
	req->r_mech = mech;
	return 0;
}

static int ksec_reqfd_message(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_message *cmd = arg;
	struct ksec_request *req = ctx;
	int err;

	if (cmd->context)
		return -EINVAL;
	if (!req->r_keys) {
		cmd->status = SEC_E_INVALID_HANDLE;
		return ksec_respond(cmd, uarg);
	}
	err = ksec_message_run(req->r_mech, req->r_keys, cmd);
	return err ?: ksec_respond(cmd, uarg);
}

/* The request's token, for the context; of none there is no beginning. */
static int ksec_reqfd_keep_token(struct ksec_reply *reply, const struct ksec_request *req)
{
	const struct ksecdd_request *head = req->r_data;

	if (!head->token_len)
		return -EINVAL;
	reply->p_part = kvmalloc(head->token_len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!reply->p_part)
		return -ENOMEM;
	reply->p_part_len = head->token_len;
	memcpy(reply->p_part, (const u8 *)(head + 1) + head->state_len, head->token_len);
	return 0;
}

static int ksec_reqfd_complete(void *ctx, void *arg, void __user *uarg)
{
	const struct ksecdd_complete *cmd = arg;
	struct ksec_request *req = ctx;
	struct ksec_reply reply = {};
	int err;

	err = cmd->status == SEC_E_OK && !ksec_reqfd_has_keys(req) ? -EINVAL :
	      ksec_reply_from_user(&reply, cmd, req);
	if (!err && (cmd->flags & KSECDD_COMPLETE_PARTIAL))
		err = ksec_reqfd_keep_token(&reply, req);
	if (err == -EINVAL) {
		/* A confused helper; what it says is not taken for anything. */
		if (ksec_request_fail(req, SEC_E_INTERNAL_ERROR)) {
			set_bit(KSEC_REQ_COMPLETED, &req->r_flags);
			ksec_stat_inc(KSEC_STAT_ABORTED);
		}
		goto clear;
	}
	if (err)
		goto clear;
	if (cmd->status >= 0) {
		/* KSEC_REQ_BUSY is ours: nobody else looks at the keys. */
		reply.p_mech = req->r_mech;
		reply.p_keys = req->r_keys;
		req->r_keys = NULL;
		reply.p_outer = req->r_outer;
		req->r_outer = NULL;
	}
	if (ksec_request_finish(req, &reply))
		set_bit(KSEC_REQ_COMPLETED, &req->r_flags);
	else
		err = -ECANCELED;
clear:
	ksec_reply_clear(&reply);
	return err;
}

static const struct ksec_ioctl ksec_reqfd_ioctls[] = {
	KSEC_IOCTL(KSECDD_REQ_SET_KEYS, struct ksecdd_set_keys, key, ksec_reqfd_set_keys),
	KSEC_IOCTL(KSECDD_REQ_MESSAGE, struct ksecdd_message, buffers, ksec_reqfd_message),
	KSEC_IOCTL(KSECDD_REQ_COMPLETE, struct ksecdd_complete, sids_len,
		   ksec_reqfd_complete),
	KSEC_IOCTL(KSECDD_REQ_CREDENTIAL, struct ksecdd_credential, __reserved,
		   ksec_reqfd_credential),
};

static long ksec_reqfd_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ksec_request *req = file->private_data;
	struct mem_cgroup *own;
	long ret;

	/*
	 * First of all: who has lost against a COMPLETE that sets DONE and not yet
	 * COMPLETED would be told that the caller has gone.
	 */
	if (test_and_set_bit_lock(KSEC_REQ_BUSY, &req->r_flags))
		return -EBUSY;
	if (test_bit(KSEC_REQ_DONE, &req->r_flags)) {
		ret = test_bit(KSEC_REQ_COMPLETED, &req->r_flags) ? -EALREADY : -ECANCELED;
		goto unlock;
	}
	own = set_active_memcg(req->r_memcg);
	ret = ksec_ioctl_dispatch(ksec_reqfd_ioctls, ARRAY_SIZE(ksec_reqfd_ioctls), req, cmd,
				  (void __user *)arg);
	set_active_memcg(own);
unlock:
	clear_bit_unlock(KSEC_REQ_BUSY, &req->r_flags);
	return ret;
}

static int ksec_reqfd_release(struct inode *inode, struct file *file)
{
	struct ksec_request *req = file->private_data;

	if (req)
		ksec_request_release_file(req);
	return 0;
}

static const struct file_operations ksec_reqfd_fops = {
	.owner = THIS_MODULE,
	.read = ksec_reqfd_read,
	.unlocked_ioctl = ksec_reqfd_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = ksec_reqfd_release,
	.llseek = default_llseek,
};

/**
 * ksec_reqfd_create() - a file for a request the helper takes
 * @req: the request; the file takes over the reference of ksec_request_take()
 *
 * Return: the file, or ERR_PTR(), and then the reference is still the caller's
 */
struct file *ksec_reqfd_create(struct ksec_request *req)
{
	return anon_inode_getfile("[ksecdd-req]", &ksec_reqfd_fops, req, O_RDONLY);
}

/**
 * ksec_reqfd_disown() - take the request out of a file nobody got
 * @file: the file; closing it does nothing to the request any more
 */
void ksec_reqfd_disown(struct file *file)
{
	file->private_data = NULL;
}
