/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is bad in a known way, to be given to ioctls.
 */
#ifndef KSECDD_SELFTESTS_MEM_H
#define KSECDD_SELFTESTS_MEM_H

#include <stddef.h>
#include <stdint.h>

#define MEM_BAD_POINTERS	6

/*
 * NULL, an address of the kernel, one that is none, one at the end of all of them,
 * one at the end of the user's, and one that is not mapped
 */
uint64_t mem_bad(unsigned int i);

void *mem_at_edge(const void *data, size_t len);
void *mem_across_edge(const void *data, size_t len, size_t behind);
void *mem_readonly(const void *data, size_t len);

#endif /* KSECDD_SELFTESTS_MEM_H */
