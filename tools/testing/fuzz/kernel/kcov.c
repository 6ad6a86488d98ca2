// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Coverage of the module: the file of KCOV, and sets of places.
 *
 * Only what was built with -fsanitize-coverage writes there, which is the module.
 * A place is the distance of an address from the beginning of the module's .text.
 * The kernel takes the offset of its own randomization away from every address,
 * the module's included; it is a multiple of 2 MiB, and so does not show below
 * that.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kcov.h"

#define KCOV_FILE	"/sys/kernel/debug/kcov"
#define SECTIONS	"/sys/module/ksecdd/sections/"

/* <linux/kcov.h>, which programs do not get */
#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0

/* Addresses of one program; loops write one each time round. */
#define KCOV_WORDS	((size_t)1 << 16)

static uint64_t text;

static uint64_t section(const char *name)
{
	char path[128], line[32] = "";
	uint64_t base = 0;
	FILE *f;

	snprintf(path, sizeof(path), SECTIONS "%s", name);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		base = strtoull(line, NULL, 16);
	if (f)
		fclose(f);
	return base;
}

/**
 * kcov_init() - find out where the module is
 *
 * Return: false if this kernel has no KCOV
 */
bool kcov_init(void)
{
	text = section(".text");
	return text && !access(KCOV_FILE, R_OK | W_OK);
}

/**
 * kcov_open() - make a place for a thread's coverage
 * @kcov: filled in
 *
 * Return: false if this kernel has no KCOV
 */
bool kcov_open(struct kcov *kcov)
{
	void *area;

	kcov->fd = open(KCOV_FILE, O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0)
		return false;
	if (ioctl(kcov->fd, KCOV_INIT_TRACE, KCOV_WORDS))
		goto fail;
	area = mmap(NULL, KCOV_WORDS * sizeof(*kcov->area), PROT_READ | PROT_WRITE, MAP_SHARED,
		    kcov->fd, 0);
	if (area == MAP_FAILED)
		goto fail;
	kcov->area = area;
	return true;
fail:
	close(kcov->fd);
	kcov->fd = -1;
	return false;
}

/**
 * kcov_close() - end what kcov_open() began
 * @kcov: the place
 */
void kcov_close(struct kcov *kcov)
{
	if (kcov->fd < 0)
		return;
	munmap(kcov->area, KCOV_WORDS * sizeof(*kcov->area));
	close(kcov->fd);
	kcov->fd = -1;
}

/**
 * kcov_enable() - write this thread's coverage
 * @kcov: where to
 *
 * Return: false if that is not possible
 */
bool kcov_enable(struct kcov *kcov)
{
	return kcov->fd >= 0 && !ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC);
}

/**
 * kcov_reset() - forget what was written
 * @kcov: the place
 */
void kcov_reset(struct kcov *kcov)
{
	if (kcov->fd >= 0)
		__atomic_store_n(&kcov->area[0], 0, __ATOMIC_RELAXED);
}

/**
 * kcov_list() - the places that were covered
 * @kcov:   where it was written
 * @places: list to which they are appended
 * @n:      how many are there
 * @max:    how many have room
 *
 * Return: how many are there now
 */
size_t kcov_list(const struct kcov *kcov, uint32_t *places, size_t n, size_t max)
{
	uint64_t i, count;

	if (kcov->fd < 0)
		return n;
	count = __atomic_load_n(&kcov->area[0], __ATOMIC_RELAXED);
	for (i = 1; i <= count && i < KCOV_WORDS && n < max; i++)
		places[n++] = (uint32_t)((kcov->area[i] - text) & (COVER_BYTES - 1));
	return n;
}

/**
 * cover_has() - is a place in a set?
 * @cover: the set
 * @place: the place
 *
 * Return: true if so
 */
bool cover_has(const struct cover *cover, uint32_t place)
{
	return cover->bits[place / 8] & 1 << place % 8;
}

/**
 * cover_new() - how many of some places are not in a set
 * @cover:  the set
 * @places: the places, which may be there more than once
 * @n:      how many
 *
 * Return: their number, those that are there more than once counted so
 */
size_t cover_new(const struct cover *cover, const uint32_t *places, size_t n)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += !cover_has(cover, places[i]);
	return count;
}

/**
 * cover_add() - put places into a set
 * @cover:  the set
 * @places: the places
 * @n:      how many
 *
 * Return: how many were not in it
 */
size_t cover_add(struct cover *cover, const uint32_t *places, size_t n)
{
	size_t i, before = cover->n;

	for (i = 0; i < n; i++) {
		if (cover_has(cover, places[i]))
			continue;
		cover->bits[places[i] / 8] |= (uint8_t)(1 << places[i] % 8);
		cover->n++;
	}
	return cover->n - before;
}

/**
 * cover_write() - write a set to a file, for tools/testing/fuzz/kernel/coverage
 * @cover: the set
 * @f:     the file: a line for where each of the module's sections of code begins,
 *         and one for each place
 *
 * Return: false with errno
 */
bool cover_write(const struct cover *cover, FILE *f)
{
	static const char *const names[] = {
		".text", ".text.unlikely", ".text.hot", ".exit.text", ".init.text",
	};
	uint32_t place;
	uint64_t base;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		base = section(names[i]);
		if (base)
			fprintf(f, "%s %#x\n", names[i],
				(uint32_t)((base - text) & (COVER_BYTES - 1)));
	}
	for (place = 0; place < COVER_BYTES; place++)
		if (cover_has(cover, place))
			fprintf(f, "%#x\n", place);
	return !ferror(f);
}
