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
	[KSEC_PEER_CERT] = KSEC_TEXT(peer_cert, KSECDD_MAX_CERT),
	[KSEC_PROTOCOL] = KSEC_TEXT(protocol, KSECDD_MAX_PROTOCOL),
	[KSEC_UNIQUE] = KSEC_TEXT(unique, KSECDD_MAX_TLS_BINDING),
	[KSEC_ENDPOINT] = KSEC_TEXT(endpoint, KSECDD_MAX_TLS_BINDING),
};

static_assert(ARRAY_SIZE(ksec_texts) == KSEC_ALL_TEXTS);
static_assert(KSECDD_MAX_NAME <= U16_MAX && KSECDD_MAX_SIDS <= U16_MAX &&
	      KSECDD_MAX_CERT <= U16_MAX);

static const void __user *ksec_text(const struct ksecdd_complete *cmd, enum ksec_text which)
{
	return u64_to_user_ptr(*(const u64 *)((const u8 *)cmd + ksec_texts[which].text));
}

static u32 ksec_text_len(const struct ksecdd_complete *cmd, enum ksec_text which)
{
	return *(const u32 *)((const u8 *)cmd + ksec_texts[which].len);
}

/* Whether none from @first on, up to but not @end, is too long; *@total receives their bytes. */
static bool ksec_texts_valid(const struct ksecdd_complete *cmd, unsigned int first,
			     unsigned int end, size_t *total)
{
	unsigned int i;

	*total = 0;
	for (i = first; i < end; i++) {
		if (ksec_text_len(cmd, i) > ksec_texts[i].most)
			return false;
		*total += ksec_text_len(cmd, i);
	}
	return true;
}

static int ksec_texts_copy(u8 *to, u16 *lens, const struct ksecdd_complete *cmd,
			   unsigned int first, unsigned int end)
{
	unsigned int i;

	/* These say how much there is to wipe, also after a fault. */
	for (i = first; i < end; i++)
		lens[i - first] = ksec_text_len(cmd, i);
	for (i = first; i < end; i++) {
		if (copy_from_user(to, ksec_text(cmd, i), lens[i - first]))
			return -EFAULT;
		to += lens[i - first];
	}
	return 0;
}

static bool ksec_status_valid(const struct ksec_package *pkg, s32 status)
{
	if (status == SEC_E_OK || ksec_status_goes_on(pkg, status))
		return true;
	/* That the room is too small is for the module to find. */
	return ((u32)status & 0xffff0000U) == KSEC_FACILITY_SECURITY &&
	       status != SEC_E_BUFFER_TOO_SMALL;
}

/* What only requests of a package of TLS may say */
static bool ksec_complete_tls_valid(const struct ksecdd_complete *cmd,
				    const struct ksec_request *req)
{
	const struct ksecdd_request *head = req->r_data;
	bool outer = head->flags & KSECDD_REQUEST_OUTER;

	if (cmd->unused_len && (cmd->status < 0 || !req->r_package->p_tls || outer ||
				cmd->unused_len > head->token_len - req->r_part_len))
		return false;
	if (!(cmd->flags & KSECDD_COMPLETE_ALERT))
		return !cmd->alert;
	return cmd->status < 0 && outer && !cmd->token_len && cmd->alert <= U8_MAX;
}

/* Delegated is what lies in somebody's cache, or in a key of his. */
static bool ksec_complete_delegated_valid(const struct ksecdd_complete *cmd,
					  const struct key *delegated)
{
	bool mapped = cmd->flags & KSECDD_COMPLETE_MAPPED;

	if (cmd->status != SEC_E_OK)
		return !cmd->ccache_len;
	if (cmd->ccache_len && !mapped)
		return false;
	if (delegated &&
	    (!mapped || !uid_eq(delegated->uid, make_kuid(&init_user_ns, cmd->uid))))
		return false;
	return !(cmd->ret_flags & ASC_RET_DELEGATE) == !(cmd->ccache_len || delegated);
}

static bool ksec_complete_valid(const struct ksecdd_complete *cmd,
				const struct ksec_request *req)
{
	bool ok = cmd->status == SEC_E_OK;
	size_t texts;

	if (!ksec_status_valid(req->r_package, cmd->status) ||
	    !ksec_texts_valid(cmd, 0, KSEC_ALL_TEXTS, &texts))
		return false;
	if (cmd->flags & ~(KSECDD_COMPLETE_EXPORT_KEY | KSECDD_COMPLETE_MAPPED |
			   KSECDD_COMPLETE_TARGET | KSECDD_COMPLETE_PARTIAL |
			   KSECDD_COMPLETE_ALERT))
		return false;
	if (!ksec_complete_tls_valid(cmd, req))
		return false;
	if (cmd->state_len > KSECDD_MAX_STATE || cmd->token_len > KSECDD_MAX_TOKEN ||
	    cmd->ngroups > KSECDD_MAX_GROUPS)
		return false;
	if (!ksec_complete_delegated_valid(cmd, req->r_delegated))
		return false;
	if (cmd->state_len && !ksec_status_goes_on(req->r_package, cmd->status))
		return false;
	/* Who is let in has a name; who is not has nothing. */
	if (ok)
		return cmd->client_len && cmd->expiry > 0 &&
		       !(cmd->flags & KSECDD_COMPLETE_PARTIAL);
	if (cmd->flags & KSECDD_COMPLETE_PARTIAL &&
	    (cmd->status != SEC_I_CONTINUE_NEEDED || cmd->state_len || cmd->token_len))
		return false;
	return !texts && !cmd->ngroups && !cmd->ret_flags &&
	       !(cmd->flags & ~(KSECDD_COMPLETE_PARTIAL | KSECDD_COMPLETE_ALERT));
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

static int ksec_identity_from_user(struct ksec_identity **ret, const struct ksecdd_complete *cmd,
				   struct key *delegated)
{
	struct ksec_identity *id;
	size_t texts, size;
	int err;

	if (!ksec_texts_valid(cmd, 0, KSEC_TEXTS, &texts))
		return -EINVAL;
	size = size_add(struct_size(id, i_groups, cmd->ngroups), texts);
	if (delegated)
		size = size_add(size, KSEC_IDENTITY_KEY);
	id = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!id)
		return -ENOMEM;
	refcount_set(&id->i_ref, 1);
	id->i_ngroups = cmd->ngroups;
	*ret = id;
	err = ksec_map_groups(id, cmd);
	if (err)
		return err;
	id->i_has_target = cmd->flags & KSECDD_COMPLETE_TARGET;
	id->i_export_key = cmd->flags & KSECDD_COMPLETE_EXPORT_KEY;
	err = ksec_texts_copy((u8 *)&id->i_groups[cmd->ngroups], id->i_len, cmd, 0, KSEC_TEXTS);
	if (!err && delegated)
		ksec_identity_set_key(id, delegated);
	return err;
}

static int ksec_peer_from_user(struct ksec_peer **ret, const struct ksecdd_complete *cmd)
{
	struct ksec_peer *peer;
	size_t texts;

	if (!ksec_texts_valid(cmd, KSEC_TEXTS, KSEC_ALL_TEXTS, &texts))
		return -EINVAL;
	if (!texts)
		return 0;
	peer = kvzalloc(struct_size(peer, e_data, texts), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!peer)
		return -ENOMEM;
	*ret = peer;
	return ksec_texts_copy(peer->e_data, peer->e_len, cmd, KSEC_TEXTS, KSEC_ALL_TEXTS);
}

static int ksec_client_from_user(struct ksec_reply *reply, const struct ksecdd_complete *cmd,
				 const struct ksec_request *req)
{
	return ksec_identity_from_user(&reply->p_identity, cmd, req->r_delegated) ?:
	       ksec_peer_from_user(&reply->p_peer, cmd);
}

/**
 * ksec_reply_from_user() - check and copy what the helper says
 * @reply: receives it, all zero before; what is in it after an error is the
 *         caller's to clear
 * @cmd:   kernel copy of the struct of KSECDD_REQ_COMPLETE
 * @req:   the request
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM
 */
int ksec_reply_from_user(struct ksec_reply *reply, const struct ksecdd_complete *cmd,
			 const struct ksec_request *req)
{
	int err;

	if (!ksec_complete_valid(cmd, req))
		return -EINVAL;
	reply->p_status = cmd->status;
	reply->p_ret_flags = cmd->ret_flags;
	reply->p_expiry = cmd->expiry;
	reply->p_unused_len = cmd->unused_len;
	reply->p_has_alert = cmd->flags & KSECDD_COMPLETE_ALERT;
	reply->p_alert = cmd->alert;
	err = ksec_copy(&reply->p_blob, cmd->state, cmd->state_len);
	if (err)
		return err;
	reply->p_blob_len = cmd->state_len;
	err = ksec_copy(&reply->p_token, cmd->token, cmd->token_len);
	if (err)
		return err;
	reply->p_token_len = cmd->token_len;
	return cmd->status == SEC_E_OK ? ksec_client_from_user(reply, cmd, req) : 0;
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
	kvfree(reply->p_peer);
	ksec_tls_mech.destroy(reply->p_outer);
	memset(reply, 0, sizeof(*reply));
}
