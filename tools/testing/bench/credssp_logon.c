// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole logon with CredSSP, version 6 with NTLM inside of TLS 1.3, as the accept side sees
 * it: from the ClientHello to the client's password, and the context's end.  libsspi, the
 * module and ksecd, beside OpenSSL, which is what FreeRDP has for the TLS of its servers: its
 * handshake, and as many records with as many bytes.  What FreeRDP's servers do besides is in
 * the rows of bench-winpr.
 *
 * The counter goes round each call of the accept side, what others do for it when it has
 * returned included.  What the client does in between is not counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <sspi_linux.h>

#include "bench.h"
#include "tools/testing/unit/credssp/peer.h"

#define MAX_TOKEN	32768
#define NONCE		32
#define HASH		32

static const char usage[] =
	"usage: bench-credssp-logon [--logons N] [--runs N] CERTIFICATE KEY\n"
	"\n"
	"Counts the instructions of a logon with CredSSP at the service, as ksecdd does it, and of\n"
	"its TLS as OpenSSL does it. Runs in the test guest; credssp-logon sets up what it needs.\n";

/* What the counter is read for */
enum { HANDSHAKE, NEGOTIATION, PHASES };

/**
 * struct acceptor - who accepts
 * @ssp:   its name in the report
 * @begin: a new connection
 * @step:  takes what the client has sent, and returns what it gets; false: it is refused
 * @end:   the connection is over; whether the logon was complete
 */
struct acceptor {
	const char *ssp;
	void (*begin)(void);
	bool (*step)(const uint8_t *token, size_t len, uint8_t *answer, size_t *answer_len);
	bool (*end)(void);
};

static const struct acceptor *acceptor;

/* The client */
static SSL_CTX *client_ctx;
static SSL *tls;
static struct client client;
static struct ntlm_peer keys;
static struct peer_request request;
static struct bytes negotiate, challenge, authenticate, sealed, text, version;
static uint8_t nonce[NONCE];
static struct wire_part server_key;

/* Of what the client and the service say in TLS, the bytes of each */
static size_t said[3], answered[3];

/* What has been counted so far */
static uint64_t counted[PHASES], rest;

/* ksecdd */

static CredHandle credential;
static CtxtHandle context;
static SECURITY_STATUS status;
static bool has_context;

static void sspi_begin(void)
{
	has_context = false;
	status = SEC_I_CONTINUE_NEEDED;
}

static bool sspi_step(const uint8_t *token, size_t len, uint8_t *answer, size_t *answer_len)
{
	SecBuffer in[2] = {
		{ (ULONG)len, SECBUFFER_TOKEN, (void *)(uintptr_t)token },
		{ 0, SECBUFFER_EMPTY, NULL },
	};
	SecBuffer out = { MAX_TOKEN, SECBUFFER_TOKEN, answer };
	SecBufferDesc input = { SECBUFFER_VERSION, 2, in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &out };
	ULONG attributes;

	status = AcceptSecurityContext(&credential, has_context ? &context : NULL, &input,
				       ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM |
				       ASC_REQ_EXTENDED_ERROR, SECURITY_NATIVE_DREP, &context,
				       &output, &attributes, NULL);
	has_context = true;
	*answer_len = out.cbBuffer;
	return (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) &&
	       in[1].BufferType != SECBUFFER_EXTRA;
}

static bool sspi_end(void)
{
	return DeleteSecurityContext(&context) == SEC_E_OK && status == SEC_E_OK;
}

/* OpenSSL */

static SSL_CTX *service_ctx;
static SSL *service;
static size_t leg;

static void openssl_begin(void)
{
	service = SSL_new(service_ctx);
	if (!service)
		bench_die("OpenSSL: no memory");
	SSL_set_accept_state(service);
	SSL_set_bio(service, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	leg = 0;
}

static bool openssl_step(const uint8_t *token, size_t len, uint8_t *answer, size_t *answer_len)
{
	static uint8_t plain[MAX_TOKEN];
	int n;

	if (BIO_write(SSL_get_rbio(service), token, (int)len) != (int)len)
		return false;
	if (!SSL_is_init_finished(service)) {
		SSL_do_handshake(service);
	} else if (SSL_read(service, plain, sizeof(plain)) != (int)said[leg] ||
		   (answered[leg] && SSL_write(service, plain, (int)answered[leg]) <= 0)) {
		return false;
	} else {
		leg++;
	}
	n = BIO_read(SSL_get_wbio(service), answer, MAX_TOKEN);
	*answer_len = n > 0 ? (size_t)n : 0;
	return true;
}

static bool openssl_end(void)
{
	SSL_free(service);
	return leg == sizeof(said) / sizeof(said[0]);
}

static const struct acceptor acceptors[] = {
	{ "ksecdd", sspi_begin, sspi_step, sspi_end },
	{ "openssl", openssl_begin, openssl_step, openssl_end },
};

/* The client's side, which is not counted */

static void must(bool ok, const char *what)
{
	if (!ok)
		bench_die("%s: %s", acceptor ? acceptor->ssp : "OpenSSL", what);
}

static void count(unsigned int phase, uint64_t begin)
{
	count_settle();
	counted[phase] += count_now() - begin - rest - count_overhead();
}

/* Takes what the client has written to the service, and its answer back. */
static void carry(unsigned int phase)
{
	static uint8_t token[MAX_TOKEN], answer[MAX_TOKEN];
	size_t answer_len = 0;
	uint64_t begin;
	bool ok;
	int n;

	n = BIO_read(SSL_get_wbio(tls), token, sizeof(token));
	if (n <= 0)
		return;
	begin = count_now();
	ok = acceptor->step(token, (size_t)n, answer, &answer_len);
	count(phase, begin);
	must(ok, "the client is refused");
	must(BIO_write(SSL_get_rbio(tls), answer, (int)answer_len) == (int)answer_len,
	     "the answer does not get through");
}

static void shake_hands(void)
{
	int done, i;

	for (i = 0; i < 4; i++) {
		done = SSL_do_handshake(tls);
		carry(HANDSHAKE);
		if (done == 1)
			return;
	}
	must(false, "no handshake");
}

/* Says something in TLS; receives what is answered. */
static void say(size_t i, const void *data, size_t len, struct bytes *answer)
{
	int n;

	said[i] = len;
	must(SSL_write(tls, data, (int)len) == (int)len, "nothing can be written");
	carry(NEGOTIATION);
	n = SSL_read(tls, answer->data, sizeof(answer->data));
	answer->len = n > 0 ? (size_t)n : 0;
	answered[i] = answer->len;
}

static void seal(const void *plain, size_t len)
{
	struct ntlm_piece piece = { sealed.data + BENCH_TOKEN, len, true };

	sealed.len = BENCH_TOKEN + len;
	memcpy(piece.data, plain, len);
	ntlm_peer_protect(&keys, &piece, 1, sealed.data);
}

/* Whether the service has proved that it means the same key */
static bool binds(struct wire_part pub_key)
{
	struct ntlm_piece piece = { text.data, HASH, true };
	uint8_t want[HASH];

	if (pub_key.len != BENCH_TOKEN + HASH)
		return false;
	text.len = 0;
	bytes_put(&text, (const uint8_t *)pub_key.data + BENCH_TOKEN, HASH);
	peer_hash(want, false, request.nonce, server_key);
	return ntlm_peer_accept(&keys, &piece, 1, pub_key.data) &&
	       !memcmp(text.data, want, HASH);
}

static void send_request(size_t i, struct peer_request *answer)
{
	static struct bytes message, reply;

	peer_request(&message, &request);
	say(i, message.data, message.len, &reply);
	memset(answer, 0, sizeof(*answer));
	must(!reply.len || (peer_read(reply.data, reply.len, answer, &version) &&
			    !answer->error.data), "the client does not understand the answer");
}

/* MS-CSSP 3.1.5 as a client of version 6 */
static void log_on(void)
{
	struct peer_request answer;
	uint8_t hash[HASH];

	client_init(&client);
	client.user = BENCH_USER;
	client.domain = BENCH_DOMAIN;
	client.password = BENCH_PASSWORD;
	client_negotiate(&client, &negotiate);
	request = (struct peer_request){ .version = "06", .nonce = { nonce, sizeof(nonce) },
					 .nego = peer_part(&negotiate) };
	send_request(0, &answer);
	must(answer.nego.data, "there is no challenge");
	challenge.len = 0;
	bytes_put(&challenge, answer.nego.data, answer.nego.len);
	client_authenticate(&client, &negotiate, &challenge, &authenticate);
	ntlm_peer_init(&keys, client.flags, client.exported_key);
	peer_hash(hash, true, request.nonce, server_key);
	seal(hash, sizeof(hash));
	request.nego = peer_part(&authenticate);
	request.pub_key = peer_part(&sealed);
	send_request(1, &answer);
	must(binds(answer.pub_key), "the service does not prove its key");
	peer_password(&text, BENCH_DOMAIN, BENCH_USER, BENCH_PASSWORD);
	seal(text.data, text.len);
	request.nego = request.pub_key = (struct wire_part){};
	request.auth_info = peer_part(&sealed);
	send_request(2, &answer);
}

/* As many bytes each way, which is all that OpenSSL knows of it */
static void only_talk(void)
{
	static struct bytes nothing, reply;
	size_t i, want;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		want = answered[i];
		say(i, nothing.data, said[i], &reply);
		must(reply.len == want, "the answer is not as long");
	}
}

static void logon(bool whole)
{
	uint64_t begin;
	bool ok;

	tls = SSL_new(client_ctx);
	must(tls, "no memory");
	SSL_set_connect_state(tls);
	SSL_set_bio(tls, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	begin = count_now();
	acceptor->begin();
	count(HANDSHAKE, begin);
	shake_hands();
	if (whole)
		log_on();
	else
		only_talk();
	begin = count_now();
	ok = acceptor->end();
	count(NEGOTIATION, begin);
	must(ok, "the logon is not complete");
	SSL_free(tls);
}

static void measure(const struct acceptor *a, bool whole)
{
	struct count all = { 0 }, handshake = { 0 };
	double n = bench_options.logons;
	unsigned int i, j;
	uint64_t idle;

	bench_progress("logons with CredSSP, %s", a->ssp);
	acceptor = a;
	/* The first time does what is done only once, and is not counted. */
	logon(whole);
	idle = count_idle();
	for (i = 0; i < bench_options.runs; i++) {
		memset(counted, 0, sizeof(counted));
		rest = count_settle_cost();
		for (j = 0; j < bench_options.logons; j++)
			logon(whole);
		count_add(&handshake, counted[HANDSHAKE] / n);
		count_add(&all, (counted[HANDSHAKE] + counted[NEGOTIATION]) / n);
	}
	if (count_idle() != idle)
		bench_die("%s: nothing ran for a while during the logons, and what was counted "
			  "is not instructions", a->ssp);
	bench_row(a->ssp, whole ? "CredSSP logon" : "CredSSP logon, its TLS", 1, 0, 1,
		  "instructions", &all);
	bench_row(a->ssp, "CredSSP logon, TLS handshake", 1, 0, 1, "instructions", &handshake);
}

static void make_tls(const char *certificate, const char *key)
{
	uint8_t *der = NULL;
	X509 *cert;
	int len;

	client_ctx = SSL_CTX_new(TLS_client_method());
	service_ctx = SSL_CTX_new(TLS_server_method());
	must(client_ctx && service_ctx, "no memory");
	must(SSL_CTX_set_min_proto_version(client_ctx, TLS1_3_VERSION) &&
	     SSL_CTX_set_ciphersuites(client_ctx, "TLS_AES_128_GCM_SHA256") &&
	     SSL_CTX_set1_groups_list(client_ctx, "X25519"), "no TLS 1.3");
	must(SSL_CTX_use_certificate_file(service_ctx, certificate, SSL_FILETYPE_PEM) &&
	     SSL_CTX_use_PrivateKey_file(service_ctx, key, SSL_FILETYPE_PEM),
	     "no certificate, or no key");
	/* As with ksecd */
	SSL_CTX_set_options(service_ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(service_ctx, 0);
	SSL_CTX_set_session_cache_mode(service_ctx, SSL_SESS_CACHE_OFF);
	cert = SSL_CTX_get0_certificate(service_ctx);
	len = i2d_PublicKey(X509_get0_pubkey(cert), &der);
	must(len > 0, "no public key");
	server_key = (struct wire_part){ der, (size_t)len };
	must(RAND_bytes(nonce, sizeof(nonce)) == 1, "no random bytes");
}

int main(int argc, char **argv)
{
	char *certificate, *key;

	if (argc < 3) {
		fputs(usage, stdout);
		return argc > 1 && !strcmp(argv[1], "--help") ? 0 : 2;
	}
	key = argv[argc - 1];
	certificate = argv[argc - 2];
	argv[argc - 2] = NULL;
	bench_parse_options(argv, usage);
	make_tls(certificate, key);
	count_init();
	if (AcquireCredentialsHandleA(NULL, "CREDSSP", SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
				      &credential, NULL) != SEC_E_OK)
		bench_die("there is no credential; do module and ksecd run, with a certificate?");
	measure(&acceptors[0], true);
	measure(&acceptors[1], false);
	SSL_CTX_free(client_ctx);
	SSL_CTX_free(service_ctx);
	OPENSSL_free((void *)(uintptr_t)server_key.data);
	return 0;
}
