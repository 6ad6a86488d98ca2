// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctl(KSECDD_IOC_ATTACH): a context's keys go to the caller's socket, which then carries
 * the session by itself.
 */
#include <linux/net.h>
#include <net/sock.h>

#include "ksec.h"
#include "tls/tls.h"

/* MPTCP is not TCP here: it has no ULPs. */
static s32 ksec_attach_keys(struct ksec_keys *keys, int fd)
{
	struct socket *sock;
	s32 status;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock)
		return SEC_E_INVALID_PARAMETER;
	status = sk_is_tcp(sock->sk) ? ksec_tls_attach(keys, sock) : SEC_E_INVALID_PARAMETER;
	sockfd_put(sock);
	return status;
}

/* An established context of TLS; others have nothing for a socket. */
static s32 ksec_attach_context(struct ksec_context *ctx, int fd)
{
	s32 status = ksec_context_usable(ctx);

	if (status != SEC_E_OK)
		return status;
	if (ksec_context_mech(ctx) != &ksec_tls_mech || !ctx->x_keys)
		return SEC_E_UNSUPPORTED_FUNCTION;
	return ksec_attach_keys(ctx->x_keys, fd);
}

/**
 * ksec_context_attach() - ioctl(KSECDD_IOC_ATTACH)
 * @file: the open file
 * @arg:  struct ksecdd_attach
 * @uarg: where it came from
 *
 * Return: 0 with a status; -EINVAL for flags that are not defined; -EFAULT, and then the
 *         socket may have the keys
 */
int ksec_context_attach(void *file, void *arg, void __user *uarg)
{
	struct ksecdd_attach *cmd = arg;
	struct ksec_object *obj;

	if (cmd->flags)
		return -EINVAL;
	cmd->status = SEC_E_INVALID_HANDLE;
	obj = ksec_object_get(file, cmd->context, KSECDD_OBJECT_CONTEXT);
	if (obj) {
		cmd->status = ksec_attach_context(ksec_to_context(obj), cmd->fd);
		ksec_object_put(obj);
	}
	return ksec_respond(cmd, uarg);
}
