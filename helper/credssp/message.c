// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading and writing TSRequest.
 */
#include <string.h>

#include "helper/credssp/message.h"

/* Made from credssp.asn by asn1Parser */
extern const asn1_static_node credssp_definitions[];

/*
 * rdesktop writes the lengths from 128 on in two bytes, those below 256 as well; what
 * it says is no less certain by that.
 */
struct asn1_syntax credssp_syntax = {
	.definitions = credssp_definitions,
	.foreign = "the message is none of CredSSP",
	.long_lengths = true,
};

/* Whether the rest of tag and length is in the next piece */
static bool header_goes_on(const uint8_t *token, size_t len)
{
	size_t bytes;

	if (!len || token[0] != DER_SEQUENCE)
		return false;
	if (len == 1)
		return true;
	bytes = token[1] & 0x80 ? token[1] & 0x7f : 0;
	return bytes <= DER_LENGTH_BYTES && len < 2 + bytes;
}

/**
 * ts_request_measure() - how much of a TSRequest there is
 * @token: its beginning
 * @len:   bytes that are there
 *
 * Return: DER_WHOLE also where there is more than the TSRequest: that is for the
 * parser to refuse.
 */
enum der_extent ts_request_measure(const uint8_t *token, size_t len)
{
	size_t header, content;
	enum der_extent extent;
	uint8_t tag;

	if (header_goes_on(token, len))
		return DER_PARTIAL;
	extent = der_header(token, len, &tag, &header, &content, false);
	if (extent == DER_MALFORMED || tag != DER_SEQUENCE || content > CREDSSP_MAX_REQUEST ||
	    header > CREDSSP_MAX_REQUEST - content)
		return DER_MALFORMED;
	return extent;
}

/**
 * ts_read_number() - read an INTEGER that is not negative
 * @decoded: what it is in
 * @name:    the element's
 * @context: number of its tag
 * @number:  receives it
 *
 * Return: false if it is not there, negative, larger than 2^31 - 1, or longer than it
 * has to be: libtasn1 looks at none of these.
 */
bool ts_read_number(const struct asn1_decoded *decoded, const char *name, uint8_t context,
		    uint32_t *number)
{
	struct der_span content;
	size_t i;

	if (!asn1_find_content(decoded, name, context, DER_INTEGER, &content) ||
	    !content.len || content.len > sizeof(*number) || content.data[0] & 0x80 ||
	    (content.len > 1 && !content.data[0] && !(content.data[1] & 0x80)))
		return false;
	for (*number = 0, i = 0; i < content.len; i++)
		*number = *number << 8 | content.data[i];
	return true;
}

/* There may be a list of them in the syntax, and never was one on a wire. */
static const char *read_nego(const struct asn1_decoded *decoded, struct ts_request *request)
{
	struct der_span list, items, item, token;
	uint8_t tag;

	if (!asn1_find(decoded, "negoTokens", 1, &list))
		return "negoTokens are empty";
	if (!list.data)
		return NULL;
	if (!der_open(&list, DER_SEQUENCE, &items) || !der_next(&items, &tag, &item))
		return "negoTokens are empty";
	if (items.len)
		return "there is more than one negoToken";
	if (!der_open(&item, DER_EXPLICIT(0), &token) ||
	    !der_open(&token, DER_OCTET_STRING, &request->nego))
		return "negoToken is of another kind";
	return NULL;
}

static const char *read_request(const struct asn1_decoded *decoded, struct ts_request *request)
{
	struct der_span error;

	if (!ts_read_number(decoded, "version", 0, &request->version))
		return "the version is none";
	if (!asn1_find(decoded, "errorCode", 4, &error) ||
	    !asn1_find_content(decoded, "authInfo", 2, DER_OCTET_STRING, &request->auth_info) ||
	    !asn1_find_content(decoded, "pubKeyAuth", 3, DER_OCTET_STRING, &request->pub_key) ||
	    !asn1_find_content(decoded, "clientNonce", 5, DER_OCTET_STRING, &request->nonce))
		return "a part of the TSRequest is of another kind";
	request->has_error = error.data;
	return read_nego(decoded, request);
}

/**
 * ts_request_parse() - read a TSRequest
 * @token:   the TSRequest
 * @len:     its length in bytes
 * @request: points into @token
 *
 * Return: NULL; what is wrong; or asn1_no_memory.
 */
const char *ts_request_parse(const uint8_t *token, size_t len, struct ts_request *request)
{
	struct asn1_decoded decoded;
	const char *wrong;

	memset(request, 0, sizeof(*request));
	wrong = asn1_decode(&credssp_syntax, token, len, "CREDSSP.TSRequest", &decoded);
	if (wrong)
		return wrong;
	wrong = read_request(&decoded, request);
	asn1_decoded_clear(&decoded);
	return wrong;
}

/* A number as its shortest bytes, the sign in front */
static bool write_number(asn1_node node, const char *name, uint32_t number)
{
	const uint8_t bytes[] = {
		(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
		(uint8_t)number,
	};
	size_t from = 0;

	while (from < sizeof(bytes) - 1 &&
	       ((!bytes[from] && !(bytes[from + 1] & 0x80)) ||
		(bytes[from] == 0xff && bytes[from + 1] & 0x80)))
		from++;
	/* It wants the number's bytes, and those of two's complement. */
	return asn1_write_value(node, name, bytes + from, (int)(sizeof(bytes) - from)) ==
	       ASN1_SUCCESS;
}

static bool write_nego(asn1_node node, const struct der_span *token)
{
	if (!token->data)
		return asn1_write_value(node, "negoTokens", NULL, 0) == ASN1_SUCCESS;
	return asn1_write_value(node, "negoTokens", "NEW", 1) == ASN1_SUCCESS &&
	       asn1_write_octets(node, "negoTokens.?LAST.negoToken", token);
}

/**
 * ts_request_build() - make a TSRequest
 * @request: what it says; parts without data are left out
 * @token:   receives it, from malloc()
 * @len:     receives its length in bytes
 *
 * errorCode goes out as Windows sends it: 32 bits with a sign.
 *
 * Return: false without memory.
 */
bool ts_request_build(const struct ts_request *request, uint8_t **token, size_t *len)
{
	asn1_node node = asn1_create(&credssp_syntax, "CREDSSP.TSRequest");
	bool ok;

	ok = node && write_number(node, "version", request->version) &&
	     write_nego(node, &request->nego) &&
	     asn1_write_octets(node, "authInfo", &request->auth_info) &&
	     asn1_write_octets(node, "pubKeyAuth", &request->pub_key) &&
	     asn1_write_octets(node, "clientNonce", &request->nonce);
	if (ok && request->has_error)
		ok = write_number(node, "errorCode", request->error);
	else if (ok)
		ok = asn1_write_value(node, "errorCode", NULL, 0) == ASN1_SUCCESS;
	ok = ok && asn1_encode(node, token, len);
	asn1_delete_structure(&node);
	return ok;
}
