// SPDX-License-Identifier: GPL-2.0-only
/*
 * MD5 and HMAC-MD5: known answers, keys of all lengths against hmac(md5) of the
 * crypto API, and whatever way the data is cut.
 */
#include <crypto/hash.h>
#include <linux/err.h>
#include <linux/string.h>

#include "vectors/crypto.h"

#include "fixture.h"

static const struct crypto_kat_hash ksec_md5_kats[] = CRYPTO_KAT_MD5;
static const struct crypto_kat_hash ksec_hmac_kats[] = CRYPTO_KAT_HMAC_MD5;

static void ksec_hash_describe(const struct crypto_kat_hash *kat, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes, digest %s", strlen(kat->data) / 2,
		 kat->digest);
}

KUNIT_ARRAY_PARAM(ksec_md5_kat, ksec_md5_kats, ksec_hash_describe);
KUNIT_ARRAY_PARAM(ksec_hmac_kat, ksec_hmac_kats, ksec_hash_describe);

/* In two pieces, cut everywhere */
static void ksec_md5_known_answers(struct kunit *test)
{
	const struct crypto_kat_hash *kat = test->param_value;
	struct ksec_bytes data = ksec_test_hex(test, kat->data);
	struct ksec_bytes want = ksec_test_hex(test, kat->digest);
	u8 digest[MD5_DIGEST_SIZE];
	unsigned int cut;

	for (cut = 0; cut <= data.b_len; cut++) {
		KUNIT_ASSERT_EQ(test, ksec_md5(data.b_data, cut, data.b_data + cut,
					       data.b_len - cut, digest), 0);
		KUNIT_EXPECT_MEMEQ_MSG(test, digest, want.b_data, sizeof(digest), "cut at %u", cut);
	}
}

static void ksec_hmac_known_answers(struct kunit *test)
{
	const struct crypto_kat_hash *kat = test->param_value;
	struct ksec_bytes bytes = ksec_test_hex(test, kat->key);
	struct ksec_bytes data = ksec_test_hex(test, kat->data);
	struct ksec_bytes want = ksec_test_hex(test, kat->digest);
	u8 mac[MD5_DIGEST_SIZE];
	struct ksec_hmac_key key;
	struct ksec_hmac hmac;

	KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&key, bytes.b_data, bytes.b_len), 0);
	KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac, &key), 0);
	KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac, data.b_data, data.b_len), 0);
	KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac, &key, mac), 0);
	KUNIT_EXPECT_MEMEQ(test, mac, want.b_data, sizeof(mac));
	ksec_hmac_wipe(&hmac);
}

static void ksec_hmac_free_tfm(void *tfm)
{
	crypto_free_shash(tfm);
}

/* Whole blocks, one byte less and one more, nothing at all, and many. */
static void ksec_hmac_like_crypto_api(struct kunit *test)
{
	static const u16 lengths[] = { 0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000 };
	struct rnd_state rnd = ksec_test_random();
	u8 bytes[MD5_HMAC_BLOCK_SIZE], mac[MD5_DIGEST_SIZE], want[MD5_DIGEST_SIZE];
	struct crypto_shash *tfm = crypto_alloc_shash("hmac(md5)", 0, 0);
	u8 *data = kunit_kmalloc(test, 1000, GFP_KERNEL);
	struct ksec_hmac_key key, before;
	struct ksec_hmac hmac;
	unsigned int len, i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tfm);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ksec_hmac_free_tfm, tfm), 0);
	prandom_bytes_state(&rnd, data, 1000);
	for (len = 0; len <= sizeof(bytes); len++) {
		prandom_bytes_state(&rnd, bytes, sizeof(bytes));
		KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&key, bytes, len), 0);
		KUNIT_ASSERT_EQ(test, crypto_shash_setkey(tfm, bytes, len), 0);
		before = key;
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac, &key), 0);
			KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac, data, lengths[i]), 0);
			KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac, &key, mac), 0);
			KUNIT_ASSERT_EQ(test, crypto_shash_tfm_digest(tfm, data, lengths[i], want),
					0);
			KUNIT_EXPECT_MEMEQ_MSG(test, mac, want, sizeof(mac),
					       "key of %u bytes, data of %u", len, lengths[i]);
		}
		KUNIT_EXPECT_MEMEQ_MSG(test, &key, &before, sizeof(key), "key of %u bytes", len);
	}
}

static void ksec_hmac_long_keys(struct kunit *test)
{
	static const u8 bytes[MD5_HMAC_BLOCK_SIZE + 1];
	struct ksec_hmac_key key, before;

	memset(&key, 0x5a, sizeof(key));
	before = key;
	KUNIT_EXPECT_EQ(test, ksec_hmac_setkey(&key, bytes, sizeof(bytes)), -EINVAL);
	KUNIT_EXPECT_EQ(test, ksec_hmac_setkey(&key, bytes, U32_MAX), -EINVAL);
	KUNIT_EXPECT_MEMEQ(test, &key, &before, sizeof(key));
}

static void ksec_hmac_pieces(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	u8 mac[MD5_DIGEST_SIZE], want[MD5_DIGEST_SIZE];
	u8 *data = kunit_kmalloc(test, 500, GFP_KERNEL);
	unsigned int round, len, done, n;
	struct ksec_hmac_key key;
	struct ksec_hmac hmac;

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&key, "pieces", 6), 0);
	for (round = 0; round < 100; round++) {
		len = ksec_test_below(&rnd, 501);
		prandom_bytes_state(&rnd, data, len);
		KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac, &key), 0);
		KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac, data, len), 0);
		KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac, &key, want), 0);

		KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac, &key), 0);
		for (done = 0; done < len; done += n) {
			n = min(ksec_test_below(&rnd, 130), len - done);
			KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac, data + done, n), 0);
		}
		KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac, &key, mac), 0);
		KUNIT_EXPECT_MEMEQ_MSG(test, mac, want, sizeof(mac), "round %u, %u bytes", round,
				       len);
	}
}

/* There is one transform: messages that are hashed at the same time share nothing else. */
static void ksec_hmac_side_by_side(struct kunit *test)
{
	u8 mac[2][MD5_DIGEST_SIZE], alone[2][MD5_DIGEST_SIZE];
	struct ksec_hmac_key key[2];
	struct ksec_hmac hmac[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&key[i], i ? "one" : "other", 3), 0);
		KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac[i], &key[i]), 0);
		KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac[i], "side by side", 12), 0);
		KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac[i], &key[i], alone[i]), 0);
	}
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac[i], &key[i]), 0);
	for (i = 0; i < 24; i++)
		KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac[i % 2], &"side by side"[i / 2], 1),
				0);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, ksec_hmac_final(&hmac[i], &key[i], mac[i]), 0);
	KUNIT_EXPECT_MEMEQ(test, mac, alone, sizeof(mac));
	KUNIT_EXPECT_MEMNEQ(test, mac[0], mac[1], sizeof(mac[0]));
}

static void ksec_hmac_is_wiped(struct kunit *test)
{
	struct ksec_hmac_key key;
	struct ksec_hmac hmac;

	KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&key, "wiped", 5), 0);
	KUNIT_ASSERT_EQ(test, ksec_hmac_start(&hmac, &key), 0);
	KUNIT_ASSERT_EQ(test, ksec_hmac_update(&hmac, "secret", 6), 0);
	KUNIT_EXPECT_NOT_NULL(test, memchr_inv(&hmac, 0, sizeof(hmac)));
	ksec_hmac_wipe(&hmac);
	KUNIT_EXPECT_NULL(test, memchr_inv(&hmac, 0, sizeof(hmac)));
}

static struct kunit_case ksec_hmac_md5_cases[] = {
	KUNIT_CASE_PARAM(ksec_md5_known_answers, ksec_md5_kat_gen_params),
	KUNIT_CASE_PARAM(ksec_hmac_known_answers, ksec_hmac_kat_gen_params),
	KUNIT_CASE(ksec_hmac_like_crypto_api),
	KUNIT_CASE(ksec_hmac_long_keys),
	KUNIT_CASE(ksec_hmac_pieces),
	KUNIT_CASE(ksec_hmac_side_by_side),
	KUNIT_CASE(ksec_hmac_is_wiped),
	{}
};

static struct kunit_suite ksec_hmac_md5_suite = {
	.name = "ksecdd_hmac_md5",
	.test_cases = ksec_hmac_md5_cases,
};

kunit_test_suite(ksec_hmac_md5_suite);
