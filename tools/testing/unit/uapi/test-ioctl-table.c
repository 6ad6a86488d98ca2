// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of ioctls, by which the ABI is tested and fuzzed, has all that
 * uapi/linux/ksecdd.h has: every ioctl, every member of their structs, and which
 * of them are only written.  An ioctl that is forgotten there would be tested by
 * nobody.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/testing/selftests/ksecdd/ioctl_table.h"
#include "tools/testing/tap/tap.h"

#define HEADER	"uapi/linux/ksecdd.h"

/* The header, NUL-terminated */
static char header[65536];

static void read_header(void)
{
	FILE *f = fopen(HEADER, "re");
	size_t n;

	if (!f)
		tap_bail("cannot open " HEADER "; run this at the top of the tree");
	n = fread(header, 1, sizeof(header), f);
	fclose(f);
	if (n == sizeof(header))
		tap_bail(HEADER " does not fit any more; make the buffer larger");
	header[n] = '\0';
}

static const struct ioctl_desc *by_name(const char *name)
{
	size_t i;

	for (i = 0; i < IOCTL_TABLE_SIZE; i++)
		if (ioctl_table[i].name && !strcmp(ioctl_table[i].name, name))
			return &ioctl_table[i];
	return NULL;
}

/* Every line "#define NAME _IO...(MAGIC, NUMBER" */
static void check_ioctls(void)
{
	const struct ioctl_desc *desc;
	unsigned int n = 0;
	char name[64];
	int number;
	const char *p;

	for (p = header; (p = strstr(p, "#define ")); p++) {
		if (sscanf(p, "#define %63s _IO%*[RW](KSECDD_IOC_MAGIC, %i", name, &number) != 2 &&
		    sscanf(p, "#define %63s _IO(KSECDD_IOC_MAGIC, %i", name, &number) != 2)
			continue;
		n++;
		desc = by_name(name);
		tap_ok(desc, "%s is in the table", name);
		if (desc)
			tap_is(desc->cmd & 0xff, number, "%s has that number", name);
	}
	tap_is(IOCTL_TABLE_SIZE, n, "the table has no others");
}

/* Whether the comment of struct @tag calls @member one that is only written */
static bool only_written(const char *tag, const char *member)
{
	char word[96];
	const char *p, *end;

	snprintf(word, sizeof(word), " * struct %s - ", tag);
	p = strstr(header, word);
	if (!p)
		return false;
	end = strstr(p, "*/");
	snprintf(word, sizeof(word), " * @%s:", member);
	p = strstr(p, word);
	if (!p || !end || p > end)
		return false;
	p += strlen(word);
	while (*p == ' ')
		p++;
	return !strncmp(p, "[out]", 5);
}

/* The next member's name in the definition of a struct, or false at its end */
static bool next_member(const char **p, char *name, size_t size)
{
	const char *semicolon, *begin;

	if (**p == '}')
		return false;
	semicolon = strchr(*p, ';');
	if (!semicolon)
		return false;
	begin = semicolon;
	/* An array has its size behind the name. */
	if (begin[-1] == ']')
		while (*begin != '[')
			begin--;
	snprintf(name, size, "%.*s", (int)(begin - *p), *p);
	begin = strrchr(name, ' ');
	memmove(name, begin + 1, strlen(begin));
	*p = semicolon + 1;
	while (isspace((unsigned char)**p))
		(*p)++;
	return true;
}

/* Names and order are those of the header. */
static bool same_members(const struct ioctl_struct *s)
{
	char word[96], name[256];
	const char *p;
	size_t i = 0;

	snprintf(word, sizeof(word), "\nstruct %s {\n\t", s->name);
	p = strstr(header, word);
	if (!p) {
		tap_diag("no struct %s in " HEADER, s->name);
		return false;
	}
	for (p += strlen(word); next_member(&p, name, sizeof(name)); i++) {
		if (i >= s->nmembers || strcmp(s->members[i].name, name)) {
			tap_diag("struct %s: %s is not in the table, or not there", s->name, name);
			return false;
		}
	}
	return i == s->nmembers;
}

static bool sound(const struct ioctl_struct *s, const struct ioctl_member *m)
{
	const struct ioctl_member *pointer;
	size_t i;

	switch (m->kind) {
	case IOCTL_VALUE:
		return m->nvalues && m->size == 4 && (m->refusal.err || m->refusal.status);
	case IOCTL_FLAGS:
		return m->max && m->size == 4;
	case IOCTL_ARRAY:
		return m->element && m->size == 8;
	case IOCTL_IN:
	case IOCTL_TO:
	case IOCTL_INOUT:
	case IOCTL_CREDENTIAL:
	case IOCTL_CONTEXT:
	case IOCTL_HANDLE:
		return m->size == 8;
	case IOCTL_LEN:
	case IOCTL_COUNT:
		for (i = 0; i < s->nmembers && s->members[i].offset != m->pointer; i++)
			;
		pointer = i < s->nmembers ? &s->members[i] : NULL;
		return pointer && m->unit && m->min <= m->max && m->size == 4 &&
		       (pointer->kind == IOCTL_IN || pointer->kind == IOCTL_TO ||
			pointer->kind == IOCTL_INOUT || pointer->kind == IOCTL_ARRAY) &&
		       (pointer->kind != IOCTL_ARRAY || pointer->element->size == m->unit) &&
		       (m->max == UINT32_MAX || m->refusal.err || m->refusal.status);
	default:
		return true;
	}
}

static void check_struct(const struct ioctl_struct *s)
{
	uint32_t end = 0;
	bool whole = true, as_said = true, sane = true;
	size_t i;

	for (i = 0; i < s->nmembers; i++) {
		const struct ioctl_member *m = &s->members[i];

		whole = whole && m->offset == end;
		end = m->offset + m->size;
		if ((m->kind == IOCTL_OUT) != only_written(s->name, m->name)) {
			tap_diag("%s.%s: [out] or not?", s->name, m->name);
			as_said = false;
		}
		if (!sound(s, m)) {
			tap_diag("%s.%s: what it is contradicts itself", s->name, m->name);
			sane = false;
		}
	}
	tap_ok(whole && end == s->size, "the members of %s leave nothing out", s->name);
	tap_ok(same_members(s), "the members of %s are the header's", s->name);
	tap_ok(as_said, "those members of %s are written only of which the header says so", s->name);
	tap_ok(sane, "each member of %s makes sense", s->name);
	for (i = 0; i < s->nmembers; i++)
		if (s->members[i].element)
			check_struct(s->members[i].element);
}

static void check_desc(const struct ioctl_desc *desc)
{
	const struct ioctl_member *status = ioctl_member(desc->arg, "status");

	tap_ok(!strcmp(desc->arg->members[0].name, "size") &&
	       desc->arg->members[0].kind == IOCTL_SIZE, "%s begins with its size", desc->name);
	tap_ok(desc->least <= desc->arg->size, "%s: the least size is no more than all",
	       desc->name);
	/* The status of COMPLETE is the helper's to give, not to get. */
	if (status && status->kind == IOCTL_OUT)
		tap_is((int64_t)desc->status, status->offset, "%s returns its status", desc->name);
	else
		tap_ok(desc->status == IOCTL_NO_STATUS, "%s has no status", desc->name);
	tap_ok(ioctl_find(desc->file, desc->cmd) == desc, "%s is found by its number", desc->name);
	check_struct(desc->arg);
}

int main(void)
{
	size_t i;

	read_header();
	check_ioctls();
	for (i = 0; i < IOCTL_TABLE_SIZE; i++)
		if (tap_ok(ioctl_table[i].arg, "line %zu of the table is there", i))
			check_desc(&ioctl_table[i]);
	return tap_done();
}
