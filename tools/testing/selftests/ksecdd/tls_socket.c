// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP connections over the loopback device, for contexts whose keys go to a socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "suite.h"
#include "tls_socket.h"
#include "tools/testing/tap/tap.h"

/**
 * tls_loopback_up() - bring up the loopback device: the namespace of a test is a new one
 */
void tls_loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		tap_bail("the loopback device does not come up: %s", strerror(errno));
	close(fd);
}

/**
 * tls_sockets_open() - a TCP connection; a failure ends the test
 * @p: filled in
 */
void tls_sockets_open(struct tls_sockets *p)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int one = 1, listener;

	listener = (int)REQUIRE_SYS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	REQUIRE_SYS(bind(listener, (struct sockaddr *)&addr, len));
	REQUIRE_SYS(listen(listener, 1));
	REQUIRE_SYS(getsockname(listener, (struct sockaddr *)&addr, &len));
	p->client = (int)REQUIRE_SYS(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	REQUIRE_SYS(connect(p->client, (struct sockaddr *)&addr, len));
	p->service = (int)REQUIRE_SYS(accept4(listener, (struct sockaddr *)&addr, &len, SOCK_CLOEXEC));
	REQUIRE_SYS(setsockopt(p->client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	close(listener);
}

/**
 * tls_sockets_close() - end of it
 * @p: the connection
 */
void tls_sockets_close(struct tls_sockets *p)
{
	close(p->service);
	close(p->client);
}

/**
 * tls_attach() - KSECDD_IOC_ATTACH
 * @s:  the context
 * @fd: the socket
 *
 * Return: the status
 */
int32_t tls_attach(struct tls_link *s, int fd)
{
	struct ksecdd_attach arg = {
		.size = sizeof(arg), .status = 1, .context = s->call.context, .fd = fd,
	};

	CHECK_EQ(device_ioctl(s->dev, KSECDD_IOC_ATTACH, &arg), 0);
	return arg.status;
}

/**
 * tls_read() - read so many bytes; a failure ends the test
 * @fd:  the socket
 * @to:  receives them
 * @len: how many
 */
void tls_read(int fd, uint8_t *to, size_t len)
{
	size_t have = 0;
	ssize_t n;

	while (have < len) {
		n = read(fd, to + have, len - have);
		if (n <= 0) {
			suite_fail(__FILE__, __LINE__, "read: %zd, %s", n, strerror(errno));
			suite_abort();
		}
		have += (size_t)n;
	}
}

/**
 * tls_write() - write so many bytes; a failure ends the test
 * @fd:   the socket
 * @from: the bytes
 * @len:  how many
 */
void tls_write(int fd, const uint8_t *from, size_t len)
{
	REQUIRE_EQ(write(fd, from, len), (ssize_t)len);
}
