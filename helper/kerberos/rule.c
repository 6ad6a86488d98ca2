// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a principal to the name of a local user.
 */
#include <string.h>

#include "helper/kerberos/kerberos.h"

/**
 * kerberos_is_user() - whether text can be the name of a local user in a rule
 * @text: the text
 * @len: its length in bytes
 *
 * A star or a user's name must not stand for several things at once.
 */
bool kerberos_is_user(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] == 0x7f || strchr("/@\\:*", text[i]))
			return false;
	return len && text[0] != '-';
}

/**
 * kerberos_rule_parse() - read a rule
 * @text: "FROM TO", with blanks between them
 * @rule: the result
 *
 * Return: NULL, or what is wrong, a literal to follow the name of the key.
 */
const char *kerberos_rule_parse(const char *text, struct kerberos_rule *rule)
{
	size_t from = strcspn(text, " \t");
	const char *to = text + from + strspn(text + from, " \t");
	const char *at;

	if (!from || from >= sizeof(rule->from) || !*to || strlen(to) >= sizeof(rule->to))
		return "must be a principal and a local user with a blank between them";
	memset(rule, 0, sizeof(*rule));
	memcpy(rule->from, text, from);
	strcpy(rule->to, to);
	at = strrchr(rule->from, '@');
	if (!at || at == rule->from || !at[1])
		return "must begin with a principal with its realm, or *@REALM";
	if (strchr(rule->from, '*') && (rule->from[0] != '*' || at != rule->from + 1 ||
					strchr(at, '*')))
		return "takes a * only for the whole name before the @";
	if (strcmp(rule->to, "*") && strcmp(rule->to, "-") && !kerberos_is_user(rule->to, strlen(rule->to)))
		return "must end with the name of a local user, * for the one of the same name, "
		       "or - to refuse";
	return NULL;
}

/**
 * kerberos_rule_fits() - whether a rule is one for a principal
 * @rule: the rule
 * @principal: the principal, with its realm
 */
bool kerberos_rule_fits(const struct kerberos_rule *rule, const char *principal)
{
	const char *realm = strrchr(principal, '@');

	if (!realm)
		return false;
	return rule->from[0] == '*' ? !strcmp(rule->from + 1, realm) :
				      !strcmp(rule->from, principal);
}

/**
 * kerberos_rule_apply() - the local user that a rule makes of a principal
 * @rule: a rule that fits
 * @principal: the principal
 * @local: the user's name, or "" if the rule has none for it
 * @size: room there in bytes
 * @by_rule: the rule is one for many: it must not make anybody root
 *
 * A principal of several parts (alice/admin) or with characters that no user's
 * name has does not become the user of the same name.
 *
 * Return: false if the principal is to be refused.
 */
bool kerberos_rule_apply(const struct kerberos_rule *rule, const char *principal, char *local,
			 size_t size, bool *by_rule)
{
	size_t len;

	*local = '\0';
	*by_rule = rule->from[0] == '*' || rule->to[0] == '*';
	if (!strcmp(rule->to, "-"))
		return false;
	if (rule->to[0] != '*') {
		if (strlen(rule->to) >= size)
			return false;
		strcpy(local, rule->to);
		return true;
	}
	len = strcspn(principal, "@");
	if (principal[len] && !strchr(principal + len + 1, '@') && len < size &&
	    kerberos_is_user(principal, len)) {
		memcpy(local, principal, len);
		local[len] = '\0';
	}
	return true;
}

/**
 * kerberos_map() - the local user that a principal is
 * @policy: the configuration
 * @principal: the principal as the library writes it, with its realm
 * @local: the user's name, or "" if no rule fits or the rule has none for it
 * @size: room there in bytes
 * @by_rule: the rule is one for many: it must not make anybody root
 *
 * Return: false if the principal is to be refused.
 */
bool kerberos_map(const struct kerberos_policy *policy, const char *principal, char *local,
		  size_t size, bool *by_rule)
{
	unsigned int i = 0;

	*local = '\0';
	*by_rule = false;
	if (!strrchr(principal, '@'))
		return false;
	while (i < policy->n_rules && !kerberos_rule_fits(&policy->rules[i], principal))
		i++;
	return i == policy->n_rules ||
	       kerberos_rule_apply(&policy->rules[i], principal, local, size, by_rule);
}
