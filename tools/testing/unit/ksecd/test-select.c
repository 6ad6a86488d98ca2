// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several sources of accounts: the file, and a winbindd that does not run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/accounts/select.h"
#include "helper/text.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/digest/client.h"
#include "tools/testing/unit/ntlm/server.h"

#define ACCOUNTS	"alice:fc525c9683e8fe067095ba2ddc971889:nobody::"			\
			"db0c9acf27a4f194a94b4aa4e5777b76d77cb9c0dc26347e78a3a9e94e848a10,"	\
			"cb10d6be644dbf25119e66aa4d2c36c1," REALM "\n"
#define REALM		"test realm"
#define PASSWORD	"Passw0rd!"
#define WINBINDD	"/run/samba/winbindd/pipe"

static char path[] = "/tmp/ksecd-test-select.XXXXXX";
static struct accounts *accounts;
static char reason[256], local[256];

static void put(const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		tap_bail("cannot write to %s", path);
}

static void open_sources(const char *sources)
{
	struct config_error err;
	char text[256];
	struct config cfg;

	snprintf(text, sizeof(text), "[accounts]\nsource = %s\nfile = %s\n", sources, path);
	if (config_parse("file", text, strlen(text), "server", &cfg, &err) ||
	    accounts_open(&cfg, &accounts, &err))
		tap_bail("%s", err.text);
}

static int32_t logon(const char *password)
{
	struct server *s = server_new(NULL);
	struct client c;
	int32_t status;

	s->accounts = *accounts_source(accounts);
	client_init(&c);
	c.password = password;
	status = server_logon(s, &c);
	snprintf(reason, sizeof(reason), "%s", s->result.reason);
	snprintf(local, sizeof(local), "%s", s->result.account.local);
	server_free(s);
	return status;
}

/* A response of Digest */
static int32_t digest_logon(const char *password)
{
	const struct account_source *source = accounts_source(accounts);
	struct account account = { .user = "" };
	struct digest_client c;
	uint8_t response[32];
	struct digest_response r = {
		.algorithm = DIGEST_SHA256, .user = "alice", .realm = REALM, .method = { "GET", 3 },
		.uri = { "/", 1 }, .nonce = { "n", 1 }, .nc = { "00000001", 8 },
		.cnonce = { "c", 1 }, .response = response,
	};
	const char *why = "";
	int32_t status;
	char hex[65];

	digest_client_init(&c);
	strcpy(c.realm, REALM);
	strcpy(c.nonce, "n");
	c.cnonce = "c";
	c.password = password;
	digest_client_response(&c, hex);
	text_get_hex(hex, response, sizeof(response));
	status = source->verify_digest(source->data, &r, &account, &why);
	snprintf(reason, sizeof(reason), "%s", why);
	snprintf(local, sizeof(local), "%s", account.local);
	return status;
}

static void test_digest(const char *sources)
{
	open_sources(sources);
	if (!strstr(sources, "file")) {
		tap_ok(!accounts_source(accounts)->verify_digest, "%s: no Digest", sources);
		accounts_close(accounts);
		return;
	}
	tap_is(digest_logon(PASSWORD), SEC_E_OK, "%s: Digest", sources);
	tap_ok(!strcmp(local, "nobody"), "%s: the local user", sources);
	tap_is(digest_logon("wrong"), SEC_E_LOGON_DENIED, "%s: Digest, a wrong password", sources);
	put("rubbish\n");
	tap_is(digest_logon(PASSWORD), SEC_E_LOGON_DENIED, "%s: Digest, an unreadable file", sources);
	put(ACCOUNTS);
	tap_is(digest_logon(PASSWORD), SEC_E_OK, "%s: Digest, it can be read again", sources);
	accounts_close(accounts);
}

static void test_file(void)
{
	open_sources("file");
	tap_is(logon(PASSWORD), SEC_E_OK, "file: the right password");
	tap_ok(!strcmp(local, "nobody"), "file: the local user");
	tap_is(logon("wrong"), SEC_E_LOGON_DENIED, "file: a wrong password");
	put("rubbish\n");
	tap_is(logon(PASSWORD), SEC_E_LOGON_DENIED, "file: one that cannot be read");
	put(ACCOUNTS);
	tap_is(logon(PASSWORD), SEC_E_OK, "file: it can again");
	accounts_close(accounts);
}

static void test_winbind(void)
{
	open_sources("winbind");
	tap_is(logon(PASSWORD), SEC_E_NO_AUTHENTICATING_AUTHORITY,
	       "winbind: nobody is there to ask");
	tap_ok(strstr(reason, "winbindd"), "winbind: the reason says so");
	accounts_close(accounts);
}

static void test_both(const char *sources)
{
	open_sources(sources);
	tap_is(logon(PASSWORD), SEC_E_OK, "%s: an account of the file", sources);
	tap_is(logon("wrong"), SEC_E_NO_AUTHENTICATING_AUTHORITY,
	       "%s: no account of the file, and nobody else to ask", sources);
	tap_ok(strstr(reason, "winbindd"), "%s: the reason says so", sources);
	put("rubbish\n");
	tap_is(logon(PASSWORD), SEC_E_LOGON_DENIED,
	       "%s: a file that cannot be read ends the matter", sources);
	put(ACCOUNTS);
	tap_is(logon(PASSWORD), SEC_E_OK, "%s: until it can be read", sources);
	unlink(path);
	tap_is(logon(PASSWORD), SEC_E_LOGON_DENIED, "%s: so does a missing file", sources);
	put(ACCOUNTS);
	chmod(path, 0600);
	accounts_close(accounts);
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		tap_bail("cannot make a file in /tmp");
	close(fd);
	put(ACCOUNTS);
	test_file();
	if (access(WINBINDD, F_OK)) {
		test_winbind();
		test_both("file, winbind");
		test_both("winbind, file");
	} else {
		tap_skip("without winbindd: this machine has one");
	}
	test_digest("file");
	test_digest("winbind");
	test_digest("file, winbind");
	test_digest("winbind, file");
	unlink(path);
	return tap_done();
}
