/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file of ksecd; ksecd.conf(5) describes it.
 */
#ifndef KSECD_CONFIG_H
#define KSECD_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "helper/engine.h"
#include "helper/tls/config.h"
#include "helper/uids.h"

#define CONFIG_FILE		"/etc/ksecd/ksecd.conf"
#define CONFIG_ACCOUNTS_FILE	"/etc/ksecd/accounts"
#define CONFIG_KEYTAB		"/etc/krb5.keytab"
#define CONFIG_REPLAY_CACHE	"/var/lib/ksecd/replay"

#define CONFIG_MAX_SIZE		65536	/* bytes of a configuration file */
#define CONFIG_MAX_WORKERS	64
#define CONFIG_NETBIOS_MAX	15	/* bytes of a NetBIOS name */
#define CONFIG_DNS_MAX		255	/* bytes of a DNS name */
#define CONFIG_USER_MAX		255	/* bytes of a local user's name */

/* Sources of accounts, in the order in which they are asked. */
enum config_source {
	CONFIG_SOURCE_FILE,
	CONFIG_SOURCE_WINBIND,
	CONFIG_SOURCES
};

/* struct config_sources - what "source" lists, none twice */
struct config_sources {
	enum config_source list[CONFIG_SOURCES];
	unsigned int n;
};

/**
 * struct config - what the file says, or the defaults
 * @workers:       threads that judge tokens
 * @inflight:      requests held at once, waiting or being judged
 * @all_netns:     serve network namespaces that have no helper of their own
 * @lock_memory:   keep the daemon out of swap
 * @nb_computer:   storage of @names.nb_computer
 * @nb_domain:     storage of @names.nb_domain
 * @dns_computer:  storage of @names.dns_computer
 * @dns_domain:    storage of @names.dns_domain
 * @names:         this server
 * @policy:        what every logon must have
 * @sources:       who judges NTLM responses
 * @accounts_file: path of the account file
 * @map_unknown:   local user for accounts that name none, empty for none
 * @map_anonymous: local user for anonymous logons, empty for none
 * @user_cache:    for how many seconds a local user that was found holds
 * @kerberos:      services, their keys, and who their clients are
 * @credssp:       who may speak CredSSP, and what may be delegated
 * @digest:        whom Digest asks for what
 * @tls:           certificates, their keys, and who may use them
 * @export_key:    owners of credentials that may read session keys
 * @forbid_ntlm:   owners of credentials for whom Negotiate never chooses NTLM
 */
struct config {
	unsigned int workers;
	unsigned int inflight;
	bool all_netns;
	bool lock_memory;
	char nb_computer[CONFIG_NETBIOS_MAX + 1];
	char nb_domain[CONFIG_NETBIOS_MAX + 1];
	char dns_computer[CONFIG_DNS_MAX + 1];
	char dns_domain[CONFIG_DNS_MAX + 1];
	struct engine_names names;
	struct engine_policy policy;
	struct config_sources sources;
	char accounts_file[PATH_MAX];
	char map_unknown[CONFIG_USER_MAX + 1];
	char map_anonymous[CONFIG_USER_MAX + 1];
	uint32_t user_cache;
	struct kerberos_policy kerberos;
	struct credssp_policy credssp;
	struct digest_policy digest;
	struct tls_policy tls;
	struct config_uids export_key;
	struct config_uids forbid_ntlm;
};

/* struct config_error - what is wrong, for a person: "FILE:LINE: what to do" */
struct config_error {
	char text[1024];
};

int config_load(const char *path, bool may_be_absent, struct config *cfg,
		struct config_error *err);
int config_parse(const char *path, const char *text, size_t len, const char *hostname,
		 struct config *cfg, struct config_error *err);
bool config_may_export(const struct config *cfg, uid_t uid);
uint32_t config_mechs(const struct config *cfg, uid_t uid);

#endif /* KSECD_CONFIG_H */
