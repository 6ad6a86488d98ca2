// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fuzzer of the module: makes up programs of calls, keeps those that reach
 * code which no other has reached, and goes on from there.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/testing/selftests/ksecdd/testhelper.h"
#include "tools/testing/tap/tap.h"

#include "corpus.h"
#include "log.h"
#include "mutate.h"
#include "oracle.h"
#include "param.h"
#include "run.h"

#define PROGRESS_MS	5000

/* So many programs between two logons that have to work */
#define LOGON_EVERY	500

/* Programs that are made at a time; what one of them finds is for those after them. */
#define BATCH		16

/* Places that one program covers, each as often as it was passed */
#define MAX_PLACES	((size_t)1 << 18)

static const char *const target_names[TARGETS] = {
	[TARGET_IOCTL] = "ioctl", [TARGET_REPLIES] = "replies",
};

static struct options {
	enum target target;
	uint64_t seed;
	uint64_t runs;
	uint64_t seconds;
	const char *out;
	const char *corpus[8];
	size_t ncorpus;
	const char *distil;
	bool replay;
	bool steady;
	uint64_t repeat;
	size_t least;
} opt = { .seed = 1, .repeat = 1 };

static const char usage[] =
"usage: fuzz-calls [options] --out FOLDER\n"
"       fuzz-calls --replay FILE...\n"
"\n"
"Makes up calls to the module and sees that it says what it may say, leaves nothing\n"
"behind, and stays alive. Runs as root in the test guest; with KCOV it keeps what\n"
"reaches new code.\n"
"\n"
"  --target ioctl|replies   callers or the helper (default: ioctl)\n"
"  --seed N                 the same seed makes the same programs (default: 1)\n"
"  --runs N                 as many programs (default: as long as --seconds says)\n"
"  --seconds N              as long; 0: until it is ended (default: 60)\n"
"  --steady                 what is found is not built upon, so that the programs\n"
"                           depend on nothing but the seed and the corpus\n"
"  --corpus FOLDER          programs to begin with; may be given several times\n"
"  --out FOLDER             for failed.txt, the last programs that were run, what was\n"
"                           reached, and below corpus/ what is worth keeping\n"
"  --distil FILE            only run the corpus, and write to FILE the fewest of its\n"
"                           programs, those of FILE included, that reach all it reaches\n"
"  --least N                fail if fewer places of the module are reached\n"
"  --replay FILE...         only run these programs, one after the other\n"
"  --repeat N               so many times\n";

static struct world world;
static struct corpus corpus;
static struct cover cover;
static bool have_kcov;
static uint32_t places[MAX_PLACES];
static size_t nplaces;
static uint64_t runs, digest = 0xcbf29ce484222325;
static volatile sig_atomic_t stop;

static void hash_text(const char *text)
{
	for (; *text; text++)
		digest = (digest ^ (uint8_t)*text) * 0x100000001b3;
}

/* What the program has covered goes to @places. */
static void run_once(const struct program *p)
{
	size_t i;

	runs++;
	world_run(&world, p);
	nplaces = kcov_list(&world.cover, places, 0, MAX_PLACES);
	nplaces = kcov_list(&world.child_cover, places, nplaces, MAX_PLACES);
	for (i = 0; i < WAITERS; i++)
		nplaces = kcov_list(&world.waiters[i].cover, places, nplaces, MAX_PLACES);
}

/* Takes out of a program what is not needed for @keeps() to be true. */
static void minimize(struct program *p, bool (*keeps)(const void *data), const void *data)
{
	struct program less = {};
	size_t i;

	for (i = p->n; i-- > 0 && !stop;) {
		program_copy(&less, p);
		program_remove(&less, i);
		if (!less.n)
			break;
		run_once(&less);
		if (keeps(data))
			program_copy(p, &less);
	}
	program_clear(&less);
}

static bool fails_alike(const void *data)
{
	return !strcmp(world.failure, data);
}

/* Whether the run has covered all the places that are to be kept */
static bool covers(const void *data)
{
	static struct cover now;
	const uint32_t *wanted = data;
	uint32_t i;

	memset(&now, 0, sizeof(now));
	cover_add(&now, places, nplaces);
	for (i = 0; i < wanted[0]; i++)
		if (!cover_has(&now, wanted[1 + i]))
			return false;
	return !world.failure[0];
}

static bool report_failure(const struct program *p)
{
	struct program small = {};
	char why[sizeof(world.failure)], path[4096], comment[512], *text;

	strcpy(why, world.failure);
	program_copy(&small, p);
	minimize(&small, fails_alike, why);
	snprintf(path, sizeof(path), "%s/failed.txt", opt.out);
	snprintf(comment, sizeof(comment), "# %s\n# target %s, seed %" PRIu64 "\n", why,
		 target_names[opt.target], opt.seed);
	program_save(&small, path, comment);
	text = program_print(&small);
	tap_ok(false, "%s", why);
	tap_diag("%s does it:", path);
	printf("%s", text);
	tap_diag("to run it again: fuzz-calls --replay %s", path);
	free(text);
	program_clear(&small);
	return false;
}

/* Keeps a program if it reaches new code, and does so each time. */
static void judge(const struct program *p)
{
	static uint32_t wanted[1 + 4096];
	struct program small = {};
	char *text;
	size_t i;

	wanted[0] = 0;
	for (i = 0; i < nplaces && wanted[0] < ARRAY_SIZE(wanted) - 1; i++) {
		if (cover_has(&cover, places[i]))
			continue;
		cover_add(&cover, &places[i], 1);
		wanted[++wanted[0]] = places[i];
	}
	if (!wanted[0] || opt.steady)
		return;
	text = program_print(p);
	log_programs(&text, 1);
	free(text);
	run_once(p);
	if (!covers(wanted))
		return;
	program_copy(&small, p);
	minimize(&small, covers, wanted);
	corpus_add(&corpus, &small);
	program_clear(&small);
}

static void progress(uint64_t start)
{
	static uint64_t last;
	uint64_t now = now_ms();

	if (!last)
		last = start;
	if (now - last < PROGRESS_MS)
		return;
	last = now;
	tap_diag("%" PRIu64 " s: %" PRIu64 " programs, %" PRIu64 " calls, %zu places, "
		 "%zu in the corpus", (now - start) / 1000, runs, world.calls, cover.n, corpus.n);
}

static bool go_on(uint64_t start, uint64_t made)
{
	if (stop)
		return false;
	if (opt.runs)
		return made < opt.runs;
	return !opt.seconds || now_ms() - start < opt.seconds * 1000;
}

static void make(struct program *p, uint64_t number)
{
	struct rng rng = rng_for(opt.seed, number);

	if (number < corpus.loaded) {
		program_copy(p, corpus.programs[number]);
		return;
	}
	program_copy(p, corpus_pick(&corpus, &rng));
	mutate(&rng, opt.target, p, corpus_pick(&corpus, &rng));
}

/* Programs from @first on, noted where they survive what they do */
static size_t make_batch(struct program *batch, uint64_t first)
{
	char *texts[BATCH];
	size_t n, i;

	for (n = 0; n < BATCH && (!opt.runs || first + n < opt.runs); n++) {
		make(&batch[n], first + n);
		texts[n] = program_print(&batch[n]);
		hash_text(texts[n]);
	}
	log_programs(texts, n);
	for (i = 0; i < n; i++)
		free(texts[i]);
	return n;
}

static bool fuzz_one(const struct program *p)
{
	run_once(p);
	if (world.failure[0])
		return report_failure(p);
	judge(p);
	return true;
}

static bool fuzz(void)
{
	static struct program batch[BATCH];
	uint64_t start = now_ms(), made = 0;
	bool ok = true;
	size_t n, i;

	while (ok && go_on(start, made)) {
		n = make_batch(batch, made);
		for (i = 0; ok && i < n && go_on(start, made); i++, made++) {
			ok = fuzz_one(&batch[i]);
			if (ok && made % LOGON_EVERY == LOGON_EVERY - 1)
				ok = oracle_logon(&world);
			progress(start);
		}
	}
	for (i = 0; i < BATCH; i++)
		program_clear(&batch[i]);
	tap_diag("%" PRIu64 " programs, %" PRIu64 " runs, %" PRIu64 " calls, %" PRIu64
		 " s, seed %" PRIu64 ", programs' digest %016" PRIx64, made, runs, world.calls,
		 (now_ms() - start) / 1000, opt.seed, digest);
	tap_ok(ok, "calls return what they may return and leave nothing behind");
	return ok;
}

/* A program of the corpus, what it reaches, and how long its text is */
struct candidate {
	const struct program *program;
	struct cover cover;
	char *text;
};

static size_t count_new(const struct candidate *c, const struct cover *sum)
{
	size_t i, n = 0;

	for (i = 0; i < sizeof(sum->bits); i++)
		n += (size_t)__builtin_popcount(c->cover.bits[i] & ~sum->bits[i]);
	return n;
}

/*
 * The one that reaches most that is new goes first; of several, the shortest.  What
 * is written by hand is in files of its own, and counts as reached already.
 */
static void distil(void)
{
	struct candidate *c = xalloc(corpus.n * sizeof(*c)), *best;
	size_t i, j, n = 0, most, count;
	FILE *f;

	for (i = 0; i < corpus.n && !stop; i++) {
		c[i].program = corpus.programs[i];
		c[i].text = program_print(c[i].program);
		run_once(c[i].program);
		cover_add(&c[i].cover, places, nplaces);
	}
	f = fopen(opt.distil, "we");
	for (; f;) {
		best = NULL;
		for (i = 0, most = 0; i < corpus.n; i++) {
			count = count_new(&c[i], &cover);
			if (count > most || (count && count == most &&
					     strlen(c[i].text) < strlen(best->text))) {
				most = count;
				best = &c[i];
			}
		}
		if (!best)
			break;
		for (j = 0; j < sizeof(cover.bits); j++)
			cover.bits[j] |= best->cover.bits[j];
		cover.n += most;
		fprintf(f, "%s%s", n++ ? "---\n" : "", best->text);
	}
	tap_ok(f && !fclose(f), "%zu of %zu programs reach %zu places", n, corpus.n, cover.n);
}

static void write_cover(void)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cover.txt", opt.out);
	f = fopen(path, "we");
	if (!f || !cover_write(&cover, f))
		perror(path);
	if (f)
		fclose(f);
}

static void replay(char **files)
{
	bool ok = true;
	uint64_t i;
	size_t j;

	for (; *files; files++)
		corpus_load_file(&corpus, *files);
	for (i = 0; i < opt.repeat && ok; i++) {
		for (j = 0; j < corpus.n && ok; j++) {
			run_once(corpus.programs[j]);
			cover_add(&cover, places, nplaces);
			ok = !world.failure[0];
			if (!ok)
				tap_diag("program %zu: %s", j + 1, world.failure);
		}
	}
	tap_ok(ok, "the programs do nothing that is wrong");
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (*end || !*text) {
		fprintf(stderr, "fuzz-calls: '%s' is no number\n", text);
		exit(2);
	}
	return n;
}

static enum target find_target(const char *name)
{
	unsigned int i;

	for (i = 0; i < TARGETS; i++)
		if (!strcmp(name, target_names[i]))
			return (enum target)i;
	fprintf(stderr, "fuzz-calls: there is no target '%s'; say ioctl or replies\n", name);
	exit(2);
}

static void parse_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "target", required_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "runs", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 'x' },
		{ "steady", no_argument, NULL, 'y' },
		{ "corpus", required_argument, NULL, 'c' },
		{ "out", required_argument, NULL, 'o' },
		{ "distil", required_argument, NULL, 'd' },
		{ "least", required_argument, NULL, 'l' },
		{ "replay", no_argument, NULL, 'r' },
		{ "repeat", required_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool timed = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 't':
			opt.target = find_target(optarg);
			break;
		case 's':
			opt.seed = number(optarg);
			break;
		case 'n':
			opt.runs = number(optarg);
			break;
		case 'x':
			opt.seconds = number(optarg);
			timed = true;
			break;
		case 'y':
			opt.steady = true;
			break;
		case 'c':
			if (opt.ncorpus < ARRAY_SIZE(opt.corpus))
				opt.corpus[opt.ncorpus++] = optarg;
			break;
		case 'o':
			opt.out = optarg;
			break;
		case 'd':
			opt.distil = optarg;
			break;
		case 'l':
			opt.least = number(optarg);
			break;
		case 'r':
			opt.replay = true;
			break;
		case 'R':
			opt.repeat = number(optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (!timed)
		opt.seconds = 60;
	if (!opt.out)
		opt.out = opt.replay ? "/tmp" : NULL;
	if (!opt.out || opt.replay != (optind < argc)) {
		fputs(usage, stderr);
		exit(2);
	}
}

static void end_it(int sig)
{
	(void)sig;
	stop = 1;
}

/* A folder for what is found, below one for everything else */
static const char *make_folders(const char *out)
{
	static char path[4096];
	size_t len = strlen(out), i;

	snprintf(path, sizeof(path), "%s/corpus", out);
	for (i = 1; i <= len; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		mkdir(path, 0755);
		path[i] = '/';
	}
	mkdir(path, 0755);
	return path;
}

static void begin(void)
{
	const struct rlimit files = { 1024, 1024 };
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, end_it);
	signal(SIGTERM, end_it);
	setrlimit(RLIMIT_NOFILE, &files);
	/* ksecd serves the other namespaces meanwhile. */
	testhelper_isolate();
	calls_init();
	for (i = 0; i < opt.ncorpus; i++)
		corpus_load(&corpus, opt.corpus[i]);
	if (!opt.replay) {
		corpus.out = make_folders(opt.out);
		log_init(opt.out);
	}
	have_kcov = kcov_init();
	world_init(&world);
}

int main(int argc, char **argv)
{
	parse_options(argc, argv);
	begin();
	if (!have_kcov)
		tap_diag("no KCOV here: nothing is known of what is reached");
	if (opt.replay) {
		replay(argv + optind);
	} else if (opt.distil) {
		distil();
	} else {
		fuzz();
		tap_ok(oracle_logon(&world), "a logon works afterwards");
		if (have_kcov)
			tap_ok(cover.n >= opt.least, "%zu places of the module are reached",
			       cover.n);
	}
	if (have_kcov)
		write_cover();
	params_end();
	return tap_done();
}
