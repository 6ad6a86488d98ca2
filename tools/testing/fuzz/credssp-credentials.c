// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the parser of what clients of CredSSP delegate.  Input: TSCredentials.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "helper/credssp/message.h"

static void check_span(const struct der_span *span, const uint8_t *data, size_t len)
{
	fuzz_assert(span->data || !span->len, "a part that is not there has a length");
	fuzz_assert(!span->data || fuzz_is_within(span->data, span->len, data, len),
		    "a part lies outside");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_copy(data, size);
	struct ts_credentials credentials;

	if (!ts_credentials_parse(copy, size, &credentials)) {
		check_span(&credentials.user, copy, size);
		check_span(&credentials.domain, copy, size);
		check_span(&credentials.secret, copy, size);
		fuzz_assert(credentials.type == TS_PASSWORD || credentials.type == TS_SMART_CARD ||
			    credentials.type == TS_REMOTE_GUARD, "an unknown type");
		fuzz_assert(!credentials.secret.data == (credentials.type == TS_REMOTE_GUARD),
			    "a secret that is not there, or one too many");
		fuzz_assert(credentials.type != TS_PASSWORD ||
			    (credentials.user.data && credentials.domain.data),
			    "a password of nobody");
	}
	free(copy);
	return 0;
}
