/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a Kerberos session, for tests: the tokens of RFC 4121 and of
 * RFC 4757, wrong ones as well as right ones.
 */
#ifndef KSECDD_SELFTESTS_KRB5_PEER_H
#define KSECDD_SELFTESTS_KRB5_PEER_H

#include "krb5_crypto.h"

/* Bytes that a token has at most besides the data, with an extra count of 16 */
#define KRB5_MAX_OVERHEAD	128

/**
 * struct krb5_peer - a side
 * @key:         protects messages
 * @initiator:   it is the initiator
 * @subkey:      the key is the acceptor's subkey
 * @dce:         DCE style
 * @send_seq:    number of the next message it sends
 * @receive_seq: number of the next message it accepts
 */
struct krb5_peer {
	struct krb5_key key;
	bool initiator;
	bool subkey;
	bool dce;
	uint64_t send_seq;
	uint64_t receive_seq;
};

/**
 * struct krb5_wrap - how a Wrap token is to be made
 * @seal:        with confidentiality
 * @ec:          extra count of a sealed one
 * @rrc:         right rotation count, as the token says it
 * @false_ec:    added to the extra count in both headers, with no filler for it
 * @clear_ec:    added to the extra count in the clear
 * @clear_flags: flipped in the flags in the clear
 * @flags:       flipped in the flags, before anything is computed
 * @filler:      flipped in the filler, likewise
 * @copied_rrc:  right rotation count in the encrypted copy of the header
 */
struct krb5_wrap {
	bool seal;
	uint16_t ec;
	uint16_t rrc;
	uint16_t false_ec;
	uint16_t clear_ec;
	uint8_t clear_flags;
	uint8_t flags;
	uint8_t filler;
	uint16_t copied_rrc;
};

size_t krb5_peer_sign(struct krb5_peer *peer, const void *data, size_t len, uint8_t *token);
size_t krb5_peer_wrap(struct krb5_peer *peer, const struct krb5_wrap *how, const void *data,
		      size_t len, uint8_t *token);
size_t krb5_peer_wrap_pieces(struct krb5_peer *peer, bool seal, const struct krb5_piece *pieces,
			     size_t n, uint8_t *token);
bool krb5_peer_verify(struct krb5_peer *peer, const void *data, size_t len, const uint8_t *token,
		      size_t token_len);
bool krb5_peer_unwrap(struct krb5_peer *peer, const uint8_t *token, size_t token_len,
		      uint8_t *data, size_t *len, bool *sealed);
bool krb5_peer_unwrap_pieces(struct krb5_peer *peer, const struct krb5_piece *pieces, size_t n,
			     const uint8_t *token, size_t token_len);

/* krb5_arcfour.c */
size_t krb5_arcfour_sign(struct krb5_peer *peer, const void *data, size_t len, uint8_t *token);
size_t krb5_arcfour_wrap(struct krb5_peer *peer, bool seal, const void *data, size_t len,
			 uint8_t *token);
bool krb5_arcfour_verify(struct krb5_peer *peer, const void *data, size_t len,
			 const uint8_t *token, size_t token_len);
bool krb5_arcfour_unwrap(struct krb5_peer *peer, const uint8_t *token, size_t token_len,
			 uint8_t *data, size_t *len, bool *sealed);

#endif /* KSECDD_SELFTESTS_KRB5_PEER_H */
