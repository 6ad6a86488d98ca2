// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * WDigest through libsspi, with a helper that says what the test says: the parameters of
 * an HTTP message, SEC_I_COMPLETE_NEEDED, SEC_I_COMPLETE_AND_CONTINUE and CompleteAuthToken.
 */
#include <string.h>
#include <unistd.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_digest.h>
#include <sspi.h>

#include "env.h"
#include "suite.h"
#include "testhelper.h"

#define PARAMS	4

static struct testhelper th = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_WDIGEST,
};
static CredHandle digest, ntlm;
static CtxtHandle context;
static struct verdict now, later;
static uint8_t room[64];

/* What the helper has seen of the parameters */
static struct {
	bool given;
	uint32_t len;
	union {
		struct ksecdd_digest digest;
		uint8_t bytes[256];
	};
} seen;

static const char challenge[] = "realm=\"a\"", rewritten[] = "realm=\"another\"";

static void see(int fd, const struct request *req, void *data)
{
	(void)fd;
	(void)data;
	seen.given = req->step.params;
	seen.len = (uint32_t)req->step.params_len;
	memset(seen.bytes, 0, sizeof(seen.bytes));
	if (seen.given && seen.len <= sizeof(seen.bytes))
		memcpy(seen.bytes, req->step.params, seen.len);
}

/* How often a helper was asked; the module counts before it asks. */
static uint64_t asked(void)
{
	return status_now().upcalls;
}

static struct verdict lets_in(void)
{
	static const uint8_t key[16];
	struct verdict verdict = verdict_ok(0, key);

	verdict.set_keys = false;
	verdict.complete.ret_flags = 0;
	verdict.hook = see;
	return verdict;
}

/* The helper answers with a status, and with @later to a call without a token. */
static void goes_on(SECURITY_STATUS status, struct verdict then)
{
	later = then;
	later.hook = see;
	now = verdict_fail(status);
	now.hook = see;
	now.complete.state = (uintptr_t)&later;
	now.complete.state_len = sizeof(later);
}

/* AcceptSecurityContext with the verdict @now as token, and these parameters */
static SECURITY_STATUS judge(CredHandle *cred, CtxtHandle *half_open, const char *const *params,
			      ULONG n, SecBuffer *out)
{
	SecBuffer in[1 + PARAMS] = { { sizeof(now), SECBUFFER_TOKEN, &now } };
	SecBufferDesc input = { SECBUFFER_VERSION, 1 + n, in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, out };
	ULONG attributes, i;

	for (i = 0; i < n; i++)
		in[1 + i] = (SecBuffer){ (ULONG)strlen(params[i]),
					 SECBUFFER_PKG_PARAMS | SECBUFFER_READONLY,
					 *params[i] ? (void *)params[i] : NULL };
	memset(&seen, 0, sizeof(seen));
	return AcceptSecurityContext(cred, half_open, &input, 0, SECURITY_NATIVE_DREP, &context,
				     out ? &output : NULL, &attributes, NULL);
}

static SECURITY_STATUS complete(const char *const *params, ULONG n, SecBuffer *token)
{
	SecBuffer buffers[PARAMS + 1];
	SecBufferDesc desc = { SECBUFFER_VERSION, n + !!token, buffers };
	SECURITY_STATUS status;
	ULONG i;

	for (i = 0; i < n; i++)
		buffers[i] = (SecBuffer){ (ULONG)strlen(params[i]), SECBUFFER_PKG_PARAMS,
					  (void *)params[i] };
	if (token)
		buffers[n] = *token;
	memset(&seen, 0, sizeof(seen));
	status = CompleteAuthToken(&context, &desc);
	if (token)
		*token = buffers[n];
	return status;
}

static void check_seen(uint32_t flags, const uint32_t lens[KSECDD_DIGEST_PARTS], const char *data)
{
	CHECK(seen.given);
	CHECK_EQ(seen.len, sizeof(seen.digest) + strlen(data));
	CHECK_EQ(seen.digest.flags, flags);
	CHECK_MEM(seen.digest.len, lens, sizeof(seen.digest.len));
	CHECK_MEM(seen.digest.data, data, strlen(data));
}

static void end(void)
{
	CHECK_STATUS(DeleteSecurityContext(&context), SEC_E_OK);
}

static void package(void)
{
	SecPkgInfoA *info;

	REQUIRE_STATUS(QuerySecurityPackageInfoA((char *)"wdigest", &info), SEC_E_OK);
	CHECK(!strcmp(info->Name, "WDigest"));
	CHECK_EQ(info->wRPCID, 21);
	CHECK_EQ(info->cbMaxToken, 4096);
	CHECK(!(info->fCapabilities & (SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY)));
	CHECK_STATUS(FreeContextBuffer(info), SEC_E_OK);
}

static void parameters(void)
{
	static const char *const all[] = { "GET", "/index.html", "0123", "a realm" };
	static const char *const realm[] = { "", "", "", "a realm" };
	static const char *const none[] = { "", "", "", "" };
	ULONG n;

	now = lets_in();
	for (n = 0; n <= PARAMS; n++) {
		const uint32_t lens[] = { n > 0 ? 3 : 0, n > 1 ? 11 : 0, n > 2 ? 4 : 0,
					  n > 3 ? 7 : 0 };
		char data[64] = "";
		ULONG i;

		REQUIRE_STATUS(judge(&digest, NULL, all, n, NULL), SEC_E_OK);
		for (i = 0; i < n; i++)
			strcat(data, all[i]);
		if (n)
			check_seen(0, lens, data);
		else
			CHECK(!seen.given);
		end();
	}
	REQUIRE_STATUS(judge(&digest, NULL, realm, PARAMS, NULL), SEC_E_OK);
	check_seen(0, (const uint32_t[]){ 0, 0, 0, 7 }, "a realm");
	end();
	REQUIRE_STATUS(judge(&digest, NULL, none, PARAMS, NULL), SEC_E_OK);
	CHECK(!seen.given);
	end();
	/* Another package does not see them. */
	REQUIRE_STATUS(judge(&ntlm, NULL, all, PARAMS, NULL), SEC_E_OK);
	CHECK(!seen.given);
	end();
}

/* What nobody is asked about */
static void wrong_parameters(void)
{
	static uint8_t big[KSECDD_MAX_PARAMS];
	SecBuffer in[] = {
		{ sizeof(now), SECBUFFER_TOKEN, &now },
		{ sizeof(big) - sizeof(struct ksecdd_digest), SECBUFFER_PKG_PARAMS, big },
		{ 0, SECBUFFER_PKG_PARAMS, NULL },
	};
	SecBufferDesc input = { SECBUFFER_VERSION, 3, in };
	uint64_t before;
	ULONG attributes;

#define ACCEPT() AcceptSecurityContext(&digest, NULL, &input, 0, SECURITY_NATIVE_DREP,	\
				       &context, NULL, &attributes, NULL)
	now = lets_in();
	REQUIRE_STATUS(ACCEPT(), SEC_E_OK);
	CHECK_EQ(seen.len, KSECDD_MAX_PARAMS);
	end();
	before = asked();
	in[2] = (SecBuffer){ 1, SECBUFFER_PKG_PARAMS, big };
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	in[2].cbBuffer = UINT32_MAX;
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	in[1].cbBuffer = 0;
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	in[2] = (SecBuffer){ 1, SECBUFFER_PKG_PARAMS, NULL };
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	/* Neither a token nor parameters */
	in[0].BufferType = in[1].BufferType = in[2].BufferType = SECBUFFER_EMPTY;
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	CHECK_EQ(asked(), before);
	/* Parameters alone are for the helper, who has no verdict here. */
	in[2] = (SecBuffer){ 3, SECBUFFER_PKG_PARAMS, "GET" };
	CHECK_STATUS(ACCEPT(), SEC_E_INVALID_TOKEN);
	CHECK_EQ(asked(), before + 1);
}

static const char *const get[] = { "GET", "/" };

static void needed(void)
{
	struct family_status before = status_now();
	SecPkgContext_NamesA names;
	SecBuffer data[] = { { 4, SECBUFFER_DATA, room }, { 16, SECBUFFER_TOKEN, room + 4 } };
	SecBufferDesc message = { SECBUFFER_VERSION, 2, data };

	goes_on(SEC_I_COMPLETE_NEEDED, lets_in());
	REQUIRE_STATUS(judge(&digest, NULL, NULL, 0, NULL), SEC_I_COMPLETE_NEEDED);
	CHECK_EQ(status_now().half_open, before.half_open + 1);
	CHECK_STATUS(QueryContextAttributesA(&context, SECPKG_ATTR_NAMES, &names),
		     SEC_E_INVALID_HANDLE);
	REQUIRE_STATUS(complete(get, 2, NULL), SEC_E_OK);
	check_seen(KSECDD_DIGEST_COMPLETE, (const uint32_t[]){ 3, 1, 0, 0 }, "GET/");
	CHECK_EQ(status_now().half_open, before.half_open);
	REQUIRE_STATUS(QueryContextAttributesA(&context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
	CHECK(!strcmp(names.sUserName, "TEST\\client"));
	FreeContextBuffer(names.sUserName);
	/* It is complete, and protects no messages. */
	CHECK_STATUS(complete(get, 2, NULL), SEC_E_INVALID_TOKEN);
	CHECK_STATUS(MakeSignature(&context, 0, &message, 0), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(EncryptMessage(&context, 0, &message, 0), SEC_E_UNSUPPORTED_FUNCTION);
	end();
	check_gauges(&before);
}

/* Each refusal of CompleteAuthToken, after which there is nothing left to ask */
static void refused(void)
{
	static const SECURITY_STATUS refusals[] = {
		SEC_E_LOGON_DENIED, SEC_E_MESSAGE_ALTERED, SEC_E_OUT_OF_SEQUENCE,
		SEC_E_INVALID_TOKEN,
	};
	struct family_status before = status_now();
	SecBuffer token = { sizeof(room), SECBUFFER_TOKEN, room };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		goes_on(SEC_I_COMPLETE_NEEDED, verdict_fail(refusals[i]));
		REQUIRE_STATUS(judge(&digest, NULL, NULL, 0, NULL), SEC_I_COMPLETE_NEEDED);
		CHECK_STATUS(complete(get, 2, &token), refusals[i]);
		CHECK_EQ(token.cbBuffer, sizeof(room));
		CHECK_STATUS(complete(get, 2, NULL), SEC_E_INVALID_HANDLE);
		now = lets_in();
		CHECK_STATUS(judge(NULL, &context, get, 2, NULL), SEC_E_INVALID_HANDLE);
		end();
	}
	check_gauges(&before);
}

static void and_continue(void)
{
	static const char *const realm[] = { "", "", "", "another" };
	struct family_status before = status_now();
	SecBuffer out = { sizeof(room), SECBUFFER_TOKEN, room };
	struct verdict again = verdict_fail(SEC_I_CONTINUE_NEEDED);
	uint64_t calls;

	again.complete.token = (uintptr_t)rewritten;
	again.complete.token_len = sizeof(rewritten);
	goes_on(SEC_I_COMPLETE_AND_CONTINUE, again);
	now.complete.token = (uintptr_t)challenge;
	now.complete.token_len = sizeof(challenge);
	REQUIRE_STATUS(judge(&digest, NULL, NULL, 0, &out), SEC_I_COMPLETE_AND_CONTINUE);
	CHECK_EQ(out.cbBuffer, sizeof(challenge));
	CHECK_MEM(room, challenge, sizeof(challenge));

	/* Without room nothing has happened, and the helper is not asked twice. */
	calls = asked();
	out.cbBuffer = sizeof(rewritten) - 1;
	CHECK_STATUS(complete(realm, PARAMS, &out), SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(out.cbBuffer, sizeof(rewritten) - 1);
	CHECK_MEM(room, challenge, sizeof(challenge));
	out.cbBuffer = sizeof(room);
	CHECK_STATUS(complete(realm, PARAMS, &out), SEC_E_OK);
	CHECK_EQ(asked(), calls + 1);
	CHECK_EQ(out.cbBuffer, sizeof(rewritten));
	CHECK_MEM(room, rewritten, sizeof(rewritten));
	CHECK_EQ(status_now().half_open, before.half_open + 1);

	now = lets_in();
	CHECK_STATUS(judge(NULL, &context, get, 2, NULL), SEC_E_OK);
	end();
	check_gauges(&before);
}

/* A helper that says it of another package is confused. */
static void other_packages(void)
{
	static const SECURITY_STATUS statuses[] = {
		SEC_I_COMPLETE_NEEDED, SEC_I_COMPLETE_AND_CONTINUE,
	};
	SecBuffer token = { sizeof(room), SECBUFFER_TOKEN, room };
	SecBufferDesc desc = { SECBUFFER_VERSION, 1, &token };
	uint64_t calls;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		now = verdict_fail(statuses[i]);
		CHECK_STATUS(judge(&ntlm, NULL, NULL, 0, NULL), SEC_E_INTERNAL_ERROR);
	}
	now = verdict_fail(SEC_I_CONTINUE_NEEDED);
	REQUIRE_STATUS(judge(&ntlm, NULL, NULL, 0, NULL), SEC_I_CONTINUE_NEEDED);
	calls = asked();
	CHECK_STATUS(CompleteAuthToken(&context, &desc), SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_EQ(asked(), calls);
	now = lets_in();
	CHECK_STATUS(judge(NULL, &context, NULL, 0, NULL), SEC_E_OK);
	CHECK_STATUS(CompleteAuthToken(&context, &desc), SEC_E_UNSUPPORTED_FUNCTION);
	end();
	CHECK_STATUS(CompleteAuthToken(&context, &desc), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(CompleteAuthToken(NULL, &desc), SEC_E_INVALID_HANDLE);
}

static void wrong_descriptors(void)
{
	SecBuffer buffer = { 1, SECBUFFER_PKG_PARAMS, NULL };
	SecBufferDesc desc = { SECBUFFER_VERSION + 1, 1, &buffer };
	uint64_t calls;

	goes_on(SEC_I_COMPLETE_NEEDED, lets_in());
	REQUIRE_STATUS(judge(&digest, NULL, NULL, 0, NULL), SEC_I_COMPLETE_NEEDED);
	calls = asked();
	CHECK_STATUS(CompleteAuthToken(&context, NULL), SEC_E_INVALID_TOKEN);
	CHECK_STATUS(CompleteAuthToken(&context, &desc), SEC_E_INVALID_TOKEN);
	desc.ulVersion = SECBUFFER_VERSION;
	CHECK_STATUS(CompleteAuthToken(&context, &desc), SEC_E_INVALID_TOKEN);
	CHECK_EQ(asked(), calls);
	/* Nothing has happened. */
	CHECK_STATUS(complete(get, 2, NULL), SEC_E_OK);
	end();
}

static const struct suite_test tests[] = {
	{ .name = "what is known of the package", .run = package },
	{ .name = "parameters reach the helper of their package", .run = parameters },
	{ .name = "parameters that are none", .run = wrong_parameters },
	{ .name = "SEC_I_COMPLETE_NEEDED, and completed", .run = needed },
	{ .name = "SEC_I_COMPLETE_NEEDED, and refused", .run = refused },
	{ .name = "SEC_I_COMPLETE_AND_CONTINUE", .run = and_continue },
	{ .name = "other packages have neither", .run = other_packages },
	{ .name = "CompleteAuthToken with descriptors that are none", .run = wrong_descriptors },
};

static void acquire(const char *name, CredHandle *cred)
{
	REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, (char *)name, SECPKG_CRED_INBOUND, NULL,
						 NULL, NULL, NULL, cred, NULL), SEC_E_OK);
}

int main(void)
{
	int ret;

	testhelper_isolate();
	testhelper_start(&th);
	acquire("WDigest", &digest);
	acquire("NTLM", &ntlm);
	ret = suite_run(tests, ARRAY_SIZE(tests));
	FreeCredentialsHandle(&digest);
	FreeCredentialsHandle(&ntlm);
	testhelper_stop(&th);
	return ret;
}
