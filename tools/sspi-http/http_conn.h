/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading requests from a connection, with limits on their size.
 */
#ifndef SSPI_HTTP_HTTP_CONN_H
#define SSPI_HTTP_HTTP_CONN_H

#include "tools/net/conn.h"

#include "http.h"

/**
 * struct http_conn - a connection with requests on it
 * @conn: the connection itself
 * @len:  bytes in @buf that have been read and not used
 * @buf:  what has been read
 */
struct http_conn {
	struct conn conn;
	size_t len;
	char buf[HTTP_MAX_HEAD];
};

/**
 * http_conn_wait() - wait for the first byte of a request
 * @http: the connection
 *
 * Return: CONN_OK, CONN_CLOSED or CONN_TIMEOUT
 */
enum conn_result http_conn_wait(struct http_conn *http);

/**
 * http_conn_read_head() - read the head of a request to the front of the buffer
 * @http: the connection
 * @len:  receives its length; to be passed to http_conn_consume()
 *
 * Return: CONN_OK, CONN_CLOSED, CONN_TIMEOUT, CONN_TOO_LARGE
 */
enum conn_result http_conn_read_head(struct http_conn *http, size_t *len);

/**
 * http_conn_consume() - forget the front of the buffer
 * @http: the connection
 * @len:  how much
 */
void http_conn_consume(struct http_conn *http, size_t len);

/**
 * http_conn_drain() - read a body and throw it away
 * @http: the connection, its head consumed
 * @req:  the request
 *
 * Return: CONN_OK, or what went wrong
 */
enum conn_result http_conn_drain(struct http_conn *http, const struct http_request *req);

#endif /* SSPI_HTTP_HTTP_CONN_H */
