/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has to be known of DER before a token is decoded (X.690 section 10).
 */
#ifndef KSECD_SPNEGO_DER_H
#define KSECD_SPNEGO_DER_H

#include "helper/spnego/token.h"

/* Tags that are named outside of spnego.asn */
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_ENUMERATED		0x0a
#define DER_SEQUENCE		0x30
#define DER_CONTEXT(n)		(0xa0 | (n))

enum spnego_extent der_header(const uint8_t *data, size_t len, uint8_t *tag, size_t *header,
			      size_t *content);
bool der_next(struct spnego_span *from, uint8_t *tag, struct spnego_span *content);
bool der_open(const struct spnego_span *from, uint8_t tag, struct spnego_span *content);
bool der_check(const uint8_t *data, size_t len);

#endif /* KSECD_SPNEGO_DER_H */
