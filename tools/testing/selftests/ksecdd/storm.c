// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Many at once: threads of several processes log in through the real ksecd and
 * seal messages, while others delete their contexts, close their devices, list
 * the contexts and kill ksecd.  Nobody gets a status that is not named for what
 * was done to him, and in the end there is as much of everything as there was.
 *
 * KSECDD_SECONDS=n: how long each storm goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "chance.h"
#include "env.h"
#include "ntlm_peer.h"
#include "suite.h"
#include "tools/testing/unit/ntlm/client.h"

#define PROCESSES	4
#define THREADS		8
#define LOGONS		12	/* of each thread */
#define MESSAGES	4	/* each way, of each logon */
#define SECONDS		45	/* after that, no new logons are begun */
#define KILLS		3	/* of ksecd, at least */

/*
 * A logon that takes so long has been forgotten: on no machine are so few of them so
 * slow.
 */
#define FORGOTTEN_MS	120000

/* What may be done to the workers meanwhile, and what they may therefore see */
struct weather {
	bool deletes;		/* contexts: SEC_E_INVALID_HANDLE */
	bool closes;		/* devices: ENOTTY */
	bool kills;		/* ksecd: INTERNAL_ERROR, NO_AUTHENTICATING_AUTHORITY */
	bool reaps;		/* as deletes, and maybe nobody is fast enough */
};

static const struct weather *weather;
static uint64_t deadline;
static struct chance chance;

/**
 * struct tally - what all processes share
 * @running: processes that are not done yet
 * @served:  logons that succeeded
 */
static struct tally {
	atomic_uint running;
	atomic_uint served;
} *tally;

/* The tests' client uses static buffers. */
static pthread_mutex_t client_lock = PTHREAD_MUTEX_INITIALIZER;

/**
 * struct service - what the threads of a process share
 * @fd:      the device they should use
 * @handles: contexts that somebody may delete, 0 - none
 * @stop:    the workers have ended
 * @served:  logons that succeeded
 */
static struct service {
	atomic_int fd;
	_Atomic uint64_t handles[THREADS];
	atomic_bool stop;
	atomic_uint served;
} service;

/**
 * struct worker - one thread that logs in
 * @number: which
 * @fd:     the device it uses
 * @cred:   its credential
 * @context: its context
 * @client: its client
 * @negotiate: NEGOTIATE_MESSAGE
 * @challenge: CHALLENGE_MESSAGE
 * @authenticate: AUTHENTICATE_MESSAGE
 * @peer:   the client after the logon
 */
struct worker {
	unsigned int number;
	int fd;
	uint64_t cred;
	uint64_t context;
	struct client client;
	struct bytes negotiate, challenge, authenticate;
	struct ntlm_peer peer;
};

/* Whether what a call returned is what one expects in this weather */
static bool fair(int err, int32_t status)
{
	if (err)
		return err == -ENOTTY && weather->closes;
	switch (status) {
	case SEC_E_OK:
	case SEC_I_CONTINUE_NEEDED:
		return true;
	case SEC_E_INVALID_HANDLE:
		return weather->deletes || weather->reaps;
	case SEC_E_INTERNAL_ERROR:
	case SEC_E_NO_AUTHENTICATING_AUTHORITY:
		return weather->kills;
	}
	return false;
}

/* @status is read here, so that the ioctl may be a call in the list of arguments. */
static bool check_fair(const char *what, int err, const int32_t *status)
{
	if (!fair(err, *status)) {
		suite_fail(__FILE__, __LINE__, "%s: %s, status %#010x", what, strerror(-err),
			   (unsigned int)*status);
		return false;
	}
	return !err && *status >= 0;
}

static int32_t step(struct worker *w, const struct bytes *token, struct bytes *answer)
{
	struct ksecdd_accept arg = {
		.size = sizeof(arg),
		.credential = w->cred,
		.context = w->context,
		.req_flags = ASC_REQ_CONFIDENTIALITY,
		.target_drep = SECURITY_NATIVE_DREP,
		.token = (uintptr_t)token->data,
		.token_len = (uint32_t)token->len,
		.out = (uintptr_t)answer->data,
		.out_len = sizeof(answer->data),
	};
	int err = device_ioctl(w->fd, KSECDD_IOC_ACCEPT, &arg);

	if (!check_fair("ACCEPT", err, &arg.status))
		return arg.status < 0 ? arg.status : SEC_E_INTERNAL_ERROR;
	answer->len = arg.out_len;
	w->context = arg.new_context;
	return arg.status;
}

static bool log_in(struct worker *w)
{
	static struct bytes nothing[THREADS];
	int32_t status;

	client_init(&w->client);
	w->context = 0;
	pthread_mutex_lock(&client_lock);
	client_negotiate(&w->client, &w->negotiate);
	pthread_mutex_unlock(&client_lock);
	if (step(w, &w->negotiate, &w->challenge) != SEC_I_CONTINUE_NEEDED)
		return false;
	/* From here on it may be deleted. */
	service.handles[w->number] = w->context;
	pthread_mutex_lock(&client_lock);
	client_authenticate(&w->client, &w->negotiate, &w->challenge, &w->authenticate);
	pthread_mutex_unlock(&client_lock);
	status = step(w, &w->authenticate, &nothing[w->number]);
	if (status != SEC_E_OK)
		return false;
	ntlm_peer_init(&w->peer, w->client.flags, w->client.exported_key);
	service.served++;
	tally->served++;
	return true;
}

static bool seal(struct worker *w, unsigned int i)
{
	struct message_call call = { .cmd = KSECDD_IOC_MESSAGE, .fd = w->fd,
				     .context = w->context };
	uint8_t text[64], data[64], sig[16] = {};
	struct ntlm_piece piece = { data, sizeof(data), true };
	struct ksecdd_buffer bufs[] = {
		buffer(SECBUFFER_DATA, data, sizeof(data)),
		buffer(SECBUFFER_TOKEN, sig, sizeof(sig)),
	};
	struct ksecdd_message msg = {};

	memset(text, (int)(w->number * 16 + i), sizeof(text));
	memcpy(data, text, sizeof(data));
	if (!check_fair("ENCRYPT", message_call(&call, KSECDD_MESSAGE_ENCRYPT, bufs, 2, &msg),
			&msg.status))
		return false;
	CHECK(ntlm_peer_accept(&w->peer, &piece, 1, sig));
	CHECK_MEM(data, text, sizeof(data));
	ntlm_peer_protect(&w->peer, &piece, 1, sig);
	msg = (struct ksecdd_message){};
	if (!check_fair("DECRYPT", message_call(&call, KSECDD_MESSAGE_DECRYPT, bufs, 2, &msg),
			&msg.status))
		return false;
	CHECK_MEM(data, text, sizeof(data));
	return true;
}

static bool get_cred(struct worker *w)
{
	struct ksecdd_acquire arg = {
		.size = sizeof(arg), .package = KSECDD_PACKAGE_NTLM, .use = SECPKG_CRED_INBOUND,
	};

	w->fd = service.fd;
	if (!check_fair("ACQUIRE", device_ioctl(w->fd, KSECDD_IOC_ACQUIRE, &arg), &arg.status))
		return false;
	w->cred = arg.handle;
	return true;
}

static void let_go(struct worker *w, unsigned int i)
{
	struct ksecdd_destroy arg = { .size = sizeof(arg), .handle = w->context,
				      .type = KSECDD_OBJECT_CONTEXT };

	/* Some are left to whoever deletes or closes. */
	if (w->context && i % 3)
		check_fair("DESTROY", device_ioctl(w->fd, KSECDD_IOC_DESTROY, &arg), &arg.status);
	arg.handle = w->cred;
	arg.type = KSECDD_OBJECT_CREDENTIAL;
	check_fair("DESTROY", device_ioctl(w->fd, KSECDD_IOC_DESTROY, &arg), &arg.status);
}

static void *work(void *arg)
{
	unsigned int i, j, n = chance_long() ? UINT_MAX : suite_count(LOGONS);
	struct worker *w = arg;

	for (i = 0; i < n && suite_now_ms() < deadline && !suite_failed(); i++) {
		if (!get_cred(w))
			continue;
		if (log_in(w))
			for (j = 0; j < MESSAGES && seal(w, j); j++)
				;
		let_go(w, i);
	}
	return NULL;
}

static void doze(unsigned int ms)
{
	const struct timespec t = { .tv_nsec = (long)ms * 1000000 };

	nanosleep(&t, NULL);
}

/* There may be no such context any more. */
static void delete_quietly(int fd, uint64_t handle)
{
	struct ksecdd_destroy arg = { .size = sizeof(arg), .handle = handle,
				      .type = KSECDD_OBJECT_CONTEXT };

	check_fair("DESTROY", device_ioctl(fd, KSECDD_IOC_DESTROY, &arg), &arg.status);
}

/* Deletes what somebody else is at work on; every other one gets through. */
static void *delete_contexts(void *unused)
{
	unsigned int i = 0;
	uint64_t handle;

	(void)unused;
	while (!service.stop) {
		handle = service.handles[i++ % THREADS];
		if (handle >> 32 & 1)
			delete_quietly(service.fd, handle);
		doze(3);
	}
	return NULL;
}

/*
 * Closes the device under the others.  Its number becomes that of another file at
 * the same time, so that nobody takes the next device for it.
 */
static void *close_devices(void *unused)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), old, olds[64];
	unsigned int n = 0, i, served = 0;

	(void)unused;
	while (!service.stop && n < ARRAY_SIZE(olds)) {
		/*
		 * However slow they are, somebody gets through before every other one; they
		 * end by themselves when nobody does.
		 */
		for (i = 0; service.served == served && !service.stop && (n % 2 == 0 || i < 50); i++)
			doze(10);
		doze(20);
		served = service.served;
		old = service.fd;
		service.fd = device_open();
		dup3(null, old, O_CLOEXEC);
		olds[n++] = old;
	}
	while (!service.stop)
		doze(20);
	for (i = 0; i < n; i++)
		close(olds[i]);
	close(null);
	return NULL;
}

static int see_context(void *data, const struct family_context *context)
{
	unsigned int *wrong = data;

	*wrong += context->package != KSECDD_PACKAGE_NTLM;
	return 0;
}

static void *list_contexts(void *unused)
{
	struct family family = {};
	unsigned int wrong = 0;
	int err;

	(void)unused;
	REQUIRE_EQ(family_open(&family), 0);
	while (!service.stop) {
		err = family_contexts(&family, see_context, &wrong);
		CHECK(!err || err == -EINTR);
		doze(10);
	}
	CHECK_EQ(wrong, 0);
	family_close(&family);
	return NULL;
}

static void run_service(void *unused)
{
	static struct worker workers[THREADS];
	pthread_t threads[THREADS], others[3];
	unsigned int i, n = 0;

	(void)unused;
	service.fd = device_open();
	for (i = 0; i < THREADS; i++) {
		workers[i].number = i;
		REQUIRE_EQ(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	REQUIRE_EQ(pthread_create(&others[n++], NULL, list_contexts, NULL), 0);
	if (weather->deletes)
		REQUIRE_EQ(pthread_create(&others[n++], NULL, delete_contexts, NULL), 0);
	if (weather->closes)
		REQUIRE_EQ(pthread_create(&others[n++], NULL, close_devices, NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	service.stop = true;
	for (i = 0; i < n; i++)
		pthread_join(others[i], NULL);
	/* Whose ksecd is killed again and again may well be out of luck all the time. */
	CHECK(service.served > 0 || weather->reaps || weather->kills);
	tally->running--;
}

static void kill_ksecd(void)
{
	struct family_status status = status_now();

	if (CHECK(status.have_helper))
		CHECK_EQ(kill((pid_t)status.helper, SIGKILL), 0);
	REQUIRE_EQ(system("vm-ksecd start"), 0);
}

static void storm(const struct weather *w)
{
	struct family_status before = status_now();
	unsigned int i, served;
	pid_t pids[PROCESSES];

	weather = w;
	param_set("ntlm_timeout_ms", suite_time(FORGOTTEN_MS));
	deadline = chance_deadline(suite_time(SECONDS) * 1000);
	tally->running = PROCESSES;
	tally->served = 0;
	for (i = 0; i < PROCESSES; i++)
		pids[i] = suite_fork(run_service, NULL);
	for (i = 0; w->kills && (i < KILLS || tally->running) && suite_now_ms() < deadline; i++) {
		served = tally->served;
		doze(100);
		chance_nap(&chance, 1000000);
		/* However slow they are, somebody gets in before every other death. */
		while (i % 2 && tally->served == served && tally->running &&
		       suite_now_ms() < deadline)
			doze(10);
		kill_ksecd();
	}
	for (i = 0; i < PROCESSES; i++)
		suite_join(pids[i]);
	/* A storm in which nobody gets in tests nothing. */
	CHECK(tally->served > 0 || w->reaps);
	check_gauges(&before);
	CHECK_EQ(status_now().timeouts, before.timeouts);
}

static void calm(void)
{
	static const struct weather calm_weather = {};

	storm(&calm_weather);
}

static void deleting(void)
{
	static const struct weather w = { .deletes = true };

	storm(&w);
}

static void deleting_and_closing(void)
{
	static const struct weather w = { .deletes = true, .closes = true };

	storm(&w);
}

static void everything(void)
{
	static const struct weather w = { .deletes = true, .closes = true, .kills = true };

	storm(&w);
}

/* The reaper at work on what the others are at work on */
static void reaping(void)
{
	static const struct weather w = { .deletes = true, .closes = true, .reaps = true };
	struct family_status before = status_now();

	param_set("half_open_timeout_ms", 15);
	storm(&w);
	CHECK(status_now().expired > before.expired);
}

static const struct suite_test tests[] = {
	{ .name = "everybody gets in", .run = calm, .seconds = 600 },
	{ .name = "contexts are deleted by others", .run = deleting, .seconds = 600 },
	{ .name = "devices are closed, too", .run = deleting_and_closing, .seconds = 600 },
	{ .name = "half-open contexts are reaped at once", .run = reaping, .seconds = 600 },
	{ .name = "ksecd is killed again and again", .run = everything, .seconds = 600 },
};

int main(void)
{
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (tally == MAP_FAILED)
		return 1;
	chance_init(&chance, 0);
	suite_after = params_restore;
	return suite_run(tests, ARRAY_SIZE(tests));
}
