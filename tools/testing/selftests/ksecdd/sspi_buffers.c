// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AcceptSecurityContext as programs call it: which buffers there are, how large
 * and in which order, where the context and the expiry go, and flags that are
 * none.
 */
#include <unistd.h>

#include <linux/ksecdd.h>

#include "env.h"
#include "logon.h"
#include "suite.h"

static struct logon l;
static struct bytes none;

/**
 * struct asc - the arguments of a call, to be spoilt
 * @cred:    phCredential
 * @context: phContext
 * @new:     phNewContext
 * @in:      buffers of pInput
 * @out:     buffers of pOutput
 * @in_desc: pInput
 * @out_desc: pOutput
 * @pin:     @in_desc or NULL
 * @pout:    @out_desc or NULL
 * @req:     fContextReq
 * @drep:    TargetDataRep
 * @attr:    *pfContextAttr
 * @expiry:  ptsExpiry
 * @room:    memory of the output
 */
static struct asc {
	CredHandle *cred;
	CtxtHandle *context;
	CtxtHandle *new;
	SecBuffer in[65];
	SecBuffer out[2];
	SecBufferDesc in_desc;
	SecBufferDesc out_desc;
	SecBufferDesc *pin;
	SecBufferDesc *pout;
	ULONG req;
	ULONG drep;
	ULONG attr;
	TimeStamp *expiry;
	uint8_t room[4096];
} a;

/* A call for the client's first message, or for its second. */
static void asc_init(bool second)
{
	struct bytes *token = second ? &l.authenticate : &l.negotiate;

	if (second)
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	else
		client_negotiate(&l.client, &l.negotiate);
	memset(&a, 0, sizeof(a));
	memset(a.room, 0xee, sizeof(a.room));
	a.cred = l.cred;
	a.context = second ? &l.context : NULL;
	a.new = &l.context;
	a.in[0] = (SecBuffer){ (ULONG)token->len, SECBUFFER_TOKEN, token->data };
	a.out[0] = (SecBuffer){ sizeof(a.room), SECBUFFER_TOKEN, a.room };
	a.in_desc = (SecBufferDesc){ SECBUFFER_VERSION, 1, a.in };
	a.out_desc = (SecBufferDesc){ SECBUFFER_VERSION, 1, a.out };
	a.pin = &a.in_desc;
	a.pout = &a.out_desc;
	a.req = LOGON_REQ;
	a.drep = SECURITY_NATIVE_DREP;
	a.attr = 0xeeeeeeee;
}

static SECURITY_STATUS asc(void)
{
	return AcceptSecurityContext(a.cred, a.context, a.pin, a.req, a.drep, a.new, a.pout,
				     &a.attr, a.expiry);
}

/* The call fails, and the caller has got nothing of it. */
static void check_failed(SECURITY_STATUS want)
{
	CHECK_STATUS(asc(), want);
	CHECK_EQ(a.attr, 0xeeeeeeee);
	CHECK_EQ(a.room[0], 0xee);
	CHECK(l.context.dwLower == LOGON_UNTOUCHED);
}

/* The call fails, and leaves everything as it is. */
static void check_refused(SECURITY_STATUS want)
{
	struct family_status before = status_now();

	check_failed(want);
	check_gauges(&before);
}

static void take_challenge(void)
{
	l.challenge.len = 0;
	bytes_put(&l.challenge, a.out[0].pvBuffer, a.out[0].cbBuffer);
}

/* A whole logon with what the callback makes of both calls. */
static void check_logon(void (*change)(bool second))
{
	logon_init(&l);
	asc_init(false);
	change(false);
	if (!CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED))
		return;
	take_challenge();
	asc_init(true);
	change(true);
	CHECK_STATUS(asc(), SEC_E_OK);
	logon_end(&l);
}

static void too_small(void)
{
	struct family_status before;
	uint64_t upcalls;
	ULONG need;

	logon_init(&l);
	asc_init(false);
	CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	need = a.out[0].cbBuffer;
	CHECK_EQ(a.room[need], 0xee);
	logon_end(&l);
	before = status_now();

	logon_init(&l);
	asc_init(false);
	a.out[0].cbBuffer = need - 1;
	check_failed(SEC_E_BUFFER_TOO_SMALL);
	upcalls = status_now().upcalls;
	asc_init(false);
	a.out[0].cbBuffer = 0;
	check_failed(SEC_E_BUFFER_TOO_SMALL);
	asc_init(false);
	a.out[0].pvBuffer = NULL;
	check_failed(SEC_E_BUFFER_TOO_SMALL);
	asc_init(false);
	a.out[0].BufferType = SECBUFFER_DATA;
	check_failed(SEC_E_BUFFER_TOO_SMALL);
	asc_init(false);
	a.out_desc.cBuffers = 0;
	check_failed(SEC_E_BUFFER_TOO_SMALL);
	asc_init(false);
	a.pout = NULL;
	check_failed(SEC_E_BUFFER_TOO_SMALL);

	/* The answer has been kept: the same with enough room, and without ksecd. */
	asc_init(false);
	a.out[0].cbBuffer = need;
	CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(status_now().upcalls, upcalls);
	CHECK_EQ(a.out[0].cbBuffer, need);
	take_challenge();
	/* There is no token to be put anywhere at the end. */
	asc_init(true);
	a.pout = NULL;
	CHECK_STATUS(asc(), SEC_E_OK);
	logon_end(&l);
	check_gauges(&before);
}

static void behind_another_buffer(bool second)
{
	(void)second;
	a.out[1] = a.out[0];
	a.out[0] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
	a.out_desc.cBuffers = 2;
}

static void second_output_buffer(void)
{
	logon_init(&l);
	asc_init(false);
	behind_another_buffer(false);
	CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	CHECK(a.out[1].cbBuffer > 56);
	CHECK_MEM(a.room, "NTLMSSP", 8);
	logon_end(&l);
}

static void allocated(void)
{
	void *memory;
	char stack[16];

	logon_init(&l);
	asc_init(false);
	a.req |= ASC_REQ_ALLOCATE_MEMORY;
	a.out[0] = (SecBuffer){ 0, SECBUFFER_TOKEN, NULL };
	REQUIRE_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	CHECK(a.attr & ASC_RET_ALLOCATED_MEMORY);
	memory = a.out[0].pvBuffer;
	REQUIRE(memory);
	CHECK_MEM(memory, "NTLMSSP", 8);
	take_challenge();
	CHECK_STATUS(FreeContextBuffer(memory), SEC_E_OK);
	CHECK_STATUS(FreeContextBuffer(memory), SEC_E_INVALID_HANDLE);

	asc_init(true);
	a.req |= ASC_REQ_ALLOCATE_MEMORY;
	a.out[0] = (SecBuffer){ 17, SECBUFFER_TOKEN, stack };
	CHECK_STATUS(asc(), SEC_E_OK);
	CHECK(a.attr & ASC_RET_ALLOCATED_MEMORY);
	/* There is no token, so there is nothing to be freed. */
	CHECK_EQ(a.out[0].cbBuffer, 0);
	CHECK(!a.out[0].pvBuffer);
	logon_end(&l);

	/* What was never allocated */
	CHECK_STATUS(FreeContextBuffer(stack), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(FreeContextBuffer(&a), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(FreeContextBuffer((void *)1), SEC_E_INVALID_HANDLE);

	/* Without being asked for it, nobody allocates. */
	logon_init(&l);
	asc_init(false);
	CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(a.attr & ASC_RET_ALLOCATED_MEMORY, 0);
	CHECK(a.out[0].pvBuffer == a.room);
	logon_end(&l);
}

/* Calls that failed have given away no memory. */
static void allocated_and_refused(void)
{
	logon_init(&l);
	asc_init(false);
	a.req |= ASC_REQ_ALLOCATE_MEMORY;
	a.out[0].pvBuffer = NULL;
	a.in[0].cbBuffer = 4;
	CHECK_STATUS(asc(), SEC_E_INVALID_TOKEN);
	CHECK(!a.out[0].pvBuffer);
	CHECK_EQ(a.attr, 0xeeeeeeee);
}

static void with_expiry(bool second)
{
	static TimeStamp expiry;

	/* Both, the first without and the second with, and the other way round */
	a.expiry = second ? &expiry : NULL;
	expiry.QuadPart = 0;
}

static void with_early_expiry(bool second)
{
	static TimeStamp expiry;

	a.expiry = second ? NULL : &expiry;
}

static void expiries(void)
{
	check_logon(with_expiry);
	check_logon(with_early_expiry);
	logon_init(&l);
	l.expiry.QuadPart = 0;
	REQUIRE_STATUS(logon_run(&l), SEC_E_OK);
	CHECK_EQ(l.expiry.QuadPart, KSECDD_TIME_NEVER);
	logon_end(&l);
}

static void plain(bool second)
{
	(void)second;
}

static void empty_second(bool second)
{
	(void)second;
	a.in[1] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
	a.in_desc.cBuffers = 2;
}

static void empty_first(bool second)
{
	(void)second;
	a.in[1] = a.in[0];
	a.in[0] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
	a.in_desc.cBuffers = 2;
}

static void readonly_token(bool second)
{
	(void)second;
	a.in[0].BufferType |= SECBUFFER_READONLY;
}

static void many_buffers(bool second)
{
	unsigned int i;

	(void)second;
	for (i = 1; i < 64; i++)
		a.in[i] = (SecBuffer){ 0, SECBUFFER_EMPTY, NULL };
	a.in_desc.cBuffers = 64;
}

static void network_drep(bool second)
{
	(void)second;
	a.drep = SECURITY_NETWORK_DREP;
}

/* MariaDB's server: what came out as attributes goes in as flags. */
static void fed_back(bool second)
{
	static ULONG last;

	if (second)
		a.req = last | 0x02aa0040;
	a.req &= ~(ULONG)ASC_REQ_PROMPT_FOR_CREDS;
	last = LOGON_RET | ASC_RET_NULL_SESSION | ASC_RET_IDENTIFY;
}

static void same_variable(bool second)
{
	if (second)
		a.new = &l.context;
}

static void no_new_variable(bool second)
{
	if (second)
		a.new = NULL;
}

static void no_credential(bool second)
{
	if (second)
		a.cred = NULL;
}

static void ways_to_call(void)
{
	static const struct {
		const char *what;
		void (*change)(bool second);
	} ways[] = {
		{ "one buffer", plain }, { "an empty second one", empty_second },
		{ "an empty first one", empty_first }, { "a read-only token", readonly_token },
		{ "64 buffers", many_buffers }, { "network byte order", network_drep },
		{ "attributes as flags", fed_back }, { "the same variable", same_variable },
		{ "no variable", no_new_variable }, { "no credential", no_credential },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		check_logon(ways[i].change);
		if (suite_failed()) {
			suite_note("with %s", ways[i].what);
			return;
		}
	}
}

static void another_variable(void)
{
	CtxtHandle other = { LOGON_UNTOUCHED, LOGON_UNTOUCHED };

	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	asc_init(true);
	a.new = &other;
	CHECK_STATUS(asc(), SEC_E_OK);
	CHECK_EQ(other.dwLower, l.context.dwLower);
	CHECK_EQ(other.dwUpper, l.context.dwUpper);
	CHECK_STATUS(DeleteSecurityContext(&other), SEC_E_OK);
	CHECK_STATUS(DeleteSecurityContext(&l.context), SEC_E_INVALID_HANDLE);
	logon_init(&l);
}

static void malformed(void)
{
	logon_init(&l);
	asc_init(false);
	a.pin = NULL;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in_desc.ulVersion = 1;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in_desc.cBuffers = 65;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in_desc.cBuffers = 0xffffffff;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in_desc.pBuffers = NULL;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in_desc.cBuffers = 0;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in[0].BufferType = SECBUFFER_DATA;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in[0].cbBuffer = 0;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in[0].pvBuffer = NULL;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in[0].cbBuffer = KSECDD_MAX_TOKEN + 1;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.in[0].cbBuffer = 0xffffffff;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.out_desc.ulVersion = 1;
	check_refused(SEC_E_INVALID_TOKEN);
	asc_init(false);
	a.out_desc.cBuffers = 65;
	check_refused(SEC_E_INVALID_TOKEN);

	asc_init(false);
	a.drep = 1;
	check_refused(SEC_E_INVALID_PARAMETER);
	asc_init(false);
	a.req |= ASC_REQ_PROMPT_FOR_CREDS;
	check_refused(SEC_E_UNSUPPORTED_FUNCTION);
	asc_init(false);
	a.req |= ASC_REQ_DATAGRAM;
	check_refused(SEC_E_UNSUPPORTED_FUNCTION);
	asc_init(false);
	CHECK_STATUS(AcceptSecurityContext(a.cred, NULL, a.pin, a.req, a.drep, a.new, a.pout,
					   NULL, NULL), SEC_E_INVALID_PARAMETER);
	asc_init(false);
	a.new = NULL;
	check_refused(SEC_E_INVALID_HANDLE);
	asc_init(false);
	a.cred = NULL;
	check_refused(SEC_E_NO_CREDENTIALS);
}

/* Memory that is none is the caller's mistake, and a status. */
static void bad_memory(void)
{
	logon_init(&l);
	asc_init(false);
	a.in[0].pvBuffer = (void *)16;
	check_refused(SEC_E_INSUFFICIENT_MEMORY);
	asc_init(false);
	a.out[0].pvBuffer = (void *)16;
	check_failed(SEC_E_INSUFFICIENT_MEMORY);
	asc_init(false);
	CHECK_STATUS(asc(), SEC_I_CONTINUE_NEEDED);
	logon_end(&l);
}

static void handles(void)
{
	CtxtHandle zero = { 0, 0 }, invalid, stale;
	CredHandle cred, both;

	logon_init(&l);
	SecInvalidateHandle(&invalid);
	asc_init(false);
	a.context = &zero;
	/* (0, 0) is no context: this is not a first call. */
	check_refused(SEC_E_INVALID_HANDLE);
	asc_init(false);
	a.context = &invalid;
	check_refused(SEC_E_INVALID_HANDLE);
	asc_init(false);
	a.cred = &invalid;
	check_refused(SEC_E_INVALID_HANDLE);
	CHECK_STATUS(DeleteSecurityContext(NULL), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(DeleteSecurityContext(&zero), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(DeleteSecurityContext(&invalid), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(FreeCredentialsHandle(NULL), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(FreeCredentialsHandle(&zero), SEC_E_INVALID_HANDLE);

	/* Another credential, and one that goes while its context stays */
	REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, "ntlm", SECPKG_CRED_BOTH, NULL, NULL, NULL,
						 NULL, &both, NULL), SEC_E_OK);
	cred = both;
	l.cred = &cred;
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	l.cred = logon_cred();
	CHECK_STATUS(logon_second(&l), SEC_E_WRONG_CREDENTIAL_HANDLE);
	CHECK_STATUS(FreeCredentialsHandle(&both), SEC_E_OK);
	CHECK_STATUS(FreeCredentialsHandle(&cred), SEC_E_INVALID_HANDLE);
	l.cred = NULL;
	CHECK_STATUS(logon_second(&l), SEC_E_OK);
	/* A complete context takes no further token, and suffers nothing from it. */
	CHECK_STATUS(logon_second(&l), SEC_E_INVALID_TOKEN);
	CHECK_STATUS(logon_send(&l, &l.negotiate, &none), SEC_E_INVALID_TOKEN);
	stale = l.context;
	logon_end(&l);
	CHECK_STATUS(DeleteSecurityContext(&stale), SEC_E_INVALID_HANDLE);
	l.context = stale;
	CHECK_STATUS(logon_second(&l), SEC_E_INVALID_HANDLE);

	/* Deleting between the legs is a good end. */
	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
	logon_end(&l);
}

static void after(void)
{
	logon_end(&l);
}

static const struct suite_test tests[] = {
	{ .name = "output buffers that are too small, or none", .run = too_small },
	{ .name = "the token is the second output buffer", .run = second_output_buffer },
	{ .name = "the library allocates the output", .run = allocated },
	{ .name = "allocated outputs of calls that fail", .run = allocated_and_refused },
	{ .name = "expiry at any call, or never", .run = expiries },
	{ .name = "ways to call that programs have", .run = ways_to_call },
	{ .name = "the context goes to another variable", .run = another_variable },
	{ .name = "calls that make no sense", .run = malformed },
	{ .name = "buffers that are no memory", .run = bad_memory },
	{ .name = "handles", .run = handles },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
