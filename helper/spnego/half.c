// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half-open state of a negotiation, kept by the module between the legs: a
 * version, numbers of one byte, and strings with two bytes of length before each.
 *
 * It comes from the module only; it is checked all the same, since the daemon
 * that wrote it may have been another version than the one that reads it.
 */
#include <string.h>

#include "helper/pack.h"
#include "helper/spnego/spnego.h"

#define VERSION	3

#define FLAG_RAW	0x1
#define FLAG_TOLD	0x2
#define FLAG_MIC_NEEDED	0x4
#define FLAGS		(FLAG_RAW | FLAG_TOLD | FLAG_MIC_NEEDED)

#define CLIENT_HAS_TARGET	0x1
#define CLIENT_ANONYMOUS	0x2
#define CLIENT_BY_RULE		0x4
#define CLIENT_DELEGATED	0x8
#define CLIENT_HAS_SIDS		0x10
#define CLIENT_FLAGS		(CLIENT_HAS_TARGET | CLIENT_ANONYMOUS | CLIENT_BY_RULE | \
				 CLIENT_DELEGATED | CLIENT_HAS_SIDS)

/**
 * spnego_half_write() - write the state down
 * @half:    the state; @half->inner may be in @dst, far enough behind its beginning
 * @dst:     where it goes
 * @size:    room at @dst in bytes
 * @ret_len: bytes written
 *
 * Return: false if it does not fit.
 */
bool spnego_half_write(const struct spnego_half *half, uint8_t *dst, size_t size, size_t *ret_len)
{
	struct packer w = { .data = dst, .size = size };

	pack_put8(&w, VERSION);
	pack_put8(&w, half->phase);
	pack_put8(&w, half->mech);
	pack_put8(&w, half->leg);
	pack_put8(&w, (half->raw ? FLAG_RAW : 0) | (half->told ? FLAG_TOLD : 0) |
		 (half->mic_needed ? FLAG_MIC_NEEDED : 0));
	pack_put_span(&w, &half->oid);
	pack_put_span(&w, &half->mech_types);
	pack_put_span(&w, &half->bindings);
	pack_put_span(&w, &half->inner);
	*ret_len = w.len;
	return !w.bad;
}

/**
 * spnego_half_read() - read the state
 * @src:  what spnego_half_write() wrote
 * @len:  its length in bytes
 * @half: points into @src
 *
 * Return: false if this is no such state.
 */
bool spnego_half_read(const uint8_t *src, size_t len, struct spnego_half *half)
{
	struct der_span from = { src, len };
	bool bad = false;
	uint8_t flags;

	if (pack_get8(&from, &bad) != VERSION || bad)
		return false;
	half->phase = pack_get8(&from, &bad);
	half->mech = pack_get8(&from, &bad);
	half->leg = pack_get8(&from, &bad);
	flags = pack_get8(&from, &bad);
	half->raw = flags & FLAG_RAW;
	half->told = flags & FLAG_TOLD;
	half->mic_needed = flags & FLAG_MIC_NEEDED;
	half->oid = pack_get_span(&from, &bad);
	half->mech_types = pack_get_span(&from, &bad);
	half->bindings = pack_get_span(&from, &bad);
	half->inner = pack_get_span(&from, &bad);
	return !bad && !from.len && !(flags & ~FLAGS) && half->phase > SPNEGO_BEGIN &&
	       half->phase < SPNEGO_PHASES;
}

/**
 * spnego_client_write() - write down who the client is
 * @res:     result of a mechanism that is done
 * @dst:     where it goes
 * @size:    room at @dst in bytes
 * @ret_len: bytes written
 *
 * The key is not among it: the module has it.
 *
 * Return: false if it does not fit.
 */
bool spnego_client_write(const struct engine_result *res, uint8_t *dst, size_t size,
			 size_t *ret_len)
{
	const struct account *account = &res->account;
	struct packer w = { .data = dst, .size = size };
	const char *const strings[] = {
		account->user, account->domain, account->local, res->server,
		res->target, res->user, res->domain, res->workstation,
	};
	size_t i;

	pack_put8(&w, (res->have_target ? CLIENT_HAS_TARGET : 0) |
		 (res->anonymous ? CLIENT_ANONYMOUS : 0) |
		 (account->by_rule ? CLIENT_BY_RULE : 0) |
		 (res->delegated ? CLIENT_DELEGATED : 0) |
		 (res->has_sids ? CLIENT_HAS_SIDS : 0));
	pack_put(&w, res->kept, sizeof(res->kept));
	pack_put64(&w, res->ret_flags);
	pack_put64(&w, (uint64_t)account->expiry);
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		pack_put_string(&w, strings[i], strlen(strings[i]));
	*ret_len = w.len;
	return !w.bad;
}

/**
 * spnego_client_read() - read who the client is
 * @src: what spnego_client_write() wrote
 * @res: gets what the mechanism had found out
 *
 * Return: false if this is no such thing; @res is half filled then.
 */
bool spnego_client_read(const struct der_span *src, struct engine_result *res)
{
	struct account *account = &res->account;
	struct der_span from = *src;
	bool bad = false;
	uint8_t flags;

	flags = pack_get8(&from, &bad);
	res->have_target = flags & CLIENT_HAS_TARGET;
	res->anonymous = flags & CLIENT_ANONYMOUS;
	account->by_rule = flags & CLIENT_BY_RULE;
	res->delegated = flags & CLIENT_DELEGATED;
	res->has_sids = flags & CLIENT_HAS_SIDS;
	pack_get_bytes(&from, res->kept, sizeof(res->kept), &bad);
	res->ret_flags = (uint32_t)pack_get64(&from, &bad);
	account->expiry = (int64_t)pack_get64(&from, &bad);
	pack_get_text(&from, account->user, sizeof(account->user), &bad);
	pack_get_text(&from, account->domain, sizeof(account->domain), &bad);
	pack_get_text(&from, account->local, sizeof(account->local), &bad);
	pack_get_text(&from, res->server, sizeof(res->server), &bad);
	pack_get_text(&from, res->target, sizeof(res->target), &bad);
	pack_get_text(&from, res->user, sizeof(res->user), &bad);
	pack_get_text(&from, res->domain, sizeof(res->domain), &bad);
	pack_get_text(&from, res->workstation, sizeof(res->workstation), &bad);
	return !bad && !from.len && !(flags & ~CLIENT_FLAGS) &&
	       !account->user[0] == res->anonymous;
}
