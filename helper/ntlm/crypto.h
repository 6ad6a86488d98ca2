/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one-way functions and keys of NTLMv2 (MS-NLMP 3.3, 3.4.5).  The keys that
 * protect messages are derived in the module and are not here.
 */
#ifndef KSECD_NTLM_CRYPTO_H
#define KSECD_NTLM_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of every hash, key and check sum here */
#define NTLM_KEY_LEN		16
#define NTLM_CHALLENGE_LEN	8

/* A piece of something that is hashed in one go. */
struct ntlm_span {
	const uint8_t *data;
	size_t len;
};

bool ntlm_ntowfv1(const char *password, size_t len, uint8_t hash[NTLM_KEY_LEN]);
bool ntlm_ntowfv2(const uint8_t ntowfv1[NTLM_KEY_LEN], const char *user, const char *domain,
		  uint8_t key[NTLM_KEY_LEN]);
void ntlm_hmac(const uint8_t key[NTLM_KEY_LEN], const struct ntlm_span *spans, size_t count,
	       uint8_t mac[NTLM_KEY_LEN]);
void ntlm_md5(const struct ntlm_span *spans, size_t count, uint8_t hash[NTLM_KEY_LEN]);
void ntlm_rc4(const uint8_t key[NTLM_KEY_LEN], const uint8_t *src, size_t len, uint8_t *dst);
bool ntlm_equal(const uint8_t a[NTLM_KEY_LEN], const uint8_t b[NTLM_KEY_LEN]);
bool ntlm_response_check(const uint8_t ntowfv1[NTLM_KEY_LEN], const char *user,
			 const char *domain, const uint8_t challenge[NTLM_CHALLENGE_LEN],
			 const uint8_t *nt, size_t nt_len,
			 uint8_t session_base_key[NTLM_KEY_LEN]);

#endif /* KSECD_NTLM_CRYPTO_H */
