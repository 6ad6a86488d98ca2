// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many threads on one context, in both directions and with forgeries in between.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "session.h"
#include "suite.h"

#define SENDERS		3
#define PER_SENDER	300
#define RECEIVED	600
#define LEN_MAX		700

static struct testhelper th;

/* A message the module made; threads put it where its sequence number says. */
struct made {
	uint8_t data[LEN_MAX];
	uint8_t token[16];
	size_t len;
};

struct storm {
	struct session s;
	struct made made[SENDERS * PER_SENDER];
	uint8_t sealed[RECEIVED][LEN_MAX];
	uint8_t tokens[RECEIVED][16];
	size_t lens[RECEIVED];
	atomic_uint next_sender;
	atomic_bool over;
	atomic_uint forged;
};

static size_t length(unsigned int i)
{
	return i * 37 % LEN_MAX;
}

static void *send_thread(void *arg)
{
	struct storm *st = arg;
	unsigned int sender = atomic_fetch_add(&st->next_sender, 1), i;

	for (i = 0; i < PER_SENDER; i++) {
		unsigned int number = sender * PER_SENDER + i;
		struct made m = { .len = length(number) };
		uint32_t seq;

		fill(m.data, m.len, number);
		REQUIRE_STATUS(session_encrypt(&st->s, m.data, m.len, m.token), SEC_E_OK);
		memcpy(&seq, m.token + 12, sizeof(seq));
		REQUIRE(seq < ARRAY_SIZE(st->made));
		/* the same number twice would show as a message that does not verify */
		st->made[seq] = m;
	}
	return NULL;
}

static void *receive_thread(void *arg)
{
	struct storm *st = arg;
	uint8_t plain[LEN_MAX];
	unsigned int i;

	for (i = 0; i < RECEIVED; i++) {
		REQUIRE_STATUS(session_decrypt(&st->s, st->sealed[i], st->lens[i], st->tokens[i]),
			       SEC_E_OK);
		fill(plain, st->lens[i], i);
		CHECK_MEM(st->sealed[i], plain, st->lens[i]);
	}
	atomic_store(&st->over, true);
	return NULL;
}

/* Messages that have the right sequence number now and then, and nothing else right */
static void *forge_thread(void *arg)
{
	struct storm *st = arg;
	uint8_t data[LEN_MAX], token[16];
	uint32_t seq = 0;
	int32_t status;

	while (!atomic_load(&st->over)) {
		fill(data, sizeof(data), seq);
		memset(token, 0, sizeof(token));
		token[0] = 1;
		seq = seq % RECEIVED;
		memcpy(token + 12, &seq, sizeof(seq));
		status = session_decrypt(&st->s, data, length(seq), token);
		if (status == SEC_E_MESSAGE_ALTERED)
			atomic_fetch_add(&st->forged, 1);
		else
			CHECK_STATUS(status, SEC_E_OUT_OF_SEQUENCE);
		seq++;
	}
	return NULL;
}

static void storm(void)
{
	typedef void *(*thread_fn)(void *arg);
	static const thread_fn work[] = {
		send_thread, receive_thread, send_thread, forge_thread, send_thread,
	};
	static struct storm st;
	pthread_t threads[ARRAY_SIZE(work)];
	unsigned int i;

	session_open(&st.s, TEST_SEAL_FLAGS);
	for (i = 0; i < RECEIVED; i++) {
		st.lens[i] = length(i);
		fill(st.sealed[i], st.lens[i], i);
		client_encrypt(&st.s, st.sealed[i], st.lens[i], st.tokens[i]);
	}
	for (i = 0; i < ARRAY_SIZE(work); i++)
		REQUIRE_EQ(pthread_create(&threads[i], NULL, work[i], &st), 0);
	for (i = 0; i < ARRAY_SIZE(work); i++)
		pthread_join(threads[i], NULL);
	suite_note("%u forgeries had the right sequence number", atomic_load(&st.forged));
	for (i = 0; i < ARRAY_SIZE(st.made); i++)
		REQUIRE(client_decrypt(&st.s, st.made[i].data, st.made[i].len, st.made[i].token));
	CHECK(session_works(&st.s));
	session_close(&st.s);
}

static const struct suite_test tests[] = {
	{ .name = "senders, a receiver and a forger on one context", .run = storm },
};

int main(void)
{
	int ret;

	testhelper_isolate();
	testhelper_start(&th);
	ret = suite_run(tests, ARRAY_SIZE(tests));
	testhelper_stop(&th);
	return ret;
}
