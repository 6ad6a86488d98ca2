// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The channel bindings hash (MS-NLMP 3.1.5.1.2): MD5 of RFC 4121's form of
 * gss_channel_bindings_struct (section 4.1.1.2).
 */
#include "helper/channel_bindings.h"
#include "helper/ntlm/ntlm.h"

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
	struct channel_bindings cb;
	uint8_t number[5][4];
	const char *wrong;

	wrong = channel_bindings_read(bindings, len, &cb);
	if (wrong)
		return wrong;
	put32(number[0], cb.initiator.type);
	put32(number[1], cb.initiator.len);
	put32(number[2], cb.acceptor.type);
	put32(number[3], cb.acceptor.len);
	put32(number[4], cb.application_len);
	const struct ntlm_span spans[] = {
		{ number[0], 4 }, { number[1], 4 }, { cb.initiator.data, cb.initiator.len },
		{ number[2], 4 }, { number[3], 4 }, { cb.acceptor.data, cb.acceptor.len },
		{ number[4], 4 }, { cb.application, cb.application_len },
	};
	ntlm_md5(spans, sizeof(spans) / sizeof(spans[0]), hash);
	return NULL;
}
