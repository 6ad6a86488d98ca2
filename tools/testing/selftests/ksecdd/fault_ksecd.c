// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecd's own way of serving a request, in this process and with one fault after
 * the other: the caller is told that there is no memory, or gets what it would have
 * got, with the same identity and keys; and never another verdict.
 */
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "call.h"
#include "helper/logon.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/ntlm/client.h"

#define ACCOUNTS	"alice:fc525c9683e8fe067095ba2ddc971889:alice\n"

static char config_path[] = "/tmp/fault-ksecd-config.XXXXXX";
static char accounts_path[] = "/tmp/fault-ksecd-accounts.XXXXXX";

static struct testhelper th;
static struct settings *settings;
static struct logon *logon;
static int dev;
static uint64_t cred, ctx;

static struct client client;
static struct bytes negotiate, challenge, authenticate;
static uint8_t room[4096];

static struct call call;
static struct family_request request;

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd))
		tap_bail("cannot write %s: %s", path, strerror(errno));
}

static void begin(const void *arg)
{
	struct config_error err;

	REQUIRE_EQ(testhelper_register(&th), 0);
	if (settings_load(config_path, false, &settings, &err))
		tap_bail("%s", err.text);
	logon = logon_new();
	REQUIRE(logon);
	dev = device_open();
	cred = device_acquire(dev);
	client_init(&client);
	if (arg)
		client.password = arg;
}

static void end(const void *arg)
{
	(void)arg;
	close(dev);
	logon_free(logon);
	settings_put(settings);
	testhelper_stop(&th);
}

/* A caller that waits for the verdict on a token, and the request it has made */
static void ask(const struct bytes *token, uint64_t context)
{
	static struct taken taken;

	call_init(&call, dev, cred, context);
	call.arg.req_flags = ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY;
	call.arg.token = (uintptr_t)token->data;
	call.arg.token_len = (uint32_t)token->len;
	call.arg.out = (uintptr_t)room;
	call.arg.out_len = sizeof(room);
	call_start(&call);
	take_file(&th, &taken);
	request = taken.next;
}

static int32_t serve_run(const void *arg)
{
	(void)arg;
	logon_serve(logon, settings, request.fd);
	return 0;
}

/* The caller's status */
static int32_t answer(void)
{
	close(request.fd);
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
	return call.arg.status;
}

static int32_t serve(const struct bytes *token, uint64_t context)
{
	ask(token, context);
	serve_run(NULL);
	return answer();
}

/* Whether a status is right where something may have failed */
static void check_answer(int32_t status, int32_t want, enum fault_kind kind)
{
	if (status != want && kind != FAULT_NONE)
		CHECK_STATUS(status, SEC_E_INSUFFICIENT_MEMORY);
	else
		CHECK_STATUS(status, want);
}

static void first_before(const void *arg)
{
	(void)arg;
	client_negotiate(&client, &negotiate);
	ask(&negotiate, 0);
}

static void first_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t status = answer();

	(void)arg;
	(void)outcome;
	check_answer(status, SEC_I_CONTINUE_NEEDED, kind);
	if (status != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(serve(&negotiate, 0), SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(delete_context(dev, call.arg.new_context), SEC_E_OK);
}

/* Up to the client's second message */
static void half_way(void)
{
	client_negotiate(&client, &negotiate);
	REQUIRE_STATUS(serve(&negotiate, 0), SEC_I_CONTINUE_NEEDED);
	ctx = call.arg.new_context;
	challenge.len = 0;
	bytes_put(&challenge, room, call.arg.out_len);
	client_authenticate(&client, &negotiate, &challenge, &authenticate);
}

/* The account file is another one than before, so that it is read again. */
static void last_before(const void *arg)
{
	(void)arg;
	half_way();
	put(accounts_path, ACCOUNTS);
	ask(&authenticate, ctx);
}

static void check_alice(void)
{
	const struct passwd *pw = getpwnam("alice");
	struct session session = {
		.dev = dev, .cred = cred,
		.call = { .cmd = KSECDD_IOC_MESSAGE, .fd = dev, .context = ctx },
	};
	struct ksecdd_context_info info;

	CHECK_STATUS(query_info(dev, ctx, &info), SEC_E_OK);
	CHECK(pw && info.uid == pw->pw_uid);
	ntlm_peer_init(&session.peer, client.flags, client.exported_key);
	CHECK(session_works(&session));
}

static void last_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t status = answer();

	(void)arg;
	(void)outcome;
	check_answer(status, SEC_E_OK, kind);
	if (status != SEC_E_OK) {
		/* Judged or not, the challenge is used up: the next logon goes well. */
		call_run(&call);
		CHECK_STATUS(call.arg.status, SEC_E_INVALID_HANDLE);
		CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
		half_way();
		REQUIRE_STATUS(serve(&authenticate, ctx), SEC_E_OK);
	}
	check_alice();
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

static void refused_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)arg;
	(void)outcome;
	check_answer(answer(), SEC_E_LOGON_DENIED, kind);
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

static const struct sweep rows[] = {
	{ .name = "ksecd: the first message", .faults = &sweep_ioctl, .begin = begin,
	  .before = first_before, .run = serve_run, .after = first_after, .end = end },
	{ .name = "ksecd: the second message", .faults = &sweep_ioctl, .begin = begin,
	  .before = last_before, .run = serve_run, .after = last_after, .end = end },
	{ .name = "ksecd: a wrong password", .faults = &sweep_ioctl, .arg = "wrong",
	  .begin = begin, .before = last_before, .run = serve_run, .after = refused_after,
	  .end = end },
};

int main(int argc, char **argv)
{
	char text[256];
	int fd;

	fd = mkstemp(accounts_path);
	close(fd);
	fd = mkstemp(config_path);
	close(fd);
	snprintf(text, sizeof(text), "[accounts]\nfile = %s\n", accounts_path);
	put(config_path, text);
	put(accounts_path, ACCOUNTS);
	testhelper_isolate();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	unlink(accounts_path);
	unlink(config_path);
	return argc;
}
