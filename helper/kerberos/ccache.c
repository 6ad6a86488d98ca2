// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Keeping delegated tickets for local users, with as little privilege as there can be.
 *
 * A key belongs to whoever makes it, so that somebody has to act as the user, which takes
 * CAP_SETUID and CAP_SETGID.  The workers, who look into what clients send, have no
 * capability, and the main thread has those of a helper.  So before there are threads
 * ksecd forks a keeper: a process that has these two capabilities and nothing else, reads
 * nothing but what the workers write, and for each ticket forks a child that takes on the
 * user's effective ids, gives up the capabilities, and only then looks at the ticket:
 *
 *	worker --- request, SOCK_SEQPACKET ---> keeper --- fork(), setresuid() ---> child
 *	       <-- reply ----------------------        <-- shared memory ----------
 *
 * The child's real and saved uid stay root's, so that the user can neither stop nor trace
 * it: everybody else's tickets wait for it.  One request at a time, for a few seconds at
 * most; the keeper ends with the last descriptor of the other end, which ksecd has.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "helper/kerberos/ccache.h"
#include "helper/log.h"

#define CHILD_SECONDS	5
#define REPLY_MS	((CHILD_SECONDS + 2) * 1000)

/**
 * struct ccache_request - what a worker asks of the keeper
 * @number: counts up
 * @uid:    the local user
 * @gid:    his group
 * @client: the client's principal
 * @key:    serial number of a key that goes into his keyring; 0 - there is a ticket
 * @len:    bytes of @tgt
 * @tgt:    as krb5_marshal_credentials() writes it
 */
struct ccache_request {
	uint64_t number;
	uint32_t uid;
	uint32_t gid;
	char client[KERBEROS_PRINCIPAL_MAX];
	int32_t key;
	uint32_t len;
	uint8_t tgt[KSECDD_MAX_TOKEN];
};

#define HEAD	offsetof(struct ccache_request, tgt)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* protects all below */
static int keeper = -1;		/* socket to it */
static pid_t keeper_pid;
static uint64_t numbers;
static struct ccache_request request;

static void set_error(struct ccache_reply *reply, int error)
{
	reply->code = error;
	snprintf(reply->why, sizeof(reply->why), "%s", strerror(error));
}

/* Files and keys are the user's from here on, and there is no privilege left. */
static int act_as(uint32_t uid, uint32_t gid)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(-1, uid, -1) ||
	    syscall(SYS_capset, &head, none))
		return errno;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? errno : 0;
}

static void child(const struct ccache_request *q, bool lock_memory, struct ccache_reply *reply)
{
	int error;

	signal(SIGALRM, SIG_DFL);
	alarm(CHILD_SECONDS);
	if (lock_memory)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	error = act_as(q->uid, q->gid);
	if (error)
		set_error(reply, error);
	else if (q->key)
		ccache_keyring_link(q->uid, q->key, reply);
	else
		ccache_keyring_store(q->uid, q->client, q->tgt, q->len, reply);
}

static void serve(const struct ccache_request *q, int sock, bool lock_memory,
		  struct ccache_reply *shared)
{
	int status = -1;
	pid_t pid;

	pid = fork();
	if (!pid) {
		close(sock);
		child(q, lock_memory, shared);
		_exit(0);
	}
	if (pid < 0) {
		set_error(shared, errno);
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		set_error(shared, ETIMEDOUT);
}

static bool is_whole(const struct ccache_request *q, ssize_t n)
{
	return n >= (ssize_t)HEAD && q->len == (size_t)n - HEAD && !q->len == !!q->key &&
	       memchr(q->client, '\0', sizeof(q->client));
}

/* The keeper's life */
static void keep(int sock, bool lock_memory)
{
	struct ccache_reply *shared;
	ssize_t n;

	prctl(PR_SET_NAME, "ksecd-keeper", 0, 0, 0);
	if (lock_memory)
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return;
	while ((n = recv(sock, &request, sizeof(request), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		memset(shared, 0, sizeof(*shared));
		if (is_whole(&request, n))
			serve(&request, sock, lock_memory, shared);
		else
			set_error(shared, EINVAL);
		shared->number = request.number;
		explicit_bzero(&request, sizeof(request));
		send(sock, shared, sizeof(*shared), MSG_NOSIGNAL);
	}
}

/* Of the capabilities the process has, those that the keeper needs */
static void reduce_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	const uint32_t wanted = 1U << CAP_SETUID | 1U << CAP_SETGID;

	if (syscall(SYS_capget, &head, caps))
		_exit(1);
	caps[0].permitted &= wanted;
	caps[0].effective = caps[0].permitted;
	caps[0].inheritable = 0;
	caps[1] = (struct __user_cap_data_struct){ 0 };
	if (syscall(SYS_capset, &head, caps))
		_exit(1);
}

/**
 * ccache_start() - fork the keeper
 * @lock_memory: keep its memory out of swap
 *
 * To be called once, with CAP_SETUID and CAP_SETGID and before there are threads.
 * Without a keeper nothing else is different, and ccache_store() says so.
 */
void ccache_start(bool lock_memory)
{
	int socks[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks)) {
		log_warning("what clients delegate will be dropped: socketpair: %s",
			    strerror(errno));
		return;
	}
	pid = fork();
	if (!pid) {
		close(socks[0]);
		reduce_capabilities();
		keep(socks[1], lock_memory);
		_exit(0);
	}
	close(socks[1]);
	if (pid < 0) {
		log_warning("what clients delegate will be dropped: fork: %s", strerror(errno));
		close(socks[0]);
		return;
	}
	keeper = socks[0];
	keeper_pid = pid;
}

/**
 * ccache_stop() - end the keeper, and wait until it has
 */
void ccache_stop(void)
{
	pthread_mutex_lock(&lock);
	if (keeper >= 0) {
		close(keeper);
		while (waitpid(keeper_pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	keeper = -1;
	pthread_mutex_unlock(&lock);
}

/* One that was late for another request is passed over. */
static int take_reply(struct ccache_reply *reply)
{
	struct pollfd ready = { .fd = keeper, .events = POLLIN };
	ssize_t n;
	int ret;

	do {
		ret = poll(&ready, 1, REPLY_MS);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret <= 0)
			return ret ? errno : ETIMEDOUT;
		n = recv(keeper, reply, sizeof(*reply), 0);
		if (n != sizeof(*reply))
			return n < 0 ? errno : ENOTCONN;
	} while (ret < 0 || reply->number != numbers);
	return 0;
}

/* The request is ready but for its number. */
static int ask(struct ccache_reply *reply)
{
	if (keeper < 0)
		return ENOTCONN;
	request.number = ++numbers;
	if (send(keeper, &request, HEAD + request.len, MSG_NOSIGNAL) < 0)
		return errno;
	return take_reply(reply);
}

static void finish(int error, struct ccache_reply *reply)
{
	explicit_bzero(&request, sizeof(request));
	pthread_mutex_unlock(&lock);
	if (error)
		set_error(reply, error);
	reply->why[sizeof(reply->why) - 1] = '\0';
	reply->name[sizeof(reply->name) - 1] = '\0';
}

/**
 * ccache_store() - keep what a client has delegated for a local user
 * @uid:    the user
 * @gid:    his group
 * @client: the client's principal, which has to be the ticket's
 * @tgt:    the ticket, as krb5_marshal_credentials() writes it
 * @len:    its length in bytes
 * @reply:  receives what became of it
 *
 * Safe to call from many threads; takes a few seconds at most.
 */
void ccache_store(uint32_t uid, uint32_t gid, const char *client, const uint8_t *tgt, size_t len,
		  struct ccache_reply *reply)
{
	int error = EMSGSIZE;

	memset(reply, 0, sizeof(*reply));
	pthread_mutex_lock(&lock);
	if (strlen(client) < sizeof(request.client) && len && len <= sizeof(request.tgt)) {
		request.uid = uid;
		request.gid = gid;
		strcpy(request.client, client);
		request.len = (uint32_t)len;
		memcpy(request.tgt, tgt, len);
		error = ask(reply);
	}
	finish(error, reply);
}

/**
 * ccache_link() - put a key into a user's persistent keyring
 * @uid:   the user
 * @gid:   his group
 * @key:   serial number of the key, which is his
 * @reply: receives what became of it
 *
 * Safe to call from many threads; takes a few seconds at most.
 */
void ccache_link(uint32_t uid, uint32_t gid, int32_t key, struct ccache_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	pthread_mutex_lock(&lock);
	request.uid = uid;
	request.gid = gid;
	request.key = key;
	finish(ask(reply), reply);
}

/**
 * ccache_remedy() - what helps when a ticket could not be kept
 * @code: struct ccache_reply.code
 *
 * Return: a literal, for the log
 */
const char *ccache_remedy(int32_t code)
{
	static const struct {
		int32_t code;
		const char *remedy;
	} remedies[] = {
		{ EDQUOT, "his keys have no room, see /proc/key-users and raise "
			  "/proc/sys/kernel/keys/maxbytes or maxkeys" },
		{ ENOSYS, "the kernel has no keyrings (CONFIG_KEYS)" },
		{ EOPNOTSUPP, "the kernel has no persistent keyrings "
			      "(CONFIG_PERSISTENT_KEYRINGS)" },
		{ EPERM, "ksecd needs CAP_SETUID and CAP_SETGID, and its unit has to allow "
			 "setresuid and keyctl" },
		{ ENOTCONN, "the process ksecd-keeper has ended, start ksecd again" },
		{ EPIPE, "the process ksecd-keeper has ended, start ksecd again" },
	};
	size_t i;

	for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (remedies[i].code == code)
			return remedies[i].remedy;
	return "see KEYRING in ccache_def(5) and keyrings(7)";
}
