/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the account file share: a line, and the file's text.
 */
#ifndef KSECD_ACCOUNT_FILE_LINE_H
#define KSECD_ACCOUNT_FILE_LINE_H

#include "helper/accounts/file.h"

struct stat;

/* What a file may hold: far more than accounts that are kept in a file. */
#define ACCOUNT_FILE_MAX	(16u << 20)

/**
 * struct account_line - one account, pointing into the text of the file
 * @user:     UTF-8
 * @domain:   UTF-8, empty for any
 * @local:    local user, empty for none
 * @expiry:   FILETIME of the end, or KSECDD_TIME_NEVER
 * @disabled: never accepted
 * @hash:     NT hash
 * @realm:    the realm of @ha1; empty - there is none
 * @ha1:      H(A1) of Digest for each algorithm
 * @number:   line number, from 1
 */
struct account_line {
	const char *user;
	const char *domain;
	const char *local;
	int64_t expiry;
	bool disabled;
	uint8_t hash[ACCOUNT_HASH_LEN];
	const char *realm;
	uint8_t ha1[DIGEST_ALGORITHMS][DIGEST_MAX_HASH];
	size_t number;
};

/**
 * struct account_db - the content of a file
 * @text:   the file, cut into strings; without the hashes
 * @size:   bytes of @text
 * @lines:  in the order of the file
 * @sorted: the same by user and domain; pointers, because qsort() leaves copies
 *          of what it sorts in memory
 * @room:   number of @lines and @sorted there is room for
 * @count:  number of accounts
 */
struct account_db {
	char *text;
	size_t size;
	struct account_line *lines;
	const struct account_line **sorted;
	size_t room;
	size_t count;
};

const char *account_line_parse(char *text, size_t len, struct account_line *line);
bool account_line_is_account(const char *text, size_t len);
int account_line_format(const struct account_entry *entry,
			const uint8_t hash[ACCOUNT_HASH_LEN], const struct account_digest *digest,
			char *dst, size_t size);
void account_line_account(const struct account_line *line, struct account *account);
void account_line_digest(const struct account_line *line, struct account_digest *digest);
bool account_hash_is_empty(const uint8_t hash[ACCOUNT_HASH_LEN]);

/* Room for the name of an account as it is written: [DOMAIN\]USER */
#define ACCOUNT_NAME_LEN	(sizeof(((struct account *)0)->domain) + \
				 sizeof(((struct account *)0)->user))

void account_write_name(const char *domain, const char *user, char name[ACCOUNT_NAME_LEN]);

int account_file_open_read(const char *path, char error[ACCOUNT_ERROR_LEN]);
int account_file_read(const char *path, int fd, char **ret_text, size_t *ret_size,
		      struct stat *ret_stat, char error[ACCOUNT_ERROR_LEN]);
int account_db_load_fd(const char *path, int fd, struct stat *ret_stat,
		       struct account_db **ret_db, char error[ACCOUNT_ERROR_LEN]);
int account_db_parse(const char *path, char *text, size_t size, struct account_db **ret_db,
		     char error[ACCOUNT_ERROR_LEN]);
const struct account_line *account_db_find(const struct account_db *db, const char *user,
					   const char *domain);

void account_error(char error[ACCOUNT_ERROR_LEN], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* KSECD_ACCOUNT_FILE_LINE_H */
