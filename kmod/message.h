/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The message path: MakeSignature, VerifySignature, EncryptMessage and
 * DecryptMessage on the buffers of a caller.
 */
#ifndef _KSECDD_MESSAGE_H
#define _KSECDD_MESSAGE_H

#include "mech.h"

/**
 * ksec_message_init() - prepare the buffers of the message path
 *
 * Return: 0; there is nothing that can fail today
 */
int ksec_message_init(void);

/**
 * ksec_message_exit() - free what ksec_message_init() and the messages since
 *                       left in the per-CPU buffers
 *
 * Context: nobody is in ksec_message_run() any more.
 */
void ksec_message_exit(void);

/**
 * ksec_message_run() - protect or unprotect one message
 * @mech: the mechanism @keys belong to
 * @keys: the keys, which the caller holds a reference to; NULL for a context
 *        without session security (SEC_E_UNSUPPORTED_FUNCTION)
 * @cmd:  kernel copy of the ioctl's struct, whose size was checked.  @op, @qop,
 *        @seq, @nbuffers and @buffers are read; @status and @qop are set, and
 *        the caller writes the struct back.  @context is 0 on a request file,
 *        where alone KSECDD_MESSAGE_MIC is allowed
 *
 * Reads the buffers once, lets the mechanism work on that snapshot and writes
 * data and lengths to the caller's memory; those only if the status is
 * SEC_E_OK.  Of a message that does not verify, nothing is written.
 *
 * Context: process context, may sleep; no lock may be held, since this touches
 *          user memory.  Any number of threads may use the same @keys.
 * Return:
 * * 0        - @status tells the result
 * * -EINVAL  - @op or @nbuffers is not defined
 * * -EFAULT  - a buffer is not the caller's memory.  If that shows only when
 *              the result is written, the message counts as sent or received.
 *
 * A lack of memory is SEC_E_INSUFFICIENT_MEMORY in @status.
 */
int ksec_message_run(const struct ksec_mech *mech, struct ksec_keys *keys,
		     struct ksecdd_message *cmd);

/* message_stream.c */

int ksec_stream_run(const struct ksec_mech *mech, struct ksec_keys *keys,
		    struct ksecdd_message *cmd, struct ksecdd_buffer *bufs);

#endif /* _KSECDD_MESSAGE_H */
