// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of a TLS connection, for the suites of the record layer.
 */
#include <linux/err.h>
#include <linux/string.h>

#include "tls_fixture.h"

static void ksec_tls_test_end(void *keys)
{
	ksec_tls_mech.destroy(keys);
}

/* Something that is not zero, up to @len bytes of it. */
static void ksec_tls_fill(u8 *bytes, u32 len, u8 seed)
{
	u32 i;

	for (i = 0; i < len; i++)
		bytes[i] = seed + i;
}

static void ksec_tls_given_half(struct ksecdd_tls_half *half, bool is_13, u8 cipher, u8 seed)
{
	const struct ksec_tls_cipher *row = ksec_tls_cipher(cipher);

	if (is_13) {
		ksec_tls_fill(half->secret, 32, seed);
	} else {
		ksec_tls_fill(half->key, row->c_key_len, seed);
		ksec_tls_fill(half->iv, row->c_salt_len, seed + 1);
		half->seq = 1;
	}
}

/**
 * ksec_tls_given() - keys as a helper sets them
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 *
 * Return: the keys
 */
struct ksecdd_tls_keys ksec_tls_given(u16 version, u8 cipher)
{
	struct ksecdd_tls_keys given = {
		.version = version,
		.suite = 0x1301,
		.cipher = cipher,
		.hash = KSECDD_TLS_SHA256,
		.group = 29,
	};

	ksec_tls_given_half(&given.rx, version == KSECDD_TLS_1_3, cipher, 0x11);
	ksec_tls_given_half(&given.tx, version == KSECDD_TLS_1_3, cipher, 0x83);
	return given;
}

/**
 * ksec_tls_test_keys() - the keys of one end
 * @test:      the test they are for
 * @given:     keys as a helper sets them
 * @initiator: of the client's side
 *
 * Return: the keys, which end with the test
 */
struct ksec_keys *ksec_tls_test_keys(struct kunit *test, const struct ksecdd_tls_keys *given,
				     bool initiator)
{
	struct ksec_keys *keys;

	keys = ksec_tls_mech.create(0, (const u8 *)given, sizeof(*given), initiator);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(keys), "cipher %u: %pe", given->cipher, keys);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ksec_tls_test_end, keys), 0);
	return keys;
}

/**
 * ksec_tls_pair_from() - both ends of a connection with certain keys
 * @test:  the test it is for
 * @given: the keys
 *
 * Return: both ends
 */
struct ksec_tls_pair ksec_tls_pair_from(struct kunit *test, const struct ksecdd_tls_keys *given)
{
	struct ksec_tls_pair pair = {
		.p_service = ksec_tls_test_keys(test, given, false),
		.p_client = ksec_tls_test_keys(test, given, true),
		.p_mem = kunit_kzalloc(test, KSEC_TLS_TEST_ROOM, GFP_KERNEL),
	};

	KUNIT_ASSERT_NOT_NULL(test, pair.p_mem);
	return pair;
}

/**
 * ksec_tls_pair() - both ends of a connection
 * @test:    the test it is for
 * @version: KSECDD_TLS_1_2 or _1_3
 * @cipher:  KSECDD_TLS_*
 *
 * Return: both ends
 */
struct ksec_tls_pair ksec_tls_pair(struct kunit *test, u16 version, u8 cipher)
{
	struct ksecdd_tls_keys given = ksec_tls_given(version, cipher);

	return ksec_tls_pair_from(test, &given);
}

/**
 * ksec_tls_send() - a record of any kind
 * @test:   aborted if it cannot be made
 * @from:   who sends it
 * @type:   what is in it
 * @data:   that
 * @len:    its bytes
 * @record: receives it
 *
 * Return: its bytes
 */
u32 ksec_tls_send(struct kunit *test, struct ksec_keys *from, u8 type, const void *data, u32 len,
		  u8 *record)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(from);
	u32 header = ksec_tls_header(keys);
	int err;

	memcpy(record + header, data, len);
	mutex_lock(&keys->k_tx.w_lock);
	err = ksec_tls_seal_record(keys, type, record + header, len);
	mutex_unlock(&keys->k_tx.w_lock);
	KUNIT_ASSERT_EQ(test, err, 0);
	return header + len + ksec_tls_trailer(keys);
}

/**
 * ksec_tls_receive() - a record as DecryptMessage has it
 * @keys:   who receives it
 * @record: the record
 * @len:    its bytes
 * @rec:    becomes what is in it
 *
 * Return: SECURITY_STATUS
 */
s32 ksec_tls_receive(struct ksec_keys *keys, u8 *record, u32 len, struct ksec_record *rec)
{
	s32 status;
	u32 whole;

	status = ksec_tls_frame(keys, record, &whole);
	if (status != SEC_E_OK)
		return status;
	if (whole != len)
		return SEC_E_INCOMPLETE_MESSAGE;
	rec->data = record;
	rec->len = len;
	return ksec_tls_decrypt(keys, rec);
}

static void ksec_tls_expect_arrives(struct kunit *test, struct ksec_keys *from,
				    struct ksec_keys *to, u8 *mem)
{
	static const char text[] = "all is well";
	struct ksec_record rec;
	u32 len;

	len = ksec_tls_send(test, from, KSEC_TLS_DATA, text, sizeof(text), mem);
	KUNIT_EXPECT_EQ(test, ksec_tls_receive(to, mem, len, &rec), SEC_E_OK);
	KUNIT_EXPECT_EQ(test, rec.len, sizeof(text));
	KUNIT_EXPECT_MEMEQ(test, rec.data, text, sizeof(text));
}

/**
 * ksec_tls_expect_works() - expect that a record each way arrives
 * @test: the test
 * @pair: both ends
 */
void ksec_tls_expect_works(struct kunit *test, struct ksec_tls_pair *pair)
{
	ksec_tls_expect_arrives(test, pair->p_client, pair->p_service, pair->p_mem);
	ksec_tls_expect_arrives(test, pair->p_service, pair->p_client, pair->p_mem);
}
