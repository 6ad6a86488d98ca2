/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be true whatever a program does.
 */
#ifndef KSECDD_FUZZ_ORACLE_H
#define KSECDD_FUZZ_ORACLE_H

#include "run.h"

void oracle_ioctl(struct world *w, const struct call *call, long ret, const int32_t *status,
		  const struct waiter *waiter);
void oracle_message(struct world *w, const struct call *call, int32_t status);
bool oracle_logon(struct world *w);

#endif /* KSECDD_FUZZ_ORACLE_H */
