// SPDX-License-Identifier: GPL-2.0-or-later
/* virtio-serial ports, which connect the guest to the program that started it. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define PORTS "/sys/class/virtio-ports"

static bool has_name(const char *port, const char *name)
{
	char path[512], *text;
	bool same;

	snprintf(path, sizeof(path), PORTS "/%s/name", port);
	text = guest_read_file(path, NULL);
	if (!text)
		return false;
	text[strcspn(text, "\n")] = '\0';
	same = strcmp(text, name) == 0;
	return same;
}

/**
 * guest_port_open() - open the port that the host gave a name
 * @name:  the name
 * @flags: of open()
 *
 * The driver learns of the ports from the device a moment after it was loaded, so
 * this waits for up to 10 s.
 *
 * Return: a descriptor, or -1 when there is no such port.
 */
int guest_port_open(const char *name, int flags)
{
	struct dirent *entry;
	char path[512];
	int fd = -1, i;
	DIR *dir;

	for (i = 0; fd < 0 && i < 1000; i++) {
		dir = opendir(PORTS);
		while (dir && fd < 0 && (entry = readdir(dir))) {
			if (entry->d_name[0] == '.' || !has_name(entry->d_name, name))
				continue;
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, flags | O_CLOEXEC);
		}
		if (dir)
			closedir(dir);
		if (fd < 0)
			usleep(10000);
	}
	return fd;
}
