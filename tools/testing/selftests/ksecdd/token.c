// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Token files: what they say, to whom, for how long, and who gets none.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "fdpass.h"
#include "mem.h"
#include "suite.h"

#define FILETIME_EPOCH	116444736000000000LL	/* 1970-01-01 */

static struct testhelper th;
static const uint8_t session_key[16] = "a session's key";
static const uint32_t groups[] = { ENV_UID2, 7, 4000000000u };
/* Texts are the helper's, and nobody looks what they mean. */
static const char ccache[] = "KEYRING:persistent:54321:client";
static const char sids[] = "S-1-5-21-1-2-3-1104 S-1-5-21-1-2-3-513";
static int dev;
static uint64_t cred;

static struct verdict client(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);

	verdict.complete.flags = KSECDD_COMPLETE_MAPPED;
	verdict.complete.uid = ENV_UID;
	verdict.complete.gid = ENV_UID2;
	verdict.complete.groups = (uintptr_t)groups;
	verdict.complete.ngroups = ARRAY_SIZE(groups);
	verdict.complete.ccache = (uintptr_t)ccache;
	verdict.complete.ccache_len = sizeof(ccache) - 1;
	verdict.complete.ret_flags |= ASC_RET_DELEGATE;
	verdict.complete.sids = (uintptr_t)sids;
	verdict.complete.sids_len = sizeof(sids) - 1;
	return verdict;
}

static struct ksecdd_token ask(int fd, uint64_t context)
{
	struct ksecdd_token arg = { .size = sizeof(arg), .context = context };

	REQUIRE_EQ(device_ioctl(fd, KSECDD_IOC_TOKEN, &arg), 0);
	return arg;
}

static int token_of(uint64_t context)
{
	struct ksecdd_token arg = ask(dev, context);

	REQUIRE_STATUS(arg.status, SEC_E_OK);
	REQUIRE(arg.fd > STDERR_FILENO);
	return arg.fd;
}

static void refused(int fd, uint64_t context, int32_t status)
{
	struct ksecdd_token arg = ask(fd, context);

	CHECK_STATUS(arg.status, status);
	CHECK_EQ(arg.fd, -1);
}

static int32_t query_token(int fd, uint32_t attribute, void *buf, uint32_t *len)
{
	struct ksecdd_query arg = {
		.size = sizeof(arg), .attribute = attribute, .len = *len,
		.buffer = (uintptr_t)buf,
	};

	REQUIRE_EQ(device_ioctl(fd, KSECDD_TOKEN_QUERY, &arg), 0);
	*len = arg.len;
	return arg.status;
}

static struct ksecdd_token_info info_of(int fd)
{
	struct ksecdd_token_info info;
	uint32_t len = sizeof(info);

	memset(&info, 0xee, sizeof(info));
	REQUIRE_STATUS(query_token(fd, KSECDD_ATTR_TOKEN, &info, &len), SEC_E_OK);
	CHECK_EQ(len, sizeof(info));
	return info;
}

static void check_text(int fd, uint32_t attribute, const char *want)
{
	uint32_t len = (uint32_t)strlen(want);
	char text[KSECDD_MAX_NAME];

	if (len) {
		len--;
		CHECK_STATUS(query_token(fd, attribute, text, &len), SEC_E_BUFFER_TOO_SMALL);
	}
	CHECK_EQ(len, strlen(want));
	CHECK_STATUS(query_token(fd, attribute, text, &len), SEC_E_OK);
	CHECK_EQ(len, strlen(want));
	CHECK_MEM(text, want, len);
}

/* All that a token of client() says */
static void check_client(int fd)
{
	struct ksecdd_token_info info = info_of(fd);
	uint32_t have[ARRAY_SIZE(groups) + 1], len = sizeof(have);

	CHECK_EQ(info.package, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(info.mech, KSECDD_PACKAGE_NTLM);
	CHECK_EQ(info.ret_flags & ASC_RET_INTEGRITY, ASC_RET_INTEGRITY);
	CHECK_EQ(info.uid, ENV_UID);
	CHECK_EQ(info.gid, ENV_UID2);
	CHECK_EQ(info.ngroups, ARRAY_SIZE(groups));
	CHECK_EQ(info.expiry, KSECDD_TIME_NEVER);
	CHECK_STATUS(query_token(fd, KSECDD_ATTR_GROUPS, have, &len), SEC_E_OK);
	CHECK_EQ(len, sizeof(groups));
	CHECK_MEM(have, groups, sizeof(groups));
	CHECK_EQ(info.ret_flags & ASC_RET_DELEGATE, ASC_RET_DELEGATE);
	check_text(fd, KSECDD_ATTR_CLIENT_NAME, "TEST\\client");
	check_text(fd, KSECDD_ATTR_CCACHE, ccache);
	check_text(fd, KSECDD_ATTR_SIDS, sids);
}

static void what_it_says(void)
{
	struct verdict verdict = client();
	uint64_t first = device_establish(dev, cred, &verdict);
	uint64_t second = device_establish(dev, cred, &verdict);
	struct ksecdd_context_info context;
	struct ksecdd_token_info info;
	int a = token_of(first), b = token_of(second), c = token_of(first);

	check_client(a);
	check_client(b);
	info = info_of(a);
	CHECK(info.logon);
	CHECK(info_of(b).logon > info.logon);
	CHECK_EQ(info_of(c).logon, info.logon);
	REQUIRE_STATUS(query_info(dev, first, &context), SEC_E_OK);
	CHECK_EQ(info.start, context.start);
	CHECK_EQ(info.ret_flags, context.ret_flags);
	CHECK_EQ(info.uid, context.uid);
	/* What is executed gets none of them. */
	CHECK_EQ(REQUIRE_SYS(fcntl(a, F_GETFD)), FD_CLOEXEC);
	close(a);
	close(b);
	close(c);
	CHECK_STATUS(delete_context(dev, first), SEC_E_OK);
	CHECK_STATUS(delete_context(dev, second), SEC_E_OK);
}

static void without_account(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	uint64_t context = device_establish(dev, cred, &verdict);
	struct ksecdd_token_info info;
	int fd = token_of(context);
	uint32_t len = 0;
	char text[512];
	char path[64];

	info = info_of(fd);
	CHECK_EQ(info.uid, UINT32_MAX);
	CHECK_EQ(info.gid, UINT32_MAX);
	CHECK_EQ(info.ngroups, 0);
	CHECK_STATUS(query_token(fd, KSECDD_ATTR_GROUPS, NULL, &len), SEC_E_OK);
	CHECK_EQ(len, 0);
	check_text(fd, KSECDD_ATTR_CCACHE, "");
	check_text(fd, KSECDD_ATTR_SIDS, "");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	REQUIRE(read_file(path, text, sizeof(text)));
	CHECK(!strstr(text, "\nuid:"));
	CHECK(!strstr(text, "\ngroups:"));
	CHECK(!strstr(text, "\nccache:"));
	CHECK(!strstr(text, "\nsids:"));
	close(fd);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

static void who_gets_none(void)
{
	struct verdict verdict = client(), more = verdict_fail(SEC_I_CONTINUE_NEEDED);
	uint64_t context = device_establish(dev, cred, &verdict), late;
	struct ksecdd_accept accept = {};
	int other = device_open();

	/* Whose handle it is not, what is no context, what is not established */
	refused(other, context, SEC_E_INVALID_HANDLE);
	refused(dev, cred, SEC_E_INVALID_HANDLE);
	refused(dev, 0, SEC_E_INVALID_HANDLE);
	refused(dev, UINT64_MAX, SEC_E_INVALID_HANDLE);
	REQUIRE_EQ(device_accept(dev, cred, 0, &more, &accept), 0);
	REQUIRE_STATUS(accept.status, SEC_I_CONTINUE_NEEDED);
	refused(dev, accept.new_context, SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(dev, accept.new_context), SEC_E_OK);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
	refused(dev, context, SEC_E_INVALID_HANDLE);

	/* What the client has proved is over. */
	verdict.complete.expiry = FILETIME_EPOCH;
	late = device_establish(dev, cred, &verdict);
	refused(dev, late, SEC_E_CONTEXT_EXPIRED);
	CHECK_STATUS(delete_context(dev, late), SEC_E_OK);
	close(other);
}

static void lifetime(void)
{
	struct verdict verdict = client();
	struct family_status before = status_now();
	int own = device_open(), fd;
	uint64_t context = device_establish(own, device_acquire(own), &verdict);

	fd = ask(own, context).fd;
	REQUIRE(fd >= 0);
	check_client(fd);
	CHECK_STATUS(delete_context(own, context), SEC_E_OK);
	check_client(fd);
	close(own);
	/* The context has gone, keys and all. */
	check_gauges(&before);
	check_client(fd);
	CHECK_EQ(close(fd), 0);
}

/* It can be asked, and nothing else. */
static void check_powerless(int fd)
{
	struct ksecdd_destroy destroy = { .size = sizeof(destroy) };
	char byte = 0;

	CHECK_EQ(read(fd, &byte, 1), -1);
	CHECK_EQ(write(fd, &byte, 1), -1);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_DESTROY, &destroy), -ENOTTY);
	CHECK_EQ(device_ioctl(fd, KSECDD_REQ_COMPLETE, &destroy), -ENOTTY);
	CHECK_EQ(device_ioctl(dev, KSECDD_TOKEN_QUERY, &destroy), -ENOTTY);
}

static void receiver(void *arg)
{
	int *sock = arg, fd;
	char byte;

	become(ENV_UID2);
	fd = fd_receive(*sock, &byte, 1);
	/* Its context is deleted, its device closed, its maker another user. */
	check_client(fd);
	check_powerless(fd);
	CHECK_EQ(getuid(), ENV_UID2);
}

static void passed_on(void)
{
	struct verdict verdict = client();
	int socks[2], own = device_open(), fd;
	uint64_t context = device_establish(own, device_acquire(own), &verdict);
	pid_t pid;

	fd_pair(socks);
	pid = suite_fork(receiver, &socks[1]);
	fd = ask(own, context).fd;
	REQUIRE(fd >= 0);
	fd_send(socks[0], fd, "", 1);
	close(fd);
	CHECK_STATUS(delete_context(own, context), SEC_E_OK);
	close(own);
	suite_join(pid);
	close(socks[0]);
	close(socks[1]);
}

static void in_namespace(void *arg)
{
	uint32_t have[ARRAY_SIZE(groups)], len = sizeof(have);
	struct ksecdd_token_info info;
	int fd = *(int *)arg;

	become(ENV_UID);
	user_namespace();
	info = info_of(fd);
	/* Root here is the client; of its groups this namespace has none. */
	CHECK_EQ(info.uid, 0);
	CHECK_EQ(info.gid, UINT32_MAX);
	CHECK_EQ(info.ngroups, ARRAY_SIZE(groups));
	CHECK_STATUS(query_token(fd, KSECDD_ATTR_GROUPS, have, &len), SEC_E_OK);
	CHECK_EQ(have[0], UINT32_MAX);
	CHECK_EQ(have[2], UINT32_MAX);
}

static void namespaces(void)
{
	struct verdict verdict = client();
	uint64_t context = device_establish(dev, cred, &verdict);
	int fd = token_of(context);

	suite_in_child(in_namespace, &fd);
	close(fd);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

static void fdinfo(void)
{
	static const char name[] = "A\nuid:\t0\\b\\c\t\033[m";
	struct verdict verdict = client();
	uint64_t context;
	char path[64], text[1024], want[64];
	int fd;

	verdict.complete.client = (uintptr_t)name;
	verdict.complete.client_len = sizeof(name) - 1;
	context = device_establish(dev, cred, &verdict);
	fd = token_of(context);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	REQUIRE(read_file(path, text, sizeof(text)));
	snprintf(want, sizeof(want), "\nlogon:\t%llu\n", (unsigned long long)info_of(fd).logon);
	CHECK(strstr(text, want));
	CHECK(strstr(text, "\npackage:\tNTLM\nmech:\tNTLM\n"));
	/* The client's name makes no lines. */
	CHECK(strstr(text, "\ndomain:\tA\\012uid:\\0110\nuser:\tb\\134c\\011\\033[m\n"));
	CHECK(strstr(text, "\nuid:\t54321\ngid:\t54322\ngroups:\t54322 7 4000000000\n"));
	CHECK(strstr(text, "\nsids:\tS-1-5-21-1-2-3-1104 S-1-5-21-1-2-3-513\n"));
	CHECK(strstr(text, "\nccache:\tKEYRING:persistent:54321:client\nexpiry:"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	memset(text, 0, sizeof(text));
	REQUIRE_SYS(readlink(path, text, sizeof(text) - 1));
	CHECK(!strcmp(text, "anon_inode:[ksecdd-token]"));
	close(fd);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

#define LIMIT	4

static void fill_limit(void *unused)
{
	struct verdict verdict = client();
	int tokens[LIMIT], own, other, i;
	uint64_t context, second;

	(void)unused;
	become(ENV_UID);
	own = device_open();
	other = device_open();
	context = device_establish(own, device_acquire(own), &verdict);
	second = device_establish(other, device_acquire(other), &verdict);
	for (i = 0; i < LIMIT; i++) {
		tokens[i] = ask(i % 2 ? own : other, i % 2 ? context : second).fd;
		REQUIRE(tokens[i] >= 0);
	}
	refused(own, context, SEC_E_INSUFFICIENT_MEMORY);
	refused(other, second, SEC_E_INSUFFICIENT_MEMORY);
	/* Neither the context nor the device was what it counts for. */
	CHECK_STATUS(delete_context(other, second), SEC_E_OK);
	close(other);
	refused(own, context, SEC_E_INSUFFICIENT_MEMORY);
	close(tokens[0]);
	tokens[0] = ask(own, context).fd;
	CHECK(tokens[0] >= 0);
	refused(own, context, SEC_E_INSUFFICIENT_MEMORY);
}

static void limit(void)
{
	struct family_status before = status_now();

	param_set("max_tokens_user", LIMIT);
	suite_in_child(fill_limit, NULL);
	check_gauges(&before);
	/* All of them have gone with the process. */
	suite_in_child(fill_limit, NULL);
	check_gauges(&before);
}

/* Descriptors of this process that are tokens; of others the helper opens and closes some. */
static unsigned int count_tokens(void)
{
	char path[64], name[64];
	unsigned int n = 0;
	ssize_t len;
	int fd;

	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, name, sizeof(name) - 1);
		name[len < 0 ? 0 : len] = '\0';
		n += !strcmp(name, "anon_inode:[ksecdd-token]");
	}
	return n;
}

static void no_descriptor(void)
{
	struct verdict verdict = client();
	uint64_t context = device_establish(dev, cred, &verdict);
	struct rlimit old, none;
	struct ksecdd_token arg;
	unsigned int i;
	int fd;

	REQUIRE_SYS(getrlimit(RLIMIT_NOFILE, &old));
	none = (struct rlimit){ STDERR_FILENO + 1, old.rlim_max };
	REQUIRE_SYS(setrlimit(RLIMIT_NOFILE, &none));
	refused(dev, context, SEC_E_INSUFFICIENT_MEMORY);
	REQUIRE_SYS(setrlimit(RLIMIT_NOFILE, &old));
	CHECK_EQ(count_tokens(), 0);

	/* Nobody was told its number: there is none. */
	for (i = 0; i < 100; i++) {
		arg = (struct ksecdd_token){ .size = sizeof(arg), .context = context };
		CHECK_EQ(device_ioctl(dev, KSECDD_IOC_TOKEN, mem_readonly(&arg, sizeof(arg))),
			 -EFAULT);
	}
	CHECK_EQ(count_tokens(), 0);
	fd = token_of(context);
	check_client(fd);
	CHECK_EQ(count_tokens(), 1);
	close(fd);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

static void after(void)
{
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "what a token says", .run = what_it_says },
	{ .name = "a client without an account", .run = without_account },
	{ .name = "contexts that give none", .run = who_gets_none },
	{ .name = "it outlives context and device", .run = lifetime },
	{ .name = "passed on, it tells another user the same and lets him do nothing",
	  .run = passed_on },
	{ .name = "in a user namespace", .run = namespaces },
	{ .name = "/proc/PID/fdinfo", .run = fdinfo },
	{ .name = "the limit of a user", .run = limit },
	{ .name = "no descriptor left, or nobody to tell it to", .run = no_descriptor },
};

int main(void)
{
	suite_after = after;
	testhelper_isolate();
	testhelper_start(&th);
	dev = device_open();
	cred = device_acquire(dev);
	return suite_run(tests, ARRAY_SIZE(tests));
}
