// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecctl status, ksecctl statistics.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "helper/text.h"
#include "tools/ksecctl/json.h"
#include "tools/ksecctl/ksecctl.h"

#define WAIT_STEP_MS	100
#define WAIT_MAX	3600	/* seconds */

/* Process ids fit into so many bits of a netlink port; libnl uses those above. */
#define PORT_PID_MASK	0x3fffff

struct counter {
	const char *key;
	size_t offset;
	const char *meaning;
};

#define COUNTER(key, member, meaning)	\
	{ key, offsetof(struct family_status, member), meaning }

static const struct counter objects[] = {
	COUNTER("contexts", contexts, "contexts"),
	COUNTER("half_open", half_open, "of them half-open"),
	COUNTER("credentials", credentials, "credentials"),
	COUNTER("files", files, "open files of " KSECDD_DEVICE),
	COUNTER("requests", requests, "requests with the helper or waiting for it"),
};

static const struct counter counters[] = {
	COUNTER("accepted", accepted, "contexts established"),
	COUNTER("denied", denied, "logons denied"),
	COUNTER("failed", failed, "accept calls that failed otherwise"),
	COUNTER("upcalls", upcalls, "requests made to the helper"),
	COUNTER("timeouts", timeouts, "requests the helper did not answer in time"),
	COUNTER("aborted", aborted, "requests the helper dropped or answered with nonsense"),
	COUNTER("unserved", unserved, "accept calls that found no helper"),
	COUNTER("signed", signed_messages, "messages signed or sealed"),
	COUNTER("verified", verified, "messages verified or unsealed"),
	COUNTER("rejected", rejected, "messages with a wrong signature or sequence number"),
	COUNTER("expired", expired, "half-open contexts given up"),
};

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

static uint64_t value_of(const struct counter *counter, const struct family_status *status)
{
	uint64_t value;

	memcpy(&value, (const char *)status + counter->offset, sizeof(value));
	return value;
}

static void put_counters(struct json *json, const struct counter *table, size_t n,
			 const struct family_status *status)
{
	size_t i;

	for (i = 0; i < n; i++)
		json_number(json, table[i].key, value_of(&table[i], status));
}

static void print_counters(const struct counter *table, size_t n,
			   const struct family_status *status)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("%12llu  %s\n", (unsigned long long)value_of(&table[i], status),
		       table[i].meaning);
}

/* The name of the process the port belongs to, or "" if it cannot be told. */
static void helper_name(uint32_t port, char *name, size_t size)
{
	char path[64], line[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/comm", port & PORT_PID_MASK);
	file = fopen(path, "re");
	if (file) {
		if (fgets(line, sizeof(line), file))
			line[strcspn(line, "\n")] = '\0';
		fclose(file);
	}
	snprintf(name, size, "%s", line);
}

static void put_status(const struct family_status *status)
{
	struct json json = { .file = stdout };
	char name[64];

	json_open(&json, NULL, '{');
	json_open(&json, "module", '{');
	json_bool(&json, "loaded", true);
	json_string(&json, "version", status->module);
	json_number(&json, "abi", status->abi);
	json_close(&json, '}');
	json_open(&json, "ksecctl", '{');
	json_string(&json, "version", KSECDD_VERSION);
	json_number(&json, "abi", KSECDD_ABI_VERSION);
	json_close(&json, '}');
	json_open(&json, "helper", '{');
	json_bool(&json, "registered", status->have_helper);
	if (status->have_helper) {
		helper_name(status->helper, name, sizeof(name));
		json_number(&json, "port", status->helper);
		json_number(&json, "pid", status->helper & PORT_PID_MASK);
		if (*name)
			json_string(&json, "name", name);
	}
	json_close(&json, '}');
	json_open(&json, "objects", '{');
	put_counters(&json, objects, COUNT(objects), status);
	json_close(&json, '}');
	json_close(&json, '}');
}

static void put_no_module(void)
{
	struct json json = { .file = stdout };

	json_open(&json, NULL, '{');
	json_open(&json, "module", '{');
	json_bool(&json, "loaded", false);
	json_close(&json, '}');
	json_open(&json, "helper", '{');
	json_bool(&json, "registered", false);
	json_close(&json, '}');
	json_close(&json, '}');
}

static void print_status(const struct family_status *status)
{
	char name[64], shown[TEXT_NAME_MAX];

	printf("module   %s, ABI %u\n", text_show(shown, sizeof(shown), status->module),
	       status->abi);
	if (status->have_helper) {
		helper_name(status->helper, name, sizeof(name));
		printf("helper   %s (pid %u)\n",
		       *name ? text_show(shown, sizeof(shown), name) : "registered",
		       status->helper & PORT_PID_MASK);
	} else {
		printf("helper   none\n");
	}
	print_counters(objects, COUNT(objects), status);
}

/*
 * Ask until there is a helper or the time is up.  Returns 0, or -errno of the
 * last answer; no module yet is something to wait for, too.
 */
static int ask(struct family_status *status, unsigned int wait)
{
	static const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };
	unsigned int steps = wait * (1000 / WAIT_STEP_MS);
	struct family family;
	int ret;

	for (;;) {
		ret = family_open(&family);
		if (!ret) {
			ret = family_status(&family, status);
			family_close(&family);
		}
		if ((!ret && status->have_helper) || (ret && ret != -ENOENT) || !steps--)
			return ret;
		nanosleep(&step, NULL);
	}
}

static int parse_wait(const char *text, unsigned int *ret_wait)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > WAIT_MAX)
		return -EINVAL;
	*ret_wait = (unsigned int)value;
	return 0;
}

/*
 * The options of both commands; @wait is NULL for the one that does not wait.
 * Returns -1 to go on, or the exit code.
 */
static int parse_options(const struct command *cmd, int argc, char **argv, bool *json,
			 unsigned int *wait)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "wait", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "jhw:", longs, NULL)) != -1) {
		if (c == 'j') {
			*json = true;
		} else if (c == 'h') {
			return show_usage(cmd);
		} else if (c == 'w' && wait) {
			if (!parse_wait(optarg, wait))
				continue;
			complain("--wait takes a number of seconds from 0 to %d", WAIT_MAX);
			return wrong_usage(cmd);
		} else {
			return wrong_usage(cmd);
		}
	}
	if (optind < argc) {
		complain("unexpected argument '%s'", argv[optind]);
		return wrong_usage(cmd);
	}
	return -1;
}

/**
 * show_status() - ksecctl status
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int show_status(const struct command *cmd, int argc, char **argv, bool json)
{
	struct family_status status;
	unsigned int wait = 0;
	int ret;

	ret = parse_options(cmd, argc, argv, &json, &wait);
	if (ret >= 0)
		return ret;
	ret = ask(&status, wait);
	if (ret) {
		if (json && ret == -ENOENT)
			put_no_module();
		finish_output();
		return module_failed(ret, NULL);
	}
	if (json)
		put_status(&status);
	else
		print_status(&status);
	ret = finish_output();
	if (ret)
		return ret;
	if (status.abi != KSECDD_ABI_VERSION) {
		complain("the module speaks ABI %u, ksecctl %s ABI %d; install both from the same "
			 "release", status.abi, KSECDD_VERSION, KSECDD_ABI_VERSION);
		return EXIT_FAILED;
	}
	if (!status.have_helper) {
		complain("no helper is registered, so nobody can log on; start it with 'systemctl "
			 "start ksecd' and look at 'journalctl -u ksecd'");
		return EXIT_NO_HELPER;
	}
	return EXIT_DONE;
}

/**
 * show_statistics() - ksecctl statistics
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int show_statistics(const struct command *cmd, int argc, char **argv, bool json)
{
	struct json out = { .file = stdout };
	struct family_status status;
	int ret;

	ret = parse_options(cmd, argc, argv, &json, NULL);
	if (ret >= 0)
		return ret;
	ret = ask(&status, 0);
	if (ret)
		return module_failed(ret, NULL);
	if (json) {
		json_open(&out, NULL, '{');
		put_counters(&out, objects, COUNT(objects), &status);
		put_counters(&out, counters, COUNT(counters), &status);
		json_close(&out, '}');
	} else {
		print_counters(objects, COUNT(objects), &status);
		print_counters(counters, COUNT(counters), &status);
	}
	return finish_output();
}
