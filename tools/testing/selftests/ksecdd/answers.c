// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers of the helper that the caller could not take: they are kept for the same
 * call made again, and for no other.  The helper is not asked a second time.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "mem.h"
#include "suite.h"

#define ANSWER_LEN	100

static struct testhelper th;
static struct taken taken;
static struct call call;
static uint8_t answer[ANSWER_LEN];

static int fd;
static uint64_t cred;

/* The helper asks for another token, or lets the client in; the caller sees @status. */
static void answer_call(bool last, int32_t status)
{
	struct ksecdd_complete arg;

	fill_ok(&arg);
	if (!last) {
		arg = (struct ksecdd_complete){
			.size = sizeof(arg), .status = SEC_I_CONTINUE_NEEDED,
			.state = (uintptr_t)"a state", .state_len = 7,
		};
	}
	arg.token = (uintptr_t)answer;
	arg.token_len = sizeof(answer);
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg), 0);
	taken_close(&taken);
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, status);
}

/* A call whose answer is one byte too long */
static void keep_one(uint64_t context, bool last)
{
	call_init(&call, fd, cred, context);
	call.arg.out_len = sizeof(answer) - 1;
	call_start(&call);
	take(&th, &taken);
	answer_call(last, SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(call.arg.out_len, sizeof(answer));
	CHECK_EQ(call.arg.new_context, 0);
	CHECK_EQ(call.arg.ret_flags, 0);
	CHECK_EQ(call.out[0], 0xee);
}

/* The call made again: the answer comes without a helper. */
static uint64_t fetch(uint64_t context, int32_t status)
{
	uint64_t upcalls = status_now().upcalls;

	call_init(&call, fd, cred, context);
	call.arg.out_len = sizeof(answer);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, status);
	CHECK_EQ(call.arg.out_len, sizeof(answer));
	CHECK_MEM(call.out, answer, sizeof(answer));
	if (context)
		CHECK_EQ(call.arg.new_context, context);
	CHECK_EQ(status_now().upcalls, upcalls);
	return call.arg.new_context;
}

static void check_kept(const struct family_status *before, unsigned int n)
{
	struct family_status want = *before;

	want.contexts += n;
	want.half_open += n;
	want.requests += n;
	check_gauges(&want);
}

/* A leg with the state of the leg that @context has behind it */
static void check_leg(uint64_t context, uint32_t leg, const char *state)
{
	struct ksecdd_context_info info;

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
	call_ask(&th, &call, &taken, fd, cred, context);
	CHECK_EQ(taken.req.head.leg, leg);
	CHECK_EQ(taken.req.head.state_len, strlen(state));
	CHECK_MEM(taken.req.step.state, state, strlen(state));
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static uint64_t with_state(const char *state)
{
	call_ask(&th, &call, &taken, fd, cred, 0);
	CHECK_EQ(complete_continue(&taken, state, (uint32_t)strlen(state), NULL, 0), 0);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	return call.arg.new_context;
}

static void first(void)
{
	struct family_status before = status_now();
	uint64_t context;

	keep_one(0, false);
	check_kept(&before, 1);
	context = fetch(0, SEC_I_CONTINUE_NEEDED);
	check_leg(context, 1, "a state");
	check_gauges(&before);

	keep_one(0, true);
	context = fetch(0, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_gauges(&before);
}

static void later(void)
{
	struct family_status before = status_now();
	uint64_t context = with_state("of the first leg");

	keep_one(context, false);
	CHECK_EQ(fetch(context, SEC_I_CONTINUE_NEEDED), context);
	keep_one(context, true);
	CHECK_EQ(fetch(context, SEC_E_OK), context);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_gauges(&before);
}

/* As often as it takes, and once it was fetched never more. */
static void again_and_again(void)
{
	struct family_status before = status_now();
	uint32_t room;

	keep_one(0, true);
	for (room = 0; room < sizeof(answer); room += 33) {
		call_init(&call, fd, cred, 0);
		call.arg.out_len = room;
		call_run(&call);
		CHECK_EQ(call.ret, 0);
		CHECK_STATUS(call.arg.status, SEC_E_BUFFER_TOO_SMALL);
		CHECK_EQ(call.arg.out_len, sizeof(answer));
		check_kept(&before, 1);
	}
	CHECK_STATUS(delete_context(fd, fetch(0, SEC_E_OK)), SEC_E_OK);

	call_ask(&th, &call, &taken, fd, cred, 0);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	check_gauges(&before);
}

/* Other calls than the one that was answered, by what is other about them */
static const struct other {
	const char *name;
	uint32_t req_flags;
	uint32_t target_drep;
	const char *token;
	const char *bindings;
} others[] = {
	{ "token", 0, SECURITY_NATIVE_DREP, "a client's tokeN", NULL },
	{ "shorter token", 0, SECURITY_NATIVE_DREP, "a client's tok", NULL },
	{ "longer token", 0, SECURITY_NATIVE_DREP, "a client's token.", NULL },
	{ "bindings", 0, SECURITY_NATIVE_DREP, "a client's token", "b" },
	{ "bindings made of the token", 0, SECURITY_NATIVE_DREP, "a client's tok", "en" },
	{ "flags", ASC_REQ_ALLOW_MISSING_BINDINGS, SECURITY_NATIVE_DREP, "a client's token", NULL },
	{ "drep", 0, SECURITY_NETWORK_DREP, "a client's token", NULL },
};

static void call_other(const struct other *other, uint64_t context)
{
	call_init(&call, fd, cred, context);
	call.arg.req_flags = other->req_flags;
	call.arg.target_drep = other->target_drep;
	call.arg.token = (uintptr_t)other->token;
	call.arg.token_len = (uint32_t)strlen(other->token);
	if (other->bindings) {
		call.arg.bindings = (uintptr_t)other->bindings;
		call.arg.bindings_len = (uint32_t)strlen(other->bindings);
	}
}

static void other_first_calls(void)
{
	struct family_status before = status_now();
	uint64_t mine = cred;
	size_t i;

	keep_one(0, true);
	for (i = 0; i < ARRAY_SIZE(others) + 1; i++) {
		call_other(&others[i % ARRAY_SIZE(others)], 0);
		if (i == ARRAY_SIZE(others)) {
			call_init(&call, fd, device_acquire(fd), 0);
			mine = call.arg.credential;
		}
		call_start(&call);
		take(&th, &taken);
		CHECK_EQ(taken.req.head.token_len, call.arg.token_len);
		CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
		call_finish(&call, &taken, SEC_E_LOGON_DENIED);
		if (suite_failed())
			suite_note("other %s", i < ARRAY_SIZE(others) ? others[i].name :
				   "credential");
	}
	CHECK_STATUS(free_cred(fd, mine), SEC_E_OK);
	check_kept(&before, 1);
	CHECK_STATUS(delete_context(fd, fetch(0, SEC_E_OK)), SEC_E_OK);
	check_gauges(&before);
}

static void other_later_calls(void)
{
	uint64_t context = with_state("of the first leg");
	size_t i;

	keep_one(context, true);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		call_other(&others[i], context);
		call_run(&call);
		CHECK_EQ(call.ret, 0);
		CHECK_STATUS(call.arg.status, SEC_E_INVALID_TOKEN);
		CHECK_EQ(call.arg.out_len, 0);
		if (suite_failed())
			suite_note("other %s", others[i].name);
	}
	CHECK_EQ(fetch(context, SEC_E_OK), context);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* ASC_REQ_ALLOCATE_MEMORY is what a caller does about the size. */
static void allocated_then(void)
{
	keep_one(0, true);
	call_init(&call, fd, cred, 0);
	call.arg.req_flags = ASC_REQ_ALLOCATE_MEMORY;
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_OK);
	CHECK_MEM(call.out, answer, sizeof(answer));
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

static void as_other_user(void *arg)
{
	(void)arg;
	become(ENV_UID);
	call_init(&call, fd, cred, 0);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_LOGON_DENIED);
}

/* The helper may say something else to him. */
static void other_user(void)
{
	pid_t pid;

	keep_one(0, true);
	pid = suite_fork(as_other_user, NULL);
	take(&th, &taken);
	CHECK_EQ(taken.req.head.caller_uid, ENV_UID);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	suite_join(pid);
	CHECK_STATUS(delete_context(fd, fetch(0, SEC_E_OK)), SEC_E_OK);
}

/* Two threads make the call again: one gets the answer, the other asks the helper. */
static void two_fetch(void)
{
	struct family_status before = status_now();
	unsigned int i, j, rounds = suite_count(40), won;
	static struct call calls[2];

	for (i = 0; i < rounds && !suite_failed(); i++) {
		keep_one(0, true);
		for (j = 0; j < 2; j++) {
			call_init(&calls[j], fd, cred, 0);
			call_start(&calls[j]);
		}
		take(&th, &taken);
		CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
		taken_close(&taken);
		won = 0;
		for (j = 0; j < 2; j++) {
			call_wait(&calls[j]);
			CHECK_EQ(calls[j].ret, 0);
			if (calls[j].arg.status != SEC_E_OK) {
				CHECK_STATUS(calls[j].arg.status, SEC_E_LOGON_DENIED);
				continue;
			}
			won++;
			CHECK_STATUS(delete_context(fd, calls[j].arg.new_context), SEC_E_OK);
		}
		CHECK_EQ(won, 1);
	}
	check_gauges(&before);
}

/* The answer fits and cannot be written: the token, or then the struct. */
static void faults(void)
{
	struct family_status before = status_now();
	uint64_t contexts[] = { 0, with_state("of the first leg") };
	unsigned int i, j;
	void *arg;

	for (i = 0; i < 2; i++) {
		keep_one(contexts[i], false);
		for (j = 0; j < MEM_BAD_POINTERS; j++) {
			call_init(&call, fd, cred, contexts[i]);
			call.arg.out = mem_bad(j);
			call_run(&call);
			CHECK_EQ(call.ret, -EFAULT);
		}
		call_init(&call, fd, cred, contexts[i]);
		arg = mem_readonly(&call.arg, sizeof(call.arg));
		CHECK_EQ(device_ioctl(fd, KSECDD_IOC_ACCEPT, arg), -EFAULT);
		check_leg(fetch(contexts[i], SEC_I_CONTINUE_NEEDED), i + 1, "a state");
	}
	check_gauges(&before);
}

/* The helper's answer finds a caller who has given no memory. */
static void faults_at_once(void)
{
	struct family_status before = status_now();
	unsigned int i;

	for (i = 0; i < MEM_BAD_POINTERS; i++) {
		call_init(&call, fd, cred, 0);
		call.arg.out = mem_bad(i);
		call_start(&call);
		take(&th, &taken);
		CHECK_EQ(complete_continue(&taken, "a state", 7, answer, sizeof(answer)), 0);
		taken_close(&taken);
		call_wait(&call);
		CHECK_EQ(call.ret, -EFAULT);
		check_kept(&before, 1);
		check_leg(fetch(0, SEC_I_CONTINUE_NEEDED), 1, "a state");
	}
	check_gauges(&before);
}

/* What was kept ends with what it belongs to. */
static void ends(void)
{
	struct family_status before = status_now();
	uint64_t context, mine = cred;
	int other = fd;

	context = with_state("of the first leg");
	keep_one(context, true);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_gauges(&before);

	fd = device_open();
	cred = device_acquire(fd);
	keep_one(with_state("of the first leg"), true);
	keep_one(0, true);
	CHECK_STATUS(free_cred(fd, cred), SEC_E_OK);
	close(fd);
	fd = other;
	cred = mine;
	check_gauges(&before);
}

/* They are half-open: nobody waits for ever, and nobody keeps more than he may. */
static void half_open_contexts(void)
{
	struct family_status before = status_now();

	keep_one(0, true);
	param_set("max_half_open_user", (unsigned int)before.half_open + 1);
	call_other(&others[0], 0);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_E_INSUFFICIENT_MEMORY);
	CHECK_STATUS(delete_context(fd, fetch(0, SEC_E_OK)), SEC_E_OK);

	keep_one(0, true);
	check_kept(&before, 1);
	param_set("half_open_timeout_ms", 1);
	check_gauges(&before);
	params_restore();
	call_ask(&th, &call, &taken, fd, cred, 0);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
}

/* A refusal is no answer to wait for. */
static void refusals(void)
{
	struct ksecdd_complete arg = {
		.size = sizeof(arg), .status = SEC_E_LOGON_DENIED,
		.token = (uintptr_t)answer, .token_len = sizeof(answer),
	};
	struct family_status before = status_now();

	call_init(&call, fd, cred, 0);
	call.arg.out_len = 1;
	call_start(&call);
	take(&th, &taken);
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &arg), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	CHECK_EQ(call.arg.out_len, 0);
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "a buffer too small for the first token", .run = first },
	{ .name = "a buffer too small for a later token", .run = later },
	{ .name = "too small again and again", .run = again_and_again },
	{ .name = "another first call is another question", .run = other_first_calls },
	{ .name = "another call on the context is refused", .run = other_later_calls },
	{ .name = "the call again with ASC_REQ_ALLOCATE_MEMORY", .run = allocated_then },
	{ .name = "the call again by another user", .run = other_user },
	{ .name = "two threads make the call again", .run = two_fetch },
	{ .name = "an answer that cannot be written", .run = faults },
	{ .name = "an answer that cannot be written at first", .run = faults_at_once },
	{ .name = "a kept answer ends with context, file and credential", .run = ends },
	{ .name = "a kept answer counts and ends as half-open", .run = half_open_contexts },
	{ .name = "a refusal whose token does not fit is not kept", .run = refusals },
};

int main(void)
{
	size_t i;

	suite_after = params_restore;
	for (i = 0; i < sizeof(answer); i++)
		answer[i] = (uint8_t)(i * 7 + 3);
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
