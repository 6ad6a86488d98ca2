// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A password that the client of a token has delegated.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include <sspi_linux.h>

#include "libsspi/internal.h"

/**
 * struct fetched - what FreeContextBuffer() takes back
 * @credential: points to what is behind it
 * @user:       with a NUL behind it
 * @domain:     likewise
 * @password:   likewise
 */
struct fetched {
	LinuxCredential credential;
	char user[KSECDD_MAX_NAME + 1];
	char domain[KSECDD_MAX_NAME + 1];
	char password[KSECDD_MAX_SECRET + 1];
};

static SECURITY_STATUS fetch(int fd, struct fetched *all)
{
	struct ksecdd_fetch cmd = {
		.size = sizeof(cmd),
		.user = ksspi_pointer(all->user),
		.domain = ksspi_pointer(all->domain),
		.secret = ksspi_pointer(all->password),
		.user_len = sizeof(all->user) - 1,
		.domain_len = sizeof(all->domain) - 1,
		.secret_len = sizeof(all->password) - 1,
	};

	if (ioctl(fd, KSECDD_TOKEN_FETCH, &cmd))
		return errno == ENOTTY ? SEC_E_UNSUPPORTED_FUNCTION : ksspi_status(errno);
	return cmd.status;
}

/**
 * LinuxFetchCredential() - fetch a password that the client has delegated
 * @Token:        the token
 * @ppCredential: receives it, in one piece of memory that FreeContextBuffer() takes back
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (no token); SEC_E_INVALID_PARAMETER
 *         (@ppCredential is NULL); SEC_E_NO_CREDENTIALS (he has delegated none, it was
 *         fetched before, or this caller may not); SEC_E_UNSUPPORTED_FUNCTION (a module
 *         that is too old); SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS SEC_ENTRY LinuxFetchCredential(HANDLE Token, PLinuxCredential *ppCredential)
{
	int fd = ksspi_token_fd(Token);
	struct ksspi_token token;
	SECURITY_STATUS status;
	struct fetched *all;

	if (!ppCredential)
		return SEC_E_INVALID_PARAMETER;
	status = ksspi_token_read(fd, &token);
	if (status != SEC_E_OK)
		return status;
	all = ksspi_alloc(sizeof(*all));
	if (!all)
		return SEC_E_INSUFFICIENT_MEMORY;
	status = fetch(fd, all);
	if (status != SEC_E_OK) {
		ksspi_free(all);
		return status;
	}
	all->credential = (LinuxCredential){ all->user, all->domain, all->password };
	*ppCredential = &all->credential;
	return SEC_E_OK;
}
