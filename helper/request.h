/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request file: what the module asks and how it is answered.
 * "DOC: Request files" in <linux/ksecdd.h> is the contract.
 */
#ifndef KSECD_REQUEST_H
#define KSECD_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "helper/engine.h"

/* The longest request, with room for a head that a later module made longer. */
#define REQUEST_HEAD_MAX	1024
#define REQUEST_MAX		(REQUEST_HEAD_MAX + KSECDD_MAX_STATE + KSECDD_MAX_TOKEN + \
				 KSECDD_MAX_CBT + KSECDD_MAX_NAME + KSECDD_MAX_PARAMS)

/**
 * struct request - one request, taken apart
 * @head: what the module says of it
 * @step: the sections, pointing into the buffer that was parsed
 */
struct request {
	struct ksecdd_request head;
	struct engine_step step;
};

ssize_t request_read(int fd, uint8_t *buf, size_t size);
int request_parse(const uint8_t *buf, size_t len, struct request *req);
int request_set_keys(int fd, uint32_t mech, uint32_t mech_flags, const uint8_t *key,
		     size_t key_len);
int request_credential(int fd, struct ksecdd_credential *credential);
int request_message(int fd, struct engine_message *msg, int32_t *status);
int request_complete(int fd, const struct ksecdd_complete *complete);

#endif /* KSECD_REQUEST_H */
