/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: reading and writing with limits on size and time.
 */
#ifndef SSPI_HTTP_CONN_H
#define SSPI_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "http.h"

struct conn;

/**
 * struct conn_type - how bytes come and go
 * @start: the handshake; NULL if there is none
 * @read:  some bytes into @buf, at most @len
 * @write: some bytes of @buf, at most @len
 * @bye:   says that nothing more will be written, without waiting; NULL if the
 *         socket says it itself
 * @end:   forgets what @start has made; NULL if there is none
 *
 * None of them waits.  @start, @read and @write return how many bytes it was (@start:
 * 1 when it is through), or 0: then *events is what to poll for before the same is
 * tried again, or 0 when the connection is over.
 */
struct conn_type {
	ssize_t (*start)(struct conn *conn, short *events);
	ssize_t (*read)(struct conn *conn, void *buf, size_t len, short *events);
	ssize_t (*write)(struct conn *conn, const void *buf, size_t len, short *events);
	void (*bye)(struct conn *conn);
	void (*end)(struct conn *conn);
};

extern const struct conn_type conn_plain;

/**
 * struct conn - a connection
 * @type:     conn_plain, or tls_type
 * @tls:      of @type; NULL to begin with
 * @why:      why @type has given up, a literal or of the library; NULL if it has not
 * @fd:       socket, non-blocking
 * @len:      bytes in @buf that have been read and not used
 * @deadline: when the wait for the other side ends, CLOCK_MONOTONIC milliseconds
 * @buf:      what has been read
 */
struct conn {
	const struct conn_type *type;
	struct ssl_st *tls;
	const char *why;
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
 * conn_start() - do what comes before the first byte
 * @conn: the connection; only @fd and @type need to be set
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result conn_start(struct conn *conn);

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

/**
 * conn_end() - end a connection so that the other side can read all of it
 * @conn: the connection; its socket is still to be closed
 *
 * What the other side goes on sending is thrown away for a second: the kernel would
 * reset the connection otherwise, and the last response might never be read.
 */
void conn_end(struct conn *conn);

#endif /* SSPI_HTTP_CONN_H */
