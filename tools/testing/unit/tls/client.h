/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of TLS, which is OpenSSL, against tls_accept() in the same process.
 */
#ifndef KSECDD_TESTING_TLS_CLIENT_H
#define KSECDD_TESTING_TLS_CLIENT_H

#include <openssl/ssl.h>

#include "helper/tls/server.h"

#define CLIENT_CONTEXT	4711	/* number of the context */

/**
 * struct client - the client, and what the server says
 * @ctx:      OpenSSL's
 * @ssl:      OpenSSL's
 * @question: of the first leg
 * @fragment: the client's records go into tokens of so many bytes; 0 - whole
 * @answer:   of the last leg
 * @legs:     how many there were
 * @alert:    the fatal alert that the client has had, or 0
 */
struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	struct tls_question question;
	size_t fragment;
	struct tls_answer answer;
	unsigned int legs;
	int alert;
};

void client_begin(struct client *c, const struct tls_server *server);
void client_end(struct client *c);
size_t client_flight(struct client *c, uint8_t *records, size_t size);
int32_t client_leg(struct client *c, const uint8_t *token, size_t len);
int32_t client_handshake(struct client *c);
bool client_talks(struct client *c);

#endif /* KSECDD_TESTING_TLS_CLIENT_H */
