// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The family "ksecdd": messages of a program, and those by which the fuzzer itself
 * learns how things are.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/ksecdd_genl.h>

#include "genl.h"

/* Who has no rights */
#define NOBODY		65534

#define MESSAGE_MAX	8192
#define REPLY_MAX	65536

/* Members of an attribute, and what of them a program has */
enum { ATTR_TYPE, ATTR_LEN, ATTR_DATA, ATTR_ATTRS };

static const uint32_t attr_types[] = {
	0, 1, 2, 3, 4, 5, 6, 7, NLA_F_NESTED | 1, NLA_F_NESTED | 2, NLA_F_NET_BYTEORDER | 2,
	NLA_TYPE_MASK,
};

static const struct arg attr_args[] = {
	[ATTR_TYPE] = { .name = "type", .kind = ARG_ENUM, .values = attr_types,
			.nvalues = ARRAY_SIZE(attr_types) },
	[ATTR_LEN] = { .name = "len", .kind = ARG_RARE },
	[ATTR_DATA] = { .name = "data", .kind = ARG_DATA, .max = 64 },
	[ATTR_ATTRS] = { .name = "attrs", .kind = ARG_ARRAY, .max = 4, .elem = &genl_attr_shape },
};

const struct shape genl_attr_shape = { .args = attr_args, .nargs = ARRAY_SIZE(attr_args) };

static int status_fd = -1;
static uint16_t family;

/* A message that is being made */
struct message {
	size_t len;
	uint8_t bytes[MESSAGE_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static void put(struct message *m, const void *data, size_t len)
{
	if (m->len + NLMSG_ALIGN(len) > sizeof(m->bytes))
		return;
	memcpy(m->bytes + m->len, data, len);
	memset(m->bytes + m->len + len, 0, NLMSG_ALIGN(len) - len);
	m->len += NLMSG_ALIGN(len);
}

static void begin(struct message *m, uint16_t type, uint16_t flags, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr hdr = { .nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = 1 };
	struct genlmsghdr genl = { .cmd = cmd, .version = version };

	m->len = 0;
	put(m, &hdr, sizeof(hdr));
	put(m, &genl, sizeof(genl));
}

static void put_attr(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr attr = { .nla_type = type, .nla_len = (uint16_t)(sizeof(attr) + len) };

	put(m, &attr, sizeof(attr));
	put(m, data, len);
}

static void put_u32(struct message *m, uint16_t type, uint32_t n)
{
	put_attr(m, type, &n, sizeof(n));
}

static long send_message(int fd, struct message *m)
{
	((struct nlmsghdr *)m->bytes)->nlmsg_len = (uint32_t)m->len;
	return send(fd, m->bytes, m->len, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Calls @fn with each attribute of a message. */
static void each_attr(const struct nlmsghdr *hdr, void (*fn)(void *data, uint16_t type,
							     const void *value, size_t len),
		      void *data)
{
	const uint8_t *at = (const uint8_t *)hdr + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t left = hdr->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, step;
	struct nlattr attr;

	while (hdr->nlmsg_len > NLMSG_HDRLEN + GENL_HDRLEN && left >= sizeof(attr)) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < sizeof(attr) || attr.nla_len > left)
			return;
		fn(data, attr.nla_type, at + sizeof(attr), attr.nla_len - sizeof(attr));
		step = NLA_ALIGN(attr.nla_len);
		if (step >= left)
			return;
		at += step;
		left -= step;
	}
}

/*
 * Reads whatever has come in.  Calls @fn with each message, and returns the error
 * of the last acknowledgement, or -EAGAIN if there was none.
 */
static long read_messages(int fd, void (*fn)(void *data, const struct nlmsghdr *hdr), void *data)
{
	static uint8_t buf[REPLY_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	long ret = -EAGAIN;
	struct nlmsghdr *hdr;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < 256; i++) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS)
			continue;
		if (n <= 0)
			break;
		for (hdr = (struct nlmsghdr *)buf; NLMSG_OK(hdr, n); hdr = NLMSG_NEXT(hdr, n)) {
			if (hdr->nlmsg_type == NLMSG_ERROR || hdr->nlmsg_type == NLMSG_DONE)
				ret = *(int *)NLMSG_DATA(hdr);
			else
				fn(data, hdr);
		}
	}
	return ret;
}

static int open_socket(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void take_family(void *data, uint16_t type, const void *value, size_t len)
{
	(void)data;
	if (type == CTRL_ATTR_FAMILY_ID && len == sizeof(family))
		memcpy(&family, value, sizeof(family));
}

static void family_message(void *data, const struct nlmsghdr *hdr)
{
	each_attr(hdr, take_family, data);
}

/**
 * genl_init() - find the family
 *
 * Ends the program if there is none.
 */
void genl_init(void)
{
	struct message m;

	status_fd = open_socket();
	begin(&m, GENL_ID_CTRL, NLM_F_REQUEST | NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	put_attr(&m, CTRL_ATTR_FAMILY_NAME, KSECDD_FAMILY_NAME, sizeof(KSECDD_FAMILY_NAME));
	send_message(status_fd, &m);
	read_messages(status_fd, family_message, NULL);
	if (!family) {
		fputs("there is no netlink family " KSECDD_FAMILY_NAME
		      "; is ksecdd.ko loaded?\n", stderr);
		exit(1);
	}
}

static void take_status(void *data, uint16_t type, const void *value, size_t len)
{
	uint64_t *values = data;

	if (type <= KSECDD_A_STATUS_MAX && len == sizeof(*values))
		memcpy(&values[type], value, sizeof(*values));
}

static void status_message(void *data, const struct nlmsghdr *hdr)
{
	each_attr(hdr, take_status, data);
}

static void read_status(uint64_t values[KSECDD_A_STATUS_MAX + 1])
{
	struct message m;

	memset(values, 0, (KSECDD_A_STATUS_MAX + 1) * sizeof(*values));
	begin(&m, family, NLM_F_REQUEST, KSECDD_CMD_STATUS, KSECDD_FAMILY_VERSION);
	send_message(status_fd, &m);
	read_messages(status_fd, status_message, values);
}

/**
 * genl_upcalls() - how many requests have been made
 *
 * Return: their number since the module was loaded
 */
uint64_t genl_upcalls(void)
{
	uint64_t values[KSECDD_A_STATUS_MAX + 1];

	read_status(values);
	return values[KSECDD_A_STATUS_UPCALLS];
}

/**
 * genl_gauges() - how much there is of everything
 * @gauges: receives it
 */
void genl_gauges(uint64_t gauges[GENL_GAUGES])
{
	static const int attrs[GENL_GAUGES] = {
		KSECDD_A_STATUS_CONTEXTS, KSECDD_A_STATUS_HALF_OPEN, KSECDD_A_STATUS_CREDENTIALS,
		KSECDD_A_STATUS_FILES, KSECDD_A_STATUS_REQUESTS,
	};
	uint64_t values[KSECDD_A_STATUS_MAX + 1];
	size_t i;

	read_status(values);
	for (i = 0; i < GENL_GAUGES; i++)
		gauges[i] = values[attrs[i]];
}

/* A request that NEXT has handed out */
struct next {
	int fd;
	uint64_t id;
};

static void take_next_attr(void *data, uint16_t type, const void *value, size_t len)
{
	struct next *next = data;

	if (type == KSECDD_A_REQUEST_FD && len == sizeof(next->fd))
		memcpy(&next->fd, value, sizeof(next->fd));
	if (type == KSECDD_A_REQUEST_ID && len == sizeof(next->id))
		memcpy(&next->id, value, sizeof(next->id));
}

static bool parse_next(const struct nlmsghdr *hdr, struct next *next)
{
	const struct genlmsghdr *genl = NLMSG_DATA(hdr);

	*next = (struct next){ .fd = -1 };
	if (hdr->nlmsg_type != family || hdr->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN ||
	    genl->cmd != KSECDD_CMD_NEXT)
		return false;
	each_attr(hdr, take_next_attr, next);
	return next->fd >= 0;
}

/* Where the file of a request goes */
struct place_for {
	struct world *w;
	size_t slot;
};

static void program_message(void *data, const struct nlmsghdr *hdr)
{
	struct place_for *to = data;
	struct next next;

	if (parse_next(hdr, &next))
		world_set_file(to->w, to->slot, next.fd, SLOT_REQUEST, next.id);
}

/**
 * genl_drain() - take what a socket of the program has been sent
 * @w:    the world
 * @from: the socket's slot
 * @slot: where a request file goes
 */
void genl_drain(struct world *w, size_t from, size_t slot)
{
	struct place_for to = { w, slot };

	read_messages(w->files[from], program_message, &to);
}

static void close_message(void *data, const struct nlmsghdr *hdr)
{
	struct next next;

	(void)data;
	if (parse_next(hdr, &next))
		close(next.fd);
}

/**
 * genl_end_requests() - end what still waits for a helper
 * @w: the world, whose own sockets are closed
 *
 * Return: false if that is not possible
 */
bool genl_end_requests(struct world *w)
{
	uint64_t until = now_ms() + TIMEOUT_MS + PATIENCE_MS;
	int fd = open_socket();
	struct message m;

	begin(&m, family, NLM_F_REQUEST | NLM_F_ACK, KSECDD_CMD_REGISTER, KSECDD_FAMILY_VERSION);
	put_u32(&m, KSECDD_A_HELPER_ABI, KSECDD_ABI_VERSION);
	put_u32(&m, KSECDD_A_HELPER_PACKAGES, UINT32_MAX);
	put_u32(&m, KSECDD_A_HELPER_INFLIGHT, KSECDD_MAX_INFLIGHT);
	send_message(fd, &m);
	if (read_messages(fd, close_message, NULL)) {
		world_fail(w, "a helper cannot register though no other is there");
		close(fd);
		return false;
	}
	while (waiters_busy(w) && now_ms() < until) {
		begin(&m, family, NLM_F_REQUEST | NLM_F_ACK, KSECDD_CMD_NEXT,
		      KSECDD_FAMILY_VERSION);
		send_message(fd, &m);
		/* The file is closed, which is the end of the request. */
		read_messages(fd, close_message, NULL);
		waiters_collect(w);
	}
	close(fd);
	if (!waiters_busy(w))
		return true;
	world_fail(w, "ACCEPT does not return though the helper has closed its request");
	return false;
}

/* Effective ids of this thread alone; the saved ones stay root's. */
static void become(uid_t uid)
{
	syscall(SYS_setresuid, -1, uid, -1);
}

/**
 * run_socket() - open a netlink socket
 * @w:    the world
 * @call: the call
 *
 * Return: 0 or -errno
 */
long run_socket(struct world *w, const struct call *call)
{
	bool nobody = call_number(call, "nobody");
	int fd;

	if (nobody)
		become(NOBODY);
	fd = open_socket();
	if (nobody)
		become(0);
	if (fd < 0)
		return -errno;
	world_set_file(w, call_number(call, "file"), fd, SLOT_SOCKET, 0);
	return 0;
}

/* The attributes of a program, of which any may be wrong */
static void put_attrs(struct message *m, const struct shape *elem, const struct value *v)
{
	struct nlattr attr;
	uint8_t *data;
	uint32_t i;
	size_t at;

	for (i = 0; v->form == FORM_ELEMS && i < v->len; i++) {
		const struct value *args = v->elems + i * elem->nargs;
		const struct value *len = &args[ATTR_LEN], *bytes = &args[ATTR_DATA];

		at = m->len;
		if (at + sizeof(attr) > sizeof(m->bytes))
			return;
		attr.nla_type = (uint16_t)args[ATTR_TYPE].n;
		put(m, &attr, sizeof(attr));
		data = xalloc(bytes->len);
		value_bytes(bytes, data);
		put(m, data, bytes->len);
		free(data);
		attr.nla_len = (uint16_t)(sizeof(attr) + bytes->len);
		if (args[ATTR_ATTRS].form == FORM_ELEMS) {
			put_attrs(m, elem, &args[ATTR_ATTRS]);
			attr.nla_len = (uint16_t)(m->len - at);
		}
		if (len->form == FORM_NUMBER)
			attr.nla_len = (uint16_t)len->n;
		memcpy(m->bytes + at, &attr, sizeof(attr));
	}
}

/**
 * run_netlink() - send a message to the family and take what is answered
 * @w:    the world
 * @call: the call
 *
 * Return: 0, or the error of the acknowledgement
 */
long run_netlink(struct world *w, const struct call *call)
{
	const struct value *attrs = call_arg(call, "attrs"), *type = call_arg(call, "type");
	const struct value *len = call_arg(call, "len"), *flags = call_arg(call, "flags");
	size_t from = call_number(call, "file");
	struct place_for to = { w, call_number(call, "request") };
	bool nobody = call_number(call, "nobody");
	struct message m;
	long ret;

	begin(&m, type->form == FORM_NUMBER ? (uint16_t)type->n : family,
	      flags->form == FORM_NUMBER ? (uint16_t)flags->n : NLM_F_REQUEST | NLM_F_ACK,
	      (uint8_t)call_number(call, "cmd"), (uint8_t)call_number(call, "version"));
	put_attrs(&m, &genl_attr_shape, attrs);
	((struct nlmsghdr *)m.bytes)->nlmsg_len = (uint32_t)m.len;
	if (len->form == FORM_NUMBER)
		((struct nlmsghdr *)m.bytes)->nlmsg_len = (uint32_t)len->n;
	if (nobody)
		become(NOBODY);
	fault_set((unsigned int)call_number(call, "fault"));
	ret = send(w->files[from], m.bytes, m.len, MSG_DONTWAIT) < 0 ? -errno : 0;
	fault_set(0);
	if (nobody)
		become(0);
	return ret ? ret : read_messages(w->files[from], program_message, &to);
}
