// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the descriptors of messages: MakeSignature, VerifySignature,
 * EncryptMessage, DecryptMessage.
 *
 * Input: the function, the handle, the descriptor, then what the kernel answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sspi_kernel.h"

static struct fuzz_input in;
static SecBufferDesc desc;
static CtxtHandle handle;
static uint32_t op;
static bool asked, null_handle;
static int error;
static SECURITY_STATUS answered;
static uint32_t answered_qop;

static uint64_t expected_handle(void)
{
	if (null_handle)
		return 0;
	if (handle.dwLower > UINT32_MAX || handle.dwUpper > UINT32_MAX ||
	    (!handle.dwLower && !handle.dwUpper))
		return UINT64_MAX;
	return handle.dwUpper << 32 | handle.dwLower;
}

/* The kernel has the caller's own array, and changes lengths in it. */
static int message(unsigned long request, void *arg)
{
	struct ksecdd_message *cmd = arg;
	struct ksecdd_buffer *buffers = (void *)(uintptr_t)cmd->buffers;
	uint32_t i;

	asked = true;
	fuzz_assert(request == KSECDD_IOC_MESSAGE && cmd->size == sizeof(*cmd) && cmd->op == op,
		    "another call");
	fuzz_assert(cmd->nbuffers == desc.cBuffers && cmd->nbuffers >= 1 &&
		    cmd->nbuffers <= KSECDD_MAX_BUFFERS && (void *)buffers == desc.pBuffers,
		    "another array");
	fuzz_assert(cmd->context == expected_handle(), "another context");
	error = sspi_take_errno(&in);
	if (error)
		return error;
	cmd->status = answered = sspi_take_status(&in);
	if (answered == SEC_E_OK) {
		cmd->qop = answered_qop = fuzz_take32(&in);
		for (i = 0; i < cmd->nbuffers; i++)
			buffers[i].len ^= fuzz_take8(&in);
	}
	return 0;
}

static SECURITY_STATUS run(PCtxtHandle context, PSecBufferDesc given, ULONG *qop)
{
	switch (op) {
	case KSECDD_MESSAGE_SIGN:
		return MakeSignature(context, 0, given, 7);
	case KSECDD_MESSAGE_ENCRYPT:
		return EncryptMessage(context, 0, given, 7);
	case KSECDD_MESSAGE_VERIFY:
		return VerifySignature(context, given, 7, qop);
	default:
		return DecryptMessage(context, given, 7, qop);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SecBufferDesc before;
	SecBuffer *buffers;
	SECURITY_STATUS status;
	ULONG n, qop = 0xa5a5a5a5;
	bool receives;
	uint8_t how;

	in = (struct fuzz_input){ data, size };
	sspi_kernel = message;
	how = fuzz_take8(&in);
	op = how & 3;
	null_handle = how & 4;
	handle = (CtxtHandle){ fuzz_take16(&in), fuzz_take16(&in) };
	if (how & 8)
		handle.dwLower <<= 32;
	n = fuzz_take8(&in) % 70;
	buffers = calloc(n ? n : 1, sizeof(*buffers));
	if (!buffers)
		abort();
	desc = (SecBufferDesc){ how & 16 ? fuzz_take32(&in) : SECBUFFER_VERSION, n,
				how & 32 ? NULL : buffers };
	before = desc;
	asked = false;
	error = 0;
	answered = SEC_E_INTERNAL_ERROR;

	status = run(null_handle ? NULL : &handle, how & 64 ? NULL : &desc, how & 128 ? NULL : &qop);

	fuzz_assert(!memcmp(&desc, &before, sizeof(desc)), "the descriptor was changed");
	fuzz_assert(asked == (!(how & 64) && desc.ulVersion == SECBUFFER_VERSION && n >= 1 &&
			      n <= KSECDD_MAX_BUFFERS && !(how & 32)),
		    "%s, and 0x%x", asked ? "asked" : "not asked", status);
	if (!asked)
		fuzz_assert(status == SEC_E_INVALID_TOKEN, "0x%x", status);
	else if (!error)
		fuzz_assert(status == answered, "0x%x, and the kernel said 0x%x", status, answered);
	else
		/* The message may count, so it must not look as if it could be tried again. */
		fuzz_assert(!SEC_SUCCESS(status) &&
			    (error != EFAULT || status == SEC_E_INTERNAL_ERROR),
			    "0x%x after error %d", status, error);
	receives = status == SEC_E_OK && !(how & 128) &&
		   (op == KSECDD_MESSAGE_VERIFY || op == KSECDD_MESSAGE_DECRYPT);
	fuzz_assert(qop == (receives ? answered_qop : 0xa5a5a5a5), "the quality is 0x%x", qop);
	free(buffers);
	return 0;
}
