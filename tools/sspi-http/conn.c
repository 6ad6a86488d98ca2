// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A connection.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "conn.h"

#define MAX_CHUNK_LINE	256
#define LINGER_MS	1000

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void conn_set_timeout(struct conn *conn, unsigned int ms)
{
	conn->deadline = now_ms() + ms;
}

static enum conn_result wait_for(struct conn *conn, short events)
{
	struct pollfd pfd = { .fd = conn->fd, .events = events };
	int64_t left;
	int n;

	do {
		left = conn->deadline - now_ms();
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
	ssize_t n = send(conn->fd, buf, len, 0);

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

/* Reads something behind what is in the buffer. */
static enum conn_result fill(struct conn *conn)
{
	enum conn_result result;
	short events;
	ssize_t n;

	if (conn->len == sizeof(conn->buf))
		return CONN_TOO_LARGE;
	do {
		n = conn->type->read(conn, conn->buf + conn->len, sizeof(conn->buf) - conn->len,
				     &events);
		result = n ? CONN_OK : wait_or_end(conn, events);
	} while (!n && result == CONN_OK);
	conn->len += (size_t)n;
	return result;
}

enum conn_result conn_wait(struct conn *conn)
{
	return conn->len ? CONN_OK : fill(conn);
}

enum conn_result conn_read_head(struct conn *conn, size_t *len)
{
	enum conn_result result;
	size_t skip;

	for (;;) {
		skip = 0;
		/* Empty lines before a request are to be ignored (RFC 9112 section 2.2). */
		while (conn->len - skip >= 2 && !memcmp(conn->buf + skip, "\r\n", 2))
			skip += 2;
		conn_consume(conn, skip);
		*len = http_head_length(conn->buf, conn->len);
		if (*len)
			return CONN_OK;
		result = fill(conn);
		if (result != CONN_OK)
			return result;
	}
}

void conn_consume(struct conn *conn, size_t len)
{
	conn->len -= len;
	memmove(conn->buf, conn->buf + len, conn->len);
}

/* Throws away @n bytes. */
static enum conn_result drain(struct conn *conn, uint64_t n)
{
	enum conn_result result;
	size_t here;

	while (n) {
		if (!conn->len) {
			result = fill(conn);
			if (result != CONN_OK)
				return result;
		}
		here = n < conn->len ? (size_t)n : conn->len;
		conn_consume(conn, here);
		n -= here;
	}
	return CONN_OK;
}

/* Reads a line of a chunked body; @line receives it without CRLF. */
static enum conn_result read_line(struct conn *conn, char line[MAX_CHUNK_LINE])
{
	enum conn_result result;
	const char *end;
	size_t len;

	while (!(end = memmem(conn->buf, conn->len, "\r\n", 2))) {
		if (conn->len >= MAX_CHUNK_LINE)
			return CONN_MALFORMED;
		result = fill(conn);
		if (result != CONN_OK)
			return result;
	}
	len = (size_t)(end - conn->buf);
	if (len >= MAX_CHUNK_LINE || memchr(conn->buf, 0, len))
		return CONN_MALFORMED;
	memcpy(line, conn->buf, len);
	line[len] = 0;
	conn_consume(conn, len + 2);
	return CONN_OK;
}

static enum conn_result drain_chunks(struct conn *conn)
{
	char line[MAX_CHUNK_LINE];
	enum conn_result result;
	uint64_t size, total = 0;
	unsigned int trailers = 0;

	do {
		result = read_line(conn, line);
		if (result != CONN_OK)
			return result;
		if (!http_parse_chunk(line, &size))
			return CONN_MALFORMED;
		if (size > HTTP_MAX_BODY - total)
			return CONN_TOO_LARGE;
		total += size;
		result = drain(conn, size);
		if (result == CONN_OK && size) {
			result = read_line(conn, line);
			if (result == CONN_OK && *line)
				return CONN_MALFORMED;
		}
		if (result != CONN_OK)
			return result;
	} while (size);

	do {	/* trailer fields, up to the empty line */
		result = read_line(conn, line);
		if (result == CONN_OK && trailers++ > HTTP_MAX_FIELDS)
			return CONN_TOO_LARGE;
	} while (result == CONN_OK && *line);
	return result;
}

enum conn_result conn_drain(struct conn *conn, const struct http_request *req)
{
	return req->chunked ? drain_chunks(conn) : drain(conn, req->length);
}

enum conn_result conn_write(struct conn *conn, const void *data, size_t len)
{
	enum conn_result result = CONN_OK;
	const char *p = data;
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
	if (conn->type->bye)
		conn->type->bye(conn);
	if (conn->type->end)
		conn->type->end(conn);
	conn->type = &conn_plain;
	conn->len = 0;
	shutdown(conn->fd, SHUT_WR);
	conn_set_timeout(conn, LINGER_MS);
	drain(conn, HTTP_MAX_BODY);
}
