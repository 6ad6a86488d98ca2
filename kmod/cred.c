// SPDX-License-Identifier: GPL-2.0-only
/*
 * Credentials: AcquireCredentialsHandle and FreeCredentialsHandle.
 */
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ksec.h"
#include "trace.h"

static bool ksec_acquire_valid(const struct ksecdd_acquire *cmd)
{
	return cmd->principal_len <= KSECDD_MAX_NAME && cmd->user_len <= KSECDD_MAX_NAME &&
	       cmd->domain_len <= KSECDD_MAX_NAME && cmd->secret_len <= KSECDD_MAX_SECRET;
}

/* Returns NULL if the caller gave no explicit credentials. */
static struct key *ksec_acquire_key(const struct ksecdd_acquire *cmd)
{
	const struct ksec_key_source source = {
		.k_part = {
			{ u64_to_user_ptr(cmd->user), cmd->user_len },
			{ u64_to_user_ptr(cmd->domain), cmd->domain_len },
			{ u64_to_user_ptr(cmd->secret), cmd->secret_len },
		},
		.k_uid = current_euid(),
		.k_gid = current_egid(),
		.k_perm = KEY_POS_VIEW | KEY_USR_VIEW,
		.k_description = "credential",
	};

	if (!cmd->user && !cmd->domain && !cmd->secret)
		return NULL;
	/* The lengths are bounded, see ksec_acquire_valid(). */
	return ksec_key_create(&source);
}

/* Returns the credential with the caller's reference, or ERR_PTR(). */
static struct ksec_cred *ksec_cred_create(struct ksec_file *file, const struct ksec_package *pkg,
					  const struct ksecdd_acquire *cmd)
{
	struct ksec_cred *cred;
	struct key *key;
	int err;

	if (!ksec_charge(&file->f_user->u_creds, READ_ONCE(ksec_max_creds_user)))
		return ERR_PTR(-ENOMEM);
	cred = kzalloc(struct_size(cred, c_principal, cmd->principal_len), GFP_KERNEL_ACCOUNT);
	if (!cred) {
		err = -ENOMEM;
		goto uncharge;
	}
	if (copy_from_user(cred->c_principal, u64_to_user_ptr(cmd->principal),
			   cmd->principal_len)) {
		err = -EFAULT;
		goto free;
	}
	key = ksec_acquire_key(cmd);
	if (IS_ERR(key)) {
		err = PTR_ERR(key);
		goto free;
	}
	ksec_object_init(&cred->c_obj, KSECDD_OBJECT_CREDENTIAL);
	cred->c_package = pkg;
	cred->c_use = cmd->use;
	cred->c_uid = current_euid();
	cred->c_user = file->f_user;
	cred->c_key = key;
	cred->c_expiry = KSECDD_TIME_NEVER;
	cred->c_principal_len = cmd->principal_len;
	ksec_stat_inc(KSEC_STAT_CREDENTIALS);
	return cred;

free:
	kfree(cred);
uncharge:
	ksec_uncharge(&file->f_user->u_creds);
	return ERR_PTR(err);
}

/**
 * ksec_cred_release() - wipe and free a credential that nobody refers to
 * @obj: its object
 */
void ksec_cred_release(struct ksec_object *obj)
{
	struct ksec_cred *cred = ksec_to_cred(obj);

	key_put(cred->c_key);
	ksec_uncharge(&cred->c_user->u_creds);
	ksec_stat_dec(KSEC_STAT_CREDENTIALS);
	kfree_rcu(cred, c_obj.o_rcu);
}

/**
 * ksec_cred_acquire() - ioctl(KSECDD_IOC_ACQUIRE)
 * @ctx:  the open file
 * @arg:  struct ksecdd_acquire
 * @uarg: where it came from
 *
 * Return: 0 with a status, or -EFAULT
 */
int ksec_cred_acquire(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_acquire *cmd = arg;
	const struct ksec_package *pkg;
	struct ksec_file *file = ctx;
	struct ksec_cred *cred;
	int err;

	cmd->status = SEC_E_OK;
	pkg = ksec_package_by_id(cmd->package);
	if (!pkg)
		cmd->status = SEC_E_SECPKG_NOT_FOUND;
	else if (!cmd->use || (cmd->use & ~SECPKG_CRED_BOTH) || !ksec_acquire_valid(cmd))
		cmd->status = SEC_E_INVALID_PARAMETER;
	else if ((cmd->use & ~pkg->p_uses) || !(cmd->use & SECPKG_CRED_INBOUND))
		cmd->status = SEC_E_UNSUPPORTED_FUNCTION;
	if (cmd->status != SEC_E_OK)
		return ksec_respond(cmd, uarg);

	cred = ksec_cred_create(file, pkg, cmd);
	if (IS_ERR(cred)) {
		err = PTR_ERR(cred);
		goto fail;
	}
	err = ksec_object_reserve(file, &cred->c_obj);
	if (err) {
		ksec_object_put(&cred->c_obj);
		goto fail;
	}
	cmd->handle = ksec_handle(&cred->c_obj);
	cmd->expiry = cred->c_expiry;
	err = ksec_respond(cmd, uarg);
	if (err) {
		ksec_object_unreserve(file, &cred->c_obj);
		ksec_object_put(&cred->c_obj);
		return err;
	}
	ksec_object_publish(file, &cred->c_obj);
	return 0;

fail:
	if (err == -EFAULT)
		return err;
	/* Memory, key quota, limit, and what an LSM objects to. */
	cmd->status = SEC_E_INSUFFICIENT_MEMORY;
	return ksec_respond(cmd, uarg);
}
