// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A helper that does what the test says, and the device's ioctls.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "testhelper.h"
#include "tls_peer.h"
#include "tools/testing/tap/tap.h"

#define LOOK_MS	250

/**
 * testhelper_isolate() - move the process into a network namespace of its own
 *
 * A helper is registered for one namespace; so a test can have its own while
 * ksecd serves the rest of the system.  To be called before threads are made.
 */
void testhelper_isolate(void)
{
	if (unshare(CLONE_NEWNET))
		tap_bail("cannot make a network namespace: %s; run this as root in the test guest",
			 strerror(errno));
}

/**
 * testhelper_register() - open the family and register, without serving yet
 * @th: filled in; @th->helper may have members set before, 0 means the usual
 *
 * Return: 0 or -errno of opening or of REGISTER
 */
int testhelper_register(struct testhelper *th)
{
	int err;

	if (!th->helper.packages)
		th->helper.packages = 1 << KSECDD_PACKAGE_NTLM;
	if (!th->helper.inflight)
		th->helper.inflight = KSECDD_MAX_INFLIGHT;
	err = family_open(&th->family);
	if (err)
		return err;
	err = family_register(&th->family, &th->helper);
	if (err)
		family_close(&th->family);
	return err;
}

/**
 * testhelper_serve() - do what the verdict in a request says
 * @th:   the helper
 * @next: the request; its file is closed here
 *
 * Return: 0, or -errno of reading the request
 */
int testhelper_serve(struct testhelper *th, const struct family_request *next)
{
	uint8_t *buf = malloc(REQUEST_MAX);
	struct verdict verdict = verdict_fail(SEC_E_INVALID_TOKEN);
	struct request req;
	ssize_t len;
	int err;

	if (!buf)
		tap_bail("out of memory");
	len = request_read(next->fd, buf, REQUEST_MAX);
	err = len < 0 ? (int)len : request_parse(buf, (size_t)len, &req);
	if (err)
		goto out;
	if (req.step.token_len == sizeof(verdict))
		memcpy(&verdict, req.step.token, sizeof(verdict));
	else if (!req.step.token_len && req.step.state_len == sizeof(verdict))
		memcpy(&verdict, req.step.state, sizeof(verdict));
	if (verdict.magic != VERDICT_MAGIC)
		verdict = verdict_fail(SEC_E_INVALID_TOKEN);

	if (verdict.sleep_ms)
		usleep(verdict.sleep_ms * 1000);
	if (verdict.hook)
		verdict.hook(next->fd, &req, verdict.data);
	if (verdict.set_keys)
		th->set_keys = request_set_keys(next->fd, verdict.mech, verdict.flags,
						verdict.key, verdict.key_len);
	if (!verdict.drop)
		th->completed = request_complete(next->fd, &verdict.complete);
	__atomic_add_fetch(&th->served, 1, __ATOMIC_SEQ_CST);
out:
	close(next->fd);
	free(buf);
	return err;
}

static void *serve(void *arg)
{
	struct testhelper *th = arg;
	struct pollfd fds[] = {
		{ .fd = netlink_fd(&th->family.nl), .events = POLLIN },
		{ .fd = th->stop[0], .events = POLLIN },
	};
	struct family_request next;

	for (;;) {
		while (!family_next(&th->family, &next))
			testhelper_serve(th, &next);
		if (th->family.ready) {
			th->family.ready = false;
			continue;
		}
		/* READY may get lost, so that one has to look now and then. */
		if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
			return NULL;
		if (fds[1].revents)
			return NULL;
		netlink_events(&th->family.nl);
	}
}

/**
 * testhelper_start() - register and serve in a thread; a failure ends the test
 * @th: the helper
 */
void testhelper_start(struct testhelper *th)
{
	int err = testhelper_register(th);

	if (err)
		tap_bail("cannot register as helper: %s; is ksecdd.ko loaded?", strerror(-err));
	if (pipe2(th->stop, O_CLOEXEC) || pthread_create(&th->thread, NULL, serve, th))
		tap_bail("cannot start the helper's thread");
	th->running = true;
}

/**
 * testhelper_stop() - end the thread and the registration
 * @th: the helper
 */
void testhelper_stop(struct testhelper *th)
{
	if (th->running) {
		if (write(th->stop[1], "", 1) != 1)
			tap_bail("cannot stop the helper's thread");
		pthread_join(th->thread, NULL);
		close(th->stop[0]);
		close(th->stop[1]);
		th->running = false;
	}
	family_close(&th->family);
}

/**
 * verdict_ok() - the client is in
 * @flags: NegotiateFlags
 * @key:   ExportedSessionKey
 */
struct verdict verdict_ok(uint32_t flags, const uint8_t key[16])
{
	static const char client[] = "TEST\\client", server[] = "TEST\\server";
	struct verdict verdict = {
		.magic = VERDICT_MAGIC,
		.set_keys = true,
		.mech = KSECDD_PACKAGE_NTLM,
		.flags = flags,
		.key_len = 16,
		.complete = {
			.status = SEC_E_OK,
			.ret_flags = ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY,
			.client = (uintptr_t)client,
			.client_len = sizeof(client) - 1,
			.server = (uintptr_t)server,
			.server_len = sizeof(server) - 1,
			.expiry = KSECDD_TIME_NEVER,
		},
	};

	memcpy(verdict.key, key, 16);
	return verdict;
}

/**
 * verdict_fail() - the client is refused
 * @status: SECURITY_STATUS
 */
struct verdict verdict_fail(int32_t status)
{
	return (struct verdict){ .magic = VERDICT_MAGIC, .complete.status = status };
}

/**
 * device_open() - open the device; a failure ends the test
 */
int device_open(void)
{
	int fd = open(KSECDD_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		tap_bail("cannot open " KSECDD_DEVICE ": %s; is ksecdd.ko loaded?",
			 strerror(errno));
	return fd;
}

/**
 * device_ioctl() - ioctl() with the error as result
 * @fd:  device or request file
 * @cmd: the ioctl
 * @arg: its struct
 *
 * Return: 0 or -errno
 */
int device_ioctl(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

/**
 * device_acquire() - an inbound NTLM credential; a failure ends the test
 * @fd: the device
 */
uint64_t device_acquire(int fd)
{
	return device_acquire_package(fd, KSECDD_PACKAGE_NTLM);
}

/**
 * device_acquire_package() - an inbound credential; a failure ends the test
 * @fd:      the device
 * @package: KSECDD_PACKAGE_*
 */
uint64_t device_acquire_package(int fd, uint32_t package)
{
	struct ksecdd_acquire acquire = {
		.size = sizeof(acquire),
		.package = package,
		.use = SECPKG_CRED_INBOUND,
	};
	int err = device_ioctl(fd, KSECDD_IOC_ACQUIRE, &acquire);

	if (err || acquire.status != SEC_E_OK)
		tap_bail("cannot acquire a credential: %s, status 0x%08x", strerror(-err),
			 (unsigned int)acquire.status);
	return acquire.handle;
}

/**
 * device_accept() - one leg, with a verdict as token and no room for a reply
 * @fd:      the device
 * @cred:    credential
 * @context: 0 or the half-open context
 * @verdict: what the helper is to say
 * @accept:  result; members the caller has set are kept
 *
 * Return: 0 or -errno of the ioctl
 */
int device_accept(int fd, uint64_t cred, uint64_t context, const struct verdict *verdict,
		  struct ksecdd_accept *accept)
{
	/* @accept keeps where it is, for whoever makes the same call again. */
	static _Thread_local struct verdict token;
	size_t body = sizeof(token) - TLS_HEAD;

	token = *verdict;
	memcpy(token.record, (uint8_t[TLS_HEAD]){ TLS_HANDSHAKE, 3, 3, (uint8_t)(body >> 8),
						  (uint8_t)body }, TLS_HEAD);
	accept->size = sizeof(*accept);
	accept->credential = cred;
	accept->context = context;
	accept->token = (uintptr_t)&token;
	accept->token_len = sizeof(token);
	return device_ioctl(fd, KSECDD_IOC_ACCEPT, accept);
}

/**
 * device_destroy() - free a handle
 * @fd:     the device
 * @handle: the handle
 * @type:   KSECDD_OBJECT_*
 *
 * Return: the status; a fault of the ioctl ends the test
 */
int32_t device_destroy(int fd, uint64_t handle, uint32_t type)
{
	struct ksecdd_destroy destroy = {
		.size = sizeof(destroy), .handle = handle, .type = type,
	};
	int err = device_ioctl(fd, KSECDD_IOC_DESTROY, &destroy);

	if (err)
		tap_bail("KSECDD_IOC_DESTROY: %s", strerror(-err));
	return destroy.status;
}

/**
 * device_establish() - a context in one leg; a failure ends the test
 * @fd:      the device
 * @cred:    credential
 * @verdict: from verdict_ok()
 *
 * Return: its handle
 */
uint64_t device_establish(int fd, uint64_t cred, const struct verdict *verdict)
{
	struct ksecdd_accept accept = {};
	int err = device_accept(fd, cred, 0, verdict, &accept);

	if (err || accept.status != SEC_E_OK)
		tap_bail("no context: %s, status 0x%08x", strerror(-err),
			 (unsigned int)accept.status);
	return accept.new_context;
}

/**
 * message_call() - one message
 * @call:  by which way
 * @op:    KSECDD_MESSAGE_*
 * @bufs:  buffers, changed as the ioctl says
 * @nbufs: how many
 * @msg:   result; @msg->qop is the request's too
 *
 * Return: 0 or -errno of the ioctl
 */
int message_call(const struct message_call *call, uint32_t op, struct ksecdd_buffer *bufs,
		 uint32_t nbufs, struct ksecdd_message *msg)
{
	*msg = (struct ksecdd_message){
		.size = sizeof(*msg),
		.status = 1,
		.context = call->context,
		.op = op,
		.qop = msg->qop,
		.nbuffers = nbufs,
		.buffers = (uintptr_t)bufs,
	};
	return device_ioctl(call->fd, call->cmd, msg);
}

/**
 * message_status() - one message without a quality of protection
 * @call:  by which way
 * @op:    KSECDD_MESSAGE_*
 * @bufs:  buffers
 * @nbufs: how many
 *
 * Return: the status, or 1 if the ioctl failed
 */
int32_t message_status(const struct message_call *call, uint32_t op, struct ksecdd_buffer *bufs,
		       uint32_t nbufs)
{
	struct ksecdd_message msg = {};
	int err = message_call(call, op, bufs, nbufs, &msg);

	if (err) {
		/* Who closes it meanwhile knows. */
		if (err != -EBADF)
			tap_diag("the message ioctl: %s", strerror(-err));
		return 1;
	}
	return msg.status;
}

/**
 * from_hex() - bytes of a hex string; one that is none ends the test
 * @hex:   the string
 * @bytes: where they go
 * @size:  room
 *
 * Return: their number
 */
size_t from_hex(const char *hex, uint8_t *bytes, size_t size)
{
	size_t len = strlen(hex) / 2, i;
	unsigned int byte;

	if (len > size)
		tap_bail("a vector of %zu bytes is too long", len);
	for (i = 0; i < len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			tap_bail("not hex: %s", hex);
		bytes[i] = (uint8_t)byte;
	}
	return len;
}
