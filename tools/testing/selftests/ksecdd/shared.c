// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads of several processes that seal, unseal, ask and delete by the same handles
 * of the same open file.  Every message that was made is whole, is one of a kind and
 * has its place in the sequence; every message that was taken is what the client
 * sent, and was taken once; and a handle fails only where somebody has deleted it.
 *
 * KSECDD_SECONDS=n: how long each storm goes on.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chance.h"
#include "env.h"
#include "session.h"
#include "suite.h"

#define STORM_MS	2000
#define PROCESSES	2	/* besides ours, which has the helper */
#define THREADS		3	/* of each */
#define SLOTS		3
#define LEN_MAX		600
#define MADE_MAX	1500	/* messages that the module makes in a round */
#define LETTERS		400	/* messages that the client sends in a round */
#define ROUND_MS	150

/* A message the module made, at the place of its sequence number */
struct made {
	atomic_uint times;
	unsigned int seed;
	size_t len;
	uint8_t data[LEN_MAX];
	uint8_t token[16];
};

/* A message for the module; what it says is fill()'s with its number as seed. */
struct letter {
	size_t len;
	uint8_t data[LEN_MAX];
	uint8_t token[16];
};

/**
 * struct slot - a context that everybody uses
 * @context:  its handle
 * @doomed:   somebody is about to delete it, or has
 * @deleted:  somebody has deleted it
 * @deletes:  how often
 * @sealed:   messages that the module has made
 * @next:     the first letter that nobody has taken yet
 * @altered:  forgeries that had the right sequence number
 * @peer:     the client
 * @made:     by sequence number
 * @letters:  in the order of the sequence
 */
struct slot {
	_Atomic uint64_t context;
	atomic_bool doomed;
	atomic_bool deleted;
	atomic_uint deletes;
	atomic_uint sealed;
	atomic_uint next;
	atomic_uint altered;
	struct ntlm_peer peer;
	struct made made[MADE_MAX];
	struct letter letters[LETTERS];
};

/**
 * struct arena - what the processes share
 * @start: everybody begins a round
 * @end:   everybody has ended it
 * @stop:  there is no further round
 * @calm:  nobody deletes in this round
 * @until: when it ends
 * @seeds: the next message's
 * @wrong: processes that have seen something wrong
 * @slots: the contexts
 */
struct arena {
	pthread_barrier_t start;
	pthread_barrier_t end;
	atomic_bool stop;
	atomic_bool calm;
	_Atomic uint64_t until;
	atomic_uint seeds;
	atomic_bool wrong;
	struct slot slots[SLOTS];
};

static struct testhelper th;
static struct arena *arena;
static int fd;
static uint64_t cred;

static size_t length(unsigned int seed)
{
	return seed * 37u % LEN_MAX;
}

/* What a handle may give: invalid only if it is deleted, and then nothing else. */
static bool fair(struct slot *slot, bool deleted_before, int32_t status, int32_t other)
{
	if (status == SEC_E_INVALID_HANDLE)
		return CHECK(slot->doomed);
	if (!CHECK(!deleted_before))
		return false;
	return CHECK(status == SEC_E_OK || status == other);
}

static struct message_call by_slot(const struct slot *slot)
{
	return (struct message_call){ .cmd = KSECDD_IOC_MESSAGE, .fd = fd,
				      .context = slot->context };
}

static void keep(struct slot *slot, const uint8_t *data, const uint8_t *token, unsigned int seed)
{
	struct made *made;
	uint32_t seq;

	memcpy(&seq, token + 12, sizeof(seq));
	if (!CHECK(seq < MADE_MAX))
		return;
	made = &slot->made[seq];
	CHECK_EQ(made->times++, 0);
	made->seed = seed;
	made->len = length(seed);
	memcpy(made->data, data, made->len);
	memcpy(made->token, token, sizeof(made->token));
}

/* So that no sequence number is out of the arena, however many are at it */
static bool room(struct slot *slot, unsigned int n)
{
	if (slot->sealed + n > MADE_MAX - THREADS * (PROCESSES + 1) * KSECDD_MAX_BATCH)
		return false;
	slot->sealed += n;
	return true;
}

static void seal(struct slot *slot, struct chance *chance)
{
	const struct message_call call = by_slot(slot);
	bool deleted = slot->deleted;
	unsigned int seed = arena->seeds++;
	uint8_t data[LEN_MAX], token[16];
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, length(seed)),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};
	int32_t status;

	(void)chance;
	if (!room(slot, 1))
		return;
	fill(data, length(seed), seed);
	status = message_status(&call, KSECDD_MESSAGE_ENCRYPT, bufs, 2);
	fair(slot, deleted, status, SEC_E_OK);
	if (status == SEC_E_OK)
		keep(slot, data, token, seed);
	else
		slot->sealed--;
}

#define BATCH	3

static void seal_batch(struct slot *slot, struct chance *chance)
{
	uint8_t data[BATCH][LEN_MAX], tokens[BATCH][16];
	struct ksecdd_buffer bufs[BATCH][2];
	struct ksecdd_message msgs[BATCH];
	struct ksecdd_message_batch batch = {
		.size = sizeof(batch), .count = BATCH, .messages = (uintptr_t)msgs,
	};
	bool deleted = slot->deleted;
	unsigned int seed = atomic_fetch_add(&arena->seeds, BATCH), i;

	(void)chance;
	if (!room(slot, BATCH))
		return;
	for (i = 0; i < BATCH; i++) {
		fill(data[i], length(seed + i), seed + i);
		bufs[i][0] = buffer(SECBUFFER_DATA, data[i], length(seed + i));
		bufs[i][1] = buffer(SECBUFFER_TOKEN, tokens[i], sizeof(tokens[i]));
		msgs[i] = (struct ksecdd_message){
			.size = sizeof(msgs[i]), .status = 1, .context = slot->context,
			.op = KSECDD_MESSAGE_ENCRYPT, .nbuffers = 2,
			.buffers = (uintptr_t)bufs[i],
		};
	}
	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_MESSAGE_BATCH, &batch), 0);
	CHECK(batch.count >= 1 && batch.count <= BATCH);
	for (i = 0; i < batch.count; i++) {
		fair(slot, deleted, msgs[i].status, SEC_E_OK);
		if (msgs[i].status != SEC_E_OK)
			break;
		keep(slot, data[i], tokens[i], seed + i);
	}
	CHECK(i == BATCH || i + 1 == batch.count);
	slot->sealed -= BATCH - i;
}

/* Several try the same letter, and one of them gets it. */
static void unseal(struct slot *slot, struct chance *chance)
{
	const struct message_call call = by_slot(slot);
	bool deleted = slot->deleted;
	unsigned int number = slot->next, expected = number;
	uint8_t data[LEN_MAX], sent[LEN_MAX], token[16];
	struct ksecdd_buffer bufs[2];
	const struct letter *letter;
	int32_t status;

	(void)chance;
	if (number == LETTERS)
		return;
	letter = &slot->letters[number];
	memcpy(data, letter->data, letter->len);
	memcpy(token, letter->token, sizeof(token));
	bufs[0] = buffer(SECBUFFER_DATA, data, letter->len);
	bufs[1] = buffer(SECBUFFER_TOKEN, token, sizeof(token));
	status = message_status(&call, KSECDD_MESSAGE_DECRYPT, bufs, 2);
	fair(slot, deleted, status, SEC_E_OUT_OF_SEQUENCE);
	if (status == SEC_E_OK) {
		fill(sent, letter->len, number);
		CHECK_MEM(data, sent, letter->len);
		/* Of those who tried this one, only we got it. */
		CHECK(atomic_compare_exchange_strong(&slot->next, &expected, number + 1));
	} else {
		CHECK_MEM(data, letter->data, letter->len);
	}
}

/* Not the client's, and harms nobody */
static void forge(struct slot *slot, struct chance *chance)
{
	const struct message_call call = by_slot(slot);
	bool deleted = slot->deleted;
	uint8_t data[LEN_MAX], before[LEN_MAX], token[16] = { 1 };
	size_t len = chance_below(chance, LEN_MAX);
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, len),
		buffer(SECBUFFER_TOKEN, token, sizeof(token)),
	};
	uint32_t seq = slot->next;
	int32_t status;

	fill(data, len, chance_below(chance, UINT32_MAX));
	memcpy(before, data, len);
	memcpy(token + 12, &seq, sizeof(seq));
	status = message_status(&call, KSECDD_MESSAGE_DECRYPT, bufs, 2);
	if (status == SEC_E_OUT_OF_SEQUENCE)
		CHECK(!deleted);
	else
		fair(slot, deleted, status, SEC_E_MESSAGE_ALTERED);
	CHECK(status != SEC_E_OK);
	slot->altered += status == SEC_E_MESSAGE_ALTERED;
	CHECK_MEM(data, before, len);
}

static void ask(struct slot *slot, struct chance *chance)
{
	bool deleted = slot->deleted;
	struct ksecdd_context_info info;
	struct ksecdd_query arg = {
		.size = sizeof(arg), .context = slot->context, .attribute = KSECDD_ATTR_INFO,
		.len = sizeof(info), .buffer = (uintptr_t)&info,
	};

	(void)chance;
	CHECK_EQ(device_ioctl(fd, KSECDD_IOC_QUERY, &arg), 0);
	fair(slot, deleted, arg.status, SEC_E_OK);
	if (arg.status == SEC_E_OK) {
		CHECK_EQ(info.state, KSECDD_STATE_ESTABLISHED);
		CHECK_EQ(info.key_bits, 128);
	}
}

/* An established context takes no more tokens, which does it no harm. */
static void log_on_again(struct slot *slot, struct chance *chance)
{
	bool deleted = slot->deleted;
	struct verdict verdict = verdict_fail(SEC_E_LOGON_DENIED);
	struct ksecdd_accept accept = {};

	(void)chance;
	CHECK_EQ(device_accept(fd, cred, slot->context, &verdict, &accept), 0);
	CHECK(accept.status != SEC_E_OK);
	fair(slot, deleted, accept.status, SEC_E_INVALID_TOKEN);
}

static void delete(struct slot *slot, struct chance *chance)
{
	int32_t status;

	if (arena->calm || !chance_one_in(chance, 20))
		return;
	slot->doomed = true;
	status = device_destroy(fd, slot->context, KSECDD_OBJECT_CONTEXT);
	if (status == SEC_E_OK) {
		slot->deleted = true;
		slot->deletes++;
	} else {
		CHECK_STATUS(status, SEC_E_INVALID_HANDLE);
	}
}

static void *work(void *arg)
{
	static void (*const acts[])(struct slot *slot, struct chance *chance) = {
		seal, seal, seal, seal_batch, unseal, unseal, unseal, unseal, forge, ask,
		log_on_again, delete,
	};
	struct chance chance = *(struct chance *)arg;

	for (;;) {
		pthread_barrier_wait(&arena->start);
		if (arena->stop)
			return NULL;
		while (suite_now_ms() < arena->until && !arena->wrong) {
			acts[chance_below(&chance, ARRAY_SIZE(acts))]
				(&arena->slots[chance_below(&chance, SLOTS)], &chance);
			if (suite_failed())
				arena->wrong = true;
		}
		pthread_barrier_wait(&arena->end);
	}
}

static void start_threads(pthread_t threads[THREADS], unsigned int process)
{
	static struct chance chances[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		chance_init(&chances[i], process * THREADS + i);
		REQUIRE_EQ(pthread_create(&threads[i], NULL, work, &chances[i]), 0);
	}
}

static void join_threads(pthread_t threads[THREADS])
{
	unsigned int i;

	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void run_process(void *number)
{
	pthread_t threads[THREADS];

	start_threads(threads, *(unsigned int *)number);
	join_threads(threads);
}

static void fresh(struct slot *slot, unsigned int round)
{
	struct ntlm_piece piece = { .seal = true };
	struct verdict verdict;
	uint8_t key[16];
	unsigned int i;

	memset(slot, 0, sizeof(*slot));
	fill(key, sizeof(key), round);
	verdict = verdict_ok(TEST_SEAL_FLAGS, key);
	ntlm_peer_init(&slot->peer, TEST_SEAL_FLAGS, key);
	for (i = 0; i < LETTERS; i++) {
		piece.len = slot->letters[i].len = length(i);
		piece.data = slot->letters[i].data;
		fill(piece.data, piece.len, i);
		ntlm_peer_protect(&slot->peer, &piece, 1, slot->letters[i].token);
	}
	slot->context = device_establish(fd, cred, &verdict);
}

static unsigned int check_made(struct slot *slot)
{
	struct ntlm_piece piece = { .seal = true };
	uint8_t text[LEN_MAX];
	unsigned int seq;

	for (seq = 0; seq < slot->sealed; seq++) {
		struct made *made = &slot->made[seq];

		if (!CHECK_EQ(made->times, 1))
			return seq;
		piece.data = made->data;
		piece.len = made->len;
		if (!CHECK(ntlm_peer_accept(&slot->peer, &piece, 1, made->token)))
			return seq;
		fill(text, made->len, made->seed);
		CHECK_MEM(made->data, text, made->len);
	}
	return seq;
}

/* Counted over all rounds, for the reader */
static struct {
	unsigned int rounds, sealed, unsealed, altered, deleted;
} sum;

static void check_slot(struct slot *slot)
{
	struct chance unused;
	unsigned int next;

	sum.sealed += check_made(slot);
	if (!slot->deleted) {
		/* It still works, both ways, where it is. */
		next = slot->next;
		unseal(slot, &unused);
		CHECK(next == LETTERS || slot->next == next + 1);
		CHECK_STATUS(device_destroy(fd, slot->context, KSECDD_OBJECT_CONTEXT), SEC_E_OK);
		slot->doomed = slot->deleted = true;
	} else {
		CHECK_EQ(slot->deletes, 1);
		sum.deleted++;
	}
	ask(slot, &unused);
	sum.unsealed += slot->next;
	sum.altered += slot->altered;
}

/* Has everything happened that is to, in one round or another? */
static bool seen_all(bool calm)
{
	return sum.sealed && sum.unsealed && sum.altered && (calm || sum.deleted);
}

static void run_rounds(bool calm)
{
	uint64_t deadline = chance_deadline(STORM_MS);
	unsigned int i;

	memset(&sum, 0, sizeof(sum));
	arena->calm = calm;
	while (!suite_failed() && !arena->wrong &&
	       (!seen_all(calm) || suite_now_ms() < deadline)) {
		for (i = 0; i < SLOTS; i++)
			fresh(&arena->slots[i], sum.rounds * SLOTS + i);
		arena->until = suite_now_ms() + ROUND_MS;
		pthread_barrier_wait(&arena->start);
		pthread_barrier_wait(&arena->end);
		for (i = 0; i < SLOTS && !arena->wrong; i++)
			check_slot(&arena->slots[i]);
		sum.rounds++;
	}
	arena->stop = true;
	pthread_barrier_wait(&arena->start);
	suite_note("%u rounds, %u messages made, %u taken, %u forged, %u contexts deleted",
		   sum.rounds, sum.sealed, sum.unsealed, sum.altered, sum.deleted);
	CHECK(!calm || !sum.deleted);
}

static void begin_barrier(pthread_barrier_t *barrier)
{
	pthread_barrierattr_t attr;

	pthread_barrierattr_init(&attr);
	REQUIRE_EQ(pthread_barrierattr_setpshared(&attr, PTHREAD_PROCESS_SHARED), 0);
	/* The threads, and whoever runs the rounds */
	REQUIRE_EQ(pthread_barrier_init(barrier, &attr, (PROCESSES + 1) * THREADS + 1), 0);
	pthread_barrierattr_destroy(&attr);
}

static void storm(bool calm)
{
	struct family_status before;
	pthread_t threads[THREADS];
	unsigned int numbers[PROCESSES], i;
	pid_t pids[PROCESSES];

	testhelper_start(&th);
	before = status_now();
	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	REQUIRE(arena != MAP_FAILED);
	begin_barrier(&arena->start);
	begin_barrier(&arena->end);
	chance_seed();
	for (i = 0; i < PROCESSES; i++) {
		numbers[i] = i + 1;
		pids[i] = suite_fork(run_process, &numbers[i]);
	}
	start_threads(threads, 0);
	run_rounds(calm);
	join_threads(threads);
	for (i = 0; i < PROCESSES; i++)
		suite_join(pids[i]);
	munmap(arena, sizeof(*arena));
	check_gauges(&before);
	testhelper_stop(&th);
}

static void nobody_deletes(void)
{
	storm(true);
}

static void everybody_deletes(void)
{
	storm(false);
}

static const struct suite_test tests[] = {
	{ .name = "messages on the same handles", .run = nobody_deletes, .seconds = 900 },
	{ .name = "and whoever likes deletes them", .run = everybody_deletes, .seconds = 900 },
};

int main(void)
{
	testhelper_isolate();
	fd = device_open();
	cred = device_acquire(fd);
	return suite_run(tests, ARRAY_SIZE(tests));
}
