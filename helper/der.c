// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The shape of DER: tags and lengths, without recursion and without memory.
 *
 * This goes first over each token, so that what decodes it afterwards never sees
 * a length that leads out of it, or more levels than the syntax has.
 */
#include <string.h>

#include "helper/der.h"

#define CONSTRUCTED	0x20
#define TAG_MASK	0x1f	/* with all bits set, the number is in the next bytes */
#define LONG_LENGTH	0x80

/*
 * Levels of a NegTokenInit2 with hints are 7: the frame, [0], the SEQUENCE, [3],
 * NegHints, [0] and the name.
 */
#define MAX_DEPTH	8

/**
 * der_same() - whether two pieces are there and have the same bytes
 * @a: one
 * @b: the other
 */
bool der_same(const struct der_span *a, const struct der_span *b)
{
	return a->data && b->data && a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/**
 * der_header() - read a tag and a length
 * @data:    the bytes
 * @len:     their number
 * @tag:     receives the tag
 * @header:  receives the bytes that tag and length take
 * @content: receives the length
 * @shortest: a length of several bytes may not begin with a zero, as DER wants it
 *
 * Return: DER_WHOLE; DER_PARTIAL - the header is whole and the content is
 * not; DER_MALFORMED - it is not DER, or the header is not whole.
 */
enum der_extent der_header(const uint8_t *data, size_t len, uint8_t *tag, size_t *header,
			   size_t *content, bool shortest)
{
	size_t bytes, value = 0, i;

	if (len < 2 || (data[0] & TAG_MASK) == TAG_MASK)
		return DER_MALFORMED;
	*tag = data[0];
	*header = 2;
	value = data[1];
	if (value & LONG_LENGTH) {
		bytes = value & ~(size_t)LONG_LENGTH;
		if (!bytes || bytes > DER_LENGTH_BYTES || bytes > len - 2)
			return DER_MALFORMED;
		for (value = 0, i = 0; i < bytes; i++)
			value = value << 8 | data[2 + i];
		if (value < LONG_LENGTH || (shortest && !data[2]))
			return DER_MALFORMED;
		*header += bytes;
	}
	*content = value;
	return value <= len - *header ? DER_WHOLE : DER_PARTIAL;
}

static bool take(struct der_span *from, uint8_t *tag, struct der_span *content, bool shortest)
{
	size_t header, len;

	if (!from->data ||
	    der_header(from->data, from->len, tag, &header, &len, shortest) != DER_WHOLE)
		return false;
	*content = (struct der_span){ from->data + header, len };
	from->data += header + len;
	from->len -= header + len;
	return true;
}

/**
 * der_next() - take the first element off
 * @from:    where; moves on behind the element
 * @tag:     receives its tag
 * @content: receives its contents
 *
 * The forms of lengths are der_check()'s to look at.
 *
 * Return: false if there is no whole element; @from is left alone then.
 */
bool der_next(struct der_span *from, uint8_t *tag, struct der_span *content)
{
	return take(from, tag, content, false);
}

/**
 * der_open() - look into an element
 * @from:    the element, and nothing behind it
 * @tag:     the tag it must have
 * @content: receives its contents
 *
 * Return: false if it is something else.
 */
bool der_open(const struct der_span *from, uint8_t tag, struct der_span *content)
{
	struct der_span rest = *from;
	uint8_t found;

	return der_next(&rest, &found, content) && found == tag && !rest.len;
}

/*
 * Whether these are the contents of an OBJECT IDENTIFIER: numbers of seven bits in
 * each byte, of which the last one alone has its highest bit clear, without zeros in
 * front (X.690 section 8.19).  libtasn1 leaves out a last number that goes on, so
 * two mechanisms would be read as the same.
 */
static bool is_oid(const struct der_span *content)
{
	bool begins = true;
	size_t i;

	for (i = 0; i < content->len; i++) {
		if (begins && content->data[i] == 0x80)
			return false;
		begins = !(content->data[i] & 0x80);
	}
	return content->len && begins;
}

/**
 * der_check() - whether a token has the shape of one element in DER
 * @data:     the token
 * @len:      its length in bytes
 * @shortest: lengths of several bytes may not begin with a zero
 *
 * Return: true if all lengths are definite, as @shortest says and within
 * what is around them, all OBJECT IDENTIFIERs are some, and nothing is nested
 * deeper than in the deepest of the syntaxes.
 */
bool der_check(const uint8_t *data, size_t len, bool shortest)
{
	struct der_span level[MAX_DEPTH] = { { data, len } };
	struct der_span content;
	size_t depth = 0;
	uint8_t tag;

	if (!take(&level[0], &tag, &content, shortest) || level[0].len)
		return false;
	level[0] = (struct der_span){ data, len };
	for (;;) {
		if (!level[depth].len) {
			if (!depth)
				return true;
			depth--;
			continue;
		}
		if (!take(&level[depth], &tag, &content, shortest))
			return false;
		if (tag == DER_OID && !is_oid(&content))
			return false;
		if (!(tag & CONSTRUCTED))
			continue;
		if (++depth == MAX_DEPTH)
			return false;
		level[depth] = content;
	}
}
