/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The module's parameters, as programs may set them.
 */
#ifndef KSECDD_FUZZ_PARAM_H
#define KSECDD_FUZZ_PARAM_H

#include <stddef.h>
#include <stdint.h>

#define PARAMS	13

void params_init(void);
long param_put(size_t i, uint64_t value);
void params_restore(void);
void params_end(void);

#endif /* KSECDD_FUZZ_PARAM_H */
