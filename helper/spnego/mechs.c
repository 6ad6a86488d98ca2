// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The mechanisms that can be negotiated.  NegoEx (1.3.6.1.4.1.311.2.2.30) is none
 * of them: whoever offers it is answered as if it had not.
 */
#include <string.h>

#include "helper/spnego/spnego.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* 1.2.840.113554.1.2.2 */
static const uint8_t krb5_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 };

/* 1.2.840.48018.1.2.2: the same, as Windows 2000 spelled it (MS-SPNG 3.1.5.8) */
static const uint8_t krb5_ms_oid[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02 };

/* 1.3.6.1.4.1.311.2.2.10 */
static const uint8_t ntlm_oid[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };

static const struct der_span krb5_oids[] = {
	{ krb5_oid, sizeof(krb5_oid) },
	{ krb5_ms_oid, sizeof(krb5_ms_oid) },
};

static const struct der_span ntlm_oids[] = {
	{ ntlm_oid, sizeof(ntlm_oid) },
};

/* An AP-REQ, [APPLICATION 14] (RFC 4120 section 5.5.1), as clients of DCE style send it */
static bool krb5_is_raw(const uint8_t *token, size_t len)
{
	return len && token[0] == 0x6e;
}

static bool ntlm_is_raw(const uint8_t *token, size_t len)
{
	static const char signature[8] = "NTLMSSP";

	return len >= sizeof(signature) && !memcmp(token, signature, sizeof(signature));
}

/* In the order in which they are offered to a client that leaves it to the server. */
const struct spnego_mech spnego_mechs[] = {
	{ &kerberos_engine, krb5_oids, COUNT(krb5_oids), krb5_is_raw },
	{ &ntlm_engine, ntlm_oids, COUNT(ntlm_oids), ntlm_is_raw },
};

const size_t spnego_mech_count = COUNT(spnego_mechs);

static bool is_allowed(const struct spnego_mech *mech, uint32_t allowed)
{
	return allowed & UINT32_C(1) << mech->engine->package;
}

/**
 * spnego_mech_by_package() - a mechanism that was chosen before
 * @package: KSECDD_PACKAGE_*
 * @allowed: mask of those that may be chosen
 *
 * Return: the mechanism, or NULL if there is none any more.
 */
const struct spnego_mech *spnego_mech_by_package(uint32_t package, uint32_t allowed)
{
	size_t i;

	for (i = 0; i < spnego_mech_count; i++)
		if (spnego_mechs[i].engine->package == package &&
		    is_allowed(&spnego_mechs[i], allowed))
			return &spnego_mechs[i];
	return NULL;
}

/**
 * spnego_mech_by_oid() - a mechanism that a client offers
 * @oid:     contents of its OBJECT IDENTIFIER
 * @allowed: mask of those that may be chosen
 *
 * Return: the mechanism, or NULL if it is unknown or not allowed.
 */
const struct spnego_mech *spnego_mech_by_oid(const struct der_span *oid, uint32_t allowed)
{
	size_t i, j;

	for (i = 0; i < spnego_mech_count; i++)
		for (j = 0; j < spnego_mechs[i].count; j++)
			if (der_same(&spnego_mechs[i].oids[j], oid) &&
			    is_allowed(&spnego_mechs[i], allowed))
				return &spnego_mechs[i];
	return NULL;
}

/**
 * spnego_mech_by_token() - a mechanism that a client has chosen without asking
 * @token:   its first token, which is in no frame of RFC 2743
 * @len:     its length in bytes
 * @allowed: mask of those that may be chosen
 *
 * Return: the mechanism, or NULL if it is nobody's or not allowed.
 */
const struct spnego_mech *spnego_mech_by_token(const uint8_t *token, size_t len, uint32_t allowed)
{
	size_t i;

	for (i = 0; i < spnego_mech_count; i++)
		if (spnego_mechs[i].is_raw && spnego_mechs[i].is_raw(token, len) &&
		    is_allowed(&spnego_mechs[i], allowed))
			return &spnego_mechs[i];
	return NULL;
}
