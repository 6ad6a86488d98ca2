// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A service's SEC_CHANNEL_BINDINGS, taken apart.
 */
#include <stdbool.h>
#include <string.h>

#include "helper/channel_bindings.h"

/* The structure, in the service's own byte order; what it counts is in bytes. */
struct header {
	uint32_t initiator_type;
	uint32_t initiator_len;
	uint32_t initiator_offset;
	uint32_t acceptor_type;
	uint32_t acceptor_len;
	uint32_t acceptor_offset;
	uint32_t application_len;
	uint32_t application_offset;
};

_Static_assert(sizeof(struct header) == 32, "as SEC_CHANNEL_BINDINGS is");

static bool find(const uint8_t *buf, size_t len, uint32_t part_len, uint32_t offset,
		 const uint8_t **part)
{
	/* Where there is nothing, the offset says nothing. */
	*part = buf + (part_len ? offset : 0);
	return !part_len || (uint64_t)offset + part_len <= len;
}

/**
 * channel_bindings_read() - take the bindings that a service gave apart
 * @buf: a SEC_CHANNEL_BINDINGS buffer, need not be aligned
 * @len: its length in bytes
 * @bindings: the result, pointing into @buf
 *
 * Return: NULL, or what is wrong with them, a literal.
 */
const char *channel_bindings_read(const uint8_t *buf, size_t len,
				  struct channel_bindings *bindings)
{
	struct channel_address *initiator = &bindings->initiator;
	struct channel_address *acceptor = &bindings->acceptor;
	struct header head;

	if (len < sizeof(head))
		return "the service's channel bindings are too short";
	memcpy(&head, buf, sizeof(head));
	initiator->type = head.initiator_type;
	initiator->len = head.initiator_len;
	acceptor->type = head.acceptor_type;
	acceptor->len = head.acceptor_len;
	bindings->application_len = head.application_len;
	if (!find(buf, len, head.initiator_len, head.initiator_offset, &initiator->data) ||
	    !find(buf, len, head.acceptor_len, head.acceptor_offset, &acceptor->data) ||
	    !find(buf, len, head.application_len, head.application_offset,
		  &bindings->application))
		return "the service's channel bindings reach beyond their buffer";
	return NULL;
}
