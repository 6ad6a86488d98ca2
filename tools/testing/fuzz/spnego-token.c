// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the codec of SPNEGO.  Input: a token.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/spnego/token.h"
#include "tools/testing/unit/spnego/wire.h"

#define MAX	48256

static void check_span(const struct der_span *span, const uint8_t *token, size_t len)
{
	fuzz_assert(span->data || !span->len, "a part that is not there has a length");
	fuzz_assert(!span->data || fuzz_is_within(span->data, span->len, token, len),
		    "a part lies outside");
}

static void check_same(const struct der_span *span, const struct wire_part *part)
{
	fuzz_assert(!span->data == !part->data && span->len == part->len &&
		    (!span->len || !memcmp(span->data, part->data, span->len)),
		    "a part that another parser reads otherwise");
}

/* What is read is written as it was: DER has one way only. */
static void check_resp(const uint8_t *token, size_t len)
{
	struct spnego_resp resp;
	struct wire_resp wire;
	uint8_t *again = NULL;
	size_t again_len = 0;
	struct der_span mech;

	if (spnego_parse_resp(token, len, &resp))
		return;
	fuzz_assert(spnego_measure(token, len, SPNEGO_TAG_RESPONSE, SIZE_MAX) == DER_WHOLE,
		    "read, and it is not whole");
	check_span(&resp.mech, token, len);
	check_span(&resp.token, token, len);
	check_span(&resp.mic, token, len);
	fuzz_assert(wire_read_resp(token, len, &wire), "read, and another parser does not");
	fuzz_assert(wire.state == (int)resp.state, "another state");
	mech = (struct der_span){ resp.mech.data ? resp.mech.data - 2 : NULL,
				     resp.mech.data ? resp.mech.len + 2 : 0 };
	if (resp.mech.len < 0x80)
		check_same(&mech, &wire.mech);
	check_same(&resp.token, &wire.token);
	check_same(&resp.mic, &wire.mic);
	if (!spnego_build_resp(&resp, &again, &again_len)) {
		fuzz_assert(resp.mech.len > 16, "read, and it cannot be written");
		return;
	}
	fuzz_assert(again_len == len && !memcmp(again, token, len), "written otherwise than read");
	free(again);
}

static void check_init(const uint8_t *token, size_t len)
{
	struct der_span mech;
	struct spnego_init init;
	size_t i, sum = 0;

	if (spnego_parse_init(token, len, &init))
		return;
	fuzz_assert(spnego_measure(token, len, SPNEGO_TAG_INITIAL, SIZE_MAX) == DER_WHOLE,
		    "read, and it is not whole");
	fuzz_assert(!spnego_first_mech(token, len, &mech) && spnego_is_own(&mech),
		    "read, and it is of another mechanism");
	check_span(&init.mech_types, token, len);
	check_span(&init.token, token, len);
	check_span(&init.mic, token, len);
	fuzz_assert(init.mech_types.len && init.mech_types.data[0] == 0x30, "not the list");
	fuzz_assert(init.mechs && init.mechs <= SPNEGO_MAX_MECHS, "%zu mechanisms", init.mechs);
	for (i = 0; i < init.mechs; i++) {
		fuzz_assert(init.mech[i].len &&
			    fuzz_is_within(init.mech[i].data, init.mech[i].len,
					   init.mech_types.data, init.mech_types.len),
			    "a mechanism lies outside of the list");
		sum += init.mech[i].len;
	}
	fuzz_assert(sum < init.mech_types.len, "the mechanisms are longer than their list");
}

/* A beginning is what becomes whole with something behind it, and nothing else. */
static void check_extent(const uint8_t *token, size_t len, uint8_t tag)
{
	enum der_extent extent = spnego_measure(token, len, tag, MAX);
	uint8_t *more;

	if (extent == DER_MALFORMED)
		return;
	fuzz_assert(token[0] == tag, "another tag");
	more = calloc(1, len + MAX);
	if (!more)
		abort();
	memcpy(more, token, len);
	fuzz_assert(spnego_measure(more, len + MAX, tag, MAX) == DER_WHOLE,
		    "a beginning that never becomes whole");
	free(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *token = fuzz_copy(data, size);

	check_resp(token, size);
	check_init(token, size);
	check_extent(token, size, SPNEGO_TAG_INITIAL);
	check_extent(token, size, SPNEGO_TAG_RESPONSE);
	free(token);
	return 0;
}
