// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generic netlink with this machine's kernel, which has no ksecdd.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "helper/family.h"
#include "tools/testing/tap/tap.h"

static unsigned int events;

static void count(void *data, struct nlmsghdr *hdr)
{
	(void)data;
	(void)hdr;
	events++;
}

/* What a process that wants to be taken for the kernel would send. */
static int forge(uint32_t port, uint16_t type)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = port };
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
	} msg = {
		.nl = { .nlmsg_len = sizeof(msg), .nlmsg_type = type },
		.genl = { .cmd = KSECDD_CMD_READY, .version = 1 },
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	ssize_t n = sendto(fd, &msg, sizeof(msg), 0, (struct sockaddr *)&to, sizeof(to));

	close(fd);
	return n == sizeof(msg) ? 0 : -errno;
}

static void test_sockets(void)
{
	struct netlink first = { .event = count }, second = { .event = count };

	tap_is(netlink_fd(&first), -1, "a socket that is not open has no descriptor");
	tap_is(netlink_open(&first, true), 0, "a socket");
	tap_is(nl_socket_get_local_port(first.sock), getpid(), "its port is the process id");
	tap_is(netlink_open(&second, true), 0, "another one");
	tap_ok(nl_socket_get_local_port(second.sock) != (uint32_t)getpid(), "has another port");
	tap_is(netlink_watch_families(&second), 0, "can watch families");
	tap_is(netlink_resolve(&first, "nlctrl"), 0, "a family");
	tap_is(first.family, GENL_ID_CTRL, "and its id");
	tap_is(netlink_resolve(&first, "ksecdd-none"), -ENOENT, "a family that is not there");
	tap_is(netlink_resolve(&first, "nlctr"), -ENOENT, "nor is the beginning of a name");
	tap_is(netlink_events(&second), 0, "no event");
	tap_is(events, 0, "indeed none");
	netlink_close(&first);
	netlink_close(&first);
	netlink_close(&second);
	tap_ok(true, "closing twice does no harm");
}

static void test_errors(void)
{
	struct netlink nl = { .event = count };

	if (netlink_open(&nl, true))
		tap_bail("no socket");
	nl.family = 0x7ff;
	tap_is(netlink_call(&nl, netlink_request(&nl, 1, 0), NULL, NULL), -ENOENT,
	       "a request to a family that is not there");
	nl.family = GENL_ID_CTRL;
	tap_is(netlink_call(&nl, netlink_request(&nl, 99, 0), NULL, NULL), -EOPNOTSUPP,
	       "a command that is not there");
	tap_is(netlink_call(&nl, NULL, NULL, NULL), -ENOMEM, "no message");
	netlink_close(&nl);
}

static void test_forged(void)
{
	struct netlink nl = { .event = count };
	int ret;

	if (netlink_open(&nl, true) || netlink_resolve(&nl, "nlctrl"))
		tap_bail("no socket");
	events = 0;
	ret = forge(nl_socket_get_local_port(nl.sock), nl.family);
	if (ret) {
		tap_skip("an event from a process: only root may send one");
	} else {
		tap_is(netlink_events(&nl), 0, "an event from a process");
		tap_is(events, 0, "is not looked at");
	}
	if (!ret && !forge(nl_socket_get_local_port(nl.sock), nl.family))
		tap_is(netlink_resolve(&nl, "nlctrl"), 0, "nor does it disturb a request");
	netlink_close(&nl);
}

static void test_module(void)
{
	struct family family;

	if (!family_open(&family)) {
		tap_skip("without the module: it is loaded");
		family_close(&family);
		return;
	}
	tap_is(family_open(&family), -ENOENT, "the module is not loaded");
	tap_is(netlink_fd(&family.nl), -1, "and nothing is left open");
}

int main(void)
{
	test_sockets();
	test_errors();
	test_forged();
	test_module();
	return tap_done();
}
