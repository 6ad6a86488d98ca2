// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Connections with TLS.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "tools/net/tls_conn.h"

#include "tls.h"

/* Of TLS 1.2; TLS 1.3 has no others. */
#define CIPHERS	"ECDHE+AESGCM:ECDHE+CHACHA20"

static SSL_CTX *context;

static bool is_readable(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file) {
		fprintf(stderr, "sspi-http: %s: %s\n", path, strerror(errno));
		return false;
	}
	fclose(file);
	return true;
}

static bool load_certificate(const char *path)
{
	if (!is_readable(path))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, path) == 1)
		return true;
	if (ERR_GET_REASON(ERR_peek_error()) == PEM_R_NO_START_LINE)
		fprintf(stderr, "sspi-http: %s: no certificate in PEM is in it; one in DER can be "
			"converted: openssl x509 -inform der -in FILE -out FILE\n", path);
	else
		fprintf(stderr, "sspi-http: %s: the certificate cannot be used: %s\n", path,
			tls_reason());
	return false;
}

/* For a key with a passphrase, which nobody is there to be asked for. */
static int no_passphrase(char *buf, int size, int writing, void *asked)
{
	(void)buf;
	(void)size;
	(void)writing;
	*(bool *)asked = true;
	return -1;
}

static bool load_key(const char *path, const char *certificate)
{
	/* The library keeps where it is. */
	static bool asked;
	unsigned long error;

	if (!is_readable(path))
		return false;
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
	if (SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(context) == 1)
		return true;
	error = ERR_peek_error();
	if (asked)
		fprintf(stderr, "sspi-http: %s: the key has a passphrase; take it off: "
			"openssl pkey -in '%s' -out FILE\n", path, path);
	else if (ERR_GET_LIB(error) == ERR_LIB_X509 ||
		 ERR_GET_REASON(error) == SSL_R_NO_CERTIFICATE_ASSIGNED)
		fprintf(stderr, "sspi-http: %s: this is not the key of the certificate in %s; "
			"name both files of the same pair\n", path, certificate);
	else
		fprintf(stderr, "sspi-http: %s: no key in PEM is in it; one in DER can be "
			"converted: openssl pkey -inform der -in FILE -out FILE\n", path);
	return false;
}

bool tls_load(const char *certificate, const char *key)
{
	context = SSL_CTX_new(TLS_server_method());
	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(context, CIPHERS)) {
		fprintf(stderr, "sspi-http: OpenSSL cannot do TLS 1.2 here: %s; look at its "
			"configuration (openssl version -d)\n", tls_reason());
		return false;
	}
	/* A connection is a logon: each has a handshake of its own, and but one. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
			    SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	ERR_clear_error();
	return load_certificate(certificate) && load_key(key, certificate);
}

const X509 *tls_certificate(void)
{
	return SSL_CTX_get0_certificate(context);
}

static ssize_t start(struct conn *conn, short *events)
{
	if (!conn->state && !tls_attach(conn, context, false)) {
		*events = 0;
		return 0;
	}
	return tls_start(conn, events);
}

const struct conn_type tls_type = {
	.start = start,
	.read = tls_read,
	.write = tls_write,
	.bye = tls_bye,
	.end = tls_end,
};
