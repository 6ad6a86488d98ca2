// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Authentication of HTTP connections, through sspi.h.
 */
#include <stdlib.h>
#include <string.h>

#include "auth.h"
#include "http.h"

const char *const auth_schemes[AUTH_SCHEMES] = {
	[AUTH_NEGOTIATE] = "Negotiate",
	[AUTH_NTLM] = "NTLM",
	[AUTH_DIGEST] = "Digest",
};

static const char *const packages[AUTH_SCHEMES] = {
	[AUTH_NEGOTIATE] = "Negotiate",
	[AUTH_NTLM] = "NTLM",
	[AUTH_DIGEST] = "WDigest",
};

SECURITY_STATUS auth_acquire(struct auth_policy *policy, const char **failed)
{
	SECURITY_STATUS status = SEC_E_OK;
	unsigned int i;

	for (i = 0; i < AUTH_SCHEMES && status == SEC_E_OK; i++) {
		if (!policy->offered[i])
			continue;
		*failed = packages[i];
		status = AcquireCredentialsHandleA(NULL, (SEC_CHAR *)packages[i],
						   SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
						   &policy->credential[i], NULL);
	}
	return status;
}

bool auth_set_bindings(struct auth_policy *policy, const void *data, size_t len)
{
	SEC_CHANNEL_BINDINGS *bindings = calloc(1, sizeof(*bindings) + len);

	if (!bindings)
		return false;
	bindings->cbApplicationDataLength = (ULONG)len;
	bindings->dwApplicationDataOffset = sizeof(*bindings);
	memcpy(bindings + 1, data, len);
	free(policy->bindings);
	policy->bindings = bindings;
	policy->bindings_len = (ULONG)(sizeof(*bindings) + len);
	return true;
}

void auth_release(struct auth_policy *policy)
{
	unsigned int i;

	for (i = 0; i < AUTH_SCHEMES; i++)
		if (policy->offered[i])
			FreeCredentialsHandle(&policy->credential[i]);
	free(policy->bindings);
}

void auth_reset(struct auth *auth)
{
	if (auth->state != AUTH_NONE)
		DeleteSecurityContext(&auth->context);
	auth->state = AUTH_NONE;
}

/*
 * The library allocates the token.  Nothing is asked of the client's messages: HTTP
 * does not let NTLM protect them.
 */
#define ALWAYS_ASKED	(ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONNECTION)

/* What is put into an input descriptor is only read. */
static void add_buffer(SecBufferDesc *desc, ULONG type, const void *data, size_t len)
{
	desc->pBuffers[desc->cBuffers++] = (SecBuffer){ (ULONG)len, type, (void *)data };
}

/*
 * What AcceptSecurityContext() gets: the client's token, the bindings, and for Digest what
 * the client has to have signed.
 */
static void accept_token(struct auth *auth, const struct http_request *req, void *token,
			 size_t len, SecBuffer *out)
{
	const struct auth_policy *policy = auth->policy;
	SecBuffer in[4];
	SecBufferDesc input = { SECBUFFER_VERSION, 0, in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, out };
	PCredHandle credential = (PCredHandle)&policy->credential[auth->scheme];
	ULONG attributes;

	add_buffer(&input, SECBUFFER_TOKEN, token, len);
	if (policy->bindings)
		add_buffer(&input, SECBUFFER_CHANNEL_BINDINGS, policy->bindings,
			   policy->bindings_len);
	if (auth->scheme == AUTH_DIGEST) {
		add_buffer(&input, SECBUFFER_PKG_PARAMS, req->method, strlen(req->method));
		add_buffer(&input, SECBUFFER_PKG_PARAMS, req->target, strlen(req->target));
	}
	auth->status = AcceptSecurityContext(credential,
					     auth->state == AUTH_NONE ? NULL : &auth->context,
					     &input, policy->req_flags | ALWAYS_ASKED,
					     SECURITY_NETWORK_DREP, &auth->context, &output,
					     &attributes, NULL);
	if (auth->status == SEC_E_OK)
		auth->state = AUTH_ESTABLISHED;
	else if (auth->status == SEC_I_CONTINUE_NEEDED)
		auth->state = AUTH_HALF_OPEN;
	else
		auth_reset(auth);
}

static enum auth_verdict verdict_of(SECURITY_STATUS status)
{
	switch (status) {
	case SEC_E_OK:
		return AUTH_ACCEPTED;
	case SEC_I_CONTINUE_NEEDED:
		return AUTH_CONTINUE;
	case SEC_E_NO_AUTHENTICATING_AUTHORITY:
	case SEC_E_SECPKG_NOT_FOUND:
	case SEC_E_INSUFFICIENT_MEMORY:
	case SEC_E_INTERNAL_ERROR:
		return AUTH_UNAVAILABLE;
	default:
		return AUTH_REFUSED;
	}
}

/* Digest's tokens are text, all others are base64.  Returns NULL without memory. */
static void *decode(const struct auth *auth, const char *text, size_t *len, bool *ok)
{
	size_t room = strlen(text) / 4 * 3;
	void *token;

	*ok = true;
	if (auth->scheme == AUTH_DIGEST) {
		*len = strlen(text);
		return strdup(text);
	}
	token = malloc(room + 1);
	if (token)
		*ok = base64_decode(text, token, room, len);
	return token;
}

static char *encode(const struct auth *auth, const SecBuffer *token)
{
	char *text;

	if (auth->scheme == AUTH_DIGEST)
		return strndup(token->pvBuffer, token->cbBuffer);
	text = malloc(4 * (((size_t)token->cbBuffer + 2) / 3) + 1);
	if (text)
		base64_encode(token->pvBuffer, token->cbBuffer, text);
	return text;
}

static enum auth_verdict judge(struct auth *auth, const struct http_request *req,
			       const char *text, char **answer)
{
	SecBuffer out = { 0, SECBUFFER_TOKEN, NULL };
	void *token;
	size_t len;
	bool ok;

	token = decode(auth, text, &len, &ok);
	if (!token || !ok) {
		free(token);
		auth_reset(auth);
		auth->status = token ? SEC_E_INVALID_TOKEN : SEC_E_INSUFFICIENT_MEMORY;
		return verdict_of(auth->status);
	}
	accept_token(auth, req, token, len, &out);
	free(token);
	if (out.cbBuffer) {
		*answer = encode(auth, &out);
		if (!*answer) {
			auth_reset(auth);
			auth->status = SEC_E_INSUFFICIENT_MEMORY;
		}
		FreeContextBuffer(out.pvBuffer);
	}
	return verdict_of(auth->status);
}

/*
 * The client has to begin, or to begin again.  With Digest it cannot without a challenge;
 * the status stays that of the token that was judged.
 */
static enum auth_verdict offer(struct auth *auth, const struct http_request *req,
			       enum auth_verdict verdict, char **answer)
{
	SECURITY_STATUS status = auth->status;
	enum auth_verdict challenged;

	free(*answer);
	*answer = NULL;
	if (!auth->policy->offered[AUTH_DIGEST])
		return verdict;
	auth->scheme = AUTH_DIGEST;
	challenged = judge(auth, req, "", answer);
	if (challenged == AUTH_UNAVAILABLE)
		return challenged;
	auth->status = status;
	return verdict;
}

/* The token of a scheme that is offered, or NULL. */
static const char *find_token(const struct auth_policy *policy, const char *authorization,
			      enum auth_scheme *scheme)
{
	const char *token = NULL;
	unsigned int i;

	for (i = 0; i < AUTH_SCHEMES && !token; i++) {
		*scheme = i;
		if (policy->offered[i])
			token = http_credentials(authorization, auth_schemes[i]);
	}
	return token;
}

enum auth_verdict auth_request(struct auth *auth, const struct http_request *req, char **answer)
{
	enum auth_scheme scheme;
	enum auth_verdict verdict;
	const char *token = find_token(auth->policy, req->authorization, &scheme);

	*answer = NULL;
	if (!req->authorization && auth->state == AUTH_ESTABLISHED && auth->scheme != AUTH_DIGEST)
		return AUTH_ACCEPTED;
	/*
	 * Whoever shows other credentials, or none where an answer was due, is not
	 * the one who was being authenticated; whoever shows a token on an
	 * authenticated connection begins anew.
	 */
	if (!token || scheme != auth->scheme || auth->state == AUTH_ESTABLISHED)
		auth_reset(auth);
	if (!token)
		return offer(auth, req, AUTH_OFFER, answer);
	auth->scheme = scheme;
	verdict = judge(auth, req, token, answer);
	return verdict == AUTH_REFUSED ? offer(auth, req, verdict, answer) : verdict;
}
