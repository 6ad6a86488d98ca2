/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the CredSSP engine share.
 */
#ifndef KSECD_CREDSSP_CREDSSP_H
#define KSECD_CREDSSP_CREDSSP_H

#include "helper/credssp/message.h"
#include "helper/engine.h"

/* Bytes of a public key at most: RSA with 16384 bits */
#define CREDSSP_MAX_KEY	2112

/* Bytes of a hash with which a server's key is bound */
#define CREDSSP_HASH	32

/* Where a logon is */
enum credssp_phase {
	CREDSSP_HANDSHAKE,	/* records of TLS go both ways */
	CREDSSP_NEGOTIATION,	/* tokens of Negotiate go both ways */
	CREDSSP_KNOWN,		/* the client is known, its pubKeyAuth is not there */
	CREDSSP_BOUND,		/* and knows our key; its authInfo is not there */
	CREDSSP_PHASES,
};

/**
 * struct credssp_half - what is kept between the legs
 * @phase:    where the logon is
 * @peer:     version that the client says, 0 - none was said yet
 * @leg:      tokens that Negotiate has had
 * @key:      our SubjectPublicKey, as struct tls_answer has it
 * @nonce:    the client's clientNonce
 * @endpoint: hash of tls-server-end-point
 * @unique:   tls-unique
 * @inner:    state of the handshake or of Negotiate, or the client who is known
 */
struct credssp_half {
	enum credssp_phase phase;
	uint32_t peer;
	uint32_t leg;
	struct der_span key;
	struct der_span nonce;
	struct der_span endpoint;
	struct der_span unique;
	struct der_span inner;
};

bool credssp_half_write(const struct credssp_half *half, uint8_t *dst, size_t size,
			size_t *ret_len);
bool credssp_half_read(const uint8_t *src, size_t len, struct credssp_half *half);

void credssp_hash_client(const struct der_span *nonce, const struct der_span *key,
			 uint8_t hash[CREDSSP_HASH]);
void credssp_hash_server(const struct der_span *nonce, const struct der_span *key,
			 uint8_t hash[CREDSSP_HASH]);

/**
 * struct credssp - a token that is being judged
 * @env:     the environment
 * @step:    what came in
 * @res:     what comes out
 * @half:    what is known from the legs before, and is to be kept
 * @request: what came in, read
 * @has_version: the client has said which version it speaks
 */
struct credssp {
	const struct engine_env *env;
	const struct engine_step *step;
	struct engine_result *res;
	struct credssp_half half;
	struct ts_request request;
	bool has_version;
};

int32_t credssp_verdict(struct credssp *c, int32_t status, const char *reason);
int32_t credssp_invalid(struct credssp *c, const char *reason);
int32_t credssp_keep(struct credssp *c, enum credssp_phase phase, const char *reason);

int32_t credssp_unseal(struct credssp *c, const struct der_span *sealed, uint8_t **plain,
		       size_t *len);
void credssp_forget(uint8_t *plain, size_t len);
int32_t credssp_check_key(struct credssp *c);
int32_t credssp_seal_key(struct credssp *c, uint8_t **sealed, size_t *len);

int32_t credssp_handshake(struct credssp *c);
int32_t credssp_negotiate(struct credssp *c);
int32_t credssp_bind(struct credssp *c);
int32_t credssp_take_credentials(struct credssp *c);

#endif /* KSECD_CREDSSP_CREDSSP_H */
