// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sequence window (RFC 4120 section 5.3.2, RFC 4121 section 4.2.6.1 with the
 * flags of section 4.1.1.1): which of the peer's messages may be accepted still.
 */
#include <linux/bits.h>

#include "krb5.h"

#define KSEC_KRB5_WINDOW	BITS_PER_TYPE(u64)

/**
 * ksec_krb5_window_init() - no message yet
 * @window: the window
 * @first:  number of the first message that the peer sends
 */
void ksec_krb5_window_init(struct ksec_krb5_window *window, u64 first)
{
	spin_lock_init(&window->w_lock);
	window->w_next = first;
	/* There is nothing before the first. */
	window->w_seen = U64_MAX;
	window->w_accepted = 0;
}

/**
 * ksec_krb5_window_extend() - a number of which the token has 32 bits
 * @window: the window
 * @seq:    the low half of the number
 *
 * Return: the number with this low half that is nearest to the next expected
 */
u64 ksec_krb5_window_extend(struct ksec_krb5_window *window, u32 seq)
{
	u64 next;

	spin_lock(&window->w_lock);
	next = window->w_next;
	spin_unlock(&window->w_lock);
	return next + (s32)(seq - lower_32_bits(next));
}

/* A number that is not the next: after it, or before it. */
static bool ksec_krb5_window_other(struct ksec_krb5_window *window, u64 seq)
{
	u64 ahead = seq - window->w_next, age = window->w_next - 1 - seq;

	if ((s64)ahead > 0) {
		window->w_seen = ahead < KSEC_KRB5_WINDOW - 1 ?
			window->w_seen << (ahead + 1) | 1 : 1;
		window->w_next = seq + 1;
		return true;
	}
	if (age >= KSEC_KRB5_WINDOW || (window->w_seen & BIT_ULL(age)))
		return false;
	window->w_seen |= BIT_ULL(age);
	return true;
}

/**
 * ksec_krb5_window_accept() - count a message whose checksum was right
 * @window: the window
 * @seq:    its number
 * @flags:  KSECDD_KRB5_REPLAY_DETECT, KSECDD_KRB5_SEQUENCE_DETECT, or neither,
 *          with which any number will do
 *
 * Return: false if it is to be refused; then nothing has changed
 */
bool ksec_krb5_window_accept(struct ksec_krb5_window *window, u64 seq, u32 flags)
{
	bool ok;

	spin_lock(&window->w_lock);
	if (seq == window->w_next) {
		window->w_next++;
		window->w_seen = window->w_seen << 1 | 1;
		ok = true;
	} else if (flags & KSECDD_KRB5_SEQUENCE_DETECT) {
		ok = false;
	} else {
		ok = ksec_krb5_window_other(window, seq) ||
		     !(flags & KSECDD_KRB5_REPLAY_DETECT);
	}
	if (ok)
		WRITE_ONCE(window->w_accepted, window->w_accepted + 1);
	spin_unlock(&window->w_lock);
	return ok;
}
