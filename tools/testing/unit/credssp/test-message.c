// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The messages of CredSSP: known ones, what is written, and what is none.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/credssp/credssp.h"
#include "helper/ntlm/name.h"
#include "peer.h"
#include "tools/testing/tap/tap.h"

/* A TSRequest of version 6 with all that a client may say, as another program writes it */
#define SAMPLE	"3044a003020106a10b30093007a0050403313233a20b04096175746820696e666f" \
		"a30e040c707562206b65792061757468a40302010aa50e040c636c69656e74206e6f6e6365"

/* TSCredentials as clients send them: rdesktop 1.9 counts NULs, FreeRDP 2.11 does not */
#define RDESKTOP "304ba003020101a14404423040a01a04184b00530045004300440044002e005400450053" \
		 "0054000000a10e040c61006c006900630065000000a212041061006c00690063006500" \
		 "700077000000"
#define FREERDP	 "3039a003020101a1320430302ea008040644004f004d00a10c040a61006c0069006300" \
		 "6500a2140412500061007300730077003000720064002100"

static struct bytes msg, version;
static uint8_t *copy;

static bool span_is(const struct der_span *span, const char *text)
{
	return span->data && span->len == strlen(text) && !memcmp(span->data, text, span->len);
}

static const char *parse(struct ts_request *request)
{
	free(copy);
	copy = bytes_copy(msg.data, msg.len);
	return ts_request_parse(copy, msg.len, request);
}

static void from_hex(const char *hex)
{
	msg.len = 0;
	wire_hex(&msg, hex);
}

static void test_sample(void)
{
	struct ts_request request;

	from_hex(SAMPLE);
	tap_ok(!parse(&request), "the sample is a TSRequest");
	tap_is(request.version, 6, "its version");
	tap_ok(span_is(&request.nego, "123") && span_is(&request.auth_info, "auth info") &&
	       span_is(&request.pub_key, "pub key auth") &&
	       span_is(&request.nonce, "client nonce") && request.has_error, "its parts");
	tap_is(ts_request_measure(msg.data, msg.len), DER_WHOLE, "it is whole");
}

static void test_extent(void)
{
	size_t i;
	bool ok = true;

	from_hex(SAMPLE);
	for (i = 1; i < msg.len; i++)
		ok &= ts_request_measure(msg.data, i) == DER_PARTIAL;
	tap_ok(ok, "each beginning of it goes on");
	tap_is(ts_request_measure(msg.data, 0), DER_MALFORMED, "nothing is none");
	from_hex("3082fff0");
	for (i = 1; i <= msg.len; i++)
		tap_is(ts_request_measure(msg.data, i), DER_PARTIAL, "a long one, %zu bytes", i);
	from_hex("3083010001");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED, "one that is too long");
	from_hex("3085");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED, "a length of five bytes");
	from_hex("30ff");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED, "a length that is reserved");
	from_hex("3080");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED, "no length (BER)");
	from_hex("31");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED, "another tag");
}

/* What the daemon writes, another reader reads. */
static void test_build(void)
{
	static const struct {
		uint32_t error;
		const char *hex;
	} errors[] = {
		{ 0xc000006d, "c000006d" }, { 0xc00000bb, "c00000bb" }, { 10, "0a" },
		{ 0x80, "0080" }, { 0xffffff80, "80" }, { 0x7fffffff, "7fffffff" },
	};
	struct ts_request request = {
		.version = 6,
		.nego = { (const uint8_t *)"nego", 4 },
		.pub_key = { (const uint8_t *)"key", 3 },
		.has_error = true,
	};
	struct peer_request read;
	uint8_t *token, want[8];
	size_t len, i, n;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		request.error = errors[i].error;
		if (!ts_request_build(&request, &token, &len))
			tap_bail("out of memory");
		n = bytes_hex(errors[i].hex, want, sizeof(want));
		tap_ok(peer_read(token, len, &read, &version) && read.error.len == n &&
		       !memcmp(read.error.data, want, n) && version.len == 1 &&
		       version.data[0] == 6 && read.nego.len == 4 && read.pub_key.len == 3 &&
		       !read.nonce.data && !read.auth_info.data,
		       "errorCode %08x is written as %s", errors[i].error, errors[i].hex);
		free(token);
	}
}

/* C2: what a TSRequest is not */
static void test_wrong(void)
{
	static const struct {
		const char *what;
		const char *hex;
	} wrong[] = {
		{ "no version", "3000" },
		{ "a negative version", "3005a0030201ff" },
		{ "a version with a zero in front", "3006a00402020006" },
		{ "a version of five bytes", "3009a007020501000000 06" },
		{ "a version of 2^31", "3009a00702050080000000" },
		{ "an empty version", "3004a0020200" },
		{ "a version that is no INTEGER", "3005a003040106" },
		{ "two versions", "300aa003020106a003020106" },
		{ "an unknown element", "300aa003020106a603020101" },
		{ "the wrong order", "300fa003020106a3050403616263a2030401 61" },
		{ "bytes behind it", "3005a00302010600" },
		{ "bytes in it", "3007a0030201060500" },
		{ "empty negoTokens", "3009a003020106a1023000" },
		{ "negoTokens without a token", "300ba003020106a10430023000" },
		{ "two negoTokens", "3019a003020106a11230103007a00504033132333005a003040131" },
		{ "a negoToken that is no OCTET STRING", "3010a003020106a10930073005a003020101" },
		{ "a length with a zero in front", "308105a003020106" },
		{ "indefinite length", "3080a0030201060000" },
		{ "a SET", "3105a003020106" },
	};
	struct ts_request request;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char hex[128], *to = hex;
		const char *from;

		for (from = wrong[i].hex; *from; from++)
			if (*from != ' ')
				*to++ = *from;
		*to = '\0';
		from_hex(hex);
		tap_ok(parse(&request), "C2: %s is no TSRequest", wrong[i].what);
	}
	from_hex("3006a00402020080");
	tap_ok(!parse(&request) && request.version == 0x80, "a zero that has to be there");
	from_hex("3008a00602047fffffff");
	tap_ok(!parse(&request) && request.version == 0x7fffffff, "the largest version");
}

/* rdesktop's lengths: from 128 on there are always two bytes */
static void test_long_lengths(void)
{
	static const char zeros[2 * 130 + 1] =
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000000000000000000000000000000000000000000000000000000000000000"
		"0000";
	struct ts_request request;
	char hex[512];

	snprintf(hex, sizeof(hex), "3082008fa003020102a3820086" "04820082" "%s", zeros);
	from_hex(hex);
	tap_ok(!parse(&request) && request.version == 2 && request.pub_key.len == 130,
	       "lengths of two bytes where one is enough");
	tap_is(ts_request_measure(msg.data, msg.len), DER_WHOLE, "it is whole");
	tap_is(ts_request_measure(msg.data, msg.len - 1), DER_PARTIAL, "a byte less is not");
	from_hex("308105a003020102");
	tap_is(ts_request_measure(msg.data, msg.len), DER_MALFORMED,
	       "there is one length below 128 only");
}

static void text_is(const struct der_span *span, const char *text, const char *what)
{
	char found[256];
	size_t len = span->len;

	while (len >= 2 && !span->data[len - 1] && !span->data[len - 2])
		len -= 2;
	tap_ok(span->data && !name_from_utf16(span->data, len, found, sizeof(found)) &&
	       !strcmp(found, text), "%s: \"%s\"", what, text);
}

static const char *parse_credentials(struct ts_credentials *credentials)
{
	free(copy);
	copy = bytes_copy(msg.data, msg.len);
	return ts_credentials_parse(copy, msg.len, credentials);
}

static void test_credentials(void)
{
	static const struct {
		const char *what, *hex, *user, *domain, *secret;
	} known[] = {
		{ "rdesktop", RDESKTOP, "alice", "KSECDD.TEST", "alicepw" },
		{ "FreeRDP", FREERDP, "alice", "DOM", "Passw0rd!" },
	};
	struct ts_credentials credentials;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		from_hex(known[i].hex);
		tap_ok(!parse_credentials(&credentials), "C8: what %s sends", known[i].what);
		tap_is(credentials.type, TS_PASSWORD, "%s: a password", known[i].what);
		text_is(&credentials.user, known[i].user, known[i].what);
		text_is(&credentials.domain, known[i].domain, known[i].what);
		text_is(&credentials.secret, known[i].secret, known[i].what);
	}
	from_hex("301ba003020102a1140412" "3010a00604043100" "3200" "a1063004a002" "0200");
	tap_ok(parse_credentials(&credentials), "C8: a smart card without a keySpec");
	from_hex("301ca003020102a1150413" "3011a0060404" "31003200" "a1073005a003" "020101");
	tap_ok(!parse_credentials(&credentials), "C8: a smart card");
	tap_is(credentials.type, TS_SMART_CARD, "C8: its type");
	text_is(&credentials.secret, "12", "C8: its PIN");
	from_hex("301fa003020106a1180416" "3014a0123010a0060404" "4b006500" "a1060404" "01020304");
	tap_ok(!parse_credentials(&credentials), "C8: a remote guard");
	tap_is(credentials.type, TS_REMOTE_GUARD, "C8: its type");
	tap_ok(!credentials.secret.data, "C8: it has no secret");
}

static void test_wrong_credentials(void)
{
	static const struct {
		const char *what, *hex;
	} wrong[] = {
		{ "nothing", "3000" },
		{ "no credentials", "3005a003020101" },
		{ "an unknown type", "300da003020103a106040430020500" },
		{ "credentials that are none", "300ba003020101a10404023000" },
		{ "a domain alone", "3011a003020101a10a04083006a00404026100" },
		{ "a smart card without a PIN", "300ba003020102a10404023000" },
		{ "a guard without a package", "300ba003020106a10404023000" },
		{ "two of them", "3012a003020101a104040230003005a003020101" },
	};
	struct ts_credentials credentials;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		from_hex(wrong[i].hex);
		tap_ok(parse_credentials(&credentials), "C8: %s", wrong[i].what);
	}
}

static void test_hashes(void)
{
	static const struct {
		const char *key, *nonce, *client, *server;
	} known[] = {
		{ "0001", "0000",
		  "4590c26c837dacdf3da8fae578264d9e45486afc3951f21ef357064cd55fbbb5",
		  "cdf4ffee6cb6395e5b692c2da397386f6a1eab2d3a6271816a04c7a2914d333f" },
		{ PEER_KEY, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		  "c848967e38c1bf2057ebfe758e5bf55fd370f2c069ed21550f615ff0bbf11c2d",
		  "790613cfe0c67924041dbcaeac5ca65737421afad7af88cb39b3844920be5790" },
	};
	uint8_t key[32], nonce[32], want[32], hash[CREDSSP_HASH];
	struct der_span k = { key, 0 }, n = { nonce, 0 };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		k.len = bytes_hex(known[i].key, key, sizeof(key));
		n.len = bytes_hex(known[i].nonce, nonce, sizeof(nonce));
		bytes_hex(known[i].client, want, sizeof(want));
		credssp_hash_client(&n, &k, hash);
		tap_mem(hash, want, sizeof(want), "C5: client to server, %zu", i);
		bytes_hex(known[i].server, want, sizeof(want));
		credssp_hash_server(&n, &k, hash);
		tap_mem(hash, want, sizeof(want), "C5: server to client, %zu", i);
	}
}

int main(void)
{
	test_sample();
	test_long_lengths();
	test_extent();
	test_build();
	test_wrong();
	test_credentials();
	test_wrong_credentials();
	test_hashes();
	free(copy);
	return tap_done();
}
