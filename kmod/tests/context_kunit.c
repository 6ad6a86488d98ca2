// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a context: which call takes it where, and what it keeps.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "fixture.h"

/* A busy half-open context of a file of the test */
static struct ksec_context *ksec_begun(struct kunit *test)
{
	struct ksec_file *file = ksec_test_file(test);

	return ksec_test_context(test, file, ksec_test_acquire(test, file));
}

/* What the helper answers to a token that is not the last */
static struct ksec_reply ksec_continue(struct kunit *test, const char *blob)
{
	struct ksec_reply reply = {
		.p_status = SEC_I_CONTINUE_NEEDED,
		.p_blob = kmemdup(blob, strlen(blob), GFP_KERNEL),
		.p_blob_len = strlen(blob),
	};

	KUNIT_ASSERT_NOT_NULL(test, reply.p_blob);
	return reply;
}

static void ksec_context_refuses_while_busy(struct kunit *test)
{
	struct ksec_context *ctx = ksec_begun(test);

	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_INVALID_TOKEN);
	ksec_context_end(ctx, NULL);
	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_INVALID_TOKEN);
	KUNIT_EXPECT_EQ(test, ksec_context_state(ctx), KSECDD_STATE_HALF_OPEN);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_INVALID_HANDLE);
	ksec_object_put(&ctx->x_obj);
}

static void ksec_context_goes_on(struct kunit *test)
{
	struct ksec_context *ctx = ksec_begun(test);
	struct ksec_reply reply;
	char buf[16] = {};

	KUNIT_EXPECT_EQ(test, ctx->x_leg, 0);
	reply = ksec_continue(test, "first");
	ksec_context_advance(ctx, &reply);
	KUNIT_EXPECT_NULL(test, reply.p_blob);
	ksec_reply_clear(&reply);
	KUNIT_EXPECT_EQ(test, ctx->x_leg, 1);
	KUNIT_EXPECT_EQ(test, ctx->x_blob_len, 5);

	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_OK);
	KUNIT_EXPECT_TRUE(test, ksec_context_copy(ctx, buf, 5, NULL, 0));
	KUNIT_EXPECT_STREQ(test, buf, "first");

	/* The old one comes out of the context with the reply, which wipes it. */
	reply = ksec_continue(test, "the second");
	ksec_context_advance(ctx, &reply);
	KUNIT_ASSERT_NOT_NULL(test, reply.p_blob);
	KUNIT_EXPECT_MEMEQ(test, reply.p_blob, "first", 5);
	ksec_reply_clear(&reply);
	KUNIT_EXPECT_EQ(test, ctx->x_leg, 2);
	KUNIT_EXPECT_EQ(test, ctx->x_blob_len, 10);

	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_OK);
	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, false, KSECDD_TIME_NEVER);
	KUNIT_EXPECT_EQ(test, ctx->x_leg, 3);
	KUNIT_EXPECT_NULL(test, ctx->x_blob);
	KUNIT_EXPECT_EQ(test, ctx->x_blob_len, 0);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_OK);
	/* It takes no further token, and that does not harm it. */
	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_INVALID_TOKEN);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_OK);
	ksec_object_put(&ctx->x_obj);
}

static void ksec_context_killed(struct kunit *test)
{
	struct ksec_context *ctx = ksec_begun(test);
	struct ksec_reply reply = ksec_continue(test, "state");
	u64 half_open = ksec_stat_sum(KSEC_STAT_HALF_OPEN);
	char buf[5] = {};

	ksec_context_advance(ctx, &reply);
	ksec_reply_clear(&reply);
	ksec_context_kill(ctx);
	KUNIT_EXPECT_EQ(test, ksec_context_state(ctx), KSECDD_STATE_DEAD);
	KUNIT_EXPECT_EQ(test, ksec_context_begin(ctx), SEC_E_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_INVALID_HANDLE);
	KUNIT_EXPECT_FALSE(test, ksec_context_copy(ctx, buf, 5, NULL, 0));
	KUNIT_EXPECT_NULL(test, ctx->x_blob);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_HALF_OPEN), half_open - 1);
	ksec_context_kill(ctx);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_HALF_OPEN), half_open - 1);
	ksec_object_put(&ctx->x_obj);
	KUNIT_EXPECT_EQ(test, ksec_stat_sum(KSEC_STAT_HALF_OPEN), half_open - 1);
}

/* With which a context waits for another call, of either kind of package */
static void ksec_context_statuses(struct kunit *test)
{
	static const struct ksec_package plain = {}, completes = { .p_completes = true };
	static const s32 ends[] = {
		SEC_E_OK, SEC_E_LOGON_DENIED, SEC_I_CONTEXT_EXPIRED, SEC_I_RENEGOTIATE,
		SEC_I_CONTINUE_NEEDED - 1, SEC_I_COMPLETE_AND_CONTINUE + 1, S32_MAX, S32_MIN,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		KUNIT_EXPECT_FALSE(test, ksec_status_goes_on(&plain, ends[i]));
		KUNIT_EXPECT_FALSE(test, ksec_status_goes_on(&completes, ends[i]));
	}
	KUNIT_EXPECT_TRUE(test, ksec_status_goes_on(&plain, SEC_I_CONTINUE_NEEDED));
	KUNIT_EXPECT_TRUE(test, ksec_status_goes_on(&completes, SEC_I_CONTINUE_NEEDED));
	KUNIT_EXPECT_FALSE(test, ksec_status_goes_on(&plain, SEC_I_COMPLETE_NEEDED));
	KUNIT_EXPECT_FALSE(test, ksec_status_goes_on(&plain, SEC_I_COMPLETE_AND_CONTINUE));
	KUNIT_EXPECT_TRUE(test, ksec_status_goes_on(&completes, SEC_I_COMPLETE_NEEDED));
	KUNIT_EXPECT_TRUE(test, ksec_status_goes_on(&completes, SEC_I_COMPLETE_AND_CONTINUE));
}

/* What a call brings home to a context that was killed meanwhile stays in the reply. */
static void ksec_context_killed_while_busy(struct kunit *test)
{
	struct ksec_context *ctx = ksec_begun(test);
	struct ksec_reply reply = ksec_continue(test, "state");
	struct ksec_keys *keys;

	ksec_context_kill(ctx);
	ksec_context_advance(ctx, &reply);
	KUNIT_EXPECT_NOT_NULL(test, reply.p_blob);
	KUNIT_EXPECT_NULL(test, ctx->x_blob);
	KUNIT_EXPECT_EQ(test, ctx->x_leg, 0);
	ksec_reply_clear(&reply);

	reply = (struct ksec_reply) {
		.p_mech = &ksec_ntlm_mech,
		.p_keys = ksec_ntlm_mech.create(KSEC_TEST_SEAL, "0123456789abcdef", 16, false),
		.p_identity = kzalloc(sizeof(*reply.p_identity), GFP_KERNEL),
		.p_expiry = KSECDD_TIME_NEVER,
	};
	keys = reply.p_keys;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reply.p_keys);
	KUNIT_ASSERT_NOT_NULL(test, reply.p_identity);
	refcount_set(&reply.p_identity->i_ref, 1);
	ksec_context_establish(ctx, &reply);
	KUNIT_EXPECT_PTR_EQ(test, reply.p_keys, keys);
	KUNIT_EXPECT_NOT_NULL(test, reply.p_identity);
	KUNIT_EXPECT_NULL(test, ctx->x_keys);
	KUNIT_EXPECT_NULL(test, ctx->x_identity);
	KUNIT_EXPECT_EQ(test, ksec_context_state(ctx), KSECDD_STATE_DEAD);
	ksec_reply_clear(&reply);
	ksec_object_put(&ctx->x_obj);
}

/* The session key stays only where the policy lets it out. */
static void ksec_context_session_key(struct kunit *test)
{
	int export;

	for (export = 0; export < 2; export++) {
		struct ksec_context *ctx = ksec_begun(test);
		struct ksec_reply reply = {
			.p_mech = &ksec_ntlm_mech,
			.p_keys = ksec_ntlm_mech.create(KSEC_TEST_SEAL, "0123456789abcdef", 16,
							false),
			.p_identity = kzalloc(sizeof(*reply.p_identity), GFP_KERNEL),
			.p_expiry = KSECDD_TIME_NEVER,
		};
		u8 key[KSECDD_MAX_KEY];

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reply.p_keys);
		KUNIT_ASSERT_NOT_NULL(test, reply.p_identity);
		refcount_set(&reply.p_identity->i_ref, 1);
		reply.p_identity->i_export_key = export;
		ksec_context_establish(ctx, &reply);
		KUNIT_EXPECT_NULL(test, reply.p_keys);
		KUNIT_EXPECT_NULL(test, reply.p_identity);
		ksec_reply_clear(&reply);
		KUNIT_EXPECT_EQ(test, ksec_ntlm_mech.session_key(ctx->x_keys, key),
				export ? KSEC_NTLM_KEY : 0);
		ksec_object_put(&ctx->x_obj);
	}
}

static void ksec_context_expires(struct kunit *test)
{
	const s64 second = 10000000;
	s64 now = ksec_filetime_now();
	struct ksec_context *ctx = ksec_begun(test);

	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, false, now + 3600 * second);
	KUNIT_EXPECT_GE(test, ctx->x_start, now);
	KUNIT_EXPECT_LT(test, ctx->x_start, now + 600 * second);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_OK);
	ksec_object_put(&ctx->x_obj);

	ctx = ksec_begun(test);
	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, false, now);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_CONTEXT_EXPIRED);
	/* Killed counts for more. */
	ksec_context_kill(ctx);
	KUNIT_EXPECT_EQ(test, ksec_context_usable(ctx), SEC_E_INVALID_HANDLE);
	ksec_object_put(&ctx->x_obj);
}

/* FILETIME counts from 1601: 2000-01-01 is 125911584000000000 there. */
static void ksec_context_filetime(struct kunit *test)
{
	s64 now = ksec_filetime_now();
	/* ktime_get_real_seconds() would be behind until the next tick. */
	s64 unix_now = div_s64(ktime_get_real(), NSEC_PER_SEC);
	s64 since_2000 = (now - 125911584000000000LL) / 10000000;

	KUNIT_EXPECT_GE(test, unix_now - 946684800, since_2000);
	KUNIT_EXPECT_LE(test, unix_now - 946684800, since_2000 + 60);
}

static struct kunit_case ksec_context_cases[] = {
	KUNIT_CASE(ksec_context_refuses_while_busy),
	KUNIT_CASE(ksec_context_goes_on),
	KUNIT_CASE(ksec_context_statuses),
	KUNIT_CASE(ksec_context_killed),
	KUNIT_CASE(ksec_context_killed_while_busy),
	KUNIT_CASE(ksec_context_session_key),
	KUNIT_CASE(ksec_context_expires),
	KUNIT_CASE(ksec_context_filetime),
	{}
};

static struct kunit_suite ksec_context_suite = {
	.name = "ksecdd_context",
	.test_cases = ksec_context_cases,
};

kunit_test_suite(ksec_context_suite);
