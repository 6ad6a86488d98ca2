/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a service says of an HTTP message to WDigest: the parameters of
 * KSECDD_IOC_ACCEPT with KSECDD_PARAMS_DIGEST.
 */
#ifndef _UAPI_LINUX_KSECDD_DIGEST_H
#define _UAPI_LINUX_KSECDD_DIGEST_H

#include <linux/types.h>

/* struct ksecdd_digest.flags */
#define KSECDD_DIGEST_COMPLETE	0x1	/* it is CompleteAuthToken() */

/* The parts of struct ksecdd_digest */
enum {
	KSECDD_DIGEST_METHOD,	/* method of the request */
	KSECDD_DIGEST_URI,	/* its target, as the request line has it */
	KSECDD_DIGEST_ENTITY,	/* hash of its body */
	KSECDD_DIGEST_REALM,	/* realm for the challenge */
	KSECDD_DIGEST_PARTS
};

/**
 * struct ksecdd_digest - parameters of WDigest
 * @flags: KSECDD_DIGEST_*
 * @len:   bytes of each part; 0 - the service has not given it
 * @data:  the parts in their order, without gaps.  The sum of @len is all that there is
 *
 * The module does not look into it; the helper answers one that is malformed with
 * SEC_E_INVALID_TOKEN.
 */
struct ksecdd_digest {
	__u32 flags;
	__u32 len[KSECDD_DIGEST_PARTS];
	__u8 data[];
};

#endif /* _UAPI_LINUX_KSECDD_DIGEST_H */
