/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and keys, loaded.
 */
#ifndef KSECD_TLS_SERVER_H
#define KSECD_TLS_SERVER_H

#include <stdatomic.h>

#include <gnutls/gnutls.h>

#include "helper/config.h"

/**
 * struct tls_server - a [tls NAME] with what it names
 * @refs:        who uses it
 * @section:     the configuration
 * @credentials: certificates and keys, and whom to believe clients by
 * @priority:    what may be agreed on
 */
struct tls_server {
	atomic_uint refs;
	struct tls_section section;
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priority;
};

/* struct tls_servers - all of them */
struct tls_servers {
	struct tls_server *list[TLS_MAX_SECTIONS];
	unsigned int n;
};

int tls_server_load(const struct tls_section *section, struct tls_server **ret_server,
		    struct config_error *err);
int tls_servers_load(const struct config *cfg, struct tls_servers **ret_servers,
		     struct config_error *err);
void tls_servers_free(struct tls_servers *servers);

/* memory.c */
void tls_wipe_memory(void);

struct tls_server *tls_server_get(const struct tls_server *server);
void tls_server_put(struct tls_server *server);

#endif /* KSECD_TLS_SERVER_H */
