/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of JSON (RFC 8259) for the targets that write it.
 */
#ifndef KSECDD_FUZZ_JSON_CHECK_H
#define KSECDD_FUZZ_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>

typedef void (*json_string_fn)(void *data, const char *string, size_t len);

bool json_check(const char *text, json_string_fn fn, void *data);

#endif /* KSECDD_FUZZ_JSON_CHECK_H */
