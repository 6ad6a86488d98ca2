// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the client's credentials: auth-params (RFC 7235 2.1) with commas between
 * them, of which Digest has twelve (RFC 7616 3.4).
 *
 * What is here twice, or not as the RFC has it, is refused as a whole: two readers of
 * one header must not find two users in it.  Parameters that nobody knows are skipped,
 * as the RFC wants it, but they have to be parameters.
 */
#include <string.h>
#include <strings.h>

#include "helper/digest/digest.h"
#include "helper/text.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

#define TCHARS		"!#$%&'*+-.^_`|~0123456789"			\
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER_HEX	"0123456789abcdef"

/**
 * struct reader - where the parser is
 * @src:  what is left
 * @end:  where it ends
 * @text: where the next value goes; there is always room, since a value has fewer bytes
 *        than stand for it
 */
struct reader {
	const char *src;
	const char *end;
	char *text;
};

/* Of what form a parameter has to be; one that is none of ours is of any. */
enum form { ANY, QUOTED, TOKEN };

static const struct {
	const char *name;
	enum form form;
	bool needed;
	const char *missing;
} params[DIGEST_PARAMS] = {
	[DIGEST_USERNAME] = { "username", QUOTED, false, NULL },
	[DIGEST_USERNAME_EXT] = { "username*", TOKEN, false, NULL },
	[DIGEST_REALM] = { "realm", QUOTED, true, "the realm is missing" },
	[DIGEST_NONCE] = { "nonce", QUOTED, true, "the nonce is missing" },
	[DIGEST_URI] = { "uri", QUOTED, true, "the uri is missing" },
	[DIGEST_RESPONSE] = { "response", QUOTED, true, "the response is missing" },
	[DIGEST_ALGORITHM] = { "algorithm", ANY, false, NULL },
	[DIGEST_CNONCE] = { "cnonce", QUOTED, true, "the cnonce is missing" },
	[DIGEST_OPAQUE] = { "opaque", QUOTED, false, NULL },
	[DIGEST_QOP] = { "qop", ANY, true,
			 "there is no qop: the client is one of RFC 2069, which is not accepted" },
	[DIGEST_NC] = { "nc", ANY, true, "the nc is missing" },
	[DIGEST_USERHASH] = { "userhash", ANY, false, NULL },
};

/**
 * digest_is_tchar() - whether a character may be in a token (RFC 9110 5.6.2)
 * @c: the character
 */
bool digest_is_tchar(char c)
{
	return c && strchr(TCHARS, c);
}

/* HTAB, SP, VCHAR, obs-text: what may stand in a quoted-string, also behind a backslash */
static bool is_text(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

static void skip_blanks(struct reader *r)
{
	while (r->src < r->end && (*r->src == ' ' || *r->src == '\t'))
		r->src++;
}

static bool take(struct reader *r, char c)
{
	if (r->src == r->end || *r->src != c)
		return false;
	r->src++;
	return true;
}

static struct digest_span take_token(struct reader *r)
{
	const char *start = r->src;

	while (r->src < r->end && digest_is_tchar(*r->src))
		r->src++;
	return (struct digest_span){ start, (size_t)(r->src - start) };
}

/* The rest of a quoted-string, behind its first quotation mark. */
static const char *take_quoted(struct reader *r, struct digest_span *ret_value)
{
	char *start = r->text;

	while (r->src < r->end) {
		char c = *r->src++;

		if (c == '"') {
			*ret_value = (struct digest_span){ start, (size_t)(r->text - start) };
			return NULL;
		}
		if (c == '\\') {
			if (r->src == r->end)
				break;
			c = *r->src++;
		}
		if (!is_text(c))
			return "a quoted string has a control character";
		*r->text++ = c;
	}
	return "a quoted string has no end";
}

static const char *take_value(struct reader *r, enum form form, struct digest_span *ret_value)
{
	if (form != TOKEN && take(r, '"'))
		return take_quoted(r, ret_value);
	if (form == QUOTED)
		return "a parameter that has to be quoted is not";
	*ret_value = take_token(r);
	if (!ret_value->len)
		return "a parameter has no value";
	memcpy(r->text, ret_value->data, ret_value->len);
	ret_value->data = r->text;
	r->text += ret_value->len;
	return NULL;
}

static unsigned int find_param(const struct digest_span *name)
{
	unsigned int i;

	for (i = 0; i < DIGEST_PARAMS; i++)
		if (strlen(params[i].name) == name->len &&
		    !strncasecmp(params[i].name, name->data, name->len))
			break;
	return i;
}

static const char *take_param(struct reader *r, struct digest_credentials *c)
{
	struct digest_span name = take_token(r), unknown, *value;
	unsigned int i = find_param(&name);

	if (!name.len)
		return "this is no list of parameters";
	skip_blanks(r);
	if (!take(r, '='))
		return "a parameter has no value";
	skip_blanks(r);
	if (i == DIGEST_PARAMS)
		return take_value(r, ANY, &unknown);
	value = &c->value[i];
	if (value->data)
		return "a parameter is there twice";
	return take_value(r, params[i].form, value);
}

/* 1#auth-param; elements without anything in them are allowed (RFC 7230 7). */
static const char *read_params(struct reader *r, struct digest_credentials *c)
{
	const char *wrong = NULL;
	unsigned int i;

	for (;;) {
		skip_blanks(r);
		if (take(r, ','))
			continue;
		if (r->src == r->end)
			break;
		wrong = take_param(r, c);
		if (wrong)
			return wrong;
		skip_blanks(r);
		if (r->src < r->end && *r->src != ',')
			return "something else than a comma follows upon a parameter";
	}
	for (i = 0; i < DIGEST_PARAMS && !wrong; i++)
		if (params[i].needed && !c->value[i].data)
			wrong = params[i].missing;
	return wrong;
}

static bool equals(const struct digest_span *value, const char *word)
{
	return value->len == strlen(word) && !strncasecmp(value->data, word, value->len);
}

/* All of it small hexadecimal digits, as LHEX is (RFC 7616 3.4). */
static bool is_lower_hex(const struct digest_span *value, size_t len)
{
	size_t i;

	for (i = 0; i < value->len; i++)
		if (!memchr(LOWER_HEX, value->data[i], sizeof(LOWER_HEX) - 1))
			return false;
	return value->len == len;
}

/* Without the parameter the client means MD5 (RFC 7616 3.3). */
static const char *read_algorithm(struct digest_credentials *c)
{
	const struct digest_span *value = &c->value[DIGEST_ALGORITHM];

	c->algorithm = DIGEST_MD5;
	if (value->data && !digest_find(value->data, value->len, &c->algorithm))
		return "the algorithm is neither SHA-256 nor MD5";
	return NULL;
}

static const char *read_qop(struct digest_credentials *c)
{
	const struct digest_span *qop = &c->value[DIGEST_QOP];

	/* As the client has written it, it is hashed. */
	if (qop->len != 4 || memcmp(qop->data, "auth", 4))
		return "the qop is not auth";
	if (!is_lower_hex(&c->value[DIGEST_NC], 8))
		return "the nc does not have 8 hexadecimal digits";
	if (!c->value[DIGEST_CNONCE].len)
		return "the cnonce is empty";
	return NULL;
}

static const char *read_response(struct digest_credentials *c)
{
	const struct digest_span *value = &c->value[DIGEST_RESPONSE];
	size_t len = digest_len(c->algorithm);

	if (!is_lower_hex(value, 2 * len) || !text_get_hex(value->data, c->response, len))
		return "the response is not as long as one of its algorithm";
	return NULL;
}

static const char *read_hashed(struct digest_credentials *c)
{
	const struct digest_span *value = &c->value[DIGEST_USERNAME];
	size_t len = digest_len(c->algorithm);

	if (!value->data)
		return "a user is both hidden and shown";
	if (!is_lower_hex(value, 2 * len) || !text_get_hex(value->data, c->userhash, len))
		return "the hash of the user is not as long as one of its algorithm";
	c->hashed = true;
	return NULL;
}

static const char *set_user(struct digest_credentials *c, const char *name, size_t len)
{
	size_t i;

	if (!len || len > KSECDD_MAX_NAME)
		return "the user's name is empty or too long";
	if (!text_is_utf8(name, len))
		return "the user's name is not UTF-8";
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return "the user's name has a control character";
	memcpy(c->user, name, len);
	c->user[len] = '\0';
	return NULL;
}

/* ext-value: UTF-8'LANGUAGE'NAME, where NAME may have %XX in it (RFC 5987 3.2). */
static const char *set_extended_user(struct digest_credentials *c)
{
	static const char charset[] = "UTF-8'";
	const struct digest_span *value = &c->value[DIGEST_USERNAME_EXT];
	const char *src, *end = value->data + value->len;
	char name[KSECDD_MAX_NAME];
	size_t len = 0;
	uint8_t byte;

	if (value->len < sizeof(charset) - 1 ||
	    strncasecmp(value->data, charset, sizeof(charset) - 1))
		return "the user's name is in another character set than UTF-8";
	src = memchr(value->data + sizeof(charset) - 1, '\'', value->len - sizeof(charset) + 1);
	if (!src)
		return "the user's name has no language, not even an empty one";
	for (src++; src < end; src++) {
		byte = (uint8_t)*src;
		if (*src == '*' || *src == '\'')
			return "the user's name has a character that has to be encoded";
		if (*src == '%') {
			if (end - src < 3 || !text_get_hex(src + 1, &byte, 1))
				return "the user's name ends in the middle of a character";
			src += 2;
		}
		if (len == sizeof(name))
			return "the user's name is empty or too long";
		name[len++] = (char)byte;
	}
	return set_user(c, name, len);
}

static const char *read_user(struct digest_credentials *c)
{
	const struct digest_span *plain = &c->value[DIGEST_USERNAME];
	const struct digest_span *extended = &c->value[DIGEST_USERNAME_EXT];
	const struct digest_span *userhash = &c->value[DIGEST_USERHASH];

	if (!plain->data == !extended->data)
		return plain->data ? "the user is there twice" : "the user is missing";
	if (userhash->data && equals(userhash, "true"))
		return read_hashed(c);
	if (userhash->data && !equals(userhash, "false"))
		return "userhash is neither true nor false";
	return extended->data ? set_extended_user(c) : set_user(c, plain->data, plain->len);
}

/**
 * digest_credentials_parse() - read the client's credentials
 * @src: what stands behind "Digest " in the Authorization field; untrusted
 * @len: its length in bytes
 * @credentials: what it says; of no meaning after an error
 *
 * Return: NULL, or what is wrong with it, a literal for the log.
 */
const char *digest_credentials_parse(const uint8_t *src, size_t len,
				     struct digest_credentials *credentials)
{
	static const char *(*const readers[])(struct digest_credentials *c) = {
		read_algorithm, read_qop, read_response, read_user,
	};
	struct reader r = { .src = (const char *)src, .end = (const char *)src + len };
	const char *wrong;
	size_t i;

	memset(credentials->value, 0, sizeof(credentials->value));
	credentials->user[0] = '\0';
	credentials->hashed = false;
	if (len > sizeof(credentials->text))
		return "the client's credentials are too long";
	r.text = credentials->text;
	wrong = read_params(&r, credentials);
	for (i = 0; i < COUNT(readers) && !wrong; i++)
		wrong = readers[i](credentials);
	return wrong;
}
