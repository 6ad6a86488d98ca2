// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory that is handed to the caller, who gives it back to FreeContextBuffer().
 *
 * Programs exist that give FreeContextBuffer() pointers to their own variables.
 * So the library remembers what it has handed out and frees nothing else, and
 * it must not look at the memory a pointer names to find out.  What is freed is
 * wiped first: it may be a session key.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "libsspi/internal.h"

#define BUCKETS		1024	/* a power of two */

/* Lies in front of the memory of the caller. */
struct block {
	struct block *next;
	size_t size;
	_Alignas(max_align_t) unsigned char data[];
};

static struct block *buckets[BUCKETS];
static pthread_mutex_t buckets_lock = PTHREAD_MUTEX_INITIALIZER;

/*
 * A thread that forks must not leave the child a table that another thread was
 * about to change.
 */
static void lock_buckets(void)
{
	pthread_mutex_lock(&buckets_lock);
}

static void unlock_buckets(void)
{
	pthread_mutex_unlock(&buckets_lock);
}

__attribute__((constructor))
static void prepare_for_fork(void)
{
	pthread_atfork(lock_buckets, unlock_buckets, unlock_buckets);
}

static struct block **bucket_of(const void *data)
{
	uintptr_t n = (uintptr_t)data;

	return &buckets[(n >> 4 ^ n >> 14) % BUCKETS];
}

static void block_insert(struct block *block)
{
	struct block **bucket = bucket_of(block->data);

	pthread_mutex_lock(&buckets_lock);
	block->next = *bucket;
	*bucket = block;
	pthread_mutex_unlock(&buckets_lock);
}

/* Takes the block with this memory out of the table; NULL if there is none. */
static struct block *block_remove(const void *data)
{
	struct block **link, *block;

	pthread_mutex_lock(&buckets_lock);
	for (link = bucket_of(data); (block = *link); link = &block->next) {
		if (block->data == data) {
			*link = block->next;
			break;
		}
	}
	pthread_mutex_unlock(&buckets_lock);
	return block;
}

/**
 * ksspi_alloc() - memory for the caller
 * @size: in bytes
 *
 * Return: zeroed memory that FreeContextBuffer() frees, or NULL
 */
void *ksspi_alloc(size_t size)
{
	struct block *block;

	if (size > PTRDIFF_MAX - sizeof(*block))
		return NULL;
	block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block_insert(block);
	return block->data;
}

/**
 * ksspi_shrink() - give back the end of some memory
 * @p:    from ksspi_alloc(), not yet known to the caller
 * @size: in bytes, at most what it has
 *
 * Return: the memory, which may have moved
 */
void *ksspi_shrink(void *p, size_t size)
{
	struct block *block = block_remove(p);
	struct block *smaller;

	explicit_bzero(block->data + size, block->size - size);
	smaller = realloc(block, sizeof(*block) + size);
	if (smaller) {
		block = smaller;
		block->size = size;
	}
	block_insert(block);
	return block->data;
}

/**
 * ksspi_free() - wipe and free memory
 * @p: from ksspi_alloc(), or anything else
 *
 * Return: false if it is anything else, and nothing happened
 */
bool ksspi_free(void *p)
{
	struct block *block = p ? block_remove(p) : NULL;

	if (!block)
		return false;
	explicit_bzero(block->data, block->size);
	free(block);
	return true;
}

/**
 * FreeContextBuffer() - free memory that this library allocated
 * @pvContextBuffer: the memory; NULL, such as the empty token of a last leg,
 *                   is fine
 *
 * Return: SEC_E_OK; SEC_E_INVALID_HANDLE for a pointer to anything else, which
 *         is left alone
 */
SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *pvContextBuffer)
{
	if (!pvContextBuffer || ksspi_free(pvContextBuffer))
		return SEC_E_OK;
	return SEC_E_INVALID_HANDLE;
}

/**
 * SspiLocalFree() - free memory that an Sspi function allocated
 * @DataBuffer: the memory; everything else is left alone
 */
VOID SEC_ENTRY SspiLocalFree(PVOID DataBuffer)
{
	ksspi_free(DataBuffer);
}
