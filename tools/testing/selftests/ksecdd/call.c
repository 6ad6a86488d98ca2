// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Accept calls and the helper's side of them, one step at a time.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "suite.h"

/* How long a request may take from a caller's thread to the helper. */
#define TAKE_MS		20000

/**
 * call_init() - prepare an AcceptSecurityContext
 * @call: the call; its token is a few bytes of no meaning
 * @fd:   the device
 * @cred: the credential, or 0
 * @ctx:  the half-open context, or 0 for a first call
 */
void call_init(struct call *call, int fd, uint64_t cred, uint64_t ctx)
{
	memset(call, 0, sizeof(*call));
	memcpy(call->token, "a client's token", 16);
	memset(call->out, 0xee, sizeof(call->out));
	call->fd = fd;
	call->arg = (struct ksecdd_accept){
		.size = sizeof(call->arg),
		.credential = cred,
		.context = ctx,
		.target_drep = SECURITY_NATIVE_DREP,
		.token = (uintptr_t)call->token,
		.token_len = 16,
		.out = (uintptr_t)call->out,
		.out_len = sizeof(call->out),
	};
}

/**
 * call_run() - make the call
 * @call: the call
 */
void call_run(struct call *call)
{
	call->ret = device_ioctl(call->fd, KSECDD_IOC_ACCEPT, &call->arg);
	call->over = 1;
}

static void *call_thread(void *arg)
{
	call_run(arg);
	return NULL;
}

/**
 * call_start_attr() - make the call in a thread of a certain kind
 * @call: the call, which must stay until call_wait()
 * @attr: attributes of the thread, or NULL
 */
void call_start_attr(struct call *call, const pthread_attr_t *attr)
{
	REQUIRE_EQ(pthread_create(&call->thread, attr, call_thread, call), 0);
}

/**
 * call_start() - make the call in a thread
 * @call: the call, which must stay until call_wait()
 */
void call_start(struct call *call)
{
	call_start_attr(call, NULL);
}

/**
 * call_wait() - wait for the end of a call that call_start() began
 * @call: the call
 */
void call_wait(struct call *call)
{
	REQUIRE_EQ(pthread_join(call->thread, NULL), 0);
}

/**
 * take_file_of() - wait for a request and take its file, unless it is too late for that
 * @th:    the helper, registered and not serving by itself
 * @call:  the only call there is, or NULL for one that waits as long as it takes
 * @taken: receives the request
 *
 * Return: false if the call is over
 */
bool take_file_of(struct testhelper *th, const struct call *call, struct taken *taken)
{
	struct pollfd pfd = { .fd = netlink_fd(&th->family.nl), .events = POLLIN };
	uint64_t until = suite_now_ms() + suite_time(TAKE_MS);
	int ret;

	memset(taken, 0, sizeof(*taken));
	taken->fd = -1;
	for (;;) {
		ret = family_next(&th->family, &taken->next);
		if (ret != -EAGAIN)
			break;
		if (call && call->over)
			return false;
		REQUIRE(suite_now_ms() < until);
		/* One READY for each request: there is nothing to miss. */
		if (!th->family.ready)
			poll(&pfd, 1, call ? 10 : 1000);
		th->family.ready = false;
		netlink_events(&th->family.nl);
	}
	REQUIRE_EQ(ret, 0);
	taken->fd = taken->next.fd;
	return true;
}

/**
 * take_file() - wait for a request and take its file, without reading it
 * @th:    the helper, registered and not serving by itself
 * @taken: receives the request
 */
void take_file(struct testhelper *th, struct taken *taken)
{
	take_file_of(th, NULL, taken);
}

/**
 * take() - wait for a request, take it and read it
 * @th:    the helper, registered and not serving by itself
 * @taken: receives the request
 */
void take(struct testhelper *th, struct taken *taken)
{
	ssize_t n;

	take_file(th, taken);
	n = request_read(taken->fd, taken->buf, sizeof(taken->buf));
	REQUIRE(n > 0);
	taken->len = (size_t)n;
	REQUIRE_EQ(request_parse(taken->buf, taken->len, &taken->req), 0);
}

/**
 * taken_close() - close the request file
 * @taken: the request
 */
void taken_close(struct taken *taken)
{
	if (taken->fd >= 0)
		close(taken->fd);
	taken->fd = -1;
}

/**
 * call_ask() - make a call in a thread and take its request
 * @th:    the helper, registered and not serving by itself
 * @call:  the call, which must stay until call_finish()
 * @taken: receives the request
 * @fd:    the device
 * @cred:  the credential, or 0
 * @ctx:   the half-open context, or 0 for a first call
 */
void call_ask(struct testhelper *th, struct call *call, struct taken *taken, int fd, uint64_t cred,
	 uint64_t ctx)
{
	call_init(call, fd, cred, ctx);
	call_start(call);
	take(th, taken);
}

/**
 * call_finish() - close the request file, wait for the call and check what it says
 * @call:   the call
 * @taken:  its request
 * @status: what the caller should get
 */
void call_finish(struct call *call, struct taken *taken, int32_t status)
{
	taken_close(taken);
	call_wait(call);
	CHECK_EQ(call->ret, 0);
	CHECK_STATUS(call->arg.status, status);
}

/**
 * complete() - answer a request with a bare status
 * @taken:  the request
 * @status: SECURITY_STATUS
 *
 * Return: 0 or -errno of the ioctl
 */
int complete(const struct taken *taken, int32_t status)
{
	struct ksecdd_complete arg = { .size = sizeof(arg), .status = status };

	return device_ioctl(taken->fd, KSECDD_REQ_COMPLETE, &arg);
}

/**
 * fill_ok() - what lets a client in: no more than is necessary
 * @arg: receives it
 */
void fill_ok(struct ksecdd_complete *arg)
{
	static const char client[] = "TEST\\client", server[] = "SERVER";

	*arg = (struct ksecdd_complete){
		.size = sizeof(*arg),
		.status = SEC_E_OK,
		.client = (uintptr_t)client,
		.client_len = sizeof(client) - 1,
		.server = (uintptr_t)server,
		.server_len = sizeof(server) - 1,
		.expiry = KSECDD_TIME_NEVER,
	};
}

/**
 * complete_ok() - let the client in
 * @taken: the request
 *
 * Return: 0 or -errno of the ioctl
 */
int complete_ok(const struct taken *taken)
{
	struct ksecdd_complete arg;

	fill_ok(&arg);
	return device_ioctl(taken->fd, KSECDD_REQ_COMPLETE, &arg);
}

/**
 * complete_continue() - ask the client for another token
 * @taken:     the request
 * @state:     what to get back with it
 * @state_len: its length in bytes
 * @token:     token for the client
 * @token_len: its length in bytes
 *
 * Return: 0 or -errno of the ioctl
 */
int complete_continue(const struct taken *taken, const void *state, uint32_t state_len,
		      const void *token, uint32_t token_len)
{
	struct ksecdd_complete arg = {
		.size = sizeof(arg),
		.status = SEC_I_CONTINUE_NEEDED,
		.state = (uintptr_t)state,
		.state_len = state_len,
		.token = (uintptr_t)token,
		.token_len = token_len,
	};

	return device_ioctl(taken->fd, KSECDD_REQ_COMPLETE, &arg);
}

/**
 * query() - ask a context for an attribute
 * @fd:        the device
 * @ctx:       the context
 * @attribute: KSECDD_ATTR_*
 * @buf:       receives the answer
 * @len:       room in bytes; then what the kernel says
 *
 * Return: the status; a fault of the ioctl fails the test
 */
int32_t query(int fd, uint64_t ctx, uint32_t attribute, void *buf, uint32_t *len)
{
	struct ksecdd_query arg = {
		.size = sizeof(arg),
		.context = ctx,
		.attribute = attribute,
		.len = *len,
		.buffer = (uintptr_t)buf,
	};

	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_QUERY, &arg), 0);
	*len = arg.len;
	return arg.status;
}

/**
 * query_info() - ask a context for KSECDD_ATTR_INFO
 * @fd:   the device
 * @ctx:  the context
 * @info: receives the answer; zero without one
 *
 * Return: the status
 */
int32_t query_info(int fd, uint64_t ctx, struct ksecdd_context_info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return query(fd, ctx, KSECDD_ATTR_INFO, info, &len);
}

/**
 * free_cred() - FreeCredentialsHandle
 * @fd:   the device
 * @cred: the credential
 *
 * Return: the status
 */
int32_t free_cred(int fd, uint64_t cred)
{
	return device_destroy(fd, cred, KSECDD_OBJECT_CREDENTIAL);
}

/**
 * delete_context() - DeleteSecurityContext
 * @fd:  the device
 * @ctx: the context
 *
 * Return: the status
 */
int32_t delete_context(int fd, uint64_t ctx)
{
	return device_destroy(fd, ctx, KSECDD_OBJECT_CONTEXT);
}

/* A first call that the helper answers with @status. */
static uint64_t first_call(struct testhelper *th, int fd, uint64_t cred, int32_t status)
{
	static struct taken taken;
	static struct call call;

	call_ask(th, &call, &taken, fd, cred, 0);
	CHECK_EQ(status == SEC_E_OK ? complete_ok(&taken) : complete(&taken, status), 0);
	call_finish(&call, &taken, status);
	return call.arg.new_context;
}

/**
 * half_open() - a context that waits for the client's second token
 * @th:   the helper, registered and not serving by itself
 * @fd:   the device
 * @cred: the credential
 *
 * Return: its handle
 */
uint64_t half_open(struct testhelper *th, int fd, uint64_t cred)
{
	return first_call(th, fd, cred, SEC_I_CONTINUE_NEEDED);
}

/**
 * establish() - a context without session security, in one leg
 * @th:   the helper, registered and not serving by itself
 * @fd:   the device
 * @cred: the credential
 *
 * Return: its handle
 */
uint64_t establish(struct testhelper *th, int fd, uint64_t cred)
{
	return first_call(th, fd, cred, SEC_E_OK);
}
