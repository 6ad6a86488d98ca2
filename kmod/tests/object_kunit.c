// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles: which are given out, what they find, and who owns what they name.
 */
#include <linux/completion.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "fixture.h"

#define CREDENTIAL	KSECDD_OBJECT_CREDENTIAL
#define CONTEXT		KSECDD_OBJECT_CONTEXT

static unsigned int ksec_refs(const struct ksec_object *obj)
{
	return refcount_read(&obj->o_ref);
}

/* A context with a handle, half-open; the handle has the only reference. */
static struct ksec_context *ksec_object_context(struct kunit *test, struct ksec_file *file,
						u64 cred)
{
	struct ksec_context *ctx = ksec_test_context(test, file, cred);

	KUNIT_ASSERT_EQ(test, ksec_object_reserve(file, &ctx->x_obj), 0);
	ksec_object_publish(file, &ctx->x_obj);
	return ctx;
}

static bool ksec_object_found(struct ksec_file *file, u64 handle, u32 type)
{
	struct ksec_object *obj = ksec_object_get(file, handle, type);

	if (obj)
		ksec_object_put(obj);
	return obj;
}

static void ksec_object_found_by_handle(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_context *ctx = ksec_object_context(test, file, cred);
	u64 handle = ksec_handle(&ctx->x_obj);
	struct ksec_object *obj;

	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_obj), 1);
	obj = ksec_object_get(file, handle, CONTEXT);
	KUNIT_EXPECT_PTR_EQ(test, obj, &ctx->x_obj);
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_obj), 2);
	ksec_object_put(obj);
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_obj), 1);
	/* The context keeps its credential, beside the handle. */
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_cred->c_obj), 2);
}

/* No other handle finds it, and nobody keeps a reference by trying. */
static void ksec_object_not_found(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test), *other = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_context *ctx = ksec_object_context(test, file, cred);
	u64 handle = ksec_handle(&ctx->x_obj);
	unsigned int bit;

	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handle, CREDENTIAL));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, cred, CONTEXT));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handle, 0));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(other, handle, CONTEXT));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, 0, CONTEXT));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, U64_MAX, CONTEXT));
	for (bit = 0; bit < 64; bit++)
		KUNIT_EXPECT_FALSE_MSG(test, ksec_object_found(file, handle ^ 1ULL << bit, CONTEXT),
				       "bit %u", bit);
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_obj), 1);
	KUNIT_EXPECT_TRUE(test, ksec_object_found(file, handle, CONTEXT));

	KUNIT_EXPECT_FALSE(test, ksec_object_remove(file, handle, CREDENTIAL));
	KUNIT_EXPECT_FALSE(test, ksec_object_remove(other, handle, CONTEXT));
	KUNIT_EXPECT_FALSE(test, ksec_object_remove(file, handle ^ 1ULL << 32, CONTEXT));
	KUNIT_EXPECT_TRUE(test, ksec_object_found(file, handle, CONTEXT));
}

/* Reserved: it has a number that nobody else gets, and is not found. */
static void ksec_object_reserved(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_context *ctx = ksec_test_context(test, file, cred), *next;
	u64 handle;

	KUNIT_ASSERT_EQ(test, ksec_object_reserve(file, &ctx->x_obj), 0);
	handle = ksec_handle(&ctx->x_obj);
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handle, CONTEXT));
	KUNIT_EXPECT_FALSE(test, ksec_object_remove(file, handle, CONTEXT));
	next = ksec_object_context(test, file, cred);
	KUNIT_EXPECT_NE(test, next->x_obj.o_id, ctx->x_obj.o_id);

	ksec_object_unreserve(file, &ctx->x_obj);
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handle, CONTEXT));
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_obj), 1);
	ksec_object_put(&ctx->x_obj);

	/* Its number is free again. */
	ctx = ksec_object_context(test, file, cred);
	KUNIT_EXPECT_EQ(test, ctx->x_obj.o_id, lower_32_bits(handle));
	KUNIT_EXPECT_NE(test, ksec_handle(&ctx->x_obj), handle);
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handle, CONTEXT));
}

/* An index is used again, with another generation: stale handles find nothing. */
static void ksec_object_generations(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file), handles[50];
	struct ksec_context *ctx;
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(handles); i++) {
		ctx = ksec_object_context(test, file, cred);
		handles[i] = ksec_handle(&ctx->x_obj);
		KUNIT_EXPECT_EQ(test, lower_32_bits(handles[i]), lower_32_bits(handles[0]));
		for (k = 0; k < i; k++) {
			KUNIT_EXPECT_NE(test, handles[k], handles[i]);
			KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handles[k], CONTEXT));
			KUNIT_EXPECT_FALSE(test, ksec_object_remove(file, handles[k], CONTEXT));
		}
		KUNIT_EXPECT_TRUE(test, ksec_object_found(file, handles[i], CONTEXT));
		KUNIT_EXPECT_TRUE(test, ksec_object_remove(file, handles[i], CONTEXT));
		KUNIT_EXPECT_FALSE(test, ksec_object_found(file, handles[i], CONTEXT));
	}
}

/* Where the generations come round, neither 0 nor ~0 is given out. */
static void ksec_object_generations_wrap(struct kunit *test)
{
	static const u32 want[] = { U32_MAX - 2, U32_MAX - 1, 1, 2 };
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_context *ctx;
	unsigned int i;

	atomic_set(&file->f_gen, U32_MAX - 3);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		ctx = ksec_object_context(test, file, cred);
		KUNIT_EXPECT_EQ(test, ctx->x_obj.o_gen, want[i]);
		KUNIT_EXPECT_NE(test, ctx->x_obj.o_id, 0);
		KUNIT_EXPECT_TRUE(test, ksec_object_found(file, ksec_handle(&ctx->x_obj), CONTEXT));
	}
}

/* Dense: many at a time have the lowest numbers, each its own. */
static void ksec_object_many(struct kunit *test)
{
	const unsigned int count = 1000;
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	u64 *handles = kunit_kcalloc(test, count, sizeof(*handles), GFP_KERNEL);
	u64 contexts = ksec_stat_sum(KSEC_STAT_CONTEXTS);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, handles);
	for (i = 0; i < count; i++)
		handles[i] = ksec_handle(&ksec_object_context(test, file, cred)->x_obj);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CONTEXTS), contexts + count);
	for (i = 0; i < count; i++) {
		/* 1 is the credential's */
		KUNIT_EXPECT_EQ(test, lower_32_bits(handles[i]), i + 2);
		KUNIT_EXPECT_TRUE(test, ksec_object_found(file, handles[i], CONTEXT));
	}
	/* Every second one goes; the others are what they were. */
	for (i = 0; i < count; i += 2)
		KUNIT_EXPECT_TRUE(test, ksec_object_remove(file, handles[i], CONTEXT));
	for (i = 0; i < count; i++)
		KUNIT_EXPECT_EQ(test, ksec_object_found(file, handles[i], CONTEXT), i % 2);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CONTEXTS), contexts + count / 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_contexts), count / 2);
}

/* Removed while somebody is at work on it: dead at once, gone with the last reference. */
static void ksec_object_outlives_handle(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	u64 handle = ksec_test_established(test, file, cred, false);
	u64 contexts = ksec_stat_sum(KSEC_STAT_CONTEXTS);
	struct ksec_object *obj = ksec_object_get(file, handle, CONTEXT);
	struct ksec_context *ctx;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	ctx = ksec_to_context(obj);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_OK);
	KUNIT_EXPECT_TRUE(test, ksec_object_remove(file, handle, CONTEXT));
	KUNIT_EXPECT_EQ(test, ksec_refs(obj), 1);
	KUNIT_EXPECT_EQ(test, ksec_context_state(ctx), KSECDD_STATE_DEAD);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_INVALID_HANDLE);
	KUNIT_EXPECT_NOT_NULL(test, ctx->x_keys);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CONTEXTS), contexts);
	KUNIT_EXPECT_FALSE(test, ksec_object_remove(file, handle, CONTEXT));
	ksec_object_put(obj);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CONTEXTS), contexts - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_contexts), 0);
}

static void ksec_object_credential_freed_first(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);
	u64 credentials = ksec_stat_sum(KSEC_STAT_CREDENTIALS);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_context *ctx = ksec_object_context(test, file, cred);
	u64 handle = ksec_handle(&ctx->x_obj);

	KUNIT_EXPECT_TRUE(test, ksec_object_remove(file, cred, CREDENTIAL));
	KUNIT_EXPECT_FALSE(test, ksec_object_found(file, cred, CREDENTIAL));
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CREDENTIALS), credentials + 1);
	KUNIT_EXPECT_EQ(test, ksec_refs(&ctx->x_cred->c_obj), 1);
	KUNIT_EXPECT_TRUE(test, ksec_object_remove(file, handle, CONTEXT));
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CREDENTIALS), credentials);
}

/* What is at work when the file is closed keeps the file, and the file its user. */
static void ksec_object_outlives_file(struct kunit *test)
{
	struct ksec_file *file = ksec_file_create(KUIDT_INIT(4711));
	u64 contexts = ksec_stat_sum(KSEC_STAT_CONTEXTS);
	u64 files = ksec_stat_sum(KSEC_STAT_FILES);
	struct ksec_user *user;
	struct ksec_context *ctx;
	u64 cred;

	KUNIT_ASSERT_NOT_NULL(test, file);
	user = ksec_user_get(KUIDT_INIT(4711));
	KUNIT_ASSERT_NOT_NULL(test, user);
	KUNIT_EXPECT_PTR_EQ(test, file->f_user, user);
	cred = ksec_test_acquire(test, file);
	ctx = ksec_object_context(test, file, cred);
	refcount_inc(&ctx->x_obj.o_ref);
	KUNIT_EXPECT_EQ(test, refcount_read(&file->f_ref), 2);

	ksec_file_close(file);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_FILES), files - 1);
	KUNIT_EXPECT_EQ(test, ksec_context_state(ctx), KSECDD_STATE_DEAD);
	KUNIT_EXPECT_PTR_EQ(test, ctx->x_file, file);
	KUNIT_EXPECT_EQ(test, refcount_read(&file->f_ref), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_contexts), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_creds), 1);
	ksec_object_put(&ctx->x_obj);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_CONTEXTS), contexts);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_contexts), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_half_open), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_creds), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&user->u_ref), 1);
	ksec_user_put(user);
}

/**
 * struct ksec_race - handles that several remove
 * @r_file:    whose
 * @r_handles: the handles
 * @r_count:   how many
 * @r_go:      lets them begin
 */
struct ksec_race {
	struct ksec_file *r_file;
	u64 *r_handles;
	unsigned int r_count;
	struct completion r_go;
};

/**
 * struct ksec_racer - one of those
 * @r_work: run by a thread of its own
 * @r_race: the handles
 * @r_won:  removals that said so
 */
struct ksec_racer {
	struct work_struct r_work;
	struct ksec_race *r_race;
	unsigned int r_won;
};

static void ksec_race_run(struct work_struct *work)
{
	struct ksec_racer *racer = container_of(work, struct ksec_racer, r_work);
	struct ksec_race *race = racer->r_race;
	unsigned int i;

	wait_for_completion(&race->r_go);
	for (i = 0; i < race->r_count; i++) {
		ksec_object_found(race->r_file, race->r_handles[i], CONTEXT);
		if (ksec_object_remove(race->r_file, race->r_handles[i], CONTEXT))
			racer->r_won++;
		ksec_object_found(race->r_file, race->r_handles[i], CONTEXT);
	}
}

/* Of several that free one handle, one is told that it did. */
static void ksec_object_removed_once(struct kunit *test)
{
	const unsigned int count = 500;
	struct ksec_file *file = ksec_test_file(test);
	u64 cred = ksec_test_acquire(test, file);
	struct ksec_race race = { .r_file = file, .r_count = count };
	struct ksec_racer racers[4];
	unsigned int i, won = 0;

	race.r_handles = kunit_kcalloc(test, count, sizeof(*race.r_handles), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, race.r_handles);
	for (i = 0; i < count; i++)
		race.r_handles[i] = ksec_handle(&ksec_object_context(test, file, cred)->x_obj);

	init_completion(&race.r_go);
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		racers[i].r_race = &race;
		racers[i].r_won = 0;
		INIT_WORK_ONSTACK(&racers[i].r_work, ksec_race_run);
		queue_work(system_unbound_wq, &racers[i].r_work);
	}
	complete_all(&race.r_go);
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		flush_work(&racers[i].r_work);
		destroy_work_on_stack(&racers[i].r_work);
		won += racers[i].r_won;
	}
	KUNIT_EXPECT_EQ(test, won, count);
	KUNIT_EXPECT_EQ(test, atomic_read(&file->f_contexts), 0);
}

static struct kunit_case ksec_object_cases[] = {
	KUNIT_CASE(ksec_object_found_by_handle),
	KUNIT_CASE(ksec_object_not_found),
	KUNIT_CASE(ksec_object_reserved),
	KUNIT_CASE(ksec_object_generations),
	KUNIT_CASE(ksec_object_generations_wrap),
	KUNIT_CASE(ksec_object_many),
	KUNIT_CASE(ksec_object_outlives_handle),
	KUNIT_CASE(ksec_object_credential_freed_first),
	KUNIT_CASE(ksec_object_outlives_file),
	KUNIT_CASE(ksec_object_removed_once),
	{}
};

static struct kunit_suite ksec_object_suite = {
	.name = "ksecdd_object",
	.test_cases = ksec_object_cases,
};

kunit_test_suite(ksec_object_suite);
