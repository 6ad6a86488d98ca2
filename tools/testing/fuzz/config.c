// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing ksecd.conf.  Input: the host's name up to a NUL, and the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ksecdd_genl.h>

#include "fuzz.h"
#include "helper/config.h"
#include "helper/text.h"

#define PATH	"/etc/ksecd/ksecd.conf"

static void check_message(const char *message)
{
	const char *p;

	fuzz_assert(!strncmp(message, PATH ":", strlen(PATH) + 1) && message[strlen(PATH) + 1],
		    "it does not say where: %s", message);
	for (p = message; *p; p++)
		fuzz_assert((unsigned char)*p >= ' ' && *p != 0x7f, "byte 0x%02x in the message",
			    (unsigned char)*p);
}

static void check_tls(const struct tls_policy *policy)
{
	const struct tls_section *section;
	unsigned int i, j;

	fuzz_assert(policy->n_sections <= TLS_MAX_SECTIONS, "%u sections", policy->n_sections);
	for (i = 0; i < policy->n_sections; i++) {
		section = &policy->sections[i];
		fuzz_assert(section->n_certificates && section->n_certificates == section->n_keys &&
			    section->n_keys <= TLS_MAX_CERTIFICATES, "%u certificates, %u keys",
			    section->n_certificates, section->n_keys);
		for (j = 0; j < section->n_keys; j++)
			fuzz_assert(section->certificate[j][0] == '/' &&
				    (section->key[j][0] == '/' ||
				     !strncmp(section->key[j], "pkcs11:", 7)), "a relative path");
		fuzz_assert(section->client == TLS_CLIENT_NONE || section->client_ca[0] == '/',
			    "clients that nobody judges");
		fuzz_assert(section->n_rules <= TLS_MAX_RULES, "%u rules", section->n_rules);
		fuzz_assert(section->n_protocols <= TLS_MAX_PROTOCOLS, "%u protocols",
			    section->n_protocols);
		for (j = 0; j < section->n_protocols; j++)
			fuzz_assert(section->protocols[j][0], "a protocol without a name");
	}
}

static void check_kerberos(const struct kerberos_policy *policy)
{
	const struct kerberos_service *service;
	unsigned int i;

	fuzz_assert(policy->replay_cache[0] == '/', "a replay cache in \"%s\"",
		    policy->replay_cache);
	fuzz_assert(policy->n_rules <= KERBEROS_MAX_RULES, "%u rules", policy->n_rules);
	fuzz_assert(policy->n_services >= 1 && policy->n_services <= KERBEROS_MAX_SERVICES,
		    "%u services", policy->n_services);
	for (i = 0; i < policy->n_services; i++) {
		service = &policy->services[i];
		fuzz_assert(service->label[0] && service->keytab[0] == '/', "service \"%s\" with "
			    "keys in \"%s\"", service->label, service->keytab);
		fuzz_assert(service->n_names >= 1 && service->n_names <= KERBEROS_MAX_NAMES,
			    "%u names", service->n_names);
		fuzz_assert(service->users.n <= CONFIG_MAX_UIDS &&
			    !(service->users.any && service->users.n), "everybody and somebody");
	}
}

static void check_values(const struct config *cfg)
{
	unsigned int i, j;

	fuzz_assert(cfg->workers >= 1 && cfg->workers <= CONFIG_MAX_WORKERS &&
		    cfg->inflight >= cfg->workers && cfg->inflight <= KSECDD_MAX_INFLIGHT,
		    "%u workers, %u requests", cfg->workers, cfg->inflight);
	fuzz_assert(cfg->policy.max_skew <= 365 * 86400, "%u seconds", cfg->policy.max_skew);
	fuzz_assert(cfg->nb_computer[0] && cfg->nb_domain[0], "a NetBIOS name is empty");
	fuzz_assert(text_is_utf8(cfg->nb_computer, strlen(cfg->nb_computer)) &&
		    text_is_utf8(cfg->nb_domain, strlen(cfg->nb_domain)), "not UTF-8");
	fuzz_assert(!cfg->names.in_domain || cfg->dns_domain[0], "a domain without a name");
	fuzz_assert(cfg->accounts_file[0] == '/', "the accounts are in \"%s\"",
		    cfg->accounts_file);
	fuzz_assert(strcmp(cfg->map_unknown, "root") && strcmp(cfg->map_anonymous, "root"),
		    "strangers are root");
	fuzz_assert(cfg->sources.n >= 1 && cfg->sources.n <= CONFIG_SOURCES, "%u sources",
		    cfg->sources.n);
	for (i = 0; i < cfg->sources.n; i++)
		for (j = 0; j < i; j++)
			fuzz_assert(cfg->sources.list[i] != cfg->sources.list[j],
				    "a source twice");
	fuzz_assert(cfg->export_key.n <= CONFIG_MAX_UIDS &&
		    !(cfg->export_key.any && cfg->export_key.n), "everybody and somebody");
	fuzz_assert(cfg->credssp.min_version >= 2 && cfg->credssp.min_version <= 6,
		    "version %u of CredSSP", cfg->credssp.min_version);
	check_kerberos(&cfg->kerberos);
	check_tls(&cfg->tls);
	fuzz_assert(cfg->forbid_ntlm.n <= CONFIG_MAX_UIDS &&
		    !(cfg->forbid_ntlm.any && cfg->forbid_ntlm.n), "everybody and somebody");
	fuzz_assert(cfg->names.nb_computer == cfg->nb_computer &&
		    cfg->names.nb_domain == cfg->nb_domain &&
		    cfg->names.dns_computer == cfg->dns_computer &&
		    cfg->names.dns_domain == cfg->dns_domain, "names that lie elsewhere");
}

static const char *yes(bool value)
{
	return value ? "yes" : "no";
}

static void print_uids(const char *key, const struct config_uids *uids, FILE *file)
{
	unsigned int i;

	fprintf(file, "%s = ", key);
	if (uids->any)
		fputc('*', file);
	for (i = 0; i < uids->n; i++)
		fprintf(file, "%s%u", i ? ", " : "", uids->list[i]);
	fputc('\n', file);
}

static void print_kerberos(const struct kerberos_policy *policy, FILE *file)
{
	const struct kerberos_service *service;
	unsigned int i, j;

	fprintf(file, "[kerberos]\nreplay-cache = %s\n", policy->replay_cache);
	for (i = 0; i < policy->n_rules; i++)
		fprintf(file, "map = %s %s\n", policy->rules[i].from, policy->rules[i].to);
	for (i = 0; i < policy->n_services; i++) {
		service = &policy->services[i];
		fprintf(file, "[service %s]\nkeytab = %s\nrequire-channel-bindings = %s\n"
			"allow-arcfour = %s\nnames = ", service->label, service->keytab,
			yes(service->require_cbt), yes(service->arcfour));
		for (j = 0; j < service->n_names; j++)
			fprintf(file, "%s%s", j ? ", " : "", service->names[j]);
		fputc('\n', file);
		print_uids("users", &service->users, file);
	}
}

/* The file that says all of it */
static char *print(const struct config *cfg, size_t *len)
{
	static const char *const sources[] = {
		[CONFIG_SOURCE_FILE] = "file", [CONFIG_SOURCE_WINBIND] = "winbind",
	};
	char *text;
	FILE *file = open_memstream(&text, len);

	if (!file)
		abort();
	fprintf(file, "[daemon]\nworkers = %u\nmax-inflight = %u\nall-netns = %s\n"
		"lock-memory = %s\n", cfg->workers, cfg->inflight, yes(cfg->all_netns),
		yes(cfg->lock_memory));
	fprintf(file, "[names]\nnetbios-name = %s\nnetbios-domain = %s\ndns-name = %s\n"
		"dns-domain = %s\ndomain-member = %s\n", cfg->nb_computer, cfg->nb_domain,
		cfg->dns_computer, cfg->dns_domain, yes(cfg->names.in_domain));
	fprintf(file, "[accounts]\nsource = %s%s%s\nfile = %s\nmap-unknown = %s\n"
		"map-anonymous = %s\n", sources[cfg->sources.list[0]],
		cfg->sources.n > 1 ? ", " : "",
		cfg->sources.n > 1 ? sources[cfg->sources.list[1]] : "", cfg->accounts_file,
		cfg->map_unknown, cfg->map_anonymous);
	fprintf(file, "[ntlm]\nrequire-128bit = %s\nrequire-mic = %s\n"
		"require-channel-bindings = %s\ncheck-av-echo = %s\nmax-clock-skew = %us\n",
		yes(cfg->policy.require_128), yes(cfg->policy.require_mic),
		yes(cfg->policy.require_cbt), yes(cfg->policy.check_av_echo),
		cfg->policy.max_skew);
	print_kerberos(&cfg->kerberos, file);
	fputs("[policy]\n", file);
	print_uids("session-key-export", &cfg->export_key, file);
	/* That of "tls" has to have files. */
	fprintf(file, "[credssp]\nmin-version = %u\n", cfg->credssp.min_version);
	print_uids("forbid-delegation", &cfg->credssp.no_delegation, file);
	print_uids("fetch-credentials", &cfg->credssp.fetch, file);
	fputs("[negotiate]\n", file);
	print_uids("forbid-ntlm", &cfg->forbid_ntlm, file);
	fclose(file);
	return text;
}

static bool same_uids(const struct config_uids *a, const struct config_uids *b)
{
	return a->any == b->any && a->n == b->n &&
	       !memcmp(a->list, b->list, a->n * sizeof(a->list[0]));
}

static bool same_service(const struct kerberos_service *a, const struct kerberos_service *b)
{
	unsigned int i;

	for (i = 0; i < a->n_names; i++)
		if (strcmp(a->names[i], b->names[i]))
			return false;
	return a->n_names == b->n_names && !strcmp(a->label, b->label) &&
	       !strcmp(a->keytab, b->keytab) && same_uids(&a->users, &b->users) &&
	       a->require_cbt == b->require_cbt && a->arcfour == b->arcfour;
}

static bool same_kerberos(const struct kerberos_policy *a, const struct kerberos_policy *b)
{
	unsigned int i;

	if (a->n_services != b->n_services || a->n_rules != b->n_rules)
		return false;
	for (i = 0; i < a->n_services; i++)
		if (!same_service(&a->services[i], &b->services[i]))
			return false;
	for (i = 0; i < a->n_rules; i++)
		if (strcmp(a->rules[i].from, b->rules[i].from) ||
		    strcmp(a->rules[i].to, b->rules[i].to))
			return false;
	return !strcmp(a->replay_cache, b->replay_cache);
}

static bool same(const struct config *a, const struct config *b)
{
	return a->workers == b->workers && a->inflight == b->inflight &&
	       a->all_netns == b->all_netns && a->lock_memory == b->lock_memory &&
	       !strcmp(a->nb_computer, b->nb_computer) && !strcmp(a->nb_domain, b->nb_domain) &&
	       !strcmp(a->dns_computer, b->dns_computer) &&
	       !strcmp(a->dns_domain, b->dns_domain) &&
	       a->names.in_domain == b->names.in_domain &&
	       !memcmp(&a->policy, &b->policy, sizeof(a->policy)) &&
	       a->sources.n == b->sources.n &&
	       !memcmp(a->sources.list, b->sources.list, a->sources.n * sizeof(int)) &&
	       !strcmp(a->accounts_file, b->accounts_file) &&
	       !strcmp(a->map_unknown, b->map_unknown) &&
	       !strcmp(a->map_anonymous, b->map_anonymous) &&
	       same_kerberos(&a->kerberos, &b->kerberos) &&
	       a->credssp.min_version == b->credssp.min_version &&
	       same_uids(&a->credssp.no_delegation, &b->credssp.no_delegation) &&
	       same_uids(&a->credssp.fetch, &b->credssp.fetch) &&
	       same_uids(&a->export_key, &b->export_key) &&
	       same_uids(&a->forbid_ntlm, &b->forbid_ntlm);
}

/* A host name, as root may have chosen it: nothing that the file could not say. */
static char *take_host(struct fuzz_input *in)
{
	static const char allowed[] = "abcxyzABCXYZ019-_.";
	char *host = fuzz_take_text(in, CONFIG_DNS_MAX), *p;

	for (p = host; *p; p++)
		*p = allowed[(unsigned char)*p % (sizeof(allowed) - 1)];
	return host;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config cfg, again;
	struct fuzz_input in = { data, size };
	char *host = take_host(&in), *text;
	struct config_error err = { "" };
	size_t len;

	memset(&cfg, 0xa5, sizeof(cfg));
	if (config_parse(PATH, (const char *)in.data, in.len, host, &cfg, &err)) {
		check_message(err.text);
		free(host);
		return 0;
	}
	fuzz_assert(!err.text[0], "a complaint and a success");
	check_values(&cfg);
	text = print(&cfg, &len);
	/* A host's name may begin with a dot, or have one after another; the file's not. */
	if (config_parse(PATH, text, len, host, &again, &err))
		fuzz_assert(cfg.dns_computer[0] == '.' || cfg.dns_domain[0] == '.',
			    "printed, and refused: %s\n%s", err.text, text);
	else
		fuzz_assert(same(&cfg, &again), "printed, and another one:\n%s", text);
	free(text);
	free(host);
	return 0;
}
