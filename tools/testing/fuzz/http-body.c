// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing what is read from an HTTP connection, requests and their bodies one after
 * the other (tools/sspi-http/http_conn.c), from a socket.
 *
 * Input: a byte that says in what pieces it arrives, then the bytes of the client,
 * who then closes its side.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "tools/sspi-http/http_conn.h"

static struct http_conn http;

/* Bytes of the client's that have been used */
static size_t used(size_t sent, int fd)
{
	static char rest[65536];
	ssize_t waiting = recv(fd, rest, sizeof(rest), MSG_PEEK | MSG_DONTWAIT);

	return sent - http.len - (waiting > 0 ? waiting : 0);
}

/* The length of a chunked body by another reader, or 0 if it is none. */
static size_t chunked_length(const uint8_t *data, size_t size)
{
	size_t at = 0, n;
	const uint8_t *end;

	do {
		for (n = 0; at < size && strchr("0123456789abcdefABCDEF", data[at]) && data[at]; at++)
			n = n << 4 | (data[at] <= '9' ? data[at] - '0' : (data[at] | 32) - 'a' + 10);
		end = memmem(data + at, size - at, "\r\n", 2);
		if (!end)
			return 0;
		at = end + 2 - data;
		if (n) {
			if (n > size - at || size - at - n < 2 || memcmp(data + at + n, "\r\n", 2))
				return 0;
			at += n + 2;
		}
	} while (n);
	for (;;) {
		end = memmem(data + at, size - at, "\r\n", 2);
		if (!end)
			return 0;
		n = end - (data + at);
		at += n + 2;
		if (!n)
			return at;
	}
}

/* One request; false if the connection is over. */
static bool serve(const uint8_t *data, size_t size, int fd)
{
	struct http_request req;
	enum conn_result result;
	unsigned int code;
	size_t len, at;

	result = http_conn_read_head(&http, &len);
	fuzz_assert(result == CONN_OK || result == CONN_CLOSED || result == CONN_TOO_LARGE,
		    "result %d", result);
	if (result != CONN_OK)
		return false;
	fuzz_assert(len >= 4 && len <= http.len, "a head of %zu bytes of %zu", len, http.len);
	code = http_parse(http.buf, len, &req);
	http_conn_consume(&http, len);
	if (code && code != 405)
		return false;
	at = used(size, fd);
	result = http_conn_drain(&http, &req);
	fuzz_assert(result != CONN_TIMEOUT, "the client is waited for, and has gone");
	if (result != CONN_OK)
		return false;
	len = req.chunked ? chunked_length(data + at, size - at) : req.length;
	fuzz_assert(used(size, fd) - at == len, "a body of %zu bytes, and %zu were read", len,
		    used(size, fd) - at);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t piece = 1 + 16 * (size_t)fuzz_take8(&in);
	int fds[2], requests = 0;
	size_t done = 0, n;

	fuzz_assert(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), "%s",
		    strerror(errno));
	http.conn.type = &conn_plain;
	http.conn.fd = fds[0];
	http.len = 0;
	conn_set_timeout(&http.conn, 1000);
	/* The first piece is all there is at first; the rest is there when more is read. */
	n = in.len < piece ? in.len : piece;
	while (done < in.len) {
		ssize_t sent = send(fds[1], in.data + done, n, 0);

		fuzz_assert(sent == (ssize_t)n, "%zd: %s", sent, strerror(errno));
		done += n;
		if (done == n && http.len == 0)
			http_conn_wait(&http);
		n = in.len - done;
	}
	shutdown(fds[1], SHUT_WR);
	while (requests++ < 16 && serve(in.data, in.len, fds[0]))
		;
	fuzz_assert(http.len <= sizeof(http.buf), "more than there is room for");
	close(fds[0]);
	close(fds[1]);
	return 0;
}
