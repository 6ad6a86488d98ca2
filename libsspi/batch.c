// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Several messages in one system call: LinuxProcessMessages.
 */
#include <sspi_linux.h>

#include "libsspi/internal.h"

#define SAME(linux_name, kernel_name)	\
	_Static_assert(LINUX_MESSAGE_##linux_name == KSECDD_MESSAGE_##kernel_name, #linux_name)
SAME(SIGN, SIGN);
SAME(VERIFY, VERIFY);
SAME(ENCRYPT, ENCRYPT);
SAME(DECRYPT, DECRYPT);

/* Whether the kernel would refuse the call as such, and not the message. */
static SECURITY_STATUS check_message(const LinuxMessage *message)
{
	if (message->Operation > LINUX_MESSAGE_DECRYPT)
		return SEC_E_INVALID_PARAMETER;
	if (ksspi_check_desc(message->pMessage) != SEC_E_OK || !message->pMessage->cBuffers)
		return SEC_E_INVALID_TOKEN;
	return SEC_E_OK;
}

static void pass_message(const LinuxMessage *message, struct ksecdd_message *cmd)
{
	*cmd = (struct ksecdd_message){
		.size = sizeof(*cmd),
		.context = ksspi_handle(&message->Context),
		.op = message->Operation,
		.qop = message->fQOP,
		.seq = message->MessageSeqNo,
		.nbuffers = message->pMessage->cBuffers,
		.buffers = ksspi_pointer(message->pMessage->pBuffers),
	};
}

/* Has the kernel do @n messages; returns how many have a status, and an errno. */
static ULONG call(struct ksecdd_message *cmds, ULONG n, int *err)
{
	struct ksecdd_message_batch batch = {
		.size = sizeof(batch),
		.count = n,
		.messages = ksspi_pointer(cmds),
	};

	*err = ksspi_ioctl(KSECDD_IOC_MESSAGE_BATCH, &batch);
	/* A call that was refused as such has not written a number. */
	return *err && batch.count == n ? 0 : batch.count;
}

/*
 * As many of the messages as fit in a call.  Returns the status of the last one
 * that has one, and how many have.
 */
static SECURITY_STATUS process(PLinuxMessage messages, ULONG count, ULONG *done)
{
	SECURITY_STATUS wrong = SEC_E_OK, status = SEC_E_OK;
	struct ksecdd_message cmds[KSECDD_MAX_BATCH];
	ULONG n = 0, ndone = 0, i;
	int err = 0;

	if (count > KSECDD_MAX_BATCH)
		count = KSECDD_MAX_BATCH;
	while (n < count) {
		wrong = check_message(&messages[n]);
		if (wrong != SEC_E_OK)
			break;
		pass_message(&messages[n], &cmds[n]);
		n++;
	}
	if (n)
		ndone = call(cmds, n, &err);
	for (i = 0; i < ndone; i++) {
		status = cmds[i].status;
		messages[i].Status = status;
		if (status == SEC_E_OK)
			messages[i].fQOP = cmds[i].qop;
	}
	/* The next one is what the call ended with, or was no message from the start. */
	if (status == SEC_E_OK && ndone < count) {
		status = err ? ksspi_message_status(err) : ndone < n ? SEC_E_INTERNAL_ERROR : wrong;
		messages[ndone++].Status = status;
	}
	*done = ndone;
	return status;
}

/**
 * LinuxProcessMessages() - several messages at once
 * @pMessages: the messages, of one context or of many.  With each: what is to be
 *             done with it, as MakeSignature(), VerifySignature(), EncryptMessage()
 *             or DecryptMessage() would; @Status tells how it went
 * @cMessages: how many; there is no limit
 * @pcDone:    receives how many messages have got a status, or NULL
 *
 * They are done in their order, which is the order of each context's sequence
 * numbers, until one fails; those behind it are left as they are.
 *
 * Return: SEC_E_OK if all of them succeeded, or the status of the one that failed,
 *         which is the last of the @pcDone: as of the four functions, and
 *         SEC_E_INVALID_PARAMETER for an @Operation that is none or if @pMessages is
 *         NULL where there should be messages (and then @pcDone receives 0)
 */
SECURITY_STATUS SEC_ENTRY LinuxProcessMessages(PLinuxMessage pMessages, ULONG cMessages,
					       ULONG *pcDone)
{
	SECURITY_STATUS status = SEC_E_OK;
	ULONG done = 0, n;

	if (!pMessages && cMessages)
		status = SEC_E_INVALID_PARAMETER;
	while (status == SEC_E_OK && done < cMessages) {
		status = process(pMessages + done, cMessages - done, &n);
		done += n;
	}
	if (pcDone)
		*pcDone = done;
	return status;
}
