// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets that a context may be asked to give its keys to: connections over the loopback
 * device, and those that cannot get them.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "run.h"

#define FLAGS	(SOCK_CLOEXEC | SOCK_NONBLOCK)

/* What the argument "how" says */
enum { CONNECTED, CONNECTED_6, WITH_TLS, UNCONNECTED, LISTENING, DATAGRAM, LOCAL, MULTIPATH };

/* An address of the loopback device */
union address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
};

static union address loopback(int family)
{
	union address addr = { .any.sa_family = (sa_family_t)family };

	if (family == AF_INET)
		addr.ip4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		addr.ip6.sin6_addr = in6addr_loopback;
	return addr;
}

static int listening(int family)
{
	union address addr = loopback(family);
	int fd = socket(family, SOCK_STREAM | FLAGS, 0);

	if (fd >= 0 && (bind(fd, &addr.any, sizeof(addr)) || listen(fd, 1))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Thousands of connections leave nothing behind. */
static void end_at_once(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static bool connected(int family, int fds[2])
{
	int from = listening(family);
	union address addr;
	socklen_t len = sizeof(addr);
	bool ok;

	fds[0] = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ok = from >= 0 && fds[0] >= 0 && !getsockname(from, &addr.any, &len) &&
	     !connect(fds[0], &addr.any, len);
	fds[1] = ok ? accept4(from, &addr.any, &len, FLAGS) : -1;
	close(from);
	if (fds[1] >= 0) {
		end_at_once(fds[0]);
		end_at_once(fds[1]);
	}
	return fds[1] >= 0;
}

static bool make(uint64_t how, int fds[2])
{
	switch (how) {
	case CONNECTED_6:
		return connected(AF_INET6, fds);
	case WITH_TLS:
		return connected(AF_INET, fds) &&
		       !setsockopt(fds[0], IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls"));
	case UNCONNECTED:
		fds[0] = socket(AF_INET, SOCK_STREAM | FLAGS, 0);
		return fds[0] >= 0;
	case LISTENING:
		fds[0] = listening(AF_INET);
		return fds[0] >= 0;
	case DATAGRAM:
		fds[0] = socket(AF_INET, SOCK_DGRAM | FLAGS, 0);
		return fds[0] >= 0;
	case LOCAL:
		return !socketpair(AF_UNIX, SOCK_STREAM | FLAGS, 0, fds);
	case MULTIPATH:
		fds[0] = socket(AF_INET, SOCK_STREAM | FLAGS, IPPROTO_MPTCP);
		return fds[0] >= 0;
	default:
		return connected(AF_INET, fds);
	}
}

/**
 * streams_init() - bring up the loopback device
 */
void streams_init(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* Where that is not allowed there are no connections, which is none of our subjects. */
	ioctl(fd, SIOCSIFFLAGS, &req);
	close(fd);
}

/**
 * run_stream() - make a socket, or two that are connected
 * @w:    the world
 * @call: the call
 *
 * Return: 0 or -errno
 */
long run_stream(struct world *w, const struct call *call)
{
	const char *const args[] = { "file", "other" };
	int fds[2] = { -1, -1 };
	bool ok = make(call_number(call, "how"), fds);
	size_t i;

	for (i = 0; i < 2; i++) {
		if (ok && fds[i] >= 0)
			world_set_file(w, call_number(call, args[i]), fds[i], SLOT_STREAM, 0);
		else if (fds[i] >= 0)
			close(fds[i]);
	}
	return ok ? 0 : -EINVAL;
}
