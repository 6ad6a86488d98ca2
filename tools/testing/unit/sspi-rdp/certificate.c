// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A certificate of the test's own.
 */
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "certificate.h"

SSL_CTX *certificate_context(unsigned char fingerprint[32])
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;

	if (!key || !name || !context ||
	    !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1,
					-1, 0) ||
	    !X509_set_issuer_name(certificate, name) || !X509_set_pubkey(certificate, key) ||
	    !X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) ||
	    !X509_gmtime_adj(X509_getm_notAfter(certificate), 3600) ||
	    !X509_sign(certificate, key, EVP_sha256()) ||
	    !X509_digest(certificate, EVP_sha256(), fingerprint, NULL) ||
	    SSL_CTX_use_certificate(context, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(context, key) != 1) {
		SSL_CTX_free(context);
		context = NULL;
	}
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}
