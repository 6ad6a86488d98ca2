// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that is handed to the kernel.
 *
 * It is shared, so that what a child's call has written is seen here.  Few pieces are
 * of the kind that can only be read; these are mapped twice.  A child gets a copy of
 * every mapping, so there are not many more than are needed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

#define PAGE		((size_t)4096)
#define MARGIN		((size_t)64)
#define MARK		0xc5
#define MAX_PIECES	512
#define MAX_COPIES	((size_t)1 << 18)

#define KERNEL_ADDRESS	0xffff888000001000
#define WILD_ADDRESS	0x8000000000000000

/* Cells, each with a page behind it that cannot be touched, by size and kind */
static struct cells {
	size_t pages;
	size_t count;
	bool readonly;
	uint8_t *ours;
	uint8_t *theirs;	/* as the kernel is told; the same, or the mapping to read */
	size_t used;
} cells[] = {
	{ .pages = 2, .count = 128 },
	{ .pages = 18, .count = 12 },
	{ .pages = 261, .count = 2 },
	{ .pages = 2, .count = 4, .readonly = true },
	{ .pages = 261, .count = 1, .readonly = true },
};

/* What has been handed out, and what must be in it still */
static struct {
	uint8_t *at;
	size_t len;
	const uint8_t *copy;
} pieces[MAX_PIECES];
static size_t npieces;

static uint8_t copies[MAX_COPIES];
static size_t copied;

static void *map(void *at, size_t len, int prot, int flags, int fd, size_t offset)
{
	void *p = mmap(at, len, prot, flags, fd, (off_t)offset);

	if (p == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return p;
}

static uint8_t *map_cells(const struct cells *c, int prot, int fd, size_t offset)
{
	size_t step = (c->pages + 1) * PAGE, i;
	uint8_t *p = map(NULL, c->count * step, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	for (i = 0; i < c->count; i++)
		map(p + i * step, c->pages * PAGE, prot, MAP_SHARED | MAP_FIXED, fd,
		    offset + i * c->pages * PAGE);
	return p;
}

/**
 * memory_init() - map all memory
 *
 * To be called once.
 */
void memory_init(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	size_t offset = 0;
	struct cells *c;

	if (fd < 0 || ftruncate(fd, (off_t)(PAGE << 16))) {
		perror("memfd");
		exit(1);
	}
	for (c = cells; c < cells + ARRAY_SIZE(cells); c++) {
		c->ours = map_cells(c, PROT_READ | PROT_WRITE, fd, offset);
		c->theirs = c->readonly ? map_cells(c, PROT_READ, fd, offset) : c->ours;
		offset += c->count * c->pages * PAGE;
	}
	close(fd);
}

/**
 * memory_reset() - take all pieces back
 */
void memory_reset(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cells); i++)
		cells[i].used = 0;
	npieces = 0;
	copied = 0;
}

/* The last cell serves for all that come too late; nothing is checked there. */
static uint8_t *get_cell(struct cells *c, bool *shared)
{
	size_t step = (c->pages + 1) * PAGE;

	*shared = c->used == c->count;
	return c->ours + (*shared ? c->count - 1 : c->used++) * step;
}

static struct piece get(size_t len, size_t cut, bool readonly)
{
	struct cells *c = cells;
	struct piece piece = {};
	uint8_t *cell;
	bool shared;

	while (c->readonly != readonly || len + MARGIN > c->pages * PAGE)
		c++;
	cell = get_cell(c, &shared);
	piece.len = len - cut;
	piece.at = cell + c->pages * PAGE - piece.len;
	piece.addr = (uintptr_t)(c->theirs + (piece.at - c->ours));
	memset(piece.at - MARGIN, MARK, MARGIN);
	if (shared || npieces == MAX_PIECES)
		return piece;
	pieces[npieces].at = piece.at;
	pieces[npieces].len = piece.len;
	pieces[npieces++].copy = NULL;
	return piece;
}

/**
 * memory_get() - memory for an argument
 * @v:   says where
 * @len: bytes
 *
 * Return: the piece, whose bytes are anything
 */
struct piece memory_get(const struct value *v, size_t len)
{
	struct piece piece = {};

	switch (v->place) {
	case PLACE_NULL:
		break;
	case PLACE_KERNEL:
		piece.addr = KERNEL_ADDRESS;
		break;
	case PLACE_WILD:
		piece.addr = WILD_ADDRESS;
		break;
	case PLACE_UNMAPPED:
		piece.addr = (uintptr_t)cells[0].ours + cells[0].pages * PAGE;
		break;
	default:
		/* What no call takes needs no memory; the end of memory will do. */
		if (len > MEMORY_MAX)
			len = MEMORY_MAX;
		return get(len, v->place == PLACE_CUT && v->cut < len ? v->cut : 0,
			   v->place == PLACE_READONLY);
	}
	return piece;
}

/**
 * memory_protect() - the kernel must not change what is in a piece now
 * @piece: the piece that memory_get() has given last
 */
void memory_protect(const struct piece *piece)
{
	if (!piece->at || !npieces || pieces[npieces - 1].at != piece->at ||
	    piece->len > MAX_COPIES - copied)
		return;
	pieces[npieces - 1].copy = memcpy(copies + copied, piece->at, piece->len);
	copied += piece->len;
}

/**
 * memory_rewritten() - we have ourselves changed what is in a piece, and the kernel must not
 * @at: where the piece is
 */
void memory_rewritten(const void *at)
{
	size_t i;

	for (i = 0; i < npieces; i++)
		if (pieces[i].at == at && pieces[i].copy)
			memcpy(copies + (pieces[i].copy - copies), at, pieces[i].len);
}

/**
 * memory_check() - look whether the kernel has written where it must not
 *
 * Return: what is wrong, or NULL
 */
const char *memory_check(void)
{
	size_t i, j;

	for (i = 0; i < npieces; i++) {
		for (j = 1; j <= MARGIN; j++)
			if (pieces[i].at[-(ssize_t)j] != MARK)
				return "bytes in front of a buffer were written";
		if (pieces[i].copy && memcmp(pieces[i].copy, pieces[i].at, pieces[i].len))
			return "a buffer that is only read was written";
	}
	return NULL;
}
