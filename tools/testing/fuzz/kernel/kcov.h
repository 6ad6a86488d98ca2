/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the module has been executed: Documentation/dev-tools/kcov.rst.
 */
#ifndef KSECDD_FUZZ_KCOV_H
#define KSECDD_FUZZ_KCOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* No module is larger; addresses are counted from the beginning of its code. */
#define COVER_BYTES	((size_t)1 << 21)

/**
 * struct kcov - where one thread's coverage is written
 * @fd:   its file, -1 - there is none
 * @area: the kernel's words: how many, and then the addresses
 */
struct kcov {
	int fd;
	uint64_t *area;
};

/**
 * struct cover - a set of places in the module's code
 * @n:    how many
 * @bits: a bit for each byte of code
 */
struct cover {
	size_t n;
	uint8_t bits[COVER_BYTES / 8];
};

bool kcov_init(void);
bool kcov_open(struct kcov *kcov);
void kcov_close(struct kcov *kcov);
bool kcov_enable(struct kcov *kcov);
void kcov_reset(struct kcov *kcov);
size_t kcov_list(const struct kcov *kcov, uint32_t *places, size_t n, size_t max);

bool cover_has(const struct cover *cover, uint32_t place);
size_t cover_new(const struct cover *cover, const uint32_t *places, size_t n);
size_t cover_add(struct cover *cover, const uint32_t *places, size_t n);
bool cover_write(const struct cover *cover, FILE *f);

#endif /* KSECDD_FUZZ_KCOV_H */
