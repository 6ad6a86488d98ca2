/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels this module is built for, and nothing else.
 */
#ifndef _KSECDD_COMPAT_H
#define _KSECDD_COMPAT_H

#include <linux/version.h>

/* crypto_memneq() moved out of crypto/algapi.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <crypto/utils.h>
#else
#include <crypto/algapi.h>
#endif

/* So did get_unaligned_be16() and its like, of asm/unaligned.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif /* _KSECDD_COMPAT_H */
