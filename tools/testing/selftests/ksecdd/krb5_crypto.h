/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kerberos' encryption types for tests, in userspace and with nettle's
 * primitives: RFC 3961, 3962, 4757, 6803, 8009.  It shares nothing with the
 * module, so that a mistake there is not made here as well.
 */
#ifndef KSECDD_SELFTESTS_KRB5_CRYPTO_H
#define KSECDD_SELFTESTS_KRB5_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd_krb5.h>

/* Lengths in bytes */
#define KRB5_BLOCK	16
#define KRB5_MAX_KEY	32
#define KRB5_MAX_MAC	24

/* Which key of a usage, RFC 3961 section 5.3 */
#define KRB5_KC		0x99
#define KRB5_KE		0xaa
#define KRB5_KI		0x55

/**
 * struct krb5_key - a protocol key
 * @enctype: encryption type, 17 to 20, 23, 25 or 26
 * @len:     bytes of @bytes
 * @bytes:   the key
 */
struct krb5_key {
	unsigned int enctype;
	size_t len;
	uint8_t bytes[KRB5_MAX_KEY];
};

/**
 * struct krb5_piece - a piece of a message
 * @data: its bytes, changed in place if @seal
 * @len:  how many
 * @seal: encrypted, not only signed
 */
struct krb5_piece {
	uint8_t *data;
	size_t len;
	bool seal;
};

extern const unsigned int krb5_enctypes[];
extern const size_t krb5_nenctypes;

size_t krb5_key_len(unsigned int enctype);
size_t krb5_mac_len(unsigned int enctype);
void krb5_nfold(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len);
size_t krb5_derive(const struct krb5_key *key, uint32_t usage, uint8_t kind,
		   uint8_t out[KRB5_MAX_KEY]);
void krb5_cts_encrypt(unsigned int enctype, const uint8_t *key, uint8_t *data, size_t len);
void krb5_cts_decrypt(unsigned int enctype, const uint8_t *key, uint8_t *data, size_t len);
void krb5_checksum(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		   size_t n, uint8_t *mac);
void krb5_encrypt(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		  size_t n, uint8_t *mac);
bool krb5_decrypt(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		  size_t n, const uint8_t *mac);

#endif /* KSECDD_SELFTESTS_KRB5_CRYPTO_H */
