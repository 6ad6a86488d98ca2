// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bytes from a client to its server and back.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "relay.h"

/* A record's worth, so that a record that is read is a record that is written. */
#define BUFFER		16384
/* How long one side may go on when the other has ended */
#define LINGER_MS	5000

/**
 * struct way - one direction
 * @from:  where bytes come from
 * @to:    where they go
 * @count: how many there were
 * @at:    the first in @buf that is not written yet
 * @len:   how many of these there are
 * @read_events:  what reading waits for, 0: nothing
 * @write_events: what writing waits for, 0: nothing
 * @ended: @from has; when @buf is empty, @to hears of it
 * @done:  nothing more will come of it
 * @buf:   what is under way
 */
struct way {
	struct conn *from;
	struct conn *to;
	uint64_t *count;
	size_t at;
	size_t len;
	short read_events;
	short write_events;
	bool ended;
	bool done;
	unsigned char buf[BUFFER];
};

static bool fill(struct way *way)
{
	ssize_t n = way->from->type->read(way->from, way->buf, sizeof(way->buf),
					  &way->read_events);

	way->at = 0;
	way->len = (size_t)n;
	/* After an end that went wrong, too: what came before it is still good. */
	way->ended = !n && !way->read_events;
	return n || way->ended;
}

static bool flush(struct way *way)
{
	ssize_t n = way->to->type->write(way->to, way->buf + way->at, way->len,
					 &way->write_events);

	way->at += (size_t)n;
	way->len -= (size_t)n;
	*way->count += (uint64_t)n;
	/* Who does not take anything any more makes what else there is pointless. */
	if (!n && !way->write_events)
		way->done = true;
	return n || way->done;
}

/* The other side has ended well: so that it can be seen, in its own words first. */
static void pass_end(struct way *way)
{
	if (way->to->type->bye)
		way->to->type->bye(way->to);
	shutdown(way->to->fd, SHUT_WR);
	way->done = true;
}

/* Does what can be done without waiting; whether that was anything. */
static bool advance(struct way *way)
{
	bool any = false, more = true;

	/* Not for ever: the other way is to have its turn. */
	for (unsigned int turns = 0; turns < 16 && more && !way->done; turns++) {
		way->read_events = 0;
		way->write_events = 0;
		more = false;
		if (way->len)
			more = flush(way);
		else if (!way->ended)
			more = fill(way);
		any |= more;
		if (way->ended && !way->len && !way->done)
			pass_end(way);
	}
	/* Where reading has failed, writing would, too. */
	if (way->to->why)
		way->done = true;
	return any;
}

/* What TLS waits for need not be what is being done: each connection is polled for both. */
static short events_of(const struct conn *conn, const struct way ways[2])
{
	short events = 0;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		if (ways[i].done)
			continue;
		if (ways[i].from == conn)
			events = (short)(events | ways[i].read_events);
		if (ways[i].to == conn)
			events = (short)(events | ways[i].write_events);
	}
	return events;
}

static int wait_for(struct relay *relay, const struct way ways[2], int timeout)
{
	struct pollfd pfd[2] = {
		{ .fd = relay->client->fd, .events = events_of(relay->client, ways) },
		{ .fd = relay->backend->fd, .events = events_of(relay->backend, ways) },
	};
	unsigned int i;
	int n;

	/* One that is polled for nothing would still report its end, again and again. */
	for (i = 0; i < 2; i++)
		if (!pfd[i].events)
			pfd[i].fd = -1;
	do {
		n = poll(pfd, 2, timeout);
	} while (n < 0 && errno == EINTR);
	return n;
}

const char *relay_run(struct relay *relay)
{
	struct way ways[2] = {
		{ .from = relay->client, .to = relay->backend, .count = &relay->from_client },
		{ .from = relay->backend, .to = relay->client, .count = &relay->from_backend },
	};
	const char *why = "the client has ended it";
	bool any, half = false;
	int timeout;

	for (;;) {
		any = advance(&ways[0]);
		any |= advance(&ways[1]);
		if (!half && (ways[0].done || ways[1].done)) {
			half = true;
			if (ways[1].done)
				why = "the server has ended it";
		}
		if (ways[0].done && ways[1].done)
			break;
		if (any)
			continue;
		timeout = half ? LINGER_MS : relay->idle_ms ? (int)relay->idle_ms : -1;
		if (wait_for(relay, ways, timeout) <= 0)
			return half ? why : "both sides were silent for too long";
	}
	explicit_bzero(ways[0].buf, sizeof(ways[0].buf));
	explicit_bzero(ways[1].buf, sizeof(ways[1].buf));
	if (relay->client->why)
		return relay->client->why;
	return relay->backend->why ? relay->backend->why : why;
}
