// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PDUs of MCS, written from the back to the front, since each length comes before what it
 * is the length of.
 */
#include <string.h>

#include "pdu.h"

/**
 * struct back - a PDU that is being written
 * @room: where
 * @at:   what is free in front
 */
struct back {
	uint8_t room[PDU_ROOM];
	size_t at;
};

static void put(struct back *b, const void *data, size_t len)
{
	b->at -= len;
	memcpy(b->room + b->at, data, len);
}

static size_t len_from(const struct back *b, size_t end)
{
	return end - b->at;
}

/* Two bytes of length, as Windows writes them whether or not one would do. */
static void put_ber(struct back *b, const void *id, size_t id_len, size_t end)
{
	size_t len = len_from(b, end);
	const uint8_t length[] = { 0x82, (uint8_t)(len >> 8), (uint8_t)len };

	put(b, length, sizeof(length));
	put(b, id, id_len);
}

static void put_per(struct back *b, size_t end)
{
	size_t len = len_from(b, end);
	const uint8_t length[] = { (uint8_t)(0x80 | len >> 8), (uint8_t)len };

	if (len < 0x80)
		put(b, length + 1, 1);
	else
		put(b, length, 2);
}

static void put_block(struct back *b, uint16_t type, size_t len, size_t at, uint32_t protocol)
{
	uint8_t block[512] = { (uint8_t)type, (uint8_t)(type >> 8), (uint8_t)len,
			       (uint8_t)(len >> 8) };
	size_t i;

	for (i = 0; i < 4 && at + 4 <= len; i++)
		block[at + i] = (uint8_t)(protocol >> 8 * i);
	put(b, block, len);
}

static size_t finish(struct back *b, uint8_t *pdu)
{
	static const uint8_t data[] = { 2, 0xf0, 0x80 };
	size_t len;

	put(b, data, sizeof(data));
	len = PDU_ROOM - b->at + 4;
	memcpy(pdu, (const uint8_t []){ 3, 0, (uint8_t)(len >> 8), (uint8_t)len }, 4);
	memcpy(pdu + 4, b->room + b->at, len - 4);
	return len;
}

/* Domain parameters (T.125): eight small numbers; what they are nobody here looks at. */
static const uint8_t parameters[] = { 0x30, 0x18, 2, 1, 34, 2, 1, 3, 2, 1, 0, 2, 1, 1, 2, 1, 0,
				      2, 1, 1, 2, 1, 64, 2, 1, 2 };
static const uint8_t key[] = { 0, 5, 0, 0x14, 0x7c, 0, 1 };

size_t pdu_connect_initial(uint8_t pdu[PDU_ROOM], size_t core_len, uint32_t protocol)
{
	static const uint8_t front[] = { 4, 1, 1, 4, 1, 1, 1, 1, 0xff };
	static const uint8_t create[] = { 0, 8, 0, 0x10, 0, 1, 0xc0, 0, 'D', 'u', 'c', 'a' };
	struct back b = { .at = PDU_ROOM };

	put_block(&b, 0xc004, 12, 100, 0);
	put_block(&b, 0xc001, core_len, 212, protocol);
	put_per(&b, PDU_ROOM);
	put(&b, create, sizeof(create));
	put_per(&b, PDU_ROOM);
	put(&b, key, sizeof(key));
	put_ber(&b, "\x04", 1, PDU_ROOM);
	for (int i = 0; i < 3; i++)
		put(&b, parameters, sizeof(parameters));
	put(&b, front, sizeof(front));
	put_ber(&b, "\x7f\x65", 2, PDU_ROOM);
	return finish(&b, pdu);
}

size_t pdu_connect_response(uint8_t pdu[PDU_ROOM], size_t core_len, uint32_t protocol)
{
	static const uint8_t front[] = { 0x0a, 1, 0, 2, 1, 0 };
	static const uint8_t create[] = { 0x14, 0x76, 0x0a, 1, 1, 0, 1, 0xc0, 0, 'M', 'c', 'D',
					  'n' };
	struct back b = { .at = PDU_ROOM };

	put_block(&b, 0x0c03, 8, 100, 0);
	put_block(&b, 0x0c01, core_len, 8, protocol);
	put_per(&b, PDU_ROOM);
	put(&b, create, sizeof(create));
	/* A length that is wrong, as servers are known to have it */
	put(&b, "\x2a", 1);
	put(&b, key, sizeof(key));
	put_ber(&b, "\x04", 1, PDU_ROOM);
	put(&b, parameters, sizeof(parameters));
	put(&b, front, sizeof(front));
	put_ber(&b, "\x7f\x66", 2, PDU_ROOM);
	return finish(&b, pdu);
}
