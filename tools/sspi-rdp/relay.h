/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes from a client to its server and back.
 */
#ifndef SSPI_RDP_RELAY_H
#define SSPI_RDP_RELAY_H

#include <stdint.h>

#include "tools/net/conn.h"

/**
 * struct relay - two connections, and what went through them
 * @client:      the one
 * @backend:     the other
 * @idle_ms:     how long both may be silent; 0: for ever
 * @from_client: bytes that @backend was given
 * @from_backend: bytes that @client was given
 */
struct relay {
	struct conn *client;
	struct conn *backend;
	unsigned int idle_ms;
	uint64_t from_client;
	uint64_t from_backend;
};

/**
 * relay_run() - relay until both sides have ended, or one has and the other is silent
 * @relay: which
 *
 * Each side hears of the other's end when it has got all of what that has sent.
 *
 * Return: why it has ended, a literal
 */
const char *relay_run(struct relay *relay);

#endif /* SSPI_RDP_RELAY_H */
