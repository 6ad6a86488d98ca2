// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections with TLS.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tls.h"

/* Of TLS 1.2; TLS 1.3 has no others. */
#define CIPHERS	"ECDHE+AESGCM:ECDHE+CHACHA20"

static SSL_CTX *context;

/*
 * What OpenSSL has said about the last call.  The oldest error says what it was: those
 * after it, which functions it went through.
 */
static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	return text ? text : "there is no reason given";
}

static bool is_readable(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "sspi-http: %s: %s\n", path, strerror(errno));
		return false;
	}
	fclose(file);
	return true;
}

static bool load_certificate(const char *path)
{
	if (!is_readable(path))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, path) == 1)
		return true;
	if (ERR_GET_REASON(ERR_peek_error()) == PEM_R_NO_START_LINE)
		fprintf(stderr, "sspi-http: %s: no certificate in PEM is in it; one in DER can be "
			"converted: openssl x509 -inform der -in FILE -out FILE\n", path);
	else
		fprintf(stderr, "sspi-http: %s: the certificate cannot be used: %s\n", path,
			reason());
	return false;
}

/* For a key with a passphrase, which nobody is there to be asked for. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool load_key(const char *path, const char *certificate)
{
	/* The library keeps where it is. */
	static bool asked;
	unsigned long error;

	if (!is_readable(path))
		return false;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
	if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(context) == 1)
		return true;
	error = ERR_peek_error();
	if (asked)
		fprintf(stderr, "sspi-http: %s: the key has a passphrase; take it off: "
			"openssl pkey -in '%s' -out FILE\n", path, path);
	else if (ERR_GET_LIB(error) == ERR_LIB_X509 ||
		 ERR_GET_REASON(error) == SSL_R_NO_CERTIFICATE_ASSIGNED)
		fprintf(stderr, "sspi-http: %s: this is not the key of the certificate in %s; "
			"name both files of the same pair\n", path, certificate);
	else
		fprintf(stderr, "sspi-http: %s: no key in PEM is in it; one in DER can be "
			"converted: openssl pkey -inform der -in FILE -out FILE\n", path);
	return false;
}

bool tls_load(const char *certificate, const char *key)
{
	context = SSL_CTX_new(TLS_server_method());
	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(context, CIPHERS)) {
		fprintf(stderr, "sspi-http: OpenSSL cannot do TLS 1.2 here: %s; look at its "
			"configuration (openssl version -d)\n", reason());
		return false;
	}
	/* A connection is a logon: each has a handshake of its own, and but one. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
			    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* A write that has to wait goes on with what is left, wherever that is. */
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	ERR_clear_error();
	return load_certificate(certificate) && load_key(key, certificate);
}

const X509 *tls_certificate(void)
{
	return SSL_CTX_get0_certificate(context);
}

/* What a call of OpenSSL that has returned @n <= 0 is about. */
static ssize_t nothing(struct conn *conn, int n, short *events)
{
	const int error = SSL_get_error(conn->tls, n);

	*events = 0;
	if (error == SSL_ERROR_WANT_READ)
		*events = POLLIN;
	else if (error == SSL_ERROR_WANT_WRITE)
		*events = POLLOUT;
	else if (error == SSL_ERROR_SSL)
		conn->why = reason();
	else if (error == SSL_ERROR_SYSCALL)
		conn->why = "the connection has failed";
	return 0;
}

static ssize_t tls_start(struct conn *conn, short *events)
{
	int n;

	ERR_clear_error();
	*events = 0;
	if (!conn->tls) {
		conn->tls = SSL_new(context);
		if (!conn->tls || !SSL_set_fd(conn->tls, conn->fd)) {
			conn->why = "out of memory";
			return 0;
		}
	}
	n = SSL_accept(conn->tls);
	return n == 1 ? 1 : nothing(conn, n, events);
}

static ssize_t tls_read(struct conn *conn, void *buf, size_t len, short *events)
{
	size_t done;
	int n;

	ERR_clear_error();
	n = SSL_read_ex(conn->tls, buf, len, &done);
	return n == 1 ? (ssize_t)done : nothing(conn, n, events);
}

static ssize_t tls_write(struct conn *conn, const void *buf, size_t len, short *events)
{
	size_t done;
	int n;

	ERR_clear_error();
	n = SSL_write_ex(conn->tls, buf, len, &done);
	return n == 1 ? (ssize_t)done : nothing(conn, n, events);
}

static void tls_bye(struct conn *conn)
{
	/* After a failure OpenSSL has said it, and wants to hear nothing more. */
	ERR_clear_error();
	if (conn->tls && !conn->why && SSL_is_init_finished(conn->tls))
		SSL_shutdown(conn->tls);
}

static void tls_end(struct conn *conn)
{
	SSL_free(conn->tls);
	conn->tls = NULL;
}

const struct conn_type tls_type = {
	.start = tls_start,
	.read = tls_read,
	.write = tls_write,
	.bye = tls_bye,
	.end = tls_end,
};
