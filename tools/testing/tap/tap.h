/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Test Anything Protocol, for every test written in C.
 *
 * A test calls tap_ok() or one of its relatives for each thing it checks and
 * returns tap_done() from main(). Not for use in several threads at once: let
 * the threads count and the main thread judge.
 */
#ifndef KSECDD_TESTING_TAP_H
#define KSECDD_TESTING_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * tap_ok() - report one result
 * @ok:  whether it is as it should be
 * @fmt: printf() format of what was checked, one line
 *
 * Return: @ok
 */
bool tap_ok(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * tap_is() - report whether a number is the expected one; shows both if not
 * @have: what it is; a SECURITY_STATUS may be given as it is
 * @want: what it should be
 * @fmt:  as of tap_ok()
 *
 * Return: whether they are equal
 */
bool tap_is(int64_t have, int64_t want, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * tap_mem() - report whether bytes are the expected ones; shows both if not
 * @have: what they are
 * @want: what they should be
 * @len:  their number
 * @fmt:  as of tap_ok()
 *
 * Return: whether they are equal
 */
bool tap_mem(const void *have, const void *want, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * tap_skip() - report a check that cannot be made here
 * @fmt: what and why
 */
void tap_skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * tap_diag() - a line for the reader
 * @fmt: printf() format, one line
 */
void tap_diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * tap_bail() - end the whole program: no further test makes sense
 * @fmt: why, and what to do about it
 */
void tap_bail(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/**
 * tap_done() - print the plan
 *
 * Return: what main() returns: 0, or 1 if a check failed or there was none
 */
int tap_done(void);

#endif /* KSECDD_TESTING_TAP_H */
