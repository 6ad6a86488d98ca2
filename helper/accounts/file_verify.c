// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Judging an NTLMv2 response by the NT hashes of the file.
 *
 * An attacker must not learn which accounts exist, so all of them, the unknown
 * ones and no store at all take the same path: two look-ups, two complete
 * verifications, one verdict.  What is special about an account is told only to
 * a client that knows its password.
 */
#include <string.h>

#include "helper/accounts/file_line.h"
#include "helper/ntlm/crypto.h"

/* Stands in for the hash of an unknown account; being right does not help. */
static const uint8_t nobody[ACCOUNT_HASH_LEN];

static const struct account_line *look_up(const struct account_db *db,
					  const struct ntlmv2_response *response)
{
	const struct account_line *exact, *any;

	if (!db)
		return NULL;
	exact = account_db_find(db, response->user, response->domain);
	any = account_db_find(db, response->user, "");
	return exact ? exact : any;
}

/* The reason to refuse a client that knows the password, or NULL. */
static const char *refuse(const struct account_line *line, uint64_t now)
{
	if (account_hash_is_empty(line->hash))
		return "the account has an empty password";
	if (line->disabled)
		return "the account is disabled";
	if ((uint64_t)line->expiry <= now)
		return "the account has expired";
	return NULL;
}

/**
 * account_db_verify() - judge an NTLMv2 response (MS-NLMP 3.2.5.1.2)
 * @db: the accounts; NULL if they cannot be read: then everybody is refused
 * @response: what the client answered
 * @now: FILETIME, UTC
 * @account: with SEC_E_OK: who it is
 * @session_base_key: with SEC_E_OK: 16 bytes, to be wiped by the caller
 * @reason: a literal for the log
 *
 * The client may have hashed its user name with the domain it names or without
 * one; both are tried.
 *
 * Return: SEC_E_OK or SEC_E_LOGON_DENIED.
 */
int32_t account_db_verify(const struct account_db *db, const struct ntlmv2_response *response,
			  uint64_t now, struct account *account, uint8_t session_base_key[16],
			  const char **reason)
{
	const struct account_line *line = look_up(db, response);
	const uint8_t *hash = line ? line->hash : nobody;
	uint8_t named_key[NTLM_KEY_LEN], bare_key[NTLM_KEY_LEN];
	const char *why = "unknown account or wrong password";
	int32_t status = SEC_E_LOGON_DENIED;
	bool named, bare;

	named = ntlm_response_check(hash, response->user, response->domain, response->challenge,
				    response->nt, response->nt_len, named_key);
	bare = ntlm_response_check(hash, response->user, "", response->challenge,
				   response->nt, response->nt_len, bare_key);
	if (line && (named || bare)) {
		why = refuse(line, now);
		if (!why) {
			status = SEC_E_OK;
			why = "accepted";
			memcpy(session_base_key, named ? named_key : bare_key, NTLM_KEY_LEN);
			account_line_account(line, account);
		}
	}
	if (!db)
		why = "the account file cannot be read";
	explicit_bzero(named_key, sizeof(named_key));
	explicit_bzero(bare_key, sizeof(bare_key));
	*reason = why;
	return status;
}
