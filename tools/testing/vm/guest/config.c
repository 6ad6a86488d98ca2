// SPDX-License-Identifier: GPL-2.0-or-later
/* What the host wants of the guest: /config holds one KEY=VALUE a line. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define MAX_FOLDERS 32

static struct {
	char *path;
	char *tag;
} folders[MAX_FOLDERS];
static size_t folder_count;
static size_t folder_next;

/**
 * guest_read_file() - the whole content of a regular file
 * @path: the file
 * @size: gets its size in bytes; may be NULL
 *
 * Return: the bytes with a 0 behind them, to be freed; NULL with errno set.
 */
char *guest_read_file(const char *path, size_t *size)
{
	struct stat st;
	char *data = NULL;
	size_t have = 0;
	ssize_t got;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0)
		data = malloc((size_t)st.st_size + 1);
	while (data && have < (size_t)st.st_size) {
		got = read(fd, data + have, (size_t)st.st_size - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	close(fd);
	if (!data)
		return NULL;
	data[have] = '\0';
	if (size)
		*size = have;
	return data;
}

/* folder=TAG PATH: a folder of the host that appears at its own path. */
static void add_folder(char *value)
{
	char *path = strchr(value, ' ');

	if (!path || folder_count == MAX_FOLDERS)
		guest_fail("cannot share '%s': at most %d folders", value, MAX_FOLDERS);
	*path++ = '\0';
	folders[folder_count].tag = value;
	folders[folder_count].path = path;
	folder_count++;
}

/**
 * guest_next_folder() - walk through the folders that are shared, once
 * @path: gets the path, on the host and here
 * @tag:  gets the mount tag
 *
 * Return: false after the last.
 */
bool guest_next_folder(char **path, char **tag)
{
	if (folder_next == folder_count)
		return false;
	*path = folders[folder_next].path;
	*tag = folders[folder_next].tag;
	folder_next++;
	return true;
}

/* env=NAME=VALUE: what the command finds in its environment. */
static void add_variable(char *value)
{
	if (putenv(value) != 0)
		guest_fail("no memory for the environment");
}

static void take(struct guest_config *config, const char *key, char *value)
{
	const struct {
		const char *key;
		char **text;
		int *number;
		void (*add)(char *value);
	} keys[] = {
		{ .key = "top", .text = &config->top },
		{ .key = "module", .text = &config->module },
		{ .key = "needs", .text = &config->needs },
		{ .key = "modules", .text = &config->modules },
		{ .key = "ksecd", .text = &config->ksecd },
		{ .key = "rows", .number = &config->rows },
		{ .key = "columns", .number = &config->columns },
		{ .key = "folder", .add = add_folder },
		{ .key = "env", .add = add_variable },
	};
	size_t i;

	if (strcmp(key, "network") == 0) {
		config->network = true;
		return;
	}
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].key, key) != 0)
			continue;
		if (keys[i].text)
			*keys[i].text = value;
		else if (keys[i].number)
			*keys[i].number = atoi(value);
		else
			keys[i].add(value);
		return;
	}
	guest_fail("the host asks for '%s', which this guest does not know", key);
}

/**
 * guest_config_read() - read /config, and /command if there is one
 * @config: gets the wishes; the strings stay valid until the guest ends
 */
void guest_config_read(struct guest_config *config)
{
	char *text, *line, *value;

	memset(config, 0, sizeof(*config));
	text = guest_read_file("/config", NULL);
	if (!text)
		guest_fail("the initial file system has no /config");
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		value = strchr(line, '=');
		if (!value)
			guest_fail("/config has a line without '=': %s", line);
		*value++ = '\0';
		take(config, line, value);
	}
	if (!config->top)
		guest_fail("/config does not say where the repository is");
	/* A file of its own, since a command may well have several lines. */
	config->command = guest_read_file("/command", NULL);
}
