// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACCEPTs at work, each in a thread or a child of its own.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "genl.h"
#include "run.h"

/* What a child leaves for us; it shares no other memory but the arguments. */
static long *child_ret;

static void nap(void)
{
	const struct timespec t = { .tv_nsec = 200000 };

	nanosleep(&t, NULL);
}

static void call_ioctl(struct waiter *waiter, long *ret)
{
	fault_set(waiter->fault);
	*ret = ioctl(waiter->fd, KSECDD_IOC_ACCEPT, waiter->arg.addr) ? -errno : 0;
	fault_set(0);
}

static void *wait_for_work(void *arg)
{
	struct waiter *waiter = arg;

	/* Without KCOV nothing is written, and that is known by then. */
	kcov_enable(&waiter->cover);
	for (;;) {
		while (sem_wait(&waiter->go))
			;
		call_ioctl(waiter, &waiter->ret);
		atomic_store(&waiter->state, WAITER_OVER);
	}
	return NULL;
}

/**
 * waiters_init() - begin the threads
 * @w: the world
 */
void waiters_init(struct world *w)
{
	size_t i;

	child_ret = mmap(NULL, WAITERS * sizeof(*child_ret), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (child_ret == MAP_FAILED)
		exit(1);
	for (i = 0; i < WAITERS; i++) {
		kcov_open(&w->waiters[i].cover);
		if (sem_init(&w->waiters[i].go, 0, 0) ||
		    pthread_create(&w->waiters[i].thread, NULL, wait_for_work, &w->waiters[i]))
			exit(1);
	}
}

/**
 * waiter_of() - whose request is it?
 * @w:      the world
 * @ticket: number of the request
 *
 * Return: the waiter, or NULL if it has got its answer
 */
struct waiter *waiter_of(struct world *w, uint64_t ticket)
{
	size_t i;

	for (i = 0; i < WAITERS && ticket; i++)
		if (atomic_load(&w->waiters[i].state) != WAITER_IDLE &&
		    w->waiters[i].ticket == ticket)
			return &w->waiters[i];
	return NULL;
}

static struct waiter *find_idle(struct world *w)
{
	size_t i;

	for (i = 0; i < WAITERS; i++)
		if (atomic_load(&w->waiters[i].state) == WAITER_IDLE)
			return &w->waiters[i];
	return NULL;
}

static void run_child(struct world *w, struct waiter *waiter)
{
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Only the helper's descriptors keep its requests and sockets open. */
	for (i = SLOTS_OF_KIND * SLOT_REQUEST; i < FILE_SLOTS; i++)
		if (w->open[i])
			close(w->files[i]);
	/* Only one child at a time can write there. */
	kcov_enable(&w->child_cover);
	call_ioctl(waiter, &child_ret[waiter - w->waiters]);
	_exit(0);
}

static bool has_ended(struct waiter *waiter, long *child)
{
	if (waiter->pid && waitpid(waiter->pid, NULL, WNOHANG) == waiter->pid) {
		waiter->pid = 0;
		waiter->ret = *child;
		atomic_store(&waiter->state, WAITER_OVER);
	}
	return atomic_load(&waiter->state) == WAITER_OVER;
}

static bool is_over(struct world *w, struct waiter *waiter)
{
	return has_ended(waiter, &child_ret[waiter - w->waiters]);
}

/* What the call has brought, once it has returned */
static void collect(struct world *w, struct waiter *waiter)
{
	uint64_t took = now_ms() - waiter->begun;

	if (took > TIMEOUT_MS + PATIENCE_MS)
		world_fail(w, "ACCEPT took %llu ms", (unsigned long long)took);
	atomic_store(&waiter->state, WAITER_IDLE);
	ioctl_returned(w, waiter->call, &waiter->arg, waiter->ret, waiter);
	waiter->ticket = 0;
}

/**
 * waiter_start() - begin an ACCEPT
 * @w:    the world
 * @call: the call
 * @fd:   its file
 * @arg:  its struct
 *
 * It has returned, or its request is in the queue, when this returns.
 *
 * Return: false if as many as possible wait already
 */
bool waiter_start(struct world *w, const struct call *call, int fd, const struct piece *arg)
{
	struct waiter *waiter = find_idle(w);
	uint64_t before = genl_upcalls(), upcalls;

	if (!waiter)
		return false;
	waiter->call = call;
	waiter->fd = fd;
	waiter->own = world_is(w, call_number(call, "file"), SLOT_DEVICE);
	waiter->arg = *arg;
	waiter->fault = (unsigned int)call_number(call, "fault");
	waiter->ticket = 0;
	waiter->begun = now_ms();
	waiter->keys = (struct keys){};
	waiter->verdict = 0;
	atomic_store(&waiter->state, WAITER_BUSY);
	if (call_number(call, "child")) {
		child_ret[waiter - w->waiters] = -EINTR;
		waiter->pid = fork();
		if (!waiter->pid)
			run_child(w, waiter);
		if (waiter->pid < 0) {
			waiter->pid = 0;
			atomic_store(&waiter->state, WAITER_IDLE);
			return false;
		}
	} else {
		sem_post(&waiter->go);
	}
	do {
		sched_yield();
		if (is_over(w, waiter)) {
			/* It may have made a request all the same, which was over at once. */
			w->tickets += genl_upcalls() - before;
			collect(w, waiter);
			return true;
		}
		upcalls = genl_upcalls();
	} while (upcalls == before && now_ms() - waiter->begun < TIMEOUT_MS + PATIENCE_MS);
	w->tickets += upcalls - before;
	waiter->ticket = w->tickets;
	return true;
}

/**
 * waiter_finish() - wait for an ACCEPT whose request is over
 * @w:      the world
 * @waiter: whose
 */
void waiter_finish(struct world *w, struct waiter *waiter)
{
	uint64_t until = now_ms() + PATIENCE_MS;

	while (!is_over(w, waiter)) {
		if (now_ms() > until) {
			world_fail(w, "ACCEPT does not return though its request is over");
			return;
		}
		nap();
	}
	collect(w, waiter);
}

/**
 * waiters_collect() - see which ACCEPTs have returned by themselves
 * @w: the world
 */
void waiters_collect(struct world *w)
{
	size_t i;

	for (i = 0; i < WAITERS; i++)
		if (atomic_load(&w->waiters[i].state) != WAITER_IDLE && is_over(w, &w->waiters[i]))
			collect(w, &w->waiters[i]);
}

/**
 * waiters_busy() - is any ACCEPT at work?
 * @w: the world
 *
 * Return: true if so
 */
bool waiters_busy(struct world *w)
{
	size_t i;

	for (i = 0; i < WAITERS; i++)
		if (atomic_load(&w->waiters[i].state) != WAITER_IDLE)
			return true;
	return false;
}

/**
 * run_kill() - kill a child that waits
 * @w:    the world
 * @call: the call
 *
 * Return: 0, or -ESRCH if there is none
 */
long run_kill(struct world *w, const struct call *call)
{
	size_t i;

	(void)call;
	for (i = 0; i < WAITERS; i++) {
		if (!w->waiters[i].pid)
			continue;
		kill(w->waiters[i].pid, SIGKILL);
		waiter_finish(w, &w->waiters[i]);
		return 0;
	}
	return -ESRCH;
}
