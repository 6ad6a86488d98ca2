/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads that serve requests.
 */
#ifndef KSECD_WORKER_H
#define KSECD_WORKER_H

#include <stdbool.h>

#include "helper/settings.h"

struct worker_pool;

int worker_pool_start(unsigned int workers, unsigned int capacity, struct settings *settings,
		      struct worker_pool **ret_pool);
int worker_pool_fd(const struct worker_pool *pool);
bool worker_pool_freed(struct worker_pool *pool);
unsigned int worker_pool_room(struct worker_pool *pool);
unsigned int worker_pool_watch(struct worker_pool *pool);
bool worker_pool_idle(struct worker_pool *pool);
void worker_pool_submit(struct worker_pool *pool, int fd);
void worker_pool_configure(struct worker_pool *pool, struct settings *settings);
void worker_pool_stop(struct worker_pool *pool);

#endif /* KSECD_WORKER_H */
