// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of SECURITY_STATUS values, for people.
 */
#include <stddef.h>

#include <linux/ksecdd_sspi.h>

#include "helper/status.h"

#define NAME(status)	{ status, #status }

static const struct {
	int32_t status;
	const char *name;
} names[] = {
	NAME(SEC_E_OK),
	NAME(SEC_E_INSUFFICIENT_MEMORY),
	NAME(SEC_E_INVALID_HANDLE),
	NAME(SEC_E_UNSUPPORTED_FUNCTION),
	NAME(SEC_E_TARGET_UNKNOWN),
	NAME(SEC_E_INTERNAL_ERROR),
	NAME(SEC_E_SECPKG_NOT_FOUND),
	NAME(SEC_E_NOT_OWNER),
	NAME(SEC_E_CANNOT_INSTALL),
	NAME(SEC_E_INVALID_TOKEN),
	NAME(SEC_E_CANNOT_PACK),
	NAME(SEC_E_QOP_NOT_SUPPORTED),
	NAME(SEC_E_NO_IMPERSONATION),
	NAME(SEC_E_LOGON_DENIED),
	NAME(SEC_E_UNKNOWN_CREDENTIALS),
	NAME(SEC_E_NO_CREDENTIALS),
	NAME(SEC_E_MESSAGE_ALTERED),
	NAME(SEC_E_OUT_OF_SEQUENCE),
	NAME(SEC_E_NO_AUTHENTICATING_AUTHORITY),
	NAME(SEC_E_CONTEXT_EXPIRED),
	NAME(SEC_E_INCOMPLETE_MESSAGE),
	NAME(SEC_E_INCOMPLETE_CREDENTIALS),
	NAME(SEC_E_BUFFER_TOO_SMALL),
	NAME(SEC_E_WRONG_PRINCIPAL),
	NAME(SEC_E_TIME_SKEW),
	NAME(SEC_E_DECRYPT_FAILURE),
	NAME(SEC_E_WRONG_CREDENTIAL_HANDLE),
	NAME(SEC_E_CRYPTO_SYSTEM_INVALID),
	NAME(SEC_E_KDC_UNKNOWN_ETYPE),
	NAME(SEC_E_BAD_BINDINGS),
	NAME(SEC_E_NO_KERB_KEY),
	NAME(SEC_E_INVALID_PARAMETER),
	NAME(SEC_I_CONTINUE_NEEDED),
	NAME(SEC_I_COMPLETE_NEEDED),
	NAME(SEC_I_COMPLETE_AND_CONTINUE),
};

/**
 * status_name() - the name of a SECURITY_STATUS
 * @status: the value
 *
 * Return: its name in <linux/ksecdd_sspi.h>, or "unknown status".
 */
const char *status_name(int32_t status)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].status == status)
			return names[i].name;
	return "unknown status";
}
