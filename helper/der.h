/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be known of DER before a token is decoded (X.690 section 10).
 */
#ifndef KSECD_DER_H
#define KSECD_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tags that are named outside of the .asn files */
#define DER_INTEGER		0x02
#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_ENUMERATED		0x0a
#define DER_SEQUENCE		0x30
#define DER_EXPLICIT(n)		(0xa0 | (n))

/* Bytes of a length at most: more than the longest token needs */
#define DER_LENGTH_BYTES	4

/**
 * struct der_span - a piece of a token
 * @data: its bytes; NULL if there is no such piece
 * @len:  their number
 */
struct der_span {
	const uint8_t *data;
	size_t len;
};

/* How much of a token there is. */
enum der_extent {
	DER_WHOLE,
	DER_PARTIAL,		/* its header is right, and more has to come */
	DER_MALFORMED,
};

bool der_same(const struct der_span *a, const struct der_span *b);
enum der_extent der_header(const uint8_t *data, size_t len, uint8_t *tag, size_t *header,
			   size_t *content, bool shortest);
bool der_next(struct der_span *from, uint8_t *tag, struct der_span *content);
bool der_open(const struct der_span *from, uint8_t tag, struct der_span *content);
bool der_check(const uint8_t *data, size_t len, bool shortest);

#endif /* KSECD_DER_H */
