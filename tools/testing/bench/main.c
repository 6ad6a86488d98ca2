// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is measured, in which order; and how it is said: a line of JSON a row, which
 * tools/testing/bench/bench reads.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static const char usage[] =
	"usage: bench-NAME [--live N,N...] [--sizes N,N...] [--runs N] [--logons N]\n"
	"                  [--no-memory]\n"
	"\n"
	"Counts the instructions of NTLM's accept side in an implementation. Runs in the\n"
	"test guest; 'make bench' runs it for all of them and shows what comes out.\n";

/* Where there are more to be made at once, bench_ssp.fill makes them, if it can. */
#define MANY	5000

/* All contexts, and those with which messages are exchanged. */
struct contexts {
	uint8_t *all;
	unsigned long n;
	void *used[BENCH_MESSAGES];
	struct ntlm_peer peers[BENCH_MESSAGES];
	unsigned int nused;
};

/* Memory for @n contexts that is there already: it is not to be measured with them. */
static void *room(unsigned long n)
{
	size_t size = n * bench_ssp.context_size;
	void *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		 -1, 0);
	if (p == MAP_FAILED)
		bench_die("out of memory");
	return p;
}

static void *context_at(uint8_t *all, unsigned long i)
{
	return all + i * bench_ssp.context_size;
}

static bool make_many(uint8_t *all, unsigned long n, bool established, struct client *client)
{
	if (!bench_ssp.fill || n <= MANY)
		return false;
	bench_ssp.fill(all, n, established, client);
	return true;
}

/* As many as there are to be; those that are used lie evenly among the new ones. */
static void fill(struct contexts *c, unsigned long live)
{
	unsigned long new = live - c->n, i;
	unsigned long want = new < BENCH_MESSAGES ? new : BENCH_MESSAGES;
	uint8_t *all = context_at(c->all, c->n);
	struct client client;
	bool made;

	c->nused = 0;
	made = make_many(all, new, true, &client);
	for (i = 0; i < new; i++) {
		if (!made)
			bench_log_on(context_at(all, i), &client);
		if (i != (c->nused + 1) * new / want - 1)
			continue;
		c->used[c->nused] = context_at(all, i);
		ntlm_peer_init(&c->peers[c->nused++], client.flags, client.exported_key);
	}
	c->n = live;
}

/* @n: contexts that have come since @before */
static void memory_row(const char *row, unsigned long live, unsigned long n,
		       const struct bench_memory *before)
{
	struct bench_memory now;
	struct count count = { 0 };

	bench_memory_now(&now);
	count_add(&count, (bench_ssp.in_kernel ? now.kernel - before->kernel :
						 now.own - before->own) / (double)n);
	bench_row(bench_ssp.name, row, live, 0, 1, "bytes", &count);
}

/* From the contexts that there are to @live of them, and what is measured then. */
static void level(struct contexts *c, unsigned long live)
{
	unsigned long before = c->n;
	struct bench_memory memory;

	bench_progress("%lu contexts", live);
	bench_memory_now(&memory);
	fill(c, live);
	if (bench_options.memory && live - before > 1)
		memory_row("memory-established", live, live - before, &memory);
	if (bench_ssp.handles)
		bench_ssp.handles(c->used[0], live);
	bench_messages(c->used, c->peers, c->nused, live);
	bench_logons(live);
}

static void half_open(unsigned long live)
{
	uint8_t *all = room(live), *others = context_at(all, 1);
	struct bench_memory memory;
	struct client client;
	unsigned long i;
	bool made;

	bench_progress("%lu half-open contexts", live);
	bench_ssp.init();
	/* One that is not counted: what is made only once. */
	bench_half_open(all);
	bench_memory_now(&memory);
	made = make_many(others, live - 1, false, &client);
	for (i = 0; !made && i < live - 1; i++)
		bench_half_open(context_at(others, i));
	memory_row("memory-half-open", live, live - 1, &memory);
	for (i = 0; i < live; i++)
		bench_ssp.drop(context_at(all, i));
}

/* In a process of its own, whose memory nobody has used and given back yet. */
static void apart(void (*measure)(unsigned long live), unsigned long live)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		bench_die("fork: %s", strerror(errno));
	if (!pid) {
		measure(live);
		exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		exit(1);
}

int main(int argc, char **argv)
{
	struct contexts contexts = { 0 };
	unsigned long most = 0, i;
	const unsigned long *live;

	(void)argc;
	bench_parse_options(argv, usage);
	count_init();
	for (live = bench_options.live; *live; live++) {
		if (bench_options.memory && *live > 1)
			apart(half_open, *live);
		most = *live;
	}
	bench_ssp.init();
	contexts.all = room(most);
	for (live = bench_options.live; *live; live++)
		level(&contexts, *live);
	for (i = 0; i < contexts.n; i++)
		bench_ssp.drop(context_at(contexts.all, i));
	return 0;
}
