// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packages.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "ksec.h"

/* Also how long a caller waits: the helper may have to ask a domain controller. */
static unsigned int ntlm_timeout_ms = 10000;
module_param(ntlm_timeout_ms, uint, 0644);
MODULE_PARM_DESC(ntlm_timeout_ms, "Milliseconds the helper may take over an NTLM token");

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
		.p_name = "NTLM",
		.p_comment = "NTLM Security Package",
	},
};

/* Bit n - package n of the table has all it needs in this kernel. */
static unsigned long ksec_packages_offered;

/**
 * ksec_package_by_index() - the n-th package that is offered
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
		if ((*count)++ == index)
			found = &ksec_packages[i];
	}
	return found;
}

/**
 * ksec_package_by_id() - the package with a number
 * @id: KSECDD_PACKAGE_*
 *
 * Return: the package, or NULL if there is none or its algorithms are missing
 */
const struct ksec_package *ksec_package_by_id(u32 id)
{
	unsigned int i;

	for_each_set_bit(i, &ksec_packages_offered, ARRAY_SIZE(ksec_packages)) {
		if (ksec_packages[i].p_id == id)
			return &ksec_packages[i];
	}
	return NULL;
}

/**
 * ksec_package_init() - find out which packages this kernel can carry
 *
 * A package whose algorithms are missing (fips=1 has no MD5) is left out, and
 * the module loads all the same.
 *
 * Return: 0
 */
int ksec_package_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ksec_packages); i++) {
		int err = ksec_packages[i].p_mech->init();

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

	for_each_set_bit(i, &ksec_packages_offered, ARRAY_SIZE(ksec_packages))
		ksec_packages[i].p_mech->exit();
}
