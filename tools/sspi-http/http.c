// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The head of an HTTP/1.1 request.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"

/* What the fields of one head have said so far */
struct parser {
	struct http_request *req;
	unsigned int hosts;
	bool has_length;
	bool has_coding;
	bool close;
	bool stay;
	unsigned int code;
};

size_t http_head_length(const char *buf, size_t len)
{
	const char *end = memmem(buf, len, "\r\n\r\n", 4);

	return end ? (size_t)(end - buf) + 4 : 0;
}

/* RFC 9110 section 5.6.2 */
static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *s)
{
	const char *p = s;

	while (is_token_char(*p))
		p++;
	return p > s && !*p;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* Cuts spaces off both ends, in place. */
static char *trim(char *s)
{
	char *end;

	while (is_space(*s))
		s++;
	end = s + strlen(s);
	while (end > s && is_space(end[-1]))
		end--;
	*end = 0;
	return s;
}

/* Digits and nothing else; false also for more than fits. */
static bool parse_decimal(const char *s, uint64_t *value)
{
	if (!*s)
		return false;
	for (*value = 0; *s; s++) {
		if (*s < '0' || *s > '9' || *value > (UINT64_MAX - 9) / 10)
			return false;
		*value = *value * 10 + (uint64_t)(*s - '0');
	}
	return true;
}

static unsigned int on_host(struct parser *p, char *value)
{
	(void)value;
	p->hosts++;
	return 0;
}

static unsigned int on_authorization(struct parser *p, char *value)
{
	if (p->req->authorization)
		return 400;
	p->req->authorization = value;
	return 0;
}

static unsigned int on_length(struct parser *p, char *value)
{
	uint64_t length;

	if (!parse_decimal(value, &length) || (p->has_length && length != p->req->length))
		return 400;
	p->has_length = true;
	p->req->length = length;
	return length > HTTP_MAX_BODY ? 413 : 0;
}

static unsigned int on_coding(struct parser *p, char *value)
{
	if (p->has_coding)
		return 400;
	p->has_coding = true;
	p->req->chunked = true;
	return strcasecmp(value, "chunked") ? 501 : 0;
}

static unsigned int on_connection(struct parser *p, char *value)
{
	char *option, *rest;

	for (option = strtok_r(value, ",", &rest); option; option = strtok_r(NULL, ",", &rest)) {
		option = trim(option);
		p->close |= !strcasecmp(option, "close");
		p->stay |= !strcasecmp(option, "keep-alive");
	}
	return 0;
}

static unsigned int on_expect(struct parser *p, char *value)
{
	p->req->expects = true;
	return strcasecmp(value, "100-continue") ? 417 : 0;
}

/* "application/json" in the list, unless with the weight 0 */
static unsigned int on_accept(struct parser *p, char *value)
{
	char *range, *rest, *weight;

	for (range = strtok_r(value, ",", &rest); range; range = strtok_r(NULL, ",", &rest)) {
		weight = strchr(range, ';');
		if (weight)
			*weight++ = 0;
		if (strcasecmp(trim(range), "application/json"))
			continue;
		weight = weight ? trim(weight) : NULL;
		if (!weight || strncasecmp(weight, "q=", 2) || strtod(weight + 2, NULL) > 0)
			p->req->json = true;
	}
	return 0;
}

static const struct {
	const char *name;
	unsigned int (*parse)(struct parser *p, char *value);
} fields[] = {
	{ "Host", on_host },
	{ "Authorization", on_authorization },
	{ "Content-Length", on_length },
	{ "Transfer-Encoding", on_coding },
	{ "Connection", on_connection },
	{ "Expect", on_expect },
	{ "Accept", on_accept },
};

static unsigned int parse_field(struct parser *p, char *line)
{
	char *colon = strchr(line, ':');
	unsigned int code = 0;
	char *value;
	size_t i;

	/* A space before the colon, and a line that continues another, end here. */
	if (!colon)
		return 400;
	*colon = 0;
	if (!is_token(line))
		return 400;
	value = trim(colon + 1);
	for (i = 0; value[i]; i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f)
			return 400;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!strcasecmp(line, fields[i].name))
			code = fields[i].parse(p, value);
	return code;
}

static bool is_method(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD") || !strcmp(method, "POST");
}

static unsigned int parse_request_line(char *line, struct http_request *req)
{
	char *target, *version, *p;

	req->method = line;
	target = strchr(line, ' ');
	if (!target)
		return 400;
	*target++ = 0;
	version = strchr(target, ' ');
	if (!version)
		return 400;
	*version++ = 0;
	req->target = target;
	if (!is_token(line) || !*target)
		return 400;
	for (p = target; *p; p++)
		if (*p <= ' ' || *p >= 0x7f)
			return 400;
	if (strncmp(version, "HTTP/", 5) || version[5] < '0' || version[5] > '9' ||
	    version[6] != '.' || version[7] < '0' || version[7] > '9' || version[8])
		return 400;
	if (version[5] != '1')
		return 505;
	req->minor = version[7] == '0' ? 0 : 1;
	return 0;
}

/* Cuts off a line; NULL for one with a stray CR, LF or NUL. */
static char *next_line(char **p, char *end)
{
	char *line = *p, *lf = memchr(line, '\n', (size_t)(end - line));

	if (!lf || lf == line || lf[-1] != '\r')
		return NULL;
	lf[-1] = 0;
	*p = lf + 1;
	if (strlen(line) != (size_t)(lf - 1 - line) || strchr(line, '\r'))
		return NULL;
	return line;
}

unsigned int http_parse(char *head, size_t len, struct http_request *req)
{
	struct parser parser = { .req = req };
	char *p = head, *end = head + len, *line;
	unsigned int code, n;

	memset(req, 0, sizeof(*req));
	line = next_line(&p, end);
	if (!line)
		return 400;
	code = parse_request_line(line, req);
	if (code)
		return code;
	for (n = 0;; n++) {
		unsigned int field_code;

		line = next_line(&p, end);
		if (!line)
			return 400;
		if (!*line)
			break;
		if (n == HTTP_MAX_FIELDS)
			return 431;
		field_code = parse_field(&parser, line);
		if (field_code == 400)
			return 400;
		/* The first of the other faults is told, if nothing worse follows. */
		if (!parser.code)
			parser.code = field_code;
	}
	if (parser.hosts > 1 || (req->minor && !parser.hosts))
		return 400;
	/* Two lengths of one body, or a coding in a protocol that has none */
	if (parser.has_coding && (parser.has_length || !req->minor))
		return 400;
	if (parser.code)
		return parser.code;
	req->keep_alive = !parser.close && (req->minor || parser.stay);
	return is_method(req->method) ? 0 : 405;
}

bool http_parse_chunk(const char *line, uint64_t *size)
{
	const char *p;
	char *end;

	/* strtoull() would take a sign, spaces and 0x. */
	for (p = line; (*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'f'); p++)
		;
	if (p == line || p - line > 15 || (*p && *p != ';' && !is_space(*p)))
		return false;
	*size = strtoull(line, &end, 16);
	return end == p;
}

int http_hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

	return p ? (int)(p - digits) : -1;
}

bool http_path(const char *target, char *path, size_t size)
{
	size_t len = 0;
	int high, low;

	if (*target != '/')
		return false;
	for (target++; *target && *target != '?'; target++) {
		if (len + 1 >= size)
			return false;
		path[len] = *target;
		if (*target == '%') {
			high = http_hex_digit(target[1]);
			low = high < 0 ? -1 : http_hex_digit(target[2]);
			if (low < 0)
				return false;
			path[len] = (char)(high << 4 | low);
			target += 2;
		}
		if (!path[len++])
			return false;
	}
	path[len] = '\0';
	return len;
}

const char *http_reason(unsigned int code)
{
	static const struct {
		unsigned int code;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 417, "Expectation Failed" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "Unknown";
}

const char *http_credentials(const char *value, const char *scheme)
{
	size_t len = strlen(scheme);

	if (!value || strncasecmp(value, scheme, len) || (value[len] && value[len] != ' '))
		return NULL;
	value += len;
	return value + strspn(value, " ");
}
