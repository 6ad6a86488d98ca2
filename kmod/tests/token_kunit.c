// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tokens: what they keep when their context has gone, and who pays for them.
 */
#include <linux/slab.h>

#include "fixture.h"

static struct ksec_context *ksec_established(struct kunit *test, struct ksec_file *file)
{
	struct ksec_context *ctx = ksec_test_context(test, file, ksec_test_acquire(test, file));

	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, false, KSECDD_TIME_NEVER);
	return ctx;
}

static struct ksec_token *ksec_token_of(struct kunit *test, struct ksec_context *ctx)
{
	struct ksec_token *token = ksec_token_create(ctx);

	if (!token) {
		ksec_object_put(&ctx->x_obj);
		KUNIT_FAIL_AND_ABORT(test, "no token");
	}
	return token;
}

static void ksec_token_outlives_context(struct kunit *test)
{
	struct ksec_context *ctx = ksec_established(test, ksec_test_file(test));
	struct ksec_token *token = ksec_token_of(test, ctx);
	struct ksec_identity *id = ctx->x_identity;
	u64 number = ctx->x_number;
	s64 start = ctx->x_start;

	KUNIT_EXPECT_EQ(test, refcount_read(&id->i_ref), 2);
	id->i_uid = KUIDT_INIT(4813);
	id->i_gid = KGIDT_INIT(4814);
	ksec_context_kill(ctx);
	ksec_object_put(&ctx->x_obj);

	KUNIT_EXPECT_PTR_EQ(test, token->t_identity, id);
	KUNIT_EXPECT_EQ(test, refcount_read(&id->i_ref), 1);
	KUNIT_EXPECT_EQ(test, __kuid_val(id->i_uid), 4813);
	KUNIT_EXPECT_EQ(test, __kgid_val(id->i_gid), 4814);
	KUNIT_EXPECT_EQ(test, token->t_logon, number);
	KUNIT_EXPECT_EQ(test, token->t_start, start);
	ksec_token_free(token);
}

static void ksec_token_facts(struct kunit *test)
{
	struct ksec_context *ctx = ksec_established(test, ksec_test_file(test));
	struct ksec_token *token = ksec_token_of(test, ctx);
	struct ksecdd_token_info info;

	memset(&info, 0xee, sizeof(info));
	ksec_token_info(token, &info);
	KUNIT_EXPECT_EQ(test, info.logon, ctx->x_number);
	KUNIT_EXPECT_EQ(test, info.package, KSECDD_PACKAGE_NTLM);
	KUNIT_EXPECT_EQ(test, info.mech, KSECDD_PACKAGE_NTLM);
	KUNIT_EXPECT_EQ(test, info.ret_flags, ctx->x_ret_flags);
	/* No account: not one with the number 0. */
	KUNIT_EXPECT_EQ(test, info.uid, U32_MAX);
	KUNIT_EXPECT_EQ(test, info.ngroups, 0);
	KUNIT_EXPECT_EQ(test, info.expiry, KSECDD_TIME_NEVER);
	ksec_token_free(token);
	ksec_object_put(&ctx->x_obj);
}

/* Counted for the user, over all of his files, until the last is closed. */
static void ksec_token_limit(struct kunit *test)
{
	struct ksec_context *ctx = ksec_established(test, ksec_test_file(test));
	struct ksec_context *other = ksec_established(test, ksec_test_file(test));
	struct ksec_user *user = ctx->x_file->f_user;
	unsigned int before = ksec_max_tokens_user;
	struct ksec_token *tokens[2], *more;
	int refs = refcount_read(&user->u_ref);

	KUNIT_EXPECT_PTR_EQ(test, other->x_file->f_user, user);
	ksec_max_tokens_user = 2;
	tokens[0] = ksec_token_create(ctx);
	tokens[1] = ksec_token_create(other);
	KUNIT_EXPECT_NOT_NULL(test, tokens[0]);
	KUNIT_EXPECT_NOT_NULL(test, tokens[1]);
	KUNIT_EXPECT_NULL(test, ksec_token_create(ctx));
	KUNIT_EXPECT_NULL(test, ksec_token_create(other));
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_tokens), 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&user->u_ref), refs + 2);
	KUNIT_EXPECT_EQ(test, refcount_read(&ctx->x_identity->i_ref), 2);

	if (tokens[0])
		ksec_token_free(tokens[0]);
	more = ksec_token_create(other);
	KUNIT_EXPECT_NOT_NULL(test, more);
	if (more)
		ksec_token_free(more);
	if (tokens[1])
		ksec_token_free(tokens[1]);
	KUNIT_EXPECT_EQ(test, atomic_read(&user->u_tokens), 0);
	KUNIT_EXPECT_EQ(test, refcount_read(&user->u_ref), refs);
	ksec_max_tokens_user = before;
	ksec_object_put(&ctx->x_obj);
	ksec_object_put(&other->x_obj);
}

static struct kunit_case ksec_token_cases[] = {
	KUNIT_CASE(ksec_token_outlives_context),
	KUNIT_CASE(ksec_token_facts),
	KUNIT_CASE(ksec_token_limit),
	{}
};

static struct kunit_suite ksec_token_suite = {
	.name = "ksecdd_token",
	.test_cases = ksec_token_cases,
};

kunit_test_suite(ksec_token_suite);
