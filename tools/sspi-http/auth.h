/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authentication of HTTP connections with Negotiate (RFC 4559) and NTLM, and of requests
 * with Digest (RFC 7616), through sspi.h.
 *
 * The client is authenticated once for a connection and not for each request, as
 * browsers and IIS do it and as RFC 4559 has it for Negotiate: a token in an
 * Authorization field, an answer in WWW-Authenticate, on one connection.  So
 * this must not stand behind a proxy that puts requests of several clients on one
 * connection.
 *
 * With Digest each request has a proof of its own, over its method and target.  The
 * challenge is the connection's: who comes on another one, or a second time, gets a new
 * one that says "stale", to which clients answer without asking their user.
 */
#ifndef SSPI_HTTP_AUTH_H
#define SSPI_HTTP_AUTH_H

#include <stdbool.h>

#include <sspi.h>

struct http_request;

/* Schemes of WWW-Authenticate, best first */
enum auth_scheme {
	AUTH_NEGOTIATE,
	AUTH_NTLM,
	AUTH_DIGEST,
	AUTH_SCHEMES,
};

extern const char *const auth_schemes[AUTH_SCHEMES];

/**
 * struct auth_policy - what is the same for all connections
 * @offered:    which schemes clients may use
 * @credential: inbound credential for each of them
 * @req_flags:  ASC_REQ_* beyond what this server always asks for
 * @bindings:   the TLS channel that clients have to prove they see, or NULL; without
 *              ASC_REQ_ALLOW_MISSING_BINDINGS all of them have to
 * @bindings_len: its length in bytes, with the header
 */
struct auth_policy {
	bool offered[AUTH_SCHEMES];
	CredHandle credential[AUTH_SCHEMES];
	ULONG req_flags;
	SEC_CHANNEL_BINDINGS *bindings;
	ULONG bindings_len;
};

/**
 * struct auth - how far a connection is
 * @policy:      of the server
 * @scheme:      what the client's last token was for
 * @context:     the security context, unless @state is AUTH_NONE
 * @state:       what there is
 * @status:      of the last token that was judged
 */
struct auth {
	const struct auth_policy *policy;
	enum auth_scheme scheme;
	CtxtHandle context;
	enum { AUTH_NONE, AUTH_HALF_OPEN, AUTH_ESTABLISHED } state;
	SECURITY_STATUS status;
};

/* What to do about a request */
enum auth_verdict {
	AUTH_ACCEPTED,		/* the client is known */
	AUTH_CONTINUE,		/* send it the challenge */
	AUTH_OFFER,		/* tell it that authentication is required */
	AUTH_REFUSED,		/* likewise, since @status of struct auth is a failure */
	AUTH_UNAVAILABLE,	/* the server cannot judge anybody now; see @status */
};

/**
 * auth_acquire() - get the server's credentials
 * @policy: receives one for each scheme that is offered
 * @failed: receives the name of the package there is none for
 *
 * Return: SECURITY_STATUS
 */
SECURITY_STATUS auth_acquire(struct auth_policy *policy, const char **failed);

/**
 * auth_set_bindings() - say what clients are bound to
 * @policy: of the server; what it had is forgotten
 * @data:   application data, "tls-server-end-point:" and a hash for instance
 * @len:    its length in bytes
 *
 * Return: false without memory
 */
bool auth_set_bindings(struct auth_policy *policy, const void *data, size_t len);

/**
 * auth_release() - give back what a policy has
 * @policy: of the server
 */
void auth_release(struct auth_policy *policy);

/**
 * auth_request() - judge a request
 * @auth:          of its connection
 * @req:           the request
 * @answer:        receives what stands in WWW-Authenticate behind the name of
 *                 @auth->scheme; to be freed; NULL if there is no token to send
 *
 * Return: what to do
 */
enum auth_verdict auth_request(struct auth *auth, const struct http_request *req, char **answer);

/**
 * auth_reset() - forget whom a connection belongs to
 * @auth: of the connection
 */
void auth_reset(struct auth *auth);

#endif /* SSPI_HTTP_AUTH_H */
