// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is around the engines when memory runs out: the configuration, the workers,
 * the netlink sockets.  Each allocation fails in turn; nothing leaks, the reason is
 * told, and the next attempt goes well.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/logon.h"
#include "helper/netlink.h"
#include "helper/worker.h"
#include "tools/testing/selftests/ksecdd/suite.h"
#include "tools/testing/selftests/ksecdd/sweep.h"
#include "tools/testing/tap/tap.h"

#define WORKERS	3

static char path[] = "/tmp/ksecd-test-memory.XXXXXX";

static const struct sweep_faults memory = { { -ENOMEM, SWEEP_END }, { SWEEP_END } };

/* pthread_create(3) has EAGAIN for whatever is not enough. */
static const struct sweep_faults threads = { { -ENOMEM, -EAGAIN, SWEEP_END }, { SWEEP_END } };

/* Further functions that need memory */

void *__real_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
			  void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
			  void *arg);
struct nl_sock *__real_nl_socket_alloc(void);
struct nl_sock *__wrap_nl_socket_alloc(void);
struct nl_msg *__real_nlmsg_alloc(void);
struct nl_msg *__wrap_nlmsg_alloc(void);

void *__wrap_mmap(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	return fault_alloc_fails() ? MAP_FAILED : __real_mmap(at, len, prot, flags, fd, offset);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
			  void *arg)
{
	return fault_alloc_fails() ? EAGAIN : __real_pthread_create(thread, attr, fn, arg);
}

struct nl_sock *__wrap_nl_socket_alloc(void)
{
	return fault_alloc_fails() ? NULL : __real_nl_socket_alloc();
}

struct nl_msg *__wrap_nlmsg_alloc(void)
{
	return fault_alloc_fails() ? NULL : __real_nlmsg_alloc();
}

/* The configuration */

static struct settings *settings;
static struct config_error err;

static int32_t settings_run(const void *arg)
{
	(void)arg;
	return settings_load(path, false, &settings, &err);
}

static void settings_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome) {
		CHECK(strstr(err.text, "emory"));
		REQUIRE_EQ(settings_run(arg), 0);
	}
	CHECK_EQ(settings->config.export_key.n, 3);
	settings_put(settings);
}

/* Workers */

static struct worker_pool *pool;

static void pool_begin(const void *arg)
{
	REQUIRE_EQ(settings_run(arg), 0);
}

static int32_t pool_run(const void *arg)
{
	(void)arg;
	return worker_pool_start(WORKERS, 10, settings, &pool);
}

static void pool_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome)
		REQUIRE_EQ(pool_run(arg), 0);
	CHECK_EQ(worker_pool_room(pool), 10);
	worker_pool_stop(pool);
	CHECK_EQ(settings->refs, 1);
}

static void pool_end(const void *arg)
{
	(void)arg;
	settings_put(settings);
}

/* Netlink, with a family that every kernel has */

static struct netlink nl;

static int32_t netlink_run(const void *arg)
{
	int ret = netlink_open(&nl, true);

	(void)arg;
	return ret ? ret : netlink_resolve(&nl, "nlctrl");
}

static void netlink_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	netlink_close(&nl);
	if (outcome)
		REQUIRE_EQ(netlink_run(arg), 0);
	netlink_close(&nl);
}

static const struct sweep rows[] = {
	{ .name = "the configuration", .faults = &memory, .run = settings_run,
	  .after = settings_after },
	{ .name = "workers", .faults = &threads, .begin = pool_begin, .run = pool_run,
	  .after = pool_after, .end = pool_end },
	{ .name = "a netlink socket", .faults = &memory, .run = netlink_run,
	  .after = netlink_after },
};

int main(int argc, char **argv)
{
	static const char text[] = "[accounts]\nsource = file, winbind\nfile = /nowhere\n"
				   "[policy]\nsession-key-export = 1, 2, 3\n";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) != sizeof(text) - 1 || close(fd))
		tap_bail("cannot write %s: %s", path, strerror(errno));
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	unlink(path);
	return argc;
}
