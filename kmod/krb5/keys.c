// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kerberos as a mechanism: the keys of a context and what can be asked of them.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_krb5.h>

#include "krb5.h"

static_assert(sizeof(struct ksecdd_krb5_keys) == 64);
static_assert(sizeof(struct ksecdd_krb5_keys) <= KSECDD_MAX_KEY);

#define KSEC_KRB5_FLAGS	(KSECDD_KRB5_ACCEPTOR_SUBKEY | KSECDD_KRB5_REPLAY_DETECT | \
			 KSECDD_KRB5_SEQUENCE_DETECT | KSECDD_KRB5_DCE_STYLE | \
			 KSECDD_KRB5_INITIATOR | KSECDD_KRB5_ARCFOUR)

/* What a context without keys tells its sizes from; as Windows does. */
#define KSEC_KRB5_USUAL	KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96

static struct kmem_cache *ksec_krb5_cache;

static void ksec_krb5_destroy(struct ksec_keys *opaque)
{
	struct ksec_krb5_keys *keys = ksec_krb5_keys(opaque);

	if (!keys)
		return;
	ksec_krb5_forget(keys);
	memzero_explicit(keys, sizeof(*keys));
	kmem_cache_free(ksec_krb5_cache, keys);
}

/* Whether a helper's keys are what the header says; @type is that of their number. */
static bool ksec_krb5_valid(const struct ksecdd_krb5_keys *given,
			    const struct ksec_krb5_enctype *type, u32 flags)
{
	if (!type || (flags & ~KSEC_KRB5_FLAGS) || (type->e_flags & ~flags))
		return false;
	if (given->size != sizeof(*given) || given->__reserved ||
	    given->key_len != type->e_key_len ||
	    memchr_inv(given->key + given->key_len, 0, sizeof(given->key) - given->key_len))
		return false;
	/* Where numbers have 32 bits, they begin with 32 bits. */
	return type->e_tokens->f_last == U64_MAX ||
	       (given->send_seq <= U32_MAX && given->receive_seq <= U32_MAX);
}

static struct ksec_krb5_keys *ksec_krb5_new(const struct ksecdd_krb5_keys *given, u32 flags)
{
	const struct ksec_krb5_enctype *type = ksec_krb5_enctype(given->enctype);
	struct ksec_krb5_keys *keys;
	int err;

	if (!ksec_krb5_valid(given, type, flags))
		return ERR_PTR(-EINVAL);
	if (!ksec_krb5_available(type))
		return ERR_PTR(-EOPNOTSUPP);

	keys = kmem_cache_zalloc(ksec_krb5_cache, GFP_KERNEL_ACCOUNT);
	if (!keys)
		return ERR_PTR(-ENOMEM);
	keys->k_type = type;
	keys->k_flags = flags;
	keys->k_id = ksec_krb5_new_id();
	keys->k_first = given->send_seq;
	atomic64_set(&keys->k_seq, given->send_seq);
	ksec_krb5_window_init(&keys->k_window, given->receive_seq);
	memcpy(keys->k_key, given->key, given->key_len);
	keys->k_has_key = true;

	err = ksec_krb5_derive_keys(keys);
	if (err) {
		ksec_krb5_destroy((struct ksec_keys *)keys);
		return ERR_PTR(err == -ENOENT ? -EOPNOTSUPP : err);
	}
	return keys;
}

static struct ksec_keys *ksec_krb5_create(u32 flags, const u8 *key, u32 key_len, bool initiator)
{
	struct ksecdd_krb5_keys given;
	struct ksec_krb5_keys *keys;

	if (key_len != sizeof(given))
		return ERR_PTR(-EINVAL);
	memcpy(&given, key, sizeof(given));
	keys = ksec_krb5_new(&given, flags | (initiator ? KSECDD_KRB5_INITIATOR : 0));
	memzero_explicit(&given, sizeof(given));
	return (struct ksec_keys *)keys;
}

static s32 ksec_krb5_op(struct ksec_keys *opaque, struct ksec_message *msg, unsigned int op)
{
	struct ksec_krb5_keys *keys = ksec_krb5_keys(opaque);

	return keys->k_type->e_tokens->f_op[op](keys, msg);
}

static s32 ksec_krb5_op_sign(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_krb5_op(keys, msg, KSECDD_MESSAGE_SIGN);
}

static s32 ksec_krb5_op_verify(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_krb5_op(keys, msg, KSECDD_MESSAGE_VERIFY);
}

static s32 ksec_krb5_op_encrypt(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_krb5_op(keys, msg, KSECDD_MESSAGE_ENCRYPT);
}

static s32 ksec_krb5_op_decrypt(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_krb5_op(keys, msg, KSECDD_MESSAGE_DECRYPT);
}

static void ksec_krb5_info(const struct ksec_keys *opaque, struct ksecdd_context_info *info)
{
	const struct ksec_krb5_keys *keys = (const struct ksec_krb5_keys *)opaque;
	const struct ksec_krb5_enctype *type =
		keys ? keys->k_type : ksec_krb5_enctype(KSEC_KRB5_USUAL);
	const struct ksec_krb5_tokens *tokens = type->e_tokens;

	info->max_token = KSEC_KRB5_MAX_TOKEN;
	info->max_signature = tokens->f_mic + type->e_mac_len;
	info->block_size = 1;
	info->trailer = tokens->f_wrap + type->e_mac_len;
	if (!keys)
		return;
	if (keys->k_flags & KSECDD_KRB5_DCE_STYLE)
		info->trailer += tokens->f_dce;
	info->mech_flags = keys->k_flags;
	info->key_bits = type->e_key_len * BITS_PER_BYTE;
	info->sign_alg = type->e_cksum;
	info->encrypt_alg = type->e_etype;
}

static u32 ksec_krb5_session_key(const struct ksec_keys *opaque, u8 *buf)
{
	const struct ksec_krb5_keys *keys = (const struct ksec_krb5_keys *)opaque;

	if (!keys->k_has_key)
		return 0;
	memcpy(buf, keys->k_key, keys->k_type->e_key_len);
	return keys->k_type->e_key_len;
}

static void ksec_krb5_forget_session_key(struct ksec_keys *opaque)
{
	struct ksec_krb5_keys *keys = ksec_krb5_keys(opaque);

	keys->k_has_key = false;
	/* Those who derive nothing in advance go on needing it. */
	if (keys->k_type->e_derive)
		memzero_explicit(keys->k_key, sizeof(keys->k_key));
}

static void ksec_krb5_counts(const struct ksec_keys *opaque, u64 *sent, u64 *received)
{
	const struct ksec_krb5_keys *keys = (const struct ksec_krb5_keys *)opaque;

	*sent = atomic64_read(&keys->k_seq) - keys->k_first;
	*received = READ_ONCE(keys->k_window.w_accepted);
}

static int ksec_krb5_init(void)
{
	int err;

	err = ksec_krb5_engine_init();
	if (err)
		return err;
	ksec_krb5_cache = KMEM_CACHE(ksec_krb5_keys, SLAB_ACCOUNT);
	if (!ksec_krb5_cache) {
		ksec_krb5_engine_exit();
		return -ENOMEM;
	}
	ksec_krb5_enctype_init();
	ksec_krb5_derive_init();
	return 0;
}

static void ksec_krb5_exit(void)
{
	kmem_cache_destroy(ksec_krb5_cache);
	ksec_krb5_enctype_exit();
	ksec_krb5_engine_exit();
}

const struct ksec_mech ksec_krb5_mech = {
	.package = KSECDD_PACKAGE_KERBEROS,
	.headroom = KSEC_KRB5_ROOM,
	.tailroom = KSEC_KRB5_ROOM,
	.padding = KSEC_MAX_PADDING,
	.init = ksec_krb5_init,
	.exit = ksec_krb5_exit,
	.create = ksec_krb5_create,
	.destroy = ksec_krb5_destroy,
	.op = {
		[KSECDD_MESSAGE_SIGN] = ksec_krb5_op_sign,
		[KSECDD_MESSAGE_VERIFY] = ksec_krb5_op_verify,
		[KSECDD_MESSAGE_ENCRYPT] = ksec_krb5_op_encrypt,
		[KSECDD_MESSAGE_DECRYPT] = ksec_krb5_op_decrypt,
	},
	.info = ksec_krb5_info,
	.session_key = ksec_krb5_session_key,
	.forget_session_key = ksec_krb5_forget_session_key,
	.counts = ksec_krb5_counts,
};
