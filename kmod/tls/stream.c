// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream after the handshake: what EncryptMessage and DecryptMessage do with records
 * of each kind.
 */
#include <linux/bitops.h>
#include <linux/errno.h>

#include <linux/ksecdd.h>

#include "../compat/compat.h"
#include "tls.h"

/* So many records in a row that are no data: a peer that does nothing else is a nuisance. */
#define KSEC_TLS_MAX_UPDATES	32

/* A handshake message: type and length; a KeyUpdate has a byte more */
#define KSEC_TLS_MESSAGE_HEAD	4
#define KSEC_TLS_UPDATE_LEN	(KSEC_TLS_MESSAGE_HEAD + 1)

/* A ClientHello that is longer than any is */
#define KSEC_TLS_MAX_HELLO	65536

/* What an alert that ends the connection means to the caller, RFC 8446 section 6.2 */
static const struct {
	u8 alert;
	s32 status;
} ksec_tls_alerts[] = {
	{ 20, SEC_E_MESSAGE_ALTERED },		/* bad_record_mac */
	{ 42, SEC_E_CERT_UNKNOWN },		/* bad_certificate */
	{ 43, SEC_E_CERT_UNKNOWN },		/* unsupported_certificate */
	{ 44, SEC_E_CERT_UNKNOWN },		/* certificate_revoked */
	{ 45, SEC_E_CERT_EXPIRED },		/* certificate_expired */
	{ 46, SEC_E_CERT_UNKNOWN },		/* certificate_unknown */
	{ 48, SEC_E_UNTRUSTED_ROOT },		/* unknown_ca */
	{ 49, SEC_E_LOGON_DENIED },		/* access_denied */
	{ 51, SEC_E_DECRYPT_FAILURE },		/* decrypt_error */
	{ 71, SEC_E_ALGORITHM_MISMATCH },	/* insufficient_security */
	{ 80, SEC_E_INTERNAL_ERROR },		/* internal_error */
};

static s32 ksec_tls_alert_status(u8 alert)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_tls_alerts); i++) {
		if (ksec_tls_alerts[i].alert == alert)
			return ksec_tls_alerts[i].status;
	}
	return SEC_E_ILLEGAL_MESSAGE;
}

/**
 * ksec_tls_on_alert() - what an alert of the peer means
 * @keys: whose; the caller holds the lock of @k_rx
 * @data: the alert: two bytes in a record of their own
 * @len:  bytes of the record's data
 *
 * Return: SEC_I_CONTEXT_EXPIRED for a close_notify; SEC_E_OK for one that means nothing;
 *         what another means to the caller
 */
s32 ksec_tls_on_alert(struct ksec_tls_keys *keys, const u8 *data, u32 len)
{
	u8 level, alert;

	if (len != 2)
		return SEC_E_ILLEGAL_MESSAGE;
	level = data[0];
	alert = data[1];
	if (alert == KSEC_TLS_CLOSE_NOTIFY) {
		set_bit(KSEC_TLS_RX_CLOSED, &keys->k_flags);
		return SEC_I_CONTEXT_EXPIRED;
	}
	/* In TLS 1.3 the level says nothing any more. */
	if (alert == KSEC_TLS_USER_CANCELED || (!ksec_tls_is_13(keys) && level == KSEC_TLS_WARNING))
		return ++keys->k_rx.w_updates > KSEC_TLS_MAX_UPDATES ? SEC_E_ILLEGAL_MESSAGE :
								       SEC_E_OK;
	return ksec_tls_alert_status(alert);
}

/* RFC 8446 section 4.6.3: alone in its record, since other keys begin behind it */
static s32 ksec_tls_on_update(struct ksec_tls_keys *keys, const u8 *data, u32 len)
{
	if (len != KSEC_TLS_UPDATE_LEN || data[0] != KSEC_TLS_KEY_UPDATE ||
	    get_unaligned_be24(data + 1) != 1 || data[4] > 1)
		return SEC_E_ILLEGAL_MESSAGE;
	if (ksec_tls_update(keys, &keys->k_rx))
		return SEC_E_INTERNAL_ERROR;
	if (data[4])
		set_bit(KSEC_TLS_OWES_UPDATE, &keys->k_flags);
	return data[4] ? SEC_I_RENEGOTIATE : SEC_E_OK;
}

/*
 * RFC 5746 section 4.5: who does not negotiate again may go on with the connection after
 * a no_renegotiation.  The ClientHello may take several records.
 */
static s32 ksec_tls_on_hello(struct ksec_tls_keys *keys, const u8 *data, u32 len)
{
	struct ksec_tls_way *way = &keys->k_rx;
	u32 hello;

	if (way->w_skip) {
		if (len > way->w_skip)
			return SEC_E_ILLEGAL_MESSAGE;
		way->w_skip -= len;
		return SEC_E_OK;
	}
	if (len < KSEC_TLS_MESSAGE_HEAD || data[0] != KSEC_TLS_CLIENT_HELLO)
		return SEC_E_ILLEGAL_MESSAGE;
	hello = KSEC_TLS_MESSAGE_HEAD + get_unaligned_be24(data + 1);
	if (hello < len || hello > KSEC_TLS_MAX_HELLO)
		return SEC_E_ILLEGAL_MESSAGE;
	way->w_skip = hello - len;
	set_bit(KSEC_TLS_OWES_REFUSAL, &keys->k_flags);
	return SEC_I_RENEGOTIATE;
}

/* What a record that was verified means; the data that there is then is @*len bytes. */
static s32 ksec_tls_on_record(struct ksec_tls_keys *keys, u8 type, const u8 *data, u32 *len)
{
	u32 n = *len;

	if (type == KSEC_TLS_DATA) {
		if (n)
			keys->k_rx.w_updates = 0;
		return SEC_E_OK;
	}
	*len = 0;
	if (type == KSEC_TLS_ALERT)
		return ksec_tls_on_alert(keys, data, n);
	if (type != KSEC_TLS_HANDSHAKE || ++keys->k_rx.w_updates > KSEC_TLS_MAX_UPDATES)
		return SEC_E_ILLEGAL_MESSAGE;
	return ksec_tls_is_13(keys) ? ksec_tls_on_update(keys, data, n) :
				      ksec_tls_on_hello(keys, data, n);
}

/* Whether a direction can still be used; @closed is its KSEC_TLS_*_CLOSED. */
static bool ksec_tls_usable(const struct ksec_tls_keys *keys, unsigned int closed)
{
	return !test_bit(KSEC_TLS_DEAD, &keys->k_flags) && !test_bit(closed, &keys->k_flags);
}

/**
 * ksec_tls_sizes() - struct ksec_stream.sizes
 * @opaque:  the keys
 * @header:  receives the bytes in front of the data of a record
 * @trailer: receives the bytes behind it
 */
void ksec_tls_sizes(const struct ksec_keys *opaque, u32 *header, u32 *trailer)
{
	const struct ksec_tls_keys *keys = (const struct ksec_tls_keys *)opaque;

	*header = ksec_tls_header(keys);
	*trailer = ksec_tls_trailer(keys);
}

/**
 * ksec_tls_frame() - struct ksec_stream.frame
 * @opaque: the keys
 * @head:   the first KSEC_TLS_HEAD bytes of a record
 * @len:    receives the bytes of the record
 *
 * A peer that sends something else is not talked to any more.
 *
 * Return: SEC_E_OK, SEC_E_ILLEGAL_MESSAGE, SEC_E_CONTEXT_EXPIRED
 */
s32 ksec_tls_frame(struct ksec_keys *opaque, const u8 *head, u32 *len)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);

	if (!ksec_tls_usable(keys, KSEC_TLS_RX_CLOSED))
		return SEC_E_CONTEXT_EXPIRED;
	*len = ksec_tls_record_len(keys, head);
	if (*len)
		return SEC_E_OK;
	set_bit(KSEC_TLS_DEAD, &keys->k_flags);
	return SEC_E_ILLEGAL_MESSAGE;
}

/**
 * ksec_tls_encrypt() - struct ksec_stream.seal: a record with data
 * @opaque: the keys
 * @rec:    the data
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY and
 *         SEC_E_INTERNAL_ERROR, and then nothing was sent
 */
s32 ksec_tls_encrypt(struct ksec_keys *opaque, struct ksec_record *rec)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	s32 status = SEC_E_CONTEXT_EXPIRED;

	mutex_lock(&keys->k_tx.w_lock);
	if (ksec_tls_usable(keys, KSEC_TLS_TX_CLOSED))
		status = ksec_tls_status(ksec_tls_seal_record(keys, KSEC_TLS_DATA, rec->data,
							      rec->len));
	mutex_unlock(&keys->k_tx.w_lock);
	return status;
}

/* A failure that is the peer's doing, as opposed to one of ours that may pass */
static bool ksec_tls_is_fatal(s32 status)
{
	return status < 0 && status != SEC_E_INSUFFICIENT_MEMORY;
}

/**
 * ksec_tls_decrypt() - struct ksec_stream.open: a record from the peer
 * @opaque: the keys
 * @rec:    the record; becomes the data in it
 *
 * After a record that was wrong nothing can be done with the context any more: neither side
 * knows what the other has got.
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_I_CONTEXT_EXPIRED (close_notify); SEC_I_RENEGOTIATE (an answer is
 *         due, see ksec_tls_answer()); SEC_E_MESSAGE_ALTERED; SEC_E_ILLEGAL_MESSAGE; what a
 *         fatal alert means; SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY, and then
 *         nothing was received; SEC_E_INTERNAL_ERROR
 */
s32 ksec_tls_decrypt(struct ksec_keys *opaque, struct ksec_record *rec)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	s32 status = SEC_E_CONTEXT_EXPIRED;
	u8 type;

	mutex_lock(&keys->k_rx.w_lock);
	if (ksec_tls_usable(keys, KSEC_TLS_RX_CLOSED)) {
		u8 *data = rec->data + ksec_tls_header(keys);
		u32 len;

		status = ksec_tls_status(ksec_tls_open_record(keys, rec->data, rec->len, &type,
							      &len));
		if (status == SEC_E_OK)
			status = ksec_tls_on_record(keys, type, data, &len);
		if (status >= 0) {
			rec->data = data;
			rec->len = len;
		} else if (ksec_tls_is_fatal(status)) {
			set_bit(KSEC_TLS_DEAD, &keys->k_flags);
		}
	}
	mutex_unlock(&keys->k_rx.w_lock);
	return status;
}

/**
 * ksec_tls_set_extra() - struct ksec_stream.extra
 * @opaque: the keys
 * @extra:  whether the caller has read bytes of the stream that were not decrypted: those
 *          would be missing if the socket were to go on from where it is
 */
void ksec_tls_set_extra(struct ksec_keys *opaque, bool extra)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);

	if (extra == test_bit(KSEC_TLS_EXTRA, &keys->k_flags))
		return;
	if (extra)
		set_bit(KSEC_TLS_EXTRA, &keys->k_flags);
	else
		clear_bit(KSEC_TLS_EXTRA, &keys->k_flags);
}
