// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A machine without the module: every function has a status, and writes nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sspi_linux.h>
#include <windows/schannel.h>

#include "libsspi/internal.h"
#include "tools/testing/tap/tap.h"

#define POISON	0xa5

static CredHandle cred = { 1, 1 };
static CtxtHandle ctx = { 2, 1 };
static unsigned char token[64];
static SecBuffer token_buffer = { sizeof(token), SECBUFFER_TOKEN, token };
static SecBufferDesc token_desc = { SECBUFFER_VERSION, 1, &token_buffer };

/* What functions might write to, to be found as it was */
static struct {
	CredHandle handle;
	TimeStamp time;
	ULONG number;
	void *pointer;
	unsigned char answer[sizeof(SecPkgContext_CipherInfo)];
} out, poisoned;

static void poison(void)
{
	memset(&out, POISON, sizeof(out));
	memcpy(&poisoned, &out, sizeof(out));
}

#define GIVES(want, call)							\
	(poison(), tap_is(call, want, #call),					\
	 tap_mem(&out, &poisoned, sizeof(out), "and nothing is written"))

static SECURITY_STATUS accept_with(PSecBufferDesc input, PSecBufferDesc output)
{
	return AcceptSecurityContext(&cred, NULL, input, 0, 0, &out.handle, output, &out.number,
				     &out.time);
}

static SECURITY_STATUS acquire_a(char *package, void *logon, void *auth)
{
	return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, logon, auth, NULL,
					 NULL, &out.handle, &out.time);
}

static SECURITY_STATUS acquire_w(WCHAR *principal, WCHAR *package, void *auth)
{
	return AcquireCredentialsHandleW(principal, package, SECPKG_CRED_INBOUND, NULL, auth,
					 NULL, NULL, &out.handle, &out.time);
}

static void test_packages(void)
{
	PSecPkgInfoA *a = (PSecPkgInfoA *)&out.pointer;
	PSecPkgInfoW *w = (PSecPkgInfoW *)&out.pointer;

	GIVES(SEC_E_SECPKG_NOT_FOUND, EnumerateSecurityPackagesA(&out.number, a));
	GIVES(SEC_E_SECPKG_NOT_FOUND, EnumerateSecurityPackagesW(&out.number, w));
	GIVES(SEC_E_INVALID_PARAMETER, EnumerateSecurityPackagesA(NULL, a));
	GIVES(SEC_E_INVALID_PARAMETER, EnumerateSecurityPackagesW(&out.number, NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, QuerySecurityPackageInfoA("NTLM", a));
	GIVES(SEC_E_SECPKG_NOT_FOUND, QuerySecurityPackageInfoA(NULL, a));
	GIVES(SEC_E_INVALID_PARAMETER, QuerySecurityPackageInfoA("NTLM", NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, QuerySecurityPackageInfoW((WCHAR *)u"NTLM", w));
	GIVES(SEC_E_SECPKG_NOT_FOUND, QuerySecurityPackageInfoW(NULL, w));
	GIVES(SEC_E_INVALID_PARAMETER, QuerySecurityPackageInfoW(NULL, NULL));
}

static void test_credentials(void)
{
	static WCHAR lone[] = { 0xd800, 0 };

	GIVES(SEC_E_SECPKG_NOT_FOUND, acquire_a("NTLM", NULL, NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, acquire_a(NULL, NULL, NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, acquire_w(NULL, (WCHAR *)u"NTLM", NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, acquire_w(NULL, NULL, NULL));
	GIVES(SEC_E_SECPKG_NOT_FOUND, acquire_w(lone, lone, NULL));
	tap_is(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL, NULL,
					 NULL, NULL, NULL), SEC_E_INVALID_HANDLE,
	       "nowhere to put the handle");
	GIVES(SEC_E_INVALID_HANDLE, FreeCredentialsHandle(&cred));
	GIVES(SEC_E_INVALID_HANDLE, FreeCredentialsHandle(NULL));
}

static void test_accept(void)
{
	SecBuffer wild[2] = { { 5, SECBUFFER_TOKEN, NULL },
			      { 4, SECBUFFER_CHANNEL_BINDINGS, NULL } };
	SecBufferDesc desc = { SECBUFFER_VERSION, 1, wild };

	GIVES(SEC_E_INVALID_HANDLE, accept_with(&token_desc, &token_desc));
	GIVES(SEC_E_INVALID_HANDLE, accept_with(NULL, NULL));
	tap_is(AcceptSecurityContext(NULL, NULL, &token_desc, 0, 0, &out.handle, NULL,
				     &out.number, NULL), SEC_E_NO_CREDENTIALS,
	       "neither credential nor context");
	tap_is(AcceptSecurityContext(&cred, NULL, &token_desc, 0, 0, NULL, NULL, &out.number,
				     NULL), SEC_E_INVALID_HANDLE, "nowhere to put the context");
	tap_is(AcceptSecurityContext(&cred, NULL, &token_desc, 0, 0, &out.handle, NULL, NULL,
				     NULL), SEC_E_INVALID_PARAMETER, "nowhere to put attributes");
	tap_is(AcceptSecurityContext(NULL, &ctx, &token_desc, ASC_REQ_ALLOCATE_MEMORY, 0, NULL,
				     &token_desc, &out.number, NULL), SEC_E_INVALID_HANDLE,
	       "a later call, with memory to be allocated");
	tap_ok(token_buffer.pvBuffer == token && token_buffer.cbBuffer == sizeof(token),
	       "and the buffer is as it was");

	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	wild[0] = (SecBuffer){ 5, SECBUFFER_DATA, token };
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	wild[0].BufferType = SECBUFFER_TOKEN | SECBUFFER_READONLY;
	GIVES(SEC_E_INVALID_HANDLE, accept_with(&desc, NULL));
	desc.cBuffers = 2;
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	desc.cBuffers = 0;
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	desc = (SecBufferDesc){ 1, 1, wild };
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&token_desc, &desc));
	desc = (SecBufferDesc){ 0, KSECDD_MAX_BUFFERS + 1, wild };
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&token_desc, &desc));
	desc = (SecBufferDesc){ 0, 1, NULL };
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&desc, NULL));
	GIVES(SEC_E_INVALID_TOKEN, accept_with(&token_desc, &desc));

	GIVES(SEC_E_INVALID_HANDLE, DeleteSecurityContext(&ctx));
	GIVES(SEC_E_INVALID_HANDLE, DeleteSecurityContext(NULL));
}

static void test_messages(void)
{
	SecBufferDesc empty = { SECBUFFER_VERSION, 0, &token_buffer };
	SecBufferDesc version = { 1, 1, &token_buffer };
	SecBufferDesc null = { SECBUFFER_VERSION, 1, NULL };

	GIVES(SEC_E_INVALID_HANDLE, MakeSignature(&ctx, 0, &token_desc, 0));
	GIVES(SEC_E_INVALID_HANDLE, EncryptMessage(&ctx, 0, &token_desc, 0));
	GIVES(SEC_E_INVALID_HANDLE, VerifySignature(&ctx, &token_desc, 0, &out.number));
	GIVES(SEC_E_INVALID_HANDLE, DecryptMessage(&ctx, &token_desc, 0, &out.number));
	GIVES(SEC_E_INVALID_HANDLE, DecryptMessage(NULL, &token_desc, 0, NULL));
	GIVES(SEC_E_INVALID_TOKEN, MakeSignature(&ctx, 0, NULL, 0));
	GIVES(SEC_E_INVALID_TOKEN, EncryptMessage(&ctx, 0, &empty, 0));
	GIVES(SEC_E_INVALID_TOKEN, VerifySignature(&ctx, &version, 0, &out.number));
	GIVES(SEC_E_INVALID_TOKEN, DecryptMessage(&ctx, &null, 0, &out.number));
}

static void test_batch(void)
{
	LinuxMessage messages[2] = {
		{ .Context = ctx, .pMessage = &token_desc, .Status = 1 },
		{ .Context = ctx, .Operation = LINUX_MESSAGE_DECRYPT + 1,
		  .pMessage = &token_desc, .Status = 1 },
	};
	ULONG done = 7;

	tap_is(LinuxProcessMessages(messages, 2, &done), SEC_E_INVALID_HANDLE, "two messages");
	tap_is(done, 1, "and the first was the last");
	tap_is(messages[0].Status, SEC_E_INVALID_HANDLE, "its status");
	tap_is(messages[1].Status, 1, "and the second's");
	tap_is(LinuxProcessMessages(messages + 1, 1, &done), SEC_E_INVALID_PARAMETER,
	       "an operation that is none");
	tap_is(done, 1, "was looked at");
	messages[0].pMessage = NULL;
	tap_is(LinuxProcessMessages(messages, 2, NULL), SEC_E_INVALID_TOKEN, "no message");
	tap_is(LinuxProcessMessages(NULL, 2, &done), SEC_E_INVALID_PARAMETER, "no messages");
	tap_is(done, 0, "were looked at");
	tap_is(LinuxProcessMessages(NULL, 0, NULL), SEC_E_OK, "nothing to do");
}

static void test_attributes(void)
{
	static const ULONG numbers[] = {
		SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_LIFESPAN, SECPKG_ATTR_KEY_INFO,
		SECPKG_ATTR_SESSION_KEY, SECPKG_ATTR_PACKAGE_INFO, SECPKG_ATTR_NEGOTIATION_INFO,
		SECPKG_ATTR_NATIVE_NAMES, SECPKG_ATTR_FLAGS, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
		SECPKG_ATTR_LINUX_ACCOUNT, SECPKG_ATTR_STREAM_SIZES, SECPKG_ATTR_UNIQUE_BINDINGS,
		SECPKG_ATTR_ENDPOINT_BINDINGS, SECPKG_ATTR_APPLICATION_PROTOCOL,
		SECPKG_ATTR_REMOTE_CERT_CONTEXT, SECPKG_ATTR_CONNECTION_INFO,
		SECPKG_ATTR_CIPHER_INFO,
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		GIVES(SEC_E_INVALID_HANDLE, QueryContextAttributesA(&ctx, numbers[i], out.answer));
		GIVES(SEC_E_INVALID_HANDLE, QueryContextAttributesW(&ctx, numbers[i], out.answer));
		GIVES(SEC_E_INVALID_HANDLE, QueryContextAttributesExA(&ctx, numbers[i], out.answer,
								      sizeof(out.answer)));
		GIVES(SEC_E_BUFFER_TOO_SMALL, QueryContextAttributesExW(&ctx, numbers[i],
									out.answer, 3));
		GIVES(SEC_E_INVALID_PARAMETER, QueryContextAttributesW(&ctx, numbers[i], NULL));
		GIVES(SEC_E_INVALID_HANDLE, QueryContextAttributesA(NULL, numbers[i], out.answer));
	}
	GIVES(SEC_E_UNSUPPORTED_FUNCTION, QueryContextAttributesA(&ctx, SECPKG_ATTR_DCE_INFO,
								  out.answer));
	GIVES(SEC_E_UNSUPPORTED_FUNCTION, QueryContextAttributesW(&ctx, UINT32_MAX, out.answer));
}

static void test_connections(void)
{
	GIVES(SEC_E_INVALID_HANDLE, ApplyControlToken(&ctx, &token_desc));
	GIVES(SEC_E_INVALID_HANDLE, ApplyControlToken(&ctx, NULL));
	GIVES(SEC_E_INVALID_HANDLE, ApplyControlToken(NULL, &token_desc));
	GIVES(SEC_E_INVALID_HANDLE, SspiAttachSocket(&ctx, 0, 0));
	GIVES(SEC_E_INVALID_HANDLE, SspiAttachSocket(NULL, 0, 0));
	GIVES(SEC_E_INVALID_PARAMETER, SspiAttachSocket(&ctx, 0, 1));
}

static void test_errno(void)
{
	tap_is(ksspi_status(EFAULT), SEC_E_INSUFFICIENT_MEMORY, "a buffer that is no memory");
	tap_is(ksspi_status(ENOMEM), SEC_E_INSUFFICIENT_MEMORY, "no memory");
	tap_is(ksspi_status(EMFILE), SEC_E_INSUFFICIENT_MEMORY, "no descriptor");
	tap_is(ksspi_status(EACCES), SEC_E_NOT_OWNER, "not allowed");
	tap_is(ksspi_status(ENXIO), SEC_E_SECPKG_NOT_FOUND, "no device");
	tap_is(ksspi_status(EBADF), SEC_E_INVALID_HANDLE, "no file");
	tap_is(ksspi_status(ENOTTY), SEC_E_UNSUPPORTED_FUNCTION, "an older module");
	tap_is(ksspi_status(EINVAL), SEC_E_INTERNAL_ERROR, "what the kernel does not take");
	tap_is(ksspi_status(EIO), SEC_E_INTERNAL_ERROR, "what is not foreseen");
}

static void test_time(void)
{
	const int64_t noon = INT64_C(132537600000000000);	/* 2020-12-30 12:00 UTC */
	const int64_t summer = noon + INT64_C(180) * 86400 * 10000000;
	const int64_t hour = INT64_C(3600) * 10000000;
	TimeStamp stamp;

	setenv("TZ", "UTC0", 1);
	tzset();
	tap_is(ksspi_local_time(noon), noon, "in UTC");
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	tap_is(ksspi_local_time(noon), noon + hour, "east, winter");
	tap_is(ksspi_local_time(summer), summer + 2 * hour, "east, summer");
	tap_is(ksspi_local_time(hour / 2), hour / 2 + hour, "before 1970");
	tap_is(ksspi_local_time(KSECDD_TIME_NEVER), KSECDD_TIME_NEVER, "never");
	tap_is(ksspi_local_time(KSECDD_TIME_NEVER - 1), KSECDD_TIME_NEVER - 1, "almost never");
	tap_is(ksspi_local_time(0), 0, "not known");
	setenv("TZ", "EST5", 1);
	tzset();
	tap_is(ksspi_local_time(noon), noon - 5 * hour, "west");
	tap_is(ksspi_local_time(hour), hour, "no time is before the first");
	ksspi_set_time(&stamp, noon);
	tap_ok(stamp.QuadPart == noon - 5 * hour &&
	       stamp.HighPart == (LONG)(stamp.QuadPart >> 32) &&
	       stamp.LowPart == (DWORD)stamp.QuadPart, "a time in both its forms");
	ksspi_set_time(NULL, noon);
}

int main(void)
{
	if (!access(KSECDD_DEVICE, F_OK)) {
		tap_skip("this machine has " KSECDD_DEVICE);
		return tap_done();
	}
	test_packages();
	test_credentials();
	test_accept();
	test_messages();
	test_batch();
	test_attributes();
	test_connections();
	test_errno();
	test_time();
	return tap_done();
}
