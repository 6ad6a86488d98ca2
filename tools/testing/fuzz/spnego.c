// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the Negotiate engine: a negotiation of tokens that are made up, with NTLM
 * inside that knows a client's right answer.  Input: for each token a byte that says
 * what it is and, for those that are made up, a length and the bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/spnego/spnego.h"
#include "ntlm_oracle.h"
#include "tools/testing/unit/spnego/wire.h"

#define TOKENS	6

static struct server *s;
static struct client client;
static struct bytes negotiate, authenticate, token;
static const struct wire_part nothing;

/* What the client's MIC is, when it is the right one; the module is asked. */
static const struct wire_part right_mic = { "the client's MIC", 16 };

static struct wire_part part_of(const struct bytes *b)
{
	return (struct wire_part){ b->data, b->len };
}

/* NTLM's challenge, wherever it is in what the engine sent; the client answers it. */
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

static void make_token(struct fuzz_input *in, unsigned int kind)
{
	static const char *const offers[] = {
		WIRE_NTLM, WIRE_KRB5 WIRE_NTLM, WIRE_NEGOEX WIRE_NTLM, WIRE_NEGOEX,
	};
	struct wire_resp resp = { .state = (int)(kind >> 4 & 7) - 1 };
	uint8_t *bytes;
	size_t len;

	token.len = 0;
	switch (kind & 7) {
	case 0:
		bytes = fuzz_take_bytes(in, 1024, &len);
		bytes_put(&token, bytes, len);
		free(bytes);
		return;
	case 1:
		wire_init(&token, offers[kind >> 4 & 3], part_of(&negotiate), nothing);
		return;
	case 2:
		wire_init(&token, offers[kind >> 4 & 3], nothing,
			  kind & 8 ? right_mic : nothing);
		return;
	case 3:
		bytes_put(&token, negotiate.data, negotiate.len);
		return;
	case 4:
		bytes_put(&token, authenticate.data, authenticate.len);
		return;
	case 5:
		resp.token = part_of(&negotiate);
		break;
	case 6:
		resp.token = part_of(&authenticate);
		break;
	default:
		break;
	}
	if (kind & 8)
		resp.mic = right_mic;
	wire_resp(&token, &resp);
}

/* Nobody is let in whom NTLM has not let in, nor without the MIC that is due. */
static void check_success(bool answered)
{
	bool raw = !s->result.token;

	fuzz_assert(s->result.key_len == 16 && s->result.account.user[0] && !s->result.state_len,
		    "accepted, and half of it is missing");
	fuzz_assert(answered, "accepted without an answer to the challenge");
	fuzz_assert(s->result.mech == KSECDD_PACKAGE_NTLM, "accepted by nobody");
	fuzz_assert(raw || !client.mic || !s->result.key_len || s->received.len == 16,
		    "accepted without the client's MIC");
	fuzz_assert(raw || !s->received.len || s->mic_status == SEC_E_OK,
		    "accepted with a MIC that is wrong");
}

static void set_up(void)
{
	s = server_new(oracle_account_file);
	s->engine = &spnego_engine;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	uint8_t options = fuzz_take8(&in);
	bool answered = false;
	uint32_t leg = 0;
	unsigned int i;

	if (!s)
		set_up();
	client_init(&client);
	client.mic = options & 1;
	client_negotiate(&client, &negotiate);
	s->negotiate = negotiate;
	s->mic_status = options & 2 ? SEC_E_MESSAGE_ALTERED : SEC_E_OK;
	/* There is no Kerberos here: where it may be chosen, it refuses everybody. */
	s->mechs = options & 8 ? UINT32_MAX : ~(UINT32_C(1) << KSECDD_PACKAGE_KERBEROS);
	if (options & 4)
		s->mechs &= ~(UINT32_C(1) << KSECDD_PACKAGE_NTLM);
	s->state_len = 0;
	authenticate.len = 0;
	for (i = 0; i < TOKENS && in.len; i++) {
		int32_t status;

		make_token(&in, fuzz_take8(&in));
		s->covered.len = s->received.len = 0;
		status = server_step(s, leg, token.data, token.len);
		fuzz_assert(s->result.reason, "no reason");
		if (status == SEC_E_OK) {
			check_success(answered);
			return 0;
		}
		if (status != SEC_I_CONTINUE_NEEDED) {
			fuzz_assert(!s->result.key_len && !s->result.state_len &&
				    !s->result.ret_flags, "refused, and something is granted");
			return 0;
		}
		fuzz_assert(!(options & 4) || !answer_challenge(), "NTLM, and it is forbidden");
		if (s->result.partial) {
			fuzz_assert(!s->result.token && !s->result.state_len,
				    "a beginning of a token has been judged");
			continue;
		}
		fuzz_assert(s->result.state_len, "to be continued, and nothing is kept");
		answered |= answer_challenge();
		memcpy(s->state, s->result.state, s->result.state_len);
		s->state_len = s->result.state_len;
		leg++;
	}
	return 0;
}
