// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS: records of the module beside those of OpenSSL with the same suite, and a file that is
 * sent through a socket with the module's keys beside one that OpenSSL sends.  A line of JSON
 * a row, as the other programs.
 *
 * OpenSSL works on memory BIOs, as a program does that has its connections elsewhere: what it
 * takes to bring a record there or to get one from there is a part of using it, as are the
 * system call and its copies with the module.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "bench.h"
#include "openssl_pair.h"
#include "tools/testing/selftests/ksecdd/tls_link.h"

#define RECORDS		16

/* Of what is sent through a socket, in bytes; a piece at a time */
#define PIECE		65536

static const char usage[] =
	"usage: bench-tls [--sizes N,N...] [--runs N] [--bulk MIB]\n"
	"\n"
	"Counts the instructions of TLS records in the module and in OpenSSL, and those of a\n"
	"byte that is sent through a socket.\n"
	"Runs in the test guest; 'make bench' runs it and shows what comes out.\n";

static const struct {
	const char *name;
	const char *suite;
	uint16_t version;
	uint8_t cipher;
} suites[] = {
	{ "TLS 1.3 AES-128-GCM", "TLS_AES_128_GCM_SHA256", KSECDD_TLS_1_3,
	  KSECDD_TLS_AES_128_GCM },
	{ "TLS 1.3 AES-256-GCM", "TLS_AES_256_GCM_SHA384", KSECDD_TLS_1_3,
	  KSECDD_TLS_AES_256_GCM },
	{ "TLS 1.3 ChaCha20-Poly1305", "TLS_CHACHA20_POLY1305_SHA256", KSECDD_TLS_1_3,
	  KSECDD_TLS_CHACHA20_POLY1305 },
	{ "TLS 1.2 AES-128-GCM", "ECDHE-ECDSA-AES128-GCM-SHA256", KSECDD_TLS_1_2,
	  KSECDD_TLS_AES_128_GCM },
};

static uint8_t plain[TLS_MAX_DATA], out[TLS_MAX_RECORD];
static uint8_t records[RECORDS][TLS_MAX_RECORD];
static size_t lens[RECORDS];

/* Both ends of what is measured */
static struct tls_link session;
static struct openssl_pair openssl;

/* A record each: what it took */
typedef double (*measure_fn)(uint32_t size);

static double per_record(uint64_t begin)
{
	return (double)(count_now() - begin - count_overhead()) / RECORDS;
}

static double ours_encrypt(uint32_t size)
{
	size_t header = tls_header_len(&session.peer), trailer = tls_trailer_len(&session.peer);
	struct ksecdd_buffer bufs[RECORDS][4];
	uint8_t type = 0;
	uint64_t begin;
	bool ok = true;
	double took;
	size_t i, len;

	for (i = 0; i < RECORDS; i++) {
		memcpy(records[i] + header, plain, size);
		bufs[i][0] = buffer(SECBUFFER_STREAM_HEADER, records[i], header);
		bufs[i][1] = buffer(SECBUFFER_DATA, records[i] + header, size);
		bufs[i][2] = buffer(SECBUFFER_STREAM_TRAILER, records[i] + header + size, trailer);
		bufs[i][3] = buffer(SECBUFFER_EMPTY, NULL, 0);
	}
	begin = count_now();
	for (i = 0; i < RECORDS; i++)
		ok &= !message_status(&session.call, KSECDD_MESSAGE_ENCRYPT, bufs[i], 4);
	took = per_record(begin);
	for (i = 0; ok && i < RECORDS; i++)
		ok = tls_peer_open(&session.peer, records[i], header + size + trailer, &type, out,
				   &len) && len == size && !memcmp(out, plain, size);
	if (!ok)
		bench_die("a record of the module is not right");
	return took;
}

static double ours_decrypt(uint32_t size)
{
	struct ksecdd_buffer bufs[RECORDS][4];
	uint64_t begin;
	bool ok = true;
	double took;
	size_t i, n;

	for (i = 0; i < RECORDS; i++) {
		lens[i] = tls_peer_seal(&session.peer, TLS_DATA, plain, size, records[i]);
		bufs[i][0] = buffer(SECBUFFER_DATA, records[i], lens[i]);
		for (n = 1; n < 4; n++)
			bufs[i][n] = buffer(SECBUFFER_EMPTY, NULL, 0);
	}
	begin = count_now();
	for (i = 0; i < RECORDS; i++)
		ok &= !message_status(&session.call, KSECDD_MESSAGE_DECRYPT, bufs[i], 4);
	took = per_record(begin);
	for (i = 0; ok && i < RECORDS; i++)
		ok = bufs[i][1].len == size &&
		     !memcmp((void *)(uintptr_t)bufs[i][1].ptr, plain, size);
	if (!ok)
		bench_die("the module does not take a record as it is");
	return took;
}

static double openssl_encrypt(uint32_t size)
{
	uint64_t begin;
	bool ok = true;
	double took;
	size_t i;
	int len;

	begin = count_now();
	for (i = 0; i < RECORDS; i++) {
		ok &= SSL_write(openssl.service, plain, (int)size) == (int)size;
		len = BIO_read(openssl.to_client, records[i], sizeof(records[i]));
		lens[i] = len > 0 ? (size_t)len : 0;
	}
	took = per_record(begin);
	for (i = 0; ok && i < RECORDS; i++)
		ok = BIO_write(SSL_get_rbio(openssl.client), records[i], (int)lens[i]) > 0 &&
		     SSL_read(openssl.client, out, sizeof(out)) == (int)size &&
		     !memcmp(out, plain, size);
	if (!ok)
		bench_die("a record of OpenSSL is not right");
	return took;
}

static double openssl_decrypt(uint32_t size)
{
	uint64_t begin;
	bool ok = true;
	double took;
	size_t i;
	int len;

	for (i = 0; i < RECORDS; i++) {
		ok &= SSL_write(openssl.client, plain, (int)size) == (int)size;
		len = BIO_read(SSL_get_wbio(openssl.client), records[i], sizeof(records[i]));
		lens[i] = len > 0 ? (size_t)len : 0;
	}
	if (!ok)
		bench_die("OpenSSL does not make a record");
	begin = count_now();
	for (i = 0; i < RECORDS; i++)
		ok &= BIO_write(openssl.to_service, records[i], (int)lens[i]) == (int)lens[i] &&
		      SSL_read(openssl.service, out, sizeof(out)) == (int)size;
	took = per_record(begin);
	if (!ok || memcmp(out, plain, size))
		bench_die("OpenSSL does not take a record as it is");
	return took;
}

static const struct {
	const char *ssp;
	const char *op;
	measure_fn measure;
} rows[] = {
	{ "ksecdd", "EncryptMessage", ours_encrypt },
	{ "openssl", "EncryptMessage", openssl_encrypt },
	{ "ksecdd", "DecryptMessage", ours_decrypt },
	{ "openssl", "DecryptMessage", openssl_decrypt },
};

static void measure_row(size_t r, const char *suite, uint32_t size)
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
	snprintf(name, sizeof(name), "%s %s", rows[r].op, suite);
	bench_row(rows[r].ssp, name, 1, size, 1, "instructions", &count);
}

static void measure_records(size_t s)
{
	const uint32_t *size;
	size_t r;

	bench_progress("records of %s", suites[s].name);
	tls_link_open(&session, suites[s].version, suites[s].cipher);
	openssl_pair_make(&openssl, suites[s].version, suites[s].suite);
	for (size = bench_options.sizes; *size; size++)
		for (r = 0; *size <= TLS_MAX_DATA && r < sizeof(rows) / sizeof(rows[0]); r++)
			measure_row(r, suites[s].name, *size);
	openssl_pair_free(&openssl);
	tls_link_close(&session);
}

/* The other end of a socket: it takes the bytes and looks at none of them. */
struct drain {
	pthread_t thread;
	int fd;
	uint64_t bytes;
};

static void *drain_run(void *arg)
{
	static uint8_t nowhere[1 << 20];
	struct drain *drain = arg;
	ssize_t n;

	while ((n = recv(drain->fd, nowhere, sizeof(nowhere), MSG_TRUNC)) > 0)
		drain->bytes += (uint64_t)n;
	return NULL;
}

/* Sends @size bytes of a file; false if it cannot */
typedef bool (*send_fn)(int fd, int file, size_t size);

static bool ours_send(int fd, int file, size_t size)
{
	off_t at = 0;

	while ((size_t)at < size)
		if (sendfile(fd, file, &at, size - (size_t)at) <= 0)
			return false;
	return true;
}

/* As a program does: from the page cache to OpenSSL, which writes to the socket */
static bool openssl_send(int fd, int file, size_t size)
{
	static uint8_t piece[PIECE];
	size_t at;

	(void)fd;
	for (at = 0; at < size; at += sizeof(piece))
		if (pread(file, piece, sizeof(piece), (off_t)at) != (ssize_t)sizeof(piece) ||
		    SSL_write(openssl.service, piece, sizeof(piece)) != (int)sizeof(piece))
			return false;
	return true;
}

static int a_file(size_t size)
{
	int fd = memfd_create("bench-tls", MFD_CLOEXEC);
	size_t at;

	if (fd < 0)
		bench_die("memfd_create: %s", strerror(errno));
	for (at = 0; at < size; at += sizeof(plain))
		if (write(fd, plain, sizeof(plain)) != (ssize_t)sizeof(plain))
			bench_die("the file cannot be written: %s", strerror(errno));
	return fd;
}

static void measure_send(const char *ssp, size_t s, send_fn send, int file, size_t size)
{
	struct drain drain = { .fd = openssl.client_fd };
	struct count count = { 0 };
	uint64_t begin, took;
	char name[80];
	bool ok;

	if (pthread_create(&drain.thread, NULL, drain_run, &drain))
		bench_die("no thread");
	/* Once for nothing: buffers grow and pages come. */
	ok = send(openssl.service_fd, file, size / 4);
	begin = count_now();
	ok &= send(openssl.service_fd, file, size);
	shutdown(openssl.service_fd, SHUT_WR);
	pthread_join(drain.thread, NULL);
	took = count_now() - begin;
	if (!ok || drain.bytes <= size)
		bench_die("%s: the file was not sent", ssp);
	count_add(&count, (double)took / (double)size);
	snprintf(name, sizeof(name), "byte through a socket, %s", suites[s].name);
	bench_row(ssp, name, 1, 0, 1, "instructions", &count);
}

static void measure_bulk(size_t s, size_t size)
{
	struct ksecdd_attach attach = { .size = sizeof(attach) };
	int file = a_file(size);

	bench_progress("%zu MiB through a socket, %s", size >> 20, suites[s].name);
	tls_link_open(&session, suites[s].version, suites[s].cipher);
	openssl_sockets(&openssl);
	attach.context = session.call.context;
	attach.fd = openssl.service_fd;
	if (device_ioctl(session.dev, KSECDD_IOC_ATTACH, &attach) || attach.status)
		bench_die("the socket does not get the keys: %#x", (unsigned int)attach.status);
	measure_send("ksecdd", s, ours_send, file, size);
	openssl_sockets_close(&openssl);
	tls_link_close(&session);

	openssl_pair_make(&openssl, suites[s].version, suites[s].suite);
	openssl_sockets(&openssl);
	SSL_set_fd(openssl.service, openssl.service_fd);
	measure_send("openssl", s, openssl_send, file, size);
	openssl_pair_free(&openssl);
	openssl_sockets_close(&openssl);
	close(file);
}

int main(int argc, char **argv)
{
	size_t i;

	(void)argc;
	bench_parse_options(argv, usage);
	for (i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 7 + i / 251);
	count_init();
	tls_link_start();
	openssl_loopback();
	for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		measure_records(i);
	measure_bulk(0, (size_t)bench_options.bulk << 20);
	tls_link_stop();
	return 0;
}
