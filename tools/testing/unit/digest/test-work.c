// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whoever has no password learns nothing about accounts from the work that they make, and
 * nobody finds what they are made of on the stack afterwards.  Work is counted, not timed:
 * the linker lets every call of the hashes and of the comparison pass through here.
 */
#include <pthread.h>
#include <string.h>

#include <nettle/md5.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

#include "helper/accounts/file_line.h"
#include "helper/text.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

#define NT		":fc525c9683e8fe067095ba2ddc971889:"
#define SHA256		"db0c9acf27a4f194a94b4aa4e5777b76d77cb9c0dc26347e78a3a9e94e848a10"
#define PASSWORD	"Passw0rd! of a test"

static const char accounts[] =
	"alice" NT "::" SHA256 ",cb10d6be644dbf25119e66aa4d2c36c1," SERVER_REALM "\n"
	"bobby" NT ":disabled:" SHA256 ",cb10d6be644dbf25119e66aa4d2c36c1," SERVER_REALM "\n"
	"carol" NT "::" SHA256 ",cb10d6be644dbf25119e66aa4d2c36c1,another one\n"
	"david" NT "\n";

void __real_nettle_sha256_update(struct sha256_ctx *ctx, size_t len, const uint8_t *data);
void __real_nettle_md5_update(struct md5_ctx *ctx, size_t len, const uint8_t *data);
int __real_nettle_memeql_sec(const void *a, const void *b, size_t len);
void __wrap_nettle_sha256_update(struct sha256_ctx *ctx, size_t len, const uint8_t *data);
void __wrap_nettle_md5_update(struct md5_ctx *ctx, size_t len, const uint8_t *data);
int __wrap_nettle_memeql_sec(const void *a, const void *b, size_t len);

/* struct work - calls, and bytes hashed and compared */
struct work {
	size_t updates;
	size_t bytes;
	size_t compared;
};

static struct work work;

void __wrap_nettle_sha256_update(struct sha256_ctx *ctx, size_t len, const uint8_t *data)
{
	work.updates++;
	work.bytes += len;
	__real_nettle_sha256_update(ctx, len, data);
}

void __wrap_nettle_md5_update(struct md5_ctx *ctx, size_t len, const uint8_t *data)
{
	work.updates++;
	work.bytes += len;
	__real_nettle_md5_update(ctx, len, data);
}

int __wrap_nettle_memeql_sec(const void *a, const void *b, size_t len)
{
	work.compared += len;
	return __real_nettle_memeql_sec(a, b, len);
}

static struct digest_server *s;

static struct work attempt(const char *user, bool sha256, bool userhash)
{
	char token[CLIENT_TOKEN];
	struct digest_client c;
	struct work done;

	digest_client_init(&c);
	c.user = user;
	c.password = "wrong";
	c.sha256 = sha256;
	c.algorithm = sha256 ? ", algorithm=SHA-256" : ", algorithm=MD5";
	c.userhash = userhash;
	digest_server_restart(s);
	digest_server_step(s, NULL);
	digest_client_challenged(&c, s->token);
	digest_client_credentials(&c, token);
	memset(&work, 0, sizeof(work));
	tap_is(digest_server_step(s, token), SEC_E_LOGON_DENIED, "%s is denied", user);
	done = work;
	return done;
}

static void test_work(bool sha256, bool userhash)
{
	static const char *const users[] = { "bobby", "carol", "david", "frank" };
	struct work alice = attempt("alice", sha256, userhash), other;
	size_t i;

	tap_ok(alice.updates && alice.bytes && alice.compared == (sha256 ? 32 : 16),
	       "an account makes work: %zu bytes", alice.bytes);
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		other = attempt(users[i], sha256, userhash);
		tap_mem(&other, &alice, sizeof(other), "%s makes the same work", users[i]);
	}
}

/* The stack of a thread, which is there when the thread is not */
static uint8_t stack[256 * 1024] __attribute__((aligned(4096)));
static uint8_t ha1[DIGEST_MAX_HASH];
static const char password[] = PASSWORD;

static bool is_on_stack(const void *secret, size_t len)
{
	return memmem(stack, sizeof(stack), secret, len);
}

/* Far down the stack, out of reach of what a thread does at its end */
static void *deep(void *data)
{
	void *(*const *run)(void *data) = data;
	volatile uint8_t above[64 * 1024];

	above[0] = above[sizeof(above) - 1] = 1;
	(*run)(NULL);
	return above[0] ? data : NULL;
}

static void on_own_stack(void *(*run)(void *data))
{
	pthread_attr_t attr;
	pthread_t thread;

	memset(stack, 0, sizeof(stack));
	if (pthread_attr_init(&attr) || pthread_attr_setstack(&attr, stack, sizeof(stack)) ||
	    pthread_create(&thread, &attr, deep, &run) || pthread_join(thread, NULL))
		tap_bail("no thread");
	pthread_attr_destroy(&attr);
}

static void *run_ha1(void *data)
{
	digest_ha1(DIGEST_SHA256, "alice", SERVER_REALM, password, sizeof(password) - 1, ha1);
	return data;
}

static void *run_check(void *data)
{
	static const uint8_t answer[DIGEST_MAX_HASH];
	const struct digest_response response = {
		.algorithm = DIGEST_SHA256, .user = "alice", .realm = SERVER_REALM,
		.method = { "GET", 3 }, .uri = { "/", 1 }, .nonce = { "n", 1 },
		.nc = { "00000001", 8 }, .cnonce = { "c", 1 }, .response = answer,
	};

	digest_response_check(ha1, &response);
	return data;
}

/* The field of a line is wiped where it was read, and not copied. */
static void *run_line(void *data)
{
	static char text[] = "alice" NT "::" SHA256 ",cb10d6be644dbf25119e66aa4d2c36c1,r";
	static struct account_line line;

	tap_ok(!account_line_parse(text, sizeof(text) - 1, &line), "a line is read");
	tap_ok(!memmem(text, sizeof(text), SHA256, 16), "its hashes are wiped");
	return data;
}

static void *run_careless(void *data)
{
	volatile char copy[sizeof(password)];
	size_t i;

	for (i = 0; i < sizeof(password); i++)
		copy[i] = password[i];
	return copy[0] ? data : NULL;
}

static void test_stack(void)
{
	char hex[2 * DIGEST_MAX_HASH + 1];

	on_own_stack(run_careless);
	tap_ok(is_on_stack(password, sizeof(password) - 1), "what is not wiped would be found");
	on_own_stack(run_ha1);
	tap_ok(!is_on_stack(password, sizeof(password) - 1), "no password after H(A1)");
	tap_ok(!is_on_stack(ha1, 16), "nor H(A1)");
	text_put_hex(hex, ha1, DIGEST_MAX_HASH);
	on_own_stack(run_check);
	tap_ok(!is_on_stack(hex, 16) && !is_on_stack(hex + 32, 16), "no H(A1) after a response");
	on_own_stack(run_line);
	tap_ok(!is_on_stack(SHA256, 16), "no H(A1) after a line");
}

int main(void)
{
	s = digest_server_new(accounts);
	test_work(true, false);
	test_work(false, false);
	test_work(true, true);
	test_work(false, true);
	test_stack();
	digest_server_free(s);
	return tap_done();
}
