// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Programs of the module's fuzzer: their texts, and that chance depends on the seed
 * alone.  A program that cannot be written down exactly is one that nobody can run
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/testing/fuzz/kernel/corpus.h"
#include "tools/testing/fuzz/kernel/mutate.h"
#include "tools/testing/selftests/ksecdd/ioctl_table.h"
#include "tools/testing/tap/tap.h"

#define PROGRAMS	1500
#define CORPUS		"tools/testing/fuzz/corpus/"

static const char *const folders[TARGETS] = { CORPUS "ioctl", CORPUS "replies" };

static struct corpus corpus;

static uint64_t hash(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 0x100000001b3;
	return h;
}

static bool parse(struct program *p, const char *text, char *error, size_t size)
{
	unsigned int line = 1;

	return program_parse(p, &text, &line, error, size) && !text;
}

/* Whether a text is that of a program which has just this text */
static bool survives(const char *text)
{
	struct program p = {};
	char error[128], *again;
	bool same;

	if (!parse(&p, text, error, sizeof(error))) {
		tap_diag("%s", error);
		return false;
	}
	again = program_print(&p);
	same = !strcmp(again, text);
	if (!same)
		tap_diag("%s\nis printed as\n%s", text, again);
	free(again);
	program_clear(&p);
	return same;
}

/* The programs of a seed: their digest; each call of them is counted. */
static uint64_t make(enum target target, uint64_t seed, size_t *counts, bool *ok)
{
	uint64_t digest = 0xcbf29ce484222325, n;
	struct program p = {};
	struct rng rng;
	char *text;
	size_t i;

	for (n = 0; n < PROGRAMS; n++) {
		rng = rng_for(seed, n);
		program_copy(&p, corpus_pick(&corpus, &rng));
		mutate(&rng, target, &p, corpus_pick(&corpus, &rng));
		for (i = 0; i < p.n; i++)
			counts[p.calls[i].desc - call_at(0)]++;
		text = program_print(&p);
		digest = hash(digest, text);
		if (*ok && !survives(text))
			*ok = false;
		free(text);
	}
	program_clear(&p);
	return digest;
}

static void test_seeds(enum target target)
{
	size_t *counts = xalloc(call_count() * sizeof(*counts)), i;
	uint64_t first, again, other;
	bool ok = true, all = true;

	first = make(target, 1, counts, &ok);
	again = make(target, 1, counts, &ok);
	other = make(target, 2, counts, &ok);
	tap_ok(ok, "%s: every program can be written down", folders[target]);
	tap_ok(first == again, "%s: the same seed makes the same programs", folders[target]);
	tap_ok(first != other, "%s: another seed makes others", folders[target]);
	for (i = 0; i < call_count(); i++) {
		if (counts[i] || !call_at(i)->weight[target])
			continue;
		tap_diag("%s is never called", call_at(i)->name);
		all = false;
	}
	tap_ok(all, "%s: every call is made", folders[target]);
	free(counts);
}

/* A new ioctl has to be in the corpus, or it would take long to be reached. */
static void test_corpus(void)
{
	bool ok = true, missing = false, *used = xalloc(call_count() * sizeof(*used));
	size_t i, j;
	char *text;

	for (i = 0; i < corpus.n; i++) {
		text = program_print(corpus.programs[i]);
		ok = survives(text) && ok;
		free(text);
		for (j = 0; j < corpus.programs[i]->n; j++)
			used[corpus.programs[i]->calls[j].desc - call_at(0)] = true;
	}
	tap_ok(corpus.n && ok, "the %zu programs of the corpus can be written down", corpus.n);
	for (i = 0; i < call_count(); i++) {
		if (used[i])
			continue;
		tap_diag("no program of the corpus calls %s", call_at(i)->name);
		missing = true;
	}
	tap_ok(!missing, "every call is in a program of the corpus");
	free(used);
}

static void test_table(void)
{
	const struct ioctl_struct *s;
	size_t i, j, found = 0;
	bool ok = true;

	for (i = 0; i < call_count(); i++) {
		if (!call_at(i)->ioctl)
			continue;
		found++;
		s = call_at(i)->ioctl->arg;
		for (j = 0; j < s->nmembers; j++)
			ok &= arg_find(&call_at(i)->shape, s->members[j].name,
				       strlen(s->members[j].name)) < call_at(i)->shape.nargs;
	}
	tap_is((int64_t)found, IOCTL_TABLE_SIZE, "every ioctl is a call");
	tap_ok(ok, "every member of its struct is an argument");
}

static void test_wrong(void)
{
	static const char *const wrong[] = {
		"nothing", "open file", "open file=", "open file=c0", "open file=d4", "open file=7",
		"open flags=x", "open\nopen nofile=d0", "accept token=00", "accept token=h:0",
		"accept token=h:00@here", "accept token=f:3", "accept token=h:00@cut",
		"message buffers=[", "message buffers=[len=1", "message buffers=[size=1]",
		"message context=d0", "accept new_context=5", "open } file=d0", "acquire size=1x",
	};
	struct program p = {};
	char error[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		error[0] = '\0';
		tap_ok(!parse(&p, wrong[i], error, sizeof(error)) && !p.n &&
		       strstr(error, strchr(wrong[i], '\n') ? "line 2: " : "line 1: "),
		       "wrong text %zu: %s", i + 1, error);
	}
}

int main(void)
{
	unsigned int i;

	calls_init();
	for (i = 0; i < TARGETS; i++)
		corpus_load(&corpus, folders[i]);
	test_table();
	test_corpus();
	for (i = 0; i < TARGETS; i++)
		test_seeds((enum target)i);
	test_wrong();
	return tap_done();
}
