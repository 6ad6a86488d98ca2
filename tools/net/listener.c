// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Listening for clients.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "listener.h"

int listener_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL))
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int listener_open(const char *address, const char *port, struct sockaddr_storage *bound)
{
	static const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
	};
	socklen_t len = sizeof(*bound);
	struct addrinfo *info;
	int fd, yes = 1, err;

	if (getaddrinfo(address, port, &hints, &info)) {
		errno = EDESTADDRREQ;
		return -1;
	}
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
			bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 128) ||
			getsockname(fd, (struct sockaddr *)bound, &len))) {
		err = errno;
		close(fd);
		errno = err;
		fd = -1;
	}
	freeaddrinfo(info);
	return fd;
}

static void accept_all(const char *name, int listener,
		       void (*accepted)(int fd, const struct sockaddr_storage *peer))
{
	struct sockaddr_storage peer;
	socklen_t len;
	int fd, yes = 1;

	for (;;) {
		len = sizeof(peer);
		fd = accept4(listener, (struct sockaddr *)&peer, &len,
			     SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0) {
			/* Descriptors come back when a client goes; do not spin until then. */
			if (errno != EAGAIN) {
				fprintf(stderr, "%s: accept: %s\n", name, strerror(errno));
				poll(NULL, 0, 100);
			}
			return;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		accepted(fd, &peer);
	}
}

void listener_run(const char *name, int listener, int signals,
		  void (*accepted)(int fd, const struct sockaddr_storage *peer))
{
	struct pollfd pfd[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(pfd, 2, -1) < 0 && errno != EINTR) {
			fprintf(stderr, "%s: poll: %s\n", name, strerror(errno));
			return;
		}
		if (pfd[1].revents)
			return;
		if (pfd[0].revents)
			accept_all(name, listener, accepted);
	}
}
