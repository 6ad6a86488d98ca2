// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of an NTLM session.
 */
#include <endian.h>
#include <string.h>

#include <linux/ksecdd_ntlm.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

#include "ntlm_peer.h"

/* MS-NLMP 3.4.5.2 and 3.4.5.3, hashed with their NUL */
#define MAGIC(from, to, what) \
	"session key to " from "-to-" to " " what " key magic constant"

static void derive(const uint8_t *key, size_t len, const char *magic, uint8_t out[16])
{
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, len, key);
	md5_update(&md5, strlen(magic) + 1, (const uint8_t *)magic);
	md5_digest(&md5, 16, out);
}

static void half_init(struct ntlm_half *half, uint32_t flags, const uint8_t key[16],
		      const char *sign_magic, const char *seal_magic)
{
	size_t len = flags & NTLMSSP_NEGOTIATE_128 ? 16 : flags & NTLMSSP_NEGOTIATE_56 ? 7 : 5;
	uint8_t seal[16];

	derive(key, 16, sign_magic, half->sign);
	derive(key, len, seal_magic, seal);
	arcfour_set_key(&half->rc4, 16, seal);
	half->seq = 0;
}

/**
 * ntlm_peer_init() - begin a session
 * @peer:  filled in
 * @flags: NegotiateFlags
 * @key:   ExportedSessionKey
 */
void ntlm_peer_init(struct ntlm_peer *peer, uint32_t flags, const uint8_t key[16])
{
	peer->flags = flags;
	half_init(&peer->send, flags, key, MAGIC("client", "server", "signing"),
		  MAGIC("client", "server", "sealing"));
	half_init(&peer->receive, flags, key, MAGIC("server", "client", "signing"),
		  MAGIC("server", "client", "sealing"));
}

static void sign(struct ntlm_peer *peer, struct ntlm_half *half, struct hmac_md5_ctx *hmac,
		 uint8_t signature[16])
{
	uint32_t version = htole32(1), seq = htole32(half->seq);

	memcpy(signature, &version, 4);
	hmac_md5_digest(hmac, 8, signature + 4);
	if (peer->flags & NTLMSSP_NEGOTIATE_KEY_EXCH)
		arcfour_crypt(&half->rc4, 8, signature + 4, signature + 4);
	memcpy(signature + 12, &seq, 4);
}

static void start(const struct ntlm_half *half, struct hmac_md5_ctx *hmac)
{
	uint32_t seq = htole32(half->seq);

	hmac_md5_set_key(hmac, sizeof(half->sign), half->sign);
	hmac_md5_update(hmac, 4, (const uint8_t *)&seq);
}

/**
 * ntlm_peer_protect() - sign and seal a message for the server
 * @peer:      the session
 * @pieces:    the message
 * @n:         how many pieces
 * @signature: filled in
 */
void ntlm_peer_protect(struct ntlm_peer *peer, const struct ntlm_piece *pieces, size_t n,
		       uint8_t signature[16])
{
	struct ntlm_half *half = &peer->send;
	struct hmac_md5_ctx hmac;
	size_t i;

	start(half, &hmac);
	for (i = 0; i < n; i++)
		hmac_md5_update(&hmac, pieces[i].len, pieces[i].data);
	for (i = 0; i < n; i++)
		if (pieces[i].seal)
			arcfour_crypt(&half->rc4, pieces[i].len, pieces[i].data, pieces[i].data);
	sign(peer, half, &hmac, signature);
	half->seq++;
}

/**
 * ntlm_peer_accept() - unseal and verify the next message of the server
 * @peer:      the session; of no more use after a message that was refused
 * @pieces:    the message
 * @n:         how many pieces
 * @signature: its signature
 *
 * Return: whether the signature is right
 */
bool ntlm_peer_accept(struct ntlm_peer *peer, const struct ntlm_piece *pieces, size_t n,
		      const uint8_t signature[16])
{
	struct ntlm_half *half = &peer->receive;
	struct hmac_md5_ctx hmac;
	uint8_t expected[16];
	size_t i;

	start(half, &hmac);
	for (i = 0; i < n; i++) {
		if (pieces[i].seal)
			arcfour_crypt(&half->rc4, pieces[i].len, pieces[i].data, pieces[i].data);
		hmac_md5_update(&hmac, pieces[i].len, pieces[i].data);
	}
	sign(peer, half, &hmac, expected);
	half->seq++;
	return !memcmp(expected, signature, sizeof(expected));
}
