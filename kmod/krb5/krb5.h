/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kerberos' message protection: RFC 4121 tokens with the encryption types of
 * RFC 3962, 8009 and 6803, and RFC 4757 tokens with arcfour-hmac.
 */
#ifndef _KSECDD_KRB5_KRB5_H
#define _KSECDD_KRB5_KRB5_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <linux/ksecdd_krb5.h>

#include "../mech.h"

/* Lengths in bytes */
#define KSEC_KRB5_BLOCK		16	/* of AES and Camellia; also a confounder */
#define KSEC_KRB5_HEADER	16	/* of an RFC 4121 token */
#define KSEC_KRB5_MAX_DIGEST	64	/* what a MAC is before it is cut */
#define KSEC_KRB5_MAX_KEY	KSECDD_KRB5_MAX_KEY

/* ksec_mech.headroom and .tailroom: a whole token fits either. */
#define KSEC_KRB5_ROOM		KSEC_MAX_TRAILER

/*
 * SecPkgContext_Sizes.cbMaxToken and SecPkgInfo.cbMaxToken of Windows since
 * Server 2012: a ticket with many groups in it is long.
 */
#define KSEC_KRB5_MAX_TOKEN	48000

/* Directions: from this side to the peer and back */
enum ksec_krb5_way {
	KSEC_KRB5_SEND,
	KSEC_KRB5_RECEIVE,
	KSEC_KRB5_WAYS
};

/* The keys of a direction, RFC 4121 section 2 */
enum ksec_krb5_use {
	KSEC_KRB5_KE_SEAL,	/* encryption of sealed Wrap tokens */
	KSEC_KRB5_KI_SEAL,	/* their integrity */
	KSEC_KRB5_KC_SEAL,	/* checksum of Wrap tokens that are not sealed */
	KSEC_KRB5_KC_SIGN,	/* checksum of MIC tokens */
	KSEC_KRB5_USES
};

struct ksec_krb5_engine;
struct ksec_krb5_keys;
struct ksec_krb5_text;

/* A message operation of a format; returns a SECURITY_STATUS. */
typedef s32 (*ksec_krb5_fn)(struct ksec_krb5_keys *keys, struct ksec_message *msg);

/**
 * struct ksec_krb5_tokens - a format of tokens
 * @f_op:   what KSECDD_MESSAGE_* do
 * @f_mic:  bytes of a MIC token besides the checksum
 * @f_wrap: bytes that a sealed Wrap token has at most besides the data and the
 *          checksum, without those of DCE style
 * @f_dce:  bytes that DCE style adds to that
 * @f_last: how many messages a direction may have, less one
 */
struct ksec_krb5_tokens {
	ksec_krb5_fn f_op[4];
	u32 f_mic;
	u32 f_wrap;
	u32 f_dce;
	u64 f_last;
};

/**
 * struct ksec_krb5_enctype - an encryption type
 * @e_etype:    its number
 * @e_cksum:    number of its checksum type; KERB_CHECKSUM_* of Windows for 23
 * @e_name:     as krb5.conf has it
 * @e_cipher:   CBC mode of its cipher in the crypto API; NULL if it needs no
 *              engine
 * @e_mac:      its keyed hash in the crypto API
 * @e_key_len:  bytes of the protocol key and of Ke
 * @e_kc_len:   bytes of Kc and Ki
 * @e_mac_len:  bytes of a checksum
 * @e_flags:    KSECDD_KRB5_* without which it is none
 * @e_derive:   derives a key from the protocol key; 0 or -errno
 * @e_encrypt:  encrypts a text in place and computes its checksum; Ke and Ki
 *              are loaded; 0 or -errno
 * @e_decrypt:  the reverse; -EBADMSG for another checksum
 * @e_tokens:   the format of its tokens
 *
 * All that is particular to an encryption type is in its row.
 */
struct ksec_krb5_enctype {
	u32 e_etype;
	u32 e_cksum;
	const char *e_name;
	const char *e_cipher;
	const char *e_mac;
	u8 e_key_len;
	u8 e_kc_len;
	u8 e_mac_len;
	u32 e_flags;
	int (*e_derive)(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			const u8 *constant, u32 constant_len, u8 *out, u32 out_len);
	int (*e_encrypt)(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			 const struct ksec_krb5_text *text, u8 digest[KSEC_KRB5_MAX_DIGEST]);
	int (*e_decrypt)(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			 const struct ksec_krb5_text *text, const u8 *mac, u32 mac_len);
	const struct ksec_krb5_tokens *e_tokens;
};

/**
 * struct ksec_krb5_window - which messages of the peer were accepted
 * @w_lock:     protects the rest
 * @w_next:     the number after the highest that was accepted
 * @w_seen:     bit n: @w_next - 1 - n was accepted
 * @w_accepted: how many were.  Written under @w_lock, read without it for the
 *              statistics
 */
struct ksec_krb5_window {
	spinlock_t w_lock;	/* protects what follows */
	u64 w_next;
	u64 w_seen;
	u64 w_accepted;
};

/**
 * struct ksec_krb5_keys - what struct ksec_keys is for Kerberos
 * @k_type:     the encryption type
 * @k_flags:    KSECDD_KRB5_*
 * @k_has_key:  @k_key may be exported
 * @k_id:       numbers @k_id to @k_id + KSEC_KRB5_IDS - 1 name its keys in the
 *              engines
 * @k_lanes:    bit n: lane n (modulo the bits) may have a key of this context
 * @k_first:    number of the first message sent
 * @k_seq:      number of the next message sent; two threads that send do not
 *              wait for each other
 * @k_window:   messages received
 * @k_key:      the protocol key: for KSECDD_ATTR_SESSION_KEY, and for those
 *              encryption types that derive keys from message to message
 * @k_derived:  the keys derived from it
 *
 * Nothing changes but @k_lanes, @k_seq, @k_window, and @k_has_key before others
 * see the context.  The keys are here as they are; what a cipher makes of one is
 * several times as long and is kept for the contexts at work only, see engine.c.
 */
struct ksec_krb5_keys {
	const struct ksec_krb5_enctype *k_type;
	u32 k_flags;
	bool k_has_key;
	u64 k_id;
	unsigned long k_lanes;
	u64 k_first;
	atomic64_t k_seq;
	struct ksec_krb5_window k_window;
	u8 k_key[KSEC_KRB5_MAX_KEY] __aligned(16);
	u8 k_derived[KSEC_KRB5_WAYS][KSEC_KRB5_USES][KSEC_KRB5_MAX_KEY];
};

/* Each of @k_derived has a number, and so has @k_key. */
#define KSEC_KRB5_ID_BASE	(KSEC_KRB5_WAYS * KSEC_KRB5_USES)
#define KSEC_KRB5_IDS		(KSEC_KRB5_ID_BASE + 1)

static inline struct ksec_krb5_keys *ksec_krb5_keys(struct ksec_keys *keys)
{
	return (struct ksec_krb5_keys *)keys;
}

static inline bool ksec_krb5_initiator(const struct ksec_krb5_keys *keys)
{
	return keys->k_flags & KSECDD_KRB5_INITIATOR;
}

/* enctype.c */

const struct ksec_krb5_enctype *ksec_krb5_enctype(u32 etype);
bool ksec_krb5_available(const struct ksec_krb5_enctype *type);
unsigned int ksec_krb5_row(const struct ksec_krb5_enctype *type);
void ksec_krb5_enctype_init(void);
void ksec_krb5_enctype_exit(void);

/* The rows of the table */
#define KSEC_KRB5_ENCTYPES	7

/* engine.c */

/**
 * struct ksec_krb5_mac - a keyed hash at work
 * @m_engine: whose
 * @m_data:   bytes not hashed yet, since what is added next may lie right behind
 *            them; one call is cheaper than two
 * @m_len:    how many
 * @m_err:    the first error
 */
struct ksec_krb5_mac {
	struct ksec_krb5_engine *m_engine;
	const u8 *m_data;
	u32 m_len;
	int m_err;
};

struct ksec_krb5_engine *ksec_krb5_engine_get(const struct ksec_krb5_enctype *type,
					      enum ksec_krb5_way way);
void ksec_krb5_engine_put(struct ksec_krb5_engine *engine);
u8 *ksec_krb5_engine_block(struct ksec_krb5_engine *engine);
int ksec_krb5_load_cipher(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  enum ksec_krb5_way way, enum ksec_krb5_use use);
int ksec_krb5_load_mac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
		       enum ksec_krb5_way way, enum ksec_krb5_use use);
int ksec_krb5_load_base(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys);
int ksec_krb5_cbc(struct ksec_krb5_engine *engine, bool encrypt, u8 *data, u32 len);
void ksec_krb5_mac_start(struct ksec_krb5_mac *mac, struct ksec_krb5_engine *engine);
void ksec_krb5_mac_add(struct ksec_krb5_mac *mac, const void *data, u32 len);
int ksec_krb5_mac_end(struct ksec_krb5_mac *mac, u8 digest[KSEC_KRB5_MAX_DIGEST]);
u64 ksec_krb5_new_id(void);
void ksec_krb5_forget(struct ksec_krb5_keys *keys);
int ksec_krb5_engine_init(void);
void ksec_krb5_engine_exit(void);

/* derive.c */

void ksec_krb5_derive_init(void);
void ksec_krb5_nfold(const u8 *in, u32 in_len, u8 *out, u32 out_len);
int ksec_krb5_derive_dk(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			const u8 *constant, u32 constant_len, u8 *out, u32 out_len);
int ksec_krb5_derive_hmac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  const u8 *constant, u32 constant_len, u8 *out, u32 out_len);
int ksec_krb5_derive_cmac(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys,
			  const u8 *constant, u32 constant_len, u8 *out, u32 out_len);
int ksec_krb5_derive(struct ksec_krb5_engine *engine, struct ksec_krb5_keys *keys, u32 usage,
		     u8 kind, u8 *out);
int ksec_krb5_derive_keys(struct ksec_krb5_keys *keys);

/* crypt.c */

/**
 * struct ksec_krb5_text - the plain or encrypted text of a sealed message
 * @t_data:   confounder, data, filler and header, without gaps.  Encryption uses
 *            up to KSEC_KRB5_BLOCK - 1 bytes behind it
 * @t_len:    bytes, at least two blocks
 * @t_split:  the data are the segments of the message: the confounder is the
 *            block in front of the first sealed one, and data that is signed
 *            and not sealed counts for the checksum where it stands among them
 */
struct ksec_krb5_text {
	u8 *t_data;
	u32 t_len;
	bool t_split;
};

int ksec_krb5_cts_encrypt(struct ksec_krb5_engine *engine, u8 *data, u32 len);
int ksec_krb5_cts_decrypt(struct ksec_krb5_engine *engine, u8 *data, u32 len);
int ksec_krb5_mac_then_encrypt(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text,
			       u8 digest[KSEC_KRB5_MAX_DIGEST]);
int ksec_krb5_decrypt_then_mac(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text, const u8 *mac, u32 mac_len);
int ksec_krb5_encrypt_then_mac(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text,
			       u8 digest[KSEC_KRB5_MAX_DIGEST]);
int ksec_krb5_mac_then_decrypt(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text, const u8 *mac, u32 mac_len);

/* window.c */

void ksec_krb5_window_init(struct ksec_krb5_window *window, u64 first);
u64 ksec_krb5_window_extend(struct ksec_krb5_window *window, u32 seq);
bool ksec_krb5_window_accept(struct ksec_krb5_window *window, u64 seq, u32 flags);

/* wire.c */

/**
 * struct ksec_krb5_wire - a message to be unwrapped, as it came
 * @w_data: token and data, without a gap; behind them is room for as much again
 *          as a token may be long
 * @w_len:  bytes
 */
struct ksec_krb5_wire {
	u8 *w_data;
	u32 w_len;
};

bool ksec_krb5_wire(struct ksec_krb5_wire *wire, struct ksec_message *msg, u32 least);
bool ksec_krb5_take_seq(struct ksec_krb5_keys *keys, u64 *seq);
void ksec_krb5_return_seq(struct ksec_krb5_keys *keys, u64 seq);
s32 ksec_krb5_status(int err);
void ksec_krb5_mark_data(struct ksec_message *msg, bool changed);

/* token.c and arcfour.c */

extern const struct ksec_krb5_tokens ksec_krb5_tokens_v3;
extern const struct ksec_krb5_tokens ksec_krb5_tokens_arcfour;

#endif /* _KSECDD_KRB5_KRB5_H */
