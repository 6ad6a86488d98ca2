// SPDX-License-Identifier: GPL-2.0-only
/*
 * One record: RFC 5246 section 6.2.3.3 and RFC 8446 section 5.2.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "tls.h"

/* How much longer than its data a record may be */
#define KSEC_TLS_12_EXPANSION	2048
#define KSEC_TLS_13_EXPANSION	256

/* The legacy_record_version of RFC 8446 is the same. */
#define KSEC_TLS_VERSION	0x0303

/* What the number of a record and the salt make of it. */
static void ksec_tls_nonce(const struct ksec_tls_keys *keys, const struct ksec_tls_way *way,
			   const u8 *explicit_part, struct ksec_tls_text *text)
{
	u8 *tail = text->t_nonce + KSEC_TLS_NONCE - KSEC_TLS_EXPLICIT;

	memcpy(text->t_nonce, way->w_iv, KSEC_TLS_NONCE);
	if (explicit_part)
		memcpy(tail, explicit_part, KSEC_TLS_EXPLICIT);
	else
		put_unaligned_be64(get_unaligned_be64(tail) ^ way->w_seq, tail);
}

/* Section 5.2 of the one: the head as it is sent; section 6.2.3.3 of the other. */
static void ksec_tls_aad(const struct ksec_tls_keys *keys, const struct ksec_tls_way *way,
			 const u8 *head, struct ksec_tls_text *text)
{
	if (ksec_tls_is_13(keys)) {
		memcpy(text->t_aad, head, KSEC_TLS_HEAD);
		text->t_aad_len = KSEC_TLS_HEAD;
		return;
	}
	put_unaligned_be64(way->w_seq, text->t_aad);
	memcpy(text->t_aad + sizeof(u64), head, KSEC_TLS_HEAD);
	put_unaligned_be16(text->t_len, text->t_aad + KSEC_TLS_AAD - sizeof(u16));
	text->t_aad_len = KSEC_TLS_AAD;
}

static void ksec_tls_put_head(u8 *head, u8 type, u32 len)
{
	head[0] = type;
	put_unaligned_be16(KSEC_TLS_VERSION, head + 1);
	put_unaligned_be16(len, head + 3);
}

/**
 * ksec_tls_record_len() - how long a record is
 * @keys: whose
 * @head: its first KSEC_TLS_HEAD bytes
 *
 * Return: bytes of the whole record; 0 if no record of this version begins so
 */
u32 ksec_tls_record_len(const struct ksec_tls_keys *keys, const u8 *head)
{
	u32 overhead = ksec_tls_header(keys) - KSEC_TLS_HEAD + ksec_tls_trailer(keys);
	u32 most = KSEC_TLS_MAX_PLAIN + (ksec_tls_is_13(keys) ? KSEC_TLS_13_EXPANSION :
								KSEC_TLS_12_EXPANSION);
	u8 least_type = ksec_tls_is_13(keys) ? KSEC_TLS_DATA : KSEC_TLS_CHANGE_CIPHER;
	u32 len = get_unaligned_be16(head + 3);

	if (head[0] < least_type || head[0] > KSEC_TLS_DATA ||
	    get_unaligned_be16(head + 1) != KSEC_TLS_VERSION || len < overhead || len > most)
		return 0;
	return KSEC_TLS_HEAD + len;
}

/**
 * ksec_tls_seal_record() - make a record
 * @keys: whose
 * @type: what is in it
 * @data: the data, encrypted in place; in front of it are ksec_tls_header() bytes, and
 *        behind it ksec_tls_trailer() bytes, which become parts of the record
 * @len:  bytes of the data, at most KSEC_TLS_MAX_PLAIN
 *
 * Context: may sleep; the caller holds the lock of @k_tx.
 * Return: 0; -EKEYEXPIRED if the key has protected as many records as it may; -ENOMEM or
 *         another error of the crypto API, and then the data is lost and nothing was sent
 */
int ksec_tls_seal_record(struct ksec_tls_keys *keys, u8 type, u8 *data, u32 len)
{
	u32 header = ksec_tls_header(keys), trailer = ksec_tls_trailer(keys);
	struct ksec_tls_way *way = &keys->k_tx;
	struct ksec_tls_text text;
	u8 *head = data - header, *explicit_part = NULL;
	int err;

	lockdep_assert_held(&way->w_lock);
	if (way->w_seq >= (ksec_tls_is_13(keys) ? keys->k_cipher->c_limit : U64_MAX))
		return -EKEYEXPIRED;

	ksec_tls_put_head(head, ksec_tls_is_13(keys) ? KSEC_TLS_DATA : type,
			  header - KSEC_TLS_HEAD + len + trailer);
	text.t_data = data;
	text.t_len = len;
	if (ksec_tls_is_13(keys))
		data[text.t_len++] = type;
	if (ksec_tls_explicit(keys)) {
		explicit_part = head + KSEC_TLS_HEAD;
		put_unaligned_be64(way->w_seq, explicit_part);
	}
	ksec_tls_nonce(keys, way, explicit_part, &text);
	ksec_tls_aad(keys, way, head, &text);
	err = ksec_tls_crypt(keys->k_cipher, way, true, &text);
	if (err)
		return err;
	way->w_seq++;
	WRITE_ONCE(way->w_count, way->w_count + 1);
	return 0;
}

/* TLS 1.3: the type is the last byte that is not zero, section 5.4. */
static int ksec_tls_unpad(const u8 *data, u32 *len, u8 *type)
{
	u32 n = *len;

	while (n && !data[n - 1])
		n--;
	if (!n)
		return -EPROTO;
	*type = data[n - 1];
	*len = n - 1;
	return 0;
}

/**
 * ksec_tls_open_record() - verify and decrypt a record
 * @keys:      whose
 * @record:    decrypted in place; the data is ksec_tls_header() bytes behind its beginning
 * @len:       its bytes, as ksec_tls_record_len() has them
 * @type:      receives what is in it
 * @plain_len: receives the bytes of the data
 *
 * Context: may sleep; the caller holds the lock of @k_rx.
 * Return: 0; -EBADMSG for a record that the peer has not made, and -EPROTO for one that it
 *         must not make; -EKEYEXPIRED after the last number there is; -ENOMEM or another
 *         error of the crypto API.  The record counts only with 0 and with -EPROTO, and is
 *         lost after any error
 */
int ksec_tls_open_record(struct ksec_tls_keys *keys, u8 *record, u32 len, u8 *type,
			 u32 *plain_len)
{
	struct ksec_tls_way *way = &keys->k_rx;
	u32 header = ksec_tls_header(keys);
	struct ksec_tls_text text = {
		.t_data = record + header,
		.t_len = len - header - KSEC_TLS_TAG,
	};
	int err;

	lockdep_assert_held(&way->w_lock);
	if (way->w_seq == U64_MAX)
		return -EKEYEXPIRED;
	ksec_tls_nonce(keys, way, ksec_tls_explicit(keys) ? record + KSEC_TLS_HEAD : NULL, &text);
	ksec_tls_aad(keys, way, record, &text);
	err = ksec_tls_crypt(keys->k_cipher, way, false, &text);
	if (err)
		return err;
	way->w_seq++;
	WRITE_ONCE(way->w_count, way->w_count + 1);

	*type = record[0];
	*plain_len = text.t_len;
	/* Section 5.4 limits the padded text, too. */
	if (ksec_tls_is_13(keys)) {
		if (text.t_len > KSEC_TLS_MAX_PLAIN + 1)
			return -EPROTO;
		return ksec_tls_unpad(text.t_data, plain_len, type);
	}
	return *plain_len > KSEC_TLS_MAX_PLAIN ? -EPROTO : 0;
}
