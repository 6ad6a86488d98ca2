/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a logon can be nowhere but in this process until the logon is over.
 */
#ifndef KSECD_HALF_OPEN_H
#define KSECD_HALF_OPEN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define HALF_OPEN_COOKIE	16	/* bytes that name what is kept */

/**
 * struct half_open_place - something that waits
 * @item:    what; NULL - the place is free
 * @context: number of the context it belongs to
 * @end:     when it has waited too long
 * @cookie:  finds it again
 */
struct half_open_place {
	void *item;
	uint64_t context;
	time_t end;
	uint8_t cookie[HALF_OPEN_COOKIE];
};

/**
 * struct half_open - a store
 * @what:    what waits in it, for the log: "half-open logons"
 * @seconds: how long
 * @places:  room
 * @n:       how many places
 * @destroy: wipe and free one; must not come back here
 * @lock:    protects all below, and the places
 * @taken:   places that are not free
 * @said:    when the log was told last that all are taken
 *
 * There are few places, and each is free again after a time.  When all are taken
 * the oldest goes: to refuse the newest would let whoever begins logons and never ends
 * them shut everybody else out.
 */
struct half_open {
	const char *what;
	time_t seconds;
	struct half_open_place *places;
	size_t n;
	void (*destroy)(void *item);
	pthread_mutex_t lock;
	size_t taken;
	time_t said;
};

/* HALF_OPEN_STORE() - a store of an array of places */
#define HALF_OPEN_STORE(text, time, array, destroy_item) {		\
	.what = (text),							\
	.seconds = (time),						\
	.places = (array),						\
	.n = sizeof(array) / sizeof((array)[0]),			\
	.destroy = (destroy_item),					\
	.lock = PTHREAD_MUTEX_INITIALIZER,				\
}

int half_open_put(struct half_open *store, uint64_t context, void *item,
		  uint8_t cookie[HALF_OPEN_COOKIE]);
void *half_open_take(struct half_open *store, uint64_t context,
		     const uint8_t cookie[HALF_OPEN_COOKIE]);
void half_open_drop(struct half_open *store, uint64_t context);
void half_open_reap(struct half_open *store);
void half_open_clear(struct half_open *store);

#endif /* KSECD_HALF_OPEN_H */
