// SPDX-License-Identifier: GPL-2.0-only
/*
 * MD5 and HMAC-MD5 (RFC 1321, RFC 2104) over one transform for all contexts.
 */
#include <crypto/hash.h>
#include <crypto/md5.h>
#include <linux/err.h>
#include <linux/string.h>

#include "hmac_md5.h"

/* RFC 2104 section 2 */
#define KSEC_HMAC_IPAD	0x36
#define KSEC_HMAC_OPAD	0x5c

static struct crypto_shash *ksec_md5_tfm;

/* Mechanisms that use it; they come and go one after the other. */
static unsigned int ksec_md5_users;

static struct shash_desc *ksec_hmac_desc(struct ksec_hmac *hmac)
{
	struct shash_desc *desc = (struct shash_desc *)hmac->h_desc;

	desc->tfm = ksec_md5_tfm;
	return desc;
}

/**
 * ksec_hmac_wipe() - forget what was hashed
 * @hmac: may be in any state
 */
void ksec_hmac_wipe(struct ksec_hmac *hmac)
{
	memzero_explicit(hmac, sizeof(*hmac));
}

/**
 * ksec_md5() - hash two pieces
 * @a:     first piece
 * @a_len: its length in bytes
 * @b:     second piece
 * @b_len: its length in bytes
 * @out:   the digest
 *
 * Return: 0, or a negative errno of the crypto API
 */
int ksec_md5(const u8 *a, unsigned int a_len, const u8 *b, unsigned int b_len,
	     u8 out[MD5_DIGEST_SIZE])
{
	struct ksec_hmac hash;
	struct shash_desc *desc = ksec_hmac_desc(&hash);
	int err;

	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, a, a_len);
	if (!err)
		err = crypto_shash_finup(desc, b, b_len, out);
	ksec_hmac_wipe(&hash);
	return err;
}

/**
 * ksec_md5_start() - begin to hash without a key
 * @hash: on the caller's stack; goes on with ksec_hmac_update() and ends with
 *        ksec_md5_final(), on every path with ksec_hmac_wipe()
 *
 * Return: 0, or a negative errno of the crypto API
 */
int ksec_md5_start(struct ksec_hmac *hash)
{
	return crypto_shash_init(ksec_hmac_desc(hash));
}

/**
 * ksec_md5_final() - end of it
 * @hash: from ksec_md5_start()
 * @out:  the digest
 *
 * Return: 0, or a negative errno of the crypto API
 */
int ksec_md5_final(struct ksec_hmac *hash, u8 out[MD5_DIGEST_SIZE])
{
	return crypto_shash_final((struct shash_desc *)hash->h_desc, out);
}

/* The state of MD5 after one block, the key xor'ed with @pad. */
static int ksec_hmac_block(u32 hash[MD5_HASH_WORDS], const u8 *key, unsigned int len, u8 pad)
{
	u8 block[MD5_HMAC_BLOCK_SIZE];
	struct md5_state state = {};
	struct ksec_hmac hmac;
	struct shash_desc *desc = ksec_hmac_desc(&hmac);
	unsigned int i;
	int err;

	memset(block, pad, sizeof(block));
	for (i = 0; i < len; i++)
		block[i] ^= key[i];

	err = crypto_shash_init(desc);
	if (!err)
		err = crypto_shash_update(desc, block, sizeof(block));
	if (!err)
		err = crypto_shash_export(desc, &state);
	/* an implementation whose exported state is something else */
	if (!err && state.byte_count != sizeof(block))
		err = -ENOENT;
	if (!err)
		memcpy(hash, state.hash, sizeof(state.hash));

	ksec_hmac_wipe(&hmac);
	memzero_explicit(&state, sizeof(state));
	memzero_explicit(block, sizeof(block));
	return err;
}

/**
 * ksec_hmac_setkey() - make a key ready for use
 * @key:  filled in
 * @data: the key's bytes, which stay the caller's
 * @len:  0 to MD5_HMAC_BLOCK_SIZE bytes; longer keys would have to be hashed
 *        first, and NTLM has none
 *
 * Return: 0, -EINVAL for a longer key, or a negative errno of the crypto API
 */
int ksec_hmac_setkey(struct ksec_hmac_key *key, const u8 *data, unsigned int len)
{
	int err;

	if (len > MD5_HMAC_BLOCK_SIZE)
		return -EINVAL;
	err = ksec_hmac_block(key->h_inner, data, len, KSEC_HMAC_IPAD);
	if (!err)
		err = ksec_hmac_block(key->h_outer, data, len, KSEC_HMAC_OPAD);
	return err;
}

static int ksec_hmac_import(struct ksec_hmac *hmac, const u32 hash[MD5_HASH_WORDS])
{
	struct md5_state state = { .byte_count = MD5_HMAC_BLOCK_SIZE };
	int err;

	memcpy(state.hash, hash, sizeof(state.hash));
	err = crypto_shash_import(ksec_hmac_desc(hmac), &state);
	memzero_explicit(&state.hash, sizeof(state.hash));
	return err;
}

/**
 * ksec_hmac_start() - begin a message
 * @hmac: on the caller's stack; ksec_hmac_wipe() ends its use on every path
 * @key:  from ksec_hmac_setkey()
 *
 * Return: 0, or a negative errno of the crypto API; so do the next two
 */
int ksec_hmac_start(struct ksec_hmac *hmac, const struct ksec_hmac_key *key)
{
	return ksec_hmac_import(hmac, key->h_inner);
}

/**
 * ksec_hmac_update() - hash a piece of the message
 * @hmac: from ksec_hmac_start()
 * @data: the piece
 * @len:  its length in bytes, may be 0
 */
int ksec_hmac_update(struct ksec_hmac *hmac, const void *data, unsigned int len)
{
	return crypto_shash_update((struct shash_desc *)hmac->h_desc, data, len);
}

/**
 * ksec_hmac_final() - end the message
 * @hmac: from ksec_hmac_start()
 * @key:  the same as there
 * @out:  the MAC; may be the end of no more than one use of @hmac
 */
int ksec_hmac_final(struct ksec_hmac *hmac, const struct ksec_hmac_key *key,
		    u8 out[MD5_DIGEST_SIZE])
{
	struct shash_desc *desc = (struct shash_desc *)hmac->h_desc;

	return crypto_shash_final(desc, out) ?:
	       ksec_hmac_import(hmac, key->h_outer) ?:
	       crypto_shash_finup(desc, out, MD5_DIGEST_SIZE, out);
}

/**
 * ksec_md5_init() - get the transform
 *
 * Context: when the module is loaded; as often as ksec_md5_exit() then is called.
 * Return: 0, or -ENOENT where there is no MD5 whose state can be kept as above:
 *         under fips=1 there is none at all
 */
int ksec_md5_init(void)
{
	struct ksec_hmac_key key;
	int err;

	if (ksec_md5_users) {
		ksec_md5_users++;
		return 0;
	}
	ksec_md5_tfm = crypto_alloc_shash("md5", 0, 0);
	if (IS_ERR(ksec_md5_tfm))
		return PTR_ERR(ksec_md5_tfm);

	err = -ENOENT;
	if (crypto_shash_digestsize(ksec_md5_tfm) != MD5_DIGEST_SIZE ||
	    crypto_shash_descsize(ksec_md5_tfm) > sizeof(struct md5_state) ||
	    crypto_shash_statesize(ksec_md5_tfm) != sizeof(struct md5_state))
		goto err_free;
	err = ksec_hmac_setkey(&key, NULL, 0);
	if (err)
		goto err_free;
	ksec_md5_users = 1;
	return 0;

err_free:
	crypto_free_shash(ksec_md5_tfm);
	return err;
}

/**
 * ksec_md5_exit() - give the transform back
 */
void ksec_md5_exit(void)
{
	if (!--ksec_md5_users)
		crypto_free_shash(ksec_md5_tfm);
}
