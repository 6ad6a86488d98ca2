// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The account file as a source: changes count at once, and a file that cannot be
 * read lets nobody in.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/ntlm/server.h"

#define HASH	"fc525c9683e8fe067095ba2ddc971889"
#define THREADS	4
#define LOGONS	300

static char dir[] = "/tmp/ksecd-test.XXXXXX";
static char path[64];
static struct account_file *file;
static atomic_uint told, failures;
static char message[ACCOUNT_ERROR_LEN];

static uint64_t now(void *data)
{
	(void)data;
	return SERVER_NOW;
}

static void say(void *data, bool failed, const char *text)
{
	(void)data;
	atomic_fetch_add(&told, 1);
	if (failed)
		atomic_fetch_add(&failures, 1);
	snprintf(message, sizeof(message), "%s", text);
}

/* In the file's place, as ksecctl and most editors do it */
static void put(const char *text)
{
	char temp[80];
	int fd;

	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) ||
	    rename(temp, path))
		tap_bail("cannot write %s: %s", path, strerror(errno));
}

/* A logon of alice with the right password */
static int32_t logon(void)
{
	struct server *s = server_new(NULL);
	struct client c;
	int32_t status;

	account_file_source(file, &s->accounts);
	client_init(&c);
	status = server_logon(s, &c);
	server_free(s);
	return status;
}

static void test_changes(void)
{
	struct account_entry entry = { .account = { .user = "zoe", .expiry = KSECDD_TIME_NEVER } };
	char error[ACCOUNT_ERROR_LEN];
	uint8_t hash[ACCOUNT_HASH_LEN] = { 1 };
	unsigned int before;

	tap_is(account_file_open(path, now, say, NULL, &file), 0, "a source without its file");
	tap_ok(failures == 1 && strstr(message, path), "which is told");
	tap_is(logon(), SEC_E_LOGON_DENIED, "nobody is let in");
	tap_is(told, 1, "and it is told once");

	put("alice:" HASH ":\n");
	tap_is(logon(), SEC_E_OK, "the file is there: alice is let in");
	tap_ok(told == 2 && strstr(message, "1 account"), "the number of accounts is told");
	before = told;
	tap_is(logon(), SEC_E_OK, "again");
	tap_is(told, before, "a file that did not change is not read again");

	put("alice:" HASH "::disabled\n");
	tap_is(logon(), SEC_E_LOGON_DENIED, "alice is disabled");
	put("alice:" HASH ":\nrubbish\n");
	tap_is(logon(), SEC_E_LOGON_DENIED, "a line that cannot be read: nobody is let in");
	tap_ok(strstr(message, ":2:") != NULL, "the line is told");
	before = told;
	logon();
	tap_is(told, before, "once");
	put("alice:" HASH ":\n");
	tap_is(logon(), SEC_E_OK, "the line is gone: alice is let in");
	chmod(path, 0644);
	tap_is(logon(), SEC_E_LOGON_DENIED, "others can read the file: nobody is let in");
	chmod(path, 0600);
	tap_is(logon(), SEC_E_OK, "they cannot any more: alice is let in");
	tap_is(account_file_add(path, &entry, hash, NULL, false, error), 0, "somebody is added");
	tap_is(logon(), SEC_E_OK, "alice is let in");
	tap_ok(strstr(message, "2 accounts") != NULL, "there are two");
	tap_is(account_file_delete(path, "", "alice", error), 0, "alice is removed");
	tap_is(logon(), SEC_E_LOGON_DENIED, "alice is not let in");
	unlink(path);
	tap_is(logon(), SEC_E_LOGON_DENIED, "the file is gone: nobody is let in");
	put("alice:" HASH ":\n");
	tap_is(logon(), SEC_E_OK, "it is back");
}

/* The very file that was read before is good again when it is back. */
static void test_back_again(void)
{
	char real[80];

	snprintf(real, sizeof(real), "%s.real", path);
	if (rename(path, real) || symlink(real, path))
		tap_bail("symlink: %s", strerror(errno));
	tap_is(logon(), SEC_E_OK, "the file behind a link");
	unlink(path);
	tap_is(logon(), SEC_E_LOGON_DENIED, "the link is gone: nobody is let in");
	if (symlink(real, path))
		tap_bail("symlink: %s", strerror(errno));
	tap_is(logon(), SEC_E_OK, "it is back, the file as it was");
	unlink(path);
	unlink(real);
}

/* A08: the process has no descriptor left when the file has to be read */
static void test_descriptors(void)
{
	struct rlimit old, none;

	if (getrlimit(RLIMIT_NOFILE, &old))
		tap_bail("getrlimit: %s", strerror(errno));
	put("alice:" HASH ":other\n");
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	tap_is(logon(), SEC_E_LOGON_DENIED, "A08: no descriptor for the file: nobody is let in");
	setrlimit(RLIMIT_NOFILE, &old);
	tap_is(logon(), SEC_E_OK, "A08: afterwards it is read");
}

static atomic_bool stop;

static void *change(void *data)
{
	unsigned int i;

	(void)data;
	for (i = 0; !stop; i++)
		put(i % 2 ? "alice:" HASH ":one\n" : "bob:" HASH ":\nalice:" HASH ":other\n");
	return NULL;
}

static void *log_on(void *data)
{
	uintptr_t wrong = 0;
	int i;

	(void)data;
	for (i = 0; i < LOGONS; i++) {
		struct server *s = server_new(NULL);
		const struct ntlmv2_response nonsense = {
			.user = "alice", .domain = "", .workstation = "",
			.challenge = (const uint8_t *)"12345678",
			.nt = (const uint8_t *)"0123456789abcdef0123456789abcdef0123456789abcdef",
			.nt_len = 48,
		};
		const char *reason = NULL;
		struct account account;
		uint8_t key[16];

		account_file_source(file, &s->accounts);
		wrong += s->accounts.verify(s->accounts.data, &nonsense, &account, key, &reason) !=
			 SEC_E_LOGON_DENIED;
		/* Never "cannot be read": there was a good file all the time. */
		wrong += !reason || strstr(reason, "unknown account") == NULL;
		server_free(s);
	}
	return (void *)wrong;
}

static void test_threads(void)
{
	pthread_t threads[THREADS], changer;
	uintptr_t wrong = 0;
	void *result;
	int i;

	if (pthread_create(&changer, NULL, change, NULL))
		tap_bail("no thread");
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, log_on, NULL))
			tap_bail("no thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		wrong += (uintptr_t)result;
	}
	stop = true;
	pthread_join(changer, NULL);
	tap_is(wrong, 0, "%d threads log on while the file is replaced", THREADS);
	tap_is(logon(), SEC_E_OK, "alice is let in");
}

int main(void)
{
	if (!mkdtemp(dir))
		tap_bail("cannot make %s: %s", dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/accounts", dir);
	test_changes();
	test_back_again();
	test_descriptors();
	test_threads();
	account_file_close(file);
	account_file_close(NULL);
	unlink(path);
	rmdir(dir);
	return tap_done();
}
