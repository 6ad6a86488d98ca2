/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three messages of NTLM as they are on the wire (MS-NLMP 2.2.1, 2.2.2).
 *
 * Parsers return NULL, or what is wrong with the message: a literal for the log.
 * What they parse out points into the message.  All arithmetic on lengths is in
 * size_t and can not wrap: a message has at most 2^32 bytes and size_t 64 bits.
 */
#ifndef KSECD_NTLM_MESSAGE_H
#define KSECD_NTLM_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_ntlm.h>

#include "helper/ntlm/crypto.h"

_Static_assert(sizeof(size_t) >= 8, "offsets are added without looking");

/* What needs the module's session security */
#define NTLM_PROTECTION	(NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)
/* Characters of names: exactly one of the two is negotiated */
#define NTLM_CHARSETS	(NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_OEM)

/* MessageType */
#define NTLM_NEGOTIATE		1
#define NTLM_CHALLENGE		2
#define NTLM_AUTHENTICATE	3

/* Where things are, in bytes from the beginning of a message */
#define NTLM_NEGOTIATE_LEN	16	/* without DomainName and Workstation */
#define NTLM_CHALLENGE_PAYLOAD	56
#define NTLM_AUTHENTICATE_LEN	64	/* without Version and MIC */
#define NTLM_MIC_OFFSET		72
#define NTLM_MIC_END		(NTLM_MIC_OFFSET + NTLM_KEY_LEN)

/* AvId (MS-NLMP 2.2.2.1) */
#define NTLM_AV_EOL		0
#define NTLM_AV_NB_COMPUTER	1
#define NTLM_AV_NB_DOMAIN	2
#define NTLM_AV_DNS_COMPUTER	3
#define NTLM_AV_DNS_DOMAIN	4
#define NTLM_AV_DNS_TREE	5
#define NTLM_AV_FLAGS		6
#define NTLM_AV_TIMESTAMP	7
#define NTLM_AV_SINGLE_HOST	8
#define NTLM_AV_TARGET_NAME	9
#define NTLM_AV_CHANNEL_BINDINGS 10
#define NTLM_AV_COUNT		11

/* MsvAvFlags */
#define NTLM_AV_FLAG_MIC		0x2
#define NTLM_AV_FLAG_UNTRUSTED_TARGET	0x4

/* NtChallengeResponse: of NTLMv1, and the least of NTLMv2 (MS-NLMP 2.2.2.8) */
#define NTLM_V1_RESPONSE_LEN	24
#define NTLM_V2_RESPONSE_LEN	48
#define NTLM_V2_BLOB_LEN	28	/* up to the AV pairs */

/**
 * struct ntlm_av_pairs - a list of AV_PAIRs
 * @value: by AvId; .data is NULL for what is not in the list
 */
struct ntlm_av_pairs {
	struct ntlm_span value[NTLM_AV_COUNT];
};

/**
 * struct ntlm_negotiate - NEGOTIATE_MESSAGE
 * @flags:       NegotiateFlags
 * @workstation: OEM characters, empty unless the client supplied it
 * @domain:      OEM characters, empty unless the client supplied it
 */
struct ntlm_negotiate {
	uint32_t flags;
	struct ntlm_span workstation;
	struct ntlm_span domain;
};

/**
 * struct ntlm_challenge - our own CHALLENGE_MESSAGE, read back
 * @flags:            NegotiateFlags
 * @server_challenge: 8 bytes
 * @target_info:      the AV pairs that the client must bring back
 */
struct ntlm_challenge {
	uint32_t flags;
	const uint8_t *server_challenge;
	struct ntlm_av_pairs target_info;
};

/**
 * struct ntlm_authenticate - AUTHENTICATE_MESSAGE
 * @flags:       NegotiateFlags, as sent
 * @lm:          LmChallengeResponse
 * @nt:          NtChallengeResponse
 * @domain:      DomainName, in the negotiated characters
 * @user:        UserName, in the negotiated characters
 * @workstation: Workstation, in the negotiated characters
 * @session_key: EncryptedRandomSessionKey
 * @payload:     where the first field that is not empty begins
 */
struct ntlm_authenticate {
	uint32_t flags;
	struct ntlm_span lm;
	struct ntlm_span nt;
	struct ntlm_span domain;
	struct ntlm_span user;
	struct ntlm_span workstation;
	struct ntlm_span session_key;
	size_t payload;
};

/**
 * struct ntlm_client_blob - NTLMv2_CLIENT_CHALLENGE (MS-NLMP 2.2.2.7)
 * @timestamp: FILETIME, UTC
 * @av:        the AV pairs
 */
struct ntlm_client_blob {
	uint64_t timestamp;
	struct ntlm_av_pairs av;
};

uint16_t ntlm_get16(const uint8_t *src);
uint32_t ntlm_get32(const uint8_t *src);
uint64_t ntlm_get64(const uint8_t *src);

const char *ntlm_parse_negotiate(const uint8_t *token, size_t len,
				 struct ntlm_negotiate *message);
const char *ntlm_parse_challenge(const uint8_t *token, size_t len,
				 struct ntlm_challenge *message);
const char *ntlm_parse_authenticate(const uint8_t *token, size_t len,
				    struct ntlm_authenticate *message);
const char *ntlm_parse_av_pairs(const uint8_t *data, size_t len, struct ntlm_av_pairs *av);
const char *ntlm_parse_client_blob(const struct ntlm_span *nt, struct ntlm_client_blob *blob);

#endif /* KSECD_NTLM_MESSAGE_H */
