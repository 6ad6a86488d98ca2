// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites share: bytes, keys, open files, credentials, contexts, and user
 * memory.
 */
#include <linux/hex.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "fixture.h"

/**
 * ksec_test_hex() - a byte string of a vector
 * @test: aborted if @hex is none, or too long
 * @hex:  two digits for each byte
 *
 * Return: the bytes
 */
struct ksec_bytes ksec_test_hex(struct kunit *test, const char *hex)
{
	struct ksec_bytes bytes = { .b_len = strlen(hex) / 2 };

	KUNIT_ASSERT_LE(test, bytes.b_len, sizeof(bytes.b_data));
	KUNIT_ASSERT_EQ(test, hex2bin(bytes.b_data, hex, bytes.b_len), 0);
	return bytes;
}

static void ksec_test_direction(struct ksec_ntlm_direction *dir, struct ksec_test_direction *copy)
{
	mutex_lock(&dir->d_mutex);
	copy->t_seq = dir->d_seq;
	copy->t_sign = dir->d_sign;
	copy->t_seal = dir->d_seal;
	mutex_unlock(&dir->d_mutex);
}

/**
 * ksec_test_state() - all that a message changes in a context
 * @keys:  keys of NTLM
 * @state: receives a copy, that may be compared as a whole
 */
void ksec_test_state(struct ksec_keys *keys, struct ksec_test_state *state)
{
	memset(state, 0, sizeof(*state));
	ksec_test_direction(&ksec_ntlm_keys(keys)->k_send, &state->t_send);
	ksec_test_direction(&ksec_ntlm_keys(keys)->k_receive, &state->t_receive);
}

/**
 * ksec_test_is_state() - is all that a message changes what it was?
 * @keys:  keys of NTLM
 * @state: from ksec_test_state()
 *
 * Return: whether it is
 */
bool ksec_test_is_state(struct ksec_keys *keys, const struct ksec_test_state *state)
{
	struct ksec_test_state now;

	ksec_test_state(keys, &now);
	return !memcmp(&now, state, sizeof(now));
}

static void ksec_test_keys_end(void *keys)
{
	ksec_ntlm_mech.destroy(keys);
}

/**
 * ksec_test_keys_from() - the keys of a context
 * @test:      the test they are for
 * @flags:     NegotiateFlags
 * @hex:       ExportedSessionKey
 * @initiator: of the client's side
 *
 * Return: the keys, which end with the test
 */
struct ksec_keys *ksec_test_keys_from(struct kunit *test, u32 flags, const char *hex,
				      bool initiator)
{
	struct ksec_bytes key = ksec_test_hex(test, hex);
	struct ksec_keys *keys;

	keys = ksec_ntlm_mech.create(flags, key.b_data, key.b_len, initiator);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, keys);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ksec_test_keys_end, keys), 0);
	return keys;
}

/**
 * ksec_test_keys() - the same for any key
 * @test:      the test they are for
 * @flags:     NegotiateFlags
 * @initiator: of the client's side
 *
 * Return: the keys, which end with the test
 */
struct ksec_keys *ksec_test_keys(struct kunit *test, u32 flags, bool initiator)
{
	return ksec_test_keys_from(test, flags, "000102030405060708090a0b0c0d0e0f", initiator);
}

/**
 * ksec_test_pair() - both ends of a connection
 * @test:  the test they are for
 * @flags: NegotiateFlags
 *
 * Return: the keys of both
 */
struct ksec_test_pair ksec_test_pair(struct kunit *test, u32 flags)
{
	return (struct ksec_test_pair) {
		.t_client = ksec_test_keys(test, flags, true),
		.t_server = ksec_test_keys(test, flags, false),
	};
}

/**
 * ksec_test_run() - a message operation, past the message path
 * @keys: keys of NTLM
 * @msg:  the message
 *
 * Return: what the mechanism says
 */
s32 ksec_test_run(struct ksec_keys *keys, struct ksec_test_message *msg)
{
	bool seal = msg->t_op == KSECDD_MESSAGE_ENCRYPT || msg->t_op == KSECDD_MESSAGE_DECRYPT;
	struct ksec_segment segment = { .data = msg->t_data, .len = msg->t_len, .seal = seal };
	struct ksec_message m = {
		.segments = &segment,
		.nsegments = 1,
		.token = msg->t_token,
		.token_len = msg->t_room,
		.qop = msg->t_qop,
	};
	s32 status = ksec_ntlm_mech.op[msg->t_op](keys, &m);

	msg->t_room = m.token_len;
	msg->t_qop = m.qop;
	msg->t_left = !segment.seal;
	return status;
}

static void ksec_test_file_end(void *file)
{
	ksec_file_close(file);
}

/**
 * ksec_test_file() - an open file of the device
 * @test: the test it is for
 *
 * Return: the file, which is closed when the test has ended
 */
struct ksec_file *ksec_test_file(struct kunit *test)
{
	struct ksec_file *file = ksec_file_create(current_euid());

	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ksec_test_file_end, file), 0);
	return file;
}

/**
 * ksec_test_user() - memory of a program
 * @test: the test it is for
 * @size: bytes
 *
 * Ends on a page that is not there: @size bytes from what is returned are the
 * program's, and the next one faults.
 *
 * Return: where it is
 */
void __user *ksec_test_user(struct kunit *test, size_t size)
{
	size_t whole = PAGE_ALIGN(size) + PAGE_SIZE;
	unsigned long addr;

	addr = kunit_vm_mmap(test, NULL, 0, whole, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, !addr || IS_ERR_VALUE(addr));
	KUNIT_ASSERT_EQ(test, vm_munmap(addr + whole - PAGE_SIZE, PAGE_SIZE), 0);
	return (void __user *)(addr + whole - PAGE_SIZE - size);
}

/**
 * ksec_test_acquire() - a credential, by the ioctl that makes them
 * @test: the test it is for
 * @file: the open file it is of
 *
 * Return: its handle
 */
u64 ksec_test_acquire(struct kunit *test, struct ksec_file *file)
{
	struct ksecdd_acquire cmd = {
		.size = sizeof(cmd),
		.package = KSECDD_PACKAGE_NTLM,
		.use = SECPKG_CRED_INBOUND,
	};
	void __user *uarg = ksec_test_user(test, sizeof(cmd));

	KUNIT_ASSERT_EQ(test, copy_to_user(uarg, &cmd, sizeof(cmd)), 0);
	KUNIT_ASSERT_EQ(test, ksec_dev_ioctl(file, KSECDD_IOC_ACQUIRE, uarg), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(&cmd, uarg, sizeof(cmd)), 0);
	KUNIT_ASSERT_EQ(test, cmd.status, SEC_E_OK);
	return cmd.handle;
}

/**
 * ksec_test_context() - a half-open context, as AcceptSecurityContext begins one
 * @test: the test it is for
 * @file: the open file it is of
 * @cred: handle of its credential
 *
 * Return: the context, busy, without a handle, and with the caller's reference
 */
struct ksec_context *ksec_test_context(struct kunit *test, struct ksec_file *file, u64 cred)
{
	struct ksec_object *obj = ksec_object_get(file, cred, KSECDD_OBJECT_CREDENTIAL);
	struct ksec_context *ctx;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	ctx = ksec_context_create(file, ksec_to_cred(obj));
	ksec_object_put(obj);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	return ctx;
}

/**
 * ksec_test_establish() - end the AcceptSecurityContext of a context with success
 * @test:      the test
 * @ctx:       a busy context
 * @flags:     NegotiateFlags
 * @initiator: gets the client's keys, to be the peer of another
 * @expiry:    FILETIME
 */
void ksec_test_establish(struct kunit *test, struct ksec_context *ctx, u32 flags, bool initiator,
			 s64 expiry)
{
	static const u8 key[KSEC_NTLM_KEY] = "a session key...";
	struct ksec_reply reply = {
		.p_status = SEC_E_OK,
		.p_expiry = expiry,
		.p_mech = &ksec_ntlm_mech,
		.p_keys = ksec_ntlm_mech.create(flags, key, sizeof(key), initiator),
		.p_identity = kzalloc(sizeof(*reply.p_identity), GFP_KERNEL),
	};

	if (IS_ERR(reply.p_keys) || !reply.p_identity) {
		kfree(reply.p_identity);
		KUNIT_FAIL_AND_ABORT(test, "no keys, or no memory");
	}
	refcount_set(&reply.p_identity->i_ref, 1);
	reply.p_identity->i_uid = INVALID_UID;
	ksec_context_establish(ctx, &reply);
	ksec_reply_clear(&reply);
}

/**
 * ksec_test_established() - an established context with a handle
 * @test:      the test it is for
 * @file:      the open file it is of
 * @cred:      handle of its credential
 * @initiator: gets the client's keys, to be the peer of another
 *
 * Return: its handle
 */
u64 ksec_test_established(struct kunit *test, struct ksec_file *file, u64 cred, bool initiator)
{
	struct ksec_context *ctx = ksec_test_context(test, file, cred);

	ksec_test_establish(test, ctx, KSEC_TEST_SEAL, initiator, KSECDD_TIME_NEVER);
	if (ksec_object_reserve(file, &ctx->x_obj)) {
		ksec_object_put(&ctx->x_obj);
		KUNIT_FAIL_AND_ABORT(test, "no handle");
	}
	ksec_object_publish(file, &ctx->x_obj);
	return ksec_handle(&ctx->x_obj);
}
