/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a context: makes messages that the module takes for good, so
 * that what comes behind the check of a signature is reached.
 */
#ifndef KSECDD_FUZZ_PEER_H
#define KSECDD_FUZZ_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ksecdd.h>

/* What the argument "peer" of a message or token says */
enum peer_word {
	PEER_NOT,	/* the bytes are as the program has them */
	PEER_SEALS,	/* the peer seals the message before the module sees it */
	PEER_SIGNS,	/* the peer signs it only; TLS: half of the bytes become the record */
	PEER_SPOILS,	/* TLS: as PEER_SEALS, and then one bit of it is another */
};

struct peer;

struct peer *peer_make(uint32_t mech, uint32_t flags, const uint8_t *key, uint32_t len);
void peer_free(struct peer *peer);
bool peer_protect(struct peer *peer, enum peer_word word, struct ksecdd_buffer *bufs, uint32_t n);
bool peer_made(const struct peer *peer);
void peer_settle(struct peer *peer, bool taken);

#endif /* KSECDD_FUZZ_PEER_H */
