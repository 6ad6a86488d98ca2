// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The framing of Kerberos tokens, and what is read of an AP-REQ.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/kerberos/kerberos.h"
#include "tools/testing/tap/tap.h"

static struct kerberos_ap_req req;

static const char *read_token(const void *token, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	const char *wrong;

	if (!copy)
		tap_bail("out of memory");
	memcpy(copy, token, len);
	wrong = kerberos_read_token(copy, len, &req);
	free(copy);
	return wrong;
}

/* AP-REQ { ticket { realm "R", sname { 2, { "HTTP", "h" } }, etype 18 }, etype 17 } */
static const uint8_t ap_req[] = {
	0x6e, 0x5d, 0x30, 0x5b,
	0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, 14, 0xa2, 7, 3, 5, 0, 0x20, 0, 0, 0,
	0xa3, 0x35, 0x61, 0x33, 0x30, 0x31,
	0xa0, 3, 2, 1, 5, 0xa1, 3, 0x1b, 1, 'R',
	0xa2, 0x16, 0x30, 0x14, 0xa0, 3, 2, 1, 2, 0xa1, 0x0d, 0x30, 0x0b, 0x1b, 4, 'H', 'T', 'T',
	'P', 0x1b, 3, 'h', '.', 't',
	0xa3, 0x0d, 0x30, 0x0b, 0xa0, 3, 2, 1, 18, 0xa2, 4, 4, 2, 1, 2,
	0xa4, 0x0f, 0x30, 0x0d, 0xa0, 3, 2, 1, 17, 0xa2, 6, 4, 4, 1, 2, 3, 4,
};

static void test_ap_req(void)
{
	uint8_t token[sizeof(ap_req)];
	unsigned int i, bad = 0, good = 0;
	const char *wrong;

	wrong = read_token(ap_req, sizeof(ap_req));
	if (!tap_ok(!wrong, "an AP-REQ"))
		tap_diag("%s", wrong);
	tap_ok(req.framing == KERBEROS_RAW && !strcmp(req.name, "HTTP/h.t") &&
	       !strcmp(req.realm, "R") && req.ticket_etype == 18 && req.etype == 17 &&
	       !req.user_to_user, "what it says");
	for (i = 0; i < sizeof(ap_req); i++)
		bad += read_token(ap_req, i) != NULL;
	tap_is(bad, sizeof(ap_req), "no beginning of it is one");
	for (i = 0; i < 256 * sizeof(ap_req); i++) {
		memcpy(token, ap_req, sizeof(token));
		token[i / 256] = (uint8_t)i;
		good += !read_token(token, sizeof(token));
	}
	/* Each byte is itself once, and some mean nothing here. */
	tap_ok(good >= sizeof(ap_req) && good < 128 * sizeof(ap_req),
	       "with single bytes changed it is mostly none");
	memcpy(token, ap_req, sizeof(token));
	token[54] = '@';
	tap_ok(read_token(token, sizeof(token)), "a name with an @ in it");
	token[54] = '/';
	tap_ok(read_token(token, sizeof(token)), "a name with a / in a component");
	memcpy(token, ap_req, sizeof(token));
	token[19] = 0x60;
	tap_ok(!read_token(token, sizeof(token)) && req.user_to_user, "user to user");
}

static void test_lengths(void)
{
	static const struct {
		uint8_t token[8];
		size_t len;
		const char *what;
	} cases[] = {
		{ { 0x60, 0x80, 0, 0 }, 4, "no length" },
		{ { 0x60, 0x84, 0xff, 0xff, 0xff, 0xff }, 6, "four bytes of length" },
		{ { 0x60, 0x85, 0, 0, 0, 0, 1 }, 8, "five bytes of length" },
		{ { 0x60, 0x81, 4, 1, 2, 3, 4 }, 7, "a length in more bytes than it needs" },
		{ { 0x60, 0x82, 0, 4, 1, 2, 3, 4 }, 8, "a length with a zero before it" },
		{ { 0x6e, 0x7f, 0x30 }, 3, "a length beyond the token" },
		{ { 0x6e, 0 }, 2, "an empty AP-REQ" },
		{ { 0x7f, 0x81, 1, 0 }, 4, "a tag of two bytes" },
		{ { 0x60 }, 1, "a tag alone" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tap_ok(read_token(cases[i].token, cases[i].len), "B03 %s", cases[i].what);
}

static void test_frames(void)
{
	static const size_t sizes[] = { 0, 1, 114, 115, 130, 240, 242, 243, 300, 65530, 65536 };
	static uint8_t inner[70000];
	uint8_t *token;
	enum kerberos_framing framing;
	struct kerberos_span span;
	unsigned int good = 0, f;
	size_t i, len;
	uint16_t id;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (f = KERBEROS_FRAMED; f <= KERBEROS_FRAMED_U2U; f++) {
			token = kerberos_frame(f, KERBEROS_ID_ERROR, inner, sizes[i], &len);
			good += kerberos_unframe(token, len, &framing, &id, &span) &&
				framing == f && id == KERBEROS_ID_ERROR && span.len == sizes[i];
			free(token);
		}
	}
	tap_is(good, 3 * i, "what is framed can be unframed, whatever its length");
	token = kerberos_frame(KERBEROS_RAW, 0, ap_req, sizeof(ap_req), &len);
	tap_ok(len == sizeof(ap_req) && !memcmp(token, ap_req, len), "no framing is none");
	free(token);
	token = kerberos_frame(KERBEROS_FRAMED, KERBEROS_ID_AP_REQ, ap_req, sizeof(ap_req), &len);
	tap_ok(!read_token(token, len) && req.framing == KERBEROS_FRAMED, "a framed AP-REQ");
	token[12]++;
	tap_ok(read_token(token, len), "of a mechanism that is not Kerberos");
	free(token);
	token = kerberos_frame(KERBEROS_FRAMED_U2U, 0, inner, 0, &len);
	tap_ok(!read_token(token, len) && req.user_to_user, "user to user by its mechanism");
	free(token);
}

int main(void)
{
	test_ap_req();
	test_lengths();
	test_frames();
	return tap_done();
}
