// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "ksecdd": who the helper is, which request is next,
 * and the module's status.
 *
 * Neither tokens nor keys go through here: netlink messages can be tapped and
 * are not wiped.  Only the port that registered may take requests; there is no
 * multicast group, because a group cannot prove who listens.
 */
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/module.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include <linux/ksecdd_genl.h>

#include "ksec.h"

static struct genl_family ksec_genl_family;

static const struct nla_policy ksec_genl_register_policy[KSECDD_A_HELPER_MAX + 1] = {
	[KSECDD_A_HELPER_ABI] = { .type = NLA_U32 },
	[KSECDD_A_HELPER_PACKAGES] = { .type = NLA_U32 },
	[KSECDD_A_HELPER_INFLIGHT] = NLA_POLICY_RANGE(NLA_U32, 1, KSECDD_MAX_INFLIGHT),
	[KSECDD_A_HELPER_ALL_NETNS] = { .type = NLA_FLAG },
};

/* Begin the reply to a request; NULL without memory. */
static struct sk_buff *ksec_genl_reply(struct genl_info *info, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &ksec_genl_family, 0, info->genlhdr->cmd);
	if (!*hdr) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int ksec_genl_register(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr **attrs = info->attrs;
	struct sk_buff *msg;
	u64 epoch;
	void *hdr;
	int err;

	/* GENL_ADMIN_PERM has looked for CAP_NET_ADMIN in the initial namespace. */
	if (!netlink_capable(skb, CAP_SYS_ADMIN))
		return -EPERM;
	if (GENL_REQ_ATTR_CHECK(info, KSECDD_A_HELPER_ABI) ||
	    GENL_REQ_ATTR_CHECK(info, KSECDD_A_HELPER_PACKAGES) ||
	    GENL_REQ_ATTR_CHECK(info, KSECDD_A_HELPER_INFLIGHT))
		return -EINVAL;
	if (nla_get_u32(attrs[KSECDD_A_HELPER_ABI]) != KSECDD_ABI_VERSION) {
		NL_SET_ERR_MSG(info->extack, "helper and module speak different ABIs");
		return -EPROTO;
	}

	msg = ksec_genl_reply(info, &hdr);
	if (!msg)
		return -ENOMEM;
	err = ksec_helper_register(genl_info_net(info), info->snd_portid,
				   nla_get_u32(attrs[KSECDD_A_HELPER_PACKAGES]),
				   nla_get_u32(attrs[KSECDD_A_HELPER_INFLIGHT]),
				   nla_get_flag(attrs[KSECDD_A_HELPER_ALL_NETNS]), &epoch);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	/* There is room for two small attributes. */
	nla_put_u32(msg, KSECDD_A_HELPER_ABI, KSECDD_ABI_VERSION);
	nla_put_u64_64bit(msg, KSECDD_A_HELPER_EPOCH, epoch, 0);
	genlmsg_end(msg, hdr);
	err = genlmsg_reply(msg, info);
	/* Who was told of a failure tries again, and must not stand in its own way. */
	if (err)
		ksec_helper_gone(genl_info_net(info), info->snd_portid);
	return err;
}

static int ksec_genl_put_request(struct sk_buff *msg, const struct ksec_request *req,
				 u64 epoch, u32 pending, int fd)
{
	const struct ksecdd_request *head = req->r_data;
	long left = req->r_deadline - jiffies;

	return nla_put_u64_64bit(msg, KSECDD_A_REQUEST_EPOCH, epoch, 0) ||
	       nla_put_u64_64bit(msg, KSECDD_A_REQUEST_ID, req->r_id, 0) ||
	       nla_put_u32(msg, KSECDD_A_REQUEST_OP, head->op) ||
	       nla_put_u32(msg, KSECDD_A_REQUEST_PACKAGE, head->package) ||
	       nla_put_u32(msg, KSECDD_A_REQUEST_TIMEOUT, left > 0 ? jiffies_to_msecs(left) : 0) ||
	       nla_put_u32(msg, KSECDD_A_REQUEST_PENDING, pending) ||
	       nla_put_s32(msg, KSECDD_A_REQUEST_FD, fd) ? -EMSGSIZE : 0;
}

/*
 * Runs in the helper that sent NEXT, so that its table of descriptors is
 * current's.  The descriptor is installed after the reply is queued: what
 * cannot be delivered must go back into the queue, and an installed file cannot.
 */
static int ksec_genl_next(struct sk_buff *skb, struct genl_info *info)
{
	struct ksec_request *req;
	struct sk_buff *msg;
	struct file *file;
	u32 pending;
	int fd, err;
	u64 epoch;
	void *hdr;

	req = ksec_request_take(genl_info_net(info), info->snd_portid, &epoch, &pending);
	if (IS_ERR(req))
		return PTR_ERR(req);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		err = fd;
		goto untake;
	}
	err = -ENOMEM;
	msg = ksec_genl_reply(info, &hdr);
	if (!msg)
		goto put_fd;
	err = ksec_genl_put_request(msg, req, epoch, pending, fd);
	if (err)
		goto free_msg;
	genlmsg_end(msg, hdr);
	file = ksec_reqfd_create(req);
	if (IS_ERR(file)) {
		err = PTR_ERR(file);
		goto free_msg;
	}
	err = genlmsg_reply(msg, info);
	if (err) {
		ksec_reqfd_disown(file);
		fput(file);
		goto put_fd;
	}
	fd_install(fd, file);
	return 0;

free_msg:
	nlmsg_free(msg);
put_fd:
	put_unused_fd(fd);
untake:
	ksec_request_untake(req);
	return err;
}

/**
 * ksec_netlink_ready() - tell the helper that there is a request
 * @net:     its namespace
 * @portid:  its port
 * @pending: requests waiting
 *
 * May be lost; a helper whose socket is full will look at the queue anyway.
 */
void ksec_netlink_ready(struct net *net, u32 portid, u32 pending)
{
	struct sk_buff *msg = genlmsg_new(nla_total_size(sizeof(u32)), GFP_KERNEL);
	void *hdr;

	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &ksec_genl_family, 0, KSECDD_CMD_READY);
	if (!hdr || nla_put_u32(msg, KSECDD_A_REQUEST_PENDING, pending)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_unicast(net, msg, portid);
}

static const struct {
	int attr;
	enum ksec_stat stat;
} ksec_genl_stats[] = {
	{ KSECDD_A_STATUS_CONTEXTS, KSEC_STAT_CONTEXTS },
	{ KSECDD_A_STATUS_HALF_OPEN, KSEC_STAT_HALF_OPEN },
	{ KSECDD_A_STATUS_CREDENTIALS, KSEC_STAT_CREDENTIALS },
	{ KSECDD_A_STATUS_FILES, KSEC_STAT_FILES },
	{ KSECDD_A_STATUS_REQUESTS, KSEC_STAT_REQUESTS },
	{ KSECDD_A_STATUS_ACCEPTED, KSEC_STAT_ACCEPTED },
	{ KSECDD_A_STATUS_DENIED, KSEC_STAT_DENIED },
	{ KSECDD_A_STATUS_FAILED, KSEC_STAT_FAILED },
	{ KSECDD_A_STATUS_UPCALLS, KSEC_STAT_UPCALLS },
	{ KSECDD_A_STATUS_TIMEOUTS, KSEC_STAT_TIMEOUTS },
	{ KSECDD_A_STATUS_ABORTED, KSEC_STAT_ABORTED },
	{ KSECDD_A_STATUS_UNSERVED, KSEC_STAT_UNSERVED },
	{ KSECDD_A_STATUS_SIGNED, KSEC_STAT_SIGNED },
	{ KSECDD_A_STATUS_VERIFIED, KSEC_STAT_VERIFIED },
	{ KSECDD_A_STATUS_REJECTED, KSEC_STAT_REJECTED },
	{ KSECDD_A_STATUS_EXPIRED, KSEC_STAT_EXPIRED },
};

static int ksec_genl_status(struct sk_buff *skb, struct genl_info *info)
{
	u32 helper = ksec_helper_portid(genl_info_net(info));
	struct sk_buff *msg;
	unsigned int i;
	void *hdr;

	msg = ksec_genl_reply(info, &hdr);
	if (!msg)
		return -ENOMEM;
	if (nla_put_string(msg, KSECDD_A_STATUS_MODULE, KSECDD_VERSION) ||
	    nla_put_u32(msg, KSECDD_A_STATUS_ABI, KSECDD_ABI_VERSION) ||
	    (helper && nla_put_u32(msg, KSECDD_A_STATUS_HELPER, helper)))
		goto too_small;
	for (i = 0; i < ARRAY_SIZE(ksec_genl_stats); i++) {
		if (nla_put_u64_64bit(msg, ksec_genl_stats[i].attr,
				      ksec_stat_sum(ksec_genl_stats[i].stat),
				      KSECDD_A_STATUS_PAD))
			goto too_small;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

too_small:
	nlmsg_free(msg);
	return -EMSGSIZE;
}

/* The strings of a context: not NUL-terminated where they come from. */
static int ksec_genl_put_name(struct sk_buff *msg, int attr, const char *name, size_t len)
{
	struct nlattr *nla = nla_reserve(msg, attr, len + 1);
	char *p;

	if (!nla)
		return -EMSGSIZE;
	p = nla_data(nla);
	memcpy(p, name, len);
	p[len] = '\0';
	return 0;
}

static int ksec_genl_put_context(struct sk_buff *msg, struct netlink_callback *cb,
				 const struct ksec_context *ctx)
{
	struct ksecdd_context_info info;
	u64 sent = 0, received = 0;
	u64 now = ktime_get_boottime_ns() / NSEC_PER_MSEC;
	void *hdr;

	hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &ksec_genl_family,
			  NLM_F_MULTI, KSECDD_CMD_CONTEXT);
	if (!hdr)
		return -EMSGSIZE;
	ksec_context_info(ctx, &info);
	if (info.state == KSECDD_STATE_ESTABLISHED && ctx->x_keys)
		ksec_context_mech(ctx)->counts(ctx->x_keys, &sent, &received);
	if (nla_put_u64_64bit(msg, KSECDD_A_CONTEXT_NUMBER, ctx->x_number, KSECDD_A_CONTEXT_PAD) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_PACKAGE, info.package) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_STATE, info.state) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_FLAGS, info.ret_flags) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_OWNER_UID,
			from_kuid_munged(current_user_ns(), ctx->x_cred->c_uid)) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_OWNER_PID, ctx->x_pid) ||
	    nla_put_string(msg, KSECDD_A_CONTEXT_COMM, ctx->x_comm) ||
	    nla_put_u32(msg, KSECDD_A_CONTEXT_KEY_BITS, info.key_bits) ||
	    nla_put_u64_64bit(msg, KSECDD_A_CONTEXT_AGE, now - ctx->x_created,
			      KSECDD_A_CONTEXT_PAD) ||
	    nla_put_u64_64bit(msg, KSECDD_A_CONTEXT_SENT, sent, KSECDD_A_CONTEXT_PAD) ||
	    nla_put_u64_64bit(msg, KSECDD_A_CONTEXT_RECEIVED, received, KSECDD_A_CONTEXT_PAD))
		goto cancel;
	if (info.state == KSECDD_STATE_ESTABLISHED &&
	    ksec_genl_put_name(msg, KSECDD_A_CONTEXT_CLIENT,
			       ksec_identity_text(ctx->x_identity, KSEC_CLIENT),
			       ctx->x_identity->i_len[KSEC_CLIENT]))
		goto cancel;
	if (info.uid != ~0U && nla_put_u32(msg, KSECDD_A_CONTEXT_UID, info.uid))
		goto cancel;
	genlmsg_end(msg, hdr);
	return 0;

cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/* Begins at index @id of @file; leaves there the first that did not fit. */
static int ksec_genl_dump_file(struct sk_buff *msg, struct netlink_callback *cb,
			       struct ksec_file *file, unsigned long *id)
{
	struct ksec_object *obj;
	int err = 0;

	xa_for_each_start(&file->f_objects, *id, obj, *id) {
		/* It may have gone since it was found; look again, and keep it. */
		rcu_read_lock();
		obj = xa_load(&file->f_objects, *id);
		if (obj && !refcount_inc_not_zero(&obj->o_ref))
			obj = NULL;
		rcu_read_unlock();
		if (!obj)
			continue;
		if (obj->o_type == KSECDD_OBJECT_CONTEXT)
			err = ksec_genl_put_context(msg, cb, ksec_to_context(obj));
		ksec_object_put(obj);
		if (err)
			return err;
	}
	return 0;
}

/* cb->args: serial of the file to go on with, and the index in it. */
static int ksec_genl_context_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	unsigned long id = cb->args[1];
	struct ksec_file *file;

	mutex_lock(&ksec_files_lock);
	list_for_each_entry(file, &ksec_files, f_node) {
		if (file->f_serial < (unsigned long)cb->args[0])
			continue;
		if (file->f_serial > (unsigned long)cb->args[0])
			id = 0;
		cb->args[0] = file->f_serial;
		if (ksec_genl_dump_file(msg, cb, file, &id))
			goto more;
		id = ULONG_MAX;
	}
more:
	mutex_unlock(&ksec_files_lock);
	cb->args[1] = id;
	return msg->len;
}

static const struct genl_ops ksec_genl_ops[] = {
	{
		.cmd = KSECDD_CMD_REGISTER,
		.doit = ksec_genl_register,
		.policy = ksec_genl_register_policy,
		.maxattr = KSECDD_A_HELPER_ALL_NETNS,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = KSECDD_CMD_NEXT,
		.doit = ksec_genl_next,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = KSECDD_CMD_STATUS,
		.doit = ksec_genl_status,
	},
	{
		.cmd = KSECDD_CMD_CONTEXT,
		.dumpit = ksec_genl_context_dump,
		.flags = GENL_ADMIN_PERM,
	},
};

static struct genl_family ksec_genl_family = {
	.name = KSECDD_FAMILY_NAME,
	.version = KSECDD_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.ops = ksec_genl_ops,
	.n_ops = ARRAY_SIZE(ksec_genl_ops),
	.resv_start_op = __KSECDD_CMD_MAX,
	.module = THIS_MODULE,
};

static int ksec_netlink_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct netlink_notify *notify = data;

	if (event == NETLINK_URELEASE && notify->protocol == NETLINK_GENERIC)
		ksec_helper_gone(notify->net, notify->portid);
	return NOTIFY_DONE;
}

static struct notifier_block ksec_netlink_notifier = {
	.notifier_call = ksec_netlink_event,
};

int ksec_netlink_init(void)
{
	int err;

	err = netlink_register_notifier(&ksec_netlink_notifier);
	if (err)
		return err;
	err = genl_register_family(&ksec_genl_family);
	if (err)
		netlink_unregister_notifier(&ksec_netlink_notifier);
	return err;
}

void ksec_netlink_exit(void)
{
	genl_unregister_family(&ksec_genl_family);
	netlink_unregister_notifier(&ksec_netlink_notifier);
}
