// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Faults of the kernel (kernel: fault-injection/fault-injection.rst).  It takes one
 * with CONFIG_FAULT_INJECTION_DEBUG_FS, CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC and
 * CONFIG_FAULT_INJECTION_USERCOPY.
 *
 * The kernel counts allocations and copies together; which of the two has failed,
 * the counters tell that each kind of fault has of its own.
 *
 * Reading and writing fail-nth takes a copy, too, which counts as any other while
 * the thread is armed: if it is the one that fails, nothing had failed before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "fault.h"
#include "tools/testing/tap/tap.h"

#define DEBUGFS		"/sys/kernel/debug/"

/* Enough never to run out, since at 0 the kernel stops. */
#define TIMES		"1000000000"

/* Touched in advance, so that the stack need not grow while faults are armed. */
#define STACK_SIZE	(256 * 1024)

/* Syslog priorities up to KERN_WARNING */
#define LOUD		4

static const struct {
	const char *path, *value;
} settings[] = {
	/* Without these, allocations that may wait are never failed, and highmem is what
	 * vmalloc() asks for.
	 */
	{ "failslab/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "fail_page_alloc/min-order", "0" },
	{ "failslab/cache-filter", "N" },
	/* For fault_starve(): all of them, of threads that ask for it */
	{ "failslab/task-filter", "Y" },
	{ "fail_page_alloc/task-filter", "Y" },
	{ "failslab/interval", "1" },
	{ "fail_page_alloc/interval", "1" },
	{ "failslab/probability", "0" },
	{ "fail_page_alloc/probability", "0" },
	{ "fail_usercopy/probability", "0" },
	/* The kernel's log is for what goes wrong. */
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/verbose", "0" },
	{ "fail_usercopy/verbose", "0" },
	{ "failslab/times", TIMES },
	{ "fail_page_alloc/times", TIMES },
	{ "fail_usercopy/times", TIMES },
};

/* Warnings of a machine whose host is busy, whatever is called meanwhile */
static const char *const slowness[] = {
	"hrtimer: interrupt took ",
	"clocksource: ",
	"workqueue: ",
	"sched: RT throttling activated",
};

static struct {
	const char *path;
	enum fault_kind kind;
	long left;
} counters[] = {
	{ DEBUGFS "failslab/times", FAULT_ALLOC, 0 },
	{ DEBUGFS "fail_page_alloc/times", FAULT_ALLOC, 0 },
	{ DEBUGFS "fail_usercopy/times", FAULT_COPY, 0 },
};

/* How many of 100 allocations fail, of threads that ask for it */
static struct {
	const char *path;
	int fd;
} shares[] = {
	{ DEBUGFS "failslab/probability", -1 },
	{ DEBUGFS "fail_page_alloc/probability", -1 },
};

#define COUNTERS	(sizeof(counters) / sizeof(counters[0]))
#define SHARES		(sizeof(shares) / sizeof(shares[0]))

static int kernel_log = -1;

/* Files of the thread; 0 - not open */
static _Thread_local int nth_fd, starve_fd;
static _Thread_local unsigned int armed, points;

static int open_own(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", gettid(), name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		tap_bail("%s: %s; this takes a kernel with CONFIG_FAULT_INJECTION", path,
			 strerror(errno));
	return fd;
}

static void write_own(int *fd, const char *name, const char *value)
{
	if (!*fd)
		*fd = open_own(name);
	if (pwrite(*fd, value, strlen(value), 0) < 0)
		tap_bail("%s: %s", name, strerror(errno));
}

static void set_shares(const char *percent)
{
	size_t i;

	for (i = 0; i < SHARES; i++)
		if (write(shares[i].fd, percent, strlen(percent)) < 0)
			tap_bail("%s: %s", shares[i].path, strerror(errno));
}

/* What has failed since the last call; these files can be read only once. */
static enum fault_kind look_at_counters(void)
{
	enum fault_kind kind = FAULT_NONE;
	char text[16];
	long left;
	size_t i;

	for (i = 0; i < COUNTERS; i++) {
		if (!read_file(counters[i].path, text, sizeof(text)))
			tap_bail("%s: %s", counters[i].path, strerror(errno));
		left = strtol(text, NULL, 10);
		if (left != counters[i].left)
			kind = counters[i].kind;
		counters[i].left = left;
	}
	return kind;
}

/* A call may have taken its rights from the thread, which is to go on with this. */
static void open_to_everybody(void)
{
	size_t i;

	if (chmod(DEBUGFS, 0755))
		tap_bail("%s: %s", DEBUGFS, strerror(errno));
	for (i = 0; i < COUNTERS; i++)
		if (chmod(counters[i].path, 0644))
			tap_bail("%s: %s", counters[i].path, strerror(errno));
	for (i = 0; i < SHARES; i++) {
		shares[i].fd = open(shares[i].path, O_WRONLY | O_CLOEXEC);
		if (shares[i].fd < 0)
			tap_bail("%s: %s", shares[i].path, strerror(errno));
	}
}

/*
 * What is made for each processor is made when a thread gets there: the second run
 * would have other allocations than the first.
 */
static void stay_on_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		tap_bail("sched_setaffinity: %s", strerror(errno));
}

/* A page fault must not be what fails: the kernel has no way to tell us. */
static void lock_memory(void)
{
	volatile char stack[STACK_SIZE];
	size_t i;

	for (i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 0;
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		tap_bail("mlockall: %s", strerror(errno));
}

/**
 * fault_init() - get ready; ends the program if the kernel cannot do it
 *
 * To be called once, before any other function of this file.
 */
void fault_init(void)
{
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", settings[i].path);
		if (!write_file(path, settings[i].value))
			tap_bail("%s: %s; this takes root and a kernel that can inject faults",
				 path, strerror(errno));
	}
	open_to_everybody();
	look_at_counters();
	stay_on_processor();
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kernel_log < 0)
		tap_bail("/dev/kmsg: %s", strerror(errno));
	fault_mark();
	lock_memory();
}

/**
 * fault_arm() - have one allocation or copy of this thread fail
 * @n: which one, counted from the return of this function: at least 1
 */
void fault_arm(unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	armed = n;
	write_own(&nth_fd, "fail-nth", text);
}

/**
 * fault_disarm() - no fault from now on
 *
 * Return: what has failed since fault_arm(), if there were so many
 */
enum fault_kind fault_disarm(void)
{
	unsigned int left = 1;
	char text[16] = "";

	/* Reading takes one of those that are left, and writing another one. */
	if (pread(nth_fd, text, sizeof(text) - 1, 0) >= 0)
		left = (unsigned int)strtoul(text, NULL, 10);
	else if (errno != EFAULT)
		tap_bail("fail-nth: %s", strerror(errno));
	if (left > 1 && pwrite(nth_fd, "0", 1, 0) < 0 && errno != EFAULT)
		tap_bail("fail-nth: %s", strerror(errno));
	points = armed - left;
	if (!left)
		return look_at_counters();
	/* Only these two can have been hit, by the above. */
	if (left <= 2)
		look_at_counters();
	return FAULT_NONE;
}

/**
 * fault_points() - allocations and copies between the last fault_arm() and
 *                  fault_disarm(), up to the one that failed
 */
unsigned int fault_points(void)
{
	return points;
}

/**
 * fault_starve() - have every allocation of this thread fail
 */
void fault_starve(void)
{
	if (!starve_fd)
		write_own(&starve_fd, "make-it-fail", "1");
	set_shares("100");
}

/**
 * fault_feed() - undo fault_starve()
 *
 * Return: whether an allocation has failed
 */
bool fault_feed(void)
{
	set_shares("0");
	return look_at_counters() != FAULT_NONE;
}

/**
 * fault_mark() - what was wrong up to now is of no interest
 */
void fault_mark(void)
{
	if (lseek(kernel_log, 0, SEEK_END) < 0)
		tap_bail("/dev/kmsg: %s", strerror(errno));
}

static bool is_slowness(const char *message)
{
	size_t i;

	for (i = 0; i < sizeof(slowness) / sizeof(slowness[0]); i++)
		if (!strncmp(message, slowness[i], strlen(slowness[i])))
			return true;
	return false;
}

/**
 * fault_complaint() - what else has gone wrong since fault_mark()
 * @text: receives it: a warning in the kernel's log
 * @size: room at @text in bytes
 *
 * Return: false if there is nothing, or nothing more
 */
bool fault_complaint(char *text, size_t size)
{
	char record[8192], *message;
	ssize_t n;

	for (;;) {
		n = read(kernel_log, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return false;
		record[n] = '\0';
		message = strchr(record, ';');
		if ((strtoul(record, NULL, 10) & 7) > LOUD || !message)
			continue;
		message++;
		if (is_slowness(message))
			continue;
		message[strcspn(message, "\n")] = '\0';
		snprintf(text, size, "the kernel says: %s", message);
		return true;
	}
}
