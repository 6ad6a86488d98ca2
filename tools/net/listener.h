/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listening for clients until a signal ends it.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <sys/socket.h>

/**
 * listener_signals() - have SIGINT and SIGTERM end listener_run(), and nothing else
 *
 * Before the first thread, which inherits that.  SIGPIPE is blocked, too: a client that
 * goes away ends nothing but its connection.
 *
 * Return: a descriptor for listener_run(), -1 with errno set
 */
int listener_signals(void);

/**
 * listener_open() - listen
 * @address: IP address
 * @port:    its port, a number; 0: any that is free
 * @bound:   receives what it is
 *
 * Return: the socket; -1 with errno set, which is EDESTADDRREQ for an @address that is none
 */
int listener_open(const char *address, const char *port, struct sockaddr_storage *bound);

/**
 * listener_run() - accept clients
 * @name:     of the program, for its errors
 * @listener: of listener_open()
 * @signals:  of listener_signals()
 * @accepted: called with each new connection, non-blocking, which it takes over
 *
 * Returns after SIGINT and SIGTERM.
 */
void listener_run(const char *name, int listener, int signals,
		  void (*accepted)(int fd, const struct sockaddr_storage *peer));

#endif /* NET_LISTENER_H */
