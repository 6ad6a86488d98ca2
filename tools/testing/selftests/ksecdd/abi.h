/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ioctl there is, described by a struct that makes it succeed, so that
 * tests can spoil one thing of it.
 */
#ifndef KSECDD_SELFTESTS_ABI_H
#define KSECDD_SELFTESTS_ABI_H

#include "call.h"
#include "env.h"

#define ABI_PAGE	4096

/* The struct of an ioctl, and room for a longer one */
union arg {
	uint32_t size;
	struct ksecdd_version version;
	struct ksecdd_package package;
	struct ksecdd_acquire acquire;
	struct ksecdd_destroy destroy;
	struct ksecdd_accept accept;
	struct ksecdd_query query;
	struct ksecdd_message message;
	struct ksecdd_message_batch batch;
	struct ksecdd_set_keys set_keys;
	struct ksecdd_complete complete;
	uint8_t bytes[ABI_PAGE + 64];
};

/* op.status of those that have none */
#define NO_STATUS	((size_t)-1)

/**
 * struct op - an ioctl that succeeds
 * @name:     for the output
 * @cmd:      its number
 * @size:     size of its struct
 * @put:      fills in what makes it succeed; NULL - the size is enough
 * @status:   offset of the status
 * @want:     the status
 * @reserved: offset of a member that must be zero, 0 if there is none
 * @read_only: nothing is written back
 */
struct op {
	const char *name;
	unsigned long cmd;
	uint32_t size;
	void (*put)(union arg *a);
	size_t status;
	int32_t want;
	size_t reserved;
	bool read_only;
};

/* Indices of device_ops */
enum { VERSION, PACKAGE, ACQUIRE, DESTROY, ACCEPT, QUERY, MESSAGE, BATCH, DEVICE_OPS };

extern const struct op device_ops[DEVICE_OPS];

/* In this order each succeeds on one request file. */
#define REQUEST_OPS	3
extern const struct op request_ops[REQUEST_OPS];

/**
 * struct fixture - what the ioctls are tried on
 * @helper: a helper that serves
 * @fd:     the device
 * @cred:   an inbound credential of it
 * @ctx:    an established context of it, with session security
 */
struct fixture {
	struct testhelper helper;
	int fd;
	uint64_t cred;
	uint64_t ctx;
};

extern struct fixture fixture;

/* Buffers that the structs point to */
extern uint8_t abi_data[32];
extern struct ksecdd_buffer abi_bufs[2];
extern struct ksecdd_message abi_messages[1];

void fixture_setup(void);
void prepare(const struct op *op, union arg *a);
void check_success(const struct op *op, int fd, void *arg);
void check_errno(const struct op *op, int fd, uint64_t arg, int want, const char *what);
void check_unchanged(const struct family_status *before);

#endif /* KSECDD_SELFTESTS_ABI_H */
