// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Negotiate engine: the accept side of SPNEGO (RFC 4178, MS-SPNG 3.2).
 *
 * It lets the client's first mechanism that is allowed here judge the client, and
 * adds nothing to that verdict but the protection of the negotiation itself: where
 * another mechanism than the client's first was chosen, or the mechanism protected
 * its own messages, both sides have to prove with the agreed key that they saw the
 * same list (mechListMIC).  Whatever else the client says - that it is satisfied,
 * that it would like another mechanism - ends nothing and changes nothing.
 */
#include <string.h>

#include "helper/asn1.h"
#include "helper/spnego/spnego.h"

/**
 * struct nego - a token that is being judged
 * @env:    the environment
 * @step:   what came in
 * @res:    what comes out
 * @half:   what is known from the legs before, and is to be kept
 * @mech:   the mechanism that was chosen
 * @speaks: the client has sent a token of SPNEGO and understands one
 * @denied: it is the mechanism that refuses the client
 * @mic:    our MIC over the client's list
 * @mic_len: its length in bytes; 0 - there is none
 */
struct nego {
	const struct engine_env *env;
	const struct engine_step *step;
	struct engine_result *res;
	struct spnego_half half;
	const struct spnego_mech *mech;
	bool speaks;
	bool denied;
	uint8_t mic[ENGINE_MAX_MIC];
	size_t mic_len;
};

static int32_t verdict(struct engine_result *res, int32_t status, const char *reason)
{
	res->status = status;
	res->reason = reason;
	return status;
}

static int32_t invalid(struct nego *n, const char *reason)
{
	return verdict(n->res, reason == asn1_no_memory ? SEC_E_INSUFFICIENT_MEMORY :
							    SEC_E_INVALID_TOKEN, reason);
}

/* The mechanism's token, if there is one, becomes a part of ours. */
static bool wrap_token(struct engine_result *res, struct spnego_resp *resp)
{
	uint8_t *token;
	size_t len;

	resp->token = (struct der_span){ res->token, res->token_len };
	if (!spnego_build_resp(resp, &token, &len))
		return false;
	engine_result_set_token(res, token, len);
	return true;
}

/* A failure that the client is told of as such (RFC 4178 section 4.2.2). */
static void reject(struct engine_result *res)
{
	struct spnego_resp resp = { .state = SPNEGO_REJECT };

	/* Without memory it is not told. */
	wrap_token(res, &resp);
}

/* supportedMech is in the first answer only, and is what the client calls it. */
static int32_t answer(struct nego *n, enum spnego_state state)
{
	struct spnego_resp resp = { .state = state };

	if (n->half.raw)
		return SEC_E_OK;
	if (!n->half.told)
		resp.mech = n->half.oid;
	n->half.told = true;
	if (n->mic_len)
		resp.mic = (struct der_span){ n->mic, n->mic_len };
	if (!wrap_token(n->res, &resp))
		return invalid(n, asn1_no_memory);
	return SEC_E_OK;
}

/* What is to be known with the next token; the mechanism's state is among it. */
static int32_t keep(struct nego *n, enum spnego_phase phase, const char *reason)
{
	struct engine_result *res = n->res;
	size_t len = res->state_len;

	n->half.phase = phase;
	memmove(res->state + sizeof(res->state) - len, res->state, len);
	n->half.inner = (struct der_span){ res->state + sizeof(res->state) - len, len };
	if (!spnego_half_write(&n->half, res->state, sizeof(res->state), &res->state_len))
		return verdict(res, SEC_E_INVALID_TOKEN,
			       "the negotiation is too long to be kept in mind");
	explicit_bzero(res->state + res->state_len, sizeof(res->state) - res->state_len);
	return verdict(res, SEC_I_CONTINUE_NEEDED, reason);
}

/* What a MIC that is not right says (RFC 4178 section 5, MS-SPNG 3.2.5.1). */
static int32_t refuse_mic(struct nego *n, int32_t status)
{
	switch (status) {
	case SEC_E_INVALID_TOKEN:
		return invalid(n, "the MIC over the list of mechanisms is none");
	case SEC_E_MESSAGE_ALTERED:
	case SEC_E_OUT_OF_SEQUENCE:
		return verdict(n->res, SEC_E_MESSAGE_ALTERED,
			       "the list of mechanisms was changed on the way: its MIC is wrong");
	case SEC_E_INSUFFICIENT_MEMORY:
		return verdict(n->res, SEC_E_INSUFFICIENT_MEMORY, "no memory for a MIC");
	default:
		return verdict(n->res, SEC_E_INTERNAL_ERROR, "the module makes no MIC");
	}
}

/* The module has the keys, and does with them what is to be done about the list. */
static int32_t work_on_list(struct nego *n, struct engine_message *msg)
{
	int32_t status = SEC_E_INTERNAL_ERROR;

	msg->op |= KSECDD_MESSAGE_MIC;
	msg->data = n->half.mech_types.data;
	msg->len = n->half.mech_types.len;
	if (n->env->message)
		status = n->env->message(n->env->data, n->res, msg);
	return status == SEC_E_OK ? SEC_E_OK : refuse_mic(n, status);
}

static int32_t judge_mic(struct nego *n, const struct der_span *mic)
{
	struct engine_message msg = {
		.op = KSECDD_MESSAGE_VERIFY, .mic = mic->data, .mic_len = mic->len,
	};

	return work_on_list(n, &msg);
}

static int32_t make_mic(struct nego *n)
{
	struct engine_message msg = {
		.op = KSECDD_MESSAGE_SIGN, .out = n->mic, .size = sizeof(n->mic),
	};
	int32_t status = work_on_list(n, &msg);

	n->mic_len = status == SEC_E_OK ? msg.out_len : 0;
	return status;
}

/* The client has to read what the mechanism says last before it can make its MIC. */
static int32_t wait_for_mic(struct nego *n)
{
	struct engine_result *res = n->res;
	int32_t status = make_mic(n);

	if (status == SEC_E_OK)
		status = answer(n, SPNEGO_ACCEPT_INCOMPLETE);
	if (status != SEC_E_OK)
		return status;
	if (!spnego_client_write(res, res->state, sizeof(res->state), &res->state_len))
		return verdict(res, SEC_E_INTERNAL_ERROR,
			       "the names of the client are too long to be kept in mind");
	return keep(n, SPNEGO_PROVEN, "known; the client has to prove what it offered");
}

/* The mechanism lets the client in. */
static int32_t conclude(struct nego *n, const struct der_span *mic)
{
	struct engine_result *res = n->res;
	const char *reason = res->reason;
	int32_t status;
	bool needed;

	if (n->half.raw)
		return SEC_E_OK;
	/* RFC 4178 section 5: there are no MICs where the mechanism makes none. */
	needed = res->key_len && (res->ret_flags & ASC_RET_INTEGRITY) &&
		 (n->half.mic_needed || res->client_mic);
	if (needed && !mic->data && res->token_len)
		return wait_for_mic(n);
	if (needed && !mic->data)
		return invalid(n, "the MIC over the list of mechanisms is missing");
	if (mic->data && !res->key_len)
		return invalid(n, "there is a MIC, and no key to make one with");
	if (mic->data && (judge_mic(n, mic) != SEC_E_OK || make_mic(n) != SEC_E_OK))
		return res->status;
	status = answer(n, SPNEGO_ACCEPT_COMPLETED);
	return status == SEC_E_OK ? verdict(res, SEC_E_OK, reason) : status;
}

/* A token for the mechanism, with the MIC that came beside it. */
static int32_t run_mech(struct nego *n, const struct der_span *token,
			const struct der_span *mic)
{
	struct engine_result *res = n->res;
	struct engine_step step = *n->step;
	int32_t status;

	step.leg = n->half.leg;
	step.nested = true;
	step.state = n->half.inner.data;
	step.state_len = n->half.inner.len;
	step.token = token->data;
	step.token_len = token->len;
	if (!step.bindings_len && n->half.bindings.len) {
		step.bindings = n->half.bindings.data;
		step.bindings_len = n->half.bindings.len;
	}
	n->half.bindings = (struct der_span){};
	n->mech->engine->accept(n->env, &step, res);

	status = res->status;
	if (status == SEC_E_OK)
		return conclude(n, mic);
	n->denied = status != SEC_I_CONTINUE_NEEDED;
	if (n->denied)
		return status;
	if (res->partial)
		return invalid(n, "a token of the mechanism is not whole");
	if (mic->data)
		return invalid(n, "there is a MIC before there is a key");
	if (n->half.leg == UINT8_MAX)
		return invalid(n, "the mechanism comes to no end");
	n->half.leg++;
	status = answer(n, SPNEGO_ACCEPT_INCOMPLETE);
	return status == SEC_E_OK ? keep(n, SPNEGO_CHOSEN, res->reason) : status;
}

/* No token yet: say what there is (MS-SPNG 3.2.5.2). */
static int32_t hint(struct nego *n)
{
	struct der_span oids[SPNEGO_MAX_MECHS];
	struct engine_result *res = n->res;
	size_t count = 0, i, j;

	for (i = 0; i < spnego_mech_count; i++)
		for (j = 0; j < spnego_mechs[i].count; j++)
			if (spnego_mech_by_oid(&spnego_mechs[i].oids[j], n->step->mechs))
				oids[count++] = spnego_mechs[i].oids[j];
	if (!count)
		return verdict(res, SEC_E_NO_CREDENTIALS, "the service may use no mechanism");
	if (!spnego_build_hint(oids, count, &res->token, &res->token_len))
		return invalid(n, asn1_no_memory);
	return keep(n, SPNEGO_HINTED, "the mechanisms are offered");
}

/* Bindings that the service gives with a token the mechanism does not see. */
static void keep_bindings(struct nego *n)
{
	if (n->step->bindings && n->step->bindings_len)
		n->half.bindings = (struct der_span){ n->step->bindings,
							 n->step->bindings_len };
}

static int32_t first_raw(struct nego *n, const struct spnego_mech *mech)
{
	const struct der_span token = { n->step->token, n->step->token_len };
	static const struct der_span none;

	if (!mech)
		return invalid(n, "the token is of no mechanism that is allowed");
	n->mech = mech;
	n->half.mech = mech->engine->package;
	n->half.raw = true;
	return run_mech(n, &token, &none);
}

/* RFC 4178 section 4.2.1: the client's first choice that is one of ours. */
static int32_t choose(struct nego *n, const struct spnego_init *init)
{
	size_t i;

	n->half.mech_types = init->mech_types;
	for (i = 0; i < init->mechs && !n->mech; i++) {
		n->mech = spnego_mech_by_oid(&init->mech[i], n->step->mechs);
		n->half.oid = init->mech[i];
	}
	if (!n->mech)
		return invalid(n, "the client offers no mechanism that is allowed");
	n->half.mech = n->mech->engine->package;
	/* The token that came along is for the client's first mechanism only. */
	n->half.mic_needed = i > 1;
	if (!n->half.mic_needed && init->token.data)
		return run_mech(n, &init->token, &init->mic);
	keep_bindings(n);
	n->res->mech = n->half.mech;
	if (answer(n, n->half.mic_needed ? SPNEGO_REQUEST_MIC : SPNEGO_ACCEPT_INCOMPLETE))
		return n->res->status;
	return keep(n, SPNEGO_CHOSEN, "the mechanism is chosen");
}

/* The service has to wait for the rest, and to say nothing meanwhile (MS-SPNG 3.2.5.9). */
static int32_t wait_for_rest(struct nego *n)
{
	n->res->partial = true;
	return verdict(n->res, SEC_I_CONTINUE_NEEDED, "the token goes on");
}

static int32_t first_token(struct nego *n)
{
	const struct engine_step *step = n->step;
	struct spnego_init init;
	struct der_span mech;
	const char *wrong;

	if (!step->token_len && n->half.phase == SPNEGO_BEGIN)
		return hint(n);
	if (!step->token_len)
		return invalid(n, "the token is empty");
	if (step->token[0] != SPNEGO_TAG_INITIAL)
		return first_raw(n, spnego_mech_by_token(step->token, step->token_len,
							 step->mechs));
	switch (spnego_measure(step->token, step->token_len, SPNEGO_TAG_INITIAL,
			       SPNEGO_MAX_TOKEN)) {
	case DER_WHOLE:
		break;
	case DER_PARTIAL:
		return wait_for_rest(n);
	default:
		return invalid(n, "the length of the token is wrong");
	}
	wrong = spnego_first_mech(step->token, step->token_len, &mech);
	if (wrong)
		return invalid(n, wrong);
	if (!spnego_is_own(&mech))
		return first_raw(n, spnego_mech_by_oid(&mech, step->mechs));
	wrong = spnego_parse_init(step->token, step->token_len, &init);
	if (wrong)
		return invalid(n, wrong);
	n->speaks = true;
	return choose(n, &init);
}

/*
 * A NegTokenResp.  Whether the client calls itself satisfied is its own business:
 * SPNEGO_ACCEPT_COMPLETED in it means nothing here.
 */
static int32_t read_resp(struct nego *n, struct spnego_resp *resp)
{
	const struct engine_step *step = n->step;
	const char *wrong;

	if (!step->token_len)
		return invalid(n, "the token is empty");
	switch (spnego_measure(step->token, step->token_len, SPNEGO_TAG_RESPONSE,
			       SPNEGO_MAX_TOKEN)) {
	case DER_WHOLE:
		break;
	case DER_PARTIAL:
		return wait_for_rest(n);
	default:
		return invalid(n, "the token is no answer, or its length is wrong");
	}
	wrong = spnego_parse_resp(step->token, step->token_len, resp);
	if (wrong)
		return invalid(n, wrong);
	n->speaks = true;
	if (resp->state == SPNEGO_REJECT)
		return verdict(n->res, SEC_E_LOGON_DENIED, "the client rejects the negotiation");
	if (resp->mech.data && !der_same(&resp->mech, &n->half.oid))
		return invalid(n, "the client changes to another mechanism");
	return SEC_E_OK;
}

static int32_t next_token(struct nego *n)
{
	const struct der_span raw = { n->step->token, n->step->token_len };
	static const struct der_span none;
	struct spnego_resp resp;
	int32_t status;

	if (n->half.raw)
		return run_mech(n, &raw, &none);
	status = read_resp(n, &resp);
	if (status != SEC_E_OK)
		return status;
	if (!resp.token.data)
		return invalid(n, "there is no token of the mechanism");
	return run_mech(n, &resp.token, &resp.mic);
}

/* The client's MIC, the last thing that was missing. */
static int32_t last_token(struct nego *n)
{
	struct engine_result *res = n->res;
	struct spnego_resp resp;
	int32_t status;

	status = read_resp(n, &resp);
	if (status != SEC_E_OK)
		return status;
	if (resp.token.len)
		return invalid(n, "the mechanism is done, and there is another token of it");
	if (!resp.mic.data)
		return invalid(n, "the MIC over the list of mechanisms is missing");
	if (!spnego_client_read(&n->half.inner, res))
		return verdict(res, SEC_E_INTERNAL_ERROR,
			       "the state of the leg before is not this daemon's");
	res->keyed = true;
	if (judge_mic(n, &resp.mic) != SEC_E_OK || answer(n, SPNEGO_ACCEPT_COMPLETED) != SEC_E_OK)
		return res->status;
	return verdict(res, SEC_E_OK, "accepted");
}

static int32_t (*const phases[])(struct nego *n) = {
	[SPNEGO_BEGIN] = first_token,
	[SPNEGO_HINTED] = first_token,
	[SPNEGO_CHOSEN] = next_token,
	[SPNEGO_PROVEN] = last_token,
};

static int32_t judge(struct nego *n)
{
	const struct engine_step *step = n->step;

	if (!step->state_len)
		return first_token(n);
	if (!spnego_half_read(step->state, step->state_len, &n->half))
		return verdict(n->res, SEC_E_INTERNAL_ERROR,
			       "the state of the leg before is not this daemon's");
	if (n->half.phase >= SPNEGO_CHOSEN) {
		n->mech = spnego_mech_by_package(n->half.mech, step->mechs);
		if (!n->mech)
			return invalid(n, "the mechanism is not allowed any more");
		n->res->mech = n->half.mech;
	}
	return phases[n->half.phase](n);
}

static void spnego_accept(const struct engine_env *env, const struct engine_step *step,
			  struct engine_result *res)
{
	struct nego n = { .env = env, .step = step, .res = res };
	int32_t status = judge(&n);

	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
		return;
	/* What the mechanism has to say of its refusal goes on to the client. */
	if (!n.denied)
		engine_result_fail(res);
	if (n.speaks)
		reject(res);
}

const struct engine spnego_engine = {
	.name = "Negotiate",
	.package = KSECDD_PACKAGE_NEGOTIATE,
	.accept = spnego_accept,
};
