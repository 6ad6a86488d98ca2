// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing explicit credentials on their way from the program to the kernel:
 * AcquireCredentialsHandle with SEC_WINNT_AUTH_IDENTITY in its forms, and
 * SspiZeroAuthIdentity.
 *
 * Input: which form, its flags and lengths, its strings, what the kernel answers, and
 * the principal.
 */
#include <stdlib.h>
#include <string.h>

#include "sspi_kernel.h"

#define STRING_MAX	(2 * KSECDD_MAX_SECRET + 8)

/* struct string - a string of the program's, in units of its kind */
struct string {
	uint8_t *bytes;
	ULONG len;
};

static struct fuzz_input in;
static struct string user, domain, password;
static bool wide, asked;
static int error;
static SECURITY_STATUS answered;

static void take_string(struct string *s)
{
	uint8_t how = fuzz_take8(&in);
	size_t len, unit = wide ? 2 : 1;
	uint8_t *bytes = fuzz_take_bytes(&in, how & 1 ? STRING_MAX : 64, &len);

	/* More than the input has: the same character many times */
	s->len = how & 2 ? 1000 + how : len / unit;
	s->bytes = calloc(s->len ? s->len : 1, unit);
	if (!s->bytes)
		abort();
	if (how & 2)
		memset(s->bytes, 'x', s->len * unit);
	memcpy(s->bytes, bytes, s->len * unit < len ? s->len * unit : len);
	free(bytes);
	if (how & 4) {
		free(s->bytes);
		s->bytes = NULL;
		s->len = how & 8 ? s->len : 0;
	}
}

/* What the kernel gets is the program's string, in UTF-8. */
static void check_string(const char *what, uint64_t ptr, uint32_t len, uint32_t max,
			 const struct string *s)
{
	char *have = fuzz_copy((const void *)(uintptr_t)ptr, len), *want;
	ssize_t n;

	fuzz_assert(ptr || !len, "%s: %u bytes nowhere", what, len);
	if (!wide) {
		fuzz_assert(ptr == (uintptr_t)s->bytes && len == s->len, "%s: another one", what);
	} else if (!s->bytes) {
		fuzz_assert(!ptr && !len, "%s from nowhere", what);
	} else {
		want = malloc(3 * s->len + 1);
		if (!want)
			abort();
		n = ksspi_utf16_to_utf8((const uint16_t *)s->bytes, s->len, want, 3 * s->len + 1);
		fuzz_assert(n >= 0 && len == n && !memcmp(have, want, len), "%s is another one",
			    what);
		fuzz_assert(len <= max, "%s: %u bytes", what, len);
		free(want);
	}
	free(have);
}

static int answer(unsigned long request, void *arg)
{
	struct ksecdd_acquire *cmd = arg;
	struct ksecdd_package *package = arg;

	if (request == KSECDD_IOC_PACKAGE) {
		if (package->index) {
			package->status = SEC_E_SECPKG_NOT_FOUND;
			return 0;
		}
		package->count = package->id = 1;
		strcpy(package->name, "NTLM");
		package->status = SEC_E_OK;
		return 0;
	}
	fuzz_assert(request == KSECDD_IOC_ACQUIRE && cmd->size == sizeof(*cmd), "another call");
	asked = true;
	free(fuzz_copy((const void *)(uintptr_t)cmd->principal, cmd->principal_len));
	check_string("the user", cmd->user, cmd->user_len, KSECDD_MAX_NAME, &user);
	check_string("the domain", cmd->domain, cmd->domain_len, KSECDD_MAX_NAME, &domain);
	check_string("the password", cmd->secret, cmd->secret_len, KSECDD_MAX_SECRET, &password);
	error = sspi_take_errno(&in);
	if (error)
		return error;
	answered = sspi_take_status(&in);
	if (answered > 0)
		answered = SEC_E_OK;
	cmd->status = answered;
	cmd->handle = 0x500000006;
	cmd->expiry = KSECDD_TIME_NEVER;
	return 0;
}

static void check_wiped(const struct string *s)
{
	fuzz_assert(!s->bytes || fuzz_is_all(s->bytes, 0, s->len * (wide ? 2 : 1)),
		    "a string is still there");
	free(s->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SEC_WINNT_AUTH_IDENTITY_A plain;
	SEC_WINNT_AUTH_IDENTITY_EXA *ex;
	struct {
		CredHandle handle;
		TimeStamp expiry;
	} got, poisoned;
	SECURITY_STATUS status;
	uint8_t form, principal[80] = { 0 }, *bytes;
	bool extended, sized;
	void *identity;
	ULONG flags;
	size_t len;

	in = (struct fuzz_input){ data, size };
	sspi_kernel = answer;
	asked = false;
	error = 0;
	form = fuzz_take8(&in);
	extended = form & 1;
	flags = form & 2 ? SEC_WINNT_AUTH_IDENTITY_UNICODE : SEC_WINNT_AUTH_IDENTITY_ANSI;
	if (form & 4)
		flags = fuzz_take32(&in);
	wide = flags & SEC_WINNT_AUTH_IDENTITY_UNICODE;
	take_string(&user);
	take_string(&domain);
	take_string(&password);
	plain = (SEC_WINNT_AUTH_IDENTITY_A){
		user.bytes, user.len, domain.bytes, domain.len, password.bytes, password.len, flags,
	};
	ex = calloc(1, sizeof(*ex));
	if (!ex)
		abort();
	*ex = (SEC_WINNT_AUTH_IDENTITY_EXA){
		.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
		.Length = form & 8 ? fuzz_take8(&in) : sizeof(*ex),
		.User = user.bytes, .UserLength = user.len,
		.Domain = domain.bytes, .DomainLength = domain.len,
		.Password = password.bytes, .PasswordLength = password.len, .Flags = flags,
	};
	sized = !extended || ex->Length >= sizeof(*ex);
	identity = extended ? (void *)ex : fuzz_copy(&plain, sizeof(plain));
	bytes = fuzz_take_bytes(&in, sizeof(principal) - 2, &len);
	memcpy(principal, bytes, len);
	free(bytes);
	memset(&got, 0xa5, sizeof(got));
	poisoned = got;

	if (form & 16)
		status = AcquireCredentialsHandleW((WCHAR *)(void *)principal, (WCHAR *)(void *)"n\0T\0l\0M\0\0",
						   SECPKG_CRED_INBOUND, NULL, identity, NULL, NULL,
						   &got.handle, &got.expiry);
	else
		status = AcquireCredentialsHandleA((char *)principal, (char *)"nTlM",
						   SECPKG_CRED_INBOUND, NULL, identity, NULL, NULL,
						   &got.handle, &got.expiry);
	if (status == SEC_E_OK)
		fuzz_assert(asked && !error && answered == SEC_E_OK && got.handle.dwLower == 6 &&
			    got.handle.dwUpper == 5, "another credential");
	else
		fuzz_assert(!memcmp(&got, &poisoned, sizeof(got)), "0x%x, and written", status);
	fuzz_assert(!asked || sized, "a struct of %u bytes was taken", ex->Length);

	SspiZeroAuthIdentity(identity);
	fuzz_assert(fuzz_is_all(identity, 0, extended ? sizeof(*ex) : sizeof(plain)),
		    "the struct is still there");
	if (sized) {
		check_wiped(&user);
		check_wiped(&domain);
		check_wiped(&password);
	} else {
		free(user.bytes);
		free(domain.bytes);
		free(password.bytes);
	}
	if (!extended)
		free(identity);
	free(ex);
	return 0;
}
