// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key type "ksecdd_cred": where the password given to
 * AcquireCredentialsHandle lives, and the one that a client has delegated.
 *
 * It has no read and no update, so that nobody gets the payload out, not even
 * its owner; and only the module itself can make one, because a payload from
 * elsewhere would be taken for what AcquireCredentialsHandle was told.
 */
#include <linux/cred.h>
#include <linux/key-type.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ksec.h"

/* Whose credentials ksec_key_create() wears: how vet_description knows it. */
static const struct cred *ksec_key_cred;

static int ksec_key_vet_description(const char *description)
{
	return current_cred() == ksec_key_cred ? 0 : -EPERM;
}

static int ksec_key_preparse(struct key_preparsed_payload *prep)
{
	void *payload;

	/* add_key() comes here first, with as much as 1 MiB of anybody's. */
	if (current_cred() != ksec_key_cred)
		return -EPERM;
	payload = kmemdup(prep->data, prep->datalen, GFP_KERNEL_ACCOUNT);
	if (!payload)
		return -ENOMEM;
	prep->payload.data[0] = payload;
	prep->quotalen = prep->datalen;
	return 0;
}

static void ksec_key_free_preparse(struct key_preparsed_payload *prep)
{
	kfree_sensitive(prep->payload.data[0]);
}

static void ksec_key_destroy(struct key *key)
{
	kfree_sensitive(key->payload.data[0]);
}

static void ksec_key_describe(const struct key *key, struct seq_file *m)
{
	seq_puts(m, key->description);
}

static struct key_type ksec_key_type = {
	.name = "ksecdd_cred",
	.vet_description = ksec_key_vet_description,
	.preparse = ksec_key_preparse,
	.free_preparse = ksec_key_free_preparse,
	.instantiate = generic_key_instantiate,
	.destroy = ksec_key_destroy,
	.describe = ksec_key_describe,
};

static struct key *ksec_key_make(const struct ksec_key_source *source,
				 const struct ksec_secret *secret, size_t size)
{
	const struct cred *saved;
	struct key *key;
	int err;

	saved = override_creds(ksec_key_cred);
	key = key_alloc(&ksec_key_type, source->k_description, source->k_uid, source->k_gid,
			ksec_key_cred, source->k_perm, 0, NULL);
	if (!IS_ERR(key)) {
		err = key_instantiate_and_link(key, secret, size, NULL, NULL);
		if (err) {
			key_put(key);
			key = ERR_PTR(err);
		}
	}
	revert_creds(saved);
	return key;
}

static int ksec_secret_copy(struct ksec_secret *secret, const struct ksec_key_source *source)
{
	u8 *p = secret->s_data;
	unsigned int i;

	secret->s_fetch = source->k_fetch;
	for (i = 0; i < KSEC_SECRET_PARTS; i++) {
		secret->s_len[i] = source->k_part[i].len;
		if (copy_from_user(p, source->k_part[i].from, secret->s_len[i]))
			return -EFAULT;
		p += secret->s_len[i];
	}
	return 0;
}

/**
 * ksec_key_create() - put explicit credentials into a key
 * @source: the credentials and whose key they become; the lengths are bounded
 *
 * The key counts against the key quota of its owner and is in no keyring.
 *
 * Return: the key, or ERR_PTR() of -ENOMEM, -EFAULT, -EDQUOT, or what an LSM says
 */
struct key *ksec_key_create(const struct ksec_key_source *source)
{
	struct ksec_secret *secret;
	size_t size = 0;
	struct key *key;
	unsigned int i;
	int err;

	for (i = 0; i < KSEC_SECRET_PARTS; i++)
		size = size_add(size, source->k_part[i].len);
	size = struct_size(secret, s_data, size);
	secret = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!secret)
		return ERR_PTR(-ENOMEM);
	err = ksec_secret_copy(secret, source);
	key = err ? ERR_PTR(err) : ksec_key_make(source, secret, size);
	kfree_sensitive(secret);
	return key;
}

/**
 * ksec_key_secret() - what is in a key that the module has made
 * @key: the key; nobody can change what it has, and s_fetch only whoever fetches
 *
 * Return: its payload, which stays as long as the caller's reference
 */
struct ksec_secret *ksec_key_secret(const struct key *key)
{
	return key->payload.data[0];
}

int ksec_keytype_init(void)
{
	int err;

	ksec_key_cred = prepare_kernel_cred(&init_task);
	if (!ksec_key_cred)
		return -ENOMEM;
	err = register_key_type(&ksec_key_type);
	if (err)
		put_cred(ksec_key_cred);
	return err;
}

void ksec_keytype_exit(void)
{
	unregister_key_type(&ksec_key_type);
	put_cred(ksec_key_cred);
}
