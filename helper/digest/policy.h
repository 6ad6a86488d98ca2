/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration says of Digest, and which algorithms there are.
 */
#ifndef KSECD_DIGEST_POLICY_H
#define KSECD_DIGEST_POLICY_H

#include <stdint.h>

/* SHA-512-256 (RFC 7616 6.1) is missing: no client of today has it alone. */
enum digest_algorithm {
	DIGEST_SHA256,
	DIGEST_MD5,
	DIGEST_ALGORITHMS
};

#define DIGEST_MAX_REALM	255	/* bytes of a realm */

/**
 * struct digest_policy - what the configuration says of Digest
 * @realm:          the realm of services that name none; that of the accounts
 * @algorithms:     what clients may answer with; the first is offered
 * @n_algorithms:   how many
 * @nonce_lifetime: seconds after which a nonce is stale (default 300)
 */
struct digest_policy {
	char realm[DIGEST_MAX_REALM + 1];
	enum digest_algorithm algorithms[DIGEST_ALGORITHMS];
	unsigned int n_algorithms;
	uint32_t nonce_lifetime;
};

#endif /* KSECD_DIGEST_POLICY_H */
