// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * New programs out of old ones: what changes an argument knows its kind.
 */
#include <stdlib.h>
#include <string.h>

#include "mutate.h"

/* Arrays in arrays in arrays find nothing. */
#define MAX_DEPTH	3

/* An array that is longer is not filled to the brim. */
#define FEW_ELEMS	64

/* The longest that is made up; longer ones are not taken by any call. */
#define MAX_LENGTH	70000

/* The largest that are made up as bytes; longer ones are zero or filled. */
#define MAX_BYTES	96

static void change(struct rng *rng, const struct arg *arg, struct value *v, unsigned int depth);

static uint64_t any_number(struct rng *rng, uint64_t now)
{
	static const uint64_t limits[] = { 16, 64, 1024, 4096, 65536, 1048576, INT32_MAX };
	uint64_t n;

	switch (rng_below(rng, 8)) {
	case 0:
		return rng_below(rng, 17);
	case 1:
		return UINT64_MAX - rng_below(rng, 3);
	case 2:
		return (uint32_t)(UINT32_MAX - rng_below(rng, 3));
	case 3:
		n = limits[rng_below(rng, ARRAY_SIZE(limits))];
		return n + rng_below(rng, 3) - 1;
	case 4:
		return rng_next(rng) >> rng_below(rng, 64);
	case 5:
		return now + rng_below(rng, 9) - 4;
	default:
		return now ^ 1ULL << rng_below(rng, rng_chance(rng, 80) ? 32 : 64);
	}
}

static void set_number(const struct arg *arg, struct value *v, uint64_t n)
{
	/* A number that does not fit is another one; its text should be what is done. */
	if (arg->width && arg->width < sizeof(n))
		n &= (1ULL << arg->width * 8) - 1;
	v->form = FORM_NUMBER;
	v->n = n;
}

static void change_number(struct rng *rng, const struct arg *arg, struct value *v)
{
	set_number(arg, v, any_number(rng, v->n));
}

static void change_rare(struct rng *rng, const struct arg *arg, struct value *v)
{
	if (v->form == FORM_NUMBER && rng_chance(rng, 50))
		value_clear(arg, v);
	else if (rng_chance(rng, 70))
		set_number(arg, v, 1 + rng_below(rng, 12));
	else
		change_number(rng, arg, v);
}

static void change_enum(struct rng *rng, const struct arg *arg, struct value *v)
{
	if (arg->nvalues && rng_chance(rng, 85))
		set_number(arg, v, arg->values[rng_below(rng, arg->nvalues)]);
	else
		change_number(rng, arg, v);
}

static void change_flags(struct rng *rng, const struct arg *arg, struct value *v)
{
	uint64_t bit = 1ULL << rng_below(rng, 32);
	unsigned int i;

	for (i = 0; i < 32 && !(bit & arg->max); i++)
		bit = bit >> 31 ? 1 : bit << 1;
	switch (rng_below(rng, 10)) {
	case 0:
		set_number(arg, v, 0);
		break;
	case 1:
		set_number(arg, v, arg->max);
		break;
	case 2:
		change_number(rng, arg, v);
		break;
	default:
		set_number(arg, v, v->n ^ bit);
	}
}

static void change_size(struct rng *rng, const struct arg *arg, struct value *v)
{
	static const int steps[] = { -8, -4, -1, 1, 4, 8, 64 };

	/* What is right is where the struct ends, which is a little behind this. */
	switch (rng_below(rng, 4)) {
	case 0:
		value_clear(arg, v);
		break;
	case 1:
		set_number(arg, v, 4096 + rng_below(rng, 2));
		break;
	case 2:
		set_number(arg, v, (v->form == FORM_NUMBER ? v->n : 16 + 8 * rng_below(rng, 20)) +
			   (uint64_t)steps[rng_below(rng, ARRAY_SIZE(steps))]);
		break;
	default:
		change_number(rng, arg, v);
	}
}

static void change_length(struct rng *rng, const struct arg *arg, struct value *v)
{
	switch (rng_below(rng, 5)) {
	case 0:
	case 1:
		value_clear(arg, v);
		break;
	case 2:
		set_number(arg, v, (uint64_t)arg->max + rng_below(rng, 3) - 1);
		break;
	case 3:
		set_number(arg, v, rng_below(rng, 20));
		break;
	default:
		change_number(rng, arg, v);
	}
}

/* The first of a kind mostly, so that calls meet. */
static uint64_t a_slot(struct rng *rng, enum slot_kind kind)
{
	return (uint64_t)kind * SLOTS_OF_KIND +
	       (rng_chance(rng, 60) ? 0 : rng_below(rng, SLOTS_OF_KIND));
}

static void change_slot(struct rng *rng, const struct arg *arg, struct value *v)
{
	enum slot_kind kind = arg->slots;

	memset(v, 0, sizeof(*v));
	v->form = FORM_SLOT;
	if (arg->kind == ARG_FILE && rng_chance(rng, 12))
		kind = (enum slot_kind)rng_below(rng, SLOT_FILES);
	if (arg->kind == ARG_HANDLE && rng_chance(rng, 12))
		kind = rng_chance(rng, 50) ? SLOT_CRED : SLOT_CONTEXT;
	v->n = a_slot(rng, kind);
	if (arg->kind != ARG_HANDLE)
		return;
	if (rng_chance(rng, 8))
		v->len = (uint32_t)(1 + rng_below(rng, 4));
	else if (rng_chance(rng, 8))
		change_number(rng, arg, v);
}

static void change_place(struct rng *rng, struct value *v)
{
	v->place = rng_chance(rng, 50) ? PLACE_EDGE : (uint8_t)rng_below(rng, PLACES);
	v->cut = v->place == PLACE_CUT ? (uint16_t)(1 + rng_below(rng, 24)) : 0;
}

static uint32_t a_length(struct rng *rng, uint32_t max)
{
	static const uint32_t usual[] = { 0, 1, 2, 4, 8, 15, 16, 17, 32, 64 };

	if (max > MAX_LENGTH)
		max = MAX_LENGTH;
	if (rng_chance(rng, 70))
		return usual[rng_below(rng, ARRAY_SIZE(usual))];
	if (rng_chance(rng, 30))
		return max + (uint32_t)rng_below(rng, 2);
	return (uint32_t)rng_below(rng, (rng_chance(rng, 70) && max > 256 ? 256 : max) + 1);
}

static void new_bytes(struct rng *rng, const struct arg *arg, struct value *v)
{
	uint32_t len = a_length(rng, arg->max), i;

	value_clear(arg, v);
	if (len <= MAX_BYTES && rng_chance(rng, 60)) {
		value_resize(arg, v, len);
		for (i = 0; i < len; i++)
			v->bytes[i] = (uint8_t)rng_next(rng);
		return;
	}
	v->form = rng_chance(rng, 50) ? FORM_ZERO : FORM_FILL;
	v->len = len;
	v->n = v->form == FORM_FILL ? rng_below(rng, 100) : 0;
}

static void change_bytes(struct rng *rng, struct value *v)
{
	uint8_t *byte = &v->bytes[rng_below(rng, v->len)];

	switch (rng_below(rng, 3)) {
	case 0:
		*byte ^= (uint8_t)(1 << rng_below(rng, 8));
		break;
	case 1:
		*byte = (uint8_t)rng_next(rng);
		break;
	default:
		*byte = (uint8_t)(*byte + rng_below(rng, 5) - 2);
	}
}

static void change_data(struct rng *rng, const struct arg *arg, struct value *v)
{
	switch (rng_below(rng, 6)) {
	case 0:
		change_place(rng, v);
		break;
	case 1:
		if (v->form != FORM_DEFAULT && v->len <= MAX_BYTES) {
			value_resize(arg, v, a_length(rng, MAX_BYTES));
			break;
		}
		new_bytes(rng, arg, v);
		break;
	case 2:
		new_bytes(rng, arg, v);
		break;
	default:
		if (v->form == FORM_BYTES && v->len)
			change_bytes(rng, v);
		else
			new_bytes(rng, arg, v);
	}
}

static void change_some(struct rng *rng, const struct shape *shape, struct value *args,
			unsigned int percent, unsigned int depth)
{
	size_t i;

	for (i = 0; i < shape->nargs; i++)
		if (rng_chance(rng, shape->args[i].kind == ARG_RARE ||
				    shape->args[i].kind == ARG_SIZE ? percent / 16 : percent))
			change(rng, &shape->args[i], &args[i], depth);
}

static void copy_elem(const struct shape *elem, struct value *to, const struct value *from)
{
	size_t i;

	for (i = 0; i < elem->nargs; i++)
		value_copy(&elem->args[i], &to[i], &from[i]);
}

static void change_array(struct rng *rng, const struct arg *arg, struct value *v,
			 unsigned int depth)
{
	const struct shape *elem = arg->elem;
	uint32_t n = v->form == FORM_ELEMS ? v->len : 0, i;

	if (depth >= MAX_DEPTH)
		return;
	if (n && rng_chance(rng, 55)) {
		change_some(rng, elem, v->elems + rng_below(rng, n) * elem->nargs, 40, depth + 1);
		return;
	}
	switch (rng_below(rng, 8)) {
	case 0:
		change_place(rng, v);
		break;
	case 1:
		/* To the brim, and one more */
		if (rng_chance(rng, 80) || arg->max > FEW_ELEMS)
			break;
		value_resize(arg, v, arg->max + (uint32_t)rng_below(rng, 2));
		for (i = n ? n : 1; n && i < v->len; i++)
			copy_elem(elem, v->elems + i * elem->nargs, v->elems);
		break;
	case 2:
		if (n)
			value_resize(arg, v, n - 1);
		break;
	case 3:
		if (!n || n >= arg->max)
			break;
		value_resize(arg, v, n + 1);
		copy_elem(elem, v->elems + n * elem->nargs,
			  v->elems + rng_below(rng, n) * elem->nargs);
		break;
	default:
		if (n > arg->max)
			break;
		value_resize(arg, v, n + 1);
		change_some(rng, elem, v->elems + n * elem->nargs, 80, depth + 1);
	}
}

static void change(struct rng *rng, const struct arg *arg, struct value *v, unsigned int depth)
{
	switch (arg->kind) {
	case ARG_RARE:
		change_rare(rng, arg, v);
		break;
	case ARG_ENUM:
		change_enum(rng, arg, v);
		break;
	case ARG_FLAGS:
		change_flags(rng, arg, v);
		break;
	case ARG_SIZE:
		change_size(rng, arg, v);
		break;
	case ARG_LENGTH:
		change_length(rng, arg, v);
		break;
	case ARG_FILE:
	case ARG_HANDLE:
	case ARG_RESULT:
		change_slot(rng, arg, v);
		break;
	case ARG_DATA:
		change_data(rng, arg, v);
		break;
	case ARG_ARRAY:
		change_array(rng, arg, v, depth);
		break;
	case ARG_PLACE:
		change_place(rng, v);
		break;
	default:
		change_number(rng, arg, v);
	}
}

static const struct call_desc *a_call(struct rng *rng, enum target target)
{
	uint64_t total = 0, n;
	size_t i;

	for (i = 0; i < call_count(); i++)
		total += call_at(i)->weight[target];
	/* A mistake of the tables */
	if (!total)
		abort();
	n = rng_below(rng, total);
	for (i = 0; n >= call_at(i)->weight[target]; i++)
		n -= call_at(i)->weight[target];
	return call_at(i);
}

/* Lengths and places are right mostly, or no call would get anywhere. */
static void insert_new(struct rng *rng, enum target target, struct program *p)
{
	struct program one = { .n = 1 };
	const struct shape *shape;
	struct call *call = &one.calls[0];
	size_t i;

	call_init(call, a_call(rng, target));
	shape = &call->desc->shape;
	for (i = 0; i < shape->nargs; i++) {
		static const uint8_t percent[ARG_KINDS] = {
			[ARG_NUMBER] = 30, [ARG_RARE] = 1, [ARG_ENUM] = 40, [ARG_FLAGS] = 20,
			[ARG_SIZE] = 1, [ARG_LENGTH] = 3, [ARG_FILE] = 25, [ARG_HANDLE] = 90,
			[ARG_RESULT] = 30, [ARG_DATA] = 60, [ARG_ARRAY] = 90, [ARG_PLACE] = 3,
		};

		if (rng_chance(rng, percent[shape->args[i].kind]))
			change(rng, &shape->args[i], &call->args[i], 0);
	}
	program_insert(p, rng_below(rng, p->n + 1), call);
	program_clear(&one);
}

static void change_call(struct rng *rng, struct program *p)
{
	struct call *call = &p->calls[rng_below(rng, p->n)];
	const struct shape *shape = &call->desc->shape;
	size_t i = rng_below(rng, shape->nargs ? shape->nargs : 1);

	/* What is rare should be. */
	if (!shape->nargs || (shape->args[i].kind == ARG_RARE && !rng_chance(rng, 25)))
		return;
	change(rng, &shape->args[i], &call->args[i], 0);
}

static void splice(struct rng *rng, struct program *p, const struct program *donor)
{
	size_t from = rng_below(rng, donor->n), n = 1 + rng_below(rng, 6), i;
	size_t at = rng_below(rng, p->n + 1);

	for (i = 0; i < n && from + i < donor->n; i++)
		if (!program_insert(p, at + i, &donor->calls[from + i]))
			break;
}

static void change_program(struct rng *rng, enum target target, struct program *p,
			   const struct program *donor)
{
	uint64_t n = rng_below(rng, 100);

	if (!p->n || n < 20)
		insert_new(rng, target, p);
	else if (n < 70)
		change_call(rng, p);
	else if (n < 78)
		program_remove(p, rng_below(rng, p->n));
	else if (n < 86)
		program_insert(p, rng_below(rng, p->n + 1), &p->calls[rng_below(rng, p->n)]);
	else if (donor->n)
		splice(rng, p, donor);
}

/**
 * mutate() - change a program
 * @rng:    where chance comes from
 * @target: what is fuzzed
 * @p:      the program
 * @donor:  another one, some of whose calls may be taken
 */
void mutate(struct rng *rng, enum target target, struct program *p, const struct program *donor)
{
	uint64_t n = 1 + rng_below(rng, rng_chance(rng, 20) ? 16 : 4);

	while (n--)
		change_program(rng, target, p, donor);
	while (!p->n)
		insert_new(rng, target, p);
}
