// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos: sealed messages of the module beside those of MIT krb5's GSSAPI in this
 * process, for each encryption type.  A line of JSON a row, as the other programs.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "mit_krb5.h"
#include "tools/testing/selftests/ksecdd/krb5_session.h"

#define MESSAGES	16
#define RUNS		5
#define MAX_SIZE	65536

#define CONFIG		"/tmp/bench-krb5.conf"

static const char usage[] =
	"usage: bench-krb5\n"
	"\n"
	"Counts the instructions of sealed Kerberos messages in the module and in MIT krb5.\n"
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

static const uint32_t sizes[] = { 64, 1024, 16384, MAX_SIZE };

static uint8_t plain[MAX_SIZE];
static uint8_t memory[MESSAGES][MAX_SIZE + KRB5_MAX_OVERHEAD];
static uint8_t out[MAX_SIZE + KRB5_MAX_OVERHEAD];

/* Both ends of what is measured, of one encryption type */
static struct krb5_session session;
static struct mit_pair mit;

/* As that of main.c, which this program has not. */
void bench_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench-krb5: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void row(const char *ssp, const char *op, const char *enctype, uint32_t size,
		struct count *count)
{
	count_sort(count);
	printf("{\"ssp\": \"%s\", \"row\": \"%s %s\", \"live\": 1, \"size\": %u, \"batch\": 1, "
	       "\"unit\": \"instructions\", \"runs\": %u, \"min\": %.1f, \"median\": %.1f, "
	       "\"max\": %.1f}\n", ssp, op, enctype, size, count->runs, count->value[0],
	       count_median(count), count->value[count->runs - 1]);
	fflush(stdout);
}

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
	unsigned int i;
	double took;

	/* The first time does what is done only once, and is not counted. */
	for (i = 0; i <= RUNS; i++) {
		took = rows[r].measure(size);
		if (i)
			count_add(&count, took);
	}
	row(rows[r].ssp, rows[r].op, enctype, size, &count);
}

static void measure_enctype(size_t e)
{
	size_t s, r;

	printf("# krb5: messages of %s\n", enctypes[e].name);
	fflush(stdout);
	krb5_session_open(&session, enctypes[e].number, KRB5_TEST_FLAGS |
			  KSECDD_KRB5_REPLAY_DETECT | KSECDD_KRB5_SEQUENCE_DETECT);
	mit = mit_pair_make((int)enctypes[e].number);
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++)
			measure(r, enctypes[e].name, sizes[s]);
	mit_pair_free(&mit);
	krb5_session_close(&session);
}

static void configure(void)
{
	FILE *f = fopen(CONFIG, "we");

	if (!f || fputs("[libdefaults]\n\tdefault_realm = BENCH.TEST\n\tdns_lookup_kdc = false\n"
			"\tpermitted_enctypes = aes camellia aes256-sha2 aes128-sha2\n", f) < 0 ||
	    fclose(f))
		bench_die(CONFIG " cannot be written");
	setenv("KRB5_CONFIG", CONFIG, 1);
}

int main(int argc, char **argv)
{
	size_t i;

	(void)argv;
	if (argc > 1) {
		fputs(usage, stdout);
		return 0;
	}
	for (i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + i / 251);
	configure();
	count_init();
	krb5_session_start();
	for (i = 0; i < sizeof(enctypes) / sizeof(enctypes[0]); i++)
		measure_enctype(i);
	krb5_session_stop();
	return 0;
}
