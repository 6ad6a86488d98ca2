// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts and stops ksecd in the test guest, in place of the service manager that
 * the guest does not have. Process 1 uses it, and so do tests.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define PID_FILE	"/run/vm-ksecd.pid"
#define ENDED_FILE	"/run/vm-ksecd.ended"
#define LOG_FILE	"/var/log/ksecd.log"
#define CONFIG_DIR	"/etc/ksecd"

/* How long ksecd may take; the guest is an emulated machine on a busy host. */
#define START_MS	60000
#define STOP_MS		30000

/* What is shown of the log when something went wrong. */
#define LOG_SHOWN	8192

static const char usage[] =
	"usage: vm-ksecd start [OPTION-OF-KSECD...]   start it, wait until it serves\n"
	"       vm-ksecd stop                         end it; fails if it does not end as\n"
	"                                             it should, or has crashed before\n"
	"       vm-ksecd restart [OPTION-OF-KSECD...] both\n"
	"       vm-ksecd pid                          print its process id\n"
	"\n"
	"Its log is " LOG_FILE ". The first start copies the test configuration to\n"
	CONFIG_DIR ", from the folder $KSECDD_TOP/tools/testing/vm.\n";

static int complain(const char *what)
{
	fprintf(stderr, "vm-ksecd: %s: %s\n", what, strerror(errno));
	return 1;
}

static void show_log(void)
{
	int fd = open(LOG_FILE, O_RDONLY | O_CLOEXEC);
	struct stat st;
	off_t from;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	from = st.st_size > LOG_SHOWN ? st.st_size - LOG_SHOWN : 0;
	lseek(fd, from, SEEK_SET);
	fprintf(stderr, "vm-ksecd: the end of %s:\n", LOG_FILE);
	while (sendfile(STDERR_FILENO, fd, NULL, LOG_SHOWN) > 0)
		;
	close(fd);
}

/* A copy that belongs to root, which the host's file may not. */
static int copy_file(const char *name)
{
	const char *top = getenv("KSECDD_TOP");
	char from[4096], to[256];
	struct stat st;
	int in, out, ret = 1;

	snprintf(to, sizeof(to), CONFIG_DIR "/%s", name);
	if (access(to, F_OK) == 0)
		return 0;
	if (!top) {
		errno = EINVAL;
		return complain("KSECDD_TOP, the repository's folder, is not set");
	}
	snprintf(from, sizeof(from), "%s/tools/testing/vm/%s", top, name);
	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return complain(from);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0 && fstat(in, &st) == 0 &&
	    sendfile(out, in, NULL, (size_t)st.st_size) == st.st_size)
		ret = 0;
	else
		complain(to);
	if (out >= 0)
		close(out);
	close(in);
	return ret;
}

static int copy_configuration(void)
{
	if (mkdir(CONFIG_DIR, 0755) != 0 && errno != EEXIST)
		return complain(CONFIG_DIR);
	return copy_file("ksecd.conf") || copy_file("accounts");
}

/* The process id, or 0 when none runs. */
static pid_t running(void)
{
	FILE *f = fopen(PID_FILE, "re");
	int pid = 0;

	if (f && fscanf(f, "%d", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	return pid;
}

/* Wait for the end of a process, and for its parent to have noted it down. */
static bool ended(pid_t pid, int timeout_ms)
{
	struct pollfd end = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN
	};
	bool gone = end.fd < 0 || poll(&end, 1, timeout_ms) == 1;
	int i;

	if (end.fd >= 0)
		close(end.fd);
	for (i = 0; gone && running() == pid && i < 5000; i++)
		usleep(1000);
	return gone;
}

static void append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		complain(path);
	if (fd >= 0)
		close(fd);
}

static void write_pid(pid_t pid)
{
	FILE *f = fopen(PID_FILE, "we");
	bool written = f && fprintf(f, "%d\n", pid) > 0;

	if ((f && fclose(f) != 0) || !written)
		complain(PID_FILE);
}

/* The parent of ksecd, which keeps how it ended; never returns. */
static void supervise(char **argv, const char *notify)
{
	int null = open("/dev/null", O_RDWR), log;
	char line[64];
	siginfo_t end;
	pid_t pid;

	setsid();
	log = open(LOG_FILE, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (null < 0 || log < 0) {
		complain(LOG_FILE);
		_exit(1);
	}
	dup2(null, 0);
	dup2(log, 1);
	dup2(log, 2);
	setenv("NOTIFY_SOCKET", notify, 1);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		complain(argv[0]);
		_exit(127);
	}
	unsetenv("NOTIFY_SOCKET");
	write_pid(pid);
	/*
	 * Its id is not free for others until it is waited for; the file is gone before,
	 * so that it never names a process that is not ours.
	 */
	while (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT) != 0 && errno == EINTR)
		;
	snprintf(line, sizeof(line), "%s %d\n",
		 end.si_code == CLD_EXITED ? "exited" : "signal", end.si_status);
	append(ENDED_FILE, line);
	unlink(PID_FILE);
	_exit(0);
}

/* A socket for sd_notify(); @name gets what NOTIFY_SOCKET has to be. */
static int notify_socket(char *name, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int length;

	length = snprintf(name, size, "@vm-ksecd-%d", getpid());
	memcpy(address.sun_path + 1, name + 1, (size_t)length - 1);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address,
			    (socklen_t)(sizeof(sa_family_t) + (size_t)length)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool says_ready(int fd)
{
	char message[1024], *line;
	ssize_t got = recv(fd, message, sizeof(message) - 1, 0);

	if (got <= 0)
		return false;
	message[got] = '\0';
	for (line = strtok(message, "\n"); line; line = strtok(NULL, "\n"))
		if (strcmp(line, "READY=1") == 0)
			return true;
	return false;
}

/* The write end of @alive is held by the supervisor: it closes when that ends. */
static int wait_ready(int notify, int alive)
{
	struct pollfd fds[] = {
		{ .fd = notify, .events = POLLIN },
		{ .fd = alive, .events = POLLIN },
	};
	int left = START_MS;

	while (left > 0) {
		if (poll(fds, 2, 100) == 0)
			left -= 100;
		if (fds[0].revents & POLLIN && says_ready(notify))
			return 0;
		if (fds[1].revents) {
			fprintf(stderr, "vm-ksecd: ksecd ended at once\n");
			return 1;
		}
	}
	fprintf(stderr, "vm-ksecd: ksecd did not say within %d s that it is ready\n",
		START_MS / 1000);
	return 1;
}

static int start(char **argv)
{
	int notify, alive[2], ret;
	char name[64];
	pid_t pid;

	pid = running();
	if (pid && !ended(pid, 0)) {
		fprintf(stderr, "vm-ksecd: ksecd runs already (process %d)\n", pid);
		return 1;
	}
	if (copy_configuration() != 0)
		return 1;
	notify = notify_socket(name, sizeof(name));
	if (notify < 0 || pipe2(alive, O_CLOEXEC) != 0)
		return complain("cannot wait for ksecd");
	pid = fork();
	if (pid == 0) {
		close(alive[0]);
		close(notify);
		supervise(argv, name);
	}
	if (pid < 0)
		return complain("fork");
	close(alive[1]);
	ret = wait_ready(notify, alive[0]);
	if (ret)
		show_log();
	close(alive[0]);
	close(notify);
	return ret;
}

/*
 * Killed is what tests do to it, on purpose. Everything else that ends a process
 * by a signal is a crash, and so is the exit code of a sanitizer.
 */
static int judge_ends(void)
{
	FILE *f = fopen(ENDED_FILE, "re");
	char line[64];
	int ret = 0;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "exited 0") == 0 || strcmp(line, "signal 9") == 0)
			continue;
		fprintf(stderr, "vm-ksecd: ksecd has ended with '%s'\n", line);
		ret = 1;
	}
	if (f)
		fclose(f);
	if (ret)
		show_log();
	return ret;
}

static int stop(void)
{
	pid_t pid = running();

	if (pid) {
		/* One that is stopped would not notice. */
		kill(pid, SIGCONT);
		kill(pid, SIGTERM);
		if (!ended(pid, STOP_MS)) {
			fprintf(stderr, "vm-ksecd: ksecd does not end when told to\n");
			show_log();
			kill(pid, SIGKILL);
			return 1;
		}
	}
	return judge_ends();
}

int main(int argc, char **argv)
{
	static char ksecd[] = "ksecd";
	const char *verb = argc > 1 ? argv[1] : "";

	/* ksecd's name, in the place of the verb, makes the rest its command line. */
	if (argc > 1)
		argv[1] = ksecd;
	if (strcmp(verb, "start") == 0)
		return start(argv + 1);
	if (strcmp(verb, "stop") == 0 && argc == 2)
		return stop();
	if (strcmp(verb, "restart") == 0)
		return stop() || start(argv + 1);
	if (strcmp(verb, "pid") == 0 && argc == 2) {
		if (!running()) {
			fprintf(stderr, "vm-ksecd: ksecd does not run\n");
			return 1;
		}
		printf("%d\n", running());
		return 0;
	}
	fputs(usage, strcmp(verb, "--help") == 0 ? stdout : stderr);
	return strcmp(verb, "--help") == 0 ? 0 : 2;
}
