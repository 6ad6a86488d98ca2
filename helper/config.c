// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the configuration file.
 *
 * A key that is not known, a value that is not understood and a key that is
 * given twice are errors: a security setting that was mistyped must not quietly
 * be another one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/config_key.h"
#include "helper/text.h"

/* Where the parser is: keys go into @base, and @seen says in which lines they did. */
struct place {
	char section[32];
	struct config *cfg;
	void *base;
	unsigned int seen[CONFIG_KEYS];
};

/* What a service is before its keys say otherwise. */
static void default_service(struct kerberos_service *service, const char *label)
{
	memset(service, 0, sizeof(*service));
	strcpy(service->label, label);
	strcpy(service->keytab, CONFIG_KEYTAB);
	strcpy(service->names[0], "*");
	service->n_names = 1;
	service->users.n = 1;	/* root */
}

/* "[service NAME]": each begins a service of its own. */
static int begin_service(const struct config_parser *p, const char *label, struct config *cfg,
			 void **ret_base)
{
	struct kerberos_policy *policy = &cfg->kerberos;
	unsigned int i;

	if (!*label)
		return config_complain(p, "a service is begun with [service NAME]");
	for (i = 0; i < policy->n_services; i++)
		if (!strcmp(policy->services[i].label, label))
			return config_complain(p, "there is a service \"%s\" already", label);
	if (policy->n_services == KERBEROS_MAX_SERVICES)
		return config_complain(p, "there may be %u services at most",
				       KERBEROS_MAX_SERVICES);
	*ret_base = &policy->services[policy->n_services++];
	default_service(*ret_base, label);
	return 0;
}

/* Sections that there may be many of, told apart by the name behind theirs. */
static const struct labelled {
	const char *section;
	int (*begin)(const struct config_parser *p, const char *label, struct config *cfg,
		     void **ret_base);
} labelled[] = {
	{ CONFIG_SERVICE, begin_service },
	{ CONFIG_TLS, config_begin_tls },
};

_Static_assert(KERBEROS_LABEL_MAX == TLS_LABEL_MAX, "a label is a label");

static int begin_labelled(const struct config_parser *p, const struct labelled *l,
			  const char *label, struct place *place)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	unsigned int i;

	if (strlen(label) >= KERBEROS_LABEL_MAX || label[strspn(label, allowed)])
		return config_complain(p, "the NAME of [%s NAME] may have letters, digits, - _ and . "
				       "in it, %u at most", l->section, KERBEROS_LABEL_MAX - 1);
	for (i = 0; i < CONFIG_KEYS; i++)
		if (!strcmp(config_keys[i].section, l->section))
			place->seen[i] = 0;
	strcpy(place->section, l->section);
	return l->begin(p, label, place->cfg, &place->base);
}

static int parse_section(const struct config_parser *p, char *text, struct place *place)
{
	size_t len = strlen(text), word, i;
	char shown[TEXT_NAME_MAX];

	if (text[len - 1] != ']')
		return config_complain(p, "a section is written as [name]");
	text[len - 1] = '\0';
	text++;
	word = strcspn(text, " \t");
	for (i = 0; i < sizeof(labelled) / sizeof(labelled[0]); i++)
		if (word == strlen(labelled[i].section) &&
		    !strncmp(text, labelled[i].section, word))
			return begin_labelled(p, &labelled[i],
					      text + word + strspn(text + word, " \t"), place);
	if (len - 2 >= sizeof(place->section) || !config_have_section(text))
		return config_complain(p, "there is no section [%s]; ksecd.conf(5) lists them",
				       text_escape(shown, sizeof(shown), text));
	strcpy(place->section, text);
	place->base = place->cfg;
	return 0;
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		end--;
	*end = '\0';
	return text;
}

static int parse_key(const struct config_parser *p, char *text, struct place *place)
{
	const char *section = place->section;
	unsigned int *seen = place->seen;
	char shown[TEXT_NAME_MAX];
	const struct config_key *key;
	const char *name, *hint;
	char *value;

	value = strchr(text, '=');
	if (!value)
		return config_complain(p, "expected \"key = value\", a [section] or a # comment");
	*value++ = '\0';
	name = trim(text);
	value = trim(value);
	if (!*section)
		return config_complain(p, "a [section] must come first");
	key = config_find_key(section, name);
	if (!key) {
		hint = config_section_of(name);
		return config_complain(p, "there is no key \"%s\" in [%s]%s%s%s",
				       text_escape(shown, sizeof(shown), name), section,
				       hint ? "; it belongs to [" : "; ksecd.conf(5) lists them",
				       hint ? hint : "", hint ? "]" : "");
	}
	if (seen[key - config_keys] && !key->many)
		return config_complain(p, "%s was given in line %u already", key->name,
				       seen[key - config_keys]);
	seen[key - config_keys] = p->line;
	return key->parse(p, key, value, (char *)place->base + key->offset);
}

/*
 * What the names are when the file does not say: those a Windows machine of
 * this host name would have.  A machine that stands alone calls its own account
 * database by its own name.
 */
static void default_names(struct config *cfg, const char *hostname)
{
	const char *dot = strchr(hostname, '.');
	size_t len = dot ? (size_t)(dot - hostname) : strlen(hostname);
	size_t i, n = 0;
	char c;

	snprintf(cfg->dns_computer, sizeof(cfg->dns_computer), "%s", hostname);
	snprintf(cfg->dns_domain, sizeof(cfg->dns_domain), "%s", dot ? dot + 1 : "");
	for (i = 0; i < len && n < CONFIG_NETBIOS_MAX; i++) {
		c = hostname[i];
		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
			cfg->nb_computer[n++] = c;
	}
	cfg->nb_computer[n] = '\0';
	if (!n)
		strcpy(cfg->nb_computer, "LOCALHOST");
}

static void default_values(struct config *cfg, const char *hostname)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->workers = 4;
	cfg->inflight = 64;
	cfg->lock_memory = true;
	cfg->policy.require_128 = true;
	cfg->policy.check_av_echo = true;
	cfg->user_cache = 5;
	cfg->policy.max_skew = 36 * 3600;
	cfg->credssp.min_version = CREDSSP_VERSION_NONCE;
	cfg->digest.algorithms[0] = DIGEST_SHA256;
	cfg->digest.algorithms[1] = DIGEST_MD5;
	cfg->digest.n_algorithms = 2;
	cfg->digest.nonce_lifetime = 300;
	cfg->sources.list[0] = CONFIG_SOURCE_FILE;
	cfg->sources.n = 1;
	strcpy(cfg->accounts_file, CONFIG_ACCOUNTS_FILE);
	strcpy(cfg->kerberos.replay_cache, CONFIG_REPLAY_CACHE);
	default_names(cfg, hostname);
}

/* What two keys say together. */
static int check_values(struct config_parser *p, const unsigned int seen[], struct config *cfg)
{
	p->line = 0;
	if (cfg->inflight < cfg->workers) {
		if (seen[config_find_key("daemon", "max-inflight") - config_keys])
			return config_complain(p, "max-inflight (%u) is less than workers (%u)",
					       cfg->inflight, cfg->workers);
		cfg->inflight = cfg->workers;
	}
	if (!*cfg->nb_domain) {
		if (cfg->names.in_domain)
			return config_complain(p,
					       "a domain member needs netbios-domain in [names]");
		strcpy(cfg->nb_domain, cfg->nb_computer);
	}
	if (cfg->names.in_domain && !*cfg->dns_domain)
		return config_complain(p, "a domain member needs dns-domain in [names]");
	if (!*cfg->digest.realm)
		strcpy(cfg->digest.realm, cfg->dns_computer);
	/* The keys that every Kerberos host has are root's, as they are without us. */
	if (!cfg->kerberos.n_services)
		default_service(&cfg->kerberos.services[cfg->kerberos.n_services++], "host");
	return config_check_tls(p, cfg);
}

/**
 * config_parse() - make a configuration of the text of a file
 * @path: name of the file, for messages
 * @text: the text
 * @len: its length in bytes
 * @hostname: what the names default to
 * @cfg: the result; undefined after an error
 * @err: what is wrong
 *
 * @cfg->names points into @cfg, so @cfg must stay where it is.
 *
 * Return: 0, -EINVAL with @err filled, -ENOMEM.
 */
int config_parse(const char *path, const char *text, size_t len, const char *hostname,
		 struct config *cfg, struct config_error *err)
{
	struct config_parser p = { .path = path, .err = err };
	struct place place = { .cfg = cfg, .base = cfg };
	char *copy, *rest, *line;
	int ret = 0;

	default_values(cfg, hostname);
	if (memchr(text, '\0', len))
		return config_complain(&p, "this is not a text file: it has NUL bytes");
	copy = strndup(text, len);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!ret && (line = strsep(&rest, "\n"))) {
		p.line++;
		line = trim(line);
		if (!*line || *line == '#' || *line == ';')
			continue;
		if (*line == '[')
			ret = parse_section(&p, line, &place);
		else
			ret = parse_key(&p, line, &place);
	}
	free(copy);
	if (!ret)
		ret = check_values(&p, place.seen, cfg);
	cfg->names.nb_computer = cfg->nb_computer;
	cfg->names.nb_domain = cfg->nb_domain;
	cfg->names.dns_computer = cfg->dns_computer;
	cfg->names.dns_domain = cfg->dns_domain;
	return ret;
}

/* Returns the length of what was read, or -errno with @err filled. */
static ssize_t read_file(const char *path, char *buf, size_t size, struct config_error *err)
{
	struct config_parser p = { .path = path, .err = err };
	size_t len = 0;
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		n = -errno;
		config_complain(&p, "%s", strerror(errno));
		return n;
	}
	n = -EINVAL;
	if (fstat(fd, &st)) {
		n = -errno;
		config_complain(&p, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		config_complain(&p, "not a regular file");
	} else if (st.st_mode & S_IWOTH) {
		config_complain(&p, "anybody may write to this file; run: chmod o-w '%s'", path);
	} else if (st.st_size > (off_t)size) {
		config_complain(&p, "larger than %zu bytes", size);
	} else {
		while ((n = read(fd, buf + len, size - len)) > 0)
			len += (size_t)n;
		if (n < 0) {
			n = -errno;
			config_complain(&p, "%s", strerror(errno));
		} else {
			n = (ssize_t)len;
		}
	}
	close(fd);
	return n;
}

/**
 * config_load() - read the configuration file
 * @path: the file
 * @may_be_absent: take the defaults if there is no such file
 * @cfg: the result; undefined after an error
 * @err: what is wrong
 *
 * Return: 0; -errno with @err filled.
 */
int config_load(const char *path, bool may_be_absent, struct config *cfg,
		struct config_error *err)
{
	char hostname[CONFIG_DNS_MAX + 1] = "";
	char *buf;
	ssize_t len;
	int ret;

	if (gethostname(hostname, sizeof(hostname) - 1) || !*hostname)
		strcpy(hostname, "localhost");
	buf = malloc(CONFIG_MAX_SIZE);
	if (!buf)
		goto nomem;
	len = read_file(path, buf, CONFIG_MAX_SIZE, err);
	if (len == -ENOENT && may_be_absent)
		len = 0;
	ret = len < 0 ? (int)len : config_parse(path, buf, (size_t)len, hostname, cfg, err);
	free(buf);
	if (ret != -ENOMEM)
		return ret;
nomem:
	snprintf(err->text, sizeof(err->text), "%s: out of memory", path);
	return -ENOMEM;
}

/**
 * config_may_export() - whether a credential's owner may read session keys
 * @cfg: the configuration
 * @uid: who acquired the credential
 */
bool config_may_export(const struct config *cfg, uid_t uid)
{
	return config_uids_have(&cfg->export_key, uid);
}

/**
 * config_mechs() - what Negotiate may choose from for a credential
 * @cfg: the configuration
 * @uid: who acquired the credential
 *
 * Return: a mask, bit n for KSECDD_PACKAGE_* n.
 */
uint32_t config_mechs(const struct config *cfg, uid_t uid)
{
	uint32_t mechs = UINT32_MAX;

	if (config_uids_have(&cfg->forbid_ntlm, uid))
		mechs &= ~(UINT32_C(1) << KSECDD_PACKAGE_NTLM);
	return mechs;
}
