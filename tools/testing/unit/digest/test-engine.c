// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole logons with Digest, and every way in which one is refused.  The hashes of the
 * accounts are made outside of ours: H(user:realm:Passw0rd!).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "tools/testing/tap/tap.h"

#define NT	":fc525c9683e8fe067095ba2ddc971889:"

static const char accounts[] =
	"alice" NT "alice::"
	"db0c9acf27a4f194a94b4aa4e5777b76d77cb9c0dc26347e78a3a9e94e848a10,"
	"cb10d6be644dbf25119e66aa4d2c36c1," SERVER_REALM "\n"
	"DOM\\bob" NT "::"
	"f17cab9f109a1d284e614d69f716753c9fff6a0a506a3561a9755e548de7f883,"
	"97fe3a98a32b163cee5df9c027defe9e," SERVER_REALM "\n"
	"carol" NT "\n"
	"dave" NT ":disabled:"
	"f3cebd05e7570ced9f1c3e605deafa639ecb4492663fde0f1d94d841a297d06b,"
	"d483af71c062998da3023f86971e631d," SERVER_REALM "\n"
	"erin" NT ":expires=2020-01-01:"
	"afd11a19cd8dae81c9d2f67866ce605980513820b421cd54fafb241964864195,"
	"632ad5bfe78ceb81bf0b1bb4ce5c1321," SERVER_REALM "\n";

static struct digest_server *s;
static struct digest_client c;

/* A new context that has challenged the client. */
static void begin(void)
{
	digest_server_restart(s);
	digest_client_init(&c);
	if (digest_server_step(s, NULL) != SEC_I_CONTINUE_NEEDED ||
	    !digest_client_challenged(&c, s->token))
		tap_bail("no challenge: %s (%s)", s->token, s->result.reason);
}

static int32_t answer(void)
{
	char token[CLIENT_TOKEN];

	digest_client_credentials(&c, token);
	return digest_server_step(s, token);
}

/* What only somebody who was let in may have */
static bool is_empty(void)
{
	const struct engine_result *r = &s->result;

	return !r->token && !r->state_len && !r->ret_flags && !r->account.user[0] && !r->key_len;
}

static void refused(int32_t want, const char *name)
{
	tap_is(answer(), want, "%s: %s", name, s->result.reason);
	tap_ok(is_empty(), "%s: and nothing is left", name);
}

static void test_logons(void)
{
	char value[CLIENT_TEXT];

	begin();
	tap_ok(digest_client_param(s->token, "realm", value) && !strcmp(value, SERVER_REALM),
	       "the configured realm");
	tap_ok(digest_client_param(s->token, "algorithm", value) && !strcmp(value, "SHA-256"),
	       "the first algorithm is offered");
	tap_ok(!digest_client_param(s->token, "stale", value), "nothing is stale yet");
	tap_is(s->result.mech, KSECDD_PACKAGE_WDIGEST, "the mechanism");
	s->req_flags = ASC_REQ_REPLAY_DETECT | ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY;
	tap_is(answer(), SEC_E_OK, "SHA-256: %s", s->result.reason);
	tap_ok(!strcmp(s->result.account.user, "alice") && !*s->result.account.domain &&
	       !strcmp(s->result.account.local, "alice"), "who it is");
	tap_is(s->result.ret_flags, ASC_RET_REPLAY_DETECT, "what is granted");
	tap_ok(!s->result.key_len && !s->result.token && !s->result.state_len, "neither key nor token");
	s->req_flags = 0;

	begin();
	c.sha256 = false;
	c.algorithm = ", algorithm=MD5";
	tap_is(answer(), SEC_E_OK, "MD5: %s", s->result.reason);
	begin();
	c.sha256 = false;
	c.algorithm = "";
	tap_is(answer(), SEC_E_OK, "no algorithm, which is MD5: %s", s->result.reason);

	s->policy.algorithms[0] = DIGEST_MD5;
	s->policy.n_algorithms = 1;
	begin();
	tap_ok(digest_client_param(s->token, "algorithm", value) && !strcmp(value, "MD5"),
	       "MD5 is offered where it is the only one");
	refused(SEC_E_INVALID_TOKEN, "SHA-256 where only MD5 is");
	s->policy.algorithms[0] = DIGEST_SHA256;
	begin();
	c.sha256 = false;
	c.algorithm = "";
	refused(SEC_E_INVALID_TOKEN, "MD5 where only SHA-256 is");
	s->policy.n_algorithms = 2;
}

static void test_users(void)
{
	begin();
	c.user = "DOM\\bob";
	tap_is(answer(), SEC_E_OK, "an account of a domain: %s", s->result.reason);
	tap_ok(!strcmp(s->result.account.domain, "DOM") && !strcmp(s->result.account.user, "bob"),
	       "who it is");
	begin();
	c.user = "DOM\\bob";
	c.shown = "DOM\\bob";
	refused(SEC_E_LOGON_DENIED, "a backslash that is not escaped");
	begin();
	c.user = "bob";
	refused(SEC_E_LOGON_DENIED, "an account of a domain without it");
	begin();
	c.user = "DOM\\alice";
	refused(SEC_E_LOGON_DENIED, "an account without a domain in one");
	begin();
	c.user = "ALICE";
	refused(SEC_E_LOGON_DENIED, "a name in other letters than its hash");
	begin();
	c.user = "carol";
	refused(SEC_E_LOGON_DENIED, "an account without hashes of Digest");
	begin();
	c.user = "dave";
	refused(SEC_E_LOGON_DENIED, "a disabled account");
	begin();
	c.user = "erin";
	refused(SEC_E_LOGON_DENIED, "an account that has expired");
	begin();
	c.user = "nobody";
	refused(SEC_E_LOGON_DENIED, "an unknown account");
	tap_ok(!strcmp(s->result.user, "nobody"), "its name is in the log");
	begin();
	c.password = "password";
	refused(SEC_E_LOGON_DENIED, "a wrong password");
	begin();
	c.method = "PUT";
	refused(SEC_E_LOGON_DENIED, "a response for another method");
}

static void test_userhash(void)
{
	static const char *const users[] = { "alice", "DOM\\bob" };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		begin();
		c.userhash = true;
		c.sha256 = i % 2;
		c.algorithm = c.sha256 ? ", algorithm=SHA-256" : ", algorithm=MD5";
		c.user = users[i / 2];
		tap_is(answer(), SEC_E_OK, "%s, hidden: %s", c.user, s->result.reason);
		tap_ok(!strcmp(s->result.account.user, i / 2 ? "bob" : "alice"), "who it is");
	}
	begin();
	c.userhash = true;
	c.password = "password";
	refused(SEC_E_LOGON_DENIED, "hidden, and a wrong password");
	begin();
	c.userhash = true;
	c.user = "nobody";
	refused(SEC_E_LOGON_DENIED, "hidden, and nobody");
	begin();
	c.userhash = true;
	c.user = "carol";
	refused(SEC_E_LOGON_DENIED, "hidden, and without hashes of Digest");
}

static void test_realms(void)
{
	char value[CLIENT_TEXT];

	digest_server_restart(s);
	digest_client_init(&c);
	s->part[KSECDD_DIGEST_REALM] = "a \"realm\" of \\ its own, x=y";
	tap_is(digest_server_step(s, NULL), SEC_I_CONTINUE_NEEDED, "the service's realm");
	tap_ok(digest_client_param(s->token, "realm", value) &&
	       !strcmp(value, s->part[KSECDD_DIGEST_REALM]), "it is in the challenge");
	tap_ok(digest_client_challenged(&c, s->token), "which is whole");
	refused(SEC_E_LOGON_DENIED, "nobody has hashes for it");
	tap_ok(strstr(s->result.reason, "realm") != NULL, "the log says why");
	begin();
	strcpy(c.realm, "another");
	refused(SEC_E_INVALID_TOKEN, "a realm that is not that of the challenge");
}

static void test_nonces(void)
{
	char old[CLIENT_TOKEN], value[CLIENT_TEXT], first[CLIENT_TEXT];

	begin();
	strcpy(first, c.nonce);
	digest_client_credentials(&c, old);
	tap_is(digest_server_step(s, old), SEC_E_OK, "a logon");
	begin();
	tap_ok(strcmp(first, c.nonce) != 0, "another context has another nonce");
	tap_is(digest_server_step(s, old), SEC_I_CONTINUE_NEEDED, "it is replayed: %s",
	       s->result.reason);
	tap_ok(digest_client_param(s->token, "stale", value) && !strcmp(value, "true"), "stale");
	digest_client_challenged(&c, s->token);
	tap_is(answer(), SEC_E_OK, "the client answers the new one");

	digest_server_restart(s);
	tap_is(digest_server_step(s, old), SEC_I_CONTINUE_NEEDED, "credentials come first: %s",
	       s->result.reason);
	tap_ok(digest_client_param(s->token, "stale", value), "stale");
	digest_client_init(&c);
	digest_client_challenged(&c, s->token);
	tap_is(answer(), SEC_E_OK, "the client answers that");

	begin();
	s->now += 300 * 10000000ULL;
	tap_is(answer(), SEC_E_OK, "a nonce as old as it may be");
	begin();
	s->now += 300 * 10000000ULL + 1;
	tap_is(answer(), SEC_I_CONTINUE_NEEDED, "an older one: %s", s->result.reason);
	tap_ok(digest_client_param(s->token, "stale", value), "stale");
	begin();
	s->now -= 1;
	tap_is(answer(), SEC_I_CONTINUE_NEEDED, "one of the future: %s", s->result.reason);
	s->now = SERVER_NOW;

	begin();
	c.nc = "00000002";
	refused(SEC_E_OUT_OF_SEQUENCE, "an nc that is not the first");
	begin();
	c.nc = "00000000";
	refused(SEC_E_OUT_OF_SEQUENCE, "an nc of nothing");
}

static void test_uris(void)
{
	begin();
	s->part[KSECDD_DIGEST_URI] = "/other";
	refused(SEC_E_INVALID_TOKEN, "the request has another URI");
	begin();
	s->part[KSECDD_DIGEST_URI] = NULL;
	c.uri = "/whatever?it=is";
	tap_is(answer(), SEC_E_OK, "the service does not say which URI: %s", s->result.reason);
	begin();
	s->part[KSECDD_DIGEST_METHOD] = c.method = "POST";
	s->part[KSECDD_DIGEST_URI] = c.uri = "/form?a=b";
	s->part[KSECDD_DIGEST_ENTITY] = "d41d8cd98f00b204e9800998ecf8427e";
	tap_is(answer(), SEC_E_OK, "POST, and the hash of a body: %s", s->result.reason);
}

/* A service that says nothing with its calls */
static void begin_silent(void)
{
	digest_server_restart(s);
	memset(s->part, 0, sizeof(s->part));
	digest_client_init(&c);
	tap_is(digest_server_step(s, NULL), SEC_I_COMPLETE_AND_CONTINUE, "nothing given: %s",
	       s->result.reason);
	tap_ok(digest_client_challenged(&c, s->token), "and a challenge");
}

/* And after that its CompleteAuthToken(), and credentials */
static void begin_unjudged(void)
{
	begin_silent();
	s->complete = true;
	tap_is(digest_server_step(s, NULL), SEC_I_CONTINUE_NEEDED, "CompleteAuthToken() of it: %s",
	       s->result.reason);
	tap_ok(digest_client_challenged(&c, s->token), "and the challenge again");
	s->complete = false;
	tap_is(answer(), SEC_I_COMPLETE_NEEDED, "the method is missing: %s", s->result.reason);
	tap_ok(s->state_len && !s->result.token, "the credentials are kept");
	s->complete = true;
	s->part[KSECDD_DIGEST_METHOD] = "GET";
	s->part[KSECDD_DIGEST_URI] = "/";
}

static void test_complete(void)
{
	char value[CLIENT_TEXT];

	begin_unjudged();
	tap_is(digest_server_step(s, NULL), SEC_E_OK, "CompleteAuthToken() judges: %s",
	       s->result.reason);
	tap_ok(!strcmp(s->result.account.user, "alice"), "who it is");
	begin_unjudged();
	s->part[KSECDD_DIGEST_METHOD] = "PUT";
	tap_is(digest_server_step(s, NULL), SEC_E_LOGON_DENIED, "with another method");
	tap_ok(is_empty(), "and nothing is left");
	begin_unjudged();
	s->part[KSECDD_DIGEST_URI] = "/other";
	tap_is(digest_server_step(s, NULL), SEC_E_MESSAGE_ALTERED, "with another URI");
	tap_ok(is_empty(), "and nothing is left");
	begin_unjudged();
	s->part[KSECDD_DIGEST_METHOD] = NULL;
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN, "still without a method");
	begin_unjudged();
	s->complete = false;
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN, "AcceptSecurityContext() instead");

	begin_silent();
	s->complete = true;
	s->part[KSECDD_DIGEST_REALM] = "mine";
	tap_is(digest_server_step(s, NULL), SEC_I_CONTINUE_NEEDED, "CompleteAuthToken() with a realm");
	tap_ok(digest_client_param(s->token, "realm", value) && !strcmp(value, "mine"),
	       "it is in the challenge");
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN, "CompleteAuthToken() again");
	begin_silent();
	tap_is(answer(), SEC_E_INVALID_TOKEN, "no CompleteAuthToken() after the challenge");
	begin();
	s->complete = true;
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN,
	       "CompleteAuthToken() that nobody waits for");
	digest_server_restart(s);
	s->complete = true;
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN, "CompleteAuthToken() first");

	begin_silent();
	s->complete = true;
	digest_server_step(s, NULL);
	s->complete = false;
	c.nc = "00000002";
	tap_is(answer(), SEC_I_COMPLETE_NEEDED, "an nc that is not the first, not judged yet");
	s->complete = true;
	s->part[KSECDD_DIGEST_METHOD] = "GET";
	tap_is(digest_server_step(s, NULL), SEC_E_OUT_OF_SEQUENCE, "and then");
}

/* Credentials that are judged at once may be longer than those that have to be kept. */
static void test_long(void)
{
	char uri[CLIENT_TEXT * 2];

	memset(uri, 'a', sizeof(uri));
	uri[0] = '/';
	uri[3900] = '\0';
	begin();
	c.uri = s->part[KSECDD_DIGEST_URI] = uri;
	tap_is(answer(), SEC_E_OK, "a long URI: %s", s->result.reason);
	begin();
	s->part[KSECDD_DIGEST_METHOD] = NULL;
	s->part[KSECDD_DIGEST_URI] = NULL;
	c.uri = uri;
	refused(SEC_E_INVALID_TOKEN, "one that cannot be kept");
}

static int32_t verify_status;

static int32_t odd_verify(void *data, const struct digest_response *response,
			  struct account *account, const char **reason)
{
	(void)data;
	(void)response;
	(void)account;
	(void)reason;
	return verify_status;
}

static void test_failures(void)
{
	static const int32_t statuses[][2] = {
		{ SEC_I_CONTINUE_NEEDED, SEC_E_INTERNAL_ERROR },
		{ 1, SEC_E_INTERNAL_ERROR },
		{ SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY },
		{ SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY },
	};
	const struct account_source source = s->accounts;
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		begin();
		s->accounts.verify_digest = odd_verify;
		verify_status = statuses[i][0];
		refused(statuses[i][1], "a source that says something else");
		s->accounts = source;
	}
	digest_server_restart(s);
	s->accounts.verify_digest = NULL;
	tap_is(digest_server_step(s, NULL), SEC_E_NO_AUTHENTICATING_AUTHORITY, "no source for it");
	s->accounts = source;
	s->no_random = true;
	tap_is(digest_server_step(s, NULL), SEC_E_INTERNAL_ERROR, "no random bytes");
	s->no_random = false;
	begin();
	s->state[0]++;
	refused(SEC_E_INTERNAL_ERROR, "another daemon's state");
	begin();
	tap_is(digest_server_step(s, "Basic YWxpY2U6"), SEC_E_INVALID_TOKEN, "no credentials");
	digest_server_restart(s);
	s->raw = "x";
	s->raw_len = 1;
	tap_is(digest_server_step(s, NULL), SEC_E_INVALID_TOKEN, "parameters that are cut");
	begin();
	tap_is(digest_server_step(s, NULL), SEC_I_CONTINUE_NEEDED, "a request without credentials");
	tap_ok(digest_client_challenged(&c, s->token), "has a challenge");
	tap_is(answer(), SEC_E_OK, "which the client answers");
}

static void test_unreadable(void)
{
	struct digest_server *readable = s;

	s = digest_server_new(NULL);
	begin();
	refused(SEC_E_LOGON_DENIED, "accounts that cannot be read");
	begin();
	c.userhash = true;
	refused(SEC_E_LOGON_DENIED, "accounts that cannot be read, hidden");
	digest_server_free(s);
	s = readable;
}

int main(void)
{
	s = digest_server_new(accounts);
	test_logons();
	test_users();
	test_userhash();
	test_realms();
	test_nonces();
	test_uris();
	test_complete();
	test_long();
	test_failures();
	test_unreadable();
	digest_server_free(s);
	return tap_done();
}
