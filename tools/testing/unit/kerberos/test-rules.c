// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which names a service answers to, and which local user a principal is.
 */
#include <stdio.h>
#include <string.h>

#include "helper/kerberos/kerberos.h"
#include "tools/testing/tap/tap.h"

static void test_names(void)
{
	static const struct {
		const char *pattern, *name, *realm;
		bool fits;
	} cases[] = {
		{ "*", "HTTP/a.test", "R", true },
		{ "*@R", "HTTP/a.test", "R", true },
		{ "*@R", "HTTP/a.test", "r", false },
		{ "HTTP/*", "HTTP/a.test", "R", true },
		{ "http/*", "HTTP/a.test", "R", true },
		{ "HTTP/*@Q", "HTTP/a.test", "R", false },
		{ "HTTP/*", "HTTPS/a.test", "R", false },
		{ "HTTP/*", "HTTP/", "R", false },
		{ "HTTP/*", "HTTP/a/b", "R", false },
		{ "HTTP/a.test", "HTTP/a.test", "R", true },
		{ "HTTP/A.TEST", "http/a.test", "R", true },
		{ "HTTP/a.test", "HTTP/a.tes", "R", false },
		{ "HTTP/a.test", "HTTP/a.test2", "R", false },
		{ "HTTP/a.test@R", "HTTP/a.test", "R", true },
		{ "HTTP/a.test@R", "HTTP/a.test", "S", false },
		{ "", "HTTP/a.test", "R", false },
		{ "@R", "HTTP/a.test", "R", false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_ok(kerberos_name_fits(cases[i].pattern, cases[i].name, cases[i].realm) ==
		       cases[i].fits, "\"%s\" %s %s@%s", cases[i].pattern,
		       cases[i].fits ? "is" : "is not", cases[i].name, cases[i].realm);
}

static const char *const good[] = {
	"bob@CORP.TEST robert", "*@PARTNER.TEST guest", "mallory@CORP.TEST -", "admin@CORP.TEST root",
	"*@CORP.TEST *", "*@EVIL.TEST -",
};

static void test_rules(void)
{
	static const struct {
		const char *principal, *local;
		bool by_rule;
	} cases[] = {
		{ "bob@CORP.TEST", "robert", false },
		{ "admin@CORP.TEST", "root", false },
		{ "alice@CORP.TEST", "alice", true },
		{ "root@CORP.TEST", "root", true },
		{ "alice/admin@CORP.TEST", "", true },
		{ "a\\@b@CORP.TEST", "", true },
		{ "-rf@CORP.TEST", "", true },
		{ "bob@PARTNER.TEST", "guest", true },
		{ "bob@corp.test", "", false },
		{ "bob@ELSEWHERE.TEST", "", false },
		{ "mallory@CORP.TEST", NULL, false },
		{ "anybody@EVIL.TEST", NULL, false },
		{ "no-realm", NULL, false },
	};
	struct kerberos_policy policy = { .n_rules = 0 };
	char local[KERBEROS_LOCAL_MAX];
	bool by_rule, taken;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		tap_ok(!kerberos_rule_parse(good[i], &policy.rules[policy.n_rules++]), "%s",
		       good[i]);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		taken = kerberos_map(&policy, cases[i].principal, local, sizeof(local), &by_rule);
		if (!cases[i].local)
			tap_ok(!taken, "%s is refused", cases[i].principal);
		else
			tap_ok(taken && !strcmp(local, cases[i].local) && by_rule == cases[i].by_rule,
			       "%s is \"%s\"", cases[i].principal, cases[i].local);
	}
}

static void test_wrong_rules(void)
{
	static const char *const wrong[] = {
		"", "alice@R", "alice@R ", "alice alice", "@R alice", "alice@ alice", "al*@R alice",
		"*x@R alice", "*@* alice", "alice@R a:b", "alice@R a b", "alice@R -alice",
		"alice@R al*",
	};
	char text[1024] = "alice@";
	struct kerberos_rule rule;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		tap_ok(kerberos_rule_parse(wrong[i], &rule), "no rule: \"%s\"", wrong[i]);
	memset(text + 6, 'R', 600);
	strcpy(text + 606, " alice");
	tap_ok(kerberos_rule_parse(text, &rule), "a principal that is too long");
	strcpy(text, "alice@R ");
	memset(text + 8, 'a', 300);
	text[308] = '\0';
	tap_ok(kerberos_rule_parse(text, &rule), "a user that is too long");
}

int main(void)
{
	test_names();
	test_rules();
	test_wrong_rules();
	return tap_done();
}
