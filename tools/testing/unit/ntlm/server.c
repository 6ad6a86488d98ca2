// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server.h"
#include "tools/testing/tap/tap.h"

static int test_random(void *data, void *buf, size_t len)
{
	struct server *s = data;
	uint8_t raw[8];

	if (s->no_random || len != sizeof(raw))
		return -EIO;
	bytes_set64(raw, s->random++);
	memcpy(buf, raw, len);
	return 0;
}

static uint64_t test_now(void *data)
{
	return ((struct server *)data)->now;
}

static int32_t test_verify(void *data, const struct ntlmv2_response *response,
			   struct account *account, uint8_t session_base_key[16],
			   const char **reason)
{
	struct server *s = data;

	return account_db_verify(s->db, response, s->now, account, session_base_key, reason);
}

/**
 * server_load() - accounts from a text
 * @text: content of an account file
 *
 * Return: the accounts.  Ends the program if the text is refused.
 */
struct account_db *server_load(const char *text)
{
	char path[] = "/tmp/ksecd-accounts.XXXXXX", error[ACCOUNT_ERROR_LEN] = "";
	struct account_db *db = NULL;
	int fd = mkstemp(path), err;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		tap_bail("cannot write %s: %s", path, strerror(errno));
	close(fd);
	err = account_db_load(path, &db, error);
	unlink(path);
	if (err)
		tap_bail("%s", error);
	return db;
}

/**
 * server_new() - a server with the default policy
 * @accounts: content of its account file; NULL - it cannot be read
 *
 * Return: the server, for server_free().
 */
struct server *server_new(const char *accounts)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s)
		tap_bail("out of memory");
	s->engine = &ntlm_engine;
	s->mechs = UINT32_MAX;
	s->names = (struct engine_names){
		.nb_computer = "SERVER",
		.nb_domain = "DOM",
		.dns_computer = "server.dom.example",
		.dns_domain = "dom.example",
	};
	s->policy = (struct engine_policy){
		.require_128 = true,
		.check_av_echo = true,
		.max_skew = 129600,
	};
	s->accounts = (struct account_source){ "test", test_verify, NULL, s };
	s->db = accounts ? server_load(accounts) : NULL;
	s->credssp.min_version = 5;
	s->now = SERVER_NOW;
	s->random = 0x0102030405060708;
	engine_result_init(&s->result);
	return s;
}

void server_free(struct server *s)
{
	engine_result_clear(&s->result);
	account_db_free(s->db);
	free(s);
}

/* What ksecd has the module do with the keys. */
static int32_t test_message(void *data, struct engine_result *res, struct engine_message *msg)
{
	struct server *s = data;

	if (!(msg->op & KSECDD_MESSAGE_MIC))
		return s->seal ? s->seal(res, msg) : SEC_E_UNSUPPORTED_FUNCTION;
	s->covered.len = 0;
	bytes_put(&s->covered, msg->data, msg->len);
	if (msg->op == (KSECDD_MESSAGE_VERIFY | KSECDD_MESSAGE_MIC)) {
		bytes_put(&s->received, msg->mic, msg->mic_len);
		s->mic = true;
		return s->mic_status;
	}
	s->made = true;
	msg->out_len = strlen(SERVER_MIC);
	memcpy(msg->out, SERVER_MIC, msg->out_len);
	return s->mic_status;
}

/**
 * server_step() - give the engine a token
 * @s: the server; s->result is the engine's afterwards
 * @leg: which leg this is
 * @token: the token
 * @len: its length in bytes
 *
 * Return: the status.
 */
int32_t server_step(struct server *s, uint32_t leg, const void *token, size_t len)
{
	const struct engine_env env = {
		.names = &s->names,
		.policy = &s->policy,
		.accounts = &s->accounts,
		.credssp = &s->credssp,
		.random = test_random,
		.now = test_now,
		.message = test_message,
		.data = s,
	};
	uint8_t *state = leg ? bytes_copy(s->state, s->state_len) : NULL;
	uint8_t *copy = bytes_copy(token, len);
	bool bound = s->bindings && !(leg && s->bindings_once);
	uint8_t *bindings = bound ? bytes_copy(s->bindings, s->bindings_len) : NULL;
	const struct engine_step step = {
		.leg = leg,
		.req_flags = s->req_flags,
		.target_drep = SECURITY_NATIVE_DREP,
		.cred_uid = s->cred_uid,
		.outer = s->outer,
		.state = state,
		.state_len = leg ? s->state_len : 0,
		.token = copy,
		.token_len = len,
		.bindings = bindings,
		.bindings_len = bindings ? s->bindings_len : 0,
		.principal = s->principal,
		.principal_len = s->principal ? strlen(s->principal) : 0,
		.mechs = s->mechs,
	};

	engine_result_clear(&s->result);
	s->mic = s->made = false;
	s->received.len = 0;
	s->engine->accept(&env, &step, &s->result);
	free(state);
	free(copy);
	free(bindings);
	return s->result.status;
}

/* server_negotiate() - the first leg; keeps state and messages for the second */
int32_t server_negotiate(struct server *s, const struct bytes *message)
{
	int32_t status = server_step(s, 0, message->data, message->len);

	s->negotiate = *message;
	s->challenge.len = 0;
	bytes_put(&s->challenge, s->result.token, s->result.token_len);
	memcpy(s->state, s->result.state, s->result.state_len);
	s->state_len = s->result.state_len;
	return status;
}

int32_t server_authenticate(struct server *s, const struct bytes *message)
{
	return server_step(s, 1, message->data, message->len);
}

/**
 * server_logon() - a whole logon
 * @s: the server
 * @c: the client
 *
 * Return: the status of the second leg, or of the first if it failed.
 */
int32_t server_logon(struct server *s, struct client *c)
{
	static struct bytes message;
	int32_t status;

	client_negotiate(c, &message);
	status = server_negotiate(s, &message);
	if (status != SEC_I_CONTINUE_NEEDED)
		return status;
	client_authenticate(c, &s->negotiate, &s->challenge, &message);
	return server_authenticate(s, &message);
}
