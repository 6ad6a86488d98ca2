/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program for each client in the place of a server.
 */
#ifndef SSPI_RDP_COMMAND_H
#define SSPI_RDP_COMMAND_H

#include <sys/types.h>

#include "backend.h"

/**
 * command_start() - start the program
 * @command: it and its arguments, as of execvp()
 * @client:  for whom, which it finds in its environment
 * @child:   receives its process, which leads a group
 *
 * Return: a non-blocking socket that is its standard input and output; -1 with errno set
 */
int command_start(char *const *command, const struct backend_client *client, pid_t *child);

/**
 * command_end() - see to it that the program has ended, with all that it has started
 * @child: of command_start()
 *
 * It has a second to do so by itself and one after SIGTERM.
 */
void command_end(pid_t child);

#endif /* SSPI_RDP_COMMAND_H */
