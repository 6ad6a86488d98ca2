// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The caller's side of the module with one fault after the other: the device,
 * credentials, contexts and what can be asked of them.  The helper is the test's
 * own and suffers no faults.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"

/* No ioctl of the device */
#define NO_IOCTL	_IO(KSECDD_IOC_MAGIC, 0x7f)

static struct testhelper th;
static int dev = -1;
static uint64_t cred, ctx;

static void open_device(const void *arg)
{
	(void)arg;
	dev = device_open();
	cred = device_acquire(dev);
}

static void close_device(const void *arg)
{
	(void)arg;
	close(dev);
	dev = -1;
}

/* The device */

static int opened;

static int32_t open_run(const void *arg)
{
	(void)arg;
	opened = open(KSECDD_DEVICE, O_RDWR | O_CLOEXEC);
	return opened < 0 ? -errno : 0;
}

static void open_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome < 0)
		REQUIRE_EQ(open_run(arg), 0);
	close(opened);
}

/* With all that can be in it: one of each, and a half-open context */
static void close_before(const void *arg)
{
	static const uint8_t key[16] = { 1 };
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, key);

	open_device(arg);
	device_establish(dev, cred, &verdict);
	verdict = (struct verdict){ .magic = VERDICT_MAGIC,
				    .complete.status = SEC_I_CONTINUE_NEEDED };
	REQUIRE_EQ(device_accept(dev, cred, 0, &verdict, &(struct ksecdd_accept){ 0 }), 0);
}

static int32_t close_run(const void *arg)
{
	(void)arg;
	return close(dev) ? -errno : 0;
}

static int32_t mmap_run(const void *arg)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, dev, 0);

	(void)arg;
	if (p == MAP_FAILED)
		return -errno;
	munmap(p, 4096);
	return 0;
}

static int32_t no_ioctl_run(const void *arg)
{
	uint32_t size = 64;

	(void)arg;
	return device_ioctl(dev, NO_IOCTL, &size);
}

static int32_t version_run(const void *arg)
{
	struct ksecdd_version version = { .size = sizeof(version) };

	(void)arg;
	return device_ioctl(dev, KSECDD_IOC_VERSION, &version);
}

static int32_t package_run(const void *arg)
{
	struct ksecdd_package package = { .size = sizeof(package) };
	int err = device_ioctl(dev, KSECDD_IOC_PACKAGE, &package);

	(void)arg;
	return err ? err : package.status;
}

/* Credentials */

static const char secret[] = "a principal, a user, a domain and a password";
static struct ksecdd_acquire acquire;

static void acquire_before(const void *arg)
{
	acquire = (struct ksecdd_acquire){
		.size = sizeof(acquire), .package = KSECDD_PACKAGE_NTLM,
		.use = SECPKG_CRED_INBOUND, .principal = (uintptr_t)secret, .principal_len = 11,
	};
	if (arg != &secret)
		return;
	acquire.user = (uintptr_t)(secret + 13);
	acquire.user_len = 6;
	acquire.domain = (uintptr_t)(secret + 21);
	acquire.domain_len = 8;
	acquire.secret = (uintptr_t)(secret + 34);
	acquire.secret_len = 10;
}

static int32_t acquire_run(const void *arg)
{
	int err = device_ioctl(dev, KSECDD_IOC_ACQUIRE, &acquire);

	(void)arg;
	return err ? err : acquire.status;
}

static void acquire_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(acquire_run(arg), SEC_E_OK);
	CHECK_STATUS(free_cred(dev, acquire.handle), SEC_E_OK);
}

static uint64_t doomed;

static void free_before(const void *arg)
{
	(void)arg;
	doomed = device_acquire(dev);
}

static int32_t destroy(uint64_t handle, uint32_t type)
{
	struct ksecdd_destroy arg = { .size = sizeof(arg), .handle = handle, .type = type };
	int err = device_ioctl(dev, KSECDD_IOC_DESTROY, &arg);

	return err ? err : arg.status;
}

static int32_t free_run(const void *arg)
{
	(void)arg;
	return destroy(doomed, KSECDD_OBJECT_CREDENTIAL);
}

/* A handle ends when its owner was told, and no sooner. */
static void check_destroyed(int32_t outcome, uint32_t type)
{
	CHECK_STATUS(destroy(doomed, type), outcome ? SEC_E_OK : SEC_E_INVALID_HANDLE);
}

static void free_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)arg;
	(void)kind;
	check_destroyed(outcome, KSECDD_OBJECT_CREDENTIAL);
}

/* Contexts */

static const uint8_t session_key[16] = "the session key";
static uint8_t reply_token[300], reply_state[KSECDD_MAX_STATE], out[512];
static uint32_t groups[20] = { 1, 2, 3 };
static struct verdict first_leg, last_leg, refusal;
static struct ksecdd_accept accept_arg;

/* Everything a verdict can bring with it */
static void verdicts_init(void)
{
	static const char target[] = "HTTP/server";

	fill(reply_token, sizeof(reply_token), 1);
	fill(reply_state, sizeof(reply_state), 2);
	first_leg = (struct verdict){
		.magic = VERDICT_MAGIC,
		.complete = {
			.status = SEC_I_CONTINUE_NEEDED,
			.state = (uintptr_t)reply_state, .state_len = sizeof(reply_state),
			.token = (uintptr_t)reply_token, .token_len = sizeof(reply_token),
		},
	};
	last_leg = verdict_ok(TEST_SEAL_FLAGS, session_key);
	last_leg.complete.flags = KSECDD_COMPLETE_MAPPED | KSECDD_COMPLETE_TARGET |
				  KSECDD_COMPLETE_EXPORT_KEY;
	last_leg.complete.uid = ENV_UID;
	last_leg.complete.gid = ENV_UID;
	last_leg.complete.groups = (uintptr_t)groups;
	last_leg.complete.ngroups = ARRAY_SIZE(groups);
	last_leg.complete.target = (uintptr_t)target;
	last_leg.complete.target_len = sizeof(target) - 1;
	last_leg.complete.ccache = last_leg.complete.sids = (uintptr_t)target;
	last_leg.complete.ccache_len = last_leg.complete.sids_len = sizeof(target) - 1;
	last_leg.complete.ret_flags |= ASC_RET_DELEGATE;
	last_leg.complete.token = (uintptr_t)reply_token;
	last_leg.complete.token_len = 40;
	refusal = verdict_fail(SEC_E_LOGON_DENIED);
	refusal.complete.token = (uintptr_t)reply_token;
	refusal.complete.token_len = 40;
}

static int32_t accept_leg(uint64_t context, const struct verdict *verdict)
{
	int err;

	accept_arg = (struct ksecdd_accept){ .out = (uintptr_t)out, .out_len = sizeof(out) };
	err = device_accept(dev, cred, context, verdict, &accept_arg);
	return err ? err : accept_arg.status;
}

static int32_t first_run(const void *arg)
{
	(void)arg;
	return accept_leg(0, &first_leg);
}

static void first_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(first_run(arg), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(accept_arg.out_len, sizeof(reply_token));
	CHECK_MEM(out, reply_token, sizeof(reply_token));
	CHECK_STATUS(delete_context(dev, accept_arg.new_context), SEC_E_OK);
}

static void last_before(const void *arg)
{
	REQUIRE_STATUS(first_run(arg), SEC_I_CONTINUE_NEEDED);
	ctx = accept_arg.new_context;
}

static int32_t last_run(const void *arg)
{
	(void)arg;
	return accept_leg(ctx, &last_leg);
}

/* The context has the keys of the last leg, and no message has gone through yet. */
static void check_works(uint64_t context)
{
	struct session session = {
		.dev = dev, .cred = cred,
		.call = { .cmd = KSECDD_IOC_MESSAGE, .fd = dev, .context = context },
	};

	ntlm_peer_init(&session.peer, TEST_SEAL_FLAGS, session_key);
	CHECK(session_works(&session));
}

static void last_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct ksecdd_context_info info;

	(void)kind;
	if (outcome != SEC_E_OK) {
		/* It is half-open as it was, and the same token is good for it. */
		CHECK_STATUS(query_info(dev, ctx, &info), SEC_E_OK);
		CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
		REQUIRE_STATUS(last_run(arg), SEC_E_OK);
	}
	CHECK_EQ(accept_arg.new_context, ctx);
	CHECK_MEM(out, reply_token, 40);
	check_works(ctx);
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

static int32_t single_run(const void *arg)
{
	(void)arg;
	return accept_leg(0, &last_leg);
}

static void single_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(single_run(arg), SEC_E_OK);
	check_works(accept_arg.new_context);
	CHECK_STATUS(delete_context(dev, accept_arg.new_context), SEC_E_OK);
}

static int32_t refuse_run(const void *arg)
{
	(void)arg;
	return accept_leg(ctx, &refusal);
}

/*
 * A refusal is in force even where it could not be written: nobody gets a second
 * verdict.  Before the helper has seen the token, nothing has happened.
 */
static void refuse_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct ksecdd_context_info info;
	int32_t status = query_info(dev, ctx, &info);

	(void)kind;
	if (outcome == SEC_E_INSUFFICIENT_MEMORY)
		CHECK_STATUS(status, SEC_E_OK);
	if (outcome != SEC_E_LOGON_DENIED && status == SEC_E_OK) {
		CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
		CHECK_STATUS(refuse_run(arg), SEC_E_LOGON_DENIED);
	}
	CHECK_STATUS(query_info(dev, ctx, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_leg(ctx, &last_leg), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

/* A token and bindings as long as they may be */
static uint8_t long_token[KSECDD_MAX_TOKEN], long_bindings[KSECDD_MAX_CBT];

static int32_t long_run(const void *arg)
{
	int err;

	(void)arg;
	accept_arg = (struct ksecdd_accept){
		.size = sizeof(accept_arg), .credential = cred,
		.token = (uintptr_t)long_token, .token_len = sizeof(long_token),
		.bindings = (uintptr_t)long_bindings, .bindings_len = sizeof(long_bindings),
	};
	err = device_ioctl(dev, KSECDD_IOC_ACCEPT, &accept_arg);
	return err ? err : accept_arg.status;
}

static void long_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	/* What is no verdict the test's helper refuses. */
	if (outcome != SEC_E_INVALID_TOKEN)
		CHECK_STATUS(long_run(arg), SEC_E_INVALID_TOKEN);
}

static void delete_before(const void *arg)
{
	REQUIRE_STATUS(single_run(arg), SEC_E_OK);
	doomed = accept_arg.new_context;
}

static int32_t delete_run(const void *arg)
{
	(void)arg;
	return destroy(doomed, KSECDD_OBJECT_CONTEXT);
}

static void delete_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)arg;
	(void)kind;
	check_destroyed(outcome, KSECDD_OBJECT_CONTEXT);
}

static const uint32_t facts = KSECDD_ATTR_INFO, client = KSECDD_ATTR_CLIENT_NAME,
	server = KSECDD_ATTR_SERVER_NAME, target = KSECDD_ATTR_TARGET_NAME,
	exported_key = KSECDD_ATTR_SESSION_KEY, no_attribute = 99,
	token_facts = KSECDD_ATTR_TOKEN, token_groups = KSECDD_ATTR_GROUPS,
	token_sids = KSECDD_ATTR_SIDS;

static void query_begin(const void *arg)
{
	open_device(arg);
	REQUIRE_STATUS(single_run(arg), SEC_E_OK);
	ctx = accept_arg.new_context;
}

static int32_t query_run(const void *arg)
{
	struct ksecdd_query query = {
		.size = sizeof(query), .context = ctx, .attribute = *(const uint32_t *)arg,
		.len = sizeof(out), .buffer = (uintptr_t)out,
	};
	int err = device_ioctl(dev, KSECDD_IOC_QUERY, &query);

	return err ? err : query.status;
}

static void query_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const int32_t want = *(const uint32_t *)arg == no_attribute ?
			     SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK;

	(void)outcome;
	(void)kind;
	CHECK_STATUS(query_run(arg), want);
}

static void query_end(const void *arg)
{
	check_works(ctx);
	close_device(arg);
}

/* Tokens */

static int token;

static int32_t token_run(const void *arg)
{
	struct ksecdd_token cmd = { .size = sizeof(cmd), .context = ctx };
	int err = device_ioctl(dev, KSECDD_IOC_TOKEN, &cmd);

	(void)arg;
	token = err ? -1 : cmd.fd;
	return err ? err : cmd.status;
}

static void token_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK) {
		CHECK_EQ(token, -1);
		REQUIRE_STATUS(token_run(arg), SEC_E_OK);
	}
	CHECK_EQ(close(token), 0);
}

static void token_begin(const void *arg)
{
	query_begin(arg);
	REQUIRE_STATUS(token_run(arg), SEC_E_OK);
}

static int32_t token_query_run(const void *arg)
{
	struct ksecdd_query query = {
		.size = sizeof(query), .attribute = *(const uint32_t *)arg,
		.len = sizeof(out), .buffer = (uintptr_t)out,
	};
	int err = device_ioctl(token, KSECDD_TOKEN_QUERY, &query);

	return err ? err : query.status;
}

static void token_query_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)outcome;
	(void)kind;
	CHECK_STATUS(token_query_run(arg), SEC_E_OK);
}

static void token_end(const void *arg)
{
	CHECK_EQ(close(token), 0);
	query_end(arg);
}

/* The family, as anybody and as ksecctl */

static struct family family;

static void family_begin(const void *arg)
{
	query_begin(arg);
	REQUIRE_EQ(family_open(&family), 0);
}

static int32_t status_run(const void *arg)
{
	struct family_status status;

	(void)arg;
	return family_status(&family, &status);
}

static int count(void *data, const struct family_context *context)
{
	(void)context;
	++*(unsigned int *)data;
	return 0;
}

static int32_t contexts_run(const void *arg)
{
	unsigned int n = 0;
	int err = family_contexts(&family, count, &n);

	(void)arg;
	return err ? err : n ? 0 : -ENODATA;
}

/* A dump that broke off would be in the way of the next one on its socket. */
static void contexts_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome) {
		family_close(&family);
		REQUIRE_EQ(family_open(&family), 0);
	}
	CHECK_EQ(contexts_run(arg), 0);
}

static void again_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)outcome;
	(void)kind;
	CHECK_EQ(status_run(arg), 0);
}

static void family_end(const void *arg)
{
	family_close(&family);
	query_end(arg);
}

#define IOCTL(title, prefix, result, data, ...)						\
	{ .name = title, .faults = &sweep_ioctl, .want = result, .arg = data,		\
	  .begin = open_device, .run = prefix##_run, .after = prefix##_after,		\
	  .end = close_device, __VA_ARGS__ }
#define PLAIN(title, function, result)							\
	{ .name = title, .faults = &sweep_syscall, .want = result,			\
	  .begin = open_device, .run = function, .end = close_device }
#define QUERY(title, attribute, result)							\
	{ .name = title, .faults = &sweep_ioctl, .want = result, .arg = attribute,	\
	  .begin = query_begin, .run = query_run, .after = query_after, .end = query_end }

#define TOKEN_QUERY(title, attribute)							\
	{ .name = title, .faults = &sweep_token, .want = SEC_E_OK, .arg = attribute,	\
	  .begin = token_begin, .run = token_query_run, .after = token_query_after,	\
	  .end = token_end }

/* Its groups take memory before anything is done. */
static const struct sweep_faults sweep_token = {
	{ -ENOMEM, SWEEP_END }, { -EFAULT, SWEEP_END },
};

static const struct sweep rows[] = {
	{ .name = "open the device", .faults = &sweep_syscall, .run = open_run,
	  .after = open_after },
	{ .name = "close the device", .faults = &sweep_syscall, .before = close_before,
	  .run = close_run },
	PLAIN("mmap of the device", mmap_run, -ENODEV),
	PLAIN("an ioctl that is none", no_ioctl_run, -ENOTTY),
	PLAIN("the version", version_run, 0),
	PLAIN("the packages", package_run, SEC_E_OK),
	IOCTL("AcquireCredentialsHandle", acquire, SEC_E_OK, NULL, .before = acquire_before),
	IOCTL("AcquireCredentialsHandle, explicit credentials", acquire, SEC_E_OK, &secret,
	      .before = acquire_before),
	IOCTL("FreeCredentialsHandle", free, SEC_E_OK, NULL, .before = free_before),
	IOCTL("AcceptSecurityContext, first leg", first, SEC_I_CONTINUE_NEEDED, NULL),
	IOCTL("AcceptSecurityContext, last leg", last, SEC_E_OK, NULL, .before = last_before),
	IOCTL("AcceptSecurityContext, the only leg", single, SEC_E_OK, NULL),
	IOCTL("AcceptSecurityContext, refused", refuse, SEC_E_LOGON_DENIED, NULL,
	      .before = last_before),
	IOCTL("AcceptSecurityContext, long tokens", long, SEC_E_INVALID_TOKEN, NULL),
	IOCTL("DeleteSecurityContext", delete, SEC_E_OK, NULL, .before = delete_before),
	QUERY("QueryContextAttributes, facts", &facts, SEC_E_OK),
	QUERY("QueryContextAttributes, the client's name", &client, SEC_E_OK),
	QUERY("QueryContextAttributes, the server's name", &server, SEC_E_OK),
	QUERY("QueryContextAttributes, the target's name", &target, SEC_E_OK),
	QUERY("QueryContextAttributes, the session key", &exported_key, SEC_E_OK),
	QUERY("QueryContextAttributes, no attribute", &no_attribute,
	      SEC_E_UNSUPPORTED_FUNCTION),
	{ .name = "QuerySecurityContextToken", .faults = &sweep_ioctl, .want = SEC_E_OK,
	  .begin = query_begin, .run = token_run, .after = token_after, .end = query_end },
	TOKEN_QUERY("a token's facts", &token_facts),
	TOKEN_QUERY("a token's client", &client),
	TOKEN_QUERY("a token's groups", &token_groups),
	TOKEN_QUERY("a token's SIDs", &token_sids),
	{ .name = "the status", .faults = &sweep_netlink, .begin = family_begin,
	  .run = status_run, .after = again_after, .end = family_end },
	{ .name = "the list of contexts", .faults = &sweep_netlink, .begin = family_begin,
	  .run = contexts_run, .after = contexts_after, .end = family_end },
};

int main(int argc, char **argv)
{
	testhelper_isolate();
	testhelper_start(&th);
	verdicts_init();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	testhelper_stop(&th);
	return argc;
}
