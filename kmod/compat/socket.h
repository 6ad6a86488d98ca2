/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels of sockets.
 */
#ifndef _KSECDD_COMPAT_SOCKET_H
#define _KSECDD_COMPAT_SOCKET_H

#include <linux/net.h>
#include <linux/sockptr.h>
#include <linux/version.h>
#include <net/sock.h>

/*
 * setsockopt() by the kernel for its caller, with @value in kernel memory.  6.1 exports none
 * that asks the LSMs and cgroup-BPF.
 */
static inline int ksec_sock_setsockopt(struct socket *sock, int level, int name, void *value,
				       int len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	return do_sock_setsockopt(sock, false, level, name, KERNEL_SOCKPTR(value), len);
#else
	return sock->ops->setsockopt(sock, level, name, KERNEL_SOCKPTR(value), len);
#endif
}

#endif /* _KSECDD_COMPAT_SOCKET_H */
