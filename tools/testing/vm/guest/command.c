// SPDX-License-Identifier: GPL-2.0-or-later
/* Running the host's command, and carrying its output to the host. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "guest.h"

/* After the command has ended, what it left behind may write for so long. */
#define DRAIN_MS 5000

/* One stream of the command, from its pipe to the host's port. */
struct stream {
	int from;
	int to;
};

static void write_all(int fd, const char *data, size_t size)
{
	ssize_t done;

	while (size > 0) {
		done = write(fd, data, size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		data += done;
		size -= (size_t)done;
	}
}

/* Carry what there is; at its end the pipe is closed. */
static void carry(struct stream *stream)
{
	char buffer[65536];
	ssize_t got = read(stream->from, buffer, sizeof(buffer));

	if (got > 0) {
		write_all(stream->to, buffer, (size_t)got);
	} else if (got == 0 || errno != EINTR) {
		close(stream->from);
		stream->from = -1;
	}
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	write_all(fd, text, strlen(text));
	close(fd);
}

/* Where each process is: a hang is often not the kernel's. */
static void dump_processes(void)
{
	static const char *const parts[] = { "comm", "wchan", "stack" };
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	char path[300], program[1];
	size_t i;

	while (dir && (entry = readdir(dir))) {
		/* Only what runs a program: the kernel's own threads do not. */
		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		if (atoi(entry->d_name) <= 1 || readlink(path, program, sizeof(program)) < 0)
			continue;
		fprintf(stderr, "process %s:\n", entry->d_name);
		for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			char line[4096] = "";
			ssize_t got = -1;
			int fd;

			snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name, parts[i]);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0) {
				got = read(fd, line, sizeof(line) - 1);
				close(fd);
			}
			if (got > 0)
				fprintf(stderr, "  %s: %s\n", parts[i], line);
		}
	}
	if (dir)
		closedir(dir);
}

/* What the host says on the control port, a word with arguments on each line. */
static void obey(int control, int terminal)
{
	struct winsize size = { 0 };
	char line[256];
	ssize_t got = read(control, line, sizeof(line) - 1);
	unsigned short rows, columns;

	if (got <= 0)
		return;
	line[got] = '\0';
	if (sscanf(line, "size %hu %hu", &rows, &columns) == 2) {
		size.ws_row = rows;
		size.ws_col = columns;
		ioctl(terminal, TIOCSWINSZ, &size);
	} else if (strncmp(line, "dump", 4) == 0) {
		write_file("/proc/sys/kernel/printk", "8");
		write_file("/proc/sysrq-trigger", "w");
		write_file("/proc/sysrq-trigger", "l");
		dump_processes();
		write_all(control, "dumped\n", 7);
	}
}

static void child_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
}

/**
 * guest_spawn() - run a program, with its output on the console, and wait for it
 * @argv: the program's path and arguments
 *
 * Return: its exit code; 128 and the signal's number if one ended it; 127 when it
 * cannot be started.
 */
int guest_spawn(const char *const argv[])
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		child_signals();
		execv(argv[0], (char *const *)argv);
		guest_note("cannot run %s: %s", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0)
		return 127;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The command's own process: never returns. */
static void become_command(const struct guest_config *config, const int out[2], int terminal)
{
	int in = -1;

	child_signals();
	setsid();
	if (chdir(config->top) != 0)
		guest_note("cannot enter %s: %s", config->top, strerror(errno));
	if (terminal >= 0) {
		ioctl(terminal, TIOCSCTTY, 0);
		dup2(terminal, 0);
		dup2(terminal, 1);
		dup2(terminal, 2);
		execl("/bin/bash", "bash", "--rcfile", "/etc/bash.bashrc", "-i", NULL);
	} else {
		in = open("/dev/null", O_RDONLY);
		dup2(in, 0);
		dup2(out[0], 1);
		dup2(out[1], 2);
		execl("/bin/bash", "bash", "-c", config->command, NULL);
	}
	_exit(127);
}

static int open_terminal(const struct guest_config *config)
{
	struct winsize size = {
		.ws_row = (unsigned short)config->rows,
		.ws_col = (unsigned short)config->columns,
	};
	int fd = open("/dev/hvc0", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		guest_fail("cannot open the console for the shell: %s", strerror(errno));
	ioctl(fd, TIOCSWINSZ, &size);
	return fd;
}

/*
 * The command writes into pipes and not into the ports themselves: a port can be
 * opened only once, so that /dev/stderr would not work there.
 */
static pid_t start(const struct guest_config *config, struct stream streams[2], int terminal)
{
	static const char *const names[] = { "ksecdd.stdout", "ksecdd.stderr" };
	int out[2] = { -1, -1 }, ends[2], i;
	pid_t pid;

	for (i = 0; terminal < 0 && i < 2; i++) {
		streams[i].to = guest_port_open(names[i], O_WRONLY);
		if (streams[i].to < 0 && i == 1) {
			/* The host has only one place for both. */
			out[1] = dup(out[0]);
			fcntl(out[1], F_SETFD, FD_CLOEXEC);
			break;
		}
		if (streams[i].to < 0 || pipe2(ends, O_CLOEXEC) != 0)
			guest_fail("no port %s: %s", names[i], strerror(errno));
		streams[i].from = ends[0];
		out[i] = ends[1];
	}
	pid = fork();
	if (pid == 0)
		become_command(config, out, terminal);
	if (pid < 0)
		guest_fail("cannot start the command: %s", strerror(errno));
	for (i = 0; i < 2; i++)
		if (out[i] >= 0)
			close(out[i]);
	return pid;
}

/* Reap all that ended: as the first process this is everybody's last parent. */
static bool reap(pid_t wanted, int *code)
{
	bool found = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != wanted)
			continue;
		*code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		found = true;
	}
	return found;
}

/**
 * guest_kill_rest() - end every process but this one
 *
 * Whoever loses its parent becomes a child of this process, so nobody is left when
 * there is no child.
 */
void guest_kill_rest(void)
{
	int i;

	for (i = 0; i < 500; i++) {
		kill(-1, SIGKILL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		usleep(10000);
	}
	guest_note("some processes cannot be ended");
}

/**
 * guest_command_run() - run the host's command, or a shell on the console
 * @config:  the host's wishes
 * @control: the control port, on which the host may speak meanwhile
 *
 * When the command has ended, so have the processes that it left, except ksecd.
 *
 * Return: the exit code, 128 and the signal's number if one ended it.
 */
int guest_command_run(const struct guest_config *config, int control)
{
	struct stream streams[2] = { { -1, -1 }, { -1, -1 } };
	int terminal = config->command ? -1 : open_terminal(config);
	int signals, code = 127, left = DRAIN_MS;
	bool ended = false;
	sigset_t child;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	pid = start(config, streams, terminal);

	while (!ended || (left > 0 && (streams[0].from >= 0 || streams[1].from >= 0))) {
		struct pollfd fds[] = {
			{ .fd = streams[0].from, .events = POLLIN },
			{ .fd = streams[1].from, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
			{ .fd = control, .events = POLLIN },
		};
		struct signalfd_siginfo info;

		if (poll(fds, 4, ended ? 100 : -1) == 0)
			left -= 100;
		if (fds[0].revents)
			carry(&streams[0]);
		if (fds[1].revents)
			carry(&streams[1]);
		if (fds[2].revents && read(signals, &info, sizeof(info)) > 0 && reap(pid, &code)) {
			ended = true;
			/* What it started and left must not keep the pipes open. */
			kill(-pid, SIGKILL);
		}
		if (fds[3].revents)
			obey(control, terminal);
	}
	if (left <= 0)
		guest_note("processes that the command left still hold its output");
	close(signals);
	return code;
}
