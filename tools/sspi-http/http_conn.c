// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on a connection.
 */
#include <string.h>

#include "http_conn.h"

#define MAX_CHUNK_LINE	256

/* Reads something behind what is in the buffer. */
static enum conn_result fill(struct http_conn *http)
{
	enum conn_result result;
	size_t n;

	if (http->len == sizeof(http->buf))
		return CONN_TOO_LARGE;
	result = conn_read(&http->conn, http->buf + http->len, sizeof(http->buf) - http->len, &n);
	http->len += n;
	return result;
}

enum conn_result http_conn_wait(struct http_conn *http)
{
	return http->len ? CONN_OK : fill(http);
}

enum conn_result http_conn_read_head(struct http_conn *http, size_t *len)
{
	enum conn_result result;
	size_t skip;

	for (;;) {
		skip = 0;
		/* Empty lines before a request are to be ignored (RFC 9112 section 2.2). */
		while (http->len - skip >= 2 && !memcmp(http->buf + skip, "\r\n", 2))
			skip += 2;
		http_conn_consume(http, skip);
		*len = http_head_length(http->buf, http->len);
		if (*len)
			return CONN_OK;
		result = fill(http);
		if (result != CONN_OK)
			return result;
	}
}

void http_conn_consume(struct http_conn *http, size_t len)
{
	http->len -= len;
	memmove(http->buf, http->buf + len, http->len);
}

/* Throws away @n bytes. */
static enum conn_result drain(struct http_conn *http, uint64_t n)
{
	enum conn_result result;
	size_t here;

	while (n) {
		if (!http->len) {
			result = fill(http);
			if (result != CONN_OK)
				return result;
		}
		here = n < http->len ? (size_t)n : http->len;
		http_conn_consume(http, here);
		n -= here;
	}
	return CONN_OK;
}

/* Reads a line of a chunked body; @line receives it without CRLF. */
static enum conn_result read_line(struct http_conn *http, char line[MAX_CHUNK_LINE])
{
	enum conn_result result;
	const char *end;
	size_t len;

	while (!(end = memmem(http->buf, http->len, "\r\n", 2))) {
		if (http->len >= MAX_CHUNK_LINE)
			return CONN_MALFORMED;
		result = fill(http);
		if (result != CONN_OK)
			return result;
	}
	len = (size_t)(end - http->buf);
	if (len >= MAX_CHUNK_LINE || memchr(http->buf, 0, len))
		return CONN_MALFORMED;
	memcpy(line, http->buf, len);
	line[len] = 0;
	http_conn_consume(http, len + 2);
	return CONN_OK;
}

static enum conn_result drain_chunks(struct http_conn *http)
{
	char line[MAX_CHUNK_LINE];
	enum conn_result result;
	uint64_t size, total = 0;
	unsigned int trailers = 0;

	do {
		result = read_line(http, line);
		if (result != CONN_OK)
			return result;
		if (!http_parse_chunk(line, &size))
			return CONN_MALFORMED;
		if (size > HTTP_MAX_BODY - total)
			return CONN_TOO_LARGE;
		total += size;
		result = drain(http, size);
		if (result == CONN_OK && size) {
			result = read_line(http, line);
			if (result == CONN_OK && *line)
				return CONN_MALFORMED;
		}
		if (result != CONN_OK)
			return result;
	} while (size);

	do {	/* trailer fields, up to the empty line */
		result = read_line(http, line);
		if (result == CONN_OK && trailers++ > HTTP_MAX_FIELDS)
			return CONN_TOO_LARGE;
	} while (result == CONN_OK && *line);
	return result;
}

enum conn_result http_conn_drain(struct http_conn *http, const struct http_request *req)
{
	return req->chunked ? drain_chunks(http) : drain(http, req->length);
}
