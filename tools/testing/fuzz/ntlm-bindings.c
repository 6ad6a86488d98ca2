// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the channel bindings of a service, SEC_CHANNEL_BINDINGS.  Input: the
 * buffer.
 */
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/ntlm.h"
#include "ntlm_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t hash[NTLM_KEY_LEN], want[NTLM_KEY_LEN];
	const char *wrong, *why;

	memset(hash, 0xa5, sizeof(hash));
	why = oracle_bindings(data, size, want);
	wrong = ntlm_hash_bindings(data, size, hash);
	fuzz_assert(!wrong == !why, "%s, or %s", wrong ? wrong : "fine", why ? why : "fine");
	if (wrong)
		fuzz_assert(fuzz_is_all(hash, 0xa5, sizeof(hash)), "refused, and a hash");
	else
		fuzz_assert(!memcmp(hash, want, sizeof(hash)), "another hash");
	return 0;
}
