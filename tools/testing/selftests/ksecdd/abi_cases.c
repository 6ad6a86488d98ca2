// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every ioctl there is, with structs that make it succeed.
 */
#include <sched.h>
#include <unistd.h>

#include "abi.h"
#include "suite.h"

struct fixture fixture;
uint8_t abi_data[32];
struct ksecdd_buffer abi_bufs[2];
struct ksecdd_message abi_messages[1];

static const char name[8] = "a name";

/* The answer of the helper to ACCEPT, and as long as the room for it */
static const uint8_t answer[8] = "answer!";

/* What the ioctls write to; nothing of it changes if they fail. */
static struct {
	uint8_t token[sizeof(answer)];
	uint8_t sig[16];
	struct ksecdd_context_info info;
	struct ksecdd_token_info token_info;
	char name[11];
	char sids[sizeof(name)];
	char end;	/* no hole, so that it can be compared as memory */
	uint32_t groups[3];
} out, out_before;

static uint8_t data_before[sizeof(abi_data)];
static const uint8_t key[16] = "a session's key";
static const uint32_t groups[3] = { 100, 200, 300 };
static struct verdict verdict;

static void put_acquire(union arg *a)
{
	a->acquire.package = KSECDD_PACKAGE_NTLM;
	a->acquire.use = SECPKG_CRED_INBOUND;
}

static void put_acquire_names(union arg *a)
{
	put_acquire(a);
	a->acquire.principal = a->acquire.user = a->acquire.domain = a->acquire.secret =
		(uintptr_t)name;
	a->acquire.principal_len = a->acquire.user_len = a->acquire.domain_len =
		a->acquire.secret_len = sizeof(name);
}

static void undo_acquire(const union arg *a)
{
	CHECK_STATUS(free_cred(fixture.fd, a->acquire.handle), SEC_E_OK);
}

/* There is always one credential to destroy: a call that fails leaves it. */
static uint64_t doomed;

static void put_destroy(union arg *a)
{
	a->destroy.handle = doomed;
	a->destroy.type = KSECDD_OBJECT_CREDENTIAL;
}

static void undo_destroy(const union arg *a)
{
	(void)a;
	doomed = device_acquire(fixture.fd);
}

static void put_accept(union arg *a)
{
	verdict = verdict_ok(TEST_SEAL_FLAGS, key);
	verdict.set_keys = false;
	verdict.complete.token = (uintptr_t)answer;
	verdict.complete.token_len = sizeof(answer);
	/* Of a package that takes parameters, so that they are looked at */
	a->accept.credential = fixture.digest;
	a->accept.target_drep = SECURITY_NATIVE_DREP;
	a->accept.token = (uintptr_t)&verdict;
	a->accept.token_len = sizeof(verdict);
	a->accept.bindings = (uintptr_t)abi_data;
	a->accept.bindings_len = sizeof(abi_data);
	a->accept.params = (uintptr_t)abi_data;
	a->accept.params_len = sizeof(abi_data);
	a->accept.params_type = KSECDD_PARAMS_DIGEST;
	a->accept.out = (uintptr_t)out.token;
	a->accept.out_len = sizeof(out.token);
}

static void undo_accept(const union arg *a)
{
	CHECK_MEM(out.token, answer, sizeof(answer));
	CHECK_STATUS(delete_context(fixture.fd, a->accept.new_context), SEC_E_OK);
}

static void put_query(union arg *a)
{
	a->query.context = fixture.ctx;
	a->query.attribute = KSECDD_ATTR_INFO;
	a->query.len = sizeof(out.info);
	a->query.buffer = (uintptr_t)&out.info;
}

static void put_token(union arg *a)
{
	a->token.context = fixture.ctx;
}

static void undo_token(const union arg *a)
{
	CHECK_EQ(close(a->token.fd), 0);
}

/* The context has no TLS, and that is what they say. */
static void put_attach(union arg *a)
{
	a->attach.context = fixture.ctx;
	a->attach.fd = fixture.fd;
}

static void put_control(union arg *a)
{
	a->control.context = fixture.ctx;
	a->control.op = KSECDD_CONTROL_SHUTDOWN;
}

static void put_token_query(union arg *a)
{
	a->query.attribute = KSECDD_ATTR_TOKEN;
	a->query.len = sizeof(out.token_info);
	a->query.buffer = (uintptr_t)&out.token_info;
}

static void put_token_name(union arg *a)
{
	a->query.attribute = KSECDD_ATTR_CLIENT_NAME;
	a->query.len = sizeof(out.name);
	a->query.buffer = (uintptr_t)out.name;
}

static void put_token_groups(union arg *a)
{
	a->query.attribute = KSECDD_ATTR_GROUPS;
	a->query.len = sizeof(out.groups);
	a->query.buffer = (uintptr_t)out.groups;
}

static void put_token_sids(union arg *a)
{
	a->query.attribute = KSECDD_ATTR_SIDS;
	a->query.len = sizeof(out.sids);
	a->query.buffer = (uintptr_t)out.sids;
}

static void undo_token_groups(const union arg *a)
{
	CHECK_EQ(a->query.len, sizeof(groups));
	CHECK_MEM(out.groups, groups, sizeof(groups));
}

static void put_message(union arg *a)
{
	abi_bufs[0] = buffer(SECBUFFER_DATA, abi_data, sizeof(abi_data));
	abi_bufs[1] = buffer(SECBUFFER_TOKEN, out.sig, sizeof(out.sig));
	a->message.context = fixture.ctx;
	a->message.op = KSECDD_MESSAGE_SIGN;
	a->message.nbuffers = 2;
	a->message.buffers = (uintptr_t)abi_bufs;
}

static void put_encrypt(union arg *a)
{
	put_message(a);
	a->message.op = KSECDD_MESSAGE_ENCRYPT;
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

/* Nothing was delegated by the client of the fixture's token. */
static void put_fetch(union arg *a)
{
	a->fetch.user = a->fetch.domain = a->fetch.secret = (uintptr_t)out.name;
	a->fetch.user_len = a->fetch.domain_len = a->fetch.secret_len = sizeof(out.name);
}

static void put_credential(union arg *a)
{
	a->credential.user = a->credential.domain = (uintptr_t)name;
	a->credential.secret = a->credential.client = (uintptr_t)name;
	a->credential.user_len = a->credential.domain_len = sizeof(name);
	a->credential.secret_len = a->credential.client_len = sizeof(name);
	a->credential.uid = a->credential.gid = ENV_UID;
}

static void put_denied(union arg *a)
{
	a->complete.status = SEC_E_LOGON_DENIED;
}

static void put_continue(union arg *a)
{
	a->complete.status = SEC_I_CONTINUE_NEEDED;
	a->complete.state = (uintptr_t)name;
	a->complete.state_len = sizeof(name);
	a->complete.token = (uintptr_t)answer;
	a->complete.token_len = sizeof(answer);
}

static void put_ok(union arg *a)
{
	fill_ok(&a->complete);
	a->complete.flags = KSECDD_COMPLETE_MAPPED | KSECDD_COMPLETE_TARGET;
	a->complete.target = (uintptr_t)name;
	a->complete.target_len = sizeof(name);
	a->complete.groups = (uintptr_t)groups;
	a->complete.ngroups = ARRAY_SIZE(groups);
	a->complete.uid = a->complete.gid = ENV_UID;
	a->complete.ccache = a->complete.sids = (uintptr_t)name;
	a->complete.ccache_len = a->complete.sids_len = sizeof(name);
	a->complete.peer_cert = a->complete.protocol = (uintptr_t)name;
	a->complete.unique = a->complete.endpoint = (uintptr_t)name;
	a->complete.peer_cert_len = a->complete.protocol_len = sizeof(name);
	a->complete.unique_len = a->complete.endpoint_len = sizeof(name);
	a->complete.ret_flags |= ASC_RET_DELEGATE;
}

#define FIRST(what, put_, want_, undo_)						\
	{ .name = #what, .desc = &ioctl_table[IOCTL_##what], .first = true, .put = put_, \
	  .want = want_, .undo = undo_ }
#define OTHER(what, name_, put_, want_, undo_)					\
	{ .name = #what " " name_, .desc = &ioctl_table[IOCTL_##what], .put = put_, \
	  .want = want_, .undo = undo_ }

const struct abi_case abi_cases[ABI_CASES] = {
	FIRST(VERSION, NULL, SEC_E_OK, NULL),
	FIRST(PACKAGE, NULL, SEC_E_OK, NULL),
	FIRST(ACQUIRE, put_acquire, SEC_E_OK, undo_acquire),
	OTHER(ACQUIRE, "with names", put_acquire_names, SEC_E_OK, undo_acquire),
	FIRST(DESTROY, put_destroy, SEC_E_OK, undo_destroy),
	FIRST(ACCEPT, put_accept, SEC_E_OK, undo_accept),
	FIRST(QUERY, put_query, SEC_E_OK, NULL),
	FIRST(MESSAGE, put_message, SEC_E_OK, NULL),
	OTHER(MESSAGE, "that encrypts", put_encrypt, SEC_E_OK, NULL),
	FIRST(MESSAGE_BATCH, put_batch, SEC_E_OK, NULL),
	FIRST(TOKEN, put_token, SEC_E_OK, undo_token),
	FIRST(ATTACH, put_attach, SEC_E_UNSUPPORTED_FUNCTION, NULL),
	FIRST(CONTROL, put_control, SEC_E_UNSUPPORTED_FUNCTION, NULL),
	FIRST(TOKEN_QUERY, put_token_query, SEC_E_OK, NULL),
	OTHER(TOKEN_QUERY, "for the name", put_token_name, SEC_E_OK, NULL),
	OTHER(TOKEN_QUERY, "for the groups", put_token_groups, SEC_E_OK, undo_token_groups),
	OTHER(TOKEN_QUERY, "for the SIDs", put_token_sids, SEC_E_OK, NULL),
	FIRST(TOKEN_FETCH, put_fetch, SEC_E_NO_CREDENTIALS, NULL),
	FIRST(REQ_SET_KEYS, put_set_keys, SEC_E_OK, NULL),
	FIRST(REQ_MESSAGE, put_request_message, SEC_E_OK, NULL),
	FIRST(REQ_CREDENTIAL, put_credential, SEC_E_OK, NULL),
	FIRST(REQ_COMPLETE, put_denied, SEC_E_LOGON_DENIED, NULL),
	OTHER(REQ_COMPLETE, "that goes on", put_continue, SEC_I_CONTINUE_NEEDED, NULL),
	OTHER(REQ_COMPLETE, "that lets in", put_ok, SEC_E_OK, NULL),
};

/**
 * abi_file() - the file that an ioctl is tried on
 * @c: a case of it, not one of a request file
 *
 * Return: the descriptor
 */
int abi_file(const struct abi_case *c)
{
	return c->desc->file == IOCTL_TOKEN_FILE ? fixture.token : fixture.fd;
}

/**
 * prepare() - a struct that makes an ioctl succeed
 * @c: the case
 * @a: receives it
 */
void prepare(const struct abi_case *c, union arg *a)
{
	memset(a, 0, sizeof(*a));
	a->size = c->desc->arg->size;
	if (c->put)
		c->put(a);
	memset(&out, 0xee, sizeof(out));
	memset(abi_data, 0xdd, sizeof(abi_data));
	out_before = out;
	memcpy(data_before, abi_data, sizeof(abi_data));
}

/**
 * abi_same_memory() - has nothing been written to since prepare()?
 *
 * Return: true if not, apart from the struct itself
 */
bool abi_same_memory(void)
{
	return !memcmp(&out, &out_before, sizeof(out)) &&
	       !memcmp(abi_data, data_before, sizeof(abi_data));
}

/**
 * check_success() - do an ioctl, check that it succeeds, and take it back
 * @c:   the case
 * @fd:  its file
 * @arg: its struct
 */
void check_success(const struct abi_case *c, int fd, void *arg)
{
	int ret = device_ioctl(fd, c->desc->cmd, arg);
	int32_t status;

	if (!CHECK_EQ(ret, 0)) {
		suite_note("in %s", c->name);
		return;
	}
	if (c->desc->status != IOCTL_NO_STATUS) {
		memcpy(&status, (char *)arg + c->desc->status, sizeof(status));
		if (!CHECK_STATUS(status, c->want))
			suite_note("in %s", c->name);
	}
	if (c->undo)
		c->undo(arg);
}

/**
 * fetch_kept() - fetch the answer that ACCEPT could not deliver, and take it back
 *
 * Where there is none, the helper is asked, and nothing is left behind either.
 */
void fetch_kept(void)
{
	const struct abi_case *c = abi_cases;
	union arg a;

	while (c->desc != &ioctl_table[IOCTL_ACCEPT])
		c++;
	prepare(c, &a);
	check_success(c, fixture.fd, &a);
}

/**
 * check_errno() - do an ioctl and check how it fails
 * @c:    the case
 * @fd:   its file
 * @arg:  its struct, or what is given in its place
 * @want: -errno
 * @what: what is wrong with it
 */
void check_errno(const struct abi_case *c, int fd, uint64_t arg, int want, const char *what)
{
	int ret = device_ioctl(fd, c->desc->cmd, (void *)(uintptr_t)arg);

	if (!CHECK_EQ(ret, want))
		suite_note("in %s with %s", c->name, what);
	if (!CHECK(abi_same_memory()))
		suite_note("after %s with %s", c->name, what);
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
 * in_request() - do something with a request file
 * @hook:      what; the helper's COMPLETE, which refuses the client, follows it
 * @data:      for @hook
 * @completed: what that COMPLETE has to return
 * @status:    what the caller has to get; a context of his is deleted
 */
void in_request(request_hook hook, void *data, int completed, int32_t status)
{
	struct verdict refusal = verdict_fail(SEC_E_LOGON_DENIED);
	unsigned int served = __atomic_load_n(&fixture.helper.served, __ATOMIC_SEQ_CST);
	uint8_t room[64];
	struct ksecdd_accept accept = { .out = (uintptr_t)room, .out_len = sizeof(room) };

	refusal.hook = hook;
	refusal.data = data;
	CHECK_EQ(device_accept(fixture.fd, fixture.cred, 0, &refusal, &accept), 0);
	CHECK_STATUS(accept.status, status);
	if (accept.new_context)
		CHECK_STATUS(delete_context(fixture.fd, accept.new_context), SEC_E_OK);
	/* The helper may still be on its way out of COMPLETE. */
	while (__atomic_load_n(&fixture.helper.served, __ATOMIC_SEQ_CST) == served)
		sched_yield();
	CHECK_EQ(fixture.helper.completed, completed);
}

/**
 * fixture_setup() - make the fixture
 */
void fixture_setup(void)
{
	static const uint8_t session_key[16] = { 1 };
	struct verdict lets_in = verdict_ok(TEST_SEAL_FLAGS, session_key);
	union arg a = { .size = sizeof(a.token) };

	testhelper_isolate();
	fixture.helper.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_WDIGEST;
	testhelper_start(&fixture.helper);
	fixture.fd = device_open();
	fixture.cred = device_acquire(fixture.fd);
	fixture.digest = device_acquire_package(fixture.fd, KSECDD_PACKAGE_WDIGEST);
	doomed = device_acquire(fixture.fd);
	lets_in.complete.flags = KSECDD_COMPLETE_MAPPED;
	lets_in.complete.uid = lets_in.complete.gid = ENV_UID;
	lets_in.complete.groups = (uintptr_t)groups;
	lets_in.complete.ngroups = ARRAY_SIZE(groups);
	lets_in.complete.sids = (uintptr_t)name;
	lets_in.complete.sids_len = sizeof(name);
	fixture.ctx = device_establish(fixture.fd, fixture.cred, &lets_in);
	a.token.context = fixture.ctx;
	REQUIRE_EQ(device_ioctl(fixture.fd, KSECDD_IOC_TOKEN, &a), 0);
	REQUIRE_STATUS(a.token.status, SEC_E_OK);
	fixture.token = a.token.fd;
}
