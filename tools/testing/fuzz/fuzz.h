/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzz targets share: taking an input apart, and judging.
 *
 * A target takes its input apart with the functions here; at the end of the input
 * they go on with zeroes, so that each input means something.  What they copy
 * lies in memory that ends where the copy ends, so that ASan sees one byte too
 * many.
 */
#ifndef KSECDD_FUZZ_H
#define KSECDD_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libFuzzer calls this with each input; it returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * struct fuzz_input - what is left of an input
 * @data: the bytes
 * @len:  their number
 */
struct fuzz_input {
	const uint8_t *data;
	size_t len;
};

uint8_t fuzz_take8(struct fuzz_input *in);
uint16_t fuzz_take16(struct fuzz_input *in);
uint32_t fuzz_take32(struct fuzz_input *in);
uint64_t fuzz_take64(struct fuzz_input *in);
uint32_t fuzz_take_below(struct fuzz_input *in, uint32_t limit);
uint8_t *fuzz_take_bytes(struct fuzz_input *in, size_t max, size_t *ret_len);
char *fuzz_take_text(struct fuzz_input *in, size_t max);
uint8_t *fuzz_take_rest(struct fuzz_input *in, size_t *ret_len);

void *fuzz_copy(const void *src, size_t len);
bool fuzz_is_all(const void *memory, uint8_t value, size_t len);
bool fuzz_is_within(const void *part, size_t part_len, const void *whole, size_t whole_len);

void fuzz_fail(const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

/* What must hold; the rest is a printf() format and says what it means if not. */
#define fuzz_assert(condition, ...)					\
	do {								\
		if (!(condition))					\
			fuzz_fail(__FILE__, __LINE__, __VA_ARGS__);	\
	} while (0)

#endif /* KSECDD_FUZZ_H */
