/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS by OpenSSL: what a struct conn_type is made of.
 */
#ifndef NET_TLS_CONN_H
#define NET_TLS_CONN_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "conn.h"

/**
 * tls_reason() - what OpenSSL has said about the last call
 *
 * Return: a text of OpenSSL's, or that there is none
 */
const char *tls_reason(void);

/**
 * tls_attach() - begin with TLS on a connection
 * @conn:    the connection; receives its state
 * @context: of OpenSSL
 * @client:  this is the client's side
 *
 * Return: false without memory; @conn says why
 */
bool tls_attach(struct conn *conn, SSL_CTX *context, bool client);

/* The members of struct conn_type; tls_attach() comes first. */
ssize_t tls_start(struct conn *conn, short *events);
ssize_t tls_read(struct conn *conn, void *buf, size_t len, short *events);
ssize_t tls_write(struct conn *conn, const void *buf, size_t len, short *events);
void tls_bye(struct conn *conn);
void tls_end(struct conn *conn);

#endif /* NET_TLS_CONN_H */
