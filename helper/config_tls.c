// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of [tls] and [tls NAME].
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "helper/config_key.h"

/* A path goes behind those that there are. */
static int add_path(const struct config_parser *p, const struct config_key *key,
		    const char *value, char (*list)[PATH_MAX], unsigned int *n)
{
	if (*n == TLS_MAX_CERTIFICATES)
		return config_complain(p, "%s may be given %u times in a section: one for RSA, one "
				       "for ECDSA", key->name, TLS_MAX_CERTIFICATES);
	return config_parse_path(p, key, value, list[(*n)++]);
}

/**
 * config_parse_certificate() - config_key.parse of "certificate"
 * @p: where
 * @key: the key
 * @value: a path
 * @field: the struct tls_section
 */
int config_parse_certificate(const struct config_parser *p, const struct config_key *key,
			     const char *value, void *field)
{
	struct tls_section *section = field;

	return add_path(p, key, value, section->certificate, &section->n_certificates);
}

/**
 * config_parse_tls_key() - config_key.parse of "key"
 * @p: where
 * @key: the key
 * @value: a path, or a PKCS#11 URI (RFC 7512)
 * @field: the struct tls_section
 */
int config_parse_tls_key(const struct config_parser *p, const struct config_key *key,
			 const char *value, void *field)
{
	struct tls_section *section = field;

	if (strncmp(value, "pkcs11:", 7))
		return value[0] == '/' ?
			       add_path(p, key, value, section->key, &section->n_keys) :
			       config_complain(p, "%s must be an absolute path or a pkcs11: URI",
					       key->name);
	if (section->n_keys == TLS_MAX_CERTIFICATES)
		return config_complain(p, "%s may be given %u times in a section", key->name,
				       TLS_MAX_CERTIFICATES);
	if (strlen(value) >= key->max)
		return config_complain(p, "%s: the URI is longer than %u bytes", key->name,
				       key->max - 1);
	strcpy(section->key[section->n_keys++], value);
	return 0;
}

/**
 * config_parse_tls_path() - config_key.parse of a file that there need not be
 * @p: where
 * @key: the key
 * @value: a path, or nothing
 * @field: where it goes
 */
int config_parse_tls_path(const struct config_parser *p, const struct config_key *key,
			  const char *value, void *field)
{
	if (*value)
		return config_parse_path(p, key, value, field);
	*(char *)field = '\0';
	return 0;
}

/**
 * config_parse_client() - config_key.parse of "client-certificates"
 * @p: where
 * @key: the key
 * @value: none, ask or require
 * @field: the enum tls_client_certificate
 */
int config_parse_client(const struct config_parser *p, const struct config_key *key,
			const char *value, void *field)
{
	static const char *const words[] = {
		[TLS_CLIENT_NONE] = "none",
		[TLS_CLIENT_ASK] = "ask",
		[TLS_CLIENT_REQUIRE] = "require",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(value, words[i])) {
			*(enum tls_client_certificate *)field = i;
			return 0;
		}
	}
	return config_complain(p, "%s must be none, ask or require", key->name);
}

/**
 * config_parse_tls_rule() - config_key.parse of "map" in [tls]
 * @p: where
 * @key: the key
 * @value: the rule
 * @field: the struct tls_section
 */
int config_parse_tls_rule(const struct config_parser *p, const struct config_key *key,
			  const char *value, void *field)
{
	struct tls_section *section = field;
	const char *wrong;

	if (!*value)
		return 0;
	if (section->n_rules == TLS_MAX_RULES)
		return config_complain(p, "%s may be given %u times in a section", key->name,
				       TLS_MAX_RULES);
	wrong = tls_rule_parse(value, &section->rules[section->n_rules]);
	if (wrong)
		return config_complain(p, "%s %s", key->name, wrong);
	section->n_rules++;
	return 0;
}

/**
 * config_parse_protocols() - config_key.parse of "alpn"
 * @p: where
 * @key: the key
 * @value: names with commas between them; none turns ALPN off
 * @field: the struct tls_section
 */
int config_parse_protocols(const struct config_parser *p, const struct config_key *key,
			   const char *value, void *field)
{
	struct tls_section *section = field;
	char *buf, *list, *name;
	int ret = 0;

	if (!*value)
		return 0;
	buf = strdup(value);
	if (!buf)
		return -ENOMEM;
	list = buf;
	while (!ret && (name = config_next_element(&list))) {
		if (section->n_protocols == TLS_MAX_PROTOCOLS)
			ret = config_complain(p, "%s takes %u names at most", key->name,
					      TLS_MAX_PROTOCOLS);
		else if (!*name || strlen(name) > TLS_MAX_PROTOCOL)
			ret = config_complain(p, "%s must be names such as http/1.1 with commas "
					      "between them, of %u bytes at most", key->name,
					      TLS_MAX_PROTOCOL);
		else
			strcpy(section->protocols[section->n_protocols++], name);
	}
	free(buf);
	return ret;
}

/**
 * config_begin_tls() - begin a [tls NAME]
 * @p: where
 * @label: NAME, or ""
 * @cfg: what it is a part of
 * @ret_base: receives the struct tls_section
 *
 * Return: 0, -EINVAL after config_complain().
 */
int config_begin_tls(const struct config_parser *p, const char *label, struct config *cfg,
		     void **ret_base)
{
	struct tls_policy *policy = &cfg->tls;
	struct tls_section *section;
	unsigned int i;

	for (i = 0; i < policy->n_sections; i++)
		if (!strcmp(policy->sections[i].label, label))
			return config_complain(p, "there is a section [tls%s%s] already, in line %u",
					       *label ? " " : "", label, policy->sections[i].line);
	if (policy->n_sections == TLS_MAX_SECTIONS)
		return config_complain(p, "there may be %u sections [tls NAME] at most",
				       TLS_MAX_SECTIONS);
	section = &policy->sections[policy->n_sections++];
	memset(section, 0, sizeof(*section));
	strcpy(section->label, label);
	section->line = p->line;
	section->users.n = 1;	/* root */
	*ret_base = section;
	return 0;
}

/* [credssp] may name one: a service that asks for it gets to know too late. */
static int check_label(const struct config_parser *p, const struct config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->tls.n_sections; i++)
		if (!strcmp(cfg->tls.sections[i].label, cfg->credssp.tls))
			return 0;
	if (!*cfg->credssp.tls)
		return 0;
	return config_complain(p, "tls in [credssp] names a section [tls %s], and there is none",
			       cfg->credssp.tls);
}

/**
 * config_check_tls() - what keys of [tls NAME] say together
 * @p: where; its line is set
 * @cfg: the configuration
 *
 * Return: 0, -EINVAL after config_complain().
 */
int config_check_tls(struct config_parser *p, const struct config *cfg)
{
	const struct tls_section *section = cfg->tls.sections;
	const struct tls_section *end = section + cfg->tls.n_sections;

	for (; section < end; section++) {
		p->line = section->line;
		if (!section->n_certificates || section->n_certificates != section->n_keys)
			return config_complain(p, "[tls%s%s] needs \"certificate\" and \"key\", as "
					       "many of one as of the other",
					       *section->label ? " " : "", section->label);
		if (section->client != TLS_CLIENT_NONE && !*section->client_ca)
			return config_complain(p, "[tls%s%s] asks clients for certificates, so it "
					       "needs \"client-ca\" to judge them by",
					       *section->label ? " " : "", section->label);
		if (!*section->client_ca && (*section->client_crl || section->n_rules))
			return config_complain(p, "[tls%s%s] has \"client-crl\" or \"map\", which do "
					       "nothing without \"client-ca\"",
					       *section->label ? " " : "", section->label);
	}
	p->line = 0;
	return check_label(p, cfg);
}
