// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The first leg: NEGOTIATE_MESSAGE and the challenge it gets.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/ntlm/message.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

#define ACCOUNTS	"alice:00112233445566778899aabbccddeeff:\n"

/* Challenges that must not repeat: one in 2^16 connections would be a gift. */
#define CHALLENGES	65536

static struct bytes msg;

static void make(uint32_t flags)
{
	struct client c;

	client_init(&c);
	c.negotiate = flags;
	client_negotiate(&c, &msg);
}

/* Flags of the challenge for these, 0 if there is none. */
static uint32_t answer(struct server *s, uint32_t flags)
{
	struct ntlm_challenge challenge;

	make(flags);
	if (server_negotiate(s, &msg) != SEC_I_CONTINUE_NEEDED ||
	    ntlm_parse_challenge(s->challenge.data, s->challenge.len, &challenge))
		return 0;
	return challenge.flags;
}

static void test_malformed(struct server *s)
{
	static const uint32_t types[] = { 0, 2, 3, 4, 0xffffffff };
	size_t len, i;

	make(CLIENT_FLAGS);
	for (len = 0; len < 16; len++)
		if (server_step(s, 0, msg.data, len) != SEC_E_INVALID_TOKEN)
			break;
	tap_is(len, 16, "N1, A16: fewer than 16 bytes");
	for (len = 16; len <= msg.len; len++)
		if (server_step(s, 0, msg.data, len) != SEC_I_CONTINUE_NEEDED)
			break;
	tap_is(len, msg.len + 1, "N1: 16 bytes and any more are enough");
	for (i = 0; i < 8; i++) {
		make(CLIENT_FLAGS);
		msg.data[i] ^= 0x20;
		tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N1: signature, byte %zu", i);
	}
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		make(CLIENT_FLAGS);
		bytes_set32(msg.data + 8, types[i]);
		tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N1, A16, N22: type %u",
		       types[i]);
	}
	tap_ok(!s->result.token && !s->result.state_len && s->result.reason,
	       "a refusal has a reason, and neither token nor state");
}

static void test_fields(struct server *s)
{
	make(CLIENT_FLAGS);
	bytes_set32(msg.data + 16, 0xffffffff);
	bytes_set32(msg.data + 20, 0xffffffff);
	bytes_set32(msg.data + 24, 0xffffffff);
	bytes_set32(msg.data + 28, 0xffffffff);
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED,
	       "N1: names that are not announced are ignored");
	bytes_set32(msg.data + 12, CLIENT_FLAGS | NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED);
	tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N1: announced domain out of bounds");
	bytes_set32(msg.data + 12, CLIENT_FLAGS | NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED);
	tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN,
	       "N1: announced workstation out of bounds");
	tap_is(server_step(s, 0, msg.data, 16), SEC_E_INVALID_TOKEN,
	       "N1: announced workstation, message too short for it");

	make(CLIENT_FLAGS | NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED);
	bytes_set16(msg.data + 24, 4);
	bytes_set32(msg.data + 28, msg.len);
	tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N1: workstation just out of bounds");
	bytes_put(&msg, "HOST", 4);
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED, "N1: workstation just within");
	tap_ok(!strcmp(s->result.workstation, "HOST"), "N1: the log learns the workstation");
}

static void test_charset(struct server *s)
{
	uint32_t both = NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_OEM;

	make(CLIENT_FLAGS & ~both);
	tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N2: no character set");
	tap_is(answer(s, CLIENT_FLAGS | both) & both, NTLMSSP_NEGOTIATE_UNICODE,
	       "N2: Unicode goes before OEM");
	tap_is(answer(s, CLIENT_CURL) & both, NTLMSSP_NEGOTIATE_OEM, "N2: OEM alone");
	tap_ok(client_field_len(&s->challenge, 12) == 6 &&
	       !memcmp(s->challenge.data + 56, "SERVER", 6), "N2: TargetName in OEM characters");
	tap_mem(s->challenge.data + 62, "\2\0\6\0D\0O\0M\0", 10,
		"N5: target info in UTF-16 all the same");
}

static void test_flags(struct server *s)
{
	const uint32_t always = NTLMSSP_REQUEST_TARGET | NTLMSSP_NEGOTIATE_NTLM |
				NTLMSSP_NEGOTIATE_ALWAYS_SIGN | NTLMSSP_NEGOTIATE_TARGET_INFO |
				NTLMSSP_TARGET_TYPE_SERVER;
	const uint32_t unicode = NTLMSSP_NEGOTIATE_UNICODE, ess =
		NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY;
	const uint32_t sign = NTLMSSP_NEGOTIATE_SIGN, seal = NTLMSSP_NEGOTIATE_SEAL;
	const uint32_t strong = NTLMSSP_NEGOTIATE_128, weak = NTLMSSP_NEGOTIATE_56;
	uint32_t flags;

	tap_is(answer(s, unicode), always | unicode, "N3: what is always there");
	tap_is(answer(s, unicode | ess | sign | strong), always | unicode | ess | sign | strong,
	       "N3: SIGN");
	tap_is(answer(s, unicode | ess | seal | strong | weak),
	       always | unicode | ess | seal | strong | weak, "N3: SEAL, 56 and 128");
	tap_is(answer(s, unicode | ess | strong | weak), always | unicode | ess,
	       "N3: no key lengths without SIGN or SEAL");
	tap_is(answer(s, unicode | sign | seal | strong), always | unicode,
	       "N3: neither SIGN nor SEAL without extended session security");
	tap_is(answer(s, unicode | ess | NTLMSSP_NEGOTIATE_LM_KEY), always | unicode | ess,
	       "N3: extended session security wins over LM_KEY");
	tap_is(answer(s, unicode | NTLMSSP_NEGOTIATE_LM_KEY), always | unicode, "N3: never LM_KEY");
	tap_is(answer(s, unicode | NTLMSSP_NEGOTIATE_KEY_EXCH),
	       always | unicode | NTLMSSP_NEGOTIATE_KEY_EXCH, "N3: KEY_EXCH");
	tap_is(answer(s, unicode | NTLMSSP_NEGOTIATE_DATAGRAM), always | unicode,
	       "N21: DATAGRAM is not granted");
	tap_is(answer(s, unicode | NTLMSSP_NEGOTIATE_IDENTIFY),
	       always | unicode | NTLMSSP_NEGOTIATE_IDENTIFY, "N3: IDENTIFY");
	flags = answer(s, 0xffffffff & ~(NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED |
					 NTLMSSP_NEGOTIATE_OEM_WORKSTATION_SUPPLIED));
	tap_is(flags, always | unicode | ess | sign | seal | strong | weak |
	       NTLMSSP_NEGOTIATE_KEY_EXCH | NTLMSSP_NEGOTIATE_IDENTIFY |
	       NTLMSSP_NEGOTIATE_VERSION, "N3: a client that sets every bit");

	s->names.in_domain = true;
	flags = answer(s, CLIENT_FLAGS);
	tap_is(flags & (NTLMSSP_TARGET_TYPE_DOMAIN | NTLMSSP_TARGET_TYPE_SERVER),
	       NTLMSSP_TARGET_TYPE_DOMAIN, "N3: a server of a domain says so");
	tap_mem(s->challenge.data + 56, "D\0O\0M\0", 6, "N3: and is called by it");
	s->names.in_domain = false;
}

static void test_strength(struct server *s)
{
	const uint32_t ess = NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY;
	const uint32_t weak = NTLMSSP_NEGOTIATE_56;

	make(ess | NTLMSSP_NEGOTIATE_SIGN | weak);
	tap_is(server_negotiate(s, &msg), SEC_E_UNSUPPORTED_FUNCTION, "N4: SIGN without 128");
	make(ess | NTLMSSP_NEGOTIATE_SEAL);
	tap_is(server_negotiate(s, &msg), SEC_E_UNSUPPORTED_FUNCTION, "N4: SEAL without 128");
	make(CLIENT_CURL);
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED, "N4: neither, as curl");
	s->policy.require_128 = false;
	tap_is(answer(s, ess | NTLMSSP_NEGOTIATE_SEAL | weak) & weak, weak,
	       "N4: 56 bit where the policy allows it");
	tap_ok(answer(s, ess | NTLMSSP_NEGOTIATE_SEAL) & NTLMSSP_NEGOTIATE_SEAL,
	       "N4: 40 bit where the policy allows it");
	s->policy.require_128 = true;
}

static void test_message(struct server *s)
{
	static const char want[] =
		"4e544c4d5353500002000000" "0c000c0038000000" "35828ae2" "0807060504030201"
		"0000000000000000" "6c006c0044000000" "0a0000000000000f"
		"530045005200560045005200"
		"0200060044004f004d00" "01000c00530045005200560045005200"
		"04001600" "64006f006d002e006500780061006d0070006c006500"
		"03002400" "7300650072007600650072002e"
		"0064006f006d002e006500780061006d0070006c006500"
		"07000800";
	uint8_t bytes[256];
	size_t len = bytes_hex(want, bytes, sizeof(bytes));

	s->random = 0x0102030405060708;
	make(CLIENT_FLAGS);
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED, "a challenge");
	tap_is(s->challenge.len, len + 12, "N5: its length");
	tap_mem(s->challenge.data, bytes, len, "N5: header, names and AV pairs, byte by byte");
	bytes_set64(bytes, SERVER_NOW);
	bytes_set32(bytes + 8, 0);
	tap_mem(s->challenge.data + len, bytes, 12, "N5: the time, and MsvAvEOL last");
	tap_ok(s->state_len > s->challenge.len + msg.len && s->state_len <= KSECDD_MAX_STATE,
	       "the state holds both messages");
	tap_ok(s->result.key_len == 0 && !s->result.ret_flags, "no key and no attributes yet");

	make(CLIENT_FLAGS & ~NTLMSSP_NEGOTIATE_VERSION);
	server_negotiate(s, &msg);
	tap_mem(s->challenge.data + 48, "\0\0\0\0\0\0\0", 8, "no version for who does not ask");
	s->names.dns_domain = "";
	server_negotiate(s, &msg);
	tap_is(s->challenge.len, len + 12 - 26, "N5: no AV pair for a domain without DNS name");
	s->names.dns_domain = "dom.example";
}

static void test_limits(struct server *s)
{
	static char name[KSECDD_MAX_STATE];
	size_t longest;

	make(CLIENT_FLAGS);
	while (msg.len < KSECDD_MAX_STATE)
		bytes_put(&msg, "", 1);
	for (longest = 0; longest < msg.len; longest++)
		if (server_step(s, 0, msg.data, msg.len - longest) == SEC_I_CONTINUE_NEEDED)
			break;
	tap_is(s->result.state_len, KSECDD_MAX_STATE, "the longest NEGOTIATE_MESSAGE fills the state");
	tap_is(server_step(s, 0, msg.data, msg.len - longest + 1), SEC_E_INVALID_TOKEN,
	       "one byte more is refused");
	tap_ok(!s->result.token, "without a challenge");

	make(CLIENT_FLAGS);
	memset(name, 'x', sizeof(name) - 1);
	s->names.dns_computer = name;
	tap_is(server_negotiate(s, &msg), SEC_E_INTERNAL_ERROR, "names that do not fit");
	s->names.dns_computer = "\xff";
	tap_is(server_negotiate(s, &msg), SEC_E_INTERNAL_ERROR, "names that are not UTF-8");
	s->names.dns_computer = "server.dom.example";
	s->no_random = true;
	tap_is(server_negotiate(s, &msg), SEC_E_INTERNAL_ERROR, "J06: no random bytes, no challenge");
	s->no_random = false;
	s->req_flags = ASC_REQ_DATAGRAM;
	tap_is(server_negotiate(s, &msg), SEC_E_UNSUPPORTED_FUNCTION, "N21: datagrams");
	s->req_flags = ASC_REQ_CONFIDENTIALITY | ASC_REQ_DELEGATE | ASC_REQ_MUTUAL_AUTH |
		       0x80000000;
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED,
	       "G10: wishes that cannot come true are no failure");
	s->req_flags = 0;
	s->bindings = "too short";
	s->bindings_len = 9;
	tap_is(server_negotiate(s, &msg), SEC_E_INVALID_TOKEN, "N14: broken bindings of the service");
	s->bindings_len = 0;
	tap_is(server_negotiate(s, &msg), SEC_I_CONTINUE_NEEDED, "N14: empty bindings are none");
	s->bindings = NULL;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, 8);
}

/* The engine asks for random bytes each time and sends just those. */
static void test_uniqueness(struct server *s)
{
	uint8_t (*seen)[8] = calloc(CHALLENGES, 8);
	size_t i, twice = 0;

	if (!seen)
		tap_bail("out of memory");
	make(CLIENT_FLAGS);
	s->random = 1;
	for (i = 0; i < CHALLENGES; i++) {
		server_step(s, 0, msg.data, msg.len);
		memcpy(seen[i], s->result.token + 24, 8);
	}
	tap_is(s->random, CHALLENGES + 1, "N6: 8 random bytes for each challenge");
	qsort(seen, CHALLENGES, 8, compare);
	for (i = 1; i < CHALLENGES; i++)
		twice += !memcmp(seen[i - 1], seen[i], 8);
	tap_is(twice, 0, "N6: %d challenges, none twice", CHALLENGES);
	free(seen);
}

int main(void)
{
	struct server *s = server_new(ACCOUNTS);

	test_malformed(s);
	test_fields(s);
	test_charset(s);
	test_flags(s);
	test_strength(s);
	test_message(s);
	test_limits(s);
	test_uniqueness(s);
	server_free(s);
	return tap_done();
}
