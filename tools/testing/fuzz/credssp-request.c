// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the codec of TSRequest.  Input: a TSRequest.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/credssp/message.h"
#include "tools/testing/unit/credssp/peer.h"

static void check_same(const struct der_span *span, const struct wire_part *part,
		       const uint8_t *token, size_t len)
{
	fuzz_assert(span->data || !span->len, "a part that is not there has a length");
	fuzz_assert(!span->data || fuzz_is_within(span->data, span->len, token, len),
		    "a part lies outside");
	fuzz_assert(!span->data == !part->data && span->len == part->len &&
		    (!span->len || !memcmp(span->data, part->data, span->len)),
		    "a part that another parser reads otherwise");
}

/* What is read is written as it was: DER has one way only. */
static void check_request(const uint8_t *token, size_t len)
{
	static struct bytes version;
	struct ts_request request;
	struct peer_request peer;
	uint8_t *again;
	size_t again_len;

	if (ts_request_parse(token, len, &request))
		return;
	fuzz_assert(ts_request_measure(token, len) == DER_WHOLE, "read, and it is not whole");
	fuzz_assert(peer_read(token, len, &peer, &version), "read, and another parser does not");
	fuzz_assert(request.version <= INT32_MAX, "a negative version");
	check_same(&request.nego, &peer.nego, token, len);
	check_same(&request.auth_info, &peer.auth_info, token, len);
	check_same(&request.pub_key, &peer.pub_key, token, len);
	check_same(&request.nonce, &peer.nonce, token, len);
	fuzz_assert(request.has_error == !!peer.error.data, "another errorCode");
	/* It is written with 32 bits, and read for being there only. */
	if (request.has_error)
		return;
	fuzz_assert(ts_request_build(&request, &again, &again_len), "it cannot be written");
	fuzz_assert(again_len == len && !memcmp(again, token, len), "written otherwise than read");
	free(again);
}

/* A beginning is what becomes whole with something behind it, and nothing else. */
static void check_extent(const uint8_t *token, size_t len)
{
	enum der_extent extent = ts_request_measure(token, len);
	uint8_t *more;

	if (extent == DER_MALFORMED || len < 2 + DER_LENGTH_BYTES)
		return;
	more = calloc(1, len + CREDSSP_MAX_REQUEST);
	if (!more)
		abort();
	memcpy(more, token, len);
	fuzz_assert(ts_request_measure(more, len + CREDSSP_MAX_REQUEST) == DER_WHOLE,
		    "a beginning that never becomes whole");
	free(more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *token = fuzz_copy(data, size);

	check_request(token, size);
	check_extent(token, size);
	free(token);
	return 0;
}
