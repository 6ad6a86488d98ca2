// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "helper/pack.h"

void pack_put(struct packer *w, const void *src, size_t len)
{
	if (w->bad || len > w->size - w->len) {
		w->bad = true;
		return;
	}
	/* What is written may come from the same memory. */
	if (len)
		memmove(w->data + w->len, src, len);
	w->len += len;
}

void pack_put8(struct packer *w, uint32_t value)
{
	const uint8_t byte = (uint8_t)value;

	if (value > UINT8_MAX)
		w->bad = true;
	pack_put(w, &byte, 1);
}

void pack_put64(struct packer *w, uint64_t value)
{
	int i;

	for (i = 0; i < 8; i++)
		pack_put8(w, value >> 8 * i & 0xff);
}

void pack_put_string(struct packer *w, const void *data, size_t len)
{
	if (len > UINT16_MAX) {
		w->bad = true;
		return;
	}
	pack_put8(w, len & 0xff);
	pack_put8(w, (uint32_t)(len >> 8));
	pack_put(w, data, len);
}

void pack_put_span(struct packer *w, const struct der_span *span)
{
	pack_put_string(w, span->data, span->len);
}

uint8_t pack_get8(struct der_span *from, bool *bad)
{
	if (!from->len) {
		*bad = true;
		return 0;
	}
	from->len--;
	return *from->data++;
}

uint64_t pack_get64(struct der_span *from, bool *bad)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value |= (uint64_t)pack_get8(from, bad) << 8 * i;
	return value;
}

/* pack_get_span() - what is empty points somewhere too: to nothing, in the state */
struct der_span pack_get_span(struct der_span *from, bool *bad)
{
	struct der_span span = { from->data, 0 };
	size_t len = pack_get8(from, bad);

	len |= (size_t)pack_get8(from, bad) << 8;
	if (len > from->len) {
		*bad = true;
		return span;
	}
	span = (struct der_span){ from->data, len };
	from->data += len;
	from->len -= len;
	return span;
}

void pack_get_bytes(struct der_span *from, uint8_t *dst, size_t len, bool *bad)
{
	while (len--)
		*dst++ = pack_get8(from, bad);
}

/* pack_get_text() - a string that fits into @size with a NUL behind it, and has none in it */
void pack_get_text(struct der_span *from, char *dst, size_t size, bool *bad)
{
	struct der_span span = pack_get_span(from, bad);

	if (span.len >= size || memchr(span.data, '\0', span.len)) {
		*bad = true;
		return;
	}
	memcpy(dst, span.data, span.len);
	dst[span.len] = '\0';
}
