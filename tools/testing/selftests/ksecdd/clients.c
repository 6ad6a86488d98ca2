// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients that a thread may run as, and who a thread is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ksecdd.h>

#include "clients.h"
#include "suite.h"
#include "testhelper.h"

struct clients clients;
static struct testhelper th;
static CredHandle cred;
static char folder[] = "/tmp/clients.XXXXXX";

/* What a client has delegated besides tickets */
static void give_password(int fd, const struct request *req, void *data)
{
	static const char text[] = "delegated";
	const uint32_t uid = *(uint32_t *)data;
	struct ksecdd_credential arg = {
		.size = sizeof(arg), .flags = KSECDD_CREDENTIAL_FETCH,
		.user = (uintptr_t)text, .user_len = sizeof(text) - 1,
		.secret = (uintptr_t)text, .secret_len = sizeof(text) - 1,
		.client = (uintptr_t)text, .client_len = sizeof(text) - 1,
		.uid = uid, .gid = uid,
	};

	(void)req;
	CHECK_EQ(device_ioctl(fd, KSECDD_REQ_CREDENTIAL, &arg), 0);
}

/**
 * logon_flags() - an established context
 * @uid:       its client, who has the group of this number, too; ~0 - nobody here
 * @group:     the other group
 * @ret_flags: ASC_RET_* besides those of integrity and confidentiality
 *
 * Return: the context
 */
CtxtHandle logon_flags(uint32_t uid, uint32_t group, ULONG ret_flags)
{
	static const uint8_t session_key[16] = "a session's key";
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	static const char ccache[] = "KEYRING:persistent:1:client";
	static const char sids[] = "S-1-5-21-1-2-3-1104 S-1-5-21-1-2-3-513 S-1-5-11";
	const uint32_t groups[] = { uid, group };
	SecBuffer in = { sizeof(verdict), SECBUFFER_TOKEN, &verdict };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &in };
	CtxtHandle context;
	ULONG attributes;

	verdict.complete.ret_flags |= ret_flags;
	if (uid != UINT32_MAX) {
		verdict.complete.flags = KSECDD_COMPLETE_MAPPED;
		verdict.complete.uid = verdict.complete.gid = uid;
		verdict.complete.groups = (uintptr_t)groups;
		verdict.complete.ngroups = ARRAY_SIZE(groups);
		verdict.complete.sids = (uintptr_t)sids;
		verdict.complete.sids_len = sizeof(sids) - 1;
	}
	if (ret_flags & ASC_RET_DELEGATE) {
		verdict.complete.ccache = (uintptr_t)ccache;
		verdict.complete.ccache_len = sizeof(ccache) - 1;
		verdict.hook = give_password;
		verdict.data = &uid;
	}
	REQUIRE_STATUS(AcceptSecurityContext(&cred, NULL, &input, 0, SECURITY_NATIVE_DREP, &context,
					     NULL, &attributes, NULL), SEC_E_OK);
	return context;
}

/**
 * logon_as() - an established context whose client may be impersonated
 * @uid:   its client
 * @group: his other group
 *
 * Return: the context
 */
CtxtHandle logon_as(uint32_t uid, uint32_t group)
{
	return logon_flags(uid, group, 0);
}

static const char *const who_lines[] = {
	"\nUid:", "\nGid:", "\nGroups:", "\nCapInh:", "\nCapPrm:", "\nCapEff:", "\nCapBnd:",
	"\nCapAmb:",
};

/**
 * who_is() - who a thread of this process is
 * @tid: the thread
 *
 * Return: who
 */
struct who who_is(pid_t tid)
{
	char path[64], status[4096], *line;
	struct who who = { "" };
	size_t i, len = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", getpid(), tid);
	REQUIRE(read_file(path, status, sizeof(status)));
	for (i = 0; i < ARRAY_SIZE(who_lines); i++) {
		line = strstr(status, who_lines[i]);
		REQUIRE(line);
		len += (size_t)snprintf(who.text + len, sizeof(who.text) - len, "%.*s",
					(int)strcspn(line + 1, "\n") + 1, line);
	}
	return who;
}

/**
 * who_am_i() - who the calling thread is
 *
 * Return: who
 */
struct who who_am_i(void)
{
	return who_is((pid_t)syscall(SYS_gettid));
}

/**
 * same_who() - are these the same?
 * @a: who
 * @b: who else
 *
 * Return: true if so
 */
bool same_who(struct who a, struct who b)
{
	bool same = !strcmp(a.text, b.text);

	if (!same)
		suite_note("%s is not%s", a.text, b.text);
	return same;
}

/**
 * check_is() - check that a thread runs as a client, without capabilities
 * @who:   the thread
 * @uid:   the client
 * @group: his other group
 * @saved: its own uid and gid, the saved ones
 */
void check_is(struct who who, uint32_t uid, uint32_t group, uint32_t saved)
{
	const uint32_t low = uid < group ? uid : group, high = uid < group ? group : uid;
	char want[256];

	snprintf(want, sizeof(want), "\nUid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nGroups:\t%u %u ",
		 uid, uid, saved, uid, uid, uid, saved, uid, low, high);
	if (!CHECK(!strncmp(who.text, want, strlen(want))))
		suite_note("%s is not%s", who.text, want);
	CHECK(strstr(who.text, "\nCapInh:\t0000000000000000"));
	CHECK(strstr(who.text, "\nCapEff:\t0000000000000000"));
	CHECK(strstr(who.text, "\nCapAmb:\t0000000000000000"));
}

static void make_file(const char *name, uint32_t uid, uint32_t gid, mode_t mode)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
	fd = (int)REQUIRE_SYS(open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0));
	REQUIRE_SYS(fchown(fd, uid, gid));
	REQUIRE_SYS(fchmod(fd, mode));
	close(fd);
}

/* 0 or -errno */
static int try_file(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/**
 * check_files() - check which files the calling thread may read
 * @one:     of ENV_UID alone: 0 or -errno
 * @two:     of ENV_UID2 alone
 * @group_a: of GROUP_A alone
 * @group_b: of GROUP_B alone
 */
void check_files(int one, int two, int group_a, int group_b)
{
	CHECK_EQ(try_file("one"), one);
	CHECK_EQ(try_file("two"), two);
	CHECK_EQ(try_file("group-a"), group_a);
	CHECK_EQ(try_file("group-b"), group_b);
}

/**
 * clients_begin() - make files and clients
 */
void clients_begin(void)
{
	testhelper_isolate();
	testhelper_start(&th);
	REQUIRE(mkdtemp(folder));
	REQUIRE_SYS(chmod(folder, 0755));
	make_file("one", ENV_UID, 0, 0400);
	make_file("two", ENV_UID2, 0, 0400);
	make_file("group-a", 0, GROUP_A, 0040);
	make_file("group-b", 0, GROUP_B, 0040);
	REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL,
						 NULL, NULL, NULL, &cred, NULL), SEC_E_OK);
	clients.one = logon_as(ENV_UID, GROUP_A);
	clients.two = logon_as(ENV_UID2, GROUP_B);
	clients.root = logon_as(0, 0);
}

/**
 * clients_end() - remove the files
 */
void clients_end(void)
{
	static const char *const names[] = { "one", "two", "group-a", "group-b" };
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}
