// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local users that were looked up a moment ago: how long they hold, and what ends that.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "helper/identity.h"
#include "tools/testing/tap/tap.h"

int __wrap_identity_lookup(const char *user, struct identity *id);
int __wrap_stat(const char *path, struct stat *st);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);

/* What NSS, the files and the clock say */
static struct {
	int ret;
	uint32_t uid;
	uint32_t ngroups;
	unsigned int asked;
	bool changes;
	struct stat passwd;
	struct stat group;
	bool no_group;
	time_t now;
} world = { .uid = 1000, .ngroups = 3, .now = 5 };

int __wrap_identity_lookup(const char *user, struct identity *id)
{
	uint32_t i;

	world.asked++;
	if (world.changes)
		world.group.st_ctim.tv_nsec++;
	id->uid = world.uid + (uint32_t)strlen(user);
	id->gid = 100;
	id->ngroups = world.ngroups;
	for (i = 0; i < world.ngroups; i++)
		id->groups[i] = world.uid + i;
	return world.ret;
}

int __wrap_stat(const char *path, struct stat *st)
{
	if (!strcmp(path, "/etc/group")) {
		*st = world.group;
		errno = ENOENT;
		return world.no_group ? -1 : 0;
	}
	*st = world.passwd;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	(void)clock;
	*ts = (struct timespec){ .tv_sec = world.now };
	return 0;
}

static struct identity id;

/* Whether NSS is asked for the user, who is as it says */
static bool asks(const char *user, uint32_t max_age)
{
	unsigned int before = world.asked;

	memset(&id, 0xee, sizeof(id));
	if (identity_find(user, max_age, &id) != world.ret)
		return false;
	return world.asked == before + 1;
}

/* Whether the user is known, and as he was with this uid and so many groups */
static bool known(const char *user, uint32_t uid, uint32_t ngroups)
{
	unsigned int before = world.asked;
	uint32_t i;

	memset(&id, 0xee, sizeof(id));
	if (identity_find(user, 5, &id) || world.asked != before)
		return false;
	if (id.uid != uid + strlen(user) || id.gid != 100 || id.ngroups != ngroups)
		return false;
	for (i = 0; i < ngroups; i++)
		if (id.groups[i] != uid + i)
			return false;
	return true;
}

static void test_age(void)
{
	tap_ok(asks("alice", 5), "who was never looked up is");
	tap_ok(known("alice", 1000, 3), "and holds");
	world.uid = 2000;
	world.now += 4;
	tap_ok(known("alice", 1000, 3), "as he was, for less than the time");
	tap_ok(asks("alice", 0), "a time of 0 asks");
	tap_ok(known("alice", 1000, 3), "and keeps nothing");
	world.now++;
	tap_ok(asks("alice", 5) && id.uid == 2005, "when the time is over he is looked up");
	tap_ok(known("alice", 2000, 3), "and holds from then on");
	tap_ok(asks("bob", 5) && asks("alicf", 5), "others are looked up");
	world.ngroups = KSECDD_MAX_GROUPS;
	tap_ok(asks("carol", 5) && known("carol", 2000, KSECDD_MAX_GROUPS), "all groups there are");
	world.ngroups = 0;
	tap_ok(asks("dave", 5) && known("dave", 2000, 0), "none at all");
	world.ngroups = 3;
}

static void test_files(void)
{
	struct stat *const all[] = { &world.passwd, &world.group };
	bool ok = true;
	size_t i;

	for (i = 0; i < 2; i++) {
		all[i]->st_ctim.tv_nsec++;
		ok = ok && asks("alice", 5) && known("alice", 2000, 3);
		all[i]->st_ctim.tv_sec++;
		ok = ok && asks("alice", 5) && known("alice", 2000, 3);
		all[i]->st_ino++;
		ok = ok && asks("alice", 5) && known("alice", 2000, 3);
		all[i]->st_dev++;
		ok = ok && asks("alice", 5) && known("alice", 2000, 3);
		all[i]->st_size++;
		ok = ok && asks("alice", 5) && known("alice", 2000, 3);
	}
	tap_ok(ok, "a change of either file counts at once");
	world.no_group = true;
	tap_ok(asks("alice", 5) && known("alice", 2000, 3), "so does one that goes");
	world.no_group = false;
	tap_ok(asks("alice", 5), "and comes");
	world.changes = true;
	identity_forget();
	tap_ok(asks("alice", 5), "a file that changes while he is looked up");
	world.changes = false;
	tap_ok(asks("alice", 5), "makes the answer an old one");
}

static void test_failures(void)
{
	char name[300];

	world.ret = -ENOENT;
	tap_ok(asks("erin", 5) && asks("erin", 5), "who does not exist is looked up each time");
	world.passwd.st_size++;
	tap_ok(asks("alice", 5) && asks("alice", 5), "and so is who existed");
	world.ret = 0;
	tap_ok(asks("alice", 5), "until he does");
	tap_ok(asks("", 5) && asks("", 5), "the empty name");
	memset(name, 'x', sizeof(name) - 1);
	name[255] = '\0';
	tap_ok(asks(name, 5) && known(name, 2000, 3), "a name of 255 bytes");
	name[255] = 'x';
	name[256] = '\0';
	tap_ok(asks(name, 5) && asks(name, 5), "a longer one is looked up each time");
}

int main(void)
{
	test_age();
	test_files();
	test_failures();
	tap_ok(known("alice", 2000, 3), "one is known");
	identity_forget();
	tap_ok(asks("alice", 5), "everybody is forgotten");
	identity_forget();
	return tap_done();
}
