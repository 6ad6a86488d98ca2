// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Logons through libsspi, the module, ksecd and its accounts: who gets in, what
 * the context then tells, and what the service is told of those who do not.
 */
#include <time.h>

#include <sspi_linux.h>

#include "env.h"
#include "logon.h"
#include "ntlm_peer.h"
#include "suite.h"

static struct logon l;

/* The name of the client, by both kinds of strings */
static void check_name(const char *want)
{
	SecPkgContext_NamesA a = { NULL };
	SecPkgContext_NamesW w = { NULL };

	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NAMES, &a), SEC_E_OK);
	if (!CHECK(!strcmp(a.sUserName, want)))
		suite_note("the name is %s", a.sUserName);
	REQUIRE_STATUS(QueryContextAttributesW(&l.context, SECPKG_ATTR_NAMES, &w), SEC_E_OK);
	CHECK(same_wide(w.sUserName, want));
	CHECK_STATUS(FreeContextBuffer(a.sUserName), SEC_E_OK);
	CHECK_STATUS(FreeContextBuffer(w.sUserName), SEC_E_OK);
	CHECK_STATUS(FreeContextBuffer(a.sUserName), SEC_E_INVALID_HANDLE);
}

/* Messages go both ways: the session key is the client's. */
static void check_sealing(void)
{
	uint8_t text[] = "a message", sealed[16], sig[16] = {};
	SecBuffer bufs[] = {
		{ 9, SECBUFFER_DATA, sealed }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };
	struct ntlm_piece piece = { sealed, 9, true };
	struct ntlm_peer peer;
	unsigned int i;
	ULONG qop = 99;

	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
	for (i = 0; i < 3; i++) {
		memcpy(sealed, text, 9);
		CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_OK);
		CHECK_EQ(bufs[1].cbBuffer, 16);
		CHECK(memcmp(sealed, text, 9));
		CHECK(ntlm_peer_accept(&peer, &piece, 1, sig));
		CHECK_MEM(sealed, text, 9);

		ntlm_peer_protect(&peer, &piece, 1, sig);
		CHECK(memcmp(sealed, text, 9));
		CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_OK);
		CHECK_EQ(qop, 0);
		CHECK_MEM(sealed, text, 9);

		piece.seal = false;
		CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_OK);
		CHECK(ntlm_peer_accept(&peer, &piece, 1, sig));
		ntlm_peer_protect(&peer, &piece, 1, sig);
		CHECK_STATUS(VerifySignature(&l.context, &desc, 0, &qop), SEC_E_OK);
		/* What came once does not come again. */
		CHECK_STATUS(VerifySignature(&l.context, &desc, 0, &qop), SEC_E_OUT_OF_SEQUENCE);
		piece.seal = true;
	}
	ntlm_peer_protect(&peer, &piece, 1, sig);
	sealed[4] ^= 1;
	CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_MESSAGE_ALTERED);
	sealed[4] ^= 1;
	CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_OK);
	CHECK_MEM(sealed, text, 9);
}

static void full_logon(void)
{
	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(l.attr & LOGON_RET, 0);
	CHECK(l.challenge.len > 56);
	REQUIRE_STATUS(logon_second(&l), SEC_E_OK);
	CHECK_EQ(l.attr & LOGON_RET, LOGON_RET);
	CHECK_EQ(l.attr & ASC_RET_NULL_SESSION, 0);
	check_name("KSECDD\\alice");
	check_sealing();
	logon_end(&l);
}

/* Clients as they are found: without MIC, with three kinds of headers */
static void other_clients(void)
{
	static const struct {
		const char *what;
		uint32_t negotiate;
		size_t header;
		bool mic, version;
	} cases[] = {
		{ "a header of 88 bytes, no MIC", CLIENT_FLAGS, 88, false, true },
		{ "a header of 72 bytes", CLIENT_FLAGS, 72, false, true },
		{ "a header of 64 bytes", CLIENT_FLAGS, 64, false, false },
		{ "no key exchange", CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_KEY_EXCH, 88, true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		logon_init(&l);
		l.client.negotiate = cases[i].negotiate;
		l.client.header = cases[i].header;
		l.client.mic = cases[i].mic;
		l.client.version = cases[i].version;
		CHECK_STATUS(logon_run(&l), SEC_E_OK);
		check_sealing();
		logon_end(&l);
		if (suite_failed()) {
			suite_note("with %s", cases[i].what);
			return;
		}
	}
}

/* curl: OEM names, no version, neither signing nor sealing */
static void oem_client(void)
{
	uint8_t text[4] = "text", sig[16], dummy[16] = { 1 };
	SecBuffer bufs[] = {
		{ 4, SECBUFFER_DATA, text }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };

	logon_init(&l);
	l.client.negotiate = CLIENT_CURL;
	l.client.version = false;
	l.client.header = 64;
	l.client.mic = false;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	/* The service's wishes did not come true, and it is told so. */
	CHECK_EQ(l.attr & LOGON_RET, 0);
	check_name("KSECDD\\alice");
	CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_OK);
	CHECK_MEM(sig, dummy, 16);
	logon_end(&l);
}

static void partly_granted(void)
{
	logon_init(&l);
	l.client.negotiate &= ~NTLMSSP_NEGOTIATE_SEAL;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_EQ(l.attr & LOGON_RET, LOGON_RET & ~ASC_RET_CONFIDENTIALITY);
	logon_end(&l);

	/* Flags that the client did not negotiate are not negotiated by setting them. */
	logon_init(&l);
	l.client.negotiate &= ~NTLMSSP_NEGOTIATE_SEAL;
	l.client.add = NTLMSSP_NEGOTIATE_SEAL;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_EQ(l.attr & ASC_RET_CONFIDENTIALITY, 0);
	logon_end(&l);
}

static void weak_keys(void)
{
	logon_init(&l);
	l.client.negotiate &= ~NTLMSSP_NEGOTIATE_128;
	CHECK_STATUS(logon_first(&l), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_EQ(l.context.dwLower, LOGON_UNTOUCHED);

	/* Dropped after the challenge offered it */
	logon_init(&l);
	l.client.remove = NTLMSSP_NEGOTIATE_128;
	CHECK_STATUS(logon_run(&l), SEC_E_UNSUPPORTED_FUNCTION);
	logon_end(&l);
}

/* All of them get the same status, and nothing else. */
static void who_is_refused(void)
{
	static const struct {
		const char *what, *user, *domain, *password;
	} cases[] = {
		{ "a wrong password", "alice", "DOM", "passw0rd!" },
		{ "an empty password", "alice", "DOM", "" },
		{ "an unknown user", "mallory", "DOM", "Passw0rd!" },
		{ "a user of another domain", "bob", "DOM", "Passw0rd!" },
		{ "a disabled account", "dave", "DOM", "Passw0rd!" },
		{ "an expired account", "erin", "DOM", "Passw0rd!" },
		{ "part of a name", "alic", "DOM", "Passw0rd!" },
		{ "a domain in the name", "DOM\\alice", "DOM", "Passw0rd!" },
	};
	struct family_status before = status_now();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		logon_init(&l);
		l.client.user = cases[i].user;
		l.client.domain = cases[i].domain;
		l.client.password = cases[i].password;
		REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
		l.attr = 0xeeeeeeee;
		l.expiry.QuadPart = 0xeeeeeeee;
		if (!CHECK_STATUS(logon_second(&l), SEC_E_LOGON_DENIED))
			suite_note("with %s", cases[i].what);
		CHECK_EQ(l.attr, 0xeeeeeeee);
		CHECK_EQ(l.expiry.QuadPart, 0xeeeeeeee);
		/* The context is dead, and its owner's to delete. */
		CHECK_STATUS(logon_second(&l), SEC_E_INVALID_HANDLE);
		logon_end(&l);
	}
	CHECK_EQ(status_now().denied, before.denied + ARRAY_SIZE(cases));
	CHECK_EQ(status_now().accepted, before.accepted);
}

static void who_gets_in(void)
{
	static const struct {
		const char *user, *domain, *name;
	} cases[] = {
		{ "alice", "DOM", "KSECDD\\alice" }, { "ALICE", "", "KSECDD\\alice" },
		{ "bob", "EXAMPLE", "EXAMPLE\\bob" }, { "Bob", "example", "EXAMPLE\\bob" },
		{ "carol", "KSECDD", "KSECDD\\carol" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		logon_init(&l);
		l.client.user = cases[i].user;
		l.client.domain = cases[i].domain;
		REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
		check_name(cases[i].name);
		logon_end(&l);
	}
}

static void anonymous(void)
{
	uint8_t text[4] = "text", sig[16] = {};
	SecBuffer bufs[] = {
		{ 4, SECBUFFER_DATA, text }, { sizeof(sig), SECBUFFER_TOKEN, sig },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, bufs };
	SecPkgContext_LinuxAccount account;
	ULONG qop;

	logon_init(&l);
	l.client.anonymous = true;
	l.client.mic = false;
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);

	logon_init(&l);
	l.client.anonymous = true;
	l.client.mic = false;
	l.req |= ASC_REQ_ALLOW_NULL_SESSION;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_EQ(l.attr & (ASC_RET_NULL_SESSION | LOGON_RET), ASC_RET_NULL_SESSION);
	check_name("NT AUTHORITY\\ANONYMOUS LOGON");
	CHECK_STATUS(MakeSignature(&l.context, 0, &desc, 0), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(VerifySignature(&l.context, &desc, 0, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_LINUX_ACCOUNT, &account),
		     SEC_E_NO_IMPERSONATION);
	logon_end(&l);

	/* Allowing null sessions makes nobody anonymous who is somebody. */
	logon_init(&l);
	l.req |= ASC_REQ_ALLOW_NULL_SESSION;
	l.client.password = "wrong";
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);
	logon_init(&l);
	l.req |= ASC_REQ_ALLOW_NULL_SESSION;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_EQ(l.attr & ASC_RET_NULL_SESSION, 0);
	logon_end(&l);
}

static void targets(void)
{
	SecPkgContext_ClientSpecifiedTarget target;

	logon_init(&l);
	l.client.target = "HTTP/server";
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
					     &target), SEC_E_OK);
	/* UTF-16 whoever asks */
	CHECK(same_wide(target.sTargetName, "HTTP/server"));
	CHECK_STATUS(FreeContextBuffer(target.sTargetName), SEC_E_OK);
	logon_end(&l);

	logon_init(&l);
	l.client.target = "HTTP/server";
	l.client.av_flags = 4;	/* the client does not trust where it got it from */
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	target.sTargetName = (SEC_WCHAR *)1;
	CHECK_STATUS(QueryContextAttributesW(&l.context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
					     &target), SEC_E_OK);
	CHECK(!target.sTargetName);
	logon_end(&l);

	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_STATUS(QueryContextAttributesW(&l.context, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET,
					     &target), SEC_E_TARGET_UNKNOWN);
	logon_end(&l);
}

static void principal_of_the_service(void)
{
	CredHandle cred;

	REQUIRE_STATUS(AcquireCredentialsHandleA("HTTP/server", "NTLM", SECPKG_CRED_INBOUND, NULL,
						 NULL, NULL, NULL, &cred, NULL), SEC_E_OK);
	logon_init(&l);
	l.cred = &cred;
	l.client.target = "HTTP/server";
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	logon_end(&l);
	logon_init(&l);
	l.cred = &cred;
	l.client.target = "cifs/server";
	CHECK_STATUS(logon_run(&l), SEC_E_WRONG_PRINCIPAL);
	logon_end(&l);
	CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_OK);
}

static void move_clock(time_t seconds)
{
	struct timespec now;

	REQUIRE_SYS(clock_gettime(CLOCK_REALTIME, &now));
	now.tv_sec += seconds;
	REQUIRE_SYS(clock_settime(CLOCK_REALTIME, &now));
}

/* J05: an hour is nothing; two days are more than the 36 hours that are allowed. */
static void clock_jumps(void)
{
	static const struct {
		time_t by;
		SECURITY_STATUS want;
	} jumps[] = {
		{ 3600, SEC_E_OK }, { -3600, SEC_E_OK },
		{ 48L * 3600, SEC_E_LOGON_DENIED }, { -48L * 3600, SEC_E_LOGON_DENIED },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		logon_init(&l);
		REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
		move_clock(jumps[i].by);
		CHECK_STATUS(logon_second(&l), jumps[i].want);
		if (jumps[i].want == SEC_E_OK)
			check_sealing();
		move_clock(-jumps[i].by);
		logon_end(&l);
	}
}

static void as_another_user(void *unused)
{
	(void)unused;
	become(ENV_UID);
	logon_init(&l);
	CHECK_STATUS(logon_run(&l), SEC_E_OK);
	check_name("KSECDD\\alice");
	logon_end(&l);
}

static void any_user_may_be_a_service(void)
{
	suite_in_child(as_another_user, NULL);
}

static const struct suite_test tests[] = {
	/* First, so that no credential has been acquired before it forks. */
	{ .name = "a service of an unprivileged user", .run = any_user_may_be_a_service },
	{ .name = "a full logon", .run = full_logon },
	{ .name = "clients as they are found", .run = other_clients },
	{ .name = "a client like curl", .run = oem_client },
	{ .name = "wishes that do not come true", .run = partly_granted },
	{ .name = "keys that are too weak", .run = weak_keys },
	{ .name = "who is refused", .run = who_is_refused },
	{ .name = "who gets in", .run = who_gets_in },
	{ .name = "anonymous clients", .run = anonymous },
	{ .name = "the target the client named", .run = targets },
	{ .name = "J05: the clock jumps between the legs", .run = clock_jumps },
	{ .name = "a client that wants another service", .run = principal_of_the_service },
};

static void after(void)
{
	logon_end(&l);
}

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
