// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of the configuration: where each belongs, what it may be, and what it
 * sets.
 */
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/accounts/file.h"
#include "helper/config_key.h"
#include "helper/digest/hash.h"
#include "helper/text.h"

#include <linux/ksecdd_genl.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/**
 * config_complain() - say what is wrong with the file
 * @p: where
 * @format: as for printf(); what others chose must have gone through text_escape()
 *
 * Return: -EINVAL.
 */
int config_complain(const struct config_parser *p, const char *format, ...)
{
	char *text = p->err->text;
	size_t size = sizeof(p->err->text);
	va_list args;
	int n;

	if (p->line)
		n = snprintf(text, size, "%s:%u: ", p->path, p->line);
	else
		n = snprintf(text, size, "%s: ", p->path);
	if (n < 0 || (size_t)n >= size)
		return -EINVAL;
	va_start(args, format);
	vsnprintf(text + n, size - (size_t)n, format, args);
	va_end(args);
	return -EINVAL;
}

static int parse_bool(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "yes", true }, { "no", false },
		{ "true", true }, { "false", false },
		{ "on", true }, { "off", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(value, words[i].word)) {
			*(bool *)field = words[i].value;
			return 0;
		}
	}
	return config_complain(p, "%s must be yes or no", key->name);
}

static int parse_number(const struct config_parser *p, const struct config_key *key,
			const char *value, void *field)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno ||
	    number < key->min || number > key->max)
		return config_complain(p, "%s must be a number from %u to %u", key->name,
				       key->min, key->max);
	*(unsigned int *)field = (unsigned int)number;
	return 0;
}

/* Seconds, with s, m, h or d behind the number for other units. */
static int parse_seconds(const struct config_parser *p, const struct config_key *key,
			 const char *value, void *field)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	unsigned long number;
	char *end;
	size_t i;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || errno || (*end && end[1]))
		goto bad;
	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (*end != units[i].unit)
			continue;
		if (number > key->max / units[i].seconds || number * units[i].seconds < key->min)
			goto bad;
		*(uint32_t *)field = (uint32_t)number * units[i].seconds;
		return 0;
	}
bad:
	return config_complain(p, "%s must be a time such as 90, 15m, 36h or 2d, %us at least and "
			       "%ud at most", key->name, key->min, key->max / 86400);
}

static int parse_user(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field)
{
	if (strlen(value) > key->max)
		return config_complain(p, "%s: no local user has a name of more than %u bytes",
				       key->name, key->max);
	/* Whoever is not in the account file must not become root by default. */
	if (!strcmp(value, "root") || !strcmp(value, "0"))
		return config_complain(p, "%s must not be root; take a user without privileges",
				       key->name);
	strcpy(field, value);
	return 0;
}

/**
 * config_parse_path() - config_key.parse of a file that must have an absolute path
 * @p: where
 * @key: the key; @key->max is the room
 * @value: the path
 * @field: where it goes
 */
int config_parse_path(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field)
{
	if (value[0] != '/')
		return config_complain(p, "%s must be an absolute path", key->name);
	if (strlen(value) >= key->max)
		return config_complain(p, "%s: the path is longer than %u bytes", key->name,
				       key->max - 1);
	strcpy(field, value);
	return 0;
}

/* MS-NBTE 2.2.1 and MS-ADTS: what a NetBIOS name must not have in it. */
static int parse_netbios(const struct config_parser *p, const struct config_key *key,
			 const char *value, void *field)
{
	if (!*value || strlen(value) > CONFIG_NETBIOS_MAX || strpbrk(value, "\\/:*?\"<>| .") ||
	    !text_is_utf8(value, strlen(value)))
		return config_complain(p, "%s must have 1 to %u bytes and none of "
				       "\\ / : * ? \" < > | . or blanks",
				       key->name, CONFIG_NETBIOS_MAX);
	strcpy(field, value);
	return 0;
}

static int parse_dns(const struct config_parser *p, const struct config_key *key,
		     const char *value, void *field)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (strlen(value) > CONFIG_DNS_MAX || value[strspn(value, allowed)] || value[0] == '.')
		return config_complain(p, "%s must be a DNS name of at most %u bytes", key->name,
				       CONFIG_DNS_MAX);
	strcpy(field, value);
	return 0;
}

/**
 * config_next_element() - take the next element off a list with commas
 * @list: what is left of it, which is written to
 *
 * Return: the element, without blanks around it and maybe empty; NULL at the end.
 */
char *config_next_element(char **list)
{
	char *element, *end;

	if (!*list)
		return NULL;
	element = strsep(list, ",");
	element += strspn(element, " \t");
	end = element + strlen(element);
	while (end > element && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return element;
}

static int parse_sources(const struct config_parser *p, const struct config_key *key,
			 const char *value, void *field)
{
	static const char *const names[CONFIG_SOURCES] = {
		[CONFIG_SOURCE_FILE] = "file",
		[CONFIG_SOURCE_WINBIND] = "winbind",
	};
	struct config_sources sources = { .n = 0 };
	char buf[64], *list = buf, *name;
	unsigned int i, j;

	if (strlen(value) >= sizeof(buf))
		goto bad;
	strcpy(buf, value);
	while ((name = config_next_element(&list))) {
		for (i = 0; i < CONFIG_SOURCES && strcmp(name, names[i]); i++)
			;
		for (j = 0; j < sources.n && sources.list[j] != i; j++)
			;
		if (i == CONFIG_SOURCES || j < sources.n)
			goto bad;
		sources.list[sources.n++] = i;
	}
	*(struct config_sources *)field = sources;
	return 0;
bad:
	return config_complain(p, "%s must be \"file\", \"winbind\", or both with a comma "
			       "in the order in which they are to be asked", key->name);
}

static int find_uid(const struct config_parser *p, const struct config_key *key,
		    const char *name, uid_t *uid)
{
	unsigned long number;
	struct passwd *pw;
	char shown[TEXT_NAME_MAX], *end;

	if (name[0] >= '0' && name[0] <= '9') {
		errno = 0;
		number = strtoul(name, &end, 10);
		if (*end || errno || number >= UINT32_MAX)
			return config_complain(p, "%s: \"%s\" is not a user id", key->name,
					       text_escape(shown, sizeof(shown), name));
		*uid = (uid_t)number;
		return 0;
	}
	errno = 0;
	pw = getpwnam(name);
	if (!pw)
		return config_complain(p, "%s: there is no local user \"%s\"%s%s", key->name,
				       text_escape(shown, sizeof(shown), name),
				       errno ? ": " : "", errno ? strerror(errno) : "");
	*uid = pw->pw_uid;
	return 0;
}

static int parse_uids(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field)
{
	struct config_uids *uids = field;
	char *buf, *list, *name;
	int ret = 0;

	uids->n = 0;
	uids->any = !strcmp(value, "*");
	if (uids->any || !*value)
		return 0;
	buf = strdup(value);
	if (!buf)
		return -ENOMEM;
	list = buf;
	while (!ret && (name = config_next_element(&list))) {
		if (uids->n == CONFIG_MAX_UIDS)
			ret = config_complain(p, "%s takes %u users at most", key->name,
					      CONFIG_MAX_UIDS);
		else if (!*name || !strcmp(name, "*"))
			ret = config_complain(p, "%s must be users with commas between them, "
					      "or \"*\" alone for all", key->name);
		else
			ret = find_uid(p, key, name, &uids->list[uids->n]);
		uids->n++;
	}
	free(buf);
	return ret;
}

/* What a principal of a service may look like: TYPE/HOST, TYPE/star, star, each @REALM. */
static bool is_service_name(const char *name)
{
	const char *star = strchr(name, '*'), *at = strchr(name, '@');
	size_t len = at ? (size_t)(at - name) : strlen(name);

	if (!len || strlen(name) >= KERBEROS_PRINCIPAL_MAX || strpbrk(name, " \t\\\"") ||
	    (at && (!at[1] || strchr(at + 1, '@'))))
		return false;
	return !star || (star == name + len - 1 && (len == 1 || star[-1] == '/') &&
			 star != name + 1);
}

static int parse_service_names(const struct config_parser *p, const struct config_key *key,
			       const char *value, void *field)
{
	struct kerberos_service *service = field;
	char *buf, *list, *name;
	int ret = 0;

	buf = strdup(value);
	if (!buf)
		return -ENOMEM;
	list = buf;
	service->n_names = 0;
	while (!ret && (name = config_next_element(&list))) {
		if (service->n_names == KERBEROS_MAX_NAMES)
			ret = config_complain(p, "%s takes %u names at most", key->name,
					      KERBEROS_MAX_NAMES);
		else if (!is_service_name(name))
			ret = config_complain(p, "%s must be names such as HTTP/web.example.org, "
					      "HTTP/* or *, each with or without @REALM, and "
					      "commas between them", key->name);
		else
			strcpy(service->names[service->n_names++], name);
	}
	free(buf);
	return ret;
}

/* The name of a [tls NAME]; whether there is one of it is known at the end of the file. */
static int parse_label(const struct config_parser *p, const struct config_key *key,
		       const char *value, void *field)
{
	if (strlen(value) >= CREDSSP_LABEL_MAX)
		return config_complain(p, "%s: no section has a name of more than %u bytes", key->name,
				       CREDSSP_LABEL_MAX - 1);
	strcpy(field, value);
	return 0;
}

static int parse_rule(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field)
{
	struct kerberos_policy *policy = field;
	const char *wrong;

	if (!*value)
		return 0;
	if (policy->n_rules == KERBEROS_MAX_RULES)
		return config_complain(p, "%s may be given %u times at most", key->name,
				       KERBEROS_MAX_RULES);
	wrong = kerberos_rule_parse(value, &policy->rules[policy->n_rules]);
	if (wrong)
		return config_complain(p, "%s %s", key->name, wrong);
	policy->n_rules++;
	return 0;
}

static int parse_algorithms(const struct config_parser *p, const struct config_key *key,
			    const char *value, void *field)
{
	struct digest_policy policy, *to = field;
	enum digest_algorithm algorithm;
	char buf[64], *list = buf, *name;
	unsigned int i;

	policy.n_algorithms = 0;
	if (strlen(value) >= sizeof(buf))
		goto bad;
	strcpy(buf, value);
	while ((name = config_next_element(&list))) {
		if (!digest_find(name, strlen(name), &algorithm))
			goto bad;
		for (i = 0; i < policy.n_algorithms; i++)
			if (policy.algorithms[i] == algorithm)
				goto bad;
		policy.algorithms[policy.n_algorithms++] = algorithm;
	}
	memcpy(to->algorithms, policy.algorithms, sizeof(to->algorithms));
	to->n_algorithms = policy.n_algorithms;
	return 0;
bad:
	return config_complain(p, "%s must be SHA-256, MD5, or both with a comma, the one that is "
			       "offered first", key->name);
}

/* The account file has it in a field of its own, so what ends one must not be in it. */
static int parse_realm(const struct config_parser *p, const struct config_key *key,
		       const char *value, void *field)
{
	const char *wrong = account_check_realm(value);

	if (wrong)
		return config_complain(p, "%s: %s", key->name, wrong);
	strcpy(field, value);
	return 0;
}

#define FIELD(member)	offsetof(struct config, member)
#define SERVICE(member)	offsetof(struct kerberos_service, member)
#define TLS(member)	offsetof(struct tls_section, member)

const struct config_key config_keys[CONFIG_KEYS] = {
	{ "daemon", "workers", parse_number, FIELD(workers), 1, CONFIG_MAX_WORKERS, false },
	{ "daemon", "max-inflight", parse_number, FIELD(inflight), 1, KSECDD_MAX_INFLIGHT, false },
	{ "daemon", "all-netns", parse_bool, FIELD(all_netns), 0, 0, false },
	{ "daemon", "lock-memory", parse_bool, FIELD(lock_memory), 0, 0, false },
	{ "names", "netbios-name", parse_netbios, FIELD(nb_computer), 0, 0, false },
	{ "names", "netbios-domain", parse_netbios, FIELD(nb_domain), 0, 0, false },
	{ "names", "dns-name", parse_dns, FIELD(dns_computer), 0, 0, false },
	{ "names", "dns-domain", parse_dns, FIELD(dns_domain), 0, 0, false },
	{ "names", "domain-member", parse_bool, FIELD(names.in_domain), 0, 0, false },
	{ "accounts", "source", parse_sources, FIELD(sources), 0, 0, false },
	{ "accounts", "file", config_parse_path, FIELD(accounts_file), 0, PATH_MAX, false },
	{ "accounts", "map-unknown", parse_user, FIELD(map_unknown), 0, CONFIG_USER_MAX, false },
	{ "accounts", "map-anonymous", parse_user, FIELD(map_anonymous), 0, CONFIG_USER_MAX, false },
	{ "accounts", "user-cache", parse_seconds, FIELD(user_cache), 0, 3600, false },
	{ "ntlm", "require-128bit", parse_bool, FIELD(policy.require_128), 0, 0, false },
	{ "ntlm", "require-mic", parse_bool, FIELD(policy.require_mic), 0, 0, false },
	{ "ntlm", "require-channel-bindings", parse_bool, FIELD(policy.require_cbt), 0, 0, false },
	{ "ntlm", "check-av-echo", parse_bool, FIELD(policy.check_av_echo), 0, 0, false },
	{ "ntlm", "max-clock-skew", parse_seconds, FIELD(policy.max_skew), 0, 365 * 86400, false },
	{ "kerberos", "map", parse_rule, FIELD(kerberos), 0, 0, true },
	{ "kerberos", "replay-cache", config_parse_path, FIELD(kerberos.replay_cache), 0, PATH_MAX,
	  false },
	{ CONFIG_SERVICE, "keytab", config_parse_path, SERVICE(keytab), 0, PATH_MAX, false },
	{ CONFIG_SERVICE, "names", parse_service_names, 0, 0, 0, false },
	{ CONFIG_SERVICE, "users", parse_uids, SERVICE(users), 0, 0, false },
	{ CONFIG_SERVICE, "require-channel-bindings", parse_bool, SERVICE(require_cbt), 0, 0,
	  false },
	{ CONFIG_SERVICE, "allow-arcfour", parse_bool, SERVICE(arcfour), 0, 0, false },
	{ CONFIG_SERVICE, "forbid-delegation", parse_bool, SERVICE(no_delegation), 0, 0, false },
	{ CONFIG_TLS, "certificate", config_parse_certificate, 0, 0, PATH_MAX, true },
	{ CONFIG_TLS, "key", config_parse_tls_key, 0, 0, PATH_MAX, true },
	{ CONFIG_TLS, "users", parse_uids, TLS(users), 0, 0, false },
	{ CONFIG_TLS, "client-certificates", config_parse_client, TLS(client), 0, 0, false },
	{ CONFIG_TLS, "client-ca", config_parse_tls_path, TLS(client_ca), 0, PATH_MAX, false },
	{ CONFIG_TLS, "client-crl", config_parse_tls_path, TLS(client_crl), 0, PATH_MAX, false },
	{ CONFIG_TLS, "map", config_parse_tls_rule, 0, 0, 0, true },
	{ CONFIG_TLS, "alpn", config_parse_protocols, 0, 0, 0, false },
	{ "negotiate", "forbid-ntlm", parse_uids, FIELD(forbid_ntlm), 0, 0, false },
	{ "credssp", "min-version", parse_number, FIELD(credssp.min_version), CREDSSP_VERSION_MIN,
	  CREDSSP_VERSION_MAX, false },
	{ "credssp", "tls", parse_label, FIELD(credssp.tls), 0, 0, false },
	{ "credssp", "forbid-delegation", parse_uids, FIELD(credssp.no_delegation), 0, 0, false },
	{ "credssp", "fetch-credentials", parse_uids, FIELD(credssp.fetch), 0, 0, false },
	{ "digest", "realm", parse_realm, FIELD(digest.realm), 0, 0, false },
	{ "digest", "algorithms", parse_algorithms, FIELD(digest), 0, 0, false },
	{ "digest", "nonce-lifetime", parse_seconds, FIELD(digest.nonce_lifetime), 1, 86400,
	  false },
	{ "policy", "session-key-export", parse_uids, FIELD(export_key), 0, 0, false },
};

/**
 * config_have_section() - whether there is a section of that name
 * @name: the name
 */
bool config_have_section(const char *name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (!strcmp(config_keys[i].section, name))
			return true;
	return false;
}

/**
 * config_find_key() - find a key
 * @section: the section it stands in
 * @name: its name
 *
 * Return: the key, or NULL if that section has no such key.
 */
const struct config_key *config_find_key(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (!strcmp(config_keys[i].section, section) && !strcmp(config_keys[i].name, name))
			return &config_keys[i];
	return NULL;
}

/**
 * config_section_of() - the section a key belongs to
 * @name: name of the key
 *
 * Return: the section, or NULL if there is no such key.
 */
const char *config_section_of(const char *name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (!strcmp(config_keys[i].name, name))
			return config_keys[i].section;
	return NULL;
}
