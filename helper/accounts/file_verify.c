// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Judging a response by the hashes of the file.
 *
 * An attacker must not learn which accounts exist, so all of them, the unknown
 * ones and no store at all take the same path: as many look-ups and complete
 * verifications, one verdict.  What is special about an account is told only to
 * a client that knows its password.
 */
#include <string.h>

#include "helper/accounts/file_line.h"
#include "helper/ntlm/crypto.h"

/* Stands in for the hash of an unknown account; being right does not help. */
static const uint8_t nobody[DIGEST_MAX_HASH];

_Static_assert(ACCOUNT_HASH_LEN <= DIGEST_MAX_HASH, "nobody has a hash of any length");

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

/*
 * Every account that can log on in the realm is looked at, also when it has been found:
 * how long that takes says nothing of the one that was looked for.  Names are hashed
 * as they are written.
 */
static const struct account_line *look_up_hashed(const struct account_db *db,
						 const struct digest_response *response)
{
	const size_t len = digest_len(response->algorithm);
	const struct account_line *found = NULL;
	uint8_t hash[DIGEST_MAX_HASH];
	char name[ACCOUNT_NAME_LEN];
	size_t i;

	for (i = 0; i < db->count; i++) {
		const struct account_line *line = db->sorted[i];

		if (!line->realm[0])
			continue;
		account_write_name(line->domain, line->user, name);
		digest_userhash(response->algorithm, name, response->realm, hash);
		if (!memcmp(hash, response->userhash, len))
			found = line;
	}
	return found;
}

/* The account of exactly the name that was hashed, but for capital and small letters. */
static const struct account_line *look_up_written(const struct account_db *db,
						  const struct digest_response *response)
{
	const char *user = response->user, *backslash = strchr(user, '\\');
	char domain[KSECDD_MAX_NAME + 1] = "";

	if (backslash) {
		memcpy(domain, user, (size_t)(backslash - user));
		user = backslash + 1;
	}
	return account_db_find(db, user, domain);
}

/**
 * account_db_verify_digest() - judge a response of Digest (RFC 7616 3.4.1)
 * @db: the accounts; NULL if they cannot be read: then everybody is refused
 * @response: what the client answered; its user has KSECDD_MAX_NAME bytes at most
 * @now: FILETIME, UTC
 * @account: with SEC_E_OK: who it is
 * @reason: a literal for the log
 *
 * Return: SEC_E_OK or SEC_E_LOGON_DENIED.
 */
int32_t account_db_verify_digest(const struct account_db *db,
				 const struct digest_response *response, uint64_t now,
				 struct account *account, const char **reason)
{
	const char *why = "unknown account or wrong password";
	const struct account_line *line = NULL;
	int32_t status = SEC_E_LOGON_DENIED;
	bool in_realm, right;

	if (db)
		line = response->userhash ? look_up_hashed(db, response) :
					    look_up_written(db, response);
	in_realm = line && line->realm[0] && !strcmp(line->realm, response->realm);
	right = digest_response_check(in_realm ? line->ha1[response->algorithm] : nobody,
				      response);
	if (in_realm && right) {
		why = refuse(line, now);
		if (!why) {
			status = SEC_E_OK;
			why = "accepted";
			account_line_account(line, account);
		}
	} else if (line && !in_realm) {
		why = "the account has no hashes of Digest for this realm; set its password anew "
		      "with 'ksecctl account add'";
	}
	if (!db)
		why = "the account file cannot be read";
	*reason = why;
	return status;
}
