/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel as libsspi sees it, for targets: what libsspi/device.c would ask of the
 * device is asked of a function of the target.  It must keep to <linux/ksecdd.h>.
 */
#ifndef KSECDD_FUZZ_SSPI_KERNEL_H
#define KSECDD_FUZZ_SSPI_KERNEL_H

#include <stdbool.h>

#include "fuzz.h"
#include "libsspi/internal.h"

/*
 * What answers a call: gets KSECDD_IOC_* and its struct, and returns 0, with the
 * status in the struct, or an errno.
 */
extern int (*sspi_kernel)(unsigned long request, void *arg);

int32_t sspi_take_status(struct fuzz_input *in);
int sspi_take_errno(struct fuzz_input *in);

#endif /* KSECDD_FUZZ_SSPI_KERNEL_H */
