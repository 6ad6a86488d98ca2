// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The codec of SPNEGO: tokens of other implementations, tokens that are wrong in
 * every way that has been a hole somewhere, and both directions against each other.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/spnego/spnego.h"
#include "tools/testing/tap/tap.h"
#include "wire.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* What a Windows client sends that does NTLM first: 40 bytes of NTLMSSP */
#define WINDOWS_NTLM_TOKEN \
	"4e544c4d53535000010000009782" "08e2000000000000000000000000000000000a0063450000000f"
#define WINDOWS_INIT \
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a0428" WINDOWS_NTLM_TOKEN

/* What Samba's and Windows' servers begin with where they have NTLM only */
#define SERVER_HINT \
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f74" \
	"5f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265"

/* The end of a logon of gss-ntlmssp at Samba: accept-completed and a MIC */
#define SAMBA_MIC	"01000000f97de2a41f026c5500000000"
#define SAMBA_COMPLETED	"a11b3019a0030a0100a3120410" SAMBA_MIC

static struct bytes msg;

/* The parsers get a copy that ends where the token ends. */
static const char *parse_init(struct spnego_init *init, uint8_t **copy)
{
	*copy = bytes_copy(msg.data, msg.len);
	return spnego_parse_init(*copy, msg.len, init);
}

static bool init_is_wrong(void)
{
	struct spnego_init init;
	uint8_t *copy;
	bool wrong = parse_init(&init, &copy);

	free(copy);
	return wrong;
}

static bool resp_is_wrong(void)
{
	uint8_t *copy = bytes_copy(msg.data, msg.len);
	struct spnego_resp resp;
	bool wrong = spnego_parse_resp(copy, msg.len, &resp);

	free(copy);
	return wrong;
}

static bool span_is(const struct der_span *span, const char *hex)
{
	uint8_t want[512];
	size_t len = bytes_hex(hex, want, sizeof(want));

	return span->data && span->len == len && !memcmp(span->data, want, len);
}

static void test_windows(void)
{
	struct spnego_init init;
	uint8_t *copy;

	msg.len = 0;
	wire_hex(&msg, WINDOWS_INIT);
	tap_ok(!parse_init(&init, &copy), "Windows: NegTokenInit with NTLM");
	tap_ok(init.mechs == 1 && span_is(&init.mech[0], WIRE_NTLM + 4), "Windows: its mechanism");
	tap_ok(span_is(&init.mech_types, "300c" WIRE_NTLM), "Windows: what a MIC would cover");
	tap_ok(span_is(&init.token, WINDOWS_NTLM_TOKEN), "Windows: the token of NTLM");
	tap_ok(!init.mic.data, "Windows: no MIC");
	free(copy);
}

static void test_member(void)
{
	struct spnego_init init;
	uint8_t *copy;

	wire_init(&msg, WIRE_MS_KRB5 WIRE_KRB5 WIRE_NEGOEX WIRE_NTLM,
		  (struct wire_part){ "abc", 3 }, (struct wire_part){});
	tap_ok(!parse_init(&init, &copy), "Windows: NegTokenInit of a domain's member");
	tap_is(init.mechs, 4, "Windows: four mechanisms");
	tap_ok(span_is(&init.mech[0], WIRE_MS_KRB5 + 4) && span_is(&init.mech[3], WIRE_NTLM + 4),
	       "Windows: in their order");
	tap_ok(span_is(&init.mech_types, "302e" WIRE_MS_KRB5 WIRE_KRB5 WIRE_NEGOEX WIRE_NTLM),
	       "Windows: all of them are covered");
	free(copy);
}

static void test_hint(void)
{
	const struct der_span *oid = &spnego_mechs[spnego_mech_count - 1].oids[0];
	struct spnego_init init;
	uint8_t *token = NULL, *copy;
	size_t len = 0;

	msg.len = 0;
	wire_hex(&msg, SERVER_HINT);
	tap_ok(spnego_build_hint(oid, 1, &token, &len) && len == msg.len &&
	       !memcmp(token, msg.data, len), "NegTokenInit2 is that of Samba and Windows, bit by bit");
	free(token);
	tap_ok(!parse_init(&init, &copy) && init.mechs == 1 && !init.token.data && !init.mic.data,
	       "and read back, the hints are ignored");
	free(copy);
}

static void test_resp(void)
{
	struct spnego_resp resp;
	uint8_t *token = NULL;
	size_t len = 0;

	msg.len = 0;
	wire_hex(&msg, SAMBA_COMPLETED);
	tap_ok(!spnego_parse_resp(msg.data, msg.len, &resp), "Samba: the last token");
	tap_ok(resp.state == SPNEGO_ACCEPT_COMPLETED && span_is(&resp.mic, SAMBA_MIC) &&
	       !resp.mech.data && !resp.token.data, "Samba: accept-completed, a MIC, nothing else");
	tap_ok(spnego_build_resp(&resp, &token, &len) && len == msg.len &&
	       !memcmp(token, msg.data, len), "and made again, it is the same bit by bit");
	free(token);
}

/* What is built by one is read by the other, of every shape and length. */
static void test_round(void)
{
	static const size_t lengths[] = { 0, 1, 10, 100, 127, 128, 129, 255, 256, 257, 4000, 48000 };
	static const char ntlm[] = WIRE_NTLM;
	static uint8_t big[48000], mech[16];
	size_t mech_len = bytes_hex(ntlm, mech, sizeof(mech)), n = 0, i;
	unsigned int shape;

	memset(big, 0x5a, sizeof(big));
	for (i = 0; i < COUNT(lengths); i++) {
		for (shape = 0; shape < 40; shape++) {
			struct der_span octets = { big, lengths[i] };
			struct spnego_resp in = { .state = (int)(shape & 7) - 1 };
			struct wire_resp out;
			uint8_t *token = NULL;
			size_t len = 0;

			if ((shape & 7) > 4)
				continue;
			if (shape & 8)
				in.token = octets;
			if (shape & 16)
				in.mic = octets;
			if (shape & 32)
				in.mech = (struct der_span){ mech + 2, mech_len - 2 };
			if (spnego_build_resp(&in, &token, &len) &&
			    wire_read_resp(token, len, &out) && out.state == (int)in.state &&
			    !in.token.data == !out.token.data && in.token.len == out.token.len &&
			    !in.mic.data == !out.mic.data && in.mic.len == out.mic.len &&
			    !in.mech.data == !out.mech.data &&
			    (!in.mech.data || (out.mech.len == mech_len &&
					       !memcmp(out.mech.data, mech, mech_len))))
				n++;
			free(token);
		}
	}
	tap_is(n, COUNT(lengths) * 25, "NegTokenResp of every shape is what it should be");
}

/* What ends a token too early or too late */
static void test_lengths(void)
{
	size_t len, partial = 0, wrong = 0;

	wire_init(&msg, WIRE_NTLM, (struct wire_part){ "abc", 3 }, (struct wire_part){});
	for (len = 0; len <= msg.len; len++) {
		uint8_t *copy = bytes_copy(msg.data, len);
		struct spnego_init init;

		partial += spnego_measure(copy, len, SPNEGO_TAG_INITIAL, SPNEGO_MAX_TOKEN) ==
			   DER_PARTIAL;
		wrong += spnego_parse_init(copy, len, &init) != NULL;
		free(copy);
	}
	tap_is(partial, msg.len - 2, "P2: from its header on, a token is a beginning");
	tap_is(wrong, msg.len, "and is read when it is whole");
	wire_hex(&msg, "00");
	tap_ok(init_is_wrong(), "a byte behind the token");
	tap_is(spnego_measure(msg.data, msg.len, SPNEGO_TAG_RESPONSE, SPNEGO_MAX_TOKEN),
	       DER_MALFORMED, "P2: another token than was expected");
}

struct wrong {
	const char *what;
	const char *hex;
};

/* Headers; behind each there is nothing */
static void test_headers(void)
{
	static const struct wrong headers[] = {
		{ "B03: indefinite", "6080" },
		{ "B03: 84FFFFFFFF", "6084ffffffff" },
		{ "B03: five bytes of length", "60850000000001" },
		{ "B03: 127 bytes of length", "60ff" },
		{ "not in the shortest form", "60810a" },
		{ "not in the shortest form, two bytes", "60820080" },
		{ "a length that is cut off", "6082ff" },
		{ "a length over the most", "6082bc81" },
		{ "a tag of more than one byte", "7f01" },
		{ "another tag", "6105" },
		{ "one byte", "60" },
	};
	size_t i;

	for (i = 0; i < COUNT(headers); i++) {
		msg.len = 0;
		wire_hex(&msg, headers[i].hex);
		tap_is(spnego_measure(msg.data, msg.len, SPNEGO_TAG_INITIAL, SPNEGO_MAX_TOKEN),
		       DER_MALFORMED, "P2, %s", headers[i].what);
	}
	msg.len = 0;
	wire_hex(&msg, "6082bc7c");
	tap_is(spnego_measure(msg.data, msg.len, SPNEGO_TAG_INITIAL, SPNEGO_MAX_TOKEN),
	       DER_PARTIAL, "P2: the longest token there may be");
}

/* Contents of the SEQUENCE of a NegTokenInit that are none */
static const struct wrong inits[] = {
	{ "B04: nothing", "" },
	{ "B04: no mechTypes", "a2050403616263" },
	{ "P3: mechTypes with nothing in it", "a000" },
	{ "P3: no mechanism", "a0023000" },
	{ "P3: mechTypes of another type", "a00c" WIRE_NTLM },
	{ "P3: a number among the mechanisms", "a0053003020101" },
	{ "P3: an empty mechanism", "a00430020600" },
	{ "P3: a mechanism that goes on", "a0053003060180" },
	{ "P3: a mechanism whose last number goes on", "a00930070605" "2b060182d0" },
	{ "P3: a mechanism with a zero in front", "a006300406028001" },
	{ "P3: two lists", "a01c300c" WIRE_NTLM "300c" WIRE_NTLM },
	{ "B03: mechTypes of indefinite length", "a0803080" WIRE_NTLM "00000000" },
	{ "B03: mechTypes longer than the token", "a020300c" WIRE_NTLM },
	{ "B03: the list longer than mechTypes", "a00e300d" WIRE_NTLM },
	{ "mechToken is a string of bits", "a00e300c" WIRE_NTLM "a2050303006263" },
	{ "mechToken in pieces", "a00e300c" WIRE_NTLM "a2072405040361626304" },
	{ "mechToken twice", "a00e300c" WIRE_NTLM "a2050403616263a2050403616263" },
	{ "mechToken empty of all", "a00e300c" WIRE_NTLM "a200" },
	{ "mechTypes behind mechToken", "a2050403616263a00e300c" WIRE_NTLM },
	{ "B06: two MICs", "a00e300c" WIRE_NTLM "a3050403616263a4050403616263" },
	{ "B06: a MIC with something behind it", "a00e300c" WIRE_NTLM "a30704036162630500" },
	{ "an element that nobody knows", "a00e300c" WIRE_NTLM "a5020500" },
	{ "an implicit tag", "a00e300c" WIRE_NTLM "8203616263" },
};

static const struct wrong resps[] = {
	{ "negState of two bytes", "a0040a020000" },
	{ "negState that is no state", "a0030a0104" },
	{ "negState below zero", "a0030a01ff" },
	{ "negState empty", "a0020a00" },
	{ "negState is a number", "a003020100" },
	{ "negState twice", "a0030a0100a0030a0100" },
	{ "supportedMech is a string", "a1050403616263" },
	{ "supportedMech empty", "a1020600" },
	{ "supportedMech whose last number goes on", "a10c060a" "2b060104" "0182d0fdfdf5" },
	{ "supportedMech with a zero in front of a number", "a1070605" "2b06018001" },
	{ "responseToken of indefinite length", "a2800403616263" "0000" },
	{ "responseToken longer than the token", "a2050404616263" },
	{ "mechListMIC before responseToken", "a3050403616263a2050403616263" },
	{ "an element that nobody knows", "a4050403616263" },
};

static void test_malformed(void)
{
	size_t i;

	for (i = 0; i < COUNT(inits); i++) {
		static struct bytes oid;

		msg.len = oid.len = 0;
		wire_hex(&msg, inits[i].hex);
		wire_wrap(&msg, 0x30);
		wire_wrap(&msg, 0xa0);
		wire_hex(&oid, WIRE_SPNEGO);
		bytes_put(&oid, msg.data, msg.len);
		msg = oid;
		wire_wrap(&msg, 0x60);
		tap_ok(init_is_wrong(), "NegTokenInit, %s", inits[i].what);
	}
	for (i = 0; i < COUNT(resps); i++) {
		msg.len = 0;
		wire_hex(&msg, resps[i].hex);
		wire_wrap(&msg, 0x30);
		wire_wrap(&msg, 0xa1);
		tap_ok(resp_is_wrong(), "NegTokenResp, %s", resps[i].what);
	}
	msg.len = 0;
	wire_wrap(&msg, 0x30);
	wire_wrap(&msg, 0xa1);
	tap_ok(!resp_is_wrong(), "NegTokenResp with nothing in it is one");
	wire_init(&msg, WIRE_NTLM, (struct wire_part){}, (struct wire_part){});
	msg.data[8]++;
	tap_ok(init_is_wrong(), "NegTokenInit in the frame of another mechanism");
}

static void test_mechs(void)
{
	static char hex[(SPNEGO_MAX_MECHS + 1) * (sizeof(WIRE_NTLM) - 1) + 1];
	struct spnego_init init;
	uint8_t *copy;
	size_t i, n;

	for (n = SPNEGO_MAX_MECHS; n <= SPNEGO_MAX_MECHS + 1; n++) {
		hex[0] = '\0';
		for (i = 0; i < n; i++)
			strcat(hex, WIRE_NTLM);
		wire_init(&msg, hex, (struct wire_part){}, (struct wire_part){});
		tap_is(!parse_init(&init, &copy), n == SPNEGO_MAX_MECHS, "P3: %zu mechanisms", n);
		free(copy);
	}
}

/* Everything nested in itself, as deep as a token has room for */
static void test_depth(void)
{
	static const uint8_t tags[] = { 0x30, 0xa0, 0x60, 0x24 };
	size_t i, depth;

	for (i = 0; i < COUNT(tags); i++) {
		for (depth = 127; depth < 16000; depth *= 5) {
			size_t d;

			msg.len = 0;
			for (d = 0; d < depth; d++)
				wire_wrap(&msg, tags[i]);
			wire_wrap(&msg, 0x60);
			tap_ok(init_is_wrong(), "B03: %zu levels of %02x", depth, tags[i]);
		}
	}
}

/* Each bit the other way round: nothing is read that is not there. */
static void test_bits(void)
{
	static struct bytes good;
	size_t i, refused = 0;

	wire_init(&good, WIRE_MS_KRB5 WIRE_NTLM, (struct wire_part){ "abc", 3 },
		  (struct wire_part){ "mic", 3 });
	for (i = 0; i < 8 * good.len; i++) {
		msg = good;
		msg.data[i / 8] ^= 1 << i % 8;
		refused += init_is_wrong();
	}
	tap_ok(refused > 4 * good.len, "NegTokenInit with one bit wrong: %zu of %zu refused",
	       refused, 8 * good.len);
	good.len = 0;
	wire_hex(&good, "a11e301ca0030a0103a10c" WIRE_NTLM "a2030401ffa302040000");
	good.data[1] = (uint8_t)(good.len - 2);
	good.data[3] = (uint8_t)(good.len - 4);
	for (i = 0; i < 8 * good.len; i++) {
		msg = good;
		msg.data[i / 8] ^= 1 << i % 8;
		refused += resp_is_wrong();
	}
	tap_ok(refused, "NegTokenResp with one bit wrong");
}

int main(void)
{
	test_windows();
	test_member();
	test_hint();
	test_resp();
	test_round();
	test_lengths();
	test_headers();
	test_malformed();
	test_mechs();
	test_depth();
	test_bits();
	return tap_done();
}
