// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults inside a call: Documentation/fault-injection/fault-injection.rst.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "run.h"

#define DEBUGFS		"/sys/kernel/debug/"

static bool possible;

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* What a kernel does not have cannot be set. */
	if (write(fd, text, 1) < 0)
		possible = false;
	close(fd);
}

/**
 * fault_init() - see whether this kernel can make things fail
 */
void fault_init(void)
{
	possible = !access("/proc/self/fail-nth", W_OK);
	/* Memory that may be waited for fails too, and nothing is said about it. */
	put(DEBUGFS "failslab/ignore-gfp-wait", "N");
	put(DEBUGFS "failslab/verbose", "0");
	put(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N");
	put(DEBUGFS "fail_page_alloc/verbose", "0");
	put(DEBUGFS "fail_usercopy/verbose", "0");
	put(DEBUGFS "fail_futex/verbose", "0");
}

/**
 * fault_set() - make something fail in this thread's next system calls
 * @n: the n-th thing that can fail, 0 - nothing any more
 */
void fault_set(unsigned int n)
{
	static __thread bool set;
	char text[16];
	int fd;

	if (!possible || (!n && !set))
		return;
	set = n;
	fd = open("/proc/thread-self/fail-nth", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, text, (size_t)snprintf(text, sizeof(text), "%u", n)) < 0)
		set = false;
	/* From here on system calls count, so that one more does. */
	close(fd);
}
