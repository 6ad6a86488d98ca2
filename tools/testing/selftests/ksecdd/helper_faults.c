// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A helper that does not do what it should: is not there, does not answer, dies
 * with a thousand requests, comes back, has no descriptors left or a socket that
 * is full.  Callers get a status within the bound, and none of them hangs.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

#define MANY		1000
#define STACK_SIZE	65536

static struct testhelper th;
static struct taken taken;
static struct call calls[MANY];

static int fd;
static uint64_t cred;

/* Start @n first calls at once. */
static void start_many(unsigned int n)
{
	pthread_attr_t attr;
	unsigned int i;

	for (i = 0; i < n; i++)
		call_init(&calls[i], fd, cred, 0);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (i = 0; i < n; i++)
		call_start_attr(&calls[i], &attr);
	pthread_attr_destroy(&attr);
}

static unsigned int wait_many(unsigned int n, int32_t status)
{
	unsigned int i, found = 0;

	for (i = 0; i < n; i++) {
		call_wait(&calls[i]);
		CHECK_EQ(calls[i].ret, 0);
		CHECK(calls[i].arg.status != SEC_E_OK || calls[i].arg.new_context);
		found += calls[i].arg.status == status;
	}
	return found;
}

/* Until so many requests exist: then all callers wait. */
static void wait_requests(uint64_t want)
{
	const struct timespec step = { .tv_nsec = 10000000 };
	uint64_t until = suite_now_ms() + suite_time(30000);

	while (status_now().requests != want && suite_now_ms() < until)
		nanosleep(&step, NULL);
	REQUIRE_EQ(status_now().requests, want);
}

static void be_helper(void)
{
	testhelper_stop(&th);
	REQUIRE_EQ(testhelper_register(&th), 0);
}

static void no_helper(void)
{
	struct family_status before = status_now();

	/* Nobody has ever been the helper of this namespace: there is no grace. */
	call_init(&calls[0], fd, cred, 0);
	call_run(&calls[0]);
	CHECK_EQ(calls[0].ret, 0);
	CHECK_STATUS(calls[0].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	CHECK_EQ(calls[0].arg.new_context, 0);
	CHECK_EQ(status_now().unserved, before.unserved + 1);
	CHECK_EQ(status_now().upcalls, before.upcalls);
	check_gauges(&before);
}

static void helper_of_nothing(void)
{
	testhelper_stop(&th);
	th.helper = (struct family_helper){ .packages = 1u << 7 };
	REQUIRE_EQ(testhelper_register(&th), 0);
	th.helper.packages = 0;
	call_init(&calls[0], fd, cred, 0);
	call_run(&calls[0]);
	CHECK_STATUS(calls[0].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
}

/* It takes requests and is never heard of again. */
static void no_answer(void)
{
	struct family_status before;
	uint64_t begin, took;
	unsigned int i;

	be_helper();
	before = status_now();
	param_set("ntlm_timeout_ms", 2000);
	begin = suite_now_ms();
	start_many(3);
	take_file(&th, &taken);
	for (i = 0; i < 3; i++)
		call_wait(&calls[i]);
	took = suite_now_ms() - begin;
	CHECK(took >= 1990 && took < 2000 + suite_time(6000));
	for (i = 0; i < 3; i++) {
		CHECK_EQ(calls[i].ret, 0);
		CHECK_STATUS(calls[i].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	}
	CHECK_EQ(status_now().timeouts, before.timeouts + 3);
	/* The two that nobody took are not there any more. */
	CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
	taken_close(&taken);
	check_gauges(&before);
}

/* Whether the helper has seen the token decides whether it may be tried again. */
static void no_answer_to_a_second_leg(void)
{
	struct ksecdd_context_info info;
	uint64_t context;

	be_helper();
	context = half_open(&th, fd, cred);
	param_set("ntlm_timeout_ms", 300);
	call_init(&calls[0], fd, cred, context);
	call_run(&calls[0]);
	CHECK_STATUS(calls[0].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);

	params_restore();
	call_init(&calls[0], fd, cred, context);
	call_start(&calls[0]);
	take(&th, &taken);
	CHECK_EQ(taken.req.head.leg, 1);
	CHECK_EQ(complete_ok(&taken), 0);
	taken_close(&taken);
	call_wait(&calls[0]);
	CHECK_STATUS(calls[0].arg.status, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void call_in_child(void *arg)
{
	(void)arg;
	call_init(&calls[0], fd, cred, 0);
	call_run(&calls[0]);
	/* Whoever is killed does not come here. */
	CHECK(false);
}

static void killed_caller(void)
{
	struct family_status before;
	unsigned int i;
	uint64_t begin;
	int status;
	pid_t pid;

	be_helper();
	before = status_now();
	/* Once while the request waits for the helper, once while it has it */
	for (i = 0; i < 2; i++) {
		pid = suite_fork(call_in_child, NULL);
		if (i)
			take_file(&th, &taken);
		else
			wait_requests(before.requests + 1);
		begin = suite_now_ms();
		CHECK_EQ(kill(pid, SIGKILL), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		CHECK(suite_now_ms() - begin < suite_time(2000));
		if (!i)
			CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
		else
			taken_close(&taken);
		check_gauges(&before);
	}
}

static void *close_device(void *unused)
{
	(void)unused;
	close(fd);
	return NULL;
}

/* The ioctl waits, its file is closed by another thread, then the process ends. */
static void wait_close_exit(void *arg)
{
	pthread_t thread;

	(void)arg;
	fd = device_open();
	cred = device_acquire(fd);
	call_init(&calls[0], fd, cred, 0);
	call_start(&calls[0]);
	wait_requests(1);
	REQUIRE_EQ(pthread_create(&thread, NULL, close_device, NULL), 0);
	pthread_join(thread, NULL);
	CHECK(!calls[0].over);
}

static void closed_and_exited(void)
{
	struct family_status before;

	be_helper();
	before = status_now();
	REQUIRE_EQ(before.requests, 0);
	suite_in_child(wait_close_exit, NULL);
	CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
	check_gauges(&before);
}

static atomic_int signals;

static void count_signal(int sig)
{
	(void)sig;
	signals++;
}

/* A signal that does not kill has to wait; no token is judged twice. */
static void signalled_caller(void)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	struct sigaction old;
	struct family_status before;
	unsigned int i;

	be_helper();
	before = status_now();
	REQUIRE_SYS(sigaction(SIGUSR1, &action, &old));
	for (i = 0; i < 2; i++) {
		signals = 0;
		call_init(&calls[0], fd, cred, 0);
		call_start(&calls[0]);
		take(&th, &taken);
		CHECK_EQ(pthread_kill(calls[0].thread, SIGUSR1), 0);
		CHECK_EQ(complete_ok(&taken), 0);
		taken_close(&taken);
		call_wait(&calls[0]);
		CHECK_EQ(signals, 1);
		CHECK_EQ(calls[0].ret, 0);
		CHECK_STATUS(calls[0].arg.status, SEC_E_OK);
		CHECK_EQ(status_now().upcalls, before.upcalls + i + 1);
		CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
		CHECK_STATUS(delete_context(fd, calls[0].arg.new_context), SEC_E_OK);
		/* And without SA_RESTART */
		action.sa_flags = 0;
		REQUIRE_SYS(sigaction(SIGUSR1, &action, NULL));
	}
	sigaction(SIGUSR1, &old, NULL);
	check_gauges(&before);
}

/* Ends with what it has taken in its hands. */
static void take_and_wait(void *arg)
{
	struct family_request next;
	unsigned int i, n = *(unsigned int *)arg;
	int err;

	memset(&th, 0, sizeof(th));
	REQUIRE_EQ(testhelper_register(&th), 0);
	REQUIRE_EQ(kill(getppid(), SIGUSR2), 0);
	for (i = 0; i < n;) {
		err = family_next(&th.family, &next);
		i += !err;
		if (err)
			sched_yield();
	}
	REQUIRE_EQ(kill(getppid(), SIGUSR2), 0);
	pause();
}

static void wait_signal(const sigset_t *set)
{
	const struct timespec limit = { .tv_sec = suite_time(40) };

	REQUIRE_EQ(sigtimedwait(set, NULL, &limit), SIGUSR2);
}

/* Answers @n requests. */
static void serve_all(unsigned int n, int32_t status)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		take(&th, &taken);
		CHECK_EQ(complete(&taken, status), 0);
		taken_close(&taken);
	}
}

static void killed_helper(void)
{
	unsigned int n = suite_count(MANY), took = n / 3, failed;
	struct family_status before;
	struct rlimit limit;
	sigset_t set, old;
	pid_t pid;

	REQUIRE_SYS(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = limit.rlim_max;
	REQUIRE_SYS(setrlimit(RLIMIT_NOFILE, &limit));
	testhelper_stop(&th);
	before = status_now();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	/* Long enough for whatever this machine has to do meanwhile */
	param_set("ntlm_timeout_ms", suite_time(60000));
	param_set("restart_grace_ms", suite_time(60000));
	pid = suite_fork(take_and_wait, &took);
	wait_signal(&set);
	start_many(n);
	wait_signal(&set);
	wait_requests(before.requests + n);

	REQUIRE_EQ(kill(pid, SIGKILL), 0);
	REQUIRE_EQ(waitpid(pid, NULL, 0), pid);
	REQUIRE_EQ(testhelper_register(&th), 0);
	serve_all(n - took, SEC_E_LOGON_DENIED);
	CHECK_EQ(family_next(&th.family, &taken.next), -EAGAIN);
	failed = wait_many(n, SEC_E_INTERNAL_ERROR);
	CHECK_EQ(failed, took);
	CHECK_EQ(status_now().aborted, before.aborted + took);
	CHECK_EQ(status_now().denied, before.denied + n - took);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	check_gauges(&before);
}

/* What nobody has taken waits for the next helper. */
static void helper_comes_back(void)
{
	struct family_status before;
	uint64_t context;

	be_helper();
	before = status_now();
	context = half_open(&th, fd, cred);
	param_set("restart_grace_ms", suite_time(20000));
	start_many(2);
	wait_requests(before.requests + 2);
	testhelper_stop(&th);
	/* One that comes while there is no helper waits as well. */
	call_init(&calls[2], fd, cred, context);
	call_start(&calls[2]);
	wait_requests(before.requests + 3);
	CHECK(!calls[0].over && !calls[1].over && !calls[2].over);

	REQUIRE_EQ(testhelper_register(&th), 0);
	serve_all(3, SEC_E_LOGON_DENIED);
	CHECK_EQ(wait_many(3, SEC_E_LOGON_DENIED), 3);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_gauges(&before);
}

static void helper_stays_away(void)
{
	struct family_status before, over;
	uint64_t begin, took;

	be_helper();
	before = status_now();
	param_set("restart_grace_ms", 700);
	start_many(3);
	wait_requests(before.requests + 3);
	begin = suite_now_ms();
	testhelper_stop(&th);
	CHECK_EQ(wait_many(3, SEC_E_NO_AUTHENTICATING_AUTHORITY), 3);
	took = suite_now_ms() - begin;
	/* Not before the grace is over, and long before the callers give up. */
	CHECK(took >= 690 && took < 700 + suite_time(3000));
	CHECK_EQ(status_now().timeouts, before.timeouts);

	/* The next one does not even wait. */
	over = status_now();
	call_init(&calls[0], fd, cred, 0);
	call_run(&calls[0]);
	CHECK_STATUS(calls[0].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	CHECK_EQ(status_now().unserved, over.unserved + 1);
	CHECK_EQ(status_now().upcalls, over.upcalls);
	check_gauges(&before);
}

static void no_grace(void)
{
	struct family_status before;

	be_helper();
	before = status_now();
	param_set("restart_grace_ms", 0);
	start_many(1);
	wait_requests(before.requests + 1);
	testhelper_stop(&th);
	CHECK_EQ(wait_many(1, SEC_E_NO_AUTHENTICATING_AUTHORITY), 1);
	call_init(&calls[0], fd, cred, 0);
	call_run(&calls[0]);
	CHECK_STATUS(calls[0].arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	check_gauges(&before);
}

/* A file that outlives the registration is still the right to answer. */
static void answered_after_the_end(void)
{
	be_helper();
	start_many(1);
	take(&th, &taken);
	testhelper_stop(&th);
	CHECK_EQ(complete_ok(&taken), 0);
	taken_close(&taken);
	CHECK_EQ(wait_many(1, SEC_E_OK), 1);
	CHECK_STATUS(delete_context(fd, calls[0].arg.new_context), SEC_E_OK);
}

/* NEXT without a free descriptor: nobody has the request, and it is not lost. */
static void no_descriptors(void)
{
	struct rlimit limit, low;
	int next_fd;

	be_helper();
	start_many(1);
	/* The request has to be there first: it is what a descriptor is needed for. */
	wait_requests(1);
	REQUIRE_SYS(getrlimit(RLIMIT_NOFILE, &limit));
	next_fd = (int)REQUIRE_SYS(dup(fd));
	close(next_fd);
	low = limit;
	low.rlim_cur = (rlim_t)next_fd;
	REQUIRE_SYS(setrlimit(RLIMIT_NOFILE, &low));
	CHECK_EQ(family_next(&th.family, &taken.next), -EMFILE);
	CHECK_EQ(family_next(&th.family, &taken.next), -EMFILE);
	REQUIRE_SYS(setrlimit(RLIMIT_NOFILE, &limit));
	take(&th, &taken);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	CHECK_EQ(wait_many(1, SEC_E_LOGON_DENIED), 1);
}

/* NEXT gives no more files than the helper has said it would hold. */
static void as_many_as_it_wanted(void)
{
	static struct taken second;
	struct family_request none;

	testhelper_stop(&th);
	th.helper.inflight = 2;
	REQUIRE_EQ(testhelper_register(&th), 0);
	th.helper.inflight = 0;
	start_many(3);
	take(&th, &taken);
	take(&th, &second);
	wait_requests(3);
	CHECK_EQ(family_next(&th.family, &none), -EBUSY);
	/* What is answered is held until its file is closed. */
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	CHECK_EQ(family_next(&th.family, &none), -EBUSY);
	taken_close(&taken);
	take(&th, &taken);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	CHECK_EQ(complete(&second, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	taken_close(&second);
	CHECK_EQ(wait_many(3, SEC_E_LOGON_DENIED), 3);
}

/* READYs that do not fit into the socket are lost; the requests are not. */
static void full_socket(void)
{
	unsigned int n = suite_count(MANY);
	struct family_status before;
	int size = 1;

	be_helper();
	before = status_now();
	REQUIRE_SYS(setsockopt(netlink_fd(&th.family.nl), SOL_SOCKET, SO_RCVBUF, &size,
			       sizeof(size)));
	param_set("ntlm_timeout_ms", suite_time(60000));
	start_many(n);
	wait_requests(before.requests + n);
	CHECK_EQ(netlink_events(&th.family.nl), -ENOBUFS);
	serve_all(n, SEC_E_LOGON_DENIED);
	CHECK_EQ(wait_many(n, SEC_E_LOGON_DENIED), n);
	CHECK_EQ(status_now().unserved, before.unserved);
	check_gauges(&before);
}

static void after(void)
{
	testhelper_stop(&th);
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "no helper has ever been there", .run = no_helper },
	{ .name = "a helper for other packages", .run = helper_of_nothing },
	{ .name = "a helper that does not answer", .run = no_answer },
	{ .name = "a second leg that nobody answers", .run = no_answer_to_a_second_leg },
	{ .name = "a caller can be killed at once", .run = killed_caller },
	{ .name = "a caller closes the device and exits", .run = closed_and_exited },
	{ .name = "a caller is signalled", .run = signalled_caller },
	{ .name = "a helper killed with many requests", .run = killed_helper },
	{ .name = "a helper comes back within the grace", .run = helper_comes_back },
	{ .name = "a helper stays away", .run = helper_stays_away },
	{ .name = "a helper goes, and there is no grace", .run = no_grace },
	{ .name = "an answer after the end of the registration", .run = answered_after_the_end },
	{ .name = "a helper without descriptors", .run = no_descriptors },
	{ .name = "a helper holds as many as it wanted", .run = as_many_as_it_wanted },
	{ .name = "a helper whose socket is full", .run = full_socket },
};

int main(void)
{
	testhelper_isolate();
	fd = device_open();
	cred = device_acquire(fd);
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
