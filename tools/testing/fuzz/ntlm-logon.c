// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing whole NTLM logons: a client with every habit that a client may have, a
 * server with every policy, and somebody between them.
 *
 * Input: what the server is like, what the client is like, then changes to the
 * messages; at the end of the input there are no more of them.  Because the client
 * makes its response and its MIC itself, they are right unless it is told not to.
 * Logons that nobody tampered with must be accepted if, and only if, the oracle says
 * so; others, only if.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "helper/ntlm/message.h"
#include "ntlm_oracle.h"

#define CHANGES_MAX	8
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* struct scene - what the input decides, besides server and client */
struct scene {
	struct fuzz_input in;
	bool malformed;		/* the client made something that is no message */
	bool changed;		/* somebody changed something behind its back */
	uint8_t cbt[16];
	uint8_t hash[16];
	uint8_t *bindings;
	struct bytes *raw[4];
	size_t nraw;
};

static struct server *s;
static struct client c;
static struct bytes negotiate, authenticate, raws[4];

/* Bytes of the input for one of the client's raw fields */
static const struct bytes *take_raw(struct scene *scene, size_t max)
{
	struct bytes *raw = scene->raw[scene->nraw++];
	size_t len;
	uint8_t *bytes = fuzz_take_bytes(&scene->in, max, &len);

	raw->len = 0;
	bytes_put(raw, bytes, len);
	free(bytes);
	return raw;
}

static void take_bindings(struct scene *scene, uint8_t kind)
{
	size_t len;

	s->bindings = NULL;
	s->bindings_len = 0;
	if (!(kind & 3))
		return;
	if (kind & 1) {
		/* Well-formed, with application data only */
		uint8_t *application = fuzz_take_bytes(&scene->in, 64, &len);

		scene->bindings = calloc(1, 32 + len);
		if (!scene->bindings)
			abort();
		bytes_set32(scene->bindings + 24, len);
		bytes_set32(scene->bindings + 28, 32);
		memcpy(scene->bindings + 32, application, len);
		free(application);
		len += 32;
	} else {
		scene->bindings = fuzz_take_bytes(&scene->in, 96, &len);
	}
	s->bindings = scene->bindings;
	s->bindings_len = len;
	s->bindings_once = kind & 4;
}

static void take_server(struct scene *scene)
{
	static const char *const principals[] = { NULL, "HTTP/server", "cifs/server", "alice" };
	static const uint32_t skews[] = { 129600, 0, 1, 365 * 86400 };
	uint8_t policy = fuzz_take8(&scene->in), asks = fuzz_take8(&scene->in);

	s->policy = (struct engine_policy){
		.require_128 = !(policy & 1),
		.check_av_echo = !(policy & 2),
		.require_mic = policy & 4,
		.require_cbt = policy & 8,
		.max_skew = skews[policy >> 4 & 3],
	};
	s->names.in_domain = policy & 64;
	s->req_flags = (asks & 1 ? ASC_REQ_ALLOW_NULL_SESSION : 0) |
		       (asks & 2 ? ASC_REQ_ALLOW_MISSING_BINDINGS : 0) |
		       (asks & 4 ? ASC_REQ_CONNECTION : 0) |
		       (asks & 8 ? ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY : 0);
	s->principal = principals[asks >> 4 & 3];
	s->random = fuzz_take8(&scene->in);
	take_bindings(scene, fuzz_take8(&scene->in));
}

static void take_names(struct scene *scene)
{
	static const char *const users[] = {
		"alice", "ALICE", "bob", "off", "old", "empty", "nobody", "",
	};
	static const char *const domains[] = { "DOM", "dom", "", "OTHER" };
	static const char *const passwords[] = { "Passw0rd!", "Passw0rd!", "Secret1!", "" };
	uint8_t which = fuzz_take8(&scene->in), more = fuzz_take8(&scene->in);

	c.user = users[which & 7];
	c.domain = domains[which >> 3 & 3];
	c.password = passwords[which >> 5 & 3];
	if (which & 128)
		c.hash_domain = domains[more & 3];
	if (more & 4)
		c.workstation = "";
	/* The client hashes @user; another name in the message is a changed message. */
	if (more & 8) {
		c.user_raw = take_raw(scene, 48);
		scene->changed = true;
	}
	if (more & 16) {
		c.domain_raw = take_raw(scene, 48);
		scene->changed = true;
	}
}

static void take_av_pairs(struct scene *scene)
{
	static const char *const targets[] = { NULL, "HTTP/server", "http/SERVER", "cifs/server" };
	uint8_t what = fuzz_take8(&scene->in), more = fuzz_take8(&scene->in);

	c.mic = !(what & 1);
	c.av_flags = what & 2 ? 4 : 0;
	c.target = targets[what >> 2 & 3];
	switch (what >> 4 & 3) {
	case 1:
		c.cbt = scene->hash;
		break;
	case 2:
		c.cbt = scene->cbt;
		memset(scene->cbt, fuzz_take8(&scene->in), sizeof(scene->cbt));
		break;
	}
	if (what & 64)
		c.drop_av = 1 + fuzz_take_below(&scene->in, 7);
	if (what & 128)
		c.change_av = 1 + fuzz_take_below(&scene->in, 7);
	if (more & 1)
		c.timestamp = s->now + ((int64_t)fuzz_take16(&scene->in) - 0x8000) * 100000000;
	if (more & 2)
		c.behind_eol = fuzz_take8(&scene->in);
	if (more & 4) {
		c.extra_av = take_raw(scene, 128);
		scene->malformed = true;
	}
	if (more & 8)
		c.no_eol = scene->malformed = true;
	if (more & 16) {
		c.resp_type = fuzz_take8(&scene->in);
		c.hi_resp_type = fuzz_take8(&scene->in);
		scene->malformed |= c.resp_type != 1 || c.hi_resp_type != 1;
	}
}

static void take_client(struct scene *scene)
{
	static const size_t headers[] = { 88, 72, 64, 88 };
	uint8_t what = fuzz_take8(&scene->in);

	client_init(&c);
	if (what & 1)
		c.negotiate = CLIENT_CURL;
	if (what & 2)
		c.negotiate ^= fuzz_take32(&scene->in);
	if (what & 4)
		c.remove = fuzz_take32(&scene->in);
	if (what & 8)
		c.add = fuzz_take32(&scene->in);
	/* The names are encoded as the client says, which need not be as agreed. */
	scene->malformed |= (c.add | c.remove) &
			    (NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_OEM |
			     NTLMSSP_NEGOTIATE_KEY_EXCH);
	c.header = headers[what >> 4 & 3];
	c.anonymous = what & 64;
	if (what & 128) {
		c.key_len = fuzz_take8(&scene->in);
		scene->malformed |= c.key_len != 16;
	}
	take_names(scene);
	take_av_pairs(scene);
	/* Announced and not there */
	scene->malformed |= c.mic && c.header < 88 && !c.anonymous;
}

/* Somebody changes a message.  Whatever comes of it is no longer in order. */
static void tamper(struct scene *scene, struct bytes *message)
{
	size_t at = message->len ? fuzz_take16(&scene->in) % message->len : 0;
	uint8_t what = fuzz_take8(&scene->in), value = fuzz_take8(&scene->in);

	if (!message->len)
		return;
	scene->changed = true;
	switch (what & 3) {
	case 0:
		message->data[at] ^= value;
		break;
	case 1:
		message->data[at] = value;
		break;
	case 2:
		message->len = at;
		break;
	case 3:
		bytes_put(message, &value, 1);
		break;
	}
}

/* A first message that nobody changed is taken, but for the three reasons there are. */
static bool must_challenge(void)
{
	uint8_t hash[16];

	if (s->bindings_len && oracle_bindings(s->bindings, s->bindings_len, hash))
		return false;
	if (!(c.negotiate & (NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_OEM)))
		return false;
	return !s->policy.require_128 || c.negotiate & NTLMSSP_NEGOTIATE_128 ||
	       !(c.negotiate & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL));
}

static void check_first(const struct scene *scene)
{
	bool challenged = s->result.status == SEC_I_CONTINUE_NEEDED;

	oracle_check_result(&s->result);
	fuzz_assert(challenged || s->result.status < 0, "0x%x after one message",
		    s->result.status);
	fuzz_assert(scene->changed || challenged == must_challenge(), "0x%x: %s",
		    s->result.status, s->result.reason);
}

static void check_second(const struct scene *scene)
{
	const struct engine_result *res = &s->result;
	struct oracle o = {
		.server = s, .negotiate = &negotiate, .challenge = &s->challenge,
		.token = authenticate.data, .token_len = authenticate.len,
		.bindings = s->bindings_len ? scene->hash : NULL,
	};
	const char *wrong = oracle_judge(&o);

	oracle_check_result(res);
	fuzz_assert(res->status != SEC_E_INTERNAL_ERROR, "%s", res->reason);
	if (res->status != SEC_E_OK) {
		fuzz_assert(wrong || scene->changed || scene->malformed, "refused: %s",
			    res->reason);
		return;
	}
	fuzz_assert(!wrong, "accepted, and there is %s", wrong);
	fuzz_assert(res->anonymous == !o.account, "anonymous or not");
	if (!o.account)
		return;
	fuzz_assert(!strcmp(res->account.user, o.account->user), "accepted as \"%s\", not \"%s\"",
		    res->account.user, o.account->user);
	fuzz_assert(!memcmp(res->key, o.key, 16), "another key than the message says");
	if (!scene->changed && !scene->malformed)
		fuzz_assert(!memcmp(res->key, c.exported_key, 16), "another key than the client's");
}

static void log_on(struct scene *scene)
{
	uint8_t first = fuzz_take8(&scene->in), i;

	client_negotiate(&c, &negotiate);
	/* Before the client remembers it, so to speak: both sides know the changed one. */
	for (i = 0; i < (first & 7); i++)
		tamper(scene, &negotiate);
	server_negotiate(s, &negotiate);
	check_first(scene);
	if (s->result.status != SEC_I_CONTINUE_NEEDED)
		return;
	if (first & 8 && negotiate.len) {
		/* Or only one does: then the MIC must tell. */
		negotiate.data[fuzz_take16(&scene->in) % negotiate.len] ^= 0x80;
		scene->changed = true;
		client_authenticate(&c, &negotiate, &s->challenge, &authenticate);
		negotiate = s->negotiate;
	} else {
		client_authenticate(&c, &negotiate, &s->challenge, &authenticate);
	}
	for (i = 0; i < CHANGES_MAX && scene->in.len; i++)
		tamper(scene, &authenticate);
	if (first & 16 && c.mic && c.header >= 88 && authenticate.len >= 88)
		client_set_mic(&c, &negotiate, &s->challenge, &authenticate);
	server_authenticate(s, &authenticate);
	check_second(scene);
	server_step(s, 2, authenticate.data, authenticate.len);
	fuzz_assert(s->result.status == SEC_E_INVALID_TOKEN, "a third leg: 0x%x",
		    s->result.status);
	oracle_check_result(&s->result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene scene = { .in = { data, size } };
	size_t i;

	for (i = 0; i < COUNT(raws); i++)
		scene.raw[i] = &raws[i];
	if (!s)
		s = server_new(oracle_account_file);
	take_server(&scene);
	if (s->bindings_len)
		oracle_bindings(s->bindings, s->bindings_len, scene.hash);
	take_client(&scene);
	log_on(&scene);
	free(scene.bindings);
	return 0;
}
