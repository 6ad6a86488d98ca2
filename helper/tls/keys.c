// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of a session whose handshake is over, as the module wants them.
 */
#include <string.h>

#include "helper/tls/handshake.h"

/**
 * struct suite - a cipher suite
 * @number:  IANA's
 * @version: of TLS
 * @kx:      key exchange; any with TLS 1.3
 * @library: GNUTLS_CIPHER_*
 * @cipher:  KSECDD_TLS_*
 * @hash:    KSECDD_TLS_SHA256 or _SHA384
 */
struct suite {
	uint16_t number;
	uint16_t version;
	gnutls_kx_algorithm_t kx;
	gnutls_cipher_algorithm_t library;
	uint8_t cipher;
	uint8_t hash;
};

static const struct suite suites[] = {
#define TLS13(number, cipher, hash)							\
	{ number, KSECDD_TLS_1_3, GNUTLS_KX_UNKNOWN, GNUTLS_CIPHER_##cipher,		\
	  KSECDD_TLS_##cipher, KSECDD_TLS_##hash }
#define TLS12(number, kx, cipher, hash)							\
	{ number, KSECDD_TLS_1_2, GNUTLS_KX_##kx, GNUTLS_CIPHER_##cipher,		\
	  KSECDD_TLS_##cipher, KSECDD_TLS_##hash }
	TLS13(0x1301, AES_128_GCM, SHA256),
	TLS13(0x1302, AES_256_GCM, SHA384),
	TLS13(0x1303, CHACHA20_POLY1305, SHA256),
	TLS13(0x1304, AES_128_CCM, SHA256),
	TLS12(0xc02b, ECDHE_ECDSA, AES_128_GCM, SHA256),
	TLS12(0xc02c, ECDHE_ECDSA, AES_256_GCM, SHA384),
	TLS12(0xcca9, ECDHE_ECDSA, CHACHA20_POLY1305, SHA256),
	TLS12(0xc0ac, ECDHE_ECDSA, AES_128_CCM, SHA256),
	TLS12(0xc0ad, ECDHE_ECDSA, AES_256_CCM, SHA256),
	TLS12(0xc02f, ECDHE_RSA, AES_128_GCM, SHA256),
	TLS12(0xc030, ECDHE_RSA, AES_256_GCM, SHA384),
	TLS12(0xcca8, ECDHE_RSA, CHACHA20_POLY1305, SHA256),
	TLS12(0x009e, DHE_RSA, AES_128_GCM, SHA256),
	TLS12(0x009f, DHE_RSA, AES_256_GCM, SHA384),
	TLS12(0xccaa, DHE_RSA, CHACHA20_POLY1305, SHA256),
	TLS12(0xc09e, DHE_RSA, AES_128_CCM, SHA256),
	TLS12(0xc09f, DHE_RSA, AES_256_CCM, SHA256),
};

/* IANA's numbers of groups */
static const struct {
	gnutls_group_t library;
	uint16_t number;
} groups[] = {
	{ GNUTLS_GROUP_SECP256R1, 23 },
	{ GNUTLS_GROUP_SECP384R1, 24 },
	{ GNUTLS_GROUP_SECP521R1, 25 },
	{ GNUTLS_GROUP_X25519, 29 },
	{ GNUTLS_GROUP_X448, 30 },
	{ GNUTLS_GROUP_FFDHE2048, 256 },
	{ GNUTLS_GROUP_FFDHE3072, 257 },
	{ GNUTLS_GROUP_FFDHE4096, 258 },
	{ GNUTLS_GROUP_FFDHE6144, 259 },
	{ GNUTLS_GROUP_FFDHE8192, 260 },
};

static const struct suite *find_suite(gnutls_session_t session)
{
	const uint16_t version = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3 ?
					 KSECDD_TLS_1_3 : KSECDD_TLS_1_2;
	size_t i;

	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].version == version &&
		    suites[i].library == gnutls_cipher_get(session) &&
		    (version == KSECDD_TLS_1_3 || suites[i].kx == gnutls_kx_get(session)))
			return &suites[i];
	return NULL;
}

static uint16_t find_group(gnutls_session_t session)
{
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].library == gnutls_group_get(session))
			return groups[i].number;
	return 0;
}

/* One direction; the key and the nonce that TLS 1.3 makes of its secret are not asked for. */
static bool read_half(gnutls_session_t session, bool rx, const uint8_t *secret,
		      struct ksecdd_tls_half *half)
{
	gnutls_datum_t iv, key;
	uint8_t seq[8];
	unsigned int i;

	if (gnutls_record_get_state(session, rx, NULL, &iv, &key, seq))
		return false;
	for (i = 0; i < sizeof(seq); i++)
		half->seq = half->seq << 8 | seq[i];
	if (secret) {
		memcpy(half->secret, secret, sizeof(half->secret));
		return true;
	}
	if (key.size > sizeof(half->key) || iv.size > sizeof(half->iv))
		return false;
	memcpy(half->key, key.data, key.size);
	memcpy(half->iv, iv.data, iv.size);
	return true;
}

/**
 * tls_read_keys() - the keys of a session
 * @h: a handshake that is over
 * @keys: the result, zero before; to be wiped, also after an error
 *
 * Return: false if the library has agreed on something that it was not let.
 */
bool tls_read_keys(const struct tls_handshake *h, struct ksecdd_tls_keys *keys)
{
	const struct suite *suite = find_suite(h->session);
	bool tls13;

	if (!suite)
		return false;
	keys->version = suite->version;
	keys->suite = suite->number;
	keys->cipher = suite->cipher;
	keys->hash = suite->hash;
	keys->group = find_group(h->session);
	tls13 = suite->version == KSECDD_TLS_1_3;
	return read_half(h->session, true, tls13 ? h->rx : NULL, &keys->rx) &&
	       read_half(h->session, false, tls13 ? h->tx : NULL, &keys->tx);
}

/**
 * tls_keep_secret() - what GnuTLS calls with the secrets of TLS 1.3
 * @session: of a struct tls_handshake
 * @level: what they are for
 * @read: of what the client sends, or NULL
 * @write: of what the server sends, or NULL
 * @len: their length in bytes
 *
 * Return: 0, GNUTLS_E_INTERNAL_ERROR.
 */
int tls_keep_secret(gnutls_session_t session, gnutls_record_encryption_level_t level,
		    const void *read, const void *write, size_t len)
{
	struct tls_handshake *h = gnutls_session_get_ptr(session);

	if (level != GNUTLS_ENCRYPTION_LEVEL_APPLICATION)
		return 0;
	if (len > sizeof(h->rx))
		return GNUTLS_E_INTERNAL_ERROR;
	if (read)
		memcpy(h->rx, read, len);
	if (write)
		memcpy(h->tx, write, len);
	return 0;
}
