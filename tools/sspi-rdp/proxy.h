/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PROXY protocol, version 2: where a connection comes from, and whose it is.
 */
#ifndef SSPI_RDP_PROXY_H
#define SSPI_RDP_PROXY_H

#include <stddef.h>
#include <sys/socket.h>

#include "auth.h"

#define PROXY_MAX	2048

/* Types of what the protocol leaves to its users; each is text without an end. */
#define PROXY_ACCOUNT	0xe0	/* the account that was authenticated */
#define PROXY_USER	0xe1	/* the local user it maps to */
#define PROXY_UID	0xe2	/* its number, decimal */
#define PROXY_PACKAGE	0xe3	/* the security package that has judged it */

/**
 * proxy_write() - make a header
 * @header:   receives it
 * @client:   where the connection comes from
 * @local:    what the client has connected to
 * @identity: whose it is
 *
 * Return: its length in bytes
 */
size_t proxy_write(unsigned char header[PROXY_MAX], const struct sockaddr_storage *client,
		   const struct sockaddr_storage *local, const struct identity *identity);

#endif /* SSPI_RDP_PROXY_H */
