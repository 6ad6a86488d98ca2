/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections with TLS 1.2 and 1.3, by OpenSSL.
 */
#ifndef SSPI_HTTP_TLS_H
#define SSPI_HTTP_TLS_H

#include <stdbool.h>

#include <openssl/x509.h>

#include "tools/net/conn.h"

/* Connections with TLS; tls_load() must have succeeded. */
extern const struct conn_type tls_type;

/**
 * tls_load() - take the server's certificate and its key
 * @certificate: name of a PEM file: the certificate, then those that lead to its CA
 * @key:         name of a PEM file with the key, which needs no passphrase
 *
 * Once, before the first connection.
 *
 * Return: whether there is what TLS needs; if not, what to do about it was said on
 *         standard error
 */
bool tls_load(const char *certificate, const char *key);

/**
 * tls_certificate() - the certificate that clients see
 *
 * Return: that of tls_load(), which it belongs to
 */
const X509 *tls_certificate(void);

#endif /* SSPI_HTTP_TLS_H */
