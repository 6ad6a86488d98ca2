/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Getting a password from a person or from a script.
 */
#ifndef KSECCTL_PASSWORD_H
#define KSECCTL_PASSWORD_H

#include <stddef.h>

#include <linux/ksecdd.h>

/* struct password - a secret: wipe it with password_clear() */
struct password {
	size_t len;
	char text[KSECDD_MAX_SECRET + 1];
};

int password_ask(const char *account, struct password *password);
int password_read(int fd, struct password *password);
void password_clear(struct password *password);

#endif /* KSECCTL_PASSWORD_H */
