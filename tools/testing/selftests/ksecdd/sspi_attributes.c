// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * QueryContextAttributes, A and W, on a context in each of its states.
 */
#include <grp.h>
#include <pwd.h>
#include <time.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "logon.h"
#include "suite.h"

static struct logon l;

static void check_freed(void *memory)
{
	CHECK_STATUS(FreeContextBuffer(memory), SEC_E_OK);
	CHECK_STATUS(FreeContextBuffer(memory), SEC_E_INVALID_HANDLE);
}

static SECURITY_STATUS ask_a(ULONG attribute, void *buffer)
{
	return QueryContextAttributesA(&l.context, attribute, buffer);
}

static SECURITY_STATUS ask_w(ULONG attribute, void *buffer)
{
	return QueryContextAttributesW(&l.context, attribute, buffer);
}

static void logged_in(uint32_t negotiate)
{
	logon_init(&l);
	l.client.negotiate = negotiate;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
}

static void sizes(void)
{
	SecPkgContext_Sizes a, w;

	logged_in(CLIENT_FLAGS);
	CHECK_STATUS(ask_a(SECPKG_ATTR_SIZES, &a), SEC_E_OK);
	CHECK_EQ(a.cbMaxToken, 2888);
	CHECK_EQ(a.cbMaxSignature, 16);
	CHECK_EQ(a.cbBlockSize, 0);
	CHECK_EQ(a.cbSecurityTrailer, 16);
	CHECK_STATUS(ask_w(SECPKG_ATTR_SIZES, &w), SEC_E_OK);
	CHECK_MEM(&a, &w, sizeof(a));
}

static void native_names(void)
{
	SecPkgContext_NativeNamesA a;
	SecPkgContext_NativeNamesW w;

	logged_in(CLIENT_FLAGS);
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_NATIVE_NAMES, &a), SEC_E_OK);
	CHECK(!strcmp(a.sClientName, "KSECDD\\alice"));
	CHECK(!strcmp(a.sServerName, "KSECDD"));
	check_freed(a.sClientName);
	check_freed(a.sServerName);
	REQUIRE_STATUS(ask_w(SECPKG_ATTR_NATIVE_NAMES, &w), SEC_E_OK);
	CHECK(same_wide(w.sClientName, "KSECDD\\alice"));
	CHECK(same_wide(w.sServerName, "KSECDD"));
	check_freed(w.sClientName);
	check_freed(w.sServerName);
}

static void flags(void)
{
	SecPkgContext_Flags answer;

	logged_in(CLIENT_FLAGS);
	CHECK_STATUS(ask_a(SECPKG_ATTR_FLAGS, &answer), SEC_E_OK);
	CHECK_EQ(answer.Flags, l.attr);
	CHECK_STATUS(ask_w(SECPKG_ATTR_FLAGS, &answer), SEC_E_OK);
	CHECK_EQ(answer.Flags & LOGON_RET, LOGON_RET);
	logon_end(&l);
	logged_in(CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_SEAL);
	CHECK_STATUS(ask_a(SECPKG_ATTR_FLAGS, &answer), SEC_E_OK);
	CHECK_EQ(answer.Flags & LOGON_RET, LOGON_RET & ~ASC_RET_CONFIDENTIALITY);
}

#define FILETIME_EPOCH	116444736000000000LL	/* 1970-01-01 */

/* TimeStamps of SSPI are in local time. */
static int64_t local_filetime(time_t t)
{
	struct tm local;

	localtime_r(&t, &local);
	return ((int64_t)t + local.tm_gmtoff) * 10000000 + FILETIME_EPOCH;
}

static void lifespan(void)
{
	SecPkgContext_Lifespan a, w;
	int64_t before = local_filetime(time(NULL));

	logged_in(CLIENT_FLAGS);
	CHECK_STATUS(ask_a(SECPKG_ATTR_LIFESPAN, &a), SEC_E_OK);
	CHECK(a.tsStart.QuadPart >= before - 10000000);
	CHECK(a.tsStart.QuadPart <= local_filetime(time(NULL)) + 10000000);
	CHECK_EQ(a.tsExpiry.QuadPart, KSECDD_TIME_NEVER);
	CHECK_STATUS(ask_w(SECPKG_ATTR_LIFESPAN, &w), SEC_E_OK);
	CHECK_MEM(&a, &w, sizeof(a));
}

/* As Windows' NTLM has them: KERB_CHECKSUM_HMAC_MD5 and KERB_ETYPE_RC4_PLAIN */
static void key_info(void)
{
	SecPkgContext_KeyInfoA a;
	SecPkgContext_KeyInfoW w;

	logged_in(CLIENT_FLAGS);
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_KEY_INFO, &a), SEC_E_OK);
	CHECK_EQ(a.KeySize, 128);
	CHECK_EQ((int)a.SignatureAlgorithm, -138);
	CHECK_EQ((int)a.EncryptAlgorithm, -140);
	CHECK(*a.sSignatureAlgorithmName);
	CHECK(*a.sEncryptAlgorithmName);
	REQUIRE_STATUS(ask_w(SECPKG_ATTR_KEY_INFO, &w), SEC_E_OK);
	CHECK_EQ(w.KeySize, 128);
	CHECK(same_wide(w.sSignatureAlgorithmName, a.sSignatureAlgorithmName));
	CHECK(same_wide(w.sEncryptAlgorithmName, a.sEncryptAlgorithmName));
	check_freed(a.sSignatureAlgorithmName);
	check_freed(a.sEncryptAlgorithmName);
	check_freed(w.sSignatureAlgorithmName);
	check_freed(w.sEncryptAlgorithmName);
	logon_end(&l);

	logged_in(CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_SEAL);
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_KEY_INFO, &a), SEC_E_OK);
	CHECK_EQ(a.EncryptAlgorithm, 0);
	CHECK_EQ((int)a.SignatureAlgorithm, -138);
	check_freed(a.sSignatureAlgorithmName);
	check_freed(a.sEncryptAlgorithmName);
}

static void check_package(const SecPkgInfoA *info)
{
	CHECK(!strcmp(info->Name, "NTLM"));
	CHECK(*info->Comment);
	CHECK_EQ(info->wVersion, 1);
	CHECK_EQ(info->wRPCID, 10);
	CHECK_EQ(info->cbMaxToken, 2888);
}

static void packages(void)
{
	SecPkgContext_NegotiationInfoA nego_a;
	SecPkgContext_NegotiationInfoW nego_w;
	SecPkgContext_PackageInfoA a;
	SecPkgContext_PackageInfoW w;

	logged_in(CLIENT_FLAGS);
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_PACKAGE_INFO, &a), SEC_E_OK);
	check_package(a.PackageInfo);
	/* One piece of memory, with the strings in it */
	check_freed(a.PackageInfo);
	REQUIRE_STATUS(ask_w(SECPKG_ATTR_PACKAGE_INFO, &w), SEC_E_OK);
	CHECK(same_wide(w.PackageInfo->Name, "NTLM"));
	check_freed(w.PackageInfo);

	REQUIRE_STATUS(ask_a(SECPKG_ATTR_NEGOTIATION_INFO, &nego_a), SEC_E_OK);
	CHECK_EQ(nego_a.NegotiationState, SECPKG_NEGOTIATION_COMPLETE);
	check_package(nego_a.PackageInfo);
	check_freed(nego_a.PackageInfo);
	REQUIRE_STATUS(ask_w(SECPKG_ATTR_NEGOTIATION_INFO, &nego_w), SEC_E_OK);
	CHECK_EQ(nego_w.NegotiationState, SECPKG_NEGOTIATION_COMPLETE);
	CHECK(same_wide(nego_w.PackageInfo->Name, "NTLM"));
	check_freed(nego_w.PackageInfo);
}

static void linux_account(void)
{
	const struct passwd *alice = getpwnam("alice");
	SecPkgContext_LinuxAccount account;

	REQUIRE(alice);
	logged_in(CLIENT_FLAGS);
	CHECK_STATUS(ask_a(SECPKG_ATTR_LINUX_ACCOUNT, &account), SEC_E_OK);
	CHECK_EQ(account.Uid, alice->pw_uid);
	logon_end(&l);

	logon_init(&l);
	l.client.user = "carol";
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	account.Uid = 4711;
	CHECK_STATUS(ask_w(SECPKG_ATTR_LINUX_ACCOUNT, &account), SEC_E_NO_IMPERSONATION);
	CHECK_EQ(account.Uid, 4711);
}

/* The account that ksecd has found, and its groups: those of NSS. */
static void check_token(HANDLE token, const struct passwd *user)
{
	gid_t groups[64];
	int n = ARRAY_SIZE(groups), i;
	PLinuxTokenInfo info;

	REQUIRE(getgrouplist(user->pw_name, user->pw_gid, groups, &n) > 1);
	REQUIRE_STATUS(LinuxQueryToken(token, &info), SEC_E_OK);
	CHECK(!strcmp(info->sUserName, "KSECDD\\alice"));
	CHECK(!strcmp(info->sPackageName, "NTLM"));
	CHECK_EQ(info->Flags & LOGON_RET, LOGON_RET);
	REQUIRE(info->Account);
	CHECK_EQ(info->Account->Uid, user->pw_uid);
	CHECK_EQ(info->Account->Gid, user->pw_gid);
	REQUIRE_EQ(info->Account->cGroups, n);
	for (i = 0; i < n; i++)
		CHECK_EQ(info->Account->Groups[i], groups[i]);
	check_freed(info);
}

static void access_tokens(void)
{
	const struct passwd *alice = getpwnam("alice");
	SecPkgContext_AccessToken a, w;
	CtxtHandle context;
	HANDLE own;

	REQUIRE(alice);
	logged_in(CLIENT_FLAGS);
	REQUIRE_STATUS(QuerySecurityContextToken(&l.context, &own), SEC_E_OK);
	check_token(own, alice);
	/* The context's: always the same, and not to be closed. */
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_ACCESS_TOKEN, &a), SEC_E_OK);
	REQUIRE_STATUS(ask_w(SECPKG_ATTR_ACCESS_TOKEN, &w), SEC_E_OK);
	CHECK(a.AccessToken == w.AccessToken);
	CHECK(a.AccessToken != own);
	check_token(a.AccessToken, alice);
	/* Whoever closes it all the same gets another one. */
	CHECK(CloseHandle(a.AccessToken));
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_ACCESS_TOKEN, &a), SEC_E_OK);
	check_token(a.AccessToken, alice);
	context = l.context;
	logon_end(&l);
	CHECK(!CloseHandle(a.AccessToken));
	CHECK_STATUS(QueryContextAttributesA(&context, SECPKG_ATTR_ACCESS_TOKEN, &a),
		     SEC_E_INVALID_HANDLE);
	check_token(own, alice);

	/* Really he: his own group's file, and not root's */
	CHECK(ImpersonateLoggedOnUser(own));
	CHECK_EQ(geteuid(), alice->pw_uid);
	CHECK_EQ(getegid(), alice->pw_gid);
	CHECK_EQ(access("/etc/shadow", R_OK), -1);
	CHECK(RevertToSelf());
	CHECK_EQ(access("/etc/shadow", R_OK), 0);
	CHECK(CloseHandle(own));
}

/* All attributes that are there, with the size of their structs */
static const struct {
	ULONG attribute;
	ULONG size;
	bool half_open;
} known[] = {
	{ SECPKG_ATTR_SIZES, sizeof(SecPkgContext_Sizes), true },
	{ SECPKG_ATTR_NAMES, sizeof(SecPkgContext_NamesA), false },
	{ SECPKG_ATTR_LIFESPAN, sizeof(SecPkgContext_Lifespan), false },
	{ SECPKG_ATTR_KEY_INFO, sizeof(SecPkgContext_KeyInfoA), false },
	{ SECPKG_ATTR_SESSION_KEY, sizeof(SecPkgContext_SessionKey), false },
	{ SECPKG_ATTR_PACKAGE_INFO, sizeof(SecPkgContext_PackageInfoA), true },
	{ SECPKG_ATTR_NEGOTIATION_INFO, sizeof(SecPkgContext_NegotiationInfoA), true },
	{ SECPKG_ATTR_NATIVE_NAMES, sizeof(SecPkgContext_NativeNamesA), false },
	{ SECPKG_ATTR_FLAGS, sizeof(SecPkgContext_Flags), false },
	{ SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, sizeof(SecPkgContext_ClientSpecifiedTarget),
	  false },
	{ SECPKG_ATTR_LINUX_ACCOUNT, sizeof(SecPkgContext_LinuxAccount), false },
	{ SECPKG_ATTR_ACCESS_TOKEN, sizeof(SecPkgContext_AccessToken), false },
};

/* Asks for every attribute; @want: the status of all but those of half-open contexts. */
static void check_all(SECURITY_STATUS want, SECURITY_STATUS want_half_open)
{
	unsigned char answer[256], untouched[256];
	size_t i;
	int wide;

	memset(untouched, 0xee, sizeof(untouched));
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		for (wide = 0; wide < 2; wide++) {
			SECURITY_STATUS expect = known[i].half_open ? want_half_open : want;

			memcpy(answer, untouched, sizeof(answer));
			if (!CHECK_STATUS(wide ? ask_w(known[i].attribute, answer) :
						 ask_a(known[i].attribute, answer), expect))
				suite_note("attribute %u", known[i].attribute);
			/* Refused, and nothing written; or not more than the struct. */
			CHECK_MEM(answer + known[i].size, untouched + known[i].size, 64);
			if (expect != SEC_E_OK)
				CHECK_MEM(answer, untouched, 64);
		}
	}
}

static void half_open_contexts(void)
{
	SecPkgContext_NegotiationInfoA nego;
	CtxtHandle context;

	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	check_all(SEC_E_INVALID_HANDLE, SEC_E_OK);
	REQUIRE_STATUS(ask_a(SECPKG_ATTR_NEGOTIATION_INFO, &nego), SEC_E_OK);
	CHECK_EQ(nego.NegotiationState, SECPKG_NEGOTIATION_IN_PROGRESS);
	check_package(nego.PackageInfo);
	check_freed(nego.PackageInfo);

	/* A dead one, and one that was deleted */
	l.client.password = "wrong";
	REQUIRE_STATUS(logon_second(&l), SEC_E_LOGON_DENIED);
	check_all(SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE);
	context = l.context;
	logon_end(&l);
	l.context = context;
	check_all(SEC_E_INVALID_HANDLE, SEC_E_INVALID_HANDLE);
	l.context = (CtxtHandle){ LOGON_UNTOUCHED, LOGON_UNTOUCHED };
	CHECK_STATUS(QueryContextAttributesA(NULL, SECPKG_ATTR_SIZES, &nego),
		     SEC_E_INVALID_HANDLE);
}

static void no_session_key(void)
{
	SecPkgContext_SessionKey key = { 4711, (unsigned char *)1 };

	logged_in(CLIENT_FLAGS);
	CHECK_STATUS(ask_a(SECPKG_ATTR_SESSION_KEY, &key), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(ask_w(SECPKG_ATTR_SESSION_KEY, &key), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_EQ(key.SessionKeyLength, 4711);
	CHECK(key.SessionKey == (unsigned char *)1);
}

static void checked_sizes(void)
{
	unsigned char answer[256];
	size_t i;

	logged_in(CLIENT_FLAGS);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		CHECK_STATUS(QueryContextAttributesExA(&l.context, known[i].attribute, answer,
						       known[i].size - 1),
			     SEC_E_BUFFER_TOO_SMALL);
		CHECK_STATUS(QueryContextAttributesExW(&l.context, known[i].attribute, answer, 0),
			     SEC_E_BUFFER_TOO_SMALL);
		CHECK_STATUS(QueryContextAttributesExW(&l.context, known[i].attribute, NULL, 256),
			     SEC_E_INVALID_PARAMETER);
		CHECK_STATUS(ask_a(known[i].attribute, NULL), SEC_E_INVALID_PARAMETER);
	}
	CHECK_STATUS(QueryContextAttributesExA(&l.context, SECPKG_ATTR_SIZES, answer,
					       sizeof(SecPkgContext_Sizes)), SEC_E_OK);
}

static void no_attributes(void)
{
	static const ULONG attributes[] = {
		SECPKG_ATTR_DCE_INFO, SECPKG_ATTR_STREAM_SIZES, SECPKG_ATTR_AUTHORITY,
		SECPKG_ATTR_PASSWORD_EXPIRY, SECPKG_ATTR_TARGET_INFORMATION,
		SECPKG_ATTR_UNIQUE_BINDINGS,
		SECPKG_ATTR_ENDPOINT_BINDINGS, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, 23, 4711,
		0x80000000, 0xffffffff,
	};
	unsigned char answer[256], untouched[256];
	size_t i;

	logged_in(CLIENT_FLAGS);
	memset(answer, 0xee, sizeof(answer));
	memset(untouched, 0xee, sizeof(untouched));
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		CHECK_STATUS(ask_a(attributes[i], answer), SEC_E_UNSUPPORTED_FUNCTION);
		CHECK_STATUS(ask_w(attributes[i], answer), SEC_E_UNSUPPORTED_FUNCTION);
	}
	CHECK_MEM(answer, untouched, sizeof(answer));
}

static void after(void)
{
	logon_end(&l);
}

static const struct suite_test tests[] = {
	{ .name = "sizes", .run = sizes },
	{ .name = "native names", .run = native_names },
	{ .name = "flags", .run = flags },
	{ .name = "lifespan", .run = lifespan },
	{ .name = "key info", .run = key_info },
	{ .name = "package and negotiation", .run = packages },
	{ .name = "the local account", .run = linux_account },
	{ .name = "tokens", .run = access_tokens },
	{ .name = "half-open, dead and deleted contexts", .run = half_open_contexts },
	{ .name = "the session key stays in the kernel", .run = no_session_key },
	{ .name = "sizes of the structs are checked", .run = checked_sizes },
	{ .name = "attributes that there are not", .run = no_attributes },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
