/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client has delegated, on its way to the local user that it maps to.
 */
#ifndef KSECD_DELEGATED_H
#define KSECD_DELEGATED_H

#include "helper/engine.h"
#include "helper/identity.h"
#include "helper/kerberos/ccache.h"
#include "helper/kerberos/library.h"

/**
 * struct delegated_to - who gets it
 * @context: number of the context, for the log
 * @fd:      the request file
 * @client:  name of the client
 * @local:   name of the local user
 * @id:      the local user
 */
struct delegated_to {
	uint64_t context;
	int fd;
	const char *client;
	const char *local;
	const struct identity *id;
};

bool delegated_keep_ticket(const struct delegated_to *to, const struct account *account,
			   const struct kerberos_kept *kept, struct ccache_reply *reply);
bool delegated_keep_secret(const struct delegated_to *to, const struct engine_secret *secret,
			   bool fetch);

#endif /* KSECD_DELEGATED_H */
