// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing handshakes of TLS: what a client may send, in tokens of any size, and the
 * application protocols that a service gives.
 *
 * Input: whether clients are asked for a certificate; the protocols; then tokens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "tools/testing/unit/tls/fixture.h"

static struct tls_servers *servers;

static void end(void)
{
	tls_half_open_clear();
	tls_servers_free(servers);
	fixture_end();
}

static void begin(void)
{
	char more[PATH_MAX + 64];

	if (servers)
		return;
	fixture_begin();
	snprintf(more, sizeof(more), "alpn = h2\nclient-ca = %s\n", fixture_path("ca.crt"));
	servers = fixture_load(more);
	atexit(end);
}

/* Whoever has no key gets nowhere; what an answer has goes with its status. */
static void check(const struct tls_answer *answer)
{
	fuzz_assert(answer->status != SEC_E_OK && !answer->session.has_keys &&
		    !answer->has_account && !answer->public_key, "a session of nothing");
	fuzz_assert(answer->reason && *answer->reason, "no reason");
	fuzz_assert((answer->status == SEC_I_CONTINUE_NEEDED) == (answer->state_len != 0) &&
		    answer->state_len <= TLS_MAX_STATE, "state of %zu bytes with 0x%08x",
		    answer->state_len, (unsigned int)answer->status);
	fuzz_assert(answer->status == SEC_I_CONTINUE_NEEDED || answer->status < 0,
		    "status 0x%08x", (unsigned int)answer->status);
	fuzz_assert(!answer->token_len || (answer->token && answer->token[1] == 3),
		    "what is sent are no records");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct tls_question question = { .context = 1 };
	uint8_t state[TLS_MAX_STATE];
	struct tls_answer answer;
	uint8_t *protocols, *token;
	unsigned int leg = 0;

	begin();
	question.server = tls_server_find(servers, "", 0);
	question.client = fuzz_take_below(&in, 3);
	protocols = fuzz_take_bytes(&in, 64, &question.protocols_len);
	question.protocols = protocols;
	do {
		token = fuzz_take_bytes(&in, 2048, &question.token_len);
		question.token = token;
		question.state = state;
		tls_accept(&question, &answer);
		check(&answer);
		memcpy(state, answer.state, sizeof(state));
		question.state_len = answer.state_len;
		tls_answer_clear(&answer);
		free(token);
	} while (question.state_len && in.len && leg++ < 64);
	tls_half_open_drop(1);
	free(protocols);
	return 0;
}
