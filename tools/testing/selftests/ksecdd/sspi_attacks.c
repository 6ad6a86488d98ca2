// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What has been tried against NTLM servers, through the whole way from libsspi to
 * the engine: the status is the one that is named, nobody is let in, and the
 * context is dead.  The engine's unit tests have the finer cases.
 */
#include <stdlib.h>

#include <nettle/md5.h>

#include <linux/ksecdd.h>

#include "env.h"
#include "logon.h"
#include "suite.h"

static struct logon l, other;
static struct bytes token, answer;

static const enum client_field fields[] = {
	CLIENT_LM, CLIENT_NT, CLIENT_DOMAIN, CLIENT_USER, CLIENT_WORKSTATION, CLIENT_KEY,
};

static void challenged(void)
{
	logon_end(&l);
	logon_init(&l);
	REQUIRE_STATUS(logon_first(&l), SEC_I_CONTINUE_NEEDED);
}

/* The client's second message, for the test to change. */
static void answered(void)
{
	challenged();
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
}

static bool check_sent(SECURITY_STATUS want)
{
	SecPkgContext_NamesA names;
	bool ok;

	ok = CHECK_STATUS(logon_send(&l, &l.authenticate, &answer), want);
	if (want != SEC_E_OK) {
		/* No second guess at the same challenge */
		CHECK_STATUS(logon_second(&l), SEC_E_INVALID_HANDLE);
		CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NAMES, &names),
			     SEC_E_INVALID_HANDLE);
	}
	logon_end(&l);
	return ok;
}

/* A01: each field, with lengths and offsets that lead out of the message */
static void fields_outside(void)
{
	static const struct {
		uint32_t len, offset;
	} cases[] = {
		{ 0xffff, 0xffffffff }, { 0xffff, 0x40 }, { 1, 0xffffffff }, { 2, 0xfffffffe },
		{ 0xffff, 0xffff0001 }, { 16, 0xfffffff0 }, { 16, 0x7ffffff0 },
		{ 16, 0x80000000 },
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		for (j = 0; j < ARRAY_SIZE(cases); j++) {
			answered();
			client_set_field(&l.authenticate, fields[i], cases[j].len,
					 cases[j].offset);
			if (!check_sent(SEC_E_INVALID_TOKEN))
				suite_note("field at %d: %#x bytes at %#x", fields[i],
					   cases[j].len, cases[j].offset);
		}
	}
}

/* Every field and header value gets random values for a while. */
static void random_fields(void)
{
	unsigned int i, n = suite_count(150), let_in = 0;
	SECURITY_STATUS status;
	size_t at;

	/* Always the same, so that what fails once fails again */
	srandom(4711);
	for (i = 0; i < n; i++) {
		answered();
		at = (size_t)random() % 88;
		if (at >= 72 || random() % 2)
			l.authenticate.data[at] ^= (uint8_t)(1 + random() % 255);
		else
			bytes_set32(l.authenticate.data + at, (uint32_t)random());
		status = logon_send(&l, &l.authenticate, &answer);
		let_in += status == SEC_E_OK;
		if (!CHECK(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN ||
			   status == SEC_E_LOGON_DENIED))
			suite_note("status %#010x with byte %zu changed", (unsigned int)status, at);
		logon_end(&l);
	}
	/* The MIC covers all of it, and the MIC's own bytes are in it. */
	CHECK_EQ(let_in, 0);
}

static void every_bit_of_the_mic(void)
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		answered();
		l.authenticate.data[72 + i] ^= 0x10;
		check_sent(SEC_E_LOGON_DENIED);
	}
}

/* Move the payload from 88 to 64: no Version, no MIC. */
static void drop_mic(void)
{
	struct bytes *m = &l.authenticate;
	size_t i;

	memmove(m->data + 64, m->data + 88, m->len - 88);
	m->len -= 24;
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		client_set_field(m, fields[i], client_field_len(m, fields[i]),
				 client_field_offset(m, fields[i]) - 24);
}

/* MsvAvFlags in the client's part of the response */
static uint8_t *find_av_flags(void)
{
	uint8_t *pair = l.authenticate.data +
			client_field_offset(&l.authenticate, CLIENT_NT) + 16 + 28;

	while (pair[0] != 6)
		pair += 4 + pair[2] + 256 * pair[3];
	return pair + 4;
}

/* A09, A10, A11 */
static void stripped(void)
{
	const uint32_t protection = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;

	answered();
	drop_mic();
	check_sent(SEC_E_INVALID_TOKEN);
	answered();
	drop_mic();
	*find_av_flags() = 0;
	check_sent(SEC_E_LOGON_DENIED);
	answered();
	*find_av_flags() = 0;
	check_sent(SEC_E_LOGON_DENIED);

	/* The client has sent one NEGOTIATE_MESSAGE, the server got another. */
	logon_init(&l);
	client_negotiate(&l.client, &l.negotiate);
	token = l.negotiate;
	bytes_set32(token.data + 12, l.client.negotiate & ~protection);
	REQUIRE_STATUS(logon_send(&l, &token, &l.challenge), SEC_I_CONTINUE_NEEDED);
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_LOGON_DENIED);

	/* The server has sent one CHALLENGE_MESSAGE, the client got another. */
	challenged();
	bytes_set32(l.challenge.data + 20, l.client.negotiate & ~protection);
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_LOGON_DENIED);
}

/* A12: an answer to the challenge of another context */
static void relayed(void)
{
	logon_init(&other);
	REQUIRE_STATUS(logon_first(&other), SEC_I_CONTINUE_NEEDED);
	challenged();
	client_authenticate(&l.client, &l.negotiate, &other.challenge, &l.authenticate);
	check_sent(SEC_E_LOGON_DENIED);
	/* Neither its victim nor anybody else has suffered. */
	CHECK_STATUS(logon_second(&other), SEC_E_OK);
	/* What was good once is not good for another context. */
	challenged();
	l.authenticate = other.authenticate;
	check_sent(SEC_E_LOGON_DENIED);
	logon_end(&other);
}

/* N9: the server's own words must come back. */
static void av_pairs(void)
{
	static const uint16_t ids[] = { 1, 2, 3, 4, 7 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		challenged();
		/* Some of them a server without a DNS domain does not send. */
		l.client.change_av = ids[i];
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		if (i < 2 || ids[i] == 7)
			check_sent(SEC_E_INVALID_TOKEN);
		challenged();
		l.client.drop_av = ids[i];
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		if (i < 2 || ids[i] == 7)
			check_sent(SEC_E_INVALID_TOKEN);
	}
}

/* A06, A14 */
static void old_responses(void)
{
	static struct bytes nt, lm;
	static const size_t lens[] = { 1, 16, 17, 23, 25, 43, 44, 47 };
	uint8_t bytes[64];
	size_t i;

	memset(bytes, 0x5a, sizeof(bytes));
	challenged();
	nt.len = lm.len = 0;
	bytes_put(&nt, bytes, 24);
	bytes_put(&lm, bytes, 24);
	l.client.nt_raw = &nt;
	l.client.lm_raw = &lm;
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_LOGON_DENIED);

	/* LM alone */
	challenged();
	nt.len = 0;
	l.client.nt_raw = &nt;
	l.client.lm_raw = &lm;
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_LOGON_DENIED);

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		challenged();
		nt.len = 0;
		bytes_put(&nt, bytes, lens[i]);
		l.client.nt_raw = &nt;
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		if (!check_sent(SEC_E_INVALID_TOKEN))
			suite_note("a response of %zu bytes", lens[i]);
	}
}

/* A07 */
static void session_keys(void)
{
	static const size_t lens[] = { 0, 15, 17 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		challenged();
		l.client.key_len = lens[i];
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		check_sent(SEC_E_INVALID_TOKEN);
	}
	answered();
	bytes_set32(l.authenticate.data + CLIENT_KEY + 4, 0xfffffff0);
	check_sent(SEC_E_INVALID_TOKEN);
}

static void first_token(const void *data, size_t len, SECURITY_STATUS want)
{
	logon_init(&l);
	token.len = 0;
	bytes_put(&token, data, len);
	if (!CHECK_STATUS(logon_send(&l, &token, &answer), want))
		suite_note("a token of %zu bytes", len);
	CHECK(l.context.dwLower == LOGON_UNTOUCHED);
	logon_end(&l);
}

/* A16, N1, N2 */
static void short_tokens(void)
{
	static const uint32_t types[] = { 0, 2, 3, 4, 0x100, 0xffffffff };
	struct family_status before = status_now();
	uint8_t message[40];
	size_t i;

	logon_init(&l);
	client_negotiate(&l.client, &l.negotiate);
	memcpy(message, l.negotiate.data, sizeof(message));
	for (i = 1; i < 16; i++)
		first_token(message, i, SEC_E_INVALID_TOKEN);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		memcpy(message, l.negotiate.data, sizeof(message));
		bytes_set32(message + 8, types[i]);
		first_token(message, sizeof(message), SEC_E_INVALID_TOKEN);
	}
	for (i = 0; i < 8; i++) {
		client_negotiate(&l.client, &l.negotiate);
		memcpy(message, l.negotiate.data, sizeof(message));
		message[i] ^= 0x20;
		first_token(message, sizeof(message), SEC_E_INVALID_TOKEN);
	}
	memcpy(message, l.negotiate.data, sizeof(message));
	bytes_set32(message + 12, CLIENT_FLAGS & ~(NTLMSSP_NEGOTIATE_UNICODE |
						   NTLMSSP_NEGOTIATE_OEM));
	first_token(message, sizeof(message), SEC_E_INVALID_TOKEN);
	check_gauges(&before);

	for (i = 1; i < 88; i += 3) {
		answered();
		l.authenticate.len = i;
		check_sent(SEC_E_INVALID_TOKEN);
	}
}

/* N22 */
static void out_of_turn(void)
{
	/* The first message again */
	challenged();
	l.authenticate = l.negotiate;
	check_sent(SEC_E_INVALID_TOKEN);
	/* The server's own message */
	challenged();
	l.authenticate = l.challenge;
	check_sent(SEC_E_INVALID_TOKEN);
	/* The second message first, which then is the first of a new context */
	answered();
	token = l.authenticate;
	logon_end(&l);
	first_token(token.data, token.len, SEC_E_INVALID_TOKEN);
}

/* A02, A03 and more: what the engine's tests have in detail */
static void malformed(void)
{
	static const struct {
		const char *name;
		size_t len;
	} names[] = {
		{ "a\0l\0i", 5 }, { "\x00\xd8", 2 }, { "a\0l\0i\0c\0e\0\0\0x\0", 14 },
	};
	static struct bytes raw;
	static const uint8_t zero[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		challenged();
		raw.len = 0;
		bytes_put(&raw, names[i].name, names[i].len);
		l.client.user_raw = &raw;
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		check_sent(SEC_E_INVALID_TOKEN);
	}
	for (i = 0; i < 18; i++) {
		if (i == 16)
			continue;
		challenged();
		raw.len = 0;
		bytes_put_av(&raw, 10, zero, i);
		l.client.extra_av = &raw;
		client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
		check_sent(SEC_E_INVALID_TOKEN);
	}
	challenged();
	l.client.no_eol = true;
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_INVALID_TOKEN);
	challenged();
	l.client.behind_eol = 60000;
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	check_sent(SEC_E_OK);
}

/* N6: no challenge comes twice. */
static void challenges(void)
{
	unsigned int i, j, n = suite_count(200);
	static uint8_t seen[200][8];

	for (i = 0; i < n; i++) {
		challenged();
		memcpy(seen[i], l.challenge.data + 24, 8);
		for (j = 0; j < i; j++)
			CHECK(memcmp(seen[i], seen[j], 8));
		logon_end(&l);
	}
}

static const char application[] = "tls-server-end-point:0123456789abcdef";

static void hash_bindings(const char *data, uint8_t hash[16])
{
	uint8_t head[20] = {};
	struct md5_ctx ctx;

	bytes_set32(head + 16, (uint32_t)strlen(data));
	md5_init(&ctx);
	md5_update(&ctx, sizeof(head), head);
	md5_update(&ctx, strlen(data), (const uint8_t *)data);
	md5_digest(&ctx, 16, hash);
}

/* A15, N14: what the client says x what the service asks for */
static void channel_bindings(void)
{
	static struct {
		SEC_CHANNEL_BINDINGS head;
		char data[sizeof(application)];
	} bindings = {
		.head = { .cbApplicationDataLength = sizeof(application) - 1,
			  .dwApplicationDataOffset = sizeof(SEC_CHANNEL_BINDINGS) },
	};
	static uint8_t right[16], wrong[16], zero[16];
	static const struct {
		const char *what;
		const uint8_t *cbt;
		SECURITY_STATUS without, optional, required;
	} cases[] = {
		{ "the right one", right, SEC_E_OK, SEC_E_OK, SEC_E_OK },
		{ "another one", wrong, SEC_E_OK, SEC_E_BAD_BINDINGS, SEC_E_BAD_BINDINGS },
		{ "zeros", zero, SEC_E_OK, SEC_E_OK, SEC_E_BAD_BINDINGS },
		{ "none", NULL, SEC_E_OK, SEC_E_OK, SEC_E_BAD_BINDINGS },
	};
	SECURITY_STATUS want;
	size_t i, mode;

	memcpy(bindings.data, application, sizeof(application));
	hash_bindings(application, right);
	hash_bindings("tls-server-end-point:another", wrong);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (mode = 0; mode < 3; mode++) {
			logon_init(&l);
			l.client.cbt = cases[i].cbt;
			if (mode) {
				l.bindings = &bindings;
				l.bindings_len = sizeof(bindings);
			}
			if (mode == 1)
				l.req |= ASC_REQ_ALLOW_MISSING_BINDINGS;
			want = mode == 0 ? cases[i].without : mode == 1 ? cases[i].optional :
									   cases[i].required;
			if (!CHECK_STATUS(logon_run(&l), want))
				suite_note("%s, mode %zu", cases[i].what, mode);
			logon_end(&l);
		}
	}

	/* A wrong password is a wrong password, whatever the bindings. */
	logon_init(&l);
	l.client.cbt = wrong;
	l.client.password = "wrong";
	l.bindings = &bindings;
	l.bindings_len = sizeof(bindings);
	CHECK_STATUS(logon_run(&l), SEC_E_LOGON_DENIED);
	logon_end(&l);
}

/* The service's own bindings, wrong */
static void malformed_bindings(void)
{
	static const struct {
		ULONG len, application_len, application_offset;
	} cases[] = {
		{ 1, 0, 0 }, { 31, 0, 0 }, { 32, 1, 32 }, { 40, 9, 32 }, { 40, 8, 33 },
		{ 40, 0xffffffff, 32 }, { 40, 8, 0xffffffff }, { 40, 0xffffffff, 0xffffffff },
	};
	static struct {
		SEC_CHANNEL_BINDINGS head;
		char data[8];
	} bindings;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		logon_init(&l);
		bindings.head.cbApplicationDataLength = cases[i].application_len;
		bindings.head.dwApplicationDataOffset = cases[i].application_offset;
		l.bindings = &bindings;
		l.bindings_len = cases[i].len;
		CHECK_STATUS(logon_first(&l), SEC_E_INVALID_TOKEN);
		logon_end(&l);
	}
}

static void after(void)
{
	logon_end(&l);
	logon_end(&other);
}

static const struct suite_test tests[] = {
	{ .name = "A01: fields that lead out of the message", .run = fields_outside },
	{ .name = "A01: random headers", .run = random_fields },
	{ .name = "every byte of the MIC counts", .run = every_bit_of_the_mic },
	{ .name = "A09, A10, A11: what is stripped on the way", .run = stripped },
	{ .name = "A12: relayed between contexts", .run = relayed },
	{ .name = "N9: AV pairs that do not come back", .run = av_pairs },
	{ .name = "A06, A14: old and short responses", .run = old_responses },
	{ .name = "A07: session keys of another length", .run = session_keys },
	{ .name = "A16: tokens that are no messages", .run = short_tokens },
	{ .name = "N22: messages out of turn", .run = out_of_turn },
	{ .name = "A02, A03: names and AV pairs that are none", .run = malformed },
	{ .name = "N6: challenges", .run = challenges },
	{ .name = "A15: channel bindings", .run = channel_bindings },
	{ .name = "channel bindings that are none", .run = malformed_bindings },
};

int main(void)
{
	suite_after = after;
	return suite_run(tests, ARRAY_SIZE(tests));
}
