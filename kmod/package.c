// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packages.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/nsproxy.h>

#include "ksec.h"

/* Also how long a caller waits: the helper may have to ask a domain controller. */
static unsigned int ntlm_timeout_ms = 10000;
module_param(ntlm_timeout_ms, uint, 0644);
MODULE_PARM_DESC(ntlm_timeout_ms, "Milliseconds the helper may take over an NTLM token");

/* The helper may have to write the replay cache to a disk. */
static unsigned int kerberos_timeout_ms = 30000;
module_param(kerberos_timeout_ms, uint, 0644);
MODULE_PARM_DESC(kerberos_timeout_ms, "Milliseconds the helper may take over a Kerberos token");

/* As long as the slowest of what is negotiated. */
static unsigned int negotiate_timeout_ms = 30000;
module_param(negotiate_timeout_ms, uint, 0644);
MODULE_PARM_DESC(negotiate_timeout_ms, "Milliseconds the helper may take over a token of Negotiate");

/* Certificates may have to be asked for, and keys may lie in slow hardware. */
static unsigned int schannel_timeout_ms = 30000;
module_param(schannel_timeout_ms, uint, 0644);
MODULE_PARM_DESC(schannel_timeout_ms, "Milliseconds the helper may take over a part of a TLS handshake");

/* Each of its tokens is one of TLS or one of Negotiate. */
static unsigned int credssp_timeout_ms = 30000;
module_param(credssp_timeout_ms, uint, 0644);
MODULE_PARM_DESC(credssp_timeout_ms, "Milliseconds the helper may take over a token of CredSSP");

/* The helper may have to ask where the accounts are. */
static unsigned int wdigest_timeout_ms = 10000;
module_param(wdigest_timeout_ms, uint, 0644);
MODULE_PARM_DESC(wdigest_timeout_ms, "Milliseconds the helper may take over a token of WDigest");

static const struct ksec_package ksec_packages[] = {
	{
		.p_id = KSECDD_PACKAGE_NTLM,
		.p_capabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				  SECPKG_FLAG_TOKEN_ONLY | SECPKG_FLAG_CONNECTION |
				  SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_ACCEPT_WIN32_NAME |
				  SECPKG_FLAG_LOGON,
		.p_rpcid = 10,		/* RPC_C_AUTHN_WINNT */
		.p_max_token = 2888,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &ntlm_timeout_ms,
		.p_mech = &ksec_ntlm_mech,
		.p_mechs = BIT(KSECDD_PACKAGE_NTLM),
		.p_name = "NTLM",
		.p_comment = "NTLM Security Package",
	},
	{
		.p_id = KSECDD_PACKAGE_KERBEROS,
		.p_capabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				  SECPKG_FLAG_TOKEN_ONLY | SECPKG_FLAG_CONNECTION |
				  SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_GSS_COMPATIBLE |
				  SECPKG_FLAG_MUTUAL_AUTH | SECPKG_FLAG_READONLY_WITH_CHECKSUM,
		.p_rpcid = 16,		/* RPC_C_AUTHN_GSS_KERBEROS */
		.p_max_token = 48000,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &kerberos_timeout_ms,
		.p_mech = &ksec_krb5_mech,
		.p_mechs = BIT(KSECDD_PACKAGE_KERBEROS),
		.p_on_demand = true,
		.p_name = "Kerberos",
		.p_comment = "Kerberos Security Package",
	},
	{
		.p_id = KSECDD_PACKAGE_NEGOTIATE,
		.p_capabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				  SECPKG_FLAG_CONNECTION | SECPKG_FLAG_MULTI_REQUIRED |
				  SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_NEGOTIABLE |
				  SECPKG_FLAG_GSS_COMPATIBLE | SECPKG_FLAG_LOGON,
		.p_rpcid = 9,		/* RPC_C_AUTHN_GSS_NEGOTIATE */
		.p_max_token = 48256,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &negotiate_timeout_ms,
		.p_mech = &ksec_ntlm_mech,
		.p_mechs = BIT(KSECDD_PACKAGE_NTLM) | BIT(KSECDD_PACKAGE_KERBEROS),
		.p_on_demand = true,
		.p_name = "Negotiate",
		.p_comment = "Negotiates between the other packages",
	},
	{
		.p_id = KSECDD_PACKAGE_SCHANNEL,
		.p_capabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				  SECPKG_FLAG_CONNECTION | SECPKG_FLAG_MULTI_REQUIRED |
				  SECPKG_FLAG_ACCEPT_WIN32_NAME |
				  SECPKG_FLAG_MUTUAL_AUTH,
		.p_rpcid = 14,		/* RPC_C_AUTHN_GSS_SCHANNEL */
		.p_max_token = 24576,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &schannel_timeout_ms,
		.p_mech = &ksec_tls_mech,
		.p_mechs = BIT(KSECDD_PACKAGE_SCHANNEL),
		.p_tls = true,
		.p_params = KSECDD_PARAMS_PROTOCOLS,
		.p_on_demand = true,
		.p_refused = ASC_REQ_DELEGATE,
		.p_name = "Schannel",
		.p_comment = "Schannel Security Package",
	},
	{
		.p_id = KSECDD_PACKAGE_CREDSSP,
		.p_capabilities = SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY |
				  SECPKG_FLAG_CONNECTION | SECPKG_FLAG_MULTI_REQUIRED |
				  SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_LOGON |
				  SECPKG_FLAG_MUTUAL_AUTH,
		.p_rpcid = U16_MAX,	/* it is not for RPC */
		.p_max_token = 65536,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &credssp_timeout_ms,
		.p_mech = &ksec_tls_mech,
		.p_mechs = BIT(KSECDD_PACKAGE_NTLM) | BIT(KSECDD_PACKAGE_KERBEROS) |
			   BIT(KSECDD_PACKAGE_SCHANNEL),
		.p_tls = true,
		.p_params = KSECDD_PARAMS_PROTOCOLS,
		.p_on_demand = true,
		.p_name = "CREDSSP",
		.p_comment = "TLS, and inside of it a logon and its credentials",
	},
	{
		.p_id = KSECDD_PACKAGE_WDIGEST,
		.p_capabilities = SECPKG_FLAG_TOKEN_ONLY | SECPKG_FLAG_CONNECTION |
				  SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_ACCEPT_WIN32_NAME |
				  SECPKG_FLAG_LOGON,
		.p_rpcid = 21,		/* RPC_C_AUTHN_DIGEST */
		.p_max_token = 4096,
		.p_uses = SECPKG_CRED_BOTH,
		.p_timeout_ms = &wdigest_timeout_ms,
		.p_mech = &ksec_digest_mech,
		.p_params = KSECDD_PARAMS_DIGEST,
		.p_completes = true,
		.p_on_demand = true,
		.p_name = "WDigest",
		.p_comment = "HTTP Digest",
	},
};

/* Bit n - package n of the table has all it needs in this kernel. */
static unsigned long ksec_packages_offered;

/* Negotiate does not: all that its contexts have is another package's. */
static bool ksec_package_protects(const struct ksec_package *pkg)
{
	return pkg->p_mech->package == pkg->p_id;
}

static bool ksec_package_listed(const struct ksec_package *pkg)
{
	return !pkg->p_on_demand || ksec_helper_known(current->nsproxy->net_ns, pkg->p_id);
}

/**
 * ksec_package_by_index() - the n-th package that is offered to the caller
 * @index: 0 for the first
 * @count: receives how many there are
 *
 * Return: the package, or NULL past the last
 */
const struct ksec_package *ksec_package_by_index(u32 index, u32 *count)
{
	const struct ksec_package *found = NULL;
	unsigned int i;

	*count = 0;
	for_each_set_bit(i, &ksec_packages_offered, ARRAY_SIZE(ksec_packages)) {
		if (!ksec_package_listed(&ksec_packages[i]))
			continue;
		if ((*count)++ == index)
			found = &ksec_packages[i];
	}
	return found;
}

static const struct ksec_package *ksec_package_find(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_packages); i++) {
		if (ksec_packages[i].p_id == id)
			return &ksec_packages[i];
	}
	return NULL;
}

/**
 * ksec_package_by_id() - the package with a number
 * @id: KSECDD_PACKAGE_*
 *
 * Return: the package, or NULL if there is none, its algorithms are missing, or
 *         it is not offered to the caller
 */
const struct ksec_package *ksec_package_by_id(u32 id)
{
	const struct ksec_package *pkg = ksec_package_find(id);

	if (!pkg || !test_bit(pkg - ksec_packages, &ksec_packages_offered))
		return NULL;
	return ksec_package_listed(pkg) ? pkg : NULL;
}

/**
 * ksec_package_name() - how a package is called
 * @id: KSECDD_PACKAGE_* of a package there is, offered to the caller or not
 *
 * Return: its name
 */
const char *ksec_package_name(u32 id)
{
	const struct ksec_package *pkg = ksec_package_find(id);

	return pkg ? pkg->p_name : "";
}

/**
 * ksec_package_mech() - the protection that the helper wants for a context
 * @pkg: package of the context
 * @id:  KSECDD_PACKAGE_* that protects its messages, as the helper says
 *
 * Return: the mechanism, or NULL if contexts of @pkg cannot have it, or its
 *         algorithms are missing
 */
const struct ksec_mech *ksec_package_mech(const struct ksec_package *pkg, u32 id)
{
	unsigned int i;

	for_each_set_bit(i, &ksec_packages_offered, ARRAY_SIZE(ksec_packages)) {
		if (ksec_packages[i].p_id == id && (pkg->p_mechs & BIT(id)))
			return ksec_packages[i].p_mech;
	}
	return NULL;
}

/**
 * ksec_status_goes_on() - does a context wait for another call after this status?
 * @pkg:    package of the context
 * @status: what the helper says
 *
 * Return: true if it does; false for the end of it, good or bad, and for what @pkg
 *         never says
 */
bool ksec_status_goes_on(const struct ksec_package *pkg, s32 status)
{
	return status == SEC_I_CONTINUE_NEEDED ||
	       (pkg->p_completes && (status == SEC_I_COMPLETE_NEEDED ||
				     status == SEC_I_COMPLETE_AND_CONTINUE));
}

/**
 * ksec_package_init() - find out which packages this kernel can carry
 *
 * A package whose algorithms are missing (fips=1 has no MD5) is left out, and
 * the module loads all the same.  Not so for want of memory: what was left out
 * would stay out for as long as the module is loaded.
 *
 * Return: 0, -ENOMEM, or -EINTR if the process that loads the module was killed
 */
int ksec_package_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_packages); i++) {
		int err = 0;

		if (ksec_package_protects(&ksec_packages[i]))
			err = ksec_packages[i].p_mech->init();
		if (err == -ENOMEM || err == -EINTR) {
			ksec_package_exit();
			return err;
		}
		if (err)
			pr_warn("package %s is not offered: its algorithms are missing (%pe)\n",
				ksec_packages[i].p_name, ERR_PTR(err));
		else
			__set_bit(i, &ksec_packages_offered);
	}
	return 0;
}

void ksec_package_exit(void)
{
	unsigned int i;

	for_each_set_bit(i, &ksec_packages_offered, ARRAY_SIZE(ksec_packages)) {
		if (ksec_package_protects(&ksec_packages[i]))
			ksec_packages[i].p_mech->exit();
	}
	ksec_packages_offered = 0;
}
