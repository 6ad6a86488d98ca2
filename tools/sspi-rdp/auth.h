/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network Level Authentication: CredSSP with a client, through sspi.h.
 */
#ifndef SSPI_RDP_AUTH_H
#define SSPI_RDP_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <sspi.h>

#include "tools/net/conn.h"

#define IDENTITY_NAME	256

/**
 * struct auth - a client's security context
 * @context: it, while @have is true
 * @have:    there is one
 * @extra:   what the client has sent behind its last token and was read already
 * @extra_len: its length in bytes
 * @status:  why there is no client; SEC_E_OK if the connection is to blame
 */
struct auth {
	CtxtHandle context;
	bool have;
	unsigned char *extra;
	size_t extra_len;
	SECURITY_STATUS status;
};

/**
 * struct identity - who the client is, and how it talks
 * @account: the name it was authenticated by: "HOST\name", "name@REALM"
 * @user:    the local user that maps to; empty if none does
 * @uid:     and its number
 * @gid:     and its group
 * @mapped:  there is a local account, whether or not it has a name
 * @package: which package has judged it
 * @tls:     "TLSv1.3"
 * @cipher:  the cipher suite
 */
struct identity {
	char account[IDENTITY_NAME];
	char user[IDENTITY_NAME];
	uid_t uid;
	gid_t gid;
	bool mapped;
	char package[32];
	char tls[16];
	char cipher[64];
};

/**
 * auth_acquire() - get the credential that clients see
 * @name:       of the credential in ksecd.conf, or NULL for the default
 * @credential: receives it
 *
 * Return: SECURITY_STATUS
 */
SECURITY_STATUS auth_acquire(const char *name, PCredHandle credential);

/**
 * auth_accept() - authenticate a client
 * @auth:       of the client, zeroed; to be given to auth_release() whatever comes of it
 * @conn:       its connection, whose deadline bounds all of this
 * @credential: of auth_acquire()
 *
 * TLS records are read one by one, so that nothing of what comes behind the last token
 * is: kTLS could not be given it.
 *
 * Return: CONN_OK if the client is known, CONN_CLOSED if it has gone or was refused,
 *         CONN_TIMEOUT
 */
enum conn_result auth_accept(struct auth *auth, struct conn *conn, PCredHandle credential);

/**
 * auth_identify() - say who a client is
 * @auth:     of auth_accept()
 * @identity: receives it
 *
 * Return: SECURITY_STATUS
 */
SECURITY_STATUS auth_identify(const struct auth *auth, struct identity *identity);

/**
 * auth_release() - forget a client
 * @auth: of auth_accept()
 */
void auth_release(struct auth *auth);

#endif /* SSPI_RDP_AUTH_H */
