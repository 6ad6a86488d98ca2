// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The half-open state of a negotiation, kept by the module between the legs: a
 * version, numbers of one byte, and strings with two bytes of length before each.
 *
 * It comes from the module only; it is checked all the same, since the daemon
 * that wrote it may have been another version than the one that reads it.
 */
#include <string.h>

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
 * struct writer - where something is written
 * @data: its bytes
 * @size: room in bytes
 * @len:  bytes written
 * @bad:  something did not fit
 */
struct writer {
	uint8_t *data;
	size_t size;
	size_t len;
	bool bad;
};

static void put(struct writer *w, const void *src, size_t len)
{
	if (w->bad || len > w->size - w->len) {
		w->bad = true;
		return;
	}
	/* What is written may come from the same memory. */
	if (len)
		memmove(w->data + w->len, src, len);
	w->len += len;
}

static void put8(struct writer *w, uint32_t value)
{
	const uint8_t byte = (uint8_t)value;

	if (value > UINT8_MAX)
		w->bad = true;
	put(w, &byte, 1);
}

static void put64(struct writer *w, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		put8(w, value >> 8 * i & 0xff);
}

static void put_string(struct writer *w, const void *data, size_t len)
{
	if (len > UINT16_MAX) {
		w->bad = true;
		return;
	}
	put8(w, len & 0xff);
	put8(w, (uint32_t)(len >> 8));
	put(w, data, len);
}

static void put_span(struct writer *w, const struct spnego_span *span)
{
	put_string(w, span->data, span->len);
}

static uint8_t get8(struct spnego_span *from, bool *bad)
{
	if (!from->len) {
		*bad = true;
		return 0;
	}
	from->len--;
	return *from->data++;
}

static uint64_t get64(struct spnego_span *from, bool *bad)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value |= (uint64_t)get8(from, bad) << 8 * i;
	return value;
}

/* What is empty points somewhere too: to nothing, in the state. */
static struct spnego_span get_span(struct spnego_span *from, bool *bad)
{
	struct spnego_span span = { from->data, 0 };
	size_t len = get8(from, bad);

	len |= (size_t)get8(from, bad) << 8;
	if (len > from->len) {
		*bad = true;
		return span;
	}
	span = (struct spnego_span){ from->data, len };
	from->data += len;
	from->len -= len;
	return span;
}

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
	struct writer w = { .data = dst, .size = size };

	put8(&w, VERSION);
	put8(&w, half->phase);
	put8(&w, half->mech);
	put8(&w, half->leg);
	put8(&w, (half->raw ? FLAG_RAW : 0) | (half->told ? FLAG_TOLD : 0) |
		 (half->mic_needed ? FLAG_MIC_NEEDED : 0));
	put_span(&w, &half->oid);
	put_span(&w, &half->mech_types);
	put_span(&w, &half->bindings);
	put_span(&w, &half->inner);
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
	struct spnego_span from = { src, len };
	bool bad = false;
	uint8_t flags;

	if (get8(&from, &bad) != VERSION || bad)
		return false;
	half->phase = get8(&from, &bad);
	half->mech = get8(&from, &bad);
	half->leg = get8(&from, &bad);
	flags = get8(&from, &bad);
	half->raw = flags & FLAG_RAW;
	half->told = flags & FLAG_TOLD;
	half->mic_needed = flags & FLAG_MIC_NEEDED;
	half->oid = get_span(&from, &bad);
	half->mech_types = get_span(&from, &bad);
	half->bindings = get_span(&from, &bad);
	half->inner = get_span(&from, &bad);
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
	struct writer w = { .data = dst, .size = size };
	const char *const strings[] = {
		account->user, account->domain, account->local, res->server,
		res->target, res->user, res->domain, res->workstation,
	};
	size_t i;

	put8(&w, (res->have_target ? CLIENT_HAS_TARGET : 0) |
		 (res->anonymous ? CLIENT_ANONYMOUS : 0) |
		 (account->by_rule ? CLIENT_BY_RULE : 0) |
		 (res->delegated ? CLIENT_DELEGATED : 0) |
		 (res->has_sids ? CLIENT_HAS_SIDS : 0));
	put(&w, res->kept, sizeof(res->kept));
	put64(&w, res->ret_flags);
	put64(&w, (uint64_t)account->expiry);
	for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		put_string(&w, strings[i], strlen(strings[i]));
	*ret_len = w.len;
	return !w.bad;
}

static void get_bytes(struct spnego_span *from, uint8_t *dst, size_t len, bool *bad)
{
	while (len--)
		*dst++ = get8(from, bad);
}

static void get_text(struct spnego_span *from, char *dst, size_t size, bool *bad)
{
	struct spnego_span span = get_span(from, bad);

	if (span.len >= size || memchr(span.data, '\0', span.len)) {
		*bad = true;
		return;
	}
	memcpy(dst, span.data, span.len);
	dst[span.len] = '\0';
}

/**
 * spnego_client_read() - read who the client is
 * @src: what spnego_client_write() wrote
 * @res: gets what the mechanism had found out
 *
 * Return: false if this is no such thing; @res is half filled then.
 */
bool spnego_client_read(const struct spnego_span *src, struct engine_result *res)
{
	struct account *account = &res->account;
	struct spnego_span from = *src;
	bool bad = false;
	uint8_t flags;

	flags = get8(&from, &bad);
	res->have_target = flags & CLIENT_HAS_TARGET;
	res->anonymous = flags & CLIENT_ANONYMOUS;
	account->by_rule = flags & CLIENT_BY_RULE;
	res->delegated = flags & CLIENT_DELEGATED;
	res->has_sids = flags & CLIENT_HAS_SIDS;
	get_bytes(&from, res->kept, sizeof(res->kept), &bad);
	res->ret_flags = (uint32_t)get64(&from, &bad);
	account->expiry = (int64_t)get64(&from, &bad);
	get_text(&from, account->user, sizeof(account->user), &bad);
	get_text(&from, account->domain, sizeof(account->domain), &bad);
	get_text(&from, account->local, sizeof(account->local), &bad);
	get_text(&from, res->server, sizeof(res->server), &bad);
	get_text(&from, res->target, sizeof(res->target), &bad);
	get_text(&from, res->user, sizeof(res->user), &bad);
	get_text(&from, res->domain, sizeof(res->domain), &bad);
	get_text(&from, res->workstation, sizeof(res->workstation), &bad);
	return !bad && !from.len && !(flags & ~CLIENT_FLAGS) &&
	       !account->user[0] == res->anonymous;
}
