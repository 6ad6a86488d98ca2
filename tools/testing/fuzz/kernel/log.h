/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is being run, where it survives the guest: in files of the host.
 */
#ifndef KSECDD_FUZZ_LOG_H
#define KSECDD_FUZZ_LOG_H

#include <stddef.h>
#include <stdint.h>

void log_init(const char *folder);
void log_programs(char *const *texts, size_t n);

#endif /* KSECDD_FUZZ_LOG_H */
