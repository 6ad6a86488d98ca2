/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of CredSSP for tests: its messages, right and wrong, and what stands for the
 * module's seal.
 *
 * It shares no code with the daemon: what the daemon gets wrong in DER or in MS-CSSP it
 * must not get wrong in the same way here.
 */
#ifndef KSECDD_UNIT_CREDSSP_PEER_H
#define KSECDD_UNIT_CREDSSP_PEER_H

#include "tools/testing/unit/ntlm/server.h"
#include "tools/testing/unit/spnego/wire.h"

/* PKCS#1 as a certificate has it, but short */
#define PEER_KEY	"3003020105"

/**
 * struct peer_request - a TSRequest
 * @version:     contents of the INTEGER, as hex
 * @nego:        a negoToken
 * @second_nego: another one
 * @auth_info:   authInfo
 * @pub_key:     pubKeyAuth
 * @error:       contents of the INTEGER errorCode
 * @nonce:       clientNonce
 *
 * Parts without data are not there.
 */
struct peer_request {
	const char *version;
	struct wire_part nego;
	struct wire_part second_nego;
	struct wire_part auth_info;
	struct wire_part pub_key;
	struct wire_part error;
	struct wire_part nonce;
};

struct wire_part peer_part(const struct bytes *b);
void peer_request(struct bytes *b, const struct peer_request *request);
bool peer_read(const void *data, size_t len, struct peer_request *request, struct bytes *version);

void peer_password(struct bytes *b, const char *domain, const char *user, const char *password);
void peer_credentials(struct bytes *b, uint8_t type, struct wire_part inner);

int32_t peer_module(struct engine_result *res, struct engine_message *msg);
void peer_module_begin(void);
void peer_module_keys(struct engine_result *res);
void peer_seal(struct bytes *b, const uint8_t key[16], const void *plain, size_t len);
bool peer_unseal(struct bytes *b, const uint8_t key[16], struct wire_part sealed);
void peer_hash(uint8_t hash[32], bool to_server, struct wire_part nonce, struct wire_part key);

#endif /* KSECDD_UNIT_CREDSSP_PEER_H */
