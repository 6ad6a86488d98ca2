/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the Negotiate engine share.
 */
#ifndef KSECD_SPNEGO_SPNEGO_H
#define KSECD_SPNEGO_SPNEGO_H

#include "helper/engine.h"
#include "helper/spnego/token.h"

/* Bytes that a token of SPNEGO may have, and that are waited for if it comes in pieces */
#define SPNEGO_MAX_TOKEN	48256

/**
 * struct spnego_mech - a mechanism that can be negotiated
 * @engine: who judges its tokens
 * @oids:   what it is called, the usual name first; none of them is another one's
 * @count:  of @oids
 * @is_raw: whether a first token that is in no frame of RFC 2743 is its own; may be
 *          NULL
 */
struct spnego_mech {
	const struct engine *engine;
	const struct der_span *oids;
	size_t count;
	bool (*is_raw)(const uint8_t *token, size_t len);
};

extern const struct spnego_mech spnego_mechs[];
extern const size_t spnego_mech_count;

const struct spnego_mech *spnego_mech_by_package(uint32_t package, uint32_t allowed);
const struct spnego_mech *spnego_mech_by_oid(const struct der_span *oid, uint32_t allowed);
const struct spnego_mech *spnego_mech_by_token(const uint8_t *token, size_t len,
					       uint32_t allowed);

/* Where a negotiation is */
enum spnego_phase {
	SPNEGO_BEGIN,		/* nothing has come yet */
	SPNEGO_HINTED,		/* the client was told what there is */
	SPNEGO_CHOSEN,		/* the mechanism's tokens go both ways */
	SPNEGO_PROVEN,		/* the mechanism is done, the client's MIC is not there */
	SPNEGO_PHASES,
};

/**
 * struct spnego_half - what is kept between the legs
 * @phase:      where the negotiation is
 * @mech:       KSECDD_PACKAGE_* that was chosen
 * @leg:        tokens that the mechanism has had
 * @raw:        its tokens come in no frame of SPNEGO
 * @told:       the client has been told which mechanism it is
 * @mic_needed: the negotiation itself has to be protected
 * @oid:        what the client calls the mechanism
 * @mech_types: the client's MechTypeList as received
 * @bindings:   channel bindings of the service that the mechanism has not seen
 * @inner:      state of the mechanism, or the client who is known already
 */
struct spnego_half {
	enum spnego_phase phase;
	uint32_t mech;
	uint32_t leg;
	bool raw;
	bool told;
	bool mic_needed;
	struct der_span oid;
	struct der_span mech_types;
	struct der_span bindings;
	struct der_span inner;
};

bool spnego_half_write(const struct spnego_half *half, uint8_t *dst, size_t size,
		       size_t *ret_len);
bool spnego_half_read(const uint8_t *src, size_t len, struct spnego_half *half);
bool spnego_client_write(const struct engine_result *res, uint8_t *dst, size_t size,
			 size_t *ret_len);
bool spnego_client_read(const struct der_span *src, struct engine_result *res);

#endif /* KSECD_SPNEGO_SPNEGO_H */
