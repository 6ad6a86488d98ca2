// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records of application data: RFC 5246 section 6.2.3.3 with RFC 5288, RFC 6655 and
 * RFC 7905, and RFC 8446 section 5.2.
 */
#include <string.h>

#include <gnutls/crypto.h>

#include "tools/testing/unit/tls/record.h"

#define HEADER		5
#define TAG		16
#define DATA		23	/* type of a record */

static const gnutls_cipher_algorithm_t ciphers[] = {
	[KSECDD_TLS_AES_128_GCM] = GNUTLS_CIPHER_AES_128_GCM,
	[KSECDD_TLS_AES_256_GCM] = GNUTLS_CIPHER_AES_256_GCM,
	[KSECDD_TLS_AES_128_CCM] = GNUTLS_CIPHER_AES_128_CCM,
	[KSECDD_TLS_AES_256_CCM] = GNUTLS_CIPHER_AES_256_CCM,
	[KSECDD_TLS_CHACHA20_POLY1305] = GNUTLS_CIPHER_CHACHA20_POLY1305,
};

/* HKDF-Expand-Label with no context: RFC 8446 section 7.1. */
static bool expand(const struct ksecdd_tls_keys *keys, const uint8_t *secret, const char *label,
		   uint8_t *to, size_t len)
{
	const bool sha384 = keys->hash == KSECDD_TLS_SHA384;
	gnutls_datum_t key = { (uint8_t *)secret, sha384 ? 48 : 32 };
	gnutls_datum_t info;
	uint8_t text[64] = { 0, (uint8_t)len, (uint8_t)(6 + strlen(label)) };

	memcpy(text + 3, "tls13 ", 6);
	memcpy(text + 9, label, strlen(label));
	info = (gnutls_datum_t){ text, (unsigned int)(10 + strlen(label)) };
	return !gnutls_hkdf_expand(sha384 ? GNUTLS_MAC_SHA384 : GNUTLS_MAC_SHA256, &key, &info, to,
				   len);
}

static bool init(const struct ksecdd_tls_keys *keys, const struct ksecdd_tls_half *half,
		 gnutls_aead_cipher_hd_t *handle, uint8_t iv[12])
{
	gnutls_cipher_algorithm_t cipher = ciphers[keys->cipher];
	gnutls_datum_t key;
	uint8_t bytes[32];

	key = (gnutls_datum_t){ bytes, (unsigned int)gnutls_cipher_get_key_size(cipher) };
	if (keys->version == KSECDD_TLS_1_3) {
		if (!expand(keys, half->secret, "key", bytes, key.size) ||
		    !expand(keys, half->secret, "iv", iv, 12))
			return false;
	} else {
		memcpy(bytes, half->key, key.size);
		memcpy(iv, half->iv, 12);
	}
	return !gnutls_aead_cipher_init(handle, cipher, &key);
}

static void put(uint8_t *to, uint64_t value, size_t len)
{
	for (; len; value >>= 8)
		to[--len] = (uint8_t)value;
}

/* Bytes of the nonce that the record has */
static size_t explicit_nonce(const struct ksecdd_tls_keys *keys)
{
	return keys->version == KSECDD_TLS_1_2 && keys->cipher != KSECDD_TLS_CHACHA20_POLY1305 ?
		       8 : 0;
}

static void make_nonce(const struct ksecdd_tls_keys *keys, uint64_t seq, const uint8_t iv[12],
		       const uint8_t *sent, uint8_t nonce[12])
{
	uint8_t counter[12] = { 0 };
	unsigned int i;

	memcpy(nonce, iv, 12);
	if (explicit_nonce(keys)) {
		memcpy(nonce + 4, sent, 8);
		return;
	}
	put(counter + 4, seq, 8);
	for (i = 0; i < 12; i++)
		nonce[i] ^= counter[i];
}

/* What is authenticated besides; @len is that of the plaintext. */
static size_t make_aad(const struct ksecdd_tls_keys *keys, uint64_t seq, const uint8_t *head,
		       size_t len, uint8_t aad[13])
{
	if (keys->version == KSECDD_TLS_1_3) {
		memcpy(aad, head, HEADER);
		return HEADER;
	}
	put(aad, seq, 8);
	memcpy(aad + 8, head, 3);
	put(aad + 11, len, 2);
	return 13;
}

/**
 * record_open() - decrypt a record of the client
 * @keys: what the module is given
 * @n: how many of the client's records came before
 * @record: the record
 * @len: its length in bytes
 * @plain: what is in it, with room for @len bytes
 * @plain_len: its length in bytes
 *
 * Return: whether it is one of application data that decrypts.
 */
bool record_open(const struct ksecdd_tls_keys *keys, uint64_t n, const uint8_t *record,
		 size_t len, uint8_t *plain, size_t *plain_len)
{
	const size_t skip = HEADER + explicit_nonce(keys);
	gnutls_aead_cipher_hd_t handle;
	uint8_t iv[12], nonce[12], aad[13];
	uint64_t seq = keys->rx.seq + n;
	size_t aad_len;
	int ret;

	if (len < skip + TAG || record[0] != DATA ||
	    (size_t)(record[3] << 8 | record[4]) != len - HEADER ||
	    !init(keys, &keys->rx, &handle, iv))
		return false;
	make_nonce(keys, seq, iv, record + HEADER, nonce);
	aad_len = make_aad(keys, seq, record, len - skip - TAG, aad);
	*plain_len = len;
	ret = gnutls_aead_cipher_decrypt(handle, nonce, 12, aad, aad_len, TAG, record + skip,
					 len - skip, plain, plain_len);
	gnutls_aead_cipher_deinit(handle);
	if (ret)
		return false;
	if (keys->version == KSECDD_TLS_1_3)
		return *plain_len && plain[--*plain_len] == DATA;
	return true;
}

/**
 * record_seal() - make a record of the server
 * @keys: what the module is given
 * @n: how many of the server's records went before
 * @plain: what is to be in it
 * @len: its length in bytes
 * @record: the record, with room for @len + 32 bytes
 * @record_len: its length in bytes
 *
 * Return: false for want of memory.
 */
bool record_seal(const struct ksecdd_tls_keys *keys, uint64_t n, const uint8_t *plain,
		 size_t len, uint8_t *record, size_t *record_len)
{
	const size_t skip = HEADER + explicit_nonce(keys);
	const bool tls13 = keys->version == KSECDD_TLS_1_3;
	size_t body = len + tls13, aad_len, room = body + TAG;
	uint8_t iv[12], nonce[12], aad[13], text[512];
	uint64_t seq = keys->tx.seq + n;
	gnutls_aead_cipher_hd_t handle;
	int ret;

	if (body > sizeof(text) || !init(keys, &keys->tx, &handle, iv))
		return false;
	memcpy(text, plain, len);
	text[len] = DATA;
	record[0] = DATA;
	put(record + 1, KSECDD_TLS_1_2, 2);
	put(record + 3, skip - HEADER + body + TAG, 2);
	put(record + HEADER, seq, skip - HEADER);
	make_nonce(keys, seq, iv, record + HEADER, nonce);
	aad_len = make_aad(keys, seq, record, len, aad);
	ret = gnutls_aead_cipher_encrypt(handle, nonce, 12, aad, aad_len, TAG, text, body,
					 record + skip, &room);
	gnutls_aead_cipher_deinit(handle);
	*record_len = skip + room;
	return !ret;
}
