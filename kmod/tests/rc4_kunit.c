// SPDX-License-Identifier: GPL-2.0-only
/*
 * RC4: known answers, and whatever way the data is cut.
 */
#include <linux/string.h>

#include "vectors/crypto.h"

#include "fixture.h"

/* RC4 as it is written down, for comparison. */
struct ksec_plain_rc4 {
	u8 s[256];
	u8 i;
	u8 j;
};

static void ksec_plain_setkey(struct ksec_plain_rc4 *rc4, const u8 *key, unsigned int len)
{
	unsigned int i;
	u8 j = 0;

	for (i = 0; i < 256; i++)
		rc4->s[i] = i;
	for (i = 0; i < 256; i++) {
		j += rc4->s[i] + key[i % len];
		swap(rc4->s[i], rc4->s[j]);
	}
	rc4->i = 0;
	rc4->j = 0;
}

static void ksec_plain_crypt(struct ksec_plain_rc4 *rc4, u8 *data, size_t len)
{
	while (len--) {
		rc4->i++;
		rc4->j += rc4->s[rc4->i];
		swap(rc4->s[rc4->i], rc4->s[rc4->j]);
		*data++ ^= rc4->s[(u8)(rc4->s[rc4->i] + rc4->s[rc4->j])];
	}
}

static const struct crypto_kat_rc4 ksec_rc4_kats[] = CRYPTO_KAT_RC4;

static void ksec_rc4_describe(const struct crypto_kat_rc4 *kat, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "key %s offset %u", kat->key, kat->offset);
}

KUNIT_ARRAY_PARAM(ksec_rc4_kat, ksec_rc4_kats, ksec_rc4_describe);

static void ksec_rc4_known_answers(struct kunit *test)
{
	const struct crypto_kat_rc4 *kat = test->param_value;
	struct ksec_bytes key = ksec_test_hex(test, kat->key);
	struct ksec_bytes want = ksec_test_hex(test, kat->stream);
	size_t len = kat->offset + want.b_len;
	u8 *data = kunit_kzalloc(test, len, GFP_KERNEL);
	struct ksec_rc4 rc4;

	KUNIT_ASSERT_NOT_NULL(test, data);
	ksec_rc4_setkey(&rc4, key.b_data, key.b_len);
	ksec_rc4_crypt(&rc4, data, len);
	KUNIT_EXPECT_MEMEQ(test, data + kat->offset, want.b_data, want.b_len);
}

static void ksec_rc4_key_lengths(struct kunit *test)
{
	u8 *data = kunit_kzalloc(test, 300, GFP_KERNEL);
	u8 *want = kunit_kzalloc(test, 300, GFP_KERNEL);
	struct rnd_state rnd = ksec_test_random();
	struct ksec_plain_rc4 plain;
	struct ksec_rc4 rc4;
	unsigned int len;

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_NOT_NULL(test, want);
	for (len = 1; len <= 256; len++) {
		/* of its exact size, so that KASAN sees what is read behind it */
		u8 *key = kunit_kmalloc(test, len, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, key);
		prandom_bytes_state(&rnd, key, len);
		ksec_rc4_setkey(&rc4, key, len);
		ksec_rc4_crypt(&rc4, data, 300);
		ksec_plain_setkey(&plain, key, len);
		ksec_plain_crypt(&plain, want, 300);
		KUNIT_ASSERT_MEMEQ_MSG(test, data, want, 300, "key of %u bytes", len);
	}
}

/* Every way to begin and end within the permutation and within 16 bytes. */
static void ksec_rc4_boundaries(struct kunit *test)
{
	static const u16 starts[] = { 0, 1, 2, 15, 16, 17, 127, 239, 240, 241, 253, 254, 255, 256,
				      257, 510, 511, 512, 513 };
	static u8 data[544], want[544];
	struct ksec_plain_rc4 plain, plain_from;
	struct ksec_rc4 rc4, rc4_from;
	unsigned int i, len;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		ksec_rc4_setkey(&rc4_from, "boundary", 8);
		ksec_plain_setkey(&plain_from, "boundary", 8);
		memset(data, 0, sizeof(data));
		memset(want, 0, sizeof(want));
		ksec_rc4_crypt(&rc4_from, data, starts[i]);
		ksec_plain_crypt(&plain_from, want, starts[i]);
		for (len = 0; len <= 289; len += len < 34 || len > 254 ? 1 : 55) {
			rc4 = rc4_from;
			plain = plain_from;
			ksec_rc4_crypt(&rc4, data, len);
			ksec_plain_crypt(&plain, want, len);
			KUNIT_ASSERT_MEMEQ_MSG(test, data, want, sizeof(data),
					       "%u bytes from %u", len, starts[i]);
			KUNIT_ASSERT_MEMEQ_MSG(test, rc4.r_s, plain.s, sizeof(plain.s),
					       "permutation after %u bytes from %u", len,
					       starts[i]);
		}
	}
}

static void ksec_rc4_pieces(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	struct ksec_rc4 whole, parts;
	unsigned int round, len, done, n;
	u8 key[16];

	for (round = 0; round < 100; round++) {
		u8 *data, *want;

		len = ksec_test_below(&rnd, 2000);
		data = kmalloc(len, GFP_KERNEL);
		want = kmalloc(len, GFP_KERNEL);
		if (!data || !want) {
			kfree(data);
			kfree(want);
			KUNIT_FAIL_AND_ABORT(test, "no memory");
		}
		prandom_bytes_state(&rnd, key, sizeof(key));
		prandom_bytes_state(&rnd, data, len);
		memcpy(want, data, len);
		ksec_rc4_setkey(&whole, key, sizeof(key));
		parts = whole;
		ksec_rc4_crypt(&whole, want, len);
		for (done = 0; done < len; done += n) {
			/* Now and then nothing, mostly something odd. */
			n = min(ksec_test_below(&rnd, ksec_test_below(&rnd, 600) + 1),
				len - done);
			ksec_rc4_crypt(&parts, data + done, n);
		}
		KUNIT_EXPECT_MEMEQ_MSG(test, data, want, len, "round %u, %u bytes", round, len);
		KUNIT_EXPECT_MEMEQ_MSG(test, &parts, &whole, sizeof(whole), "state, round %u",
				       round);
		kfree(data);
		kfree(want);
	}
}

static void ksec_rc4_there_and_back(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	struct ksec_rc4 send, receive;
	u8 data[700], plain[700];

	prandom_bytes_state(&rnd, plain, sizeof(plain));
	memcpy(data, plain, sizeof(data));
	ksec_rc4_setkey(&send, "there and back", 14);
	receive = send;
	ksec_rc4_crypt(&send, data, sizeof(data));
	KUNIT_EXPECT_MEMNEQ(test, data, plain, sizeof(data));
	ksec_rc4_crypt(&receive, data, sizeof(data));
	KUNIT_EXPECT_MEMEQ(test, data, plain, sizeof(data));
}

/* Stepping back n of m steps is having made m - n of them. */
static void ksec_rc4_rewinds(struct kunit *test)
{
	static const u16 steps[] = { 0, 1, 2, 15, 16, 17, 254, 255, 256, 257, 511, 512, 513, 3000 };
	static u8 data[6000];
	struct ksec_rc4 fresh, ahead, back;
	unsigned int i, k;

	ksec_rc4_setkey(&fresh, "rewind", 6);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ahead = fresh;
		ksec_rc4_crypt(&ahead, data, steps[i]);
		for (k = 0; k < ARRAY_SIZE(steps); k++) {
			back = ahead;
			ksec_rc4_crypt(&back, data, steps[k]);
			ksec_rc4_rewind(&back, steps[k]);
			KUNIT_EXPECT_MEMEQ_MSG(test, &back, &ahead, sizeof(back),
					       "%u steps and %u, and back %u", steps[i],
					       steps[k], steps[k]);
		}
		ksec_rc4_rewind(&ahead, steps[i]);
		KUNIT_EXPECT_MEMEQ_MSG(test, &ahead, &fresh, sizeof(fresh), "back to the key by %u",
				       steps[i]);
	}
}

static struct kunit_case ksec_rc4_cases[] = {
	KUNIT_CASE_PARAM(ksec_rc4_known_answers, ksec_rc4_kat_gen_params),
	KUNIT_CASE(ksec_rc4_key_lengths),
	KUNIT_CASE(ksec_rc4_boundaries),
	KUNIT_CASE(ksec_rc4_pieces),
	KUNIT_CASE(ksec_rc4_there_and_back),
	KUNIT_CASE(ksec_rc4_rewinds),
	{}
};

static struct kunit_suite ksec_rc4_suite = {
	.name = "ksecdd_rc4",
	.test_cases = ksec_rc4_cases,
};

kunit_test_suite(ksec_rc4_suite);
