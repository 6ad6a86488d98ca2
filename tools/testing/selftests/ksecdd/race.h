/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that are run at the same moment, more or less.
 */
#ifndef KSECDD_SELFTESTS_RACE_H
#define KSECDD_SELFTESTS_RACE_H

#include "chance.h"

#define RACE_MAX	8

/* One of those who race; @data is the same for all of them */
typedef void (*race_fn)(void *data);

void race(struct chance *c, const race_fn *fns, unsigned int n, void *data, unsigned int most_us);

#endif /* KSECDD_SELFTESTS_RACE_H */
