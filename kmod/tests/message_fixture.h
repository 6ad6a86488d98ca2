/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages in the memory of a program, for the suites of the message path.
 */
#ifndef _KSECDD_TESTS_MESSAGE_FIXTURE_H
#define _KSECDD_TESTS_MESSAGE_FIXTURE_H

#include "fixture.h"

/* Short names for the tables of the suites */
#define SIGN	KSECDD_MESSAGE_SIGN
#define VERIFY	KSECDD_MESSAGE_VERIFY
#define ENCRYPT	KSECDD_MESSAGE_ENCRYPT
#define DECRYPT	KSECDD_MESSAGE_DECRYPT

#define DATA	SECBUFFER_DATA
#define TOKEN	SECBUFFER_TOKEN
#define STREAM	SECBUFFER_STREAM
#define PADDING	SECBUFFER_PADDING
#define EMPTY	SECBUFFER_EMPTY
#define RO	SECBUFFER_READONLY
#define ROC	SECBUFFER_READONLY_WITH_CHECKSUM

/**
 * struct ksec_spec - a buffer as a test wants it
 * @s_type: SECBUFFER_* with attributes; 0 and no length: none
 * @s_len:  its length in bytes
 */
struct ksec_spec {
	u32 s_type;
	u32 s_len;
};

/**
 * struct ksec_user_message - a message in the memory of a program
 * @u_cmd:  for ksec_message_run()
 * @u_bufs: the program's array of buffers
 * @u_mem:  the program's memory of each buffer
 * @u_n:    how many
 */
struct ksec_user_message {
	struct ksecdd_message u_cmd;
	struct ksecdd_buffer __user *u_bufs;
	void __user *u_mem[KSECDD_MAX_BUFFERS];
	unsigned int u_n;
};

struct ksec_user_message ksec_user_message(struct kunit *test, u32 op,
					   const struct ksec_spec *specs, unsigned int n);
void ksec_test_write(struct kunit *test, void __user *to, const void *from, size_t len);
void ksec_test_read(struct kunit *test, void *to, const void __user *from, size_t len);
u32 ksec_test_len(struct kunit *test, const struct ksec_user_message *msg, unsigned int i);
void ksec_test_set_len(struct kunit *test, const struct ksec_user_message *msg, unsigned int i,
		       u32 len);

void ksec_expect_bytes(struct kunit *test, const struct ksec_user_message *msg, unsigned int i,
		       u32 from, u32 len, u8 value);

/* The mechanism that notes: length of the token in a stream, and what its tokens are of */
#define KSEC_STREAM_TOKEN	16
#define KSEC_MADE		0xa5

/**
 * struct ksec_note - the keys of a mechanism that notes down what it is given
 * @n_calls:    how often
 * @n_op:       KSECDD_MESSAGE_*
 * @n_count:    segments
 * @n_sealed:   bytes that are to be sealed
 * @n_apart:    they do not lie side by side
 * @n_whole:    the only segment is a whole stream
 * @n_len:      their lengths
 * @n_seal:     whether they are to be sealed
 * @n_sign:     whether they are to be signed
 * @n_first:    their first bytes
 * @n_last:     their last bytes
 * @n_room:     room for the token, or its length
 * @n_token:    its first byte
 * @n_qop:      quality of protection
 * @n_seq:      the caller's sequence number
 * @n_peek:     length of another message to look for behind the data of a shorter one
 * @n_dirty:    there was something
 * @n_status:   what it is to answer
 * @n_makes:    bytes of the token it is to make
 * @n_room_pad: room for padding, or its length
 * @n_pad:      its first byte
 * @n_pads:     bytes of padding it is to make
 * @n_front:    bytes that it is to fill in front of what is sealed
 * @n_back:     likewise behind it
 * @n_cut:      bytes it is to cut off either end of a whole stream
 * @n_meanwhile: called while it is at work
 * @n_data:     for that
 */
struct ksec_note {
	unsigned int n_calls;
	u32 n_op;
	unsigned int n_count;
	u32 n_sealed;
	bool n_apart;
	bool n_whole;
	u32 n_len[KSECDD_MAX_BUFFERS];
	bool n_seal[KSECDD_MAX_BUFFERS];
	bool n_sign[KSECDD_MAX_BUFFERS];
	u8 n_first[KSECDD_MAX_BUFFERS];
	u8 n_last[KSECDD_MAX_BUFFERS];
	u32 n_room;
	u8 n_token;
	u32 n_qop;
	u32 n_seq;
	u32 n_peek;
	bool n_dirty;
	s32 n_status;
	u32 n_makes;
	u32 n_room_pad;
	u8 n_pad;
	u32 n_pads;
	u32 n_front;
	u32 n_back;
	u32 n_cut;
	void (*n_meanwhile)(struct ksec_note *note);
	void *n_data;
};

extern const struct ksec_mech ksec_note_mech;

struct ksec_note *ksec_note(struct kunit *test);
int ksec_note_run(struct ksec_note *note, struct ksec_user_message *msg);

#endif /* _KSECDD_TESTS_MESSAGE_FIXTURE_H */
