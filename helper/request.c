// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading, taking apart and answering a request file.
 *
 * The module is trusted with the verdict's consequences, not with arithmetic:
 * every length is checked here before anything points anywhere, so that a
 * mismatch between module and daemon is an error and not an overrun.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "helper/request.h"

/**
 * request_read() - read a request file to its end
 * @fd: the request file
 * @buf: where it goes; holds the state and the token, so wipe it afterwards;
 *       wiped here on failure
 * @size: room at @buf in bytes, REQUEST_MAX is always enough
 *
 * Return: the length in bytes; -ECANCELED - the caller has gone or the time is
 * up; -EMSGSIZE - it does not fit; another -errno of read().
 */
ssize_t request_read(int fd, uint8_t *buf, size_t size)
{
	size_t len = 0;
	uint8_t more;
	ssize_t n;

	for (;;) {
		if (len < size)
			n = read(fd, buf + len, size - len);
		else
			n = read(fd, &more, 1);
		if (!n)
			return (ssize_t)len;
		if (n > 0 && len < size) {
			len += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		n = n > 0 ? -EMSGSIZE : -errno;
		explicit_bzero(buf, len);
		return n;
	}
}

/* What comes next in the buffer; the lengths have been checked. */
static const uint8_t *section(const uint8_t **pos, size_t len)
{
	const uint8_t *start = *pos;

	*pos += len;
	return start;
}

/**
 * request_parse() - take a request apart
 * @buf: what request_read() read
 * @len: its length in bytes
 * @req: the result, pointing into @buf; left alone on failure
 *
 * Return: 0; -EPROTO - the lengths do not fit together, so module and daemon
 * disagree about the format.
 */
int request_parse(const uint8_t *buf, size_t len, struct request *req)
{
	struct ksecdd_request head;
	struct engine_step *step;
	const uint8_t *pos;
	uint64_t sections;

	if (len < sizeof(head))
		return -EPROTO;
	memcpy(&head, buf, sizeof(head));
	if (head.size < sizeof(head) || head.size > len)
		return -EPROTO;
	if (head.state_len > KSECDD_MAX_STATE || head.token_len > KSECDD_MAX_TOKEN ||
	    head.bindings_len > KSECDD_MAX_CBT || head.principal_len > KSECDD_MAX_NAME)
		return -EPROTO;
	sections = (uint64_t)head.state_len + head.token_len + head.bindings_len +
		   head.principal_len;
	if (sections != len - head.size)
		return -EPROTO;
	/* The first leg has nothing to remember; state there is another context's. */
	if (!head.leg && head.state_len)
		return -EPROTO;
	if (!memchr(head.comm, '\0', sizeof(head.comm)))
		return -EPROTO;

	pos = buf + head.size;
	step = &req->step;
	req->head = head;
	step->leg = head.leg;
	step->req_flags = head.req_flags;
	step->target_drep = head.target_drep;
	step->context = head.context;
	step->cred_uid = head.cred_uid;
	step->nested = false;
	step->state = section(&pos, head.state_len);
	step->state_len = head.state_len;
	step->token = section(&pos, head.token_len);
	step->token_len = head.token_len;
	step->bindings = head.bindings_len ? section(&pos, head.bindings_len) : NULL;
	step->bindings_len = head.bindings_len;
	step->principal = (const char *)section(&pos, head.principal_len);
	step->principal_len = head.principal_len;
	return 0;
}

/* Try again what had no effect: the module says so of these errors. */
static int answer(int fd, unsigned long op, void *arg)
{
	unsigned int tries = 3;
	int ret;

	do {
		ret = ioctl(fd, op, arg);
	} while (ret < 0 && (errno == EINTR || errno == ENOMEM) && --tries);
	return ret < 0 ? -errno : 0;
}

/**
 * request_set_keys() - install the session key in the context
 * @fd: the request file
 * @mech: KSECDD_PACKAGE_*
 * @mech_flags: the package's own flags, from which the module derives its keys
 * @key: the session key; the module copies it, wipe it afterwards
 * @key_len: its length in bytes
 *
 * Return: 0; -ECANCELED - the caller has gone or the time is up; another
 * -errno of KSECDD_REQ_SET_KEYS.
 */
int request_set_keys(int fd, uint32_t mech, uint32_t mech_flags, const uint8_t *key,
		     size_t key_len)
{
	struct ksecdd_set_keys arg = {
		.size = sizeof(arg),
		.mech = mech,
		.mech_flags = mech_flags,
		.key_len = (uint32_t)key_len,
		.key = (uintptr_t)key,
	};

	return answer(fd, KSECDD_REQ_SET_KEYS, &arg);
}

/**
 * request_message() - sign or verify with the keys of the context
 * @fd: the request file
 * @op: KSECDD_MESSAGE_SIGN or _VERIFY, maybe with KSECDD_MESSAGE_MIC
 * @data: what is or was signed
 * @len: its length in bytes
 * @token: the signature; of SIGN, where it goes
 * @token_len: its length in bytes; of SIGN, the room there, and then the length
 * @status: receives the SECURITY_STATUS
 *
 * Return: 0 with @status set; -ECANCELED - the caller has gone or the time is up;
 * another -errno of KSECDD_REQ_MESSAGE.
 */
int request_message(int fd, uint32_t op, const uint8_t *data, size_t len, uint8_t *token,
		    size_t *token_len, int32_t *status)
{
	struct ksecdd_buffer buffers[] = {
		{ (uint32_t)len, SECBUFFER_DATA, (uintptr_t)data },
		{ (uint32_t)*token_len, SECBUFFER_TOKEN, (uintptr_t)token },
	};
	struct ksecdd_message arg = {
		.size = sizeof(arg),
		.op = op,
		.nbuffers = sizeof(buffers) / sizeof(buffers[0]),
		.buffers = (uintptr_t)buffers,
	};
	int ret = answer(fd, KSECDD_REQ_MESSAGE, &arg);

	if (ret)
		return ret;
	*status = arg.status;
	*token_len = buffers[1].len;
	return 0;
}

/**
 * request_complete() - end the request
 * @fd: the request file
 * @complete: the verdict; @complete->size is set here
 *
 * Return: 0; -ECANCELED - the caller has gone or the time is up; another
 * -errno of KSECDD_REQ_COMPLETE.
 */
int request_complete(int fd, const struct ksecdd_complete *complete)
{
	struct ksecdd_complete arg = *complete;

	arg.size = sizeof(arg);
	return answer(fd, KSECDD_REQ_COMPLETE, &arg);
}
