// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parsing NTLM messages (MS-NLMP 2.2.1).
 */
#include <string.h>

#include "helper/ntlm/message.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* Signature and MessageType, with which every message begins */
#define HEADER_LEN	12
/* Len, MaxLen, BufferOffset */
#define FIELD_LEN	8

static const uint8_t signature[8] = "NTLMSSP";

uint16_t ntlm_get16(const uint8_t *src)
{
	return src[0] | src[1] << 8;
}

uint32_t ntlm_get32(const uint8_t *src)
{
	return ntlm_get16(src) | (uint32_t)ntlm_get16(src + 2) << 16;
}

uint64_t ntlm_get64(const uint8_t *src)
{
	return ntlm_get32(src) | (uint64_t)ntlm_get32(src + 4) << 32;
}

static const char *parse_header(const uint8_t *token, size_t len, uint32_t type)
{
	if (len < HEADER_LEN || memcmp(token, signature, sizeof(signature)))
		return "not an NTLM message";
	if (ntlm_get32(token + sizeof(signature)) != type)
		return "the NTLM message is not the one whose turn it is";
	return NULL;
}

/*
 * One field of the payload.  An empty one is empty wherever it points to; MaxLen
 * is ignored (MS-NLMP 2.2.1.3).
 */
static const char *parse_field(const uint8_t *token, size_t len, size_t at, size_t header,
			       struct ntlm_span *field)
{
	size_t field_len = ntlm_get16(token + at);
	size_t offset = ntlm_get32(token + at + 4);

	field->data = token;
	field->len = 0;
	if (!field_len)
		return NULL;
	if (offset < header)
		return "a field of the message lies in its header";
	if (offset + field_len > len)
		return "a field of the message lies outside of it";
	field->data = token + offset;
	field->len = field_len;
	return NULL;
}

/* A field that counts only if its flag is set, behind a header that may lack it. */
static const char *parse_supplied(const uint8_t *token, size_t len, size_t at, bool supplied,
				  struct ntlm_span *field)
{
	field->data = token;
	field->len = 0;
	if (!supplied)
		return NULL;
	if (len < at + FIELD_LEN)
		return "a field of the message is announced and not there";
	return parse_field(token, len, at, at + FIELD_LEN, field);
}

/**
 * ntlm_parse_negotiate() - parse a NEGOTIATE_MESSAGE (MS-NLMP 2.2.1.1)
 * @token: the message
 * @len: its length in bytes
 * @message: what is in it
 *
 * Version is for debugging and not looked at; old clients send 16 bytes.
 */
const char *ntlm_parse_negotiate(const uint8_t *token, size_t len,
				 struct ntlm_negotiate *message)
{
	const char *wrong;

	wrong = parse_header(token, len, NTLM_NEGOTIATE);
	if (wrong)
		return wrong;
	if (len < NTLM_NEGOTIATE_LEN)
		return "the NEGOTIATE_MESSAGE is too short";
	message->flags = ntlm_get32(token + 12);
	wrong = parse_supplied(token, len, 16,
			       message->flags & NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED,
			       &message->domain);
	if (!wrong)
		wrong = parse_supplied(token, len, 24,
				       message->flags & NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED,
				       &message->workstation);
	return wrong;
}

/**
 * ntlm_parse_challenge() - parse a CHALLENGE_MESSAGE (MS-NLMP 2.2.1.2)
 * @token: the message
 * @len: its length in bytes
 * @message: what is in it
 */
const char *ntlm_parse_challenge(const uint8_t *token, size_t len,
				 struct ntlm_challenge *message)
{
	struct ntlm_span target_info;
	const char *wrong;

	wrong = parse_header(token, len, NTLM_CHALLENGE);
	if (wrong)
		return wrong;
	if (len < NTLM_CHALLENGE_PAYLOAD)
		return "the CHALLENGE_MESSAGE is too short";
	message->flags = ntlm_get32(token + 20);
	message->server_challenge = token + 24;
	wrong = parse_field(token, len, 40, NTLM_CHALLENGE_PAYLOAD, &target_info);
	if (wrong)
		return wrong;
	return ntlm_parse_av_pairs(target_info.data, target_info.len, &message->target_info);
}

static bool overlap(const struct ntlm_span *a, const struct ntlm_span *b)
{
	return a->len && b->len && a->data < b->data + b->len && b->data < a->data + a->len;
}

/**
 * ntlm_parse_authenticate() - parse an AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3)
 * @token: the message
 * @len: its length in bytes
 * @message: what is in it
 *
 * No field may share bytes with another one or with the 64 bytes that each
 * client sends.  Whether Version and MIC are there, nothing in the message says;
 * message->payload tells how far the header can reach.
 */
const char *ntlm_parse_authenticate(const uint8_t *token, size_t len,
				    struct ntlm_authenticate *message)
{
	struct ntlm_span *const fields[] = {
		&message->lm, &message->nt, &message->domain, &message->user,
		&message->workstation, &message->session_key,
	};
	const char *wrong;
	size_t i, j;

	wrong = parse_header(token, len, NTLM_AUTHENTICATE);
	if (wrong)
		return wrong;
	if (len < NTLM_AUTHENTICATE_LEN)
		return "the AUTHENTICATE_MESSAGE is too short";
	message->flags = ntlm_get32(token + 60);
	message->payload = len;
	for (i = 0; i < COUNT(fields); i++) {
		wrong = parse_field(token, len, HEADER_LEN + i * FIELD_LEN,
				    NTLM_AUTHENTICATE_LEN, fields[i]);
		if (wrong)
			return wrong;
		for (j = 0; j < i; j++)
			if (overlap(fields[i], fields[j]))
				return "two fields of the message overlap";
		if (fields[i]->len && (size_t)(fields[i]->data - token) < message->payload)
			message->payload = fields[i]->data - token;
	}
	return NULL;
}

/**
 * ntlm_parse_client_blob() - parse what an NTLMv2 response is about
 * @nt: NtChallengeResponse of at least NTLM_V2_RESPONSE_LEN bytes
 * @blob: what is in it
 */
const char *ntlm_parse_client_blob(const struct ntlm_span *nt, struct ntlm_client_blob *blob)
{
	const uint8_t *data = nt->data + NTLM_KEY_LEN;
	size_t len = nt->len - NTLM_KEY_LEN;

	if (data[0] != 1 || data[1] != 1)
		return "the NTLMv2 response is of an unknown version";
	blob->timestamp = ntlm_get64(data + 8);
	return ntlm_parse_av_pairs(data + NTLM_V2_BLOB_LEN, len - NTLM_V2_BLOB_LEN, &blob->av);
}
