// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of NTLM's sequence numbers.  They are 32 bits, and a context ends with its
 * 2^32nd message: if they came round, there would be two messages with the same one,
 * and without key exchange nothing else to tell them apart.
 */
#include <linux/string.h>
#include <linux/unaligned.h>

#include "fixture.h"

#define SIGN	KSECDD_MESSAGE_SIGN
#define VERIFY	KSECDD_MESSAGE_VERIFY
#define ENCRYPT	KSECDD_MESSAGE_ENCRYPT
#define DECRYPT	KSECDD_MESSAGE_DECRYPT

#define KSEC_NUMBERS	(U32_MAX + 1ULL)

static const struct ksec_kind {
	const char *name;
	u32 flags;
	u32 make;
	u32 take;
} ksec_kinds[] = {
	{ "sealed", KSEC_TEST_SEAL, ENCRYPT, DECRYPT },
	{ "signed", KSEC_TEST_SEAL, SIGN, VERIFY },
	{ "sealed, no key exchange", KSEC_TEST_SEAL & ~NTLMSSP_NEGOTIATE_KEY_EXCH, ENCRYPT,
	  DECRYPT },
	{ "signed, no key exchange", KSEC_TEST_SIGN & ~NTLMSSP_NEGOTIATE_KEY_EXCH, SIGN, VERIFY },
};

KUNIT_ARRAY_PARAM_DESC(ksec_kind, ksec_kinds, name);

/* As after @seq messages from client to server */
static void ksec_sequence_set(struct ksec_test_pair *pair, u64 seq)
{
	ksec_ntlm_keys(pair->t_client)->k_send.d_seq = seq;
	ksec_ntlm_keys(pair->t_server)->k_receive.d_seq = seq;
}

static struct ksec_test_message ksec_sequence_message(u32 op, u8 data[16])
{
	memcpy(data, "sequence numbers", 16);
	return (struct ksec_test_message) {
		.t_op = op, .t_data = data, .t_len = 16, .t_room = KSEC_NTLM_SIGNATURE,
	};
}

static u32 ksec_sequence_of(const struct ksec_test_message *msg)
{
	return get_unaligned_le32(msg->t_token + 12);
}

static void ksec_sequence_pass(struct kunit *test, struct ksec_keys *from, struct ksec_keys *to,
			       const struct ksec_kind *kind, u32 seq)
{
	u8 data[16];
	struct ksec_test_message msg = ksec_sequence_message(kind->make, data);

	KUNIT_ASSERT_EQ(test, ksec_test_run(from, &msg), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_sequence_of(&msg), seq);
	msg.t_op = kind->take;
	KUNIT_ASSERT_EQ(test, ksec_test_run(to, &msg), SEC_E_OK);
	KUNIT_EXPECT_MEMEQ(test, data, "sequence numbers", 16);
}

/* The last numbers are good for messages, and nothing comes after them. */
static void ksec_sequence_ends(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, kind->flags);
	struct ksec_test_state client, server;
	struct ksec_test_message msg;
	u64 sent, received, seq;
	u8 data[16], token[KSEC_NTLM_SIGNATURE];
	unsigned int again;

	ksec_sequence_set(&pair, KSEC_NUMBERS - 3);
	for (seq = KSEC_NUMBERS - 3; seq < KSEC_NUMBERS; seq++)
		ksec_sequence_pass(test, pair.t_client, pair.t_server, kind, seq);
	ksec_test_state(pair.t_client, &client);
	ksec_test_state(pair.t_server, &server);
	for (again = 0; again < 3; again++) {
		msg = ksec_sequence_message(kind->make, data);
		memset(msg.t_token, 0x11, sizeof(msg.t_token));
		memcpy(token, msg.t_token, sizeof(token));
		KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_client, &msg), SEC_E_CONTEXT_EXPIRED);
		KUNIT_EXPECT_MEMEQ(test, data, "sequence numbers", 16);
		KUNIT_EXPECT_MEMEQ(test, msg.t_token, token, sizeof(token));

		/* Whatever number it has */
		for (seq = 0; seq <= KSEC_NUMBERS; seq += KSEC_NUMBERS / 4) {
			msg = ksec_sequence_message(kind->take, data);
			put_unaligned_le32(1, msg.t_token);
			put_unaligned_le32(seq - 1, msg.t_token + 12);
			KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &msg),
					SEC_E_CONTEXT_EXPIRED);
		}
	}
	KSEC_EXPECT_STATE(test, pair.t_client, &client, "after the end");
	KSEC_EXPECT_STATE(test, pair.t_server, &server, "after the end");
	ksec_ntlm_mech.counts(pair.t_client, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, KSEC_NUMBERS);
	KUNIT_EXPECT_EQ(test, received, 0);
	ksec_ntlm_mech.counts(pair.t_server, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, 0);
	KUNIT_EXPECT_EQ(test, received, KSEC_NUMBERS);
}

/*
 * The very first message again, after 2^32 others.  Without key exchange and with
 * nothing sealed its signature would be right once more.
 */
static void ksec_sequence_does_not_wrap(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, kind->flags);
	struct ksec_test_state server;
	struct ksec_test_message first, copy;
	u8 data[16], bytes[16];

	first = ksec_sequence_message(kind->make, data);
	KUNIT_ASSERT_EQ(test, ksec_test_run(pair.t_client, &first), SEC_E_OK);
	first.t_op = kind->take;
	first.t_data = bytes;

	copy = first;
	memcpy(bytes, data, sizeof(bytes));
	ksec_test_state(pair.t_server, &server);
	KUNIT_ASSERT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_OK);

	/* with the cipher where it was, as if it came round as well */
	ksec_ntlm_keys(pair.t_server)->k_receive.d_seal = server.t_receive.t_seal;
	ksec_sequence_set(&pair, KSEC_NUMBERS);
	ksec_test_state(pair.t_server, &server);
	copy = first;
	memcpy(bytes, data, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_CONTEXT_EXPIRED);
	KSEC_EXPECT_STATE(test, pair.t_server, &server, "after the first message came again");
}

/* The last number is not accepted twice either. */
static void ksec_sequence_last_once(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, kind->flags);
	struct ksec_test_message msg, copy;
	u8 data[16], bytes[16];

	ksec_sequence_set(&pair, U32_MAX);
	msg = ksec_sequence_message(kind->make, data);
	KUNIT_ASSERT_EQ(test, ksec_test_run(pair.t_client, &msg), SEC_E_OK);
	msg.t_op = kind->take;
	msg.t_data = bytes;

	/* before, a forged one of that number is refused and does not use it up */
	copy = msg;
	memcpy(bytes, data, sizeof(bytes));
	bytes[3] ^= 1;
	KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_MESSAGE_ALTERED);
	copy = msg;
	memcpy(bytes, data, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_OK);
	copy = msg;
	memcpy(bytes, data, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_CONTEXT_EXPIRED);
}

/* The end of one direction is not the end of the other. */
static void ksec_sequence_other_direction(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, kind->flags);
	struct ksec_test_message msg;
	u8 data[16];
	u32 seq;

	ksec_sequence_set(&pair, KSEC_NUMBERS);
	for (seq = 0; seq < 3; seq++) {
		msg = ksec_sequence_message(kind->make, data);
		KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_client, &msg), SEC_E_CONTEXT_EXPIRED);
		ksec_sequence_pass(test, pair.t_server, pair.t_client, kind, seq);
	}
}

/* All four bytes of the number count, in the signature and under it. */
static void ksec_sequence_all_bytes(struct kunit *test)
{
	const struct ksec_kind *kind = test->param_value;
	struct ksec_test_pair pair = ksec_test_pair(test, kind->flags);
	struct ksec_test_message msg, copy;
	u8 data[16], bytes[16];
	unsigned int bit;

	ksec_sequence_set(&pair, 0x01020304);
	msg = ksec_sequence_message(kind->make, data);
	KUNIT_ASSERT_EQ(test, ksec_test_run(pair.t_client, &msg), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_sequence_of(&msg), 0x01020304);
	msg.t_op = kind->take;
	msg.t_data = bytes;
	for (bit = 0; bit < 32; bit++) {
		ksec_sequence_set(&pair, 0x01020304 ^ 1U << bit);
		copy = msg;
		memcpy(bytes, data, sizeof(bytes));
		KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_OUT_OF_SEQUENCE);
		put_unaligned_le32(0x01020304 ^ 1U << bit, copy.t_token + 12);
		memcpy(bytes, data, sizeof(bytes));
		KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &copy), SEC_E_MESSAGE_ALTERED);
	}
	ksec_sequence_set(&pair, 0x01020304);
	memcpy(bytes, data, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, ksec_test_run(pair.t_server, &msg), SEC_E_OK);
}

/* Dummy signatures have no numbers, so there is no end; they are counted further. */
static void ksec_sequence_dummies(struct kunit *test)
{
	static const struct ksec_kind kind = { "", 0, SIGN, VERIFY };
	struct ksec_test_pair pair = ksec_test_pair(test, NTLMSSP_NEGOTIATE_ALWAYS_SIGN);
	u64 sent, received;

	ksec_sequence_set(&pair, KSEC_NUMBERS - 1);
	ksec_sequence_pass(test, pair.t_client, pair.t_server, &kind, 0);
	ksec_sequence_pass(test, pair.t_client, pair.t_server, &kind, 0);
	ksec_ntlm_mech.counts(pair.t_client, &sent, &received);
	KUNIT_EXPECT_EQ(test, sent, KSEC_NUMBERS + 1);
	ksec_ntlm_mech.counts(pair.t_server, &sent, &received);
	KUNIT_EXPECT_EQ(test, received, KSEC_NUMBERS + 1);
}

static struct kunit_case ksec_sequence_cases[] = {
	KUNIT_CASE_PARAM(ksec_sequence_ends, ksec_kind_gen_params),
	KUNIT_CASE_PARAM(ksec_sequence_does_not_wrap, ksec_kind_gen_params),
	KUNIT_CASE_PARAM(ksec_sequence_last_once, ksec_kind_gen_params),
	KUNIT_CASE_PARAM(ksec_sequence_other_direction, ksec_kind_gen_params),
	KUNIT_CASE_PARAM(ksec_sequence_all_bytes, ksec_kind_gen_params),
	KUNIT_CASE(ksec_sequence_dummies),
	{}
};

static struct kunit_suite ksec_sequence_suite = {
	.name = "ksecdd_ntlm_sequence",
	.test_cases = ksec_sequence_cases,
};

kunit_test_suite(ksec_sequence_suite);
