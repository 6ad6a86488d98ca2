// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the formats of tokens have in common: the message as it came, and the
 * numbers of those that go.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "krb5.h"

/**
 * ksec_krb5_wire() - put token and data of a message side by side
 * @wire:  receives where they are
 * @msg:   a message to be unwrapped
 * @least: bytes that it has at least
 *
 * The data of a SECBUFFER_DATA is in its place already; the token goes in front
 * of it.
 *
 * Return: false if that is no message: too short, or a token too long
 */
bool ksec_krb5_wire(struct ksec_krb5_wire *wire, struct ksec_message *msg, u32 least)
{
	u32 len = msg->stream ? 0 : msg->token_len;

	if (len > KSEC_MAX_TRAILER)
		return false;
	wire->w_data = msg->sealed - len;
	wire->w_len = len + msg->sealed_len;
	memcpy(wire->w_data, msg->token, len);
	return wire->w_len >= least && (msg->stream || len >= least);
}

/**
 * ksec_krb5_take_seq() - the number of a message to be sent
 * @keys: its context
 * @seq:  receives the number
 *
 * Return: false if the context has sent all that it may
 */
bool ksec_krb5_take_seq(struct ksec_krb5_keys *keys, u64 *seq)
{
	*seq = atomic64_inc_return(&keys->k_seq) - 1;
	if (likely(*seq - keys->k_first <= keys->k_type->e_tokens->f_last))
		return true;
	atomic64_dec(&keys->k_seq);
	return false;
}

/**
 * ksec_krb5_return_seq() - a message was not sent after all
 * @keys: its context
 * @seq:  its number
 *
 * If another thread has taken the next number meanwhile, there is a gap now, as
 * after a message that was lost.
 */
void ksec_krb5_return_seq(struct ksec_krb5_keys *keys, u64 seq)
{
	atomic64_cmpxchg(&keys->k_seq, seq + 1, seq);
}

/**
 * ksec_krb5_status() - what an error of the cryptography means to a caller
 * @err: 0, -EBADMSG, or -errno of the crypto API
 *
 * Return: SECURITY_STATUS
 */
s32 ksec_krb5_status(int err)
{
	switch (err) {
	case 0:
		return SEC_E_OK;
	case -EBADMSG:
		return SEC_E_MESSAGE_ALTERED;
	case -ENOMEM:
		return SEC_E_INSUFFICIENT_MEMORY;
	default:
		return SEC_E_INTERNAL_ERROR;
	}
}

/**
 * ksec_krb5_mark_data() - tell which data goes back to the caller
 * @msg:     the message
 * @changed: what could be sealed is another than it was
 */
void ksec_krb5_mark_data(struct ksec_message *msg, bool changed)
{
	unsigned int i;

	for (i = 0; i < msg->nsegments; i++)
		msg->segments[i].seal &= changed;
}
