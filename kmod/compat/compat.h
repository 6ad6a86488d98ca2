/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels this module is built for, and nothing else.
 */
#ifndef _KSECDD_COMPAT_H
#define _KSECDD_COMPAT_H

#include <linux/version.h>

#endif /* _KSECDD_COMPAT_H */
