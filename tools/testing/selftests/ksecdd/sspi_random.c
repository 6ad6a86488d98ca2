// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * E10: random sequences of calls with random buffers.  A model knows what each
 * handle stands for, and therefore which statuses a call may return; in the end
 * there must be as much of everything as there was.
 *
 * KSECDD_SEED=n repeats a sequence.
 */
#include <stdlib.h>

#include <linux/ksecdd.h>
#include <sspi_linux.h>

#include "chance.h"
#include "env.h"
#include "logon.h"
#include "suite.h"

#define SLOTS	6
#define STEPS	3000

enum state { NONE, HALF_OPEN, ESTABLISHED, DEAD, STALE };

/* A handle and what the model thinks of it */
static struct {
	struct logon l;
	enum state state;
	unsigned int cred;	/* which of @creds it was made with */
	bool cred_gone;		/* that one has been freed since */
} contexts[SLOTS];

static struct {
	CredHandle handle;
	bool live;
} creds[SLOTS];

static unsigned int step;

static unsigned int pick(unsigned int n)
{
	return (unsigned int)random() % n;
}

static void expect(SECURITY_STATUS status, bool ok, const char *what)
{
	if (!CHECK(ok))
		suite_note("step %u: %s gave %#010x", step, what, (unsigned int)status);
}

static bool one_of(SECURITY_STATUS status, const SECURITY_STATUS *list, size_t n)
{
	while (n--)
		if (list[n] == status)
			return true;
	return false;
}

#define ONE_OF(status, ...)	\
	one_of(status, (SECURITY_STATUS[]){ __VA_ARGS__ },	\
	       sizeof((SECURITY_STATUS[]){ __VA_ARGS__ }) / sizeof(SECURITY_STATUS))

static void do_acquire(void)
{
	unsigned int i = pick(SLOTS);
	SECURITY_STATUS status;
	CredHandle handle;

	if (creds[i].live)
		return;
	status = AcquireCredentialsHandleA(NULL, "NTLM", pick(2) ? SECPKG_CRED_INBOUND :
					   SECPKG_CRED_BOTH, NULL, NULL, NULL, NULL, &handle,
					   NULL);
	expect(status, status == SEC_E_OK, "AcquireCredentialsHandle");
	if (status != SEC_E_OK)
		return;
	creds[i].handle = handle;
	creds[i].live = true;
}

static void do_free(void)
{
	unsigned int i = pick(SLOTS), j;
	SECURITY_STATUS status = FreeCredentialsHandle(&creds[i].handle);

	expect(status, status == (creds[i].live ? SEC_E_OK : SEC_E_INVALID_HANDLE),
	       "FreeCredentialsHandle");
	creds[i].live = false;
	for (j = 0; j < SLOTS; j++)
		if (contexts[j].cred == i)
			contexts[j].cred_gone = true;
}

static void do_first(void)
{
	unsigned int i = pick(SLOTS), c = pick(SLOTS);
	struct logon *l = &contexts[i].l;
	SECURITY_STATUS status;

	/* What is there is not lost: a stale handle is worth keeping, too. */
	if (contexts[i].state != NONE && contexts[i].state != STALE)
		return;
	logon_init(l);
	l->cred = &creds[c].handle;
	if (!pick(4))
		l->client.negotiate = (uint32_t)random();
	status = logon_first(l);
	if (!creds[c].live)
		expect(status, status == SEC_E_INVALID_HANDLE, "a first call with no credential");
	else if (l->client.negotiate == CLIENT_FLAGS)
		expect(status, status == SEC_I_CONTINUE_NEEDED, "a first call");
	else
		expect(status, ONE_OF(status, SEC_I_CONTINUE_NEEDED, SEC_E_INVALID_TOKEN,
				      SEC_E_UNSUPPORTED_FUNCTION), "a first call of a strange client");
	contexts[i].state = status == SEC_I_CONTINUE_NEEDED ? HALF_OPEN : NONE;
	contexts[i].cred = c;
	contexts[i].cred_gone = false;
}

/* What a second call must return for its handles, or SEC_E_OK if they are right */
static SECURITY_STATUS second_status(unsigned int i, unsigned int c)
{
	if (!creds[c].live)
		return SEC_E_INVALID_HANDLE;
	if (contexts[i].state == NONE || contexts[i].state == STALE)
		return SEC_E_INVALID_HANDLE;
	if (contexts[i].cred != c || contexts[i].cred_gone)
		return SEC_E_WRONG_CREDENTIAL_HANDLE;
	if (contexts[i].state == DEAD)
		return SEC_E_INVALID_HANDLE;
	return contexts[i].state == ESTABLISHED ? SEC_E_INVALID_TOKEN : SEC_E_OK;
}

static void spoil(struct bytes *message)
{
	unsigned int n = 1 + pick(4);

	while (n--)
		message->data[pick((unsigned int)message->len)] = (uint8_t)random();
	if (!pick(4))
		message->len = pick((unsigned int)message->len + 1);
}

static void do_second(void)
{
	unsigned int i = pick(SLOTS), c = pick(2) ? contexts[i].cred : pick(SLOTS);
	struct logon *l = &contexts[i].l;
	SECURITY_STATUS want = second_status(i, c), status;
	static struct bytes answer;
	unsigned int how = pick(4);

	if (contexts[i].state == NONE)
		return;
	l->cred = &creds[c].handle;
	l->client.password = how == 0 ? "wrong" : "Passw0rd!";
	client_authenticate(&l->client, &l->negotiate, &l->challenge, &l->authenticate);
	if (how == 1)
		spoil(&l->authenticate);
	status = logon_send(l, &l->authenticate, &answer);
	if (want != SEC_E_OK)
		expect(status, status == want, "a second call with a wrong handle");
	else if (how == 0)
		expect(status, ONE_OF(status, SEC_E_LOGON_DENIED, SEC_E_INVALID_TOKEN),
		       "a wrong password");
	else
		expect(status, ONE_OF(status, SEC_E_OK, SEC_E_LOGON_DENIED, SEC_E_INVALID_TOKEN,
				      SEC_E_UNSUPPORTED_FUNCTION), "a second call");
	if (how == 2 && want == SEC_E_OK && l->client.negotiate == CLIENT_FLAGS)
		expect(status, status == SEC_E_OK, "a second call that is right");
	if (want == SEC_E_OK)
		contexts[i].state = status == SEC_E_OK ? ESTABLISHED : DEAD;
}

static void do_delete(void)
{
	unsigned int i = pick(SLOTS);
	bool there = contexts[i].state != NONE && contexts[i].state != STALE;
	SECURITY_STATUS status;

	if (contexts[i].state == NONE)
		return;
	status = DeleteSecurityContext(&contexts[i].l.context);
	expect(status, status == (there ? SEC_E_OK : SEC_E_INVALID_HANDLE),
	       "DeleteSecurityContext");
	contexts[i].state = STALE;
}

static void free_answer(ULONG attribute, void *const *answer)
{
	switch (attribute) {
	case SECPKG_ATTR_NATIVE_NAMES:
	case SECPKG_ATTR_KEY_INFO:
		CHECK_STATUS(FreeContextBuffer(answer[1]), SEC_E_OK);
		/* fall through */
	case SECPKG_ATTR_NAMES:
	case SECPKG_ATTR_PACKAGE_INFO:
	case SECPKG_ATTR_NEGOTIATION_INFO:
		CHECK_STATUS(FreeContextBuffer(answer[0]), SEC_E_OK);
	}
}

static void do_query(void)
{
	static const ULONG attributes[] = {
		SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_LIFESPAN, SECPKG_ATTR_KEY_INFO,
		SECPKG_ATTR_PACKAGE_INFO, SECPKG_ATTR_NEGOTIATION_INFO, SECPKG_ATTR_NATIVE_NAMES,
		SECPKG_ATTR_FLAGS,
	};
	unsigned int i = pick(SLOTS), n = pick(ARRAY_SIZE(attributes));
	enum state state = contexts[i].state;
	void *answer[16] = { NULL };
	bool early = attributes[n] == SECPKG_ATTR_SIZES ||
		     attributes[n] == SECPKG_ATTR_PACKAGE_INFO ||
		     attributes[n] == SECPKG_ATTR_NEGOTIATION_INFO;
	SECURITY_STATUS status, want = SEC_E_INVALID_HANDLE;

	if (state == NONE)
		return;
	if (state == ESTABLISHED || (state == HALF_OPEN && early))
		want = SEC_E_OK;
	status = pick(2) ? QueryContextAttributesA(&contexts[i].l.context, attributes[n], answer) :
			   QueryContextAttributesW(&contexts[i].l.context, attributes[n], answer);
	expect(status, status == want, "QueryContextAttributes");
	if (status == SEC_E_OK)
		free_answer(attributes[n], answer);
}

static void do_strange_query(void)
{
	unsigned char answer[256];
	ULONG attribute = 200 + pick(1000000);
	unsigned int i = pick(SLOTS);
	SECURITY_STATUS status;

	status = QueryContextAttributesA(&contexts[i].l.context, attribute, answer);
	expect(status, status == SEC_E_UNSUPPORTED_FUNCTION, "a strange attribute");
}

static void do_message(void)
{
	static uint8_t memory[4][512];
	unsigned int i = pick(SLOTS), n = 1 + pick(4), op = pick(4), j;
	static const ULONG types[] = {
		SECBUFFER_DATA, SECBUFFER_TOKEN, SECBUFFER_PADDING, SECBUFFER_EMPTY,
		SECBUFFER_STREAM, SECBUFFER_DATA | SECBUFFER_READONLY, 77,
	};
	SecBuffer bufs[4];
	SecBufferDesc desc = { SECBUFFER_VERSION, n, bufs };
	CtxtHandle *context = &contexts[i].l.context;
	SECURITY_STATUS status;
	ULONG qop;

	if (contexts[i].state == NONE)
		return;
	for (j = 0; j < n; j++) {
		bufs[j] = (SecBuffer){ pick(sizeof(memory[j])), types[pick(ARRAY_SIZE(types))],
				       memory[j] };
		memory[j][pick(sizeof(memory[j]))] = (uint8_t)random();
	}
	status = op == 0 ? MakeSignature(context, 0, &desc, 0) :
		 op == 1 ? VerifySignature(context, &desc, 0, &qop) :
		 op == 2 ? EncryptMessage(context, 0, &desc, 0) :
			   DecryptMessage(context, &desc, 0, &qop);
	if (contexts[i].state != ESTABLISHED)
		expect(status, status == SEC_E_INVALID_HANDLE, "a message at the wrong time");
	else if (op == 1 || op == 3)
		/* Without the key nobody makes one that verifies; a dummy may be. */
		expect(status, ONE_OF(status, SEC_E_INVALID_TOKEN, SEC_E_MESSAGE_ALTERED,
				      SEC_E_OUT_OF_SEQUENCE, SEC_E_UNSUPPORTED_FUNCTION),
		       "a forged message");
	else
		expect(status, ONE_OF(status, SEC_E_OK, SEC_E_INVALID_TOKEN,
				      SEC_E_BUFFER_TOO_SMALL, SEC_E_UNSUPPORTED_FUNCTION),
		       "a message");
}

static void do_packages(void)
{
	SecPkgInfoA *info;
	SECURITY_STATUS status;
	ULONG n;

	status = EnumerateSecurityPackagesA(&n, &info);
	expect(status, status == SEC_E_OK, "EnumerateSecurityPackages");
	status = FreeContextBuffer(info);
	expect(status, status == SEC_E_OK, "FreeContextBuffer");
	status = FreeContextBuffer((char *)info + pick(64));
	expect(status, status == SEC_E_INVALID_HANDLE, "FreeContextBuffer of nothing");
}

static void do_garbage(void)
{
	static struct bytes token, answer;
	unsigned int c = pick(SLOTS);
	static struct logon l;
	SECURITY_STATUS status;
	size_t i;

	if (!creds[c].live)
		return;
	logon_init(&l);
	l.cred = &creds[c].handle;
	l.req = (ULONG)random();
	token.len = pick(2000);
	for (i = 0; i < token.len; i++)
		token.data[i] = (uint8_t)random();
	status = logon_send(&l, &token, &answer);
	expect(status, ONE_OF(status, SEC_E_INVALID_TOKEN, SEC_E_UNSUPPORTED_FUNCTION), "garbage");
}

static void random_calls(void)
{
	static void (*const calls[])(void) = {
		do_acquire, do_free, do_first, do_first, do_second, do_second, do_delete, do_query,
		do_query, do_strange_query, do_message, do_message, do_packages, do_garbage,
	};
	unsigned int steps = suite_count(STEPS), i;
	struct family_status before = status_now();

	srandom(chance_seed());
	for (step = 0; step < steps && !suite_failed(); step++)
		calls[pick(ARRAY_SIZE(calls))]();
	for (i = 0; i < SLOTS; i++) {
		if (contexts[i].state != NONE && contexts[i].state != STALE)
			CHECK_STATUS(DeleteSecurityContext(&contexts[i].l.context), SEC_E_OK);
		if (creds[i].live)
			CHECK_STATUS(FreeCredentialsHandle(&creds[i].handle), SEC_E_OK);
	}
	check_gauges(&before);
}

static const struct suite_test tests[] = {
	{ .name = "E10: random calls", .run = random_calls, .seconds = 150 },
};

int main(void)
{
	/* What logon_init() wants is there before anything is counted. */
	logon_cred();
	return suite_run(tests, ARRAY_SIZE(tests));
}
