/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of fault-sspi know of each other.
 */
#ifndef KSECDD_SELFTESTS_FAULT_SSPI_H
#define KSECDD_SELFTESTS_FAULT_SSPI_H

#include <sspi.h>

#include "sweep.h"

/* A row whose functions are called prefix_run() and prefix_after() */
#define CALL(title, prefix, result, what, ...)						\
	{ .name = title, .faults = &sweep_sspi, .want = result, .arg = what,		\
	  .run = prefix##_run, .after = prefix##_after, __VA_ARGS__ }

#define FAULT_TOKEN_ROWS	4

extern const struct sweep fault_token_rows[FAULT_TOKEN_ROWS];

void session_begin(const void *arg);
PCtxtHandle session_context(void);
void session_end(const void *arg);

#endif /* KSECDD_SELFTESTS_FAULT_SSPI_H */
