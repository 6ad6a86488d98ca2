/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1.1 request (RFC 9110, RFC 9112): pure parsing, no I/O.
 */
#ifndef SSPI_HTTP_HTTP_H
#define SSPI_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_MAX_HEAD		32768	/* request line and all header fields, in bytes */
#define HTTP_MAX_FIELDS		100
#define HTTP_MAX_BODY		(16u << 20)	/* bodies are read and thrown away */

/**
 * struct http_request - what this server wants to know of a request
 * @method:        "GET", "HEAD" or "POST"
 * @target:        as sent; visible ASCII
 * @authorization: value of the field, or NULL
 * @minor:         0 for HTTP/1.0, 1 for HTTP/1.1
 * @keep_alive:    the connection may go on afterwards
 * @chunked:       the body comes in chunks
 * @expects:       the client waits for "100 Continue" before it sends the body
 * @json:          the client accepts application/json
 * @length:        length of the body if it is not @chunked
 *
 * The strings lie in the buffer that was parsed.
 */
struct http_request {
	const char *method;
	const char *target;
	const char *authorization;
	unsigned int minor;
	bool keep_alive;
	bool chunked;
	bool expects;
	bool json;
	uint64_t length;
};

/**
 * http_head_length() - find the end of a head
 * @buf: what has been read so far
 * @len: its length in bytes
 *
 * Return: length of the head with the empty line that ends it, 0 if there is no
 *         end yet
 */
size_t http_head_length(const char *buf, size_t len);

/**
 * http_parse() - parse a head
 * @head: the head; its line ends are overwritten
 * @len:  what http_head_length() returned
 * @req:  receives the result
 *
 * What could be read in two ways is refused: a server before or behind this one
 * might read it in the other.
 *
 * Return: 0, or the code of the response: 400, 405 (another method), 413, 417,
 *         431, 501 (a coding that is not chunked), 505.  With 405 @req is valid.
 */
unsigned int http_parse(char *head, size_t len, struct http_request *req);

/**
 * http_parse_chunk() - parse the line before a chunk
 * @line: NUL-terminated, without CRLF
 * @size: receives the size of the chunk in bytes
 *
 * Return: false if it is none
 */
bool http_parse_chunk(const char *line, uint64_t *size);

/**
 * http_hex_digit() - the value of a hexadecimal digit
 * @c: the digit, in either case
 *
 * Return: the value, -1 if it is none
 */
int http_hex_digit(char c);

/**
 * http_path() - the path that a request's target names
 * @target: of the request
 * @path:   receives it, decoded, without the first slash and without a query
 * @size:   room at @path in bytes
 *
 * What it names is for the file system to say: it may begin with another slash, or
 * have dots in it.
 *
 * Return: false if it names none: the root, what is no path, or what does not fit
 */
bool http_path(const char *target, char *path, size_t size);

/**
 * http_reason() - the words behind a code
 * @code: of a response
 *
 * Return: the reason phrase
 */
const char *http_reason(unsigned int code);

/**
 * http_credentials() - the token of an Authorization field
 * @value:  of the field, or NULL
 * @scheme: the scheme wanted, compared without regard to case
 *
 * Return: what comes behind the scheme, maybe nothing; NULL if it is another
 */
const char *http_credentials(const char *value, const char *scheme);

/**
 * base64_encode() - RFC 4648 section 4
 * @from: bytes
 * @len:  their number
 * @to:   receives the text with its NUL: 4 * ((len + 2) / 3) + 1 bytes
 */
void base64_encode(const unsigned char *from, size_t len, char *to);

/**
 * base64_decode() - RFC 4648 section 4, padded, without anything in between
 * @from: NUL-terminated text
 * @to:   receives the bytes
 * @room: at @to
 * @len:  receives their number
 *
 * Return: false if it is no base64, has stray bits at the end or does not fit
 */
bool base64_decode(const char *from, unsigned char *to, size_t room, size_t *len);

#endif /* SSPI_HTTP_HTTP_H */
