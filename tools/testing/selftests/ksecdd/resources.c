// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a service costs and who pays: memory control groups, the key quota; and
 * what can be seen of secrets from outside: keys, tracepoints; and that the
 * module stays while it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

#define CGROUPS		"/sys/fs/cgroup"
#define CGROUP		CGROUPS "/ksecdd-test"
#define TRACING		"/sys/kernel/tracing"

#define MANY		600

static struct testhelper th;
static const uint8_t session_key[16] = "0123456789abcde";
static uint8_t state[KSECDD_MAX_STATE];

/* @n half-open contexts with as much state as there can be; returns how many. */
static unsigned int fill_with_contexts(int fd, uint64_t cred, unsigned int n)
{
	struct verdict verdict = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept;
	unsigned int i;

	/* The helper is in another process, where the state is at the same place. */
	verdict.complete.state = (uintptr_t)state;
	verdict.complete.state_len = sizeof(state);
	for (i = 0; i < n; i++) {
		accept = (struct ksecdd_accept){};
		CHECK_EQ(device_accept(fd, cred, 0, &verdict, &accept), 0);
		if (accept.status != SEC_I_CONTINUE_NEEDED) {
			CHECK_STATUS(accept.status, SEC_E_INSUFFICIENT_MEMORY);
			return i;
		}
	}
	return n;
}

static unsigned long long cgroup_number(const char *file)
{
	char path[256], text[64];

	snprintf(path, sizeof(path), CGROUP "/%s", file);
	REQUIRE(read_file(path, text, sizeof(text)));
	return strtoull(text, NULL, 10);
}

static void make_cgroup(void)
{
	char text[256];

	if (!read_file(CGROUPS "/cgroup.controllers", text, sizeof(text)) ||
	    !strstr(text, "memory"))
		suite_skip("no memory controller in " CGROUPS);
	REQUIRE(write_file(CGROUPS "/cgroup.subtree_control", "+memory"));
	if (mkdir(CGROUP, 0755))
		REQUIRE_EQ(errno, EEXIST);
}

/* A group that has just lost its last process may be busy for a moment. */
static void remove_cgroup(void)
{
	uint64_t until = suite_now_ms() + suite_time(5000);

	while (rmdir(CGROUP) && errno == EBUSY && suite_now_ms() < until)
		sched_yield();
	CHECK(access(CGROUP, F_OK));
}

static void enter_cgroup(void)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", getpid());
	REQUIRE(write_file(CGROUP "/cgroup.procs", text));
}

static void be_charged(void *unused)
{
	unsigned long long before, after;
	unsigned int n = suite_count(MANY);
	uint64_t cred;
	int fd;

	(void)unused;
	enter_cgroup();
	fd = device_open();
	cred = device_acquire(fd);
	/* What the first call of each kind costs is not what is measured. */
	fill_with_contexts(fd, cred, 20);
	before = cgroup_number("memory.current");
	REQUIRE_EQ(fill_with_contexts(fd, cred, n), n);
	after = cgroup_number("memory.current");
	suite_note("%u contexts cost %llu bytes", n, after - before);
	/*
	 * Also what the helper has brought into the kernel: it is for the caller.
	 * Charges are made in batches, of which one may have been there before.
	 */
	CHECK(after - before >= (unsigned long long)n * sizeof(state) * 3 / 4);
	close(fd);
	CHECK(cgroup_number("memory.current") < before + (after - before) / 2);
}

static void charged(void)
{
	make_cgroup();
	testhelper_start(&th);
	suite_in_child(be_charged, NULL);
	testhelper_stop(&th);
	remove_cgroup();
}

/* Nobody is killed for want of memory in the group: calls fail instead. */
static void enter_full_cgroup(int fd, uint64_t cred)
{
	char text[32];

	enter_cgroup();
	REQUIRE(write_file("/proc/self/oom_score_adj", "-1000"));
	fill_with_contexts(fd, cred, 20);
	/* What can be given back is given back now, and not in place of a refusal. */
	write_file(CGROUP "/memory.reclaim", "64M");
	snprintf(text, sizeof(text), "%llu", cgroup_number("memory.current") + (512 << 10));
	REQUIRE(write_file(CGROUP "/memory.max", text));
}

static void eat_all(void *unused)
{
	struct verdict verdict = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept = {};
	int fd = device_open();
	uint64_t cred = device_acquire(fd);
	unsigned int i, refused = 0;

	(void)unused;
	enter_full_cgroup(fd, cred);
	verdict.complete.state = (uintptr_t)state;
	verdict.complete.state_len = sizeof(state);
	for (i = 0; i < 2000 && refused < 3; i++) {
		accept = (struct ksecdd_accept){};
		CHECK_EQ(device_accept(fd, cred, 0, &verdict, &accept), 0);
		if (accept.status == SEC_I_CONTINUE_NEEDED)
			continue;
		refused++;
		/* The latter if the test's helper could not bring its answer in. */
		CHECK(accept.status == SEC_E_INSUFFICIENT_MEMORY ||
		      accept.status == SEC_E_INTERNAL_ERROR);
	}
	CHECK_EQ(refused, 3);
}

/* The same with ksecd, in the network namespace where it is */
static void eat_all_with_ksecd(void *unused)
{
	static const uint8_t negotiate[32] = "NTLMSSP\0\1\0\0\0\x06\x82\x08";
	int fd = device_open(), net = (int)REQUIRE_SYS(open("/proc/1/ns/net", O_RDONLY));
	uint64_t cred = device_acquire(fd);
	unsigned int i, refused = 0;
	struct call call;

	(void)unused;
	enter_full_cgroup(fd, cred);
	REQUIRE_SYS(setns(net, CLONE_NEWNET));
	for (i = 0; i < 8000 && refused < 8; i++) {
		call_init(&call, fd, cred, 0);
		call.arg.token = (uintptr_t)negotiate;
		call.arg.token_len = sizeof(negotiate);
		call_run(&call);
		CHECK_EQ(call.ret, 0);
		if (call.arg.status == SEC_I_CONTINUE_NEEDED)
			continue;
		refused++;
		CHECK_STATUS(call.arg.status, SEC_E_INSUFFICIENT_MEMORY);
	}
	CHECK_EQ(refused, 8);
}

static void run_out_of_memory(void (*eat)(void *unused))
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct family_status before;
	int fd;

	make_cgroup();
	testhelper_start(&th);
	before = status_now();
	suite_in_child(eat, NULL);
	/* Nobody else has noticed, and nothing is left. */
	check_gauges(&before);
	fd = device_open();
	CHECK(device_establish(fd, device_acquire(fd), &verdict));
	close(fd);
	testhelper_stop(&th);
	remove_cgroup();
}

static void limited(void)
{
	run_out_of_memory(eat_all);
}

static void limited_with_ksecd(void)
{
	run_out_of_memory(eat_all_with_ksecd);
}

static int32_t acquire_secret(int fd, const char *secret, uint64_t *cred)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_BOTH,
		.user = (uintptr_t)"somebody", .user_len = 8,
		.secret = (uintptr_t)secret, .secret_len = (uint32_t)strlen(secret),
	};

	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
	*cred = arg.handle;
	return arg.status;
}

static long keyctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	long ret = syscall(SYS_keyctl, op, a, b, c, d);

	return ret < 0 ? -errno : ret;
}

/* The only key of the module's type in /proc/keys */
static int find_key(char *line, size_t size)
{
	int serial = 0, found = 0;
	char *text = malloc(65536), *at, *next;

	REQUIRE(text && read_file("/proc/keys", text, 65536));
	CHECK(!strstr(text, "Sw0rdfish"));
	for (at = strtok_r(text, "\n", &next); at; at = strtok_r(NULL, "\n", &next)) {
		if (!strstr(at, " ksecdd_cr"))
			continue;
		found++;
		serial = (int)strtoul(at, NULL, 16);
		snprintf(line, size, "%s", at);
	}
	free(text);
	CHECK_EQ(found, 1);
	return serial;
}

static void pry(void *arg)
{
	int serial = *(int *)arg;
	char buf[4096];
	long ret;

	/* What is refused may be refused in several ways; it must not be done. */
	ret = keyctl(KEYCTL_READ, (unsigned long)serial, (unsigned long)buf, sizeof(buf), 0);
	CHECK(ret == -EACCES || ret == -EOPNOTSUPP || ret == -ENOKEY);
	ret = keyctl(KEYCTL_UPDATE, (unsigned long)serial, (unsigned long)"x", 1, 0);
	CHECK(ret == -EACCES || ret == -EOPNOTSUPP || ret == -ENOKEY);
	ret = keyctl(KEYCTL_LINK, (unsigned long)serial, (unsigned long)KEY_SPEC_PROCESS_KEYRING,
		     0, 0);
	CHECK(ret == -EACCES || ret == -ENOKEY);
	ret = keyctl(KEYCTL_SETPERM, (unsigned long)serial, 0x3f3f3f3f, 0, 0);
	CHECK(ret == -EACCES || ret == -ENOKEY);
	ret = keyctl(KEYCTL_CHOWN, (unsigned long)serial, getuid(), getgid(), 0);
	CHECK(ret == -EACCES || ret == -ENOKEY);
	ret = keyctl(KEYCTL_SEARCH, (unsigned long)KEY_SPEC_USER_KEYRING,
		     (unsigned long)"ksecdd_cred", (unsigned long)"credential", 0);
	CHECK(ret < 0);
	ret = syscall(SYS_request_key, "ksecdd_cred", "credential", NULL, 0);
	CHECK_EQ(ret, -1);
	/* Nobody but the module makes one. */
	ret = syscall(SYS_add_key, "ksecdd_cred", "credential", "x", 1, KEY_SPEC_PROCESS_KEYRING);
	CHECK_EQ(ret, -1);
	CHECK_EQ(errno, EPERM);
}

static void pry_in_namespace(void *arg)
{
	user_namespace();
	pry(arg);
}

static void pry_as_other(void *arg)
{
	/* Only root can; another user's keys are tried by root's child. */
	if (!getuid())
		become(ENV_UID2);
	pry(arg);
}

/* The owner tries; so do, before it, root, another user and a namespace's root. */
static void own_a_key(void *unused)
{
	char line[256] = "";
	uint64_t cred;
	int fd, serial;

	(void)unused;
	fd = device_open();
	REQUIRE_STATUS(acquire_secret(fd, "Sw0rdfish", &cred), SEC_E_OK);
	serial = find_key(line, sizeof(line));
	REQUIRE(serial);
	pry(&serial);
	suite_in_child(pry_in_namespace, &serial);
	suite_in_child(pry_as_other, &serial);
	/* It counts against the quota of whoever acquired it. */
	suite_note("%s", line);
	CHECK_STATUS(free_cred(fd, cred), SEC_E_OK);
}

static void own_a_key_as_user(void *unused)
{
	become(ENV_UID);
	own_a_key(unused);
}

static void keys(void)
{
	suite_in_child(own_a_key, NULL);
	suite_in_child(own_a_key_as_user, NULL);
}

static void use_up_quota(void *unused)
{
	static uint64_t creds[1000];
	unsigned int n, i;
	uint64_t until;
	char text[32];
	long max;
	int fd;

	(void)unused;
	REQUIRE(read_file("/proc/sys/kernel/keys/maxkeys", text, sizeof(text)));
	max = strtol(text, NULL, 10);
	REQUIRE(max > 0 && max < 1000);
	become(ENV_UID);
	fd = device_open();
	for (n = 0; n < ARRAY_SIZE(creds); n++)
		if (acquire_secret(fd, "Sw0rdfish", &creds[n]) != SEC_E_OK)
			break;
	CHECK(n > 0 && n <= (unsigned int)max);
	CHECK_STATUS(acquire_secret(fd, "Sw0rdfish", &creds[n]), SEC_E_INSUFFICIENT_MEMORY);
	CHECK_EQ(creds[n], 0);
	/* Without a secret there is no key. */
	CHECK(device_acquire(fd));
	/* Freed ones may be had again; some kernels only count them when they tidy up. */
	for (i = 0; i < n; i++)
		CHECK_STATUS(free_cred(fd, creds[i]), SEC_E_OK);
	until = suite_now_ms() + suite_time(15000);
	while (acquire_secret(fd, "Sw0rdfish", &creds[0]) != SEC_E_OK && suite_now_ms() < until)
		sched_yield();
	CHECK(creds[0]);
}

static void key_quota(void)
{
	struct family_status before = status_now();

	suite_in_child(use_up_quota, NULL);
	check_gauges(&before);
}

static const char *const events[] = {
	"ksec_accept", "ksec_message", "ksec_context_release", "ksec_upcall_queue",
	"ksec_upcall_done",
};

/* What a tracepoint can hold at all: numbers, and not bytes of somebody's. */
static void check_format(const char *event)
{
	char path[256], *text = malloc(16384), *at;

	snprintf(path, sizeof(path), TRACING "/events/ksecdd/%s/format", event);
	REQUIRE(text && read_file(path, text, 16384));
	for (at = strstr(text, "field:"); at; at = strstr(at + 1, "field:")) {
		size_t len = strcspn(at, ";");

		/* common_pid and its like are the kernel's own. */
		if (!strncmp(at + 6, "unsigned short common", 21) ||
		    !strncmp(at + 6, "unsigned char common", 20) ||
		    !strncmp(at + 6, "int common", 10))
			continue;
		if (memchr(at, '[', len) || memchr(at, '*', len) ||
		    memmem(at, len, "char", 4) || memmem(at, len, "__data_loc", 10))
			suite_fail(__FILE__, __LINE__, "%s has a field that is no number: %.*s",
				   event, (int)len, at);
	}
	free(text);
}

static void find_secret(const char *text, const void *secret, size_t len, const char *what)
{
	const uint8_t *bytes = secret;
	char hex[129];
	size_t i;

	for (i = 0; i < len && i < 64; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	if (strstr(text, hex) || memmem(text, strlen(text), secret, len))
		suite_fail(__FILE__, __LINE__, "%s is in the trace", what);
}

static void traced(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct message_call call = { .cmd = KSECDD_IOC_MESSAGE };
	uint8_t data[16] = "a secret message", sig[16];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, sizeof(data)),
		buffer(SECBUFFER_TOKEN, sig, sizeof(sig)),
	};
	char *text = malloc(1 << 20);
	size_t i;

	if (access(TRACING "/events", F_OK))
		suite_skip("no " TRACING);
	for (i = 0; i < ARRAY_SIZE(events); i++)
		check_format(events[i]);
	REQUIRE(write_file(TRACING "/trace", "\n"));
	REQUIRE(write_file(TRACING "/events/ksecdd/enable", "1"));
	testhelper_start(&th);
	call.fd = device_open();
	call.context = device_establish(call.fd, device_acquire(call.fd), &verdict);
	CHECK_STATUS(message_status(&call, KSECDD_MESSAGE_ENCRYPT, bufs, 2), SEC_E_OK);
	CHECK_STATUS(message_status(&call, KSECDD_MESSAGE_DECRYPT, bufs, 2),
		     SEC_E_MESSAGE_ALTERED);
	close(call.fd);
	testhelper_stop(&th);
	CHECK(write_file(TRACING "/events/ksecdd/enable", "0"));

	REQUIRE(text && read_file(TRACING "/trace", text, 1 << 20));
	for (i = 0; i < ARRAY_SIZE(events); i++)
		if (!strstr(text, events[i]))
			suite_fail(__FILE__, __LINE__, "there is no %s in the trace", events[i]);
	CHECK(strstr(text, "status=0x8009030f"));
	find_secret(text, session_key, sizeof(session_key), "the session key");
	find_secret(text, "a secret message", 16, "the message");
	find_secret(text, "TEST\\client", 11, "the client's name");
	CHECK(write_file(TRACING "/trace", "\n"));
	free(text);
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ksecdd", O_NONBLOCK) ? -errno : 0;
}

/* H06: an open device, a context, a request file: each keeps the module. */
static void module_in_use(void)
{
	static struct taken taken;
	static struct call call;
	int fd = device_open(), err;
	uint64_t cred;

	err = unload();
	REQUIRE(err == -EAGAIN || err == -EBUSY);
	cred = device_acquire(fd);
	REQUIRE_EQ(testhelper_register(&th), 0);
	call_init(&call, fd, cred, 0);
	call_start(&call);
	take_file(&th, &taken);
	CHECK(unload() < 0);
	testhelper_stop(&th);
	CHECK(unload() < 0);
	taken_close(&taken);
	call_wait(&call);
	CHECK_STATUS(call.arg.status, SEC_E_INTERNAL_ERROR);
	/* The ioctl has the file as long as it runs, and then nobody has. */
	CHECK(unload() < 0);
	close(fd);
}

static void after(void)
{
	testhelper_stop(&th);
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "contexts are charged to the memory cgroup of the service", .run = charged },
	{ .name = "a memory cgroup at its limit harms nobody else", .run = limited },
	{ .name = "and ksecd says what is missing", .run = limited_with_ksecd },
	{ .name = "I04: nobody gets at keys of explicit credentials", .run = keys },
	{ .name = "explicit credentials count against the key quota", .run = key_quota },
	{ .name = "tracepoints show numbers only", .run = traced },
	{ .name = "H06: the module stays while it is used", .run = module_in_use },
};

int main(void)
{
	testhelper_isolate();
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
