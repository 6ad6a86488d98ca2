// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is sealed with the keys that Negotiate agreed on: pubKeyAuth and authInfo.  The
 * module has the keys.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/memops.h>

#include "helper/credssp/credssp.h"

static int32_t work(struct credssp *c, struct engine_message *msg)
{
	if (!c->env->message)
		return SEC_E_INTERNAL_ERROR;
	return c->env->message(c->env->data, c->res, msg);
}

/* credssp_forget() - wipe and free what was unsealed */
void credssp_forget(uint8_t *plain, size_t len)
{
	if (plain)
		explicit_bzero(plain, len);
	free(plain);
}

/* What it means that the module does not unseal something */
static int32_t refuse_seal(struct credssp *c, int32_t status)
{
	switch (status) {
	case SEC_E_INVALID_TOKEN:
		return credssp_invalid(c, "what the client has sealed is no message");
	case SEC_E_MESSAGE_ALTERED:
	case SEC_E_OUT_OF_SEQUENCE:
	case SEC_E_DECRYPT_FAILURE:
		return credssp_verdict(c, SEC_E_MESSAGE_ALTERED,
				       "what the client has sealed was changed on the way");
	case SEC_E_INSUFFICIENT_MEMORY:
		return credssp_invalid(c, asn1_no_memory);
	default:
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR, "the module unseals nothing");
	}
}

/**
 * credssp_unseal() - open pubKeyAuth or authInfo
 * @c:      the logon
 * @sealed: what came
 * @plain:  receives what was in it, for credssp_forget() with @sealed->len
 * @len:    receives its length in bytes
 *
 * Return: SEC_E_OK; another status, which is the verdict.
 */
int32_t credssp_unseal(struct credssp *c, const struct der_span *sealed, uint8_t **plain,
		       size_t *len)
{
	struct engine_message msg = {
		.op = KSECDD_MESSAGE_DECRYPT, .data = sealed->data, .len = sealed->len,
		.out = malloc(sealed->len + 1), .size = sealed->len,
	};
	int32_t status;

	*plain = NULL;
	if (!msg.out)
		return credssp_invalid(c, asn1_no_memory);
	status = work(c, &msg);
	if (status != SEC_E_OK) {
		credssp_forget(msg.out, msg.size);
		return refuse_seal(c, status);
	}
	*plain = msg.out;
	*len = msg.out_len;
	return SEC_E_OK;
}

static int32_t seal(struct credssp *c, const uint8_t *data, size_t len, uint8_t **sealed,
		    size_t *sealed_len)
{
	struct engine_message msg = {
		.op = KSECDD_MESSAGE_ENCRYPT, .data = data, .len = len,
		.out = malloc(len + ENGINE_MAX_SEAL), .size = len + ENGINE_MAX_SEAL,
	};
	int32_t status;

	if (!msg.out)
		return credssp_invalid(c, asn1_no_memory);
	status = work(c, &msg);
	if (status != SEC_E_OK) {
		free(msg.out);
		return credssp_verdict(c, status == SEC_E_INSUFFICIENT_MEMORY ?
				       status : SEC_E_INTERNAL_ERROR, "the module seals nothing");
	}
	*sealed = msg.out;
	*sealed_len = msg.out_len;
	return SEC_E_OK;
}

/* Older clients send the key itself, and get it back with one more in its first byte. */
static bool has_nonce(const struct credssp *c)
{
	return c->half.peer >= CREDSSP_VERSION_NONCE;
}

/**
 * credssp_check_key() - whether the client means our key
 * @c: the logon, with pubKeyAuth in what came
 *
 * Return: SEC_E_OK; another status, which is the verdict.
 */
int32_t credssp_check_key(struct credssp *c)
{
	struct der_span want = c->half.key;
	uint8_t hash[CREDSSP_HASH], *plain;
	int32_t status;
	size_t len = 0;
	bool same;

	if (has_nonce(c)) {
		/* A nonce of a message before is none of this one. */
		if (!c->request.nonce.data)
			return credssp_invalid(c, "clientNonce is missing");
		credssp_hash_client(&c->half.nonce, &c->half.key, hash);
		want = (struct der_span){ hash, sizeof(hash) };
	}
	status = credssp_unseal(c, &c->request.pub_key, &plain, &len);
	if (status != SEC_E_OK)
		return status;
	same = len == want.len && memeql_sec(plain, want.data, len);
	credssp_forget(plain, c->request.pub_key.len);
	if (!same)
		return credssp_verdict(c, SEC_E_MESSAGE_ALTERED,
				       "the client has seen another key than ours: somebody is "
				       "in the middle");
	return SEC_E_OK;
}

/**
 * credssp_seal_key() - our pubKeyAuth
 * @c:      the logon
 * @sealed: receives it, from malloc()
 * @len:    receives its length in bytes
 *
 * Return: SEC_E_OK; another status, which is the verdict.
 */
int32_t credssp_seal_key(struct credssp *c, uint8_t **sealed, size_t *len)
{
	uint8_t proof[CREDSSP_MAX_KEY];

	if (has_nonce(c)) {
		credssp_hash_server(&c->half.nonce, &c->half.key, proof);
		return seal(c, proof, CREDSSP_HASH, sealed, len);
	}
	if (c->half.key.len > sizeof(proof))
		return credssp_verdict(c, SEC_E_INTERNAL_ERROR, "our key is too long");
	memcpy(proof, c->half.key.data, c->half.key.len);
	proof[0]++;
	return seal(c, proof, c->half.key.len, sealed, len);
}
