// SPDX-License-Identifier: GPL-2.0-only
/*
 * Token files: who the client of a context is, in a form that outlives the context
 * and goes from process to process.
 *
 * A token gives nobody anything: it names an account, and whoever wants to act as
 * that account needs the privilege to become it.  So the file may be read by
 * everybody who has it, and nothing in it can be changed.
 */
#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string_helpers.h>

#include "ksec.h"

/**
 * ksec_identity_put() - give back a reference to an identity
 * @id: the identity, or NULL; the last put wipes and frees it
 */
void ksec_identity_put(struct ksec_identity *id)
{
	if (!id || !refcount_dec_and_test(&id->i_ref))
		return;
	key_put(ksec_identity_key(id));
	kvfree_sensitive(id, ksec_identity_text(id, KSEC_TEXTS) - (char *)id);
}

/**
 * ksec_identity_text() - where a text of an identity begins
 * @id:    the identity
 * @which: the text; KSEC_TEXTS for the end of all
 *
 * Return: the text, of @id->i_len[@which] bytes and without a NUL
 */
const char *ksec_identity_text(const struct ksec_identity *id, enum ksec_text which)
{
	const char *text = (const char *)&id->i_groups[id->i_ngroups];
	unsigned int i;

	for (i = 0; i < which; i++)
		text += id->i_len[i];
	return text;
}

static struct key **ksec_identity_key_slot(const struct ksec_identity *id)
{
	return PTR_ALIGN((struct key **)ksec_identity_text(id, KSEC_TEXTS),
			 __alignof__(struct key *));
}

/**
 * ksec_identity_key() - the key with the password that a client has delegated
 * @id: the identity
 *
 * Return: the "ksecdd_cred" key, which stays as long as the identity; NULL if there is none
 */
struct key *ksec_identity_key(const struct ksec_identity *id)
{
	return id->i_delegated ? *ksec_identity_key_slot(id) : NULL;
}

/**
 * ksec_identity_set_key() - note the key with the password that the client has delegated
 * @id:  the identity, whole but for this; behind it is room for KSEC_IDENTITY_KEY bytes
 * @key: the key; the identity takes a reference of its own
 */
void ksec_identity_set_key(struct ksec_identity *id, struct key *key)
{
	*ksec_identity_key_slot(id) = key_get(key);
	id->i_delegated = true;
}

/**
 * ksec_token_create() - a token of a context's client
 * @ctx: the context, which is established
 *
 * Return: the token, or NULL without memory or over the limit
 */
struct ksec_token *ksec_token_create(struct ksec_context *ctx)
{
	struct ksec_user *user = ctx->x_file->f_user;
	struct ksec_token *token;

	if (!ksec_charge(&user->u_tokens, READ_ONCE(ksec_max_tokens_user)))
		return NULL;
	token = kzalloc(sizeof(*token), GFP_KERNEL_ACCOUNT);
	if (!token) {
		ksec_uncharge(&user->u_tokens);
		return NULL;
	}
	/* The context has both, so that neither is on its way out. */
	refcount_inc(&user->u_ref);
	token->t_user = user;
	refcount_inc(&ctx->x_identity->i_ref);
	token->t_identity = ctx->x_identity;
	token->t_owner = ctx->x_cred->c_uid;
	token->t_logon = ctx->x_number;
	token->t_package = ctx->x_cred->c_package->p_id;
	token->t_mech = ctx->x_auth;
	token->t_ret_flags = ctx->x_ret_flags;
	token->t_start = ctx->x_start;
	token->t_expiry = ctx->x_expiry;
	return token;
}

/**
 * ksec_token_free() - end a token
 * @token: the token
 */
void ksec_token_free(struct ksec_token *token)
{
	ksec_identity_put(token->t_identity);
	ksec_uncharge(&token->t_user->u_tokens);
	ksec_user_put(token->t_user);
	kfree(token);
}

/**
 * ksec_token_info() - the plain facts of a token
 * @token: the token
 * @info:  receives them; uid and gid are those of the current user namespace
 */
void ksec_token_info(const struct ksec_token *token, struct ksecdd_token_info *info)
{
	const struct ksec_identity *id = token->t_identity;

	memset(info, 0, sizeof(*info));
	info->logon = token->t_logon;
	info->package = token->t_package;
	info->mech = token->t_mech;
	info->ret_flags = token->t_ret_flags;
	/* Both are (uid_t)-1 where there is none. */
	info->uid = from_kuid(current_user_ns(), id->i_uid);
	info->gid = from_kgid(current_user_ns(), id->i_gid);
	info->ngroups = id->i_ngroups;
	info->key = id->i_delegated ? key_serial(ksec_identity_key(id)) : 0;
	info->start = token->t_start;
	info->expiry = token->t_expiry;
}

static int ksec_token_query_info(const struct ksec_token *token, struct ksecdd_query *cmd,
				 void __user *uarg)
{
	struct ksecdd_token_info info;

	ksec_token_info(token, &info);
	return ksec_query_respond(cmd, &info, sizeof(info), uarg);
}

static int ksec_token_query_text(const struct ksec_token *token, enum ksec_text which,
				 struct ksecdd_query *cmd, void __user *uarg)
{
	return ksec_query_respond(cmd, ksec_identity_text(token->t_identity, which),
				  token->t_identity->i_len[which], uarg);
}

static int ksec_token_query_client(const struct ksec_token *token, struct ksecdd_query *cmd,
				   void __user *uarg)
{
	return ksec_token_query_text(token, KSEC_CLIENT, cmd, uarg);
}

static int ksec_token_query_ccache(const struct ksec_token *token, struct ksecdd_query *cmd,
				   void __user *uarg)
{
	return ksec_token_query_text(token, KSEC_CCACHE, cmd, uarg);
}

static int ksec_token_query_sids(const struct ksec_token *token, struct ksecdd_query *cmd,
				 void __user *uarg)
{
	return ksec_token_query_text(token, KSEC_SIDS, cmd, uarg);
}

static int ksec_token_query_groups(const struct ksec_token *token, struct ksecdd_query *cmd,
				   void __user *uarg)
{
	const struct ksec_identity *id = token->t_identity;
	u32 *groups;
	u32 i;
	int err;

	groups = kmalloc_array(id->i_ngroups, sizeof(*groups), GFP_KERNEL_ACCOUNT);
	if (!groups)
		return -ENOMEM;
	for (i = 0; i < id->i_ngroups; i++)
		groups[i] = from_kgid(current_user_ns(), id->i_groups[i]);
	err = ksec_query_respond(cmd, groups, id->i_ngroups * sizeof(*groups), uarg);
	kfree(groups);
	return err;
}

static int (*const ksec_token_queries[])(const struct ksec_token *token,
					 struct ksecdd_query *cmd, void __user *uarg) = {
	[KSECDD_ATTR_CLIENT_NAME] = ksec_token_query_client,
	[KSECDD_ATTR_TOKEN] = ksec_token_query_info,
	[KSECDD_ATTR_GROUPS] = ksec_token_query_groups,
	[KSECDD_ATTR_CCACHE] = ksec_token_query_ccache,
	[KSECDD_ATTR_SIDS] = ksec_token_query_sids,
};

static int ksec_token_query(void *token, void *arg, void __user *uarg)
{
	struct ksecdd_query *cmd = arg;
	u32 attribute = cmd->attribute;

	if (cmd->context)
		return -EINVAL;
	cmd->status = SEC_E_UNSUPPORTED_FUNCTION;
	if (attribute >= ARRAY_SIZE(ksec_token_queries))
		return ksec_query_respond(cmd, NULL, 0, uarg);
	attribute = array_index_nospec(attribute, ARRAY_SIZE(ksec_token_queries));
	if (!ksec_token_queries[attribute])
		return ksec_query_respond(cmd, NULL, 0, uarg);
	cmd->status = SEC_E_OK;
	return ksec_token_queries[attribute](token, cmd, uarg);
}

static const struct ksec_ioctl ksec_token_ioctls[] = {
	KSEC_IOCTL(KSECDD_TOKEN_QUERY, struct ksecdd_query, buffer, ksec_token_query),
	KSEC_IOCTL(KSECDD_TOKEN_FETCH, struct ksecdd_fetch, __reserved, ksec_token_fetch),
};

static long ksec_token_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return ksec_ioctl_dispatch(ksec_token_ioctls, ARRAY_SIZE(ksec_token_ioctls),
				   file->private_data, cmd, (void __user *)arg);
}

/* A text comes from a client, more or less: it must not make lines of its own. */
static void ksec_token_show_text(struct seq_file *m, const char *what, const char *text, u32 len)
{
	seq_printf(m, "%s:\t", what);
	seq_escape_mem(m, text, len, ESCAPE_OCTAL, "\a\b\t\n\v\f\r\033\\");
	seq_putc(m, '\n');
}

/* "DOMAIN\user" */
static void ksec_token_show_client(struct seq_file *m, const struct ksec_identity *id)
{
	const char *name = ksec_identity_text(id, KSEC_CLIENT);
	u32 len = id->i_len[KSEC_CLIENT];
	const char *user = memchr(name, '\\', len);

	user = user ? user + 1 : name;
	if (user > name)
		ksec_token_show_text(m, "domain", name, user - name - 1);
	ksec_token_show_text(m, "user", user, len - (user - name));
}

/* What not every client has */
static void ksec_token_show_more(struct seq_file *m, const struct ksec_identity *id)
{
	static const struct {
		enum ksec_text which;
		const char *what;
	} lines[] = {
		{ KSEC_SIDS, "sids" },
		{ KSEC_CCACHE, "ccache" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		if (id->i_len[lines[i].which])
			ksec_token_show_text(m, lines[i].what,
					     ksec_identity_text(id, lines[i].which),
					     id->i_len[lines[i].which]);
}

static void ksec_token_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct ksec_token *token = file->private_data;
	const struct ksec_identity *id = token->t_identity;
	struct user_namespace *ns = seq_user_ns(m);
	u32 i;

	seq_printf(m, "logon:\t%llu\n", token->t_logon);
	seq_printf(m, "package:\t%s\n", ksec_package_name(token->t_package));
	seq_printf(m, "mech:\t%s\n", ksec_package_name(token->t_mech));
	ksec_token_show_client(m, id);
	seq_printf(m, "flags:\t%#x\n", token->t_ret_flags);
	if (uid_valid(id->i_uid)) {
		seq_printf(m, "uid:\t%u\n", from_kuid_munged(ns, id->i_uid));
		seq_printf(m, "gid:\t%u\n", from_kgid_munged(ns, id->i_gid));
		seq_puts(m, "groups:");
		for (i = 0; i < id->i_ngroups; i++)
			seq_printf(m, "%c%u", i ? ' ' : '\t',
				   from_kgid_munged(ns, id->i_groups[i]));
		seq_putc(m, '\n');
	}
	ksec_token_show_more(m, id);
	if (id->i_delegated)
		seq_printf(m, "key:\t%d\n", key_serial(ksec_identity_key(id)));
	seq_printf(m, "expiry:\t%lld\n", token->t_expiry);
}

static int ksec_token_release(struct inode *inode, struct file *file)
{
	ksec_token_free(file->private_data);
	return 0;
}

static const struct file_operations ksec_token_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = ksec_token_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = ksec_token_release,
	.show_fdinfo = ksec_token_show_fdinfo,
	.llseek = noop_llseek,
};

/* A file with a token in it, or NULL. */
static struct file *ksec_token_open(struct ksec_context *ctx)
{
	struct ksec_token *token = ksec_token_create(ctx);
	struct file *file;

	if (!token)
		return NULL;
	file = anon_inode_getfile("[ksecdd-token]", &ksec_token_fops, token, O_RDONLY);
	if (!IS_ERR(file))
		return file;
	ksec_token_free(token);
	return NULL;
}

/* The descriptor is installed once its number has been told, and cannot fail then. */
static int ksec_token_give(struct ksecdd_token *cmd, struct ksec_context *ctx,
			   void __user *uarg)
{
	struct file *file;
	int fd, err;

	cmd->status = SEC_E_INSUFFICIENT_MEMORY;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return ksec_respond(cmd, uarg);
	file = ksec_token_open(ctx);
	if (!file) {
		put_unused_fd(fd);
		return ksec_respond(cmd, uarg);
	}
	cmd->status = SEC_E_OK;
	cmd->fd = fd;
	err = ksec_respond(cmd, uarg);
	if (err) {
		put_unused_fd(fd);
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return 0;
}

/**
 * ksec_context_token() - ioctl(KSECDD_IOC_TOKEN)
 * @file: the open file
 * @arg:  struct ksecdd_token
 * @uarg: where it came from
 *
 * Return: 0 with a status, -EINVAL or -EFAULT
 */
int ksec_context_token(void *file, void *arg, void __user *uarg)
{
	struct ksecdd_token *cmd = arg;
	struct ksec_object *obj;
	int err;

	if (cmd->__reserved)
		return -EINVAL;
	cmd->fd = -1;
	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	cmd->status = obj ? ksec_context_usable(ksec_to_context(obj)) : SEC_E_INVALID_HANDLE;
	if (cmd->status == SEC_E_OK)
		err = ksec_token_give(cmd, ksec_to_context(obj), uarg);
	else
		err = ksec_respond(cmd, uarg);
	if (obj)
		ksec_object_put(obj);
	return err;
}
