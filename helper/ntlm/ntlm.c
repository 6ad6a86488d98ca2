// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The NTLM engine: the accept side of MS-NLMP, connection-oriented, NTLMv2 only.
 *
 * A logon has two legs, each with one message in it.  A message out of turn ends
 * the logon: there is no second guess at the same challenge.
 */
#include "helper/ntlm/ntlm.h"

typedef int32_t (*leg_fn)(const struct engine_env *env, const struct engine_step *step,
			  struct engine_result *res);

static const leg_fn legs[] = { ntlm_leg_negotiate, ntlm_leg_authenticate };

/**
 * ntlm_verdict() - set the status of a step and the reason for it
 * @res: the result
 * @status: SECURITY_STATUS
 * @reason: why, a literal for the log
 *
 * Return: @status.
 */
int32_t ntlm_verdict(struct engine_result *res, int32_t status, const char *reason)
{
	res->status = status;
	res->reason = reason;
	return status;
}

static void judge(const struct engine_env *env, const struct engine_step *step,
		  struct engine_result *res)
{
	uint8_t unused[NTLM_KEY_LEN];
	const char *wrong;

	/* No Windows since version 7 does datagrams (MS-NLMP, note 52). */
	if (step->req_flags & ASC_REQ_DATAGRAM) {
		ntlm_verdict(res, SEC_E_UNSUPPORTED_FUNCTION,
			     "the service asks for datagrams, which this NTLM does not do");
		return;
	}
	if (step->leg >= sizeof(legs) / sizeof(legs[0])) {
		ntlm_verdict(res, SEC_E_INVALID_TOKEN, "the logon is over");
		return;
	}
	/* A service with broken bindings learns it from the first leg on. */
	if (ntlm_has_bindings(step)) {
		wrong = ntlm_hash_bindings(step->bindings, step->bindings_len, unused);
		if (wrong) {
			ntlm_verdict(res, SEC_E_INVALID_TOKEN, wrong);
			return;
		}
	}
	legs[step->leg](env, step, res);
}

static void ntlm_accept(const struct engine_env *env, const struct engine_step *step,
			struct engine_result *res)
{
	res->mech = KSECDD_PACKAGE_NTLM;
	judge(env, step, res);
	if (res->status != SEC_E_OK && res->status != SEC_I_CONTINUE_NEEDED)
		engine_result_fail(res);
}

const struct engine ntlm_engine = {
	.name = "NTLM",
	.package = KSECDD_PACKAGE_NTLM,
	.accept = ntlm_accept,
};
