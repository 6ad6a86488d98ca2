// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Kerberos engine with MIT's library behind it, against tickets that a KDC
 * would make and tickets that none would: what protocols call K1 to K9.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/engine.h"
#include "helper/filetime.h"
#include "helper/kerberos/library.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/server.h"

static const struct ksecdd_krb5_keys *keys(void)
{
	static struct ksecdd_krb5_keys copy;

	memcpy(&copy, result.key, sizeof(copy));
	return &copy;
}

static bool has_key(const krb5_keyblock *key)
{
	return keys()->key_len == key->length && !memcmp(keys()->key, key->contents, key->length);
}

static bool no_rest(void)
{
	static const uint8_t zero[sizeof(result.key)];

	return !result.token && !result.key_len && !memcmp(result.key, zero, sizeof(zero)) &&
	       !result.ret_flags && !*result.account.user && !result.state_len;
}

static void test_mutual(void)
{
	struct reply reply;

	begin(AES256);
	if (!tap_is(logon(), SEC_E_OK, "K7 a ticket, mutual"))
		tap_diag("%s", result.reason);
	tap_is(result.ret_flags, ASC_RET_MUTUAL_AUTH | ASC_RET_REPLAY_DETECT |
	       ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY,
	       "K7 what the client asked for");
	tap_ok(client_read_reply(&client, result.token, result.token_len, &reply),
	       "K7 an AP-REP that the client decrypts");
	tap_ok(reply.time == client.time && reply.microseconds == client.microseconds,
	       "K7 with the client's time");
	tap_ok(reply.has_subkey && keys()->enctype == AES256 && keys()->key_len == 32 &&
	       !memcmp(keys()->key, reply.key, 32) &&
	       (result.mech_flags & KSECDD_KRB5_ACCEPTOR_SUBKEY), "K9 the acceptor's subkey counts");
	tap_ok(keys()->send_seq == reply.sequence && keys()->receive_seq == client.sequence,
	       "K13 the sequence numbers of AP-REQ and AP-REP");
	tap_ok((result.mech_flags & (KSECDD_KRB5_REPLAY_DETECT | KSECDD_KRB5_SEQUENCE_DETECT)) ==
	       (KSECDD_KRB5_REPLAY_DETECT | KSECDD_KRB5_SEQUENCE_DETECT), "K13 both flags");
	tap_is(result.account.expiry, filetime_from_unix(client.end), "K14 the ticket's end");
	tap_ok(!strcmp(result.account.user, "alice") && !strcmp(result.account.domain, REALM) &&
	       !strcmp(result.account.local, "alice"), "the client, and its local user");
	tap_ok(!strcmp(result.server, SERVICE "@" REALM) && result.have_target &&
	       !strcmp(result.target, SERVICE), "the service, and what the client asked for");
	step.leg = 1;
	tap_is(leg((const uint8_t *)"x", 1), SEC_E_INVALID_TOKEN, "and then it is over");
	end();
}

static void test_one_way(void)
{
	begin(AES128);
	client.options = 0;
	client.flags = GSS_C_INTEG_FLAG;
	tap_is(logon(), SEC_E_OK, "K7 not mutual");
	tap_ok(!result.token_len && result.ret_flags == ASC_RET_INTEGRITY, "K7 no AP-REP");
	tap_ok(has_key(&client.session_key) && !(result.mech_flags & KSECDD_KRB5_ACCEPTOR_SUBKEY),
	       "K9 the ticket's key counts");
	client.has_subkey = true;
	client_new_key(&client, &client.subkey, AES256);
	tap_is(logon(), SEC_E_OK, "with a subkey of the client's");
	tap_ok(has_key(&client.subkey) && keys()->enctype == AES256, "K9 that counts");
	client.checksum = 0;
	tap_is(logon(), SEC_E_OK, "K5 without a checksum");
	tap_is(result.ret_flags & ~(uint32_t)(ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY), 0,
	       "K5 nothing was asked for");
	end();
}

static void test_framing(void)
{
	struct der token;

	begin(AES256);
	client.ms_mechanism = true;
	tap_is(logon(), SEC_E_OK, "K1 Microsoft's mechanism");
	tap_ok(result.token_len > 6 && result.token[result.token_len > 130 ? 8 : 7] == 0x82,
	       "K1 is answered with it");
	client.ms_mechanism = false;
	client.raw = true;
	tap_is(logon(), SEC_E_INVALID_TOKEN, "K1 an AP-REQ without framing");
	client.raw = false;
	client_token(&client, &token);
	token.buf[DER_MAX - der_len(&token) + 15] = 2;
	tap_is(first(&token), SEC_E_INVALID_TOKEN, "K1 an AP-REP for a start");
	tap_is(leg((const uint8_t *)"", 0), SEC_E_INVALID_TOKEN, "B01 no token");
	tap_is(leg((const uint8_t *)"NTLMSSP", 8), SEC_E_INVALID_TOKEN, "another package's");
	client.options = 0x60;
	tap_is(logon(), SEC_E_UNSUPPORTED_FUNCTION, "K1 user to user");
	client.options = 0x20;
	step.req_flags = ASC_REQ_DATAGRAM;
	tap_is(logon(), SEC_E_UNSUPPORTED_FUNCTION, "datagrams");
	step.req_flags = ASC_REQ_PROXY_BINDINGS;
	tap_is(logon(), SEC_E_UNSUPPORTED_FUNCTION, "K6 whatever bindings there are");
	end();
}

static void test_keys(void)
{
	krb5_keyblock other = { 0 };

	begin(AES256);
	client_new_key(&client, &other, AES256);
	client_add_key(&client, service->keytab, SERVICE "@" REALM, 3, &other);
	tap_is(logon(), SEC_E_OK, "K2 an older version of the key");
	client.kvno = 7;
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K2 a version that is not there");
	tap_ok(no_rest(), "K2 and nothing is left of it");
	client.kvno = 3;
	tap_is(logon(), SEC_E_LOGON_DENIED, "K2 the key of another version");
	client.kvno = 2;
	client_new_key(&client, &client.service_key, AES128);
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K2 a key of a type that is not there");
	krb5_free_keyblock_contents(client.context, &other);
	end();

	begin(AES256);
	strcpy(service->names[0], "*");
	client.service = "cifs/ksecdd.test";
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K2 a service that the keytab does not know");
	chmod(service->keytab, 0);
	if (geteuid())
		tap_is(logon(), SEC_E_NO_KERB_KEY, "a keytab that cannot be read");
	unlink(service->keytab);
	tap_is(logon(), SEC_E_NO_KERB_KEY, "a keytab that is not there");
	tap_ok(!strcmp(result.reason, "the keytab cannot be read"), "and the reason says so");
	client_write_file(service->keytab, "this is no keytab\n");
	tap_is(logon(), SEC_E_NO_KERB_KEY, "a keytab that is none");
	end();
}

static void test_principals(void)
{
	begin(AES256);
	client.service = "HTTP/elsewhere.test";
	tap_is(logon(), SEC_E_WRONG_PRINCIPAL, "K2 a ticket for another service");
	client.service = SERVICE;
	client.realm = "OTHER.TEST";
	strcpy(service->names[0], SERVICE "@" REALM);
	tap_is(logon(), SEC_E_WRONG_PRINCIPAL, "K2 of another realm");
	client.realm = REALM;
	tap_is(logon(), SEC_E_OK, "K2 of this one");
	step.cred_uid = UID + 1;
	tap_is(logon(), SEC_E_NO_CREDENTIALS, "a user who may not use the keys");
	step.cred_uid = UID;
	step.principal = "web";
	step.principal_len = 3;
	tap_is(logon(), SEC_E_OK, "a credential that names the service");
	step.principal = "http/KSECDD.test";
	step.principal_len = strlen(step.principal);
	tap_is(logon(), SEC_E_OK, "a credential that names the principal");
	step.principal = "smb";
	step.principal_len = 3;
	tap_is(logon(), SEC_E_NO_CREDENTIALS, "a credential that names another");
	strcpy(service->names[0], "*");
	tap_is(logon(), SEC_E_NO_CREDENTIALS, "also where the service answers to everything");
	end();
}

static void move(const char *from, const char *to)
{
	if (rename(from, to))
		tap_bail("%s: %s", from, strerror(errno));
}

/* Whatever is remembered of a service, its keytab as it is now is what counts. */
static void test_new_keys(void)
{
	char name[32], principal[64], moved[PATH_MAX];
	unsigned int i, good = 0;

	begin(AES256);
	tap_is(logon(), SEC_E_OK, "K3 a key");
	path_of("moved", moved);
	move(service->keytab, moved);
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K3 the keytab is gone after a logon");
	client_add_key(&client, service->keytab, "HTTP/other.test@" REALM, client.kvno,
		       &client.service_key);
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K3 another one without the service");
	move(moved, service->keytab);
	tap_is(logon(), SEC_E_OK, "K3 the first again");
	end();

	begin(AES256);
	client.kvno++;
	tap_is(logon(), SEC_E_NO_KERB_KEY, "K3 a ticket of a newer key");
	client_add_key(&client, service->keytab, SERVICE "@" REALM, client.kvno,
		       &client.service_key);
	tap_is(logon(), SEC_E_OK, "K3 the newer key is there now");
	end();

	begin(AES256);
	strcpy(service->names[0], "*");
	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "HTTP/host%u.test", i % 100);
		snprintf(principal, sizeof(principal), "%s@" REALM, name);
		if (i < 100)
			client_add_key(&client, service->keytab, principal, client.kvno,
				       &client.service_key);
		client.service = name;
		good += logon() == SEC_E_OK;
	}
	tap_is(good, 200, "more services than are remembered, twice");
	end();
}

static void test_time(void)
{
	time_t now;

	begin(AES256);
	now = client.time;
	client.time = now - 400;
	tap_is(logon(), SEC_E_TIME_SKEW, "K3 a clock that is late");
	tap_ok(no_rest(), "K3 no token for the client if the service does not want one");
	step.req_flags = ASC_REQ_EXTENDED_ERROR;
	tap_is(logon(), SEC_E_TIME_SKEW, "K3 again, with extended errors");
	tap_ok(result.token_len > 17 && result.token[0] == 0x60 && result.token[13] == 3 &&
	       !result.token[14] && result.token[15] == 0x7e, "K3 a KRB-ERROR");
	client.time = now + 400;
	tap_is(logon(), SEC_E_TIME_SKEW, "K3 a clock that is early");
	client.time = now + 200;
	tap_is(logon(), SEC_E_OK, "K3 a clock that is less than 5 minutes off");
	client.time = now;
	client.start = now + 400;
	tap_is(logon(), SEC_E_TIME_SKEW, "K3 a ticket of the future");
	client.start = now - 7200;
	client.end = now - 3600;
	tap_is(logon(), SEC_E_CONTEXT_EXPIRED, "K3 a ticket of the past");
	client.end = now + 3600;
	client.other_name = "bob";
	tap_is(logon(), SEC_E_LOGON_DENIED, "K3 another client in the authenticator");
	end();
}

static void test_replay(void)
{
	struct der token;

	begin(AES256);
	client_token(&client, &token);
	tap_is(first(&token), SEC_E_OK, "K4 a token");
	tap_is(first(&token), SEC_E_LOGON_DENIED, "K4 the same again");
	tap_is(logon(), SEC_E_OK, "K4 another one");
	strcpy(policy.replay_cache, "/nowhere/replay");
	tap_is(logon(), SEC_E_INTERNAL_ERROR, "K4 without a replay cache nobody is let in");
	end();
}

static pthread_barrier_t line;
static struct racer {
	pthread_t thread;
	struct engine_step step;
	int32_t status;
} racers[8];

static void *race(void *arg)
{
	const struct engine_env env = { .kerberos = &policy, .library = &kerberos_mit };
	struct racer *racer = arg;
	struct engine_result res;

	engine_result_init(&res);
	pthread_barrier_wait(&line);
	kerberos_engine.accept(&env, &racer->step, &res);
	racer->status = res.status;
	engine_result_clear(&res);
	return NULL;
}

static void test_race(void)
{
	const size_t n = sizeof(racers) / sizeof(racers[0]);
	unsigned int good = 0, denied = 0, round, i;
	struct der token;

	begin(AES256);
	for (round = 0; round < 10; round++) {
		client_token(&client, &token);
		pthread_barrier_init(&line, NULL, (unsigned int)n);
		for (i = 0; i < n; i++) {
			racers[i].step = step;
			racers[i].step.leg = 0;
			racers[i].step.token = der_data(&token);
			racers[i].step.token_len = der_len(&token);
			if (pthread_create(&racers[i].thread, NULL, race, &racers[i]))
				tap_bail("there are no more threads");
		}
		for (i = 0; i < n; i++) {
			pthread_join(racers[i].thread, NULL);
			good += racers[i].status == SEC_E_OK;
			denied += racers[i].status == SEC_E_LOGON_DENIED;
		}
		pthread_barrier_destroy(&line);
	}
	tap_is(good, 10, "K4 of 8 threads with one token, one is let in");
	tap_is(denied, 70, "K4 and the others are denied");
	end();
}

static void test_checksum(void)
{
	size_t cut;

	begin(AES256);
	for (cut = 1; cut <= 24; cut++) {
		client.cut = cut;
		if (logon() != SEC_E_BAD_BINDINGS)
			break;
	}
	tap_is(cut, 25, "K5 a checksum of 0 to 23 bytes");
	end();
}

static void bind_service(const char *data, uint8_t *buf)
{
	uint32_t head[8] = { [6] = (uint32_t)strlen(data), [7] = sizeof(head) };

	memcpy(buf, head, sizeof(head));
	memcpy(buf + sizeof(head), data, strlen(data));
	step.bindings = buf;
	step.bindings_len = sizeof(head) + strlen(data);
}

static void test_bindings(void)
{
	uint8_t buf[64];

	begin(AES256);
	client_bind(&client, "a channel");
	tap_is(logon(), SEC_E_OK, "K6 bindings that nobody asks for");
	bind_service("a channel", buf);
	tap_is(logon(), SEC_E_OK, "K6 the same bindings");
	bind_service("b channel", buf);
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 other bindings");
	step.req_flags = ASC_REQ_ALLOW_MISSING_BINDINGS;
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 other bindings, may be missing");
	memset(client.bindings, 0, sizeof(client.bindings));
	tap_is(logon(), SEC_E_OK, "K6 none, may be missing");
	client.cbt_option = true;
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 none, and the client says that it gives them");
	client.cbt_option = false;
	step.req_flags = 0;
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 none");
	service->require_cbt = true;
	step.req_flags = ASC_REQ_ALLOW_MISSING_BINDINGS;
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 none, may be missing, and required");
	client_bind(&client, "b channel");
	tap_is(logon(), SEC_E_OK, "K6 the same, and required");
	step.bindings_len = 31;
	tap_is(logon(), SEC_E_INVALID_TOKEN, "K6 what are no bindings");
	step.bindings_len = 0;
	tap_is(logon(), SEC_E_BAD_BINDINGS, "K6 the service gives none, and they are required");
	end();
}

static void test_enctypes(void)
{
	static const struct {
		krb5_enctype enctype;
		const char *name;
	} types[] = {
		{ 17, "aes128-cts-hmac-sha1-96" }, { 18, "aes256-cts-hmac-sha1-96" },
		{ 19, "aes128-cts-hmac-sha256-128" }, { 20, "aes256-cts-hmac-sha384-192" },
		{ 25, "camellia128-cts-cmac" }, { 26, "camellia256-cts-cmac" },
	};
	struct reply reply;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		begin(types[i].enctype);
		tap_ok(logon() == SEC_E_OK &&
		       client_read_reply(&client, result.token, result.token_len, &reply) &&
		       reply.has_subkey && (int)keys()->enctype == reply.enctype &&
		       !memcmp(keys()->key, reply.key, keys()->key_len), "K9 %s: %s",
		       types[i].name, result.reason);
		end();
	}
	begin(23);
	tap_is(logon(), SEC_E_KDC_UNKNOWN_ETYPE, "K9 arcfour-hmac is off");
	service->arcfour = true;
	tap_is(logon(), SEC_E_OK, "K9 arcfour-hmac where it is on");
	tap_ok(keys()->enctype == 23 && keys()->key_len == 16 &&
	       (result.mech_flags & KSECDD_KRB5_ARCFOUR), "K9 and the module is told so");
	end();
	begin(AES256);
	client_new_key(&client, &client.session_key, 23);
	tap_is(logon(), SEC_E_KDC_UNKNOWN_ETYPE, "K9 a session key of arcfour-hmac");
	client_new_key(&client, &client.session_key, AES256);
	client.has_subkey = true;
	client_new_key(&client, &client.subkey, 23);
	client.options = 0;
	client.flags = GSS_C_INTEG_FLAG;
	tap_is(logon(), SEC_E_KDC_UNKNOWN_ETYPE, "K9 a subkey of arcfour-hmac");
	tap_ok(no_rest(), "K9 and nothing is left of it");
	end();
}

/* The first leg of a DCE style logon; leaves the client at what it has to confirm. */
static bool half_open(struct reply *reply)
{
	client.raw = true;
	client.flags |= GSS_C_DCE_STYLE;
	step.req_flags = ASC_REQ_USE_DCE_STYLE;
	return logon() == SEC_I_CONTINUE_NEEDED &&
	       client_read_reply(&client, result.token, result.token_len, reply);
}

static int32_t confirm(const struct reply *reply)
{
	struct der token;

	client_confirm(&client, reply, &token);
	step.leg = 1;
	return leg(der_data(&token), der_len(&token));
}

static void test_dce(void)
{
	struct reply reply;
	unsigned int i;

	begin(AES256);
	tap_ok(half_open(&reply), "K8 an AP-REQ and an AP-REP without framing");
	tap_ok(!result.key_len && !*result.account.local && !result.ret_flags,
	       "K8 nobody is let in yet");
	tap_is(confirm(&reply), SEC_E_OK, "K8 and the client's AP-REP");
	tap_ok((result.ret_flags & ASC_RET_USED_DCE_STYLE) &&
	       (result.mech_flags & KSECDD_KRB5_DCE_STYLE), "K8 DCE style");
	tap_ok(reply.has_subkey && !memcmp(keys()->key, reply.key, 32), "K8 the acceptor's subkey");
	tap_ok(!strcmp(result.account.user, "alice") && !strcmp(result.target, SERVICE),
	       "K8 client and service");
	end();

	begin(AES256);
	half_open(&reply);
	reply.sequence ^= 1;
	tap_is(confirm(&reply), SEC_E_INVALID_TOKEN, "K8 an AP-REP that does not match");
	half_open(&reply);
	reply.sequence ^= 1;
	confirm(&reply);
	reply.sequence ^= 1;
	tap_ok(confirm(&reply) != SEC_E_OK, "K8 there is no second try");
	half_open(&reply);
	kerberos_half_open_clear();
	tap_is(confirm(&reply), SEC_E_INVALID_TOKEN, "K8 after a restart of the daemon");
	half_open(&reply);
	step.context++;
	tap_is(confirm(&reply), SEC_E_INVALID_TOKEN, "K8 for another context");
	client.raw = false;
	tap_is(logon(), SEC_E_INVALID_TOKEN, "K8 DCE style with framing");
	client.raw = true;
	client.flags &= ~(uint32_t)GSS_C_DCE_STYLE;
	tap_is(logon(), SEC_E_INVALID_TOKEN, "K8 no DCE style without framing");
	for (i = 0; i < 300 && half_open(&reply); i++)
		;
	tap_is(i, 300, "K8 more half-open logons than there are places");
	tap_is(confirm(&reply), SEC_E_OK, "K8 and the newest can be confirmed");
	kerberos_half_open_clear();
	end();
}

static void test_mapping(void)
{
	begin(AES256);
	policy.n_rules = 0;
	tap_ok(logon() == SEC_E_OK && !*result.account.local, "without a rule there is no local user");
	need_rule("*@" REALM " *", &policy.rules[0]);
	policy.n_rules = 1;
	tap_ok(logon() == SEC_E_OK && !strcmp(result.account.local, "alice") &&
	       result.account.by_rule, "the user of the same name");
	need_rule("alice@" REALM " -", &policy.rules[0]);
	tap_is(logon(), SEC_E_LOGON_DENIED, "a client that is refused");
	tap_ok(no_rest() && !strcmp(result.user, "alice"), "nothing is left but its name for the log");
	client.name = "WELLKNOWN/ANONYMOUS";
	client.other_name = client.name;
	tap_is(logon(), SEC_E_LOGON_DENIED, "nobody");
	end();
}

/* Where the first encrypted part of a token begins, at most; its tail is encrypted. */
#define CLEAR	160

/* No beginning of a token, and no token with a changed byte, is more than refused. */
static void test_broken(void)
{
	unsigned int good = 0, wrong = 0, i;
	struct der token;

	begin(AES256);
	client_token(&client, &token);
	step.leg = 0;
	for (i = 0; i < der_len(&token); i++)
		good += leg(der_data(&token), i) == SEC_E_OK;
	tap_is(good, 0, "no beginning of a token is one");
	for (i = 0; i < der_len(&token); i += i < CLEAR ? 1 : 5) {
		client_token(&client, &token);
		token.buf[token.at + i] ^= 0x11;
		if (leg(der_data(&token), der_len(&token)) != SEC_E_OK)
			continue;
		/* In clear are the options of the AP-REQ and the type of the name. */
		good += i >= CLEAR;
		wrong += strcmp(result.account.user, "alice") || strcmp(result.target, SERVICE);
	}
	tap_is(good, 0, "no token with a changed byte in what is encrypted is one");
	tap_is(wrong, 0, "what is not encrypted changes nobody");
	tap_is(logon(), SEC_E_OK, "and then a token as it should be");
	end();
}

int main(void)
{
	server_start();
	test_mutual();
	test_one_way();
	test_framing();
	test_keys();
	test_principals();
	test_new_keys();
	test_time();
	test_replay();
	test_race();
	test_checksum();
	test_bindings();
	test_enctypes();
	test_dce();
	test_mapping();
	test_broken();
	return server_stop();
}
