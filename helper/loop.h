/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main thread.
 */
#ifndef KSECD_LOOP_H
#define KSECD_LOOP_H

#include <signal.h>
#include <stdbool.h>

#include "helper/settings.h"

/**
 * struct loop_options - how the daemon was started
 * @config:        path of the configuration file
 * @may_be_absent: take the defaults if there is no such file
 * @wait:          wait for another helper to go instead of giving up
 * @settings:      what the file says; the loop takes over the reference
 */
struct loop_options {
	const char *config;
	bool may_be_absent;
	bool wait;
	struct settings *settings;
};

void loop_signals(sigset_t *set);
int loop_run(const struct loop_options *options);

#endif /* KSECD_LOOP_H */
