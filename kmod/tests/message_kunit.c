// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message path: what it reads of a program's memory, and what it writes back.
 */
#include <linux/mman.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "../message.h"
#include "message_fixture.h"

static const struct ksec_spec ksec_usual[] = {
	{ DATA, 100 }, { DATA | RO, 50 }, { TOKEN, 40 }, { DATA, 1 }, { PADDING, 9 },
};

static void ksec_message_reads_all(struct kunit *test)
{
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	u32 op;

	for (op = SIGN; op <= DECRYPT; op++) {
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
		KUNIT_EXPECT_EQ(test, note->n_first[0], 1);
		KUNIT_EXPECT_EQ(test, note->n_last[0], 1);
		KUNIT_EXPECT_EQ(test, note->n_first[1], 2);
		KUNIT_EXPECT_EQ(test, note->n_last[1], 2);
		KUNIT_EXPECT_EQ(test, note->n_first[2], 4);
		/* A token that is to be made is not read. */
		if (op == VERIFY || op == DECRYPT)
			KUNIT_EXPECT_EQ(test, note->n_token, 3);
	}
}

static void ksec_message_writes_back(struct kunit *test)
{
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	u32 op;

	note->n_makes = 24;
	for (op = SIGN; op <= DECRYPT; op++) {
		bool seal = op == ENCRYPT || op == DECRYPT, make = op == SIGN || op == ENCRYPT;

		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		ksec_expect_bytes(test, &msg, 0, 0, 100, seal ? 0xfe : 1);
		ksec_expect_bytes(test, &msg, 1, 0, 50, 2);
		ksec_expect_bytes(test, &msg, 2, 0, 24, make ? KSEC_MADE : 3);
		ksec_expect_bytes(test, &msg, 2, 24, 16, 3);
		ksec_expect_bytes(test, &msg, 3, 0, 1, seal ? 0xfb : 4);
		ksec_expect_bytes(test, &msg, 4, 0, 9, 5);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 0), 100);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 1), 50);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 2), make ? 24 : 40);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 3), 1);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 4), op == ENCRYPT ? 0 : 9);
	}
}

/* Of a message that was refused, nothing is written, whatever became of the snapshot. */
static void ksec_message_refused_is_untouched(struct kunit *test)
{
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	unsigned int i;
	u32 op;

	note->n_makes = 24;
	note->n_status = SEC_E_MESSAGE_ALTERED;
	for (op = SIGN; op <= DECRYPT; op++) {
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_MESSAGE_ALTERED);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.qop, 0);
		for (i = 0; i < ARRAY_SIZE(ksec_usual); i++) {
			ksec_expect_bytes(test, &msg, i, 0, ksec_usual[i].s_len, i + 1);
			KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, i), ksec_usual[i].s_len);
		}
	}
}

static void ksec_message_stream_tells_data(struct kunit *test)
{
	static const struct ksec_spec specs[] = { { STREAM, 46 }, { EMPTY, 0 }, { DATA, 5 } };
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg = ksec_user_message(test, DECRYPT, specs, 3);
	struct ksecdd_buffer buf;

	KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
	KUNIT_ASSERT_EQ(test, msg.u_cmd.status, SEC_E_OK);
	ksec_test_read(test, &buf, &msg.u_bufs[2], sizeof(buf));
	KUNIT_EXPECT_EQ(test, buf.len, 30);
	KUNIT_EXPECT_EQ(test, buf.ptr, (uintptr_t)msg.u_mem[0] + KSEC_STREAM_TOKEN);
	KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 0), 46);
	ksec_expect_bytes(test, &msg, 0, 0, KSEC_STREAM_TOKEN, 1);
	ksec_expect_bytes(test, &msg, 0, KSEC_STREAM_TOKEN, 30, 0xfe);
	ksec_expect_bytes(test, &msg, 2, 0, 5, 3);
}

/* Where only the mechanism can tell a token from data, it finds the data. */
static void ksec_message_whole_streams(struct kunit *test)
{
	static const struct ksec_spec specs[] = { { STREAM, 46 }, { DATA, 5 } };
	struct ksec_note *note = ksec_note(test);
	struct ksec_mech mech = ksec_note_mech;
	struct ksec_user_message msg;
	struct ksecdd_buffer buf;

	mech.stream_token = 0;
	mech.headroom = 32;
	mech.tailroom = 16;
	note->n_front = 32;
	note->n_back = 16;
	for (note->n_cut = 0; note->n_cut <= 23; note->n_cut++) {
		u32 cut = note->n_cut;

		msg = ksec_user_message(test, DECRYPT, specs, 2);
		KUNIT_ASSERT_EQ(test, ksec_message_run(&mech, (struct ksec_keys *)note,
						       &msg.u_cmd), 0);
		KUNIT_ASSERT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		KUNIT_EXPECT_TRUE(test, note->n_whole);
		KUNIT_EXPECT_EQ(test, note->n_count, 1);
		KUNIT_EXPECT_EQ(test, note->n_len[0], 46);
		ksec_test_read(test, &buf, &msg.u_bufs[1], sizeof(buf));
		KUNIT_EXPECT_EQ(test, buf.len, 46 - 2 * cut);
		KUNIT_EXPECT_EQ(test, buf.ptr, (uintptr_t)msg.u_mem[0] + cut);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 0), 46);
		ksec_expect_bytes(test, &msg, 0, 0, cut, 1);
		ksec_expect_bytes(test, &msg, 0, cut, 46 - 2 * cut, 0xfe);
		ksec_expect_bytes(test, &msg, 0, 46 - cut, cut, 1);
		ksec_expect_bytes(test, &msg, 1, 0, 5, 2);
	}
}

/* What a mechanism does around the data that is sealed is nobody else's. */
static void ksec_message_room(struct kunit *test)
{
	static const struct ksec_spec specs[] = {
		{ DATA | RO, 20 }, { DATA, 100 }, { DATA | ROC, 21 }, { TOKEN, 40 },
		{ DATA, 1 }, { DATA, 30 },
	};
	struct ksec_note *note = ksec_note(test);
	struct ksec_mech mech = ksec_note_mech;
	struct ksec_user_message msg;
	u32 op;

	mech.headroom = 128;
	mech.tailroom = 64;
	note->n_front = 128;
	note->n_back = 64;
	note->n_makes = 40;
	for (op = SIGN; op <= DECRYPT; op++) {
		bool seal = op == ENCRYPT || op == DECRYPT;

		msg = ksec_user_message(test, op, specs, ARRAY_SIZE(specs));
		KUNIT_ASSERT_EQ(test, ksec_message_run(&mech, (struct ksec_keys *)note,
						       &msg.u_cmd), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		KUNIT_EXPECT_FALSE(test, note->n_whole);
		KUNIT_EXPECT_FALSE(test, note->n_apart);
		KUNIT_EXPECT_EQ(test, note->n_sealed, seal ? 131 : 0);
		KUNIT_EXPECT_FALSE(test, note->n_sign[0]);
		KUNIT_EXPECT_TRUE(test, note->n_sign[1]);
		KUNIT_EXPECT_TRUE(test, note->n_sign[2]);
		ksec_expect_bytes(test, &msg, 0, 0, 20, 1);
		ksec_expect_bytes(test, &msg, 1, 0, 100, seal ? 0xfd : 2);
		ksec_expect_bytes(test, &msg, 2, 0, 21, 3);
		ksec_expect_bytes(test, &msg, 4, 0, 1, seal ? 0xfa : 5);
		ksec_expect_bytes(test, &msg, 5, 0, 30, seal ? 0xf9 : 6);
	}
}

/* The first SECBUFFER_PADDING gets the padding, whatever the others have room for. */
static void ksec_message_padding(struct kunit *test)
{
	static const struct ksec_spec specs[] = {
		{ PADDING, 9 }, { DATA, 10 }, { TOKEN, 16 }, { PADDING, 4 },
	};
	struct ksec_note *note = ksec_note(test);
	struct ksec_mech mech = ksec_note_mech;
	struct ksec_user_message msg;
	u32 op;

	mech.padding = KSEC_MAX_PADDING;
	note->n_makes = 16;
	note->n_pads = 3;
	for (op = SIGN; op <= DECRYPT; op++) {
		bool pads = op == ENCRYPT;

		msg = ksec_user_message(test, op, specs, ARRAY_SIZE(specs));
		KUNIT_ASSERT_EQ(test, ksec_message_run(&mech, (struct ksec_keys *)note,
						       &msg.u_cmd), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		KUNIT_EXPECT_EQ(test, note->n_room_pad, KSEC_MAX_PADDING);
		if (op == VERIFY || op == DECRYPT)
			KUNIT_EXPECT_EQ(test, note->n_pad, 1);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 0), pads ? 3 : 9);
		KUNIT_EXPECT_EQ(test, ksec_test_len(test, &msg, 3), pads ? 0 : 4);
		ksec_expect_bytes(test, &msg, 0, 0, 3, pads ? KSEC_MADE : 1);
		ksec_expect_bytes(test, &msg, 0, 3, 6, 1);
		ksec_expect_bytes(test, &msg, 3, 0, 4, 4);

		/* padding that cannot be read, or written once it is made */
		msg = ksec_user_message(test, op, specs, ARRAY_SIZE(specs));
		vm_munmap((uintptr_t)msg.u_mem[0] & PAGE_MASK, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, ksec_message_run(&mech, (struct ksec_keys *)note,
						       &msg.u_cmd), op == SIGN ? 0 : -EFAULT);
	}
}

static void ksec_message_without_keys(struct kunit *test)
{
	struct ksec_user_message msg = ksec_user_message(test, SIGN, ksec_usual,
							 ARRAY_SIZE(ksec_usual));

	KUNIT_EXPECT_EQ(test, ksec_message_run(&ksec_note_mech, NULL, &msg.u_cmd), 0);
	KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_UNSUPPORTED_FUNCTION);
	msg.u_cmd.nbuffers = 0;
	KUNIT_EXPECT_EQ(test, ksec_message_run(&ksec_note_mech, NULL, &msg.u_cmd), -EINVAL);
}

/* What is not the program's memory, and whether the message was made all the same */
static void ksec_message_faults(struct kunit *test)
{
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg;
	unsigned long page;
	u32 op;

	note->n_makes = 24;
	for (op = SIGN; op <= DECRYPT; op++) {
		bool make = op == SIGN || op == ENCRYPT, seal = op == ENCRYPT || op == DECRYPT;

		/* the array, by its last byte */
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		note->n_calls = 0;
		msg.u_cmd.buffers++;
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EFAULT);
		msg.u_cmd.buffers = 0;
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EFAULT);
		msg.u_cmd.buffers = U64_MAX;
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EFAULT);
		KUNIT_EXPECT_EQ(test, note->n_calls, 0);

		/* data that cannot be read */
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		ksec_test_set_len(test, &msg, 1, 51);
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EFAULT);
		KUNIT_EXPECT_EQ(test, note->n_calls, 0);
		ksec_expect_bytes(test, &msg, 0, 0, 100, 1);

		/* a token that cannot be read, or written once it is made */
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		vm_munmap((uintptr_t)msg.u_mem[2] & PAGE_MASK, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), -EFAULT);
		KUNIT_EXPECT_EQ(test, note->n_calls, make);

		/* data that cannot be written */
		note->n_calls = 0;
		msg = ksec_user_message(test, op, ksec_usual, ARRAY_SIZE(ksec_usual));
		page = (uintptr_t)msg.u_mem[0] & PAGE_MASK;
		KUNIT_ASSERT_EQ(test, vm_mmap(NULL, page, PAGE_SIZE, PROT_READ,
					      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0), page);
		KUNIT_EXPECT_EQ(test, ksec_note_run(note, &msg), seal ? -EFAULT : 0);
		KUNIT_EXPECT_EQ(test, note->n_calls, 1);
	}
}

static struct ksec_user_message *ksec_changed;
static struct kunit *ksec_changing;

static void ksec_change_all(struct ksec_note *note)
{
	struct ksecdd_buffer buf = { .type = TOKEN, .len = 7 };
	u8 other[40];
	unsigned int i;

	memset(other, 0x77, sizeof(other));
	ksec_test_write(ksec_changing, ksec_changed->u_mem[0], other, 30);
	ksec_test_write(ksec_changing, ksec_changed->u_mem[1], other, 40);
	for (i = 0; i < 3; i++)
		ksec_test_write(ksec_changing, &ksec_changed->u_bufs[i], &buf, sizeof(buf));
	ksec_changed->u_cmd.nbuffers = 3;
}

/* What the program changes meanwhile is neither looked at nor spared. */
static void ksec_message_is_a_snapshot(struct kunit *test)
{
	static const struct ksec_spec specs[] = { { DATA, 30 }, { DATA | RO, 40 }, { TOKEN, 16 } };
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, specs, 3);

	ksec_changed = &msg;
	ksec_changing = test;
	note->n_meanwhile = ksec_change_all;
	note->n_makes = 16;
	KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
	KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
	ksec_expect_bytes(test, &msg, 0, 0, 30, 0xfe);
	ksec_expect_bytes(test, &msg, 1, 0, 40, 0x77);
	ksec_expect_bytes(test, &msg, 2, 0, 16, KSEC_MADE);
}

static void ksec_message_within(struct ksec_note *note)
{
	note->n_meanwhile = NULL;
	if (ksec_note_run(note, note->n_data))
		note->n_status = SEC_E_INTERNAL_ERROR;
}

/* A CPU has one scratch buffer, and as many messages as tasks. */
static void ksec_message_side_by_side(struct kunit *test)
{
	static const struct ksec_spec specs[] = { { DATA, 60000 }, { TOKEN, 16 } };
	struct ksec_user_message outer = ksec_user_message(test, ENCRYPT, specs, 2);
	struct ksec_user_message inner = ksec_user_message(test, DECRYPT, specs, 2);
	struct ksec_note *note = ksec_note(test);
	u8 byte = 0x0f;

	ksec_test_write(test, inner.u_mem[0], &byte, 1);
	note->n_makes = 16;
	note->n_meanwhile = ksec_message_within;
	note->n_data = &inner;
	KUNIT_ASSERT_EQ(test, ksec_note_run(note, &outer), 0);
	KUNIT_EXPECT_EQ(test, note->n_calls, 2);
	KUNIT_EXPECT_EQ(test, outer.u_cmd.status, SEC_E_OK);
	KUNIT_EXPECT_EQ(test, inner.u_cmd.status, SEC_E_OK);
	ksec_expect_bytes(test, &inner, 0, 0, 1, 0xf0);
	ksec_expect_bytes(test, &inner, 0, 1, 500, 0xfe);
	ksec_expect_bytes(test, &outer, 0, 0, 500, 0xfe);
	ksec_expect_bytes(test, &outer, 0, 59500, 500, 0xfe);
}

/* Nothing of a message is left where the next one is. */
static void ksec_message_leaves_nothing(struct kunit *test)
{
	static const struct ksec_spec small[] = { { DATA, 10 }, { TOKEN, 16 } };
	static const struct ksec_spec large[] = { { DATA, 30000 }, { TOKEN, 16 } };
	struct ksec_note *note = ksec_note(test);
	struct ksec_user_message a = ksec_user_message(test, DECRYPT, large, 2);
	struct ksec_user_message b = ksec_user_message(test, DECRYPT, small, 2);
	unsigned int round;

	/*
	 * On another CPU would be another buffer, which nobody may have used yet.
	 * The thread is this case's own and ends with it.
	 */
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current,
						   cpumask_of(raw_smp_processor_id())), 0);
	/* The first may find the memory in any state, and cleans what it uses of it. */
	KUNIT_ASSERT_EQ(test, ksec_note_run(note, &a), 0);
	for (round = 0; round < 20; round++) {
		/* whether it was fine, refused or could not be given back */
		note->n_status = round % 2 ? SEC_E_OK : SEC_E_MESSAGE_ALTERED;
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &a), 0);
		note->n_peek = large[0].s_len;
		note->n_status = SEC_E_OK;
		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &b), 0);
		KUNIT_EXPECT_FALSE(test, note->n_dirty);
		note->n_peek = 0;
	}
}

/* Lengths at which the memory comes from somewhere else */
static void ksec_message_sizes(struct kunit *test)
{
	static const u32 sizes[] = { 0, 1, PAGE_SIZE, SZ_64K - 1, SZ_64K, SZ_64K + 1, SZ_256K };
	struct ksec_note *note = ksec_note(test);
	unsigned int i;

	note->n_makes = 16;
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct ksec_spec specs[] = { { DATA, sizes[i] }, { TOKEN, 16 } };
		struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, specs, 2);
		u32 some = min(sizes[i], 100u);

		KUNIT_ASSERT_EQ(test, ksec_note_run(note, &msg), 0);
		KUNIT_EXPECT_EQ(test, msg.u_cmd.status, SEC_E_OK);
		KUNIT_EXPECT_EQ(test, note->n_len[0], sizes[i]);
		KUNIT_EXPECT_EQ(test, note->n_last[0], some ? 1 : 0);
		ksec_expect_bytes(test, &msg, 0, 0, some, 0xfe);
		ksec_expect_bytes(test, &msg, 0, sizes[i] - some, some, 0xfe);
	}
}

static struct kunit_case ksec_message_cases[] = {
	KUNIT_CASE(ksec_message_reads_all),
	KUNIT_CASE(ksec_message_writes_back),
	KUNIT_CASE(ksec_message_refused_is_untouched),
	KUNIT_CASE(ksec_message_stream_tells_data),
	KUNIT_CASE(ksec_message_whole_streams),
	KUNIT_CASE(ksec_message_room),
	KUNIT_CASE(ksec_message_padding),
	KUNIT_CASE(ksec_message_without_keys),
	KUNIT_CASE(ksec_message_faults),
	KUNIT_CASE(ksec_message_is_a_snapshot),
	KUNIT_CASE(ksec_message_side_by_side),
	KUNIT_CASE(ksec_message_leaves_nothing),
	KUNIT_CASE(ksec_message_sizes),
	{}
};

static struct kunit_suite ksec_message_suite = {
	.name = "ksecdd_message",
	.test_cases = ksec_message_cases,
};

kunit_test_suite(ksec_message_suite);
