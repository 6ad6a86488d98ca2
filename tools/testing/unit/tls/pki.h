/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and keys for tests, made by the test itself.
 */
#ifndef KSECDD_TESTING_TLS_PKI_H
#define KSECDD_TESTING_TLS_PKI_H

#include <stdbool.h>
#include <time.h>

#include <gnutls/x509.h>

/**
 * struct pki - a certificate and its key
 * @key: the key
 * @crt: the certificate
 */
struct pki {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

/**
 * struct pki_request - what a certificate is to be
 * @algorithm: GNUTLS_PK_RSA, of 2048 bits, or GNUTLS_PK_ECDSA, secp256r1
 * @subject:   distinguished name, RFC 4514
 * @issuer:    who signs it; NULL - itself
 * @ca:        it is of a certification authority
 * @purpose:   GNUTLS_KP_*, or NULL
 * @upn:       user principal name, or NULL
 * @email:     mail address, or NULL
 * @dns:       DNS name, or NULL
 * @from:      seconds from now when it begins to be valid
 * @days:      how long; 0 - thirty
 */
struct pki_request {
	gnutls_pk_algorithm_t algorithm;
	const char *subject;
	const struct pki *issuer;
	bool ca;
	const char *purpose;
	const char *upn;
	const char *email;
	const char *dns;
	time_t from;
	int days;
};

void pki_make(const struct pki_request *request, struct pki *ret_pki);
void pki_free(struct pki *pki);
void pki_write(const struct pki *pki, const struct pki *issuer, const char *crt_path,
	       const char *key_path);
void pki_write_crl(const struct pki *ca, const struct pki *revoked, const char *path);
void pki_sha256(const struct pki *pki, char hex[65]);

#endif /* KSECDD_TESTING_TLS_PKI_H */
