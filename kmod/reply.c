// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the helper says with COMPLETE, checked and copied into the kernel.
 *
 * All of it is looked at here, before anybody waits no more for it, and nothing
 * later has to doubt it.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ksec.h"

#define KSEC_FACILITY_SECURITY	0x80090000U

/* The texts of an identity: where COMPLETE has them, and how long they may be */
#define KSEC_TEXT(member, most)							\
	{ offsetof(struct ksecdd_complete, member),				\
	  offsetof(struct ksecdd_complete, member##_len), most }

static const struct {
	u16 text;
	u16 len;
	u32 most;
} ksec_texts[] = {
	[KSEC_CLIENT] = KSEC_TEXT(client, KSECDD_MAX_NAME),
	[KSEC_SERVER] = KSEC_TEXT(server, KSECDD_MAX_NAME),
	[KSEC_TARGET] = KSEC_TEXT(target, KSECDD_MAX_NAME),
	[KSEC_CCACHE] = KSEC_TEXT(ccache, KSECDD_MAX_NAME),
	[KSEC_SIDS] = KSEC_TEXT(sids, KSECDD_MAX_SIDS),
};

static_assert(ARRAY_SIZE(ksec_texts) == KSEC_TEXTS);
static_assert(KSECDD_MAX_NAME <= U16_MAX && KSECDD_MAX_SIDS <= U16_MAX);

static const void __user *ksec_text(const struct ksecdd_complete *cmd, enum ksec_text which)
{
	return u64_to_user_ptr(*(const u64 *)((const u8 *)cmd + ksec_texts[which].text));
}

static u32 ksec_text_len(const struct ksecdd_complete *cmd, enum ksec_text which)
{
	return *(const u32 *)((const u8 *)cmd + ksec_texts[which].len);
}

/* Whether none is too long; *@total receives their bytes. */
static bool ksec_texts_valid(const struct ksecdd_complete *cmd, size_t *total)
{
	unsigned int i;

	*total = 0;
	for (i = 0; i < KSEC_TEXTS; i++) {
		if (ksec_text_len(cmd, i) > ksec_texts[i].most)
			return false;
		*total += ksec_text_len(cmd, i);
	}
	return true;
}

static bool ksec_status_valid(s32 status)
{
	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
		return true;
	/* That the room is too small is for the module to find. */
	return ((u32)status & 0xffff0000U) == KSEC_FACILITY_SECURITY &&
	       status != SEC_E_BUFFER_TOO_SMALL;
}

static bool ksec_complete_valid(const struct ksecdd_complete *cmd)
{
	bool ok = cmd->status == SEC_E_OK;
	size_t texts;

	if (!ksec_status_valid(cmd->status) || !ksec_texts_valid(cmd, &texts))
		return false;
	if (cmd->flags & ~(KSECDD_COMPLETE_EXPORT_KEY | KSECDD_COMPLETE_MAPPED |
			   KSECDD_COMPLETE_TARGET | KSECDD_COMPLETE_PARTIAL))
		return false;
	if (cmd->state_len > KSECDD_MAX_STATE || cmd->token_len > KSECDD_MAX_TOKEN ||
	    cmd->ngroups > KSECDD_MAX_GROUPS)
		return false;
	/* Delegated is what lies in somebody's cache. */
	if (!(cmd->ret_flags & ASC_RET_DELEGATE) != !cmd->ccache_len ||
	    (cmd->ccache_len && !(cmd->flags & KSECDD_COMPLETE_MAPPED)))
		return false;
	if (cmd->state_len && cmd->status != SEC_I_CONTINUE_NEEDED)
		return false;
	/* Who is let in has a name; who is not has nothing. */
	if (ok)
		return cmd->client_len && cmd->expiry > 0 &&
		       !(cmd->flags & KSECDD_COMPLETE_PARTIAL);
	if (cmd->flags & KSECDD_COMPLETE_PARTIAL &&
	    (cmd->status != SEC_I_CONTINUE_NEEDED || cmd->state_len || cmd->token_len))
		return false;
	return !texts && !cmd->ngroups && !(cmd->flags & ~KSECDD_COMPLETE_PARTIAL) &&
	       !cmd->ret_flags;
}

static int ksec_copy(void **ret, u64 from, u32 len)
{
	void *p;

	if (!len)
		return 0;
	p = kvmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!p)
		return -ENOMEM;
	if (copy_from_user(p, u64_to_user_ptr(from), len)) {
		kvfree_sensitive(p, len);
		return -EFAULT;
	}
	*ret = p;
	return 0;
}

static int ksec_map_groups(struct ksec_identity *id, const struct ksecdd_complete *cmd)
{
	u32 __user *groups = u64_to_user_ptr(cmd->groups);
	u32 i, gid;

	id->i_uid = INVALID_UID;
	id->i_gid = INVALID_GID;
	if (!(cmd->flags & KSECDD_COMPLETE_MAPPED))
		return cmd->ngroups ? -EINVAL : 0;

	id->i_uid = make_kuid(&init_user_ns, cmd->uid);
	id->i_gid = make_kgid(&init_user_ns, cmd->gid);
	if (!uid_valid(id->i_uid) || !gid_valid(id->i_gid))
		return -EINVAL;
	for (i = 0; i < cmd->ngroups; i++) {
		if (get_user(gid, &groups[i]))
			return -EFAULT;
		id->i_groups[i] = make_kgid(&init_user_ns, gid);
		if (!gid_valid(id->i_groups[i]))
			return -EINVAL;
	}
	return 0;
}

static int ksec_identity_from_user(struct ksec_identity **ret, const struct ksecdd_complete *cmd)
{
	struct ksec_identity *id;
	size_t texts, size;
	unsigned int i;
	char *p;
	int err;

	if (!ksec_texts_valid(cmd, &texts))
		return -EINVAL;
	size = size_add(struct_size(id, i_groups, cmd->ngroups), texts);
	id = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!id)
		return -ENOMEM;
	refcount_set(&id->i_ref, 1);
	/* These say how much there is to wipe. */
	id->i_ngroups = cmd->ngroups;
	for (i = 0; i < KSEC_TEXTS; i++)
		id->i_len[i] = ksec_text_len(cmd, i);
	*ret = id;
	err = ksec_map_groups(id, cmd);
	if (err)
		return err;
	p = (char *)&id->i_groups[cmd->ngroups];
	id->i_has_target = cmd->flags & KSECDD_COMPLETE_TARGET;
	id->i_export_key = cmd->flags & KSECDD_COMPLETE_EXPORT_KEY;
	for (i = 0; i < KSEC_TEXTS; i++) {
		if (copy_from_user(p, ksec_text(cmd, i), id->i_len[i]))
			return -EFAULT;
		p += id->i_len[i];
	}
	return 0;
}

/**
 * ksec_reply_from_user() - check and copy what the helper says
 * @reply: receives it, all zero before; what is in it after an error is the
 *         caller's to clear
 * @cmd:   kernel copy of the struct of KSECDD_REQ_COMPLETE
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM
 */
int ksec_reply_from_user(struct ksec_reply *reply, const struct ksecdd_complete *cmd)
{
	int err;

	if (!ksec_complete_valid(cmd))
		return -EINVAL;
	reply->p_status = cmd->status;
	reply->p_ret_flags = cmd->ret_flags;
	reply->p_expiry = cmd->expiry;
	err = ksec_copy(&reply->p_blob, cmd->state, cmd->state_len);
	if (err)
		return err;
	reply->p_blob_len = cmd->state_len;
	err = ksec_copy(&reply->p_token, cmd->token, cmd->token_len);
	if (err)
		return err;
	reply->p_token_len = cmd->token_len;
	return cmd->status == SEC_E_OK ? ksec_identity_from_user(&reply->p_identity, cmd) : 0;
}

/**
 * ksec_reply_clear() - wipe and free what a reply holds
 * @reply: the reply; may be partly filled or empty
 */
void ksec_reply_clear(struct ksec_reply *reply)
{
	if (reply->p_mech)
		reply->p_mech->destroy(reply->p_keys);
	kvfree_sensitive(reply->p_token, reply->p_token_len);
	kvfree_sensitive(reply->p_part, reply->p_part_len);
	/* Of KSECDD_MAX_STATE at most, which kvmalloc() takes from the slab. */
	kfree_sensitive(reply->p_blob);
	ksec_identity_put(reply->p_identity);
	memset(reply, 0, sizeof(*reply));
}
