/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server: connections, each with a thread of its own.
 */
#ifndef SSPI_HTTP_SERVER_H
#define SSPI_HTTP_SERVER_H

#include <stdbool.h>
#include <sys/socket.h>

#include "tools/net/conn.h"

#include "auth.h"

/**
 * struct server_options - what the command line says
 * @policy:          how clients are authenticated
 * @connections:     conn_plain or tls_type
 * @export_key:      show session keys
 * @quiet:           no line for each request
 * @folder:          descriptor of the folder whose files are served, -1 - none
 * @max_connections: threads at most; further clients get 503 at once
 * @idle_ms:         how long a connection may be silent between requests
 */
struct server_options {
	struct auth_policy policy;
	const struct conn_type *connections;
	bool export_key;
	bool quiet;
	int folder;
	unsigned int max_connections;
	unsigned int idle_ms;
};

/**
 * server_accept() - serve a new connection
 * @options: of the server; must live until server_stop() has returned
 * @fd:      the connection; taken over
 * @peer:    address of the client
 */
void server_accept(const struct server_options *options, int fd,
		   const struct sockaddr_storage *peer);

/**
 * server_stop() - end all connections
 *
 * Requests that are being answered are answered; nothing new begins.
 *
 * Return: false if some did not end within ten seconds
 */
bool server_stop(void);

#endif /* SSPI_HTTP_SERVER_H */
