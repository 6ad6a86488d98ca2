// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generic netlink, as ksecd and ksecctl use it.
 *
 * libnl makes and takes apart the messages.  Sending and receiving is done here:
 * libnl turns errno values into its own and back with losses, and whether an
 * error means "no request", "not registered" or "no module" is what the callers
 * live on.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>

#include "helper/netlink.h"

/* No dump message is larger than the buffer its reader shows (netlink(7)). */
#define RECEIVE_SIZE	32768

/*
 * The kernel answers while the request is being sent; a dump comes in pieces
 * with nothing to wait for between them.  So this is never reached unless
 * something is broken, and keeps a broken thing from hanging us.
 */
#define ANSWER_TIMEOUT_MS	2000

/*
 * Bind to the process id, so that what others see of us is a process; or to what
 * libnl finds, if it is not to be that one or it is taken, by another socket or
 * from another pid namespace.
 */
static int bind_port(struct nl_sock *sock, bool by_pid)
{
	int err;

	if (by_pid) {
		nl_socket_set_local_port(sock, (uint32_t)getpid());
		if (!nl_connect(sock, NETLINK_GENERIC))
			return 0;
	}
	nl_socket_set_local_port(sock, 0);
	err = nl_connect(sock, NETLINK_GENERIC);
	if (err == -NLE_NOMEM)
		return -ENOMEM;
	/* libnl's name for all that it has no other name for: EMFILE, ENFILE */
	if (err == -NLE_FAILURE)
		return -ENFILE;
	return err ? -EPROTONOSUPPORT : 0;
}

/**
 * netlink_open() - open a generic netlink socket
 * @nl: the socket; @nl->event and @nl->data are left as they are
 * @by_pid: its port is to be the process id, if that can be had
 *
 * Return: 0, or -errno: -ENOMEM, -ENFILE (too many files, in the process or in all),
 * -EPROTONOSUPPORT (the kernel has no generic netlink, or the process may not use
 * it).
 */
int netlink_open(struct netlink *nl, bool by_pid)
{
	static const int one = 1;
	int fd, err;

	nl->family = 0;
	nl->message[0] = '\0';
	nl->lost = false;
	nl->sock = nl_socket_alloc();
	if (!nl->sock)
		return -ENOMEM;
	err = bind_port(nl->sock, by_pid);
	if (err) {
		netlink_close(nl);
		return err;
	}
	/* Only for better messages; old kernels do without. */
	fd = nl_socket_get_fd(nl->sock);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return 0;
}

/**
 * netlink_close() - close the socket, if it is open
 * @nl: the socket
 */
void netlink_close(struct netlink *nl)
{
	if (nl->sock)
		nl_socket_free(nl->sock);
	nl->sock = NULL;
	nl->family = 0;
}

/**
 * netlink_fd() - the descriptor to poll for events, or -1 while closed
 * @nl: the socket
 */
int netlink_fd(const struct netlink *nl)
{
	return nl->sock ? nl_socket_get_fd(nl->sock) : -1;
}

/**
 * netlink_request() - begin a message to the family
 * @nl: the socket, resolved
 * @cmd: the command
 * @flags: NLM_F_* besides NLM_F_REQUEST
 *
 * Return: the message, which netlink_call() frees, or NULL without memory.
 */
struct nl_msg *netlink_request(const struct netlink *nl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd, 1)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/*
 * Receive one datagram.  Returns its length, 0 if it is not from the kernel, or
 * -errno; -ENOBUFS says that events were lost, and what is queued is still there.
 */
static ssize_t receive(struct netlink *nl, void *buf, size_t size)
{
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr hdr = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(netlink_fd(nl), &hdr, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* Any process may send to our port; only the kernel is listened to. */
	if (hdr.msg_namelen != sizeof(from) || from.nl_pid != 0)
		return 0;
	if (hdr.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return n;
}

static void keep_message(struct netlink *nl, struct nlmsghdr *hdr)
{
	static const struct nla_policy policy[NLMSGERR_ATTR_MAX + 1] = {
		[NLMSGERR_ATTR_MSG] = { .type = NLA_STRING },
	};
	struct nlattr *attrs[NLMSGERR_ATTR_MAX + 1];
	size_t skip = sizeof(struct nlmsgerr);

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) || !(hdr->nlmsg_flags & NLM_F_CAPPED))
		return;
	if (nlmsg_parse(hdr, (int)skip, attrs, NLMSGERR_ATTR_MAX, policy) ||
	    !attrs[NLMSGERR_ATTR_MSG])
		return;
	nla_strlcpy(nl->message, attrs[NLMSGERR_ATTR_MSG], sizeof(nl->message));
}

/* How a message of the reply ends the call: > 0 - it does not. */
static int take_reply(struct netlink *nl, struct nlmsghdr *hdr, netlink_reply_fn fn,
		      void *data)
{
	const struct nlmsgerr *error;
	int ret;

	switch (hdr->nlmsg_type) {
	case NLMSG_ERROR:
		if (!nlmsg_valid_hdr(hdr, sizeof(*error)))
			return -EPROTO;
		error = nlmsg_data(hdr);
		if (error->error > 0)
			return -EPROTO;
		keep_message(nl, hdr);
		return error->error;
	case NLMSG_DONE:
		if (nlmsg_valid_hdr(hdr, sizeof(int)) && *(int *)nlmsg_data(hdr) < 0)
			return *(int *)nlmsg_data(hdr);
		return 0;
	case NLMSG_NOOP:
		return 1;
	}
	if (hdr->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	ret = fn ? fn(data, hdr) : 0;
	if (ret)
		return ret < 0 ? ret : -EPROTO;
	return (hdr->nlmsg_flags & NLM_F_MULTI) ? 1 : 0;
}

/*
 * Look through one datagram.  Replies to @seq go to @fn, everything else to
 * nl->event.  Returns what take_reply() returned, 1 without an end.
 */
static int dispatch(struct netlink *nl, void *buf, size_t len, uint32_t seq,
		    netlink_reply_fn fn, void *data)
{
	struct nlmsghdr *hdr;
	int left = (int)len, ret = 1, r;

	for (hdr = buf; nlmsg_ok(hdr, left); hdr = nlmsg_next(hdr, &left)) {
		if (fn && ret > 0 && hdr->nlmsg_seq == seq &&
		    hdr->nlmsg_pid == nl_socket_get_local_port(nl->sock)) {
			r = take_reply(nl, hdr, fn, data);
			if (r <= 0)
				ret = r;
		} else if (nl->event) {
			nl->event(nl->data, hdr);
		}
	}
	return ret;
}

static int receive_reply(struct netlink *nl, uint32_t seq, netlink_reply_fn fn, void *data)
{
	_Alignas(struct nlmsghdr) char buf[RECEIVE_SIZE];
	struct pollfd pfd = { .fd = netlink_fd(nl), .events = POLLIN };
	bool lost = false;
	ssize_t n;
	int ret;

	for (;;) {
		n = receive(nl, buf, sizeof(buf));
		if (n == -ENOBUFS) {
			nl->lost = true;
			lost = true;
			continue;
		}
		/* It would be there by now: it is what was lost. */
		if (n == -EAGAIN && lost)
			return -ENOBUFS;
		if (n == -EAGAIN) {
			ret = poll(&pfd, 1, ANSWER_TIMEOUT_MS);
			if (ret > 0 || (ret < 0 && errno == EINTR))
				continue;
			return ret ? -errno : -ETIMEDOUT;
		}
		if (n < 0)
			return (int)n;
		ret = dispatch(nl, buf, (size_t)n, seq, fn, data);
		if (ret <= 0)
			return ret;
	}
}

static int ignore_reply(void *data, struct nlmsghdr *hdr)
{
	(void)data;
	(void)hdr;
	return 0;
}

/**
 * netlink_call() - send a request and take its reply
 * @nl: the socket
 * @msg: the request; freed here; NULL is taken for a lack of memory
 * @fn: called with each message of the reply, or NULL
 * @data: handed to @fn
 *
 * Return: 0; the kernel's -errno, with @nl->message; -errno of @fn; -ETIMEDOUT;
 * -EINTR - a dump changed while it was taken, take it again; -ENOBUFS - the reply
 * was lost for want of memory or room; -ENOMEM.
 */
int netlink_call(struct netlink *nl, struct nl_msg *msg, netlink_reply_fn fn, void *data)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *hdr;
	uint32_t seq;
	ssize_t n;

	nl->message[0] = '\0';
	if (!msg)
		return -ENOMEM;
	hdr = nlmsg_hdr(msg);
	hdr->nlmsg_flags |= NLM_F_REQUEST;
	hdr->nlmsg_pid = nl_socket_get_local_port(nl->sock);
	/* Zero is the sequence number of events. */
	do {
		seq = nl_socket_use_seq(nl->sock);
	} while (!seq);
	hdr->nlmsg_seq = seq;
	do {
		n = sendto(netlink_fd(nl), hdr, hdr->nlmsg_len, 0,
			   (struct sockaddr *)&kernel, sizeof(kernel));
	} while (n < 0 && errno == EINTR);
	nlmsg_free(msg);
	if (n < 0)
		return -errno;
	return receive_reply(nl, seq, fn ? fn : ignore_reply, data);
}

/**
 * netlink_events() - hand all events that have come in to nl->event
 * @nl: the socket
 *
 * Return: 0; -ENOBUFS - some were lost; another -errno of recvmsg().
 */
int netlink_events(struct netlink *nl)
{
	_Alignas(struct nlmsghdr) char buf[RECEIVE_SIZE];
	ssize_t n;
	int ret = 0;

	for (;;) {
		n = receive(nl, buf, sizeof(buf));
		if (n == -EAGAIN)
			return ret;
		if (n == -ENOBUFS) {
			ret = -ENOBUFS;
			continue;
		}
		if (n < 0)
			return (int)n;
		dispatch(nl, buf, (size_t)n, 0, NULL, NULL);
	}
}

/* What is taken from a message of the controller, whether reply or event. */
struct family_search {
	const char *name;
	uint16_t id;
};

static int match_family(void *data, struct nlmsghdr *hdr)
{
	static const struct nla_policy policy[CTRL_ATTR_FAMILY_NAME + 1] = {
		[CTRL_ATTR_FAMILY_ID] = { .type = NLA_U16 },
		[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING, .maxlen = GENL_NAMSIZ },
	};
	struct nlattr *attrs[CTRL_ATTR_FAMILY_NAME + 1];
	struct family_search *search = data;

	if (hdr->nlmsg_type != GENL_ID_CTRL ||
	    genlmsg_parse(hdr, 0, attrs, CTRL_ATTR_FAMILY_NAME, policy))
		return 0;
	if (attrs[CTRL_ATTR_FAMILY_NAME] && attrs[CTRL_ATTR_FAMILY_ID] &&
	    !nla_strcmp(attrs[CTRL_ATTR_FAMILY_NAME], search->name))
		search->id = nla_get_u16(attrs[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

/**
 * netlink_resolve() - find the id of a family
 * @nl: the socket
 * @family: name of the family
 *
 * All families are listed instead of asking for the one: asking for a family
 * that is not there makes the kernel load its module, and whoever unloads the
 * module does not want it back.
 *
 * Return: 0; -ENOENT - there is no such family; another -errno.
 */
int netlink_resolve(struct netlink *nl, const char *family)
{
	struct family_search search = { .name = family };
	unsigned int tries = 10;
	int ret;

	nl->family = GENL_ID_CTRL;
	do {
		ret = netlink_call(nl, netlink_request(nl, CTRL_CMD_GETFAMILY, NLM_F_DUMP),
				   match_family, &search);
	} while (ret == -EINTR && --tries);
	nl->family = search.id;
	if (!ret && !search.id)
		ret = -ENOENT;
	return ret;
}

/**
 * netlink_watch_families() - subscribe to families coming and going
 * @nl: a socket of its own for this
 *
 * Return: 0, or -ENOENT: the kernel does not tell.
 */
int netlink_watch_families(struct netlink *nl)
{
	int group = genl_ctrl_resolve_grp(nl->sock, "nlctrl", "notify");

	if (group < 0 || nl_socket_add_membership(nl->sock, group))
		return -ENOENT;
	return 0;
}

/**
 * netlink_family_event() - whether an event says that a family came or went
 * @hdr: what nl->event got from a socket after netlink_watch_families()
 * @family: name of the family
 */
bool netlink_family_event(struct nlmsghdr *hdr, const char *family)
{
	struct family_search search = { .name = family };

	match_family(&search, hdr);
	return search.id != 0;
}
