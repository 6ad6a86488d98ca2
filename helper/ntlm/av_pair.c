// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AV_PAIRs: names and values with a number and a length (MS-NLMP 2.2.2.1).
 */
#include <string.h>

#include "helper/ntlm/message.h"

/* AvId and AvLen */
#define PAIR_LEN	4

/**
 * struct shape - what the value of an AV pair has to look like
 * @least: bytes it has at least
 * @most:  bytes it has at most
 * @text:  it is UTF-16
 */
struct shape {
	uint16_t least;
	uint16_t most;
	bool text;
};

static const struct shape shapes[NTLM_AV_COUNT] = {
	[NTLM_AV_EOL] = { 0, 0, false },
	[NTLM_AV_NB_COMPUTER] = { 0, UINT16_MAX, true },
	[NTLM_AV_NB_DOMAIN] = { 0, UINT16_MAX, true },
	[NTLM_AV_DNS_COMPUTER] = { 0, UINT16_MAX, true },
	[NTLM_AV_DNS_DOMAIN] = { 0, UINT16_MAX, true },
	[NTLM_AV_DNS_TREE] = { 0, UINT16_MAX, true },
	[NTLM_AV_FLAGS] = { 4, 4, false },
	[NTLM_AV_TIMESTAMP] = { 8, 8, false },
	/* Single_Host_Data has grown before; nobody here looks into it. */
	[NTLM_AV_SINGLE_HOST] = { 48, UINT16_MAX, false },
	[NTLM_AV_TARGET_NAME] = { 0, UINT16_MAX, true },
	[NTLM_AV_CHANNEL_BINDINGS] = { NTLM_KEY_LEN, NTLM_KEY_LEN, false },
};

static const char *check_pair(uint16_t id, uint16_t len)
{
	const struct shape *shape = &shapes[id];

	if (len < shape->least || len > shape->most)
		return "an AV pair has the wrong length";
	if (shape->text && len % 2)
		return "an AV pair ends in half a character";
	return NULL;
}

/**
 * ntlm_parse_av_pairs() - parse a list of AV pairs
 * @data: the list
 * @len: bytes there are; the list ends before, with MsvAvEOL
 * @av: the values, pointing into @data
 *
 * Bytes behind MsvAvEOL are none of the list's (MS-NLMP 2.2.2.7, note 30), pairs
 * of an unknown id are skipped.  A known id that comes twice is refused: which
 * of the two counts would be anybody's guess.
 *
 * Return: NULL, or what is wrong.
 */
const char *ntlm_parse_av_pairs(const uint8_t *data, size_t len, struct ntlm_av_pairs *av)
{
	memset(av, 0, sizeof(*av));
	for (;;) {
		const char *wrong;
		uint16_t id, n;

		if (len < PAIR_LEN)
			return "the list of AV pairs has no end";
		id = ntlm_get16(data);
		n = ntlm_get16(data + 2);
		data += PAIR_LEN;
		len -= PAIR_LEN;
		if (n > len)
			return "an AV pair reaches beyond its list";
		if (id < NTLM_AV_COUNT) {
			wrong = check_pair(id, n);
			if (wrong)
				return wrong;
			if (av->value[id].data)
				return "an AV pair comes twice";
			av->value[id].data = data;
			av->value[id].len = n;
		}
		if (id == NTLM_AV_EOL)
			return NULL;
		data += n;
		len -= n;
	}
}
