// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos' sequence numbers: which of the peer's messages are accepted, and in
 * what order; and what many threads make of them.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "krb5_session.h"
#include "session.h"
#include "suite.h"

#define REPLAY		KSECDD_KRB5_REPLAY_DETECT
#define SEQUENCE	KSECDD_KRB5_SEQUENCE_DETECT
#define OK		SEC_E_OK
#define OOS		SEC_E_OUT_OF_SEQUENCE

static const uint8_t plain[] = "one of many";

/* A message with a number, counted from the first, which is @first. */
static int32_t numbered(struct krb5_session *s, uint64_t first, int64_t number, bool mic)
{
	const struct krb5_wrap how = { .seal = true };
	uint8_t token[KRB5_MAX_OVERHEAD + sizeof(plain)];
	const uint8_t *data;
	size_t len;
	uint32_t qop;

	s->peer.send_seq = first + (uint64_t)number;
	if (mic) {
		len = krb5_peer_sign(&s->peer, plain, sizeof(plain), token);
		return krb5_session_verify(s, plain, sizeof(plain), token, len);
	}
	len = krb5_peer_wrap(&s->peer, &how, plain, sizeof(plain), token);
	return krb5_session_decrypt(s, token, len, &data, &len, &qop);
}

/**
 * struct step - a message and what becomes of it
 * @number: its number, counted from the first
 * @want:   status
 */
struct step {
	int64_t number;
	int32_t want;
};

static void walk_from(uint64_t first, unsigned int enctype, uint32_t flags,
		      const struct step *steps, size_t n)
{
	struct ksecdd_krb5_keys keys = krb5_session_keys(enctype, 3);
	struct krb5_session s;
	size_t i;

	keys.receive_seq = first;
	if (enctype == KSECDD_KRB5_ARCFOUR_HMAC)
		flags |= KSECDD_KRB5_ARCFOUR;
	krb5_session_open_keys(&s, &keys, KRB5_TEST_FLAGS | flags);
	for (i = 0; i < n; i++) {
		if (CHECK_STATUS(numbered(&s, first, steps[i].number, i % 2), steps[i].want))
			continue;
		suite_note("from %llu, enctype %u, flags %u, step %zu: number %lld",
			   (unsigned long long)first, enctype, flags, i,
			   (long long)steps[i].number);
		suite_abort();
	}
	krb5_session_close(&s);
}

/* From the middle of what there is, and over the end: 64 bits, those of arcfour-hmac 32. */
static void walk(uint32_t flags, const struct step *steps, size_t n)
{
	static const struct {
		unsigned int enctype;
		uint64_t first;
	} starts[] = {
		{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, KRB5_TEST_RECEIVE },
		{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, UINT32_MAX - 40 },
		{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, UINT64_MAX - 40 },
		{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, UINT64_MAX },
		{ KSECDD_KRB5_AES256_CTS_HMAC_SHA384_192, 0 },
		{ KSECDD_KRB5_ARCFOUR_HMAC, KRB5_TEST_RECEIVE },
		{ KSECDD_KRB5_ARCFOUR_HMAC, UINT32_MAX - 40 },
		{ KSECDD_KRB5_ARCFOUR_HMAC, UINT32_MAX },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(starts); i++)
		walk_from(starts[i].first, starts[i].enctype, flags, steps, n);
}

static void unchecked(void)
{
	static const struct step steps[] = {
		{ 0, OK }, { 0, OK }, { 7, OK }, { 3, OK }, { 3, OK }, { -5, OK }, { 1000, OK },
		{ 0, OK },
	};

	walk(0, steps, ARRAY_SIZE(steps));
}

static void replay(void)
{
	static const struct step steps[] = {
		{ -1, OOS }, { 0, OK }, { 0, OOS }, { -1, OOS }, { 1, OK }, { 0, OOS }, { 1, OOS },
		/* a gap, filled later, each once */
		{ 5, OK }, { 3, OK }, { 3, OOS }, { 2, OK }, { 4, OK }, { 4, OOS }, { 2, OOS },
		{ 5, OOS }, { 6, OK },
		/* the edge of the window of 64: 7 to 70 */
		{ 70, OK }, { 6, OOS }, { 7, OK }, { 7, OOS }, { 8, OK },
		{ 71, OK }, { 7, OOS }, { 8, OOS }, { 9, OK },
		/* a step of just the window, and of more */
		{ 71 + 63, OK }, { 71, OOS }, { 72, OK },
		{ 134 + 64, OK }, { 134, OOS }, { 135, OK }, { 135, OOS },
		{ 198 + 65, OK }, { 198, OOS }, { 199, OOS }, { 200, OK },
		{ 100000, OK }, { 100000 - 64, OOS }, { 100000 - 63, OK }, { 100000, OOS },
		{ 263, OOS }, { 0, OOS }, { -1, OOS }, { 100001, OK },
	};

	walk(REPLAY, steps, ARRAY_SIZE(steps));
}

/* Whatever REPLAY says besides: the next and no other. */
static void sequence(void)
{
	static const struct step steps[] = {
		{ 1, OOS }, { -1, OOS }, { 0, OK }, { 0, OOS }, { 2, OOS }, { 1, OK }, { 1, OOS },
		{ 0, OOS }, { 66, OOS }, { 100000, OOS }, { 2, OK }, { 3, OK },
	};

	walk(SEQUENCE, steps, ARRAY_SIZE(steps));
	walk(REPLAY | SEQUENCE, steps, ARRAY_SIZE(steps));
}

/* Numbers begin where the helper says, and have 64 bits; those of arcfour-hmac 32. */
static void ends(void)
{
	static const uint64_t firsts[] = {
		0, 1, UINT32_MAX, 1ULL << 32, 1ULL << 63, UINT64_MAX - 1,
	};
	struct ksecdd_krb5_keys keys = krb5_session_keys(17, 3);
	struct krb5_session s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(firsts); i++) {
		keys.send_seq = firsts[i];
		keys.receive_seq = firsts[i];
		krb5_session_open_keys(&s, &keys, KRB5_TEST_FLAGS | REPLAY | SEQUENCE);
		if (!CHECK(krb5_session_works(&s)) || !CHECK(krb5_session_works(&s)))
			suite_note("from %llu on", (unsigned long long)firsts[i]);
		krb5_session_close(&s);
	}

	keys = krb5_session_keys(KSECDD_KRB5_ARCFOUR_HMAC, 3);
	keys.send_seq = UINT32_MAX - 1;
	keys.receive_seq = UINT32_MAX - 1;
	krb5_session_open_keys(&s, &keys,
			       KRB5_TEST_FLAGS | KSECDD_KRB5_ARCFOUR | REPLAY | SEQUENCE);
	for (i = 0; i < 4; i++)
		CHECK(krb5_session_works(&s));
	krb5_session_close(&s);
}

/* Wrap and MIC count together, in each direction by itself. */
static void shared(void)
{
	struct krb5_session s;
	uint8_t token[KRB5_MAX_OVERHEAD + sizeof(plain)], out[sizeof(token)];
	size_t i, len, out_len;
	bool sealed;

	krb5_session_open(&s, 18, KRB5_TEST_FLAGS | REPLAY | SEQUENCE);
	for (i = 0; i < 6; i++) {
		REQUIRE_STATUS(krb5_session_sign(&s, plain, sizeof(plain), token, &len), OK);
		CHECK(krb5_peer_verify(&s.peer, plain, sizeof(plain), token, len));
		REQUIRE_STATUS(krb5_session_encrypt(&s, i % 2, plain, sizeof(plain), token, &len),
			       OK);
		CHECK(krb5_peer_unwrap(&s.peer, token, len, out, &out_len, &sealed));
		if (i == 3)
			CHECK_STATUS(numbered(&s, KRB5_TEST_RECEIVE, 0, true), OK);
	}
	CHECK_STATUS(numbered(&s, KRB5_TEST_RECEIVE, 1, false), OK);
	krb5_session_close(&s);
}

#define THREADS		4
#define MESSAGES	200

/**
 * struct crowd - threads on one context
 * @s:      the context
 * @tokens: messages of the peer that all of them try
 * @lens:   their lengths
 * @n:      how many
 * @wins:   of each message: how many threads had it accepted
 * @seen:   of each number the module sent with: how often
 */
struct crowd {
	struct krb5_session s;
	uint8_t (*tokens)[KRB5_MAX_OVERHEAD + sizeof(plain)];
	size_t *lens;
	unsigned int n;
	unsigned int *wins;
	unsigned int *seen;
};

static void *receiver(void *arg)
{
	uint8_t copy[KRB5_MAX_OVERHEAD + sizeof(plain)];
	struct crowd *c = arg;
	const uint8_t *data;
	size_t len;
	uint32_t qop;
	unsigned int i;
	int32_t status;

	for (i = 0; i < c->n; i++) {
		memcpy(copy, c->tokens[i], c->lens[i]);
		status = krb5_session_decrypt(&c->s, copy, c->lens[i], &data, &len, &qop);
		if (status == SEC_E_OK)
			__atomic_add_fetch(&c->wins[i], 1, __ATOMIC_SEQ_CST);
		else
			CHECK_STATUS(status, OOS);
	}
	return NULL;
}

static void *sender(void *arg)
{
	uint8_t token[KRB5_MAX_OVERHEAD + sizeof(plain)], out[sizeof(token)];
	struct crowd *c = arg;
	struct krb5_peer peer = c->s.peer;
	size_t len, out_len;
	unsigned int i, k;
	uint64_t seq;
	bool sealed;

	for (i = 0; i < c->n; i++) {
		if (!CHECK_STATUS(krb5_session_encrypt(&c->s, true, plain, sizeof(plain), token,
						       &len), OK))
			break;
		for (seq = 0, k = 8; k < 16; k++)
			seq = seq << 8 | token[k];
		peer.receive_seq = seq;
		CHECK(krb5_peer_unwrap(&peer, token, len, out, &out_len, &sealed));
		seq -= KRB5_TEST_SEND;
		if (CHECK(seq < c->n * THREADS))
			__atomic_add_fetch(&c->seen[seq], 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

/* The same messages in all threads: each is accepted once.  Meanwhile others send. */
static void threads(void)
{
	const struct krb5_wrap how = { .seal = true };
	struct crowd c = { .n = suite_count(MESSAGES) };
	pthread_t receivers[THREADS], senders[THREADS];
	unsigned int i, k;

	c.tokens = calloc(c.n, sizeof(*c.tokens));
	c.lens = calloc(c.n, sizeof(*c.lens));
	c.wins = calloc(c.n, sizeof(*c.wins));
	c.seen = calloc(c.n * THREADS, sizeof(*c.seen));
	REQUIRE(c.tokens && c.lens && c.wins && c.seen);
	for (k = 0; k < krb5_nenctypes; k++) {
		krb5_session_open(&c.s, krb5_enctypes[k], KRB5_TEST_FLAGS | REPLAY);
		memset(c.wins, 0, c.n * sizeof(*c.wins));
		memset(c.seen, 0, c.n * THREADS * sizeof(*c.seen));
		for (i = 0; i < c.n; i++)
			c.lens[i] = krb5_peer_wrap(&c.s.peer, &how, plain, sizeof(plain),
						   c.tokens[i]);
		for (i = 0; i < THREADS; i++) {
			REQUIRE_EQ(pthread_create(&receivers[i], NULL, receiver, &c), 0);
			REQUIRE_EQ(pthread_create(&senders[i], NULL, sender, &c), 0);
		}
		for (i = 0; i < THREADS; i++) {
			pthread_join(receivers[i], NULL);
			pthread_join(senders[i], NULL);
		}
		for (i = 0; i < c.n; i++)
			CHECK_EQ(c.wins[i], 1);
		for (i = 0; i < c.n * THREADS; i++)
			CHECK_EQ(c.seen[i], 1);
		krb5_session_close(&c.s);
		if (suite_failed()) {
			suite_note("enctype %u", krb5_enctypes[k]);
			break;
		}
	}
	free(c.tokens);
	free(c.lens);
	free(c.wins);
	free(c.seen);
}

/* Contexts that are made, used and closed at the same time: keys of one are not the other's. */
static void *many(void *arg)
{
	unsigned int rounds = suite_count(40), i, k;
	struct krb5_session s[6];

	(void)arg;
	for (i = 0; i < rounds && !suite_failed(); i++) {
		for (k = 0; k < ARRAY_SIZE(s); k++)
			krb5_session_open(&s[k], krb5_enctypes[(i + k) % krb5_nenctypes],
					  KRB5_TEST_FLAGS | SEQUENCE);
		for (k = 0; k < 4 * ARRAY_SIZE(s); k++)
			CHECK(krb5_session_works(&s[(k * 5 + i) % ARRAY_SIZE(s)]));
		for (k = 0; k < ARRAY_SIZE(s); k++)
			krb5_session_close(&s[k]);
	}
	return NULL;
}

static void contexts(void)
{
	pthread_t t[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		REQUIRE_EQ(pthread_create(&t[i], NULL, many, NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static const struct suite_test tests[] = {
	{ "no detection", unchecked, 0 },
	{ "replay detection", replay, 0 },
	{ "sequence detection", sequence, 0 },
	{ "first and last numbers", ends, 0 },
	{ "all messages of a direction count", shared, 0 },
	{ "threads on one context", threads, 120 },
	{ "threads with contexts of their own", contexts, 120 },
};

int main(void)
{
	int ret;

	krb5_session_start();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	krb5_session_stop();
	return ret;
}
