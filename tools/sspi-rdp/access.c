// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of the clients that are known are let in.
 */
#include <grp.h>
#include <stdlib.h>

#include "access.h"

/* As a login gets them; more than there is room for are asked for again. */
static bool in_group(const struct access *access, const struct identity *identity)
{
	int room = 64, count = room, got, i;
	gid_t *groups = NULL, *grown;
	unsigned int wanted;
	bool is = false;

	do {
		room = count;
		grown = reallocarray(groups, (size_t)room, sizeof(*groups));
		if (!grown) {
			free(groups);
			return false;
		}
		groups = grown;
		got = getgrouplist(identity->user, identity->gid, groups, &count);
	} while (got < 0 && count > room);
	for (i = 0; i < got; i++)
		for (wanted = 0; wanted < access->ngroups; wanted++)
			is |= groups[i] == access->groups[wanted];
	free(groups);
	return is;
}

const char *access_refusal(const struct access *access, const struct identity *identity)
{
	if (!identity->mapped)
		return access->unmapped && !access->ngroups ? NULL :
		       "it maps to no local account";
	if (!access->ngroups)
		return NULL;
	if (!*identity->user)
		return "its local account has no name, so that it is in no group";
	return in_group(access, identity) ? NULL : "it is in none of the groups";
}
