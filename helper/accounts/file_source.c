// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The account file as a source of accounts.
 *
 * Before each logon the file is looked at, and read again if it is another one
 * than before: what ksecctl does to an account counts for the next logon, and
 * nobody has to tell the daemon.  As long as the file cannot be read, nobody is
 * let in: the accounts of yesterday may include the one that was removed today.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/accounts/file_line.h"

/**
 * struct account_file - the file, as it was last seen
 * @path:    its name
 * @now:     the time as FILETIME, UTC
 * @say:     told whenever the file was read, or could not be
 * @data:    for @now and @say
 * @reading: one thread at a time looks at the file
 * @lock:    of @db and @no_memory: logons read, a thread that has @reading too writes
 * @db:      the accounts; NULL if the file cannot be read
 * @no_memory: @db is NULL for want of memory
 * @stat:    what the file was like when it was read; under @reading
 * @seen:    @stat is that of a file that was judged; under @reading
 * @message: what was last told to @say; under @reading
 */
struct account_file {
	char *path;
	uint64_t (*now)(void *data);
	void (*say)(void *data, bool failed, const char *message);
	void *data;
	pthread_mutex_t reading;
	pthread_rwlock_t lock;
	struct account_db *db;
	bool no_memory;
	struct stat stat;
	bool seen;
	char message[ACCOUNT_ERROR_LEN];
};

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* ctime tells of writing, chown and chmod; the inode of a file put in its place. */
static bool unchanged(const struct account_file *file)
{
	const struct stat *old = &file->stat;
	struct stat new;

	return file->seen && !stat(file->path, &new) &&
	       old->st_dev == new.st_dev && old->st_ino == new.st_ino &&
	       old->st_size == new.st_size && same_time(&old->st_mtim, &new.st_mtim) &&
	       same_time(&old->st_ctim, &new.st_ctim);
}

/* Whether a failure is the file's own, so that trying again does not help. */
static bool is_verdict(int err)
{
	return !err || err == -EINVAL || err == -EPERM || err == -EFBIG;
}

static int load(struct account_file *file, struct account_db **ret_db,
		char message[ACCOUNT_ERROR_LEN])
{
	int fd, err;

	fd = account_file_open_read(file->path, message);
	if (fd < 0)
		return fd;
	err = account_db_load_fd(file->path, fd, &file->stat, ret_db, message);
	close(fd);
	return err;
}

/* Have what is in the file now; with @reading held. */
static void read_again(struct account_file *file)
{
	struct account_db *db = NULL, *old;
	char message[ACCOUNT_ERROR_LEN];
	int err = load(file, &db, message);
	bool repeated;

	/* A failure that is not the file's own leaves @stat as it was or half new. */
	file->seen = is_verdict(err);
	if (!err)
		account_error(message, "%s: %zu account%s", file->path,
			      account_db_count(db), account_db_count(db) == 1 ? "" : "s");

	/* A file that stays unreadable is worth one line, not one for each logon. */
	repeated = err && !strcmp(message, file->message);
	strcpy(file->message, message);
	/*
	 * Whoever finds the file unreadable must be able to know it: a failure is
	 * said before the accounts are gone, a success when they are there.
	 */
	if (err && !repeated)
		file->say(file->data, err, message);
	pthread_rwlock_wrlock(&file->lock);
	old = file->db;
	file->db = db;
	file->no_memory = err == -ENOMEM;
	pthread_rwlock_unlock(&file->lock);
	account_db_free(old);
	if (!err)
		file->say(file->data, err, message);
}

static void refresh(struct account_file *file)
{
	pthread_mutex_lock(&file->reading);
	if (!unchanged(file))
		read_again(file);
	pthread_mutex_unlock(&file->reading);
}

/*
 * Have the accounts as they are now, with @lock held; end_reading() gives it back.
 * False if there was no memory: that is no denial, which a client would take for a wrong
 * password.
 */
static bool begin_reading(struct account_file *file)
{
	refresh(file);
	pthread_rwlock_rdlock(&file->lock);
	return !file->no_memory;
}

static void end_reading(struct account_file *file)
{
	pthread_rwlock_unlock(&file->lock);
}

static const char no_memory[] = "out of memory while reading the account file";

static int32_t verify(void *data, const struct ntlmv2_response *response,
		      struct account *account, uint8_t session_base_key[16],
		      const char **reason)
{
	int32_t status = SEC_E_INSUFFICIENT_MEMORY;
	struct account_file *file = data;

	*reason = no_memory;
	if (begin_reading(file))
		status = account_db_verify(file->db, response, file->now(file->data), account,
					   session_base_key, reason);
	end_reading(file);
	return status;
}

static int32_t verify_digest(void *data, const struct digest_response *response,
			     struct account *account, const char **reason)
{
	int32_t status = SEC_E_INSUFFICIENT_MEMORY;
	struct account_file *file = data;

	*reason = no_memory;
	if (begin_reading(file))
		status = account_db_verify_digest(file->db, response, file->now(file->data),
						  account, reason);
	end_reading(file);
	return status;
}

/**
 * account_file_open() - make a source of an account file
 * @path: its name; copied
 * @now: the time as FILETIME, UTC
 * @say: told of each time the file was read, with the number of accounts, and
 *       of each new reason why it could not be; called from any thread
 * @data: for @now and @say
 * @ret_file: the source
 *
 * A file that cannot be read is no failure of this function: @say is told, and
 * all logons are denied until it can be.
 *
 * Return: 0, or -ENOMEM.
 */
int account_file_open(const char *path, uint64_t (*now)(void *data),
		      void (*say)(void *data, bool failed, const char *message),
		      void *data, struct account_file **ret_file)
{
	struct account_file *file = calloc(1, sizeof(*file));

	if (!file)
		return -ENOMEM;
	file->path = strdup(path);
	if (!file->path) {
		free(file);
		return -ENOMEM;
	}
	file->now = now;
	file->say = say;
	file->data = data;
	pthread_mutex_init(&file->reading, NULL);
	pthread_rwlock_init(&file->lock, NULL);
	refresh(file);
	*ret_file = file;
	return 0;
}

/**
 * account_file_close() - give up a source
 * @file: the source, which no thread uses any more; may be NULL
 */
void account_file_close(struct account_file *file)
{
	if (!file)
		return;
	account_db_free(file->db);
	pthread_rwlock_destroy(&file->lock);
	pthread_mutex_destroy(&file->reading);
	free(file->path);
	free(file);
}

/**
 * account_file_source() - the functions of a source
 * @file: the source, which must outlive @source
 * @source: filled in
 */
void account_file_source(struct account_file *file, struct account_source *source)
{
	source->name = "file";
	source->verify = verify;
	source->verify_digest = verify_digest;
	source->data = file;
}
