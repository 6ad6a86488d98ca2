/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing DER with libtasn1, which has the syntax of an .asn file.
 *
 * What is read points into what was given; what is wrong with it is told as a literal
 * for the log.
 */
#ifndef KSECD_ASN1_H
#define KSECD_ASN1_H

#include <libtasn1.h>

#include "helper/der.h"

/**
 * struct asn1_syntax - what an .asn file says
 * @definitions: made of it by asn1Parser
 * @foreign:     what is wrong with a token of another syntax, for the log
 * @long_lengths: lengths of several bytes may begin with zeros
 * @tree:        @definitions, ready for use; NULL before
 */
struct asn1_syntax {
	const asn1_static_node *definitions;
	const char *foreign;
	bool long_lengths;
	asn1_node tree;
};

/**
 * struct asn1_decoded - a token that libtasn1 has decoded
 * @node:  the elements; for asn1_decoded_clear()
 * @token: where they are
 * @len:   its length in bytes
 */
struct asn1_decoded {
	asn1_node node;
	const uint8_t *token;
	size_t len;
};

extern const char asn1_no_memory[];

asn1_node asn1_create(struct asn1_syntax *syntax, const char *type);
const char *asn1_decode(struct asn1_syntax *syntax, const uint8_t *token, size_t len,
			const char *type, struct asn1_decoded *decoded);
void asn1_decoded_clear(struct asn1_decoded *decoded);
bool asn1_find(const struct asn1_decoded *decoded, const char *name, uint8_t context,
	       struct der_span *inner);
bool asn1_find_content(const struct asn1_decoded *decoded, const char *name, uint8_t context,
		       uint8_t tag, struct der_span *content);
bool asn1_write_octets(asn1_node node, const char *name, const struct der_span *span);
bool asn1_encode(asn1_node node, uint8_t **token, size_t *len);

#endif /* KSECD_ASN1_H */
