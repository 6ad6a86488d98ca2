// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS records by EncryptMessage() and DecryptMessage().
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <windows/schannel.h>

#include "secure.h"

/* The longest record there is: its head, its data, and what TLS 1.2 may add to it */
#define RECORD_MAX	(5 + 16384 + 2048)

/**
 * struct calls - a connection's records
 * @context:   of the client
 * @sizes:     of records
 * @in:        what was read of the client's records
 * @in_len:    its length in bytes
 * @plain:     data of a record that was opened and is not read yet, in @in
 * @plain_len: its length in bytes
 * @used:      how much of @in that record has been, with its head and its end
 * @out:       a record that is to be sent
 * @out_at:    how much of it was sent
 * @out_len:   its length in bytes, 0 if there is none
 * @out_plain: how much data is in it
 */
struct calls {
	PCtxtHandle context;
	SecPkgContext_StreamSizes sizes;
	unsigned char in[RECORD_MAX];
	size_t in_len;
	unsigned char *plain;
	size_t plain_len;
	size_t used;
	unsigned char out[RECORD_MAX];
	size_t out_at;
	size_t out_len;
	size_t out_plain;
};

/* Sends what is left of the record; 0 with *events set if it has to wait, or on failure. */
static bool flush(struct conn *conn, struct calls *calls, short *events)
{
	ssize_t n;

	while (calls->out_at < calls->out_len) {
		n = send(conn->fd, calls->out + calls->out_at, calls->out_len - calls->out_at,
			 MSG_NOSIGNAL);
		if (n < 0) {
			*events = errno == EAGAIN || errno == EINTR ? POLLOUT : 0;
			return false;
		}
		calls->out_at += (size_t)n;
	}
	calls->out_at = 0;
	calls->out_len = 0;
	return true;
}

/* A token that the package wants to have sent between messages: it becomes a record to send. */
static bool take_token(struct calls *calls)
{
	SecBuffer in = { 0, SECBUFFER_TOKEN, NULL };
	SecBuffer out = { 0, SECBUFFER_TOKEN, NULL };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &out };
	SECURITY_STATUS status;
	ULONG attributes;
	bool room;

	status = AcceptSecurityContext(NULL, calls->context, &input,
				       ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM,
				       SECURITY_NATIVE_DREP, calls->context, &output, &attributes,
				       NULL);
	room = out.cbBuffer <= sizeof(calls->out) - calls->out_len;
	if (room && out.cbBuffer) {
		memcpy(calls->out + calls->out_len, out.pvBuffer, out.cbBuffer);
		calls->out_len += out.cbBuffer;
	}
	if (out.pvBuffer)
		FreeContextBuffer(out.pvBuffer);
	return room && (status == SEC_E_OK || status == SEC_I_CONTEXT_EXPIRED);
}

/* Forgets the record in front. */
static void consume(struct calls *calls)
{
	calls->in_len -= calls->used;
	memmove(calls->in, calls->in + calls->used, calls->in_len);
	calls->used = 0;
}

static SECURITY_STATUS open_record(struct calls *calls)
{
	SecBuffer buffers[4] = {
		{ (ULONG)calls->in_len, SECBUFFER_DATA, calls->in },
		{ 0, SECBUFFER_EMPTY, NULL },
		{ 0, SECBUFFER_EMPTY, NULL },
		{ 0, SECBUFFER_EMPTY, NULL },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 4, buffers };
	SECURITY_STATUS status = DecryptMessage(calls->context, &message, 0, NULL);
	size_t extra = 0, i;

	if (status == SEC_E_INCOMPLETE_MESSAGE)
		return status;
	for (i = 0; i < 4; i++) {
		if (buffers[i].BufferType == SECBUFFER_EXTRA) {
			extra = buffers[i].cbBuffer;
		} else if (buffers[i].BufferType == SECBUFFER_DATA && status == SEC_E_OK) {
			calls->plain = buffers[i].pvBuffer;
			calls->plain_len = buffers[i].cbBuffer;
		}
	}
	calls->used = calls->in_len - extra;
	return status;
}

/*
 * Opens the next record.  True if one was there, even if it has no data; false with
 * *events set or the end.
 */
static bool next_record(struct conn *conn, struct calls *calls, short *events)
{
	SECURITY_STATUS status = calls->in_len ? open_record(calls) : SEC_E_INCOMPLETE_MESSAGE;
	ssize_t n;

	*events = 0;
	switch (status) {
	case SEC_E_OK:
		return true;
	case SEC_I_RENEGOTIATE:
		/* New keys of the client's, and perhaps of ours, of which it is to be told. */
		consume(calls);
		if (take_token(calls))
			return true;
		conn->why = "the client's new keys cannot be answered";
		return false;
	case SEC_I_CONTEXT_EXPIRED:
		return false;
	case SEC_E_INCOMPLETE_MESSAGE:
		break;
	default:
		conn->why = "a record of the client is forged, or none";
		return false;
	}
	if (calls->in_len == sizeof(calls->in)) {
		conn->why = "a record of the client is too long";
		return false;
	}
	n = recv(conn->fd, calls->in + calls->in_len, sizeof(calls->in) - calls->in_len, 0);
	if (n <= 0) {
		*events = n < 0 && (errno == EAGAIN || errno == EINTR) ? POLLIN : 0;
		if (!n)
			conn->why = "the client has gone without a word";
		return false;
	}
	calls->in_len += (size_t)n;
	return true;
}

static ssize_t calls_read(struct conn *conn, void *buf, size_t len, short *events)
{
	struct calls *calls = conn->state;
	size_t n;

	while (!calls->plain_len) {
		if (calls->used)
			consume(calls);
		if (!next_record(conn, calls, events))
			return 0;
	}
	n = len < calls->plain_len ? len : calls->plain_len;
	memcpy(buf, calls->plain, n);
	calls->plain += n;
	calls->plain_len -= n;
	return (ssize_t)n;
}

static bool seal(struct calls *calls, const void *data, size_t len)
{
	unsigned char *head = calls->out;
	SecBuffer buffers[4] = {
		{ calls->sizes.cbHeader, SECBUFFER_STREAM_HEADER, head },
		{ (ULONG)len, SECBUFFER_DATA, head + calls->sizes.cbHeader },
		{ calls->sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
		  head + calls->sizes.cbHeader + len },
		{ 0, SECBUFFER_EMPTY, NULL },
	};
	SecBufferDesc message = { SECBUFFER_VERSION, 4, buffers };

	memcpy(buffers[1].pvBuffer, data, len);
	if (EncryptMessage(calls->context, 0, &message, 0) != SEC_E_OK)
		return false;
	calls->out_len = (size_t)buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
	return true;
}

static ssize_t calls_write(struct conn *conn, const void *buf, size_t len, short *events)
{
	struct calls *calls = conn->state;

	*events = 0;
	/* A record that waited has the data in front of @buf; a token has none of it. */
	if (calls->out_len && !calls->out_plain && !flush(conn, calls, events))
		return 0;
	if (!calls->out_plain) {
		if (len > calls->sizes.cbMaximumMessage)
			len = calls->sizes.cbMaximumMessage;
		if (!seal(calls, buf, len)) {
			conn->why = "EncryptMessage() has failed";
			return 0;
		}
		calls->out_plain = len;
	}
	if (!flush(conn, calls, events))
		return 0;
	len = calls->out_plain;
	calls->out_plain = 0;
	return (ssize_t)len;
}

static void calls_bye(struct conn *conn)
{
	struct calls *calls = conn->state;
	DWORD what = SCHANNEL_SHUTDOWN;
	SecBuffer buffer = { sizeof(what), SECBUFFER_TOKEN, &what };
	SecBufferDesc message = { SECBUFFER_VERSION, 1, &buffer };
	short events;

	/* Behind a record that is not all sent, nothing makes sense. */
	if (!calls || !flush(conn, calls, &events))
		return;
	if (ApplyControlToken(calls->context, &message) == SEC_E_OK && take_token(calls))
		flush(conn, calls, &events);
}

static void calls_end(struct conn *conn)
{
	if (conn->state)
		explicit_bzero(conn->state, sizeof(struct calls));
	free(conn->state);
	conn->state = NULL;
}

const struct conn_type secure_calls = {
	.read = calls_read,
	.write = calls_write,
	.bye = calls_bye,
	.end = calls_end,
};

SECURITY_STATUS calls_attach(struct conn *conn, struct auth *auth)
{
	struct calls *calls;
	SECURITY_STATUS status;

	if (auth->extra_len > sizeof(calls->in))
		return SEC_E_ILLEGAL_MESSAGE;
	calls = calloc(1, sizeof(*calls));
	if (!calls)
		return SEC_E_INSUFFICIENT_MEMORY;
	calls->context = &auth->context;
	status = QueryContextAttributesA(calls->context, SECPKG_ATTR_STREAM_SIZES, &calls->sizes);
	if (status == SEC_E_OK &&
	    (size_t)calls->sizes.cbHeader + calls->sizes.cbMaximumMessage + calls->sizes.cbTrailer >
	    sizeof(calls->out))
		status = SEC_E_BUFFER_TOO_SMALL;
	if (status != SEC_E_OK) {
		free(calls);
		return status;
	}
	if (auth->extra_len)
		memcpy(calls->in, auth->extra, auth->extra_len);
	calls->in_len = auth->extra_len;
	conn->state = calls;
	conn->type = &secure_calls;
	return SEC_E_OK;
}
