/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Accept calls and the helper's side of them, one step at a time: for tests that
 * want to see what happens while a caller waits.  testhelper.h is for those that
 * only want a verdict.
 *
 * What a test takes for granted ends the test if it is not so.
 */
#ifndef KSECDD_SELFTESTS_CALL_H
#define KSECDD_SELFTESTS_CALL_H

#include <pthread.h>
#include <stdint.h>

#include "testhelper.h"

/**
 * struct call - an AcceptSecurityContext, in a thread of its own where asked for
 * @arg:    the ioctl's struct; call_init() sets what every call has
 * @fd:     the open file
 * @ret:    the ioctl's result, 0 or -errno
 * @token:  the client's token
 * @out:    where the token for the client goes
 * @thread: who calls
 * @over:   the ioctl has returned
 */
struct call {
	struct ksecdd_accept arg;
	int fd;
	int ret;
	uint8_t token[64];
	uint8_t out[256];
	pthread_t thread;
	_Atomic int over;
};

void call_init(struct call *call, int fd, uint64_t cred, uint64_t ctx);
void call_run(struct call *call);
void call_start(struct call *call);
void call_start_attr(struct call *call, const pthread_attr_t *attr);
void call_wait(struct call *call);

/**
 * struct taken - a request that the test has taken as helper
 * @next: what NEXT answered
 * @fd:   the request file
 * @req:  the request, pointing into @buf
 * @len:  bytes in @buf
 * @buf:  the request as it was read
 */
struct taken {
	struct family_request next;
	int fd;
	struct request req;
	size_t len;
	uint8_t buf[REQUEST_MAX];
};

void call_ask(struct testhelper *th, struct call *call, struct taken *taken, int fd, uint64_t cred,
	      uint64_t ctx);
void call_finish(struct call *call, struct taken *taken, int32_t status);
bool take_file_of(struct testhelper *th, const struct call *call, struct taken *taken);
void take_file(struct testhelper *th, struct taken *taken);
void take(struct testhelper *th, struct taken *taken);
void taken_close(struct taken *taken);

int complete(const struct taken *taken, int32_t status);
int complete_ok(const struct taken *taken);
int complete_continue(const struct taken *taken, const void *state, uint32_t state_len,
		      const void *token, uint32_t token_len);
void fill_ok(struct ksecdd_complete *arg);

int32_t query(int fd, uint64_t ctx, uint32_t attribute, void *buf, uint32_t *len);
int32_t query_info(int fd, uint64_t ctx, struct ksecdd_context_info *info);
int32_t free_cred(int fd, uint64_t cred);
int32_t delete_context(int fd, uint64_t ctx);
uint64_t half_open(struct testhelper *th, int fd, uint64_t cred);
uint64_t establish(struct testhelper *th, int fd, uint64_t cred);

#endif /* KSECDD_SELFTESTS_CALL_H */
