/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may log on, decided a second time (MS-NLMP 3.2.5.1.2), for the targets that
 * give the NTLM engine its messages.
 *
 * It shares nothing with the engine but the hash functions of nettle, and is told
 * everything: which accounts there are with which passwords.
 */
#ifndef KSECDD_FUZZ_NTLM_ORACLE_H
#define KSECDD_FUZZ_NTLM_ORACLE_H

#include "tools/testing/unit/ntlm/server.h"

/* struct oracle_account - an account as the oracle knows it */
struct oracle_account {
	const char *user;
	const char *domain;
	const char *password;
	bool usable;
};

extern const struct oracle_account oracle_accounts[];
extern const char oracle_account_file[];

/**
 * struct oracle - a logon to be judged
 * @server:       policy, names, time, principal and flags of the service
 * @negotiate:    the first message, as the server got it
 * @challenge:    the second message, as the server sent it
 * @token:        the third message
 * @token_len:    its length in bytes
 * @bindings:     hash of the service's channel bindings, or NULL
 * @account:      [out] who logs on; NULL is nobody
 * @key:          [out] the session key
 */
struct oracle {
	const struct server *server;
	const struct bytes *negotiate;
	const struct bytes *challenge;
	const uint8_t *token;
	size_t token_len;
	const uint8_t *bindings;
	const struct oracle_account *account;
	uint8_t key[16];
};

const char *oracle_judge(struct oracle *o);
bool oracle_repair(const struct bytes *negotiate, const struct bytes *challenge,
		   const struct oracle_account *account, uint8_t *token, size_t len,
		   bool mic_only);
const char *oracle_bindings(const uint8_t *bindings, size_t len, uint8_t hash[16]);
void oracle_check_result(const struct engine_result *res);

#endif /* KSECDD_FUZZ_NTLM_ORACLE_H */
