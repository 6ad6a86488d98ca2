// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables of functions, and the functions that are not there yet.
 */
#include <string.h>

#include "libsspi/internal.h"
#include "tools/testing/tap/tap.h"

/* In the units of a slot: what Windows has NULL, too */
#define RESERVED2	(offsetof(SecurityFunctionTableA, Reserved2) / sizeof(void *))
#define RESERVED8	(offsetof(SecurityFunctionTableA, Reserved8) / sizeof(void *))
#define SLOTS		(sizeof(SecurityFunctionTableA) / sizeof(void *))

_Static_assert(sizeof(SecurityFunctionTableA) == sizeof(SecurityFunctionTableW),
	       "one size for both");

static void test_slots(const void *table, const char *which)
{
	void *slot[SLOTS];
	size_t i, empty = 0;

	memcpy(slot, table, sizeof(slot));
	for (i = 1; i < SLOTS; i++)
		empty += !slot[i] && i != RESERVED2 && i != RESERVED8;
	tap_is((int64_t)empty, 0, "table %s has a function in every slot", which);
	tap_ok(!slot[RESERVED2] && !slot[RESERVED8], "table %s: what Windows reserves", which);
}

static void test_tables(void)
{
	PSecurityFunctionTableA a = InitSecurityInterfaceA();
	PSecurityFunctionTableW w = InitSecurityInterfaceW();

	tap_is(a->dwVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4, "version of A");
	tap_is(w->dwVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION_4, "version of W");
	test_slots(a, "A");
	test_slots(w, "W");
	tap_ok(a == InitSecurityInterfaceA() && w == InitSecurityInterfaceW(),
	       "the tables are always the same");
	tap_ok(a->AcquireCredentialsHandleA == AcquireCredentialsHandleA &&
	       w->AcquireCredentialsHandleW == AcquireCredentialsHandleW &&
	       a->QuerySecurityPackageInfoA == QuerySecurityPackageInfoA &&
	       w->QuerySecurityPackageInfoW == QuerySecurityPackageInfoW &&
	       a->QueryContextAttributesExA == QueryContextAttributesExA &&
	       w->QueryContextAttributesExW == QueryContextAttributesExW,
	       "A has the A functions, W the W functions");
	tap_ok(a->FreeCredentialHandle == FreeCredentialsHandle &&
	       w->Reserved3 == (void *)EncryptMessage && w->Reserved4 == (void *)DecryptMessage,
	       "the old names lead to the same functions");
}

/*
 * What every function that is not there yet gets: pointers to this, which none
 * may change.
 */
static unsigned char marked[512], untouched[512];

#define P	((void *)marked)

#define REFUSES(function, ...)							\
	(tap_is((SECURITY_STATUS)function(__VA_ARGS__), SEC_E_UNSUPPORTED_FUNCTION, #function), \
	 tap_mem(marked, untouched, sizeof(marked), #function " changes nothing"))

static void test_unsupported(void)
{
	memset(marked, 0xa5, sizeof(marked));
	memcpy(untouched, marked, sizeof(marked));

	REFUSES(AddSecurityPackageA, P, P);
	REFUSES(AddSecurityPackageW, P, P);
	REFUSES(DeleteSecurityPackageA, P);
	REFUSES(DeleteSecurityPackageW, P);
	REFUSES(AddCredentialsA, P, P, P, 1, P, NULL, P, P);
	REFUSES(AddCredentialsW, P, P, P, 1, P, NULL, P, P);
	REFUSES(QueryCredentialsAttributesA, P, SECPKG_CRED_ATTR_NAMES, P);
	REFUSES(QueryCredentialsAttributesW, P, SECPKG_CRED_ATTR_NAMES, P);
	REFUSES(QueryCredentialsAttributesExA, P, SECPKG_CRED_ATTR_NAMES, P, 8);
	REFUSES(QueryCredentialsAttributesExW, P, SECPKG_CRED_ATTR_NAMES, P, 8);
	REFUSES(SetCredentialsAttributesA, P, SECPKG_CRED_ATTR_NAMES, P, 8);
	REFUSES(SetCredentialsAttributesW, P, SECPKG_CRED_ATTR_NAMES, P, 8);
	REFUSES(ChangeAccountPasswordA, P, P, P, P, P, 0, 0, P);
	REFUSES(ChangeAccountPasswordW, P, P, P, P, P, 0, 0, P);
	REFUSES(InitializeSecurityContextA, P, NULL, P, 0, 0, 0, NULL, 0, P, P, P, P);
	REFUSES(InitializeSecurityContextW, P, NULL, P, 0, 0, 0, NULL, 0, P, P, P, P);
	REFUSES(SetContextAttributesA, P, SECPKG_ATTR_NAMES, P, 8);
	REFUSES(SetContextAttributesW, P, SECPKG_ATTR_NAMES, P, 8);
	REFUSES(DelegateSecurityContext, P, P, SecFull, P, P, P);
	REFUSES(ExportSecurityContext, P, 0, P, P);
	REFUSES(ImportSecurityContextA, P, P, P, P);
	REFUSES(ImportSecurityContextW, P, P, P, P);
	REFUSES(SaslEnumerateProfilesA, P, P);
	REFUSES(SaslEnumerateProfilesW, P, P);
	REFUSES(SaslGetProfilePackageA, P, P);
	REFUSES(SaslGetProfilePackageW, P, P);
	REFUSES(SaslIdentifyPackageA, P, P);
	REFUSES(SaslIdentifyPackageW, P, P);
	REFUSES(SaslInitializeSecurityContextA, P, NULL, P, 0, 0, 0, NULL, 0, P, P, P, P);
	REFUSES(SaslInitializeSecurityContextW, P, NULL, P, 0, 0, 0, NULL, 0, P, P, P, P);
	REFUSES(SaslAcceptSecurityContext, P, NULL, P, 0, 0, P, P, P, P);
	REFUSES(SaslSetContextOption, P, SASL_OPTION_SEND_SIZE, P, 4);
	REFUSES(SaslGetContextOption, P, SASL_OPTION_SEND_SIZE, P, 4, P);
	REFUSES(SspiPromptForCredentialsA, P, P, 0, P, P, P, P, 0);
	REFUSES(SspiPromptForCredentialsW, P, P, 0, P, P, P, P, 0);
	REFUSES(SspiGetCredUIContext, P, P, P, P, P);
	REFUSES(SspiUpdateCredentials, P, P, 8, P);
	REFUSES(SspiUnmarshalCredUIContext, P, 8, P);
	REFUSES(SspiPrepareForCredRead, P, P, P, P);
	REFUSES(SspiPrepareForCredWrite, P, P, P, P, P, P, P);
	REFUSES(SspiEncryptAuthIdentity, P);
	REFUSES(SspiEncryptAuthIdentityEx, 1, P);
	REFUSES(SspiDecryptAuthIdentity, P);
	REFUSES(SspiDecryptAuthIdentityEx, 1, P);
	REFUSES(SspiEncodeAuthIdentityAsStrings, P, P, P, P);
	REFUSES(SspiEncodeStringsAsAuthIdentity, P, P, P, P);
	REFUSES(SspiValidateAuthIdentity, P);
	REFUSES(SspiCopyAuthIdentity, P, P);
	REFUSES(SspiCompareAuthIdentities, P, P, P, P);
	REFUSES(SspiMarshalAuthIdentity, P, P, P);
	REFUSES(SspiUnmarshalAuthIdentity, 8, P, P);
	REFUSES(SspiGetTargetHostName, P, P);
	REFUSES(SspiExcludePackage, P, P, P);
	tap_is(SspiIsPromptingNeeded((ULONG)SEC_E_LOGON_DENIED), FALSE, "SspiIsPromptingNeeded");
}

int main(void)
{
	test_tables();
	test_unsupported();
	return tap_done();
}
