// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keys that the helper sets before the last leg, as Negotiate has to: they stay in
 * the half-open context, where the helper of each later leg can protect messages
 * with them and nobody else can.
 */
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "session.h"
#include "suite.h"

static struct testhelper th;
static struct taken taken;
static struct call call;
static struct session s;
static uint8_t key[16];

/* A leg has begun: messages are the helper's to make. */
static void begin(uint64_t context)
{
	call_ask(&th, &call, &taken, s.dev, s.cred, context);
	s.call = (struct message_call){ .cmd = KSECDD_REQ_MESSAGE, .fd = taken.fd };
}

static int set_keys(void)
{
	return request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, key, sizeof(key));
}

static uint64_t go_on(void)
{
	CHECK_EQ(complete_continue(&taken, NULL, 0, NULL, 0), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	return call.arg.new_context;
}

/* The last leg, and the end of the context */
static void let_in(uint64_t context)
{
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	s.call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE, .fd = s.dev, .context = context,
	};
	CHECK(session_works(&s));
	CHECK_STATUS(delete_context(s.dev, context), SEC_E_OK);
}

/* The first leg with keys, and a message each way */
static uint64_t first_leg(void)
{
	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, key);
	begin(0);
	CHECK_EQ(set_keys(), 0);
	CHECK(session_works(&s));
	return go_on();
}

static void leg_after_leg(void)
{
	struct family_status before = status_now();
	uint64_t context = first_leg();
	unsigned int i;

	for (i = 0; i < 3; i++) {
		begin(context);
		CHECK_EQ(set_keys(), -EBUSY);
		CHECK(session_works(&s));
		go_on();
	}
	begin(context);
	let_in(context);
	check_gauges(&before);
}

/* Set with a leg in the middle */
static void set_later(void)
{
	uint64_t context;

	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, key);
	begin(0);
	CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_SIGN, (struct ksecdd_buffer[]){
		buffer(SECBUFFER_TOKEN, call.out, 16) }, 1), SEC_E_INVALID_HANDLE);
	context = go_on();
	begin(context);
	CHECK_EQ(set_keys(), 0);
	go_on();
	begin(context);
	CHECK(session_works(&s));
	let_in(context);
}

static void not_for_the_caller(void)
{
	uint64_t context = first_leg();
	uint8_t signature[16] = { 1 };
	char data[] = "data";

	s.call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE, .fd = s.dev, .context = context,
	};
	CHECK_STATUS(session_encrypt(&s, data, sizeof(data), signature), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(session_decrypt(&s, data, sizeof(data), signature), SEC_E_INVALID_HANDLE);
	CHECK(!strcmp(data, "data"));
	begin(context);
	let_in(context);
}

/* A call that no helper sees leaves the keys where they were. */
static void nobody_there(void)
{
	uint64_t context = first_leg();
	unsigned int i;

	param_set("restart_grace_ms", 0);
	testhelper_stop(&th);
	for (i = 0; i < 2; i++) {
		call_init(&call, s.dev, s.cred, context);
		call_run(&call);
		CHECK_EQ(call.ret, 0);
		CHECK_STATUS(call.arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	}
	REQUIRE_EQ(testhelper_register(&th), 0);
	begin(context);
	CHECK(session_works(&s));
	let_in(context);
}

/* An answer that does not fit is kept with its keys. */
static void too_small(void)
{
	uint64_t context;
	unsigned int last;

	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, key);
	for (context = 0, last = 0; last < 2; last++) {
		struct ksecdd_complete arg;

		fill_ok(&arg);
		if (!last)
			arg = (struct ksecdd_complete){
				.size = sizeof(arg), .status = SEC_I_CONTINUE_NEEDED,
			};
		arg.token = (uintptr_t)"a long token";
		arg.token_len = 12;
		call_init(&call, s.dev, s.cred, context);
		call.arg.out_len = 11;
		call_start(&call);
		take(&th, &taken);
		s.call = (struct message_call){ .cmd = KSECDD_REQ_MESSAGE, .fd = taken.fd };
		CHECK_EQ(set_keys(), last ? -EBUSY : 0);
		CHECK(session_works(&s));
		CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg), 0);
		call_finish(&call, &taken, SEC_E_BUFFER_TOO_SMALL);
		call_init(&call, s.dev, s.cred, context);
		call_run(&call);
		CHECK_STATUS(call.arg.status, last ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
		context = call.arg.new_context;
	}
	s.call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE, .fd = s.dev, .context = context,
	};
	CHECK(session_works(&s));
	CHECK_STATUS(delete_context(s.dev, context), SEC_E_OK);
}

/* Keys end with a context that is refused, deleted or left behind. */
static void ends(void)
{
	struct family_status before = status_now();
	uint64_t context = first_leg();
	int dev = s.dev;

	begin(context);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	CHECK_STATUS(delete_context(s.dev, context), SEC_E_OK);
	check_gauges(&before);

	CHECK_STATUS(delete_context(s.dev, first_leg()), SEC_E_OK);
	check_gauges(&before);

	context = first_leg();
	begin(context);
	CHECK_STATUS(delete_context(s.dev, context), SEC_E_OK);
	CHECK(session_works(&s));
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_INVALID_HANDLE);
	check_gauges(&before);

	s.dev = device_open();
	s.cred = device_acquire(s.dev);
	first_leg();
	close(s.dev);
	s.dev = dev;
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "keys go from leg to leg", .run = leg_after_leg },
	{ .name = "keys that a later leg brings", .run = set_later },
	{ .name = "keys of a half-open context are not for its owner", .run = not_for_the_caller },
	{ .name = "keys stay when there is no helper", .run = nobody_there },
	{ .name = "keys and an answer that does not fit", .run = too_small },
	{ .name = "keys end with a half-open context", .run = ends },
};

int main(void)
{
	suite_after = params_restore;
	fill(key, sizeof(key), 1);
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	s.dev = device_open();
	s.cred = device_acquire(s.dev);
	return suite_run(tests, ARRAY_SIZE(tests));
}
