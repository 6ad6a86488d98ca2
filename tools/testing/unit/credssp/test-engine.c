// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The CredSSP engine behind its handshake: every rule of MS-CSSP that can be seen at its
 * interface, with NTLM inside of it.  TSRequests come as the module passes them on, in
 * no record.  What the module does with the keys is done here by something else that
 * has the same keys; that it does it right is for the tests in the guest.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/credssp/credssp.h"
#include "peer.h"
#include "tools/testing/tap/tap.h"

/* "alice", whose password is "password" */
#define ACCOUNTS	"alice:8846f7eaee8fb117ad06bdd830b7586c:\n"

#define UID		1000
#define ACCESS_DENIED	49
#define LOGON_FAILURE	"c000006d"
#define NOT_SUPPORTED	"c00000bb"
#define NO_CODE		NULL

static struct server *s;
static struct client c;
static struct peer_request request;
static struct bytes msg, ntlm, sealed, plain, answer_version, credentials;
static uint8_t key[32], nonce_bytes[32];
static struct wire_part server_key, nonce;
static uint32_t leg;

/* A logon whose handshake is over; the state is what that leaves behind. */
static void begin(const char *version)
{
	const struct credssp_half half = {
		.phase = CREDSSP_NEGOTIATION,
		.key = { server_key.data, server_key.len },
	};

	leg = 1;
	s->engine = &credssp_engine;
	s->outer = true;
	s->seal = peer_module;
	s->cred_uid = UID;
	s->req_flags = 0;
	peer_module_begin();
	if (!credssp_half_write(&half, s->state, sizeof(s->state), &s->state_len))
		tap_bail("the state does not fit");
	client_init(&c);
	c.user = "alice";
	c.domain = "";
	c.password = "password";
	client_negotiate(&c, &ntlm);
	s->negotiate = ntlm;
	request = (struct peer_request){ .version = version };
	nonce = (struct wire_part){ nonce_bytes, sizeof(nonce_bytes) };
	if (strtoul(version, NULL, 16) >= 5)
		request.nonce = nonce;
}

/* A token for the engine; it keeps what comes back as the module does. */
static int32_t feed_bytes(const void *data, size_t len)
{
	int32_t status = server_step(s, leg, data, len);

	if (status == SEC_I_CONTINUE_NEEDED && !s->result.partial) {
		memcpy(s->state, s->result.state, s->result.state_len);
		s->state_len = s->result.state_len;
		leg++;
	}
	if (status >= 0)
		peer_module_keys(&s->result);
	return status;
}

static int32_t feed(void)
{
	peer_request(&msg, &request);
	return feed_bytes(msg.data, msg.len);
}

/* What the engine has sent: copied, since the next step frees it. */
static bool read_answer(struct peer_request *answer)
{
	static struct bytes token;

	token.len = 0;
	bytes_put(&token, s->result.token, s->result.token_len);
	return peer_read(token.data, token.len, answer, &answer_version) &&
	       answer_version.len == 1 && answer_version.data[0] == 6;
}

static void negotiate(void)
{
	struct peer_request answer;

	request.nego = peer_part(&ntlm);
	tap_is(feed(), SEC_I_CONTINUE_NEEDED, "version %s: the first token", request.version);
	if (!tap_ok(read_answer(&answer) && answer.nego.data && !answer.pub_key.data &&
		    !answer.error.data, "version %s: its answer", request.version))
		return;
	s->challenge.len = 0;
	bytes_put(&s->challenge, answer.nego.data, answer.nego.len);
	client_authenticate(&c, &s->negotiate, &s->challenge, &ntlm);
	request.nego = peer_part(&ntlm);
}

static bool has_nonce(void)
{
	return strtoul(request.version, NULL, 16) >= 5;
}

/* What the client says of the server's key */
static void bind_key(struct wire_part of, struct wire_part with)
{
	uint8_t hash[32];

	if (has_nonce())
		peer_hash(hash, true, with, of);
	peer_seal(&sealed, c.exported_key, has_nonce() ? hash : of.data,
		  has_nonce() ? sizeof(hash) : of.len);
	request.pub_key = peer_part(&sealed);
}

/* What the server says of its own */
static void answer_binds(void)
{
	struct peer_request answer;
	uint8_t want[64];
	size_t len;

	memcpy(want, server_key.data, server_key.len);
	want[0]++;
	len = server_key.len;
	if (has_nonce()) {
		peer_hash(want, false, nonce, server_key);
		len = 32;
	}
	tap_ok(read_answer(&answer) && answer.pub_key.data && !answer.error.data &&
	       peer_unseal(&plain, c.exported_key, answer.pub_key) && plain.len == len &&
	       !memcmp(plain.data, want, len), "C5: version %s: the server binds its key, too",
	       request.version);
}

static int32_t feed_credentials(void)
{
	peer_seal(&sealed, c.exported_key, credentials.data, credentials.len);
	request.nego = request.pub_key = (struct wire_part){};
	request.auth_info = peer_part(&sealed);
	return feed();
}

static void refused(const char *code, const char *what)
{
	struct peer_request answer;
	uint8_t want[4];

	tap_ok(!s->result.key_len && !s->result.state_len && !s->result.account.user[0] &&
	       !s->result.ret_flags && !s->result.secret.type && !s->result.secret.secret[0] &&
	       s->result.reason, "%s: and nothing is granted", what);
	if (!code) {
		tap_ok(!s->result.token && s->result.has_alert &&
		       s->result.alert == ACCESS_DENIED, "C7: %s: an alert says so", what);
		return;
	}
	bytes_hex(code, want, sizeof(want));
	tap_ok(!s->result.has_alert && read_answer(&answer) && answer.error.len == sizeof(want) &&
	       !memcmp(answer.error.data, want, sizeof(want)) && !answer.nego.data &&
	       !answer.pub_key.data, "C7: %s: errorCode %s says so", what, code);
}

/* Up to where authInfo has to come */
static void bound(const char *version)
{
	begin(version);
	negotiate();
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_I_CONTINUE_NEEDED, "version %s: the key is bound", version);
	answer_binds();
	peer_password(&credentials, "", "alice", "password");
}

static void test_versions(void)
{
	static const char *const versions[] = { "02", "03", "04", "05", "06", "07", "7fffffff" };
	size_t i;

	s->credssp.min_version = 2;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		bound(versions[i]);
		s->req_flags = ASC_REQ_DELEGATE | ASC_REQ_EXTENDED_ERROR;
		tap_is(feed_credentials(), SEC_E_OK, "C9: version %s: accepted", versions[i]);
		tap_ok(!strcmp(s->result.account.user, "alice") && !s->result.token,
		       "C9: version %s: who it is, and nothing more to say", versions[i]);
		tap_is(s->result.ret_flags, ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT |
		       ASC_RET_CONFIDENTIALITY | ASC_RET_INTEGRITY | ASC_RET_STREAM |
		       ASC_RET_EXTENDED_ERROR, "C9: version %s: the attributes", versions[i]);
		tap_ok(s->result.secret.type == TS_PASSWORD &&
		       !strcmp(s->result.secret.user, "alice") &&
		       !strcmp(s->result.secret.secret, "password"),
		       "C8: version %s: the password is delegated", versions[i]);
	}
	s->credssp.min_version = 5;
}

static void test_minimum(void)
{
	static const struct {
		const char *version, *code;
	} old[] = {
		{ "00", NOT_SUPPORTED }, { "01", NOT_SUPPORTED }, { "02", NO_CODE },
		{ "03", NOT_SUPPORTED }, { "04", NOT_SUPPORTED },
	};
	static const char *const wrong[] = { "ff", "80000000", "0080000000", "0000000006" };
	char what[64];
	size_t i;

	for (i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		begin(old[i].version);
		request.nego = peer_part(&ntlm);
		snprintf(what, sizeof(what), "D01: version %s", old[i].version);
		tap_is(feed(), SEC_E_UNSUPPORTED_FUNCTION, "%s", what);
		refused(old[i].code, what);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin(wrong[i]);
		request.nego = peer_part(&ntlm);
		snprintf(what, sizeof(what), "D01: version %s", wrong[i]);
		tap_is(feed(), SEC_E_INVALID_TOKEN, "%s", what);
		refused(NO_CODE, what);
	}
	begin("06");
	negotiate();
	request.version = "02";
	request.nonce = (struct wire_part){};
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C3, D01: from version 6 to 2");
	refused("c000000d", "D01");
	s->credssp.min_version = 2;
	begin("02");
	negotiate();
	request.version = "06";
	request.nonce = nonce;
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C3: from version 2 to 6");
	refused(NO_CODE, "C3");
	s->credssp.min_version = 5;
}

static void test_nonce(void)
{
	static const uint8_t other[33] = { 1 };
	static const size_t sizes[] = { 0, 31, 33 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		begin("06");
		request.nego = peer_part(&ntlm);
		request.nonce = (struct wire_part){ other, sizes[i] };
		tap_is(feed(), SEC_E_INVALID_TOKEN, "C5, D02: a nonce of %zu bytes", sizes[i]);
		refused("c000000d", "D02");
	}
	begin("06");
	negotiate();
	bind_key(server_key, nonce);
	request.nonce = (struct wire_part){};
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D02: no nonce beside pubKeyAuth");
	refused("c000000d", "D02");
	begin("06");
	negotiate();
	request.nonce = (struct wire_part){ other, 32 };
	bind_key(server_key, request.nonce);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D02: another nonce");
	begin("06");
	request.nonce = (struct wire_part){};
	negotiate();
	request.nonce = nonce;
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_I_CONTINUE_NEEDED, "C5: a nonce that comes with pubKeyAuth alone");
	answer_binds();
	begin("06");
	negotiate();
	bind_key(server_key, (struct wire_part){ other, 32 });
	tap_is(feed(), SEC_E_MESSAGE_ALTERED, "D02: a hash with another nonce");
	refused(LOGON_FAILURE, "D02");
	s->credssp.min_version = 2;
	begin("02");
	request.nonce = (struct wire_part){ other, 31 };
	negotiate();
	tap_is(s->result.status, SEC_I_CONTINUE_NEEDED, "a nonce is nothing to version 2");
	s->credssp.min_version = 5;
}

static void test_key(void)
{
	static const char *const versions[] = { "02", "04", "05", "06" };
	struct peer_request answer;
	uint8_t other[5], hash[32];
	char what[64];
	size_t i;

	s->credssp.min_version = 2;
	memcpy(other, server_key.data, sizeof(other));
	other[4] ^= 1;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(what, sizeof(what), "D03: version %s", versions[i]);
		begin(versions[i]);
		negotiate();
		bind_key((struct wire_part){ other, sizeof(other) }, nonce);
		tap_is(feed(), SEC_E_MESSAGE_ALTERED, "%s: the key of somebody in the middle", what);
		refused(i & 1 ? LOGON_FAILURE : NO_CODE, what);
		begin(versions[i]);
		negotiate();
		bind_key((struct wire_part){ other, 4 }, nonce);
		tap_is(feed(), SEC_E_MESSAGE_ALTERED, "%s: a part of a key", what);
		begin(versions[i]);
		negotiate();
		bind_key(server_key, nonce);
		sealed.data[sealed.len - 1] ^= 1;
		tap_is(feed(), SEC_E_MESSAGE_ALTERED, "%s: it was changed on the way", what);
		begin(versions[i]);
		negotiate();
		request.pub_key = (struct wire_part){ "short", 5 };
		tap_is(feed(), SEC_E_INVALID_TOKEN, "C6: %s: nothing that was sealed", what);
	}
	begin("04");
	negotiate();
	memcpy(other, server_key.data, sizeof(other));
	other[0]++;
	bind_key((struct wire_part){ other, sizeof(other) }, nonce);
	tap_is(feed(), SEC_E_MESSAGE_ALTERED, "D03: version 4: the server's own answer");
	begin("06");
	negotiate();
	peer_hash(hash, false, nonce, server_key);
	peer_seal(&sealed, c.exported_key, hash, sizeof(hash));
	request.pub_key = peer_part(&sealed);
	tap_is(feed(), SEC_E_MESSAGE_ALTERED, "D03: version 6: the server's own hash");
	bound("06");
	read_answer(&answer);
	plain.len = 0;
	bytes_put(&plain, answer.pub_key.data, answer.pub_key.len);
	begin("06");
	negotiate();
	request.pub_key = peer_part(&plain);
	tap_ok(feed() == SEC_E_MESSAGE_ALTERED, "D03: the server's sealed answer of another logon");
	s->credssp.min_version = 5;
}

static void test_order(void)
{
	static const struct wire_part some = { "something", 9 };

	begin("06");
	request.nego = peer_part(&ntlm);
	request.auth_info = some;
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C4, D04: authInfo at first");
	refused("c000000d", "D04");
	begin("06");
	request.nego = peer_part(&ntlm);
	request.pub_key = some;
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C4: pubKeyAuth at first");
	begin("06");
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C4: nothing but a nonce");
	begin("06");
	request.pub_key = some;
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C4: pubKeyAuth alone");
	begin("06");
	request.nego = request.second_nego = peer_part(&ntlm);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D04: two negoTokens");
	begin("06");
	request.nego = peer_part(&ntlm);
	request.error = (struct wire_part){ "\xc0\x00\x00\x6d", 4 };
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D04: an errorCode of the client");
	begin("06");
	negotiate();
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C4: NTLM's last token without pubKeyAuth");
	refused("c000000d", "C4");
	begin("06");
	negotiate();
	bind_key(server_key, nonce);
	request.auth_info = some;
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D04: authInfo beside pubKeyAuth");
	bound("06");
	request.auth_info = some;
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D04: authInfo, and a negoToken");
	bound("06");
	tap_is(feed(), SEC_E_INVALID_TOKEN, "D04: pubKeyAuth again");
	bound("06");
	request.nego = request.pub_key = (struct wire_part){};
	tap_is(feed(), SEC_E_INVALID_TOKEN, "C8: no authInfo");
	refused("c000000d", "C8");
}

static void test_denied(void)
{
	static const struct {
		const char *version, *code;
	} told[] = {
		{ "02", NO_CODE }, { "03", LOGON_FAILURE }, { "04", LOGON_FAILURE },
		{ "05", NO_CODE }, { "06", LOGON_FAILURE }, { "07", LOGON_FAILURE },
	};
	char what[64];
	size_t i;

	s->credssp.min_version = 2;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		begin(told[i].version);
		c.password = "wrong";
		negotiate();
		bind_key(server_key, nonce);
		snprintf(what, sizeof(what), "version %s: a wrong password", told[i].version);
		tap_is(feed(), SEC_E_LOGON_DENIED, "C7: %s", what);
		refused(told[i].code, what);
	}
	s->credssp.min_version = 5;
	begin("06");
	c.anonymous = true;
	negotiate();
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_E_LOGON_DENIED, "nobody is let in");
	refused(LOGON_FAILURE, "nobody");
	begin("06");
	c.remove = NTLMSSP_NEGOTIATE_SEAL;
	negotiate();
	bind_key(server_key, nonce);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "a client that seals nothing");
	begin("06");
	s->mechs = 0;
	request.nego = peer_part(&ntlm);
	tap_is(feed(), SEC_E_INVALID_TOKEN, "a service to which nothing is allowed");
	s->mechs = UINT32_MAX;
}

/* C8: whose credentials they may be, and how they may be written */
static void test_credentials(void)
{
	static const struct {
		const char *domain, *user;
		int32_t status;
	} users[] = {
		{ "DOM", "alice", SEC_E_OK }, { "", "ALICE", SEC_E_OK },
		{ "", "alice@dom.example", SEC_E_OK }, { "DOM", "bob", SEC_E_LOGON_DENIED },
		{ "", "alicia", SEC_E_LOGON_DENIED }, { "", "@", SEC_E_LOGON_DENIED },
		{ "", "bob@alice", SEC_E_LOGON_DENIED },
	};
	size_t i;

	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		bound("06");
		s->req_flags = ASC_REQ_DELEGATE;
		peer_password(&credentials, users[i].domain, users[i].user, "password");
		tap_is(feed_credentials(), users[i].status, "C8: the credentials of \"%s\"",
		       users[i].user);
		if (users[i].status)
			refused(LOGON_FAILURE, "C8");
	}
	bound("06");
	tap_is(feed_credentials(), SEC_E_OK, "C8: without ASC_REQ_DELEGATE");
	tap_ok(!s->result.secret.type && !s->result.secret.secret[0], "C8: nothing is delegated");
	bound("06");
	s->req_flags = ASC_REQ_DELEGATE;
	peer_password(&credentials, "", "", "");
	tap_is(feed_credentials(), SEC_E_OK, "C8: a restricted logon");
	tap_ok(!s->result.secret.type, "C8: nothing is delegated");
	bound("06");
	credentials.len = 0;
	wire_hex(&credentials, "301fa003020106a1180416" "3014a0123010a0060404" "4b006500"
		 "a1060404" "01020304");
	s->req_flags = ASC_REQ_DELEGATE;
	tap_is(feed_credentials(), SEC_E_OK, "C8: a remote guard");
	tap_ok(!s->result.secret.type, "C8: nothing is delegated");
	bound("06");
	credentials.len = 0;
	wire_hex(&credentials, "301ca003020102a1150413" "3011a0060404" "31003200" "a1073005a003"
		 "020101");
	s->req_flags = ASC_REQ_DELEGATE;
	tap_is(feed_credentials(), SEC_E_OK, "C8: a smart card");
	tap_ok(s->result.secret.type == TS_SMART_CARD && !strcmp(s->result.secret.secret, "12"),
	       "C8: its PIN is delegated");
}

static void test_wrong_credentials(void)
{
	static const struct {
		const char *what, *hex;
	} wrong[] = {
		{ "half a character", "3018a003020101a111040f300da0020400a1020400a203040161" },
		{ "an unknown type", "300da003020103a106040430020500" },
		{ "two TSCredentials", "3005a003020101" "3005a003020101" },
		{ "nothing", "" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		bound("06");
		credentials.len = 0;
		wire_hex(&credentials, wrong[i].hex);
		s->req_flags = ASC_REQ_DELEGATE;
		tap_is(feed_credentials(), SEC_E_INVALID_TOKEN, "C8: %s", wrong[i].what);
		refused("c000000d", "C8");
	}
	bound("06");
	peer_seal(&sealed, c.exported_key, credentials.data, credentials.len);
	sealed.data[3] ^= 1;
	request.nego = request.pub_key = (struct wire_part){};
	request.auth_info = peer_part(&sealed);
	tap_is(feed(), SEC_E_MESSAGE_ALTERED, "C8: authInfo was changed on the way");
	refused(LOGON_FAILURE, "C8");
}

/* C10 */
static void test_policy(void)
{
	s->credssp.no_delegation.any = true;
	begin("06");
	s->req_flags = ASC_REQ_DELEGATE;
	request.nego = peer_part(&ntlm);
	tap_is(feed(), SEC_E_UNSUPPORTED_FUNCTION, "C10: nothing may be delegated");
	s->req_flags = 0;
	bound("06");
	tap_is(feed_credentials(), SEC_E_OK, "C10: and without the flag all is well");
	s->credssp.no_delegation.any = false;
}

/* C2: a TSRequest in pieces, and what is behind it */
static void test_pieces(void)
{
	size_t i;
	bool ok = true;

	begin("06");
	request.nego = peer_part(&ntlm);
	peer_request(&msg, &request);
	for (i = 1; i < msg.len; i++)
		ok &= feed_bytes(msg.data, i) == SEC_I_CONTINUE_NEEDED && s->result.partial &&
		      !s->result.token && !s->result.state_len;
	tap_ok(ok, "C2: each beginning of a TSRequest is waited for the rest of");
	tap_is(feed_bytes(msg.data, msg.len), SEC_I_CONTINUE_NEEDED, "C2: and all of it is judged");
	tap_ok(!s->result.partial && s->result.token, "C2: and answered");
	begin("06");
	tap_is(feed_bytes(msg.data, 0), SEC_E_INVALID_TOKEN, "C2: nothing at all");
	begin("06");
	bytes_put(&msg, "0", 1);
	tap_is(feed_bytes(msg.data, msg.len), SEC_E_INVALID_TOKEN, "C2: a byte behind it");
	refused(NO_CODE, "C2");
	begin("06");
	tap_is(feed_bytes("\x30\x83\x01\x00\x00", 5), SEC_E_INVALID_TOKEN, "C2: more than 64 KiB");
	begin("06");
	s->outer = false;
	request.nego = peer_part(&ntlm);
	tap_is(feed(), SEC_E_INTERNAL_ERROR, "a token that came in no record");
}

/* Negotiate in its frame: the MICs are there, and the last word is ours. */
static void test_spnego(void)
{
	static struct bytes frame, inner;
	static const struct wire_part mic = { "the client's MIC", 16 };
	struct wire_resp resp = { .state = WIRE_NO_STATE, .mic = mic };
	struct peer_request answer;
	int round;

	for (round = 0; round < 2; round++) {
		begin("06");
		wire_init(&frame, WIRE_NTLM, peer_part(&ntlm), (struct wire_part){});
		request.nego = peer_part(&frame);
		tap_is(feed(), SEC_I_CONTINUE_NEEDED, "NTLM in SPNEGO: the first token");
		if (!read_answer(&answer) || !answer.nego.data)
			return;
		inner.len = 0;
		bytes_put(&inner, answer.nego.data, answer.nego.len);
		if (!wire_read_resp(inner.data, inner.len, &resp) || !resp.token.data)
			return;
		s->challenge.len = 0;
		bytes_put(&s->challenge, resp.token.data, resp.token.len);
		client_authenticate(&c, &s->negotiate, &s->challenge, &ntlm);
		resp = (struct wire_resp){ .state = WIRE_NO_STATE, .token = peer_part(&ntlm),
					   .mic = mic };
		wire_resp(&frame, &resp);
		request.nego = peer_part(&frame);
		if (!round)
			bind_key(server_key, nonce);
		tap_is(feed(), SEC_I_CONTINUE_NEEDED, "NTLM in SPNEGO: the last token, %s",
		       round ? "without pubKeyAuth" : "with pubKeyAuth");
		tap_ok(read_answer(&answer) && answer.nego.data &&
		       (round ? !answer.pub_key.data : !!answer.pub_key.data),
		       "NTLM in SPNEGO: what it says last");
		if (round) {
			request.nego = (struct wire_part){};
			bind_key(server_key, nonce);
			tap_is(feed(), SEC_I_CONTINUE_NEEDED, "C4: pubKeyAuth alone, later");
		}
		answer_binds();
		peer_password(&credentials, "", "alice", "password");
		tap_is(feed_credentials(), SEC_E_OK, "NTLM in SPNEGO: accepted");
		tap_ok(!strcmp(s->result.account.user, "alice"), "NTLM in SPNEGO: who it is");
	}
}

/* What is kept is the daemon's own, and a part of it is nothing. */
static void test_state(void)
{
	size_t len, i, refusals = 0;

	bound("06");
	len = s->state_len;
	for (i = 1; i < len; i++) {
		s->state_len = i;
		refusals += feed_credentials() == SEC_E_INTERNAL_ERROR;
	}
	tap_is(refusals, len - 1, "no beginning of a state is one");
	s->state_len = len;
	tap_is(feed_credentials(), SEC_E_OK, "and all of it is");
}

int main(void)
{
	size_t i;

	server_key = (struct wire_part){ key, bytes_hex(PEER_KEY, key, sizeof(key)) };
	for (i = 0; i < sizeof(nonce_bytes); i++)
		nonce_bytes[i] = (uint8_t)i;
	s = server_new(ACCOUNTS);
	test_versions();
	test_minimum();
	test_nonce();
	test_key();
	test_order();
	test_denied();
	test_credentials();
	test_wrong_credentials();
	test_policy();
	test_pieces();
	test_spnego();
	test_state();
	server_free(s);
	return tap_done();
}
