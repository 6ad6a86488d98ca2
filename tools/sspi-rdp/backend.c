// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server behind the gateway.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "tools/net/tls_conn.h"

#include "backend.h"
#include "command.h"
#include "proxy.h"
#include "x224.h"

#define COOKIE		"Cookie: mstshash="

static const struct conn_type tls_type = {
	.start = tls_start,
	.read = tls_read,
	.write = tls_write,
	.bye = tls_bye,
	.end = tls_end,
};

bool backend_prepare(struct backend *backend, const char *ca)
{
	if (backend->tls == BACKEND_PLAIN)
		return true;
	backend->context = SSL_CTX_new(TLS_client_method());
	if (!backend->context ||
	    !SSL_CTX_set_min_proto_version(backend->context, TLS1_2_VERSION)) {
		fprintf(stderr, "sspi-rdp: OpenSSL cannot do TLS 1.2 here: %s; look at its "
			"configuration (openssl version -d)\n", tls_reason());
		return false;
	}
	SSL_CTX_set_options(backend->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	if (backend->tls != BACKEND_CA)
		return true;
	if (SSL_CTX_load_verify_file(backend->context, ca) != 1) {
		fprintf(stderr, "sspi-rdp: %s: no certificate of an authority in PEM can be read "
			"from it: %s\n", ca, tls_reason());
		return false;
	}
	SSL_CTX_set_verify(backend->context, SSL_VERIFY_PEER, NULL);
	return true;
}

/* Non-blocking, until the connection's deadline; -1 with errno set. */
static int connect_to(struct conn *conn, int family, const struct sockaddr *address, socklen_t len)
{
	struct pollfd pfd = { .events = POLLOUT };
	socklen_t err_len = sizeof(int);
	int64_t left;
	int err, yes = 1, n;

	conn->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (conn->fd < 0)
		return -1;
	if (family != AF_UNIX)
		setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	err = connect(conn->fd, address, len) ? errno : 0;
	if (err == EINPROGRESS || err == EINTR) {
		pfd.fd = conn->fd;
		do {
			left = conn->deadline - conn_now();
			n = left > 0 ? poll(&pfd, 1, (int)left) : 0;
		} while (n < 0 && errno == EINTR);
		err = n ? 0 : ETIMEDOUT;
		if (n < 0 || (n && getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &err, &err_len)))
			err = errno;
	}
	if (!err)
		return 0;
	close(conn->fd);
	conn->fd = -1;
	errno = err;
	return -1;
}

static const char *connect_host(const struct backend *backend, struct conn *conn)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const struct addrinfo *one;
	struct addrinfo *all;
	int err = getaddrinfo(backend->host, backend->port, &hints, &all);

	if (err)
		return gai_strerror(err);
	for (one = all; one && conn->fd < 0; one = one->ai_next)
		err = connect_to(conn, one->ai_family, one->ai_addr, one->ai_addrlen) ? errno : 0;
	freeaddrinfo(all);
	return conn->fd < 0 ? strerrordesc_np(err) : NULL;
}

static const char *connect_path(const struct backend *backend, struct conn *conn)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* Its length was looked at with the options. */
	strncpy(address.sun_path, backend->path, sizeof(address.sun_path) - 1);
	return connect_to(conn, AF_UNIX, (const struct sockaddr *)&address, sizeof(address)) ?
	       strerrordesc_np(errno) : NULL;
}

static const char *open_connection(const struct backend *backend,
				   const struct backend_client *client, struct conn *conn,
				   pid_t *child)
{
	if (backend->path)
		return connect_path(backend, conn);
	if (!backend->command)
		return connect_host(backend, conn);
	conn->fd = command_start(backend->command, client, child);
	return conn->fd < 0 ? strerrordesc_np(errno) : NULL;
}

/* What a read or a write that went wrong is called. */
static const char *reason_of(const struct conn *conn, enum conn_result result)
{
	if (result == CONN_TIMEOUT)
		return "it did not answer in time";
	return conn->why ? conn->why : "it has closed the connection";
}

static const char *send_header(const struct backend_client *client, struct conn *conn)
{
	unsigned char header[PROXY_MAX];
	enum conn_result result;
	size_t len;

	len = proxy_write(header, client->peer, client->local, client->identity);
	result = conn_write(conn, header, len);
	return result == CONN_OK ? NULL : reason_of(conn, result);
}

/* The name that the server is told, which is no more than one word of a line. */
static const char *make_cookie(const struct identity *identity, char *cookie, size_t size)
{
	const char *name = *identity->user ? identity->user : identity->account;
	const unsigned char *p;

	for (p = (const unsigned char *)name; *p; p++)
		if (*p <= ' ' || *p == 0x7f)
			return NULL;
	snprintf(cookie, size, COOKIE "%s", name);
	return cookie;
}

static const char *negotiate(const struct backend *backend, const struct backend_client *client,
			     struct conn *conn, uint32_t *protocol)
{
	const uint32_t want = backend->tls == BACKEND_PLAIN ? RDP_PROTOCOL_RDP : RDP_PROTOCOL_SSL;
	char text[sizeof(COOKIE) + IDENTITY_NAME];
	struct x224_confirm confirm;
	uint8_t pdu[X224_CONNECT_MAX];
	const char *cookie = NULL;
	enum conn_result result;
	size_t len;

	if (backend->tell & BACKEND_COOKIE) {
		cookie = make_cookie(client->identity, text, sizeof(text));
		if (!cookie)
			return "the client's name does not fit into a cookie";
	}
	len = x224_write_request(pdu, cookie, want);
	if (!len)
		return "the client's name is too long for a cookie";
	result = conn_write(conn, pdu, len);
	if (result == CONN_OK)
		result = conn_read_all(conn, pdu, TPKT_HEADER);
	if (result != CONN_OK)
		return reason_of(conn, result);
	len = tpkt_length(pdu);
	if (!len || len > sizeof(pdu))
		return "its answer is not one of RDP";
	result = conn_read_all(conn, pdu + TPKT_HEADER, len - TPKT_HEADER);
	if (result != CONN_OK)
		return reason_of(conn, result);
	if (!x224_parse_confirm(pdu, len, &confirm))
		return "its answer is not one of RDP";
	if (confirm.type == RDP_NEG_FAILURE)
		return x224_failure_text(confirm.value);
	*protocol = confirm.type ? confirm.value : RDP_PROTOCOL_RDP;
	return *protocol == want ? NULL : want == RDP_PROTOCOL_SSL ? "it does not speak TLS" :
	       "it wants TLS";
}

/* Whether the certificate that the server has shown is the one. */
static bool is_pinned(const struct backend *backend, const struct conn *conn)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	X509 *certificate = SSL_get0_peer_certificate(conn->state);
	unsigned int len;

	return certificate && X509_digest(certificate, EVP_sha256(), hash, &len) &&
	       len == sizeof(backend->pin) && !memcmp(hash, backend->pin, len);
}

static const char *start_tls(const struct backend *backend, struct conn *conn)
{
	enum conn_result result;
	const char *why = NULL;
	SSL *ssl;

	if (!tls_attach(conn, backend->context, true))
		return conn->why;
	conn->type = &tls_type;
	ssl = conn->state;
	if (backend->tls == BACKEND_CA && backend->host &&
	    /* An address in the certificate is something else than a name. */
	    !X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), backend->host) &&
	    (!SSL_set1_host(ssl, backend->host) || !SSL_set_tlsext_host_name(ssl, backend->host)))
		return "out of memory";
	result = conn_start(conn);
	if (result != CONN_OK) {
		why = reason_of(conn, result);
		if (SSL_get_verify_result(ssl) != X509_V_OK && backend->tls == BACKEND_CA)
			why = X509_verify_cert_error_string(SSL_get_verify_result(ssl));
	} else if (backend->tls == BACKEND_PIN && !is_pinned(backend, conn)) {
		why = "it has another certificate";
	}
	return why;
}

const char *backend_connect(const struct backend *backend, const struct backend_client *client,
			    struct conn *conn, pid_t *child, uint32_t *protocol)
{
	const char *why;

	*conn = (struct conn){ .type = &conn_plain, .fd = -1 };
	*child = 0;
	conn_set_timeout(conn, backend->timeout_ms);
	why = open_connection(backend, client, conn, child);
	if (!why && backend->tell & BACKEND_PROXY)
		why = send_header(client, conn);
	if (!why)
		why = negotiate(backend, client, conn, protocol);
	if (!why && backend->tls != BACKEND_PLAIN)
		why = start_tls(backend, conn);
	if (why) {
		backend_close(conn, *child);
		*child = 0;
	}
	return why;
}

void backend_close(struct conn *conn, pid_t child)
{
	if (conn->type->bye)
		conn->type->bye(conn);
	if (conn->type->end)
		conn->type->end(conn);
	if (conn->fd >= 0)
		close(conn->fd);
	conn->type = &conn_plain;
	conn->fd = -1;
	if (child)
		command_end(child);
}
