// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engines and the accounts when memory runs out: each allocation fails in turn,
 * and the verdict is that there is no memory, or what it would have been otherwise,
 * and never another one.  Nothing leaks, and the next attempt goes well.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* It includes nothing that its own types need. */
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <wbclient.h>

#include "helper/accounts/select.h"
#include "helper/filetime.h"
#include "helper/identity.h"
#include "tools/testing/selftests/ksecdd/suite.h"
#include "tools/testing/selftests/ksecdd/sweep.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/ntlm/server.h"

#define HASH		"fc525c9683e8fe067095ba2ddc971889"
#define ACCOUNTS	"# accounts\nalice:" HASH ":nobody\nEXAMPLE\\bob:" HASH ":\n"

static char path[] = "/tmp/ksecd-test-memory.XXXXXX";

/* What an account file says is only of -ENOMEM when it is that. */
static const struct sweep_faults memory = {
	{ -ENOMEM, SEC_E_INSUFFICIENT_MEMORY, SWEEP_END }, { SWEEP_END },
};

/* In the file's place, so that it is another one than before */
static void put(const char *text)
{
	char temp[64];
	int fd;

	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) ||
	    rename(temp, path))
		tap_bail("cannot write %s: %s", path, strerror(errno));
}

static uint64_t now(void *data)
{
	(void)data;
	return SERVER_NOW;
}

/* The engine, step by step: the tests' own server would allocate as well. */

static struct server *server;
static struct client client;
static struct bytes negotiate, challenge, authenticate;
static struct engine_result result;

static int random_bytes(void *data, void *buf, size_t len)
{
	(void)data;
	memset(buf, 0x5a, len);
	return 0;
}

static int32_t step(uint32_t leg, const struct bytes *token)
{
	const struct engine_env env = {
		.names = &server->names, .policy = &server->policy,
		.accounts = &server->accounts, .random = random_bytes, .now = now,
	};
	const struct engine_step in = {
		.leg = leg, .target_drep = SECURITY_NATIVE_DREP,
		.req_flags = ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY,
		.state = leg ? server->state : NULL, .state_len = leg ? server->state_len : 0,
		.token = token->data, .token_len = token->len,
	};

	engine_result_clear(&result);
	ntlm_engine.accept(&env, &in, &result);
	return result.status;
}

static void engine_begin(const void *arg)
{
	(void)arg;
	server = server_new(ACCOUNTS);
	engine_result_init(&result);
	client_init(&client);
	client_negotiate(&client, &negotiate);
}

static void engine_end(const void *arg)
{
	(void)arg;
	engine_result_clear(&result);
	server_free(server);
}

static int32_t negotiate_run(const void *arg)
{
	(void)arg;
	return step(0, &negotiate);
}

static void negotiate_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_I_CONTINUE_NEEDED) {
		CHECK(!result.token && !result.state_len);
		REQUIRE_STATUS(negotiate_run(arg), SEC_I_CONTINUE_NEEDED);
	}
	CHECK(result.token_len > 56);
	engine_result_clear(&result);
}

static void first_leg(void)
{
	REQUIRE_STATUS(step(0, &negotiate), SEC_I_CONTINUE_NEEDED);
	challenge.len = 0;
	bytes_put(&challenge, result.token, result.token_len);
	memcpy(server->state, result.state, result.state_len);
	server->state_len = result.state_len;
	client_authenticate(&client, &negotiate, &challenge, &authenticate);
	engine_result_clear(&result);
}

static int32_t authenticate_run(const void *arg)
{
	(void)arg;
	return step(1, &authenticate);
}

/* Whoever is let in is who he is, with all that belongs to him. */
static void check_alice(const char *local)
{
	CHECK(!strcmp(result.account.user, "alice"));
	CHECK(!strcmp(result.account.local, local));
	CHECK_MEM(result.key, client.exported_key, 16);
	engine_result_clear(&result);
}

static void authenticate_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK) {
		CHECK(!result.key_len && !*result.account.user);
		REQUIRE_STATUS(authenticate_run(arg), SEC_E_OK);
	}
	check_alice("nobody");
}

static void authenticate_before(const void *arg)
{
	(void)arg;
	first_leg();
}

/* The account file as a source, read again for each logon */

static struct account_file *file;

static void say(void *data, bool failed, const char *message)
{
	(void)data;
	(void)failed;
	(void)message;
}

static void file_begin(const void *arg)
{
	engine_begin(arg);
	put(ACCOUNTS);
	REQUIRE_EQ(account_file_open(path, now, say, NULL, &file), 0);
	account_file_source(file, &server->accounts);
}

static void file_before(const void *arg)
{
	authenticate_before(arg);
	put(ACCOUNTS);
}

static void file_end(const void *arg)
{
	account_file_close(file);
	engine_end(arg);
}

static void wrong_password(const void *arg)
{
	file_begin(arg);
	client.password = "wrong";
}

static void wrong_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)outcome;
	(void)kind;
	CHECK_STATUS(authenticate_run(arg), SEC_E_LOGON_DENIED);
}

/* All sources, in their order; winbindd is played, since it cannot be made to fail. */

static struct accounts *accounts;

static struct wbcSidWithAttr winbind_sid;
static struct wbcAuthUserInfo winbind_info;

struct wbcContext *__wrap_wbcCtxCreate(void);
void __wrap_wbcCtxFree(struct wbcContext *ctx);
wbcErr __wrap_wbcCtxAuthenticateUserEx(struct wbcContext *ctx,
				       const struct wbcAuthUserParams *params,
				       struct wbcAuthUserInfo **info,
				       struct wbcAuthErrorInfo **error);
wbcErr __wrap_wbcCtxSidToUid(struct wbcContext *ctx, const struct wbcDomainSid *sid, uid_t *uid);
void __wrap_wbcFreeMemory(void *p);

struct wbcContext *__wrap_wbcCtxCreate(void)
{
	return fault_alloc_fails() ? NULL : (struct wbcContext *)&winbind_sid;
}

void __wrap_wbcCtxFree(struct wbcContext *ctx)
{
	(void)ctx;
}

void __wrap_wbcFreeMemory(void *p)
{
	(void)p;
}

wbcErr __wrap_wbcCtxSidToUid(struct wbcContext *ctx, const struct wbcDomainSid *sid, uid_t *uid)
{
	(void)ctx;
	(void)sid;
	if (fault_alloc_fails())
		return WBC_ERR_NO_MEMORY;
	*uid = 65534;
	return WBC_ERR_SUCCESS;
}

wbcErr __wrap_wbcCtxAuthenticateUserEx(struct wbcContext *ctx,
				       const struct wbcAuthUserParams *params,
				       struct wbcAuthUserInfo **info,
				       struct wbcAuthErrorInfo **error)
{
	(void)ctx;
	(void)params;
	(void)error;
	if (fault_alloc_fails())
		return WBC_ERR_NO_MEMORY;
	winbind_info = (struct wbcAuthUserInfo){
		.account_name = "alice", .domain_name = "DOMAIN", .num_sids = 1,
		.sids = &winbind_sid,
	};
	memcpy(winbind_info.user_session_key, client.base_key, 16);
	*info = &winbind_info;
	return WBC_ERR_SUCCESS;
}

static void sources_begin(const void *arg)
{
	struct config_error err;
	struct config cfg;
	char text[256];

	engine_begin(arg);
	put("nobody-here:" HASH ":\n");
	snprintf(text, sizeof(text), "[accounts]\nsource = %s\nfile = %s\n", (const char *)arg,
		 path);
	REQUIRE_EQ(config_parse("file", text, strlen(text), "server", &cfg, &err), 0);
	REQUIRE_EQ(accounts_open(&cfg, &accounts, &err), 0);
	server->accounts = *accounts_source(accounts);
}

static void sources_before(const void *arg)
{
	authenticate_before(arg);
	put("nobody-here:" HASH ":\n");
}

static void sources_end(const void *arg)
{
	accounts_close(accounts);
	engine_end(arg);
}

static void winbind_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome != SEC_E_OK)
		REQUIRE_STATUS(authenticate_run(arg), SEC_E_OK);
	check_alice("nobody");
}

/* Reading and writing the account file */

static struct account_db *db;
static char error[ACCOUNT_ERROR_LEN];

static int32_t load_run(const void *arg)
{
	(void)arg;
	return account_db_load(path, &db, error);
}

static void load_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome)
		REQUIRE_EQ(load_run(arg), 0);
	CHECK_EQ(account_db_count(db), 2);
	account_db_free(db);
}

static void load_before(const void *arg)
{
	(void)arg;
	put(ACCOUNTS);
}

static int32_t open_run(const void *arg)
{
	(void)arg;
	return account_file_open(path, now, say, NULL, &file);
}

static void open_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome)
		REQUIRE_EQ(open_run(arg), 0);
	account_file_close(file);
}

static int32_t add_run(const void *arg)
{
	static const struct account_entry entry = {
		.account = { .user = "zoe", .expiry = KSECDD_TIME_NEVER },
	};
	static const uint8_t hash[ACCOUNT_HASH_LEN] = { 1 };

	(void)arg;
	return account_file_add(path, &entry, hash, NULL, true, error);
}

static int32_t delete_run(const void *arg)
{
	(void)arg;
	return account_file_delete(path, "", "alice", error);
}

static int32_t disable_run(const void *arg)
{
	(void)arg;
	return account_file_disable(path, "", "alice", true, error);
}

static size_t accounts_in_file(void)
{
	struct account_db *now_there;
	size_t n;

	REQUIRE_EQ(account_db_load(path, &now_there, error), 0);
	n = account_db_count(now_there);
	account_db_free(now_there);
	return n;
}

/* What an edit leaves behind: its row's @arg is how many accounts there are then. */
static void edit_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	/* Old or new, as was said, and no half of it */
	CHECK_EQ(accounts_in_file(), outcome ? 2 : *(const size_t *)arg);
}

static const size_t one_less = 1, as_many = 2, one_more = 3;

/* Local users */

static struct identity identity;

static int32_t identity_run(const void *arg)
{
	(void)arg;
	return identity_lookup("nobody", &identity);
}

static void identity_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome)
		REQUIRE_EQ(identity_run(arg), 0);
	CHECK_EQ(identity.uid, 65534);
	CHECK(identity.ngroups > 0);
}

#define EDIT(title, function, count)							\
	{ .name = title, .faults = &memory, .arg = count, .before = load_before,	\
	  .run = function, .after = edit_after }

static const struct sweep rows[] = {
	{ .name = "NTLM, the first message", .faults = &memory, .want = SEC_I_CONTINUE_NEEDED,
	  .begin = engine_begin, .run = negotiate_run, .after = negotiate_after,
	  .end = engine_end },
	{ .name = "NTLM, the second message", .faults = &memory, .begin = engine_begin,
	  .before = authenticate_before, .run = authenticate_run, .after = authenticate_after,
	  .end = engine_end },
	{ .name = "NTLM, a new account file", .faults = &memory, .begin = file_begin,
	  .before = file_before, .run = authenticate_run, .after = authenticate_after,
	  .end = file_end },
	{ .name = "NTLM, a new account file, a wrong password", .faults = &memory,
	  .want = SEC_E_LOGON_DENIED, .begin = wrong_password, .before = file_before,
	  .run = authenticate_run, .after = wrong_after, .end = file_end },
	{ .name = "NTLM, winbind", .faults = &memory, .arg = "winbind", .begin = sources_begin,
	  .before = sources_before, .run = authenticate_run, .after = winbind_after,
	  .end = sources_end },
	{ .name = "NTLM, the file and then winbind", .faults = &memory,
	  .arg = "file, winbind", .begin = sources_begin, .before = sources_before,
	  .run = authenticate_run, .after = winbind_after, .end = sources_end },
	{ .name = "read an account file", .faults = &memory, .before = load_before,
	  .run = load_run, .after = load_after },
	{ .name = "open an account file", .faults = &memory, .before = load_before,
	  .run = open_run, .after = open_after },
	EDIT("add an account", add_run, &one_more),
	EDIT("delete an account", delete_run, &one_less),
	EDIT("disable an account", disable_run, &as_many),
	{ .name = "a local user", .faults = &memory, .run = identity_run,
	  .after = identity_after },
};

int main(int argc, char **argv)
{
	int fd = mkstemp(path);

	if (fd < 0)
		tap_bail("cannot make a file in /tmp: %s", strerror(errno));
	close(fd);
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	unlink(path);
	return argc;
}
