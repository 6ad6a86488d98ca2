// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nettle's functions leave what they worked on in their stack frames: the padded
 * HMAC key, blocks of the password.  A caller's own variables are wiped by name; the
 * frames below are wiped here.
 */
#include <stdint.h>
#include <string.h>

#include "helper/stack.h"

/* More than any of nettle's functions that are called uses, with all that they call. */
#define STACK_DEPTH	2048

/**
 * stack_burn() - wipe the stack below the caller
 *
 * To be called last, by whoever has called nettle.  Without the sanitizer's red zone,
 * which would leave the topmost bytes alone.
 */
void __attribute__((noinline, no_sanitize("address"))) stack_burn(void)
{
	uint8_t below[STACK_DEPTH];

	explicit_bzero(below, sizeof(below));
}
