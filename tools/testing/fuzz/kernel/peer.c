// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of a context, one for each mechanism.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/ksecdd_ntlm.h>

#include "tools/testing/selftests/ksecdd/ntlm_peer.h"
#include "tools/testing/selftests/ksecdd/tls_peer.h"

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
		struct tls_peer tls;
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
	bool (*protect)(union peer_state *state, enum peer_word word, struct ksecdd_buffer *bufs,
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
static bool ntlm_protect(union peer_state *state, enum peer_word word,
			 struct ksecdd_buffer *bufs, uint32_t n)
{
	bool seal = word == PEER_SEALS;
	struct ntlm_piece pieces[KSECDD_MAX_BUFFERS];
	uint8_t *token = NULL;
	uint32_t i, count = 0;

	if (word == PEER_SPOILS)
		return false;
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

static bool tls_init(union peer_state *state, uint32_t flags, const uint8_t *key, uint32_t len)
{
	struct ksecdd_tls_keys keys;

	(void)flags;
	if (len != sizeof(keys))
		return false;
	memcpy(&keys, key, sizeof(keys));
	if (!keys.cipher || keys.cipher > KSECDD_TLS_CHACHA20_POLY1305)
		return false;
	tls_peer_init(&state->tls, &keys);
	return true;
}

/* Whether a text of TLS 1.3, with its type and padding, is a KeyUpdate */
static bool is_key_update(const uint8_t *text, size_t len)
{
	static const uint8_t update[] = { 24, 0, 0, 1 };

	while (len && !text[len - 1])
		len--;
	return len == sizeof(update) + 2 && text[len - 1] == TLS_HANDSHAKE &&
	       !memcmp(text, update, sizeof(update)) && text[len - 2] <= 1;
}

/* Which bit is spoilt depends on what is said, so that it is another one each time. */
static void spoil(uint8_t *record, size_t len, uint32_t said)
{
	said %= (uint32_t)len * 8;
	record[said / 8] ^= (uint8_t)(1 << said % 8);
}

static uint32_t digest(const uint8_t *bytes, size_t len)
{
	uint32_t h = 0x811c9dc5;

	while (len--)
		h = (h ^ *bytes++) * 0x01000193;
	return h ^ h >> 15;
}

/*
 * The bytes of the buffer become one record: a header, the text, a tag.  TLS 1.2 has the
 * type in front of the text, where it is in the record, and TLS 1.3 behind it, where there
 * may be padding, too.
 */
static bool tls_protect(union peer_state *state, enum peer_word word, struct ksecdd_buffer *bufs,
			uint32_t n)
{
	struct tls_peer *peer = &state->tls;
	bool is_13 = peer->version == KSECDD_TLS_1_3, updates;
	size_t header = tls_header_len(peer), len, least = header + tls_trailer_len(peer) - is_13;
	uint32_t said;
	uint8_t *record;

	while (n && bufs->type != SECBUFFER_DATA) {
		bufs++;
		n--;
	}
	if (!n)
		return false;
	record = memory_of(bufs);
	len = word == PEER_SIGNS ? bufs->len / 2 : bufs->len;
	if (len < least || len - least > TLS_MAX_RECORD)
		return false;
	said = digest(record, len);
	updates = is_13 && is_key_update(record + header, len - least);
	tls_peer_seal(peer, is_13 ? 0 : record[0], record + header, len - least, record);
	if (updates)
		tls_peer_update(peer, &peer->send);
	if (word == PEER_SPOILS)
		spoil(record, len, said);
	return word != PEER_SPOILS;
}

static const struct peer_mech mechs[] = {
	{ .package = KSECDD_PACKAGE_NTLM, .init = ntlm_init, .protect = ntlm_protect },
	{ .package = KSECDD_PACKAGE_SCHANNEL, .init = tls_init, .protect = tls_protect },
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
 * @bufs: the message; all its buffers are memory of ours
 * @n:    how many
 *
 * Return: false if the client has made no message: of these buffers none can be made, or
 *         it was spoilt
 */
bool peer_protect(struct peer *peer, enum peer_word word, struct ksecdd_buffer *bufs, uint32_t n)
{
	union peer_state state = peer->pending ? peer->next : peer->now;

	if (n > KSECDD_MAX_BUFFERS || !peer->mech->protect(&state, word, bufs, n))
		return false;
	peer->next = state;
	peer->pending = true;
	return true;
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
