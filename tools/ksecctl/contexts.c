// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ksecctl contexts.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/ksecctl/json.h"
#include "tools/ksecctl/ksecctl.h"
#include "tools/ksecctl/table.h"

#define LIST_TRIES	5

/* struct list - the contexts, as they came */
struct list {
	struct family_context *contexts;
	size_t n;
	size_t size;
};

static int collect(void *data, const struct family_context *context)
{
	struct family_context *bigger;
	struct list *list = data;
	size_t size;

	if (list->n == list->size) {
		size = list->size ? 2 * list->size : 32;
		bigger = reallocarray(list->contexts, size, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		list->contexts = bigger;
		list->size = size;
	}
	list->contexts[list->n++] = *context;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct family_context *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* A list that changed while it was taken is taken again, but not for ever. */
static int take_list(struct family *family, struct list *list)
{
	unsigned int tries = LIST_TRIES;
	int ret;

	do {
		list->n = 0;
		ret = family_contexts(family, collect, list);
	} while (ret == -EINTR && --tries);
	if (list->n)
		qsort(list->contexts, list->n, sizeof(list->contexts[0]), by_number);
	return ret == -EINTR ? 0 : ret;
}

static const char *package_name(uint32_t package)
{
	return package == KSECDD_PACKAGE_NTLM ? "NTLM" : "unknown";
}

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {
		[KSECDD_STATE_HALF_OPEN] = "half-open",
		[KSECDD_STATE_ESTABLISHED] = "established",
		[KSECDD_STATE_DEAD] = "dead",
	};

	return state < sizeof(names) / sizeof(names[0]) && names[state] ? names[state] :
									  "unknown";
}

static void put_context(struct json *json, const struct family_context *c)
{
	json_open(json, NULL, '{');
	json_number(json, "number", c->number);
	json_string(json, "package", package_name(c->package));
	json_string(json, "state", state_name(c->state));
	if (c->have_client)
		json_string(json, "client", c->client);
	else
		json_null(json, "client");
	if (c->have_uid)
		json_number(json, "uid", c->uid);
	else
		json_null(json, "uid");
	json_number(json, "flags", c->flags);
	json_number(json, "key_bits", c->key_bits);
	json_number(json, "owner_uid", c->owner_uid);
	json_number(json, "owner_pid", c->owner_pid);
	json_string(json, "comm", c->comm);
	json_number(json, "age_ms", c->age);
	json_number(json, "sent", c->sent);
	json_number(json, "received", c->received);
	json_close(json, '}');
}

static void put_list(const struct list *list)
{
	struct json json = { .file = stdout };
	size_t i;

	json_open(&json, NULL, '{');
	json_open(&json, "contexts", '[');
	for (i = 0; i < list->n; i++)
		put_context(&json, &list->contexts[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}

/* Two units are enough for a person: 3d04h, 2h05m, 1m30s, 12.3s. */
static void age_cell(struct table *table, uint64_t ms)
{
	unsigned long long s = ms / 1000;

	if (s < 60)
		table_format(table, "%llu.%llus", s, (unsigned long long)ms % 1000 / 100);
	else if (s < 3600)
		table_format(table, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		table_format(table, "%lluh%02llum", s / 3600, s % 3600 / 60);
	else
		table_format(table, "%llud%02lluh", s / 86400, s % 86400 / 3600);
}

static void add_row(struct table *table, const struct family_context *c)
{
	table_format(table, "%llu", (unsigned long long)c->number);
	table_cell(table, package_name(c->package));
	table_cell(table, state_name(c->state));
	table_cell(table, c->have_client ? c->client : "-");
	if (c->have_uid)
		table_format(table, "%u", c->uid);
	else
		table_cell(table, "-");
	if (c->key_bits)
		table_format(table, "%u", c->key_bits);
	else
		table_cell(table, "-");
	age_cell(table, c->age);
	table_format(table, "%llu", (unsigned long long)c->sent);
	table_format(table, "%llu", (unsigned long long)c->received);
	table_format(table, "%u", c->owner_pid);
	table_cell(table, c->comm);
}

static int print_list(const struct list *list)
{
	static const char *const heading[] = {
		"CONTEXT", "PACKAGE", "STATE", "CLIENT", "UID", "KEY", "AGE", "SENT", "RECEIVED",
		"PID", "SERVICE",
	};
	struct table table = { .columns = sizeof(heading) / sizeof(heading[0]) };
	size_t i;
	int ret;

	for (i = 0; i < table.columns; i++)
		table_cell(&table, heading[i]);
	for (i = 0; i < list->n; i++)
		add_row(&table, &list->contexts[i]);
	ret = table_print(&table, stdout);
	table_clear(&table);
	return ret;
}

/* Returns the exit code. */
static int show_list(struct family *family, bool json)
{
	struct list list = { NULL, 0, 0 };
	int ret;

	ret = take_list(family, &list);
	if (ret) {
		free(list.contexts);
		return module_failed(ret, family);
	}
	if (json)
		put_list(&list);
	else
		ret = print_list(&list);
	free(list.contexts);
	if (ret) {
		complain("out of memory");
		return EXIT_FAILED;
	}
	return finish_output();
}

/**
 * show_contexts() - ksecctl contexts
 * @cmd: the command
 * @argc: number of @argv
 * @argv: its arguments
 * @json: JSON was asked for before the command
 *
 * Return: the exit code.
 */
int show_contexts(const struct command *cmd, int argc, char **argv, bool json)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct family family;
	int ret, c;

	while ((c = getopt_long(argc, argv, "jh", longs, NULL)) != -1) {
		if (c == 'j')
			json = true;
		else if (c == 'h')
			return show_usage(cmd);
		else
			return wrong_usage(cmd);
	}
	if (optind < argc) {
		complain("unexpected argument '%s'", argv[optind]);
		return wrong_usage(cmd);
	}
	ret = module_open(&family);
	if (ret)
		return ret;
	ret = show_list(&family, json);
	family_close(&family);
	return ret;
}
