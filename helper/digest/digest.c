// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Digest engine: the accept side of RFC 7616, with qop=auth.
 *
 * What can come in are the client's credentials, what the service says of its client's
 * request, and the call of CompleteAuthToken(), each with or without the others; the
 * phase says what is waited for.  A context judges one response: the service has a new
 * context for each, or knows its client from a connection or a cookie.
 */
#include <string.h>

#include "helper/digest/digest.h"
#include "helper/text.h"

/* What a first response to a nonce has in "nc", and there is no second one here. */
#define FIRST_NC	"00000001"

/**
 * struct leg - a step that is being judged
 * @env:         the environment
 * @step:        what came in
 * @res:         what comes out
 * @request:     what the service says of the request
 * @state:       what is kept; before the first leg without a phase
 * @credentials: the client's, once they are read
 */
struct leg {
	const struct engine_env *env;
	const struct engine_step *step;
	struct engine_result *res;
	struct digest_request request;
	struct digest_state state;
	struct digest_credentials credentials;
};

static void verdict(struct leg *leg, int32_t status, const char *reason)
{
	leg->res->status = status;
	leg->res->reason = reason;
}

static void invalid(struct leg *leg, const char *reason)
{
	verdict(leg, SEC_E_INVALID_TOKEN, reason);
}

/* The context goes on with @status, if its state can be kept. */
static void go_on(struct leg *leg, enum digest_phase phase, int32_t status, const char *reason)
{
	struct engine_result *res = leg->res;

	leg->state.phase = phase;
	if (digest_state_write(&leg->state, res->state, sizeof(res->state), &res->state_len))
		verdict(leg, status, reason);
	else
		invalid(leg, "the credentials are too long to be kept until the method is known");
}

static void choose_realm(struct leg *leg)
{
	const struct digest_span *realm = &leg->request.part[KSECDD_DIGEST_REALM];

	if (!realm->data) {
		strcpy(leg->state.realm, leg->env->digest->realm);
		return;
	}
	memcpy(leg->state.realm, realm->data, realm->len);
	leg->state.realm[realm->len] = '\0';
}

static void put_challenge(struct leg *leg, bool stale, enum digest_phase phase, int32_t status,
			  const char *reason)
{
	leg->state.token = NULL;
	leg->state.token_len = 0;
	if (!digest_put_challenge(&leg->state, leg->env->digest->algorithms[0], stale, leg->res))
		verdict(leg, SEC_E_INSUFFICIENT_MEMORY, "out of memory for the challenge");
	else
		go_on(leg, phase, status, reason);
}

static void challenge(struct leg *leg, bool stale, enum digest_phase phase, int32_t status,
		      const char *reason)
{
	choose_realm(leg);
	if (digest_nonce_make(leg->env, leg->state.nonce))
		put_challenge(leg, stale, phase, status, reason);
	else
		verdict(leg, SEC_E_INTERNAL_ERROR, "there are no random bytes");
}

/* No credentials: the service wants a challenge, and may yet have to say for what. */
static void begin(struct leg *leg)
{
	if (leg->request.given)
		challenge(leg, false, DIGEST_CHALLENGED, SEC_I_CONTINUE_NEEDED, "challenged");
	else
		challenge(leg, false, DIGEST_OFFERED, SEC_I_COMPLETE_AND_CONTINUE,
			  "challenged, and the service may still say for which realm");
}

/* For the log, and for who it is in the end. */
static void note_user(struct leg *leg)
{
	const char *user = leg->credentials.user, *backslash = strchr(user, '\\');
	struct engine_result *res = leg->res;

	if (leg->credentials.hashed) {
		strcpy(res->user, "(hidden by userhash)");
		return;
	}
	res->domain[0] = '\0';
	if (backslash) {
		memcpy(res->domain, user, (size_t)(backslash - user));
		res->domain[backslash - user] = '\0';
		user = backslash + 1;
	}
	strcpy(res->user, user);
}

/* Returns false after a verdict. */
static bool read_credentials(struct leg *leg, const uint8_t *token, size_t len)
{
	const char *wrong = digest_credentials_parse(token, len, &leg->credentials);

	if (wrong)
		invalid(leg, wrong);
	else
		note_user(leg);
	return !wrong;
}

static bool is_accepted(const struct leg *leg)
{
	const struct digest_policy *policy = leg->env->digest;
	unsigned int i;

	for (i = 0; i < policy->n_algorithms; i++)
		if (policy->algorithms[i] == leg->credentials.algorithm)
			return true;
	return false;
}

static bool equals(const struct digest_span *value, const struct digest_span *other)
{
	return value->len == other->len && !memcmp(value->data, other->data, value->len);
}

static bool equals_text(const struct digest_span *value, const char *text)
{
	return equals(value, &(struct digest_span){ text, strlen(text) });
}

static bool is_our_nonce(const struct leg *leg)
{
	char nonce[DIGEST_NONCE_LEN + 1];

	digest_nonce_text(leg->state.nonce, nonce);
	return equals_text(&leg->credentials.value[DIGEST_NONCE], nonce);
}

static void check_proof(struct leg *leg)
{
	const struct account_source *accounts = leg->env->accounts;
	const struct digest_credentials *c = &leg->credentials;
	const struct digest_response response = {
		.algorithm = c->algorithm,
		.user = c->user,
		.userhash = c->hashed ? c->userhash : NULL,
		.realm = leg->state.realm,
		.method = leg->request.part[KSECDD_DIGEST_METHOD],
		.uri = c->value[DIGEST_URI],
		.nonce = c->value[DIGEST_NONCE],
		.nc = c->value[DIGEST_NC],
		.cnonce = c->value[DIGEST_CNONCE],
		.response = c->response,
	};
	const char *reason = "the source of accounts gave no reason";
	int32_t status;

	status = accounts->verify_digest(accounts->data, &response, &leg->res->account, &reason);
	/* Whatever a source may return, only one value lets a client in. */
	verdict(leg, status > SEC_E_OK ? SEC_E_INTERNAL_ERROR : status, reason);
	if (leg->res->status == SEC_E_OK)
		leg->res->ret_flags = leg->step->req_flags &
				      (ASC_REQ_REPLAY_DETECT | ASC_REQ_CONNECTION);
}

/* The method is known, and the nonce is ours. */
static void judge(struct leg *leg)
{
	const struct digest_span *uri = &leg->request.part[KSECDD_DIGEST_URI];

	if (!equals_text(&leg->credentials.value[DIGEST_NC], FIRST_NC))
		verdict(leg, SEC_E_OUT_OF_SEQUENCE, "the nc is not that of a first response");
	else if (uri->data && !equals(uri, &leg->credentials.value[DIGEST_URI]))
		verdict(leg, leg->request.complete ? SEC_E_MESSAGE_ALTERED : SEC_E_INVALID_TOKEN,
			"the client asks for another URI than it has signed");
	else
		check_proof(leg);
}

static void take_credentials(struct leg *leg)
{
	const struct engine_step *step = leg->step;

	if (!read_credentials(leg, step->token, step->token_len))
		return;
	if (!is_accepted(leg)) {
		invalid(leg, "the configuration does not have the client's algorithm");
		return;
	}
	if (!leg->state.phase || !is_our_nonce(leg)) {
		challenge(leg, true, DIGEST_CHALLENGED, SEC_I_CONTINUE_NEEDED,
			  "challenged: the nonce is not of this context");
		return;
	}
	if (digest_nonce_is_old(leg->env, leg->state.nonce)) {
		challenge(leg, true, DIGEST_CHALLENGED, SEC_I_CONTINUE_NEEDED,
			  "challenged: the nonce is too old");
		return;
	}
	if (!equals_text(&leg->credentials.value[DIGEST_REALM], leg->state.realm)) {
		invalid(leg, "the realm is not that of the challenge");
		return;
	}
	if (leg->request.part[KSECDD_DIGEST_METHOD].data) {
		judge(leg);
		return;
	}
	leg->state.token = step->token;
	leg->state.token_len = step->token_len;
	go_on(leg, DIGEST_UNJUDGED, SEC_I_COMPLETE_NEEDED,
	      "the service has not said yet what the method is");
}

static void next_token(struct leg *leg)
{
	if (leg->request.complete)
		invalid(leg, "the context does not wait for CompleteAuthToken()");
	else if (leg->step->token_len)
		take_credentials(leg);
	else
		begin(leg);
}

/* The nonce is fresh and nobody has seen it: a token of this context is replaced. */
static void complete_challenge(struct leg *leg)
{
	if (!leg->request.complete) {
		invalid(leg, "the context waits for CompleteAuthToken()");
		return;
	}
	if (leg->request.part[KSECDD_DIGEST_REALM].data)
		choose_realm(leg);
	put_challenge(leg, false, DIGEST_CHALLENGED, SEC_I_CONTINUE_NEEDED, "challenged");
}

static void complete_logon(struct leg *leg)
{
	if (!leg->request.complete)
		invalid(leg, "the context waits for CompleteAuthToken()");
	else if (!leg->request.part[KSECDD_DIGEST_METHOD].data)
		invalid(leg, "CompleteAuthToken() comes without the method");
	else if (read_credentials(leg, leg->state.token, leg->state.token_len))
		judge(leg);
}

static void run(struct leg *leg)
{
	static void (*const phases[])(struct leg *leg) = {
		[0] = next_token,
		[DIGEST_CHALLENGED] = next_token,
		[DIGEST_OFFERED] = complete_challenge,
		[DIGEST_UNJUDGED] = complete_logon,
	};
	const struct engine_step *step = leg->step;
	const char *wrong;

	if (!leg->env->digest || !leg->env->accounts->verify_digest) {
		verdict(leg, SEC_E_NO_AUTHENTICATING_AUTHORITY,
			"no source of accounts has hashes for Digest; winbind never has");
		return;
	}
	wrong = digest_request_read(step->params, step->params_len, &leg->request);
	if (wrong)
		invalid(leg, wrong);
	else if (step->state_len && !digest_state_read(step->state, step->state_len, &leg->state))
		verdict(leg, SEC_E_INTERNAL_ERROR, "the state is not this daemon's");
	else
		phases[leg->state.phase](leg);
}

static void digest_accept(const struct engine_env *env, const struct engine_step *step,
			  struct engine_result *res)
{
	struct leg leg = { .env = env, .step = step, .res = res };

	res->mech = KSECDD_PACKAGE_WDIGEST;
	run(&leg);
	if (res->status != SEC_E_OK && !engine_goes_on(res->status))
		engine_result_fail(res);
	explicit_bzero(&leg, sizeof(leg));
}

const struct engine digest_engine = {
	.name = "WDigest",
	.package = KSECDD_PACKAGE_WDIGEST,
	.accept = digest_accept,
};
