// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers that come at the same moment as something else: another answer, the end of
 * the caller's time or of the caller, of his context, of the request file or of the
 * registration.  Whoever is first decides, everybody else is told that he was not,
 * and the caller gets what the one who decided said.
 *
 * KSECDD_SECONDS=n: how long each race is run again and again.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "race.h"
#include "suite.h"

#define STORM_MS	500

static struct testhelper th;
static struct taken taken;
static struct call call;
static struct chance chance;
static const uint8_t session_key[16] = "a session's key";

static int fd;
static uint64_t cred;

/* What two who answer say: each has a token of his own. */
#define WORDS	4
static const char words[2][WORDS] = { "one", "two" };
static int replies[2];

static void reply(unsigned int i)
{
	replies[i] = complete_continue(&taken, words[i], WORDS, words[i], WORDS);
}

static void reply_one(void *unused)
{
	(void)unused;
	reply(0);
}

static void reply_two(void *unused)
{
	(void)unused;
	reply(1);
}

/* As long as the time for a race is not up; @rounds counts them. */
static bool again(uint64_t deadline, unsigned int *rounds)
{
	if (suite_failed() || (*rounds && suite_now_ms() >= deadline)) {
		suite_note("%u rounds", *rounds);
		return false;
	}
	++*rounds;
	return true;
}

/* Who was not first was at work at the same time, or came later. */
static void check_loser(int ret)
{
	CHECK(ret == -EBUSY || ret == -EALREADY);
}

static void two_answers(void)
{
	static const race_fn fns[] = { reply_one, reply_two };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0, winner, won[2] = {};

	while (again(deadline, &rounds)) {
		call_ask(&th, &call, &taken, fd, cred, 0);
		race(&chance, fns, 2, NULL, 20);
		winner = replies[0] ? 1 : 0;
		CHECK_EQ(replies[winner], 0);
		check_loser(replies[!winner]);
		won[winner]++;
		call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
		CHECK_EQ(call.arg.out_len, WORDS);
		CHECK_MEM(call.out, words[winner], WORDS);

		/* The state is the same one's. */
		call_ask(&th, &call, &taken, fd, cred, call.arg.new_context);
		CHECK_EQ(taken.req.step.state_len, WORDS);
		CHECK_MEM(taken.req.step.state, words[winner], WORDS);
		CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
		call_finish(&call, &taken, SEC_E_LOGON_DENIED);
		CHECK_STATUS(delete_context(fd, call.arg.context), SEC_E_OK);
	}
	suite_note("the first won %u times, the second %u times", won[0], won[1]);
	check_gauges(&before);
}

static int keys_set;

static void set_keys(void *unused)
{
	struct ksecdd_set_keys arg = {
		.size = sizeof(arg), .mech = KSECDD_PACKAGE_NTLM, .mech_flags = TEST_SEAL_FLAGS,
		.key = (uintptr_t)session_key, .key_len = sizeof(session_key),
	};

	(void)unused;
	keys_set = device_ioctl(taken.fd, KSECDD_REQ_SET_KEYS, &arg);
}

static int signed_ret;
static int32_t signed_status;

static void sign(void *unused)
{
	const struct message_call how = { .cmd = KSECDD_REQ_MESSAGE, .fd = taken.fd };
	uint8_t text[4] = "text", token[16];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, text, sizeof(text)),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};
	struct ksecdd_message msg = {};

	(void)unused;
	signed_ret = message_call(&how, KSECDD_MESSAGE_SIGN, bufs, 2, &msg);
	signed_status = msg.status;
}

static void reply_ok(void *unused)
{
	(void)unused;
	/* Refused is only who comes while another one is at work. */
	while ((replies[0] = complete_ok(&taken)) == -EBUSY)
		sched_yield();
}

/* Keys are the context's if and only if SET_KEYS came before the answer. */
static void keys_and_answer(void)
{
	static const race_fn fns[] = { set_keys, sign, reply_ok };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0, with_keys = 0, with_message = 0;
	struct ksecdd_context_info info;

	while (again(deadline, &rounds)) {
		call_ask(&th, &call, &taken, fd, cred, 0);
		race(&chance, fns, ARRAY_SIZE(fns), NULL, 60);
		CHECK_EQ(replies[0], 0);
		call_finish(&call, &taken, SEC_E_OK);
		CHECK_STATUS(query_info(fd, call.arg.new_context, &info), SEC_E_OK);
		if (keys_set)
			check_loser(keys_set);
		CHECK_EQ(info.key_bits, keys_set ? 0 : 128);
		with_keys += !keys_set;
		if (signed_ret)
			check_loser(signed_ret);
		else if (signed_status != SEC_E_OK)
			CHECK_STATUS(signed_status, SEC_E_INVALID_HANDLE);
		else
			CHECK(!keys_set);
		with_message += !signed_ret && signed_status == SEC_E_OK;
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	suite_note("%u times with keys, %u times with a message", with_keys, with_message);
	check_gauges(&before);
}

static void close_file(void *unused)
{
	(void)unused;
	close(taken.fd);
}

/* The file may go while an ioctl of it is at work, which then still ends well. */
static void closed_meanwhile(void)
{
	static const race_fn fns[] = { reply_one, close_file };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0, answered = 0;

	while (again(deadline, &rounds)) {
		call_ask(&th, &call, &taken, fd, cred, 0);
		race(&chance, fns, 2, NULL, 20);
		taken.fd = -1;
		if (replies[0])
			CHECK_EQ(replies[0], -EBADF);
		call_finish(&call, &taken, replies[0] ? SEC_E_INTERNAL_ERROR :
							SEC_I_CONTINUE_NEEDED);
		answered += !replies[0];
		if (!replies[0])
			CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	suite_note("%u times answered", answered);
	CHECK_EQ(status_now().aborted, before.aborted + rounds - answered);
	check_gauges(&before);
}

static void end_registration(void *unused)
{
	(void)unused;
	testhelper_stop(&th);
}

/* A file is the right to answer, registered or not. */
static void unregistered_meanwhile(void)
{
	static const race_fn fns[] = { reply_one, end_registration };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0;

	while (again(deadline, &rounds)) {
		call_ask(&th, &call, &taken, fd, cred, 0);
		race(&chance, fns, 2, NULL, 20);
		CHECK_EQ(replies[0], 0);
		call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
		REQUIRE_EQ(testhelper_register(&th), 0);
	}
	check_gauges(&before);
}

/* Just before, at, or just after the end of the caller's time */
static void late(void)
{
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS), context;
	unsigned int rounds = 0, in_time = 0;
	struct ksecdd_context_info info;
	bool seen;
	int ret;

	while (again(deadline, &rounds)) {
		context = half_open(&th, fd, cred);
		param_set("ntlm_timeout_ms", suite_time(20));
		call_init(&call, fd, cred, context);
		call_start(&call);
		/* On a busy host nobody may have got to it. */
		seen = take_file_of(&th, &call, &taken);
		param_set("ntlm_timeout_ms", 10000);
		chance_nap(&chance, suite_time(25000));
		ret = seen ? complete_ok(&taken) : -ECANCELED;
		if (ret)
			CHECK_EQ(ret, -ECANCELED);
		call_finish(&call, &taken, ret ? SEC_E_NO_AUTHENTICATING_AUTHORITY : SEC_E_OK);
		CHECK_STATUS(query_info(fd, context, &info),
			     ret && seen ? SEC_E_INVALID_HANDLE : SEC_E_OK);
		CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
		in_time += !ret;
	}
	suite_note("%u times in time", in_time);
	CHECK_EQ(status_now().timeouts, before.timeouts + rounds - in_time);
	check_gauges(&before);
}

static pid_t caller;

static void kill_caller(void *unused)
{
	(void)unused;
	kill(caller, SIGKILL);
}

/* With a device of its own, so that what it was given goes with it */
static void call_in_child(void *unused)
{
	(void)unused;
	fd = device_open();
	call_init(&call, fd, device_acquire(fd), 0);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
}

static void killed_meanwhile(void)
{
	static const race_fn fns[] = { reply_one, kill_caller };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0, answered = 0, survived = 0;
	int status;

	while (again(deadline, &rounds)) {
		caller = suite_fork(call_in_child, NULL);
		take(&th, &taken);
		race(&chance, fns, 2, NULL, 100);
		if (replies[0])
			CHECK_EQ(replies[0], -ECANCELED);
		taken_close(&taken);
		CHECK_EQ(waitpid(caller, &status, 0), caller);
		/* It may have been faster than the signal, but not without an answer. */
		if (WIFEXITED(status))
			CHECK(!WEXITSTATUS(status) && !replies[0]);
		else
			CHECK_EQ(WTERMSIG(status), SIGKILL);
		answered += !replies[0];
		survived += WIFEXITED(status);
	}
	suite_note("%u times answered, %u times in time", answered, survived);
	check_gauges(&before);
}

static int32_t deleted;

static void delete(void *unused)
{
	(void)unused;
	deleted = delete_context(fd, call.arg.context);
}

/* Whoever deletes a context is not let in by it, whatever the helper says. */
static void deleted_meanwhile(void)
{
	static const race_fn fns[] = { reply_ok, delete };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS), context;
	unsigned int rounds = 0, let_in = 0;
	struct ksecdd_context_info info;

	while (again(deadline, &rounds)) {
		context = half_open(&th, fd, cred);
		call_ask(&th, &call, &taken, fd, cred, context);
		race(&chance, fns, 2, NULL, 200);
		CHECK_EQ(replies[0], 0);
		CHECK_STATUS(deleted, SEC_E_OK);
		taken_close(&taken);
		call_wait(&call);
		CHECK_EQ(call.ret, 0);
		let_in += call.arg.status == SEC_E_OK;
		if (call.arg.status != SEC_E_OK) {
			CHECK_STATUS(call.arg.status, SEC_E_INVALID_HANDLE);
			CHECK_EQ(call.arg.new_context, 0);
		}
		CHECK_STATUS(query_info(fd, context, &info), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(delete_context(fd, context), SEC_E_INVALID_HANDLE);
	}
	suite_note("%u times let in first", let_in);
	check_gauges(&before);
}

static ssize_t got;
static uint8_t again_buf[REQUEST_MAX];

static void read_again(void *unused)
{
	(void)unused;
	CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
	got = read(taken.fd, again_buf, sizeof(again_buf));
	if (got < 0)
		got = -errno;
}

/* A request can be read until it is over, and never half of it. */
static void read_meanwhile(void)
{
	static const race_fn fns[] = { reply_one, read_again };
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int rounds = 0, in_time = 0;

	while (again(deadline, &rounds)) {
		call_ask(&th, &call, &taken, fd, cred, 0);
		race(&chance, fns, 2, NULL, 20);
		CHECK_EQ(replies[0], 0);
		if (got < 0) {
			CHECK_EQ(got, -ECANCELED);
		} else {
			CHECK_EQ(got, taken.len);
			CHECK_MEM(again_buf, taken.buf, taken.len);
			in_time++;
		}
		call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	suite_note("%u times read in time", in_time);
	check_gauges(&before);
}

/* Many callers, answered in any order, each by its own request file */
#define CALLERS	RACE_MAX
static struct call calls[CALLERS];
static struct taken takens[CALLERS];
static atomic_uint next_answer;

static void answer_any(void *unused)
{
	const struct engine_step *step;
	unsigned int i = next_answer++;

	(void)unused;
	step = &takens[i].req.step;
	CHECK_EQ(complete_continue(&takens[i], step->token, (uint32_t)step->token_len,
				   step->token, (uint32_t)step->token_len), 0);
}

static void to_whom_it_is_due(void)
{
	struct family_status before = status_now();
	uint64_t deadline = chance_deadline(STORM_MS);
	race_fn fns[CALLERS];
	unsigned int rounds = 0, i;

	for (i = 0; i < CALLERS; i++)
		fns[i] = answer_any;
	while (again(deadline, &rounds)) {
		for (i = 0; i < CALLERS; i++) {
			call_init(&calls[i], fd, cred, 0);
			snprintf((char *)calls[i].token, sizeof(calls[i].token), "round %u of %u",
				 rounds, i);
			call_start(&calls[i]);
		}
		for (i = 0; i < CALLERS; i++)
			take(&th, &takens[i]);
		next_answer = 0;
		race(&chance, fns, CALLERS, NULL, 200);
		for (i = 0; i < CALLERS; i++) {
			taken_close(&takens[i]);
			call_wait(&calls[i]);
			CHECK_EQ(calls[i].ret, 0);
			CHECK_STATUS(calls[i].arg.status, SEC_I_CONTINUE_NEEDED);
			CHECK_EQ(calls[i].arg.out_len, calls[i].arg.token_len);
			CHECK_MEM(calls[i].out, calls[i].token, calls[i].arg.token_len);
			CHECK_STATUS(delete_context(fd, calls[i].arg.new_context), SEC_E_OK);
		}
	}
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "two answers", .run = two_answers, .seconds = 600 },
	{ .name = "keys, a message and an answer", .run = keys_and_answer, .seconds = 600 },
	{ .name = "an answer and the end of its file", .run = closed_meanwhile, .seconds = 600 },
	{ .name = "an answer and the end of the registration", .run = unregistered_meanwhile,
	  .seconds = 600 },
	{ .name = "an answer and the end of the caller's time", .run = late, .seconds = 600 },
	{ .name = "an answer and the end of the caller", .run = killed_meanwhile, .seconds = 600 },
	{ .name = "an answer and the end of the context", .run = deleted_meanwhile,
	  .seconds = 600 },
	{ .name = "an answer and another look at the request", .run = read_meanwhile,
	  .seconds = 600 },
	{ .name = "each answer goes to who asked", .run = to_whom_it_is_due, .seconds = 600 },
};

int main(void)
{
	suite_after = params_restore;
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	chance_init(&chance, 0);
	return suite_run(tests, ARRAY_SIZE(tests));
}
