// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The operations of the module's netlink family.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "helper/family.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static const struct nla_policy helper_policy[KSECDD_A_HELPER_MAX + 1] = {
	[KSECDD_A_HELPER_ABI] = { .type = NLA_U32 },
	[KSECDD_A_HELPER_EPOCH] = { .type = NLA_U64 },
};

static const struct nla_policy request_policy[KSECDD_A_REQUEST_MAX + 1] = {
	[KSECDD_A_REQUEST_EPOCH] = { .type = NLA_U64 },
	[KSECDD_A_REQUEST_ID] = { .type = NLA_U64 },
	[KSECDD_A_REQUEST_OP] = { .type = NLA_U32 },
	[KSECDD_A_REQUEST_PACKAGE] = { .type = NLA_U32 },
	[KSECDD_A_REQUEST_TIMEOUT] = { .type = NLA_U32 },
	[KSECDD_A_REQUEST_FD] = { .type = NLA_S32 },
	[KSECDD_A_REQUEST_PENDING] = { .type = NLA_U32 },
};

/* Which attribute goes where; a struct's table is its policy too. */
enum field_type { FIELD_U32, FIELD_U64, FIELD_STRING };

struct field {
	uint16_t attr;
	enum field_type type;
	size_t offset;
	size_t size;
	size_t have;	/* offset of the bool that says it is there; 0 - it must be */
};

#define MEMBER_SIZE(type, member)	sizeof(((type *)0)->member)
#define FIELD(attr, kind, type, member)	\
	{ attr, kind, offsetof(type, member), MEMBER_SIZE(type, member), 0 }
#define FIELD_OPTIONAL(attr, kind, type, member, have)	\
	{ attr, kind, offsetof(type, member), MEMBER_SIZE(type, member), offsetof(type, have) }

#define STATUS(attr, kind, member)	\
	FIELD(KSECDD_A_STATUS_##attr, kind, struct family_status, member)

static const struct field status_fields[] = {
	STATUS(MODULE, FIELD_STRING, module),
	STATUS(ABI, FIELD_U32, abi),
	FIELD_OPTIONAL(KSECDD_A_STATUS_HELPER, FIELD_U32, struct family_status, helper,
		       have_helper),
	STATUS(CONTEXTS, FIELD_U64, contexts),
	STATUS(HALF_OPEN, FIELD_U64, half_open),
	STATUS(CREDENTIALS, FIELD_U64, credentials),
	STATUS(FILES, FIELD_U64, files),
	STATUS(REQUESTS, FIELD_U64, requests),
	STATUS(ACCEPTED, FIELD_U64, accepted),
	STATUS(DENIED, FIELD_U64, denied),
	STATUS(FAILED, FIELD_U64, failed),
	STATUS(UPCALLS, FIELD_U64, upcalls),
	STATUS(TIMEOUTS, FIELD_U64, timeouts),
	STATUS(ABORTED, FIELD_U64, aborted),
	STATUS(UNSERVED, FIELD_U64, unserved),
	STATUS(SIGNED, FIELD_U64, signed_messages),
	STATUS(VERIFIED, FIELD_U64, verified),
	STATUS(REJECTED, FIELD_U64, rejected),
	STATUS(EXPIRED, FIELD_U64, expired),
};

#define CONTEXT(attr, kind, member)	\
	FIELD(KSECDD_A_CONTEXT_##attr, kind, struct family_context, member)

static const struct field context_fields[] = {
	CONTEXT(NUMBER, FIELD_U64, number),
	CONTEXT(PACKAGE, FIELD_U32, package),
	CONTEXT(STATE, FIELD_U32, state),
	CONTEXT(FLAGS, FIELD_U32, flags),
	CONTEXT(OWNER_UID, FIELD_U32, owner_uid),
	CONTEXT(OWNER_PID, FIELD_U32, owner_pid),
	CONTEXT(COMM, FIELD_STRING, comm),
	FIELD_OPTIONAL(KSECDD_A_CONTEXT_CLIENT, FIELD_STRING, struct family_context, client,
		       have_client),
	FIELD_OPTIONAL(KSECDD_A_CONTEXT_UID, FIELD_U32, struct family_context, uid, have_uid),
	CONTEXT(KEY_BITS, FIELD_U32, key_bits),
	CONTEXT(AGE, FIELD_U64, age),
	CONTEXT(SENT, FIELD_U64, sent),
	CONTEXT(RECEIVED, FIELD_U64, received),
};

/* Fill @out, all zero before, by the table.  Returns 0 or -EPROTO. */
static int take_fields(const struct field *fields, size_t n, struct nlattr *attrs[], void *out)
{
	const struct field *f;
	struct nlattr *attr;
	uint32_t u32;
	uint64_t u64;

	for (f = fields; f < fields + n; f++) {
		attr = attrs[f->attr];
		if (!attr && !f->have)
			return -EPROTO;
		if (!attr)
			continue;
		switch (f->type) {
		case FIELD_U32:
			if (nla_len(attr) != sizeof(u32))
				return -EPROTO;
			u32 = nla_get_u32(attr);
			memcpy((char *)out + f->offset, &u32, sizeof(u32));
			break;
		case FIELD_U64:
			if (nla_len(attr) != sizeof(u64))
				return -EPROTO;
			u64 = nla_get_u64(attr);
			memcpy((char *)out + f->offset, &u64, sizeof(u64));
			break;
		case FIELD_STRING:
			nla_strlcpy((char *)out + f->offset, attr, f->size);
			break;
		}
		if (f->have)
			*(bool *)((char *)out + f->have) = true;
	}
	return 0;
}

/* Whether @hdr is a message of the family with @cmd. */
static bool is_message(const struct netlink *nl, struct nlmsghdr *hdr, uint8_t cmd)
{
	return hdr->nlmsg_type == nl->family && genlmsg_valid_hdr(hdr, 0) &&
	       genlmsg_hdr(hdr)->cmd == cmd;
}

/*
 * What answers no request: READY, or the answer to a NEXT that was given up.  The
 * latter has put a file into this process all the same, and a request file that
 * nobody knows of would hold its caller until the time is up.
 */
static void family_event(void *data, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[KSECDD_A_REQUEST_MAX + 1];
	struct family *family = data;
	int fd = -1;

	if (!family->nl.family)
		return;
	if (is_message(&family->nl, hdr, KSECDD_CMD_READY))
		family->ready = true;
	if (is_message(&family->nl, hdr, KSECDD_CMD_NEXT) &&
	    !genlmsg_parse(hdr, 0, attrs, KSECDD_A_REQUEST_MAX, request_policy) &&
	    attrs[KSECDD_A_REQUEST_FD])
		fd = nla_get_s32(attrs[KSECDD_A_REQUEST_FD]);
	if (fd >= 0)
		close(fd);
}

/**
 * family_open() - open a socket to the family
 * @family: the result
 *
 * Return: 0; -ENOENT - the module is not loaded; another -errno of
 * netlink_open() and netlink_resolve().  After an error nothing is open.
 */
int family_open(struct family *family)
{
	int ret;

	family->ready = false;
	family->nl.event = family_event;
	family->nl.data = family;
	ret = netlink_open(&family->nl, true);
	if (ret)
		return ret;
	ret = netlink_resolve(&family->nl, KSECDD_FAMILY_NAME);
	if (ret)
		family_close(family);
	return ret;
}

/**
 * family_close() - close the socket, if it is open; this ends a registration
 * @family: the socket
 */
void family_close(struct family *family)
{
	netlink_close(&family->nl);
}

/* A reply that is being taken: where it belongs to and where it goes. */
struct taking {
	const struct netlink *nl;
	void *out;
	bool taken;
};

static int take_register(void *data, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[KSECDD_A_HELPER_MAX + 1];
	struct taking *t = data;
	struct family_helper *helper = t->out;

	if (!is_message(t->nl, hdr, KSECDD_CMD_REGISTER) ||
	    genlmsg_parse(hdr, 0, attrs, KSECDD_A_HELPER_MAX, helper_policy) ||
	    !attrs[KSECDD_A_HELPER_ABI] || !attrs[KSECDD_A_HELPER_EPOCH])
		return -EPROTO;
	helper->abi = nla_get_u32(attrs[KSECDD_A_HELPER_ABI]);
	helper->epoch = nla_get_u64(attrs[KSECDD_A_HELPER_EPOCH]);
	t->taken = true;
	return 0;
}

/**
 * family_register() - become the helper
 * @family: the socket; the registration lasts until it is closed
 * @helper: what to say, and what was answered
 *
 * Return: 0; -EPERM; -EBUSY - there is another helper; -EPROTO - the module has
 * another ABI; -ENOENT - the module is gone; another -errno.
 */
int family_register(struct family *family, struct family_helper *helper)
{
	struct taking t = { .nl = &family->nl, .out = helper };
	struct nl_msg *msg = netlink_request(&family->nl, KSECDD_CMD_REGISTER, 0);
	int ret;

	if (msg && (nla_put_u32(msg, KSECDD_A_HELPER_ABI, KSECDD_ABI_VERSION) ||
		    nla_put_u32(msg, KSECDD_A_HELPER_PACKAGES, helper->packages) ||
		    nla_put_u32(msg, KSECDD_A_HELPER_INFLIGHT, helper->inflight) ||
		    (helper->all_netns && nla_put_flag(msg, KSECDD_A_HELPER_ALL_NETNS)))) {
		nlmsg_free(msg);
		msg = NULL;
	}
	ret = netlink_call(&family->nl, msg, take_register, &t);
	if (!ret && !t.taken)
		ret = -EPROTO;
	if (!ret && helper->abi != KSECDD_ABI_VERSION)
		ret = -EPROTO;
	return ret;
}

static int take_next(void *data, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[KSECDD_A_REQUEST_MAX + 1];
	struct taking *t = data;
	struct family_request *request = t->out;
	int fd;

	if (!is_message(t->nl, hdr, KSECDD_CMD_NEXT) || t->taken ||
	    genlmsg_parse(hdr, 0, attrs, KSECDD_A_REQUEST_MAX, request_policy) ||
	    !attrs[KSECDD_A_REQUEST_FD])
		return -EPROTO;
	fd = nla_get_s32(attrs[KSECDD_A_REQUEST_FD]);
	if (fd < 0)
		return -EPROTO;
	/* From here on the file is ours: hand it on or close it. */
	if (!attrs[KSECDD_A_REQUEST_EPOCH] || !attrs[KSECDD_A_REQUEST_ID] ||
	    !attrs[KSECDD_A_REQUEST_OP] || !attrs[KSECDD_A_REQUEST_PACKAGE] ||
	    !attrs[KSECDD_A_REQUEST_TIMEOUT]) {
		close(fd);
		return -EPROTO;
	}
	request->fd = fd;
	request->epoch = nla_get_u64(attrs[KSECDD_A_REQUEST_EPOCH]);
	request->id = nla_get_u64(attrs[KSECDD_A_REQUEST_ID]);
	request->op = nla_get_u32(attrs[KSECDD_A_REQUEST_OP]);
	request->package = nla_get_u32(attrs[KSECDD_A_REQUEST_PACKAGE]);
	request->timeout = nla_get_u32(attrs[KSECDD_A_REQUEST_TIMEOUT]);
	request->pending = attrs[KSECDD_A_REQUEST_PENDING] ?
			   nla_get_u32(attrs[KSECDD_A_REQUEST_PENDING]) : 1;
	t->taken = true;
	return 0;
}

/**
 * family_next() - take the oldest request
 * @family: the socket that is registered
 * @request: the request; the caller owns and closes @request->fd
 *
 * The module puts the request file into the process that sends NEXT while it is
 * being sent, and answers with its number: so the same thread sends and
 * receives, and no other thread may close files by number meanwhile that are
 * not its own.
 *
 * Return: 0; -EAGAIN - there is none; -EBUSY - too many are held; -EPERM - not
 * registered (any more); -ENOENT - the module is gone; another -errno.
 * @request->fd is -1 then.
 */
int family_next(struct family *family, struct family_request *request)
{
	struct taking t = { .nl = &family->nl, .out = request };
	int ret;

	request->fd = -1;
	ret = netlink_call(&family->nl, netlink_request(&family->nl, KSECDD_CMD_NEXT, 0),
			   take_next, &t);
	if (!ret && !t.taken)
		ret = -EPROTO;
	if (ret && request->fd >= 0) {
		close(request->fd);
		request->fd = -1;
	}
	return ret;
}

static int take_status(void *data, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[KSECDD_A_STATUS_MAX + 1];
	struct taking *t = data;

	if (!is_message(t->nl, hdr, KSECDD_CMD_STATUS) ||
	    genlmsg_parse(hdr, 0, attrs, KSECDD_A_STATUS_MAX, NULL))
		return -EPROTO;
	t->taken = true;
	return take_fields(status_fields, ARRAY_SIZE(status_fields), attrs, t->out);
}

/**
 * family_status() - ask for the module's state and counters
 * @family: the socket
 * @status: the answer
 *
 * Return: 0; -ENOENT - the module is gone; -EPROTO - it is of another version;
 * another -errno.
 */
int family_status(struct family *family, struct family_status *status)
{
	struct taking t = { .nl = &family->nl, .out = status };
	int ret;

	memset(status, 0, sizeof(*status));
	ret = netlink_call(&family->nl, netlink_request(&family->nl, KSECDD_CMD_STATUS, 0),
			   take_status, &t);
	return !ret && !t.taken ? -EPROTO : ret;
}

struct listing {
	const struct netlink *nl;
	family_context_fn fn;
	void *data;
};

static int take_context(void *data, struct nlmsghdr *hdr)
{
	struct nlattr *attrs[KSECDD_A_CONTEXT_MAX + 1];
	struct family_context context = { 0 };
	struct listing *l = data;
	int ret;

	if (!is_message(l->nl, hdr, KSECDD_CMD_CONTEXT) ||
	    genlmsg_parse(hdr, 0, attrs, KSECDD_A_CONTEXT_MAX, NULL))
		return -EPROTO;
	ret = take_fields(context_fields, ARRAY_SIZE(context_fields), attrs, &context);
	return ret ? ret : l->fn(l->data, &context);
}

/**
 * family_contexts() - list all contexts
 * @family: the socket
 * @fn: called with each
 * @data: handed to @fn
 *
 * Return: 0; -EINTR - the list changed meanwhile, begin again; -EPERM; -ENOENT -
 * the module is gone; -errno of @fn; another -errno.
 */
int family_contexts(struct family *family, family_context_fn fn, void *data)
{
	struct listing l = { .nl = &family->nl, .fn = fn, .data = data };

	return netlink_call(&family->nl,
			    netlink_request(&family->nl, KSECDD_CMD_CONTEXT, NLM_F_DUMP),
			    take_context, &l);
}
