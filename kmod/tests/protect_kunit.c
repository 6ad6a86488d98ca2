// SPDX-License-Identifier: GPL-2.0-only
/*
 * The message ioctls, from a handle to the keys of a real context: what a program
 * calls, but for the system call.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "message_fixture.h"

/**
 * struct ksec_ends - two contexts that have logged on to each other
 * @e_file:   the open file of both
 * @e_cred:   their credential
 * @e_client: handle of the one with the client's keys
 * @e_server: handle of the one with the server's keys
 * @e_uarg:   the program's struct ksecdd_message
 */
struct ksec_ends {
	struct ksec_file *e_file;
	u64 e_cred;
	u64 e_client;
	u64 e_server;
	void __user *e_uarg;
};

static struct ksec_ends ksec_ends(struct kunit *test)
{
	struct ksec_ends e = { .e_file = ksec_test_file(test) };

	e.e_cred = ksec_test_acquire(test, e.e_file);
	e.e_client = ksec_test_established(test, e.e_file, e.e_cred, true);
	e.e_server = ksec_test_established(test, e.e_file, e.e_cred, false);
	e.e_uarg = ksec_test_user(test, sizeof(struct ksecdd_message));
	return e;
}

/* ioctl(KSECDD_IOC_MESSAGE) */
static long ksec_protect_ioctl(struct kunit *test, struct ksec_ends *e, u64 context,
			       struct ksec_user_message *msg)
{
	long err;

	msg->u_cmd.context = context;
	ksec_test_write(test, e->e_uarg, &msg->u_cmd, sizeof(msg->u_cmd));
	err = ksec_dev_ioctl(e->e_file, KSECDD_IOC_MESSAGE, e->e_uarg);
	ksec_test_read(test, &msg->u_cmd, e->e_uarg, sizeof(msg->u_cmd));
	return err;
}

static s32 ksec_protect_status(struct kunit *test, struct ksec_ends *e, u64 context,
			       struct ksec_user_message *msg)
{
	msg->u_cmd.status = 0x11111111;
	KUNIT_EXPECT_EQ(test, ksec_protect_ioctl(test, e, context, msg), 0);
	return msg->u_cmd.status;
}

static const struct ksec_spec ksec_plain[] = { { DATA, 100 }, { TOKEN, 16 } };

/* Counters of messages, to be compared */
struct ksec_message_counts {
	u64 sent;
	u64 accepted;
	u64 refused;
};

static struct ksec_message_counts ksec_message_counts(void)
{
	return (struct ksec_message_counts) {
		.sent = ksec_stat_sum(KSEC_STAT_SIGNED),
		.accepted = ksec_stat_sum(KSEC_STAT_VERIFIED),
		.refused = ksec_stat_sum(KSEC_STAT_REJECTED),
	};
}

static void ksec_expect_counted(struct kunit *test, const struct ksec_message_counts *before,
				u64 sent, u64 accepted, u64 refused)
{
	struct ksec_message_counts now = ksec_message_counts();

	KUNIT_EXPECT_EQ(test, now.sent - before->sent, sent);
	KUNIT_EXPECT_EQ(test, now.accepted - before->accepted, accepted);
	KUNIT_EXPECT_EQ(test, now.refused - before->refused, refused);
}

static void ksec_protect_there_and_back(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_message_counts before = ksec_message_counts();
	struct ksec_user_message msg;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		msg = ksec_user_message(test, i % 2 ? SIGN : ENCRYPT, ksec_plain, 2);
		KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg), SEC_E_OK);
		if (i % 2)
			ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
		msg.u_cmd.op = i % 2 ? VERIFY : DECRYPT;
		KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg), SEC_E_OK);
		ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
		ksec_expect_counted(test, &before, i + 1, i + 1, i);
		KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg),
				SEC_E_OUT_OF_SEQUENCE);
		ksec_expect_counted(test, &before, i + 1, i + 1, i + 1);
	}
}

/* A message of random buffers, made in one cut and taken in another */
static void ksec_protect_random(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	struct ksec_ends e = ksec_ends(test);
	unsigned int round, i, n;

	for (round = 0; round < 20; round++) {
		struct ksec_spec specs[8];
		struct ksec_user_message msg;

		n = 1 + ksec_test_below(&rnd, ARRAY_SIZE(specs));
		for (i = 0; i < n; i++)
			specs[i] = (struct ksec_spec) {
				DATA | (ksec_test_below(&rnd, 3) ? 0 : RO),
				ksec_test_below(&rnd, 400),
			};
		specs[ksec_test_below(&rnd, n)] = (struct ksec_spec) { TOKEN, 16 };
		msg = ksec_user_message(test, ENCRYPT, specs, n);
		KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg), SEC_E_OK);
		msg.u_cmd.op = DECRYPT;
		KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg), SEC_E_OK);
		for (i = 0; i < n; i++)
			if (specs[i].s_type != TOKEN)
				ksec_expect_bytes(test, &msg, i, 0, specs[i].s_len, i + 1);
	}
}

static void ksec_protect_altered(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_message_counts before;
	struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, ksec_plain, 2);
	u8 sealed[100], now[100], wrong;

	KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg), SEC_E_OK);
	ksec_test_read(test, sealed, msg.u_mem[0], sizeof(sealed));
	wrong = sealed[50] ^ 1;
	ksec_test_write(test, msg.u_mem[0] + 50, &wrong, 1);
	before = ksec_message_counts();
	msg.u_cmd.op = DECRYPT;
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg),
			SEC_E_MESSAGE_ALTERED);
	ksec_expect_counted(test, &before, 0, 0, 1);
	/* Nothing that did not verify is ever in the program's memory. */
	ksec_test_read(test, now, msg.u_mem[0], sizeof(now));
	wrong = now[50];
	now[50] ^= 1;
	KUNIT_EXPECT_MEMEQ(test, now, sealed, sizeof(now));
	ksec_test_write(test, msg.u_mem[0] + 50, &now[50], 1);
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg), SEC_E_OK);
	ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
}

static void ksec_protect_handles(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test), other = ksec_ends(test);
	struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, ksec_plain, 2);
	struct ksec_message_counts before = ksec_message_counts();
	const u64 wrong[] = {
		0, U64_MAX, e.e_cred, e.e_client ^ 1ULL << 32, e.e_client ^ 1 << 20,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		KUNIT_EXPECT_EQ_MSG(test, ksec_protect_status(test, &e, wrong[i], &msg),
				    SEC_E_INVALID_HANDLE, "handle %u", i);
	/* Of another open file: there it is somebody else's, or nobody's. */
	KUNIT_EXPECT_TRUE(test, ksec_object_remove(other.e_file, other.e_client,
						   KSECDD_OBJECT_CONTEXT));
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &other, e.e_client, &msg),
			SEC_E_INVALID_HANDLE);
	KUNIT_EXPECT_TRUE(test, ksec_object_remove(e.e_file, e.e_client, KSECDD_OBJECT_CONTEXT));
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg),
			SEC_E_INVALID_HANDLE);
	ksec_expect_counted(test, &before, 0, 0, 0);
	ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
}

/* A handle to a context that is in each of the states that have no messages */
static void ksec_protect_states(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_context *ctx = ksec_test_context(test, e.e_file, e.e_cred);
	struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, ksec_plain, 2);
	u64 handle;

	KUNIT_ASSERT_EQ(test, ksec_object_reserve(e.e_file, &ctx->x_obj), 0);
	ksec_object_publish(e.e_file, &ctx->x_obj);
	handle = ksec_handle(&ctx->x_obj);
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, handle, &msg), SEC_E_INVALID_HANDLE);

	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, true, ksec_filetime_now());
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, handle, &msg), SEC_E_CONTEXT_EXPIRED);
	ctx->x_expiry = KSECDD_TIME_NEVER;
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, handle, &msg), SEC_E_OK);
	ksec_context_kill(ctx);
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, handle, &msg), SEC_E_INVALID_HANDLE);
}

static void ksec_protect_no_operation(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_user_message msg = ksec_user_message(test, DECRYPT + 1, ksec_plain, 2);
	struct ksec_message_counts before = ksec_message_counts();

	KUNIT_EXPECT_EQ(test, ksec_protect_ioctl(test, &e, e.e_client, &msg), -EINVAL);
	msg.u_cmd.op = U32_MAX;
	KUNIT_EXPECT_EQ(test, ksec_protect_ioctl(test, &e, e.e_client, &msg), -EINVAL);
	ksec_expect_counted(test, &before, 0, 0, 0);
}

/* The 2^32nd message is the last, as a program sees it. */
static void ksec_protect_last_message(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_user_message msg = ksec_user_message(test, ENCRYPT, ksec_plain, 2);
	u64 handles[] = { e.e_client, e.e_server };
	struct ksec_message_counts before;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct ksec_object *obj = ksec_object_get(e.e_file, handles[i],
							  KSECDD_OBJECT_CONTEXT);
		struct ksec_ntlm_keys *keys;

		KUNIT_ASSERT_NOT_NULL(test, obj);
		keys = ksec_ntlm_keys(ksec_to_context(obj)->x_keys);
		keys->k_send.d_seq = i ? 0 : U32_MAX;
		keys->k_receive.d_seq = i ? U32_MAX : 0;
		ksec_object_put(obj);
	}
	KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg), SEC_E_OK);
	msg.u_cmd.op = DECRYPT;
	KUNIT_ASSERT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg), SEC_E_OK);
	ksec_expect_bytes(test, &msg, 0, 0, 100, 1);

	before = ksec_message_counts();
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg),
			SEC_E_CONTEXT_EXPIRED);
	msg.u_cmd.op = ENCRYPT;
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg),
			SEC_E_CONTEXT_EXPIRED);
	ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
	ksec_expect_counted(test, &before, 0, 0, 0);
	/* The other direction has not ended. */
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_server, &msg), SEC_E_OK);
	msg.u_cmd.op = DECRYPT;
	KUNIT_EXPECT_EQ(test, ksec_protect_status(test, &e, e.e_client, &msg), SEC_E_OK);
	ksec_expect_bytes(test, &msg, 0, 0, 100, 1);
}

/**
 * struct ksec_batch - ioctl(KSECDD_IOC_MESSAGE_BATCH)
 * @b_msgs:  the messages
 * @b_umsgs: the program's array of them
 * @b_uarg:  the program's struct ksecdd_message_batch
 * @b_count: [in/out] its count
 */
struct ksec_batch {
	struct ksec_user_message b_msgs[5];
	struct ksecdd_message __user *b_umsgs;
	void __user *b_uarg;
	u32 b_count;
};

static void ksec_batch_init(struct kunit *test, struct ksec_batch *b, u64 context, u32 op)
{
	unsigned int i;

	b->b_count = ARRAY_SIZE(b->b_msgs);
	b->b_umsgs = ksec_test_user(test, b->b_count * sizeof(*b->b_umsgs));
	b->b_uarg = ksec_test_user(test, sizeof(struct ksecdd_message_batch));
	for (i = 0; i < b->b_count; i++) {
		b->b_msgs[i] = ksec_user_message(test, op, ksec_plain, 2);
		b->b_msgs[i].u_cmd.context = context;
	}
}

static long ksec_batch_run(struct kunit *test, struct ksec_ends *e, struct ksec_batch *b)
{
	struct ksecdd_message_batch cmd = {
		.size = sizeof(cmd), .count = b->b_count, .messages = (uintptr_t)b->b_umsgs,
	};
	unsigned int i;
	long err;

	for (i = 0; i < ARRAY_SIZE(b->b_msgs); i++)
		ksec_test_write(test, &b->b_umsgs[i], &b->b_msgs[i].u_cmd, sizeof(*b->b_umsgs));
	ksec_test_write(test, b->b_uarg, &cmd, sizeof(cmd));
	err = ksec_dev_ioctl(e->e_file, KSECDD_IOC_MESSAGE_BATCH, b->b_uarg);
	ksec_test_read(test, &cmd, b->b_uarg, sizeof(cmd));
	b->b_count = cmd.count;
	for (i = 0; i < ARRAY_SIZE(b->b_msgs); i++)
		ksec_test_read(test, &b->b_msgs[i].u_cmd, &b->b_umsgs[i], sizeof(*b->b_umsgs));
	return err;
}

/* The statuses of the messages that were done, and that no other has one */
static void ksec_batch_expect(struct kunit *test, const struct ksec_batch *b, u32 count,
			      s32 last)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, b->b_count, count);
	for (i = 0; i < ARRAY_SIZE(b->b_msgs); i++)
		KUNIT_EXPECT_EQ_MSG(test, b->b_msgs[i].u_cmd.status,
				    i >= count ? 0x11111111 : i == count - 1 ? last : SEC_E_OK,
				    "message %u", i);
}

static void ksec_protect_batches(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_batch *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct ksec_message_counts before = ksec_message_counts();
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, b);
	ksec_batch_init(test, b, e.e_client, ENCRYPT);
	KUNIT_ASSERT_EQ(test, ksec_batch_run(test, &e, b), 0);
	ksec_batch_expect(test, b, 5, SEC_E_OK);
	ksec_expect_counted(test, &before, 5, 0, 0);

	/* Message 3 comes before message 2: that ends it, the first two are accepted. */
	for (i = 0; i < 5; i++) {
		b->b_msgs[i].u_cmd.op = DECRYPT;
		b->b_msgs[i].u_cmd.context = e.e_server;
		b->b_msgs[i].u_cmd.status = 0x11111111;
	}
	swap(b->b_msgs[2], b->b_msgs[3]);
	KUNIT_ASSERT_EQ(test, ksec_batch_run(test, &e, b), 0);
	ksec_batch_expect(test, b, 3, SEC_E_OUT_OF_SEQUENCE);
	ksec_expect_counted(test, &before, 5, 2, 1);
	ksec_expect_bytes(test, &b->b_msgs[1], 0, 0, 100, 1);

	/* Nor is more of the batch done than was asked for. */
	swap(b->b_msgs[2], b->b_msgs[3]);
	for (i = 0; i < 3; i++)
		swap(b->b_msgs[i], b->b_msgs[i + 2]);
	for (i = 0; i < 5; i++)
		b->b_msgs[i].u_cmd.status = 0x11111111;
	b->b_count = 2;
	KUNIT_ASSERT_EQ(test, ksec_batch_run(test, &e, b), 0);
	ksec_batch_expect(test, b, 2, SEC_E_OK);
	ksec_expect_counted(test, &before, 5, 4, 1);
}

static void ksec_protect_batch_faults(struct kunit *test)
{
	struct ksec_ends e = ksec_ends(test);
	struct ksec_batch *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	ksec_batch_init(test, b, e.e_client, ENCRYPT);
	b->b_count = 0;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EINVAL);
	ksec_batch_expect(test, b, 0, 0);
	b->b_count = KSECDD_MAX_BATCH + 1;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EINVAL);
	b->b_count = U32_MAX;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EINVAL);
	KUNIT_EXPECT_EQ(test, b->b_count, U32_MAX);

	/* The array ends where the program's memory does. */
	b->b_count = 6;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EFAULT);
	ksec_batch_expect(test, b, 5, SEC_E_OK);

	/* A message that faults is not counted, those before it are. */
	ksec_batch_init(test, b, e.e_client, ENCRYPT);
	b->b_msgs[2].u_cmd.buffers = 1;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EFAULT);
	ksec_batch_expect(test, b, 2, SEC_E_OK);
	ksec_batch_init(test, b, e.e_client, ENCRYPT);
	b->b_msgs[1].u_cmd.size--;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EINVAL);
	ksec_batch_expect(test, b, 1, SEC_E_OK);
	ksec_batch_init(test, b, e.e_client, ENCRYPT);
	b->b_msgs[0].u_cmd.nbuffers = 0;
	KUNIT_EXPECT_EQ(test, ksec_batch_run(test, &e, b), -EINVAL);
	ksec_batch_expect(test, b, 0, 0);
}

static struct kunit_case ksec_protect_cases[] = {
	KUNIT_CASE(ksec_protect_there_and_back),
	KUNIT_CASE(ksec_protect_random),
	KUNIT_CASE(ksec_protect_altered),
	KUNIT_CASE(ksec_protect_handles),
	KUNIT_CASE(ksec_protect_states),
	KUNIT_CASE(ksec_protect_no_operation),
	KUNIT_CASE(ksec_protect_last_message),
	KUNIT_CASE(ksec_protect_batches),
	KUNIT_CASE(ksec_protect_batch_faults),
	{}
};

static struct kunit_suite ksec_protect_suite = {
	.name = "ksecdd_protect",
	.test_cases = ksec_protect_cases,
};

kunit_test_suite(ksec_protect_suite);
