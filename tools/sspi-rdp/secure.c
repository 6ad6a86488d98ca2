// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kTLS: the socket carries what is written to it in records.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <linux/tls.h>

#include <sspi_linux.h>

#include "secure.h"

#ifndef SOL_TLS
#define SOL_TLS			282
#endif

/* A record's type, as a control message */
#define CONTROL_LEN		CMSG_SPACE(sizeof(unsigned char))

#define TLS_ALERT		21
#define TLS_APPLICATION_DATA	23
#define ALERT_WARNING		1
#define ALERT_CLOSE_NOTIFY	0

/* What is in a record that is no data: the end, or something that ends it. */
static void judge_record(struct conn *conn, unsigned char type, const unsigned char *data,
			 size_t len)
{
	if (type != TLS_ALERT)
		conn->why = "the client has changed its keys, which this kernel's kTLS cannot";
	else if (len != 2 || data[1] != ALERT_CLOSE_NOTIFY)
		conn->why = "the client has sent an alert";
}

static ssize_t kernel_read(struct conn *conn, void *buf, size_t len, short *events)
{
	unsigned char control[CONTROL_LEN] __attribute__((aligned(__alignof__(struct cmsghdr))));
	struct iovec iov = { buf, len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *cmsg;
	ssize_t n = recvmsg(conn->fd, &msg, 0);

	*events = 0;
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			*events = POLLIN;
		else if (errno != ECONNRESET)
			conn->why = errno == EBADMSG ? "a record of the client is forged" :
				    strerror(errno);
		return 0;
	}
	cmsg = CMSG_FIRSTHDR(&msg);
	if (n && cmsg && cmsg->cmsg_level == SOL_TLS && cmsg->cmsg_type == TLS_GET_RECORD_TYPE &&
	    *CMSG_DATA(cmsg) != TLS_APPLICATION_DATA) {
		judge_record(conn, *CMSG_DATA(cmsg), buf, (size_t)n);
		return 0;
	}
	return n;
}

static ssize_t kernel_write(struct conn *conn, const void *buf, size_t len, short *events)
{
	ssize_t n = send(conn->fd, buf, len, MSG_NOSIGNAL);

	*events = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLOUT : 0;
	return n < 0 ? 0 : n;
}

static void kernel_bye(struct conn *conn)
{
	static const unsigned char type = TLS_ALERT;
	unsigned char control[CONTROL_LEN] __attribute__((aligned(__alignof__(struct cmsghdr)))) = { 0 };
	unsigned char alert[] = { ALERT_WARNING, ALERT_CLOSE_NOTIFY };
	struct iovec iov = { alert, sizeof(alert) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_TLS;
	cmsg->cmsg_type = TLS_SET_RECORD_TYPE;
	cmsg->cmsg_len = CMSG_LEN(sizeof(type));
	*CMSG_DATA(cmsg) = type;
	/* If there is no room for it, the client sees an end without it. */
	sendmsg(conn->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

const struct conn_type secure_kernel = {
	.read = kernel_read,
	.write = kernel_write,
	.bye = kernel_bye,
};

SECURITY_STATUS secure_attach(struct conn *conn, struct auth *auth, enum secure_mode mode,
			      bool *kernel)
{
	SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

	/* What was read already cannot be put back. */
	*kernel = mode != SECURE_CALLS && !auth->extra_len;
	if (*kernel)
		status = SspiAttachSocket(&auth->context, conn->fd, 0);
	if (*kernel && status == SEC_E_OK) {
		conn->type = &secure_kernel;
		return SEC_E_OK;
	}
	*kernel = false;
	return mode == SECURE_KERNEL ? status : calls_attach(conn, auth);
}
