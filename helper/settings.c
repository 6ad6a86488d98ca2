// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A logon sees one state of the configuration from beginning to end, also when
 * it is reloaded meanwhile: each holds a reference to the state it began with.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "helper/log.h"
#include "helper/settings.h"
#include "helper/tls/server.h"

/**
 * settings_load() - read the configuration and open what it names
 * @path: the configuration file
 * @may_be_absent: take the defaults if there is no such file
 * @ret_settings: the result, with one reference
 * @err: what is wrong
 *
 * Return: 0; -errno with @err filled.
 */
int settings_load(const char *path, bool may_be_absent, struct settings **ret_settings,
		  struct config_error *err)
{
	struct settings *settings;
	int ret;

	settings = calloc(1, sizeof(*settings));
	if (!settings) {
		snprintf(err->text, sizeof(err->text), "%s: out of memory", path);
		return -ENOMEM;
	}
	atomic_init(&settings->refs, 1);
	ret = config_load(path, may_be_absent, &settings->config, err);
	if (!ret)
		ret = tls_servers_load(&settings->config, &settings->tls, err);
	if (!ret)
		ret = accounts_open(&settings->config, &settings->accounts, err);
	if (ret) {
		tls_servers_free(settings->tls);
		free(settings);
		return ret;
	}
	*ret_settings = settings;
	return 0;
}

/**
 * settings_prepare() - make what the settings need on this machine
 * @settings: what is to be in force from now on
 *
 * That is the folder of the replay cache, for which the Kerberos library makes none.
 * What cannot be made is said in the log.
 */
void settings_prepare(const struct settings *settings)
{
	char folder[PATH_MAX];

	strcpy(folder, settings->config.kerberos.replay_cache);
	*strrchr(folder, '/') = '\0';
	if (*folder && mkdir(folder, 0700) && errno != EEXIST)
		log_warning("%s: %s; without the folder of the replay cache nobody logs on by "
			    "Kerberos, make it or change \"replay-cache\" in [kerberos]", folder,
			    strerror(errno));
}

/**
 * settings_get() - take a reference
 * @settings: the caller has one, or keeps others from dropping the last one
 *
 * Return: @settings.
 */
struct settings *settings_get(struct settings *settings)
{
	atomic_fetch_add(&settings->refs, 1);
	return settings;
}

/**
 * settings_put() - drop a reference
 * @settings: the settings, or NULL; freed with the last reference
 */
void settings_put(struct settings *settings)
{
	if (!settings || atomic_fetch_sub(&settings->refs, 1) != 1)
		return;
	accounts_close(settings->accounts);
	tls_servers_free(settings->tls);
	free(settings);
}
