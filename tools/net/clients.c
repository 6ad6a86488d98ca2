// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clients of a server.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "clients.h"

/*
 * Whether two clients are to be counted together.  Who has one IPv6 address has all of
 * its /64, and an IPv4 address may be written as one of IPv6.
 */
static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in6 *other_six = (const struct sockaddr_in6 *)b;
	const struct sockaddr_in *four = (const struct sockaddr_in *)a;
	const struct sockaddr_in *other_four = (const struct sockaddr_in *)b;
	bool mapped;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return four->sin_addr.s_addr == other_four->sin_addr.s_addr;
	if (a->ss_family != AF_INET6)
		return true;
	mapped = IN6_IS_ADDR_V4MAPPED(&six->sin6_addr) &&
		 IN6_IS_ADDR_V4MAPPED(&other_six->sin6_addr);
	return !memcmp(&six->sin6_addr, &other_six->sin6_addr, mapped ? 16 : 8);
}

static bool add(struct net_clients *clients, const struct net_limits *limits,
		struct net_client *client)
{
	const struct net_client *other;
	unsigned int same = 0;
	bool room;

	pthread_mutex_lock(&clients->lock);
	for (other = clients->first; other && limits->per_address; other = other->next)
		same += same_address(&client->peer, &other->peer);
	client->surplus = clients->count >= limits->clients ||
			  (limits->per_address && same >= limits->per_address);
	room = clients->count < limits->clients + limits->turned_away && !clients->stopping &&
	       !(client->surplus && !limits->turned_away);
	if (room) {
		client->clients = clients;
		client->next = clients->first;
		clients->first = client;
		clients->count++;
	}
	pthread_mutex_unlock(&clients->lock);
	return room;
}

/* The socket is closed under the lock, so that net_clients_stop() meets no other file. */
static void drop(struct net_client *client)
{
	struct net_clients *clients = client->clients;
	struct net_client **link;

	pthread_mutex_lock(&clients->lock);
	for (link = &clients->first; *link != client; link = &(*link)->next)
		;
	*link = client->next;
	clients->count--;
	close(client->fd);
	pthread_cond_signal(&clients->gone);
	pthread_mutex_unlock(&clients->lock);
	free(client);
}

static void *thread_main(void *arg)
{
	struct net_client *client = arg;

	client->serve(client);
	/*
	 * What OpenSSL keeps for each thread goes with the thread, which may be after the
	 * end of the program.
	 */
	OPENSSL_thread_stop();
	drop(client);
	return NULL;
}

void net_address_text(char text[NET_ADDRESS_TEXT], const struct sockaddr_storage *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	char host[INET6_ADDRSTRLEN] = "?";

	if (address->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, NET_ADDRESS_TEXT, "[%s]:%u", host, ntohs(six->sin6_port));
	} else if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, NET_ADDRESS_TEXT, "%s:%u", host, ntohs(four->sin_port));
	} else {
		snprintf(text, NET_ADDRESS_TEXT, "?");
	}
}

bool net_clients_start(struct net_clients *clients, const struct net_limits *limits,
		       struct net_client *client, int fd, const struct sockaddr_storage *peer)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	client->fd = fd;
	client->peer = *peer;
	net_address_text(client->name, peer);
	if (!add(clients, limits, client)) {
		close(fd);
		free(client);
		return false;
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 256UL * 1024);
	started = !pthread_create(&thread, &attr, thread_main, client);
	pthread_attr_destroy(&attr);
	if (!started)
		drop(client);
	return started;
}

bool net_clients_stopping(struct net_clients *clients)
{
	bool yes;

	pthread_mutex_lock(&clients->lock);
	yes = clients->stopping;
	pthread_mutex_unlock(&clients->lock);
	return yes;
}

bool net_clients_stop(struct net_clients *clients, unsigned int seconds)
{
	struct net_client *client;
	struct timespec until;
	bool all;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&clients->lock);
	clients->stopping = true;
	for (client = clients->first; client; client = client->next)
		shutdown(client->fd, SHUT_RD);
	while (clients->count)
		if (pthread_cond_timedwait(&clients->gone, &clients->lock, &until) == ETIMEDOUT)
			break;
	all = !clients->count;
	pthread_mutex_unlock(&clients->lock);
	return all;
}
