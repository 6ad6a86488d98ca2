/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake of TLS 1.2 and 1.3, server side, a token at a time.
 *
 * GnuTLS makes the handshake.  At its end the keys of the records are the module's:
 * the caller hands them over and wipes them, and nothing of the session stays here.
 * Between two tokens the session is in this process only, in a store of half-open
 * handshakes, and is found again by a cookie that only the module is told.
 *
 * Certificates, keys and what the configuration says of them are a struct tls_server;
 * one that a handshake has begun with stays until the handshake is over, also when the
 * configuration is read anew meanwhile.
 */
#ifndef KSECD_TLS_TLS_H
#define KSECD_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_tls.h>

#include "helper/accounts/account.h"

#define TLS_MAX_STATE		32	/* bytes between two legs */
#define TLS_MAX_PROTOCOL	255	/* bytes of a protocol's name (RFC 7301 section 3.1) */
#define TLS_MAX_BINDINGS	64	/* bytes of tls-unique and tls-server-end-point */
#define TLS_MAX_PEER_CERT	65535	/* bytes of a client's certificate, DER */

/* A [tls NAME] of the configuration, with its keys loaded; and all of them */
struct tls_server;
struct tls_servers;
struct tls_section;

/**
 * struct tls_session - what is known of a session whose handshake is over
 * @has_keys:      there is one; all else is zero or NULL without
 * @keys:          for the module, which takes them with KSECDD_PACKAGE_SCHANNEL
 * @unused:        bytes at the end of the token that came behind the handshake
 * @peer_cert:     the client's certificate, DER and from malloc(), or NULL
 * @peer_cert_len: its length in bytes
 * @protocol:      what ALPN agreed on, not NUL-terminated
 * @protocol_len:  its length in bytes, 0 - nothing
 * @unique:        tls-unique (RFC 5929 section 3), with TLS 1.2
 * @unique_len:    its length in bytes
 * @endpoint:      the hash of tls-server-end-point (RFC 5929 section 4)
 * @endpoint_len:  its length in bytes
 */
struct tls_session {
	bool has_keys;
	struct ksecdd_tls_keys keys;
	size_t unused;
	uint8_t *peer_cert;
	size_t peer_cert_len;
	uint8_t protocol[TLS_MAX_PROTOCOL];
	size_t protocol_len;
	uint8_t unique[TLS_MAX_BINDINGS];
	size_t unique_len;
	uint8_t endpoint[TLS_MAX_BINDINGS];
	size_t endpoint_len;
};

/* Whether a client is to show a certificate */
enum tls_client_certificate {
	TLS_CLIENT_NONE,	/* it is not asked for one */
	TLS_CLIENT_ASK,		/* it may have none, but not one that is not good */
	TLS_CLIENT_REQUIRE,	/* it must have one */
};

/**
 * struct tls_question - one leg
 * @server:        with which the handshake begins; looked at on the first leg only
 * @context:       number of the context
 * @state:         what tls_answer.state of the preceding leg was
 * @state_len:     its length in bytes; 0 - this is the first leg
 * @token:         records of the client, untrusted
 * @token_len:     their length in bytes
 * @protocols:     the service's SEC_APPLICATION_PROTOCOLS, or NULL; looked at on the
 *                 first leg only
 * @protocols_len: its length in bytes
 * @client:        whether the client is to show a certificate; looked at on the first
 *                 leg only
 */
struct tls_question {
	const struct tls_server *server;
	uint64_t context;
	const uint8_t *state;
	size_t state_len;
	const uint8_t *token;
	size_t token_len;
	const uint8_t *protocols;
	size_t protocols_len;
	enum tls_client_certificate client;
};

/**
 * struct tls_answer - what a leg made
 * @status:         SEC_E_OK - the handshake is over; SEC_I_CONTINUE_NEEDED; else a
 *                  failure
 * @reason:         why, for the log; a literal, no secret
 * @token:          records for the client, from malloc(), or NULL; with a failure the
 *                  alert
 * @token_len:      their length in bytes
 * @state:          for the next leg, with SEC_I_CONTINUE_NEEDED
 * @state_len:      its length in bytes
 * @session:        what was agreed on, with SEC_E_OK
 * @public_key:     contents of the BIT STRING SubjectPublicKey of the certificate that
 *                  this server showed, from malloc(), with SEC_E_OK
 * @public_key_len: its length in bytes
 * @has_account:    the client has shown a certificate, with SEC_E_OK
 * @account:        who it is by the "map" rules; it ends when the certificate does
 */
struct tls_answer {
	int32_t status;
	const char *reason;
	uint8_t *token;
	size_t token_len;
	uint8_t state[TLS_MAX_STATE];
	size_t state_len;
	struct tls_session session;
	uint8_t *public_key;
	size_t public_key_len;
	bool has_account;
	struct account account;
};

/**
 * tls_server_find() - a [tls NAME] of the configuration
 * @servers: what engine_env.tls says, or NULL
 * @name: its name, not NUL-terminated
 * @len: length of the name in bytes; 0 - the section without a name
 *
 * Return: the server, the caller's as long as @servers is; NULL - there is none.
 */
const struct tls_server *tls_server_find(const struct tls_servers *servers, const char *name,
					 size_t len);

/**
 * tls_server_section() - what the configuration says of a server
 * @server: the server
 *
 * Who may use it is in tls_section.users: whoever calls tls_accept() for somebody has
 * to look there first.
 *
 * Return: the section, the server's (helper/tls/config.h).
 */
const struct tls_section *tls_server_section(const struct tls_server *server);

/**
 * tls_accept() - one leg of a handshake
 * @question: what came in
 * @answer: receives what comes out; for tls_answer_clear()
 *
 * Statuses of failures: SEC_E_INVALID_TOKEN - not the next message of a handshake, or
 * one that is not known (any more); SEC_E_ILLEGAL_MESSAGE; SEC_E_MESSAGE_ALTERED and
 * SEC_E_DECRYPT_FAILURE - Finished is wrong; SEC_E_ALGORITHM_MISMATCH - nothing in
 * common; SEC_E_UNSUPPORTED_FUNCTION - only older versions of TLS in common;
 * SEC_E_APPLICATION_PROTOCOL_MISMATCH; SEC_E_UNTRUSTED_ROOT, SEC_E_CERT_EXPIRED,
 * SEC_E_CERT_UNKNOWN - the client's certificate; SEC_E_NO_CREDENTIALS - none was shown
 * and one is required; SEC_E_LOGON_DENIED - a "map" rule refuses the client, or
 * the client refuses this server; SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR.
 *
 * Needs neither kernel nor network.  Safe to call from many threads at once.
 */
void tls_accept(const struct tls_question *question, struct tls_answer *answer);

/**
 * tls_answer_clear() - wipe an answer and free what it points to
 * @answer: what tls_accept() made; zero afterwards
 */
void tls_answer_clear(struct tls_answer *answer);

/**
 * tls_session_clear() - wipe what is known of a session and free what it points to
 * @session: zero afterwards
 */
void tls_session_clear(struct tls_session *session);

/**
 * tls_half_open_drop() - drop the handshake of a context that is not half-open
 * @context: number of the context
 */
void tls_half_open_drop(uint64_t context);

/* tls_half_open_reap() - drop the handshakes whose clients have not come back */
void tls_half_open_reap(void);

/* tls_half_open_clear() - drop all of them, when the daemon ends */
void tls_half_open_clear(void);

#endif /* KSECD_TLS_TLS_H */
