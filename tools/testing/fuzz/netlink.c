// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the answers of the module's netlink family, and of the kernel's list of
 * families (helper/netlink.c, helper/family.c).
 *
 * Only the kernel may send such messages, so recvmsg() is this file's, and so are
 * the other system calls around it.  Input: a byte that says what is asked, then
 * datagrams; each a byte that says what it is like, then messages.  A message is a
 * byte that says what is right about it, a byte for its type, its flags, and the
 * number of bytes behind the header with these bytes.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <sanitizer/asan_interface.h>

#include "fuzz.h"
#include "helper/family.h"

#define PORT		4711
#define FAMILY_ID	0x21
#define DATAGRAM_MAX	4096
#define CLOSED_MAX	64

ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
ssize_t __real_sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_close(int fd);
int __wrap_close(int fd);

static bool running;
static struct fuzz_input in;
static uint32_t seq;
static struct {
	void *memory;
	size_t len;
} poisoned;
static unsigned int nclosed;
static int closed[CLOSED_MAX];

/* How long the message says it is: what it has, mostly */
static uint32_t message_len(uint8_t how, size_t len)
{
	return how & 4 ? fuzz_take16(&in) : len;
}

static size_t put_message(uint8_t *dst, size_t room)
{
	static const uint16_t types[] = {
		FAMILY_ID, GENL_ID_CTRL, NLMSG_ERROR, NLMSG_DONE, NLMSG_NOOP, NLMSG_OVERRUN,
	};
	uint8_t how = fuzz_take8(&in), type = fuzz_take8(&in);
	uint16_t flags = fuzz_take16(&in);
	struct nlmsghdr hdr = {
		.nlmsg_type = type < sizeof(types) / sizeof(types[0]) ? types[type] : type,
		.nlmsg_flags = flags,
		.nlmsg_seq = how & 1 ? fuzz_take8(&in) : seq,
		.nlmsg_pid = how & 2 ? fuzz_take8(&in) : PORT,
	};
	size_t len;
	uint8_t *data = fuzz_take_bytes(&in, 512, &len);

	hdr.nlmsg_len = message_len(how, sizeof(hdr) + len);
	if (room < sizeof(hdr) + len) {
		free(data);
		return 0;
	}
	memcpy(dst, &hdr, sizeof(hdr));
	memcpy(dst + sizeof(hdr), data, len);
	free(data);
	len = NLMSG_ALIGN(sizeof(hdr) + len);
	return len > room ? room : len;
}

static void unpoison(void)
{
	if (poisoned.memory)
		ASAN_UNPOISON_MEMORY_REGION(poisoned.memory, poisoned.len);
	poisoned.memory = NULL;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct sockaddr_nl *from;
	static uint8_t datagram[DATAGRAM_MAX];
	uint8_t how, messages;
	size_t len = 0;

	if (!running)
		return __real_recvmsg(fd, msg, flags);
	unpoison();
	from = msg->msg_name;
	if (!in.len) {
		errno = EAGAIN;
		return -1;
	}
	how = fuzz_take8(&in);
	if ((how & 7) == 7) {
		errno = how & 8 ? ENOBUFS : how & 16 ? EINTR : how & 32 ? EAGAIN : ENOMEM;
		return -1;
	}
	for (messages = 1 + (how & 3); messages && in.len; messages--)
		len += put_message(datagram + len, sizeof(datagram) - len);
	if (how & 32)
		len -= fuzz_take_below(&in, len + 1);
	*from = (struct sockaddr_nl){
		.nl_family = AF_NETLINK, .nl_pid = how & 64 ? fuzz_take8(&in) : 0,
	};
	msg->msg_namelen = sizeof(*from);
	msg->msg_flags = how & 128 ? MSG_TRUNC : 0;
	memset(msg->msg_iov->iov_base, 0xa5, msg->msg_iov->iov_len);
	memcpy(msg->msg_iov->iov_base, datagram, len);
	/* Behind the datagram is nothing, though the buffer goes on. */
	poisoned.memory = (uint8_t *)msg->msg_iov->iov_base + len;
	poisoned.len = msg->msg_iov->iov_len - len;
	ASAN_POISON_MEMORY_REGION(poisoned.memory, poisoned.len);
	return len;
}

ssize_t __wrap_sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len)
{
	const struct nlmsghdr *hdr = buf;

	if (!running)
		return __real_sendto(fd, buf, len, flags, to, to_len);
	fuzz_assert(len == hdr->nlmsg_len && len >= NLMSG_HDRLEN + GENL_HDRLEN,
		    "a message of %zu bytes", len);
	fuzz_assert(hdr->nlmsg_flags & NLM_F_REQUEST && hdr->nlmsg_seq && hdr->nlmsg_pid == PORT,
		    "a request that is none");
	seq = hdr->nlmsg_seq;
	return len;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (!running)
		return __real_poll(fds, n, timeout);
	return in.len ? 1 : 0;
}

int __wrap_close(int fd)
{
	if (!running)
		return __real_close(fd);
	fuzz_assert(fd >= 0 || nclosed, "a descriptor is closed that there is not: %d", fd);
	if (nclosed < CLOSED_MAX)
		closed[nclosed++] = fd;
	return 0;
}

static bool was_closed(int fd)
{
	unsigned int i;

	for (i = 0; i < nclosed; i++)
		if (closed[i] == fd)
			return true;
	return false;
}

static void check_string(const char *what, const char *text, size_t size)
{
	fuzz_assert(memchr(text, '\0', size), "%s does not end", what);
}

static int on_context(void *data, const struct family_context *context)
{
	int *left = data;

	check_string("the service", context->comm, sizeof(context->comm));
	check_string("the client", context->client, sizeof(context->client));
	fuzz_assert(context->have_client || !context->client[0], "a client that is not there");
	fuzz_assert(context->have_uid || !context->uid, "a uid that is not there");
	return --*left ? 0 : -ECANCELED;
}

static int ask_register(struct family *family)
{
	struct family_helper helper = { .packages = 2, .inflight = 64 };
	int ret = family_register(family, &helper);

	fuzz_assert(ret || helper.abi == KSECDD_ABI_VERSION, "ABI %u is taken", helper.abi);
	return ret;
}

static int ask_next(struct family *family)
{
	struct family_request request = { .fd = 99 };
	int ret = family_next(family, &request);

	fuzz_assert(ret ? request.fd == -1 : request.fd >= 0, "%d with descriptor %d", ret,
		    request.fd);
	fuzz_assert(ret || !was_closed(request.fd) || nclosed > 1,
		    "descriptor %d is closed already", request.fd);
	return ret;
}

static int ask_status(struct family *family)
{
	struct family_status status;
	int ret = family_status(family, &status);

	check_string("the version", status.module, sizeof(status.module));
	fuzz_assert(status.have_helper || !status.helper, "a helper that is not there");
	return ret;
}

static int ask_contexts(struct family *family)
{
	int left = 5;

	return family_contexts(family, on_context, &left);
}

static int ask_resolve(struct family *family)
{
	int ret = netlink_resolve(&family->nl, KSECDD_FAMILY_NAME);

	fuzz_assert(ret || family->nl.family, "found, and no id");
	family->nl.family = FAMILY_ID;
	return ret;
}

static int ask_events(struct family *family)
{
	return netlink_events(&family->nl);
}

static void on_event(void *data, struct nlmsghdr *hdr)
{
	netlink_family_event(hdr, data);
}

static int ask_watch(struct family *family)
{
	family->nl.event = on_event;
	family->nl.data = KSECDD_FAMILY_NAME;
	return netlink_events(&family->nl);
}

static int (*const questions[])(struct family *family) = {
	ask_register, ask_next, ask_status, ask_contexts, ask_resolve, ask_events, ask_watch,
};

/* Opened with a kernel that has no such family, which fills in the rest as it is. */
static void set_up(struct family *family)
{
	int ret = family_open(family);

	fuzz_assert(ret == -ENOENT || !ret, "no netlink here: %s", strerror(-ret));
	if (ret)
		fuzz_assert(!netlink_open(&family->nl, false), "no netlink here");
	nl_socket_set_local_port(family->nl.sock, PORT);
	nl_socket_disable_auto_ack(family->nl.sock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct family first;
	struct family family;
	uint8_t question;
	int ret;

	if (!first.nl.sock)
		set_up(&first);
	family = first;
	family.nl.data = &family;
	family.nl.family = FAMILY_ID;
	family.ready = false;
	in = (struct fuzz_input){ data, size };
	nclosed = 0;
	question = fuzz_take_below(&in, sizeof(questions) / sizeof(questions[0]));
	running = true;
	ret = questions[question](&family);
	running = false;
	unpoison();
	fuzz_assert(ret <= 0, "%d", ret);
	check_string("the message", family.nl.message, sizeof(family.nl.message));
	return 0;
}
