// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may have how much.
 *
 * The device is open to everybody, so one user must not be able to take what
 * the others need.  Memory is charged to the memory control group; these limits
 * hold where there is none.  A user is counted over all of the user's open
 * files, and each file by itself, so that one service does not starve another
 * that runs as the same user.
 */
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "ksec.h"

unsigned int ksec_max_contexts_file = 131072;
module_param_named(max_contexts_file, ksec_max_contexts_file, uint, 0644);
MODULE_PARM_DESC(max_contexts_file, "Most contexts in an open file");

unsigned int ksec_max_contexts_user = 262144;
module_param_named(max_contexts_user, ksec_max_contexts_user, uint, 0644);
MODULE_PARM_DESC(max_contexts_user, "Most contexts of a user");

unsigned int ksec_max_half_open_user = 16384;
module_param_named(max_half_open_user, ksec_max_half_open_user, uint, 0644);
MODULE_PARM_DESC(max_half_open_user, "Most contexts of a user that are not established");

unsigned int ksec_max_creds_user = 4096;
module_param_named(max_credentials_user, ksec_max_creds_user, uint, 0644);
MODULE_PARM_DESC(max_credentials_user, "Most credentials of a user");

unsigned int ksec_max_tokens_user = 16384;
module_param_named(max_tokens_user, ksec_max_tokens_user, uint, 0644);
MODULE_PARM_DESC(max_tokens_user, "Most tokens of a user's contexts");

unsigned int ksec_max_requests_user = 1024;
module_param_named(max_requests_user, ksec_max_requests_user, uint, 0644);
MODULE_PARM_DESC(max_requests_user, "Most tokens of a user that wait for the helper's verdict");

static DEFINE_HASHTABLE(ksec_users, 6);
static DEFINE_SPINLOCK(ksec_users_lock);	/* protects ksec_users */

static struct ksec_user *ksec_user_find(kuid_t uid)
{
	struct ksec_user *user;

	lockdep_assert_held(&ksec_users_lock);
	hash_for_each_possible(ksec_users, user, u_node, __kuid_val(uid)) {
		if (uid_eq(user->u_uid, uid)) {
			refcount_inc(&user->u_ref);
			return user;
		}
	}
	return NULL;
}

/**
 * ksec_user_get() - the counters of a user
 * @uid: who
 *
 * Return: the user with a reference for the caller, or NULL without memory
 */
struct ksec_user *ksec_user_get(kuid_t uid)
{
	struct ksec_user *new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	struct ksec_user *user;

	if (!new)
		return NULL;
	new->u_uid = uid;
	refcount_set(&new->u_ref, 1);

	spin_lock(&ksec_users_lock);
	user = ksec_user_find(uid);
	if (!user) {
		user = new;
		new = NULL;
		hash_add(ksec_users, &user->u_node, __kuid_val(uid));
	}
	spin_unlock(&ksec_users_lock);
	kfree(new);
	return user;
}

/**
 * ksec_user_put() - give back what ksec_user_get() gave
 * @user: the user
 */
void ksec_user_put(struct ksec_user *user)
{
	bool last;

	spin_lock(&ksec_users_lock);
	last = refcount_dec_and_test(&user->u_ref);
	if (last)
		hash_del(&user->u_node);
	spin_unlock(&ksec_users_lock);
	if (last)
		kfree(user);
}

/**
 * ksec_charge() - count one more, unless it is one too many
 * @counter: what is counted
 * @limit:   how many there may be
 *
 * Return: true if it was counted
 */
bool ksec_charge(atomic_t *counter, unsigned int limit)
{
	if ((unsigned int)atomic_inc_return(counter) <= limit)
		return true;
	atomic_dec(counter);
	return false;
}

/**
 * ksec_uncharge() - take back one ksec_charge()
 * @counter: what is counted
 */
void ksec_uncharge(atomic_t *counter)
{
	atomic_dec(counter);
}
