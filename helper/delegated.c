// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a client has delegated goes to the local user, who is the one that can use it.
 * Where it does not go, the logon goes on without it, and the log says why.
 */
#include <stdio.h>
#include <string.h>

#include "helper/delegated.h"
#include "helper/log.h"
#include "helper/request.h"
#include "helper/text.h"

static void complain(const struct delegated_to *to, const char *client, const char *what,
		     const char *why, const char *remedy)
{
	char shown[TEXT_NAME_MAX], local[TEXT_NAME_MAX];

	log_warning("context %llu: what \"%s\" has delegated cannot be kept %s local user \"%s\": "
		    "%s; %s", (unsigned long long)to->context,
		    text_escape(shown, sizeof(shown), client), what,
		    text_escape(local, sizeof(local), to->local), why, remedy);
}

/**
 * delegated_keep_ticket() - a ticket goes to a credential cache
 * @to:      who gets it
 * @account: whose ticket it is
 * @kept:    the ticket
 * @reply:   receives the cache's name
 *
 * Return: false if it is nowhere; the log says so.
 */
bool delegated_keep_ticket(const struct delegated_to *to, const struct account *account,
			   const struct kerberos_kept *kept, struct ccache_reply *reply)
{
	char principal[2 * KSECDD_MAX_NAME];

	snprintf(principal, sizeof(principal), "%s@%s", account->user, account->domain);
	ccache_store(to->id->uid, to->id->gid, principal, kept->tgt, kept->tgt_len, reply);
	if (!reply->code)
		return true;
	complain(to, principal, "for", reply->why, ccache_remedy(reply->code));
	return false;
}

/**
 * delegated_keep_secret() - a password goes to a key
 * @to:     who gets it
 * @secret: the password, or what else it is
 * @fetch:  the service may fetch it, once
 *
 * The key is the context's; that the user's own keyring has it, too, is for what he
 * does later.
 *
 * Return: false if it is nowhere; the log says so.
 */
bool delegated_keep_secret(const struct delegated_to *to, const struct engine_secret *secret,
			   bool fetch)
{
	struct ksecdd_credential credential = {
		.flags = fetch ? KSECDD_CREDENTIAL_FETCH : 0,
		.user = (uintptr_t)secret->user,
		.domain = (uintptr_t)secret->domain,
		.secret = (uintptr_t)secret->secret,
		.client = (uintptr_t)to->client,
		.user_len = (uint32_t)strlen(secret->user),
		.domain_len = (uint32_t)strlen(secret->domain),
		.secret_len = (uint32_t)strlen(secret->secret),
		.client_len = (uint32_t)strlen(to->client),
		.uid = to->id->uid,
		.gid = to->id->gid,
	};
	int ret = request_credential(to->fd, &credential);
	struct ccache_reply reply;

	if (ret) {
		complain(to, to->client, "for", strerror(-ret), ccache_remedy(-ret));
		return false;
	}
	ccache_link(to->id->uid, to->id->gid, credential.key, &reply);
	if (reply.code)
		complain(to, to->client, "in the keyring of", reply.why,
			 ccache_remedy(reply.code));
	return true;
}
