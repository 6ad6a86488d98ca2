/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration made: read whole, then unchanged, and replaced whole.
 */
#ifndef KSECD_SETTINGS_H
#define KSECD_SETTINGS_H

#include <stdatomic.h>

#include "helper/accounts/select.h"
#include "helper/config.h"

/**
 * struct settings - one state of the configuration
 * @refs:     who uses it
 * @config:   the file
 * @accounts: the sources of accounts it names
 * @tls:      the certificates and keys it names
 */
struct settings {
	atomic_uint refs;
	struct config config;
	struct accounts *accounts;
	struct tls_servers *tls;
};

int settings_load(const char *path, bool may_be_absent, struct settings **ret_settings,
		  struct config_error *err);
void settings_prepare(const struct settings *settings);
struct settings *settings_get(struct settings *settings);
void settings_put(struct settings *settings);

#endif /* KSECD_SETTINGS_H */
