// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Both ends of a TLS connection in OpenSSL, in this process, connected by memory BIOs; and TCP
 * connections over the loopback device.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <linux/ksecdd_tls.h>

#include "bench.h"
#include "openssl_pair.h"

static void must(bool ok, const char *what)
{
	if (!ok)
		bench_die("OpenSSL: %s", what);
}

/* A key and a certificate that lives as long as the benchmark */
static void use_certificate(SSL_CTX *ctx)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	must(key && cert && X509_set_version(cert, 2) &&
	     ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) &&
	     X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
	     X509_gmtime_adj(X509_getm_notAfter(cert), 86400) && X509_set_pubkey(cert, key) &&
	     X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
					(const unsigned char *)"bench", -1, -1, 0) &&
	     X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
	     X509_sign(cert, key, EVP_sha256()) && SSL_CTX_use_certificate(ctx, cert) &&
	     SSL_CTX_use_PrivateKey(ctx, key), "certificate");
	X509_free(cert);
	EVP_PKEY_free(key);
}

static SSL *an_end(const SSL_METHOD *method, uint16_t version, const char *suite, bool service)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	SSL *ssl;

	must(ctx && SSL_CTX_set_min_proto_version(ctx, version) &&
	     SSL_CTX_set_max_proto_version(ctx, version), "version");
	must(version == KSECDD_TLS_1_3 ? SSL_CTX_set_ciphersuites(ctx, suite) :
					 SSL_CTX_set_cipher_list(ctx, suite), "suite");
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(ctx, 0);
	if (service)
		use_certificate(ctx);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	must(ssl, "session");
	if (service)
		SSL_set_accept_state(ssl);
	else
		SSL_set_connect_state(ssl);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	return ssl;
}

/* Takes what one end has written to the other. */
static void carry(BIO *from, BIO *to)
{
	uint8_t bytes[4096];
	int n;

	while ((n = BIO_read(from, bytes, sizeof(bytes))) > 0)
		must(BIO_write(to, bytes, n) == n, "BIO");
}

/**
 * openssl_pair_make() - a connection whose handshake is over; a failure ends the benchmark
 * @pair:    filled in, except for the sockets
 * @version: KSECDD_TLS_1_2 or _1_3
 * @suite:   cipher suite, as OpenSSL calls it
 */
void openssl_pair_make(struct openssl_pair *pair, uint16_t version, const char *suite)
{
	unsigned int i;

	pair->service = an_end(TLS_server_method(), version, suite, true);
	pair->client = an_end(TLS_client_method(), version, suite, false);
	pair->to_service = SSL_get_rbio(pair->service);
	pair->to_client = SSL_get_wbio(pair->service);
	for (i = 0; i < 5; i++) {
		SSL_do_handshake(pair->client);
		carry(SSL_get_wbio(pair->client), pair->to_service);
		SSL_do_handshake(pair->service);
		carry(pair->to_client, SSL_get_rbio(pair->client));
	}
	must(SSL_is_init_finished(pair->client) && SSL_is_init_finished(pair->service),
	     "handshake");
}

/**
 * openssl_pair_free() - end of it
 * @pair: both ends; its sockets stay
 */
void openssl_pair_free(struct openssl_pair *pair)
{
	SSL_free(pair->service);
	SSL_free(pair->client);
}

/**
 * openssl_loopback() - bring up the loopback device of this network namespace
 */
void openssl_loopback(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		bench_die("the loopback device does not come up: %s", strerror(errno));
	close(fd);
}

/**
 * openssl_sockets() - both ends of a TCP connection
 * @pair: gets them
 */
void openssl_sockets(struct openssl_pair *pair)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(addr);

	pair->client_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || pair->client_fd < 0 || bind(listener, (void *)&addr, len) ||
	    listen(listener, 1) || getsockname(listener, (void *)&addr, &len) ||
	    connect(pair->client_fd, (void *)&addr, len))
		bench_die("no connection: %s", strerror(errno));
	pair->service_fd = accept4(listener, (void *)&addr, &len, SOCK_CLOEXEC);
	if (pair->service_fd < 0)
		bench_die("no connection: %s", strerror(errno));
	close(listener);
}

/**
 * openssl_sockets_close() - end of it
 * @pair: whose
 */
void openssl_sockets_close(struct openssl_pair *pair)
{
	close(pair->service_fd);
	close(pair->client_fd);
}
