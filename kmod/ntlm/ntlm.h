/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NTLM's message protection: MS-NLMP 3.4, with extended session security only.
 */
#ifndef _KSECDD_NTLM_NTLM_H
#define _KSECDD_NTLM_NTLM_H

#include <linux/mutex.h>
#include <linux/types.h>

#include "../mech.h"
#include "hmac_md5.h"
#include "rc4.h"

/* Lengths in bytes */
#define KSEC_NTLM_KEY		16	/* ExportedSessionKey and what is derived from it */
#define KSEC_NTLM_CHECKSUM	8
#define KSEC_NTLM_SIGNATURE	16	/* NTLMSSP_MESSAGE_SIGNATURE */

/* What was negotiated for messages; each includes what the one above it can. */
enum ksec_ntlm_level {
	KSEC_NTLM_NONE,		/* nothing */
	KSEC_NTLM_DUMMY,	/* ALWAYS_SIGN alone: constant signatures */
	KSEC_NTLM_SIGN,
	KSEC_NTLM_SEAL,
};

/**
 * struct ksec_ntlm_direction - messages from one side to the other
 * @d_mutex: protects the rest.  A mutex, since a message of 1 MiB takes
 *           milliseconds; held over the transform alone, never over user memory.
 *           (<linux/dcache.h> defines d_lock as a macro.)
 * @d_seq:   sequence number of the next message; also how many there were.
 *           Written under @d_mutex, read without it for the statistics.
 * @d_sign:  signing key
 * @d_seal:  cipher state, carried on from message to message
 */
struct ksec_ntlm_direction {
	struct mutex d_mutex;	/* protects what follows */
	u64 d_seq;
	struct ksec_hmac_key d_sign;
	struct ksec_rc4 d_seal;
};

/**
 * struct ksec_ntlm_keys - what struct ksec_keys is for NTLM
 * @k_send:    from this side to the peer
 * @k_receive: from the peer to this side
 * @k_flags:   NegotiateFlags
 * @k_level:   what these say
 * @k_has_key: @k_key is there
 * @k_key:     ExportedSessionKey, for KSECDD_ATTR_SESSION_KEY
 *
 * Nothing changes but the two directions, and the key that may be forgotten
 * before others see the context.
 */
struct ksec_ntlm_keys {
	struct ksec_ntlm_direction k_send;
	struct ksec_ntlm_direction k_receive;
	u32 k_flags;
	u8 k_level;
	bool k_has_key;
	u8 k_key[KSEC_NTLM_KEY];
};

static inline struct ksec_ntlm_keys *ksec_ntlm_keys(struct ksec_keys *keys)
{
	return (struct ksec_ntlm_keys *)keys;
}

/* seal.c */
s32 ksec_ntlm_sign(struct ksec_keys *keys, struct ksec_message *msg);
s32 ksec_ntlm_verify(struct ksec_keys *keys, struct ksec_message *msg);
s32 ksec_ntlm_encrypt(struct ksec_keys *keys, struct ksec_message *msg);
s32 ksec_ntlm_decrypt(struct ksec_keys *keys, struct ksec_message *msg);

#endif /* _KSECDD_NTLM_NTLM_H */
