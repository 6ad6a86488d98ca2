// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Passwords that clients have delegated: whose keys they become, who gets them back,
 * and for how long there are any.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include "call.h"
#include "env.h"
#include "suite.h"

#define CLIENT	"TEST\\client"

/**
 * struct want - what the helper does before it answers
 * @given:  handed to KSECDD_REQ_CREDENTIAL
 * @result: what that returned, 0 or -errno
 * @again:  what it returned the second time
 * @twice:  there is a second time
 */
struct want {
	struct ksecdd_credential given;
	int result;
	int again;
	bool twice;
};

static const char user[] = "client", domain[] = "TEST", secret[] = "a password";
static const uint8_t session_key[16] = "a session's key";
static struct testhelper th;
static int dev;
static uint64_t cred;
static struct want want;

static long keyctl(int op, unsigned long a, unsigned long b, unsigned long c)
{
	long ret = syscall(SYS_keyctl, op, a, b, c, 0);

	return ret < 0 ? -errno : ret;
}

static long describe(int32_t key, char *text, size_t size)
{
	return keyctl(KEYCTL_DESCRIBE, (unsigned long)key, (unsigned long)text, size);
}

/* Who may not look at it is told that, as long as there is one. */
static bool is_there(int32_t key)
{
	char text[256];

	return describe(key, text, sizeof(text)) != -ENOKEY;
}

/* Keys that nobody refers to end a little later, when the kernel comes to it. */
static void must_go(int32_t key)
{
	uint64_t end = suite_now_ms() + suite_time(20000);

	while (is_there(key) && suite_now_ms() < end)
		usleep(10000);
	CHECK(!is_there(key));
}

static void give(int fd, const struct request *req, void *data)
{
	struct want *w = data;
	struct ksecdd_credential again = w->given;

	(void)req;
	w->result = device_ioctl(fd, KSECDD_REQ_CREDENTIAL, &w->given);
	if (w->twice)
		w->again = device_ioctl(fd, KSECDD_REQ_CREDENTIAL, &again);
}

static struct verdict client(uint32_t flags)
{
	struct verdict verdict = verdict_ok(TEST_SEAL_FLAGS, session_key);

	want = (struct want){ .given = {
		.size = sizeof(want.given), .flags = flags,
		.user = (uintptr_t)user, .user_len = sizeof(user) - 1,
		.domain = (uintptr_t)domain, .domain_len = sizeof(domain) - 1,
		.secret = (uintptr_t)secret, .secret_len = sizeof(secret) - 1,
		.client = (uintptr_t)CLIENT, .client_len = sizeof(CLIENT) - 1,
		.uid = ENV_UID, .gid = ENV_UID2,
	} };
	verdict.hook = give;
	verdict.data = &want;
	verdict.complete.flags = KSECDD_COMPLETE_MAPPED;
	verdict.complete.uid = ENV_UID;
	verdict.complete.gid = ENV_UID2;
	verdict.complete.ret_flags |= ASC_RET_DELEGATE;
	return verdict;
}

static int token_of(int fd, uint64_t context)
{
	struct ksecdd_token arg = { .size = sizeof(arg), .context = context };

	REQUIRE_EQ(device_ioctl(fd, KSECDD_IOC_TOKEN, &arg), 0);
	REQUIRE_STATUS(arg.status, SEC_E_OK);
	return arg.fd;
}

static struct ksecdd_token_info info_of(int token)
{
	struct ksecdd_token_info info;
	struct ksecdd_query arg = {
		.size = sizeof(arg), .attribute = KSECDD_ATTR_TOKEN, .len = sizeof(info),
		.buffer = (uintptr_t)&info,
	};

	REQUIRE_EQ(device_ioctl(token, KSECDD_TOKEN_QUERY, &arg), 0);
	REQUIRE_STATUS(arg.status, SEC_E_OK);
	return info;
}

/* struct fetched - room for a password */
struct fetched {
	char user[64];
	char domain[64];
	char secret[64];
	struct ksecdd_fetch arg;
};

static int fetch(int token, struct fetched *f, uint32_t room)
{
	memset(f, 0, sizeof(*f));
	f->arg = (struct ksecdd_fetch){
		.size = sizeof(f->arg), .user = (uintptr_t)f->user,
		.domain = (uintptr_t)f->domain, .secret = (uintptr_t)f->secret,
		.user_len = sizeof(f->user), .domain_len = sizeof(f->domain),
		.secret_len = room,
	};
	return device_ioctl(token, KSECDD_TOKEN_FETCH, &f->arg);
}

static void look_at_it(void *arg)
{
	static const char begins[] = "ksecdd_cred;54321;54322;", ends[] = ";delegated:" CLIENT;
	int32_t key = *(int32_t *)arg;
	char text[256];

	become(ENV_UID);
	REQUIRE(describe(key, text, sizeof(text)) > 0);
	CHECK_MEM(text, begins, sizeof(begins) - 1);
	CHECK(strlen(text) > sizeof(ends) && !strcmp(text + strlen(text) - sizeof(ends) + 1, ends));
}

static void a_key_of_his(void)
{
	struct verdict verdict = client(0);
	uint64_t context = device_establish(dev, cred, &verdict);
	int token = token_of(dev, context);
	char text[256], path[64], line[64];
	struct ksecdd_token_info info = info_of(token);
	uint8_t bytes[64];

	CHECK_EQ(want.result, 0);
	CHECK(info.key > 0);
	CHECK_EQ(info.key, want.given.key);
	CHECK_EQ(info.ret_flags & ASC_RET_DELEGATE, ASC_RET_DELEGATE);
	suite_in_child(look_at_it, &info.key);
	CHECK(keyctl(KEYCTL_READ, (unsigned long)info.key, (unsigned long)bytes,
		     sizeof(bytes)) < 0);
	CHECK(keyctl(KEYCTL_UPDATE, (unsigned long)info.key, (unsigned long)"x", 1) < 0);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", token);
	snprintf(line, sizeof(line), "\nkey:\t%d\n", info.key);
	memset(text, 0, sizeof(text));
	REQUIRE(read_file(path, text, sizeof(text)));
	CHECK(strstr(text, line));
	/* The context's end is not its end, the token's is. */
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
	CHECK(is_there(info.key));
	close(token);
	must_go(info.key);
}

static void as_owner(void *arg)
{
	int32_t key = *(int32_t *)arg;
	uint8_t bytes[64];

	become(ENV_UID);
	CHECK_EQ(keyctl(KEYCTL_LINK, (unsigned long)key, (unsigned long)KEY_SPEC_PROCESS_KEYRING,
			0), 0);
	CHECK(keyctl(KEYCTL_READ, (unsigned long)key, (unsigned long)bytes, sizeof(bytes)) < 0);
	CHECK(keyctl(KEYCTL_SETPERM, (unsigned long)key, 0x3f3f3f3f, 0) < 0);
	CHECK(keyctl(KEYCTL_CHOWN, (unsigned long)key, ENV_UID2, ENV_UID2) < 0);
}

static void as_other(void *arg)
{
	int32_t key = *(int32_t *)arg;
	char text[256];

	become(ENV_UID2);
	CHECK(describe(key, text, sizeof(text)) == -EACCES);
	CHECK(keyctl(KEYCTL_LINK, (unsigned long)key, (unsigned long)KEY_SPEC_PROCESS_KEYRING,
		     0) < 0);
}

static void who_may_keep_it(void)
{
	struct verdict verdict = client(0);
	uint64_t context = device_establish(dev, cred, &verdict);

	suite_in_child(as_owner, &want.given.key);
	suite_in_child(as_other, &want.given.key);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
	must_go(want.given.key);
}

static void fetched_once(void)
{
	struct verdict verdict = client(KSECDD_CREDENTIAL_FETCH);
	uint64_t context = device_establish(dev, cred, &verdict);
	int token = token_of(dev, context), second = token_of(dev, context);
	struct fetched f;

	/* What fails can be tried again. */
	CHECK_EQ(fetch(token, &f, 3), 0);
	CHECK_STATUS(f.arg.status, SEC_E_BUFFER_TOO_SMALL);
	CHECK_EQ(f.arg.secret_len, sizeof(secret) - 1);
	CHECK_EQ(f.arg.user_len, sizeof(user) - 1);
	CHECK(!f.user[0] && !f.secret[0]);
	f.arg.user = 1;
	f.arg.user_len = f.arg.domain_len = f.arg.secret_len = 64;
	CHECK_EQ(device_ioctl(token, KSECDD_TOKEN_FETCH, &f.arg), -EFAULT);
	CHECK_EQ(fetch(second, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_OK);
	CHECK(!strcmp(f.user, user) && !strcmp(f.domain, domain) && !strcmp(f.secret, secret));
	/* Once for the logon, not for each token. */
	CHECK_EQ(fetch(second, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_NO_CREDENTIALS);
	CHECK_EQ(fetch(token, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_NO_CREDENTIALS);
	CHECK(!f.secret[0]);
	/* The key stays. */
	CHECK(is_there(info_of(token).key));
	close(token);
	close(second);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

static void fetch_refused(void *arg)
{
	struct fetched f;

	become(ENV_UID);
	CHECK_EQ(fetch(*(int *)arg, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_NO_CREDENTIALS);
	CHECK(!f.secret[0]);
}

static void who_may_not_fetch(void)
{
	struct verdict verdict = client(KSECDD_CREDENTIAL_FETCH), none = client(0);
	uint64_t context;
	struct fetched f;
	int token;

	/* The user himself is not who acquired the credential. */
	verdict = client(KSECDD_CREDENTIAL_FETCH);
	context = device_establish(dev, cred, &verdict);
	token = token_of(dev, context);
	suite_in_child(fetch_refused, &token);
	CHECK_EQ(fetch(token, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_OK);
	close(token);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);

	none = client(0);
	context = device_establish(dev, cred, &none);
	token = token_of(dev, context);
	CHECK_EQ(fetch(token, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_NO_CREDENTIALS);
	CHECK(!f.secret[0]);
	close(token);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);

	/* Where nothing was delegated there is nothing. */
	none = verdict_ok(TEST_SEAL_FLAGS, session_key);
	context = device_establish(dev, cred, &none);
	token = token_of(dev, context);
	CHECK_EQ(info_of(token).key, 0);
	CHECK_EQ(fetch(token, &f, sizeof(f.secret)), 0);
	CHECK_STATUS(f.arg.status, SEC_E_NO_CREDENTIALS);
	close(token);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
}

/* A verdict that makes no sense with the key there is, which goes with the request */
static void nonsense(const struct verdict *verdict, bool made)
{
	struct ksecdd_accept accept = {};

	REQUIRE_EQ(device_accept(dev, cred, 0, verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_INTERNAL_ERROR);
	CHECK_EQ(want.result, made ? 0 : -EINVAL);
	if (made)
		must_go(want.given.key);
}

static void wrong_answers(void)
{
	struct verdict verdict;

	verdict = client(0);
	verdict.complete.ret_flags &= ~(uint32_t)ASC_RET_DELEGATE;
	nonsense(&verdict, true);
	verdict = client(0);
	verdict.complete.uid = ENV_UID2;
	nonsense(&verdict, true);
	verdict = client(0);
	verdict.complete.flags = 0;
	verdict.complete.uid = verdict.complete.gid = 0;
	nonsense(&verdict, true);
	/* Without a key, and without a cache, nothing was delegated. */
	verdict = client(0);
	want.given.secret_len = 0;
	nonsense(&verdict, false);
}

static void wrong_keys(void)
{
#define WRONG(member, value) { offsetof(struct ksecdd_credential, member), value }
	static const struct {
		size_t at;
		uint32_t value;
	} wrongs[] = {
		WRONG(flags, 2), WRONG(user_len, KSECDD_MAX_NAME + 1),
		WRONG(domain_len, KSECDD_MAX_NAME + 1), WRONG(client_len, KSECDD_MAX_NAME + 1),
		WRONG(client_len, 0), WRONG(secret_len, KSECDD_MAX_SECRET + 1),
		WRONG(secret_len, 0), WRONG(uid, UINT32_MAX), WRONG(gid, UINT32_MAX),
		WRONG(__reserved, 1),
	};
#undef WRONG
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrongs); i++) {
		struct verdict verdict = client(0);

		memcpy((char *)&want.given + wrongs[i].at, &wrongs[i].value, sizeof(uint32_t));
		nonsense(&verdict, false);
	}
}

static void only_one(void)
{
	struct verdict verdict = client(0);
	uint64_t context;

	want.twice = true;
	context = device_establish(dev, cred, &verdict);
	CHECK_EQ(want.result, 0);
	CHECK_EQ(want.again, -EBUSY);
	CHECK_STATUS(delete_context(dev, context), SEC_E_OK);
	must_go(want.given.key);
}

static void refused(void)
{
	struct verdict verdict = client(0);
	struct ksecdd_accept accept = {};

	verdict.set_keys = false;
	verdict.complete = (struct ksecdd_complete){
		.size = sizeof(verdict.complete), .status = SEC_E_LOGON_DENIED,
	};
	REQUIRE_EQ(device_accept(dev, cred, 0, &verdict, &accept), 0);
	CHECK_STATUS(accept.status, SEC_E_LOGON_DENIED);
	CHECK_EQ(want.result, 0);
	must_go(want.given.key);
}

static const struct suite_test tests[] = {
	{ .name = "a key of the local user, which nobody reads", .run = a_key_of_his },
	{ .name = "he may keep it, and others may not", .run = who_may_keep_it },
	{ .name = "it is fetched once", .run = fetched_once },
	{ .name = "who may not fetch it", .run = who_may_not_fetch },
	{ .name = "answers that do not go with a key", .run = wrong_answers },
	{ .name = "keys that are none", .run = wrong_keys },
	{ .name = "one for each request", .run = only_one },
	{ .name = "a client who is refused has delegated nothing", .run = refused },
};

int main(void)
{
	testhelper_isolate();
	testhelper_start(&th);
	dev = device_open();
	cred = device_acquire(dev);
	return suite_run(tests, ARRAY_SIZE(tests));
}
