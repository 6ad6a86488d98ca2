// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the service says of its client's request: struct ksecdd_digest, which libsspi
 * makes of the SECBUFFER_PKG_PARAMS buffers.  The service may be anybody, so it is
 * checked like what clients send.
 */
#include <string.h>

#include "helper/digest/digest.h"
#include "helper/text.h"

/* A method is a token (RFC 9110 9.1), so no colon of it can move into A2. */
static bool is_method(const struct digest_span *part)
{
	size_t i;

	for (i = 0; i < part->len; i++)
		if (!digest_is_tchar(part->data[i]))
			return false;
	return true;
}

static bool is_uri(const struct digest_span *part)
{
	size_t i;

	for (i = 0; i < part->len; i++)
		if ((unsigned char)part->data[i] <= ' ' || part->data[i] == 0x7f)
			return false;
	return true;
}

static bool is_entity(const struct digest_span *part)
{
	(void)part;
	return true;
}

/* It is written into a header: no line feed of it may begin another one. */
static bool is_realm(const struct digest_span *part)
{
	size_t i;

	for (i = 0; i < part->len; i++)
		if ((unsigned char)part->data[i] < ' ' || part->data[i] == 0x7f)
			return false;
	return part->len <= DIGEST_MAX_REALM && text_is_utf8(part->data, part->len);
}

static const struct {
	bool (*is)(const struct digest_span *part);
	const char *wrong;
} parts[KSECDD_DIGEST_PARTS] = {
	[KSECDD_DIGEST_METHOD] = { is_method, "the service's method is no token" },
	[KSECDD_DIGEST_URI] = { is_uri, "the service's URI has a blank or a control character" },
	[KSECDD_DIGEST_ENTITY] = { is_entity, NULL },
	[KSECDD_DIGEST_REALM] = { is_realm, "the service's realm is too long, not UTF-8, or has "
					    "a control character" },
};

/**
 * digest_request_read() - read what the service says
 * @src: struct ksecdd_digest, need not be aligned
 * @len: its length in bytes; 0: the service says nothing
 * @request: what it says; points into @src
 *
 * Return: NULL, or what is wrong with it, a literal for the log.
 */
const char *digest_request_read(const uint8_t *src, size_t len, struct digest_request *request)
{
	struct ksecdd_digest head;
	const char *data;
	unsigned int i;
	size_t left;

	memset(request, 0, sizeof(*request));
	if (!len)
		return NULL;
	if (len < sizeof(head))
		return "what the service says of the request is cut";
	memcpy(&head, src, sizeof(head));
	if (head.flags & ~(uint32_t)KSECDD_DIGEST_COMPLETE)
		return "what the service says of the request has flags that nobody knows";
	request->complete = head.flags & KSECDD_DIGEST_COMPLETE;
	data = (const char *)src + sizeof(head);
	left = len - sizeof(head);
	for (i = 0; i < KSECDD_DIGEST_PARTS; i++) {
		if (head.len[i] > left)
			return "what the service says of the request is cut";
		if (head.len[i]) {
			request->part[i] = (struct digest_span){ data, head.len[i] };
			request->given = true;
			if (!parts[i].is(&request->part[i]))
				return parts[i].wrong;
		}
		data += head.len[i];
		left -= head.len[i];
	}
	return left ? "something follows upon what the service says of the request" : NULL;
}
