// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The account file: what is read, what is refused and with which words, and what
 * editing leaves of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/accounts/file.h"
#include "tools/testing/tap/tap.h"

#define HASH	"00112233445566778899aabbccddeeff"
#define SHA256	HASH "ffeeddccbbaa99887766554433221100"
#define MD5	"0123456789abcdef0123456789abcdef"
#define DIGEST	SHA256 "," MD5 ",a realm, of ours"

/* FILETIME of 2026-11-23 00:00 UTC: the end of the 22nd */
#define MIDNIGHT	INT64_C(134398656000000000)

static char dir[] = "/tmp/ksecd-test.XXXXXX";
static char path[64];
static char error[ACCOUNT_ERROR_LEN];

static const uint8_t hash[ACCOUNT_HASH_LEN] = { 0x0a, 0x1b, 0xff };

static void put(const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, 0600) || write(fd, text, len) != (ssize_t)len)
		tap_bail("cannot write %s: %s", path, strerror(errno));
	close(fd);
}

static const char *get(void)
{
	static char text[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		tap_bail("cannot read %s: %s", path, strerror(errno));
	close(fd);
	text[n] = '\0';
	return text;
}

static int load(struct account_db **db)
{
	error[0] = '\0';
	return account_db_load(path, db, error);
}

static void test_read(void)
{
	static const char text[] =
		"# accounts\n"
		"\n"
		"  \t \n"
		"alice:" HASH ":al\n"
		"DOM\\Bob:00112233445566778899AABBCCDDEEFF:\n"
		"carol@dom.example:" HASH ":carol:disabled\n"
		"#dave:" HASH ":dave\n"
		"\xc3\xa4nne:" HASH "::expires=2026-11-22,disabled\n"
		"nobody:31d6cfe0d16ae931b73c59d7e0c089c0:\n"
		"zoe van beek:" HASH ":zoe:expires=9999-12-31";
	struct account_entry entry;
	struct account_db *db;

	put(text, sizeof(text) - 1);
	if (!tap_is(load(&db), 0, "a good file"))
		tap_bail("%s", error);
	tap_is(account_db_count(db), 6, "its accounts");
	account_db_entry(db, 0, &entry);
	tap_ok(!strcmp(entry.account.user, "alice") && !entry.account.domain[0] &&
	       !strcmp(entry.account.local, "al") && entry.account.expiry == KSECDD_TIME_NEVER &&
	       !entry.disabled && !entry.unusable, "alice");
	account_db_entry(db, 1, &entry);
	tap_ok(!strcmp(entry.account.user, "Bob") && !strcmp(entry.account.domain, "DOM") &&
	       !entry.account.local[0], "Bob");
	account_db_entry(db, 2, &entry);
	tap_ok(!strcmp(entry.account.user, "carol@dom.example") && entry.disabled, "carol");
	account_db_entry(db, 3, &entry);
	tap_ok(!strcmp(entry.account.user, "nobody") && entry.unusable,
	       "an empty password is listed as of no use");
	account_db_entry(db, 4, &entry);
	tap_ok(!strcmp(entry.account.user, "zoe van beek"), "a blank within a name");
	account_db_entry(db, 5, &entry);
	tap_is(entry.account.expiry, MIDNIGHT, "an account ends at the end of its last day");
	tap_ok(entry.disabled, "two options");
	account_db_free(db);

	put("", 0);
	tap_is(load(&db), 0, "an empty file");
	tap_is(account_db_count(db), 0, "has no accounts");
	account_db_free(db);
	account_db_free(NULL);
}

/* Each line must be refused, with its number and with these words. */
static void test_refused(void)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "alice", "3 to 5 fields" },
		{ "alice:" HASH, "3 to 5 fields" },
		{ "alice:" HASH ":al:disabled:more", "hashes of Digest" },
		{ "alice:" HASH ":al:disabled:" DIGEST ":more", "3 to 5 fields" },
		{ "alice:" HASH ":al::", "hashes of Digest" },
		{ "alice:" HASH ":al:disabled:", "hashes of Digest" },
		{ "alice:" HASH ":al::" SHA256 "," MD5, "hashes of Digest" },
		{ "alice:" HASH ":al::" SHA256 "," MD5 ",", "realm is missing" },
		{ "alice:" HASH ":al::" MD5 "," SHA256 ",realm", "hashes of Digest" },
		{ "alice:" HASH ":al::" SHA256 "," MD5 "0,realm", "hashes of Digest" },
		{ "alice:" HASH ":al::g" DIGEST, "hashes of Digest" },
		{ "alice:" HASH ":al::" SHA256 "," MD5 ", realm", "blank" },
		{ "alice:" HASH ":al::" SHA256 "," MD5 ",re\talm", "tabs" },
		{ "alice:" HASH ":al::" SHA256 "," MD5 ",re\xff" "m", "UTF-8" },
		{ "alice:" HASH ":al:enabled:" DIGEST, "options" },
		{ " # comment", "3 to 5 fields" },
		{ "alice::al", "32 hex digits" },
		{ "alice:0011:al", "32 hex digits" },
		{ "alice:" HASH "00:al", "32 hex digits" },
		{ "alice:0011223344556677889gaabbccddeeff:al", "32 hex digits" },
		{ "alice: 0112233445566778899aabbccddeeff:al", "32 hex digits" },
		{ ":" HASH ":al", "user name is missing" },
		{ "DOM\\:" HASH ":al", "user name is missing" },
		{ "A\\B\\c:" HASH ":al", "backslash" },
		{ " alice:" HASH ":al", "blank" },
		{ "alice :" HASH ":al", "blank" },
		{ "DOM \\alice:" HASH ":al", "blank" },
		{ "alice:" HASH ": al", "blank" },
		{ "alice:" HASH ":al\r", "carriage return" },
		{ "al\tice:" HASH ":al", "carriage return" },
		{ "al\xffice:" HASH ":al", "UTF-8" },
		{ "alice:" HASH ":al:", "options" },
		{ "alice:" HASH ":al:enabled", "options" },
		{ "alice:" HASH ":al:disabled,", "options" },
		{ "alice:" HASH ":al:disabled=1", "takes no value" },
		{ "alice:" HASH ":al:expires", "options" },
		{ "alice:" HASH ":al:expires=", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=tomorrow", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=2026-02-29", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=2026-13-01", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=2026-00-01", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=1969-12-31", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=2026-1-1", "YYYY-MM-DD" },
		{ "alice:" HASH ":al:expires=2026-01-01x", "YYYY-MM-DD" },
		{ "BOB:" HASH ":", "again" },
	};
	char text[512], place[80];
	struct account_db *db;
	size_t i;

	snprintf(place, sizeof(place), "%s:3:", path);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "# first\nbob:" HASH ":\n%s\nzoe:" HASH ":\n",
			 cases[i].line);
		put(text, strlen(text));
		tap_is(load(&db), -EINVAL, "line %zu is refused", i);
		tap_ok(!strncmp(error, place, strlen(place)) && strstr(error, cases[i].words),
		       "with file, line and remedy: %s", cases[i].words);
		tap_ok(!strstr(error, "0011"), "and without the hash");
	}
	put("a:" HASH ":\0\n", sizeof("a:" HASH ":\0\n") - 1);
	tap_is(load(&db), -EINVAL, "a NUL within the file");
	memset(text, 'x', sizeof(text));
	put(text, sizeof(text));
	tap_is(load(&db), -EINVAL, "a file without lines");
}

static void test_limits(void)
{
	char text[2048];
	struct account_db *db;
	struct account room;
	size_t len;

	for (len = sizeof(room.user) - 1; len <= sizeof(room.user); len++) {
		memset(text, 'u', len);
		strcpy(text + len, ":" HASH ":\n");
		put(text, strlen(text));
		if (len < sizeof(room.user)) {
			tap_is(load(&db), 0, "a user name of %zu bytes", len);
			account_db_free(db);
		} else {
			tap_is(load(&db), -EINVAL, "a user name of %zu bytes", len);
		}
	}
	strcpy(text, "u:" HASH ":");
	memset(text + strlen(text), 'l', 256);
	strcpy(text + 3 + 32 + 256, "\n");
	put(text, strlen(text));
	tap_is(load(&db), -EINVAL, "a local user of 256 bytes");
}

static void refused_mode(mode_t mode)
{
	struct account_db *db;

	chmod(path, mode);
	tap_is(load(&db), -EPERM, "mode %04o", mode);
	tap_ok(strstr(error, "chmod 600") && strstr(error, path), "with the remedy");
}

static void test_access(void)
{
	char other[80];
	struct account_db *db;

	put("alice:" HASH ":\n", strlen("alice:" HASH ":\n"));
	refused_mode(0640);
	refused_mode(0604);
	refused_mode(0620);
	refused_mode(0610);
	chmod(path, 0400);
	tap_is(load(&db), 0, "mode 0400");
	account_db_free(db);
	chmod(path, 0600);
	if (geteuid()) {
		tap_skip("owner of the file: not root here");
	} else {
		if (chown(path, 4711, 0))
			tap_bail("chown: %s", strerror(errno));
		tap_is(load(&db), -EPERM, "another owner");
		tap_ok(strstr(error, "4711") && strstr(error, "chown root"), "with the remedy");
	}
	unlink(path);
	tap_is(load(&db), -ENOENT, "no file");
	tap_ok(strstr(error, "ksecctl account add"), "with the remedy");
	mkdir(path, 0700);
	tap_is(load(&db), -EINVAL, "a directory");
	rmdir(path);
	if (mkfifo(path, 0600))
		tap_bail("mkfifo: %s", strerror(errno));
	tap_is(load(&db), -EINVAL, "a FIFO, without waiting for it");
	unlink(path);
	put("", 0);
	if (truncate(path, (off_t)17 << 20))
		tap_bail("truncate: %s", strerror(errno));
	tap_is(load(&db), -EFBIG, "a file of 17 MiB");
	snprintf(other, sizeof(other), "%s.real", path);
	put("alice:" HASH ":\n", strlen("alice:" HASH ":\n"));
	if (rename(path, other) || symlink(other, path))
		tap_bail("symlink: %s", strerror(errno));
	tap_is(load(&db), 0, "a link to the file");
	account_db_free(db);
	unlink(path);
	unlink(other);
}

static struct account_entry entry_of(const char *domain, const char *user, const char *local)
{
	struct account_entry entry = { .account.expiry = KSECDD_TIME_NEVER };

	strcpy(entry.account.domain, domain);
	strcpy(entry.account.user, user);
	strcpy(entry.account.local, local);
	return entry;
}

static void is_file(const char *want, const char *what)
{
	if (!tap_ok(!strcmp(get(), want), "%s", what))
		tap_diag("the file is: %s", get());
}

#define LINE_HASH "0a1bff00000000000000000000000000"
#define BOB	"577dcdc489b6d933f98884aef011cb68b7a2d8a3ef02cdaac517383d804f0b19," \
		"21f16dd41be2f300414c6bef0a22a75d"

static void test_edit(void)
{
	struct account_entry alice = entry_of("", "alice", "al"), bob = entry_of("DOM", "bob", "");
	struct stat st;

	unlink(path);
	umask(0);
	tap_is(account_file_add(path, &alice, hash, NULL, false, error), 0, "add to a file that is not there");
	umask(022);
	is_file("alice:" LINE_HASH ":al\n", "it is made");
	tap_ok(!stat(path, &st) && (st.st_mode & 07777) == 0600, "with mode 0600");
	tap_is(account_file_add(path, &alice, hash, NULL, false, error), -EEXIST, "add it again");
	tap_ok(strstr(error, ":1:") != NULL, "the message has the line");

	put("# keep me\nALICE:" HASH ":other:disabled\n\n# and me",
	    strlen("# keep me\nALICE:" HASH ":other:disabled\n\n# and me"));
	tap_is(account_file_add(path, &bob, hash, NULL, false, error), 0, "add behind a line without end");
	is_file("# keep me\nALICE:" HASH ":other:disabled\n\n# and me\nDOM\\bob:" LINE_HASH ":\n",
		"the line gets one, comments stay");
	tap_is(account_file_add(path, &alice, hash, NULL, true, error), 0, "replace, in another case");
	is_file("# keep me\nalice:" LINE_HASH ":al\n\n# and me\nDOM\\bob:" LINE_HASH ":\n",
		"in its place");
	tap_is(account_file_delete(path, "", "bob", error), -ENOENT, "delete without the domain");
	tap_ok(strstr(error, "ksecctl account list") != NULL, "with the remedy");
	tap_is(account_file_delete(path, "dom", "BOB", error), 0, "delete, in another case");
	is_file("# keep me\nalice:" LINE_HASH ":al\n\n# and me\n", "only the line is gone");
	tap_is(account_file_disable(path, "", "Alice", true, error), 0, "disable");
	is_file("# keep me\nalice:" LINE_HASH ":al:disabled\n\n# and me\n", "the line says so");
	tap_is(account_file_disable(path, "", "alice", false, error), 0, "enable");
	is_file("# keep me\nalice:" LINE_HASH ":al\n\n# and me\n", "the line is as before");
	tap_is(account_file_disable(path, "", "zoe", true, error), -ENOENT, "disable nobody");

	alice.disabled = true;
	account_parse_expiry("2026-11-22", 10, &alice.account.expiry);
	tap_is(alice.account.expiry, MIDNIGHT, "a day becomes a time");
	tap_is(account_file_add(path, &alice, hash, NULL, true, error), 0, "both options");
	is_file("# keep me\nalice:" LINE_HASH ":al:disabled,expires=2026-11-22\n\n# and me\n",
		"the line has them");
	alice.account.expiry++;
	tap_is(account_file_add(path, &alice, hash, NULL, true, error), -EINVAL, "an end within a day");
}

/* The hashes of Digest: written, kept by what does not change them, and gone without one. */
static void test_edit_digest(void)
{
	static const char kept[] = "carol:" HASH ":\nalice:" HASH ":al::" DIGEST "\n"
				   "dave:" HASH "::expires=2026-11-22:" DIGEST "\n";
	struct account_entry entry = entry_of("DOM", "bob", "");
	struct account_digest digest = { .realm = "a realm, of ours" };
	struct account_entry read;
	struct account_db *db;

	put(kept, sizeof(kept) - 1);
	tap_is(account_file_disable(path, "", "alice", true, error), 0, "disable one with hashes");
	is_file("carol:" HASH ":\nalice:" HASH ":al:disabled:" DIGEST "\n"
		"dave:" HASH "::expires=2026-11-22:" DIGEST "\n", "it keeps them");
	tap_is(account_file_disable(path, "", "alice", false, error), 0, "enable it");
	is_file(kept, "the file is as it was");
	if (load(&db))
		tap_bail("%s", error);
	account_db_entry(db, 0, &read);
	tap_ok(!strcmp(read.realm, "a realm, of ours"), "it is listed with its realm");
	account_db_entry(db, 1, &read);
	tap_ok(!*read.realm, "an account without hashes has none");
	account_db_free(db);

	put("", 0);
	account_digest_password(&entry.account, "Passw0rd!", 9, &digest);
	tap_is(account_file_add(path, &entry, hash, &digest, false, error), 0, "add one with hashes");
	/* Made outside of ours: H(DOM\bob:a realm, of ours:Passw0rd!) */
	is_file("DOM\\bob:" LINE_HASH ":::" BOB ",a realm, of ours\n", "they are right");
	digest.realm[0] = '\0';
	tap_is(account_file_add(path, &entry, hash, &digest, true, error), 0, "without a realm");
	is_file("DOM\\bob:" LINE_HASH ":\n", "there are none");
	strcpy(digest.realm, "a:b");
	tap_is(account_file_add(path, &entry, hash, &digest, true, error), -EINVAL, "a realm of two fields");
	strcpy(digest.realm, "a\nb");
	tap_is(account_file_add(path, &entry, hash, &digest, true, error), -EINVAL, "a realm of two lines");
	is_file("DOM\\bob:" LINE_HASH ":\n", "the file is as it was");
}

static void refused_name(const char *domain, const char *user, const char *local)
{
	struct account_entry entry = entry_of(domain, user, local);
	char before[8192];

	strcpy(before, get());
	tap_is(account_file_add(path, &entry, hash, NULL, true, error), -EINVAL, "refused: %zu %zu %zu bytes",
	       strlen(domain), strlen(user), strlen(local));
	tap_ok(!strcmp(get(), before), "and the file is as it was");
}

static void test_edit_refused(void)
{
	struct account_entry entry = entry_of("", "zoe", "");
	static const uint8_t empty[] = {
		0x31, 0xd6, 0xcf, 0xe0, 0xd1, 0x6a, 0xe9, 0x31,
		0xb7, 0x3c, 0x59, 0xd7, 0xe0, 0xc0, 0x89, 0xc0,
	};
	char deep[96];

	put("", 0);
	refused_name("", "", "");
	refused_name("", "#zoe", "");
	refused_name("", "a:b", "");
	refused_name("", "a\nroot:" HASH, "");
	refused_name("", "a\\b", "");
	refused_name("A\\B", "c", "");
	refused_name("", "a ", "");
	refused_name("", "a\xff", "");
	refused_name("", "a", "b:disabled");
	refused_name("D:E", "a", "");
	tap_is(account_file_add(path, &entry, empty, NULL, true, error), -EINVAL, "an empty password");
	tap_ok(strstr(error, "empty password") != NULL, "which the message says");

	put("rubbish\n", 8);
	tap_is(account_file_add(path, &entry, hash, NULL, true, error), -EINVAL,
	       "a file that cannot be read is not written");
	tap_ok(strstr(error, ":1:") != NULL, "the message has the line");
	is_file("rubbish\n", "it is as it was");
	snprintf(deep, sizeof(deep), "%s/none/accounts", dir);
	tap_is(account_file_add(deep, &entry, hash, NULL, true, error), -ENOENT, "no directory");
	tap_ok(strstr(error, "mkdir") != NULL, "with the remedy");
	unlink(path);
	tap_is(account_file_delete(path, "", "zoe", error), -ENOENT, "delete from no file");
	tap_ok(access(path, F_OK) != 0, "which is not made");
}

static void test_link(void)
{
	struct account_entry entry = entry_of("", "zoe", "");
	char real[80];
	struct stat st;

	snprintf(real, sizeof(real), "%s.real", path);
	put("", 0);
	if (rename(path, real) || symlink(real, path))
		tap_bail("symlink: %s", strerror(errno));
	tap_is(account_file_add(path, &entry, hash, NULL, false, error), 0, "add through a link");
	tap_ok(!lstat(path, &st) && S_ISLNK(st.st_mode), "the link stays");
	is_file("zoe:" LINE_HASH ":\n", "the file has the account");
	unlink(path);
	unlink(real);
}

/* Editors in several processes: every account must be there afterwards. */
static void test_lock(void)
{
	enum { EDITORS = 8, EACH = 12 };
	struct account_entry entry;
	struct account_db *db;
	char name[32];
	int i, j, status, wrong = 0;

	unlink(path);
	for (i = 0; i < EDITORS; i++) {
		if (fork())
			continue;
		for (j = 0; j < EACH; j++) {
			snprintf(name, sizeof(name), "user-%d-%d", i, j);
			entry = entry_of("", name, "");
			if (account_file_add(path, &entry, hash, NULL, false, error))
				_exit(1);
		}
		_exit(0);
	}
	for (i = 0; i < EDITORS; i++)
		wrong += wait(&status) < 0 || status;
	tap_is(wrong, 0, "%d editors at once", EDITORS);
	tap_is(load(&db), 0, "the file is good");
	tap_is(account_db_count(db), (int64_t)EDITORS * EACH, "no account was lost");
	account_db_free(db);
}

static void test_days(void)
{
	char text[ACCOUNT_DAY_LEN];
	int64_t expiry;

	tap_is(account_parse_expiry("2024-02-29", 10, &expiry), 0, "a leap day");
	tap_is(account_format_expiry(expiry, text), 0, "back");
	tap_ok(!strcmp(text, "2024-02-29"), "it is the same");
	tap_is(account_format_expiry(KSECDD_TIME_NEVER, text), -EINVAL, "never is no day");
	tap_is(account_format_expiry(0, text), -EINVAL, "1601 neither");
	tap_is(account_parse_expiry("9999-12-31", 10, &expiry), 0, "the last day there is");
	tap_is(account_format_expiry(expiry, text), 0, "back");
}

int main(void)
{
	uint8_t made[ACCOUNT_HASH_LEN];

	if (!mkdtemp(dir))
		tap_bail("cannot make %s: %s", dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/accounts", dir);
	test_read();
	test_refused();
	test_limits();
	test_access();
	test_edit();
	test_edit_digest();
	test_edit_refused();
	test_link();
	test_lock();
	test_days();
	tap_is(account_hash_password("Password", 8, made), 0, "a password is hashed");
	tap_mem(made, "\xa4\xf4\x9c\x40\x65\x10\xbd\xca\xb6\x82\x4e\xe7\xc3\x0f\xd8\x52", 16,
		"as MS-NLMP 4.2.2.1.2 has it");
	tap_is(account_hash_password("\xff", 1, made), -EILSEQ, "what is not UTF-8 is not");
	unlink(path);
	tap_is(rmdir(dir), 0, "no other file is left in the directory");
	return tap_done();
}
