/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on demand: the n-th allocation, or copy from or to user memory, of the
 * calling thread fails.  Other threads are left alone.
 *
 * What fails is decided when a program is linked: with fault_kernel.c what the
 * kernel allocates and copies in system calls, with fault_malloc.c what the program
 * itself gets from malloc() and its like.
 */
#ifndef KSECDD_SELFTESTS_FAULT_H
#define KSECDD_SELFTESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

/* What has failed */
enum fault_kind {
	FAULT_NONE,
	FAULT_ALLOC,
	FAULT_COPY,	/* a copy from or to user memory */
};

void fault_init(void);
void fault_arm(unsigned int n);
enum fault_kind fault_disarm(void);
unsigned int fault_points(void);
void fault_starve(void);
bool fault_feed(void);
void fault_mark(void);
bool fault_complaint(char *text, size_t size);

/* Of fault_malloc.c only */
bool fault_alloc_fails(void);

#endif /* KSECDD_SELFTESTS_FAULT_H */
