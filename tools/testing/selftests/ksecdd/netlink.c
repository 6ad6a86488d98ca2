// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The netlink family: who may be the helper, what REGISTER takes, and the list of
 * contexts.
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

static struct testhelper th;

static int register_once(void)
{
	struct testhelper one = {};
	int err = testhelper_register(&one);

	testhelper_stop(&one);
	return err;
}

static int next_without_registration(void)
{
	struct family_request next;
	struct family family = {};
	int err;

	REQUIRE_EQ(family_open(&family), 0);
	err = family_next(&family, &next);
	CHECK_EQ(next.fd, -1);
	family_close(&family);
	return err;
}

static int count_context(void *data, const struct family_context *context)
{
	unsigned int *n = data;

	(void)context;
	(*n)++;
	return 0;
}

static int list(unsigned int *n)
{
	struct family family = {};
	int err;

	*n = 0;
	REQUIRE_EQ(family_open(&family), 0);
	err = family_contexts(&family, count_context, n);
	family_close(&family);
	return err;
}

/* All that only the helper or root may do, in the network namespace of now. */
static void check_forbidden(void)
{
	struct family_status status = status_now();
	unsigned int n;

	CHECK_EQ(register_once(), -EPERM);
	CHECK_EQ(next_without_registration(), -EPERM);
	CHECK_EQ(list(&n), -EPERM);
	CHECK_EQ(n, 0);
	/* The status is for everybody. */
	CHECK(status.abi == KSECDD_ABI_VERSION);
}

static void keep_only(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
		{ .effective = (uint32_t)(caps >> 32), .permitted = (uint32_t)(caps >> 32) },
	};

	REQUIRE_SYS(syscall(SYS_capset, &head, data));
}

static void unprivileged(void *unused)
{
	(void)unused;
	become(ENV_UID);
	check_forbidden();
}

static void root_without_capabilities(void *unused)
{
	(void)unused;
	keep_only(0);
	check_forbidden();
}

static void only_net_admin(void *unused)
{
	unsigned int n;

	(void)unused;
	keep_only(1ULL << CAP_NET_ADMIN);
	CHECK_EQ(register_once(), -EPERM);
	/* It is enough to look. */
	CHECK_EQ(list(&n), 0);
	CHECK_EQ(next_without_registration(), -EPERM);
}

static void only_sys_admin(void *unused)
{
	(void)unused;
	keep_only(1ULL << CAP_SYS_ADMIN);
	check_forbidden();
}

static void root_of_namespaces(void *unused)
{
	(void)unused;
	become(ENV_UID);
	user_namespace();
	check_forbidden();
	REQUIRE_SYS(unshare(CLONE_NEWNET));
	check_forbidden();
}

/* root of a user namespace whose root is root */
static void mapped_root(void *unused)
{
	(void)unused;
	user_namespace();
	REQUIRE_SYS(unshare(CLONE_NEWNET));
	check_forbidden();
}

static void forbidden(void)
{
	static void (*const who[])(void *unused) = {
		unprivileged, root_without_capabilities, only_net_admin, only_sys_admin,
		root_of_namespaces, mapped_root,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(who); i++)
		suite_in_child(who[i], NULL);
	/* Nobody of them has left anything behind. */
	CHECK_EQ(register_once(), 0);
}

static void forbidden_beside_a_helper(void)
{
	static void (*const who[])(void *unused) = {
		unprivileged, root_without_capabilities, only_sys_admin,
	};
	size_t i;

	REQUIRE_EQ(testhelper_register(&th), 0);
	for (i = 0; i < ARRAY_SIZE(who); i++)
		suite_in_child(who[i], NULL);
	testhelper_stop(&th);
}

static void second_in_child(void *unused)
{
	(void)unused;
	CHECK_EQ(register_once(), -EBUSY);
	CHECK_EQ(next_without_registration(), -EPERM);
}

static void second_helper(void)
{
	struct family_request next;
	uint64_t epoch;

	REQUIRE_EQ(testhelper_register(&th), 0);
	epoch = th.helper.epoch;
	/* Of the same process, of another one, and by the same socket */
	second_in_child(NULL);
	suite_in_child(second_in_child, NULL);
	CHECK_EQ(family_register(&th.family, &th.helper), -EBUSY);
	CHECK_EQ(family_next(&th.family, &next), -EAGAIN);
	testhelper_stop(&th);
	REQUIRE_EQ(testhelper_register(&th), 0);
	CHECK(th.helper.epoch != epoch);
	testhelper_stop(&th);
}

/* A request waits; sockets that are not the helper's do not get it. */
static void next_is_for_the_helper(void)
{
	static struct taken taken;
	static struct call call;
	int fd = device_open();

	REQUIRE_EQ(testhelper_register(&th), 0);
	call_init(&call, fd, device_acquire(fd), 0);
	call_start(&call);
	while (!status_now().requests)
		sched_yield();
	CHECK_EQ(next_without_registration(), -EPERM);
	suite_in_child(second_in_child, NULL);
	take(&th, &taken);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	taken_close(&taken);
	call_wait(&call);
	CHECK_STATUS(call.arg.status, SEC_E_LOGON_DENIED);
	testhelper_stop(&th);
	close(fd);
}

/* One REGISTER; @abi and so on: an attribute of @len bytes, none if 0. */
struct registration {
	const char *what;
	struct {
		uint32_t value;
		unsigned int len;
	} abi, packages, inflight;
	int want;
};

#define A(value)	{ value, 4 }
#define NONE		{ 0, 0 }
#define SHORT(value)	{ value, 2 }

static const struct registration registrations[] = {
	{ "no ABI", NONE, A(2), A(1), -EINVAL },
	{ "no packages", A(KSECDD_ABI_VERSION), NONE, A(1), -EINVAL },
	{ "no inflight", A(KSECDD_ABI_VERSION), A(2), NONE, -EINVAL },
	{ "ABI 0", A(0), A(2), A(1), -EPROTO },
	{ "the next ABI", A(KSECDD_ABI_VERSION + 1), A(2), A(1), -EPROTO },
	{ "ABI -1", A(UINT32_MAX), A(2), A(1), -EPROTO },
	{ "inflight 0", A(KSECDD_ABI_VERSION), A(2), A(0), -ERANGE },
	{ "inflight too large", A(KSECDD_ABI_VERSION), A(2), A(KSECDD_MAX_INFLIGHT + 1), -ERANGE },
	{ "inflight -1", A(KSECDD_ABI_VERSION), A(2), A(UINT32_MAX), -ERANGE },
	{ "a short ABI", SHORT(KSECDD_ABI_VERSION), A(2), A(1), -EINVAL },
	{ "short packages", A(KSECDD_ABI_VERSION), SHORT(2), A(1), -EINVAL },
	{ "a short inflight", A(KSECDD_ABI_VERSION), A(2), SHORT(1), -EINVAL },
	{ "all that is needed", A(KSECDD_ABI_VERSION), A(2), A(KSECDD_MAX_INFLIGHT), 0 },
};

static int put(struct nl_msg *msg, int attr, uint32_t value, unsigned int len)
{
	return len ? nla_put(msg, attr, (int)len, &value) : 0;
}

static void registration_attributes(void)
{
	const struct registration *r;
	struct family family = {};
	struct nl_msg *msg;

	for (r = registrations; r < registrations + ARRAY_SIZE(registrations); r++) {
		REQUIRE_EQ(family_open(&family), 0);
		msg = netlink_request(&family.nl, KSECDD_CMD_REGISTER, 0);
		REQUIRE(msg);
		REQUIRE(!put(msg, KSECDD_A_HELPER_ABI, r->abi.value, r->abi.len) &&
			!put(msg, KSECDD_A_HELPER_PACKAGES, r->packages.value, r->packages.len) &&
			!put(msg, KSECDD_A_HELPER_INFLIGHT, r->inflight.value, r->inflight.len));
		if (!CHECK_EQ(netlink_call(&family.nl, msg, NULL, NULL), r->want))
			suite_note("REGISTER with %s", r->what);
		family_close(&family);
	}
}

/* Attributes and commands that there are not */
static void unknown_attributes(void)
{
	static const uint8_t commands[] = { 0, KSECDD_CMD_READY, KSECDD_CMD_CONTEXT + 1, 255 };
	struct family family = {};
	struct nl_msg *msg;
	size_t i;

	REQUIRE_EQ(family_open(&family), 0);
	msg = netlink_request(&family.nl, KSECDD_CMD_REGISTER, 0);
	REQUIRE(msg);
	REQUIRE(!nla_put_u32(msg, KSECDD_A_HELPER_ABI, KSECDD_ABI_VERSION) &&
		!nla_put_u32(msg, KSECDD_A_HELPER_PACKAGES, 2) &&
		!nla_put_u32(msg, KSECDD_A_HELPER_INFLIGHT, 1) &&
		!nla_put_u32(msg, KSECDD_A_HELPER_MAX + 7, 1));
	CHECK_EQ(netlink_call(&family.nl, msg, NULL, NULL), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		msg = netlink_request(&family.nl, commands[i], 0);
		CHECK_EQ(netlink_call(&family.nl, msg, NULL, NULL), -EOPNOTSUPP);
	}
	family_close(&family);
	CHECK_EQ(register_once(), 0);
}

#define CONTEXTS	300	/* do not fit into one message */

struct seen {
	unsigned int n;
	unsigned int established;
	unsigned int half_open;
	unsigned int wrong;
	uint64_t last;
};

/* What this test has made, and nothing else: the guest is otherwise idle. */
static int see_context(void *data, const struct family_context *c)
{
	struct seen *seen = data;
	bool established = c->state == KSECDD_STATE_ESTABLISHED;

	seen->n++;
	seen->established += established;
	seen->half_open += c->state == KSECDD_STATE_HALF_OPEN;
	seen->wrong += c->package != KSECDD_PACKAGE_NTLM || c->owner_uid != 0 ||
		       c->owner_pid != (uint32_t)getpid() || strcmp(c->comm, "lists-contexts") ||
		       c->age > 600000 || c->have_client != established || c->number == seen->last;
	if (established)
		seen->wrong += strcmp(c->client, "TEST\\client") || c->key_bits != 128 ||
			       c->sent != 2 || c->received != 0 || !c->have_uid ||
			       c->uid != ENV_UID ||
			       c->flags != (ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY);
	else
		seen->wrong += c->key_bits || c->sent || c->received || c->have_uid || c->flags;
	seen->last = c->number;
	return 0;
}

static void sign_twice(int fd, uint64_t context)
{
	const struct message_call call = { .cmd = KSECDD_IOC_MESSAGE, .fd = fd,
					   .context = context };
	uint8_t text[4] = "text", token[16];
	struct ksecdd_buffer bufs[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		bufs[0] = buffer(SECBUFFER_DATA, text, sizeof(text));
		bufs[1] = buffer(SECBUFFER_TOKEN, token, sizeof(token));
		CHECK_STATUS(message_status(&call, KSECDD_MESSAGE_SIGN, bufs, 2), SEC_E_OK);
	}
}

/* Contexts in several files, with other handles and holes between them */
static void list_of_contexts(void)
{
	static const uint8_t key[16] = "a session's key";
	struct verdict ok = verdict_ok(TEST_SEAL_FLAGS, key);
	struct verdict more = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept = {};
	struct family family = {};
	struct seen seen = {};
	uint64_t creds[3], context;
	unsigned int i;
	int fds[3];

	prctl(PR_SET_NAME, "lists-contexts");
	ok.complete.flags = KSECDD_COMPLETE_MAPPED;
	ok.complete.uid = ok.complete.gid = ENV_UID;
	REQUIRE_EQ(list(&i), 0);
	REQUIRE_EQ(i, 0);
	testhelper_start(&th);
	for (i = 0; i < 3; i++) {
		fds[i] = device_open();
		creds[i] = device_acquire(fds[i]);
	}
	for (i = 0; i < CONTEXTS; i++) {
		if (i % 3 == 0) {
			CHECK_EQ(device_accept(fds[i % 3], creds[i % 3], 0, &more, &accept), 0);
			CHECK_STATUS(accept.status, SEC_I_CONTINUE_NEEDED);
			continue;
		}
		context = device_establish(fds[i % 3], creds[i % 3], &ok);
		sign_twice(fds[i % 3], context);
		if (i % 5 == 0)
			CHECK_STATUS(delete_context(fds[i % 3], context), SEC_E_OK);
	}

	REQUIRE_EQ(family_open(&family), 0);
	CHECK_EQ(family_contexts(&family, see_context, &seen), 0);
	CHECK_EQ(seen.n, CONTEXTS - CONTEXTS * 2 / 15);
	CHECK_EQ(seen.half_open, CONTEXTS / 3);
	CHECK_EQ(seen.established, seen.n - CONTEXTS / 3);
	CHECK_EQ(seen.wrong, 0);
	CHECK_EQ(seen.n, status_now().contexts);

	/* Files that go meanwhile */
	close(fds[1]);
	memset(&seen, 0, sizeof(seen));
	CHECK_EQ(family_contexts(&family, see_context, &seen), 0);
	CHECK_EQ(seen.n, status_now().contexts);
	family_close(&family);
	close(fds[0]);
	close(fds[2]);
	REQUIRE_EQ(list(&i), 0);
	CHECK_EQ(i, 0);
}

static void after(void)
{
	testhelper_stop(&th);
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "what only root may do", .run = forbidden },
	{ .name = "what only root may do beside a helper", .run = forbidden_beside_a_helper },
	{ .name = "there is one helper", .run = second_helper },
	{ .name = "requests are for the helper", .run = next_is_for_the_helper },
	{ .name = "attributes of REGISTER", .run = registration_attributes },
	{ .name = "attributes and commands that there are not", .run = unknown_attributes },
	{ .name = "the list of contexts", .run = list_of_contexts },
};

int main(void)
{
	testhelper_isolate();
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
