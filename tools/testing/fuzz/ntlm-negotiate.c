// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the first leg of NTLM: NEGOTIATE_MESSAGE in, CHALLENGE_MESSAGE and state
 * out (MS-NLMP 3.2.5.1.1).
 *
 * Input: a byte of policy, a byte that chooses names, and the message.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/ntlm.h"
#include "ntlm_oracle.h"

/* What the client must have asked for to get it */
#define WISHES	(NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL | \
		 NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | NTLMSSP_NEGOTIATE_KEY_EXCH | \
		 NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_56 | NTLMSSP_NEGOTIATE_IDENTIFY | \
		 NTLMSSP_NEGOTIATE_VERSION | NTLMSSP_NEGOTIATE_UNICODE)

static const struct engine_names names[] = {
	{ "SERVER", "DOM", "server.dom.example", "dom.example", false },
	{ "SERVER", "DOM", "server.dom.example", "dom.example", true },
	{ "S", "S", "", "", false },
	{ "M\xc3\x9cLLER", "\xf0\x9f\x94\x91", "m\xc3\xbcller.example", "example", true },
};

static void check_parts(const uint8_t *token, size_t len)
{
	struct ntlm_negotiate message;

	if (ntlm_parse_negotiate(token, len, &message))
		return;
	fuzz_assert(fuzz_is_within(message.workstation.data, message.workstation.len, token, len),
		    "the workstation lies outside");
	fuzz_assert(fuzz_is_within(message.domain.data, message.domain.len, token, len),
		    "the domain lies outside");
	fuzz_assert(message.flags & NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED || !message.domain.len,
		    "a domain that was not supplied");
}

static void check_challenge(const struct server *s, uint32_t asked)
{
	const uint8_t *token = s->result.token;
	struct ntlm_challenge challenge;
	size_t id;

	fuzz_assert(!ntlm_parse_challenge(token, s->result.token_len, &challenge),
		    "our own challenge does not parse");
	fuzz_assert(!(challenge.flags & WISHES & ~asked), "granted and not asked for: 0x%x",
		    challenge.flags & WISHES & ~asked);
	fuzz_assert(!(challenge.flags & NTLMSSP_NEGOTIATE_UNICODE) !=
		    !(challenge.flags & NTLMSSP_NEGOTIATE_OEM), "not one set of characters");
	fuzz_assert(!(challenge.flags & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)) ||
		    challenge.flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY,
		    "protection that the module does not have");
	fuzz_assert(!s->policy.require_128 || challenge.flags & NTLMSSP_NEGOTIATE_128 ||
		    !(challenge.flags & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)),
		    "weak keys, against the policy");
	fuzz_assert(challenge.target_info.value[NTLM_AV_TIMESTAMP].len == 8 &&
		    ntlm_get64(challenge.target_info.value[NTLM_AV_TIMESTAMP].data) == s->now,
		    "another time");
	for (id = 0; id < NTLM_AV_COUNT; id++)
		fuzz_assert(fuzz_is_within(challenge.target_info.value[id].data,
					   challenge.target_info.value[id].len, token,
					   s->result.token_len), "AV pair %zu lies outside", id);
}

static void check_state(const struct server *s, const uint8_t *token, size_t len)
{
	struct ntlm_state state;

	fuzz_assert(ntlm_state_read(s->result.state, s->result.state_len, &state),
		    "our own state does not parse");
	fuzz_assert(state.negotiate.len == len && !memcmp(state.negotiate.data, token, len),
		    "the state has another NEGOTIATE_MESSAGE");
	fuzz_assert(state.challenge.len == s->result.token_len &&
		    !memcmp(state.challenge.data, s->result.token, s->result.token_len),
		    "the state has another CHALLENGE_MESSAGE");
	fuzz_assert(state.bindings.len == (s->bindings ? 16 : 0), "the state lacks the bindings");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t bindings[32];
	static struct server *s;
	struct fuzz_input in = { data, size };
	uint8_t policy = fuzz_take8(&in);
	uint8_t *token;
	size_t len;

	if (!s)
		s = server_new(oracle_account_file);
	s->policy.require_128 = policy & 1;
	s->policy.require_mic = policy & 2;
	s->policy.require_cbt = policy & 4;
	s->no_random = policy & 8;
	s->bindings = policy & 16 ? bindings : NULL;
	s->bindings_len = sizeof(bindings);
	s->req_flags = policy & 32 ? ASC_REQ_DATAGRAM : 0;
	s->random = 1;
	s->names = names[fuzz_take_below(&in, sizeof(names) / sizeof(names[0]))];
	token = fuzz_take_rest(&in, &len);

	check_parts(token, len);
	server_step(s, 0, token, len);
	oracle_check_result(&s->result);
	fuzz_assert(s->result.status != SEC_E_OK, "accepted after one message");
	if (s->result.status == SEC_I_CONTINUE_NEEDED) {
		fuzz_assert(!s->no_random, "a challenge that is not random");
		fuzz_assert(len >= 16, "a challenge for %zu bytes", len);
		check_challenge(s, ntlm_get32(token + 12));
		check_state(s, token, len);
	} else {
		fuzz_assert(s->no_random == (s->result.status == SEC_E_INTERNAL_ERROR) ||
			    s->result.status == SEC_E_INVALID_TOKEN ||
			    s->result.status == SEC_E_UNSUPPORTED_FUNCTION,
			    "0x%x: %s", s->result.status, s->result.reason);
	}
	free(token);
	return 0;
}
