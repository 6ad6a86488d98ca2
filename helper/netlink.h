/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generic netlink socket: one request at a time, and events beside it.
 */
#ifndef KSECD_NETLINK_H
#define KSECD_NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

/**
 * struct netlink - a socket and the family it talks to
 * @sock:    libnl's socket, NULL while closed
 * @family:  id of the family, 0 until netlink_resolve()
 * @message: what the kernel said about the last error, or ""
 * @lost:    events were lost; set here, for the owner to look at and to clear
 * @event:   called with every message that answers no request of ours: events,
 *           and replies that came after we had given up on them
 * @data:    handed to @event
 */
struct netlink {
	struct nl_sock *sock;
	uint16_t family;
	char message[128];
	bool lost;
	void (*event)(void *data, struct nlmsghdr *hdr);
	void *data;
};

/* Called with each message of a reply; returns 0, or -errno to end the call. */
typedef int (*netlink_reply_fn)(void *data, struct nlmsghdr *hdr);

int netlink_open(struct netlink *nl, bool by_pid);
void netlink_close(struct netlink *nl);
int netlink_fd(const struct netlink *nl);
int netlink_resolve(struct netlink *nl, const char *family);
struct nl_msg *netlink_request(const struct netlink *nl, uint8_t cmd, int flags);
int netlink_call(struct netlink *nl, struct nl_msg *msg, netlink_reply_fn fn, void *data);
int netlink_events(struct netlink *nl);

int netlink_watch_families(struct netlink *nl);
bool netlink_family_event(struct nlmsghdr *hdr, const char *family);

#endif /* KSECD_NETLINK_H */
