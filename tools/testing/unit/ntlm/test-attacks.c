// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has been tried against other NTLM servers, and must not work here.  A17,
 * about signatures, is the module's.
 */
#include <string.h>

#include "helper/ntlm/message.h"
#include "helper/ntlm/ntlm.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

#define HASH	"fc525c9683e8fe067095ba2ddc971889"
#define ACCOUNTS "alice:" HASH ":al\n" "empty:31d6cfe0d16ae931b73c59d7e0c089c0:\n"

static struct server *s;
static struct client c;
static struct bytes msg, raw;

static void reset(void)
{
	if (s)
		server_free(s);
	s = server_new(ACCOUNTS);
	client_init(&c);
	raw.len = 0;
}

/* The first leg, and the message of the second in @msg. */
static void prepare(void)
{
	client_negotiate(&c, &raw);
	if (server_negotiate(s, &raw) != SEC_I_CONTINUE_NEEDED)
		tap_bail("no challenge: %s", s->result.reason);
	client_authenticate(&c, &s->negotiate, &s->challenge, &msg);
	raw.len = 0;
}

/* A01, A07 (CVE-2023-25563, ksmbd dfec7f3): fields that lie outside */
static void test_fields(void)
{
	static const enum client_field fields[] = {
		CLIENT_LM, CLIENT_NT, CLIENT_DOMAIN, CLIENT_USER, CLIENT_WORKSTATION, CLIENT_KEY,
	};
	static const struct {
		uint32_t len, offset;
	} cases[] = {
		{ 0xffff, 0xffffffff }, { 0xffff, 0 }, { 0xffff, 0x40 }, { 1, 0xffffffff },
		{ 2, 0xfffffffe }, { 0xffff, 0xffff0001 }, { 16, 0xfffffff0 },
		{ 16, 0x7ffffff0 }, { 16, 0x80000000 }, { 2, 0 }, { 2, 62 },
	};
	size_t i, j, len, offset;

	reset();
	for (i = 0; i < 6; i++) {
		for (j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
			prepare();
			client_set_field(&msg, fields[i], cases[j].len, cases[j].offset);
			tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN,
			       "A01: field at %d with length 0x%x at 0x%x", fields[i],
			       cases[j].len, cases[j].offset);
		}
		prepare();
		len = client_field_len(&msg, fields[i]);
		client_set_field(&msg, fields[i], len, msg.len - len + 1);
		tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN,
		       "A01: field at %d one byte beyond the end", fields[i]);
	}
	prepare();
	bytes_set16(msg.data + CLIENT_USER + 2, 0);
	bytes_set16(msg.data + CLIENT_NT + 2, 0xffff);
	client_set_mic(&c, &s->negotiate, &s->challenge, &msg);
	tap_is(server_authenticate(s, &msg), SEC_E_OK, "N7: MaxLen is ignored");
	c.workstation = "";
	prepare();
	bytes_set32(msg.data + CLIENT_WORKSTATION + 4, 0xffffffff);
	client_set_mic(&c, &s->negotiate, &s->challenge, &msg);
	tap_is(server_authenticate(s, &msg), SEC_E_OK, "N7: so is where an empty field is");

	c.workstation = "CLIENT";
	prepare();
	offset = client_field_offset(&msg, CLIENT_DOMAIN);
	client_set_field(&msg, CLIENT_USER, client_field_len(&msg, CLIENT_USER), offset + 2);
	tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN, "fields that overlap");
	prepare();
	client_set_field(&msg, CLIENT_LM, 24, client_field_offset(&msg, CLIENT_NT) + 20);
	tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN, "a field within another");
}

/* A02 (CVE-2023-25564): names that are none */
static void test_names(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		int32_t status;
		const char *what;
	} cases[] = {
		{ "a\0l\0i", 5, SEC_E_INVALID_TOKEN, "odd length" },
		{ "\x00\xd8", 2, SEC_E_INVALID_TOKEN, "high surrogate alone" },
		{ "\x00\xdc", 2, SEC_E_INVALID_TOKEN, "low surrogate alone" },
		{ "a\0\x00\xd8z\0", 6, SEC_E_INVALID_TOKEN, "high surrogate before a letter" },
		{ "a\0l\0i\0c\0e\0\0\0", 12, SEC_E_INVALID_TOKEN, "NUL at the end" },
		{ "a\0l\0i\0c\0e\0\0\0x\0", 14, SEC_E_INVALID_TOKEN, "NUL within" },
		{ "\0\0", 2, SEC_E_INVALID_TOKEN, "NUL alone" },
		{ "\x3d\xd8\x00\xde", 4, SEC_E_LOGON_DENIED, "a face" },
		{ "\xff\xff", 2, SEC_E_LOGON_DENIED, "no character" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset();
		bytes_put(&raw, cases[i].bytes, cases[i].len);
		c.user_raw = &raw;
		c.password = "wrong";
		tap_is(server_logon(s, &c), cases[i].status, "A02: user: %s", cases[i].what);
		reset();
		bytes_put(&raw, cases[i].bytes, cases[i].len);
		c.domain_raw = &raw;
		c.password = "wrong";
		tap_is(server_logon(s, &c), cases[i].status, "A02: domain: %s", cases[i].what);
	}
	reset();
	while (raw.len < 2UL * (KSECDD_MAX_NAME + 1))
		bytes_put16(&raw, 'x');
	c.user_raw = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "A02: user of %d characters",
	       KSECDD_MAX_NAME + 1);
	raw.len -= 2;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A02: user of %d characters",
	       KSECDD_MAX_NAME);
	reset();
	c.negotiate = CLIENT_CURL;
	bytes_put(&raw, "alice\0x", 7);
	c.user_raw = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "A02: NUL within an OEM name");
}

/* A03 (CVE-2023-25565, 25567): AV pairs of the wrong size */
static void test_av_pairs(void)
{
	static const struct {
		uint16_t id, len;
	} cases[] = {
		{ 8, 0 }, { 8, 1 }, { 8, 15 }, { 8, 17 }, { 8, 47 },
		{ 10, 0 }, { 10, 1 }, { 10, 15 }, { 10, 17 },
		{ 6, 0 }, { 6, 3 }, { 6, 5 }, { 9, 1 }, { 9, 15 }, { 5, 3 },
	};
	static const uint8_t zero[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reset();
		c.mic = false;
		bytes_put_av(&raw, cases[i].id, zero, cases[i].len);
		c.extra_av = &raw;
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "A03: AV pair %u of %u bytes",
		       cases[i].id, cases[i].len);
	}
	reset();
	bytes_put_av(&raw, 8, zero, 48);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_OK, "Single_Host_Data as it should be");
	reset();
	bytes_put_av(&raw, 6, zero, 4);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "MsvAvFlags twice");
	reset();
	bytes_put_av(&raw, 7, zero, 8);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "MsvAvTimestamp twice");
	reset();
	bytes_put(&raw, "\x05\0\xff\xff", 4);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "an AV pair beyond its list");
	for (i = 1; i < 5; i++) {
		reset();
		bytes_put16(&raw, 0x4711);
		bytes_put16(&raw, i);
		bytes_put(&raw, zero, i - 1);
		c.extra_av = &raw;
		c.no_eol = true;
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN,
		       "an AV pair of %zu bytes, one beyond its list", i);
	}
	for (i = 0; i < 4; i++) {
		reset();
		bytes_put(&raw, zero, i);
		c.extra_av = &raw;
		c.no_eol = true;
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN,
		       "N8: no MsvAvEOL, %zu bytes of something", i);
	}
	reset();
	bytes_put(&raw, "\0\0\1\0", 4);
	c.extra_av = &raw;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N8: MsvAvEOL with a length");
}

/* A06 (CVE-2023-0210), A14 (CVE-2018-1139): responses that are too short, or old */
static void test_responses(void)
{
	static const uint8_t ones[64] = { 1, 1, 1, 1 };
	size_t i, wrong = 0;

	reset();
	for (i = 1; i < 48; i++) {
		raw.len = 0;
		bytes_put(&raw, ones, i);
		c.nt_raw = &raw;
		if (server_logon(s, &c) != (i == 24 ? SEC_E_LOGON_DENIED : SEC_E_INVALID_TOKEN)) {
			tap_diag("length %zu: 0x%08x", i, (unsigned int)s->result.status);
			wrong++;
		}
	}
	tap_is(wrong, 0, "A06, A14, N8: responses of 1 to 47 bytes");
	raw.len = 0;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A14: no NT response");

	reset();
	c.resp_type = 2;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N8: RespType");
	reset();
	c.hi_resp_type = 0;
	tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "N8: HiRespType");
	reset();
	c.behind_eol = 60000;
	tap_is(server_logon(s, &c), SEC_E_OK, "N8: a response of 60,000 bytes");
}

/* A07: session keys */
static void test_session_key(void)
{
	static const size_t lens[] = { 0, 1, 15, 17, 24, 4096 };
	size_t i;

	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		reset();
		c.key_len = lens[i];
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN,
		       "A07, N13: random session key of %zu bytes", lens[i]);
		reset();
		c.key_len = lens[i];
		c.password = "wrong";
		tap_is(server_logon(s, &c), SEC_E_INVALID_TOKEN, "A07, N13: whatever the password");
	}
}

/* A04 (CVE-2023-25566): many times, for the leak checker */
static void test_repeated(void)
{
	unsigned int i, wrong = 0;

	reset();
	c.user = "DOM\\alice";
	for (i = 0; i < 100000; i++)
		wrong += server_logon(s, &c) != SEC_E_LOGON_DENIED;
	tap_is(wrong, 0, "A04: the domain twice, 100000 times");
}

/* A08 (CVE-2022-24882, 24883) */
static void test_empty_password(void)
{
	reset();
	c.user = "empty";
	c.password = "";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A08: the account has no password");
	account_db_free(s->db);
	s->db = NULL;
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A08: no account file, empty password");
	c.user = "alice";
	tap_is(server_logon(s, &c), SEC_E_LOGON_DENIED, "A08: no account file, any user");
}

/* Move the payload of @msg from 88 to 64: no Version, no MIC. */
static void drop_mic(void)
{
	static const enum client_field fields[] = {
		CLIENT_LM, CLIENT_NT, CLIENT_DOMAIN, CLIENT_USER, CLIENT_WORKSTATION, CLIENT_KEY,
	};
	size_t i;

	memmove(msg.data + 64, msg.data + 88, msg.len - 88);
	msg.len -= 24;
	for (i = 0; i < 6; i++)
		client_set_field(&msg, fields[i], client_field_len(&msg, fields[i]),
				 client_field_offset(&msg, fields[i]) - 24);
}

/* Find MsvAvFlags in the message's blob. */
static uint8_t *find_av_flags(void)
{
	size_t at = client_field_offset(&msg, CLIENT_NT) + 16 + 28;
	uint8_t *pair = msg.data + at;

	while (pair[0] != NTLM_AV_FLAGS)
		pair += 4 + pair[2] + 256 * pair[3];
	return pair + 4;
}

/* A09, A10, A11 (CVE-2019-1040, CVE-2016-2110): on the way between the two */
static void test_tampering(void)
{
	const uint32_t protection = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;
	struct bytes real;

	reset();
	prepare();
	drop_mic();
	tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN, "A09: the MIC is dropped");
	prepare();
	drop_mic();
	*find_av_flags() = 0;
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED,
	       "A10: the MIC and its announcement are dropped");
	prepare();
	*find_av_flags() = 0;
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED, "A10: the announcement is dropped");

	/* The client sends one NEGOTIATE_MESSAGE, the server gets another. */
	reset();
	client_negotiate(&c, &real);
	raw = real;
	bytes_set32(raw.data + 12, c.negotiate & ~protection);
	server_negotiate(s, &raw);
	client_authenticate(&c, &real, &s->challenge, &msg);
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED,
	       "A11: SIGN and SEAL are stripped from the NEGOTIATE_MESSAGE");

	/* The server sends one CHALLENGE_MESSAGE, the client gets another. */
	reset();
	client_negotiate(&c, &raw);
	server_negotiate(s, &raw);
	real = s->challenge;
	bytes_set32(s->challenge.data + 20, c.negotiate & ~protection);
	client_authenticate(&c, &raw, &s->challenge, &msg);
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED,
	       "A11: and from the CHALLENGE_MESSAGE");

	reset();
	prepare();
	bytes_set32(msg.data + 60, c.flags & ~protection);
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED,
	       "A11: and from the AUTHENTICATE_MESSAGE");
	/* Without a MIC nobody can tell, but nobody is lied to either. */
	reset();
	c.mic = false;
	prepare();
	bytes_set32(msg.data + 60, c.flags & ~protection);
	tap_is(server_authenticate(s, &msg), SEC_E_OK, "A11: the same without MIC");
	tap_is(s->result.ret_flags, 0, "A11: the context does not claim what it has not");
	tap_is(s->result.mech_flags & protection, 0, "A11: nor has the module keys for it");
}

/* A12: an answer to the challenge of another context */
static void test_relay(void)
{
	struct server *other;
	uint64_t random;

	reset();
	c.mic = false;
	prepare();
	client_negotiate(&c, &raw);
	server_negotiate(s, &raw);
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED,
	       "A12, N6: an answer to an earlier challenge");
	tap_is(server_authenticate(s, &msg), SEC_E_LOGON_DENIED, "A12: the same again");

	/* Even if an attacker could choose the challenge. */
	reset();
	c.mic = false;
	random = s->random;
	other = server_new(ACCOUNTS);
	other->names.nb_computer = "OTHER";
	other->names.dns_computer = "other.dom.example";
	other->random = random;
	client_negotiate(&c, &raw);
	server_negotiate(other, &raw);
	client_authenticate(&c, &other->negotiate, &other->challenge, &msg);
	server_negotiate(s, &raw);
	tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN,
	       "A12, N9: an answer to another server with the same challenge");
	tap_is(server_authenticate(other, &msg), SEC_E_OK, "A12: which that server accepts");
	server_free(other);
}

/* A16, N22: what is no message, or not the one whose turn it is */
static void test_sequence(void)
{
	static const uint32_t types[] = { 0, 1, 2, 4, 0xffffffff };
	static const size_t lens[] = { 0, 1, 7, 8, 11, 12, 63 };
	size_t i;

	reset();
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		prepare();
		msg.len = lens[i];
		tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN, "A16: %zu bytes",
		       lens[i]);
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		prepare();
		bytes_set32(msg.data + 8, types[i]);
		tap_is(server_authenticate(s, &msg), SEC_E_INVALID_TOKEN, "N22: type %u second",
		       types[i]);
	}
	prepare();
	tap_is(server_step(s, 0, msg.data, msg.len), SEC_E_INVALID_TOKEN, "N22: type 3 first");
	prepare();
	tap_is(server_step(s, 0, s->challenge.data, s->challenge.len), SEC_E_INVALID_TOKEN,
	       "N22: type 2 from the client");
	client_negotiate(&c, &raw);
	tap_is(server_authenticate(s, &raw), SEC_E_INVALID_TOKEN, "N22: type 1 twice");
	prepare();
	tap_is(server_step(s, 2, msg.data, msg.len), SEC_E_INVALID_TOKEN, "N22: a third leg");
	tap_is(server_step(s, UINT32_MAX, msg.data, msg.len), SEC_E_INVALID_TOKEN,
	       "N22: the last leg there is");
	tap_is(server_authenticate(s, &msg), SEC_E_OK, "and the message was good");
}

/* The state has been in the module only; nonsense is still no reason to crash. */
static void test_state(void)
{
	uint8_t state[KSECDD_MAX_STATE];
	size_t len, i, wrong = 0;

	reset();
	prepare();
	len = s->state_len;
	memcpy(state, s->state, len);
	for (i = 0; i < len; i++) {
		s->state_len = i;
		wrong += server_authenticate(s, &msg) != SEC_E_INTERNAL_ERROR;
	}
	tap_is(wrong, 0, "a state cut off anywhere");
	s->state_len = len + 1;
	tap_is(server_authenticate(s, &msg), SEC_E_INTERNAL_ERROR, "a state with a byte too many");
	s->state_len = len;
	for (i = 0; i < 6; i++) {
		s->state[i] ^= 0xff;
		tap_is(server_authenticate(s, &msg), SEC_E_INTERNAL_ERROR, "a state, byte %zu", i);
		s->state[i] = state[i];
	}
	for (wrong = 0, i = 6; i < len; i++) {
		s->state[i] ^= 0xff;
		wrong += server_authenticate(s, &msg) == SEC_E_OK;
		s->state[i] = state[i];
	}
	tap_is(wrong, 0, "a state with any byte changed makes no logon");
	s->state[0]++;
	tap_is(server_authenticate(s, &msg), SEC_E_INTERNAL_ERROR, "a state of another version");
	s->state[0]--;
	tap_is(server_authenticate(s, &msg), SEC_E_OK, "the state as it was");
}

int main(void)
{
	test_fields();
	test_names();
	test_av_pairs();
	test_responses();
	test_session_key();
	test_repeated();
	test_empty_password();
	test_tampering();
	test_relay();
	test_sequence();
	test_state();
	server_free(s);
	return tap_done();
}
