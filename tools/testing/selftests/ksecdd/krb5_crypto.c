// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos' encryption types for tests.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/camellia.h>
#include <nettle/cbc.h>
#include <nettle/cmac.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "krb5_crypto.h"

const unsigned int krb5_enctypes[] = { 17, 18, 19, 20, 25, 26 };
const size_t krb5_nenctypes = sizeof(krb5_enctypes) / sizeof(krb5_enctypes[0]);

static bool is_camellia(unsigned int enctype)
{
	return enctype == 25 || enctype == 26;
}

/* RFC 8009: the only ones that encrypt first */
static bool is_sha2(unsigned int enctype)
{
	return enctype == 19 || enctype == 20;
}

/**
 * krb5_key_len() - length of the keys of an encryption type
 * @enctype: the encryption type
 *
 * Return: bytes
 */
size_t krb5_key_len(unsigned int enctype)
{
	return enctype == 18 || enctype == 20 || enctype == 26 ? 32 : 16;
}

/**
 * krb5_mac_len() - length of its checksums
 * @enctype: the encryption type
 *
 * Return: bytes
 */
size_t krb5_mac_len(unsigned int enctype)
{
	switch (enctype) {
	case 17:
	case 18:
		return 12;
	case 20:
		return 24;
	case 23:
		return 8;
	default:
		return 16;
	}
}

union any_cipher {
	struct aes128_ctx aes128;
	struct aes256_ctx aes256;
	struct camellia128_ctx camellia128;
	struct camellia256_ctx camellia256;
};

static nettle_cipher_func *set_key(union any_cipher *c, unsigned int enctype, const uint8_t *key,
				   bool encrypt)
{
	bool is_long = krb5_key_len(enctype) == 32;

	if (is_camellia(enctype) && is_long) {
		if (encrypt)
			camellia256_set_encrypt_key(&c->camellia256, key);
		else
			camellia256_set_decrypt_key(&c->camellia256, key);
		return (nettle_cipher_func *)camellia256_crypt;
	}
	if (is_camellia(enctype)) {
		if (encrypt)
			camellia128_set_encrypt_key(&c->camellia128, key);
		else
			camellia128_set_decrypt_key(&c->camellia128, key);
		return (nettle_cipher_func *)camellia128_crypt;
	}
	if (is_long) {
		if (encrypt)
			aes256_set_encrypt_key(&c->aes256, key);
		else
			aes256_set_decrypt_key(&c->aes256, key);
		return encrypt ? (nettle_cipher_func *)aes256_encrypt :
				 (nettle_cipher_func *)aes256_decrypt;
	}
	if (encrypt)
		aes128_set_encrypt_key(&c->aes128, key);
	else
		aes128_set_decrypt_key(&c->aes128, key);
	return encrypt ? (nettle_cipher_func *)aes128_encrypt :
			 (nettle_cipher_func *)aes128_decrypt;
}

/**
 * krb5_nfold() - RFC 3961 section 5.1
 * @in:      a string
 * @in_len:  its bytes
 * @out:     what it is stretched or folded to
 * @out_len: its bytes
 *
 * Bit by bit, as the RFC has it.
 */
void krb5_nfold(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	size_t total = in_len, bits = in_len * 8, i, k;
	unsigned int sum;

	while (total % out_len)
		total += in_len;
	memset(out, 0, out_len);
	for (k = 0; k < total / out_len; k++) {
		uint8_t piece[64] = {};

		for (i = 0; i < out_len * 8; i++) {
			size_t at = k * out_len * 8 + i;
			size_t bit = (at % bits + bits - at / bits * 13 % bits) % bits;

			if (in[bit / 8] & (0x80 >> bit % 8))
				piece[i / 8] |= 0x80 >> i % 8;
		}
		/* in one's complement: the carry comes in again at the end */
		for (sum = 0, i = out_len; i--; sum >>= 8) {
			sum += out[i] + piece[i];
			out[i] = (uint8_t)sum;
		}
		for (i = out_len; sum && i--; sum >>= 8) {
			sum += out[i];
			out[i] = (uint8_t)sum;
		}
	}
}

static void hmac(unsigned int enctype, const uint8_t *key, size_t key_len,
		 const uint8_t *data, size_t len, uint8_t *mac, size_t mac_len)
{
	struct hmac_sha256_ctx sha256;
	struct hmac_sha384_ctx sha384;
	struct hmac_sha1_ctx sha1;

	switch (enctype) {
	case 19:
		hmac_sha256_set_key(&sha256, key_len, key);
		hmac_sha256_update(&sha256, len, data);
		hmac_sha256_digest(&sha256, mac_len, mac);
		break;
	case 20:
		hmac_sha384_set_key(&sha384, key_len, key);
		hmac_sha384_update(&sha384, len, data);
		hmac_sha384_digest(&sha384, mac_len, mac);
		break;
	default:
		hmac_sha1_set_key(&sha1, key_len, key);
		hmac_sha1_update(&sha1, len, data);
		hmac_sha1_digest(&sha1, mac_len, mac);
	}
}

static void cmac(unsigned int enctype, const uint8_t *key, const uint8_t *data, size_t len,
		 uint8_t mac[16])
{
	struct cmac128_key subkeys;
	struct cmac128_ctx ctx;
	union any_cipher c;
	nettle_cipher_func *encrypt = set_key(&c, enctype, key, true);

	cmac128_set_key(&subkeys, &c, encrypt);
	cmac128_init(&ctx);
	cmac128_update(&ctx, &c, encrypt, len, data);
	cmac128_digest(&ctx, &subkeys, &c, encrypt, 16, mac);
}

static void mac_of(unsigned int enctype, const uint8_t *key, size_t key_len,
		   const uint8_t *data, size_t len, uint8_t *mac)
{
	if (is_camellia(enctype))
		cmac(enctype, key, data, len, mac);
	else
		hmac(enctype, key, key_len, data, len, mac, krb5_mac_len(enctype));
}

static void store32(uint8_t *out, uint32_t n)
{
	out[0] = (uint8_t)(n >> 24);
	out[1] = (uint8_t)(n >> 16);
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
}

static void derive_dk(const struct krb5_key *key, const uint8_t *constant, uint8_t *out)
{
	uint8_t block[KRB5_BLOCK];
	union any_cipher c;
	nettle_cipher_func *encrypt = set_key(&c, key->enctype, key->bytes, true);
	size_t done;

	krb5_nfold(constant, 5, block, sizeof(block));
	for (done = 0; done < key->len; done += sizeof(block)) {
		encrypt(&c, sizeof(block), block, block);
		memcpy(out + done, block, sizeof(block));
	}
}

static void derive_feedback(const struct krb5_key *key, const uint8_t *constant, uint8_t *out)
{
	uint8_t input[16 + 4 + 5 + 1 + 4] = {}, block[16] = {};
	size_t done;

	memcpy(input + 20, constant, 5);
	store32(input + 26, (uint32_t)key->len * 8);
	for (done = 0; done < key->len; done += sizeof(block)) {
		memcpy(input, block, sizeof(block));
		store32(input + 16, (uint32_t)(done / 16) + 1);
		cmac(key->enctype, key->bytes, input, sizeof(input), block);
		memcpy(out + done, block, sizeof(block));
	}
}

/**
 * krb5_derive() - a key of a usage
 * @key:   protocol key
 * @usage: key usage number
 * @kind:  KRB5_KC, KRB5_KE or KRB5_KI
 * @out:   the key
 *
 * Return: its bytes
 */
size_t krb5_derive(const struct krb5_key *key, uint32_t usage, uint8_t kind,
		   uint8_t out[KRB5_MAX_KEY])
{
	uint8_t input[4 + 5 + 1 + 4] = { 0, 0, 0, 1 };
	uint8_t *constant = input + 4;
	size_t len = key->len;

	store32(constant, usage);
	constant[4] = kind;
	if (is_camellia(key->enctype)) {
		derive_feedback(key, constant, out);
	} else if (is_sha2(key->enctype)) {
		if (kind != KRB5_KE)
			len = krb5_mac_len(key->enctype);
		store32(input + 10, (uint32_t)len * 8);
		hmac(key->enctype, key->bytes, key->len, input, sizeof(input), out, len);
	} else {
		derive_dk(key, constant, out);
	}
	return len;
}

/**
 * krb5_cts_encrypt() - CBC with ciphertext stealing, RFC 3962 section 5
 * @enctype: whose cipher
 * @key:     its key
 * @data:    changed in place
 * @len:     bytes, 16 or more
 */
void krb5_cts_encrypt(unsigned int enctype, const uint8_t *key, uint8_t *data, size_t len)
{
	size_t blocks = (len + 15) / 16, last = len - (blocks - 1) * 16;
	uint8_t iv[16] = {}, *padded = calloc(blocks, 16);
	union any_cipher c;
	nettle_cipher_func *encrypt = set_key(&c, enctype, key, true);

	if (!padded)
		abort();
	memcpy(padded, data, len);
	cbc_encrypt(&c, encrypt, 16, iv, blocks * 16, padded, padded);
	if (blocks == 1) {
		memcpy(data, padded, 16);
	} else {
		memcpy(data, padded, (blocks - 2) * 16);
		memcpy(data + (blocks - 2) * 16, padded + (blocks - 1) * 16, 16);
		memcpy(data + (blocks - 1) * 16, padded + (blocks - 2) * 16, last);
	}
	free(padded);
}

/**
 * krb5_cts_decrypt() - the reverse
 * @enctype: whose cipher
 * @key:     its key
 * @data:    changed in place
 * @len:     bytes, 16 or more
 */
void krb5_cts_decrypt(unsigned int enctype, const uint8_t *key, uint8_t *data, size_t len)
{
	size_t blocks = (len + 15) / 16, last = len - (blocks - 1) * 16, head = (blocks - 2) * 16;
	uint8_t iv[16] = {}, x[16], block[16];
	union any_cipher c;
	nettle_cipher_func *decrypt = set_key(&c, enctype, key, false);

	if (blocks == 1) {
		cbc_decrypt(&c, decrypt, 16, iv, 16, data, data);
		return;
	}
	cbc_decrypt(&c, decrypt, 16, iv, head, data, data);
	decrypt(&c, 16, x, data + head);
	memcpy(block, data + head + 16, last);
	memcpy(block + last, x + last, 16 - last);
	memcpy(data + head + 16, x, last);
	memxor(data + head + 16, block, last);
	decrypt(&c, 16, data + head, block);
	memxor(data + head, iv, 16);
}

static size_t total(const struct krb5_piece *pieces, size_t n, bool sealed_only)
{
	size_t len = 0;

	for (; n--; pieces++)
		if (pieces->seal || !sealed_only)
			len += pieces->len;
	return len;
}

/* The pieces one behind the other, behind @prefix bytes of zero; to be freed. */
static uint8_t *join(const struct krb5_piece *pieces, size_t n, bool sealed_only, size_t prefix,
		     size_t *len)
{
	uint8_t *all = calloc(1, prefix + total(pieces, n, sealed_only) + 1);

	if (!all)
		abort();
	*len = prefix;
	for (; n--; pieces++) {
		if (!pieces->seal && sealed_only)
			continue;
		if (pieces->len)
			memcpy(all + *len, pieces->data, pieces->len);
		*len += pieces->len;
	}
	return all;
}

static void split(const struct krb5_piece *pieces, size_t n, const uint8_t *sealed)
{
	for (; n--; pieces++) {
		if (!pieces->seal || !pieces->len)
			continue;
		memcpy(pieces->data, sealed, pieces->len);
		sealed += pieces->len;
	}
}

static void mac_pieces(const struct krb5_key *key, uint32_t usage, uint8_t kind, size_t prefix,
		       const struct krb5_piece *pieces, size_t n, uint8_t *mac)
{
	uint8_t k[KRB5_MAX_KEY], *all;
	size_t k_len = krb5_derive(key, usage, kind, k), len;

	all = join(pieces, n, false, prefix, &len);
	mac_of(key->enctype, k, k_len, all, len, mac);
	free(all);
}

/**
 * krb5_checksum() - get_mic() of RFC 3961
 * @key:    protocol key
 * @usage:  key usage number
 * @pieces: what it is of
 * @n:      how many
 * @mac:    receives krb5_mac_len() bytes
 */
void krb5_checksum(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		   size_t n, uint8_t *mac)
{
	mac_pieces(key, usage, KRB5_KC, 0, pieces, n, mac);
}

static void crypt_pieces(const struct krb5_key *key, uint32_t usage,
			 const struct krb5_piece *pieces, size_t n, bool encrypt)
{
	uint8_t ke[KRB5_MAX_KEY], *sealed;
	size_t len;

	krb5_derive(key, usage, KRB5_KE, ke);
	sealed = join(pieces, n, true, 0, &len);
	(encrypt ? krb5_cts_encrypt : krb5_cts_decrypt)(key->enctype, ke, sealed, len);
	split(pieces, n, sealed);
	free(sealed);
}

/**
 * krb5_encrypt() - encrypt pieces as one text
 * @key:    protocol key
 * @usage:  key usage number
 * @pieces: what is encrypted, the confounder first; those without @seal count
 *          for the checksum alone
 * @n:      how many
 * @mac:    receives krb5_mac_len() bytes
 */
void krb5_encrypt(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		  size_t n, uint8_t *mac)
{
	bool first = is_sha2(key->enctype);

	if (first)
		crypt_pieces(key, usage, pieces, n, true);
	mac_pieces(key, usage, KRB5_KI, first ? KRB5_BLOCK : 0, pieces, n, mac);
	if (!first)
		crypt_pieces(key, usage, pieces, n, true);
}

/**
 * krb5_decrypt() - the reverse of krb5_encrypt()
 * @key:    protocol key
 * @usage:  key usage number
 * @pieces: decrypted in place
 * @n:      how many
 * @mac:    what came with them
 *
 * Return: whether the checksum is right
 */
bool krb5_decrypt(const struct krb5_key *key, uint32_t usage, const struct krb5_piece *pieces,
		  size_t n, const uint8_t *mac)
{
	bool last = is_sha2(key->enctype);
	uint8_t have[KRB5_MAX_MAC];

	if (!last)
		crypt_pieces(key, usage, pieces, n, false);
	mac_pieces(key, usage, KRB5_KI, last ? KRB5_BLOCK : 0, pieces, n, have);
	if (last)
		crypt_pieces(key, usage, pieces, n, false);
	return !memcmp(have, mac, krb5_mac_len(key->enctype));
}
