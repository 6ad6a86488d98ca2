// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecctl account: the account file.
 */
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "helper/accounts/file.h"
#include "helper/config.h"
#include "helper/filetime.h"
#include "helper/text.h"
#include "tools/ksecctl/json.h"
#include "tools/ksecctl/ksecctl.h"
#include "tools/ksecctl/password.h"
#include "tools/ksecctl/table.h"

/**
 * struct task - what the command line asks for
 * @json:         say what was done in JSON
 * @from_stdin:   the password comes from standard input
 * @replace:      the account may be there already
 * @domain_given: --domain was given
 * @file:         the account file
 * @hashes:       the hashes of a password are made
 * @realm_given:  --realm was given
 * @config:       keeps @file when it is the configured one
 * @entry:        the account
 * @digest:       its hashes of Digest, and the realm they are for
 * @shown:        its name, fit for a terminal
 */
struct task {
	bool json;
	bool from_stdin;
	bool replace;
	bool domain_given;
	bool hashes;
	bool realm_given;
	const char *file;
	struct config config;
	struct account_entry entry;
	struct account_digest digest;
	char shown[2 * TEXT_NAME_MAX];
};

enum { ARGUMENT_NONE, ARGUMENT_USER };

static int copy_argument(const char *what, char *dst, size_t size, const char *src)
{
	if (strlen(src) >= size) {
		complain("the %s is longer than %zu bytes", what, size - 1);
		return -EINVAL;
	}
	strcpy(dst, src);
	return 0;
}

static int take_realm(struct task *task, const char *realm)
{
	const char *wrong = account_check_realm(realm);

	if (wrong) {
		complain("%s", wrong);
		return -EINVAL;
	}
	strcpy(task->digest.realm, realm);
	task->realm_given = true;
	return 0;
}

static int take_option(struct task *task, int c)
{
	struct account *account = &task->entry.account;

	switch (c) {
	case 'd':
		task->domain_given = true;
		return copy_argument("domain", account->domain, sizeof(account->domain), optarg);
	case 'l':
		return copy_argument("local user", account->local, sizeof(account->local),
				     optarg);
	case 'e':
		if (!account_parse_expiry(optarg, strlen(optarg), &account->expiry))
			return 0;
		complain("--expires takes a day as YYYY-MM-DD, such as 2030-12-31");
		return -EINVAL;
	case 'R':
		return take_realm(task, optarg);
	case 'D':
		task->entry.disabled = true;
		return 0;
	case 'r':
		task->replace = true;
		return 0;
	case 's':
		task->from_stdin = true;
		return 0;
	case 'f':
		task->file = optarg;
		return 0;
	case 'j':
		task->json = true;
		return 0;
	}
	return -EINVAL;
}

/* [DOMAIN\]USER */
static int take_user(struct task *task, char *name)
{
	struct account *account = &task->entry.account;
	char *backslash = strchr(name, '\\');
	char domain[TEXT_NAME_MAX], user[TEXT_NAME_MAX];

	if (backslash) {
		if (task->domain_given) {
			complain("give the domain once: as --domain or in front of the user");
			return -EINVAL;
		}
		*backslash = '\0';
		if (copy_argument("domain", account->domain, sizeof(account->domain), name))
			return -EINVAL;
		name = backslash + 1;
	}
	if (!*name) {
		complain("the user name is empty");
		return -EINVAL;
	}
	if (copy_argument("user name", account->user, sizeof(account->user), name))
		return -EINVAL;
	snprintf(task->shown, sizeof(task->shown), "%s%s%s",
		 text_show(domain, sizeof(domain), account->domain),
		 *account->domain ? "\\" : "",
		 text_show(user, sizeof(user), account->user));
	return 0;
}

/* The file and the realm that ksecd is configured for, unless the command line names them. */
static int choose_file(struct task *task)
{
	const bool realm = task->hashes && !task->realm_given;
	struct config_error err;
	unsigned int i;

	if (task->file && !realm)
		return 0;
	if (config_load(CONFIG_FILE, true, &task->config, &err)) {
		complain("%s; correct it, or say which file with --file%s", err.text,
			 task->hashes ? " and for which realm with --realm" : "");
		return -EINVAL;
	}
	if (realm)
		strcpy(task->digest.realm, task->config.digest.realm);
	if (task->file)
		return 0;
	task->file = task->config.accounts_file;
	for (i = 0; i < task->config.sources.n; i++)
		if (task->config.sources.list[i] == CONFIG_SOURCE_FILE)
			return 0;
	complain("warning: %s does not list \"file\" as a source of accounts, so ksecd will not "
		 "look into %s", CONFIG_FILE, task->file);
	return 0;
}

/* Returns -1 to go on, or the exit code. */
static int parse(const struct command *cmd, int argc, char **argv, const char *brief,
		 int argument, struct task *task)
{
	static const struct option longs[] = {
		{ "domain", required_argument, NULL, 'd' },
		{ "local", required_argument, NULL, 'l' },
		{ "expires", required_argument, NULL, 'e' },
		{ "realm", required_argument, NULL, 'R' },
		{ "disabled", no_argument, NULL, 'D' },
		{ "replace", no_argument, NULL, 'r' },
		{ "password-stdin", no_argument, NULL, 's' },
		{ "file", required_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, brief, longs, NULL)) != -1) {
		if (c == 'h')
			return show_usage(cmd);
		/* The commands share the long options; @brief says which ones it has. */
		if (c != '?' && !strchr(brief, c))
			complain("'ksecctl %s' has no option '%s'", cmd->name, argv[optind - 1]);
		else if (c != '?' && !take_option(task, c))
			continue;
		return wrong_usage(cmd);
	}
	if (argc - optind != argument) {
		if (argument)
			complain("'ksecctl %s' takes one [DOMAIN\\]USER", cmd->name);
		else
			complain("unexpected argument '%s'", argv[optind]);
		return wrong_usage(cmd);
	}
	if (argument && take_user(task, argv[optind]))
		return wrong_usage(cmd);
	return choose_file(task) ? EXIT_FAILED : -1;
}

static int get_password(const struct task *task, struct password *password)
{
	int ret;

	ret = task->from_stdin ? password_read(STDIN_FILENO, password) :
				 password_ask(task->shown, password);
	switch (ret) {
	case 0:
		break;
	case -ENXIO:
		complain("there is no terminal to ask for the password; give it with "
			 "--password-stdin");
		return ret;
	case -EAGAIN:
		complain("the two passwords differ; nothing was changed");
		return ret;
	case -E2BIG:
		complain("the password is longer than %d bytes", KSECDD_MAX_SECRET);
		return ret;
	case -EINVAL:
		complain("the password has a NUL byte in it");
		return ret;
	default:
		complain("the password: %s", strerror(-ret));
		return ret;
	}
	if (!password->len) {
		complain("an account with an empty password is never accepted; choose a password");
		return -EINVAL;
	}
	return 0;
}

/* A name that is not there yet may come; whoever mistyped it wants to know. */
static void check_local_user(const struct task *task)
{
	const char *local = task->entry.account.local;
	char shown[TEXT_NAME_MAX];

	if (*local && !getpwnam(local))
		complain("warning: there is no local user \"%s\"; until there is, the account is "
			 "refused", text_escape(shown, sizeof(shown), local));
}

/* Whoever adds the first account need not make the directory himself. */
static void make_directory(const char *file)
{
	char directory[] = CONFIG_ACCOUNTS_FILE;

	if (strcmp(file, CONFIG_ACCOUNTS_FILE))
		return;
	*strrchr(directory, '/') = '\0';
	/* What goes wrong here shows when the file is opened. */
	mkdir(directory, 0755);
}

static int report(const struct task *task, const char *action)
{
	struct json json = { .file = stdout };

	if (!task->json) {
		printf("%s: %s %s\n", task->file, task->shown, action);
		return finish_output();
	}
	json_open(&json, NULL, '{');
	json_string(&json, "file", task->file);
	json_string(&json, "domain", task->entry.account.domain);
	json_string(&json, "user", task->entry.account.user);
	json_string(&json, "action", action);
	json_close(&json, '}');
	return finish_output();
}

/**
 * account_add() - ksecctl account add
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int account_add(const struct command *cmd, int argc, char **argv, bool json)
{
	struct task task = {
		.json = json, .hashes = true, .entry.account.expiry = KSECDD_TIME_NEVER,
	};
	uint8_t hash[ACCOUNT_HASH_LEN];
	struct password password = { 0 };
	char error[ACCOUNT_ERROR_LEN];
	int ret;

	ret = parse(cmd, argc, argv, "d:l:e:R:Drsf:jh", ARGUMENT_USER, &task);
	if (ret >= 0)
		return ret;
	ret = get_password(&task, &password);
	if (!ret) {
		ret = account_hash_password(password.text, password.len, hash);
		if (ret)
			complain("the password is not UTF-8; type it in a UTF-8 terminal");
		else
			account_digest_password(&task.entry.account, password.text, password.len,
						&task.digest);
	}
	password_clear(&password);
	if (ret)
		return EXIT_FAILED;
	make_directory(task.file);
	ret = account_file_add(task.file, &task.entry, hash, &task.digest, task.replace, error);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(task.digest.ha1, sizeof(task.digest.ha1));
	if (ret) {
		complain("%s%s", error, ret == -EEXIST ? " (--replace)" : "");
		return EXIT_FAILED;
	}
	check_local_user(&task);
	return report(&task, "added");
}

static int change(const struct command *cmd, int argc, char **argv, bool json,
		  int (*fn)(const struct task *task, char error[ACCOUNT_ERROR_LEN]),
		  const char *action)
{
	struct task task = { .json = json };
	char error[ACCOUNT_ERROR_LEN];
	int ret;

	ret = parse(cmd, argc, argv, "d:f:jh", ARGUMENT_USER, &task);
	if (ret >= 0)
		return ret;
	if (fn(&task, error)) {
		complain("%s", error);
		return EXIT_FAILED;
	}
	return report(&task, action);
}

static int do_delete(const struct task *task, char error[ACCOUNT_ERROR_LEN])
{
	return account_file_delete(task->file, task->entry.account.domain,
				   task->entry.account.user, error);
}

static int do_disable(const struct task *task, char error[ACCOUNT_ERROR_LEN])
{
	return account_file_disable(task->file, task->entry.account.domain,
				    task->entry.account.user, true, error);
}

static int do_enable(const struct task *task, char error[ACCOUNT_ERROR_LEN])
{
	return account_file_disable(task->file, task->entry.account.domain,
				    task->entry.account.user, false, error);
}

/**
 * account_delete() - ksecctl account del
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int account_delete(const struct command *cmd, int argc, char **argv, bool json)
{
	return change(cmd, argc, argv, json, do_delete, "deleted");
}

/**
 * account_disable() - ksecctl account disable
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int account_disable(const struct command *cmd, int argc, char **argv, bool json)
{
	return change(cmd, argc, argv, json, do_disable, "disabled");
}

/**
 * account_enable() - ksecctl account enable
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int account_enable(const struct command *cmd, int argc, char **argv, bool json)
{
	return change(cmd, argc, argv, json, do_enable, "enabled");
}

static const char *state_of(const struct account_entry *entry, uint64_t now)
{
	if (entry->disabled)
		return "disabled";
	if (entry->unusable)
		return "no password";
	return (uint64_t)entry->account.expiry <= now ? "expired" : "enabled";
}

/* The last day of the account, or "" without an end. */
static const char *last_day(const struct account_entry *entry, char day[ACCOUNT_DAY_LEN])
{
	day[0] = '\0';
	if (entry->account.expiry != KSECDD_TIME_NEVER)
		account_format_expiry(entry->account.expiry, day);
	return day;
}

static void put_entry(struct json *json, const struct account_entry *entry, uint64_t now)
{
	char day[ACCOUNT_DAY_LEN];

	json_open(json, NULL, '{');
	json_string(json, "domain", entry->account.domain);
	json_string(json, "user", entry->account.user);
	if (*entry->account.local)
		json_string(json, "local", entry->account.local);
	else
		json_null(json, "local");
	json_string(json, "state", state_of(entry, now));
	json_bool(json, "disabled", entry->disabled);
	if (*last_day(entry, day))
		json_string(json, "expires", day);
	else
		json_null(json, "expires");
	if (*entry->realm)
		json_string(json, "realm", entry->realm);
	else
		json_null(json, "realm");
	json_close(json, '}');
}

static void put_list(const struct task *task, const struct account_db *db, uint64_t now)
{
	struct json json = { .file = stdout };
	struct account_entry entry;
	size_t i;

	json_open(&json, NULL, '{');
	json_string(&json, "file", task->file);
	json_open(&json, "accounts", '[');
	for (i = 0; i < account_db_count(db); i++) {
		account_db_entry(db, i, &entry);
		put_entry(&json, &entry, now);
	}
	json_close(&json, ']');
	json_close(&json, '}');
}

static int print_list(const struct account_db *db, uint64_t now)
{
	char name[sizeof(struct account)], day[ACCOUNT_DAY_LEN];
	struct table table = { .columns = 5 };
	struct account_entry entry;
	size_t i;
	int ret;

	table_cell(&table, "ACCOUNT");
	table_cell(&table, "LOCAL USER");
	table_cell(&table, "STATE");
	table_cell(&table, "LAST DAY");
	table_cell(&table, "DIGEST REALM");
	for (i = 0; i < account_db_count(db); i++) {
		account_db_entry(db, i, &entry);
		snprintf(name, sizeof(name), "%s%s%s", entry.account.domain,
			 *entry.account.domain ? "\\" : "", entry.account.user);
		table_cell(&table, name);
		table_cell(&table, *entry.account.local ? entry.account.local : "-");
		table_cell(&table, state_of(&entry, now));
		table_cell(&table, *last_day(&entry, day) ? day : "-");
		table_cell(&table, *entry.realm ? entry.realm : "-");
	}
	ret = table_print(&table, stdout);
	table_clear(&table);
	return ret;
}

/**
 * account_list() - ksecctl account list
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int account_list(const struct command *cmd, int argc, char **argv, bool json)
{
	struct task task = { .json = json };
	char error[ACCOUNT_ERROR_LEN];
	struct account_db *db;
	int ret;

	ret = parse(cmd, argc, argv, "f:jh", ARGUMENT_NONE, &task);
	if (ret >= 0)
		return ret;
	if (account_db_load(task.file, &db, error)) {
		complain("%s", error);
		return EXIT_FAILED;
	}
	ret = 0;
	if (task.json)
		put_list(&task, db, filetime_now(NULL));
	else
		ret = print_list(db, filetime_now(NULL));
	account_db_free(db);
	if (ret) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	return finish_output();
}
