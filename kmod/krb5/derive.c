// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key derivation: from the protocol key of a context to the keys of its two
 * directions.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "krb5.h"

/* RFC 3961 section 5.3: which of the keys of a usage */
#define KSEC_KRB5_KC	0x99
#define KSEC_KRB5_KE	0xaa
#define KSEC_KRB5_KI	0x55

/* RFC 4121 section 2: usages */
#define KSEC_KRB5_ACCEPTOR_SEAL		22
#define KSEC_KRB5_ACCEPTOR_SIGN		23
#define KSEC_KRB5_INITIATOR_SEAL	24
#define KSEC_KRB5_INITIATOR_SIGN	25

#define KSEC_KRB5_FIRST_USAGE		KSEC_KRB5_ACCEPTOR_SEAL
#define KSEC_KRB5_USAGES		4

/* What a key is derived with: usage, and which key of it */
#define KSEC_KRB5_CONSTANT	5

/* The byte at @pos of endless copies of a string, each rotated by 13 bits more. */
static u8 ksec_krb5_nfold_byte(const u8 *in, u32 in_len, u32 pos)
{
	u32 bits = in_len * 8, copy = pos / in_len;
	u32 at = (pos % in_len * 8 + bits - 13 * copy % bits) % bits;
	u32 two = in[at / 8] << 8 | in[(at / 8 + 1) % in_len];

	return two >> (8 - at % 8);
}

/**
 * ksec_krb5_nfold() - stretch or fold a string (RFC 3961 section 5.1)
 * @in:      the string
 * @in_len:  its bytes, at least 1
 * @out:     the result
 * @out_len: its bytes, at least 1
 *
 * As many copies as make a multiple of both lengths are cut into pieces of
 * @out_len, and these added up in one's complement.  Here from the last byte to
 * the first: what is carried out of the front of a piece goes to the end of the
 * next, where it has to go anyway.
 */
void ksec_krb5_nfold(const u8 *in, u32 in_len, u8 *out, u32 out_len)
{
	u32 pos = in_len, sum = 0, i;

	while (pos % out_len)
		pos += in_len;
	memset(out, 0, out_len);

	while (pos--) {
		sum += out[pos % out_len] + ksec_krb5_nfold_byte(in, in_len, pos);
		out[pos % out_len] = sum;
		sum >>= 8;
	}
	for (i = out_len; sum; i = i > 1 ? i - 1 : out_len) {
		sum += out[i - 1];
		out[i - 1] = sum;
		sum >>= 8;
	}
}

static const u8 ksec_krb5_kinds[] = { KSEC_KRB5_KC, KSEC_KRB5_KE, KSEC_KRB5_KI };

/*
 * The constants of RFC 4121 as DK() wants them.  To fold one takes longer than to derive a key
 * with it, and a context has eight, which are the same for all.
 */
static u8 ksec_krb5_folded[KSEC_KRB5_USAGES][ARRAY_SIZE(ksec_krb5_kinds)][KSEC_KRB5_BLOCK]
	__ro_after_init;

/**
 * ksec_krb5_derive_init() - fold what will be derived with
 */
void ksec_krb5_derive_init(void)
{
	u8 constant[KSEC_KRB5_CONSTANT] = {};
	unsigned int i, j;

	for (i = 0; i < KSEC_KRB5_USAGES; i++) {
		for (j = 0; j < ARRAY_SIZE(ksec_krb5_kinds); j++) {
			constant[3] = KSEC_KRB5_FIRST_USAGE + i;
			constant[4] = ksec_krb5_kinds[j];
			ksec_krb5_nfold(constant, sizeof(constant), ksec_krb5_folded[i][j],
					KSEC_KRB5_BLOCK);
		}
	}
}

static void ksec_krb5_fold(const u8 *constant, u32 len, u8 *out)
{
	static const u8 zeros[3];
	unsigned int i, j;

	if (len == KSEC_KRB5_CONSTANT && !memcmp(constant, zeros, sizeof(zeros))) {
		i = constant[3] - KSEC_KRB5_FIRST_USAGE;
		for (j = 0; i < KSEC_KRB5_USAGES && j < ARRAY_SIZE(ksec_krb5_kinds); j++) {
			if (constant[4] != ksec_krb5_kinds[j])
				continue;
			memcpy(out, ksec_krb5_folded[i][j], KSEC_KRB5_BLOCK);
			return;
		}
	}
	ksec_krb5_nfold(constant, len, out, KSEC_KRB5_BLOCK);
}

/**
 * ksec_krb5_derive_dk() - DK() of RFC 3961 section 5.1, for ciphers whose keys
 *                         are any bytes
 * @engine:       of the encryption type
 * @keys:         whose protocol key
 * @constant:     what the key is for
 * @constant_len: its bytes
 * @out:          the key
 * @out_len:      its bytes, at most KSEC_KRB5_MAX_KEY
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_derive_dk(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			const u8 *constant, u32 constant_len, u8 *out, u32 out_len)
{
	u8 *block = ksec_krb5_engine_block(engine);
	u32 done, n;
	int err;

	err = ksec_krb5_load_base(engine, keys);
	ksec_krb5_fold(constant, constant_len, block);
	for (done = 0; !err && done < out_len; done += n) {
		n = min_t(u32, out_len - done, KSEC_KRB5_BLOCK);
		err = ksec_krb5_cbc(engine, true, block, KSEC_KRB5_BLOCK);
		memcpy(out + done, block, n);
	}
	memzero_explicit(block, KSEC_KRB5_BLOCK);
	return err;
}

/* The key that is loaded, over what both functions below have in common. */
static int ksec_krb5_derive_block(struct ksec_krb5_engine *engine, const u8 *before,
				  u32 before_len, u32 number, const u8 *constant,
				  u32 constant_len, u32 out_len, u8 *digest)
{
	__be32 i = cpu_to_be32(number), bits = cpu_to_be32(out_len * 8);
	struct ksec_krb5_mac mac;
	static const u8 zero;

	ksec_krb5_mac_start(&mac, engine);
	ksec_krb5_mac_add(&mac, before, before_len);
	ksec_krb5_mac_add(&mac, &i, sizeof(i));
	ksec_krb5_mac_add(&mac, constant, constant_len);
	ksec_krb5_mac_add(&mac, &zero, sizeof(zero));
	ksec_krb5_mac_add(&mac, &bits, sizeof(bits));
	return ksec_krb5_mac_end(&mac, digest);
}

/**
 * ksec_krb5_derive_hmac() - KDF-HMAC-SHA2 of RFC 8009 section 3
 * @engine:       of the encryption type
 * @keys:         whose protocol key
 * @constant:     the label
 * @constant_len: its bytes
 * @out:          the key
 * @out_len:      its bytes, at most those of the hash
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_derive_hmac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  const u8 *constant, u32 constant_len, u8 *out, u32 out_len)
{
	u8 digest[KSEC_KRB5_MAX_DIGEST];
	int err;

	err = ksec_krb5_load_base(engine, keys);
	if (!err)
		err = ksec_krb5_derive_block(engine, NULL, 0, 1, constant, constant_len,
					     out_len, digest);
	if (!err)
		memcpy(out, digest, out_len);
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * ksec_krb5_derive_cmac() - KDF-FEEDBACK-CMAC of RFC 6803 section 3
 * @engine:       of the encryption type
 * @keys:         whose protocol key
 * @constant:     what the key is for
 * @constant_len: its bytes
 * @out:          the key
 * @out_len:      its bytes, at most KSEC_KRB5_MAX_KEY
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_derive_cmac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  const u8 *constant, u32 constant_len, u8 *out, u32 out_len)
{
	u8 digest[KSEC_KRB5_MAX_DIGEST] = {};
	u32 done, n;
	int err;

	err = ksec_krb5_load_base(engine, keys);
	for (done = 0; !err && done < out_len; done += n) {
		n = min_t(u32, out_len - done, KSEC_KRB5_BLOCK);
		err = ksec_krb5_derive_block(engine, digest, KSEC_KRB5_BLOCK,
					     done / KSEC_KRB5_BLOCK + 1, constant, constant_len,
					     out_len, digest);
		memcpy(out + done, digest, n);
	}
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * ksec_krb5_derive() - a key of a usage
 * @engine:  of the encryption type
 * @keys:    whose protocol key
 * @usage:   key usage number
 * @kind:    0x99 for Kc, 0xaa for Ke, 0x55 for Ki
 * @out:     KSEC_KRB5_MAX_KEY bytes, of which those the key has are written
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_derive(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys, u32 usage,
		     u8 kind, u8 *out)
{
	const struct ksec_krb5_enctype *type = keys->k_type;
	const u8 constant[KSEC_KRB5_CONSTANT] = {
		usage >> 24, usage >> 16, usage >> 8, usage, kind,
	};

	return type->e_derive(engine, keys, constant, sizeof(constant), out,
			      kind == KSEC_KRB5_KE ? type->e_key_len : type->e_kc_len);
}

/**
 * ksec_krb5_derive_keys() - derive all keys of a context
 * @keys: filled in; type, flags, id and protocol key are set
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_derive_keys(struct ksec_krb5_keys *keys)
{
	static const struct {
		u8 usage[2];	/* of messages from the acceptor, from the initiator */
		u8 kind;
	} uses[] = {
		[KSEC_KRB5_KE_SEAL] = { { KSEC_KRB5_ACCEPTOR_SEAL, KSEC_KRB5_INITIATOR_SEAL },
					KSEC_KRB5_KE },
		[KSEC_KRB5_KI_SEAL] = { { KSEC_KRB5_ACCEPTOR_SEAL, KSEC_KRB5_INITIATOR_SEAL },
					KSEC_KRB5_KI },
		[KSEC_KRB5_KC_SEAL] = { { KSEC_KRB5_ACCEPTOR_SEAL, KSEC_KRB5_INITIATOR_SEAL },
					KSEC_KRB5_KC },
		[KSEC_KRB5_KC_SIGN] = { { KSEC_KRB5_ACCEPTOR_SIGN, KSEC_KRB5_INITIATOR_SIGN },
					KSEC_KRB5_KC },
	};
	bool initiator = ksec_krb5_initiator(keys);
	struct ksec_krb5_engine *engine;
	unsigned int way, use;
	int err = 0;

	/* Nothing is derived in advance for arcfour. */
	if (!keys->k_type->e_derive)
		return 0;

	engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	for (way = 0; !err && way < KSEC_KRB5_WAYS; way++) {
		bool from_initiator = (way == KSEC_KRB5_SEND) == initiator;

		for (use = 0; !err && use < KSEC_KRB5_USES; use++)
			err = ksec_krb5_derive(engine, keys, uses[use].usage[from_initiator],
					       uses[use].kind, keys->k_derived[way][use]);
	}
	ksec_krb5_engine_put(engine);
	return err;
}
