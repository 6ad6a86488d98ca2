// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Negotiate through the whole way from libsspi to the engine and back through the
 * module, which makes and judges the MICs: RFC 4178 and MS-SPNG with a client of our
 * own, right and wrong.  The engine's unit tests have the finer cases.
 */
#include <stdlib.h>

#include <linux/ksecdd.h>

#include "logon.h"
#include "ntlm_peer.h"
#include "suite.h"
#include "tools/testing/unit/spnego/wire.h"

static struct logon l;
static struct bytes token, answer, list;
static struct ntlm_peer peer;
static const struct wire_part nothing;

static CredHandle *negotiate_cred(void)
{
	static CredHandle cred;
	static bool have;
	SEC_CHAR name[] = "negotiate";

	if (!have)
		REQUIRE_STATUS(AcquireCredentialsHandleA(NULL, name, SECPKG_CRED_INBOUND, NULL,
							 NULL, NULL, NULL, &cred, NULL), SEC_E_OK);
	have = true;
	return &cred;
}

static void begin(void)
{
	logon_end(&l);
	logon_init(&l);
	l.cred = negotiate_cred();
	l.client.mic = true;
	client_negotiate(&l.client, &l.negotiate);
}

static struct wire_part part_of(const struct bytes *b)
{
	return (struct wire_part){ b->data, b->len };
}

static SECURITY_STATUS send_init(const char *mechs, struct wire_part inner, struct wire_part mic)
{
	wire_mechs(&list, mechs);
	wire_init(&token, mechs, inner, mic);
	return logon_send(&l, &token, &answer);
}

static SECURITY_STATUS send_resp(const struct wire_resp *resp)
{
	wire_resp(&token, resp);
	return logon_send(&l, &token, &answer);
}

/* The challenge is in the last answer; the client has its keys afterwards. */
static void authenticate(void)
{
	struct wire_resp resp;

	REQUIRE(wire_read_resp(answer.data, answer.len, &resp) && resp.token.data);
	l.challenge.len = 0;
	bytes_put(&l.challenge, resp.token.data, resp.token.len);
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
}

/* MS-SPNG 3.2.5.1: the key stream goes back, the sequence number does not. */
static void make_mic(uint8_t mic[16])
{
	const struct ntlm_piece piece = { list.data, list.len, false };
	const struct arcfour_ctx before = peer.send.rc4;

	ntlm_peer_protect(&peer, &piece, 1, mic);
	peer.send.rc4 = before;
}

static bool take_mic(const struct wire_part *mic)
{
	const struct ntlm_piece piece = { list.data, list.len, false };
	const struct arcfour_ctx before = peer.receive.rc4;
	bool ok = mic->len == 16 && ntlm_peer_accept(&peer, &piece, 1, mic->data);

	peer.receive.rc4 = before;
	return ok;
}

/* The last token, with the client's MIC or what the test makes of it. */
static SECURITY_STATUS send_last(struct wire_part mic)
{
	struct wire_resp resp = { .state = WIRE_NO_STATE, .token = part_of(&l.authenticate),
				  .mic = mic };

	return send_resp(&resp);
}

/* A message each way: with the MICs counted, and from the first byte of the streams. */
static void check_messages(unsigned int count)
{
	uint8_t data[32] = "negotiated", signature[16];
	struct ntlm_piece piece = { data, sizeof(data), true };
	SecBuffer buffers[] = {
		{ sizeof(signature), SECBUFFER_TOKEN, signature },
		{ sizeof(data), SECBUFFER_DATA, data },
	};
	SecBufferDesc desc = { SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers };
	uint8_t was[sizeof(data)];
	ULONG qop;

	memcpy(was, data, sizeof(data));
	CHECK_EQ(peer.send.seq, count);
	CHECK_EQ(peer.receive.seq, count);
	ntlm_peer_protect(&peer, &piece, 1, signature);
	CHECK_STATUS(DecryptMessage(&l.context, &desc, 0, &qop), SEC_E_OK);
	CHECK_MEM(data, was, sizeof(data));
	CHECK_STATUS(EncryptMessage(&l.context, 0, &desc, 0), SEC_E_OK);
	CHECK(ntlm_peer_accept(&peer, &piece, 1, signature));
	CHECK_MEM(data, was, sizeof(data));
}

static void check_package(const char *name, ULONG state)
{
	SecPkgContext_NegotiationInfoA info;
	SecPkgContext_PackageInfoA package;

	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NEGOTIATION_INFO, &info),
		       SEC_E_OK);
	CHECK(!strcmp(info.PackageInfo->Name, name));
	CHECK_EQ(info.NegotiationState, state);
	FreeContextBuffer(info.PackageInfo);
	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_PACKAGE_INFO, &package),
		       SEC_E_OK);
	CHECK(!strcmp(package.PackageInfo->Name, name));
	FreeContextBuffer(package.PackageInfo);
}

static void check_name(void)
{
	SecPkgContext_NamesA names;

	REQUIRE_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
	CHECK(strstr(names.sUserName, "alice"));
	FreeContextBuffer(names.sUserName);
}

/* After any failure the context is dead, and another begins as if nothing had been. */
static void check_dead(void)
{
	SecPkgContext_NamesA names;

	CHECK_STATUS(QueryContextAttributesA(&l.context, SECPKG_ATTR_NAMES, &names),
		     SEC_E_INVALID_HANDLE);
	CHECK_STATUS(logon_send(&l, &token, &answer), SEC_E_INVALID_HANDLE);
	logon_end(&l);
}

static void optimistic(void)
{
	struct wire_resp resp;
	uint8_t mic[16];

	begin();
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	check_package("Negotiate", SECPKG_NEGOTIATION_IN_PROGRESS);
	authenticate();
	make_mic(mic);
	REQUIRE_STATUS(send_last((struct wire_part){ mic, 16 }), SEC_E_OK);
	REQUIRE(wire_read_resp(answer.data, answer.len, &resp));
	CHECK_EQ(resp.state, WIRE_COMPLETED);
	CHECK(take_mic(&resp.mic));
	CHECK_EQ(l.attr & LOGON_RET, LOGON_RET);
	check_package("NTLM", SECPKG_NEGOTIATION_COMPLETE);
	check_name();
	check_messages(1);
	CHECK_STATUS(logon_send(&l, &token, &answer), SEC_E_INVALID_TOKEN);
	check_messages(2);
	logon_end(&l);
}

/* Somebody else's mechanism first: its token is not looked at. */
static void request_mic(void)
{
	struct wire_resp resp = { .state = WIRE_NO_STATE }, got;
	uint8_t mic[16];

	begin();
	REQUIRE_STATUS(send_init(WIRE_NEGOEX WIRE_NTLM, (struct wire_part){ "NEGOEXTS\xff", 9 },
				 nothing), SEC_I_CONTINUE_NEEDED);
	REQUIRE(wire_read_resp(answer.data, answer.len, &got));
	CHECK_EQ(got.state, WIRE_REQUEST_MIC);
	CHECK(!got.token.data && !got.mic.data && got.mech.len == 12);
	resp.token = part_of(&l.negotiate);
	REQUIRE_STATUS(send_resp(&resp), SEC_I_CONTINUE_NEEDED);
	authenticate();
	make_mic(mic);
	REQUIRE_STATUS(send_last((struct wire_part){ mic, 16 }), SEC_E_OK);
	REQUIRE(wire_read_resp(answer.data, answer.len, &got));
	CHECK(take_mic(&got.mic));
	check_messages(1);
	logon_end(&l);
}

/* Somebody on the way takes Kerberos off the list (B06, CVE-2016-2110). */
static void downgrade(void)
{
	uint8_t mic[16];

	begin();
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	authenticate();
	wire_mechs(&list, WIRE_KRB5 WIRE_NTLM);
	make_mic(mic);
	CHECK_STATUS(send_last((struct wire_part){ mic, 16 }), SEC_E_MESSAGE_ALTERED);
	check_dead();
	/* ... and the MIC with it */
	begin();
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	authenticate();
	CHECK_STATUS(send_last(nothing), SEC_E_INVALID_TOKEN);
	check_dead();
}

static void wrong_mics(void)
{
	static const struct {
		size_t at, len;
		SECURITY_STATUS status;
	} cases[] = {
		{ 0, 16, SEC_E_INVALID_TOKEN }, { 4, 16, SEC_E_MESSAGE_ALTERED },
		{ 11, 16, SEC_E_MESSAGE_ALTERED }, { 12, 16, SEC_E_MESSAGE_ALTERED },
		{ 0, 15, SEC_E_INVALID_TOKEN }, { 0, 0, SEC_E_INVALID_TOKEN },
		{ 4, 64, SEC_E_MESSAGE_ALTERED }, { 0, 4096, SEC_E_INVALID_TOKEN },
	};
	static uint8_t mic[4096];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing),
			       SEC_I_CONTINUE_NEEDED);
		authenticate();
		make_mic(mic);
		mic[cases[i].at] ^= 1;
		if (!CHECK_STATUS(send_last((struct wire_part){ mic, cases[i].len }),
				  cases[i].status))
			suite_note("case %zu", i);
		check_dead();
	}
}

static void no_mic_needed(void)
{
	struct wire_resp resp;

	begin();
	l.client.mic = false;
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	authenticate();
	REQUIRE_STATUS(send_last(nothing), SEC_E_OK);
	REQUIRE(wire_read_resp(answer.data, answer.len, &resp));
	CHECK(resp.state == WIRE_COMPLETED && !resp.mic.data);
	check_messages(0);
	logon_end(&l);
}

static void raw(void)
{
	static const char *const others[] = { "", "NTLMSS", "GET / HTTP/1.1", "\x6e\x03xyz" };
	size_t i;

	begin();
	REQUIRE_STATUS(logon_send(&l, &l.negotiate, &l.challenge), SEC_I_CONTINUE_NEEDED);
	CHECK_MEM(l.challenge.data, "NTLMSSP", 8);
	client_authenticate(&l.client, &l.negotiate, &l.challenge, &l.authenticate);
	ntlm_peer_init(&peer, l.client.flags, l.client.exported_key);
	REQUIRE_STATUS(logon_send(&l, &l.authenticate, &answer), SEC_E_OK);
	CHECK_EQ(answer.len, 0);
	check_package("NTLM", SECPKG_NEGOTIATION_COMPLETE);
	check_messages(0);
	for (i = 1; i < ARRAY_SIZE(others); i++) {
		begin();
		token.len = 0;
		bytes_put(&token, others[i], strlen(others[i]));
		CHECK_STATUS(logon_send(&l, &token, &answer), SEC_E_INVALID_TOKEN);
	}
}

/* The kernel keeps what came, and the service gets nothing to send. */
static void pieces(void)
{
	static struct bytes whole, piece;
	struct wire_resp resp;
	size_t at, n = 0;
	uint8_t mic[16];

	begin();
	wire_mechs(&list, WIRE_NTLM);
	wire_init(&whole, WIRE_NTLM, part_of(&l.negotiate), nothing);
	for (at = 0; at < whole.len; at += piece.len) {
		piece.len = 0;
		bytes_put(&piece, whole.data + at, at ? 1 : 2);
		n = at;
		REQUIRE_STATUS(logon_send(&l, &piece, &answer), SEC_I_CONTINUE_NEEDED);
		if (at + piece.len < whole.len)
			CHECK_EQ(answer.len, 0);
		check_package("Negotiate", SECPKG_NEGOTIATION_IN_PROGRESS);
	}
	CHECK_EQ(n, whole.len - 1);
	authenticate();
	make_mic(mic);
	resp = (struct wire_resp){ .state = WIRE_NO_STATE, .token = part_of(&l.authenticate),
				   .mic = { mic, sizeof(mic) } };
	wire_resp(&whole, &resp);
	piece = whole;
	piece.len -= 5;
	REQUIRE_STATUS(logon_send(&l, &piece, &answer), SEC_I_CONTINUE_NEEDED);
	/* Of no bytes there is no next piece; the one that is there stays. */
	piece.len = 0;
	CHECK_STATUS(logon_send(&l, &piece, &answer), SEC_E_INVALID_TOKEN);
	bytes_put(&piece, whole.data + whole.len - 5, 5);
	REQUIRE_STATUS(logon_send(&l, &piece, &answer), SEC_E_OK);
	REQUIRE(wire_read_resp(answer.data, answer.len, &resp));
	CHECK(take_mic(&resp.mic));
	check_messages(1);
	logon_end(&l);
}

static void too_long(void)
{
	static const char *const headers[] = { "6082bc81", "6084ffffffff", "6080", "60850000000001" };
	static struct bytes piece;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(headers); i++) {
		begin();
		token.len = 0;
		wire_hex(&token, headers[i]);
		bytes_put(&token, list.data, list.len);
		CHECK_STATUS(logon_send(&l, &token, &answer), SEC_E_INVALID_TOKEN);
	}
	/* More than was announced, in two pieces that are each allowed */
	begin();
	token.len = 0;
	wire_hex(&token, "6082b000");
	token.len = 40000;
	REQUIRE_STATUS(logon_send(&l, &token, &answer), SEC_I_CONTINUE_NEEDED);
	piece.len = KSECDD_MAX_TOKEN - 40000 + 1;
	CHECK_STATUS(logon_send(&l, &piece, &answer), SEC_E_INVALID_TOKEN);
	piece.len--;
	CHECK_STATUS(logon_send(&l, &piece, &answer), SEC_E_INVALID_TOKEN);
	check_dead();
}

static void hint(void)
{
	static const struct bytes empty;
	uint8_t mic[16];

	begin();
	REQUIRE_STATUS(logon_send(&l, &empty, &answer), SEC_I_CONTINUE_NEEDED);
	CHECK(memmem(answer.data, answer.len, "not_defined_in_RFC4178@please_ignore", 36));
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	authenticate();
	make_mic(mic);
	CHECK_STATUS(send_last((struct wire_part){ mic, 16 }), SEC_E_OK);
	logon_end(&l);
}

static void middle(void)
{
	begin();
	REQUIRE_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_I_CONTINUE_NEEDED);
	authenticate();
}

static void out_of_turn(void)
{
	static const struct bytes empty;
	uint8_t krb5[16];
	struct wire_resp resp = { .mech = { krb5, bytes_hex(WIRE_KRB5, krb5, sizeof(krb5)) } };

	middle();
	token.len = 0;
	CHECK_STATUS(logon_send(&l, &empty, &answer), SEC_E_INVALID_TOKEN);
	check_dead();
	middle();
	CHECK_STATUS(send_resp(&(struct wire_resp){ .state = WIRE_REJECT }), SEC_E_LOGON_DENIED);
	check_dead();
	middle();
	resp.state = WIRE_NO_STATE;
	resp.token = part_of(&l.authenticate);
	CHECK_STATUS(send_resp(&resp), SEC_E_INVALID_TOKEN);
	check_dead();
	middle();
	CHECK_STATUS(send_resp(&(struct wire_resp){ .state = WIRE_COMPLETED }),
		     SEC_E_INVALID_TOKEN);
	check_dead();
	middle();
	CHECK_STATUS(logon_send(&l, &l.authenticate, &answer), SEC_E_INVALID_TOKEN);
	check_dead();
	middle();
	CHECK_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), nothing), SEC_E_INVALID_TOKEN);
	check_dead();
}

static void offers(void)
{
	static const char *const none[] = { "", WIRE_NEGOEX, WIRE_SPNEGO, "0600", "020101" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		begin();
		if (!CHECK_STATUS(send_init(none[i], part_of(&l.negotiate), nothing),
				  SEC_E_INVALID_TOKEN))
			suite_note("offer '%s'", none[i]);
	}
	begin();
	CHECK_STATUS(send_init(WIRE_NTLM, part_of(&l.negotiate), (struct wire_part){ "mic", 3 }),
		     SEC_E_INVALID_TOKEN);
}

/* Another ksecd than the one before judges the second token. */
static void restart(void)
{
	uint8_t mic[16];

	middle();
	make_mic(mic);
	CHECK_EQ(system("vm-ksecd stop"), 0);
	REQUIRE_EQ(system("vm-ksecd start"), 0);
	CHECK_STATUS(send_last((struct wire_part){ mic, 16 }), SEC_E_OK);
	check_name();
	logon_end(&l);
}

static const struct suite_test tests[] = {
	{ "P4, P6, P7: the first mechanism, its token, MICs both ways", optimistic, 0 },
	{ "P4, P5, B07: another mechanism than the first", request_mic, 0 },
	{ "P6, B06: a list that was changed on the way", downgrade, 0 },
	{ "P6, B06: wrong MICs", wrong_mics, 0 },
	{ "P6: no MIC where none is needed", no_mic_needed, 0 },
	{ "P1: raw NTLM, and what is nobody's", raw, 0 },
	{ "P2: a token in pieces", pieces, 0 },
	{ "P2, B03: tokens that are too long", too_long, 0 },
	{ "P3: offers of nothing", offers, 0 },
	{ "P8, B01, B02: out of turn", out_of_turn, 0 },
	{ "P9: the server begins", hint, 0 },
	{ "a restart of ksecd between two tokens", restart, 0 },
};

int main(void)
{
	return suite_run(tests, ARRAY_SIZE(tests));
}
