// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records that are tokens: those that wrap the tokens of CredSSP, and those that the caller
 * of AcceptSecurityContext is given on an established context.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include <linux/ksecdd.h>

#include "tls.h"

/* Alerts, RFC 8446 section 6 */
#define KSEC_TLS_FATAL	2

/* RFC 8446 section 4.6.3 */
#define KSEC_TLS_UPDATE_BYTES	5
#define KSEC_TLS_ALERT_BYTES	2

/* ksec_tls_mark(): 30 bits of each number, and what closes a direction */
#define KSEC_TLS_MARK_BITS	30
#define KSEC_TLS_MARK_MASK	GENMASK_ULL(KSEC_TLS_MARK_BITS - 1, 0)
#define KSEC_TLS_MARK_FLAGS	(2 * KSEC_TLS_MARK_BITS)

static const unsigned int ksec_tls_marked[] = {
	KSEC_TLS_DEAD, KSEC_TLS_RX_CLOSED, KSEC_TLS_TX_CLOSED,
};

/**
 * ksec_tls_sealed_size() - how long records are
 * @opaque: the keys
 * @len:    bytes that are to be in them, at most KSECDD_MAX_TOKEN
 *
 * Return: bytes of the records; of no data there is one record
 */
u32 ksec_tls_sealed_size(const struct ksec_keys *opaque, u32 len)
{
	const struct ksec_tls_keys *keys = (const struct ksec_tls_keys *)opaque;
	u32 records = max(DIV_ROUND_UP(len, KSEC_TLS_MAX_PLAIN), 1U);

	return len + records * (ksec_tls_header(keys) + ksec_tls_trailer(keys));
}

/* An alert that says that nothing follows */
static bool ksec_tls_ends(u8 type, const u8 *data, u32 len)
{
	return type == KSEC_TLS_ALERT && len == KSEC_TLS_ALERT_BYTES &&
	       (data[0] == KSEC_TLS_FATAL || data[1] == KSEC_TLS_CLOSE_NOTIFY);
}

/* The caller has the lock, and looked for room. */
static s32 ksec_tls_seal_all(struct ksec_tls_keys *keys, u8 type, const u8 *data, u32 len, u8 *to)
{
	u32 header = ksec_tls_header(keys), trailer = ksec_tls_trailer(keys);
	bool ends = ksec_tls_ends(type, data, len);
	s32 status;

	do {
		u32 n = min_t(u32, len, KSEC_TLS_MAX_PLAIN);

		memcpy(to + header, data, n);
		status = ksec_tls_status(ksec_tls_seal_record(keys, type, to + header, n));
		to += header + n + trailer;
		data += n;
		len -= n;
	} while (status == SEC_E_OK && len);
	if (status == SEC_E_OK && ends)
		set_bit(KSEC_TLS_TX_CLOSED, &keys->k_flags);
	return status;
}

/* Whether there is room for @len bytes and what is around them; tells how much is needed. */
static bool ksec_tls_room(const struct ksec_tls_keys *keys, u32 len, u32 *room)
{
	u32 size = ksec_tls_sealed_size((const struct ksec_keys *)keys, len);
	bool fits = size <= *room;

	*room = size;
	return fits;
}

static bool ksec_tls_may_send(const struct ksec_tls_keys *keys)
{
	return !test_bit(KSEC_TLS_DEAD, &keys->k_flags) &&
	       !test_bit(KSEC_TLS_TX_CLOSED, &keys->k_flags);
}

/**
 * ksec_tls_seal() - make records
 * @opaque: the keys
 * @type:   what is in them: KSEC_TLS_DATA, or KSEC_TLS_ALERT; after a close_notify or a
 *          fatal alert nothing more can be sent
 * @data:   the data, which stays as it is; at most KSECDD_MAX_TOKEN bytes
 * @len:    its bytes
 * @to:     receives the records; not on a stack
 * @to_len: [in] room at @to; [out] bytes of the records, also if there is not enough room
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_E_BUFFER_TOO_SMALL, and nothing has happened;
 *         SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY or SEC_E_INTERNAL_ERROR, and
 *         then some records may count as sent, see ksec_tls_mark()
 */
s32 ksec_tls_seal(struct ksec_keys *opaque, u8 type, u8 *data, u32 len, u8 *to, u32 *to_len)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	s32 status = SEC_E_CONTEXT_EXPIRED;

	mutex_lock(&keys->k_tx.w_lock);
	if (ksec_tls_may_send(keys))
		status = ksec_tls_room(keys, len, to_len) ?
			 ksec_tls_seal_all(keys, type, data, len, to) : SEC_E_BUFFER_TOO_SMALL;
	mutex_unlock(&keys->k_tx.w_lock);
	return status;
}

/* A KeyUpdate of ours, and other keys behind it. */
static s32 ksec_tls_send_update(struct ksec_tls_keys *keys, u8 *to)
{
	bool owed = test_bit(KSEC_TLS_OWES_UPDATE, &keys->k_flags);
	const u8 update[KSEC_TLS_UPDATE_BYTES] = {
		/* update_requested unless it is an answer: or it would never end */
		KSEC_TLS_KEY_UPDATE, 0, 0, 1, !owed,
	};
	s32 status;

	status = ksec_tls_seal_all(keys, KSEC_TLS_HANDSHAKE, update, sizeof(update), to);
	if (status != SEC_E_OK)
		return status;
	if (ksec_tls_update(keys, &keys->k_tx)) {
		set_bit(KSEC_TLS_DEAD, &keys->k_flags);
		return SEC_E_INTERNAL_ERROR;
	}
	clear_bit(KSEC_TLS_OWES_UPDATE, &keys->k_flags);
	return SEC_E_OK;
}

static s32 ksec_tls_send_refusal(struct ksec_tls_keys *keys, u8 *to)
{
	static const u8 alert[KSEC_TLS_ALERT_BYTES] = {
		KSEC_TLS_WARNING, KSEC_TLS_NO_RENEGOTIATION,
	};
	s32 status;

	status = ksec_tls_seal_all(keys, KSEC_TLS_ALERT, alert, sizeof(alert), to);
	if (status == SEC_E_OK)
		clear_bit(KSEC_TLS_OWES_REFUSAL, &keys->k_flags);
	return status;
}

/**
 * ksec_tls_answer() - the token of AcceptSecurityContext without a token, on an established
 *                     context
 * @opaque: the keys
 * @to:     receives a record: after SEC_I_RENEGOTIATE the answer to the peer; else, in
 *          TLS 1.3, a KeyUpdate that asks for one of the peer
 * @to_len: [in] room at @to; [out] bytes of the record, also if there is not enough room
 *
 * A KeyUpdate changes the keys: what was made here has to be sent before what is made later.
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_E_BUFFER_TOO_SMALL, and nothing has happened;
 *         SEC_E_UNSUPPORTED_FUNCTION (TLS 1.2, and no answer is due);
 *         SEC_E_CONTEXT_EXPIRED; SEC_E_INSUFFICIENT_MEMORY, and nothing has happened;
 *         SEC_E_INTERNAL_ERROR
 */
s32 ksec_tls_answer(struct ksec_keys *opaque, u8 *to, u32 *to_len)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	bool refuse = test_bit(KSEC_TLS_OWES_REFUSAL, &keys->k_flags);
	s32 status = SEC_E_CONTEXT_EXPIRED;

	mutex_lock(&keys->k_tx.w_lock);
	if (!ksec_tls_may_send(keys))
		goto unlock;
	status = SEC_E_UNSUPPORTED_FUNCTION;
	if (!ksec_tls_is_13(keys) && !refuse)
		goto unlock;
	status = SEC_E_BUFFER_TOO_SMALL;
	if (!ksec_tls_room(keys, refuse ? KSEC_TLS_ALERT_BYTES : KSEC_TLS_UPDATE_BYTES, to_len))
		goto unlock;
	status = refuse ? ksec_tls_send_refusal(keys, to) : ksec_tls_send_update(keys, to);
unlock:
	mutex_unlock(&keys->k_tx.w_lock);
	return status;
}

/* One of them: where there is to be data, a handshake may not go on. */
static s32 ksec_tls_open_one(struct ksec_tls_keys *keys, u8 *record, u32 len, u32 *plain_len)
{
	const u8 *data = record + ksec_tls_header(keys);
	s32 status;
	u8 type;

	status = ksec_tls_status(ksec_tls_open_record(keys, record, len, &type, plain_len));
	if (status != SEC_E_OK || type == KSEC_TLS_DATA)
		return status;
	if (type != KSEC_TLS_ALERT)
		return SEC_E_ILLEGAL_MESSAGE;
	return ksec_tls_on_alert(keys, data, *plain_len);
}

/**
 * ksec_tls_open() - take the data out of whole records
 * @opaque:    the keys
 * @data:      records without a gap; becomes the data in them
 * @len:       their bytes
 * @plain_len: receives the bytes of the data
 *
 * After a failure the keys are what they were only if ksec_tls_rewind() says so.
 *
 * Context: may sleep.
 * Return: SEC_E_OK; SEC_I_CONTEXT_EXPIRED for a close_notify, with the data before it;
 *         SEC_E_ILLEGAL_MESSAGE (no whole records, or records that are no data);
 *         SEC_E_MESSAGE_ALTERED, what a fatal alert means, SEC_E_CONTEXT_EXPIRED;
 *         SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR
 */
s32 ksec_tls_open(struct ksec_keys *opaque, u8 *data, u32 len, u32 *plain_len)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	s32 status = SEC_E_OK;
	u32 at = 0, size, n;

	*plain_len = 0;
	mutex_lock(&keys->k_rx.w_lock);
	if (test_bit(KSEC_TLS_DEAD, &keys->k_flags) ||
	    test_bit(KSEC_TLS_RX_CLOSED, &keys->k_flags))
		status = SEC_E_CONTEXT_EXPIRED;
	for (; status == SEC_E_OK && at < len; at += size) {
		size = len - at >= KSEC_TLS_HEAD ? ksec_tls_record_len(keys, data + at) : 0;
		if (!size || size > len - at) {
			status = SEC_E_ILLEGAL_MESSAGE;
			break;
		}
		n = 0;
		status = ksec_tls_open_one(keys, data + at, size, &n);
		if (status != SEC_E_OK)
			break;
		memmove(data + *plain_len, data + at + ksec_tls_header(keys), n);
		*plain_len += n;
	}
	mutex_unlock(&keys->k_rx.w_lock);
	return status;
}

/**
 * ksec_tls_mark() - where both directions are
 * @opaque: the keys
 *
 * Return: what ksec_tls_rewind() takes
 */
u64 ksec_tls_mark(struct ksec_keys *opaque)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	unsigned int i;
	u64 mark;

	mutex_lock(&keys->k_rx.w_lock);
	mutex_lock_nested(&keys->k_tx.w_lock, SINGLE_DEPTH_NESTING);
	mark = (keys->k_rx.w_seq & KSEC_TLS_MARK_MASK) |
	       (keys->k_tx.w_seq & KSEC_TLS_MARK_MASK) << KSEC_TLS_MARK_BITS;
	for (i = 0; i < ARRAY_SIZE(ksec_tls_marked); i++)
		mark |= (u64)test_bit(ksec_tls_marked[i], &keys->k_flags) <<
			(KSEC_TLS_MARK_FLAGS + i);
	mutex_unlock(&keys->k_tx.w_lock);
	mutex_unlock(&keys->k_rx.w_lock);
	return mark;
}

/* The lock is the caller's.  Fewer than 2^30 records lie between the two. */
static void ksec_tls_rewind_way(struct ksec_tls_way *way, u64 mark)
{
	u64 back = (way->w_seq - mark) & KSEC_TLS_MARK_MASK;

	way->w_seq -= back;
	WRITE_ONCE(way->w_count, way->w_count - back);
}

/**
 * ksec_tls_rewind() - put both directions where they were
 * @opaque: the keys, which had no KeyUpdate since
 * @mark:   from ksec_tls_mark()
 *
 * For records that nobody outside has seen: what was sent with a number must not be
 * followed by something else with the same.
 */
void ksec_tls_rewind(struct ksec_keys *opaque, u64 mark)
{
	struct ksec_tls_keys *keys = ksec_tls_keys(opaque);
	unsigned int i;

	mutex_lock(&keys->k_rx.w_lock);
	mutex_lock_nested(&keys->k_tx.w_lock, SINGLE_DEPTH_NESTING);
	ksec_tls_rewind_way(&keys->k_rx, mark & KSEC_TLS_MARK_MASK);
	ksec_tls_rewind_way(&keys->k_tx, mark >> KSEC_TLS_MARK_BITS & KSEC_TLS_MARK_MASK);
	for (i = 0; i < ARRAY_SIZE(ksec_tls_marked); i++)
		assign_bit(ksec_tls_marked[i], &keys->k_flags,
			   mark >> (KSEC_TLS_MARK_FLAGS + i) & 1);
	mutex_unlock(&keys->k_tx.w_lock);
	mutex_unlock(&keys->k_rx.w_lock);
}
