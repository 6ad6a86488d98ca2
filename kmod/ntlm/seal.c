// SPDX-License-Identifier: GPL-2.0-only
/*
 * NTLM's message functions with extended session security (MS-NLMP 3.4.2 to
 * 3.4.4).
 *
 * A signature is { 1, checksum, sequence number }.  The checksum is the first
 * half of HMAC-MD5(signing key, sequence number || all data), and with
 * KEY_EXCH it is encrypted with the key stream that also seals the data, right
 * behind the data.  So sealing and signing, read-only data included, are one
 * stream for each direction: whoever loses a message, or takes a forged one for
 * good, cannot read the next.
 */
#include <crypto/md5.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <linux/ksecdd_ntlm.h>
#include <linux/ksecdd_sspi.h>

#include "../compat/compat.h"
#include "ntlm.h"

/* NTLMSSP_MESSAGE_SIGNATURE, MS-NLMP 2.2.2.9.2 */
struct ksec_ntlm_signature {
	__le32 version;
	u8 checksum[KSEC_NTLM_CHECKSUM];
	__le32 seq;
} __packed;

static_assert(sizeof(struct ksec_ntlm_signature) == KSEC_NTLM_SIGNATURE);

#define KSEC_NTLM_VERSION	cpu_to_le32(1)

/* Hash and cipher take turns at what fits the first cache. */
#define KSEC_NTLM_PIECE		SZ_4K

enum ksec_ntlm_work {
	KSEC_NTLM_WORK_MAC,
	KSEC_NTLM_WORK_ENCRYPT,
	KSEC_NTLM_WORK_DECRYPT,
};

/* MS-NLMP 3.4.4: the signature of contexts that asked for ALWAYS_SIGN alone */
static const struct ksec_ntlm_signature ksec_ntlm_dummy = { .version = KSEC_NTLM_VERSION };

/*
 * Checksum of the message that is next in @dir, its data encrypted or decrypted
 * on the way.  @steps: how far the key stream has moved, also after an error.
 */
static int ksec_ntlm_checksum(struct ksec_ntlm_direction *dir, bool key_exch,
			      struct ksec_message *msg, enum ksec_ntlm_work work,
			      u8 mac[MD5_DIGEST_SIZE], size_t *steps)
{
	__le32 seq = cpu_to_le32(dir->d_seq);
	struct ksec_hmac hmac;
	unsigned int i;
	int err;

	*steps = 0;
	err = ksec_hmac_start(&hmac, &dir->d_sign);
	if (!err)
		err = ksec_hmac_update(&hmac, &seq, sizeof(seq));

	for (i = 0; i < msg->nsegments; i++) {
		const struct ksec_segment *seg = &msg->segments[i];
		u32 done, n;

		for (done = 0; !err && done < seg->len; done += n) {
			u8 *data = seg->data + done;

			n = min_t(u32, seg->len - done, KSEC_NTLM_PIECE);
			if (seg->seal && work == KSEC_NTLM_WORK_DECRYPT)
				ksec_rc4_crypt(&dir->d_seal, data, n);
			err = ksec_hmac_update(&hmac, data, n);
			if (seg->seal && work == KSEC_NTLM_WORK_ENCRYPT)
				ksec_rc4_crypt(&dir->d_seal, data, n);
			if (seg->seal && work != KSEC_NTLM_WORK_MAC)
				*steps += n;
			cond_resched();
		}
	}

	if (!err)
		err = ksec_hmac_final(&hmac, &dir->d_sign, mac);
	if (!err && key_exch) {
		ksec_rc4_crypt(&dir->d_seal, mac, KSEC_NTLM_CHECKSUM);
		*steps += KSEC_NTLM_CHECKSUM;
	}
	ksec_hmac_wipe(&hmac);
	return err;
}

/*
 * A sequence number that comes round would make two messages with the same one
 * acceptable, so a context ends with its last.
 */
static bool ksec_ntlm_exhausted(const struct ksec_ntlm_direction *dir)
{
	return dir->d_seq > U32_MAX;
}

static void ksec_ntlm_count(struct ksec_ntlm_direction *dir)
{
	WRITE_ONCE(dir->d_seq, dir->d_seq + 1);
}

/* SIGN and ENCRYPT */
static s32 ksec_ntlm_protect(struct ksec_ntlm_keys *keys, struct ksec_message *msg,
			     enum ksec_ntlm_work work)
{
	struct ksec_ntlm_signature *sig = (struct ksec_ntlm_signature *)msg->token;
	struct ksec_ntlm_direction *dir = &keys->k_send;
	u8 mac[MD5_DIGEST_SIZE];
	s32 status = SEC_E_OK;
	size_t steps;

	if (msg->token_len < sizeof(*sig))
		return SEC_E_BUFFER_TOO_SMALL;

	mutex_lock(&dir->d_mutex);
	if (ksec_ntlm_exhausted(dir)) {
		status = SEC_E_CONTEXT_EXPIRED;
	} else if (ksec_ntlm_checksum(dir, keys->k_flags & NTLMSSP_NEGOTIATE_KEY_EXCH, msg,
				      work, mac, &steps)) {
		ksec_rc4_rewind(&dir->d_seal, steps);
		status = SEC_E_INTERNAL_ERROR;
	} else {
		sig->version = KSEC_NTLM_VERSION;
		memcpy(sig->checksum, mac, sizeof(sig->checksum));
		sig->seq = cpu_to_le32(dir->d_seq);
		msg->token_len = sizeof(*sig);
		ksec_ntlm_count(dir);
		/* MS-SPNG 3.2.5.1: it counts, and the key stream is where it was. */
		if (msg->mic)
			ksec_rc4_rewind(&dir->d_seal, steps);
	}
	mutex_unlock(&dir->d_mutex);

	memzero_explicit(mac, sizeof(mac));
	return status;
}

/*
 * VERIFY and DECRYPT.  The cipher state steps back over a message that is not
 * the peer's: then it costs a good message nothing, and no copy of the state
 * lies about.
 */
static s32 ksec_ntlm_unprotect(struct ksec_ntlm_keys *keys, struct ksec_message *msg,
			       enum ksec_ntlm_work work)
{
	const struct ksec_ntlm_signature *sig = (const struct ksec_ntlm_signature *)msg->token;
	struct ksec_ntlm_direction *dir = &keys->k_receive;
	u8 mac[MD5_DIGEST_SIZE];
	s32 status = SEC_E_OK;
	size_t steps;

	if (msg->token_len < sizeof(*sig) || sig->version != KSEC_NTLM_VERSION)
		return SEC_E_INVALID_TOKEN;

	mutex_lock(&dir->d_mutex);
	if (ksec_ntlm_exhausted(dir)) {
		status = SEC_E_CONTEXT_EXPIRED;
	} else if (le32_to_cpu(sig->seq) != dir->d_seq) {
		status = SEC_E_OUT_OF_SEQUENCE;
	} else {
		if (ksec_ntlm_checksum(dir, keys->k_flags & NTLMSSP_NEGOTIATE_KEY_EXCH, msg,
				       work, mac, &steps))
			status = SEC_E_INTERNAL_ERROR;
		else if (crypto_memneq(mac, sig->checksum, sizeof(sig->checksum)))
			status = SEC_E_MESSAGE_ALTERED;

		if (status == SEC_E_OK)
			ksec_ntlm_count(dir);
		if (status != SEC_E_OK || msg->mic)
			ksec_rc4_rewind(&dir->d_seal, steps);
	}
	mutex_unlock(&dir->d_mutex);

	memzero_explicit(mac, sizeof(mac));
	return status;
}

static s32 ksec_ntlm_dummy_sign(struct ksec_ntlm_keys *keys, struct ksec_message *msg)
{
	if (msg->token_len < sizeof(ksec_ntlm_dummy))
		return SEC_E_BUFFER_TOO_SMALL;
	memcpy(msg->token, &ksec_ntlm_dummy, sizeof(ksec_ntlm_dummy));
	msg->token_len = sizeof(ksec_ntlm_dummy);

	mutex_lock(&keys->k_send.d_mutex);
	ksec_ntlm_count(&keys->k_send);
	mutex_unlock(&keys->k_send.d_mutex);
	return SEC_E_OK;
}

static s32 ksec_ntlm_dummy_verify(struct ksec_ntlm_keys *keys, struct ksec_message *msg)
{
	const struct ksec_ntlm_signature *sig = (const struct ksec_ntlm_signature *)msg->token;

	if (msg->token_len < sizeof(*sig) || sig->version != KSEC_NTLM_VERSION)
		return SEC_E_INVALID_TOKEN;
	if (memcmp(sig, &ksec_ntlm_dummy, sizeof(*sig)))
		return SEC_E_MESSAGE_ALTERED;

	mutex_lock(&keys->k_receive.d_mutex);
	ksec_ntlm_count(&keys->k_receive);
	mutex_unlock(&keys->k_receive.d_mutex);
	return SEC_E_OK;
}

/* The data goes back to the caller only if this changed it. */
static void ksec_ntlm_leave_data(struct ksec_message *msg)
{
	unsigned int i;

	for (i = 0; i < msg->nsegments; i++)
		msg->segments[i].seal = false;
}

/**
 * ksec_ntlm_sign() - MakeSignature
 * @opaque: the keys
 * @msg:    the message
 *
 * Return: SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION: neither SIGN, SEAL nor
 *         ALWAYS_SIGN was negotiated; SEC_E_QOP_NOT_SUPPORTED: a quality of
 *         protection was asked for; SEC_E_BUFFER_TOO_SMALL: less than 16 bytes
 *         for the signature; SEC_E_CONTEXT_EXPIRED: 2^32 messages were sent
 */
s32 ksec_ntlm_sign(struct ksec_keys *opaque, struct ksec_message *msg)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	if (keys->k_level == KSEC_NTLM_NONE)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (msg->qop)
		return SEC_E_QOP_NOT_SUPPORTED;
	if (keys->k_level == KSEC_NTLM_DUMMY)
		return ksec_ntlm_dummy_sign(keys, msg);
	return ksec_ntlm_protect(keys, msg, KSEC_NTLM_WORK_MAC);
}

/**
 * ksec_ntlm_verify() - VerifySignature
 * @opaque: the keys
 * @msg:    the message
 *
 * Return: SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION: neither SIGN, SEAL nor
 *         ALWAYS_SIGN was negotiated; SEC_E_INVALID_TOKEN: no 16 bytes, or not
 *         version 1; SEC_E_OUT_OF_SEQUENCE: not the message that is next;
 *         SEC_E_MESSAGE_ALTERED: the checksum is another;
 *         SEC_E_CONTEXT_EXPIRED: 2^32 messages were received
 */
s32 ksec_ntlm_verify(struct ksec_keys *opaque, struct ksec_message *msg)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	msg->qop = 0;
	if (keys->k_level == KSEC_NTLM_NONE)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (keys->k_level == KSEC_NTLM_DUMMY)
		return ksec_ntlm_dummy_verify(keys, msg);
	return ksec_ntlm_unprotect(keys, msg, KSEC_NTLM_WORK_MAC);
}

/**
 * ksec_ntlm_encrypt() - EncryptMessage
 * @opaque: the keys
 * @msg:    the message; SECQOP_WRAP_NO_ENCRYPT: sign it only
 *
 * A context that negotiated SIGN without SEAL can only sign.  It does not take
 * that for granted: a caller who asks for secrecy must not get clear text.
 *
 * Return: as ksec_ntlm_sign(); SEC_E_UNSUPPORTED_FUNCTION also where encryption
 *         is asked for that was not negotiated
 */
s32 ksec_ntlm_encrypt(struct ksec_keys *opaque, struct ksec_message *msg)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	if (keys->k_level < KSEC_NTLM_SIGN)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (msg->qop == SECQOP_WRAP_NO_ENCRYPT) {
		ksec_ntlm_leave_data(msg);
		return ksec_ntlm_protect(keys, msg, KSEC_NTLM_WORK_MAC);
	}
	if (msg->qop)
		return SEC_E_QOP_NOT_SUPPORTED;
	if (keys->k_level < KSEC_NTLM_SEAL)
		return SEC_E_UNSUPPORTED_FUNCTION;
	return ksec_ntlm_protect(keys, msg, KSEC_NTLM_WORK_ENCRYPT);
}

/**
 * ksec_ntlm_decrypt() - DecryptMessage
 * @opaque: the keys
 * @msg:    the message
 *
 * Nothing in a message tells whether it was encrypted, so that what was
 * negotiated decides: with SIGN and no SEAL this verifies and says
 * SECQOP_WRAP_NO_ENCRYPT, otherwise it decrypts and says 0.
 *
 * Return: as ksec_ntlm_verify(); SEC_E_UNSUPPORTED_FUNCTION where neither SIGN
 *         nor SEAL was negotiated
 */
s32 ksec_ntlm_decrypt(struct ksec_keys *opaque, struct ksec_message *msg)
{
	struct ksec_ntlm_keys *keys = ksec_ntlm_keys(opaque);

	if (keys->k_level < KSEC_NTLM_SIGN)
		return SEC_E_UNSUPPORTED_FUNCTION;
	if (keys->k_level < KSEC_NTLM_SEAL) {
		msg->qop = SECQOP_WRAP_NO_ENCRYPT;
		ksec_ntlm_leave_data(msg);
		return ksec_ntlm_unprotect(keys, msg, KSEC_NTLM_WORK_MAC);
	}
	msg->qop = 0;
	return ksec_ntlm_unprotect(keys, msg, KSEC_NTLM_WORK_DECRYPT);
}
