// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/accounts/file_line.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

static int test_random(void *data, void *buf, size_t len)
{
	struct digest_server *s = data;

	if (s->no_random)
		return -EIO;
	memset(buf, s->random++, len);
	return 0;
}

static uint64_t test_now(void *data)
{
	return ((struct digest_server *)data)->now;
}

static int32_t test_verify(void *data, const struct digest_response *response,
			   struct account *account, const char **reason)
{
	struct digest_server *s = data;

	return account_db_verify_digest(s->db, response, s->now, account, reason);
}

/**
 * digest_server_new() - a server with the default policy
 * @accounts: content of its account file; NULL - it cannot be read
 *
 * Return: the server, for digest_server_free().
 */
struct digest_server *digest_server_new(const char *accounts)
{
	struct digest_server *s = calloc(1, sizeof(*s));
	char error[ACCOUNT_ERROR_LEN] = "";
	char *text;

	if (!s)
		tap_bail("out of memory");
	text = accounts ? strdup(accounts) : NULL;
	if (accounts && !text)
		tap_bail("out of memory");
	if (text && account_db_parse("accounts", text, strlen(text), &s->db, error))
		tap_bail("%s", error);
	strcpy(s->policy.realm, SERVER_REALM);
	s->policy.algorithms[0] = DIGEST_SHA256;
	s->policy.algorithms[1] = DIGEST_MD5;
	s->policy.n_algorithms = 2;
	s->policy.nonce_lifetime = 300;
	s->accounts = (struct account_source){
		.name = "test", .verify_digest = test_verify, .data = s,
	};
	s->now = SERVER_NOW;
	engine_result_init(&s->result);
	return s;
}

/**
 * digest_server_free() - the end of a server
 * @s: the server
 */
void digest_server_free(struct digest_server *s)
{
	engine_result_clear(&s->result);
	account_db_free(s->db);
	free(s);
}

/**
 * digest_server_restart() - begin with another context, for which everything is given
 * @s: the server
 */
void digest_server_restart(struct digest_server *s)
{
	s->leg = 0;
	s->state_len = 0;
	s->complete = false;
	s->raw = NULL;
	memset(s->part, 0, sizeof(s->part));
	s->part[KSECDD_DIGEST_METHOD] = "GET";
	s->part[KSECDD_DIGEST_URI] = "/";
}

/* As libsspi makes it, in memory that ends where it ends. */
static uint8_t *make_params(const struct digest_server *s, size_t *ret_len)
{
	struct ksecdd_digest head = { .flags = s->complete ? KSECDD_DIGEST_COMPLETE : 0 };
	size_t len = sizeof(head), i;
	uint8_t *params;

	for (i = 0; i < KSECDD_DIGEST_PARTS; i++) {
		head.len[i] = s->part[i] ? (uint32_t)strlen(s->part[i]) : 0;
		len += head.len[i];
	}
	if (s->raw)
		len = s->raw_len;
	else if (len == sizeof(head) && !s->complete)
		len = 0;
	params = malloc(len + !len);
	if (!params)
		tap_bail("out of memory");
	*ret_len = len;
	if (s->raw || !len) {
		if (len)
			memcpy(params, s->raw, len);
		return params;
	}
	memcpy(params, &head, sizeof(head));
	len = sizeof(head);
	for (i = 0; i < KSECDD_DIGEST_PARTS; i++) {
		if (head.len[i])
			memcpy(params + len, s->part[i], head.len[i]);
		len += head.len[i];
	}
	return params;
}

/**
 * digest_server_step() - a step
 * @s: the server; has state and token of the result afterwards
 * @token: the client's credentials, or NULL
 *
 * Return: the status.
 */
int32_t digest_server_step(struct digest_server *s, const char *token)
{
	static const struct engine_policy policy;
	static const struct engine_names names;
	size_t len = token ? strlen(token) : 0, params_len;
	uint8_t *params = make_params(s, &params_len);
	uint8_t *copy = malloc(len + !len), *state = malloc(s->state_len + !s->state_len);
	const struct engine_env env = {
		.names = &names, .policy = &policy, .accounts = &s->accounts,
		.digest = &s->policy, .random = test_random, .now = test_now, .data = s,
	};
	const struct engine_step step = {
		.leg = s->leg++, .req_flags = s->req_flags, .token = copy, .token_len = len,
		.state = state, .state_len = s->state_len, .params = params,
		.params_len = params_len,
	};

	if (!copy || !state)
		tap_bail("out of memory");
	if (len)
		memcpy(copy, token, len);
	if (s->state_len)
		memcpy(state, s->state, s->state_len);
	engine_result_clear(&s->result);
	digest_engine.accept(&env, &step, &s->result);
	memcpy(s->state, s->result.state, s->result.state_len);
	s->state_len = s->result.state_len;
	s->token[0] = '\0';
	if (s->result.token_len < sizeof(s->token)) {
		if (s->result.token_len)
			memcpy(s->token, s->result.token, s->result.token_len);
		s->token[s->result.token_len] = '\0';
	}
	free(params);
	free(copy);
	free(state);
	return s->result.status;
}
