// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GnuTLS's memory.  Of a session that has ended it wipes most, but not the master secret
 * of TLS 1.2, from which all keys follow; so nothing is given back unwiped.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "helper/tls/server.h"

static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* What moves leaves nothing behind. */
static void *wipe_and_realloc(void *p, size_t size)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (p && size <= had)
		return p;
	moved = malloc(size);
	if (!moved)
		return NULL;
	if (p)
		memcpy(moved, p, had);
	wipe_and_free(p);
	return moved;
}

static void take_over(void)
{
	gnutls_free = wipe_and_free;
	gnutls_realloc = wipe_and_realloc;
}

/**
 * tls_wipe_memory() - from now on GnuTLS wipes what it frees
 */
void tls_wipe_memory(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, take_over);
}
