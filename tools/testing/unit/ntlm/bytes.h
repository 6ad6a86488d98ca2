/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of tests: bytes in a fixed buffer, and the integers in them.
 */
#ifndef KSECDD_UNIT_NTLM_BYTES_H
#define KSECDD_UNIT_NTLM_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* More than a token may have, so that too long ones can be made too. */
#define BYTES_MAX	(80 * 1024)

struct bytes {
	size_t len;
	uint8_t data[BYTES_MAX];
};

void bytes_set16(uint8_t *dst, uint16_t value);
void bytes_set32(uint8_t *dst, uint32_t value);
void bytes_set64(uint8_t *dst, uint64_t value);

void bytes_put(struct bytes *b, const void *src, size_t len);
void bytes_put16(struct bytes *b, uint16_t value);
void bytes_put32(struct bytes *b, uint32_t value);
void bytes_put64(struct bytes *b, uint64_t value);
void bytes_put_ascii16(struct bytes *b, const char *text);
void bytes_put_av(struct bytes *b, uint16_t id, const void *value, size_t len);

size_t bytes_hex(const char *hex, uint8_t *dst, size_t size);
void *bytes_copy(const void *src, size_t len);

#endif /* KSECDD_UNIT_NTLM_BYTES_H */
