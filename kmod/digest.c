// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mechanism of WDigest: HTTP Digest says who the client is, and protects no messages.
 * Nobody can give keys for it, so that none of its functions ever sees any.
 */
#include "ksec.h"

#define KSEC_DIGEST_MAX_TOKEN	4096

static int ksec_digest_init(void)
{
	return 0;
}

static void ksec_digest_exit(void)
{
}

static void ksec_digest_destroy(struct ksec_keys *keys)
{
}

static void ksec_digest_info(const struct ksec_keys *keys, struct ksecdd_context_info *info)
{
	info->max_token = KSEC_DIGEST_MAX_TOKEN;
}

const struct ksec_mech ksec_digest_mech = {
	.package = KSECDD_PACKAGE_WDIGEST,
	.init = ksec_digest_init,
	.exit = ksec_digest_exit,
	.destroy = ksec_digest_destroy,
	.info = ksec_digest_info,
};
