// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing AV_PAIRs (MS-NLMP 2.2.2.1) and the NTLMv2_CLIENT_CHALLENGE around them
 * (2.2.2.7).  Input: a list of AV pairs.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/message.h"

#define BLOB_HEAD	(NTLM_KEY_LEN + NTLM_V2_BLOB_LEN)

/* How many bytes the list has up to its end, and the pairs of each id in it */
static size_t walk(const uint8_t *data, size_t len, unsigned int count[NTLM_AV_COUNT])
{
	size_t at = 0;
	uint16_t id;

	memset(count, 0, NTLM_AV_COUNT * sizeof(count[0]));
	do {
		fuzz_assert(len - at >= 4, "a list without an end was taken");
		id = data[at] | data[at + 1] << 8;
		if (id < NTLM_AV_COUNT)
			count[id]++;
		at += 4 + (data[at + 2] | data[at + 3] << 8);
		fuzz_assert(at <= len, "a pair that reaches too far was taken");
	} while (id);
	return at;
}

/* The list that says the same: known pairs in the order of their ids */
static size_t print(const struct ntlm_av_pairs *av, uint8_t *dst)
{
	uint8_t *p = dst;
	size_t id;

	for (id = 1; id < NTLM_AV_COUNT; id++) {
		if (!av->value[id].data)
			continue;
		*p++ = id;
		*p++ = 0;
		*p++ = av->value[id].len;
		*p++ = av->value[id].len >> 8;
		memcpy(p, av->value[id].data, av->value[id].len);
		p += av->value[id].len;
	}
	memset(p, 0, 4);
	return p + 4 - dst;
}

static void check_list(const uint8_t *data, size_t len, const struct ntlm_av_pairs *av)
{
	unsigned int count[NTLM_AV_COUNT];
	struct ntlm_av_pairs again;
	uint8_t *text;
	size_t end, id;

	end = walk(data, len, count);
	for (id = 0; id < NTLM_AV_COUNT; id++) {
		fuzz_assert(count[id] <= 1, "id %zu twice", id);
		fuzz_assert(!count[id] == !av->value[id].data, "id %zu was lost or made up", id);
		fuzz_assert(fuzz_is_within(av->value[id].data, av->value[id].len, data, end),
			    "id %zu lies outside", id);
	}
	text = malloc(end + 4);
	if (!text)
		abort();
	fuzz_assert(!ntlm_parse_av_pairs(text, print(av, text), &again), "printed, and refused");
	for (id = 0; id < NTLM_AV_COUNT; id++)
		fuzz_assert(av->value[id].len == again.value[id].len &&
			    (!again.value[id].len ||
			     !memcmp(av->value[id].data, again.value[id].data,
				     av->value[id].len)), "id %zu is another one", id);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ntlm_client_blob blob;
	struct ntlm_av_pairs av;
	struct ntlm_span nt;
	const char *wrong;
	uint8_t *message;

	wrong = ntlm_parse_av_pairs(data, size, &av);
	if (!wrong)
		check_list(data, size, &av);

	message = calloc(1, BLOB_HEAD + size);
	if (!message)
		abort();
	message[NTLM_KEY_LEN] = 1;
	message[NTLM_KEY_LEN + 1] = 1;
	memset(message + NTLM_KEY_LEN + 8, 0x42, 8);
	memcpy(message + BLOB_HEAD, data, size);
	nt = (struct ntlm_span){ message, BLOB_HEAD + size };
	if (nt.len >= NTLM_V2_RESPONSE_LEN) {
		fuzz_assert(ntlm_parse_client_blob(&nt, &blob) == wrong,
			    "in a blob it is another list");
		fuzz_assert(blob.timestamp == 0x4242424242424242, "another time");
	}
	free(message);
	return 0;
}
