/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of an NTLM session, for tests: MS-NLMP 3.4 with extended session
 * security, in userspace and with nettle's primitives.  It shares nothing with
 * the module, so that a mistake there is not made here as well.
 */
#ifndef KSECDD_SELFTESTS_NTLM_PEER_H
#define KSECDD_SELFTESTS_NTLM_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/arcfour.h>

/**
 * struct ntlm_half - one direction
 * @sign: signing key
 * @rc4:  cipher state
 * @seq:  sequence number of the next message
 */
struct ntlm_half {
	uint8_t sign[16];
	struct arcfour_ctx rc4;
	uint32_t seq;
};

/**
 * struct ntlm_peer - a client
 * @flags:   NegotiateFlags
 * @send:    client to server
 * @receive: server to client
 */
struct ntlm_peer {
	uint32_t flags;
	struct ntlm_half send;
	struct ntlm_half receive;
};

/**
 * struct ntlm_piece - a piece of a message
 * @data: its bytes, changed in place if @seal
 * @len:  how many
 * @seal: encrypted, not only signed
 */
struct ntlm_piece {
	uint8_t *data;
	size_t len;
	bool seal;
};

void ntlm_peer_init(struct ntlm_peer *peer, uint32_t flags, const uint8_t key[16]);
void ntlm_peer_protect(struct ntlm_peer *peer, const struct ntlm_piece *pieces, size_t n,
		       uint8_t signature[16]);
bool ntlm_peer_accept(struct ntlm_peer *peer, const struct ntlm_piece *pieces, size_t n,
		      const uint8_t signature[16]);

#endif /* KSECDD_SELFTESTS_NTLM_PEER_H */
