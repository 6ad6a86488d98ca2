// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every prefix of a good message, and every message with one byte changed.
 *
 * With a MIC no change of any of the three messages may go through.  Without
 * one, what the NTLMv2 response does not cover can be changed on the way; the
 * list of that is here, and nothing else may go through.
 */
#include <string.h>

#include "server.h"
#include "tools/testing/tap/tap.h"

#define HASH	"fc525c9683e8fe067095ba2ddc971889"
#define ACCOUNTS "alice:" HASH ":al\n"

static struct server *s;
static struct client c;
static struct bytes negotiate, good, bad;

static void reset(void)
{
	if (s)
		server_free(s);
	s = server_new(ACCOUNTS);
	client_init(&c);
}

static void prepare(void)
{
	client_negotiate(&c, &negotiate);
	server_negotiate(s, &negotiate);
	client_authenticate(&c, &s->negotiate, &s->challenge, &good);
	if (server_authenticate(s, &good) != SEC_E_OK)
		tap_bail("the good message is refused: %s", s->result.reason);
}

static void test_prefixes(const char *what)
{
	size_t len, wrong = 0;

	prepare();
	for (len = 0; len < good.len; len++) {
		int32_t status = server_step(s, 1, good.data, len);

		wrong += status != SEC_E_INVALID_TOKEN && status != SEC_E_LOGON_DENIED;
		wrong += s->result.key_len || s->result.account.user[0] || !s->result.reason;
	}
	tap_is(wrong, 0, "%s: each of the %zu prefixes is refused", what, len);
}

/* With a MIC: every other value of every byte of the last message. */
static void test_mic_authenticate(void)
{
	size_t i, value, wrong = 0;

	prepare();
	for (i = 0; i < good.len; i++) {
		for (value = 1; value < 256; value++) {
			bad = good;
			bad.data[i] ^= value;
			if (server_authenticate(s, &bad) == SEC_E_OK) {
				tap_diag("byte %zu changed by 0x%02zx is accepted", i, value);
				wrong++;
			}
		}
	}
	tap_is(wrong, 0, "MIC: no byte of the AUTHENTICATE_MESSAGE can be changed");
	bad = good;
	bytes_put(&bad, "", 1);
	tap_is(server_authenticate(s, &bad), SEC_E_LOGON_DENIED, "MIC: nor one added");
}

/* With a MIC: what the server reads is not what the client wrote, or reverse. */
static void test_mic_earlier(void)
{
	struct bytes real;
	size_t i, wrong = 0;

	prepare();
	real = negotiate;
	for (i = 0; i < real.len; i++) {
		bad = real;
		bad.data[i] ^= 0x10;
		if (server_negotiate(s, &bad) != SEC_I_CONTINUE_NEEDED)
			continue;
		client_authenticate(&c, &real, &s->challenge, &good);
		wrong += server_authenticate(s, &good) == SEC_E_OK;
	}
	tap_is(wrong, 0, "MIC: no byte of the NEGOTIATE_MESSAGE can be changed");

	server_negotiate(s, &real);
	for (wrong = 0, i = 0; i < s->challenge.len; i++) {
		/* The test's client trusts the lengths it gets. */
		if ((i >= 40 && i < 48) || (i >= 68 && !(s->challenge.data[i] & 0x20)))
			continue;
		bad = s->challenge;
		bad.data[i] ^= 0x01;
		client_authenticate(&c, &real, &bad, &good);
		wrong += server_authenticate(s, &good) == SEC_E_OK;
	}
	tap_is(wrong, 0, "MIC: no byte of the CHALLENGE_MESSAGE can be changed");
}

/* struct open - bytes that nothing covers without a MIC */
struct open {
	size_t offset;
	size_t len;
	const char *what;
	bool used;
};

#define MAX_OPEN	24

static struct open list[MAX_OPEN];
static size_t listed;

static void open_bytes(size_t offset, size_t len, const char *what)
{
	if (listed == MAX_OPEN)
		tap_bail("the list of open bytes is too short");
	list[listed++] = (struct open){ offset, len, what, false };
}

static void open_field(enum client_field field, const char *what)
{
	open_bytes(field, 8, what);
	if (client_field_len(&good, field))
		open_bytes(client_field_offset(&good, field), client_field_len(&good, field), what);
}

static struct open *is_open(size_t offset)
{
	size_t i;

	for (i = 0; i < listed; i++)
		if (offset >= list[i].offset && offset < list[i].offset + list[i].len)
			return &list[i];
	return NULL;
}

static void test_open(const char *what)
{
	size_t i, value, unused = 0, wrong = 0, stranger = 0;
	struct open *open;

	for (i = 0; i < good.len; i++) {
		for (value = 1; value < 256; value++) {
			bad = good;
			bad.data[i] ^= value;
			if (server_authenticate(s, &bad) != SEC_E_OK)
				continue;
			stranger += strcmp(s->result.account.user, "alice") != 0;
			open = is_open(i);
			if (open) {
				open->used = true;
			} else {
				tap_diag("byte %zu changed by 0x%02zx is accepted", i, value);
				wrong++;
			}
		}
	}
	for (i = 0; i < listed; i++)
		if (!list[i].used) {
			tap_diag("listed, but covered: %s", list[i].what);
			unused++;
		}
	tap_is(wrong, 0, "%s: only what is listed can be changed", what);
	tap_is(unused, 0, "%s: all that is listed can be", what);
	tap_is(stranger, 0, "%s: never is the client anybody else", what);
}

static void list_common(void)
{
	size_t i;

	listed = 0;
	/* MaxLen is ignored. */
	open_bytes(CLIENT_NT + 2, 2, "MaxLen of the NT response");
	open_bytes(CLIENT_USER + 2, 2, "MaxLen of the user name");
	/* The user name is hashed in upper case. */
	for (i = 0; i < client_field_len(&good, CLIENT_USER); i++)
		if (good.data[client_field_offset(&good, CLIENT_USER) + i])
			open_bytes(client_field_offset(&good, CLIENT_USER) + i, 1,
				   "case of the user name");
	open_field(CLIENT_LM, "LM response");
	open_field(CLIENT_WORKSTATION, "workstation");
	open_bytes(60, 4, "flags");
}

static void test_without_mic(void)
{
	reset();
	c.mic = false;
	c.version = true;
	c.header = 88;
	test_prefixes("no MIC");
	prepare();
	list_common();
	open_bytes(CLIENT_DOMAIN + 2, 2, "MaxLen of the domain");
	open_bytes(CLIENT_KEY + 2, 2, "MaxLen of the session key");
	open_bytes(client_field_offset(&good, CLIENT_KEY), 16, "session key");
	open_bytes(64, 8, "Version");
	open_bytes(72, 16, "room for a MIC that is not announced");
	test_open("no MIC");

	reset();
	c.negotiate = CLIENT_CURL;
	c.version = false;
	c.header = 64;
	c.mic = false;
	c.domain = "";
	test_prefixes("curl");
	prepare();
	list_common();
	/* Hashed without a domain, so that any domain may be named (N10). */
	open_field(CLIENT_DOMAIN, "domain");
	open_field(CLIENT_KEY, "session key, which is not exchanged");
	test_open("curl");
}

int main(void)
{
	reset();
	test_prefixes("MIC");
	test_mic_authenticate();
	test_mic_earlier();
	test_without_mic();
	server_free(s);
	return tap_done();
}
