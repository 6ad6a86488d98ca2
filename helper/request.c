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
	    head.bindings_len > KSECDD_MAX_CBT || head.principal_len > KSECDD_MAX_NAME ||
	    head.params_len > KSECDD_MAX_PARAMS)
		return -EPROTO;
	sections = (uint64_t)head.state_len + head.token_len + head.bindings_len +
		   head.principal_len + head.params_len;
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
	step->params = head.params_len ? section(&pos, head.params_len) : NULL;
	step->params_len = head.params_len;
	step->outer = head.flags & KSECDD_REQUEST_OUTER;
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
 * request_credential() - give the module a password that the client has delegated
 * @fd: the request file
 * @credential: what it is and whose it becomes; @credential->size is set here, and
 *              @credential->key by the module
 *
 * Return: 0; -ECANCELED - the caller has gone or the time is up; another -errno of
 * KSECDD_REQ_CREDENTIAL.
 */
int request_credential(int fd, struct ksecdd_credential *credential)
{
	credential->size = sizeof(*credential);
	return answer(fd, KSECDD_REQ_CREDENTIAL, credential);
}

/**
 * struct work - a message as the module is asked to work on it
 * @msg:     what is wanted
 * @buffers: in the module's terms
 * @count:   how many of them
 */
struct work {
	struct engine_message *msg;
	struct ksecdd_buffer buffers[3];
	uint32_t count;
};

static void add_buffer(struct work *w, uint32_t type, const void *data, size_t len)
{
	w->buffers[w->count++] = (struct ksecdd_buffer){ (uint32_t)len, type, (uintptr_t)data };
}

/* What moves together closes the gap that the module left in front of it. */
static void move_up(struct engine_message *msg, const void *from, size_t len)
{
	memmove(msg->out + msg->out_len, from, len);
	msg->out_len += len;
}

static void begin_verify(struct work *w)
{
	add_buffer(w, SECBUFFER_DATA, w->msg->data, w->msg->len);
	/* The module writes to no token that it verifies. */
	add_buffer(w, SECBUFFER_TOKEN, w->msg->mic, w->msg->mic_len);
}

static void begin_sign(struct work *w)
{
	add_buffer(w, SECBUFFER_DATA, w->msg->data, w->msg->len);
	add_buffer(w, SECBUFFER_TOKEN, w->msg->out, w->msg->size);
}

static void end_sign(struct work *w)
{
	w->msg->out_len = w->buffers[1].len;
}

/* Signature, text and padding: on the wire each begins where the one before ends. */
static void begin_encrypt(struct work *w)
{
	const size_t token = ENGINE_MAX_SEAL / 2;
	struct engine_message *msg = w->msg;

	memcpy(msg->out + token, msg->data, msg->len);
	add_buffer(w, SECBUFFER_TOKEN, msg->out, token);
	add_buffer(w, SECBUFFER_DATA, msg->out + token, msg->len);
	add_buffer(w, SECBUFFER_PADDING, msg->out + token + msg->len, ENGINE_MAX_SEAL - token);
}

static void end_encrypt(struct work *w)
{
	uint32_t i;

	w->msg->out_len = 0;
	for (i = 0; i < w->count; i++)
		move_up(w->msg, (const void *)(uintptr_t)w->buffers[i].ptr, w->buffers[i].len);
}

static void begin_decrypt(struct work *w)
{
	memcpy(w->msg->out, w->msg->data, w->msg->len);
	add_buffer(w, SECBUFFER_STREAM, w->msg->out, w->msg->len);
	add_buffer(w, SECBUFFER_DATA, NULL, 0);
}

static void end_decrypt(struct work *w)
{
	w->msg->out_len = 0;
	move_up(w->msg, (const void *)(uintptr_t)w->buffers[1].ptr, w->buffers[1].len);
}

/**
 * struct work_op - one of KSECDD_MESSAGE_*
 * @begin: says which buffers the module gets
 * @end:   takes what it has made; may be NULL
 * @more:  room that is needed in engine_message.out besides that for the data
 * @out:   engine_message.out holds the data
 */
struct work_op {
	void (*begin)(struct work *w);
	void (*end)(struct work *w);
	size_t more;
	bool out;
};

static const struct work_op work_ops[] = {
	[KSECDD_MESSAGE_SIGN] = { begin_sign, end_sign, 0, false },
	[KSECDD_MESSAGE_VERIFY] = { begin_verify, NULL, 0, false },
	[KSECDD_MESSAGE_ENCRYPT] = { begin_encrypt, end_encrypt, ENGINE_MAX_SEAL, true },
	[KSECDD_MESSAGE_DECRYPT] = { begin_decrypt, end_decrypt, 0, true },
};

static bool has_room(const struct work_op *op, const struct engine_message *msg)
{
	return !op->out || (msg->size >= op->more && msg->len <= msg->size - op->more);
}

/**
 * request_message() - have the module work on a message with the keys of the context
 * @fd: the request file
 * @msg: the message; @msg->out is wiped if nothing has become of it
 * @status: receives the SECURITY_STATUS
 *
 * Return: 0 with @status set; -EMSGSIZE - there is too little room at @msg->out;
 * -ECANCELED - the caller has gone or the time is up; another -errno of
 * KSECDD_REQ_MESSAGE.
 */
int request_message(int fd, struct engine_message *msg, int32_t *status)
{
	const struct work_op *op = &work_ops[msg->op & ~(uint32_t)KSECDD_MESSAGE_MIC];
	struct work w = { .msg = msg };
	struct ksecdd_message arg = {
		.size = sizeof(arg),
		.op = msg->op,
		.buffers = (uintptr_t)w.buffers,
	};
	int ret;

	msg->out_len = 0;
	if (!has_room(op, msg))
		return -EMSGSIZE;
	op->begin(&w);
	arg.nbuffers = w.count;
	ret = answer(fd, KSECDD_REQ_MESSAGE, &arg);
	*status = ret ? SEC_E_INTERNAL_ERROR : arg.status;
	if (*status == SEC_E_OK && op->end)
		op->end(&w);
	else if (op->out)
		explicit_bzero(msg->out, msg->size);
	return ret;
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
