// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packages and credentials through libsspi, in both alphabets; and what is left
 * of a password.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/ksecdd.h>
#include <sspi.h>

#include "tools/testing/tap/tap.h"

#define STACK	(1024UL * 1024)
#define MARKER	24

static SECURITY_STATUS acquire(ULONG use, void *auth)
{
	SECURITY_STATUS status;
	TimeStamp expiry;
	CredHandle cred;

	status = AcquireCredentialsHandleA(NULL, "NTLM", use, NULL, auth, NULL, NULL, &cred,
					   &expiry);
	if (status == SEC_E_OK) {
		if (expiry.QuadPart != KSECDD_TIME_NEVER ||
		    FreeCredentialsHandle(&cred) != SEC_E_OK ||
		    FreeCredentialsHandle(&cred) != SEC_E_INVALID_HANDLE)
			status = SEC_E_INTERNAL_ERROR;
	}
	return status;
}

/* Whether the list has these packages, in this order, and no others. */
static bool has_packages(const SecPkgInfoA *list, ULONG n)
{
	static const char *const names[] = {
		"NTLM", "Kerberos", "Negotiate", "Schannel", "CREDSSP", "WDigest",
	};
	ULONG i;

	for (i = 0; i < n && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(list[i].Name, names[i]))
			return false;
	return n == sizeof(names) / sizeof(names[0]);
}

static void test_packages(void)
{
	static const WCHAR ntlm[] = { 'N', 'T', 'L', 'M', 0 };
	PSecPkgInfoA a = NULL;
	PSecPkgInfoW w = NULL;
	ULONG na = 0, nw = 0;

	tap_is(EnumerateSecurityPackagesA(&na, &a), SEC_E_OK, "EnumerateSecurityPackagesA");
	tap_is(EnumerateSecurityPackagesW(&nw, &w), SEC_E_OK, "EnumerateSecurityPackagesW");
	tap_ok(has_packages(a, na) && nw == na, "those that ksecd serves");
	tap_ok(!strcmp(a->Name, "NTLM") && *a->Comment, "its name");
	tap_ok(!memcmp(w->Name, ntlm, sizeof(ntlm)) && *w->Comment, "its name in UTF-16");
	tap_ok(a->cbMaxToken == 2888 && w->cbMaxToken == a->cbMaxToken && a->wVersion == 1 &&
	       a->wRPCID == 10 && w->wRPCID == 10 && a->fCapabilities == w->fCapabilities &&
	       (a->fCapabilities & SECPKG_FLAG_PRIVACY), "the rest of it");
	tap_is(FreeContextBuffer(a->Name), SEC_E_INVALID_HANDLE, "the strings are part of it");
	tap_ok(FreeContextBuffer(a) == SEC_E_OK && FreeContextBuffer(w) == SEC_E_OK,
	       "one FreeContextBuffer for all of it");

	tap_is(QuerySecurityPackageInfoA("nTlM", &a), SEC_E_OK, "the case of letters is nothing");
	tap_ok(!strcmp(a->Name, "NTLM"), "but the name is as it is");
	FreeContextBuffer(a);
	tap_is(QuerySecurityPackageInfoW((WCHAR *)u"ntlm", &w), SEC_E_OK, "in UTF-16 as well");
	FreeContextBuffer(w);
	tap_is(QuerySecurityPackageInfoA("NTLM ", &a), SEC_E_SECPKG_NOT_FOUND, "another name");
	tap_is(QuerySecurityPackageInfoA("NTL", &a), SEC_E_SECPKG_NOT_FOUND, "half a name");
	tap_is(QuerySecurityPackageInfoA("", &a), SEC_E_SECPKG_NOT_FOUND, "no name");
	tap_is(QuerySecurityPackageInfoW((WCHAR *)u"NTLM\u0131", &w), SEC_E_SECPKG_NOT_FOUND,
	       "another name in UTF-16");
}

static void test_uses(void)
{
	SecPkgContext_NamesA names;
	CredHandle cred;

	tap_is(acquire(SECPKG_CRED_INBOUND, NULL), SEC_E_OK, "inbound");
	tap_is(acquire(SECPKG_CRED_BOTH, NULL), SEC_E_OK, "both");
	tap_is(acquire(SECPKG_CRED_OUTBOUND, NULL), SEC_E_UNSUPPORTED_FUNCTION, "outbound");
	tap_is(acquire(0, NULL), SEC_E_INVALID_PARAMETER, "no use");
	tap_is(acquire(SECPKG_CRED_RESERVED, NULL), SEC_E_INVALID_PARAMETER, "a use that is none");
	tap_is(AcquireCredentialsHandleA(NULL, "NTLM", SECPKG_CRED_INBOUND, &cred, NULL, NULL,
					 NULL, &cred, NULL), SEC_E_UNSUPPORTED_FUNCTION,
	       "another logon session");
	tap_is(AcquireCredentialsHandleA(NULL, "Passport", SECPKG_CRED_INBOUND, NULL, NULL, NULL,
					 NULL, &cred, NULL), SEC_E_SECPKG_NOT_FOUND,
	       "a package that is not there");
	tap_is(AcquireCredentialsHandleW((WCHAR *)u"m\u00fcller", (WCHAR *)u"NTLM",
					 SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, &cred,
					 NULL), SEC_E_OK, "a principal in UTF-16");
	tap_is(QueryContextAttributesA(&cred, SECPKG_ATTR_NAMES, &names), SEC_E_INVALID_HANDLE,
	       "a credential is no context");
	tap_is(DeleteSecurityContext(&cred), SEC_E_INVALID_HANDLE, "nor can it be deleted as one");
	tap_is(FreeCredentialsHandle(&cred), SEC_E_OK, "it is a credential");
}

static SECURITY_STATUS with_lengths(ULONG user, ULONG password)
{
	static unsigned char text[KSECDD_MAX_SECRET + 2];
	SEC_WINNT_AUTH_IDENTITY_A id = { text, user, text, 3, text, password,
					 SEC_WINNT_AUTH_IDENTITY_ANSI };

	memset(text, 'x', sizeof(text));
	return acquire(SECPKG_CRED_INBOUND, &id);
}

/* Euro signs have three bytes in UTF-8. */
static SECURITY_STATUS with_wide_lengths(ULONG user, ULONG password)
{
	static unsigned short text[KSECDD_MAX_SECRET + 2];
	SEC_WINNT_AUTH_IDENTITY_W id = { text, user, NULL, 0, text, password,
					 SEC_WINNT_AUTH_IDENTITY_UNICODE };
	size_t i;

	for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
		text[i] = 0x20ac;
	return acquire(SECPKG_CRED_INBOUND, &id);
}

static void test_identities(void)
{
	static unsigned short lone[] = { 'a', 0xd800 };
	SEC_WINNT_AUTH_IDENTITY_W bad = { NULL, 0, NULL, 0, lone, 2,
					  SEC_WINNT_AUTH_IDENTITY_UNICODE };

	tap_is(with_lengths(5, 8), SEC_E_OK, "explicit credentials");
	tap_is(with_lengths(KSECDD_MAX_NAME, KSECDD_MAX_SECRET), SEC_E_OK, "as long as can be");
	tap_is(with_lengths(KSECDD_MAX_NAME + 1, 1), SEC_E_INVALID_PARAMETER, "a longer user");
	tap_is(with_lengths(1, KSECDD_MAX_SECRET + 1), SEC_E_INVALID_PARAMETER,
	       "a longer password");
	tap_is(with_lengths(1, UINT32_MAX), SEC_E_INVALID_PARAMETER, "an absurd one");
	tap_is(with_wide_lengths(KSECDD_MAX_NAME / 3, KSECDD_MAX_SECRET / 3), SEC_E_OK,
	       "as long as can be, in UTF-16");
	tap_is(with_wide_lengths(KSECDD_MAX_NAME / 3 + 1, 1), SEC_E_INVALID_PARAMETER,
	       "a longer user");
	tap_is(with_wide_lengths(1, KSECDD_MAX_SECRET / 3 + 1), SEC_E_INVALID_PARAMETER,
	       "a longer password");
	tap_is(with_wide_lengths(1, UINT32_MAX), SEC_E_INVALID_PARAMETER, "an absurd one");
	tap_is(acquire(SECPKG_CRED_INBOUND, &bad), SEC_E_UNKNOWN_CREDENTIALS,
	       "a password that is no text");
	bad.Flags = 0;
	tap_is(acquire(SECPKG_CRED_INBOUND, &bad), SEC_E_UNKNOWN_CREDENTIALS,
	       "a password of no alphabet");
}

/* Not a word of it may be in the memory of the program by itself. */
static void make_marker(unsigned short wide[MARKER], unsigned char narrow[MARKER])
{
	unsigned int i;

	for (i = 0; i < MARKER; i++) {
		unsigned char c = (unsigned char)('a' + (i * 7 + 3) % 26);

		if (wide)
			wide[i] = c;
		if (narrow)
			narrow[i] = c;
	}
}

static unsigned short wide_password[MARKER];

static void *acquire_wide(void *status)
{
	SEC_WINNT_AUTH_IDENTITY_W id = { NULL, 0, NULL, 0, wide_password, MARKER,
					 SEC_WINNT_AUTH_IDENTITY_UNICODE };

	*(SECURITY_STATUS *)status = acquire(SECPKG_CRED_INBOUND, &id);
	return NULL;
}

/* As deep on the stack as where the library has its copy: it is not overwritten. */
static void *leave_marker(void *unused)
{
	volatile unsigned char copy[3072];
	unsigned int i;

	(void)unused;
	for (i = 0; i < MARKER; i++)
		copy[i] = (unsigned char)wide_password[i];
	(void)copy[0];
	return NULL;
}

struct guest {
	void *(*fn)(void *arg);
	void *arg;
	pthread_barrier_t done;
	pthread_barrier_t searched;
};

static void *guest_thread(void *arg)
{
	struct guest *guest = arg;

	guest->fn(guest->arg);
	pthread_barrier_wait(&guest->done);
	pthread_barrier_wait(&guest->searched);
	return NULL;
}

/*
 * Runs a function on a stack of its own and says whether the marker is left there.
 * The end of a thread gives up its stack, so the search is made before.
 */
static bool left_on_stack(void *(*fn)(void *), void *arg)
{
	struct guest guest = { .fn = fn, .arg = arg };
	unsigned char narrow[MARKER];
	pthread_attr_t attr;
	pthread_t thread;
	void *stack;
	bool found;

	stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack == MAP_FAILED)
		tap_bail("no memory for a stack");
	pthread_barrier_init(&guest.done, NULL, 2);
	pthread_barrier_init(&guest.searched, NULL, 2);
	pthread_attr_init(&attr);
	if (pthread_attr_setstack(&attr, stack, STACK) ||
	    pthread_create(&thread, &attr, guest_thread, &guest))
		tap_bail("no thread");
	make_marker(NULL, narrow);
	pthread_barrier_wait(&guest.done);
	found = memmem(stack, STACK, narrow, MARKER);
	pthread_barrier_wait(&guest.searched);
	pthread_join(thread, NULL);
	munmap(stack, STACK);
	return found;
}

static void test_wiped(void)
{
	SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

	make_marker(wide_password, NULL);
	tap_ok(left_on_stack(leave_marker, NULL), "the search finds what is left on a stack");
	tap_ok(!left_on_stack(acquire_wide, &status), "AcquireCredentialsHandle leaves nothing");
	tap_is(status, SEC_E_OK, "and it was there");
}

int main(void)
{
	test_packages();
	test_uses();
	test_identities();
	test_wiped();
	return tap_done();
}
