// SPDX-License-Identifier: GPL-2.0-only
/*
 * RC4, written for few instructions a byte: it is half of what sealing costs.
 */
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include "rc4.h"

/*
 * (a + b) mod 256, for a and b below 256.  A compiler that adds in a whole
 * register has to clear the upper bits before it can use the sum as an index.
 * x86 adds the low bytes alone, which spares one instruction in five of a step.
 */
static __always_inline unsigned long ksec_rc4_add(unsigned long a, unsigned long b)
{
#ifdef CONFIG_X86_64
	asm("addb %b1, %b0" : "+q" (a) : "q" (b) : "cc");
	return a;
#else
	return (u8)(a + b);
#endif
}

/*
 * One step: the next byte of the key stream.  @si is the element at i.  The
 * compiler must not make &s[k] a variable of its own: an index costs nothing
 * in a load or store, its sum with s costs one more instruction.
 */
static __always_inline u8 ksec_rc4_step(u8 *s, u8 *si, unsigned long *j)
{
	unsigned long a = *si;
	unsigned long k = ksec_rc4_add(*j, a);
	unsigned long b = s[k];

	*si = b;
	OPTIMIZER_HIDE_VAR(k);
	s[k] = a;
	*j = k;
	return s[ksec_rc4_add(a, b)];
}

static __always_inline void ksec_rc4_4steps(u8 *s, u8 *si, unsigned long *j, u8 *data)
{
	data[0] ^= ksec_rc4_step(s, si, j);
	data[1] ^= ksec_rc4_step(s, si + 1, j);
	data[2] ^= ksec_rc4_step(s, si + 2, j);
	data[3] ^= ksec_rc4_step(s, si + 3, j);
}

void ksec_rc4_setkey(struct ksec_rc4 *rc4, const u8 *key, unsigned int len)
{
	unsigned int i, k = 0;
	u8 *s = rc4->r_s;
	u8 a, j = 0;

	for (i = 0; i < 256; i++)
		s[i] = i;
	for (i = 0; i < 256; i++) {
		a = s[i];
		j += a + key[k];
		s[i] = s[j];
		s[j] = a;
		if (++k == len)
			k = 0;
	}
	rc4->r_i = 1;
	rc4->r_j = 0;
}

void ksec_rc4_crypt(struct ksec_rc4 *rc4, u8 *data, size_t len)
{
	unsigned long j = rc4->r_j;
	u8 *s = rc4->r_s;
	u8 *si;
	size_t n;

	while (len) {
		/* up to the end of the permutation */
		si = s + rc4->r_i;
		n = min_t(size_t, len, 256 - rc4->r_i);
		rc4->r_i += n;
		len -= n;

		for (; n >= 16; n -= 16) {
			ksec_rc4_4steps(s, si, &j, data);
			ksec_rc4_4steps(s, si + 4, &j, data + 4);
			ksec_rc4_4steps(s, si + 8, &j, data + 8);
			ksec_rc4_4steps(s, si + 12, &j, data + 12);
			data += 16;
			si += 16;
		}
		for (; n; n--)
			*data++ ^= ksec_rc4_step(s, si++, &j);
	}
	rc4->r_j = j;
}

void ksec_rc4_rewind(struct ksec_rc4 *rc4, size_t len)
{
	u8 i = rc4->r_i, j = rc4->r_j;
	u8 *s = rc4->r_s;

	while (len--) {
		i--;
		swap(s[i], s[j]);
		j -= s[i];
	}
	rc4->r_i = i;
	rc4->r_j = j;
}
