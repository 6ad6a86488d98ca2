// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors from process to process, by SCM_RIGHTS.
 */
#include <string.h>
#include <sys/socket.h>

#include "fdpass.h"
#include "suite.h"

/**
 * fd_pair() - two sockets between which descriptors can be passed
 * @socks: receives them
 */
void fd_pair(int socks[2])
{
	REQUIRE_SYS(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks));
}

/**
 * fd_send() - pass a descriptor on; the own one stays
 * @sock: the socket
 * @fd:   the descriptor
 * @data: what to send along
 * @len:  its length in bytes, more than 0
 */
void fd_send(int sock, int fd, const void *data, size_t len)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {
		.head = {
			.cmsg_len = CMSG_LEN(sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		},
	};
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	const struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	REQUIRE_EQ(REQUIRE_SYS(sendmsg(sock, &msg, 0)), len);
}

/**
 * fd_receive() - a descriptor that was passed on
 * @sock: the socket
 * @data: receives what came along
 * @len:  its length in bytes
 *
 * Return: the descriptor, the caller's
 */
int fd_receive(int sock, void *data, size_t len)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {};
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	REQUIRE_EQ(REQUIRE_SYS(recvmsg(sock, &msg, MSG_CMSG_CLOEXEC)), len);
	REQUIRE(msg.msg_controllen >= CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(int));
	return fd;
}
