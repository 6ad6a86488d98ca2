// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Handshakes with OpenSSL: every suite of both versions, tokens in all pieces, and what
 * is refused.
 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/client.h"
#include "tools/testing/unit/tls/fixture.h"

static struct tls_servers *servers;
static struct client client;

static const struct tls_server *server(void)
{
	return tls_server_find(servers, "", 0);
}

static void begin(void)
{
	client_begin(&client, server());
}

/* Ends a handshake that went well: what is said there goes both ways. */
static bool good(void)
{
	bool talks = client_talks(&client);

	client_end(&client);
	return talks;
}

/* Every suite of IANA's that an AEAD of ours is in */
static const struct suite {
	uint16_t number;
	int version;
	const char *name;
	uint8_t cipher;
	uint8_t hash;
} suites[] = {
	{ 0x1301, TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", KSECDD_TLS_AES_128_GCM,
	  KSECDD_TLS_SHA256 },
	{ 0x1302, TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", KSECDD_TLS_AES_256_GCM,
	  KSECDD_TLS_SHA384 },
	{ 0x1303, TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", KSECDD_TLS_CHACHA20_POLY1305,
	  KSECDD_TLS_SHA256 },
	{ 0x1304, TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", KSECDD_TLS_AES_128_CCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc02b, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", KSECDD_TLS_AES_128_GCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc02c, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384", KSECDD_TLS_AES_256_GCM,
	  KSECDD_TLS_SHA384 },
	{ 0xcca9, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", KSECDD_TLS_CHACHA20_POLY1305,
	  KSECDD_TLS_SHA256 },
	{ 0xc0ac, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", KSECDD_TLS_AES_128_CCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc0ad, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM", KSECDD_TLS_AES_256_CCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc02f, TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", KSECDD_TLS_AES_128_GCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc030, TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384", KSECDD_TLS_AES_256_GCM,
	  KSECDD_TLS_SHA384 },
	{ 0xcca8, TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305", KSECDD_TLS_CHACHA20_POLY1305,
	  KSECDD_TLS_SHA256 },
	{ 0x009e, TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256", KSECDD_TLS_AES_128_GCM,
	  KSECDD_TLS_SHA256 },
	{ 0x009f, TLS1_2_VERSION, "DHE-RSA-AES256-GCM-SHA384", KSECDD_TLS_AES_256_GCM,
	  KSECDD_TLS_SHA384 },
	{ 0xccaa, TLS1_2_VERSION, "DHE-RSA-CHACHA20-POLY1305", KSECDD_TLS_CHACHA20_POLY1305,
	  KSECDD_TLS_SHA256 },
	{ 0xc09e, TLS1_2_VERSION, "DHE-RSA-AES128-CCM", KSECDD_TLS_AES_128_CCM,
	  KSECDD_TLS_SHA256 },
	{ 0xc09f, TLS1_2_VERSION, "DHE-RSA-AES256-CCM", KSECDD_TLS_AES_256_CCM,
	  KSECDD_TLS_SHA256 },
};

static void offer(int version, const char *suite)
{
	SSL_set_min_proto_version(client.ssl, version);
	SSL_set_max_proto_version(client.ssl, version);
	if (suite && !(version == TLS1_3_VERSION ? SSL_set_ciphersuites(client.ssl, suite) :
						   SSL_set_cipher_list(client.ssl, suite)))
		tap_bail("OpenSSL knows no %s", suite);
}

static void check_suite(const struct suite *s)
{
	const struct ksecdd_tls_keys *keys = &client.answer.session.keys;
	const bool tls13 = s->version == TLS1_3_VERSION;

	begin();
	offer(s->version, s->name);
	if (!tap_is(client_handshake(&client), SEC_E_OK, "%s", s->name))
		tap_diag("%s", client.answer.reason);
	tap_ok(keys->version == s->version && keys->suite == s->number &&
	       keys->cipher == s->cipher && keys->hash == s->hash &&
	       !!keys->group == !!strncmp(s->name, "DHE", 3),
	       "%s: what was agreed on", s->name);
	tap_ok(keys->rx.seq == !tls13 && keys->tx.seq == !tls13,
	       "%s: the first sequence numbers", s->name);
	tap_ok(good(), "%s: records go both ways by the keys", s->name);
}

static void test_suites(void)
{
	size_t i;

	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		check_suite(&suites[i]);
}

/* What the module does with TLS 1.3 is by the secrets and by nothing else. */
static void test_halves(void)
{
	static const uint8_t zero[KSECDD_TLS_MAX_SECRET];
	const struct ksecdd_tls_keys *keys = &client.answer.session.keys;

	begin();
	offer(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256");
	client_handshake(&client);
	tap_ok(!memcmp(keys->rx.key, zero, sizeof(keys->rx.key)) &&
	       !memcmp(keys->tx.iv, zero, sizeof(keys->tx.iv)) &&
	       !memcmp(keys->rx.secret + 32, zero, 16) && memcmp(keys->rx.secret, zero, 32),
	       "TLS 1.3 has secrets of the hash's length, and no keys");
	client_end(&client);
	begin();
	offer(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256");
	client_handshake(&client);
	tap_ok(!memcmp(keys->rx.secret, zero, sizeof(zero)) &&
	       !memcmp(keys->rx.key + 16, zero, 16) && !memcmp(keys->tx.iv + 4, zero, 8) &&
	       memcmp(keys->rx.key, zero, 16) && memcmp(keys->tx.iv, zero, 4),
	       "TLS 1.2 has keys of the cipher's length and a salt of 4 bytes");
	client_end(&client);
}

static void test_fragments(void)
{
	static const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION };
	static const size_t sizes[] = { 1, 4, 5, 6, 100 };
	size_t v, i;

	for (v = 0; v < 2; v++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			begin();
			offer(versions[v], NULL);
			client.fragment = sizes[i];
			tap_is(client_handshake(&client), SEC_E_OK,
			       "TLS 1.%d, tokens of %zu bytes", v ? 2 : 3, sizes[i]);
			tap_ok(client.legs > 2, "in more than two legs");
			tap_ok(good(), "and what was agreed on is right");
		}
	}
}

/* A ClientHello whose bytes are a record each: RFC 8446 section 5.1 lets it. */
static void test_tiny_records(void)
{
	static uint8_t flight[4096];
	uint8_t record[6] = { 22, 3, 1, 0, 1, 0 };
	int32_t status = SEC_I_CONTINUE_NEEDED;
	size_t len, i;

	begin();
	len = client_flight(&client, flight, sizeof(flight));
	for (i = 5; i < len && status == SEC_I_CONTINUE_NEEDED; i++) {
		record[5] = flight[i];
		status = client_leg(&client, record, sizeof(record));
		if (i + 1 < len && client.answer.token_len)
			break;
	}
	tap_is(i, len, "a record for each byte of a ClientHello");
	tap_ok(client.answer.token_len, "is answered at its end");
	tap_is(client_handshake(&client), SEC_E_OK, "and the handshake goes on");
	tap_ok(good(), "to its end");
}

static void check_unused(int version, const char *name)
{
	static const char early[] = "what comes behind the handshake";
	static uint8_t flight[16384];
	size_t len, more;
	int n;

	begin();
	offer(version, NULL);
	len = client_flight(&client, flight, sizeof(flight));
	client_leg(&client, flight, len);
	if (version == TLS1_2_VERSION) {
		len = client_flight(&client, flight, sizeof(flight));
		/* The client says nothing before it has the server's Finished. */
		memcpy(flight + len, "\27\3\3\0\1x", 6);
		more = 6;
	} else {
		len = client_flight(&client, flight, sizeof(flight));
		SSL_write(client.ssl, early, sizeof(early));
		n = BIO_read(SSL_get_wbio(client.ssl), flight + len, (int)(sizeof(flight) - len));
		more = n > 0 ? (size_t)n : 0;
	}
	tap_is(client_leg(&client, flight, len + more), SEC_E_OK, "%s with bytes behind it", name);
	tap_ok(more && client.answer.session.unused == more, "%s: they are not used", name);
	client_end(&client);
}

static void test_tickets(void)
{
	static const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION };
	SSL_SESSION *session;
	size_t v;

	for (v = 0; v < 2; v++) {
		begin();
		offer(versions[v], NULL);
		client_handshake(&client);
		tap_is(BIO_ctrl_pending(SSL_get_rbio(client.ssl)), 0,
		       "TLS 1.%d: the client has read all there is", v ? 2 : 3);
		session = SSL_get1_session(client.ssl);
		tap_ok(!SSL_SESSION_has_ticket(session), "TLS 1.%d: no ticket", v ? 2 : 3);
		client_end(&client);
		begin();
		offer(versions[v], NULL);
		SSL_set_session(client.ssl, session);
		tap_is(client_handshake(&client), SEC_E_OK, "TLS 1.%d: once more", v ? 2 : 3);
		tap_ok(!SSL_session_reused(client.ssl), "TLS 1.%d: is another session", v ? 2 : 3);
		client_end(&client);
		SSL_SESSION_free(session);
	}
}

/* The bindings and the public key are those of the certificate that was shown. */
static void check_certificate(const char *suite, const struct pki *pki)
{
	const struct tls_session *session = &client.answer.session;
	uint8_t der[4096], hash[32], spki[1024], unique[64];
	size_t len = sizeof(der), spki_len = sizeof(spki), n;
	gnutls_pubkey_t pubkey;

	begin();
	offer(TLS1_2_VERSION, suite);
	client_handshake(&client);
	gnutls_x509_crt_export(pki->crt, GNUTLS_X509_FMT_DER, der, &len);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, der, len, hash);
	tap_ok(session->endpoint_len == 32 && !memcmp(session->endpoint, hash, 32),
	       "%s: tls-server-end-point", suite);
	n = SSL_get_finished(client.ssl, unique, sizeof(unique));
	tap_ok(session->unique_len == n && !memcmp(session->unique, unique, n),
	       "%s: tls-unique", suite);
	gnutls_pubkey_init(&pubkey);
	gnutls_pubkey_import_x509(pubkey, pki->crt, 0);
	gnutls_pubkey_export(pubkey, GNUTLS_X509_FMT_DER, spki, &spki_len);
	gnutls_pubkey_deinit(pubkey);
	n = client.answer.public_key_len;
	/* It is the last thing in a SubjectPublicKeyInfo; a zero is before it. */
	tap_ok(n > 64 && n < spki_len && !spki[spki_len - n - 1] &&
	       !memcmp(spki + spki_len - n, client.answer.public_key, n) &&
	       client.answer.public_key[0] == (pki == &fixture.rsa ? 0x30 : 0x04),
	       "%s: the public key", suite);
	if (pki == &fixture.rsa)
		tap_is((int64_t)n, 270, "%s: and its length", suite);
	client_end(&client);
}

static void test_bindings(void)
{
	check_certificate("ECDHE-RSA-AES128-GCM-SHA256", &fixture.rsa);
	check_certificate("ECDHE-ECDSA-AES128-GCM-SHA256", &fixture.ec);
	begin();
	offer(TLS1_3_VERSION, NULL);
	client_handshake(&client);
	tap_ok(!client.answer.session.unique_len && client.answer.session.endpoint_len == 32,
	       "TLS 1.3 has no tls-unique, but the other");
	client_end(&client);
}

/* The client believes the certificate: chain, name and purpose are right. */
static void test_verified(void)
{
	begin();
	SSL_CTX_load_verify_file(client.ctx, fixture_path("ca.crt"));
	SSL_set_verify(client.ssl, SSL_VERIFY_PEER, NULL);
	SSL_set1_host(client.ssl, FIXTURE_DNS);
	SSL_set_tlsext_host_name(client.ssl, FIXTURE_DNS);
	tap_is(client_handshake(&client), SEC_E_OK, "a client that looks at the certificate");
	tap_ok(good(), "and believes it");
	begin();
	SSL_set_verify(client.ssl, SSL_VERIFY_PEER, NULL);
	tap_is(client_handshake(&client), SEC_E_UNTRUSTED_ROOT, "one that does not believe it");
	tap_ok(!client.answer.token_len, "has no alert in return");
	client_end(&client);
	begin();
	offer(TLS1_2_VERSION, NULL);
	SSL_set_verify(client.ssl, SSL_VERIFY_PEER, NULL);
	tap_is(client_handshake(&client), SEC_E_UNTRUSTED_ROOT, "nor with TLS 1.2");
	client_end(&client);
}

static void test_groups(void)
{
	static const struct {
		const char *name;
		uint16_t number;
	} groups[] = {
		{ "P-256", 23 }, { "P-384", 24 }, { "P-521", 25 }, { "X25519", 29 },
		{ "X448", 30 }, { "ffdhe2048", 256 },
	};
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		begin();
		offer(TLS1_3_VERSION, NULL);
		SSL_set1_groups_list(client.ssl, groups[i].name);
		tap_is(client_handshake(&client), SEC_E_OK, "group %s", groups[i].name);
		tap_is(client.answer.session.keys.group, groups[i].number, "and its number");
		tap_ok(good(), "and its secrets");
	}
	/* The server wants another group than the client has guessed. */
	begin();
	SSL_set1_groups_list(client.ssl, "brainpoolP256r1:P-256");
	tap_is(client_handshake(&client), SEC_E_OK, "HelloRetryRequest");
	tap_ok(good(), "and what comes of it");
}

static void check_refused(int32_t want, int alert, const char *name)
{
	tap_is(client_handshake(&client), want, "%s", name);
	tap_diag("%s", client.answer.reason);
	tap_is(client.alert, alert, "%s: the client is told", name);
	tap_ok(!client.answer.session.has_keys && !client.answer.state_len &&
	       !client.answer.public_key, "%s: and there is nothing of a session", name);
	client_end(&client);
}

static void test_mismatch(void)
{
	begin();
	SSL_set_security_level(client.ssl, 0);
	SSL_set_min_proto_version(client.ssl, TLS1_1_VERSION);
	SSL_set_max_proto_version(client.ssl, TLS1_1_VERSION);
	check_refused(SEC_E_UNSUPPORTED_FUNCTION, SSL_AD_PROTOCOL_VERSION, "TLS 1.1");
	begin();
	offer(TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256");
	check_refused(SEC_E_ALGORITHM_MISMATCH, SSL_AD_HANDSHAKE_FAILURE, "CBC only");
	begin();
	offer(TLS1_2_VERSION, "AES128-GCM-SHA256");
	check_refused(SEC_E_ALGORITHM_MISMATCH, SSL_AD_HANDSHAKE_FAILURE,
		      "RSA without forward secrecy");
	begin();
	offer(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8");
	check_refused(SEC_E_ALGORITHM_MISMATCH, SSL_AD_HANDSHAKE_FAILURE, "CCM with half a tag");
	begin();
	offer(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256");
	SSL_set1_groups_list(client.ssl, "brainpoolP256r1");
	check_refused(SEC_E_ALGORITHM_MISMATCH, SSL_AD_HANDSHAKE_FAILURE, "no group in common");
	begin();
	SSL_set_security_level(client.ssl, 0);
	offer(TLS1_2_VERSION, NULL);
	SSL_set1_sigalgs_list(client.ssl, "RSA+SHA1:ECDSA+SHA1");
	check_refused(SEC_E_ALGORITHM_MISMATCH, SSL_AD_HANDSHAKE_FAILURE, "signatures with SHA-1");
}

static void test_wrong_tokens(void)
{
	static const struct {
		const char *name;
		const char *bytes;
		size_t len;
		int32_t status;
	} tokens[] = {
		{ "application data first", "\27\3\3\0\1x", 6, SEC_E_INVALID_TOKEN },
		{ "a Finished first", "\26\3\3\0\5\24\0\0\1\0", 10, SEC_E_INVALID_TOKEN },
		{ "an alert first", "\25\3\3\0\2\2\50", 7, SEC_E_ALGORITHM_MISMATCH },
		{ "close_notify first", "\25\3\3\0\2\1\0", 7, SEC_E_ILLEGAL_MESSAGE },
		{ "an empty ClientHello", "\26\3\3\0\4\1\0\0\0", 9, SEC_E_ILLEGAL_MESSAGE },
		{ "ChangeCipherSpec first", "\24\3\3\0\1\1", 6, SEC_E_INVALID_TOKEN },
		{ "no TLS at all", "GET / HTTP/1.1\r\n\r\n", 18, SEC_E_INVALID_TOKEN },
	};
	size_t i;

	for (i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		begin();
		tap_is(client_leg(&client, (const uint8_t *)tokens[i].bytes, tokens[i].len),
		       tokens[i].status, "%s", tokens[i].name);
		tap_diag("%s", client.answer.reason);
		tap_ok(!client.answer.state_len, "and that is the end");
		client_end(&client);
	}
}

/* A ClientHello that says it is of 16 MiB is not waited for to its end. */
static void test_endless(void)
{
	static uint8_t record[5 + 16384] = { 22, 3, 3, 0x40, 0, 1, 0xff, 0xff, 0xff };
	int32_t status = SEC_I_CONTINUE_NEEDED;
	unsigned int i;

	begin();
	for (i = 0; i < 16 && status == SEC_I_CONTINUE_NEEDED; i++) {
		status = client_leg(&client, record, sizeof(record));
		memset(record + 5, 0, 4);
	}
	tap_is(status, SEC_E_ILLEGAL_MESSAGE, "an endless ClientHello");
	tap_ok(i <= 8, "is refused before 128 KiB: record %u", i);
	client_end(&client);
}

/* One bit of the client's last flight, which is encrypted. */
static void check_altered(int version, size_t from_end, const char *name)
{
	static uint8_t flight[16384];
	int32_t status;
	size_t len;

	begin();
	offer(version, NULL);
	len = client_flight(&client, flight, sizeof(flight));
	client_leg(&client, flight, len);
	len = client_flight(&client, flight, sizeof(flight));
	flight[len - from_end] ^= 1;
	status = client_leg(&client, flight, len);
	tap_ok(status == SEC_E_DECRYPT_FAILURE || status == SEC_E_MESSAGE_ALTERED,
	       "%s: 0x%08x", name, (unsigned int)status);
	tap_ok(client.answer.token_len, "%s: there is an alert", name);
	client_end(&client);
}

static void test_state(void)
{
	static uint8_t flight[16384];
	struct tls_answer answer;
	size_t len;

	begin();
	len = client_flight(&client, flight, sizeof(flight));
	tap_is(client_leg(&client, flight, len), SEC_I_CONTINUE_NEEDED, "a handshake waits");
	tap_is(client_leg(&client, flight, 0), SEC_I_CONTINUE_NEEDED, "and waits on");
	answer = client.answer;
	client.answer.state[5] ^= 1;
	len = client_flight(&client, flight, sizeof(flight));
	tap_is(client_leg(&client, flight, len), SEC_E_INVALID_TOKEN, "another cookie");
	memcpy(client.answer.state, answer.state, sizeof(answer.state));
	client.answer.state_len = answer.state_len;
	client.question.context++;
	tap_is(client_leg(&client, flight, len), SEC_E_INVALID_TOKEN, "another context");
	memcpy(client.answer.state, answer.state, sizeof(answer.state));
	client.answer.state_len = answer.state_len;
	client.question.context--;
	tap_is(client_leg(&client, flight, len), SEC_E_OK, "the right one");
	memcpy(client.answer.state, answer.state, sizeof(answer.state));
	client.answer.state_len = answer.state_len;
	tap_is(client_leg(&client, flight, len), SEC_E_INVALID_TOKEN, "but not twice");
	client_end(&client);

	begin();
	len = client_flight(&client, flight, sizeof(flight));
	client_leg(&client, flight, len);
	tls_half_open_clear();
	len = client_flight(&client, flight, sizeof(flight));
	tap_is(client_leg(&client, flight, len), SEC_E_INVALID_TOKEN, "after a restart");
	client_end(&client);

	begin();
	len = client_flight(&client, flight, sizeof(flight));
	client_leg(&client, flight, len);
	tls_half_open_drop(CLIENT_CONTEXT);
	len = client_flight(&client, flight, sizeof(flight));
	tap_is(client_leg(&client, flight, len), SEC_E_INVALID_TOKEN,
	       "when the context is gone");
	client_end(&client);
}

/* A handshake that has begun ends with what it has begun with. */
static void test_reload(void)
{
	static uint8_t flight[16384];
	size_t len;

	begin();
	len = client_flight(&client, flight, sizeof(flight));
	client_leg(&client, flight, len);
	tls_servers_free(servers);
	servers = fixture_load("");
	tap_is(client_handshake(&client), SEC_E_OK, "the configuration was read anew meanwhile");
	tap_ok(good(), "and the session is as good");
}

int main(void)
{
	fixture_begin();
	servers = fixture_load("");
	test_suites();
	test_halves();
	test_fragments();
	test_tiny_records();
	check_unused(TLS1_3_VERSION, "TLS 1.3");
	check_unused(TLS1_2_VERSION, "TLS 1.2");
	test_tickets();
	test_endless();
	test_bindings();
	test_verified();
	test_groups();
	test_mismatch();
	test_wrong_tokens();
	check_altered(TLS1_3_VERSION, 1, "TLS 1.3, an altered Finished");
	check_altered(TLS1_2_VERSION, 1, "TLS 1.2, an altered Finished");
	check_altered(TLS1_2_VERSION, 20, "TLS 1.2, an altered Finished, elsewhere");
	test_state();
	test_reload();
	tls_servers_free(servers);
	fixture_end();
	return tap_done();
}
