// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tokens of arcfour-hmac, RFC 4757 section 7: those of RFC 1964 with other
 * algorithms.
 *
 * They are weak: of a MIC token, whoever is in between can change the sequence
 * number without being noticed.  So a helper has to say that its configuration
 * wants them.
 */
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <linux/ksecdd_sspi.h>

#include "../compat/compat.h"
#include "../ntlm/hmac_md5.h"
#include "../ntlm/rc4.h"
#include "krb5.h"

#define KSEC_ARCFOUR_KEY	MD5_DIGEST_SIZE
#define KSEC_ARCFOUR_CONFOUNDER	8
#define KSEC_ARCFOUR_CHECKSUM	8
#define KSEC_ARCFOUR_PIECE	SZ_4K

/* RFC 1964 section 1.2.2.3: the data is padded to whole blocks of one byte. */
#define KSEC_ARCFOUR_PAD	1

/* RFC 4757 section 7.2 and 7.3: what the checksum is for */
#define KSEC_ARCFOUR_USAGE_WRAP	13
#define KSEC_ARCFOUR_USAGE_MIC	15

/* RFC 2743 section 3.1: tag, length, and the mechanism's object identifier */
static const u8 ksec_arcfour_oid[] = {
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
};

#define KSEC_ARCFOUR_TAG	0x60
#define KSEC_ARCFOUR_MAX_FRAME	(1 + 5 + sizeof(ksec_arcfour_oid))

/**
 * struct ksec_arcfour_token - a token behind its frame
 * @t_id:         0x0101 for MIC, 0x0201 for Wrap
 * @t_sign:       algorithm of the checksum
 * @t_seal:       algorithm of the encryption; 0xffff for none and for MIC
 * @t_filler:     0xffff
 * @t_seq:        sequence number and direction, encrypted
 * @t_checksum:   checksum
 * @t_confounder: of a Wrap token only
 */
struct ksec_arcfour_token {
	__be16 t_id;
	__be16 t_sign;
	__be16 t_seal;
	__be16 t_filler;
	u8 t_seq[8];
	u8 t_checksum[KSEC_ARCFOUR_CHECKSUM];
	u8 t_confounder[KSEC_ARCFOUR_CONFOUNDER];
};

#define KSEC_ARCFOUR_HEADER	offsetof(struct ksec_arcfour_token, t_seq)
#define KSEC_ARCFOUR_MIC	offsetof(struct ksec_arcfour_token, t_confounder)
#define KSEC_ARCFOUR_WRAP	sizeof(struct ksec_arcfour_token)

#define KSEC_ARCFOUR_ID_MIC	cpu_to_be16(0x0101)
#define KSEC_ARCFOUR_ID_WRAP	cpu_to_be16(0x0201)
#define KSEC_ARCFOUR_HMAC	cpu_to_be16(0x1100)
#define KSEC_ARCFOUR_RC4	cpu_to_be16(0x1000)
#define KSEC_ARCFOUR_NONE	cpu_to_be16(0xffff)

/**
 * struct ksec_arcfour_text - what a Wrap token protects
 * @x_data: the data that may be encrypted
 * @x_len:  its bytes
 * @x_pad:  padding; NULL - in DCE style there is none, and in a stream it is a
 *          part of the data
 */
struct ksec_arcfour_text {
	u8 *x_data;
	u32 x_len;
	u8 *x_pad;
};

static int ksec_arcfour_hmac(const u8 *key, const void *data, u32 len, u8 out[MD5_DIGEST_SIZE])
{
	struct ksec_hmac_key ready;
	struct ksec_hmac hmac;
	int err;

	err = ksec_hmac_setkey(&ready, key, KSEC_ARCFOUR_KEY);
	if (!err)
		err = ksec_hmac_start(&hmac, &ready);
	if (!err)
		err = ksec_hmac_update(&hmac, data, len);
	if (!err)
		err = ksec_hmac_final(&hmac, &ready, out);
	ksec_hmac_wipe(&hmac);
	memzero_explicit(&ready, sizeof(ready));
	return err;
}

/* A cipher whose key is HMAC(HMAC(key, 0), data). */
static int ksec_arcfour_cipher(struct ksec_rc4 *rc4, const u8 *key, const void *data, u32 len)
{
	static const u8 zero[4];
	u8 digest[MD5_DIGEST_SIZE];
	int err;

	err = ksec_arcfour_hmac(key, zero, sizeof(zero), digest);
	if (!err)
		err = ksec_arcfour_hmac(digest, data, len, digest);
	if (!err)
		ksec_rc4_setkey(rc4, digest, sizeof(digest));
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/* Encrypts or decrypts t_seq; its key is made from the checksum. */
static int ksec_arcfour_crypt_seq(const struct ksec_krb5_keys *keys,
				  struct ksec_arcfour_token *token)
{
	struct ksec_rc4 rc4;
	int err;

	err = ksec_arcfour_cipher(&rc4, keys->k_key, token->t_checksum, sizeof(token->t_checksum));
	if (!err)
		ksec_rc4_crypt(&rc4, token->t_seq, sizeof(token->t_seq));
	memzero_explicit(&rc4, sizeof(rc4));
	return err;
}

/* Encrypts or decrypts confounder, data and padding. */
static int ksec_arcfour_crypt_text(const struct ksec_krb5_keys *keys, u32 seq,
				   struct ksec_arcfour_token *token,
				   const struct ksec_arcfour_text *text)
{
	u8 key[KSEC_ARCFOUR_KEY];
	__be32 be_seq = cpu_to_be32(seq);
	struct ksec_rc4 rc4;
	u32 i, n;
	int err;

	for (i = 0; i < sizeof(key); i++)
		key[i] = keys->k_key[i] ^ 0xf0;
	err = ksec_arcfour_cipher(&rc4, key, &be_seq, sizeof(be_seq));
	memzero_explicit(key, sizeof(key));
	if (err)
		goto out_wipe;
	ksec_rc4_crypt(&rc4, token->t_confounder, sizeof(token->t_confounder));
	for (i = 0; i < text->x_len; i += n) {
		n = min_t(u32, text->x_len - i, KSEC_ARCFOUR_PIECE);
		ksec_rc4_crypt(&rc4, text->x_data + i, n);
		cond_resched();
	}
	if (text->x_pad)
		ksec_rc4_crypt(&rc4, text->x_pad, KSEC_ARCFOUR_PAD);
out_wipe:
	memzero_explicit(&rc4, sizeof(rc4));
	return err;
}

static int ksec_arcfour_hash(struct ksec_hmac *hash, const u8 *data, u32 len)
{
	int err = 0;
	u32 n;

	for (; !err && len; data += n, len -= n) {
		n = min_t(u32, len, KSEC_ARCFOUR_PIECE);
		err = ksec_hmac_update(hash, data, n);
		cond_resched();
	}
	return err;
}

/* The checksum of a token over a message; @text is NULL for MIC. */
static int ksec_arcfour_checksum(const struct ksec_krb5_keys *keys,
				 const struct ksec_arcfour_token *token,
				 const struct ksec_message *msg,
				 const struct ksec_arcfour_text *text, u8 out[MD5_DIGEST_SIZE])
{
	static const char signature_key[] = "signaturekey";	/* with its NUL */
	__le32 usage = cpu_to_le32(text ? KSEC_ARCFOUR_USAGE_WRAP : KSEC_ARCFOUR_USAGE_MIC);
	u8 key[MD5_DIGEST_SIZE];
	struct ksec_hmac hash;
	unsigned int i;
	int err;

	err = ksec_md5_start(&hash);
	if (!err)
		err = ksec_hmac_update(&hash, &usage, sizeof(usage));
	if (!err)
		err = ksec_hmac_update(&hash, token, KSEC_ARCFOUR_HEADER);
	if (!err && text)
		err = ksec_hmac_update(&hash, token->t_confounder, sizeof(token->t_confounder));
	if (msg->stream)
		err = err ?: ksec_arcfour_hash(&hash, text->x_data, text->x_len);
	for (i = 0; !err && !msg->stream && i < msg->nsegments; i++) {
		if (msg->segments[i].sign)
			err = ksec_arcfour_hash(&hash, msg->segments[i].data,
						msg->segments[i].len);
	}
	if (!err && text && text->x_pad)
		err = ksec_hmac_update(&hash, text->x_pad, KSEC_ARCFOUR_PAD);
	if (!err)
		err = ksec_md5_final(&hash, out);
	ksec_hmac_wipe(&hash);

	if (!err)
		err = ksec_arcfour_hmac(keys->k_key, signature_key, sizeof(signature_key), key);
	if (!err)
		err = ksec_arcfour_hmac(key, out, MD5_DIGEST_SIZE, out);
	memzero_explicit(key, sizeof(key));
	return err;
}

/* Which byte the four behind a sequence number are: who sent it. */
static u8 ksec_arcfour_direction(const struct ksec_krb5_keys *keys, enum ksec_krb5_way way)
{
	return (way == KSEC_KRB5_SEND) == ksec_krb5_initiator(keys) ? 0x00 : 0xff;
}

/* How many bytes write_frame() writes for a content of @len. */
static u32 ksec_arcfour_frame_len(u32 len)
{
	u32 size = 2;

	len += sizeof(ksec_arcfour_oid);
	if (len >= 0x80)
		for (; len; len >>= 8)
			size++;
	return size + sizeof(ksec_arcfour_oid);
}

static u8 *ksec_arcfour_write_frame(u8 *out, u32 len)
{
	u32 bytes = ksec_arcfour_frame_len(len) - 2 - sizeof(ksec_arcfour_oid);

	len += sizeof(ksec_arcfour_oid);
	*out++ = KSEC_ARCFOUR_TAG;
	*out++ = bytes ? 0x80 | bytes : len;
	while (bytes--)
		*out++ = len >> (8 * bytes);
	memcpy(out, ksec_arcfour_oid, sizeof(ksec_arcfour_oid));
	return out + sizeof(ksec_arcfour_oid);
}

/*
 * Length of the frame at @in, 0 if it is none around a content of the bytes that
 * follow it, @more bytes elsewhere included.  Of the many ways to write a length,
 * one is taken.  In DCE style the length is that of the token without the data.
 */
static u32 ksec_arcfour_read_frame(const u8 *in, u32 len, u32 more, u32 dce_len)
{
	u8 frame[KSEC_ARCFOUR_MAX_FRAME];
	u32 size;

	for (size = 2 + sizeof(ksec_arcfour_oid); size <= sizeof(frame) && size < len; size++) {
		u32 content = dce_len ?: len - size + more;

		if (ksec_arcfour_frame_len(content) != size)
			continue;
		ksec_arcfour_write_frame(frame, content);
		return memcmp(in, frame, size) ? 0 : size;
	}
	return 0;
}

static bool ksec_arcfour_dce(const struct ksec_krb5_keys *keys)
{
	return keys->k_flags & KSECDD_KRB5_DCE_STYLE;
}

/* Numbers, sums and perhaps encrypts; @text is NULL for MIC. */
static s32 ksec_arcfour_protect(struct ksec_krb5_keys *keys, struct ksec_message *msg,
				struct ksec_arcfour_token *token,
				const struct ksec_arcfour_text *text)
{
	u8 digest[MD5_DIGEST_SIZE];
	__be32 be_seq;
	u64 seq;
	int err;

	if (!ksec_krb5_take_seq(keys, &seq))
		return SEC_E_CONTEXT_EXPIRED;
	err = ksec_arcfour_checksum(keys, token, msg, text, digest);
	if (!err) {
		be_seq = cpu_to_be32(lower_32_bits(seq));
		memcpy(token->t_checksum, digest, sizeof(token->t_checksum));
		memcpy(token->t_seq, &be_seq, sizeof(be_seq));
		memset(token->t_seq + sizeof(be_seq), ksec_arcfour_direction(keys, KSEC_KRB5_SEND),
		       sizeof(token->t_seq) - sizeof(be_seq));
		err = ksec_arcfour_crypt_seq(keys, token);
	}
	if (!err && token->t_seal == KSEC_ARCFOUR_RC4)
		err = ksec_arcfour_crypt_text(keys, lower_32_bits(seq), token, text);
	if (err)
		ksec_krb5_return_seq(keys, seq);
	memzero_explicit(digest, sizeof(digest));
	return ksec_krb5_status(err);
}

/* MakeSignature */
static s32 ksec_arcfour_sign(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	u32 frame = ksec_arcfour_frame_len(KSEC_ARCFOUR_MIC);
	struct ksec_arcfour_token token = {
		.t_id = KSEC_ARCFOUR_ID_MIC,
		.t_sign = KSEC_ARCFOUR_HMAC,
		.t_seal = KSEC_ARCFOUR_NONE,
		.t_filler = KSEC_ARCFOUR_NONE,
	};
	s32 status;

	if (msg->qop)
		return SEC_E_QOP_NOT_SUPPORTED;
	if (msg->token_len < frame + KSEC_ARCFOUR_MIC)
		return SEC_E_BUFFER_TOO_SMALL;
	status = ksec_arcfour_protect(keys, msg, &token, NULL);
	if (status != SEC_E_OK)
		return status;
	memcpy(ksec_arcfour_write_frame(msg->token, KSEC_ARCFOUR_MIC), &token, KSEC_ARCFOUR_MIC);
	msg->token_len = frame + KSEC_ARCFOUR_MIC;
	return SEC_E_OK;
}

/* EncryptMessage */
static s32 ksec_arcfour_encrypt(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	bool seal = !msg->qop;
	u32 pad = ksec_arcfour_dce(keys) ? 0 : KSEC_ARCFOUR_PAD;
	u32 framed = KSEC_ARCFOUR_WRAP + (pad ? msg->sealed_len + pad : 0);
	u32 frame = ksec_arcfour_frame_len(framed);
	const struct ksec_arcfour_text text = {
		.x_data = msg->sealed,
		.x_len = msg->sealed_len,
		.x_pad = pad ? msg->padding : NULL,
	};
	struct ksec_arcfour_token token = {
		.t_id = KSEC_ARCFOUR_ID_WRAP,
		.t_sign = KSEC_ARCFOUR_HMAC,
		.t_seal = seal ? KSEC_ARCFOUR_RC4 : KSEC_ARCFOUR_NONE,
		.t_filler = KSEC_ARCFOUR_NONE,
	};
	s32 status;

	if (msg->qop && msg->qop != SECQOP_WRAP_NO_ENCRYPT)
		return SEC_E_QOP_NOT_SUPPORTED;
	if (msg->token_len < frame + KSEC_ARCFOUR_WRAP || msg->padding_len < pad)
		return SEC_E_BUFFER_TOO_SMALL;
	get_random_bytes(token.t_confounder, sizeof(token.t_confounder));
	memset(msg->padding, KSEC_ARCFOUR_PAD, pad);
	status = ksec_arcfour_protect(keys, msg, &token, &text);
	if (status != SEC_E_OK)
		return status;
	memcpy(ksec_arcfour_write_frame(msg->token, framed), &token, KSEC_ARCFOUR_WRAP);
	msg->token_len = frame + KSEC_ARCFOUR_WRAP;
	msg->padding_len = pad;
	ksec_krb5_mark_data(msg, seal);
	return SEC_E_OK;
}

/* What the two ends of an exchange have in common: judge a token of the peer. */
static s32 ksec_arcfour_judge(struct ksec_krb5_keys *keys, struct ksec_message *msg,
			      struct ksec_arcfour_token *token,
			      const struct ksec_arcfour_text *text)
{
	u8 direction = ksec_arcfour_direction(keys, KSEC_KRB5_RECEIVE);
	u8 digest[MD5_DIGEST_SIZE];
	__be32 be_seq;
	s32 status;
	int err;

	err = ksec_arcfour_crypt_seq(keys, token);
	memcpy(&be_seq, token->t_seq, sizeof(be_seq));
	if (!err && memchr_inv(token->t_seq + sizeof(be_seq), direction,
			       sizeof(token->t_seq) - sizeof(be_seq)))
		err = -EBADMSG;
	if (!err && token->t_seal == KSEC_ARCFOUR_RC4)
		err = ksec_arcfour_crypt_text(keys, be32_to_cpu(be_seq), token, text);
	if (!err)
		err = ksec_arcfour_checksum(keys, token, msg, text, digest);
	if (!err && crypto_memneq(digest, token->t_checksum, sizeof(token->t_checksum)))
		err = -EBADMSG;
	memzero_explicit(digest, sizeof(digest));
	status = ksec_krb5_status(err);
	if (status == SEC_E_OK && text) {
		const u8 *pad = text->x_pad ?: text->x_data + text->x_len - 1;

		if (!ksec_arcfour_dce(keys) && *pad != KSEC_ARCFOUR_PAD)
			status = SEC_E_MESSAGE_ALTERED;
	}
	if (status == SEC_E_OK &&
	    !ksec_krb5_window_accept(&keys->k_window,
				     ksec_krb5_window_extend(&keys->k_window,
							     be32_to_cpu(be_seq)),
				     keys->k_flags))
		status = SEC_E_OUT_OF_SEQUENCE;
	return status;
}

/* VerifySignature */
static s32 ksec_arcfour_verify(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	u32 frame = ksec_arcfour_frame_len(KSEC_ARCFOUR_MIC);
	struct ksec_arcfour_token token;
	s32 status;

	msg->qop = 0;
	if (msg->token_len != frame + KSEC_ARCFOUR_MIC ||
	    ksec_arcfour_read_frame(msg->token, msg->token_len, 0, 0) != frame)
		return SEC_E_INVALID_TOKEN;
	memcpy(&token, msg->token + frame, KSEC_ARCFOUR_MIC);
	if (token.t_id != KSEC_ARCFOUR_ID_MIC || token.t_sign != KSEC_ARCFOUR_HMAC ||
	    token.t_seal != KSEC_ARCFOUR_NONE || token.t_filler != KSEC_ARCFOUR_NONE)
		return SEC_E_INVALID_TOKEN;
	status = ksec_arcfour_judge(keys, msg, &token, NULL);
	memzero_explicit(&token, sizeof(token));
	return status;
}

/* DecryptMessage */
static s32 ksec_arcfour_decrypt(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	u32 pad = ksec_arcfour_dce(keys) ? 0 : KSEC_ARCFOUR_PAD, frame;
	u32 elsewhere = msg->stream ? 0 : pad;
	struct ksec_arcfour_token token;
	struct ksec_arcfour_text text;
	struct ksec_krb5_wire wire;
	bool seal;
	s32 status;

	msg->qop = 0;
	if (!ksec_krb5_wire(&wire, msg, KSEC_ARCFOUR_WRAP) || msg->padding_len < elsewhere)
		return SEC_E_INVALID_TOKEN;
	frame = ksec_arcfour_read_frame(wire.w_data, wire.w_len, elsewhere,
					pad ? 0 : KSEC_ARCFOUR_WRAP);
	if (!frame || wire.w_len - frame < KSEC_ARCFOUR_WRAP + pad - elsewhere ||
	    (!msg->stream && msg->token_len != frame + KSEC_ARCFOUR_WRAP))
		return SEC_E_INVALID_TOKEN;

	memcpy(&token, wire.w_data + frame, sizeof(token));
	seal = token.t_seal == KSEC_ARCFOUR_RC4;
	if (token.t_id != KSEC_ARCFOUR_ID_WRAP || token.t_sign != KSEC_ARCFOUR_HMAC ||
	    (!seal && token.t_seal != KSEC_ARCFOUR_NONE) || token.t_filler != KSEC_ARCFOUR_NONE)
		return SEC_E_INVALID_TOKEN;
	text.x_data = wire.w_data + frame + KSEC_ARCFOUR_WRAP;
	text.x_len = wire.w_len - frame - KSEC_ARCFOUR_WRAP;
	text.x_pad = elsewhere ? msg->padding : NULL;

	status = ksec_arcfour_judge(keys, msg, &token, &text);
	memzero_explicit(&token, sizeof(token));
	if (status != SEC_E_OK)
		return status;
	if (msg->stream) {
		msg->segments[0].data = text.x_data;
		msg->segments[0].len = text.x_len - pad;
	}
	ksec_krb5_mark_data(msg, seal);
	msg->qop = seal ? 0 : SECQOP_WRAP_NO_ENCRYPT;
	return SEC_E_OK;
}

const struct ksec_krb5_tokens ksec_krb5_tokens_arcfour = {
	.f_op = {
		[KSECDD_MESSAGE_SIGN] = ksec_arcfour_sign,
		[KSECDD_MESSAGE_VERIFY] = ksec_arcfour_verify,
		[KSECDD_MESSAGE_ENCRYPT] = ksec_arcfour_encrypt,
		[KSECDD_MESSAGE_DECRYPT] = ksec_arcfour_decrypt,
	},
	.f_mic = KSEC_ARCFOUR_MIC - KSEC_ARCFOUR_CHECKSUM + 2 + sizeof(ksec_arcfour_oid),
	.f_wrap = KSEC_ARCFOUR_WRAP - KSEC_ARCFOUR_CHECKSUM + KSEC_ARCFOUR_MAX_FRAME,
	.f_last = U32_MAX,
};
