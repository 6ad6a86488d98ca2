// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing the account file.
 *
 * The new content goes into a file beside it, which then takes its place: a
 * reader finds the old accounts or the new ones, also after a power failure, and
 * never half of a line.  Comments and the order of lines are kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/accounts/file_line.h"

/* Room for a line that account_line_parse() may still refuse as too long */
#define LINE_MAX_LEN	(KSECDD_MAX_NAME * 3 + 128 + \
			 2 * DIGEST_MAX_HASH * DIGEST_ALGORITHMS + DIGEST_MAX_REALM)

/**
 * struct edit - a file that is being changed
 * @path: the file itself, where @path as given was a link
 * @fd:   the file, locked
 * @text: its content, a secret
 * @size: bytes of @text
 * @stat: owner and group, for the new file
 * @db:   what @text says
 */
struct edit {
	char *path;
	int fd;
	char *text;
	size_t size;
	struct stat stat;
	struct account_db *db;
};

static int fail(char error[ACCOUNT_ERROR_LEN], const char *path, int err)
{
	const char *remedy = "";

	if (err == EACCES || err == EPERM)
		remedy = "; run this as root";
	else if (err == ENOENT)
		remedy = "; make its directory with 'mkdir -p -m 0755'";
	account_error(error, "%s: %s%s", path, strerror(err), remedy);
	return -err;
}

/*
 * Open the file and lock it.  The lock is on the file, which only root can
 * open, and not on the directory, which anybody might keep locked.  So the file
 * may have been replaced while we waited: then it is done again with the new one.
 */
static int open_locked(const char *path, bool create, char error[ACCOUNT_ERROR_LEN])
{
	struct stat locked, named;
	int fd, err;

	for (;;) {
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK |
			  (create ? O_CREAT : 0), 0600);
		if (fd < 0)
			return fail(error, path, errno);
		do {
			err = flock(fd, LOCK_EX) ? errno : 0;
		} while (err == EINTR);
		if (!err && fstat(fd, &locked))
			err = errno;
		if (err) {
			close(fd);
			return fail(error, path, err);
		}
		if (!stat(path, &named) && named.st_dev == locked.st_dev &&
		    named.st_ino == locked.st_ino)
			return fd;
		close(fd);
	}
}

static void edit_end(struct edit *edit)
{
	account_db_free(edit->db);
	if (edit->text) {
		explicit_bzero(edit->text, edit->size);
		free(edit->text);
	}
	if (edit->fd >= 0)
		close(edit->fd);
	free(edit->path);
}

static int edit_begin(struct edit *edit, const char *path, bool create,
		      char error[ACCOUNT_ERROR_LEN])
{
	char *copy;
	int err;

	memset(edit, 0, sizeof(*edit));
	edit->fd = open_locked(path, create, error);
	if (edit->fd < 0)
		return edit->fd;
	edit->path = realpath(path, NULL);
	if (!edit->path) {
		err = fail(error, path, errno);
		goto out;
	}
	err = account_file_read(path, edit->fd, &edit->text, &edit->size, &edit->stat, error);
	if (err)
		goto out;
	copy = malloc(edit->size + 1);
	if (!copy) {
		err = fail(error, path, ENOMEM);
		goto out;
	}
	memcpy(copy, edit->text, edit->size + 1);
	err = account_db_parse(path, copy, edit->size, &edit->db, error);
out:
	if (err)
		edit_end(edit);
	return err;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		text += n;
		len -= n;
	}
	return 0;
}

/* Write the text with @number replaced by @line, or @line added if 0. */
static int write_text(const struct edit *edit, int fd, size_t number, const char *line)
{
	const char *text = edit->text, *end = edit->text + edit->size;
	size_t current = 0;
	int err = 0;

	while (text < end && !err) {
		const char *feed = memchr(text, '\n', end - text);
		const char *next = feed ? feed + 1 : end;

		if (++current == number)
			err = write_all(fd, line, strlen(line));
		else
			err = write_all(fd, text, next - text);
		if (!err && !feed && current != number)
			err = write_all(fd, "\n", 1);
		text = next;
	}
	if (!err && !number)
		err = write_all(fd, line, strlen(line));
	return err;
}

/* Returns a descriptor of the folder that a file is in, or -errno. */
static int open_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	free(copy);
	return fd;
}

/* The new file beside the old one; returns an errno, and then it is gone again. */
static int write_new(const struct edit *edit, char *temp, size_t number, const char *line)
{
	int fd = mkostemp(temp, O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	err = write_text(edit, fd, number, line);
	if (!err && (edit->stat.st_uid != geteuid() || edit->stat.st_gid != getegid()) &&
	    fchown(fd, edit->stat.st_uid, edit->stat.st_gid))
		err = errno;
	if (!err && fsync(fd))
		err = errno;
	if (close(fd) && !err)
		err = errno;
	if (!err && rename(temp, edit->path))
		err = errno;
	if (err)
		unlink(temp);
	return err;
}

/* All that can run out is there before the file is replaced. */
static int edit_commit(const struct edit *edit, size_t number, const char *line,
		       char error[ACCOUNT_ERROR_LEN])
{
	int folder = open_folder(edit->path);
	char *temp = NULL;
	int err = 0;

	if (folder < 0)
		return fail(error, edit->path, -folder);
	if (asprintf(&temp, "%s.XXXXXX", edit->path) < 0) {
		temp = NULL;
		err = ENOMEM;
	}
	if (!err)
		err = write_new(edit, temp, number, line);
	if (!err && fsync(folder))
		err = errno;
	free(temp);
	close(folder);
	return err ? fail(error, edit->path, err) : 0;
}

/* What would come out of the line when it is read must be what was meant. */
static int check_line(const char *path, const char *text, int len,
		      const struct account_entry *entry, const struct account_digest *digest,
		      char error[ACCOUNT_ERROR_LEN])
{
	struct account_line line = { 0 };
	const char *wrong = NULL;
	char *copy;

	if (len < 0) {
		account_error(error, "%s: the account does not fit into a line", path);
		return -EINVAL;
	}
	copy = strndup(text, len - 1);
	if (!copy)
		return fail(error, path, ENOMEM);
	if (!account_line_is_account(copy, len - 1))
		wrong = "a user name does not begin with '#'";
	if (!wrong)
		wrong = account_line_parse(copy, len - 1, &line);
	if (!wrong && (strcmp(line.user, entry->account.user) ||
		       strcmp(line.domain, entry->account.domain) ||
		       strcmp(line.local, entry->account.local)))
		wrong = "names have neither colons nor backslashes";
	if (!wrong && strcmp(line.realm, digest ? digest->realm : ""))
		wrong = "a realm has no colons";
	if (!wrong && account_hash_is_empty(line.hash))
		wrong = "an account with an empty password is never accepted; choose a password";
	if (wrong)
		account_error(error, "%s: %s", path, wrong);
	explicit_bzero(copy, len - 1);
	explicit_bzero(&line, sizeof(line));
	free(copy);
	return wrong ? -EINVAL : 0;
}

/**
 * account_file_add() - add an account, or replace it
 * @path: name of the file; made with mode 0600 if it is not there
 * @entry: the account; @entry->unusable is ignored
 * @hash: its NT hash
 * @digest: its hashes of Digest, or NULL; without a realm there are none
 * @replace: an account of that name may be there already
 * @error: message of a failure
 *
 * Return: 0; -EEXIST (there is such an account, and not @replace), -EINVAL
 * (names, realm, an empty password, or the file has a line that cannot be read), or
 * another -errno of reading and writing.
 */
int account_file_add(const char *path, const struct account_entry *entry,
		     const uint8_t hash[ACCOUNT_HASH_LEN], const struct account_digest *digest,
		     bool replace, char error[ACCOUNT_ERROR_LEN])
{
	const struct account *account = &entry->account;
	const struct account_line *old;
	char text[LINE_MAX_LEN];
	struct edit edit;
	int err;

	err = check_line(path, text, account_line_format(entry, hash, digest, text, sizeof(text)),
			 entry, digest, error);
	if (!err)
		err = edit_begin(&edit, path, true, error);
	if (err)
		goto wipe;

	old = account_db_find(edit.db, account->user, account->domain);
	if (old && !replace) {
		account_error(error, "%s:%zu: the account is there already; replace it, or delete it first",
			      path, old->number);
		err = -EEXIST;
	} else {
		err = edit_commit(&edit, old ? old->number : 0, text, error);
	}
	edit_end(&edit);
wipe:
	explicit_bzero(text, sizeof(text));
	return err;
}

static int no_account(const char *path, const char *domain, const char *user,
		      char error[ACCOUNT_ERROR_LEN])
{
	account_error(error, "%s: there is no account %s%s%s; 'ksecctl account list' shows them all",
		      path, domain, domain[0] ? "\\" : "", user);
	return -ENOENT;
}

/**
 * account_file_delete() - remove an account
 * @path: name of the file
 * @domain: domain of the account, in any case; empty: the account for any domain
 * @user: user name of the account, in any case
 * @error: message of a failure
 *
 * Return: 0; -ENOENT (no such account, or no file), -EINVAL (the file has a line
 * that cannot be read), or another -errno of reading and writing.
 */
int account_file_delete(const char *path, const char *domain, const char *user,
			char error[ACCOUNT_ERROR_LEN])
{
	const struct account_line *old;
	struct edit edit;
	int err;

	err = edit_begin(&edit, path, false, error);
	if (err)
		return err;
	old = account_db_find(edit.db, user, domain);
	err = old ? edit_commit(&edit, old->number, "", error) :
		    no_account(path, domain, user, error);
	edit_end(&edit);
	return err;
}

/**
 * account_file_disable() - disable or enable an account
 * @path: name of the file
 * @domain: domain of the account, in any case; empty: the account for any domain
 * @user: user name of the account, in any case
 * @disabled: what it is to be; it may be so already
 * @error: message of a failure
 *
 * Return: 0; -ENOENT (no such account, or no file), -EINVAL (the file has a line
 * that cannot be read), or another -errno of reading and writing.
 */
int account_file_disable(const char *path, const char *domain, const char *user, bool disabled,
			 char error[ACCOUNT_ERROR_LEN])
{
	struct account_entry entry = { .disabled = disabled };
	struct account_digest digest;
	const struct account_line *old;
	char text[LINE_MAX_LEN];
	struct edit edit;
	int err;

	err = edit_begin(&edit, path, false, error);
	if (err)
		return err;
	old = account_db_find(edit.db, user, domain);
	if (!old) {
		err = no_account(path, domain, user, error);
		goto out;
	}
	if (old->disabled == disabled)
		goto out;
	account_line_account(old, &entry.account);
	account_line_digest(old, &digest);
	if (account_line_format(&entry, old->hash, &digest, text, sizeof(text)) < 0) {
		account_error(error, "%s: the account does not fit into a line", path);
		err = -EINVAL;
	} else {
		err = edit_commit(&edit, old->number, text, error);
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&digest, sizeof(digest));
out:
	edit_end(&edit);
	return err;
}
