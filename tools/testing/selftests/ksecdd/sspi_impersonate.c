// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that run as clients: ImpersonateSecurityContext, RevertSecurityContext, and
 * tokens.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ksecdd.h>

#include "clients.h"
#include "fdpass.h"
#include "suite.h"
#include "testhelper.h"

/* Each of two threads as another user, at the same time */
static pthread_barrier_t barrier;

struct actor {
	uint32_t uid;
	uint32_t group;
	pid_t tid;
	pthread_t thread;
	struct who before;
};

static void *act(void *arg)
{
	struct actor *actor = arg;
	CtxtHandle context = logon_as(actor->uid, actor->group);
	bool first = actor->uid == ENV_UID;

	actor->tid = (pid_t)syscall(SYS_gettid);
	actor->before = who_am_i();
	check_files(0, 0, 0, 0);
	pthread_barrier_wait(&barrier);
	CHECK_STATUS(ImpersonateSecurityContext(&context), SEC_E_OK);
	pthread_barrier_wait(&barrier);
	check_files(first ? 0 : -EACCES, first ? -EACCES : 0, first ? 0 : -EACCES,
		    first ? -EACCES : 0);
	pthread_barrier_wait(&barrier);
	CHECK_STATUS(RevertSecurityContext(&context), SEC_E_OK);
	CHECK(same_who(who_am_i(), actor->before));
	check_files(0, 0, 0, 0);
	CHECK_STATUS(DeleteSecurityContext(&context), SEC_E_OK);
	return NULL;
}

static void two_threads(void)
{
	struct actor one = { .uid = ENV_UID, .group = GROUP_A };
	struct actor two = { .uid = ENV_UID2, .group = GROUP_B };
	struct who self = who_am_i();

	REQUIRE_EQ(pthread_barrier_init(&barrier, NULL, 3), 0);
	REQUIRE_EQ(pthread_create(&one.thread, NULL, act, &one), 0);
	REQUIRE_EQ(pthread_create(&two.thread, NULL, act, &two), 0);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	check_is(who_is(one.tid), ENV_UID, GROUP_A, 0);
	check_is(who_is(two.tid), ENV_UID2, GROUP_B, 0);
	/* Others are who they were. */
	CHECK(same_who(who_am_i(), self));
	CHECK(same_who(one.before, self));
	check_files(0, 0, 0, 0);
	pthread_barrier_wait(&barrier);
	pthread_join(one.thread, NULL);
	pthread_join(two.thread, NULL);
	pthread_barrier_destroy(&barrier);
	CHECK(same_who(who_am_i(), self));
}

/* Once, and never again */
static void fetch(HANDLE token)
{
	PLinuxCredential credential = NULL;

	CHECK_STATUS(LinuxFetchCredential(token, NULL), SEC_E_INVALID_PARAMETER);
	REQUIRE_STATUS(LinuxFetchCredential(token, &credential), SEC_E_OK);
	CHECK(!strcmp(credential->sUserName, "delegated"));
	CHECK(!*credential->sDomainName);
	CHECK(!strcmp(credential->sPassword, "delegated"));
	CHECK_STATUS(FreeContextBuffer(credential), SEC_E_OK);
	credential = NULL;
	CHECK_STATUS(LinuxFetchCredential(token, &credential), SEC_E_NO_CREDENTIALS);
	CHECK(!credential);
}

static void tokens(void)
{
	CtxtHandle context = logon_flags(ENV_UID, GROUP_A, ASC_RET_DELEGATE);
	struct who self = who_am_i();
	PLinuxTokenInfo info;
	HANDLE token = NULL, second = NULL;

	CHECK_STATUS(QuerySecurityContextToken(NULL, &token), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(QuerySecurityContextToken(&context, NULL), SEC_E_INVALID_PARAMETER);
	CHECK(!token);
	REQUIRE_STATUS(QuerySecurityContextToken(&context, &token), SEC_E_OK);
	REQUIRE_STATUS(QuerySecurityContextToken(&context, &second), SEC_E_OK);
	CHECK(token != second);
	CHECK(CloseHandle(second));
	errno = 0;
	CHECK(!CloseHandle(second));
	CHECK_EQ(errno, EBADF);

	CHECK_STATUS(LinuxQueryToken(token, NULL), SEC_E_INVALID_PARAMETER);
	REQUIRE_STATUS(LinuxQueryToken(token, &info), SEC_E_OK);
	CHECK(info->LogonId.LowPart);
	CHECK_EQ(info->Flags & ASC_RET_INTEGRITY, ASC_RET_INTEGRITY);
	CHECK(!strcmp(info->sUserName, "TEST\\client"));
	CHECK(!strcmp(info->sPackageName, "NTLM"));
	CHECK_EQ(info->tsExpiry.QuadPart, KSECDD_TIME_NEVER);
	REQUIRE(info->Account);
	CHECK_EQ(info->Account->Uid, ENV_UID);
	CHECK_EQ(info->Account->Gid, ENV_UID);
	REQUIRE_EQ(info->Account->cGroups, 2);
	CHECK_EQ(info->Account->Groups[0], ENV_UID);
	CHECK_EQ(info->Account->Groups[1], GROUP_A);
	CHECK(info->Key > 0);
	REQUIRE(info->sCredentialCache);
	CHECK(!strcmp(info->sCredentialCache, "KEYRING:persistent:1:client"));
	REQUIRE_EQ(info->cSids, 3);
	CHECK(!strcmp(info->sSids[0], "S-1-5-21-1-2-3-1104"));
	CHECK(!strcmp(info->sSids[1], "S-1-5-21-1-2-3-513"));
	CHECK(!strcmp(info->sSids[2], "S-1-5-11"));
	CHECK_STATUS(FreeContextBuffer(info), SEC_E_OK);
	fetch(token);

	/* It needs its context no more. */
	CHECK_STATUS(DeleteSecurityContext(&context), SEC_E_OK);
	CHECK_STATUS(QuerySecurityContextToken(&context, &second), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(ImpersonateSecurityContext(&context), SEC_E_INVALID_HANDLE);
	CHECK(ImpersonateLoggedOnUser(token));
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	check_files(0, -EACCES, 0, -EACCES);
	/* Nor the token, once it was used. */
	CHECK(CloseHandle(token));
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
}

/* A descriptor that is no token is not closed, asked or impersonated. */
static void no_tokens(void)
{
	struct who self = who_am_i();
	int file = (int)REQUIRE_SYS(open("/dev/null", O_RDWR | O_CLOEXEC));
	int device = device_open(), other = (int)REQUIRE_SYS(syscall(SYS_eventfd2, 0, 0));
	const HANDLE wrong[] = {
		NULL, LinuxTokenFromDescriptor(-1), LinuxTokenFromDescriptor(0),
		LinuxTokenFromDescriptor(2), LinuxTokenFromDescriptor(4711),
		LinuxTokenFromDescriptor(file), LinuxTokenFromDescriptor(device),
		LinuxTokenFromDescriptor(other), (HANDLE)(INT64_C(1) << 32 | file),
	};
	PLinuxTokenInfo info = (PLinuxTokenInfo)1;
	PLinuxCredential credential;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		errno = 0;
		CHECK(!ImpersonateLoggedOnUser(wrong[i]));
		CHECK_EQ(errno, EBADF);
		errno = 0;
		CHECK(!CloseHandle(wrong[i]));
		CHECK_EQ(errno, EBADF);
		CHECK_STATUS(LinuxQueryToken(wrong[i], &info), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(LinuxFetchCredential(wrong[i], &credential), SEC_E_INVALID_HANDLE);
	}
	CHECK(info == (PLinuxTokenInfo)1);
	CHECK(same_who(who_am_i(), self));
	CHECK_EQ(close(file), 0);
	CHECK_EQ(close(device), 0);
	CHECK_EQ(close(other), 0);
}

static void reverting(void)
{
	CtxtHandle context = logon_as(ENV_UID, GROUP_A), other = logon_as(ENV_UID2, GROUP_B);
	CtxtHandle none = { 4711, 4711 };
	struct who self = who_am_i();

	/* There is nothing to go back from. */
	CHECK_STATUS(RevertSecurityContext(&context), SEC_E_OK);
	CHECK_STATUS(RevertSecurityContext(NULL), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(RevertSecurityContext(&none), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(ImpersonateSecurityContext(NULL), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(ImpersonateSecurityContext(&none), SEC_E_INVALID_HANDLE);
	CHECK(same_who(who_am_i(), self));

	/* Another client takes the place of the first; there is one way back. */
	CHECK_STATUS(ImpersonateSecurityContext(&context), SEC_E_OK);
	CHECK_STATUS(ImpersonateSecurityContext(&context), SEC_E_OK);
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	CHECK_STATUS(ImpersonateSecurityContext(&other), SEC_E_OK);
	check_is(who_am_i(), ENV_UID2, GROUP_B, 0);
	check_files(-EACCES, 0, -EACCES, 0);

	/* What fails leaves the thread who it is. */
	CHECK_STATUS(RevertSecurityContext(&none), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(ImpersonateSecurityContext(&none), SEC_E_INVALID_HANDLE);
	check_is(who_am_i(), ENV_UID2, GROUP_B, 0);
	CHECK_STATUS(DeleteSecurityContext(&other), SEC_E_OK);
	CHECK_STATUS(RevertSecurityContext(&other), SEC_E_INVALID_HANDLE);
	check_is(who_am_i(), ENV_UID2, GROUP_B, 0);
	CHECK_STATUS(RevertSecurityContext(&context), SEC_E_OK);
	CHECK(same_who(who_am_i(), self));
	CHECK_STATUS(DeleteSecurityContext(&context), SEC_E_OK);
}

static void nobody_to_become(void)
{
	CtxtHandle nobody = logon_as(UINT32_MAX, 0), one = logon_as(ENV_UID, GROUP_A);
	CtxtHandle identify = logon_flags(ENV_UID, GROUP_A, ASC_RET_IDENTIFY);
	struct who self = who_am_i();
	PLinuxTokenInfo info;
	HANDLE token;

	CHECK_STATUS(ImpersonateSecurityContext(&nobody), SEC_E_NO_IMPERSONATION);
	CHECK_STATUS(ImpersonateSecurityContext(&identify), SEC_E_NO_IMPERSONATION);
	CHECK(same_who(who_am_i(), self));

	/* Who he is can be asked. */
	REQUIRE_STATUS(QuerySecurityContextToken(&nobody, &token), SEC_E_OK);
	REQUIRE_STATUS(LinuxQueryToken(token, &info), SEC_E_OK);
	CHECK(!info->Account);
	CHECK(!strcmp(info->sUserName, "TEST\\client"));
	CHECK_STATUS(FreeContextBuffer(info), SEC_E_OK);
	errno = 0;
	CHECK(!ImpersonateLoggedOnUser(token));
	CHECK_EQ(errno, EPERM);
	CHECK(CloseHandle(token));
	CHECK(same_who(who_am_i(), self));

	/* Nor does it take anybody's place. */
	CHECK_STATUS(ImpersonateSecurityContext(&one), SEC_E_OK);
	CHECK_STATUS(ImpersonateSecurityContext(&nobody), SEC_E_NO_IMPERSONATION);
	CHECK_STATUS(ImpersonateSecurityContext(&identify), SEC_E_NO_IMPERSONATION);
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
	CHECK_STATUS(DeleteSecurityContext(&nobody), SEC_E_OK);
	CHECK_STATUS(DeleteSecurityContext(&identify), SEC_E_OK);
	CHECK_STATUS(DeleteSecurityContext(&one), SEC_E_OK);
}

static void forked(void *unused)
{
	struct who self;

	(void)unused;
	self = who_am_i();
	CHECK(strstr(self.text, "\nUid:\t54321\t54321\t0\t54321\n"));
	check_files(0, -EACCES, 0, -EACCES);
	/* It is the same program, and knows the way back. */
	CHECK(RevertToSelf());
	CHECK(strstr(who_am_i().text, "\nUid:\t0\t0\t0\t0\n"));
	check_files(0, 0, 0, 0);
}

static void forking(void)
{
	struct who self = who_am_i();

	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	suite_in_child(forked, NULL);
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
}

static void *begun_as_client(void *unused)
{
	(void)unused;
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	/* There is nothing that it was before. */
	CHECK(RevertToSelf());
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	return NULL;
}

/* Ends without going back; what was kept for it goes with it. */
static void *ends_as_client(void *unused)
{
	(void)unused;
	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	check_is(who_am_i(), ENV_UID, GROUP_A, 0);
	return NULL;
}

static void threads(void)
{
	struct who self = who_am_i();
	pthread_t thread;

	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	REQUIRE_EQ(pthread_create(&thread, NULL, begun_as_client, NULL), 0);
	pthread_join(thread, NULL);
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
	REQUIRE_EQ(pthread_create(&thread, NULL, ends_as_client, NULL), 0);
	pthread_join(thread, NULL);
	CHECK(same_who(who_am_i(), self));
}

static void receiver(void *arg)
{
	struct who self = who_am_i();
	HANDLE token;
	char byte;

	token = LinuxTokenFromDescriptor(fd_receive(*(int *)arg, &byte, 1));
	CHECK(ImpersonateLoggedOnUser(token));
	check_is(who_am_i(), ENV_UID2, GROUP_B, 0);
	check_files(-EACCES, 0, -EACCES, 0);
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
	/* With less privileges it is worth less. */
	become(ENV_UID);
	errno = 0;
	CHECK(!ImpersonateLoggedOnUser(token));
	CHECK_EQ(errno, EPERM);
	CHECK(CloseHandle(token));
}

static void passed_on(void)
{
	HANDLE token;
	int socks[2];
	pid_t pid;

	fd_pair(socks);
	pid = suite_fork(receiver, &socks[1]);
	REQUIRE_STATUS(QuerySecurityContextToken(&clients.two, &token), SEC_E_OK);
	fd_send(socks[0], LinuxTokenDescriptor(token), "", 1);
	CHECK(CloseHandle(token));
	suite_join(pid);
	close(socks[0]);
	close(socks[1]);
}

static void after(void)
{
	/* A test that failed may have left it. */
	RevertToSelf();
}

static const struct suite_test tests[] = {
	{ .name = "two threads as two users, and what each may read", .run = two_threads },
	{ .name = "tokens", .run = tokens },
	{ .name = "what is no token", .run = no_tokens },
	{ .name = "reverting, and one client after the other", .run = reverting },
	{ .name = "clients that are nobody here, or only to be identified",
	  .run = nobody_to_become },
	{ .name = "a child of fork()", .run = forking },
	{ .name = "threads that begin and end as a client", .run = threads },
	{ .name = "a token in another process", .run = passed_on },
};

int main(void)
{
	int ret;

	suite_after = after;
	clients_begin();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	clients_end();
	return ret;
}
