// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the message path takes for a message: types, attributes, number and lengths of
 * a program's buffers.
 */
#include "message_fixture.h"

/* What a list of buffers is: refused, or a message of some segments. */
static const struct ksec_sorting {
	const char *name;
	u32 op;
	struct ksec_spec specs[5];
	s32 status;
	u32 room;
	unsigned int count;
	struct ksec_spec segments[3];	/* s_type: to be sealed */
} ksec_sortings[] = {
	{ "data, token", ENCRYPT, { { DATA, 10 }, { TOKEN, 16 } }, SEC_E_OK, 16, 1, { { 1, 10 } } },
	{ "token, data", ENCRYPT, { { TOKEN, 16 }, { DATA, 10 } }, SEC_E_OK, 16, 1, { { 1, 10 } } },
	{ "decrypt", DECRYPT, { { DATA, 10 }, { TOKEN, 16 } }, SEC_E_OK, 16, 1, { { 1, 10 } } },
	{ "sign seals nothing", SIGN, { { DATA, 10 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 0, 10 } } },
	{ "nor does verify", VERIFY, { { DATA, 10 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 0, 10 } } },
	{ "in their order", ENCRYPT, { { DATA, 3 }, { TOKEN, 16 }, { DATA, 1 }, { DATA, 2 } },
	  SEC_E_OK, 16, 3, { { 1, 3 }, { 1, 1 }, { 1, 2 } } },
	{ "read-only", ENCRYPT, { { DATA | RO, 3 }, { DATA, 4 }, { TOKEN, 16 }, { DATA | ROC, 5 } },
	  SEC_E_OK, 16, 3, { { 0, 3 }, { 1, 4 }, { 0, 5 } } },
	{ "read-only, decrypt", DECRYPT, { { DATA | ROC, 3 }, { DATA, 4 }, { TOKEN | RO, 16 } },
	  SEC_E_OK, 16, 2, { { 0, 3 }, { 1, 4 } } },
	{ "both attributes", ENCRYPT, { { DATA | RO | ROC, 3 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 0, 3 } } },
	{ "no data", SIGN, { { TOKEN, 16 } }, SEC_E_OK, 16, 0 },
	{ "empty data", ENCRYPT, { { DATA, 0 }, { TOKEN, 16 } }, SEC_E_OK, 16, 1, { { 1, 0 } } },
	{ "nothing", SIGN, { { EMPTY, 0 } }, SEC_E_INVALID_TOKEN },
	{ "no token", ENCRYPT, { { DATA, 10 } }, SEC_E_INVALID_TOKEN },
	{ "two tokens", ENCRYPT, { { TOKEN, 16 }, { DATA, 10 }, { TOKEN, 16 } },
	  SEC_E_INVALID_TOKEN },
	{ "read-only token, sign", SIGN, { { DATA, 10 }, { TOKEN | RO, 16 } },
	  SEC_E_INVALID_TOKEN },
	{ "read-only token, encrypt", ENCRYPT, { { DATA, 10 }, { TOKEN | ROC, 16 } },
	  SEC_E_INVALID_TOKEN },
	{ "read-only token, verify", VERIFY, { { DATA, 1 }, { TOKEN | ROC, 16 } },
	  SEC_E_OK, 16, 1, { { 0, 1 } } },
	{ "attribute 4", ENCRYPT, { { DATA | 0x40000000, 10 }, { TOKEN, 16 } },
	  SEC_E_INVALID_TOKEN },
	{ "attribute 2", ENCRYPT, { { EMPTY | 0x20000000, 10 }, { TOKEN, 16 } },
	  SEC_E_INVALID_TOKEN },
	{ "type 3", SIGN, { { 3, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 4", SIGN, { { 4, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 5", SIGN, { { 5, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 6", SIGN, { { 6, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 7", SIGN, { { 7, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 8", SIGN, { { 8, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "type 0xfffffff", SIGN, { { 0xfffffff, 1 }, { TOKEN, 16 } }, SEC_E_INVALID_TOKEN },
	{ "empty ones", ENCRYPT, { { EMPTY, 5 }, { DATA, 2 }, { EMPTY | RO, -1 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 1, 2 } } },
	{ "padding", ENCRYPT, { { PADDING, 5 }, { DATA, 2 }, { PADDING, -1 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 1, 2 } } },
	{ "no room for a token", SIGN, { { DATA, 2 }, { TOKEN, 0 } },
	  SEC_E_OK, 0, 1, { { 0, 2 } } },
	{ "much room", SIGN, { { DATA, 2 }, { TOKEN, 200 } },
	  SEC_E_OK, 200, 1, { { 0, 2 } } },
	{ "the longest", SIGN, { { DATA, KSECDD_MAX_MESSAGE - 16 }, { TOKEN, 16 } },
	  SEC_E_OK, 16, 1, { { 0, KSECDD_MAX_MESSAGE - 16 } } },
	{ "one byte more", SIGN, { { DATA, KSECDD_MAX_MESSAGE - 15 }, { TOKEN, 16 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "long token", SIGN, { { DATA, 2 }, { TOKEN, KSECDD_MAX_MESSAGE - 2 } },
	  SEC_E_OK, KSECDD_MAX_MESSAGE - 2, 1, { { 0, 2 } } },
	{ "longer token", SIGN, { { DATA, 2 }, { TOKEN, KSECDD_MAX_MESSAGE - 1 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "4 GiB token", SIGN, { { DATA, 2 }, { TOKEN, U32_MAX } }, SEC_E_INSUFFICIENT_MEMORY },
	{ "4 GiB", SIGN, { { DATA, U32_MAX }, { TOKEN, 16 } }, SEC_E_INSUFFICIENT_MEMORY },
	{ "2^32 in two", SIGN, { { DATA, 1U << 31 }, { DATA, 1U << 31 }, { TOKEN, 16 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "2^32 with the token", SIGN, { { DATA, U32_MAX - 15 }, { TOKEN, 16 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "stream", DECRYPT, { { STREAM, 36 }, { DATA, 99 } }, SEC_E_OK, 16, 1, { { 1, 20 } } },
	{ "stream behind", DECRYPT, { { DATA, 99 }, { EMPTY, 1 }, { STREAM, 36 } },
	  SEC_E_OK, 16, 1, { { 1, 20 } } },
	{ "stream, any length of data", DECRYPT, { { STREAM, 36 }, { DATA, -1 } },
	  SEC_E_OK, 16, 1, { { 1, 20 } } },
	{ "stream, no data in it", DECRYPT, { { STREAM, 16 }, { DATA, 0 } },
	  SEC_E_OK, 16, 1, { { 1, 0 } } },
	{ "stream, short", DECRYPT, { { STREAM, 15 }, { DATA, 0 } }, SEC_E_INVALID_TOKEN },
	{ "stream, empty", DECRYPT, { { STREAM, 0 }, { DATA, 0 } }, SEC_E_INVALID_TOKEN },
	{ "stream, long", DECRYPT, { { STREAM, KSECDD_MAX_MESSAGE }, { DATA, 0 } },
	  SEC_E_OK, 16, 1, { { 1, KSECDD_MAX_MESSAGE - 16 } } },
	{ "stream, longer", DECRYPT, { { STREAM, KSECDD_MAX_MESSAGE + 1 }, { DATA, 0 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "stream, 4 GiB", DECRYPT, { { STREAM, U32_MAX }, { DATA, 0 } },
	  SEC_E_INSUFFICIENT_MEMORY },
	{ "stream alone", DECRYPT, { { STREAM, 36 } }, SEC_E_INVALID_TOKEN },
	{ "stream and token", DECRYPT, { { STREAM, 36 }, { TOKEN, 16 }, { DATA, 0 } },
	  SEC_E_INVALID_TOKEN },
	{ "stream and two of data", DECRYPT, { { STREAM, 36 }, { DATA, 0 }, { DATA, 0 } },
	  SEC_E_INVALID_TOKEN },
	{ "two streams", DECRYPT, { { STREAM, 36 }, { STREAM, 36 }, { DATA, 0 } },
	  SEC_E_INVALID_TOKEN },
	{ "read-only stream", DECRYPT, { { STREAM | RO, 36 }, { DATA, 0 } }, SEC_E_INVALID_TOKEN },
	{ "stream, encrypt", ENCRYPT, { { STREAM, 36 }, { DATA, 20 } }, SEC_E_INVALID_TOKEN },
	{ "stream, sign", SIGN, { { STREAM, 36 }, { DATA, 20 } }, SEC_E_INVALID_TOKEN },
	{ "stream, verify", VERIFY, { { STREAM, 36 }, { DATA, 20 } }, SEC_E_INVALID_TOKEN },
};

KUNIT_ARRAY_PARAM_DESC(ksec_sorting, ksec_sortings, name);

static unsigned int ksec_specs(const struct ksec_spec *specs, unsigned int most)
{
	unsigned int n = 0;

	while (n < most && (specs[n].s_type || specs[n].s_len))
		n++;
	return n ?: 1;
}

static void ksec_sort_sorts(struct kunit *test)
{
	const struct ksec_sorting *s = test->param_value;
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	unsigned int i, n;

	n = ksec_specs(s->specs, ARRAY_SIZE(s->specs));
	msg = ksec_user_message(test, s->op, s->specs, n);
	msg.u_cmd.qop = 5;
	msg.u_cmd.seq = 6;
	KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
	KUNIT_EXPECT_EQ(test, msg.u_cmd.status, s->status);
	KUNIT_EXPECT_EQ(test, note->n_calls, s->status == SEC_E_OK);
	if (s->status != SEC_E_OK) {
		KUNIT_EXPECT_EQ(test, msg.u_cmd.qop, 5);
		return;
	}
	KUNIT_EXPECT_EQ(test, note->n_op, s->op);
	KUNIT_EXPECT_EQ(test, note->n_qop, 5);
	KUNIT_EXPECT_EQ(test, note->n_seq, 6);
	KUNIT_EXPECT_EQ(test, msg.u_cmd.qop, 7);
	KUNIT_EXPECT_EQ(test, note->n_room, s->room);
	KUNIT_ASSERT_EQ(test, note->n_count, s->count);
	for (i = 0; i < s->count; i++) {
		KUNIT_EXPECT_EQ(test, note->n_len[i], s->segments[i].s_len);
		KUNIT_EXPECT_EQ(test, note->n_seal[i], s->segments[i].s_type);
	}
}

static void ksec_sort_counts(struct kunit *test)
{
	struct ksec_spec *specs = kunit_kcalloc(test, KSECDD_MAX_BUFFERS, sizeof(*specs),
						GFP_KERNEL);
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	unsigned int i, n;

	KUNIT_ASSERT_NOT_NULL(test, specs);
	for (i = 0; i < KSECDD_MAX_BUFFERS; i++)
		specs[i] = (struct ksec_spec) { DATA, i };
	specs[0] = (struct ksec_spec) { TOKEN, 16 };
	note->n_makes = 16;
	for (n = 1; n <= KSECDD_MAX_BUFFERS; n += n < 6 ? 1 : 29) {
		msg = ksec_user_message(test, ENCRYPT, specs, n);
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		KUNIT_EXPECT_EQ(test, note->n_count, n - 1);
		for (i = 1; i < n; i++) {
			KUNIT_EXPECT_EQ(test, note->n_len[i - 1], i);
			KUNIT_EXPECT_EQ(test, note->n_first[i - 1], i + 1);
			ksec_expect_bytes(test, &msg, i, 0, i, ~(i + 1));
		}
	}
	note->n_calls = 0;
	msg.u_cmd.nbuffers = 0;
	KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EINVAL);
	msg.u_cmd.nbuffers = KSECDD_MAX_BUFFERS + 1;
	KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EINVAL);
	msg.u_cmd.nbuffers = U32_MAX;
	KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EINVAL);
	msg.u_cmd.nbuffers = 2;
	msg.u_cmd.op = ARRAY_SIZE(ksec_note_mech.op);
	KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EINVAL);
	msg.u_cmd.op = U32_MAX;
	KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EINVAL);
	KUNIT_EXPECT_EQ(test, note->n_calls, 0);
}

static struct kunit_case ksec_sort_cases[] = {
	KUNIT_CASE_PARAM(ksec_sort_sorts, ksec_sorting_gen_params),
	KUNIT_CASE(ksec_sort_counts),
	{}
};

static struct kunit_suite ksec_sort_suite = {
	.name = "ksecdd_message_sort",
	.test_cases = ksec_sort_cases,
};

kunit_test_suite(ksec_sort_suite);
