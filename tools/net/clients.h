/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients of a server: a thread for each, and limits on how many there are.
 */
#ifndef NET_CLIENTS_H
#define NET_CLIENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <netinet/in.h>
#include <sys/socket.h>

/* Address and port, as net_address_text() writes them */
#define NET_ADDRESS_TEXT	(INET6_ADDRSTRLEN + 16)

/**
 * struct net_limits - how many clients there may be
 * @clients:     at the same time
 * @per_address: of these, from one address; 0: as many as that
 * @turned_away: above that, clients that get a thread to be told so
 */
struct net_limits {
	unsigned int clients;
	unsigned int per_address;
	unsigned int turned_away;
};

/**
 * struct net_client - a client and its thread; first member of what a server knows of it
 * @serve:   what the thread does
 * @surplus: above a limit: is to be turned away
 * @fd:      the connection
 * @peer:    where it comes from
 * @name:    the same, for the log
 * @next:    in the list of all
 * @clients: that list
 */
struct net_client {
	void (*serve)(struct net_client *client);
	bool surplus;
	int fd;
	struct sockaddr_storage peer;
	char name[NET_ADDRESS_TEXT];
	struct net_client *next;
	struct net_clients *clients;
};

/**
 * struct net_clients - all clients of a server
 * @lock:     of the rest
 * @gone:     one has gone
 * @first:    of the list
 * @count:    of those in it
 * @stopping: there will be no more
 */
struct net_clients {
	pthread_mutex_t lock;
	pthread_cond_t gone;
	struct net_client *first;
	unsigned int count;
	bool stopping;
};

#define NET_CLIENTS_INITIALIZER \
	{ .lock = PTHREAD_MUTEX_INITIALIZER, .gone = PTHREAD_COND_INITIALIZER }

/**
 * net_clients_start() - serve a client
 * @clients: of the server
 * @limits:  of it
 * @client:  the new one, from malloc(), with @serve set; taken over, and freed at its end
 * @fd:      its connection; taken over, and closed at its end
 * @peer:    its address
 *
 * Without memory, without a thread and above all limits, the connection is closed.
 *
 * Return: whether it is served
 */
bool net_clients_start(struct net_clients *clients, const struct net_limits *limits,
		       struct net_client *client, int fd, const struct sockaddr_storage *peer);

/**
 * net_clients_stop() - let all clients come to their end
 * @clients: of the server
 * @seconds: how long that may take
 *
 * What they have sent is served; nothing new can be read from their sockets.
 *
 * Return: false if some did not end in time
 */
bool net_clients_stop(struct net_clients *clients, unsigned int seconds);

/**
 * net_clients_stopping() - whether net_clients_stop() was called
 * @clients: of the server
 *
 * Return: whether it was
 */
bool net_clients_stopping(struct net_clients *clients);

/**
 * net_address_text() - an address and its port
 * @text:    receives "192.0.2.1:443" or "[2001:db8::1]:443"
 * @address: IPv4 or IPv6; something else becomes "?"
 */
void net_address_text(char text[NET_ADDRESS_TEXT], const struct sockaddr_storage *address);

#endif /* NET_CLIENTS_H */
