// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SIDs in a PAC: KERB_VALIDATION_INFO (MS-PAC section 2.5) as NDR writes it
 * (MS-RPCE section 2.2.6, C706 chapter 14).
 *
 * A struct in NDR is flat: where it has a pointer there is a number, and what the
 * pointers lead to follows behind the struct in their order.  So everything is read
 * once, from the front to the end, and what is of no interest is measured and passed
 * over.  Every count is compared with what is left before it is used.
 *
 * The bytes come from a client, and whoever calls this has had the PAC's signature
 * verified before.  Nothing is guessed: what is not as it should be has no SIDs.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/kerberos/kerberos.h"

#define SUB_AUTHORITIES	15	/* of a SID at most (MS-DTYP section 2.4.2) */
#define DENY_ONLY	0x10	/* SE_GROUP_USE_FOR_DENY_ONLY */

/* "S-1-", 15 digits of the authority and 15 times "-4294967295" */
#define SID_TEXT_MAX	(4 + 15 + SUB_AUTHORITIES * 11 + 1)

/**
 * struct ndr - what is left to be read
 * @data: the next byte
 * @len:  how many
 * @base: bytes that were read, for the alignment
 * @bad:  something was not there; what is read then is 0
 */
struct ndr {
	const uint8_t *data;
	size_t len;
	size_t base;
	bool bad;
};

/**
 * struct sid - a SID
 * @n:         sub authorities
 * @authority: a number of 48 bits
 * @sub:       the sub authorities
 */
struct sid {
	unsigned int n;
	uint64_t authority;
	uint32_t sub[SUB_AUTHORITIES];
};

/**
 * struct info - what KERB_VALIDATION_INFO has that leads somewhere or counts
 * @strings: whether a string is there: six before the groups, two after
 * @user: RID of the user
 * @primary: RID of his primary group
 * @groups: how many
 * @has_groups: pointer
 * @has_domain: pointer
 * @extra: how many
 * @has_extra: pointer
 * @has_resource_domain: pointer
 * @resources: how many
 * @has_resources: pointer
 */
struct info {
	uint32_t strings[8];
	uint32_t user;
	uint32_t primary;
	uint32_t groups;
	uint32_t has_groups;
	uint32_t has_domain;
	uint32_t extra;
	uint32_t has_extra;
	uint32_t has_resource_domain;
	uint32_t resources;
	uint32_t has_resources;
};

/**
 * struct list - the SIDs as text
 * @text: the text, from malloc()
 * @len:  bytes in it
 * @n:    how many SIDs
 * @bad:  NULL, or what is wrong, a literal
 */
struct list {
	char *text;
	size_t len;
	unsigned int n;
	const char *bad;
};

static const char malformed[] = "the PAC's KERB_VALIDATION_INFO is malformed";

static const uint8_t *get(struct ndr *in, size_t len)
{
	const uint8_t *data = in->data;

	if (in->bad || len > in->len) {
		in->bad = true;
		return NULL;
	}
	in->data += len;
	in->len -= len;
	in->base += len;
	return data;
}

static void align(struct ndr *in)
{
	get(in, -in->base & 3);
}

static uint32_t get32(struct ndr *in)
{
	const uint8_t *p = get(in, 4);

	return p ? p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24 : 0;
}

/* RPC_UNICODE_STRING: its lengths, which are said again where it is, and a pointer */
static uint32_t get_string_pointer(struct ndr *in)
{
	get(in, 4);
	return get32(in);
}

/* A string where the pointer leads: conformant and varying, of 16 bits each */
static void pass_string(struct ndr *in)
{
	uint32_t room = get32(in), offset = get32(in), count = get32(in);

	if (offset > room || count > room - offset)
		in->bad = true;
	if (count > in->len / 2)
		in->bad = true;
	else
		get(in, 2 * (size_t)count);
	align(in);
}

static void get_sid(struct ndr *in, struct sid *sid)
{
	uint32_t count = get32(in);
	const uint8_t *head = get(in, 8);
	unsigned int i;

	memset(sid, 0, sizeof(*sid));
	if (!head || head[0] != 1 || head[1] != count || count > SUB_AUTHORITIES) {
		in->bad = true;
		return;
	}
	for (i = 2; i < 8; i++)
		sid->authority = sid->authority << 8 | head[i];
	sid->n = count;
	for (i = 0; i < count; i++)
		sid->sub[i] = get32(in);
}

static void add(struct list *list, const struct sid *sid)
{
	unsigned int i;

	if (list->bad)
		return;
	if (list->n == KERBEROS_MAX_SIDS) {
		list->bad = "the client is in more groups than can be handed on";
		return;
	}
	if (list->n++)
		list->text[list->len++] = ' ';
	/* MS-DTYP section 2.4.2.1: an authority of more than 32 bits is hexadecimal. */
	list->len += (size_t)sprintf(list->text + list->len,
				     sid->authority >> 32 ? "S-1-0x%012" PRIX64 : "S-1-%" PRIu64,
				     sid->authority);
	for (i = 0; i < sid->n; i++)
		list->len += (size_t)sprintf(list->text + list->len, "-%" PRIu32, sid->sub[i]);
}

/* One of a domain's */
static void add_rid(struct list *list, const struct sid *domain, uint32_t rid)
{
	struct sid sid = *domain;

	if (sid.n == SUB_AUTHORITIES || !sid.n) {
		list->bad = malformed;
		return;
	}
	sid.sub[sid.n++] = rid;
	add(list, &sid);
}

/* What is there for shutting out only cannot be told apart from what lets in. */
static void check_attributes(struct list *list, uint32_t attributes)
{
	if ((attributes & DENY_ONLY) && !list->bad)
		list->bad = "the PAC has a group that is for denying only";
}

static void get_info(struct ndr *in, struct info *info)
{
	unsigned int i;

	get(in, 48);				/* LogonTime to PasswordMustChange */
	for (i = 0; i < 6; i++)
		info->strings[i] = get_string_pointer(in);
	get(in, 4);				/* LogonCount, BadPasswordCount */
	info->user = get32(in);
	info->primary = get32(in);
	info->groups = get32(in);
	info->has_groups = get32(in);
	get(in, 20);				/* UserFlags, UserSessionKey */
	info->strings[6] = get_string_pointer(in);
	info->strings[7] = get_string_pointer(in);
	info->has_domain = get32(in);
	get(in, 40);				/* Reserved1 to Reserved3 */
	info->extra = get32(in);
	info->has_extra = get32(in);
	info->has_resource_domain = get32(in);
	info->resources = get32(in);
	info->has_resources = get32(in);
}

static void pass_strings(struct ndr *in, const struct info *info, unsigned int from,
			 unsigned int to)
{
	for (; from < to; from++)
		if (info->strings[from])
			pass_string(in);
}

/* The head of an array, which has to be as long as the struct says. */
static bool get_array(struct ndr *in, uint32_t pointer, uint32_t count, size_t element)
{
	if (!pointer && count)
		in->bad = true;
	if (!pointer)
		return false;
	if (get32(in) != count || count > in->len / element)
		in->bad = true;
	return !in->bad;
}

/* GROUP_MEMBERSHIP: a RID and attributes; returns where they are, and passes over them. */
static struct ndr get_groups(struct ndr *in, uint32_t pointer, uint32_t count)
{
	struct ndr groups = { .data = in->data };

	if (get_array(in, pointer, count, 8)) {
		groups = (struct ndr){ .data = in->data, .len = 8 * (size_t)count };
		get(in, groups.len);
	}
	return groups;
}

static bool add_groups(struct list *list, struct ndr *groups, const struct sid *domain,
		       uint32_t primary)
{
	bool found = false;
	uint32_t rid;

	while (groups->len && !list->bad) {
		rid = get32(groups);
		check_attributes(list, get32(groups));
		add_rid(list, domain, rid);
		found = found || rid == primary;
	}
	return found;
}

/* KERB_SID_AND_ATTRIBUTES: pointers and attributes, then the SIDs */
static void add_extra(struct list *list, struct ndr *in, const struct info *info)
{
	struct ndr heads;
	struct sid sid;

	if (!get_array(in, info->has_extra, info->extra, 8))
		return;
	heads = (struct ndr){ .data = in->data, .len = 8 * (size_t)info->extra };
	get(in, heads.len);
	while (heads.len && !in->bad && !list->bad) {
		if (!get32(&heads))
			in->bad = true;
		check_attributes(list, get32(&heads));
		get_sid(in, &sid);
		if (!in->bad)
			add(list, &sid);
	}
}

static void get_sids(struct ndr *in, struct list *list)
{
	struct sid domain = { 0 }, resource_domain = { 0 };
	struct ndr groups, resources;
	struct info info;

	get_info(in, &info);
	pass_strings(in, &info, 0, 6);
	groups = get_groups(in, info.has_groups, info.groups);
	pass_strings(in, &info, 6, 8);
	if (info.has_domain)
		get_sid(in, &domain);
	if (in->bad)
		return;
	/* A user without a RID is the first of the extra SIDs. */
	if (info.user)
		add_rid(list, &domain, info.user);
	else if (info.groups || !info.extra)
		list->bad = "the PAC names no user";
	if (info.user && !add_groups(list, &groups, &domain, info.primary) && info.primary)
		add_rid(list, &domain, info.primary);
	add_extra(list, in, &info);
	if (info.has_resource_domain)
		get_sid(in, &resource_domain);
	resources = get_groups(in, info.has_resources, info.resources);
	if (!in->bad)
		add_groups(list, &resources, &resource_domain, 0);
}

/* MS-RPCE section 2.2.6: version 1, little endian, and how much follows */
static bool get_header(struct ndr *in)
{
	static const uint8_t head[] = { 0x01, 0x10, 0x08, 0x00 };
	const uint8_t *p = get(in, 8);
	uint32_t len = get32(in);

	get(in, 4);
	if (!p || memcmp(p, head, sizeof(head)) || in->bad || len > in->len)
		return false;
	in->len = len;
	in->base = 0;
	/* The pointer to the struct */
	return get32(in) && !in->bad;
}

/**
 * kerberos_pac_sids() - the SIDs in a KERB_VALIDATION_INFO
 * @data:     its bytes
 * @len:      how many
 * @ret_sids: receives the SIDs as text with spaces between them, the user's first,
 *            for free(); NULL if something is wrong
 *
 * The groups are those of the user's domain with the primary one, the extra ones and
 * those of the service's domain.  Of more than KERBEROS_MAX_SIDS none is left out:
 * groups shut out, too.
 *
 * Return: NULL, or what is wrong, a literal
 */
const char *kerberos_pac_sids(const uint8_t *data, size_t len, char **ret_sids)
{
	struct ndr in = { .data = data, .len = len };
	struct list list = { 0 };

	*ret_sids = NULL;
	if (!get_header(&in))
		return malformed;
	list.text = malloc((size_t)KERBEROS_MAX_SIDS * SID_TEXT_MAX);
	if (!list.text)
		return "out of memory";
	get_sids(&in, &list);
	if (in.bad && !list.bad)
		list.bad = malformed;
	if (!list.bad && list.len > KSECDD_MAX_SIDS)
		list.bad = "the client's SIDs are longer than can be handed on";
	if (list.bad) {
		free(list.text);
		return list.bad;
	}
	*ret_sids = realloc(list.text, list.len + 1);
	if (!*ret_sids)
		*ret_sids = list.text;
	return NULL;
}
