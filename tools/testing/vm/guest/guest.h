/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first program of the test guest. It is linked statically and stays in the
 * initial file system; everything else it starts from Debian's root.
 */
#ifndef KSECDD_VM_GUEST_H
#define KSECDD_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct guest_config - what the host wants of this guest, read from /config
 * @command:  what to run; NULL for an interactive shell
 * @top:      the repository's folder, which becomes the working folder
 * @module:   path of ksecdd.ko; NULL for a bare guest
 * @needs:    modules that ksecdd.ko needs, separated by spaces; may be NULL
 * @modules:  folder that lib/modules/RELEASE is to be; NULL if the root has it
 * @ksecd:    command that starts and stops ksecd; NULL for a bare guest
 * @network:  whether there is a network device to set up
 * @rows:     height of the terminal, 0 if unknown
 * @columns:  width of the terminal, 0 if unknown
 */
struct guest_config {
	char *command;
	char *top;
	char *module;
	char *needs;
	char *modules;
	char *ksecd;
	bool network;
	int rows;
	int columns;
};

/* init.c */
void guest_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void guest_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* config.c */
void guest_config_read(struct guest_config *config);
char *guest_read_file(const char *path, size_t *size);
bool guest_next_folder(char **path, char **tag);

/* root.c */
void guest_root_enter(void);
void guest_root_furnish(void);
void guest_share_folders(void);
void guest_modules_copy(const char *folder);
void guest_network_up(bool device);
void guest_insmod(const char *path, const char *parameters);

/* port.c */
int guest_port_open(const char *name, int flags);

/* command.c */
int guest_command_run(const struct guest_config *config, int control);
int guest_spawn(const char *const argv[]);
void guest_kill_rest(void);

#endif
