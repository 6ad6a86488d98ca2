// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MCS Connect-Initial and Connect-Response (T.125), the GCC conference in them (T.124)
 * and RDP's data blocks in that.
 */
#include <stdbool.h>
#include <string.h>

#include "mcs.h"
#include "x224.h"

/* BER: the identifiers that occur */
#define BER_BOOLEAN		0x01
#define BER_INTEGER		0x02
#define BER_OCTET_STRING	0x04
#define BER_ENUMERATED		0x0a
#define BER_SEQUENCE		0x30
#define BER_CONNECT_INITIAL	0x7f65	/* [APPLICATION 101] */
#define BER_CONNECT_RESPONSE	0x7f66	/* [APPLICATION 102] */

/* Data blocks, and where in them the fields are, from the block's start */
#define CS_CORE			0xc001
#define CS_SELECTED_PROTOCOL	212
#define SC_CORE			0x0c01
#define SC_REQUESTED_PROTOCOLS	8
#define BLOCK_HEADER		4
#define FIELD_LEN		4

/**
 * struct cursor - what is left of a PDU
 * @p:   the next byte
 * @len: how many there are
 */
struct cursor {
	uint8_t *p;
	size_t len;
};

static bool skip(struct cursor *in, size_t len)
{
	if (in->len < len)
		return false;
	in->p += len;
	in->len -= len;
	return true;
}

static bool expect(struct cursor *in, const void *bytes, size_t len)
{
	return in->len >= len && !memcmp(in->p, bytes, len) && skip(in, len);
}

/* An element of BER in definite form; @body receives what is in it. */
static bool take_element(struct cursor *in, unsigned int identifier, struct cursor *body)
{
	const uint8_t id[] = { (uint8_t)(identifier >> 8), (uint8_t)identifier };
	size_t id_len = identifier > 0xff ? 2 : 1, octets, len;

	if (!expect(in, id + 2 - id_len, id_len) || !in->len)
		return false;
	len = *in->p;
	skip(in, 1);
	if (len & 0x80) {
		octets = len & 0x7f;
		/* A PDU has no more than 65535 bytes, so longer lengths are padded ones. */
		if (!octets || octets > 4 || in->len < octets)
			return false;
		for (len = 0; octets; octets--) {
			len = len << 8 | *in->p;
			skip(in, 1);
		}
	}
	*body = (struct cursor){ in->p, len };
	return skip(in, len);
}

/* A length of PER (X.691 section 10.9); fragments do not occur. */
static bool take_per_length(struct cursor *in, size_t *len)
{
	if (!in->len || (in->p[0] & 0xc0) == 0xc0)
		return false;
	*len = in->p[0];
	if (!(*len & 0x80))
		return skip(in, 1);
	if (in->len < 2)
		return false;
	*len = (*len & 0x3f) << 8 | in->p[1];
	return skip(in, 2);
}

/* TPKT and the header of X.224's data TPDU, which is the last of its message. */
static bool take_headers(uint8_t *pdu, size_t len, struct cursor *in)
{
	static const uint8_t header[X224_DATA_HEADER] = { 2, 0xf0, 0x80 };

	*in = (struct cursor){ pdu, len };
	return len >= TPKT_HEADER && tpkt_length(pdu) == len && skip(in, TPKT_HEADER) &&
	       expect(in, header, sizeof(header));
}

/* ConnectData: the object identifier of T.124, and the length of what follows. */
static bool take_connect_data(struct cursor *in)
{
	static const uint8_t key[] = { 0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01 };
	size_t len;

	/* Servers are known to get this length wrong, and no client goes by it. */
	return expect(in, key, sizeof(key)) && take_per_length(in, &len);
}

/* The octet string that RDP's data blocks are in. */
static bool take_user_data(struct cursor *in)
{
	size_t len;

	if (!take_per_length(in, &len) || len > in->len)
		return false;
	in->len = len;
	return true;
}

static bool initial_user_data(uint8_t *pdu, size_t len, struct cursor *in)
{
	static const unsigned int elements[] = {
		BER_OCTET_STRING, BER_OCTET_STRING, BER_BOOLEAN, BER_SEQUENCE, BER_SEQUENCE,
		BER_SEQUENCE,
	};
	/*
	 * conferenceCreateRequest with user data: a conference named "1", one set, whose
	 * key is "Duca".  All clients write it byte for byte like this.
	 */
	static const uint8_t create[] = { 0x00, 0x08, 0x00, 0x10, 0x00, 0x01, 0xc0, 0x00, 'D', 'u',
					  'c', 'a' };
	struct cursor body, part;
	size_t i;

	if (!take_headers(pdu, len, in) || !take_element(in, BER_CONNECT_INITIAL, &body) || in->len)
		return false;
	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (!take_element(&body, elements[i], &part))
			return false;
	return take_element(&body, BER_OCTET_STRING, in) && take_connect_data(in) &&
	       expect(in, create, sizeof(create)) && take_user_data(in);
}

static bool response_user_data(uint8_t *pdu, size_t len, struct cursor *in)
{
	static const uint8_t choice[] = { 0x14 };
	/* Success, one set, a key of H.221 */
	static const uint8_t result[] = { 0x00, 0x01, 0xc0, 0x00, 'M', 'c', 'D', 'n' };
	struct cursor body, part;
	size_t tag;

	if (!take_headers(pdu, len, in) || !take_element(in, BER_CONNECT_RESPONSE, &body) ||
	    in->len)
		return false;
	if (!take_element(&body, BER_ENUMERATED, &part) || part.len != 1 || *part.p ||
	    !take_element(&body, BER_INTEGER, &part) || !take_element(&body, BER_SEQUENCE, &part))
		return false;
	/* The node and the tag of the conference may be any. */
	return take_element(&body, BER_OCTET_STRING, in) && take_connect_data(in) &&
	       expect(in, choice, sizeof(choice)) && skip(in, 2) && take_per_length(in, &tag) &&
	       skip(in, tag) && expect(in, result, sizeof(result)) && take_user_data(in);
}

/* Looks for a field of a data block, each of which has a type and a length with both. */
static enum mcs_result find_field(struct cursor *in, unsigned int type, size_t offset,
				  uint8_t **field)
{
	enum mcs_result result = MCS_NOT;
	unsigned int here;
	size_t len;

	while (in->len) {
		if (in->len < BLOCK_HEADER)
			return MCS_NOT;
		here = (unsigned int)(in->p[1] << 8 | in->p[0]);
		len = (size_t)(in->p[3] << 8 | in->p[2]);
		if (len < BLOCK_HEADER || len > in->len)
			return MCS_NOT;
		if (here == type) {
			/* Which of two the other side goes by is anybody's guess. */
			if (result != MCS_NOT)
				return MCS_NOT;
			result = MCS_ABSENT;
			if (len >= offset + FIELD_LEN) {
				*field = in->p + offset;
				result = MCS_FOUND;
			}
		}
		skip(in, len);
	}
	return result;
}

/**
 * mcs_selected_protocol() - what a client thinks the server has selected
 * @pdu:   a whole PDU
 * @len:   its length in bytes
 * @field: receives where in @pdu serverSelectedProtocol is (MS-RDPBCGR 2.2.1.3.2)
 *
 * Return: MCS_NOT if it is no Connect-Initial
 */
enum mcs_result mcs_selected_protocol(uint8_t *pdu, size_t len, uint8_t **field)
{
	struct cursor in;

	return initial_user_data(pdu, len, &in) ?
	       find_field(&in, CS_CORE, CS_SELECTED_PROTOCOL, field) : MCS_NOT;
}

/**
 * mcs_requested_protocols() - what a server thinks the client has asked for
 * @pdu:   a whole PDU
 * @len:   its length in bytes
 * @field: receives where in @pdu clientRequestedProtocols is (MS-RDPBCGR 2.2.1.4.2)
 *
 * Return: MCS_NOT if it is no Connect-Response that says yes
 */
enum mcs_result mcs_requested_protocols(uint8_t *pdu, size_t len, uint8_t **field)
{
	struct cursor in;

	return response_user_data(pdu, len, &in) ?
	       find_field(&in, SC_CORE, SC_REQUESTED_PROTOCOLS, field) : MCS_NOT;
}

/**
 * mcs_get() - read a field
 * @field: of mcs_selected_protocol() or mcs_requested_protocols()
 *
 * Return: RDP_PROTOCOL_*
 */
uint32_t mcs_get(const uint8_t *field)
{
	return field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 |
	       (uint32_t)field[3] << 24;
}

/**
 * mcs_set() - write a field
 * @field:    of mcs_selected_protocol() or mcs_requested_protocols()
 * @protocol: RDP_PROTOCOL_*
 */
void mcs_set(uint8_t *field, uint32_t protocol)
{
	unsigned int i;

	for (i = 0; i < FIELD_LEN; i++)
		field[i] = (uint8_t)(protocol >> 8 * i);
}
