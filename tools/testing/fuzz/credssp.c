// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the CredSSP engine behind its handshake: a logon of TSRequests that are made
 * up, with NTLM inside that knows a client's right answer.  Input: options, the
 * version, and for each TSRequest which parts it has and what they are like.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/credssp/credssp.h"
#include "ntlm_oracle.h"
#include "tools/testing/unit/credssp/peer.h"

#define REQUESTS	5

/* The parts of a TSRequest, bits of its first byte */
#define HAS_NEGO	0x01
#define HAS_KEY		0x02
#define HAS_INFO	0x04
#define HAS_NONCE	0x08
#define HAS_OTHER_NONCE	0x10
#define IS_CHANGED	0x20
#define HAS_ERROR	0x40
#define IS_RAW		0x80

static struct server *s;
static struct client client;
static struct bytes negotiate, authenticate, token, sealed_key, sealed_info, credentials;
static uint8_t key_bytes[8], nonce_bytes[32];
static struct wire_part key;

/* NTLM's challenge, if the engine has sent it; the client answers it. */
static bool answer_challenge(void)
{
	const uint8_t *at = NULL;

	if (s->result.token)
		at = memmem(s->result.token, s->result.token_len, "NTLMSSP\0\2", 9);
	if (!at)
		return false;
	s->challenge.len = 0;
	bytes_put(&s->challenge, at, (size_t)(s->result.token + s->result.token_len - at));
	client_authenticate(&client, &negotiate, &s->challenge, &authenticate);
	return true;
}

static void make_key(unsigned int parts, bool hashed)
{
	const struct wire_part nonce = { nonce_bytes, sizeof(nonce_bytes) };
	uint8_t hash[32];

	peer_hash(hash, true, nonce, key);
	if (hashed)
		peer_seal(&sealed_key, client.exported_key, hash, sizeof(hash));
	else
		peer_seal(&sealed_key, client.exported_key, key.data, key.len);
	if (parts & IS_CHANGED)
		sealed_key.data[sealed_key.len - 1] ^= 1;
}

static void make_request(struct fuzz_input *in, const char *version, bool answered)
{
	static const uint8_t other[33];
	struct peer_request request = { .version = version };
	unsigned int parts = fuzz_take8(in);
	uint8_t *bytes;
	size_t len;

	token.len = 0;
	if (parts & IS_RAW) {
		bytes = fuzz_take_bytes(in, 512, &len);
		bytes_put(&token, bytes, len);
		free(bytes);
		return;
	}
	if (parts & HAS_NEGO)
		request.nego = peer_part(answered ? &authenticate : &negotiate);
	make_key(parts, strtoul(version, NULL, 16) >= 5);
	if (parts & HAS_KEY)
		request.pub_key = peer_part(&sealed_key);
	peer_seal(&sealed_info, client.exported_key, credentials.data, credentials.len);
	if (parts & IS_CHANGED)
		sealed_info.data[0] ^= 1;
	if (parts & HAS_INFO)
		request.auth_info = peer_part(&sealed_info);
	if (parts & HAS_NONCE)
		request.nonce = (struct wire_part){ nonce_bytes, sizeof(nonce_bytes) };
	if (parts & HAS_OTHER_NONCE)
		request.nonce = (struct wire_part){ other, fuzz_take_below(in, 34) };
	if (parts & HAS_ERROR)
		request.error = (struct wire_part){ "\xc0\x00\x00\x6d", 4 };
	peer_request(&token, &request);
}

static void begin(unsigned int options)
{
	const struct credssp_half half = {
		.phase = CREDSSP_NEGOTIATION, .key = { key.data, key.len },
	};

	peer_module_begin();
	client_init(&client);
	client_negotiate(&client, &negotiate);
	s->negotiate = negotiate;
	s->credssp.min_version = options & 1 ? 2 : 5;
	s->credssp.no_delegation.any = options & 2;
	s->req_flags = options & 4 ? ASC_REQ_DELEGATE : 0;
	peer_password(&credentials, "", options & 8 ? "somebody" : client.user,
		      options & 16 ? "" : client.password);
	fuzz_assert(credssp_half_write(&half, s->state, sizeof(s->state), &s->state_len),
		    "the state does not fit");
}

static void set_up(void)
{
	s = server_new(oracle_account_file);
	s->engine = &credssp_engine;
	s->outer = true;
	s->seal = peer_module;
	key = (struct wire_part){ key_bytes, bytes_hex(PEER_KEY, key_bytes, sizeof(key_bytes)) };
}

/* Nobody is let in whom NTLM has not let in, and who has not bound the key. */
static void check_success(bool answered, bool bound, unsigned int options)
{
	fuzz_assert(answered && bound, "accepted too early");
	fuzz_assert(s->result.account.user[0] && !s->result.state_len && !s->result.token_len,
		    "accepted, and half of it is missing");
	fuzz_assert(!(options & 8), "accepted with somebody else's credentials");
	fuzz_assert(!s->result.secret.type == !(options & 4 && !(options & 16)),
		    "delegated, and nobody wanted that");
	fuzz_assert((options & 6) != 6, "delegated, and it is forbidden");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const versions[] = {
		"02", "03", "04", "05", "06", "07", "01", "00", "ff", "7fffffff",
	};
	struct fuzz_input in = { data, size };
	unsigned int options = fuzz_take8(&in), i;
	const char *version = versions[fuzz_take8(&in) % (sizeof(versions) / sizeof(versions[0]))];
	bool answered = false, bound = false;

	if (!s)
		set_up();
	begin(options);
	for (i = 0; i < REQUESTS && in.len; i++) {
		int32_t status;

		make_request(&in, version, answered);
		status = server_step(s, i + 1, token.data, token.len);
		fuzz_assert(s->result.reason, "no reason");
		if (status == SEC_E_OK) {
			check_success(answered, bound, options);
			return 0;
		}
		if (status != SEC_I_CONTINUE_NEEDED) {
			fuzz_assert(!s->result.key_len && !s->result.state_len &&
				    !s->result.ret_flags && !s->result.secret.type,
				    "refused, and something is granted");
			return 0;
		}
		if (s->result.partial) {
			fuzz_assert(!s->result.token && !s->result.state_len,
				    "a beginning of a TSRequest has been judged");
			continue;
		}
		fuzz_assert(s->result.state_len, "to be continued, and nothing is kept");
		bound |= answered;
		answered |= answer_challenge();
		peer_module_keys(&s->result);
		memcpy(s->state, s->result.state, s->result.state_len);
		s->state_len = s->result.state_len;
	}
	return 0;
}
