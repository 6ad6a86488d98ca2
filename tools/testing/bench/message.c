// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages.  The client checks every one that was made and makes every one that is
 * checked; a message that is not right ends the benchmark.
 */
#include <string.h>

#include "bench.h"

#define MAX_SIZE	65536

static const struct {
	const char *row;
	bool made;	/* the server makes the token */
	bool sealed;
} ops[BENCH_OPS] = {
	[BENCH_SIGN] = { "MakeSignature", true, false },
	[BENCH_VERIFY] = { "VerifySignature", false, false },
	[BENCH_ENCRYPT] = { "EncryptMessage", true, true },
	[BENCH_DECRYPT] = { "DecryptMessage", false, true },
};

static _Alignas(64) uint8_t memory[BENCH_MESSAGES][BENCH_TOKEN + MAX_SIZE];
static uint8_t clear_text[MAX_SIZE];
static struct bench_message messages[BENCH_MESSAGES];

static void prepare(enum bench_op op, struct ntlm_peer *peers, unsigned int n, uint32_t size)
{
	unsigned int i;

	for (i = 0; i < BENCH_MESSAGES; i++) {
		struct bench_message *m = &messages[i];
		const struct ntlm_piece piece = { memory[i] + BENCH_TOKEN, size, ops[op].sealed };

		m->buf = memory[i];
		m->out = memory[i];
		m->len = size;
		memcpy(m->buf + BENCH_TOKEN, clear_text, size);
		if (!ops[op].made)
			ntlm_peer_protect(&peers[i % n], &piece, 1, m->buf);
	}
}

static void check(enum bench_op op, struct ntlm_peer *peers, unsigned int n, uint32_t size)
{
	unsigned int i;

	for (i = 0; i < BENCH_MESSAGES; i++) {
		uint8_t *out = messages[i].out;
		const struct ntlm_piece piece = { out + BENCH_TOKEN, size, ops[op].sealed };

		if (ops[op].made && !ntlm_peer_accept(&peers[i % n], &piece, 1, out))
			bench_die("%s: %s: the client does not take message %u of %u bytes",
				  bench_ssp.name, ops[op].row, i, size);
		if (memcmp(out + BENCH_TOKEN, clear_text, size))
			bench_die("%s: %s: message %u of %u bytes has become another",
				  bench_ssp.name, ops[op].row, i, size);
	}
}

/* All messages, so many in a call; what a message took */
static double run(enum bench_op op, const struct bench_job *jobs, unsigned int batch)
{
	uint64_t begin, end;
	unsigned int i;
	bool ok = true;

	begin = count_now();
	for (i = 0; i < BENCH_MESSAGES; i += batch)
		ok &= bench_ssp.run(op, jobs + i, batch);
	end = count_now();
	if (!ok)
		bench_die("%s: %s failed", bench_ssp.name, ops[op].row);
	return (double)(end - begin - count_overhead()) / BENCH_MESSAGES;
}

/* Freeing what was made is a part of using it. */
static double release(enum bench_op op, const struct bench_job *jobs)
{
	uint64_t begin;

	if (!bench_ssp.release)
		return 0;
	begin = count_now();
	bench_ssp.release(op, jobs, BENCH_MESSAGES);
	return (double)(count_now() - begin - count_overhead()) / BENCH_MESSAGES;
}

static void row(enum bench_op op, void *const *contexts, struct ntlm_peer *peers,
		unsigned int n, unsigned long live, uint32_t size, unsigned int batch)
{
	struct bench_job jobs[BENCH_MESSAGES];
	struct count count = { 0 };
	unsigned int i;
	double took;

	for (i = 0; i < BENCH_MESSAGES; i++)
		jobs[i] = (struct bench_job){ contexts[i % n], &messages[i] };
	/* The first time does what is done only once, and is not counted. */
	for (i = 0; i <= bench_options.runs; i++) {
		prepare(op, peers, n, size);
		took = run(op, jobs, batch);
		check(op, peers, n, size);
		took += release(op, jobs);
		if (i)
			count_add(&count, took);
	}
	bench_row(bench_ssp.name, ops[op].row, live, size, batch, "instructions", &count);
}

/**
 * bench_messages() - the rows of messages
 * @contexts: established contexts
 * @peers:    the other ends of them
 * @n:        how many; the messages go round
 * @live:     contexts that live, these among them
 */
void bench_messages(void *const *contexts, struct ntlm_peer *peers, unsigned int n,
		    unsigned long live)
{
	const uint32_t *size;
	unsigned int op, i;

	for (i = 0; i < sizeof(clear_text); i++)
		clear_text[i] = (uint8_t)(i * 7 + i / 251);
	for (size = bench_options.sizes; *size; size++) {
		bench_progress("messages of %u bytes with %lu live contexts", *size, live);
		for (op = 0; op < BENCH_OPS; op++) {
			if (!(bench_ssp.ops & 1U << op))
				continue;
			row(op, contexts, peers, n, live, *size, 1);
			if (bench_ssp.batch > 1)
				row(op, contexts, peers, n, live, *size, bench_ssp.batch);
		}
	}
}
