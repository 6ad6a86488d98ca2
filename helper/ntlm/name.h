/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names as NTLM has them: UTF-16LE or OEM characters on the wire, UTF-8 inside,
 * compared without regard to case.
 */
#ifndef KSECD_NTLM_NAME_H
#define KSECD_NTLM_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a code point takes at most in UTF-16 and in UTF-8 */
#define NAME_UTF16_MAX	4
#define NAME_UTF8_MAX	4

/* What is wrong with a name; see name_from_utf16(). */
enum name_error {
	NAME_OK = 0,
	NAME_ODD,
	NAME_SURROGATE,
	NAME_NUL,
	NAME_TOO_LONG,
};

uint32_t name_upcase(uint32_t point);
int name_compare(const char *a, const char *b);
size_t name_put_utf16(uint8_t dst[NAME_UTF16_MAX], uint32_t point);
size_t name_to_utf16(const char *src, uint8_t *dst, size_t size);
enum name_error name_from_utf16(const uint8_t *src, size_t len, char *dst, size_t size);
enum name_error name_from_oem(const uint8_t *src, size_t len, char *dst, size_t size);

#endif /* KSECD_NTLM_NAME_H */
