// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

/**
 * fuzz_take8() - the next byte
 * @in: the input
 *
 * Return: the byte; 0 at the end.
 */
uint8_t fuzz_take8(struct fuzz_input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

uint16_t fuzz_take16(struct fuzz_input *in)
{
	uint16_t low = fuzz_take8(in);

	return low | (uint16_t)(fuzz_take8(in) << 8);
}

uint32_t fuzz_take32(struct fuzz_input *in)
{
	uint32_t low = fuzz_take16(in);

	return low | (uint32_t)fuzz_take16(in) << 16;
}

uint64_t fuzz_take64(struct fuzz_input *in)
{
	uint64_t low = fuzz_take32(in);

	return low | (uint64_t)fuzz_take32(in) << 32;
}

/**
 * fuzz_take_below() - a number
 * @in: the input
 * @limit: what it is less than, at least 1
 *
 * Return: the number, from one byte if that is enough.
 */
uint32_t fuzz_take_below(struct fuzz_input *in, uint32_t limit)
{
	if (limit <= 0x100)
		return fuzz_take8(in) % limit;
	return (limit <= 0x10000 ? fuzz_take16(in) : fuzz_take32(in)) % limit;
}

/**
 * fuzz_copy() - a copy that ends where its memory ends
 * @src: the bytes
 * @len: their number
 *
 * Return: the copy, to be freed; memory of its own even if @len is 0.
 */
void *fuzz_copy(const void *src, size_t len)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	if (len)
		memcpy(copy, src, len);
	return copy;
}

static uint8_t *take(struct fuzz_input *in, size_t len)
{
	uint8_t *copy = fuzz_copy(in->data, len);

	in->data += len;
	in->len -= len;
	return copy;
}

/**
 * fuzz_take_bytes() - a number of bytes that the input says in front of them
 * @in: the input
 * @max: the most
 * @ret_len: their number
 *
 * Return: a copy, to be freed.
 */
uint8_t *fuzz_take_bytes(struct fuzz_input *in, size_t max, size_t *ret_len)
{
	size_t len = max < 0x100 ? fuzz_take8(in) : fuzz_take16(in);

	if (len > max)
		len %= max + 1;
	if (len > in->len)
		len = in->len;
	*ret_len = len;
	return take(in, len);
}

/**
 * fuzz_take_text() - a string, up to a NUL in the input
 * @in: the input
 * @max: the most bytes before the NUL
 *
 * Return: a copy with its NUL, to be freed.
 */
char *fuzz_take_text(struct fuzz_input *in, size_t max)
{
	size_t len = 0;
	char *text;

	while (len < max && len < in->len && in->data[len])
		len++;
	text = malloc(len + 1);
	if (!text)
		abort();
	if (len)
		memcpy(text, in->data, len);
	text[len] = '\0';
	in->data += len;
	in->len -= len;
	fuzz_take8(in);
	return text;
}

/**
 * fuzz_take_rest() - all that is left
 * @in: the input, empty afterwards
 * @ret_len: its length in bytes
 *
 * Return: a copy, to be freed.
 */
uint8_t *fuzz_take_rest(struct fuzz_input *in, size_t *ret_len)
{
	*ret_len = in->len;
	return take(in, in->len);
}

/**
 * fuzz_is_all() - whether memory holds one byte all over
 * @memory: the memory
 * @value: the byte
 * @len: number of bytes
 */
bool fuzz_is_all(const void *memory, uint8_t value, size_t len)
{
	const uint8_t *p = memory;

	while (len && *p == value) {
		p++;
		len--;
	}
	return !len;
}

/**
 * fuzz_is_within() - whether memory is a part of other memory
 * @part: the memory; may be anything if @part_len is 0
 * @part_len: its length in bytes
 * @whole: the other
 * @whole_len: its length in bytes
 */
bool fuzz_is_within(const void *part, size_t part_len, const void *whole, size_t whole_len)
{
	uintptr_t p = (uintptr_t)part, w = (uintptr_t)whole;

	return !part_len || (p >= w && part_len <= whole_len && p - w <= whole_len - part_len);
}

/**
 * fuzz_fail() - say what does not hold, and die of it, so that libFuzzer keeps the input
 * @file: of the source
 * @line: in it
 * @format: as for printf()
 */
void fuzz_fail(const char *file, int line, const char *format, ...)
{
	char text[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Not by stdio: a target may have put something else in the place of stderr. */
	dprintf(STDERR_FILENO, "fuzz: %s:%d: %s\n", file, line, n < 0 ? format : text);
	abort();
}
