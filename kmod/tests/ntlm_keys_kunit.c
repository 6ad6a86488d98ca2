// SPDX-License-Identifier: GPL-2.0-only
/*
 * NTLM's keys: what is derived from which flags, what is refused, and what can be
 * asked of them.
 */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vectors/ntlm.h"

#include "fixture.h"

#define ESS	NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY
#define SIGN	NTLMSSP_NEGOTIATE_SIGN
#define SEAL	NTLMSSP_NEGOTIATE_SEAL
#define ALWAYS	NTLMSSP_NEGOTIATE_ALWAYS_SIGN
#define K128	NTLMSSP_NEGOTIATE_128
#define K56	NTLMSSP_NEGOTIATE_56
#define EXCH	NTLMSSP_NEGOTIATE_KEY_EXCH

/* MS-NLMP 3.4.5.3 */
static const struct ksec_strength {
	const char *name;
	u32 flags;
	const char *client_seal;
	const char *server_seal;
	u32 bits;
} ksec_strengths[] = {
	{ "128 bit", K128, NTLM_KAT_CLIENT_SEAL_KEY_128, NTLM_KAT_SERVER_SEAL_KEY_128, 128 },
	{ "56 bit", K56, NTLM_KAT_CLIENT_SEAL_KEY_56, NTLM_KAT_SERVER_SEAL_KEY_56, 56 },
	{ "40 bit", 0, NTLM_KAT_CLIENT_SEAL_KEY_40, NTLM_KAT_SERVER_SEAL_KEY_40, 40 },
	{ "both", K128 | K56, NTLM_KAT_CLIENT_SEAL_KEY_128, NTLM_KAT_SERVER_SEAL_KEY_128, 128 },
};

KUNIT_ARRAY_PARAM_DESC(ksec_strength, ksec_strengths, name);

static void ksec_keys_expect(struct kunit *test, const struct ksec_ntlm_direction *dir,
			     const char *sign, const char *seal)
{
	struct ksec_bytes sign_key = ksec_test_hex(test, sign);
	struct ksec_bytes seal_key = ksec_test_hex(test, seal);
	struct ksec_hmac_key hmac;
	struct ksec_rc4 rc4;

	KUNIT_ASSERT_EQ(test, ksec_hmac_setkey(&hmac, sign_key.b_data, sign_key.b_len), 0);
	KUNIT_EXPECT_MEMEQ(test, &dir->d_sign, &hmac, sizeof(hmac));
	ksec_rc4_setkey(&rc4, seal_key.b_data, seal_key.b_len);
	KUNIT_EXPECT_MEMEQ(test, &dir->d_seal, &rc4, sizeof(rc4));
	KUNIT_EXPECT_EQ(test, dir->d_seq, 0);
}

static void ksec_keys_schedule(struct kunit *test)
{
	const struct ksec_strength *s = test->param_value;
	struct ksecdd_context_info info = {};
	int initiator;

	for (initiator = 0; initiator < 2; initiator++) {
		struct ksec_keys *opaque;
		struct ksec_ntlm_keys *keys;

		opaque = ksec_test_keys_from(test, s->flags | ESS | SIGN | SEAL,
					     NTLM_KAT_SESSION_KEY, initiator);
		keys = ksec_ntlm_keys(opaque);
		ksec_keys_expect(test, initiator ? &keys->k_send : &keys->k_receive,
				 NTLM_KAT_CLIENT_SIGN_KEY, s->client_seal);
		ksec_keys_expect(test, initiator ? &keys->k_receive : &keys->k_send,
				 NTLM_KAT_SERVER_SIGN_KEY, s->server_seal);
		ksec_ntlm_mech.info(opaque, &info);
		KUNIT_EXPECT_EQ(test, info.key_bits, s->bits);
	}
}

/* What each combination of the three flags is good for */
static const struct ksec_level {
	const char *name;
	u32 flags;
	u8 level;
	bool sign;
	bool encrypt;
} ksec_levels[] = {
	{ "nothing", 0, KSEC_NTLM_NONE, false, false },
	{ "ESS alone", ESS, KSEC_NTLM_NONE, false, false },
	{ "ALWAYS_SIGN", ALWAYS, KSEC_NTLM_DUMMY, true, false },
	{ "ALWAYS_SIGN and ESS", ALWAYS | ESS, KSEC_NTLM_DUMMY, true, false },
	{ "SIGN", SIGN | ESS, KSEC_NTLM_SIGN, true, false },
	{ "SIGN and ALWAYS_SIGN", SIGN | ALWAYS | ESS, KSEC_NTLM_SIGN, true, false },
	{ "SEAL", SEAL | ESS, KSEC_NTLM_SEAL, true, true },
	{ "SEAL and SIGN", SEAL | SIGN | ESS, KSEC_NTLM_SEAL, true, true },
	{ "all", SEAL | SIGN | ALWAYS | ESS, KSEC_NTLM_SEAL, true, true },
};

KUNIT_ARRAY_PARAM_DESC(ksec_level, ksec_levels, name);

static void ksec_keys_levels(struct kunit *test)
{
	const struct ksec_level *l = test->param_value;
	struct ksec_keys *keys = ksec_test_keys(test, l->flags | K128 | EXCH, true);
	struct ksecdd_context_info info = {};
	u8 data[4] = "data";
	struct ksec_test_message msg = { .t_data = data, .t_len = sizeof(data) };
	bool real = l->level >= KSEC_NTLM_SIGN;

	KUNIT_EXPECT_EQ(test, ksec_ntlm_keys(keys)->k_level, l->level);
	msg.t_op = KSECDD_MESSAGE_SIGN;
	msg.t_room = sizeof(msg.t_token);
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &msg),
			l->sign ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION);
	msg.t_op = KSECDD_MESSAGE_ENCRYPT;
	msg.t_room = sizeof(msg.t_token);
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &msg),
			l->encrypt ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION);
	msg.t_op = KSECDD_MESSAGE_VERIFY;
	msg.t_room = 0;
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &msg),
			l->sign ? SEC_E_INVALID_TOKEN : SEC_E_UNSUPPORTED_FUNCTION);
	msg.t_op = KSECDD_MESSAGE_DECRYPT;
	msg.t_room = 0;
	KUNIT_EXPECT_EQ(test, ksec_test_run(keys, &msg),
			real ? SEC_E_INVALID_TOKEN : SEC_E_UNSUPPORTED_FUNCTION);

	ksec_ntlm_mech.info(keys, &info);
	KUNIT_EXPECT_EQ(test, info.mech_flags, l->flags | K128 | EXCH);
	KUNIT_EXPECT_EQ(test, info.key_bits, real ? 128 : 0);
	KUNIT_EXPECT_EQ(test, info.sign_alg, real ? (u32)-138 : 0);
	KUNIT_EXPECT_EQ(test, info.encrypt_alg, l->encrypt ? (u32)-140 : 0);
}

static const struct ksec_refusal {
	const char *name;
	u32 flags;
	u32 len;
} ksec_refusals[] = {
	{ "no ESS, SIGN", SIGN, KSEC_NTLM_KEY },
	{ "no ESS, SEAL", SEAL, KSEC_NTLM_KEY },
	{ "no ESS, a vector's flags", NTLM_KAT_FLAGS_WITHOUT_ESS, KSEC_NTLM_KEY },
	{ "datagrams, SIGN", SIGN | ESS | NTLMSSP_NEGOTIATE_DATAGRAM, KSEC_NTLM_KEY },
	{ "datagrams, SEAL", SEAL | ESS | NTLMSSP_NEGOTIATE_DATAGRAM, KSEC_NTLM_KEY },
	{ "no key", KSEC_TEST_SEAL, 0 },
	{ "no key for nothing", 0, 0 },
	{ "15 bytes", KSEC_TEST_SEAL, KSEC_NTLM_KEY - 1 },
	{ "17 bytes", KSEC_TEST_SEAL, KSEC_NTLM_KEY + 1 },
	{ "most bytes", KSEC_TEST_SEAL, KSECDD_MAX_KEY },
	{ "4 GiB", KSEC_TEST_SEAL, U32_MAX },
};

KUNIT_ARRAY_PARAM_DESC(ksec_refusal, ksec_refusals, name);

static void ksec_keys_refused(struct kunit *test)
{
	static const u8 key[KSECDD_MAX_KEY];
	const struct ksec_refusal *r = test->param_value;
	struct ksec_keys *keys = ksec_ntlm_mech.create(r->flags, key, r->len, false);

	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(keys), -EINVAL);
	if (!IS_ERR(keys))
		ksec_ntlm_mech.destroy(keys);
}

/* A datagram context that protects nothing has no keys that would be wrong. */
static void ksec_keys_datagram_without_protection(struct kunit *test)
{
	ksec_test_keys(test, NTLMSSP_NEGOTIATE_DATAGRAM | ALWAYS, false);
}

static void ksec_keys_session_key(struct kunit *test)
{
	struct ksec_bytes want = ksec_test_hex(test, NTLM_KAT_SESSION_KEY);
	struct ksec_keys *keys;
	struct ksec_test_state state;
	u8 buf[KSECDD_MAX_KEY];

	keys = ksec_test_keys_from(test, KSEC_TEST_SEAL, NTLM_KAT_SESSION_KEY, false);
	memset(buf, 0xee, sizeof(buf));
	KUNIT_EXPECT_EQ(test, ksec_ntlm_mech.session_key(keys, buf), KSEC_NTLM_KEY);
	KUNIT_EXPECT_MEMEQ(test, buf, want.b_data, want.b_len);
	KUNIT_EXPECT_EQ(test, buf[KSEC_NTLM_KEY], 0xee);

	ksec_test_state(keys, &state);
	ksec_ntlm_mech.forget_session_key(keys);
	memset(buf, 0xee, sizeof(buf));
	KUNIT_EXPECT_EQ(test, ksec_ntlm_mech.session_key(keys, buf), 0);
	KUNIT_EXPECT_EQ(test, buf[0], 0xee);
	KUNIT_EXPECT_NULL(test, memchr_inv(ksec_ntlm_keys(keys)->k_key, 0, KSEC_NTLM_KEY));
	/* What protects messages stays. */
	KSEC_EXPECT_STATE(test, keys, &state, "after the session key was forgotten");
}

static void ksec_keys_none(struct kunit *test)
{
	struct ksecdd_context_info info;

	memset(&info, 0xee, sizeof(info));
	ksec_ntlm_mech.info(NULL, &info);
	KUNIT_EXPECT_EQ(test, info.mech_flags, 0);
	KUNIT_EXPECT_EQ(test, info.key_bits, 0);
	KUNIT_EXPECT_EQ(test, info.sign_alg, 0);
	KUNIT_EXPECT_EQ(test, info.encrypt_alg, 0);
	/* As on Windows, the sizes are the package's. */
	KUNIT_EXPECT_EQ(test, info.max_token, 2888);
	KUNIT_EXPECT_EQ(test, info.max_signature, KSEC_NTLM_SIGNATURE);
	KUNIT_EXPECT_EQ(test, info.block_size, 0);
	KUNIT_EXPECT_EQ(test, info.trailer, KSEC_NTLM_SIGNATURE);
	ksec_ntlm_mech.destroy(NULL);
}

/* Another bit of the session key makes other keys. */
static void ksec_keys_depend_on_key(struct kunit *test)
{
	u8 key[KSEC_NTLM_KEY] = {};
	struct ksec_test_state one, other;
	struct ksec_keys *keys;
	unsigned int bit;

	keys = ksec_ntlm_mech.create(KSEC_TEST_SEAL, key, sizeof(key), false);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, keys);
	ksec_test_state(keys, &one);
	ksec_ntlm_mech.destroy(keys);
	for (bit = 0; bit < sizeof(key) * 8; bit++) {
		key[bit / 8] ^= 1 << bit % 8;
		keys = ksec_ntlm_mech.create(KSEC_TEST_SEAL, key, sizeof(key), false);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, keys);
		ksec_test_state(keys, &other);
		ksec_ntlm_mech.destroy(keys);
		KUNIT_EXPECT_MEMNEQ_MSG(test, &one.t_send.t_sign, &other.t_send.t_sign,
					sizeof(one.t_send.t_sign), "bit %u", bit);
		KUNIT_EXPECT_MEMNEQ_MSG(test, &one.t_receive.t_sign, &other.t_receive.t_sign,
					sizeof(one.t_receive.t_sign), "bit %u", bit);
		KUNIT_EXPECT_MEMNEQ_MSG(test, &one.t_send.t_seal, &other.t_send.t_seal,
					sizeof(one.t_send.t_seal), "bit %u", bit);
		KUNIT_EXPECT_MEMNEQ_MSG(test, &one.t_receive.t_seal, &other.t_receive.t_seal,
					sizeof(one.t_receive.t_seal), "bit %u", bit);
		key[bit / 8] ^= 1 << bit % 8;
	}
}

static struct kunit_case ksec_keys_cases[] = {
	KUNIT_CASE_PARAM(ksec_keys_schedule, ksec_strength_gen_params),
	KUNIT_CASE_PARAM(ksec_keys_levels, ksec_level_gen_params),
	KUNIT_CASE_PARAM(ksec_keys_refused, ksec_refusal_gen_params),
	KUNIT_CASE(ksec_keys_datagram_without_protection),
	KUNIT_CASE(ksec_keys_session_key),
	KUNIT_CASE(ksec_keys_none),
	KUNIT_CASE(ksec_keys_depend_on_key),
	{}
};

static struct kunit_suite ksec_keys_suite = {
	.name = "ksecdd_ntlm_keys",
	.test_cases = ksec_keys_cases,
};

kunit_test_suite(ksec_keys_suite);
