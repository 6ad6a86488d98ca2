// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The channel bindings tls-server-end-point.
 */
#include <string.h>

#include <openssl/objects.h>

#include "end_point.h"

/* The hash to take (RFC 5929 section 4.1), or NULL. */
static const EVP_MD *choose_hash(const X509 *certificate)
{
	int hash, key;
	uint32_t flags;

	if (!X509_get_signature_info((X509 *)certificate, &hash, &key, NULL, &flags))
		return NULL;
	/*
	 * RSASSA-PSS names its hash twice.  As TLS uses it, which is what the flag
	 * says, both are the same.
	 */
	if (key == NID_rsassaPss && !(flags & X509_SIG_INFO_TLS))
		return NULL;
	if (hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	return hash == NID_undef ? NULL : EVP_get_digestbynid(hash);
}

size_t end_point(const X509 *certificate, unsigned char data[END_POINT_MAX])
{
	const size_t prefix = sizeof(END_POINT_PREFIX) - 1;
	const EVP_MD *hash = choose_hash(certificate);
	unsigned int len;

	if (!hash || !X509_digest(certificate, hash, data + prefix, &len))
		return 0;
	memcpy(data, END_POINT_PREFIX, prefix);
	return prefix + len;
}
