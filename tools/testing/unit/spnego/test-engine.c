// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Negotiate engine: every rule of RFC 4178 and MS-SPNG that can be seen at its
 * interface, with NTLM inside of it; test-kerberos.c has what is special of Kerberos.  What the module does with the keys is only
 * noted here; that it does it right is for the tests in the guest.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/spnego/spnego.h"
#include "tools/testing/tap/tap.h"
#include "tools/testing/unit/ntlm/server.h"
#include "wire.h"

/* "alice", whose password is "password" */
#define ACCOUNTS	"alice:8846f7eaee8fb117ad06bdd830b7586c:\n"

#define NTLM_BIT	(UINT32_C(1) << KSECDD_PACKAGE_NTLM)

static const struct wire_part nothing;
static struct server *s;
static struct client c;
static struct bytes msg, token, ntlm;
static uint32_t leg;

static struct wire_part part_of(const struct bytes *b)
{
	return (struct wire_part){ b->data, b->len };
}

static void begin(void)
{
	leg = 0;
	s->engine = &spnego_engine;
	s->mic_status = SEC_E_OK;
	s->state_len = 0;
	client_init(&c);
	c.user = "alice";
	c.domain = "";
	c.password = "password";
	c.mic = true;
	client_negotiate(&c, &ntlm);
	s->negotiate = ntlm;
}

/* A token for the engine; it keeps what comes back as the module does. */
static int32_t feed(const struct bytes *b)
{
	int32_t status = server_step(s, leg, b->data, b->len);

	if (status == SEC_I_CONTINUE_NEEDED && !s->result.partial) {
		memcpy(s->state, s->result.state, s->result.state_len);
		s->state_len = s->result.state_len;
		leg++;
	}
	return status;
}

static int32_t feed_init(const char *mechs, struct wire_part inner, struct wire_part mic)
{
	wire_init(&msg, mechs, inner, mic);
	return feed(&msg);
}

static int32_t feed_resp(const struct wire_resp *resp)
{
	wire_resp(&msg, resp);
	return feed(&msg);
}

/* What the engine has sent: copied, since the next step frees it. */
static bool read_answer(struct wire_resp *resp)
{
	token.len = 0;
	bytes_put(&token, s->result.token, s->result.token_len);
	return wire_read_resp(token.data, token.len, resp);
}

static void answer_is(int state, const char *mech, bool has_token, bool has_mic, const char *what)
{
	uint8_t oid[32];
	size_t len = mech ? bytes_hex(mech, oid, sizeof(oid)) : 0;
	struct wire_resp resp;

	tap_ok(read_answer(&resp) && resp.state == state && resp.mech.len == len &&
	       !memcmp(resp.mech.data ? resp.mech.data : oid, oid, len) &&
	       !resp.token.data == !has_token && !resp.mic.data == !has_mic,
	       "%s: what the client is told", what);
}

/* The client reads the challenge that came in its frame and answers it. */
static void authenticate(void)
{
	struct wire_resp resp;

	if (!read_answer(&resp) || !resp.token.data)
		return;
	s->challenge.len = 0;
	bytes_put(&s->challenge, resp.token.data, resp.token.len);
	client_authenticate(&c, &s->negotiate, &s->challenge, &ntlm);
}

static int32_t feed_authenticate(struct wire_part mic)
{
	struct wire_resp resp = { .state = WIRE_NO_STATE, .mic = mic };

	authenticate();
	resp.token = part_of(&ntlm);
	return feed_resp(&resp);
}

static void refused(const char *what)
{
	tap_ok(!s->result.key_len && !s->result.state_len && !s->result.account.user[0] &&
	       !s->result.ret_flags && s->result.reason, "%s: and nothing is granted", what);
}

static const struct wire_part client_mic = { "the client's MIC", 16 };

static void test_optimistic(void)
{
	static struct bytes list;

	begin();
	tap_is(feed_init(WIRE_NTLM WIRE_NEGOEX, part_of(&ntlm), nothing), SEC_I_CONTINUE_NEEDED,
	       "P4: the first mechanism, with its token");
	answer_is(WIRE_INCOMPLETE, WIRE_NTLM, true, false, "P4");
	tap_is(feed_authenticate(client_mic), SEC_E_OK, "P6: with a MIC of both kinds");
	answer_is(WIRE_COMPLETED, NULL, false, true, "P6");
	wire_mechs(&list, WIRE_NTLM WIRE_NEGOEX);
	tap_ok(s->covered.len == list.len && !memcmp(s->covered.data, list.data, list.len),
	       "P6: what is covered is the list as it was received");
	tap_ok(s->received.len == 16 && !memcmp(s->received.data, client_mic.data, 16) &&
	       s->made, "P6: the client's is judged, and one is made");
	tap_ok(s->result.key_len == 16 && !strcmp(s->result.account.user, "alice") &&
	       s->result.mech == KSECDD_PACKAGE_NTLM, "P6: the client is NTLM's");
}

static void test_request_mic(void)
{
	static const char *const offers[] = {
		WIRE_KRB5 WIRE_NTLM, WIRE_MS_KRB5 WIRE_KRB5 WIRE_NEGOEX WIRE_NTLM,
		WIRE_NEGOEX WIRE_NTLM,
	};
	struct wire_resp resp = { .state = WIRE_NO_STATE };
	size_t i;

	for (i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		s->mechs = NTLM_BIT;
		begin();
		/* Garbage of a mechanism that is not looked at (B07). */
		tap_is(feed_init(offers[i], (struct wire_part){ "NEGOEXTS\xff\xff", 10 }, nothing),
		       SEC_I_CONTINUE_NEEDED, "P4: not the first mechanism, offer %zu", i);
		answer_is(WIRE_REQUEST_MIC, WIRE_NTLM, false, false, "P4");
		resp.token = part_of(&s->negotiate);
		tap_is(feed_resp(&resp), SEC_I_CONTINUE_NEEDED, "P4: the token of what was chosen");
		answer_is(WIRE_INCOMPLETE, NULL, true, false, "P5: it is told once");
		c.mic = i & 1;
		tap_is(feed_authenticate(i == 2 ? nothing : client_mic),
		       i == 2 ? SEC_E_INVALID_TOKEN : SEC_E_OK, "P6: %s",
		       i == 2 ? "mandatory and not there" : "the MIC");
		if (i == 2)
			refused("P6");
	}
	s->mechs = UINT32_MAX;
}

static void test_no_token(void)
{
	struct wire_resp resp = { .state = WIRE_NO_STATE };

	begin();
	tap_is(feed_init(WIRE_NTLM, nothing, nothing), SEC_I_CONTINUE_NEEDED,
	       "P4: the first mechanism, without a token");
	answer_is(WIRE_INCOMPLETE, WIRE_NTLM, false, false, "P4");
	resp.token = part_of(&s->negotiate);
	feed_resp(&resp);
	c.mic = false;
	tap_is(feed_authenticate(nothing), SEC_E_OK, "P6: no MIC where none is needed");
	answer_is(WIRE_COMPLETED, NULL, false, false, "P6");
	tap_ok(!s->mic && !s->made, "P6: and the module is not asked for one");
}

static void test_mic(void)
{
	static const struct {
		int32_t module, status;
	} says[] = {
		{ SEC_E_MESSAGE_ALTERED, SEC_E_MESSAGE_ALTERED },
		{ SEC_E_OUT_OF_SEQUENCE, SEC_E_MESSAGE_ALTERED },
		{ SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN },
		{ SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY },
		{ SEC_E_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR },
		{ SEC_E_UNSUPPORTED_FUNCTION, SEC_E_INTERNAL_ERROR },
	};
	size_t i;

	for (i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		begin();
		feed_init(WIRE_NTLM, part_of(&ntlm), nothing);
		s->mic_status = says[i].module;
		tap_is(feed_authenticate(client_mic), says[i].status,
		       "P6: the module says %08x of the MIC", (uint32_t)says[i].module);
		answer_is(WIRE_REJECT, NULL, false, false, "P6");
		refused("P6");
	}
	begin();
	feed_init(WIRE_NTLM, part_of(&ntlm), nothing);
	tap_is(feed_authenticate(nothing), SEC_E_INVALID_TOKEN,
	       "P6: NTLM has a MIC, and SPNEGO has none");
	refused("P6");
	begin();
	tap_is(feed_init(WIRE_NTLM, part_of(&ntlm), client_mic), SEC_E_INVALID_TOKEN,
	       "P6: a MIC before there is a key");
	begin();
	c.remove = NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL;
	feed_init(WIRE_NTLM, part_of(&ntlm), nothing);
	tap_is(feed_authenticate(nothing), SEC_E_OK, "P6: no MIC where nothing can be signed");
}

static void test_raw(void)
{
	static const struct {
		const char *what;
		const char *hex;
	} others[] = {
		{ "a NegTokenInit without its frame", "a00c300aa0083006" "0604" "2b060105" },
		{ "NegTokenResp first", "a1073005a0030a0101" },
		{ "NTLMSS", "4e544c4d5353" },
		{ "text", "474554202f" },
		{ "an AP-REQ", "6e03010203" },
		{ "the frame of another mechanism", "600606042b060105" },
		{ "a frame with nothing in it", "6000" },
		{ "NUL", "00" },
	};
	size_t i;

	begin();
	tap_is(feed(&ntlm), SEC_I_CONTINUE_NEEDED, "P1: raw NTLM");
	tap_ok(!memcmp(s->result.token, "NTLMSSP", 8), "P1: is answered raw");
	s->challenge.len = 0;
	bytes_put(&s->challenge, s->result.token, s->result.token_len);
	client_authenticate(&c, &s->negotiate, &s->challenge, &ntlm);
	tap_is(feed(&ntlm), SEC_E_OK, "P1: and lets the client in");
	tap_ok(!s->result.token && !s->mic && !s->made && s->result.mech == KSECDD_PACKAGE_NTLM,
	       "P1: there is no MIC without SPNEGO");
	s->mechs = NTLM_BIT;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		begin();
		msg.len = 0;
		wire_hex(&msg, others[i].hex);
		tap_is(feed(&msg), SEC_E_INVALID_TOKEN, "P1: %s", others[i].what);
	}
	s->mechs = ~NTLM_BIT;
	begin();
	tap_is(feed(&ntlm), SEC_E_INVALID_TOKEN, "P1: raw NTLM where it is forbidden");
	s->mechs = UINT32_MAX;
}

static void test_nothing_allowed(void)
{
	s->mechs = ~NTLM_BIT;
	begin();
	tap_is(feed_init(WIRE_NTLM, part_of(&ntlm), nothing), SEC_E_INVALID_TOKEN,
	       "P3: NTLM is forbidden");
	answer_is(WIRE_REJECT, NULL, false, false, "P3");
	refused("P3");
	s->mechs = UINT32_MAX;
	begin();
	tap_is(feed_init(WIRE_NEGOEX, part_of(&ntlm), nothing), SEC_E_INVALID_TOKEN,
	       "P3: nothing but NegoEx");
	answer_is(WIRE_REJECT, NULL, false, false, "P3");
	begin();
	tap_is(feed_init("", part_of(&ntlm), nothing), SEC_E_INVALID_TOKEN, "P3: nothing at all");
}

static void test_hint(void)
{
	static const struct bytes empty;

	begin();
	tap_is(feed(&empty), SEC_I_CONTINUE_NEEDED, "P9: no token at first");
	tap_ok(memmem(s->result.token, s->result.token_len, "not_defined_in_RFC4178@please_ignore", 36),
	       "P9: the hint");
	tap_is(feed_init(WIRE_NTLM, part_of(&ntlm), nothing), SEC_I_CONTINUE_NEEDED,
	       "P9: the client begins then");
	tap_is(feed_authenticate(client_mic), SEC_E_OK, "P9: and is let in");
	begin();
	feed(&empty);
	tap_is(feed(&empty), SEC_E_INVALID_TOKEN, "P8: no token a second time");
	begin();
	feed(&empty);
	tap_is(feed(&ntlm), SEC_I_CONTINUE_NEEDED, "P9: raw NTLM after the hint");
}

/* In the middle of a negotiation */
static void middle(void)
{
	begin();
	feed_init(WIRE_NTLM, part_of(&ntlm), nothing);
	authenticate();
}

static void test_middle(void)
{
	static const struct bytes empty;
	static uint8_t krb5[16];
	size_t len = bytes_hex(WIRE_KRB5, krb5, sizeof(krb5));
	struct wire_resp resp;

	middle();
	tap_is(feed(&empty), SEC_E_INVALID_TOKEN, "P8, B01: an empty second token");
	middle();
	resp = (struct wire_resp){ .state = WIRE_REJECT };
	tap_is(feed_resp(&resp), SEC_E_LOGON_DENIED, "P8: the client rejects");
	middle();
	resp = (struct wire_resp){ .state = WIRE_NO_STATE, .mech = { krb5, len },
				   .token = part_of(&ntlm), .mic = client_mic };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN, "P8, B02: the client changes the mechanism");
	refused("P8");
	middle();
	resp = (struct wire_resp){ .state = WIRE_COMPLETED };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN, "no early success: accept-completed");
	middle();
	resp = (struct wire_resp){ .state = WIRE_COMPLETED, .mic = client_mic };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN, "no early success: accept-completed, a MIC");
	middle();
	resp = (struct wire_resp){ .state = WIRE_COMPLETED, .token = part_of(&s->negotiate) };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN,
	       "no early success: accept-completed, NTLM from the beginning");
	middle();
	resp = (struct wire_resp){ .state = WIRE_NO_STATE, .token = { "", 0 } };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN, "P8: an empty token of the mechanism");
	middle();
	tap_is(feed(&ntlm), SEC_E_INVALID_TOKEN, "a raw token in the middle");
	middle();
	tap_is(feed_init(WIRE_NTLM, part_of(&ntlm), nothing), SEC_E_INVALID_TOKEN,
	       "NegTokenInit in the middle");
	middle();
	s->mechs = ~NTLM_BIT;
	resp = (struct wire_resp){ .state = WIRE_NO_STATE, .token = part_of(&ntlm),
				   .mic = client_mic };
	tap_is(feed_resp(&resp), SEC_E_INVALID_TOKEN, "NTLM is forbidden in the middle");
	s->mechs = UINT32_MAX;
	middle();
	tap_is(feed_resp(&resp), SEC_E_OK, "and what all of these are not");
}

static void test_denied(void)
{
	begin();
	c.password = "wrong";
	feed_init(WIRE_NTLM, part_of(&ntlm), nothing);
	tap_is(feed_authenticate(client_mic), SEC_E_LOGON_DENIED, "a wrong password");
	answer_is(WIRE_REJECT, NULL, false, false, "a wrong password");
	tap_ok(!s->mic && !s->made, "a wrong password: nothing for the module to do");
	refused("a wrong password");
}

static void test_partial(void)
{
	static struct bytes whole;
	size_t len, n = 0;

	begin();
	wire_init(&whole, WIRE_NTLM, part_of(&ntlm), nothing);
	for (len = 2; len < whole.len; len++) {
		msg = whole;
		msg.len = len;
		begin();
		n += feed(&msg) == SEC_I_CONTINUE_NEEDED && s->result.partial &&
		     !s->result.token && !s->result.state_len;
	}
	tap_is(n, whole.len - 2, "P2: every beginning of a token is waited with");
	msg = whole;
	msg.len = 1;
	begin();
	tap_is(feed(&msg), SEC_E_INVALID_TOKEN, "P2: not that of a header");
	msg.len = 0;
	wire_hex(&msg, "6082bc81" "00");
	tap_is(feed(&msg), SEC_E_INVALID_TOKEN, "P2: nor that of a token that is too long");
}

/* Whatever the state, and whoever wrote it */
static void test_state(void)
{
	static struct bytes right;
	static uint8_t good[KSECDD_MAX_STATE];
	struct wire_resp resp = { .state = WIRE_NO_STATE, .mic = client_mic };
	size_t len, i, ok = 0, wrong = 0;

	middle();
	resp.token = part_of(&ntlm);
	wire_resp(&right, &resp);
	len = s->state_len;
	memcpy(good, s->state, len);
	for (i = 0; i < len; i++) {
		s->state_len = i;
		wrong += i && feed(&right) == SEC_E_INTERNAL_ERROR;
	}
	tap_is(wrong, len - 1, "a state that is cut off");
	for (i = 0; i < 8 * len; i++) {
		memcpy(s->state, good, len);
		s->state[i / 8] ^= 1 << i % 8;
		s->state_len = len;
		leg = 1;
		ok += feed(&right) == SEC_E_OK;
	}
	tap_ok(ok < 8 * len / 2, "a state with one bit wrong: %zu of %zu are as good", ok, 8 * len);
}

/* The list may be as long as 64 mechanisms; the state has room for that. */
static void test_long_list(void)
{
	static char offer[64 * 64];
	size_t i;

	for (i = 0; i < SPNEGO_MAX_MECHS - 1; i++)
		strcat(offer, WIRE_NEGOEX);
	strcat(offer, WIRE_NTLM);
	begin();
	tap_is(feed_init(offer, nothing, nothing), SEC_I_CONTINUE_NEEDED, "P3: 64 mechanisms");
	answer_is(WIRE_REQUEST_MIC, WIRE_NTLM, false, false, "P3");
}

static void test_bindings(void)
{
	static uint8_t cbt[16];
	static const uint8_t data[32 + 4] = { [24] = 4, [28] = 32, [32] = 'x', 'y', 'z', '!' };
	struct wire_resp resp = { .state = WIRE_NO_STATE };

	/* The mechanism does not see the first token, with which they come. */
	s->bindings = data;
	s->bindings_len = sizeof(data);
	s->bindings_once = true;
	s->mechs = NTLM_BIT;
	begin();
	c.cbt = cbt;
	memset(cbt, 1, sizeof(cbt));
	feed_init(WIRE_KRB5 WIRE_NTLM, nothing, nothing);
	resp.token = part_of(&s->negotiate);
	feed_resp(&resp);
	tap_is(feed_authenticate(client_mic), SEC_E_BAD_BINDINGS,
	       "bindings that came with the first token only are not forgotten");
	answer_is(WIRE_REJECT, NULL, false, false, "bindings");
	s->bindings = NULL;
	s->bindings_len = 0;
	s->bindings_once = false;
	s->mechs = UINT32_MAX;
}

int main(void)
{
	s = server_new(ACCOUNTS);
	test_optimistic();
	test_request_mic();
	test_no_token();
	test_mic();
	test_raw();
	test_nothing_allowed();
	test_hint();
	test_middle();
	test_denied();
	test_partial();
	test_state();
	test_long_list();
	test_bindings();
	server_free(s);
	return tap_done();
}
