/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The accounts of a domain, through Samba's winbindd.
 */
#ifndef KSECD_ACCOUNT_WINBIND_H
#define KSECD_ACCOUNT_WINBIND_H

#include "helper/accounts/account.h"

extern const struct account_source winbind_source;

#endif /* KSECD_ACCOUNT_WINBIND_H */
