/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors from process to process, by SCM_RIGHTS.
 */
#ifndef KSECDD_SELFTESTS_FDPASS_H
#define KSECDD_SELFTESTS_FDPASS_H

#include <stddef.h>

void fd_pair(int socks[2]);
void fd_send(int sock, int fd, const void *data, size_t len);
int fd_receive(int sock, void *data, size_t len);

#endif /* KSECDD_SELFTESTS_FDPASS_H */
