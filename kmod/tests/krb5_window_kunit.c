// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequence window of Kerberos: which of the peer's numbers are accepted.
 */
#include <linux/bitmap.h>
#include <linux/string.h>

#include "../krb5/krb5.h"
#include "fixture.h"

#define NONE		0
#define REPLAY		KSECDD_KRB5_REPLAY_DETECT
#define SEQUENCE	KSECDD_KRB5_SEQUENCE_DETECT

/* Numbers that are looked at one after the other, and whether each is accepted */
static const struct ksec_course {
	const char *name;
	u32 flags;
	u64 first;
	unsigned int count;
	u64 seqs[8];
	const char *accepted;	/* '+' or '-' for each */
} ksec_courses[] = {
	{ "in order", REPLAY | SEQUENCE, 5, 4, { 5, 6, 7, 8 }, "++++" },
	{ "sequence: a gap", SEQUENCE, 5, 4, { 5, 7, 6, 7 }, "+-++" },
	{ "sequence: twice", SEQUENCE, 5, 3, { 5, 5, 6 }, "+-+" },
	{ "sequence counts for more", REPLAY | SEQUENCE, 0, 3, { 1, 0, 1 }, "-++" },
	{ "replay: a gap", REPLAY, 5, 6, { 5, 8, 6, 7, 9, 6 }, "+++++-" },
	{ "replay: twice", REPLAY, 5, 5, { 5, 5, 6, 5, 6 }, "+-+--" },
	{ "replay: before the first", REPLAY, 5, 4, { 4, 0, 5, 4 }, "--+-" },
	{ "replay: before the first, 64 on", REPLAY, 5, 3, { 68, 4, 5 }, "+-+" },
	{ "replay: 63 back", REPLAY, 0, 4, { 63, 0, 1, 0 }, "+++-" },
	{ "replay: 64 back", REPLAY, 0, 4, { 64, 0, 1, 0 }, "+-+-" },
	{ "replay: far ahead", REPLAY, 0, 4, { 1000, 936, 937, 0 }, "+-+-" },
	{ "replay: half a world ahead", REPLAY, 0, 3, { 1ULL << 63, 0, 1ULL << 63 }, "-++" },
	{ "replay: one step further", REPLAY, 1, 2, { (1ULL << 63), 1 }, "+-" },
	{ "replay: wraps", REPLAY, U64_MAX - 1, 6,
	  { U64_MAX - 1, 1, U64_MAX, 0, U64_MAX, 2 }, "++++-+" },
	{ "sequence: wraps", SEQUENCE, U64_MAX, 3, { U64_MAX, 0, 1 }, "+++" },
	{ "nothing is looked for", NONE, 5, 6, { 5, 5, 1, 900, 5, U64_MAX }, "++++++" },
};

KUNIT_ARRAY_PARAM_DESC(ksec_course, ksec_courses, name);

static void ksec_window_courses(struct kunit *test)
{
	const struct ksec_course *course = test->param_value;
	struct ksec_krb5_window window;
	unsigned int i, n = 0;

	KUNIT_ASSERT_EQ(test, strlen(course->accepted), course->count);
	ksec_krb5_window_init(&window, course->first);
	for (i = 0; i < course->count; i++) {
		bool want = course->accepted[i] == '+';

		KUNIT_EXPECT_EQ_MSG(test, ksec_krb5_window_accept(&window, course->seqs[i],
								  course->flags),
				    want, "number %u, %llu", i, course->seqs[i]);
		n += want;
		KUNIT_EXPECT_EQ(test, window.w_accepted, n);
	}
}

#define KSEC_NUMBERS	4096

/* Against all the numbers that were accepted, written down one by one */
static void ksec_window_random(struct kunit *test)
{
	unsigned long *seen = kunit_kzalloc(test, BITS_TO_LONGS(KSEC_NUMBERS) * sizeof(long),
					    GFP_KERNEL);
	struct rnd_state rnd = ksec_test_random();
	struct ksec_krb5_window window;
	u32 next = 0, i;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	ksec_krb5_window_init(&window, 0);
	for (i = 0; i < 20000 && next < KSEC_NUMBERS - 200; i++) {
		u32 from = next > 100 ? next - 100 : 0;
		u32 seq = from + ksec_test_below(&rnd, next - from + 1 +
						 (ksec_test_below(&rnd, 50) ? 2 : 90));
		bool want = seq >= next || (next - 1 - seq < 64 && !test_bit(seq, seen));

		KUNIT_EXPECT_EQ_MSG(test, ksec_krb5_window_accept(&window, seq, REPLAY), want,
				    "%u after %u", seq, next);
		if (!want)
			continue;
		__set_bit(seq, seen);
		next = max(next, seq + 1);
	}
	KUNIT_EXPECT_GT(test, next, 1000);
}

/* Of 32 bits, the nearest number to the one that is expected is meant. */
static void ksec_window_extends(struct kunit *test)
{
	static const struct {
		u64 next;
		u32 seq;
		u64 want;
	} cases[] = {
		{ 0, 0, 0 }, { 0, 5, 5 }, { 7, 5, 5 },
		{ 0x1fffffffeULL, 0xfffffffe, 0x1fffffffeULL },
		{ 0x1fffffffeULL, 0, 0x200000000ULL },
		{ 0x200000001ULL, 0xffffffff, 0x1ffffffffULL },
		{ 0x280000000ULL, 0xffffffff, 0x2ffffffffULL },
		{ 0x280000000ULL, 0, 0x200000000ULL },
	};
	struct ksec_krb5_window window;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ksec_krb5_window_init(&window, cases[i].next);
		KUNIT_EXPECT_EQ_MSG(test, ksec_krb5_window_extend(&window, cases[i].seq),
				    cases[i].want, "%x at %llx", cases[i].seq, cases[i].next);
	}
}

static struct kunit_case ksec_window_cases[] = {
	KUNIT_CASE_PARAM(ksec_window_courses, ksec_course_gen_params),
	KUNIT_CASE(ksec_window_random),
	KUNIT_CASE(ksec_window_extends),
	{}
};

static struct kunit_suite ksec_window_suite = {
	.name = "ksecdd_krb5_window",
	.test_cases = ksec_window_cases,
};

kunit_test_suite(ksec_window_suite);
