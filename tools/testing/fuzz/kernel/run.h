/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Carrying a program out.
 *
 * One thread does all calls in their order, be they a caller's or the helper's.
 * An ACCEPT waits for the helper, so it gets a thread or a child of its own; the
 * next call begins when that one waits or has returned, and a call that ends a
 * request is over when the ACCEPT has returned.  So the same program does the same
 * every time.
 */
#ifndef KSECDD_FUZZ_RUN_H
#define KSECDD_FUZZ_RUN_H

#include <semaphore.h>
#include <pthread.h>
#include <sys/types.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_tls.h>

#include "kcov.h"
#include "memory.h"
#include "peer.h"
#include "program.h"

#define WAITERS		4

/* A caller gets its answer after so long at the latest, whatever the helper does. */
#define TIMEOUT_MS	4000
/* What it may take longer on a slow machine that is busy */
#define PATIENCE_MS	30000

/**
 * struct keys - the keys of a context or request as they were set
 * @set:        there are some
 * @mech:       KSECDD_PACKAGE_*
 * @mech_flags: what was negotiated
 * @len:        bytes of @key
 * @key:        the key
 */
struct keys {
	bool set;
	uint32_t mech;
	uint32_t mech_flags;
	uint32_t len;
	uint8_t key[sizeof(struct ksecdd_tls_keys)];
};

enum waiter_state { WAITER_IDLE, WAITER_BUSY, WAITER_OVER };

/**
 * struct waiter - an ACCEPT at work
 * @thread: makes the call, unless a child does
 * @go:     begin
 * @cover:  what it has covered
 * @state:  enum waiter_state
 * @pid:    the child, 0 - none
 * @call:   the call
 * @fd:     its file
 * @own:    which was one that has this ioctl
 * @arg:    its struct
 * @fault:  what is to fail inside
 * @ret:    what the ioctl returned, or -errno
 * @ticket: number of its request, 0 - it has made none
 * @begun:  when, in milliseconds
 * @keys:   what the helper set before it completed the request
 * @verdict: what the helper completed it with
 */
struct waiter {
	pthread_t thread;
	sem_t go;
	struct kcov cover;
	_Atomic int state;
	pid_t pid;
	const struct call *call;
	int fd;
	bool own;
	struct piece arg;
	unsigned int fault;
	long ret;
	uint64_t ticket;
	uint64_t begun;
	struct keys keys;
	int32_t verdict;
};

/**
 * struct world - what the calls of a program have brought about
 * @files:   descriptors by their slots, -1 - never opened
 * @open:    whether it is still open
 * @kinds:   what it is, whatever slot it is in
 * @ids:     of request files: number of the request
 * @handles: handles by slots, those of descriptors unused
 * @keys:    the keys that belong to a slot of a request or context
 * @peers:   the client of a context or request
 * @waiters: ACCEPTs at work
 * @cover:   what our own calls have covered
 * @child_cover: what a child's has
 * @tickets: requests made so far: the number of the last one
 * @calls:   calls made so far, all programs together
 * @failure: what is wrong, "" - nothing
 */
struct world {
	int files[FILE_SLOTS];
	bool open[FILE_SLOTS];
	enum slot_kind kinds[FILE_SLOTS];
	uint64_t ids[FILE_SLOTS];
	uint64_t handles[SLOTS];
	struct keys keys[SLOTS];
	struct peer *peers[SLOTS];
	struct waiter waiters[WAITERS];
	struct kcov cover;
	struct kcov child_cover;
	uint64_t tickets;
	uint64_t calls;
	char failure[256];
};

/* world.c */
void world_init(struct world *w);
void world_run(struct world *w, const struct program *p);
void world_fail(struct world *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void world_set_file(struct world *w, size_t slot, int fd, enum slot_kind kind, uint64_t id);
void world_close_file(struct world *w, size_t slot);
bool world_is_over(const struct world *w, size_t slot);
bool world_is(const struct world *w, size_t slot, enum slot_kind kind);
uint64_t now_ms(void);

/* waiter.c */
void waiters_init(struct world *w);
struct waiter *waiter_of(struct world *w, uint64_t ticket);
bool waiter_start(struct world *w, const struct call *call, int fd, const struct piece *arg);
void waiter_finish(struct world *w, struct waiter *waiter);
void waiters_collect(struct world *w);
bool waiters_busy(struct world *w);
long run_kill(struct world *w, const struct call *call);

/* marshal.c */
void marshal(struct world *w, const struct shape *shape, const struct value *args, uint8_t *to,
	     const struct value *file);
struct piece marshal_data(const struct arg *arg, const struct value *v);

/* ioctl.c */
long run_ioctl(struct world *w, const struct call *call);
void ioctl_returned(struct world *w, const struct call *call, const struct piece *arg, long ret,
		    const struct waiter *waiter);

/* fault.c */
void fault_init(void);
void fault_set(unsigned int n);

/* stream.c */
void streams_init(void);
long run_stream(struct world *w, const struct call *call);

/* calls that are no ioctls of the table */
extern const struct call_desc other_calls[];
extern const size_t other_ncalls;

#endif /* KSECDD_FUZZ_RUN_H */
