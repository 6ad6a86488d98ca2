/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A logon through libsspi, ksecd and its NTLM engine, with a client that does
 * what the test wants.  The accounts are those of the test guest.
 */
#ifndef KSECDD_SELFTESTS_LOGON_H
#define KSECDD_SELFTESTS_LOGON_H

#include <sspi.h>

#include "tools/testing/unit/ntlm/client.h"

/* What most services ask for */
#define LOGON_REQ	(ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY | ASC_REQ_REPLAY_DETECT | \
			 ASC_REQ_SEQUENCE_DETECT)
/* What they get from a client that grants all of it */
#define LOGON_RET	(ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY | ASC_RET_REPLAY_DETECT | \
			 ASC_RET_SEQUENCE_DETECT)

/* Handles that no call has written to; no handle has this value. */
#define LOGON_UNTOUCHED	((ULONG_PTR)0xeeeeeeee)

/**
 * struct logon - a service and its client
 * @client:       the client
 * @cred:         the service's credential: logon_cred() unless the test says
 *                otherwise
 * @req:          ASC_REQ_*
 * @bindings:     SEC_CHANNEL_BINDINGS buffer of the service, or NULL
 * @bindings_len: its length in bytes
 * @context:      the context, LOGON_UNTOUCHED while there is none
 * @attr:         ASC_RET_* of the last call
 * @expiry:       expiry of the last call
 * @negotiate:    the client's first message
 * @challenge:    what the service answered
 * @authenticate: the client's second message
 */
struct logon {
	struct client client;
	CredHandle *cred;
	ULONG req;
	const void *bindings;
	ULONG bindings_len;
	CtxtHandle context;
	ULONG attr;
	TimeStamp expiry;
	struct bytes negotiate;
	struct bytes challenge;
	struct bytes authenticate;
};

CredHandle *logon_cred(void);
void logon_init(struct logon *l);
SECURITY_STATUS logon_send(struct logon *l, const struct bytes *token, struct bytes *answer);
SECURITY_STATUS logon_first(struct logon *l);
SECURITY_STATUS logon_second(struct logon *l);
SECURITY_STATUS logon_run(struct logon *l);
void logon_end(struct logon *l);

bool same_wide(const WCHAR *wide, const char *ascii);
void widen(WCHAR *wide, const char *ascii);

#endif /* KSECDD_SELFTESTS_LOGON_H */
