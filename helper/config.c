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
#include <pwd.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/config.h"
#include "helper/text.h"

#include <linux/ksecdd_genl.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Where in the file the parser is, and where complaints go. */
struct parser {
	const char *path;
	unsigned int line;
	struct config_error *err;
};

static int __attribute__((format(printf, 2, 3)))
complain(const struct parser *p, const char *format, ...)
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

/*
 * The kinds of values.  @max is the room at @field for strings and the largest
 * value for numbers.
 */
struct key;
typedef int (*parse_fn)(const struct parser *p, const struct key *key, const char *value,
			void *field);

struct key {
	const char *section;
	const char *name;
	parse_fn parse;
	size_t offset;
	uint32_t min;
	uint32_t max;
};

static int parse_bool(const struct parser *p, const struct key *key, const char *value,
		      void *field)
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
	return complain(p, "%s must be yes or no", key->name);
}

static int parse_number(const struct parser *p, const struct key *key, const char *value,
			void *field)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end || errno ||
	    number < key->min || number > key->max)
		return complain(p, "%s must be a number from %u to %u", key->name,
				key->min, key->max);
	*(unsigned int *)field = (unsigned int)number;
	return 0;
}

/* Seconds, with s, m, h or d behind the number for other units. */
static int parse_seconds(const struct parser *p, const struct key *key, const char *value,
			 void *field)
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
		if (number > key->max / units[i].seconds)
			goto bad;
		*(uint32_t *)field = (uint32_t)number * units[i].seconds;
		return 0;
	}
bad:
	return complain(p, "%s must be a time such as 90, 90s, 15m, 36h or 2d, of %u days at most",
			key->name, key->max / 86400);
}

static int parse_user(const struct parser *p, const struct key *key, const char *value,
		      void *field)
{
	if (strlen(value) > key->max)
		return complain(p, "%s: no local user has a name of more than %u bytes",
				key->name, key->max);
	/* Whoever is not in the account file must not become root by default. */
	if (!strcmp(value, "root") || !strcmp(value, "0"))
		return complain(p, "%s must not be root; take a user without privileges",
				key->name);
	strcpy(field, value);
	return 0;
}

static int parse_path(const struct parser *p, const struct key *key, const char *value,
		      void *field)
{
	if (value[0] != '/')
		return complain(p, "%s must be an absolute path", key->name);
	if (strlen(value) >= key->max)
		return complain(p, "%s: the path is longer than %u bytes", key->name,
				key->max - 1);
	strcpy(field, value);
	return 0;
}

/* MS-NBTE 2.2.1 and MS-ADTS: what a NetBIOS name must not have in it. */
static int parse_netbios(const struct parser *p, const struct key *key, const char *value,
			 void *field)
{
	if (!*value || strlen(value) > CONFIG_NETBIOS_MAX || strpbrk(value, "\\/:*?\"<>| .") ||
	    !text_is_utf8(value, strlen(value)))
		return complain(p, "%s must have 1 to %u bytes and none of \\ / : * ? \" < > | . "
				"or blanks", key->name, CONFIG_NETBIOS_MAX);
	strcpy(field, value);
	return 0;
}

static int parse_dns(const struct parser *p, const struct key *key, const char *value,
		     void *field)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (strlen(value) > CONFIG_DNS_MAX || value[strspn(value, allowed)] || value[0] == '.')
		return complain(p, "%s must be a DNS name of at most %u bytes", key->name,
				CONFIG_DNS_MAX);
	strcpy(field, value);
	return 0;
}

/*
 * Take the next element off a list with commas.  Returns NULL at its end; the
 * element has no blanks around it and may be empty.
 */
static char *next_element(char **list)
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

static int parse_sources(const struct parser *p, const struct key *key, const char *value,
			 void *field)
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
	while ((name = next_element(&list))) {
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
	return complain(p, "%s must be \"file\", \"winbind\", or both with a comma in the order "
			"in which they are to be asked", key->name);
}

static int find_uid(const struct parser *p, const struct key *key, const char *name, uid_t *uid)
{
	unsigned long number;
	struct passwd *pw;
	char shown[TEXT_NAME_MAX], *end;

	if (name[0] >= '0' && name[0] <= '9') {
		errno = 0;
		number = strtoul(name, &end, 10);
		if (*end || errno || number >= UINT32_MAX)
			return complain(p, "%s: \"%s\" is not a user id", key->name,
					text_escape(shown, sizeof(shown), name));
		*uid = (uid_t)number;
		return 0;
	}
	errno = 0;
	pw = getpwnam(name);
	if (!pw)
		return complain(p, "%s: there is no local user \"%s\"%s%s", key->name,
				text_escape(shown, sizeof(shown), name),
				errno ? ": " : "", errno ? strerror(errno) : "");
	*uid = pw->pw_uid;
	return 0;
}

static int parse_uids(const struct parser *p, const struct key *key, const char *value,
		      void *field)
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
		return complain(p, "out of memory");
	list = buf;
	while (!ret && (name = next_element(&list))) {
		if (uids->n == CONFIG_MAX_UIDS)
			ret = complain(p, "%s takes %u users at most", key->name,
				       CONFIG_MAX_UIDS);
		else if (!*name || !strcmp(name, "*"))
			ret = complain(p, "%s must be users with commas between them, or \"*\" "
				       "alone for all", key->name);
		else
			ret = find_uid(p, key, name, &uids->list[uids->n]);
		uids->n++;
	}
	free(buf);
	return ret;
}

#define FIELD(member)	offsetof(struct config, member)

static const struct key keys[] = {
	{ "daemon", "workers", parse_number, FIELD(workers), 1, CONFIG_MAX_WORKERS },
	{ "daemon", "max-inflight", parse_number, FIELD(inflight), 1, KSECDD_MAX_INFLIGHT },
	{ "daemon", "all-netns", parse_bool, FIELD(all_netns), 0, 0 },
	{ "daemon", "lock-memory", parse_bool, FIELD(lock_memory), 0, 0 },
	{ "names", "netbios-name", parse_netbios, FIELD(nb_computer), 0, 0 },
	{ "names", "netbios-domain", parse_netbios, FIELD(nb_domain), 0, 0 },
	{ "names", "dns-name", parse_dns, FIELD(dns_computer), 0, 0 },
	{ "names", "dns-domain", parse_dns, FIELD(dns_domain), 0, 0 },
	{ "names", "domain-member", parse_bool, FIELD(names.in_domain), 0, 0 },
	{ "accounts", "source", parse_sources, FIELD(sources), 0, 0 },
	{ "accounts", "file", parse_path, FIELD(accounts_file), 0, PATH_MAX },
	{ "accounts", "map-unknown", parse_user, FIELD(map_unknown), 0, CONFIG_USER_MAX },
	{ "accounts", "map-anonymous", parse_user, FIELD(map_anonymous), 0, CONFIG_USER_MAX },
	{ "ntlm", "require-128bit", parse_bool, FIELD(policy.require_128), 0, 0 },
	{ "ntlm", "require-mic", parse_bool, FIELD(policy.require_mic), 0, 0 },
	{ "ntlm", "require-channel-bindings", parse_bool, FIELD(policy.require_cbt), 0, 0 },
	{ "ntlm", "check-av-echo", parse_bool, FIELD(policy.check_av_echo), 0, 0 },
	{ "ntlm", "max-clock-skew", parse_seconds, FIELD(policy.max_skew), 0, 365 * 86400 },
	{ "policy", "session-key-export", parse_uids, FIELD(export_key), 0, 0 },
};

static bool have_section(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].section, name))
			return true;
	return false;
}

static const struct key *find_key(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].section, section) && !strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* The section a key would belong to, for the hint in a complaint. */
static const char *section_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return keys[i].section;
	return NULL;
}

static int parse_section(const struct parser *p, char *text, char *section, size_t size)
{
	size_t len = strlen(text);
	char shown[TEXT_NAME_MAX];

	if (text[len - 1] != ']')
		return complain(p, "a section is written as [name]");
	text[len - 1] = '\0';
	if (len - 2 >= size || !have_section(text + 1))
		return complain(p, "there is no section [%s]; ksecd.conf(5) lists them",
				text_escape(shown, sizeof(shown), text + 1));
	strcpy(section, text + 1);
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

static int parse_key(const struct parser *p, const char *section, char *text,
		     unsigned int seen[], struct config *cfg)
{
	char shown[TEXT_NAME_MAX];
	const struct key *key;
	const char *name, *hint;
	char *value;

	value = strchr(text, '=');
	if (!value)
		return complain(p, "expected \"key = value\", a [section] or a # comment");
	*value++ = '\0';
	name = trim(text);
	value = trim(value);
	if (!*section)
		return complain(p, "a [section] must come first");
	key = find_key(section, name);
	if (!key) {
		hint = section_of(name);
		return complain(p, "there is no key \"%s\" in [%s]%s%s%s",
				text_escape(shown, sizeof(shown), name), section,
				hint ? "; it belongs to [" : "; ksecd.conf(5) lists them",
				hint ? hint : "", hint ? "]" : "");
	}
	if (seen[key - keys])
		return complain(p, "%s was given in line %u already", key->name,
				seen[key - keys]);
	seen[key - keys] = p->line;
	return key->parse(p, key, value, (char *)cfg + key->offset);
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
	cfg->policy.max_skew = 36 * 3600;
	cfg->sources.list[0] = CONFIG_SOURCE_FILE;
	cfg->sources.n = 1;
	strcpy(cfg->accounts_file, CONFIG_ACCOUNTS_FILE);
	default_names(cfg, hostname);
}

/* What two keys say together. */
static int check_values(struct parser *p, const unsigned int seen[], struct config *cfg)
{
	p->line = 0;
	if (cfg->inflight < cfg->workers) {
		if (seen[find_key("daemon", "max-inflight") - keys])
			return complain(p, "max-inflight (%u) must not be less than workers (%u)",
					cfg->inflight, cfg->workers);
		cfg->inflight = cfg->workers;
	}
	if (!*cfg->nb_domain) {
		if (cfg->names.in_domain)
			return complain(p, "a domain member needs netbios-domain in [names]");
		strcpy(cfg->nb_domain, cfg->nb_computer);
	}
	if (cfg->names.in_domain && !*cfg->dns_domain)
		return complain(p, "a domain member needs dns-domain in [names]");
	return 0;
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
	struct parser p = { .path = path, .err = err };
	unsigned int seen[ARRAY_SIZE(keys)] = { 0 };
	char section[32] = "";
	char *copy, *rest, *line;
	int ret = 0;

	default_values(cfg, hostname);
	if (memchr(text, '\0', len))
		return complain(&p, "this is not a text file: it has NUL bytes");
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
			ret = parse_section(&p, line, section, sizeof(section));
		else
			ret = parse_key(&p, section, line, seen, cfg);
	}
	free(copy);
	if (!ret)
		ret = check_values(&p, seen, cfg);
	cfg->names.nb_computer = cfg->nb_computer;
	cfg->names.nb_domain = cfg->nb_domain;
	cfg->names.dns_computer = cfg->dns_computer;
	cfg->names.dns_domain = cfg->dns_domain;
	return ret;
}

/* Returns the length of what was read, or -errno with @err filled. */
static ssize_t read_file(const char *path, char *buf, size_t size, struct config_error *err)
{
	struct parser p = { .path = path, .err = err };
	size_t len = 0;
	struct stat st;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		n = -errno;
		complain(&p, "%s", strerror(errno));
		return n;
	}
	n = -EINVAL;
	if (fstat(fd, &st)) {
		n = -errno;
		complain(&p, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		complain(&p, "not a regular file");
	} else if (st.st_mode & S_IWOTH) {
		complain(&p, "anybody may write to this file; run: chmod o-w '%s'", path);
	} else if (st.st_size > (off_t)size) {
		complain(&p, "larger than %zu bytes", size);
	} else {
		while ((n = read(fd, buf + len, size - len)) > 0)
			len += (size_t)n;
		if (n < 0) {
			n = -errno;
			complain(&p, "%s", strerror(errno));
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
	unsigned int i;

	for (i = 0; i < cfg->export_key.n; i++)
		if (cfg->export_key.list[i] == uid)
			return true;
	return cfg->export_key.any;
}
