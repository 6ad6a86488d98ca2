// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of malloc() and of other functions of libc that fail for want of memory.
 * The linker sends here what the program's own objects call (-Wl,--wrap); what
 * libraries do among themselves is theirs.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

/* __real_NAME() is libc's, and __wrap_NAME() what the program gets. */
#define WRAPPED(type, name, ...)			\
	type __real_##name(__VA_ARGS__);		\
	type __wrap_##name(__VA_ARGS__)

WRAPPED(void *, malloc, size_t size);
WRAPPED(void *, calloc, size_t n, size_t size);
WRAPPED(void *, realloc, void *p, size_t size);
WRAPPED(void *, reallocarray, void *p, size_t n, size_t size);
WRAPPED(void, free, void *p);
WRAPPED(char *, strdup, const char *s);
WRAPPED(char *, strndup, const char *s, size_t n);
WRAPPED(char *, realpath, const char *path, char *resolved);
WRAPPED(int, getpwnam_r, const char *name, struct passwd *pw, char *buf, size_t size,
	struct passwd **found);
WRAPPED(int, getpwuid_r, uid_t uid, struct passwd *pw, char *buf, size_t size,
	struct passwd **found);
WRAPPED(int, getgrouplist, const char *user, gid_t group, gid_t *groups, int *n);
int __wrap_asprintf(char **ret, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Allocations until the one that fails, 0 - none; then, whether all others do, too */
static _Thread_local unsigned int left, armed;
static _Thread_local bool starving, failed;

/* Blocks that have not been freed */
static atomic_long live;
static long marked;

static bool fails(void)
{
	if (!starving && (!left || --left))
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

static void *count(void *p)
{
	if (p)
		atomic_fetch_add(&live, 1);
	return p;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : count(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	void *new = fails() ? NULL : __real_realloc(p, size);

	return p ? new : count(new);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	void *new = fails() ? NULL : __real_reallocarray(p, n, size);

	return p ? new : count(new);
}

void __wrap_free(void *p)
{
	if (p)
		atomic_fetch_sub(&live, 1);
	__real_free(p);
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : count(__real_strdup(s));
}

char *__wrap_strndup(const char *s, size_t n)
{
	return fails() ? NULL : count(__real_strndup(s, n));
}

char *__wrap_realpath(const char *path, char *resolved)
{
	char *p = fails() ? NULL : __real_realpath(path, resolved);

	return resolved ? p : count(p);
}

int __wrap_asprintf(char **ret, const char *fmt, ...)
{
	va_list args;
	int n;

	/* After a failure @ret is undefined: nobody may look at it. */
	*ret = NULL;
	if (fails())
		return -1;
	va_start(args, fmt);
	n = vasprintf(ret, fmt, args);
	va_end(args);
	if (n >= 0)
		count(*ret);
	return n;
}

int __wrap_getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t size,
		      struct passwd **found)
{
	*found = NULL;
	return fails() ? ENOMEM : __real_getpwnam_r(name, pw, buf, size, found);
}

int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size,
		      struct passwd **found)
{
	*found = NULL;
	return fails() ? ENOMEM : __real_getpwuid_r(uid, pw, buf, size, found);
}

/* glibc leaves @n alone when it is out of memory. */
int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *n)
{
	return fails() ? -1 : __real_getgrouplist(user, group, groups, n);
}

/**
 * fault_alloc_fails() - for further functions that a test has the linker wrap
 *
 * Return: whether the call is to fail for want of memory; errno is ENOMEM then
 */
bool fault_alloc_fails(void)
{
	return fails();
}

/* What these do is said in fault_kernel.c. */

void fault_init(void)
{
	fault_mark();
}

void fault_arm(unsigned int n)
{
	failed = false;
	armed = n;
	left = n;
}

enum fault_kind fault_disarm(void)
{
	armed -= left;
	left = 0;
	return failed ? FAULT_ALLOC : FAULT_NONE;
}

unsigned int fault_points(void)
{
	return armed;
}

void fault_starve(void)
{
	failed = false;
	starving = true;
}

bool fault_feed(void)
{
	starving = false;
	return failed;
}

void fault_mark(void)
{
	marked = atomic_load(&live);
}

/* Memory that nobody has freed, or freed twice */
bool fault_complaint(char *text, size_t size)
{
	long more = atomic_load(&live) - marked;

	fault_mark();
	if (more)
		snprintf(text, size, "%ld pieces of memory more than before", more);
	return more;
}
