// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AcceptSecurityContext between its caller and the helper: what the helper is
 * told, what the caller gets, and what a call leaves behind that could not be
 * brought to its end.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "mem.h"
#include "suite.h"

static struct testhelper th;
static struct taken taken;
static struct call call;
static uint8_t big[KSECDD_MAX_TOKEN];

static int fd;
static uint64_t cred;

static void fill(void *buf, size_t len, uint8_t seed)
{
	uint8_t *p = buf;
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + seed);
}

/* A call has been made; these answer it and wait for its end. */
static void end(int32_t status)
{
	CHECK_EQ(status == SEC_E_OK ? complete_ok(&taken) : complete(&taken, status), 0);
	call_finish(&call, &taken, status);
}

static void end_continue(const void *state, uint32_t state_len, const void *token,
			    uint32_t token_len)
{
	CHECK_EQ(complete_continue(&taken, state, state_len, token, token_len), 0);
	taken_close(&taken);
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
}

static void start(uint64_t context)
{
	call_ask(&th, &call, &taken, fd, cred, context);
}

static void call_as_other(void *arg)
{
	(void)arg;
	become(ENV_UID);
	prctl(PR_SET_NAME, "a-service-name!");
	call_init(&call, fd, cred, 0);
	call.arg.req_flags = 0x7000ffff & ~ASC_REQ_PROMPT_FOR_CREDS;
	call.arg.target_drep = SECURITY_NETWORK_DREP;
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_LOGON_DENIED);
}

static void what_the_helper_is_told(void)
{
	const struct ksecdd_request *head = &taken.req.head;
	uint64_t first;
	pid_t pid;

	pid = suite_fork(call_as_other, NULL);
	take(&th, &taken);
	CHECK_EQ(taken.next.op, KSECDD_REQUEST_ACCEPT);
	CHECK_EQ(taken.next.package, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(taken.next.epoch, th.helper.epoch);
	CHECK(taken.next.timeout > 0 && taken.next.timeout <= 10000);

	CHECK_EQ(head->size, sizeof(*head));
	CHECK_EQ(head->op, KSECDD_REQUEST_ACCEPT);
	CHECK_EQ(head->package, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(head->leg, 0);
	CHECK_EQ(head->req_flags, 0x7000ffff & ~ASC_REQ_PROMPT_FOR_CREDS);
	CHECK_EQ(head->target_drep, SECURITY_NETWORK_DREP);
	CHECK_EQ(head->cred_use, SECPKG_CRED_INBOUND);
	CHECK_EQ(head->cred_uid, 0);
	CHECK_EQ(head->caller_uid, ENV_UID);
	CHECK_EQ(head->caller_pid, pid);
	CHECK(!strcmp(head->comm, "a-service-name!"));
	CHECK_EQ(head->state_len, 0);
	CHECK_EQ(head->token_len, 16);
	CHECK_MEM(taken.req.step.token, "a client's token", 16);
	CHECK_EQ(head->bindings_len, 0);
	CHECK_EQ(head->principal_len, 0);
	CHECK_EQ(taken.len, sizeof(*head) + 16);
	CHECK(head->context != 0);
	first = head->context;
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	suite_join(pid);

	start(0);
	CHECK(head->context > first);
	CHECK_EQ(head->caller_uid, 0);
	CHECK_EQ(head->caller_pid, getpid());
	CHECK_EQ(head->req_flags, 0);
	CHECK_EQ(head->target_drep, SECURITY_NATIVE_DREP);
	end(SEC_E_LOGON_DENIED);
}

static void bindings_and_principal(void)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_BOTH,
		.principal = (uintptr_t)"HTTP/server", .principal_len = 11,
	};
	const struct engine_step *step = &taken.req.step;
	static uint8_t bindings[KSECDD_MAX_CBT];

	REQUIRE_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
	fill(bindings, sizeof(bindings), 1);
	fill(big, sizeof(big), 2);
	call_init(&call, fd, arg.handle, 0);
	call.arg.token = (uintptr_t)big;
	call.arg.token_len = sizeof(big);
	call.arg.bindings = (uintptr_t)bindings;
	call.arg.bindings_len = sizeof(bindings);
	call_start(&call);
	take(&th, &taken);
	CHECK_EQ(taken.req.head.cred_use, SECPKG_CRED_BOTH);
	CHECK_EQ(step->token_len, sizeof(big));
	CHECK_MEM(step->token, big, sizeof(big));
	CHECK_EQ(step->bindings_len, sizeof(bindings));
	CHECK_MEM(step->bindings, bindings, sizeof(bindings));
	CHECK_EQ(step->principal_len, 11);
	CHECK_MEM(step->principal, "HTTP/server", 11);
	end(SEC_E_LOGON_DENIED);
	CHECK_STATUS(free_cred(fd, arg.handle), SEC_E_OK);
}

/* State comes back as it was given, leg after leg, and only the last one. */
static void state_and_legs(void)
{
	static const uint32_t lens[] = { 1, KSECDD_MAX_STATE, 0, 7, KSECDD_MAX_STATE, 300 };
	static uint8_t state[KSECDD_MAX_STATE], before[KSECDD_MAX_STATE];
	uint64_t context = 0, number = 0;
	uint32_t len = 0, i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		start(context);
		CHECK_EQ(taken.req.head.leg, i);
		CHECK_EQ(taken.req.head.state_len, len);
		CHECK_MEM(taken.req.step.state, before, len);
		if (number)
			CHECK_EQ(taken.req.head.context, number);
		number = taken.req.head.context;

		len = lens[i];
		fill(state, len, (uint8_t)i);
		memcpy(before, state, len);
		end_continue(state, len, NULL, 0);
		CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
		if (context)
			CHECK_EQ(call.arg.new_context, context);
		context = call.arg.new_context;
	}
	start(context);
	CHECK_EQ(taken.req.head.state_len, len);
	CHECK_MEM(taken.req.step.state, before, len);
	end(SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void token_for_the_client(void)
{
	static uint8_t room[KSECDD_MAX_TOKEN + 16];
	static const uint32_t lens[] = { 0, 1, 200, KSECDD_MAX_TOKEN };
	uint32_t i, j;

	fill(big, sizeof(big), 3);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		memset(room, 0xee, sizeof(room));
		call_init(&call, fd, cred, 0);
		call.arg.out = (uintptr_t)room;
		call.arg.out_len = lens[i] + 16;
		call_start(&call);
		take(&th, &taken);
		end_continue(NULL, 0, big, lens[i]);
		CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
		CHECK_EQ(call.arg.out_len, lens[i]);
		CHECK_MEM(room, big, lens[i]);
		for (j = lens[i]; j < lens[i] + 16; j++)
			CHECK_EQ(room[j], 0xee);
		CHECK_EQ(call.arg.ret_flags, 0);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
}

static void what_the_caller_gets(void)
{
	struct ksecdd_complete arg;

	start(0);
	fill_ok(&arg);
	/* ASC_RET_DELEGATE wants a cache with it: complete.c */
	arg.ret_flags = 0x0012345e;
	arg.expiry = 0x0123456789abcdef;
	arg.token = (uintptr_t)"goodbye";
	arg.token_len = 7;
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg), 0);
	taken_close(&taken);
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_OK);
	CHECK_EQ(call.arg.ret_flags, 0x0012345e);
	CHECK_EQ(call.arg.expiry, 0x0123456789abcdef);
	CHECK_EQ(call.arg.out_len, 7);
	CHECK_MEM(call.out, "goodbye", 7);
	CHECK_EQ(call.out[7], 0xee);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

static uint64_t with_state(const char *state)
{
	start(0);
	end_continue(state, (uint32_t)strlen(state), NULL, 0);
	REQUIRE_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
	return call.arg.new_context;
}

static void check_dead(uint64_t context)
{
	struct ksecdd_context_info info;

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_INVALID_HANDLE);
	call_init(&call, fd, cred, context);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* Why a client is refused may be told in a token. */
static void refused_with_a_token(void)
{
	struct ksecdd_complete arg = {
		.size = sizeof(arg), .status = SEC_E_LOGON_DENIED,
		.token = (uintptr_t)"sorry", .token_len = 5,
	};
	uint64_t context;
	uint32_t room;

	for (room = 4; room <= 5; room++) {
		context = with_state("s");
		call_init(&call, fd, cred, context);
		call.arg.out_len = room;
		call_start(&call);
		take(&th, &taken);
		CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg), 0);
		taken_close(&taken);
		call_wait(&call);
		CHECK_EQ(call.ret, 0);
		/* A refusal is a refusal, even if its token does not fit. */
		CHECK_STATUS(call.arg.status, SEC_E_LOGON_DENIED);
		CHECK_EQ(call.arg.out_len, room == 5 ? 5 : 0);
		CHECK_MEM(call.out, room == 5 ? "sorry" : "\xee\xee\xee\xee\xee", 5);
		CHECK_EQ(call.arg.new_context, 0);
		check_dead(context);
	}
}

static void closed_without_answer(void)
{
	struct family_status before = status_now();
	uint64_t contexts[] = { 0, with_state("s") };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		start(contexts[i]);
		taken_close(&taken);
		call_wait(&call);
		CHECK_EQ(call.ret, 0);
		CHECK_STATUS(call.arg.status, SEC_E_INTERNAL_ERROR);
		CHECK_EQ(call.arg.new_context, 0);
		CHECK_EQ(status_now().aborted, before.aborted + i + 1);
	}
	check_dead(contexts[1]);
	check_gauges(&before);
}

static void two_at_once(void)
{
	static struct call second;
	uint64_t context = with_state("of the first leg");

	start(context);
	call_init(&second, fd, cred, context);
	/* Answered at once: there is nobody to wait for. */
	call_run(&second);
	CHECK_EQ(second.ret, 0);
	CHECK_STATUS(second.arg.status, SEC_E_INVALID_TOKEN);
	CHECK_EQ(second.arg.new_context, 0);
	CHECK(!call.over);
	end(SEC_E_OK);
	CHECK_EQ(call.arg.new_context, context);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* As above, but which of the two comes first is chance. */
static void two_race(void)
{
	static struct call calls[2];
	unsigned int i, j, rounds = suite_count(60), won;
	uint64_t context;

	for (i = 0; i < rounds && !suite_failed(); i++) {
		context = with_state("s");
		for (j = 0; j < 2; j++) {
			call_init(&calls[j], fd, cred, context);
			call_start(&calls[j]);
		}
		take(&th, &taken);
		CHECK_EQ(complete_ok(&taken), 0);
		taken_close(&taken);
		won = 0;
		for (j = 0; j < 2; j++) {
			call_wait(&calls[j]);
			CHECK_EQ(calls[j].ret, 0);
			won += calls[j].arg.status == SEC_E_OK;
			if (calls[j].arg.status != SEC_E_OK)
				CHECK_STATUS(calls[j].arg.status, SEC_E_INVALID_TOKEN);
		}
		CHECK_EQ(won, 1);
		CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	}
}

static void deleted_while_busy(void)
{
	static const int32_t verdicts[] = { SEC_E_OK, SEC_I_CONTINUE_NEEDED, SEC_E_LOGON_DENIED };
	struct family_status before = status_now();
	struct ksecdd_context_info info;
	uint64_t context;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		context = with_state("s");
		start(context);
		CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
		CHECK_STATUS(delete_context(fd, context), SEC_E_INVALID_HANDLE);
		CHECK_EQ(i ? complete(&taken, verdicts[i]) : complete_ok(&taken), 0);
		taken_close(&taken);
		call_wait(&call);
		CHECK_EQ(call.ret, 0);
		CHECK(call.arg.status != SEC_E_OK);
		CHECK_EQ(call.arg.new_context, 0);
		CHECK_STATUS(query_info(fd, context, &info), SEC_E_INVALID_HANDLE);
		check_gauges(&before);
	}
}

static const struct suite_test tests[] = {
	{ .name = "what the helper is told of a call", .run = what_the_helper_is_told },
	{ .name = "bindings and principal reach the helper", .run = bindings_and_principal },
	{ .name = "state comes back with the next leg", .run = state_and_legs },
	{ .name = "the token for the client", .run = token_for_the_client },
	{ .name = "flags and expiry reach the caller", .run = what_the_caller_gets },
	{ .name = "a refusal and its token", .run = refused_with_a_token },
	{ .name = "a request file closed without an answer", .run = closed_without_answer },
	{ .name = "a second call on a context that is busy", .run = two_at_once },
	{ .name = "two calls on a context race", .run = two_race },
	{ .name = "a context deleted while its call waits", .run = deleted_while_busy },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
