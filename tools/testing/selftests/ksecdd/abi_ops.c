// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every ioctl there is, described by a struct that makes it succeed.
 */
#include "abi.h"
#include "suite.h"

struct fixture fixture;
uint8_t abi_data[32];
struct ksecdd_buffer abi_bufs[2];
struct ksecdd_message abi_messages[1];

static uint8_t token[16], out[64], sig[16], key[16];
static struct ksecdd_context_info info;

static void put_package(union arg *a)
{
	a->package.index = 0;
}

static void put_acquire(union arg *a)
{
	a->acquire.package = KSECDD_PACKAGE_NTLM;
	a->acquire.use = SECPKG_CRED_INBOUND;
}

static void put_destroy(union arg *a)
{
	a->destroy.handle = 12345;
	a->destroy.type = KSECDD_OBJECT_CONTEXT;
}

/* The helper takes this token for nonsense: INVALID_TOKEN, and no context. */
static void put_accept(union arg *a)
{
	a->accept.credential = fixture.cred;
	a->accept.token = (uintptr_t)token;
	a->accept.token_len = sizeof(token);
	a->accept.out = (uintptr_t)out;
	a->accept.out_len = sizeof(out);
}

static void put_query(union arg *a)
{
	a->query.context = fixture.ctx;
	a->query.attribute = KSECDD_ATTR_INFO;
	a->query.len = sizeof(info);
	a->query.buffer = (uintptr_t)&info;
}

static void put_message(union arg *a)
{
	abi_bufs[0] = buffer(SECBUFFER_DATA, abi_data, sizeof(abi_data));
	abi_bufs[1] = buffer(SECBUFFER_TOKEN, sig, sizeof(sig));
	a->message.context = fixture.ctx;
	a->message.op = KSECDD_MESSAGE_SIGN;
	a->message.nbuffers = 2;
	a->message.buffers = (uintptr_t)abi_bufs;
}

static void put_request_message(union arg *a)
{
	put_message(a);
	a->message.context = 0;
}

static void put_batch(union arg *a)
{
	union arg one = { .size = sizeof(one.message) };

	put_message(&one);
	abi_messages[0] = one.message;
	a->batch.count = 1;
	a->batch.messages = (uintptr_t)abi_messages;
}

static void put_set_keys(union arg *a)
{
	a->set_keys.mech = KSECDD_PACKAGE_NTLM;
	a->set_keys.mech_flags = TEST_SEAL_FLAGS;
	a->set_keys.key = (uintptr_t)key;
	a->set_keys.key_len = sizeof(key);
}

static void put_complete(union arg *a)
{
	a->complete.status = SEC_E_LOGON_DENIED;
}

#define STATUS_OF(type)	offsetof(struct type, status)

const struct op device_ops[DEVICE_OPS] = {
	[VERSION] = { "VERSION", KSECDD_IOC_VERSION, sizeof(struct ksecdd_version), NULL, NO_STATUS, 0, 0,
	  false },
	[PACKAGE] = { "PACKAGE", KSECDD_IOC_PACKAGE, sizeof(struct ksecdd_package), put_package,
	  STATUS_OF(ksecdd_package), SEC_E_OK, offsetof(struct ksecdd_package, __reserved),
	  false },
	[ACQUIRE] = { "ACQUIRE", KSECDD_IOC_ACQUIRE, sizeof(struct ksecdd_acquire), put_acquire,
	  STATUS_OF(ksecdd_acquire), SEC_E_OK, 0, false },
	[DESTROY] = { "DESTROY", KSECDD_IOC_DESTROY, sizeof(struct ksecdd_destroy), put_destroy,
	  STATUS_OF(ksecdd_destroy), SEC_E_INVALID_HANDLE,
	  offsetof(struct ksecdd_destroy, __reserved), false },
	[ACCEPT] = { "ACCEPT", KSECDD_IOC_ACCEPT, sizeof(struct ksecdd_accept), put_accept,
	  STATUS_OF(ksecdd_accept), SEC_E_INVALID_TOKEN, 0, false },
	[QUERY] = { "QUERY", KSECDD_IOC_QUERY, sizeof(struct ksecdd_query), put_query,
	  STATUS_OF(ksecdd_query), SEC_E_OK, 0, false },
	[MESSAGE] = { "MESSAGE", KSECDD_IOC_MESSAGE, sizeof(struct ksecdd_message), put_message,
	  STATUS_OF(ksecdd_message), SEC_E_OK, 0, false },
	[BATCH] = { "MESSAGE_BATCH", KSECDD_IOC_MESSAGE_BATCH, sizeof(struct ksecdd_message_batch),
	  put_batch, NO_STATUS, 0, 0, false },
};

const struct op request_ops[REQUEST_OPS] = {
	{ "SET_KEYS", KSECDD_REQ_SET_KEYS, sizeof(struct ksecdd_set_keys), put_set_keys,
	  NO_STATUS, 0, 0, true },
	{ "MESSAGE", KSECDD_REQ_MESSAGE, sizeof(struct ksecdd_message), put_request_message,
	  STATUS_OF(ksecdd_message), SEC_E_OK, offsetof(struct ksecdd_message, context), false },
	{ "COMPLETE", KSECDD_REQ_COMPLETE, sizeof(struct ksecdd_complete), put_complete,
	  NO_STATUS, 0, 0, true },
};

/**
 * prepare() - a struct that makes an ioctl succeed
 * @op: the ioctl
 * @a:  receives it
 */
void prepare(const struct op *op, union arg *a)
{
	memset(a, 0, sizeof(*a));
	a->size = op->size;
	if (op->put)
		op->put(a);
}

/**
 * check_success() - do an ioctl and check that it succeeds
 * @op:  the ioctl
 * @fd:  its file
 * @arg: its struct
 */
void check_success(const struct op *op, int fd, void *arg)
{
	int ret = device_ioctl(fd, op->cmd, arg);
	int32_t status;

	if (!CHECK_EQ(ret, 0)) {
		suite_note("in %s", op->name);
		return;
	}
	if (op->status == NO_STATUS)
		return;
	memcpy(&status, (char *)arg + op->status, sizeof(status));
	if (!CHECK_STATUS(status, op->want))
		suite_note("in %s", op->name);
}

/**
 * check_errno() - do an ioctl and check how it fails
 * @op:   the ioctl
 * @fd:   its file
 * @arg:  its struct, or what is given in its place
 * @want: -errno
 * @what: what is wrong with it
 */
void check_errno(const struct op *op, int fd, uint64_t arg, int want, const char *what)
{
	int ret = device_ioctl(fd, op->cmd, (void *)(uintptr_t)arg);

	if (!CHECK_EQ(ret, want))
		suite_note("in %s with %s", op->name, what);
}

/**
 * check_unchanged() - check that nothing was done
 * @before: the module's status then
 */
void check_unchanged(const struct family_status *before)
{
	struct family_status now = status_now();

	CHECK(same_gauges(&now, before));
	CHECK_EQ(now.accepted, before->accepted);
	CHECK_EQ(now.denied, before->denied);
	CHECK_EQ(now.failed, before->failed);
	CHECK_EQ(now.upcalls, before->upcalls);
	CHECK_EQ(now.timeouts, before->timeouts);
	CHECK_EQ(now.aborted, before->aborted);
	CHECK_EQ(now.unserved, before->unserved);
	CHECK_EQ(now.signed_messages, before->signed_messages);
	CHECK_EQ(now.verified, before->verified);
	CHECK_EQ(now.rejected, before->rejected);
	CHECK_EQ(now.expired, before->expired);
}

/**
 * fixture_setup() - make the fixture
 */
void fixture_setup(void)
{
	static const uint8_t session_key[16] = { 1 };
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);

	testhelper_isolate();
	testhelper_start(&fixture.helper);
	fixture.fd = device_open();
	fixture.cred = device_acquire(fixture.fd);
	fixture.ctx = device_establish(fixture.fd, fixture.cred, &verdict);
}
