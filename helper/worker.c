// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pool of workers; loop.c describes the threads.
 *
 * Request files wait in a ring that is as large as the number of requests the
 * daemon said it would hold, so submitting one cannot fail.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "helper/log.h"
#include "helper/logon.h"
#include "helper/worker.h"

/**
 * struct worker_pool - the workers and what waits for them
 * @lock:     protects everything down to @stopping
 * @wake:     signalled when there is something in @ring, or @stopping
 * @settings: what new requests begin with
 * @ring:     request files that wait
 * @head:     index of the first in @ring
 * @queued:   how many
 * @capacity: length of @ring
 * @busy:     requests being served
 * @wanted:   the main thread waits for the next request to be over
 * @stopping: workers are to end
 * @event:    becomes readable then
 * @n:        workers
 * @worker:   their threads and memory
 */
struct worker_pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct settings *settings;
	int *ring;
	unsigned int head;
	unsigned int queued;
	unsigned int busy;
	bool wanted;
	bool stopping;
	unsigned int capacity;
	int event;
	unsigned int n;
	struct worker {
		struct worker_pool *pool;
		pthread_t thread;
		struct logon *logon;
	} worker[];
};

/*
 * Workers need no capability: they answer through files that they were given.
 * capset(2) works on the calling thread only, which libc's setuid() and the like
 * do not, so it is called directly.  A thread is no boundary against code that
 * an attacker runs in it; this keeps mistakes from having privileges.
 */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	memset(none, 0, sizeof(none));
	if (syscall(SYS_capset, &head, none))
		log_warning("a worker keeps its capabilities: %s", strerror(errno));
}

/* Take the oldest request; returns -1 when the pool is stopping. */
static int take(struct worker_pool *pool, struct settings **ret_settings)
{
	int fd = -1;

	pthread_mutex_lock(&pool->lock);
	while (!pool->queued && !pool->stopping)
		pthread_cond_wait(&pool->wake, &pool->lock);
	if (pool->queued) {
		fd = pool->ring[pool->head];
		pool->head = (pool->head + 1) % pool->capacity;
		pool->queued--;
		pool->busy++;
		*ret_settings = settings_get(pool->settings);
	}
	pthread_mutex_unlock(&pool->lock);
	return fd;
}

/*
 * The file is closed before the main thread is told, or NEXT would say EBUSY.  It is
 * told only if it waits for that: mostly there is room, and then to wake it would
 * cost as much as the half of what is done here.
 */
static void finish(struct worker_pool *pool, int fd)
{
	static const uint64_t one = 1;
	bool wanted;
	ssize_t n;

	close(fd);
	pthread_mutex_lock(&pool->lock);
	pool->busy--;
	wanted = pool->wanted;
	pool->wanted = false;
	pthread_mutex_unlock(&pool->lock);
	if (!wanted)
		return;
	do {
		n = write(pool->event, &one, sizeof(one));
	} while (n < 0 && errno == EINTR);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct worker_pool *pool = worker->pool;
	struct settings *settings;
	int fd;

	drop_capabilities();
	while ((fd = take(pool, &settings)) >= 0) {
		logon_serve(worker->logon, settings, fd);
		settings_put(settings);
		finish(pool, fd);
	}
	return NULL;
}

static int start_worker(struct worker_pool *pool)
{
	struct worker *worker = &pool->worker[pool->n];
	char name[16];
	int ret;

	worker->pool = pool;
	worker->logon = logon_new();
	if (!worker->logon)
		return -ENOMEM;
	ret = pthread_create(&worker->thread, NULL, work, worker);
	if (ret) {
		logon_free(worker->logon);
		return -ret;
	}
	snprintf(name, sizeof(name), "ksecd-worker-%u", pool->n % 100);
	pthread_setname_np(worker->thread, name);
	pool->n++;
	return 0;
}

/**
 * worker_pool_start() - start the workers
 * @workers: number of threads
 * @capacity: most requests that wait or are being served at once
 * @settings: what requests begin with; the pool takes a reference of its own
 * @ret_pool: the result
 *
 * The signals that the main thread waits for must be blocked already.
 *
 * Return: 0, -errno.
 */
int worker_pool_start(unsigned int workers, unsigned int capacity, struct settings *settings,
		      struct worker_pool **ret_pool)
{
	struct worker_pool *pool;
	int ret = -ENOMEM;

	pool = calloc(1, sizeof(*pool) + workers * sizeof(pool->worker[0]));
	if (!pool)
		return -ENOMEM;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->wake, NULL);
	pool->capacity = capacity;
	pool->settings = settings_get(settings);
	pool->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pool->ring = calloc(capacity, sizeof(pool->ring[0]));
	if (!pool->ring || pool->event < 0)
		goto fail;
	while (pool->n < workers) {
		ret = start_worker(pool);
		if (ret)
			goto fail;
	}
	*ret_pool = pool;
	return 0;
fail:
	worker_pool_stop(pool);
	return ret;
}

/**
 * worker_pool_fd() - what becomes readable when a request is over
 * @pool: the pool, which has been told to by worker_pool_watch()
 */
int worker_pool_fd(const struct worker_pool *pool)
{
	return pool->event;
}

/**
 * worker_pool_freed() - whether requests are over since the last call
 * @pool: the pool
 */
bool worker_pool_freed(struct worker_pool *pool)
{
	uint64_t count;

	return read(pool->event, &count, sizeof(count)) == sizeof(count);
}

/**
 * worker_pool_room() - how many requests may be submitted
 * @pool: the pool
 *
 * Only the main thread submits, so there is at least as much room until it does.
 */
unsigned int worker_pool_room(struct worker_pool *pool)
{
	unsigned int room;

	pthread_mutex_lock(&pool->lock);
	room = pool->capacity - pool->queued - pool->busy;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

/**
 * worker_pool_watch() - have worker_pool_fd() become readable when a request is over
 * @pool: the pool
 *
 * Once, and only for what is over after this.
 *
 * Return: as worker_pool_room(): what was over before shows there.
 */
unsigned int worker_pool_watch(struct worker_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->wanted = true;
	pthread_mutex_unlock(&pool->lock);
	return worker_pool_room(pool);
}

/**
 * worker_pool_idle() - whether no request waits or is being served
 * @pool: the pool
 */
bool worker_pool_idle(struct worker_pool *pool)
{
	return worker_pool_room(pool) == pool->capacity;
}

/**
 * worker_pool_submit() - have a request served
 * @pool: the pool; must have room
 * @fd: the request file, which the pool closes
 */
void worker_pool_submit(struct worker_pool *pool, int fd)
{
	pthread_mutex_lock(&pool->lock);
	pool->ring[(pool->head + pool->queued) % pool->capacity] = fd;
	pool->queued++;
	pthread_cond_signal(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
}

/**
 * worker_pool_configure() - replace the configuration
 * @pool: the pool
 * @settings: what requests begin with from now on; the pool takes a reference
 */
void worker_pool_configure(struct worker_pool *pool, struct settings *settings)
{
	struct settings *old;

	settings_get(settings);
	pthread_mutex_lock(&pool->lock);
	old = pool->settings;
	pool->settings = settings;
	pthread_mutex_unlock(&pool->lock);
	settings_put(old);
}

/**
 * worker_pool_stop() - serve what is waiting, end the workers, free the pool
 * @pool: the pool
 *
 * Waits for the workers; see worker_pool_idle() for how not to wait long.
 */
void worker_pool_stop(struct worker_pool *pool)
{
	unsigned int i;

	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (i = 0; i < pool->n; i++) {
		pthread_join(pool->worker[i].thread, NULL);
		logon_free(pool->worker[i].logon);
	}
	settings_put(pool->settings);
	if (pool->event >= 0)
		close(pool->event);
	free(pool->ring);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
