// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The [tls] sections of the configuration, and loading what they name: files, and a key
 * in a PKCS#11 token.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/pkcs11.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/tls/client.h"
#include "tools/testing/unit/tls/fixture.h"

#define PIN	"1234"

static char whole[2 * PATH_MAX];	/* a section that is right */

static void check_wrong(struct tls_servers *servers, const char *expect, const char *name)
{
	tap_ok(!servers && strstr(fixture.error.text, expect), "%s: \"%s\"", name,
	       fixture.error.text);
	tls_servers_free(servers);
}

static void test_sections(void)
{
	struct tls_servers *servers;
	const struct tls_section *section;

	servers = fixture_try("[tls]\n%s[tls web]\n%susers = 0\nalpn = h2, http/1.1\n", whole,
			      whole);
	if (!tap_ok(servers, "two sections"))
		tap_bail("%s", fixture.error.text);
	tap_ok(tls_server_find(servers, "", 0) && tls_server_find(servers, "web", 3) &&
	       tls_server_find(servers, "web", 3) != tls_server_find(servers, "", 0),
	       "are found by their names");
	tap_ok(!tls_server_find(servers, "we", 2) && !tls_server_find(servers, "webs", 4) &&
	       !tls_server_find(NULL, "", 0), "and no others are");
	section = tls_server_section(tls_server_find(servers, "web", 3));
	tap_ok(section->n_protocols == 2 && !strcmp(section->protocols[1], "http/1.1") &&
	       config_uids_have(&section->users, 0) && !config_uids_have(&section->users, 1) &&
	       section->client == TLS_CLIENT_NONE, "what a section says");
	tls_servers_free(servers);
	servers = fixture_try("\n");
	tap_ok(servers && !tls_server_find(servers, "", 0), "no section is no server");
	tls_servers_free(servers);
}

static void test_mistakes(void)
{
	check_wrong(fixture_try("[tls]\n"), "ksecd.conf:1: [tls] needs \"certificate\" and \"key\"",
		    "an empty section");
	check_wrong(fixture_try("[tls a]\n%skey = /x\n", whole), "as many of one as of the other",
		    "a key too many");
	check_wrong(fixture_try("[tls]\n%s[tls]\n%s", whole, whole),
		    "already, in line 1", "a section twice");
	check_wrong(fixture_try("[tls a b]\n"), "the NAME of [tls NAME]", "a name with a blank");
	check_wrong(fixture_try("[tls]\ncertificate = server.crt\n"),
		    "must be an absolute path", "a relative path");
	check_wrong(fixture_try("[tls]\nkey = server.key\n"),
		    "an absolute path or a pkcs11: URI", "a relative key");
	check_wrong(fixture_try("[tls]\n%sclient-certificates = maybe\n", whole),
		    "none, ask or require", "another word");
	check_wrong(fixture_try("[tls]\n%sclient-certificates = ask\n", whole),
		    "needs \"client-ca\"", "clients without somebody to judge them by");
	check_wrong(fixture_try("[tls]\n%smap = upn:*@X *\n", whole),
		    "nothing without \"client-ca\"", "rules without it");
	check_wrong(fixture_try("[tls]\n%salpn = h2,,x\n", whole), "names such as", "no name");
	check_wrong(fixture_try("[tls]\n%smap = alice alice\n", whole),
		    "must begin with upn:", "a rule of no kind");
	check_wrong(fixture_try("[tls]\n%smap = sha256:00 alice\n", whole),
		    "64 hexadecimal digits", "a short fingerprint");
	check_wrong(fixture_try("[tls]\n%smap = subject:CN=alice *\n", whole),
		    "a * goes with upn:", "a star where none may be");
	check_wrong(fixture_try("[tls]\n%smap = subject:CN=alice\n", whole),
		    "and a blank before it", "a rule without a user");
	check_wrong(fixture_try("[tls]\n%smap = email:alice bob\n", whole),
		    "with its realm", "a mail address without a domain");
}

static void test_files(void)
{
	const char *ca = fixture_path("ca.crt"), *rsa = fixture_path("rsa.crt");
	const char *key = fixture_path("rsa.key"), *ec = fixture_path("ec.key");
	char loose[PATH_MAX], locked[PATH_MAX], command[3 * PATH_MAX];

	check_wrong(fixture_try("[tls]\ncertificate = /nowhere\nkey = %s\n", key),
		    "[tls]: /nowhere: there is no such file", "no certificate");
	check_wrong(fixture_try("[tls x]\ncertificate = %s\nkey = /nowhere\n", rsa),
		    "[tls x]: /nowhere: there is no such file", "no key");
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", key, key),
		    "no certificate that can be read", "a key in the place of a certificate");
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", rsa, ca),
		    "no private key that can be read", "a certificate in the place of a key");
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", rsa, ec),
		    "is not the key of this certificate", "the key of another one");
	check_wrong(fixture_try("[tls]\ncertificate = /tmp\nkey = %s\n", key),
		    "not a regular file", "a folder");
	strcpy(loose, fixture_path("loose.key"));
	pki_write(&fixture.rsa, NULL, NULL, loose);
	chmod(loose, 0644);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", rsa, loose),
		    "everybody may read this private key", "a key for everybody");
	chmod(loose, 0640);
	tls_servers_free(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", rsa, loose));
	tap_ok(!*fixture.error.text, "a key for a group is one");
	strcpy(locked, fixture_path("locked.key"));
	snprintf(command, sizeof(command), "umask 77; openssl pkey -in %s -aes128 -passout pass:x "
		 "-out %s", key, locked);
	if (system(command))
		tap_bail("'%s' fails", command);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", rsa, locked),
		    "has a password", "a key with a password");
	check_wrong(fixture_try("[tls]\n%sclient-ca = %s\n", whole, key),
		    "no certificate that can be read", "nobody to judge clients by");
	check_wrong(fixture_try("[tls]\n%sclient-ca = %s\nclient-crl = %s\n", whole, ca, ca),
		    "no revocation list that can be read", "no revocation list");
}

/* A certificate whose issuer comes first, and one of nobody's in the file. */
static void test_chains(void)
{
	const char *path = fixture_path("chain.crt"), *key = fixture_path("ec.key");

	pki_write(&fixture.ca, &fixture.ec, path, NULL);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", path, key),
		    "none of one chain", "a chain that begins with its end");
	pki_write(&fixture.ec, &fixture.rsa, path, NULL);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s\n", path, key),
		    "none of one chain", "two certificates that are no chain");
}

/* A key that never leaves its token makes handshakes as one of a file does. */
static void use_token(const char *url)
{
	static struct client client;
	struct tls_servers *servers;

	servers = fixture_try("[tls]\ncertificate = %s\nkey = %s\n", fixture_path("rsa.crt"), url);
	if (!tap_ok(servers, "a key in a PKCS#11 token: %s", fixture.error.text))
		return;
	client_begin(&client, tls_server_find(servers, "", 0));
	tap_is(client_handshake(&client), SEC_E_OK, "TLS 1.3 with it");
	tap_ok(client_talks(&client), "and records");
	client_end(&client);
	client_begin(&client, tls_server_find(servers, "", 0));
	SSL_set_max_proto_version(client.ssl, TLS1_2_VERSION);
	tap_is(client_handshake(&client), SEC_E_OK, "TLS 1.2 with it");
	tap_ok(client_talks(&client), "and records");
	client_end(&client);
	tls_servers_free(servers);
}

static void test_pkcs11(void)
{
	static const char url[] = "pkcs11:token=ksecdd-test;object=server;type=private";
	char text[PATH_MAX + 256], tokens[PATH_MAX];
	FILE *file;
	int ret;

	strcpy(tokens, fixture_path("tokens"));
	mkdir(tokens, 0700);
	file = fopen(fixture_path("softhsm2.conf"), "w");
	if (!file)
		tap_bail("softhsm2.conf cannot be written");
	fprintf(file, "directories.tokendir = %s\nobjectstore.backend = file\n", tokens);
	fclose(file);
	setenv("SOFTHSM2_CONF", fixture_path("softhsm2.conf"), 1);
	if (system("softhsm2-util --init-token --free --label ksecdd-test --so-pin " PIN
		   " --pin " PIN " >/dev/null"))
		tap_bail("softhsm2-util makes no token; is the package softhsm2 there?");
	snprintf(text, sizeof(text), "pkcs11:token=ksecdd-test?pin-value=%s", PIN);
	ret = gnutls_pkcs11_copy_x509_privkey2(text, fixture.rsa.key, "server", NULL,
					       GNUTLS_KEY_DIGITAL_SIGNATURE,
					       GNUTLS_PKCS11_OBJ_FLAG_MARK_SENSITIVE |
					       GNUTLS_PKCS11_OBJ_FLAG_LOGIN);
	if (ret < 0)
		tap_bail("the key does not get into the token: %s", gnutls_strerror(ret));

	snprintf(text, sizeof(text), "%s?pin-value=%s", url, PIN);
	use_token(text);
	file = fopen(fixture_path("pin"), "w");
	if (!file || fputs(PIN, file) < 0 || fclose(file))
		tap_bail("pin cannot be written");
	snprintf(text, sizeof(text), "%s?pin-source=%s", url, fixture_path("pin"));
	use_token(text);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = pkcs11:token=ksecdd-test;"
				"object=other;type=private?pin-value=" PIN "\n",
				fixture_path("rsa.crt")),
		    "no PKCS#11 token has a private key of this URI", "another object");
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = pkcs11:token=nowhere;"
				"object=server;type=private?pin-value=" PIN "\n",
				fixture_path("rsa.crt")),
		    "no PKCS#11 token has a private key of this URI", "another token");
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s?pin-value=%s\n",
				fixture_path("ec.crt"), url, PIN),
		    "is not the key of this certificate", "the token's key of another certificate");
	/* The PIN is remembered once it was right, so that a wrong one is tried afresh. */
	gnutls_pkcs11_deinit();
	gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_AUTO, NULL);
	check_wrong(fixture_try("[tls]\ncertificate = %s\nkey = %s?pin-value=4321\n",
				fixture_path("rsa.crt"), url),
		    "wants another PIN", "another PIN");
	tap_ok(!strstr(fixture.error.text, "4321"), "which is not said");
	snprintf(text, sizeof(text), "rm -r %s", tokens);
	if (system(text))
		tap_diag("%s stays", tokens);
}

int main(void)
{
	fixture_begin();
	snprintf(whole, sizeof(whole), "certificate = %s\nkey = %s\n", fixture_path("rsa.crt"),
		 fixture_path("rsa.key"));
	test_sections();
	test_mistakes();
	test_files();
	test_chains();
	test_pkcs11();
	fixture_end();
	return tap_done();
}
