// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Handles: stale, foreign, of another type, freed twice, used by other processes
 * and after the credential has gone; and what a call with a wrong one leaves
 * behind.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "fdpass.h"
#include "suite.h"

static struct testhelper th;
static const uint8_t session_key[16] = "a session's key";

static int fd;
static uint64_t cred;

static uint64_t new_context(void)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);

	return device_establish(fd, cred, &verdict);
}

static uint64_t new_half_open(void)
{
	struct verdict verdict = verdict_fail(SEC_I_CONTINUE_NEEDED);
	struct ksecdd_accept accept = {};

	REQUIRE_EQ(device_accept(fd, cred, 0, &verdict, &accept), 0);
	REQUIRE_STATUS(accept.status, SEC_I_CONTINUE_NEEDED);
	return accept.new_context;
}

/* An AcceptSecurityContext that succeeds if only the handles are right */
static int32_t accept_with(int dev, uint64_t credential, uint64_t context)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct ksecdd_accept accept = {};

	CHECK_EQ(device_accept(dev, credential, context, &verdict, &accept), 0);
	if (accept.status != SEC_E_OK)
		CHECK_EQ(accept.new_context, 0);
	else if (context)
		CHECK_EQ(accept.new_context, context);
	return accept.status;
}

static int32_t sign(int dev, uint64_t context, uint32_t *seq)
{
	const struct message_call call = { .cmd = KSECDD_IOC_MESSAGE, .fd = dev,
					   .context = context };
	uint8_t text[4] = "text", token[16] = {};
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, text, sizeof(text)),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};
	int32_t status = message_status(&call, KSECDD_MESSAGE_SIGN, bufs, 2);

	memcpy(seq, token + 12, sizeof(*seq));
	return status;
}

/* Whatever is asked of this handle as a context, there is none. */
static void check_no_context(int dev, uint64_t context)
{
	struct ksecdd_context_info info;
	uint32_t seq;

	CHECK_STATUS(query_info(dev, context, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(sign(dev, context, &seq), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(dev, dev == fd ? cred : 0, context),
		     context ? SEC_E_INVALID_HANDLE : SEC_E_OK);
	CHECK_STATUS(delete_context(dev, context), SEC_E_INVALID_HANDLE);
}

static void check_established(int dev, uint64_t context, uint32_t want_seq)
{
	struct ksecdd_context_info info;
	uint32_t seq;

	CHECK_STATUS(query_info(dev, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
	CHECK_STATUS(sign(dev, context, &seq), SEC_E_OK);
	CHECK_EQ(seq, want_seq);
}

static void deleted(void)
{
	uint64_t context = new_context(), half = new_half_open();

	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	check_no_context(fd, context);
	CHECK_STATUS(delete_context(fd, half), SEC_E_OK);
	check_no_context(fd, half);
}

static void freed_twice(void)
{
	uint64_t other = device_acquire(fd);

	CHECK_STATUS(free_cred(fd, other), SEC_E_OK);
	CHECK_STATUS(free_cred(fd, other), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, other, 0), SEC_E_INVALID_HANDLE);
}

static void credential_freed_first(void)
{
	uint64_t other = device_acquire(fd), saved = cred, half, context;

	cred = other;
	half = new_half_open();
	context = new_context();
	cred = saved;
	CHECK_STATUS(free_cred(fd, other), SEC_E_OK);
	check_established(fd, context, 0);

	/* A handle that is none any more is refused, and that is all. */
	CHECK_STATUS(accept_with(fd, other, half), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, 0, half), SEC_E_OK);
	check_established(fd, half, 0);
	check_established(fd, context, 1);
	CHECK_STATUS(delete_context(fd, half), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void use_foreign(void *arg)
{
	const uint64_t *handles = arg;
	int dev = device_open();
	unsigned int i;

	for (i = 0; i < 2; i++)
		check_no_context(dev, handles[i]);
	CHECK_STATUS(free_cred(dev, cred), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(dev, cred, 0), SEC_E_INVALID_HANDLE);
	close(dev);
}

/* Handles of another open file, in the same process and in another one */
static void foreign(void)
{
	uint64_t handles[] = { new_context(), new_half_open() };

	use_foreign(handles);
	suite_in_child(use_foreign, handles);
	check_established(fd, handles[0], 0);
	CHECK_STATUS(accept_with(fd, cred, handles[1]), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, handles[0]), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, handles[1]), SEC_E_OK);
}

struct passed {
	uint64_t cred;
	uint64_t context;
	uint64_t half;
};

static void send_device(void *arg)
{
	struct passed passed;

	become(ENV_UID);
	fd = device_open();
	cred = device_acquire(fd);
	passed = (struct passed){ cred, new_context(), new_half_open() };
	fd_send(*(int *)arg, fd, &passed, sizeof(passed));
}

static void receive_device(void *arg)
{
	struct passed passed;
	int dev;

	become(ENV_UID2);
	dev = fd_receive(*(int *)arg, &passed, sizeof(passed));
	check_established(dev, passed.context, 0);
	CHECK_STATUS(accept_with(dev, passed.cred, passed.half), SEC_E_OK);
	CHECK_STATUS(accept_with(dev, passed.cred, 0), SEC_E_OK);
	CHECK_STATUS(delete_context(dev, passed.context), SEC_E_OK);
	CHECK_STATUS(free_cred(dev, passed.cred), SEC_E_OK);
	check_established(dev, passed.half, 0);
}

/* Handles belong to the open file: whoever has it, has them. */
static void passed_on(void)
{
	struct family_status before = status_now();
	int socks[2];

	fd_pair(socks);
	suite_in_child(send_device, &socks[0]);
	/* Whoever made them is gone by now. */
	suite_in_child(receive_device, &socks[1]);
	close(socks[0]);
	close(socks[1]);
	check_gauges(&before);
}

static void close_and_leave(void *unused)
{
	(void)unused;
	close(fd);
}

static void delete_in_child(void *context)
{
	CHECK_STATUS(delete_context(fd, *(uint64_t *)context), SEC_E_OK);
}

static void forked(void)
{
	uint64_t first = new_context(), second = new_context();

	suite_in_child(close_and_leave, NULL);
	check_established(fd, first, 0);
	/* It is the same open file, so that what a child deletes is deleted. */
	suite_in_child(delete_in_child, &second);
	check_no_context(fd, second);
	check_established(fd, first, 1);
	CHECK_STATUS(delete_context(fd, first), SEC_E_OK);
}

static void wrong_type(void)
{
	uint64_t context = new_context();

	CHECK_STATUS(free_cred(fd, context), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, cred), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, context, 0), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, cred, cred), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, context, context), SEC_E_INVALID_HANDLE);
	check_no_context(fd, cred);
	check_established(fd, context, 0);
	CHECK_STATUS(accept_with(fd, cred, 0), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* Values that are no handles, and those that are but look nearly the same */
static void no_handles(void)
{
	uint64_t context = new_context();
	const uint64_t wrong[] = {
		~0ULL, 1, UINT32_MAX, 1ULL << 32, 0xffffffff00000000, 0x8000000000000000,
		context ^ 1ULL << 32, context ^ 1ULL << 63, context ^ 1, context ^ 1ULL << 31,
		context & UINT32_MAX, context & ~(uint64_t)UINT32_MAX, ~context,
		context >> 32 | context << 32,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		check_no_context(fd, wrong[i]);
		CHECK_STATUS(free_cred(fd, wrong[i]), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(accept_with(fd, wrong[i], 0), SEC_E_INVALID_HANDLE);
	}
	CHECK_STATUS(delete_context(fd, 0), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(free_cred(fd, 0), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(accept_with(fd, 0, 0), SEC_E_NO_CREDENTIALS);
	check_established(fd, context, 0);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void never_issued(void)
{
	unsigned int i, n = suite_count(2000);
	uint64_t handle;

	for (i = 0; i < n && !suite_failed(); i++) {
		handle = device_acquire(fd);
		CHECK((uint32_t)handle != 0 && (uint32_t)handle != UINT32_MAX);
		CHECK(handle >> 32 != 0 && handle >> 32 != UINT32_MAX);
		CHECK_STATUS(free_cred(fd, handle), SEC_E_OK);
	}
}

static void reused(void)
{
	uint64_t old = new_context(), new;

	CHECK_STATUS(delete_context(fd, old), SEC_E_OK);
	new = new_context();
	/* Otherwise this is no test of what it says. */
	REQUIRE_EQ((uint32_t)new, (uint32_t)old);
	CHECK(new != old);
	check_no_context(fd, old);
	check_established(fd, new, 0);
	CHECK_STATUS(delete_context(fd, new), SEC_E_OK);

	/* A credential where a context was */
	old = new;
	new = device_acquire(fd);
	REQUIRE_EQ((uint32_t)new, (uint32_t)old);
	check_no_context(fd, old);
	CHECK_STATUS(free_cred(fd, old), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(free_cred(fd, new), SEC_E_OK);
}

struct race {
	pthread_barrier_t barrier;
	uint64_t handle;
	uint32_t type;
	unsigned int rounds;
	int32_t status[2];
};

struct racer {
	struct race *race;
	unsigned int number;
};

static void *race_to_free(void *arg)
{
	struct racer *me = arg;
	struct race *race = me->race;
	unsigned int i;

	for (i = 0; i < race->rounds; i++) {
		pthread_barrier_wait(&race->barrier);
		race->status[me->number] = device_destroy(fd, race->handle, race->type);
		pthread_barrier_wait(&race->barrier);
	}
	return NULL;
}

static void check_race(struct race *race)
{
	int32_t a = race->status[0], b = race->status[1];

	CHECK((a == SEC_E_OK && b == SEC_E_INVALID_HANDLE) ||
	      (b == SEC_E_OK && a == SEC_E_INVALID_HANDLE));
}

static void freed_by_two(void)
{
	struct race race = { .rounds = suite_count(300) };
	struct racer racers[] = { { &race, 0 }, { &race, 1 } };
	struct family_status before = status_now();
	pthread_t threads[2];
	unsigned int i;

	pthread_barrier_init(&race.barrier, NULL, 3);
	for (i = 0; i < 2; i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, race_to_free, &racers[i]), 0);
	for (i = 0; i < race.rounds; i++) {
		race.type = i % 2 ? KSECDD_OBJECT_CONTEXT : KSECDD_OBJECT_CREDENTIAL;
		race.handle = i % 2 ? new_half_open() : device_acquire(fd);
		pthread_barrier_wait(&race.barrier);
		pthread_barrier_wait(&race.barrier);
		check_race(&race);
	}
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&race.barrier);
	check_gauges(&before);
}

static void wrong_credential(void)
{
	uint64_t other = device_acquire(fd), half = new_half_open();

	CHECK_STATUS(accept_with(fd, other, half), SEC_E_WRONG_CREDENTIAL_HANDLE);
	/* The context is as it was. */
	CHECK_STATUS(accept_with(fd, cred, half), SEC_E_OK);
	check_established(fd, half, 0);
	CHECK_STATUS(accept_with(fd, other, half), SEC_E_WRONG_CREDENTIAL_HANDLE);
	check_established(fd, half, 1);
	CHECK_STATUS(delete_context(fd, half), SEC_E_OK);
	CHECK_STATUS(free_cred(fd, other), SEC_E_OK);
}

static void complete_again(void)
{
	uint64_t context = new_context();
	struct family_status before;

	check_established(fd, context, 0);
	before = status_now();
	CHECK_STATUS(accept_with(fd, cred, context), SEC_E_INVALID_TOKEN);
	CHECK_STATUS(accept_with(fd, 0, context), SEC_E_INVALID_TOKEN);
	/* The helper is not even asked. */
	CHECK_EQ(status_now().upcalls, before.upcalls);
	check_established(fd, context, 1);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void dead(void)
{
	struct verdict verdict = verdict_fail(SEC_E_LOGON_DENIED);
	struct ksecdd_accept accept = {};
	struct ksecdd_context_info info;
	uint64_t half = new_half_open();
	uint32_t seq;

	CHECK_EQ(device_accept(fd, cred, half, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_LOGON_DENIED);
	CHECK_EQ(accept.new_context, 0);
	CHECK_STATUS(accept_with(fd, cred, half), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(query_info(fd, half, &info), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(sign(fd, half, &seq), SEC_E_INVALID_HANDLE);
	CHECK_STATUS(delete_context(fd, half), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, half), SEC_E_INVALID_HANDLE);
}

static void failed_first_call(void)
{
	struct verdict verdict = verdict_fail(SEC_E_LOGON_DENIED);
	struct family_status before = status_now();
	struct ksecdd_accept accept = {};

	CHECK_EQ(device_accept(fd, cred, 0, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_LOGON_DENIED);
	CHECK_EQ(accept.new_context, 0);
	check_gauges(&before);
}

static void both_ways_credential(void)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_BOTH,
	};

	REQUIRE_EQ(device_ioctl(fd, KSECDD_IOC_ACQUIRE, &arg), 0);
	REQUIRE_STATUS(arg.status, SEC_E_OK);
	CHECK_EQ(arg.expiry, KSECDD_TIME_NEVER);
	CHECK_STATUS(accept_with(fd, arg.handle, 0), SEC_E_OK);
	CHECK_STATUS(free_cred(fd, arg.handle), SEC_E_OK);
}

static void bad_requests(void)
{
	static const struct {
		uint32_t drep, flags;
		int32_t want;
	} cases[] = {
		{ 1, 0, SEC_E_INVALID_PARAMETER },
		{ 0x11, 0, SEC_E_INVALID_PARAMETER },
		{ UINT32_MAX, 0, SEC_E_INVALID_PARAMETER },
		{ SECURITY_NATIVE_DREP, ASC_REQ_PROMPT_FOR_CREDS, SEC_E_UNSUPPORTED_FUNCTION },
		{ SECURITY_NATIVE_DREP, 0, SEC_E_OK },
		{ SECURITY_NETWORK_DREP, UINT32_MAX & ~ASC_REQ_PROMPT_FOR_CREDS, SEC_E_OK },
	};
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);
	struct ksecdd_accept accept;
	uint64_t half = new_half_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		accept = (struct ksecdd_accept){ .target_drep = cases[i].drep,
						 .req_flags = cases[i].flags };
		CHECK_EQ(device_accept(fd, cred, i < 4 ? half : 0, &verdict, &accept), 0);
		CHECK_STATUS(accept.status, cases[i].want);
	}
	/* None of the refused ones has touched it. */
	CHECK_STATUS(accept_with(fd, cred, half), SEC_E_OK);
	CHECK_STATUS(delete_context(fd, half), SEC_E_OK);
}

static const struct suite_test tests[] = {
	{ .name = "a deleted context is no context", .run = deleted },
	{ .name = "a credential can be freed once", .run = freed_twice },
	{ .name = "a context outlives its credential", .run = credential_freed_first },
	{ .name = "handles of another open file", .run = foreign },
	{ .name = "handles go with the descriptor to another user", .run = passed_on },
	{ .name = "handles after fork", .run = forked },
	{ .name = "handles of the wrong type", .run = wrong_type },
	{ .name = "values that are no handles", .run = no_handles },
	{ .name = "(0, 0) and (-1, -1) are never issued", .run = never_issued },
	{ .name = "a stale handle does not find what has its place now", .run = reused },
	{ .name = "of two threads that free a handle, one does", .run = freed_by_two },
	{ .name = "another credential than the context's", .run = wrong_credential },
	{ .name = "an established context takes no more tokens", .run = complete_again },
	{ .name = "a dead context answers to nothing but its end", .run = dead },
	{ .name = "a first call that fails leaves nothing", .run = failed_first_call },
	{ .name = "a credential for both ways", .run = both_ways_credential },
	{ .name = "requests that are refused change nothing", .run = bad_requests },
};

int main(void)
{
	testhelper_isolate();
	testhelper_start(&th);
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
