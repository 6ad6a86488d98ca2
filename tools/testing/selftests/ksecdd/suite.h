/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A test program as a table of tests, each of which is one line of TAP, and
 * checks that tell where they failed and what they saw.
 *
 * CHECK*() notes a failure and goes on; REQUIRE*() ends the test.  Both may be
 * used in any thread, and in processes that suite_fork() began.
 */
#ifndef KSECDD_TEST_SUITE_H
#define KSECDD_TEST_SUITE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/**
 * struct suite_test - one line of a test program's output
 * @name:    what is shown
 * @run:     the test
 * @seconds: how long it may take before it counts as hanging, 0 for the usual
 */
struct suite_test {
	const char *name;
	void (*run)(void);
	unsigned int seconds;
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Called after each test, however it ended; NULL for nothing to be done. */
extern void (*suite_after)(void);

int suite_run(const struct suite_test *tests, size_t n);

void suite_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void suite_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void suite_abort(void) __attribute__((noreturn));
void suite_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
bool suite_failed(void);
pid_t suite_fork(void (*fn)(void *arg), void *arg);
bool suite_join(pid_t pid);
void suite_in_child(void (*fn)(void *arg), void *arg);
unsigned int suite_count(unsigned int n);
unsigned int suite_time(unsigned int n);
uint64_t suite_now_ms(void);

/* Both sides are evaluated once and shown; integers of any kind. */
#define CHECK_EQ(got, want) ({						\
	long long __got = (long long)(got), __want = (long long)(want);	\
	bool __ok = __got == __want;					\
	if (!__ok)							\
		suite_fail(__FILE__, __LINE__, "%s is %lld (%#llx), not %lld (%#llx)", #got, \
			 __got, __got, __want, __want);			\
	__ok;								\
})

/* SECURITY_STATUS */
#define CHECK_STATUS(got, want) ({					\
	uint32_t __got = (uint32_t)(got), __want = (uint32_t)(want);	\
	bool __ok = __got == __want;					\
	if (!__ok)							\
		suite_fail(__FILE__, __LINE__, "%s is %#010x, not %#010x", #got, __got, __want); \
	__ok;								\
})

#define CHECK(cond) ({							\
	bool __ok = (cond);						\
	if (!__ok)							\
		suite_fail(__FILE__, __LINE__, "not true: %s", #cond);	\
	__ok;								\
})

#define CHECK_MEM(got, want, len) ({					\
	bool __ok = !memcmp(got, want, len);				\
	if (!__ok)							\
		suite_fail(__FILE__, __LINE__, "%s is not the same as %s", #got, #want); \
	__ok;								\
})

#define REQUIRE(cond)			do { if (!CHECK(cond)) suite_abort(); } while (0)
#define REQUIRE_EQ(got, want)		do { if (!CHECK_EQ(got, want)) suite_abort(); } while (0)
#define REQUIRE_STATUS(got, want)	do { if (!CHECK_STATUS(got, want)) suite_abort(); } while (0)

/* For system calls: fails with what errno says. */
#define REQUIRE_SYS(call) ({						\
	long __ret = (long)(call);					\
	if (__ret < 0) {						\
		suite_fail(__FILE__, __LINE__, "%s: %s", #call, strerror(errno)); \
		suite_abort();						\
	}								\
	__ret;								\
})

#endif /* KSECDD_TEST_SUITE_H */
