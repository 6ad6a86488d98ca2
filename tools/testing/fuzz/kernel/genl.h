/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The family "ksecdd" without a library between, so that messages may be wrong.
 */
#ifndef KSECDD_FUZZ_GENL_H
#define KSECDD_FUZZ_GENL_H

#include "run.h"

/* What there is now of everything; at the end of a program as much as before. */
#define GENL_GAUGES	5

void genl_init(void);
uint64_t genl_upcalls(void);
void genl_gauges(uint64_t gauges[GENL_GAUGES]);
bool genl_end_requests(struct world *w);
void genl_drain(struct world *w, size_t from, size_t slot);
long run_socket(struct world *w, const struct call *call);
long run_netlink(struct world *w, const struct call *call);

extern const struct shape genl_attr_shape;

#endif /* KSECDD_FUZZ_GENL_H */
