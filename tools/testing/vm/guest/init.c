// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Process 1 of the test guest: sets up, runs the command, takes everything down
 * again and tells the host what came of it on a port of its own:
 *
 *	ready		the command is about to be started
 *	exit CODE	how it ended
 *	fail TEXT	something that the command is not to blame for went wrong
 *	done		the guest is about to switch itself off
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

/* Bits of /proc/sys/kernel/tainted that no run may leave (kernel: admin-guide/tainted-kernels). */
#define TAINT_BAD_PAGE	(1ul << 5)
#define TAINT_DIE	(1ul << 7)
#define TAINT_WARN	(1ul << 9)
#define TAINT_LOCKUP	(1ul << 14)

static int control = -1;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list arguments;

	if (control < 0)
		return;
	va_start(arguments, format);
	vdprintf(control, format, arguments);
	va_end(arguments);
}

/**
 * guest_note() - a line in the console's log
 * @format: as of printf, without the end of the line
 */
void guest_note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("guest: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

static void power_off(void) __attribute__((noreturn));

static void power_off(void)
{
	say("done\n");
	sync();
	for (;;) {
		reboot(RB_POWER_OFF);
		sleep(1);
	}
}

/**
 * guest_fail() - give up: the host learns why, and the guest switches itself off
 * @format: as of printf, without the end of the line
 */
void guest_fail(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	guest_note("%s", text);
	say("fail %s\n", text);
	power_off();
}

static int ksecd(const struct guest_config *config, const char *verb)
{
	const char *argv[] = { config->ksecd, verb, NULL };

	return guest_spawn(argv);
}

static void load(const struct guest_config *config)
{
	const char *argv[64] = { "/sbin/modprobe", "-a" };
	char *needs, *word;
	size_t count = 2;

	if (config->needs) {
		needs = strdup(config->needs);
		for (word = strtok(needs, " "); word && count < 63; word = strtok(NULL, " "))
			argv[count++] = word;
		/* Some may be built in under another name: the module itself will tell. */
		if (count > 2 && guest_spawn(argv) != 0)
			guest_note("not all of '%s' could be loaded", config->needs);
	}
	guest_insmod(config->module, "");
	if (access("/dev/ksecdd", F_OK) != 0)
		guest_fail("%s is loaded, but there is no /dev/ksecdd", config->module);
}

/*
 * A context that nobody owns any more holds the module: rmmod would say that it is
 * in use. The last descriptors are closed by a worker, so wait a moment for it.
 */
static void unload(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		if (syscall(SYS_delete_module, "ksecdd", O_NONBLOCK) == 0)
			return;
		if (errno == ENOENT)
			return;
		usleep(50000);
	}
	say("fail ksecdd cannot be unloaded at the end, something still holds it: %s\n",
	    strerror(errno));
}

static void check_taint(void)
{
	const unsigned long bad = TAINT_BAD_PAGE | TAINT_DIE | TAINT_WARN | TAINT_LOCKUP;
	unsigned long taint = 0;
	FILE *f = fopen("/proc/sys/kernel/tainted", "r");

	if (!f || fscanf(f, "%lu", &taint) != 1)
		say("fail cannot read the kernel's taint\n");
	else if (taint & bad)
		say("fail the kernel has complained: its taint is %lu\n", taint);
	if (f)
		fclose(f);
}

/* Only a kernel made for debugging has it. It takes two scans to be sure. */
static void check_leaks(void)
{
	static const char path[] = "/sys/kernel/debug/kmemleak";
	int fd = open(path, O_RDWR | O_CLOEXEC), i;
	char report[4096];
	ssize_t got;

	if (fd < 0)
		return;
	/* Younger than 5 s, memory is not looked for (mm/kmemleak.c). */
	sleep(6);
	for (i = 0; i < 2; i++) {
		if (write(fd, "scan", 4) != 4)
			guest_note("kmemleak does not scan: %s", strerror(errno));
	}
	got = read(fd, report, sizeof(report) - 1);
	if (got > 0) {
		report[got] = '\0';
		fputs(report, stderr);
		say("fail memory has leaked; the log says where it was allocated\n");
	}
	close(fd);
}

int main(void)
{
	struct guest_config config;
	int code;

	signal(SIGPIPE, SIG_IGN);
	guest_config_read(&config);
	guest_root_enter();
	control = guest_port_open("ksecdd.control", O_RDWR);
	if (control < 0)
		guest_fail("the host gave this guest no control port");
	guest_root_furnish();
	guest_share_folders();
	if (config.modules)
		guest_modules_copy(config.modules);
	guest_network_up(config.network);
	if (sethostname("ksecdd", 6) != 0)
		guest_note("hostname: %s", strerror(errno));
	if (config.module)
		load(&config);
	if (config.ksecd && ksecd(&config, "start") != 0)
		guest_fail("ksecd did not start; the log says why");

	say("ready\n");
	code = guest_command_run(&config, control);
	say("exit %d\n", code);

	if (config.ksecd && ksecd(&config, "stop") != 0)
		say("fail ksecd did not end as it should; the log says how\n");
	guest_kill_rest();
	if (config.module)
		unload();
	check_leaks();
	check_taint();
	power_off();
}
