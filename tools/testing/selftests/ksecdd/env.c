// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is around a test.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/ksecdd.h>

#include "env.h"
#include "suite.h"

#define PARAMS		"/sys/module/ksecdd/parameters/"
#define MAX_PARAMS	16

/* Gauges go back when the last reference does, which may take a moment. */
#define SETTLE_MS	20000

static struct {
	const char *name;
	char value[32];
} saved[MAX_PARAMS];
static size_t nsaved;

/**
 * write_file() - write a text into a file that exists
 * @path: the file
 * @text: the text
 *
 * Return: true, or false with errno
 */
bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;
	size_t len = strlen(text);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, len) == (ssize_t)len;
	err = errno;
	close(fd);
	errno = err;
	return ok;
}

/**
 * read_file() - the beginning of a file
 * @path: the file
 * @buf:  receives it with a NUL behind
 * @size: room in bytes
 *
 * Return: true, or false with errno
 */
bool read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return false;
	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	close(fd);
	return n >= 0;
}

static void put_param(const char *name, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), PARAMS "%s", name);
	if (!write_file(path, value))
		suite_fail(__FILE__, __LINE__, "%s: %s", path, strerror(errno));
}

/**
 * params_restore() - give all parameters the values they had before the tests
 */
void params_restore(void)
{
	while (nsaved) {
		nsaved--;
		put_param(saved[nsaved].name, saved[nsaved].value);
	}
}

static void save_param(const char *name)
{
	char path[256];
	size_t i;

	for (i = 0; i < nsaved; i++)
		if (!strcmp(saved[i].name, name))
			return;
	REQUIRE(nsaved < MAX_PARAMS);
	snprintf(path, sizeof(path), PARAMS "%s", name);
	REQUIRE(read_file(path, saved[nsaved].value, sizeof(saved[nsaved].value)));
	saved[nsaved++].name = name;
}

/**
 * param_set() - give a parameter of the module another value for this test
 * @name:  the parameter; the string must stay
 * @value: its value
 *
 * suite_after() of a program that uses it calls params_restore().
 */
void param_set(const char *name, unsigned int value)
{
	char text[16];

	save_param(name);
	snprintf(text, sizeof(text), "%u", value);
	put_param(name, text);
}

/**
 * status_now() - the module's status
 *
 * Return: what the family's status operation says
 */
struct family_status status_now(void)
{
	struct family_status status;
	struct family family;

	REQUIRE_EQ(family_open(&family), 0);
	REQUIRE_EQ(family_status(&family, &status), 0);
	family_close(&family);
	return status;
}

/**
 * same_gauges() - is there as much of everything as there was?
 * @now:  a status
 * @want: how it was
 *
 * There may be fewer open files and requests: their end does not wait for whoever
 * closes the last descriptor, so that there was one that had been closed already.
 * One that ended twice would make the count of them enormous.
 *
 * Return: true if so
 */
bool same_gauges(const struct family_status *now, const struct family_status *want)
{
	return now->contexts == want->contexts && now->half_open == want->half_open &&
	       now->credentials == want->credentials && now->files <= want->files &&
	       now->requests <= want->requests;
}

/**
 * check_gauges() - check that there is as much of everything as there was
 * @want: how it was
 *
 * Waits for a moment, because closing a descriptor is not the end of what others
 * still hold.
 */
void check_gauges(const struct family_status *want)
{
	const struct timespec step = { .tv_nsec = 20000000 };
	uint64_t until = suite_now_ms() + suite_time(SETTLE_MS);
	struct family_status now;

	do {
		now = status_now();
		if (same_gauges(&now, want))
			return;
		nanosleep(&step, NULL);
	} while (suite_now_ms() < until);
	CHECK_EQ(now.contexts, want->contexts);
	CHECK_EQ(now.half_open, want->half_open);
	CHECK_EQ(now.credentials, want->credentials);
	CHECK(now.files <= want->files);
	CHECK(now.requests <= want->requests);
}

/**
 * become() - be another user for the rest of this process, without capabilities
 * @uid: user and group
 */
void become(uint32_t uid)
{
	REQUIRE_SYS(setgroups(0, NULL));
	REQUIRE_SYS(setresgid(uid, uid, uid));
	REQUIRE_SYS(setresuid(uid, uid, uid));
}

/**
 * user_namespace() - be root of a user namespace of one's own
 *
 * Root there is the user that calls.
 */
void user_namespace(void)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	/* Whoever has changed its user may not write to its own files in /proc. */
	REQUIRE_SYS(prctl(PR_SET_DUMPABLE, 1));
	REQUIRE_SYS(unshare(CLONE_NEWUSER));
	CHECK(write_file("/proc/self/setgroups", "deny"));
	snprintf(map, sizeof(map), "0 %u 1", uid);
	REQUIRE(write_file("/proc/self/uid_map", map));
	snprintf(map, sizeof(map), "0 %u 1", gid);
	REQUIRE(write_file("/proc/self/gid_map", map));
}

/**
 * module_load() - load the module that the guest was started with
 *
 * Return: 0 or -errno
 */
int module_load(void)
{
	const char *folder = getenv("KSECDD_KMOD");
	char path[PATH_MAX];
	int file, err;

	REQUIRE(folder);
	snprintf(path, sizeof(path), "%s/ksecdd.ko", folder);
	file = (int)REQUIRE_SYS(open(path, O_RDONLY | O_CLOEXEC));
	err = syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
	close(file);
	return err;
}

/**
 * module_unload() - unload the module
 *
 * Return: 0 or -errno: -EAGAIN - somebody has it in use
 */
int module_unload(void)
{
	return syscall(SYS_delete_module, "ksecdd", O_NONBLOCK) ? -errno : 0;
}

/**
 * module_must_unload() - unload the module, which nobody has in use
 *
 * What was closed a moment ago may still be on its way out, but not for long.
 */
void module_must_unload(void)
{
	uint64_t until = suite_now_ms() + suite_time(SETTLE_MS);
	int err;

	do {
		err = module_unload();
	} while (err == -EAGAIN && suite_now_ms() < until);
	REQUIRE_EQ(err, 0);
	CHECK_EQ(module_unload(), -ENOENT);
	CHECK_EQ(access(KSECDD_DEVICE, F_OK), -1);
}
