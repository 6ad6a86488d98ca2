/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who a client is on this machine.
 */
#ifndef KSECD_IDENTITY_H
#define KSECD_IDENTITY_H

#include <stdint.h>
#include <sys/types.h>

#include <linux/ksecdd.h>

/**
 * struct identity - a local user as the kernel knows it
 * @uid:     user id
 * @gid:     primary group
 * @ngroups: number of @groups
 * @groups:  supplementary groups, the primary one among them
 */
struct identity {
	uint32_t uid;
	uint32_t gid;
	uint32_t ngroups;
	uint32_t groups[KSECDD_MAX_GROUPS];
};

int identity_name(uid_t uid, char *name, size_t size);
int identity_lookup(const char *user, struct identity *id);

/* identity_cache.c */
int identity_find(const char *user, uint32_t max_age, struct identity *id);
void identity_forget(void);

#endif /* KSECD_IDENTITY_H */
