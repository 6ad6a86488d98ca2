// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stores of what waits for the next token of a client.
 *
 * A restart of the daemon loses it.  It is found again by a random cookie, which only
 * the module is told; the number of the context alone would begin again with another
 * module.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "helper/half_open.h"
#include "helper/log.h"

#define SAY_SECONDS	60	/* between two lines in the log */

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

/* Takes what is there away; its place is free. */
static void *empty(struct half_open *store, struct half_open_place *place)
{
	void *item = place->item;

	explicit_bzero(place, sizeof(*place));
	store->taken--;
	return item;
}

static void reap(struct half_open *store, time_t t)
{
	size_t i;

	for (i = 0; i < store->n && store->taken; i++)
		if (store->places[i].item && store->places[i].end <= t)
			store->destroy(empty(store, &store->places[i]));
}

/* A free place, or the one that has waited longest. */
static struct half_open_place *find_place(struct half_open *store, time_t t)
{
	struct half_open_place *oldest = store->places;
	size_t i;

	for (i = 0; i < store->n; i++) {
		if (!store->places[i].item)
			return &store->places[i];
		if (store->places[i].end < oldest->end)
			oldest = &store->places[i];
	}
	if (!store->said || store->said + SAY_SECONDS <= t) {
		store->said = t;
		log_notice("%zu %s wait for their clients; the oldest have to go, context %llu "
			   "first", store->n, store->what, (unsigned long long)oldest->context);
	}
	store->destroy(empty(store, oldest));
	return oldest;
}

/**
 * half_open_put() - keep something until its client goes on
 * @store: where
 * @context: number of the context it belongs to
 * @item: what; the store's, also after an error, when it is destroyed
 * @cookie: finds it again
 *
 * Return: 0; -EIO without random bytes.
 */
int half_open_put(struct half_open *store, uint64_t context, void *item,
		  uint8_t cookie[HALF_OPEN_COOKIE])
{
	struct half_open_place *place;
	time_t t = now();

	if (getrandom(cookie, HALF_OPEN_COOKIE, 0) != HALF_OPEN_COOKIE) {
		store->destroy(item);
		return -EIO;
	}
	pthread_mutex_lock(&store->lock);
	reap(store, t);
	place = find_place(store, t);
	place->item = item;
	place->context = context;
	place->end = t + store->seconds;
	memcpy(place->cookie, cookie, HALF_OPEN_COOKIE);
	store->taken++;
	pthread_mutex_unlock(&store->lock);
	return 0;
}

/**
 * half_open_take() - its client goes on
 * @store: where it is
 * @context: number of the context
 * @cookie: from half_open_put()
 *
 * Return: what was kept, the caller's now; NULL - it is not there any more.
 */
void *half_open_take(struct half_open *store, uint64_t context,
		     const uint8_t cookie[HALF_OPEN_COOKIE])
{
	void *item = NULL;
	size_t i;

	pthread_mutex_lock(&store->lock);
	reap(store, now());
	for (i = 0; i < store->n && store->taken && !item; i++)
		if (store->places[i].item && store->places[i].context == context &&
		    !memcmp(store->places[i].cookie, cookie, HALF_OPEN_COOKIE))
			item = empty(store, &store->places[i]);
	pthread_mutex_unlock(&store->lock);
	return item;
}

/**
 * half_open_drop() - drop what is kept of a context that is not half-open
 * @store: where
 * @context: number of the context
 */
void half_open_drop(struct half_open *store, uint64_t context)
{
	size_t i;

	pthread_mutex_lock(&store->lock);
	for (i = 0; i < store->n && store->taken; i++)
		if (store->places[i].item && store->places[i].context == context)
			store->destroy(empty(store, &store->places[i]));
	pthread_mutex_unlock(&store->lock);
}

/**
 * half_open_reap() - drop what has waited too long
 * @store: where
 */
void half_open_reap(struct half_open *store)
{
	pthread_mutex_lock(&store->lock);
	reap(store, now());
	pthread_mutex_unlock(&store->lock);
}

/**
 * half_open_clear() - drop all, when the daemon ends
 * @store: where
 */
void half_open_clear(struct half_open *store)
{
	size_t i;

	pthread_mutex_lock(&store->lock);
	for (i = 0; i < store->n && store->taken; i++)
		if (store->places[i].item)
			store->destroy(empty(store, &store->places[i]));
	pthread_mutex_unlock(&store->lock);
}
