/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The keys of a Kerberos context: what the helper gives to KSECDD_REQ_SET_KEYS
 * with struct ksecdd_set_keys.mech = KSECDD_PACKAGE_KERBEROS.
 */
#ifndef _UAPI_LINUX_KSECDD_KRB5_H
#define _UAPI_LINUX_KSECDD_KRB5_H

#include <linux/types.h>

/* Encryption types that have message protection here (IANA's numbers) */
#define KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96	17	/* RFC 3962 */
#define KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96	18
#define KSECDD_KRB5_AES128_CTS_HMAC_SHA256_128	19	/* RFC 8009 */
#define KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192	20
#define KSECDD_KRB5_ARCFOUR_HMAC		23	/* RFC 4757 */
#define KSECDD_KRB5_CAMELLIA128_CTS_CMAC	25	/* RFC 6803 */
#define KSECDD_KRB5_CAMELLIA256_CTS_CMAC	26

/*
 * struct ksecdd_set_keys.mech_flags
 *
 * REPLAY_DETECT and SEQUENCE_DETECT are the flags of RFC 4121 section 4.1.1.1 as
 * negotiated.  With REPLAY_DETECT, a message that was accepted before, or one
 * that is more than 64 messages older than the newest, is SEC_E_OUT_OF_SEQUENCE;
 * with SEQUENCE_DETECT every message that is not the next is.
 *
 * DCE_STYLE: sealed messages have an extra count of 16, and are rotated by the
 * extra count more than the token says (MS-KILE 3.4.5.4.1).
 *
 * ARCFOUR: the configuration allows KSECDD_KRB5_ARCFOUR_HMAC, which without this
 * flag is no encryption type.
 */
#define KSECDD_KRB5_ACCEPTOR_SUBKEY	0x00000001	/* the acceptor asserted the key */
#define KSECDD_KRB5_REPLAY_DETECT	0x00000002
#define KSECDD_KRB5_SEQUENCE_DETECT	0x00000004
#define KSECDD_KRB5_DCE_STYLE		0x00000008
#define KSECDD_KRB5_INITIATOR		0x00000010	/* this side is the initiator */
#define KSECDD_KRB5_ARCFOUR		0x00000020

#define KSECDD_KRB5_MAX_KEY		32	/* the longest key, in bytes */

/**
 * struct ksecdd_krb5_keys - what struct ksecdd_set_keys.key points to
 * @size:        [in] sizeof(struct ksecdd_krb5_keys), also in ksecdd_set_keys.key_len
 * @enctype:     [in] KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96 etc.
 * @send_seq:    [in] sequence number of the next message from this side
 * @receive_seq: [in] sequence number of the next message from the peer
 * @key_len:     [in] length of @key in bytes, as the encryption type has it
 * @__reserved:  must be 0
 * @key:         [in] the key that protects messages: the acceptor's subkey if
 *               there is one, else the initiator's, else that of the ticket;
 *               bytes behind @key_len must be 0
 *
 * Errors of KSECDD_REQ_SET_KEYS besides its own: EINVAL (what is not as above,
 * or an unknown encryption type or flag), EOPNOTSUPP (this kernel lacks the
 * algorithms of the encryption type).
 */
struct ksecdd_krb5_keys {
	__u32 size;
	__u32 enctype;
	__aligned_u64 send_seq;
	__aligned_u64 receive_seq;
	__u32 key_len;
	__u32 __reserved;
	__u8 key[KSECDD_KRB5_MAX_KEY];
};

#endif /* _UAPI_LINUX_KSECDD_KRB5_H */
