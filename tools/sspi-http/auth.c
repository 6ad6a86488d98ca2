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
};

SECURITY_STATUS auth_acquire(struct auth_policy *policy, const char **failed)
{
	SECURITY_STATUS status = SEC_E_OK;
	unsigned int i;

	for (i = 0; i < AUTH_SCHEMES && status == SEC_E_OK; i++) {
		if (!policy->offered[i])
			continue;
		*failed = auth_schemes[i];
		status = AcquireCredentialsHandleA(NULL, (SEC_CHAR *)auth_schemes[i],
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

/* The client's token for AcceptSecurityContext(), and what comes of it. */
static void accept_token(struct auth *auth, void *token, size_t len, SecBuffer *out)
{
	const struct auth_policy *policy = auth->policy;
	SecBuffer in[2] = {
		{ (ULONG)len, SECBUFFER_TOKEN, token },
		{ policy->bindings_len, SECBUFFER_CHANNEL_BINDINGS, policy->bindings },
	};
	SecBufferDesc input = { SECBUFFER_VERSION, policy->bindings ? 2 : 1, in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, out };
	PCredHandle credential = (PCredHandle)&policy->credential[auth->scheme];
	ULONG attributes;

	*out = (SecBuffer){ 0, SECBUFFER_TOKEN, NULL };
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

static enum auth_verdict judge(struct auth *auth, const char *text, char **answer)
{
	size_t room = strlen(text) / 4 * 3, len;
	unsigned char *token = malloc(room + 1);
	SecBuffer out;

	if (!token) {
		auth->status = SEC_E_INSUFFICIENT_MEMORY;
		return AUTH_UNAVAILABLE;
	}
	if (!base64_decode(text, token, room, &len)) {
		free(token);
		auth_reset(auth);
		auth->status = SEC_E_INVALID_TOKEN;
		return AUTH_REFUSED;
	}
	accept_token(auth, token, len, &out);
	free(token);
	if (out.cbBuffer) {
		*answer = malloc(4 * (((size_t)out.cbBuffer + 2) / 3) + 1);
		if (*answer) {
			base64_encode(out.pvBuffer, out.cbBuffer, *answer);
		} else {
			auth_reset(auth);
			auth->status = SEC_E_INSUFFICIENT_MEMORY;
		}
		FreeContextBuffer(out.pvBuffer);
	}
	return verdict_of(auth->status);
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

enum auth_verdict auth_request(struct auth *auth, const char *authorization, char **answer)
{
	enum auth_scheme scheme;
	const char *token = find_token(auth->policy, authorization, &scheme);

	*answer = NULL;
	if (!authorization && auth->state == AUTH_ESTABLISHED)
		return AUTH_ACCEPTED;
	/*
	 * Whoever shows other credentials, or none where an answer was due, is not
	 * the one who was being authenticated; whoever shows a token on an
	 * authenticated connection begins anew.
	 */
	if (!token || scheme != auth->scheme || auth->state == AUTH_ESTABLISHED)
		auth_reset(auth);
	if (!token)
		return AUTH_OFFER;
	auth->scheme = scheme;
	return judge(auth, token, answer);
}
