/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tokens of SPNEGO as they are on the wire (RFC 4178 section 4.2, MS-SPNG
 * 2.2.1; spnego.asn has the syntax).
 *
 * Parsers return NULL, or what is wrong with the token: a literal for the log.
 * What they parse out points into the token.  They take DER only: nothing of what
 * a MIC covers can be read in two ways, and nothing is nested deeper than the
 * syntax has it.
 */
#ifndef KSECD_SPNEGO_TOKEN_H
#define KSECD_SPNEGO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/der.h"

/* Mechanisms that a client may offer */
#define SPNEGO_MAX_MECHS	64

/* First bytes of tokens: InitialContextToken of RFC 2743, and NegTokenResp */
#define SPNEGO_TAG_INITIAL	0x60
#define SPNEGO_TAG_RESPONSE	0xa1

/* NegState; the first value is that of a token without it. */
enum spnego_state {
	SPNEGO_NO_STATE = -1,
	SPNEGO_ACCEPT_COMPLETED,
	SPNEGO_ACCEPT_INCOMPLETE,
	SPNEGO_REJECT,
	SPNEGO_REQUEST_MIC,
};

/**
 * struct spnego_init - NegTokenInit
 * @mech_types: the whole MechTypeList as it was received: what the MIC covers
 * @mechs:      number of mechanisms in it
 * @mech:       the mechanisms, each the contents of an OBJECT IDENTIFIER
 * @token:      mechToken
 * @mic:        mechListMIC
 */
struct spnego_init {
	struct der_span mech_types;
	size_t mechs;
	struct der_span mech[SPNEGO_MAX_MECHS];
	struct der_span token;
	struct der_span mic;
};

/**
 * struct spnego_resp - NegTokenResp
 * @state: negState
 * @mech:  supportedMech, contents of an OBJECT IDENTIFIER
 * @token: responseToken
 * @mic:   mechListMIC
 */
struct spnego_resp {
	enum spnego_state state;
	struct der_span mech;
	struct der_span token;
	struct der_span mic;
};

enum der_extent spnego_measure(const uint8_t *token, size_t len, uint8_t tag, size_t max);
const char *spnego_first_mech(const uint8_t *token, size_t len, struct der_span *mech);
bool spnego_is_own(const struct der_span *mech);
const char *spnego_parse_init(const uint8_t *token, size_t len, struct spnego_init *init);
const char *spnego_parse_resp(const uint8_t *token, size_t len, struct spnego_resp *resp);

bool spnego_build_resp(const struct spnego_resp *resp, uint8_t **token, size_t *len);
bool spnego_build_hint(const struct der_span *mechs, size_t count, uint8_t **token,
		       size_t *len);

#endif /* KSECD_SPNEGO_TOKEN_H */
