/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RC4, the stream cipher of NTLM's message protection.  The crypto API of
 * Debian's kernels does not have it.
 */
#ifndef _KSECDD_NTLM_RC4_H
#define _KSECDD_NTLM_RC4_H

#include <linux/types.h>

/**
 * struct ksec_rc4 - cipher state
 * @r_s: a permutation of 0 to 255
 * @r_i: index of the element the next step begins with
 * @r_j: the other index, as the last step left it
 *
 * Bytes, not words: with words a step is no shorter and every context four
 * times as large.
 */
struct ksec_rc4 {
	u8 r_s[256];
	u8 r_i;
	u8 r_j;
};

/**
 * ksec_rc4_setkey() - begin a key stream
 * @rc4: state to initialise
 * @key: the key
 * @len: its length, 1 to 256 bytes
 */
void ksec_rc4_setkey(struct ksec_rc4 *rc4, const u8 *key, unsigned int len);

/**
 * ksec_rc4_crypt() - xor the next bytes of the key stream into data
 * @rc4:  the state, moved on by @len steps
 * @data: @len bytes, encrypted or decrypted in place
 * @len:  may be 0
 */
void ksec_rc4_crypt(struct ksec_rc4 *rc4, u8 *data, size_t len);

/**
 * ksec_rc4_rewind() - step back
 * @rc4: the state, moved back by @len steps
 * @len: at most as many as were made since ksec_rc4_setkey()
 */
void ksec_rc4_rewind(struct ksec_rc4 *rc4, size_t len);

#endif /* _KSECDD_NTLM_RC4_H */
