// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing LinuxProcessMessages: messages that the kernel gets side by side, those
 * among them that it must not get, and where it may stop.
 *
 * Input: how it is called, a byte or two for each message, then what the kernel
 * answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sspi_linux.h>

#include "sspi_kernel.h"

#define MESSAGES_MAX	200

static struct fuzz_input in;
static LinuxMessage messages[MESSAGES_MAX], before[MESSAGES_MAX];
static SecBufferDesc descs[MESSAGES_MAX];
static SecBuffer buffers[KSECDD_MAX_BUFFERS];

/* What the kernel has said: so many statuses, and how the call ended that was the last */
static struct ksecdd_message said[MESSAGES_MAX];
static ULONG nsaid;
static int error;
static bool ended;

/* What is wrong with a message by itself, or SEC_E_OK */
static SECURITY_STATUS judge(const LinuxMessage *m)
{
	const SecBufferDesc *desc = m->pMessage;

	if (m->Operation > LINUX_MESSAGE_DECRYPT)
		return SEC_E_INVALID_PARAMETER;
	if (!desc || desc->ulVersion != SECBUFFER_VERSION || !desc->pBuffers ||
	    desc->cBuffers < 1 || desc->cBuffers > KSECDD_MAX_BUFFERS)
		return SEC_E_INVALID_TOKEN;
	return SEC_E_OK;
}

static void take_message(LinuxMessage *m, SecBufferDesc *desc)
{
	uint8_t how = fuzz_take8(&in), wrong = how & 8 ? fuzz_take8(&in) : 0;

	*desc = (SecBufferDesc){ SECBUFFER_VERSION, 1 + (how >> 4), buffers };
	*m = (LinuxMessage){
		.Context = { 1 + (how >> 4), wrong & 1 },
		.Operation = how & 3,
		.fQOP = how,
		.MessageSeqNo = how ^ 0x5a5a,
		.Status = 0x12345678,
		.pMessage = desc,
	};
	if (wrong & 2)
		m->Operation = fuzz_take8(&in);
	if (wrong & 4)
		m->pMessage = NULL;
	if (wrong & 8)
		desc->ulVersion = 1;
	if (wrong & 16)
		desc->cBuffers = fuzz_take8(&in);
	if (wrong & 32)
		desc->pBuffers = NULL;
	if (wrong & 64)
		m->Context.dwLower = UINT64_MAX;
}

static void check_passed(const struct ksecdd_message *cmd, const LinuxMessage *m)
{
	const SecBufferDesc *desc = m->pMessage;

	fuzz_assert(judge(m) == SEC_E_OK, "the kernel gets what it must refuse");
	fuzz_assert(cmd->size == sizeof(*cmd) && cmd->op == m->Operation && cmd->qop == m->fQOP &&
		    cmd->seq == m->MessageSeqNo, "another message");
	fuzz_assert(cmd->context == ksspi_handle(&m->Context), "another context");
	fuzz_assert(cmd->nbuffers == desc->cBuffers &&
		    cmd->buffers == (uintptr_t)desc->pBuffers, "other buffers");
}

/* One message; false if the call ends there. */
static bool answer(struct ksecdd_message *cmd)
{
	uint8_t how = fuzz_take8(&in);

	if (how >= 0xfc) {
		error = EFAULT;
		return false;
	}
	cmd->status = how < 0xc0 ? SEC_E_OK : sspi_take_status(&in);
	/* Means something only if the message has succeeded */
	cmd->qop = how;
	said[nsaid++] = *cmd;
	return cmd->status == SEC_E_OK;
}

static int batch(unsigned long request, void *arg)
{
	struct ksecdd_message_batch *b = arg;
	struct ksecdd_message *cmds = (void *)(uintptr_t)b->messages;
	uint32_t i, n = b->count;

	fuzz_assert(request == KSECDD_IOC_MESSAGE_BATCH && b->size == sizeof(*b) && n >= 1 &&
		    n <= KSECDD_MAX_BATCH, "another call");
	fuzz_assert(!ended, "called again after the end");
	for (i = 0; i < n; i++)
		check_passed(&cmds[i], &before[nsaid + i]);
	error = sspi_take_errno(&in);
	ended = error;
	if (error)
		return error;
	for (i = 0; i < n && !ended; i++)
		ended = !answer(&cmds[i]);
	b->count = error ? i - 1 : i;
	return error;
}

/* How many messages have a status, and the one of the call */
static ULONG expected(ULONG n, SECURITY_STATUS *status)
{
	*status = SEC_E_OK;
	if (ended && !error) {
		*status = said[nsaid - 1].status;
		return nsaid;
	}
	if (nsaid == n)
		return n;
	/* A message that may count must not look as if it could be tried again. */
	*status = error == EFAULT ? SEC_E_INTERNAL_ERROR : error ? ksspi_status(error) :
		  judge(&before[nsaid]);
	return nsaid + 1;
}

static void check_message(ULONG i, ULONG done, SECURITY_STATUS status)
{
	LinuxMessage want = before[i];

	if (i < nsaid)
		want.Status = said[i].status;
	else if (i < done)
		want.Status = status;
	if (i < nsaid && said[i].status == SEC_E_OK)
		want.fQOP = said[i].qop;
	fuzz_assert(!memcmp(&messages[i], &want, sizeof(want)),
		    "message %u of %u: 0x%x and quality %u, not 0x%x and %u", i, done,
		    messages[i].Status, messages[i].fQOP, want.Status, want.fQOP);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SECURITY_STATUS status, want = SEC_E_INVALID_PARAMETER;
	ULONG n, i, done = 4711, wanted = 0;
	uint8_t how;

	in = (struct fuzz_input){ data, size };
	sspi_kernel = batch;
	memset(messages, 0, sizeof(messages));
	nsaid = 0;
	error = 0;
	ended = false;
	how = fuzz_take8(&in);
	n = fuzz_take8(&in) % (MESSAGES_MAX + 1);
	for (i = 0; i < n; i++)
		take_message(&messages[i], &descs[i]);
	memcpy(before, messages, sizeof(before));

	status = LinuxProcessMessages(how & 1 ? NULL : messages, n, how & 2 ? NULL : &done);

	if (!(how & 1) || !n)
		wanted = expected(n, &want);
	fuzz_assert(status == want, "0x%x, not 0x%x", status, want);
	fuzz_assert(SEC_SUCCESS(status) || wanted || how & 1, "failed, and no message has");
	fuzz_assert(done == (how & 2 ? 4711 : wanted), "%u are done, not %u", done, wanted);
	for (i = 0; i < n; i++)
		check_message(i, wanted, status);
	return 0;
}
