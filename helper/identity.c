// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the name of a local user to its uid, gid and groups, and back to the name.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "helper/identity.h"

#define PASSWD_BUF_MIN	1024
#define PASSWD_BUF_MAX	(1 << 20)

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "groups go to the module as they are");

/*
 * Ask NSS by name, or by uid if there is no name.  Returns 0 with the strings of
 * @pw in *@ret_buf, which the caller frees; -ENOENT, -ENOMEM, another -errno.
 */
static int ask_nss(const char *user, uid_t uid, struct passwd *pw, char **ret_buf)
{
	struct passwd *found = NULL;
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
		ret = user ? getpwnam_r(user, pw, buf, size, &found) :
			     getpwuid_r(uid, pw, buf, size, &found);
		size *= 2;
	} while (ret == EINTR || (ret == ERANGE && size <= PASSWD_BUF_MAX));
	if (found) {
		*ret_buf = buf;
		return 0;
	}
	free(buf);
	/* getpwnam(3) lists these as ways of saying that there is none. */
	if (!ret || ret == ESRCH || ret == EBADF || ret == EPERM)
		ret = ENOENT;
	return -ret;
}

static int lookup_user(const char *user, uid_t *uid, gid_t *gid)
{
	struct passwd pw;
	char *buf;
	int ret;

	ret = ask_nss(user, 0, &pw, &buf);
	if (ret)
		return ret;
	*uid = pw.pw_uid;
	*gid = pw.pw_gid;
	free(buf);
	return 0;
}

/**
 * identity_name() - the name of the local user with a uid
 * @uid: the uid
 * @name: the result; undefined on failure
 * @size: room at @name in bytes
 *
 * A name that belongs to another uid when it is looked up is none of this one's.
 *
 * Safe to call from many threads; may block on NSS.
 *
 * Return: 0; -ENOENT - no such user, or the name does not lead back or does not
 * fit; -ENOMEM; another -errno of NSS.
 */
int identity_name(uid_t uid, char *name, size_t size)
{
	struct passwd pw;
	uid_t again;
	gid_t gid;
	char *buf;
	int ret;

	ret = ask_nss(NULL, uid, &pw, &buf);
	if (ret)
		return ret;
	if (strlen(pw.pw_name) < size)
		strcpy(name, pw.pw_name);
	else
		ret = -ENOENT;
	free(buf);
	if (!ret)
		ret = lookup_user(name, &again, &gid);
	return !ret && again != uid ? -ENOENT : ret;
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
