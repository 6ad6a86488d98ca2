/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the NTLM engine share.
 */
#ifndef KSECD_NTLM_NTLM_H
#define KSECD_NTLM_NTLM_H

#include "helper/engine.h"
#include "helper/ntlm/message.h"

/**
 * struct ntlm_state - what is kept between the two legs
 * @negotiate: the NEGOTIATE_MESSAGE as received, for the MIC
 * @challenge: the CHALLENGE_MESSAGE as sent; flags, ServerChallenge, AV pairs and
 *             time are read from there again, so that there is one copy of each
 * @bindings:  hash of the channel bindings that the service gave with the first
 *             message, for one that does not give them again; may be empty
 */
struct ntlm_state {
	struct ntlm_span negotiate;
	struct ntlm_span challenge;
	struct ntlm_span bindings;
};

/* Whether the service gave channel bindings; a buffer of no bytes is none. */
static inline bool ntlm_has_bindings(const struct engine_step *step)
{
	return step->bindings && step->bindings_len;
}

int32_t ntlm_verdict(struct engine_result *res, int32_t status, const char *reason);

bool ntlm_state_write(const struct ntlm_state *state, uint8_t *dst, size_t size,
		      size_t *ret_len);
bool ntlm_state_read(const uint8_t *src, size_t len, struct ntlm_state *state);

const char *ntlm_hash_bindings(const uint8_t *bindings, size_t len,
			       uint8_t hash[NTLM_KEY_LEN]);

uint32_t ntlm_challenge_flags(const struct engine_env *env, uint32_t asked);
int32_t ntlm_build_challenge(const struct engine_env *env, uint32_t flags,
			     struct engine_result *res);

int32_t ntlm_leg_negotiate(const struct engine_env *env, const struct engine_step *step,
			   struct engine_result *res);
int32_t ntlm_leg_authenticate(const struct engine_env *env, const struct engine_step *step,
			      struct engine_result *res);

#endif /* KSECD_NTLM_NTLM_H */
