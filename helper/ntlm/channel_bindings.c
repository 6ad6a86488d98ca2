// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The channel bindings hash (MS-NLMP 3.1.5.1.2): MD5 of RFC 4121's form of
 * gss_channel_bindings_struct (section 4.1.1.2).
 */
#include <string.h>

#include "helper/ntlm/ntlm.h"

/*
 * SEC_CHANNEL_BINDINGS, a structure of the service's own byte order: type, length
 * and offset of two addresses, length and offset of the application's data.
 */
enum {
	INITIATOR_TYPE, INITIATOR_LENGTH, INITIATOR_OFFSET,
	ACCEPTOR_TYPE, ACCEPTOR_LENGTH, ACCEPTOR_OFFSET,
	APPLICATION_LENGTH, APPLICATION_OFFSET,
	HEADER_WORDS
};

static void put32(uint8_t dst[4], uint32_t value)
{
	dst[0] = value;
	dst[1] = value >> 8;
	dst[2] = value >> 16;
	dst[3] = value >> 24;
}

/**
 * ntlm_hash_bindings() - hash the bindings that a service gave
 * @bindings: a SEC_CHANNEL_BINDINGS buffer, need not be aligned
 * @len: its length in bytes
 * @hash: 16 bytes, for comparison with MsvAvChannelBindings
 *
 * Return: NULL, or what is wrong with @bindings.
 */
const char *ntlm_hash_bindings(const uint8_t *bindings, size_t len,
			       uint8_t hash[NTLM_KEY_LEN])
{
	static const struct {
		int type, length, offset;
	} parts[] = {
		{ INITIATOR_TYPE, INITIATOR_LENGTH, INITIATOR_OFFSET },
		{ ACCEPTOR_TYPE, ACCEPTOR_LENGTH, ACCEPTOR_OFFSET },
		{ -1, APPLICATION_LENGTH, APPLICATION_OFFSET },
	};
	uint32_t word[HEADER_WORDS];
	uint8_t number[HEADER_WORDS][4];
	struct ntlm_span spans[HEADER_WORDS];
	size_t count = 0, i;

	if (len < sizeof(word))
		return "the service's channel bindings are too short";
	memcpy(word, bindings, sizeof(word));
	for (i = 0; i < HEADER_WORDS; i++)
		put32(number[i], word[i]);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t n = word[parts[i].length], offset = n ? word[parts[i].offset] : 0;

		if (offset + n > len)
			return "the service's channel bindings reach beyond their buffer";
		if (parts[i].type >= 0)
			spans[count++] = (struct ntlm_span){ number[parts[i].type], 4 };
		spans[count++] = (struct ntlm_span){ number[parts[i].length], 4 };
		spans[count++] = (struct ntlm_span){ bindings + offset, n };
	}
	ntlm_md5(spans, count, hash);
	return NULL;
}
