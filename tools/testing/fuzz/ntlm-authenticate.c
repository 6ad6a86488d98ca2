// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the AUTHENTICATE_MESSAGE as it is on the wire (MS-NLMP 2.2.1.3): parsed,
 * and judged as the answer to a challenge that is always the same.
 *
 * Input: a byte of policy, a byte for the first leg, and the message.  libFuzzer
 * changes the message; then response and MIC are mostly made right again, since a
 * wrong one hides all that comes behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/message.h"
#include "ntlm_oracle.h"

#define HEAD	2

static struct server *s;
static struct bytes negotiate;
static uint8_t bindings[52];

static void set_up(uint8_t policy, uint8_t first)
{
	struct client c;

	if (!s) {
		s = server_new(oracle_account_file);
		bytes_set32(bindings + 24, 20);
		bytes_set32(bindings + 28, 32);
		memcpy(bindings + 32, "tls-unique:0123456789", 20);
	}
	s->policy.require_128 = !(policy & 1);
	s->policy.check_av_echo = !(policy & 2);
	s->policy.require_mic = policy & 4;
	s->policy.require_cbt = policy & 8;
	s->policy.max_skew = policy & 16 ? 0 : 129600;
	s->bindings = policy & 32 ? bindings : NULL;
	s->bindings_len = sizeof(bindings);
	s->req_flags = (policy & 64 ? ASC_REQ_ALLOW_NULL_SESSION : 0) |
		       (policy & 128 ? ASC_REQ_ALLOW_MISSING_BINDINGS : 0);
	s->bindings_once = first & 1;
	s->principal = first & 2 ? "HTTP/server" : NULL;
	s->random = 0x0102030405060708;
	client_init(&c);
	if (first & 4)
		c.negotiate = CLIENT_CURL;
	client_negotiate(&c, &negotiate);
	fuzz_assert(server_negotiate(s, &negotiate) == SEC_I_CONTINUE_NEEDED, "no challenge");
}

static void check_parts(const uint8_t *token, size_t len)
{
	struct ntlm_authenticate m;
	const struct ntlm_span *const fields[] = {
		&m.lm, &m.nt, &m.domain, &m.user, &m.workstation, &m.session_key,
	};
	size_t i, j, first = len;

	if (ntlm_parse_authenticate(token, len, &m))
		return;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct ntlm_span *a = fields[i];

		fuzz_assert(fuzz_is_within(a->data, a->len, token, len), "field %zu outside", i);
		if (!a->len)
			continue;
		fuzz_assert(a->data >= token + 64, "field %zu in the header", i);
		if ((size_t)(a->data - token) < first)
			first = a->data - token;
		for (j = 0; j < i; j++)
			fuzz_assert(!fields[j]->len || a->data >= fields[j]->data + fields[j]->len ||
				    fields[j]->data >= a->data + a->len,
				    "fields %zu and %zu overlap", i, j);
	}
	fuzz_assert(m.payload == first, "the payload begins at %zu and not %zu", m.payload, first);
}

static void check_verdict(const uint8_t *token, size_t len)
{
	struct engine_result *res = &s->result;
	uint8_t hash[16];
	struct oracle o = {
		.server = s, .negotiate = &s->negotiate, .challenge = &s->challenge,
		.token = token, .token_len = len,
		.bindings = s->bindings && !oracle_bindings(bindings, sizeof(bindings), hash) ?
			    hash : NULL,
	};
	const char *wrong = oracle_judge(&o);

	oracle_check_result(res);
	fuzz_assert(res->status != SEC_E_INTERNAL_ERROR, "%s", res->reason);
	if (res->status != SEC_E_OK)
		return;
	fuzz_assert(!wrong, "accepted, and there is %s", wrong);
	fuzz_assert(res->anonymous == !o.account, "anonymous or not");
	if (!o.account)
		return;
	fuzz_assert(!strcmp(res->account.user, o.account->user), "accepted as \"%s\", not \"%s\"",
		    res->account.user, o.account->user);
	fuzz_assert(!memcmp(res->key, o.key, 16), "another key");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD)
		return 0;
	set_up(data[0], data[1]);
	check_parts(data + HEAD, size - HEAD);
	server_step(s, 1, data + HEAD, size - HEAD);
	check_verdict(data + HEAD, size - HEAD);
	return 0;
}

/* libFuzzer's; what it may call is not declared in any header for C. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* A field of the message gets another value of the same length. */
static void change_field(uint8_t *token, size_t len, unsigned int seed)
{
	size_t at = 12 + 8 * (seed % 6), n, offset;

	if (len < 64)
		return;
	n = ntlm_get16(token + at);
	offset = ntlm_get32(token + at + 4);
	if (n && offset <= len && n <= len - offset)
		LLVMFuzzerMutate(token + offset, n, n);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	if (size > HEAD && seed & 1)
		change_field(data + HEAD, size - HEAD, seed >> 8);
	else
		size = LLVMFuzzerMutate(data, size, max_size);
	if (size > HEAD && seed & 6) {
		set_up(data[0], data[1]);
		oracle_repair(&s->negotiate, &s->challenge,
			      &oracle_accounts[seed & 0x70 ? 0 : seed >> 8 & 3], data + HEAD,
			      size - HEAD, !(seed & 0x80));
	}
	return size;
}
