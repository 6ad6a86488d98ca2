// SPDX-License-Identifier: GPL-2.0-only
/*
 * Encryption and checksum of a sealed message: the two orders in which the
 * encryption types do them, over CBC with ciphertext stealing.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "../compat/compat.h"
#include "krb5.h"

static void ksec_krb5_swap_blocks(u8 *a, u8 *b)
{
	u8 block[KSEC_KRB5_BLOCK];

	memcpy(block, a, sizeof(block));
	memcpy(a, b, sizeof(block));
	memcpy(b, block, sizeof(block));
}

/* Bytes of the last block, 1 to KSEC_KRB5_BLOCK. */
static u32 ksec_krb5_last(u32 len)
{
	return (len - 1) % KSEC_KRB5_BLOCK + 1;
}

/**
 * ksec_krb5_cts_encrypt() - encrypt with ciphertext stealing (RFC 3962 section 5)
 * @engine: an engine that was taken, with a key in the cipher
 * @data:   changed in place; up to KSEC_KRB5_BLOCK - 1 bytes behind it are used
 * @len:    its bytes, more than KSEC_KRB5_BLOCK
 *
 * That is CBC over zero padding, with the last two blocks swapped and what is
 * then the last cut.
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_cts_encrypt(struct ksec_krb5_engine *engine, u8 *data, u32 len)
{
	u32 pad = KSEC_KRB5_BLOCK - ksec_krb5_last(len);
	u8 *end = data + len + pad;
	int err;

	memset(data + len, 0, pad);
	err = ksec_krb5_cbc(engine, true, data, len + pad);
	if (!err)
		ksec_krb5_swap_blocks(end - 2 * KSEC_KRB5_BLOCK, end - KSEC_KRB5_BLOCK);
	return err;
}

/**
 * ksec_krb5_cts_decrypt() - the reverse of ksec_krb5_cts_encrypt()
 * @engine: an engine that was taken, with a key in the cipher
 * @data:   changed in place
 * @len:    its bytes, more than KSEC_KRB5_BLOCK
 *
 * The last block but one is the one that CBC made last.  Decrypted alone, it
 * gives back what was stolen from the other, and the last of the plain text.
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_cts_decrypt(struct ksec_krb5_engine *engine, u8 *data, u32 len)
{
	u32 last = ksec_krb5_last(len), i;
	u8 *cut = data + len - last, *full = cut - KSEC_KRB5_BLOCK;
	int err;

	if (last == KSEC_KRB5_BLOCK) {
		ksec_krb5_swap_blocks(full, cut);
		return ksec_krb5_cbc(engine, false, data, len);
	}

	err = ksec_krb5_cbc(engine, false, full, KSEC_KRB5_BLOCK);
	for (i = 0; i < last; i++) {
		u8 byte = cut[i];

		cut[i] = full[i] ^ byte;
		full[i] = byte;
	}
	return err ?: ksec_krb5_cbc(engine, false, data, len - last);
}

/* The checksum of a text, behind @prefix bytes of zero. */
static int ksec_krb5_text_mac(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			      const struct ksec_krb5_text *text, u32 prefix,
			      u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	static const u8 zero[KSEC_KRB5_BLOCK];
	const u8 *rest = text->t_data;
	struct ksec_krb5_mac mac;
	unsigned int i;

	ksec_krb5_mac_start(&mac, engine);
	ksec_krb5_mac_add(&mac, zero, prefix);
	if (text->t_split) {
		ksec_krb5_mac_add(&mac, rest, KSEC_KRB5_BLOCK);
		for (i = 0; i < msg->nsegments; i++) {
			const struct ksec_segment *seg = &msg->segments[i];

			if (seg->sign)
				ksec_krb5_mac_add(&mac, seg->data, seg->len);
		}
		rest += KSEC_KRB5_BLOCK + msg->sealed_len;
	}
	ksec_krb5_mac_add(&mac, rest, text->t_data + text->t_len - rest);
	return ksec_krb5_mac_end(&mac, digest);
}

static int ksec_krb5_text_check(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
				const struct ksec_krb5_text *text, u32 prefix, const u8 *mac,
				u32 mac_len)
{
	u8 digest[KSEC_KRB5_MAX_DIGEST];
	int err;

	err = ksec_krb5_text_mac(engine, msg, text, prefix, digest);
	if (!err && crypto_memneq(digest, mac, mac_len))
		err = -EBADMSG;
	memzero_explicit(digest, sizeof(digest));
	return err;
}

/**
 * ksec_krb5_mac_then_encrypt() - the order of RFC 3961 section 5.3 and RFC 6803
 * @engine: an engine that was taken, with Ke and Ki in it
 * @msg:    the message
 * @text:   its text, encrypted in place
 * @digest: receives the checksum, not cut yet
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_mac_then_encrypt(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text,
			       u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	return ksec_krb5_text_mac(engine, msg, text, 0, digest) ?:
	       ksec_krb5_cts_encrypt(engine, text->t_data, text->t_len);
}

/**
 * ksec_krb5_decrypt_then_mac() - the reverse of ksec_krb5_mac_then_encrypt()
 * @engine:  an engine that was taken, with Ke and Ki in it
 * @msg:     the message
 * @text:    its text, decrypted in place
 * @mac:     the checksum that came with it
 * @mac_len: its bytes
 *
 * Return: 0, -EBADMSG for a checksum that is another, or -errno of the crypto
 *         API; the text is of no use then
 */
int ksec_krb5_decrypt_then_mac(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text, const u8 *mac, u32 mac_len)
{
	return ksec_krb5_cts_decrypt(engine, text->t_data, text->t_len) ?:
	       ksec_krb5_text_check(engine, msg, text, 0, mac, mac_len);
}

/**
 * ksec_krb5_encrypt_then_mac() - the order of RFC 8009 section 5
 * @engine: an engine that was taken, with Ke and Ki in it
 * @msg:    the message
 * @text:   its text, encrypted in place
 * @digest: receives the checksum, not cut yet
 *
 * Return: 0 or -errno of the crypto API
 */
int ksec_krb5_encrypt_then_mac(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text,
			       u8 digest[KSEC_KRB5_MAX_DIGEST])
{
	/* The checksum covers the initialisation vector, too. */
	return ksec_krb5_cts_encrypt(engine, text->t_data, text->t_len) ?:
	       ksec_krb5_text_mac(engine, msg, text, KSEC_KRB5_BLOCK, digest);
}

/**
 * ksec_krb5_mac_then_decrypt() - the reverse of ksec_krb5_encrypt_then_mac()
 * @engine:  an engine that was taken, with Ke and Ki in it
 * @msg:     the message
 * @text:    its text, decrypted in place
 * @mac:     the checksum that came with it
 * @mac_len: its bytes
 *
 * Return: 0, -EBADMSG for a checksum that is another, or -errno of the crypto
 *         API; the text is of no use then
 */
int ksec_krb5_mac_then_decrypt(struct ksec_krb5_engine *engine, const struct ksec_message *msg,
			       const struct ksec_krb5_text *text, const u8 *mac, u32 mac_len)
{
	return ksec_krb5_text_check(engine, msg, text, KSEC_KRB5_BLOCK, mac, mac_len) ?:
	       ksec_krb5_cts_decrypt(engine, text->t_data, text->t_len);
}
