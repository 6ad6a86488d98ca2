// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Unloading the module: never while somebody has an open device or a request file,
 * always when nobody has, also right after work of any kind, and never with anybody
 * left in its code.
 *
 * In a guest only: ksecd is stopped and the module loaded again and again.
 * KSECDD_SECONDS=n: how long the storms go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "chance.h"
#include "env.h"
#include "session.h"
#include "suite.h"

#define STORM_MS	2000
#define WORKERS	3

static struct testhelper th;
static struct taken taken;
static struct call call;
static struct chance chance;
static const uint8_t session_key[16] = "a session's key";

/* Tries it all the time, in vain, while others use what keeps it from being done */
struct attempts {
	pthread_t thread;
	atomic_bool stop;
	atomic_uint n;
};

static void *attempt(void *arg)
{
	struct attempts *a = arg;
	int err;

	while (!a->stop) {
		err = module_unload();
		if (err != -EAGAIN && err != -EBUSY)
			CHECK_EQ(err, -EAGAIN);
		a->n++;
	}
	return NULL;
}

static void begin_attempts(struct attempts *a)
{
	*a = (struct attempts){};
	REQUIRE_EQ(pthread_create(&a->thread, NULL, attempt, a), 0);
	while (!a->n)
		sched_yield();
}

static void end_attempts(struct attempts *a)
{
	unsigned int n = a->n;

	/* None of them waits for anything. */
	while (a->n < n + 10)
		sched_yield();
	a->stop = true;
	pthread_join(a->thread, NULL);
}

/* A device without anything, with a context, and at work */
static void device_open_(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct attempts a;
	struct session s;
	unsigned int i;
	int fd;

	fd = device_open();
	begin_attempts(&a);
	end_attempts(&a);
	testhelper_start(&th);
	device_establish(fd, device_acquire(fd), &verdict);
	begin_attempts(&a);
	session_open(&s, TEST_SEAL_FLAGS);
	for (i = 0; i < suite_count(50); i++)
		CHECK(session_works(&s));
	session_close(&s);
	end_attempts(&a);
	close(fd);
	testhelper_stop(&th);
}

/* A caller who waits: with the file open, and with the file closed under him */
static void upcall_pending(void)
{
	struct attempts a;
	int fd = device_open();

	REQUIRE_EQ(testhelper_register(&th), 0);
	call_init(&call, fd, device_acquire(fd), 0);
	call_start(&call);
	while (!status_now().requests)
		sched_yield();
	begin_attempts(&a);
	close(fd);
	CHECK(!call.over);
	take(&th, &taken);
	/* He is alone with the request file now. */
	testhelper_stop(&th);
	end_attempts(&a);
	begin_attempts(&a);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_wait(&call);
	CHECK_STATUS(call.arg.status, SEC_E_LOGON_DENIED);
	/* Nobody waits, but the file has code of the module. */
	end_attempts(&a);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), -EALREADY);
	taken_close(&taken);
}

/*
 * What leaves something behind that comes to its end later: memory after a grace
 * period, work that waits for its time, keys that are collected.
 */
static void leave_contexts(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct verdict more = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept;
	unsigned int i;
	int fd = device_open();
	uint64_t cred = device_acquire(fd);

	testhelper_start(&th);
	for (i = 0; i < 10; i++) {
		accept = (struct ksecdd_accept){};
		device_establish(fd, cred, &verdict);
		CHECK_EQ(device_accept(fd, cred, 0, &more, &accept), 0);
	}
	testhelper_stop(&th);
	close(fd);
}

static void leave_reaped(void)
{
	write_file("/sys/module/ksecdd/parameters/half_open_timeout_ms", "5");
	leave_contexts();
}

static void leave_grace(void)
{
	REQUIRE_EQ(testhelper_register(&th), 0);
	testhelper_stop(&th);
}

static void leave_helper(void)
{
	REQUIRE_EQ(testhelper_register(&th), 0);
}

static void leave_keys(void)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_INBOUND,
		.user = (uintptr_t)"user", .user_len = 4,
		.secret = (uintptr_t)"password", .secret_len = 8,
	};
	int fd = device_open(), i;

	for (i = 0; i < 10; i++) {
		CHECK_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
		CHECK_STATUS(arg.status, SEC_E_OK);
	}
	close(fd);
}

static void leave_aborted(void)
{
	int fd = device_open();

	REQUIRE_EQ(testhelper_register(&th), 0);
	call_ask(&th, &call, &taken, fd, device_acquire(fd), 0);
	close(fd);
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
	testhelper_stop(&th);
}

static void work_until_killed(void *unused)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	int fd = device_open();
	uint64_t cred = device_acquire(fd);

	(void)unused;
	testhelper_start(&th);
	for (;;)
		device_establish(fd, cred, &verdict);
}

static void leave_killed(void)
{
	pid_t pid = suite_fork(work_until_killed, NULL);
	int status;

	chance_nap(&chance, 30000);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
}

static void leave_namespace(void *unused)
{
	(void)unused;
	/* It goes with the process, and its part of the module's state with it. */
	testhelper_isolate();
	leave_grace();
}

static void leave_namespaces(void)
{
	suite_in_child(leave_namespace, NULL);
}

static void right_after_work(void)
{
	static void (*const leave[])(void) = {
		leave_contexts, leave_reaped, leave_grace, leave_helper, leave_keys,
		leave_aborted, leave_killed, leave_namespaces,
	};
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int n;

	/* Each of them at least once */
	for (n = 0; (n < ARRAY_SIZE(leave) || suite_now_ms() < deadline) && !suite_failed(); n++) {
		leave[n < ARRAY_SIZE(leave) ? n : chance_below(&chance, ARRAY_SIZE(leave))]();
		module_must_unload();
		testhelper_stop(&th);
		REQUIRE_EQ(module_load(), 0);
	}
	suite_note("unloaded %u times", n);
}

/* Shared by the processes of a storm */
static struct tally {
	atomic_bool stop;
	atomic_uint unloaded;
	atomic_uint refused;
	atomic_uint used;
	atomic_uint absent;
} *tally;

/* Opens the device, or finds that it is not there just now. */
static int try_open(void)
{
	int fd = open(KSECDD_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	CHECK(errno == ENOENT || errno == ENODEV || errno == ENXIO);
	tally->absent++;
	return -1;
}

/* From the moment it is open until it is closed, everything works. */
static void use(int fd)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct ksecdd_context_info info;
	struct session s = { .dev = fd };

	testhelper_start(&th);
	s.cred = device_acquire(fd);
	s.call = (struct message_call){
		.cmd = KSECDD_IOC_MESSAGE, .fd = fd,
		.context = device_establish(fd, s.cred, &verdict),
	};
	ntlm_peer_init(&s.peer, TEST_SEAL_FLAGS, session_key);
	CHECK(session_works(&s));
	CHECK_STATUS(query_info(fd, s.call.context, &info), SEC_E_OK);
	tally->used++;
	/* One leaves first the device, the next one the helper. */
	if (tally->used % 2)
		testhelper_stop(&th);
	close(fd);
	testhelper_stop(&th);
}

static void worker(void *number)
{
	struct chance own;
	int fd;

	testhelper_isolate();
	chance_init(&own, *(unsigned int *)number);
	while (!tally->stop && !suite_failed()) {
		fd = try_open();
		if (fd >= 0 && chance_one_in(&own, 3))
			close(fd);
		else if (fd >= 0)
			use(fd);
		chance_nap(&own, 20000);
	}
}

/* Looks at the status, which is there or is not. */
static void onlooker(void *unused)
{
	struct family_status status;
	struct family family;
	int err;

	(void)unused;
	while (!tally->stop && !suite_failed()) {
		err = family_open(&family);
		if (!err) {
			err = family_status(&family, &status);
			if (err)
				CHECK(err == -ENOENT || err == -EOPNOTSUPP);
			else
				CHECK_EQ(status.abi, KSECDD_ABI_VERSION);
			family_close(&family);
		} else {
			CHECK_EQ(err, -ENOENT);
		}
		usleep(1000);
	}
}

static void storm(void)
{
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int numbers[WORKERS], i;
	pid_t pids[WORKERS + 1];
	int err;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	REQUIRE(tally != MAP_FAILED);
	for (i = 0; i < WORKERS; i++) {
		numbers[i] = i + 1;
		pids[i] = suite_fork(worker, &numbers[i]);
	}
	pids[i] = suite_fork(onlooker, NULL);
	while ((suite_now_ms() < deadline ||
		!tally->unloaded || !tally->refused || !tally->used) &&
	       suite_now_ms() < deadline + suite_time(30000) && !suite_failed()) {
		err = module_unload();
		if (!err) {
			tally->unloaded++;
			chance_nap(&chance, 5000);
			REQUIRE_EQ(module_load(), 0);
			/* Somebody is to get in. */
			chance_nap(&chance, 60000);
		} else {
			CHECK_EQ(err, -EAGAIN);
			tally->refused++;
		}
	}
	tally->stop = true;
	for (i = 0; i <= WORKERS; i++)
		suite_join(pids[i]);
	suite_note("unloaded %u times, refused %u times; used %u times, not there %u times",
		   tally->unloaded, tally->refused, tally->used, tally->absent);
	CHECK(tally->unloaded && tally->refused && tally->used);
	munmap(tally, sizeof(*tally));
}

/* Whatever went wrong, the others want to go on. */
static void after(void)
{
	testhelper_stop(&th);
	module_load();
}

static const struct suite_test tests[] = {
	{ .name = "the module stays while a device is open", .run = device_open_ },
	{ .name = "and while somebody waits or has a request", .run = upcall_pending },
	{ .name = "it goes right after work of any kind", .run = right_after_work,
	  .seconds = 900 },
	{ .name = "it goes and comes while others want it", .run = storm, .seconds = 900 },
};

/* In a process of its own, so that ksecd is started where it was. */
static int run_tests(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		chance_init(&chance, 0);
		testhelper_isolate();
		suite_after = after;
		exit(suite_run(tests, ARRAY_SIZE(tests)));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(void)
{
	int ret;

	if (system("vm-ksecd stop"))
		return 1;
	ret = run_tests();
	return system("vm-ksecd start") ? 1 : ret;
}
