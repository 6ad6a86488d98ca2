/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who knows the accounts: the file of hashes, or a domain through winbind.
 *
 * A source judges a whole response instead of handing out a hash, because
 * a domain controller never hands one out.  Whether the account is unknown or
 * the password wrong, a source does the same work and gives the same answer.
 */
#ifndef KSECD_ACCOUNT_H
#define KSECD_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ksecdd.h>

#include "helper/digest/hash.h"

/**
 * struct account - who a client turned out to be
 * @user:    account name as the source spells it, UTF-8
 * @domain:  domain of the account as the source spells it, UTF-8
 * @local:   name of the local user the account maps to, empty for none; the
 *           daemon turns it into uid, gid and groups
 * @by_rule: @local follows from a rule for many accounts, which must not make
 *           anybody root
 * @expiry:  FILETIME (UTC) when the account's logon ends, or KSECDD_TIME_NEVER
 */
struct account {
	char user[KSECDD_MAX_NAME / 2];
	char domain[KSECDD_MAX_NAME / 2 - 1];
	char local[256];
	bool by_rule;
	int64_t expiry;
};

/**
 * struct ntlmv2_response - what the client answered to the challenge
 * @user:        user name as sent, UTF-8
 * @domain:      domain as sent, UTF-8
 * @workstation: workstation as sent, UTF-8
 * @challenge:   the 8-byte ServerChallenge
 * @nt:          NtChallengeResponse: 16-byte NTProofStr and the client's blob
 * @nt_len:      length of @nt in bytes, at least 48
 * @lm:          LmChallengeResponse, may be empty; for a domain controller
 * @lm_len:      length of @lm in bytes
 */
struct ntlmv2_response {
	const char *user;
	const char *domain;
	const char *workstation;
	const uint8_t *challenge;
	const uint8_t *nt;
	size_t nt_len;
	const uint8_t *lm;
	size_t lm_len;
};

/**
 * struct account_source - a table of functions over one store of accounts
 * @name:   as the configuration calls it: "file", "winbind"
 * @verify: judge an NTLMv2 response.  On SEC_E_OK @account is filled and
 *          @session_base_key holds the 16-byte SessionBaseKey (MS-NLMP 3.3.2),
 *          which the caller wipes.  Otherwise both are left alone and the
 *          result is SEC_E_LOGON_DENIED (unknown account, wrong password,
 *          disabled account, an account without a password, an unreadable
 *          store), SEC_E_NO_AUTHENTICATING_AUTHORITY (no domain controller or
 *          no winbindd to ask), SEC_E_INSUFFICIENT_MEMORY (nothing was judged, or
 *          not to the end) or SEC_E_INTERNAL_ERROR (the account's local user
 *          cannot be found out).  @reason is set to a literal for the log.
 *          Safe to call from many threads at once; may block.
 * @verify_digest: judge a response of Digest, in the same way; there is no key.
 *          NULL - the source has nothing to judge it by
 * @data:   handed to @verify and @verify_digest
 */
struct account_source {
	const char *name;
	int32_t (*verify)(void *data, const struct ntlmv2_response *response,
			  struct account *account, uint8_t session_base_key[16],
			  const char **reason);
	int32_t (*verify_digest)(void *data, const struct digest_response *response,
				 struct account *account, const char **reason);
	void *data;
};

#endif /* KSECD_ACCOUNT_H */
