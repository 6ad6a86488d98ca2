/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An established Kerberos context in the module and the peer at its other end.
 */
#ifndef KSECDD_SELFTESTS_KRB5_SESSION_H
#define KSECDD_SELFTESTS_KRB5_SESSION_H

#include "krb5_peer.h"
#include "testhelper.h"

/* The flags of a session that checks nothing but the messages themselves */
#define KRB5_TEST_FLAGS		KSECDD_KRB5_ACCEPTOR_SUBKEY

/* Where both directions begin unless the test says otherwise */
#define KRB5_TEST_SEND		0x11223344
#define KRB5_TEST_RECEIVE	0x55667788

/**
 * struct krb5_session - a context and its peer
 * @dev:  the device
 * @cred: its credential
 * @call: how to reach the context
 * @peer: the peer
 */
struct krb5_session {
	int dev;
	uint64_t cred;
	struct message_call call;
	struct krb5_peer peer;
};

extern struct testhelper krb5_helper;

void krb5_session_start(void);
void krb5_session_stop(void);
struct ksecdd_krb5_keys krb5_session_keys(unsigned int enctype, unsigned int seed);
struct verdict krb5_session_verdict(const struct ksecdd_krb5_keys *keys, uint32_t flags);
void krb5_session_open_keys(struct krb5_session *s, const struct ksecdd_krb5_keys *keys,
			    uint32_t flags);
void krb5_session_open(struct krb5_session *s, unsigned int enctype, uint32_t flags);
void krb5_session_close(struct krb5_session *s);

/* These return the status of the module; a fault of the ioctl is 1. */
int32_t krb5_session_sign(struct krb5_session *s, const void *data, size_t len, uint8_t *token,
			  size_t *token_len);
int32_t krb5_session_verify(struct krb5_session *s, const void *data, size_t len,
			    const uint8_t *token, size_t token_len);
int32_t krb5_session_encrypt(struct krb5_session *s, bool seal, const void *data, size_t len,
			     uint8_t *token, size_t *token_len);
int32_t krb5_session_decrypt(struct krb5_session *s, uint8_t *token, size_t token_len,
			     const uint8_t **data, size_t *len, uint32_t *qop);

bool krb5_session_works(struct krb5_session *s);

#endif /* KSECDD_SELFTESTS_KRB5_SESSION_H */
