// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What clients delegate: from the token to the one who keeps it.
 */
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi.h>

#include "helper/kerberos/ccache.h"
#include "helper/kerberos/library.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/kerberos/server.h"

/* Whether a ticket waits that the library can read, and whose it is; it waits no more. */
static bool take(void)
{
	struct kerberos_kept kept;
	krb5_data data = { .magic = KV5M_DATA };
	krb5_creds *creds = NULL;
	char *client_name = NULL, *server_name = NULL;
	bool good = false;

	if (!kerberos_half_open_take(step.context, result.kept, &kept))
		return false;
	data.data = (char *)kept.tgt;
	data.length = (unsigned int)kept.tgt_len;
	if (kept.tgt && !kept.ctx &&
	    !krb5_unmarshal_credentials(client.context, &data, &creds) &&
	    !krb5_unparse_name(client.context, creds->client, &client_name) &&
	    !krb5_unparse_name(client.context, creds->server, &server_name))
		good = !strcmp(client_name, "alice@" REALM) &&
		       !strcmp(server_name, "krbtgt/" REALM "@" REALM);
	krb5_free_unparsed_name(client.context, client_name);
	krb5_free_unparsed_name(client.context, server_name);
	krb5_free_creds(client.context, creds);
	kerberos_kept_clear(&kept);
	return good;
}

static void test_delegated(void)
{
	begin(AES256);
	client.flags |= GSS_C_DELEG_FLAG;
	tap_ok(logon() == SEC_E_OK && !result.delegated, "a service that does not ask: %s",
	       result.reason);
	tap_ok(!take(), "and nothing waits");
	step.req_flags = ASC_REQ_DELEGATE;
	tap_ok(logon() == SEC_E_OK && result.delegated, "a service that asks: %s", result.reason);
	tap_is(result.ret_flags & ASC_RET_DELEGATE, 0, "the engine does not say that it is kept");
	step.context++;
	tap_ok(!take(), "another context does not find it");
	step.context--;
	tap_ok(take(), "it is the client's ticket");
	tap_ok(!take(), "once");
	tap_is(logon(), SEC_E_OK, "another logon");
	kerberos_half_open_drop(step.context);
	tap_ok(!take(), "is over, and nothing waits");
	policy.n_rules = 0;
	client.flags &= ~(uint32_t)GSS_C_DELEG_FLAG;
	tap_ok(logon() == SEC_E_OK && !result.delegated, "a client that does not delegate");
	service->no_delegation = true;
	tap_is(logon(), SEC_E_UNSUPPORTED_FUNCTION, "a service that must not ask");
	step.req_flags = 0;
	tap_is(logon(), SEC_E_OK, "and does not");
	end();
}

static void test_refused(void)
{
	begin(AES256);
	client.flags |= GSS_C_DELEG_FLAG;
	step.req_flags = ASC_REQ_DELEGATE;
	need_rule("alice@" REALM " -", &policy.rules[0]);
	tap_ok(logon() == SEC_E_LOGON_DENIED && !result.delegated, "of a client who is refused");
	kerberos_half_open_drop(step.context);
	client.cut = 1;
	tap_ok(logon() != SEC_E_OK && !result.delegated, "a KRB-CRED that is cut: %s",
	       result.reason);
	end();
}

/* The library has nothing delegated to give there, and must not be asked: it would leak it. */
static void test_dce(void)
{
	struct der token;
	struct reply reply;

	begin(AES256);
	client.raw = true;
	client.flags |= GSS_C_DCE_STYLE | GSS_C_DELEG_FLAG;
	step.req_flags = ASC_REQ_USE_DCE_STYLE | ASC_REQ_DELEGATE;
	tap_ok(logon() == SEC_I_CONTINUE_NEEDED &&
	       client_read_reply(&client, result.token, result.token_len, &reply),
	       "DCE style: the first leg");
	client_confirm(&client, &reply, &token);
	step.leg = 1;
	tap_ok(leg(der_data(&token), der_len(&token)) == SEC_E_OK && !result.delegated,
	       "DCE style: nothing is delegated");
	end();
}

static void check_name(const char *principal, const char *want)
{
	char name[KSECDD_MAX_NAME + 1];

	tap_ok(ccache_name(1000, principal, name, sizeof(name)) && !strcmp(name, want), "%s", want);
}

static void test_names(void)
{
	char long_name[KSECDD_MAX_NAME + 2], name[KSECDD_MAX_NAME + 1];

	check_name("alice@R", "KEYRING:persistent:1000:ksecd_alice@R");
	check_name("http/a.b_c-d@R.S", "KEYRING:persistent:1000:ksecd_http/a.b_c-d@R.S");
	check_name("a:b c%$\\@R", "KEYRING:persistent:1000:ksecd_a%3Ab%20c%25%24%5C@R");
	check_name("\xc3\xa9@R", "KEYRING:persistent:1000:ksecd_%C3%A9@R");
	memset(long_name, 'a', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	tap_ok(!ccache_name(0, long_name, name, sizeof(name)), "a name that does not fit");
	memset(long_name, ':', sizeof(long_name) - 1);
	tap_ok(!ccache_name(0, long_name, name, sizeof(name)), "nor does its quoted form");
}

static void test_no_keeper(void)
{
	static struct ccache_reply reply;

	ccache_store(1000, 1000, "alice@R", (const uint8_t *)"x", 1, &reply);
	tap_ok(reply.code && *reply.why && strstr(ccache_remedy(reply.code), "start ksecd again"),
	       "without a keeper: %s", reply.why);
}

int main(void)
{
	server_start();
	test_delegated();
	test_refused();
	test_dce();
	test_names();
	test_no_keeper();
	return server_stop();
}
