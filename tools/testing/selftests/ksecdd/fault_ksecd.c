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
#include "tools/testing/unit/spnego/wire.h"

#define ACCOUNTS	"alice:fc525c9683e8fe067095ba2ddc971889:alice\n"

static char config_path[] = "/tmp/fault-ksecd-config.XXXXXX";
static char accounts_path[] = "/tmp/fault-ksecd-accounts.XXXXXX";

/**
 * struct how - how a client logs on
 * @password:  other than the right one
 * @negotiate: inside of SPNEGO
 * @wrong_mic: with a MIC that is of no use
 */
struct how {
	const char *password;
	bool negotiate;
	bool wrong_mic;
};

static const struct how plain, wrong_password = { .password = "wrong" };
static const struct how negotiated = { .negotiate = true };
static const struct how wrong_mic = { .negotiate = true, .wrong_mic = true };

static struct testhelper th = {
	.helper.packages = 1 << KSECDD_PACKAGE_NTLM | 1 << KSECDD_PACKAGE_NEGOTIATE,
};
static const struct how *how;
static struct settings *settings;
static struct logon *logon;
static int dev;
static uint64_t cred, ctx;

static struct client client;
static struct bytes negotiate, challenge, authenticate, first, last;
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
	how = arg;
	dev = device_open();
	cred = device_acquire_package(dev, how->negotiate ? KSECDD_PACKAGE_NEGOTIATE :
							    KSECDD_PACKAGE_NTLM);
	client_init(&client);
	client.mic = how->negotiate;
	if (how->password)
		client.password = how->password;
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

/* The client's first token */
static const struct bytes *make_first(void)
{
	static const struct wire_part nothing;

	client_negotiate(&client, &negotiate);
	if (!how->negotiate)
		return &negotiate;
	wire_init(&first, WIRE_NTLM, (struct wire_part){ negotiate.data, negotiate.len }, nothing);
	return &first;
}

static void make_mic(uint8_t mic[16])
{
	struct bytes list = {};
	struct ntlm_piece piece;
	struct ntlm_peer peer;

	wire_mechs(&list, WIRE_NTLM);
	piece = (struct ntlm_piece){ list.data, list.len, false };
	ntlm_peer_init(&peer, client.flags, client.exported_key);
	ntlm_peer_protect(&peer, &piece, 1, mic);
	mic[4] ^= how->wrong_mic;
}

/* The client's last token, when the answer to the first one is there */
static const struct bytes *make_last(void)
{
	struct wire_resp resp = { .token = { room, call.arg.out_len } };
	uint8_t mic[16];

	if (how->negotiate)
		REQUIRE(wire_read_resp(room, call.arg.out_len, &resp) && resp.token.data);
	challenge.len = 0;
	bytes_put(&challenge, resp.token.data, resp.token.len);
	client_authenticate(&client, &negotiate, &challenge, &authenticate);
	if (!how->negotiate)
		return &authenticate;
	make_mic(mic);
	resp = (struct wire_resp){
		.state = WIRE_NO_STATE,
		.token = { authenticate.data, authenticate.len },
		.mic = { mic, sizeof(mic) },
	};
	wire_resp(&last, &resp);
	return &last;
}

static void first_before(const void *arg)
{
	(void)arg;
	ask(make_first(), 0);
}

static void first_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t status = answer();

	(void)arg;
	(void)outcome;
	check_answer(status, SEC_I_CONTINUE_NEEDED, kind);
	if (status != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(serve(make_first(), 0), SEC_I_CONTINUE_NEEDED);
	CHECK_STATUS(delete_context(dev, call.arg.new_context), SEC_E_OK);
}

/* Up to the client's last token, which is returned */
static const struct bytes *half_way(void)
{
	REQUIRE_STATUS(serve(make_first(), 0), SEC_I_CONTINUE_NEEDED);
	ctx = call.arg.new_context;
	return make_last();
}

/* The account file is another one than before, so that it is read again. */
static void last_before(const void *arg)
{
	const struct bytes *token = half_way();

	(void)arg;
	put(accounts_path, ACCOUNTS);
	ask(token, ctx);
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
	/* The MICs count. */
	session.peer.send.seq += how->negotiate;
	session.peer.receive.seq += how->negotiate;
	CHECK(session_works(&session));
}

static void last_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int32_t status = answer();
	const struct bytes *token;

	(void)arg;
	(void)outcome;
	check_answer(status, SEC_E_OK, kind);
	if (status != SEC_E_OK) {
		/* Judged or not, the challenge is used up: the next logon goes well. */
		call_run(&call);
		CHECK_STATUS(call.arg.status, SEC_E_INVALID_HANDLE);
		CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
		token = half_way();
		REQUIRE_STATUS(serve(token, ctx), SEC_E_OK);
	}
	check_alice();
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

static void refused_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)arg;
	(void)outcome;
	check_answer(answer(), how->wrong_mic ? SEC_E_MESSAGE_ALTERED : SEC_E_LOGON_DENIED, kind);
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

/* All but the last bytes of the first token */
static void part_before(const void *arg)
{
	(void)arg;
	make_first();
	first.len -= 7;
	ask(&first, 0);
}

static void part_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct bytes rest = {};
	int32_t status = answer();

	(void)arg;
	(void)outcome;
	check_answer(status, SEC_I_CONTINUE_NEEDED, kind);
	if (status != SEC_I_CONTINUE_NEEDED)
		REQUIRE_STATUS(serve(&first, 0), SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, 0);
	ctx = call.arg.new_context;
	bytes_put(&rest, first.data + first.len, 7);
	REQUIRE_STATUS(serve(&rest, ctx), SEC_I_CONTINUE_NEEDED);
	REQUIRE_STATUS(serve(make_last(), ctx), SEC_E_OK);
	check_alice();
	CHECK_STATUS(delete_context(dev, ctx), SEC_E_OK);
}

#define ROW(name_, how_, before_, after_)						\
	{ .name = "ksecd: " name_, .faults = &sweep_ioctl, .arg = &(how_), .begin = begin, \
	  .before = before_, .run = serve_run, .after = after_, .end = end }

static const struct sweep rows[] = {
	ROW("the first message", plain, first_before, first_after),
	ROW("the second message", plain, last_before, last_after),
	ROW("a wrong password", wrong_password, last_before, refused_after),
	ROW("Negotiate, the first token", negotiated, first_before, first_after),
	ROW("Negotiate, a token that goes on", negotiated, part_before, part_after),
	ROW("Negotiate, the last token", negotiated, last_before, last_after),
	ROW("Negotiate, a wrong MIC", wrong_mic, last_before, refused_after),
};

int main(int argc, char **argv)
{
	char text[256];
	int fd;

	fd = mkstemp(accounts_path);
	close(fd);
	fd = mkstemp(config_path);
	close(fd);
	/* The local user is looked up in each run. */
	snprintf(text, sizeof(text), "[accounts]\nfile = %s\nuser-cache = 0\n", accounts_path);
	put(config_path, text);
	put(accounts_path, ACCOUNTS);
	testhelper_isolate();
	argc = sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
	unlink(accounts_path);
	unlink(config_path);
	return argc;
}
