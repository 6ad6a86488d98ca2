// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing Kerberos tokens: their framing, and what is read of an AP-REQ without a
 * key.  Input: the token.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/kerberos/kerberos.h"

/* What is framed again as it was framed is what it was. */
static void check_frame(const uint8_t *token, size_t len)
{
	enum kerberos_framing framing;
	struct kerberos_span inner;
	uint8_t *again;
	size_t again_len;
	uint16_t id;

	if (!kerberos_unframe(token, len, &framing, &id, &inner))
		return;
	fuzz_assert(fuzz_is_within(inner.data, inner.len, token, len), "it reaches beyond");
	again = kerberos_frame(framing, id, inner.data, inner.len, &again_len);
	fuzz_assert(again_len == len && !memcmp(again, token, len), "another framing");
	free(again);
}

static void check_text(const char *text, bool slashes)
{
	fuzz_assert(memchr(text, '\0', KERBEROS_PRINCIPAL_MAX), "text without an end");
	fuzz_assert(*text && !strpbrk(text, slashes ? "@\\ " : "@\\ /"), "\"%s\"", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *token = fuzz_copy(data, size);
	struct kerberos_ap_req req;

	check_frame(token, size);
	if (!kerberos_read_token(token, size, &req) && req.framing != KERBEROS_FRAMED_U2U) {
		fuzz_assert(fuzz_is_within(req.message.data, req.message.len, token, size),
			    "the AP-REQ reaches beyond");
		fuzz_assert(req.message.data[0] == 0x6e, "no AP-REQ");
		check_text(req.name, true);
		check_text(req.realm, false);
	}
	free(token);
	return 0;
}
