/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine in a world of its own: names, policy, accounts, time and random
 * bytes are the test's.
 */
#ifndef KSECDD_UNIT_NTLM_SERVER_H
#define KSECDD_UNIT_NTLM_SERVER_H

#include "client.h"
#include "helper/accounts/file.h"
#include "helper/engine.h"

/* A MIC that the module makes */
#define SERVER_MIC	"the module's MIC"

/* 2026-11-22 00:00 UTC as FILETIME */
#define SERVER_NOW	134397792000000000ULL

/**
 * struct server - the engine and what it was told
 * @engine:    which engine: that of NTLM unless the test says otherwise
 * @mechs:     what Negotiate may choose from; all
 * @mic_status: what the module says of a MIC: SEC_E_OK
 * @mic:       a MIC was judged in the last step
 * @made:      a MIC was made in the last step
 * @seal:      does what the module does to seal and to unseal; NULL - it does not
 * @outer:     tokens come in records
 * @credssp:   what the configuration says of CredSSP
 * @cred_uid:  who acquired the credential
 * @covered:   what a MIC covers
 * @received:  the client's MIC
 * @names:     this server
 * @policy:    the configuration; at its defaults
 * @accounts:  where accounts come from: @db
 * @db:        what server_init() was given, or NULL
 * @now:       the time
 * @random:    the next challenge; counted up
 * @no_random: there are no random bytes
 * @req_flags: ASC_REQ_* of every step
 * @bindings:  channel bindings of every step
 * @bindings_len: their length in bytes
 * @bindings_once: they come with the first step only
 * @principal: principal of the credential, or NULL
 * @negotiate: the last NEGOTIATE_MESSAGE, for the client's MIC
 * @challenge: the last CHALLENGE_MESSAGE
 * @state:     the state that came with it
 * @state_len: its length in bytes
 * @result:    what the engine said last
 */
struct server {
	const struct engine *engine;
	uint32_t mechs;
	int32_t mic_status;
	bool mic;
	bool made;
	int32_t (*seal)(struct engine_result *res, struct engine_message *msg);
	bool outer;
	struct credssp_policy credssp;
	uint32_t cred_uid;
	struct bytes covered;
	struct bytes received;
	struct engine_names names;
	struct engine_policy policy;
	struct account_source accounts;
	struct account_db *db;
	uint64_t now;
	uint64_t random;
	bool no_random;
	uint32_t req_flags;
	const void *bindings;
	size_t bindings_len;
	bool bindings_once;
	const char *principal;
	struct bytes negotiate;
	struct bytes challenge;
	uint8_t state[KSECDD_MAX_STATE];
	size_t state_len;
	struct engine_result result;
};

struct server *server_new(const char *accounts);
void server_free(struct server *s);
struct account_db *server_load(const char *text);
int32_t server_step(struct server *s, uint32_t leg, const void *token, size_t len);
int32_t server_negotiate(struct server *s, const struct bytes *message);
int32_t server_authenticate(struct server *s, const struct bytes *message);
int32_t server_logon(struct server *s, struct client *c);

#endif /* KSECDD_UNIT_NTLM_SERVER_H */
