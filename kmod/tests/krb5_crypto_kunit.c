// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kerberos' cryptography against known answers: the derivation of keys, ciphertext
 * stealing, encryption with its checksum, and checksums alone.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vectors/krb5.h"

#include "../krb5/krb5.h"
#include "fixture.h"

static void ksec_krb5_end(void *keys)
{
	ksec_krb5_mech.destroy(keys);
}

/* Keys of a context with a certain protocol key; they end with the test. */
static struct ksec_krb5_keys *ksec_krb5_from(struct kunit *test, u32 enctype, const char *hex)
{
	struct ksec_bytes key = ksec_test_hex(test, hex);
	struct ksecdd_krb5_keys given = {
		.size = sizeof(given),
		.enctype = enctype,
		.key_len = key.b_len,
	};
	struct ksec_keys *keys;

	KUNIT_ASSERT_LE(test, key.b_len, sizeof(given.key));
	memcpy(given.key, key.b_data, key.b_len);
	keys = ksec_krb5_mech.create(KSECDD_KRB5_ACCEPTOR_SUBKEY, (const u8 *)&given,
				     sizeof(given), false);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(keys), "enctype %u: %pe", enctype, keys);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ksec_krb5_end, keys), 0);
	return ksec_krb5_keys(keys);
}

/* Derives keys of a usage and has @keys use them: Ke and Ki, or Kc. */
static int ksec_krb5_use_usage(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			       u32 usage)
{
	u8 (*derived)[KSEC_KRB5_MAX_KEY] = keys->k_derived[KSEC_KRB5_SEND];

	return ksec_krb5_derive(engine, keys, usage, 0xaa, derived[KSEC_KRB5_KE_SEAL]) ?:
	       ksec_krb5_derive(engine, keys, usage, 0x55, derived[KSEC_KRB5_KI_SEAL]) ?:
	       ksec_krb5_derive(engine, keys, usage, 0x99, derived[KSEC_KRB5_KC_SIGN]);
}

static const struct krb5_kat_nfold ksec_nfolds[] = KRB5_KAT_NFOLD;

static void ksec_krb5_nfolds(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_nfolds); i++) {
		struct ksec_bytes want = ksec_test_hex(test, ksec_nfolds[i].folded);
		u8 have[64];

		ksec_krb5_nfold(ksec_nfolds[i].text, strlen(ksec_nfolds[i].text), have, want.b_len);
		KUNIT_EXPECT_MEMEQ_MSG(test, have, want.b_data, want.b_len, "%u-fold(\"%s\")",
				       want.b_len * 8, ksec_nfolds[i].text);
	}
}

static const struct krb5_kat_cts ksec_ctss[] = KRB5_KAT_CTS;

static void ksec_krb5_steals(struct kunit *test)
{
	struct ksec_krb5_keys *keys = ksec_krb5_from(test, KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96,
						     KRB5_KAT_CTS_KEY);
	u8 *data = kunit_kzalloc(test, sizeof(KRB5_KAT_CTS_TEXT) + KSEC_KRB5_BLOCK, GFP_KERNEL);
	struct ksec_krb5_engine *engine;
	unsigned int i;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, data);
	/* The vectors are of a key that encrypts, not of one that others are derived from. */
	memcpy(keys->k_derived[KSEC_KRB5_SEND][KSEC_KRB5_KE_SEAL], keys->k_key,
	       keys->k_type->e_key_len);
	engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
	KUNIT_ASSERT_FALSE(test, IS_ERR(engine));
	err = ksec_krb5_load_cipher(engine, keys, KSEC_KRB5_SEND, KSEC_KRB5_KE_SEAL);
	KUNIT_EXPECT_EQ(test, err, 0);
	for (i = 0; !err && i < ARRAY_SIZE(ksec_ctss); i++) {
		struct ksec_bytes want = ksec_test_hex(test, ksec_ctss[i].encrypted);
		u32 len = ksec_ctss[i].len;

		memcpy(data, KRB5_KAT_CTS_TEXT, len);
		KUNIT_EXPECT_EQ(test, ksec_krb5_cts_encrypt(engine, data, len), 0);
		KUNIT_EXPECT_MEMEQ_MSG(test, data, want.b_data, len, "%u bytes", len);
		KUNIT_EXPECT_EQ(test, ksec_krb5_cts_decrypt(engine, data, len), 0);
		KUNIT_EXPECT_MEMEQ_MSG(test, data, KRB5_KAT_CTS_TEXT, len, "%u bytes", len);
	}
	ksec_krb5_engine_put(engine);
}

static const struct krb5_kat_key ksec_kat_keys[] = KRB5_KAT_KEYS;

static void ksec_krb5_derives(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_kat_keys); i++) {
		const struct krb5_kat_key *kat = &ksec_kat_keys[i];
		struct ksec_bytes want = ksec_test_hex(test, kat->derived);
		struct ksec_krb5_keys *keys = ksec_krb5_from(test, kat->enctype, kat->key);
		u8 have[KSEC_KRB5_MAX_KEY] = {};
		struct ksec_krb5_engine *engine;

		KUNIT_EXPECT_EQ(test, want.b_len, kat->kind == 0xaa ? keys->k_type->e_key_len :
								       keys->k_type->e_kc_len);
		engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
		KUNIT_ASSERT_FALSE(test, IS_ERR(engine));
		KUNIT_EXPECT_EQ(test, ksec_krb5_derive(engine, keys, kat->usage, kat->kind, have),
				0);
		ksec_krb5_engine_put(engine);
		KUNIT_EXPECT_MEMEQ_MSG(test, have, want.b_data, want.b_len,
				       "enctype %u, key 0x%x", kat->enctype, kat->kind);
		KUNIT_EXPECT_NULL(test, memchr_inv(have + want.b_len, 0,
						   sizeof(have) - want.b_len));
	}
}

static const struct krb5_kat_text ksec_texts[] = KRB5_KAT_TEXTS;

static void ksec_krb5_text(struct kunit *test, struct ksec_krb5_engine *engine,
			   struct ksec_krb5_keys *keys, const struct krb5_kat_text *kat, u8 *data)
{
	const struct ksec_krb5_enctype *type = keys->k_type;
	struct ksec_bytes want = ksec_test_hex(test, kat->encrypted);
	struct ksec_bytes plain = ksec_test_hex(test, kat->plain);
	struct ksec_krb5_text text = { .t_data = data, .t_len = want.b_len - type->e_mac_len };
	const u8 *mac = want.b_data + text.t_len;
	u8 digest[KSEC_KRB5_MAX_DIGEST], bad[KSEC_KRB5_MAX_DIGEST];
	struct ksec_message msg = {};

	KUNIT_EXPECT_EQ(test, text.t_len, KSEC_KRB5_BLOCK + plain.b_len);
	KUNIT_EXPECT_EQ(test, ksec_krb5_load_cipher(engine, keys, KSEC_KRB5_SEND,
						    KSEC_KRB5_KE_SEAL), 0);
	KUNIT_EXPECT_EQ(test, ksec_krb5_load_mac(engine, keys, KSEC_KRB5_SEND,
						 KSEC_KRB5_KI_SEAL), 0);

	memcpy(data, want.b_data, text.t_len);
	memcpy(bad, mac, type->e_mac_len);
	bad[type->e_mac_len - 1] ^= 1;
	KUNIT_EXPECT_EQ(test, type->e_decrypt(engine, &msg, &text, bad, type->e_mac_len),
			-EBADMSG);

	memcpy(data, want.b_data, text.t_len);
	KUNIT_EXPECT_EQ(test, type->e_decrypt(engine, &msg, &text, mac, type->e_mac_len), 0);
	KUNIT_EXPECT_MEMEQ_MSG(test, data + KSEC_KRB5_BLOCK, plain.b_data, plain.b_len,
			       "enctype %u, %u bytes", kat->enctype, plain.b_len);
	KUNIT_EXPECT_EQ(test, type->e_encrypt(engine, &msg, &text, digest), 0);
	KUNIT_EXPECT_MEMEQ_MSG(test, data, want.b_data, text.t_len, "enctype %u, %u bytes",
			       kat->enctype, plain.b_len);
	KUNIT_EXPECT_MEMEQ(test, digest, mac, type->e_mac_len);
}

static void ksec_krb5_texts(struct kunit *test)
{
	u8 *data = kunit_kzalloc(test, sizeof(((struct ksec_bytes *)NULL)->b_data) +
				 KSEC_KRB5_BLOCK, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < ARRAY_SIZE(ksec_texts); i++) {
		const struct krb5_kat_text *kat = &ksec_texts[i];
		struct ksec_krb5_keys *keys = ksec_krb5_from(test, kat->enctype, kat->key);
		struct ksec_krb5_engine *engine;

		engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
		KUNIT_ASSERT_FALSE(test, IS_ERR(engine));
		KUNIT_EXPECT_EQ(test, ksec_krb5_use_usage(engine, keys, kat->usage), 0);
		ksec_krb5_text(test, engine, keys, kat, data);
		ksec_krb5_engine_put(engine);
	}
}

static const struct krb5_kat_checksum ksec_checksums[] = KRB5_KAT_CHECKSUMS;

static void ksec_krb5_checksums(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_checksums); i++) {
		const struct krb5_kat_checksum *kat = &ksec_checksums[i];
		struct ksec_bytes want = ksec_test_hex(test, kat->checksum);
		struct ksec_bytes data = ksec_test_hex(test, kat->data);
		struct ksec_krb5_keys *keys = ksec_krb5_from(test, kat->enctype, kat->key);
		u8 digest[KSEC_KRB5_MAX_DIGEST] = {};
		struct ksec_krb5_engine *engine;
		struct ksec_krb5_mac mac;
		u32 cut = data.b_len / 3;

		KUNIT_EXPECT_EQ(test, want.b_len, keys->k_type->e_mac_len);
		engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
		KUNIT_ASSERT_FALSE(test, IS_ERR(engine));
		KUNIT_EXPECT_EQ(test, ksec_krb5_use_usage(engine, keys, kat->usage), 0);
		KUNIT_EXPECT_EQ(test, ksec_krb5_load_mac(engine, keys, KSEC_KRB5_SEND,
							 KSEC_KRB5_KC_SIGN), 0);
		/* Side by side or not, it is the same message. */
		ksec_krb5_mac_start(&mac, engine);
		ksec_krb5_mac_add(&mac, data.b_data, cut);
		ksec_krb5_mac_add(&mac, data.b_data + cut, 1);
		ksec_krb5_mac_add(&mac, digest, 0);
		ksec_krb5_mac_add(&mac, data.b_data + cut + 1, data.b_len - cut - 1);
		KUNIT_EXPECT_EQ(test, ksec_krb5_mac_end(&mac, digest), 0);
		ksec_krb5_engine_put(engine);
		KUNIT_EXPECT_MEMEQ_MSG(test, digest, want.b_data, want.b_len, "enctype %u",
				       kat->enctype);
	}
}

/* What a helper may give as keys, changed in one place */
static const struct ksec_krb5_given {
	const char *name;
	struct ksecdd_krb5_keys keys;
	u32 flags;
	u32 len;
	int err;
} ksec_krb5_givens[] = {
	{ "as it should be", { 64, 18, 1, 2, 32 }, 0, 64, 0 },
	{ "all flags", { 64, 18, 1, 2, 32 }, 0x3f, 64, 0 },
	{ "arcfour that is allowed", { 64, 23, 1, 2, 16 }, KSECDD_KRB5_ARCFOUR, 64, 0 },
	{ "arcfour that is not", { 64, 23, 1, 2, 16 }, 0x1f, 64, -EINVAL },
	{ "another flag", { 64, 18, 1, 2, 32 }, 0x40, 64, -EINVAL },
	{ "bit 31", { 64, 18, 1, 2, 32 }, 1U << 31, 64, -EINVAL },
	{ "too short", { 64, 18, 1, 2, 32 }, 0, 63, -EINVAL },
	{ "nothing", { 64, 18, 1, 2, 32 }, 0, 0, -EINVAL },
	{ "size less", { 63, 18, 1, 2, 32 }, 0, 64, -EINVAL },
	{ "size 0", { 0, 18, 1, 2, 32 }, 0, 64, -EINVAL },
	{ "size more", { 72, 18, 1, 2, 32 }, 0, 64, -EINVAL },
	{ "reserved", { 64, 18, 1, 2, 32, 1 }, 0, 64, -EINVAL },
	{ "short key", { 64, 18, 1, 2, 31 }, 0, 64, -EINVAL },
	{ "long key", { 64, 17, 1, 2, 17 }, 0, 64, -EINVAL },
	{ "long key length", { 64, 18, 1, 2, U32_MAX }, 0, 64, -EINVAL },
	{ "bytes behind the key", { 64, 17, 1, 2, 16, 0, { [16] = 1 } }, 0, 64, -EINVAL },
	{ "the last byte", { 64, 17, 1, 2, 16, 0, { [31] = 1 } }, 0, 64, -EINVAL },
	{ "DES", { 64, 3, 1, 2, 8 }, 0x3f, 64, -EINVAL },
	{ "triple DES", { 64, 16, 1, 2, 24 }, 0x3f, 64, -EINVAL },
	{ "arcfour-hmac-exp", { 64, 24, 1, 2, 16 }, 0x3f, 64, -EINVAL },
	{ "enctype 0", { 64, 0, 1, 2, 0 }, 0x3f, 64, -EINVAL },
	{ "enctype -1", { 64, U32_MAX, 1, 2, 16 }, 0x3f, 64, -EINVAL },
	{ "64-bit numbers", { 64, 17, U64_MAX, U64_MAX, 16 }, 0, 64, 0 },
	{ "arcfour, last number", { 64, 23, U32_MAX, U32_MAX, 16 }, 0x20, 64, 0 },
	{ "arcfour, long to send", { 64, 23, 1ULL << 32, 2, 16 }, 0x20, 64, -EINVAL },
	{ "arcfour, long to receive", { 64, 23, 1, 1ULL << 32, 16 }, 0x20, 64, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(ksec_krb5_given, ksec_krb5_givens, name);

static void ksec_krb5_judges_keys(struct kunit *test)
{
	const struct ksec_krb5_given *given = test->param_value;
	struct ksec_keys *keys;

	keys = ksec_krb5_mech.create(given->flags, (const u8 *)&given->keys, given->len, false);
	if (given->err) {
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(keys), given->err);
		return;
	}
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(keys), "%pe", keys);
	KUNIT_EXPECT_EQ(test, ksec_krb5_keys(keys)->k_type->e_etype, given->keys.enctype);
	KUNIT_EXPECT_EQ(test, ksec_krb5_keys(keys)->k_flags, given->flags);
	ksec_krb5_mech.destroy(keys);
}

static struct kunit_case ksec_krb5_cases[] = {
	KUNIT_CASE(ksec_krb5_nfolds),
	KUNIT_CASE(ksec_krb5_steals),
	KUNIT_CASE(ksec_krb5_derives),
	KUNIT_CASE(ksec_krb5_texts),
	KUNIT_CASE(ksec_krb5_checksums),
	KUNIT_CASE_PARAM(ksec_krb5_judges_keys, ksec_krb5_given_gen_params),
	{}
};

static struct kunit_suite ksec_krb5_suite = {
	.name = "ksecdd_krb5_crypto",
	.test_cases = ksec_krb5_cases,
};

kunit_test_suite(ksec_krb5_suite);
