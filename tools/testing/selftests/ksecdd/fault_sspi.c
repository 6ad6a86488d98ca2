// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The functions of sspi.h with one fault of the kernel after the other, through
 * libsspi and judged by ksecd, which suffers none.  Memory that the library itself
 * cannot get is another test's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "fault_sspi.h"
#include "logon.h"
#include "ntlm_peer.h"
#include "suite.h"
#include "sweep.h"
#include "tools/testing/unit/spnego/wire.h"

#define ANSI		SEC_WINNT_AUTH_IDENTITY_ANSI
#define UNICODE_STRINGS	SEC_WINNT_AUTH_IDENTITY_UNICODE

/* A message that the library cannot read or write may count, and it says so. */
static const struct sweep_faults message_faults = {
	{ SEC_E_INSUFFICIENT_MEMORY, SWEEP_END }, { SEC_E_INTERNAL_ERROR, SWEEP_END },
};

static struct logon l;

/* Row arguments: which of the two kinds of strings */
static const bool narrow, wide = true;

static bool is_wide(const void *arg)
{
	return *(const bool *)arg;
}

/* Packages */

static void *package_info;

static int32_t list_run(const void *arg)
{
	ULONG n;

	return is_wide(arg) ? EnumerateSecurityPackagesW(&n, (PSecPkgInfoW *)&package_info) :
			      EnumerateSecurityPackagesA(&n, (PSecPkgInfoA *)&package_info);
}

static int32_t info_run(const void *arg)
{
	static SEC_WCHAR name[] = { 'N', 'T', 'L', 'M', 0 };

	if (is_wide(arg))
		return QuerySecurityPackageInfoW(name, (PSecPkgInfoW *)&package_info);
	return QuerySecurityPackageInfoA("NTLM", (PSecPkgInfoA *)&package_info);
}

static void check_info(const void *arg)
{
	if (is_wide(arg))
		CHECK(same_wide(((PSecPkgInfoW)package_info)->Name, "NTLM"));
	else
		CHECK(!strcmp(((PSecPkgInfoA)package_info)->Name, "NTLM"));
	CHECK_STATUS(FreeContextBuffer(package_info), SEC_E_OK);
}

static void list_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(list_run(arg), SEC_E_OK);
	check_info(arg);
}

static void info_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(info_run(arg), SEC_E_OK);
	check_info(arg);
}

/* As a daemon does before it detaches: the next call is like a process' first. */
static void close_all(const void *arg)
{
	char path[64], name[64];
	ssize_t n;
	int fd;

	(void)arg;
	for (fd = 3; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, name, sizeof(name) - 1);
		if (n <= 0)
			continue;
		name[n] = '\0';
		if (!strcmp(name, KSECDD_DEVICE))
			close(fd);
	}
}

/* Credentials */

static CredHandle cred;

static int32_t acquire_run(const void *arg)
{
	static unsigned char user[] = "alice", domain[] = "DOM", password[] = "Passw0rd!";
	static WCHAR wide_user[8], wide_domain[8], wide_password[16];
	static WCHAR package[] = { 'n', 't', 'l', 'm', 0 }, principal[] = { 'p', 0 };
	SEC_WINNT_AUTH_IDENTITY_A a = { user, 5, domain, 3, password, 9, ANSI };
	SEC_WINNT_AUTH_IDENTITY_W w = {
		wide_user, 5, wide_domain, 3, wide_password, 9, UNICODE_STRINGS
	};

	if (!arg)
		return AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, NULL, NULL,
						 NULL, NULL, &cred, NULL);
	if (!is_wide(arg))
		return AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_BOTH, NULL, &a, NULL,
						 NULL, &cred, NULL);
	widen(wide_user, "alice");
	widen(wide_domain, "DOM");
	widen(wide_password, "Passw0rd!");
	return AcquireCredentialsHandleW(principal, package, SECPKG_CRED_BOTH, NULL, &w, NULL,
					 NULL, &cred, NULL);
}

static void acquire_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(acquire_run(arg), SEC_E_OK);
	CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_OK);
}

static void free_before(const void *arg)
{
	(void)arg;
	REQUIRE_STATUS(acquire_run(NULL), SEC_E_OK);
}

static int32_t free_run(const void *arg)
{
	(void)arg;
	return FreeCredentialsHandle(&cred);
}

static void free_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	CHECK_STATUS(free_run(arg), outcome ? SEC_E_OK : SEC_E_INVALID_HANDLE);
}

/* Logons: the token comes back in the caller's memory, or in the library's. */

static CredHandle negotiate_cred;
static uint8_t room[4096];
static SecBuffer out;

static int32_t accept_token(const struct bytes *token, bool allocate)
{
	SecBuffer in = { (ULONG)token->len, SECBUFFER_TOKEN, (void *)token->data };
	SecBufferDesc in_desc = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc out_desc = { SECBUFFER_VERSION, 1, &out };
	bool first = l.context.dwLower == LOGON_UNTOUCHED;

	out = (SecBuffer){ sizeof(room), SECBUFFER_TOKEN, room };
	return AcceptSecurityContext(l.cred, first ? NULL : &l.context, &in_desc,
				     l.req | (allocate ? ASC_REQ_ALLOCATE_MEMORY : 0),
				     SECURITY_NATIVE_DREP, &l.context, &out_desc, &l.attr,
				     &l.expiry);
}

static void first_before(const void *arg)
{
	(void)arg;
	logon_init(&l);
	client_negotiate(&l.client, &l.negotiate);
}

static int32_t first_run(const void *arg)
{
	return accept_token(&l.negotiate, arg);
}

static void take_challenge(const void *arg)
{
	l.challenge.len = 0;
	bytes_put(&l.challenge, out.pvBuffer, out.cbBuffer);
	if (arg)
		CHECK_STATUS(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
}

static int32_t last_run(const void *arg)
{
	return accept_token(&l.authenticate, arg);
}

static void answer_challenge(void)
{
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
}

static void first_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_I_CONTINUE_NEEDED) {
		CHECK_EQ(l.context.dwLower, LOGON_UNTOUCHED);
		REQUIRE_STATUS(first_run(arg), SEC_I_CONTINUE_NEEDED);
	}
	take_challenge(arg);
	answer_challenge();
	CHECK_STATUS(last_run(NULL), SEC_E_OK);
	logon_end(&l);
}

static void last_before(const void *arg)
{
	first_before(arg);
	REQUIRE_STATUS(first_run(arg), SEC_I_CONTINUE_NEEDED);
	take_challenge(arg);
	answer_challenge();
}

/* Messages, with the keys of the logon */

static uint8_t text[300], token[16];
static SecBuffer bufs[] = {
	{ 100, SECBUFFER_DATA, text }, { 200, SECBUFFER_DATA, text + 100 },
	{ sizeof(token), SECBUFFER_TOKEN, token },
};
static SecBufferDesc message = { SECBUFFER_VERSION, 3, bufs };
static struct ntlm_peer peer;
static uint8_t sent[300], sent_token[16];

static void fill_text(uint8_t *data)
{
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		data[i] = (uint8_t)(i * 7);
}

static bool client_takes(bool seal)
{
	const struct ntlm_piece piece = { text, sizeof(text), seal };
	uint8_t plain[sizeof(text)];

	fill_text(plain);
	return ntlm_peer_accept(&peer, &piece, 1, token) && !memcmp(text, plain, sizeof(text));
}

/**
 * session_begin() - log a client on, with sealing
 * @arg: not used
 */
void session_begin(const void *arg)
{
	(void)arg;
	logon_init(&l);
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
}

static void last_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(last_run(arg), SEC_E_OK);
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
	/* The MIC of a negotiation counts. */
	peer.receive.seq += l.cred == &negotiate_cred;
	fill_text(text);
	REQUIRE_STATUS(EncryptMessage(&l.context, 0, &message, 0), SEC_E_OK);
	CHECK(client_takes(true));
	logon_end(&l);
}

static int32_t refused_run(const void *arg)
{
	return last_run(arg);
}

static void refused_before(const void *arg)
{
	last_before(arg);
	l.client.password = "wrong";
	answer_challenge();
}

/* Nobody gets a second verdict, though he may not have been told of the first. */
static void refused_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t again = last_run(arg);

	(void)kind;
	if (outcome == SEC_E_LOGON_DENIED || again != SEC_E_LOGON_DENIED)
		CHECK_STATUS(again, SEC_E_INVALID_HANDLE);
	logon_end(&l);
}

/**
 * session_context() - the context that session_begin() has established
 *
 * Return: the context, good until session_end()
 */
PCtxtHandle session_context(void)
{
	return &l.context;
}

/**
 * session_end() - delete the context
 * @arg: not used
 */
void session_end(const void *arg)
{
	(void)arg;
	logon_end(&l);
}

/* Negotiate: the second piece of a token, and the last token with both MICs */

static struct bytes whole, piece;

static void negotiate_begin(const void *arg)
{
	(void)arg;
	REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, "Negotiate", SECPKG_CRED_INBOUND, NULL, NULL,
						 NULL, NULL, &negotiate_cred, NULL), SEC_E_OK);
}

static void negotiate_end(const void *arg)
{
	(void)arg;
	CHECK_STATUS(FreeCredentialsHandle(&negotiate_cred), SEC_E_OK);
}

static void rest_before(const void *arg)
{
	static const struct wire_part nothing;

	first_before(arg);
	l.cred = &negotiate_cred;
	l.client.mic = true;
	wire_init(&whole, WIRE_NTLM, (struct wire_part){ l.negotiate.data, l.negotiate.len },
		  nothing);
	piece.len = 0;
	bytes_put(&piece, whole.data, 9);
	REQUIRE_STATUS(accept_token(&piece, false), SEC_I_CONTINUE_NEEDED);
	piece.len = 0;
	bytes_put(&piece, whole.data + 9, whole.len - 9);
}

static int32_t rest_run(const void *arg)
{
	(void)arg;
	return accept_token(&piece, false);
}

/* The client's last token, with its MIC, as @whole */
static void answer_negotiation(void)
{
	struct bytes list = {};
	struct ntlm_piece signed_list;
	uint8_t mic[16];
	struct wire_resp resp;

	REQUIRE(wire_read_resp(out.pvBuffer, out.cbBuffer, &resp) && resp.token.data);
	l.challenge.len = 0;
	bytes_put(&l.challenge, resp.token.data, resp.token.len);
	answer_challenge();
	wire_mechs(&list, WIRE_NTLM);
	signed_list = (struct ntlm_piece){ list.data, list.len, false };
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
	ntlm_peer_protect(&peer, &signed_list, 1, mic);
	resp = (struct wire_resp){
		.state = WIRE_NO_STATE,
		.token = { l.authenticate.data, l.authenticate.len },
		.mic = { mic, sizeof(mic) },
	};
	wire_resp(&whole, &resp);
}

static int32_t negotiated_run(const void *arg)
{
	(void)arg;
	return accept_token(&whole, false);
}

static void negotiated_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(negotiated_run(arg), SEC_E_OK);
	last_after(arg, SEC_E_OK, kind);
}

static void rest_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(rest_run(arg), SEC_I_CONTINUE_NEEDED);
	answer_negotiation();
	negotiated_after(arg, negotiated_run(arg), FAULT_NONE);
}

static void negotiated_before(const void *arg)
{
	rest_before(arg);
	REQUIRE_STATUS(rest_run(arg), SEC_I_CONTINUE_NEEDED);
	answer_negotiation();
}

static int32_t make(bool seal)
{
	bufs[2].cbBuffer = sizeof(token);
	return seal ? EncryptMessage(&l.context, 0, &message, 0) :
		      MakeSignature(&l.context, 0, &message, 0);
}

/* Row arguments from here on: whether to encrypt */
static const bool seal_it = true, sign_it;

static void make_before(const void *arg)
{
	(void)arg;
	fill_text(text);
}

static int32_t make_run(const void *arg)
{
	return make(*(const bool *)arg);
}

static void make_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	bool seal = *(const bool *)arg;
	struct ntlm_peer old = peer;
	uint8_t copy[sizeof(text)];

	(void)kind;
	if (outcome == SEC_E_OK) {
		CHECK(client_takes(seal));
		return;
	}
	fill_text(text);
	REQUIRE_STATUS(make(seal), SEC_E_OK);
	memcpy(copy, text, sizeof(text));
	if (client_takes(seal))
		return;
	/* A message has got lost, and the caller knows it. */
	REQUIRE_STATUS(outcome, SEC_E_INTERNAL_ERROR);
	peer = old;
	client_takes(seal);
	memcpy(text, copy, sizeof(text));
	REQUIRE(client_takes(seal));
}

static void check_before(const void *arg)
{
	const struct ntlm_piece piece = { sent, sizeof(sent), *(const bool *)arg };

	fill_text(sent);
	ntlm_peer_protect(&peer, &piece, 1, sent_token);
	memcpy(text, sent, sizeof(text));
	memcpy(token, sent_token, sizeof(token));
}

static int32_t check_run(const void *arg)
{
	ULONG qop;

	bufs[2].cbBuffer = sizeof(token);
	return *(const bool *)arg ? DecryptMessage(&l.context, &message, 0, &qop) :
				    VerifySignature(&l.context, &message, 0, &qop);
}

static void check_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	uint8_t plain[sizeof(text)];
	int32_t again = outcome;

	(void)kind;
	fill_text(plain);
	if (outcome != SEC_E_OK) {
		memcpy(text, sent, sizeof(text));
		memcpy(token, sent_token, sizeof(token));
		again = check_run(arg);
	}
	if (again == SEC_E_OK) {
		CHECK_MEM(text, plain, sizeof(text));
		return;
	}
	CHECK_STATUS(outcome, SEC_E_INTERNAL_ERROR);
	CHECK_STATUS(again, SEC_E_OUT_OF_SEQUENCE);
}

/* Attributes */

struct question {
	ULONG attribute;
	bool wide;
	int32_t status;
};

static void *answer[16];

static int32_t ask_run(const void *arg)
{
	const struct question *q = arg;

	memset(answer, 0, sizeof(answer));
	return q->wide ? QueryContextAttributesW(&l.context, q->attribute, answer) :
			 QueryContextAttributesA(&l.context, q->attribute, answer);
}

/* What is no pointer of the library's, FreeContextBuffer() leaves alone. */
static void ask_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const struct question *q = arg;
	size_t i;

	(void)kind;
	if (outcome != q->status)
		REQUIRE_STATUS(ask_run(arg), q->status);
	for (i = 0; i < ARRAY_SIZE(answer); i++)
		FreeContextBuffer(answer[i]);
}

static int32_t delete_run(const void *arg)
{
	(void)arg;
	return DeleteSecurityContext(&l.context);
}

static void delete_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	CHECK_STATUS(delete_run(arg), outcome ? SEC_E_OK : SEC_E_INVALID_HANDLE);
}

static int32_t complete_run(const void *arg)
{
	(void)arg;
	return CompleteAuthToken(&l.context, &message);
}

#define FIRST_CALL(title, prefix, what)							\
	CALL(title ", the first call", prefix, SEC_E_OK, what, .before = close_all)
#define MESSAGE(title, prefix, what)							\
	{ .name = title, .faults = &message_faults, .arg = what, .begin = session_begin, \
	  .before = prefix##_before, .run = prefix##_run, .after = prefix##_after,	\
	  .end = session_end }
#define ASK(title, attribute, wide, result)						\
	{ .name = "QueryContextAttributes, " title, .faults = &sweep_sspi, .want = result, \
	  .arg = &(const struct question){ attribute, wide, result }, .begin = session_begin, \
	  .run = ask_run, .after = ask_after, .end = session_end }
#define ASK_BOTH(title, attribute, result)						\
	ASK(title, attribute, false, result), ASK(title ", wide", attribute, true, result)

static const struct sweep rows[] = {
	/* These come first: they end the handles that there are. */
	FIRST_CALL("EnumerateSecurityPackages", list, &narrow),
	FIRST_CALL("QuerySecurityPackageInfo", info, &wide),
	FIRST_CALL("AcquireCredentialsHandle", acquire, NULL),
	CALL("EnumerateSecurityPackages", list, SEC_E_OK, &narrow),
	CALL("EnumerateSecurityPackages, wide", list, SEC_E_OK, &wide),
	CALL("QuerySecurityPackageInfo", info, SEC_E_OK, &narrow),
	CALL("QuerySecurityPackageInfo, wide", info, SEC_E_OK, &wide),
	CALL("AcquireCredentialsHandle", acquire, SEC_E_OK, NULL),
	CALL("AcquireCredentialsHandle, explicit credentials", acquire, SEC_E_OK, &narrow),
	CALL("AcquireCredentialsHandle, explicit credentials, wide", acquire, SEC_E_OK, &wide),
	CALL("FreeCredentialsHandle", free, SEC_E_OK, NULL, .before = free_before),
	CALL("AcceptSecurityContext, first leg", first, SEC_I_CONTINUE_NEEDED, NULL,
	     .before = first_before),
	CALL("AcceptSecurityContext, first leg, allocated", first, SEC_I_CONTINUE_NEEDED, room,
	     .before = first_before),
	CALL("AcceptSecurityContext, last leg", last, SEC_E_OK, NULL, .before = last_before),
	CALL("AcceptSecurityContext, last leg, allocated", last, SEC_E_OK, room,
	     .before = last_before),
	CALL("AcceptSecurityContext, refused", refused, SEC_E_LOGON_DENIED, NULL,
	     .before = refused_before),
	CALL("AcceptSecurityContext, Negotiate, the rest of a token", rest, SEC_I_CONTINUE_NEEDED,
	     NULL, .begin = negotiate_begin, .before = rest_before, .end = negotiate_end),
	CALL("AcceptSecurityContext, Negotiate, the last token", negotiated, SEC_E_OK, NULL,
	     .begin = negotiate_begin, .before = negotiated_before, .end = negotiate_end),
	MESSAGE("MakeSignature", make, &sign_it),
	MESSAGE("EncryptMessage", make, &seal_it),
	MESSAGE("VerifySignature", check, &sign_it),
	MESSAGE("DecryptMessage", check, &seal_it),
	ASK("sizes", SECPKG_ATTR_SIZES, false, SEC_E_OK),
	ASK_BOTH("names", SECPKG_ATTR_NAMES, SEC_E_OK),
	ASK_BOTH("native names", SECPKG_ATTR_NATIVE_NAMES, SEC_E_OK),
	ASK("lifespan", SECPKG_ATTR_LIFESPAN, false, SEC_E_OK),
	ASK_BOTH("key info", SECPKG_ATTR_KEY_INFO, SEC_E_OK),
	ASK("the session key", SECPKG_ATTR_SESSION_KEY, false, SEC_E_UNSUPPORTED_FUNCTION),
	ASK_BOTH("package info", SECPKG_ATTR_PACKAGE_INFO, SEC_E_OK),
	ASK_BOTH("negotiation info", SECPKG_ATTR_NEGOTIATION_INFO, SEC_E_OK),
	ASK("flags", SECPKG_ATTR_FLAGS, false, SEC_E_OK),
	ASK("the target", SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, false, SEC_E_TARGET_UNKNOWN),
	ASK("the local account", SECPKG_ATTR_LINUX_ACCOUNT, false, SEC_E_OK),
	{ .name = "CompleteAuthToken", .faults = &sweep_sspi, .begin = session_begin,
	  .run = complete_run, .end = session_end, .want = SEC_E_UNSUPPORTED_FUNCTION },
	CALL("DeleteSecurityContext", delete, SEC_E_OK, NULL, .before = session_begin),
};

int main(int argc, char **argv)
{
	static struct sweep all[ARRAY_SIZE(rows) + FAULT_TOKEN_ROWS];

	memcpy(all, rows, sizeof(rows));
	memcpy(all + ARRAY_SIZE(rows), fault_token_rows, sizeof(fault_token_rows));
	return sweep_run(all, ARRAY_SIZE(all), argc, argv);
}
