// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Contexts: AcceptSecurityContext and DeleteSecurityContext.
 */
#include <stdlib.h>
#include <string.h>

#include "libsspi/internal.h"

/**
 * ksspi_check_desc() - is this a descriptor of buffers?
 * @desc: the caller's
 *
 * Return: SEC_E_OK or SEC_E_INVALID_TOKEN
 */
SECURITY_STATUS ksspi_check_desc(const SecBufferDesc *desc)
{
	if (!desc || desc->ulVersion != SECBUFFER_VERSION ||
	    desc->cBuffers > KSECDD_MAX_BUFFERS || (desc->cBuffers && !desc->pBuffers))
		return SEC_E_INVALID_TOKEN;
	return SEC_E_OK;
}

/**
 * ksspi_find_buffer() - the first buffer of a type
 * @desc: the caller's, or NULL
 * @type: SECBUFFER_* without an attribute
 *
 * Return: the buffer, or NULL
 */
SecBuffer *ksspi_find_buffer(const SecBufferDesc *desc, ULONG type)
{
	ULONG i;

	for (i = 0; desc && i < desc->cBuffers; i++)
		if ((desc->pBuffers[i].BufferType & ~SECBUFFER_ATTRMASK) == type)
			return &desc->pBuffers[i];
	return NULL;
}

/* An input buffer for the kernel; false if it has a length and no memory. */
static bool pass_buffer(const SecBuffer *buffer, __u64 *to, __u32 *len)
{
	if (buffer) {
		*to = ksspi_pointer(buffer->pvBuffer);
		*len = buffer->cbBuffer;
	}
	return !*len || *to;
}

/*
 * What the service says to its package.  The kernel passes it over for a package that
 * takes the other.
 */
static SECURITY_STATUS pass_params(const SecBufferDesc *input, struct ksecdd_accept *cmd,
				   void **params)
{
	const SecBuffer *protocols = ksspi_find_buffer(input, SECBUFFER_APPLICATION_PROTOCOLS);

	if (!pass_buffer(protocols, &cmd->params, &cmd->params_len))
		return SEC_E_INVALID_TOKEN;
	if (!cmd->params_len)
		return ksspi_digest_params(input, 0, cmd, params);
	cmd->params_type = KSECDD_PARAMS_PROTOCOLS;
	return SEC_E_OK;
}

/* @params is what @cmd points to besides the caller's memory, to be freed after the call. */
static SECURITY_STATUS pass_input(const SecBufferDesc *input, struct ksecdd_accept *cmd,
				  void **params)
{
	const SecBuffer *token;

	if (!input)
		return SEC_E_OK;
	if (ksspi_check_desc(input) != SEC_E_OK)
		return SEC_E_INVALID_TOKEN;
	token = ksspi_find_buffer(input, SECBUFFER_TOKEN);
	/* An HTTP request without credentials has no token, and its method and target. */
	if (!token && !ksspi_find_buffer(input, SECBUFFER_PKG_PARAMS))
		return SEC_E_INVALID_TOKEN;
	if (!pass_buffer(token, &cmd->token, &cmd->token_len) ||
	    !pass_buffer(ksspi_find_buffer(input, SECBUFFER_CHANNEL_BINDINGS), &cmd->bindings,
			 &cmd->bindings_len))
		return SEC_E_INVALID_TOKEN;
	return pass_params(input, cmd, params);
}

/*
 * What was not used, or is missing, is told in place of the SECBUFFER_EMPTY.  Its pointer
 * stays as it is: what was not used are the last bytes of the SECBUFFER_TOKEN.
 */
static void tell_input(const SecBufferDesc *input, const struct ksecdd_accept *cmd)
{
	SecBuffer *buffer = ksspi_find_buffer(input, SECBUFFER_EMPTY);

	if (!buffer || (!cmd->extra_len && !cmd->missing_len))
		return;
	buffer->BufferType = cmd->missing_len ? SECBUFFER_MISSING : SECBUFFER_EXTRA;
	buffer->cbBuffer = cmd->missing_len ? cmd->missing_len : cmd->extra_len;
}

/*
 * The token of a failure goes into the SECBUFFER_ALERT if there is one.  @memory is the
 * library's, and else the token lies in @out.  Without room for it there is none.
 */
static void move_alert(const SecBuffer *out, SecBuffer *alert, void **memory, ULONG len)
{
	if (*memory) {
		alert->pvBuffer = ksspi_shrink(*memory, len);
		*memory = NULL;
	} else if (out->pvBuffer && alert->pvBuffer && alert->cbBuffer >= len) {
		memcpy(alert->pvBuffer, out->pvBuffer, len);
	} else {
		len = 0;
	}
	alert->cbBuffer = len;
}

/**
 * AcceptSecurityContext() - judge a client's token
 * @phCredential:  an inbound credential; NULL is allowed once @phContext is given
 * @phContext:     NULL on the first call, then the context
 * @pInput:        the client's token in a SECBUFFER_TOKEN; the channel bindings
 *                 in a SECBUFFER_CHANNEL_BINDINGS; the protocols of the service
 *                 in a SECBUFFER_APPLICATION_PROTOCOLS; or for WDigest, of the HTTP
 *                 request, in SECBUFFER_PKG_PARAMS in this order, each of which may be
 *                 empty or missing with those behind it: its method; its target; the hash
 *                 of its body; the realm to ask for.  Other buffers are ignored, the
 *                 order of types is free.  NULL - there is no token.  With Schannel and
 *                 CredSSP the first SECBUFFER_EMPTY becomes a SECBUFFER_EXTRA: its
 *                 cbBuffer says how many bytes at the end of the token were not used;
 *                 or, with SEC_E_INCOMPLETE_MESSAGE, a SECBUFFER_MISSING: its cbBuffer
 *                 says how many are missing at least
 * @fContextReq:   ASC_REQ_*; what does not exist is ignored.  A wish that the
 *                 client did not grant is no failure, see @pfContextAttr
 * @TargetDataRep: SECURITY_NATIVE_DREP or SECURITY_NETWORK_DREP
 * @phNewContext:  receives the context; may be @phContext, or another variable,
 *                 which gets the same handle; may be NULL if @phContext is given
 * @pOutput:       the first SECBUFFER_TOKEN receives the token for the client,
 *                 and its length, which may be 0.  With ASC_REQ_ALLOCATE_MEMORY
 *                 its memory comes from the library and is to be freed with
 *                 FreeContextBuffer().  NULL, another type or too little memory
 *                 fails if there is a token only.  A SECBUFFER_ALERT beside it
 *                 receives the token of a failure in its place
 * @pfContextAttr: receives ASC_RET_*; those that speak of security are valid
 *                 with SEC_E_OK
 * @ptsExpiry:     receives when the context expires, in local time, or NULL;
 *                 meaningful with SEC_E_OK
 *
 * An established context of Schannel or CredSSP may be given without a token, after
 * ApplyControlToken() and after SEC_I_RENEGOTIATE of DecryptMessage(): the output is a
 * record for the client.
 *
 * A failing call writes nothing, except that with ASC_REQ_EXTENDED_ERROR the
 * output buffer receives the token that tells the client why, or the length 0.
 * A first call that fails leaves no context behind; a later one leaves
 * @phContext to be deleted.  After SEC_E_BUFFER_TOO_SMALL,
 * SEC_E_INSUFFICIENT_MEMORY and mostly SEC_E_NO_AUTHENTICATING_AUTHORITY the
 * same call may be made again.
 *
 * Return: SEC_E_OK - the client is who he says; SEC_I_CONTINUE_NEEDED - send him
 *         the token and come again with his answer.  WDigest, where no method was given:
 *         SEC_I_COMPLETE_NEEDED - CompleteAuthToken() has to judge him;
 *         SEC_I_COMPLETE_AND_CONTINUE - likewise make the token, and then as with
 *         SEC_I_CONTINUE_NEEDED.  Failures:
 *         SEC_E_NO_CREDENTIALS (no credential at the first call, or one that is
 *         for outbound use), SEC_E_INVALID_HANDLE (a handle that is none, a
 *         context that has failed; @phContext and @phNewContext are both NULL),
 *         SEC_E_WRONG_CREDENTIAL_HANDLE (not the context's credential),
 *         SEC_E_INVALID_PARAMETER (@pfContextAttr is NULL, @TargetDataRep),
 *         SEC_E_INVALID_TOKEN (the token, the bindings or the descriptor;
 *         another call is at work on the context, or it is complete),
 *         SEC_E_BUFFER_TOO_SMALL, SEC_E_LOGON_DENIED, SEC_E_BAD_BINDINGS,
 *         SEC_E_INCOMPLETE_MESSAGE (come again with these bytes and more),
 *         SEC_E_ILLEGAL_MESSAGE (no TLS),
 *         SEC_E_UNSUPPORTED_FUNCTION (ASC_REQ_PROMPT_FOR_CREDS, or what the
 *         package refuses: ASC_REQ_DELEGATE with Schannel), SEC_E_OUT_OF_SEQUENCE
 *         (WDigest: the client's count), SEC_E_NO_AUTHENTICATING_AUTHORITY (no helper, or
 *         no answer in time), SEC_E_INTERNAL_ERROR (the helper failed),
 *         SEC_E_INSUFFICIENT_MEMORY (memory, a limit, or a buffer that is no
 *         memory of the caller)
 */
SECURITY_STATUS SEC_ENTRY
AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
		      ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
		      PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
	struct ksecdd_accept cmd = {
		.size = sizeof(cmd),
		.credential = ksspi_handle(phCredential),
		.context = ksspi_handle(phContext),
		.req_flags = fContextReq,
		.target_drep = TargetDataRep,
	};
	bool allocate = fContextReq & ASC_REQ_ALLOCATE_MEMORY;
	SECURITY_STATUS status;
	void *memory = NULL, *params = NULL;
	SecBuffer *out, *alert;

	if (!phCredential && !phContext)
		return SEC_E_NO_CREDENTIALS;
	if (!phContext && !phNewContext)
		return SEC_E_INVALID_HANDLE;
	if (!pfContextAttr)
		return SEC_E_INVALID_PARAMETER;
	if (pOutput && ksspi_check_desc(pOutput) != SEC_E_OK)
		return SEC_E_INVALID_TOKEN;
	status = pass_input(pInput, &cmd, &params);
	if (status != SEC_E_OK)
		return status;

	out = ksspi_find_buffer(pOutput, SECBUFFER_TOKEN);
	if (out && allocate) {
		/*
		 * As much as a token can be: with less, the kernel might have to
		 * be asked a second time.
		 */
		memory = ksspi_alloc(KSECDD_MAX_TOKEN);
		if (!memory) {
			free(params);
			return SEC_E_INSUFFICIENT_MEMORY;
		}
		cmd.out = ksspi_pointer(memory);
		cmd.out_len = KSECDD_MAX_TOKEN;
	} else if (out && out->pvBuffer) {
		cmd.out = ksspi_pointer(out->pvBuffer);
		cmd.out_len = out->cbBuffer;
	}

	alert = out ? ksspi_find_buffer(pOutput, SECBUFFER_ALERT) : NULL;
	status = ksspi_call(KSECDD_IOC_ACCEPT, &cmd);
	free(params);
	/* As with the token below: an errno has left everything as it went in. */
	if (cmd.status == status)
		tell_input(pInput, &cmd);
	/* An errno left out_len as it went in; SEC_E_BUFFER_TOO_SMALL, as it should be. */
	if (!SEC_SUCCESS(status) &&
	    (cmd.status != status || status == SEC_E_BUFFER_TOO_SMALL ||
	     !((alert && cmd.out_len) || (fContextReq & ASC_REQ_EXTENDED_ERROR)))) {
		ksspi_free(memory);
		return status;
	}
	if (alert && !SEC_SUCCESS(status) && cmd.out_len) {
		move_alert(out, alert, &memory, cmd.out_len);
		cmd.out_len = 0;
	}
	if (out)
		out->cbBuffer = cmd.out_len;
	if (memory && cmd.out_len) {
		out->pvBuffer = ksspi_shrink(memory, cmd.out_len);
	} else if (out && allocate) {
		ksspi_free(memory);
		out->pvBuffer = NULL;
	}
	if (!SEC_SUCCESS(status))
		return status;

	/* There is none with SEC_I_CONTEXT_EXPIRED. */
	if (phNewContext && cmd.new_context)
		ksspi_set_handle(phNewContext, cmd.new_context);
	/* Who allocates is here, so here is known whether somebody did. */
	*pfContextAttr = (cmd.ret_flags & ~(ULONG)ASC_RET_ALLOCATED_MEMORY) |
			 (allocate ? ASC_RET_ALLOCATED_MEMORY : 0);
	ksspi_set_time(ptsExpiry, cmd.expiry);
	return status;
}

/**
 * DeleteSecurityContext() - end a context, complete or not
 * @phContext: the context; its keys are wiped, and its SECPKG_ATTR_ACCESS_TOKEN is closed
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, deleted before, or no context)
 */
SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext)
{
	struct ksecdd_destroy cmd = {
		.size = sizeof(cmd),
		.handle = ksspi_handle(phContext),
		.type = KSECDD_OBJECT_CONTEXT,
	};
	SECURITY_STATUS status = ksspi_call(KSECDD_IOC_DESTROY, &cmd);

	/* Whatever the status, there is no such context any more. */
	ksspi_context_token_close(cmd.handle);
	return status;
}
