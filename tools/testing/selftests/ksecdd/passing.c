// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors in other hands: of another user, in another user, pid or network
 * namespace, opened again, taken or lost on the way.  A handle goes with the open
 * file it belongs to, and the right to answer with the request file; nothing else
 * does, least of all who somebody is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "fdpass.h"
#include "suite.h"

static struct testhelper th;
static struct taken taken;
static struct call call;
static const uint8_t session_key[16] = "a session's key";

/**
 * struct parcel - what goes with a descriptor of the device
 * @cred:        a credential
 * @established: a context
 * @half:        a half-open one
 */
struct parcel {
	uint64_t cred;
	uint64_t established;
	uint64_t half;
};

static struct verdict let_in(uint32_t uid)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);

	verdict.complete.flags = KSECDD_COMPLETE_MAPPED;
	verdict.complete.uid = verdict.complete.gid = uid;
	return verdict;
}

static int pack(struct parcel *parcel, uint32_t uid)
{
	struct verdict more = verdict_fail(SEC_I_CONTINUE_NEEDED), verdict = let_in(uid);
	struct ksecdd_accept accept = {};
	int fd = device_open();

	parcel->cred = device_acquire(fd);
	parcel->established = device_establish(fd, parcel->cred, &verdict);
	REQUIRE_EQ(device_accept(fd, parcel->cred, 0, &more, &accept), 0);
	REQUIRE_STATUS(accept.status, SEC_I_CONTINUE_NEEDED);
	parcel->half = accept.new_context;
	return fd;
}

static int32_t sign(int fd, uint64_t context)
{
	const struct message_call how = { .cmd = KSECDD_IOC_MESSAGE, .fd = fd,
					  .context = context };
	uint8_t text[4] = "text", token[16];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, text, sizeof(text)),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};

	return message_status(&how, KSECDD_MESSAGE_SIGN, bufs, 2);
}

/* All that can be done with what came in the parcel; the context shows as @uid's. */
static void use_all(int fd, const struct parcel *parcel, uint32_t uid)
{
	struct verdict verdict = let_in(ENV_UID);
	struct ksecdd_accept accept = {};
	struct ksecdd_context_info info;
	uint64_t context;

	CHECK_STATUS(query_info(fd, parcel->established, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
	CHECK_EQ(info.uid, uid);
	CHECK_STATUS(sign(fd, parcel->established), SEC_E_OK);
	CHECK_EQ(device_accept(fd, 0, parcel->half, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_OK);
	CHECK_STATUS(sign(fd, parcel->half), SEC_E_OK);
	context = device_establish(fd, parcel->cred, &verdict);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, parcel->half), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, parcel->established), SEC_E_OK);
	CHECK_STATUS(free_cred(fd, parcel->cred), SEC_E_OK);
}

/* None of it can be done without the open file. */
static void use_nothing(int fd, const struct parcel *parcel)
{
	struct verdict verdict = let_in(ENV_UID);
	struct ksecdd_accept accept = {};
	struct ksecdd_context_info info;

	CHECK_STATUS(query_info(fd, parcel->established, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(sign(fd, parcel->established), SEC_E_INVALID_HANDLE);
	CHECK_EQ(device_accept(fd, 0, parcel->half, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_INVALID_HANDLE);
	CHECK_EQ(device_accept(fd, parcel->cred, 0, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, parcel->established), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(free_cred(fd, parcel->cred), SEC_E_INVALID_HANDLE);
}

/* Who somebody is: each goes one step further from who sent the descriptor. */
static void another_user(void)
{
	become(ENV_UID);
}

static void root_of_a_user_namespace(void)
{
	become(ENV_UID);
	user_namespace();
}

static void root_of_other_namespaces(void)
{
	become(ENV_UID);
	user_namespace();
	REQUIRE_SYS(unshare(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS));
}

static const struct {
	void (*be)(void);
	uint32_t uid;		/* ENV_UID as he sees it */
	uint32_t other;		/* ENV_UID2 as he sees it; ~0 is nobody */
} receivers[] = {
	{ another_user, ENV_UID, ENV_UID2 },
	{ root_of_a_user_namespace, 0, UINT32_MAX },
	{ root_of_other_namespaces, 0, UINT32_MAX },
};

/* Of the receiver that runs */
static unsigned int receiver;
static bool of_other;

static void receive_and_use(void *sock)
{
	struct parcel parcel;
	int fd, own;

	receivers[receiver].be();
	fd = fd_receive(*(int *)sock, &parcel, sizeof(parcel));
	own = device_open();
	use_nothing(own, &parcel);
	use_all(fd, &parcel, of_other ? receivers[receiver].other : receivers[receiver].uid);
	use_nothing(fd, &parcel);
	close(own);
	close(fd);
}

static void other_users(void)
{
	struct family_status before = status_now();
	struct parcel parcel;
	int socks[2], fd;

	for (receiver = 0; receiver < ARRAY_SIZE(receivers); receiver++) {
		for (of_other = false;; of_other = true) {
			fd_pair(socks);
			fd = pack(&parcel, of_other ? ENV_UID2 : ENV_UID);
			fd_send(socks[0], fd, &parcel, sizeof(parcel));
			/* The receiver has the only one. */
			close(fd);
			suite_in_child(receive_and_use, &socks[1]);
			close(socks[0]);
			close(socks[1]);
			check_gauges(&before);
			if (of_other)
				break;
		}
	}
}

/* What the helper was told of the last request */
static struct ksecdd_request told;

static void remember(int fd, const struct request *req, void *unused)
{
	(void)fd;
	(void)unused;
	told = req->head;
}

static void call_once(void *sock)
{
	struct verdict verdict = let_in(ENV_UID);
	struct ksecdd_accept accept = {};
	struct parcel parcel;
	int fd;

	root_of_a_user_namespace();
	fd = fd_receive(*(int *)sock, &parcel, sizeof(parcel));
	verdict.hook = remember;
	CHECK_EQ(device_accept(fd, parcel.cred, 0, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_OK);
}

static int child_in_pid_namespace;

static void with_pid_namespace(void *sock)
{
	pid_t pid;

	REQUIRE_SYS(unshare(CLONE_NEWPID));
	/* He is 1 to himself; this is what everybody else calls him. */
	pid = suite_fork(call_once, sock);
	REQUIRE_EQ(write(child_in_pid_namespace, &pid, sizeof(pid)), sizeof(pid));
	suite_join(pid);
}

/* The helper is told of the caller, not of who opened the device. */
static void told_of_the_caller(void)
{
	struct family_status before = status_now();
	struct parcel parcel;
	int socks[2], pipes[2], fd;
	pid_t pid;

	fd_pair(socks);
	REQUIRE_SYS(pipe2(pipes, O_CLOEXEC));
	child_in_pid_namespace = pipes[1];
	fd = pack(&parcel, ENV_UID);
	fd_send(socks[0], fd, &parcel, sizeof(parcel));
	suite_in_child(with_pid_namespace, &socks[1]);
	REQUIRE_EQ(read(pipes[0], &pid, sizeof(pid)), sizeof(pid));
	CHECK_EQ(told.caller_uid, ENV_UID);
	CHECK_EQ(told.cred_uid, 0);
	CHECK_EQ(told.caller_pid, pid);
	close(pipes[0]);
	close(pipes[1]);
	close(socks[0]);
	close(socks[1]);
	close(fd);
	check_gauges(&before);
}

static void fill_up(void *sock)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_INBOUND,
	};
	struct parcel parcel;
	unsigned int i;
	int fd;

	another_user();
	fd = fd_receive(*(int *)sock, &parcel, sizeof(parcel));
	for (i = 0; i < 4; i++) {
		CHECK_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
		/* One is in the parcel. */
		CHECK_STATUS(arg.status, i < 2 ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY);
	}
	/* His own account is untouched. */
	close(fd);
	fd = device_open();
	for (i = 0; i < 4; i++) {
		CHECK_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
		CHECK_STATUS(arg.status, i < 3 ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY);
	}
}

static void pack_and_send(void *sock)
{
	struct parcel parcel;
	int fd;

	become(ENV_UID2);
	fd = pack(&parcel, ENV_UID);
	fd_send(*(int *)sock, fd, &parcel, sizeof(parcel));
}

/* Whoever opened the device pays. */
static void who_pays(void)
{
	struct family_status before = status_now();
	int socks[2];

	param_set("max_credentials_user", 3);
	fd_pair(socks);
	suite_in_child(pack_and_send, &socks[0]);
	suite_in_child(fill_up, &socks[1]);
	close(socks[0]);
	close(socks[1]);
	check_gauges(&before);
}

static int shared_fd;

static void call_from_another_net(void *data)
{
	struct ksecdd_context_info info;
	struct verdict verdict = let_in(ENV_UID);
	struct ksecdd_accept accept = {};
	struct parcel *parcel = data;
	struct testhelper own = {};
	int fd = shared_fd;

	REQUIRE_SYS(unshare(CLONE_NEWNET));
	/* Nobody here judges; ksecd may, of the first namespace, to which it is nonsense. */
	CHECK_EQ(device_accept(fd, parcel->cred, 0, &verdict, &accept), 0);
	CHECK(accept.status == SEC_E_NO_AUTHENTICATING_AUTHORITY ||
	      accept.status == SEC_E_INVALID_TOKEN);
	CHECK_STATUS(query_info(fd, parcel->established, &info), SEC_E_OK);
	CHECK_STATUS(sign(fd, parcel->established), SEC_E_OK);

	testhelper_start(&own);
	accept = (struct ksecdd_accept){};
	CHECK_EQ(device_accept(fd, parcel->cred, parcel->half, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_OK);
	/* After its end, because it counts what it is done with. */
	testhelper_stop(&own);
	CHECK_EQ(own.served, 1);
}

/* Tokens are judged where their caller is, whoever judged the one before. */
static void another_network(void)
{
	struct family_status before = status_now();
	struct parcel parcel;
	unsigned int served = th.served;

	shared_fd = pack(&parcel, ENV_UID);
	suite_in_child(call_from_another_net, &parcel);
	testhelper_stop(&th);
	CHECK_EQ(th.served, served + 2);
	close(shared_fd);
	check_gauges(&before);
}

/* The device opened again by way of /proc is another open file. */
static void opened_again(void)
{
	struct family_status before = status_now();
	struct parcel parcel;
	int fd, again, pidfd;
	char path[64];

	fd = pack(&parcel, ENV_UID);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = (int)REQUIRE_SYS(open(path, O_RDWR | O_CLOEXEC));
	use_nothing(again, &parcel);
	close(again);

	/* A copy is the same one, however one comes by it. */
	again = (int)REQUIRE_SYS(dup(fd));
	CHECK_STATUS(sign(again, parcel.established), SEC_E_OK);
	close(again);
	pidfd = (int)REQUIRE_SYS(syscall(SYS_pidfd_open, getpid(), 0));
	again = (int)REQUIRE_SYS(syscall(SYS_pidfd_getfd, pidfd, fd, 0));
	close(fd);
	close(pidfd);
	use_all(again, &parcel, ENV_UID);
	close(again);
	check_gauges(&before);
}

/* It is a file that cannot be opened, only had. */
static void check_not_opened(int fd, int want)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK_EQ(open(path, O_RDONLY | O_CLOEXEC), -1);
	CHECK_EQ(errno, want);
}

static void answer_as_nobody(void *sock)
{
	struct ksecdd_set_keys keys = {
		.size = sizeof(keys), .mech = KSECDD_PACKAGE_NTLM,
		.mech_flags = TEST_SEAL_FLAGS, .key = (uintptr_t)session_key,
		.key_len = sizeof(session_key),
	};
	uint8_t first[sizeof(struct ksecdd_request)];
	char byte;

	root_of_other_namespaces();
	taken.fd = fd_receive(*(int *)sock, &byte, 1);
	check_not_opened(taken.fd, EACCES);
	CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
	CHECK_EQ(read(taken.fd, first, sizeof(first)), sizeof(first));
	CHECK_MEM(first, taken.buf, sizeof(first));
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_SET_KEYS, &keys), 0);
	CHECK_EQ(complete_ok(&taken), 0);
	CHECK_EQ(complete_ok(&taken), -EALREADY);
}

static void be_helper(void)
{
	testhelper_stop(&th);
	REQUIRE_EQ(testhelper_register(&th), 0);
}

static void request_file(void)
{
	struct family_status before = status_now();
	struct ksecdd_context_info info;
	int socks[2], fd = device_open();
	char byte = 0;

	be_helper();
	fd_pair(socks);
	call_ask(&th, &call, &taken, fd, device_acquire(fd), 0);
	CHECK_EQ(fcntl(taken.fd, F_GETFD), FD_CLOEXEC);
	check_not_opened(taken.fd, ENXIO);
	fd_send(socks[0], taken.fd, &byte, 1);
	taken_close(&taken);
	/* It is on its way, and nobody has failed the request. */
	CHECK_EQ(status_now().aborted, before.aborted);
	suite_in_child(answer_as_nobody, &socks[1]);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_STATUS(query_info(fd, call.arg.new_context, &info), SEC_E_OK);
	CHECK_EQ(info.key_bits, 128);
	close(socks[0]);
	close(socks[1]);
	close(fd);
	check_gauges(&before);
}

static void receive_and_forget(void *sock)
{
	char byte;

	another_user();
	fd_receive(*(int *)sock, &byte, 1);
}

/* The last one who has the file fails the request by having it no more. */
static void request_file_lost(void)
{
	struct family_status before = status_now();
	int socks[2], fd = device_open();
	uint64_t cred = device_acquire(fd);
	unsigned int i;
	char byte = 0;

	be_helper();
	for (i = 0; i < 2; i++) {
		fd_pair(socks);
		call_ask(&th, &call, &taken, fd, cred, 0);
		fd_send(socks[0], taken.fd, &byte, 1);
		taken_close(&taken);
		CHECK(!call.over);
		if (i)
			suite_in_child(receive_and_forget, &socks[1]);
		close(socks[0]);
		close(socks[1]);
		call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
		CHECK_EQ(status_now().aborted, before.aborted + i + 1);
	}
	close(fd);
	check_gauges(&before);
}

static void next_as_nobody(void *unused)
{
	struct family_request next;

	(void)unused;
	another_user();
	CHECK_EQ(family_next(&th.family, &next), -EPERM);
	CHECK_EQ(next.fd, -1);
}

/* The helper's socket in the hands of somebody who may not be the helper */
static void helpers_socket(void)
{
	struct family_status before = status_now();
	int fd = device_open();

	be_helper();
	call_init(&call, fd, device_acquire(fd), 0);
	call_start(&call);
	while (!status_now().requests)
		sched_yield();
	suite_in_child(next_as_nobody, NULL);
	take(&th, &taken);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	call_finish(&call, &taken, SEC_E_LOGON_DENIED);
	close(fd);
	check_gauges(&before);
}

/* Sockets that hold each other and the device: the kernel's collector closes it. */
static void lost_in_a_cycle(void)
{
	struct family_status before = status_now();
	struct parcel parcel;
	unsigned int i;
	int socks[2], fd;

	for (i = 0; i < 20; i++) {
		fd_pair(socks);
		fd = pack(&parcel, ENV_UID);
		fd_send(socks[0], fd, &parcel, sizeof(parcel));
		fd_send(socks[0], socks[0], &parcel, 1);
		fd_send(socks[1], socks[1], &parcel, 1);
		close(fd);
		close(socks[0]);
		close(socks[1]);
	}
	/* It is called when a socket goes that can. */
	fd_pair(socks);
	close(socks[0]);
	close(socks[1]);
	check_gauges(&before);
}

static void refresh(void)
{
	testhelper_stop(&th);
	params_restore();
	testhelper_start(&th);
}

static const struct suite_test tests[] = {
	{ .name = "the device in the hands of others", .run = other_users },
	{ .name = "the helper is told of the caller", .run = told_of_the_caller },
	{ .name = "whoever opened the device pays", .run = who_pays },
	{ .name = "callers of another network namespace", .run = another_network },
	{ .name = "the device opened again, and copies", .run = opened_again },
	{ .name = "a request file in the hands of nobody", .run = request_file },
	{ .name = "a request file that gets lost", .run = request_file_lost },
	{ .name = "the helper's socket in the hands of others", .run = helpers_socket },
	{ .name = "descriptors that nobody can receive", .run = lost_in_a_cycle },
};

int main(void)
{
	testhelper_isolate();
	testhelper_start(&th);
	suite_after = refresh;
	return suite_run(tests, ARRAY_SIZE(tests));
}
