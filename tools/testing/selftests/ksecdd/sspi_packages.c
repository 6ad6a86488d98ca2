// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packages, credentials, and messages on contexts that are not there yet or not
 * any more; functions that there are not; and the tables used as programs use
 * them.
 */
#include <sspi.h>
#include <linux/ksecdd.h>

#include "env.h"
#include "logon.h"
#include "mem.h"
#include "suite.h"

static struct logon l;

static void check_info_a(const SecPkgInfoA *info)
{
	CHECK(!strcmp(info->Name, "NTLM"));
	CHECK(!strcmp(info->Comment, "NTLM Security Package"));
	CHECK_EQ(info->wVersion, 1);
	CHECK_EQ(info->wRPCID, 10);
	CHECK_EQ(info->cbMaxToken, 2888);
	CHECK((info->fCapabilities & (SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				      SECPKG_FLAG_CONNECTION)) ==
	      (SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION));
}

static void check_info_w(const SecPkgInfoW *info)
{
	CHECK(same_wide(info->Name, "NTLM"));
	CHECK(same_wide(info->Comment, "NTLM Security Package"));
	CHECK_EQ(info->wVersion, 1);
	CHECK_EQ(info->cbMaxToken, 2888);
}

static void packages(void)
{
	static const char *const names[] = { "NTLM", "ntlm", "Ntlm" };
	static const char *const no_names[] = { "", "NTL", "NTLMM", "NTLM ", "Kerberos5", "\xff" };
	SecPkgInfoA *a = NULL;
	SecPkgInfoW *w = NULL;
	WCHAR wide[16];
	ULONG n = 0;
	size_t i;

	REQUIRE_STATUS(EnumerateSecurityPackagesA(&n, &a), SEC_E_OK);
	REQUIRE(n >= 1);
	check_info_a(a);
	CHECK_STATUS(FreeContextBuffer(a), SEC_E_OK);
	n = 0;
	REQUIRE_STATUS(EnumerateSecurityPackagesW(&n, &w), SEC_E_OK);
	REQUIRE(n >= 1);
	check_info_w(w);
	CHECK_STATUS(FreeContextBuffer(w), SEC_E_OK);

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		REQUIRE_STATUS(QuerySecurityPackageInfoA((char *)names[i], &a), SEC_E_OK);
		check_info_a(a);
		CHECK_STATUS(FreeContextBuffer(a), SEC_E_OK);
		widen(wide, names[i]);
		REQUIRE_STATUS(QuerySecurityPackageInfoW(wide, &w), SEC_E_OK);
		check_info_w(w);
		CHECK_STATUS(FreeContextBuffer(w), SEC_E_OK);
	}
	REQUIRE_STATUS(QuerySecurityPackageInfoA("kerberos", &a), SEC_E_OK);
	CHECK(!strcmp(a->Name, "Kerberos"));
	CHECK_EQ(a->wRPCID, 16);
	CHECK(a->fCapabilities & SECPKG_FLAG_MUTUAL_AUTH);
	CHECK_STATUS(FreeContextBuffer(a), SEC_E_OK);
	for (i = 0; i < ARRAY_SIZE(no_names); i++) {
		CHECK_STATUS(QuerySecurityPackageInfoA((char *)no_names[i], &a),
			     SEC_E_SECPKG_NOT_FOUND);
		widen(wide, no_names[i]);
		CHECK_STATUS(QuerySecurityPackageInfoW(wide, &w), SEC_E_SECPKG_NOT_FOUND);
	}
}

/* As Windows has it, as far as there is what a flag speaks of. */
static void negotiate(void)
{
	SecPkgInfoA *a = NULL;

	REQUIRE_STATUS(QuerySecurityPackageInfoA((char *)"negotiate", &a), SEC_E_OK);
	CHECK(!strcmp(a->Name, "Negotiate"));
	CHECK_EQ(a->wVersion, 1);
	CHECK_EQ(a->wRPCID, 9);
	CHECK_EQ(a->cbMaxToken, 48256);
	CHECK_EQ(a->fCapabilities, SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
		 SECPKG_FLAG_CONNECTION | SECPKG_FLAG_MULTI_REQUIRED |
		 SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_NEGOTIABLE |
		 SECPKG_FLAG_GSS_COMPATIBLE | SECPKG_FLAG_LOGON);
	CHECK_STATUS(FreeContextBuffer(a), SEC_E_OK);
}

static SECURITY_STATUS acquire(char *package, ULONG use, void *auth, CredHandle *cred)
{
	return AcquireCredentialsHandleA(NULL, package, use, NULL, auth, NULL, NULL, cred, NULL);
}

static void credentials(void)
{
	CredHandle cred = { LOGON_UNTOUCHED, LOGON_UNTOUCHED };
	struct family_status before = status_now();
	WCHAR ntlm[8], principal[16];
	TimeStamp expiry = { .QuadPart = 1 };

	CHECK_STATUS(acquire("Kerberos5", SECPKG_CRED_INBOUND, NULL, &cred),
		     SEC_E_SECPKG_NOT_FOUND);
	CHECK_STATUS(acquire(NULL, SECPKG_CRED_INBOUND, NULL, &cred), SEC_E_SECPKG_NOT_FOUND);
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_OUTBOUND, NULL, &cred),
		     SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(acquire("NTLM", 0, NULL, &cred), SEC_E_INVALID_PARAMETER);
	CHECK_STATUS(acquire("NTLM", 0x80000001, NULL, &cred), SEC_E_INVALID_PARAMETER);
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_INBOUND, NULL, NULL), SEC_E_INVALID_HANDLE);
	/* No handle was given, no memory touched. */
	CHECK_EQ(cred.dwLower, LOGON_UNTOUCHED);
	check_gauges(&before);

	widen(ntlm, "NTLM");
	widen(principal, "HTTP/server");
	REQUIRE_STATUS(AcquireCredentialsHandleW(principal, ntlm, SECPKG_CRED_BOTH, NULL, NULL,
						 NULL, NULL, &cred, &expiry), SEC_E_OK);
	CHECK_EQ(expiry.QuadPart, KSECDD_TIME_NEVER);
	CHECK_EQ(status_now().credentials, before.credentials + 1);
	CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_OK);
	CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_INVALID_HANDLE);
	CHECK_EQ(status_now().credentials, before.credentials);
}

/* Explicit credentials, in all four structs */
static void identities(void)
{
	static char user[] = "user", domain[] = "DOMAIN", password[] = "password";
	struct family_status before = status_now();
	WCHAR wide_user[8], wide_domain[8], wide_password[12];
	SEC_WINNT_AUTH_IDENTITY_A a = {
		(unsigned char *)user, 4, (unsigned char *)domain, 6,
		(unsigned char *)password, 8, SEC_WINNT_AUTH_IDENTITY_ANSI,
	};
	SEC_WINNT_AUTH_IDENTITY_W w = {
		wide_user, 4, wide_domain, 6, wide_password, 8,
		SEC_WINNT_AUTH_IDENTITY_UNICODE,
	};
	SEC_WINNT_AUTH_IDENTITY_EXA exa = {
		.Version = SEC_WINNT_AUTH_IDENTITY_VERSION, .Length = sizeof(exa),
		.User = (unsigned char *)user, .UserLength = 4,
		.Password = (unsigned char *)password, .PasswordLength = 8,
		.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
	};
	SEC_WINNT_AUTH_IDENTITY_EXW exw = {
		.Version = SEC_WINNT_AUTH_IDENTITY_VERSION, .Length = sizeof(exw),
		.User = wide_user, .UserLength = 4,
		.Password = wide_password, .PasswordLength = 8,
		.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
	};
	void *const structs[] = { &a, &w, &exa, &exw };
	CredHandle cred;
	size_t i;

	widen(wide_user, user);
	widen(wide_domain, domain);
	widen(wide_password, password);
	for (i = 0; i < ARRAY_SIZE(structs); i++) {
		REQUIRE_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, structs[i], &cred), SEC_E_OK);
		CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_OK);
	}
	a.UserLength = KSECDD_MAX_NAME + 1;
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, &a, &cred), SEC_E_INVALID_PARAMETER);
	a.UserLength = 4;
	a.PasswordLength = KSECDD_MAX_SECRET + 1;
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, &a, &cred), SEC_E_INVALID_PARAMETER);
	a.PasswordLength = 8;
	a.Password = (unsigned char *)16;
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, &a, &cred), SEC_E_INSUFFICIENT_MEMORY);
	wide_user[1] = 0xd800;
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, &w, &cred), SEC_E_UNKNOWN_CREDENTIALS);
	exa.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED;
	CHECK_STATUS(acquire("NTLM", SECPKG_CRED_BOTH, &exa, &cred), SEC_E_UNSUPPORTED_FUNCTION);
	check_gauges(&before);
}

/* Every message function, on a context that cannot; nothing is changed. */
static void check_no_messages(CtxtHandle *context, SECURITY_STATUS want)
{
	uint8_t text[4] = "text", sig[16];
	SecBuffer bufs[] = {
		{ 4, SECBUFFER_DATA, text }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };
	ULONG qop = 4711;
	unsigned int i;

	memset(sig, 0xee, sizeof(sig));
	CHECK_STATUS(MakeSignature(context, 0, &desc, 0), want);
	CHECK_STATUS(VerifySignature(context, &desc, 0, &qop), want);
	CHECK_STATUS(EncryptMessage(context, 0, &desc, 0), want);
	CHECK_STATUS(DecryptMessage(context, &desc, 0, &qop), want);
	CHECK_MEM(text, "text", 4);
	for (i = 0; i < sizeof(sig); i++)
		CHECK_EQ(sig[i], 0xee);
	CHECK_EQ(bufs[0].cbBuffer, 4);
	CHECK_EQ(bufs[1].cbBuffer, sizeof(sig));
	CHECK_EQ(qop, 4711);
}

static void messages_at_the_wrong_time(void)
{
	CtxtHandle context, zero = { 0, 0 };

	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	check_no_messages(&l.context, SEC_E_INVALID_HANDLE);
	/* It has done no harm. */
	CHECK_STATUS(logon_second(&l), SEC_E_OK);
	context = l.context;
	logon_end(&l);
	check_no_messages(&context, SEC_E_INVALID_HANDLE);

	logon_init(&l);
	l.client.password = "wrong";
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	check_no_messages(&l.context, SEC_E_INVALID_HANDLE);
	logon_end(&l);
	check_no_messages(&zero, SEC_E_INVALID_HANDLE);
	check_no_messages(NULL, SEC_E_INVALID_HANDLE);
	check_no_messages(logon_cred(), SEC_E_INVALID_HANDLE);
}

static void messages_that_make_no_sense(void)
{
	uint8_t text[4] = "text", sig[16] = {};
	SecBuffer bufs[65] = {
		{ 4, SECBUFFER_DATA, text }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };
	ULONG qop;

	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_STATUS(MakeSignature(&l.context, 0, NULL, 0), SEC_E_INVALID_TOKEN);
	desc.ulVersion = 1;
	CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_INVALID_TOKEN);
	desc.ulVersion = SECBUFFER_VERSION;
	desc.cBuffers = 65;
	CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_INVALID_TOKEN);
	desc.cBuffers = 0;
	CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_INVALID_TOKEN);
	desc.cBuffers = 2;
	desc.pBuffers = NULL;
	CHECK_STATUS(VerifySignature(&l.context, &desc, 0, &qop), SEC_E_INVALID_TOKEN);
	desc.pBuffers = bufs;
	bufs[1].cbBuffer = 15;
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_BUFFER_TOO_SMALL);
	CHECK_STATUS(VerifySignature(&l.context, &desc, 0, &qop), SEC_E_INVALID_TOKEN);
	bufs[1].cbBuffer = 16;
	CHECK_STATUS(MakeSignature(&l.context, 4711, &desc, 0), SEC_E_QOP_NOT_SUPPORTED);
	bufs[0].pvBuffer = (void *)16;
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_INTERNAL_ERROR);
	bufs[0].pvBuffer = text;
	/* After all this it is the first message. */
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_OK);
	CHECK_EQ(sig[12], 0);
	/* What was signed and could not be written counts, and does not seem to be nothing. */
	bufs[1].pvBuffer = mem_readonly(sig, sizeof(sig));
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_INTERNAL_ERROR);
	bufs[1].pvBuffer = sig;
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_OK);
	CHECK_EQ(sig[12], 2);
	logon_end(&l);
}

#define UNSUPPORTED(call)	{ #call, call }

static void unsupported(void)
{
	CtxtHandle context = { LOGON_UNTOUCHED, LOGON_UNTOUCHED };
	unsigned char answer[64], untouched[64];
	struct family_status before = status_now();
	SecBuffer packed = { 64, SECBUFFER_TOKEN, answer };
	SecBufferDesc desc = { SECBUFFER_VERSION, 1, &packed };
	void *token = answer;
	CredHandle *cred = logon_cred();
	TimeStamp expiry;
	size_t i;

	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	memset(answer, 0xee, sizeof(answer));
	memset(untouched, 0xee, sizeof(untouched));
	const struct {
		const char *call;
		SECURITY_STATUS status;
	} calls[] = {
		UNSUPPORTED(InitializeSecurityContextA(cred, NULL, NULL, 0, 0, 0, NULL, 0,
						       &context, &desc, (ULONG *)answer, &expiry)),
		UNSUPPORTED(InitializeSecurityContextW(cred, NULL, NULL, 0, 0, 0, NULL, 0,
						       &context, &desc, (ULONG *)answer, &expiry)),
		UNSUPPORTED(CompleteAuthToken(&l.context, &desc)),
		UNSUPPORTED(ApplyControlToken(&l.context, &desc)),
		UNSUPPORTED(ExportSecurityContext(&l.context, 0, &packed, &token)),
		UNSUPPORTED(ImportSecurityContextA("NTLM", &packed, NULL, &context)),
		UNSUPPORTED(ImportSecurityContextW(NULL, &packed, NULL, &context)),
		UNSUPPORTED(QueryCredentialsAttributesA(cred, SECPKG_CRED_ATTR_NAMES, answer)),
		UNSUPPORTED(QueryCredentialsAttributesW(cred, SECPKG_CRED_ATTR_NAMES, answer)),
		UNSUPPORTED(SetCredentialsAttributesA(cred, SECPKG_CRED_ATTR_NAMES, answer, 64)),
		UNSUPPORTED(SetContextAttributesA(&l.context, SECPKG_ATTR_FLAGS, answer, 64)),
		UNSUPPORTED(SetContextAttributesW(&l.context, SECPKG_ATTR_FLAGS, answer, 64)),
		UNSUPPORTED(AddCredentialsA(cred, NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL,
					    NULL, &expiry)),
		UNSUPPORTED(ChangeAccountPasswordA("NTLM", "d", "u", "o", "n", FALSE, 0, &desc)),
		UNSUPPORTED(DelegateSecurityContext(&l.context, NULL, SecFull, &expiry, &packed,
						    &desc)),
		UNSUPPORTED(AddSecurityPackageA("NTLM", NULL)),
		UNSUPPORTED(DeleteSecurityPackageA("NTLM")),
		UNSUPPORTED(SaslIdentifyPackageA(&desc, (PSecPkgInfoA *)answer)),
		UNSUPPORTED(SaslAcceptSecurityContext(cred, NULL, &desc, 0, 0, &context, &desc,
						      (ULONG *)answer, &expiry)),
		UNSUPPORTED(SspiValidateAuthIdentity(answer)),
		UNSUPPORTED(SspiCopyAuthIdentity(answer, &token)),
	};

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (!CHECK_STATUS(calls[i].status, SEC_E_UNSUPPORTED_FUNCTION))
			suite_note("%s", calls[i].call);
	CHECK_MEM(answer, untouched, sizeof(answer));
	CHECK_EQ(context.dwLower, LOGON_UNTOUCHED);
	CHECK(token == answer);
	CHECK_EQ(packed.cbBuffer, 64);
	CHECK_EQ(status_now().credentials, before.credentials);
	logon_end(&l);
	CHECK_EQ(status_now().contexts, before.contexts);
}

/* A whole logon through a table, as a program does that was given one. */
static void check_table(SECURITY_STATUS (*free_cred)(PCredHandle),
			ACCEPT_SECURITY_CONTEXT_FN accept,
			DELETE_SECURITY_CONTEXT_FN delete_context, CredHandle *cred)
{
	uint8_t room[2888];
	SecBuffer in = { 0, SECBUFFER_TOKEN, NULL }, out = { sizeof(room), SECBUFFER_TOKEN, room };
	SecBufferDesc in_desc = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc out_desc = { SECBUFFER_VERSION, 1, &out };
	CtxtHandle context;
	ULONG attr;

	logon_init(&l);
	client_negotiate(&l.client, &l.negotiate);
	in.cbBuffer = (ULONG)l.negotiate.len;
	in.pvBuffer = l.negotiate.data;
	REQUIRE_STATUS(accept(cred, NULL, &in_desc, 0, SECURITY_NATIVE_DREP, &context, &out_desc,
			      &attr, NULL), SEC_I_CONTINUE_NEEDED);
	l.challenge.len = 0;
	bytes_put(&l.challenge, room, out.cbBuffer);
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	in.cbBuffer = (ULONG)l.authenticate.len;
	in.pvBuffer = l.authenticate.data;
	out.cbBuffer = sizeof(room);
	CHECK_STATUS(accept(cred, &context, &in_desc, 0, SECURITY_NATIVE_DREP, &context, &out_desc,
			    &attr, NULL), SEC_E_OK);
	CHECK_STATUS(delete_context(&context), SEC_E_OK);
	CHECK_STATUS(free_cred(cred), SEC_E_OK);
}

static void tables(void)
{
	PSecurityFunctionTableA a = InitSecurityInterfaceA();
	PSecurityFunctionTableW w = InitSecurityInterfaceW();
	CredHandle cred;
	WCHAR ntlm[8];

	REQUIRE(a && w);
	widen(ntlm, "NTLM");
	REQUIRE_STATUS(a->AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL,
						    NULL, NULL, &cred, NULL), SEC_E_OK);
	check_table(a->FreeCredentialsHandle, a->AcceptSecurityContext, a->DeleteSecurityContext,
		    &cred);
	REQUIRE_STATUS(w->AcquireCredentialsHandleW(NULL, ntlm, SECPKG_CRED_INBOUND, NULL, NULL,
						    NULL, NULL, &cred, NULL), SEC_E_OK);
	check_table(w->FreeCredentialsHandle, w->AcceptSecurityContext, w->DeleteSecurityContext,
		    &cred);
	CHECK_STATUS(a->ApplyControlToken(&l.context, NULL), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(w->CompleteAuthToken(&l.context, NULL), SEC_E_INVALID_HANDLE);
}

static void after(void)
{
	logon_end(&l);
}

static const struct suite_test tests[] = {
	{ .name = "packages", .run = packages },
	{ .name = "what is known of Negotiate", .run = negotiate },
	{ .name = "credentials", .run = credentials },
	{ .name = "explicit credentials", .run = identities },
	{ .name = "messages before completion and after the end",
	  .run = messages_at_the_wrong_time },
	{ .name = "messages that make no sense", .run = messages_that_make_no_sense },
	{ .name = "functions that are not there yet change nothing", .run = unsupported },
	{ .name = "the function tables", .run = tables },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
