// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The account file in memory: read whole, refused whole if a line is wrong, and
 * never changed afterwards, so that many threads can look into it at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/accounts/file_line.h"
#include "helper/ntlm/name.h"

/**
 * account_error() - write the message of a failure
 * @error: where it goes
 * @format: as for printf()
 */
void account_error(char error[ACCOUNT_ERROR_LEN], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, ACCOUNT_ERROR_LEN, format, args);
	va_end(args);
}

/* A file that others can read has no secrets; one of another owner is a trap. */
static int check_stat(const char *path, const struct stat *st, char error[ACCOUNT_ERROR_LEN])
{
	if (!S_ISREG(st->st_mode)) {
		account_error(error, "%s: not a regular file", path);
		return -EINVAL;
	}
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		account_error(error, "%s: belongs to uid %u, so that user decides who logs on; run 'chown root %s'",
			      path, st->st_uid, path);
		return -EPERM;
	}
	if (st->st_mode & 077) {
		account_error(error, "%s: its mode %04o lets others at the password hashes; run 'chmod 600 %s' and change the passwords",
			      path, st->st_mode & 07777, path);
		return -EPERM;
	}
	if (st->st_size > ACCOUNT_FILE_MAX) {
		account_error(error, "%s: larger than %u bytes; use winbind for so many accounts",
			      path, ACCOUNT_FILE_MAX);
		return -EFBIG;
	}
	return 0;
}

/* Returns the number of bytes up to the end of the file or of @size, or -errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, text + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += n;
	}
	return done;
}

/**
 * account_file_read() - read an open account file
 * @path: its name, for messages
 * @fd: the file, at its beginning
 * @ret_text: its content and a NUL; to be wiped and freed
 * @ret_size: length of the content in bytes
 * @ret_stat: what the file was like; NULL if nobody asks
 * @error: message of a failure
 *
 * Return: 0; -EPERM (owner or mode), -EINVAL (no regular file), -EFBIG, -EAGAIN
 * (it grew meanwhile), -ENOMEM, or another -errno of reading it.
 */
int account_file_read(const char *path, int fd, char **ret_text, size_t *ret_size,
		      struct stat *ret_stat, char error[ACCOUNT_ERROR_LEN])
{
	struct stat st;
	ssize_t done;
	char *text;
	int err;

	if (fstat(fd, &st)) {
		err = -errno;
		account_error(error, "%s: %s", path, strerror(-err));
		return err;
	}
	if (ret_stat)
		*ret_stat = st;
	err = check_stat(path, &st, error);
	if (err)
		return err;

	text = malloc(st.st_size + 1);
	if (!text) {
		account_error(error, "%s: out of memory", path);
		return -ENOMEM;
	}
	done = read_all(fd, text, st.st_size + 1);
	if (done < 0)
		account_error(error, "%s: cannot be read: %s", path, strerror((int)-done));
	if (done > st.st_size) {
		account_error(error, "%s: changed while it was read; try again", path);
		done = -EAGAIN;
	}
	if (done < 0) {
		explicit_bzero(text, st.st_size + 1);
		free(text);
		return (int)done;
	}
	text[done] = '\0';
	*ret_text = text;
	*ret_size = done;
	return 0;
}

/* For qsort() and bsearch(): both are pointers to pointers to lines. */
static int compare_lines(const void *a, const void *b)
{
	const struct account_line *x = *(const struct account_line *const *)a;
	const struct account_line *y = *(const struct account_line *const *)b;
	int order = name_compare(x->user, y->user);

	return order ? order : name_compare(x->domain, y->domain);
}

static int parse_lines(const char *path, struct account_db *db, char error[ACCOUNT_ERROR_LEN])
{
	char *text = db->text, *end = db->text + db->size;
	size_t number = 0;

	while (text < end) {
		char *feed = memchr(text, '\n', end - text);
		size_t len = (feed ? feed : end) - text;
		struct account_line *line = db->lines + db->count;
		const char *wrong;

		number++;
		text[len] = '\0';
		if (account_line_is_account(text, len)) {
			wrong = account_line_parse(text, len, line);
			if (wrong) {
				account_error(error, "%s:%zu: %s", path, number, wrong);
				return -EINVAL;
			}
			line->number = number;
			db->sorted[db->count++] = line;
		}
		text += len + 1;
	}
	return 0;
}

static size_t count_lines(const char *text, size_t size)
{
	size_t lines = 1, i;

	for (i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

static int refuse_twins(const char *path, const struct account_db *db,
			char error[ACCOUNT_ERROR_LEN])
{
	size_t i;

	for (i = 1; i < db->count; i++) {
		const struct account_line *a = db->sorted[i - 1], *b = db->sorted[i];
		size_t first = a->number < b->number ? a->number : b->number;
		size_t second = a->number < b->number ? b->number : a->number;

		if (compare_lines(&a, &b))
			continue;
		account_error(error, "%s:%zu: the account of line %zu again; remove one of the two",
			      path, second, first);
		return -EINVAL;
	}
	return 0;
}

/**
 * account_db_parse() - read the text of an account file
 * @path: name of the file, for messages
 * @text: the text and a NUL; belongs to the result, or is wiped and freed
 * @size: its length in bytes
 * @ret_db: the accounts
 * @error: message of a failure
 *
 * Return: 0, -EINVAL (a line that is no account, an account twice), -ENOMEM.
 */
int account_db_parse(const char *path, char *text, size_t size, struct account_db **ret_db,
		     char error[ACCOUNT_ERROR_LEN])
{
	struct account_db *db = calloc(1, sizeof(*db));
	int err;

	if (!db) {
		explicit_bzero(text, size);
		free(text);
		account_error(error, "%s: out of memory", path);
		return -ENOMEM;
	}
	db->text = text;
	db->size = size;
	db->room = count_lines(text, size);
	db->lines = calloc(db->room, sizeof(*db->lines));
	db->sorted = calloc(db->room, sizeof(*db->sorted));
	if (!db->lines || !db->sorted) {
		account_db_free(db);
		account_error(error, "%s: out of memory", path);
		return -ENOMEM;
	}

	err = parse_lines(path, db, error);
	if (!err) {
		qsort(db->sorted, db->count, sizeof(*db->sorted), compare_lines);
		err = refuse_twins(path, db, error);
	}
	if (err) {
		account_db_free(db);
		return err;
	}
	*ret_db = db;
	return 0;
}

/**
 * account_file_open_read() - open an account file
 * @path: its name
 * @error: message of a failure
 *
 * Return: a file descriptor, or what open() says as -errno.
 */
int account_file_open_read(const char *path, char error[ACCOUNT_ERROR_LEN])
{
	/* Not even a FIFO in its place may make a logon wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err = errno;
	struct stat st;

	if (fd >= 0)
		return fd;
	/* Without capabilities, root cannot read what belongs to somebody else either. */
	if (err == EACCES && !stat(path, &st) && check_stat(path, &st, error))
		return -err;
	account_error(error, "%s: %s%s", path, strerror(err),
		      err == ENOENT ? "; 'ksecctl account add' makes it" : "");
	return -err;
}

/**
 * account_db_load_fd() - read an open account file
 * @path: its name, for messages
 * @fd: the file, at its beginning
 * @ret_stat: what the file was like; NULL if nobody asks
 * @ret_db: the accounts
 * @error: message of a failure
 *
 * Return: 0, or -errno: see account_file_read() and account_db_parse().
 */
int account_db_load_fd(const char *path, int fd, struct stat *ret_stat,
		       struct account_db **ret_db, char error[ACCOUNT_ERROR_LEN])
{
	size_t size;
	char *text;
	int err;

	err = account_file_read(path, fd, &text, &size, ret_stat, error);
	return err ? err : account_db_parse(path, text, size, ret_db, error);
}

/**
 * account_db_load() - read an account file
 * @path: its name
 * @ret_db: the accounts, to be freed with account_db_free(); unchanged after a
 *          failure
 * @error: message of a failure, with file, line and remedy
 *
 * Return: 0, or -errno: see account_file_read() and account_db_parse(), and
 * whatever open() says.
 */
int account_db_load(const char *path, struct account_db **ret_db,
		    char error[ACCOUNT_ERROR_LEN])
{
	int fd, err;

	fd = account_file_open_read(path, error);
	if (fd < 0)
		return fd;
	err = account_db_load_fd(path, fd, NULL, ret_db, error);
	close(fd);
	return err;
}

/**
 * account_db_free() - forget the accounts
 * @db: what account_db_load() returned; may be NULL
 */
void account_db_free(struct account_db *db)
{
	if (!db)
		return;
	if (db->lines)
		explicit_bzero(db->lines, db->room * sizeof(*db->lines));
	explicit_bzero(db->text, db->size);
	free(db->sorted);
	free(db->lines);
	free(db->text);
	free(db);
}

/**
 * account_db_count() - number of accounts
 * @db: the accounts
 */
size_t account_db_count(const struct account_db *db)
{
	return db->count;
}

/**
 * account_db_entry() - one of the accounts, sorted by user and domain
 * @db: the accounts
 * @index: 0 to account_db_count() - 1
 * @entry: what the file says about it; without the hash
 */
void account_db_entry(const struct account_db *db, size_t index, struct account_entry *entry)
{
	const struct account_line *line = db->sorted[index];

	memset(entry, 0, sizeof(*entry));
	account_line_account(line, &entry->account);
	entry->disabled = line->disabled;
	entry->unusable = account_hash_is_empty(line->hash);
	strcpy(entry->realm, line->realm);
}

/**
 * account_line_account() - who the account of a line is
 * @line: the line; its names fit, account_line_parse() saw to that
 * @account: the account
 */
void account_line_account(const struct account_line *line, struct account *account)
{
	strcpy(account->user, line->user);
	strcpy(account->domain, line->domain);
	strcpy(account->local, line->local);
	account->expiry = line->expiry;
}

/**
 * account_line_digest() - what a line has for Digest
 * @line: the line
 * @digest: the hashes, to be wiped; its realm is empty if there are none
 */
void account_line_digest(const struct account_line *line, struct account_digest *digest)
{
	strcpy(digest->realm, line->realm);
	memcpy(digest->ha1, line->ha1, sizeof(digest->ha1));
}

/**
 * account_db_find() - the account of exactly this name
 * @db: the accounts
 * @user: UTF-8, in any case
 * @domain: UTF-8, in any case; empty: the account for any domain
 *
 * Return: its line, or NULL.
 */
const struct account_line *account_db_find(const struct account_db *db, const char *user,
					   const char *domain)
{
	const struct account_line wanted = { .user = user, .domain = domain }, *key = &wanted;
	const struct account_line *const *found;

	found = bsearch(&key, db->sorted, db->count, sizeof(*db->sorted), compare_lines);
	return found ? *found : NULL;
}
