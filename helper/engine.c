// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What comes out of an engine, from its beginning to its end.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/engine.h"

/**
 * engine_goes_on() - whether a logon is neither over nor refused
 * @status: an engine's verdict
 */
bool engine_goes_on(int32_t status)
{
	return status == SEC_I_CONTINUE_NEEDED || status == SEC_I_COMPLETE_NEEDED ||
	       status == SEC_I_COMPLETE_AND_CONTINUE;
}

/* What is not zero in a result of which nothing is known. */
static void set_undecided(struct engine_result *res)
{
	res->status = SEC_E_INTERNAL_ERROR;
	res->account.expiry = KSECDD_TIME_NEVER;
	res->reason = "the engine came to no verdict";
}

/**
 * engine_result_init() - make a result that is a failure until an engine decides
 * @res: the result
 */
void engine_result_init(struct engine_result *res)
{
	memset(res, 0, sizeof(*res));
	set_undecided(res);
}

static void free_token(struct engine_result *res)
{
	if (res->token) {
		explicit_bzero(res->token, res->token_len);
		free(res->token);
	}
	res->token = NULL;
	res->token_len = 0;
}

/**
 * engine_result_set_token() - replace the token for the client
 * @res:   the result; what it had is wiped
 * @token: from malloc(), the result's afterwards
 * @len:   its length in bytes
 */
void engine_result_set_token(struct engine_result *res, uint8_t *token, size_t len)
{
	free_token(res);
	res->token = token;
	res->token_len = len;
}

/**
 * engine_result_fail() - take back all that only a success may have
 * @res: the result; status, reason and the names for the log stay
 *
 * An engine calls this with a status that is a failure, so that what it had
 * worked out before cannot be taken for granted further up.
 */
void engine_result_fail(struct engine_result *res)
{
	free_token(res);
	explicit_bzero(res->state, sizeof(res->state));
	res->state_len = 0;
	explicit_bzero(res->key, sizeof(res->key));
	res->key_len = 0;
	res->keyed = false;
	tls_session_clear(&res->tls);
	res->client_mic = false;
	res->partial = false;
	res->mech_flags = 0;
	res->ret_flags = 0;
	memset(&res->account, 0, sizeof(res->account));
	res->account.expiry = KSECDD_TIME_NEVER;
	res->anonymous = false;
	res->delegated = false;
	explicit_bzero(&res->secret, sizeof(res->secret));
	res->has_sids = false;
	explicit_bzero(res->kept, sizeof(res->kept));
	memset(res->server, 0, sizeof(res->server));
	memset(res->target, 0, sizeof(res->target));
	res->have_target = false;
}

/**
 * engine_result_clear() - wipe a result and free what it points to
 * @res: the result, as engine_result_init() leaves it afterwards
 */
void engine_result_clear(struct engine_result *res)
{
	free_token(res);
	tls_session_clear(&res->tls);
	explicit_bzero(res, sizeof(*res));
	set_undecided(res);
}
