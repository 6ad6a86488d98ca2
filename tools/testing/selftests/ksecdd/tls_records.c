// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS records in the module against those of OpenSSL: what EncryptMessage makes, and what
 * DecryptMessage makes of what a client sends.
 */
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "suite.h"
#include "tls_link.h"
#include "tools/testing/vectors/tls.h"

static const struct tls_kat_record kats[] = TLS_KAT_RECORDS;
static const struct tls_kat_secret secrets[] = TLS_KAT_SECRETS;

static uint8_t plain[TLS_MAX_DATA], record[2 * TLS_MAX_RECORD], out[TLS_MAX_RECORD];

static uint8_t *at(const struct ksecdd_buffer *buf)
{
	return (uint8_t *)(uintptr_t)buf->ptr;
}

/* Keys of a vector, in both directions */
static struct ksecdd_tls_keys keys_of(const struct tls_kat_record *kat)
{
	struct ksecdd_tls_keys keys = {
		.version = kat->version, .cipher = kat->cipher, .hash = kat->hash,
		.rx.seq = kat->seq,
	};

	from_hex(kat->secret, keys.rx.secret, sizeof(keys.rx.secret));
	from_hex(kat->key, keys.rx.key, sizeof(keys.rx.key));
	from_hex(kat->iv, keys.rx.iv, sizeof(keys.rx.iv));
	keys.tx = keys.rx;
	return keys;
}

/* What DecryptMessage says of a record, and that it gives out what is in it */
static void takes(struct tls_link *s, uint8_t *bytes, size_t len, uint8_t type,
		  const uint8_t *data, size_t data_len)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	int32_t status = tls_link_decrypt(s, bytes, len, bufs);

	if (type == TLS_ALERT) {
		CHECK_STATUS(status, SEC_I_CONTEXT_EXPIRED);
		return;
	}
	if (!CHECK_STATUS(status, SEC_E_OK))
		return;
	CHECK_EQ(bufs[1].type, SECBUFFER_DATA);
	CHECK_EQ(bufs[1].len, data_len);
	CHECK_MEM(at(&bufs[1]), data, data_len);
}

static void known_answers(void)
{
	uint8_t want[128], data[128], key[48], next[48], have[48];
	struct tls_link s;
	size_t i, len, want_len, data_len;

	for (i = 0; i < ARRAY_SIZE(kats) && !suite_failed(); i++) {
		struct ksecdd_tls_keys keys = keys_of(&kats[i]);

		want_len = from_hex(kats[i].record, want, sizeof(want));
		data_len = from_hex(kats[i].plain, data, sizeof(data));
		tls_link_open_keys(&s, &keys);
		/* The vectors themselves */
		len = tls_peer_seal(&s.peer, kats[i].type, data, data_len, record);
		CHECK_EQ(len, want_len);
		CHECK_MEM(record, want, want_len);
		takes(&s, record, len, kats[i].type, data, data_len);
		if (kats[i].type == TLS_DATA) {
			CHECK_STATUS(tls_link_encrypt(&s, data, data_len, record, &len),
				     SEC_E_OK);
			CHECK_EQ(len, want_len);
			CHECK_MEM(record, want, want_len);
		}
		tls_link_close(&s);
		if (suite_failed())
			suite_note("record %zu", i);
	}
	for (i = 0; i < ARRAY_SIZE(secrets); i++) {
		from_hex(secrets[i].secret, key, sizeof(key));
		len = from_hex(secrets[i].next, next, sizeof(next));
		tls_peer_expand(secrets[i].hash, key, "traffic upd", have, len);
		CHECK_MEM(have, next, len);
		len = from_hex(secrets[i].key, next, sizeof(next));
		tls_peer_expand(secrets[i].hash, key, "key", have, len);
		CHECK_MEM(have, next, len);
		len = from_hex(secrets[i].iv, next, sizeof(next));
		tls_peer_expand(secrets[i].hash, key, "iv", have, len);
		CHECK_MEM(have, next, len);
	}
}

static void exchange(struct tls_link *s, size_t size)
{
	size_t len, data_len = 0;
	uint8_t type = 0;

	len = tls_peer_seal(&s->peer, TLS_DATA, plain, size, record);
	takes(s, record, len, TLS_DATA, plain, size);
	CHECK_STATUS(tls_link_encrypt(s, plain, size, record, &len), SEC_E_OK);
	CHECK(tls_peer_open(&s->peer, record, len, &type, out, &data_len));
	CHECK_EQ(type, TLS_DATA);
	CHECK_EQ(data_len, size);
	CHECK_MEM(out, plain, size);
}

static void all_ciphers(void)
{
	static const size_t sizes[] = { 1, 0, 15, 16, 17, 100, 1023, 4096, 16383, 16384 };
	unsigned int version, cipher;
	struct tls_link s;
	size_t i;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		for (cipher = 1; cipher <= KSECDD_TLS_CHACHA20_POLY1305; cipher++) {
			tls_link_open(&s, version, cipher);
			for (i = 0; i < ARRAY_SIZE(sizes) && !suite_failed(); i++) {
				exchange(&s, sizes[i]);
				if (suite_failed())
					suite_note("version %x, cipher %u, %zu bytes", version,
						   cipher, sizes[i]);
			}
			tls_link_close(&s);
		}
	}
}

/* After a record that is wrong there is nothing more, either way. */
static void is_over(struct tls_link *s)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	size_t len;

	CHECK_STATUS(tls_link_encrypt(s, plain, 10, record, &len), SEC_E_CONTEXT_EXPIRED);
	len = tls_peer_seal(&s->peer, TLS_DATA, plain, 10, record);
	CHECK_STATUS(tls_link_decrypt(s, record, len, bufs), SEC_E_CONTEXT_EXPIRED);
}

static void altered(void)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	unsigned int version, cipher;
	uint8_t copy[256];
	struct tls_link s;
	size_t len, i, where;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		for (cipher = 1; cipher <= KSECDD_TLS_CHACHA20_POLY1305; cipher++) {
			for (i = 0; i < 3; i++) {
				tls_link_open(&s, version, cipher);
				len = tls_peer_seal(&s.peer, TLS_DATA, plain, 100, record);
				/* The first byte after the head, one of the text, the last */
				where = i == 0 ? TLS_HEAD : i == 1 ? 60 : len - 1;
				record[where] ^= 0x80;
				memcpy(copy, record, len);
				CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs),
					     SEC_E_MESSAGE_ALTERED);
				/* Nothing of it has come to light. */
				CHECK_MEM(record, copy, len);
				CHECK_EQ(bufs[0].type, SECBUFFER_DATA);
				is_over(&s);
				tls_link_close(&s);
			}
			if (suite_failed()) {
				suite_note("version %x, cipher %u", version, cipher);
				return;
			}
		}
	}
}

static void illegal(void)
{
	static const uint8_t heads[][TLS_HEAD] = {
		{ 23, 3, 3, 0, 0 }, { 23, 3, 3, 0, 16 }, { 23, 3, 3, 0x41, 0x01 },
		{ 23, 3, 3, 0xff, 0xff }, { 0, 3, 3, 0, 50 }, { 0xff, 3, 3, 0, 50 },
		{ 23, 2, 0, 0, 50 }, { 22, 3, 3, 0, 50 }, { 21, 3, 3, 0, 2 },
	};
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heads); i++) {
		tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
		memset(record, 0, 100);
		memcpy(record, heads[i], TLS_HEAD);
		if (!CHECK_STATUS(tls_link_decrypt(&s, record, TLS_HEAD, bufs),
				  SEC_E_ILLEGAL_MESSAGE))
			suite_note("head %zu", i);
		is_over(&s);
		tls_link_close(&s);
	}
}

/* What is no data: type, bytes, and what is said of them */
static void other_records(void)
{
	static const struct {
		uint16_t version;
		uint8_t type;
		uint8_t len;
		uint8_t bytes[8];
		int32_t status;
	} cases[] = {
		{ KSECDD_TLS_1_3, TLS_HANDSHAKE, 5, { 24, 0, 0, 1, 2 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_3, TLS_HANDSHAKE, 4, { 4, 0, 0, 0 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_3, TLS_CHANGE_CIPHER, 1, { 1 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_3, TLS_ALERT, 2, { 2, 40 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_3, TLS_ALERT, 2, { 2, 49 }, SEC_E_LOGON_DENIED },
		{ KSECDD_TLS_1_2, TLS_ALERT, 2, { 2, 45 }, SEC_E_CERT_EXPIRED },
		{ KSECDD_TLS_1_2, TLS_ALERT, 2, { 2, 20 }, SEC_E_MESSAGE_ALTERED },
		{ KSECDD_TLS_1_2, TLS_CHANGE_CIPHER, 1, { 1 }, SEC_E_ILLEGAL_MESSAGE },
		{ KSECDD_TLS_1_2, TLS_HANDSHAKE, 4, { 0, 0, 0, 0 }, SEC_E_ILLEGAL_MESSAGE },
		/* All of them padding: no type */
		{ KSECDD_TLS_1_3, 0, 8, { 0 }, SEC_E_ILLEGAL_MESSAGE },
	};
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	size_t i, len;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tls_link_open(&s, cases[i].version, KSECDD_TLS_AES_128_GCM);
		len = tls_peer_seal(&s.peer, cases[i].type, cases[i].bytes, cases[i].len, record);
		if (!CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), cases[i].status))
			suite_note("case %zu", i);
		is_over(&s);
		tls_link_close(&s);
	}
}

static void padded(void)
{
	static const uint8_t bytes[] = { 'd', 'a', 't', 'a', TLS_DATA, 0, 0, 0 };
	struct tls_link s;
	size_t len;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = tls_peer_seal(&s.peer, 0, bytes, sizeof(bytes), record);
	takes(&s, record, len, TLS_DATA, bytes, 4);
	CHECK(tls_link_works(&s));
	tls_link_close(&s);
}

/* What comes behind the client's close_notify is left; we may still send. */
static void client_closes(void)
{
	static const uint8_t close_notify[] = { 1, 0 };
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	unsigned int version;
	struct tls_link s;
	size_t len, data_len;
	uint8_t type = 0;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		tls_link_open(&s, version, KSECDD_TLS_AES_128_GCM);
		len = tls_peer_seal(&s.peer, TLS_ALERT, close_notify, 2, record);
		CHECK_STATUS(tls_link_decrypt(&s, record, len + 7, bufs), SEC_I_CONTEXT_EXPIRED);
		CHECK_EQ(bufs[1].type, SECBUFFER_DATA);
		CHECK_EQ(bufs[1].len, 0);
		CHECK_EQ(bufs[3].type, SECBUFFER_EXTRA);
		CHECK_EQ(bufs[3].len, 7);
		len = tls_peer_seal(&s.peer, TLS_DATA, plain, 10, record);
		CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_CONTEXT_EXPIRED);
		CHECK_STATUS(tls_link_encrypt(&s, plain, 10, record, &len), SEC_E_OK);
		CHECK(tls_peer_open(&s.peer, record, len, &type, out, &data_len));
		tls_link_close(&s);
	}
}

static void key_updates(void)
{
	static const uint8_t update[] = { 24, 0, 0, 1, 0 }, wanted[] = { 24, 0, 0, 1, 1 };
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	unsigned int cipher, i;
	struct tls_link s;
	size_t len;

	for (cipher = 1; cipher <= KSECDD_TLS_CHACHA20_POLY1305; cipher++) {
		tls_link_open(&s, KSECDD_TLS_1_3, cipher);
		for (i = 0; i < 3; i++) {
			len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, update, sizeof(update), record);
			CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_OK);
			CHECK_EQ(bufs[1].len, 0);
			tls_peer_update(&s.peer, &s.peer.send);
			CHECK(tls_link_works(&s));
		}
		len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, wanted, sizeof(wanted), record);
		CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_I_RENEGOTIATE);
		tls_peer_update(&s.peer, &s.peer.send);
		CHECK(tls_link_works(&s));
		tls_link_close(&s);
	}

	/* A storm of them is not stood. */
	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	for (i = 0; i < 33; i++) {
		len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, update, sizeof(update), record);
		CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs),
			     i < 32 ? SEC_E_OK : SEC_E_ILLEGAL_MESSAGE);
		tls_peer_update(&s.peer, &s.peer.send);
	}
	is_over(&s);
	tls_link_close(&s);
}

static void renegotiation(void)
{
	static const uint8_t hello[] = { 1, 0, 0, 4, 3, 3 };
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	size_t len;

	tls_link_open(&s, KSECDD_TLS_1_2, KSECDD_TLS_CHACHA20_POLY1305);
	len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, hello, sizeof(hello), record);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_I_RENEGOTIATE);
	CHECK(tls_link_works(&s));
	len = tls_peer_seal(&s.peer, TLS_HANDSHAKE, hello, 2, record);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_OK);
	CHECK(tls_link_works(&s));
	tls_link_close(&s);
}

/* The last number there is */
static void last_number(void)
{
	struct ksecdd_tls_keys keys = tls_link_keys(KSECDD_TLS_1_2, KSECDD_TLS_AES_128_GCM);
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	size_t len;

	keys.tx.seq = UINT64_MAX - 1;
	keys.rx.seq = UINT64_MAX - 1;
	tls_link_open_keys(&s, &keys);
	CHECK(tls_link_works(&s));
	CHECK_STATUS(tls_link_encrypt(&s, plain, 10, record, &len), SEC_E_CONTEXT_EXPIRED);
	len = tls_peer_seal(&s.peer, TLS_DATA, plain, 10, record);
	CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_CONTEXT_EXPIRED);
	tls_link_close(&s);

	/* RFC 8446 section 5.5 */
	keys = tls_link_keys(KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	keys.tx.seq = 23726566 - 1;
	tls_link_open_keys(&s, &keys);
	CHECK(tls_link_works(&s));
	CHECK_STATUS(tls_link_encrypt(&s, plain, 10, record, &len), SEC_E_CONTEXT_EXPIRED);
	tls_link_close(&s);
}

static const struct suite_test tests[] = {
	{ "known answers", known_answers, 0 },
	{ "all ciphers, both versions, all sizes", all_ciphers, 0 },
	{ "a record that was altered", altered, 0 },
	{ "a head that no record has", illegal, 0 },
	{ "alerts, and records that must not be", other_records, 0 },
	{ "padding", padded, 0 },
	{ "the client's close_notify", client_closes, 0 },
	{ "KeyUpdate", key_updates, 0 },
	{ "TLS 1.2: a client that negotiates again", renegotiation, 0 },
	{ "the last sequence number", last_number, 0 },
};

int main(void)
{
	int ret;

	fill(plain, sizeof(plain), 7);
	tls_link_start();
	ret = suite_run(tests, ARRAY_SIZE(tests));
	tls_link_stop();
	return ret;
}
