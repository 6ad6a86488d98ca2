// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many threads on one TLS context: those that send, one that receives, and one that gives the
 * keys to a socket meanwhile.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "session.h"
#include "suite.h"
#include "tls_link.h"
#include "tls_socket.h"

#define SENDERS		3
#define PER_SENDER	100
#define RECEIVED	200
#define LEN		300

static struct tls_link s;
static struct tls_sockets sockets;

/* Records that the module has made, by their number */
static uint8_t made[SENDERS * PER_SENDER][LEN + TLS_MAX_OVERHEAD];
static size_t made_len[SENDERS * PER_SENDER];
static uint8_t sent[RECEIVED][LEN + TLS_MAX_OVERHEAD];
static size_t sent_len[RECEIVED];
static uint8_t plain[LEN];
static atomic_uint sealed;

/* TLS 1.2 says the number of a record in it: its explicit nonce. */
static uint64_t number_of(const uint8_t *record)
{
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		number = number << 8 | record[TLS_HEAD + i];
	return number;
}

static void *send_records(void *arg)
{
	uint8_t record[LEN + TLS_MAX_OVERHEAD];
	unsigned int i;
	int32_t status;
	size_t len;

	(void)arg;
	for (i = 0; i < PER_SENDER; i++) {
		status = tls_link_encrypt(&s, plain, i * 7 % LEN, record, &len);
		if (status == SEC_E_CONTEXT_EXPIRED)
			break;
		REQUIRE_STATUS(status, SEC_E_OK);
		REQUIRE(number_of(record) - 1 < SENDERS * PER_SENDER);
		memcpy(made[number_of(record) - 1], record, len);
		made_len[number_of(record) - 1] = len;
		atomic_fetch_add(&sealed, 1);
	}
	return NULL;
}

static void *receive_records(void *arg)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	unsigned int i;

	(void)arg;
	for (i = 0; i < RECEIVED; i++) {
		REQUIRE_STATUS(tls_link_decrypt(&s, sent[i], sent_len[i], bufs), SEC_E_OK);
		CHECK_EQ(bufs[1].len, i % LEN);
		CHECK_MEM((void *)(uintptr_t)bufs[1].ptr, plain, bufs[1].len);
	}
	return NULL;
}

static void start(pthread_t *thread, void *(*run)(void *arg))
{
	REQUIRE_EQ(pthread_create(thread, NULL, run, NULL), 0);
}

/* Every number was given once, and the peer takes the records in their order. */
static void check_made(unsigned int n)
{
	uint8_t out[TLS_MAX_RECORD], type;
	unsigned int i;
	size_t len;

	for (i = 0; i < n; i++) {
		if (!CHECK(tls_peer_open(&s.peer, made[i], made_len[i], &type, out, &len))) {
			suite_note("record %u of %u", i, n);
			return;
		}
		CHECK_MEM(out, plain, len);
	}
}

static void begin(void)
{
	tls_link_open(&s, KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	atomic_store(&sealed, 0);
}

static void both_ways(void)
{
	pthread_t senders[SENDERS], receiver;
	unsigned int i;

	begin();
	for (i = 0; i < RECEIVED; i++)
		sent_len[i] = tls_peer_seal(&s.peer, TLS_DATA, plain, i % LEN, sent[i]);
	for (i = 0; i < SENDERS; i++)
		start(&senders[i], send_records);
	start(&receiver, receive_records);
	for (i = 0; i < SENDERS; i++)
		pthread_join(senders[i], NULL);
	pthread_join(receiver, NULL);
	CHECK_EQ(atomic_load(&sealed), SENDERS * PER_SENDER);
	check_made(SENDERS * PER_SENDER);
	tls_link_close(&s);
}

static void *attach(void *arg)
{
	/* So that some records come before */
	while (atomic_load(&sealed) < 10)
		usleep(100);
	CHECK_STATUS(tls_attach(&s, sockets.service), SEC_E_OK);
	return arg;
}

/* What was sent before has its numbers, and the socket goes on with the next. */
static void attached_meanwhile(void)
{
	uint8_t record[TLS_MAX_RECORD], out[TLS_MAX_RECORD], type;
	pthread_t senders[SENDERS], other;
	unsigned int i;
	size_t len;

	begin();
	tls_sockets_open(&sockets);
	for (i = 0; i < SENDERS; i++)
		start(&senders[i], send_records);
	start(&other, attach);
	for (i = 0; i < SENDERS; i++)
		pthread_join(senders[i], NULL);
	pthread_join(other, NULL);
	check_made(atomic_load(&sealed));
	tls_write(sockets.service, plain, 100);
	len = tls_header_len(&s.peer) + 100 + tls_trailer_len(&s.peer);
	tls_read(sockets.client, record, len);
	CHECK(tls_peer_open(&s.peer, record, len, &type, out, &len));
	CHECK_EQ(len, 100);
	tls_sockets_close(&sockets);
	tls_link_close(&s);
}

/* Ends the context while others use it. */
static void *end_context(void *arg)
{
	while (atomic_load(&sealed) < 10)
		usleep(100);
	CHECK_STATUS(device_destroy(s.dev, s.call.context, KSECDD_OBJECT_CONTEXT), SEC_E_OK);
	return arg;
}

static void *send_until_gone(void *arg)
{
	uint8_t record[LEN + TLS_MAX_OVERHEAD];
	int32_t status = SEC_E_OK;
	size_t len;

	while (status == SEC_E_OK) {
		status = tls_link_encrypt(&s, plain, LEN, record, &len);
		atomic_fetch_add(&sealed, 1);
	}
	CHECK_STATUS(status, SEC_E_INVALID_HANDLE);
	return arg;
}

static void deleted_meanwhile(void)
{
	pthread_t senders[SENDERS], other;
	unsigned int i;

	begin();
	for (i = 0; i < SENDERS; i++)
		start(&senders[i], send_until_gone);
	start(&other, end_context);
	for (i = 0; i < SENDERS; i++)
		pthread_join(senders[i], NULL);
	pthread_join(other, NULL);
	tls_link_close(&s);
}

static const struct suite_test tests[] = {
	{ "senders and a receiver at once", both_ways, 0 },
	{ "senders, while a socket gets the keys", attached_meanwhile, 0 },
	{ "senders, while the context is deleted", deleted_meanwhile, 0 },
};

int main(void)
{
	int ret;

	fill(plain, sizeof(plain), 5);
	tls_link_start();
	tls_loopback_up();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	tls_link_stop();
	return ret;
}
