/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The keys of a TLS connection: what the helper gives to KSECDD_REQ_SET_KEYS with
 * struct ksecdd_set_keys.mech = KSECDD_PACKAGE_SCHANNEL, and what is told of them.
 */
#ifndef _UAPI_LINUX_KSECDD_TLS_H
#define _UAPI_LINUX_KSECDD_TLS_H

#include <linux/types.h>

/* Versions, as on the wire */
#define KSECDD_TLS_1_2	0x0303		/* RFC 5246 */
#define KSECDD_TLS_1_3	0x0304		/* RFC 8446 */

/* Ciphers: those of RFC 5116 and RFC 8439, none but AEADs */
#define KSECDD_TLS_AES_128_GCM		1
#define KSECDD_TLS_AES_256_GCM		2
#define KSECDD_TLS_AES_128_CCM		3
#define KSECDD_TLS_AES_256_CCM		4
#define KSECDD_TLS_CHACHA20_POLY1305	5

/* Hashes of the key schedule */
#define KSECDD_TLS_SHA256	1
#define KSECDD_TLS_SHA384	2

/* In bytes */
#define KSECDD_TLS_MAX_SECRET	48
#define KSECDD_TLS_MAX_WRITE_KEY 32
#define KSECDD_TLS_IV		12

/**
 * struct ksecdd_tls_half - the keys of one direction
 * @secret:     [in] TLS 1.3: traffic secret, 32 or 48 bytes as the hash has it, then
 *              zero; TLS 1.2: zero
 * @key:        [in] TLS 1.2: write key, 16 or 32 bytes as the cipher has it, then
 *              zero; TLS 1.3: zero, it follows from @secret
 * @iv:         [in] TLS 1.2: the part of the nonce that is not on the wire, 4 bytes
 *              (GCM, CCM) and then zero, or 12 (ChaCha20-Poly1305); TLS 1.3: zero
 * @__reserved: must be 0
 * @seq:        [in] sequence number of the next record: after the handshake 1 with TLS
 *              1.2, whose Finished messages have had 0, and 0 with TLS 1.3
 */
struct ksecdd_tls_half {
	__u8 secret[KSECDD_TLS_MAX_SECRET];
	__u8 key[KSECDD_TLS_MAX_WRITE_KEY];
	__u8 iv[KSECDD_TLS_IV];
	__u32 __reserved;
	__aligned_u64 seq;
};

/**
 * struct ksecdd_tls_keys - what struct ksecdd_set_keys.key points to
 * @version:    [in] KSECDD_TLS_1_2 or _1_3
 * @suite:      [in] cipher suite, IANA's number: to be told, it decides nothing
 * @cipher:     [in] KSECDD_TLS_AES_128_GCM etc.
 * @hash:       [in] KSECDD_TLS_SHA256 or _SHA384
 * @group:      [in] group of the key exchange, IANA's number, 0 if it is not known:
 *              to be told, it decides nothing
 * @__reserved: must be 0
 * @rx:         [in] what the client sends
 * @tx:         [in] what the service sends
 *
 * Errors of KSECDD_REQ_SET_KEYS besides its own: EINVAL (what is not as above),
 * EOPNOTSUPP (this kernel lacks the cipher).
 */
struct ksecdd_tls_keys {
	__u16 version;
	__u16 suite;
	__u8 cipher;
	__u8 hash;
	__u16 group;
	__u32 __reserved[2];
	struct ksecdd_tls_half rx;
	struct ksecdd_tls_half tx;
};

/**
 * struct ksecdd_tls_info - answer to KSECDD_ATTR_TLS
 * @version:     [out] KSECDD_TLS_1_2 or _1_3
 * @suite:       [out] cipher suite, IANA's number
 * @cipher:      [out] KSECDD_TLS_AES_128_GCM etc.
 * @hash:        [out] KSECDD_TLS_SHA256 or _SHA384
 * @group:       [out] group of the key exchange, IANA's number, or 0
 * @key_bits:    [out] length of the cipher's key
 * @header:      [out] SecPkgContext_StreamSizes.cbHeader
 * @trailer:     [out] SecPkgContext_StreamSizes.cbTrailer
 * @max_message: [out] SecPkgContext_StreamSizes.cbMaximumMessage
 * @__reserved:  [out] 0
 */
struct ksecdd_tls_info {
	__u16 version;
	__u16 suite;
	__u8 cipher;
	__u8 hash;
	__u16 group;
	__u32 key_bits;
	__u32 header;
	__u32 trailer;
	__u32 max_message;
	__u32 __reserved[2];
};

#endif /* _UAPI_LINUX_KSECDD_TLS_H */
