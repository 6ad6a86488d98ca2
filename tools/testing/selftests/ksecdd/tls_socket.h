/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP connections over the loopback device, for contexts whose keys go to a socket.
 */
#ifndef KSECDD_SELFTESTS_TLS_SOCKET_H
#define KSECDD_SELFTESTS_TLS_SOCKET_H

#include "tls_link.h"

/* Both ends of a TCP connection */
struct tls_sockets {
	int service;
	int client;
};

void tls_loopback_up(void);
void tls_sockets_open(struct tls_sockets *p);
void tls_sockets_close(struct tls_sockets *p);
int32_t tls_attach(struct tls_link *s, int fd);
void tls_read(int fd, uint8_t *to, size_t len);
void tls_write(int fd, const uint8_t *from, size_t len);

#endif /* KSECDD_SELFTESTS_TLS_SOCKET_H */
