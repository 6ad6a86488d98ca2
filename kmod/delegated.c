// SPDX-License-Identifier: GPL-2.0-only
/*
 * A password that a client has delegated with CredSSP: a key of the local user that he
 * maps to, which nobody can read.
 *
 * The helper gives the password to the module as soon as it has it from what the client
 * has sealed.  The token tells the key's serial number.  A service that has to log on
 * with the password once more may fetch it from the token where the configuration says
 * so: once, and as the user who acquired the credential.
 */
#include <linux/cred.h>
#include <linux/key.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ksec.h"

/* The client's name tells one client's key from another's: a newer one takes its place. */
#define KSEC_DELEGATED_PREFIX	"delegated:"

static bool ksec_credential_valid(const struct ksecdd_credential *cmd)
{
	return cmd->user_len <= KSECDD_MAX_NAME && cmd->domain_len <= KSECDD_MAX_NAME &&
	       cmd->secret_len && cmd->secret_len <= KSECDD_MAX_SECRET &&
	       cmd->client_len && cmd->client_len <= KSECDD_MAX_NAME &&
	       !(cmd->flags & ~KSECDD_CREDENTIAL_FETCH) && !cmd->__reserved;
}

/* A name of its own for each client; a key's description is printable text. */
static char *ksec_delegated_description(const struct ksecdd_credential *cmd)
{
	const size_t prefix = sizeof(KSEC_DELEGATED_PREFIX) - 1;
	char *text;
	u32 i;

	text = kzalloc(prefix + cmd->client_len + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return ERR_PTR(-ENOMEM);
	memcpy(text, KSEC_DELEGATED_PREFIX, prefix);
	if (copy_from_user(text + prefix, u64_to_user_ptr(cmd->client), cmd->client_len)) {
		kfree(text);
		return ERR_PTR(-EFAULT);
	}
	for (i = 0; i < cmd->client_len; i++)
		if ((u8)text[prefix + i] < ' ' || text[prefix + i] == 0x7f)
			text[prefix + i] = '?';
	return text;
}

static struct key *ksec_delegated_create(const struct ksecdd_credential *cmd)
{
	struct ksec_key_source source = {
		.k_part = {
			{ u64_to_user_ptr(cmd->user), cmd->user_len },
			{ u64_to_user_ptr(cmd->domain), cmd->domain_len },
			{ u64_to_user_ptr(cmd->secret), cmd->secret_len },
		},
		.k_uid = make_kuid(&init_user_ns, cmd->uid),
		.k_gid = make_kgid(&init_user_ns, cmd->gid),
		.k_fetch = cmd->flags & KSECDD_CREDENTIAL_FETCH,
		/* LINK, so that ksecd can put it into the user's keyring as the user. */
		.k_perm = KEY_POS_VIEW | KEY_POS_SEARCH | KEY_POS_LINK |
			  KEY_USR_VIEW | KEY_USR_SEARCH | KEY_USR_LINK,
	};
	struct key *key;
	char *text;

	if (!uid_valid(source.k_uid) || !gid_valid(source.k_gid))
		return ERR_PTR(-EINVAL);
	text = ksec_delegated_description(cmd);
	if (IS_ERR(text))
		return ERR_CAST(text);
	source.k_description = text;
	key = ksec_key_create(&source);
	kfree(text);
	return key;
}

/**
 * ksec_reqfd_credential() - ioctl(KSECDD_REQ_CREDENTIAL)
 * @ctx:  the request
 * @arg:  struct ksecdd_credential
 * @uarg: where it came from
 *
 * Return: 0, -EINVAL, -EBUSY, -EFAULT, -ENOMEM, -EDQUOT
 */
int ksec_reqfd_credential(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_credential *cmd = arg;
	struct ksec_request *req = ctx;
	struct key *key;
	int err;

	if (!ksec_credential_valid(cmd))
		return -EINVAL;
	if (req->r_delegated)
		return -EBUSY;
	key = ksec_delegated_create(cmd);
	if (IS_ERR(key))
		return PTR_ERR(key);
	cmd->key = key_serial(key);
	err = ksec_respond(cmd, uarg);
	if (err) {
		key_put(key);
		return err;
	}
	req->r_delegated = key;
	return 0;
}

/* The parts go where the caller has room for them; they are told how long they are. */
static s32 ksec_fetch_room(struct ksecdd_fetch *cmd, const struct ksec_secret *secret)
{
	u32 *const lens[] = { &cmd->user_len, &cmd->domain_len, &cmd->secret_len };
	s32 status = SEC_E_OK;
	unsigned int i;

	static_assert(ARRAY_SIZE(lens) == KSEC_SECRET_PARTS);
	for (i = 0; i < KSEC_SECRET_PARTS; i++) {
		if (*lens[i] < secret->s_len[i])
			status = SEC_E_BUFFER_TOO_SMALL;
		*lens[i] = secret->s_len[i];
	}
	return status;
}

static int ksec_fetch_copy(const struct ksecdd_fetch *cmd, const struct ksec_secret *secret)
{
	const u64 to[] = { cmd->user, cmd->domain, cmd->secret };
	const u8 *p = secret->s_data;
	unsigned int i;

	static_assert(ARRAY_SIZE(to) == KSEC_SECRET_PARTS);
	for (i = 0; i < KSEC_SECRET_PARTS; i++) {
		if (copy_to_user(u64_to_user_ptr(to[i]), p, secret->s_len[i]))
			return -EFAULT;
		p += secret->s_len[i];
	}
	return 0;
}

/* The bit is whose turn it is: of two who fetch at once, one is late. */
static int ksec_fetch(const struct key *key, struct ksecdd_fetch *cmd)
{
	struct ksec_secret *secret = ksec_key_secret(key);
	int err;

	if (cmpxchg(&secret->s_fetch, 1, 0) != 1) {
		cmd->status = SEC_E_NO_CREDENTIALS;
		return 0;
	}
	cmd->status = ksec_fetch_room(cmd, secret);
	err = cmd->status == SEC_E_OK ? ksec_fetch_copy(cmd, secret) : 0;
	if (err || cmd->status != SEC_E_OK)
		WRITE_ONCE(secret->s_fetch, 1);
	return err;
}

/**
 * ksec_token_fetch() - ioctl(KSECDD_TOKEN_FETCH)
 * @ctx:  the token
 * @arg:  struct ksecdd_fetch
 * @uarg: where it came from
 *
 * Return: 0 with a status, -EINVAL or -EFAULT
 */
int ksec_token_fetch(void *ctx, void *arg, void __user *uarg)
{
	struct ksecdd_fetch *cmd = arg;
	struct ksec_token *token = ctx;
	struct key *key = ksec_identity_key(token->t_identity);
	int err = 0;

	if (cmd->__reserved)
		return -EINVAL;
	cmd->status = SEC_E_NO_CREDENTIALS;
	if (key && uid_eq(current_euid(), token->t_owner))
		err = ksec_fetch(key, cmd);
	return err ?: ksec_respond(cmd, uarg);
}
