// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key type "ksecdd_cred": where the password given to
 * AcquireCredentialsHandle lives.
 *
 * It has no read and no update, so that nobody gets the payload out, not even
 * its owner; and only the module itself can make one, because a payload from
 * elsewhere would be taken for what AcquireCredentialsHandle was told.
 */
#include <linux/cred.h>
#include <linux/key-type.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

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

/**
 * ksec_key_create() - put explicit credentials into a key
 * @secret: the credentials; stays the caller's, who wipes it
 * @size:   bytes of @secret
 *
 * The key counts against the caller's key quota and is in no keyring: it lives
 * as long as its credential.
 *
 * Return: the key, or ERR_PTR() of -ENOMEM, -EDQUOT, or what an LSM says
 */
struct key *ksec_key_create(const struct ksec_secret *secret, size_t size)
{
	const struct cred *caller = current_cred();
	const struct cred *saved;
	struct key *key;
	int err;

	saved = override_creds(ksec_key_cred);
	key = key_alloc(&ksec_key_type, "credential", caller->euid, caller->egid, ksec_key_cred,
			KEY_POS_VIEW | KEY_USR_VIEW, 0, NULL);
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
