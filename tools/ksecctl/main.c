// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecctl: the administrator's view of ksecdd.  Finding the command to run.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ksecctl/ksecctl.h"

static const struct command commands[] = {
	{
		.name = "account add",
		.summary = "add an account, or with --replace write it anew",
		.usage =
		"usage: ksecctl account add [options] [DOMAIN\\]USER\n"
		"\n"
		"Adds an account to the account file. The password is asked for twice; only its\n"
		"NT hash is stored. ksecd uses the account at once.\n"
		"\n"
		"  -d, --domain DOMAIN   the account is for this domain only (default: any)\n"
		"  -l, --local NAME      local user the client becomes (default: none)\n"
		"  -e, --expires DATE    last day (UTC) of the account, YYYY-MM-DD\n"
		"  -R, --realm REALM     realm of Digest (HTTP); '' for none (default: ksecd's)\n"
		"  -D, --disabled        not to be used yet\n"
		"  -r, --replace         replace the account if it is there\n"
		"  -s, --password-stdin  read the password from the first line of standard input\n"
		"  -f, --file FILE       account file (default: the one ksecd is configured for)\n"
		"  -j, --json            say what was done in JSON\n"
		"\n"
		"  ksecctl account add --local alice alice\n"
		"  ksecctl account add --replace 'CORP\\alice'\n"
		"  pwgen -s 20 1 | ksecctl account add --password-stdin backup\n",
		.run = account_add,
	},
	{
		.name = "account del",
		.summary = "delete an account",
		.usage =
		"usage: ksecctl account del [options] [DOMAIN\\]USER\n"
		"\n"
		"  -d, --domain DOMAIN   the account of this domain (default: the one for any)\n"
		"  -f, --file FILE       account file (default: the one ksecd is configured for)\n"
		"  -j, --json            say what was done in JSON\n"
		"\n"
		"Contexts that exist already stay: see 'ksecctl contexts'.\n"
		"\n"
		"  ksecctl account del alice\n",
		.run = account_delete,
	},
	{
		.name = "account disable",
		.summary = "refuse an account until it is enabled again",
		.usage =
		"usage: ksecctl account disable [options] [DOMAIN\\]USER\n"
		"\n"
		"  -d, --domain DOMAIN   the account of this domain (default: the one for any)\n"
		"  -f, --file FILE       account file (default: the one ksecd is configured for)\n"
		"  -j, --json            say what was done in JSON\n"
		"\n"
		"  ksecctl account disable 'CORP\\alice'\n",
		.run = account_disable,
	},
	{
		.name = "account enable",
		.summary = "accept a disabled account again",
		.usage =
		"usage: ksecctl account enable [options] [DOMAIN\\]USER\n"
		"\n"
		"  -d, --domain DOMAIN   the account of this domain (default: the one for any)\n"
		"  -f, --file FILE       account file (default: the one ksecd is configured for)\n"
		"  -j, --json            say what was done in JSON\n"
		"\n"
		"  ksecctl account enable 'CORP\\alice'\n",
		.run = account_enable,
	},
	{
		.name = "account list",
		.summary = "list the accounts, without their hashes",
		.usage =
		"usage: ksecctl account list [options]\n"
		"\n"
		"  -f, --file FILE       account file (default: the one ksecd is configured for)\n"
		"  -j, --json            in JSON\n"
		"\n"
		"  ksecctl account list\n"
		"  ksecctl account list --json | jq -r '.accounts[] | select(.disabled).user'\n",
		.run = account_list,
	},
	{
		.name = "status",
		.summary = "whether module and helper are there and fit together",
		.usage =
		"usage: ksecctl status [options]\n"
		"\n"
		"  -w, --wait SECONDS    wait that long for a helper to register\n"
		"  -j, --json            in JSON\n"
		"\n"
		"Exit code: 0 - module and helper are there, 3 - the module is not loaded,\n"
		"4 - no helper is registered, 1 - something else is wrong.\n"
		"\n"
		"  ksecctl status\n"
		"  ksecctl status --wait 10 && systemctl start my-service\n",
		.run = show_status,
	},
	{
		.name = "statistics",
		.summary = "the module's counters",
		.usage =
		"usage: ksecctl statistics [options]\n"
		"\n"
		"  -j, --json            in JSON\n"
		"\n"
		"Counts begin when the module is loaded.\n"
		"\n"
		"  ksecctl statistics\n"
		"  ksecctl statistics --json | jq .denied\n",
		.run = show_statistics,
	},
	{
		.name = "contexts",
		.summary = "the security contexts that exist (root only)",
		.usage =
		"usage: ksecctl contexts [options]\n"
		"\n"
		"  -j, --json            in JSON\n"
		"\n"
		"The numbers are those of ksecd's log.\n"
		"\n"
		"  ksecctl contexts\n"
		"  ksecctl contexts --json | jq '.contexts[] | select(.uid == 1000)'\n",
		.run = show_contexts,
	},
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

/**
 * complain() - say on standard error what is wrong and what to do
 * @format: as for printf(), without line feed; strings that others chose must
 *          have gone through text_show()
 */
void complain(const char *format, ...)
{
	va_list args;

	fputs("ksecctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/**
 * wrong_usage() - point at a command's help
 * @cmd: the command
 *
 * Return: the exit code.
 */
int wrong_usage(const struct command *cmd)
{
	fprintf(stderr, "Try 'ksecctl %s --help'.\n", cmd->name);
	return EXIT_USAGE;
}

/**
 * show_usage() - print a command's help
 * @cmd: the command
 *
 * Return: the exit code.
 */
int show_usage(const struct command *cmd)
{
	fputs(cmd->usage, stdout);
	return finish_output();
}

/**
 * finish_output() - make sure that what was printed was written
 *
 * Return: the exit code.
 */
int finish_output(void)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("ksecctl: standard output");
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static int show_help(void)
{
	size_t i;

	puts("usage: ksecctl [-j] COMMAND [options]\n"
	     "\n"
	     "Looks after ksecdd: its accounts, its module and its helper.\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %-16s  %s\n", commands[i].name, commands[i].summary);
	puts("\n"
	     "  -j, --json        JSON instead of tables, with every command\n"
	     "  -h, --help        this text; behind a command, the command's own\n"
	     "  -V, --version     version\n"
	     "\n"
	     "See ksecctl(8).");
	return finish_output();
}

/*
 * Compare a command's name with the words of the command line.  Returns how many
 * words it has if they match, else 0.
 */
static int match_words(const char *name, int argc, char **argv)
{
	int words = 0;
	size_t len;

	while (words < argc) {
		len = strlen(argv[words]);
		if (strncmp(name, argv[words], len))
			return 0;
		words++;
		if (!name[len])
			return words;
		if (name[len] != ' ')
			return 0;
		name += len + 1;
	}
	return 0;
}

static const struct command *find_command(int argc, char **argv, int *ret_words)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++) {
		*ret_words = match_words(commands[i].name, argc, argv);
		if (*ret_words)
			return &commands[i];
	}
	return NULL;
}

static int no_command(char **argv)
{
	static const char account[] = "account ";
	size_t i;

	if (strcmp(argv[0], "account")) {
		complain("there is no command '%s'", argv[0]);
		fputs("Try 'ksecctl --help'.\n", stderr);
		return EXIT_USAGE;
	}
	fputs("usage: ksecctl account COMMAND [options]\n\n", stderr);
	for (i = 0; i < NCOMMANDS; i++)
		if (!strncmp(commands[i].name, account, strlen(account)))
			fprintf(stderr, "  %-16s  %s\n", commands[i].name, commands[i].summary);
	return argv[1] && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) ?
	       EXIT_DONE : EXIT_USAGE;
}

static bool is_option(const char *arg, const char *brief, const char *full)
{
	return !strcmp(arg, brief) || !strcmp(arg, full);
}

int main(int argc, char **argv)
{
	static char program[] = "ksecctl";
	const struct command *cmd;
	bool json = false;
	int words;

	for (argc--, argv++; argc && argv[0][0] == '-'; argc--, argv++) {
		if (is_option(argv[0], "-j", "--json")) {
			json = true;
		} else if (is_option(argv[0], "-h", "--help")) {
			return show_help();
		} else if (is_option(argv[0], "-V", "--version")) {
			printf("ksecctl %s, ABI %d\n", KSECDD_VERSION, KSECDD_ABI_VERSION);
			return finish_output();
		} else {
			complain("there is no option '%s'", argv[0]);
			fputs("Try 'ksecctl --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (argc && !strcmp(argv[0], "help")) {
		argc--;
		argv++;
		cmd = find_command(argc, argv, &words);
		return cmd ? show_usage(cmd) : show_help();
	}
	if (!argc) {
		show_help();
		return EXIT_USAGE;
	}
	cmd = find_command(argc, argv, &words);
	if (!cmd)
		return no_command(argv);
	/* getopt() wants argv[0] to be the name of the program, for its complaints. */
	argv[words - 1] = program;
	return cmd->run(cmd, argc - words + 1, argv + words - 1, json);
}
