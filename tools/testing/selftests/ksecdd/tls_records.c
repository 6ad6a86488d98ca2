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

/* EncryptMessage of buffers of these types; those that are there have 64 bytes */
static int32_t encrypt_types(struct tls_link *s, const uint32_t types[6])
{
	static uint8_t mem[6][64];
	struct ksecdd_buffer bufs[6];
	uint32_t n;

	for (n = 0; n < 6 && types[n] != UINT32_MAX; n++)
		bufs[n] = buffer(types[n], mem[n], sizeof(mem[n]));
	return message_status(&s->call, KSECDD_MESSAGE_ENCRYPT, bufs, n);
}

#define H	SECBUFFER_STREAM_HEADER
#define D	SECBUFFER_DATA
#define T	SECBUFFER_STREAM_TRAILER
#define E	SECBUFFER_EMPTY
#define END	UINT32_MAX

static void seal_buffers(void)
{
	static const struct {
		uint32_t types[6];
		int32_t status;
	} cases[] = {
		{ { D, END }, SEC_E_INVALID_TOKEN },
		{ { H, T, E, END }, SEC_E_INVALID_TOKEN },
		{ { H, D, E, END }, SEC_E_INVALID_TOKEN },
		{ { D, T, E, END }, SEC_E_INVALID_TOKEN },
		{ { H, D, T, T, END }, SEC_E_INVALID_TOKEN },
		{ { H, H, D, T, END }, SEC_E_INVALID_TOKEN },
		{ { H, D, T, SECBUFFER_TOKEN, END }, SEC_E_INVALID_TOKEN },
		{ { H, D, T, SECBUFFER_STREAM, END }, SEC_E_INVALID_TOKEN },
		{ { H, D | SECBUFFER_READONLY, T, END }, SEC_E_INVALID_TOKEN },
		{ { H, D, D | SECBUFFER_READONLY_WITH_CHECKSUM, T, END }, SEC_E_INVALID_TOKEN },
		{ { H | SECBUFFER_READONLY, D, T, END }, SEC_E_INVALID_TOKEN },
	};
	struct tls_link s;
	size_t i;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!CHECK_STATUS(encrypt_types(&s, cases[i].types), cases[i].status))
			suite_note("case %zu", i);
	CHECK(tls_link_works(&s));
	tls_link_close(&s);
}

/* The parts of a record in any order of buffers; and each has the length it needs */
static void seal_parts(void)
{
	struct ksecdd_buffer bufs[6];
	struct tls_link s;
	size_t header, trailer, len = 0;
	uint8_t type = 0;

	tls_link_open(&s, KSECDD_TLS_1_2, KSECDD_TLS_AES_256_GCM);
	header = tls_header_len(&s.peer);
	trailer = tls_trailer_len(&s.peer);
	CHECK_EQ(header, 13);
	CHECK_EQ(trailer, 16);
	/* First what is to be changed in place, then what is around it; all of it too long */
	memcpy(record + 100, plain, 300);
	bufs[0] = buffer(D, record + 100, 100);
	bufs[1] = buffer(T, record + 1000, 100);
	bufs[2] = buffer(D, record + 200, 0);
	bufs[3] = buffer(E, NULL, 77);
	bufs[4] = buffer(D, record + 200, 200);
	bufs[5] = buffer(H, record, 99);
	REQUIRE_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 6), SEC_E_OK);
	CHECK_EQ(bufs[5].len, header);
	CHECK_EQ(bufs[1].len, trailer);
	CHECK_EQ(bufs[0].len, 100);
	CHECK_EQ(bufs[3].len, 77);
	CHECK_EQ(bufs[4].len, 200);
	memmove(record + 100 - header, record, header);
	memcpy(record + 400, record + 1000, trailer);
	CHECK(tls_peer_open(&s.peer, record + 100 - header, header + 300 + trailer, &type, out,
			    &len));
	CHECK_EQ(len, 300);
	CHECK_MEM(out, plain, 300);
	tls_link_close(&s);
}

static void seal_room(void)
{
	struct ksecdd_buffer bufs[4];
	struct tls_link s;
	struct ksecdd_message msg;
	unsigned int version;
	size_t len;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		tls_link_open(&s, version, KSECDD_TLS_AES_128_GCM);
		for (len = 0; len < 3; len++) {
			bufs[0] = buffer(H, out, tls_header_len(&s.peer) - (len == 0));
			bufs[1] = buffer(D, record, len == 1 ? TLS_MAX_DATA + 1 : 10);
			bufs[2] = buffer(T, out + 100, tls_trailer_len(&s.peer) - (len == 2));
			bufs[3] = buffer(E, NULL, 0);
			memset(record, 0x55, 10);
			CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 4),
				     SEC_E_BUFFER_TOO_SMALL);
			CHECK_EQ(record[0], 0x55);
		}
		bufs[0] = buffer(H, out, 13);
		bufs[1] = buffer(D, record, 10);
		bufs[2] = buffer(T, out + 100, 17);
		msg = (struct ksecdd_message){ .qop = SECQOP_WRAP_NO_ENCRYPT };
		REQUIRE_EQ(message_call(&s.call, KSECDD_MESSAGE_ENCRYPT, bufs, 3, &msg), 0);
		CHECK_STATUS(msg.status, SEC_E_QOP_NOT_SUPPORTED);
		CHECK(tls_link_works(&s));
		tls_link_close(&s);
	}
}

static void no_signatures(void)
{
	struct ksecdd_buffer bufs[2];
	struct tls_link s;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_CHACHA20_POLY1305);
	bufs[0] = buffer(SECBUFFER_DATA, record, 10);
	bufs[1] = buffer(SECBUFFER_TOKEN, out, 100);
	CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_SIGN, bufs, 2),
		     SEC_E_UNSUPPORTED_FUNCTION);
	CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_VERIFY, bufs, 2),
		     SEC_E_UNSUPPORTED_FUNCTION);
	CHECK(tls_link_works(&s));
	tls_link_close(&s);
}

static void open_buffers(void)
{
	static const uint32_t cases[][6] = {
		{ D, E, E, END }, { D, E, END }, { D, END }, { E, E, E, E, END },
		{ D, D, E, E, END },
		{ D, E, E, D, E, END }, { D, E, E, T, END }, { D, E, E, SECBUFFER_TOKEN, END },
		{ D | SECBUFFER_READONLY, E, E, E, END }, { SECBUFFER_STREAM, E, E, E, END },
		{ D, E, E, E, H, END },
	};
	struct ksecdd_buffer bufs[6];
	struct tls_link s;
	size_t i, len;
	uint32_t n;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_128_GCM);
	len = tls_peer_seal(&s.peer, TLS_DATA, plain, 100, record);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (n = 0; cases[i][n] != END; n++)
			bufs[n] = buffer(cases[i][n], cases[i][n] == E ? NULL : record,
					 cases[i][n] == E ? 0 : len);
		if (!CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_DECRYPT, bufs, n),
				  SEC_E_INVALID_TOKEN))
			suite_note("case %zu", i);
	}
	/* The data need not come first; the parts take the places in their order. */
	for (n = 0; n < 6; n++)
		bufs[n] = n == 2 ? buffer(D, record, len + 9) : buffer(E, NULL, 0);
	REQUIRE_STATUS(message_status(&s.call, KSECDD_MESSAGE_DECRYPT, bufs, 6), SEC_E_OK);
	CHECK_EQ(bufs[0].type, H);
	CHECK_EQ(bufs[0].len, 5);
	CHECK_EQ(bufs[0].ptr, (uintptr_t)record);
	CHECK_EQ(bufs[1].type, D);
	CHECK_EQ(bufs[1].len, 100);
	CHECK_EQ(bufs[1].ptr, (uintptr_t)record + 5);
	CHECK_EQ(bufs[2].type, T);
	CHECK_EQ(bufs[2].len, 17);
	CHECK_EQ(bufs[2].ptr, (uintptr_t)record + 105);
	CHECK_EQ(bufs[3].type, SECBUFFER_EXTRA);
	CHECK_EQ(bufs[3].len, 9);
	CHECK_EQ(bufs[3].ptr, (uintptr_t)record + len);
	CHECK_EQ(bufs[4].type, E);
	CHECK_EQ(bufs[5].type, E);
	CHECK_MEM(record + 5, plain, 100);
	tls_link_close(&s);
}

/* Of each beginning of a record it is said what is missing, and nothing happens to it. */
static void incomplete(void)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	uint8_t copy[256];
	unsigned int version;
	struct tls_link s;
	size_t len, have;

	for (version = KSECDD_TLS_1_2; version <= KSECDD_TLS_1_3; version++) {
		tls_link_open(&s, version, KSECDD_TLS_AES_128_CCM);
		len = tls_peer_seal(&s.peer, TLS_DATA, plain, 100, record);
		memcpy(copy, record, len);
		for (have = 0; have < len; have++) {
			size_t missing = have < TLS_HEAD ? TLS_HEAD - have : len - have;

			CHECK_STATUS(tls_link_decrypt(&s, record, have, bufs),
				     SEC_E_INCOMPLETE_MESSAGE);
			CHECK_EQ(bufs[0].type, SECBUFFER_MISSING);
			CHECK_EQ(bufs[0].len, missing);
			CHECK_EQ(bufs[1].type, SECBUFFER_EMPTY);
			CHECK_EQ(bufs[3].type, SECBUFFER_EMPTY);
			if (suite_failed()) {
				suite_note("%zu bytes of %zu", have, len);
				break;
			}
		}
		CHECK_MEM(record, copy, len);
		takes(&s, record, len, TLS_DATA, plain, 100);
		CHECK(tls_link_works(&s));
		tls_link_close(&s);
	}
}

/* Several records in a buffer, one after the other, the last of them not whole */
static void extra(void)
{
	struct ksecdd_buffer bufs[TLS_OPEN_BUFFERS];
	struct tls_link s;
	size_t len[3], left, i;
	uint8_t *p = record;

	tls_link_open(&s, KSECDD_TLS_1_3, KSECDD_TLS_AES_256_GCM);
	for (i = 0; i < 3; i++) {
		len[i] = tls_peer_seal(&s.peer, TLS_DATA, plain + i, 10 * i, p);
		p += len[i];
	}
	left = len[0] + len[1] + len[2] - 1;
	p = record;
	for (i = 0; i < 2; i++) {
		REQUIRE_STATUS(tls_link_decrypt(&s, p, left, bufs), SEC_E_OK);
		left -= len[i];
		p += len[i];
		CHECK_EQ(bufs[1].len, 10 * i);
		CHECK_MEM(at(&bufs[1]), plain + i, 10 * i);
		CHECK_EQ(bufs[3].type, SECBUFFER_EXTRA);
		CHECK_EQ(bufs[3].len, left);
		CHECK_EQ(bufs[3].ptr, (uintptr_t)p);
	}
	CHECK_STATUS(tls_link_decrypt(&s, p, left, bufs), SEC_E_INCOMPLETE_MESSAGE);
	CHECK_EQ(bufs[0].len, 1);
	REQUIRE_STATUS(tls_link_decrypt(&s, p, left + 1, bufs), SEC_E_OK);
	CHECK_EQ(bufs[3].type, SECBUFFER_EMPTY);
	CHECK_EQ(bufs[3].len, 0);
	tls_link_close(&s);
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
	{ "EncryptMessage: buffers that make no record", seal_buffers, 0 },
	{ "EncryptMessage: the parts of a record", seal_parts, 0 },
	{ "EncryptMessage: room, size and quality", seal_room, 0 },
	{ "no MakeSignature and no VerifySignature", no_signatures, 0 },
	{ "DecryptMessage: buffers", open_buffers, 0 },
	{ "DecryptMessage: what is missing", incomplete, 0 },
	{ "DecryptMessage: what is extra", extra, 0 },
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
