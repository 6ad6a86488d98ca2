/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wiping what libraries leave in their stack frames.
 */
#ifndef KSECD_STACK_H
#define KSECD_STACK_H

void stack_burn(void);

#endif /* KSECD_STACK_H */
