/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says of CredSSP.
 */
#ifndef KSECD_CREDSSP_POLICY_H
#define KSECD_CREDSSP_POLICY_H

#include <stdint.h>

#include "helper/uids.h"

/* Versions of the protocol; what is newer is spoken to as the newest. */
#define CREDSSP_VERSION_MIN	2
#define CREDSSP_VERSION_NONCE	5	/* with a clientNonce from here on */
#define CREDSSP_VERSION_MAX	6

#define CREDSSP_LABEL_MAX	64	/* bytes of the name of a section, with a NUL */

/**
 * struct credssp_policy - what the configuration says of CredSSP
 * @min_version:   clients that speak less are refused (default 5: what is older does
 *                 not protect the server's key with a nonce, CVE-2018-0886)
 * @tls:           the [tls NAME] of credentials whose principal names none
 * @no_delegation: owners of credentials to whom nothing may be delegated
 * @fetch:         owners of credentials who may fetch a delegated password, once
 */
struct credssp_policy {
	uint32_t min_version;
	char tls[CREDSSP_LABEL_MAX];
	struct config_uids no_delegation;
	struct config_uids fetch;
};

#endif /* KSECD_CREDSSP_POLICY_H */
