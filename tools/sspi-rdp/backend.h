/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server behind the gateway.
 */
#ifndef SSPI_RDP_BACKEND_H
#define SSPI_RDP_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <openssl/ssl.h>

#include "tools/net/conn.h"

#include "auth.h"

/* How a server that speaks TLS shows that it is the one */
enum backend_tls {
	BACKEND_PLAIN,	/* it does not speak TLS */
	BACKEND_ANY,	/* it need not */
	BACKEND_PIN,	/* by the SHA-256 of its certificate */
	BACKEND_CA,	/* by a certificate of an authority, for its name */
};

/* How it learns whose the connection is */
#define BACKEND_COOKIE	0x1	/* mstshash= in the X.224 request */
#define BACKEND_PROXY	0x2	/* a header of the PROXY protocol in front of it */

/**
 * struct backend - which server, and how it is talked to
 * @host:    name or address; with @path and @command NULL
 * @port:    its port
 * @path:    of a Unix socket
 * @command: program and arguments that speaks RDP on its standard input and output
 * @tls:     whether it speaks TLS
 * @pin:     SHA-256 of its certificate
 * @context: of OpenSSL, unless it does not
 * @tell:    BACKEND_COOKIE, BACKEND_PROXY
 * @timeout_ms: how long it may take until it speaks RDP
 */
struct backend {
	char *host;
	char *port;
	char *path;
	char **command;
	enum backend_tls tls;
	unsigned char pin[32];
	SSL_CTX *context;
	unsigned int tell;
	unsigned int timeout_ms;
};

/**
 * struct backend_client - for whom a connection to the server is
 * @identity: who it is
 * @peer:     where it comes from
 * @local:    what it has connected to
 * @peer_name: @peer as text
 */
struct backend_client {
	const struct identity *identity;
	const struct sockaddr_storage *peer;
	const struct sockaddr_storage *local;
	const char *peer_name;
};

/**
 * backend_prepare() - see to what all connections need
 * @backend: with everything but @context set
 * @ca:      for BACKEND_CA, a PEM file of authorities
 *
 * Return: false if it cannot be; what is wrong was said on standard error
 */
bool backend_prepare(struct backend *backend, const char *ca);

/**
 * backend_connect() - connect to the server
 * @backend: which
 * @client:  for whom
 * @conn:    receives the connection, on which RDP can begin; its deadline is @timeout_ms
 *           away; @fd is -1 if there is none
 * @child:   receives the process of a command, or 0
 * @protocol: receives which of RDP_PROTOCOL_* was negotiated
 *
 * Return: NULL, or why there is none, a literal or of a library
 */
const char *backend_connect(const struct backend *backend, const struct backend_client *client,
			    struct conn *conn, pid_t *child, uint32_t *protocol);

/**
 * backend_close() - forget a connection
 * @conn:  of backend_connect()
 * @child: of backend_connect(); ends if it has not
 */
void backend_close(struct conn *conn, pid_t child);

#endif /* SSPI_RDP_BACKEND_H */
