// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DCE style logons between their two legs.
 *
 * The library cannot write such a context down, so it stays here until the client
 * has confirmed the AP-REP: the one thing that a restart of the daemon loses.  A
 * place is found again by a random cookie, which only the module is told; the
 * number of the context alone would begin again with another module.
 *
 * There are few places, and each is free again after a time.  When all are taken
 * the oldest goes: to refuse the newest would let whoever has a ticket and never
 * confirms shut everybody else out.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "helper/kerberos/library.h"
#include "helper/log.h"

#define PLACES		128
#define PLACE_SECONDS	60	/* that a client may take */
#define SAY_SECONDS	60	/* between two lines in the log */

/* struct place - a logon that waits; free if @ctx is GSS_C_NO_CONTEXT */
struct place {
	gss_ctx_id_t ctx;
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

static void empty(struct place *place)
{
	OM_uint32 minor;

	if (place->ctx)
		gss_delete_sec_context(&minor, &place->ctx, GSS_C_NO_BUFFER);
	explicit_bzero(place, sizeof(*place));
}

static void reap(time_t t)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (places[i].ctx && places[i].end <= t)
			empty(&places[i]);
}

/* A free place, or the one that has waited longest. */
static struct place *find_place(time_t t)
{
	static time_t said = -SAY_SECONDS;
	struct place *oldest = places;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		if (!places[i].ctx)
			return &places[i];
		if (places[i].end < oldest->end)
			oldest = &places[i];
	}
	if (said + SAY_SECONDS <= t) {
		said = t;
		log_notice("%d DCE style logons wait for their clients; the oldest have to go, "
			   "context %llu first", PLACES, (unsigned long long)oldest->context);
	}
	empty(oldest);
	return oldest;
}

/**
 * kerberos_half_open_put() - keep a logon until its client comes back
 * @context: number of the context it belongs to
 * @ctx: the logon, which belongs to this file from now on, also after an error
 * @cookie: finds it again
 *
 * Return: 0; -errno without random bytes.
 */
int kerberos_half_open_put(uint64_t context, gss_ctx_id_t ctx, uint8_t cookie[KERBEROS_COOKIE])
{
	struct place *place;
	OM_uint32 minor;
	time_t t = now();

	if (getrandom(cookie, KERBEROS_COOKIE, 0) != KERBEROS_COOKIE) {
		gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
		return -EIO;
	}
	pthread_mutex_lock(&lock);
	reap(t);
	place = find_place(t);
	place->ctx = ctx;
	place->context = context;
	place->end = t + PLACE_SECONDS;
	memcpy(place->cookie, cookie, KERBEROS_COOKIE);
	pthread_mutex_unlock(&lock);
	return 0;
}

/**
 * kerberos_half_open_take() - the logon whose client has come back
 * @context: number of the context
 * @cookie: from kerberos_half_open_put()
 *
 * Return: the logon, which is the caller's, or GSS_C_NO_CONTEXT.
 */
gss_ctx_id_t kerberos_half_open_take(uint64_t context, const uint8_t cookie[KERBEROS_COOKIE])
{
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	size_t i;

	pthread_mutex_lock(&lock);
	reap(now());
	for (i = 0; i < PLACES; i++) {
		if (!places[i].ctx || places[i].context != context ||
		    memcmp(places[i].cookie, cookie, KERBEROS_COOKIE))
			continue;
		ctx = places[i].ctx;
		places[i].ctx = GSS_C_NO_CONTEXT;
		empty(&places[i]);
		break;
	}
	pthread_mutex_unlock(&lock);
	return ctx;
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
