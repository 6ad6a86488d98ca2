// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Callers whose memory is not there and takes its time to come (userfaultfd):
 * whatever the module is about to read or write, it holds nothing then that
 * anybody else waits for.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"
#include "env.h"
#include "suite.h"

#define PAGE	4096

static struct testhelper th;
static struct taken taken;
static struct call call;
static const uint8_t session_key[16] = "a session's key";

static int fd;
static int uffd = -1;
static uint64_t cred;
static uint8_t *page;

/* A page that nobody can touch before release_page(). */
static void stall(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0)
		suite_skip("no userfaultfd: %s", strerror(errno));
	REQUIRE_SYS(ioctl(uffd, UFFDIO_API, &api));
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(page != MAP_FAILED);
	reg.range.start = (uintptr_t)page;
	reg.range.len = PAGE;
	REQUIRE_SYS(ioctl(uffd, UFFDIO_REGISTER, &reg));
}

/* Waits until somebody is stuck at the page. */
static void wait_stalled(void)
{
	struct pollfd pfd = { .fd = uffd, .events = POLLIN };
	struct uffd_msg msg;

	REQUIRE_EQ(poll(&pfd, 1, (int)suite_time(20000)), 1);
	REQUIRE_EQ(read(uffd, &msg, sizeof(msg)), sizeof(msg));
	CHECK_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
	CHECK_EQ(msg.arg.pagefault.address & ~(uint64_t)(PAGE - 1), (uintptr_t)page);
}

/* Lets them go on, with the page as @content has it, or without a page. */
static void release_page(const void *content)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page, .src = (uintptr_t)content, .len = PAGE,
	};
	struct uffdio_range range = { .start = (uintptr_t)page, .len = PAGE };

	if (content) {
		REQUIRE_SYS(ioctl(uffd, UFFDIO_COPY, &copy));
	} else {
		REQUIRE_SYS(munmap(page, PAGE));
		/* Nobody wakes them on account of that. */
		REQUIRE_SYS(ioctl(uffd, UFFDIO_WAKE, &range));
		page = NULL;
	}
}

static void forget(void)
{
	if (page)
		munmap(page, PAGE);
	page = NULL;
	if (uffd >= 0)
		close(uffd);
	uffd = -1;
}

static uint8_t content[PAGE] = "a client's token";

/* Everything else works: on the same file, and for others. */
static void check_others(uint64_t context)
{
	struct ksecdd_context_info info;
	struct family family = {};
	struct family_status status;
	uint64_t other = device_acquire(fd);

	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_STATUS(free_cred(fd, other), SEC_E_OK);
	REQUIRE_EQ(family_open(&family), 0);
	CHECK_EQ(family_status(&family, &status), 0);
	family_close(&family);
	CHECK_STATUS(delete_context(fd, establish(&th, fd, cred)), SEC_E_OK);
}

static void stalled_token(void)
{
	uint64_t context = half_open(&th, fd, cred);

	stall();
	call_init(&call, fd, cred, context);
	call.arg.token = (uintptr_t)page;
	call_start(&call);
	wait_stalled();
	check_others(context);
	release_page(content);
	take(&th, &taken);
	CHECK_MEM(taken.req.step.token, content, 16);
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

/* H09: the output is unmapped while it is about to be written. */
static void unmapped_output(void)
{
	uint64_t context = half_open(&th, fd, cred);
	struct ksecdd_context_info info;

	stall();
	call_init(&call, fd, cred, context);
	call.arg.out = (uintptr_t)page;
	call_start(&call);
	take(&th, &taken);
	CHECK_EQ(complete_continue(&taken, "state", 5, "token", 5), 0);
	taken_close(&taken);
	wait_stalled();
	check_others(context);
	release_page(NULL);
	call_wait(&call);
	CHECK_EQ(call.ret, -EFAULT);
	/* As if it had not been made; what the helper has said is kept for the next time. */
	CHECK_STATUS(query_info(fd, context, &info), SEC_E_OK);
	CHECK_EQ(info.state, KSECDD_STATE_HALF_OPEN);
	call_init(&call, fd, cred, context);
	call_run(&call);
	CHECK_STATUS(call.arg.status, SEC_I_CONTINUE_NEEDED);
	CHECK_EQ(call.arg.out_len, 5);
	CHECK_MEM(call.out, "token", 5);
	call_ask(&th, &call, &taken, fd, cred, context);
	CHECK_EQ(taken.req.head.leg, 2);
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
}

static void deleted_at_output(void)
{
	uint64_t context = half_open(&th, fd, cred);
	struct family_status before = status_now();

	stall();
	call_init(&call, fd, cred, context);
	call.arg.out = (uintptr_t)page;
	call_start(&call);
	take(&th, &taken);
	CHECK_EQ(complete_continue(&taken, "state", 5, "token", 5), 0);
	taken_close(&taken);
	wait_stalled();
	/* Too late to be told, and harmless: there is no context to go on with. */
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	release_page(content);
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(delete_context(fd, context), SEC_E_INVALID_HANDLE);
	CHECK_EQ(status_now().contexts, before.contexts - 1);
	CHECK_EQ(status_now().half_open, before.half_open - 1);
}

struct message_thread {
	pthread_t thread;
	struct message_call call;
	struct ksecdd_buffer bufs[2];
	uint8_t sig[16];
	struct ksecdd_message msg;
	int ret;
};

static void *sign(void *arg)
{
	struct message_thread *m = arg;

	m->ret = message_call(&m->call, KSECDD_MESSAGE_SIGN, m->bufs, 2, &m->msg);
	return NULL;
}

static uint32_t seq_of(const uint8_t sig[16])
{
	uint32_t seq;

	memcpy(&seq, sig + 12, sizeof(seq));
	return seq;
}

/* Another thread's message on the same context does not wait for it. */
static void stalled_message(void)
{
	static struct message_thread m;
	struct message_thread other = {};
	uint64_t context;

	call_ask(&th, &call, &taken, fd, cred, 0);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, session_key, 16),
		 0);
	CHECK_EQ(complete_ok(&taken), 0);
	call_finish(&call, &taken, SEC_E_OK);
	context = call.arg.new_context;

	stall();
	memset(&m, 0, sizeof(m));
	m.call = (struct message_call){ KSECDD_IOC_MESSAGE, fd, context };
	m.bufs[0] = buffer(SECBUFFER_DATA, page, 64);
	m.bufs[1] = buffer(SECBUFFER_TOKEN, m.sig, sizeof(m.sig));
	REQUIRE_EQ(pthread_create(&m.thread, NULL, sign, &m), 0);
	wait_stalled();
	check_others(context);
	other.call = m.call;
	other.bufs[0] = buffer(SECBUFFER_DATA, content, 64);
	other.bufs[1] = buffer(SECBUFFER_TOKEN, other.sig, sizeof(other.sig));
	sign(&other);
	CHECK_EQ(other.ret, 0);
	CHECK_STATUS(other.msg.status, SEC_E_OK);
	CHECK_EQ(seq_of(other.sig), 0);

	/* Deleted while it waits, it ends on what it had. */
	CHECK_STATUS(delete_context(fd, context), SEC_E_OK);
	release_page(content);
	pthread_join(m.thread, NULL);
	CHECK_EQ(m.ret, 0);
	CHECK_STATUS(m.msg.status, SEC_E_OK);
	CHECK_EQ(seq_of(m.sig), 1);
}

struct answer_thread {
	pthread_t thread;
	int fd;
	struct ksecdd_complete arg;
	int ret;
};

static void *answer(void *arg)
{
	struct answer_thread *a = arg;

	a->ret = device_ioctl(a->fd, KSECDD_REQ_COMPLETE, &a->arg);
	return NULL;
}

/* One ioctl of a request file at a time: the second is refused and does not wait. */
static void stalled_answer(void)
{
	struct ksecdd_message message = { .size = sizeof(message) };
	static struct answer_thread a;

	call_ask(&th, &call, &taken, fd, cred, 0);
	stall();
	fill_ok(&a.arg);
	a.arg.token = (uintptr_t)page;
	a.arg.token_len = 16;
	a.fd = taken.fd;
	REQUIRE_EQ(pthread_create(&a.thread, NULL, answer, &a), 0);
	wait_stalled();
	CHECK_EQ(complete_ok(&taken), -EBUSY);
	CHECK_EQ(complete(&taken, SEC_E_LOGON_DENIED), -EBUSY);
	CHECK_EQ(request_set_keys(taken.fd, KSECDD_PACKAGE_NTLM, TEST_SEAL_FLAGS, session_key, 16),
		 -EBUSY);
	CHECK_EQ(device_ioctl(taken.fd, KSECDD_REQ_MESSAGE, &message), -EBUSY);
	CHECK(!call.over);
	release_page(content);
	pthread_join(a.thread, NULL);
	CHECK_EQ(a.ret, 0);
	CHECK_EQ(complete_ok(&taken), -EALREADY);
	call_finish(&call, &taken, SEC_E_OK);
	CHECK_MEM(call.out, content, 16);
	CHECK_STATUS(delete_context(fd, call.arg.new_context), SEC_E_OK);
}

/* The caller's time is up while the helper's answer is on its way. */
static void answer_too_late(void)
{
	struct family_status before = status_now();
	static struct answer_thread a;

	param_set("ntlm_timeout_ms", 2000);
	call_ask(&th, &call, &taken, fd, cred, 0);
	stall();
	fill_ok(&a.arg);
	a.arg.token = (uintptr_t)page;
	a.arg.token_len = 16;
	a.fd = taken.fd;
	REQUIRE_EQ(pthread_create(&a.thread, NULL, answer, &a), 0);
	wait_stalled();
	call_wait(&call);
	CHECK_EQ(call.ret, 0);
	CHECK_STATUS(call.arg.status, SEC_E_NO_AUTHENTICATING_AUTHORITY);
	release_page(content);
	pthread_join(a.thread, NULL);
	CHECK_EQ(a.ret, -ECANCELED);
	taken_close(&taken);
	check_gauges(&before);
}

static void after(void)
{
	forget();
	params_restore();
}

static const struct suite_test tests[] = {
	{ .name = "the client's token", .run = stalled_token },
	{ .name = "H09: an output that is unmapped", .run = unmapped_output },
	{ .name = "a context deleted while the output waits", .run = deleted_at_output },
	{ .name = "a message", .run = stalled_message },
	{ .name = "the helper's answer", .run = stalled_answer },
	{ .name = "an answer that comes too late", .run = answer_too_late },
};

int main(void)
{
	testhelper_isolate();
	REQUIRE_EQ(testhelper_register(&th), 0);
	fd = device_open();
	cred = device_acquire(fd);
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
