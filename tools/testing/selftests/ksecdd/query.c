// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a context tells: every attribute in every state, and to whom it is
 * another thing.
 */
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "mem.h"
#include "suite.h"

#define FILETIME_EPOCH	116444736000000000LL	/* 1970-01-01 */
#define FILETIME_SECOND	10000000LL

static struct testhelper th;
static struct taken taken;
static struct call call;
static const uint8_t session_key[16] = "a session's key";

static int fd;
static uint64_t cred;

static const uint32_t names[] = {
	KSECDD_ATTR_CLIENT_NAME, KSECDD_ATTR_SERVER_NAME, KSECDD_ATTR_TARGET_NAME,
};

/* A context from an answer; @with_keys: sealing keys, too. */
static uint64_t context_of(struct ksecdd_complete *arg, bool with_keys)
{
	call_ask(&th, &call, &taken, fd, cred, 0);
	if (with_keys)
		CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS,
					  session_key, 16), 0);
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, arg), 0);
	call_finish(&call, &taken, SEC_E_OK);
	REQUIRE(!suite_failed());
	return call.arg.new_context;
}

static int32_t ask(uint64_t context, uint32_t attribute, char *buf, uint32_t room, uint32_t *len)
{
	memset(buf, 0xee, 64);
	*len = room;
	return query(fd, context, attribute, buf, len);
}

static void check_text(uint64_t context, uint32_t attribute, const char *want)
{
	uint32_t len, want_len = (uint32_t)strlen(want);
	char buf[64];

	CHECK_STATUS(ask(context, attribute, buf, sizeof(buf), &len), SEC_E_OK);
	CHECK_EQ(len, want_len);
	CHECK_MEM(buf, want, want_len);
	CHECK_EQ((uint8_t)buf[want_len], 0xee);
	CHECK_STATUS(ask(context, attribute, buf, want_len, &len), SEC_E_OK);
	CHECK_EQ(len, want_len);
	if (!want_len)
		return;
	CHECK_STATUS(ask(context, attribute, buf, want_len - 1, &len), SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(len, want_len);
	CHECK_EQ((uint8_t)buf[0], 0xee);
}

static void check_answer(uint64_t context, uint32_t attribute, int32_t want)
{
	uint32_t len;
	char buf[64];

	CHECK_STATUS(ask(context, attribute, buf, sizeof(buf), &len), want);
	CHECK_EQ(len, 0);
	CHECK_EQ((uint8_t)buf[0], 0xee);
}

static void half_open_context(void)
{
	uint64_t context = half_open(&th, fd, cred);
	struct ksecdd_context_info info;
	size_t i;

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.package, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
	CHECK_EQ(info.ret_flags, 0);
	CHECK_EQ(info.mech_flags, 0);
	CHECK_EQ(info.max_token, 2888);
	CHECK_EQ(info.max_signature, 16);
	CHECK_EQ(info.block_size, 0);
	CHECK_EQ(info.trailer, 16);
	CHECK_EQ(info.key_bits, 0);
	CHECK_EQ(info.sign_alg, 0);
	CHECK_EQ(info.encrypt_alg, 0);
	CHECK_EQ(info.uid, UINT32_MAX);
	CHECK_EQ(info.start, 0);
	CHECK_EQ(info.expiry, KSECDD_TIME_NEVER);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		check_answer(context, names[i], SEC_E_INVALID_HANDLE);
	check_answer(context, KSECDD_ATTR_SESSION_KEY, SEC_E_INVALID_HANDLE);
	check_answer(context, 0, SEC_E_UNSUPPORTED_FUNCTION);
	check_answer(context, KSECDD_ATTR_SESSION_KEY + 1, SEC_E_UNSUPPORTED_FUNCTION);

	/* While the helper thinks about it, it is what it was. */
	call_ask(&th, &call, &taken, fd, cred, context);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, session_key, 16),
		 0);
	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
	CHECK_EQ(info.mech_flags, 0);
	check_answer(context, KSECDD_ATTR_CLIENT_NAME, SEC_E_INVALID_HANDLE);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	call_wait(&call);

	for (i = KSECDD_ATTR_INFO; i <= KSECDD_ATTR_SESSION_KEY; i++)
		check_answer(context, (uint32_t)i, SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	for (i = KSECDD_ATTR_INFO; i <= KSECDD_ATTR_SESSION_KEY; i++)
		check_answer(context, (uint32_t)i, SEC_E_INVALID_HANDLE);
}

static int64_t filetime_now(void)
{
	return (int64_t)time(NULL) * FILETIME_SECOND + FILETIME_EPOCH;
}

static void established_context(void)
{
	int64_t now = filetime_now(), expiry = now + 3600 * FILETIME_SECOND;
	struct ksecdd_context_info info;
	struct ksecdd_complete arg;
	uint64_t context;

	fill_ok(&arg);
	arg.flags = KSECDD_COMPLETE_MAPPED | KSECDD_COMPLETE_TARGET;
	arg.ret_flags = ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY;
	arg.target = (uintptr_t)"HTTP/server";
	arg.target_len = 11;
	arg.uid = ENV_UID;
	arg.gid = ENV_UID;
	arg.expiry = expiry;
	context = context_of(&arg, true);
	CHECK_EQ(call.arg.expiry, expiry);

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.package, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
	CHECK_EQ(info.ret_flags, ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY);
	CHECK_EQ(info.mech_flags, TEST_SEAL_FLAGS);
	CHECK_EQ(info.key_bits, 128);
	CHECK(info.sign_alg != 0);
	CHECK(info.encrypt_alg != 0);
	CHECK_EQ(info.uid, ENV_UID);
	CHECK(info.start >= now - FILETIME_SECOND && info.start <= now + 60 * FILETIME_SECOND);
	CHECK_EQ(info.expiry, expiry);

	check_text(context, KSECDD_ATTR_CLIENT_NAME, "TEST\\client");
	check_text(context, KSECDD_ATTR_SERVER_NAME, "SERVER");
	check_text(context, KSECDD_ATTR_TARGET_NAME, "HTTP/server");
	check_answer(context, KSECDD_ATTR_SESSION_KEY, SEC_E_UNSUPPORTED_FUNCTION);
	check_answer(context, 0, SEC_E_UNSUPPORTED_FUNCTION);
	check_answer(context, KSECDD_ATTR_SESSION_KEY + 1, SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void targets(void)
{
	struct ksecdd_complete arg;
	uint64_t context;

	fill_ok(&arg);
	context = context_of(&arg, false);
	check_answer(context, KSECDD_ATTR_TARGET_NAME, SEC_E_TARGET_UNKNOWN);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);

	arg.flags = KSECDD_COMPLETE_TARGET;
	context = context_of(&arg, false);
	check_text(context, KSECDD_ATTR_TARGET_NAME, "");
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);

	arg.server_len = 0;
	context = context_of(&arg, false);
	check_text(context, KSECDD_ATTR_SERVER_NAME, "");
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* The session key comes out where the helper says so, and nowhere else. */
static void session_keys(void)
{
	struct ksecdd_complete arg;
	uint32_t len;
	uint64_t context;
	char buf[64];

	fill_ok(&arg);
	context = context_of(&arg, true);
	check_answer(context, KSECDD_ATTR_SESSION_KEY, SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);

	arg.flags = KSECDD_COMPLETE_EXPORT_KEY;
	context = context_of(&arg, false);
	check_answer(context, KSECDD_ATTR_SESSION_KEY, SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);

	context = context_of(&arg, true);
	CHECK_STATUS(ask(context, KSECDD_ATTR_SESSION_KEY, buf, sizeof(buf), &len), SEC_E_OK);
	CHECK_EQ(len, 16);
	CHECK_MEM(buf, session_key, 16);
	CHECK_EQ((uint8_t)buf[16], 0xee);
	CHECK_STATUS(ask(context, KSECDD_ATTR_SESSION_KEY, buf, 15, &len), SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(len, 16);
	CHECK_EQ((uint8_t)buf[0], 0xee);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void expired_context(void)
{
	uint8_t text[4] = "text", token[16] = {};
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, text, sizeof(text)),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};
	struct message_call message = { .cmd = KSECDD_IOC_MESSAGE, .fd = fd };
	struct ksecdd_context_info info;
	struct ksecdd_complete arg;
	uint32_t op;

	fill_ok(&arg);
	arg.expiry = filetime_now() - FILETIME_SECOND;
	message.context = context_of(&arg, true);
	for (op = KSECDD_MESSAGE_SIGN; op <= KSECDD_MESSAGE_DECRYPT; op++)
		CHECK_STATUS(message_status(&message, op, bufs, 2), SEC_E_CONTEXT_EXPIRED);
	CHECK_MEM(text, "text", 4);
	/* Who it was can still be asked. */
	CHECK_STATUS(query_info(fd, message.context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
	CHECK_EQ(info.expiry, arg.expiry);
	check_text(message.context, KSECDD_ATTR_CLIENT_NAME, "TEST\\client");
	CHECK_STATUS(delete_context(fd, message.context), SEC_E_OK);

	arg.expiry = filetime_now() + 3600 * FILETIME_SECOND;
	message.context = context_of(&arg, true);
	CHECK_STATUS(message_status(&message, KSECDD_MESSAGE_SIGN, bufs, 2), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, message.context), SEC_E_OK);
}

static uint64_t mapped_to(uint32_t uid)
{
	struct ksecdd_complete arg;

	fill_ok(&arg);
	arg.flags = KSECDD_COMPLETE_MAPPED;
	arg.uid = uid;
	arg.gid = uid;
	return context_of(&arg, false);
}

static void check_uid(uint64_t context, uint32_t want)
{
	struct ksecdd_context_info info;

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.uid, want);
}

static void in_user_namespace(void *arg)
{
	const uint64_t *contexts = arg;

	become(ENV_UID);
	check_uid(contexts[0], 0);
	check_uid(contexts[1], ENV_UID);
	user_namespace();
	/* Nobody here is the initial namespace's root, and that user is root here. */
	check_uid(contexts[0], UINT32_MAX);
	check_uid(contexts[1], 0);
	check_uid(contexts[2], UINT32_MAX);
}

static void users_of_a_namespace(void)
{
	uint64_t contexts[] = { mapped_to(0), mapped_to(ENV_UID), mapped_to(ENV_UID2) };
	size_t i;

	suite_in_child(in_user_namespace, contexts);
	check_uid(contexts[0], 0);
	check_uid(contexts[1], ENV_UID);
	check_uid(contexts[2], ENV_UID2);
	for (i = 0; i < ARRAY_SIZE(contexts); i++)
		CHECK_STATUS(delete_context(fd, contexts[i]), SEC_E_OK);
}

/* Nothing of an answer is lost or made up when it cannot be written. */
static void bad_memory(void)
{
	struct ksecdd_complete complete_arg;
	struct ksecdd_query arg;
	uint64_t context;
	unsigned int i;
	uint32_t attr;

	fill_ok(&complete_arg);
	complete_arg.flags = KSECDD_COMPLETE_EXPORT_KEY | KSECDD_COMPLETE_TARGET;
	complete_arg.target = complete_arg.client;
	complete_arg.target_len = 4;
	context = context_of(&complete_arg, true);
	for (attr = KSECDD_ATTR_INFO; attr <= KSECDD_ATTR_SESSION_KEY; attr++) {
		for (i = 0; i < MEM_BAD_POINTERS; i++) {
			arg = (struct ksecdd_query){
				.size = sizeof(arg), .context = context, .attribute = attr,
				.len = 4096, .buffer = mem_bad(i),
			};
			CHECK_EQ(device_ioctl(fd, KSECDD_IOC_QUERY, &arg), -EFAULT);
		}
	}
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static const struct suite_test tests[] = {
	{ .name = "a half-open context", .run = half_open_context },
	{ .name = "an established context", .run = established_context },
	{ .name = "targets, and names that are empty", .run = targets },
	{ .name = "the session key", .run = session_keys },
	{ .name = "an expired context", .run = expired_context },
	{ .name = "users as a user namespace knows them", .run = users_of_a_namespace },
	{ .name = "answers that cannot be written", .run = bad_memory },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
