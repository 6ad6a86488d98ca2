/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An established TLS context in the module and the peer at its other end.
 */
#ifndef KSECDD_SELFTESTS_TLS_LINK_H
#define KSECDD_SELFTESTS_TLS_LINK_H

#include "testhelper.h"
#include "tls_peer.h"

/* Buffers of DecryptMessage */
#define TLS_OPEN_BUFFERS	4

/**
 * struct tls_link - a context and its peer
 * @dev:  the device
 * @cred: its credential
 * @call: how to reach the context
 * @peer: the peer
 */
struct tls_link {
	int dev;
	uint64_t cred;
	struct message_call call;
	struct tls_peer peer;
};

extern struct testhelper tls_helper;

void tls_link_start(void);
void tls_link_stop(void);
struct ksecdd_tls_keys tls_link_keys(unsigned int version, unsigned int cipher);
struct verdict tls_link_verdict(const struct ksecdd_tls_keys *keys);
void tls_link_open_keys(struct tls_link *s, const struct ksecdd_tls_keys *keys);
void tls_link_open(struct tls_link *s, unsigned int version, unsigned int cipher);
void tls_link_close(struct tls_link *s);

/* These return the status of the module; a fault of the ioctl is 1. */
int32_t tls_link_encrypt(struct tls_link *s, const void *data, size_t len, uint8_t *record,
			 size_t *record_len);
int32_t tls_link_decrypt(struct tls_link *s, void *data, size_t len,
			 struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS]);

bool tls_link_works(struct tls_link *s);

#endif /* KSECDD_SELFTESTS_TLS_LINK_H */
