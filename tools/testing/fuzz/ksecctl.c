// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing ksecctl's command line, and the password on its standard input.
 *
 * What it would do to files is this file's: account-edit looks after that.  There is
 * no module.  Input: the words of the command line, each up to a NUL, as many as the
 * first byte says; then standard input.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <getopt.h>
#include <unistd.h>

#include "fuzz.h"
#include "helper/accounts/file_line.h"
#include "helper/config.h"
#include "helper/ntlm/crypto.h"
#include "helper/text.h"
#include "json_check.h"

/* Its main() is called from here. */
int ksecctl_main(int argc, char **argv);
#define main ksecctl_main
#include "tools/ksecctl/main.c"

#define WORDS_MAX	12

int __wrap_account_file_add(const char *path, const struct account_entry *entry,
			    const uint8_t hash[ACCOUNT_HASH_LEN],
			    const struct account_digest *digest, bool replace, char *error);
int __wrap_account_file_delete(const char *path, const char *domain, const char *user,
			       char *error);
int __wrap_account_file_disable(const char *path, const char *domain, const char *user,
				bool disabled, char *error);
int __wrap_account_db_load(const char *path, struct account_db **ret_db, char *error);
int __wrap_config_load(const char *path, bool may_be_absent, struct config *cfg,
		       struct config_error *err);
int __wrap_family_open(struct family *family);
int __wrap_mkdir(const char *path, unsigned int mode);
int __wrap_nanosleep(const void *time, void *left);

static const uint8_t *password;
static size_t password_len;
static unsigned int done;

/* The first line of standard input, which has to be a password */
static void check_password(const uint8_t hash[ACCOUNT_HASH_LEN])
{
	const uint8_t *feed = memchr(password, '\n', password_len);
	size_t len = feed ? (size_t)(feed - password) : password_len;
	uint8_t want[ACCOUNT_HASH_LEN];

	fuzz_assert(len && len <= KSECDD_MAX_SECRET && !memchr(password, '\0', len) &&
		    ntlm_ntowfv1((const char *)password, len, want),
		    "a password of %zu bytes was taken", len);
	fuzz_assert(!memcmp(hash, want, sizeof(want)), "the hash of another password");
}

static void check_name(const char *name, size_t size)
{
	fuzz_assert(memchr(name, '\0', size), "a name does not end");
}

int __wrap_account_file_add(const char *path, const struct account_entry *entry,
			    const uint8_t hash[ACCOUNT_HASH_LEN],
			    const struct account_digest *digest, bool replace, char *error)
{
	char day[ACCOUNT_DAY_LEN];

	(void)path;
	(void)replace;
	done++;
	check_name(entry->account.user, sizeof(entry->account.user));
	check_name(entry->account.domain, sizeof(entry->account.domain));
	check_name(entry->account.local, sizeof(entry->account.local));
	fuzz_assert(entry->account.user[0], "no user");
	fuzz_assert(entry->account.expiry == KSECDD_TIME_NEVER ||
		    !account_format_expiry(entry->account.expiry, day), "an end that is no day");
	fuzz_assert(!account_check_realm(digest->realm), "a realm that no account can have");
	check_password(hash);
	if (password[0] & 1)
		return 0;
	snprintf(error, ACCOUNT_ERROR_LEN, "%s: no", path);
	return -EEXIST;
}

int __wrap_account_file_delete(const char *path, const char *domain, const char *user,
			       char *error)
{
	(void)path;
	(void)error;
	done++;
	fuzz_assert(domain && *user, "no user");
	return 0;
}

int __wrap_account_file_disable(const char *path, const char *domain, const char *user,
				bool disabled, char *error)
{
	(void)disabled;
	return __wrap_account_file_delete(path, domain, user, error);
}

int __wrap_account_db_load(const char *path, struct account_db **ret_db, char *error)
{
	static const char text[] =
		"al\xc3\xa9:fc525c9683e8fe067095ba2ddc971889:al\n"
		"D\xe2\x80\xaeM\\bob:fc525c9683e8fe067095ba2ddc971889::disabled,expires=2030-01-01\n"
		"empty:31d6cfe0d16ae931b73c59d7e0c089c0:\n";

	(void)path;
	done++;
	return account_db_parse("accounts", strdup(text), strlen(text), ret_db, error);
}

int __wrap_config_load(const char *path, bool may_be_absent, struct config *cfg,
		       struct config_error *err)
{
	(void)may_be_absent;
	return config_parse(path, "", 0, "server", cfg, err);
}

int __wrap_family_open(struct family *family)
{
	(void)family;
	done++;
	return -ENOENT;
}

int __wrap_mkdir(const char *path, unsigned int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

int __wrap_nanosleep(const void *time, void *left)
{
	(void)time;
	(void)left;
	return 0;
}

static void set_stdin(void)
{
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("stdin", MFD_CLOEXEC);
		fuzz_assert(fd >= 0 && dup2(fd, STDIN_FILENO) >= 0, "%s", strerror(errno));
	}
	fuzz_assert(!ftruncate(fd, 0) && pwrite(fd, password, password_len, 0) ==
		    (ssize_t)password_len && !lseek(fd, 0, SEEK_SET), "%s", strerror(errno));
}

/* struct capture - standard output or error of a run */
struct capture {
	FILE **stream;
	FILE *before;
	char *text;
	size_t len;
};

static void capture_begin(struct capture *c, FILE **stream)
{
	c->stream = stream;
	c->before = *stream;
	*stream = open_memstream(&c->text, &c->len);
	if (!*stream)
		abort();
}

static void capture_end(struct capture *c)
{
	fclose(*c->stream);
	*c->stream = c->before;
}

/* Whether JSON is asked for; not where the word may be an option's value or a name. */
static bool has_json(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if ((!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json")) &&
		    argv[i - 1][0] != '-')
			return true;
	return false;
}

static void run(int argc, char **argv, bool json)
{
	struct capture out, err;
	int code;

	set_stdin();
	done = 0;
	optind = 0;
	capture_begin(&out, &stdout);
	capture_begin(&err, &stderr);
	code = ksecctl_main(argc, argv);
	capture_end(&err);
	capture_end(&out);
	fuzz_assert(code >= EXIT_DONE && code <= EXIT_NO_HELPER, "exit code %d", code);
	fuzz_assert(code == EXIT_DONE || err.len || out.len, "%d, and not a word", code);
	fuzz_assert(code != EXIT_USAGE || !done, "wrong usage, and done");
	fuzz_assert(!done || !json || code || json_check(out.text, NULL, NULL),
		    "this is no JSON: %s", out.text);
	free(out.text);
	free(err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "ksecctl";
	struct fuzz_input in = { data, size };
	char *argv[WORDS_MAX + 2] = { name }, *words[WORDS_MAX];
	int n = fuzz_take_below(&in, WORDS_MAX + 1), i;
	uint8_t *bytes;

	for (i = 0; i < n; i++)
		argv[i + 1] = words[i] = fuzz_take_text(&in, 1200);
	bytes = fuzz_take_rest(&in, &password_len);
	password = bytes;
	run(n + 1, argv, has_json(n + 1, argv));
	/* getopt() has changed the order of argv; words has the one in which to free them. */
	for (i = 0; i < n; i++)
		free(words[i]);
	free(bytes);
	return 0;
}
