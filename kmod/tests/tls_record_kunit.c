// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS' record layer against known answers, what it does with records that are wrong, and
 * where its numbers end.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#include "vectors/tls.h"

#include "tls_fixture.h"

static const struct tls_kat_record ksec_tls_kats[] = TLS_KAT_RECORDS;
static const struct tls_kat_secret ksec_tls_secrets[] = TLS_KAT_SECRETS;

static void ksec_tls_hex(struct kunit *test, const char *hex, u8 *to, u32 size)
{
	struct ksec_bytes bytes = ksec_test_hex(test, hex);

	KUNIT_ASSERT_LE(test, bytes.b_len, size);
	memcpy(to, bytes.b_data, bytes.b_len);
}

/* Both directions have the keys of the vector. */
static struct ksec_keys *ksec_tls_kat_keys(struct kunit *test, const struct tls_kat_record *kat)
{
	struct ksecdd_tls_keys given = {
		.version = kat->version,
		.cipher = kat->cipher,
		.hash = kat->hash,
		.rx.seq = kat->seq,
	};

	ksec_tls_hex(test, kat->secret, given.rx.secret, sizeof(given.rx.secret));
	ksec_tls_hex(test, kat->key, given.rx.key, sizeof(given.rx.key));
	ksec_tls_hex(test, kat->iv, given.rx.iv, sizeof(given.rx.iv));
	given.tx = given.rx;
	return ksec_tls_test_keys(test, &given, false);
}

static void ksec_tls_kat_desc(const struct tls_kat_record *kat, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version %x, cipher %u, seq %llu, type %u",
		 kat->version, kat->cipher, kat->seq, kat->type);
}

KUNIT_ARRAY_PARAM(ksec_tls_kat, ksec_tls_kats, ksec_tls_kat_desc);

/* Also in memory that is mapped page by page, across the end of a page */
static void ksec_tls_makes_and_takes(struct kunit *test)
{
	const struct tls_kat_record *kat = test->param_value;
	struct ksec_bytes want = ksec_test_hex(test, kat->record);
	struct ksec_bytes plain = ksec_test_hex(test, kat->plain);
	struct ksec_keys *keys = ksec_tls_kat_keys(test, kat);
	struct ksec_tls_keys *k = ksec_tls_keys(keys);
	u8 *pages = vzalloc(2 * PAGE_SIZE), *mem[2], type = 0;
	u32 len, plain_len, i;

	KUNIT_ASSERT_NOT_NULL(test, pages);
	mem[0] = kunit_kzalloc(test, 256, GFP_KERNEL);
	mem[1] = pages + PAGE_SIZE - want.b_len / 2;
	for (i = 0; i < ARRAY_SIZE(mem); i++) {
		k->k_rx.w_seq = kat->seq;
		k->k_tx.w_seq = kat->seq;
		len = ksec_tls_send(test, keys, kat->type, plain.b_data, plain.b_len, mem[i]);
		KUNIT_EXPECT_EQ(test, len, want.b_len);
		KUNIT_EXPECT_MEMEQ(test, mem[i], want.b_data, want.b_len);
		KUNIT_EXPECT_EQ(test, ksec_tls_record_len(k, mem[i]), len);

		mutex_lock(&k->k_rx.w_lock);
		KUNIT_EXPECT_EQ(test, ksec_tls_open_record(k, mem[i], len, &type, &plain_len), 0);
		mutex_unlock(&k->k_rx.w_lock);
		KUNIT_EXPECT_EQ(test, type, kat->type);
		KUNIT_EXPECT_EQ(test, plain_len, plain.b_len);
		KUNIT_EXPECT_MEMEQ(test, mem[i] + ksec_tls_header(k), plain.b_data, plain.b_len);
	}
	vfree(pages);
}

/* RFC 8448: the keys of a secret; and the next secret */
static void ksec_tls_derives(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_tls_secrets); i++) {
		const struct tls_kat_secret *kat = &ksec_tls_secrets[i];
		struct ksec_bytes secret = ksec_test_hex(test, kat->secret);
		struct ksec_bytes key = ksec_test_hex(test, kat->key);
		struct ksec_bytes iv = ksec_test_hex(test, kat->iv);
		struct ksec_bytes next = ksec_test_hex(test, kat->next);
		u8 out[KSEC_TLS_MAX_SECRET];

		KUNIT_ASSERT_EQ(test, ksec_tls_hash_len(kat->hash), secret.b_len);
		KUNIT_EXPECT_EQ(test, ksec_tls_expand_label(kat->hash, secret.b_data, "key", out,
							    key.b_len), 0);
		KUNIT_EXPECT_MEMEQ(test, out, key.b_data, key.b_len);
		KUNIT_EXPECT_EQ(test, ksec_tls_expand_label(kat->hash, secret.b_data, "iv", out,
							    iv.b_len), 0);
		KUNIT_EXPECT_MEMEQ(test, out, iv.b_data, iv.b_len);
		/* In place, as a KeyUpdate has it */
		KUNIT_EXPECT_EQ(test, ksec_tls_expand_label(kat->hash, secret.b_data,
							    "traffic upd", secret.b_data,
							    secret.b_len), 0);
		KUNIT_EXPECT_MEMEQ(test, secret.b_data, next.b_data, next.b_len);
	}
	KUNIT_EXPECT_EQ(test, ksec_tls_hash_len(0), -EINVAL);
	KUNIT_EXPECT_EQ(test, ksec_tls_hash_len(3), -EINVAL);
}

/* Of a record, every byte counts. */
static void ksec_tls_refuses_altered(struct kunit *test)
{
	static const char text[] = "Plaintext";
	unsigned int cipher, version;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		for (cipher = 1; cipher <= KSEC_TLS_CIPHERS; cipher++) {
			u32 at, len = 1;

			for (at = 0; at < len; at++) {
				struct ksec_tls_pair p = ksec_tls_pair(test, version, cipher);
				struct ksec_record rec;
				s32 status;

				len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, text,
						    sizeof(text), p.p_mem);
				p.p_mem[at] ^= 1 << at % 8;
				status = ksec_tls_receive(p.p_service, p.p_mem, len, &rec);
				KUNIT_EXPECT_LT_MSG(test, status, 0, "%x, cipher %u, byte %u",
						    version, cipher, at);
				if (at < KSEC_TLS_HEAD)
					continue;
				KUNIT_EXPECT_EQ(test, status, SEC_E_MESSAGE_ALTERED);
				KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len,
								       &rec),
						SEC_E_CONTEXT_EXPIRED);
			}
		}
	}
}

/* The same record again, one of the other direction, and one that is too early */
static void ksec_tls_refuses_misplaced(struct kunit *test)
{
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	struct ksec_record rec;
	u8 copy[64];
	u32 len;

	len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "once", 4, p.p_mem);
	memcpy(copy, p.p_mem, len);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, copy, len, &rec),
			SEC_E_MESSAGE_ALTERED);

	p = ksec_tls_pair(test, KSECDD_TLS_1_2, KSECDD_TLS_CHACHA20_POLY1305);
	len = ksec_tls_send(test, p.p_service, KSEC_TLS_DATA, "back", 4, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec),
			SEC_E_MESSAGE_ALTERED);

	p = ksec_tls_pair(test, KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM);
	ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "lost", 4, p.p_mem);
	len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "next", 4, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec),
			SEC_E_MESSAGE_ALTERED);
}

/* Heads that no record has */
static void ksec_tls_judges_heads(struct kunit *test)
{
	static const struct {
		u16 version;
		u8 head[KSEC_TLS_HEAD];
		bool ok;
	} heads[] = {
		{ KSECDD_TLS_1_3, { 23, 3, 3, 0, 17 }, true },
		{ KSECDD_TLS_1_3, { 23, 3, 3, 0, 16 }, false },
		{ KSECDD_TLS_1_3, { 23, 3, 3, 0, 0 }, false },
		{ KSECDD_TLS_1_3, { 23, 3, 3, 0x41, 0 }, true },
		{ KSECDD_TLS_1_3, { 23, 3, 3, 0x41, 1 }, false },
		{ KSECDD_TLS_1_3, { 23, 3, 4, 0, 17 }, false },
		{ KSECDD_TLS_1_3, { 23, 2, 0, 0, 17 }, false },
		{ KSECDD_TLS_1_3, { 22, 3, 3, 0, 17 }, false },
		{ KSECDD_TLS_1_3, { 20, 3, 3, 0, 1 }, false },
		{ KSECDD_TLS_1_2, { 21, 3, 3, 0, 24 }, true },
		{ KSECDD_TLS_1_2, { 22, 3, 3, 0, 24 }, true },
		{ KSECDD_TLS_1_2, { 23, 3, 3, 0, 23 }, false },
		{ KSECDD_TLS_1_2, { 23, 3, 3, 0x48, 0 }, true },
		{ KSECDD_TLS_1_2, { 23, 3, 3, 0x48, 1 }, false },
		{ KSECDD_TLS_1_2, { 19, 3, 3, 0, 24 }, false },
		{ KSECDD_TLS_1_2, { 24, 3, 3, 0, 24 }, false },
		{ KSECDD_TLS_1_2, { 0xff, 3, 3, 0, 24 }, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		struct ksec_tls_pair p = ksec_tls_pair(test, heads[i].version,
						       KSECDD_TLS_AES_128_GCM);
		u32 len = 0;

		KUNIT_EXPECT_EQ_MSG(test, ksec_tls_frame(p.p_service, heads[i].head, &len),
				    heads[i].ok ? SEC_E_OK : SEC_E_ILLEGAL_MESSAGE, "head %u", i);
		if (heads[i].ok)
			KUNIT_EXPECT_EQ(test, len, 5 + get_unaligned_be16(heads[i].head + 3));
	}
}

/* RFC 8446 section 5.4: padding is no data, and there is a type in front of it. */
static void ksec_tls_takes_padding(struct kunit *test)
{
	static const u8 padded[] = { 'd', 'a', 't', 'a', KSEC_TLS_DATA, 0, 0, 0, 0, 0 };
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM);
	struct ksec_record rec;
	u32 len;

	/* The last zero is the type that is put behind it. */
	len = ksec_tls_send(test, p.p_client, 0, padded, sizeof(padded) - 1, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, rec.len, 4);
	KUNIT_EXPECT_MEMEQ(test, rec.data, padded, 4);

	memset(p.p_mem, 0, 64);
	len = ksec_tls_send(test, p.p_client, 0, p.p_mem + 64, 30, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec),
			SEC_E_ILLEGAL_MESSAGE);
}

/* Numbers do not wrap, and a key of TLS 1.3 has a limit that a KeyUpdate puts back. */
static void ksec_tls_counts_to_the_end(struct kunit *test)
{
	struct ksecdd_tls_keys given = ksec_tls_given(KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	struct ksec_tls_pair p;
	struct ksec_record rec;
	u32 len;

	given.tx.seq = U64_MAX - 1;
	given.rx.seq = U64_MAX;
	p = ksec_tls_pair_from(test, &given);
	rec = (struct ksec_record){ p.p_mem + 16, 4 };
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_CONTEXT_EXPIRED);
	ksec_tls_keys(p.p_client)->k_tx.w_seq = 0;
	len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "late", 4, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_service, p.p_mem, len, &rec),
			SEC_E_CONTEXT_EXPIRED);

	given = ksec_tls_given(KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	given.tx.seq = ksec_tls_cipher(KSECDD_TLS_AES_128_GCM)->c_limit - 1;
	p = ksec_tls_pair_from(test, &given);
	rec = (struct ksec_record){ p.p_mem + 16, 4 };
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_CONTEXT_EXPIRED);
}

/**
 * struct ksec_tls_judged - keys that a helper may set or not
 * @version: of keys that are fine
 * @at:      which byte of them is changed
 * @to:      what it becomes
 * @err:     what comes of it
 */
struct ksec_tls_judged {
	u16 version;
	u32 at;
	u8 to;
	int err;
};

#define KSEC_AT(member)	offsetof(struct ksecdd_tls_keys, member)

static const struct ksec_tls_judged ksec_tls_judgements[] = {
	{ KSECDD_TLS_1_3, KSEC_AT(suite), 0x99, 0 },
	{ KSECDD_TLS_1_3, KSEC_AT(version), 0x05, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(cipher), 0, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(cipher), 6, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(hash), 0, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(hash), 3, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(hash), KSECDD_TLS_SHA384, 0 },
	{ KSECDD_TLS_1_3, KSEC_AT(__reserved[1]), 1, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(rx.__reserved), 1, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(rx.secret[32]), 1, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(tx.key[0]), 1, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(tx.iv[11]), 1, -EINVAL },
	{ KSECDD_TLS_1_3, KSEC_AT(tx.seq), 1, 0 },
	{ KSECDD_TLS_1_2, KSEC_AT(hash), 0, 0 },
	{ KSECDD_TLS_1_2, KSEC_AT(rx.secret[0]), 1, -EINVAL },
	{ KSECDD_TLS_1_2, KSEC_AT(rx.key[16]), 1, -EINVAL },
	{ KSECDD_TLS_1_2, KSEC_AT(rx.iv[4]), 1, -EINVAL },
	{ KSECDD_TLS_1_2, KSEC_AT(rx.iv[3]), 1, 0 },
};

static void ksec_tls_judged_desc(const struct ksec_tls_judged *judged, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version %x, byte %u becomes %u", judged->version,
		 judged->at, judged->to);
}

KUNIT_ARRAY_PARAM(ksec_tls_judged, ksec_tls_judgements, ksec_tls_judged_desc);

static void ksec_tls_judges_keys(struct kunit *test)
{
	const struct ksec_tls_judged *judged = test->param_value;
	struct ksecdd_tls_keys given = ksec_tls_given(judged->version, KSECDD_TLS_AES_128_GCM);
	struct ksec_keys *keys;

	((u8 *)&given)[judged->at] = judged->to;
	keys = ksec_tls_mech.create(0, (const u8 *)&given, sizeof(given), false);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(keys), judged->err);
	if (!IS_ERR(keys))
		ksec_tls_mech.destroy(keys);
	KUNIT_EXPECT_EQ(test, PTR_ERR(ksec_tls_mech.create(1, (const u8 *)&given, sizeof(given),
							   false)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(ksec_tls_mech.create(0, (const u8 *)&given,
							   sizeof(given) - 1, false)), -EINVAL);
}

static struct kunit_case ksec_tls_record_cases[] = {
	KUNIT_CASE_PARAM(ksec_tls_makes_and_takes, ksec_tls_kat_gen_params),
	KUNIT_CASE(ksec_tls_derives),
	KUNIT_CASE(ksec_tls_refuses_altered),
	KUNIT_CASE(ksec_tls_refuses_misplaced),
	KUNIT_CASE(ksec_tls_judges_heads),
	KUNIT_CASE(ksec_tls_takes_padding),
	KUNIT_CASE(ksec_tls_counts_to_the_end),
	KUNIT_CASE_PARAM(ksec_tls_judges_keys, ksec_tls_judged_gen_params),
	{}
};

static struct kunit_suite ksec_tls_record_suite = {
	.name = "ksecdd_tls_record",
	.test_cases = ksec_tls_record_cases,
};

kunit_test_suite(ksec_tls_record_suite);
