// SPDX-License-Identifier: GPL-2.0-only
/*
 * HKDF-Expand-Label, RFC 8446 section 7.1: how a traffic secret becomes a key, and the
 * next secret.
 *
 * Nothing that is derived here is longer than the hash, so that HKDF-Expand (RFC 5869) is
 * one HMAC.  That is made of the plain hash, whose transform all contexts share: an
 * hmac() of the crypto API holds a key, and would have to be made for each derivation,
 * where a KeyUpdate may not fail for want of memory.
 */
#include <crypto/hash.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/string.h>

#include "tls.h"

#define KSEC_TLS_MAX_BLOCK	128	/* of SHA-384 */
#define KSEC_TLS_MAX_LABEL	12	/* "traffic upd" is the longest */

/* RFC 2104 */
#define KSEC_TLS_IPAD		0x36
#define KSEC_TLS_OPAD		0x5c

static const struct {
	const char *name;
	u8 len;
	u8 block;
} ksec_tls_hashes[] = {
	[KSECDD_TLS_SHA256] = { "sha256", 32, 64 },
	[KSECDD_TLS_SHA384] = { "sha384", 48, 128 },
};

static struct crypto_shash *ksec_tls_shash[ARRAY_SIZE(ksec_tls_hashes)];

/**
 * ksec_tls_hash_len() - the bytes of a hash, and of a secret
 * @hash: KSECDD_TLS_SHA*, as somebody says
 *
 * Return: its bytes; -EINVAL if there is no such hash, -EOPNOTSUPP if this kernel has not
 *         got it
 */
int ksec_tls_hash_len(u8 hash)
{
	if (hash >= ARRAY_SIZE(ksec_tls_hashes) || !ksec_tls_hashes[hash].name)
		return -EINVAL;
	return ksec_tls_shash[hash] ? ksec_tls_hashes[hash].len : -EOPNOTSUPP;
}

/* One of the two hashes of an HMAC */
static int ksec_tls_half_hmac(struct shash_desc *desc, const u8 *key, u32 key_len, u32 block,
			      u8 pad, const u8 *data, u32 len, u8 *out)
{
	u8 padded[KSEC_TLS_MAX_BLOCK];
	u32 i;

	memset(padded, pad, block);
	for (i = 0; i < key_len; i++)
		padded[i] ^= key[i];
	i = crypto_shash_init(desc) ?: crypto_shash_update(desc, padded, block) ?:
	    crypto_shash_finup(desc, data, len, out);
	memzero_explicit(padded, sizeof(padded));
	return (int)i;
}

static int ksec_tls_hmac(u8 hash, const u8 *key, const u8 *data, u32 len, u8 *out)
{
	SHASH_DESC_ON_STACK(desc, ksec_tls_shash[hash]);
	u32 size = ksec_tls_hashes[hash].len, block = ksec_tls_hashes[hash].block;
	int err;

	desc->tfm = ksec_tls_shash[hash];
	err = ksec_tls_half_hmac(desc, key, size, block, KSEC_TLS_IPAD, data, len, out) ?:
	      ksec_tls_half_hmac(desc, key, size, block, KSEC_TLS_OPAD, out, size, out);
	shash_desc_zero(desc);
	return err;
}

/**
 * ksec_tls_expand_label() - HKDF-Expand-Label with an empty context
 * @hash:    a hash that ksec_tls_hash_len() knows
 * @secret:  as long as the hash
 * @label:   without "tls13 ", at most KSEC_TLS_MAX_LABEL bytes
 * @out:     receives what is derived
 * @out_len: its bytes, at most those of the hash
 *
 * Return: 0, or -errno of the crypto API
 */
int ksec_tls_expand_label(u8 hash, const u8 *secret, const char *label, u8 *out, u32 out_len)
{
	static const char prefix[] = "tls13 ";
	u8 info[2 + 1 + sizeof(prefix) - 1 + KSEC_TLS_MAX_LABEL + 1 + 1];
	u32 label_len = strlen(label), len = 0;
	u8 digest[KSEC_TLS_MAX_SECRET];
	int err;

	if (WARN_ON_ONCE(label_len > KSEC_TLS_MAX_LABEL || out_len > ksec_tls_hashes[hash].len))
		return -EINVAL;
	info[len++] = 0;
	info[len++] = out_len;
	info[len++] = sizeof(prefix) - 1 + label_len;
	memcpy(info + len, prefix, sizeof(prefix) - 1);
	len += sizeof(prefix) - 1;
	memcpy(info + len, label, label_len);
	len += label_len;
	info[len++] = 0;	/* bytes of the context */
	info[len++] = 1;	/* T(1) of HKDF-Expand */

	err = ksec_tls_hmac(hash, secret, info, len, digest);
	if (!err)
		memcpy(out, digest, out_len);
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * ksec_tls_hkdf_init() - get the hashes
 *
 * One that this kernel has not got is left out: contexts with others go on.
 *
 * Return: 0, -ENOMEM, or -EINTR
 */
int ksec_tls_hkdf_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_tls_hashes); i++) {
		struct crypto_shash *shash;

		if (!ksec_tls_hashes[i].name)
			continue;
		shash = crypto_alloc_shash(ksec_tls_hashes[i].name, 0, 0);
		if (PTR_ERR(shash) == -ENOMEM || PTR_ERR(shash) == -EINTR) {
			ksec_tls_hkdf_exit();
			return PTR_ERR(shash);
		}
		if (!IS_ERR(shash))
			ksec_tls_shash[i] = shash;
	}
	return 0;
}

/**
 * ksec_tls_hkdf_exit() - give the hashes back
 */
void ksec_tls_hkdf_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_tls_shash); i++) {
		if (ksec_tls_shash[i])
			crypto_free_shash(ksec_tls_shash[i]);
		ksec_tls_shash[i] = NULL;
	}
}
