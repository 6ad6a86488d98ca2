// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a client's certificate to the name of a local user.
 *
 * A certificate that no rule makes a local user is an account of the domain "X509": its
 * subject is whatever its issuer let its owner write there, which must not be taken for
 * an account of this machine or of a domain.
 */
#include <string.h>

#include "helper/tls/config.h"

#define DOMAIN	"X509"

static const char *const kinds[TLS_RULE_KINDS] = {
	[TLS_RULE_UPN] = "upn:",
	[TLS_RULE_EMAIL] = "email:",
	[TLS_RULE_SUBJECT] = "subject:",
	[TLS_RULE_SHA256] = "sha256:",
};

static bool is_principal(enum tls_rule_kind kind)
{
	return kind == TLS_RULE_UPN || kind == TLS_RULE_EMAIL;
}

/* Fingerprints are written in both cases, and with a colon behind each byte. */
static bool read_fingerprint(char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF", lower[] = "0123456789abcdefabcdef";
	const char *digit;
	size_t i, n = 0;

	for (i = 0; text[i]; i++) {
		if (text[i] == ':' && n && n % 2 == 0 && text[i - 1] != ':')
			continue;
		digit = strchr(digits, text[i]);
		if (!digit || n == 64)
			return false;
		text[n++] = lower[digit - digits];
	}
	text[n] = '\0';
	return n == 64;
}

/* "TEXT USER", where only the user has no blanks in it. */
static const char *parse_exact(const char *text, struct tls_rule *rule)
{
	struct kerberos_rule *r = &rule->rule;
	size_t len = strlen(text), from;

	memset(r, 0, sizeof(*r));
	for (from = len; from && !strchr(" \t", text[from - 1]); from--)
		;
	if (!from || from == len || len - from >= sizeof(r->to))
		return "must end with the name of a local user, or - to refuse, and a blank "
		       "before it";
	strcpy(r->to, text + from);
	while (from && strchr(" \t", text[from - 1]))
		from--;
	if (!from || from >= sizeof(r->from))
		return "must have a subject or a fingerprint behind the colon, which is not too long";
	memcpy(r->from, text, from);
	if (strcmp(r->to, "-") && !kerberos_is_user(r->to, strlen(r->to)))
		return "must end with the name of a local user, or - to refuse; a * goes with upn: "
		       "and email: only";
	if (rule->kind == TLS_RULE_SHA256 && !read_fingerprint(r->from))
		return "must have a fingerprint behind sha256: that is 64 hexadecimal digits";
	return r->from[0] == '*' ? "takes a * with upn: and email: only" : NULL;
}

/**
 * tls_rule_parse() - read a rule
 * @text: "KIND:FROM TO", with blanks between them
 * @rule: the result
 *
 * Return: NULL, or what is wrong, a literal to follow the name of the key.
 */
const char *tls_rule_parse(const char *text, struct tls_rule *rule)
{
	unsigned int kind;

	for (kind = 0; kind < TLS_RULE_KINDS; kind++)
		if (!strncmp(text, kinds[kind], strlen(kinds[kind])))
			break;
	if (kind == TLS_RULE_KINDS)
		return "must begin with upn:, email:, subject: or sha256:";
	rule->kind = kind;
	text += strlen(kinds[kind]);
	return is_principal(kind) ? kerberos_rule_parse(text, &rule->rule) :
				    parse_exact(text, rule);
}

/* The name of a certificate that a rule is about, or NULL if the rule does not fit. */
static const char *find_fitting(const struct tls_rule *rule, const struct tls_names *names)
{
	const char (*list)[KERBEROS_PRINCIPAL_MAX] = names->upns;
	unsigned int i, n = names->n_upns;

	if (rule->kind == TLS_RULE_SUBJECT || rule->kind == TLS_RULE_SHA256) {
		const char *text = rule->kind == TLS_RULE_SUBJECT ? names->subject : names->sha256;

		return *text && !strcmp(text, rule->rule.from) ? text : NULL;
	}
	if (rule->kind == TLS_RULE_EMAIL) {
		list = names->emails;
		n = names->n_emails;
	}
	for (i = 0; i < n; i++)
		if (kerberos_rule_fits(&rule->rule, list[i]))
			return list[i];
	return NULL;
}

/**
 * tls_map() - the account that a certificate is
 * @section: the configuration
 * @names: what the certificate says
 * @account: its user, domain, local user and @by_rule are set
 *
 * Return: false if the client is to be refused.
 */
bool tls_map(const struct tls_section *section, const struct tls_names *names,
	     struct account *account)
{
	const char *name = NULL;
	unsigned int i;

	for (i = 0; i < section->n_rules && !name; i++)
		name = find_fitting(&section->rules[i], names);
	account->local[0] = '\0';
	account->by_rule = false;
	if (name && !kerberos_rule_apply(&section->rules[i - 1].rule, name, account->local,
					 sizeof(account->local), &account->by_rule))
		return false;
	if (*account->local) {
		strcpy(account->user, account->local);
		account->domain[0] = '\0';
		return true;
	}
	/* A subject that is too long for here was not read: its fingerprint was. */
	_Static_assert(sizeof(account->user) >= TLS_DN_MAX, "a subject is a name");
	strcpy(account->user, *names->subject ? names->subject : names->sha256);
	strcpy(account->domain, DOMAIN);
	return true;
}
