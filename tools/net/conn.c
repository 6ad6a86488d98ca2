// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A connection.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "conn.h"

#define LINGER_MS	1000
#define LINGER_BYTES	(1 << 20)

int64_t conn_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void conn_set_timeout(struct conn *conn, unsigned int ms)
{
	conn->deadline = conn_now() + ms;
}

static enum conn_result wait_for(struct conn *conn, short events)
{
	struct pollfd pfd = { .fd = conn->fd, .events = events };
	int64_t left;
	int n;

	do {
		left = conn->deadline - conn_now();
		if (left <= 0)
			return CONN_TIMEOUT;
		n = poll(&pfd, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return CONN_CLOSED;
	return n ? CONN_OK : CONN_TIMEOUT;
}

static ssize_t plain_read(struct conn *conn, void *buf, size_t len, short *events)
{
	ssize_t n = recv(conn->fd, buf, len, 0);

	*events = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLIN : 0;
	return n < 0 ? 0 : n;
}

static ssize_t plain_write(struct conn *conn, const void *buf, size_t len, short *events)
{
	ssize_t n = send(conn->fd, buf, len, MSG_NOSIGNAL);

	*events = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLOUT : 0;
	return n < 0 ? 0 : n;
}

const struct conn_type conn_plain = {
	.read = plain_read,
	.write = plain_write,
};

/* After a function of struct conn_type that had nothing. */
static enum conn_result wait_or_end(struct conn *conn, short events)
{
	return events ? wait_for(conn, events) : CONN_CLOSED;
}

enum conn_result conn_start(struct conn *conn)
{
	enum conn_result result = CONN_OK;
	short events;

	while (conn->type->start && result == CONN_OK && !conn->type->start(conn, &events))
		result = wait_or_end(conn, events);
	return result;
}

enum conn_result conn_read(struct conn *conn, void *buf, size_t len, size_t *done)
{
	enum conn_result result;
	short events;
	ssize_t n;

	do {
		n = conn->type->read(conn, buf, len, &events);
		result = n ? CONN_OK : wait_or_end(conn, events);
	} while (!n && result == CONN_OK);
	*done = (size_t)n;
	return result;
}

enum conn_result conn_read_all(struct conn *conn, void *buf, size_t len)
{
	enum conn_result result = CONN_OK;
	unsigned char *p = buf;
	size_t n;

	while (len && result == CONN_OK) {
		result = conn_read(conn, p, len, &n);
		p += n;
		len -= n;
	}
	return result;
}

enum conn_result conn_write(struct conn *conn, const void *data, size_t len)
{
	enum conn_result result = CONN_OK;
	const unsigned char *p = data;
	short events;
	ssize_t n;

	while (len && result == CONN_OK) {
		n = conn->type->write(conn, p, len, &events);
		p += n;
		len -= (size_t)n;
		if (!n)
			result = wait_or_end(conn, events);
	}
	return result;
}

void conn_end(struct conn *conn)
{
	unsigned char rest[4096];
	size_t n, all = 0;

	if (conn->type->bye)
		conn->type->bye(conn);
	if (conn->type->end)
		conn->type->end(conn);
	conn->type = &conn_plain;
	shutdown(conn->fd, SHUT_WR);
	conn_set_timeout(conn, LINGER_MS);
	while (all < LINGER_BYTES && conn_read(conn, rest, sizeof(rest), &n) == CONN_OK)
		all += n;
}
