/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client's connection, from its first byte to its last.
 */
#ifndef SSPI_RDP_SESSION_H
#define SSPI_RDP_SESSION_H

#include <stdbool.h>
#include <sys/socket.h>

#include "tools/net/clients.h"

#include "access.h"
#include "auth.h"
#include "backend.h"
#include "secure.h"

/**
 * struct gateway - what is the same for all connections
 * @credential:   what clients authenticate themselves to
 * @access:       who is let in
 * @backend:      where to
 * @records:      who does the records of TLS
 * @limits:       on clients
 * @handshake_ms: how long it may take until a client is known
 * @idle_ms:      how long a session may be silent; 0: for ever
 * @quiet:        no lines about connections
 */
struct gateway {
	CredHandle credential;
	struct access access;
	struct backend backend;
	enum secure_mode records;
	struct net_limits limits;
	unsigned int handshake_ms;
	unsigned int idle_ms;
	bool quiet;
};

/**
 * session_accept() - serve a new connection
 * @gateway: as whose; must live until session_stop() has returned
 * @fd:      the connection; taken over
 * @peer:    address of the client
 */
void session_accept(const struct gateway *gateway, int fd, const struct sockaddr_storage *peer);

/**
 * session_stop() - end all connections
 *
 * Return: false if some did not end within ten seconds
 */
bool session_stop(void);

#endif /* SSPI_RDP_SESSION_H */
