/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a TLS connection after the handshake, made of OpenSSL's cryptography.  It
 * shares nothing with the module but the numbers of the uapi.
 */
#ifndef KSECDD_SELFTESTS_TLS_PEER_H
#define KSECDD_SELFTESTS_TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd_tls.h>

/* Content types */
#define TLS_CHANGE_CIPHER	20
#define TLS_ALERT		21
#define TLS_HANDSHAKE		22
#define TLS_DATA		23

/* Bytes */
#define TLS_HEAD		5
#define TLS_MAX_DATA		16384
#define TLS_MAX_OVERHEAD	64
#define TLS_MAX_RECORD		(TLS_MAX_DATA + TLS_MAX_OVERHEAD)

/**
 * struct tls_peer_way - a direction
 * @secret: TLS 1.3: the traffic secret
 * @key:    the key
 * @iv:     TLS 1.2: what is not on the wire of the nonce; TLS 1.3: what is xored
 * @seq:    number of the next record
 */
struct tls_peer_way {
	uint8_t secret[48];
	uint8_t key[32];
	uint8_t iv[12];
	uint64_t seq;
};

/**
 * struct tls_peer - the client
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 * @hash:    KSECDD_TLS_SHA*
 * @send:    to the service
 * @receive: from it
 */
struct tls_peer {
	uint16_t version;
	uint8_t cipher;
	uint8_t hash;
	struct tls_peer_way send;
	struct tls_peer_way receive;
};

size_t tls_key_len(unsigned int cipher);
size_t tls_salt_len(unsigned int cipher);
size_t tls_hash_len(unsigned int hash);
size_t tls_header_len(const struct tls_peer *peer);
size_t tls_trailer_len(const struct tls_peer *peer);
void tls_peer_init(struct tls_peer *peer, const struct ksecdd_tls_keys *keys);
void tls_peer_expand(unsigned int hash, const uint8_t *secret, const char *label, uint8_t *out,
		     size_t len);
void tls_peer_update(const struct tls_peer *peer, struct tls_peer_way *way);
size_t tls_peer_seal(struct tls_peer *peer, uint8_t type, const void *data, size_t len,
		     uint8_t *record);
bool tls_peer_open(struct tls_peer *peer, const uint8_t *record, size_t len, uint8_t *type,
		   uint8_t *data, size_t *data_len);

#endif /* KSECDD_SELFTESTS_TLS_PEER_H */
