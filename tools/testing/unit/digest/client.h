/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of Digest for tests, with a knob for what a client can do wrong.
 *
 * It shares no code with the daemon: what the daemon gets wrong in RFC 7616 it must not
 * get wrong in the same way here.
 */
#ifndef KSECDD_UNIT_DIGEST_CLIENT_H
#define KSECDD_UNIT_DIGEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_TEXT	2048	/* bytes of a value */
#define CLIENT_TOKEN	8192	/* bytes of credentials */

/**
 * struct digest_client - how the client behaves
 * @sha256:    the hash is SHA-256, else MD5
 * @user:      the user, as it is hashed
 * @shown:     "username" as it is written, with its escapes; NULL - @user
 * @password:  the password
 * @userhash:  the user is not shown
 * @method:    of the request
 * @uri:       of the request
 * @realm:     of the challenge
 * @nonce:     of the challenge
 * @nc:        "nc"
 * @cnonce:    "cnonce"
 * @algorithm: what is said of the algorithm: ", algorithm=..." or ""
 * @more:      what is written behind, ", ..." or ""
 */
struct digest_client {
	bool sha256;
	const char *user;
	const char *shown;
	const char *password;
	bool userhash;
	const char *method;
	const char *uri;
	char realm[CLIENT_TEXT];
	char nonce[CLIENT_TEXT];
	const char *nc;
	const char *cnonce;
	const char *algorithm;
	const char *more;
};

void digest_client_init(struct digest_client *c);
bool digest_client_challenged(struct digest_client *c, const char *challenge);
void digest_client_response(const struct digest_client *c, char hex[65]);
void digest_client_userhash(const struct digest_client *c, char hex[65]);
void digest_client_credentials(const struct digest_client *c, char token[CLIENT_TOKEN]);
bool digest_client_param(const char *text, const char *name, char value[CLIENT_TEXT]);

#endif /* KSECDD_UNIT_DIGEST_CLIENT_H */
