// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Explicit credentials: the structs that programs hand over as pAuthData.
 *
 * Which struct it is, its first member tells: a version number, or else the
 * pointer to the user's name of the struct without one.  That is how Windows
 * does it.
 */
#include <string.h>

#include "libsspi/internal.h"

/* Strings that are encrypted can be read on no other system than the one that did it. */
#define ENCRYPTED	(SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED |	\
			 SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |	\
			 SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |		\
			 SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED)
#define ENCODING	(SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE)

/* A and W differ in nothing but the type that the pointers point to. */
_Static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W) &&
	       sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
	       "one layout for both");

static uint32_t version_of(const void *auth_data)
{
	uint32_t version;

	memcpy(&version, auth_data, sizeof(version));
	return version;
}

/* The struct without a version, which the one with a version has inside. */
static bool get_plain(const void *auth_data, SEC_WINNT_AUTH_IDENTITY_A *plain)
{
	SEC_WINNT_AUTH_IDENTITY_EXA ex;

	if (version_of(auth_data) != SEC_WINNT_AUTH_IDENTITY_VERSION) {
		memcpy(plain, auth_data, sizeof(*plain));
		return true;
	}
	memcpy(&ex, auth_data, sizeof(ex));
	if (ex.Length < sizeof(ex))
		return false;
	*plain = (SEC_WINNT_AUTH_IDENTITY_A){ ex.User, ex.UserLength, ex.Domain, ex.DomainLength,
					      ex.Password, ex.PasswordLength, ex.Flags };
	return true;
}

/**
 * ksspi_identity_parse() - find the strings of explicit credentials
 * @auth_data: SEC_WINNT_AUTH_IDENTITY_A, _W, _EXA or _EXW.  What its strings
 *             are, its flags tell, whether it comes through an A or a W function
 * @identity:  receives where they are; nothing is copied
 *
 * Return: SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION (SEC_WINNT_AUTH_IDENTITY_EX2,
 *         or encrypted strings); SEC_E_UNKNOWN_CREDENTIALS (neither ANSI nor
 *         UNICODE, or both; a length without a string; a wrong size)
 */
SECURITY_STATUS ksspi_identity_parse(void *auth_data, struct ksspi_identity *identity)
{
	SEC_WINNT_AUTH_IDENTITY_A plain;

	if (version_of(auth_data) == SEC_WINNT_AUTH_IDENTITY_VERSION_2)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (!get_plain(auth_data, &plain))
		return SEC_E_UNKNOWN_CREDENTIALS;
	if ((plain.Flags & ENCODING) != SEC_WINNT_AUTH_IDENTITY_ANSI &&
	    (plain.Flags & ENCODING) != SEC_WINNT_AUTH_IDENTITY_UNICODE)
		return SEC_E_UNKNOWN_CREDENTIALS;
	if (plain.Flags & ENCRYPTED)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if ((!plain.User && plain.UserLength) || (!plain.Domain && plain.DomainLength) ||
	    (!plain.Password && plain.PasswordLength))
		return SEC_E_UNKNOWN_CREDENTIALS;

	*identity = (struct ksspi_identity){
		.wide = plain.Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE,
		.user = plain.User,
		.domain = plain.Domain,
		.password = plain.Password,
		.user_len = plain.UserLength,
		.domain_len = plain.DomainLength,
		.password_len = plain.PasswordLength,
	};
	return SEC_E_OK;
}

static void wipe(void *string, size_t len, bool wide)
{
	if (string)
		explicit_bzero(string, len * (wide ? sizeof(WCHAR) : 1));
}

/**
 * SspiZeroAuthIdentity() - wipe explicit credentials
 * @AuthData: SEC_WINNT_AUTH_IDENTITY_A, _W, _EXA, _EXW or _EX2, or NULL; its
 *            strings and then the struct itself are overwritten with zeroes
 */
VOID SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
	SEC_WINNT_AUTH_IDENTITY_EX2 *ex2 = AuthData;
	size_t size = sizeof(SEC_WINNT_AUTH_IDENTITY_A);
	SEC_WINNT_AUTH_IDENTITY_A plain;
	bool wide;

	if (!AuthData)
		return;
	if (version_of(AuthData) == SEC_WINNT_AUTH_IDENTITY_VERSION_2) {
		explicit_bzero(ex2, ex2->cbStructureLength);
		return;
	}
	if (version_of(AuthData) == SEC_WINNT_AUTH_IDENTITY_VERSION)
		size = sizeof(SEC_WINNT_AUTH_IDENTITY_EXA);
	/* The lengths count units: with neither flag, bytes are the safe assumption. */
	if (get_plain(AuthData, &plain)) {
		wide = plain.Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE;
		wipe(plain.User, plain.UserLength, wide);
		wipe(plain.Domain, plain.DomainLength, wide);
		wipe(plain.Password, plain.PasswordLength, wide);
	}
	explicit_bzero(AuthData, size);
}

/**
 * SspiFreeAuthIdentity() - free explicit credentials that an Sspi function made
 * @AuthData: the credentials; what this library did not allocate is left alone
 */
VOID SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
	ksspi_free(AuthData);
}

/**
 * SspiIsAuthIdentityEncrypted() - are the strings of credentials encrypted?
 * @EncryptedAuthData: SEC_WINNT_AUTH_IDENTITY_A, _W, _EXA, _EXW or _EX2, or NULL
 *
 * Return: TRUE or FALSE
 */
BOOLEAN SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
	const SEC_WINNT_AUTH_IDENTITY_EX2 *ex2 = EncryptedAuthData;
	SEC_WINNT_AUTH_IDENTITY_A plain;

	if (!EncryptedAuthData)
		return FALSE;
	if (version_of(EncryptedAuthData) == SEC_WINNT_AUTH_IDENTITY_VERSION_2)
		return (ex2->Flags & ENCRYPTED) != 0;
	return get_plain(EncryptedAuthData, &plain) && (plain.Flags & ENCRYPTED);
}
