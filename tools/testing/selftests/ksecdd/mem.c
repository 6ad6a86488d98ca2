// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is bad in a known way.
 *
 * Each kind has pages of its own, which the next call of the same function uses
 * again.
 */
#include <string.h>
#include <sys/mman.h>

#include "mem.h"
#include "suite.h"

#define PAGE	((size_t)4096)
#define PAGES	((size_t)4)

/* A few pages, and behind them as many that nobody may touch */
static uint8_t *map(uint8_t **pages)
{
	if (!*pages) {
		*pages = mmap(NULL, 2 * PAGES * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(*pages != MAP_FAILED);
		REQUIRE_SYS(mprotect(*pages + PAGES * PAGE, PAGES * PAGE, PROT_NONE));
	}
	return *pages;
}

/**
 * mem_bad() - a pointer that is no memory of this process
 * @i: which one, 0 to MEM_BAD_POINTERS - 1
 *
 * Return: the pointer
 */
uint64_t mem_bad(unsigned int i)
{
	static uint8_t *pages;

	switch (i) {
	case 0:
		return 0;
	case 1:
		return 0xffff888000001000;
	case 2:
		return 0x8000000000000000;
	case 3:
		return UINT64_MAX - 3;
	case 4:
		return 0x7ffffffff000 - 4;
	default:
		return (uintptr_t)map(&pages) + PAGES * PAGE;
	}
}

/**
 * mem_at_edge() - a copy right in front of memory that cannot be touched
 * @data: what to copy
 * @len:  its length in bytes, of a few pages at most
 *
 * Return: the copy
 */
void *mem_at_edge(const void *data, size_t len)
{
	static uint8_t *pages;
	uint8_t *p = map(&pages) + PAGES * PAGE - len;

	return memcpy(p, data, len);
}

/**
 * mem_across_edge() - a copy whose end cannot be touched
 * @data:   what to copy
 * @len:    its length in bytes
 * @behind: bytes of it that lie behind the edge
 *
 * Return: where the copy begins
 */
void *mem_across_edge(const void *data, size_t len, size_t behind)
{
	static uint8_t *pages;
	uint8_t *p = map(&pages) + PAGES * PAGE - len + behind;

	return memcpy(p, data, len - behind);
}

/**
 * mem_readonly() - a copy that can be read only
 * @data: what to copy
 * @len:  its length in bytes, of a few pages at most
 *
 * Return: the copy
 */
void *mem_readonly(const void *data, size_t len)
{
	static uint8_t *pages;
	uint8_t *p = map(&pages);

	REQUIRE_SYS(mprotect(p, PAGES * PAGE, PROT_READ | PROT_WRITE));
	memcpy(p, data, len);
	REQUIRE_SYS(mprotect(p, PAGES * PAGE, PROT_READ));
	return p;
}
