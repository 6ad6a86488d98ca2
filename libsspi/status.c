// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From errno to SECURITY_STATUS.  The kernel returns an errno only for a call
 * that did nothing; what a security function has to say is a status already.
 */
#include <errno.h>

#include "libsspi/internal.h"

static const struct {
	int err;
	SECURITY_STATUS status;
} statuses[] = {
	/*
	 * open(): no module, so there are no packages.  This, not
	 * SEC_E_NO_AUTHENTICATING_AUTHORITY, which the kernel returns when the
	 * module is there and its helper is not: the remedy differs.
	 */
	{ ENOENT, SEC_E_SECPKG_NOT_FOUND },
	{ ENODEV, SEC_E_SECPKG_NOT_FOUND },
	{ ENXIO, SEC_E_SECPKG_NOT_FOUND },
	/* open(): not for this user, or forbidden by a security module */
	{ EACCES, SEC_E_NOT_OWNER },
	{ EPERM, SEC_E_NOT_OWNER },
	/* memory, of whatever kind; EFAULT: the caller's buffer is not memory */
	{ ENOMEM, SEC_E_INSUFFICIENT_MEMORY },
	{ EFAULT, SEC_E_INSUFFICIENT_MEMORY },
	{ EMFILE, SEC_E_INSUFFICIENT_MEMORY },
	{ ENFILE, SEC_E_INSUFFICIENT_MEMORY },
	/* the file is gone, and with it every handle it had */
	{ EBADF, SEC_E_INVALID_HANDLE },
	/* a module that is older than this library */
	{ ENOTTY, SEC_E_UNSUPPORTED_FUNCTION },
	{ E2BIG, SEC_E_UNSUPPORTED_FUNCTION },
};

/**
 * ksspi_status() - the status that stands for an errno of open() or ioctl()
 * @err: errno
 *
 * Return: the status, SEC_E_INTERNAL_ERROR for an errno that is not foreseen
 */
SECURITY_STATUS ksspi_status(int err)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].err == err)
			return statuses[i].status;
	return SEC_E_INTERNAL_ERROR;
}

/**
 * ksspi_message_status() - the status that stands for an errno of a message's ioctl
 * @err: errno
 *
 * A message that was made or taken before it could not be written counts, and
 * EFAULT does not tell.  So that must not look like the lack of memory after
 * which the same call may be made again.
 *
 * Return: as ksspi_status(), but SEC_E_INTERNAL_ERROR for EFAULT
 */
SECURITY_STATUS ksspi_message_status(int err)
{
	return err == EFAULT ? SEC_E_INTERNAL_ERROR : ksspi_status(err);
}
