// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS as a mechanism: the keys of a context and what can be asked of them.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_tls.h>

#include "tls.h"

static_assert(sizeof(struct ksecdd_tls_half) == 104);
static_assert(sizeof(struct ksecdd_tls_keys) == 224);
static_assert(sizeof(struct ksecdd_tls_info) == 32);
static_assert(sizeof_field(struct ksecdd_tls_half, secret) == KSEC_TLS_MAX_SECRET);
static_assert(sizeof_field(struct ksecdd_tls_half, key) == KSEC_TLS_MAX_KEY);
static_assert(sizeof_field(struct ksecdd_tls_half, iv) == KSEC_TLS_NONCE);

static struct kmem_cache *ksec_tls_cache;

/**
 * ksec_tls_status() - what an error of a record means to a caller
 * @err: 0, -EBADMSG, -EPROTO, -EKEYEXPIRED, or -errno of the crypto API
 *
 * Return: SECURITY_STATUS
 */
s32 ksec_tls_status(int err)
{
	switch (err) {
	case 0:
		return SEC_E_OK;
	case -EBADMSG:
		return SEC_E_MESSAGE_ALTERED;
	case -EPROTO:
		return SEC_E_ILLEGAL_MESSAGE;
	case -EKEYEXPIRED:
		return SEC_E_CONTEXT_EXPIRED;
	case -ENOMEM:
		return SEC_E_INSUFFICIENT_MEMORY;
	default:
		return SEC_E_INTERNAL_ERROR;
	}
}

/**
 * ksec_tls_derive() - TLS 1.3: the key of a traffic secret, RFC 8446 section 7.3
 * @keys: whose
 * @way:  the direction, with a secret
 *
 * Return: 0, or -errno of the crypto API
 */
int ksec_tls_derive(const struct ksec_tls_keys *keys, struct ksec_tls_way *way)
{
	return ksec_tls_expand_label(keys->k_hash, way->w_secret, "key", way->w_key,
				     keys->k_cipher->c_key_len) ?:
	       ksec_tls_expand_label(keys->k_hash, way->w_secret, "iv", way->w_iv, KSEC_TLS_NONCE);
}

/**
 * ksec_tls_update() - TLS 1.3: the next traffic secret and its key, RFC 8446 section 7.2
 * @keys: whose
 * @way:  the direction, whose lock the caller holds
 *
 * Of the old ones nothing is left, in the engines neither.
 *
 * Return: 0, or -errno of the crypto API, and then the direction is of no more use
 */
int ksec_tls_update(const struct ksec_tls_keys *keys, struct ksec_tls_way *way)
{
	int err;

	lockdep_assert_held(&way->w_lock);
	ksec_tls_forget(keys->k_cipher, way);
	err = ksec_tls_expand_label(keys->k_hash, way->w_secret, "traffic upd", way->w_secret,
				    ksec_tls_hash_len(keys->k_hash)) ?:
	      ksec_tls_derive(keys, way);
	way->w_id = ksec_tls_new_id();
	way->w_seq = 0;
	return err;
}

/**
 * ksec_tls_wipe() - have no key of a direction any more
 * @keys: whose
 * @way:  the direction; nobody else uses it any more, or the caller holds its lock
 */
void ksec_tls_wipe(struct ksec_tls_keys *keys, struct ksec_tls_way *way)
{
	ksec_tls_forget(keys->k_cipher, way);
	memzero_explicit(way->w_secret, sizeof(way->w_secret));
	memzero_explicit(way->w_key, sizeof(way->w_key));
	memzero_explicit(way->w_iv, sizeof(way->w_iv));
}

static void ksec_tls_destroy(struct ksec_keys *opaque)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);

	if (!keys)
		return;
	ksec_tls_forget(keys->k_cipher, &keys->k_rx);
	ksec_tls_forget(keys->k_cipher, &keys->k_tx);
	memzero_explicit(keys, sizeof(*keys));
	kmem_cache_free(ksec_tls_cache, keys);
}

/* Whether all of @size bytes from the @used-th on are zero. */
static bool ksec_tls_rest_zero(const u8 *bytes, u32 used, u32 size)
{
	return used >= size || !memchr_inv(bytes + used, 0, size - used);
}

/* Whether a direction has what its version needs, and nothing else. */
static bool ksec_tls_half_valid(const struct ksecdd_tls_half *half, bool is_13,
				const struct ksec_tls_cipher *cipher, u32 secret_len)
{
	u32 key_len = is_13 ? 0 : cipher->c_key_len, iv_len = is_13 ? 0 : cipher->c_salt_len;

	return !half->__reserved &&
	       ksec_tls_rest_zero(half->secret, is_13 ? secret_len : 0, sizeof(half->secret)) &&
	       ksec_tls_rest_zero(half->key, key_len, sizeof(half->key)) &&
	       ksec_tls_rest_zero(half->iv, iv_len, sizeof(half->iv));
}

/* Whether a helper's keys are what the header says; 0 or -errno. */
static int ksec_tls_check(const struct ksecdd_tls_keys *given)
{
	const struct ksec_tls_cipher *cipher = ksec_tls_cipher(given->cipher);
	bool is_13 = given->version == KSECDD_TLS_1_3;
	int hash_len = 0, err;

	if (!cipher || (!is_13 && given->version != KSECDD_TLS_1_2) ||
	    given->__reserved[0] || given->__reserved[1])
		return -EINVAL;
	/* TLS 1.2 derives nothing here; it may name its hash. */
	if (is_13 || given->hash) {
		hash_len = ksec_tls_hash_len(given->hash);
		if (hash_len < 0)
			return hash_len;
	}
	if (!ksec_tls_half_valid(&given->rx, is_13, cipher, hash_len) ||
	    !ksec_tls_half_valid(&given->tx, is_13, cipher, hash_len))
		return -EINVAL;
	err = ksec_tls_engine_ready(cipher);
	return err == -ENOENT ? -EOPNOTSUPP : err;
}

static int ksec_tls_way_init(const struct ksec_tls_keys *keys, struct ksec_tls_way *way,
			     const struct ksecdd_tls_half *half)
{
	way->w_id = ksec_tls_new_id();
	way->w_seq = half->seq;
	memcpy(way->w_secret, half->secret, sizeof(way->w_secret));
	memcpy(way->w_key, half->key, sizeof(way->w_key));
	memcpy(way->w_iv, half->iv, sizeof(way->w_iv));
	return ksec_tls_is_13(keys) ? ksec_tls_derive(keys, way) : 0;
}

static struct ksec_tls_keys *ksec_tls_new(const struct ksecdd_tls_keys *given, bool initiator)
{
	struct ksec_tls_keys *keys;
	int err;

	err = ksec_tls_check(given);
	if (err)
		return ERR_PTR(err);
	keys = kmem_cache_zalloc(ksec_tls_cache, GFP_KERNEL_ACCOUNT);
	if (!keys)
		return ERR_PTR(-ENOMEM);
	keys->k_cipher = ksec_tls_cipher(given->cipher);
	keys->k_version = given->version;
	keys->k_suite = given->suite;
	keys->k_group = given->group;
	keys->k_hash = given->hash;
	mutex_init(&keys->k_rx.w_lock);
	mutex_init(&keys->k_tx.w_lock);
	err = ksec_tls_way_init(keys, &keys->k_rx, initiator ? &given->tx : &given->rx) ?:
	      ksec_tls_way_init(keys, &keys->k_tx, initiator ? &given->rx : &given->tx);
	if (err) {
		ksec_tls_destroy((struct ksec_keys *)keys);
		return ERR_PTR(err);
	}
	return keys;
}

static struct ksec_keys *ksec_tls_create(u32 flags, const u8 *key, u32 key_len, bool initiator)
{
	struct ksecdd_tls_keys given;
	struct ksec_tls_keys *keys;

	if (flags || key_len != sizeof(given))
		return ERR_PTR(-EINVAL);
	memcpy(&given, key, sizeof(given));
	keys = ksec_tls_new(&given, initiator);
	memzero_explicit(&given, sizeof(given));
	return (struct ksec_keys *)keys;
}

static void ksec_tls_context_info(const struct ksec_keys *opaque, struct ksecdd_context_info *info)
{
	const struct ksec_tls_keys *keys = (const struct ksec_tls_keys *)opaque;

	info->max_token = KSEC_TLS_MAX_TOKEN;
	info->block_size = 1;
	info->trailer = KSEC_TLS_MAX_HEADER + KSEC_TLS_TAG;
	if (!keys)
		return;
	info->trailer = ksec_tls_header(keys) + ksec_tls_trailer(keys);
	info->key_bits = keys->k_cipher->c_key_len * BITS_PER_BYTE;
	info->encrypt_alg = keys->k_cipher->c_algid;
}

/**
 * ksec_tls_info() - what TLS contexts can tell besides
 * @opaque: the keys
 * @info:   receives it
 */
void ksec_tls_info(const struct ksec_keys *opaque, struct ksecdd_tls_info *info)
{
	const struct ksec_tls_keys *keys = (const struct ksec_tls_keys *)opaque;

	*info = (struct ksecdd_tls_info){
		.version = keys->k_version,
		.suite = keys->k_suite,
		.cipher = keys->k_cipher->c_number,
		.hash = keys->k_hash,
		.group = keys->k_group,
		.key_bits = keys->k_cipher->c_key_len * BITS_PER_BYTE,
		.header = ksec_tls_header(keys),
		.trailer = ksec_tls_trailer(keys),
		.max_message = KSEC_TLS_MAX_PLAIN,
	};
}

/* Nobody gets a key: TLS has exporters for that, and those are the handshake's. */
static u32 ksec_tls_session_key(const struct ksec_keys *keys, u8 *buf)
{
	return 0;
}

static void ksec_tls_forget_session_key(struct ksec_keys *keys)
{
}

static void ksec_tls_counts(const struct ksec_keys *opaque, u64 *sent, u64 *received)
{
	const struct ksec_tls_keys *keys = (const struct ksec_tls_keys *)opaque;

	*sent = READ_ONCE(keys->k_tx.w_count);
	*received = READ_ONCE(keys->k_rx.w_count);
}

static int ksec_tls_init(void)
{
	int err;

	err = ksec_tls_engine_init();
	if (err)
		return err;
	err = ksec_tls_hkdf_init();
	if (err)
		goto engine_exit;
	err = -ENOMEM;
	ksec_tls_cache = KMEM_CACHE(ksec_tls_keys, SLAB_ACCOUNT);
	if (!ksec_tls_cache)
		goto hkdf_exit;
	return 0;

hkdf_exit:
	ksec_tls_hkdf_exit();
engine_exit:
	ksec_tls_engine_exit();
	return err;
}

static void ksec_tls_exit(void)
{
	kmem_cache_destroy(ksec_tls_cache);
	ksec_tls_hkdf_exit();
	ksec_tls_engine_exit();
}

static const struct ksec_stream ksec_tls_stream = {
	.head = KSEC_TLS_HEAD,
	.headroom = round_up(KSEC_TLS_MAX_HEADER, 16),
	.tailroom = KSEC_TLS_MAX_TRAILER,
	.most = KSEC_TLS_MAX_PLAIN,
	.sizes = ksec_tls_sizes,
	.frame = ksec_tls_frame,
	.seal = ksec_tls_encrypt,
	.open = ksec_tls_decrypt,
	.extra = ksec_tls_set_extra,
};

const struct ksec_mech ksec_tls_mech = {
	.package = KSECDD_PACKAGE_SCHANNEL,
	.stream = &ksec_tls_stream,
	.init = ksec_tls_init,
	.exit = ksec_tls_exit,
	.create = ksec_tls_create,
	.destroy = ksec_tls_destroy,
	.info = ksec_tls_context_info,
	.tls_info = ksec_tls_info,
	.session_key = ksec_tls_session_key,
	.forget_session_key = ksec_tls_forget_session_key,
	.counts = ksec_tls_counts,
};
