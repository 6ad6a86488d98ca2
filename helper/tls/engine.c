// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Schannel engine: AcceptSecurityContext of "Microsoft Unified Security Protocol
 * Provider".
 *
 * The principal of the credential is the name of a [tls NAME]; none is the section [tls].
 * A client without a certificate is an anonymous one: TLS proves this server to it and not
 * it to this server.
 */
#include <string.h>

#include "helper/engine.h"
#include "helper/tls/config.h"

static void verdict(struct engine_result *res, int32_t status, const char *reason)
{
	res->status = status;
	res->reason = reason;
}

/* The server that the credential names, on the first leg; NULL with a verdict. */
static const struct tls_server *find_server(const struct engine_env *env,
					    const struct engine_step *step,
					    struct engine_result *res)
{
	const struct tls_server *server;

	server = tls_server_find(env->tls, step->principal, step->principal_len);
	if (!server && step->principal_len)
		verdict(res, SEC_E_NO_CREDENTIALS, "no [tls NAME] in ksecd.conf has the name that "
			"the credential has as its principal");
	else if (!server)
		verdict(res, SEC_E_NO_CREDENTIALS, "there is no section [tls] in ksecd.conf, and the "
			"credential names no other");
	else if (!config_uids_have(&tls_server_section(server)->users, step->cred_uid))
		verdict(res, SEC_E_NO_CREDENTIALS, "this user is not in \"users\" of the section in "
			"ksecd.conf");
	else
		return server;
	return NULL;
}

/* Whether clients are asked, by the configuration and by the service. */
static bool choose_client(const struct tls_section *section, const struct engine_step *step,
			  enum tls_client_certificate *client, struct engine_result *res)
{
	*client = section->client;
	if (*client != TLS_CLIENT_NONE || !(step->req_flags & ASC_REQ_MUTUAL_AUTH))
		return true;
	*client = TLS_CLIENT_ASK;
	if (*section->client_ca)
		return true;
	verdict(res, SEC_E_UNSUPPORTED_FUNCTION, "the service asks for certificates of clients, and "
		"no \"client-ca\" in ksecd.conf judges them");
	return false;
}

static void let_in(const struct engine_step *step, struct tls_answer *answer,
		   struct engine_result *res)
{
	res->tls = answer->session;
	memset(&answer->session, 0, sizeof(answer->session));
	res->anonymous = !answer->has_account;
	if (answer->has_account)
		res->account = answer->account;
	strcpy(res->user, res->account.user);
	strcpy(res->domain, res->account.domain);
	/* Every record is encrypted, authenticated and counted, whoever asked for that. */
	res->ret_flags = ASC_RET_STREAM | ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY |
			 ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT |
			 (step->req_flags & ASC_REQ_EXTENDED_ERROR ? ASC_RET_EXTENDED_ERROR : 0) |
			 (answer->has_account ? ASC_RET_MUTUAL_AUTH : 0);
}

static void take(const struct engine_step *step, struct tls_answer *answer,
		 struct engine_result *res)
{
	verdict(res, answer->status, answer->reason);
	if (answer->status == SEC_E_OK) {
		let_in(step, answer, res);
	} else if (answer->status == SEC_I_CONTINUE_NEEDED) {
		_Static_assert(TLS_MAX_STATE <= KSECDD_MAX_STATE, "the state fits");
		memcpy(res->state, answer->state, answer->state_len);
		res->state_len = answer->state_len;
	} else {
		engine_result_fail(res);
	}
	/* With a failure that is the alert. */
	res->token = answer->token;
	res->token_len = answer->token_len;
	answer->token = NULL;
}

static void schannel_accept(const struct engine_env *env, const struct engine_step *step,
			    struct engine_result *res)
{
	struct tls_question question = {
		.context = step->context,
		.state = step->state,
		.state_len = step->state_len,
		.token = step->token,
		.token_len = step->token_len,
		.protocols = step->params,
		.protocols_len = step->params_len,
	};
	struct tls_answer answer;

	res->mech = KSECDD_PACKAGE_SCHANNEL;
	if (step->req_flags & ASC_REQ_DATAGRAM) {
		verdict(res, SEC_E_UNSUPPORTED_FUNCTION, "the service asks for datagrams, and this "
			"is no DTLS");
		return;
	}
	if (step->leg && !step->state_len) {
		verdict(res, SEC_E_INVALID_TOKEN, "the handshake is over");
		return;
	}
	if (!step->leg) {
		question.server = find_server(env, step, res);
		if (!question.server ||
		    !choose_client(tls_server_section(question.server), step, &question.client, res))
			return;
	}
	tls_accept(&question, &answer);
	take(step, &answer, res);
	tls_answer_clear(&answer);
}

const struct engine schannel_engine = {
	.name = "Schannel",
	.package = KSECDD_PACKAGE_SCHANNEL,
	.accept = schannel_accept,
};
