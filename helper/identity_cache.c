// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Local users that were looked up a moment ago.
 *
 * To ask NSS takes as long as all the rest of a logon with NTLM, and a client of HTTP logs on
 * again and again.  So what was found holds for some seconds, as it does in nscd and SSSD; but
 * never for longer than /etc/passwd and /etc/group are the files that they were, so that a
 * change there counts at once.  Who was not found is asked for each time.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "helper/identity.h"

#define PLACES		64	/* a user has one that goes by the name */
#define NAME_MAX_BYTES	256	/* longer names are asked for each time */

static const char *const files[] = { "/etc/passwd", "/etc/group" };

#define FILES	(sizeof(files) / sizeof(files[0]))

/* struct stamp - a file as it was: another one, or a changed one, has another */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

/**
 * struct place - a user
 * @user:    the name; empty if there is none
 * @found:   when, in seconds of monotonic time
 * @stamps:  of the files, from before it was looked for
 * @uid:     as in struct identity
 * @gid:     likewise
 * @ngroups: likewise
 * @groups:  likewise
 */
struct place {
	char user[NAME_MAX_BYTES];
	time_t found;
	struct stamp stamps[FILES];
	uint32_t uid;
	uint32_t gid;
	uint32_t ngroups;
	uint32_t *groups;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* protects the places */
static struct place places[PLACES];

static void look_at_files(struct stamp stamps[FILES])
{
	struct stat st;
	size_t i;

	memset(stamps, 0, FILES * sizeof(*stamps));
	for (i = 0; i < FILES; i++) {
		/* One that is not there is a state like another. */
		if (stat(files[i], &st))
			continue;
		stamps[i].dev = st.st_dev;
		stamps[i].ino = st.st_ino;
		stamps[i].size = st.st_size;
		stamps[i].changed = st.st_ctim;
	}
}

static bool same(const struct stamp *a, const struct stamp *b)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		if (a[i].dev != b[i].dev || a[i].ino != b[i].ino || a[i].size != b[i].size ||
		    a[i].changed.tv_sec != b[i].changed.tv_sec ||
		    a[i].changed.tv_nsec != b[i].changed.tv_nsec)
			return false;
	return true;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec;
}

static struct place *place_of(const char *user)
{
	uint32_t hash = 5381;

	while (*user)
		hash = hash * 33 + (uint8_t)*user++;
	return &places[hash % PLACES];
}

static bool take(const char *user, uint32_t max_age, const struct stamp stamps[FILES],
		 struct identity *id)
{
	const struct place *p = place_of(user);
	bool found;

	pthread_mutex_lock(&lock);
	found = !strcmp(p->user, user) && now() - p->found < (time_t)max_age &&
		same(p->stamps, stamps);
	if (found) {
		id->uid = p->uid;
		id->gid = p->gid;
		id->ngroups = p->ngroups;
		memcpy(id->groups, p->groups, p->ngroups * sizeof(p->groups[0]));
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static void clear(struct place *p)
{
	free(p->groups);
	memset(p, 0, sizeof(*p));
}

static void put(const char *user, time_t began, const struct stamp stamps[FILES],
		const struct identity *id)
{
	struct place *p = place_of(user);

	pthread_mutex_lock(&lock);
	clear(p);
	p->groups = calloc(id->ngroups + 1, sizeof(p->groups[0]));
	if (p->groups) {
		strcpy(p->user, user);
		p->found = began;
		memcpy(p->stamps, stamps, sizeof(p->stamps));
		p->uid = id->uid;
		p->gid = id->gid;
		p->ngroups = id->ngroups;
		memcpy(p->groups, id->groups, id->ngroups * sizeof(p->groups[0]));
	}
	pthread_mutex_unlock(&lock);
}

/**
 * identity_find() - a local user, as NSS knows him now or knew him a moment ago
 * @user:    name of the user
 * @max_age: for how many seconds what NSS has said holds; 0 - it is asked
 * @id:      the result; undefined on failure
 *
 * Safe to call from many threads; may block on NSS.
 *
 * Return: as identity_lookup()
 */
int identity_find(const char *user, uint32_t max_age, struct identity *id)
{
	struct stamp stamps[FILES];
	time_t began;
	int ret;

	if (!max_age || !*user || strlen(user) >= NAME_MAX_BYTES)
		return identity_lookup(user, id);
	/* From before the question: what changes meanwhile makes the answer an old one. */
	look_at_files(stamps);
	if (take(user, max_age, stamps, id))
		return 0;
	began = now();
	ret = identity_lookup(user, id);
	if (!ret)
		put(user, began, stamps, id);
	return ret;
}

/**
 * identity_forget() - have NSS be asked for everybody again
 */
void identity_forget(void)
{
	size_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < PLACES; i++)
		clear(&places[i]);
	pthread_mutex_unlock(&lock);
}
