/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of accounts: who may log on with which hash of a password.
 *
 * One account a line, fields separated by colons:
 *
 *	[DOMAIN\]USER:NTHASH:[LOCAL][:[OPTION[,OPTION]...][:SHA256,MD5,REALM]]
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
 * SHA256 and MD5 are H([DOMAIN\]USER:REALM:password) of Digest (RFC 7616 3.4.2), 64 and
 * 32 hex digits; capital and small letters of the name are not the same to these.
 * Without this field the account does not log on with Digest.
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
 * struct account_digest - what the file has of a password for Digest
 * @realm: the realm that it is for, UTF-8; empty - there is nothing
 * @ha1:   H(A1) for each algorithm; secrets worth the password in that realm
 */
struct account_digest {
	char realm[DIGEST_MAX_REALM + 1];
	uint8_t ha1[DIGEST_ALGORITHMS][DIGEST_MAX_HASH];
};

/**
 * struct account_entry - one line of the file, without the hashes
 * @account:  names, local user and end, as in the file
 * @disabled: the line says so
 * @unusable: the hash is that of the empty password, which is never accepted
 * @realm:    the realm in which it may log on with Digest; empty: in none
 */
struct account_entry {
	struct account account;
	bool disabled;
	bool unusable;
	char realm[DIGEST_MAX_REALM + 1];
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
int32_t account_db_verify_digest(const struct account_db *db,
				 const struct digest_response *response, uint64_t now,
				 struct account *account, const char **reason);

/* The file as a source of accounts: read again whenever it has changed. */
struct account_file;

int account_file_open(const char *path, uint64_t (*now)(void *data),
		      void (*say)(void *data, bool failed, const char *message),
		      void *data, struct account_file **ret_file);
void account_file_close(struct account_file *file);
void account_file_source(struct account_file *file, struct account_source *source);

/* What ksecctl does to a file. */
int account_file_add(const char *path, const struct account_entry *entry,
		     const uint8_t hash[ACCOUNT_HASH_LEN], const struct account_digest *digest,
		     bool replace, char error[ACCOUNT_ERROR_LEN]);
int account_file_delete(const char *path, const char *domain, const char *user,
			char error[ACCOUNT_ERROR_LEN]);
int account_file_disable(const char *path, const char *domain, const char *user, bool disabled,
			 char error[ACCOUNT_ERROR_LEN]);
int account_hash_password(const char *password, size_t len, uint8_t hash[ACCOUNT_HASH_LEN]);
const char *account_check_realm(const char *realm);
void account_digest_password(const struct account *account, const char *password, size_t len,
			     struct account_digest *digest);
int account_parse_expiry(const char *text, size_t len, int64_t *ret_expiry);
int account_format_expiry(int64_t expiry, char text[ACCOUNT_DAY_LEN]);

#endif /* KSECD_ACCOUNT_FILE_H */
