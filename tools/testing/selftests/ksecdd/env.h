/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is around a test: the module's parameters, its counters, and who the test
 * runs as.
 */
#ifndef KSECDD_SELFTESTS_ENV_H
#define KSECDD_SELFTESTS_ENV_H

#include <stdbool.h>
#include <stdint.h>

#include "helper/family.h"

/* A user who is nobody else in the guest */
#define ENV_UID		54321
#define ENV_UID2	54322

void param_set(const char *name, unsigned int value);
void params_restore(void);

struct family_status status_now(void);
bool same_gauges(const struct family_status *now, const struct family_status *want);
void check_gauges(const struct family_status *want);

void become(uint32_t uid);
void user_namespace(void);
int module_load(void);
int module_unload(void);
void module_must_unload(void);

bool write_file(const char *path, const char *text);
bool read_file(const char *path, char *buf, size_t size);

#endif /* KSECDD_SELFTESTS_ENV_H */
