// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The functions of sspi.h that are not there yet.  Each exists, so that programs
 * link and tables have no holes, changes nothing and says so.
 */
#include "libsspi/internal.h"

/*
 * One function stands for all of them.  It looks at no argument, and in the
 * calling conventions of the 64-bit targets it is the caller who passes and
 * removes them; so it can be called through any of the prototypes, and the list
 * below needs no second copy of them.  GCC cannot know that and would warn; clang has
 * no such warning.
 */
SECURITY_STATUS ksspi_unsupported(void);
BOOLEAN ksspi_false(void);

#pragma GCC diagnostic push
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wattribute-alias"
#endif
#define UNSUPPORTED(name)							\
	extern __typeof__(name) name __attribute__((__alias__("ksspi_unsupported")))
#define ANSWERS_FALSE(name)							\
	extern __typeof__(name) name __attribute__((__alias__("ksspi_false")))

/* Packages */
UNSUPPORTED(AddSecurityPackageA);
UNSUPPORTED(AddSecurityPackageW);
UNSUPPORTED(DeleteSecurityPackageA);
UNSUPPORTED(DeleteSecurityPackageW);

/* Credentials */
UNSUPPORTED(AddCredentialsA);
UNSUPPORTED(AddCredentialsW);
UNSUPPORTED(QueryCredentialsAttributesA);
UNSUPPORTED(QueryCredentialsAttributesW);
UNSUPPORTED(QueryCredentialsAttributesExA);
UNSUPPORTED(QueryCredentialsAttributesExW);
UNSUPPORTED(SetCredentialsAttributesA);
UNSUPPORTED(SetCredentialsAttributesW);
UNSUPPORTED(ChangeAccountPasswordA);
UNSUPPORTED(ChangeAccountPasswordW);

/* Contexts */
UNSUPPORTED(InitializeSecurityContextA);
UNSUPPORTED(InitializeSecurityContextW);
UNSUPPORTED(SetContextAttributesA);
UNSUPPORTED(SetContextAttributesW);
UNSUPPORTED(DelegateSecurityContext);
UNSUPPORTED(ExportSecurityContext);
UNSUPPORTED(ImportSecurityContextA);
UNSUPPORTED(ImportSecurityContextW);

/* SASL */
UNSUPPORTED(SaslEnumerateProfilesA);
UNSUPPORTED(SaslEnumerateProfilesW);
UNSUPPORTED(SaslGetProfilePackageA);
UNSUPPORTED(SaslGetProfilePackageW);
UNSUPPORTED(SaslIdentifyPackageA);
UNSUPPORTED(SaslIdentifyPackageW);
UNSUPPORTED(SaslInitializeSecurityContextA);
UNSUPPORTED(SaslInitializeSecurityContextW);
UNSUPPORTED(SaslAcceptSecurityContext);
UNSUPPORTED(SaslSetContextOption);
UNSUPPORTED(SaslGetContextOption);

/* Identities.  The two for prompting return a ULONG, for which a status does. */
UNSUPPORTED(SspiPromptForCredentialsA);
UNSUPPORTED(SspiPromptForCredentialsW);
UNSUPPORTED(SspiGetCredUIContext);
UNSUPPORTED(SspiUpdateCredentials);
UNSUPPORTED(SspiUnmarshalCredUIContext);
UNSUPPORTED(SspiPrepareForCredRead);
UNSUPPORTED(SspiPrepareForCredWrite);
UNSUPPORTED(SspiEncryptAuthIdentity);
UNSUPPORTED(SspiEncryptAuthIdentityEx);
UNSUPPORTED(SspiDecryptAuthIdentity);
UNSUPPORTED(SspiDecryptAuthIdentityEx);
UNSUPPORTED(SspiEncodeAuthIdentityAsStrings);
UNSUPPORTED(SspiEncodeStringsAsAuthIdentity);
UNSUPPORTED(SspiValidateAuthIdentity);
UNSUPPORTED(SspiCopyAuthIdentity);
UNSUPPORTED(SspiCompareAuthIdentities);
UNSUPPORTED(SspiMarshalAuthIdentity);
UNSUPPORTED(SspiUnmarshalAuthIdentity);
UNSUPPORTED(SspiGetTargetHostName);
UNSUPPORTED(SspiExcludePackage);

/* No error calls for a prompt where nobody can prompt. */
ANSWERS_FALSE(SspiIsPromptingNeeded);

#pragma GCC diagnostic pop

/**
 * ksspi_unsupported() - what stands for every function that is not there yet
 *
 * Return: SEC_E_UNSUPPORTED_FUNCTION
 */
SECURITY_STATUS ksspi_unsupported(void)
{
	return SEC_E_UNSUPPORTED_FUNCTION;
}

/**
 * ksspi_false() - the same for functions that return a BOOLEAN
 *
 * Return: FALSE
 */
BOOLEAN ksspi_false(void)
{
	return FALSE;
}
