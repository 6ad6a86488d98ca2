// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of a logon can be nowhere but in this process until the logon is over: the
 * library's context of a DCE style logon between its two legs, which the library
 * cannot write down; a ticket that the client has delegated, which is a secret; and his
 * SIDs: both are larger than the state that the module keeps.
 *
 * A restart of the daemon loses it.  A place is found again by a random cookie, which
 * only the module is told; the number of the context alone would begin again with
 * another module.
 *
 * There are few places, and each is free again after a time.  When all are taken
 * the oldest goes: to refuse the newest would let whoever has a ticket and never
 * confirms shut everybody else out.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "helper/kerberos/library.h"
#include "helper/log.h"

#define PLACES		128
#define PLACE_SECONDS	60	/* that a client may take */
#define SAY_SECONDS	60	/* between two lines in the log */

/* struct place - a logon that waits; free if @kept holds nothing */
struct place {
	struct kerberos_kept kept;
	uint64_t context;
	time_t end;
	uint8_t cookie[KERBEROS_COOKIE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* protects the places */
static struct place places[PLACES];

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec;
}

/**
 * kerberos_kept_clear() - end, wipe and free what is kept of a logon
 * @kept: the logon; holds nothing afterwards
 */
void kerberos_kept_clear(struct kerberos_kept *kept)
{
	OM_uint32 minor;

	if (kept->ctx)
		gss_delete_sec_context(&minor, &kept->ctx, GSS_C_NO_BUFFER);
	if (kept->tgt) {
		explicit_bzero(kept->tgt, kept->tgt_len);
		free(kept->tgt);
	}
	free(kept->sids);
	*kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
}

static bool is_taken(const struct place *place)
{
	return place->kept.ctx || place->kept.tgt || place->kept.sids;
}

static void empty(struct place *place)
{
	kerberos_kept_clear(&place->kept);
	explicit_bzero(place, sizeof(*place));
}

static void reap(time_t t)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (is_taken(&places[i]) && places[i].end <= t)
			empty(&places[i]);
}

/* A free place, or the one that has waited longest. */
static struct place *find_place(time_t t)
{
	static time_t said = -SAY_SECONDS;
	struct place *oldest = places;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (!is_taken(&places[i]))
			return &places[i];
		if (places[i].end < oldest->end)
			oldest = &places[i];
	}
	if (said + SAY_SECONDS <= t) {
		said = t;
		log_notice("%d half-open logons wait for their clients; the oldest have to go, "
			   "context %llu first", PLACES, (unsigned long long)oldest->context);
	}
	empty(oldest);
	return oldest;
}

/**
 * kerberos_half_open_put() - keep a logon until it goes on
 * @context: number of the context it belongs to
 * @kept: the logon, of which @cookie is all that is left here, also after an error
 * @cookie: finds it again
 *
 * Return: 0; -errno without random bytes.
 */
int kerberos_half_open_put(uint64_t context, struct kerberos_kept *kept,
			   uint8_t cookie[KERBEROS_COOKIE])
{
	struct place *place;
	time_t t = now();

	if (getrandom(cookie, KERBEROS_COOKIE, 0) != KERBEROS_COOKIE) {
		kerberos_kept_clear(kept);
		return -EIO;
	}
	pthread_mutex_lock(&lock);
	reap(t);
	place = find_place(t);
	place->kept = *kept;
	place->context = context;
	place->end = t + PLACE_SECONDS;
	memcpy(place->cookie, cookie, KERBEROS_COOKIE);
	pthread_mutex_unlock(&lock);
	*kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
	return 0;
}

/**
 * kerberos_half_open_take() - the logon goes on
 * @context: number of the context
 * @cookie: from kerberos_half_open_put()
 * @kept: receives the logon, for kerberos_kept_clear()
 *
 * Return: false if it is not there any more; @kept holds nothing then.
 */
bool kerberos_half_open_take(uint64_t context, const uint8_t cookie[KERBEROS_COOKIE],
			     struct kerberos_kept *kept)
{
	bool found = false;
	size_t i;

	*kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
	pthread_mutex_lock(&lock);
	reap(now());
	for (i = 0; i < PLACES && !found; i++) {
		if (!is_taken(&places[i]) || places[i].context != context ||
		    memcmp(places[i].cookie, cookie, KERBEROS_COOKIE))
			continue;
		*kept = places[i].kept;
		places[i].kept = (struct kerberos_kept){ .ctx = GSS_C_NO_CONTEXT };
		empty(&places[i]);
		found = true;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

/**
 * kerberos_half_open_drop() - drop what is kept of a context that is not half-open
 * @context: number of the context
 */
void kerberos_half_open_drop(uint64_t context)
{
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < PLACES; i++)
		if (is_taken(&places[i]) && places[i].context == context)
			empty(&places[i]);
	pthread_mutex_unlock(&lock);
}

/**
 * kerberos_half_open_reap() - drop the logons whose clients have not come back
 */
void kerberos_half_open_reap(void)
{
	pthread_mutex_lock(&lock);
	reap(now());
	pthread_mutex_unlock(&lock);
}

/**
 * kerberos_half_open_clear() - drop all of them, when the daemon ends
 */
void kerberos_half_open_clear(void)
{
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < PLACES; i++)
		empty(&places[i]);
	pthread_mutex_unlock(&lock);
}
