// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the head of an HTTP request (tools/sspi-http/http.c).  Input: what came in.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "tools/sspi-http/http.h"

static bool is_visible(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s >= 0x7f)
			return false;
	return true;
}

/*
 * What another server might read: the lines with a field's name, found without
 * being strict about anything.  If two of them could tell where the body ends, the
 * head must not have been taken.
 */
static void check_body(const char *head, size_t len, const struct http_request *req)
{
	const char *p = head, *end = head + len;
	unsigned int lengths = 0, codings = 0;
	uint64_t length = 0;

	while (p < end) {
		const char *feed = memchr(p, '\n', end - p);
		size_t n = (feed ? feed : end) - p;
		const char *colon = memchr(p, ':', n);
		size_t name = colon ? colon - p : n;

		while (name && isspace((unsigned char)p[name - 1]))
			name--;
		if (name == 14 && !strncasecmp(p, "Content-Length", 14)) {
			uint64_t value = strtoull(colon + 1, NULL, 10);

			fuzz_assert(!lengths || value == length, "two lengths");
			length = value;
			lengths++;
		}
		codings += name == 17 && !strncasecmp(p, "Transfer-Encoding", 17);
		p += n + 1;
	}
	fuzz_assert(!lengths || !codings, "a length and a coding");
	fuzz_assert(codings <= 1 && req->chunked == !!codings, "%u codings", codings);
	fuzz_assert(req->length == length, "%llu bytes, and the head says %llu",
		    (unsigned long long)req->length, (unsigned long long)length);
	fuzz_assert(!memchr(head, '\0', len), "a NUL was taken");
}

static void check_strings(const struct http_request *req, const char *head, size_t len)
{
	const char *p;

	fuzz_assert(fuzz_is_within(req->method, strlen(req->method) + 1, head, len) &&
		    fuzz_is_within(req->target, strlen(req->target) + 1, head, len) &&
		    (!req->authorization ||
		     fuzz_is_within(req->authorization, strlen(req->authorization) + 1, head, len)),
		    "a string lies outside");
	fuzz_assert(*req->method && is_visible(req->method), "method \"%s\"", req->method);
	fuzz_assert(*req->target && is_visible(req->target), "target \"%s\"", req->target);
	for (p = req->authorization; p && *p; p++)
		fuzz_assert(*p == '\t' || ((unsigned char)*p >= ' ' && *p != 0x7f),
			    "byte 0x%02x in Authorization", (unsigned char)*p);
	fuzz_assert(req->minor <= 1 && req->length <= HTTP_MAX_BODY, "HTTP/1.%u, %llu bytes",
		    req->minor, (unsigned long long)req->length);
}

/* Written down again, it is the same request. */
static void check_again(const struct http_request *req, unsigned int code)
{
	struct http_request again;
	char *head = NULL;
	size_t len;
	FILE *file = open_memstream(&head, &len);

	if (!file)
		abort();
	fprintf(file, "%s %s HTTP/1.%u\r\nHost: x\r\n", req->method, req->target, req->minor);
	if (req->authorization)
		fprintf(file, "Authorization: %s\r\n", req->authorization);
	if (req->chunked)
		fputs("Transfer-Encoding: chunked\r\n", file);
	else
		fprintf(file, "Content-Length: %llu\r\n", (unsigned long long)req->length);
	fprintf(file, "Connection: %s\r\n", req->keep_alive ? "keep-alive" : "close");
	if (req->expects)
		fputs("Expect: 100-continue\r\n", file);
	if (req->json)
		fputs("Accept: application/json\r\n", file);
	fputs("\r\n", file);
	fclose(file);
	fuzz_assert(http_head_length(head, len) == len, "another head");
	fuzz_assert(http_parse(head, len, &again) == code, "taken, and not again");
	fuzz_assert(!strcmp(again.method, req->method) && !strcmp(again.target, req->target) &&
		    !again.authorization == !req->authorization &&
		    (!again.authorization || !strcmp(again.authorization, req->authorization)) &&
		    again.minor == req->minor && again.keep_alive == req->keep_alive &&
		    again.chunked == req->chunked && again.expects == req->expects &&
		    again.json == req->json && again.length == req->length, "another request");
	free(head);
}

static void check_credentials(const struct http_request *req)
{
	const char *token = http_credentials(req->authorization, "NTLM");

	if (!token)
		return;
	fuzz_assert(!strncasecmp(req->authorization, "NTLM", 4) && token >= req->authorization + 4 &&
		    *token != ' ', "credentials of \"%s\"", req->authorization);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request req;
	size_t len = http_head_length((const char *)data, size);
	unsigned int code;
	char *head;

	if (!len)
		return 0;
	fuzz_assert(len >= 4 && len <= size && !memcmp(data + len - 4, "\r\n\r\n", 4),
		    "a head of %zu bytes", len);
	head = fuzz_copy(data, len);
	code = http_parse(head, len, &req);
	fuzz_assert(!code || strcmp(http_reason(code), "Unknown"), "code %u", code);
	if (!code || code == 405) {
		check_strings(&req, head, len);
		check_body((const char *)data, len, &req);
		check_again(&req, code);
		check_credentials(&req);
	}
	free(head);
	return 0;
}
