// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Kerberos engine: the accept side of MS-KILE 3.4 and RFC 4121.
 *
 * A logon has one leg, or with DCE style two: the client then confirms the AP-REP
 * with one of its own.  What the library knows of such a logon meanwhile stays in
 * its memory; the state between the legs is the cookie that finds it again, and
 * what the service's policy said:
 *
 *	byte	0		version
 *	byte	1		what was asked for, STATE_*
 *	16 bytes		the cookie
 *	the rest		the principal that the ticket is for
 */
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5/krb5.h>

#include "helper/channel_bindings.h"
#include "helper/engine.h"
#include "helper/filetime.h"
#include "helper/kerberos/kerberos.h"

#define STATE_VERSION	1
#define STATE_HEADER	(2 + KERBEROS_COOKIE)
#define STATE_ARCFOUR	0x01	/* the service takes arcfour-hmac */
#define STATE_BOUND	0x02	/* the client's channel bindings must be there */

#define ANONYMOUS	"WELLKNOWN/ANONYMOUS@"

static void verdict(struct engine_result *res, int32_t status, const char *reason)
{
	res->status = status;
	res->reason = reason;
}

static uint32_t ret_flags(uint32_t gss)
{
	static const struct {
		uint32_t gss;
		uint32_t asc;
	} map[] = {
		{ GSS_C_MUTUAL_FLAG, ASC_RET_MUTUAL_AUTH },
		{ GSS_C_REPLAY_FLAG, ASC_RET_REPLAY_DETECT },
		{ GSS_C_SEQUENCE_FLAG, ASC_RET_SEQUENCE_DETECT },
		{ GSS_C_CONF_FLAG, ASC_RET_CONFIDENTIALITY },
		{ GSS_C_INTEG_FLAG, ASC_RET_INTEGRITY },
		{ GSS_C_DCE_STYLE, ASC_RET_USED_DCE_STYLE },
		{ GSS_C_IDENTIFY_FLAG, ASC_RET_IDENTIFY },
		{ GSS_C_EXTENDED_ERROR_FLAG, ASC_RET_EXTENDED_ERROR },
	};
	uint32_t asc = 0;
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (gss & map[i].gss)
			asc |= map[i].asc;
	return asc;
}

static uint32_t mech_flags(const struct kerberos_answer *answer, uint8_t state)
{
	uint32_t flags = 0;

	if (answer->subkey)
		flags |= KSECDD_KRB5_ACCEPTOR_SUBKEY;
	if (answer->flags & GSS_C_REPLAY_FLAG)
		flags |= KSECDD_KRB5_REPLAY_DETECT;
	if (answer->flags & GSS_C_SEQUENCE_FLAG)
		flags |= KSECDD_KRB5_SEQUENCE_DETECT;
	if (answer->flags & GSS_C_DCE_STYLE)
		flags |= KSECDD_KRB5_DCE_STYLE;
	if (state & STATE_ARCFOUR)
		flags |= KSECDD_KRB5_ARCFOUR;
	return flags;
}

/* Who the client is: here, and for the log. */
static bool name_client(const struct engine_env *env, const struct kerberos_answer *answer,
			struct engine_result *res)
{
	const char *at = strrchr(answer->client, '@');
	size_t len = at ? (size_t)(at - answer->client) : 0;
	struct account *account = &res->account;

	if (!len || len >= sizeof(account->user) || strlen(at + 1) >= sizeof(account->domain))
		return false;
	memcpy(account->user, answer->client, len);
	account->user[len] = '\0';
	strcpy(account->domain, at + 1);
	strcpy(res->user, account->user);
	strcpy(res->domain, account->domain);
	return kerberos_map(env->kerberos, answer->client, account->local,
			    sizeof(account->local), &account->by_rule);
}

static bool take_token(struct engine_result *res, enum kerberos_framing framing,
		       struct kerberos_answer *answer)
{
	enum kerberos_framing found;
	struct kerberos_span inner;
	uint16_t id;

	res->token = answer->token;
	res->token_len = answer->token_len;
	answer->token = NULL;
	/* The library knows the standard mechanism only. */
	if (framing != KERBEROS_FRAMED_MS || !res->token_len)
		return true;
	if (!kerberos_unframe(res->token, res->token_len, &found, &id, &inner))
		return false;
	answer->token = res->token;
	res->token = kerberos_frame(framing, id, inner.data, inner.len, &res->token_len);
	return res->token;
}

/* The first leg of a DCE style logon is over. */
static void half_open(const struct kerberos_answer *answer, const char *principal, uint8_t state,
		      struct engine_result *res)
{
	size_t len = strlen(principal);

	if (STATE_HEADER + len > sizeof(res->state)) {
		verdict(res, SEC_E_INTERNAL_ERROR, "the state does not fit");
		return;
	}
	res->state[0] = STATE_VERSION;
	res->state[1] = state;
	memcpy(res->state + 2, answer->cookie, KERBEROS_COOKIE);
	memcpy(res->state + STATE_HEADER, principal, len);
	res->state_len = STATE_HEADER + len;
	verdict(res, SEC_I_CONTINUE_NEEDED, "the client has to confirm the AP-REP");
}

static void let_in(const struct engine_env *env, const struct engine_step *step,
		   const struct kerberos_answer *answer, const char *principal, uint8_t state,
		   struct engine_result *res)
{
	bool anonymous = !strncmp(answer->client, ANONYMOUS, strlen(ANONYMOUS));
	const char *at = strrchr(principal, '@');
	bool mapped = name_client(env, answer, res);

	if ((state & STATE_BOUND) && !(answer->flags & GSS_C_CHANNEL_BOUND_FLAG)) {
		verdict(res, SEC_E_BAD_BINDINGS, "the client gives no channel bindings");
	} else if (!kerberos_etype_allowed(state & STATE_ARCFOUR,
					   (int32_t)answer->keys.enctype)) {
		verdict(res, SEC_E_KDC_UNKNOWN_ETYPE, "the key has an encryption type that is off");
	} else if (anonymous && !(step->req_flags & ASC_REQ_ALLOW_NULL_SESSION)) {
		verdict(res, SEC_E_LOGON_DENIED, "an anonymous client, which the service does not "
			"ask for");
	} else if (!anonymous && !mapped) {
		verdict(res, SEC_E_LOGON_DENIED, "a \"map\" rule in ksecd.conf refuses the client");
	} else {
		res->ret_flags = ret_flags(answer->flags);
		if (anonymous) {
			memset(&res->account, 0, sizeof(res->account));
			res->ret_flags |= ASC_RET_NULL_SESSION;
			res->anonymous = true;
		} else {
			memcpy(res->kept, answer->cookie, KERBEROS_COOKIE);
			res->delegated = answer->delegated;
			res->has_sids = answer->has_sids;
		}
		res->account.expiry = filetime_from_unix(answer->endtime);
		memcpy(res->key, &answer->keys, sizeof(answer->keys));
		res->key_len = sizeof(answer->keys);
		res->mech_flags = mech_flags(answer, state);
		strcpy(res->server, principal);
		memcpy(res->target, principal, (size_t)(at - principal));
		res->target[at - principal] = '\0';
		res->have_target = true;
		verdict(res, SEC_E_OK, "the ticket is good");
	}
}

/* An error for the client, where the service wants to send it one. */
static void refuse(enum kerberos_framing framing, const struct kerberos_answer *answer,
		   struct engine_result *res)
{
	const struct kerberos_verdict v = kerberos_judge(answer);

	engine_result_fail(res);
	verdict(res, v.status, v.reason);
	if (answer->token)
		res->token = kerberos_frame(framing, KERBEROS_ID_ERROR, answer->token,
					    answer->token_len, &res->token_len);
}

static void conclude(const struct engine_env *env, const struct engine_step *step,
		     enum kerberos_framing framing, const char *principal, uint8_t state,
		     struct kerberos_answer *answer, struct engine_result *res)
{
	if (GSS_ERROR(answer->major)) {
		refuse(framing, answer, res);
		return;
	}
	if (!take_token(res, framing, answer))
		verdict(res, SEC_E_INSUFFICIENT_MEMORY, "out of memory");
	else if (answer->major & GSS_S_CONTINUE_NEEDED)
		half_open(answer, principal, state, res);
	else
		let_in(env, step, answer, principal, state, res);
	if (res->status != SEC_E_OK && res->status != SEC_I_CONTINUE_NEEDED)
		engine_result_fail(res);
}

static void ask(const struct engine_env *env, const struct engine_step *step,
		const struct kerberos_question *question, enum kerberos_framing framing,
		const char *principal, uint8_t state, struct engine_result *res)
{
	struct kerberos_answer answer = { .major = GSS_S_FAILURE };

	env->library->accept(env->library->data, question, &answer);
	conclude(env, step, framing, principal, state, &answer, res);
	if (answer.token) {
		explicit_bzero(answer.token, answer.token_len);
		free(answer.token);
	}
	explicit_bzero(&answer, sizeof(answer));
}

/* What of the ticket can be judged before it is opened; NULL to go on. */
static const struct kerberos_service *judge_ticket(const struct engine_env *env,
						   const struct engine_step *step,
						   const struct kerberos_ap_req *req,
						   struct engine_result *res)
{
	const struct kerberos_service *service;
	struct kerberos_verdict v;

	if (req->user_to_user) {
		verdict(res, SEC_E_UNSUPPORTED_FUNCTION, "user to user authentication");
		return NULL;
	}
	/* MS-KILE 3.4.5.1; one in another package's token had its framing there. */
	if (req->framing == KERBEROS_RAW && !(step->req_flags & ASC_REQ_USE_DCE_STYLE) &&
	    !step->nested) {
		verdict(res, SEC_E_INVALID_TOKEN, "a token without framing, and the service does "
			"not ask for DCE style");
		return NULL;
	}
	service = kerberos_find_service(env->kerberos, req, step->cred_uid, step->principal,
					step->principal_len, &v);
	if (!service) {
		verdict(res, v.status, v.reason);
		return NULL;
	}
	if (service->no_delegation && (step->req_flags & ASC_REQ_DELEGATE)) {
		verdict(res, SEC_E_UNSUPPORTED_FUNCTION, "the service asks for delegation, which "
			"\"forbid-delegation\" in ksecd.conf keeps from it");
		return NULL;
	}
	if (kerberos_etype_allowed(service->arcfour, req->ticket_etype) &&
	    kerberos_etype_allowed(service->arcfour, req->etype))
		return service;
	verdict(res, SEC_E_KDC_UNKNOWN_ETYPE,
		"the ticket or its session key has an encryption type that is off");
	return NULL;
}

static void first_leg(const struct engine_env *env, const struct engine_step *step,
		      struct engine_result *res)
{
	bool allow_missing = step->req_flags & ASC_REQ_ALLOW_MISSING_BINDINGS;
	const struct kerberos_service *service;
	char principal[2 * KERBEROS_PRINCIPAL_MAX];
	struct channel_bindings bindings;
	struct kerberos_question q = {
		.replay_cache = env->kerberos->replay_cache,
		.principal = principal,
		.token = { step->token, step->token_len },
		.context = step->context,
		.want_error = step->req_flags & ASC_REQ_EXTENDED_ERROR,
		.delegate = step->req_flags & ASC_REQ_DELEGATE,
	};
	struct kerberos_ap_req req;
	uint8_t *framed = NULL, state = 0;
	const char *wrong;

	wrong = kerberos_read_token(step->token, step->token_len, &req);
	if (!wrong && step->bindings_len) {
		wrong = channel_bindings_read(step->bindings, step->bindings_len, &bindings);
		q.bindings = &bindings;
	}
	if (wrong) {
		verdict(res, SEC_E_INVALID_TOKEN, wrong);
		return;
	}
	service = judge_ticket(env, step, &req, res);
	if (!service)
		return;
	/* In DCE style MIT's GSSAPI (krb5 1.20) loses what is delegated, and its memory. */
	if (req.framing == KERBEROS_RAW)
		q.delegate = false;
	q.keytab = service->keytab;
	strcpy(principal, req.name);
	strcat(principal, "@");
	strcat(principal, req.realm);
	if (req.framing == KERBEROS_FRAMED_MS) {
		framed = kerberos_frame(KERBEROS_FRAMED, KERBEROS_ID_AP_REQ, req.message.data,
					req.message.len, &q.token.len);
		if (!framed) {
			verdict(res, SEC_E_INSUFFICIENT_MEMORY, "out of memory");
			return;
		}
		q.token.data = framed;
	}
	if (service->arcfour)
		state |= STATE_ARCFOUR;
	if (service->require_cbt || (q.bindings && !allow_missing))
		state |= STATE_BOUND;
	ask(env, step, &q, req.framing, principal, state, res);
	free(framed);
}

static void last_leg(const struct engine_env *env, const struct engine_step *step,
		     struct engine_result *res)
{
	struct kerberos_question q = {
		.token = { step->token, step->token_len },
		.context = step->context,
	};
	char principal[2 * KERBEROS_PRINCIPAL_MAX];
	size_t len = step->state_len - STATE_HEADER;

	if (step->state_len < STATE_HEADER || step->state[0] != STATE_VERSION ||
	    len >= sizeof(principal) || !memchr(step->state + STATE_HEADER, '@', len)) {
		verdict(res, SEC_E_INTERNAL_ERROR, "the state is another version's");
		return;
	}
	memcpy(principal, step->state + STATE_HEADER, len);
	principal[len] = '\0';
	q.cookie = step->state + 2;
	ask(env, step, &q, KERBEROS_RAW, principal, step->state[1], res);
}

static void kerberos_accept(const struct engine_env *env, const struct engine_step *step,
			    struct engine_result *res)
{
	res->mech = KSECDD_PACKAGE_KERBEROS;
	if (!env->library || !env->kerberos)
		verdict(res, SEC_E_INTERNAL_ERROR, "there is no Kerberos library");
	else if (step->req_flags & ASC_REQ_DATAGRAM)
		verdict(res, SEC_E_UNSUPPORTED_FUNCTION,
			"the service asks for datagrams, which this Kerberos does not do");
	else if (step->req_flags & ASC_REQ_PROXY_BINDINGS)
		/* The library does not say what is in a checksum that it did not compare. */
		verdict(res, SEC_E_UNSUPPORTED_FUNCTION,
			"the service asks for whatever channel bindings there are, which this "
			"Kerberos cannot see");
	else if (step->leg && step->state_len)
		last_leg(env, step, res);
	else if (step->leg)
		verdict(res, SEC_E_INVALID_TOKEN, "the logon is over");
	else
		first_leg(env, step, res);
}

const struct engine kerberos_engine = {
	.name = "Kerberos",
	.package = KSECDD_PACKAGE_KERBEROS,
	.accept = kerberos_accept,
};
