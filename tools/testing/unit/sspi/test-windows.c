// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A source as it is written for Windows: it includes what it would include there and
 * gets at SSPI through the DLL.  Built twice, with UNICODE and without.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <security.h>
#include <schnlsp.h>

#include "tools/testing/tap/tap.h"

static void test_names(void)
{
	tap_ok(!LoadLibrary(TEXT("kernel32.dll")) && !LoadLibrary(TEXT("")) && !LoadLibrary(NULL),
	       "other libraries are not there");
	tap_ok(!LoadLibrary(TEXT("secur32.dllx")) && !LoadLibrary(TEXT("xsecur32.dll")),
	       "nor those with similar names");
	tap_ok(LoadLibrary(TEXT("SECUR32")) && LoadLibrary(TEXT("sspicli.dll")) &&
	       LoadLibrary(TEXT("C:\\Windows\\System32\\Secur32.DLL")),
	       "the library has the names it has on Windows");
	tap_ok(!GetProcAddress(NULL, SECURITY_ENTRYPOINT_ANSI), "no library, no function");
}

static void test_table(void)
{
	INIT_SECURITY_INTERFACE init;
	PSecurityFunctionTable table;
	HINSTANCE dll;
	PSecPkgInfo info = NULL;
	CredHandle cred;
	SECURITY_STATUS status;

	dll = LoadLibrary(TEXT("security.dll"));
	if (!tap_ok(dll, "LoadLibrary"))
		return;
	tap_ok(!GetProcAddress(dll, "NoSuchFunction"), "a function that is not there");
	init = (INIT_SECURITY_INTERFACE)GetProcAddress(dll, SECURITY_ENTRYPOINT_ANSI);
	if (!tap_ok(init, "GetProcAddress"))
		return;
	table = init();
	tap_ok(table && table->dwVersion >= SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
	       "the table of functions");
	if (!table)
		return;

	/* Whether there is a module or not, this package is not there. */
	status = table->QuerySecurityPackageInfo((SECURITY_PSTR)UNISP_NAME, &info);
	tap_ok(FAILED(status) && !info, "a call through the table");
	status = table->AcquireCredentialsHandle(NULL, (SECURITY_PSTR)NEGOSSP_NAME,
						 SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
						 &cred, NULL);
	tap_is(status, SEC_E_SECPKG_NOT_FOUND, "and another");
	SecInvalidateHandle(&cred);
	tap_is(table->FreeCredentialHandle(&cred), SEC_E_INVALID_HANDLE,
	       "by the name without the s");
	tap_ok(FreeLibrary(dll) && !FreeLibrary(NULL), "FreeLibrary");
	tap_ok(table->FreeContextBuffer == FreeContextBuffer,
	       "it is the library that this program is linked to");
}

int main(void)
{
	test_names();
	test_table();
	return tap_done();
}
