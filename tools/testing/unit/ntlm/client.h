/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An NTLM client for tests, with a knob for everything a client can do wrong.
 *
 * It shares no code with the daemon: what the daemon gets wrong in MS-NLMP it
 * must not get wrong in the same way here.
 */
#ifndef KSECDD_UNIT_NTLM_CLIENT_H
#define KSECDD_UNIT_NTLM_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksecdd_ntlm.h>

#include "bytes.h"

#define CLIENT_MAX_AV	16

/* NegotiateFlags of a Windows client, and of curl */
#define CLIENT_FLAGS	0xe20882b7
#define CLIENT_CURL	(NTLMSSP_NEGOTIATE_OEM | NTLMSSP_REQUEST_TARGET | \
			 NTLMSSP_NEGOTIATE_NTLM | NTLMSSP_NEGOTIATE_ALWAYS_SIGN | \
			 NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY)

/* Where the fields of an AUTHENTICATE_MESSAGE are */
enum client_field {
	CLIENT_LM = 12,
	CLIENT_NT = 20,
	CLIENT_DOMAIN = 28,
	CLIENT_USER = 36,
	CLIENT_WORKSTATION = 44,
	CLIENT_KEY = 52,
};

/**
 * struct client - how the client behaves
 * @negotiate:   NegotiateFlags of the NEGOTIATE_MESSAGE
 * @version:     the NEGOTIATE_MESSAGE has Version: 40 bytes, else 32
 * @add:         flags added to the server's in the AUTHENTICATE_MESSAGE
 * @remove:      flags removed from them
 * @user:        UserName, ASCII
 * @domain:      DomainName, ASCII
 * @workstation: Workstation, ASCII
 * @user_raw:    UserName as bytes, instead of @user
 * @domain_raw:  DomainName as bytes, instead of @domain
 * @hash_domain: what is hashed as the domain; NULL - @domain
 * @password:    ASCII
 * @header:      bytes before the payload: 64, 72 or 88
 * @mic:         announce a MIC and send it
 * @av_flags:    MsvAvFlags besides
 * @cbt:         MsvAvChannelBindings, 16 bytes; NULL - none
 * @target:      MsvAvTargetName, ASCII; NULL - none
 * @target_raw:  MsvAvTargetName as bytes, instead of @target
 * @drop_av:     id of a server's AV pair that is not brought back
 * @change_av:   id of a server's AV pair that is brought back changed
 * @extra_av:    AV pairs as bytes, behind the others
 * @no_eol:      the list of AV pairs does not end
 * @behind_eol:  bytes that follow MsvAvEOL
 * @timestamp:   TimeStamp; 0 - the server's
 * @resp_type:   RespType
 * @hi_resp_type: HiRespType
 * @nt_raw:      NtChallengeResponse as bytes, instead of an NTLMv2 response
 * @lm_raw:      LmChallengeResponse as bytes, instead of 24 zeros
 * @anonymous:   neither user nor responses
 * @random_key:  random session key
 * @key_len:     bytes of EncryptedRandomSessionKey
 *
 * What the client knows after client_authenticate():
 * @flags:       NegotiateFlags as sent
 * @base_key:    SessionBaseKey
 * @exported_key: ExportedSessionKey
 */
struct client {
	uint32_t negotiate;
	bool version;
	uint32_t add;
	uint32_t remove;
	const char *user;
	const char *domain;
	const char *workstation;
	const struct bytes *user_raw;
	const struct bytes *domain_raw;
	const char *hash_domain;
	const char *password;
	size_t header;
	bool mic;
	uint32_t av_flags;
	const uint8_t *cbt;
	const char *target;
	const struct bytes *target_raw;
	uint16_t drop_av;
	uint16_t change_av;
	const struct bytes *extra_av;
	bool no_eol;
	size_t behind_eol;
	uint64_t timestamp;
	uint8_t resp_type;
	uint8_t hi_resp_type;
	const struct bytes *nt_raw;
	const struct bytes *lm_raw;
	bool anonymous;
	uint8_t random_key[16];
	size_t key_len;

	uint32_t flags;
	uint8_t base_key[16];
	uint8_t exported_key[16];
};

void client_init(struct client *c);
void client_nt_hash(const char *password, uint8_t hash[16]);
void client_negotiate(const struct client *c, struct bytes *message);
void client_authenticate(struct client *c, const struct bytes *negotiate,
			 const struct bytes *challenge, struct bytes *message);
void client_set_mic(const struct client *c, const struct bytes *negotiate,
		    const struct bytes *challenge, struct bytes *message);
size_t client_field_offset(const struct bytes *message, enum client_field field);
size_t client_field_len(const struct bytes *message, enum client_field field);
void client_set_field(struct bytes *message, enum client_field field, size_t len, size_t offset);

#endif /* KSECDD_UNIT_NTLM_CLIENT_H */
