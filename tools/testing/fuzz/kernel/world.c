// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the calls of a program have brought about, and its end: afterwards there is
 * as much of everything as before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "param.h"
#include "run.h"

/* Descriptors of programs begin here, away from our own. */
#define FIRST_FD	200

static uint64_t gauges[GENL_GAUGES];

/**
 * now_ms() - a clock for measuring
 *
 * Return: milliseconds since some moment
 */
uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/**
 * world_fail() - note what is wrong; only the first that is counts
 * @w:   the world
 * @fmt: what is wrong
 */
void world_fail(struct world *w, const char *fmt, ...)
{
	va_list args;

	if (w->failure[0])
		return;
	va_start(args, fmt);
	vsnprintf(w->failure, sizeof(w->failure), fmt, args);
	va_end(args);
}

/**
 * world_init() - what there is before the first program
 * @w: filled in
 */
void world_init(struct world *w)
{
	size_t i;

	memset(w, 0, sizeof(*w));
	for (i = 0; i < FILE_SLOTS; i++)
		w->files[i] = -1;
	memory_init();
	genl_init();
	fault_init();
	params_init();
	streams_init();
	kcov_open(&w->cover);
	kcov_open(&w->child_cover);
	kcov_enable(&w->cover);
	waiters_init(w);
	genl_gauges(gauges);
}

/* The descriptors that lead to one request file; when the last goes, it is over. */
static bool is_last(const struct world *w, size_t slot)
{
	size_t i;

	for (i = 0; i < FILE_SLOTS; i++)
		if (i != slot && w->open[i] && w->ids[i] == w->ids[slot])
			return false;
	return true;
}

/**
 * world_close_file() - close the descriptor of a slot
 * @w:    the world
 * @slot: the slot
 */
void world_close_file(struct world *w, size_t slot)
{
	struct waiter *waiter;

	if (!w->open[slot])
		return;
	close(w->files[slot]);
	w->open[slot] = false;
	waiter = waiter_of(w, w->ids[slot]);
	if (waiter && is_last(w, slot))
		waiter_finish(w, waiter);
}

/**
 * world_set_file() - put a descriptor into a slot
 * @w:    the world
 * @slot: the slot; what it had is closed
 * @fd:   the descriptor; it is closed, and has another number in the slot
 * @kind: what it is
 * @id:   of a request file: number of the request
 */
void world_set_file(struct world *w, size_t slot, int fd, enum slot_kind kind, uint64_t id)
{
	world_close_file(w, slot);
	w->files[slot] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD + (int)slot);
	close(fd);
	w->open[slot] = w->files[slot] >= 0;
	w->kinds[slot] = kind;
	w->ids[slot] = id;
	w->keys[slot] = (struct keys){};
	peer_free(w->peers[slot]);
	w->peers[slot] = NULL;
}

/**
 * world_is_over() - has a request come to its end?
 * @w:    the world
 * @slot: of its file
 *
 * Return: true if so
 */
bool world_is_over(const struct world *w, size_t slot)
{
	char nothing;

	return read(w->files[slot], &nothing, 0) < 0 && errno == ECANCELED;
}

/**
 * world_is() - is there an open file of some kind in a slot?
 * @w:    the world
 * @slot: the slot
 * @kind: the kind
 *
 * Return: true if so
 */
bool world_is(const struct world *w, size_t slot, enum slot_kind kind)
{
	return w->open[slot] && w->kinds[slot] == kind;
}

static void begin(struct world *w)
{
	size_t i;

	memory_reset();
	w->failure[0] = '\0';
	for (i = 0; i < FILE_SLOTS; i++) {
		w->files[i] = -1;
		w->ids[i] = 0;
	}
	for (i = 0; i < SLOTS; i++) {
		w->handles[i] = 0;
		w->keys[i] = (struct keys){};
		peer_free(w->peers[i]);
		w->peers[i] = NULL;
	}
	kcov_reset(&w->cover);
	kcov_reset(&w->child_cover);
	for (i = 0; i < WAITERS; i++)
		kcov_reset(&w->waiters[i].cover);
}

/* What is released by others takes a moment. */
static void check_gauges(struct world *w)
{
	static const char *const names[GENL_GAUGES] = {
		"contexts", "half-open contexts", "credentials", "files", "requests",
	};
	const struct timespec nap = { .tv_nsec = 5000000 };
	uint64_t until = now_ms() + PATIENCE_MS, now[GENL_GAUGES];
	size_t i;

	for (;;) {
		genl_gauges(now);
		if (!memcmp(now, gauges, sizeof(now)))
			return;
		if (now_ms() > until)
			break;
		nanosleep(&nap, NULL);
	}
	for (i = 0; i < GENL_GAUGES; i++)
		if (now[i] != gauges[i])
			world_fail(w, "%lld %s are left behind", (long long)(now[i] - gauges[i]),
				   names[i]);
	memcpy(gauges, now, sizeof(gauges));
}

static void end(struct world *w)
{
	const char *wrong;
	size_t i;

	/* Requests and sockets first: then whoever waits has nobody to wait for. */
	for (i = FILE_SLOTS; i-- > 0;)
		world_close_file(w, i);
	waiters_collect(w);
	if (waiters_busy(w))
		genl_end_requests(w);
	params_restore();
	wrong = memory_check();
	if (wrong)
		world_fail(w, "%s", wrong);
	check_gauges(w);
}

/**
 * world_run() - carry a program out
 * @w: the world; w->failure says what was wrong
 * @p: the program
 */
void world_run(struct world *w, const struct program *p)
{
	size_t i;

	begin(w);
	for (i = 0; i < p->n; i++) {
		p->calls[i].desc->run(w, &p->calls[i]);
		waiters_collect(w);
		w->calls++;
	}
	end(w);
}
