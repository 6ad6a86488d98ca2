// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The second leg: what is accepted, and with what attributes; the checks N7 to
 * N17 one by one.  What attackers try is in test-attacks.c.
 */
#include <string.h>

#include "helper/ntlm/message.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

/* Passw0rd! */
#define HASH	"fc525c9683e8fe067095ba2ddc971889"
/* "alice" answers for every domain, "Bob" for DOM only */
#define ACCOUNTS \
	"alice:" HASH ":al\n" \
	"DOM\\Bob:" HASH ":\n" \
	"old:" HASH "::expires=2026-11-20\n" \
	"today:" HASH "::expires=2026-11-22\n" \
	"off:" HASH "::disabled\n" \
	"empty:31d6cfe0d16ae931b73c59d7e0c089c0:\n"

#define FULL	(ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | \
		 ASC_RET_CONFIDENTIALITY)
#define SIGNED	(FULL & ~ASC_RET_CONFIDENTIALITY)

static struct server *s;
static struct client c;
static struct bytes raw;

/* A client that does everything right, and a server with default policy. */
static void reset(void)
{
	if (s)
		server_free(s);
	s = server_new(ACCOUNTS);
	client_init(&c);
	raw.len = 0;
}

static void test_clients(void)
{
	static const size_t headers[] = { 64, 72, 88, 96 };
	size_t i;

	reset();
	tap_is(server_logon(s, &c), SEC_E_OK, "a client like Windows'");
	tap_mem(s->result.key, c.exported_key, 16, "its ExportedSessionKey");
	tap_is(s->result.key_len, 16, "length of the key");
	tap_is(s->result.mech_flags, c.flags, "flags");
	tap_is(s->result.ret_flags, FULL, "attributes");
	tap_ok(!strcmp(s->result.account.user, "alice") && !s->result.account.domain[0] &&
	       !strcmp(s->result.account.local, "al"), "account");
	tap_is(s->result.account.expiry, KSECDD_TIME_NEVER, "it does not end");
	tap_ok(!s->result.anonymous && !s->result.have_target && !s->result.token,
	       "not anonymous, no target, no token");
	tap_ok(!strcmp(s->result.user, "alice") && !strcmp(s->result.domain, "DOM") &&
	       !strcmp(s->result.workstation, "CLIENT"), "names for the log");

	reset();
	c.negotiate = CLIENT_CURL;
	c.version = false;
	c.header = 64;
	c.mic = false;
	c.domain = "";
	tap_is(server_logon(s, &c), SEC_E_OK, "N2: a client like curl: OEM, no MIC, no domain");
	tap_is(s->result.ret_flags, 0, "its context protects nothing");
	tap_is(s->result.key_len, 16, "it has a key all the same");
	tap_mem(s->result.key, c.base_key, 16, "SessionBaseKey, without KEY_EXCH");

	for (i = 0; i < 4; i++) {
		reset();
		c.header = headers[i];
		c.mic = false;
		tap_is(server_logon(s, &c), SEC_E_OK, "N7: header of %zu bytes, no MIC", headers[i]);
	}
	reset();
	c.header = 96;
	tap_is(server_logon(s, &c), SEC_E_OK, "N7: header of 96 bytes, MIC");
	reset();
	c.behind_eol = 13;
	tap_is(server_logon(s, &c), SEC_E_OK, "N8: bytes behind MsvAvEOL are ignored");
	reset();
	bytes_put_av(&raw, 0x4711, "what", 4);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_OK, "an AV pair nobody knows is ignored");
}

static void test_flags(void)
{
	const uint32_t none = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;

	reset();
	c.negotiate &= ~NTLMSSP_NEGOTIATE_SEAL;
	tap_is(server_logon(s, &c), SEC_E_OK, "SIGN alone");
	tap_is(s->result.ret_flags, SIGNED, "G10: no confidentiality then");
	reset();
	c.negotiate &= ~NTLMSSP_NEGOTIATE_SIGN;
	tap_is(server_logon(s, &c), SEC_E_OK, "SEAL alone");
	tap_is(s->result.ret_flags, FULL, "sealed messages are signed");
	reset();
	s->req_flags = ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY | ASC_REQ_CONNECTION |
		       ASC_REQ_MUTUAL_AUTH | ASC_REQ_DELEGATE | ASC_REQ_EXTENDED_ERROR;
	c.negotiate &= ~none;
	tap_is(server_logon(s, &c), SEC_E_OK, "G10: the service wants more than the client");
	tap_is(s->result.ret_flags, ASC_RET_CONNECTION, "G10: and is told");
	reset();
	c.negotiate |= NTLMSSP_NEGOTIATE_IDENTIFY;
	tap_is(server_logon(s, &c), SEC_E_OK, "IDENTIFY");
	tap_is(s->result.ret_flags, FULL | ASC_RET_IDENTIFY, "is an attribute");
	reset();
	c.remove = none | NTLMSSP_NEGOTIATE_ALWAYS_SIGN;
	tap_is(server_logon(s, &c), SEC_E_OK, "the client takes less than it asked for");
	tap_is(s->result.ret_flags, 0, "and gets less");
	reset();
	c.negotiate &= ~(none | NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_56);
	c.add = none | NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_DATAGRAM |
		NTLMSSP_NEGOTIATE_LM_KEY;
	tap_is(server_logon(s, &c), SEC_E_OK, "the client takes more than it was offered");
	tap_is(s->result.ret_flags, 0, "and does not get it");
	tap_is(s->result.mech_flags & c.add, 0, "nor does the module");
	reset();
	c.remove = NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY;
	tap_is(server_logon(s, &c), SEC_E_OK, "the client drops extended session security");
	tap_is(s->result.mech_flags & none, 0, "and SIGN and SEAL with it");
	tap_is(s->result.ret_flags, 0, "and the attributes");
	reset();
	c.remove = NTLMSSP_NEGOTIATE_128;
	tap_is(server_logon(s, &c), SEC_E_UNSUPPORTED_FUNCTION, "N4: the client drops 128");
	tap_is(s->result.key_len, 0, "N4: no key then");
	reset();
	s->policy.require_128 = false;
	c.negotiate &= ~NTLMSSP_NEGOTIATE_128;
	tap_is(server_logon(s, &c), SEC_E_OK, "N4: 56 bit where the policy allows it");
	reset();
	c.remove = NTLMSSP_NEGOTIATE_UNICODE;
	c.add = NTLMSSP_NEGOTIATE_OEM;
	/* As many bytes as UTF-16 could have */
	c.user = "alicia";
	c.domain = "DOMAIN";
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "the client changes the character set");
	reset();
	c.add = NTLMSSP_NEGOTIATE_OEM;
	tap_is(server_logon(s, &c), SEC_E_OK, "the client still names both character sets");
}

static void test_key_exchange(void)
{
	const uint32_t protection = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;

	reset();
	c.negotiate &= ~NTLMSSP_NEGOTIATE_KEY_EXCH;
	tap_is(server_logon(s, &c), SEC_E_OK, "N13: no KEY_EXCH");
	tap_mem(s->result.key, c.base_key, 16, "N13: the key is SessionBaseKey");
	reset();
	c.negotiate &= ~protection;
	tap_is(server_logon(s, &c), SEC_E_OK, "N13: KEY_EXCH with neither SIGN nor SEAL");
	tap_mem(s->result.key, c.random_key, 16, "N13: the key is unwrapped");
	reset();
	c.remove = NTLMSSP_NEGOTIATE_KEY_EXCH;
	tap_is(server_logon(s, &c), SEC_E_OK, "N13: the client drops KEY_EXCH");
	tap_mem(s->result.key, c.base_key, 16, "N13: the key is SessionBaseKey");
}

static void test_accounts(void)
{
	static const struct {
		const char *user, *domain, *hash_domain, *password;
		int32_t status;
		const char *what;
	} cases[] = {
		{ "ALICE", "DOM", NULL, "Passw0rd!", SEC_E_OK, "case of the user" },
		{ "alice", "", NULL, "Passw0rd!", SEC_E_OK, "no domain" },
		{ "alice", "OTHER", NULL, "Passw0rd!", SEC_E_OK, "any domain" },
		{ "alice", "OTHER", "", "Passw0rd!", SEC_E_OK, "hashed without the domain" },
		{ "alice", "OTHER", "DOM", "Passw0rd!", SEC_E_LOGON_DENIED, "hashed with another" },
		{ "alice", "Other", "OTHER", "Passw0rd!", SEC_E_LOGON_DENIED,
		  "hashed with the domain in another case" },
		{ "bob", "DOM", NULL, "Passw0rd!", SEC_E_OK, "account of a domain" },
		{ "bob", "dom", NULL, "Passw0rd!", SEC_E_OK, "case of the domain" },
		{ "bob", "", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "domain missing" },
		{ "bob", "OTHER", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "another domain" },
		{ "alice", "DOM", NULL, "passw0rd!", SEC_E_LOGON_DENIED, "wrong password" },
		{ "alice", "DOM", NULL, "", SEC_E_LOGON_DENIED, "empty password" },
		{ "mallory", "DOM", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "unknown user" },
		{ "mallory", "DOM", NULL, "", SEC_E_LOGON_DENIED, "unknown user, empty password" },
		{ "", "DOM", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "no user, but a response" },
		{ "old", "DOM", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "expired" },
		{ "today", "DOM", NULL, "Passw0rd!", SEC_E_OK, "last day" },
		{ "off", "DOM", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "disabled" },
		{ "empty", "DOM", NULL, "", SEC_E_LOGON_DENIED, "A08: account without a password" },
		{ "DOM\\alice", "", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "domain within the user" },
		{ "DOM\\alice", "DOM", NULL, "Passw0rd!", SEC_E_LOGON_DENIED, "A04: domain twice" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset();
		c.user = cases[i].user;
		c.domain = cases[i].domain;
		c.hash_domain = cases[i].hash_domain;
		c.password = cases[i].password;
		tap_is(server_logon(s, &c), cases[i].status, "N10: %s", cases[i].what);
		if (cases[i].status != SEC_E_OK)
			tap_ok(!s->result.account.user[0] && !s->result.key_len &&
			       !s->result.ret_flags, "N10: and nothing is said about the account");
	}
	reset();
	c.user = "today";
	server_logon(s, &c);
	tap_is(s->result.account.expiry, SERVER_NOW + 864000000000LL, "the end is midnight");
	s->now += 864000000000LL;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "at midnight it is over");
	reset();
	account_db_free(s->db);
	s->db = NULL;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A08: no account file");
}

static int32_t odd_verdict;

static int32_t odd_verify(void *data, const struct ntlmv2_response *response,
			  struct account *account, uint8_t session_base_key[16],
			  const char **reason)
{
	(void)data;
	(void)response;
	(void)account;
	(void)session_base_key;
	*reason = "as the test wants it";
	return odd_verdict;
}

static void test_source(void)
{
	static const struct {
		int32_t says, status;
	} cases[] = {
		{ SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_NO_AUTHENTICATING_AUTHORITY },
		{ SEC_E_LOGON_DENIED, SEC_E_LOGON_DENIED },
		{ SEC_I_CONTINUE_NEEDED, SEC_E_INTERNAL_ERROR },
		{ 1, SEC_E_INTERNAL_ERROR },
		{ -1, -1 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset();
		s->accounts.verify = odd_verify;
		odd_verdict = cases[i].says;
		tap_is(server_logon(s, &c), cases[i].status, "N10: the source says 0x%08x",
		       (unsigned int)cases[i].says);
	}
}

static void test_proof_first(void)
{
	reset();
	c.password = "wrong";
	c.drop_av = NTLM_AV_NB_DOMAIN;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: wrong password before wrong AV pairs");
	reset();
	c.password = "wrong";
	c.mic = false;
	c.av_flags = NTLM_AV_FLAG_MIC;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: and before a wrong MIC");
	tap_ok(!strstr(s->result.reason, "MIC"), "N11: which the log shows");
	reset();
	c.password = "wrong";
	c.header = 72;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: and before a missing MIC");
	reset();
	c.password = "wrong";
	c.remove = NTLMSSP_NEGOTIATE_128;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: and before weak keys");
	reset();
	c.password = "wrong";
	c.timestamp = 1;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: and before the time");
	tap_ok(!strstr(s->result.reason, "clock"), "N11: which the log shows");
}

static void test_mic(void)
{
	reset();
	s->policy.require_mic = true;
	tap_is(server_logon(s, &c), SEC_E_OK, "N12: MIC required and there");
	reset();
	s->policy.require_mic = true;
	c.mic = false;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N12: MIC required and not there");
	reset();
	c.header = 72;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N11: MIC announced, no room for it");
	reset();
	c.header = 87;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N11: MIC announced, a byte too short");
	reset();
	c.mic = false;
	c.av_flags = NTLM_AV_FLAG_MIC;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N11: MIC announced, and zero");
	reset();
	c.mic = false;
	c.av_flags = 1;
	tap_is(server_logon(s, &c), SEC_E_OK, "N7: room for a MIC that is not announced");
}

static void test_echo(void)
{
	static const uint16_t ids[] = {
		NTLM_AV_NB_DOMAIN, NTLM_AV_NB_COMPUTER, NTLM_AV_DNS_DOMAIN,
		NTLM_AV_DNS_COMPUTER, NTLM_AV_TIMESTAMP,
	};
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		reset();
		c.drop_av = ids[i];
		c.timestamp = SERVER_NOW;
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N9: AV pair %u missing", ids[i]);
		s->policy.check_av_echo = false;
		tap_is(server_logon(s, &c), SEC_E_OK, "N9: which the policy may allow");
		reset();
		c.change_av = ids[i];
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N9: AV pair %u changed", ids[i]);
	}
}

/* A list of our AV pairs is not enough: it must be the values, all of them. */
static void test_echo_length(void)
{
	static const char *const values[] = { "", "D\0O\0", "D\0O\0M\0X\0" };
	static const size_t lens[] = { 0, 4, 8 };
	size_t i;

	for (i = 0; i < 3; i++) {
		reset();
		c.drop_av = NTLM_AV_NB_DOMAIN;
		bytes_put_av(&raw, NTLM_AV_NB_DOMAIN, values[i], lens[i]);
		c.extra_av = &raw;
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN,
		       "N9: AV pair of 6 bytes comes back with %zu", lens[i]);
	}
	reset();
	c.drop_av = NTLM_AV_NB_DOMAIN;
	bytes_put_av(&raw, NTLM_AV_NB_DOMAIN, "D\0O\0M\0", 6);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_OK, "N9: AV pairs may come back in another order");
}

static void test_time(void)
{
	const uint64_t limit = 129600ULL * 10000000;

	reset();
	c.timestamp = SERVER_NOW - limit;
	tap_is(server_logon(s, &c), SEC_E_OK, "N16: 36 hours behind");
	c.timestamp--;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N16: a little more");
	c.timestamp = SERVER_NOW + limit;
	tap_is(server_logon(s, &c), SEC_E_OK, "N16: 36 hours ahead");
	c.timestamp++;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N16: a little more");
	c.timestamp = UINT64_MAX;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N16: the end of time");
	s->policy.max_skew = 0;
	tap_is(server_logon(s, &c), SEC_E_OK, "N16: not checked if the policy says so");
	s->policy.max_skew = UINT32_MAX;
	c.timestamp = SERVER_NOW - (uint64_t)UINT32_MAX * 10000000;
	tap_is(server_logon(s, &c), SEC_E_OK, "N16: the largest skew does not overflow");
}

static void test_target(void)
{
	reset();
	c.target = "HTTP/server";
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: a target");
	tap_ok(s->result.have_target && !strcmp(s->result.target, "HTTP/server"), "N15: is shown");
	c.av_flags = NTLM_AV_FLAG_UNTRUSTED_TARGET;
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: a target the client does not trust");
	tap_ok(s->result.have_target && !s->result.target[0], "N15: is not shown");
	reset();
	c.target = "";
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: an empty target");
	tap_ok(s->result.have_target && !s->result.target[0], "N15: is empty");

	reset();
	c.target = "http/SERVER";
	s->principal = "HTTP/server";
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: the target is the service");
	c.target = "cifs/server";
	tap_is(server_logon(s, &c), SEC_E_WRONG_PRINCIPAL, "N15: the target is another service");
	tap_ok(!s->result.have_target && !s->result.target[0], "N15: and not shown");
	c.av_flags = NTLM_AV_FLAG_UNTRUSTED_TARGET;
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: another service, but the client is not sure");
	c.av_flags = 0;
	c.target = NULL;
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: no target, as curl");
	c.target = "";
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: an empty target is none");
	c.target = "cifs/server";
	s->principal = "alice";
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: a principal that is no SPN says nothing");
	c.password = "wrong";
	s->principal = "HTTP/server";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N15: the password goes first");

	reset();
	while (raw.len < 2UL * KSECDD_MAX_NAME)
		bytes_put16(&raw, 'x');
	c.target_raw = &raw;
	tap_is(server_logon(s, &c), SEC_E_OK, "N15: a target of %d characters", KSECDD_MAX_NAME);
	tap_is(strlen(s->result.target), KSECDD_MAX_NAME, "N15: all of it");
	bytes_put16(&raw, 'x');
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N15: one more is too long");
	raw.len = 0;
	bytes_put(&raw, "H\0\0\0X\0", 6);
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N15: a target with a NUL");
	raw.len = 0;
	bytes_put(&raw, "\x00\xd8", 2);
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N15: a target with half a pair");
}

#define MISSING	ASC_REQ_ALLOW_MISSING_BINDINGS
#define PROXY	ASC_REQ_PROXY_BINDINGS

/* N14 and A15: what the client has, by what the service and the policy want */
static void test_bindings(void)
{
	static const uint8_t zero[16];
	/* The hash of no addresses and the application data "x" */
	static const uint8_t right[16] = {
		0xcd, 0x86, 0x58, 0xb0, 0xad, 0x30, 0x38, 0x7e,
		0x68, 0xf5, 0x81, 0x9a, 0x5c, 0x92, 0xd9, 0xf8,
	};
	static const uint8_t wrong[16] = { 1 };
	static const struct {
		const uint8_t *cbt;
		const char *what;
	} clients[] = {
		{ NULL, "none" }, { zero, "zeros" }, { wrong, "wrong ones" }, { right, "right ones" },
	};
	static const struct {
		bool bindings, policy;
		uint32_t req;
		int32_t status[4];
		const char *what;
	} servers[] = {
		{ false, false, 0, { 0, 0, 0, 0 }, "no bindings" },
		{ false, false, MISSING, { 0, 0, 0, 0 }, "no bindings, may be missing" },
		{ true, false, 0, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS,
					SEC_E_BAD_BINDINGS, 0 }, "bindings" },
		{ true, false, MISSING, { 0, 0, SEC_E_BAD_BINDINGS, 0 }, "bindings, may be missing" },
		{ true, true, MISSING, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS,
					 SEC_E_BAD_BINDINGS, 0 },
		  "bindings, may be missing, policy requires" },
		{ true, true, 0, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS,
				   SEC_E_BAD_BINDINGS, 0 }, "bindings, policy requires" },
		{ false, true, 0, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, 0, 0 },
		  "no bindings, policy requires" },
		{ false, false, PROXY, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, 0, 0 },
		  "no bindings, a proxy" },
		{ true, false, PROXY, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, 0, 0 },
		  "bindings, a proxy" },
		{ true, false, PROXY | MISSING, { 0, 0, 0, 0 },
		  "bindings, a proxy, may be missing" },
		{ true, true, PROXY | MISSING, { SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS, 0, 0 },
		  "bindings, a proxy, may be missing, policy requires" },
	};
	uint8_t bindings[33] = { 0 };
	size_t i, j;

	bytes_set32(bindings + 24, 1);
	bytes_set32(bindings + 28, 32);
	bindings[32] = 'x';
	for (i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		for (j = 0; j < 4; j++) {
			reset();
			if (servers[i].bindings) {
				s->bindings = bindings;
				s->bindings_len = sizeof(bindings);
			}
			s->req_flags = servers[i].req;
			s->policy.require_cbt = servers[i].policy;
			c.cbt = clients[j].cbt;
			tap_is(server_logon(s, &c), servers[i].status[j],
			       "N14, A15: service: %s; client: %s", servers[i].what,
			       clients[j].what);
		}
	}
	reset();
	c.user = "";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: a response without a user");
	tap_ok(!strcmp(s->result.reason, "there is a response and no user"),
	       "N17: and no source of accounts was asked");
	for (j = 0; j < 4; j++) {
		reset();
		s->bindings = bindings;
		s->bindings_len = sizeof(bindings);
		s->bindings_once = true;
		c.cbt = clients[j].cbt;
		tap_is(server_logon(s, &c), servers[2].status[j],
		       "N14: bindings with the first message only; client: %s", clients[j].what);
	}
	reset();
	s->bindings = bindings;
	s->bindings_len = sizeof(bindings);
	c.cbt = wrong;
	c.password = "wrong";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N14: the password goes first");
}

static void anonymous(void)
{
	reset();
	c.anonymous = true;
	c.domain = "";
	c.mic = false;
	c.negotiate &= ~NTLMSSP_NEGOTIATE_KEY_EXCH;
	s->req_flags = ASC_REQ_ALLOW_NULL_SESSION;
}

static void test_anonymous(void)
{
	uint8_t bindings[32] = { 0 };

	anonymous();
	s->req_flags = 0;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: anonymous");
	anonymous();
	tap_is(server_logon(s, &c), SEC_E_OK, "N17: anonymous, where the service allows it");
	tap_ok(s->result.anonymous && !s->result.account.user[0] && !s->result.account.local[0],
	       "N17: nobody, not a guest");
	tap_is(s->result.ret_flags, ASC_RET_NULL_SESSION, "N17: attributes");
	tap_ok(!s->result.key_len && !s->result.mech_flags, "N17: no session security");
	anonymous();
	c.lm_raw = &raw;
	tap_is(server_logon(s, &c), SEC_E_OK, "N17: no LM response at all");
	bytes_put(&raw, "\1", 1);
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: an LM response of 1 is not anonymous");
	raw.len = 0;
	bytes_put(&raw, "\0\0", 2);
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: nor is one of two bytes");
	anonymous();
	bytes_put16(&raw, 'a');
	c.user_raw = &raw;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: nor is a user without a response");
	anonymous();
	s->bindings = bindings;
	s->bindings_len = sizeof(bindings);
	tap_is(server_logon(s, &c), SEC_E_BAD_BINDINGS, "N17: anonymous has no channel bindings");
	s->req_flags |= ASC_REQ_ALLOW_MISSING_BINDINGS;
	tap_is(server_logon(s, &c), SEC_E_OK, "N17: which the service may allow");
	s->req_flags = ASC_REQ_ALLOW_MISSING_BINDINGS;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: if it allows anonymous at all");
	s->req_flags = 0;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: which goes first");
	reset();
	s->req_flags = ASC_REQ_ALLOW_NULL_SESSION;
	c.password = "wrong";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "N17: a wrong password is not anonymous");
	reset();
	s->req_flags = ASC_REQ_ALLOW_NULL_SESSION;
	tap_is(server_logon(s, &c), SEC_E_OK, "N17: a right one neither");
	tap_ok(!s->result.anonymous && !(s->result.ret_flags & ASC_RET_NULL_SESSION),
	       "N17: which the attributes say");
}

int main(void)
{
	test_clients();
	test_flags();
	test_key_exchange();
	test_accounts();
	test_source();
	test_proof_first();
	test_mic();
	test_echo();
	test_echo_length();
	test_time();
	test_target();
	test_bindings();
	test_anonymous();
	server_free(s);
	return tap_done();
}
