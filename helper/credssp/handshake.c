// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TLS handshake that CredSSP begins with: the client shows no certificate, and the
 * keys of the records become the module's outer keys (MS-CSSP 3.1.5, step 1).
 */
#include <string.h>

#include "helper/credssp/credssp.h"
#include "helper/tls/config.h"

/* The server that the credential names, or else the configuration; NULL with a verdict. */
static const struct tls_server *find_server(struct credssp *c)
{
	const struct tls_server *server;
	const char *name = c->step->principal;
	size_t len = c->step->principal_len;

	if (!len) {
		name = c->env->credssp->tls;
		len = strlen(name);
	}
	server = tls_server_find(c->env->tls, name, len);
	if (!server)
		credssp_verdict(c, SEC_E_NO_CREDENTIALS, "there is no [tls NAME] in ksecd.conf of "
				"the name that the credential, or [credssp], has");
	else if (!config_uids_have(&tls_server_section(server)->users, c->step->cred_uid))
		credssp_verdict(c, SEC_E_NO_CREDENTIALS, "this user is not in \"users\" of the "
				"section [tls] in ksecd.conf");
	else
		return server;
	return NULL;
}

/* What is known of the session goes to the module, and what is needed later is kept. */
static int32_t finish(struct credssp *c, struct tls_answer *answer)
{
	struct tls_session *session = &c->res->tls;

	if (!answer->public_key_len || answer->public_key_len > CREDSSP_MAX_KEY)
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR,
				       "the certificate's key is none that CredSSP can bind");
	*session = answer->session;
	explicit_bzero(&answer->session, sizeof(answer->session));
	/* That of the handshake is over, and Negotiate has none yet. */
	c->half.inner = (struct der_span){};
	c->half.key = (struct der_span){ answer->public_key, answer->public_key_len };
	c->half.endpoint = (struct der_span){ session->endpoint, session->endpoint_len };
	c->half.unique = (struct der_span){ session->unique, session->unique_len };
	return credssp_keep(c, CREDSSP_NEGOTIATION, "TLS is there");
}

static int32_t take_answer(struct credssp *c, struct tls_answer *answer)
{
	c->res->token = answer->token;
	c->res->token_len = answer->token_len;
	answer->token = NULL;
	answer->token_len = 0;
	if (answer->status == SEC_E_OK)
		return finish(c, answer);
	if (answer->status != SEC_I_CONTINUE_NEEDED)
		return credssp_verdict(c, answer->status, answer->reason);
	c->half.inner = (struct der_span){ answer->state, answer->state_len };
	return credssp_keep(c, CREDSSP_HANDSHAKE, answer->reason);
}

/**
 * credssp_handshake() - a token of TLS
 * @c: the logon
 *
 * Return: the status.
 */
int32_t credssp_handshake(struct credssp *c)
{
	const struct engine_step *step = c->step;
	struct tls_question question = {
		.context = step->context,
		.state = c->half.inner.data,
		.state_len = c->half.inner.len,
		.token = step->token,
		.token_len = step->token_len,
		.client = TLS_CLIENT_NONE,
	};
	struct tls_answer answer = { .status = SEC_E_INTERNAL_ERROR };
	int32_t status;

	if (!step->state_len) {
		question.server = find_server(c);
		if (!question.server)
			return c->res->status;
	}
	tls_accept(&question, &answer);
	status = take_answer(c, &answer);
	tls_answer_clear(&answer);
	return status;
}
