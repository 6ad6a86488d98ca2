/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tokens of SPNEGO for tests, element by element, right and wrong.
 *
 * It shares no code with the daemon: what the daemon gets wrong in DER it must not
 * get wrong in the same way here.
 */
#ifndef KSECDD_UNIT_SPNEGO_WIRE_H
#define KSECDD_UNIT_SPNEGO_WIRE_H

#include <stdbool.h>

#include "tools/testing/unit/ntlm/bytes.h"

/* OBJECT IDENTIFIERs, whole */
#define WIRE_SPNEGO	"06062b0601050502"
#define WIRE_NTLM	"060a2b06010401823702020a"
#define WIRE_KRB5	"06092a864886f712010202"
#define WIRE_MS_KRB5	"06092a864882f712010202"
#define WIRE_NEGOEX	"060a2b06010401823702021e"

/* NegState */
#define WIRE_NO_STATE	(-1)
#define WIRE_COMPLETED	0
#define WIRE_INCOMPLETE	1
#define WIRE_REJECT	2
#define WIRE_REQUEST_MIC 3

/**
 * struct wire_part - something that may be in a token
 * @data: its bytes; NULL - it is not there
 * @len:  their number
 */
struct wire_part {
	const void *data;
	size_t len;
};

/**
 * struct wire_resp - a NegTokenResp taken apart
 * @state: negState, or WIRE_NO_STATE
 * @mech:  supportedMech, with tag and length
 * @token: responseToken
 * @mic:   mechListMIC
 */
struct wire_resp {
	int state;
	struct wire_part mech;
	struct wire_part token;
	struct wire_part mic;
};

void wire_hex(struct bytes *b, const char *hex);
void wire_put(struct bytes *b, uint8_t tag, const void *content, size_t len);
void wire_wrap(struct bytes *b, uint8_t tag);
bool wire_next(const uint8_t **p, const uint8_t *end, uint8_t tag, struct wire_part *content);
bool wire_only(struct wire_part *part, uint8_t tag);
void wire_mechs(struct bytes *b, const char *hex);
void wire_init(struct bytes *b, const char *mechs_hex, struct wire_part token,
	       struct wire_part mic);
void wire_resp(struct bytes *b, const struct wire_resp *resp);
bool wire_read_resp(const void *token, size_t len, struct wire_resp *resp);

#endif /* KSECDD_UNIT_SPNEGO_WIRE_H */
