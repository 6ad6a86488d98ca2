// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Limits per open file and per user, and what becomes of contexts that nobody
 * goes on with.
 */
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

static struct testhelper th;
static const uint8_t session_key[16] = "a session's key";

static int32_t first_call(int dev, uint64_t cred, int32_t status, uint64_t *context)
{
	struct verdict verdict = status == SEC_E_OK ? verdict_ok(TEST_SEAL_FLAGS, session_key) :
						      verdict_fail(status);
	struct ksecdd_accept accept = {};

	CHECK_EQ(device_accept(dev, cred, 0, &verdict, &accept), 0);
	if (context)
		*context = accept.new_context;
	return accept.status;
}

static int32_t next_call(int dev, uint64_t cred, uint64_t context, int32_t status)
{
	struct verdict verdict = status == SEC_E_OK ? verdict_ok(TEST_SEAL_FLAGS, session_key) :
						      verdict_fail(status);
	struct ksecdd_accept accept = {};

	CHECK_EQ(device_accept(dev, cred, context, &verdict, &accept), 0);
	return accept.status;
}

static int32_t acquire(int dev, uint64_t *cred)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_INBOUND,
	};

	CHECK_EQ(device_ioctl(dev, KSECDD_IOC_ACQUIRE, &arg), 0);
	*cred = arg.handle;
	return arg.status;
}

/* Run as a user who has nothing open: limits count from zero then. */
static void as_user(void (*fn)(void *arg))
{
	struct family_status before = status_now();

	suite_in_child(fn, NULL);
	check_gauges(&before);
}

#define LIMIT	5

static void fill_file(void *unused)
{
	uint64_t contexts[LIMIT], one, other_cred;
	int dev, other;
	uint64_t cred;
	unsigned int i;

	(void)unused;
	become(ENV_UID);
	dev = device_open();
	cred = device_acquire(dev);
	for (i = 0; i < LIMIT; i++)
		REQUIRE_STATUS(first_call(dev, cred, i % 2 ? SEC_E_OK : SEC_I_CONTINUE_NEEDED,
					  &contexts[i]), i % 2 ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, &one), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_EQ(one, 0);

	/* Another file of the same user, and the contexts there are */
	other = device_open();
	other_cred = device_acquire(other);
	CHECK_STATUS(first_call(other, other_cred, SEC_E_OK, &one), SEC_E_OK);
	CHECK_STATUS(next_call(dev, cred, contexts[0], SEC_E_OK), SEC_E_OK);

	CHECK_STATUS(delete_context(dev, contexts[1]), SEC_E_OK);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, &one), SEC_E_OK);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, &one), SEC_E_INSUFFICIENT_MEMORY);
}

static void contexts_of_a_file(void)
{
	param_set("max_contexts_file", LIMIT);
	as_user(fill_file);
}

static void other_user(void *unused)
{
	uint64_t cred;
	int dev;

	(void)unused;
	become(ENV_UID2);
	dev = device_open();
	cred = device_acquire(dev);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_OK);
	CHECK_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, NULL), SEC_I_CONTINUE_NEEDED);
}

/*
 * Fill a limit of the user with @status, over two files, and look whether another
 * user gets anything.
 */
static void fill_user(int32_t status)
{
	uint64_t creds[2], contexts[LIMIT];
	int devs[2], go[2];
	unsigned int i;
	pid_t pid;
	char byte;

	/* The other user waits, because this process may not become it later. */
	REQUIRE_SYS(pipe(go));
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) == 1)
			other_user(NULL);
		_exit(suite_failed());
	}
	become(ENV_UID);
	for (i = 0; i < 2; i++) {
		devs[i] = device_open();
		creds[i] = device_acquire(devs[i]);
	}
	for (i = 0; i < LIMIT; i++)
		REQUIRE_STATUS(first_call(devs[i % 2], creds[i % 2], status, &contexts[i]), status);
	for (i = 0; i < 2; i++)
		CHECK_STATUS(first_call(devs[i], creds[i], status, NULL),
			     SEC_E_INSUFFICIENT_MEMORY);

	CHECK_EQ(write(go[1], "", 1), 1);
	suite_join(pid);

	/* What is closed counts no more. */
	close(devs[0]);
	for (i = 0; i < (LIMIT + 1) / 2; i++)
		CHECK_STATUS(first_call(devs[1], creds[1], status, NULL), status);
	CHECK_STATUS(first_call(devs[1], creds[1], status, NULL), SEC_E_INSUFFICIENT_MEMORY);
}

static void fill_user_contexts(void *unused)
{
	(void)unused;
	fill_user(SEC_E_OK);
}

static void contexts_of_a_user(void)
{
	param_set("max_contexts_user", LIMIT);
	as_user(fill_user_contexts);
}

static void fill_user_half_open(void *unused)
{
	(void)unused;
	fill_user(SEC_I_CONTINUE_NEEDED);
}

static void half_open_of_a_user(void)
{
	param_set("max_half_open_user", LIMIT);
	as_user(fill_user_half_open);
}

static void establish_at_limit(void *unused)
{
	uint64_t cred, contexts[LIMIT];
	unsigned int i;
	int dev;

	(void)unused;
	become(ENV_UID);
	dev = device_open();
	cred = device_acquire(dev);
	for (i = 0; i < LIMIT; i++)
		REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, &contexts[i]),
			       SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_INSUFFICIENT_MEMORY);
	/* Established, failed or deleted: each makes room for one. */
	CHECK_STATUS(next_call(dev, cred, contexts[0], SEC_E_OK), SEC_E_OK);
	CHECK_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, NULL), SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_STATUS(next_call(dev, cred, contexts[1], SEC_E_LOGON_DENIED), SEC_E_LOGON_DENIED);
	CHECK_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, NULL), SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_STATUS(delete_context(dev, contexts[2]), SEC_E_OK);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_OK);
	/* That was established at once. */
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_OK);
}

static void half_open_become_others(void)
{
	param_set("max_half_open_user", LIMIT);
	as_user(establish_at_limit);
}

static void fill_creds(void *unused)
{
	uint64_t creds[LIMIT], one;
	unsigned int i;
	int devs[2];

	(void)unused;
	become(ENV_UID);
	devs[0] = device_open();
	devs[1] = device_open();
	for (i = 0; i < LIMIT; i++)
		REQUIRE_STATUS(acquire(devs[i % 2], &creds[i]), SEC_E_OK);
	CHECK_STATUS(acquire(devs[0], &one), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_EQ(one, 0);
	CHECK_STATUS(acquire(devs[1], &one), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_STATUS(free_cred(devs[0], creds[0]), SEC_E_OK);
	CHECK_STATUS(acquire(devs[1], &one), SEC_E_OK);
	/* Freed, but a context still has it: it counts. */
	CHECK_STATUS(first_call(devs[1], one, SEC_E_OK, NULL), SEC_E_OK);
	CHECK_STATUS(free_cred(devs[1], one), SEC_E_OK);
	CHECK_STATUS(acquire(devs[1], &one), SEC_E_INSUFFICIENT_MEMORY);
}

static void credentials_of_a_user(void)
{
	param_set("max_credentials_user", LIMIT);
	as_user(fill_creds);
}

/* One byte each way: the child tells how far it is, the parent what it has done. */
struct talk {
	int told[2];
	int done[2];
};

static void tell(int fds[2])
{
	REQUIRE_EQ(write(fds[1], "", 1), 1);
}

static void hear(int fds[2])
{
	char byte;

	REQUIRE_EQ(read(fds[0], &byte, 1), 1);
}

static void no_requests(void *arg)
{
	struct talk *talk = arg;
	uint64_t cred, half;
	int dev;

	become(ENV_UID);
	dev = device_open();
	cred = device_acquire(dev);
	REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, &half), SEC_I_CONTINUE_NEEDED);
	tell(talk->told);
	hear(talk->done);
	CHECK_STATUS(first_call(dev, cred, SEC_E_OK, NULL), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_STATUS(next_call(dev, cred, half, SEC_E_OK), SEC_E_INSUFFICIENT_MEMORY);
	tell(talk->told);
	hear(talk->done);
	/* The half-open context has not suffered. */
	CHECK_STATUS(next_call(dev, cred, half, SEC_E_OK), SEC_E_OK);
}

static void requests_of_a_user(void)
{
	struct family_status before = status_now();
	struct talk talk;
	pid_t pid;

	REQUIRE_SYS(pipe(talk.told));
	REQUIRE_SYS(pipe(talk.done));
	pid = suite_fork(no_requests, &talk);
	/* A child that gives up closes its end. */
	close(talk.told[1]);
	hear(talk.told);
	param_set("max_requests_user", 0);
	tell(talk.done);
	hear(talk.told);
	params_restore();
	tell(talk.done);
	suite_join(pid);
	close(talk.told[0]);
	close(talk.done[0]);
	close(talk.done[1]);
	check_gauges(&before);
}

/* Waits until so many contexts have been reaped. */
static void wait_expired(uint64_t want)
{
	const struct timespec step = { .tv_nsec = 20000000 };
	uint64_t until = suite_now_ms() + suite_time(15000);

	while (status_now().expired < want && suite_now_ms() < until)
		nanosleep(&step, NULL);
	CHECK_EQ(status_now().expired, want);
}

static void reaped(void)
{
	struct family_status before = status_now();
	struct ksecdd_context_info info;
	uint64_t half, context, cred;
	int dev = device_open();

	param_set("half_open_timeout_ms", 2000);
	cred = device_acquire(dev);
	REQUIRE_STATUS(first_call(dev, cred, SEC_E_OK, &context), SEC_E_OK);
	REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, &half), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(status_now().half_open, before.half_open + 1);
	wait_expired(before.expired + 1);
	CHECK_EQ(status_now().half_open, before.half_open);

	CHECK_STATUS(next_call(dev, cred, half, SEC_E_OK), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(query_info(dev, half, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(dev, half), SEC_E_OK);
	/* Only what is half-open is reaped. */
	CHECK_STATUS(query_info(dev, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
	close(dev);
	check_gauges(&before);
}

/* A shorter time holds for those that wait already, and for those that come. */
static void reaped_sooner(void)
{
	struct family_status before = status_now();
	uint64_t old, new, cred;
	int dev = device_open();

	param_set("half_open_timeout_ms", 3600000);
	cred = device_acquire(dev);
	REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, &old), SEC_I_CONTINUE_NEEDED);
	param_set("half_open_timeout_ms", 300);
	REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, &new), SEC_I_CONTINUE_NEEDED);
	wait_expired(before.expired + 2);
	CHECK_STATUS(next_call(dev, cred, old, SEC_E_OK), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(next_call(dev, cred, new, SEC_E_OK), SEC_E_INVALID_HANDLE);
	close(dev);
	check_gauges(&before);
}

/* The reaper and close() meet on the same contexts. */
static void reaped_while_closed(void)
{
	struct family_status before = status_now();
	unsigned int i, j, rounds = suite_count(40);
	const struct timespec due = { .tv_nsec = 8000000 };
	uint64_t cred;
	int dev;

	param_set("half_open_timeout_ms", 8);
	for (i = 0; i < rounds; i++) {
		dev = device_open();
		cred = device_acquire(dev);
		for (j = 0; j < 8; j++)
			REQUIRE_STATUS(first_call(dev, cred, SEC_I_CONTINUE_NEEDED, NULL),
				       SEC_I_CONTINUE_NEEDED);
		/* Not to wait for anything: to be there when the reaper is. */
		nanosleep(&due, NULL);
		close(dev);
	}
	params_restore();
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "contexts of an open file", .run = contexts_of_a_file },
	{ .name = "contexts of a user", .run = contexts_of_a_user },
	{ .name = "half-open contexts of a user", .run = half_open_of_a_user },
	{ .name = "half-open contexts make room", .run = half_open_become_others },
	{ .name = "credentials of a user", .run = credentials_of_a_user },
	{ .name = "requests of a user", .run = requests_of_a_user },
	{ .name = "half-open contexts are reaped", .run = reaped },
	{ .name = "a shorter time reaps those that wait already", .run = reaped_sooner },
	{ .name = "reaping and closing at once", .run = reaped_while_closed },
};

int main(void)
{
	testhelper_isolate();
	testhelper_start(&th);
	suite_after = params_restore;
	return suite_run(tests, ARRAY_SIZE(tests));
}
