// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Judging the certificate of a client, while the handshake can still tell it why not.
 */
#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>

#include "helper/filetime.h"
#include "helper/tls/handshake.h"
#include "helper/tls/verify.h"

/* A name with a NUL in it is another one to whoever reads it as text. */
static bool take_name(const gnutls_datum_t *text, char *to, size_t size)
{
	if (!text->size || text->size >= size || memchr(text->data, '\0', text->size))
		return false;
	memcpy(to, text->data, text->size);
	to[text->size] = '\0';
	return true;
}

static void read_subject(gnutls_x509_crt_t crt, struct tls_names *names)
{
	gnutls_datum_t dn;

	if (gnutls_x509_crt_get_dn3(crt, &dn, 0))
		return;
	take_name(&dn, names->subject, sizeof(names->subject));
	gnutls_free(dn.data);
}

/* Where a name of a kind goes; NULL - it is of no use, or there is no room. */
static char *find_room(struct tls_names *names, unsigned int type)
{
	if (type == GNUTLS_SAN_RFC822NAME && names->n_emails < TLS_MAX_NAMES)
		return names->emails[names->n_emails];
	if (type == GNUTLS_SAN_OTHERNAME_MSUSERPRINCIPAL && names->n_upns < TLS_MAX_NAMES)
		return names->upns[names->n_upns];
	return NULL;
}

static void read_alternatives(gnutls_x509_crt_t crt, struct tls_names *names)
{
	gnutls_datum_t name, oid, ext, text;
	gnutls_subject_alt_names_t sans;
	unsigned int critical, type, i;
	char *room;

	/* The extension as a whole; one by one, the library has no way to the other names. */
	if (gnutls_x509_crt_get_extension_by_oid2(crt, "2.5.29.17", 0, &ext, &critical))
		return;
	if (gnutls_subject_alt_names_init(&sans)) {
		gnutls_free(ext.data);
		return;
	}
	if (!gnutls_x509_ext_import_subject_alt_names(&ext, sans, 0)) {
		for (i = 0; !gnutls_subject_alt_names_get(sans, i, &type, &name, &oid); i++) {
			text = (gnutls_datum_t){ NULL, 0 };
			if (type == GNUTLS_SAN_OTHERNAME &&
			    gnutls_x509_othername_to_virtual((const char *)oid.data, &name, &type,
							     &text))
				continue;
			room = find_room(names, type);
			if (room && take_name(text.data ? &text : &name, room,
					      KERBEROS_PRINCIPAL_MAX))
				*(type == GNUTLS_SAN_RFC822NAME ? &names->n_emails :
								  &names->n_upns) += 1;
			gnutls_free(text.data);
		}
	}
	gnutls_subject_alt_names_deinit(sans);
	gnutls_free(ext.data);
}

/**
 * tls_read_names() - what of a certificate rules may be about
 * @crt: the certificate
 * @der: as it came
 * @names: the result; what cannot be read is not there
 *
 * Return: false if it has no fingerprint, for want of memory.
 */
bool tls_read_names(gnutls_x509_crt_t crt, const gnutls_datum_t *der, struct tls_names *names)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t hash[32];
	size_t i;

	memset(names, 0, sizeof(*names));
	if (gnutls_hash_fast(GNUTLS_DIG_SHA256, der->data, der->size, hash))
		return false;
	for (i = 0; i < sizeof(hash); i++) {
		names->sha256[2 * i] = digits[hash[i] >> 4];
		names->sha256[2 * i + 1] = digits[hash[i] & 15];
	}
	read_subject(crt, names);
	read_alternatives(crt, names);
	return true;
}

/* Who the client is; the certificate is good. */
static struct tls_verdict map(struct tls_handshake *h, const gnutls_datum_t *der)
{
	static const struct tls_verdict nomem = {
		SEC_E_INSUFFICIENT_MEMORY, GNUTLS_A_INTERNAL_ERROR, "out of memory"
	};
	static const struct tls_verdict denied = {
		SEC_E_LOGON_DENIED, GNUTLS_A_ACCESS_DENIED,
		"a \"map\" rule in ksecd.conf refuses the client's certificate"
	};
	struct tls_verdict verdict = { SEC_E_OK, -1, NULL };
	struct tls_names names;
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt))
		return nomem;
	if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) ||
	    !tls_read_names(crt, der, &names))
		verdict = nomem;
	else if (!tls_map(&h->server->section, &names, &h->account))
		verdict = denied;
	else
		h->account.expiry =
			filetime_from_unix(gnutls_x509_crt_get_expiration_time(crt));
	gnutls_x509_crt_deinit(crt);
	return verdict;
}

/**
 * tls_verify_client() - what GnuTLS asks when a client has shown its certificate
 * @session: of a struct tls_handshake
 *
 * Return: 0, or GNUTLS_E_CERTIFICATE_ERROR with struct tls_handshake.refused set.
 */
int tls_verify_client(gnutls_session_t session)
{
	static uint8_t purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st data = { GNUTLS_DT_KEY_PURPOSE_OID, purpose, 0 };
	struct tls_handshake *h = gnutls_session_get_ptr(session);
	const gnutls_datum_t *chain;
	unsigned int n = 0, status;

	chain = gnutls_certificate_get_peers(session, &n);
	if (!chain || !n)
		return 0;
	/* What cannot be judged is as bad as can be. */
	if (gnutls_certificate_verify_peers(session, &data, 1, &status))
		status = GNUTLS_CERT_INVALID;
	h->refused = status ? tls_judge_certificate(status) : map(h, &chain[0]);
	h->has_account = h->refused.status == SEC_E_OK;
	return h->has_account ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}
