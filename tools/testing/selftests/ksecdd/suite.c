// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A test program as a table of tests.
 *
 * A test that hangs must not hide the tests behind it or make the whole run hit
 * its limit without a word, so each has a time of its own.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"
#include "tools/testing/tap/tap.h"

#define SUITE_SECONDS	60

void (*suite_after)(void);

static atomic_bool failed;
static jmp_buf leave;
static bool skipped;
static char skip_reason[256];
static const struct suite_test *running;
static pid_t main_pid;
static pid_t main_tid;

/* KSECDD_SLOW=n: this machine is n times slower than an emulated one usually is. */
static unsigned int slow(void)
{
	const char *env = getenv("KSECDD_SLOW");
	long n = env ? strtol(env, NULL, 10) : 1;

	return n < 1 ? 1 : n > 100 ? 100 : (unsigned int)n;
}

/**
 * suite_count() - how often to do something
 * @n: how often on a machine of usual speed
 *
 * Return: the number for this machine, at least 1
 */
unsigned int suite_count(unsigned int n)
{
	return n / slow() ? n / slow() : 1;
}

/**
 * suite_time() - how long to wait for something that is to come
 * @n: in any unit, on a machine of usual speed
 *
 * Return: the time for this machine
 */
unsigned int suite_time(unsigned int n)
{
	return n * slow();
}

/**
 * suite_now_ms() - a clock for measuring
 *
 * Return: milliseconds since some moment
 */
uint64_t suite_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void print_comment(const char *where, const char *fmt, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, args);
	/* One write, so that lines of threads and processes stay whole. */
	printf("# %s%s\n", where, text);
	fflush(stdout);
}

/**
 * suite_note() - say something that is no verdict
 * @fmt: as for printf, without a newline
 */
void suite_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_comment("", fmt, args);
	va_end(args);
}

/**
 * suite_fail() - note that the running test has failed
 * @file: source file of the check
 * @line: its line
 * @fmt:  what was seen
 */
void suite_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char where[96];
	va_list args;

	atomic_store(&failed, true);
	snprintf(where, sizeof(where), "%s:%d: ", base ? base + 1 : file, line);
	va_start(args, fmt);
	print_comment(where, fmt, args);
	va_end(args);
}

/**
 * suite_failed() - has a check of the running test failed?
 *
 * Return: true if so
 */
bool suite_failed(void)
{
	return atomic_load(&failed);
}

/**
 * suite_abort() - end the running test, or the thread or process that calls
 */
void suite_abort(void)
{
	if (getpid() != main_pid)
		_exit(1);
	if (gettid() != main_tid)
		pthread_exit(NULL);
	longjmp(leave, 1);
}

/**
 * suite_skip() - end the running test because something it needs is not there
 * @fmt: what is missing
 *
 * In the main thread only.
 */
void suite_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(skip_reason, sizeof(skip_reason), fmt, args);
	va_end(args);
	skipped = true;
	longjmp(leave, 1);
}

static void run_and_exit(void (*fn)(void *arg), void *arg)
{
	atomic_store(&failed, false);
	fn(arg);
	fflush(stdout);
	_exit(suite_failed());
}

/**
 * suite_fork() - run a function in a process of its own
 * @fn:  the function; its checks count
 * @arg: for @fn
 *
 * Return: the process, for suite_join()
 */
pid_t suite_fork(void (*fn)(void *arg), void *arg)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		suite_fail(__FILE__, __LINE__, "fork: %s", strerror(errno));
		suite_abort();
	}
	if (!pid) {
		/* A test that is over leaves nobody behind. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run_and_exit(fn, arg);
	}
	return pid;
}

/**
 * suite_join() - wait for a process of suite_fork()
 * @pid: the process
 *
 * Return: true if all of its checks held; otherwise the running test has failed
 */
bool suite_join(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			suite_fail(__FILE__, __LINE__, "waitpid: %s", strerror(errno));
			return false;
		}
	}
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return true;
	atomic_store(&failed, true);
	if (WIFSIGNALED(status))
		suite_fail(__FILE__, __LINE__, "a child was ended by signal %d", WTERMSIG(status));
	return false;
}

/**
 * suite_in_child() - run a function in a process of its own and wait for its end
 * @fn:  the function; its checks count
 * @arg: for @fn
 */
void suite_in_child(void (*fn)(void *arg), void *arg)
{
	suite_join(suite_fork(fn, arg));
}

/* tap_bail() is not for a signal handler. */
static void hangs(int sig)
{
	static const char before[] = "Bail out! test hangs: ", after[] = "\n";

	(void)sig;
	if (write(STDOUT_FILENO, before, sizeof(before) - 1) < 0 ||
	    write(STDOUT_FILENO, running->name, strlen(running->name)) < 0 ||
	    write(STDOUT_FILENO, after, sizeof(after) - 1) < 0)
		_exit(2);
	_exit(1);
}

static void run_one(const struct suite_test *test)
{
	atomic_store(&failed, false);
	skipped = false;
	running = test;
	alarm(suite_time(test->seconds ? test->seconds : SUITE_SECONDS));
	if (!setjmp(leave))
		test->run();
	/* What it checks counts, too. */
	if (suite_after && !setjmp(leave))
		suite_after();
	alarm(0);
	if (skipped && !suite_failed())
		tap_skip("%s: %s", test->name, skip_reason);
	else
		tap_ok(!suite_failed(), "%s", test->name);
}

/**
 * suite_run() - run the tests of a program
 * @tests: the tests
 * @n:     how many
 *
 * Return: the program's exit code
 */
int suite_run(const struct suite_test *tests, size_t n)
{
	size_t i;

	main_pid = getpid();
	main_tid = gettid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, hangs);
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < n; i++)
		run_one(&tests[i]);
	return tap_done();
}
