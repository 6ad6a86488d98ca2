// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The parsers of sspi-http.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/sspi-http/http.h"
#include "tools/testing/tap/tap.h"

/* Each head is parsed in memory of exactly its size, so that ASan sees overruns. */
static unsigned int parse(const char *text, size_t len, struct http_request *req, char **memory)
{
	*memory = malloc(len ? len : 1);
	if (!*memory)
		tap_bail("out of memory");
	memcpy(*memory, text, len);
	return http_parse(*memory, len, req);
}

static unsigned int code_of(const char *text)
{
	struct http_request req;
	unsigned int code;
	char *memory;

	code = parse(text, strlen(text), &req, &memory);
	free(memory);
	return code;
}

#define HOST	"Host: h\r\n"
#define GET	"GET / HTTP/1.1\r\n" HOST

static void test_good(void)
{
	static const char text[] = "POST /a?b=%20 HTTP/1.1\r\nhOST:\t example \r\n"
		"Authorization: NTLM TlRM\r\nContent-Length: 12\r\nAccept: text/html, "
		"application/json;q=0.5\r\nExpect: 100-continue\r\nX-Empty:\r\n\r\n";
	struct http_request req;
	char *memory;

	tap_is(parse(text, strlen(text), &req, &memory), 0, "a request with everything");
	tap_ok(!strcmp(req.method, "POST") && !strcmp(req.target, "/a?b=%20"), "its first line");
	tap_ok(req.authorization && !strcmp(req.authorization, "NTLM TlRM"), "its credentials");
	tap_ok(req.length == 12 && !req.chunked && req.expects && req.json && req.keep_alive &&
	       req.minor == 1, "what else it says");
	free(memory);
	tap_is(code_of("HEAD * HTTP/1.0\r\n\r\n"), 0, "HTTP/1.0 needs no Host");
	tap_is(code_of(GET "Transfer-Encoding: ChunKed\r\n\r\n"), 0, "chunks");
	tap_is(code_of(GET "Content-Length: 7\r\nContent-Length: 7\r\n\r\n"), 0,
	       "one length, said twice");
	tap_is(code_of("GET / HTTP/1.9\r\n" HOST "\r\n"), 0, "a later minor version");
}

static void test_bad(void)
{
	static const struct {
		const char *text;
		unsigned int code;
		const char *what;
	} bad[] = {
		{ "\r\n", 400, "nothing" },
		{ "GET\r\n\r\n", 400, "a method alone" },
		{ "GET /\r\n\r\n", 400, "no version" },
		{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "two spaces" },
		{ "GET / HTTP/1.1 \r\n" HOST "\r\n", 400, "a space at the end" },
		{ " GET / HTTP/1.1\r\n" HOST "\r\n", 400, "a space in front" },
		{ "GET / HTTP/11\r\n" HOST "\r\n", 400, "a version that is none" },
		{ "GET / HTTP/1.10\r\n" HOST "\r\n", 400, "a version that is too long" },
		{ "GET / http/1.1\r\n" HOST "\r\n", 400, "a version in small letters" },
		{ "GET / HTTP/2.0\r\n" HOST "\r\n", 505, "another version" },
		{ "GET / HTTP/0.9\r\n" HOST "\r\n", 505, "an older version" },
		{ "G@T / HTTP/1.1\r\n" HOST "\r\n", 400, "a method that is no token" },
		{ "BREW / HTTP/1.1\r\n" HOST "\r\n", 405, "a method that is not here" },
		{ "get / HTTP/1.1\r\n" HOST "\r\n", 405, "methods are not GET in small letters" },
		{ "GET /\x01 HTTP/1.1\r\n" HOST "\r\n", 400, "a control character in the target" },
		{ "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400, "no ASCII in the target" },
		{ "GET / HTTP/1.1\r\n\r\n", 400, "no Host" },
		{ GET HOST "\r\n", 400, "two Hosts" },
		{ GET "Na me: v\r\n\r\n", 400, "a space in a name" },
		{ GET "Name : v\r\n\r\n", 400, "a space before the colon" },
		{ GET ": v\r\n\r\n", 400, "no name" },
		{ GET "Name\r\n\r\n", 400, "no colon" },
		{ GET " Name: v\r\n\r\n", 400, "a line that continues another" },
		{ GET "Name: a\rb\r\n\r\n", 400, "a CR inside" },
		{ GET "Name: a\nb: c\r\n\r\n", 400, "an LF alone" },
		{ GET "Name: a\x01\r\n\r\n", 400, "a control character in a value" },
		{ GET "Authorization: NTLM a\r\nAuthorization: NTLM b\r\n\r\n", 400,
		  "two credentials" },
		{ GET "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "two lengths" },
		{ GET "Content-Length: -1\r\n\r\n", 400, "a negative length" },
		{ GET "Content-Length: +1\r\n\r\n", 400, "a length with a sign" },
		{ GET "Content-Length: 0x10\r\n\r\n", 400, "a length in hex" },
		{ GET "Content-Length: 1, 1\r\n\r\n", 400, "a list of lengths" },
		{ GET "Content-Length:\r\n\r\n", 400, "an empty length" },
		{ GET "Content-Length: 18446744073709551617\r\n\r\n", 400, "a length that wraps" },
		{ GET "Content-Length: 99999999\r\n\r\n", 413, "a body that is too large" },
		{ GET "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
		  "a length and chunks" },
		{ GET "Content-Length: 99999999\r\nTransfer-Encoding: gzip\r\n\r\n", 400,
		  "whatever else is wrong with them" },
		{ GET "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
		  "chunks twice" },
		{ GET "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "another coding" },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
		  "chunks in HTTP/1.0" },
		{ GET "Expect: 200-ok\r\n\r\n", 417, "another expectation" },
		{ GET "Expect: x\r\nbroken\r\n\r\n", 400, "what is malformed comes first" },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_is(code_of(bad[i].text), bad[i].code, "%u: %s", bad[i].code, bad[i].what);
}

static void test_nul(void)
{
	static const char nul[] = "GET / HTTP/1.1\r\nHost: h\0\r\n\r\n";
	static const char hidden[] = "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n";
	struct http_request req;
	char *memory;

	tap_is(parse(nul, sizeof(nul) - 1, &req, &memory), 400, "400: a NUL in a field");
	free(memory);
	tap_is(parse(hidden, sizeof(hidden) - 1, &req, &memory), 400, "400: a NUL in a target");
	free(memory);
}

static void test_many_fields(void)
{
	char text[32 + 8 * (HTTP_MAX_FIELDS + 2)] = GET;
	size_t i;

	for (i = 1; i < HTTP_MAX_FIELDS; i++)
		strcat(text, "a: b\r\n");
	strcat(text, "\r\n");
	tap_is(code_of(text), 0, "as many fields as there may be");
	text[strlen(text) - 2] = 0;
	strcat(text, "a: b\r\n\r\n");
	tap_is(code_of(text), 431, "431: one more");
}

static bool stays(const char *text)
{
	struct http_request req;
	char *memory;
	bool stay;

	stay = !parse(text, strlen(text), &req, &memory) && req.keep_alive;
	free(memory);
	return stay;
}

static bool json(const char *accept)
{
	char text[256];
	struct http_request req;
	char *memory;
	bool is;

	snprintf(text, sizeof(text), GET "Accept: %s\r\n\r\n", accept);
	is = !parse(text, strlen(text), &req, &memory) && req.json;
	free(memory);
	return is;
}

static void test_options(void)
{
	tap_ok(stays(GET "\r\n"), "connections of HTTP/1.1 stay");
	tap_ok(!stays(GET "Connection: foo , Close\r\n\r\n"), "unless they are to close");
	tap_ok(!stays("GET / HTTP/1.0\r\n\r\n"), "connections of HTTP/1.0 close");
	tap_ok(stays("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "unless they stay");
	tap_ok(!stays("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"), "close wins");
	tap_ok(json("application/json"), "JSON");
	tap_ok(json("text/plain, APPLICATION/JSON ;q=0.1"), "JSON in a list");
	tap_ok(!json("application/json;q=0, */*"), "JSON that is not wanted");
	tap_ok(!json("*/*") && !json("application/jsonx") && !json(""), "no JSON");
}

static void test_head_length(void)
{
	tap_is((int64_t)http_head_length("GET / HTTP/1.1\r\n\r\nrest", 22), 18, "a head ends");
	tap_is((int64_t)http_head_length("GET / HTTP/1.1\r\n\r", 17), 0, "a head without an end");
	tap_is((int64_t)http_head_length("a\n\nb\r\n\r\n", 8), 8, "LF ends nothing");
}

static void test_chunks(void)
{
	static const char * const bad[] = {
		"", " 1", "-1", "+1", "0x1", "g", ";a", "1g", "1234567890abcdef",
	};
	uint64_t size = 7;
	size_t i;

	tap_ok(http_parse_chunk("0", &size) && !size, "the last chunk");
	tap_ok(http_parse_chunk("00fF;name=value", &size) && size == 255, "an extension");
	tap_ok(http_parse_chunk("a ", &size) && size == 10, "a space");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_ok(!http_parse_chunk(bad[i], &size), "no chunk: '%s'", bad[i]);
}

static void test_credentials(void)
{
	tap_ok(!http_credentials(NULL, "NTLM"), "no credentials");
	tap_ok(!strcmp(http_credentials("ntlm  abc", "NTLM"), "abc"), "a token");
	tap_ok(!strcmp(http_credentials("NTLM", "NTLM"), ""), "a scheme alone");
	tap_ok(!http_credentials("NTLMv2 abc", "NTLM"), "another scheme that begins so");
	tap_ok(!http_credentials("Basic abc", "NTLM"), "another scheme");
}

static void test_base64(void)
{
	static const struct {
		const char *bytes;
		const char *text;
	} good[] = {	/* RFC 4648 section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	static const char * const bad[] = {
		"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "=", "Zm9v\n", "Zm 9", "Zm9!",
		"Zh==", "Zm9=", "Zm=v", "Zg==\xc3\xa4", "Zm8-", "Zm8_",
	};
	unsigned char bytes[16];
	char text[32];
	size_t i, len;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		size_t want = strlen(good[i].bytes);

		base64_encode((const unsigned char *)good[i].bytes, want, text);
		tap_ok(!strcmp(text, good[i].text), "encode '%s'", good[i].bytes);
		tap_ok(base64_decode(good[i].text, bytes, want, &len) && len == want &&
		       !memcmp(bytes, good[i].bytes, want), "decode '%s'", good[i].text);
		if (want)
			tap_ok(!base64_decode(good[i].text, bytes, want - 1, &len),
			       "no room for '%s'", good[i].bytes);
	}
	base64_encode((const unsigned char *)"\xfb\xff\xbf", 3, text);
	tap_ok(!strcmp(text, "+/+/"), "the last two digits");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_ok(!base64_decode(bad[i], bytes, sizeof(bytes), &len), "no base64: line %zu", i);
}

static void test_paths(void)
{
	static const struct {
		const char *target;
		const char *path;	/* NULL - there is none */
	} cases[] = {
		{ "/a", "a" }, { "/a/b.txt", "a/b.txt" }, { "/a?b=/c", "a" }, { "/a%20b", "a b" },
		{ "/%41%7a%7A", "Azz" }, { "//etc/passwd", "/etc/passwd" },
		{ "/%2e%2E/x", "../x" }, { "/a%2fb", "a/b" }, { "/%c3%bc", "\xc3\xbc" },
		{ "/1234567890123456789", "1234567890123456789" },
		{ "/", NULL }, { "/?a", NULL }, { "*", NULL }, { "", NULL }, { "a", NULL },
		{ "/%", NULL }, { "/%4", NULL }, { "/%4g", NULL }, { "/%g4", NULL },
		{ "/%00", NULL }, { "/a%00b", NULL }, { "/12345678901234567890", NULL },
		{ "/1234567890123456789%30", NULL },
	};
	char path[20];
	size_t i;
	bool ok;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ok = http_path(cases[i].target, path, sizeof(path));
		tap_ok(ok == !!cases[i].path && (!ok || !strcmp(path, cases[i].path)),
		       "the path of '%s'", cases[i].target);
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_nul();
	test_many_fields();
	test_options();
	test_head_length();
	test_chunks();
	test_credentials();
	test_base64();
	test_paths();
	return tap_done();
}
