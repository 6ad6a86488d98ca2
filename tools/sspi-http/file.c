// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files, opened as the client: what he may not read, he does not get.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#include <sspi_linux.h>

#include "file.h"

#define MAX_FILE	(16 << 20)

/* As the client, and as nobody else: what he opens lies below the folder.  Or -errno. */
static int open_beneath(int folder, const char *path)
{
	struct open_how how = {
		/* A pipe that nobody writes to must not hold the thread. */
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	/* EAGAIN: something on the way was renamed meanwhile. */
	do {
		fd = syscall(SYS_openat2, folder, path, &how, sizeof(how));
	} while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

static unsigned int code_of(int err)
{
	return err == EACCES || err == EPERM ? 403 : 404;
}

/* The whole file; its length may change meanwhile. */
static unsigned int read_all(int fd, struct page *page)
{
	struct stat st;
	size_t size;
	ssize_t n;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return 404;
	if (st.st_size > MAX_FILE)
		return 403;
	size = (size_t)st.st_size;
	page->type = "application/octet-stream";
	page->text = malloc(size + 1);
	page->len = 0;
	if (!page->text)
		return 503;
	while (page->len < size) {
		n = read(fd, page->text + page->len, size - page->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		page->len += (size_t)n;
	}
	return 200;
}

unsigned int file_serve(PCtxtHandle context, int folder, const char *path, struct page *page,
			SECURITY_STATUS *status)
{
	unsigned int code;
	int fd;

	*status = ImpersonateSecurityContext(context);
	if (*status != SEC_E_OK)
		return *status == SEC_E_INSUFFICIENT_MEMORY ? 503 : 403;
	fd = open_beneath(folder, path);
	/* A thread that cannot go back must not serve anybody else. */
	if (RevertSecurityContext(context) != SEC_E_OK)
		abort();
	if (fd < 0)
		return code_of(-fd);
	code = read_all(fd, page);
	close(fd);
	return code;
}
