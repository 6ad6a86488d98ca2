// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading TSCredentials: what a client delegates (MS-CSSP 2.2.1.2).
 */
#include <string.h>

#include "helper/credssp/message.h"

/* An OCTET STRING that has to be there: libtasn1 takes an empty SEQUENCE for any. */
static bool need(const struct asn1_decoded *decoded, const char *name, uint8_t context,
		 struct der_span *content)
{
	return asn1_find_content(decoded, name, context, DER_OCTET_STRING, content) &&
	       content->data;
}

static bool read_password(const struct asn1_decoded *decoded,
			  struct ts_credentials *credentials)
{
	return need(decoded, "domainName", 0, &credentials->domain) &&
	       need(decoded, "userName", 1, &credentials->user) &&
	       need(decoded, "password", 2, &credentials->secret);
}

static bool read_smart_card(const struct asn1_decoded *decoded,
			    struct ts_credentials *credentials)
{
	uint32_t key_spec;

	return need(decoded, "pin", 0, &credentials->secret) &&
	       asn1_find_content(decoded, "userHint", 2, DER_OCTET_STRING, &credentials->user) &&
	       asn1_find_content(decoded, "domainHint", 3, DER_OCTET_STRING,
				 &credentials->domain) &&
	       ts_read_number(decoded, "cspData.keySpec", 0, &key_spec);
}

static bool read_remote_guard(const struct asn1_decoded *decoded,
			      struct ts_credentials *credentials)
{
	struct der_span name;

	(void)credentials;
	return need(decoded, "logonCred.packageName", 0, &name) && name.len;
}

/**
 * struct kind - credentials of a type
 * @type: TS_*
 * @name: what they are in the syntax
 * @read: takes them apart; false if a part is of another kind
 */
struct kind {
	uint32_t type;
	const char *name;
	bool (*read)(const struct asn1_decoded *decoded, struct ts_credentials *credentials);
};

static const struct kind kinds[] = {
	{ TS_PASSWORD, "CREDSSP.TSPasswordCreds", read_password },
	{ TS_SMART_CARD, "CREDSSP.TSSmartCardCreds", read_smart_card },
	{ TS_REMOTE_GUARD, "CREDSSP.TSRemoteGuardCreds", read_remote_guard },
};

static const struct kind *find_kind(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static const char *read_kind(const struct der_span *inner, struct ts_credentials *credentials)
{
	const struct kind *kind = find_kind(credentials->type);
	struct asn1_decoded decoded;
	const char *wrong;
	bool ok;

	if (!kind)
		return "the credentials are of an unknown type";
	wrong = asn1_decode(&credssp_syntax, inner->data, inner->len, kind->name, &decoded);
	if (wrong)
		return wrong;
	ok = kind->read(&decoded, credentials);
	asn1_decoded_clear(&decoded);
	return ok ? NULL : "a part of the credentials is of another kind";
}

/**
 * ts_credentials_parse() - read TSCredentials
 * @data:        the credentials, a secret
 * @len:         their length in bytes
 * @credentials: points into @data
 *
 * Return: NULL; what is wrong; or asn1_no_memory.
 */
const char *ts_credentials_parse(const uint8_t *data, size_t len,
				 struct ts_credentials *credentials)
{
	struct asn1_decoded decoded;
	const char *wrong = NULL;
	struct der_span inner;

	memset(credentials, 0, sizeof(*credentials));
	wrong = asn1_decode(&credssp_syntax, data, len, "CREDSSP.TSCredentials", &decoded);
	if (wrong)
		return wrong;
	if (!ts_read_number(&decoded, "credType", 0, &credentials->type) ||
	    !need(&decoded, "credentials", 1, &inner))
		wrong = "a part of the TSCredentials is of another kind";
	asn1_decoded_clear(&decoded);
	return wrong ? wrong : read_kind(&inner, credentials);
}
