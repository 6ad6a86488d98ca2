// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The helper's side of the module with one fault after the other: registering,
 * taking requests, reading, answering and giving them up.  The faults strike in
 * the helper; the caller, in a thread of its own, must see a right answer once
 * the helper has done what failed again, and nothing before that.
 */
#include <dirent.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "session.h"
#include "suite.h"
#include "sweep.h"

static struct testhelper th;
static int dev;
static uint64_t cred;

/* The call that a run is about, and its request */
static struct call call;
static struct taken taken;

static const uint8_t session_key[16] = "the session key";
static uint8_t long_token[KSECDD_MAX_TOKEN], state[KSECDD_MAX_STATE], reply[600];
static uint32_t groups[100];

static void begin(const void *arg)
{
	(void)arg;
	REQUIRE_EQ(testhelper_register(&th), 0);
	dev = device_open();
	cred = device_acquire(dev);
}

static void end(const void *arg)
{
	(void)arg;
	close(dev);
	testhelper_stop(&th);
}

/* A caller that waits, and nobody who has taken the request */
static void ask(const void *arg)
{
	(void)arg;
	call_init(&call, dev, cred, 0);
	call.arg.out_len = sizeof(call.out);
	call_start(&call);
}

/* The same with a request of some 200 KiB */
static void ask_long(const void *arg)
{
	(void)arg;
	call_init(&call, dev, cred, 0);
	call.arg.token = (uintptr_t)long_token;
	call.arg.token_len = sizeof(long_token) - 16;
	call.arg.bindings = (uintptr_t)long_token;
	call.arg.bindings_len = sizeof(long_token);
	call_start(&call);
}

static void ask_and_take(const void *arg)
{
	ask(arg);
	take(&th, &taken);
}

static void delete_new(void)
{
	if (call.arg.status == SEC_E_OK || call.arg.status == SEC_I_CONTINUE_NEEDED)
		CHECK_STATUS(delete_context(dev, call.arg.new_context), SEC_E_OK);
}

/* The request is still there to be answered, and the answer arrives. */
static void let_in(void)
{
	CHECK_EQ(call.over, 0);
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	delete_new();
}

/* Registering, and what goes before it */

static struct family family;

/* The kernel has ENFILE for a socket that it finds no memory for, and says so. */
static const struct sweep_faults socket_faults = {
	{ -ENOMEM, -ENOBUFS, -ENFILE, SWEEP_END }, { -EFAULT, SWEEP_END },
};

static int32_t open_run(const void *arg)
{
	(void)arg;
	return family_open(&family);
}

static void open_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	if (outcome)
		REQUIRE_EQ(open_run(arg), 0);
	family_close(&family);
}

static struct family_helper helper = {
	.packages = 1 << KSECDD_PACKAGE_NTLM, .inflight = KSECDD_MAX_INFLIGHT,
};

static void register_before(const void *arg)
{
	REQUIRE_EQ(open_run(arg), 0);
}

static int32_t register_run(const void *arg)
{
	(void)arg;
	return family_register(&family, &helper);
}

/*
 * Who is told of a failure by the module is no helper and may try again.  Who has
 * lost the answer may be one; closing the socket, as ksecd does then, ends that.
 */
static void register_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct family_request none;
	int again = outcome ? register_run(arg) : 0;

	(void)kind;
	if (again == -EBUSY && (outcome == -EFAULT || outcome == -ENOBUFS)) {
		family_close(&family);
		REQUIRE_EQ(open_run(arg), 0);
		again = register_run(arg);
	}
	CHECK_EQ(again, 0);
	CHECK_EQ(family_next(&family, &none), -EAGAIN);
	family_close(&family);
}

static int32_t close_run(const void *arg)
{
	(void)arg;
	family_close(&family);
	return 0;
}

static void close_before(const void *arg)
{
	register_before(arg);
	REQUIRE_EQ(register_run(arg), 0);
}

static void close_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)outcome;
	(void)kind;
	close_before(arg);
	family_close(&family);
}

/* Taking a request */

static void next_before(const void *arg)
{
	struct pollfd pfd = { .fd = netlink_fd(&th.family.nl), .events = POLLIN };

	ask(arg);
	/* READY is of no interest; but once it has come, the request is there. */
	REQUIRE_EQ(poll(&pfd, 1, (int)suite_time(10000)), 1);
	CHECK_EQ(netlink_events(&th.family.nl), 0);
}

static int32_t next_run(const void *arg)
{
	(void)arg;
	return family_next(&th.family, &taken.next);
}

/* A request file that this process has, or -1 */
static int find_request(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char name[64];
	int fd = -1;
	ssize_t n;

	REQUIRE(dir);
	while (fd < 0 && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, name, sizeof(name) - 1);
		name[n > 0 ? n : 0] = '\0';
		if (!strcmp(name, "anon_inode:[ksecdd-req]"))
			fd = atoi(entry->d_name);
	}
	closedir(dir);
	return fd;
}

/*
 * What could not be handed out went back into the queue.  What was handed out and
 * could only not be told of is in this process, and as good as any other; or its
 * answer was not taken, and comes as an event now, which closes the file.
 */
static void next_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	int again;

	(void)kind;
	taken.fd = taken.next.fd;
	if (outcome) {
		CHECK_EQ(taken.next.fd, -1);
		netlink_events(&th.family.nl);
		taken.fd = find_request();
	}
	if (taken.fd < 0) {
		again = next_run(arg);
		taken.fd = taken.next.fd;
		if (again == -EAGAIN && outcome == -EFAULT)
			call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
		else if (!CHECK_EQ(again, 0))
			suite_abort();
	} else {
		CHECK(!outcome || outcome == -EFAULT);
	}
	if (taken.fd >= 0)
		let_in();
	CHECK_EQ(find_request(), -1);
}

static int32_t no_next_run(const void *arg)
{
	struct family_request none;

	(void)arg;
	return family_next(&th.family, &none);
}

/* Reading it */

static uint8_t request[REQUEST_MAX];
static ssize_t request_len;

static void read_before(const void *arg)
{
	if (arg)
		ask_long(arg);
	else
		ask(arg);
	take_file(&th, &taken);
}

static int32_t read_run(const void *arg)
{
	(void)arg;
	request_len = request_read(taken.fd, request, sizeof(request));
	return request_len < 0 ? (int32_t)request_len : 0;
}

static void read_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	struct request parsed;

	(void)kind;
	/* A part may have been read before it failed. */
	REQUIRE_SYS(lseek(taken.fd, 0, SEEK_SET));
	if (outcome)
		REQUIRE_EQ(read_run(arg), 0);
	REQUIRE_EQ(request_parse(request, (size_t)request_len, &parsed), 0);
	CHECK_EQ(parsed.step.token_len, call.arg.token_len);
	CHECK_EQ(parsed.step.bindings_len, call.arg.bindings_len);
	CHECK_MEM(parsed.step.token, (const void *)(uintptr_t)call.arg.token,
		  call.arg.token_len);
	let_in();
}

/* Keys and messages before the answer */

static int32_t keys_run(const void *arg)
{
	struct ksecdd_set_keys keys = {
		.size = sizeof(keys), .mech = KSECDD_PACKAGE_NTLM, .mech_flags = TEST_SEAL_FLAGS,
		.key_len = sizeof(session_key), .key = (uintptr_t)session_key,
	};

	(void)arg;
	return device_ioctl(taken.fd, KSECDD_REQ_SET_KEYS, &keys);
}

/*
 * The keys are those that were set, and nothing has been done with them but signing as
 * many times; a MIC leaves the key stream where it was.
 */
static void check_keys(unsigned int counted, bool mic)
{
	struct arcfour_ctx stream;
	struct session session = { .dev = dev, .cred = cred };
	unsigned int i;

	REQUIRE_EQ(complete_ok(&taken), 0);
	taken_close(&taken);
	call_wait(&call);
	REQUIRE_STATUS(call.arg.status, SEC_E_OK);
	session.call = (struct message_call){ .cmd = KSECDD_IOC_MESSAGE, .fd = dev,
					      .context = call.arg.new_context };
	ntlm_peer_init(&session.peer, TEST_SEAL_FLAGS, session_key);
	stream = session.peer.receive.rc4;
	for (i = 0; i < counted; i++)
		ntlm_peer_accept(&session.peer, &(struct ntlm_piece){ reply, 0, false }, 1, reply);
	if (mic)
		session.peer.receive.rc4 = stream;
	CHECK(session_works(&session));
	delete_new();
}

static void keys_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)kind;
	CHECK_EQ(keys_run(arg), outcome ? 0 : -EBUSY);
	check_keys(0, false);
}

static uint8_t message[200], signature[16];

/* A row's @arg: NULL, or that the signature is the MIC of a negotiation */
static const bool is_mic = true;

static void message_before(const void *arg)
{
	ask_and_take(arg);
	REQUIRE_EQ(keys_run(arg), 0);
	memset(message, 0x55, sizeof(message));
}

static int32_t message_run(const void *arg)
{
	struct message_call way = { .cmd = KSECDD_REQ_MESSAGE, .fd = taken.fd };
	struct ksecdd_buffer bufs[6];
	struct ksecdd_message msg = { 0 };
	int err;
	size_t i;

	for (i = 0; i < 5; i++)
		bufs[i] = buffer(SECBUFFER_DATA, message + 40 * i, 40);
	bufs[5] = buffer(SECBUFFER_TOKEN, signature, 16);
	err = message_call(&way, KSECDD_MESSAGE_SIGN | (arg ? KSECDD_MESSAGE_MIC : 0), bufs, 6,
			   &msg);
	return err ? err : msg.status;
}

/* The number in the signature tells whether a message that failed has counted. */
static void message_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	unsigned int number;

	(void)kind;
	if (outcome)
		REQUIRE_STATUS(message_run(arg), SEC_E_OK);
	number = signature[12];
	CHECK(number == 0 || (outcome == -EFAULT && number == 1));
	check_keys(number + 1, arg);
}

/* Answers */

static struct ksecdd_complete answer;

static void answer_ok(void)
{
	fill_ok(&answer);
	answer.flags = KSECDD_COMPLETE_MAPPED;
	answer.groups = (uintptr_t)groups;
	answer.ngroups = ARRAY_SIZE(groups);
	answer.token = (uintptr_t)reply;
	answer.token_len = 100;
}

static void answer_continue(void)
{
	answer = (struct ksecdd_complete){
		.size = sizeof(answer), .status = SEC_I_CONTINUE_NEEDED,
		.state = (uintptr_t)state, .state_len = sizeof(state),
		.token = (uintptr_t)reply, .token_len = 200,
	};
}

static void answer_no(void)
{
	answer = (struct ksecdd_complete){
		.size = sizeof(answer), .status = SEC_E_LOGON_DENIED,
		.token = (uintptr_t)reply, .token_len = 50,
	};
}

/* More than the caller takes, and more than a slab has */
static void answer_long(void)
{
	answer_continue();
	answer.token = (uintptr_t)long_token;
	answer.token_len = sizeof(long_token);
}

/* A row's @arg */
struct verdict_row {
	void (*fill)(void);
	int32_t status;		/* what the caller gets */
};

static void complete_before(const void *arg)
{
	const struct verdict_row *row = arg;

	ask_and_take(NULL);
	row->fill();
}

static int32_t complete_run(const void *arg)
{
	(void)arg;
	return device_ioctl(taken.fd, KSECDD_REQ_COMPLETE, &answer);
}

/* What did not fit is kept for the same call, of which the helper hears nothing. */
static void take_kept(void)
{
	static uint8_t room[sizeof(long_token)];

	memset(room, 0xff, sizeof(room));
	call.arg.out = (uintptr_t)room;
	call.arg.out_len = sizeof(room);
	call_run(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, answer.token_len);
	CHECK_MEM(room, long_token, sizeof(long_token));
}

static void complete_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const struct verdict_row *row = arg;

	(void)kind;
	if (outcome)
		CHECK_EQ(call.over, 0);
	CHECK_EQ(complete_run(arg), outcome ? 0 : -EALREADY);
	call_finish(&call, &taken, row->status);
	if (row->status == SEC_E_BUFFER_TOO_SMALL) {
		take_kept();
	} else {
		CHECK_EQ(call.arg.out_len, answer.token_len);
		CHECK_MEM(call.out, reply, answer.token_len);
	}
	delete_new();
}

/* The token goes on: the next one has what the context has kept in front of it. */
static void partial_before(const void *arg)
{
	ask_long(arg);
	take(&th, &taken);
	answer = (struct ksecdd_complete){
		.size = sizeof(answer), .status = SEC_I_CONTINUE_NEEDED,
		.flags = KSECDD_COMPLETE_PARTIAL,
	};
}

static void partial_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	const size_t kept = sizeof(long_token) - 16;

	(void)kind;
	if (outcome)
		CHECK_EQ(call.over, 0);
	CHECK_EQ(complete_run(arg), outcome ? 0 : -EALREADY);
	call_finish(&call, &taken, SEC_I_CONTINUE_NEEDED);
	call_ask(&th, &call, &taken, dev, cred, call.arg.new_context);
	REQUIRE_EQ(taken.req.step.token_len, kept + call.arg.token_len);
	CHECK_MEM(taken.req.step.token, long_token, kept);
	CHECK_MEM(taken.req.step.token + kept, call.token, call.arg.token_len);
	let_in();
}

/* Giving up */

static int32_t drop_run(const void *arg)
{
	(void)arg;
	taken_close(&taken);
	return 0;
}

static void drop_after(const void *arg, int32_t outcome, enum fault_kind kind)
{
	(void)arg;
	(void)outcome;
	(void)kind;
	call_finish(&call, &taken, SEC_E_INTERNAL_ERROR);
}

#define SIDE(title, row_faults, result, prefix, made, what)				\
	{ .name = title, .faults = row_faults, .want = result, .arg = what, .begin = begin, \
	  .before = made, .run = prefix##_run, .after = prefix##_after, .end = end }
#define ANSWER(title, function, result)							\
	SIDE("COMPLETE: " title, &sweep_syscall, 0, complete, complete_before,		\
	     (&(const struct verdict_row){ function, result }))

static const struct sweep rows[] = {
	{ .name = "the socket", .faults = &socket_faults, .run = open_run, .after = open_after,
	  .loud = true },
	{ .name = "REGISTER", .faults = &sweep_netlink, .before = register_before,
	  .run = register_run, .after = register_after },
	{ .name = "the end of a registration", .faults = &sweep_netlink,
	  .before = close_before, .run = close_run, .after = close_after },
	SIDE("NEXT", &sweep_netlink, 0, next, next_before, NULL),
	{ .name = "NEXT without a request", .faults = &sweep_netlink, .want = -EAGAIN,
	  .begin = begin, .run = no_next_run, .end = end },
	SIDE("read", &sweep_syscall, 0, read, read_before, NULL),
	SIDE("read, a long request", &sweep_syscall, 0, read, read_before, long_token),
	SIDE("SET_KEYS", &sweep_syscall, 0, keys, ask_and_take, NULL),
	SIDE("MESSAGE", &sweep_ioctl, SEC_E_OK, message, message_before, NULL),
	SIDE("MESSAGE: a MIC", &sweep_ioctl, SEC_E_OK, message, message_before, &is_mic),
	ANSWER("the client is in", answer_ok, SEC_E_OK),
	ANSWER("another leg", answer_continue, SEC_I_CONTINUE_NEEDED),
	ANSWER("the client is refused", answer_no, SEC_E_LOGON_DENIED),
	ANSWER("a token that does not fit", answer_long, SEC_E_BUFFER_TOO_SMALL),
	{ .name = "COMPLETE: a token that goes on", .faults = &sweep_syscall, .begin = begin,
	  .before = partial_before, .run = complete_run, .after = partial_after, .end = end },
	SIDE("a request that is dropped", &sweep_syscall, 0, drop, ask_and_take, NULL),
};

int main(int argc, char **argv)
{
	testhelper_isolate();
	fill(reply, sizeof(reply), 1);
	fill(state, sizeof(state), 2);
	fill(long_token, sizeof(long_token), 3);
	return sweep_run(rows, ARRAY_SIZE(rows), argc, argv);
}
