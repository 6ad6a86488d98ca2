/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing DER backwards: what comes last is put first, so that every length is
 * known when it is written.
 */
#ifndef TEST_KERBEROS_DER_H
#define TEST_KERBEROS_DER_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DER_MAX		8192
#define DER_CONTEXT(n)	(0xa0 + (n))

/* struct der - what has been written is at the end of @buf, from @at on */
struct der {
	uint8_t buf[DER_MAX];
	size_t at;
};

static inline void der_init(struct der *der)
{
	der->at = DER_MAX;
}

static inline const uint8_t *der_data(const struct der *der)
{
	return der->buf + der->at;
}

static inline size_t der_len(const struct der *der)
{
	return DER_MAX - der->at;
}

static inline void der_bytes(struct der *der, const void *data, size_t len)
{
	if (len > der->at)
		abort();
	der->at -= len;
	memcpy(der->buf + der->at, data, len);
}

/* Make an element of what has been written since the length was @before. */
static inline void der_wrap(struct der *der, uint8_t tag, size_t before)
{
	size_t len = der_len(der) - before;
	uint8_t head[4] = { tag, (uint8_t)len };
	size_t n = 2;

	if (len >= 0x100) {
		n = 4;
		head[1] = 0x82;
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
	} else if (len >= 0x80) {
		n = 3;
		head[1] = 0x81;
		head[2] = (uint8_t)len;
	}
	der_bytes(der, head, n);
}

/* "[n] tag data" */
static inline void der_field(struct der *der, unsigned int n, uint8_t tag, const void *data,
			     size_t len)
{
	size_t before = der_len(der);

	der_bytes(der, data, len);
	der_wrap(der, tag, before);
	der_wrap(der, (uint8_t)DER_CONTEXT(n), before);
}

static inline void der_number(struct der *der, unsigned int n, int64_t number)
{
	uint8_t bytes[8];
	size_t i, first = 0;

	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
	while (first < 7 && ((!bytes[first] && !(bytes[first + 1] & 0x80)) ||
			     (bytes[first] == 0xff && (bytes[first + 1] & 0x80))))
		first++;
	der_field(der, n, 0x02, bytes + first, 8 - first);
}

#endif /* TEST_KERBEROS_DER_H */
