// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The CredSSP engine: the accept side of MS-CSSP 3.1.5.
 *
 * First there is a TLS handshake, whose keys become the module's.  From then on the
 * module opens the client's records, and what comes here is a TSRequest: Negotiate
 * judges the tokens in it, the key of the server's certificate is bound to what
 * Negotiate agreed on, so that nobody in the middle can have made two sessions of one,
 * and last the client delegates credentials.
 *
 * A client that is refused is told so as its version wants it (MS-CSSP 2.2.1): with an
 * errorCode, or with an alert of TLS.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/credssp/credssp.h"
#include "helper/spnego/spnego.h"

/* RFC 8446 section 6.2 */
#define ALERT_ACCESS_DENIED	49

/* MS-ERREF 2.3.1 */
#define STATUS_INVALID_PARAMETER	0xc000000d
#define STATUS_NO_LOGON_SERVERS		0xc000005e
#define STATUS_LOGON_FAILURE		0xc000006d
#define STATUS_NOT_SUPPORTED		0xc00000bb
#define STATUS_INTERNAL_ERROR		0xc00000e5
#define STATUS_TIME_DIFFERENCE_AT_DC	0xc0000133

/* The caller's wishes that are CredSSP's own and none of the mechanism's */
#define OUTER_REQUESTS	(ASC_REQ_DELEGATE | ASC_REQ_ALLOW_NULL_SESSION | ASC_REQ_STREAM | \
			 ASC_REQ_CONNECTION | ASC_REQ_EXTENDED_ERROR | ASC_REQ_USE_DCE_STYLE | \
			 ASC_REQ_DATAGRAM)

/**
 * credssp_verdict() - set what becomes of the token
 * @c:      the logon
 * @status: the status
 * @reason: why, for the log; a literal
 *
 * Return: @status.
 */
int32_t credssp_verdict(struct credssp *c, int32_t status, const char *reason)
{
	c->res->status = status;
	c->res->reason = reason;
	return status;
}

/* credssp_invalid() - the token is none, or there is no memory to look at it */
int32_t credssp_invalid(struct credssp *c, const char *reason)
{
	return credssp_verdict(c, reason == asn1_no_memory ? SEC_E_INSUFFICIENT_MEMORY :
							     SEC_E_INVALID_TOKEN, reason);
}

/**
 * credssp_keep() - the logon goes on with another token
 * @c:      the logon; @c->half.inner may be in the result's own state
 * @phase:  where it goes on
 * @reason: for the log
 *
 * Return: the status.
 */
int32_t credssp_keep(struct credssp *c, enum credssp_phase phase, const char *reason)
{
	struct engine_result *res = c->res;
	size_t len = c->half.inner.len;

	c->half.phase = phase;
	if (len > sizeof(res->state))
		len = 0;
	if (len)
		memmove(res->state + sizeof(res->state) - len, c->half.inner.data, len);
	c->half.inner = (struct der_span){ res->state + sizeof(res->state) - len, len };
	if (!credssp_half_write(&c->half, res->state, sizeof(res->state), &res->state_len))
		return credssp_verdict(c, SEC_E_INVALID_TOKEN,
				       "the logon is too long to be kept in mind");
	explicit_bzero(res->state + res->state_len, sizeof(res->state) - res->state_len);
	return credssp_verdict(c, SEC_I_CONTINUE_NEEDED, reason);
}

/* The client is known; who he is waits for the end. */
static int32_t keep_client(struct credssp *c, enum credssp_phase phase, const char *reason)
{
	struct engine_result *res = c->res;

	if (!spnego_client_write(res, res->state, sizeof(res->state), &res->state_len))
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the names of the client are too long to be kept in mind");
	c->half.inner = (struct der_span){ res->state, res->state_len };
	return credssp_keep(c, phase, reason);
}

/* Returns false, with a verdict, if a part of the TSRequest is out of place. */
static bool expect(struct credssp *c, const struct der_span *part, bool wanted,
		   const char *reason)
{
	if (!part->data == !wanted)
		return true;
	credssp_invalid(c, reason);
	return false;
}

/*
 * Our token, as a TSRequest.  What Negotiate or the module has made becomes a part of
 * it.
 */
static int32_t answer(struct credssp *c, const struct der_span *pub_key)
{
	struct engine_result *res = c->res;
	struct ts_request request = {
		.version = CREDSSP_VERSION_MAX,
		.nego = { res->token_len ? res->token : NULL, res->token_len },
		.pub_key = *pub_key,
	};
	uint8_t *token;
	size_t len;

	if (!request.nego.data && !request.pub_key.data)
		return SEC_E_OK;
	if (!ts_request_build(&request, &token, &len))
		return credssp_invalid(c, asn1_no_memory);
	engine_result_set_token(res, token, len);
	return SEC_E_OK;
}

static const struct der_span nothing;

/* What of the TSRequest is Negotiate's; the rest of the environment stays. */
static void run_negotiate(struct credssp *c)
{
	struct engine_step step = *c->step;

	step.leg = c->half.leg;
	step.nested = true;
	step.req_flags &= ~(uint32_t)OUTER_REQUESTS;
	step.state = c->half.inner.data;
	step.state_len = c->half.inner.len;
	step.token = c->request.nego.data;
	step.token_len = c->request.nego.len;
	/* It names a section of ours. */
	step.principal = "";
	step.principal_len = 0;
	spnego_engine.accept(c->env, &step, c->res);
}

/* Negotiate lets the client in; whether there is a key to bind ours with is another thing. */
static int32_t known(struct credssp *c)
{
	struct engine_result *res = c->res;

	if (res->anonymous || (!res->key_len && !res->keyed))
		return credssp_verdict(c, SEC_E_LOGON_DENIED, "the client is nobody");
	if (!(res->ret_flags & ASC_RET_CONFIDENTIALITY))
		return credssp_invalid(c, "the client can seal nothing");
	if (c->request.pub_key.data)
		return credssp_bind(c);
	/* Without a word of ours in between there was no reason to wait with it. */
	if (!res->token_len)
		return credssp_invalid(c, "pubKeyAuth is missing");
	if (answer(c, &nothing) != SEC_E_OK)
		return res->status;
	return keep_client(c, CREDSSP_KNOWN, "known; the client has to bind our key");
}

/**
 * credssp_negotiate() - a token of Negotiate
 * @c: the logon
 *
 * Return: the status.
 */
int32_t credssp_negotiate(struct credssp *c)
{
	struct engine_result *res = c->res;

	if (!expect(c, &c->request.auth_info, false, "there is authInfo before its time") ||
	    !expect(c, &c->request.nego, true, "there is no token of Negotiate"))
		return res->status;
	run_negotiate(c);
	if (res->status == SEC_E_OK)
		return known(c);
	if (res->status != SEC_I_CONTINUE_NEEDED)
		return res->status;
	if (res->partial)
		return credssp_invalid(c, "a token of Negotiate is not whole");
	if (c->request.pub_key.data)
		return credssp_invalid(c, "there is pubKeyAuth before its time");
	if (c->half.leg == UINT8_MAX)
		return credssp_invalid(c, "Negotiate comes to no end");
	c->half.leg++;
	c->half.inner = (struct der_span){ res->state, res->state_len };
	if (answer(c, &nothing) != SEC_E_OK)
		return res->status;
	return credssp_keep(c, CREDSSP_NEGOTIATION, res->reason);
}

/* A client that Kerberos or SPNEGO has answered binds our key now. */
static int32_t bind_known(struct credssp *c)
{
	if (!expect(c, &c->request.auth_info, false, "there is authInfo before its time") ||
	    !expect(c, &c->request.nego, false, "the client is known, and negotiates") ||
	    !expect(c, &c->request.pub_key, true, "pubKeyAuth is missing"))
		return c->res->status;
	if (!spnego_client_read(&c->half.inner, c->res))
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the state of the leg before is not this daemon's");
	return credssp_bind(c);
}

/* The client has shown that it knows our key: it is told that we know it, too. */
static int32_t bound(struct credssp *c, const struct der_span *pub_key)
{
	int32_t status = answer(c, pub_key);

	if (status != SEC_E_OK)
		return status;
	return keep_client(c, CREDSSP_BOUND, "our key is bound; credentials have to come");
}

/**
 * credssp_bind() - judge pubKeyAuth and answer it
 * @c: the logon, of a client who is known
 *
 * Return: the status.
 */
int32_t credssp_bind(struct credssp *c)
{
	uint8_t *sealed = NULL;
	size_t len;
	int32_t status = credssp_check_key(c);

	if (status == SEC_E_OK)
		status = credssp_seal_key(c, &sealed, &len);
	if (status == SEC_E_OK)
		status = bound(c, &(struct der_span){ sealed, len });
	free(sealed);
	return status;
}

static int32_t take_delegated(struct credssp *c)
{
	struct tls_session *session = &c->res->tls;

	if (!expect(c, &c->request.auth_info, true, "authInfo is missing") ||
	    !expect(c, &c->request.nego, false, "there is a token of Negotiate after its end") ||
	    !expect(c, &c->request.pub_key, false, "there is another pubKeyAuth"))
		return c->res->status;
	if (!spnego_client_read(&c->half.inner, c->res) ||
	    c->half.endpoint.len > sizeof(session->endpoint) ||
	    c->half.unique.len > sizeof(session->unique))
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the state of the leg before is not this daemon's");
	memcpy(session->endpoint, c->half.endpoint.data, c->half.endpoint.len);
	session->endpoint_len = c->half.endpoint.len;
	memcpy(session->unique, c->half.unique.data, c->half.unique.len);
	session->unique_len = c->half.unique.len;
	return credssp_take_credentials(c);
}

static uint32_t peer_version(const struct credssp *c)
{
	return c->half.peer < CREDSSP_VERSION_MAX ? c->half.peer : CREDSSP_VERSION_MAX;
}

/*
 * A client stays with the version that it has said; one that is too old is told so
 * (MS-CSSP 3.1.5).
 */
static int32_t check_version(struct credssp *c)
{
	uint32_t version = c->request.version;

	if (c->has_version && c->half.peer != version)
		return credssp_invalid(c, "the client changes to another version");
	c->half.peer = version;
	c->has_version = true;
	if (version < CREDSSP_VERSION_MIN)
		return credssp_verdict(c, SEC_E_UNSUPPORTED_FUNCTION,
				       "the client's version of CredSSP is none");
	if (peer_version(c) < c->env->credssp->min_version)
		return credssp_verdict(c, SEC_E_UNSUPPORTED_FUNCTION,
				       "the client's version of CredSSP is older than min-version");
	return SEC_E_OK;
}

/* One nonce for all of the logon, of the size that it must have; older clients have none. */
static int32_t check_nonce(struct credssp *c)
{
	const struct der_span *nonce = &c->request.nonce;

	if (peer_version(c) < CREDSSP_VERSION_NONCE || !nonce->data)
		return SEC_E_OK;
	if (nonce->len != CREDSSP_NONCE)
		return credssp_invalid(c, "clientNonce has a wrong size");
	if (c->half.nonce.len && !der_same(nonce, &c->half.nonce))
		return credssp_invalid(c, "the client changes its clientNonce");
	c->half.nonce = *nonce;
	return SEC_E_OK;
}

static int32_t read_request(struct credssp *c)
{
	const struct engine_step *step = c->step;
	const char *wrong;

	c->has_version = c->half.peer;
	if (!step->outer)
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the module passes on what came in no record");
	switch (ts_request_measure(step->token, step->token_len)) {
	case DER_WHOLE:
		break;
	case DER_PARTIAL:
		c->res->partial = true;
		return credssp_verdict(c, SEC_I_CONTINUE_NEEDED, "the TSRequest goes on");
	default:
		return credssp_invalid(c, "the length of the TSRequest is wrong");
	}
	wrong = ts_request_parse(step->token, step->token_len, &c->request);
	if (wrong)
		return credssp_invalid(c, wrong);
	if (c->request.has_error)
		return credssp_invalid(c, "the client sends an errorCode");
	if (check_version(c) != SEC_E_OK)
		return c->res->status;
	return check_nonce(c);
}

static int32_t (*const phases[])(struct credssp *c) = {
	[CREDSSP_HANDSHAKE] = credssp_handshake,
	[CREDSSP_NEGOTIATION] = credssp_negotiate,
	[CREDSSP_KNOWN] = bind_known,
	[CREDSSP_BOUND] = take_delegated,
};

static int32_t judge(struct credssp *c)
{
	const struct engine_step *step = c->step;
	int32_t status = SEC_E_OK;

	if ((step->req_flags & ASC_REQ_DELEGATE) &&
	    config_uids_have(&c->env->credssp->no_delegation, step->cred_uid))
		return credssp_verdict(c, SEC_E_UNSUPPORTED_FUNCTION,
				       "nothing may be delegated to this service");
	if (step->state_len && !credssp_half_read(step->state, step->state_len, &c->half))
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the state of the leg before is not this daemon's");
	if (c->half.phase != CREDSSP_HANDSHAKE)
		status = read_request(c);
	return status == SEC_E_OK ? phases[c->half.phase](c) : status;
}

/* An NTSTATUS for what the client may know of a failure */
static uint32_t error_code(int32_t status)
{
	static const struct {
		int32_t status;
		uint32_t code;
	} codes[] = {
		{ SEC_E_INVALID_TOKEN, STATUS_INVALID_PARAMETER },
		{ SEC_E_LOGON_DENIED, STATUS_LOGON_FAILURE },
		{ SEC_E_MESSAGE_ALTERED, STATUS_LOGON_FAILURE },
		{ SEC_E_UNSUPPORTED_FUNCTION, STATUS_NOT_SUPPORTED },
		{ SEC_E_NO_AUTHENTICATING_AUTHORITY, STATUS_NO_LOGON_SERVERS },
		{ SEC_E_TIME_SKEW, STATUS_TIME_DIFFERENCE_AT_DC },
		{ SEC_E_INTERNAL_ERROR, STATUS_INTERNAL_ERROR },
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return STATUS_LOGON_FAILURE;
}

/*
 * Whether the client reads an errorCode: those of version 2 and 5 do not, and one whose
 * version is none has to be told.  Nothing is known of a client that has said nothing.
 */
static bool takes_error_code(const struct credssp *c)
{
	return c->has_version && peer_version(c) != 2 && peer_version(c) != 5;
}

static void report(struct credssp *c)
{
	struct engine_result *res = c->res;
	const struct ts_request request = {
		.version = CREDSSP_VERSION_MAX, .has_error = true,
		.error = error_code(res->status),
	};
	uint8_t *token;
	size_t len;

	if (!takes_error_code(c)) {
		res->has_alert = true;
		res->alert = ALERT_ACCESS_DENIED;
	} else if (ts_request_build(&request, &token, &len)) {
		engine_result_set_token(res, token, len);
	}
}

static void credssp_accept(const struct engine_env *env, const struct engine_step *step,
			   struct engine_result *res)
{
	struct credssp c = { .env = env, .step = step, .res = res };
	int32_t status = judge(&c);

	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
		return;
	/* The alert of a handshake goes on to the client. */
	if (!step->outer && !res->tls.has_keys)
		return;
	engine_result_fail(res);
	if (step->outer)
		report(&c);
}

const struct engine credssp_engine = {
	.name = "CredSSP",
	.package = KSECDD_PACKAGE_CREDSSP,
	.accept = credssp_accept,
};
