// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of a Kerberos session, for tests: the tokens of arcfour-hmac,
 * RFC 4757 section 7.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

#include "krb5_peer.h"

#define KEY		16
#define HEADER		8	/* what the checksum covers */
#define MIC		24	/* header, sequence number, checksum */
#define WRAP		32	/* and confounder */
#define TAIL		11	/* of a frame: the object identifier */

static const uint8_t oid[TAIL] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
};

static void hmac(const uint8_t *key, const void *data, size_t len, uint8_t out[16])
{
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, KEY, key);
	hmac_md5_update(&ctx, len, data);
	hmac_md5_digest(&ctx, 16, out);
}

/* RC4 with HMAC(HMAC(key, 0), salt) over data in two places */
static void crypt(const uint8_t *key, const void *salt, size_t salt_len, uint8_t *a, size_t a_len,
		  uint8_t *b, size_t b_len)
{
	static const uint8_t zero[4];
	struct arcfour_ctx rc4;
	uint8_t k[16];

	hmac(key, zero, sizeof(zero), k);
	hmac(k, salt, salt_len, k);
	arcfour_set_key(&rc4, sizeof(k), k);
	arcfour_crypt(&rc4, a_len, a, a);
	arcfour_crypt(&rc4, b_len, b, b);
}

static void crypt_text(const struct krb5_peer *peer, uint32_t seq, uint8_t *token, uint8_t *data,
		       size_t len)
{
	const uint8_t salt[4] = {
		(uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8), (uint8_t)seq,
	};
	uint8_t key[KEY];
	size_t i;

	for (i = 0; i < KEY; i++)
		key[i] = peer->key.bytes[i] ^ 0xf0;
	crypt(key, salt, sizeof(salt), token + MIC, WRAP - MIC, data, len);
}

static void checksum(const struct krb5_peer *peer, const uint8_t *token, bool mic,
		     const uint8_t *data, size_t len, uint8_t out[16])
{
	const uint8_t usage[4] = { mic ? 15 : 13 };
	uint8_t key[16], md5[16];
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, sizeof(usage), usage);
	md5_update(&ctx, HEADER, token);
	if (!mic)
		md5_update(&ctx, WRAP - MIC, token + MIC);
	md5_update(&ctx, len, data);
	md5_digest(&ctx, sizeof(md5), md5);
	hmac(peer->key.bytes, "signaturekey", sizeof("signaturekey"), key);
	hmac(key, md5, sizeof(md5), out);
}

static size_t frame(uint8_t *out, size_t content)
{
	size_t n = 0, rest;

	content += TAIL;
	out[n++] = 0x60;
	if (content < 0x80) {
		out[n++] = (uint8_t)content;
	} else {
		for (rest = content; rest; rest >>= 8)
			n++;
		out[1] = (uint8_t)(0x80 | (n - 1));
		n++;
		for (rest = n; content; content >>= 8)
			out[--rest] = (uint8_t)content;
	}
	memcpy(out + n, oid, TAIL);
	return n + TAIL;
}

static void make_header(uint8_t *token, bool mic, bool seal)
{
	memset(token, 0xff, HEADER);
	token[0] = mic ? 1 : 2;
	token[1] = 1;
	token[2] = 0x11;
	token[3] = 0;
	if (seal) {
		token[4] = 0x10;
		token[5] = 0;
	}
}

/* Checksum and encrypted sequence number; the latter is returned. */
static uint32_t finish(struct krb5_peer *peer, uint8_t *token, bool mic, const uint8_t *data,
		       size_t len)
{
	uint32_t seq = (uint32_t)peer->send_seq++;
	uint8_t sum[16];
	int i;

	checksum(peer, token, mic, data, len, sum);
	memcpy(token + HEADER + 8, sum, 8);
	for (i = 0; i < 8; i++)
		token[HEADER + i] = i < 4 ? (uint8_t)(seq >> (24 - 8 * i)) :
					    peer->initiator ? 0 : 0xff;
	crypt(peer->key.bytes, sum, 8, token + HEADER, 8, NULL, 0);
	return seq;
}

/**
 * krb5_arcfour_sign() - gss_get_mic()
 * @peer:  who
 * @data:  the message
 * @len:   its bytes
 * @token: receives the token
 *
 * Return: bytes of the token
 */
size_t krb5_arcfour_sign(struct krb5_peer *peer, const void *data, size_t len, uint8_t *token)
{
	size_t n = frame(token, MIC);

	make_header(token + n, true, false);
	finish(peer, token + n, true, data, len);
	return n + MIC;
}

/**
 * krb5_arcfour_wrap() - gss_wrap()
 * @peer:  who
 * @seal:  with confidentiality
 * @data:  the message
 * @len:   its bytes
 * @token: receives the token, at most KRB5_MAX_OVERHEAD bytes longer
 *
 * Return: bytes of the token
 */
size_t krb5_arcfour_wrap(struct krb5_peer *peer, bool seal, const void *data, size_t len,
			 uint8_t *token)
{
	size_t pad = peer->dce ? 0 : 1, n = frame(token, WRAP + (pad ? len + pad : 0));
	uint8_t *at = token + n, *text = at + WRAP;
	uint32_t seq;

	make_header(at, false, seal);
	memset(at + MIC, 0x5a, WRAP - MIC);
	memcpy(text, data, len);
	memset(text + len, 1, pad);
	seq = finish(peer, at, false, text, len + pad);
	if (seal)
		crypt_text(peer, seq, at, text, len + pad);
	return n + WRAP + len + pad;
}

/* The token behind its frame; NULL if it is none with @rest bytes. */
static uint8_t *open_frame(struct krb5_peer *peer, const uint8_t *token, size_t token_len,
			   bool mic, size_t *len)
{
	uint8_t want[32], *copy;
	size_t n;

	for (n = 2 + TAIL; n < 2 + 4 + TAIL && n < token_len; n++)
		if (frame(want, peer->dce && !mic ? WRAP : token_len - n) == n &&
		    !memcmp(token, want, n) && token_len - n >= (mic ? MIC : WRAP))
			break;
	if (n == 2 + 4 + TAIL || n >= token_len)
		return NULL;
	*len = token_len - n;
	copy = malloc(*len);
	if (!copy)
		abort();
	memcpy(copy, token + n, *len);
	return copy;
}

static bool sequence(struct krb5_peer *peer, uint8_t *token, uint32_t *seq)
{
	int i;

	crypt(peer->key.bytes, token + HEADER + 8, 8, token + HEADER, 8, NULL, 0);
	for (*seq = 0, i = 0; i < 4; i++)
		*seq = *seq << 8 | token[HEADER + i];
	for (i = 4; i < 8; i++)
		if (token[HEADER + i] != (peer->initiator ? 0xff : 0))
			return false;
	return *seq == (uint32_t)peer->receive_seq;
}

/**
 * krb5_arcfour_verify() - gss_verify_mic()
 * @peer:      who
 * @data:      the message
 * @len:       its bytes
 * @token:     the token
 * @token_len: its bytes
 *
 * Return: whether it is the next of the other side's
 */
bool krb5_arcfour_verify(struct krb5_peer *peer, const void *data, size_t len,
			 const uint8_t *token, size_t token_len)
{
	uint8_t sum[16], want[HEADER], *at;
	size_t at_len;
	uint32_t seq;
	bool ok;

	at = open_frame(peer, token, token_len, true, &at_len);
	if (!at)
		return false;
	make_header(want, true, false);
	checksum(peer, at, true, data, len, sum);
	ok = at_len == MIC && !memcmp(at, want, HEADER) && !memcmp(sum, at + HEADER + 8, 8) &&
	     sequence(peer, at, &seq);
	free(at);
	peer->receive_seq += ok;
	return ok;
}

/**
 * krb5_arcfour_unwrap() - gss_unwrap()
 * @peer:      who
 * @token:     the token
 * @token_len: its bytes
 * @data:      receives the message, at most @token_len bytes
 * @len:       receives its bytes
 * @sealed:    receives whether it was
 *
 * Return: whether it is the next of the other side's
 */
bool krb5_arcfour_unwrap(struct krb5_peer *peer, const uint8_t *token, size_t token_len,
			 uint8_t *data, size_t *len, bool *sealed)
{
	size_t pad = peer->dce ? 0 : 1, at_len, text_len;
	uint8_t sum[16], want[HEADER], *at;
	uint32_t seq;
	bool ok;

	at = open_frame(peer, token, token_len, false, &at_len);
	if (!at)
		return false;
	text_len = at_len - WRAP;
	*sealed = at[4] == 0x10;
	make_header(want, false, *sealed);
	ok = !memcmp(at, want, HEADER) && text_len >= pad && sequence(peer, at, &seq);
	if (ok && *sealed)
		crypt_text(peer, seq, at, at + WRAP, text_len);
	if (ok) {
		checksum(peer, at, false, at + WRAP, text_len, sum);
		ok = !memcmp(sum, at + HEADER + 8, 8) && (!pad || at[at_len - 1] == 1);
	}
	*len = text_len - pad;
	if (ok)
		memcpy(data, at + WRAP, *len);
	free(at);
	peer->receive_seq += ok;
	return ok;
}
