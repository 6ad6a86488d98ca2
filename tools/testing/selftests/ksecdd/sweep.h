/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that are made again and again, each time with another fault: the first
 * allocation or copy fails, then the second, until none is left that could.
 *
 * What is to be swept is a row of a const table; sweep_run() does the rest.
 */
#ifndef KSECDD_SELFTESTS_SWEEP_H
#define KSECDD_SELFTESTS_SWEEP_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"

/* An outcome that no call has: ends the lists of struct sweep_faults. */
#define SWEEP_END	0x7fffffff

/**
 * struct sweep_faults - what a call may say when something fails
 * @alloc: an allocation: outcomes, up to SWEEP_END or the array's end
 * @copy:  a copy from or to user memory
 *
 * An outcome is a SECURITY_STATUS or -errno; the two do not overlap.
 */
struct sweep_faults {
	int32_t alloc[4];
	int32_t copy[4];
};

/**
 * struct sweep - a row of the table
 * @name:   what is shown
 * @faults: what the calls may say when something fails, besides @want
 * @want:   what they say when nothing does
 * @arg:    for the functions
 * @begin:  before the first run, or NULL
 * @before: before each run: makes what @run begins with; or NULL
 * @run:    the calls, up to the first that fails; nothing but them, since faults
 *          strike here.  Returns the outcome
 * @after:  after each run: checks what is true after this outcome, does what has
 *          not been done, which must go right now, and takes away what @before and
 *          @run have made; or NULL
 * @end:    after the last run, or NULL
 * @loud:   other parts of the kernel may say in its log what they could not do
 */
struct sweep {
	const char *name;
	const struct sweep_faults *faults;
	int32_t want;
	const void *arg;
	void (*begin)(const void *arg);
	void (*before)(const void *arg);
	int32_t (*run)(const void *arg);
	void (*after)(const void *arg, int32_t outcome, enum fault_kind kind);
	void (*end)(const void *arg);
	bool loud;
};

/* The usual ones: ioctls of the device, other system calls, netlink, libsspi */
extern const struct sweep_faults sweep_ioctl, sweep_syscall, sweep_netlink, sweep_sspi;

int sweep_run(const struct sweep *rows, size_t n, int argc, char **argv);

#endif /* KSECDD_SELFTESTS_SWEEP_H */
