/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing JSON (RFC 8259), as it comes.
 */
#ifndef KSECCTL_JSON_H
#define KSECCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json - a JSON text that is being written
 * @file:  where to
 * @depth: how deep in objects and arrays
 * @first: nothing has been written yet at this depth
 */
struct json {
	FILE *file;
	unsigned int depth;
	bool first;
};

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif /* KSECCTL_JSON_H */
