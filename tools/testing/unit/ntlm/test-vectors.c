// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Known answers of MS-NLMP 4.2: the daemon's functions one by one, then the
 * messages of the specification through the whole engine.
 */
#include <string.h>

#include "helper/ntlm/crypto.h"
#include "helper/ntlm/ntlm.h"
#include "server.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/vectors/crypto.h"
#include "tools/testing/vectors/ntlm.h"
#include "tools/testing/vectors/ntlm_logon.h"

#define NOBODY	"someone:00112233445566778899aabbccddeeff:\n"

/* struct hex - a vector as bytes */
struct hex {
	uint8_t data[512];
	size_t len;
};

static struct hex hex(const char *text)
{
	struct hex h;

	h.len = bytes_hex(text, h.data, sizeof(h.data));
	return h;
}

static void same(const uint8_t *have, const char *want, const char *name)
{
	struct hex h = hex(want);

	tap_mem(have, h.data, h.len, "%s", name);
}

static struct bytes message(const char *text)
{
	struct bytes b;

	b.len = bytes_hex(text, b.data, sizeof(b.data));
	return b;
}

/* What the daemon uses of them has keys of 16 bytes. */
static void test_crypto(void)
{
	static const struct crypto_kat_rc4 rc4[] = CRYPTO_KAT_RC4;
	static const struct crypto_kat_hash md5[] = CRYPTO_KAT_MD5;
	static const struct crypto_kat_hash hmac[] = CRYPTO_KAT_HMAC_MD5;
	static const uint8_t zeros[8192];
	static uint8_t stream[sizeof(zeros)];
	uint8_t out[16];
	size_t i;

	for (i = 0; i < sizeof(rc4) / sizeof(rc4[0]); i++) {
		struct hex key = hex(rc4[i].key);

		if (key.len != 16)
			continue;
		ntlm_rc4(key.data, zeros, rc4[i].offset + 16, stream);
		same(stream + rc4[i].offset, rc4[i].stream, "RC4");
	}
	for (i = 0; i < sizeof(md5) / sizeof(md5[0]); i++) {
		struct hex data = hex(md5[i].data);
		struct ntlm_span span = { data.data, data.len };

		ntlm_md5(&span, 1, out);
		same(out, md5[i].digest, "MD5");
	}
	for (i = 0; i < sizeof(hmac) / sizeof(hmac[0]); i++) {
		struct hex key = hex(hmac[i].key), data = hex(hmac[i].data);
		/* In two pieces, which is the same. */
		struct ntlm_span spans[] = {
			{ data.data, data.len / 2 },
			{ data.data + data.len / 2, data.len - data.len / 2 },
		};

		if (key.len != 16)
			continue;
		ntlm_hmac(key.data, spans, 2, out);
		same(out, hmac[i].digest, "HMAC-MD5");
	}
}

static void test_hashes(void)
{
	uint8_t ntowfv1[16], ntowfv2[16], out[16];
	struct hex challenge = hex(NTLM_KAT_SERVER_CHALLENGE), temp = hex(NTLM_KAT_TEMP);
	struct hex nt = hex(NTLM_KAT_NT_PROOF NTLM_KAT_TEMP);
	struct ntlm_span spans[] = {
		{ challenge.data, challenge.len }, { temp.data, temp.len },
	};

	tap_ok(ntlm_ntowfv1(NTLM_KAT_PASSWORD, strlen(NTLM_KAT_PASSWORD), ntowfv1),
	       "NTOWFv1 takes UTF-8");
	same(ntowfv1, NTLM_KAT_NTOWFV1, "NTOWFv1");
	ntlm_ntowfv1("", 0, out);
	same(out, NTLM_KAT_NTOWFV1_EMPTY, "NTOWFv1 of the empty password");
	tap_ok(!ntlm_ntowfv1("\xff", 1, out), "NTOWFv1 refuses what is not UTF-8");
	tap_ok(ntlm_ntowfv2(ntowfv1, NTLM_KAT_USER, NTLM_KAT_DOMAIN, ntowfv2),
	       "NTOWFv2 takes UTF-8");
	same(ntowfv2, NTLM_KAT_NTOWFV2, "NTOWFv2");
	ntlm_hmac(ntowfv2, spans, 2, out);
	same(out, NTLM_KAT_NT_PROOF, "NTProofStr");
	tap_ok(ntlm_response_check(ntowfv1, NTLM_KAT_USER, NTLM_KAT_DOMAIN, challenge.data,
				   nt.data, nt.len, out), "the response is right");
	same(out, NTLM_KAT_SESSION_BASE_KEY, "SessionBaseKey");
	tap_ok(ntlm_response_check(ntowfv1, "uSER", NTLM_KAT_DOMAIN, challenge.data, nt.data,
				   nt.len, out), "the case of the user name does not matter");
	tap_ok(!ntlm_response_check(ntowfv1, NTLM_KAT_USER, "DOMAIN", challenge.data, nt.data,
				    nt.len, out), "the case of the domain does");
	nt.data[0] ^= 1;
	tap_ok(!ntlm_response_check(ntowfv1, NTLM_KAT_USER, NTLM_KAT_DOMAIN, challenge.data,
				    nt.data, nt.len, out), "another NTProofStr is wrong");
}

static void test_keys(void)
{
	struct hex base = hex(NTLM_KAT_SESSION_BASE_KEY), random = hex(NTLM_KAT_RANDOM_SESSION_KEY);
	struct hex wrapped = hex(NTLM_KAT_ENCRYPTED_SESSION_KEY);
	struct hex neg = hex(NTLM_KAT_NEGOTIATE), chal = hex(NTLM_KAT_CHALLENGE);
	struct hex auth = hex(NTLM_KAT_AUTHENTICATE);
	struct ntlm_span spans[] = {
		{ neg.data, neg.len }, { chal.data, chal.len }, { auth.data, auth.len },
	};
	uint8_t out[16], zero[16] = { 0 };

	ntlm_rc4(base.data, random.data, 16, out);
	same(out, NTLM_KAT_ENCRYPTED_SESSION_KEY, "EncryptedRandomSessionKey");
	ntlm_rc4(base.data, wrapped.data, 16, wrapped.data);
	same(wrapped.data, NTLM_KAT_RANDOM_SESSION_KEY, "and back, in place");
	ntlm_rc4(zero, random.data, 16, out);
	same(out, NTLM_KAT_ANONYMOUS_SESSION_KEY, "session key of an anonymous client");
	ntlm_hmac(random.data, spans, 3, out);
	same(out, NTLM_KAT_MIC, "MIC");
}

static size_t put_bindings(uint8_t *dst, const struct hex *application)
{
	memset(dst, 0, 32);
	bytes_set32(dst + 24, application->len);
	bytes_set32(dst + 28, 32);
	memcpy(dst + 32, application->data, application->len);
	return 32 + application->len;
}

static void test_bindings(void)
{
	struct hex application = hex(NTLM_KAT_CBT_APPLICATION), none = { .len = 0 };
	uint8_t bindings[256], out[16];
	size_t len, i;

	len = put_bindings(bindings, &application);
	tap_ok(!ntlm_hash_bindings(bindings, len, out), "channel bindings are taken");
	same(out, NTLM_KAT_CBT, "channel bindings hash");
	for (i = 0; i < len; i++)
		if (!ntlm_hash_bindings(bindings, i, out))
			break;
	tap_is(i, len, "channel bindings cut off anywhere are refused");
	tap_ok(!ntlm_hash_bindings(bindings, put_bindings(bindings, &none), out),
	       "channel bindings without application data are taken");
	same(out, NTLM_KAT_CBT_NO_APPLICATION, "their hash is not zero");

	/* RFC 4121: addresses are hashed too, each behind its type and length. */
	static const uint8_t flat[] = {
		2, 0, 0, 0, 3, 0, 0, 0, 'i', 'n', 'i', 255, 0, 0, 0, 2, 0, 0, 0, 'a', 'c',
		1, 0, 0, 0, 'x'
	};
	static const struct ntlm_span flat_span = { flat, sizeof(flat) };
	uint8_t want[16];

	memset(bindings, 0, 32);
	bytes_set32(bindings, 2);
	bytes_set32(bindings + 4, 3);
	bytes_set32(bindings + 8, 33);
	bytes_set32(bindings + 12, 255);
	bytes_set32(bindings + 16, 2);
	bytes_set32(bindings + 20, 36);
	bytes_set32(bindings + 24, 1);
	bytes_set32(bindings + 28, 32);
	memcpy(bindings + 32, "xiniac", 6);
	ntlm_md5(&flat_span, 1, want);
	tap_ok(!ntlm_hash_bindings(bindings, 38, out), "channel bindings with addresses are taken");
	tap_mem(out, want, 16, "their hash covers the addresses");
	for (i = 0; i < 8; i++) {
		uint8_t bad[38];

		if (i == 0 || i == 3)
			continue;
		memcpy(bad, bindings, sizeof(bad));
		bytes_set32(bad + 4 * i, 0xffffffff);
		tap_ok(ntlm_hash_bindings(bad, sizeof(bad), out) != NULL,
		       "word %zu of channel bindings out of bounds is refused", i);
	}
}

static void test_parsing(void)
{
	struct hex neg = hex(NTLM_KAT_NEGOTIATE), chal = hex(NTLM_KAT_CHALLENGE);
	struct hex auth = hex(NTLM_KAT_AUTHENTICATE);
	struct ntlm_negotiate negotiate;
	struct ntlm_challenge challenge;
	struct ntlm_authenticate authenticate;
	struct ntlm_client_blob blob;

	tap_ok(!ntlm_parse_negotiate(neg.data, neg.len, &negotiate), "NEGOTIATE_MESSAGE parses");
	tap_is(negotiate.flags, 0xe20882b7, "its flags");
	tap_ok(!ntlm_parse_challenge(chal.data, chal.len, &challenge), "CHALLENGE_MESSAGE parses");
	tap_is(challenge.flags, 0xe28a8233, "its flags");
	same(challenge.server_challenge, NTLM_KAT_SERVER_CHALLENGE, "its ServerChallenge");
	tap_is(challenge.target_info.value[NTLM_AV_NB_DOMAIN].len, 12, "its NbDomainName");
	tap_is(challenge.target_info.value[NTLM_AV_NB_COMPUTER].len, 12, "its NbComputerName");
	tap_ok(!challenge.target_info.value[NTLM_AV_TIMESTAMP].data, "it has no MsvAvTimestamp");

	tap_ok(!ntlm_parse_authenticate(auth.data, auth.len, &authenticate),
	       "AUTHENTICATE_MESSAGE parses");
	tap_is(authenticate.flags, 0xe2888235, "its flags");
	tap_is(authenticate.payload, 72, "its payload begins behind Version");
	tap_is(authenticate.lm.len, 24, "length of the LMv2 response");
	same(authenticate.lm.data, NTLM_KAT_LMV2, "LMv2 response");
	tap_is(authenticate.nt.len, 84, "length of the NTLMv2 response");
	same(authenticate.nt.data, NTLM_KAT_NT_PROOF NTLM_KAT_TEMP, "NTLMv2 response");
	same(authenticate.session_key.data, NTLM_KAT_ENCRYPTED_SESSION_KEY, "random session key");
	tap_is(authenticate.user.len, 8, "user name");
	tap_is(authenticate.domain.len, 12, "domain");
	tap_is(authenticate.workstation.len, 16, "workstation");
	tap_ok(!ntlm_parse_client_blob(&authenticate.nt, &blob), "the client's blob parses");
	tap_is(blob.timestamp, 0, "its time");
	tap_is(blob.av.value[NTLM_AV_NB_DOMAIN].len, 12, "its NbDomainName");
}

/* The state as it would be if the specification's messages had been ours. */
static void take_challenge(struct server *s)
{
	struct hex neg = hex(NTLM_KAT_NEGOTIATE), chal = hex(NTLM_KAT_CHALLENGE);
	struct ntlm_state state = {
		.negotiate = { neg.data, neg.len }, .challenge = { chal.data, chal.len },
	};

	if (!ntlm_state_write(&state, s->state, sizeof(s->state), &s->state_len))
		tap_bail("the state of the sample messages does not fit");
}

/* AUTHENTICATE_MESSAGE with another NT response of 24 bytes, and maybe LM response */
static struct bytes legacy(const char *nt, const char *lm)
{
	struct bytes b = message(NTLM_KAT_AUTHENTICATE);
	struct hex h = hex(nt);

	memcpy(b.data + client_field_offset(&b, CLIENT_NT), h.data, h.len);
	client_set_field(&b, CLIENT_NT, h.len, client_field_offset(&b, CLIENT_NT));
	h = hex(lm);
	memcpy(b.data + client_field_offset(&b, CLIENT_LM), h.data, h.len);
	return b;
}

static void test_engine(void)
{
	struct server *s = server_new(NTLM_KAT_DOMAIN "\\" NTLM_KAT_USER ":"
				      NTLM_KAT_NTOWFV1 ":local\n");
	struct bytes auth = message(NTLM_KAT_AUTHENTICATE), bad;
	struct engine_result *res = &s->result;

	take_challenge(s);
	s->policy.max_skew = 0;
	tap_is(server_authenticate(s, &auth), SEC_E_OK, "the sample logon is accepted");
	same(res->key, NTLM_KAT_RANDOM_SESSION_KEY, "its ExportedSessionKey");
	tap_is(res->key_len, 16, "length of the key");
	tap_is(res->mech_flags, 0xe2888235 & 0xe28a8233, "flags that hold on both sides");
	tap_is(res->ret_flags, ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT |
	       ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY, "attributes");
	tap_ok(!strcmp(res->account.user, NTLM_KAT_USER) &&
	       !strcmp(res->account.domain, NTLM_KAT_DOMAIN) &&
	       !strcmp(res->account.local, "local"), "account");
	tap_ok(!strcmp(res->workstation, NTLM_KAT_WORKSTATION), "workstation");
	s->policy.max_skew = 129600;
	tap_is(server_authenticate(s, &auth), SEC_E_LOGON_DENIED, "its time, 1601, is refused");

	bad = legacy(NTLM_KAT_NTLMV1_RESPONSE, NTLM_KAT_LMV1_RESPONSE);
	tap_is(server_authenticate(s, &bad), SEC_E_LOGON_DENIED, "NTLMv1 is refused");
	bad = legacy(NTLM_KAT_NTLM2_RESPONSE, NTLM_KAT_NTLM2_LM_RESPONSE);
	tap_is(server_authenticate(s, &bad), SEC_E_LOGON_DENIED, "NTLM2 is refused");
	bad = legacy(NTLM_KAT_NTLMV1_RESPONSE, NTLM_KAT_LMV1_RESPONSE);
	client_set_field(&bad, CLIENT_NT, 0, 0);
	tap_is(server_authenticate(s, &bad), SEC_E_LOGON_DENIED, "LM alone is refused");
	bad = message(NTLM_KAT_AUTHENTICATE);
	client_set_field(&bad, CLIENT_NT, 0, 0);
	tap_is(server_authenticate(s, &bad), SEC_E_LOGON_DENIED, "LMv2 alone is refused");
	server_free(s);

	s = server_new(NOBODY);
	take_challenge(s);
	s->policy.max_skew = 0;
	tap_is(server_authenticate(s, &auth), SEC_E_LOGON_DENIED, "without the account it is refused");
	server_free(s);
}

int main(void)
{
	test_crypto();
	test_hashes();
	test_keys();
	test_bindings();
	test_parsing();
	test_engine();
	return tap_done();
}
