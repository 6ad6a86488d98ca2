/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An established context in the module and the client at its other end.
 */
#ifndef KSECDD_SELFTESTS_SESSION_H
#define KSECDD_SELFTESTS_SESSION_H

#include "ntlm_peer.h"
#include "testhelper.h"

/**
 * struct session - a context and its client
 * @dev:  the device
 * @cred: its credential
 * @call: how to reach the context
 * @peer: the client
 */
struct session {
	int dev;
	uint64_t cred;
	struct message_call call;
	struct ntlm_peer peer;
};

void session_open(struct session *s, uint32_t flags);
void session_close(struct session *s);

/* A message of one sealed buffer; these return the status of the module. */
int32_t session_encrypt(struct session *s, void *data, size_t len, uint8_t signature[16]);
int32_t session_decrypt(struct session *s, void *data, size_t len, uint8_t signature[16]);

/* The client's side of the same. */
void client_encrypt(struct session *s, void *data, size_t len, uint8_t signature[16]);
bool client_decrypt(struct session *s, void *data, size_t len, const uint8_t signature[16]);

/* Whether a message goes through in each direction: whatever came before did no harm. */
bool session_works(struct session *s);

void fill(void *data, size_t len, unsigned int seed);

#endif /* KSECDD_SELFTESTS_SESSION_H */
