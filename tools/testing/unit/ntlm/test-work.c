// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whoever has no password learns nothing about accounts: not from the status,
 * not from the reason, and not from the work.  Work is counted, not timed: the
 * linker lets every call of HMAC-MD5 and of the comparison pass through here.
 */
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>

#include "server.h"
#include "tools/testing/tap/tap.h"

#define HASH	"fc525c9683e8fe067095ba2ddc971889"
#define ACCOUNTS \
	"alice:" HASH ":al\n" \
	"DOM\\carol:" HASH ":\n" \
	"empty:31d6cfe0d16ae931b73c59d7e0c089c0:\n" \
	"evan_:" HASH "::disabled\n" \
	"erica:" HASH "::expires=2000-01-01\n"

void __real_nettle_hmac_md5_set_key(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *key);
void __real_nettle_hmac_md5_update(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *data);
void __real_nettle_hmac_md5_digest(struct hmac_md5_ctx *ctx, size_t len, uint8_t *digest);
int __real_nettle_memeql_sec(const void *a, const void *b, size_t len);
void __wrap_nettle_hmac_md5_set_key(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *key);
void __wrap_nettle_hmac_md5_update(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *data);
void __wrap_nettle_hmac_md5_digest(struct hmac_md5_ctx *ctx, size_t len, uint8_t *digest);
int __wrap_nettle_memeql_sec(const void *a, const void *b, size_t len);

/* struct work - calls, and bytes hashed */
struct work {
	size_t keys;
	size_t updates;
	size_t bytes;
	size_t digests;
	size_t compared;
};

static struct work work;

void __wrap_nettle_hmac_md5_set_key(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *key)
{
	work.keys++;
	__real_nettle_hmac_md5_set_key(ctx, len, key);
}

void __wrap_nettle_hmac_md5_update(struct hmac_md5_ctx *ctx, size_t len, const uint8_t *data)
{
	work.updates++;
	work.bytes += len;
	__real_nettle_hmac_md5_update(ctx, len, data);
}

void __wrap_nettle_hmac_md5_digest(struct hmac_md5_ctx *ctx, size_t len, uint8_t *digest)
{
	work.digests++;
	__real_nettle_hmac_md5_digest(ctx, len, digest);
}

int __wrap_nettle_memeql_sec(const void *a, const void *b, size_t len)
{
	work.compared += len;
	return __real_nettle_memeql_sec(a, b, len);
}

static struct server *s;

/* A second leg with a password; the work that the server had with it. */
static int32_t attempt(const char *user, const char *password, struct work *done)
{
	static struct bytes msg;
	struct client c;
	int32_t status;

	client_init(&c);
	c.user = user;
	c.password = password;
	client_negotiate(&c, &msg);
	server_negotiate(s, &msg);
	client_authenticate(&c, &s->negotiate, &s->challenge, &msg);
	memset(&work, 0, sizeof(work));
	status = server_authenticate(s, &msg);
	*done = work;
	return status;
}

static void same_as_unknown(const char *user, const char *password, const char *what)
{
	struct work unknown, known;
	const char *reason;

	attempt("zelda", password, &unknown);
	reason = s->result.reason;
	tap_is(attempt(user, password, &known), SEC_E_LOGON_DENIED, "%s: status", what);
	tap_ok(!strcmp(s->result.reason, reason), "%s: reason", what);
	tap_ok(!memcmp(&known, &unknown, sizeof(known)), "%s: work", what);
}

/* Their passwords are right, so these learn that much; not by the status. */
static void right_but_refused(const char *user, const char *password, const char *what)
{
	struct work done;

	tap_is(attempt(user, password, &done), SEC_E_LOGON_DENIED, "%s: status", what);
	tap_ok(strstr(s->result.reason, "unknown") == NULL, "%s: the log has the reason", what);
}

int main(void)
{
	struct work done;

	s = server_new(ACCOUNTS);
	tap_is(attempt("zelda", "wrong", &done), SEC_E_LOGON_DENIED, "unknown user");
	tap_is(done.keys, 6, "N10: two NTOWFv2, two proofs, two session keys");
	tap_is(done.digests, 6, "N10: all of them finished");
	tap_is(done.compared, 32, "N10: two comparisons of 16 bytes");
	same_as_unknown("alice", "wrong", "wrong password");
	same_as_unknown("carol", "wrong", "wrong password, account of a domain");
	same_as_unknown("evan_", "wrong", "wrong password, account disabled");
	same_as_unknown("erica", "wrong", "wrong password, account expired");
	same_as_unknown("empty", "wrong", "wrong password, account without one");
	right_but_refused("evan_", "Passw0rd!", "account disabled");
	right_but_refused("erica", "Passw0rd!", "account expired");
	right_but_refused("empty", "", "account without a password");
	tap_is(attempt("alice", "Passw0rd!", &done), SEC_E_OK, "right password");

	account_db_free(s->db);
	s->db = NULL;
	attempt("zelda", "wrong", &done);
	tap_is(done.keys, 6, "A08: no account file: the same work");
	tap_is(s->result.status, SEC_E_LOGON_DENIED, "A08: and the same status");
	server_free(s);
	return tap_done();
}
