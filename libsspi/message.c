// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages: MakeSignature, VerifySignature, EncryptMessage and DecryptMessage.
 *
 * The caller's array of buffers goes to the kernel as it is, which works on the
 * caller's memory and writes back lengths: one system call, no copy, no
 * allocation, and no key in this process.
 */
#include "libsspi/internal.h"

static SECURITY_STATUS do_message(uint32_t op, PCtxtHandle context, ULONG *qop,
				  PSecBufferDesc message, ULONG seq)
{
	struct ksecdd_message cmd = {
		.size = sizeof(cmd),
		.context = ksspi_handle(context),
		.op = op,
		.qop = *qop,
		.seq = seq,
	};
	SECURITY_STATUS status;
	int err;

	if (ksspi_check_desc(message) != SEC_E_OK || !message->cBuffers)
		return SEC_E_INVALID_TOKEN;
	cmd.nbuffers = message->cBuffers;
	cmd.buffers = ksspi_pointer(message->pBuffers);
	err = ksspi_ioctl(KSECDD_IOC_MESSAGE, &cmd);
	status = err ? ksspi_message_status(err) : cmd.status;
	if (status == SEC_E_OK)
		*qop = cmd.qop;
	return status;
}

/**
 * MakeSignature() - sign a message
 * @phContext:    an established context
 * @fQOP:         0
 * @pMessage:     a SECBUFFER_TOKEN that receives the signature and its length
 *                (cbMaxSignature of SECPKG_ATTR_SIZES is enough), and the
 *                message in buffers of SECBUFFER_DATA
 * @MessageSeqNo: for datagram contexts; others count themselves
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE (NULL, no context, or one that is not
 *         established); SEC_E_INVALID_TOKEN (no descriptor, or buffers that make
 *         no message); SEC_E_BUFFER_TOO_SMALL (for the signature);
 *         SEC_E_UNSUPPORTED_FUNCTION (the client granted no integrity);
 *         SEC_E_QOP_NOT_SUPPORTED; SEC_E_CONTEXT_EXPIRED;
 *         SEC_E_INSUFFICIENT_MEMORY (memory, or a message longer than
 *         KSECDD_MAX_MESSAGE); SEC_E_INTERNAL_ERROR (a buffer that is no memory
 *         of the caller).  A message that fails does not count, except with
 *         SEC_E_INTERNAL_ERROR: then nobody can tell, and the context is of no
 *         more use
 */
SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP,
					PSecBufferDesc pMessage, ULONG MessageSeqNo)
{
	return do_message(KSECDD_MESSAGE_SIGN, phContext, &fQOP, pMessage, MessageSeqNo);
}

/**
 * EncryptMessage() - encrypt and sign a message
 * @phContext:    an established context
 * @fQOP:         0, or SECQOP_WRAP_NO_ENCRYPT where the package has it
 * @pMessage:     a SECBUFFER_TOKEN that receives the signature and its length
 *                (cbSecurityTrailer of SECPKG_ATTR_SIZES is enough), and the
 *                message in buffers of SECBUFFER_DATA, encrypted in place except
 *                for those that are SECBUFFER_READONLY or
 *                SECBUFFER_READONLY_WITH_CHECKSUM.  The length of a
 *                SECBUFFER_PADDING becomes what the package pads.  Schannel and
 *                CredSSP: a SECBUFFER_STREAM_HEADER, the data, at most
 *                cbMaximumMessage of SECPKG_ATTR_STREAM_SIZES, and a
 *                SECBUFFER_STREAM_TRAILER, which become one record
 * @MessageSeqNo: for datagram contexts; others count themselves
 *
 * Return: as MakeSignature(); SEC_E_UNSUPPORTED_FUNCTION if the client granted
 *         no confidentiality.  Of a TLS connection that is over for this side:
 *         SEC_E_CONTEXT_EXPIRED
 */
SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
					 PSecBufferDesc pMessage, ULONG MessageSeqNo)
{
	return do_message(KSECDD_MESSAGE_ENCRYPT, phContext, &fQOP, pMessage, MessageSeqNo);
}

static SECURITY_STATUS check_message(uint32_t op, PCtxtHandle context, PSecBufferDesc message,
				     ULONG seq, ULONG *ret_qop)
{
	SECURITY_STATUS status;
	ULONG qop = 0;

	status = do_message(op, context, &qop, message, seq);
	if (status == SEC_E_OK && ret_qop)
		*ret_qop = qop;
	return status;
}

/**
 * VerifySignature() - check the signature of a message
 * @phContext:    an established context
 * @pMessage:     the signature in a SECBUFFER_TOKEN and the message in buffers
 *                of SECBUFFER_DATA
 * @MessageSeqNo: for datagram contexts; others count themselves
 * @pfQOP:        receives the quality of protection, or NULL
 *
 * Return: as MakeSignature(); SEC_E_MESSAGE_ALTERED; SEC_E_OUT_OF_SEQUENCE
 */
SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
					  ULONG MessageSeqNo, ULONG *pfQOP)
{
	return check_message(KSECDD_MESSAGE_VERIFY, phContext, pMessage, MessageSeqNo, pfQOP);
}

/**
 * DecryptMessage() - decrypt a message and check its signature
 * @phContext:    an established context
 * @pMessage:     the signature in a SECBUFFER_TOKEN and the message in buffers
 *                of SECBUFFER_DATA, decrypted in place; or both in one
 *                SECBUFFER_STREAM, with a SECBUFFER_DATA that is made to point
 *                to the message in it.  Schannel and CredSSP: what was received in
 *                one SECBUFFER_DATA, and three SECBUFFER_EMPTY or more; they
 *                become header, data and trailer of the first record, and
 *                SECBUFFER_EXTRA for what is behind it
 * @MessageSeqNo: for datagram contexts; others count themselves
 * @pfQOP:        receives the quality of protection, or NULL;
 *                SECQOP_WRAP_NO_ENCRYPT if the message was signed only
 *
 * Return: as VerifySignature(); the buffers are changed with SEC_E_OK only.  Schannel
 *         and CredSSP: also SEC_E_INCOMPLETE_MESSAGE (nothing has happened, and the
 *         SECBUFFER_DATA is a SECBUFFER_MISSING now that tells how much is missing at
 *         least), SEC_I_CONTEXT_EXPIRED (the client's close_notify), SEC_I_RENEGOTIATE
 *         (AcceptSecurityContext() without a token gives the answer to the client),
 *         SEC_E_ILLEGAL_MESSAGE, and what an alert of the client means
 */
SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
					 ULONG MessageSeqNo, ULONG *pfQOP)
{
	return check_message(KSECDD_MESSAGE_DECRYPT, phContext, pMessage, MessageSeqNo, pfQOP);
}
