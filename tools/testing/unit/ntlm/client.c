// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An NTLM client for tests (MS-NLMP 3.1).
 */
#include <ctype.h>
#include <string.h>

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>

#include "client.h"
#include "tools/testing/tap/tap.h"

static const uint8_t version[8] = { 10, 0, 0x61, 0x4a, 0, 0, 0, 15 };

/**
 * client_init() - a client like Windows': Unicode, sign and seal, MIC
 * @c: the client
 */
void client_init(struct client *c)
{
	memset(c, 0, sizeof(*c));
	c->negotiate = CLIENT_FLAGS;
	c->version = true;
	c->user = "alice";
	c->domain = "DOM";
	c->workstation = "CLIENT";
	c->password = "Passw0rd!";
	c->header = 88;
	c->mic = true;
	c->resp_type = 1;
	c->hi_resp_type = 1;
	memset(c->random_key, 0x5a, sizeof(c->random_key));
	c->key_len = 16;
}

void client_nt_hash(const char *password, uint8_t hash[16])
{
	struct md4_ctx ctx;

	md4_init(&ctx);
	for (; *password; password++)
		md4_update(&ctx, 2, (const uint8_t[]){ *password, 0 });
	md4_digest(&ctx, 16, hash);
}

static void hmac(const uint8_t key[16], const struct bytes *data, uint8_t mac[16])
{
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, 16, key);
	hmac_md5_update(&ctx, data->len, data->data);
	hmac_md5_digest(&ctx, 16, mac);
}

/**
 * client_negotiate() - make a NEGOTIATE_MESSAGE
 * @c: the client
 * @message: the message
 */
void client_negotiate(const struct client *c, struct bytes *message)
{
	message->len = 0;
	bytes_put(message, "NTLMSSP", 8);
	bytes_put32(message, 1);
	bytes_put32(message, c->negotiate);
	bytes_put64(message, 0);
	bytes_put64(message, 0);
	if (c->version)
		bytes_put(message, version, sizeof(version));
}

static uint16_t get16(const uint8_t *src)
{
	return src[0] | src[1] << 8;
}

static uint32_t get32(const uint8_t *src)
{
	return get16(src) | (uint32_t)get16(src + 2) << 16;
}

/* Bring the server's AV pairs back, and add our own. */
static void put_av_pairs(const struct client *c, const struct bytes *challenge,
			 struct bytes *blob, uint8_t timestamp[8])
{
	uint32_t flags = c->av_flags | (c->mic ? 2 : 0);
	static struct bytes text;
	size_t at = get32(challenge->data + 44);

	for (; get16(challenge->data + at); at += 4 + get16(challenge->data + at + 2)) {
		const uint8_t *pair = challenge->data + at;
		uint16_t id = get16(pair), len = get16(pair + 2);

		if (id == 7)
			memcpy(timestamp, pair + 4, 8);
		if (id == c->drop_av)
			continue;
		bytes_put_av(blob, id, pair + 4, len);
		if (id == c->change_av && len)
			blob->data[blob->len - 1] ^= 1;
	}
	if (flags) {
		bytes_put16(blob, 6);
		bytes_put16(blob, 4);
		bytes_put32(blob, flags);
	}
	if (c->cbt)
		bytes_put_av(blob, 10, c->cbt, 16);
	if (c->target_raw) {
		bytes_put_av(blob, 9, c->target_raw->data, c->target_raw->len);
	} else if (c->target) {
		text.len = 0;
		bytes_put_ascii16(&text, c->target);
		bytes_put_av(blob, 9, text.data, text.len);
	}
	if (c->extra_av)
		bytes_put(blob, c->extra_av->data, c->extra_av->len);
	if (!c->no_eol) {
		bytes_put32(blob, 0);
		for (at = 0; at < c->behind_eol; at++)
			bytes_put(blob, "\xff", 1);
	}
}

/* NTProofStr and NTLMv2_CLIENT_CHALLENGE (MS-NLMP 2.2.2.7, 3.3.2) */
static void put_response(struct client *c, const struct bytes *challenge, struct bytes *nt)
{
	const char *domain = c->hash_domain ? c->hash_domain : c->domain;
	uint8_t hash[16], key[16], proof[16], timestamp[8] = { 0 };
	static struct bytes name, blob, hashed;
	size_t i;

	blob.len = 0;
	bytes_put(&blob, (const uint8_t[]){ c->resp_type, c->hi_resp_type }, 2);
	bytes_put(&blob, "\0\0\0\0\0", 6);
	bytes_put64(&blob, 0);
	bytes_put(&blob, "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa", 8);
	bytes_put32(&blob, 0);
	put_av_pairs(c, challenge, &blob, timestamp);
	if (c->timestamp)
		bytes_set64(timestamp, c->timestamp);
	memcpy(blob.data + 8, timestamp, 8);

	name.len = 0;
	for (i = 0; c->user[i]; i++)
		bytes_put16(&name, toupper((unsigned char)c->user[i]));
	bytes_put_ascii16(&name, domain);
	client_nt_hash(c->password, hash);
	hmac(hash, &name, key);

	hashed.len = 0;
	bytes_put(&hashed, challenge->data + 24, 8);
	bytes_put(&hashed, blob.data, blob.len);
	hmac(key, &hashed, proof);
	hashed.len = 0;
	bytes_put(&hashed, proof, sizeof(proof));
	hmac(key, &hashed, c->base_key);

	nt->len = 0;
	bytes_put(nt, proof, sizeof(proof));
	bytes_put(nt, blob.data, blob.len);
}

static void put_name(const struct client *c, struct bytes *dst, const char *name,
		     const struct bytes *raw)
{
	dst->len = 0;
	if (raw)
		bytes_put(dst, raw->data, raw->len);
	else if (c->flags & NTLMSSP_NEGOTIATE_UNICODE)
		bytes_put_ascii16(dst, name);
	else
		bytes_put(dst, name, strlen(name));
}

/* ExportedSessionKey, and what of it is sent */
static void put_key(struct client *c, struct bytes *key)
{
	struct arcfour_ctx ctx;
	uint8_t wrapped[16];

	key->len = 0;
	memcpy(c->exported_key, c->base_key, sizeof(c->base_key));
	if (!(c->flags & NTLMSSP_NEGOTIATE_KEY_EXCH))
		return;
	memcpy(c->exported_key, c->random_key, sizeof(c->random_key));
	arcfour_set_key(&ctx, 16, c->base_key);
	arcfour_crypt(&ctx, 16, wrapped, c->random_key);
	bytes_put(key, wrapped, sizeof(wrapped));
	while (key->len < c->key_len)
		bytes_put(key, "", 1);
	key->len = c->key_len;
}

size_t client_field_offset(const struct bytes *message, enum client_field field)
{
	return get32(message->data + field + 4);
}

size_t client_field_len(const struct bytes *message, enum client_field field)
{
	return get16(message->data + field);
}

void client_set_field(struct bytes *message, enum client_field field, size_t len, size_t offset)
{
	bytes_set16(message->data + field, len);
	bytes_set16(message->data + field + 2, len);
	bytes_set32(message->data + field + 4, offset);
}

static void put_field(struct bytes *message, enum client_field field, const struct bytes *value)
{
	client_set_field(message, field, value->len, message->len);
	bytes_put(message, value->data, value->len);
}

/**
 * client_authenticate() - make an AUTHENTICATE_MESSAGE
 * @c: the client; learns its keys
 * @negotiate: what it sent first
 * @challenge: what the server answered
 * @message: the message
 */
void client_authenticate(struct client *c, const struct bytes *negotiate,
			 const struct bytes *challenge, struct bytes *message)
{
	static struct bytes nt, lm, name, key;

	c->flags = (get32(challenge->data + 20) | c->add) & ~c->remove;
	nt.len = 0;
	lm.len = 0;
	if (c->nt_raw)
		nt = *c->nt_raw;
	else if (!c->anonymous)
		put_response(c, challenge, &nt);
	if (c->lm_raw)
		lm = *c->lm_raw;
	else if (c->anonymous)
		bytes_put(&lm, "", 1);
	else
		while (lm.len < 24)
			bytes_put(&lm, "", 1);

	message->len = 0;
	bytes_put(message, "NTLMSSP", 8);
	bytes_put32(message, 3);
	while (message->len < 60)
		bytes_put(message, "", 1);
	bytes_put32(message, c->flags);
	if (c->header >= 72)
		bytes_put(message, version, sizeof(version));
	while (message->len < c->header)
		bytes_put(message, "", 1);

	put_name(c, &name, c->domain, c->domain_raw);
	put_field(message, CLIENT_DOMAIN, &name);
	put_name(c, &name, c->anonymous ? "" : c->user, c->user_raw);
	put_field(message, CLIENT_USER, &name);
	put_name(c, &name, c->workstation, NULL);
	put_field(message, CLIENT_WORKSTATION, &name);
	put_field(message, CLIENT_LM, &lm);
	put_field(message, CLIENT_NT, &nt);
	put_key(c, &key);
	put_field(message, CLIENT_KEY, &key);
	if (c->mic && c->header >= 88)
		client_set_mic(c, negotiate, challenge, message);
}

/**
 * client_set_mic() - make the MIC of a message, again
 * @c: the client
 * @negotiate: the first message
 * @challenge: the second message
 * @message: the third message, with a header of 88 bytes
 */
void client_set_mic(const struct client *c, const struct bytes *negotiate,
		    const struct bytes *challenge, struct bytes *message)
{
	static struct bytes all;

	memset(message->data + 72, 0, 16);
	all.len = 0;
	bytes_put(&all, negotiate->data, negotiate->len);
	bytes_put(&all, challenge->data, challenge->len);
	bytes_put(&all, message->data, message->len);
	hmac(c->exported_key, &all, message->data + 72);
}
