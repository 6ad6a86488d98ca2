// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The token that belongs to a context: SECPKG_ATTR_ACCESS_TOKEN.
 *
 * Windows' programs do not close it, as its documentation says, so that it has to be
 * closed with its context.  Which context has which descriptor is kept in a list that
 * only grows, of nodes that are used again; it needs no lock, and so nothing can be in
 * the wrong state when another thread forks.
 *
 * A handle comes again when the device was closed and opened anew, and a descriptor
 * when somebody closed it: what counts is the number of the logon, which never does.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "libsspi/internal.h"

/**
 * struct node - a context with a token
 * @context: handle of the context; 0 - the node is free; KSSPI_NO_HANDLE - it is
 *           being changed
 * @logon:   number of its logon
 * @fd:      its token
 * @next:    the next one
 */
struct node {
	_Atomic uint64_t context;
	_Atomic uint64_t logon;
	_Atomic int fd;
	struct node *next;
};

static struct node *_Atomic nodes;

static bool is_token_of(int fd, uint64_t logon)
{
	struct ksspi_token token;

	return ksspi_token_read(fd, &token) == SEC_E_OK && token.info.logon == logon;
}

/* A node for the caller to fill, or NULL without memory. */
static struct node *node_claim(void)
{
	struct node *node;
	uint64_t none;

	for (node = atomic_load(&nodes); node; node = node->next) {
		none = 0;
		if (atomic_compare_exchange_strong(&node->context, &none, KSSPI_NO_HANDLE))
			return node;
	}
	node = calloc(1, sizeof(*node));
	if (!node)
		return NULL;
	atomic_store(&node->context, KSSPI_NO_HANDLE);
	node->next = atomic_load(&nodes);
	while (!atomic_compare_exchange_weak(&nodes, &node->next, node))
		;
	return node;
}

/**
 * ksspi_context_token() - the token that belongs to a context
 * @context: the context
 * @fd:      receives the descriptor, which is closed with the context
 *
 * Return: as ksspi_token_open()
 */
SECURITY_STATUS ksspi_context_token(uint64_t context, int *fd)
{
	struct ksspi_token token;
	SECURITY_STATUS status;
	struct node *node;
	int fresh;

	/* Says which logon it is, and whether there is still a token to be had. */
	status = ksspi_token_open(context, &fresh);
	if (status != SEC_E_OK)
		return status;
	status = ksspi_token_read(fresh, &token);
	if (status != SEC_E_OK)
		goto close;
	for (node = atomic_load(&nodes); node; node = node->next) {
		if (atomic_load(&node->context) != context ||
		    atomic_load(&node->logon) != token.info.logon)
			continue;
		*fd = atomic_load(&node->fd);
		/* Somebody had closed it, and the fresh one got its number. */
		if (*fd == fresh)
			return SEC_E_OK;
		if (is_token_of(*fd, token.info.logon))
			goto close;
	}
	node = node_claim();
	if (!node) {
		status = SEC_E_INSUFFICIENT_MEMORY;
		goto close;
	}
	atomic_store(&node->logon, token.info.logon);
	atomic_store(&node->fd, fresh);
	atomic_store(&node->context, context);
	*fd = fresh;
	return SEC_E_OK;

close:
	close(fresh);
	return status;
}

/**
 * ksspi_context_token_close() - close the tokens that belonged to a context
 * @context: the context, which has ended
 */
void ksspi_context_token_close(uint64_t context)
{
	struct node *node;
	uint64_t wanted;
	int fd;

	for (node = atomic_load(&nodes); node; node = node->next) {
		wanted = context;
		if (!atomic_compare_exchange_strong(&node->context, &wanted, KSSPI_NO_HANDLE))
			continue;
		fd = atomic_load(&node->fd);
		if (is_token_of(fd, atomic_load(&node->logon)))
			close(fd);
		atomic_store(&node->context, 0);
	}
}
