/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts of a domain, through Samba's winbindd.
 */
#ifndef KSECD_ACCOUNT_WINBIND_H
#define KSECD_ACCOUNT_WINBIND_H

#include "helper/accounts/account.h"

void winbind_open(struct account_source *source);

#endif /* KSECD_ACCOUNT_WINBIND_H */
