// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Explicit credentials in all their structs.
 */
#include <string.h>

#include "libsspi/internal.h"
#include "tools/testing/tap/tap.h"

static unsigned char user8[] = "alice", domain8[] = "DOM", password8[] = "secret";
static unsigned short user16[] = { 'a', 'l' }, password16[] = { 's', 'e', 'c' };

static const SEC_WINNT_AUTH_IDENTITY_A plain = {
	user8, 5, domain8, 3, password8, 6, SEC_WINNT_AUTH_IDENTITY_ANSI
};

static SECURITY_STATUS parse_a(SEC_WINNT_AUTH_IDENTITY_A identity)
{
	struct ksspi_identity parsed;

	return ksspi_identity_parse(&identity, &parsed);
}

static void test_plain(void)
{
	SEC_WINNT_AUTH_IDENTITY_W w = {
		user16, 2, NULL, 0, password16, 3, SEC_WINNT_AUTH_IDENTITY_UNICODE
	};
	SEC_WINNT_AUTH_IDENTITY_A a = plain;
	struct ksspi_identity id;

	tap_is(ksspi_identity_parse(&a, &id), SEC_E_OK, "SEC_WINNT_AUTH_IDENTITY_A");
	tap_ok(!id.wide && id.user == user8 && id.user_len == 5 && id.domain == domain8 &&
	       id.domain_len == 3 && id.password == password8 && id.password_len == 6,
	       "its strings are found");
	tap_is(ksspi_identity_parse(&w, &id), SEC_E_OK, "SEC_WINNT_AUTH_IDENTITY_W");
	tap_ok(id.wide && id.user == user16 && id.user_len == 2 && !id.domain &&
	       id.password == password16 && id.password_len == 3, "its strings are found");
	a.Flags |= SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_ONLY;
	tap_is(ksspi_identity_parse(&a, &id), SEC_E_OK, "flags that change nothing here");
}

static void test_bad(void)
{
	SEC_WINNT_AUTH_IDENTITY_A a = plain;

	a.Flags = 0;
	tap_is(parse_a(a), SEC_E_UNKNOWN_CREDENTIALS, "neither ANSI nor UNICODE");
	a.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;
	tap_is(parse_a(a), SEC_E_UNKNOWN_CREDENTIALS, "both ANSI and UNICODE");
	a = plain;
	a.User = NULL;
	tap_is(parse_a(a), SEC_E_UNKNOWN_CREDENTIALS, "a length of a user that is not there");
	a = plain;
	a.Domain = NULL;
	tap_is(parse_a(a), SEC_E_UNKNOWN_CREDENTIALS, "of a domain");
	a = plain;
	a.Password = NULL;
	tap_is(parse_a(a), SEC_E_UNKNOWN_CREDENTIALS, "of a password");
	a = plain;
	a.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED;
	tap_is(parse_a(a), SEC_E_UNSUPPORTED_FUNCTION, "encrypted strings");
	tap_is(SspiIsAuthIdentityEncrypted(&a), TRUE, "SspiIsAuthIdentityEncrypted sees it");
	a = plain;
	tap_is(SspiIsAuthIdentityEncrypted(&a), FALSE, "and sees when it is not so");
	tap_is(SspiIsAuthIdentityEncrypted(NULL), FALSE, "NULL is not encrypted");
}

static void test_versions(void)
{
	SEC_WINNT_AUTH_IDENTITY_EXW exw = {
		SEC_WINNT_AUTH_IDENTITY_VERSION, sizeof(exw), user16, 2, NULL, 0, password16, 3,
		SEC_WINNT_AUTH_IDENTITY_UNICODE, NULL, 0
	};
	SEC_WINNT_AUTH_IDENTITY_EX2 ex2 = { .Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2 };
	struct ksspi_identity id;

	tap_is(ksspi_identity_parse(&exw, &id), SEC_E_OK, "SEC_WINNT_AUTH_IDENTITY_EXW");
	tap_ok(id.wide && id.user == user16 && id.user_len == 2 && id.password == password16 &&
	       id.password_len == 3, "its strings are found");
	exw.Length = sizeof(exw) - 8;
	tap_is(ksspi_identity_parse(&exw, &id), SEC_E_UNKNOWN_CREDENTIALS, "too short for one");
	tap_is(ksspi_identity_parse(&ex2, &id), SEC_E_UNSUPPORTED_FUNCTION,
	       "SEC_WINNT_AUTH_IDENTITY_EX2");
	ex2.Flags = SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED;
	tap_is(SspiIsAuthIdentityEncrypted(&ex2), TRUE, "which may be encrypted");
}

static void test_zero(void)
{
	static const unsigned char zero[sizeof(SEC_WINNT_AUTH_IDENTITY_EXA)];
	unsigned char u[] = "alice", p[] = "secret";
	unsigned short w[] = { 's', 'e', 'c', '!' };
	SEC_WINNT_AUTH_IDENTITY_A a = { u, 5, NULL, 0, p, 6, SEC_WINNT_AUTH_IDENTITY_ANSI };
	SEC_WINNT_AUTH_IDENTITY_EXW exw = {
		SEC_WINNT_AUTH_IDENTITY_VERSION, sizeof(exw), NULL, 0, NULL, 0, w, 3,
		SEC_WINNT_AUTH_IDENTITY_UNICODE, NULL, 0
	};
	union {
		SEC_WINNT_AUTH_IDENTITY_EX2 head;
		unsigned char bytes[96];
	} ex2;

	SspiZeroAuthIdentity(NULL);
	SspiZeroAuthIdentity(&a);
	tap_ok(!memcmp(u, zero, 5) && !memcmp(p, zero, 6), "SspiZeroAuthIdentity wipes strings");
	tap_mem(&a, zero, sizeof(a), "and the struct");
	SspiZeroAuthIdentity(&exw);
	tap_ok(!w[0] && !w[1] && !w[2] && w[3] == '!', "UTF-16 to its last unit, and no further");
	tap_mem(&exw, zero, sizeof(exw), "and the struct");
	memset(&ex2, 0xa5, sizeof(ex2));
	ex2.head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
	ex2.head.cbStructureLength = 80;
	SspiZeroAuthIdentity(&ex2);
	tap_ok(!memcmp(&ex2, zero, 72) && !ex2.bytes[79] && ex2.bytes[80] == 0xa5,
	       "a block to its end, and no further");
}

int main(void)
{
	test_plain();
	test_bad();
	test_versions();
	test_zero();
	return tap_done();
}
