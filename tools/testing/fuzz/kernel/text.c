// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs as text: a call a line, "name argument=value ...", and behind a # what
 * is for the reader.  What is not said is what it is unless said otherwise.
 *
 *	0x1f 31		a number
 *	d0 r1 n2 t3 s0	a slot of a device, request file, netlink socket, token file or stream
 *	c0 x1		a slot of a credential or context
 *	x1^5		its handle, with the upper half xor'ed with 5
 *	h:0a1b		bytes
 *	z:64		64 bytes of zero
 *	f:64:7		64 bytes made of the seed 7
 *	[a=1 b=2;a=3]	two structs
 *
 * A line "---" is between two programs of a file, and "#end" where it ends if there
 * is more in it.
 *
 * Behind bytes and structs, @ says where they are: @cut:3 (the last 3 bytes cannot
 * be touched), @ro (cannot be written), @null, @kernel, @wild, @unmapped.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

static const char *const place_names[] = {
	[PLACE_CUT] = "cut", [PLACE_READONLY] = "ro", [PLACE_NULL] = "null",
	[PLACE_KERNEL] = "kernel", [PLACE_WILD] = "wild", [PLACE_UNMAPPED] = "unmapped",
};

static void print_args(FILE *f, const struct shape *shape, const struct value *args);

static void print_place(FILE *f, const struct value *v)
{
	if (v->place == PLACE_EDGE)
		return;
	fprintf(f, "@%s", place_names[v->place]);
	if (v->place == PLACE_CUT)
		fprintf(f, ":%u", v->cut);
}

static void print_value(FILE *f, const struct arg *arg, const struct value *v)
{
	uint32_t i;

	switch (v->form) {
	case FORM_NUMBER:
		fprintf(f, v->n < 10 ? "%" PRIu64 : "%#" PRIx64, v->n);
		break;
	case FORM_SLOT:
		fprintf(f, "%c%" PRIu64, SLOT_LETTERS[v->n / SLOTS_OF_KIND],
			v->n % SLOTS_OF_KIND);
		if (v->len)
			fprintf(f, "^%#x", v->len);
		break;
	case FORM_BYTES:
		fputs("h:", f);
		for (i = 0; i < v->len; i++)
			fprintf(f, "%02x", v->bytes[i]);
		break;
	case FORM_ZERO:
		fprintf(f, "z:%u", v->len);
		break;
	case FORM_FILL:
		fprintf(f, "f:%u:%" PRIu64, v->len, v->n);
		break;
	case FORM_ELEMS:
		putc('[', f);
		for (i = 0; i < v->len; i++) {
			if (i)
				putc(';', f);
			print_args(f, arg->elem, v->elems + i * arg->elem->nargs);
		}
		putc(']', f);
		break;
	}
	print_place(f, v);
}

static void print_args(FILE *f, const struct shape *shape, const struct value *args)
{
	const char *gap = "";
	size_t i;

	for (i = 0; i < shape->nargs; i++) {
		if (args[i].form == FORM_DEFAULT && args[i].place == PLACE_EDGE)
			continue;
		fprintf(f, "%s%s=", gap, shape->args[i].name);
		print_value(f, &shape->args[i], &args[i]);
		gap = " ";
	}
}

/**
 * program_print() - a program as text
 * @p: the program
 *
 * Return: the text, for free()
 */
char *program_print(const struct program *p)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return xalloc(1);
	for (i = 0; i < p->n; i++) {
		const struct call *call = &p->calls[i];

		fprintf(f, "%s ", call->desc->name);
		print_args(f, &call->desc->shape, call->args);
		putc('\n', f);
	}
	fclose(f);
	return text;
}

/* Where the parser is, and what it did not understand. */
struct parser {
	const char *at;
	unsigned int line;
	char *error;
	size_t size;
};

static bool fail(struct parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct parser *p, const char *fmt, ...)
{
	va_list args;
	int n = snprintf(p->error, p->size, "line %u: ", p->line);

	va_start(args, fmt);
	if (n > 0 && (size_t)n < p->size)
		vsnprintf(p->error + n, p->size - (size_t)n, fmt, args);
	va_end(args);
	return false;
}

static bool parse_args(struct parser *p, const struct shape *shape, struct value *args);

static void skip_blanks(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t')
		p->at++;
}

static bool accept(struct parser *p, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(p->at, word, len))
		return false;
	p->at += len;
	return true;
}

static bool parse_number(struct parser *p, uint64_t max, uint64_t *n)
{
	char *end;

	if (!isdigit((unsigned char)*p->at))
		return fail(p, "a number is missing at '%.20s'", p->at);
	*n = strtoull(p->at, &end, 0);
	p->at = end;
	return *n <= max || fail(p, "%" PRIu64 " is too large", *n);
}

static bool parse_len(struct parser *p, uint32_t *len)
{
	uint64_t n;

	if (!parse_number(p, 1 << 24, &n))
		return false;
	*len = (uint32_t)n;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_bytes(struct parser *p, struct value *v)
{
	uint32_t len = 0, i;

	while (hex_digit(p->at[len]) >= 0)
		len++;
	if (len % 2)
		return fail(p, "an odd number of digits at '%.20s'", p->at);
	v->form = FORM_BYTES;
	v->len = len / 2;
	v->bytes = xalloc(v->len);
	for (i = 0; i < v->len; i++, p->at += 2)
		v->bytes[i] = (uint8_t)(hex_digit(p->at[0]) << 4 | hex_digit(p->at[1]));
	return true;
}

static bool parse_data(struct parser *p, struct value *v)
{
	if (accept(p, "h:"))
		return parse_bytes(p, v);
	if (accept(p, "z:")) {
		v->form = FORM_ZERO;
		return parse_len(p, &v->len);
	}
	if (accept(p, "f:")) {
		v->form = FORM_FILL;
		return parse_len(p, &v->len) &&
		       (accept(p, ":") || fail(p, "f:LEN:SEED is meant")) &&
		       parse_number(p, UINT64_MAX, &v->n);
	}
	return *p->at == '@' || fail(p, "h:, z: or f: is missing at '%.20s'", p->at);
}

static bool parse_array(struct parser *p, const struct arg *arg, struct value *v)
{
	if (!accept(p, "["))
		return *p->at == '@' || fail(p, "[ is missing at '%.20s'", p->at);
	v->form = FORM_ELEMS;
	if (accept(p, "]"))
		return true;
	do {
		value_resize(arg, v, v->len + 1);
		if (!parse_args(p, arg->elem, v->elems + (v->len - 1) * arg->elem->nargs))
			return false;
	} while (accept(p, ";"));
	return accept(p, "]") || fail(p, "] is missing at '%.20s'", p->at);
}

static bool parse_place(struct parser *p, struct value *v)
{
	uint64_t n;
	int i;

	if (!accept(p, "@"))
		return true;
	for (i = PLACE_CUT; i < PLACES; i++)
		if (accept(p, place_names[i]))
			break;
	if (i == PLACES)
		return fail(p, "no such place: '%.20s'", p->at);
	v->place = (uint8_t)i;
	if (i != PLACE_CUT)
		return true;
	if (!accept(p, ":"))
		return fail(p, "@cut:BYTES is meant");
	if (!parse_number(p, UINT16_MAX, &n))
		return false;
	v->cut = (uint16_t)n;
	return true;
}

/* A call may also return a descriptor. */
static bool takes_file(const struct arg *arg)
{
	return arg->kind == ARG_FILE || (arg->kind == ARG_RESULT && arg->slots < SLOT_FILES);
}

static bool parse_slot(struct parser *p, const struct arg *arg, struct value *v)
{
	const char *letter = *p->at ? strchr(SLOT_LETTERS, *p->at) : NULL;
	uint64_t n;

	if (!letter) {
		v->form = FORM_NUMBER;
		return arg->kind == ARG_HANDLE ? parse_number(p, UINT64_MAX, &v->n) :
						 fail(p, "a slot is missing at '%.20s'", p->at);
	}
	p->at++;
	if (!parse_number(p, SLOTS_OF_KIND - 1, &n))
		return false;
	v->form = FORM_SLOT;
	v->n = (uint64_t)(letter - SLOT_LETTERS) * SLOTS_OF_KIND + n;
	if (takes_file(arg) != (v->n < FILE_SLOTS))
		return fail(p, "%s takes no slot '%c'", arg->name, *letter);
	if (arg->kind != ARG_HANDLE || !accept(p, "^"))
		return true;
	if (!parse_number(p, UINT32_MAX, &n))
		return false;
	v->len = (uint32_t)n;
	return true;
}

static bool parse_value(struct parser *p, const struct arg *arg, struct value *v)
{
	switch (arg->kind) {
	case ARG_DATA:
		return parse_data(p, v) && parse_place(p, v);
	case ARG_ARRAY:
		return parse_array(p, arg, v) && parse_place(p, v);
	case ARG_PLACE:
		return parse_place(p, v);
	case ARG_FILE:
	case ARG_HANDLE:
	case ARG_RESULT:
		return parse_slot(p, arg, v);
	default:
		v->form = FORM_NUMBER;
		return parse_number(p, UINT64_MAX, &v->n);
	}
}

static bool parse_args(struct parser *p, const struct shape *shape, struct value *args)
{
	size_t len, i;

	for (skip_blanks(p); islower((unsigned char)*p->at) || *p->at == '_'; skip_blanks(p)) {
		len = strcspn(p->at, "= \t\n");
		i = arg_find(shape, p->at, len);
		if (p->at[len] != '=')
			return fail(p, "= is missing behind '%.*s'", (int)len, p->at);
		if (i == shape->nargs)
			return fail(p, "there is no argument '%.*s' here", (int)len, p->at);
		p->at += len + 1;
		value_clear(&shape->args[i], &args[i]);
		if (!parse_value(p, &shape->args[i], &args[i]))
			return false;
	}
	return true;
}

static bool parse_call(struct parser *p, struct program *prog)
{
	size_t len = strcspn(p->at, " \t\n#");
	const struct call_desc *desc = call_find(p->at, len);
	struct call *call = &prog->calls[prog->n];

	if (!desc)
		return fail(p, "there is no call '%.*s'", (int)len, p->at);
	if (prog->n == PROGRAM_MAX)
		return fail(p, "more than %d calls", PROGRAM_MAX);
	p->at += len;
	call_init(call, desc);
	prog->n++;
	return parse_args(p, &desc->shape, call->args);
}

/**
 * program_parse() - a program from its text
 * @prog:  receives it; what it was is freed
 * @text:  the text; receives what comes behind the program, NULL - it was the last
 * @line:  number of the text's first line; receives that of what comes behind
 * @error: receives what is wrong
 * @size:  room there
 *
 * Return: false if it is none, and then it is empty
 */
bool program_parse(struct program *prog, const char **text, unsigned int *line, char *error,
		   size_t size)
{
	struct parser p = { .at = *text, .line = *line, .error = error, .size = size };
	bool more = false, last = false;

	program_clear(prog);
	for (; !more && !last; p.line++) {
		skip_blanks(&p);
		last = accept(&p, "#end");
		more = !last && accept(&p, "---");
		if (!last && !more && *p.at && !strchr("#\n", *p.at) && !parse_call(&p, prog))
			break;
		skip_blanks(&p);
		if (*p.at == '#')
			p.at += strcspn(p.at, "\n");
		if (!last && *p.at && *p.at != '\n') {
			fail(&p, "not understood: '%.20s'", p.at);
			break;
		}
		last |= !*p.at;
		p.at += !last;
	}
	*text = more ? p.at : NULL;
	*line = p.line;
	if (more || last)
		return true;
	program_clear(prog);
	return false;
}
