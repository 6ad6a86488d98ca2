// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos' message protection in the module against tokens that MIT krb5 made,
 * by both ways that lead to it: the device, for an established context, and the
 * request file, for one that is not yet.
 *
 * What a peer sends must be accepted, by the side it was sent to.  What does not
 * depend on a confounder must come out of the module byte for byte.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "krb5_session.h"
#include "suite.h"
#include "tools/testing/vectors/krb5.h"

static const struct krb5_kat_token kats[] = KRB5_KAT_TOKENS;
static uint8_t plain[64];
static size_t plain_len;

static struct ksecdd_krb5_keys keys_of(const struct krb5_kat_token *kat)
{
	struct ksecdd_krb5_keys keys = krb5_session_keys(kat->enctype, 0);

	REQUIRE_EQ(from_hex(kat->key, keys.key, sizeof(keys.key)), keys.key_len);
	keys.send_seq = kat->seq;
	keys.receive_seq = kat->seq;
	return keys;
}

static uint32_t flags_of(const struct krb5_kat_token *kat, bool sender)
{
	bool initiator = kat->from_acceptor ? !sender : sender;

	return KSECDD_KRB5_ACCEPTOR_SUBKEY | KSECDD_KRB5_SEQUENCE_DETECT |
	       (initiator ? KSECDD_KRB5_INITIATOR : 0);
}

static const char *name_of(const struct krb5_kat_token *kat)
{
	static char name[80];

	snprintf(name, sizeof(name), "enctype %u, token %zu", kat->enctype, (size_t)(kat - kats));
	return name;
}

/* The receiving side, in one piece */
static void accept_stream(struct krb5_session *s, const struct krb5_kat_token *kat)
{
	uint8_t token[256];
	size_t len = from_hex(kat->token, token, sizeof(token)), data_len = 0;
	const uint8_t *data = NULL;
	uint32_t qop = 1;

	if (kat->op == KRB5_KAT_MIC) {
		CHECK_STATUS(krb5_session_verify(s, plain, plain_len, token, len), SEC_E_OK);
		return;
	}
	CHECK_STATUS(krb5_session_decrypt(s, token, len, &data, &data_len, &qop), SEC_E_OK);
	CHECK_EQ(qop, kat->op == KRB5_KAT_WRAP ? SECQOP_WRAP_NO_ENCRYPT : 0);
	REQUIRE_EQ(data_len, plain_len);
	CHECK(data >= token && data + data_len <= token + len);
	CHECK_MEM(data, plain, plain_len);
}

/* The receiving side, token and data apart: cut where the data is as long as it has to be */
static void accept_parts(struct krb5_session *s, const struct krb5_kat_token *kat)
{
	uint8_t token[256];
	size_t len = from_hex(kat->token, token, sizeof(token)), cut = len - plain_len;
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, token + cut, 7), buffer(SECBUFFER_TOKEN, token, cut),
		buffer(SECBUFFER_DATA, token + cut + 7, plain_len - 7),
	};
	struct ksecdd_message msg = {};

	if (kat->op == KRB5_KAT_MIC)
		return;
	REQUIRE_EQ(message_call(&s->call, KSECDD_MESSAGE_DECRYPT, bufs, 3, &msg), 0);
	CHECK_STATUS(msg.status, SEC_E_OK);
	CHECK_EQ(msg.qop, kat->op == KRB5_KAT_WRAP ? SECQOP_WRAP_NO_ENCRYPT : 0);
	CHECK_MEM(token + cut, plain, plain_len);
}

static void accepted(void)
{
	struct krb5_session s;
	size_t i, parts;

	for (i = 0; i < 2 * ARRAY_SIZE(kats); i++) {
		const struct krb5_kat_token *kat = &kats[i / 2];
		struct ksecdd_krb5_keys keys = keys_of(kat);

		parts = i % 2;
		krb5_session_open_keys(&s, &keys, flags_of(kat, false));
		(parts ? accept_parts : accept_stream)(&s, kat);
		krb5_session_close(&s);
		if (suite_failed()) {
			suite_note("%s, %s", name_of(kat), parts ? "in parts" : "as a stream");
			return;
		}
	}
}

/* The sending side: checksums are the same, and so is all of a message that is not sealed */
static void made(void)
{
	uint8_t want[256], have[256], out[256];
	struct krb5_session s;
	size_t i, len, out_len;
	bool sealed;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		const struct krb5_kat_token *kat = &kats[i];
		struct ksecdd_krb5_keys keys = keys_of(kat);
		size_t want_len = from_hex(kat->token, want, sizeof(want));
		size_t mac_len = krb5_mac_len(kat->enctype);

		krb5_session_open_keys(&s, &keys, flags_of(kat, true));
		switch (kat->op) {
		case KRB5_KAT_MIC:
			CHECK_STATUS(krb5_session_sign(&s, plain, plain_len, have, &len), SEC_E_OK);
			break;
		case KRB5_KAT_WRAP:
			CHECK_STATUS(krb5_session_encrypt(&s, false, plain, plain_len, have, &len),
				     SEC_E_OK);
			/* The module rotates by the checksum, MIT not at all. */
			want[7] = (uint8_t)mac_len;
			memmove(want + 16 + mac_len, plain, plain_len);
			from_hex(kat->token + 2 * (want_len - mac_len), want + 16, mac_len);
			break;
		default:
			CHECK_STATUS(krb5_session_encrypt(&s, true, plain, plain_len, have, &len),
				     SEC_E_OK);
			CHECK(krb5_peer_unwrap(&s.peer, have, len, out, &out_len, &sealed));
			CHECK(sealed && out_len == plain_len && !memcmp(out, plain, plain_len));
			/* Flags, filler, extra count and sequence number are those of MIT. */
			memcpy(have + 6, want + 6, 2);
			want_len = 16;
		}
		CHECK(len >= want_len);
		CHECK_MEM(have, want, want_len);
		krb5_session_close(&s);
		if (suite_failed()) {
			suite_note("%s", name_of(kat));
			return;
		}
	}
}

/* In the helper's thread, while the test waits for it in ACCEPT */
static void by_request_file(int fd, const struct request *req, void *data)
{
	const struct krb5_kat_token *kat = data;
	const struct ksecdd_krb5_keys keys = keys_of(kat);
	struct krb5_session s = { .call = { .cmd = KSECDD_REQ_MESSAGE, .fd = fd } };

	(void)req;
	CHECK_EQ(request_set_keys(fd, KSECDD_PACKAGE_NTLM, flags_of(kat, false),
				  (const uint8_t *)&keys, sizeof(keys)), -EINVAL);
	CHECK_EQ(request_set_keys(fd, KSECDD_PACKAGE_KERBEROS, flags_of(kat, false),
				  (const uint8_t *)&keys, sizeof(keys)), 0);
	accept_stream(&s, kat);
	CHECK_EQ(request_set_keys(fd, KSECDD_PACKAGE_KERBEROS, flags_of(kat, false),
				  (const uint8_t *)&keys, sizeof(keys)), -EBUSY);
}

static void half_open(void)
{
	int dev = device_open();
	uint64_t cred = device_acquire_package(dev, KSECDD_PACKAGE_KERBEROS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kats); i++) {
		struct verdict verdict = verdict_fail(SEC_E_LOGON_DENIED);
		struct ksecdd_accept accept = {};

		verdict.hook = by_request_file;
		verdict.data = (void *)&kats[i];
		REQUIRE_EQ(device_accept(dev, cred, 0, &verdict, &accept), 0);
		CHECK_STATUS(accept.status, SEC_E_LOGON_DENIED);
		if (suite_failed()) {
			suite_note("%s", name_of(&kats[i]));
			break;
		}
	}
	close(dev);
}

/* RFC 4757 */
static void arcfour(void)
{
	struct ksecdd_krb5_keys keys = krb5_session_keys(KSECDD_KRB5_ARCFOUR_HMAC, 0);
	uint8_t token[64], data[32], padding[1], whole[128];
	struct ksecdd_buffer bufs[3];
	const uint8_t *out = NULL;
	size_t len, out_len = 0;
	struct krb5_session s;
	uint32_t qop = 1;

	from_hex(KRB5_KAT_ARCFOUR_KEY, keys.key, sizeof(keys.key));
	keys.receive_seq = KRB5_KAT_ARCFOUR_SEQ;
	len = from_hex(KRB5_KAT_ARCFOUR_PLAIN, plain, sizeof(plain));

	bufs[0] = buffer(SECBUFFER_TOKEN, token,
			 from_hex(KRB5_KAT_ARCFOUR_TOKEN, token, sizeof(token)));
	bufs[1] = buffer(SECBUFFER_DATA, data,
			 from_hex(KRB5_KAT_ARCFOUR_DATA, data, sizeof(data)));
	bufs[2] = buffer(SECBUFFER_PADDING, padding,
			 from_hex(KRB5_KAT_ARCFOUR_PADDING, padding, sizeof(padding)));
	krb5_session_open_keys(&s, &keys, KSECDD_KRB5_ARCFOUR | KSECDD_KRB5_SEQUENCE_DETECT);
	CHECK_STATUS(message_status(&s.call, KSECDD_MESSAGE_DECRYPT, bufs, 3), SEC_E_OK);
	CHECK_MEM(data, plain, len);
	krb5_session_close(&s);

	krb5_session_open_keys(&s, &keys, KSECDD_KRB5_ARCFOUR | KSECDD_KRB5_SEQUENCE_DETECT);
	CHECK_STATUS(krb5_session_decrypt(&s, whole,
					  from_hex(KRB5_KAT_ARCFOUR_TOKEN KRB5_KAT_ARCFOUR_DATA
						   KRB5_KAT_ARCFOUR_PADDING, whole, sizeof(whole)),
					  &out, &out_len, &qop), SEC_E_OK);
	CHECK_EQ(qop, 0);
	REQUIRE_EQ(out_len, len);
	CHECK_MEM(out, plain, len);
	krb5_session_close(&s);
	plain_len = from_hex(KRB5_KAT_TOKEN_PLAIN, plain, sizeof(plain));
}

static const struct suite_test tests[] = {
	{ "tokens of MIT krb5 are accepted", accepted, 0 },
	{ "tokens are made as MIT krb5 makes them", made, 0 },
	{ "a half-open context does the same", half_open, 0 },
	{ "arcfour-hmac: MS-KILE's example", arcfour, 0 },
};

int main(void)
{
	int ret;

	krb5_session_start();
	plain_len = from_hex(KRB5_KAT_TOKEN_PLAIN, plain, sizeof(plain));
	ret = suite_run(tests, ARRAY_SIZE(tests));
	krb5_session_stop();
	return ret;
}
