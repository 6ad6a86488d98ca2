// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the SIDs in a PAC.  Input: a KERB_VALIDATION_INFO.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/kerberos/kerberos.h"

/* "S-1-" and numbers, one or more of them, with one space between two */
static void check_sids(const char *sids)
{
	unsigned int n = 0;
	size_t len;

	do {
		len = strcspn(sids, " ");
		fuzz_assert(len > 4 && !strncmp(sids, "S-1-", 4), "\"%s\"", sids);
		fuzz_assert(strspn(sids + 4, "0123456789ABCDEFx-") >= len - 4, "\"%s\"", sids);
		n++;
		sids += len;
	} while (*sids++);
	fuzz_assert(n <= KERBEROS_MAX_SIDS, "%u SIDs", n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *info = fuzz_copy(data, size);
	const char *wrong;
	char *sids;

	wrong = kerberos_pac_sids(info, size, &sids);
	fuzz_assert(!wrong != !sids, "neither SIDs nor a reason, or both");
	if (sids) {
		fuzz_assert(strlen(sids) <= KSECDD_MAX_SIDS, "too long");
		check_sids(sids);
	}
	free(sids);
	free(info);
	return 0;
}
