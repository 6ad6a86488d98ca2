/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the handshake share.
 */
#ifndef KSECD_TLS_HANDSHAKE_H
#define KSECD_TLS_HANDSHAKE_H

#include <time.h>

#include <gnutls/gnutls.h>

#include "helper/half_open.h"
#include "helper/tls/server.h"

/**
 * struct tls_verdict - what a failure is
 * @status: SECURITY_STATUS
 * @alert:  what the client is told, GNUTLS_A_*; -1 - as the library has it
 * @reason: for the log, a literal
 */
struct tls_verdict {
	int32_t status;
	int alert;
	const char *reason;
};

/**
 * struct tls_handshake - a handshake, from the first token to the last
 * @server:      with a reference
 * @session:     the library's
 * @end:         when it has taken too long, by CLOCK_BOOTTIME
 * @received:    bytes of all tokens
 * @in:          what is left of the token
 * @in_len:      its length in bytes
 * @out:         records for the client, from malloc()
 * @out_len:     their length in bytes
 * @out_size:    room there
 * @rx:          traffic secret of the client, TLS 1.3
 * @tx:          traffic secret of the server, TLS 1.3
 * @refused:     why the client's certificate is not good; its status is 0 otherwise
 * @has_account: the client has shown a certificate that is good
 * @account:     who it is
 */
struct tls_handshake {
	struct tls_server *server;
	gnutls_session_t session;
	time_t end;
	size_t received;
	const uint8_t *in;
	size_t in_len;
	uint8_t *out;
	size_t out_len;
	size_t out_size;
	uint8_t rx[KSECDD_TLS_MAX_SECRET];
	uint8_t tx[KSECDD_TLS_MAX_SECRET];
	struct tls_verdict refused;
	bool has_account;
	struct account account;
};

/* session.c */
struct tls_handshake *tls_handshake_new(const struct tls_question *question,
					struct tls_verdict *verdict);
void tls_handshake_free(void *handshake);
int tls_handshake_keep(uint64_t context, struct tls_handshake *handshake,
		       uint8_t cookie[HALF_OPEN_COOKIE]);
struct tls_handshake *tls_handshake_take(uint64_t context,
					 const uint8_t cookie[HALF_OPEN_COOKIE]);

/* keys.c */
bool tls_read_keys(const struct tls_handshake *h, struct ksecdd_tls_keys *keys);
int tls_keep_secret(gnutls_session_t session, gnutls_record_encryption_level_t level,
		    const void *read, const void *write, size_t len);

/* verdict.c */
struct tls_verdict tls_judge(gnutls_session_t session, int code);
struct tls_verdict tls_judge_alert(int alert);
struct tls_verdict tls_judge_certificate(unsigned int status);

#endif /* KSECD_TLS_HANDSHAKE_H */
