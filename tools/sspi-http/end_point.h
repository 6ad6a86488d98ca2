/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The channel bindings tls-server-end-point.
 */
#ifndef SSPI_HTTP_END_POINT_H
#define SSPI_HTTP_END_POINT_H

#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#define END_POINT_PREFIX	"tls-server-end-point:"
#define END_POINT_MAX		(sizeof(END_POINT_PREFIX) - 1 + EVP_MAX_MD_SIZE)

/**
 * end_point() - make the application data of tls-server-end-point
 * @certificate: of the server
 * @data:        receives it: the prefix, and the hash of the certificate
 *
 * Clients make the same of the certificate that they see, if nobody is between them
 * and the server (RFC 5929 section 4).
 *
 * Return: its length in bytes; 0 if there is none, since the certificate's signature
 *         is by an algorithm with no hash of its own or more than one
 */
size_t end_point(const X509 *certificate, unsigned char data[END_POINT_MAX]);

#endif /* SSPI_HTTP_END_POINT_H */
