/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of accounts: who may log on with which NT hash.
 *
 * One account a line, fields separated by colons:
 *
 *	[DOMAIN\]USER:NTHASH:[LOCAL][:OPTION[,OPTION]...]
 *
 * USER and DOMAIN are compared without regard to case.  An account without a
 * domain answers for every domain a client may name; one with a domain only for
 * that domain, and goes before one without.  NTHASH is MD4 of the password in
 * UTF-16LE, 32 hex digits.  LOCAL is the local user the account maps to; empty,
 * and the client has a name but no uid.  Options:
 *
 *	disabled		never accepted
 *	expires=YYYY-MM-DD	the last day (UTC) on which the account is accepted
 *
 * Empty lines and lines that begin with '#' are comments.  Everything else has
 * to be an account: a line that cannot be read makes the whole file refused,
 * and every logon denied, since it may be the one that disables somebody.
 */
#ifndef KSECD_ACCOUNT_FILE_H
#define KSECD_ACCOUNT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/accounts/account.h"

/* Bytes of an NT hash */
#define ACCOUNT_HASH_LEN	16

/* Room for a day, YYYY-MM-DD, with its NUL */
#define ACCOUNT_DAY_LEN		11

/* Room for the message of a function that failed, with file, line and remedy */
#define ACCOUNT_ERROR_LEN	1024

/**
 * struct account_entry - one line of the file, without the hash
 * @account:  names, local user and end, as in the file
 * @disabled: the line says so
 * @unusable: the hash is that of the empty password, which is never accepted
 */
struct account_entry {
	struct account account;
	bool disabled;
	bool unusable;
};

/*
 * The functions that take @error return 0, or -errno with a message for people
 * in it; the others are described where they are defined.
 */

/* The content of a file: read once, then unchanged. */
struct account_db;

int account_db_load(const char *path, struct account_db **ret_db,
		    char error[ACCOUNT_ERROR_LEN]);
void account_db_free(struct account_db *db);
size_t account_db_count(const struct account_db *db);
void account_db_entry(const struct account_db *db, size_t index, struct account_entry *entry);
int32_t account_db_verify(const struct account_db *db, const struct ntlmv2_response *response,
			  uint64_t now, struct account *account, uint8_t session_base_key[16],
			  const char **reason);

/* The file as a source of accounts: read again whenever it has changed. */
struct account_file;

int account_file_open(const char *path, uint64_t (*now)(void *data),
		      void (*say)(void *data, bool failed, const char *message),
		      void *data, struct account_file **ret_file);
void account_file_close(struct account_file *file);
void account_file_source(struct account_file *file, struct account_source *source);

/* What ksecctl does to a file. */
int account_file_add(const char *path, const struct account_entry *entry,
		     const uint8_t hash[ACCOUNT_HASH_LEN], bool replace,
		     char error[ACCOUNT_ERROR_LEN]);
int account_file_delete(const char *path, const char *domain, const char *user,
			char error[ACCOUNT_ERROR_LEN]);
int account_file_disable(const char *path, const char *domain, const char *user, bool disabled,
			 char error[ACCOUNT_ERROR_LEN]);
int account_hash_password(const char *password, size_t len, uint8_t hash[ACCOUNT_HASH_LEN]);
int account_parse_expiry(const char *text, size_t len, int64_t *ret_expiry);
int account_format_expiry(int64_t expiry, char text[ACCOUNT_DAY_LEN]);

#endif /* KSECD_ACCOUNT_FILE_H */
