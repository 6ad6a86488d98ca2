/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an RDP connection begins with: TPKT (RFC 1006), the connection TPDUs of X.224 and
 * the negotiation of the security protocol in them (MS-RDPBCGR 2.2.1.1 and 2.2.1.2).
 */
#ifndef SSPI_RDP_X224_H
#define SSPI_RDP_X224_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TPKT_HEADER		4
/* The length indicator of a TPDU is a byte, 255 is reserved. */
#define X224_CONNECT_MAX	(TPKT_HEADER + 1 + 254)
/* TPKT, TPDU and negotiation of what has no variable part of its own */
#define X224_CONFIRM_LEN	19
/* A data TPDU's header, behind TPKT's */
#define X224_DATA_HEADER	3

/* requestedProtocols and selectedProtocol */
#define RDP_PROTOCOL_RDP	0x00000000	/* its own encryption, or none */
#define RDP_PROTOCOL_SSL	0x00000001
#define RDP_PROTOCOL_HYBRID	0x00000002	/* CredSSP */
#define RDP_PROTOCOL_HYBRID_EX	0x00000008	/* and the early user authorization result */

/* type of the negotiation */
#define RDP_NEG_REQUEST		0x01
#define RDP_NEG_RESPONSE	0x02
#define RDP_NEG_FAILURE		0x03

/* flags of a request and of a response */
#define RDP_REQUEST_CORRELATION	0x08
#define RDP_RESPONSE_EXTENDED	0x01	/* extended client data blocks */
#define RDP_RESPONSE_GFX	0x02	/* the graphics pipeline */

/* failureCode */
#define RDP_FAILURE_SSL_REQUIRED		1
#define RDP_FAILURE_SSL_NOT_ALLOWED		2
#define RDP_FAILURE_SSL_CERT_NOT_ON_SERVER	3
#define RDP_FAILURE_INCONSISTENT_FLAGS		4
#define RDP_FAILURE_HYBRID_REQUIRED		5
#define RDP_FAILURE_SSL_WITH_USER_AUTH		6

/**
 * struct x224_request - what a client asks for
 * @source:      its reference, for the answer
 * @negotiates:  it says which protocols it can; if not, it knows RDP_PROTOCOL_RDP alone
 * @flags:       of the negotiation
 * @protocols:   RDP_PROTOCOL_*
 * @token:       routing token or cookie in the PDU, without CR LF; NULL if there is none
 * @token_len:   its length in bytes
 */
struct x224_request {
	uint16_t source;
	bool negotiates;
	uint8_t flags;
	uint32_t protocols;
	const char *token;
	size_t token_len;
};

/**
 * struct x224_confirm - what a server answers
 * @type:  RDP_NEG_RESPONSE, RDP_NEG_FAILURE, or 0: it does not negotiate
 * @flags: of the response
 * @value: the protocol, or the reason of the failure
 */
struct x224_confirm {
	uint8_t type;
	uint8_t flags;
	uint32_t value;
};

size_t tpkt_length(const uint8_t head[TPKT_HEADER]);
bool x224_parse_request(const uint8_t *pdu, size_t len, struct x224_request *request);
bool x224_parse_confirm(const uint8_t *pdu, size_t len, struct x224_confirm *confirm);
size_t x224_write_request(uint8_t pdu[X224_CONNECT_MAX], const char *token, uint32_t protocols);
void x224_write_confirm(uint8_t pdu[X224_CONFIRM_LEN], uint16_t destination,
			const struct x224_confirm *confirm);
const char *x224_failure_text(uint32_t code);

#endif /* SSPI_RDP_X224_H */
