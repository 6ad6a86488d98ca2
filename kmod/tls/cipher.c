// SPDX-License-Identifier: GPL-2.0-only
/*
 * The AEADs.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/tls.h>

#include "tls.h"

/* wincrypt.h */
#define CALG_AES_128	0x0000660e
#define CALG_AES_256	0x00006610

/* RFC 8446 section 5.5: 2^24.5 full records with AES-GCM; RFC 9147 section 4.5.3: CCM */
#define KSEC_TLS_GCM_LIMIT	23726566
#define KSEC_TLS_CCM_LIMIT	BIT_ULL(23)

/* RFC 3610 section 2.3: what CCM begins its blocks with where the length has three bytes */
#define KSEC_TLS_CCM_FLAGS	2

static const struct ksec_tls_cipher ksec_tls_ciphers[KSEC_TLS_CIPHERS] = {
	{
		.c_number = KSECDD_TLS_AES_128_GCM,
		.c_aead = "gcm(aes)",
		.c_key_len = 16,
		.c_salt_len = KSEC_TLS_NONCE - KSEC_TLS_EXPLICIT,
		.c_limit = KSEC_TLS_GCM_LIMIT,
		.c_algid = CALG_AES_128,
		.c_ktls = TLS_CIPHER_AES_GCM_128,
	},
	{
		.c_number = KSECDD_TLS_AES_256_GCM,
		.c_aead = "gcm(aes)",
		.c_key_len = 32,
		.c_salt_len = KSEC_TLS_NONCE - KSEC_TLS_EXPLICIT,
		.c_limit = KSEC_TLS_GCM_LIMIT,
		.c_algid = CALG_AES_256,
		.c_ktls = TLS_CIPHER_AES_GCM_256,
	},
	{
		.c_number = KSECDD_TLS_AES_128_CCM,
		.c_aead = "ccm(aes)",
		.c_key_len = 16,
		.c_salt_len = KSEC_TLS_NONCE - KSEC_TLS_EXPLICIT,
		.c_iv_at = 1,
		.c_iv_first = KSEC_TLS_CCM_FLAGS,
		.c_limit = KSEC_TLS_CCM_LIMIT,
		.c_algid = CALG_AES_128,
		.c_ktls = TLS_CIPHER_AES_CCM_128,
	},
	{
		.c_number = KSECDD_TLS_AES_256_CCM,
		.c_aead = "ccm(aes)",
		.c_key_len = 32,
		.c_salt_len = KSEC_TLS_NONCE - KSEC_TLS_EXPLICIT,
		.c_iv_at = 1,
		.c_iv_first = KSEC_TLS_CCM_FLAGS,
		.c_limit = KSEC_TLS_CCM_LIMIT,
		.c_algid = CALG_AES_256,
	},
	{
		.c_number = KSECDD_TLS_CHACHA20_POLY1305,
		.c_aead = "rfc7539(chacha20,poly1305)",
		.c_key_len = 32,
		.c_salt_len = KSEC_TLS_NONCE,
		.c_limit = U64_MAX,
		.c_ktls = TLS_CIPHER_CHACHA20_POLY1305,
	},
};

/**
 * ksec_tls_cipher() - the AEAD of a number
 * @number: KSECDD_TLS_*
 *
 * Return: its row, or NULL if there is no such
 */
const struct ksec_tls_cipher *ksec_tls_cipher(u8 number)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_tls_ciphers); i++) {
		if (ksec_tls_ciphers[i].c_number == number)
			return &ksec_tls_ciphers[i];
	}
	return NULL;
}

/**
 * ksec_tls_row() - which row of the table
 * @cipher: a row
 *
 * Return: 0 to KSEC_TLS_CIPHERS - 1
 */
unsigned int ksec_tls_row(const struct ksec_tls_cipher *cipher)
{
	return cipher - ksec_tls_ciphers;
}
