// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kerberos tokens from outside: the framing of RFC 4121 section 4.1, and of an
 * AP-REQ (RFC 4120 section 5.5.1) what is readable without a key.
 *
 * Nothing here is believed: whom a ticket is for decides which key is tried, and
 * only that key makes it true.
 */
#include <stdlib.h>
#include <string.h>

#include "helper/kerberos/kerberos.h"

#define TAG_INTEGER		0x02
#define TAG_BIT_STRING		0x03
#define TAG_OID			0x06
#define TAG_GENERAL_STRING	0x1b
#define TAG_SEQUENCE		0x30
#define TAG_APPLICATION(n)	(0x60 + (n))
#define TAG_CONTEXT(n)		(0xa0 + (n))

#define AP_REQ			14	/* [APPLICATION 14] and msg-type */
#define KERBEROS_VERSION	5
#define USE_SESSION_KEY		0x40	/* in the first byte of APOptions */

static const struct {
	uint8_t len;
	uint8_t oid[10];
} mechanisms[] = {
	[KERBEROS_FRAMED] = { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 } },
	[KERBEROS_FRAMED_MS] = { 9, { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02 } },
	[KERBEROS_FRAMED_U2U] = { 10, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
					0x03 } },
};

#define MECHANISMS	(sizeof(mechanisms) / sizeof(mechanisms[0]))

/*
 * Take an element off the front of @in.  Lengths are as DER has them: definite and
 * in as few bytes as there can be.
 */
static bool take_any(struct kerberos_span *in, uint8_t *tag, struct kerberos_span *out)
{
	size_t head = 2, len, n;

	/* No tag here has a number above 30. */
	if (in->len < 2 || (in->data[0] & 0x1f) == 0x1f)
		return false;
	len = in->data[1];
	if (len & 0x80) {
		n = len & 0x7f;
		if (!n || n > 4 || in->len < 2 + n || !in->data[2])
			return false;
		for (len = 0; head < 2 + n; head++)
			len = len << 8 | in->data[head];
		if (len < 0x80)
			return false;
	}
	if (len > in->len - head)
		return false;
	*tag = in->data[0];
	*out = (struct kerberos_span){ in->data + head, len };
	in->data += head + len;
	in->len -= head + len;
	return true;
}

static bool take(struct kerberos_span *in, uint8_t tag, struct kerberos_span *out)
{
	uint8_t found;

	return take_any(in, &found, out) && found == tag;
}

/* An element with nothing behind it. */
static bool take_last(struct kerberos_span *in, uint8_t tag, struct kerberos_span *out)
{
	return take(in, tag, out) && !in->len;
}

/* A field "[n] tag": an element that is alone in a context tag. */
static bool take_field(struct kerberos_span *in, unsigned int n, uint8_t tag,
		       struct kerberos_span *out)
{
	struct kerberos_span outer;

	return take(in, TAG_CONTEXT(n), &outer) && take_last(&outer, tag, out);
}

static bool take_number(struct kerberos_span *in, unsigned int n, int32_t *value)
{
	struct kerberos_span field;
	size_t i;
	int64_t number;

	if (!take_field(in, n, TAG_INTEGER, &field) || !field.len || field.len > 4)
		return false;
	number = field.data[0] & 0x80 ? -1 : 0;
	for (i = 0; i < field.len; i++)
		number = (int64_t)((uint64_t)number << 8 | field.data[i]);
	*value = (int32_t)number;
	return true;
}

/*
 * Text of a principal is added to @dst.  Names with bytes that would have to be
 * escaped are no service's here.
 */
static bool add_text(char *dst, const struct kerberos_span *text)
{
	size_t len = strlen(dst), i;

	if (!text->len || text->len >= KERBEROS_PRINCIPAL_MAX - len)
		return false;
	for (i = 0; i < text->len; i++)
		if (text->data[i] <= ' ' || text->data[i] == 0x7f || strchr("/@\\", text->data[i]))
			return false;
	memcpy(dst + len, text->data, text->len);
	dst[len + text->len] = '\0';
	return true;
}

static bool read_realm(struct kerberos_span *ticket, struct kerberos_ap_req *req)
{
	struct kerberos_span text;

	return take_field(ticket, 1, TAG_GENERAL_STRING, &text) && add_text(req->realm, &text);
}

/* PrincipalName ::= SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF ... } */
static bool read_name(struct kerberos_span *ticket, struct kerberos_ap_req *req)
{
	struct kerberos_span name, strings, text;
	int32_t type;

	if (!take_field(ticket, 2, TAG_SEQUENCE, &name) || !take_number(&name, 0, &type) ||
	    !take_field(&name, 1, TAG_SEQUENCE, &strings) || name.len || !strings.len)
		return false;
	while (strings.len) {
		if (*req->name && strlen(req->name) < KERBEROS_PRINCIPAL_MAX - 1)
			strcat(req->name, "/");
		if (!take(&strings, TAG_GENERAL_STRING, &text) || !add_text(req->name, &text))
			return false;
	}
	return true;
}

/* EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] ... } */
static bool read_etype(struct kerberos_span *in, unsigned int n, int32_t *etype)
{
	struct kerberos_span data;

	return take_field(in, n, TAG_SEQUENCE, &data) && take_number(&data, 0, etype);
}

/* Ticket ::= [APPLICATION 1] SEQUENCE { tkt-vno [0], realm [1], sname [2], enc-part [3] } */
static bool read_ticket(struct kerberos_span *in, struct kerberos_ap_req *req)
{
	struct kerberos_span outer, ticket;
	int32_t version;

	return take_field(in, 3, TAG_APPLICATION(1), &outer) &&
	       take_last(&outer, TAG_SEQUENCE, &ticket) &&
	       take_number(&ticket, 0, &version) && version == KERBEROS_VERSION &&
	       read_realm(&ticket, req) && read_name(&ticket, req) &&
	       read_etype(&ticket, 3, &req->ticket_etype) && !ticket.len;
}

/*
 * AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0], msg-type [1], ap-options [2],
 * ticket [3], authenticator [4] }
 */
static bool read_ap_req(struct kerberos_ap_req *req)
{
	struct kerberos_span in = req->message, outer, body, options;
	int32_t version, type;

	if (!take_last(&in, TAG_APPLICATION(AP_REQ), &outer) ||
	    !take_last(&outer, TAG_SEQUENCE, &body) ||
	    !take_number(&body, 0, &version) || version != KERBEROS_VERSION ||
	    !take_number(&body, 1, &type) || type != AP_REQ ||
	    !take_field(&body, 2, TAG_BIT_STRING, &options) || options.len < 2)
		return false;
	req->user_to_user = options.data[1] & USE_SESSION_KEY;
	return read_ticket(&body, req) && read_etype(&body, 4, &req->etype) && !body.len;
}

/**
 * kerberos_unframe() - take the framing off a token
 * @token: the token
 * @len: its length in bytes
 * @framing: the mechanism it names
 * @id: the token id
 * @inner: what is in it, pointing into @token
 *
 * Return: false if it is not framed, or for a mechanism that is not Kerberos.
 */
bool kerberos_unframe(const uint8_t *token, size_t len, enum kerberos_framing *framing,
		      uint16_t *id, struct kerberos_span *inner)
{
	struct kerberos_span in = { token, len }, body, oid;
	size_t i;

	if (!take_last(&in, TAG_APPLICATION(0), &body) || !take(&body, TAG_OID, &oid) ||
	    body.len < 2)
		return false;
	for (i = KERBEROS_FRAMED; i < MECHANISMS; i++)
		if (oid.len == mechanisms[i].len && !memcmp(oid.data, mechanisms[i].oid, oid.len))
			break;
	if (i == MECHANISMS)
		return false;
	*framing = i;
	*id = (uint16_t)(body.data[0] << 8 | body.data[1]);
	*inner = (struct kerberos_span){ body.data + 2, body.len - 2 };
	return true;
}

static size_t put_length(uint8_t *dst, size_t len)
{
	if (len < 0x80) {
		dst[0] = len;
		return 1;
	}
	if (len < 0x100) {
		dst[0] = 0x81;
		dst[1] = len;
		return 2;
	}
	dst[0] = 0x83;
	dst[1] = len >> 16;
	dst[2] = len >> 8;
	dst[3] = len;
	if (dst[1])
		return 4;
	dst[0] = 0x82;
	dst[1] = dst[2];
	dst[2] = dst[3];
	return 3;
}

/**
 * kerberos_frame() - frame a token
 * @framing: with which mechanism; KERBEROS_RAW makes a plain copy
 * @id: the token id
 * @inner: the token
 * @len: its length in bytes, less than 16 MiB
 * @ret_len: length of the result in bytes
 *
 * Return: the result, the caller's to free(), or NULL without memory.
 */
uint8_t *kerberos_frame(enum kerberos_framing framing, uint16_t id, const uint8_t *inner,
			size_t len, size_t *ret_len)
{
	size_t body = framing == KERBEROS_RAW ? 0 : 2 + mechanisms[framing].len + 2 + len;
	uint8_t *out = malloc(5 + body + len), *p = out;

	if (!out)
		return NULL;
	if (body) {
		*p++ = TAG_APPLICATION(0);
		p += put_length(p, body);
		*p++ = TAG_OID;
		*p++ = mechanisms[framing].len;
		memcpy(p, mechanisms[framing].oid, mechanisms[framing].len);
		p += mechanisms[framing].len;
		*p++ = id >> 8;
		*p++ = (uint8_t)id;
	}
	memcpy(p, inner, len);
	*ret_len = (size_t)(p - out) + len;
	return out;
}

/**
 * kerberos_read_token() - read a client's first token
 * @token: the token
 * @len: its length in bytes
 * @req: the result, with @req->message pointing into @token
 *
 * A token for user to user authentication is read up to its framing only.
 *
 * Return: NULL, or what is wrong with it, a literal.
 */
const char *kerberos_read_token(const uint8_t *token, size_t len, struct kerberos_ap_req *req)
{
	uint16_t id;

	memset(req, 0, sizeof(*req));
	if (!len)
		return "there is no token";
	if (token[0] == TAG_APPLICATION(AP_REQ)) {
		req->framing = KERBEROS_RAW;
		req->message = (struct kerberos_span){ token, len };
	} else if (!kerberos_unframe(token, len, &req->framing, &id, &req->message)) {
		return "the token is not Kerberos'";
	} else if (req->framing == KERBEROS_FRAMED_U2U) {
		req->user_to_user = true;
		return NULL;
	} else if (id != KERBEROS_ID_AP_REQ) {
		return "the token is no AP-REQ";
	}
	return read_ap_req(req) ? NULL : "the AP-REQ is malformed";
}
