/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The benchmark in the guest: the same rows for every implementation of NTLM's
 * accept side.  Each is a program of its own, bench-NAME, because libsspi and WinPR
 * have functions of the same names; what differs is one struct bench_ssp.
 */
#ifndef KSECDD_BENCH_BENCH_H
#define KSECDD_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "count.h"
#include "tools/testing/selftests/ksecdd/ntlm_peer.h"
#include "tools/testing/unit/ntlm/client.h"

/* Bytes of an NTLM signature */
#define BENCH_TOKEN	16

/* Most messages in a call, and most of them between two looks at the counter */
#define BENCH_MESSAGES	16

/* Who logs on; the test guest's account file has it */
#define BENCH_USER	"alice"
#define BENCH_DOMAIN	"EXAMPLE"
#define BENCH_PASSWORD	"Passw0rd!"
#define BENCH_NT_HASH	"fc525c9683e8fe067095ba2ddc971889"

enum bench_op {
	BENCH_SIGN,
	BENCH_VERIFY,
	BENCH_ENCRYPT,
	BENCH_DECRYPT,
	BENCH_OPS
};

enum bench_verdict {
	BENCH_REFUSED,
	BENCH_CONTINUE,
	BENCH_ACCEPTED,
};

/**
 * struct bench_message - a message
 * @buf:   token and data, side by side, for those who want them so
 * @len:   bytes of the data
 * @out:   where token and data are after the operation: @buf, or memory of the
 *         implementation that its release() frees
 */
struct bench_message {
	uint8_t *buf;
	uint32_t len;
	uint8_t *out;
};

/**
 * struct bench_job - a message and the context it belongs to
 * @context: the context
 * @message: the message
 */
struct bench_job {
	void *context;
	struct bench_message *message;
};

/**
 * struct bench_ssp - an implementation of the accept side
 * @name:         for the report
 * @ops:          bit n - it has the operation n of enum bench_op
 * @batch:        most messages in a call
 * @in_kernel:    contexts are in the kernel; else in this process
 * @context_size: bytes of a context here, all zero before @accept
 * @init:         get ready: the credential
 * @accept:       a token of the client; @answer gets what is to be sent back
 * @drop:         end a context, complete or not
 * @run:          @n messages, at most @batch, as one call of the implementation
 * @release:      free what @run left in the messages; NULL if it leaves nothing
 * @fill:         make so many contexts faster than by logons, with the same client at
 *                the other end of each, of which flags and key are told; may be NULL
 * @handles:      rows of its own about handles, at so many live contexts; may be NULL
 */
struct bench_ssp {
	const char *name;
	unsigned int ops;
	unsigned int batch;
	bool in_kernel;
	size_t context_size;
	void (*init)(void);
	enum bench_verdict (*accept)(void *context, const struct bytes *token,
				     struct bytes *answer);
	void (*drop)(void *context);
	bool (*run)(enum bench_op op, const struct bench_job *jobs, unsigned int n);
	void (*release)(enum bench_op op, const struct bench_job *jobs, unsigned int n);
	void (*fill)(void *contexts, unsigned long n, bool established, struct client *client);
	void (*handles)(void *context, unsigned long live);
};

extern const struct bench_ssp bench_ssp;

/**
 * struct bench_options - what is measured
 * @live:    numbers of live contexts, growing, ended by 0
 * @sizes:   lengths of messages in bytes, ended by 0
 * @enctypes: encryption types of Kerberos (RFC 3961, section 8), ended by 0
 * @runs:    how often a row is repeated
 * @logons:  logons between two looks at the counter
 * @bulk:    MiB to be sent through a socket
 * @memory:  measure what a context takes
 */
struct bench_options {
	unsigned long live[8];
	uint32_t sizes[8];
	unsigned int enctypes[8];
	unsigned int runs;
	unsigned int logons;
	unsigned int bulk;
	bool memory;
};

extern struct bench_options bench_options;

/* options.c */
void bench_parse_options(char **argv, const char *usage);

/* output.c */
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void bench_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void bench_row(const char *ssp, const char *row, unsigned long live, uint32_t size,
	       unsigned int batch, const char *unit, struct count *count);

/* logon.c */
size_t bench_log_on(void *context, struct client *client);
void bench_half_open(void *context);
void bench_logons(unsigned long live);

/* message.c */
void bench_messages(void *const *contexts, struct ntlm_peer *peers, unsigned int n,
		    unsigned long live);

/* memory.c */
struct bench_memory {
	double kernel;
	double own;
};

void bench_memory_now(struct bench_memory *memory);

#endif /* KSECDD_BENCH_BENCH_H */
