// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Making certificates.  What fails here is no result of a test but ends it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/pki.h"

#define DAY	86400
#define UPN_OID	"1.3.6.1.4.1.311.20.2.3"

static void must(int code, const char *what)
{
	if (code < 0)
		tap_bail("%s: %s", what, gnutls_strerror(code));
}

static void name(const struct pki_request *r, gnutls_x509_crt_t crt)
{
	const char *where;

	must(gnutls_x509_crt_set_dn(crt, r->subject, &where), "the subject");
	if (r->upn)
		must(gnutls_x509_crt_set_subject_alt_othername(crt, UPN_OID, r->upn,
							       (unsigned int)strlen(r->upn),
							       GNUTLS_FSAN_APPEND |
							       GNUTLS_FSAN_ENCODE_UTF8_STRING),
		     "the UPN");
	if (r->email)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_RFC822NAME, r->email,
							  (unsigned int)strlen(r->email),
							  GNUTLS_FSAN_APPEND), "the mail address");
	if (r->dns)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, r->dns,
							  (unsigned int)strlen(r->dns),
							  GNUTLS_FSAN_APPEND), "the DNS name");
}

/**
 * pki_make() - make a certificate and a key for it
 * @request: what it is to be
 * @ret_pki: the result, for pki_free()
 */
void pki_make(const struct pki_request *request, struct pki *ret_pki)
{
	static unsigned char serial;
	const struct pki *issuer = request->issuer ? request->issuer : ret_pki;
	const time_t from = time(NULL) - DAY + request->from;
	const unsigned int usage = request->ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN :
						 GNUTLS_KEY_DIGITAL_SIGNATURE;
	const unsigned int bits = request->algorithm == GNUTLS_PK_RSA ?
					  2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	serial++;
	must(gnutls_x509_privkey_init(&ret_pki->key), "a key");
	must(gnutls_x509_privkey_generate(ret_pki->key, request->algorithm, bits, 0), "a key");
	must(gnutls_x509_crt_init(&ret_pki->crt), "a certificate");
	must(gnutls_x509_crt_set_version(ret_pki->crt, 3), "the version");
	must(gnutls_x509_crt_set_serial(ret_pki->crt, &serial, 1), "the serial number");
	must(gnutls_x509_crt_set_key(ret_pki->crt, ret_pki->key), "the public key");
	must(gnutls_x509_crt_set_activation_time(ret_pki->crt, from), "the beginning");
	must(gnutls_x509_crt_set_expiration_time(ret_pki->crt,
						 from + (time_t)(request->days ? request->days :
								 30) * DAY), "the end");
	must(gnutls_x509_crt_set_basic_constraints(ret_pki->crt, request->ca, -1), "the kind");
	must(gnutls_x509_crt_set_key_usage(ret_pki->crt, usage), "the key's usage");
	if (request->purpose)
		must(gnutls_x509_crt_set_key_purpose_oid(ret_pki->crt, request->purpose, 0),
		     "the purpose");
	name(request, ret_pki->crt);
	must(gnutls_x509_crt_sign2(ret_pki->crt, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0),
	     "the signature");
}

/**
 * pki_free() - free a certificate and its key
 * @pki: both
 */
void pki_free(struct pki *pki)
{
	gnutls_x509_crt_deinit(pki->crt);
	gnutls_x509_privkey_deinit(pki->key);
	*pki = (struct pki){ NULL, NULL };
}

static void write_datum(const char *path, int flags, gnutls_datum_t *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0 || write(fd, text->data, text->size) != (ssize_t)text->size || close(fd))
		tap_bail("%s cannot be written", path);
	gnutls_free(text->data);
}

/**
 * pki_write() - write files
 * @pki: the certificate and its key
 * @issuer: whose certificate comes behind it, or NULL
 * @crt_path: file with the certificates, or NULL
 * @key_path: file with the key, or NULL
 */
void pki_write(const struct pki *pki, const struct pki *issuer, const char *crt_path,
	       const char *key_path)
{
	gnutls_datum_t text;

	if (crt_path) {
		must(gnutls_x509_crt_export2(pki->crt, GNUTLS_X509_FMT_PEM, &text), "PEM");
		write_datum(crt_path, O_TRUNC, &text);
	}
	if (crt_path && issuer) {
		must(gnutls_x509_crt_export2(issuer->crt, GNUTLS_X509_FMT_PEM, &text), "PEM");
		write_datum(crt_path, O_APPEND, &text);
	}
	if (key_path) {
		must(gnutls_x509_privkey_export2(pki->key, GNUTLS_X509_FMT_PEM, &text), "PEM");
		write_datum(key_path, O_TRUNC, &text);
	}
}

/**
 * pki_write_crl() - write a list of what is revoked
 * @ca: who issues it
 * @revoked: what is
 * @path: the file
 */
void pki_write_crl(const struct pki *ca, const struct pki *revoked, const char *path)
{
	const time_t now = time(NULL);
	gnutls_x509_crl_t crl;
	gnutls_datum_t text;

	must(gnutls_x509_crl_init(&crl), "a list");
	must(gnutls_x509_crl_set_version(crl, 2), "the version");
	must(gnutls_x509_crl_set_number(crl, "\1", 1), "the number");
	must(gnutls_x509_crl_set_this_update(crl, now - DAY), "the beginning");
	must(gnutls_x509_crl_set_next_update(crl, now + DAY), "the end");
	must(gnutls_x509_crl_set_crt(crl, revoked->crt, now - DAY), "what is revoked");
	must(gnutls_x509_crl_sign2(crl, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0), "the signature");
	must(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &text), "PEM");
	write_datum(path, O_TRUNC, &text);
	gnutls_x509_crl_deinit(crl);
}

/**
 * pki_sha256() - the fingerprint of a certificate
 * @pki: the certificate
 * @hex: the result, upper case hexadecimal
 */
void pki_sha256(const struct pki *pki, char hex[65])
{
	unsigned char hash[32];
	size_t len = sizeof(hash), i;

	must(gnutls_x509_crt_get_fingerprint(pki->crt, GNUTLS_DIG_SHA256, hash, &len),
	     "the fingerprint");
	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02X", hash[i]);
}
