/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both ends of a TLS connection in OpenSSL, in this process.
 */
#ifndef KSECDD_BENCH_OPENSSL_PAIR_H
#define KSECDD_BENCH_OPENSSL_PAIR_H

#include <stdint.h>

#include <openssl/ssl.h>

/**
 * struct openssl_pair - both ends
 * @service:    the one that is measured
 * @client:     the other
 * @to_service: memory BIO that @service reads from
 * @to_client:  memory BIO that @service writes to
 * @service_fd: both ends of a TCP connection, where one is wanted
 * @client_fd:  likewise
 */
struct openssl_pair {
	SSL *service;
	SSL *client;
	BIO *to_service;
	BIO *to_client;
	int service_fd;
	int client_fd;
};

void openssl_pair_make(struct openssl_pair *pair, uint16_t version, const char *suite);
void openssl_pair_free(struct openssl_pair *pair);
void openssl_loopback(void);
void openssl_sockets(struct openssl_pair *pair);
void openssl_sockets_close(struct openssl_pair *pair);

#endif /* KSECDD_BENCH_OPENSSL_PAIR_H */
