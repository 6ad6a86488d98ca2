// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading and writing the tokens of SPNEGO with libtasn1.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/asn1.h"
#include "helper/der.h"
#include "helper/spnego/token.h"

#define SPNEGO_OID	"1.3.6.1.5.5.2"

/* Bytes of an OBJECT IDENTIFIER that is written, and characters of it as text */
#define OID_BYTES	32
#define OID_TEXT	128

/* MS-SPNG 2.2.1: what tells a client that it may ignore the hint */
#define HINT_NAME	"not_defined_in_RFC4178@please_ignore"

/* Made from spnego.asn by asn1Parser */
extern const asn1_static_node spnego_definitions[];

static struct asn1_syntax syntax = {
	.definitions = spnego_definitions,
	.foreign = "the token is none of SPNEGO",
};

static const uint8_t spnego_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

/* At least one mechanism, and no more than anybody has. */
static const char *read_mechs(struct spnego_init *init)
{
	struct der_span rest;
	uint8_t tag;

	if (!der_open(&init->mech_types, DER_SEQUENCE, &rest))
		return "what the client offers is not a list";
	while (rest.len) {
		if (init->mechs == SPNEGO_MAX_MECHS)
			return "the client offers too many mechanisms";
		if (!der_next(&rest, &tag, &init->mech[init->mechs]))
			return "what the client offers is not mechanisms";
		init->mechs++;
	}
	return init->mechs ? NULL : "the client offers no mechanism";
}

static const char *read_mech_types(const struct asn1_decoded *decoded, struct spnego_init *init)
{
	struct asn1_decoded list;
	const char *wrong;

	if (!asn1_find(decoded, "negTokenInit.mechTypes", 0, &init->mech_types))
		return "what the client offers is empty";
	wrong = asn1_decode(&syntax, init->mech_types.data, init->mech_types.len, "SPNEGO.MechTypeList", &list);
	if (wrong)
		return wrong;
	asn1_decoded_clear(&list);
	return read_mechs(init);
}

/*
 * [3] is a MIC for RFC 4178 and hints for MS-SPNG, which moves the MIC to [4].
 * Hints are for clients and are ignored (MS-SPNG 3.2.5.2).
 */
static const char *read_init(const struct asn1_decoded *decoded, struct spnego_init *init)
{
	struct der_span third;

	if (!asn1_find_content(decoded, "negTokenInit.mechToken", 2, DER_OCTET_STRING, &init->token) ||
	    !asn1_find(decoded, "negTokenInit.micOrHints", 3, &third) ||
	    !asn1_find_content(decoded, "negTokenInit.mechListMIC", 4, DER_OCTET_STRING, &init->mic))
		return "a part of the NegTokenInit is of another kind";
	if (third.data && *third.data == DER_OCTET_STRING) {
		if (init->mic.data)
			return "there are two MICs";
		if (!der_open(&third, DER_OCTET_STRING, &init->mic))
			return "the MIC is more than one";
	}
	return NULL;
}

/**
 * spnego_measure() - how much of a token there is
 * @token: its beginning
 * @len:   bytes that are there
 * @tag:   what it has to begin with
 * @max:   bytes that it may have altogether
 *
 * Return: DER_WHOLE also where there is more than the token: that is for the
 * parser to refuse.
 */
enum der_extent spnego_measure(const uint8_t *token, size_t len, uint8_t tag, size_t max)
{
	enum der_extent extent;
	size_t header, content;
	uint8_t found;

	extent = der_header(token, len, &found, &header, &content, true);
	if (extent == DER_MALFORMED || found != tag || content > max || header > max - content)
		return DER_MALFORMED;
	return extent;
}

/**
 * spnego_first_mech() - whose an InitialContextToken is (RFC 2743 section 3.1)
 * @token: the token
 * @len:   its length in bytes
 * @mech:  receives the mechanism
 *
 * Return: NULL, or what is wrong; what follows the mechanism is not looked at.
 */
const char *spnego_first_mech(const uint8_t *token, size_t len, struct der_span *mech)
{
	const struct der_span whole = { token, len };
	struct der_span content;
	uint8_t tag;

	if (!der_open(&whole, SPNEGO_TAG_INITIAL, &content) ||
	    !der_next(&content, &tag, mech) || tag != DER_OID)
		return "the token is of no mechanism";
	return NULL;
}

/* spnego_is_own() - whether the mechanism of an InitialContextToken is SPNEGO itself */
bool spnego_is_own(const struct der_span *mech)
{
	static const struct der_span own = { spnego_oid, sizeof(spnego_oid) };

	return der_same(mech, &own);
}

/**
 * spnego_parse_init() - read a NegTokenInit in its frame
 * @token: the token
 * @len:   its length in bytes
 * @init:  points into @token
 *
 * Return: NULL; what is wrong; or asn1_no_memory.
 */
const char *spnego_parse_init(const uint8_t *token, size_t len, struct spnego_init *init)
{
	struct der_span mech;
	struct asn1_decoded decoded;
	const char *wrong;

	memset(init, 0, sizeof(*init));
	wrong = asn1_decode(&syntax, token, len, "SPNEGO.InitialContextToken", &decoded);
	if (wrong)
		return wrong;
	wrong = spnego_first_mech(token, len, &mech);
	if (!wrong && !spnego_is_own(&mech))
		wrong = "the token is of another mechanism";
	if (!wrong)
		wrong = read_mech_types(&decoded, init);
	if (!wrong)
		wrong = read_init(&decoded, init);
	asn1_decoded_clear(&decoded);
	return wrong;
}

static bool read_state(const struct asn1_decoded *decoded, enum spnego_state *state)
{
	struct der_span value;

	*state = SPNEGO_NO_STATE;
	if (!asn1_find_content(decoded, "negTokenResp.negState", 0, DER_ENUMERATED, &value))
		return false;
	if (!value.data)
		return true;
	if (value.len != 1 || value.data[0] > SPNEGO_REQUEST_MIC)
		return false;
	*state = (enum spnego_state)value.data[0];
	return true;
}

/**
 * spnego_parse_resp() - read a NegTokenResp
 * @token: the token
 * @len:   its length in bytes
 * @resp:  points into @token
 *
 * Return: NULL; what is wrong; or asn1_no_memory.
 */
const char *spnego_parse_resp(const uint8_t *token, size_t len, struct spnego_resp *resp)
{
	struct asn1_decoded decoded;
	const char *wrong;
	bool ok;

	memset(resp, 0, sizeof(*resp));
	resp->state = SPNEGO_NO_STATE;
	wrong = asn1_decode(&syntax, token, len, "SPNEGO.ResponseToken", &decoded);
	if (wrong)
		return wrong;
	ok = read_state(&decoded, &resp->state) &&
	     asn1_find_content(&decoded, "negTokenResp.supportedMech", 1, DER_OID, &resp->mech) &&
	     asn1_find_content(&decoded, "negTokenResp.responseToken", 2, DER_OCTET_STRING,
			  &resp->token) &&
	     asn1_find_content(&decoded, "negTokenResp.mechListMIC", 3, DER_OCTET_STRING, &resp->mic);
	asn1_decoded_clear(&decoded);
	return ok ? NULL : "a part of the NegTokenResp is of another kind";
}

/* An OBJECT IDENTIFIER as libtasn1 wants it: numbers with dots. */
static bool write_oid(asn1_node node, const char *name, const struct der_span *oid)
{
	uint8_t der[2 + OID_BYTES] = { DER_OID, (uint8_t)oid->len };
	char text[OID_TEXT];
	int used;

	if (oid->len > OID_BYTES)
		return false;
	memcpy(der + 2, oid->data, oid->len);
	return asn1_get_object_id_der(der + 1, (int)oid->len + 1, &used, text, sizeof(text)) ==
	       ASN1_SUCCESS && asn1_write_value(node, name, text, 1) == ASN1_SUCCESS;
}

/**
 * spnego_build_resp() - make a NegTokenResp
 * @resp:  what it says; parts without data are left out
 * @token: receives the token, from malloc()
 * @len:   receives its length in bytes
 *
 * Return: false without memory.
 */
bool spnego_build_resp(const struct spnego_resp *resp, uint8_t **token, size_t *len)
{
	const uint8_t state = (uint8_t)resp->state;
	asn1_node node = asn1_create(&syntax, "SPNEGO.ResponseToken");
	bool ok;

	ok = node && asn1_write_value(node, "", "negTokenResp", 1) == ASN1_SUCCESS;
	if (ok && resp->state == SPNEGO_NO_STATE)
		ok = asn1_write_value(node, "negTokenResp.negState", NULL, 0) == ASN1_SUCCESS;
	else if (ok)
		ok = asn1_write_value(node, "negTokenResp.negState", &state, 1) == ASN1_SUCCESS;
	if (ok && resp->mech.data)
		ok = write_oid(node, "negTokenResp.supportedMech", &resp->mech);
	else if (ok)
		ok = asn1_write_value(node, "negTokenResp.supportedMech", NULL, 0) == ASN1_SUCCESS;
	ok = ok && asn1_write_octets(node, "negTokenResp.responseToken", &resp->token) &&
	     asn1_write_octets(node, "negTokenResp.mechListMIC", &resp->mic) &&
	     asn1_encode(node, token, len);
	asn1_delete_structure(&node);
	return ok;
}

static bool write_mechs(asn1_node node, const struct der_span *mechs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (asn1_write_value(node, "negTokenInit.mechTypes", "NEW", 1) != ASN1_SUCCESS ||
		    !write_oid(node, "negTokenInit.mechTypes.?LAST", &mechs[i]))
			return false;
	return true;
}

/**
 * spnego_build_hint() - make a NegTokenInit2 (MS-SPNG 3.2.5.2)
 * @mechs: the mechanisms, each the contents of an OBJECT IDENTIFIER
 * @count: how many
 * @token: receives the token, from malloc()
 * @len:   receives its length in bytes
 *
 * Return: false without memory.
 */
bool spnego_build_hint(const struct der_span *mechs, size_t count, uint8_t **token, size_t *len)
{
	asn1_node node = asn1_create(&syntax, "SPNEGO.InitialHintToken");
	bool ok;

	ok = node && asn1_write_value(node, "thisMech", SPNEGO_OID, 1) == ASN1_SUCCESS &&
	     write_mechs(node, mechs, count) &&
	     asn1_write_value(node, "negTokenInit.negHints.hintName", HINT_NAME,
			      sizeof(HINT_NAME) - 1) == ASN1_SUCCESS &&
	     asn1_encode(node, token, len);
	asn1_delete_structure(&node);
	return ok;
}
