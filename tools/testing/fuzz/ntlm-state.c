// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the half-open state that the module keeps between the legs, which a ksecd
 * of another version may have written.  Input: the state.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/ntlm.h"
#include "ntlm_oracle.h"

static struct server *s;
static struct bytes authenticate;

/* A client's answer to the first challenge there is */
static void set_up(void)
{
	static struct bytes negotiate;
	struct client c;

	s = server_new(oracle_account_file);
	client_init(&c);
	client_negotiate(&c, &negotiate);
	server_negotiate(s, &negotiate);
	client_authenticate(&c, &negotiate, &s->challenge, &authenticate);
}

static void check_parts(const uint8_t *data, size_t size, const struct ntlm_state *state)
{
	uint8_t *again = malloc(size), *small = malloc(size);
	size_t len = 0, none = 4711;

	if (!again || !small)
		abort();
	fuzz_assert(fuzz_is_within(state->negotiate.data, state->negotiate.len, data, size) &&
		    fuzz_is_within(state->challenge.data, state->challenge.len, data, size) &&
		    fuzz_is_within(state->bindings.data, state->bindings.len, data, size),
		    "a part lies outside");
	fuzz_assert(ntlm_state_write(state, again, size, &len), "read, and it cannot be written");
	fuzz_assert(len == size && !memcmp(again, data, size), "written otherwise than read");
	memset(small, 0xa5, size);
	fuzz_assert(!ntlm_state_write(state, small, size - 1, &none), "it does not fit");
	fuzz_assert(none == 4711 && fuzz_is_all(small, 0xa5, size), "refused, and written");
	free(again);
	free(small);
}

static void check_logon(const uint8_t *data, size_t size, const struct ntlm_state *state)
{
	static struct bytes negotiate, challenge;
	const struct engine_result *res = &s->result;
	struct oracle o = {
		.server = s, .negotiate = &negotiate, .challenge = &challenge,
		.token = authenticate.data, .token_len = authenticate.len,
	};
	const char *wrong;

	memcpy(s->state, data, size);
	s->state_len = size;
	server_authenticate(s, &authenticate);
	oracle_check_result(res);
	if (res->status != SEC_E_OK)
		return;
	fuzz_assert(state, "accepted without a state");
	negotiate.len = challenge.len = 0;
	bytes_put(&negotiate, state->negotiate.data, state->negotiate.len);
	bytes_put(&challenge, state->challenge.data, state->challenge.len);
	o.bindings = state->bindings.len ? state->bindings.data : NULL;
	fuzz_assert(challenge.len >= NTLM_CHALLENGE_PAYLOAD, "accepted without a challenge");
	wrong = oracle_judge(&o);
	fuzz_assert(!wrong, "accepted, and there is %s", wrong);
	fuzz_assert(!memcmp(res->key, o.key, 16), "another key");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ntlm_state state;
	bool ok;

	if (!s)
		set_up();
	if (size > KSECDD_MAX_STATE)
		return 0;
	ok = ntlm_state_read(data, size, &state);
	if (ok)
		check_parts(data, size, &state);
	check_logon(data, size, ok ? &state : NULL);
	return 0;
}
