// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * After a logon, and after the accounts are freed, none of the secrets is left
 * anywhere in the memory of the process: stack, heap (the sanitizer keeps what
 * was freed) and data.
 *
 * The secrets to look for are kept inverted, and what the client knows is wiped.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/hmac.h>

#include "helper/accounts/file_line.h"
#include "helper/ntlm/crypto.h"
#include "server.h"
#include "tools/testing/tap/tap.h"

/* Larger mappings are the sanitizer's shadow. */
#define LARGEST		(UINT64_C(1) << 28)
#define CHUNK		(UINT64_C(1) << 16)
#define OVERLAP		15

#define STACK_SIZE	(1 << 20)

enum {
	SESSION_KEY, BASE_KEY, NTOWFV2, NT_HASH, HEX_HASH, INNER_HASH, OUTER_HASH, INNER_KEY,
	OUTER_KEY, HASH_STATE, KEY_STATE, PASSWORD, SECRETS
};

/* What HMAC makes of a key first is of as much use as the key. */
static const char *const names[SECRETS] = {
	"ExportedSessionKey", "SessionBaseKey", "NTOWFv2", "NT hash", "NT hash in hex",
	"NT hash with inner padding", "NT hash with outer padding",
	"NTOWFv2 with inner padding", "NTOWFv2 with outer padding", "HMAC state of the NT hash",
	"HMAC state of NTOWFv2", "password in UTF-16",
};

/* struct inverted - a secret that is not found where it is kept */
struct inverted {
	uint8_t byte[16];
};

static struct inverted wanted[SECRETS];
static size_t found[SECRETS];

static void keep(int which, const uint8_t secret[16])
{
	size_t i;

	for (i = 0; i < 16; i++)
		wanted[which].byte[i] = ~secret[i];
}

static void keep_hmac_key(int inner, int outer, int state, const uint8_t secret[16])
{
	struct hmac_md5_ctx ctx;
	uint8_t padded[16];
	size_t i;

	hmac_md5_set_key(&ctx, 16, secret);
	keep(state, (const uint8_t *)ctx.inner.state);
	explicit_bzero(&ctx, sizeof(ctx));
	for (i = 0; i < 16; i++)
		padded[i] = secret[i] ^ 0x36;
	keep(inner, padded);
	for (i = 0; i < 16; i++)
		padded[i] = secret[i] ^ 0x5c;
	keep(outer, padded);
	explicit_bzero(padded, sizeof(padded));
}

/* Inverts @data, so that what is looked for need not be in memory itself. */
static void search(uint8_t *data, size_t len)
{
	const uint8_t *at;
	size_t which, i;

	for (i = 0; i < len; i++)
		data[i] = ~data[i];
	for (which = 0; which < SECRETS; which++) {
		at = data;
		while ((at = memmem(at, data + len - at, wanted[which].byte, 16))) {
			found[which]++;
			at++;
		}
	}
}

static void search_mapping(int mem, uint64_t start, uint64_t end)
{
	static uint8_t buffer[CHUNK + OVERLAP];
	uint64_t at;
	ssize_t n;

	for (at = start; at < end; at += CHUNK) {
		/* Not this buffer: it holds what was read last. */
		if (at < (uintptr_t)buffer + sizeof(buffer) &&
		    at + CHUNK + OVERLAP > (uintptr_t)buffer)
			continue;
		n = pread(mem, buffer, end - at < sizeof(buffer) ? end - at : sizeof(buffer), at);
		if (n > 0)
			search(buffer, n);
		explicit_bzero(buffer, sizeof(buffer));
	}
}

/* The mappings are listed first: reading the list allocates memory. */
static size_t search_memory(void)
{
	static struct {
		uint64_t start, end;
	} mappings[4096];
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], mode[5];
	size_t count = 0, i;

	if (mem < 0 || !maps)
		tap_bail("cannot read /proc/self: %s", strerror(errno));
	while (count < 4096 && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &mappings[count].start,
			   &mappings[count].end, mode) == 3 &&
		    mode[0] == 'r' && mode[1] == 'w' &&
		    mappings[count].end - mappings[count].start < LARGEST)
			count++;
	fclose(maps);
	memset(found, 0, sizeof(found));
	for (i = 0; i < count; i++)
		search_mapping(mem, mappings[i].start, mappings[i].end);
	close(mem);
	return count;
}

static void hex_of(const uint8_t hash[16], char text[33])
{
	size_t i;

	for (i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

/* All that the test itself knows; the accounts are the server's. */
static struct server *begin(struct client *c)
{
	uint8_t hash[16], password[16];
	char accounts[128], text[33];
	struct server *s;
	size_t i;

	client_init(c);
	/* Short enough to stay in one block of MD4 */
	c->password = "a password for tests";
	client_nt_hash(c->password, hash);
	hex_of(hash, text);
	snprintf(accounts, sizeof(accounts), "alice:%s:al\n", text);
	keep(NT_HASH, hash);
	keep_hmac_key(INNER_HASH, OUTER_HASH, HASH_STATE, hash);
	for (i = 0; i < 16; i += 2) {
		password[i] = c->password[i / 2];
		password[i + 1] = 0;
	}
	keep(PASSWORD, password);
	explicit_bzero(password, sizeof(password));
	keep(HEX_HASH, (uint8_t *)text);
	s = server_new(accounts);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(text, sizeof(text));
	explicit_bzero(accounts, sizeof(accounts));
	return s;
}

/* The client's functions leave things below; nobody but the daemon is tested. */
static __attribute__((noinline)) void burn_stack(void)
{
	uint8_t below[65536];

	explicit_bzero(below, sizeof(below));
}

/* struct thread_data - a logon that runs on a stack of its own */
struct thread_data {
	struct server *server;
	struct client *client;
	bool accepted;
	int32_t status;
};

/* One logon, with the client's half of it out of the way again. */
static void *logon_thread(void *data)
{
	struct thread_data *d = data;
	struct server *s = d->server;
	struct client *c = d->client;
	uint8_t hash[16], ntowfv2[16], random[16];
	static struct bytes msg;
	size_t i;

	for (i = 0; i < sizeof(random); i++)
		random[i] = 0x30 + 13 * i;
	memcpy(c->random_key, random, sizeof(random));
	client_negotiate(c, &msg);
	server_negotiate(s, &msg);
	client_authenticate(c, &s->negotiate, &s->challenge, &msg);
	if (!d->accepted)
		msg.data[80] ^= 1;
	keep(SESSION_KEY, c->exported_key);
	keep(BASE_KEY, c->base_key);
	client_nt_hash(c->password, hash);
	ntlm_ntowfv2(hash, c->user, c->domain, ntowfv2);
	keep(NTOWFV2, ntowfv2);
	keep_hmac_key(INNER_KEY, OUTER_KEY, KEY_STATE, ntowfv2);
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(ntowfv2, sizeof(ntowfv2));
	explicit_bzero(random, sizeof(random));
	explicit_bzero(c->random_key, sizeof(c->random_key));
	explicit_bzero(c->base_key, sizeof(c->base_key));
	explicit_bzero(c->exported_key, sizeof(c->exported_key));
	burn_stack();
	d->status = server_authenticate(s, &msg);
	return NULL;
}

/* struct deep_call - a call far down the stack, out of reach of a thread's end */
struct deep_call {
	void *(*run)(void *data);
	void *data;
};

static __attribute__((noinline)) void *deep_call(void *data)
{
	const struct deep_call *call = data;
	volatile uint8_t above[STACK_SIZE / 4];
	void *result;

	above[0] = 0;
	result = call->run(call->data);
	above[sizeof(above) - 1] = 0;
	return result;
}

/*
 * In a thread, so that nothing that runs later writes over what was left on the
 * stack, which outlives the thread.
 */
static void on_own_stack(void *(*run)(void *data), void *data)
{
	static uint8_t stack[STACK_SIZE] __attribute__((aligned(4096)));
	struct deep_call call = { run, data };
	pthread_attr_t attr;
	pthread_t thread;

	memset(stack, 0, sizeof(stack));
	if (pthread_attr_init(&attr) || pthread_attr_setstack(&attr, stack, sizeof(stack)) ||
	    pthread_create(&thread, &attr, deep_call, &call) || pthread_join(thread, NULL))
		tap_bail("cannot run a thread");
	pthread_attr_destroy(&attr);
}

static int32_t logon(struct server *s, struct client *c, bool accepted)
{
	struct thread_data d = { s, c, accepted, SEC_E_INTERNAL_ERROR };

	on_own_stack(logon_thread, &d);
	return d.status;
}

/*
 * The functions below the engine, each as the last that ran: what one of them
 * leaves behind, the next one mostly writes over.
 */
static const char *password;
static int32_t verified;
static const uint8_t challenge[8];
static uint8_t response[64];

static const struct ntlmv2_response judged = {
	.user = "alice", .domain = "DOM", .workstation = "", .challenge = challenge,
	.nt = response, .nt_len = sizeof(response),
};

static void *run_ntowfv1(void *data)
{
	uint8_t hash[16];

	(void)data;
	ntlm_ntowfv1(password, strlen(password), hash);
	explicit_bzero(hash, sizeof(hash));
	return NULL;
}

static const uint8_t *find_hash(const struct server *s)
{
	return account_db_find(s->db, "alice", "")->hash;
}

static void *run_ntowfv2(void *data)
{
	uint8_t key[16];

	ntlm_ntowfv2(find_hash(data), "alice", "DOM", key);
	explicit_bzero(key, sizeof(key));
	return NULL;
}

static void *run_response(void *data)
{
	uint8_t key[16];

	ntlm_response_check(find_hash(data), "alice", "DOM", challenge, response,
			    sizeof(response), key);
	explicit_bzero(key, sizeof(key));
	return NULL;
}

static void *run_verify(void *data)
{
	const struct server *s = data;
	struct account account;
	const char *reason;
	uint8_t key[16];

	verified = account_db_verify(s->db, &judged, SERVER_NOW, &account, key, &reason);
	explicit_bzero(key, sizeof(key));
	return NULL;
}

/* A right response, so that there is a SessionBaseKey to be found */
static void make_response(struct server *s)
{
	uint8_t key[16], base_key[16];
	const struct ntlm_span spans[] = {
		{ challenge, 8 }, { response + 16, sizeof(response) - 16 },
	};
	const struct ntlm_span proof = { response, 16 };

	ntlm_ntowfv2(find_hash(s), "alice", "DOM", key);
	ntlm_hmac(key, spans, 2, response);
	ntlm_hmac(key, &proof, 1, base_key);
	keep(BASE_KEY, base_key);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(base_key, sizeof(base_key));
}

static void nothing_but(unsigned int allowed, const char *when)
{
	size_t which;

	search_memory();
	for (which = 0; which < SECRETS; which++)
		if (allowed & (1u << which))
			tap_ok(found[which] > 0, "%s: %s is found where it belongs", when,
			       names[which]);
		else
			tap_is(found[which], 0, "%s: %s is not found", when, names[which]);
}

int main(void)
{
	struct client c;
	struct server *s = begin(&c);

	burn_stack();
	tap_ok(search_memory() > 3, "there is memory to search");
	tap_is(found[NT_HASH], 1, "before: the hash is in memory once, with the accounts");
	tap_is(found[HEX_HASH], 0, "before: and not in hex");

	tap_is(logon(s, &c, true), SEC_E_OK, "a logon");
	nothing_but(1u << NT_HASH | 1u << SESSION_KEY, "accepted");
	tap_is(found[SESSION_KEY], 1, "accepted: the key is in the result, and only there");
	engine_result_clear(&s->result);
	nothing_but(1u << NT_HASH, "cleared");

	tap_is(logon(s, &c, false), SEC_E_LOGON_DENIED, "a logon with a wrong MIC");
	nothing_but(1u << NT_HASH, "denied");

	on_own_stack(run_ntowfv2, s);
	nothing_but(1u << NT_HASH, "NTOWFv2");
	make_response(s);
	on_own_stack(run_response, s);
	nothing_but(1u << NT_HASH, "response checked");
	on_own_stack(run_verify, s);
	tap_is(verified, SEC_E_OK, "a right response");
	nothing_but(1u << NT_HASH, "response verified");
	password = c.password;
	on_own_stack(run_ntowfv1, s);
	nothing_but(1u << NT_HASH, "NTOWFv1");

	server_free(s);
	nothing_but(0, "accounts freed");
	return tap_done();
}
