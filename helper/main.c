// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecd: the helper of ksecdd.ko.  Options, and the process before it has
 * threads.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "helper/accounts/file.h"
#include "helper/check.h"
#include "helper/kerberos/ccache.h"
#include "helper/log.h"
#include "helper/loop.h"

/* Exit codes besides 0 and 1: what will be wrong the next time, too. */
#define EXIT_USAGE	2
#define EXIT_CONFIG	3

/* Descriptors besides the request files: sockets, NSS, one winbindd a worker. */
#define FILES_BESIDES	64

static const char usage[] =
	"usage: ksecd [options]\n"
	"\n"
	"The helper of the kernel module ksecdd: it judges the security tokens that\n"
	"services hand to AcceptSecurityContext.  Runs in the foreground, as root.\n"
	"\n"
	"  -c, --config FILE   configuration (default " CONFIG_FILE ";\n"
	"                      without that file the defaults are taken)\n"
	"  -t, --check-config  read configuration, account file and the keytabs of\n"
	"                      services, say what is wrong or \"ok\", and exit\n"
	"  -w, --wait          wait for another helper to end instead of giving up\n"
	"  -f, --foreground    accepted for the sake of scripts; it always does\n"
	"  -v, --verbose       log each token, not only verdicts\n"
	"  -h, --help          this text\n"
	"  -V, --version       version\n"
	"\n"
	"Signals: TERM and INT finish what has begun (5 s at most) and end, HUP reads\n"
	"configuration and accounts again.\n"
	"\n"
	"  ksecd --check-config && systemctl reload ksecd\n"
	"  ksecd --config ./test.conf --verbose\n"
	"\n"
	"See ksecd(8), ksecd.conf(5), ksecd-accounts(5), ksecctl(8).\n";

struct options {
	struct loop_options loop;
	bool check;
	bool verbose;
};

/* Returns -1 to go on, or the exit code. */
static int parse_options(int argc, char **argv, struct options *opt)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 't' },
		{ "wait", no_argument, NULL, 'w' },
		{ "foreground", no_argument, NULL, 'f' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:twfvhV", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			opt->loop.config = optarg;
			opt->loop.may_be_absent = false;
			break;
		case 't':
			opt->check = true;
			break;
		case 'w':
			opt->loop.wait = true;
			break;
		case 'f':
			break;
		case 'v':
			opt->verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		case 'V':
			printf("ksecd %s, ABI %d\n", KSECDD_VERSION, KSECDD_ABI_VERSION);
			return 0;
		default:
			fputs("Try 'ksecd --help'.\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ksecd: unexpected argument '%s'\nTry 'ksecd --help'.\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}

static bool uses_file(const struct config *cfg)
{
	unsigned int i;

	for (i = 0; i < cfg->sources.n; i++)
		if (cfg->sources.list[i] == CONFIG_SOURCE_FILE)
			return true;
	return false;
}

static bool check_accounts(const struct config *cfg)
{
	char error[ACCOUNT_ERROR_LEN];
	struct account_db *db;

	if (!uses_file(cfg))
		return true;
	if (account_db_load(cfg->accounts_file, &db, error)) {
		fprintf(stderr, "ksecd: %s\n", error);
		return false;
	}
	printf("%s: ok, accounts: %zu\n", cfg->accounts_file, account_db_count(db));
	account_db_free(db);
	return true;
}

static int check_config(const struct options *opt)
{
	struct config_error err;
	struct config cfg;
	bool good;

	if (config_load(opt->loop.config, opt->loop.may_be_absent, &cfg, &err)) {
		fprintf(stderr, "ksecd: %s\n", err.text);
		return EXIT_CONFIG;
	}
	if (opt->loop.may_be_absent && access(opt->loop.config, F_OK))
		printf("%s: there is none, the defaults are taken\n", opt->loop.config);
	else
		printf("%s: ok\n", opt->loop.config);
	good = check_accounts(&cfg);
	good &= check_keytabs(&cfg);
	good &= check_tls(&cfg);
	return good ? 0 : EXIT_CONFIG;
}

#define CAPS_HELPER	(1U << CAP_NET_ADMIN | 1U << CAP_SYS_ADMIN)
/* The last two are the keeper's alone. */
#define CAPS_START	(CAPS_HELPER | 1U << CAP_SYS_RESOURCE | 1U << CAP_SETUID | 1U << CAP_SETGID)

/* Keep at most @wanted of the capabilities; those that count are all below 32. */
static void reduce_capabilities(uint32_t wanted)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	uint32_t kept;

	if (syscall(SYS_capget, &head, caps))
		return;
	kept = caps[0].permitted & wanted;
	memset(caps, 0, sizeof(caps));
	caps[0].permitted = kept;
	caps[0].effective = kept;
	if (syscall(SYS_capset, &head, caps))
		log_warning("cannot drop capabilities: %s", strerror(errno));
}

/*
 * Nobody is to read the secrets out of this process: no core dumps, no ptrace()
 * and no /proc/PID/mem by others of the same uid, no swap.
 */
static void protect_process(const struct config *cfg)
{
	static const struct rlimit no_core = { 0, 0 };
	static const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit files;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur < cfg->inflight + FILES_BESIDES) {
		files.rlim_cur = cfg->inflight + FILES_BESIDES;
		if (files.rlim_max < files.rlim_cur)
			files.rlim_max = files.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &files))
			log_warning("max-inflight of %u needs a limit of %u open files: %s",
				    cfg->inflight, cfg->inflight + FILES_BESIDES,
				    strerror(errno));
	}
	/* Without the unlimited limit, locked memory would make allocations fail. */
	if (cfg->lock_memory && (setrlimit(RLIMIT_MEMLOCK, &unlimited) ||
				 mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)))
		log_debug("memory is not locked: %s", strerror(errno));
}

/* What is wrong with the configuration; the exit code. */
static int complain(int error, const struct config_error *err)
{
	log_err("%s", err->text);
	/* The unit starts it again, but not with a configuration that is wrong. */
	return error == -ENOMEM ? 1 : EXIT_CONFIG;
}

/*
 * What has to be before there are secrets: the keeper is a copy of this process, and its
 * children become the users.  It must have neither hashes of passwords nor private keys.
 */
static int start_keeper(const struct options *opt)
{
	struct config *cfg = malloc(sizeof(*cfg));
	struct config_error err;
	int ret;

	if (!cfg) {
		log_err("out of memory");
		return 1;
	}
	ret = config_load(opt->loop.config, opt->loop.may_be_absent, cfg, &err);
	if (ret) {
		free(cfg);
		return complain(ret, &err);
	}
	protect_process(cfg);
	ccache_start(cfg->lock_memory);
	free(cfg);
	return 0;
}

int main(int argc, char **argv)
{
	struct options opt = { .loop = { .config = CONFIG_FILE, .may_be_absent = true } };
	struct config_error err;
	sigset_t signals;
	int ret;

	ret = parse_options(argc, argv, &opt);
	if (ret >= 0)
		return ret;
	log_open(opt.verbose);
	/*
	 * Without the right to pass over permissions: what cannot be read on a
	 * reload must not be readable at the start either, nor when it is checked.
	 */
	reduce_capabilities(CAPS_START);
	if (opt.check)
		return check_config(&opt);
	/* Threads inherit the mask; a signal must only ever go to the signalfd. */
	loop_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	ret = start_keeper(&opt);
	if (ret)
		return ret;
	reduce_capabilities(CAPS_HELPER);
	ret = settings_load(opt.loop.config, opt.loop.may_be_absent, &opt.loop.settings, &err);
	if (ret)
		return complain(ret, &err);
	settings_prepare(opt.loop.settings);
	return loop_run(&opt.loop) ? 1 : 0;
}
