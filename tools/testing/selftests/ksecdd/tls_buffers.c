// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What EncryptMessage and DecryptMessage make of the buffers of a stream: their types, their
 * order, their number and their lengths.
 */
#include <string.h>

#include "session.h"
#include "suite.h"
#include "tls_link.h"

static uint8_t plain[TLS_MAX_DATA], record[2 * TLS_MAX_RECORD], out[TLS_MAX_RECORD];

static uint8_t *at(const struct ksecdd_buffer *buf)
{
	return (uint8_t *)(uintptr_t)buf->ptr;
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
		CHECK_STATUS(tls_link_decrypt(&s, record, len, bufs), SEC_E_OK);
		CHECK_EQ(bufs[1].len, 100);
		CHECK_MEM(at(&bufs[1]), plain, 100);
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

static const struct suite_test tests[] = {
	{ "EncryptMessage: buffers that make no record", seal_buffers, 0 },
	{ "EncryptMessage: the parts of a record", seal_parts, 0 },
	{ "EncryptMessage: room, size and quality", seal_room, 0 },
	{ "no MakeSignature and no VerifySignature", no_signatures, 0 },
	{ "DecryptMessage: buffers", open_buffers, 0 },
	{ "DecryptMessage: what is missing", incomplete, 0 },
	{ "DecryptMessage: what is extra", extra, 0 },
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
