// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nobody gains by impersonating: who may and who may not, what is left of a service's
 * capabilities, what a client executes, and what the client's own processes can do.
 */
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/securebits.h>

#include "clients.h"
#include "suite.h"

/* Another argument: this is what a test has executed. */
#define EXECUTED	"--executed"

static int self_exe;

/* Capabilities of the calling thread: what it has, and of that what it may hand on */
static void set_caps(uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)permitted, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(permitted >> 32), (uint32_t)(permitted >> 32),
		  (uint32_t)(inheritable >> 32) },
	};

	REQUIRE_SYS(syscall(SYS_capset, &head, data));
}

#define CAP(name)	(UINT64_C(1) << CAP_##name)

/* Be a user of services: uid 54400, with these capabilities */
#define SERVICE_UID	54400

static void be_service(uint64_t caps, uint64_t inheritable)
{
	REQUIRE_SYS(prctl(PR_SET_KEEPCAPS, 1));
	REQUIRE_SYS(setgroups(0, NULL));
	REQUIRE_SYS(setresgid(SERVICE_UID, SERVICE_UID, SERVICE_UID));
	REQUIRE_SYS(setresuid(SERVICE_UID, SERVICE_UID, SERVICE_UID));
	set_caps(caps, inheritable);
}

static void check_refused(CtxtHandle *context)
{
	struct who self = who_am_i();
	HANDLE token;

	CHECK_STATUS(ImpersonateSecurityContext(context), SEC_E_NO_IMPERSONATION);
	CHECK(same_who(who_am_i(), self));
	REQUIRE_STATUS(QuerySecurityContextToken(context, &token), SEC_E_OK);
	errno = 0;
	CHECK(!ImpersonateLoggedOnUser(token));
	CHECK_EQ(errno, EPERM);
	CHECK(CloseHandle(token));
	CHECK(same_who(who_am_i(), self));
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
}

static void without_privilege(void *unused)
{
	(void)unused;
	become(SERVICE_UID);
	check_refused(&clients.one);
	check_refused(&clients.root);
}

static void with_half(void *arg)
{
	be_service(*(const uint64_t *)arg, 0);
	check_refused(&clients.one);
}

static void root_of_namespace(void *unused)
{
	(void)unused;
	become(SERVICE_UID);
	user_namespace();
	CHECK_EQ(getuid(), 0);
	check_refused(&clients.one);
	check_refused(&clients.root);
}

/* Its own root, who is the client, has groups that the namespace has not. */
static void client_of_namespace(void *unused)
{
	(void)unused;
	become(ENV_UID);
	user_namespace();
	check_refused(&clients.one);
}

/* Who could not get back what he hands on to his children stays who he is. */
static void cannot_come_back(void *arg)
{
	const uint64_t caps = CAP(SETUID) | CAP(SETGID) | CAP(NET_RAW) | CAP(SETPCAP);

	be_service(caps, CAP(NET_RAW));
	REQUIRE_SYS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
	if (*(const bool *)arg)
		REQUIRE_SYS(prctl(PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0));
	else
		REQUIRE_SYS(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE, 0, 0, 0));
	check_refused(&clients.one);
}

static void root_by_service(void *unused)
{
	(void)unused;
	be_service(CAP(SETUID) | CAP(SETGID), 0);
	check_refused(&clients.root);
	/* Not by a way round, either */
	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	CHECK_STATUS(ImpersonateSecurityContext(&clients.root), SEC_E_NO_IMPERSONATION);
	check_is(who_am_i(), ENV_UID, GROUP_A, SERVICE_UID);
}

static void privileges(void)
{
	static const uint64_t half[] = { CAP(SETUID), CAP(SETGID), CAP(SETUID) | CAP(SYS_ADMIN) };
	static const bool ways[] = { true, false };
	size_t i;

	suite_in_child(without_privilege, NULL);
	for (i = 0; i < ARRAY_SIZE(half); i++)
		suite_in_child(with_half, (void *)&half[i]);
	suite_in_child(root_of_namespace, NULL);
	suite_in_child(client_of_namespace, NULL);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		suite_in_child(cannot_come_back, (void *)&ways[i]);
	suite_in_child(root_by_service, NULL);
}

/* A service that is not root, with capabilities of all kinds */
static void service(void *unused)
{
	const uint64_t caps = CAP(SETUID) | CAP(SETGID) | CAP(DAC_OVERRIDE) | CAP(NET_RAW);
	const uint64_t hand_on = CAP(SETUID) | CAP(NET_RAW);
	struct who self;

	(void)unused;
	be_service(caps, hand_on);
	REQUIRE_SYS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
	self = who_am_i();
	check_files(0, 0, 0, 0);
	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	check_is(who_am_i(), ENV_UID, GROUP_A, SERVICE_UID);
	check_files(0, -EACCES, 0, -EACCES);
	CHECK_STATUS(ImpersonateSecurityContext(&clients.two), SEC_E_OK);
	check_is(who_am_i(), ENV_UID2, GROUP_B, SERVICE_UID);
	CHECK(RevertToSelf());
	CHECK(same_who(who_am_i(), self));
	check_files(0, 0, 0, 0);
}

static void services(void)
{
	suite_in_child(service, NULL);
}

/* Says by its exit code whether it is the client for good. */
static int executed(void)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;
	char status[4096];
	gid_t zero = 0;

	if (getresuid(&r, &e, &s) || r != ENV_UID || e != ENV_UID || s != ENV_UID)
		return 10;
	if (getresgid(&rg, &eg, &sg) || rg != ENV_UID || eg != ENV_UID || sg != ENV_UID)
		return 11;
	if (!read_file("/proc/self/status", status, sizeof(status)))
		return 12;
	if (!strstr(status, "\nCapInh:\t0000000000000000") ||
	    !strstr(status, "\nCapPrm:\t0000000000000000") ||
	    !strstr(status, "\nCapEff:\t0000000000000000") ||
	    !strstr(status, "\nCapAmb:\t0000000000000000"))
		return 13;
	if (!setuid(0) || !seteuid(0) || !setgid(0) || !setgroups(1, &zero) ||
	    !setresuid((uid_t)-1, SERVICE_UID, (uid_t)-1))
		return 14;
	return 0;
}

static void execute_as_client(void)
{
	char *argv[] = { (char *)"sspi-identity", (char *)EXECUTED, NULL };

	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	/* Opened before: the client may not be able to reach it. */
	syscall(SYS_execveat, self_exe, "", argv, environ, AT_EMPTY_PATH);
	_exit(9);
}

static void root_executes(void *unused)
{
	(void)unused;
	execute_as_client();
}

static void service_executes(void *unused)
{
	(void)unused;
	be_service(CAP(SETUID) | CAP(SETGID) | CAP(NET_RAW), CAP(NET_RAW));
	REQUIRE_SYS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0));
	execute_as_client();
}

/* What the client's program is, it is for good. */
static void executing(void)
{
	suite_in_child(root_executes, NULL);
	suite_in_child(service_executes, NULL);
}

/* The client's own processes get no hold of the thread that runs as he. */
static void client_outside(void *arg)
{
	const pid_t tid = *(const pid_t *)arg;
	const struct rlimit none = { 1, 1 };

	become(ENV_UID);
	CHECK_EQ(syscall(SYS_prlimit64, tid, RLIMIT_NOFILE, &none, NULL), -1);
	CHECK_EQ(errno, EPERM);
	CHECK_EQ(ptrace(PTRACE_SEIZE, tid, NULL, NULL), -1);
	CHECK_EQ(errno, EPERM);
}

static void outside(void)
{
	pid_t tid = (pid_t)syscall(SYS_gettid), child;
	int go[2];
	char byte;

	REQUIRE_SYS(pipe(go));
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		close(go[1]);
		if (read(go[0], &byte, 1) == 1)
			client_outside(&tid);
		_exit(suite_failed());
	}
	CHECK_STATUS(ImpersonateSecurityContext(&clients.one), SEC_E_OK);
	CHECK_EQ(write(go[1], "", 1), 1);
	CHECK(suite_join(child));
	CHECK(RevertToSelf());
	close(go[0]);
	close(go[1]);
}

static void after(void)
{
	/* A test that failed may have left it. */
	RevertToSelf();
}

static const struct suite_test tests[] = {
	{ .name = "who may not, stays who he is", .run = privileges },
	{ .name = "a service with capabilities that is not root", .run = services },
	{ .name = "what a client executes is the client's for good", .run = executing },
	{ .name = "the client's processes have no hold of the thread", .run = outside },
};

int main(int argc, char **argv)
{
	int ret;

	if (argc == 2 && !strcmp(argv[1], EXECUTED))
		return executed();
	suite_after = after;
	clients_begin();
	self_exe = (int)REQUIRE_SYS(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
	ret = suite_run(tests, ARRAY_SIZE(tests));
	clients_end();
	return ret;
}
