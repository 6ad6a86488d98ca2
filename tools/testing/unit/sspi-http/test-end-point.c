// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tls-server-end-point: which hash of a certificate it is.
 */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tools/sspi-http/end_point.h"
#include "tools/testing/tap/tap.h"

enum key_type {
	KEY_RSA,
	KEY_EC,
	KEY_ED25519,
	KEY_ED448,
	KEY_TYPES,
};

static EVP_PKEY *keys[KEY_TYPES];

/* Padding of an RSA signature that is not RSASSA-PSS. */
#define PLAIN	0

static const struct {
	const char *name;
	enum key_type key;
	const char *hash;	/* of the signature */
	const char *mgf;	/* of RSASSA-PSS, otherwise NULL */
	int salt;
	const char *want;	/* hash of the certificate; NULL - there are no bindings */
} cases[] = {
	{ "RSA with MD5", KEY_RSA, "MD5", NULL, PLAIN, "SHA256" },
	{ "RSA with SHA-1", KEY_RSA, "SHA1", NULL, PLAIN, "SHA256" },
	{ "RSA with SHA-224", KEY_RSA, "SHA224", NULL, PLAIN, "SHA224" },
	{ "RSA with SHA-256", KEY_RSA, "SHA256", NULL, PLAIN, "SHA256" },
	{ "RSA with SHA-384", KEY_RSA, "SHA384", NULL, PLAIN, "SHA384" },
	{ "RSA with SHA-512", KEY_RSA, "SHA512", NULL, PLAIN, "SHA512" },
	{ "ECDSA with SHA-1", KEY_EC, "SHA1", NULL, PLAIN, "SHA256" },
	{ "ECDSA with SHA-256", KEY_EC, "SHA256", NULL, PLAIN, "SHA256" },
	{ "ECDSA with SHA-384", KEY_EC, "SHA384", NULL, PLAIN, "SHA384" },
	{ "ECDSA with SHA-512", KEY_EC, "SHA512", NULL, PLAIN, "SHA512" },
	{ "RSASSA-PSS with SHA-256", KEY_RSA, "SHA256", "SHA256", 32, "SHA256" },
	{ "RSASSA-PSS with SHA-384", KEY_RSA, "SHA384", "SHA384", 48, "SHA384" },
	{ "RSASSA-PSS with two hashes", KEY_RSA, "SHA256", "SHA384", 32, NULL },
	{ "Ed25519", KEY_ED25519, NULL, NULL, PLAIN, NULL },
	{ "Ed448", KEY_ED448, NULL, NULL, PLAIN, NULL },
};

static void make_keys(void)
{
	keys[KEY_RSA] = EVP_RSA_gen(2048);
	keys[KEY_EC] = EVP_EC_gen("P-256");
	keys[KEY_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	keys[KEY_ED448] = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
}

static X509 *sign(EVP_PKEY *key, const char *hash, const char *mgf, int salt)
{
	const EVP_MD *md = hash ? EVP_get_digestbyname(hash) : NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	X509 *cert = X509_new();
	X509_NAME *name;
	bool done;

	name = X509_get_subject_name(cert);
	done = key && X509_set_version(cert, X509_VERSION_3) &&
	       ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), 86400) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"ksecdd.test", -1, -1, 0) &&
	       X509_set_issuer_name(cert, name) && X509_set_pubkey(cert, key) &&
	       EVP_DigestSignInit(ctx, &options, md, NULL, key) > 0 &&
	       (!mgf || (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
			 EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_get_digestbyname(mgf)) > 0 &&
			 EVP_PKEY_CTX_set_rsa_pss_saltlen(options, salt) > 0)) &&
	       X509_sign_ctx(cert, ctx) > 0;
	EVP_MD_CTX_free(ctx);
	if (done)
		return cert;
	X509_free(cert);
	return NULL;
}

/* The hash over the certificate's bytes, made in another way. */
static void check_data(X509 *cert, const char *hash, const unsigned char *data, size_t len,
		       const char *name)
{
	const size_t prefix = strlen("tls-server-end-point:");
	unsigned char want[EVP_MAX_MD_SIZE], *der = NULL;
	int der_len = i2d_X509(cert, &der);
	size_t want_len;

	if (der_len < 0 ||
	    !EVP_Q_digest(NULL, hash, NULL, der, (size_t)der_len, want, &want_len))
		tap_bail("%s: OpenSSL cannot do %s", name, hash);
	OPENSSL_free(der);
	if (tap_is((int64_t)len, (int64_t)(prefix + want_len), "%s: length of the data", name)) {
		tap_mem(data, "tls-server-end-point:", prefix, "%s: its prefix", name);
		tap_mem(data + prefix, want, want_len, "%s: %s of the certificate", name, hash);
	}
}

int main(void)
{
	unsigned char data[END_POINT_MAX];
	X509 *cert;
	size_t i, len;

	make_keys();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cert = sign(keys[cases[i].key], cases[i].hash, cases[i].mgf, cases[i].salt);
		if (!cert)
			tap_bail("%s: OpenSSL cannot sign like this", cases[i].name);
		len = end_point(cert, data);
		if (cases[i].want)
			check_data(cert, cases[i].want, data, len, cases[i].name);
		else
			tap_is((int64_t)len, 0, "%s: there are no channel bindings",
			       cases[i].name);
		X509_free(cert);
	}
	for (i = 0; i < KEY_TYPES; i++)
		EVP_PKEY_free(keys[i]);
	return tap_done();
}
