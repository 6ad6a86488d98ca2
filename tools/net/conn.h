/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: reading and writing with limits on time, whatever the bytes go through.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct conn;

/**
 * struct conn_type - how bytes come and go
 * @start: the handshake; NULL if there is none
 * @read:  some bytes into @buf, at most @len
 * @write: some bytes of @buf, at most @len; a write that had to wait is tried again with
 *         the same bytes in front, which may lie elsewhere
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
 * @type:     conn_plain, or another
 * @state:    of @type; NULL to begin with
 * @why:      why @type has given up, a literal or of a library; NULL if it has not
 * @fd:       socket, non-blocking
 * @deadline: when the wait for the other side ends, CLOCK_MONOTONIC milliseconds
 */
struct conn {
	const struct conn_type *type;
	void *state;
	const char *why;
	int fd;
	int64_t deadline;
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
 * conn_now() - the clock of deadlines
 *
 * Return: CLOCK_MONOTONIC in milliseconds
 */
int64_t conn_now(void);

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
 * conn_read() - read something
 * @conn: the connection
 * @buf:  receives it
 * @len:  room in @buf, in bytes, not 0
 * @done: receives how many bytes it was; more than 0 if the result is CONN_OK
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result conn_read(struct conn *conn, void *buf, size_t len, size_t *done);

/**
 * conn_read_all() - read so many bytes, and not one more
 * @conn: the connection
 * @buf:  receives them
 * @len:  how many
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result conn_read_all(struct conn *conn, void *buf, size_t len);

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
 * reset the connection otherwise, and what was written last might never be read.
 */
void conn_end(struct conn *conn);

#endif /* NET_CONN_H */
