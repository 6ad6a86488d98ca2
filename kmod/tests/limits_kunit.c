// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits: counted exactly, and what was refused is not counted.
 */
#include "fixture.h"

/* Nobody else has these uids. */
#define KSEC_UID	KUIDT_INIT(4811)
#define KSEC_OTHER_UID	KUIDT_INIT(4812)

static void ksec_limits_charge(struct kunit *test)
{
	atomic_t counter = ATOMIC_INIT(0);
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&counter), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, ksec_charge(&counter, 3));
	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, 3));
	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, 3));
	KUNIT_EXPECT_EQ(test, atomic_read(&counter), 3);
	/* A limit that was lowered meanwhile */
	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, 1));
	ksec_uncharge(&counter);
	KUNIT_EXPECT_TRUE(test, ksec_charge(&counter, 3));
	KUNIT_EXPECT_TRUE(test, ksec_charge(&counter, UINT_MAX));
	KUNIT_EXPECT_EQ(test, atomic_read(&counter), 4);
}

/* Counters are unsigned: past INT_MAX a limit is still one. */
static void ksec_limits_charge_large(struct kunit *test)
{
	atomic_t counter = ATOMIC_INIT(INT_MAX);

	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, INT_MAX));
	KUNIT_EXPECT_EQ(test, atomic_read(&counter), INT_MAX);
	KUNIT_EXPECT_TRUE(test, ksec_charge(&counter, UINT_MAX));
	KUNIT_EXPECT_FALSE(test, ksec_charge(&counter, INT_MAX));
}

static void ksec_limits_users(struct kunit *test)
{
	struct ksec_user *one = ksec_user_get(KSEC_UID);
	struct ksec_user *again = ksec_user_get(KSEC_UID);
	struct ksec_user *other = ksec_user_get(KSEC_OTHER_UID);

	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_PTR_EQ(test, one, again);
	KUNIT_EXPECT_PTR_NE(test, one, other);
	KUNIT_EXPECT_EQ(test, refcount_read(&one->u_ref), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&other->u_ref), 1);
	ksec_user_put(other);

	/* Counted for as long as anybody has a file open. */
	atomic_set(&one->u_contexts, 5);
	ksec_user_put(again);
	again = ksec_user_get(KSEC_UID);
	KUNIT_EXPECT_PTR_EQ(test, one, again);
	KUNIT_EXPECT_EQ(test, atomic_read(&again->u_contexts), 5);
	ksec_user_put(again);
	ksec_user_put(one);
	one = ksec_user_get(KSEC_UID);
	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_EXPECT_EQ(test, atomic_read(&one->u_contexts), 0);
	ksec_user_put(one);
}

/* Each limit of contexts, set to 3 in turn */
static const struct ksec_limit {
	const char *name;
	unsigned int *limit;
	bool of_file;
} ksec_context_limits[] = {
	{ "of a file", &ksec_max_contexts_file, true },
	{ "of a user", &ksec_max_contexts_user, false },
	{ "of a user, half-open", &ksec_max_half_open_user, false },
};

KUNIT_ARRAY_PARAM_DESC(ksec_limit, ksec_context_limits, name);

static void ksec_expect_counts(struct kunit *test, const struct ksec_file *file, int of_file,
			       int contexts, int half_open)
{
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_contexts), of_file);
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_user->u_contexts), contexts);
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_user->u_half_open), half_open);
}

static void ksec_limits_contexts(struct kunit *test)
{
	const struct ksec_limit *l = test->param_value;
	struct ksec_file *file = ksec_test_file(test), *second = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file), other = ksec_test_acquire(test, second);
	struct ksec_object *obj = ksec_object_get(file, cred, KSECDD_OBJECT_CREDENTIAL);
	struct ksec_object *obj2 = ksec_object_get(second, other, KSECDD_OBJECT_CREDENTIAL);
	unsigned int before = *l->limit, i;
	struct ksec_context *ctx[3], *more;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_ASSERT_NOT_NULL(test, obj2);
	*l->limit = 3;
	for (i = 0; i < 3; i++)
		ctx[i] = ksec_context_create(file, ksec_to_cred(obj));
	/* Refused, and counted nowhere: however often it is tried */
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_NULL(test, ksec_context_create(file, ksec_to_cred(obj)));
	ksec_expect_counts(test, file, 3, 3, 3);

	/* Another file of the same user: its own limit, but the same user's */
	more = ksec_context_create(second, ksec_to_cred(obj2));
	KUNIT_EXPECT_EQ(test, !!more, l->of_file);
	if (more)
		ksec_object_put(&more->x_obj);
	ksec_expect_counts(test, second, 0, 3, 3);

	/* One goes, one may come. */
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NOT_NULL(test, ctx[i]);
	if (ctx[0])
		ksec_object_put(&ctx[0]->x_obj);
	ksec_expect_counts(test, file, 2, 2, 2);
	ctx[0] = ksec_context_create(file, ksec_to_cred(obj));
	KUNIT_EXPECT_NOT_NULL(test, ctx[0]);
	KUNIT_EXPECT_NULL(test, ksec_context_create(file, ksec_to_cred(obj)));

	/* An established one is half-open no longer. */
	if (ctx[0])
		ksec_test_establish(test, ctx[0], KSEC_TEST_SEAL, false, KSECDD_TIME_NEVER);
	ksec_expect_counts(test, file, 3, 3, 2);
	more = ksec_context_create(file, ksec_to_cred(obj));
	KUNIT_EXPECT_EQ(test, !!more, l->limit == &ksec_max_half_open_user);
	if (more)
		ksec_object_put(&more->x_obj);

	for (i = 0; i < 3; i++)
		if (ctx[i])
			ksec_object_put(&ctx[i]->x_obj);
	ksec_expect_counts(test, file, 0, 0, 0);
	*l->limit = before;
	ksec_object_put(obj);
	ksec_object_put(obj2);
}

static struct kunit_case ksec_limits_cases[] = {
	KUNIT_CASE(ksec_limits_charge),
	KUNIT_CASE(ksec_limits_charge_large),
	KUNIT_CASE(ksec_limits_users),
	KUNIT_CASE_PARAM(ksec_limits_contexts, ksec_limit_gen_params),
	{}
};

static struct kunit_suite ksec_limits_suite = {
	.name = "ksecdd_limits",
	.test_cases = ksec_limits_cases,
};

kunit_test_suite(ksec_limits_suite);
