// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The main thread, and how the threads work together.
 *
 *   main thread                               workers (worker.c, logon.c)
 *   poll() on                                 no capabilities, no netlink
 *     the family's socket --- READY             take a request file off the ring
 *     the controller's    --- module comes/goes read() it, run the engine
 *     a signalfd          --- TERM, HUP         look up the local user (NSS)
 *     the pool's eventfd  --- a request is over SET_KEYS, COMPLETE, close()
 *     |                                         wipe, tell the eventfd
 *     +-- NEXT -> request file -> ring of the pool -----^
 *
 * Only the main thread speaks netlink.  The module puts a request file into the
 * table of the process that sends NEXT while NEXT is being sent, and the answer
 * to it carries the number: sender and receiver are the same thread, so nobody
 * can mistake the file for another.  From then on the pool owns the file.
 *
 * What the threads share is the pool's ring under its lock, the settings (never
 * changed once they are shared, counted, replaced whole under the same lock) and
 * the log (one write() a line).  The main thread never waits for a worker but
 * when the daemon ends, so a domain controller that does not answer holds up
 * workers, not the watchdog, not signals and not the registration.
 *
 * The module is told at REGISTER how many requests the ring and the workers
 * hold.  NEXT is sent while there is room: after READY, after registering, when
 * a worker becomes free after there was no room, and every few seconds, because
 * READY may be lost and the module's queue is the truth.
 *
 * The module may be unloaded and loaded again.  The controller of generic
 * netlink announces families that come and go; in case such an announcement is
 * lost, too, the family is looked for every few seconds while it is not there.
 *
 * On SIGTERM no more requests are taken; those that were are served, for at most
 * STOP_MS.  The socket stays open meanwhile: the module lets new requests wait,
 * and counts its grace for a restart from the moment it is closed.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "helper/family.h"
#include "helper/identity.h"
#include "helper/kerberos/ccache.h"
#include "helper/log.h"
#include "helper/logon.h"
#include "helper/loop.h"
#include "helper/worker.h"

#define STOP_MS		5000	/* for requests that are being served at SIGTERM */
/*
 * Between looks at what should have been announced; well below the time for which
 * the module keeps logons for a helper that comes back.
 */
#define LOOK_MS		2000
#define RETRY_MS	1000	/* before the second try of the first registration */

/* Whether the daemon is the helper, and if not, why. */
enum state {
	STATE_SERVING,
	STATE_NO_MODULE,
	STATE_REFUSED,
};

/**
 * struct loop - the main thread's data
 * @opt:      how the daemon was started
 * @settings: the configuration in force
 * @family:   socket to the module; closed unless STATE_SERVING
 * @monitor:  socket to the controller of generic netlink
 * @pool:     the workers
 * @signals:  a signalfd
 * @state:    the registration
 * @error:    why it was refused last: 0 or -errno; said in the log once
 * @changed:  a family came or went
 * @more:     requests may be waiting that there was no room for
 * @look_at:  when to look again, in ms of monotonic time
 * @pet_every: ms between two signs of life for the watchdog; 0 - there is none
 * @pet_at:   when the next is due, as @look_at
 * @stopping: SIGTERM came
 * @stop_at:  when to give up waiting for what is being served, as @look_at
 */
struct loop {
	const struct loop_options *opt;
	struct settings *settings;
	struct family family;
	struct netlink monitor;
	struct worker_pool *pool;
	int signals;
	enum state state;
	int error;
	bool changed;
	bool more;
	uint64_t look_at;
	uint64_t pet_every;
	uint64_t pet_at;
	bool stopping;
	uint64_t stop_at;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void announce(enum state state)
{
	static const char *const texts[] = {
		[STATE_SERVING] = "STATUS=Serving requests of the module.",
		[STATE_NO_MODULE] = "STATUS=Waiting for the module ksecdd to be loaded.",
		[STATE_REFUSED] = "STATUS=The module refuses this helper; see the log.",
	};

	sd_notify(0, texts[state]);
}

static void set_state(struct loop *l, enum state state)
{
	if (l->state != state)
		announce(state);
	l->state = state;
}

/*
 * Say once why the module refuses.  Its version is asked for on the same socket,
 * which also works with a module that speaks another ABI as long as it calls
 * these two things the same.
 */
static void explain_refusal(struct loop *l, int error)
{
	struct family_status status;

	if (error == l->error)
		return;
	l->error = error;
	switch (error) {
	case -EBUSY:
		log_err("another helper is registered with the module; stop it first "
			"(ksecctl status names it)");
		break;
	case -EPROTO:
		if (!family_status(&l->family, &status))
			log_err("the module %s speaks ABI %u, ksecd %s speaks ABI %d; install "
				"both from the same release", status.module, status.abi,
				KSECDD_VERSION, KSECDD_ABI_VERSION);
		else
			log_err("the module does not speak ABI %d of ksecd %s; install both "
				"from the same release", KSECDD_ABI_VERSION, KSECDD_VERSION);
		break;
	case -EPERM:
		log_err("only root may be the helper: CAP_NET_ADMIN and CAP_SYS_ADMIN of the "
			"initial user namespace are needed");
		break;
	default:
		log_err("cannot register with the module: %s%s%s", strerror(-error),
			*l->family.nl.message ? ": " : "", l->family.nl.message);
	}
}

/* Returns 0 when serving, else -errno with the state set. */
static int try_register(struct loop *l)
{
	struct family_helper helper = {
		.packages = logon_packages(),
		.inflight = l->settings->config.inflight,
		.all_netns = l->settings->config.all_netns,
	};
	int ret;

	l->look_at = now_ms() + LOOK_MS;
	ret = family_open(&l->family);
	if (!ret)
		ret = family_register(&l->family, &helper);
	if (!ret) {
		log_notice("registered with the module, %u requests at once",
			   l->settings->config.inflight);
		l->error = 0;
		set_state(l, STATE_SERVING);
		/* What waited for a helper came before this one could be told of it. */
		l->look_at = 0;
		return 0;
	}
	if (ret == -ENOENT) {
		if (l->error != ret)
			log_notice("the module ksecdd is not loaded; waiting for it "
				   "(modprobe ksecdd)");
		l->error = ret;
		set_state(l, STATE_NO_MODULE);
	} else {
		explain_refusal(l, ret);
		set_state(l, STATE_REFUSED);
	}
	family_close(&l->family);
	return ret;
}

/*
 * The first registration.  A helper that is just ending may still hold the
 * place, so there is a second try; then giving up tells the administrator more
 * than waiting would.
 */
static int first_register(struct loop *l)
{
	static const struct timespec pause = { .tv_sec = RETRY_MS / 1000 };
	int ret;

	ret = try_register(l);
	if (ret == -EBUSY) {
		nanosleep(&pause, NULL);
		ret = try_register(l);
	}
	if (ret && ret != -ENOENT && (!l->opt->wait || ret == -EPERM))
		return ret;
	return 0;
}

static void lose_registration(struct loop *l, int error)
{
	log_notice("the registration with the module has ended: %s",
		   error == -ENOENT ? "the module is gone" : strerror(-error));
	family_close(&l->family);
	try_register(l);
}

/* Whether a request may have come since the flags were cleared. */
static bool heard_of_more(const struct loop *l)
{
	return l->family.ready || l->family.nl.lost;
}

/*
 * Fill @room with requests.  Returns 0 if it is full, -EAGAIN if there are no more,
 * or the -errno of family_next().
 */
static int fill_room(struct loop *l, unsigned int room)
{
	struct family_request request;
	int ret;

	for (; room; room--) {
		do {
			/*
			 * A request may be queued, and its READY sent, between the
			 * look that says EAGAIN and its answer.  That READY was read
			 * with the answer, and nothing else will wake us for it.
			 */
			l->family.ready = false;
			l->family.nl.lost = false;
			ret = family_next(&l->family, &request);
		} while (ret == -EAGAIN && heard_of_more(l));
		if (ret)
			return ret;
		log_debug("request %llu of package %u, %u ms left",
			  (unsigned long long)request.id, request.package, request.timeout);
		worker_pool_submit(l->pool, request.fd);
		/* The last, and whatever comes after it tells of itself. */
		if (!request.pending && !heard_of_more(l))
			return -EAGAIN;
	}
	return 0;
}

/* Take requests while there are any and there is room. */
static void take_requests(struct loop *l)
{
	unsigned int room;
	int ret = 0;

	if (l->state != STATE_SERVING || l->stopping)
		return;
	l->look_at = now_ms() + LOOK_MS;
	l->more = false;
	/* What is over before it is watched for has made room again. */
	for (room = worker_pool_room(l->pool); !ret && !l->more; ) {
		ret = fill_room(l, room);
		if (ret && ret != -EBUSY)
			break;
		room = worker_pool_watch(l->pool);
		l->more = ret || !room;
	}
	if (!ret || ret == -EAGAIN || ret == -EBUSY)
		return;
	if (ret == -ENOENT || ret == -EPERM) {
		lose_registration(l, ret);
		return;
	}
	/* Memory or descriptors have run out: the next look may have more luck. */
	log_err("cannot take a request from the module: %s", strerror(-ret));
}

static void family_changed(void *data, struct nlmsghdr *hdr)
{
	struct loop *l = data;

	if (netlink_family_event(hdr, KSECDD_FAMILY_NAME))
		l->changed = true;
}

/* What must stay as the daemon was started with it. */
static void warn_of_fixed(const struct config *old, const struct config *new)
{
	if (old->workers != new->workers || old->inflight != new->inflight ||
	    old->all_netns != new->all_netns || old->lock_memory != new->lock_memory)
		log_warning("what has changed in [daemon] counts from the next start on");
}

static void reload(struct loop *l)
{
	struct settings *settings;
	struct config_error err;

	if (settings_load(l->opt->config, l->opt->may_be_absent, &settings, &err)) {
		log_err("%s; the old configuration stays in force", err.text);
		return;
	}
	warn_of_fixed(&l->settings->config, &settings->config);
	settings->config.workers = l->settings->config.workers;
	settings->config.inflight = l->settings->config.inflight;
	settings->config.all_netns = l->settings->config.all_netns;
	settings->config.lock_memory = l->settings->config.lock_memory;
	settings_prepare(settings);
	worker_pool_configure(l->pool, settings);
	settings_put(l->settings);
	l->settings = settings;
	identity_forget();
	log_notice("%s: read again", l->opt->config);
}

static void begin_stop(struct loop *l)
{
	if (l->stopping) {
		/* Somebody insists. */
		l->stop_at = 0;
		return;
	}
	l->stopping = true;
	l->stop_at = now_ms() + STOP_MS;
	sd_notify(0, "STOPPING=1\nSTATUS=Finishing the requests that were taken.");
	log_notice("stopping");
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;

	while (read(l->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGHUP)
			begin_stop(l);
		else if (!l->stopping)
			reload(l);
	}
}

/* What is due by the clock; returns how long there is nothing to do, in ms. */
static int look_at_clock(struct loop *l)
{
	uint64_t now = now_ms(), next;

	if (l->pet_every && now >= l->pet_at) {
		sd_notify(0, "WATCHDOG=1");
		l->pet_at = now + l->pet_every;
	}
	if (!l->stopping && (l->changed || now >= l->look_at)) {
		l->changed = false;
		if (l->state == STATE_SERVING)
			take_requests(l);
		else
			try_register(l);
		logon_tidy();
		now = now_ms();
	}
	next = l->stopping ? l->stop_at : l->look_at;
	if (l->pet_every && l->pet_at < next)
		next = l->pet_at;
	return next > now ? (int)(next - now) : 0;
}

static void look_at_sockets(struct loop *l, const struct pollfd *pfds)
{
	int ret;

	if (pfds[1].revents && netlink_events(&l->monitor))
		l->changed = true;
	if (pfds[2].revents && l->state == STATE_SERVING) {
		ret = netlink_events(&l->family.nl);
		if (ret || l->family.ready)
			take_requests(l);
	}
	if (pfds[3].revents && worker_pool_freed(l->pool) && l->more)
		take_requests(l);
}

/* Returns when the daemon is to end. */
static void run(struct loop *l)
{
	struct pollfd pfds[4];
	int timeout;

	for (;;) {
		timeout = look_at_clock(l);
		if (l->stopping)
			worker_pool_watch(l->pool);
		if (l->stopping && (worker_pool_idle(l->pool) || now_ms() >= l->stop_at))
			return;
		pfds[0] = (struct pollfd){ .fd = l->signals, .events = POLLIN };
		pfds[1] = (struct pollfd){ .fd = netlink_fd(&l->monitor), .events = POLLIN };
		/* poll() passes over -1: who is stopping does not listen any more. */
		pfds[2] = (struct pollfd){ .fd = l->stopping ? -1 : netlink_fd(&l->family.nl),
					   .events = POLLIN };
		pfds[3] = (struct pollfd){ .fd = worker_pool_fd(l->pool), .events = POLLIN };
		if (poll(pfds, 4, timeout) < 0 && errno != EINTR) {
			log_err("poll: %s", strerror(errno));
			begin_stop(l);
			continue;
		}
		look_at_sockets(l, pfds);
		if (pfds[0].revents)
			take_signals(l);
	}
}

/* Not to hear of families is bearable: they are looked for by the clock. */
static void open_monitor(struct loop *l)
{
	l->monitor.event = family_changed;
	l->monitor.data = l;
	if (netlink_open(&l->monitor, false))
		return;
	if (netlink_watch_families(&l->monitor))
		netlink_close(&l->monitor);
}

/**
 * loop_signals() - the signals that the main thread takes by its signalfd
 * @set: the result; to be blocked before there are threads
 */
void loop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

/**
 * loop_run() - be the helper until told to end
 * @options: how the daemon was started
 *
 * Return: 0 after SIGTERM or SIGINT; -errno if it could not begin, with the
 * reason in the log.
 */
int loop_run(const struct loop_options *options)
{
	struct loop l = { .opt = options, .settings = options->settings, .signals = -1 };
	const struct config *cfg = &l.settings->config;
	uint64_t watchdog_us = 0;
	sigset_t signals;
	int ret;

	loop_signals(&signals);
	l.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l.signals < 0) {
		ret = -errno;
		log_err("signalfd: %s", strerror(-ret));
		goto out;
	}
	ret = worker_pool_start(cfg->workers, cfg->inflight, l.settings, &l.pool);
	if (ret) {
		log_err("cannot start %u workers: %s", cfg->workers, strerror(-ret));
		goto out;
	}
	/* First the monitor: what changes while registering is not missed. */
	open_monitor(&l);
	l.state = STATE_REFUSED;
	ret = first_register(&l);
	if (ret)
		goto stop;
	if (sd_watchdog_enabled(0, &watchdog_us) > 0)
		l.pet_every = watchdog_us / 2000;
	sd_notify(0, "READY=1");
	announce(l.state);
	run(&l);
	if (!worker_pool_idle(l.pool)) {
		/* Their files close with the process, and the module fails them. */
		log_warning("some requests were not finished in time");
		_exit(0);
	}
	log_notice("stopped");
stop:
	worker_pool_stop(l.pool);
	logon_end();
	ccache_stop();
	family_close(&l.family);
	netlink_close(&l.monitor);
out:
	if (l.signals >= 0)
		close(l.signals);
	settings_put(l.settings);
	return ret;
}
