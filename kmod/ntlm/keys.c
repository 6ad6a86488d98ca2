// SPDX-License-Identifier: GPL-2.0-only
/*
 * NTLM as a mechanism: the keys of a context and what can be asked of them.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_ntlm.h>

#include "ntlm.h"

/*
 * SecPkgContext_Sizes.cbMaxToken of Windows' NTLM.  As there, the sizes do not
 * depend on what was negotiated.
 */
#define KSEC_NTLM_MAX_TOKEN	2888

/* ntsecapi.h: what SecPkgContext_KeyInfo calls the two algorithms */
#define KERB_CHECKSUM_HMAC_MD5	((u32)-138)
#define KERB_ETYPE_RC4_PLAIN	((u32)-140)

/* MS-NLMP 3.4.5.2 and 3.4.5.3; the terminating NUL is part of each */
static const char ksec_ntlm_client_sign[] =
	"session key to client-to-server signing key magic constant";
static const char ksec_ntlm_server_sign[] =
	"session key to server-to-client signing key magic constant";
static const char ksec_ntlm_client_seal[] =
	"session key to client-to-server sealing key magic constant";
static const char ksec_ntlm_server_seal[] =
	"session key to server-to-client sealing key magic constant";

static struct kmem_cache *ksec_ntlm_cache;

static enum ksec_ntlm_level ksec_ntlm_level(u32 flags)
{
	if (flags & NTLMSSP_NEGOTIATE_SEAL)
		return KSEC_NTLM_SEAL;
	if (flags & NTLMSSP_NEGOTIATE_SIGN)
		return KSEC_NTLM_SIGN;
	if (flags & NTLMSSP_NEGOTIATE_ALWAYS_SIGN)
		return KSEC_NTLM_DUMMY;
	return KSEC_NTLM_NONE;
}

/* MS-NLMP 3.4.5.3: bytes of the session key that the sealing key is made from. */
static unsigned int ksec_ntlm_strength(u32 flags)
{
	if (flags & NTLMSSP_NEGOTIATE_128)
		return 16;
	if (flags & NTLMSSP_NEGOTIATE_56)
		return 7;
	return 5;
}

static int ksec_ntlm_set_direction(struct ksec_ntlm_direction *dir, const u8 *key,
				   unsigned int strength, bool from_client)
{
	const char *sign = from_client ? ksec_ntlm_client_sign : ksec_ntlm_server_sign;
	const char *seal = from_client ? ksec_ntlm_client_seal : ksec_ntlm_server_seal;
	u8 digest[MD5_DIGEST_SIZE];
	int err;

	err = ksec_md5(key, KSEC_NTLM_KEY, sign, sizeof(ksec_ntlm_client_sign), digest);
	if (!err)
		err = ksec_hmac_setkey(&dir->d_sign, digest, sizeof(digest));
	if (!err)
		err = ksec_md5(key, strength, seal, sizeof(ksec_ntlm_client_seal), digest);
	if (!err)
		ksec_rc4_setkey(&dir->d_seal, digest, sizeof(digest));
	memzero_explicit(digest, sizeof(digest));
	return err;
}

static void ksec_ntlm_destroy(struct ksec_keys *opaque)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	if (!keys)
		return;
	mutex_destroy(&keys->k_send.d_mutex);
	mutex_destroy(&keys->k_receive.d_mutex);
	memzero_explicit(keys, sizeof(*keys));
	kmem_cache_free(ksec_ntlm_cache, keys);
}

static struct ksec_keys *ksec_ntlm_create(u32 flags, const u8 *key, u32 key_len, bool initiator)
{
	enum ksec_ntlm_level level = ksec_ntlm_level(flags);
	struct ksec_ntlm_keys *keys;
	unsigned int strength;
	int err;

	if (key_len != KSEC_NTLM_KEY)
		return ERR_PTR(-EINVAL);
	/*
	 * Without extended session security the checksum is a CRC, and datagrams
	 * derive their keys in another way: neither is offered.
	 */
	if (level >= KSEC_NTLM_SIGN &&
	    (!(flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY) ||
	     (flags & NTLMSSP_NEGOTIATE_DATAGRAM)))
		return ERR_PTR(-EINVAL);

	keys = kmem_cache_zalloc(ksec_ntlm_cache, GFP_KERNEL_ACCOUNT);
	if (!keys)
		return ERR_PTR(-ENOMEM);
	mutex_init(&keys->k_send.d_mutex);
	mutex_init(&keys->k_receive.d_mutex);
	keys->k_flags = flags;
	keys->k_level = level;
	memcpy(keys->k_key, key, KSEC_NTLM_KEY);
	keys->k_has_key = true;

	if (level >= KSEC_NTLM_SIGN) {
		strength = ksec_ntlm_strength(flags);
		err = ksec_ntlm_set_direction(&keys->k_send, key, strength, initiator);
		if (!err)
			err = ksec_ntlm_set_direction(&keys->k_receive, key, strength, !initiator);
		if (err) {
			ksec_ntlm_destroy((struct ksec_keys *)keys);
			return ERR_PTR(err);
		}
	}
	return (struct ksec_keys *)keys;
}

static void ksec_ntlm_info(const struct ksec_keys *opaque, struct ksecdd_context_info *info)
{
	const struct ksec_ntlm_keys *keys = (const struct ksec_ntlm_keys *)opaque;
	enum ksec_ntlm_level level = keys ? keys->k_level : KSEC_NTLM_NONE;

	info->mech_flags = keys ? keys->k_flags : 0;
	info->max_token = KSEC_NTLM_MAX_TOKEN;
	info->max_signature = KSEC_NTLM_SIGNATURE;
	info->block_size = 0;
	info->trailer = KSEC_NTLM_SIGNATURE;
	info->key_bits = level >= KSEC_NTLM_SIGN ?
		ksec_ntlm_strength(keys->k_flags) * BITS_PER_BYTE : 0;
	info->sign_alg = level >= KSEC_NTLM_SIGN ? KERB_CHECKSUM_HMAC_MD5 : 0;
	info->encrypt_alg = level >= KSEC_NTLM_SEAL ? KERB_ETYPE_RC4_PLAIN : 0;
}

static u32 ksec_ntlm_session_key(const struct ksec_keys *opaque, u8 *buf)
{
	const struct ksec_ntlm_keys *keys = (const struct ksec_ntlm_keys *)opaque;

	if (!keys->k_has_key)
		return 0;
	memcpy(buf, keys->k_key, KSEC_NTLM_KEY);
	return KSEC_NTLM_KEY;
}

static void ksec_ntlm_forget_session_key(struct ksec_keys *opaque)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	keys->k_has_key = false;
	memzero_explicit(keys->k_key, sizeof(keys->k_key));
}

static void ksec_ntlm_counts(const struct ksec_keys *opaque, u64 *sent, u64 *received)
{
	const struct ksec_ntlm_keys *keys = (const struct ksec_ntlm_keys *)opaque;

	*sent = READ_ONCE(keys->k_send.d_seq);
	*received = READ_ONCE(keys->k_receive.d_seq);
}

static int ksec_ntlm_init(void)
{
	int err;

	err = ksec_md5_init();
	if (err)
		return err;
	ksec_ntlm_cache = kmem_cache_create("ksec_ntlm_keys", sizeof(struct ksec_ntlm_keys),
					    0, SLAB_ACCOUNT, NULL);
	if (!ksec_ntlm_cache) {
		ksec_md5_exit();
		return -ENOMEM;
	}
	return 0;
}

static void ksec_ntlm_exit(void)
{
	kmem_cache_destroy(ksec_ntlm_cache);
	ksec_md5_exit();
}

const struct ksec_mech ksec_ntlm_mech = {
	.package = KSECDD_PACKAGE_NTLM,
	.stream_token = KSEC_NTLM_SIGNATURE,
	.init = ksec_ntlm_init,
	.exit = ksec_ntlm_exit,
	.create = ksec_ntlm_create,
	.destroy = ksec_ntlm_destroy,
	.op = {
		[KSECDD_MESSAGE_SIGN] = ksec_ntlm_sign,
		[KSECDD_MESSAGE_VERIFY] = ksec_ntlm_verify,
		[KSECDD_MESSAGE_ENCRYPT] = ksec_ntlm_encrypt,
		[KSECDD_MESSAGE_DECRYPT] = ksec_ntlm_decrypt,
	},
	.info = ksec_ntlm_info,
	.session_key = ksec_ntlm_session_key,
	.forget_session_key = ksec_ntlm_forget_session_key,
	.counts = ksec_ntlm_counts,
};
