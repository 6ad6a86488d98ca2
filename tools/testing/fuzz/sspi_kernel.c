// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "sspi_kernel.h"

int __wrap_ksspi_ioctl(unsigned long request, void *arg);
SECURITY_STATUS __wrap_ksspi_call(unsigned long request, void *arg);
SECURITY_STATUS __wrap_ksspi_call_first(unsigned long request, void *arg);

int (*sspi_kernel)(unsigned long request, void *arg);

int __wrap_ksspi_ioctl(unsigned long request, void *arg)
{
	return sspi_kernel(request, arg);
}

SECURITY_STATUS __wrap_ksspi_call(unsigned long request, void *arg)
{
	int err = sspi_kernel(request, arg);

	return err ? ksspi_status(err) : ((int32_t *)arg)[1];
}

SECURITY_STATUS __wrap_ksspi_call_first(unsigned long request, void *arg)
{
	return __wrap_ksspi_call(request, arg);
}

/**
 * sspi_take_status() - a status that the kernel may return
 * @in: the input
 */
int32_t sspi_take_status(struct fuzz_input *in)
{
	static const int32_t statuses[] = {
		SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_I_CONTINUE_NEEDED, SEC_E_INVALID_HANDLE,
		SEC_E_INVALID_TOKEN, SEC_E_LOGON_DENIED, SEC_E_INTERNAL_ERROR,
		SEC_E_INSUFFICIENT_MEMORY, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_BUFFER_TOO_SMALL,
		SEC_E_MESSAGE_ALTERED, SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_TARGET_UNKNOWN,
		SEC_E_INCOMPLETE_MESSAGE,
	};

	return statuses[fuzz_take_below(in, sizeof(statuses) / sizeof(statuses[0]))];
}

/**
 * sspi_take_errno() - an errno that the kernel may return, or none
 * @in: the input
 */
int sspi_take_errno(struct fuzz_input *in)
{
	static const int errors[] = { EFAULT, ENOMEM, EINVAL, E2BIG, ENOTTY, EBADF, ENOENT, EIO };
	uint8_t which = fuzz_take8(in);

	return which < 0xe0 ? 0 : errors[which & 7];
}
