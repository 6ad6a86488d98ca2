/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: reading and writing with limits on size and time.
 */
#ifndef SSPI_HTTP_CONN_H
#define SSPI_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"

/**
 * struct conn - a connection
 * @fd:       socket, non-blocking
 * @len:      bytes in @buf that have been read and not used
 * @deadline: when the wait for the other side ends, CLOCK_MONOTONIC milliseconds
 * @buf:      what has been read
 */
struct conn {
	int fd;
	size_t len;
	int64_t deadline;
	char buf[HTTP_MAX_HEAD];
};

/* How a wait for the other side ended */
enum conn_result {
	CONN_OK,
	CONN_CLOSED,	/* it went away, or the socket failed */
	CONN_TIMEOUT,
	CONN_TOO_LARGE,
	CONN_MALFORMED,
};

/**
 * conn_set_timeout() - bound what comes next
 * @conn: the connection
 * @ms:   milliseconds from now, for everything until the next call
 */
void conn_set_timeout(struct conn *conn, unsigned int ms);

/**
 * conn_wait() - wait for the first byte of a request
 * @conn: the connection
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result conn_wait(struct conn *conn);

/**
 * conn_read_head() - read the head of a request to the front of the buffer
 * @conn: the connection
 * @len:  receives its length; to be passed to conn_consume()
 *
 * Return: CONN_OK, CONN_CLOSED, CONN_TIMEOUT, CONN_TOO_LARGE
 */
enum conn_result conn_read_head(struct conn *conn, size_t *len);

/**
 * conn_consume() - forget the front of the buffer
 * @conn: the connection
 * @len:  how much
 */
void conn_consume(struct conn *conn, size_t len);

/**
 * conn_drain() - read a body and throw it away
 * @conn: the connection, its head consumed
 * @req:  the request
 *
 * Return: CONN_OK, or what went wrong
 */
enum conn_result conn_drain(struct conn *conn, const struct http_request *req);

/**
 * conn_write() - write all of something
 * @conn: the connection
 * @data: what
 * @len:  its length in bytes
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result conn_write(struct conn *conn, const void *data, size_t len);

#endif /* SSPI_HTTP_CONN_H */
