// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Has a process of build/gcov write down what it has counted however it ends, SIGKILL
 * aside: what the compiler adds does so only at exit(). Part of every program and every
 * library there. Each of them counts for itself, and knows nothing of the others; those
 * that are to write are in one list, the program's, which the dynamic linker gives to
 * libraries in the place of theirs.
 */

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define WRITERS 8

void (*counts_writers[WRITERS])(void) __attribute__((visibility("default")));

/* What gcov.h of gcc says; clang-tidy has none. */
void __gcov_dump(void);

void __wrap__exit(int code) __attribute__((noreturn));
void __real__exit(int code) __attribute__((noreturn));

static void write_all(void)
{
	int i;

	for (i = 0; i < WRITERS && counts_writers[i]; i++)
		counts_writers[i]();
}

/* By -Wl,--wrap=_exit, every call of _exit() comes here. */
void __wrap__exit(int code)
{
	write_all();
	__real__exit(code);
}

/*
 * Writing is not made for signal handlers, and may wait for a lock of the thread that
 * was interrupted. Then whoever has sent the signal has to send SIGKILL, and the counts
 * of one process are lost.
 */
static void terminated(int number)
{
	write_all();
	signal(number, SIG_DFL);
	raise(number);
}

/* A program that wants SIGTERM for itself replaces the handler. */
__attribute__((constructor)) static void begin(void)
{
	struct sigaction action = { .sa_handler = terminated }, old;
	int i;

	for (i = 0; i < WRITERS && counts_writers[i]; i++)
		;
	if (i < WRITERS)
		counts_writers[i] = __gcov_dump;
	if (sigaction(SIGTERM, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
		sigaction(SIGTERM, &action, NULL);
}
