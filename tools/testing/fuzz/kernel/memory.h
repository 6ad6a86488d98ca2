/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is handed to the kernel: each piece ends right in front of a page
 * that nobody may touch, and begins behind bytes that nobody may change.
 */
#ifndef KSECDD_FUZZ_MEMORY_H
#define KSECDD_FUZZ_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program.h"

/* Larger pieces get no memory; the kernel takes no larger ones. */
#define MEMORY_MAX	((size_t)260 * 4096)

/**
 * struct piece - memory for an argument
 * @at:   where it is for us, NULL where nothing can be written
 * @addr: what the kernel is told
 * @len:  bytes of it that are there
 */
struct piece {
	uint8_t *at;
	uint64_t addr;
	size_t len;
};

void memory_init(void);
void memory_reset(void);
struct piece memory_get(const struct value *v, size_t len);
void memory_protect(const struct piece *piece);
void memory_rewritten(const void *at);
const char *memory_check(void);

#endif /* KSECDD_FUZZ_MEMORY_H */
