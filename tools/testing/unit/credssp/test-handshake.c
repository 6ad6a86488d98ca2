// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a logon with CredSSP begins: the handshake, with OpenSSL as client in the same
 * process, and what of it is kept for what follows.
 */
#include <string.h>

#include <openssl/x509.h>

#include "helper/credssp/credssp.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/client.h"
#include "tools/testing/unit/tls/fixture.h"

#define LEGS	8

static struct credssp_policy policy = { .min_version = CREDSSP_VERSION_NONCE };
static struct tls_servers *servers;
static struct engine_result res;
static uint8_t flight[65536], state[KSECDD_MAX_STATE];
static size_t state_len;
static unsigned int asked;

static int32_t leg(const struct engine_step *like, size_t len)
{
	const struct engine_env env = { .credssp = &policy, .tls = servers };
	struct engine_step step = *like;

	step.context = CLIENT_CONTEXT;
	step.state = state;
	step.state_len = state_len;
	step.token = flight;
	step.token_len = len;
	engine_result_clear(&res);
	credssp_engine.accept(&env, &step, &res);
	memcpy(state, res.state, res.state_len);
	state_len = res.state_len;
	return res.status;
}

/* OpenSSL calls this if the server asks for a certificate. */
static int give_certificate(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)ssl;
	(void)certificate;
	(void)key;
	asked++;
	return 0;
}

static void begin(struct client *c, int version)
{
	state_len = 0;
	asked = 0;
	client_begin(c, NULL);
	SSL_set_min_proto_version(c->ssl, version);
	SSL_set_max_proto_version(c->ssl, version);
	SSL_CTX_set_client_cert_cb(c->ctx, give_certificate);
}

/* All of it; the status of the last leg. */
static int32_t shake_hands(struct client *c, const struct engine_step *step)
{
	int32_t status = SEC_I_CONTINUE_NEEDED;
	unsigned int i;
	size_t len;

	for (i = 0; i < LEGS && status == SEC_I_CONTINUE_NEEDED && !res.tls.has_keys; i++) {
		len = client_flight(c, flight, sizeof(flight));
		if (!len)
			break;
		status = leg(step, len);
		if (res.token_len)
			BIO_write(SSL_get_rbio(c->ssl), res.token, (int)res.token_len);
	}
	SSL_do_handshake(c->ssl);
	return status;
}

static void is_key_of(const SSL *ssl, const struct der_span *key, const char *what)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	const ASN1_BIT_STRING *bits = certificate ? X509_get0_pubkey_bitstr(certificate) : NULL;

	tap_ok(bits && key->len == (size_t)ASN1_STRING_length(bits) &&
	       !memcmp(key->data, ASN1_STRING_get0_data(bits), key->len),
	       "C6: %s: the key that is to be bound is the certificate's", what);
	X509_free(certificate);
}

static void test_handshake(int version, const char *what)
{
	const struct engine_step step = { .principal = "" };
	struct credssp_half half = {};
	struct client c;

	engine_result_clear(&res);
	begin(&c, version);
	tap_is(shake_hands(&c, &step), SEC_I_CONTINUE_NEEDED, "C1: %s: and the logon goes on",
	       what);
	tap_ok(SSL_is_init_finished(c.ssl) && res.tls.has_keys && state_len,
	       "C1: %s: the handshake is over, and the module gets keys", what);
	tap_ok(credssp_half_read(state, state_len, &half) &&
	       half.phase == CREDSSP_NEGOTIATION && half.endpoint.len && !half.peer &&
	       !half.inner.len,
	       "%s: what is kept", what);
	is_key_of(c.ssl, &half.key, what);
	tap_is(asked, 0, "C1: %s: no certificate of the client is asked for", what);
	tap_ok(!SSL_session_reused(c.ssl) && !SSL_SESSION_has_ticket(SSL_get0_session(c.ssl)),
	       "C1: %s: no session is resumed", what);
	c.answer.session = res.tls;
	memset(&res.tls, 0, sizeof(res.tls));
	tap_ok(client_talks(&c), "%s: records by these keys", what);
	client_end(&c);
}

static void refused(const struct engine_step *step, int32_t status, const char *what)
{
	struct client c;

	engine_result_clear(&res);
	begin(&c, TLS1_3_VERSION);
	tap_is(shake_hands(&c, step), status, "%s", what);
	tap_ok(!res.tls.has_keys && !res.state_len && !res.token && res.reason,
	       "%s: and nothing is granted", what);
	client_end(&c);
}

static void test_refused(void)
{
	struct engine_step step = { .principal = "other", .principal_len = 5 };
	struct client c;

	refused(&step, SEC_E_NO_CREDENTIALS, "a principal that names no section");
	step = (struct engine_step){ .principal = "", .cred_uid = 1000 };
	refused(&step, SEC_E_NO_CREDENTIALS, "a user who may not use the section");
	strcpy(policy.tls, "other");
	step = (struct engine_step){ .principal = "" };
	refused(&step, SEC_E_NO_CREDENTIALS, "[credssp] names a section that is not there");
	policy.tls[0] = '\0';
	policy.no_delegation.any = true;
	step.req_flags = ASC_REQ_DELEGATE;
	refused(&step, SEC_E_UNSUPPORTED_FUNCTION, "C10: delegation is forbidden");
	policy.no_delegation.any = false;
	step.req_flags = 0;
	engine_result_clear(&res);
	begin(&c, TLS1_2_VERSION);
	SSL_set_cipher_list(c.ssl, "AES128-SHA");
	tap_ok(shake_hands(&c, &step) < 0 && res.token_len && !res.has_alert,
	       "nothing in common: the handshake's own alert says so");
	client_end(&c);
}

int main(void)
{
	fixture_begin();
	servers = fixture_load("");
	engine_result_init(&res);
	test_handshake(TLS1_2_VERSION, "TLS 1.2");
	test_handshake(TLS1_3_VERSION, "TLS 1.3");
	test_refused();
	engine_result_clear(&res);
	tls_servers_free(servers);
	fixture_end();
	return tap_done();
}
