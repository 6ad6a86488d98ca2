// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asking the sources of accounts in the configured order.
 *
 * A source does not tell an unknown account from a wrong password, so the next
 * one is asked after any refusal.  There is one exception: an account file that
 * cannot be read ends the matter.  It may be the file that disables somebody.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/accounts/file.h"
#include "helper/accounts/select.h"
#include "helper/accounts/winbind.h"
#include "helper/filetime.h"
#include "helper/log.h"

/**
 * struct accounts - the sources that are in use
 * @all:         all of them, as one
 * @link:        one each, in the order of asking
 * @n:           number of @link
 * @file:        the account file, or NULL if it is not in use
 * @file_failed: the last reading of @file went wrong
 */
struct accounts {
	struct account_source all;
	struct {
		enum config_source kind;
		struct account_source source;
	} link[CONFIG_SOURCES];
	unsigned int n;
	struct account_file *file;
	atomic_bool file_failed;
};

static void say(void *data, bool failed, const char *message)
{
	struct accounts *accounts = data;

	atomic_store(&accounts->file_failed, failed);
	log_line(failed ? LOG_ERR : LOG_INFO, "%s", message);
}

/**
 * struct question - a response that is judged by one source after the other
 * @ask:     have a source judge it
 * @can:     whether a source can judge it at all; one that cannot is passed over
 * @ntlm:    the response, if it is one of NTLMv2
 * @digest:  the response, if it is one of Digest
 * @account: who the client is
 * @key:     its session key, with @ntlm
 */
struct question {
	int32_t (*ask)(const struct question *q, const struct account_source *source,
		       const char **reason);
	bool (*can)(const struct account_source *source);
	const struct ntlmv2_response *ntlm;
	const struct digest_response *digest;
	struct account *account;
	uint8_t *key;
};

static int32_t ask_ntlm(const struct question *q, const struct account_source *source,
			const char **reason)
{
	return source->verify(source->data, q->ntlm, q->account, q->key, reason);
}

static bool can_ntlm(const struct account_source *source)
{
	return source->verify;
}

static int32_t ask_digest(const struct question *q, const struct account_source *source,
			  const char **reason)
{
	return source->verify_digest(source->data, q->digest, q->account, reason);
}

static bool can_digest(const struct account_source *source)
{
	return source->verify_digest;
}

static int32_t ask_all(struct accounts *accounts, const struct question *q, const char **reason)
{
	int32_t status, verdict = SEC_E_LOGON_DENIED;
	const struct account_source *source;
	const char *why;
	unsigned int i;

	*reason = "no source of accounts was asked";
	for (i = 0; i < accounts->n; i++) {
		source = &accounts->link[i].source;
		if (!q->can(source))
			continue;
		why = "no reason given";
		status = q->ask(q, source, &why);
		if (accounts->n > 1)
			log_debug("accounts: %s says: %s", source->name, why);
		/* Of two refusals the one that left the question open is kept. */
		if (verdict == SEC_E_LOGON_DENIED || status == SEC_E_OK)
			*reason = why;
		if (status == SEC_E_OK)
			return SEC_E_OK;
		/* What this source would have said, nobody knows: the next one has no say. */
		if (status == SEC_E_INSUFFICIENT_MEMORY)
			return status;
		if (accounts->link[i].kind == CONFIG_SOURCE_FILE &&
		    atomic_load(&accounts->file_failed))
			return SEC_E_LOGON_DENIED;
		if (status == SEC_E_NO_AUTHENTICATING_AUTHORITY)
			verdict = status;
		else if (status != SEC_E_LOGON_DENIED)
			return SEC_E_INTERNAL_ERROR;
	}
	return verdict;
}

static int32_t verify(void *data, const struct ntlmv2_response *response,
		      struct account *account, uint8_t session_base_key[16],
		      const char **reason)
{
	const struct question q = {
		.ask = ask_ntlm, .can = can_ntlm, .ntlm = response, .account = account,
		.key = session_base_key,
	};

	return ask_all(data, &q, reason);
}

static int32_t verify_digest(void *data, const struct digest_response *response,
			     struct account *account, const char **reason)
{
	const struct question q = {
		.ask = ask_digest, .can = can_digest, .digest = response, .account = account,
	};

	return ask_all(data, &q, reason);
}

static int open_file(struct accounts *accounts, const struct config *cfg,
		     struct account_source *source)
{
	int ret;

	ret = account_file_open(cfg->accounts_file, filetime_now, say, accounts,
				&accounts->file);
	if (!ret)
		account_file_source(accounts->file, source);
	return ret;
}

static int open_winbind(struct accounts *accounts, const struct config *cfg,
			struct account_source *source)
{
	(void)accounts;
	(void)cfg;
	winbind_open(source);
	return 0;
}

static int (*const openers[CONFIG_SOURCES])(struct accounts *accounts, const struct config *cfg,
					    struct account_source *source) = {
	[CONFIG_SOURCE_FILE] = open_file,
	[CONFIG_SOURCE_WINBIND] = open_winbind,
};

/**
 * accounts_open() - make the configured sources ready
 * @cfg: the configuration; not needed afterwards
 * @ret_accounts: the result; end it with accounts_close()
 * @err: what is wrong
 *
 * Return: 0; -errno with @err filled.  An account file that cannot be used is
 * no error: it is logged, every logon is denied, and the file is tried again.
 */
int accounts_open(const struct config *cfg, struct accounts **ret_accounts,
		  struct config_error *err)
{
	struct accounts *accounts;
	enum config_source kind;
	unsigned int i;
	int ret = -ENOMEM;

	accounts = calloc(1, sizeof(*accounts));
	if (!accounts)
		goto fail;
	for (i = 0; i < cfg->sources.n; i++) {
		kind = cfg->sources.list[i];
		accounts->link[i].kind = kind;
		ret = openers[kind](accounts, cfg, &accounts->link[i].source);
		if (ret)
			goto fail;
		accounts->n++;
		if (can_digest(&accounts->link[i].source))
			accounts->all.verify_digest = verify_digest;
	}
	accounts->all.name = "configured sources";
	accounts->all.verify = verify;
	accounts->all.data = accounts;
	*ret_accounts = accounts;
	return 0;
fail:
	snprintf(err->text, sizeof(err->text), "accounts: %s", strerror(-ret));
	accounts_close(accounts);
	return ret;
}

/**
 * accounts_close() - end the sources
 * @accounts: from accounts_open(), or NULL; nobody may be asking any more
 */
void accounts_close(struct accounts *accounts)
{
	if (!accounts)
		return;
	if (accounts->file)
		account_file_close(accounts->file);
	free(accounts);
}

/**
 * accounts_source() - all sources as one
 * @accounts: from accounts_open()
 *
 * Return: the source, as long as @accounts is open.
 */
const struct account_source *accounts_source(const struct accounts *accounts)
{
	return &accounts->all;
}
