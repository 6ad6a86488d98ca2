// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program for each client in the place of a server.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/net/clients.h"

#include "command.h"

#define VARIABLES	9
#define WAIT_MS		1000
#define STEP_MS		20

extern char **environ;

/* What the program finds in its environment besides what the gateway has. */
static const char *const names[VARIABLES] = {
	"SSPI_RDP_ACCOUNT", "SSPI_RDP_USER", "SSPI_RDP_UID", "SSPI_RDP_PACKAGE", "SSPI_RDP_TLS",
	"SSPI_RDP_CIPHER", "SSPI_RDP_CLIENT", "SSPI_RDP_SERVER", "SSPI_RDP_GATEWAY_VERSION",
};

static bool is_ours(const char *entry)
{
	size_t i, len;

	for (i = 0; i < VARIABLES; i++) {
		len = strlen(names[i]);
		if (!strncmp(entry, names[i], len) && entry[len] == '=')
			return true;
	}
	return false;
}

static void free_environment(char **entries)
{
	size_t i;

	for (i = 0; entries && i < VARIABLES; i++)
		free(entries[i]);
	free(entries);
}

/*
 * Ours come first.  What is not known is empty: who looks for the uid must not find one of
 * somebody else in what the gateway itself was started with.
 */
static char **make_environment(const struct backend_client *client)
{
	const struct identity *identity = client->identity;
	char server[NET_ADDRESS_TEXT], uid[16] = "";
	const char *values[VARIABLES] = {
		identity->account, identity->user, uid, identity->package, identity->tls,
		identity->cipher, client->peer_name, server, KSECDD_VERSION,
	};
	size_t count = 0, i, n = 0;
	char **entries;

	net_address_text(server, client->local);
	if (identity->mapped)
		snprintf(uid, sizeof(uid), "%u", identity->uid);
	while (environ[count])
		count++;
	entries = calloc(count + VARIABLES + 1, sizeof(*entries));
	if (!entries)
		return NULL;
	for (i = 0; i < VARIABLES; i++) {
		if (asprintf(&entries[i], "%s=%s", names[i], values[i]) < 0) {
			entries[i] = NULL;
			free_environment(entries);
			return NULL;
		}
	}
	n = VARIABLES;
	for (i = 0; i < count; i++)
		if (!is_ours(environ[i]))
			entries[n++] = environ[i];
	return entries;
}

/* Signals as a program expects them, a group of its own, and the socket as 0 and 1. */
static int spawn(char *const *command, char **entries, int fd, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	err = posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
	if (!err)
		err = posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	if (!err)
		err = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP |
					       POSIX_SPAWN_SETSIGDEF);
	if (!err)
		err = posix_spawnattr_setsigmask(&attr, &none);
	if (!err)
		err = posix_spawnattr_setsigdefault(&attr, &all);
	if (!err)
		err = posix_spawnp(child, command[0], &actions, &attr, command, entries);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return err;
}

int command_start(char *const *command, const struct backend_client *client, pid_t *child)
{
	char **entries = make_environment(client);
	int fds[2], err;

	if (!entries || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		free_environment(entries);
		return -1;
	}
	err = spawn(command, entries, fds[1], child);
	free_environment(entries);
	close(fds[1]);
	/* The program's end stays one that blocks, as it expects of its standard input. */
	if (!err && fcntl(fds[0], F_SETFL, O_NONBLOCK)) {
		err = errno;
		command_end(*child);
	}
	if (!err)
		return fds[0];
	close(fds[0]);
	errno = err;
	return -1;
}

/* Whether it ends in time; its process id stays taken. */
static bool ended(pid_t child)
{
	unsigned int waited;
	siginfo_t info;

	for (waited = 0; waited < WAIT_MS; waited += STEP_MS) {
		info.si_pid = 0;
		if (!waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid)
			return true;
		poll(NULL, 0, STEP_MS);
	}
	return false;
}

void command_end(pid_t child)
{
	if (!ended(child)) {
		kill(-child, SIGTERM);
		ended(child);
	}
	/* Before it is reaped, nobody else can have the number of its group. */
	kill(-child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}
