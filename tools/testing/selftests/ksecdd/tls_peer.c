// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The other end of a TLS connection after the handshake.
 *
 * What OpenSSL cannot do here ends the test: the module is not to blame for that.
 */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "tls_peer.h"
#include "tools/testing/tap/tap.h"

#define TAG	16
#define NONCE	12

struct cipher {
	const EVP_CIPHER *(*evp)(void);
	size_t key_len;
	size_t salt_len;
	bool ccm;
};

static const struct cipher ciphers[] = {
	[KSECDD_TLS_AES_128_GCM] = { EVP_aes_128_gcm, 16, 4, false },
	[KSECDD_TLS_AES_256_GCM] = { EVP_aes_256_gcm, 32, 4, false },
	[KSECDD_TLS_AES_128_CCM] = { EVP_aes_128_ccm, 16, 4, true },
	[KSECDD_TLS_AES_256_CCM] = { EVP_aes_256_ccm, 32, 4, true },
	[KSECDD_TLS_CHACHA20_POLY1305] = { EVP_chacha20_poly1305, 32, 12, false },
};

static void must(bool ok, const char *what)
{
	if (!ok)
		tap_bail("OpenSSL: %s", what);
}

/**
 * tls_key_len() - the bytes of a key
 * @cipher: KSECDD_TLS_*
 */
size_t tls_key_len(unsigned int cipher)
{
	return ciphers[cipher].key_len;
}

/**
 * tls_salt_len() - TLS 1.2: the bytes of a nonce that are not on the wire
 * @cipher: KSECDD_TLS_*
 */
size_t tls_salt_len(unsigned int cipher)
{
	return ciphers[cipher].salt_len;
}

/**
 * tls_hash_len() - the bytes of a hash and of a traffic secret
 * @hash: KSECDD_TLS_SHA*
 */
size_t tls_hash_len(unsigned int hash)
{
	return hash == KSECDD_TLS_SHA384 ? 48 : 32;
}

static bool is_13(const struct tls_peer *peer)
{
	return peer->version == KSECDD_TLS_1_3;
}

static bool has_explicit(const struct tls_peer *peer)
{
	return !is_13(peer) && ciphers[peer->cipher].salt_len < NONCE;
}

/**
 * tls_header_len() - bytes of a record in front of its data
 * @peer: whose
 */
size_t tls_header_len(const struct tls_peer *peer)
{
	return TLS_HEAD + (has_explicit(peer) ? 8 : 0);
}

/**
 * tls_trailer_len() - bytes of a record behind its data, without padding
 * @peer: whose
 */
size_t tls_trailer_len(const struct tls_peer *peer)
{
	return TAG + is_13(peer);
}

/**
 * tls_peer_expand() - HKDF-Expand-Label with an empty context
 * @hash:   KSECDD_TLS_SHA*
 * @secret: the secret
 * @label:  the label
 * @out:    receives what is derived
 * @len:    its bytes, at most those of the hash
 */
void tls_peer_expand(unsigned int hash, const uint8_t *secret, const char *label, uint8_t *out,
		     size_t len)
{
	const EVP_MD *md = hash == KSECDD_TLS_SHA384 ? EVP_sha384() : EVP_sha256();
	size_t label_len = strlen(label), n = 0;
	uint8_t info[64], digest[EVP_MAX_MD_SIZE];

	info[n++] = 0;
	info[n++] = (uint8_t)len;
	info[n++] = (uint8_t)(6 + label_len);
	memcpy(info + n, "tls13 ", 6);
	memcpy(info + n + 6, label, label_len);
	n += 6 + label_len;
	info[n++] = 0;
	info[n++] = 1;
	must(HMAC(md, secret, (int)tls_hash_len(hash), info, n, digest, NULL), "HMAC");
	memcpy(out, digest, len);
}

static void derive(const struct tls_peer *peer, struct tls_peer_way *way)
{
	tls_peer_expand(peer->hash, way->secret, "key", way->key, tls_key_len(peer->cipher));
	tls_peer_expand(peer->hash, way->secret, "iv", way->iv, NONCE);
}

static void take_half(const struct tls_peer *peer, const struct ksecdd_tls_half *half,
		      struct tls_peer_way *way)
{
	memcpy(way->secret, half->secret, sizeof(way->secret));
	memcpy(way->key, half->key, sizeof(way->key));
	memcpy(way->iv, half->iv, sizeof(way->iv));
	way->seq = half->seq;
	if (is_13(peer))
		derive(peer, way);
}

/**
 * tls_peer_init() - the client of a connection
 * @peer: filled in
 * @keys: keys as the module gets them
 */
void tls_peer_init(struct tls_peer *peer, const struct ksecdd_tls_keys *keys)
{
	*peer = (struct tls_peer){
		.version = keys->version, .cipher = keys->cipher, .hash = keys->hash,
	};
	take_half(peer, &keys->rx, &peer->send);
	take_half(peer, &keys->tx, &peer->receive);
}

/**
 * tls_peer_update() - the next traffic secret
 * @peer: whose
 * @way:  the direction
 */
void tls_peer_update(const struct tls_peer *peer, struct tls_peer_way *way)
{
	uint8_t next[48];

	tls_peer_expand(peer->hash, way->secret, "traffic upd", next, tls_hash_len(peer->hash));
	memcpy(way->secret, next, tls_hash_len(peer->hash));
	way->seq = 0;
	derive(peer, way);
}

static void put_seq(uint8_t *to, uint64_t seq)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		to[i] = (uint8_t)(seq >> (56 - 8 * i));
}

static void make_nonce(const struct tls_peer *peer, const struct tls_peer_way *way,
		       const uint8_t *explicit_part, uint8_t nonce[NONCE])
{
	uint8_t seq[8];
	unsigned int i;

	memcpy(nonce, way->iv, NONCE);
	if (has_explicit(peer)) {
		memcpy(nonce + 4, explicit_part, 8);
		return;
	}
	put_seq(seq, way->seq);
	for (i = 0; i < 8; i++)
		nonce[4 + i] ^= seq[i];
}

static size_t make_aad(const struct tls_peer *peer, const struct tls_peer_way *way,
		       const uint8_t *head, size_t text_len, uint8_t aad[13])
{
	if (is_13(peer)) {
		memcpy(aad, head, TLS_HEAD);
		return TLS_HEAD;
	}
	put_seq(aad, way->seq);
	memcpy(aad + 8, head, 3);
	aad[11] = (uint8_t)(text_len >> 8);
	aad[12] = (uint8_t)text_len;
	return 13;
}

static EVP_CIPHER_CTX *start(const struct tls_peer *peer, const struct tls_peer_way *way,
			     const uint8_t *nonce, uint8_t *tag, bool seal, size_t len,
			     const uint8_t *aad, size_t aad_len)
{
	const struct cipher *cipher = &ciphers[peer->cipher];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	must(ctx && EVP_CipherInit_ex(ctx, cipher->evp(), NULL, NULL, NULL, seal) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL), "cipher");
	if (!seal || cipher->ccm)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG, seal ? NULL : tag),
		     "tag");
	must(EVP_CipherInit_ex(ctx, NULL, NULL, way->key, nonce, seal), "key");
	if (cipher->ccm)
		must(EVP_CipherUpdate(ctx, NULL, &n, NULL, (int)len), "length");
	must(EVP_CipherUpdate(ctx, NULL, &n, aad, (int)aad_len), "additional data");
	return ctx;
}

/**
 * tls_peer_seal() - a record
 * @peer:   who sends it
 * @type:   what is in it; TLS 1.3: 0 if @data ends with it, and with padding
 * @data:   that
 * @len:    its bytes
 * @record: receives it
 *
 * Return: its bytes
 */
size_t tls_peer_seal(struct tls_peer *peer, uint8_t type, const void *data, size_t len,
		     uint8_t *record)
{
	size_t header = tls_header_len(peer), text_len = len, aad_len, body;
	uint8_t nonce[NONCE], aad[13], text[TLS_MAX_RECORD];
	struct tls_peer_way *way = &peer->send;
	EVP_CIPHER_CTX *ctx;
	int n = 0, m = 0;

	if (len)
		memcpy(text, data, len);
	if (is_13(peer) && type)
		text[text_len++] = type;
	body = header - TLS_HEAD + text_len + TAG;
	record[0] = is_13(peer) ? TLS_DATA : type;
	record[1] = 3;
	record[2] = 3;
	record[3] = (uint8_t)(body >> 8);
	record[4] = (uint8_t)body;
	if (has_explicit(peer))
		put_seq(record + TLS_HEAD, way->seq);
	make_nonce(peer, way, record + TLS_HEAD, nonce);
	aad_len = make_aad(peer, way, record, text_len, aad);
	ctx = start(peer, way, nonce, NULL, true, text_len, aad, aad_len);
	/* CCM makes its tag of no text only if it is told of it. */
	must(EVP_EncryptUpdate(ctx, record + header, &n, text, (int)text_len), "text");
	must(EVP_EncryptFinal_ex(ctx, record + header + n, &m) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG, record + header + text_len),
	     "end");
	EVP_CIPHER_CTX_free(ctx);
	way->seq++;
	return TLS_HEAD + body;
}

/**
 * tls_peer_open() - what is in a record
 * @peer:     who receives it
 * @record:   the record
 * @len:      its bytes
 * @type:     receives its type
 * @data:     receives the data
 * @data_len: receives its bytes
 *
 * Return: false if it is none that the module may make
 */
bool tls_peer_open(struct tls_peer *peer, const uint8_t *record, size_t len, uint8_t *type,
		   uint8_t *data, size_t *data_len)
{
	size_t header = tls_header_len(peer), text_len, aad_len;
	struct tls_peer_way *way = &peer->receive;
	uint8_t nonce[NONCE], aad[13], tag[TAG], text[TLS_MAX_RECORD];
	EVP_CIPHER_CTX *ctx;
	int n = 0, m = 0;
	bool ok;

	if (len < header + TAG || record[1] != 3 || record[2] != 3 ||
	    (size_t)(record[3] << 8 | record[4]) != len - TLS_HEAD)
		return false;
	text_len = len - header - TAG;
	memcpy(tag, record + len - TAG, TAG);
	make_nonce(peer, way, record + TLS_HEAD, nonce);
	aad_len = make_aad(peer, way, record, text_len, aad);
	ctx = start(peer, way, nonce, tag, false, text_len, aad, aad_len);
	ok = EVP_DecryptUpdate(ctx, text, &n, record + header, (int)text_len) > 0;
	if (ok && !ciphers[peer->cipher].ccm)
		ok = EVP_DecryptFinal_ex(ctx, text + n, &m) > 0;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return false;
	way->seq++;
	*type = record[0];
	if (is_13(peer)) {
		if (*type != TLS_DATA || !text_len)
			return false;
		/* The module does not pad. */
		*type = text[--text_len];
	}
	memcpy(data, text, text_len);
	*data_len = text_len;
	return true;
}
