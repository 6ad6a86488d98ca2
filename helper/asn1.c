// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DER with libtasn1.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "helper/asn1.h"

/* Told from the others by its address: it is not the client's fault. */
const char asn1_no_memory[] = "out of memory";

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* protects all asn1_syntax.tree */

/* Made when it is needed first; without memory the next one tries again. */
static asn1_node tree_of(struct asn1_syntax *syntax)
{
	asn1_node tree;

	pthread_mutex_lock(&lock);
	if (!syntax->tree &&
	    asn1_array2tree(syntax->definitions, &syntax->tree, NULL) != ASN1_SUCCESS)
		syntax->tree = NULL;
	tree = syntax->tree;
	pthread_mutex_unlock(&lock);
	return tree;
}

/**
 * asn1_create() - a type of a syntax, empty
 * @syntax: the syntax
 * @type:   its name, with that of the module in front: "SPNEGO.MechType"
 *
 * Return: the type, for asn1_delete_structure(); NULL without memory.
 */
asn1_node asn1_create(struct asn1_syntax *syntax, const char *type)
{
	asn1_node tree = tree_of(syntax), node = NULL;

	if (!tree || asn1_create_element(tree, type, &node) != ASN1_SUCCESS)
		return NULL;
	return node;
}

/**
 * asn1_decode() - decode a token
 * @syntax:  its syntax
 * @token:   the token
 * @len:     its length in bytes
 * @type:    what it has to be
 * @decoded: receives it, if nothing is wrong
 *
 * Return: NULL; what is wrong; or asn1_no_memory.
 */
const char *asn1_decode(struct asn1_syntax *syntax, const uint8_t *token, size_t len,
			const char *type, struct asn1_decoded *decoded)
{
	const bool shortest = !syntax->long_lengths;
	int size = (int)len, err;

	*decoded = (struct asn1_decoded){ .token = token, .len = len };
	if (len > INT32_MAX || !der_check(token, len, shortest))
		return "the token is not DER";
	decoded->node = asn1_create(syntax, type);
	if (!decoded->node)
		return asn1_no_memory;
	err = asn1_der_decoding2(&decoded->node, token, &size,
				 shortest ? ASN1_DECODE_FLAG_STRICT_DER : 0, NULL);
	if (err == ASN1_SUCCESS && (size_t)size == len)
		return NULL;
	asn1_decoded_clear(decoded);
	return err == ASN1_MEM_ERROR ? asn1_no_memory : syntax->foreign;
}

/**
 * asn1_decoded_clear() - wipe and free what libtasn1 keeps of a token
 * @decoded: the token, which may have been a secret
 */
void asn1_decoded_clear(struct asn1_decoded *decoded)
{
	asn1_delete_structure2(&decoded->node, ASN1_DELETE_FLAG_ZEROIZE);
}

/**
 * asn1_find() - what is in an element behind its explicit tag
 * @decoded: the token
 * @name:    the element's
 * @context: number of its tag
 * @inner:   receives what is in it; empty if it is not there
 *
 * Return: false if it is there and empty.
 */
bool asn1_find(const struct asn1_decoded *decoded, const char *name, uint8_t context,
	       struct der_span *inner)
{
	struct der_span element;
	int start, end;

	*inner = (struct der_span){};
	if (asn1_der_decoding_startEnd(decoded->node, decoded->token, (int)decoded->len, name,
				       &start, &end) != ASN1_SUCCESS || end <= start)
		return true;
	element = (struct der_span){ decoded->token + start, (size_t)(end - start) + 1 };
	return der_open(&element, DER_EXPLICIT(context), inner) && inner->len;
}

/**
 * asn1_find_content() - the contents of what is in an element behind its explicit tag
 * @decoded: the token
 * @name:    the element's
 * @context: number of its tag
 * @tag:     what is in it must be of this type
 * @content: receives the contents; without data if the element is not there
 *
 * Return: false if it is there and something else.
 */
bool asn1_find_content(const struct asn1_decoded *decoded, const char *name, uint8_t context,
		       uint8_t tag, struct der_span *content)
{
	struct der_span inner;

	*content = (struct der_span){};
	if (!asn1_find(decoded, name, context, &inner))
		return false;
	return !inner.data || der_open(&inner, tag, content);
}

/**
 * asn1_write_octets() - write an OCTET STRING
 * @node: the type it is in
 * @name: the element's
 * @span: its bytes; without data the element is left out
 *
 * Return: false without memory.
 */
bool asn1_write_octets(asn1_node node, const char *name, const struct der_span *span)
{
	if (!span->data)
		return asn1_write_value(node, name, NULL, 0) == ASN1_SUCCESS;
	/* libtasn1 takes a length of 0 for that of a string. */
	return asn1_write_value(node, name, span->len ? (const void *)span->data : "",
				(int)span->len) == ASN1_SUCCESS;
}

/**
 * asn1_encode() - write a type down
 * @node:  the type, with all it has to have
 * @token: receives the token, from malloc()
 * @len:   receives its length in bytes
 *
 * Return: false without memory.
 */
bool asn1_encode(asn1_node node, uint8_t **token, size_t *len)
{
	int size = 0;

	if (asn1_der_coding(node, "", NULL, &size, NULL) != ASN1_MEM_ERROR || size <= 0)
		return false;
	*token = malloc((size_t)size);
	if (!*token)
		return false;
	if (asn1_der_coding(node, "", *token, &size, NULL) == ASN1_SUCCESS) {
		*len = (size_t)size;
		return true;
	}
	free(*token);
	*token = NULL;
	return false;
}
