/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ioctl there is, with structs that make it succeed, so that tests can spoil
 * one thing of them.
 */
#ifndef KSECDD_SELFTESTS_ABI_H
#define KSECDD_SELFTESTS_ABI_H

#include "call.h"
#include "env.h"
#include "ioctl_table.h"

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
	struct ksecdd_token token;
	struct ksecdd_attach attach;
	struct ksecdd_control control;
	struct ksecdd_message message;
	struct ksecdd_message_batch batch;
	struct ksecdd_set_keys set_keys;
	struct ksecdd_fetch fetch;
	struct ksecdd_credential credential;
	struct ksecdd_complete complete;
	uint8_t bytes[ABI_PAGE + 64];
};

/**
 * struct abi_case - a use of an ioctl that succeeds
 * @name:  for the output
 * @desc:  the ioctl
 * @first: the first case of it
 * @put:   fills in what makes it succeed; NULL - the size is enough
 * @want:  the status it returns, or with KSECDD_REQ_COMPLETE the one its caller gets
 * @undo:  takes back what it did; NULL - there is nothing
 */
struct abi_case {
	const char *name;
	const struct ioctl_desc *desc;
	bool first;
	void (*put)(union arg *a);
	int32_t want;
	void (*undo)(const union arg *a);
};

/* Those of a request file succeed on one such file in their order, up to the first that ends it. */
#define ABI_CASES	24
extern const struct abi_case abi_cases[ABI_CASES];

/**
 * struct fixture - what the ioctls are tried on
 * @helper: a helper that serves
 * @fd:     the device
 * @cred:   an inbound credential of it
 * @ctx:    an established context of it, with session security
 * @digest: another credential, of WDigest: it takes parameters
 * @token:  a token of it
 */
struct fixture {
	struct testhelper helper;
	int fd;
	uint64_t cred;
	uint64_t ctx;
	uint64_t digest;
	int token;
};

extern struct fixture fixture;

/* Buffers that the structs point to */
extern uint8_t abi_data[32];
extern struct ksecdd_buffer abi_bufs[2];
extern struct ksecdd_message abi_messages[1];

void fixture_setup(void);
int abi_file(const struct abi_case *c);
void prepare(const struct abi_case *c, union arg *a);
bool abi_same_memory(void);
void check_success(const struct abi_case *c, int fd, void *arg);
void fetch_kept(void);
void check_errno(const struct abi_case *c, int fd, uint64_t arg, int want, const char *what);
void check_unchanged(const struct family_status *before);

/* What a hook does with a request file; it is closed when the hook returns. */
typedef void (*request_hook)(int fd, const struct request *req, void *data);

void in_request(request_hook hook, void *data, int completed, int32_t status);

#endif /* KSECDD_SELFTESTS_ABI_H */
