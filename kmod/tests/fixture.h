/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites share.  Everything that is made for a test ends with it.
 */
#ifndef _KSECDD_TESTS_FIXTURE_H
#define _KSECDD_TESTS_FIXTURE_H

#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_ntlm.h>

#include "../ksec.h"
#include "../ntlm/ntlm.h"

/* NegotiateFlags of a context that signs, and of one that seals too */
#define KSEC_TEST_SIGN	(NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | NTLMSSP_NEGOTIATE_SIGN | \
			 NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_KEY_EXCH)
#define KSEC_TEST_SEAL	(KSEC_TEST_SIGN | NTLMSSP_NEGOTIATE_SEAL)

/**
 * struct ksec_bytes - a byte string of a vector
 * @b_data: the bytes
 * @b_len:  how many
 */
struct ksec_bytes {
	u8 b_data[128];
	unsigned int b_len;
};

struct ksec_bytes ksec_test_hex(struct kunit *test, const char *hex);

/* The same numbers each time: what has failed fails again. */
static inline struct rnd_state ksec_test_random(void)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 0x6b736563);
	return rnd;
}

/* 0 to @n - 1; 0 for @n = 0 */
static inline u32 ksec_test_below(struct rnd_state *rnd, u32 n)
{
	return n ? prandom_u32_state(rnd) % n : 0;
}

/**
 * struct ksec_test_direction - what a message changes in the keys of a direction
 * @t_seq:  sequence number
 * @t_sign: signing key
 * @t_seal: cipher state
 * @t_pad:  0, so that it may be compared byte by byte
 */
struct ksec_test_direction {
	u64 t_seq;
	struct ksec_hmac_key t_sign;
	struct ksec_rc4 t_seal;
	u8 t_pad[6];
};

/**
 * struct ksec_test_state - all that a message changes in a context
 * @t_send:    messages from here
 * @t_receive: messages to here
 */
struct ksec_test_state {
	struct ksec_test_direction t_send;
	struct ksec_test_direction t_receive;
};

void ksec_test_state(struct ksec_keys *keys, struct ksec_test_state *state);

bool ksec_test_is_state(struct ksec_keys *keys, const struct ksec_test_state *state);

/* That nothing has changed since ksec_test_state() */
#define KSEC_EXPECT_STATE(test, keys, state, fmt, ...) \
	KUNIT_EXPECT_TRUE_MSG(test, ksec_test_is_state(keys, state), fmt, ##__VA_ARGS__)

struct ksec_keys *ksec_test_keys(struct kunit *test, u32 flags, bool initiator);
struct ksec_keys *ksec_test_keys_from(struct kunit *test, u32 flags, const char *hex,
				      bool initiator);

/**
 * struct ksec_test_pair - both ends of a connection
 * @t_client: the initiator's keys
 * @t_server: the acceptor's
 */
struct ksec_test_pair {
	struct ksec_keys *t_client;
	struct ksec_keys *t_server;
};

struct ksec_test_pair ksec_test_pair(struct kunit *test, u32 flags);

/**
 * struct ksec_test_message - a message with one data buffer
 * @t_op:    KSECDD_MESSAGE_*
 * @t_qop:   [in/out] quality of protection
 * @t_data:  the data
 * @t_len:   bytes of it
 * @t_token: the signature
 * @t_room:  [in/out] bytes of @t_token
 * @t_left:  [out] the mechanism says that it left the data alone
 */
struct ksec_test_message {
	u32 t_op;
	u32 t_qop;
	u8 *t_data;
	u32 t_len;
	u8 t_token[KSEC_NTLM_SIGNATURE];
	u32 t_room;
	bool t_left;
};

s32 ksec_test_run(struct ksec_keys *keys, struct ksec_test_message *msg);

struct ksec_file *ksec_test_file(struct kunit *test);
u64 ksec_test_acquire(struct kunit *test, struct ksec_file *file);
struct ksec_context *ksec_test_context(struct kunit *test, struct ksec_file *file, u64 cred);
void ksec_test_establish(struct kunit *test, struct ksec_context *ctx, u32 flags, bool initiator,
			 s64 expiry);
u64 ksec_test_established(struct kunit *test, struct ksec_file *file, u64 cred, bool initiator);

void __user *ksec_test_user(struct kunit *test, size_t size);

/* load_kunit.c */
struct kmem_cache *__real___kmem_cache_create_args(const char *name, unsigned int size,
						   struct kmem_cache_args *args,
						   slab_flags_t flags);
struct kmem_cache *__wrap___kmem_cache_create_args(const char *name, unsigned int size,
						   struct kmem_cache_args *args,
						   slab_flags_t flags);

#endif /* _KSECDD_TESTS_FIXTURE_H */
