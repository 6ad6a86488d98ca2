// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signals, above all while a caller waits for the helper.
 *
 * One that ends the process ends the wait at once.  Any other waits for the end of
 * the call: a token is judged once, so that a call that was broken off could not be
 * made again, and nobody has to.
 *
 * KSECDD_SECONDS=n: how long each storm goes on.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "chance.h"
#include "env.h"
#include "session.h"
#include "suite.h"

#define STORM_MS	1200
/* What is not about time must not run out of it on a busy machine. */
#define PATIENT_MS	60000
#define THREADS	4

static struct testhelper th;
static struct taken taken;
static struct call call;
static struct chance chance;
static const uint8_t session_key[16] = "a session's key";

static int fd;
static uint64_t cred;

static atomic_uint signals;

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

static void on_signal(int sig, int flags)
{
	const struct sigaction action = { .sa_handler = count_signal, .sa_flags = flags };

	REQUIRE_SYS(sigaction(sig, &action, NULL));
}

static void be_helper(void)
{
	testhelper_stop(&th);
	REQUIRE_EQ(testhelper_register(&th), 0);
}

static void serve(void)
{
	testhelper_stop(&th);
	testhelper_start(&th);
}

/* Both kinds of handlers, while nobody has the request and while the helper has it */
static void handled(void)
{
	static const int flags[] = { SA_RESTART, 0 };
	struct family_status before;
	unsigned int i;

	be_helper();
	before = status_now();
	for (i = 0; i < 4; i++) {
		on_signal(SIGINT, flags[i % 2]);
		signals = 0;
		call_init(&call, fd, cred, 0);
		call_start(&call);
		if (i < 2)
			while (!status_now().requests)
				sched_yield();
		else
			take(&th, &taken);
		CHECK_EQ(pthread_kill(call.thread, SIGINT), 0);
		usleep(20000);
		CHECK(!call.over);
		if (i < 2)
			take(&th, &taken);
		CHECK_EQ(complete_ok(&taken), 0);
		call_finish(&call, &taken, SEC_E_OK);
		CHECK_EQ(signals, 1);
		CHECK_EQ(status_now().upcalls, before.upcalls + i + 1);
		CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	signal(SIGINT, SIG_DFL);
	check_gauges(&before);
}

static void call_with_own_device(void *unused)
{
	const struct rlimit no_core = {};

	(void)unused;
	signal(SIGINT, SIG_DFL);
	setrlimit(RLIMIT_CORE, &no_core);
	fd = device_open();
	call_init(&call, fd, device_acquire(fd), 0);
	call_run(&call);
	CHECK(false);
}

/* Signals that end the process end the wait, and the helper is told that nobody waits any more. */
static void fatal(void)
{
	static const int fatals[] = { SIGKILL, SIGINT, SIGTERM, SIGHUP };
	struct family_status before;
	unsigned int i;
	uint64_t begin;
	int status;
	pid_t pid;

	param_set("ntlm_timeout_ms", PATIENT_MS);
	be_helper();
	before = status_now();
	for (i = 0; i < ARRAY_SIZE(fatals); i++) {
		pid = suite_fork(call_with_own_device, NULL);
		take(&th, &taken);
		begin = suite_now_ms();
		CHECK_EQ(kill(pid, fatals[i]), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(suite_now_ms() - begin < suite_time(2000));
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == fatals[i]);
		CHECK_EQ(complete_ok(&taken), -ECANCELED);
		taken_close(&taken);
		check_gauges(&before);
	}
	CHECK_EQ(status_now().timeouts, before.timeouts);
}

/*
 * Those that leave a core dump are taken when the call is over: the kernel makes no
 * SIGKILL of them, which would lose the dump.
 */
static void dumped(void)
{
	static const int dumps[] = { SIGQUIT, SIGABRT, SIGSEGV };
	struct family_status before;
	unsigned int i;
	int status;
	pid_t pid;

	be_helper();
	before = status_now();
	for (i = 0; i < 2 * ARRAY_SIZE(dumps); i++) {
		param_set("ntlm_timeout_ms", i % 2 ? 300 : PATIENT_MS);
		pid = suite_fork(call_with_own_device, NULL);
		take_file(&th, &taken);
		CHECK_EQ(kill(pid, dumps[i / 2]), 0);
		if (i % 2 == 0)
			CHECK_EQ(complete_ok(&taken), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == dumps[i / 2]);
		taken_close(&taken);
		check_gauges(&before);
	}
	CHECK_EQ(status_now().timeouts, before.timeouts + ARRAY_SIZE(dumps));
}

/* Stopped for as long as somebody likes; the answer is there when he goes on. */
static void call_once(void *unused)
{
	(void)unused;
	call_init(&call, fd, cred, 0);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

static void stopped(void)
{
	struct family_status before;
	unsigned int i;
	pid_t pid;

	be_helper();
	before = status_now();
	for (i = 0; i < 2; i++) {
		pid = suite_fork(call_once, NULL);
		take(&th, &taken);
		CHECK_EQ(kill(pid, SIGSTOP), 0);
		if (i)
			usleep(50000);
		CHECK_EQ(complete_ok(&taken), 0);
		taken_close(&taken);
		usleep(50000);
		CHECK_EQ(kill(pid, SIGCONT), 0);
		suite_join(pid);
	}
	check_gauges(&before);
}

/* What a storm has to leave as it was */
static struct {
	uint64_t deadline;
	atomic_uint calls;
	atomic_uint messages;
} storm;

/* On a busy host, what takes a moment may not be done when the time is over. */
static bool storm_goes_on(void)
{
	bool done = storm.calls && storm.messages && signals;

	return !suite_failed() && (!done || suite_now_ms() < storm.deadline);
}

static void *log_on_often(void *unused)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct verdict more = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept;
	int ret;

	(void)unused;
	while (storm_goes_on()) {
		accept = (struct ksecdd_accept){};
		ret = device_accept(fd, cred, 0, &more, &accept);
		REQUIRE_EQ(ret, 0);
		REQUIRE_STATUS(accept.status, SEC_I_CONTINUE_NEEDED);
		ret = device_accept(fd, cred, accept.new_context, &verdict, &accept);
		REQUIRE_EQ(ret, 0);
		REQUIRE_STATUS(accept.status, SEC_E_OK);
		storm.calls += 2;
		CHECK_STATUS(delete_context(fd, accept.new_context), SEC_E_OK);
	}
	return NULL;
}

static void *seal_often(void *unused)
{
	static const size_t lens[] = { 0, 1, 64, 5000, 65536, 200000 };
	static uint8_t data[200000];
	uint8_t token[16];
	struct session s;
	unsigned int i = 0;
	size_t len;

	(void)unused;
	session_open(&s, TEST_SEAL_FLAGS);
	while (storm_goes_on()) {
		len = lens[i++ % ARRAY_SIZE(lens)];
		fill(data, len, i);
		REQUIRE_STATUS(session_encrypt(&s, data, len, token), SEC_E_OK);
		REQUIRE(client_decrypt(&s, data, len, token));
		client_encrypt(&s, data, len, token);
		REQUIRE_STATUS(session_decrypt(&s, data, len, token), SEC_E_OK);
		storm.messages += 2;
	}
	CHECK(session_works(&s));
	session_close(&s);
	return NULL;
}

/*
 * Every thread, the helper's as well, is interrupted all the time.  Each call is one
 * upcall, and each message is made once.
 */
static void interrupted(int flags)
{
	const struct itimerval off = {};
	struct itimerval often = { .it_interval.tv_usec = 1700, .it_value.tv_usec = 1700 };
	struct family_status before, now;
	pthread_t threads[THREADS], sealer;
	unsigned int i;

	serve();
	before = status_now();
	on_signal(SIGINT, flags);
	on_signal(SIGPROF, flags);
	signals = storm.calls = storm.messages = 0;
	storm.deadline = chance_deadline(STORM_MS);
	for (i = 0; i < THREADS; i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, log_on_often, NULL), 0);
	REQUIRE_EQ(pthread_create(&sealer, NULL, seal_often, NULL), 0);
	/* By the time they work, whoever does, and at moments of chance, whoever waits */
	REQUIRE_SYS(setitimer(ITIMER_PROF, &often, NULL));
	while (storm_goes_on()) {
		pthread_kill(threads[chance_below(&chance, THREADS)], SIGINT);
		if (chance_one_in(&chance, 4))
			pthread_kill(sealer, SIGINT);
		if (chance_one_in(&chance, 4))
			pthread_kill(th.thread, SIGINT);
		chance_nap(&chance, 3000);
	}
	REQUIRE_SYS(setitimer(ITIMER_PROF, &off, NULL));
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(sealer, NULL);
	suite_note("%u signals, %u calls, %u messages", signals, storm.calls, storm.messages);
	now = status_now();
	/* The sealer's context took one, and what showed that it worked two messages. */
	CHECK_EQ(now.upcalls, before.upcalls + storm.calls + 1);
	CHECK_EQ(now.accepted, before.accepted + storm.calls / 2 + 1);
	CHECK_EQ(now.signed_messages + now.verified,
		 before.signed_messages + before.verified + storm.messages + 2);
	CHECK_EQ(now.aborted + now.timeouts + now.failed,
		 before.aborted + before.timeouts + before.failed);
	signal(SIGINT, SIG_DFL);
	signal(SIGPROF, SIG_DFL);
	testhelper_stop(&th);
	check_gauges(&before);
}

static void interrupted_and_restarted(void)
{
	interrupted(SA_RESTART);
}

static void interrupted_only(void)
{
	interrupted(0);
}

static void live(void *unused)
{
	pthread_t threads[2];

	(void)unused;
	signal(SIGINT, SIG_DFL);
	fd = device_open();
	cred = device_acquire(fd);
	storm.deadline = suite_now_ms() + 600000;
	REQUIRE_EQ(pthread_create(&threads[0], NULL, log_on_often, NULL), 0);
	REQUIRE_EQ(pthread_create(&threads[1], NULL, seal_often, NULL), 0);
	for (;;)
		pause();
}

/* Processes that work and are killed at any moment leave nothing. */
static void killed(void)
{
	static const int fatals[] = { SIGKILL, SIGINT };
	uint64_t deadline = chance_deadline(STORM_MS);
	struct family_status before;
	unsigned int i, n = 0;
	pid_t pids[3];
	int status;

	param_set("ntlm_timeout_ms", PATIENT_MS);
	serve();
	before = status_now();
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = suite_fork(live, NULL);
	while (suite_now_ms() < deadline && !suite_failed()) {
		i = chance_below(&chance, ARRAY_SIZE(pids));
		chance_nap(&chance, 100000);
		CHECK_EQ(kill(pids[i], fatals[chance_below(&chance, 2)]), 0);
		CHECK_EQ(waitpid(pids[i], &status, 0), pids[i]);
		/* It has ended by the signal, and not because something was wrong. */
		CHECK(WIFSIGNALED(status));
		pids[i] = suite_fork(live, NULL);
		n++;
	}
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		CHECK_EQ(kill(pids[i], SIGKILL), 0);
		CHECK_EQ(waitpid(pids[i], &status, 0), pids[i]);
	}
	suite_note("%u killed", n);
	CHECK_EQ(status_now().timeouts, before.timeouts);
	check_gauges(&before);
}

static void after(void)
{
	testhelper_stop(&th);
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "a signal that is handled waits for the end of the call", .run = handled },
	{ .name = "a signal that ends the process ends the wait", .run = fatal },
	{ .name = "and one that leaves a core dump does when the wait is over", .run = dumped },
	{ .name = "a caller that is stopped meanwhile", .run = stopped },
	{ .name = "everybody is interrupted all the time", .run = interrupted_and_restarted,
	  .seconds = 600 },
	{ .name = "and without SA_RESTART", .run = interrupted_only, .seconds = 600 },
	{ .name = "callers are killed at any moment", .run = killed, .seconds = 600 },
};

int main(void)
{
	testhelper_isolate();
	chance_init(&chance, 0);
	fd = device_open();
	cred = device_acquire(fd);
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
