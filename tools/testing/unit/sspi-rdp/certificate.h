/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A certificate of the test's own.
 */
#ifndef TEST_SSPI_RDP_CERTIFICATE_H
#define TEST_SSPI_RDP_CERTIFICATE_H

#include <openssl/ssl.h>

/**
 * certificate_context() - a server's side of TLS
 * @fingerprint: receives the SHA-256 of its certificate, which is new
 *
 * Return: the context, to be freed with SSL_CTX_free(); NULL if there is none
 */
SSL_CTX *certificate_context(unsigned char fingerprint[32]);

#endif /* TEST_SSPI_RDP_CERTIFICATE_H */
