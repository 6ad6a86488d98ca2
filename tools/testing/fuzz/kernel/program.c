// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs in memory.  Each owns all that it points to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

/**
 * xalloc() - memory that is zero; without it the program ends
 * @size: bytes
 *
 * Return: the memory, for free()
 */
void *xalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		fputs("out of memory\n", stderr);
		exit(1);
	}
	return p;
}

/**
 * value_clear() - make a value what it is unless said otherwise
 * @arg: whose value
 * @v:   the value; what it owns is freed
 */
void value_clear(const struct arg *arg, struct value *v)
{
	uint32_t i;

	if (v->form == FORM_BYTES)
		free(v->bytes);
	if (v->form == FORM_ELEMS) {
		for (i = 0; i < v->len * arg->elem->nargs; i++)
			value_clear(&arg->elem->args[i % arg->elem->nargs], &v->elems[i]);
		free(v->elems);
	}
	memset(v, 0, sizeof(*v));
}

/**
 * value_copy() - copy a value with all it owns
 * @arg:  whose value
 * @to:   receives it; what it was is freed
 * @from: the value
 */
void value_copy(const struct arg *arg, struct value *to, const struct value *from)
{
	uint32_t i;

	value_clear(arg, to);
	*to = *from;
	if (from->form == FORM_BYTES) {
		to->bytes = xalloc(from->len);
		memcpy(to->bytes, from->bytes, from->len);
	}
	if (from->form == FORM_ELEMS) {
		to->elems = xalloc(from->len * arg->elem->nargs * sizeof(*to->elems));
		for (i = 0; i < from->len * arg->elem->nargs; i++)
			value_copy(&arg->elem->args[i % arg->elem->nargs], &to->elems[i],
				   &from->elems[i]);
	}
}

/**
 * value_bytes() - the bytes that an ARG_DATA stands for
 * @v:  the value
 * @to: receives v->len bytes
 */
void value_bytes(const struct value *v, uint8_t *to)
{
	uint32_t i, x = (uint32_t)v->n * 2654435761u + 1;

	switch (v->form) {
	case FORM_BYTES:
		memcpy(to, v->bytes, v->len);
		break;
	case FORM_FILL:
		for (i = 0; i < v->len; i++) {
			x = x * 1664525 + 1013904223;
			to[i] = (uint8_t)(x >> 24);
		}
		break;
	default:
		memset(to, 0, v->len);
	}
}

/**
 * value_resize() - change the number of bytes or elements
 * @arg: ARG_DATA or ARG_ARRAY
 * @v:   its value; what is new is zero, or what it is unless said otherwise
 * @len: how many there are to be
 */
void value_resize(const struct arg *arg, struct value *v, uint32_t len)
{
	uint32_t keep = v->len < len ? v->len : len, i;
	size_t unit = arg->kind == ARG_ARRAY ? arg->elem->nargs * sizeof(struct value) : 1;
	void *p;

	if (v->form == FORM_ZERO || v->form == FORM_FILL) {
		v->len = len;
		return;
	}
	if (v->form == FORM_DEFAULT) {
		v->form = arg->kind == ARG_ARRAY ? FORM_ELEMS : FORM_BYTES;
		keep = 0;
	}
	p = xalloc(len * unit);
	if (keep)
		memcpy(p, v->bytes, keep * unit);
	if (v->form == FORM_ELEMS)
		for (i = keep * arg->elem->nargs; i < v->len * arg->elem->nargs; i++)
			value_clear(&arg->elem->args[i % arg->elem->nargs], &v->elems[i]);
	free(v->bytes);
	v->bytes = p;
	v->len = len;
}

/**
 * call_init() - a call with all arguments what they are unless said otherwise
 * @call: receives it
 * @desc: which
 */
void call_init(struct call *call, const struct call_desc *desc)
{
	call->desc = desc;
	call->args = xalloc(desc->shape.nargs * sizeof(*call->args));
}

static void call_clear(struct call *call)
{
	size_t i;

	for (i = 0; i < call->desc->shape.nargs; i++)
		value_clear(&call->desc->shape.args[i], &call->args[i]);
	free(call->args);
}

static void call_copy(struct call *to, const struct call *from)
{
	size_t i;

	call_init(to, from->desc);
	for (i = 0; i < to->desc->shape.nargs; i++)
		value_copy(&to->desc->shape.args[i], &to->args[i], &from->args[i]);
}

/**
 * call_arg() - an argument by its name
 * @call: the call
 * @name: the name; that there is none such is a mistake of the tables
 *
 * Return: its value
 */
struct value *call_arg(const struct call *call, const char *name)
{
	size_t i = arg_find(&call->desc->shape, name, strlen(name));

	if (i == call->desc->shape.nargs) {
		fprintf(stderr, "%s has no argument %s\n", call->desc->name, name);
		exit(1);
	}
	return &call->args[i];
}

/**
 * call_number() - the value of a number or a slot
 * @call: the call
 * @name: name of the argument
 *
 * Return: the value, also if that is what it is unless said otherwise
 */
uint64_t call_number(const struct call *call, const char *name)
{
	const struct value *v = call_arg(call, name);
	const struct arg *arg = &call->desc->shape.args[v - call->args];

	return v->form == FORM_DEFAULT ? arg_default(arg) : v->n;
}

/**
 * program_clear() - forget all calls
 * @p: the program
 */
void program_clear(struct program *p)
{
	while (p->n)
		call_clear(&p->calls[--p->n]);
}

/**
 * program_copy() - copy a program with all it owns
 * @to:   receives it; what it was is freed
 * @from: the program
 */
void program_copy(struct program *to, const struct program *from)
{
	program_clear(to);
	for (to->n = 0; to->n < from->n; to->n++)
		call_copy(&to->calls[to->n], &from->calls[to->n]);
}

/**
 * program_insert() - add a copy of a call
 * @p:    the program
 * @at:   before which call
 * @call: the call, which may be one of the program
 *
 * Return: false if the program is as long as it may be
 */
bool program_insert(struct program *p, size_t at, const struct call *call)
{
	struct call copy;

	if (p->n == PROGRAM_MAX)
		return false;
	call_copy(&copy, call);
	memmove(&p->calls[at + 1], &p->calls[at], (p->n - at) * sizeof(*p->calls));
	p->calls[at] = copy;
	p->n++;
	return true;
}

/**
 * program_remove() - take a call out
 * @p:  the program
 * @at: which
 */
void program_remove(struct program *p, size_t at)
{
	call_clear(&p->calls[at]);
	p->n--;
	memmove(&p->calls[at], &p->calls[at + 1], (p->n - at) * sizeof(*p->calls));
}
