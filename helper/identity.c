// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the name of a local user to its uid, gid and groups.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "helper/identity.h"

#define PASSWD_BUF_MIN	1024
#define PASSWD_BUF_MAX	(1 << 20)

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "groups go to the module as they are");

static int lookup_user(const char *user, uid_t *uid, gid_t *gid)
{
	struct passwd pw, *found = NULL;
	size_t size = PASSWD_BUF_MIN;
	char *buf = NULL, *bigger;
	int ret;

	do {
		bigger = realloc(buf, size);
		if (!bigger) {
			free(buf);
			return -ENOMEM;
		}
		buf = bigger;
		ret = getpwnam_r(user, &pw, buf, size, &found);
		size *= 2;
	} while (ret == EINTR || (ret == ERANGE && size <= PASSWD_BUF_MAX));
	if (found) {
		*uid = pw.pw_uid;
		*gid = pw.pw_gid;
		ret = 0;
	} else if (!ret || ret == ESRCH || ret == EBADF || ret == EPERM) {
		/* getpwnam(3) lists these as ways of saying that there is none. */
		ret = ENOENT;
	}
	free(buf);
	return -ret;
}

/**
 * identity_lookup() - look up a local user through NSS
 * @user: name of the user
 * @id: the result; undefined on failure
 *
 * A user with more groups than the module takes is refused, not cut short:
 * services also use groups to shut somebody out.
 *
 * Safe to call from many threads; may block on NSS.
 *
 * Return: 0; -ENOENT - no such user; -E2BIG - more than KSECDD_MAX_GROUPS
 * groups; -ENOMEM; another -errno of NSS.
 */
int identity_lookup(const char *user, struct identity *id)
{
	int n = KSECDD_MAX_GROUPS;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	int ret;

	ret = lookup_user(user, &uid, &gid);
	if (ret)
		return ret;
	/* -1 means "unchanged" to the system calls that take these. */
	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return -ENOENT;
	if (getgrouplist(user, gid, id->groups, &n) < 0)
		return n > KSECDD_MAX_GROUPS ? -E2BIG : -ENOMEM;
	id->uid = uid;
	id->gid = gid;
	id->ngroups = (uint32_t)n;
	return 0;
}
