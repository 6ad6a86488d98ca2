// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one-way functions of NTLMv2, over nettle.
 *
 * Our own variables are wiped by name; what nettle leaves in its stack frames is wiped
 * by stack_burn(), which every function that others call here calls last.
 */
#include <string.h>

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <nettle/memops.h>

#include "helper/ntlm/crypto.h"
#include "helper/ntlm/name.h"
#include "helper/stack.h"
#include "helper/text.h"

typedef void (*update_fn)(void *ctx, size_t len, const uint8_t *data);

static void update_md4(void *ctx, size_t len, const uint8_t *data)
{
	md4_update(ctx, len, data);
}

static void update_hmac(void *ctx, size_t len, const uint8_t *data)
{
	hmac_md5_update(ctx, len, data);
}

/* Hash UTF-8 text in UTF-16LE; false if it is not UTF-8. */
static bool hash_text(update_fn update, void *ctx, const char *text, size_t len, bool upcase)
{
	uint8_t unit[NAME_UTF16_MAX];
	uint32_t point = 0;
	size_t n = 0;

	for (; len; text += n, len -= n) {
		n = text_decode(text, len, &point);
		if (!n)
			break;
		update(ctx, name_put_utf16(unit, upcase ? name_upcase(point) : point), unit);
	}
	explicit_bzero(unit, sizeof(unit));
	return !len;
}

/**
 * ntlm_ntowfv1() - NTOWFv1 (MS-NLMP 3.3.1), the NT hash of a password
 * @password: UTF-8, need not be terminated
 * @len: its length in bytes
 * @hash: 16 bytes; a secret worth the password
 *
 * Return: false if @password is not UTF-8; @hash is zero then.
 */
bool ntlm_ntowfv1(const char *password, size_t len, uint8_t hash[NTLM_KEY_LEN])
{
	struct md4_ctx ctx;
	bool ok;

	md4_init(&ctx);
	ok = hash_text(update_md4, &ctx, password, len, false);
	md4_digest(&ctx, MD4_DIGEST_SIZE, hash);
	if (!ok)
		explicit_bzero(hash, NTLM_KEY_LEN);
	explicit_bzero(&ctx, sizeof(ctx));
	stack_burn();
	return ok;
}

static bool ntowfv2(const uint8_t ntowfv1[NTLM_KEY_LEN], const char *user, const char *domain,
		    uint8_t key[NTLM_KEY_LEN])
{
	struct hmac_md5_ctx ctx;
	bool ok;

	hmac_md5_set_key(&ctx, NTLM_KEY_LEN, ntowfv1);
	ok = hash_text(update_hmac, &ctx, user, strlen(user), true);
	ok &= hash_text(update_hmac, &ctx, domain, strlen(domain), false);
	hmac_md5_digest(&ctx, MD5_DIGEST_SIZE, key);
	explicit_bzero(&ctx, sizeof(ctx));
	return ok;
}

static void hmac(const uint8_t key[NTLM_KEY_LEN], const struct ntlm_span *spans, size_t count,
		 uint8_t mac[NTLM_KEY_LEN])
{
	struct hmac_md5_ctx ctx;
	size_t i;

	hmac_md5_set_key(&ctx, NTLM_KEY_LEN, key);
	for (i = 0; i < count; i++)
		hmac_md5_update(&ctx, spans[i].len, spans[i].data);
	hmac_md5_digest(&ctx, MD5_DIGEST_SIZE, mac);
	explicit_bzero(&ctx, sizeof(ctx));
}

/**
 * ntlm_ntowfv2() - NTOWFv2 (MS-NLMP 3.3.2), also known as ResponseKeyNT
 * @ntowfv1: the NT hash, 16 bytes
 * @user: UTF-8, in any case: it is hashed in upper case
 * @domain: UTF-8, hashed as it is
 * @key: 16 bytes, a secret
 *
 * Return: false if a name is not UTF-8; @key is of no use then.
 */
bool ntlm_ntowfv2(const uint8_t ntowfv1[NTLM_KEY_LEN], const char *user, const char *domain,
		  uint8_t key[NTLM_KEY_LEN])
{
	bool ok = ntowfv2(ntowfv1, user, domain, key);

	stack_burn();
	return ok;
}

/**
 * ntlm_hmac() - HMAC_MD5 (RFC 2104)
 * @key: 16 bytes
 * @spans: what is hashed
 * @count: number of @spans
 * @mac: 16 bytes
 */
void ntlm_hmac(const uint8_t key[NTLM_KEY_LEN], const struct ntlm_span *spans, size_t count,
	       uint8_t mac[NTLM_KEY_LEN])
{
	hmac(key, spans, count, mac);
	stack_burn();
}

/**
 * ntlm_md5() - MD5 (RFC 1321)
 * @spans: what is hashed
 * @count: number of @spans
 * @hash: 16 bytes
 */
void ntlm_md5(const struct ntlm_span *spans, size_t count, uint8_t hash[NTLM_KEY_LEN])
{
	struct md5_ctx ctx;
	size_t i;

	md5_init(&ctx);
	for (i = 0; i < count; i++)
		md5_update(&ctx, spans[i].len, spans[i].data);
	md5_digest(&ctx, MD5_DIGEST_SIZE, hash);
	explicit_bzero(&ctx, sizeof(ctx));
	stack_burn();
}

/**
 * ntlm_rc4() - RC4K (MS-NLMP 6): RC4 with a fresh key
 * @key: 16 bytes
 * @src: input
 * @len: length of @src and @dst in bytes
 * @dst: output; may be @src
 */
void ntlm_rc4(const uint8_t key[NTLM_KEY_LEN], const uint8_t *src, size_t len, uint8_t *dst)
{
	struct arcfour_ctx ctx;

	arcfour_set_key(&ctx, NTLM_KEY_LEN, key);
	arcfour_crypt(&ctx, len, dst, src);
	explicit_bzero(&ctx, sizeof(ctx));
	stack_burn();
}

/**
 * ntlm_equal() - compare 16 bytes in a time that does not depend on them
 * @a: 16 bytes
 * @b: 16 bytes
 */
bool ntlm_equal(const uint8_t a[NTLM_KEY_LEN], const uint8_t b[NTLM_KEY_LEN])
{
	return memeql_sec(a, b, NTLM_KEY_LEN);
}

/**
 * ntlm_response_check() - verify an NTLMv2 response (MS-NLMP 3.3.2)
 * @ntowfv1: NT hash of the account
 * @user: the user name as the client sent it, UTF-8
 * @domain: the domain the client hashed, UTF-8
 * @challenge: the ServerChallenge, 8 bytes
 * @nt: NtChallengeResponse: NTProofStr and the client's blob
 * @nt_len: its length in bytes, at least 16
 * @session_base_key: 16 bytes; meaningless unless the response is right
 *
 * The work is the same for a right and for a wrong response.
 *
 * Return: true if the response was made with the account's password.
 */
bool ntlm_response_check(const uint8_t ntowfv1[NTLM_KEY_LEN], const char *user,
			 const char *domain, const uint8_t challenge[NTLM_CHALLENGE_LEN],
			 const uint8_t *nt, size_t nt_len,
			 uint8_t session_base_key[NTLM_KEY_LEN])
{
	uint8_t key[NTLM_KEY_LEN], proof[NTLM_KEY_LEN];
	const struct ntlm_span proven[] = {
		{ challenge, NTLM_CHALLENGE_LEN },
		{ nt + NTLM_KEY_LEN, nt_len - NTLM_KEY_LEN },
	};
	const struct ntlm_span proof_span = { proof, sizeof(proof) };
	bool ok;

	ok = ntowfv2(ntowfv1, user, domain, key);
	hmac(key, proven, 2, proof);
	hmac(key, &proof_span, 1, session_base_key);
	ok &= ntlm_equal(proof, nt);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(proof, sizeof(proof));
	stack_burn();
	return ok;
}
