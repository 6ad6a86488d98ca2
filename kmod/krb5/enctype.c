// SPDX-License-Identifier: GPL-2.0-only
/*
 * The encryption types.
 */
#include <linux/kernel.h>

#include "../ntlm/hmac_md5.h"
#include "krb5.h"

/* ntsecapi.h: what SecPkgContext_KeyInfo calls the checksum of RFC 4757 */
#define KERB_CHECKSUM_HMAC_MD5	((u32)-138)

static const struct ksec_krb5_enctype ksec_krb5_enctypes[KSEC_KRB5_ENCTYPES] = {
	{
		.e_etype = KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96,
		.e_cksum = 16,
		.e_name = "aes256-cts-hmac-sha1-96",
		.e_cipher = "cbc(aes)",
		.e_mac = "hmac(sha1)",
		.e_key_len = 32,
		.e_kc_len = 32,
		.e_mac_len = 12,
		.e_derive = ksec_krb5_derive_dk,
		.e_encrypt = ksec_krb5_mac_then_encrypt,
		.e_decrypt = ksec_krb5_decrypt_then_mac,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96,
		.e_cksum = 15,
		.e_name = "aes128-cts-hmac-sha1-96",
		.e_cipher = "cbc(aes)",
		.e_mac = "hmac(sha1)",
		.e_key_len = 16,
		.e_kc_len = 16,
		.e_mac_len = 12,
		.e_derive = ksec_krb5_derive_dk,
		.e_encrypt = ksec_krb5_mac_then_encrypt,
		.e_decrypt = ksec_krb5_decrypt_then_mac,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_AES128_CTS_HMAC_SHA256_128,
		.e_cksum = 19,
		.e_name = "aes128-cts-hmac-sha256-128",
		.e_cipher = "cbc(aes)",
		.e_mac = "hmac(sha256)",
		.e_key_len = 16,
		.e_kc_len = 16,
		.e_mac_len = 16,
		.e_derive = ksec_krb5_derive_hmac,
		.e_encrypt = ksec_krb5_encrypt_then_mac,
		.e_decrypt = ksec_krb5_mac_then_decrypt,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192,
		.e_cksum = 20,
		.e_name = "aes256-cts-hmac-sha384-192",
		.e_cipher = "cbc(aes)",
		.e_mac = "hmac(sha384)",
		.e_key_len = 32,
		.e_kc_len = 24,
		.e_mac_len = 24,
		.e_derive = ksec_krb5_derive_hmac,
		.e_encrypt = ksec_krb5_encrypt_then_mac,
		.e_decrypt = ksec_krb5_mac_then_decrypt,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_CAMELLIA128_CTS_CMAC,
		.e_cksum = 17,
		.e_name = "camellia128-cts-cmac",
		.e_cipher = "cbc(camellia)",
		.e_mac = "cmac(camellia)",
		.e_key_len = 16,
		.e_kc_len = 16,
		.e_mac_len = 16,
		.e_derive = ksec_krb5_derive_cmac,
		.e_encrypt = ksec_krb5_mac_then_encrypt,
		.e_decrypt = ksec_krb5_decrypt_then_mac,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_CAMELLIA256_CTS_CMAC,
		.e_cksum = 18,
		.e_name = "camellia256-cts-cmac",
		.e_cipher = "cbc(camellia)",
		.e_mac = "cmac(camellia)",
		.e_key_len = 32,
		.e_kc_len = 32,
		.e_mac_len = 16,
		.e_derive = ksec_krb5_derive_cmac,
		.e_encrypt = ksec_krb5_mac_then_encrypt,
		.e_decrypt = ksec_krb5_decrypt_then_mac,
		.e_tokens = &ksec_krb5_tokens_v3,
	},
	{
		.e_etype = KSECDD_KRB5_ARCFOUR_HMAC,
		.e_cksum = KERB_CHECKSUM_HMAC_MD5,
		.e_name = "arcfour-hmac",
		.e_key_len = 16,
		.e_mac_len = 8,
		.e_flags = KSECDD_KRB5_ARCFOUR,
		.e_tokens = &ksec_krb5_tokens_arcfour,
	},
};

/* There is an MD5. */
static bool ksec_krb5_md5;

/**
 * ksec_krb5_enctype() - the row of an encryption type
 * @etype: its number
 *
 * Return: the row, or NULL; ksec_krb5_available() tells whether it can be used
 */
const struct ksec_krb5_enctype *ksec_krb5_enctype(u32 etype)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_krb5_enctypes); i++) {
		if (ksec_krb5_enctypes[i].e_etype == etype)
			return &ksec_krb5_enctypes[i];
	}
	return NULL;
}

/**
 * ksec_krb5_row() - which row it is
 * @type: an encryption type
 *
 * Return: 0 to KSEC_KRB5_ENCTYPES - 1
 */
unsigned int ksec_krb5_row(const struct ksec_krb5_enctype *type)
{
	return type - ksec_krb5_enctypes;
}

/**
 * ksec_krb5_available() - may this kernel have the algorithms?
 * @type: an encryption type
 *
 * The crypto API loads a module for almost every algorithm, which takes its time
 * where nobody wants them: for those with an engine, the first that is made tells.
 *
 * Return: false if it is known not to
 */
bool ksec_krb5_available(const struct ksec_krb5_enctype *type)
{
	return type->e_cipher || ksec_krb5_md5;
}

/**
 * ksec_krb5_enctype_init() - get what encryption types need besides engines
 */
void ksec_krb5_enctype_init(void)
{
	ksec_krb5_md5 = !ksec_md5_init();
}

/**
 * ksec_krb5_enctype_exit() - give back what ksec_krb5_enctype_init() got
 */
void ksec_krb5_enctype_exit(void)
{
	if (ksec_krb5_md5)
		ksec_md5_exit();
}
