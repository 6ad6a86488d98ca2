// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages, state, bindings and account files, changed at random in many ways at
 * once.  Nothing may crash, leak or read too far, and none may let in a client
 * that does not know the password.
 *
 * FUZZ_COUNT=n makes n of each instead of the default, FUZZ_SEED=n other ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/ntlm/message.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

#define HASH	"fc525c9683e8fe067095ba2ddc971889"
#define ACCOUNTS "alice:" HASH ":al\n"
#define COUNT	20000

static uint64_t seed = 1;
static unsigned long rounds = COUNT;
static struct server *s;
static struct client c;
static struct bytes good, bad;

/* xorshift64: the same sequence everywhere */
static uint64_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static size_t below(size_t limit)
{
	return limit ? rnd() % limit : 0;
}

static void flip(struct bytes *b)
{
	if (b->len)
		b->data[below(b->len)] ^= 1 << below(8);
}

/* A number where lengths and offsets are found */
static void number(struct bytes *b)
{
	static const uint32_t values[] = {
		0, 1, 2, 15, 16, 17, 24, 47, 48, 63, 64, 72, 88, 0x7f, 0x80, 0xff, 0x100, 0x7fff,
		0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff,
	};
	uint32_t value = values[below(sizeof(values) / sizeof(values[0]))];
	size_t at = below(b->len / 2) * 2;

	if (at + 4 <= b->len && rnd() % 2)
		bytes_set32(b->data + at, value);
	else if (at + 2 <= b->len)
		bytes_set16(b->data + at, value);
}

static void truncate_bytes(struct bytes *b)
{
	b->len = below(b->len + 1);
}

static void extend(struct bytes *b)
{
	size_t n = below(64);

	while (n--) {
		uint8_t byte = rnd();

		bytes_put(b, &byte, 1);
	}
}

static void move(struct bytes *b)
{
	size_t from = below(b->len), to = below(b->len), n;

	n = below(b->len - (from > to ? from : to) + 1);
	memmove(b->data + to, b->data + from, n);
}

static void zero(struct bytes *b)
{
	size_t at = below(b->len), n = below(b->len - at + 1);

	memset(b->data + at, 0, n < 32 ? n : 32);
}

static void (*const changes[])(struct bytes *b) = {
	flip, flip, number, number, number, truncate_bytes, extend, move, zero,
};

static void change(struct bytes *b)
{
	size_t n = 1 + below(6);

	while (n--)
		changes[below(sizeof(changes) / sizeof(changes[0]))](b);
}

static bool is_refusal(void)
{
	return s->result.status < 0 && s->result.reason && !s->result.token &&
	       !s->result.key_len && !s->result.ret_flags && !s->result.account.user[0];
}

static void test_negotiate(void)
{
	struct ntlm_challenge challenge;
	unsigned long i, wrong = 0, taken = 0;

	client_init(&c);
	c.negotiate |= NTLMSSP_NEGOTIATE_OEM_DOMAIN_SUPPLIED;
	client_negotiate(&c, &good);
	for (i = 0; i < rounds; i++) {
		bad = good;
		change(&bad);
		if (server_negotiate(s, &bad) != SEC_I_CONTINUE_NEEDED) {
			wrong += !is_refusal();
			continue;
		}
		taken++;
		wrong += ntlm_parse_challenge(s->challenge.data, s->challenge.len, &challenge) ||
			 s->state_len > KSECDD_MAX_STATE;
	}
	tap_is(wrong, 0, "%lu NEGOTIATE_MESSAGEs", rounds);
	tap_ok(taken && taken < rounds, "some were taken (%lu), some were not", taken);
}

/* @password is wrong or right; with the wrong one nothing may be accepted. */
static void test_authenticate(const char *what, const char *password)
{
	bool right = !strcmp(password, "Passw0rd!");
	unsigned long i, wrong = 0, accepted = 0, denied = 0;

	c.password = password;
	client_negotiate(&c, &bad);
	server_negotiate(s, &bad);
	client_authenticate(&c, &s->negotiate, &s->challenge, &good);
	for (i = 0; i < rounds; i++) {
		bad = good;
		change(&bad);
		if (server_authenticate(s, &bad) == SEC_E_OK) {
			accepted++;
			wrong += strcmp(s->result.account.user, "alice") != 0;
		} else {
			denied += s->result.status == SEC_E_LOGON_DENIED;
			wrong += !is_refusal();
		}
	}
	tap_is(wrong, 0, "%s: %lu AUTHENTICATE_MESSAGEs", what, rounds);
	if (!right)
		tap_is(accepted, 0, "%s: none was accepted", what);
	tap_ok(denied > rounds / 50, "%s: many came as far as the password (%lu)", what, denied);
}

static void test_state(void)
{
	static struct bytes state;
	unsigned long i, wrong = 0, accepted = 0;

	client_init(&c);
	client_negotiate(&c, &bad);
	server_negotiate(s, &bad);
	client_authenticate(&c, &s->negotiate, &s->challenge, &good);
	state.len = 0;
	bytes_put(&state, s->state, s->state_len);
	for (i = 0; i < rounds; i++) {
		bad = state;
		change(&bad);
		s->state_len = bad.len < sizeof(s->state) ? bad.len : sizeof(s->state);
		memcpy(s->state, bad.data, s->state_len);
		if (server_authenticate(s, &good) != SEC_E_OK)
			wrong += !is_refusal();
		else if (bad.len != state.len || memcmp(bad.data, state.data, bad.len))
			accepted++;
	}
	tap_is(wrong, 0, "%lu states", rounds);
	tap_is(accepted, 0, "a MIC covers what is in them");
}

static void test_bindings(void)
{
	unsigned long i, wrong = 0;

	client_init(&c);
	client_negotiate(&c, &good);
	for (i = 0; i < rounds; i++) {
		bad.len = 0;
		while (bad.len < 48)
			bytes_put32(&bad, rnd() % 3 ? rnd() % 64 : rnd());
		change(&bad);
		s->bindings = bad.data;
		s->bindings_len = bad.len;
		server_step(s, 0, good.data, good.len);
		wrong += s->result.status != SEC_I_CONTINUE_NEEDED &&
			 s->result.status != SEC_E_INVALID_TOKEN;
	}
	s->bindings = NULL;
	tap_is(wrong, 0, "%lu channel bindings", rounds);
}

static void test_accounts(void)
{
	static const char text[] =
		"# comment\nalice:" HASH ":al\nDOM\\bob:" HASH "::disabled,expires=2026-11-22\n"
		"carol:" HASH ":carol:expires=2030-01-01\n\n";
	int fd = memfd_create("accounts", MFD_CLOEXEC);
	unsigned long i, wrong = 0, taken = 0;
	char path[32], error[ACCOUNT_ERROR_LEN];
	struct account_entry entry;
	struct account_db *db;
	size_t n;

	if (fd < 0 || fchmod(fd, 0600))
		tap_bail("memfd_create: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (i = 0; i < rounds / 2; i++) {
		bad.len = 0;
		bytes_put(&bad, text, sizeof(text) - 1);
		change(&bad);
		if (ftruncate(fd, 0) || pwrite(fd, bad.data, bad.len, 0) != (ssize_t)bad.len)
			tap_bail("cannot write to memory: %s", strerror(errno));
		error[0] = '\0';
		if (account_db_load(path, &db, error)) {
			wrong += !strstr(error, path);
			continue;
		}
		taken++;
		for (n = 0; n < account_db_count(db); n++) {
			account_db_entry(db, n, &entry);
			wrong += !entry.account.user[0];
		}
		account_db_free(db);
	}
	close(fd);
	tap_is(wrong, 0, "%lu account files", rounds / 2);
	tap_ok(taken && taken < rounds / 2, "some were taken (%lu), some were not", taken);
}

int main(void)
{
	const char *value;

	value = getenv("FUZZ_COUNT");
	if (value)
		rounds = strtoul(value, NULL, 10);
	value = getenv("FUZZ_SEED");
	if (value)
		seed = strtoull(value, NULL, 10);
	if (!seed || rounds < 1000)
		tap_bail("FUZZ_SEED must not be 0, FUZZ_COUNT not be less than 1000");
	tap_diag("FUZZ_SEED=%llu FUZZ_COUNT=%lu", (unsigned long long)seed, rounds);

	s = server_new(ACCOUNTS);
	test_negotiate();
	client_init(&c);
	c.target = "HTTP/server";
	c.cbt = (const uint8_t *)"0123456789abcdef";
	test_authenticate("wrong password", "wrong");
	c.mic = false;
	c.header = 72;
	test_authenticate("wrong password, no MIC", "wrong");
	test_authenticate("right password, no MIC", "Passw0rd!");
	client_init(&c);
	c.negotiate = CLIENT_CURL;
	c.header = 64;
	c.mic = false;
	test_authenticate("OEM, wrong password", "wrong");
	test_state();
	test_bindings();
	test_accounts();
	server_free(s);
	return tap_done();
}
