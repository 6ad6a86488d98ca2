// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing what ksecctl does to the account file, with files.
 *
 * Input: what is done, one after the other - each a byte that says what, a user, a
 * domain, a local user, each up to a NUL - as many as the first byte says; then the
 * file.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "helper/accounts/file_line.h"
#include "helper/ntlm/name.h"

#define ROOM	65536

static char directory[256], path[300];
static const uint8_t hash[ACCOUNT_HASH_LEN] = { 0xab, 0xcd, 1 };

static void clean_up(void)
{
	unlink(path);
	rmdir(directory);
}

static void set_up(void)
{
	const char *where = getenv("TMPDIR");

	snprintf(directory, sizeof(directory), "%s/ksecdd-fuzz.XXXXXX", where ? where : "/tmp");
	fuzz_assert(mkdtemp(directory), "cannot make a directory in %s: %s",
		    where ? where : "/tmp", strerror(errno));
	snprintf(path, sizeof(path), "%s/accounts", directory);
	atexit(clean_up);
}

/* struct content - the file as it is */
struct content {
	size_t len;
	char text[ROOM];
};

static void put(const uint8_t *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fuzz_assert(fd >= 0 && write(fd, data, len) == (ssize_t)len, "%s", strerror(errno));
	close(fd);
}

static void get(struct content *content)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	content->len = 0;
	if (fd < 0)
		return;
	n = read(fd, content->text, ROOM);
	fuzz_assert(n >= 0 && n < ROOM, "%zd bytes", n);
	content->len = n;
	close(fd);
}

static void check_directory(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct stat st;

	fuzz_assert(dir, "%s", strerror(errno));
	while ((entry = readdir(dir)))
		fuzz_assert(entry->d_name[0] == '.' || !strcmp(entry->d_name, "accounts"),
			    "%s was left behind", entry->d_name);
	closedir(dir);
	fuzz_assert(stat(path, &st) || (st.st_mode & 07777) == 0600, "mode 0%o",
		    st.st_mode & 07777);
}

/* How many lines of one file are not in the other, counted from both ends */
static size_t changed_lines(const struct content *a, const struct content *b)
{
	size_t front = 0, back = 0, most = a->len < b->len ? a->len : b->len, i, n = 0;

	while (front < most && a->text[front] == b->text[front])
		front++;
	while (front && a->text[front - 1] != '\n')
		front--;
	while (back < most - front && a->text[a->len - 1 - back] == b->text[b->len - 1 - back])
		back++;
	for (i = front; i + back < a->len; i++)
		n += a->text[i] == '\n' || i + back + 1 == a->len;
	return n;
}

/* struct action - what is done, and to which account */
struct action {
	uint8_t what;
	char *user;
	char *domain;
	char *local;
};

enum { ADD, REPLACE, DELETE, DISABLE, ENABLE, ACTIONS };

static int act(const struct action *action, const struct account_entry *entry,
	       char error[ACCOUNT_ERROR_LEN])
{
	switch (action->what) {
	case ADD:
	case REPLACE:
		return account_file_add(path, entry, hash, NULL, action->what == REPLACE, error);
	case DELETE:
		return account_file_delete(path, action->domain, action->user, error);
	default:
		return account_file_disable(path, action->domain, action->user,
					    action->what == DISABLE, error);
	}
}

/* What the file says of an account afterwards, and that it says the same of others */
static void check_accounts(const struct action *action, const struct account_entry *entry,
			   const struct account_db *old)
{
	char error[ACCOUNT_ERROR_LEN] = "";
	const struct account_line *line, *before;
	struct account_db *new = NULL;
	size_t others = 0, i;

	fuzz_assert(!account_db_load(path, &new, error), "%s", error);
	line = account_db_find(new, action->user, action->domain);
	before = old ? account_db_find(old, action->user, action->domain) : NULL;
	for (i = 0; old && i < old->count; i++) {
		const struct account_line *was = &old->lines[i], *is;

		if (was == before)
			continue;
		others++;
		is = account_db_find(new, was->user, was->domain);
		fuzz_assert(is && !strcmp(is->local, was->local) && is->expiry == was->expiry &&
			    is->disabled == was->disabled && !memcmp(is->hash, was->hash, 16),
			    "another account was changed");
	}
	fuzz_assert(account_db_count(new) == others + !!line, "accounts from nowhere");
	switch (action->what) {
	case ADD:
		fuzz_assert(!before, "added, and it was there");
		/* fall through */
	case REPLACE:
		fuzz_assert(line && !strcmp(line->user, entry->account.user) &&
			    !strcmp(line->domain, entry->account.domain) &&
			    !strcmp(line->local, entry->account.local) &&
			    line->disabled == entry->disabled &&
			    line->expiry == entry->account.expiry && !memcmp(line->hash, hash, 16),
			    "another account was added");
		break;
	case DELETE:
		fuzz_assert(before && !line, "deleted, and it is there");
		break;
	default:
		fuzz_assert(before && line && line->disabled == (action->what == DISABLE) &&
			    !memcmp(line->hash, before->hash, 16) &&
			    line->expiry == before->expiry && !strcmp(line->local, before->local),
			    "not what it was but for being disabled");
	}
	account_db_free(new);
}

static void run(const struct action *action)
{
	static struct content before, after;
	char error[ACCOUNT_ERROR_LEN] = "";
	struct account_entry entry = { .disabled = action->what & 1 };
	struct account_db *old = NULL;
	int err;

	snprintf(entry.account.user, sizeof(entry.account.user), "%s", action->user);
	snprintf(entry.account.domain, sizeof(entry.account.domain), "%s", action->domain);
	snprintf(entry.account.local, sizeof(entry.account.local), "%s", action->local);
	entry.account.expiry = KSECDD_TIME_NEVER;
	get(&before);
	if (account_db_load(path, &old, error))
		old = NULL;
	err = act(action, &entry, error);
	get(&after);
	check_directory();
	if (err) {
		fuzz_assert(*error, "%d and no message", err);
		fuzz_assert(after.len == before.len && !memcmp(after.text, before.text, after.len),
			    "failed, and changed: %s", error);
	} else {
		fuzz_assert(changed_lines(&before, &after) <= 1, "more than a line is gone");
		check_accounts(action, &entry, old);
	}
	account_db_free(old);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct action actions[4];
	size_t n, i, len;
	uint8_t *text;

	if (!directory[0])
		set_up();
	n = 1 + fuzz_take_below(&in, 4);
	for (i = 0; i < n; i++) {
		actions[i].what = fuzz_take_below(&in, ACTIONS);
		actions[i].user = fuzz_take_text(&in, KSECDD_MAX_NAME / 2 - 1);
		actions[i].domain = fuzz_take_text(&in, KSECDD_MAX_NAME / 2 - 2);
		actions[i].local = fuzz_take_text(&in, 255);
	}
	text = fuzz_take_rest(&in, &len);
	put(text, len);
	free(text);
	for (i = 0; i < n; i++)
		run(&actions[i]);
	for (i = 0; i < n; i++) {
		free(actions[i].user);
		free(actions[i].domain);
		free(actions[i].local);
	}
	return 0;
}
