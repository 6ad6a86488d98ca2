// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is not data in a TLS stream: alerts, KeyUpdates, the wish to negotiate again; and
 * records as tokens.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "tls_fixture.h"

static const u8 ksec_tls_update_bytes[] = { KSEC_TLS_KEY_UPDATE, 0, 0, 1, 0 };
static const u8 ksec_tls_update_wanted[] = { KSEC_TLS_KEY_UPDATE, 0, 0, 1, 1 };
static const u8 ksec_tls_close[] = { KSEC_TLS_WARNING, KSEC_TLS_CLOSE_NOTIFY };

/* Sends something to the service, which has to say @want. */
static void ksec_tls_expect(struct kunit *test, struct ksec_tls_pair *p, u8 type,
			    const void *data, u32 len, s32 want)
{
	struct ksec_record rec = {};
	u32 size = ksec_tls_send(test, p->p_client, type, data, len, p->p_mem);
	s32 status = ksec_tls_receive(p->p_service, p->p_mem, size, &rec);

	KUNIT_EXPECT_EQ(test, status, want);
	if (status >= 0)
		KUNIT_EXPECT_EQ(test, rec.len, 0);
}

static void ksec_tls_client_updates(struct kunit *test, struct ksec_tls_pair *p)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(p->p_client);

	mutex_lock(&keys->k_tx.w_lock);
	KUNIT_ASSERT_EQ(test, ksec_tls_update(keys, &keys->k_tx), 0);
	mutex_unlock(&keys->k_tx.w_lock);
}

static void ksec_tls_follows_updates(struct kunit *test)
{
	unsigned int cipher;

	for (cipher = 1; cipher <= KSEC_TLS_CIPHERS; cipher++) {
		struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, cipher);
		u32 room = 64;

		ksec_tls_expect_works(test, &p);
		ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, ksec_tls_update_bytes,
				sizeof(ksec_tls_update_bytes), SEC_E_OK);
		ksec_tls_client_updates(test, &p);
		ksec_tls_expect_works(test, &p);

		/* One that wants another, and gets it */
		ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, ksec_tls_update_wanted,
				sizeof(ksec_tls_update_wanted), SEC_I_RENEGOTIATE);
		ksec_tls_client_updates(test, &p);
		room = 0;
		KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room),
				SEC_E_BUFFER_TOO_SMALL);
		KUNIT_EXPECT_EQ(test, room, 5 + 5 + 1 + 16);
		KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room), SEC_E_OK);
		KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_client, p.p_mem, room,
						       &(struct ksec_record){}), SEC_E_OK);
		ksec_tls_expect_works(test, &p);

		/* One of our own accord, which asks for one */
		KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room), SEC_E_OK);
		KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_client, p.p_mem, room,
						       &(struct ksec_record){}),
				SEC_I_RENEGOTIATE);
		ksec_tls_expect_works(test, &p);
	}
}

/* Of an old key nothing is left: in the context neither, nor in an engine. */
static void ksec_tls_forgets_old_keys(struct kunit *test)
{
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM);
	struct ksec_tls_way old;

	ksec_tls_expect_works(test, &p);
	old = ksec_tls_keys(p.p_service)->k_rx;
	KUNIT_EXPECT_NE(test, old.w_lanes, 0);
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, ksec_tls_update_bytes,
			sizeof(ksec_tls_update_bytes), SEC_E_OK);
	KUNIT_EXPECT_NE(test, old.w_id, ksec_tls_keys(p.p_service)->k_rx.w_id);
	KUNIT_EXPECT_NE(test, memcmp(old.w_key, ksec_tls_keys(p.p_service)->k_rx.w_key, 32), 0);
	KUNIT_EXPECT_NE(test, memcmp(old.w_iv, ksec_tls_keys(p.p_service)->k_rx.w_iv, 12), 0);
	KUNIT_EXPECT_EQ(test, ksec_tls_keys(p.p_service)->k_rx.w_lanes, 0);
	memzero_explicit(&old, sizeof(old));
}

static void ksec_tls_refuses_updates(struct kunit *test)
{
	static const struct {
		u16 version;
		u8 len;
		u8 bytes[6];
	} cases[] = {
		{ KSECDD_TLS_1_3, 5, { KSEC_TLS_KEY_UPDATE, 0, 0, 1, 2 } },
		{ KSECDD_TLS_1_3, 4, { KSEC_TLS_KEY_UPDATE, 0, 0, 0 } },
		{ KSECDD_TLS_1_3, 6, { KSEC_TLS_KEY_UPDATE, 0, 0, 1, 0, 0 } },
		{ KSECDD_TLS_1_3, 0, {} },
		{ KSECDD_TLS_1_3, 5, { 4, 0, 0, 1, 0 } },
		{ KSECDD_TLS_1_2, 5, { KSEC_TLS_KEY_UPDATE, 0, 0, 1, 0 } },
		{ KSECDD_TLS_1_2, 6, { KSEC_TLS_CLIENT_HELLO, 0, 0, 1, 0, 0 } },
		{ KSECDD_TLS_1_2, 4, { KSEC_TLS_CLIENT_HELLO, 2, 0, 0 } },
	};
	struct ksec_tls_pair p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		p = ksec_tls_pair(test, cases[i].version, KSECDD_TLS_AES_128_GCM);
		ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, cases[i].bytes, cases[i].len,
				SEC_E_ILLEGAL_MESSAGE);
		ksec_tls_expect(test, &p, KSEC_TLS_DATA, "", 0, SEC_E_CONTEXT_EXPIRED);
	}

	/* A storm of them */
	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	for (i = 0; i < 32; i++) {
		ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, ksec_tls_update_bytes,
				sizeof(ksec_tls_update_bytes), SEC_E_OK);
		ksec_tls_client_updates(test, &p);
	}
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, ksec_tls_update_bytes,
			sizeof(ksec_tls_update_bytes), SEC_E_ILLEGAL_MESSAGE);
}

/* RFC 5746: a ClientHello in two records, data in between, and a polite no */
static void ksec_tls_refuses_renegotiation(struct kunit *test)
{
	static const u8 hello[] = { KSEC_TLS_CLIENT_HELLO, 0, 0, 6, 3, 3 };
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_2, KSECDD_TLS_AES_128_CCM);
	u32 room = 64;

	KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room),
			SEC_E_UNSUPPORTED_FUNCTION);
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, hello, sizeof(hello), SEC_I_RENEGOTIATE);
	ksec_tls_expect_works(test, &p);
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, "rest", 4, SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, room, 5 + 8 + 2 + 16);
	KUNIT_EXPECT_EQ(test, p.p_mem[0], KSEC_TLS_ALERT);
	/* The client has it as a warning that changes nothing. */
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_client, p.p_mem, room,
					       &(struct ksec_record){}), SEC_E_OK);
	ksec_tls_expect_works(test, &p);
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, hello, sizeof(hello), SEC_I_RENEGOTIATE);
	ksec_tls_expect(test, &p, KSEC_TLS_HANDSHAKE, "rests", 5, SEC_E_ILLEGAL_MESSAGE);
}

static void ksec_tls_takes_alerts(struct kunit *test)
{
	static const struct {
		u16 version;
		u8 alert[2];
		s32 status;
	} cases[] = {
		{ KSECDD_TLS_1_2, { 1, 0 }, SEC_I_CONTEXT_EXPIRED },
		{ KSECDD_TLS_1_3, { 1, 0 }, SEC_I_CONTEXT_EXPIRED },
		{ KSECDD_TLS_1_3, { 2, 0 }, SEC_I_CONTEXT_EXPIRED },
		{ KSECDD_TLS_1_3, { 1, 90 }, SEC_E_OK },
		{ KSECDD_TLS_1_2, { 1, 100 }, SEC_E_OK },
		{ KSECDD_TLS_1_3, { 1, 100 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_2, { 2, 20 }, SEC_E_MESSAGE_ALTERED },
		{ KSECDD_TLS_1_2, { 2, 48 }, SEC_E_UNTRUSTED_ROOT },
		{ KSECDD_TLS_1_3, { 2, 45 }, SEC_E_CERT_EXPIRED },
		{ KSECDD_TLS_1_3, { 1, 49 }, SEC_E_LOGON_DENIED },
		{ KSECDD_TLS_1_3, { 2, 255 }, SEC_E_ILLEGAL_MESSAGE },
	};
	struct ksec_tls_pair p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool goes_on = cases[i].status == SEC_E_OK;

		p = ksec_tls_pair(test, cases[i].version, KSECDD_TLS_AES_128_GCM);
		ksec_tls_expect(test, &p, KSEC_TLS_ALERT, cases[i].alert, 2, cases[i].status);
		ksec_tls_expect(test, &p, KSEC_TLS_DATA, "", 0,
				goes_on ? SEC_E_OK : SEC_E_CONTEXT_EXPIRED);
	}
	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	ksec_tls_expect(test, &p, KSEC_TLS_ALERT, "\1\0\1\0", 4, SEC_E_ILLEGAL_MESSAGE);
	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	ksec_tls_expect(test, &p, KSEC_TLS_CHANGE_CIPHER, "\1", 1, SEC_E_ILLEGAL_MESSAGE);
	p = ksec_tls_pair(test, KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	ksec_tls_expect(test, &p, KSEC_TLS_CHANGE_CIPHER, "\1", 1, SEC_E_ILLEGAL_MESSAGE);
}

/* After a close_notify of the peer we may go on, and after one of ours he. */
static void ksec_tls_closes_by_halves(struct kunit *test)
{
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	struct ksec_record rec = { p.p_mem + 16, 4 };
	u8 close[] = { KSEC_TLS_WARNING, KSEC_TLS_CLOSE_NOTIFY };
	u32 room = 64;

	ksec_tls_expect(test, &p, KSEC_TLS_ALERT, ksec_tls_close, 2, SEC_I_CONTEXT_EXPIRED);
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_OK);

	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	KUNIT_EXPECT_EQ(test, ksec_tls_seal(p.p_service, KSEC_TLS_ALERT, close, 2, p.p_mem, &room),
			SEC_E_OK);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(p.p_client, p.p_mem, room, &rec),
			SEC_I_CONTEXT_EXPIRED);
	rec = (struct ksec_record){ p.p_mem + 16, 4 };
	KUNIT_EXPECT_EQ(test, ksec_tls_encrypt(p.p_service, &rec), SEC_E_CONTEXT_EXPIRED);
	KUNIT_EXPECT_EQ(test, ksec_tls_answer(p.p_service, p.p_mem, &room), SEC_E_CONTEXT_EXPIRED);
	ksec_tls_expect(test, &p, KSEC_TLS_DATA, "", 0, SEC_E_OK);
}

/* Tokens in records: as many as are needed, and back */
static void ksec_tls_wraps_tokens(struct kunit *test)
{
	static const u32 sizes[] = { 0, 1, 16384, 16385, 65536 };
	u8 *token = kvmalloc(KSECDD_MAX_TOKEN, GFP_KERNEL), *records;
	unsigned int version, i, at;
	u32 room = 80 * 1024, len, n;

	records = kvmalloc(room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, token);
	KUNIT_ASSERT_NOT_NULL(test, records);
	for (at = 0; at < KSECDD_MAX_TOKEN; at++)
		token[at] = at * 7 + at / 251;
	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		struct ksec_tls_pair p = ksec_tls_pair(test, version,
						       KSECDD_TLS_CHACHA20_POLY1305);

		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			len = ksec_tls_sealed_size(p.p_service, sizes[i]) - 1;
			n = len;
			KUNIT_EXPECT_EQ(test, ksec_tls_seal(p.p_service, KSEC_TLS_DATA, token,
							    sizes[i], records, &n),
					SEC_E_BUFFER_TOO_SMALL);
			KUNIT_EXPECT_EQ(test, n, len + 1);
			KUNIT_EXPECT_EQ(test, ksec_tls_seal(p.p_service, KSEC_TLS_DATA, token,
							    sizes[i], records, &n), SEC_E_OK);
			KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_client, records, n, &len),
					SEC_E_OK);
			KUNIT_EXPECT_EQ(test, len, sizes[i]);
			KUNIT_EXPECT_MEMEQ(test, records, token, sizes[i]);
		}
		KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_client, records, 4, &len),
				SEC_E_ILLEGAL_MESSAGE);
	}
	kvfree(records);
	kvfree(token);
}

/* What is no data among tokens */
static void ksec_tls_opens_tokens(struct kunit *test)
{
	struct ksec_tls_pair p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	u32 len, plain_len;

	len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "end", 3, p.p_mem);
	len += ksec_tls_send(test, p.p_client, KSEC_TLS_ALERT, ksec_tls_close, 2, p.p_mem + len);
	KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_service, p.p_mem, len, &plain_len),
			SEC_I_CONTEXT_EXPIRED);
	KUNIT_EXPECT_EQ(test, plain_len, 3);
	KUNIT_EXPECT_MEMEQ(test, p.p_mem, "end", 3);

	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = ksec_tls_send(test, p.p_client, KSEC_TLS_HANDSHAKE, ksec_tls_update_bytes, 5,
			    p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_service, p.p_mem, len, &plain_len),
			SEC_E_ILLEGAL_MESSAGE);

	p = ksec_tls_pair(test, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "cut", 3, p.p_mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_service, p.p_mem, len - 1, &plain_len),
			SEC_E_ILLEGAL_MESSAGE);
}

/*
 * What nobody has made, in all lengths, and records that somebody has cut and put together
 * anew: nothing of it is taken, and nothing but it is looked at.
 */
static void ksec_tls_opens_no_nonsense(struct kunit *test)
{
	struct rnd_state rnd = ksec_test_random();
	unsigned int i, version;
	u32 len, cut, plain_len;
	u8 *exact;

	for (i = 0; i < 400; i++) {
		struct ksec_tls_pair p;

		version = KSECDD_TLS_1_2 + i % 2;
		p = ksec_tls_pair(test, version, 1 + ksec_test_below(&rnd, KSEC_TLS_CIPHERS));
		prandom_bytes_state(&rnd, p.p_mem, 256);
		len = ksec_test_below(&rnd, 256);
		if (i % 4) {
			/* A head that may be, and then one record, and half of it again */
			p.p_mem[0] = KSEC_TLS_DATA;
			put_unaligned_be16(0x0303, p.p_mem + 1);
			put_unaligned_be16(ksec_test_below(&rnd, 300), p.p_mem + 3);
		}
		if (i % 4 == 3) {
			len = ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "text", 4, p.p_mem);
			cut = 1 + ksec_test_below(&rnd, len);
			memcpy(p.p_mem + len, p.p_mem, cut);
			len += cut;
		}
		/* Memory that ends where the records end */
		exact = kmemdup(p.p_mem, len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, exact);
		if (len)
			KUNIT_EXPECT_LT(test, ksec_tls_open(p.p_service, exact, len, &plain_len),
					0);
		kfree(exact);
	}
}

/* A leg that is done again finds everything as it was. */
static void ksec_tls_rewinds(struct kunit *test)
{
	struct ksecdd_tls_keys given = ksec_tls_given(KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	u8 copy[3 * 64], first[64], again[64], close[] = { 1, 0 };
	u32 n, len, plain_len;
	struct ksec_tls_pair p;
	u64 mark;

	/* Across the bits that a mark has */
	given.rx.seq = (1ULL << 30) - 2;
	given.tx.seq = (5ULL << 30) - 1;
	p = ksec_tls_pair_from(test, &given);
	for (len = 0, n = 0; n < 4; n++)
		len += ksec_tls_send(test, p.p_client, KSEC_TLS_DATA, "token", 5, p.p_mem + len);
	KUNIT_ASSERT_LE(test, len, sizeof(copy));
	memcpy(copy, p.p_mem, len);

	mark = ksec_tls_mark(p.p_service);
	KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_service, p.p_mem, len, &plain_len), SEC_E_OK);
	n = sizeof(first);
	KUNIT_EXPECT_EQ(test, ksec_tls_seal(p.p_service, KSEC_TLS_ALERT, close, 2, first, &n),
			SEC_E_OK);
	ksec_tls_rewind(p.p_service, mark);
	KUNIT_EXPECT_EQ(test, ksec_tls_mark(p.p_service), mark);
	KUNIT_EXPECT_EQ(test, ksec_tls_open(p.p_service, copy, len, &plain_len), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, plain_len, 20);
	n = sizeof(again);
	KUNIT_EXPECT_EQ(test, ksec_tls_seal(p.p_service, KSEC_TLS_ALERT, close, 2, again, &n),
			SEC_E_OK);
	KUNIT_EXPECT_MEMEQ(test, first, again, n);
}

static struct kunit_case ksec_tls_stream_cases[] = {
	KUNIT_CASE(ksec_tls_follows_updates),
	KUNIT_CASE(ksec_tls_forgets_old_keys),
	KUNIT_CASE(ksec_tls_refuses_updates),
	KUNIT_CASE(ksec_tls_refuses_renegotiation),
	KUNIT_CASE(ksec_tls_takes_alerts),
	KUNIT_CASE(ksec_tls_closes_by_halves),
	KUNIT_CASE(ksec_tls_wraps_tokens),
	KUNIT_CASE(ksec_tls_opens_tokens),
	KUNIT_CASE(ksec_tls_opens_no_nonsense),
	KUNIT_CASE(ksec_tls_rewinds),
	{}
};

static struct kunit_suite ksec_tls_stream_suite = {
	.name = "ksecdd_tls_stream",
	.test_cases = ksec_tls_stream_cases,
};

kunit_test_suite(ksec_tls_stream_suite);
