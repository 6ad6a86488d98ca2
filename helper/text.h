/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that came from somebody else, made fit to be shown.
 */
#ifndef KSECD_TEXT_H
#define KSECD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for text_escape() of any name that the module or an engine gives. */
#define TEXT_NAME_MAX	512

size_t text_decode(const char *src, size_t len, uint32_t *ret_point);
bool text_is_utf8(const char *src, size_t len);
char *text_escape(char *dst, size_t size, const char *src);
char *text_show(char *dst, size_t size, const char *src);
unsigned int text_columns(const char *src);
void text_put_hex(char *dst, const uint8_t *src, size_t len);
bool text_get_hex(const char *src, uint8_t *dst, size_t len);

#endif /* KSECD_TEXT_H */
