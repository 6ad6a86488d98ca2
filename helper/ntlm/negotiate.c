// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first leg: NEGOTIATE_MESSAGE in, CHALLENGE_MESSAGE out (MS-NLMP 3.2.5.1.1).
 */
#include "helper/ntlm/name.h"
#include "helper/ntlm/ntlm.h"

/**
 * ntlm_leg_negotiate() - judge a NEGOTIATE_MESSAGE
 * @env: the environment
 * @step: the token, and the flags of the service
 * @res: gets status, reason, token and state
 *
 * Return: the status: SEC_I_CONTINUE_NEEDED; SEC_E_INVALID_TOKEN (malformed, no
 * character set, too long to be kept for the MIC); SEC_E_UNSUPPORTED_FUNCTION
 * (protection without 128-bit keys where the policy wants them); and those of
 * ntlm_build_challenge().
 */
int32_t ntlm_leg_negotiate(const struct engine_env *env, const struct engine_step *step,
			   struct engine_result *res)
{
	uint8_t hash[NTLM_KEY_LEN];
	struct ntlm_negotiate message;
	struct ntlm_state state = {};
	const char *wrong;
	int32_t status;

	wrong = ntlm_parse_negotiate(step->token, step->token_len, &message);
	if (wrong)
		return ntlm_verdict(res, SEC_E_INVALID_TOKEN, wrong);
	/* For the log only: whatever the bytes mean, they do not decide anything. */
	name_from_oem(message.workstation.data, message.workstation.len, res->workstation,
		      sizeof(res->workstation));
	if (!(message.flags & NTLM_CHARSETS))
		return ntlm_verdict(res, SEC_E_INVALID_TOKEN, "the client knows no character set");
	if (env->policy->require_128 && (message.flags & NTLM_PROTECTION) &&
	    !(message.flags & NTLMSSP_NEGOTIATE_128))
		return ntlm_verdict(res, SEC_E_UNSUPPORTED_FUNCTION,
				    "the client has no 128-bit keys, which the policy requires");

	status = ntlm_build_challenge(env, ntlm_challenge_flags(env, message.flags), res);
	if (status != SEC_E_OK)
		return status;
	state.negotiate = (struct ntlm_span){ step->token, step->token_len };
	state.challenge = (struct ntlm_span){ res->token, res->token_len };
	if (ntlm_has_bindings(step) &&
	    !ntlm_hash_bindings(step->bindings, step->bindings_len, hash))
		state.bindings = (struct ntlm_span){ hash, sizeof(hash) };
	if (!ntlm_state_write(&state, res->state, sizeof(res->state), &res->state_len))
		return ntlm_verdict(res, SEC_E_INVALID_TOKEN, "the NEGOTIATE_MESSAGE is too long");
	return ntlm_verdict(res, SEC_I_CONTINUE_NEEDED, "challenged");
}
