// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <string.h>

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>

#include "fuzz.h"
#include "helper/text.h"
#include "ntlm_oracle.h"

#define CHARACTERS_MAX	1024

/* Password "Passw0rd!", for bob "Secret1!" */
const char oracle_account_file[] =
	"alice:fc525c9683e8fe067095ba2ddc971889:al\n"
	"DOM\\bob:2b0fd3faca9a8acd5fdfff6ecae2c207:bob\n"
	"m\xc3\xbcller:fc525c9683e8fe067095ba2ddc971889:\n"
	"off:fc525c9683e8fe067095ba2ddc971889::disabled\n"
	"old:fc525c9683e8fe067095ba2ddc971889::expires=2020-01-01\n"
	"empty:31d6cfe0d16ae931b73c59d7e0c089c0:\n";

const struct oracle_account oracle_accounts[] = {
	{ "alice", "", "Passw0rd!", true },
	{ "bob", "DOM", "Secret1!", true },
	{ "m\xc3\xbcller", "", "Passw0rd!", true },
	{ "off", "", "Passw0rd!", false },
	{ "old", "", "Passw0rd!", false },
	{ "empty", "", "", false },
	{ NULL, NULL, NULL, false },
};

/* struct part - a part of the message */
struct part {
	const uint8_t *data;
	size_t len;
};

/* struct text - characters, as the hashes want them */
struct text {
	size_t n;
	uint32_t point[CHARACTERS_MAX];
};

static uint32_t get(const uint8_t *p, size_t n)
{
	uint32_t value = 0;

	while (n--)
		value = value << 8 | p[n];
	return value;
}

static bool get_part(const struct oracle *o, enum client_field field, struct part *part)
{
	size_t offset = get(o->token + field + 4, 4);

	part->len = get(o->token + field, 2);
	part->data = o->token;
	if (!part->len)
		return true;
	if (offset > o->token_len || part->len > o->token_len - offset)
		return false;
	part->data += offset;
	return true;
}

/* ASCII and Latin-1, which is all that the accounts have; nothing else leads there. */
static uint32_t upper(uint32_t c)
{
	bool lower = (c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7);

	return lower ? c - 32 : c;
}

static bool read_utf16(const struct part *part, struct text *text)
{
	size_t i;

	for (i = 0, text->n = 0; i + 1 < part->len; i += 2) {
		uint32_t c = get(part->data + i, 2);

		if (c >> 10 == 0xd800 >> 10 && i + 3 < part->len) {
			i += 2;
			c = 0x10000 + ((c & 0x3ff) << 10) + (get(part->data + i, 2) & 0x3ff);
		}
		if (text->n == CHARACTERS_MAX)
			return false;
		text->point[text->n++] = c;
	}
	return true;
}

static bool read_oem(const struct part *part, struct text *text)
{
	bool utf8 = text_is_utf8((const char *)part->data, part->len);
	size_t i, n;

	for (i = 0, text->n = 0; i < part->len; i += n) {
		if (text->n == CHARACTERS_MAX)
			return false;
		text->point[text->n] = part->data[i];
		n = 1;
		if (utf8)
			n = text_decode((const char *)part->data + i, part->len - i,
					&text->point[text->n]);
		text->n++;
	}
	return true;
}

static bool same_name(const struct text *text, const char *name)
{
	struct part part = { (const uint8_t *)name, strlen(name) };
	struct text other;
	size_t i;

	read_oem(&part, &other);
	for (i = 0; i < text->n && i < other.n; i++)
		if (upper(text->point[i]) != upper(other.point[i]))
			return false;
	return text->n == other.n;
}

static const struct oracle_account *find_account(const struct text *user,
						 const struct text *domain)
{
	const struct oracle_account *a;

	for (a = oracle_accounts; a->user; a++)
		if (same_name(user, a->user) && (!*a->domain || same_name(domain, a->domain)))
			return a;
	return NULL;
}

static void hmac(const uint8_t key[16], const struct part *parts, size_t n, uint8_t mac[16])
{
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, 16, key);
	for (; n; n--, parts++)
		hmac_md5_update(&ctx, parts->len, parts->data);
	hmac_md5_digest(&ctx, 16, mac);
}

/* NTOWFv2 (MS-NLMP 3.3.2); without a domain if @domain is NULL */
static void response_key(const char *password, const struct text *user,
			 const struct text *domain, uint8_t key[16])
{
	static uint8_t name[8 * CHARACTERS_MAX];
	struct part part = { name, 0 };
	uint8_t hash[16];
	size_t i, total = user->n + (domain ? domain->n : 0);

	for (i = 0; i < total; i++) {
		uint32_t c = i < user->n ? upper(user->point[i]) : domain->point[i - user->n];

		if (c > 0xffff) {
			bytes_set16(name + part.len, 0xd7c0 + (c >> 10));
			part.len += 2;
			c = 0xdc00 + (c & 0x3ff);
		}
		bytes_set16(name + part.len, c);
		part.len += 2;
	}
	client_nt_hash(password, hash);
	hmac(hash, &part, 1, key);
}

static void nt_proof(const uint8_t key[16], const uint8_t *server_challenge,
		     const struct part *nt, uint8_t proof[16])
{
	struct part parts[] = { { server_challenge, 8 }, { nt->data + 16, nt->len - 16 } };

	hmac(key, parts, 2, proof);
}

/* The value of an AV pair in a list; false if it is not there. */
static bool find_av(const uint8_t *list, size_t len, uint16_t id, struct part *value)
{
	while (len >= 4) {
		size_t n = get(list + 2, 2);

		if (n > len - 4)
			return false;
		value->data = list + 4;
		value->len = n;
		if (get(list, 2) == id)
			return true;
		if (!get(list, 2))
			return false;
		list += 4 + n;
		len -= 4 + n;
	}
	return false;
}

static bool find_av_of(const struct part *nt, uint16_t id, struct part *value)
{
	return find_av(nt->data + 44, nt->len - 44, id, value);
}

/* Where the first field begins */
static size_t payload(const struct oracle *o)
{
	static const enum client_field fields[] = {
		CLIENT_LM, CLIENT_NT, CLIENT_DOMAIN, CLIENT_USER, CLIENT_WORKSTATION, CLIENT_KEY,
	};
	size_t first = o->token_len, i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (get(o->token + fields[i], 2) && get(o->token + fields[i] + 4, 4) < first)
			first = get(o->token + fields[i] + 4, 4);
	return first;
}

static void make_mic(const struct oracle *o, const uint8_t key[16], uint8_t mic[16])
{
	static const uint8_t zero[16];
	struct part parts[] = {
		{ o->negotiate->data, o->negotiate->len },
		{ o->challenge->data, o->challenge->len },
		{ o->token, 72 }, { zero, 16 }, { o->token + 88, o->token_len - 88 },
	};

	hmac(key, parts, 5, mic);
}

/* struct words - what the message says, read by oracle_judge() */
struct words {
	struct part nt;
	struct part key;
	struct text user;
	struct text domain;
	uint32_t flags;
	uint32_t av_flags;
};

static const char *read_words(const struct oracle *o, struct words *w)
{
	uint32_t offered = get(o->challenge->data + 20, 4);
	bool (*read)(const struct part *part, struct text *text);
	struct part user, domain, av;

	if (o->token_len < 64 || memcmp(o->token, "NTLMSSP\0\3\0\0\0", 12))
		return "no AUTHENTICATE_MESSAGE";
	if (!get_part(o, CLIENT_NT, &w->nt) || !get_part(o, CLIENT_USER, &user) ||
	    !get_part(o, CLIENT_DOMAIN, &domain) || !get_part(o, CLIENT_KEY, &w->key))
		return "a field outside";
	read = offered & NTLMSSP_NEGOTIATE_UNICODE ? read_utf16 : read_oem;
	if (!read(&user, &w->user) || !read(&domain, &w->domain))
		return "a long name";
	w->flags = get(o->token + 60, 4) & offered;
	if (!(w->flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY))
		w->flags &= ~(NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL);
	w->av_flags = 0;
	if (w->nt.len >= 48 && find_av_of(&w->nt, 6, &av) && av.len == 4)
		w->av_flags = get(av.data, 4);
	return NULL;
}

static bool is_anonymous(const struct oracle *o, const struct words *w)
{
	struct part lm;

	return !w->user.n && !w->nt.len && get_part(o, CLIENT_LM, &lm) &&
	       (!lm.len || (lm.len == 1 && !*lm.data));
}

/* The response is right; gives the session key. */
static const char *judge_response(struct oracle *o, const struct words *w)
{
	const uint8_t *challenge = o->challenge->data + 24;
	struct part proof_part;
	uint8_t key[16], proof[16];
	int try;

	if (w->nt.len < 48)
		return "no NTLMv2";
	o->account = find_account(&w->user, &w->domain);
	if (!o->account)
		return "no account";
	for (try = 0; try < 2; try++) {
		response_key(o->account->password, &w->user, try ? NULL : &w->domain, key);
		nt_proof(key, challenge, &w->nt, proof);
		if (!memcmp(proof, w->nt.data, 16))
			break;
	}
	if (try == 2)
		return "wrong password";
	if (!o->account->usable)
		return "an account that is not to be used";
	proof_part = (struct part){ proof, 16 };
	hmac(key, &proof_part, 1, o->key);
	if (w->flags & NTLMSSP_NEGOTIATE_KEY_EXCH) {
		struct arcfour_ctx ctx;

		if (w->key.len != 16)
			return "no random key";
		arcfour_set_key(&ctx, 16, o->key);
		arcfour_crypt(&ctx, 16, o->key, w->key.data);
	}
	return NULL;
}

/* What the server sent in its list has come back. */
static const char *judge_echo(const struct oracle *o, const struct words *w)
{
	const struct bytes *c = o->challenge;
	size_t at = get(c->data + 44, 4), len = get(c->data + 40, 2);
	struct part sent, back;
	uint16_t id;

	for (id = 1; o->server->policy.check_av_echo && id <= 10; id++)
		if (find_av(c->data + at, len, id, &sent) &&
		    (!find_av_of(&w->nt, id, &back) || back.len != sent.len ||
		     memcmp(back.data, sent.data, sent.len)))
			return "an AV pair has not come back";
	return NULL;
}

static const char *judge_mic(const struct oracle *o, const struct words *w)
{
	uint8_t mic[16];

	if (!(w->av_flags & 2))
		return o->server->policy.require_mic ? "no MIC" : NULL;
	if (payload(o) < 88)
		return "no room for the MIC";
	make_mic(o, o->key, mic);
	return memcmp(mic, o->token + 72, 16) ? "a wrong MIC" : NULL;
}

static const char *judge_bindings(const struct oracle *o, const struct words *w)
{
	const struct server *s = o->server;
	struct part av;

	if (w->nt.len < 48 || !find_av_of(&w->nt, 10, &av) || av.len != 16 ||
	    fuzz_is_all(av.data, 0, 16))
		return s->policy.require_cbt ||
		       (o->bindings && !(s->req_flags & ASC_REQ_ALLOW_MISSING_BINDINGS)) ?
		       "no bindings" : NULL;
	return o->bindings && memcmp(av.data, o->bindings, 16) ? "other bindings" : NULL;
}

static const char *judge_rest(const struct oracle *o, const struct words *w)
{
	const struct server *s = o->server;
	uint64_t then = get(w->nt.data + 24, 4) | (uint64_t)get(w->nt.data + 28, 4) << 32;
	uint64_t skew = s->policy.max_skew * 10000000ULL;
	static struct text target;
	struct part av;

	if (skew && (then > s->now ? then - s->now : s->now - then) > skew)
		return "another time";
	if (s->policy.require_128 &&
	    (w->flags & (NTLMSSP_NEGOTIATE_SIGN | NTLMSSP_NEGOTIATE_SEAL)) &&
	    !(w->flags & NTLMSSP_NEGOTIATE_128))
		return "weak keys";
	if (s->principal && strchr(s->principal, '/') && find_av_of(&w->nt, 9, &av) && av.len &&
	    !(w->av_flags & 4) && read_utf16(&av, &target) && !same_name(&target, s->principal))
		return "another service";
	return NULL;
}

/**
 * oracle_judge() - whether a logon is to be accepted
 * @o: the logon
 *
 * What is wrong with a message's form is not all looked for: NULL says that there
 * is no reason to refuse a well-formed one, and anything else that none may be
 * accepted.
 *
 * Return: NULL, or why it must be refused.
 */
const char *oracle_judge(struct oracle *o)
{
	static struct words w;
	const char *wrong;

	o->account = NULL;
	memset(o->key, 0, sizeof(o->key));
	if (o->server->req_flags & ASC_REQ_DATAGRAM)
		return "datagrams";
	wrong = read_words(o, &w);
	if (wrong)
		return wrong;
	if (is_anonymous(o, &w))
		return o->server->req_flags & ASC_REQ_ALLOW_NULL_SESSION ?
		       judge_bindings(o, &w) : "anonymous";
	wrong = judge_response(o, &w);
	if (!wrong)
		wrong = judge_echo(o, &w);
	if (!wrong)
		wrong = judge_mic(o, &w);
	if (!wrong)
		wrong = judge_bindings(o, &w);
	return wrong ? wrong : judge_rest(o, &w);
}

/**
 * oracle_repair() - make the response, or only the MIC, of a message right again
 * @negotiate: the first message
 * @challenge: the second message
 * @account: whose password is used
 * @token: the third message, changed in place
 * @len: its length in bytes
 * @mic_only: the response stays
 *
 * Return: false if there is no place for it.
 */
bool oracle_repair(const struct bytes *negotiate, const struct bytes *challenge,
		   const struct oracle_account *account, uint8_t *token, size_t len,
		   bool mic_only)
{
	struct oracle o = {
		.negotiate = negotiate, .challenge = challenge, .token = token, .token_len = len,
	};
	static struct words w;
	struct part proof;
	uint8_t key[16];

	if (read_words(&o, &w) || w.nt.len < 48)
		return false;
	response_key(account->password, &w.user, &w.domain, key);
	proof = (struct part){ w.nt.data, 16 };
	if (!mic_only)
		nt_proof(key, challenge->data + 24, &w.nt, token + (w.nt.data - token));
	hmac(key, &proof, 1, key);
	if ((w.flags & NTLMSSP_NEGOTIATE_KEY_EXCH) && w.key.len == 16) {
		struct arcfour_ctx ctx;

		arcfour_set_key(&ctx, 16, key);
		arcfour_crypt(&ctx, 16, key, w.key.data);
	}
	if (!(w.av_flags & 2) || payload(&o) < 88)
		return true;
	make_mic(&o, key, token + 72);
	return true;
}

/**
 * oracle_bindings() - hash channel bindings (RFC 4121 4.1.1.2)
 * @bindings: SEC_CHANNEL_BINDINGS
 * @len: its length in bytes
 * @hash: 16 bytes
 *
 * Return: NULL, or what is wrong with it.
 */
const char *oracle_bindings(const uint8_t *bindings, size_t len, uint8_t hash[16])
{
	/* type, length, offset, twice; then length and offset: the word of each length */
	static const size_t lengths[] = { 1, 4, 6 };
	struct md5_ctx ctx;
	size_t i;

	if (len < 32)
		return "too short";
	md5_init(&ctx);
	for (i = 0; i < 3; i++) {
		size_t n = get(bindings + 4 * lengths[i], 4);
		size_t offset = get(bindings + 4 * lengths[i] + 4, 4);

		if (n && (offset > len || n > len - offset))
			return "outside";
		if (i < 2)
			md5_update(&ctx, 4, bindings + 4 * lengths[i] - 4);
		md5_update(&ctx, 4, bindings + 4 * lengths[i]);
		if (n)
			md5_update(&ctx, n, bindings + offset);
	}
	md5_digest(&ctx, 16, hash);
	return NULL;
}

static void check_name(const char *what, const char *name, size_t size)
{
	fuzz_assert(memchr(name, '\0', size), "%s does not end", what);
	fuzz_assert(text_is_utf8(name, strlen(name)), "%s is not UTF-8", what);
}

/**
 * oracle_check_result() - what holds for everything that an engine says
 * @res: the result
 */
void oracle_check_result(const struct engine_result *res)
{
	fuzz_assert(res->reason && *res->reason, "no reason for 0x%x", res->status);
	check_name("the user", res->user, sizeof(res->user));
	check_name("the domain", res->domain, sizeof(res->domain));
	check_name("the workstation", res->workstation, sizeof(res->workstation));
	check_name("the target", res->target, sizeof(res->target));
	fuzz_assert(!res->token == !res->token_len, "half a token");
	if (res->status != SEC_I_CONTINUE_NEEDED)
		fuzz_assert(!res->state_len && !res->token &&
			    fuzz_is_all(res->state, 0, sizeof(res->state)),
			    "state or token, and nobody to continue: 0x%x", res->status);
	if (res->status != SEC_E_OK)
		fuzz_assert(!res->key_len && fuzz_is_all(res->key, 0, sizeof(res->key)) &&
			    !res->mech_flags && !res->ret_flags && !res->anonymous &&
			    !res->have_target && !res->target[0] &&
			    fuzz_is_all(&res->account, 0, offsetof(struct account, expiry)) &&
			    res->account.expiry == KSECDD_TIME_NEVER,
			    "0x%x has something that only a success may have", res->status);
	switch (res->status) {
	case SEC_I_CONTINUE_NEEDED:
		fuzz_assert(res->token && res->state_len && res->state_len <= KSECDD_MAX_STATE &&
			    fuzz_is_all(res->state + res->state_len, 0,
					sizeof(res->state) - res->state_len),
			    "nothing to continue with");
		break;
	case SEC_E_OK:
		fuzz_assert(res->anonymous ? !res->key_len && !res->account.user[0] :
			    res->key_len == 16 && res->account.user[0],
			    "somebody without a key, or nobody with one");
		fuzz_assert(fuzz_is_all(res->key + res->key_len, 0,
					sizeof(res->key) - res->key_len),
			    "more key than it says");
		break;
	default:
		fuzz_assert(res->status < 0, "0x%x: %s", res->status, res->reason);
	}
}
