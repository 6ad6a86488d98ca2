// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Credentials: AcquireCredentialsHandle and FreeCredentialsHandle.
 *
 * A password goes from the caller's memory straight into the kernel.  Only if it
 * is UTF-16 there is a copy in between, on the stack, and it is wiped.
 */
#include <string.h>

#include "libsspi/internal.h"

/* UTF-8 copies of what the caller has in UTF-16 */
struct narrow {
	char user[KSECDD_MAX_NAME];
	char domain[KSECDD_MAX_NAME];
	char password[KSECDD_MAX_SECRET];
};

/* A string of the identity for the kernel: as it is, or through a copy. */
static SECURITY_STATUS pass_string(void *from, uint32_t len, bool wide, char *copy, size_t room,
				   __u64 *to, __u32 *to_len)
{
	ssize_t bytes;

	if (!wide || !from) {
		*to = ksspi_pointer(from);
		*to_len = len;
		return SEC_E_OK;
	}
	/* Each unit takes a byte at least: what is longer need not be looked at. */
	if (len > room)
		return SEC_E_INVALID_PARAMETER;
	bytes = ksspi_utf16_to_utf8(from, len, copy, room);
	if (bytes < 0)
		return SEC_E_UNKNOWN_CREDENTIALS;
	if ((size_t)bytes > room)
		return SEC_E_INVALID_PARAMETER;
	*to = ksspi_pointer(copy);
	*to_len = (__u32)bytes;
	return SEC_E_OK;
}

static SECURITY_STATUS pass_identity(void *auth_data, struct narrow *narrow,
				     struct ksecdd_acquire *cmd)
{
	struct ksspi_identity id;
	SECURITY_STATUS status;

	status = ksspi_identity_parse(auth_data, &id);
	if (status == SEC_E_OK)
		status = pass_string(id.user, id.user_len, id.wide, narrow->user,
				     sizeof(narrow->user), &cmd->user, &cmd->user_len);
	if (status == SEC_E_OK)
		status = pass_string(id.domain, id.domain_len, id.wide, narrow->domain,
				     sizeof(narrow->domain), &cmd->domain, &cmd->domain_len);
	if (status == SEC_E_OK)
		status = pass_string(id.password, id.password_len, id.wide, narrow->password,
				     sizeof(narrow->password), &cmd->secret, &cmd->secret_len);
	return status;
}

/* @package is what was found for the caller's name, with the status @status. */
static SECURITY_STATUS acquire(SECURITY_STATUS status, const struct ksecdd_package *package,
			       const char *principal, size_t principal_len, ULONG use,
			       const void *logon_id, void *auth_data, PCredHandle credential,
			       PTimeStamp expiry)
{
	struct ksecdd_acquire cmd = {
		.size = sizeof(cmd),
		.use = use,
		.principal = ksspi_pointer(principal),
		/* What does not fit is longer than the kernel takes. */
		.principal_len = principal_len > UINT32_MAX ? UINT32_MAX : (__u32)principal_len,
	};
	struct narrow narrow;

	if (!credential)
		return SEC_E_INVALID_HANDLE;
	if (status != SEC_E_OK)
		return status;
	/* There are no other logon sessions than the caller's own. */
	if (logon_id)
		return SEC_E_UNSUPPORTED_FUNCTION;
	cmd.package = package->id;
	if (auth_data)
		status = pass_identity(auth_data, &narrow, &cmd);
	if (status == SEC_E_OK)
		status = ksspi_call_first(KSECDD_IOC_ACQUIRE, &cmd);
	if (auth_data)
		explicit_bzero(&narrow, sizeof(narrow));
	if (status != SEC_E_OK)
		return status;
	ksspi_set_handle(credential, cmd.handle);
	ksspi_set_time(expiry, cmd.expiry);
	return SEC_E_OK;
}

/**
 * AcquireCredentialsHandleA() - credentials for AcceptSecurityContext()
 * @pszPrincipal:     name of the principal, UTF-8, or NULL
 * @pszPackage:       name of the package, in any case of letters
 * @fCredentialUse:   SECPKG_CRED_INBOUND or SECPKG_CRED_BOTH
 * @pvLogonId:        NULL
 * @pAuthData:        NULL, or SEC_WINNT_AUTH_IDENTITY_A, _W, _EXA or _EXW
 * @pGetKeyFn:        not used
 * @pvGetKeyArgument: not used
 * @phCredential:     receives the credential, for FreeCredentialsHandle()
 * @ptsExpiry:        receives when it expires, in local time, or NULL
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (@phCredential is NULL);
 *         SEC_E_SECPKG_NOT_FOUND (no such package, or the module is not loaded);
 *         SEC_E_NOT_OWNER (the device may not be opened);
 *         SEC_E_UNSUPPORTED_FUNCTION (a use the package does not offer, another
 *         logon session, encrypted credentials); SEC_E_UNKNOWN_CREDENTIALS
 *         (@pAuthData is malformed); SEC_E_INVALID_PARAMETER (a string longer
 *         than KSECDD_MAX_NAME or KSECDD_MAX_SECRET bytes, or a use that is
 *         none); SEC_E_INSUFFICIENT_MEMORY (memory, quota or limit)
 */
SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage, ULONG fCredentialUse,
			  void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
			  void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry)
{
	SECURITY_STATUS status = SEC_E_SECPKG_NOT_FOUND;
	struct ksecdd_package package;

	(void)pGetKeyFn;
	(void)pvGetKeyArgument;
	if (pszPackage)
		status = ksspi_package_by_name(pszPackage, strlen(pszPackage), &package);
	return acquire(status, &package, pszPrincipal, pszPrincipal ? strlen(pszPrincipal) : 0,
		       fCredentialUse, pvLogonId, pAuthData, phCredential, ptsExpiry);
}

/**
 * AcquireCredentialsHandleW() - AcquireCredentialsHandleA() in UTF-16
 * @pszPrincipal:     name of the principal, or NULL
 * @pszPackage:       name of the package, in any case of letters
 * @fCredentialUse:   SECPKG_CRED_INBOUND or SECPKG_CRED_BOTH
 * @pvLogonId:        NULL
 * @pAuthData:        NULL, or SEC_WINNT_AUTH_IDENTITY_A, _W, _EXA or _EXW
 * @pGetKeyFn:        not used
 * @pvGetKeyArgument: not used
 * @phCredential:     receives the credential, for FreeCredentialsHandle()
 * @ptsExpiry:        receives when it expires, in local time, or NULL
 *
 * Return: as AcquireCredentialsHandleA(); SEC_E_INVALID_PARAMETER for a
 *         principal that is malformed, too
 */
SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage, ULONG fCredentialUse,
			  void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
			  void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry)
{
	char principal[KSECDD_MAX_NAME];
	struct ksecdd_package package;
	SECURITY_STATUS status;
	ssize_t len = 0;

	(void)pGetKeyFn;
	(void)pvGetKeyArgument;
	status = ksspi_package_by_wide_name(pszPackage, &package);
	if (pszPrincipal)
		len = ksspi_utf16_to_utf8(pszPrincipal,
					  ksspi_utf16_len(pszPrincipal, sizeof(principal) + 1),
					  principal, sizeof(principal));
	if (status == SEC_E_OK && (len < 0 || (size_t)len > sizeof(principal)))
		status = SEC_E_INVALID_PARAMETER;
	return acquire(status, &package, pszPrincipal ? principal : NULL, (size_t)len,
		       fCredentialUse, pvLogonId, pAuthData, phCredential, ptsExpiry);
}

/**
 * FreeCredentialsHandle() - give back credentials
 * @phCredential: the credential; contexts that were made with it live on
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, freed before, or no credential)
 */
SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential)
{
	struct ksecdd_destroy cmd = {
		.size = sizeof(cmd),
		.handle = ksspi_handle(phCredential),
		.type = KSECDD_OBJECT_CREDENTIAL,
	};

	return ksspi_call(KSECDD_IOC_DESTROY, &cmd);
}
