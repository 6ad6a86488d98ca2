// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections with TLS.
 */
#include <poll.h>

#include <openssl/err.h>

#include "tls_conn.h"

/* The oldest error says what it was: those after it, which functions it went through. */
const char *tls_reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	return text ? text : "there is no reason given";
}

bool tls_attach(struct conn *conn, SSL_CTX *context, bool client)
{
	SSL *ssl = SSL_new(context);

	if (!ssl || !SSL_set_fd(ssl, conn->fd)) {
		SSL_free(ssl);
		conn->why = "out of memory";
		return false;
	}
	/* A write that has to wait goes on with what is left, wherever that is. */
	SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		     SSL_MODE_RELEASE_BUFFERS);
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	conn->state = ssl;
	return true;
}

/* What a call of OpenSSL that has returned @n <= 0 is about. */
static ssize_t nothing(struct conn *conn, int n, short *events)
{
	const int error = SSL_get_error(conn->state, n);

	*events = 0;
	if (error == SSL_ERROR_WANT_READ)
		*events = POLLIN;
	else if (error == SSL_ERROR_WANT_WRITE)
		*events = POLLOUT;
	else if (error == SSL_ERROR_SSL)
		conn->why = tls_reason();
	else if (error == SSL_ERROR_SYSCALL)
		conn->why = "the connection has failed";
	return 0;
}

ssize_t tls_start(struct conn *conn, short *events)
{
	int n;

	ERR_clear_error();
	*events = 0;
	n = SSL_do_handshake(conn->state);
	return n == 1 ? 1 : nothing(conn, n, events);
}

ssize_t tls_read(struct conn *conn, void *buf, size_t len, short *events)
{
	size_t done;
	int n;

	ERR_clear_error();
	n = SSL_read_ex(conn->state, buf, len, &done);
	return n == 1 ? (ssize_t)done : nothing(conn, n, events);
}

ssize_t tls_write(struct conn *conn, const void *buf, size_t len, short *events)
{
	size_t done;
	int n;

	ERR_clear_error();
	n = SSL_write_ex(conn->state, buf, len, &done);
	return n == 1 ? (ssize_t)done : nothing(conn, n, events);
}

void tls_bye(struct conn *conn)
{
	/* After a failure OpenSSL has said it, and wants to hear nothing more. */
	ERR_clear_error();
	if (conn->state && !conn->why && SSL_is_init_finished(conn->state))
		SSL_shutdown(conn->state);
}

void tls_end(struct conn *conn)
{
	SSL_free(conn->state);
	conn->state = NULL;
}
