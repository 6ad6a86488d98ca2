// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Known answers: RFC 7616 3.9.1 whole, and the user of 3.9.2.  The values of 3.9.2 itself
 * are of SHA-512-256, which is not there (and not of that: they are of a SHA-512 that is
 * cut off, as a program outside of ours says); those here are made with Python's hashlib.
 */
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "helper/digest/hash.h"
#include "helper/text.h"
#include "tools/testing/tap/tap.h"

static const struct {
	const char *name;
	enum digest_algorithm algorithm;
	const char *user;
	const char *realm;
	const char *password;
	const char *uri;
	const char *nonce;
	const char *cnonce;
	const char *response;
	const char *userhash;
} vectors[] = {
	{ "RFC 7616 3.9.1, MD5", DIGEST_MD5, "Mufasa", "http-auth@example.org", "Circle of Life",
	  "/dir/index.html", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
	  "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
	  "8ca523f5e9506fed4657c9700eebdbec", NULL },
	{ "RFC 7616 3.9.1, SHA-256", DIGEST_SHA256, "Mufasa", "http-auth@example.org",
	  "Circle of Life", "/dir/index.html", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
	  "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
	  "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", NULL },
	{ "the user of RFC 7616 3.9.2, MD5", DIGEST_MD5, "J\xc3\xa4s\xc3\xb8n Doe",
	  "api@example.org", "Secret, or not?", "/doe.json",
	  "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
	  "f33f35281ddf05582b8faae5b8014ef5", "2e063fa2c54dea1c36808b7a6e3b14c9" },
	{ "the user of RFC 7616 3.9.2, SHA-256", DIGEST_SHA256, "J\xc3\xa4s\xc3\xb8n Doe",
	  "api@example.org", "Secret, or not?", "/doe.json",
	  "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm",
	  "06d0c14162099f487a92ebceaf71097534ee5f90d858386449c337ab69f7f6b8",
	  "5a1a8a47df5c298551b9b42ba9b05835174a5bd7d511ff7fe9191d8e946fc4e7" },
};

static struct digest_span span(const char *text)
{
	return (struct digest_span){ text, strlen(text) };
}

/* The client of the tests is judged by the same values. */
static void test_client(size_t i)
{
	struct digest_client c;
	char hex[65];

	digest_client_init(&c);
	c.sha256 = vectors[i].algorithm == DIGEST_SHA256;
	c.user = vectors[i].user;
	c.password = vectors[i].password;
	c.uri = vectors[i].uri;
	c.cnonce = vectors[i].cnonce;
	strcpy(c.realm, vectors[i].realm);
	strcpy(c.nonce, vectors[i].nonce);
	digest_client_response(&c, hex);
	tap_ok(!strcmp(hex, vectors[i].response), "%s: the tests' client", vectors[i].name);
}

static void test_vector(size_t i)
{
	struct digest_response response = {
		.algorithm = vectors[i].algorithm, .user = vectors[i].user,
		.realm = vectors[i].realm, .method = span("GET"), .uri = span(vectors[i].uri),
		.nonce = span(vectors[i].nonce), .nc = span("00000001"),
		.cnonce = span(vectors[i].cnonce),
	};
	uint8_t ha1[DIGEST_MAX_HASH], hash[DIGEST_MAX_HASH], want[DIGEST_MAX_HASH];
	size_t len = digest_len(response.algorithm), bit, wrong = 0;

	digest_ha1(response.algorithm, vectors[i].user, vectors[i].realm, vectors[i].password,
		   strlen(vectors[i].password), ha1);
	tap_ok(text_get_hex(vectors[i].response, want, len), "%s: its length", vectors[i].name);
	response.response = want;
	tap_ok(digest_response_check(ha1, &response), "%s: its response", vectors[i].name);
	for (bit = 0; bit < 8 * len; bit++) {
		want[bit / 8] ^= 1 << bit % 8;
		wrong += !digest_response_check(ha1, &response);
		want[bit / 8] ^= 1 << bit % 8;
	}
	tap_is((int64_t)wrong, 8 * (int64_t)len, "%s: each bit counts", vectors[i].name);
	response.method = span("PUT");
	tap_ok(!digest_response_check(ha1, &response), "%s: another method", vectors[i].name);
	if (!vectors[i].userhash)
		return;
	digest_userhash(response.algorithm, vectors[i].user, vectors[i].realm, hash);
	text_get_hex(vectors[i].userhash, want, len);
	tap_mem(hash, want, len, "%s: its userhash", vectors[i].name);
}

static void test_names(void)
{
	static const char *const none[] = { "MD5-sess", "SHA-256-sess", "SHA-512-256", "SHA", "" };
	enum digest_algorithm algorithm = DIGEST_ALGORITHMS;
	size_t i;

	tap_ok(digest_find("sha-256", 7, &algorithm) && algorithm == DIGEST_SHA256, "SHA-256");
	tap_ok(digest_find("MD5", 3, &algorithm) && algorithm == DIGEST_MD5, "MD5");
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		tap_ok(!digest_find(none[i], strlen(none[i]), &algorithm), "\"%s\" is none", none[i]);
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		test_vector(i);
		test_client(i);
	}
	test_names();
	return tap_done();
}
