// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole logon, as the accept side sees it: two tokens of the client, and the
 * context's end.
 *
 * The counter goes round the whole of it, so that everything is in it that the
 * guest does for it, whenever: what the helper tidies up after it has answered,
 * what the kernel frees later.  The client's part is the same for everybody; it is
 * measured apart and taken off.
 */
#include <string.h>

#include "bench.h"

static struct bytes negotiate, challenge, authenticate, nothing;

static void client_ready(struct client *client)
{
	client_init(client);
	client->user = BENCH_USER;
	client->domain = BENCH_DOMAIN;
	client->password = BENCH_PASSWORD;
}

static void first_leg(void *context, struct client *client)
{
	client_ready(client);
	client_negotiate(client, &negotiate);
	if (bench_ssp.accept(context, &negotiate, &challenge) != BENCH_CONTINUE)
		bench_die("%s: the first token is refused", bench_ssp.name);
}

/**
 * bench_log_on() - make a context
 * @context: all zero before
 * @client:  receives who is at the other end of it
 *
 * Return: bytes of the client's first token and the answer to it, which the accept
 *         side has to remember for the second
 */
size_t bench_log_on(void *context, struct client *client)
{
	first_leg(context, client);
	client_authenticate(client, &negotiate, &challenge, &authenticate);
	if (bench_ssp.accept(context, &authenticate, &nothing) != BENCH_ACCEPTED)
		bench_die("%s: the logon is refused", bench_ssp.name);
	return negotiate.len + challenge.len;
}

/**
 * bench_half_open() - make a context that waits for the client's second token
 * @context: all zero before
 */
void bench_half_open(void *context)
{
	struct client client;

	first_leg(context, &client);
}

/* What the client does for a logon, with the last logon's tokens */
static double client_cost(void)
{
	struct client client;
	uint64_t begin;
	unsigned int i;

	begin = count_now();
	for (i = 0; i < bench_options.logons; i++) {
		client_ready(&client);
		client_negotiate(&client, &negotiate);
		client_authenticate(&client, &negotiate, &challenge, &authenticate);
	}
	return (double)(count_now() - begin - count_overhead()) / bench_options.logons;
}

/* The parts as their caller sees them; without what is done when they are over */
struct parts {
	struct count leg[2];
	struct count drop;
};

static void whole_logons(void *context, struct count *count, double client)
{
	uint64_t begin, end, rest = count_settle_cost();
	struct client peer;
	unsigned int i;

	begin = count_now();
	for (i = 0; i < bench_options.logons; i++) {
		memset(context, 0, bench_ssp.context_size);
		bench_log_on(context, &peer);
		bench_ssp.drop(context);
	}
	count_settle();
	end = count_now();
	count_add(count, (double)(end - begin - rest - count_overhead()) / bench_options.logons -
		  client);
}

static void parts_of_logon(void *context, struct parts *parts)
{
	uint64_t time[6];
	struct client peer;

	memset(context, 0, bench_ssp.context_size);
	count_settle();
	client_ready(&peer);
	client_negotiate(&peer, &negotiate);
	time[0] = count_now();
	bench_ssp.accept(context, &negotiate, &challenge);
	time[1] = count_now();
	count_settle();
	client_authenticate(&peer, &negotiate, &challenge, &authenticate);
	time[2] = count_now();
	bench_ssp.accept(context, &authenticate, &nothing);
	time[3] = count_now();
	count_settle();
	time[4] = count_now();
	bench_ssp.drop(context);
	time[5] = count_now();
	count_add(&parts->leg[0], time[1] - time[0] - count_overhead());
	count_add(&parts->leg[1], time[3] - time[2] - count_overhead());
	count_add(&parts->drop, time[5] - time[4] - count_overhead());
}

/**
 * bench_logons() - the rows of logons
 * @live: contexts that live meanwhile
 */
void bench_logons(unsigned long live)
{
	_Alignas(16) uint8_t context[bench_ssp.context_size];
	struct parts parts = { 0 };
	struct count count = { 0 }, client = { 0 };
	uint64_t idle;
	unsigned int i;

	bench_progress("logons with %lu live contexts", live);
	/* Once for whatever is done only once. */
	parts_of_logon(context, &parts);
	memset(&parts, 0, sizeof(parts));
	for (i = 0; i < bench_options.runs; i++)
		count_add(&client, client_cost());
	count_sort(&client);
	idle = count_idle();
	for (i = 0; i < bench_options.runs; i++)
		whole_logons(context, &count, client.value[0]);
	idle = count_idle() - idle;
	if (idle)
		bench_die("%s: nothing ran for %llu ns during the logons: they wait for a timer, "
			  "and what was counted is not instructions", bench_ssp.name,
			  (unsigned long long)idle);
	for (i = 0; i < bench_options.runs; i++)
		parts_of_logon(context, &parts);
	bench_row(bench_ssp.name, "logon", live, 0, 1, "instructions", &count);
	bench_row(bench_ssp.name, "logon-first-token", live, 0, 1, "instructions", &parts.leg[0]);
	bench_row(bench_ssp.name, "logon-second-token", live, 0, 1, "instructions", &parts.leg[1]);
	bench_row(bench_ssp.name, "logon-delete", live, 0, 1, "instructions", &parts.drop);
	bench_row(bench_ssp.name, "logon-client", live, 0, 1, "instructions", &client);
}
