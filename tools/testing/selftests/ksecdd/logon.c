// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A logon through libsspi.
 */
#include <linux/ksecdd.h>

#include "logon.h"
#include "suite.h"

/**
 * logon_cred() - an inbound NTLM credential, the same one for all
 *
 * Return: the credential
 */
CredHandle *logon_cred(void)
{
	static CredHandle cred;
	static bool have;

	if (!have)
		REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL,
							 NULL, NULL, NULL, &cred, NULL), SEC_E_OK);
	have = true;
	return &cred;
}

/**
 * logon_init() - a client that logs in as alice, and a service that wants everything
 * @l: the logon; without anything to be ended before
 */
void logon_init(struct logon *l)
{
	memset(l, 0, sizeof(*l));
	client_init(&l->client);
	l->cred = logon_cred();
	l->req = LOGON_REQ;
	l->context = (CtxtHandle){ LOGON_UNTOUCHED, LOGON_UNTOUCHED };
}

/* A logon of zeros has none either: nothing has been begun with it. */
static bool has_context(const struct logon *l)
{
	if (!l->context.dwLower && !l->context.dwUpper)
		return false;
	return l->context.dwLower != LOGON_UNTOUCHED || l->context.dwUpper != LOGON_UNTOUCHED;
}

/**
 * logon_send() - one AcceptSecurityContext
 * @l:      the logon
 * @token:  what the client sends
 * @answer: receives what the service answers; what was there before stays if it
 *          is refused
 *
 * A context that is made is kept in the logon.
 *
 * Return: the status
 */
SECURITY_STATUS logon_send(struct logon *l, const struct bytes *token, struct bytes *answer)
{
	static _Thread_local uint8_t room[KSECDD_MAX_TOKEN];
	SecBuffer in[] = {
		{ (ULONG)token->len, SECBUFFER_TOKEN, (void *)token->data },
		{ l->bindings_len, SECBUFFER_CHANNEL_BINDINGS, (void *)l->bindings },
	};
	SecBuffer out[] = { { sizeof(room), SECBUFFER_TOKEN, room } };
	SecBufferDesc in_desc = { SECBUFFER_VERSION, l->bindings ? 2 : 1, in };
	SecBufferDesc out_desc = { SECBUFFER_VERSION, 1, out };
	SECURITY_STATUS status;

	status = AcceptSecurityContext(l->cred, has_context(l) ? &l->context : NULL, &in_desc,
				       l->req, SECURITY_NATIVE_DREP, &l->context, &out_desc,
				       &l->attr, &l->expiry);
	if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
		answer->len = 0;
		bytes_put(answer, room, out[0].cbBuffer);
	}
	return status;
}

/**
 * logon_first() - the client's first message
 * @l: the logon
 *
 * Return: the status
 */
SECURITY_STATUS logon_first(struct logon *l)
{
	client_negotiate(&l->client, &l->negotiate);
	return logon_send(l, &l->negotiate, &l->challenge);
}

/**
 * logon_second() - the client's answer to the challenge
 * @l: the logon, after logon_first()
 *
 * Return: the status
 */
SECURITY_STATUS logon_second(struct logon *l)
{
	struct bytes *answer = &l->authenticate;
	static _Thread_local struct bytes none;

	client_authenticate(&l->client, &l->negotiate, &l->challenge, answer);
	return logon_send(l, answer, &none);
}

/**
 * logon_run() - both messages
 * @l: the logon
 *
 * Return: the status of the second, or of the first if it is refused
 */
SECURITY_STATUS logon_run(struct logon *l)
{
	SECURITY_STATUS status = logon_first(l);

	return status == SEC_I_CONTINUE_NEEDED ? logon_second(l) : status;
}

/**
 * logon_end() - delete the context, if there is one
 * @l: the logon
 */
void logon_end(struct logon *l)
{
	if (has_context(l))
		CHECK_STATUS(DeleteSecurityContext(&l->context), SEC_E_OK);
	l->context = (CtxtHandle){ LOGON_UNTOUCHED, LOGON_UNTOUCHED };
}

/**
 * same_wide() - compare a UTF-16 string with an ASCII one
 * @wide:  the string
 * @ascii: the other one
 *
 * Return: true if they are the same
 */
bool same_wide(const WCHAR *wide, const char *ascii)
{
	while (*ascii && *wide == (unsigned char)*ascii) {
		wide++;
		ascii++;
	}
	return !*ascii && !*wide;
}

/**
 * widen() - make a UTF-16 string of an ASCII one
 * @wide:  receives it with its NUL
 * @ascii: the string
 */
void widen(WCHAR *wide, const char *ascii)
{
	do
		*wide++ = (unsigned char)*ascii;
	while (*ascii++);
}
