// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages in the memory of a program, and a mechanism that notes down what the
 * message path gives it.
 */
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../message.h"
#include "message_fixture.h"

/* What is longer cannot be a message and is never looked at: it needs no memory. */
#define KSEC_MAPPED	KSECDD_MAX_MESSAGE

/**
 * ksec_user_message() - put a message into the memory of a program
 * @test:  the test it is for
 * @op:    KSECDD_MESSAGE_*
 * @specs: its buffers
 * @n:     how many
 *
 * Each buffer, and the array of them, ends where the program's memory ends.
 *
 * Return: the message; buffer i is filled with bytes of the value i + 1
 */
struct ksec_user_message ksec_user_message(struct kunit *test, u32 op,
					   const struct ksec_spec *specs, unsigned int n)
{
	struct ksec_user_message msg = {
		.u_cmd = {
			.size = sizeof(msg.u_cmd),
			.status = 0x11111111,
			.op = op,
			.nbuffers = n,
		},
		.u_bufs = ksec_test_user(test, n * sizeof(struct ksecdd_buffer)),
		.u_n = n,
	};
	u8 *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LE(test, n, KSECDD_MAX_BUFFERS);
	msg.u_cmd.buffers = (uintptr_t)msg.u_bufs;
	for (i = 0; i < n; i++) {
		struct ksecdd_buffer buf = { .type = specs[i].s_type, .len = specs[i].s_len };
		u32 at;

		if (buf.len <= KSEC_MAPPED)
			msg.u_mem[i] = ksec_test_user(test, buf.len);
		buf.ptr = (uintptr_t)msg.u_mem[i];
		memset(page, i + 1, PAGE_SIZE);
		for (at = 0; at < buf.len && msg.u_mem[i]; at += PAGE_SIZE)
			ksec_test_write(test, msg.u_mem[i] + at, page,
					min_t(u32, buf.len - at, PAGE_SIZE));
		ksec_test_write(test, &msg.u_bufs[i], &buf, sizeof(buf));
	}
	return msg;
}

/**
 * ksec_test_write() - write to a program's memory
 * @test: aborted if it cannot be written
 * @to:   where
 * @from: what
 * @len:  bytes
 */
void ksec_test_write(struct kunit *test, void __user *to, const void *from, size_t len)
{
	KUNIT_ASSERT_EQ(test, copy_to_user(to, from, len), 0);
}

/**
 * ksec_test_read() - read a program's memory
 * @test: aborted if it cannot be read
 * @to:   receives it
 * @from: where
 * @len:  bytes
 */
void ksec_test_read(struct kunit *test, void *to, const void __user *from, size_t len)
{
	KUNIT_ASSERT_EQ(test, copy_from_user(to, from, len), 0);
}

/**
 * ksec_test_len() - the length of a buffer as the program sees it
 * @test: the test
 * @msg:  the message
 * @i:    which buffer
 *
 * Return: the length
 */
u32 ksec_test_len(struct kunit *test, const struct ksec_user_message *msg, unsigned int i)
{
	struct ksecdd_buffer buf;

	ksec_test_read(test, &buf, &msg->u_bufs[i], sizeof(buf));
	return buf.len;
}

/**
 * ksec_test_set_len() - change the length of a buffer
 * @test: the test
 * @msg:  the message
 * @i:    which buffer
 * @len:  the length
 */
void ksec_test_set_len(struct kunit *test, const struct ksec_user_message *msg, unsigned int i,
		       u32 len)
{
	ksec_test_write(test, &msg->u_bufs[i].len, &len, sizeof(len));
}

/**
 * ksec_expect_bytes() - expect that bytes of a buffer all have one value
 * @test:  the test
 * @msg:   the message
 * @i:     which buffer
 * @from:  the first byte
 * @len:   how many
 * @value: what each is to be
 */
void ksec_expect_bytes(struct kunit *test, const struct ksec_user_message *msg, unsigned int i,
		       u32 from, u32 len, u8 value)
{
	u8 byte;
	u32 at;

	for (at = from; at < from + len; at++) {
		ksec_test_read(test, &byte, msg->u_mem[i] + at, 1);
		KUNIT_EXPECT_EQ_MSG(test, byte, value, "byte %u of buffer %u", at, i);
	}
}

static s32 ksec_note_op(struct ksec_keys *keys, struct ksec_message *msg, u32 op)
{
	struct ksec_note *note = (struct ksec_note *)keys;
	const u8 *next = msg->sealed;
	unsigned int i;
	u32 at;

	note->n_calls++;
	note->n_op = op;
	note->n_count = msg->nsegments;
	note->n_room = msg->token_len;
	note->n_token = msg->token_len ? msg->token[0] : 0;
	note->n_room_pad = msg->padding_len;
	note->n_pad = msg->padding_len ? msg->padding[0] : 0;
	note->n_sealed = msg->sealed_len;
	note->n_whole = msg->stream;
	note->n_apart = false;
	note->n_qop = msg->qop;
	note->n_seq = msg->seq;
	for (i = 0; i < msg->nsegments; i++) {
		const struct ksec_segment *seg = &msg->segments[i];

		note->n_len[i] = seg->len;
		note->n_seal[i] = seg->seal;
		note->n_sign[i] = seg->sign;
		if (seg->seal) {
			note->n_apart |= seg->data != next;
			next += seg->len;
		}
		note->n_first[i] = seg->len ? seg->data[0] : 0;
		note->n_last[i] = seg->len ? seg->data[seg->len - 1] : 0;
		/* It lies at the beginning of a scratch buffer of 64 KiB. */
		if (seg->len < note->n_peek && i == 0)
			note->n_dirty |= !!memchr_inv(seg->data + seg->len, 0,
						      note->n_peek - seg->len);
		for (at = 0; at < seg->len && seg->seal; at++)
			seg->data[at] ^= 0xff;
	}
	memset(msg->sealed - note->n_front, KSEC_MADE, note->n_front);
	memset(msg->sealed + msg->sealed_len, KSEC_MADE, note->n_back);
	if (msg->stream) {
		msg->segments[0].data += note->n_cut;
		msg->segments[0].len -= 2 * note->n_cut;
	}
	if (note->n_meanwhile)
		note->n_meanwhile(note);
	if (op == KSECDD_MESSAGE_SIGN || op == KSECDD_MESSAGE_ENCRYPT) {
		memset(msg->token, KSEC_MADE, note->n_makes);
		msg->token_len = note->n_makes;
		memset(msg->padding, KSEC_MADE, note->n_pads);
		msg->padding_len = note->n_pads;
	}
	msg->qop = 7;
	return note->n_status;
}

static s32 ksec_note_sign(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_note_op(keys, msg, KSECDD_MESSAGE_SIGN);
}

static s32 ksec_note_verify(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_note_op(keys, msg, KSECDD_MESSAGE_VERIFY);
}

static s32 ksec_note_encrypt(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_note_op(keys, msg, KSECDD_MESSAGE_ENCRYPT);
}

static s32 ksec_note_decrypt(struct ksec_keys *keys, struct ksec_message *msg)
{
	return ksec_note_op(keys, msg, KSECDD_MESSAGE_DECRYPT);
}

const struct ksec_mech ksec_note_mech = {
	.stream_token = KSEC_STREAM_TOKEN,
	.op = {
		[KSECDD_MESSAGE_SIGN] = ksec_note_sign,
		[KSECDD_MESSAGE_VERIFY] = ksec_note_verify,
		[KSECDD_MESSAGE_ENCRYPT] = ksec_note_encrypt,
		[KSECDD_MESSAGE_DECRYPT] = ksec_note_decrypt,
	},
};

/**
 * ksec_note_run() - a message through the message path, to the mechanism that notes
 * @note: what it is to do, and what it was given
 * @msg:  the message
 *
 * Return: as ksec_message_run()
 */
int ksec_note_run(struct ksec_note *note, struct ksec_user_message *msg)
{
	return ksec_message_run(&ksec_note_mech, (struct ksec_keys *)note, &msg->u_cmd);
}

/**
 * ksec_note() - a mechanism that notes down what it is given
 * @test: the test it is for
 *
 * Return: what ksec_note_run() takes
 */
struct ksec_note *ksec_note(struct kunit *test)
{
	struct ksec_note *note = kunit_kzalloc(test, sizeof(*note), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, note);
	return note;
}
