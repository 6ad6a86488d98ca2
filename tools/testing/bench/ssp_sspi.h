/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accept side through the functions of sspi.h, whoever has them: to be included
 * behind the sspi.h that is meant.
 *
 * The calls are those of a service; the caller's sequence numbers are kept because
 * WinPR goes by them.
 */
#ifndef KSECDD_BENCH_SSP_SSPI_H
#define KSECDD_BENCH_SSP_SSPI_H

#include "bench.h"

/**
 * struct sspi_context - a context
 * @handle:   SSPI's
 * @begun:    there is one
 * @sent:     messages made
 * @received: messages checked
 */
struct sspi_context {
	CtxtHandle handle;
	bool begun;
	uint32_t sent;
	uint32_t received;
};

static CredHandle sspi_credential;

static enum bench_verdict sspi_accept(void *context, const struct bytes *token,
				      struct bytes *answer)
{
	struct sspi_context *c = context;
	SecBuffer in = { (uint32_t)token->len, SECBUFFER_TOKEN, (void *)token->data };
	SecBuffer out = { BYTES_MAX, SECBUFFER_TOKEN, answer->data };
	SecBufferDesc input = { SECBUFFER_VERSION, 1, &in };
	SecBufferDesc output = { SECBUFFER_VERSION, 1, &out };
	SECURITY_STATUS status;
	TimeStamp expiry;
	ULONG attributes;

	status = AcceptSecurityContext(&sspi_credential, c->begun ? &c->handle : NULL, &input,
				       ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY |
				       ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT,
				       SECURITY_NATIVE_DREP, &c->handle, &output, &attributes,
				       &expiry);
	c->begun = true;
	answer->len = out.cbBuffer;
	/* WinPR judges the client here and not before. */
	if (status == SEC_I_COMPLETE_NEEDED)
		status = CompleteAuthToken(&c->handle, &output);
	if (status == SEC_E_OK)
		return BENCH_ACCEPTED;
	return status == SEC_I_CONTINUE_NEEDED ? BENCH_CONTINUE : BENCH_REFUSED;
}

static void sspi_drop(void *context)
{
	struct sspi_context *c = context;

	if (DeleteSecurityContext(&c->handle) != SEC_E_OK)
		bench_die("a context cannot be deleted");
}

static bool sspi_run_one(enum bench_op op, const struct bench_job *job)
{
	struct sspi_context *c = job->context;
	struct bench_message *m = job->message;
	SecBuffer buffers[2] = {
		{ BENCH_TOKEN, SECBUFFER_TOKEN, m->buf },
		{ m->len, SECBUFFER_DATA, m->buf + BENCH_TOKEN },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, 2, buffers };
	ULONG qop;

	switch (op) {
	case BENCH_SIGN:
		return MakeSignature(&c->handle, 0, &desc, c->sent++) == SEC_E_OK;
	case BENCH_VERIFY:
		return VerifySignature(&c->handle, &desc, c->received++, &qop) == SEC_E_OK;
	case BENCH_ENCRYPT:
		return EncryptMessage(&c->handle, 0, &desc, c->sent++) == SEC_E_OK;
	default:
		return DecryptMessage(&c->handle, &desc, c->received++, &qop) == SEC_E_OK;
	}
}

#endif /* KSECDD_BENCH_SSP_SSPI_H */
