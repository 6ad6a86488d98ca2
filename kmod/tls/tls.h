/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLS' message protection: the record layers of TLS 1.2 (RFC 5246) and TLS 1.3 (RFC 8446)
 * with the AEADs of RFC 5288, 6655 and 7905.
 *
 * There is no handshake here: the helper does it and hands over what comes out of it.
 */
#ifndef _KSECDD_TLS_TLS_H
#define _KSECDD_TLS_TLS_H

#include <linux/mutex.h>
#include <linux/types.h>

#include <linux/ksecdd_tls.h>

#include "../mech.h"

struct socket;

/* Lengths in bytes */
#define KSEC_TLS_HEAD		5	/* of a record: type, version, length */
#define KSEC_TLS_TAG		16	/* of all AEADs there are */
#define KSEC_TLS_NONCE		12
#define KSEC_TLS_EXPLICIT	8	/* RFC 5288, 6655: the part of the nonce that is sent */
#define KSEC_TLS_AAD		13	/* TLS 1.2; TLS 1.3 has the head only */
#define KSEC_TLS_MAX_PLAIN	16384
#define KSEC_TLS_MAX_KEY	32
#define KSEC_TLS_MAX_SECRET	48
#define KSEC_TLS_MAX_HEADER	(KSEC_TLS_HEAD + KSEC_TLS_EXPLICIT)
#define KSEC_TLS_MAX_TRAILER	(KSEC_TLS_TAG + 1)

/* SecPkgInfo.cbMaxToken of Windows */
#define KSEC_TLS_MAX_TOKEN	24576

/* Types of records, RFC 8446 section 5.1 */
#define KSEC_TLS_CHANGE_CIPHER	20
#define KSEC_TLS_ALERT		21
#define KSEC_TLS_HANDSHAKE	22
#define KSEC_TLS_DATA		23

/* Handshake messages that there can be after the handshake */
#define KSEC_TLS_CLIENT_HELLO	1
#define KSEC_TLS_KEY_UPDATE	24

/* Alerts that have a meaning of their own here, RFC 8446 section 6 */
#define KSEC_TLS_WARNING		1
#define KSEC_TLS_CLOSE_NOTIFY		0
#define KSEC_TLS_USER_CANCELED		90
#define KSEC_TLS_NO_RENEGOTIATION	100

/* ksec_tls_keys.k_flags */
enum {
	KSEC_TLS_DEAD,		/* a record was wrong, or the keys went to a socket */
	KSEC_TLS_RX_CLOSED,	/* the peer has said close_notify */
	KSEC_TLS_TX_CLOSED,	/* we have, or another alert that ends it */
	KSEC_TLS_EXTRA,		/* the caller has bytes of the stream that were not decrypted */
	KSEC_TLS_OWES_UPDATE,	/* the peer wants a KeyUpdate of ours */
	KSEC_TLS_OWES_REFUSAL,	/* the peer wants to negotiate again, and has to be told no */
};

/**
 * struct ksec_tls_cipher - an AEAD
 * @c_number:   KSECDD_TLS_*
 * @c_aead:     its name in the crypto API
 * @c_key_len:  bytes of a key
 * @c_salt_len: bytes of what TLS 1.2 has of the nonce in advance
 * @c_iv_at:    where in the crypto API's initialisation vector the nonce begins
 * @c_iv_first: first byte of that vector, if the nonce is not at its beginning
 * @c_limit:    records that a key of TLS 1.3 may protect, RFC 8446 section 5.5
 * @c_ktls:     TLS_CIPHER_* of kTLS, 0 if that has not got it
 * @c_algid:    SecPkgContext_KeyInfo.EncryptAlgorithm, a CALG_* of Windows
 *
 * All that is particular to an AEAD is in its row.
 */
struct ksec_tls_cipher {
	u8 c_number;
	const char *c_aead;
	u8 c_key_len;
	u8 c_salt_len;
	u8 c_iv_at;
	u8 c_iv_first;
	u64 c_limit;
	u16 c_ktls;
	u32 c_algid;
};

/* The rows of the table */
#define KSEC_TLS_CIPHERS	5

/**
 * struct ksec_tls_way - a direction
 * @w_lock:   protects the rest.  A record's number is not in it: what is sent has to
 *            be counted in the order in which it is sent
 * @w_seq:    number of the next record
 * @w_count:  records so far, of all keys.  Read without the lock for the statistics
 * @w_id:     number of @w_key in the engines
 * @w_lanes:  bit n: lane n (modulo the bits) may have @w_key
 * @w_secret: TLS 1.3: the traffic secret
 * @w_key:    the key of the AEAD
 * @w_iv:     TLS 1.2: the salt; TLS 1.3: what the record's number is xored to
 * @w_updates: KeyUpdates since the last data
 * @w_skip:   TLS 1.2: bytes of a handshake message that are still to come
 */
struct ksec_tls_way {
	struct mutex w_lock;	/* protects what follows */
	u64 w_seq;
	u64 w_count;
	u64 w_id;
	unsigned long w_lanes;
	u8 w_secret[KSEC_TLS_MAX_SECRET];
	u8 w_key[KSEC_TLS_MAX_KEY];
	u8 w_iv[KSEC_TLS_NONCE];
	u32 w_updates;
	u32 w_skip;
};

/**
 * struct ksec_tls_keys - what struct ksec_keys is for TLS
 * @k_cipher:  the AEAD
 * @k_version: KSECDD_TLS_1_2 or KSECDD_TLS_1_3
 * @k_suite:   for the attributes
 * @k_group:   likewise
 * @k_hash:    KSECDD_TLS_SHA*
 * @k_flags:   KSEC_TLS_*
 * @k_rx:      from the peer
 * @k_tx:      to the peer
 *
 * Locks: @k_rx before @k_tx, and those before that of a lane of the engine.
 */
struct ksec_tls_keys {
	const struct ksec_tls_cipher *k_cipher;
	u16 k_version;
	u16 k_suite;
	u16 k_group;
	u8 k_hash;
	unsigned long k_flags;
	struct ksec_tls_way k_rx;
	struct ksec_tls_way k_tx;
};

static inline struct ksec_tls_keys *ksec_tls_keys(struct ksec_keys *keys)
{
	return (struct ksec_tls_keys *)keys;
}

/* TLS 1.3, as opposed to TLS 1.2 */
static inline bool ksec_tls_is_13(const struct ksec_tls_keys *keys)
{
	return keys->k_version == KSECDD_TLS_1_3;
}

/* Whether a part of the nonce stands in the record. */
static inline bool ksec_tls_explicit(const struct ksec_tls_keys *keys)
{
	return !ksec_tls_is_13(keys) && keys->k_cipher->c_salt_len < KSEC_TLS_NONCE;
}

/* Bytes in front of the data of a record */
static inline u32 ksec_tls_header(const struct ksec_tls_keys *keys)
{
	return KSEC_TLS_HEAD + (ksec_tls_explicit(keys) ? KSEC_TLS_EXPLICIT : 0);
}

/* And behind it */
static inline u32 ksec_tls_trailer(const struct ksec_tls_keys *keys)
{
	return KSEC_TLS_TAG + (ksec_tls_is_13(keys) ? 1 : 0);
}

/* cipher.c */

const struct ksec_tls_cipher *ksec_tls_cipher(u8 number);
unsigned int ksec_tls_row(const struct ksec_tls_cipher *cipher);

/* engine.c */

/**
 * struct ksec_tls_text - what an AEAD works on
 * @t_data:  changed in place: the text, and behind it the tag
 * @t_len:   bytes of the text without the tag
 * @t_aad:   what is authenticated besides
 * @t_aad_len: its bytes, at most KSEC_TLS_AAD
 * @t_nonce: the nonce
 */
struct ksec_tls_text {
	u8 *t_data;
	u32 t_len;
	u8 t_aad[KSEC_TLS_AAD];
	u8 t_aad_len;
	u8 t_nonce[KSEC_TLS_NONCE];
};

int ksec_tls_crypt(const struct ksec_tls_cipher *cipher, struct ksec_tls_way *way, bool seal,
		   const struct ksec_tls_text *text);
int ksec_tls_engine_ready(const struct ksec_tls_cipher *cipher);
u64 ksec_tls_new_id(void);
void ksec_tls_forget(const struct ksec_tls_cipher *cipher, struct ksec_tls_way *way);
int ksec_tls_engine_init(void);
void ksec_tls_engine_exit(void);

/* hkdf.c */

int ksec_tls_hash_len(u8 hash);
int ksec_tls_expand_label(u8 hash, const u8 *secret, const char *label, u8 *out, u32 out_len);
int ksec_tls_hkdf_init(void);
void ksec_tls_hkdf_exit(void);

/* keys.c */

int ksec_tls_derive(const struct ksec_tls_keys *keys, struct ksec_tls_way *way);
int ksec_tls_update(const struct ksec_tls_keys *keys, struct ksec_tls_way *way);
void ksec_tls_wipe(struct ksec_tls_keys *keys, struct ksec_tls_way *way);
s32 ksec_tls_status(int err);

/* record.c */

u32 ksec_tls_record_len(const struct ksec_tls_keys *keys, const u8 *head);
int ksec_tls_seal_record(struct ksec_tls_keys *keys, u8 type, u8 *data, u32 len);
int ksec_tls_open_record(struct ksec_tls_keys *keys, u8 *record, u32 len, u8 *type,
			 u32 *plain_len);

/* stream.c */

s32 ksec_tls_on_alert(struct ksec_tls_keys *keys, const u8 *data, u32 len);
void ksec_tls_sizes(const struct ksec_keys *opaque, u32 *header, u32 *trailer);
s32 ksec_tls_frame(struct ksec_keys *opaque, const u8 *head, u32 *len);
s32 ksec_tls_encrypt(struct ksec_keys *opaque, struct ksec_record *rec);
s32 ksec_tls_decrypt(struct ksec_keys *opaque, struct ksec_record *rec);

/* outer.c: records that the caller of AcceptSecurityContext sends and gets */

s32 ksec_tls_open(struct ksec_keys *keys, u8 *data, u32 len, u32 *plain_len);
u32 ksec_tls_sealed_size(const struct ksec_keys *keys, u32 len);
s32 ksec_tls_seal(struct ksec_keys *keys, u8 type, u8 *data, u32 len, u8 *to, u32 *to_len);
s32 ksec_tls_answer(struct ksec_keys *keys, u8 *to, u32 *to_len);
u64 ksec_tls_mark(struct ksec_keys *keys);
void ksec_tls_rewind(struct ksec_keys *keys, u64 mark);
void ksec_tls_set_extra(struct ksec_keys *keys, bool extra);
void ksec_tls_info(const struct ksec_keys *keys, struct ksecdd_tls_info *info);

/* socket.c */

s32 ksec_tls_attach(struct ksec_keys *keys, struct socket *sock);

#endif /* _KSECDD_TLS_TLS_H */
