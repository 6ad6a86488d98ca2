/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Digest engine in a world of its own.
 */
#ifndef KSECDD_UNIT_DIGEST_SERVER_H
#define KSECDD_UNIT_DIGEST_SERVER_H

#include <linux/ksecdd_digest.h>

#include "client.h"
#include "helper/accounts/file.h"
#include "helper/engine.h"

/* 2026-11-22 00:00 UTC as FILETIME */
#define SERVER_NOW	134397792000000000ULL
#define SERVER_REALM	"test realm"

/**
 * struct digest_server - the engine and what it was told
 * @policy:    the configuration, at its defaults
 * @accounts:  where accounts come from: @db
 * @db:        the accounts; NULL - they cannot be read
 * @now:       the time
 * @no_random: there are no random bytes
 * @random:    counted up
 * @req_flags: ASC_REQ_* of every step
 * @part:      what the service says of the request; NULL or empty: not given
 * @complete:  the next step is CompleteAuthToken()
 * @raw:       the bytes of struct ksecdd_digest instead
 * @raw_len:   their number
 * @leg:       number of the next step
 * @state:     what the engine left behind
 * @state_len: its length in bytes
 * @token:     what it said to the client, NUL-terminated
 * @result:    what it said
 */
struct digest_server {
	struct digest_policy policy;
	struct account_source accounts;
	struct account_db *db;
	uint64_t now;
	bool no_random;
	uint8_t random;
	uint32_t req_flags;
	const char *part[KSECDD_DIGEST_PARTS];
	bool complete;
	const void *raw;
	size_t raw_len;
	uint32_t leg;
	uint8_t state[KSECDD_MAX_STATE];
	size_t state_len;
	char token[CLIENT_TOKEN];
	struct engine_result result;
};

struct digest_server *digest_server_new(const char *accounts);
void digest_server_free(struct digest_server *s);
void digest_server_restart(struct digest_server *s);
int32_t digest_server_step(struct digest_server *s, const char *token);

#endif /* KSECDD_UNIT_DIGEST_SERVER_H */
