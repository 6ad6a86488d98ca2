// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the account file in memory: read, searched, and asked about responses.
 * Input: the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/accounts/file_line.h"
#include "helper/ntlm/crypto.h"
#include "helper/ntlm/name.h"

#define PATH	"/etc/ksecd/accounts"

static void check_error(const char *error, const char *text, size_t size)
{
	unsigned int line = 0, lines = 1;
	size_t i;

	for (i = 0; i < size; i++)
		lines += text[i] == '\n';
	fuzz_assert(sscanf(error, PATH ":%u: ", &line) == 1 && line >= 1 && line <= lines,
		    "line %u of %u: %s", line, lines, error);
}

/* Which line answers for a name, found by looking at each of them */
static const struct account_line *search(const struct account_db *db, const char *user,
					 const char *domain)
{
	const struct account_line *any = NULL;
	size_t i;

	for (i = 0; i < db->count; i++) {
		const struct account_line *line = &db->lines[i];

		if (name_compare(line->user, user))
			continue;
		if (!name_compare(line->domain, domain))
			return line;
		if (!line->domain[0])
			any = line;
	}
	return any;
}

/* A client with the password of a line, as which it may or may not get in */
static void check_verify(const struct account_db *db, const struct account_line *line,
			 const char *domain)
{
	static const uint8_t challenge[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t nt[48] = { 0 }, key[16], base[16], session[16];
	const struct ntlm_span blob[] = { { challenge, 8 }, { nt + 16, 32 } }, proof = { nt, 16 };
	const struct ntlmv2_response response = {
		.user = line->user, .domain = domain, .workstation = "", .challenge = challenge,
		.nt = nt, .nt_len = sizeof(nt), .lm = nt,
	};
	const struct account_line *owner = search(db, line->user, domain);
	const uint64_t now = 134397792000000000ULL;
	struct account account;
	const char *reason = NULL;
	bool good;

	ntlm_ntowfv2(line->hash, line->user, domain, key);
	ntlm_hmac(key, blob, 2, nt);
	ntlm_hmac(key, &proof, 1, base);
	memset(&account, 0xa5, sizeof(account));
	memset(session, 0xa5, sizeof(session));
	good = owner && !memcmp(owner->hash, line->hash, 16) && !owner->disabled &&
	       (uint64_t)owner->expiry > now && !account_hash_is_empty(owner->hash);
	if (account_db_verify(db, &response, now, &account, session, &reason) == SEC_E_OK) {
		fuzz_assert(good, "accepted: %s\\%s", domain, line->user);
		fuzz_assert(!strcmp(account.user, owner->user) &&
			    !strcmp(account.domain, owner->domain) &&
			    !strcmp(account.local, owner->local), "accepted as somebody else");
		fuzz_assert(!memcmp(session, base, 16), "another key");
	} else {
		fuzz_assert(!good, "refused: %s", reason);
		fuzz_assert(fuzz_is_all(&account, 0xa5, sizeof(account)) &&
			    fuzz_is_all(session, 0xa5, sizeof(session)), "refused, and written");
	}
	fuzz_assert(reason, "no reason");
	nt[0] ^= 1;
	fuzz_assert(account_db_verify(db, &response, now, &account, session, &reason) ==
		    SEC_E_LOGON_DENIED, "accepted with another response");
}

static void check_db(const struct account_db *db)
{
	struct account_entry entry;
	size_t i;

	fuzz_assert(account_db_count(db) <= db->room, "more accounts than room");
	for (i = 0; i < db->count; i++) {
		const struct account_line *line = db->sorted[i];

		if (i) {
			int order = name_compare(db->sorted[i - 1]->user, line->user);

			fuzz_assert(order < 0 || (!order && name_compare(
					db->sorted[i - 1]->domain, line->domain) < 0),
				    "not sorted, or twice");
		}
		account_db_entry(db, i, &entry);
		fuzz_assert(entry.account.user[0] && !strcmp(entry.account.user, line->user),
			    "another account");
		fuzz_assert(account_db_find(db, line->user, line->domain) == line, "not found");
		/* Each account costs eight HMACs; some are enough. */
		if (i < 8) {
			check_verify(db, line, line->domain);
			check_verify(db, line, "OTHER");
		}
	}
	/* The text is kept for the names, and must not have the hashes any more. */
	for (i = 0; i < db->count; i++) {
		const char *hash = db->lines[i].local - 2 * ACCOUNT_HASH_LEN - 1;

		fuzz_assert(fuzz_is_all(hash, 0, 2 * ACCOUNT_HASH_LEN), "a hash is in the text");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[ACCOUNT_ERROR_LEN] = "", *text = malloc(size + 1);
	struct account_db *db = NULL;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (account_db_parse(PATH, text, size, &db, error)) {
		fuzz_assert(!db, "refused, and accounts");
		check_error(error, (const char *)data, size);
		return 0;
	}
	check_db(db);
	account_db_free(db);
	return 0;
}
