// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration file: what it may say, what it may not, and what it means.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/config_key.h"
#include "tools/testing/tap/tap.h"

#define EXAMPLE	"helper/ksecd.conf"

static struct config cfg;
static struct config_error err;

/* A copy without a NUL behind it, so that ASan sees who reads on. */
static int parse(const char *text, const char *hostname)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int ret;

	if (!copy)
		tap_bail("out of memory");
	memcpy(copy, text, len);
	err.text[0] = '\0';
	ret = config_parse("file", copy, len, hostname, &cfg, &err);
	free(copy);
	return ret;
}

static void test_defaults(void)
{
	tap_is(parse("", "web.example.org"), 0, "an empty file is a configuration");
	tap_is(cfg.workers, 4, "4 workers");
	tap_is(cfg.inflight, 64, "64 requests");
	tap_ok(!cfg.all_netns && cfg.lock_memory, "this namespace only, memory locked");
	tap_ok(cfg.policy.require_128 && cfg.policy.check_av_echo && !cfg.policy.require_mic &&
	       !cfg.policy.require_cbt && cfg.policy.max_skew == 129600, "the policy");
	tap_ok(cfg.sources.n == 1 && cfg.sources.list[0] == CONFIG_SOURCE_FILE &&
	       !strcmp(cfg.accounts_file, "/etc/ksecd/accounts"), "the account file");
	tap_ok(!*cfg.map_unknown && !*cfg.map_anonymous, "nobody is mapped");
	tap_is(cfg.user_cache, 5, "a local user holds for 5 s");
	tap_ok(!config_may_export(&cfg, 0) && !config_may_export(&cfg, 1000),
	       "nobody reads session keys, not even root");
}

static void names_are(const char *computer, const char *domain, const char *dns,
		      const char *dns_domain, const char *what)
{
	bool ok = !strcmp(cfg.names.nb_computer, computer) &&
		  !strcmp(cfg.names.nb_domain, domain) &&
		  !strcmp(cfg.names.dns_computer, dns) &&
		  !strcmp(cfg.names.dns_domain, dns_domain);

	if (!tap_ok(ok, "%s", what))
		tap_diag("%s %s %s %s", cfg.names.nb_computer, cfg.names.nb_domain,
			 cfg.names.dns_computer, cfg.names.dns_domain);
}

static void test_names(void)
{
	parse("", "web.example.org");
	names_are("WEB", "WEB", "web.example.org", "example.org", "of a host with a domain");
	parse("", "web");
	names_are("WEB", "WEB", "web", "", "of a host without one");
	parse("", "a-host-whose-name-is-long");
	names_are("A-HOST-WHOSE-NA", "A-HOST-WHOSE-NA", "a-host-whose-name-is-long", "",
		  "of a host with a long name");
	parse("", "\xc3\xbc");
	tap_ok(*cfg.names.nb_computer, "there is always a NetBIOS name");
	parse("[names]\nnetbios-name = SRV\ndns-name = srv.corp.test\nnetbios-domain = CORP\n"
	      "dns-domain = corp.test\ndomain-member = yes\n", "web");
	names_are("SRV", "CORP", "srv.corp.test", "corp.test", "as the file says");
	tap_ok(cfg.names.in_domain, "a domain member");
}

static void test_values(void)
{
	tap_is(parse("# comment\n; another\n\n  [daemon]  \n\tworkers\t=\t7\t\r\nmax-inflight=1024",
		     "h"), 0, "comments, blanks, CR LF, no line feed at the end");
	tap_ok(cfg.workers == 7 && cfg.inflight == 1024, "and what it says");
	tap_is(parse("[daemon]\nworkers = 64\n", "h"), 0, "as many workers as requests");
	tap_is(parse("[daemon]\nworkers = 64\n[daemon]\nall-netns = on\n", "h"), 0,
	       "a section may come again");
	tap_ok(cfg.all_netns, "on is yes");
	parse("[accounts]\nsource = winbind , file\n", "h");
	tap_ok(cfg.sources.n == 2 && cfg.sources.list[0] == CONFIG_SOURCE_WINBIND &&
	       cfg.sources.list[1] == CONFIG_SOURCE_FILE, "two sources in order");
	parse("[accounts]\nmap-unknown = nobody\nmap-anonymous =\n", "h");
	tap_ok(!strcmp(cfg.map_unknown, "nobody") && !*cfg.map_anonymous, "a user, and none");
	parse("[accounts]\nuser-cache = 1h\n", "h");
	tap_is(cfg.user_cache, 3600, "an hour");
	parse("[ntlm]\nmax-clock-skew = 2d\nrequire-mic = true\ncheck-av-echo = false\n", "h");
	tap_is(cfg.policy.max_skew, 172800, "two days in seconds");
	tap_ok(cfg.policy.require_mic && !cfg.policy.check_av_echo, "true and false");
	parse("[ntlm]\nmax-clock-skew = 0\n", "h");
	tap_is(cfg.policy.max_skew, 0, "no limit");
	parse("[policy]\nsession-key-export = root, 1000 ,4294967294\n", "h");
	tap_ok(config_may_export(&cfg, 0) && config_may_export(&cfg, 1000) &&
	       config_may_export(&cfg, 4294967294) && !config_may_export(&cfg, 1001),
	       "users and uids");
	parse("[policy]\nsession-key-export = *\n", "h");
	tap_ok(config_may_export(&cfg, 12345), "everybody");
	tap_is(config_mechs(&cfg, 1000), UINT32_MAX, "Negotiate may choose anything");
	parse("[negotiate]\nforbid-ntlm = 1000\n", "h");
	tap_is(config_mechs(&cfg, 1000), (uint32_t)~(1U << KSECDD_PACKAGE_NTLM),
	       "not NTLM where it is forbidden");
	tap_is(config_mechs(&cfg, 1001), UINT32_MAX, "and only there");
}

static void test_digest(void)
{
	parse("[names]\ndns-name = www.example.org\n", "h");
	tap_ok(!strcmp(cfg.digest.realm, "www.example.org") && cfg.digest.n_algorithms == 2 &&
	       cfg.digest.algorithms[0] == DIGEST_SHA256 &&
	       cfg.digest.algorithms[1] == DIGEST_MD5 && cfg.digest.nonce_lifetime == 300,
	       "Digest: the defaults");
	tap_is(parse("[digest]\nrealm = one, of ours\nalgorithms = md5\nnonce-lifetime = 2m\n", "h"),
	       0, "Digest: keys");
	tap_ok(!strcmp(cfg.digest.realm, "one, of ours") && cfg.digest.n_algorithms == 1 &&
	       cfg.digest.algorithms[0] == DIGEST_MD5 && cfg.digest.nonce_lifetime == 120,
	       "Digest: as the file says it");
}

static void test_credssp(void)
{
	parse("", "h");
	tap_ok(cfg.credssp.min_version == 5 && !*cfg.credssp.tls && !cfg.credssp.fetch.n &&
	       !cfg.credssp.fetch.any && !config_uids_have(&cfg.credssp.no_delegation, 0),
	       "CredSSP: version 5, anybody may be delegated to, nobody may fetch");
	tap_is(parse("[tls rdp]\ncertificate = /c\nkey = /k\n[credssp]\nmin-version = 2\n"
		     "tls = rdp\nforbid-delegation = 1000\nfetch-credentials = 1001, 1002\n",
		     "h"), 0, "CredSSP: all of it");
	tap_ok(cfg.credssp.min_version == 2 && !strcmp(cfg.credssp.tls, "rdp") &&
	       config_uids_have(&cfg.credssp.no_delegation, 1000) &&
	       !config_uids_have(&cfg.credssp.no_delegation, 1001) &&
	       config_uids_have(&cfg.credssp.fetch, 1002) &&
	       !config_uids_have(&cfg.credssp.fetch, 1000), "CredSSP: as the file says it");
}

static void test_services(void)
{
	const struct kerberos_service *services = cfg.kerberos.services;

	parse("", "h");
	tap_ok(cfg.kerberos.n_services == 1 && !strcmp(services[0].label, "host") &&
	       !strcmp(services[0].keytab, "/etc/krb5.keytab") &&
	       services[0].n_names == 1 && !strcmp(services[0].names[0], "*") &&
	       config_uids_have(&services[0].users, 0) && !config_uids_have(&services[0].users, 1),
	       "without a service there is root's, with the host's keys");
	tap_is(parse("[service web]\nkeytab = /a\nnames = HTTP/a, HTTP/*@R ,*@S\nusers = 1000\n"
		     "[service db]\nkeytab = /b\nrequire-channel-bindings = yes\n"
		     "allow-arcfour = yes\nforbid-delegation = yes\n[kerberos]\nmap = *@R *\nmap = a@S b\n"
		     "replay-cache = /c/d\n", "h"), 0, "two services and two rules");
	tap_ok(cfg.kerberos.n_services == 2 && !strcmp(services[0].label, "web") &&
	       !strcmp(services[1].label, "db") && !strcmp(services[0].keytab, "/a") &&
	       !strcmp(services[1].keytab, "/b"), "each has its name and its keys");
	tap_ok(services[0].n_names == 3 && !strcmp(services[0].names[1], "HTTP/*@R") &&
	       services[1].n_names == 1, "and what it answers to");
	tap_ok(config_uids_have(&services[0].users, 1000) &&
	       !config_uids_have(&services[0].users, 0) && config_uids_have(&services[1].users, 0),
	       "and its users");
	tap_ok(!services[0].require_cbt && !services[0].arcfour && !services[0].no_delegation &&
	       services[1].require_cbt && services[1].arcfour && services[1].no_delegation,
	       "and its policy");
	tap_ok(cfg.kerberos.n_rules == 2 && !strcmp(cfg.kerberos.rules[1].to, "b") &&
	       !strcmp(cfg.kerberos.replay_cache, "/c/d"), "the rules in their order");
}

static const struct {
	const char *text;
	const char *where;	/* the message begins with it */
	const char *what;
} wrong[] = {
	{ "workers = 4\n", "file:1: ", "a key before a section" },
	{ "\n[deamon]\n", "file:2: ", "a section that is not known" },
	{ "[daemon\n", "file:1: ", "a section without its bracket" },
	{ "[]\n", "file:1: ", "a section without a name" },
	{ "[", "file:1: ", "a bracket alone" },
	{ "[daemon]\nworker = 4\n", "file:2: ", "a key that is not known" },
	{ "[daemon]\nrequire-mic = yes\n", "file:2: ", "a key in the wrong section" },
	{ "[daemon]\nworkers\n", "file:2: ", "a key without a value" },
	{ "[daemon]\n= 4\n", "file:2: ", "a value without a key" },
	{ "[daemon]\nworkers = 4\n\nworkers = 4\n", "file:4: ", "a key given twice" },
	{ "[daemon]\nworkers = \n", "file:2: ", "no number" },
	{ "[daemon]\nworkers = 0\n", "file:2: ", "a number too small" },
	{ "[daemon]\nworkers = 65\n", "file:2: ", "a number too large" },
	{ "[daemon]\nworkers = -1\n", "file:2: ", "a negative number" },
	{ "[daemon]\nworkers = 4 # four\n", "file:2: ", "a comment behind a value" },
	{ "[daemon]\nworkers = 99999999999999999999\n", "file:2: ", "a huge number" },
	{ "[daemon]\nworkers = 4\nmax-inflight = 3\n", "file: ", "fewer requests than workers" },
	{ "[ntlm]\nrequire-mic = maybe\n", "file:2: ", "neither yes nor no" },
	{ "[ntlm]\nrequire-mic = Yes\n", "file:2: ", "yes in capitals" },
	{ "[ntlm]\nmax-clock-skew = 36hours\n", "file:2: ", "a unit that is none" },
	{ "[accounts]\nuser-cache = 61m\n", "file:2: ", "a cache of more than an hour" },
	{ "[ntlm]\nmax-clock-skew = h\n", "file:2: ", "a unit alone" },
	{ "[ntlm]\nmax-clock-skew = 366d\n", "file:2: ", "a time too long" },
	{ "[ntlm]\nmax-clock-skew = 4294967297\n", "file:2: ", "a time that wraps" },
	{ "[accounts]\nsource =\n", "file:2: ", "no source" },
	{ "[accounts]\nsource = file, file\n", "file:2: ", "a source twice" },
	{ "[accounts]\nsource = file, ldap\n", "file:2: ", "a source that is not known" },
	{ "[accounts]\nsource = file,\n", "file:2: ", "a comma at the end" },
	{ "[accounts]\nfile = accounts\n", "file:2: ", "a relative path" },
	{ "[accounts]\nmap-unknown = root\n", "file:2: ", "everybody is root" },
	{ "[accounts]\nmap-anonymous = 0\n", "file:2: ", "nobody is root" },
	{ "[names]\nnetbios-name =\n", "file:2: ", "no NetBIOS name" },
	{ "[names]\nnetbios-name = SIXTEENCHARACTER\n", "file:2: ", "a long NetBIOS name" },
	{ "[names]\nnetbios-name = A\\B\n", "file:2: ", "a NetBIOS name with a backslash" },
	{ "[names]\nnetbios-name = \xff\n", "file:2: ", "a NetBIOS name that is not UTF-8" },
	{ "[names]\ndns-name = .org\n", "file:2: ", "a DNS name that begins with a dot" },
	{ "[names]\ndns-name = a b\n", "file:2: ", "a DNS name with a blank" },
	{ "[names]\ndomain-member = yes\n", "file: ", "a member of no domain" },
	{ "[names]\ndomain-member = yes\nnetbios-domain = A\n", "file: ",
	  "a member of a domain without a DNS name" },
	{ "[policy]\nsession-key-export = no-such-user-here\n", "file:2: ", "an unknown user" },
	{ "[policy]\nsession-key-export = 4294967295\n", "file:2: ", "the uid that is none" },
	{ "[policy]\nsession-key-export = 1000,*\n", "file:2: ", "a user and everybody" },
	{ "[policy]\nsession-key-export = 1000,,1001\n", "file:2: ", "a user without a name" },
	{ "[policy]\nsession-key-export = 12ab\n", "file:2: ", "a number that is none" },
	{ "[credssp]\nmin-version = 1\n", "file:2: ", "a version that is none" },
	{ "[credssp]\nmin-version = 7\n", "file:2: ", "a version that nobody has" },
	{ "[credssp]\ntls = rdp\n", "file: ", "a section that is not there" },
	{ "[digest]\nrealm = a:b\n", "file:2: ", "a realm with a colon" },
	{ "[digest]\nrealm = a\tb\n", "file:2: ", "a realm with a tab" },
	{ "[digest]\nrealm = \xff\n", "file:2: ", "a realm that is not UTF-8" },
	{ "[digest]\nalgorithms =\n", "file:2: ", "no algorithm" },
	{ "[digest]\nalgorithms = MD5, MD5\n", "file:2: ", "an algorithm twice" },
	{ "[digest]\nalgorithms = MD5-sess\n", "file:2: ", "an algorithm that there is not" },
	{ "[digest]\nnonce-lifetime = 0\n", "file:2: ", "nonces that are stale at once" },
	{ "[digest]\nnonce-lifetime = 2d\n", "file:2: ", "nonces that are good for days" },
	{ "[service]\n", "file:1: ", "a service without a name" },
	{ "[service a b]\n", "file:1: ", "a service of two names" },
	{ "[service a]\n[service a]\n", "file:2: ", "a service twice" },
	{ "[service a]\nkeytab = keys\n", "file:2: ", "a keytab's relative path" },
	{ "[service a]\nkeytab = /a\nkeytab = /b\n", "file:3: ", "two keytabs" },
	{ "[service a]\nnames =\n", "file:2: ", "a service that answers to nothing" },
	{ "[service a]\nnames = HTTP/a*\n", "file:2: ", "a part of a host" },
	{ "[service a]\nnames = */a\n", "file:2: ", "all types of service" },
	{ "[service a]\nnames = HTTP/a@\n", "file:2: ", "an empty realm" },
	{ "[service a]\nworkers = 4\n", "file:2: ", "a key of another section in a service" },
	{ "[kerberos]\nkeytab = /a\n", "file:2: ", "a key of a service elsewhere" },
	{ "[kerberos]\nmap = alice alice\n", "file:2: ", "a rule without a realm" },
	{ "[kerberos]\nreplay-cache = a\n", "file:2: ", "a replay cache's relative path" },
};

static void test_wrong(void)
{
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (!tap_ok(parse(wrong[i].text, "h") < 0 &&
			    !strncmp(err.text, wrong[i].where, strlen(wrong[i].where)) &&
			    strlen(err.text) > strlen(wrong[i].where) + 5, "%s", wrong[i].what))
			tap_diag("%s", err.text);
	}
	tap_ok(config_parse("file", "[daemon]\n\0", 10, "h", &cfg, &err) < 0, "a NUL");
	parse("[daemon]\nrequire-mic = yes\n", "h");
	tap_ok(strstr(err.text, "[ntlm]"), "the message names the right section");
	parse("[daemon]\na\x1b[31m\xe2\x80\xae = 1\n", "h");
	tap_ok(!strchr(err.text, '\x1b') && strstr(err.text, "%1B"), "the message is fit to be shown");
}

static void test_long(void)
{
	char text[8192];
	int ret, i;

	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "[accounts]\nfile = /", 19);
	tap_ok(parse(text, "h") < 0, "a path that is too long");
	memcpy(text, "[accounts]\nmap-unknown = ", 25);
	tap_ok(parse(text, "h") < 0, "a user that is too long");
	memcpy(text, "[names]\ndns-name = ", 19);
	text[19] = 'a';
	tap_ok(parse(text, "h") < 0, "a DNS name that is too long");
	text[0] = '[';
	memset(text + 1, 'a', 100);
	tap_ok(parse(text, "h") < 0, "a section that is too long");
	strcpy(text, "[policy]\nsession-key-export = 1");
	while (strlen(text) < 400)
		strcat(text, ",1");
	ret = parse(text, "h");
	tap_ok(ret < 0 && strstr(err.text, "64"), "too many users");
	*text = '\0';
	for (i = 0; i <= KERBEROS_MAX_SERVICES; i++)
		sprintf(text + strlen(text), "[service %d]\n", i);
	tap_ok(parse(text, "h") < 0 && strstr(err.text, "16"), "too many services");
	strcpy(text, "[kerberos]\n");
	for (i = 0; i <= KERBEROS_MAX_RULES; i++)
		strcat(text, "map = a@R a\n");
	tap_ok(parse(text, "h") < 0 && strstr(err.text, "64"), "too many rules");
	strcpy(text, "[service a]\nnames = a");
	for (i = 0; i < KERBEROS_MAX_NAMES; i++)
		strcat(text, ",a");
	tap_ok(parse(text, "h") < 0 && strstr(err.text, "16"), "too many names");
}

/* The beginnings of a file are files, too: none may do more than fail. */
static void test_truncated(void)
{
	static const char text[] =
		"[daemon]\nworkers = 4\n[ntlm]\nmax-clock-skew = 36h\n[accounts]\n"
		"source = file, winbind\n[policy]\nsession-key-export = 1,2\n[names]\ndns-name = a.b\n";
	char *part;
	size_t len;
	int good = 0;

	for (len = 0; len < sizeof(text); len++) {
		part = strndup(text, len);
		if (!part)
			tap_bail("out of memory");
		good += !parse(part, "h");
		free(part);
	}
	tap_ok(good > 10 && good < (int)sizeof(text), "all beginnings of a file");
}

/* The example says that it shows all keys with their defaults: does it? */
static void test_example(void)
{
	static struct config defaults;
	char line[256], text[16384] = "";
	unsigned int keys = 0;
	struct config example;
	FILE *file;

	file = fopen(EXAMPLE, "r");
	if (!file)
		tap_bail("%s: run this at the top of the tree", EXAMPLE);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#' && line[1] != ' ' && line[1] != '\n')
			keys++;
		strcat(text, line[0] == '#' && line[1] != ' ' && line[1] != '\n' ? line + 1 : line);
	}
	fclose(file);
	parse("", "web.example.org");
	defaults = cfg;
	if (!tap_is(parse(text, "web.example.org"), 0, "the example is a configuration"))
		tap_diag("%s", err.text);
	tap_is(keys, CONFIG_KEYS + 2, "it has all keys, and two sections that they belong to");
	example = cfg;
	tap_ok(example.tls.n_sections == 1 && example.tls.sections[0].n_keys == 1 &&
	       config_uids_have(&example.tls.sections[0].users, 0), "one of them is for TLS");
	memset(&example.tls, 0, sizeof(example.tls));
	/* Only the names' pointers may differ, and they point into the same struct here. */
	tap_mem(&example, &defaults, sizeof(example), "and its values are the defaults");
	tap_is(config_load(EXAMPLE, false, &cfg, &err), 0, "it can be loaded as it is");
}

static void test_files(void)
{
	char name[] = "/tmp/ksecd-test-conf.XXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || write(fd, "[daemon]\nworkers = 9\n", 21) != 21)
		tap_bail("cannot make a file in /tmp");
	close(fd);
	tap_is(config_load(name, false, &cfg, &err), 0, "a file is loaded");
	tap_is(cfg.workers, 9, "and read");
	chmod(name, 0646);
	tap_ok(config_load(name, false, &cfg, &err) < 0 && strstr(err.text, "chmod"),
	       "not if everybody may write to it");
	chmod(name, 0644);
	tap_ok(!truncate(name, CONFIG_MAX_SIZE + 1) && config_load(name, false, &cfg, &err) < 0,
	       "not if it is huge");
	unlink(name);
	tap_is(config_load(name, true, &cfg, &err), 0, "without a file, the defaults");
	tap_ok(config_load(name, false, &cfg, &err) < 0 && strstr(err.text, name),
	       "but not for a file that was asked for");
	tap_ok(config_load("/tmp", true, &cfg, &err) < 0, "a directory is no file");
}

int main(void)
{
	test_defaults();
	test_names();
	test_values();
	test_credssp();
	test_digest();
	test_services();
	test_wrong();
	test_long();
	test_truncated();
	test_example();
	test_files();
	return tap_done();
}
