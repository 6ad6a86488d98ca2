/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MD5 and HMAC-MD5 over one transform for all contexts.
 *
 * hmac(md5) of the crypto API keeps its key in a transform, which would be
 * another object for each direction of each context.  Here a key is the two
 * states of MD5 after its padded blocks, 32 bytes, and a message begins with a
 * copy of them.
 */
#ifndef _KSECDD_NTLM_HMAC_MD5_H
#define _KSECDD_NTLM_HMAC_MD5_H

#include <crypto/hash.h>
#include <crypto/md5.h>
#include <linux/types.h>

/**
 * struct ksec_hmac_key - a key, ready for use
 * @h_inner: MD5 of the block (key xor ipad)
 * @h_outer: MD5 of the block (key xor opad)
 */
struct ksec_hmac_key {
	u32 h_inner[MD5_HASH_WORDS];
	u32 h_outer[MD5_HASH_WORDS];
};

/**
 * struct ksec_hmac - a message that is being hashed; lives on a stack
 * @h_desc: a struct shash_desc of just the size that MD5 needs
 */
struct ksec_hmac {
	u8 h_desc[sizeof(struct shash_desc) + sizeof(struct md5_state)]
		__aligned(__alignof__(struct shash_desc));
};

int ksec_md5_init(void);
void ksec_md5_exit(void);
int ksec_md5(const u8 *a, unsigned int a_len, const u8 *b, unsigned int b_len,
	     u8 out[MD5_DIGEST_SIZE]);
int ksec_md5_start(struct ksec_hmac *hash);
int ksec_md5_final(struct ksec_hmac *hash, u8 out[MD5_DIGEST_SIZE]);
int ksec_hmac_setkey(struct ksec_hmac_key *key, const u8 *data, unsigned int len);
int ksec_hmac_start(struct ksec_hmac *hmac, const struct ksec_hmac_key *key);
int ksec_hmac_update(struct ksec_hmac *hmac, const void *data, unsigned int len);
int ksec_hmac_final(struct ksec_hmac *hmac, const struct ksec_hmac_key *key,
		    u8 out[MD5_DIGEST_SIZE]);
void ksec_hmac_wipe(struct ksec_hmac *hmac);

#endif /* _KSECDD_NTLM_HMAC_MD5_H */
