// SPDX-License-Identifier: GPL-2.0-only
/*
 * NTLM's message functions: known answers, and what is refused.  Whatever is refused
 * leaves the keys as they were.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "vectors/ntlm.h"

#include "fixture.h"

#define SIGN	KSECDD_MESSAGE_SIGN
#define VERIFY	KSECDD_MESSAGE_VERIFY
#define ENCRYPT	KSECDD_MESSAGE_ENCRYPT
#define DECRYPT	KSECDD_MESSAGE_DECRYPT

static const struct ntlm_kat_message ksec_seal_kats[] = NTLM_KAT_MESSAGES;

static bool ksec_seal_first(const struct ntlm_kat_message *kat)
{
	return kat == ksec_seal_kats || kat[-1].stream != kat->stream;
}

/* The first message of each stream stands for the stream. */
static const void *ksec_seal_gen_params(const void *prev, char *desc)
{
	const struct ntlm_kat_message *kat = prev ? prev + sizeof(*kat) : ksec_seal_kats;

	while (kat < ksec_seal_kats + ARRAY_SIZE(ksec_seal_kats) && !ksec_seal_first(kat))
		kat++;
	if (kat == ksec_seal_kats + ARRAY_SIZE(ksec_seal_kats))
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "stream %u, flags 0x%x", kat->stream, kat->flags);
	return kat;
}

/* A vector through one side's keys: as it is made, or as it is accepted. */
static void ksec_seal_check(struct kunit *test, struct ksec_keys *keys,
			    const struct ntlm_kat_message *kat, bool make)
{
	struct ksec_bytes before = ksec_test_hex(test, kat->before);
	struct ksec_bytes plain = ksec_test_hex(test, kat->plain);
	struct ksec_bytes after = ksec_test_hex(test, kat->after);
	struct ksec_bytes data = ksec_test_hex(test, kat->data);
	struct ksec_bytes sig = ksec_test_hex(test, kat->signature);
	struct ksec_bytes at = make ? plain : data, want = make ? data : plain;
	struct ksec_bytes untouched[] = { before, after };
	bool seal = kat->op == NTLM_KAT_SEAL;
	u8 token[KSEC_NTLM_SIGNATURE] = {};
	struct ksec_segment segments[] = {
		{ .data = before.b_data, .len = before.b_len },
		{ .data = at.b_data, .len = at.b_len, .seal = seal },
		{ .data = after.b_data, .len = after.b_len },
	};
	struct ksec_message msg = {
		.segments = segments,
		.nsegments = ARRAY_SIZE(segments),
		.token = token,
		.token_len = sizeof(token),
	};
	u32 op = make ? (seal ? ENCRYPT : SIGN) : (seal ? DECRYPT : VERIFY);

	if (!make)
		memcpy(token, sig.b_data, sizeof(token));
	KUNIT_EXPECT_EQ(test, ksec_ntlm_mech.op[op](keys, &msg), SEC_E_OK);
	KUNIT_EXPECT_MEMEQ(test, at.b_data, want.b_data, want.b_len);
	KUNIT_EXPECT_MEMEQ(test, token, sig.b_data, sizeof(token));
	KUNIT_EXPECT_EQ(test, msg.token_len, sizeof(token));
	KUNIT_EXPECT_EQ(test, msg.qop, 0);
	KUNIT_EXPECT_MEMEQ(test, before.b_data, untouched[0].b_data, before.b_len);
	KUNIT_EXPECT_MEMEQ(test, after.b_data, untouched[1].b_data, after.b_len);
}

/* Both sides make what is theirs and accept what is the other's. */
static void ksec_seal_known_answers(struct kunit *test)
{
	const struct ntlm_kat_message *first = test->param_value, *kat;
	const struct ntlm_kat_message *end = ksec_seal_kats + ARRAY_SIZE(ksec_seal_kats);
	struct ksec_keys *client, *server;

	client = ksec_test_keys_from(test, first->flags, first->key, true);
	server = ksec_test_keys_from(test, first->flags, first->key, false);
	for (kat = first; kat < end && kat->stream == first->stream; kat++) {
		ksec_seal_check(test, client, kat, kat->from_client);
		ksec_seal_check(test, server, kat, !kat->from_client);
	}
}

/* A message of the client, and what it was */
struct ksec_sealed {
	struct ksec_test_message msg;
	u8 data[40];
	u8 plain[40];
};

static void ksec_seal_make(struct kunit *test, struct ksec_keys *keys, u32 op, u32 len,
			   struct ksec_sealed *s)
{
	unsigned int i;

	KUNIT_ASSERT_LE(test, len, sizeof(s->data));
	for (i = 0; i < sizeof(s->data); i++)
		s->plain[i] = 0x20 + i;
	memcpy(s->data, s->plain, sizeof(s->data));
	s->msg = (struct ksec_test_message) {
		.t_op = op, .t_data = s->data, .t_len = len, .t_room = KSEC_NTLM_SIGNATURE,
	};
	KUNIT_ASSERT_EQ(test, ksec_test_run(keys, &s->msg), SEC_E_OK);
}

/* Tries it on @keys, and leaves @s as it is. */
static s32 ksec_seal_try(struct ksec_keys *keys, const struct ksec_sealed *s, u32 op)
{
	struct ksec_sealed copy = *s;

	copy.msg.t_op = op;
	copy.msg.t_data = copy.data;
	return ksec_test_run(keys, &copy.msg);
}

static void ksec_seal_expect_accepted(struct kunit *test, struct ksec_keys *keys,
				      struct ksec_sealed *s, u32 op)
{
	s->msg.t_op = op;
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &s->msg), SEC_E_OK);
	KUNIT_EXPECT_MEMEQ(test, s->data, s->plain, sizeof(s->data));
}

/* What a flipped bit in byte @at of the signature is: MS-NLMP 2.2.2.9.2 */
static s32 ksec_seal_flipped(unsigned int at)
{
	if (at < 4)
		return SEC_E_INVALID_TOKEN;
	return at < 12 ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE;
}

static const struct ksec_corruption {
	const char *name;
	u32 flags;
	u32 make;
	u32 take;
} ksec_corruptions[] = {
	{ "sealed", KSEC_TEST_SEAL, ENCRYPT, DECRYPT },
	{ "signed", KSEC_TEST_SEAL, SIGN, VERIFY },
	{ "sealed, no key exchange", KSEC_TEST_SEAL & ~NTLMSSP_NEGOTIATE_KEY_EXCH, ENCRYPT,
	  DECRYPT },
	{ "signed, no key exchange", KSEC_TEST_SIGN & ~NTLMSSP_NEGOTIATE_KEY_EXCH, SIGN, VERIFY },
};

KUNIT_ARRAY_PARAM_DESC(ksec_corruption, ksec_corruptions, name);

/* Every bit of data and signature, of the first message and of a later one */
static void ksec_seal_corrupted(struct kunit *test)
{
	const struct ksec_corruption *c = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, c->flags);
	struct ksec_test_state state;
	struct ksec_sealed s;
	unsigned int round, bit;

	for (round = 0; round < 3; round++) {
		ksec_seal_make(test, pair.t_client, c->make, 33, &s);
		ksec_test_state(pair.t_server, &state);
		for (bit = 0; bit < 33 * 8; bit++) {
			s.data[bit / 8] ^= 1 << bit % 8;
			KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(pair.t_server, &s, c->take),
					    SEC_E_MESSAGE_ALTERED, "bit %u of the data", bit);
			s.data[bit / 8] ^= 1 << bit % 8;
		}
		for (bit = 0; bit < KSEC_NTLM_SIGNATURE * 8; bit++) {
			s.msg.t_token[bit / 8] ^= 1 << bit % 8;
			KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(pair.t_server, &s, c->take),
					    ksec_seal_flipped(bit / 8), "bit %u of the signature",
					    bit);
			s.msg.t_token[bit / 8] ^= 1 << bit % 8;
		}
		KSEC_EXPECT_STATE(test, pair.t_server, &state, "round %u", round);
		ksec_seal_expect_accepted(test, pair.t_server, &s, c->take);
	}
}

/* One byte more or less is another message. */
static void ksec_seal_other_length(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_test_state state;
	struct ksec_sealed s;
	u32 len;

	ksec_seal_make(test, pair.t_client, ENCRYPT, 20, &s);
	ksec_test_state(pair.t_server, &state);
	for (len = 0; len <= sizeof(s.data); len++) {
		if (len == 20)
			continue;
		s.msg.t_len = len;
		KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(pair.t_server, &s, DECRYPT),
				    SEC_E_MESSAGE_ALTERED, "%u bytes", len);
	}
	KSEC_EXPECT_STATE(test, pair.t_server, &state, "after other lengths");
	s.msg.t_len = 20;
	ksec_seal_expect_accepted(test, pair.t_server, &s, DECRYPT);
}

/* Messages that are right, but not here and not now */
static void ksec_seal_misplaced(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_keys *stranger, *client = pair.t_client, *server = pair.t_server;
	struct ksec_sealed s[3], foreign;
	struct ksec_test_state state;
	unsigned int i;

	for (i = 0; i < 3; i++)
		ksec_seal_make(test, client, ENCRYPT, 10 + i, &s[i]);
	stranger = ksec_test_keys_from(test, KSEC_TEST_SEAL, "ffffffffffffffffffffffffffffffff",
				       true);
	ksec_seal_make(test, stranger, ENCRYPT, 10, &foreign);

	ksec_test_state(server, &state);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(server, &foreign, DECRYPT), SEC_E_MESSAGE_ALTERED);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(server, &s[0], VERIFY), SEC_E_MESSAGE_ALTERED);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(server, &s[1], DECRYPT), SEC_E_OUT_OF_SEQUENCE);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(server, &s[2], DECRYPT), SEC_E_OUT_OF_SEQUENCE);
	KSEC_EXPECT_STATE(test, server, &state, "before the first message");

	/* back to whom it came from: the keys of the other direction are others */
	ksec_test_state(client, &state);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(client, &s[0], DECRYPT), SEC_E_MESSAGE_ALTERED);
	KSEC_EXPECT_STATE(test, client, &state, "after its own message");

	for (i = 0; i < 3; i++) {
		struct ksec_sealed copy = s[i];

		copy.msg.t_data = copy.data;
		ksec_seal_expect_accepted(test, server, &copy, DECRYPT);
		ksec_test_state(server, &state);
		KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(server, &s[i], DECRYPT),
				    SEC_E_OUT_OF_SEQUENCE, "message %u again", i);
		KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(server, &s[0], DECRYPT),
				    SEC_E_OUT_OF_SEQUENCE, "the first after message %u", i);
		KSEC_EXPECT_STATE(test, server, &state, "after message %u", i);
	}
}

/* Sent with the number of the next: neither accepted nor a way past the cipher. */
static void ksec_seal_renumbered(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_test_state state;
	struct ksec_sealed s[2], bad;

	ksec_seal_make(test, pair.t_client, ENCRYPT, 16, &s[0]);
	ksec_seal_make(test, pair.t_client, ENCRYPT, 16, &s[1]);
	bad = s[1];
	memset(bad.msg.t_token + 12, 0, 4);
	ksec_test_state(pair.t_server, &state);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_server, &bad, DECRYPT), SEC_E_MESSAGE_ALTERED);
	KSEC_EXPECT_STATE(test, pair.t_server, &state, "after a renumbered message");
	ksec_seal_expect_accepted(test, pair.t_server, &s[0], DECRYPT);
	ksec_seal_expect_accepted(test, pair.t_server, &s[1], DECRYPT);
}

static void ksec_seal_short_tokens(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_test_pair dummy = ksec_test_pair(test, NTLMSSP_NEGOTIATE_ALWAYS_SIGN);
	struct ksec_test_state client, server;
	struct ksec_sealed s, made;
	u32 room;

	ksec_seal_make(test, pair.t_client, ENCRYPT, 8, &made);
	ksec_test_state(pair.t_client, &client);
	ksec_test_state(pair.t_server, &server);
	for (room = 0; room < KSEC_NTLM_SIGNATURE; room++) {
		s = made;
		s.msg.t_room = room;
		KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_client, &s, ENCRYPT),
				SEC_E_BUFFER_TOO_SMALL);
		KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_client, &s, SIGN),
				SEC_E_BUFFER_TOO_SMALL);
		KUNIT_EXPECT_EQ(test, ksec_seal_try(dummy.t_client, &s, SIGN),
				SEC_E_BUFFER_TOO_SMALL);
		KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_server, &s, DECRYPT),
				SEC_E_INVALID_TOKEN);
		KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_server, &s, VERIFY),
				SEC_E_INVALID_TOKEN);
		KUNIT_EXPECT_EQ(test, ksec_seal_try(dummy.t_server, &s, VERIFY),
				SEC_E_INVALID_TOKEN);
	}
	KSEC_EXPECT_STATE(test, pair.t_client, &client, "after too little room");
	KSEC_EXPECT_STATE(test, pair.t_server, &server, "after signatures that are cut off");
	/* What lies behind the signature is nobody's concern. */
	made.msg.t_room = KSEC_MAX_TRAILER;
	ksec_seal_expect_accepted(test, pair.t_server, &made, DECRYPT);
}

/* What the quality of protection may be, and what comes of it */
static const struct ksec_quality {
	const char *name;
	u32 flags;
	u32 op;
	u32 qop;
	s32 status;
	bool left;
} ksec_qualities[] = {
	{ "seal", KSEC_TEST_SEAL, ENCRYPT, 0, SEC_E_OK, false },
	{ "seal without sealing", KSEC_TEST_SEAL, ENCRYPT, SECQOP_WRAP_NO_ENCRYPT, SEC_E_OK, true },
	{ "seal with 1", KSEC_TEST_SEAL, ENCRYPT, 1, SEC_E_QOP_NOT_SUPPORTED, false },
	{ "seal with 2^31", KSEC_TEST_SEAL, ENCRYPT, 1U << 31, SEC_E_QOP_NOT_SUPPORTED, false },
	{ "sign", KSEC_TEST_SEAL, SIGN, 0, SEC_E_OK, true },
	{ "sign with 1", KSEC_TEST_SEAL, SIGN, 1, SEC_E_QOP_NOT_SUPPORTED, true },
	{ "sign without sealing", KSEC_TEST_SEAL, SIGN, SECQOP_WRAP_NO_ENCRYPT,
	  SEC_E_QOP_NOT_SUPPORTED, true },
	{ "secrecy that is not there", KSEC_TEST_SIGN, ENCRYPT, 0, SEC_E_UNSUPPORTED_FUNCTION,
	  false },
	{ "only signing asked for", KSEC_TEST_SIGN, ENCRYPT, SECQOP_WRAP_NO_ENCRYPT, SEC_E_OK,
	  true },
	{ "dummies sign with 1", NTLMSSP_NEGOTIATE_ALWAYS_SIGN, SIGN, 1, SEC_E_QOP_NOT_SUPPORTED,
	  true },
};

KUNIT_ARRAY_PARAM_DESC(ksec_quality, ksec_qualities, name);

static void ksec_seal_qualities(struct kunit *test)
{
	const struct ksec_quality *q = test->param_value;
	struct ksec_keys *keys = ksec_test_keys(test, q->flags, true);
	struct ksec_test_state state;
	char data[] = "quality";
	struct ksec_test_message msg = {
		.t_op = q->op, .t_qop = q->qop, .t_data = (u8 *)data, .t_len = sizeof(data),
		.t_room = KSEC_NTLM_SIGNATURE,
	};

	ksec_test_state(keys, &state);
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &msg), q->status);
	KUNIT_EXPECT_EQ(test, msg.t_qop, q->qop);
	if (q->status != SEC_E_OK)
		KSEC_EXPECT_STATE(test, keys, &state, "after what was refused");
	else
		KUNIT_EXPECT_EQ(test, msg.t_left, q->left);
	if (q->status != SEC_E_OK || q->left)
		KUNIT_EXPECT_STREQ(test, data, "quality");
	else
		KUNIT_EXPECT_STRNEQ(test, data, "quality");
}

/* The quality is for the receiver to know, and what was negotiated tells it. */
static void ksec_seal_quality_told(struct kunit *test)
{
	struct ksec_test_pair sealing = ksec_test_pair(test, KSEC_TEST_SEAL);
	struct ksec_test_pair signing = ksec_test_pair(test, KSEC_TEST_SIGN);
	struct ksec_sealed s;

	ksec_seal_make(test, sealing.t_client, ENCRYPT, 12, &s);
	s.msg.t_qop = 77;
	ksec_seal_expect_accepted(test, sealing.t_server, &s, DECRYPT);
	KUNIT_EXPECT_EQ(test, s.msg.t_qop, 0);
	KUNIT_EXPECT_FALSE(test, s.msg.t_left);

	/* Only VERIFY takes what was signed and not sealed. */
	ksec_seal_make(test, sealing.t_client, SIGN, 12, &s);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(sealing.t_server, &s, DECRYPT), SEC_E_MESSAGE_ALTERED);
	s.msg.t_qop = 77;
	ksec_seal_expect_accepted(test, sealing.t_server, &s, VERIFY);
	KUNIT_EXPECT_EQ(test, s.msg.t_qop, 0);

	ksec_seal_make(test, signing.t_client, SIGN, 12, &s);
	ksec_seal_expect_accepted(test, signing.t_server, &s, DECRYPT);
	KUNIT_EXPECT_EQ(test, s.msg.t_qop, SECQOP_WRAP_NO_ENCRYPT);
	KUNIT_EXPECT_TRUE(test, s.msg.t_left);
}

static void ksec_seal_dummies(struct kunit *test)
{
	struct ksec_test_pair pair = ksec_test_pair(test, NTLMSSP_NEGOTIATE_ALWAYS_SIGN);
	u64 sent, received;
	struct ksec_sealed s;
	unsigned int at;

	ksec_seal_make(test, pair.t_client, SIGN, 12, &s);
	for (at = 0; at < KSEC_NTLM_SIGNATURE; at++) {
		s.msg.t_token[at] ^= 0x10;
		KUNIT_EXPECT_EQ_MSG(test, ksec_seal_try(pair.t_server, &s, VERIFY),
				    at < 4 ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED,
				    "byte %u", at);
		s.msg.t_token[at] ^= 0x10;
	}
	ksec_ntlm_mech.counts(pair.t_server, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, 0);
	KUNIT_EXPECT_EQ(test, received, 0);
	/* They protect nothing: any data, and as often as one likes. */
	s.data[0] ^= 1;
	KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_server, &s, VERIFY), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_seal_try(pair.t_server, &s, VERIFY), SEC_E_OK);
	ksec_ntlm_mech.counts(pair.t_server, &sent, &received);
	KUNIT_EXPECT_EQ(test, received, 2);
}

static struct kunit_case ksec_seal_cases[] = {
	KUNIT_CASE_PARAM(ksec_seal_known_answers, ksec_seal_gen_params),
	KUNIT_CASE_PARAM(ksec_seal_corrupted, ksec_corruption_gen_params),
	KUNIT_CASE(ksec_seal_other_length),
	KUNIT_CASE(ksec_seal_misplaced),
	KUNIT_CASE(ksec_seal_renumbered),
	KUNIT_CASE(ksec_seal_short_tokens),
	KUNIT_CASE_PARAM(ksec_seal_qualities, ksec_quality_gen_params),
	KUNIT_CASE(ksec_seal_quality_told),
	KUNIT_CASE(ksec_seal_dummies),
	{}
};

static struct kunit_suite ksec_seal_suite = {
	.name = "ksecdd_ntlm_seal",
	.test_cases = ksec_seal_cases,
};

kunit_test_suite(ksec_seal_suite);
