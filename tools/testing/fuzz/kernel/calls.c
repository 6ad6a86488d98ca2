// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of calls: every ioctl of ioctl_table, and whatever else can be done
 * to the module's files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/testing/selftests/ksecdd/ioctl_table.h"

#include "peer.h"
#include "program.h"
#include "run.h"

#define MAX_CALLS	64
#define MAX_SHAPES	32

static struct call_desc calls[MAX_CALLS];
static size_t ncalls;

/* The shapes of structs that have been made */
static struct {
	const struct ioctl_struct *of;
	struct shape shape;
} shapes[MAX_SHAPES];
static size_t nshapes;

/* What every ioctl has besides its struct */
static const struct arg ioctl_args[] = {
	{ .name = "file", .kind = ARG_FILE },
	{ .name = "at", .kind = ARG_PLACE },
};

/* What the peer does with a message or token before the module sees it; see peer.h. */
static const uint32_t peer_words[] = { PEER_NOT, PEER_SEALS, PEER_SIGNS, PEER_SPOILS };
#define PEER_ARG	{ .name = "peer", .kind = ARG_ENUM, .values = peer_words, \
			  .nvalues = ARRAY_SIZE(peer_words) }

static const struct arg message_args[] = { PEER_ARG };

/* An ACCEPT may be made by a child, which can be killed. */
static const struct arg accept_args[] = {
	{ .name = "child", .kind = ARG_RARE }, PEER_ARG,
};

/* What else a member can be than in a context of NTLM, of which ioctl_table speaks */
static const uint32_t other_packages[] = {
	KSECDD_PACKAGE_NEGOTIATE, KSECDD_PACKAGE_SCHANNEL, KSECDD_PACKAGE_CREDSSP,
};
static const uint32_t other_attributes[] = {
	KSECDD_ATTR_TLS, KSECDD_ATTR_PEER_CERT, KSECDD_ATTR_PROTOCOL, KSECDD_ATTR_UNIQUE,
	KSECDD_ATTR_ENDPOINT,
};
static const uint32_t stream_types[] = {
	SECBUFFER_STREAM_HEADER, SECBUFFER_STREAM_TRAILER, SECBUFFER_EXTRA, SECBUFFER_MISSING,
};
static const uint32_t small_lengths[] = { 1, 5, 16 };
static const uint32_t alerts[] = { 0, 20, 49, 255 };

static const struct {
	const char *of;
	const char *member;
	const uint32_t *values;
	size_t n;
} others[] = {
	{ "ksecdd_acquire", "package", other_packages, ARRAY_SIZE(other_packages) },
	{ "ksecdd_set_keys", "mech", other_packages, ARRAY_SIZE(other_packages) },
	{ "ksecdd_query", "attribute", other_attributes, ARRAY_SIZE(other_attributes) },
	{ "ksecdd_buffer", "type", stream_types, ARRAY_SIZE(stream_types) },
	{ "ksecdd_complete", "unused_len", small_lengths, ARRAY_SIZE(small_lengths) },
	{ "ksecdd_complete", "alert", alerts, ARRAY_SIZE(alerts) },
};

/* What the files of the table are in */
const enum slot_kind ioctl_slots[IOCTL_FILES] = {
	[IOCTL_DEVICE] = SLOT_DEVICE,
	[IOCTL_REQUEST] = SLOT_REQUEST,
	[IOCTL_TOKEN_FILE] = SLOT_TOKEN,
};

/* Every call can be made to fail inside: the how-manieth thing that can fail, does. */
static const struct arg fault_arg = { .name = "fault", .kind = ARG_RARE };

/* Where a new handle or descriptor is returned, and of what kind */
static const struct {
	size_t ioctl;
	const char *member;
	enum slot_kind kind;
} results[] = {
	{ IOCTL_ACQUIRE, "handle", SLOT_CRED },
	{ IOCTL_ACCEPT, "new_context", SLOT_CONTEXT },
	{ IOCTL_TOKEN, "fd", SLOT_TOKEN },
};

/* How often each ioctl is made up, for each target */
static const uint8_t ioctl_weights[IOCTL_TABLE_SIZE][TARGETS] = {
	[IOCTL_VERSION] = { 1, 0 },
	[IOCTL_PACKAGE] = { 1, 0 },
	[IOCTL_ACQUIRE] = { 6, 3 },
	[IOCTL_DESTROY] = { 6, 3 },
	[IOCTL_ACCEPT] = { 8, 10 },
	[IOCTL_QUERY] = { 8, 3 },
	[IOCTL_MESSAGE] = { 12, 2 },
	[IOCTL_MESSAGE_BATCH] = { 8, 1 },
	[IOCTL_TOKEN] = { 4, 1 },
	[IOCTL_ATTACH] = { 4, 1 },
	[IOCTL_CONTROL] = { 4, 1 },
	[IOCTL_TOKEN_QUERY] = { 4, 1 },
	[IOCTL_TOKEN_FETCH] = { 2, 1 },
	[IOCTL_REQ_SET_KEYS] = { 6, 10 },
	[IOCTL_REQ_MESSAGE] = { 4, 10 },
	[IOCTL_REQ_COMPLETE] = { 8, 16 },
	[IOCTL_REQ_CREDENTIAL] = { 2, 6 },
};

static const struct shape *shape_of(const struct ioctl_struct *s, const struct ioctl_desc *desc);

static enum slot_kind result_kind(const struct ioctl_desc *desc, const char *member)
{
	size_t i;

	for (i = 0; desc && i < ARRAY_SIZE(results); i++)
		if (desc == &ioctl_table[results[i].ioctl] && !strcmp(member, results[i].member))
			return results[i].kind;
	return SLOT_KINDS;
}

/* The member that says how long what is at another one is */
static const struct ioctl_member *length_of(const struct ioctl_struct *s, uint16_t pointer)
{
	size_t i;

	for (i = 0; i < s->nmembers; i++)
		if ((s->members[i].kind == IOCTL_LEN || s->members[i].kind == IOCTL_COUNT) &&
		    s->members[i].pointer == pointer)
			return &s->members[i];
	return NULL;
}

static const enum arg_kind kinds[IOCTL_KINDS] = {
	[IOCTL_SIZE] = ARG_SIZE,
	[IOCTL_OUT] = ARG_RARE,
	[IOCTL_RESERVED] = ARG_RARE,
	[IOCTL_ANY] = ARG_NUMBER,
	[IOCTL_VALUE] = ARG_ENUM,
	[IOCTL_FLAGS] = ARG_FLAGS,
	[IOCTL_CREDENTIAL] = ARG_HANDLE,
	[IOCTL_CONTEXT] = ARG_HANDLE,
	[IOCTL_HANDLE] = ARG_HANDLE,
	[IOCTL_IN] = ARG_DATA,
	[IOCTL_TO] = ARG_DATA,
	[IOCTL_INOUT] = ARG_DATA,
	[IOCTL_ARRAY] = ARG_ARRAY,
	[IOCTL_LEN] = ARG_LENGTH,
	[IOCTL_COUNT] = ARG_LENGTH,
};

/* The values that a member may have, those of ioctl_table first */
static void add_values(struct arg *arg, const struct ioctl_struct *s)
{
	uint32_t *all;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(others); i++) {
		if (strcmp(others[i].of, s->name) != 0 || strcmp(others[i].member, arg->name) != 0)
			continue;
		all = xalloc((arg->nvalues + others[i].n) * sizeof(*all));
		memcpy(all, arg->values, arg->nvalues * sizeof(*all));
		memcpy(all + arg->nvalues, others[i].values, others[i].n * sizeof(*all));
		arg->values = all;
		arg->nvalues += others[i].n;
	}
}

static struct arg member_arg(const struct ioctl_struct *s, const struct ioctl_member *m,
			     const struct ioctl_desc *desc, size_t before)
{
	const struct ioctl_member *len = length_of(s, m->offset);
	struct arg arg = {
		.name = m->name,
		.kind = kinds[m->kind],
		.slots = m->kind == IOCTL_CONTEXT ? SLOT_CONTEXT : SLOT_CRED,
		.out = m->kind == IOCTL_TO || m->kind == IOCTL_INOUT || m->kind == IOCTL_ARRAY,
		.offset = m->offset,
		.width = m->size,
		.unit = (uint16_t)m->unit,
		.max = len ? len->max * len->unit : m->max,
		.values = m->values,
		.nvalues = m->nvalues,
		.elem = m->element ? shape_of(m->element, NULL) : NULL,
	};
	size_t i;

	if (arg.kind == ARG_NONE) {
		fprintf(stderr, "the kind of %s.%s is not known here\n", s->name, m->name);
		exit(1);
	}
	/* An array is counted in elements. */
	if (arg.kind == ARG_ARRAY && len)
		arg.max = len->max;
	add_values(&arg, s);
	if (desc == &ioctl_table[IOCTL_ATTACH] && !strcmp(m->name, "fd")) {
		arg.kind = ARG_FILE;
		arg.slots = SLOT_STREAM;
	}
	if (result_kind(desc, m->name) != SLOT_KINDS) {
		arg.kind = ARG_RESULT;
		arg.slots = result_kind(desc, m->name);
	}
	for (i = 0; arg.kind == ARG_LENGTH && i < s->nmembers; i++)
		if (s->members[i].offset == m->pointer)
			arg.of = (uint16_t)(before + i);
	return arg;
}

static size_t append(struct arg *args, size_t n, const struct arg *more, size_t count)
{
	if (count)
		memcpy(args + n, more, count * sizeof(*more));
	return n + count;
}

/* Whether a struct is a message, wherever it is */
static bool is_message(const struct ioctl_struct *s)
{
	return !strcmp(s->name, "ksecdd_message");
}

static struct shape make_shape(const struct ioctl_struct *s, const struct ioctl_desc *desc)
{
	struct arg *args = xalloc((s->nmembers + 8) * sizeof(*args));
	size_t n = 0, before, i;

	if (desc) {
		n = append(args, n, ioctl_args, ARRAY_SIZE(ioctl_args));
		args[0].slots = ioctl_slots[desc->file];
	}
	if (desc == &ioctl_table[IOCTL_ACCEPT])
		n = append(args, n, accept_args, ARRAY_SIZE(accept_args));
	if (is_message(s))
		n = append(args, n, message_args, ARRAY_SIZE(message_args));
	before = n;
	for (i = 0; i < s->nmembers; i++)
		args[n++] = member_arg(s, &s->members[i], desc, before);
	if (desc)
		n = append(args, n, &fault_arg, 1);
	return (struct shape){ .size = s->size, .args = args, .nargs = n };
}

static const struct shape *shape_of(const struct ioctl_struct *s, const struct ioctl_desc *desc)
{
	struct shape shape;
	size_t i;

	for (i = 0; i < nshapes && !desc; i++)
		if (shapes[i].of == s)
			return &shapes[i].shape;
	/* The elements' shapes come first: this calls itself for them. */
	shape = make_shape(s, desc);
	if (nshapes == MAX_SHAPES)
		abort();
	shapes[nshapes].of = desc ? NULL : s;
	shapes[nshapes].shape = shape;
	return &shapes[nshapes++].shape;
}

/* "accept" for KSECDD_IOC_ACCEPT, "req_message" for KSECDD_REQ_MESSAGE */
static const char *ioctl_name(const char *constant)
{
	const char *from = strstr(constant, "_IOC_");
	char *name;
	size_t i;

	from = from ? from + 5 : constant + strlen("KSECDD_");
	name = xalloc(strlen(from) + 1);
	for (i = 0; from[i]; i++)
		name[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] | 0x20 : from[i]);
	return name;
}

static void add_ioctl(size_t i)
{
	const struct ioctl_desc *desc = &ioctl_table[i];
	struct call_desc *call = &calls[ncalls++];

	call->name = ioctl_name(desc->name);
	call->shape = *shape_of(desc->arg, desc);
	call->run = run_ioctl;
	call->ioctl = desc;
	memcpy(call->weight, ioctl_weights[i], sizeof(call->weight));
}

/**
 * calls_init() - make the table of calls
 *
 * To be called first, once.
 */
void calls_init(void)
{
	struct arg *args;
	size_t i, n;

	for (i = 0; i < IOCTL_TABLE_SIZE; i++)
		add_ioctl(i);
	for (i = 0; i < other_ncalls && ncalls < MAX_CALLS; i++) {
		calls[ncalls] = other_calls[i];
		args = xalloc((other_calls[i].shape.nargs + 1) * sizeof(*args));
		n = append(args, 0, other_calls[i].shape.args, other_calls[i].shape.nargs);
		calls[ncalls].shape.nargs = append(args, n, &fault_arg, 1);
		calls[ncalls++].shape.args = args;
	}
}

/**
 * call_count() - how many calls there are
 *
 * Return: their number
 */
size_t call_count(void)
{
	return ncalls;
}

/**
 * call_at() - a call by its number
 * @i: less than call_count()
 *
 * Return: the call
 */
const struct call_desc *call_at(size_t i)
{
	return &calls[i];
}

/**
 * call_find() - a call by its name
 * @name: the name
 * @len:  its length
 *
 * Return: the call, or NULL if there is none of that name
 */
const struct call_desc *call_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ncalls; i++)
		if (strlen(calls[i].name) == len && !memcmp(calls[i].name, name, len))
			return &calls[i];
	return NULL;
}

/**
 * arg_find() - an argument by its name
 * @shape: of the call or struct
 * @name:  the name
 * @len:   its length
 *
 * Return: its index, or shape->nargs if there is none of that name
 */
size_t arg_find(const struct shape *shape, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < shape->nargs; i++)
		if (strlen(shape->args[i].name) == len && !memcmp(shape->args[i].name, name, len))
			break;
	return i;
}

/**
 * arg_default() - what a number or slot is unless said otherwise
 * @arg: the argument
 *
 * Return: the number, or the slot
 */
uint64_t arg_default(const struct arg *arg)
{
	switch (arg->kind) {
	case ARG_ENUM:
		return arg->nvalues ? arg->values[0] : 0;
	case ARG_FILE:
	case ARG_RESULT:
		return (uint64_t)arg->slots * SLOTS_OF_KIND;
	default:
		return 0;
	}
}
