// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "peer.h"

#define TAG	16	/* bytes of a seal */

struct wire_part peer_part(const struct bytes *b)
{
	return (struct wire_part){ b->data, b->len };
}

/* An element with what is put into it in @inner, behind an explicit tag. */
static void put_in(struct bytes *b, uint8_t context, uint8_t tag, struct wire_part part)
{
	static struct bytes inner;

	if (!part.data)
		return;
	inner.len = 0;
	wire_put(&inner, tag, part.data, part.len);
	wire_put(b, context, inner.data, inner.len);
}

static void put_nego(struct bytes *list, struct wire_part token)
{
	static struct bytes item;

	if (!token.data)
		return;
	item.len = 0;
	put_in(&item, 0xa0, 0x04, token);
	wire_put(list, 0x30, item.data, item.len);
}

/* peer_request() - make a TSRequest */
void peer_request(struct bytes *b, const struct peer_request *request)
{
	static struct bytes list;
	uint8_t version[16];
	size_t len = bytes_hex(request->version, version, sizeof(version));

	b->len = list.len = 0;
	put_in(b, 0xa0, 0x02, (struct wire_part){ version, len });
	put_nego(&list, request->nego);
	put_nego(&list, request->second_nego);
	if (list.len)
		put_in(b, 0xa1, 0x30, peer_part(&list));
	put_in(b, 0xa2, 0x04, request->auth_info);
	put_in(b, 0xa3, 0x04, request->pub_key);
	put_in(b, 0xa4, 0x02, request->error);
	put_in(b, 0xa5, 0x04, request->nonce);
	wire_wrap(b, 0x30);
}

/* Takes an optional element off that is behind an explicit tag. */
static bool take_in(const uint8_t **p, const uint8_t *end, uint8_t context, uint8_t tag,
		    struct wire_part *part)
{
	*part = (struct wire_part){ NULL, 0 };
	if (*p == end || **p != context)
		return true;
	return wire_next(p, end, context, part) && wire_only(part, tag);
}

/* peer_read() - read a TSRequest with one negoToken at most */
bool peer_read(const void *data, size_t len, struct peer_request *request, struct bytes *version)
{
	struct wire_part whole = { data, len }, number, list;
	const uint8_t *p, *end;

	memset(request, 0, sizeof(*request));
	if (!wire_only(&whole, 0x30))
		return false;
	p = whole.data;
	end = p + whole.len;
	if (!take_in(&p, end, 0xa0, 0x02, &number) || !number.data ||
	    !take_in(&p, end, 0xa1, 0x30, &list) ||
	    !take_in(&p, end, 0xa2, 0x04, &request->auth_info) ||
	    !take_in(&p, end, 0xa3, 0x04, &request->pub_key) ||
	    !take_in(&p, end, 0xa4, 0x02, &request->error) ||
	    !take_in(&p, end, 0xa5, 0x04, &request->nonce) || p != end)
		return false;
	version->len = 0;
	bytes_put(version, number.data, number.len);
	if (!list.data)
		return true;
	request->nego = list;
	return wire_only(&request->nego, 0x30) && wire_only(&request->nego, 0xa0) &&
	       wire_only(&request->nego, 0x04);
}

static void put_text(struct bytes *b, uint8_t context, const char *text)
{
	static struct bytes utf16;

	utf16.len = 0;
	bytes_put_ascii16(&utf16, text);
	put_in(b, context, 0x04, peer_part(&utf16));
}

/* peer_credentials() - make TSCredentials */
void peer_credentials(struct bytes *b, uint8_t type, struct wire_part inner)
{
	b->len = 0;
	put_in(b, 0xa0, 0x02, (struct wire_part){ &type, 1 });
	put_in(b, 0xa1, 0x04, inner);
	wire_wrap(b, 0x30);
}

/* peer_password() - make TSCredentials with a password */
void peer_password(struct bytes *b, const char *domain, const char *user, const char *password)
{
	static struct bytes inner;

	inner.len = 0;
	put_text(&inner, 0xa0, domain);
	put_text(&inner, 0xa1, user);
	put_text(&inner, 0xa2, password);
	wire_wrap(&inner, 0x30);
	peer_credentials(b, 1, peer_part(&inner));
}

/* What stands for the module: it has the key that it was given last. */
static struct {
	uint8_t key[16];
	bool has_key;
} module;

void peer_module_begin(void)
{
	memset(&module, 0, sizeof(module));
}

static void make_tag(const uint8_t key[16], const uint8_t *data, size_t len, uint8_t tag[TAG])
{
	struct hmac_md5_ctx ctx;

	hmac_md5_set_key(&ctx, 16, key);
	hmac_md5_update(&ctx, len, data);
	hmac_md5_digest(&ctx, TAG, tag);
}

/* Something that nobody takes for the plain text, and the tag in front of it. */
static size_t seal(const uint8_t key[16], const uint8_t *plain, size_t len, uint8_t *out)
{
	size_t i;

	make_tag(key, plain, len, out);
	for (i = 0; i < len; i++)
		out[TAG + i] = plain[i] ^ key[i % 16];
	return TAG + len;
}

static int32_t unseal(const uint8_t key[16], const uint8_t *sealed, size_t len, uint8_t *out)
{
	uint8_t tag[TAG];
	size_t i;

	if (len < TAG)
		return SEC_E_INVALID_TOKEN;
	for (i = TAG; i < len; i++)
		out[i - TAG] = sealed[i] ^ key[i % 16];
	make_tag(key, out, len - TAG, tag);
	return memcmp(tag, sealed, TAG) ? SEC_E_MESSAGE_ALTERED : SEC_E_OK;
}

/* peer_module_keys() - the key of a result goes to the module, as ksecd gives it */
void peer_module_keys(struct engine_result *res)
{
	if (res->key_len != sizeof(module.key))
		return;
	memcpy(module.key, res->key, sizeof(module.key));
	module.has_key = res->keyed = true;
	memset(res->key, 0, sizeof(res->key));
	res->key_len = 0;
}

/**
 * peer_module() - struct server.seal: what stands for the module
 * @res: the engine's result
 * @msg: the message
 *
 * Return: the status.
 */
int32_t peer_module(struct engine_result *res, struct engine_message *msg)
{
	int32_t status;

	peer_module_keys(res);
	if (!module.has_key)
		return SEC_E_INVALID_HANDLE;
	if (msg->op == KSECDD_MESSAGE_ENCRYPT) {
		msg->out_len = seal(module.key, msg->data, msg->len, msg->out);
		return SEC_E_OK;
	}
	status = unseal(module.key, msg->data, msg->len, msg->out);
	msg->out_len = status == SEC_E_OK ? msg->len - TAG : 0;
	return status;
}

/* peer_seal() - seal as the client does */
void peer_seal(struct bytes *b, const uint8_t key[16], const void *plain, size_t len)
{
	b->len = seal(key, plain, len, b->data);
}

/* peer_unseal() - open what the server has sealed */
bool peer_unseal(struct bytes *b, const uint8_t key[16], struct wire_part sealed)
{
	if (sealed.len < TAG || unseal(key, sealed.data, sealed.len, b->data) != SEC_E_OK)
		return false;
	b->len = sealed.len - TAG;
	return true;
}

/* peer_hash() - MS-CSSP 3.1.5, version 5: how a key is bound to the nonce */
void peer_hash(uint8_t hash[32], bool to_server, struct wire_part nonce, struct wire_part key)
{
	static const char magic[2][38] = {
		"CredSSP Server-To-Client Binding Hash", "CredSSP Client-To-Server Binding Hash",
	};
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, 38, (const uint8_t *)magic[to_server]);
	sha256_update(&ctx, nonce.len, nonce.data);
	sha256_update(&ctx, key.len, key.data);
	sha256_digest(&ctx, 32, hash);
}
