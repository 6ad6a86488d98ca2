// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The helper's side of a request: answers that make no sense, come twice or too
 * late, and keys.  Whatever a confused helper says, nobody is let in by it.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "mem.h"
#include "suite.h"

static struct testhelper th = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_WDIGEST,
};
static struct taken taken;
static struct call call;
static const uint8_t session_key[16] = "a session's key";
static uint8_t big[KSECDD_MAX_TOKEN + 1];
static uint32_t many[KSECDD_MAX_GROUPS + 1];

static int fd;
static uint64_t cred;

static void start_with(uint64_t credential, uint64_t context)
{
	call_ask(&th, &call, &taken, fd, credential, context);
}

static void start(uint64_t context)
{
	start_with(cred, context);
}

static void end(int32_t status)
{
	call_finish(&call, &taken, status);
}

static int answer(struct ksecdd_complete *arg)
{
	return device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, arg);
}

static int set_keys(uint32_t mech, const void *key, uint32_t len)
{
	struct ksecdd_set_keys arg = {
		.size = sizeof(arg), .mech = mech, .mech_flags = TEST_SEAL_FLAGS,
		.key = (uintptr_t)key, .key_len = len,
	};

	return device_ioctl(taken.fd, KSECDD_REQ_SET_KEYS, &arg);
}

/* One member of an answer that is wrong */
struct wrong {
	const char *what;
	int32_t status;
	size_t offset;
	size_t size;
	uint64_t value;
};

#define WRONG(status, member, value)						\
	{ #member " = " #value " with " #status, status,			\
	  offsetof(struct ksecdd_complete, member),				\
	  sizeof(((struct ksecdd_complete *)0)->member), value }

#define CONTINUE	SEC_I_CONTINUE_NEEDED
#define DENIED		SEC_E_LOGON_DENIED

static const struct wrong wrongs[] = {
	WRONG(SEC_E_OK, status, 1),
	WRONG(SEC_E_OK, status, 0x7fffffff),
	WRONG(SEC_E_OK, status, 0xffffffff),
	WRONG(SEC_E_OK, status, 0x80070005),
	WRONG(SEC_E_OK, status, 0x80080300),
	WRONG(SEC_E_OK, status, 0xc0000001),
	WRONG(SEC_E_OK, status, SEC_I_COMPLETE_NEEDED),
	WRONG(SEC_E_OK, status, SEC_I_COMPLETE_AND_CONTINUE),
	WRONG(SEC_E_OK, flags, 8),
	WRONG(SEC_E_OK, flags, 0x80000000),
	WRONG(SEC_E_OK, flags, 0xffffffff),
	WRONG(SEC_E_OK, state_len, 1),
	WRONG(SEC_E_OK, state_len, UINT32_MAX),
	WRONG(SEC_E_OK, token_len, KSECDD_MAX_TOKEN + 1),
	WRONG(SEC_E_OK, token_len, UINT32_MAX),
	WRONG(SEC_E_OK, client_len, 0),
	WRONG(SEC_E_OK, client_len, KSECDD_MAX_NAME + 1),
	WRONG(SEC_E_OK, client_len, UINT32_MAX),
	WRONG(SEC_E_OK, server_len, KSECDD_MAX_NAME + 1),
	WRONG(SEC_E_OK, server_len, UINT32_MAX),
	WRONG(SEC_E_OK, target_len, KSECDD_MAX_NAME + 1),
	WRONG(SEC_E_OK, target_len, UINT32_MAX),
	/* Delegated, and not delegated, and to nobody */
	WRONG(SEC_E_OK, ret_flags, ASC_RET_DELEGATE),
	WRONG(SEC_E_OK, ccache_len, 1),
	WRONG(SEC_E_OK, ccache_len, KSECDD_MAX_NAME + 1),
	WRONG(SEC_E_OK, ccache_len, UINT32_MAX),
	WRONG(SEC_E_OK, sids_len, KSECDD_MAX_SIDS + 1),
	WRONG(SEC_E_OK, sids_len, UINT32_MAX),
	WRONG(SEC_E_OK, peer_cert_len, KSECDD_MAX_CERT + 1),
	WRONG(SEC_E_OK, protocol_len, KSECDD_MAX_PROTOCOL + 1),
	WRONG(SEC_E_OK, unique_len, KSECDD_MAX_TLS_BINDING + 1),
	WRONG(SEC_E_OK, endpoint_len, KSECDD_MAX_TLS_BINDING + 1),
	WRONG(SEC_E_OK, endpoint_len, UINT32_MAX),
	/* This is not TLS. */
	WRONG(SEC_E_OK, unused_len, 1),
	WRONG(SEC_E_OK, alert, 1),
	WRONG(SEC_E_OK, flags, KSECDD_COMPLETE_ALERT),
	WRONG(SEC_E_OK, ngroups, 1),
	WRONG(SEC_E_OK, ngroups, KSECDD_MAX_GROUPS + 1),
	WRONG(SEC_E_OK, ngroups, UINT32_MAX),
	WRONG(SEC_E_OK, expiry, 0),
	WRONG(SEC_E_OK, expiry, UINT64_MAX),
	WRONG(SEC_E_OK, expiry, 0x8000000000000000),
	WRONG(CONTINUE, state_len, KSECDD_MAX_STATE + 1),
	WRONG(CONTINUE, state_len, UINT32_MAX),
	WRONG(CONTINUE, token_len, KSECDD_MAX_TOKEN + 1),
	WRONG(CONTINUE, client_len, 1),
	WRONG(CONTINUE, server_len, 1),
	WRONG(CONTINUE, target_len, 1),
	WRONG(CONTINUE, ccache_len, 1),
	WRONG(CONTINUE, sids_len, 1),
	WRONG(CONTINUE, peer_cert_len, 1),
	WRONG(CONTINUE, protocol_len, 1),
	WRONG(CONTINUE, unique_len, 1),
	WRONG(CONTINUE, endpoint_len, 1),
	WRONG(CONTINUE, unused_len, 1),
	WRONG(CONTINUE, ngroups, 1),
	WRONG(CONTINUE, flags, KSECDD_COMPLETE_EXPORT_KEY),
	WRONG(CONTINUE, flags, KSECDD_COMPLETE_MAPPED),
	WRONG(CONTINUE, flags, KSECDD_COMPLETE_TARGET),
	WRONG(CONTINUE, ret_flags, ASC_RET_INTEGRITY),
	WRONG(DENIED, state_len, 1),
	WRONG(DENIED, token_len, KSECDD_MAX_TOKEN + 1),
	WRONG(DENIED, client_len, 1),
	WRONG(DENIED, server_len, 1),
	WRONG(DENIED, target_len, 1),
	WRONG(DENIED, ccache_len, 1),
	WRONG(DENIED, sids_len, 1),
	WRONG(DENIED, peer_cert_len, 1),
	WRONG(DENIED, protocol_len, 1),
	WRONG(DENIED, unique_len, 1),
	WRONG(DENIED, endpoint_len, 1),
	WRONG(DENIED, unused_len, 1),
	WRONG(DENIED, alert, 49),
	WRONG(DENIED, flags, KSECDD_COMPLETE_ALERT),
	WRONG(DENIED, ngroups, 1),
	WRONG(DENIED, flags, KSECDD_COMPLETE_EXPORT_KEY),
	WRONG(DENIED, flags, KSECDD_COMPLETE_MAPPED),
	WRONG(DENIED, flags, 0x80000000),
	WRONG(DENIED, ret_flags, ASC_RET_INTEGRITY),
};

#define NEEDED		SEC_I_COMPLETE_NEEDED
#define AND_CONTINUE	SEC_I_COMPLETE_AND_CONTINUE

/* WDigest goes on in two more ways: as far as with CONTINUE, and no further. */
static const struct wrong digest_wrongs[] = {
	WRONG(SEC_E_OK, status, 0x00090316),
	WRONG(SEC_E_OK, client_len, 0),
	WRONG(SEC_E_OK, unused_len, 1),
	WRONG(NEEDED, state_len, KSECDD_MAX_STATE + 1),
	WRONG(NEEDED, token_len, KSECDD_MAX_TOKEN + 1),
	WRONG(NEEDED, client_len, 1),
	WRONG(NEEDED, ccache_len, 1),
	WRONG(NEEDED, peer_cert_len, 1),
	WRONG(NEEDED, unused_len, 1),
	WRONG(NEEDED, ngroups, 1),
	WRONG(NEEDED, ret_flags, ASC_RET_INTEGRITY),
	WRONG(NEEDED, flags, KSECDD_COMPLETE_MAPPED),
	WRONG(NEEDED, flags, KSECDD_COMPLETE_PARTIAL),
	WRONG(NEEDED, flags, KSECDD_COMPLETE_ALERT),
	WRONG(AND_CONTINUE, client_len, 1),
	WRONG(AND_CONTINUE, sids_len, 1),
	WRONG(AND_CONTINUE, ret_flags, ASC_RET_DELEGATE),
	WRONG(AND_CONTINUE, flags, KSECDD_COMPLETE_EXPORT_KEY),
	WRONG(AND_CONTINUE, flags, KSECDD_COMPLETE_PARTIAL),
	WRONG(DENIED, state_len, 1),
};

/* All pointers are good, so that only the length or the value is wrong. */
static void fill_answer(struct ksecdd_complete *arg, int32_t status)
{
	fill_ok(arg);
	if (status != SEC_E_OK)
		*arg = (struct ksecdd_complete){ .size = sizeof(*arg), .status = status };
	arg->state = arg->token = arg->client = arg->server = arg->target = (uintptr_t)big;
	arg->ccache = arg->sids = (uintptr_t)big;
	arg->peer_cert = arg->protocol = arg->unique = arg->endpoint = (uintptr_t)big;
	arg->groups = (uintptr_t)many;
}

static void check_nobody_is_in(const char *what, uint64_t context)
{
	struct ksecdd_context_info info;

	end(SEC_E_INTERNAL_ERROR);
	CHECK_EQ(call.arg.new_context, 0);
	CHECK_EQ(call.arg.ret_flags, 0);
	CHECK_EQ(call.arg.out_len, 0);
	if (context) {
		CHECK_STATUS(query_info(fd, context, &info), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	}
	if (suite_failed())
		suite_note("after %s", what);
}

/* @key_error: what comes of giving keys before the answer */
static void try_wrongs(const struct wrong *list, size_t n, uint64_t credential, int key_error)
{
	struct family_status before = status_now();
	struct ksecdd_complete arg;
	uint64_t context;
	size_t i;

	for (i = 0; i < n && !suite_failed(); i++) {
		/* Every other one on the second leg of a context */
		context = i % 2 ? half_open(&th, fd, credential) : 0;
		start_with(credential, context);
		fill_answer(&arg, list[i].status);
		/* Little endian, as everything that is tested here */
		memcpy((char *)&arg + list[i].offset, &list[i].value, list[i].size);
		CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), key_error);
		CHECK_EQ(answer(&arg), -EINVAL);
		CHECK_EQ(complete_ok(&taken), -EALREADY);
		check_nobody_is_in(list[i].what, context);
		CHECK_EQ(status_now().aborted, before.aborted + i + 1);
		CHECK_EQ(status_now().accepted, before.accepted);
	}
	check_gauges(&before);
}

static void wrong_answers(void)
{
	try_wrongs(wrongs, ARRAY_SIZE(wrongs), cred, 0);
}

static void wrong_digest_answers(void)
{
	uint64_t digest = device_acquire_package(fd, KSECDD_PACKAGE_WDIGEST);

	try_wrongs(digest_wrongs, ARRAY_SIZE(digest_wrongs), digest, -EINVAL);
	CHECK_STATUS(free_cred(fd, digest), SEC_E_OK);
}

static void wrong_accounts(void)
{
	static const struct {
		const char *what;
		uint32_t uid, gid, group;
	} cases[] = {
		{ "uid -1", UINT32_MAX, 1000, 1000 },
		{ "gid -1", 1000, UINT32_MAX, 1000 },
		{ "group -1", 1000, 1000, UINT32_MAX },
	};
	struct family_status before = status_now();
	struct ksecdd_complete arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		start(0);
		fill_answer(&arg, SEC_E_OK);
		arg.flags = KSECDD_COMPLETE_MAPPED;
		arg.uid = cases[i].uid;
		arg.gid = cases[i].gid;
		arg.ngroups = KSECDD_MAX_GROUPS;
		many[KSECDD_MAX_GROUPS - 1] = cases[i].group;
		CHECK_EQ(answer(&arg), -EINVAL);
		check_nobody_is_in(cases[i].what, 0);
	}
	many[KSECDD_MAX_GROUPS - 1] = 0;
	check_gauges(&before);
}

/* The greatest that is allowed */
static void great_answers(void)
{
	static uint8_t room[KSECDD_MAX_TOKEN];
	struct ksecdd_complete arg;

	call_init(&call, fd, cred, 0);
	call.arg.out = (uintptr_t)room;
	call.arg.out_len = sizeof(room);
	call_start(&call);
	take(&th, &taken);
	fill_answer(&arg, SEC_E_OK);
	arg.flags = KSECDD_COMPLETE_MAPPED | KSECDD_COMPLETE_TARGET | KSECDD_COMPLETE_EXPORT_KEY;
	arg.ngroups = KSECDD_MAX_GROUPS;
	arg.client_len = arg.server_len = arg.target_len = KSECDD_MAX_NAME;
	arg.ccache_len = KSECDD_MAX_NAME;
	arg.sids_len = KSECDD_MAX_SIDS;
	arg.peer_cert_len = KSECDD_MAX_CERT;
	arg.protocol_len = KSECDD_MAX_PROTOCOL;
	arg.unique_len = arg.endpoint_len = KSECDD_MAX_TLS_BINDING;
	arg.token_len = KSECDD_MAX_TOKEN;
	arg.ret_flags = UINT32_MAX;
	arg.expiry = 1;
	CHECK_EQ(answer(&arg), 0);
	end(SEC_E_OK);
	CHECK_EQ(call.arg.out_len, KSECDD_MAX_TOKEN);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

static void bad_pointers(void)
{
	static const struct {
		size_t pointer, len;
		int32_t status;
	} cases[] = {
#define CASE(name, status) { offsetof(struct ksecdd_complete, name), \
			     offsetof(struct ksecdd_complete, name##_len), status }
		CASE(state, SEC_I_CONTINUE_NEEDED), CASE(token, SEC_E_OK),
		CASE(token, SEC_I_CONTINUE_NEEDED), CASE(token, SEC_E_LOGON_DENIED),
		CASE(client, SEC_E_OK), CASE(server, SEC_E_OK), CASE(target, SEC_E_OK),
		CASE(ccache, SEC_E_OK), CASE(sids, SEC_E_OK),
		CASE(peer_cert, SEC_E_OK), CASE(protocol, SEC_E_OK),
#undef CASE
		{ offsetof(struct ksecdd_complete, groups),
		  offsetof(struct ksecdd_complete, ngroups), SEC_E_OK },
	};
	struct family_status before = status_now();
	struct ksecdd_complete arg;
	const uint32_t len = 100;
	uint64_t bad;
	size_t i, j;

	start(0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (j = 0; j <= MEM_BAD_POINTERS; j++) {
			fill_answer(&arg, cases[i].status);
			if (cases[i].status == SEC_E_OK)
				arg.flags = KSECDD_COMPLETE_MAPPED | KSECDD_COMPLETE_TARGET;
			if (cases[i].pointer == offsetof(struct ksecdd_complete, ccache))
				arg.ret_flags |= ASC_RET_DELEGATE;
			bad = j < MEM_BAD_POINTERS ? mem_bad((unsigned int)j) :
			      (uintptr_t)mem_across_edge(many, len, 1);
			memcpy((char *)&arg + cases[i].pointer, &bad, sizeof(bad));
			memcpy((char *)&arg + cases[i].len, &len, sizeof(len));
			CHECK_EQ(answer(&arg), -EFAULT);
		}
	}
	for (j = 0; j < MEM_BAD_POINTERS; j++)
		CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, (void *)(uintptr_t)mem_bad((unsigned int)j),
				  16), -EFAULT);
	/* Nothing of it has happened, so that it may be done right now. */
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), 0);
	CHECK_EQ(complete_ok(&taken), 0);
	end(SEC_E_OK);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	CHECK_EQ(status_now().aborted, before.aborted);
	check_gauges(&before);
}

/* What a file says once its request has been answered */
static void check_over(int want)
{
	struct ksecdd_message message = { .size = sizeof(message) };
	uint8_t byte;

	CHECK_EQ(complete_ok(&taken), want);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), want);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), want);
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_MESSAGE, &message), want);
	lseek(taken.fd, 0, SEEK_SET);
	CHECK_EQ(read(taken.fd, &byte, 1), -1);
	CHECK_EQ(errno, ECANCELED);
}

static void answered_twice(void)
{
	static const int32_t verdicts[] = { SEC_E_LOGON_DENIED, SEC_E_OK, SEC_I_CONTINUE_NEEDED };
	struct family_status before = status_now();
	struct ksecdd_context_info info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		start(0);
		CHECK_EQ(verdicts[i] == SEC_E_OK ? complete_ok(&taken) :
			 complete(&taken, verdicts[i]), 0);
		check_over(-EALREADY);
		end(verdicts[i]);
		if (verdicts[i] < 0) {
			CHECK_EQ(call.arg.new_context, 0);
			continue;
		}
		CHECK_STATUS(query_info(fd, call.arg.new_context, &info), SEC_E_OK);
		CHECK_EQ(info.state, verdicts[i] == SEC_E_OK ? KSECDD_STATE_ESTABLISHED :
							       KSECDD_STATE_HALF_OPEN);
		CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	}
	check_gauges(&before);
}

static void too_late(void)
{
	struct family_status before = status_now();
	uint64_t context = half_open(&th, fd, cred), begin, took;
	struct ksecdd_context_info info;

	param_set("ntlm_timeout_ms", 2000);
	begin = suite_now_ms();
	start(context);
	CHECK(taken.next.timeout <= 2000);
	call_wait(&call);
	took = suite_now_ms() - begin;
	CHECK(took >= 1990 && took < 2000 + suite_time(6000));
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	CHECK_EQ(status_now().timeouts, before.timeouts + 1);
	check_over(-ECANCELED);
	taken_close(&taken);
	/* The helper had the token: there is no second try. */
	CHECK_STATUS(query_info(fd, context, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_gauges(&before);
}

static void call_and_die(void *arg)
{
	(void)arg;
	call_init(&call, fd, cred, 0);
	call_run(&call);
}

static void caller_gone(void)
{
	struct family_status before = status_now();
	int status;
	pid_t pid;

	pid = suite_fork(call_and_die, NULL);
	take(&th, &taken);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	check_over(-ECANCELED);
	taken_close(&taken);
	check_gauges(&before);
}

static void keys(void)
{
	struct family_status before = status_now();
	struct ksecdd_complete arg;
	uint8_t key[KSECDD_MAX_KEY];
	uint32_t len = sizeof(key);

	start(0);
	CHECK_EQ(set_keys(0, session_key, 16), -EINVAL);
	CHECK_EQ(set_keys(2, session_key, 16), -EINVAL);
	CHECK_EQ(set_keys(UINT32_MAX, session_key, 16), -EINVAL);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 15), -EINVAL);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, big, KSECDD_MAX_KEY + 1), -EINVAL);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, big, UINT32_MAX), -EINVAL);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), 0);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, big, 16), -EBUSY);
	fill_ok(&arg);
	arg.flags = KSECDD_COMPLETE_EXPORT_KEY;
	CHECK_EQ(answer(&arg), 0);
	end(SEC_E_OK);
	/* The first ones are the context's. */
	CHECK_STATUS(query(fd, call.arg.new_context, KSECDD_ATTR_SESSION_KEY, key, &len), SEC_E_OK);
	CHECK_EQ(len, 16);
	CHECK_MEM(key, session_key, 16);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
	check_gauges(&before);
}

/* Keys that came with an earlier leg are the context's in the end; see legs.c for more. */
static void keys_of_another_leg(void)
{
	struct ksecdd_context_info info;
	uint64_t context;

	start(0);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), 0);
	CHECK_EQ(complete(&taken, SEC_I_CONTINUE_NEEDED), 0);
	end(SEC_I_CONTINUE_NEEDED);
	context = call.arg.new_context;

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.mech_flags, 0);

	start(context);
	CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, big, 16), -EBUSY);
	CHECK_EQ(complete_ok(&taken), 0);
	end(SEC_E_OK);
	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.mech_flags, TEST_SEAL_FLAGS);
	CHECK_EQ(info.key_bits, 128);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void keys_of_the_refused(void)
{
	struct family_status before = status_now();
	static const int32_t verdicts[] = { SEC_E_LOGON_DENIED, SEC_E_INTERNAL_ERROR };
	uint64_t context;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		context = half_open(&th, fd, cred);
		start(context);
		CHECK_EQ(set_keys(KSECDD_PACKAGE_NTLM, session_key, 16), 0);
		if (i == 0)
			CHECK_EQ(complete(&taken, verdicts[i]), 0);
		end(verdicts[i]);
		CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	}
	check_gauges(&before);
}

static void in_pieces(void)
{
	uint8_t buf[sizeof(struct ksecdd_request) + 16];
	size_t i;

	start(0);
	CHECK_EQ(read(taken.fd, buf, sizeof(buf)), 0);
	CHECK_EQ(lseek(taken.fd, 0, SEEK_SET), 0);
	for (i = 0; i < sizeof(buf); i++)
		CHECK_EQ(read(taken.fd, buf + i, 1), 1);
	CHECK_EQ(read(taken.fd, buf, 1), 0);
	CHECK_EQ(taken.len, sizeof(buf));
	CHECK_MEM(buf, taken.buf, sizeof(buf));
	CHECK_EQ(lseek(taken.fd, sizeof(buf) - 4, SEEK_SET), sizeof(buf) - 4);
	CHECK_EQ(read(taken.fd, buf, sizeof(buf)), 4);
	CHECK_MEM(buf, taken.buf + sizeof(buf) - 4, 4);
	CHECK_EQ(lseek(taken.fd, 1LL << 40, SEEK_SET), 1LL << 40);
	CHECK_EQ(read(taken.fd, buf, sizeof(buf)), 0);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	end(SEC_E_LOGON_DENIED);
}

static void answer_in_child(void *arg)
{
	(void)arg;
	become(ENV_UID);
	CHECK_EQ(complete_ok(&taken), 0);
}

/* Whoever has the file may answer; it is closed when the last one closes it. */
static void answered_by_another_process(void)
{
	start(0);
	suite_in_child(answer_in_child, NULL);
	end(SEC_E_OK);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

static void epochs_and_ids(void)
{
	uint64_t epoch = th.helper.epoch, id;

	start(0);
	id = taken.next.id;
	CHECK_EQ(taken.next.epoch, epoch);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	end(SEC_E_LOGON_DENIED);
	start(0);
	CHECK(taken.next.id > id);
	CHECK_EQ(taken.next.epoch, epoch);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	end(SEC_E_LOGON_DENIED);

	testhelper_stop(&th);
	REQUIRE_EQ(testhelper_register(&th), 0);
	CHECK(th.helper.epoch != epoch);
	start(0);
	CHECK_EQ(taken.next.epoch, th.helper.epoch);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), 0);
	end(SEC_E_LOGON_DENIED);
}

static const struct suite_test tests[] = {
	{ .name = "answers that make no sense let nobody in", .run = wrong_answers },
	{ .name = "nor do those of WDigest", .run = wrong_digest_answers },
	{ .name = "accounts that there are not", .run = wrong_accounts },
	{ .name = "the greatest answer", .run = great_answers },
	{ .name = "bad pointers leave the request as it is", .run = bad_pointers },
	{ .name = "a request is answered once", .run = answered_twice },
	{ .name = "a request whose time is up", .run = too_late },
	{ .name = "a request whose caller has gone", .run = caller_gone },
	{ .name = "keys are set once", .run = keys },
	{ .name = "keys wait for the next leg", .run = keys_of_another_leg },
	{ .name = "keys of a client that is refused", .run = keys_of_the_refused },
	{ .name = "a request read in pieces", .run = in_pieces },
	{ .name = "another process answers", .run = answered_by_another_process },
	{ .name = "epochs and ids", .run = epochs_and_ids },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	suite_after = params_restore;
	return suite_run(tests, ARRAY_SIZE(tests));
}
