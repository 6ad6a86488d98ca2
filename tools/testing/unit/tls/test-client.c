// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Clients' certificates and who they are, application protocols, and the Schannel engine
 * around the handshake.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/filetime.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/client.h"
#include "tools/testing/unit/tls/fixture.h"

static struct tls_servers *servers;
static struct client client;
static struct pki other_ca;

/* Clients, all of which have an ECDSA key */
static struct person {
	const char *name;
	struct pki_request request;
	struct pki pki;
} people[] = {
	{ .name = "alice", .request = { .subject = "CN=alice", .upn = "alice@KSECDD.TEST",
					.email = "alice@ksecdd.test" } },
	{ .name = "bob", .request = { .subject = "CN=Bob B. Builder,O=Example", .days = 20 } },
	{ .name = "mallory", .request = { .subject = "CN=mallory", .upn = "alice@KSECDD.TEST" } },
	{ .name = "old", .request = { .subject = "CN=old", .from = -100 * 86400 } },
	{ .name = "early", .request = { .subject = "CN=early", .from = 10 * 86400 } },
	{ .name = "revoked", .request = { .subject = "CN=revoked" } },
	{ .name = "server", .request = { .subject = "CN=server",
					 .purpose = GNUTLS_KP_TLS_WWW_SERVER } },
	{ .name = "root", .request = { .subject = "CN=root", .upn = "root@KSECDD.TEST" } },
};

#define N_PEOPLE	(sizeof(people) / sizeof(people[0]))

static struct person *find(const char *name)
{
	size_t i = 0;

	while (strcmp(people[i].name, name))
		i++;
	return &people[i];
}

static void make_people(void)
{
	struct pki_request request = { .algorithm = GNUTLS_PK_ECDSA, .ca = true,
				       .subject = "CN=another CA" };
	char name[64];
	size_t i;

	pki_make(&request, &other_ca);
	for (i = 0; i < N_PEOPLE; i++) {
		people[i].request.algorithm = GNUTLS_PK_ECDSA;
		people[i].request.issuer = strcmp(people[i].name, "mallory") ? &fixture.ca :
									       &other_ca;
		if (!people[i].request.purpose)
			people[i].request.purpose = GNUTLS_KP_TLS_WWW_CLIENT;
		pki_make(&people[i].request, &people[i].pki);
		snprintf(name, sizeof(name), "%s.crt", people[i].name);
		pki_write(&people[i].pki, NULL, fixture_path(name), NULL);
		snprintf(name, sizeof(name), "%s.key", people[i].name);
		pki_write(&people[i].pki, NULL, NULL, fixture_path(name));
	}
	pki_write_crl(&fixture.ca, &find("revoked")->pki, fixture_path("crl"));
}

static void load(const char *format, const char *a, const char *b)
{
	char more[3 * PATH_MAX];

	tls_servers_free(servers);
	snprintf(more, sizeof(more), format, a, b);
	servers = fixture_load(more);
}

/* A client who shows his certificate, or with NULL none */
static void begin(const char *name, int version, enum tls_client_certificate ask)
{
	char file[64];

	client_begin(&client, tls_server_find(servers, "", 0));
	client.question.client = ask;
	SSL_set_min_proto_version(client.ssl, version);
	SSL_set_max_proto_version(client.ssl, version);
	if (!name)
		return;
	snprintf(file, sizeof(file), "%s.crt", name);
	SSL_use_certificate_file(client.ssl, fixture_path(file), SSL_FILETYPE_PEM);
	snprintf(file, sizeof(file), "%s.key", name);
	SSL_use_PrivateKey_file(client.ssl, fixture_path(file), SSL_FILETYPE_PEM);
}

/*
 * With TLS 1.3 the client is through before the server judges it, and hears of it
 * afterwards.
 */
static void hear(void)
{
	char none;

	SSL_read(client.ssl, &none, sizeof(none));
}

static void check_let_in(const char *name, int version, const char *user, const char *domain,
			 const char *local, bool by_rule)
{
	const struct account *account = &client.answer.account;
	const struct pki *pki = &find(name)->pki;
	uint8_t der[4096];
	size_t len = sizeof(der);

	begin(name, version, TLS_CLIENT_REQUIRE);
	if (!tap_is(client_handshake(&client), SEC_E_OK, "%s is let in", name))
		tap_diag("%s", client.answer.reason);
	tap_ok(client.answer.has_account && !strcmp(account->user, user) &&
	       !strcmp(account->domain, domain) && !strcmp(account->local, local) &&
	       account->by_rule == by_rule, "as \"%s\\%s\", local user \"%s\"", account->domain,
	       account->user, account->local);
	tap_is(account->expiry,
	       filetime_from_unix(gnutls_x509_crt_get_expiration_time(pki->crt)),
	       "until the certificate ends");
	gnutls_x509_crt_export(pki->crt, GNUTLS_X509_FMT_DER, der, &len);
	tap_ok(client.answer.session.peer_cert_len == len &&
	       !memcmp(client.answer.session.peer_cert, der, len), "and that is what is told");
	tap_ok(client_talks(&client), "and there are records");
	client_end(&client);
}

static void check_kept_out(const char *name, int version, int32_t status, int alert)
{
	begin(name, version, TLS_CLIENT_REQUIRE);
	tap_is(client_handshake(&client), status, "%s is not let in",
	       name ? name : "one without a certificate");
	tap_diag("%s", client.answer.reason);
	hear();
	tap_is(client.alert, alert, "and is told why");
	tap_ok(!client.answer.session.has_keys && !client.answer.has_account &&
	       !client.answer.session.peer_cert, "and nothing else");
	client_end(&client);
}

static void test_version(int version)
{
	const bool tls13 = version == TLS1_3_VERSION;

	load("client-ca = %s\nclient-crl = %s\nmap = upn:*@KSECDD.TEST *\n",
	     fixture_path("ca.crt"), fixture_path("crl"));
	check_let_in("alice", version, "alice", "", "alice", true);
	check_let_in("bob", version, "CN=Bob B. Builder,O=Example", "X509", "", false);
	check_kept_out(NULL, version, SEC_E_NO_CREDENTIALS,
		       tls13 ? 116 : SSL_AD_HANDSHAKE_FAILURE);
	check_kept_out("mallory", version, SEC_E_UNTRUSTED_ROOT, SSL_AD_UNKNOWN_CA);
	check_kept_out("old", version, SEC_E_CERT_EXPIRED, SSL_AD_CERTIFICATE_EXPIRED);
	check_kept_out("early", version, SEC_E_CERT_EXPIRED, SSL_AD_CERTIFICATE_EXPIRED);
	check_kept_out("revoked", version, SEC_E_CERT_UNKNOWN, SSL_AD_CERTIFICATE_REVOKED);
	check_kept_out("server", version, SEC_E_CERT_UNKNOWN, SSL_AD_UNSUPPORTED_CERTIFICATE);
	begin(NULL, version, TLS_CLIENT_ASK);
	tap_is(client_handshake(&client), SEC_E_OK, "one without, where that is no must");
	tap_ok(!client.answer.has_account && !client.answer.session.peer_cert_len,
	       "is nobody");
	client_end(&client);
	begin("mallory", version, TLS_CLIENT_ASK);
	tap_is(client_handshake(&client), SEC_E_UNTRUSTED_ROOT, "but one that is not good");
	client_end(&client);
	begin("alice", version, TLS_CLIENT_NONE);
	tap_is(client_handshake(&client), SEC_E_OK, "one who is not asked");
	tap_ok(!client.answer.has_account, "is nobody, too");
	client_end(&client);
}

static void test_rules(void)
{
	char hex[65];

	load("client-ca = %s\nmap = upn:alice@KSECDD.TEST -\nmap = upn:*@KSECDD.TEST *\n%s",
	     fixture_path("ca.crt"), "");
	check_kept_out("alice", TLS1_3_VERSION, SEC_E_LOGON_DENIED, SSL_AD_ACCESS_DENIED);
	check_let_in("root", TLS1_3_VERSION, "root", "", "root", true);
	load("client-ca = %s\nmap = email:*@ksecdd.test robert\nmap = upn:*@KSECDD.TEST *\n%s",
	     fixture_path("ca.crt"), "");
	check_let_in("alice", TLS1_3_VERSION, "robert", "", "robert", true);
	load("client-ca = %s\nmap = email:*@KSECDD.TEST robert\n"
	     "map = subject:CN=Bob B. Builder,O=Example bob\n%s", fixture_path("ca.crt"), "");
	check_let_in("alice", TLS1_3_VERSION, "CN=alice", "X509", "", false);
	check_let_in("bob", TLS1_3_VERSION, "bob", "", "bob", false);
	pki_sha256(&find("bob")->pki, hex);
	load("client-ca = %s\nmap = sha256:%s bob2\n", fixture_path("ca.crt"), hex);
	check_let_in("bob", TLS1_3_VERSION, "bob2", "", "bob2", false);
	check_let_in("alice", TLS1_3_VERSION, "CN=alice", "X509", "", false);
}

/* SEC_APPLICATION_PROTOCOLS with one list of ALPN */
static size_t make_protocols(uint8_t *buf, const char *wire, uint16_t len)
{
	const uint32_t total = 4 + 2 + (uint32_t)len, kind = 2;

	memcpy(buf, &total, 4);
	memcpy(buf + 4, &kind, 4);
	memcpy(buf + 8, &len, 2);
	memcpy(buf + 10, wire, len);
	return 10 + (size_t)len;
}

static void check_protocol(const char *wire, unsigned int len, int32_t status, const char *want,
			   const char *name)
{
	SSL_set_alpn_protos(client.ssl, (const uint8_t *)wire, len);
	tap_is(client_handshake(&client), status, "%s", name);
	if (status)
		tap_is(client.alert, 120, "the client is told of no_application_protocol");
	tap_ok(client.answer.session.protocol_len == strlen(want) &&
	       !memcmp(client.answer.session.protocol, want, strlen(want)),
	       "the protocol is \"%s\"", want);
	client_end(&client);
}

static void test_protocols(void)
{
	uint8_t buf[64];
	size_t len;

	load("alpn = h2, http/1.1\n%s%s", "", "");
	begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
	check_protocol("\10http/1.1\2h2", 12, SEC_E_OK, "h2", "the server's choice");
	begin(NULL, TLS1_2_VERSION, TLS_CLIENT_NONE);
	check_protocol("\10http/1.1", 9, SEC_E_OK, "http/1.1", "the one in common");
	begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
	check_protocol("\3foo", 4, SEC_E_APPLICATION_PROTOCOL_MISMATCH, "", "none in common");
	begin(NULL, TLS1_2_VERSION, TLS_CLIENT_NONE);
	check_protocol("\3foo", 4, SEC_E_APPLICATION_PROTOCOL_MISMATCH, "", "nor with TLS 1.2");
	begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
	check_protocol("", 0, SEC_E_OK, "", "a client that has none");

	len = make_protocols(buf, "\3foo\3bar", 8);
	begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
	client.question.protocols = buf;
	client.question.protocols_len = len;
	check_protocol("\2h2\3bar", 7, SEC_E_OK, "bar", "the service's protocols come first");
	begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
	client.question.protocols = buf;
	client.question.protocols_len = len;
	check_protocol("\2h2", 3, SEC_E_APPLICATION_PROTOCOL_MISMATCH, "", "and no others");
}

static void test_wrong_protocols(void)
{
	static const char *const names[] = { "\0", "\4foo", "\3foo\3ba" };
	static const uint16_t lens[] = { 1, 4, 7 };
	uint8_t buf[64];
	size_t i, len;

	for (i = 0; i < 3; i++) {
		len = make_protocols(buf, names[i], lens[i]);
		begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
		client.question.protocols = buf;
		client.question.protocols_len = len;
		tap_is(client_handshake(&client), SEC_E_INVALID_TOKEN,
		       "protocols that are wrong, %zu", i);
		client_end(&client);
	}
	len = make_protocols(buf, "\2h2", 3);
	for (i = 1; i < len; i++) {
		begin(NULL, TLS1_3_VERSION, TLS_CLIENT_NONE);
		client.question.protocols = buf;
		client.question.protocols_len = i;
		if (client_handshake(&client) != SEC_E_INVALID_TOKEN)
			break;
		client_end(&client);
	}
	tap_is((int64_t)i, (int64_t)len, "protocols that are cut");
}

/* The engine: which server, which flags, who. */
static struct engine_result result;
static struct engine_step step;

static int32_t engine_leg(const uint8_t *token, size_t len)
{
	const struct engine_env env = { .tls = servers };
	static uint8_t state[KSECDD_MAX_STATE];

	memcpy(state, result.state, result.state_len);
	step.state = state;
	step.state_len = result.state_len;
	step.token = token;
	step.token_len = len;
	engine_result_clear(&result);
	schannel_engine.accept(&env, &step, &result);
	step.leg++;
	if (result.token_len)
		BIO_write(SSL_get_rbio(client.ssl), result.token, (int)result.token_len);
	return result.status;
}

static int32_t engine_handshake(const char *name, uint32_t flags, const char *principal)
{
	static uint8_t flight[65536];
	int32_t status = SEC_I_CONTINUE_NEEDED;
	size_t len;

	begin(name, TLS1_3_VERSION, TLS_CLIENT_NONE);
	engine_result_init(&result);
	step = (struct engine_step){ .req_flags = flags, .principal = principal,
				     .principal_len = strlen(principal),
				     .context = CLIENT_CONTEXT };
	while (status == SEC_I_CONTINUE_NEEDED) {
		len = client_flight(&client, flight, sizeof(flight));
		status = engine_leg(flight, len);
	}
	return status;
}

static void engine_end(void)
{
	engine_result_clear(&result);
	client_end(&client);
}

static void test_engine(void)
{
	const uint32_t always = ASC_RET_STREAM | ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY |
				ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT;

	load("client-ca = %s\nmap = upn:*@KSECDD.TEST *\n%s", fixture_path("ca.crt"), "");
	tap_is(engine_handshake("alice", 0, ""), SEC_E_OK, "the engine, client not asked");
	tap_ok(result.anonymous && !*result.account.user && result.tls.has_keys &&
	       result.mech == KSECDD_PACKAGE_SCHANNEL && !result.key_len, "he is nobody");
	tap_is(result.ret_flags, always, "the flags that are always there");
	tap_is(engine_leg((const uint8_t *)"x", 1), SEC_E_INVALID_TOKEN, "and then it is over");
	engine_end();
	tap_is(engine_handshake("alice", ASC_REQ_MUTUAL_AUTH | ASC_REQ_EXTENDED_ERROR, ""),
	       SEC_E_OK, "the service asks for a certificate");
	tap_ok(!result.anonymous && !strcmp(result.account.local, "alice") &&
	       result.tls.peer_cert_len, "and has one");
	tap_is(result.ret_flags, always | ASC_RET_MUTUAL_AUTH | ASC_RET_EXTENDED_ERROR,
	       "and is told so");
	engine_end();
	tap_is(engine_handshake(NULL, ASC_REQ_MUTUAL_AUTH, ""), SEC_E_OK, "it has none");
	tap_ok(result.anonymous && result.ret_flags == always, "and is told so");
	engine_end();
	tap_is(engine_handshake("mallory", ASC_REQ_MUTUAL_AUTH, ""), SEC_E_UNTRUSTED_ROOT,
	       "one that is not good");
	tap_ok(result.token_len && !result.tls.has_keys && !result.ret_flags,
	       "there is an alert and nothing else");
	engine_end();
	tap_is(engine_handshake(NULL, ASC_REQ_DATAGRAM, ""), SEC_E_UNSUPPORTED_FUNCTION,
	       "datagrams");
	engine_end();
	tap_is(engine_handshake(NULL, 0, "web"), SEC_E_NO_CREDENTIALS, "no such section");
	engine_end();
	load("users = 4711\n%s%s", "", "");
	tap_is(engine_handshake(NULL, 0, ""), SEC_E_NO_CREDENTIALS, "not this user's");
	engine_end();
	load("%s%s", "", "");
	tap_is(engine_handshake(NULL, ASC_REQ_MUTUAL_AUTH, ""), SEC_E_UNSUPPORTED_FUNCTION,
	       "nobody to judge certificates by");
	engine_end();
}

int main(void)
{
	size_t i;

	fixture_begin();
	make_people();
	test_version(TLS1_3_VERSION);
	test_version(TLS1_2_VERSION);
	test_rules();
	test_protocols();
	test_wrong_protocols();
	test_engine();
	tls_servers_free(servers);
	for (i = 0; i < N_PEOPLE; i++)
		pki_free(&people[i].pki);
	pki_free(&other_ca);
	fixture_end();
	return tap_done();
}
