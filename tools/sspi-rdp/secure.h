/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The TLS connection with a client, once it is authenticated: by kTLS, or by a call for
 * each message where the kernel's TLS cannot be had.
 */
#ifndef SSPI_RDP_SECURE_H
#define SSPI_RDP_SECURE_H

#include <stdbool.h>

#include "tools/net/conn.h"

#include "auth.h"

/* Who does the records */
enum secure_mode {
	SECURE_AUTO,	/* the kernel, if it can */
	SECURE_KERNEL,	/* the kernel */
	SECURE_CALLS,	/* EncryptMessage() and DecryptMessage() */
};

/**
 * secure_attach() - go on with a connection as its authenticated client does
 * @conn:   the connection; receives its type
 * @auth:   of auth_accept(); must live as long as @conn
 * @mode:   who is to do it
 * @kernel: receives whether it is kTLS
 *
 * Return: SECURITY_STATUS
 */
SECURITY_STATUS secure_attach(struct conn *conn, struct auth *auth, enum secure_mode mode,
			      bool *kernel);

extern const struct conn_type secure_kernel;
extern const struct conn_type secure_calls;

/**
 * calls_attach() - the same by calls
 * @conn: the connection; receives its type
 * @auth: of auth_accept()
 *
 * Return: SECURITY_STATUS
 */
SECURITY_STATUS calls_attach(struct conn *conn, struct auth *auth);

#endif /* SSPI_RDP_SECURE_H */
