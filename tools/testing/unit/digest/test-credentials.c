// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parsers of Digest: the client's credentials, what the service says, the state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "helper/digest/digest.h"
#include "tools/testing/tap/tap.h"

#define HEX32	"0123456789abcdef0123456789abcdef"
#define REST	"realm=\"r\", nonce=\"n\", uri=\"/\", cnonce=\"c\", nc=00000001, qop=auth, " \
		"response=\"" HEX32 "\""

static struct digest_credentials *c;

/* In memory that ends where the text ends */
static const char *parse(const char *text)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len + !len);
	const char *wrong;

	if (!copy)
		tap_bail("out of memory");
	if (len)
		memcpy(copy, text, len);
	memset(c, 0xa5, sizeof(*c));
	wrong = digest_credentials_parse(copy, len, c);
	free(copy);
	return wrong;
}

static bool is(enum digest_param param, const char *want)
{
	return c->value[param].data && c->value[param].len == strlen(want) &&
	       !memcmp(c->value[param].data, want, strlen(want));
}

/* The header of RFC 7616 3.9.1 */
static void test_rfc(void)
{
	const char *wrong = parse(
		"username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "
		"algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
		"nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
		"response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
		"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");

	tap_ok(!wrong, "RFC 7616 3.9.1: %s", wrong ? wrong : "read");
	tap_ok(!strcmp(c->user, "Mufasa") && !c->hashed, "its user");
	tap_ok(c->algorithm == DIGEST_SHA256 && c->response[0] == 0x75 && c->response[31] == 0xc1,
	       "its algorithm and response");
	tap_ok(is(DIGEST_REALM, "http-auth@example.org") && is(DIGEST_URI, "/dir/index.html") &&
	       is(DIGEST_NC, "00000001") && is(DIGEST_QOP, "auth") &&
	       is(DIGEST_OPAQUE, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"), "the rest");
}

/* That of 3.9.2 is right but for its algorithm, and is read with one that there is. */
static void test_userhash(void)
{
	static const char format[] =
		"username=\"%s\", realm=\"api@example.org\", uri=\"/doe.json\", algorithm=%s, "
		"nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", nc=00000001, "
		"cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm\", qop=auth, response=\"%s\", "
		"opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", userhash=true";
	static const char user[] = "488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec";
	static const char response[] =
		"ae66e67d6b427bd3f120414a82e4acff38e8ecd9101d6c861229025f607a79dd";
	char text[1024];

	snprintf(text, sizeof(text), format, user, "SHA-512-256", response);
	tap_ok(parse(text), "RFC 7616 3.9.2: SHA-512-256 is refused");
	snprintf(text, sizeof(text), format, user, "SHA-256", response);
	tap_ok(!parse(text) && c->hashed && c->userhash[0] == 0x48 && c->userhash[31] == 0xec &&
	       !*c->user, "RFC 7616 3.9.2 with SHA-256: the user is a hash");
	snprintf(text, sizeof(text), format, user + 2, "SHA-256", response);
	tap_ok(parse(text), "a hash that is too short");
	snprintf(text, sizeof(text), format, "Jason Doe", "SHA-256", response);
	tap_ok(parse(text), "a user instead of a hash");
	snprintf(text, sizeof(text), format, HEX32 HEX32, "MD5", HEX32);
	tap_ok(parse(text), "a hash of another algorithm");
}

static void test_users(void)
{
	static const struct {
		const char *text;
		const char *user;	/* NULL - refused */
	} users[] = {
		{ "username=\"alice\"", "alice" },
		{ "username=\"EXAMPLE\\\\bob\"", "EXAMPLE\\bob" },
		{ "username=\"a\\\"b\\c\"", "a\"bc" },
		{ "username=\"a b,c=d\"", "a b,c=d" },
		{ "USERNAME = \"alice\"", "alice" },
		{ "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", "J\xc3\xa4s\xc3\xb8n Doe" },
		{ "username*=utf-8'en'alice", "alice" },
		{ "username=\"alice\", userhash=false", "alice" },
		{ "username=\"alice\", userhash=\"FALSE\"", "alice" },
		{ "username=\"J\xc3\xa4\"", "J\xc3\xa4" },
		{ "username=alice", NULL },
		{ "username=\"\"", NULL },
		{ "username=\"alice", NULL },
		{ "username=\"alice\\", NULL },
		{ "username=\"al\tice\"", NULL },
		{ "username=\"al\nice\"", NULL },
		{ "username=\"al\\\nice\"", NULL },
		{ "username=\"J\xe4\"", NULL },
		{ "username=\"alice\", username=\"bob\"", NULL },
		{ "username=\"alice\", Username=\"alice\"", NULL },
		{ "username=\"alice\", username*=UTF-8''alice", NULL },
		{ "username*=\"UTF-8''alice\"", NULL },
		{ "username*=ISO-8859-1''alice", NULL },
		{ "username*=UTF-8'alice", NULL },
		{ "username*=UTF-8''", NULL },
		{ "username*=UTF-8''al%00ice", NULL },
		{ "username*=UTF-8''al%0aice", NULL },
		{ "username*=UTF-8''alice%4", NULL },
		{ "username*=UTF-8''alice%4g", NULL },
		{ "username*=UTF-8''al'ice", NULL },
		{ "username*=UTF-8''al*ice", NULL },
		{ "username*=UTF-8''%ff", NULL },
		{ "username*=UTF-8''alice, userhash=true", NULL },
		{ "username=\"alice\", userhash=true", NULL },
		{ "username=\"alice\", userhash=maybe", NULL },
		{ "userhash=false", NULL },
	};
	char text[1024];
	const char *wrong;
	size_t i;

	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		snprintf(text, sizeof(text), "%s, " REST, users[i].text);
		wrong = parse(text);
		tap_ok(users[i].user ? !wrong && !strcmp(c->user, users[i].user) : !!wrong,
		       "user %zu: %s", i, wrong ? wrong : c->user);
	}
}

/* Whole credentials that are not as they should be, or look so and are */
static void test_forms(void)
{
#define USER	"username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", cnonce=\"c\", nc=00000001, "
#define RESP	"response=\"" HEX32 "\""
	static const struct {
		const char *name;
		const char *text;
		bool good;
	} forms[] = {
		{ "nothing", "", false },
		{ "the least", USER "qop=auth, " RESP, true },
		{ "qop in quotation marks", USER "qop=\"auth\", " RESP, true },
		{ "no blanks", "username=\"alice\",realm=\"r\",nonce=\"n\",uri=\"/\",cnonce=\"c\","
		  "nc=00000001,qop=auth,response=\"" HEX32 "\"", true },
		{ "empty elements", ", ," USER ",, qop=auth,\t" RESP " ,", true },
		{ "a parameter that nobody knows", USER "qop=auth, x=y, z=\"a,b\", " RESP, true },
		{ "it twice", USER "qop=auth, x=y, x=y, " RESP, true },
		{ "MD5", USER "qop=auth, algorithm=md5, " RESP, true },
		{ "MD5-sess", USER "qop=auth, algorithm=MD5-sess, " RESP, false },
		{ "SHA-256 with a short response", USER "qop=auth, algorithm=SHA-256, " RESP, false },
		{ "no qop, as RFC 2069", USER RESP, false },
		{ "qop=auth-int", USER "qop=auth-int, " RESP, false },
		{ "qop=AUTH", USER "qop=AUTH, " RESP, false },
		{ "two qops", USER "qop=auth, qop=auth, " RESP, false },
		{ "no response", USER "qop=auth", false },
		{ "a response without quotation marks", USER "qop=auth, response=" HEX32, false },
		{ "a response in capitals", USER "qop=auth, "
		  "response=\"0123456789ABCDEF0123456789ABCDEF\"", false },
		{ "a response that is too long", USER "qop=auth, response=\"" HEX32 "00\"", false },
		{ "two responses", USER "qop=auth, " RESP ", " RESP, false },
		{ "no comma", USER "qop=auth " RESP, false },
		{ "a name without a value", USER "qop=auth, x, " RESP, false },
		{ "a value that is nothing", USER "qop=, " RESP, false },
		{ "a value without a name", USER "=auth, " RESP, false },
		{ "something behind a quotation mark", USER "qop=\"auth\"x, " RESP, false },
		{ "another scheme", "Digest " USER "qop=auth, " RESP, false },
		{ "NTLM", "TlRMTVNTUAABAAAAl4II4gAAAAAAAAAAAAAAAAAAAAAKAO5CAAAADw==", false },
		{ "nc of 7 digits", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", "
		  "cnonce=\"c\", nc=0000001, qop=auth, " RESP, false },
		{ "nc of 9 digits", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", "
		  "cnonce=\"c\", nc=000000001, qop=auth, " RESP, false },
		{ "nc of none", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", "
		  "cnonce=\"c\", nc=0000000g, qop=auth, " RESP, false },
		{ "no nc", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", cnonce=\"c\", "
		  "qop=auth, " RESP, false },
		{ "no cnonce", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", "
		  "nc=00000001, qop=auth, " RESP, false },
		{ "an empty cnonce", "username=\"alice\", realm=\"r\", nonce=\"n\", uri=\"/\", "
		  "cnonce=\"\", nc=00000001, qop=auth, " RESP, false },
		{ "no uri", "username=\"alice\", realm=\"r\", nonce=\"n\", cnonce=\"c\", "
		  "nc=00000001, qop=auth, " RESP, false },
		{ "no nonce", "username=\"alice\", realm=\"r\", uri=\"/\", cnonce=\"c\", "
		  "nc=00000001, qop=auth, " RESP, false },
		{ "no realm", "username=\"alice\", nonce=\"n\", uri=\"/\", cnonce=\"c\", "
		  "nc=00000001, qop=auth, " RESP, false },
	};
	const char *wrong;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		wrong = parse(forms[i].text);
		tap_ok(!wrong == forms[i].good, "%s: %s", forms[i].name, wrong ? wrong : "read");
	}
}

static void test_lengths(void)
{
	size_t size = DIGEST_MAX_TOKEN + 2, len;
	char *text = malloc(size), name[KSECDD_MAX_NAME + 2];

	if (!text)
		tap_bail("out of memory");
	len = (size_t)snprintf(text, size, "username=\"alice\", " REST);
	memset(text + len, ' ', size - len);
	text[DIGEST_MAX_TOKEN] = '\0';
	tap_ok(!parse(text), "as long as it may be");
	text[DIGEST_MAX_TOKEN] = ' ';
	text[DIGEST_MAX_TOKEN + 1] = '\0';
	tap_ok(parse(text), "longer than it may be");
	memset(name, 'x', sizeof(name));
	name[KSECDD_MAX_NAME] = '\0';
	snprintf(text, size, "username=\"%s\", " REST, name);
	tap_ok(!parse(text) && !strcmp(c->user, name), "the longest user");
	snprintf(text, size, "username=\"%sx\", " REST, name);
	tap_ok(parse(text), "a user that is too long");
	snprintf(text, size, "username*=UTF-8''%s, " REST, name);
	tap_ok(!parse(text) && !strcmp(c->user, name), "the longest user, encoded");
	snprintf(text, size, "username*=UTF-8''%sx, " REST, name);
	tap_ok(parse(text), "a user that is too long, encoded");
	free(text);
}

/* A NUL ends no text here, and every beginning is refused or whole. */
static void test_cut(void)
{
	static const char text[] = "username=\"alice\", algorithm=MD5, " REST;
	uint8_t copy[sizeof(text) - 1];
	size_t i, refused = 0;

	for (i = 0; i < sizeof(copy); i++) {
		uint8_t *part = malloc(i + !i);

		if (!part)
			tap_bail("out of memory");
		memcpy(part, text, i);
		refused += !!digest_credentials_parse(part, i, c);
		free(part);
	}
	tap_is((int64_t)refused, sizeof(copy), "every beginning is refused");
	refused = 0;
	for (i = 0; i < sizeof(copy); i++) {
		memcpy(copy, text, sizeof(copy));
		copy[i] = '\0';
		refused += !!digest_credentials_parse(copy, sizeof(copy), c);
	}
	tap_is((int64_t)refused, sizeof(copy), "a NUL is refused wherever it is");
}

static const char *read_request(uint32_t flags, const uint32_t len[KSECDD_DIGEST_PARTS],
				const char *data, size_t size, struct digest_request *request)
{
	uint8_t *copy = malloc(sizeof(struct ksecdd_digest) + size);
	struct ksecdd_digest head = { .flags = flags };
	const char *wrong;

	if (!copy)
		tap_bail("out of memory");
	memcpy(head.len, len, sizeof(head.len));
	memcpy(copy, &head, sizeof(head));
	memcpy(copy + sizeof(head), data, size);
	wrong = digest_request_read(copy, sizeof(head) + size, request);
	free(copy);
	return wrong;
}

static void test_requests(void)
{
	static const struct {
		const char *name;
		uint32_t flags;
		uint32_t len[KSECDD_DIGEST_PARTS];
		const char *data;
		bool good;
	} rows[] = {
		{ "all parts", 0, { 3, 2, 2, 5 }, "GET/xhhrealm", true },
		{ "CompleteAuthToken()", KSECDD_DIGEST_COMPLETE, { 4, 0, 0, 0 }, "POST", true },
		{ "a realm only", 0, { 0, 0, 0, 3 }, "a b", true },
		{ "a flag that nobody knows", 2, { 3, 0, 0, 0 }, "GET", false },
		{ "something behind it", 0, { 3, 0, 0, 0 }, "GETx", false },
		{ "a part that is cut", 0, { 3, 2, 0, 0 }, "GET/", false },
		{ "a sum that wraps", 0, { 3, 0xfffffffd, 3, 0 }, "GET", false },
		{ "a method with a colon", 0, { 4, 0, 0, 0 }, "GE:T", false },
		{ "a URI with a blank", 0, { 0, 4, 0, 0 }, "/a b", false },
		{ "a URI with a line feed", 0, { 0, 3, 0, 0 }, "/\na", false },
		{ "a realm with a line feed", 0, { 0, 0, 0, 3 }, "a\nb", false },
		{ "a realm that is not UTF-8", 0, { 0, 0, 0, 2 }, "a\xff", false },
	};
	struct digest_request request;
	char realm[DIGEST_MAX_REALM + 1];
	uint8_t head[sizeof(struct ksecdd_digest)] = { 0 };
	const char *wrong;
	size_t i, n = 0;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wrong = read_request(rows[i].flags, rows[i].len, rows[i].data, strlen(rows[i].data),
				     &request);
		tap_ok(!wrong == rows[i].good, "%s: %s", rows[i].name, wrong ? wrong : "read");
	}
	memset(realm, 'r', sizeof(realm));
	tap_ok(!read_request(0, (uint32_t[]){ 0, 0, 0, DIGEST_MAX_REALM }, realm,
			     DIGEST_MAX_REALM, &request), "the longest realm");
	tap_ok(read_request(0, (uint32_t[]){ 0, 0, 0, DIGEST_MAX_REALM + 1 }, realm,
			    DIGEST_MAX_REALM + 1, &request) != NULL, "a realm that is too long");
	tap_ok(!digest_request_read(NULL, 0, &request) && !request.given && !request.complete,
	       "nothing at all");
	for (i = 1; i < sizeof(head); i++)
		n += !!digest_request_read(head, i, &request);
	tap_is((int64_t)n, sizeof(head) - 1, "a head that is cut");
	tap_ok(!digest_request_read(head, sizeof(head), &request) && !request.given,
	       "a head and nothing behind it");
}

static void test_state(void)
{
	struct digest_state state = { .phase = DIGEST_UNJUDGED, .realm = "r" }, again;
	uint8_t text[64], token[] = "token";
	size_t len, i, refused = 0;

	state.token = token;
	state.token_len = sizeof(token);
	memset(state.nonce, 7, sizeof(state.nonce));
	tap_ok(digest_state_write(&state, text, sizeof(text), &len), "a state is written");
	tap_ok(digest_state_read(text, len, &again) && again.phase == DIGEST_UNJUDGED &&
	       !strcmp(again.realm, "r") && again.token_len == sizeof(token) &&
	       !memcmp(again.token, token, sizeof(token)) &&
	       !memcmp(again.nonce, state.nonce, sizeof(state.nonce)), "and read as the same");
	for (i = 0; i < len - sizeof(token); i++)
		refused += !digest_state_read(text, i, &again);
	tap_is((int64_t)refused, (int64_t)(len - sizeof(token)), "one that is cut is refused");
	tap_ok(!digest_state_write(&state, text, len - 1, &i), "one that does not fit is not written");
	text[1] = DIGEST_CHALLENGED;
	tap_ok(!digest_state_read(text, len, &again), "a token that nobody waits for");
	text[1] = DIGEST_UNJUDGED + 1;
	tap_ok(!digest_state_read(text, len, &again), "a phase that there is not");
	text[0]++;
	tap_ok(!digest_state_read(text, len, &again), "another version");
}

int main(void)
{
	c = malloc(sizeof(*c));
	if (!c)
		tap_bail("out of memory");
	test_rfc();
	test_userhash();
	test_users();
	test_forms();
	test_lengths();
	test_cut();
	test_requests();
	test_state();
	free(c);
	return tap_done();
}
