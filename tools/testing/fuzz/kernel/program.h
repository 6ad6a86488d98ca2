/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program: calls with their arguments, to be carried out one after the other.
 */
#ifndef KSECDD_FUZZ_PROGRAM_H
#define KSECDD_FUZZ_PROGRAM_H

#include "shape.h"

/* A longer program finds nothing that a short one does not. */
#define PROGRAM_MAX	40

/* What a value is. */
enum form {
	FORM_DEFAULT,	/* what the argument is unless said otherwise */
	FORM_NUMBER,	/* @n */
	FORM_SLOT,	/* the slot @n; for a handle, xor'ed with @len in its upper half */
	FORM_BYTES,	/* the bytes */
	FORM_ZERO,	/* @len bytes of zero */
	FORM_FILL,	/* @len bytes made of the seed @n */
	FORM_ELEMS,	/* the structs */
};

/* Where the memory behind a pointer is. */
enum place {
	PLACE_EDGE,	/* right in front of memory that nobody may touch */
	PLACE_CUT,	/* the same, but the last @cut bytes are behind the edge */
	PLACE_READONLY,
	PLACE_NULL,
	PLACE_KERNEL,	/* an address of the kernel */
	PLACE_WILD,	/* no address at all */
	PLACE_UNMAPPED,
	PLACES,
};

/**
 * struct value - an argument's value
 * @form:  what it is
 * @place: of ARG_DATA, ARG_ARRAY and ARG_PLACE: where it lies
 * @cut:   of PLACE_CUT
 * @len:   bytes, or elements
 * @n:     a number, slot or seed
 * @bytes: FORM_BYTES: the bytes; the value's own
 * @elems: FORM_ELEMS: the members of all elements, one after the other; the
 *         value's own
 */
struct value {
	uint8_t form;
	uint8_t place;
	uint16_t cut;
	uint32_t len;
	uint64_t n;
	union {
		uint8_t *bytes;
		struct value *elems;
	};
};

/**
 * struct call - one call
 * @desc: which
 * @args: its arguments, as many as its shape has
 */
struct call {
	const struct call_desc *desc;
	struct value *args;
};

/**
 * struct program - calls
 * @n:     how many
 * @calls: the calls
 */
struct program {
	size_t n;
	struct call calls[PROGRAM_MAX];
};

void *xalloc(size_t size);

void value_clear(const struct arg *arg, struct value *v);
void value_copy(const struct arg *arg, struct value *to, const struct value *from);
void value_bytes(const struct value *v, uint8_t *to);
void value_resize(const struct arg *arg, struct value *v, uint32_t len);

void call_init(struct call *call, const struct call_desc *desc);
struct value *call_arg(const struct call *call, const char *name);
uint64_t call_number(const struct call *call, const char *name);

void program_clear(struct program *p);
void program_copy(struct program *to, const struct program *from);
bool program_insert(struct program *p, size_t at, const struct call *call);
void program_remove(struct program *p, size_t at);

char *program_print(const struct program *p);
bool program_parse(struct program *p, const char **text, unsigned int *line, char *error,
		   size_t size);

#endif /* KSECDD_FUZZ_PROGRAM_H */
