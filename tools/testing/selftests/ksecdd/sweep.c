// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls with one fault after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/ksecdd.h>

#include "env.h"
#include "suite.h"
#include "sweep.h"

/* More fault points than any sequence here has: it would go on for ever. */
#define MAX_POINTS	20000

/* Seconds for a row; the slowest kernel takes a second for some runs. */
#define ROW_SECONDS	600

/* Lines of a complaint: a trace of the kernel has many, and they are in its log. */
#define MAX_SHOWN	8

/* Until the requests of the run before are gone */
#define SETTLE_MS	5000

const struct sweep_faults sweep_ioctl = {
	{ SEC_E_INSUFFICIENT_MEMORY, SWEEP_END }, { -EFAULT, SWEEP_END },
};

const struct sweep_faults sweep_syscall = {
	{ -ENOMEM, SWEEP_END }, { -EFAULT, SWEEP_END },
};

/* netlink itself says ENOBUFS */
const struct sweep_faults sweep_netlink = {
	{ -ENOMEM, -ENOBUFS, SWEEP_END }, { -EFAULT, SWEEP_END },
};

/* libsspi takes memory that cannot be touched for no memory. */
const struct sweep_faults sweep_sspi = {
	{ SEC_E_INSUFFICIENT_MEMORY, SWEEP_END }, { SEC_E_INSUFFICIENT_MEMORY, SWEEP_END },
};

static const char *const kind_names[] = {
	[FAULT_NONE] = "without a fault",
	[FAULT_ALLOC] = "an allocation failed",
	[FAULT_COPY] = "a user copy failed",
};

/* More rows than any table has */
#define MAX_ROWS	128

/* Those that were asked for; the next one is @row's. */
static const struct sweep *picked[MAX_ROWS];
static size_t next_row;

static const struct sweep *row;

static bool is_in(const int32_t *list, size_t n, int32_t outcome)
{
	size_t i;

	for (i = 0; i < n && list[i] != SWEEP_END; i++)
		if (list[i] == outcome)
			return true;
	return false;
}

static void judge(const char *what, unsigned int n, enum fault_kind kind, int32_t outcome)
{
	const struct sweep_faults *f = row->faults;

	if (outcome == row->want)
		return;
	if (kind == FAULT_ALLOC && is_in(f->alloc, ARRAY_SIZE(f->alloc), outcome))
		return;
	if (kind == FAULT_COPY && is_in(f->copy, ARRAY_SIZE(f->copy), outcome))
		return;
	suite_fail(__FILE__, __LINE__, "%s %u (%s): the outcome is %d (%#x)", what, n,
		   kind_names[kind], outcome, (uint32_t)outcome);
}

static void before(void)
{
	if (row->before)
		row->before(row->arg);
}

static void after(const char *what, unsigned int n, enum fault_kind kind, int32_t outcome)
{
	bool was_well = !suite_failed();

	judge(what, n, kind, outcome);
	if (row->after)
		row->after(row->arg, outcome, kind);
	if (was_well && suite_failed())
		suite_note("that was with %s %u: %s, outcome %d (%#x)", what, n, kind_names[kind],
			   outcome, (uint32_t)outcome);
}

static enum fault_kind run_one(unsigned int n)
{
	enum fault_kind kind;
	int32_t outcome;

	before();
	fault_arm(n);
	outcome = row->run(row->arg);
	kind = fault_disarm();
	after("fault", n, kind, outcome);
	return kind;
}

/* Everything fails from the first allocation on: no way round a failure helps. */
static void run_starved(void)
{
	int32_t outcome;
	bool hungry;

	before();
	fault_starve();
	outcome = row->run(row->arg);
	hungry = fault_feed();
	after("starving", 0, hungry ? FAULT_ALLOC : FAULT_NONE, outcome);
}

static void check_complaints(void)
{
	unsigned int shown = 0;
	char text[1024];

	while (fault_complaint(text, sizeof(text)))
		if (shown++ < MAX_SHOWN)
			suite_fail(__FILE__, __LINE__, "%s", text);
	if (shown > MAX_SHOWN)
		suite_note("and %u lines more", shown - MAX_SHOWN);
}

/* ksecd closes a request's file when the caller has its answer already. */
static struct family_status settled_status(void)
{
	uint64_t until = suite_now_ms() + suite_time(SETTLE_MS);
	struct family_status status;

	do
		status = status_now();
	while (status.requests && suite_now_ms() < until);
	return status;
}

static void sweep_one(void)
{
	unsigned int n, total, hits[] = { 0, 0, 0 };
	uint64_t start = suite_now_ms();
	struct family_status gauges;
	enum fault_kind kind;
	bool loaded;

	row = picked[next_row++];
	if (row->begin)
		row->begin(row->arg);
	/* Twice without a fault: caches are filled by the first. */
	run_one(MAX_POINTS);
	fault_mark();
	loaded = !access(KSECDD_DEVICE, F_OK);
	if (loaded)
		gauges = settled_status();
	REQUIRE_EQ(run_one(MAX_POINTS), FAULT_NONE);
	total = fault_points();
	for (n = 1, kind = FAULT_ALLOC; kind != FAULT_NONE && !suite_failed(); n++) {
		kind = run_one(n);
		hits[kind]++;
		REQUIRE(n < MAX_POINTS);
	}
	if (!suite_failed())
		run_starved();
	/* And after all that it goes right as it did before. */
	if (!suite_failed())
		run_one(MAX_POINTS);
	if (loaded)
		check_gauges(&gauges);
	if (!row->loud)
		check_complaints();
	if (row->end)
		row->end(row->arg);
	suite_note("%s: %u allocations and %u copies failed, %u points, %llu ms", row->name,
		   hits[FAULT_ALLOC], hits[FAULT_COPY], total,
		   (unsigned long long)(suite_now_ms() - start));
}

static void help(const char *program)
{
	printf("usage: %s [PART-OF-A-NAME]\n\n"
	       "Makes calls with one fault after the other; a name picks rows.\n", program);
	exit(0);
}

/**
 * sweep_run() - sweep all rows of a table
 * @rows: the table
 * @n:    how many rows
 * @argc: of main(): a part of a name for some rows
 * @argv: of main()
 *
 * Whatever threads the rows need have been started before.
 *
 * Return: the program's exit code
 */
int sweep_run(const struct sweep *rows, size_t n, int argc, char **argv)
{
	static struct suite_test tests[MAX_ROWS];
	const char *pattern = "";
	size_t r, count = 0;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help"))
			help(argv[0]);
		else
			pattern = argv[i];
	}
	for (r = 0; r < n && count < MAX_ROWS; r++) {
		if (!strstr(rows[r].name, pattern))
			continue;
		picked[count] = &rows[r];
		tests[count++] = (struct suite_test){ rows[r].name, sweep_one, ROW_SECONDS };
	}
	fault_init();
	return suite_run(tests, count);
}
