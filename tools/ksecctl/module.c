// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reaching the module, and saying why it cannot be reached.
 */
#include <errno.h>
#include <string.h>

#include "tools/ksecctl/ksecctl.h"

/**
 * module_failed() - say why the module did not do something
 * @error: -errno
 * @family: the socket, or NULL if it was not open
 *
 * Return: the exit code.
 */
int module_failed(int error, const struct family *family)
{
	const char *said = family ? family->nl.message : "";

	switch (error) {
	case -ENOENT:
		complain("the module ksecdd is not loaded; load it with 'modprobe ksecdd' as root");
		return EXIT_NO_MODULE;
	case -EPERM:
		complain("only root may ask the module for this; try it with sudo");
		return EXIT_FAILED;
	case -EPROTO:
		complain("the module answers in another way than ksecctl %s expects; install both "
			 "from the same release", KSECDD_VERSION);
		return EXIT_FAILED;
	default:
		complain("the module ksecdd: %s%s%s", strerror(-error), *said ? ": " : "", said);
		return EXIT_FAILED;
	}
}

/**
 * module_open() - open a socket to the module
 * @family: the socket; family_close() closes it
 *
 * Return: 0, or the exit code after having said what is wrong.
 */
int module_open(struct family *family)
{
	int ret = family_open(family);

	return ret ? module_failed(ret, NULL) : 0;
}
