// SPDX-License-Identifier: GPL-2.0-only
/*
 * NTLM's message functions on random messages: however a message is cut into
 * buffers, it is the same message; and whatever goes wrong on the way, the two sides
 * stay together.
 */
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "fixture.h"

#define SIGN	KSECDD_MESSAGE_SIGN
#define VERIFY	KSECDD_MESSAGE_VERIFY
#define ENCRYPT	KSECDD_MESSAGE_ENCRYPT
#define DECRYPT	KSECDD_MESSAGE_DECRYPT

/* Some of which hash and cipher take in several pieces */
#define KSEC_MOST	(2 * SZ_4K + 100)
#define KSEC_SEGMENTS	8

/**
 * struct ksec_random - a random message
 * @r_plain: the data
 * @r_data:  what is made of it
 * @r_segs:  how it is cut
 * @r_nsegs: into how many
 * @r_len:   bytes of the data
 * @r_token: signature
 */
struct ksec_random {
	u8 *r_plain;
	u8 *r_data;
	struct ksec_segment r_segs[KSEC_SEGMENTS];
	unsigned int r_nsegs;
	u32 r_len;
	u8 r_token[KSEC_NTLM_SIGNATURE];
};

static void ksec_random_begin(struct kunit *test, struct ksec_random *r)
{
	r->r_plain = kunit_kmalloc(test, KSEC_MOST, GFP_KERNEL);
	r->r_data = kunit_kmalloc(test, KSEC_MOST, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r->r_plain);
	KUNIT_ASSERT_NOT_NULL(test, r->r_data);
}

/* Mostly short, sometimes long, sometimes just at the end of a piece */
static u32 ksec_random_length(struct rnd_state *rnd)
{
	switch (ksec_test_below(rnd, 8)) {
	case 0:
		return ksec_test_below(rnd, KSEC_MOST + 1);
	case 1:
		return SZ_4K - 1 + ksec_test_below(rnd, 3);
	default:
		return ksec_test_below(rnd, 300);
	}
}

/* The data in r_data, cut at random; @seal: -1 - each buffer at random, too */
static void ksec_random_cut(struct rnd_state *rnd, struct ksec_random *r, int seal)
{
	u32 done = 0, n;

	r->r_nsegs = 0;
	while (r->r_nsegs < KSEC_SEGMENTS - 1 && done < r->r_len) {
		n = ksec_test_below(rnd, r->r_len - done + 1);
		r->r_segs[r->r_nsegs++] = (struct ksec_segment) {
			.data = r->r_data + done,
			.len = n,
			.seal = seal < 0 ? ksec_test_below(rnd, 2) : seal,
		};
		done += n;
	}
	r->r_segs[r->r_nsegs++] = (struct ksec_segment) {
		.data = r->r_data + done, .len = r->r_len - done, .seal = seal,
	};
}

static void ksec_random_data(struct rnd_state *rnd, struct ksec_random *r)
{
	r->r_len = ksec_random_length(rnd);
	prandom_bytes_state(rnd, r->r_plain, r->r_len);
	memcpy(r->r_data, r->r_plain, r->r_len);
}

static s32 ksec_random_run(struct ksec_keys *keys, u32 op, struct ksec_random *r)
{
	struct ksec_message msg = {
		.segments = r->r_segs,
		.nsegments = r->r_nsegs,
		.token = r->r_token,
		.token_len = sizeof(r->r_token),
	};

	return ksec_ntlm_mech.op[op](keys, &msg);
}

/* One side cuts, the other does not: the same bytes, the same signature, the same state. */
static void ksec_random_pieces_are_one(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	struct ksec_keys *cut = ksec_test_keys(test, KSEC_TEST_SEAL, true);
	struct ksec_keys *whole = ksec_test_keys(test, KSEC_TEST_SEAL, true);
	struct ksec_keys *peer = ksec_test_keys(test, KSEC_TEST_SEAL, false);
	struct ksec_test_state state;
	struct ksec_random a = {}, b = {};
	unsigned int round;

	ksec_random_begin(test, &a);
	ksec_random_begin(test, &b);
	for (round = 0; round < 150; round++) {
		bool seal = ksec_test_below(&rnd, 4);

		ksec_random_data(&rnd, &a);
		ksec_random_cut(&rnd, &a, seal);
		b.r_len = a.r_len;
		memcpy(b.r_data, a.r_plain, a.r_len);
		b.r_nsegs = 1;
		b.r_segs[0] = (struct ksec_segment) {
			.data = b.r_data, .len = b.r_len, .seal = seal,
		};
		KUNIT_ASSERT_EQ(test, ksec_random_run(cut, seal ? ENCRYPT : SIGN, &a), SEC_E_OK);
		KUNIT_ASSERT_EQ(test, ksec_random_run(whole, seal ? ENCRYPT : SIGN, &b), SEC_E_OK);
		KUNIT_ASSERT_MEMEQ_MSG(test, a.r_data, b.r_data, a.r_len,
				       "round %u, %u bytes in %u", round, a.r_len, a.r_nsegs);
		KUNIT_ASSERT_MEMEQ_MSG(test, a.r_token, b.r_token, sizeof(a.r_token), "round %u",
				       round);
		ksec_test_state(whole, &state);
		KSEC_EXPECT_STATE(test, cut, &state, "round %u", round);

		/* and the receiver cuts in yet another way */
		ksec_random_cut(&rnd, &a, seal);
		KUNIT_ASSERT_EQ(test, ksec_random_run(peer, seal ? DECRYPT : VERIFY, &a), SEC_E_OK);
		KUNIT_ASSERT_MEMEQ_MSG(test, a.r_data, a.r_plain, a.r_len, "round %u", round);
	}
}

/* Read-only buffers anywhere: they come through as they are, and are signed. */
static void ksec_random_read_only(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_test_state state;
	u8 *sealed = kunit_kmalloc(test, KSEC_MOST, GFP_KERNEL);
	struct ksec_random r = {};
	unsigned int round, i;
	u32 at;

	KUNIT_ASSERT_NOT_NULL(test, sealed);
	ksec_random_begin(test, &r);
	for (round = 0; round < 100; round++) {
		ksec_random_data(&rnd, &r);
		ksec_random_cut(&rnd, &r, -1);
		KUNIT_ASSERT_EQ(test, ksec_random_run(pair.t_client, ENCRYPT, &r), SEC_E_OK);
		for (i = 0; i < r.r_nsegs; i++) {
			const struct ksec_segment *seg = &r.r_segs[i];
			const u8 *plain = r.r_plain + (seg->data - r.r_data);

			if (!seg->seal)
				KUNIT_EXPECT_MEMEQ_MSG(test, seg->data, plain, seg->len,
						       "round %u, buffer %u", round, i);
			else if (seg->len >= 16)
				KUNIT_EXPECT_MEMNEQ_MSG(test, seg->data, plain, seg->len,
							"round %u, buffer %u", round, i);
		}

		memcpy(sealed, r.r_data, r.r_len);
		if (r.r_len) {
			/* What is wrong in any of them is wrong with all. */
			at = ksec_test_below(&rnd, r.r_len);
			r.r_data[at] ^= 1 << ksec_test_below(&rnd, 8);
			ksec_test_state(pair.t_server, &state);
			KUNIT_EXPECT_EQ_MSG(test, ksec_random_run(pair.t_server, DECRYPT, &r),
					    SEC_E_MESSAGE_ALTERED, "round %u, byte %u", round, at);
			KSEC_EXPECT_STATE(test, pair.t_server, &state, "round %u", round);
			memcpy(r.r_data, sealed, r.r_len);
		}
		KUNIT_ASSERT_EQ(test, ksec_random_run(pair.t_server, DECRYPT, &r), SEC_E_OK);
		KUNIT_ASSERT_MEMEQ_MSG(test, r.r_data, r.r_plain, r.r_len, "round %u", round);
	}
}

/* What may happen to a message before it arrives */
enum { KSEC_FATE_ARRIVES, KSEC_FATE_FORGED, KSEC_FATE_AGAIN, KSEC_FATE_EARLY, KSEC_NR_FATES };

/*
 * A long connection in both directions, with seals and signatures, on which somebody
 * interferes.  The good message is accepted whatever came before it.
 */
static void ksec_random_connection(struct kunit *test, u32 flags)
{
	static const s32 refusals[KSEC_NR_FATES] = {
		[KSEC_FATE_FORGED] = SEC_E_MESSAGE_ALTERED,
		[KSEC_FATE_AGAIN] = SEC_E_OUT_OF_SEQUENCE,
		[KSEC_FATE_EARLY] = SEC_E_OUT_OF_SEQUENCE,
	};
	struct rnd_state rnd = ksec_test_random();
	struct ksec_test_pair pair = ksec_test_pair(test, flags);
	struct ksec_keys *ends[] = { pair.t_client, pair.t_server };
	u64 counts[2] = {}, sent, received;
	struct ksec_random r = {};
	u8 *data;
	unsigned int round;

	ksec_random_begin(test, &r);
	data = kunit_kmalloc(test, KSEC_MOST, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	for (round = 0; round < 300; round++) {
		unsigned int from = ksec_test_below(&rnd, 2), fate;
		bool seal = flags & NTLMSSP_NEGOTIATE_SEAL && ksec_test_below(&rnd, 2);

		ksec_random_data(&rnd, &r);
		r.r_len = min(r.r_len, 500u);
		ksec_random_cut(&rnd, &r, seal);
		KUNIT_ASSERT_EQ(test, ksec_random_run(ends[from], seal ? ENCRYPT : SIGN, &r),
				SEC_E_OK);
		memcpy(data, r.r_data, r.r_len);
		while ((fate = ksec_test_below(&rnd, KSEC_NR_FATES)) != KSEC_FATE_ARRIVES) {
			u8 token[KSEC_NTLM_SIGNATURE];
			u32 at = ksec_test_below(&rnd, r.r_len + 8);

			memcpy(token, r.r_token, sizeof(token));
			if (fate == KSEC_FATE_AGAIN)
				put_unaligned_le32(counts[from] - 1, r.r_token + 12);
			else if (fate == KSEC_FATE_EARLY)
				put_unaligned_le32(counts[from] + 1, r.r_token + 12);
			else if (at < r.r_len)
				r.r_data[at] ^= 0x40;
			else
				r.r_token[4 + at - r.r_len] ^= 0x40;
			KUNIT_ASSERT_EQ_MSG(test, ksec_random_run(ends[!from],
								  seal ? DECRYPT : VERIFY, &r),
					    refusals[fate], "round %u, fate %u", round, fate);
			memcpy(r.r_data, data, r.r_len);
			memcpy(r.r_token, token, sizeof(token));
		}
		KUNIT_ASSERT_EQ_MSG(test, ksec_random_run(ends[!from], seal ? DECRYPT : VERIFY, &r),
				    SEC_E_OK, "round %u", round);
		KUNIT_ASSERT_MEMEQ_MSG(test, r.r_data, r.r_plain, r.r_len, "round %u", round);
		counts[from]++;
	}
	ksec_ntlm_mech.counts(pair.t_client, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, counts[0]);
	KUNIT_EXPECT_EQ(test, received, counts[1]);
	ksec_ntlm_mech.counts(pair.t_server, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, counts[1]);
	KUNIT_EXPECT_EQ(test, received, counts[0]);
}

static const struct ksec_kind {
	const char *name;
	u32 flags;
} ksec_kinds[] = {
	{ "sealing", KSEC_TEST_SEAL },
	{ "sealing, no key exchange", KSEC_TEST_SEAL & ~NTLMSSP_NEGOTIATE_KEY_EXCH },
	{ "signing", KSEC_TEST_SIGN },
	{ "signing, no key exchange", KSEC_TEST_SIGN & ~NTLMSSP_NEGOTIATE_KEY_EXCH },
};

KUNIT_ARRAY_PARAM_DESC(ksec_kind, ksec_kinds, name);

static void ksec_random_connections(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;

	ksec_random_connection(test, kind->flags);
}

/* The longest message there is, in one buffer and in as many as there may be */
static void ksec_random_longest(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct rnd_state rnd = ksec_test_random();
	u32 len = KSECDD_MAX_MESSAGE - KSEC_NTLM_SIGNATURE, step = len / KSECDD_MAX_BUFFERS;
	struct ksec_segment *segments;
	u8 token[KSEC_NTLM_SIGNATURE], *data, *plain;
	struct ksec_message msg = { .token = token, .token_len = sizeof(token) };
	unsigned int i;

	segments = kunit_kcalloc(test, KSECDD_MAX_BUFFERS, sizeof(*segments), GFP_KERNEL);
	data = kunit_kmalloc(test, len, GFP_KERNEL);
	plain = kunit_kmalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, segments);
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_NOT_NULL(test, plain);
	prandom_bytes_state(&rnd, plain, len);
	memcpy(data, plain, len);

	segments[0] = (struct ksec_segment) { .data = data, .len = len, .seal = true };
	msg.segments = segments;
	msg.nsegments = 1;
	KUNIT_ASSERT_EQ(test, ksec_ntlm_mech.op[ENCRYPT](pair.t_client, &msg), SEC_E_OK);
	KUNIT_EXPECT_MEMNEQ(test, data, plain, len);
	for (i = 0; i < KSECDD_MAX_BUFFERS; i++)
		segments[i] = (struct ksec_segment) {
			.data = data + i * step, .len = step, .seal = true,
		};
	segments[KSECDD_MAX_BUFFERS - 1].len = len - (KSECDD_MAX_BUFFERS - 1) * step;
	msg.nsegments = KSECDD_MAX_BUFFERS;
	KUNIT_ASSERT_EQ(test, ksec_ntlm_mech.op[DECRYPT](pair.t_server, &msg), SEC_E_OK);
	/* not MEMEQ, which would print all of it */
	KUNIT_EXPECT_EQ(test, memcmp(data, plain, len), 0);
}

static struct kunit_case ksec_random_cases[] = {
	KUNIT_CASE(ksec_random_pieces_are_one),
	KUNIT_CASE(ksec_random_read_only),
	KUNIT_CASE_PARAM(ksec_random_connections, ksec_kind_gen_params),
	KUNIT_CASE(ksec_random_longest),
	{}
};

static struct kunit_suite ksec_random_suite = {
	.name = "ksecdd_ntlm_random",
	.test_cases = ksec_random_cases,
};

kunit_test_suite(ksec_random_suite);
