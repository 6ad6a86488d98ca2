// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local users, as this machine's NSS knows them.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "helper/identity.h"
#include "tools/testing/tap/tap.h"

static bool has_group(const struct identity *id, gid_t gid)
{
	uint32_t i;

	for (i = 0; i < id->ngroups; i++)
		if (id->groups[i] == gid)
			return true;
	return false;
}

int main(void)
{
	static struct identity id;
	const struct passwd *pw;
	const struct group *gr;
	char long_name[2048];

	pw = getpwnam("nobody");
	if (!pw)
		tap_bail("there is no user nobody");
	tap_is(identity_lookup("nobody", &id), 0, "a user");
	tap_ok(id.uid == pw->pw_uid && id.gid == pw->pw_gid, "with uid and gid");
	tap_ok(has_group(&id, pw->pw_gid), "in the primary group");

	/* Whoever is in a further group is looked for, so that one is there to see. */
	setgrent();
	while ((gr = getgrent()) && !(gr->gr_mem[0] && getpwnam(gr->gr_mem[0])))
		;
	if (gr) {
		gid_t gid = gr->gr_gid;

		tap_ok(!identity_lookup(gr->gr_mem[0], &id) && has_group(&id, gid),
		       "a further group");
	} else {
		tap_skip("a further group: nobody is in one here");
	}
	endgrent();

	tap_is(identity_lookup("no-such-user-here", &id), -ENOENT, "no such user");
	tap_is(identity_lookup("", &id), -ENOENT, "the empty name is no user");
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	tap_is(identity_lookup(long_name, &id), -ENOENT, "a long name is no user");
	tap_is(identity_lookup("nobody:x:0:0", &id), -ENOENT, "nor is a line of a file");
	return tap_done();
}
