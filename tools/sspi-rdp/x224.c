// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TPKT, the connection TPDUs of X.224, and RDP's negotiation in them.
 */
#include <stdio.h>
#include <string.h>

#include "x224.h"

#define TPKT_VERSION	3
/* Code, both references and the class */
#define TPDU_FIXED	6
#define TPDU_REQUEST	0xe0
#define TPDU_CONFIRM	0xd0
#define NEGOTIATION_LEN	8
#define CORRELATION_LEN	36
#define CORRELATION	0x06

static uint16_t get16be(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint16_t get16le(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static uint32_t get32le(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put16be(uint8_t *p, size_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void put32le(uint8_t *p, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/**
 * tpkt_length() - how long a PDU is
 * @head: its first bytes
 *
 * Return: its length in bytes with TPKT's header, at least one more than that; 0: this
 *         is no TPKT of version 3 (RFC 1006 section 6)
 */
size_t tpkt_length(const uint8_t head[TPKT_HEADER])
{
	size_t len = get16be(head + 2);

	return head[0] == TPKT_VERSION && len > TPKT_HEADER ? len : 0;
}

/*
 * The variable part of a connection TPDU, which nothing may follow; NULL if the PDU is
 * none of this kind.
 */
static const uint8_t *variable_part(const uint8_t *pdu, size_t len, uint8_t code, size_t *ret_len)
{
	const uint8_t *tpdu = pdu + TPKT_HEADER + 1;

	if (len < TPKT_HEADER + 1 + TPDU_FIXED || len > X224_CONNECT_MAX ||
	    tpkt_length(pdu) != len || pdu[TPKT_HEADER] != len - TPKT_HEADER - 1)
		return NULL;
	/* Class 0 is the only one on TPKT; the lower bits of the code are the credit. */
	if ((tpdu[0] & 0xf0) != code || tpdu[5] & 0xf0)
		return NULL;
	*ret_len = len - TPKT_HEADER - 1 - TPDU_FIXED;
	return tpdu + TPDU_FIXED;
}

static bool is_negotiation(const uint8_t *p, size_t len)
{
	return len >= NEGOTIATION_LEN && get16le(p + 2) == NEGOTIATION_LEN;
}

/*
 * A routing token or a cookie: a line in front of the rest.  One that begins like the
 * negotiation is none, whatever there is in it.
 */
static bool take_token(const uint8_t **part, size_t *len, struct x224_request *request)
{
	const uint8_t *end;

	if (!*len || (is_negotiation(*part, *len) && (*part)[0] == RDP_NEG_REQUEST))
		return true;
	end = memmem(*part, *len, "\r\n", 2);
	if (!end)
		return false;
	request->token = (const char *)*part;
	request->token_len = (size_t)(end - *part);
	*len -= request->token_len + 2;
	*part = end + 2;
	return true;
}

/**
 * x224_parse_request() - read an X.224 Connection Request PDU (MS-RDPBCGR 2.2.1.1)
 * @pdu:     the whole PDU
 * @len:     its length in bytes
 * @request: receives what it says; points into @pdu
 *
 * Return: whether it is one
 */
bool x224_parse_request(const uint8_t *pdu, size_t len, struct x224_request *request)
{
	const uint8_t *part = variable_part(pdu, len, TPDU_REQUEST, &len);

	*request = (struct x224_request){ 0 };
	if (!part)
		return false;
	request->source = get16be(pdu + TPKT_HEADER + 4);
	if (!take_token(&part, &len, request))
		return false;
	if (!len)
		return true;
	if (!is_negotiation(part, len) || part[0] != RDP_NEG_REQUEST)
		return false;
	request->negotiates = true;
	request->flags = part[1];
	request->protocols = get32le(part + 4);
	part += NEGOTIATION_LEN;
	len -= NEGOTIATION_LEN;
	if (!(request->flags & RDP_REQUEST_CORRELATION))
		return !len;
	return len == CORRELATION_LEN && part[0] == CORRELATION &&
	       get16le(part + 2) == CORRELATION_LEN;
}

/**
 * x224_parse_confirm() - read an X.224 Connection Confirm PDU (MS-RDPBCGR 2.2.1.2)
 * @pdu:     the whole PDU
 * @len:     its length in bytes
 * @confirm: receives what it says
 *
 * Return: whether it is one
 */
bool x224_parse_confirm(const uint8_t *pdu, size_t len, struct x224_confirm *confirm)
{
	const uint8_t *part = variable_part(pdu, len, TPDU_CONFIRM, &len);

	*confirm = (struct x224_confirm){ 0 };
	if (!part)
		return false;
	if (!len)
		return true;
	if (len != NEGOTIATION_LEN || !is_negotiation(part, len) ||
	    (part[0] != RDP_NEG_RESPONSE && part[0] != RDP_NEG_FAILURE))
		return false;
	confirm->type = part[0];
	confirm->flags = part[1];
	confirm->value = get32le(part + 4);
	return true;
}

/* TPKT and the fixed part of a connection TPDU in front of @len bytes. */
static size_t write_head(uint8_t *pdu, uint8_t code, uint16_t destination, uint16_t source,
			 size_t len)
{
	uint8_t *tpdu = pdu + TPKT_HEADER + 1;

	len += TPKT_HEADER + 1 + TPDU_FIXED;
	pdu[0] = TPKT_VERSION;
	pdu[1] = 0;
	put16be(pdu + 2, len);
	pdu[TPKT_HEADER] = (uint8_t)(len - TPKT_HEADER - 1);
	tpdu[0] = code;
	put16be(tpdu + 1, destination);
	put16be(tpdu + 3, source);
	tpdu[5] = 0;
	return len;
}

static void write_negotiation(uint8_t *part, uint8_t type, uint8_t flags, uint32_t value)
{
	part[0] = type;
	part[1] = flags;
	part[2] = NEGOTIATION_LEN;
	part[3] = 0;
	put32le(part + 4, value);
}

/**
 * x224_write_request() - make an X.224 Connection Request PDU
 * @pdu:       receives it
 * @token:     routing token or cookie, without CR LF; NULL: none
 * @protocols: RDP_PROTOCOL_*
 *
 * Return: its length in bytes; 0 if the token is too long or not a line
 */
size_t x224_write_request(uint8_t pdu[X224_CONNECT_MAX], const char *token, uint32_t protocols)
{
	uint8_t *part = pdu + TPKT_HEADER + 1 + TPDU_FIXED;
	size_t len = token ? strlen(token) : 0;

	if (len > X224_CONNECT_MAX - TPKT_HEADER - 1 - TPDU_FIXED - NEGOTIATION_LEN - 2 ||
	    (token && strpbrk(token, "\r\n")))
		return 0;
	/* The byte that ends the text is the negotiation's first one. */
	if (token)
		len = (size_t)sprintf((char *)part, "%s\r\n", token);
	write_negotiation(part + len, RDP_NEG_REQUEST, 0, protocols);
	return write_head(pdu, TPDU_REQUEST, 0, 0, len + NEGOTIATION_LEN);
}

/**
 * x224_write_confirm() - make an X.224 Connection Confirm PDU with a negotiation
 * @pdu:         receives it
 * @destination: the client's reference
 * @confirm:     what it says; its type is not 0
 */
void x224_write_confirm(uint8_t pdu[X224_CONFIRM_LEN], uint16_t destination,
			const struct x224_confirm *confirm)
{
	/* Any reference but 0 will do, for nobody goes by it; this is what Windows has. */
	write_head(pdu, TPDU_CONFIRM, destination, 0x1234, NEGOTIATION_LEN);
	write_negotiation(pdu + X224_CONFIRM_LEN - NEGOTIATION_LEN, confirm->type, confirm->flags,
			  confirm->value);
}

/**
 * x224_failure_text() - a failureCode of the negotiation, for people
 * @code: RDP_FAILURE_*
 *
 * Return: what it means (MS-RDPBCGR 2.2.1.2.2)
 */
const char *x224_failure_text(uint32_t code)
{
	static const char *const texts[] = {
		[RDP_FAILURE_SSL_REQUIRED] = "it wants TLS",
		[RDP_FAILURE_SSL_NOT_ALLOWED] = "it does not want TLS",
		[RDP_FAILURE_SSL_CERT_NOT_ON_SERVER] = "it has no certificate",
		[RDP_FAILURE_INCONSISTENT_FLAGS] = "it takes the flags for inconsistent",
		[RDP_FAILURE_HYBRID_REQUIRED] = "it wants CredSSP",
		[RDP_FAILURE_SSL_WITH_USER_AUTH] = "it wants TLS with a client certificate",
	};

	if (!code || code >= sizeof(texts) / sizeof(texts[0]))
		return "for a reason that is not known";
	return texts[code];
}
