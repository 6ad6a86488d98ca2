/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of the module itself: a helper that does what the test says, in
 * place of ksecd, and short forms of the device's ioctls.
 *
 * The test's "token" is a struct verdict, which the helper carries out to the
 * letter, sense or nonsense; where there is no token, it is the state that the last
 * verdict has left.  Helper and test share a process, so a verdict may hold pointers.
 */
#ifndef KSECDD_SELFTESTS_TESTHELPER_H
#define KSECDD_SELFTESTS_TESTHELPER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd.h>
#include <linux/ksecdd_genl.h>
#include <linux/ksecdd_ntlm.h>
#include <linux/ksecdd_tls.h>

#include "helper/family.h"
#include "helper/request.h"

/* What the NTLM tests negotiate unless they say otherwise. */
#define TEST_SEAL_FLAGS		(NTLMSSP_NEGOTIATE_UNICODE | NTLMSSP_NEGOTIATE_SIGN | \
				 NTLMSSP_NEGOTIATE_SEAL | NTLMSSP_NEGOTIATE_ALWAYS_SIGN | \
				 NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY | \
				 NTLMSSP_NEGOTIATE_128 | NTLMSSP_NEGOTIATE_KEY_EXCH)
#define TEST_SIGN_FLAGS		(TEST_SEAL_FLAGS & ~NTLMSSP_NEGOTIATE_SEAL)

/* The head of a TLS record, five bytes of it */
#define VERDICT_RECORD	8

/**
 * struct verdict - what the helper is to do with a request
 * @record:    makes a TLS record of it, for packages whose tokens are such
 * @magic:     VERDICT_MAGIC: anything else in a token is refused
 * @drop:      close the request file instead of answering
 * @sleep_ms:  wait before doing anything
 * @hook:      called first, with the request file
 * @data:      handed to @hook
 * @set_keys:  call KSECDD_REQ_SET_KEYS with @mech, @flags, @key and @key_len
 * @mech:      KSECDD_PACKAGE_*
 * @flags:     NegotiateFlags, or KSECDD_KRB5_*
 * @key_len:   bytes of @key, as the ioctl is told
 * @key:       session key, struct ksecdd_krb5_keys or struct ksecdd_tls_keys
 * @complete:  what KSECDD_REQ_COMPLETE is called with; pointers are the test's
 */
struct verdict {
	uint8_t record[VERDICT_RECORD];
	uint32_t magic;
	bool drop;
	unsigned int sleep_ms;
	void (*hook)(int fd, const struct request *req, void *data);
	void *data;
	bool set_keys;
	uint32_t mech;
	uint32_t flags;
	uint32_t key_len;
	uint8_t key[sizeof(struct ksecdd_tls_keys)];
	struct ksecdd_complete complete;
};

#define VERDICT_MAGIC	0x74736574

/**
 * struct testhelper - the helper
 * @family:    its socket
 * @helper:    how it registered
 * @thread:    who serves the requests
 * @running:   there is such a thread
 * @stop:      pipe: something in it ends the thread
 * @served:    requests answered so far
 * @set_keys:  what the last KSECDD_REQ_SET_KEYS returned: 0 or -errno
 * @completed: what the last KSECDD_REQ_COMPLETE returned: 0 or -errno
 */
struct testhelper {
	struct family family;
	struct family_helper helper;
	pthread_t thread;
	bool running;
	int stop[2];
	unsigned int served;
	int set_keys;
	int completed;
};

void testhelper_isolate(void);
int testhelper_register(struct testhelper *th);
void testhelper_start(struct testhelper *th);
void testhelper_stop(struct testhelper *th);
int testhelper_serve(struct testhelper *th, const struct family_request *next);

struct verdict verdict_ok(uint32_t flags, const uint8_t key[16]);
struct verdict verdict_fail(int32_t status);

/* The device.  These return 0 or -errno; statuses are where the struct has them. */
int device_open(void);
int device_ioctl(int fd, unsigned long cmd, void *arg);
uint64_t device_acquire(int fd);
uint64_t device_acquire_package(int fd, uint32_t package);
int device_accept(int fd, uint64_t cred, uint64_t context, const struct verdict *verdict,
		  struct ksecdd_accept *accept);
int32_t device_destroy(int fd, uint64_t handle, uint32_t type);
uint64_t device_establish(int fd, uint64_t cred, const struct verdict *verdict);

/* A message through the ioctl @cmd of @fd: KSECDD_IOC_MESSAGE or KSECDD_REQ_MESSAGE. */
struct message_call {
	unsigned long cmd;
	int fd;
	uint64_t context;
};

int message_call(const struct message_call *call, uint32_t op, struct ksecdd_buffer *bufs,
		 uint32_t nbufs, struct ksecdd_message *msg);
int32_t message_status(const struct message_call *call, uint32_t op, struct ksecdd_buffer *bufs,
		       uint32_t nbufs);

static inline struct ksecdd_buffer buffer(uint32_t type, const void *ptr, size_t len)
{
	return (struct ksecdd_buffer){
		.type = type, .len = (uint32_t)len, .ptr = (uintptr_t)ptr,
	};
}

size_t from_hex(const char *hex, uint8_t *bytes, size_t size);

#endif /* KSECDD_SELFTESTS_TESTHELPER_H */
