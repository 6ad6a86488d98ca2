// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second leg: AUTHENTICATE_MESSAGE in, verdict out (MS-NLMP 3.2.5.1.2).
 *
 * The order of the checks matters.  First what can be said without knowing any
 * account: the message makes sense, and its response is of a kind that is
 * accepted.  Then NTProofStr: the client knows the password, and everything that
 * the response covers - time, AV pairs - is its own word.  Only then what builds
 * on that.  A check that came before would tell a client without a password
 * something, or believe a message that anybody could have written.
 *
 * A message without MIC is covered by nothing but its response: flags, names and
 * the random session key can have been changed on the way, which makes a logon
 * without protection, or one whose messages do not verify.  Against that is
 * policy->require_mic.
 */
#include <string.h>

#include "helper/ntlm/name.h"
#include "helper/ntlm/ntlm.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct logon - an AUTHENTICATE_MESSAGE that is being judged
 * @env:       the environment
 * @step:      what came in
 * @res:       what comes out
 * @state:     the two messages before this one
 * @challenge: our own message, parsed
 * @message:   the message, parsed
 * @blob:      what the response covers, parsed
 * @bindings:  hash of the service's channel bindings, if @has_bindings
 * @has_bindings: the service gave channel bindings, with this message or the first
 * @flags:     NegotiateFlags that hold: offered by us and taken by the client
 * @key:       SessionBaseKey, then ExportedSessionKey
 */
struct logon {
	const struct engine_env *env;
	const struct engine_step *step;
	struct engine_result *res;
	struct ntlm_state state;
	struct ntlm_challenge challenge;
	struct ntlm_authenticate message;
	struct ntlm_client_blob blob;
	uint8_t bindings[NTLM_KEY_LEN];
	bool has_bindings;
	uint32_t flags;
	uint8_t key[NTLM_KEY_LEN];
};

/* A check goes on with SEC_E_OK and ends the logon with anything else. */
typedef int32_t (*check_fn)(struct logon *logon);

static int32_t deny(struct logon *logon, int32_t status, const char *reason)
{
	return ntlm_verdict(logon->res, status, reason);
}

static int32_t invalid(struct logon *logon, const char *reason)
{
	return ntlm_verdict(logon->res, SEC_E_INVALID_TOKEN, reason);
}

/* Whether an AV pair of the client has 16 bytes that are not all zero. */
static bool client_has_bindings(const struct logon *logon)
{
	static const uint8_t zero[NTLM_KEY_LEN];
	const struct ntlm_span *av = &logon->blob.av.value[NTLM_AV_CHANNEL_BINDINGS];

	return av->data && !ntlm_equal(av->data, zero);
}

static uint32_t av_flags(const struct logon *logon)
{
	const struct ntlm_span *av = &logon->blob.av.value[NTLM_AV_FLAGS];

	return av->data ? ntlm_get32(av->data) : 0;
}

static int32_t read_state(struct logon *logon)
{
	const struct engine_step *step = logon->step;

	if (!ntlm_state_read(step->state, step->state_len, &logon->state) ||
	    ntlm_parse_challenge(logon->state.challenge.data, logon->state.challenge.len,
				 &logon->challenge))
		return deny(logon, SEC_E_INTERNAL_ERROR,
			    "the state of the first leg is not this daemon's");
	return SEC_E_OK;
}

/*
 * Bindings given with the first message only must not be forgotten: the service
 * counts on them.
 */
static int32_t read_bindings(struct logon *logon)
{
	const struct engine_step *step = logon->step;
	const char *wrong;

	logon->has_bindings = ntlm_has_bindings(step) || logon->state.bindings.len;
	if (ntlm_has_bindings(step)) {
		wrong = ntlm_hash_bindings(step->bindings, step->bindings_len, logon->bindings);
		return wrong ? invalid(logon, wrong) : SEC_E_OK;
	}
	if (logon->has_bindings)
		memcpy(logon->bindings, logon->state.bindings.data, NTLM_KEY_LEN);
	return SEC_E_OK;
}

static const char *const name_errors[] = {
	[NAME_ODD] = "a name ends in half a character",
	[NAME_SURROGATE] = "a name has half of a surrogate pair",
	[NAME_NUL] = "a name has a NUL in it",
	[NAME_TOO_LONG] = "a name is too long",
};

static enum name_error read_name(const struct logon *logon, const struct ntlm_span *src,
				 char dst[KSECDD_MAX_NAME + 1])
{
	if (logon->challenge.flags & NTLMSSP_NEGOTIATE_UNICODE)
		return name_from_utf16(src->data, src->len, dst, KSECDD_MAX_NAME + 1);
	return name_from_oem(src->data, src->len, dst, KSECDD_MAX_NAME + 1);
}

static int32_t read_message(struct logon *logon)
{
	const struct ntlm_authenticate *message = &logon->message;
	struct engine_result *res = logon->res;
	enum name_error error;
	const char *wrong;

	wrong = ntlm_parse_authenticate(logon->step->token, logon->step->token_len,
					&logon->message);
	if (wrong)
		return invalid(logon, wrong);
	if ((message->flags & NTLM_CHARSETS) &&
	    !(message->flags & logon->challenge.flags & NTLM_CHARSETS))
		return invalid(logon, "the client changed the character set");
	error = read_name(logon, &message->user, res->user);
	if (!error)
		error = read_name(logon, &message->domain, res->domain);
	if (!error)
		error = read_name(logon, &message->workstation, res->workstation);
	if (error)
		return invalid(logon, name_errors[error]);

	/*
	 * A flag that was not offered is not negotiated, whoever set it.  The
	 * module protects with extended session security or not at all.
	 */
	logon->flags = message->flags & logon->challenge.flags;
	if (!(logon->flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
		logon->flags &= ~NTLM_PROTECTION;
	return SEC_E_OK;
}

static bool is_anonymous(const struct ntlm_authenticate *message)
{
	return !message->user.len && !message->nt.len &&
	       (!message->lm.len || (message->lm.len == 1 && !message->lm.data[0]));
}

static int32_t read_response(struct logon *logon)
{
	const struct ntlm_authenticate *message = &logon->message;
	const char *wrong;

	if ((message->flags & NTLMSSP_NEGOTIATE_KEY_EXCH) &&
	    message->session_key.len != NTLM_KEY_LEN)
		return invalid(logon, "the random session key does not have 16 bytes");
	if (!message->user.len)
		return deny(logon, SEC_E_LOGON_DENIED, "there is a response and no user");
	if (!message->nt.len)
		return deny(logon, SEC_E_LOGON_DENIED, "there is no NTLMv2 response");
	if (message->nt.len == NTLM_V1_RESPONSE_LEN)
		return deny(logon, SEC_E_LOGON_DENIED, "the response is of NTLMv1");
	if (message->nt.len < NTLM_V2_RESPONSE_LEN)
		return invalid(logon, "the response is too short for NTLMv2");
	wrong = ntlm_parse_client_blob(&message->nt, &logon->blob);
	return wrong ? invalid(logon, wrong) : SEC_E_OK;
}

static int32_t check_proof(struct logon *logon)
{
	const struct account_source *accounts = logon->env->accounts;
	const struct ntlm_authenticate *message = &logon->message;
	struct engine_result *res = logon->res;
	const struct ntlmv2_response response = {
		.user = res->user,
		.domain = res->domain,
		.workstation = res->workstation,
		.challenge = logon->challenge.server_challenge,
		.nt = message->nt.data,
		.nt_len = message->nt.len,
		.lm = message->lm.data,
		.lm_len = message->lm.len,
	};
	const char *reason = "the source of accounts gave no reason";
	int32_t status;

	status = accounts->verify(accounts->data, &response, &res->account, logon->key, &reason);
	if (status == SEC_E_OK)
		return SEC_E_OK;
	/* Whatever a source may return, only one value lets a client in. */
	return deny(logon, status > SEC_E_OK ? SEC_E_INTERNAL_ERROR : status, reason);
}

/* The client's list must contain ours: its response is for us, and is fresh. */
static int32_t check_echo(struct logon *logon)
{
	size_t id;

	if (!logon->env->policy->check_av_echo)
		return SEC_E_OK;
	for (id = NTLM_AV_EOL + 1; id < NTLM_AV_COUNT; id++) {
		const struct ntlm_span *sent = &logon->challenge.target_info.value[id];
		const struct ntlm_span *back = &logon->blob.av.value[id];

		if (sent->data && (!back->data || back->len != sent->len ||
				   memcmp(back->data, sent->data, sent->len)))
			return invalid(logon,
				       "the client answered another challenge: its AV pairs are not ours");
	}
	return SEC_E_OK;
}

/*
 * KeyExchangeKey is SessionBaseKey with NTLMv2 (MS-NLMP 3.4.5.1).  The random
 * key is unwrapped with neither SIGN nor SEAL too, where the text of 3.2.5.1.2
 * leaves it alone: clients send it, and their MIC is made with it.
 */
static int32_t unwrap_key(struct logon *logon)
{
	if (logon->flags & NTLMSSP_NEGOTIATE_KEY_EXCH)
		ntlm_rc4(logon->key, logon->message.session_key.data, NTLM_KEY_LEN, logon->key);
	return SEC_E_OK;
}

static int32_t check_mic(struct logon *logon)
{
	static const uint8_t zero[NTLM_KEY_LEN];
	const uint8_t *token = logon->step->token;
	uint8_t mic[NTLM_KEY_LEN];
	bool right;

	if (!(av_flags(logon) & NTLM_AV_FLAG_MIC))
		return logon->env->policy->require_mic ?
		       deny(logon, SEC_E_LOGON_DENIED,
			    "there is no MIC, which the policy requires") : SEC_E_OK;
	if (logon->message.payload < NTLM_MIC_END)
		return invalid(logon, "the MIC is announced and not there");

	const struct ntlm_span spans[] = {
		logon->state.negotiate,
		logon->state.challenge,
		{ token, NTLM_MIC_OFFSET },
		{ zero, sizeof(zero) },
		{ token + NTLM_MIC_END, logon->step->token_len - NTLM_MIC_END },
	};

	ntlm_hmac(logon->key, spans, COUNT(spans), mic);
	right = ntlm_equal(mic, token + NTLM_MIC_OFFSET);
	explicit_bzero(mic, sizeof(mic));
	logon->res->client_mic = right;
	return right ? SEC_E_OK : deny(logon, SEC_E_LOGON_DENIED,
				       "the MIC is wrong: the messages were changed on the way");
}

/*
 * Zeros are what a client sends that has no bindings (MS-NLMP 2.2.2.1).  A
 * service that gave none has nothing to compare with: all that can be asked of
 * the client then is to have some.  So it is behind a proxy that ends the client's
 * channel, ASC_REQ_PROXY_BINDINGS: the client cannot have the service's.
 */
static int32_t check_bindings(struct logon *logon)
{
	const bool proxy = logon->step->req_flags & ASC_REQ_PROXY_BINDINGS;
	bool missing_ok;

	if (!client_has_bindings(logon)) {
		missing_ok = (!logon->has_bindings && !proxy) ||
			     (logon->step->req_flags & ASC_REQ_ALLOW_MISSING_BINDINGS);
		if (missing_ok && !logon->env->policy->require_cbt)
			return SEC_E_OK;
		return deny(logon, SEC_E_BAD_BINDINGS, "the client has no channel bindings");
	}
	if (logon->has_bindings && !proxy &&
	    !ntlm_equal(logon->bindings, logon->blob.av.value[NTLM_AV_CHANNEL_BINDINGS].data))
		return deny(logon, SEC_E_BAD_BINDINGS,
			    "the client's channel is not the service's: its channel bindings differ");
	return SEC_E_OK;
}

/* A service that named itself by an SPN is not to be mistaken for another one. */
static bool is_other_service(const struct engine_step *step, const char *target)
{
	char own[KSECDD_MAX_NAME + 1];

	if (!target[0] || !step->principal_len || step->principal_len > KSECDD_MAX_NAME ||
	    !memchr(step->principal, '/', step->principal_len))
		return false;
	memcpy(own, step->principal, step->principal_len);
	own[step->principal_len] = '\0';
	return name_compare(own, target);
}

static int32_t check_target(struct logon *logon)
{
	const struct ntlm_span *av = &logon->blob.av.value[NTLM_AV_TARGET_NAME];
	struct engine_result *res = logon->res;
	enum name_error error;

	if (!av->data)
		return SEC_E_OK;
	res->have_target = true;
	/* The client has the name from a source it does not trust itself. */
	if (av_flags(logon) & NTLM_AV_FLAG_UNTRUSTED_TARGET)
		return SEC_E_OK;
	error = name_from_utf16(av->data, av->len, res->target, sizeof(res->target));
	if (error)
		return invalid(logon, name_errors[error]);
	if (is_other_service(logon->step, res->target))
		return deny(logon, SEC_E_WRONG_PRINCIPAL, "the client wants another service");
	return SEC_E_OK;
}

static int32_t check_time(struct logon *logon)
{
	uint64_t skew = (uint64_t)logon->env->policy->max_skew * 10000000;
	uint64_t now = logon->env->now(logon->env->data), then = logon->blob.timestamp;

	if (skew && (now > then ? now - then : then - now) > skew)
		return deny(logon, SEC_E_LOGON_DENIED,
			    "the client's clock is too far from this server's");
	return SEC_E_OK;
}

/* The client can have dropped 128 after we offered it, or somebody on the way. */
static int32_t check_strength(struct logon *logon)
{
	if (logon->env->policy->require_128 && (logon->flags & NTLM_PROTECTION) &&
	    !(logon->flags & NTLMSSP_NEGOTIATE_128))
		return deny(logon, SEC_E_UNSUPPORTED_FUNCTION,
			    "the client has no 128-bit keys, which the policy requires");
	return SEC_E_OK;
}

/*
 * What the context can do, in the terms of AcceptSecurityContext.  These are
 * facts, whether the service asked for them or not, as Windows has it; a wish
 * that did not come true is a bit that is clear.
 */
static uint32_t attributes(const struct logon *logon)
{
	static const struct {
		uint32_t any;
		uint32_t attributes;
	} facts[] = {
		{ NTLM_PROTECTION, ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT |
				   ASC_RET_SEQUENCE_DETECT },
		{ NTLMSSP_NEGOTIATE_SEAL, ASC_RET_CONFIDENTIALITY },
		{ NTLMSSP_NEGOTIATE_IDENTIFY, ASC_RET_IDENTIFY },
	};
	uint32_t flags = 0;
	size_t i;

	for (i = 0; i < COUNT(facts); i++)
		if (logon->flags & facts[i].any)
			flags |= facts[i].attributes;
	if (logon->step->req_flags & ASC_REQ_CONNECTION)
		flags |= ASC_RET_CONNECTION;
	return flags;
}

static int32_t accept_account(struct logon *logon)
{
	struct engine_result *res = logon->res;

	/* Without any protection too: an SMB server signs with the key itself. */
	memcpy(res->key, logon->key, NTLM_KEY_LEN);
	res->key_len = NTLM_KEY_LEN;
	res->mech_flags = logon->flags;
	res->ret_flags = attributes(logon);
	return ntlm_verdict(res, SEC_E_OK, "accepted");
}

static int32_t allow_anonymous(struct logon *logon)
{
	if (logon->step->req_flags & ASC_REQ_ALLOW_NULL_SESSION)
		return SEC_E_OK;
	return deny(logon, SEC_E_LOGON_DENIED,
		    "the client is anonymous, which the service does not allow");
}

/* Nobody has proven anything, so there are no keys and nothing to protect with. */
static int32_t accept_anonymous(struct logon *logon)
{
	struct engine_result *res = logon->res;

	logon->flags = 0;
	res->ret_flags = attributes(logon) | ASC_RET_NULL_SESSION;
	res->anonymous = true;
	return ntlm_verdict(res, SEC_E_OK, "accepted as anonymous");
}

static const check_fn account_checks[] = {
	read_response, check_proof, check_echo, unwrap_key, check_mic, check_bindings,
	check_target, check_time, check_strength, accept_account,
};

/* An anonymous client has no AV pairs, hence no channel bindings either. */
static const check_fn anonymous_checks[] = {
	allow_anonymous, check_bindings, accept_anonymous,
};

static int32_t run(struct logon *logon, const check_fn *checks, size_t count)
{
	int32_t status = SEC_E_OK;
	size_t i;

	for (i = 0; i < count && status == SEC_E_OK; i++)
		status = checks[i](logon);
	return status;
}

/**
 * ntlm_leg_authenticate() - judge an AUTHENTICATE_MESSAGE
 * @env: the environment
 * @step: the token, the state of the first leg, and what the service asks
 * @res: gets status, reason and, with SEC_E_OK, account, key and attributes
 *
 * Return: the status: SEC_E_OK; SEC_E_INVALID_TOKEN (malformed, AV pairs or MIC
 * that should be there and are not); SEC_E_LOGON_DENIED (password, account,
 * NTLMv1, MIC, clock, anonymous); SEC_E_BAD_BINDINGS; SEC_E_WRONG_PRINCIPAL;
 * SEC_E_UNSUPPORTED_FUNCTION (no 128-bit keys); SEC_E_NO_AUTHENTICATING_AUTHORITY
 * from the source of accounts; SEC_E_INTERNAL_ERROR.
 */
int32_t ntlm_leg_authenticate(const struct engine_env *env, const struct engine_step *step,
			      struct engine_result *res)
{
	static const check_fn before[] = { read_state, read_bindings, read_message };
	struct logon logon = { .env = env, .step = step, .res = res };
	int32_t status;

	status = run(&logon, before, COUNT(before));
	if (status == SEC_E_OK)
		status = is_anonymous(&logon.message) ?
			 run(&logon, anonymous_checks, COUNT(anonymous_checks)) :
			 run(&logon, account_checks, COUNT(account_checks));
	explicit_bzero(&logon, sizeof(logon));
	return status;
}
