// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include <nettle/md5.h>
#include <nettle/sha2.h>

#include "client.h"
#include "tools/testing/tap/tap.h"

static void to_hex(const uint8_t *hash, size_t len, char *hex)
{
	size_t i;

	for (i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", hash[i]);
}

static void hash(const struct digest_client *c, const char *text, char hex[65])
{
	struct sha256_ctx sha256;
	uint8_t out[32];
	struct md5_ctx md5;

	if (c->sha256) {
		sha256_init(&sha256);
		sha256_update(&sha256, strlen(text), (const uint8_t *)text);
		sha256_digest(&sha256, 32, out);
		to_hex(out, 32, hex);
	} else {
		md5_init(&md5);
		md5_update(&md5, strlen(text), (const uint8_t *)text);
		md5_digest(&md5, 16, out);
		to_hex(out, 16, hex);
	}
}

/**
 * digest_client_init() - a client that does everything right
 * @c: the client
 */
void digest_client_init(struct digest_client *c)
{
	*c = (struct digest_client){
		.sha256 = true, .user = "alice", .password = "Passw0rd!", .method = "GET",
		.uri = "/", .nc = "00000001", .cnonce = "c2VjcmV0", .algorithm = ", algorithm=SHA-256",
		.more = "",
	};
}

/**
 * digest_client_param() - find a parameter
 * @text: of a challenge
 * @name: its name
 * @value: its value, without quotation marks and backslashes
 *
 * Return: whether it is there.
 */
bool digest_client_param(const char *text, const char *name, char value[CLIENT_TEXT])
{
	size_t len = strlen(name), n = 0;
	const char *p = text;
	bool quoted;

	while ((p = strstr(p, name)) && (p[len] != '=' || (p > text && p[-1] != ' ')))
		p++;
	if (!p)
		return false;
	p += len + 1;
	quoted = *p == '"';
	for (p += quoted; *p && *p != (quoted ? '"' : ','); p++) {
		if (quoted && *p == '\\')
			p++;
		value[n++] = *p;
	}
	value[n] = '\0';
	return true;
}

/**
 * digest_client_challenged() - take what is needed of a challenge
 * @c: the client
 * @challenge: the challenge
 *
 * Return: whether it has all that a challenge has to have.
 */
bool digest_client_challenged(struct digest_client *c, const char *challenge)
{
	char qop[CLIENT_TEXT] = "", charset[CLIENT_TEXT] = "", userhash[CLIENT_TEXT] = "";

	return digest_client_param(challenge, "realm", c->realm) &&
	       digest_client_param(challenge, "nonce", c->nonce) &&
	       digest_client_param(challenge, "qop", qop) && !strcmp(qop, "auth") &&
	       digest_client_param(challenge, "charset", charset) && !strcmp(charset, "UTF-8") &&
	       digest_client_param(challenge, "userhash", userhash) && !strcmp(userhash, "true");
}

/**
 * digest_client_userhash() - H(user:realm)
 * @c: the client
 * @hex: the hash
 */
void digest_client_userhash(const struct digest_client *c, char hex[65])
{
	char text[2 * CLIENT_TEXT];

	snprintf(text, sizeof(text), "%s:%s", c->user, c->realm);
	hash(c, text, hex);
}

/**
 * digest_client_response() - the response
 * @c: the client
 * @hex: the response
 */
void digest_client_response(const struct digest_client *c, char hex[65])
{
	char text[3 * CLIENT_TEXT], ha1[65], ha2[65];

	snprintf(text, sizeof(text), "%s:%s:%s", c->user, c->realm, c->password);
	hash(c, text, ha1);
	snprintf(text, sizeof(text), "%s:%s", c->method, c->uri);
	hash(c, text, ha2);
	snprintf(text, sizeof(text), "%s:%s:%s:%s:auth:%s", ha1, c->nonce, c->nc, c->cnonce, ha2);
	hash(c, text, hex);
}

/* In quotation marks, with the backslashes that this needs. */
static void quote(const char *text, char out[2 * CLIENT_TEXT])
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '\0';
}

/**
 * digest_client_credentials() - all of it
 * @c: the client
 * @token: what stands behind "Digest "
 */
void digest_client_credentials(const struct digest_client *c, char token[CLIENT_TOKEN])
{
	char user[2 * CLIENT_TEXT], realm[2 * CLIENT_TEXT], response[65];
	int len;

	if (c->userhash)
		digest_client_userhash(c, user);
	else if (c->shown)
		strcpy(user, c->shown);
	else
		quote(c->user, user);
	quote(c->realm, realm);
	digest_client_response(c, response);
	len = snprintf(token, CLIENT_TOKEN,
		       "username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", cnonce=\"%s\", "
		       "nc=%s, qop=auth, response=\"%s\"%s%s%s", user, realm, c->nonce, c->uri,
		       c->cnonce, c->nc, response, c->algorithm,
		       c->userhash ? ", userhash=true" : "", c->more);
	if (len < 0 || len >= CLIENT_TOKEN)
		tap_bail("credentials of %d bytes", len);
}
