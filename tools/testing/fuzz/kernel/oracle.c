// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be true whatever a program does: a call returns what <linux/ksecdd.h>
 * says, no message is taken for good that nobody has made, and who has a proper
 * token gets in afterwards.
 */
#include <errno.h>
#include <string.h>

#include "tools/testing/selftests/ksecdd/ioctl_table.h"
#include "tools/testing/selftests/ksecdd/session.h"

#include "genl.h"
#include "oracle.h"

#define MAX_STATUSES	24

/* "DOC: General ioctl format"; with a killed child EINTR */
static const int errors[] = { ENOTTY, E2BIG, EINVAL, EFAULT, ENOMEM };

/* "DOC: Request files", KSECDD_REQ_SET_KEYS, KSECDD_REQ_COMPLETE, KSECDD_REQ_CREDENTIAL */
static const int request_errors[] = { EBUSY, ECANCELED, EALREADY, EOPNOTSUPP, EDQUOT };

/* What records of TLS bring, whether they are messages or tokens */
#define TLS_STATUSES SEC_E_INCOMPLETE_MESSAGE, SEC_E_ILLEGAL_MESSAGE, SEC_E_MESSAGE_ALTERED,	\
	SEC_I_CONTEXT_EXPIRED, SEC_E_CONTEXT_EXPIRED, SEC_E_LOGON_DENIED, SEC_E_UNTRUSTED_ROOT, \
	SEC_E_CERT_UNKNOWN, SEC_E_CERT_EXPIRED, SEC_E_DECRYPT_FAILURE,			\
	SEC_E_ALGORITHM_MISMATCH

/* What each ioctl can say; to ACCEPT comes whatever the helper has said. */
static const int32_t statuses[IOCTL_TABLE_SIZE][MAX_STATUSES] = {
	[IOCTL_PACKAGE] = { SEC_E_SECPKG_NOT_FOUND },
	[IOCTL_ACQUIRE] = { SEC_E_SECPKG_NOT_FOUND, SEC_E_UNSUPPORTED_FUNCTION,
			    SEC_E_INVALID_PARAMETER, SEC_E_INSUFFICIENT_MEMORY },
	[IOCTL_DESTROY] = { SEC_E_INVALID_HANDLE },
	[IOCTL_ACCEPT] = { SEC_I_CONTINUE_NEEDED, SEC_I_COMPLETE_NEEDED,
			   SEC_I_COMPLETE_AND_CONTINUE, SEC_E_BUFFER_TOO_SMALL,
			   SEC_E_INSUFFICIENT_MEMORY, SEC_E_NO_AUTHENTICATING_AUTHORITY,
			   SEC_E_INVALID_PARAMETER, SEC_E_WRONG_CREDENTIAL_HANDLE,
			   SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INVALID_TOKEN,
			   SEC_E_INTERNAL_ERROR, SEC_E_NO_CREDENTIALS, TLS_STATUSES },
	[IOCTL_QUERY] = { SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_TARGET_UNKNOWN,
			  SEC_E_BUFFER_TOO_SMALL, SEC_E_NO_CREDENTIALS },
	[IOCTL_TOKEN] = { SEC_E_INVALID_HANDLE, SEC_E_CONTEXT_EXPIRED,
			  SEC_E_INSUFFICIENT_MEMORY },
	[IOCTL_ATTACH] = { SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_CONTEXT_EXPIRED,
			   SEC_E_INCOMPLETE_MESSAGE, SEC_E_OUT_OF_SEQUENCE,
			   SEC_E_ALGORITHM_MISMATCH, SEC_E_SECPKG_NOT_FOUND, SEC_E_NOT_OWNER,
			   SEC_E_INVALID_PARAMETER, SEC_E_INSUFFICIENT_MEMORY },
	[IOCTL_CONTROL] = { SEC_E_INVALID_HANDLE, SEC_E_UNSUPPORTED_FUNCTION,
			    SEC_E_CONTEXT_EXPIRED },
	[IOCTL_TOKEN_FETCH] = { SEC_E_NO_CREDENTIALS, SEC_E_BUFFER_TOO_SMALL },
	[IOCTL_TOKEN_QUERY] = { SEC_E_UNSUPPORTED_FUNCTION, SEC_E_BUFFER_TOO_SMALL },
#define MESSAGE_STATUSES { SEC_E_INVALID_HANDLE, SEC_E_INVALID_TOKEN, SEC_E_BUFFER_TOO_SMALL, \
	SEC_E_OUT_OF_SEQUENCE, SEC_E_QOP_NOT_SUPPORTED, SEC_E_UNSUPPORTED_FUNCTION,		\
	SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR, SEC_I_RENEGOTIATE, TLS_STATUSES }
	[IOCTL_MESSAGE] = MESSAGE_STATUSES,
	[IOCTL_REQ_MESSAGE] = MESSAGE_STATUSES,
};

static bool has_error(const int *list, size_t n, long err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (err == -list[i])
			return true;
	return false;
}

static bool error_is_fair(const struct ioctl_desc *desc, long err, const struct waiter *waiter)
{
	if (has_error(errors, ARRAY_SIZE(errors), err))
		return true;
	if (desc->file == IOCTL_REQUEST)
		return has_error(request_errors, ARRAY_SIZE(request_errors), err);
	return waiter && err == -EINTR && call_number(waiter->call, "child");
}

static bool status_is_fair(size_t ioctl, int32_t status, const struct waiter *waiter)
{
	size_t i;

	if (status == SEC_E_OK || (waiter && waiter->verdict == status))
		return true;
	for (i = 0; i < MAX_STATUSES; i++)
		if (statuses[ioctl][i] == status)
			return true;
	return false;
}

/**
 * oracle_ioctl() - is what an ioctl has returned something that it may return?
 * @w:      the world, which is told if not
 * @call:   the call
 * @ret:    0 or -errno
 * @status: its status, NULL - there is none
 * @waiter: of ACCEPT: who made it
 */
void oracle_ioctl(struct world *w, const struct call *call, long ret, const int32_t *status,
		  const struct waiter *waiter)
{
	const struct ioctl_desc *desc = call->desc->ioctl;
	size_t slot = call_number(call, "file");
	enum slot_kind kind = ioctl_slots[desc->file];

	if (!(waiter ? waiter->own : world_is(w, slot, kind))) {
		if (!ret)
			world_fail(w, "%s succeeds on a file that has no such ioctl",
				   call->desc->name);
		return;
	}
	if (ret && !error_is_fair(desc, ret, waiter))
		world_fail(w, "%s returns error %ld: %s", call->desc->name, -ret,
			   strerror((int)-ret));
	if (status && !status_is_fair((size_t)(desc - ioctl_table), *status, waiter))
		world_fail(w, "%s returns status %#010x", call->desc->name,
			   (unsigned int)*status);
}

/**
 * oracle_message() - was a message taken for good that nobody has made?
 * @w:      the world, which is told if so
 * @call:   a call that has succeeded
 * @status: its status
 */
void oracle_message(struct world *w, const struct call *call, int32_t status)
{
	const struct value *context;
	size_t slot;
	uint64_t op;

	/* A close_notify is taken, too, and so is what asks for an answer. */
	if (status < 0 || (call->desc->ioctl != &ioctl_table[IOCTL_MESSAGE] &&
			   call->desc->ioctl != &ioctl_table[IOCTL_REQ_MESSAGE]))
		return;
	op = call_number(call, "op") & ~(uint64_t)KSECDD_MESSAGE_MIC;
	context = call_arg(call, "context");
	slot = call->desc->ioctl->file == IOCTL_REQUEST ? call_number(call, "file") : context->n;
	if ((op != KSECDD_MESSAGE_VERIFY && op != KSECDD_MESSAGE_DECRYPT) ||
	    (call->desc->ioctl->file == IOCTL_DEVICE && context->form != FORM_SLOT))
		return;
	if (w->peers[slot] && !peer_made(w->peers[slot]))
		world_fail(w, "a message was taken for good that the peer has not made");
}

/**
 * oracle_logon() - does a logon work, and do messages pass both ways afterwards?
 * @w: the world between two programs
 *
 * Return: true if so
 */
bool oracle_logon(struct world *w)
{
	uint64_t before = genl_upcalls();
	struct testhelper helper = {};
	struct session session;
	bool works;

	testhelper_start(&helper);
	session_open(&session, TEST_SEAL_FLAGS);
	works = session_works(&session);
	session_close(&session);
	testhelper_stop(&helper);
	w->tickets += genl_upcalls() - before;
	if (!works)
		world_fail(w, "messages of a proper logon do not pass");
	return works;
}
