// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of a context, one for each mechanism.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/ksecdd_ntlm.h>

#include "tools/testing/selftests/ksecdd/ntlm_peer.h"

#include "peer.h"
#include "program.h"

#define NTLM_SIGNATURE	16

/**
 * struct peer - a client
 * @mech:    how it works
 * @now:     its state as far as the module has followed
 * @next:    its state after the messages it has made since
 * @pending: there are such messages
 */
struct peer {
	const struct peer_mech *mech;
	union peer_state {
		struct ntlm_peer ntlm;
	} now, next;
	bool pending;
};

/**
 * struct peer_mech - a mechanism
 * @package: KSECDD_PACKAGE_*
 * @init:    begin a session; false if there is no protection with these flags
 * @protect: make a message; false if the buffers make none
 */
struct peer_mech {
	uint32_t package;
	bool (*init)(union peer_state *state, uint32_t flags, const uint8_t *key, uint32_t len);
	bool (*protect)(union peer_state *state, bool seal, struct ksecdd_buffer *bufs,
			uint32_t n);
};

static bool ntlm_init(union peer_state *state, uint32_t flags, const uint8_t *key, uint32_t len)
{
	if (len != 16 || !(flags & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)))
		return false;
	ntlm_peer_init(&state->ntlm, flags, key);
	return true;
}

static uint8_t *memory_of(const struct ksecdd_buffer *buf)
{
	return (uint8_t *)(uintptr_t)buf->ptr;
}

/* A token and the data, or both side by side in a stream */
static bool ntlm_protect(union peer_state *state, bool seal, struct ksecdd_buffer *bufs, uint32_t n)
{
	struct ntlm_piece pieces[KSECDD_MAX_BUFFERS];
	uint8_t *token = NULL;
	uint32_t i, count = 0;

	for (i = 0; i < n; i++) {
		switch (bufs[i].type & ~SECBUFFER_ATTRMASK) {
		case SECBUFFER_TOKEN:
			if (token || bufs[i].len < NTLM_SIGNATURE)
				return false;
			token = memory_of(&bufs[i]);
			break;
		case SECBUFFER_STREAM:
			if (token || bufs[i].len < NTLM_SIGNATURE)
				return false;
			token = memory_of(&bufs[i]);
			pieces[0] = (struct ntlm_piece){ token + NTLM_SIGNATURE,
							 bufs[i].len - NTLM_SIGNATURE, seal };
			ntlm_peer_protect(&state->ntlm, pieces, 1, token);
			return true;
		case SECBUFFER_DATA:
			pieces[count++] = (struct ntlm_piece){
				memory_of(&bufs[i]), bufs[i].len,
				seal && !(bufs[i].type & SECBUFFER_ATTRMASK),
			};
			break;
		}
	}
	if (token)
		ntlm_peer_protect(&state->ntlm, pieces, count, token);
	return token;
}

static const struct peer_mech mechs[] = {
	{ .package = KSECDD_PACKAGE_NTLM, .init = ntlm_init, .protect = ntlm_protect },
};

/**
 * peer_make() - the client of a context
 * @mech:  KSECDD_PACKAGE_*
 * @flags: what was negotiated
 * @key:   the session key
 * @len:   its length in bytes
 *
 * Return: the client, for peer_free(); NULL if no messages can be protected so
 */
struct peer *peer_make(uint32_t mech, uint32_t flags, const uint8_t *key, uint32_t len)
{
	struct peer *peer;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mechs); i++) {
		if (mechs[i].package != mech)
			continue;
		peer = xalloc(sizeof(*peer));
		peer->mech = &mechs[i];
		if (mechs[i].init(&peer->now, flags, key, len))
			return peer;
		free(peer);
	}
	return NULL;
}

/**
 * peer_free() - end of a client
 * @peer: the client, may be NULL
 */
void peer_free(struct peer *peer)
{
	free(peer);
}

/**
 * peer_protect() - make of a message one that the client has sent
 * @peer: the client
 * @word: whether it seals
 * @msg:  the message; all its buffers are memory of ours
 *
 * Return: false if the buffers make no message
 */
bool peer_protect(struct peer *peer, enum peer_word word, const struct ksecdd_message *msg)
{
	if (msg->nbuffers > KSECDD_MAX_BUFFERS)
		return false;
	if (!peer->pending)
		peer->next = peer->now;
	peer->pending = true;
	return peer->mech->protect(&peer->next, word == PEER_SEALS,
				   (struct ksecdd_buffer *)(uintptr_t)msg->buffers, msg->nbuffers);
}

/**
 * peer_made() - has the client made messages since peer_settle()?
 * @peer: the client
 *
 * Return: true if so
 */
bool peer_made(const struct peer *peer)
{
	return peer->pending;
}

/**
 * peer_settle() - what has become of the messages made last
 * @peer:  the client
 * @taken: the module has taken them for good
 */
void peer_settle(struct peer *peer, bool taken)
{
	if (taken && peer->pending)
		peer->now = peer->next;
	peer->pending = false;
}
