/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ksecctl: what its commands share.
 */
#ifndef KSECCTL_H
#define KSECCTL_H

#include <stdbool.h>

#include "helper/family.h"

/* Exit codes; ksecctl(8) lists them. */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_MODULE = 3,
	EXIT_NO_HELPER = 4,
};

/**
 * struct command - one command
 * @name:    "status", or two words: "account add"
 * @summary: one line for the list of commands
 * @usage:   its help: usage, options, examples
 * @run:     takes its own arguments, argv[0] being the last word of @name;
 *           returns an exit code
 */
struct command {
	const char *name;
	const char *summary;
	const char *usage;
	int (*run)(const struct command *cmd, int argc, char **argv, bool json);
};

/* main.c */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int wrong_usage(const struct command *cmd);
int show_usage(const struct command *cmd);
int finish_output(void);

/* module.c */
int module_open(struct family *family);
int module_failed(int error, const struct family *family);

/* account.c */
int account_add(const struct command *cmd, int argc, char **argv, bool json);
int account_delete(const struct command *cmd, int argc, char **argv, bool json);
int account_disable(const struct command *cmd, int argc, char **argv, bool json);
int account_enable(const struct command *cmd, int argc, char **argv, bool json);
int account_list(const struct command *cmd, int argc, char **argv, bool json);

/* status.c */
int show_status(const struct command *cmd, int argc, char **argv, bool json);
int show_statistics(const struct command *cmd, int argc, char **argv, bool json);

/* contexts.c */
int show_contexts(const struct command *cmd, int argc, char **argv, bool json);

#endif /* KSECCTL_H */
