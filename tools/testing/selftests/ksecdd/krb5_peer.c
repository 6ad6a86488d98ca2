// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of a Kerberos session, for tests: RFC 4121 section 4.2, and
 * MS-KILE 3.4.5.4.1 for messages in several buffers.
 */
#include <stdlib.h>
#include <string.h>

#include "krb5_peer.h"

#define HEADER		16
#define MAX_PIECES	64

#define SENT_BY_ACCEPTOR	1
#define SEALED			2
#define ACCEPTOR_SUBKEY		4

/* RFC 4121 section 2 */
static uint32_t usage(const struct krb5_peer *peer, bool sent, bool seal)
{
	bool from_initiator = peer->initiator == sent;

	return (seal ? 22 : 23) + (from_initiator ? 2 : 0);
}

static uint8_t flags_of(const struct krb5_peer *peer, bool sent)
{
	return (peer->initiator == sent ? 0 : SENT_BY_ACCEPTOR) |
	       (peer->subkey ? ACCEPTOR_SUBKEY : 0);
}

static void store16(uint8_t *out, unsigned int n)
{
	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
}

static unsigned int load16(const uint8_t *in)
{
	return (unsigned int)in[0] << 8 | in[1];
}

static void store64(uint8_t *out, uint64_t n)
{
	int i;

	for (i = 8; i--; n >>= 8)
		out[i] = (uint8_t)n;
}

static uint64_t load64(const uint8_t *in)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < 8; i++)
		n = n << 8 | in[i];
	return n;
}

static void make_header(struct krb5_peer *peer, uint8_t *header, bool mic, uint8_t flags)
{
	header[0] = mic ? 4 : 5;
	header[1] = 4;
	header[2] = flags_of(peer, true) | flags;
	memset(header + 3, 0xff, 5);
	if (!mic)
		memset(header + 4, 0, 4);
	store64(header + 8, peer->send_seq++);
}

static void confounder(uint8_t *out)
{
	static unsigned int n;
	size_t i;

	n++;
	for (i = 0; i < KRB5_BLOCK; i++)
		out[i] = (uint8_t)(n * 37 + i * 11);
}

/* To the right, as a sender does; to the left with the rest of @len. */
static void rotate(uint8_t *data, size_t len, size_t count)
{
	uint8_t *old = malloc(len + 1);

	if (!old)
		abort();
	memcpy(old, data, len);
	count %= len;
	memcpy(data, old + len - count, count);
	memcpy(data + count, old, len - count);
	free(old);
}

/**
 * krb5_peer_sign() - gss_get_mic()
 * @peer:  who
 * @data:  the message
 * @len:   its bytes
 * @token: receives the token
 *
 * Return: bytes of the token
 */
size_t krb5_peer_sign(struct krb5_peer *peer, const void *data, size_t len, uint8_t *token)
{
	const struct krb5_piece pieces[] = {
		{ .data = (uint8_t *)data, .len = len }, { .data = token, .len = HEADER },
	};

	if (peer->key.enctype == 23)
		return krb5_arcfour_sign(peer, data, len, token);
	make_header(peer, token, true, 0);
	krb5_checksum(&peer->key, usage(peer, true, false), pieces, 2, token + HEADER);
	return HEADER + krb5_mac_len(peer->key.enctype);
}

static size_t wrap_sealed(struct krb5_peer *peer, const struct krb5_wrap *how, const void *data,
			  size_t len, uint8_t *token)
{
	uint8_t *text = token + HEADER;
	struct krb5_piece piece = { text, KRB5_BLOCK + len + how->ec + HEADER, true };
	size_t all = piece.len + krb5_mac_len(peer->key.enctype);

	make_header(peer, token, false, SEALED);
	token[2] ^= how->flags;
	token[3] ^= how->filler;
	store16(token + 4, (uint16_t)(how->ec + how->false_ec));
	store16(token + 6, how->copied_rrc);
	confounder(text);
	memcpy(text + KRB5_BLOCK, data, len);
	memset(text + KRB5_BLOCK + len, 0xff, how->ec);
	memcpy(text + KRB5_BLOCK + len + how->ec, token, HEADER);
	krb5_encrypt(&peer->key, usage(peer, true, true), &piece, 1, text + piece.len);
	rotate(text, all, how->rrc + (peer->dce ? how->ec : 0u));
	return HEADER + all;
}

static size_t wrap_signed(struct krb5_peer *peer, const struct krb5_wrap *how, const void *data,
			  size_t len, uint8_t *token)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype);
	const struct krb5_piece pieces[] = {
		{ .data = token + HEADER, .len = len }, { .data = token, .len = HEADER },
	};

	make_header(peer, token, false, 0);
	token[2] ^= how->flags;
	token[3] ^= how->filler;
	memcpy(token + HEADER, data, len);
	krb5_checksum(&peer->key, usage(peer, true, true), pieces, 2, token + HEADER + len);
	store16(token + 4, (unsigned int)mac_len);
	rotate(token + HEADER, len + mac_len, how->rrc);
	return HEADER + len + mac_len;
}

/**
 * krb5_peer_wrap() - gss_wrap(), also such that nobody should accept
 * @peer:  who
 * @how:   how
 * @data:  the message
 * @len:   its bytes
 * @token: receives the token, KRB5_MAX_OVERHEAD and the extra count longer
 *
 * Return: bytes of the token
 */
size_t krb5_peer_wrap(struct krb5_peer *peer, const struct krb5_wrap *how, const void *data,
		      size_t len, uint8_t *token)
{
	size_t all;

	if (peer->key.enctype == 23)
		return krb5_arcfour_wrap(peer, how->seal, data, len, token);
	all = (how->seal ? wrap_sealed : wrap_signed)(peer, how, data, len, token);
	store16(token + 6, how->rrc);
	token[2] ^= how->clear_flags;
	store16(token + 4, load16(token + 4) + how->clear_ec);
	return all;
}

/* Confounder, pieces, tail; the room for it is the caller's. */
static size_t surround(struct krb5_piece *all, uint8_t *head, const struct krb5_piece *pieces,
		       size_t n, uint8_t *tail, size_t tail_len)
{
	if (n > MAX_PIECES)
		abort();
	all[0] = (struct krb5_piece){ head, KRB5_BLOCK, true };
	memcpy(all + 1, pieces, n * sizeof(*pieces));
	all[n + 1] = (struct krb5_piece){ tail, tail_len, true };
	return n + 2;
}

/**
 * krb5_peer_wrap_pieces() - a message in several buffers, the data in place
 * @peer:   who
 * @seal:   with confidentiality
 * @pieces: the message
 * @n:      how many
 * @token:  receives what goes in front of them, KRB5_MAX_OVERHEAD bytes of room
 *
 * Return: bytes of the token
 */
size_t krb5_peer_wrap_pieces(struct krb5_peer *peer, bool seal, const struct krb5_piece *pieces,
			     size_t n, uint8_t *token)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype), ec = peer->dce ? 16 : 0, count;
	uint8_t head[KRB5_BLOCK], tail[16 + HEADER], header[HEADER], mac[KRB5_MAX_MAC];
	struct krb5_piece all[MAX_PIECES + 2];
	uint8_t *out = token;

	make_header(peer, header, false, seal ? SEALED : 0);
	if (!seal) {
		count = surround(all, head, pieces, n, header, HEADER);
		krb5_checksum(&peer->key, usage(peer, true, true), all + 1, count - 1, mac);
		store16(header + 4, (unsigned int)mac_len);
		store16(header + 6, (unsigned int)mac_len);
		memcpy(token, header, HEADER);
		memcpy(token + HEADER, mac, mac_len);
		return HEADER + mac_len;
	}
	store16(header + 4, (unsigned int)ec);
	confounder(head);
	memset(tail, 0xff, ec);
	memcpy(tail + ec, header, HEADER);
	count = surround(all, head, pieces, n, tail, ec + HEADER);
	krb5_encrypt(&peer->key, usage(peer, true, true), all, count, mac);
	store16(header + 6, (unsigned int)(HEADER + mac_len));
	memcpy(out, header, HEADER);
	memcpy(out += HEADER, tail, ec + HEADER);
	memcpy(out += ec + HEADER, mac, mac_len);
	memcpy(out += mac_len, head, KRB5_BLOCK);
	return (size_t)(out + KRB5_BLOCK - token);
}

static bool header_is(struct krb5_peer *peer, const uint8_t *header, bool mic)
{
	if (header[0] != (mic ? 4 : 5) || header[1] != 4 || header[3] != 0xff ||
	    (header[2] & ~SEALED) != flags_of(peer, false) ||
	    load64(header + 8) != peer->receive_seq)
		return false;
	return !mic || (load16(header + 4) == 0xffff && load16(header + 6) == 0xffff);
}

/**
 * krb5_peer_verify() - gss_verify_mic()
 * @peer:      who
 * @data:      the message
 * @len:       its bytes
 * @token:     the token
 * @token_len: its bytes
 *
 * Return: whether it is the next of the other side's
 */
bool krb5_peer_verify(struct krb5_peer *peer, const void *data, size_t len, const uint8_t *token,
		      size_t token_len)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype);
	const struct krb5_piece pieces[] = {
		{ .data = (uint8_t *)data, .len = len },
		{ .data = (uint8_t *)token, .len = HEADER },
	};
	uint8_t mac[KRB5_MAX_MAC];

	if (peer->key.enctype == 23)
		return krb5_arcfour_verify(peer, data, len, token, token_len);
	if (token_len != HEADER + mac_len || !header_is(peer, token, true))
		return false;
	krb5_checksum(&peer->key, usage(peer, false, false), pieces, 2, mac);
	if (memcmp(mac, token + HEADER, mac_len))
		return false;
	peer->receive_seq++;
	return true;
}

static bool unwrap_sealed(struct krb5_peer *peer, const uint8_t *header, uint8_t *body, size_t len,
			  uint8_t *data, size_t *data_len)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype), ec = load16(header + 4);
	struct krb5_piece text = { .data = body, .seal = true };
	uint8_t want[HEADER];

	if (len < KRB5_BLOCK + ec + HEADER + mac_len)
		return false;
	text.len = len - mac_len;
	if (!krb5_decrypt(&peer->key, usage(peer, false, true), &text, 1, body + text.len))
		return false;
	memcpy(want, header, HEADER);
	store16(want + 6, 0);
	if (memcmp(body + text.len - HEADER, want, HEADER))
		return false;
	*data_len = text.len - KRB5_BLOCK - ec - HEADER;
	memcpy(data, body + KRB5_BLOCK, *data_len);
	return true;
}

static bool unwrap_signed(struct krb5_peer *peer, uint8_t *header, uint8_t *body, size_t len,
			  uint8_t *data, size_t *data_len)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype);
	struct krb5_piece pieces[] = {
		{ .data = body }, { .data = header, .len = HEADER },
	};
	uint8_t mac[KRB5_MAX_MAC];

	if (len < mac_len || load16(header + 4) != mac_len)
		return false;
	memset(header + 4, 0, 4);
	pieces[0].len = len - mac_len;
	krb5_checksum(&peer->key, usage(peer, false, true), pieces, 2, mac);
	*data_len = len - mac_len;
	memcpy(data, body, *data_len);
	return !memcmp(mac, body + *data_len, mac_len);
}

/**
 * krb5_peer_unwrap() - gss_unwrap()
 * @peer:      who
 * @token:     the token
 * @token_len: its bytes
 * @data:      receives the message, at most @token_len bytes
 * @len:       receives its bytes
 * @sealed:    receives whether it was
 *
 * Return: whether it is the next of the other side's
 */
bool krb5_peer_unwrap(struct krb5_peer *peer, const uint8_t *token, size_t token_len,
		      uint8_t *data, size_t *len, bool *sealed)
{
	size_t body_len = token_len - HEADER;
	uint8_t header[HEADER], *body;
	bool ok;

	if (peer->key.enctype == 23)
		return krb5_arcfour_unwrap(peer, token, token_len, data, len, sealed);
	if (token_len <= HEADER || !header_is(peer, token, false))
		return false;
	memcpy(header, token, HEADER);
	*sealed = header[2] & SEALED;
	body = malloc(body_len);
	if (!body)
		abort();
	memcpy(body, token + HEADER, body_len);
	rotate(body, body_len, body_len - (load16(token + 6) +
		(peer->dce && *sealed ? load16(token + 4) : 0)) % body_len);
	ok = (*sealed ? unwrap_sealed(peer, header, body, body_len, data, len) :
			unwrap_signed(peer, header, body, body_len, data, len));
	free(body);
	peer->receive_seq += ok;
	return ok;
}

/**
 * krb5_peer_unwrap_pieces() - a message in several buffers
 * @peer:      who
 * @pieces:    the message, decrypted in place
 * @n:         how many
 * @token:     what came in front of them
 * @token_len: its bytes
 *
 * Return: whether it is the next of the other side's, rotated such that the data
 *         is in its place
 */
bool krb5_peer_unwrap_pieces(struct krb5_peer *peer, const struct krb5_piece *pieces, size_t n,
			     const uint8_t *token, size_t token_len)
{
	size_t mac_len = krb5_mac_len(peer->key.enctype), ec = load16(token + 4), count;
	uint8_t head[KRB5_BLOCK], tail[16 + HEADER], header[HEADER], mac[KRB5_MAX_MAC];
	struct krb5_piece all[MAX_PIECES + 2];

	if (token_len < HEADER + mac_len || !header_is(peer, token, false))
		return false;
	memcpy(header, token, HEADER);
	store16(header + 6, 0);
	if (!(header[2] & SEALED)) {
		if (token_len != HEADER + mac_len || ec != mac_len || load16(token + 6) != mac_len)
			return false;
		store16(header + 4, 0);
		count = surround(all, head, pieces, n, header, HEADER);
		krb5_checksum(&peer->key, usage(peer, false, true), all + 1, count - 1, mac);
		peer->receive_seq++;
		return !memcmp(mac, token + HEADER, mac_len);
	}
	if (ec != (peer->dce ? 16 : 0) || load16(token + 6) != HEADER + mac_len ||
	    token_len != 2 * HEADER + ec + mac_len + KRB5_BLOCK)
		return false;
	memcpy(tail, token + HEADER, ec + HEADER);
	memcpy(head, token + token_len - KRB5_BLOCK, KRB5_BLOCK);
	count = surround(all, head, pieces, n, tail, ec + HEADER);
	peer->receive_seq++;
	return krb5_decrypt(&peer->key, usage(peer, false, true), all, count,
			    token + HEADER + ec + HEADER) &&
	       !memcmp(tail + ec, header, HEADER);
}
