// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Getting a password from a person, at the terminal and unseen, or from the
 * first line of a file.  It goes through no stdio buffer, which nobody wipes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tools/ksecctl/password.h"

static volatile sig_atomic_t caught;

static void catch(int signal)
{
	caught = signal;
}

/* What would leave the terminal without echo if it ended the program. */
static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };

#define NSIGNALS	(sizeof(signals) / sizeof(signals[0]))

/*
 * They are blocked but while read_line() waits: one that came between the prompt
 * and the read() would otherwise be caught, and the program would go on waiting.
 */
static void catch_signals(struct sigaction old[NSIGNALS], sigset_t *mask)
{
	struct sigaction action;
	sigset_t blocked;
	size_t i;

	sigemptyset(&blocked);
	for (i = 0; i < NSIGNALS; i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, mask);
	memset(&action, 0, sizeof(action));
	action.sa_handler = catch;
	caught = 0;
	for (i = 0; i < NSIGNALS; i++)
		sigaction(signals[i], &action, &old[i]);
}

static void release_signals(const struct sigaction old[NSIGNALS], const sigset_t *mask)
{
	size_t i;

	sigprocmask(SIG_SETMASK, mask, NULL);
	for (i = 0; i < NSIGNALS; i++)
		sigaction(signals[i], &old[i], NULL);
	if (caught)
		raise(caught);
}

/**
 * password_clear() - wipe a password
 * @password: the password
 */
void password_clear(struct password *password)
{
	explicit_bzero(password, sizeof(*password));
}

/* password_read(), with @mask for the signals while it waits; NULL - as they are. */
static int read_line(int fd, const sigset_t *mask, struct password *password)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t n;
	char c;

	password->len = 0;
	for (;;) {
		/* Byte by byte: what follows is not ours. */
		n = ppoll(&pfd, 1, NULL, mask);
		if (n > 0)
			n = read(fd, &c, 1);
		if (n < 0)
			return -errno;
		if (!n || c == '\n')
			break;
		if (!c)
			return -EINVAL;
		if (password->len == KSECDD_MAX_SECRET)
			return -E2BIG;
		password->text[password->len++] = c;
	}
	password->text[password->len] = '\0';
	return 0;
}

/**
 * password_read() - read a password from a file
 * @fd: the file; read up to its first line feed
 * @password: the result, without the line feed; may be empty
 *
 * Return: 0; -E2BIG - more than KSECDD_MAX_SECRET bytes; -EINVAL - it has a NUL;
 * -EINTR; another -errno of read().
 */
int password_read(int fd, struct password *password)
{
	return read_line(fd, NULL, password);
}

static int say(int tty, const char *text)
{
	size_t len = strlen(text);

	return write(tty, text, len) == (ssize_t)len ? 0 : -EIO;
}

static int ask_once(int tty, const char *prompt, struct password *password)
{
	struct sigaction actions[NSIGNALS];
	struct termios old, quiet;
	sigset_t mask;
	int ret;

	if (tcgetattr(tty, &old))
		return -errno;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	quiet.c_lflag |= ICANON | ISIG;
	catch_signals(actions, &mask);
	ret = tcsetattr(tty, TCSAFLUSH, &quiet) ? -errno : say(tty, prompt);
	if (!ret)
		ret = read_line(tty, &mask, password);
	tcsetattr(tty, TCSAFLUSH, &old);
	say(tty, "\n");
	release_signals(actions, &mask);
	return ret;
}

/**
 * password_ask() - ask a person for a new password, twice
 * @account: whose it is to be, fit for a terminal
 * @password: the result
 *
 * Return: 0; -ENXIO - there is no terminal; -EAGAIN - the two differ; -EINTR - a
 * signal came; an error of password_read().
 */
int password_ask(const char *account, struct password *password)
{
	struct password again = { 0 };
	char prompt[2048];
	int tty, ret;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return -ENXIO;
	snprintf(prompt, sizeof(prompt), "New password of %s: ", account);
	ret = ask_once(tty, prompt, password);
	if (!ret)
		ret = ask_once(tty, "The same again: ", &again);
	if (!ret && (again.len != password->len ||
		     memcmp(again.text, password->text, again.len)))
		ret = -EAGAIN;
	password_clear(&again);
	close(tty);
	return ret;
}
