// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading and writing the tokens of SPNEGO with libtasn1.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libtasn1.h>

#include "helper/spnego/der.h"
#include "helper/spnego/token.h"

#define SPNEGO_OID	"1.3.6.1.5.5.2"

/* Bytes of an OBJECT IDENTIFIER that is written, and characters of it as text */
#define OID_BYTES	32
#define OID_TEXT	128

/* MS-SPNG 2.2.1: what tells a client that it may ignore the hint */
#define HINT_NAME	"not_defined_in_RFC4178@please_ignore"

/* Made from spnego.asn by asn1Parser */
extern const asn1_static_node spnego_definitions[];

static const uint8_t spnego_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

/**
 * struct decoded - a token that libtasn1 has decoded
 * @node:  the elements; to be deleted
 * @token: where they are
 * @len:   its length in bytes
 */
struct decoded {
	asn1_node node;
	const uint8_t *token;
	size_t len;
};

bool spnego_same(const struct spnego_span *a, const struct spnego_span *b)
{
	return a->data && b->data && a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static asn1_node definitions;
static pthread_once_t definitions_once = PTHREAD_ONCE_INIT;

static void make_definitions(void)
{
	if (asn1_array2tree(spnego_definitions, &definitions, NULL) != ASN1_SUCCESS)
		definitions = NULL;
}

/* A type of spnego.asn, empty; or NULL without memory. */
static asn1_node create(const char *type)
{
	asn1_node node = NULL;

	pthread_once(&definitions_once, make_definitions);
	if (!definitions || asn1_create_element(definitions, type, &node) != ASN1_SUCCESS)
		return NULL;
	return node;
}

/* Told from the others by its address: it is not the client's fault. */
const char spnego_no_memory[] = "out of memory";

static const char *decode(const uint8_t *token, size_t len, const char *type,
			  struct decoded *decoded)
{
	int size = (int)len, err;

	*decoded = (struct decoded){ .token = token, .len = len };
	if (len > INT32_MAX || !der_check(token, len))
		return "the token is not DER";
	decoded->node = create(type);
	if (!decoded->node)
		return spnego_no_memory;
	err = asn1_der_decoding2(&decoded->node, token, &size, ASN1_DECODE_FLAG_STRICT_DER, NULL);
	if (err == ASN1_SUCCESS && (size_t)size == len)
		return NULL;
	asn1_delete_structure(&decoded->node);
	return err == ASN1_MEM_ERROR ? spnego_no_memory : "the token is none of SPNEGO";
}

/*
 * What is in an element behind its explicit tag.  Returns false if it is there and
 * empty; what is not there is an empty span.
 */
static bool find(const struct decoded *decoded, const char *name, uint8_t context,
		 struct spnego_span *inner)
{
	struct spnego_span element;
	int start, end;

	*inner = (struct spnego_span){};
	if (asn1_der_decoding_startEnd(decoded->node, decoded->token, (int)decoded->len, name,
				       &start, &end) != ASN1_SUCCESS || end <= start)
		return true;
	element = (struct spnego_span){ decoded->token + start, (size_t)(end - start) + 1 };
	return der_open(&element, DER_CONTEXT(context), inner) && inner->len;
}

/* The same, and the contents of what is there, which must be of the type @tag. */
static bool find_content(const struct decoded *decoded, const char *name, uint8_t context,
			 uint8_t tag, struct spnego_span *content)
{
	struct spnego_span inner;

	*content = (struct spnego_span){};
	if (!find(decoded, name, context, &inner))
		return false;
	return !inner.data || der_open(&inner, tag, content);
}

/* At least one mechanism, and no more than anybody has. */
static const char *read_mechs(struct spnego_init *init)
{
	struct spnego_span rest;
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

static const char *read_mech_types(const struct decoded *decoded, struct spnego_init *init)
{
	struct decoded list;
	const char *wrong;

	if (!find(decoded, "negTokenInit.mechTypes", 0, &init->mech_types))
		return "what the client offers is empty";
	wrong = decode(init->mech_types.data, init->mech_types.len, "SPNEGO.MechTypeList", &list);
	if (wrong)
		return wrong;
	asn1_delete_structure(&list.node);
	return read_mechs(init);
}

/*
 * [3] is a MIC for RFC 4178 and hints for MS-SPNG, which moves the MIC to [4].
 * Hints are for clients and are ignored (MS-SPNG 3.2.5.2).
 */
static const char *read_init(const struct decoded *decoded, struct spnego_init *init)
{
	struct spnego_span third;

	if (!find_content(decoded, "negTokenInit.mechToken", 2, DER_OCTET_STRING, &init->token) ||
	    !find(decoded, "negTokenInit.micOrHints", 3, &third) ||
	    !find_content(decoded, "negTokenInit.mechListMIC", 4, DER_OCTET_STRING, &init->mic))
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
 * Return: SPNEGO_WHOLE also where there is more than the token: that is for the
 * parser to refuse.
 */
enum spnego_extent spnego_measure(const uint8_t *token, size_t len, uint8_t tag, size_t max)
{
	enum spnego_extent extent;
	size_t header, content;
	uint8_t found;

	extent = der_header(token, len, &found, &header, &content);
	if (extent == SPNEGO_MALFORMED || found != tag || content > max || header > max - content)
		return SPNEGO_MALFORMED;
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
const char *spnego_first_mech(const uint8_t *token, size_t len, struct spnego_span *mech)
{
	const struct spnego_span whole = { token, len };
	struct spnego_span content;
	uint8_t tag;

	if (!der_open(&whole, SPNEGO_TAG_INITIAL, &content) ||
	    !der_next(&content, &tag, mech) || tag != DER_OID)
		return "the token is of no mechanism";
	return NULL;
}

/* spnego_is_own() - whether the mechanism of an InitialContextToken is SPNEGO itself */
bool spnego_is_own(const struct spnego_span *mech)
{
	static const struct spnego_span own = { spnego_oid, sizeof(spnego_oid) };

	return spnego_same(mech, &own);
}

/**
 * spnego_parse_init() - read a NegTokenInit in its frame
 * @token: the token
 * @len:   its length in bytes
 * @init:  points into @token
 *
 * Return: NULL; what is wrong; or spnego_no_memory.
 */
const char *spnego_parse_init(const uint8_t *token, size_t len, struct spnego_init *init)
{
	struct spnego_span mech;
	struct decoded decoded;
	const char *wrong;

	memset(init, 0, sizeof(*init));
	wrong = decode(token, len, "SPNEGO.InitialContextToken", &decoded);
	if (wrong)
		return wrong;
	wrong = spnego_first_mech(token, len, &mech);
	if (!wrong && !spnego_is_own(&mech))
		wrong = "the token is of another mechanism";
	if (!wrong)
		wrong = read_mech_types(&decoded, init);
	if (!wrong)
		wrong = read_init(&decoded, init);
	asn1_delete_structure(&decoded.node);
	return wrong;
}

static bool read_state(const struct decoded *decoded, enum spnego_state *state)
{
	struct spnego_span value;

	*state = SPNEGO_NO_STATE;
	if (!find_content(decoded, "negTokenResp.negState", 0, DER_ENUMERATED, &value))
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
 * Return: NULL; what is wrong; or spnego_no_memory.
 */
const char *spnego_parse_resp(const uint8_t *token, size_t len, struct spnego_resp *resp)
{
	struct decoded decoded;
	const char *wrong;
	bool ok;

	memset(resp, 0, sizeof(*resp));
	resp->state = SPNEGO_NO_STATE;
	wrong = decode(token, len, "SPNEGO.ResponseToken", &decoded);
	if (wrong)
		return wrong;
	ok = read_state(&decoded, &resp->state) &&
	     find_content(&decoded, "negTokenResp.supportedMech", 1, DER_OID, &resp->mech) &&
	     find_content(&decoded, "negTokenResp.responseToken", 2, DER_OCTET_STRING,
			  &resp->token) &&
	     find_content(&decoded, "negTokenResp.mechListMIC", 3, DER_OCTET_STRING, &resp->mic);
	asn1_delete_structure(&decoded.node);
	return ok ? NULL : "a part of the NegTokenResp is of another kind";
}

/* An OBJECT IDENTIFIER as libtasn1 wants it: numbers with dots. */
static bool write_oid(asn1_node node, const char *name, const struct spnego_span *oid)
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

/* An OCTET STRING, or nothing if @span is empty of data. */
static bool write_octets(asn1_node node, const char *name, const struct spnego_span *span)
{
	if (!span->data)
		return asn1_write_value(node, name, NULL, 0) == ASN1_SUCCESS;
	/* libtasn1 takes a length of 0 for that of a string. */
	return asn1_write_value(node, name, span->len ? (const void *)span->data : "",
				(int)span->len) == ASN1_SUCCESS;
}

/* The token, from malloc(). */
static bool encode(asn1_node node, uint8_t **token, size_t *len)
{
	int size = 0;

	if (asn1_der_coding(node, "", NULL, &size, NULL) != ASN1_MEM_ERROR || size <= 0)
		return false;
	*token = malloc((size_t)size);
	if (!*token)
		return false;
	if (asn1_der_coding(node, "", *token, &size, NULL) == ASN1_SUCCESS) {
		*len = (size_t)size;
		return true;
	}
	free(*token);
	*token = NULL;
	return false;
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
	asn1_node node = create("SPNEGO.ResponseToken");
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
	ok = ok && write_octets(node, "negTokenResp.responseToken", &resp->token) &&
	     write_octets(node, "negTokenResp.mechListMIC", &resp->mic) &&
	     encode(node, token, len);
	asn1_delete_structure(&node);
	return ok;
}

static bool write_mechs(asn1_node node, const struct spnego_span *mechs, size_t count)
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
bool spnego_build_hint(const struct spnego_span *mechs, size_t count, uint8_t **token, size_t *len)
{
	asn1_node node = create("SPNEGO.InitialHintToken");
	bool ok;

	ok = node && asn1_write_value(node, "thisMech", SPNEGO_OID, 1) == ASN1_SUCCESS &&
	     write_mechs(node, mechs, count) &&
	     asn1_write_value(node, "negTokenInit.negHints.hintName", HINT_NAME,
			      sizeof(HINT_NAME) - 1) == ASN1_SUCCESS &&
	     encode(node, token, len);
	asn1_delete_structure(&node);
	return ok;
}
