// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos: sealed messages of the module beside those of MIT krb5's GSSAPI in this
 * process, and the memory of contexts, for each encryption type.  A line of JSON a row, as the other programs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "mit_krb5.h"
#include "tools/testing/selftests/ksecdd/krb5_session.h"

#define MESSAGES	16
#define MAX_SIZE	65536

/* So many contexts that their memory can be told from what else is going on */
#define CONTEXTS	4000

#define CONFIG		"/tmp/bench-krb5.conf"

static const char usage[] =
	"usage: bench-krb5 [--enctypes N,N...] [--sizes N,N...] [--runs N]\n"
	"\n"
	"Counts the instructions of sealed Kerberos messages in the module and in MIT krb5,\n"
	"and the bytes of the module's contexts.\n"
	"Runs in the test guest; 'make bench' runs it and shows what comes out.\n";

static const struct {
	unsigned int number;
	const char *name;
} enctypes[] = {
	{ KSECDD_KRB5_AES128_CTS_HMAC_SHA1_96, "aes128-cts-hmac-sha1-96" },
	{ KSECDD_KRB5_AES256_CTS_HMAC_SHA1_96, "aes256-cts-hmac-sha1-96" },
	{ KSECDD_KRB5_AES128_CTS_HMAC_SHA256_128, "aes128-cts-hmac-sha256-128" },
	{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, "aes256-cts-hmac-sha384-192" },
	{ KSECDD_KRB5_CAMELLIA128_CTS_CMAC, "camellia128-cts-cmac" },
	{ KSECDD_KRB5_CAMELLIA256_CTS_CMAC, "camellia256-cts-cmac" },
};

static uint8_t plain[MAX_SIZE];
static uint8_t memory[MESSAGES][MAX_SIZE + KRB5_MAX_OVERHEAD];
static uint8_t out[MAX_SIZE + KRB5_MAX_OVERHEAD];

/* Both ends of what is measured, of one encryption type */
static struct krb5_session session;
static struct mit_pair mit;

/* A message each: what it took */
typedef double (*measure_fn)(uint32_t size);

static double per_message(uint64_t begin)
{
	return (double)(count_now() - begin - count_overhead()) / MESSAGES;
}

static double ours_wrap(uint32_t size)
{
	struct ksecdd_buffer bufs[MESSAGES][2];
	size_t i, len, token_len;
	uint64_t begin;
	bool sealed, ok = true;
	double took;

	for (i = 0; i < MESSAGES; i++) {
		memcpy(memory[i] + KRB5_MAX_OVERHEAD, plain, size);
		bufs[i][0] = buffer(SECBUFFER_TOKEN, memory[i], KRB5_MAX_OVERHEAD);
		bufs[i][1] = buffer(SECBUFFER_DATA, memory[i] + KRB5_MAX_OVERHEAD, size);
	}
	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		ok &= !message_status(&session.call, KSECDD_MESSAGE_ENCRYPT, bufs[i], 2);
	took = per_message(begin);
	for (i = 0; ok && i < MESSAGES; i++) {
		token_len = bufs[i][0].len;
		memmove(memory[i] + KRB5_MAX_OVERHEAD - token_len, memory[i], token_len);
		ok = krb5_peer_unwrap(&session.peer, memory[i] + KRB5_MAX_OVERHEAD - token_len,
				      token_len + size, out, &len, &sealed) &&
		     len == size && !memcmp(out, plain, size);
	}
	if (!ok)
		bench_die("a message of the module is not right");
	return took;
}

static double ours_unwrap(uint32_t size)
{
	const struct krb5_wrap how = { .seal = true };
	struct ksecdd_buffer bufs[MESSAGES][2];
	uint64_t begin;
	bool ok = true;
	double took;
	size_t i;

	for (i = 0; i < MESSAGES; i++) {
		size_t len = krb5_peer_wrap(&session.peer, &how, plain, size, memory[i]);

		bufs[i][0] = buffer(SECBUFFER_STREAM, memory[i], len);
		bufs[i][1] = buffer(SECBUFFER_DATA, NULL, 0);
	}
	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		ok &= !message_status(&session.call, KSECDD_MESSAGE_DECRYPT, bufs[i], 2);
	took = per_message(begin);
	for (i = 0; ok && i < MESSAGES; i++)
		ok = bufs[i][1].len == size &&
		     !memcmp((void *)(uintptr_t)bufs[i][1].ptr, plain, size);
	if (!ok)
		bench_die("the module does not take a message as it is");
	return took;
}

/* What MIT krb5 allocates has to be freed again: that is a part of using it. */
static double mit_wrap(uint32_t size)
{
	gss_buffer_desc in = { size, plain }, made[MESSAGES], back;
	uint64_t begin;
	OM_uint32 minor;
	bool ok = true;
	double took;
	size_t i;

	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		ok &= !gss_wrap(&minor, mit.acceptor, 1, GSS_C_QOP_DEFAULT, &in, NULL, &made[i]);
	took = per_message(begin);
	for (i = 0; ok && i < MESSAGES; i++) {
		ok = !gss_unwrap(&minor, mit.initiator, &made[i], &back, NULL, NULL) &&
		     back.length == size && !memcmp(back.value, plain, size);
		gss_release_buffer(&minor, &back);
	}
	if (!ok)
		bench_die("a message of MIT krb5 is not right");
	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		gss_release_buffer(&minor, &made[i]);
	return took + per_message(begin);
}

static double mit_unwrap(uint32_t size)
{
	gss_buffer_desc in = { size, plain }, sent[MESSAGES], got[MESSAGES];
	uint64_t begin;
	OM_uint32 minor;
	bool ok = true;
	double took;
	size_t i;

	for (i = 0; i < MESSAGES; i++)
		ok &= !gss_wrap(&minor, mit.initiator, 1, GSS_C_QOP_DEFAULT, &in, NULL, &sent[i]);
	if (!ok)
		bench_die("MIT krb5 does not make a message");
	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		ok &= !gss_unwrap(&minor, mit.acceptor, &sent[i], &got[i], NULL, NULL);
	took = per_message(begin);
	for (i = 0; ok && i < MESSAGES; i++) {
		ok = got[i].length == size && !memcmp(got[i].value, plain, size);
		gss_release_buffer(&minor, &sent[i]);
	}
	if (!ok)
		bench_die("MIT krb5 does not take a message as it is");
	begin = count_now();
	for (i = 0; i < MESSAGES; i++)
		gss_release_buffer(&minor, &got[i]);
	return took + per_message(begin);
}

static const struct {
	const char *ssp;
	const char *op;
	measure_fn measure;
} rows[] = {
	{ "ksecdd", "Wrap", ours_wrap },
	{ "mit-krb5", "Wrap", mit_wrap },
	{ "ksecdd", "Unwrap", ours_unwrap },
	{ "mit-krb5", "Unwrap", mit_unwrap },
};

static void measure(size_t r, const char *enctype, uint32_t size)
{
	struct count count = { 0 };
	char name[64];
	unsigned int i;
	double took;

	/* The first time does what is done only once, and is not counted. */
	for (i = 0; i <= bench_options.runs; i++) {
		took = rows[r].measure(size);
		if (i)
			count_add(&count, took);
	}
	snprintf(name, sizeof(name), "%s %s", rows[r].op, enctype);
	bench_row(rows[r].ssp, name, 1, size, 1, "instructions", &count);
}

/*
 * Only this encryption type: MIT's acceptor would take the best that both have for the
 * keys of messages, whatever the ticket is of.
 */
static void configure(const char *enctype)
{
	char path[128];
	FILE *f;

	/* libkrb5 notices that a file is another one by its name or the second it is of. */
	snprintf(path, sizeof(path), CONFIG ".%s", enctype);
	f = fopen(path, "we");
	if (!f || fprintf(f, "[libdefaults]\n\tdefault_realm = BENCH.TEST\n\tdns_lookup_kdc = false\n"
			  "\tpermitted_enctypes = %s\n", enctype) < 0 || fclose(f))
		bench_die("%s cannot be written", path);
	setenv("KRB5_CONFIG", path, 1);
}

static void measure_enctype(unsigned int number, const char *name)
{
	const uint32_t *size;
	size_t r;

	bench_progress("messages of %s", name);
	krb5_session_open(&session, number, KRB5_TEST_FLAGS | KSECDD_KRB5_REPLAY_DETECT |
			  KSECDD_KRB5_SEQUENCE_DETECT);
	configure(name);
	mit = mit_pair_make((int)number);
	for (size = bench_options.sizes; *size; size++)
		for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
			measure(r, name, *size);
	mit_pair_free(&mit);
	krb5_session_close(&session);
}

/* What an idle context of an encryption type takes in the kernel, its keys included */
static void measure_memory(unsigned int number, const char *enctype)
{
	struct ksecdd_krb5_keys keys = krb5_session_keys(number, 1);
	struct verdict verdict = krb5_session_verdict(&keys, KRB5_TEST_FLAGS);
	struct bench_memory before, now;
	struct count count = { 0 };
	char name[128];
	unsigned int i;

	/* One that is not counted: what is made only once. */
	krb5_session_open(&session, number, KRB5_TEST_FLAGS);
	bench_memory_now(&before);
	for (i = 0; i < CONTEXTS; i++)
		device_establish(session.dev, session.cred, &verdict);
	bench_memory_now(&now);
	/* All others go with the open file. */
	krb5_session_close(&session);
	snprintf(name, sizeof(name), "context %s", enctype);
	count_add(&count, (now.kernel - before.kernel) / CONTEXTS);
	bench_row("ksecdd", name, 1, 0, 1, "bytes", &count);
}

static const char *enctype_name(unsigned int number)
{
	size_t i;

	for (i = 0; i < sizeof(enctypes) / sizeof(enctypes[0]); i++)
		if (enctypes[i].number == number)
			return enctypes[i].name;
	bench_die("encryption type %u is not measured here", number);
}

int main(int argc, char **argv)
{
	const unsigned int *number;
	size_t i;

	(void)argc;
	bench_parse_options(argv, usage);
	for (i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + i / 251);
	count_init();
	krb5_session_start();
	for (number = bench_options.enctypes; *number; number++) {
		measure_enctype(*number, enctype_name(*number));
		measure_memory(*number, enctype_name(*number));
	}
	krb5_session_stop();
	return 0;
}
