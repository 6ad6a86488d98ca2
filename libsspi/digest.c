// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What WDigest has besides tokens: the parameters of an HTTP message, and
 * CompleteAuthToken.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/ksecdd_digest.h>

#include "libsspi/internal.h"

static bool is_param(const SecBuffer *buffer)
{
	return (buffer->BufferType & ~SECBUFFER_ATTRMASK) == SECBUFFER_PKG_PARAMS;
}

/*
 * The parts that are given, in their order, and the bytes of all; false if one has a length
 * and no memory, or if they are more than the kernel takes.
 */
static bool find_parts(const SecBufferDesc *desc, const SecBuffer *parts[KSECDD_DIGEST_PARTS],
		       size_t *n, size_t *size)
{
	size_t room = KSECDD_MAX_PARAMS - sizeof(struct ksecdd_digest);
	const SecBuffer *buffer;
	ULONG i;

	*n = *size = 0;
	for (i = 0; i < desc->cBuffers && *n < KSECDD_DIGEST_PARTS; i++) {
		buffer = &desc->pBuffers[i];
		if (!is_param(buffer))
			continue;
		if ((buffer->cbBuffer && !buffer->pvBuffer) || buffer->cbBuffer > room - *size)
			return false;
		*size += buffer->cbBuffer;
		parts[(*n)++] = buffer;
	}
	return true;
}

/**
 * ksspi_digest_params() - the SECBUFFER_PKG_PARAMS of a call, as the kernel takes them
 * @desc:   a descriptor that ksspi_check_desc() has seen
 * @flags:  KSECDD_DIGEST_*
 * @cmd:    receives them; left alone if there are none and no @flags
 * @memory: receives what @cmd then points to, to be freed after the call; or NULL
 *
 * Return: SEC_E_OK; SEC_E_INVALID_TOKEN (a buffer with a length and no memory, or more
 *         than KSECDD_MAX_PARAMS); SEC_E_INSUFFICIENT_MEMORY
 */
SECURITY_STATUS ksspi_digest_params(const SecBufferDesc *desc, uint32_t flags,
				    struct ksecdd_accept *cmd, void **memory)
{
	const SecBuffer *parts[KSECDD_DIGEST_PARTS];
	struct ksecdd_digest *digest;
	size_t n, size, i;
	uint8_t *p;

	*memory = NULL;
	if (!find_parts(desc, parts, &n, &size))
		return SEC_E_INVALID_TOKEN;
	if (!size && !flags)
		return SEC_E_OK;
	digest = calloc(1, sizeof(*digest) + size);
	if (!digest)
		return SEC_E_INSUFFICIENT_MEMORY;
	digest->flags = flags;
	for (i = 0, p = digest->data; i < n; i++) {
		digest->len[i] = parts[i]->cbBuffer;
		if (digest->len[i])
			memcpy(p, parts[i]->pvBuffer, digest->len[i]);
		p += digest->len[i];
	}
	cmd->params = ksspi_pointer(digest);
	cmd->params_len = (uint32_t)(sizeof(*digest) + size);
	cmd->params_type = KSECDD_PARAMS_DIGEST;
	*memory = digest;
	return SEC_E_OK;
}

/* To a context of another package the call would be one with an empty token. */
static SECURITY_STATUS check_package(uint64_t context)
{
	const struct ksspi_query query = { .context = context };
	struct ksecdd_context_info info;
	uint32_t len = sizeof(info);
	SECURITY_STATUS status;

	status = ksspi_ask(&query, KSECDD_ATTR_INFO, &info, &len);
	if (status != SEC_E_OK)
		return status;
	return info.package == KSECDD_PACKAGE_WDIGEST ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
}

/**
 * CompleteAuthToken() - say of a client's message what AcceptSecurityContext() has not been told
 * @phContext: a context of WDigest whose AcceptSecurityContext() has returned
 *             SEC_I_COMPLETE_NEEDED or SEC_I_COMPLETE_AND_CONTINUE
 * @pToken:    the message: up to four SECBUFFER_PKG_PARAMS, as AcceptSecurityContext()
 *             takes them.  After SEC_I_COMPLETE_AND_CONTINUE also the SECBUFFER_TOKEN with
 *             the challenge: it receives the one that is to be sent, and its cbBuffer is
 *             the room that there is on the way in; it need not hold the old one
 *
 * After SEC_I_COMPLETE_AND_CONTINUE, SEC_E_OK says that the challenge is complete: it is to
 * be sent, and the client's answer goes to AcceptSecurityContext().  After
 * SEC_I_COMPLETE_NEEDED it says that the client is who he says: the context is established.
 * A call that fails writes nothing.
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, no context, or one that has failed);
 *         SEC_E_UNSUPPORTED_FUNCTION (a context of another package: they make whole
 *         tokens); SEC_E_INVALID_TOKEN (the descriptor or a parameter, a context that does
 *         not wait for this); SEC_E_BUFFER_TOO_SMALL (nothing has happened, and the same
 *         call may be made again); SEC_E_LOGON_DENIED; SEC_E_MESSAGE_ALTERED (the client's
 *         token is for another request target); SEC_E_OUT_OF_SEQUENCE (its count);
 *         SEC_E_NO_AUTHENTICATING_AUTHORITY, SEC_E_INTERNAL_ERROR and
 *         SEC_E_INSUFFICIENT_MEMORY as AcceptSecurityContext()
 */
SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken)
{
	struct ksecdd_accept cmd = {
		.size = sizeof(cmd),
		.context = ksspi_handle(phContext),
		.target_drep = SECURITY_NATIVE_DREP,
	};
	SECURITY_STATUS status;
	void *params = NULL;
	SecBuffer *token;

	if (!phContext)
		return SEC_E_INVALID_HANDLE;
	status = check_package(cmd.context);
	if (status != SEC_E_OK)
		return status;
	if (ksspi_check_desc(pToken) != SEC_E_OK)
		return SEC_E_INVALID_TOKEN;
	token = ksspi_find_buffer(pToken, SECBUFFER_TOKEN);
	if (token && token->pvBuffer) {
		cmd.out = ksspi_pointer(token->pvBuffer);
		cmd.out_len = token->cbBuffer;
	}
	status = ksspi_digest_params(pToken, KSECDD_DIGEST_COMPLETE, &cmd, &params);
	if (status != SEC_E_OK)
		return status;
	status = ksspi_call(KSECDD_IOC_ACCEPT, &cmd);
	free(params);
	if (!SEC_SUCCESS(status))
		return status;
	if (token)
		token->cbBuffer = cmd.out_len;
	/* What it goes on with, AcceptSecurityContext() has said already. */
	return SEC_E_OK;
}
