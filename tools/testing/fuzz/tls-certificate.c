// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing who a client's certificate is.  Input: a rule of the configuration, and the
 * certificate.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/tls/verify.h"

static struct tls_section section;

static void check_name(const char *name, size_t size)
{
	fuzz_assert(memchr(name, '\0', size) && *name, "a name without an end, or without more");
}

static void check_names(const struct tls_names *names)
{
	unsigned int i;

	fuzz_assert(strlen(names->sha256) == 64 && names->n_upns <= TLS_MAX_NAMES &&
		    names->n_emails <= TLS_MAX_NAMES, "what is always there");
	for (i = 0; i < names->n_upns; i++)
		check_name(names->upns[i], sizeof(names->upns[i]));
	for (i = 0; i < names->n_emails; i++)
		check_name(names->emails[i], sizeof(names->emails[i]));
}

/* Without a rule of its own nobody is an account of this machine. */
static void check_account(const struct tls_names *names)
{
	struct account account;

	memset(&account, 0, sizeof(account));
	if (!tls_map(&section, names, &account))
		return;
	check_name(account.user, sizeof(account.user));
	if (*account.local)
		fuzz_assert(section.n_rules && !*account.domain, "a local user without a rule");
	else
		fuzz_assert(!strcmp(account.domain, "X509"), "domain \"%s\"", account.domain);
	fuzz_assert(!strpbrk(account.local, "/@\\: \n*"), "local user \"%s\"", account.local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct tls_names names;
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;
	char *rule;
	size_t len;

	rule = fuzz_take_text(&in, 256);
	section.n_rules = !tls_rule_parse(rule, &section.rules[0]);
	der.data = fuzz_take_rest(&in, &len);
	der.size = (unsigned int)len;
	if (!gnutls_x509_crt_init(&crt)) {
		if (!gnutls_x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) &&
		    tls_read_names(crt, &der, &names)) {
			check_names(&names);
			check_account(&names);
		}
		gnutls_x509_crt_deinit(crt);
	}
	free(der.data);
	free(rule);
	return 0;
}
