// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What Negotiate needs of the module: keys that the helper sets before the last leg
 * stay in the half-open context, where the helper of each later leg can protect
 * messages and MICs with them and nobody else can; and a token may come in pieces.
 */
#include <errno.h>
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
	uint64_t context = first_leg(), cred = s.cred;
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
	s.cred = cred;
	check_gauges(&before);
}

/* The answer that the token is not whole yet, with what must not go with it */
static int partial(const struct ksecdd_complete *with)
{
	struct ksecdd_complete arg = *with;

	arg.size = sizeof(arg);
	if (!arg.status)
		arg.status = SEC_I_CONTINUE_NEEDED;
	arg.flags |= KSECDD_COMPLETE_PARTIAL;
	return device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg);
}

/* Whether the request of @call has this token, and state and leg of the one before */
static void check_request(uint32_t leg, const void *state, uint32_t state_len, const void *token,
			  uint32_t token_len)
{
	const struct request *req = &taken.req;

	CHECK_EQ(req->head.leg, leg);
	REQUIRE_EQ(req->step.state_len, state_len);
	CHECK_MEM(req->step.state, state, state_len);
	REQUIRE_EQ(req->step.token_len, token_len);
	CHECK_MEM(req->step.token, token, token_len);
}

static void ask_with(uint64_t context, const void *token, uint32_t len)
{
	call_init(&call, s.dev, s.cred, context);
	call.arg.token = (uintptr_t)token;
	call.arg.token_len = len;
	call_start(&call);
	take(&th, &taken);
	s.call = (struct message_call){ .cmd = KSECDD_REQ_MESSAGE, .fd = taken.fd };
}

static void go_on_partial(void)
{
	CHECK_EQ(partial(&(struct ksecdd_complete){}), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, 0);
}

/* A token in pieces, before and after a leg with state and keys */
static void pieces(void)
{
	struct family_status before = status_now();
	uint64_t context;

	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, key);
	ask_with(0, "one", 3);
	go_on_partial();
	context = call.arg.new_context;
	ask_with(context, "two", 3);
	check_request(0, "", 0, "onetwo", 6);
	go_on_partial();
	ask_with(context, "3", 1);
	check_request(0, "", 0, "onetwo3", 7);
	CHECK_EQ(set_keys(), 0);
	CHECK_EQ(complete_continue(&taken, "state", 5, "answer", 6), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, 6);

	ask_with(context, "four", 4);
	check_request(1, "state", 5, "four", 4);
	go_on_partial();
	ask_with(context, "five", 4);
	check_request(1, "state", 5, "fourfive", 8);
	CHECK(session_works(&s));
	let_in(context);
	check_gauges(&before);
}

/* What is no next piece changes nothing; the file is closed with a piece in it. */
static void pieces_end(void)
{
	static uint8_t big[KSECDD_MAX_TOKEN];
	struct family_status before = status_now();
	uint64_t context, cred = s.cred;
	int dev = s.dev;

	ask_with(0, big, sizeof(big) - 1);
	go_on_partial();
	context = call.arg.new_context;
	call_init(&call, s.dev, s.cred, context);
	call.arg.token_len = 0;
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_INVALID_TOKEN);
	call_init(&call, s.dev, s.cred, context);
	call.arg.token_len = 2;
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_INVALID_TOKEN);
	ask_with(context, big, 1);
	CHECK_EQ(taken.req.step.token_len, sizeof(big));
	go_on_partial();
	CHECK_STATUS(delete_context(s.dev, context), SEC_E_OK);
	check_gauges(&before);

	s.dev = device_open();
	s.cred = device_acquire(s.dev);
	ask_with(0, big, sizeof(big));
	go_on_partial();
	close(s.dev);
	s.dev = dev;
	s.cred = cred;
	check_gauges(&before);
}

/* Answers of which the half says that nothing was judged, and the other half what */
static void pieces_confused(void)
{
	const struct ksecdd_complete confused[] = {
		{ .status = SEC_E_LOGON_DENIED },
		{ .state = (uintptr_t)"state", .state_len = 5 },
		{ .token = (uintptr_t)"token", .token_len = 5 },
		{ .flags = KSECDD_COMPLETE_MAPPED },
		{ .flags = KSECDD_COMPLETE_EXPORT_KEY },
		{ .client = (uintptr_t)"alice", .client_len = 5 },
		{ .ret_flags = ASC_RET_INTEGRITY },
	};
	struct ksecdd_complete ok;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(confused); i++) {
		begin(0);
		if (!CHECK_EQ(partial(&confused[i]), -EINVAL))
			suite_note("case %zu", i);
		call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	}
	fill_ok(&ok);
	begin(0);
	ok.flags |= KSECDD_COMPLETE_PARTIAL;
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &ok), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	/* Of no token there is no beginning. */
	ask_with(0, "", 0);
	CHECK_EQ(partial(&(struct ksecdd_complete){}), -EINVAL);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
}

/* A MIC counts, and the key stream of messages begins where it would without. */
static void mics(void)
{
	const struct ntlm_piece list = { (uint8_t *)"a list", 6, false };
	uint8_t mic[16];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, list.data, list.len),
		buffer(SECBUFFER_TOKEN, mic, sizeof(mic)),
	};
	struct ntlm_peer was;
	uint64_t context;
	unsigned int i;

	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, key);
	begin(0);
	CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC, bufs, 2),
		     SEC_E_INVALID_HANDLE);
	CHECK_EQ(set_keys(), 0);
	for (i = 0; i < 2; i++) {
		was = s.peer;
		ntlm_peer_protect(&s.peer, &list, 1, mic);
		s.peer.send.rc4 = was.send.rc4;
		mic[i ? 5 : 15] ^= 1;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC,
					    bufs, 2),
			     i ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE);
		mic[i ? 5 : 15] ^= 1;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC,
					    bufs, 2), SEC_E_OK);
		was = s.peer;
		CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_SIGN | KSECDD_MESSAGE_MIC,
					    bufs, 2), SEC_E_OK);
		CHECK(ntlm_peer_accept(&s.peer, &list, 1, mic));
		s.peer.receive.rc4 = was.receive.rc4;
	}
	CHECK(session_works(&s));
	context = go_on();
	begin(context);
	let_in(context);
}

static const struct suite_test tests[] = {
	{ .name = "keys go from leg to leg", .run = leg_after_leg },
	{ .name = "keys that a later leg brings", .run = set_later },
	{ .name = "keys of a half-open context are not for its owner", .run = not_for_the_caller },
	{ .name = "keys stay when there is no helper", .run = nobody_there },
	{ .name = "keys and an answer that does not fit", .run = too_small },
	{ .name = "keys end with a half-open context", .run = ends },
	{ .name = "a token in pieces", .run = pieces },
	{ .name = "what is no next piece", .run = pieces_end },
	{ .name = "pieces, and a confused helper", .run = pieces_confused },
	{ .name = "MICs of a negotiation", .run = mics },
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
