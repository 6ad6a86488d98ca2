/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of CredSSP as they are on the wire (MS-CSSP 2.2.1; credssp.asn has the
 * syntax).
 *
 * Parsers return NULL, or what is wrong: a literal for the log.  What they parse out
 * points into what they were given.  They take DER only.
 */
#ifndef KSECD_CREDSSP_MESSAGE_H
#define KSECD_CREDSSP_MESSAGE_H

#include "helper/asn1.h"
#include "helper/credssp/policy.h"

/* Bytes that a TSRequest may have, and that are waited for if it comes in pieces */
#define CREDSSP_MAX_REQUEST	65536

#define CREDSSP_NONCE		32	/* bytes */

extern struct asn1_syntax credssp_syntax;

/**
 * struct ts_request - TSRequest
 * @version:    as the client says it
 * @nego:       negoToken of the only element of negoTokens
 * @auth_info:  authInfo
 * @pub_key:    pubKeyAuth
 * @has_error:  there is an errorCode
 * @error:      errorCode, an NTSTATUS; to be written only
 * @nonce:      clientNonce
 *
 * Spans without data are not there.
 */
struct ts_request {
	uint32_t version;
	struct der_span nego;
	struct der_span auth_info;
	struct der_span pub_key;
	bool has_error;
	uint32_t error;
	struct der_span nonce;
};

enum der_extent ts_request_measure(const uint8_t *token, size_t len);
const char *ts_request_parse(const uint8_t *token, size_t len, struct ts_request *request);
bool ts_request_build(const struct ts_request *request, uint8_t **token, size_t *len);
bool ts_read_number(const struct asn1_decoded *decoded, const char *name, uint8_t context,
		    uint32_t *number);

/* TSCredentials.credType */
#define TS_PASSWORD	1
#define TS_SMART_CARD	2
#define TS_REMOTE_GUARD	6

/**
 * struct ts_credentials - TSCredentials
 * @type:   TS_*
 * @user:   userName, or userHint of a smart card; UTF-16LE
 * @domain: domainName, or domainHint; UTF-16LE
 * @secret: password, or the PIN; UTF-16LE
 *
 * Of TS_REMOTE_GUARD nothing is taken over: it delegates no secret.
 */
struct ts_credentials {
	uint32_t type;
	struct der_span user;
	struct der_span domain;
	struct der_span secret;
};

const char *ts_credentials_parse(const uint8_t *data, size_t len,
				 struct ts_credentials *credentials);

#endif /* KSECD_CREDSSP_MESSAGE_H */
