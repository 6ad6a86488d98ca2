/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources of accounts that the configuration names, as one source.
 */
#ifndef KSECD_ACCOUNT_SELECT_H
#define KSECD_ACCOUNT_SELECT_H

#include "helper/accounts/account.h"
#include "helper/config.h"

struct accounts;

int accounts_open(const struct config *cfg, struct accounts **ret_accounts,
		  struct config_error *err);
void accounts_close(struct accounts *accounts);
const struct account_source *accounts_source(const struct accounts *accounts);

#endif /* KSECD_ACCOUNT_SELECT_H */
