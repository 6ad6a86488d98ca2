/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing down what an engine keeps between two legs, and reading it: numbers of one
 * and eight bytes, and strings with two bytes of length before each.
 *
 * A reader that finds something wrong says so in @bad and goes on with nothing, so
 * that it is enough to look once, at the end.
 */
#ifndef KSECD_PACK_H
#define KSECD_PACK_H

#include "helper/der.h"

/**
 * struct packer - where something is written
 * @data: its bytes
 * @size: room in bytes
 * @len:  bytes written
 * @bad:  something did not fit
 */
struct packer {
	uint8_t *data;
	size_t size;
	size_t len;
	bool bad;
};

void pack_put(struct packer *w, const void *src, size_t len);
void pack_put8(struct packer *w, uint32_t value);
void pack_put64(struct packer *w, uint64_t value);
void pack_put_string(struct packer *w, const void *data, size_t len);
void pack_put_span(struct packer *w, const struct der_span *span);

uint8_t pack_get8(struct der_span *from, bool *bad);
uint64_t pack_get64(struct der_span *from, bool *bad);
struct der_span pack_get_span(struct der_span *from, bool *bad);
void pack_get_bytes(struct der_span *from, uint8_t *dst, size_t len, bool *bad);
void pack_get_text(struct der_span *from, char *dst, size_t size, bool *bad);

#endif /* KSECD_PACK_H */
