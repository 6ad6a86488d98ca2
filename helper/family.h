/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations of the module's netlink family, as structs.
 * Documentation/netlink/specs/ksecdd.yaml describes them.
 */
#ifndef KSECD_FAMILY_H
#define KSECD_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_genl.h>

#include "helper/netlink.h"

/**
 * struct family - a socket to the family
 * @nl:    the socket
 * @ready: READY came in since the caller last cleared this
 */
struct family {
	struct netlink nl;
	bool ready;
};

/**
 * struct family_helper - what REGISTER says and is told
 * @packages:  bit n set - tokens of KSECDD_PACKAGE_* n are judged
 * @inflight:  most requests to be held at once
 * @all_netns: serve network namespaces without a helper of their own
 * @abi:       [out] ABI of the module
 * @epoch:     [out] number of the registration
 */
struct family_helper {
	uint32_t packages;
	uint32_t inflight;
	bool all_netns;
	uint32_t abi;
	uint64_t epoch;
};

/**
 * struct family_request - what NEXT answers
 * @epoch:   registration the request belongs to
 * @id:      number of the request in that epoch
 * @op:      KSECDD_REQUEST_*
 * @package: KSECDD_PACKAGE_*
 * @timeout: milliseconds until the caller gives up
 * @pending: requests that waited besides it; at least one if the module does not tell
 * @fd:      the request file; the receiver of the struct closes it
 */
struct family_request {
	uint64_t epoch;
	uint64_t id;
	uint32_t op;
	uint32_t package;
	uint32_t timeout;
	uint32_t pending;
	int fd;
};

/* struct family_status - what STATUS answers; the members are the attributes' */
struct family_status {
	char module[32];
	uint32_t abi;
	bool have_helper;
	uint32_t helper;
	uint64_t contexts;
	uint64_t half_open;
	uint64_t credentials;
	uint64_t files;
	uint64_t requests;
	uint64_t accepted;
	uint64_t denied;
	uint64_t failed;
	uint64_t upcalls;
	uint64_t timeouts;
	uint64_t aborted;
	uint64_t unserved;
	uint64_t signed_messages;
	uint64_t verified;
	uint64_t rejected;
	uint64_t expired;
};

/* struct family_context - one of what CONTEXT lists; the members are the attributes' */
struct family_context {
	uint64_t number;
	uint32_t package;
	uint32_t state;
	uint32_t flags;
	uint32_t owner_uid;
	uint32_t owner_pid;
	char comm[32];
	bool have_client;
	char client[KSECDD_MAX_NAME + 1];
	bool have_uid;
	uint32_t uid;
	uint32_t key_bits;
	uint64_t age;
	uint64_t sent;
	uint64_t received;
};

/* Called with each context; returns 0, or -errno to stop. */
typedef int (*family_context_fn)(void *data, const struct family_context *context);

int family_open(struct family *family);
void family_close(struct family *family);
int family_register(struct family *family, struct family_helper *helper);
int family_next(struct family *family, struct family_request *request);
int family_status(struct family *family, struct family_status *status);
int family_contexts(struct family *family, family_context_fn fn, void *data);

#endif /* KSECD_FAMILY_H */
