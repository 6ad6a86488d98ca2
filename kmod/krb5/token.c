// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tokens of RFC 4121 section 4.2, laid out in the buffers of a message as
 * Windows does (MS-KILE 3.4.5.4 to 3.4.5.7).
 *
 * A sealed Wrap token is a header and the encryption of
 *
 *	confounder | data | filler | copy of the header
 *
 * with a checksum behind it, all of which the sender may rotate to the right by
 * any number of bytes.  Rotated by what is behind the data, the encrypted data
 * ends the token, and so can stay where the data is, with the rest in a buffer of
 * its own in front of it.  A Wrap token that is not sealed is a header and
 *
 *	data | checksum
 *
 * rotated by the checksum to the same end.
 */
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/string.h>

#include <linux/ksecdd_sspi.h>

#include "../compat/compat.h"
#include "krb5.h"

/* RFC 4121 section 4.2.6 */
struct ksec_krb5_header {
	__be16 h_id;
	u8 h_flags;
	u8 h_filler;
	__be16 h_ec;		/* extra count; of a MIC token filler, too */
	__be16 h_rrc;		/* right rotation count; likewise */
	__be64 h_seq;
};

static_assert(sizeof(struct ksec_krb5_header) == KSEC_KRB5_HEADER);

#define KSEC_KRB5_ID_MIC	cpu_to_be16(0x0404)
#define KSEC_KRB5_ID_WRAP	cpu_to_be16(0x0504)
#define KSEC_KRB5_FILLER	0xff
#define KSEC_KRB5_FILLER_16	cpu_to_be16(0xffff)

/* RFC 4121 section 4.2.2 */
#define KSEC_KRB5_SENT_BY_ACCEPTOR	0x01
#define KSEC_KRB5_SEALED		0x02
#define KSEC_KRB5_ACCEPTOR_SUBKEY	0x04

/* MS-KILE 3.4.5.4.1: the extra count of a sealed message in DCE style */
#define KSEC_KRB5_DCE_EC	KSEC_KRB5_BLOCK

/* What surrounds the data in a text without filler */
#define KSEC_KRB5_TEXT_EXTRA	(KSEC_KRB5_BLOCK + KSEC_KRB5_HEADER)

static u8 ksec_krb5_flags(const struct ksec_krb5_keys *keys, enum ksec_krb5_way way)
{
	bool from_initiator = (way == KSEC_KRB5_SEND) == ksec_krb5_initiator(keys);

	return (from_initiator ? 0 : KSEC_KRB5_SENT_BY_ACCEPTOR) |
	       (keys->k_flags & KSECDD_KRB5_ACCEPTOR_SUBKEY ? KSEC_KRB5_ACCEPTOR_SUBKEY : 0);
}

/* Extra count of sealed messages that are sent. */
static u32 ksec_krb5_ec(const struct ksec_krb5_keys *keys)
{
	return keys->k_flags & KSECDD_KRB5_DCE_STYLE ? KSEC_KRB5_DCE_EC : 0;
}

/* The checksum over @len bytes at @data, or all that is to be signed, and a header. */
static int ksec_krb5_checksum(struct ksec_krb5_keys *keys, enum ksec_krb5_way way,
			      enum ksec_krb5_use use, const struct ksec_message *msg,
			      const u8 *data, u32 len, const struct ksec_krb5_header *header,
			      u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	struct ksec_krb5_engine *engine;
	struct ksec_krb5_mac mac;
	unsigned int i;
	int err;

	engine = ksec_krb5_engine_get(keys->k_type, way);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	err = ksec_krb5_load_mac(engine, keys, way, use);
	if (!err) {
		ksec_krb5_mac_start(&mac, engine);
		ksec_krb5_mac_add(&mac, data, len);
		for (i = 0; !data && i < msg->nsegments; i++) {
			if (msg->segments[i].sign)
				ksec_krb5_mac_add(&mac, msg->segments[i].data,
						  msg->segments[i].len);
		}
		ksec_krb5_mac_add(&mac, header, sizeof(*header));
		err = ksec_krb5_mac_end(&mac, digest);
	}
	ksec_krb5_engine_put(engine);
	return err;
}

/* A header and the checksum over data and header, as the token; not its EC and RRC. */
static s32 ksec_krb5_make_signed(struct ksec_krb5_keys *keys, struct ksec_message *msg,
				 enum ksec_krb5_use use, struct ksec_krb5_header *header)
{
	u32 mac_len = keys->k_type->e_mac_len;
	u8 digest[KSEC_KRB5_MAX_DIGEST];
	u64 seq;
	int err;

	if (msg->token_len < KSEC_KRB5_HEADER + mac_len)
		return SEC_E_BUFFER_TOO_SMALL;
	if (!ksec_krb5_take_seq(keys, &seq))
		return SEC_E_CONTEXT_EXPIRED;
	header->h_seq = cpu_to_be64(seq);
	err = ksec_krb5_checksum(keys, KSEC_KRB5_SEND, use, msg, NULL, 0, header, digest);
	if (err) {
		ksec_krb5_return_seq(keys, seq);
	} else {
		memcpy(msg->token, header, KSEC_KRB5_HEADER);
		memcpy(msg->token + KSEC_KRB5_HEADER, digest, mac_len);
		msg->token_len = KSEC_KRB5_HEADER + mac_len;
		msg->padding_len = 0;
		ksec_krb5_mark_data(msg, false);
	}
	memzero_explicit(digest, sizeof(digest));
	return ksec_krb5_status(err);
}

/* MakeSignature: a MIC token, RFC 4121 section 4.2.6.1 */
static s32 ksec_krb5_sign(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	struct ksec_krb5_header header = {
		.h_id = KSEC_KRB5_ID_MIC,
		.h_flags = ksec_krb5_flags(keys, KSEC_KRB5_SEND),
		.h_filler = KSEC_KRB5_FILLER,
		.h_ec = KSEC_KRB5_FILLER_16,
		.h_rrc = KSEC_KRB5_FILLER_16,
	};

	if (msg->qop)
		return SEC_E_QOP_NOT_SUPPORTED;
	return ksec_krb5_make_signed(keys, msg, KSEC_KRB5_KC_SIGN, &header);
}

/* EncryptMessage that does not encrypt: section 4.2.4, without confidentiality */
static s32 ksec_krb5_wrap(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	struct ksec_krb5_header header = {
		.h_id = KSEC_KRB5_ID_WRAP,
		.h_flags = ksec_krb5_flags(keys, KSEC_KRB5_SEND),
		.h_filler = KSEC_KRB5_FILLER,
	};
	struct ksec_krb5_header *out = (struct ksec_krb5_header *)msg->token;
	s32 status;

	status = ksec_krb5_make_signed(keys, msg, KSEC_KRB5_KC_SEAL, &header);
	if (status == SEC_E_OK) {
		/* The checksum is over zeros in their place. */
		out->h_ec = cpu_to_be16(keys->k_type->e_mac_len);
		out->h_rrc = cpu_to_be16(keys->k_type->e_mac_len);
	}
	return status;
}

/* Encrypts the text around the data and has it counted. */
static int ksec_krb5_seal_text(struct ksec_krb5_keys *keys, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text, u32 ec,
			       struct ksec_krb5_header *header, u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	u8 *tail = msg->sealed + msg->sealed_len;
	struct ksec_krb5_engine *engine;
	int err;

	get_random_bytes(text->t_data, KSEC_KRB5_BLOCK);
	memset(tail, KSEC_KRB5_FILLER, ec);
	memcpy(tail + ec, header, sizeof(*header));

	engine = ksec_krb5_engine_get(keys->k_type, KSEC_KRB5_SEND);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	err = ksec_krb5_load_cipher(engine, keys, KSEC_KRB5_SEND, KSEC_KRB5_KE_SEAL);
	if (!err)
		err = ksec_krb5_load_mac(engine, keys, KSEC_KRB5_SEND, KSEC_KRB5_KI_SEAL);
	if (!err)
		err = keys->k_type->e_encrypt(engine, msg, text, digest);
	ksec_krb5_engine_put(engine);
	return err;
}

/* EncryptMessage: section 4.2.4, with confidentiality */
static s32 ksec_krb5_seal(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	u32 mac_len = keys->k_type->e_mac_len, ec = ksec_krb5_ec(keys);
	const struct ksec_krb5_text text = {
		.t_data = msg->sealed - KSEC_KRB5_BLOCK,
		.t_len = msg->sealed_len + KSEC_KRB5_TEXT_EXTRA + ec,
		.t_split = true,
	};
	struct ksec_krb5_header header = {
		.h_id = KSEC_KRB5_ID_WRAP,
		.h_flags = ksec_krb5_flags(keys, KSEC_KRB5_SEND) | KSEC_KRB5_SEALED,
		.h_filler = KSEC_KRB5_FILLER,
		.h_ec = cpu_to_be16(ec),
	};
	u8 digest[KSEC_KRB5_MAX_DIGEST], *out = msg->token;
	u64 seq;
	int err;

	if (msg->token_len < KSEC_KRB5_HEADER + KSEC_KRB5_TEXT_EXTRA + ec + mac_len)
		return SEC_E_BUFFER_TOO_SMALL;
	if (!ksec_krb5_take_seq(keys, &seq))
		return SEC_E_CONTEXT_EXPIRED;
	header.h_seq = cpu_to_be64(seq);
	err = ksec_krb5_seal_text(keys, msg, &text, ec, &header, digest);
	if (err) {
		ksec_krb5_return_seq(keys, seq);
	} else {
		/* In DCE style the extra count is rotated as well, and not counted. */
		header.h_rrc = cpu_to_be16(KSEC_KRB5_HEADER + mac_len);
		memcpy(out, &header, KSEC_KRB5_HEADER);
		out += KSEC_KRB5_HEADER;
		memcpy(out, msg->sealed + msg->sealed_len, ec + KSEC_KRB5_HEADER);
		out += ec + KSEC_KRB5_HEADER;
		memcpy(out, digest, mac_len);
		out += mac_len;
		memcpy(out, text.t_data, KSEC_KRB5_BLOCK);
		out += KSEC_KRB5_BLOCK;
		msg->token_len = out - msg->token;
		msg->padding_len = 0;
	}
	memzero_explicit(digest, sizeof(digest));
	return ksec_krb5_status(err);
}

static s32 ksec_krb5_encrypt(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	if (msg->qop == SECQOP_WRAP_NO_ENCRYPT)
		return ksec_krb5_wrap(keys, msg);
	if (msg->qop)
		return SEC_E_QOP_NOT_SUPPORTED;
	return ksec_krb5_seal(keys, msg);
}

/* Whether a token is one that the peer makes. */
static bool ksec_krb5_from_peer(const struct ksec_krb5_keys *keys,
				const struct ksec_krb5_header *header)
{
	static const u8 known = KSEC_KRB5_SENT_BY_ACCEPTOR | KSEC_KRB5_ACCEPTOR_SUBKEY;

	return header->h_filler == KSEC_KRB5_FILLER &&
	       (header->h_flags & known) == ksec_krb5_flags(keys, KSEC_KRB5_RECEIVE);
}

static s32 ksec_krb5_accept(struct ksec_krb5_keys *keys, const struct ksec_krb5_header *header)
{
	return ksec_krb5_window_accept(&keys->k_window, be64_to_cpu(header->h_seq),
				       keys->k_flags) ? SEC_E_OK : SEC_E_OUT_OF_SEQUENCE;
}

/* VerifySignature */
static s32 ksec_krb5_verify(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	u32 mac_len = keys->k_type->e_mac_len;
	u8 digest[KSEC_KRB5_MAX_DIGEST];
	struct ksec_krb5_header header;
	s32 status;
	int err;

	msg->qop = 0;
	if (msg->token_len != KSEC_KRB5_HEADER + mac_len)
		return SEC_E_INVALID_TOKEN;
	memcpy(&header, msg->token, sizeof(header));
	if (header.h_id != KSEC_KRB5_ID_MIC)
		return SEC_E_INVALID_TOKEN;
	if (!ksec_krb5_from_peer(keys, &header) || (header.h_flags & KSEC_KRB5_SEALED) ||
	    header.h_ec != KSEC_KRB5_FILLER_16 || header.h_rrc != KSEC_KRB5_FILLER_16)
		return SEC_E_MESSAGE_ALTERED;

	err = ksec_krb5_checksum(keys, KSEC_KRB5_RECEIVE, KSEC_KRB5_KC_SIGN, msg, NULL, 0,
				 &header, digest);
	if (!err && crypto_memneq(digest, msg->token + KSEC_KRB5_HEADER, mac_len))
		err = -EBADMSG;
	status = err ? ksec_krb5_status(err) : ksec_krb5_accept(keys, &header);
	memzero_explicit(digest, sizeof(digest));
	return status;
}

static void ksec_krb5_reverse(u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < len / 2; i++)
		swap(data[i], data[len - 1 - i]);
}

/*
 * Undoes a rotation.  What was brought to the front goes back behind the rest if
 * that is at most @limit bytes, and the result begins further behind; otherwise
 * everything moves.
 */
static u8 *ksec_krb5_unrotate(u8 *data, u32 len, u32 count, u32 limit)
{
	if (count <= limit) {
		memcpy(data + len, data, count);
		return data + count;
	}
	ksec_krb5_reverse(data, count);
	ksec_krb5_reverse(data + count, len - count);
	ksec_krb5_reverse(data, len);
	return data;
}

/*
 * A message behind its header: undoes the rotation, and sees to it that data that
 * has buffers of its own is in them, @before bytes behind the start.  In a stream
 * the data then is a part of the caller's buffer, if it ends @behind bytes before
 * the end or earlier.
 */
static u8 *ksec_krb5_straighten(const struct ksec_message *msg, const struct ksec_krb5_wire *wire,
				u32 rrc, u32 before, u32 behind)
{
	u8 *data = wire->w_data + KSEC_KRB5_HEADER;
	u32 len = wire->w_len - KSEC_KRB5_HEADER;

	data = ksec_krb5_unrotate(data, len, rrc % len, msg->stream ? behind : KSEC_KRB5_ROOM);
	if (msg->stream || data + before == msg->sealed)
		return data;
	return memmove(msg->sealed - before, data, len);
}

static int ksec_krb5_open_text(struct ksec_krb5_keys *keys, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text)
{
	const struct ksec_krb5_enctype *type = keys->k_type;
	struct ksec_krb5_engine *engine;
	int err;

	engine = ksec_krb5_engine_get(type, KSEC_KRB5_RECEIVE);
	if (IS_ERR(engine))
		return PTR_ERR(engine);
	err = ksec_krb5_load_cipher(engine, keys, KSEC_KRB5_RECEIVE, KSEC_KRB5_KE_SEAL);
	if (!err)
		err = ksec_krb5_load_mac(engine, keys, KSEC_KRB5_RECEIVE, KSEC_KRB5_KI_SEAL);
	if (!err)
		err = type->e_decrypt(engine, msg, text, text->t_data + text->t_len,
				      type->e_mac_len);
	ksec_krb5_engine_put(engine);
	return err;
}

/* DecryptMessage of a sealed token */
static s32 ksec_krb5_unseal(struct ksec_krb5_keys *keys, struct ksec_message *msg,
			    const struct ksec_krb5_wire *wire, struct ksec_krb5_header *header)
{
	u32 mac_len = keys->k_type->e_mac_len, ec = be16_to_cpu(header->h_ec), len;
	struct ksec_krb5_text text = { .t_split = !msg->stream };
	u32 rrc = be16_to_cpu(header->h_rrc);
	s32 status;

	len = wire->w_len - KSEC_KRB5_HEADER;
	if (len < KSEC_KRB5_TEXT_EXTRA + mac_len)
		return SEC_E_INVALID_TOKEN;
	/* Buffers for more data than there is in the token */
	if (!msg->stream && msg->token_len < KSEC_KRB5_HEADER + KSEC_KRB5_TEXT_EXTRA + mac_len)
		return SEC_E_INVALID_TOKEN;
	if (keys->k_flags & KSECDD_KRB5_DCE_STYLE)
		rrc += ec;
	text.t_data = ksec_krb5_straighten(msg, wire, rrc, KSEC_KRB5_BLOCK,
					   KSEC_KRB5_HEADER + mac_len);
	text.t_len = len - mac_len;
	status = ksec_krb5_status(ksec_krb5_open_text(keys, msg, &text));
	if (status != SEC_E_OK)
		return status;

	/* What was in the clear until now is only now known to be the sender's. */
	header->h_rrc = 0;
	if (crypto_memneq(text.t_data + text.t_len - KSEC_KRB5_HEADER, header, sizeof(*header)))
		return SEC_E_MESSAGE_ALTERED;
	len = text.t_len - KSEC_KRB5_TEXT_EXTRA;
	if (len < ec)
		return SEC_E_INVALID_TOKEN;
	len -= ec;
	if (!msg->stream && len != msg->sealed_len)
		return SEC_E_INVALID_TOKEN;
	status = ksec_krb5_accept(keys, header);
	if (status == SEC_E_OK && msg->stream) {
		msg->segments[0].data = text.t_data + KSEC_KRB5_BLOCK;
		msg->segments[0].len = len;
	}
	return status;
}

/* DecryptMessage of a token that is not sealed */
static s32 ksec_krb5_unwrap(struct ksec_krb5_keys *keys, struct ksec_message *msg,
			    const struct ksec_krb5_wire *wire, struct ksec_krb5_header *header)
{
	u32 mac_len = keys->k_type->e_mac_len, rrc = be16_to_cpu(header->h_rrc), len;
	u8 digest[KSEC_KRB5_MAX_DIGEST], *data;
	s32 status;
	bool moved;
	int err;

	len = wire->w_len - KSEC_KRB5_HEADER;
	if (len < mac_len)
		return SEC_E_INVALID_TOKEN;
	/* Here the extra count is the length of the checksum, and not under it. */
	if (be16_to_cpu(header->h_ec) != mac_len)
		return SEC_E_MESSAGE_ALTERED;
	if (!msg->stream && msg->token_len != KSEC_KRB5_HEADER + mac_len)
		return SEC_E_INVALID_TOKEN;
	moved = rrc % len != mac_len && !(msg->stream && rrc % len < mac_len);
	data = ksec_krb5_straighten(msg, wire, rrc, 0, mac_len);
	len -= mac_len;

	header->h_ec = 0;
	header->h_rrc = 0;
	err = ksec_krb5_checksum(keys, KSEC_KRB5_RECEIVE, KSEC_KRB5_KC_SEAL, msg,
				 msg->stream ? data : NULL, msg->stream ? len : 0, header, digest);
	if (!err && crypto_memneq(digest, data + len, mac_len))
		err = -EBADMSG;
	status = err ? ksec_krb5_status(err) : ksec_krb5_accept(keys, header);
	memzero_explicit(digest, sizeof(digest));
	if (status != SEC_E_OK)
		return status;
	if (msg->stream) {
		msg->segments[0].data = data;
		msg->segments[0].len = len;
	}
	ksec_krb5_mark_data(msg, moved);
	msg->qop = SECQOP_WRAP_NO_ENCRYPT;
	return SEC_E_OK;
}

/* DecryptMessage; the token says itself whether it is sealed */
static s32 ksec_krb5_decrypt(struct ksec_krb5_keys *keys, struct ksec_message *msg)
{
	struct ksec_krb5_header header;
	struct ksec_krb5_wire wire;

	msg->qop = 0;
	if (!ksec_krb5_wire(&wire, msg, KSEC_KRB5_HEADER + 1))
		return SEC_E_INVALID_TOKEN;
	memcpy(&header, wire.w_data, sizeof(header));
	if (header.h_id != KSEC_KRB5_ID_WRAP)
		return SEC_E_INVALID_TOKEN;
	if (!ksec_krb5_from_peer(keys, &header))
		return SEC_E_MESSAGE_ALTERED;
	return header.h_flags & KSEC_KRB5_SEALED ?
		ksec_krb5_unseal(keys, msg, &wire, &header) :
		ksec_krb5_unwrap(keys, msg, &wire, &header);
}

const struct ksec_krb5_tokens ksec_krb5_tokens_v3 = {
	.f_op = {
		[KSECDD_MESSAGE_SIGN] = ksec_krb5_sign,
		[KSECDD_MESSAGE_VERIFY] = ksec_krb5_verify,
		[KSECDD_MESSAGE_ENCRYPT] = ksec_krb5_encrypt,
		[KSECDD_MESSAGE_DECRYPT] = ksec_krb5_decrypt,
	},
	.f_mic = KSEC_KRB5_HEADER,
	.f_wrap = KSEC_KRB5_HEADER + KSEC_KRB5_TEXT_EXTRA,
	.f_dce = KSEC_KRB5_DCE_EC,
	.f_last = U64_MAX,
};
