/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of users, as the configuration gives them.
 */
#ifndef KSECD_UIDS_H
#define KSECD_UIDS_H

#include <stdbool.h>
#include <sys/types.h>

#define CONFIG_MAX_UIDS		64	/* entries of a list of users */

/* struct config_uids - a list of users; @any: the list is "*" */
struct config_uids {
	bool any;
	unsigned int n;
	uid_t list[CONFIG_MAX_UIDS];
};

/**
 * config_uids_have() - whether a user is in a list
 * @uids: the list
 * @uid: the user
 */
static inline bool config_uids_have(const struct config_uids *uids, uid_t uid)
{
	unsigned int i;

	for (i = 0; i < uids->n; i++)
		if (uids->list[i] == uid)
			return true;
	return uids->any;
}

#endif /* KSECD_UIDS_H */
